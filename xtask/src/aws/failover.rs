//! A primary that goes away in the middle of a deploy, and its replica that takes over: nothing is lost.
//!
//! Between them and undrift stands a proxy of ours, as the name of an endpoint does at AWS: it leads to the
//! primary, then to the replica while that is still a standby, and stays there. It cuts after so many
//! messages, in turn before a message gets to the server and before its answer gets back; or it keeps the
//! connection and lets the standby answer (25006), as proxies do that keep idle clients through a failover.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::Flags;

/// How long the replica is a standby after the primary went away.
const ELECTION: Duration = Duration::from_millis(1500);

pub(super) fn run(flags: &Flags) -> anyhow::Result<()> {
    let folder = Arc::new(tempfile::tempdir()?);
    let servers = Servers::new(folder.path())?;
    let runtime = super::runtime()?;
    let project = project(folder.path(), 8)?;
    let undisturbed = runtime.block_on(failing_over(flags, &servers, &project, None))?;
    ensure!(undisturbed.code == 0, "undisturbed: {}", undisturbed.said);
    let (mut at_once, mut again, mut read_only) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (number, how) in (0..flags.cuts).zip(How::ALL.into_iter().cycle()) {
        // The first messages sign in; the last ones say goodbye.
        let at = 2 + number * undisturbed.messages.saturating_sub(2) / flags.cuts.max(1);
        let outcome =
            runtime.block_on(failing_over(flags, &servers, &project, Some(Cut { at, how })))?;
        let is_equal = outcome.state == undisturbed.state;
        match (outcome.code, is_equal) {
            (0, true) => at_once += 1,
            (_, true) => again += 1,
            (_, false) => wrong.push(format!("message {at}: {}\n{}", outcome.state, outcome.said)),
        }
        let met_standby = outcome.said.contains("the server has become a standby");
        read_only += usize::from(met_standby);
        let what = if outcome.was_cut { how.text() } else { "was over" };
        let met = if met_standby { ", met 25006" } else { "" };
        let why = outcome.said.lines().find_map(|line| line.strip_prefix("Error: "));
        let why =
            why.filter(|_| outcome.code != 0).map_or_else(String::new, |why| format!(": {why}"));
        let (all, code) = (undisturbed.messages, outcome.code);
        println!("  message {at} of {all}: {what}{met}, exit {code}{why}");
    }
    println!(
        "failover: {at_once} of {} deploys went on by themselves ({read_only} met 25006), {again} after being run \
         again, {} wrong",
        flags.cuts,
        wrong.len()
    );
    for one in &wrong {
        println!("  {one}");
    }
    ensure!(wrong.is_empty(), "something was lost");
    ensure!(read_only > 0 || flags.cuts < 12, "no deploy met 25006");
    Ok(())
}

/// A project with so many migrations, of all sorts.
pub(super) fn project(folder: &Path, migrations: usize) -> anyhow::Result<PathBuf> {
    let project = folder.join("project");
    let write = |path: String, text: String| -> anyhow::Result<()> {
        let path = project.join(path);
        std::fs::create_dir_all(path.parent().context("no folder")?)?;
        Ok(std::fs::write(path, text)?)
    };
    let datasource =
        "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";
    write("prisma/schema.prisma".to_owned(), datasource.to_owned())?;
    write(
        "prisma/migrations/migration_lock.toml".to_owned(),
        "provider = \"postgresql\"\n".to_owned(),
    )?;
    for number in 1..=migrations {
        let script = match number % 3 {
            0 => format!("CREATE INDEX CONCURRENTLY i{number} ON t{} (n);\n", number - 1),
            1 => format!(
                "CREATE TABLE t{number} (id int PRIMARY KEY, n int);\n\
                 INSERT INTO t{number} SELECT i, i FROM generate_series(1, 100) i;\n"
            ),
            _ => format!(
                "CREATE TABLE t{number} (id int PRIMARY KEY, n int);\n\
                 UPDATE t{} SET n = n + 1;\nALTER TABLE t{} ADD c{number} text DEFAULT 'x';\n",
                number - 1,
                number - 1
            ),
        };
        write(format!("prisma/migrations/{number:03}_m/migration.sql"), script)?;
    }
    Ok(project)
}

/// Runs undrift in a project.
pub(super) fn undrift(
    flags: &Flags,
    project: &Path,
    line: &str,
    url: &str,
) -> anyhow::Result<Output> {
    let program = flags.undrift.canonicalize();
    let program = program.with_context(|| format!("{} is not there", flags.undrift.display()))?;
    Ok(Command::new(program)
        .args(line.split_whitespace())
        .current_dir(project)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("UNDRIFT_CACHE", project.join("cache"))
        .env("DATABASE_URL", url)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .output()?)
}

#[derive(Clone, Copy)]
struct Cut {
    at: usize,
    how: How,
}

/// What becomes of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// It ends before the message gets to the server.
    Before,
    /// It ends before the answer gets back.
    After,
    /// It stays, and the standby answers, from the next message outside of a transaction on.
    Kept,
}

impl How {
    const ALL: [Self; 3] = [Self::Before, Self::After, Self::Kept];

    fn text(self) -> &'static str {
        match self {
            Self::Before => "cut before it",
            Self::After => "cut behind it",
            Self::Kept => "answered by the standby",
        }
    }
}

struct Outcome {
    code: i32,
    said: String,
    /// Rows, tables and history, as text.
    state: String,
    messages: usize,
    was_cut: bool,
}

async fn failing_over(
    flags: &Flags,
    servers: &Servers,
    project: &Path,
    cut: Option<Cut>,
) -> anyhow::Result<Outcome> {
    let pair = servers.pair()?;
    let way = Arc::new(Way {
        target: AtomicU16::new(pair.primary_port),
        messages: AtomicUsize::new(0),
        cut,
        is_cut: AtomicBool::new(false),
        happened: Notify::new(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let accepting = tokio::spawn(Arc::clone(&way).accept(listener));
    let url = format!("postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
    let program = flags.undrift.canonicalize()?;
    let deploy = async {
        let output = tokio::process::Command::new(&program)
            .args(["migrate", "deploy"])
            .current_dir(project)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("UNDRIFT_CACHE", project.join("cache"))
            .env("DATABASE_URL", &url)
            .stdin(Stdio::null())
            .output()
            .await?;
        anyhow::Ok(output)
    };
    let failover = async {
        way.happened.notified().await;
        // The name leads to the replica before that is a writer.
        servers.stop(&pair.primary, "immediate")?;
        tokio::time::sleep(ELECTION).await;
        servers.promote(&pair.replica)?;
        std::future::pending::<anyhow::Result<Output>>().await
    };
    let output = tokio::select! { output = deploy => output?, output = failover => output? };
    let was_cut = way.is_cut.load(Ordering::SeqCst);
    let messages = way.messages.load(Ordering::SeqCst);
    let (last, last_port) = if was_cut {
        (&pair.replica, pair.replica_port)
    } else {
        (&pair.primary, pair.primary_port)
    };
    let direct = format!("postgresql://postgres@127.0.0.1:{last_port}/postgres?sslmode=disable");
    if was_cut {
        // The deploy may have given up before.
        tokio::time::sleep(ELECTION).await;
        drop(servers.promote(last));
    }
    let code = output.status.code().unwrap_or(-1);
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    if code != 0 {
        let next = undrift(flags, project, "migrate deploy", &direct)?;
        said.push_str(&String::from_utf8_lossy(&next.stderr));
    }
    let state = servers.state(last_port)?;
    accepting.abort();
    servers.stop(&pair.primary, "immediate").ok();
    servers.stop(&pair.replica, "immediate").ok();
    Ok(Outcome { code, said, state, messages, was_cut })
}

/// The way from undrift to whichever server.
struct Way {
    target: AtomicU16,
    messages: AtomicUsize,
    cut: Option<Cut>,
    is_cut: AtomicBool,
    happened: Notify,
}

impl Way {
    async fn accept(self: Arc<Self>, listener: TcpListener) {
        while let Ok((client, _)) = listener.accept().await {
            let way = Arc::clone(&self);
            drop(tokio::spawn(async move { drop(way.pass(client).await) }));
        }
    }

    async fn pass(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut server = self.connect().await?;
        let (mut asked, mut answers) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        let (mut startup, mut is_idle) = (Vec::new(), false);
        loop {
            tokio::select! {
                read = client.read(&mut asked) => {
                    let message = asked.get(..read?).unwrap_or_default();
                    let number = self.messages.fetch_add(1, Ordering::SeqCst) + 1;
                    if startup.is_empty() {
                        startup = message.to_vec();
                    }
                    match self.cut_at(number, is_idle) {
                        Some(How::Before) => {
                            self.fail_over();
                            return Ok(());
                        }
                        Some(How::After) => {
                            server.write_all(message).await?;
                            // Time for the server to do it; the answer is lost.
                            tokio::time::sleep(Duration::from_millis(40)).await;
                            self.fail_over();
                            return Ok(());
                        }
                        Some(How::Kept) => {
                            self.fail_over();
                            server = self.connect().await?;
                            sign_in(&mut server, &startup).await?;
                        }
                        None => {}
                    }
                    if message.is_empty() {
                        return Ok(());
                    }
                    is_idle = false;
                    server.write_all(message).await?;
                }
                read = server.read(&mut answers) => {
                    let message = answers.get(..read?).unwrap_or_default();
                    if message.is_empty() {
                        return Ok(());
                    }
                    is_idle = message.ends_with(IDLE);
                    client.write_all(message).await?;
                }
            }
        }
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(("127.0.0.1", self.target.load(Ordering::SeqCst))).await
    }

    /// What becomes of a connection at a message.
    fn cut_at(&self, number: usize, is_idle: bool) -> Option<How> {
        let cut = self.cut.filter(|_| !self.is_cut.load(Ordering::SeqCst))?;
        let is_here = match cut.how {
            How::Before | How::After => number == cut.at,
            How::Kept => number >= cut.at && is_idle,
        };
        is_here.then_some(cut.how)
    }

    fn fail_over(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.target.store(REPLICA.load(Ordering::SeqCst), Ordering::SeqCst);
        self.happened.notify_one();
    }
}

/// How an answer ends that leaves the session outside of a transaction.
const IDLE: &[u8] = b"Z\0\0\0\x05I";

/// Signs in for somebody else, and keeps the greeting from them.
async fn sign_in(server: &mut TcpStream, startup: &[u8]) -> std::io::Result<()> {
    server.write_all(startup).await?;
    let (mut greeting, mut buffer) = (Vec::new(), [0; 4096]);
    while !greeting.ends_with(IDLE) {
        match server.read(&mut buffer).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => greeting.extend_from_slice(buffer.get(..read).unwrap_or_default()),
        }
    }
    Ok(())
}

/// Where the replica of the pair of the moment is: there is one at a time.
static REPLICA: AtomicU16 = AtomicU16::new(0);

/// PostgreSQL's programs, and a cluster to copy.
struct Servers {
    folder: PathBuf,
    programs: PathBuf,
}

struct Pair {
    primary: PathBuf,
    primary_port: u16,
    replica: PathBuf,
    replica_port: u16,
}

impl Servers {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        let programs = crate::server_programs()?.bin_dir;
        let folder = folder.join("servers");
        std::fs::create_dir_all(&folder)?;
        let servers = Self { folder, programs };
        for above in [servers.folder.as_path(), servers.folder.parent().context("no folder")?] {
            open_to_all(above)?;
        }
        let template = servers.folder.join("template");
        let template = template.to_str().context("a path")?;
        servers.run(
            "initdb",
            &["-D", template, "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8"],
        )?;
        Ok(servers)
    }

    /// Runs a program as somebody whom PostgreSQL accepts.
    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let path = self.programs.join(program);
        let is_root = std::env::var_os("USER").is_none_or(|user| user == "root");
        let mut command = if is_root && Path::new("/usr/sbin/runuser").exists() {
            let mut command = Command::new("/usr/sbin/runuser");
            command.args(["-u", "postgres", "--"]).arg(&path);
            command
        } else {
            Command::new(&path)
        };
        let output = command
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .with_context(|| path.display().to_string())?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "{program} {}: {said}", arguments.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// A primary, and a replica that has all that was committed.
    fn pair(&self) -> anyhow::Result<Pair> {
        let free = || {
            Ok::<u16, std::io::Error>(
                std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
            )
        };
        let (primary_port, replica_port) = (free()?, free()?);
        let name = |port: u16| self.folder.join(port.to_string());
        let (primary, replica) = (name(primary_port), name(replica_port));
        let template = self.folder.join("template");
        let copied = Command::new("cp").arg("-a").args([&template, &primary]).status()?;
        ensure!(copied.success(), "the cluster cannot be copied");
        self.start(&primary, primary_port, "-c synchronous_commit=local")?;
        let (port, to) = (primary_port.to_string(), replica.display().to_string());
        self.run(
            "pg_basebackup",
            &[
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-U",
                "postgres",
                "-D",
                &to,
                "-R",
                "-c",
                "fast",
                "-X",
                "stream",
            ],
        )?;
        self.start(&replica, replica_port, "")?;
        // From now on nothing is committed that the replica does not have.
        self.ask(primary_port, "ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        self.ask(primary_port, "ALTER SYSTEM SET synchronous_commit = 'remote_apply'")?;
        self.stop(&primary, "fast")?;
        self.start(&primary, primary_port, "")?;
        for _ in 0..200 {
            if self.ask(
                primary_port,
                "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'",
            )? == "1"
            {
                REPLICA.store(replica_port, Ordering::SeqCst);
                return Ok(Pair { primary, primary_port, replica, replica_port });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        anyhow::bail!("the replica does not follow")
    }

    fn start(&self, data: &Path, port: u16, more: &str) -> anyhow::Result<()> {
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
             -c wal_retrieve_retry_interval=200ms {more}"
        );
        let (data, log) = (data.display().to_string(), data.with_extension("log"));
        let log = log.display().to_string();
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-o", &options, "-w", "-t", "60", "start"])?;
        Ok(())
    }

    fn stop(&self, data: &Path, mode: &str) -> anyhow::Result<()> {
        self.run("pg_ctl", &["-D", &data.display().to_string(), "-m", mode, "-w", "stop"]).map(drop)
    }

    fn promote(&self, data: &Path) -> anyhow::Result<()> {
        self.run("pg_ctl", &["-D", &data.display().to_string(), "-w", "promote"]).map(drop)
    }

    fn ask(&self, port: u16, sql: &str) -> anyhow::Result<String> {
        let port = port.to_string();
        let arguments =
            ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-Atqc", sql, "postgres"];
        Ok(self.run("psql", &arguments)?.trim().to_owned())
    }

    /// Rows, tables, indexes and history.
    fn state(&self, port: u16) -> anyhow::Result<String> {
        let history = "SELECT string_agg(concat_ws(' ', migration_name, checksum, applied_steps_count, \
                       finished_at IS NOT NULL, rolled_back_at IS NOT NULL, logs), ';' ORDER BY migration_name) \
                       FROM _prisma_migrations";
        let indexes = "SELECT string_agg(concat(indexrelid::regclass, indisvalid), ' ' \
                       ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid >= 16384 \
                       AND indrelid::regclass::text !~ '^pg_toast'";
        let columns = "SELECT string_agg(concat(table_name, '.', column_name), ' ' ORDER BY table_name, column_name) FROM \
                       information_schema.columns WHERE table_schema = 'public'";
        let mut all = Vec::new();
        for sql in [history, indexes, columns, "SELECT count(*), sum(n) FROM t1"] {
            all.push(self.ask(port, sql)?);
        }
        Ok(all.join("\n"))
    }
}

/// The server runs as somebody else, who must get through.
fn open_to_all(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777))?)
}
