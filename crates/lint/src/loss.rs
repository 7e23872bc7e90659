//! Data that goes, by the words of a script alone.
#![expect(clippy::wildcard_enum_match_arm, reason = "all other actions leave data as it is")]

use catalog::Name;
use script::{Script, Tokens, Words};

use crate::action::{ActionKind, Alteration};
use crate::read;

/// What a statement destroys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The number of the statement.
    pub statement: usize,
    /// What goes, in a sentence.
    pub what: String,
}

/// What a script destroys, whatever it finds: what it has made itself counts as well, and so does a block
/// that puts SQL together which nobody can read here. What a function does that is called is not seen.
pub fn losses(script: &Script<'_>, schema: &str) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (number, statement) in script.statements().iter().enumerate() {
        let actions = read::actions(script, statement, schema);
        let mut found: Vec<String> =
            actions.iter().filter_map(|action| loss(&action.kind)).collect();
        if found.is_empty() {
            found.extend(hidden(Tokens::of(script.statement_text(statement)).words()));
        }
        losses.extend(found.into_iter().map(|what| Loss { statement: number, what }));
    }
    losses
}

/// What an action destroys.
pub(crate) fn loss(kind: &ActionKind) -> Option<String> {
    Some(match kind {
        ActionKind::DropTable { tables, .. } | ActionKind::Truncate(tables) => {
            format!("The rows of {} are lost", list(tables))
        }
        ActionKind::AlterTable(table, Alteration::DropColumn { column, .. }) => {
            format!("The values of column {column} of {table} are lost")
        }
        ActionKind::ChangeRows { verb: "DELETE", table, some_rows: false } => {
            format!("The rows of {table} are lost")
        }
        ActionKind::DropOther { kind, names, cascade: true } if kind == "SCHEMA" => {
            let names: Vec<&str> = names.iter().map(|name| name.name.as_str()).collect();
            format!("All that is in schema {} is lost", names.join(", "))
        }
        ActionKind::DropOther { kind, .. } if matches!(kind.as_str(), "DATABASE" | "OWNED") => {
            format!("All that DROP {kind} takes away is lost")
        }
        ActionKind::DropOther { kind, cascade: true, .. } => {
            format!("All columns and tables that need what DROP {kind} CASCADE takes away are lost")
        }
        _ => return None,
    })
}

/// What stands inside of a statement that is not read: `WITH`, `EXPLAIN ANALYZE`, `PREPARE`, a block.
fn hidden(words: Words<'_>) -> Option<String> {
    const READ: [&str; 6] = ["CREATE", "ALTER", "COMMENT", "GRANT", "REVOKE", "DELETE"];
    if words.starts(&["DO"]) {
        let destroys = words.strings().any(|body| may_destroy(Tokens::of(body).words()));
        return destroys.then(|| "The block may destroy anything".to_owned());
    }
    if READ.iter().any(|verb| words.starts(&[verb])) {
        return None;
    }
    let table = everything_deleted(words)?;
    Some(format!("The rows of {table} are lost"))
}

/// Whether a block puts SQL together, or holds what could not be read as a statement.
fn may_destroy(block: Words<'_>) -> bool {
    const DESTROYING: [&[&str]; 4] =
        [&["TRUNCATE"], &["DROP", "TABLE"], &["DROP", "COLUMN"], &["DROP", "SCHEMA"]];
    let executes = (0..block.len()).filter_map(|at| block.skip(at).after(&["EXECUTE"]));
    let is_trigger = |rest: &Words<'_>| rest.starts(&["FUNCTION"]) || rest.starts(&["PROCEDURE"]);
    executes.into_iter().any(|rest| !is_trigger(&rest))
        || DESTROYING.iter().any(|keywords| block.mentions(keywords))
        || everything_deleted(block).is_some()
}

/// The table of a `DELETE` behind which no condition stands.
fn everything_deleted(words: Words<'_>) -> Option<&str> {
    let mut rests = (0..words.len()).map(|at| words.skip(at));
    let rest = rests.find_map(|rest| rest.after(&["DELETE", "FROM"]))?;
    (!rest.mentions(&["WHERE"])).then(|| rest.maybe(&["ONLY"]).word(0))
}

fn list(names: &[Name]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use script::Script;

    use super::losses;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = losses(&Script::parse(text), "public");
        let found: Vec<&str> = found.iter().map(|loss| loss.what.as_str()).collect();
        assert!(
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(one, other)| one.contains(other)),
            "{text}: {found:?}"
        );
    }

    #[test]
    fn what_goes_is_told_by_the_words() {
        check("DROP TABLE IF EXISTS a, s.b", &["public.a, s.b"]);
        check("SELECT 1; TRUNCATE a; DELETE FROM b", &["public.a", "public.b"]);
        check("ALTER TABLE a ADD b int, DROP COLUMN c", &["column c of public.a"]);
        check("DROP SCHEMA s CASCADE; DROP OWNED BY u", &["schema s", "OWNED"]);
        check("DROP TYPE t CASCADE", &["TYPE CASCADE"]);
        check("DROP DATABASE d", &["DATABASE"]);
        // What the script has made is not distinguished: it may have been there.
        check("CREATE TABLE IF NOT EXISTS a (); DROP TABLE a", &["public.a"]);
    }

    #[test]
    fn what_is_inside_counts() {
        check("WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone", &["rows of a"]);
        check("EXPLAIN ANALYZE DELETE FROM ONLY a", &["rows of a"]);
        check("PREPARE p AS DELETE FROM a", &["rows of a"]);
        check("DO $$ BEGIN DROP TABLE a; END $$", &["public.a"]);
        check("DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'a'; END $$", &["may destroy"]);
        check("DO 'BEGIN DROP TABLE a; END'", &["may destroy"]);
        check("DO 'BEGIN EXECUTE $1$DROP TABLE a$1$; END'", &["may destroy"]);
    }

    #[test]
    fn what_only_repairs_is_no_loss() {
        check("DELETE FROM a WHERE id = 3; UPDATE a SET b = 1; INSERT INTO a VALUES (1)", &[]);
        check("WITH x AS (DELETE FROM a WHERE b RETURNING *) INSERT INTO c SELECT * FROM x", &[]);
        check("DROP INDEX i; DROP VIEW v; DROP FUNCTION f; CREATE TABLE a ()", &[]);
        check("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM a'", &[]);
        check("SELECT 'DELETE FROM a'; COMMENT ON TABLE a IS 'DROP TABLE a'", &[]);
        check("DO $$ BEGIN RAISE NOTICE 'x'; DROP INDEX i; END $$", &[]);
        check("DO $$ BEGIN CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f(); END $$", &[]);
    }
}
