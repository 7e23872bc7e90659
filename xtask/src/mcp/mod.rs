//! `cargo xtask mcp`: a client of another maker, the official TypeScript SDK, does a whole job with
//! `undrift mcp` on a real history: finds drift made by hand, gets a plan, is refused without approval, waits
//! for a person, applies, and finds all in sync; over standard input and output, and over HTTP.
//!
//! The client checks every structured result against the schema that the server announces for it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use expectrl::{Eof, Expect as _};
use server::private::Cluster;

use crate::conformance::file_name;

/// The version of `@modelcontextprotocol/sdk` that is installed.
const SDK: &str = "@modelcontextprotocol/sdk@1.32.2";
/// The client's part of the job.
const CLIENT: &str = include_str!("client.mjs");
/// What somebody does to the database by hand, on tables that are there.
const BY_HAND: &str = "CREATE TABLE made_by_hand (id int PRIMARY KEY, note text);
    INSERT INTO made_by_hand VALUES (1, 'precious');";

/// On what.
#[derive(Args)]
pub(crate) struct Flags {
    /// A build of undrift
    #[arg(long, default_value = "target/debug/undrift")]
    undrift: PathBuf,
    /// The unpacked corpus
    #[arg(long, default_value = "../shared/corpus/unpacked")]
    corpus: PathBuf,
    /// The application whose history it is
    #[arg(long, default_value = "documenso__documenso")]
    application: String,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let undrift = flags.undrift.canonicalize().with_context(|| {
        format!("{}: cargo build -p undrift --no-default-features", flags.undrift.display())
    })?;
    let application = flags.corpus.join("apps").join(&flags.application);
    ensure!(
        application.is_dir(),
        "{}: unpack the corpus first: ../shared/corpus/unpack DIR",
        application.display()
    );
    let client = install()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let cluster = runtime.block_on(Cluster::start_shadow(&crate::server_programs()?, None))?;
    let mut done = 0;
    for transport in ["stdio", "http"] {
        let name = format!("mcp_{transport}");
        let url = runtime.block_on(cluster.fresh_database(&name))?.to_url();
        let job = Job::prepare(&undrift, &application, &url, &name, &runtime)?;
        match job.run(&client, transport) {
            Ok(()) => {
                done += 1;
                println!("{transport}: {}: done", file_name(&application));
            }
            Err(error) => println!("{transport}: {}: {error:#}", file_name(&application)),
        }
    }
    runtime.block_on(cluster.stop())?;
    println!("mcp: {done} of 2");
    Ok(if done == 2 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs the SDK, unless it is there, and returns the client's script.
fn install() -> anyhow::Result<PathBuf> {
    let folder = Path::new("target/mcp-client").to_owned();
    std::fs::create_dir_all(&folder)?;
    if !folder.join("node_modules/@modelcontextprotocol/sdk/package.json").is_file() {
        let installed = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix", "."])
            .arg(SDK)
            .current_dir(&folder)
            .status();
        let is_there = matches!(installed, Ok(status) if status.success());
        ensure!(is_there, "{SDK} is absent: this needs node, npm and the npm registry");
    }
    let script = folder.join("client.mjs");
    std::fs::write(&script, CLIENT)?;
    Ok(script.canonicalize()?)
}

/// A project whose database has drifted.
struct Job {
    undrift: PathBuf,
    folder: tempfile::TempDir,
    state: tempfile::TempDir,
    url: String,
    database: String,
}

impl Job {
    fn prepare(
        undrift: &Path,
        application: &Path,
        url: &str,
        database: &str,
        runtime: &tokio::runtime::Runtime,
    ) -> anyhow::Result<Self> {
        let (folder, state) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let prisma = folder.path().join("prisma");
        std::fs::create_dir(&prisma)?;
        let copied = Command::new("cp")
            .arg("-r")
            .args([application.join("migrations"), application.join("schema.prisma")])
            .arg(&prisma)
            .status()?;
        ensure!(copied.success(), "copying {}", application.display());
        let job = Self {
            undrift: undrift.to_owned(),
            folder,
            state,
            url: url.to_owned(),
            database: database.to_owned(),
        };
        let deployed = job.command(&["migrate", "deploy"]).output()?;
        ensure!(deployed.status.success(), "{}", String::from_utf8_lossy(&deployed.stderr));
        runtime.block_on(async {
            let url = project::DatabaseUrl::parse(url)?;
            let session = database::connect(&url, &database::ConnectOptions::default()).await?;
            let table = "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind = 'r' AND relname
                <> '_prisma_migrations' AND relnamespace = 'public'::regnamespace ORDER BY relname LIMIT 1";
            let rows = session.rows("choosing a table", table).await?;
            let table = rows.first().and_then(|row| row.get(0)).context("no table")?.to_owned();
            session.run("drifting", BY_HAND).await?;
            let column = format!("ALTER TABLE {table} ADD COLUMN by_hand int DEFAULT 7");
            session.run("drifting", &column).await?;
            anyhow::Ok(())
        })?;
        Ok(job)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.undrift);
        command
            .args(arguments)
            .args(["--url", &self.url])
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.variables());
        command
    }

    fn variables(&self) -> Vec<(String, String)> {
        let path = std::env::var_os("PATH").unwrap_or_default().to_string_lossy().into_owned();
        let state = self.state.path().display().to_string();
        let cache = self.state.path().join("cache").display().to_string();
        let pair = |name: &str, value: String| (name.to_owned(), value);
        vec![pair("PATH", path), pair("UNDRIFT_STATE", state), pair("UNDRIFT_CACHE", cache)]
    }

    /// Lets the client do its part, and plays the person.
    fn run(&self, client: &Path, transport: &str) -> anyhow::Result<()> {
        let serving = if transport == "http" { Some(self.serve()?) } else { None };
        let address = serving.as_ref().map(|(_, address)| address.clone());
        let mut stdio = vec!["mcp", "--allow", "apply", "--url"];
        stdio.push(&self.url);
        let told = serde_json::json!({
            "command": self.undrift, "arguments": stdio, "folder": self.folder.path(),
            "variables": self.variables().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "address": address,
        });
        let mut child = Command::new("node")
            .arg(client)
            .arg(told.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting node")?;
        let outcome = self.follow(&mut child);
        if outcome.is_err() {
            child.kill()?;
        }
        let status = child.wait()?;
        if let Some((mut server, _)) = serving {
            server.kill()?;
            server.wait()?;
        }
        outcome?;
        ensure!(status.success(), "the client ended with {status}");
        Ok(())
    }

    /// Starts the server over HTTP, and returns what it says about itself.
    fn serve(&self) -> anyhow::Result<(Child, serde_json::Value)> {
        let mut command = self.command(&["mcp", "--allow", "apply", "--http", "0", "--json"]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().context("no output")?);
        let mut text = String::new();
        loop {
            if output.read_line(&mut text)? == 0 {
                bail!("the server ended: {text}");
            }
            if let Ok(address) = serde_json::from_str(&text) {
                return Ok((child, address));
            }
        }
    }

    /// Passes on what the client says, and approves when it asks for that.
    fn follow(&self, child: &mut Child) -> anyhow::Result<()> {
        let mut input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        for line in output.lines() {
            let line = line?;
            match line.strip_prefix("APPROVE ") {
                Some(fingerprint) => {
                    self.approve(fingerprint)?;
                    writeln!(input, "approved")?;
                }
                None => println!("  {line}"),
            }
        }
        Ok(())
    }

    /// What a person does at a terminal.
    fn approve(&self, fingerprint: &str) -> anyhow::Result<()> {
        let mut command = self.command(&["approve", fingerprint]);
        command.env("TERM", "xterm");
        let mut session = expectrl::Session::spawn(command)?;
        session.set_expect_timeout(Some(Duration::from_mins(2)));
        // The name of the database: once for what is lost, once for the plan.
        for question in ["Data will be lost", "Approve this plan"] {
            session.expect(question)?;
            session.send(format!("{}\r", self.database))?;
        }
        session.expect("may be applied once")?;
        session.expect(Eof)?;
        Ok(())
    }
}
