//! `init`: the files of a new project.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::files::write_file;
use crate::pull::{PullRequest, PullWarning, pull};
use crate::{Error, Progress, Settings, open};

/// What a new project is to be.
#[derive(Debug, Clone)]
pub struct InitRequest {
    /// The database, in place of one to fill in.
    pub url: Option<String>,
    /// The generator's provider.
    pub generator: String,
    /// Where the generator puts its code, seen from the schema.
    pub output: String,
    /// Preview features of the generator.
    pub preview_features: Vec<String>,
    /// Whether there is a model to begin with.
    pub with_model: bool,
}

/// What was made.
#[derive(Debug, Clone, Serialize)]
pub struct Init {
    /// The files that were written, as the user would write them.
    pub files: Vec<String>,
    /// How many models the database gave; none if it was not looked at, or could not be.
    pub models: Option<usize>,
    /// What of the database the schema cannot say.
    pub warnings: Vec<PullWarning>,
    /// What to do next.
    pub next: Vec<String>,
}

const SCHEMA: &str = "prisma/schema.prisma";
const CONFIG: &str = "prisma.config.ts";
const PLACEHOLDER: &str = "postgresql://USER:PASSWORD@localhost:5432/DATABASE?schema=public";

/// Writes schema, config file, `.env` and `.gitignore` of a project for Prisma 7, which undrift reads
/// the same. Of the latter two, what is there stays. With a URL and no model to begin with, the schema
/// is that of the database; one that cannot be read is told of, and the files are there all the same.
///
/// # Errors
/// When there is a schema or a config file already, the URL is not PostgreSQL's, or a file cannot be
/// written.
pub async fn init(
    settings: &Settings,
    request: &InitRequest,
    progress: &mut (dyn Progress + '_),
) -> Result<Init, Error> {
    let root = &settings.current_directory;
    if let Some(url) = &request.url {
        project::DatabaseUrl::parse(url).map_err(project::Error::from)?;
    }
    for path in [SCHEMA, "schema.prisma", CONFIG] {
        if root.join(path).exists() {
            return Err(Error::Usage(format!("{path} already exists in this project.")));
        }
    }
    let mut files = vec![SCHEMA.to_owned(), CONFIG.to_owned()];
    write_file(&root.join(SCHEMA), &schema(request))?;
    write_file(&root.join(CONFIG), CONFIG_TEXT)?;
    let url = request.url.as_deref().unwrap_or(PLACEHOLDER);
    let variable = format!("DATABASE_URL={}", quoted(url));
    let is_set = |text: &str| {
        text.lines().any(|line| {
            line.trim_start().trim_start_matches("export ").starts_with("DATABASE_URL=")
        })
    };
    if complete(&root.join(".env"), &[variable], |text, _| is_set(text))? {
        files.push(".env".to_owned());
    }
    let generated = Path::new("prisma").join(&request.output);
    let mut ignored = vec!["node_modules".to_owned(), ".env".to_owned()];
    ignored.extend(inside(&generated).map(|path| format!("/{}", path.display())));
    let has_line = |text: &str, line: &str| text.lines().any(|it| it.trim() == line);
    if complete(&root.join(".gitignore"), &ignored, has_line)? {
        files.push(".gitignore".to_owned());
    }
    let mut init = Init { files, models: None, warnings: Vec::new(), next: Vec::new() };
    if request.url.is_some() && !request.with_model {
        match fill(settings, &mut init, progress).await {
            Ok(()) => {}
            Err(Error::DatabaseEmpty | Error::NoDatabaseToPull) => init.models = Some(0),
            Err(error) => progress.notice(&format!("The database was not read: {error}")),
        }
    }
    let next: &[&str] = match (init.models, &request.url) {
        (Some(0), _) => &["add models to the schema", "undrift migrate dev --name init"],
        (Some(_), _) => &["undrift baseline"],
        (None, Some(_)) if request.with_model => &["undrift migrate dev --name init"],
        (None, Some(_)) => &["undrift db pull, or undrift migrate dev --name init"],
        (None, None) => {
            &["set DATABASE_URL in .env", "undrift db pull, or undrift migrate dev --name init"]
        }
    };
    init.next = next.iter().map(|step| (*step).to_owned()).collect();
    Ok(init)
}

/// Makes the schema that of the database.
async fn fill(
    settings: &Settings,
    init: &mut Init,
    progress: &mut (dyn Progress + '_),
) -> Result<(), Error> {
    let project = open(settings)?;
    let pulled = pull(&project, settings, &PullRequest::default(), progress).await?;
    pulled.write()?;
    init.models = Some(pulled.models);
    init.warnings = pulled.warnings;
    Ok(())
}

fn schema(request: &InitRequest) -> String {
    let InitRequest { url: _, generator, output, preview_features, with_model } = request;
    let features: Vec<String> = preview_features.iter().map(|name| quoted(name)).collect();
    let features = match features.as_slice() {
        [] => String::new(),
        features => format!("\n  previewFeatures = [{}]", features.join(", ")),
    };
    let model = if *with_model {
        "\nmodel User {\n  id    Int     @id @default(autoincrement())\n  email String  @unique\n  \
         name  String?\n}\n"
    } else {
        ""
    };
    let text = format!(
        "generator client {{\n  provider = {}\n  output   = {}{features}\n}}\n\ndatasource db {{\n  \
         provider = \"postgresql\"\n}}\n{model}",
        quoted(generator),
        quoted(output)
    );
    psl::format(&text)
}

const CONFIG_TEXT: &str = r#"import "dotenv/config";
import { defineConfig, env } from "prisma/config";

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: {
    path: "prisma/migrations",
  },
  datasource: {
    url: env("DATABASE_URL"),
  },
});
"#;

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The path without `..`, unless it leads out of the project.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut inside = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                if !inside.pop() {
                    return None;
                }
            }
            std::path::Component::Normal(part) => inside.push(part),
            std::path::Component::CurDir => {}
            std::path::Component::RootDir | std::path::Component::Prefix(_) => return None,
        }
    }
    Some(inside)
}

/// Adds the lines that a file does not have, and answers whether there were any.
fn complete(
    path: &Path,
    lines: &[String],
    has: impl Fn(&str, &str) -> bool,
) -> Result<bool, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(cause) => {
            return Err(Error::File { doing: "reading", path: path.to_owned(), cause });
        }
    };
    let missing: Vec<&str> =
        lines.iter().filter(|line| !has(&text, line)).map(String::as_str).collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let above = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let added = format!("{above}{}\n", missing.join("\n"));
    // Added to, not replaced: a file of secrets keeps its permissions.
    let written = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(added.as_bytes()));
    let error = |cause| Error::File { doing: "writing", path: path.to_owned(), cause };
    written.map(|()| true).map_err(error)
}
