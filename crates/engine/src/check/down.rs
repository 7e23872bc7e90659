//! The judged migrations can be taken back.

use project::{DownFile, Origin};

use super::ground::{DownTrial, Ground};
use super::{Answer, CheckKind};
use crate::{Error, Issue, Severity};

pub(super) const CHECK: CheckKind = CheckKind {
    name: "down",
    asks: "Can new migrations be taken back?",
    codes: &["down-missing", "down-incomplete", "down-outdated", "down-wrong"],
    run,
};

fn run(ground: &Ground<'_>) -> Answer {
    let trials = match &ground.trials {
        Ok(trials) => trials,
        Err(error) => return Answer::Unknown(error.to_string()),
    };
    let mut issues = Vec::new();
    if !ground.uses_downs && !ground.judged.is_empty() {
        // Who has never written one does without, and rolls back by what can be worked out.
        issues.push(
            Issue::error("down-missing", "No migration has a down.sql")
                .with_severity(Severity::Note)
                .in_file(ground.project.display(&ground.project.migrations_folder))
                .advising("undrift migrate dev writes one with each migration"),
        );
    }
    for name in ground.judged_names() {
        if let Some(read) = ground.downs.get(&name) {
            issues.extend(of_file(ground, &name, read));
        }
    }
    let failed = trials.iter().filter(|trial| !trial.differences.is_empty());
    issues.extend(failed.map(|trial| of_trial(ground, trial)));
    Answer::Found(issues)
}

/// What is wrong with a file, as it is read.
fn of_file(
    ground: &Ground<'_>,
    name: &str,
    read: &Result<Option<DownFile>, Error>,
) -> Option<Issue> {
    let warning = |code, message| Issue::error(code, message).with_severity(Severity::Warning);
    let issue = match read {
        Err(error) => Issue::error("down-wrong", error.to_string()),
        Ok(None) if ground.uses_downs => {
            let message = format!("{name} has no down.sql");
            return Some(
                warning("down-missing", message)
                    .in_file(ground.path_of(name))
                    .advising("undrift migrate dev writes one with each migration"),
            );
        }
        Ok(None) => return None,
        Ok(Some(down)) => match down.origin {
            Origin::Outdated | Origin::ByHandOutdated => {
                let message =
                    format!("The down.sql of {name} was made for an earlier version of it");
                let advice = "undrift rollback works out another; look at this one, or delete it";
                warning("down-outdated", message).advising(advice)
            }
            Origin::Generated | Origin::ByHand if !down.incomplete.is_empty() => {
                let left = down.incomplete.join("; ");
                let message = format!("The down.sql of {name} leaves: {left}");
                warning("down-incomplete", message).advising("complete it by hand")
            }
            Origin::Generated | Origin::ByHand => return None,
        },
    };
    Some(issue.in_file(path(ground, name)))
}

/// What is wrong with a file by what came of trying it.
fn of_trial(ground: &Ground<'_>, trial: &DownTrial) -> Issue {
    let message = format!(
        "After {} and its down.sql the database is not what it was before: {}",
        trial.migration,
        trial.differences.join("; ")
    );
    Issue::error("down-wrong", message)
        .advising("repair the down.sql; undrift rollback would refuse it")
        .in_file(path(ground, &trial.migration))
}

fn path(ground: &Ground<'_>, migration: &str) -> String {
    ground.path_of(migration).replace("migration.sql", "down.sql")
}
