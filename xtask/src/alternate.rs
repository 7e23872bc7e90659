//! `cargo xtask alternate`: undrift and Prisma on one database in turn.
//!
//! For each application of the corpus and both orders: one program deploys the first half of the
//! history, the other the rest; then each says that everything is up to date, has nothing to deploy,
//! and `migrate dev` has nothing to do. Where the schema is ahead of the history, the first `migrate dev`
//! writes what is missing and the other program has nothing to do; where dev ends in an error, both end
//! with the same code. A case that cannot be run counts as failed and is listed with the reason.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use crate::conformance::{file_name, folders, prisma_files};
use crate::place::{self, Place, Program};

/// With which programs, on what.
#[derive(Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    place: place::Flags,
    /// Only applications whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// The variable with the URL of a project whose schema has none.
const URL: &str = "DATABASE_URL";

const ORDERS: [[Program; 2]; 2] =
    [[Program::Undrift, Program::Prisma], [Program::Prisma, Program::Undrift]];

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let place = Place::new(&flags.place)?;
    let absent = place.absent();
    let Some(applications) = place.applications().filter(|_| absent.is_empty()) else {
        bail!("nothing to compare with: {}", absent.join(" "));
    };
    let (mut passed, mut failed) = (0, Vec::new());
    for application in folders(&applications)? {
        let name = file_name(&application);
        if flags.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        for order in ORDERS {
            match alternate(&place, &application, order) {
                Ok(()) => passed += 1,
                Err(error) => failed.push(format!("{name}, {:?} first: {error:#}", order[0])),
            }
        }
    }
    println!("alternate: {passed} of {}", passed + failed.len());
    for failure in &failed {
        println!("  {failure}");
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn alternate(place: &Place, application: &Path, order: [Program; 2]) -> anyhow::Result<()> {
    let names = migrations(application)?;
    let half = project(place, application, names.get(..names.len() / 2).unwrap_or_default())?;
    let whole = project(place, application, &names)?;
    let variables = variables(application);
    let (url, shadow) = (place.database()?, place.database()?);
    let run = |program: Program, folder: &Path, arguments: &[&str]| {
        let mut command = place.run(program, folder, arguments);
        command.env(URL, &url);
        for variable in &variables {
            let is_shadow = variable.to_lowercase().contains("shadow");
            command.env(variable, if is_shadow { &shadow } else { &url });
        }
        answer(program, command)
    };
    run(order[0], &half, &["migrate", "deploy"])?;
    run(order[1], &whole, &["migrate", "deploy"])?;
    for program in order {
        let status = run(program, &whole, &["migrate", "status"])?;
        ensure!(status.contains("up to date"), "{program:?} migrate status: {status}");
        let deploy = run(program, &whole, &["migrate", "deploy"])?;
        ensure!(deploy.contains("No pending migrations"), "{program:?} deployed again: {deploy}");
    }
    // Prisma 7 knows no such flags, and neither generates nor seeds.
    let skip: &[&str] =
        if variables.is_empty() { &[] } else { &["--skip-generate", "--skip-seed"] };
    let dev = |program| run(program, &whole, &[&["migrate", "dev", "--name", "x"], skip].concat());
    match (dev(order[0]), dev(order[1])) {
        (Ok(_), Ok(second)) => ensure!(
            second.contains("Already in sync"),
            "{:?} migrate dev after the other: {second}",
            order[1]
        ),
        (Err(first), Err(second)) => {
            let code = |error: &anyhow::Error| {
                error.to_string().split_whitespace().nth(1).map(str::to_owned)
            };
            ensure!(code(&first) == code(&second), "migrate dev: {first:#}; then {second:#}");
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => {
            return Err(error.context("migrate dev of one program, and not of the other"));
        }
    }
    Ok(())
}

/// What a command that must succeed prints.
pub(crate) fn answer(program: Program, mut command: Command) -> anyhow::Result<String> {
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = errors.lines().chain(text.lines()).map(str::trim).collect();
        bail!("{program:?} {:?}: {}", output.status.code(), lines.join(" "));
    }
    Ok(text)
}

/// The migrations of an application, in order.
pub(crate) fn migrations(application: &Path) -> anyhow::Result<Vec<String>> {
    let folders = folders(&application.join("migrations"))?;
    Ok(folders.iter().map(|folder| file_name(folder)).collect())
}

/// A project with these of an application's migrations, and without its config, which points to its
/// own repository.
pub(crate) fn project(
    place: &Place,
    application: &Path,
    names: &[String],
) -> anyhow::Result<PathBuf> {
    let folder = place.fresh_folder()?;
    for path in schema_files(application) {
        let to = folder.join("prisma").join(path.strip_prefix(application)?);
        std::fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
        std::fs::write(to, without_engines(&std::fs::read_to_string(&path)?))?;
    }
    let schema =
        ["schema", "schema.prisma"].into_iter().find(|name| application.join(name).exists());
    let schema = Path::new("prisma").join(schema.context("no schema")?);
    // Prisma 6 looks for migrations beside the file of the datasource.
    let beside = if folder.join(&schema).is_dir() { &schema } else { Path::new("prisma") };
    let migrations = beside.join("migrations");
    std::fs::create_dir_all(folder.join(&migrations))?;
    symlink(
        application.join("migrations/migration_lock.toml"),
        folder.join(&migrations).join("migration_lock.toml"),
    )?;
    for name in names {
        // Prisma does not follow a link to a folder.
        let copy = folder.join(&migrations).join(name);
        std::fs::create_dir(&copy)?;
        let script = application.join("migrations").join(name).join("migration.sql");
        if script.exists() {
            symlink(script, copy.join("migration.sql"))?;
        }
    }
    // A schema without a URL is one of Prisma 7, which wants a config.
    if variables(application).is_empty() {
        let [schema, migrations] = [&schema, &migrations].map(|path| serde_json::json!(path));
        let config = format!(
            "export default {{ schema: {schema}, migrations: {{ path: {migrations} }}, \
             datasource: {{ url: process.env.{URL} }} }}"
        );
        std::fs::write(folder.join("prisma.config.ts"), config)?;
    } else if beside == schema {
        let package = serde_json::json!({ "prisma": { "schema": schema } });
        std::fs::write(folder.join("package.json"), package.to_string())?;
    }
    Ok(folder)
}

/// The files of an application's schema.
fn schema_files(application: &Path) -> Vec<PathBuf> {
    let file = application.join("schema.prisma");
    let mut paths = Vec::from_iter(file.is_file().then_some(file));
    prisma_files(&application.join("schema"), &mut paths);
    paths
}

/// A schema that does not make Prisma look for engines, which neither command needs.
fn without_engines(schema: &str) -> String {
    let lines = schema.lines().filter(|line| {
        !["binaryTargets", "engineType"].iter().any(|name| line.trim_start().starts_with(name))
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The environment variables that an application's schema reads.
pub(crate) fn variables(application: &Path) -> Vec<String> {
    let paths = schema_files(application);
    let texts = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    let variables = texts.flat_map(|text| {
        let text = without_engines(&text);
        let parts = text.split("env(\"").skip(1);
        let names = parts.filter_map(|part| Some(part.split_once('"')?.0.to_owned()));
        names.collect::<Vec<_>>()
    });
    variables.collect()
}
