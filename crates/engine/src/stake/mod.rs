//! What the statements of a script meet of the data that is in a database: rows and values that go, and
//! those that make a statement fail.

mod conversion;
mod goes;
mod pending;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use catalog::kinds::table::{Column, Table};
use catalog::{Catalog, Name};
use database::{Countable, Found, Limits, Precision, Session};
use lint::{ActionKind, Alteration, Constraint, ConstraintKind, Filling, NewIndex, Step, Work};
use serde::{Deserialize, Serialize};

use crate::Error;
pub(crate) use pending::{schemas_met, tell};

use conversion::NewType;

/// Data that a statement meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stake {
    /// What becomes of it.
    pub fate: Fate,
    /// What it is, as `rows of public.users`.
    pub what: String,
    /// How many; none if they could not be counted.
    pub number: Option<u64>,
    /// How the number is to be taken.
    pub precision: Precision,
    /// The keys of some of the rows: `id = 3`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// The query that shows them all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

impl Fate {
    /// Whether somebody has to agree to it.
    pub(crate) fn is_loss(self) -> bool {
        matches!(self, Self::Lost | Self::Altered)
    }
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
    /// It is there, cut or rounded.
    Altered,
    /// It makes the statement fail, and stays.
    Stops,
    /// It would make the statement fail, but statements before it change rows of the table.
    MayStop,
}

/// As a person reads it: `3 rows of public.users would be lost`.
impl fmt::Display for Stake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fate, what, number, precision, examples, query: _ } = self;
        match (number, precision) {
            (Some(0), _) => write!(f, "a sample has none of the {what}; any others ")?,
            (Some(number), Precision::Exact) => write!(f, "{number} {what} ")?,
            (Some(number), Precision::About) => write!(f, "about {number} {what} ")?,
            (Some(number), Precision::AtLeast) => write!(f, "at least {number} {what} ")?,
            (None, _) => write!(f, "an unknown number of {what} ")?,
        }
        f.write_str(match fate {
            Fate::Lost => "would be lost",
            Fate::Altered => "would be cut or rounded",
            Fate::Stops => "make it fail",
            Fate::MayStop if *number == Some(0) => "make it fail",
            Fate::MayStop => "make it fail, unless the statements before it change that",
        })?;
        if examples.is_empty() {
            return Ok(());
        }
        write!(f, " ({}", examples.join("; "))?;
        f.write_str(if u64::try_from(examples.len()).ok() < *number { "; …)" } else { ")" })
    }
}

/// What a script, or many one after the other, have made other than it is in the database.
pub(crate) struct Stakes<'a> {
    session: &'a Session,
    actual: &'a Catalog,
    /// Tables that were renamed: by the name they got, the one the database knows.
    renamed: BTreeMap<Name, Name>,
    /// Columns that were renamed: by the name they got, with the table as the database knows it, the one
    /// that the database knows.
    columns: BTreeMap<(Name, String), String>,
    /// Tables of which rows were changed.
    changed: BTreeSet<Name>,
    /// Enum types that were made, and their labels.
    labels: BTreeMap<String, Vec<String>>,
    /// Constraints that are there and not valid yet.
    unvalidated: BTreeMap<(Name, String), Constraint>,
    limits: Limits,
}

impl<'a> Stakes<'a> {
    /// Begins with the database as it is. No question to it takes longer than the limits.
    pub(crate) fn new(session: &'a Session, actual: &'a Catalog, limits: Limits) -> Self {
        Self {
            session,
            actual,
            renamed: BTreeMap::new(),
            columns: BTreeMap::new(),
            changed: BTreeSet::new(),
            labels: BTreeMap::new(),
            unvalidated: BTreeMap::new(),
            limits,
        }
    }

    /// Says what data a script meets, each with the number of its statement; what meets none is not
    /// among it. Scripts are to be given in the order in which they are run.
    ///
    /// # Errors
    /// When the connection breaks.
    pub(crate) async fn of(&mut self, steps: &[Step]) -> Result<Vec<(usize, Stake)>, Error> {
        let mut stakes = Vec::new();
        for step in steps {
            for question in self.questions(step) {
                if let Some(stake) = self.ask(question).await? {
                    stakes.push((step.statement, stake));
                }
            }
            self.learn(&step.action.kind);
        }
        Ok(stakes)
    }

    async fn ask(&self, question: Question) -> Result<Option<Stake>, Error> {
        let Question { mut fate, what, table, countable } = question;
        let table = self.actual.tables.get(&table);
        let key = table.and_then(|table| table.primary_key.as_ref());
        let key = key.map(|key| key.columns.clone()).unwrap_or_default();
        let found = database::examine(self.session, &countable, &key, self.limits).await?;
        let Some(found) = found else {
            // What cannot be counted may have no number; but a table that goes, goes.
            let (number, precision) = (None, Precision::About);
            let stake = Stake { fate, what, number, precision, examples: Vec::new(), query: None };
            return Ok((fate == Fate::Lost).then_some(stake));
        };
        let Found { number, precision, examples, query } = found;
        if number == 0 && precision == Precision::Exact {
            return Ok(None);
        }
        if number == 0 && fate == Fate::Stops {
            fate = Fate::MayStop;
        }
        Ok(Some(Stake { fate, what, number: Some(number), precision, examples, query }))
    }

    /// What is to be counted for a step.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other actions meet no data")]
    fn questions(&self, step: &Step) -> Vec<Question> {
        match &step.action.kind {
            ActionKind::DropTable { tables, .. } | ActionKind::Truncate(tables) => {
                tables.iter().filter_map(|table| self.rows(table, Fate::Lost)).collect()
            }
            ActionKind::DropOther { kind, names, cascade: true } if kind == "SCHEMA" => {
                let is_in = |table: &&Table| names.iter().any(|it| it.name == table.name.schema);
                let tables = self.actual.tables.iter().filter(is_in);
                tables.filter_map(|table| self.rows(&table.name, Fate::Lost)).collect()
            }
            ActionKind::DropOther { kind, names, cascade: true } if kind == "TYPE" => {
                let columns = self.actual.tables.iter().flat_map(|table| {
                    let of_type = |it: &&Column| names.contains(&it.r#type.name);
                    table.columns.iter().filter(of_type).map(|it| (&table.name, &it.name))
                });
                columns.filter_map(|(table, column)| self.values(table, column)).collect()
            }
            ActionKind::ChangeRows { verb: "DELETE", table, some_rows: false } => {
                self.rows(table, Fate::Lost).into_iter().collect()
            }
            ActionKind::CreateIndex(index) if index.unique => {
                self.repeated(index).into_iter().collect()
            }
            ActionKind::AlterTable(table, alteration) => self.altering(table, alteration, step),
            _ => Vec::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other alterations meet no data")]
    fn altering(&self, table: &Name, alteration: &Alteration, step: &Step) -> Vec<Question> {
        match alteration {
            Alteration::DropColumn { column, .. } => {
                self.values(table, column).into_iter().collect()
            }
            Alteration::AddColumn(column) if column.not_null && column.filling == Filling::Null => {
                self.rows(table, self.stops(table)).into_iter().collect()
            }
            Alteration::SetNotNull(column) => self.nulls(table, column).into_iter().collect(),
            Alteration::AddConstraint(constraint) => self.constraining(table, constraint),
            Alteration::Validate(name) => {
                let constraint = self.unvalidated.get(&(table.clone(), name.clone()));
                constraint.map(|it| self.constraining(table, it)).unwrap_or_default()
            }
            // Where the bytes stay what they are, so do the values.
            Alteration::ChangeType { column, to, written, expression, .. }
                if step.effect.work != Work::Nothing =>
            {
                let Some((table, column)) = self.column(table, column) else { return Vec::new() };
                let labels = self.labels.get(&to.name);
                let new = NewType { to, written, expression: expression.as_deref(), labels };
                conversion::questions(&table, column, &new, self.stops(&table))
            }
            _ => Vec::new(),
        }
    }

    fn constraining(&self, table: &Name, constraint: &Constraint) -> Vec<Question> {
        if constraint.not_valid {
            return Vec::new();
        }
        match &constraint.kind {
            ConstraintKind::Key { columns, primary, using_index: None } => {
                let nulls = columns.iter().filter(|_| *primary);
                let nulls = nulls.filter_map(|column| self.nulls(table, column));
                self.duplicates(table, columns).into_iter().chain(nulls).collect()
            }
            ConstraintKind::Check(check) => self.breaking(table, check).into_iter().collect(),
            ConstraintKind::ForeignKey { columns, references, referenced } => {
                self.orphans(table, columns, references, referenced).into_iter().collect()
            }
            ConstraintKind::NotNull(column) => self.nulls(table, column).into_iter().collect(),
            ConstraintKind::Key { .. } | ConstraintKind::Exclude => Vec::new(),
        }
    }

    fn rows(&self, table: &Name, fate: Fate) -> Option<Question> {
        let table = self.table(table)?.name.clone();
        let what = format!("rows of {table}");
        Some(Question { fate, what, table: table.clone(), countable: Countable::Rows { table } })
    }

    fn values(&self, table: &Name, column: &str) -> Option<Question> {
        let (table, column) = self.column(table, column)?;
        let column = column.name.clone();
        let what = format!("values of the column {column} of {table}");
        let countable = Countable::Values { table: table.clone(), column };
        Some(Question { fate: Fate::Lost, what, table, countable })
    }

    fn nulls(&self, table: &Name, column: &str) -> Option<Question> {
        let fate = self.stops(table);
        let (table, column) = self.column(table, column).filter(|(_, column)| column.nullable)?;
        let what = format!("nulls in the column {} of {table}", column.name);
        let countable = Countable::Nulls { table: table.clone(), column: column.name.clone() };
        Some(Question { fate, what, table, countable })
    }

    fn duplicates(&self, table: &Name, columns: &[String]) -> Option<Question> {
        let fate = self.stops(table);
        let found = columns.iter().map(|column| self.column(table, column));
        let found = found.collect::<Option<Vec<_>>>()?;
        let columns: Vec<String> = found.iter().map(|(_, column)| column.name.clone()).collect();
        let table = self.table(table)?.name.clone();
        let what = format!("rows of {table} equal to another in {}", columns.join(", "));
        let countable = Countable::Duplicates { table: table.clone(), columns };
        Some(Question { fate, what, table, countable })
    }

    fn repeated(&self, index: &NewIndex) -> Option<Question> {
        let fate = self.stops(&index.table);
        let table = self.table(&index.table)?.name.clone();
        let keys: Vec<String> = index.keys.iter().map(|key| expression(key)).collect();
        let what = format!("rows of {table} equal to another in {}", keys.join(", "));
        let condition = index.condition.clone();
        let countable = Countable::Repeated { table: table.clone(), keys, condition };
        Some(Question { fate, what, table, countable })
    }

    fn breaking(&self, table: &Name, check: &str) -> Option<Question> {
        let fate = self.stops(table);
        let table = self.table(table)?.name.clone();
        let what = format!("rows of {table} that break the check {check}");
        let countable = Countable::Breaking { table: table.clone(), check: check.to_owned() };
        Some(Question { fate, what, table, countable })
    }

    fn orphans(
        &self,
        table: &Name,
        columns: &[String],
        references: &Name,
        referenced: &[String],
    ) -> Option<Question> {
        let fate =
            if self.changed.contains(references) { Fate::MayStop } else { self.stops(table) };
        let found = columns.iter().map(|column| self.column(table, column));
        let found = found.collect::<Option<Vec<_>>>()?;
        let columns: Vec<String> = found.iter().map(|(_, column)| column.name.clone()).collect();
        let table = self.table(table)?.name.clone();
        let other = self.table(references)?;
        let referenced = match (referenced, &other.primary_key) {
            ([], Some(key)) => key.columns.clone(),
            (columns, _) => columns.to_vec(),
        };
        let references = other.name.clone();
        let what = format!("rows of {table} that refer to no row of {references}");
        let countable =
            Countable::Orphans { table: table.clone(), columns, references, referenced };
        Some(Question { fate, what, table, countable })
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
        let known = self.columns.get(&(table.name.clone(), column.to_owned()));
        let column = known.map_or(column, String::as_str);
        let column = table.columns.iter().find(|it| it.name == column)?;
        Some((table.name.clone(), column))
    }

    /// Takes in what an action changes.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other actions change no rows or names")]
    fn learn(&mut self, action: &ActionKind) {
        match action {
            ActionKind::ChangeRows { table, .. } => {
                self.changed.insert(table.clone());
            }
            ActionKind::CreateType { r#type, labels: Some(labels) } => {
                self.labels.insert(r#type.name.clone(), labels.clone());
            }
            ActionKind::AlterTable(table, Alteration::Rename(to)) => {
                self.rename(table, Name::new(table.schema.clone(), to));
            }
            ActionKind::AlterTable(table, Alteration::SetSchema(schema)) => {
                self.rename(table, Name::new(schema, table.name.clone()));
            }
            ActionKind::AlterTable(table, Alteration::RenameColumn { from, to }) => {
                let renamed = self.column(table, from).map(|(on, it)| (on, it.name.clone()));
                if let Some((table, known)) = renamed {
                    self.columns.insert((table, to.clone()), known);
                }
            }
            ActionKind::AlterTable(table, Alteration::AddConstraint(it)) if it.not_valid => {
                if let Some(name) = &it.name {
                    let valid = Constraint { not_valid: false, ..it.clone() };
                    self.unvalidated.insert((table.clone(), name.clone()), valid);
                }
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

/// The key of an index without what is said about its order.
fn expression(key: &str) -> String {
    let mut key = key.trim();
    for end in [" NULLS FIRST", " NULLS LAST", " ASC", " DESC"] {
        let at = key.len().saturating_sub(end.len());
        if let (Some(before), Some(last)) = (key.get(..at), key.get(at..))
            && last.eq_ignore_ascii_case(end)
        {
            key = before;
        }
    }
    key.to_owned()
}

/// Something to count.
struct Question {
    fate: Fate,
    what: String,
    table: Name,
    countable: Countable,
}
