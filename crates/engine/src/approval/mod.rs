//! A person's yes to a plan, where the agent that asked for the plan does not reach.
//!
//! An agent [proposes](propose()) a plan, which is kept under its fingerprint. A person looks at it and
//! [approves](approve()) it, at a terminal and in words. What is then [applied](apply_approved()) is the plan
//! that the person saw, with the answers that the person gave: it is taken from the approval, which is
//! signed, lasts for a while and counts once.

mod apply;
mod fingerprint;
mod propose;
mod record;
mod store;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;

pub use apply::{Approvals, apply_approved};
pub use fingerprint::Fingerprint;
pub use propose::{Choices, Proposal, propose};
pub(crate) use store::random;

use crate::status::Step;
use crate::{Ask, Described, Error, PlanFile, Question, QuestionKind, Settings, destruction};
use record::Record;
use store::Store;

/// The longest that one may count.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// A plan that a person is about to look at.
#[derive(Debug, Clone)]
pub struct Approvable {
    /// What names it.
    pub fingerprint: Fingerprint,
    /// The plan, without any answers but those that it is made of.
    pub plan: PlanFile,
}

/// A plan that was approved.
#[derive(Debug, Clone, Serialize)]
pub struct Approval {
    /// What names the plan.
    pub fingerprint: Fingerprint,
    /// The database that it is for.
    pub datasource: Described,
    /// For how many seconds it counts.
    pub seconds: u64,
    /// What to do now.
    pub next: Vec<Step>,
}

/// Finds the plan that is to be approved, by its file or by the fingerprint that it was proposed under.
///
/// # Errors
/// When there is none, it cannot be read, or a question of it has to be answered when it is made.
pub fn approvable(settings: &Settings, plan: &str) -> Result<Approvable, Error> {
    let mut plan = match Fingerprint::parse(plan) {
        Some(fingerprint) => Store::open(settings)?.kept(&fingerprint)?,
        None => PlanFile::read(&settings.current_directory.join(Path::new(plan)))?,
    };
    let is_open = |it: &&Question| is_choice(it) && !plan.answers.contains_key(&it.id);
    let open: Vec<Question> = plan.questions.iter().filter(is_open).cloned().collect();
    if !open.is_empty() {
        return Err(Error::PlanOpen(open));
    }
    if !plan.stops.is_empty() {
        return Err(Error::PlanStopped(plan.stops));
    }
    // What may be lost is for the person to say, whatever the file says.
    let questions = plan.questions.clone();
    plan.answers.retain(|id, _| questions.iter().any(|it| it.id == *id && is_choice(it)));
    Ok(Approvable { fingerprint: Fingerprint::of(&plan)?, plan })
}

/// Whether the plan is another one with another answer, so that this is answered when it is made.
fn is_choice(question: &Question) -> bool {
    matches!(question.kind, QuestionKind::Choice | QuestionKind::Text)
}

/// How a plan is approved.
#[derive(Debug, Clone)]
pub struct ApproveRequest {
    /// The clock: an approval counts from then on.
    pub now: SystemTime,
    /// For how long it counts.
    pub lasting: Duration,
    /// The file that it is put down in; where [`apply_approved`] looks by itself, if there is none.
    pub output: Option<PathBuf>,
}

/// Asks a person whether the plan may be applied, and puts down the answer.
///
/// # Errors
/// When an agent called, nobody is there, the answer is no, or it cannot be put down.
pub fn approve(
    settings: &Settings,
    approvable: Approvable,
    request: &ApproveRequest,
    ask: &mut dyn Ask,
) -> Result<Approval, Error> {
    let Approvable { fingerprint, mut plan } = approvable;
    let lasting = request.lasting;
    let refused = |problem: String| Error::Unapproved {
        problem: format!("the plan {fingerprint} is not approved: {problem}"),
        next: vec![format!("in a terminal of your own: undrift approve {fingerprint}")],
    };
    if let Some(agent) = destruction::calling_agent(settings) {
        return Err(refused(format!("{agent} called, and only a person approves")));
    }
    if lasting > LONGEST || lasting.is_zero() {
        return Err(refused(
            "an approval lasts for a second at least and a week at most".to_owned(),
        ));
    }
    let last = {
        let Described { database, schema, address, .. } = &plan.target.datasource;
        let text = format!(
            "Approve this plan for the database {database}, schema {schema}, at {address}?"
        );
        Question::typed("approve", &text, database, "at a terminal only")
    };
    let asked: Vec<Question> = plan.questions.iter().filter(|it| !is_choice(it)).cloned().collect();
    for question in asked.iter().chain([&last]) {
        let Some(answer) = ask.ask(question)? else {
            return Err(refused("nobody is at the terminal".to_owned()));
        };
        if !question.is_yes(&answer) {
            return Err(Error::Declined("Not approved."));
        }
        if question.id != last.id {
            plan.answers.insert(question.id.clone(), answer);
        }
    }
    let store = Store::open(settings)?;
    let datasource = plan.target.datasource.clone();
    let record = Record::new(fingerprint.clone(), plan, request, settings)?;
    let output = request.output.as_ref().map(|path| settings.current_directory.join(path));
    store.put(record, output)?;
    let next = vec![Step {
        why: "let the agent apply it, by the tool apply".to_owned(),
        command: format!("apply {{ \"fingerprint\": \"{fingerprint}\" }}"),
    }];
    Ok(Approval { fingerprint, datasource, seconds: lasting.as_secs(), next })
}
