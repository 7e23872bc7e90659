//! The database that schema, config file and flags name.

use psl::schema::Release;
use psl::syntax::{Block, Expression, Member, Property};
use psl::{SchemaFiles, SourceFile};

use crate::config::{Config, Setting};
use crate::discover::{Read, Request, Sourced};
use crate::environment::Environment;
use crate::schema_files::display;
use crate::{Error, text};

/// What a project says about the URL of its database.
#[derive(Debug, Clone)]
pub enum DatasourceUrl {
    /// Neither flag, config file nor schema names one.
    NotConfigured,
    /// One is named, but what it is taken from is not there, most likely for a variable forgotten.
    Absent(AbsentUrl),
    /// There is one, which need not be PostgreSQL's.
    Given(Sourced),
    /// It cannot be told.
    Unknown(Error),
}

/// A URL that is named but not there.
#[derive(Debug, Clone)]
pub struct AbsentUrl {
    /// The variable that is not set or empty, if it is known which.
    pub variable: Option<String>,
    /// The file that names it, with the line if it is known: `prisma.config.ts:7`.
    pub place: String,
    /// What Prisma says about it.
    pub error: Error,
}

/// What is known of the project's database.
pub(crate) struct Datasource {
    /// The name of the block in the schema.
    pub(crate) name: String,
    /// The release whose way it is to name the database there.
    pub(crate) release: Release,
    pub(crate) url: DatasourceUrl,
    pub(crate) shadow_database_url: Option<Sourced>,
    pub(crate) sources: Vec<Read>,
}

/// The properties that hold URLs. `directUrl` wins over `url`, and Prisma reports it first.
const KEYS: [&str; 3] = ["directUrl", "url", SHADOW];
const SHADOW: &str = "shadowDatabaseUrl";

impl Datasource {
    /// Finds the database: `--url` wins over the config file, and that over the schema.
    pub(crate) fn find(
        request: &Request,
        files: &SchemaFiles,
        config: Option<&Config>,
        environment: &Environment,
    ) -> Self {
        let mut name = "db".to_owned();
        let mut found = Urls::default();
        if let Some((file, block)) = block(files) {
            name.clone_from(&block.name.text);
            found.read_block(file, block, environment);
        }
        let mut release = Release::Six;
        if let Some(config) = config {
            if found.url.is_none() && found.problem.is_none() {
                release = Release::Seven;
            }
            let of_config = Urls::of_config(request, config);
            if of_config.url.is_some() || of_config.problem.is_some() {
                found.url = of_config.url;
                found.problem = of_config.problem;
            }
            found.absent = of_config.absent;
            found.shadow = of_config.shadow.or(found.shadow);
        }
        if let Some(url) = &request.url {
            found.problem = None;
            let origin = request.url_origin.as_deref().unwrap_or("--url").to_owned();
            found.url = Some(Sourced { value: url.clone(), origin });
        }
        let read = |what, url: &Option<Sourced>| {
            url.as_ref().map(|url| Read { what, from: url.origin.clone() })
        };
        let sources =
            [read("database URL", &found.url), read("shadow database URL", &found.shadow)];
        let url = match found {
            Urls { problem: Some(problem), .. } => problem,
            Urls { url: Some(url), .. } => DatasourceUrl::Given(url),
            Urls { absent: Some(absent), .. } => DatasourceUrl::Absent(absent),
            Urls { .. } => DatasourceUrl::NotConfigured,
        };
        let sources = sources.into_iter().flatten().collect();
        Self { name, release, url, shadow_database_url: found.shadow, sources }
    }
}

/// What the properties of one file say.
#[derive(Default)]
struct Urls {
    url: Option<Sourced>,
    shadow: Option<Sourced>,
    /// A URL that is not there, where another will do.
    absent: Option<AbsentUrl>,
    /// Why there is none whatever the other property says.
    problem: Option<DatasourceUrl>,
}

impl Urls {
    fn read_block(&mut self, file: &SourceFile, block: &Block, environment: &Environment) {
        for key in KEYS {
            let Some((property, url)) = property(block, key) else { continue };
            let name = match url {
                UrlText::Literal(value) => {
                    self.take(key, value, format!("{}, {key}", file.path));
                    continue;
                }
                UrlText::Variable(name) => name,
            };
            let (line, _) = text::place(&file.text, property.key.span.start as usize);
            let place = format!("{}:{line}", file.path);
            let (variable, origin) = (name.clone(), place.clone());
            let error = match environment.get(&name) {
                Some("") => {
                    Error::VariableEmpty { name, datasource: block.name.text.clone(), origin }
                }
                Some(value) => {
                    let origin = format!("{}, {key} = env(\"{name}\")", file.path);
                    self.take(key, value.to_owned(), origin);
                    continue;
                }
                None => Error::VariableMissing { name, origin },
            };
            // A shadow database whose variable is not set is as good as none.
            if key != SHADOW {
                let absent = AbsentUrl { variable: Some(variable), place, error };
                self.problem.get_or_insert(DatasourceUrl::Absent(absent));
            }
        }
    }

    fn of_config(request: &Request, config: &Config) -> Self {
        let mut urls = Self::default();
        let file = display(&config.path, &request.current_directory);
        for key in KEYS {
            // What a flag replaces need not be worked out.
            if request.url.is_some() && key != SHADOW {
                continue;
            }
            let place = |line: Option<usize>| match line {
                Some(line) => format!("{file}:{line}"),
                None => file.clone(),
            };
            let absent = match config.setting(&["datasource", key]) {
                Ok(Setting::Given(value)) if !value.is_empty() => {
                    urls.take(key, value, format!("{file}, datasource.{key}"));
                    continue;
                }
                Ok(Setting::NotConfigured) => continue,
                Ok(Setting::Given(_)) => {
                    AbsentUrl { variable: None, place: place(None), error: Error::EmptyUrl }
                }
                Ok(Setting::Absent { variable, line }) => {
                    AbsentUrl { variable, place: place(line), error: Error::NoUrl }
                }
                Err(error) => {
                    // It would end the file, whatever the other keys say.
                    let problem = if let Error::ConfigVariableMissing { name, line, .. } = &error {
                        let (variable, place) = (Some(name.clone()), place(Some(*line)));
                        DatasourceUrl::Absent(AbsentUrl { variable, place, error })
                    } else {
                        DatasourceUrl::Unknown(error)
                    };
                    urls.problem.get_or_insert(problem);
                    continue;
                }
            };
            if key != SHADOW {
                urls.absent = Some(absent);
            }
        }
        urls
    }

    /// Keeps a URL, unless there is one that wins over it.
    fn take(&mut self, key: &str, value: String, origin: String) {
        let place = if key == SHADOW { &mut self.shadow } else { &mut self.url };
        place.get_or_insert(Sourced { value, origin });
    }
}

enum UrlText {
    Literal(String),
    Variable(String),
}

/// The datasource block; it is read from the tree, so that a mistake elsewhere in the schema does not
/// hinder finding the database.
fn block(files: &SchemaFiles) -> Option<(&SourceFile, &Block)> {
    files.iter().zip(files.documents()).find_map(|(file, document)| {
        Some((file, document.blocks.iter().find(|block| block.keyword.text == "datasource")?))
    })
}

/// The property of a key, and the URL in it.
fn property<'a>(block: &'a Block, key: &str) -> Option<(&'a Property, UrlText)> {
    let property = block.members.iter().find_map(|member| match member {
        Member::Property(property) if property.key.text == key => Some(property),
        Member::Property(_) | Member::Field(_) | Member::Label(_) => None,
    })?;
    let value = property.value.as_ref()?;
    let url = if let Expression::String(text) = value {
        UrlText::Literal(text.text.clone())
    } else if let Expression::Function(function) = value
        && function.name.text == "env"
        && let Expression::String(name) = function.arguments.first()?.value.as_ref()?
    {
        UrlText::Variable(name.text.clone())
    } else {
        return None;
    };
    Some((property, url))
}
