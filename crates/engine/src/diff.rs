//! Any two of nothing, schema, migrations, database and snapshot, compared.

use std::path::PathBuf;

use catalog::rename::Vocabulary;
use catalog::{Catalog, Language, Pair, Qualification};
use planner::Plan;
use project::{DatabaseUrl, Project, Request};
use psl::Colours;
use serde::Serialize;

use crate::shadow::Shadow;
use crate::{Error, Progress, Settings, datasource, rename, schema, shadow, snapshot};

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An empty database.
    Empty,
    /// A schema file or folder.
    Schema(PathBuf),
    /// The database that a schema file names.
    SchemaDatasource(PathBuf),
    /// A migrations folder.
    Migrations(PathBuf),
    /// The project's database.
    Datasource,
    /// A database.
    Url(String),
    /// A file made by `undrift snapshot`.
    Snapshot(PathBuf),
}

impl Source {
    /// Whether there must be a project to make sense of it.
    pub fn needs_project(&self) -> bool {
        matches!(self, Self::Datasource)
    }
}

/// What to compare.
#[derive(Debug, Clone)]
pub struct DiffRequest {
    /// The two sides.
    pub sources: Pair<Source>,
    /// The database to replay migrations on.
    pub shadow_database_url: Option<String>,
    /// What gets another name: `Model.old:new`, `Old:New`.
    pub renames: Vec<String>,
}

/// What has to be done to turn the first side into the second.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Diff {
    /// Whether there is nothing to do.
    pub is_empty: bool,
    /// In words, as `migrate diff` prints it.
    pub summary: String,
    /// In SQL, as `migrate diff --script` prints it.
    pub script: String,
}

/// What one side contains.
struct Side {
    catalog: Catalog,
    /// How names are written in SQL that leads to it; as its schema has it, if it is a schema.
    names: Qualification,
    /// What the schema language can say in it, if it is a schema.
    language: Option<Language>,
    /// What things are called in it; as its schema has it, if it is a schema.
    vocabulary: Vocabulary,
}

/// Compares two sources as far as the schema language goes.
///
/// # Errors
/// When a source cannot be read, a schema is wrong, or a migration cannot be replayed.
pub async fn diff(
    project: Option<&Project>,
    settings: &Settings,
    request: DiffRequest,
    progress: &mut dyn Progress,
    colours: bool,
) -> Result<Diff, Error> {
    let DiffRequest { sources, shadow_database_url, renames } = request;
    if sources.actual == Source::Empty && sources.desired == Source::Empty {
        return Err(Error::NothingToCompare);
    }
    let context = Context {
        project,
        settings,
        shadow_database_url,
        schemas: schemas(&sources, project, settings),
        colours: if colours { Colours::Always } else { Colours::Never },
    };
    let actual = context.side(&sources.actual, "--from-schema", progress).await?;
    let desired = context.side(&sources.desired, "--to-schema", progress).await?;
    let language = match (actual.language, desired.language) {
        (Some(one), Some(other)) => one.or(other),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Language::WHOLE,
    };
    let mut renames = rename::wanted(&actual.catalog, &desired.vocabulary, &renames)?;
    renames.add_sides(Pair::new(&actual.catalog, &desired.catalog));
    renames.add_sequences(&actual.catalog);
    let actual = renames.applied_to(&actual.catalog);
    let plan = Plan::of(Pair::new(&actual, &desired.catalog), language, desired.names);
    let plan = plan.after(&renames);
    Ok(Diff {
        is_empty: plan.is_empty(),
        summary: planner::summary(&plan),
        script: planner::script(&plan),
    })
}

/// The PostgreSQL schemas to look at: those that a schema among the sources names, or the project's;
/// none if there is no server to look at.
fn schemas(sources: &Pair<Source>, project: Option<&Project>, settings: &Settings) -> Vec<String> {
    let is_read =
        |source: &Source| matches!(source, Source::Empty | Source::Schema(_) | Source::Snapshot(_));
    if is_read(&sources.actual) && is_read(&sources.desired) {
        return Vec::new();
    }
    let of_files = |files: &psl::SchemaFiles| {
        schema::declare(files, "public", Colours::Never).ok().map(|declared| declared.schemas)
    };
    let named = [&sources.actual, &sources.desired].into_iter().find_map(|source| match source {
        Source::Schema(path) | Source::SchemaDatasource(path) => {
            of_files(&schema::read("", path, &settings.current_directory).ok()?)
        }
        Source::Empty
        | Source::Migrations(_)
        | Source::Datasource
        | Source::Url(_)
        | Source::Snapshot(_) => None,
    });
    named.or_else(|| of_files(&project?.schema_files)).unwrap_or_else(|| vec!["public".to_owned()])
}

struct Context<'a> {
    project: Option<&'a Project>,
    settings: &'a Settings,
    shadow_database_url: Option<String>,
    schemas: Vec<String>,
    colours: Colours,
}

impl Context<'_> {
    /// Reads one side; `flag` is what names a schema on it.
    async fn side(
        &self,
        source: &Source,
        flag: &str,
        progress: &mut dyn Progress,
    ) -> Result<Side, Error> {
        let whole = |catalog| Side {
            vocabulary: Vocabulary::of_catalog(&catalog),
            catalog,
            names: Qualification::Always,
            language: None,
        };
        Ok(match source {
            Source::Empty => whole(Catalog::default()),
            Source::Schema(path) => {
                let files = schema::read(flag, path, &self.settings.current_directory)?;
                let declared = schema::declare(&files, "public", self.colours)?;
                Side {
                    catalog: declared.catalog,
                    names: declared.names,
                    language: Some(declared.language),
                    vocabulary: declared.vocabulary,
                }
            }
            Source::Migrations(path) => {
                let migrations = shadow::read_folder(&self.settings.current_directory.join(path))?;
                whole(self.shadow()?.catalog(&migrations, progress).await?)
            }
            Source::SchemaDatasource(path) => {
                let project = project::discover(&Request {
                    current_directory: self.settings.current_directory.clone(),
                    environment: self.settings.environment.clone(),
                    schema: Some(path.clone()),
                    config: self.settings.config.clone(),
                    url: None,
                    url_origin: None,
                })?;
                let url = project
                    .database_url()
                    .map_err(|error| schema::show_variable(&project.schema_files, error))?;
                whole(self.database(&url, progress).await?)
            }
            Source::Datasource => match self.project {
                Some(project) => {
                    let read = async |url: DatabaseUrl, progress: &mut (dyn Progress + '_)| {
                        self.database(&url, progress).await
                    };
                    whole(datasource::with_url(project, self.settings, progress, read).await?)
                }
                None => return Err(project::Error::NoUrl.into()),
            },
            Source::Url(url) => {
                let url = DatabaseUrl::parse(url).map_err(project::Error::from)?;
                whole(self.database(&url, progress).await?)
            }
            Source::Snapshot(path) => {
                whole(snapshot::read(&self.settings.current_directory.join(path))?)
            }
        })
    }

    fn shadow(&self) -> Result<Shadow<'_>, Error> {
        let named = self
            .shadow_database_url
            .clone()
            .or_else(|| Some(self.project?.shadow_database_url.as_ref()?.value.clone()));
        let url = match named {
            Some(url) => Some(DatabaseUrl::parse(&url).map_err(project::Error::from)?),
            None => None,
        };
        Ok(Shadow {
            settings: self.settings,
            url,
            schemas: self.schemas.clone(),
            major: None,
            target: None,
            with_dependencies: false,
        })
    }

    async fn database(
        &self,
        url: &DatabaseUrl,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Catalog, Error> {
        progress.busy("reading the database");
        let session = datasource::connect(url, self.settings).await?;
        datasource::catalog(&session, &self.schemas).await
    }
}
