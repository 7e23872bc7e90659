//! `cargo xtask drift`: changes made by hand on real histories, found, adopted and reverted.
//!
//! Each history gets something of every kind besides its own. For each change, undrift must name what
//! has drifted; `drift revert` must end it, with `pg_dump` as before the change; `drift adopt` must end
//! it, and the migrations must then make a database with `pg_dump` as after the change.

mod changes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use database::{ConnectOptions, Session, connect};
use project::DatabaseUrl;
use server::Address;

use crate::alternate::{answer, migrations, project, variables};
use crate::conformance::{file_name, folders};
use crate::judge::{Dump, first_difference};
use crate::place::{self, Place, Program};
use changes::{CHANGES, Change, PREPARED};

/// On which histories, and which changes.
#[derive(Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    place: place::Flags,
    /// Only applications whose name contains one of these
    #[arg(
        long,
        value_name = "TEXT",
        value_delimiter = ',',
        default_value = "linkwarden,ghostfolio,umami,documenso,peppermint"
    )]
    applications: Vec<String>,
    /// Only changes whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let place = Place::new(&flags.place)?;
    let Some(applications) = place.applications() else {
        bail!("no histories here: {}", place.absent().join(" "));
    };
    let (mut passed, mut failed) = (0, 0);
    for application in folders(&applications)? {
        let name = file_name(&application);
        if !flags.applications.iter().any(|wanted| name.contains(wanted.as_str())) {
            continue;
        }
        let base = Base::new(&place, &application).with_context(|| name.clone())?;
        for change in CHANGES {
            if flags.only.as_ref().is_some_and(|only| !change.0.contains(only.as_str())) {
                continue;
            }
            let first = place.count();
            let outcomes = base.judge(change);
            place.drop_from(first)?;
            for (way, outcome) in outcomes {
                match outcome {
                    Ok(()) => passed += 1,
                    Err(error) => {
                        println!("  {name}, {}, {way}: {error:#}", change.0);
                        failed += 1;
                    }
                }
            }
        }
        println!("{name}: {passed} of {} so far", passed + failed);
    }
    println!("drift: {passed} of {}", passed + failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A history that is deployed, to be copied for each change.
struct Base<'a> {
    place: &'a Place,
    /// The project's folder.
    folder: PathBuf,
    /// The variables that its schema reads.
    variables: Vec<String>,
    address: Address,
    dump: Dump,
    /// What the names in braces stand for.
    words: Vec<(&'static str, String)>,
}

impl<'a> Base<'a> {
    fn new(place: &'a Place, application: &Path) -> anyhow::Result<Self> {
        let names = migrations(application)?;
        let folder = project(place, application, &names)?;
        let address = place.address()?;
        let mut base = Self {
            place,
            folder,
            variables: variables(application),
            dump: Dump::default(),
            address,
            words: Vec::new(),
        };
        base.undrift(&base.folder, &base.address, &["migrate", "deploy"])?;
        base.words = base.place.wait(words(&base.address))?;
        let script = base.told(PREPARED);
        let prepared = migrations_folder(&base.folder)?.join("99990101000000_prepared");
        std::fs::create_dir(&prepared)?;
        std::fs::write(prepared.join("migration.sql"), script)?;
        base.undrift(&base.folder, &base.address, &["migrate", "deploy"])?;
        base.dump = Dump::of_all(place.programs(), &base.address)?;
        Ok(base)
    }

    /// Makes the change on two copies, and ends the drift in both ways.
    fn judge(&self, change: &Change) -> [(&'static str, anyhow::Result<()>); 2] {
        [("revert", self.revert(change)), ("adopt", self.adopt(change))]
    }

    fn revert(&self, change: &Change) -> anyhow::Result<()> {
        let address = self.changed(change)?;
        let answer = format!("data-loss={}", address.database);
        let arguments = ["drift", "revert", "--yes", "--answer", &answer];
        self.undrift(&self.folder, &address, &arguments)?;
        self.undrift(&self.folder, &address, &["drift", "--exit-code"])?;
        let dump = Dump::of_all(self.place.programs(), &address)?;
        first_difference(&dump, &self.dump).map_or(Ok(()), |difference| bail!("{difference}"))
    }

    fn adopt(&self, change: &Change) -> anyhow::Result<()> {
        let address = self.changed(change)?;
        let wanted = Dump::of_all(self.place.programs(), &address)?;
        let folder = self.place.fresh_folder()?;
        copy(&self.folder, &folder)?;
        self.undrift(&folder, &address, &["drift", "adopt"])?;
        self.undrift(&folder, &address, &["drift", "--exit-code"])?;
        let elsewhere = self.place.address()?;
        self.undrift(&folder, &elsewhere, &["migrate", "deploy"])?;
        let dump = Dump::of_all(self.place.programs(), &elsewhere)?;
        first_difference(&dump, &wanted).map_or(Ok(()), |difference| bail!("{difference}"))
    }

    /// A copy with the change, of which undrift has found what it must.
    fn changed(&self, (_, sql, expected): &Change) -> anyhow::Result<Address> {
        let address = self.place.copy(&self.address)?;
        let sql = self.told(sql);
        self.place.wait(async {
            let session = session(&address).await?;
            for statement in sql.split("; ") {
                session.run("changing by hand", statement).await?;
            }
            anyhow::Ok(())
        })?;
        let json = self.undrift(&self.folder, &address, &["drift", "--json"])?;
        let found: serde_json::Value = serde_json::from_str(&json)?;
        let objects = found.get("objects").and_then(|it| it.as_array()).context("no objects")?;
        let named: Vec<String> = objects
            .iter()
            .filter_map(|object| {
                let kind = object.get("kind")?.as_str()?.replace('_', " ");
                Some(format!("{kind} {}", object.get("id")?.as_str()?))
            })
            .collect();
        for expected in *expected {
            let expected = self.told(expected);
            ensure!(
                named.iter().any(|named| named.contains(&expected)),
                "{expected} was not found, but {named:?}"
            );
        }
        Ok(address)
    }

    /// A text with the words for those in braces.
    fn told(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (name, word)| text.replace(name, word))
    }

    fn undrift(
        &self,
        folder: &Path,
        address: &Address,
        arguments: &[&str],
    ) -> anyhow::Result<String> {
        let mut command = self.place.run(Program::Undrift, folder, arguments);
        command.env("DATABASE_URL", address.to_url());
        for variable in &self.variables {
            if !variable.to_lowercase().contains("shadow") {
                command.env(variable, address.to_url());
            }
        }
        answer(Program::Undrift, command)
    }
}

async fn session(address: &Address) -> anyhow::Result<Session> {
    let url = DatabaseUrl::parse(&address.to_url()).context("the cluster's own URL")?;
    Ok(connect(&url, &ConnectOptions::default()).await?)
}

/// A table of the application with a key of one column, and its words.
async fn words(address: &Address) -> anyhow::Result<Vec<(&'static str, String)>> {
    let session = session(address).await?;
    let question = "
        SELECT pg_catalog.quote_ident(c.relname), 'public.' || c.relname,
               pg_catalog.quote_ident(a.attname), pg_catalog.format_type(a.atttypid, a.atttypmod)
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relkind = 'r'
              AND c.relname <> '_prisma_migrations'
        ORDER BY (SELECT count(*) FROM pg_catalog.pg_constraint k WHERE k.confrelid = c.oid) DESC, 2
        LIMIT 1";
    let rows = session.rows("looking for a table", question).await?;
    let row = rows.first().context("no table with a key of one column")?;
    let word = |at| row.get(at).unwrap_or_default().to_owned();
    Ok(vec![("{table}", word(0)), ("{name}", word(1)), ("{key}", word(2)), ("{type}", word(3))])
}

/// Where a project's migrations are.
fn migrations_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    let candidates =
        ["prisma/migrations", "prisma/schema/migrations"].map(|path| folder.join(path));
    candidates.into_iter().find(|path| path.is_dir()).context("no migrations folder")
}

/// Copies a folder with all that is in it; a link becomes the file.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().context("a file has a name")?);
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
