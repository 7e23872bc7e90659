//! `lint`.

use engine::{Error, LintRequest, LintTarget};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Call, Function};

pub(super) struct Lint;

/// What is to be looked at: all migrations if nothing is said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Only the migrations that the database has not, weighed by the size of its tables
    #[serde(default)]
    pending: bool,
    /// Only the migrations that were added or changed since this commit: origin/main
    #[serde(default)]
    base: Option<String>,
    /// A script that is in no file
    #[serde(default)]
    sql: Option<String>,
}

impl Function for Lint {
    const NAME: &'static str = "lint";
    const TITLE: &'static str = "What migrations do to a database in use";
    const DESCRIPTION: &'static str = "Say which locks the statements of migrations take, what they read or \
        write anew meanwhile, what data they destroy, and what to write instead. With sql it looks at a \
        script before it is written to a file. Runs none of it. Changes nothing.";
    type Input = Input;
    type Output = engine::Lint;

    async fn run(input: Input, mut call: Call) -> Result<Self::Output, Error> {
        let target = match input {
            Input { pending: false, base: None, sql: None } => LintTarget::All,
            Input { pending: true, base: None, sql: None } => LintTarget::Pending,
            Input { pending: false, base: Some(base), sql: None } => LintTarget::Base(base),
            Input { pending: false, base: None, sql: Some(sql) } => LintTarget::Text(sql),
            Input { .. } => {
                return Err(Error::Usage("one of pending, base and sql at most".to_owned()));
            }
        };
        let request = LintRequest { target, fix: false };
        engine::lint(Some(&call.project), &call.settings, &request, &mut call.progress).await
    }
}
