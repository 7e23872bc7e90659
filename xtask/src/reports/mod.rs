//! `cargo xtask reports`: what `undrift check` writes for other programs, by validators of other makers.
//!
//! SARIF by Microsoft's multitool and by the official JSON schema, GitLab's code quality by what its own
//! documentation says, annotations against those of `@actions/core`, `JUnit` by `junitparser`. They
//! are installed with npm and pip on the first run, into `target/reports`; without those, or Python, or
//! Node, it says so and does not pass.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail, ensure};
use clap::Args;

/// With which program, and on what.
#[derive(Args)]
pub(crate) struct Flags {
    /// The build of undrift
    #[arg(long, default_value = "target/debug/undrift")]
    undrift: PathBuf,
    /// The unpacked corpus, for real histories besides the made-up one
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Where the validators are, or are to be
    #[arg(long, default_value = "target/reports")]
    validators: PathBuf,
}

/// npm's packages.
const NODE: &[&str] = &[
    "@microsoft/sarif-multitool@5.7.0",
    "@microsoft/jest-sarif@1.0.0-beta.0",
    "@actions/core@3.0.1",
    "ajv@8.20.0",
    "ajv-draft-04@1.0.0",
    "ajv-formats@3.0.1",
];

/// Those of `PyPI`.
const PYTHON: &[&str] = &["junitparser==5.0.3"];

/// The forms, and the files that they go to.
const FORMS: &[(&str, &str)] = &[
    ("--json", "out.json"),
    ("--sarif", "out.sarif"),
    ("--gitlab", "out.gitlab.json"),
    ("--github", "out.github"),
    ("--junit", "out.xml"),
    ("--markdown", "out.md"),
];

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let undrift = flags.undrift.canonicalize().with_context(|| {
        format!(
            "{} is not there: cargo build -p undrift --no-default-features",
            flags.undrift.display()
        )
    })?;
    std::fs::create_dir_all(&flags.validators)?;
    let validators = flags.validators.canonicalize()?;
    install(&validators)?;
    let folder = tempfile::tempdir()?;
    let (out, cache) = (folder.path().join("out"), folder.path().join("cache"));
    let mut projects = vec![("made-up".to_owned(), make_up(&folder.path().join("made-up"))?)];
    match &flags.corpus {
        Some(corpus) => projects.extend(applications(&corpus.join("apps"), folder.path())?),
        None => println!("real histories: not looked at; --corpus names them"),
    }
    for (name, project) in &projects {
        let out = out.join(name);
        std::fs::create_dir_all(&out)?;
        for (flag, file) in FORMS {
            let mut command = Command::new(&undrift);
            command.current_dir(project).args(["check", "--all", flag]);
            let ran = command.env("UNDRIFT_CACHE", &cache).output()?;
            let complaint = String::from_utf8_lossy(&ran.stderr);
            ensure!(!complaint.contains("Error:"), "{name} {flag}: {complaint}");
            std::fs::write(out.join(file), ran.stdout)?;
        }
    }
    println!("{} projects", projects.len());
    let mut passes = multitool(&out, &validators)?;
    let modules = validators.join("node");
    let node = script(&validators, "check.mjs", include_str!("check.mjs"))?;
    passes &= passes_with(Command::new("node").arg(node).arg(&out).arg(modules))?;
    let python = script(&validators, "check.py", include_str!("check.py"))?;
    let mut command = Command::new("python3");
    command.arg(python).arg(&out).env("PYTHONPATH", validators.join("python"));
    passes &= passes_with(&mut command)?;
    Ok(if passes { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn script(folder: &Path, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text)?;
    Ok(path)
}

fn passes_with(command: &mut Command) -> anyhow::Result<bool> {
    Ok(command.status().with_context(|| format!("running {command:?}"))?.success())
}

/// Installs what is not there.
fn install(validators: &Path) -> anyhow::Result<()> {
    let (node, python) = (validators.join("node"), validators.join("python"));
    if !node.join("node_modules/@actions/core").is_dir() {
        std::fs::create_dir_all(&node)?;
        std::fs::write(node.join("package.json"), "{ \"private\": true }\n")?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--ignore-scripts"]).args(NODE);
        let installed = npm.current_dir(&node).status();
        if !installed.is_ok_and(|status| status.success()) {
            bail!("absent: the validators of npm could not be installed: {NODE:?}");
        }
    }
    if !python.join("junitparser").is_dir() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(&python).args(PYTHON);
        if !pip.status().is_ok_and(|status| status.success()) {
            bail!("absent: the validators of PyPI could not be installed: {PYTHON:?}");
        }
    }
    Ok(())
}

/// Lets Microsoft's validator look at every SARIF file.
fn multitool(out: &Path, validators: &Path) -> anyhow::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = validators.join("node/node_modules/@microsoft/sarif-multitool-linux");
    let program = folder.join("Sarif.Multitool");
    if !program.is_file() {
        println!("absent: Microsoft's SARIF multitool is for Linux on x86-64 only here");
        return Ok(false);
    }
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    let mut errors = 0;
    let mut files = 0;
    for case in std::fs::read_dir(out)? {
        let case = case?.path();
        let outcome = case.join("validated.sarif");
        let mut command = Command::new(&program);
        command.arg("validate").arg(case.join("out.sarif")).arg("--output").arg(&outcome);
        command.args(["--log", "ForceOverwrite"]);
        let ran = command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1").output()?;
        let text = std::fs::read_to_string(&outcome).with_context(|| {
            format!(
                "{}{}",
                String::from_utf8_lossy(&ran.stdout),
                String::from_utf8_lossy(&ran.stderr)
            )
        })?;
        let log: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        let results = log.pointer("/runs/0/results").and_then(|results| results.as_array());
        for result in results.into_iter().flatten() {
            // Without a level a result is a warning; those are about style.
            if result.get("level").and_then(|level| level.as_str()) == Some("error") {
                errors += 1;
                println!("bad: {}: {result}", case.display());
            }
        }
        files += 1;
    }
    println!("SARIF: {files} files by Microsoft's multitool; {errors} errors");
    Ok(errors == 0)
}

/// A project in which every check finds something, with characters that mean something in reports.
fn make_up(folder: &Path) -> anyhow::Result<PathBuf> {
    let write = |path: &str, text: &str| -> anyhow::Result<()> {
        let path = folder.join("prisma").join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        Ok(std::fs::write(path, text)?)
    };
    write(
        "schema.prisma",
        "datasource db {\n  provider = \"postgresql\"\n}\n\nmodel A {\n  id Int @id\n  more String?\n}\n",
    )?;
    write("migrations/migration_lock.toml", "provider = \"postgresql\"\n")?;
    write(
        "migrations/20260101000000_a/migration.sql",
        "CREATE TABLE \"A\" (\"id\" INTEGER NOT NULL, \"b%, c: <&>\" TEXT, \"über\" INTEGER,\n  CONSTRAINT \"A_pkey\" PRIMARY KEY (\"id\"));\n",
    )?;
    write(
        "migrations/20260102000000_update/migration.sql",
        "ALTER TABLE \"A\" DROP COLUMN \"b%, c: <&>\";\nCREATE INDEX \"i|`x`\" ON \"A\" (\"über\");\n\
         ALTER TABLE \"A\"\n  ALTER COLUMN \"über\" SET NOT NULL;\n",
    )?;
    write("migrations/20260102000000_update/down.sql", "SELECT 1;\n")?;
    for line in [&["init", "-q", "-b", "main"][..], &["add", "-A"]] {
        ensure!(Command::new("git").args(line).current_dir(folder).status()?.success());
    }
    write("migrations/20260103000000_loose/migration.sql", "TRUNCATE \"A\";\n")?;
    Ok(folder.to_owned())
}

/// The applications of the corpus that have a schema and migrations, each in a folder as a project.
fn applications(apps: &Path, folder: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(apps).with_context(|| format!("{}", apps.display()))? {
        let app = entry?.path();
        let name = app.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let project = folder.join("apps").join(&name);
        std::fs::create_dir_all(project.join("prisma"))?;
        for part in ["schema.prisma", "schema", "migrations"] {
            let from = app.join(part);
            if from.exists() {
                std::os::unix::fs::symlink(from, project.join("prisma").join(part))?;
            }
        }
        found.push((name, project));
    }
    found.sort();
    Ok(found)
}
