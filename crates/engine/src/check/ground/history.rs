//! What git knows of the migrations: which are new, and what became of the others.

use std::collections::BTreeSet;

use project::{Migration, Project};

use crate::git::{Folder, Fork};
use crate::{Error, Settings};

/// What git knows.
pub(in crate::check) enum InGit {
    /// Nothing.
    Nothing {
        /// Why.
        reason: String,
    },
    /// Which files are not committed; with nothing to compare with.
    Alone {
        /// Files that git has not been told of, or not of their last change, below the folder.
        loose: Vec<String>,
        /// Why there is nothing to compare with.
        reason: String,
    },
    /// All of it.
    Branch {
        /// Files that git has not been told of, or not of their last change, below the folder.
        loose: Vec<String>,
        /// What the branch does to the folder.
        branch: Branch,
    },
}

/// What a branch does to the folder.
pub(in crate::check) struct Branch {
    pub(in crate::check) fork: Fork,
    /// Whether the base was found out and not named.
    pub(in crate::check) is_found: bool,
    /// The migrations that it adds, by name.
    pub(in crate::check) new: BTreeSet<String>,
    /// Those of the base that it changes.
    pub(in crate::check) edited: Vec<String>,
    /// Those of the base that it deletes, unless they were squashed.
    pub(in crate::check) deleted: Vec<String>,
    /// The last migration that the base has by now.
    pub(in crate::check) last: Option<String>,
    /// Migrations that both have added, and not the same.
    pub(in crate::check) clashing: Vec<String>,
}

impl InGit {
    pub(in crate::check) fn branch(&self) -> Option<&Branch> {
        match self {
            Self::Branch { branch, .. } => Some(branch),
            Self::Nothing { .. } | Self::Alone { .. } => None,
        }
    }
}

/// Variables in which build machines name the branch that a pull request goes into.
const TARGETS: [&str; 3] =
    ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BITBUCKET_PR_DESTINATION_BRANCH"];

/// Asks git.
///
/// # Errors
/// When a base was named that is not there.
pub(super) async fn look(
    project: &Project,
    settings: &Settings,
    base: Option<&str>,
    migrations: &[Migration],
) -> Result<InGit, Error> {
    let folder = Folder::at(&project.migrations_folder);
    if let Some(reason) = folder.absence().await {
        return match base {
            Some(base) => Err(Error::Usage(format!("--base {base}: {reason}"))),
            None => Ok(InGit::Nothing { reason }),
        };
    }
    let mut loose = folder.untracked(true).await?;
    loose.extend(folder.unstaged().await?);
    let (name, is_found) = if let Some(base) = base {
        (base.to_owned(), false)
    } else {
        let variable = |name: &&str| settings.environment.get(*name);
        let target = TARGETS.iter().find_map(variable).filter(|target| !target.is_empty());
        let found = folder.usual_base(target.map(String::as_str)).await;
        // Without any other branch it is about what is not committed.
        match (found, folder.has_commits().await) {
            (Some(found), _) => (found, true),
            (None, true) => ("HEAD".to_owned(), true),
            (None, false) => {
                let reason = "nothing is committed yet".to_owned();
                return Ok(InGit::Alone { loose, reason });
            }
        }
    };
    match folder.fork(&name).await {
        Ok(fork) => {
            let branch = compare(&folder, fork, is_found, migrations).await?;
            Ok(InGit::Branch { loose, branch })
        }
        Err(error) if is_found => Ok(InGit::Alone { loose, reason: error.to_string() }),
        Err(error) => Err(error),
    }
}

async fn compare(
    folder: &Folder,
    fork: Fork,
    is_found: bool,
    migrations: &[Migration],
) -> Result<Branch, Error> {
    let named = |path: &str| path.strip_suffix("/migration.sql").map(str::to_owned);
    let is_top = |name: &String| !name.contains('/');
    let names = |paths: Vec<String>| -> BTreeSet<String> {
        paths.iter().filter_map(|path| named(path)).filter(is_top).collect()
    };
    let before = names(folder.files_at(&fork.commit).await?);
    let by_now = names(folder.files_at(&fork.base).await?);
    let mut branch = Branch {
        is_found,
        new: BTreeSet::new(),
        edited: Vec::new(),
        deleted: Vec::new(),
        last: by_now.iter().next_back().cloned(),
        clashing: Vec::new(),
        fork,
    };
    for changed in folder.changed_since(&branch.fork.commit).await? {
        let Some(name) = named(&changed.path).filter(is_top) else { continue };
        match changed.letter {
            'D' if !is_squashed(folder, &branch.fork, &name, migrations).await? => {
                branch.deleted.push(name);
            }
            'D' => {}
            _ if before.contains(&name) => branch.edited.push(name),
            _ => drop(branch.new.insert(name)),
        }
    }
    branch.new.extend(names(folder.untracked(true).await?));
    for name in by_now.difference(&before).filter(|name| branch.new.contains(*name)) {
        let theirs = folder.content_at(&branch.fork.base, &format!("{name}/migration.sql")).await?;
        let is_same = |migration: &Migration| {
            migration.name == *name && migration.checksum == project::checksum(&theirs)
        };
        if !migrations.iter().any(is_same) {
            branch.clashing.push(name.clone());
        }
    }
    Ok(branch)
}

/// Whether a migration that is gone stands in one that supersedes it, as it was.
async fn is_squashed(
    folder: &Folder,
    fork: &Fork,
    name: &str,
    migrations: &[Migration],
) -> Result<bool, Error> {
    let mut superseded = migrations.iter().flat_map(|it| &it.supersedes);
    let Some(superseded) = superseded.find(|it| it.name == name) else { return Ok(false) };
    let content = folder.content_at(&fork.commit, &format!("{name}/migration.sql")).await?;
    Ok(project::checksum(&content) == superseded.checksum)
}
