//! Tables and what refers to what, for a picture: of a schema, a database or a snapshot, and what of it is
//! other than somewhere else.

mod build;
mod changes;

use std::collections::BTreeMap;
use std::path::PathBuf;

use catalog::{Catalog, Name, Pair};
use project::{DatabaseUrl, Project};
use serde::Serialize;

use crate::{Error, Progress, Settings, Verb, datasource, schema, shadow::Shadow, snapshot};

/// Tables and what refers to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagram {
    /// What it is of, in words: `the schema prisma/schema.prisma`.
    pub of: String,
    /// What it is compared with, in words; none if nothing is marked.
    pub since: Option<String>,
    /// The tables, by name; those that are no longer there among them, when it is compared.
    pub tables: Vec<DiagramTable>,
    /// The foreign keys, by table and name.
    pub relations: Vec<Relation>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagramTable {
    /// Its name.
    pub name: Name,
    /// Its columns, in their order; those that are no longer there behind them.
    pub columns: Vec<DiagramColumn>,
    /// What its comment says.
    pub comment: Option<String>,
    /// What becomes of it, if something does.
    pub change: Option<Verb>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagramColumn {
    /// Its name.
    pub name: String,
    /// Its type, as a person reads it.
    pub r#type: String,
    /// Whether it takes null.
    pub nullable: bool,
    /// Whether it is of the primary key.
    pub is_key: bool,
    /// Whether no two rows have the same in it.
    pub is_unique: bool,
    /// What becomes of it, if something does.
    pub change: Option<Verb>,
    /// What it was, if it changes: `varchar(10), not null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// The constraint's name.
    pub name: String,
    /// The table that has it.
    pub table: Name,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table referred to.
    pub referenced: Name,
    /// The columns referred to.
    pub referenced_columns: Vec<String>,
    /// Whether every row refers to one.
    pub is_required: bool,
    /// Whether no two rows refer to the same.
    pub is_unique: bool,
    /// What becomes of it, if something does.
    pub change: Option<Verb>,
}

/// What a diagram is of, or compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiagramSource {
    /// The project's schema.
    Schema,
    /// What the migrations make: they are replayed on a shadow database.
    Migrations,
    /// The project's database.
    Database,
    /// Another database.
    Url(String),
    /// A file made by `undrift snapshot`.
    Snapshot(PathBuf),
}

/// What diagram is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagramRequest {
    /// What it is of.
    pub of: DiagramSource,
    /// What it is compared with, if anything is to be marked.
    pub since: Option<DiagramSource>,
    /// Whether only what changes is shown, with the tables next to it.
    pub only_changes: bool,
}

/// Draws up a diagram. Changes nothing.
///
/// # Errors
/// When a side cannot be read: a schema is wrong, a database not reached, a migration not replayed.
pub async fn diagram(
    project: &Project,
    settings: &Settings,
    request: &DiagramRequest,
    progress: &mut (dyn Progress + '_),
) -> Result<Diagram, Error> {
    let sides = Sides { project, settings };
    let of = sides.read(&request.of, progress).await?;
    let since = match &request.since {
        Some(since) => Some(sides.read(since, progress).await?),
        None => None,
    };
    let drawn = Diagram::compared(&of, since.as_ref());
    Ok(if request.only_changes { drawn.only_changes() } else { drawn })
}

/// A catalog, and what it is in words.
pub(crate) struct Side {
    pub(crate) catalog: Catalog,
    pub(crate) words: String,
}

impl Diagram {
    /// Draws up one side, with what of it is other than on another one.
    pub(crate) fn compared(of: &Side, since: Option<&Side>) -> Self {
        let new = Self::of(&of.catalog, &of.words);
        match since {
            Some(since) => new.marked(Self::of(&since.catalog, &since.words)),
            None => new,
        }
    }

    /// How many tables change, by what becomes of them: created, altered, dropped.
    pub fn changed(&self) -> [usize; 3] {
        [Verb::Create, Verb::Alter, Verb::Drop]
            .map(|verb| self.tables.iter().filter(|table| table.change == Some(verb)).count())
    }
}

/// What sides are read from.
struct Sides<'a> {
    project: &'a Project,
    settings: &'a Settings,
}

impl Sides<'_> {
    async fn read(
        &self,
        source: &DiagramSource,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Side, Error> {
        let Self { project, settings } = self;
        match source {
            DiagramSource::Schema => {
                let catalog = schema::declared(project)?.catalog;
                let words = format!("the schema {}", project.display(&project.schema_path));
                Ok(Side { catalog, words })
            }
            DiagramSource::Migrations => {
                let migrations = project::read_migrations(&project.migrations_folder)?.migrations;
                let count = migrations.len();
                let words = if count == 1 {
                    "the 1 migration".to_owned()
                } else {
                    format!("the {count} migrations")
                };
                let url = match &project.shadow_database_url {
                    Some(url) => {
                        Some(DatabaseUrl::parse(&url.value).map_err(project::Error::from)?)
                    }
                    None => None,
                };
                let shadow = Shadow {
                    settings,
                    url,
                    schemas: self.schemas(),
                    major: None,
                    target: None,
                    with_dependencies: false,
                };
                Ok(Side { catalog: shadow.catalog(&migrations, progress).await?, words })
            }
            DiagramSource::Database => {
                datasource::with_url(project, settings, progress, async |url, progress| {
                    self.database(&url, progress).await
                })
                .await
            }
            DiagramSource::Url(url) => {
                let url = DatabaseUrl::parse(url).map_err(project::Error::from)?;
                self.database(&url, progress).await
            }
            DiagramSource::Snapshot(path) => {
                let catalog = snapshot::read(&settings.current_directory.join(path))?;
                Ok(Side { catalog, words: format!("the snapshot {}", path.display()) })
            }
        }
    }

    async fn database(
        &self,
        url: &DatabaseUrl,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Side, Error> {
        progress.busy("reading the database");
        let session = datasource::connect(url, self.settings).await?;
        let catalog = datasource::known_catalog(&session, &self.schemas(), self.settings).await?;
        let words = format!("the database {} at {}", url.database, url.address());
        Ok(Side { catalog, words })
    }

    /// The PostgreSQL schemas that the project is about.
    fn schemas(&self) -> Vec<String> {
        let declared = schema::declared(self.project).map(|declared| declared.schemas);
        declared.unwrap_or_else(|_| vec![schema::default_schema(self.project)])
    }
}

/// Both sides of a comparison, by name, in order: behind the new side, what only the old one has.
fn by_name<T>(pair: Pair<&[T]>, name: impl Fn(&T) -> String) -> Vec<(Option<&T>, Option<&T>)> {
    let Pair { actual: old, desired: new } = pair;
    let mut left: BTreeMap<String, &T> = old.iter().map(|it| (name(it), it)).collect();
    let mut both: Vec<_> = new.iter().map(|it| (left.remove(&name(it)), Some(it))).collect();
    both.extend(old.iter().filter(|it| left.contains_key(&name(it))).map(|it| (Some(it), None)));
    both
}
