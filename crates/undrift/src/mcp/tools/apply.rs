//! `apply`.

use std::time::SystemTime;

use engine::{AppliedPlan, Error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allow, Call, Function};

pub(super) struct Apply;

/// Which plan.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The fingerprint that plan returned, after a person has approved it
    fingerprint: String,
}

impl Function for Apply {
    const NAME: &'static str = "apply";
    const TITLE: &'static str = "Apply an approved plan";
    const DESCRIPTION: &'static str = "Carry out a plan that a person has approved with `undrift approve`, \
        exactly as that person saw it, once. It is refused if nobody has approved, or if the database, the \
        migrations or the data at stake are not what they were.";
    const NEEDS: Allow = Allow::Apply;
    type Input = Input;
    type Output = AppliedPlan;

    async fn run(input: Input, call: Call) -> Result<Self::Output, Error> {
        let Call { settings, project, approvals, cancel, mut progress, .. } = call;
        #[expect(clippy::disallowed_methods, reason = "here the time comes in")]
        let now = SystemTime::now();
        engine::apply_approved(
            &project,
            &settings,
            &input.fingerprint,
            &approvals,
            now,
            cancel,
            &mut progress,
        )
        .await
    }
}
