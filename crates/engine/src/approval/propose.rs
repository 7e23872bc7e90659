//! A plan as an agent gets it: what would be done, and what a person has to say to it.

use std::collections::BTreeMap;

use project::Project;
use serde::Serialize;

use super::fingerprint::Fingerprint;
use super::is_choice;
use super::store::Store;
use crate::status::Step;
use crate::{
    Answers, Described, Error, PlanFile, PlanOf, PlannedChange, PlannedScript, Progress, Question,
    Settings, plan,
};

/// A plan that waits for a person.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Proposal {
    /// What names the plan, and what `apply` takes.
    pub fingerprint: Fingerprint,
    /// What it is a plan of.
    pub of: PlanOf,
    /// The database that it is for.
    pub datasource: Described,
    /// Whether there is nothing to do.
    pub is_empty: bool,
    /// What there is to know about it besides.
    pub notices: Vec<String>,
    /// What will be other afterwards.
    pub changes: Vec<PlannedChange>,
    /// What is run, in order: each a migration, or a transaction.
    pub scripts: Vec<PlannedScript>,
    /// The data that would be lost, each in a few words.
    pub losses: Vec<String>,
    /// The data that makes it fail, each in a few words: a plan with these cannot be approved.
    pub stops: Vec<String>,
    /// What has to be decided. What may be lost is asked when a person approves; the others are answered
    /// when the plan is made.
    pub questions: Vec<Question>,
    /// What to do now.
    pub next: Vec<Step>,
}

/// Which of several things is meant, by the question's id; never whether data may go.
pub type Choices = BTreeMap<String, String>;

/// Makes a plan, and keeps it if it is to be approved. Changes nothing on the database.
///
/// # Errors
/// When the plan cannot be made or kept, or a choice is an answer that only a person gives.
pub async fn propose(
    project: &Project,
    settings: &Settings,
    of: PlanOf,
    choices: &Choices,
    is_kept: bool,
    progress: &mut (dyn Progress + '_),
) -> Result<Proposal, Error> {
    let answers = choices
        .iter()
        .fold(Answers::default(), |answers, (id, value)| answers.with(id, Some(value.clone())));
    let plan = plan(project, settings, of, answers, progress).await?;
    let is_persons = |it: &&Question| !is_choice(it) && plan.answers.contains_key(&it.id);
    if let Some(question) = plan.questions.iter().find(is_persons) {
        return Err(Error::Unapproved {
            problem: format!("{} is for a person to answer: {}", question.id, question.text),
            next: vec!["make the plan without that answer, and have it approved".to_owned()],
        });
    }
    let fingerprint = Fingerprint::of(&plan)?;
    if is_kept {
        Store::open(settings)?.keep(&fingerprint, &plan)?;
    }
    let next = next(&fingerprint, &plan, is_kept);
    let is_empty = plan.is_empty();
    let PlanFile { target, notices, changes, scripts, losses, stops, questions, .. } = plan;
    let datasource = target.datasource;
    Ok(Proposal {
        fingerprint,
        of,
        datasource,
        is_empty,
        notices,
        changes,
        scripts,
        losses,
        stops,
        questions,
        next,
    })
}

fn next(fingerprint: &Fingerprint, plan: &PlanFile, is_kept: bool) -> Vec<Step> {
    let step = |why: &str, command: String| vec![Step { why: why.to_owned(), command }];
    if plan.is_empty() {
        return Vec::new();
    }
    if !plan.stops.is_empty() {
        return step(
            "change the data or the migration, and make the plan again",
            "the tool plan".to_owned(),
        );
    }
    let is_open = |it: &&Question| is_choice(it) && !plan.answers.contains_key(&it.id);
    if let Some(question) = plan.questions.iter().find(is_open) {
        return step(
            &question.text,
            format!("the tool plan with choices {{ \"{}\": \"…\" }}", question.id),
        );
    }
    if !is_kept {
        return step(
            "have the plan approved and applied: the server was started without that",
            "undrift mcp --allow apply".to_owned(),
        );
    }
    let mut steps = step(
        "ask the user to look at the plan and approve it, in a terminal of their own",
        format!("undrift approve {fingerprint}"),
    );
    steps.extend(step(
        "then, and only then",
        format!("the tool apply with {{ \"fingerprint\": \"{fingerprint}\" }}"),
    ));
    steps
}
