//! A column that lives beside another one for a while, and is kept in step with it, so that programs of
//! both sorts can use a table while its rows are filled some at a time.
//!
//! [`Beside::add`] makes it, [`Beside::keep`] the triggers, [`Beside::backfill`] fills the rows that were
//! there; [`twins`] are the indexes and keys that it will have in the other one's place; [`Beside::retire`]
//! and [`Beside::settle`] end it.

mod backfill;
mod labels;
mod trigger;
mod twin;
mod view;

pub use backfill::Pace;
pub use labels::{BesideType, add_label, label_cast};
pub use twin::{Twins, twins};
pub use view::former_name;

use crate::ddl::write;
use crate::kinds::table::ColumnType;
use crate::{Name, Pair, Qualification, literal, quoted, sql};

/// A column that is there for a while with another one, or without the value that it will have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Its table.
    pub table: Name,
    /// Its name meanwhile.
    pub column: String,
    /// Its type.
    pub r#type: ColumnType,
    /// Its collation, when it is not the type's.
    pub collation: Option<Name>,
    /// Whether it takes no null in the end.
    pub required: bool,
    /// Where its values come from.
    pub source: Source,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Rows without a value get that of an SQL expression.
    Fill(String),
    /// A column that gets this name: both are written, by programs of both sorts.
    Name {
        /// The former name.
        old: String,
        /// The value, as an SQL expression over the table's columns.
        value: String,
    },
    /// A column that gets another type: its place is taken in the end.
    Type {
        /// The column that is there.
        old: String,
        /// The value, as an SQL expression over the table's columns.
        value: String,
    },
    /// A column of another table.
    Moved {
        /// The other table.
        from: Name,
        /// Its column.
        old: String,
        /// The columns by which rows belong together: of the other table, and of this one.
        keys: Vec<Pair<String>>,
        /// Whether a row of the other table belongs to one row of this at most, so that values find back.
        is_one_to_one: bool,
    },
}

impl Beside {
    /// The name that the column has in the end.
    pub fn final_name(&self) -> &str {
        match &self.source {
            Source::Type { old, .. } => old,
            Source::Fill(_) | Source::Name { .. } | Source::Moved { .. } => &self.column,
        }
    }

    /// The column of the same table that goes in the end.
    pub fn leaves(&self) -> Option<&str> {
        match &self.source {
            Source::Type { old, .. } | Source::Name { old, .. } => Some(old),
            Source::Fill(_) | Source::Moved { .. } => None,
        }
    }

    /// The value of a row, as an SQL expression over the table's columns.
    fn value(&self) -> String {
        match &self.source {
            Source::Fill(value) | Source::Name { value, .. } | Source::Type { value, .. } => {
                value.clone()
            }
            Source::Moved { from, old, keys, .. } => {
                let table = quoted(&self.table.name);
                let is_own: Vec<String> = keys
                    .iter()
                    .map(|Pair { actual, desired }| {
                        format!("former.{} = {table}.{}", quoted(actual), quoted(desired))
                    })
                    .collect();
                format!(
                    "SELECT former.{} FROM {} AS former WHERE {} LIMIT 1",
                    quoted(old),
                    write::name(from),
                    is_own.join(" AND ")
                )
            }
        }
    }

    /// The statement that adds the column, where it is not one that the schema adds under its name.
    pub fn add(&self) -> Option<String> {
        self.leaves()?;
        let collation = self.collation.as_ref();
        let collation =
            collation.map_or(String::new(), |name| format!(" COLLATE {}", write::name(name)));
        Some(format!(
            "ALTER TABLE {} ADD COLUMN {} {}{collation}",
            write::name(&self.table),
            quoted(&self.column),
            type_name(&self.r#type)
        ))
    }

    /// The statement that makes the column required, if it is to be.
    pub fn require(&self) -> Option<String> {
        let (table, column) = (write::name(&self.table), quoted(&self.column));
        self.required.then(|| format!("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"))
    }

    /// The statement that refuses to go on while a row lacks the value of the column that is to go.
    pub fn ensure_filled(&self) -> Option<String> {
        let old = self.leaves()?;
        let (table, column, value) = (write::name(&self.table), quoted(&self.column), self.value());
        let refusal = literal(&format!(
            "rows of {} lack the value of {} in {}: run the backfill again",
            self.table, old, self.column
        ));
        let block = format!(
            "\nBEGIN\n    \
             IF EXISTS (SELECT FROM {table} WHERE {column} IS NULL AND ({value}) IS NOT NULL) THEN\n        \
             RAISE EXCEPTION USING MESSAGE = {refusal};\n    \
             END IF;\nEND\n"
        );
        let mark = trigger::mark("$filled$", &block);
        Some(format!("DO {mark}{block}{mark}"))
    }

    /// The statement by which the column takes the other one's place, once that has gone.
    pub fn settle(&self) -> Option<String> {
        let Source::Type { old, .. } = &self.source else { return None };
        Some(format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            write::name(&self.table),
            quoted(&self.column),
            quoted(old)
        ))
    }
}

/// A type as SQL has it.
pub fn type_name(r#type: &ColumnType) -> String {
    sql::column_type(r#type, &Qualification::Always)
}

/// A name that PostgreSQL does not cut off and that nothing else has.
pub fn free_name(base: &str, suffix: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let with = |suffix: &str| {
        let mut end = base.len().min(63_usize.saturating_sub(suffix.len()));
        while !base.is_char_boundary(end) {
            end -= 1;
        }
        format!("{}{suffix}", base.get(..end).unwrap_or_default())
    };
    let mut numbers = 2..1000;
    let mut name = with(suffix);
    while is_taken(&name) {
        let Some(number) = numbers.next() else { break };
        name = with(&format!("{suffix}{number}"));
    }
    name
}

/// The column of a table whose values are made by the server itself cannot live beside another.
pub fn can_be_beside(column: &crate::kinds::table::Column) -> bool {
    column.identity.is_none() && column.generated.is_none() && !column.inherited
}

#[cfg(test)]
mod tests;
