//! The database that schema, config file and flags name.

use psl::schema::Release;
use psl::syntax::{Block, Expression, Member, Property};
use psl::{SchemaFiles, SourceFile};

use crate::config::Config;
use crate::discover::{Read, Request, Sourced};
use crate::environment::Environment;
use crate::schema_files::display;
use crate::{Error, text};

/// What is known of the project's database.
pub(crate) struct Datasource {
    /// The name of the block in the schema.
    pub(crate) name: String,
    /// The release whose way it is to name the database there.
    pub(crate) release: Release,
    pub(crate) url: Option<Sourced>,
    pub(crate) shadow_database_url: Option<Sourced>,
    pub(crate) sources: Vec<Read>,
    /// Why a URL cannot be told.
    pub(crate) problem: Option<Error>,
}

/// The properties that hold URLs. `directUrl` wins over `url`, and Prisma reports it first.
const KEYS: [&str; 3] = ["directUrl", "url", "shadowDatabaseUrl"];

impl Datasource {
    /// Finds the database: `--url` wins over the config file, and that over the schema.
    pub(crate) fn find(
        request: &Request,
        files: &SchemaFiles,
        config: Option<&Config>,
        environment: &Environment,
    ) -> Self {
        let mut found = Self {
            name: "db".to_owned(),
            release: Release::Six,
            url: None,
            shadow_database_url: None,
            sources: Vec::new(),
            problem: None,
        };
        if let Some((file, block)) = block(files) {
            found.name.clone_from(&block.name.text);
            found.read_block(file, block, environment);
        }
        if let Some(config) = config {
            if found.url.is_none() && found.problem.is_none() {
                found.release = Release::Seven;
            }
            found.read_config(request, config);
        }
        if let Some(url) = &request.url {
            found.problem = None;
            found.url = Some(Sourced { value: url.clone(), origin: "--url".to_owned() });
        }
        for (what, url) in
            [("database URL", &found.url), ("shadow database URL", &found.shadow_database_url)]
        {
            found.sources.extend(url.as_ref().map(|url| Read { what, from: url.origin.clone() }));
        }
        found
    }

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
            let origin = format!("{}:{line}", file.path);
            let problem = match environment.get(&name) {
                Some("") => Error::VariableEmpty { name, datasource: self.name.clone(), origin },
                Some(value) => {
                    let origin = format!("{}, {key} = env(\"{name}\")", file.path);
                    self.take(key, value.to_owned(), origin);
                    continue;
                }
                None => Error::VariableMissing { name, origin },
            };
            // A shadow database whose variable is not set is as good as none.
            if key != "shadowDatabaseUrl" {
                self.problem.get_or_insert(problem);
            }
        }
    }

    fn read_config(&mut self, request: &Request, config: &Config) {
        let file = display(&config.path, &request.current_directory);
        let mut of_config = Self {
            name: String::new(),
            release: self.release,
            url: None,
            shadow_database_url: None,
            sources: Vec::new(),
            problem: None,
        };
        for key in KEYS {
            // What a flag replaces need not be worked out.
            if request.url.is_some() && key != "shadowDatabaseUrl" {
                continue;
            }
            match config.string(&["datasource", key]) {
                Ok(Some(value)) if !value.is_empty() => {
                    of_config.take(key, value, format!("{file}, datasource.{key}"));
                }
                Ok(_) => {}
                Err(problem) => {
                    of_config.problem.get_or_insert(problem);
                }
            }
        }
        if of_config.url.is_some() || of_config.problem.is_some() {
            self.url = of_config.url;
            self.problem = of_config.problem;
        }
        if of_config.shadow_database_url.is_some() {
            self.shadow_database_url = of_config.shadow_database_url;
        }
    }

    /// Keeps a URL, unless there is one that wins over it.
    fn take(&mut self, key: &str, value: String, origin: String) {
        let place =
            if key == "shadowDatabaseUrl" { &mut self.shadow_database_url } else { &mut self.url };
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
