//! `check`.

use engine::{CheckRequest, Error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Call, Function};

pub(super) struct Check;

/// What is to be checked: without anything said, what git tells to be new, without a database.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The branch that this one goes into, as origin/main; found out where none is named
    #[serde(default)]
    base: Option<String>,
    /// Judge all migrations, and not only those that the base has not
    #[serde(default)]
    all: bool,
    /// Ask the project's database, too
    #[serde(default)]
    database: bool,
}

impl Function for Check {
    const NAME: &'static str = "check";
    const TITLE: &'static str = "Whether this may be merged or deployed";
    const DESCRIPTION: &'static str = "Make all checks that the build machine makes: is there a migration for \
        what the schema says, do all migrations run on an empty database, are those of the base left as they \
        are, what do new ones do to a database in use and to its data, can they be taken back; with database \
        also history and drift. What a code means is at undrift://codes/CODE. Changes nothing.";
    type Input = Input;
    type Output = engine::Check;

    async fn run(input: Input, mut call: Call) -> Result<Self::Output, Error> {
        let Input { base, all, database } = input;
        let request = CheckRequest { base, all, database };
        engine::check(&call.project, &call.settings, &request, &mut call.progress).await
    }
}
