//! `status`.

use engine::Error;

use super::{Call, Function, Nothing};

pub(super) struct Status;

impl Function for Status {
    const NAME: &'static str = "status";
    const TITLE: &'static str = "Status of database, migrations and schema";
    const DESCRIPTION: &'static str = "Say whether the project's database is what its migrations make it \
        (drift), which migrations are pending, failed, edited, missing or out of order, whether the schema \
        needs a migration, and what to do about it. Begin here. Changes nothing.";
    type Input = Nothing;
    type Output = engine::Status;

    async fn run(_input: Nothing, mut call: Call) -> Result<Self::Output, Error> {
        engine::status(&call.project, &call.settings, &mut call.progress).await
    }
}
