//! What the checks look at: read, asked and tried once.

mod asked;
mod downs;
mod history;

use std::collections::{BTreeMap, BTreeSet};

use catalog::Name;
use lint::TableSize;
use project::{DownFile, Migration};

pub(super) use asked::Asked;
pub(super) use downs::DownTrial;
pub(super) use history::{Branch, InGit};

use super::{Base, CheckRequest};
use crate::lint::lint_named;
use crate::plan::{PlannedScript, unseen};
use crate::schema::{self, Declared};
use crate::shadow::Shadow;
use crate::status::{SchemaState, schema_state};
use crate::{Error, LintedFile, Progress, Project, Settings};

/// What the checks look at.
pub(super) struct Ground<'a> {
    pub(super) project: &'a Project,
    /// All migrations that have a script.
    pub(super) migrations: Vec<Migration>,
    /// What is wrong with the folder itself.
    pub(super) folder_problem: Option<project::Error>,
    /// The schema, or what is wrong with it.
    pub(super) schema_problem: Option<Error>,
    /// Whether the migrations make what the schema says, if both can be told.
    pub(super) schema: Option<SchemaState>,
    /// Why the migrations cannot be replayed.
    pub(super) replay_problem: Option<Error>,
    /// What git knows.
    pub(super) git: InGit,
    /// The migrations that are judged by themselves, by name.
    pub(super) judged: BTreeSet<String>,
    /// What lint finds in those.
    pub(super) files: Vec<LintedFile>,
    /// Their statements, unless a database was asked.
    unseen: Vec<PlannedScript>,
    /// What the database says, if it was asked.
    pub(super) database: Option<Asked>,
    /// The `down.sql` of each judged migration, by its name; what is wrong with a file, if it cannot be read.
    pub(super) downs: BTreeMap<String, Result<Option<DownFile>, Error>>,
    /// Whether any migration of the folder has a `down.sql`.
    pub(super) uses_downs: bool,
    /// What came of trying those.
    pub(super) trials: Result<Vec<DownTrial>, Error>,
}

impl<'a> Ground<'a> {
    pub(super) async fn gather(
        project: &'a Project,
        settings: &Settings,
        request: &CheckRequest,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Self, Error> {
        let folder = &project.migrations_folder;
        let migrations = project::read_present_migrations(folder)?.migrations;
        let folder_problem = project::read_migrations(folder).err();
        let git = history::look(project, settings, request.base.as_deref(), &migrations).await?;
        let database = if request.database {
            Some(Box::pin(asked::ask(project, settings, progress)).await)
        } else {
            None
        };

        let judged = judged(request, &git, &migrations, database.as_ref());
        let sizes: BTreeMap<Name, TableSize> =
            database.as_ref().map(|asked| asked.sizes.clone()).unwrap_or_default();
        let files = lint_named(project, settings, &migrations, &judged, sizes)?;
        let unseen = match &database {
            Some(_) => Vec::new(),
            None => unseen(project, settings, &migrations, &judged)?,
        };

        let declared = schema::declared(project);
        let schemas = declared.as_ref().map_or_else(
            |_| vec![schema::default_schema(project)],
            |declared: &Declared| declared.schemas.clone(),
        );
        let shadow = Shadow::without_target(project, settings, schemas)?;
        let made = shadow.catalog(&migrations, progress).await;
        let (mut schema, mut schema_problem, mut replay_problem) = (None, None, None);
        match (made, declared) {
            (Ok(made), Ok(declared)) => schema = Some(schema_state(Ok(made), Ok(declared))),
            (made, declared) => {
                (replay_problem, schema_problem) = (made.err(), declared.err());
            }
        }

        let is_judged = |migration: &&Migration| judged.contains(&migration.name);
        let read = |migration: &Migration| {
            let down = project::read_down(migration).map_err(Error::from);
            (migration.name.clone(), down)
        };
        let downs: BTreeMap<String, Result<Option<DownFile>, Error>> =
            migrations.iter().filter(is_judged).map(read).collect();
        let trials = match replay_problem {
            None => downs::verify(&shadow, &migrations, &downs, progress).await,
            Some(_) => Ok(Vec::new()),
        };
        let uses_downs = downs.values().any(|down| !matches!(down, Ok(None)))
            || migrations.iter().any(|it| matches!(project::read_down(it), Ok(Some(_))));
        Ok(Self {
            project,
            migrations,
            folder_problem,
            schema_problem,
            schema,
            replay_problem,
            git,
            judged,
            files,
            unseen,
            database,
            downs,
            uses_downs,
            trials,
        })
    }

    /// What the folder was compared with.
    pub(super) fn base(&self) -> Option<Base> {
        let branch = self.git.branch()?;
        Some(Base {
            name: branch.fork.base.clone(),
            commit: branch.fork.commit.clone(),
            is_found: branch.is_found,
        })
    }

    /// The judged migrations in the order of the folder.
    pub(super) fn judged_names(&self) -> Vec<String> {
        let names = self.migrations.iter().map(|migration| &migration.name);
        names.filter(|name| self.judged.contains(*name)).cloned().collect()
    }

    /// The statements that the judged migrations have, or the pending ones of the database.
    pub(super) fn scripts(&self) -> Vec<PlannedScript> {
        match &self.database {
            Some(Asked { plan: Ok(plan), .. }) => plan.scripts.clone(),
            Some(_) | None => self.unseen.clone(),
        }
    }

    /// The path of a migration's script as the user would write it.
    pub(super) fn path_of(&self, migration: &str) -> String {
        let script = self.project.migrations_folder.join(migration).join("migration.sql");
        self.project.display(&script)
    }

    /// The path of the schema as the user would write it; a folder stands for its first file.
    pub(super) fn schema_path(&self) -> String {
        let first = self.project.schema_files.iter().next().map(|file| file.path.clone());
        first.unwrap_or_else(|| self.project.display(&self.project.schema_path))
    }
}

/// Which migrations are judged: those that can still be changed.
fn judged(
    request: &CheckRequest,
    git: &InGit,
    migrations: &[Migration],
    database: Option<&Asked>,
) -> BTreeSet<String> {
    let all = || migrations.iter().map(|migration| migration.name.clone()).collect();
    let pending = database.and_then(|asked| asked.status.as_ref().ok());
    let pending = pending.map(|status| status.migrations.pending.iter().cloned().collect());
    match (request.all, git.branch(), pending) {
        (true, _, _) | (false, None, None) => all(),
        (false, Some(branch), pending) => {
            let pending: BTreeSet<String> = pending.unwrap_or_default();
            branch.new.iter().cloned().chain(pending).collect()
        }
        (false, None, Some(pending)) => pending,
    }
}
