//! Finding a project: what Prisma 6 and 7 look at, in their order.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use psl::SchemaFiles;
pub use psl::schema::Release;

use crate::config::Config;
use crate::datasource::{Datasource, DatasourceUrl};
use crate::environment::{Environment, Expansion, Precedence};
use crate::package_json::PackageJson;
use crate::path::clean;
use crate::schema_files::{display, read_schema};
use crate::{DatabaseUrl, Error};

/// What a command knows before it looks at any file.
#[derive(Clone, Default)]
pub struct Request {
    /// Where the command was called.
    pub current_directory: PathBuf,
    /// The process's variables.
    pub environment: BTreeMap<String, String>,
    /// `--schema`.
    pub schema: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--url`, or what stands for it.
    pub url: Option<String>,
    /// The flag that stands for `--url`.
    pub url_origin: Option<String>,
}

/// A project as found.
#[derive(Debug, Clone)]
pub struct Project {
    /// Where the command was called.
    pub root: PathBuf,
    /// The schema file or folder.
    pub schema_path: PathBuf,
    /// The schema's files.
    pub schema_files: SchemaFiles,
    /// The config file.
    pub config: Option<Config>,
    /// The migrations folder; it need not exist.
    pub migrations_folder: PathBuf,
    /// Which release's rules the project follows: 7 when the config file names the database, else 6.
    pub release: Release,
    /// The name of the schema's datasource.
    pub datasource: String,
    /// The URL that migrations use.
    pub url: DatasourceUrl,
    /// The URL of the shadow database.
    pub shadow_database_url: Option<Sourced>,
    /// The command that fills the database with data.
    pub seed: Option<Sourced>,
    /// The script that a shadow database is begun with.
    pub shadow_database_script: Option<String>,
    /// What was read from where, in order.
    pub sources: Vec<Read>,
    /// What is odd but does not stop anything.
    pub warnings: Vec<String>,
}

/// A URL or a command, and what named it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sourced {
    /// The text as written; it may hold a password.
    pub value: String,
    /// A flag, or a file with the variable it names.
    pub origin: String,
}

impl fmt::Debug for Sourced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<from {}>", self.origin)
    }
}

/// Something that was read; its text never holds a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What it is: `schema`, `database URL`, …
    pub what: &'static str,
    /// Where it was read from.
    pub from: String,
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.from)
    }
}

impl Project {
    /// The path as a user in the current directory would write it.
    pub fn display(&self, path: &Path) -> String {
        display(path, &self.root)
    }

    /// Takes the project's URL apart.
    ///
    /// # Errors
    /// When there is none, the variable that should hold it is not set, or it is not PostgreSQL's.
    pub fn database_url(&self) -> Result<DatabaseUrl, Error> {
        match &self.url {
            DatasourceUrl::Given(url) => Ok(DatabaseUrl::parse(&url.value)?),
            DatasourceUrl::Absent(absent) => Err(absent.error.clone()),
            DatasourceUrl::Unknown(error) => Err(error.clone()),
            DatasourceUrl::NotConfigured if self.release == Release::Six => {
                Err(Error::NoUrlArgument(self.datasource.clone()))
            }
            DatasourceUrl::NotConfigured => Err(Error::NoUrl),
        }
    }
}

/// Finds the project that a command is about.
///
/// # Errors
/// When there is no schema, or a file that is needed cannot be read or understood.
pub fn discover(request: &Request) -> Result<Project, Error> {
    let root = &request.current_directory;
    let mut environment = Environment::new(request.environment.clone());
    let mut sources = Vec::new();
    let mut warnings = Vec::new();
    let package = PackageJson::find(root)?;
    warnings.extend(package.as_ref().and_then(PackageJson::warning));
    let config = match Config::find(root, request.config.as_deref())? {
        Some(path) => {
            sources.push(Read { what: "config", from: display(&path, root) });
            Some(Config::read(&path, root, &mut environment)?)
        }
        None => None,
    };
    // A config file switches Prisma's own loading of .env off, in 6 as in 7, and takes the place of
    // what package.json says.
    let named = package.as_ref().filter(|_| config.is_none());
    let schema_path = schema_path(request, config.as_ref(), named)?;
    sources.push(Read { what: "schema", from: display(&schema_path, root) });
    let schema_files = read_schema(&schema_path, root)?;
    let mut conflict = None;
    if config.is_none() {
        let files = env_files(request, package.as_ref());
        for path in &files {
            environment.load(path, Expansion::Braces, Precedence::Process)?;
            sources.push(Read { what: "variables", from: display(path, root) });
        }
        if let [first, second] = files.as_slice() {
            let names = environment.conflicts(first, second)?;
            let (first, second) = (display(first, root), display(second, root));
            if !names.is_empty() && request.url.is_none() {
                conflict = Some(Error::EnvFilesConflict { first, second, names });
            }
        }
    }
    let migrations_folder = migrations_folder(root, &schema_path, config.as_ref())?;
    sources.push(Read { what: "migrations", from: display(&migrations_folder, root) });

    let mut seed = named.and_then(|package| {
        let origin = display(package.path(), root) + ", prisma.seed";
        Some(Sourced { value: package.prisma()?.seed.clone()?, origin })
    });
    let mut shadow_database_script = None;
    if let Some(config) = &config {
        let origin = display(&config.path, root) + ", migrations.seed";
        let command = config.string(&["migrations", "seed"])?;
        seed = command.map(|value| Sourced { value, origin });
        shadow_database_script = config.string(&["migrations", "initShadowDb"])?;
    }
    let datasource = Datasource::find(request, &schema_files, config.as_ref(), &environment);
    sources.extend(datasource.sources);
    Ok(Project {
        root: root.clone(),
        schema_path,
        schema_files,
        config,
        migrations_folder,
        release: datasource.release,
        datasource: datasource.name,
        // As in Prisma, a command without a database goes on.
        url: conflict.map_or(datasource.url, DatasourceUrl::Unknown),
        shadow_database_url: datasource.shadow_database_url,
        seed,
        shadow_database_script,
        sources,
        warnings,
    })
}

/// The `.env` files that Prisma 6 loads, the one that wins first: the one beside the nearest
/// package.json, then the first of those beside the schema that `--schema` names, in `prisma` and here.
fn env_files(request: &Request, package: Option<&PackageJson>) -> Vec<PathBuf> {
    let root = &request.current_directory;
    let beside_package = package.map(|package| package.folder().join(".env"));
    let beside_schema = request.schema.as_ref().map(|schema| root.join(schema));
    let beside_schema = beside_schema.and_then(|schema| Some(schema.parent()?.join(".env")));
    let mut candidates =
        beside_schema.into_iter().chain([root.join("prisma/.env"), root.join(".env")]);
    let beside_package = beside_package.filter(|path| path.is_file());
    let mut files = Vec::from_iter(beside_package);
    files.extend(candidates.find(|path| path.is_file()));
    files.dedup();
    files
}

fn schema_path(
    request: &Request,
    config: Option<&Config>,
    package: Option<&PackageJson>,
) -> Result<PathBuf, Error> {
    let root = &request.current_directory;
    let (path, missing) = if let Some(schema) = &request.schema {
        let path = schema.display().to_string();
        let missing = Error::SchemaMissing { origin: "`--schema`".to_owned(), path };
        (root.join(schema), missing)
    } else if let Some(config) = config
        && let Some(schema) = config.string(&["schema"])?
    {
        let path = clean(&config.folder().join(schema));
        let shown = path.display().to_string();
        (path, Error::NamedSchemaMissing { path: shown, by: "the Prisma config file" })
    } else if let Some(package) = package
        && let Some(schema) = package.prisma().and_then(|prisma| prisma.schema.as_ref())
    {
        let path = clean(&package.folder().join(schema));
        let by = "\"prisma.schema\" config of `package.json`";
        let missing = Error::NamedSchemaMissing { path: display(&path, root), by };
        (path, missing)
    } else {
        let defaults = ["schema.prisma", "prisma/schema.prisma"];
        let found = defaults.iter().map(|path| root.join(path)).find(|path| path.is_file());
        return found.ok_or_else(|| Error::NoSchema(defaults.map(str::to_owned).to_vec()));
    };
    if path.exists() { Ok(path) } else { Err(missing) }
}

/// The migrations folder: where the config says, or `migrations` beside the schema file, or in the
/// schema folder; of a schema folder that has none, beside it.
fn migrations_folder(
    root: &Path,
    schema: &Path,
    config: Option<&Config>,
) -> Result<PathBuf, Error> {
    if let Some(config) = config
        && let Some(path) = config.string(&["migrations", "path"])?
    {
        return Ok(clean(&config.folder().join(path)));
    }
    let beside = schema.parent().unwrap_or(root).join("migrations");
    if schema.is_dir() {
        let inside = schema.join("migrations");
        return Ok(if inside.is_dir() || !beside.is_dir() { inside } else { beside });
    }
    Ok(beside)
}

#[cfg(test)]
mod tests;
