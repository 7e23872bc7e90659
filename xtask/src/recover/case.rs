//! One migration, broken at one place by one program.

use std::fmt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use database::{ConnectOptions, Session};
use project::DatabaseUrl;
use serde_json::Value;
use server::Address;

use super::stage::{Ending, Runner, Shape};
use crate::judge::{Dump, first_difference};
use crate::place::{Place, Program};

/// What there is before.
const BASE: &str = "CREATE TABLE \"a\" (\"id\" INT PRIMARY KEY, \"name\" TEXT NOT NULL);\n\
                    CREATE TYPE \"mood\" AS ENUM ('ok');\nCREATE TABLE \"gate\" (\"id\" INT);\n";

/// Twelve statements of many kinds.
pub(super) const TWELVE: [&str; 12] = [
    "CREATE TABLE \"b\" (\"id\" INT PRIMARY KEY, \"a_id\" INT)",
    "ALTER TABLE \"a\" ADD COLUMN \"n\" INT",
    "CREATE INDEX \"a_n\" ON \"a\" (\"n\") WHERE \"n\" > 0",
    "ALTER TYPE \"mood\" ADD VALUE 'glad'",
    "ALTER TABLE \"b\" ADD CONSTRAINT \"b_a\" FOREIGN KEY (\"a_id\") REFERENCES \"a\" (\"id\")",
    "CREATE VIEW \"named\" AS SELECT \"id\", \"name\" FROM \"a\"",
    "CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS $$ SELECT i * 2; $$",
    "COMMENT ON COLUMN \"a\".\"n\" IS 'how; many'",
    "DO $$ BEGIN EXECUTE 'ALTER TABLE a ALTER COLUMN n SET DEFAULT 7'; END $$",
    "ALTER TABLE \"b\" ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY \"own\" ON \"b\" USING (\"a_id\" = 1)",
    "ALTER TABLE \"a\" ADD CONSTRAINT \"positive\" CHECK (\"n\" > 0)",
];

const NAME: &str = "20260102000000_many";

/// How long a program may take to come to the obstacle, and the server to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// One migration, broken at one place by one program.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) runner: Runner,
    pub(super) shape: Shape,
    pub(super) ending: Ending,
    /// Behind how many statements the obstacle is.
    pub(super) after: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runner, shape, ending, after } = self;
        write!(f, "{runner}, {shape}, {ending} after {after}")
    }
}

/// A case on its way.
struct Scene<'a> {
    case: Case,
    place: &'a Place,
    folder: PathBuf,
    address: Address,
    session: Session,
}

impl Case {
    /// Runs the case; `shows` tells what was found.
    pub(super) fn run(self, place: &Place, shows: bool) -> anyhow::Result<()> {
        let folder = place.fresh_folder()?;
        let address = place.address()?;
        self.write(&folder)?;
        let session = connect(place, &address)?;
        let scene = Scene { case: self, place, folder, address, session };
        scene.prepare()?;
        scene.interrupt()?;
        scene.recover(shows)
    }

    /// Writes a project in the form of the runner's release.
    fn write(self, folder: &Path) -> anyhow::Result<()> {
        let prisma = folder.join("prisma");
        std::fs::create_dir_all(prisma.join("migrations/20260101000000_base"))?;
        let url = match self.runner {
            Runner::Prisma7 => "",
            Runner::Prisma6 | Runner::Undrift => "  url = env(\"DATABASE_URL\")\n",
        };
        let schema = format!("datasource db {{\n  provider = \"postgresql\"\n{url}}}\n");
        std::fs::write(prisma.join("schema.prisma"), schema)?;
        if self.runner == Runner::Prisma7 {
            let config = "export default { schema: \"prisma/schema.prisma\", migrations: { path: \
                          \"prisma/migrations\" }, datasource: { url: process.env.DATABASE_URL } }\n";
            std::fs::write(folder.join("prisma.config.ts"), config)?;
        }
        let lock = "provider = \"postgresql\"\n";
        std::fs::write(prisma.join("migrations/migration_lock.toml"), lock)?;
        std::fs::write(prisma.join("migrations/20260101000000_base/migration.sql"), BASE)?;
        Ok(())
    }

    fn obstacle(self) -> &'static str {
        match self.ending {
            Ending::Broken => "ALTER TABLE \"a\" ADD CONSTRAINT \"broken\" CHECK (\"name\" <> 'x')",
            Ending::Killed | Ending::CutOff => "COMMENT ON TABLE \"gate\" IS 'passed'",
        }
    }

    fn statements(self) -> Vec<&'static str> {
        let mut statements = TWELVE.to_vec();
        statements.insert(self.after, self.obstacle());
        statements
    }

    fn script(self) -> String {
        let statements = self.statements();
        match (self.shape, self.runner) {
            (Shape::Plain, _) => format!("{};\n", statements.join(";\n")),
            (Shape::Block, _) => format!("BEGIN;\n{};\nCOMMIT;\n", statements.join(";\n")),
            // undrift takes blocks together where that means the same.
            (Shape::Steps, Runner::Undrift) => {
                format!("{};\n", statements.join(";\nVACUUM gate;\n"))
            }
            (Shape::Steps, Runner::Prisma6 | Runner::Prisma7) => {
                format!("BEGIN;\n{};\nCOMMIT;\n", statements.join(";\nCOMMIT;\nBEGIN;\n"))
            }
        }
    }
}

impl Scene<'_> {
    /// Applies what there is before, and writes the migration.
    fn prepare(&self) -> anyhow::Result<()> {
        let ran = self.command(Program::Undrift, &["migrate", "deploy"]).output()?;
        ensure!(ran.status.success(), "deploying the base: {}", text(&ran));
        self.sql("INSERT INTO a VALUES (1, 'x')")?;
        let migration = self.folder.join("prisma/migrations").join(NAME);
        std::fs::create_dir(&migration)?;
        std::fs::write(migration.join("migration.sql"), self.case.script())?;
        Ok(())
    }

    fn deploy(&self) -> Command {
        let program = match self.case.runner {
            Runner::Prisma6 | Runner::Prisma7 => Program::Prisma,
            Runner::Undrift => Program::Undrift,
        };
        self.command(program, &["migrate", "deploy"])
    }

    fn command(&self, program: Program, arguments: &[&str]) -> Command {
        let mut command = self.place.run(program, &self.folder, arguments);
        let release = if self.case.runner == Runner::Prisma7 { "7" } else { "6" };
        command.env("DATABASE_URL", self.address.to_url()).env("PX_VERSION", release);
        command
    }

    fn sql(&self, sql: &str) -> anyhow::Result<()> {
        Ok(self.place.wait(self.session.run("preparing", sql))?)
    }

    fn ask(&self, sql: &str) -> anyhow::Result<Option<String>> {
        let rows = self.place.wait(self.session.rows("asking", sql))?;
        Ok(rows.first().and_then(|row| row.get(0).map(str::to_owned)))
    }

    /// Lets the migration run into the obstacle.
    fn interrupt(&self) -> anyhow::Result<()> {
        if self.case.ending == Ending::Broken {
            let ran = self.deploy().output()?;
            ensure!(!ran.status.success(), "the migration did not fail: {}", text(&ran));
            return Ok(());
        }
        let holder = connect(self.place, &self.address)?;
        let hold = "BEGIN; LOCK TABLE gate IN ACCESS EXCLUSIVE MODE";
        self.place.wait(holder.run("holding", hold))?;
        let mut command = self.deploy();
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
                       AND wait_event_type = 'Lock' AND query LIKE '%gate%'";
        let pid = self.until(|| self.ask(waiting)).context("nobody came to the obstacle")?;
        // Prisma is more than one process.
        let group = format!("-{}", child.id());
        ensure!(Command::new("kill").args(["-9", "--", &group]).status()?.success(), "kill");
        child.wait()?;
        if self.case.ending == Ending::Killed {
            self.sql(&format!("SELECT pg_terminate_backend({pid})"))?;
        }
        let gone =
            format!("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {pid})");
        if self.case.ending == Ending::Killed {
            self.until(|| self.ask(&gone))?;
        }
        self.place.wait(holder.run("releasing", "ROLLBACK"))?;
        self.until(|| self.ask(&gone)).context("the server did not end")?;
        Ok(())
    }

    fn until<T>(&self, mut look: impl FnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(found) = look()? {
                return Ok(found);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("{}: not within {} s", self.case, PATIENCE.as_secs())
    }

    /// Takes a way out, and judges where that leads.
    fn recover(&self, shows: bool) -> anyhow::Result<()> {
        let found = self.recovering(&["--dry-run"])?;
        let is_left = found.pointer("/diagnosis/migration").is_some();
        let ways: Vec<&str> = found
            .pointer("/diagnosis/ways")
            .and_then(Value::as_array)
            .map(|ways| ways.iter().filter_map(|way| way.get("way")?.as_str()).collect())
            .unwrap_or_default();
        let done = found.pointer("/diagnosis/statements_done").map(Value::to_string);
        if shows {
            println!("{}: done {done:?}, {}", self.case, ways.join(" or "));
        }
        if self.case.ending == Ending::Broken && is_left {
            let tried = self.recovering(&["--dry-run", "--try"])?;
            let error = tried.pointer("/diagnosis/error/text").and_then(Value::as_str);
            let error = error.unwrap_or_default();
            ensure!(error.contains("\"broken\""), "the true error is not {error:?}");
        }
        let order = if self.case.after % 2 == 1 {
            ["resume", "mark-applied", "undo", "mark-rolled-back"]
        } else {
            ["undo", "mark-rolled-back", "mark-applied", "resume"]
        };
        // A run of undrift that was one transaction leaves nothing to recover.
        let way = order.into_iter().find(|way| ways.contains(way));
        ensure!(way.is_some() || !is_left, "no way out: {found}");
        if way == Some("resume") || way.is_none() {
            self.sql("UPDATE a SET name = 'y'")?;
        }
        if let Some(way) = way {
            self.recovering(&[&format!("--{way}")])?;
        }
        // Where it leaves nothing, all of it is there or none: the server may have gone on to the end.
        let row = format!("SELECT 1 FROM _prisma_migrations WHERE migration_name = '{NAME}'");
        let is_back = match way {
            Some(way) => matches!(way, "undo" | "mark-rolled-back"),
            None => self.ask(&row)?.is_none(),
        };
        let script = self.case.statements().join(";\n");
        self.judge(if is_back { "" } else { &script })?;
        let status = self.command(Program::Prisma, &["migrate", "status"]).output()?;
        let status = text(&status);
        // Of a migration that is marked as rolled back Prisma says nothing.
        let agrees =
            status.contains("up to date") || is_back && status.contains("not yet been applied");
        ensure!(agrees, "Prisma's migrate status: {status}");
        // What was undone can be done.
        if is_back {
            self.sql("UPDATE a SET name = 'y'")?;
            let ran = self.command(Program::Undrift, &["migrate", "deploy"]).output()?;
            ensure!(ran.status.success(), "deploying again: {}", text(&ran));
            self.judge(&script)?;
        }
        Ok(())
    }

    /// `undrift recover` with these flags, as JSON.
    fn recovering(&self, flags: &[&str]) -> anyhow::Result<Value> {
        let mut arguments = vec!["recover", "--json"];
        arguments.extend(flags);
        let ran = self.command(Program::Undrift, &arguments).output()?;
        ensure!(ran.status.success(), "undrift {}: {}", arguments.join(" "), text(&ran));
        Ok(serde_json::from_slice(&ran.stdout)?)
    }

    /// Compares the database with one on which this ran behind the base.
    fn judge(&self, script: &str) -> anyhow::Result<()> {
        let other = self.place.address()?;
        let session = connect(self.place, &other)?;
        self.place.wait(session.run("making what it should be", BASE))?;
        self.place.wait(session.run("making what it should be", script))?;
        let dump = |address| {
            let dump = Dump::of(self.place.programs(), address)?;
            Ok::<_, anyhow::Error>(dump.without("_prisma_migrations"))
        };
        match first_difference(&dump(&self.address)?, &dump(&other)?) {
            Some(difference) => bail!("the database is not as it should be: {difference}"),
            None => Ok(()),
        }
    }
}

fn connect(place: &Place, address: &Address) -> anyhow::Result<Session> {
    let url = DatabaseUrl::parse(&address.to_url())?;
    Ok(place.wait(database::connect(&url, &ConnectOptions::default()))?)
}

fn text(output: &std::process::Output) -> String {
    let all = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    all.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}
