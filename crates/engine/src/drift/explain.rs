//! Every object that has drifted, with what hangs on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use catalog::{Catalog, Difference, Kind, Name, Pair, Selection, elements};
use database::{Count, Countable, Session};
use planner::full::FullPlan;
use project::{DatabaseUrl, Migration, Project};
use serde::Serialize;

use super::cause::causes;
use super::{Cause, Circumstances, Ignored, Meant, select};
use crate::shadow::{Histories, Shadow};
use crate::status::{Migrations, Step};
use crate::{Described, Error, Progress, Settings, datasource, schema, snapshot};

/// How long counting the rows of one table may take before the server's estimate has to do.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the database is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The applied migrations.
    Migrations,
    /// A file made by `undrift snapshot`, or another database's URL.
    Other(String),
}

/// What is to be explained.
#[derive(Debug, Clone)]
pub struct DriftRequest {
    /// What the database is compared with.
    pub against: Against,
    /// The objects, as the user names them; all if there is none.
    pub objects: Vec<String>,
    /// Whether the SQL is wanted that would end the drift.
    pub sql: bool,
}

/// How the database differs from what it should be.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// The database.
    pub datasource: Described,
    /// What it is compared with, in words: `as the 12 applied migrations make it`.
    pub against: String,
    /// The objects that differ.
    pub objects: Vec<Explained>,
    /// What differs and is meant to.
    pub ignored: Vec<Ignored>,
    /// The SQL that would end the drift, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<Scripts>,
    /// What to do about it.
    pub next: Vec<Step>,
}

/// An object that differs.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Explained {
    /// What differs.
    #[serde(flatten)]
    pub difference: Difference,
    /// How that may have come about; unknown when compared with another database.
    pub cause: Option<Cause>,
    /// How many rows a table has.
    pub rows: Option<Count>,
    /// What in the database needs the object.
    pub needed_by: Vec<String>,
}

/// The SQL that ends a drift, one way or the other.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Scripts {
    /// Brings the database back.
    pub revert: String,
    /// Brings a database without the drift to where this one is.
    pub adopt: String,
    /// What differs but cannot be planned, for either.
    pub unsupported: Vec<String>,
}

/// Compares everything in the database with what the applied migrations make, or with something else.
///
/// # Errors
/// When the project or the other side cannot be read, a migration cannot be replayed, or the database
/// cannot be reached.
pub async fn explain(
    project: &Project,
    settings: &Settings,
    request: &DriftRequest,
    progress: &mut (dyn Progress + '_),
) -> Result<Explanation, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        Box::pin(explain_on(url, project, settings, request, progress)).await
    })
    .await
}

async fn explain_on(
    url: DatabaseUrl,
    project: &Project,
    settings: &Settings,
    request: &DriftRequest,
    progress: &mut (dyn Progress + '_),
) -> Result<Explanation, Error> {
    let declared = schema::declared(project).ok();
    let schemas = declared
        .as_ref()
        .map_or_else(|| vec![url.schema().to_owned()], |declared| declared.schemas.clone());
    let described = datasource::describe(project, &url);
    progress.datasource(&described);
    let session = datasource::connect(&url, settings).await?;
    progress.busy("reading the database");
    let actual = datasource::known_catalog(&session, &schemas, settings).await?;
    let meant = Meant::read(settings, &session).await?;
    let mut run = Run { project, settings, schemas, session, actual };
    let expected = match &request.against {
        Against::Migrations => run.migrations(progress).await?,
        Against::Other(other) => run.other(other, progress).await?,
    };
    let catalogs = Pair::new(&run.actual, &expected.catalog);
    let (differences, ignored) = meant.sift(catalogs);
    let chosen = select::select(&differences, &request.objects)?;
    let causes: Vec<Option<Cause>> = match &expected.history {
        Some(history) => {
            let circumstances = Circumstances {
                declared: declared.as_ref().map(|declared| &declared.catalog),
                all: history.all.as_ref(),
                migrations: &history.migrations,
                folder: &history.folder,
            };
            causes(&chosen, &run.actual, &circumstances).into_iter().map(Some).collect()
        }
        None => chosen.iter().map(|_| None).collect(),
    };
    let mut objects = Vec::new();
    if !chosen.is_empty() {
        run.actual = read_fully(&run.session, &run.schemas).await?;
    }
    let needed_by = needed_by(&run.actual, &chosen);
    for (difference, cause) in chosen.iter().zip(causes) {
        let rows = run.rows(difference).await?;
        let key = (difference.kind, difference.id.clone());
        let needed_by = needed_by.get(&key).into_iter().flatten().cloned().collect();
        objects.push(Explained { difference: difference.clone(), cause, rows, needed_by });
    }
    let sql = if request.sql && !chosen.is_empty() {
        let full = expected.fully(&run, progress).await?;
        Some(scripts(Pair::new(&run.actual, &full), &chosen, &differences))
    } else {
        None
    };
    let next = if expected.history.is_some() && !chosen.is_empty() {
        steps(&chosen, differences.len(), request.sql)
    } else {
        Vec::new()
    };
    Ok(Explanation { datasource: described, against: expected.words, objects, ignored, sql, next })
}

/// What the database should be.
struct Expected {
    catalog: Catalog,
    /// What it is, in words.
    words: String,
    /// Where it stems from, if it stems from migrations.
    history: Option<History>,
    /// Where it can be read again with what needs what, if it is a database.
    url: Option<DatabaseUrl>,
}

struct History {
    all: Option<Catalog>,
    migrations: Migrations,
    folder: Vec<Migration>,
    applied: Vec<Migration>,
}

impl Expected {
    /// The same with what needs what, where that can be had: a snapshot does not say.
    async fn fully(
        &self,
        run: &Run<'_>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Catalog, Error> {
        if let Some(history) = &self.history {
            let mut shadow =
                Shadow::of(run.project, run.settings, run.schemas.clone(), &run.session)?;
            shadow.with_dependencies = true;
            return shadow.catalog(&history.applied, progress).await;
        }
        match &self.url {
            Some(url) => {
                let session = datasource::connect(url, run.settings).await?;
                read_fully(&session, &run.schemas).await
            }
            None => Ok(self.catalog.clone()),
        }
    }
}

struct Run<'a> {
    project: &'a Project,
    settings: &'a Settings,
    schemas: Vec<String>,
    session: Session,
    actual: Catalog,
}

impl Run<'_> {
    /// What the applied migrations make; without a history, what all make.
    async fn migrations(&self, progress: &mut (dyn Progress + '_)) -> Result<Expected, Error> {
        let folder = project::read_migrations(&self.project.migrations_folder)?.migrations;
        let rows = database::history(&self.session).await?;
        let migrations = Migrations::compare(&folder, rows.as_deref());
        let has_history = migrations.has_history_table;
        let applied = if has_history { migrations.applied_in(&folder) } else { folder.clone() };
        let shadow = Shadow::of(self.project, self.settings, self.schemas.clone(), &self.session)?;
        let histories = Histories { applied: &applied, all: &folder };
        let replayed = shadow.catalogs(histories, progress).await?;
        let count = applied.len();
        let words = match count {
            1 => "as the 1 applied migration makes it".to_owned(),
            _ if !has_history => format!("as all {count} migrations make it"),
            _ => format!("as the {count} applied migrations make it"),
        };
        let history = History { all: replayed.all.ok(), migrations, folder, applied };
        Ok(Expected { catalog: replayed.applied, words, history: Some(history), url: None })
    }

    /// What a snapshot file or another database holds.
    async fn other(
        &self,
        other: &str,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Expected, Error> {
        if !other.contains("://") {
            let catalog = snapshot::read(&self.settings.current_directory.join(Path::new(other)))?;
            let words = format!("as in the snapshot {other}");
            return Ok(Expected { catalog, words, history: None, url: None });
        }
        let url = DatabaseUrl::parse(other).map_err(project::Error::from)?;
        progress.busy("reading the other database");
        let session = datasource::connect(&url, self.settings).await?;
        let catalog = datasource::catalog(&session, &self.schemas).await?;
        let words = format!("as in the database {url}");
        Ok(Expected { catalog, words, history: None, url: Some(url) })
    }

    /// How many rows a table has that is there.
    async fn rows(&self, difference: &Difference) -> Result<Option<Count>, Error> {
        if difference.kind != Kind::Table {
            return Ok(None);
        }
        let tables = self.actual.tables.iter().map(|table| &table.name);
        let Some(table) = tables.into_iter().find(|name| name.to_string() == difference.id) else {
            return Ok(None);
        };
        let rows = Countable::Rows { table: Name::clone(table) };
        Ok(database::count(&self.session, &rows, PATIENCE).await?)
    }
}

/// Reads a database with what needs what, without the history table.
pub(super) async fn read_fully(session: &Session, schemas: &[String]) -> Result<Catalog, Error> {
    let mut catalog = database::introspect_fully(session, Some(schemas)).await?;
    catalog.without_history_table(&session.server().schema);
    Ok(catalog)
}

/// Which other objects need each of the objects that differ; what is part of it is not told.
fn needed_by(
    actual: &Catalog,
    differences: &[Difference],
) -> BTreeMap<(Kind, String), BTreeSet<String>> {
    let mut needed_by: BTreeMap<(Kind, String), BTreeSet<String>> = BTreeMap::new();
    if differences.is_empty() {
        return needed_by;
    }
    let differing: BTreeSet<(Kind, &str)> =
        differences.iter().map(|difference| (difference.kind, difference.id.as_str())).collect();
    let mut parts = BTreeMap::new();
    actual.visit_parts(|kind, id, part_of| {
        parts.insert((kind, id), part_of.table.to_string());
    });
    for element in elements(actual).values() {
        for needed in &element.needs {
            let is_other = (needed.kind, &needed.id) != (element.address.kind, &element.address.id);
            let is_own = || {
                parts.get(&(element.address.kind, element.address.id.clone())) == Some(&needed.id)
            };
            if is_other && !is_own() && differing.contains(&(needed.kind, needed.id.as_str())) {
                let dependent = element.address.object().to_string();
                needed_by.entry((needed.kind, needed.id.clone())).or_default().insert(dependent);
            }
        }
    }
    needed_by
}

/// The SQL for both ways.
fn scripts(catalogs: Pair<&Catalog>, chosen: &[Difference], differences: &[Difference]) -> Scripts {
    let Pair { actual, desired: expected } = catalogs;
    let way = |from: &Catalog, to: &Catalog| {
        let selection: Selection = chosen.iter().collect();
        let selection = selection.with_needed(Pair::new(from, to), differences);
        FullPlan::of(Pair::new(from, &from.with_objects_of(to, &selection)))
    };
    let (back, forth) = (way(actual, expected), way(expected, actual));
    let unsupported: BTreeSet<String> =
        back.unsupported.iter().chain(&forth.unsupported).map(ToString::to_string).collect();
    Scripts {
        revert: planner::full::migration(&back),
        adopt: planner::full::migration(&forth),
        unsupported: unsupported.into_iter().collect(),
    }
}

/// What can be done about a drift from the migrations.
fn steps(chosen: &[Difference], all: usize, has_sql: bool) -> Vec<Step> {
    let named = match chosen {
        [one] if all > 1 => format!(" \"{}\"", one.id),
        _ if chosen.len() == all => String::new(),
        _ => " OBJECT…".to_owned(),
    };
    let one = chosen.first().map(|difference| difference.id.clone()).unwrap_or_default();
    let step = |why: &str, command: String| Step { why: why.to_owned(), command };
    let mut steps = vec![
        step(
            "keep it: a migration that makes it, proven and marked as applied here",
            format!("undrift drift adopt{named}"),
        ),
        step("take it back, after a look at the SQL", format!("undrift drift revert{named}")),
        step("it is meant to differ", format!("undrift drift ignore \"{one}\" --reason WHY")),
    ];
    if !has_sql {
        steps.insert(0, step("see the SQL of both ways", "undrift drift --sql".to_owned()));
    }
    steps
}
