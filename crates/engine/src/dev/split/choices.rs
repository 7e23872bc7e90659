//! How the changes of a plan are cut, by what they are and what was answered.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is new among changes is to be passed over until it is asked about"
)]

use catalog::beside::{Beside, Source, can_be_beside, free_name};
use catalog::kinds::table::{Column, Table};
use catalog::rename::Rename;
use catalog::{AlterColumn, AlterTable, ColumnDifference, Name, Pair, TableClause, quoted};
use lint::Work;
use planner::{Plan, Warning};
use script::Script;

use super::moves::origins;
use super::questions::{NO, cast, fill, moved};
use super::{Change, Cut};
use crate::Error;
use crate::questions::{Answers, Question};

/// What cuts are made of.
pub(super) struct Cutting<'a> {
    pub(super) change: Change<'a>,
    answers: &'a Answers,
    context: lint::Context<'a>,
    pub(super) cut: Cut,
}

impl Cut {
    /// Finds out what of a change is made otherwise than at once.
    ///
    /// # Errors
    /// When an answer makes no sense, or two changes to one column cannot be cut together.
    pub(in crate::dev) fn of(
        change: Change<'_>,
        warnings: &[Warning],
        answers: &Answers,
        context: lint::Context<'_>,
    ) -> Result<Self, Error> {
        let mut cutting = Cutting { change, answers, context, cut: Self::default() };
        cutting.types()?;
        cutting.names();
        cutting.clauses()?;
        cutting.fills(warnings);
        let cut = cutting.cut;
        for (at, one) in cut.besides.iter().enumerate() {
            let before = cut.besides.get(..at).unwrap_or_default();
            let is_same = |other: &&Beside| {
                other.table == one.table && other.final_name() == one.final_name()
            };
            if before.iter().any(|other| is_same(&other)) {
                return Err(Error::Usage(format!(
                    "{}.{} changes in two ways at once; change the schema in one, split that, then \
                     in the other",
                    one.table.name,
                    one.final_name()
                )));
            }
        }
        Ok(cut)
    }
}

impl Cutting<'_> {
    /// Asks, and returns what was answered.
    pub(super) fn answer(&mut self, question: Question) -> Option<String> {
        let answer = self.answers.answer(&question).map(str::to_owned);
        self.cut.questions.push(question);
        answer
    }

    fn table(&self, name: &Name) -> Option<&Table> {
        self.change.catalogs.actual.tables.get(name)
    }

    fn column(&self, table: &Name, name: &str) -> Option<&Column> {
        self.table(table)?.columns.iter().find(|column| column.name == name)
    }

    /// A column as it is to be.
    pub(super) fn desired(&self, table: &Name, name: &str) -> Option<&Column> {
        let table = self.change.catalogs.desired.tables.get(table)?;
        table.columns.iter().find(|column| column.name == name)
    }

    /// A column that gets another type, beside the one that is there.
    pub(super) fn beside(&mut self, table: &Name, old: &Column, new: &Column, value: String) {
        let is_taken = |text: &str| self.column(table, text).is_some();
        let column = free_name(&old.name, "_new", is_taken);
        let required = self
            .desired(table, &old.name)
            .map_or(!new.nullable, |column| !column.nullable && !column.r#type.array);
        self.cut.besides.push(Beside {
            table: table.clone(),
            column,
            r#type: new.r#type.clone(),
            collation: old.collation.clone().filter(|_| old.r#type.name == new.r#type.name),
            required,
            source: Source::Type { old: old.name.clone(), value },
        });
    }

    /// Columns and tables that get another name: both names stay for a while.
    fn names(&mut self) {
        for rename in self.change.renames.iter() {
            match rename {
                Rename::Table(names) => self.cut.former.push(names.clone()),
                Rename::EnumType(names) => self.cut.notes.push(format!(
                    "the type {} gets its new name at once: programs that name it must change with it",
                    names.actual
                )),
                Rename::Column { table, names } => {
                    let Some(old) = self.column(table, &names.desired).cloned() else { continue };
                    let Some(new) = self.desired(table, &names.desired).cloned() else { continue };
                    if !can_be_beside(&old) {
                        self.cut.notes.push(format!(
                            "{}.{} is computed by the server: it gets its new name at once",
                            table.name, names.actual
                        ));
                        continue;
                    }
                    let is_same = self.keeps_type(table, &names.desired);
                    let r#type = if is_same { old.r#type.clone() } else { new.r#type.clone() };
                    let quoted = quoted(&names.actual);
                    let value = match self.given_cast(table, &names.desired) {
                        Some(given) => given,
                        None if is_same => quoted,
                        None => format!("{quoted}::{}", catalog::beside::type_name(&r#type)),
                    };
                    self.cut.besides.push(Beside {
                        table: table.clone(),
                        column: names.desired.clone(),
                        collation: old.collation.clone().filter(|_| is_same),
                        required: !new.nullable && !new.r#type.array,
                        r#type,
                        source: Source::Name { old: names.actual.clone(), value },
                    });
                }
                Rename::Sequence(_) | Rename::Sides(_) | Rename::Label { .. } => {}
            }
        }
    }

    /// Whether the plan leaves the type of a column alone.
    fn keeps_type(&self, of: &Name, name: &str) -> bool {
        !self.clauses_of_plan().any(|(table, clause)| match clause {
            TableClause::AlterColumn(altered) => {
                table == of && altered.columns.desired.name == name && is_retyped(altered)
            }
            TableClause::RecreateColumn(altered) => {
                table == of && altered.columns.desired.name == name
            }
            _ => false,
        })
    }

    fn clauses_of_plan(&self) -> impl Iterator<Item = (&Name, &TableClause)> {
        self.change.plan.changes.iter().flat_map(|change| match change {
            catalog::Change::AlterTable(alter) => {
                alter.clauses.iter().map(|clause| (&alter.table, clause)).collect()
            }
            _ => Vec::new(),
        })
    }

    fn given_cast(&self, table: &Name, column: &str) -> Option<String> {
        self.answers.answer(&cast(table, column)).filter(|it| !it.is_empty()).map(str::to_owned)
    }

    /// Columns that get another type, and columns that come from other tables.
    fn clauses(&mut self) -> Result<(), Error> {
        let clauses: Vec<(Name, TableClause)> =
            self.clauses_of_plan().map(|(table, it)| (table.clone(), it.clone())).collect();
        for (table, clause) in &clauses {
            match clause {
                TableClause::AlterColumn(altered) if is_retyped(altered) => {
                    self.retype(table, altered, false);
                }
                TableClause::RecreateColumn(altered) => self.retype(table, altered, true),
                TableClause::AddColumn(column) => self.moved(table, column)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn retype(&mut self, table: &Name, altered: &AlterColumn, has_no_cast: bool) {
        let Pair { actual: old, desired: new } = &altered.columns;
        let is_cut = |it: &Beside| it.table == *table && it.final_name() == new.name;
        if self.cut.besides.iter().any(is_cut) {
            return;
        }
        let given = self.given_cast(table, &new.name);
        if given.is_none() && !has_no_cast && self.is_quick(table, altered) {
            return;
        }
        if !can_be_beside(old) {
            self.cut.notes.push(format!(
                "{}.{} is computed by the server: it gets its new type at once",
                table.name, new.name
            ));
            return;
        }
        let (quoted, r#type) = (quoted(&old.name), catalog::beside::type_name(&new.r#type));
        let is_listed = new.r#type.array && !old.r#type.array;
        let value = match given {
            Some(given) => given,
            None if is_listed => {
                format!("CASE WHEN {quoted} IS NULL THEN NULL ELSE ARRAY[{quoted}]::{type} END")
            }
            None if has_no_cast => {
                let answer = self.answer(cast(table, &new.name));
                answer.filter(|it| !it.is_empty()).unwrap_or_else(|| "NULL".to_owned())
            }
            None => format!("{quoted}::{type}"),
        };
        self.beside(table, old, new, value);
    }

    /// Whether a type changes without the rows being written or read.
    fn is_quick(&self, table: &Name, altered: &AlterColumn) -> bool {
        let differs = ColumnDifference { r#type: true, ..ColumnDifference::default() };
        let clause = TableClause::AlterColumn(AlterColumn { differs, ..altered.clone() });
        let alter = AlterTable { table: table.clone(), clauses: vec![clause] };
        let plan = Plan {
            changes: vec![catalog::Change::AlterTable(alter)],
            names: self.change.plan.names.clone(),
        };
        let text = planner::script(&plan);
        let steps = lint::steps(&Script::parse(&text), &self.context);
        !steps.is_empty() && steps.iter().all(|step| step.effect.work == Work::Nothing)
    }

    fn moved(&mut self, table: &Name, column: &Column) -> Result<(), Error> {
        let origins = origins(self.change.plan, self.change.history, table, column);
        let likely: Vec<String> =
            origins.iter().filter(|it| it.is_likely).map(|it| it.written.clone()).collect();
        let question = moved(table, &column.name, &likely);
        let answer = if likely.is_empty() {
            self.answers.answer(&question).map(str::to_owned)
        } else {
            self.answer(question)
        };
        let Some(answer) = answer.filter(|answer| answer != NO) else { return Ok(()) };
        let Some(origin) = origins.into_iter().find(|it| it.written == answer) else {
            let all = super::moves::origins(self.change.plan, self.change.history, table, column);
            let all: Vec<String> = all.into_iter().map(|it| it.written).collect();
            return Err(Error::Answers(format!(
                "--move {answer}:{}.{}: no such column goes from a table that a foreign key ties to {}; {}",
                table.name,
                column.name,
                table.name,
                if all.is_empty() {
                    "there is none".to_owned()
                } else {
                    format!("there are {}", all.join(", "))
                }
            )));
        };
        if let Source::Moved { is_one_to_one: false, .. } = origin.source {
            self.cut.notes.push(format!(
                "{}.{} follows {answer} until the end, and not the other way round: one row of the one \
                 belongs to many of the other",
                table.name, column.name
            ));
        }
        self.cut.besides.push(Beside {
            table: table.clone(),
            column: column.name.clone(),
            r#type: column.r#type.clone(),
            collation: None,
            required: !column.nullable && !column.r#type.array,
            source: origin.source,
        });
        Ok(())
    }

    /// Columns that are required from now on.
    fn fills(&mut self, warnings: &[Warning]) {
        for warning in warnings {
            let (Warning::RequiredColumnAdded { table, column, .. }
            | Warning::ColumnMadeRequired { table, column }) = warning
            else {
                continue;
            };
            let is_cut = |it: &Beside| it.table == *table && it.final_name() == column;
            if self.cut.besides.iter().any(is_cut) {
                continue;
            }
            let Some(value) = self.answer(fill(table, column)).filter(|it| !it.is_empty()) else {
                continue;
            };
            let Some(new) = self.desired(table, column).cloned() else { continue };
            self.cut.besides.push(Beside {
                table: table.clone(),
                column: column.clone(),
                r#type: new.r#type.clone(),
                collation: None,
                required: true,
                source: Source::Fill(value),
            });
        }
    }
}

/// Whether a column gets another type, or becomes a list.
fn is_retyped(altered: &AlterColumn) -> bool {
    let arrays = altered.columns.as_ref().map(|column| column.r#type.array);
    altered.differs.r#type || arrays.differs()
}
