//! The folder fits what the database has recorded. What is pending is no issue.

use super::ground::{Asked, Ground};
use super::{Answer, CheckKind};
use crate::{Issue, Severity};

pub(super) const CHECK: CheckKind = CheckKind {
    name: "history",
    asks: "Does the folder fit what the database has recorded?",
    codes: &[
        "not-baselined",
        "migration-failed",
        "applied-edited",
        "applied-missing",
        "pending-behind",
    ],
    run,
};

fn run(ground: &Ground<'_>) -> Answer {
    let status = match &ground.database {
        None => return Answer::Skipped(super::drift::NOT_ASKED.to_owned()),
        Some(Asked { status: Err(error), .. }) => {
            return Answer::Unknown(error.report().message.trim().to_owned());
        }
        Some(Asked { status: Ok(status), .. }) => status,
    };
    let migrations = &status.migrations;
    let mut issues = Vec::new();
    if migrations.needs_baseline {
        let message = "The database has tables, and no history";
        issues.push(
            Issue::error("not-baselined", message)
                .advising("undrift baseline")
                .in_file(status.migrations_folder.clone()),
        );
    }
    for failed in &migrations.failed {
        let message = format!("{} was begun on the database and not finished", failed.name);
        issues.push(
            Issue::error("migration-failed", message)
                .advising(format!("undrift recover \"{}\"", failed.name))
                .in_file(ground.path_of(&failed.name)),
        );
    }
    for edited in &migrations.edited {
        let message = format!("{} was edited after it was applied", edited.name);
        issues.push(
            Issue::error("applied-edited", message)
                .advising("undrift repair")
                .in_file(ground.path_of(&edited.name)),
        );
    }
    for name in &migrations.missing {
        let message = format!("{name} is applied, and is not in the folder");
        issues.push(
            Issue::error("applied-missing", message)
                .advising("undrift repair")
                .in_file(status.migrations_folder.clone()),
        );
    }
    for name in &migrations.out_of_order {
        let message = format!("{name} is pending, though later migrations are applied");
        issues.push(
            Issue::error("pending-behind", message)
                .with_severity(Severity::Warning)
                .advising("rename the folder to a later time, unless it is applied elsewhere")
                .in_file(ground.path_of(name)),
        );
    }
    Answer::Found(issues)
}
