//! The last scripts of a change that is cut, worked out on a shadow database.

use catalog::beside::{Twins, former_name};
use catalog::kinds::table::Default;
use catalog::{Catalog, Kind, Pair, Part, quoted};
use database::Session;
use planner::full::{Batch, FullPlan, Step, Verb};
use planner::split::Parts;
use project::Migration;

use super::{Change, Cut, add, add_plan, twins};
use crate::author::unwritten;
use crate::shadow::Shadow;
use crate::{Error, Progress};

/// What is worked out with what.
pub(super) struct Ending<'a> {
    pub(super) shadow: &'a Shadow<'a>,
    pub(super) earlier: &'a [Migration],
    pub(super) written: &'a Migration,
    pub(super) cut: &'a Cut,
    pub(super) parts: &'a Parts,
}

/// The last scripts.
#[derive(Default)]
pub(super) struct Last {
    /// What asks something of the rows.
    pub(super) restrict: String,
    /// What takes away.
    pub(super) contract: String,
    /// Indexes and keys that are made behind it.
    pub(super) finish: String,
    /// Whether columns or types take the place of others in the contract, which must be one transaction.
    pub(super) is_swap: bool,
}

/// What is done while it is worked out.
pub(super) const DOING: &str = "trying the split migrations";

impl Ending<'_> {
    /// What restricts, and what takes away.
    ///
    /// # Errors
    /// When the shadow database fails, or data would be lost.
    pub(super) async fn scripts(
        &self,
        before: &[(String, String)],
        change: Change<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Last, Error> {
        let Self { cut, parts, .. } = self;
        let mut restrict = cut.restrict(parts);
        if cut.besides.is_empty() && cut.types.is_empty() && cut.former.is_empty() {
            let mut contract = String::new();
            add_plan(&mut contract, &parts.contract);
            return Ok(Last { restrict, contract, ..Last::default() });
        }
        let shadow = self.shadow.fully();
        let plain: Vec<Migration> = self.with(std::slice::from_ref(self.written));
        let desired = shadow.catalog(&plain, progress).await?;
        let expanded: Vec<Migration> = before.iter().map(|(_, text)| unwritten(text)).collect();
        let meanwhile = shadow.catalog(&self.with(&expanded), progress).await?;
        let Twins { make, settle } = twins(&desired, &meanwhile, &cut.besides);
        add(&mut restrict, "CreateIndex", make);
        let mut all = expanded;
        all.push(unwritten(&restrict));
        let all = self.with(&all);
        let mut contract = String::new();
        let filled = cut.besides.iter().filter_map(catalog::beside::Beside::ensure_filled);
        add(&mut contract, "NothingIsLost", filled);
        add(&mut contract, "EndOfStep", self.retired(change));
        let leaving = self.leaving(&shadow, &all, &contract, progress).await?;
        add_text(&mut contract, &leaving);
        let own = cut.besides.iter().filter_map(catalog::beside::Beside::settle);
        let own = own.chain(cut.types.iter().map(|(it, _)| it.settle())).chain(settle);
        add(&mut contract, "TakePlace", own);
        let mut made = self.made(&shadow, &all, &contract, progress).await?;
        if !parts.contract.is_empty() {
            let mut longer = contract.clone();
            add_plan(&mut longer, &parts.contract);
            // What the plan cannot say by itself any more is planned with the rest.
            if let Ok(more) = self.made(&shadow, &all, &longer, progress).await {
                (contract, made) = (longer, more);
            }
        }
        let rest = FullPlan::of(Pair::new(&made, &desired));
        ensure_harmless(&rest, &|_| false)?;
        let is_swap = !leaving.is_empty();
        let (rest, later) =
            if is_swap { parted(rest, &desired) } else { (rest, FullPlan::default()) };
        let mut finish = String::new();
        for (script, plan) in [(&mut contract, rest), (&mut finish, later)] {
            if plan.steps().next().is_some() {
                add_text(script, &planner::full::migration(&plan));
            }
        }
        Ok(Last { restrict, contract, finish, is_swap })
    }

    fn with(&self, last: &[Migration]) -> Vec<Migration> {
        self.earlier.iter().chain(last).cloned().collect()
    }

    /// The statements that end keeping in step. Sequences go over to the columns that stay.
    fn retired(&self, change: Change<'_>) -> Vec<String> {
        let cut = self.cut;
        let mut statements: Vec<String> =
            cut.besides.iter().flat_map(catalog::beside::Beside::retire).collect();
        let former = cut.former.iter().filter_map(|names| former_name(change.history, names));
        statements.extend(former.map(|(_, dropped)| dropped));
        for beside in &cut.besides {
            if beside.leaves().is_none() {
                continue;
            }
            let table = change.catalogs.actual.tables.get(&beside.table);
            let columns = table.into_iter().flat_map(|table| &table.columns);
            let column = columns.into_iter().find(|column| column.name == beside.final_name());
            if let Some(Default::NextValue(sequence)) = column.and_then(|it| it.default.as_ref()) {
                statements.push(format!(
                    "ALTER SEQUENCE {}.{} OWNED BY {}.{}.{}",
                    quoted(&sequence.schema),
                    quoted(&sequence.name),
                    quoted(&beside.table.schema),
                    quoted(&beside.table.name),
                    quoted(&beside.column)
                ));
            }
        }
        statements
    }

    /// The statements that drop what the others take the place of, with what needs it, each by its name:
    /// what `CASCADE` drops on the shadow.
    async fn leaving(
        &self,
        shadow: &Shadow<'_>,
        all: &[Migration],
        retired: &str,
        progress: &mut (dyn Progress + '_),
    ) -> Result<String, Error> {
        let besides = self.cut.besides.iter();
        let columns =
            besides.filter_map(|it| Some((&it.table, it.leaves()?))).map(|(table, old)| {
                let table = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
                format!("ALTER TABLE {table} DROP COLUMN {} CASCADE", quoted(old))
            });
        let types = self.cut.types.iter().map(|(it, _)| it.drop_old());
        let cascade: Vec<String> = columns.chain(types).collect();
        if cascade.is_empty() {
            return Ok(String::new());
        }
        let cascade = cascade.join(";\n");
        let work = async |session: &Session| {
            database::replay(session, all).await?;
            session.run(DOING, retired).await?;
            let with = shadow.read(session).await?;
            session.run(DOING, &cascade).await?;
            Ok((with, shadow.read(session).await?))
        };
        let (with, without) = shadow.on_empty(progress, work).await?;
        let plan = FullPlan::of(Pair::new(&with, &without));
        let besides = &self.cut.besides;
        ensure_harmless(&plan, &|lost| {
            besides.iter().any(|it| {
                let column = it.leaves().map(str::to_owned);
                matches!(lost, catalog::Loss::Column { table, column: gone }
                    if *table == it.table && Some(gone) == column.as_ref())
            })
        })?;
        Ok(planner::full::migration(&plan))
    }

    async fn made(
        &self,
        shadow: &Shadow<'_>,
        all: &[Migration],
        script: &str,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Catalog, Error> {
        let with: Vec<Migration> = all.iter().cloned().chain([unwritten(script)]).collect();
        shadow.catalog(&with, progress).await
    }
}

/// Parts a plan into what has to be done at once and what takes as long as a table is large and can wait:
/// indexes that are not unique, checks and foreign keys.
fn parted(plan: FullPlan, desired: &Catalog) -> (FullPlan, FullPlan) {
    let can_wait = |step: &Step| {
        let id = &step.address.id;
        let constraint = match (&step.address.kind, &step.address.part) {
            (Kind::Index, Part::Whole) => {
                let index = desired.indexes.iter().find(|index| index.name.to_string() == *id);
                return index.is_some_and(|index| {
                    !index.unique && desired.tables.get(&index.table).is_some()
                });
            }
            (Kind::Table, Part::Constraint(name)) => name,
            _ => return false,
        };
        let table = desired.tables.iter().find(|table| table.name.to_string() == *id);
        table.is_some_and(|table| {
            table.foreign_keys.iter().any(|key| key.name == *constraint)
                || table.checks.iter().any(|check| check.name == *constraint)
        })
    };
    let (mut now, mut later) = (plan, FullPlan::default());
    for batch in &mut now.batches {
        let steps = std::mem::take(&mut batch.steps);
        let (waits, stays): (Vec<Step>, Vec<Step>) =
            steps.into_iter().partition(|step| step.verb == Verb::Create && can_wait(step));
        batch.steps = stays;
        later.batches.push(Batch { steps: waits });
    }
    (now, later)
}

fn add_text(text: &mut String, more: &str) {
    if !more.is_empty() {
        text.extend([if text.is_empty() { "" } else { "\n" }, more]);
    }
}

/// Refuses a plan that would lose data or the state of a sequence.
fn ensure_harmless(
    plan: &FullPlan,
    is_meant: &dyn Fn(&catalog::Loss) -> bool,
) -> Result<(), Error> {
    let mut wrong: Vec<String> = plan.unsupported.iter().map(ToString::to_string).collect();
    let losing = plan.losses().filter(|loss| !is_meant(loss));
    wrong.extend(losing.map(|loss| format!("{loss:?} would be lost")));
    let sequences = plan.steps().filter(|step| {
        step.address.kind == Kind::Sequence
            && step.verb == Verb::Drop
            && step.address.part == Part::Whole
    });
    wrong.extend(sequences.map(|step| format!("{} would begin anew", step.address)));
    if wrong.is_empty() { Ok(()) } else { Err(Error::Unproven(wrong)) }
}
