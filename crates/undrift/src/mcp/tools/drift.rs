//! `drift`.

use engine::{Against, DriftRequest, Error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Call, Function};

pub(super) struct Drift;

/// What is to be explained.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The objects, as status names them: public.users; all that differ if there is none
    #[serde(default)]
    objects: Vec<String>,
    /// Whether the SQL is wanted that would end the drift, either way
    #[serde(default)]
    sql: bool,
}

impl Function for Drift {
    const NAME: &'static str = "drift";
    const TITLE: &'static str = "Drift, object by object";
    const DESCRIPTION: &'static str = "Say of every object in the database what differs from what the \
        applied migrations make, the probable cause, the rows in it, what needs it, and with sql the \
        statements that would adopt or revert it. Changes nothing.";
    type Input = Input;
    type Output = engine::Explanation;

    async fn run(input: Input, mut call: Call) -> Result<Self::Output, Error> {
        let Input { objects, sql } = input;
        let request = DriftRequest { against: Against::Migrations, objects, sql };
        engine::explain(&call.project, &call.settings, &request, &mut call.progress).await
    }
}
