//! What `pg_dump` says of a database, in a form that can be compared.

use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use script::Script;
use server::Address;

/// The statements of a dump, sorted; the lines of each `CREATE TABLE` sorted as well; expressions as
/// they are dumped again once they are restored.
#[derive(PartialEq, Eq, Default)]
pub(crate) struct Dump(Vec<String>);

impl Dump {
    /// Runs `pg_dump` of the directory.
    pub(crate) fn of(programs: &Path, address: &Address) -> anyhow::Result<Self> {
        Self::with(programs, address, &["--no-owner"])
    }

    /// The same with who owns what.
    pub(crate) fn of_all(programs: &Path, address: &Address) -> anyhow::Result<Self> {
        Self::with(programs, address, &[])
    }

    fn with(programs: &Path, address: &Address, flags: &[&str]) -> anyhow::Result<Self> {
        let output = Command::new(programs.join("pg_dump"))
            .args(flags)
            .args(["--schema-only", "--dbname"])
            .arg(address.to_url())
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Leaves out what names one thing.
    #[must_use]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|statement| !statement.contains(name));
        self
    }

    fn parse(text: &str) -> Self {
        // Every run of newer versions writes another key there.
        let is_sql =
            |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
        let text = text.lines().filter(is_sql).collect::<Vec<_>>().join("\n");
        let script = Script::parse(&text);
        let statements = script.statements().iter();
        let mut statements: Vec<String> =
            statements.map(|it| normal(&catalog::settled(script.statement_text(it)))).collect();
        statements.sort();
        Self(statements)
    }
}

fn normal(statement: &str) -> String {
    let is_listing = statement.starts_with("CREATE TABLE ")
        || statement.starts_with("CREATE UNLOGGED TABLE ")
        || statement.starts_with("CREATE FOREIGN TABLE ")
        || statement.starts_with("CREATE TYPE ") && statement.contains(" AS (");
    if !is_listing {
        return statement.to_owned();
    }
    // Two names of one function, which Prisma does not tell apart.
    let statement = statement.replace("DEFAULT now()", "DEFAULT CURRENT_TIMESTAMP");
    let mut lines: Vec<&str> = statement.lines().map(|line| line.trim_end_matches(',')).collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The first statement that only one of the dumps has.
pub(crate) fn first_difference(found: &Dump, wanted: &Dump) -> Option<String> {
    let missing: Vec<&str> =
        wanted.0.iter().filter(|it| !found.0.contains(it)).map(String::as_str).collect();
    let unexpected: Vec<&str> =
        found.0.iter().filter(|it| !wanted.0.contains(it)).map(String::as_str).collect();
    if missing.is_empty() && unexpected.is_empty() {
        let differs = found != wanted;
        return differs.then(|| "a statement occurs another number of times".to_owned());
    }
    let first =
        |list: &[&str]| list.first().map_or_else(|| "nothing".to_owned(), |it| (*it).to_owned());
    Some(format!("missing {}, unexpected {}", first(&missing), first(&unexpected)))
}
