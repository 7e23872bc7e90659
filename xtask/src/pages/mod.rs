//! `cargo xtask pages`: the report, the diagrams and the local page, in a real browser.
//!
//! Each page is opened in a headless Chromium at three widths, light and dark: nothing may be said on the
//! console or loaded from elsewhere, axe-core must find nothing, what can be clicked is. The pictures are
//! for people: look at them. Mermaid's own parser reads the diagrams that are meant for it.

mod generate;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::json;

use crate::place::{self, Place, Program};

/// What is said about the browser's part.
const LOOK: &str = include_str!("look.mjs");

/// What can be said.
#[derive(Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    place: place::Flags,
    /// A folder with the npm packages playwright-core, axe-core and mermaid installed in it
    #[arg(long, default_value = "target/pages/node")]
    node: PathBuf,
    /// Chromium
    #[arg(long, default_value = "/usr/bin/chromium")]
    chromium: PathBuf,
    /// Where the pages and the pictures go
    #[arg(long, default_value = "target/pages/out")]
    out: PathBuf,
    /// The sizes of the schemas that are made up
    #[arg(long, value_delimiter = ',', default_value = "10,300")]
    tables: Vec<usize>,
    /// The applications of the corpus whose history is shown
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "documenso__documenso,umami-software__umami"
    )]
    applications: Vec<String>,
}

/// Makes the pages and looks at them.
pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    for package in ["playwright-core", "axe-core", "mermaid"] {
        ensure!(
            flags.node.join("node_modules").join(package).is_dir(),
            "{package} is not in {}: npm install --prefix {0} playwright-core axe-core mermaid",
            flags.node.display()
        );
    }
    ensure!(
        flags.chromium.is_file(),
        "{} is not there: apt-get install chromium, or pass --chromium",
        flags.chromium.display()
    );
    fs::create_dir_all(&flags.out)?;
    let out = flags.out.canonicalize()?;
    let place = Place::new(&flags.place)?;
    let mut job = Job::default();
    for tables in &flags.tables {
        let subject = generated(&place, *tables)?;
        job.add(&place, &subject, &out)?;
        for applies in [false, true] {
            job.serve(&place, &subject, applies)?;
        }
    }
    match place.applications() {
        Some(folder) => {
            for name in &flags.applications {
                let subject = application(&place, &folder.join(name), name)?;
                job.add(&place, &subject, &out)?;
            }
        }
        None => println!("No real history is shown: pass --corpus."),
    }
    let path = out.join("job.json");
    let chromium = flags.chromium.display().to_string();
    let text = json!({
        "chromium": chromium, "pictures": out.join("pictures"), "pages": job.pages, "ui": job.ui,
        "pictures_of": job.pictures, "mermaid": job.mermaid,
    });
    fs::write(&path, serde_json::to_string_pretty(&text)?)?;
    let script = out.join("look.mjs");
    fs::write(&script, LOOK)?;
    let node = flags.node.canonicalize()?;
    let status = Command::new("node").arg(&script).arg(&node).arg(&path).status();
    let status = status.context("node is not on the PATH")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A project with a database that has drifted and has a migration to come.
struct Subject {
    name: String,
    folder: PathBuf,
    url: String,
    database: String,
}

/// What is looked at; servers end with it.
#[derive(Default)]
struct Job {
    pages: Vec<serde_json::Value>,
    pictures: Vec<serde_json::Value>,
    mermaid: Vec<serde_json::Value>,
    ui: Vec<serde_json::Value>,
    servers: Vec<Child>,
}

impl Job {
    /// Makes the report and the diagrams of a project.
    fn add(&mut self, place: &Place, subject: &Subject, out: &Path) -> anyhow::Result<()> {
        let name = &subject.name;
        let file = |ending: &str| out.join(format!("{name}.{ending}"));
        let (report, picture, mermaid) = (file("html"), file("svg"), file("mmd"));
        let change = out.join(format!("{name}-change.svg"));
        for (command, path, more) in [
            ("report", &report, [].as_slice()),
            ("erd", &picture, &[]),
            ("erd", &mermaid, &[]),
            ("erd", &change, &["--changes", "--since", "database"]),
        ] {
            let path = path.to_string_lossy();
            subject.undrift(place, &[&[command, "-o", &path], more].concat())?;
        }
        let page = |path: &Path| format!("file://{}", path.display());
        self.pages.push(json!({ "name": name, "url": page(&report), "use": true }));
        self.pictures.push(json!({ "name": format!("{name}-svg"), "url": page(&picture) }));
        self.pictures.push(json!({ "name": format!("{name}-change"), "url": page(&change) }));
        self.mermaid.push(json!({ "name": name, "path": mermaid }));
        let size = fs::metadata(&report)?.len() / 1000;
        println!(
            "{name}: report of {size} kB, picture of {} kB",
            fs::metadata(&picture)?.len() / 1000
        );
        Ok(())
    }

    /// Starts the local page of a project.
    fn serve(&mut self, place: &Place, subject: &Subject, applies: bool) -> anyhow::Result<()> {
        let mut command = place.run(Program::Undrift, &subject.folder, &["ui"]);
        if applies {
            command.arg("--allow-apply");
        }
        command.env("DATABASE_URL", &subject.url).stdout(Stdio::piped());
        let mut server = command.spawn()?;
        let stdout = server.stdout.take().context("no output")?;
        self.servers.push(server);
        let mut url = String::new();
        BufReader::new(stdout).read_line(&mut url)?;
        let name = format!("{}-ui{}", subject.name, if applies { "-apply" } else { "" });
        let database = &subject.database;
        self.ui.push(json!({
            "name": name, "url": url.trim(), "applies": applies, "database": database,
        }));
        Ok(())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        for server in &mut self.servers {
            drop(server.kill());
            drop(server.wait());
        }
    }
}

impl Subject {
    fn undrift(&self, place: &Place, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = place.run(Program::Undrift, &self.folder, arguments);
        for variable in VARIABLES {
            command.env(variable, &self.url);
        }
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "undrift {}: {text}", arguments.join(" "));
        Ok(())
    }

    /// Changes the database behind undrift's back.
    fn drift(&self, place: &Place) -> anyhow::Result<()> {
        let url = project::DatabaseUrl::parse(&self.url)?;
        let script =
            "CREATE TABLE audit_copy (id int PRIMARY KEY, note text NOT NULL DEFAULT '<none>');
            INSERT INTO audit_copy SELECT n, 'row ' || n FROM generate_series(1, 1234) n;
            CREATE VIEW audit_view AS SELECT id, note FROM audit_copy;
            CREATE INDEX made_by_hand ON audit_copy (lower(note));";
        place.wait(async {
            let session = database::connect(&url, &database::ConnectOptions::default()).await?;
            session.run("making drift", script).await
        })?;
        Ok(())
    }
}

/// The variables in which the projects look for the URL.
const VARIABLES: &[&str] = &[
    "DATABASE_URL",
    "DIRECT_URL",
    "DIRECT_DATABASE_URL",
    "NEXT_PRIVATE_DATABASE_URL",
    "NEXT_PRIVATE_DIRECT_DATABASE_URL",
];

/// A schema made up, deployed in three migrations of which the last is to come.
fn generated(place: &Place, tables: usize) -> anyhow::Result<Subject> {
    let folder = place.folder(&format!("shop-{tables}"))?;
    let address = place.address()?;
    let subject = Subject {
        name: format!("shop-{tables}"),
        folder,
        url: address.to_url(),
        database: address.database,
    };
    let prisma = subject.folder.join("prisma");
    let migrations = prisma.join("migrations");
    fs::create_dir_all(&migrations)?;
    fs::write(migrations.join("migration_lock.toml"), "provider = \"postgresql\"\n")?;
    let schema = prisma.join("schema.prisma");
    let mut from = String::from("--from-empty");
    // Most of it, then some, then all.
    let steps = [tables * 7 / 10, tables - 2, tables];
    for (number, count) in steps.into_iter().enumerate() {
        let old = subject.folder.join("old.prisma");
        if number > 0 {
            fs::copy(&schema, &old)?;
            from = format!("--from-schema={}", old.display());
        }
        fs::write(&schema, generate::schema(count.max(1)))?;
        let to = format!("--to-schema={}", schema.display());
        let mut command = place.run(
            Program::Undrift,
            &subject.folder,
            &["migrate", "diff", &from, &to, "--script"],
        );
        let output = command.env("DATABASE_URL", &subject.url).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let name = format!("2026{:02}01120000_step_{}", number * 2 + 5, number + 1);
        if number == steps.len() - 1 {
            subject.undrift(place, &["migrate", "deploy"])?;
        }
        fs::create_dir_all(migrations.join(&name))?;
        fs::write(migrations.join(&name).join("migration.sql"), output.stdout)?;
    }
    // One model more than any migration makes.
    let text = fs::read_to_string(&schema)?;
    fs::write(&schema, text + "\nmodel NotYetMigrated {\n  id Int @id\n  note String?\n}\n")?;
    subject.drift(place)?;
    Ok(subject)
}

/// A real history, of which the last two migrations are to come.
fn application(place: &Place, source: &Path, name: &str) -> anyhow::Result<Subject> {
    let name = name.rsplit("__").next().unwrap_or(name).to_owned();
    let folder = place.folder(&name)?;
    let address = place.address()?;
    let subject = Subject { name, folder, url: address.to_url(), database: address.database };
    let prisma = subject.folder.join("prisma");
    copy(source, &prisma, &["migrations"])?;
    if !prisma.join("schema.prisma").is_file() && prisma.join("schema").is_dir() {
        let config = prisma.join("prisma.config.ts");
        if config.is_file() {
            fs::remove_file(config)?;
        }
        fs::write(
            subject.folder.join("package.json"),
            "{ \"prisma\": { \"schema\": \"prisma/schema\" } }\n",
        )?;
    }
    let mut folders: Vec<PathBuf> = fs::read_dir(source.join("migrations"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    folders.sort();
    let migrations = if prisma.join("schema").is_dir() {
        prisma.join("schema/migrations")
    } else {
        prisma.join("migrations")
    };
    let names: Vec<&PathBuf> = folders.iter().filter(|path| path.is_dir()).collect();
    let held = names.len().saturating_sub(2);
    let lock = migrations.join("migration_lock.toml");
    fs::create_dir_all(&migrations)?;
    fs::write(lock, "provider = \"postgresql\"\n")?;
    for (at, path) in names.into_iter().enumerate() {
        if at == held {
            subject.undrift(place, &["migrate", "deploy"])?;
        }
        copy(path, &migrations.join(path.file_name().unwrap_or_default()), &[])?;
    }
    subject.drift(place)?;
    Ok(subject)
}

/// Copies a folder but for what is named.
fn copy(from: &Path, to: &Path, without: &[&str]) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if without.iter().any(|it| name == *it) {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name), &[])?;
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}
