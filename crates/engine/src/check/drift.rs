//! The database is what its migrations make it.

use super::ground::{Asked, Ground};
use super::{Answer, CheckKind};
use crate::{Drift, Issue};

pub(super) const CHECK: CheckKind = CheckKind {
    name: "drift",
    asks: "Is the database what its migrations make it?",
    codes: &["drift"],
    run,
};

/// Why what a database is needed for was passed over.
pub(super) const NOT_ASKED: &str = "no database was asked; --database asks the project's";

fn run(ground: &Ground<'_>) -> Answer {
    let status = match &ground.database {
        None => return Answer::Skipped(NOT_ASKED.to_owned()),
        Some(Asked { status: Err(error), .. }) => {
            return Answer::Unknown(error.report().message.trim().to_owned());
        }
        Some(Asked { status: Ok(status), .. }) => status,
    };
    match &status.drift {
        Drift::None { .. } => Answer::Found(Vec::new()),
        Drift::Unknown { reason } => Answer::Unknown(reason.clone()),
        Drift::Found { objects, .. } => {
            let issue = |drifted: &crate::Drifted| {
                let message = format!("{} ({})", drifted.difference, drifted.cause.text());
                Issue::error("drift", message)
                    .advising("undrift drift shows it; undrift drift adopt keeps it, revert takes it back")
                    .in_file(ground.schema_path())
            };
            Answer::Found(objects.iter().map(issue).collect())
        }
    }
}
