//! What of the data a script takes away or changes, without counting it.
#![expect(clippy::wildcard_enum_match_arm, reason = "all other actions leave data as it is")]

use std::collections::BTreeSet;

use catalog::Name;
use database::Countable;
use lint::{ActionKind, Alteration, Step, Work};

use super::Stakes;

impl Stakes<'_> {
    /// The tables of which rows go or are changed, and the columns of which values do, by the names that
    /// the database knows. A table that is named as a whole is not named by column. Scripts are to be given
    /// in the order in which they are run.
    pub(crate) fn goes(&mut self, steps: &[Step]) -> BTreeSet<(Name, Option<String>)> {
        let mut goes = BTreeSet::new();
        for step in steps {
            match &step.action.kind {
                ActionKind::ChangeRows { verb: "UPDATE" | "DELETE" | "MERGE", table, .. } => {
                    goes.extend(self.table(table).map(|table| (table.name.clone(), None)));
                }
                ActionKind::AlterTable(table, Alteration::ChangeType { column, .. })
                    if step.effect.work != Work::Nothing =>
                {
                    let column = self.column(table, column);
                    goes.extend(column.map(|(table, column)| (table, Some(column.name.clone()))));
                }
                _ => {
                    let lost = self.questions(step).into_iter().filter(|it| it.fate.is_loss());
                    goes.extend(lost.map(|question| match question.countable {
                        Countable::Values { table, column } => (table, Some(column)),
                        _ => (question.table, None),
                    }));
                }
            }
            self.learn(&step.action.kind);
        }
        let whole: BTreeSet<Name> =
            goes.iter().filter(|it| it.1.is_none()).map(|it| it.0.clone()).collect();
        goes.retain(|(table, column)| column.is_none() || !whole.contains(table));
        goes
    }
}
