//! A statement that cannot run in a transaction, in a migration with others.

use script::Kind;

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "concurrently-among-others",
    finds: "a statement that cannot run in a transaction among others",
    why: "The migration is then not one transaction: if a later statement fails, the earlier ones have taken \
          effect. undrift finds out where it stands (undrift recover), Prisma does not, and its releases up to 6 \
          refuse such a script. Give the statement a migration of its own.",
    bad: "CREATE INDEX CONCURRENTLY i ON post (title); ALTER TABLE post ADD COLUMN views int;",
    good: "CREATE INDEX CONCURRENTLY i ON post (title);",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    let statements = migration.script.statements();
    let others = statements.iter().filter(|statement| !statement.is_setting).count() > 1;
    if !others {
        return;
    }
    for (at, statement) in statements.iter().enumerate() {
        if matches!(migration.kind(at), Kind::Alone(_)) {
            let message = "It cannot run in a transaction, so that the migration is not applied as a whole or not at all".to_owned();
            findings.place(
                at,
                statement.span.clone(),
                Severity::Warning,
                message,
                "A migration of its own",
            );
        }
    }
}
