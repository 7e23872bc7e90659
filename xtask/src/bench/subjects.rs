//! What is measured: one function per kind of benchmark.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;

use super::{Benchmark, Subject, generate};
use crate::place::{Place, Program};

/// The sizes of generated schemas, in models.
const MODELS: &[usize] = &[10, 500, 5_000];

/// The sizes of generated histories, in migrations.
const MIGRATIONS: &[usize] = &[100, 1_000];

/// How many migrations are checked.
const CHECKED: usize = 200;

/// The longest history of the corpus.
const LONG: &str = "triggerdotdev__trigger.dev";

pub(super) fn start_up(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    let folder = place.folder("empty")?;
    generate::config(&folder)?;
    Ok(vec![both(place, "start-up (--version)", &folder, &["--version"])])
}

pub(super) fn validate(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    over_models(place, "validate", &["validate", "--schema", "a.prisma"])
}

pub(super) fn format(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    over_models(place, "format", &["format", "--schema", "a.prisma"])
}

pub(super) fn diff(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    const ARGUMENTS: &[&str] =
        &["migrate", "diff", "--from-schema", "a.prisma", "--to-schema", "b.prisma", "--script"];
    over_models(place, "diff, a column more in each table", ARGUMENTS)
}

/// `db pull` of so many tables. What psql does is to put the same questions to the server.
pub(super) fn pull(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    const ARGUMENTS: &[&str] = &["db", "pull", "--print"];
    let mut benchmarks = Vec::new();
    for &tables in MODELS {
        let made = place.folder(&format!("tables-{tables}"))?;
        generate::project(&made, tables)?;
        let url = place.database()?;
        deploy_to(place, &made, &url)?;
        let folder = place.folder(&format!("pull-{tables}"))?;
        generate::config(&folder)?;
        std::fs::write(folder.join("schema.prisma"), generate::schema(0, ""))?;
        let mut subjects = project_commands(place, &folder, ARGUMENTS, {
            let url = url.clone();
            move || Ok(url.clone())
        });
        if let Some(psql) = place.psql() {
            let script = folder.join("questions.sql");
            std::fs::write(&script, questions())?;
            subjects.push(Subject::new(Program::Psql, move || {
                let mut command = Command::new(psql);
                command.args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1"]);
                command.arg(&url).arg("-f").arg(&script);
                Ok(command)
            }));
        }
        benchmarks.push(Benchmark { name: format!("db pull: {tables} tables"), subjects });
    }
    Ok(benchmarks)
}

/// What `db pull` asks the server.
fn questions() -> String {
    let mut script = "SET search_path = ''; SET jit = off;\n".to_owned();
    for (number, kind) in ::pull::KINDS.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(
            script,
            "PREPARE q{number} (text[], bool) AS {};\nEXECUTE q{number} ('{{public}}', true);\n",
            kind.query()
        );
    }
    script
}

pub(super) fn deploy(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    Ok(generated(place)?.iter().map(|history| history.deploy(place)).collect())
}

pub(super) fn status(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    let mut benchmarks = Vec::new();
    for history in generated(place)? {
        benchmarks.extend(history.status(place)?);
    }
    Ok(benchmarks)
}

pub(super) fn history(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    let Some(applications) = place.applications() else { return Ok(Vec::new()) };
    let history = History::of_application(place, &applications.join(LONG))?;
    let mut benchmarks = vec![history.deploy(place)];
    benchmarks.extend(history.status(place)?);
    Ok(benchmarks)
}

/// `check` without a database, of a history whose last migrations are new on a branch, and of all of it.
pub(super) fn check(place: &Place) -> anyhow::Result<Vec<Benchmark<'_>>> {
    const NEW: &[&str] = &["check", "--base", "main"];
    const ALL: &[&str] = &["check", "--all"];
    let folder = place.folder("check")?;
    generate::project(&folder, CHECKED)?;
    let git = |line: &str| -> anyhow::Result<()> {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(line.split_whitespace());
        ensure!(git.current_dir(&folder).status()?.success(), "git {line}");
        Ok(())
    };
    let last = folder.join(format!("migrations/{}_model_{}", 20_260_101_000_199_u64, CHECKED - 1));
    let aside = folder.join("aside");
    std::fs::rename(&last, &aside)?;
    git("init -q -b main")?;
    git("add migrations schema.prisma prisma.config.ts")?;
    git("commit -q -m base")?;
    git("checkout -q -b work")?;
    std::fs::rename(&aside, &last)?;
    git("add -A")?;
    git("commit -q -m work")?;
    let ours = |name: String, line: &'static [&'static str]| {
        let folder = folder.clone();
        let run = move || Ok(place.run(Program::Undrift, &folder, line));
        Benchmark { name, subjects: vec![Subject::new(Program::Undrift, run)] }
    };
    Ok(vec![
        ours(format!("check, one migration new of {CHECKED}"), NEW),
        ours(format!("check, all {CHECKED} migrations judged"), ALL),
    ])
}

/// The same command for undrift and Prisma.
fn both<'a>(
    place: &'a Place,
    name: &str,
    folder: &Path,
    arguments: &'static [&'static str],
) -> Benchmark<'a> {
    let subjects = place.projects_programs().map(|program| {
        let folder = folder.to_owned();
        Subject::new(program, move || Ok(place.run(program, &folder, arguments)))
    });
    Benchmark { name: name.to_owned(), subjects: subjects.collect() }
}

fn over_models<'a>(
    place: &'a Place,
    name: &str,
    arguments: &'static [&'static str],
) -> anyhow::Result<Vec<Benchmark<'a>>> {
    let mut benchmarks = Vec::new();
    for &models in MODELS {
        let folder = place.folder(&format!("models-{models}"))?;
        generate::config(&folder)?;
        std::fs::write(folder.join("a.prisma"), generate::schema(models, ""))?;
        std::fs::write(folder.join("b.prisma"), generate::schema(models, "  extra Int?\n"))?;
        benchmarks.push(both(place, &format!("{name}: {models} models"), &folder, arguments));
    }
    Ok(benchmarks)
}

/// A project with a history.
struct History {
    name: String,
    folder: PathBuf,
    scripts: Vec<PathBuf>,
}

fn generated(place: &Place) -> anyhow::Result<Vec<History>> {
    let mut histories = Vec::new();
    for &migrations in MIGRATIONS {
        let folder = place.folder(&format!("history-{migrations}"))?;
        generate::project(&folder, migrations)?;
        histories.push(History::read("generated", folder.clone(), &folder)?);
    }
    Ok(histories)
}

impl History {
    /// The project in `folder`, whose migrations are in `prisma`.
    fn read(name: &str, folder: PathBuf, prisma: &Path) -> anyhow::Result<Self> {
        let mut scripts = Vec::new();
        for entry in std::fs::read_dir(prisma.join("migrations"))? {
            let script = entry?.path().join("migration.sql");
            if script.is_file() {
                scripts.push(script);
            }
        }
        scripts.sort();
        Ok(Self { name: format!("{name}, {} migrations", scripts.len()), folder, scripts })
    }

    /// The project of an application, without its own config, which points to its own repository.
    fn of_application(place: &Place, application: &Path) -> anyhow::Result<Self> {
        let folder = place.folder("application/prisma")?;
        for name in ["schema.prisma", "schema", "migrations"] {
            let (from, to) = (application.join(name), folder.join(name));
            if from.exists() && !to.exists() {
                std::os::unix::fs::symlink(from, to)?;
            }
        }
        let name = application.file_name().unwrap_or_default().to_string_lossy();
        Self::read(&name, place.folder("application")?, &folder)
    }

    fn deploy<'a>(&self, place: &'a Place) -> Benchmark<'a> {
        const ARGUMENTS: &[&str] = &["migrate", "deploy"];
        let mut subjects =
            project_commands(place, &self.folder, ARGUMENTS, move || place.database());
        if let Some(psql) = place.psql() {
            let scripts = self.scripts.clone();
            subjects.push(Subject::new(Program::Psql, move || {
                let mut command = Command::new(psql);
                command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1"]).arg(place.database()?);
                for script in &scripts {
                    command.arg("-f").arg(script);
                }
                Ok(command)
            }));
        }
        Benchmark { name: format!("deploy: {}", self.name), subjects }
    }

    fn status<'a>(&self, place: &'a Place) -> anyhow::Result<Vec<Benchmark<'a>>> {
        const ARGUMENTS: &[&str] = &["migrate", "status"];
        let url = place.database()?;
        deploy_to(place, &self.folder, &url)?;
        let warm = project_commands(place, &self.folder, ARGUMENTS, {
            let url = url.clone();
            move || Ok(url.clone())
        });
        let cold = place.projects_programs().map(|program| {
            let (folder, url) = (self.folder.clone(), url.clone());
            Subject::new(program, move || {
                let mut command = place.run(program, &folder, ARGUMENTS);
                command.env("DATABASE_URL", &url).env("DIRECT_URL", &url);
                command.env("UNDRIFT_CACHE", place.fresh_folder()?);
                Ok(command)
            })
        });
        let cold = cold.collect();
        Ok(vec![
            Benchmark { name: format!("status, nothing cached: {}", self.name), subjects: cold },
            Benchmark { name: format!("status: {}", self.name), subjects: warm },
        ])
    }
}

/// Brings a database up to date with a project's history.
fn deploy_to(place: &Place, folder: &Path, url: &str) -> anyhow::Result<()> {
    let mut deploy = place.run(Program::Undrift, folder, &["migrate", "deploy"]);
    let output = deploy.env("DATABASE_URL", url).env("DIRECT_URL", url).output()?;
    ensure!(output.status.success(), "{deploy:?} failed");
    Ok(())
}

/// The same command for undrift and Prisma, with the URL of a database.
fn project_commands<'a>(
    place: &'a Place,
    folder: &Path,
    arguments: &'static [&'static str],
    url: impl Fn() -> anyhow::Result<String> + Clone + 'a,
) -> Vec<Subject<'a>> {
    let subjects = place.projects_programs().map(|program| {
        let (folder, url) = (folder.to_owned(), url.clone());
        Subject::new(program, move || {
            let mut command = place.run(program, &folder, arguments);
            let url = url()?;
            command.env("DATABASE_URL", &url).env("DIRECT_URL", url);
            Ok(command)
        })
    });
    subjects.collect()
}
