//! What is in the folder is in git.

use std::collections::BTreeSet;
use std::path::Path;

use super::ground::{Ground, InGit};
use super::{Answer, CheckKind};
use crate::Issue;

pub(super) const CHECK: CheckKind = CheckKind {
    name: "committed",
    asks: "Are the migrations in git?",
    codes: &["migration-not-committed"],
    run,
};

fn run(ground: &Ground<'_>) -> Answer {
    let loose = match &ground.git {
        InGit::Nothing { reason } => return Answer::Skipped(reason.clone()),
        InGit::Alone { loose, .. } | InGit::Branch { loose, .. } => loose,
    };
    let folder = &ground.project.migrations_folder;
    let is_part = |path: &&String| {
        let path = Path::new(path.as_str());
        path.extension().is_some_and(|it| it == "sql") || path.ends_with("migration_lock.toml")
    };
    let loose: BTreeSet<&String> = loose.iter().filter(is_part).collect();
    let issue = |path: &String| {
        let shown = ground.project.display(&folder.join(path));
        let message = format!("{path} is not in git, or not as it is now");
        Issue::error("migration-not-committed", message)
            .advising(format!(
                "git add \"{shown}\", and commit it; see .gitignore if it is ignored"
            ))
            .in_file(shown)
    };
    Answer::Found(loose.into_iter().map(issue).collect())
}
