//! One typed difference, with its SQL and its facts.

use crate::kinds::enum_type::EnumType;
use crate::kinds::extension::Extension;
use crate::kinds::index::Index;
use crate::kinds::table::{Column, Default, ForeignKey, PrimaryKey, Table};
use crate::name::{literal, quoted};
use crate::rename::Rename;
use crate::sql::{self, Qualification};
use crate::{Name, Pair};

/// Something to be done to a database.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the variants are SQL's verb and noun")]
pub enum Change {
    Rename(Rename),
    CreateSchema(String),
    CreateExtension(Extension),
    AlterExtension(Pair<Extension>),
    DropExtension(Extension),
    CreateEnum(EnumType),
    AlterEnum(AlterEnum),
    DropForeignKey { table: Name, foreign_key: ForeignKey },
    DropIndex(Index),
    AlterTable(AlterTable),
    DropTable(Table),
    DropEnum(EnumType),
    CreateTable(Table),
    CreateIndex(Index),
    RenameForeignKey { table: Name, names: Pair<String>, columns: Vec<String> },
    AddForeignKey { table: Name, foreign_key: ForeignKey },
    RenameIndex(Pair<Index>),
}

/// Other labels for an enum type.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterEnum {
    /// The type as it is and as it should be.
    pub types: Pair<EnumType>,
    /// Labels to add, in the order of the new type.
    pub added: Vec<String>,
    /// Labels to remove, in the order of the old type; PostgreSQL has to make the type anew for it.
    pub removed: Vec<String>,
    /// The columns that must be moved to the new type when labels are removed.
    pub columns: Vec<EnumColumn>,
    /// Their defaults, which PostgreSQL cannot cast, to be taken off meanwhile.
    pub defaults: Vec<EnumDefault>,
}

/// A column of an enum type that is made anew.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumColumn {
    /// Its table.
    pub table: Name,
    /// The column.
    pub column: String,
    /// Whether it will be an array.
    pub array: bool,
}

/// The default of a column of an enum type that is made anew.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumDefault {
    /// Its table.
    pub table: Name,
    /// The column as it should be.
    pub column: Column,
}

/// What is done to a table by one statement.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterTable {
    /// The table.
    pub table: Name,
    /// The parts, in PostgreSQL's order of work.
    pub clauses: Vec<TableClause>,
}

/// A part of `ALTER TABLE`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the variants are SQL's verb and noun")]
pub enum TableClause {
    DropPrimaryKey(PrimaryKey),
    RenamePrimaryKey(Pair<PrimaryKey>),
    DropColumn(Column),
    AddColumn(Column),
    AlterColumn(AlterColumn),
    /// Drop and add, since no cast leads from the one type to the other.
    RecreateColumn(AlterColumn),
    AddPrimaryKey(PrimaryKey),
}

/// A column that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterColumn {
    /// The column as it is and as it should be.
    pub columns: Pair<Column>,
    /// What of it changes.
    pub differs: ColumnDifference,
    /// How values get from the one type to the other, when the type changes.
    pub cast: Option<Cast>,
}

/// What of a column changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, std::default::Default)]
pub struct ColumnDifference {
    /// Whether it takes null, or is an array.
    pub arity: bool,
    /// Its default.
    pub default: bool,
    /// Its type.
    pub r#type: bool,
    /// Whether it counts up by itself.
    pub autoincrement: bool,
}

impl ColumnDifference {
    /// Whether anything changes.
    pub fn any(self) -> bool {
        let Self { arity, default, r#type, autoincrement } = self;
        arity || default || r#type || autoincrement
    }
}

/// How values get from one type to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// Every value fits.
    Safe,
    /// Some values may not.
    Risky,
    /// PostgreSQL has no cast for it; the column is dropped and added.
    Impossible,
}

impl Change {
    /// The comment that Prisma puts above the change in a script.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Rename(rename) => rename.title(),
            Self::CreateSchema(_) => "CreateSchema",
            Self::CreateExtension(_) => "CreateExtension",
            Self::AlterExtension(_) => "AlterExtension",
            Self::DropExtension(_) => "DropExtension",
            Self::CreateEnum(_) => "CreateEnum",
            Self::AlterEnum(_) => "AlterEnum",
            Self::DropForeignKey { .. } => "DropForeignKey",
            Self::DropIndex(_) => "DropIndex",
            Self::AlterTable(_) => "AlterTable",
            Self::DropTable(_) => "DropTable",
            Self::DropEnum(_) => "DropEnum",
            Self::CreateTable(_) => "CreateTable",
            Self::CreateIndex(_) => "CreateIndex",
            Self::RenameForeignKey { .. } => "RenameForeignKey",
            Self::AddForeignKey { .. } => "AddForeignKey",
            Self::RenameIndex(_) => "RenameIndex",
        }
    }

    /// The statements, without their semicolons.
    pub fn statements(&self, names: &Qualification) -> Vec<String> {
        match self {
            Self::Rename(rename) => rename.statements(names),
            Self::CreateSchema(name) => {
                vec![format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(name))]
            }
            Self::CreateExtension(extension) => vec![create_extension(extension)],
            Self::AlterExtension(extensions) => alter_extension(extensions),
            Self::DropExtension(extension) => {
                vec![format!("DROP EXTENSION {}", quoted(&extension.name))]
            }
            Self::CreateEnum(r#enum) => vec![create_enum(&r#enum.name, &r#enum.labels, names)],
            Self::AlterEnum(alter) => alter_enum(alter, names),
            Self::DropForeignKey { table, foreign_key } => vec![format!(
                "ALTER TABLE {} DROP CONSTRAINT {}",
                names.name(table),
                quoted(&foreign_key.name)
            )],
            Self::DropIndex(index) => vec![format!("DROP INDEX {}", names.name(&index.name))],
            Self::AlterTable(alter) => alter_table(alter, names),
            Self::DropTable(table) => vec![format!("DROP TABLE {}", names.name(&table.name))],
            Self::DropEnum(r#enum) => vec![format!("DROP TYPE {}", names.name(&r#enum.name))],
            Self::CreateTable(table) => vec![sql::create_table(table, names)],
            Self::CreateIndex(index) => vec![sql::create_index(index, names)],
            Self::RenameForeignKey { table, names: keys, columns: _ } => vec![format!(
                "ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
                names.name(table),
                quoted(&keys.actual),
                quoted(&keys.desired)
            )],
            Self::AddForeignKey { table, foreign_key } => {
                vec![sql::add_foreign_key(table, foreign_key, names)]
            }
            Self::RenameIndex(indexes) => vec![format!(
                "ALTER INDEX {} RENAME TO {}",
                names.name(&indexes.actual.name),
                quoted(&indexes.desired.name.name)
            )],
        }
    }
}

fn create_extension(extension: &Extension) -> String {
    let schema = extension.schema.as_ref().map(|schema| format!("SCHEMA {}", quoted(schema)));
    let version = extension.version.as_ref().map(|version| format!("VERSION {}", quoted(version)));
    let options: Vec<String> = schema.into_iter().chain(version).collect();
    let with =
        if options.is_empty() { String::new() } else { format!(" WITH {}", options.join(" ")) };
    format!("CREATE EXTENSION IF NOT EXISTS {}{with}", quoted(&extension.name))
}

fn alter_extension(extensions: &Pair<Extension>) -> Vec<String> {
    let Extension { name, schema, version } = &extensions.desired;
    let version = version
        .as_ref()
        .filter(|_| extensions.actual.version != *version)
        .map(|version| format!("ALTER EXTENSION {} UPDATE TO {}", quoted(name), literal(version)));
    let schema = schema
        .as_ref()
        .filter(|_| extensions.actual.schema != *schema)
        .map(|schema| format!("ALTER EXTENSION {} SET SCHEMA {}", quoted(name), quoted(schema)));
    version.into_iter().chain(schema).collect()
}

fn create_enum(name: &Name, labels: &[String], names: &Qualification) -> String {
    let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
    format!("CREATE TYPE {} AS ENUM ({})", names.name(name), labels.join(", "))
}

fn alter_enum(alter: &AlterEnum, names: &Qualification) -> Vec<String> {
    let AlterEnum { types, added, removed, columns, defaults } = alter;
    let name = &types.actual.name;
    if removed.is_empty() {
        return added
            .iter()
            .map(|label| format!("ALTER TYPE {} ADD VALUE {}", names.name(name), literal(label)))
            .collect();
    }
    let beside = |suffix: &str| Name::new(name.schema.clone(), format!("{}{suffix}", name.name));
    let (old, new) = (beside("_old"), beside("_new"));
    let mut statements = vec!["BEGIN".to_owned(), create_enum(&new, &types.desired.labels, names)];
    let alter_column = |EnumDefault { table, column }: &EnumDefault| {
        format!("ALTER TABLE {} ALTER COLUMN {}", names.name(table), quoted(&column.name))
    };
    for default in defaults {
        statements.push(format!("{} DROP DEFAULT", alter_column(default)));
    }
    for EnumColumn { table, column, array } in columns {
        let array = if *array { "[]" } else { "" };
        let (column, new) = (quoted(column), names.name(&new));
        statements.push(format!(
            "ALTER TABLE {} ALTER COLUMN {column} TYPE {new}{array} USING ({column}::text::{new}{array})",
            names.name(table),
        ));
    }
    statements.push(format!("ALTER TYPE {} RENAME TO {}", names.name(name), quoted(&old.name)));
    statements.push(format!("ALTER TYPE {} RENAME TO {}", names.name(&new), quoted(&name.name)));
    statements.push(format!("DROP TYPE {}", names.name(&old)));
    for default in defaults {
        let EnumDefault { table: _, column } = default;
        if let Some(value) = &column.default {
            statements.push(format!(
                "{} SET DEFAULT {}",
                alter_column(default),
                sql::default(value, &column.r#type, names)
            ));
        }
    }
    statements.push("COMMIT".to_owned());
    statements
}

fn alter_table(alter: &AlterTable, names: &Qualification) -> Vec<String> {
    let table = names.name(&alter.table);
    let mut before = Vec::new();
    let mut after = Vec::new();
    let mut lines = Vec::new();
    // PostgreSQL takes no other clause beside RENAME.
    let mut renames = Vec::new();
    for clause in &alter.clauses {
        match clause {
            TableClause::DropPrimaryKey(key) => {
                lines.push(format!("DROP CONSTRAINT {}", quoted(&key.name)));
            }
            TableClause::RenamePrimaryKey(keys) => renames.push(format!(
                "ALTER TABLE {table} RENAME CONSTRAINT {} TO {}",
                quoted(&keys.actual.name),
                quoted(&keys.desired.name)
            )),
            TableClause::DropColumn(column) => {
                lines.push(format!("DROP COLUMN {}", quoted(&column.name)));
            }
            TableClause::AddColumn(column) => {
                lines.push(format!("ADD COLUMN {}", sql::column(column, names)));
            }
            TableClause::RecreateColumn(AlterColumn { columns, .. }) => {
                lines.push(format!("DROP COLUMN {}", quoted(&columns.actual.name)));
                lines.push(format!("ADD COLUMN {}", sql::column(&columns.desired, names)));
            }
            TableClause::AlterColumn(column) => {
                alter_column(&alter.table, column, names, &mut before, &mut lines, &mut after);
            }
            TableClause::AddPrimaryKey(key) => {
                lines.push(format!("ADD {}", sql::primary_key(key, ", ")));
            }
        }
    }
    if !lines.is_empty() {
        before.push(format!("ALTER TABLE {table} {}", lines.join(",\n")));
    }
    before.extend(renames);
    before.extend(after);
    before
}

/// Adds the clauses that change a column, and the statements needed before and after.
fn alter_column(
    table: &Name,
    alter: &AlterColumn,
    names: &Qualification,
    before: &mut Vec<String>,
    lines: &mut Vec<String>,
    after: &mut Vec<String>,
) {
    let AlterColumn { columns: Pair { actual, desired }, differs, cast: _ } = alter;
    let column = format!("ALTER COLUMN {}", quoted(&desired.name));
    let set_type = differs.r#type || (differs.arity && actual.r#type.array != desired.r#type.array);
    if differs.arity && !desired.r#type.array {
        match (actual.nullable && !actual.r#type.array, desired.nullable) {
            (false, true) => lines.push(format!("{column} DROP NOT NULL")),
            (true, false) => lines.push(format!("{column} SET NOT NULL")),
            (false, false) if actual.r#type.array => lines.push(format!("{column} SET NOT NULL")),
            (true, true) | (false, false) => {}
        }
    }
    if differs.default {
        match &desired.default {
            Some(default) => {
                let default = sql::default(default, &desired.r#type, names);
                lines.push(format!("{column} SET DEFAULT {default}"));
            }
            None => lines.push(format!("{column} DROP DEFAULT")),
        }
    }
    let drops_sequence = differs.autoincrement && sql::is_autoincrement(actual);
    if drops_sequence && !differs.default {
        lines.push(format!("{column} DROP DEFAULT"));
    }
    if set_type {
        let r#type = sql::column_type(&desired.r#type, names);
        lines.push(format!("{column} SET DATA TYPE {type}"));
    }
    if drops_sequence {
        if let Some(Default::NextValue(sequence)) = &actual.default {
            after.push(format!("DROP SEQUENCE {}", names.name(sequence)));
        }
    } else if differs.autoincrement {
        let sequence = format!("{}_{}_seq", table.name, desired.name).to_lowercase();
        let qualified = names.plain_name(&Name::new(table.schema.clone(), sequence));
        before.push(format!("CREATE SEQUENCE {qualified}"));
        lines.push(format!("{column} SET DEFAULT nextval({})", literal(&qualified)));
        after.push(format!(
            "ALTER SEQUENCE {qualified} OWNED BY {}.{}",
            names.name(table),
            quoted(&desired.name)
        ));
    }
}
