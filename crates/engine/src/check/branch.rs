//! The branch adds migrations behind those of its base, and leaves the others as they are.

use super::ground::{Branch, Ground, InGit};
use super::{Answer, CheckKind};
use crate::Issue;

pub(super) const CHECK: CheckKind = CheckKind {
    name: "branch",
    asks: "Are the base's migrations left as they are, and are new ones behind them?",
    codes: &["migration-edited", "migration-deleted", "migration-behind", "migration-clashes"],
    run,
};

fn run(ground: &Ground<'_>) -> Answer {
    let branch = match &ground.git {
        InGit::Nothing { reason } | InGit::Alone { reason, .. } => {
            return Answer::Skipped(reason.clone());
        }
        InGit::Branch { branch, .. } => branch,
    };
    let Branch { fork, new, edited, deleted, last, clashing, .. } = branch;
    let base = &fork.base;
    let commit = fork.commit.get(..12).unwrap_or(&fork.commit);
    let get_back = |name: &str| format!("git checkout {commit} -- \"{}\"", ground.path_of(name));
    let mut issues = Vec::new();
    for name in edited {
        let message =
            format!("{name} is in {base} and was edited since: it may be applied already");
        let advice = format!("{}; write what is to change as a new migration", get_back(name));
        issues.push(
            Issue::error("migration-edited", message)
                .advising(advice)
                .in_file(ground.path_of(name)),
        );
    }
    for name in deleted {
        let message = format!("{name} is in {base} and was deleted: it may be applied already");
        let advice = format!("{}; undrift squash makes one of many", get_back(name));
        issues.push(
            Issue::error("migration-deleted", message)
                .advising(advice)
                .in_file(ground.path_of(name)),
        );
    }
    for name in clashing {
        let message = format!("{name} is in {base} by now, with another content");
        issues.push(
            Issue::error("migration-clashes", message)
                .advising("rename the folder to a later time")
                .in_file(ground.path_of(name)),
        );
    }
    let last = last.as_deref().unwrap_or_default();
    let is_present = |name: &&String| ground.migrations.iter().any(|it| it.name == **name);
    for name in new.iter().filter(is_present) {
        if name.as_str() < last && !clashing.contains(name) {
            let message = format!(
                "{name} comes before {last}, the last migration of {base}: databases that have that one \
                 get it out of order"
            );
            issues.push(
                Issue::error("migration-behind", message)
                    .advising("rename the folder to a later time, unless it is applied somewhere")
                    .in_file(ground.path_of(name)),
            );
        }
    }
    Answer::Found(issues)
}
