//! npm, from a registry on this machine that has these packages and nothing else.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::ground::{Ground, ends, is_itself};
use super::served::Served;
use crate::package::VERSION;
use crate::package::npm::platform_file;
use crate::package::target::{TARGETS, Target};

/// A migration that takes longer than anybody waits here.
const ENDLESS: &str = "SELECT pg_sleep(600);\n";

/// How long a program that was told to stop may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn run(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let registry = registry(&ground.package("npm")?)?;
    // npm leaves out what is for another libc, unless it is told that there is one.
    let has_glibc = TARGETS.iter().filter(|target| target.libc == Some("glibc"));
    let is_packaged = |target: &Target| {
        ground.package(&format!("npm/{}", platform_file(target, VERSION))).is_ok()
    };
    let libc: &[&str] = if has_glibc.into_iter().any(is_packaged) { &[] } else { &["--libc=musl"] };
    let mut held = Vec::new();
    let project = Project::new(ground, &registry)?;
    project.install(libc)?;
    held.push(format!("npm installs {}", project.installed()?.join(", ")));
    let url = ground.database()?;
    project.npx(&url, &["migrate", "deploy"], 0)?;
    ground.is_deployed(&url)?;
    project.npx(&url, &["migrate", "status"], 0)?;
    held.push("npx undrift migrate deploy".to_owned());

    let other = ground.database()?;
    project.npx(&other, &["migrate", "status"], 1)?;
    let differ =
        ["migrate", "diff", "--from-empty", "--to-schema", "prisma/schema.prisma", "--exit-code"];
    project.npx(&other, &differ, 2)?;
    held.push("exit codes 0, 1 and 2 come through".to_owned());

    Ground::migration(&project.folder, "20260102000000_endless", ENDLESS)?;
    for signal in ["TERM", "INT", "HUP"] {
        let outcome = project.interrupted(ground, signal)?;
        held.push(format!(
            "SIG{signal} to the launcher ends the deploy on the server, too: {outcome}"
        ));
    }

    let project = Project::new(ground, &registry)?;
    project.install(&["--libc=musl"])?;
    let told = is_itself(project.launcher("")?.arg("--quiet"))?;
    held.push(format!(
        "--libc=musl installs {}: {}",
        project.installed()?.join(", "),
        told["target"]
    ));

    let project = Project::new(ground, &registry)?;
    project.install(&["--omit=optional"])?;
    let said = project.npx("", &["version"], 1)?;
    ensure!(said.contains("is not installed") && said.contains("--include=optional"), "{said}");
    project.install(&[&["--include=optional"], libc].concat())?;
    project.npx("", &["version"], 0)?;
    held.push(
        "without the platform's package it says so, and the way out that it names works".to_owned(),
    );
    Ok(held)
}

/// A project of Node.
struct Project {
    folder: PathBuf,
    registry: String,
    cache: PathBuf,
}

impl Project {
    fn new(ground: &Ground, registry: &Served) -> anyhow::Result<Self> {
        let folder = ground.scratch()?;
        Ground::project(&folder)?;
        std::fs::write(folder.join("package.json"), "{ \"private\": true }\n")?;
        Ok(Self { folder, registry: registry.url(), cache: ground.scratch()? })
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>, url: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("UNDRIFT_CACHE", &self.cache);
        command.env("npm_config_registry", &self.registry).env("npm_config_cache", &self.cache);
        command.env("npm_config_update_notifier", "false").env("DATABASE_URL", url);
        command
    }

    fn install(&self, flags: &[&str]) -> anyhow::Result<()> {
        let mut npm = self.command("npm", "");
        npm.args(["install", "--no-audit", "--no-fund", "undrift"]).args(flags);
        ends(&mut npm, 0).map(drop)
    }

    /// The packages of platforms that are there.
    fn installed(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.folder.join("node_modules/@undrift"))? {
            names.push(format!("@undrift/{}", entry?.file_name().to_string_lossy()));
        }
        Ok(names)
    }

    fn npx(&self, url: &str, arguments: &[&str], code: i32) -> anyhow::Result<String> {
        ends(self.command("npx", url).args(["--no", "undrift"]).args(arguments), code)
    }

    fn launcher(&self, url: &str) -> anyhow::Result<Command> {
        let path = self.folder.join("node_modules/.bin/undrift").canonicalize()?;
        Ok(self.command(path, url))
    }

    /// Stops the launcher in the middle of a migration, and says how it ended.
    fn interrupted(&self, ground: &Ground, signal: &str) -> anyhow::Result<String> {
        const RUNNING: &str = "SELECT count(*)::text FROM pg_stat_activity
            WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()";
        let url = ground.database()?;
        let mut deploy = self.launcher(&url)?;
        deploy.args(["migrate", "deploy"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut deploy = deploy.spawn()?;
        let is_running = || Ok(ground.ask(&url, RUNNING)? != "0");
        until("the migration runs", &is_running)?;
        ends(Command::new("kill").args([&format!("-{signal}"), &deploy.id().to_string()]), 0)?;
        let status = ended(&mut deploy)?;
        until("the migration has ended", &|| Ok(!is_running()?))?;
        ensure!(!status.success(), "it ended with {status}");
        Ok(match status.signal() {
            Some(number) => format!("signal {number}"),
            None => status.to_string(),
        })
    }
}

fn until(what: &str, is_so: &dyn Fn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let start = Instant::now();
    while !is_so()? {
        ensure!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn ended(child: &mut Child) -> anyhow::Result<std::process::ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            bail!("the launcher does not end");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Serves the packages as npm's registry does.
fn registry(folder: &Path) -> anyhow::Result<Served> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", listener.local_addr()?);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let bytes = std::fs::read(&path)?;
        let mut manifest = manifest(&bytes).with_context(|| path.display().to_string())?;
        let name = manifest["name"].as_str().context("a package without a name")?.to_owned();
        let file = format!("/files/{}", path.file_name().unwrap_or_default().to_string_lossy());
        manifest["dist"] = json!({ "tarball": format!("{address}{file}") });
        let document = json!({
            "name": name, "dist-tags": { "latest": VERSION }, "versions": { VERSION: manifest },
        });
        files.insert(format!("/{name}"), serde_json::to_vec(&document)?);
        files.insert(file, bytes);
    }
    Served::new(listener, files)
}

fn manifest(package: &[u8]) -> anyhow::Result<Value> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(package));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path()?.ends_with("package.json") {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            return Ok(serde_json::from_str(&text)?);
        }
    }
    bail!("no package.json")
}
