//! `plan`.

use engine::{Choices, Error, PlanOf, Proposal};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allow, Call, Function};

pub(super) struct Plan;

/// What is to be planned.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// What the plan is of: deploy applies the pending migrations; drift makes the database again what its
    /// migrations make it; schema makes it what the schema says, without a migration, as `db push` does
    #[serde(default = "deploy")]
    of: PlanOf,
    /// Which of several things is meant, by the id of a question of the plan, such as a rename. Whether
    /// data may go is not among them: a person answers that when approving
    #[serde(default)]
    choices: Choices,
}

fn deploy() -> PlanOf {
    PlanOf::Deploy
}

impl Function for Plan {
    const NAME: &'static str = "plan";
    const TITLE: &'static str = "Plan a change of the database";
    const DESCRIPTION: &'static str = "Say what would be done to the database, statement by statement, tried \
        on a shadow database: locks, rewrites, the data that goes or stands in the way, counted, and what is \
        to be decided. The plan gets a fingerprint, by which a person approves it. Changes nothing.";
    type Input = Input;
    type Output = Proposal;

    async fn run(input: Input, mut call: Call) -> Result<Self::Output, Error> {
        let Input { of, choices } = input;
        let is_kept = call.allow >= Allow::Plan;
        let (project, settings) = (&call.project, &call.settings);
        engine::propose(project, settings, of, &choices, is_kept, &mut call.progress).await
    }
}
