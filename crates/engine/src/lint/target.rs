//! Which files are looked at, and what is known of the database that they are meant for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use catalog::Name;
use database::Session;
use lint::TableSize;
use project::{Migration, Project};

use super::LintTarget;
use crate::git::Folder;
use crate::status::Migrations;
use crate::{Error, Progress, Settings, datasource};

/// The files that are looked at.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// All migrations in their order, and whether each is meant.
    pub(super) migrations: Vec<(Migration, bool)>,
    /// Scripts that are no migration of the project, with their text.
    pub(super) others: Vec<(PathBuf, String)>,
    /// The rules that the project does without.
    pub(super) allowed: BTreeSet<String>,
    /// The sizes of the tables, if the database was asked.
    pub(super) sizes: BTreeMap<Name, TableSize>,
}

/// Finds the files that are meant.
pub(super) async fn find(
    project: Option<&Project>,
    settings: &Settings,
    target: &LintTarget,
    progress: &mut (dyn Progress + '_),
) -> Result<Targets, Error> {
    let migrations = match project {
        Some(project) => project::read_present_migrations(&project.migrations_folder)?.migrations,
        None => Vec::new(),
    };
    let mut targets = Targets { allowed: super::allowed(settings)?, ..Targets::default() };
    let meant = match (target, project) {
        (LintTarget::Files(paths), _) => {
            let (meant, others) = named(paths, &migrations, settings)?;
            targets.others = others;
            meant
        }
        (LintTarget::Text(text), _) => {
            targets.others = vec![(PathBuf::from("standard input"), text.clone())];
            BTreeSet::new()
        }
        (LintTarget::All, _) => migrations.iter().map(|it| it.name.clone()).collect(),
        (LintTarget::Base(base), Some(project)) => {
            let paths = changed_since(&project.migrations_folder, base).await?;
            named(&paths, &migrations, settings)?.0
        }
        (LintTarget::Pending, Some(project)) => {
            let (pending, sizes) = pending(project, settings, &migrations, progress).await?;
            targets.sizes = sizes;
            pending
        }
        (LintTarget::Base(_) | LintTarget::Pending, None) => BTreeSet::new(),
    };
    let with_meaning = |migration: Migration| {
        let is_meant = meant.contains(&migration.name);
        (migration, is_meant)
    };
    targets.migrations = migrations.into_iter().map(with_meaning).collect();
    Ok(targets)
}

/// The names of the migrations among some paths, and the other scripts.
#[expect(clippy::type_complexity, reason = "two lists, each told in its place")]
fn named(
    paths: &[PathBuf],
    migrations: &[Migration],
    settings: &Settings,
) -> Result<(BTreeSet<String>, Vec<(PathBuf, String)>), Error> {
    let (mut names, mut others) = (BTreeSet::new(), Vec::new());
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let known: BTreeMap<PathBuf, &str> =
        migrations.iter().map(|it| (canonical(&it.path), it.name.as_str())).collect();
    for path in paths {
        for script in scripts(&settings.current_directory.join(path))? {
            if let Some(name) = known.get(&canonical(&script)) {
                names.insert((*name).to_owned());
                continue;
            }
            let error = |cause| Error::File { doing: "reading", path: script.clone(), cause };
            let text = std::fs::read_to_string(&script).map_err(error)?;
            others.push((script, text));
        }
    }
    Ok((names, others))
}

/// A file, or the scripts of the migrations in a folder.
fn scripts(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let own = path.join("migration.sql");
    if own.is_file() {
        return Ok(vec![own]);
    }
    let error = |cause| Error::File { doing: "reading", path: path.to_owned(), cause };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(error)? {
        let entry = entry.map_err(error)?.path();
        let script = entry.join("migration.sql");
        if script.is_file() {
            found.push(script);
        } else if entry.extension().is_some_and(|extension| extension == "sql") {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

/// The migrations that the database has not, and how large its tables are.
async fn pending(
    project: &Project,
    settings: &Settings,
    migrations: &[Migration],
    progress: &mut (dyn Progress + '_),
) -> Result<(BTreeSet<String>, BTreeMap<Name, TableSize>), Error> {
    datasource::with_url(project, settings, progress, async |url, _| {
        let session = datasource::connect(&url, settings).await?;
        let rows = database::history(&session).await?;
        let found = Migrations::compare(migrations, rows.as_deref());
        Ok((found.pending.into_iter().collect(), sizes(&session).await?))
    })
    .await
}

/// How large the tables of a database are.
pub(crate) async fn sizes(session: &Session) -> Result<BTreeMap<Name, TableSize>, Error> {
    let sizes = database::table_sizes(session).await?.into_iter();
    Ok(sizes.map(|it| (it.table, TableSize { rows: it.rows, bytes: it.bytes })).collect())
}

/// The scripts below a folder that were added or changed since the commit from which a branch went off.
async fn changed_since(folder: &Path, base: &str) -> Result<Vec<PathBuf>, Error> {
    let git = Folder::at(folder);
    let fork = git.fork(base).await?;
    let changed = git.changed_since(&fork.commit).await?.into_iter();
    let changed = changed.filter(|changed| changed.letter != 'D').map(|changed| changed.path);
    let new = git.untracked(false).await?;
    let scripts = changed.chain(new).filter(|path| path.ends_with("migration.sql"));
    Ok(scripts.map(|path| folder.join(path)).collect())
}
