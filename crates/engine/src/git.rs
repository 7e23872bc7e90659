//! What git knows of a folder. Paths are told as they are below that folder.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::{Error, Settings};

/// The commit that a branch went off from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fork {
    /// What was named, such as `origin/main`.
    pub(crate) base: String,
    /// The last commit that base and branch have in common.
    pub(crate) commit: String,
}

/// Where a folder is in its repository, as `packages/db/`; nothing at its root, and without one. Reports
/// name files from there, whatever folder the command was called in.
pub async fn place_in_repository(settings: &Settings) -> String {
    let folder = Folder::at(&settings.current_directory);
    let prefix = folder.git(&["rev-parse", "--show-prefix"]).await;
    prefix.map(|prefix| prefix.trim().to_owned()).unwrap_or_default()
}

/// A file that is other than at a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    /// What happened to it: `A`, `M`, `D` or another of git's letters.
    pub(crate) letter: char,
    /// The file.
    pub(crate) path: String,
}

/// A folder in a work tree of git; it need not exist yet.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    /// Where git is called.
    place: PathBuf,
    /// The folder, as seen from there.
    below: String,
}

impl Folder {
    /// The folder at a path, as git sees it.
    pub(crate) fn at(path: &Path) -> Self {
        let place = path.ancestors().find(|place| place.is_dir()).unwrap_or(path);
        let below = path.strip_prefix(place).ok().filter(|below| *below != Path::new(""));
        let below = below.map_or_else(|| ".".to_owned(), |below| below.display().to_string());
        Self { place: place.to_owned(), below }
    }

    /// Why there is no work tree here, if there is none.
    pub(crate) async fn absence(&self) -> Option<String> {
        let inside = self.git(&["rev-parse", "--is-inside-work-tree"]).await;
        match inside {
            Ok(answer) if answer.trim() == "true" => None,
            Ok(_) => Some("it is not in a work tree of git".to_owned()),
            Err(Error::Usage(problem)) if problem.contains("not a git repository") => {
                Some("it is not in a git repository".to_owned())
            }
            Err(error) => Some(error.to_string()),
        }
    }

    /// The branch that others go off from, if it can be told: what a build machine names as the target
    /// of the pull request, or else what `origin` has as its own.
    pub(crate) async fn usual_base(&self, target: Option<&str>) -> Option<String> {
        let target = target.map(|branch| format!("origin/{branch}"));
        let head = self.git(&["rev-parse", "--abbrev-ref", "origin/HEAD"]).await;
        let head = head.ok().map(|name| name.trim().to_owned());
        let usual = ["origin/main", "origin/master"].map(str::to_owned);
        for base in target.into_iter().chain(head).chain(usual) {
            if self.commit(&base).await.is_ok() {
                return Some(base);
            }
        }
        None
    }

    /// Whether there is a commit at all.
    pub(crate) async fn has_commits(&self) -> bool {
        self.commit("HEAD").await.is_ok()
    }

    async fn commit(&self, name: &str) -> Result<String, Error> {
        self.git(&["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")]).await
    }

    /// Where the branch went off.
    ///
    /// # Errors
    /// When there is no such commit, or none that both have in common is in this clone.
    pub(crate) async fn fork(&self, base: &str) -> Result<Fork, Error> {
        if base.starts_with('-') || base.is_empty() {
            return Err(Error::Usage(format!("--base {base}: that is no commit")));
        }
        let is_shallow = async || {
            let answer = self.git(&["rev-parse", "--is-shallow-repository"]).await;
            answer.is_ok_and(|answer| answer.trim() == "true")
        };
        if self.commit(base).await.is_err() {
            let branch = base.strip_prefix("origin/").unwrap_or(base);
            let remedy = match (base.starts_with("origin/"), is_shallow().await) {
                (_, true) => format!(
                    "the clone is shallow; fetch it: git fetch --unshallow origin \
                     {branch}:refs/remotes/origin/{branch} (actions/checkout: fetch-depth: 0)"
                ),
                (true, false) => {
                    format!("fetch it: git fetch origin {branch}:refs/remotes/origin/{branch}")
                }
                (false, false) => "git branch --all lists the branches that are here".to_owned(),
            };
            return Err(Error::Usage(format!(
                "--base {base}: there is no such commit here; {remedy}"
            )));
        }
        match self.git(&["merge-base", base, "HEAD"]).await {
            Ok(commit) => Ok(Fork { base: base.to_owned(), commit: commit.trim().to_owned() }),
            Err(_) if is_shallow().await => Err(Error::Usage(format!(
                "--base {base}: the clone is shallow, and the commit that it has in common with HEAD is \
                 not in it; fetch it: git fetch --unshallow (actions/checkout: fetch-depth: 0; GitLab: \
                 GIT_DEPTH: 0)"
            ))),
            Err(_) => Err(Error::Usage(format!(
                "--base {base}: it has no commit in common with HEAD; name the branch that this one \
                 goes into"
            ))),
        }
    }

    /// The files that are other than at a commit, committed or not; new ones only if git has been told.
    pub(crate) async fn changed_since(&self, commit: &str) -> Result<Vec<Changed>, Error> {
        let line = ["diff", "-z", "--name-status", "--no-renames", "--relative", commit, "--"];
        let listed = self.git_below(&line).await?;
        let mut fields = listed.split('\0');
        let mut changed = Vec::new();
        while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
            let letter = status.chars().next().unwrap_or('?');
            changed.push(Changed { letter, path: self.inner(path) });
        }
        Ok(changed)
    }

    /// The files that git has not been told of; with those that it is told to ignore, if asked.
    pub(crate) async fn untracked(&self, with_ignored: bool) -> Result<Vec<String>, Error> {
        let all = ["ls-files", "-z", "--others", "--exclude-standard", "--"];
        let listed = self.git_below(&all).await?;
        let mut paths = self.paths(&listed);
        if with_ignored {
            let ignored = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--"];
            paths.extend(self.paths(&self.git_below(&ignored).await?));
        }
        Ok(paths)
    }

    /// The files whose last change is not even staged.
    pub(crate) async fn unstaged(&self) -> Result<Vec<String>, Error> {
        let line = ["diff", "-z", "--name-only", "--no-renames", "--relative", "--"];
        let listed = self.git_below(&line).await?;
        Ok(self.paths(&listed))
    }

    /// The files that a commit has.
    pub(crate) async fn files_at(&self, commit: &str) -> Result<Vec<String>, Error> {
        let listed = self.git_below(&["ls-tree", "-r", "-z", "--name-only", commit, "--"]).await?;
        Ok(self.paths(&listed))
    }

    /// What a file held at a commit.
    pub(crate) async fn content_at(&self, commit: &str, path: &str) -> Result<Vec<u8>, Error> {
        let object = match self.below.as_str() {
            "." => format!("{commit}:./{path}"),
            below => format!("{commit}:./{below}/{path}"),
        };
        self.run(&["show", &object]).await
    }

    fn paths(&self, listed: &str) -> Vec<String> {
        listed.split('\0').filter(|path| !path.is_empty()).map(|path| self.inner(path)).collect()
    }

    /// A path below the folder, of one that is below the place where git was called.
    fn inner(&self, path: &str) -> String {
        let inner = path.strip_prefix(self.below.as_str()).and_then(|path| path.strip_prefix('/'));
        inner.unwrap_or(path).to_owned()
    }

    async fn git_below(&self, arguments: &[&str]) -> Result<String, Error> {
        let all: Vec<&str> = arguments.iter().copied().chain([self.below.as_str()]).collect();
        self.git(&all).await
    }

    async fn git(&self, arguments: &[&str]) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(&self.run(arguments).await?).into_owned())
    }

    async fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, Error> {
        let refused =
            |cause: &str| Error::Usage(format!("git {}: {}", arguments.join(" "), cause.trim()));
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.place).args(arguments).kill_on_drop(true);
        // What is parsed must not be in the user's language.
        command.env("LC_ALL", "C");
        let output = command.output().await.map_err(|cause| refused(&cause.to_string()))?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(refused(&String::from_utf8_lossy(&output.stderr)))
        }
    }
}
