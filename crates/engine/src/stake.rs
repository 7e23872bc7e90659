//! What the statements of a script meet of the data that is in a database: rows and values that go, and
//! those that make a statement fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use catalog::kinds::table::{Column, Table};
use catalog::{Catalog, Name};
use database::{Countable, Session};
use lint::{ActionKind, Alteration, Constraint, ConstraintKind, Filling, Step};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::loss::PATIENCE;

/// Data that a statement meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stake {
    /// What becomes of it.
    pub fate: Fate,
    /// What it is, as `rows of public.users`.
    pub what: String,
    /// How many; none if they could not be counted.
    pub number: Option<u64>,
    /// Whether that was counted, rather than estimated.
    pub is_exact: bool,
}

impl Stake {
    /// Whether whoever agreed to this has agreed to another count of the same. Tables in use grow while
    /// a plan is looked at: a tenth more is taken to be meant.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self.number, other.number) {
            (Some(agreed), Some(now)) => now <= agreed.saturating_add(agreed / 10),
            (None, _) => true,
            (Some(_), None) => false,
        }
    }
}

/// What becomes of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is gone afterwards.
    Lost,
    /// It makes the statement fail, and stays.
    Stops,
    /// It would make the statement fail, but statements before it change rows of the table.
    MayStop,
}

/// As a person reads it: `3 rows of public.users would be lost`.
impl fmt::Display for Stake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fate, what, number, is_exact } = self;
        match number {
            Some(number) => write!(f, "{}{number} {what} ", if *is_exact { "" } else { "about " })?,
            None => write!(f, "an unknown number of {what} ")?,
        }
        f.write_str(match fate {
            Fate::Lost => "would be lost",
            Fate::Stops => "make it fail",
            Fate::MayStop => "make it fail, unless the statements before it change that",
        })
    }
}

/// What a script, or many one after the other, have made other than it is in the database.
pub(crate) struct Stakes<'a> {
    session: &'a Session,
    actual: &'a Catalog,
    /// Tables that were renamed: by the name they got, the one the database knows.
    renamed: BTreeMap<Name, Name>,
    /// Tables of which rows were changed.
    changed: BTreeSet<Name>,
}

impl<'a> Stakes<'a> {
    /// Begins with the database as it is.
    pub(crate) fn new(session: &'a Session, actual: &'a Catalog) -> Self {
        Self { session, actual, renamed: BTreeMap::new(), changed: BTreeSet::new() }
    }

    /// Says what data a script meets, each with the number of its statement; what meets none is not
    /// among it. Scripts are to be given in the order in which they are run.
    ///
    /// # Errors
    /// When the connection breaks.
    pub(crate) async fn of(&mut self, steps: &[Step]) -> Result<Vec<(usize, Stake)>, Error> {
        let mut stakes = Vec::new();
        for step in steps {
            for question in self.questions(&step.action.kind) {
                if let Some(stake) = self.ask(question).await? {
                    stakes.push((step.statement, stake));
                }
            }
            self.learn(&step.action.kind);
        }
        Ok(stakes)
    }

    async fn ask(&self, question: Question) -> Result<Option<Stake>, Error> {
        let Question { fate, what, countable } = question;
        let count = database::count(self.session, &countable, PATIENCE).await?;
        if count.is_some_and(|count| count.number == 0) {
            return Ok(None);
        }
        let number = count.map(|count| count.number);
        Ok(Some(Stake { fate, what, number, is_exact: count.is_some_and(|count| count.is_exact) }))
    }

    /// What is to be counted for an action.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other actions meet no data")]
    fn questions(&self, action: &ActionKind) -> Vec<Question> {
        match action {
            ActionKind::DropTable { tables, .. } | ActionKind::Truncate(tables) => {
                tables.iter().filter_map(|table| self.rows(table, Fate::Lost)).collect()
            }
            ActionKind::DropOther { kind, names, cascade: true } if kind == "SCHEMA" => {
                let is_in = |table: &&Table| names.iter().any(|it| it.name == table.name.schema);
                let tables = self.actual.tables.iter().filter(is_in);
                tables.filter_map(|table| self.rows(&table.name, Fate::Lost)).collect()
            }
            ActionKind::ChangeRows { verb: "DELETE", table, some_rows: false } => {
                self.rows(table, Fate::Lost).into_iter().collect()
            }
            ActionKind::AlterTable(table, alteration) => self.altering(table, alteration),
            _ => Vec::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other alterations meet no data")]
    fn altering(&self, table: &Name, alteration: &Alteration) -> Vec<Question> {
        match alteration {
            Alteration::DropColumn { column, .. } => {
                let values = self.column(table, column).map(|(table, column)| Question {
                    fate: Fate::Lost,
                    what: format!("values of the column {} of {table}", column.name),
                    countable: Countable::Values { table, column: column.name.clone() },
                });
                values.into_iter().collect()
            }
            Alteration::AddColumn(column) if column.not_null && column.filling == Filling::Null => {
                self.rows(table, self.stops(table)).into_iter().collect()
            }
            Alteration::SetNotNull(column) => self.nulls(table, column).into_iter().collect(),
            Alteration::AddConstraint(constraint) => self.constraining(table, constraint),
            _ => Vec::new(),
        }
    }

    fn constraining(&self, table: &Name, constraint: &Constraint) -> Vec<Question> {
        match &constraint.kind {
            ConstraintKind::Key { columns, primary, using_index: None } => {
                let nulls = columns.iter().filter(|_| *primary);
                let nulls = nulls.filter_map(|column| self.nulls(table, column));
                self.duplicates(table, columns).into_iter().chain(nulls).collect()
            }
            ConstraintKind::Key { .. }
            | ConstraintKind::Check(_)
            | ConstraintKind::ForeignKey { .. }
            | ConstraintKind::Exclude
            | ConstraintKind::NotNull(_) => Vec::new(),
        }
    }

    fn rows(&self, table: &Name, fate: Fate) -> Option<Question> {
        let table = self.table(table)?.name.clone();
        Some(Question {
            fate,
            what: format!("rows of {table}"),
            countable: Countable::Rows { table },
        })
    }

    fn nulls(&self, table: &Name, column: &str) -> Option<Question> {
        let fate = self.stops(table);
        let (table, column) = self.column(table, column)?;
        let what = format!("nulls in the column {} of {table}", column.name);
        let countable = Countable::Nulls { table, column: column.name.clone() };
        column.nullable.then_some(Question { fate, what, countable })
    }

    fn duplicates(&self, table: &Name, columns: &[String]) -> Option<Question> {
        let fate = self.stops(table);
        let found = columns.iter().map(|column| self.column(table, column));
        found.collect::<Option<Vec<_>>>()?;
        let table = self.table(table)?.name.clone();
        let what = format!("rows of {table} equal to another in {}", columns.join(", "));
        let countable = Countable::Duplicates { table, columns: columns.to_vec() };
        Some(Question { fate, what, countable })
    }

    /// What becomes of data that stands in the way.
    fn stops(&self, table: &Name) -> Fate {
        if self.changed.contains(table) { Fate::MayStop } else { Fate::Stops }
    }

    /// A table, if the database has it, whatever the script calls it by now.
    fn table(&self, name: &Name) -> Option<&'a Table> {
        self.actual.tables.get(self.renamed.get(name).unwrap_or(name))
    }

    fn column(&self, table: &Name, column: &str) -> Option<(Name, &'a Column)> {
        let table = self.table(table)?;
        let column = table.columns.iter().find(|it| it.name == column)?;
        Some((table.name.clone(), column))
    }

    /// Takes in what an action changes.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other actions change no rows")]
    fn learn(&mut self, action: &ActionKind) {
        match action {
            ActionKind::ChangeRows { table, .. } => {
                self.changed.insert(table.clone());
            }
            ActionKind::AlterTable(table, Alteration::Rename(to)) => {
                self.rename(table, Name::new(table.schema.clone(), to));
            }
            ActionKind::AlterTable(table, Alteration::SetSchema(schema)) => {
                self.rename(table, Name::new(schema, table.name.clone()));
            }
            _ => {}
        }
    }

    fn rename(&mut self, from: &Name, to: Name) {
        let known = self.renamed.remove(from).unwrap_or_else(|| from.clone());
        if self.changed.remove(from) {
            self.changed.insert(to.clone());
        }
        self.renamed.insert(to, known);
    }
}

/// Something to count.
struct Question {
    fate: Fate,
    what: String,
    countable: Countable,
}
