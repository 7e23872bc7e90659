//! A new table or column that always has to be quoted.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;
use crate::{ActionKind, Alteration};

pub(super) const RULE: Rule = Rule {
    name: "reserved-name",
    finds: "a new table or column whose name is a reserved word of PostgreSQL",
    why: "It has to be quoted in every query that a person writes; without quotes it is an error, or something else \
          than is meant: `SELECT user` is the name of the role. Prisma's `@map` gives it another name.",
    bad: "CREATE TABLE \"user\" (id int);",
    good: "CREATE TABLE users (id int);",
    check,
};

/// The words that `pg_get_keywords()` calls reserved (`catcode` R and T) in PostgreSQL 12 to 18.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let mut names = Vec::new();
        match &step.action.kind {
            ActionKind::CreateTable(table) => {
                names.push(("table", table.name.name.as_str()));
                names.extend(table.columns.iter().map(|column| ("column", column.name.as_str())));
            }
            ActionKind::AlterTable(_, Alteration::AddColumn(column)) => {
                names.push(("column", &column.name));
            }
            ActionKind::AlterTable(_, Alteration::Rename(name)) => names.push(("table", name)),
            ActionKind::AlterTable(_, Alteration::RenameColumn { to, .. }) => {
                names.push(("column", to));
            }
            _ => {}
        }
        for (kind, name) in names {
            if RESERVED.contains(&name) {
                let message = format!("The name of {kind} \"{name}\" is a reserved word");
                findings.add(
                    step,
                    Severity::Note,
                    message,
                    "Another name, by @map or @@map in the schema",
                );
            }
        }
    }
}
