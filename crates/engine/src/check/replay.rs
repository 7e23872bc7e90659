//! All migrations can be run, one after the other, on an empty database.

use super::ground::Ground;
use super::{Answer, CheckKind};
use crate::{Error, Issue, Place};

pub(super) const CHECK: CheckKind = CheckKind {
    name: "replay",
    asks: "Do all migrations run on an empty database?",
    codes: &["migration-fails", "migration-without-script"],
    run,
};

fn run(ground: &Ground<'_>) -> Answer {
    let mut issues: Vec<Issue> = Vec::new();
    if let Some(error) = &ground.folder_problem {
        let advice = error.help().unwrap_or_default();
        let issue = Issue::error("migration-without-script", error.to_string());
        let path = if let project::Error::ScriptMissing(path) = error {
            ground.project.display(path)
        } else {
            ground.project.display(&ground.project.migrations_folder)
        };
        issues.push(issue.advising(advice).in_file(path));
    }
    match &ground.replay_problem {
        None => Answer::Found(issues),
        Some(Error::Database(database::Error::ReplayFailed(failure))) => {
            let message = format!("{} does not run: {}", failure.migration, failure.error);
            let place = failure.statement.as_ref().map(|at| Place {
                line: at.line,
                column: at.column,
                end_line: at.line,
                end_column: at.column,
            });
            let source = failure.statement.as_ref().map(|at| {
                at.excerpt.iter().map(|line| script::without_passwords(line).into_owned()).collect()
            });
            issues.push(Issue {
                place,
                source: source.unwrap_or_default(),
                ..Issue::error("migration-fails", message)
                    .advising("repair it, or what comes before it; undrift explain P3006 says more")
                    .in_file(ground.path_of(&failure.migration))
            });
            Answer::Found(issues)
        }
        Some(error) => Answer::Unknown(error.to_string()),
    }
}
