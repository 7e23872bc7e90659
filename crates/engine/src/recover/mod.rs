//! `recover`: out of a failed or interrupted migration, by what the catalog shows.
//!
//! The history is replayed on a shadow database, then the failed migration statement by statement: the
//! states that a database can be in. The one that the database *is* in says what took effect. From there
//! the ways out are those that can be proven: to go on, to undo, to say that it is applied, to say that
//! nothing of it is left. Each is proven on the database before the history says so.

mod cause;
mod footprint;
mod position;
mod trail;
mod ways;

use catalog::{Catalog, Pair, drift};
use database::{Cancel, HistoryRow, HistoryState, Session};
use project::{DatabaseUrl, Migration, Project};
use script::Script;
use serde::Serialize;

pub use cause::{TrueError, Witness};
pub use position::{Effect, Evidence};
pub use ways::{Way, WayOut};

use crate::deploy::Deployer;
use crate::questions::Dialogue;
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Error, Progress, Settings, datasource, schema};
use footprint::Split;
use position::{Position, Steps};
use trail::Trail;

/// What `recover` is asked for.
#[derive(Debug, Clone, Default)]
pub struct RecoverRequest {
    /// The migration; the one that failed first if none is named.
    pub migration: Option<String>,
    /// The way out; whoever is there is asked if none is named.
    pub way: Option<Way>,
    /// From which statement to go on, from 1, where the catalog does not tell.
    pub from: Option<usize>,
    /// Whether the statements that are left are tried on the database to see the true error; nothing of
    /// it is kept.
    pub tries: bool,
    /// Whether it is only found out.
    pub dry_run: bool,
}

/// What `recover` found and did.
#[derive(Debug, Clone, Serialize)]
pub struct Recovery {
    /// The database.
    pub datasource: datasource::Described,
    /// What was found out about the migration; none if there was nothing to recover.
    pub diagnosis: Option<Diagnosis>,
    /// What was done about it.
    pub done: Option<Way>,
    /// Other migrations that failed, which are still to be recovered.
    pub others: Vec<String>,
}

/// What is known about a migration that failed.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// The migration.
    pub migration: String,
    /// Its file, as the user would write it.
    pub file: String,
    /// When it was begun, as the server prints it.
    pub started_at: String,
    /// Whether the file was changed since, so that its statements are not those that ran.
    pub is_edited: bool,
    /// Each statement of the file, and whether it took effect.
    pub statements: Vec<StatementState>,
    /// How many statements took effect; several numbers where the catalog does not tell, and none where
    /// the database is in no state that the migration goes through.
    pub statements_done: Vec<usize>,
    /// Why it failed, if that could be found out.
    pub error: Option<TrueError>,
    /// Indexes that are half built and not valid.
    pub invalid_indexes: Vec<String>,
    /// How what the migration touches differs from the state before it, if that is no state of the
    /// migration.
    pub differs: Vec<String>,
    /// How the database differs from the history in what the migration does not touch. It stays so.
    pub drift_elsewhere: Vec<String>,
    /// The ways out that can be proven.
    pub ways: Vec<WayOut>,
}

/// One statement of the migration.
#[derive(Debug, Clone, Serialize)]
pub struct StatementState {
    /// Its number, from 1.
    pub number: usize,
    /// The line it begins at, from 1.
    pub line: usize,
    /// Its first words.
    pub text: String,
    /// Whether it took effect.
    pub effect: Effect,
    /// How that is known.
    pub evidence: Evidence,
}

/// Finds out what a failed migration left, and takes one of the ways out.
///
/// # Errors
/// When the project cannot be read, the database not be reached or written, somebody else deploys, the
/// file is gone, the migrations cannot be replayed, the way cannot be proven ([`Error::Unproven`]), or
/// nobody is there to choose ([`Error::Unanswered`]).
pub async fn recover(
    project: &Project,
    settings: &Settings,
    request: RecoverRequest,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Recovery, Error> {
    datasource::with_url(project, settings, progress, async |url: DatabaseUrl, progress| {
        let schemas = schema::declared(project).map(|declared| declared.schemas);
        let schemas = schemas.unwrap_or_else(|_| vec![url.schema().to_owned()]);
        let datasource = datasource::describe(project, &url);
        progress.datasource(&datasource);
        let session = datasource::connect(&url, settings).await?;
        let deployer = Deployer::for_database(&url, schemas.clone(), settings, cancel.clone())?;
        let run =
            Run { project, settings, request: &request, session, deployer, schemas, url, cancel };
        Box::pin(run.run(datasource, &mut dialogue, progress)).await
    })
    .await
}

/// One run, connected.
struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    request: &'a RecoverRequest,
    session: Session,
    deployer: Deployer,
    schemas: Vec<String>,
    url: DatabaseUrl,
    cancel: Cancel,
}

/// What is there to be compared: the row and the database, read while nobody else migrates.
struct Found {
    row: HistoryRow,
    live: Catalog,
}

impl Run<'_> {
    async fn run(
        &self,
        datasource: datasource::Described,
        dialogue: &mut Dialogue<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Recovery, Error> {
        let (rows, live) = self.read(progress).await?;
        let mut failed: Vec<HistoryRow> =
            rows.iter().filter(|row| is_failed(row)).cloned().collect();
        let Some(row) = self.chosen(&mut failed)? else {
            return Ok(Recovery { datasource, diagnosis: None, done: None, others: Vec::new() });
        };
        let mut others: Vec<String> = failed.into_iter().map(|row| row.migration_name).collect();
        others.retain(|name| *name != row.migration_name);
        others.dedup();
        let (applied, migration) = self.migrations(&rows, &row)?;

        let mut shadow =
            Shadow::of(self.project, self.settings, self.schemas.clone(), &self.session)?;
        shadow.with_dependencies = true;
        let trail = Trail::of(&shadow, &applied, &migration, progress).await?;
        let script = Script::parse(&migration.script);
        let steps = Steps::of(&script, &trail.states);
        let found = Found { row, live };
        let case = Case { migration: &migration, script: &script, trail: &trail, steps: &steps };
        let position = case.position(&found);
        progress.busy("looking for the cause");
        let error = self.true_error(&case, &found, &position).await?;
        let mut diagnosis = self.diagnosis(&case, &found, &position, error);
        diagnosis.ways = self.ways(&case, &found, &position).await?;
        if self.request.dry_run {
            return Ok(Recovery { datasource, diagnosis: Some(diagnosis), done: None, others });
        }
        progress.diagnosed(&diagnosis);
        self.session.ensure_writable().await?;
        let decision = self.decide(&case, &position, &diagnosis, dialogue, progress)?;
        self.deployer.lock(&self.session, progress).await?;
        let taken = Box::pin(self.take(&case, &found, decision, progress)).await;
        let unlocked = self.deployer.unlock(&self.session).await;
        taken?;
        unlocked?;
        let done = Some(decision.way);
        Ok(Recovery { datasource, diagnosis: Some(diagnosis), done, others })
    }

    /// Reads history and database while nobody migrates: a migration that runs is not one that failed.
    async fn read(
        &self,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(Vec<HistoryRow>, Catalog), Error> {
        self.deployer.lock(&self.session, progress).await?;
        progress.busy("reading the database");
        let read = async {
            let rows = database::history(&self.session).await?.unwrap_or_default();
            Ok((rows, self.live().await?))
        };
        let read: Result<_, Error> = read.await;
        let unlocked = self.deployer.unlock(&self.session).await;
        let read = read?;
        unlocked?;
        Ok(read)
    }

    async fn live(&self) -> Result<Catalog, Error> {
        let mut live = database::introspect_fully(&self.session, Some(&self.schemas)).await?;
        live.without_history_table(&self.session.server().schema);
        Ok(live)
    }

    /// The row in question: the newest of the migration that is named, or of the one that failed first.
    fn chosen(&self, failed: &mut Vec<HistoryRow>) -> Result<Option<HistoryRow>, Error> {
        let name = match (&self.request.migration, failed.first()) {
            (Some(name), _) => name.clone(),
            (None, Some(first)) => first.migration_name.clone(),
            (None, None) => return Ok(None),
        };
        let Some(at) = failed.iter().rposition(|row| row.migration_name == name) else {
            return Err(Error::Unready(format!(
                "the migration `{name}` has not failed: the history has no open row of it"
            )));
        };
        Ok(Some(failed.remove(at)))
    }

    /// The migrations that are applied, and the one that failed.
    fn migrations(
        &self,
        rows: &[HistoryRow],
        row: &HistoryRow,
    ) -> Result<(Vec<Migration>, Migration), Error> {
        let folder = project::read_migrations(&self.project.migrations_folder)?.migrations;
        let name = &row.migration_name;
        let mut applied = Migrations::compare(&folder, Some(rows)).applied_in(&folder);
        applied.retain(|migration| migration.name != *name);
        let superseded = folder.iter().flat_map(Migration::superseded);
        if let Some(migration) = folder.iter().chain(superseded).find(|it| it.name == *name) {
            return Ok((applied, migration.clone()));
        }
        let folder = self.project.display(&self.project.migrations_folder);
        Err(Error::Unready(format!(
            "the migration `{name}` failed, and its folder is gone, so that nobody can tell what it \
             did. Find it: git log --all --oneline -- \"{folder}/{name}\""
        )))
    }

    fn diagnosis(
        &self,
        case: &Case<'_>,
        found: &Found,
        position: &Position,
        error: Option<TrueError>,
    ) -> Diagnosis {
        let told = |differences: &[catalog::Difference]| {
            differences.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        Diagnosis {
            migration: found.row.migration_name.clone(),
            file: self.project.display(&case.migration.path),
            started_at: found.row.started_at.clone(),
            is_edited: found.row.checksum != case.migration.checksum,
            statements: case.statements(position),
            statements_done: position.candidates.clone(),
            error,
            invalid_indexes: position.leftovers.iter().map(ToString::to_string).collect(),
            differs: told(&position.split.inside),
            drift_elsewhere: told(&position.split.outside),
            ways: Vec::new(),
        }
    }
}

/// The migration that failed, and what it does.
struct Case<'a> {
    migration: &'a Migration,
    script: &'a Script<'a>,
    trail: &'a Trail,
    steps: &'a Steps,
}

impl Case<'_> {
    /// Where the database stands.
    fn position(&self, found: &Found) -> Position {
        let is_same = found.row.checksum == self.migration.checksum;
        let counted = found.row.statements_done().filter(|_| is_same);
        Position::of(&found.live, &self.trail.states, self.steps, self.script, counted)
    }

    /// How many statements there are.
    fn len(&self) -> usize {
        self.script.statements().len()
    }

    /// The catalog after all statements, if the shadow came to the end.
    fn last(&self) -> Option<&Catalog> {
        self.trail.states.get(self.len())
    }

    fn state(&self, at: usize) -> Option<&Catalog> {
        self.trail.states.get(at)
    }

    /// How a database differs from a state, in what the migration touches and elsewhere.
    fn split(&self, live: &Catalog, state: &Catalog) -> Split {
        self.steps.footprint.split(drift(Pair::new(live, state)))
    }

    fn statements(&self, position: &Position) -> Vec<StatementState> {
        let statements = self.script.statements().iter().enumerate();
        statements
            .map(|(at, statement)| {
                // Where the shadow did not come, nothing can have come.
                let stopped = (Effect::No, Evidence::Order);
                let (effect, evidence) = position.effects.get(at).copied().unwrap_or(stopped);
                StatementState {
                    number: at + 1,
                    line: self.script.place(statement.span.start).line,
                    text: first_words(self.script.statement_text(statement)),
                    effect,
                    evidence,
                }
            })
            .collect()
    }
}

/// How long the first words of a statement may be, in characters.
const WIDTH: usize = 60;

fn first_words(text: &str) -> String {
    let shown = script::without_passwords(text);
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= WIDTH {
        return words;
    }
    let mut cut: String = words.chars().take(WIDTH - 1).collect();
    cut.push('…');
    cut
}

fn is_failed(row: &HistoryRow) -> bool {
    matches!(row.state(), HistoryState::Failed | HistoryState::Interrupted)
}
