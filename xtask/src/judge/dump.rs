//! What `pg_dump` says of a database, in a form that can be compared.
//!
//! Not compared is whether a column or check that a table inherits is one of its own as well: it always is
//! where the table was there before it inherited, and no statement changes that.

use std::collections::{BTreeMap, BTreeSet};
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
        without_inherited(&mut statements);
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
    let lines = members_on_lines(&statement);
    let mut lines: Vec<String> = lines.iter().map(|line| sorted_parameters(line)).collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The lines of a listing, each member on one, without the comma behind it: an expression may run over
/// several.
fn members_on_lines(statement: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut is_continued = false;
    let mut depth = 0;
    for line in statement.lines() {
        let ends = depth == 0 && line.starts_with(')');
        match lines.last_mut().filter(|_| is_continued && !ends) {
            Some(member) => {
                member.push(' ');
                member.push_str(line.trim_start());
            }
            None => lines.push(line.to_owned()),
        }
        if lines.len() == 1 {
            continue;
        }
        depth += depth_of(line);
        is_continued = !ends && (depth > 0 || !line.ends_with(','));
    }
    lines.iter().map(|line| line.trim_end_matches(',').to_owned()).collect()
}

/// How many more parentheses are opened than closed, but for those in quotes.
fn depth_of(line: &str) -> i32 {
    let mut quote = None;
    let mut depth = 0;
    for character in line.chars() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (Some(_) | None, _) => {}
        }
    }
    depth
}

/// A line with its storage parameters in order: PostgreSQL keeps them as they were set.
fn sorted_parameters(line: &str) -> String {
    let list = line.strip_prefix("WITH (").and_then(|rest| rest.split_once(')'));
    let Some((list, rest)) = list else { return line.to_owned() };
    let mut parameters: Vec<&str> = list.split(", ").collect();
    parameters.sort_unstable();
    format!("WITH ({}){rest}", parameters.join(", "))
}

/// Leaves the columns and checks that a table inherits out of its listing.
fn without_inherited(statements: &mut Vec<String>) {
    let tables: Vec<Listing> = statements.iter().map(|it| Listing::of(it)).collect();
    let by_name: BTreeMap<&str, &Listing> =
        tables.iter().map(|it| (it.name.as_str(), it)).collect();
    let heirs = tables.iter().map(|table| {
        let mut inherited = BTreeSet::new();
        let mut open: Vec<&str> = table.parents.iter().map(String::as_str).collect();
        while let Some(parent) = open.pop().and_then(|name| by_name.get(name)) {
            inherited.extend(parent.members.iter().cloned());
            open.extend(parent.parents.iter().map(String::as_str));
        }
        inherited
    });
    let heirs: Vec<BTreeSet<String>> = heirs.collect();
    let defaults = tables.iter().zip(&heirs).flat_map(|(Listing { name, .. }, inherited)| {
        // Of a column of its own, the default is in the listing.
        inherited
            .iter()
            .map(move |it| format!("ALTER TABLE ONLY {name} ALTER COLUMN {it} SET DEFAULT "))
    });
    let defaults: Vec<String> = defaults.collect();
    for (statement, inherited) in statements.iter_mut().zip(&heirs) {
        if !inherited.is_empty() {
            let is_own = |line: &&str| member_of(line).is_none_or(|name| !inherited.contains(name));
            *statement = statement.lines().filter(is_own).collect::<Vec<_>>().join("\n");
        }
    }
    statements.retain(|statement| !defaults.iter().any(|default| statement.starts_with(default)));
}

/// What a `CREATE TABLE` says of its place among others; nothing of another statement.
#[derive(Default)]
struct Listing {
    name: String,
    members: BTreeSet<String>,
    parents: Vec<String>,
}

impl Listing {
    fn of(statement: &str) -> Self {
        // A check may begin with a line that ends so, too.
        let head = statement.lines().find_map(|line| {
            let head = line.strip_suffix(" (").filter(|head| head.starts_with("CREATE "))?;
            head.split_once("TABLE ")
        });
        let Some((_, name)) = head else { return Self::default() };
        let parents =
            statement.lines().find_map(|line| line.strip_prefix("INHERITS (")?.split(')').next());
        Self {
            name: name.to_owned(),
            members: statement.lines().filter_map(member_of).map(str::to_owned).collect(),
            parents: parents.iter().flat_map(|it| it.split(", ")).map(str::to_owned).collect(),
        }
    }
}

/// The column that the line of a listing is about, or the whole line of a check that is handed down.
fn member_of(line: &str) -> Option<&str> {
    let line = line.strip_prefix("    ")?;
    if line.starts_with("CONSTRAINT ") {
        let is_handed_down = line.contains(" CHECK (") && !line.contains(" NO INHERIT");
        return is_handed_down.then(|| line.trim_end_matches(','));
    }
    let end = if line.starts_with('"') { line.find("\" ")? + 1 } else { line.find(' ')? };
    line.get(..end)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inherited_members_are_left_out_and_others_are_not() {
        let parents = "CREATE TABLE s.a (\n    x integer,\n    CONSTRAINT z CHECK (x > 1)\n);\nCREATE TABLE s.b (\n    \"y z\" integer\n)\nINHERITS (s.a);\n";
        let child = |columns: &str| {
            let child = format!(
                "CREATE TABLE s.c (\n{columns}    own text,\n    CONSTRAINT x CHECK (true)\n)\nINHERITS (s.b);\n"
            );
            Dump::parse(&format!("{parents}{child}"))
        };
        assert!(child("") == child("    x integer,\n    \"y z\" integer,\n"));
        assert!(child("") == child("    CONSTRAINT z CHECK (x > 1),\n"));
        assert!(child("") != child("    y integer,\n"));
        assert!(child("") != child("    CONSTRAINT y CHECK (x > 0),\n"));
        let check = "    CONSTRAINT y CHECK (\nCASE\n    WHEN (x > 5) THEN true\n    ELSE ('(' = x)\nEND),\n";
        assert!(child(check) == child(&format!("    x integer,\n{check}")));
        assert!(child(check) != child(&check.replace("true", "false")));
    }
}
