//! Finding a project: what Prisma 6 and 7 look at, in their order.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub use psl::schema::Release;
use psl::syntax::{Block, Expression, Member};
use psl::{FileId, SourceFile};
use serde::Deserialize;

use crate::config::Config;
use crate::environment::Environment;
use crate::schema_files::{display, read_schema};
use crate::{DatabaseUrl, Error, text};

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
    /// `--url`.
    pub url: Option<String>,
}

/// A project as found.
#[derive(Debug, Clone)]
pub struct Project {
    /// Where the command was called.
    pub root: PathBuf,
    /// The schema file or folder.
    pub schema_path: PathBuf,
    /// The schema's files.
    pub schema_files: Vec<SourceFile>,
    /// The config file.
    pub config: Option<Config>,
    /// The migrations folder; it need not exist.
    pub migrations_folder: PathBuf,
    /// Which release's rules the project follows: 7 when the config file names the database, else 6.
    pub release: Release,
    /// The name of the schema's datasource.
    pub datasource: String,
    /// The URL that migrations use.
    pub url: Option<Sourced>,
    /// The URL of the shadow database.
    pub shadow_database_url: Option<Sourced>,
    /// What was read from where, in order.
    pub sources: Vec<Read>,
    /// What is odd but does not stop anything.
    pub warnings: Vec<String>,
    missing_variable: Option<(String, String)>,
}

/// A URL, and what named it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sourced {
    /// The URL as written; it may hold a password.
    pub value: String,
    /// A flag, or a file with the variable it names.
    pub origin: String,
}

impl fmt::Debug for Sourced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<url from {}>", self.origin)
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
        match (&self.url, &self.missing_variable) {
            (Some(url), _) => Ok(DatabaseUrl::parse(&url.value)?),
            (None, Some((name, origin))) => {
                Err(Error::VariableMissing { name: name.clone(), origin: origin.clone() })
            }
            (None, None) => Err(Error::NoUrl),
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
    let config = match Config::find(root, request.config.as_deref())? {
        Some(path) => {
            sources.push(Read { what: "config", from: display(&path, root) });
            Some(Config::read(&path, &mut environment)?)
        }
        None => None,
    };
    let schema_path = schema_path(request, config.as_ref())?;
    sources.push(Read { what: "schema", from: display(&schema_path, root) });
    let schema_files = read_schema(&schema_path, root)?;
    // A config file switches Prisma's own loading of .env off, in 6 as in 7.
    if config.is_none() {
        let beside = schema_path.parent().unwrap_or(root);
        for folder in [root.as_path(), beside, &root.join("prisma")] {
            let path = folder.join(".env");
            if environment.load(&path)? {
                sources.push(Read { what: "variables", from: display(&path, root) });
            }
        }
    }
    let migrations_folder = migrations_folder(root, &schema_path, config.as_ref())?;
    sources.push(Read { what: "migrations", from: display(&migrations_folder, root) });

    let mut project = Project {
        root: root.clone(),
        schema_path,
        migrations_folder,
        release: Release::Six,
        datasource: "db".to_owned(),
        url: None,
        shadow_database_url: None,
        sources,
        warnings: Vec::new(),
        missing_variable: None,
        config,
        schema_files,
    };
    project.find_urls(request, &environment)?;
    Ok(project)
}

impl Project {
    fn find_urls(&mut self, request: &Request, environment: &Environment) -> Result<(), Error> {
        if let Some(block) = datasource_block(&self.schema_files) {
            self.datasource.clone_from(&block.name.text);
            let origin = self.display(&self.schema_path);
            for key in ["shadowDatabaseUrl", "url", "directUrl"] {
                match property(&block, key) {
                    Some(UrlText::Literal(value)) => {
                        self.take(key, value, format!("{origin}, {key}"));
                    }
                    Some(UrlText::Variable(name)) => match environment.get(&name) {
                        Some(value) => {
                            let value = value.to_owned();
                            self.take(key, value, format!("{origin}, {key} = env(\"{name}\")"));
                        }
                        None if key == "shadowDatabaseUrl" => {}
                        None => self.missing_variable = Some((name, origin.clone())),
                    },
                    None => {}
                }
            }
        }
        let in_schema = self.url.is_some() || self.missing_variable.is_some();
        if let Some(config) = self.config.clone() {
            let origin = self.display(&config.path);
            for key in ["shadowDatabaseUrl", "url", "directUrl"] {
                if request.url.is_some() && key != "shadowDatabaseUrl" {
                    continue;
                }
                if let Some(value) = config.string(&["datasource", key])? {
                    if !in_schema {
                        self.release = Release::Seven;
                    }
                    self.take(key, value, format!("{origin}, datasource.{key}"));
                }
            }
            if !in_schema {
                self.release = Release::Seven;
            }
        }
        if let Some(url) = &request.url {
            self.take("url", url.clone(), "--url".to_owned());
        }
        Ok(())
    }

    fn take(&mut self, key: &str, value: String, origin: String) {
        if value.is_empty() {
            return;
        }
        let (what, place) = if key == "shadowDatabaseUrl" {
            ("shadow database URL", &mut self.shadow_database_url)
        } else {
            ("database URL", &mut self.url)
        };
        self.sources.push(Read { what, from: origin.clone() });
        *place = Some(Sourced { value, origin });
    }
}

#[derive(Deserialize)]
struct PackageJson {
    prisma: Option<PackageJsonPrisma>,
}

#[derive(Deserialize)]
struct PackageJsonPrisma {
    schema: Option<PathBuf>,
}

fn schema_path(request: &Request, config: Option<&Config>) -> Result<PathBuf, Error> {
    let root = &request.current_directory;
    let named = |path: PathBuf, origin: &str| {
        if path.exists() {
            Ok(path)
        } else {
            let path = display(&path, root);
            Err(Error::SchemaMissing { origin: origin.to_owned(), path })
        }
    };
    if let Some(schema) = &request.schema {
        return named(root.join(schema), "`--schema`");
    }
    if let Some(config) = config
        && let Some(schema) = config.string(&["schema"])?
    {
        return named(config.folder().join(schema), "the schema that the Prisma config file names");
    }
    let package = root.join("package.json");
    if package.is_file() {
        // A package.json that cannot be parsed says nothing about the schema.
        let parsed: Option<PackageJson> = serde_json::from_str(&text::read(&package)?).ok();
        if let Some(schema) = parsed.and_then(|package| package.prisma).and_then(|p| p.schema) {
            return named(root.join(schema), "the schema that package.json names");
        }
    }
    let defaults = ["schema.prisma", "prisma/schema.prisma"];
    let found = defaults.iter().map(|path| root.join(path)).find(|path| path.is_file());
    found.ok_or_else(|| Error::NoSchema(defaults.map(str::to_owned).to_vec()))
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
        return Ok(config.folder().join(path));
    }
    let beside = schema.parent().unwrap_or(root).join("migrations");
    if schema.is_dir() {
        let inside = schema.join("migrations");
        return Ok(if inside.is_dir() || !beside.is_dir() { inside } else { beside });
    }
    Ok(beside)
}

enum UrlText {
    Literal(String),
    Variable(String),
}

/// The datasource block; it is read from the tree, so that a mistake elsewhere in the schema does not
/// hinder finding the database.
fn datasource_block(files: &[SourceFile]) -> Option<Block> {
    files.iter().zip(0..).find_map(|(file, position)| {
        let document = psl::parse(FileId(position), &file.text).document;
        document.blocks.into_iter().find(|block| block.keyword.text == "datasource")
    })
}

fn property(block: &Block, key: &str) -> Option<UrlText> {
    block.members.iter().find_map(|member| match member {
        Member::Property(property) if property.key.text == key => match property.value.as_ref()? {
            Expression::String(text) => Some(UrlText::Literal(text.text.clone())),
            Expression::Function(function) if function.name.text == "env" => {
                match function.arguments.first()?.value.as_ref()? {
                    Expression::String(name) => Some(UrlText::Variable(name.text.clone())),
                    _ => None,
                }
            }
            _ => None,
        },
        Member::Property(_) | Member::Field(_) | Member::Label(_) => None,
    })
}
