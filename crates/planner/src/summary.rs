//! A plan as Prisma's summary: what is added, removed and changed, a line each.
//!
//! `migrate diff` prints it without `--script`, and `migrate dev` when it finds drift. Schema names are
//! left out, as Prisma leaves them out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use catalog::kinds::index::Index;
use catalog::rename::Rename;
use catalog::{AlterColumn, AlterEnum, Change, Pair, TableClause};

use crate::Plan;
use crate::prisma_value::default;

/// Returns the summary. It starts with an empty line, unless there is no difference to tell of.
pub fn summary(plan: &Plan) -> String {
    if plan.is_empty() {
        return "No difference detected.".to_owned();
    }
    let mut sections = Sections::default();
    for change in &plan.changes {
        sections.add(change);
    }
    sections.render()
}

/// The lines, by the heading that they stand under.
#[derive(Default)]
struct Sections {
    extensions: Vec<String>,
    added_schemas: Vec<String>,
    added_enums: Vec<String>,
    added_tables: Vec<String>,
    removed_enums: Vec<String>,
    removed_tables: Vec<String>,
    changed_enums: BTreeMap<String, Vec<String>>,
    changed_tables: BTreeMap<String, Vec<String>>,
}

impl Sections {
    fn add(&mut self, change: &Change) {
        match change {
            Change::Rename(rename) => self.rename(rename),
            Change::CreateSchema(name) => self.added_schemas.push(name.clone()),
            Change::CreateExtension(extension) => {
                self.extensions.push(format!("[+] Added extensions\n  - {}\n", extension.name));
            }
            Change::AlterExtension(extensions) => self
                .extensions
                .push(format!("[*] Changed the `{}` extension\n", extensions.desired.name)),
            Change::DropExtension(extension) => {
                self.extensions.push(format!("[-] Removed extensions\n  - {}\n", extension.name));
            }
            Change::CreateEnum(created) => self.added_enums.push(created.name.name.clone()),
            Change::DropEnum(dropped) => self.removed_enums.push(dropped.name.name.clone()),
            Change::CreateTable(created) => self.added_tables.push(created.name.name.clone()),
            Change::DropTable(dropped) => self.removed_tables.push(dropped.name.name.clone()),
            Change::AlterEnum(alter) => self.alter_enum(alter),
            Change::AlterTable(alter) => {
                let lines = alter.clauses.iter().map(clause);
                self.table(&alter.table.name).extend(lines);
            }
            Change::DropForeignKey { table, foreign_key } => {
                let columns = foreign_key.columns.join(", ");
                self.table(&table.name)
                    .push(format!("[-] Removed foreign key on columns ({columns})"));
            }
            Change::AddForeignKey { table, foreign_key } => {
                let columns = foreign_key.columns.join(", ");
                self.table(&table.name)
                    .push(format!("[+] Added foreign key on columns ({columns})"));
            }
            Change::RenameForeignKey { table, names, columns: _ } => {
                let Pair { actual, desired } = names;
                self.table(&table.name)
                    .push(format!("[*] Renamed the foreign key \"{actual}\" to \"{desired}\""));
            }
            Change::DropIndex(dropped) => {
                let line = format!("[-] Removed {}", index(dropped));
                self.table(&dropped.table.name).push(line);
            }
            Change::CreateIndex(created) => {
                let line = format!("[+] Added {}", index(created));
                self.table(&created.table.name).push(line);
            }
            Change::RenameIndex(indexes) => {
                let names = indexes.as_ref().map(|index| &index.name.name);
                let line = format!("[*] Renamed index `{}` to `{}`", names.actual, names.desired);
                self.table(&indexes.desired.table.name).push(line);
            }
        }
    }

    fn table(&mut self, name: &str) -> &mut Vec<String> {
        self.changed_tables.entry(name.to_owned()).or_default()
    }

    /// Prisma has no such lines; these are in the manner of its own.
    fn rename(&mut self, rename: &Rename) {
        match rename {
            Rename::Table(Pair { actual, desired }) => {
                self.table(&desired.name).push(format!("[*] Renamed from `{}`", actual.name));
            }
            Rename::EnumType(Pair { actual, desired }) => {
                let lines = self.changed_enums.entry(desired.name.clone()).or_default();
                lines.push(format!("[*] Renamed from `{}`", actual.name));
            }
            Rename::Column { table, names: Pair { actual, desired } } => {
                let line = format!("[*] Renamed column `{actual}` to `{desired}`");
                self.table(&table.name).push(line);
            }
            Rename::Label { enum_type, names: Pair { actual, desired } } => {
                let lines = self.changed_enums.entry(enum_type.name.clone()).or_default();
                lines.push(format!("[*] Renamed variant `{actual}` to `{desired}`"));
            }
            // They go along with a column and a table.
            Rename::Sequence(_) | Rename::Sides(_) => {}
        }
    }

    fn alter_enum(&mut self, alter: &AlterEnum) {
        let lines = self.changed_enums.entry(alter.types.actual.name.name.clone()).or_default();
        lines.extend(alter.added.iter().map(|label| format!("[+] Added variant `{label}`")));
        lines.extend(alter.removed.iter().map(|label| format!("[-] Removed variant `{label}`")));
    }

    fn render(&self) -> String {
        let Self {
            extensions,
            added_schemas,
            added_enums,
            added_tables,
            removed_enums,
            removed_tables,
            changed_enums,
            changed_tables,
        } = self;
        let mut text = String::new();
        for extension in extensions {
            text.push('\n');
            text.push_str(extension);
        }
        for (heading, names) in [
            ("[+] Added Schemas", added_schemas),
            ("[+] Added enums", added_enums),
            ("[+] Added tables", added_tables),
            ("[-] Removed enums", removed_enums),
            ("[-] Removed tables", removed_tables),
        ] {
            section(&mut text, heading, names, "- ");
        }
        for (name, lines) in changed_enums {
            section(&mut text, &format!("[*] Changed the `{name}` enum"), lines, "");
        }
        for (name, lines) in changed_tables {
            section(&mut text, &format!("[*] Changed the `{name}` table"), lines, "");
        }
        text
    }
}

/// Adds a heading with its lines, when there are any, and an empty line before it.
fn section(text: &mut String, heading: &str, lines: &[String], bullet: &str) {
    if lines.is_empty() {
        return;
    }
    text.push('\n');
    text.push_str(heading);
    text.push('\n');
    for line in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {bullet}{line}");
    }
}

fn index(index: &Index) -> String {
    let unique = if index.unique { "unique index" } else { "index" };
    let columns: Vec<&str> = index.keys.iter().filter_map(|key| key.column.as_deref()).collect();
    format!("{unique} on columns ({})", columns.join(", "))
}

fn clause(clause: &TableClause) -> String {
    match clause {
        TableClause::DropPrimaryKey(key) => {
            format!("[-] Dropped the primary key on columns ({})", key.columns.join(", "))
        }
        TableClause::RenamePrimaryKey(keys) => {
            format!("[*] Renamed the primary key on columns ({})", keys.desired.columns.join(", "))
        }
        // Prisma puts a line with a parenthesis behind this one.
        TableClause::AddPrimaryKey(key) => {
            format!("[+] Added primary key on columns ({})\n)", key.columns.join(", "))
        }
        TableClause::DropColumn(column) => format!("[-] Removed column `{}`", column.name),
        TableClause::AddColumn(column) => format!("[+] Added column `{}`", column.name),
        TableClause::AlterColumn(column) => {
            let name = &column.columns.desired.name;
            format!("[*] Altered column `{name}`{}", details(column))
        }
        TableClause::RecreateColumn(column) => {
            let name = &column.columns.desired.name;
            format!("[*] Column `{name}` would be dropped and recreated{}", details(column))
        }
    }
}

/// What of a column changes, in parentheses.
fn details(alter: &AlterColumn) -> String {
    let AlterColumn { columns, differs, cast: _ } = alter;
    let mut parts = Vec::new();
    if differs.arity {
        let arities = columns.as_ref().map(|column| match column {
            column if column.r#type.array => "List",
            column if column.nullable => "Nullable",
            _ => "Required",
        });
        parts.push(format!("changed from {} to {}", arities.actual, arities.desired));
    }
    if differs.default {
        let defaults = columns.as_ref().map(default);
        parts.push(format!("default changed from `{}` to `{}`", defaults.actual, defaults.desired));
    }
    if differs.r#type {
        parts.push("type changed".to_owned());
    }
    if differs.autoincrement {
        let is_now = catalog::is_autoincrement(&columns.desired);
        let came = if is_now { "became" } else { "is no longer" };
        parts.push(format!("column {came} autoincrementing"));
    }
    format!(" ({})", parts.join(", "))
}
