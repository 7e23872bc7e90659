//! Things that get another name and keep their data.
//!
//! A diff knows things by their names: a new name is to it a thing that goes and another that comes.
//! Here is what tells more: [`candidates`] says which of both may be one, and why; a [`Rename`] that
//! somebody has decided on is applied to the side that changes ([`Renames::applied_to`]), so that the
//! ordinary diff finds the same thing under the same name and does the rest. What is named after it
//! (primary keys, indexes, foreign keys) the diff renames by itself, since it knows those by what they
//! do.
//!
//! [`Vocabulary`] leads from the names in schema files to those in the database and back.

mod apply;
mod candidates;
mod choices;
mod columns;
mod join;
mod labels;
mod names;
mod score;
mod tables;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use candidates::candidates;
pub use choices::{Choice, choices};
pub use score::{Candidate, Certainty};
pub use vocabulary::{Fit, Vocabulary, WantedError};

use crate::name::{literal, quoted};
use crate::sql::Qualification;
use crate::{Name, Pair};

/// One thing that gets another name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rename {
    /// A table.
    Table(Pair<Name>),
    /// An enum type.
    EnumType(Pair<Name>),
    /// The sequence of a `serial` column, as its table or column gets another name.
    Sequence(Pair<Name>),
    /// A column.
    Column {
        /// Its table, by the name that it will have.
        table: Name,
        /// The column's names.
        names: Pair<String>,
    },
    /// The two columns of the table of an implicit relation, by the name that it will have: each gets the
    /// name of the other, since its models now come in the other order.
    Sides(Name),
    /// A label of an enum type.
    Label {
        /// The type, by the name that it will have.
        enum_type: Name,
        /// The labels.
        names: Pair<String>,
    },
}

/// What has a name of its own in the desired catalog, and may have had another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A table.
    Table(Name),
    /// An enum type.
    EnumType(Name),
    /// A column of a table.
    Column(Name, String),
    /// A label of an enum type.
    Label(Name, String),
}

impl Rename {
    /// Builds the rename that gives a target its name; the schema stays.
    pub fn to(target: &Target, from: &str) -> Self {
        let beside = |name: &Name| Pair::new(Name::new(&name.schema, from), name.clone());
        match target {
            Target::Table(name) => Self::Table(beside(name)),
            Target::EnumType(name) => Self::EnumType(beside(name)),
            Target::Column(table, column) => Self::Column {
                table: table.clone(),
                names: Pair::new(from.to_owned(), column.clone()),
            },
            Target::Label(enum_type, label) => Self::Label {
                enum_type: enum_type.clone(),
                names: Pair::new(from.to_owned(), label.clone()),
            },
        }
    }

    /// What gets its name by it; nothing for what follows another rename.
    pub fn target(&self) -> Option<Target> {
        Some(match self {
            Self::Table(names) => Target::Table(names.desired.clone()),
            Self::EnumType(names) => Target::EnumType(names.desired.clone()),
            Self::Sequence(_) | Self::Sides(_) => return None,
            Self::Column { table, names } => Target::Column(table.clone(), names.desired.clone()),
            Self::Label { enum_type, names } => {
                Target::Label(enum_type.clone(), names.desired.clone())
            }
        })
    }

    /// The name that it takes away, without a schema.
    pub fn from(&self) -> &str {
        match self {
            Self::Table(names) | Self::EnumType(names) | Self::Sequence(names) => {
                &names.actual.name
            }
            Self::Column { names, .. } | Self::Label { names, .. } => &names.actual,
            Self::Sides(table) => &table.name,
        }
    }

    /// What goes when the rename is not made, by its earlier name; nothing for what follows another rename.
    pub fn source(&self) -> Option<Target> {
        Some(match self {
            Self::Table(names) => Target::Table(names.actual.clone()),
            Self::Sequence(_) | Self::Sides(_) => return None,
            Self::EnumType(names) => Target::EnumType(names.actual.clone()),
            Self::Column { table, names } => Target::Column(table.clone(), names.actual.clone()),
            Self::Label { enum_type, names } => {
                Target::Label(enum_type.clone(), names.actual.clone())
            }
        })
    }

    /// The comment above it in a script.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Table(_) => "RenameTable",
            Self::EnumType(_) => "RenameEnum",
            Self::Sequence(_) => "RenameSequence",
            Self::Column { .. } | Self::Sides(_) => "RenameColumn",
            Self::Label { .. } => "RenameEnumValue",
        }
    }

    /// The statements, without their semicolons.
    pub(crate) fn statements(&self, names: &Qualification) -> Vec<String> {
        let to = |kind: &str, pair: &Pair<Name>| {
            let Pair { actual, desired } = pair;
            format!("ALTER {kind} {} RENAME TO {}", names.name(actual), quoted(&desired.name))
        };
        let column = |table: &Name, before: &str, after: &str| {
            let (table, before, after) = (names.name(table), quoted(before), quoted(after));
            format!("ALTER TABLE {table} RENAME COLUMN {before} TO {after}")
        };
        match self {
            Self::Table(pair) => vec![to("TABLE", pair)],
            Self::EnumType(pair) => vec![to("TYPE", pair)],
            Self::Sequence(pair) => vec![to("SEQUENCE", pair)],
            Self::Column { table, names: Pair { actual, desired } } => {
                vec![column(table, actual, desired)]
            }
            Self::Sides(table) => {
                let steps = join::STEPS.iter();
                steps.map(|Pair { actual, desired }| column(table, actual, desired)).collect()
            }
            Self::Label { enum_type, names: Pair { actual, desired } } => vec![format!(
                "ALTER TYPE {} RENAME VALUE {} TO {}",
                names.name(enum_type),
                literal(actual),
                literal(desired)
            )],
        }
    }
}

/// Renames in the order in which they are made: a table's before those of its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames(Vec<Rename>);

impl Renames {
    /// Adds a rename; one of a table or type goes before those of columns and labels, which name it
    /// as it will be.
    pub fn insert(&mut self, rename: Rename) {
        let at = self.0.partition_point(|other| other.rank() <= rename.rank());
        self.0.insert(at, rename);
    }

    /// The renames in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Rename> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name that a table has before.
    pub fn table_before(&self, table: &Name) -> Name {
        let before = self.0.iter().find_map(|rename| match rename {
            Rename::Table(names) if names.desired == *table => Some(names.actual.clone()),
            Rename::Table(_)
            | Rename::EnumType(_)
            | Rename::Sequence(_)
            | Rename::Column { .. }
            | Rename::Sides(_)
            | Rename::Label { .. } => None,
        });
        before.unwrap_or_else(|| table.clone())
    }

    /// The name that a column has before; the table is named as it will be.
    pub fn column_before(&self, of: &Name, column: &str) -> String {
        let before = self.0.iter().find_map(|rename| match rename {
            Rename::Column { table, names } if table == of && names.desired == column => {
                Some(names.actual.clone())
            }
            Rename::Column { .. }
            | Rename::Table(_)
            | Rename::EnumType(_)
            | Rename::Sequence(_)
            | Rename::Sides(_)
            | Rename::Label { .. } => None,
        });
        before.unwrap_or_else(|| column.to_owned())
    }
}

impl Rename {
    /// Where it goes among others: a table's before those of its columns, the least first.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Table(_) => 0,
            Self::EnumType(_) => 1,
            Self::Column { .. } | Self::Sides(_) => 2,
            Self::Label { .. } => 3,
            Self::Sequence(_) => 4,
        }
    }
}
