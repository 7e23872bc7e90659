//! The ways out of a failed migration: which can be proven, and taking one.

use std::fmt;

use catalog::{Address, Catalog, Kind as ObjectKind, Name, Pair, Part, Selection, drift, quoted};
use database::{Resumption, Session};
use planner::full::{FullPlan, Verb};
use project::Action;
use script::{Boundaries, Kind};
use serde::Serialize;

use super::position::Position;
use super::{Case, Diagnosis, Found, Run};
use crate::questions::Dialogue;
use crate::{Error, Progress, Question, carry, destruction};

/// A way out of a failed migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The statements that are left are run.
    Resume,
    /// What took effect is undone.
    Undo,
    /// It is all there: the history says so.
    MarkApplied,
    /// Nothing of it is there: the history says so.
    MarkRolledBack,
}

impl Way {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Resume, Self::Undo, Self::MarkApplied, Self::MarkRolledBack];
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resume => "resume",
            Self::Undo => "undo",
            Self::MarkApplied => "mark-applied",
            Self::MarkRolledBack => "mark-rolled-back",
        })
    }
}

/// A way out that can be proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WayOut {
    /// Which.
    pub way: Way,
    /// What it does, in a sentence.
    pub text: String,
    /// The statements that would be run.
    pub statements: Vec<String>,
    /// The data it destroys.
    pub losses: Vec<String>,
    /// What the migration has dropped and comes back without its data.
    pub comes_back_empty: Vec<String>,
}

impl WayOut {
    fn new(way: Way, text: String) -> Self {
        let (statements, losses, comes_back_empty) = (Vec::new(), Vec::new(), Vec::new());
        Self { way, text, statements, losses, comes_back_empty }
    }
}

/// What was decided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision {
    pub(super) way: Way,
    /// How many statements are taken to have taken effect, for going on.
    pub(super) done: usize,
}

/// What destroys, as messages name it.
const UNDOING: &str = "undoing a migration";

impl Run<'_> {
    /// The ways out that can be proven.
    pub(super) async fn ways(
        &self,
        case: &Case<'_>,
        found: &Found,
        position: &Position,
    ) -> Result<Vec<WayOut>, Error> {
        let mut ways = Vec::new();
        let stands_at = |number: usize| position.candidates.contains(&number);
        let is_whole = position.leftovers.is_empty();
        if let Some(first) = position.candidates.first().filter(|first| **first < case.len())
            && case.last().is_some()
            && can_go_on(case, *first)
        {
            ways.push(resuming(case, *first, position));
        }
        if let Some(way) = self.undoing(case, found, position).await? {
            ways.push(way);
        }
        if stands_at(case.len()) && is_whole {
            let text = "all of it is in the database: the history is made to say so".to_owned();
            ways.push(WayOut::new(Way::MarkApplied, text));
        }
        if stands_at(0) && is_whole {
            let text =
                "nothing of it is in the database: the history is made to say so, and the next \
                        deploy runs it anew"
                    .to_owned();
            ways.push(WayOut::new(Way::MarkRolledBack, text));
        }
        Ok(ways)
    }

    async fn undoing(
        &self,
        case: &Case<'_>,
        found: &Found,
        position: &Position,
    ) -> Result<Option<WayOut>, Error> {
        let Some((plan, drops)) = undo_plan(case, found, position) else { return Ok(None) };
        if !plan.unsupported.is_empty() || plan.batches.is_empty() && drops.is_empty() {
            return Ok(None);
        }
        let losses = carry::losses(&self.session, &plan).await?;
        let made =
            plan.steps().filter(|step| step.verb == Verb::Create && held_data(&step.address));
        let comes_back_empty = made.map(|step| step.address.to_string()).collect();
        let statements = plan.steps().flat_map(|step| &step.statements);
        let statements: Vec<String> =
            drops.into_iter().chain(statements.map(|statement| statement.sql.clone())).collect();
        let text = match statements.len() {
            1 => "what took effect is undone, by 1 statement".to_owned(),
            number => format!("what took effect is undone, by {number} statements"),
        };
        Ok(Some(WayOut { statements, losses, comes_back_empty, ..WayOut::new(Way::Undo, text) }))
    }

    /// Finds out which way to take, by the flags or by asking.
    pub(super) fn decide(
        &self,
        case: &Case<'_>,
        position: &Position,
        diagnosis: &Diagnosis,
        dialogue: &mut Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Decision, Error> {
        let way =
            match self.request.way {
                Some(way) => diagnosis.ways.iter().find(|out| out.way == way).ok_or_else(|| {
                    Error::Unproven(vec![unprovable(case, position, diagnosis, way)])
                })?,
                None if diagnosis.ways.is_empty() => {
                    return Err(Error::Unready(no_way(case, diagnosis)));
                }
                None => {
                    progress.asking();
                    let question = which(diagnosis);
                    dialogue.ask(std::slice::from_ref(&question))?;
                    let answer = dialogue.answers().answer(&question).unwrap_or_default();
                    let chosen = diagnosis.ways.iter().find(|out| out.way.to_string() == answer);
                    chosen.ok_or(Error::Declined("Nothing was changed."))?
                }
            };
        let done = position.candidates.first().copied().unwrap_or(0);
        let unseen = position.unseen(case.steps);
        let done = match (way.way, self.request.from) {
            (Way::Resume, Some(number)) => {
                let from = number.checked_sub(1).filter(|from| position.candidates.contains(from));
                from.ok_or_else(|| Error::Usage(not_from(position, number)))?
            }
            (Way::Resume, None) if !unseen.is_empty() => {
                progress.asking();
                let question = from_where(case, position, &unseen);
                dialogue.ask(std::slice::from_ref(&question))?;
                let answer = dialogue.answers().answer(&question).unwrap_or_default();
                let number: usize = answer.parse().unwrap_or(0);
                let from = number.checked_sub(1).filter(|from| position.candidates.contains(from));
                from.ok_or_else(|| Error::Usage(not_from(position, number)))?
            }
            (Way::Undo, _) => {
                let left = position.without_trace(case.steps);
                if !left.is_empty() {
                    Self::confirm(&left_as_they_are(way.way, &left), dialogue, progress)?;
                }
                done
            }
            (Way::MarkApplied | Way::MarkRolledBack, _) if !unseen.is_empty() => {
                Self::confirm(&left_as_they_are(way.way, &unseen), dialogue, progress)?;
                done
            }
            _ => done,
        };
        if !way.losses.is_empty() {
            destruction::permit(&self.url, Action::PushWithLoss, UNDOING, self.settings)?;
            Self::confirm(&loses(&way.losses), dialogue, progress)?;
        }
        Ok(Decision { way: way.way, done })
    }

    fn confirm(
        question: &Question,
        dialogue: &mut Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(), Error> {
        progress.asking();
        dialogue.ask(std::slice::from_ref(question))?;
        let answer = dialogue.answers().answer(question).unwrap_or_default();
        if question.is_yes(answer) { Ok(()) } else { Err(Error::Declined("Nothing was changed.")) }
    }

    /// Takes the way, with the lock held. What was found is looked at again first.
    pub(super) async fn take(
        &self,
        case: &Case<'_>,
        before: &Found,
        decision: Decision,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(), Error> {
        let rows = database::history(&self.session).await?.unwrap_or_default();
        let found = Found { row: before.row.clone(), live: self.live().await? };
        if !rows.contains(&before.row) || !drift(Pair::new(&found.live, &before.live)).is_empty() {
            return Err(Error::Unready(
                "the database was changed meanwhile: run the command again".to_owned(),
            ));
        }
        let position = case.position(&found);
        let name = &case.migration.name;
        match decision.way {
            Way::Resume => self.resume(case, &found, &position, decision.done, progress).await,
            Way::Undo => {
                progress.busy("undoing the migration");
                self.undo(case, &found, &position).await
            }
            Way::MarkApplied => {
                let goal = Goal::new(case, &position, case.len(), &self.schemas)?;
                database::transact(&self.session, &[], &self.cancel, async |session: &Session| {
                    goal.check(session).await?;
                    let checksum = &case.migration.checksum;
                    Ok(database::mark_applied_in_transaction(session, name, checksum).await?)
                })
                .await
            }
            Way::MarkRolledBack => {
                let goal = Goal::new(case, &position, 0, &self.schemas)?;
                database::transact(&self.session, &[], &self.cancel, async |session: &Session| {
                    goal.check(session).await?;
                    database::mark_rolled_back(session, name).await?;
                    Ok(())
                })
                .await
            }
        }
    }

    async fn resume(
        &self,
        case: &Case<'_>,
        found: &Found,
        position: &Position,
        done: usize,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(), Error> {
        let goal = Goal::new(case, position, case.len(), &self.schemas)?;
        let resumption = Resumption { migration: case.migration, row: &found.row, done };
        let prove = async |session: &Session| goal.check(session).await;
        self.deployer.resume(&self.session, resumption, progress, prove).await
    }

    async fn undo(&self, case: &Case<'_>, found: &Found, position: &Position) -> Result<(), Error> {
        let goal = Goal::new(case, position, 0, &self.schemas)?;
        let Some((plan, drops)) = undo_plan(case, found, position) else {
            return Err(Error::Unproven(Vec::new()));
        };
        let mut scripts: Vec<String> =
            plan.batches.iter().map(planner::full::Batch::body).collect();
        let mut dropping = drops.join(";\n");
        dropping.push_str(";\n");
        match scripts.first_mut() {
            Some(first) => first.insert_str(0, &dropping),
            None => scripts.push(dropping),
        }
        let name = &case.migration.name;
        database::transact(&self.session, &scripts, &self.cancel, async |session: &Session| {
            goal.check(session).await?;
            database::mark_rolled_back(session, name).await?;
            Ok(())
        })
        .await
    }
}

/// What the database must be at the end: in a state of the migration, and elsewhere as it was.
struct Goal<'a> {
    case: &'a Case<'a>,
    state: &'a Catalog,
    /// How it differed elsewhere before.
    elsewhere: Vec<String>,
    schemas: &'a [String],
}

impl<'a> Goal<'a> {
    fn new(
        case: &'a Case<'a>,
        position: &Position,
        at: usize,
        schemas: &'a [String],
    ) -> Result<Self, Error> {
        let Some(state) = case.state(at) else { return Err(Error::Unproven(Vec::new())) };
        let elsewhere = position.split.outside.iter().map(ToString::to_string).collect();
        Ok(Self { case, state, elsewhere, schemas })
    }

    /// Reads the database within the transaction that is open, if one is, and compares.
    async fn check(&self, session: &Session) -> Result<(), Error> {
        let schemas = Some(self.schemas);
        let mut live = if session.is_in_transaction().await? {
            database::introspect_in_transaction(session, schemas).await?
        } else {
            database::introspect(session, schemas).await?
        };
        live.without_history_table(&session.server().schema);
        let split = self.case.split(&live, self.state);
        let mut wrong: Vec<String> = split.inside.iter().map(ToString::to_string).collect();
        let elsewhere = split.outside.iter().map(ToString::to_string);
        wrong.extend(elsewhere.filter(|difference| !self.elsewhere.contains(difference)));
        if wrong.is_empty() { Ok(()) } else { Err(Error::Unproven(wrong)) }
    }
}

/// The plan that undoes what took effect, and statements that come before it. From a state of the migration
/// it undoes the migration; from no such state it makes all objects that the migration touches what they
/// were.
fn undo_plan(
    case: &Case<'_>,
    found: &Found,
    position: &Position,
) -> Option<(FullPlan, Vec<String>)> {
    let before = case.state(0)?;
    if let Some(done) = position.candidates.first() {
        let plan = FullPlan::of(Pair::new(case.state(*done)?, before));
        let drop =
            |index: &Name| format!("DROP INDEX {}.{}", quoted(&index.schema), quoted(&index.name));
        return Some((plan, position.leftovers.iter().map(drop).collect()));
    }
    let differences = drift(Pair::new(&found.live, before));
    let touched: Selection = position.split.inside.iter().collect();
    let touched = touched.with_needed(Pair::new(&found.live, before), &differences);
    let desired = found.live.with_objects_of(before, &touched);
    Some((FullPlan::of(Pair::new(&found.live, &desired)), Vec::new()))
}

/// Whether what is made again there held data before it was dropped.
fn held_data(address: &Address) -> bool {
    address.kind == ObjectKind::Table && matches!(address.part, Part::Whole | Part::Column(_))
}

/// Whether the statements from there on can be taken apart into transactions.
fn can_go_on(case: &Case<'_>, done: usize) -> bool {
    let batches = case.script.batches(Boundaries::Absorbed, &std::collections::BTreeSet::new());
    case.script.is_certain() && (done == 0 || batches.is_some())
}

fn resuming(case: &Case<'_>, done: usize, position: &Position) -> WayOut {
    let left = case.script.statements().iter().skip(done);
    let left = left.filter(|it| !matches!(it.kind, Kind::Begin | Kind::Commit));
    let statements: Vec<String> = left
        .map(|statement| {
            script::without_passwords(case.script.statement_text(statement)).into_owned()
        })
        .collect();
    let text = match position.candidates.as_slice() {
        [one] => format!("it goes on from statement {} of {}", one + 1, case.len()),
        _ => format!("it goes on from statement {} of {} or later", done + 1, case.len()),
    };
    WayOut { statements, ..WayOut::new(Way::Resume, text) }
}

fn which(diagnosis: &Diagnosis) -> Question {
    let options: Vec<String> = diagnosis.ways.iter().map(|out| out.way.to_string()).collect();
    let text = format!(
        "How shall the migration {} be recovered ({})?",
        diagnosis.migration,
        options.join(", ")
    );
    let flags = options.iter().map(|way| format!("--{way}")).collect::<Vec<_>>().join(" or ");
    let about: Vec<String> = diagnosis
        .ways
        .iter()
        .map(|out| {
            let what = std::iter::once(&out.text).chain(&out.losses);
            format!("{}: {}", out.way, what.cloned().collect::<Vec<_>>().join("; lost: "))
        })
        .collect();
    let mut question = Question::text("way", &text, &flags).about(&about);
    question.options = options;
    question.default = None;
    question
}

fn from_where(case: &Case<'_>, position: &Position, unseen: &[usize]) -> Question {
    let numbers = numbers(unseen);
    let text = format!(
        "The catalog does not show whether {numbers} took effect. From which statement shall it go on?"
    );
    let options: Vec<String> = position
        .candidates
        .iter()
        .filter(|done| **done < case.len())
        .map(|done| (done + 1).to_string())
        .collect();
    let mut question = Question::text("from", &text, "--from NUMBER");
    question.options = options;
    question.default = None;
    question
}

fn left_as_they_are(way: Way, unseen: &[usize]) -> Question {
    let numbers = numbers(unseen);
    let text = match way {
        Way::Undo => format!(
            "The catalog does not show what {numbers} did to the data, and that would not be undone. Go \
             on?"
        ),
        Way::MarkApplied => {
            format!("The catalog does not show whether {numbers} took effect. Have they?")
        }
        Way::MarkRolledBack | Way::Resume => format!(
            "The catalog does not show whether {numbers} took effect; they would be run again. Is nothing \
             of them left?"
        ),
    };
    Question::confirm("unseen", &text, "--answer unseen=yes")
}

fn loses(losses: &[String]) -> Question {
    let text = format!("This destroys {}. Go on?", losses.join(", "));
    Question::confirm("data-loss", &text, "--accept-data-loss").about(losses)
}

/// `statement 3`, `statements 3 and 5`.
fn numbers(statements: &[usize]) -> String {
    let numbers: Vec<String> = statements.iter().map(|at| (at + 1).to_string()).collect();
    match numbers.split_last() {
        Some((one, [])) => format!("statement {one}"),
        Some((last, others)) => format!("statements {} and {last}", others.join(", ")),
        None => "a statement".to_owned(),
    }
}

fn not_from(position: &Position, number: usize) -> String {
    let from: Vec<String> = position.candidates.iter().map(|done| (done + 1).to_string()).collect();
    format!(
        "the database does not stand before statement {number}; it can go on from {}",
        from.join(" or ")
    )
}

/// Why a way is not among those that can be proven.
fn unprovable(case: &Case<'_>, position: &Position, diagnosis: &Diagnosis, way: Way) -> String {
    if diagnosis.statements_done.is_empty() {
        return format!(
            "the database is in no state that the migration goes through: {}",
            diagnosis.differs.join("; ")
        );
    }
    if let (Way::Resume | Way::MarkApplied, Some(failure)) = (way, &case.trail.failure) {
        return format!("the migration cannot be run to its end: {}", failure.error);
    }
    let stands = position.candidates.first().copied().unwrap_or(0);
    match way {
        Way::Resume if stands >= case.len() => "nothing of the migration is left to run".to_owned(),
        Way::Resume => "its transactions cannot be taken apart".to_owned(),
        Way::Undo if stands == 0 => "nothing of the migration took effect".to_owned(),
        Way::Undo => "undrift has no SQL that undoes it".to_owned(),
        Way::MarkApplied => {
            format!("only {stands} of {} statements took effect", case.len())
        }
        Way::MarkRolledBack => format!("{stands} statements took effect"),
    }
}

fn no_way(case: &Case<'_>, diagnosis: &Diagnosis) -> String {
    let failure = case.trail.failure.as_ref();
    let failure = failure.map(|failure| format!(" The migration itself fails: {}", failure.error));
    format!(
        "no way out of the migration `{0}` can be proven. Make what it touches as it was or as it should \
         be by hand, and run the command again. What differs from before it: {1}.{2}",
        diagnosis.migration,
        diagnosis.differs.join("; "),
        failure.unwrap_or_default()
    )
}
