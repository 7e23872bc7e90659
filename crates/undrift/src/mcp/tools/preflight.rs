//! `preflight`.

use engine::Error;

use super::{Call, Function, Nothing};

pub(super) struct Preflight;

impl Function for Preflight {
    const NAME: &'static str = "preflight";
    const TITLE: &'static str = "What stands in the way of a deploy";
    const DESCRIPTION: &'static str = "Look on the server for what would stop or harm a deploy of the pending \
        migrations: rights, extensions, sessions that hold locks, replication, room, limits; each with cause, \
        effect and what to do. Changes nothing.";
    type Input = Nothing;
    type Output = engine::Preflight;

    async fn run(_input: Nothing, mut call: Call) -> Result<Self::Output, Error> {
        engine::preflight(&call.project, &call.settings, &mut call.progress).await
    }
}
