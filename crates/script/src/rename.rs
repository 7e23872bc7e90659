//! What a script renames, and how that is taken back.

use crate::Script;
use crate::words::{Tokens, bare};

/// Something that a script renames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renaming {
    /// The name it had before, without quotes.
    pub before: String,
    /// The name it has since, without quotes.
    pub since: String,
    /// The statement that gives it the earlier name again.
    pub undo: String,
}

/// The kinds of object that can be renamed by `ALTER kind name RENAME TO name`.
const KINDS: [&[&str]; 9] = [
    &["TABLE"],
    &["INDEX"],
    &["SEQUENCE"],
    &["MATERIALIZED", "VIEW"],
    &["VIEW"],
    &["FOREIGN", "TABLE"],
    &["TYPE"],
    &["DOMAIN"],
    &["SCHEMA"],
];

impl Script<'_> {
    /// What the statements rename, in the order in which it is to be taken back: the last one first.
    pub fn renamings(&self) -> Vec<Renaming> {
        let texts = self.statements().iter().rev().map(|statement| self.statement_text(statement));
        texts.filter_map(renaming).collect()
    }
}

fn renaming(text: &str) -> Option<Renaming> {
    let tokens = Tokens::of(text);
    let words = tokens.words().after(&["ALTER"])?;
    let (kind, rest) = KINDS.iter().find_map(|kind| Some((kind.join(" "), words.after(kind)?)))?;
    let rest = rest.maybe(&["IF", "EXISTS"]).maybe(&["ONLY"]);
    let (name, rest) = rest.qualified_name()?;
    let rest = rest.maybe(&["*"]).after(&["RENAME"])?;
    if let Some(rest) = rest.after(&["TO"]) {
        let (since, rest) = rest.name()?;
        let (schema, before) = match name.split_last()? {
            (last, []) => (String::new(), *last),
            (last, schema) => (format!("{}.", schema.join(".")), *last),
        };
        let undo = format!("ALTER {kind} {schema}{since} RENAME TO {before}");
        return rest.is_empty().then(|| Renaming::new(before, since, undo));
    }
    let parts = ["CONSTRAINT", "VALUE", "ATTRIBUTE", "COLUMN"];
    let (part, rest) = parts
        .iter()
        .find_map(|part| Some((*part, rest.after(&[part])?)))
        .unwrap_or(("COLUMN", rest));
    let (before, rest) = rest.name()?;
    let (since, rest) = rest.after(&["TO"])?.name()?;
    let rest = rest.maybe(&["CASCADE"]);
    let undo = format!("ALTER {kind} {} RENAME {part} {since} TO {before}", name.join("."));
    rest.is_empty().then(|| Renaming::new(before, since, undo))
}

impl Renaming {
    fn new(before: &str, since: &str, undo: String) -> Self {
        Self { before: bare(before), since: bare(since), undo }
    }
}

#[cfg(test)]
mod tests {
    use crate::Script;

    fn undone(sql: &str) -> Vec<String> {
        Script::parse(sql).renamings().into_iter().map(|renaming| renaming.undo).collect()
    }

    #[test]
    fn renamings_are_taken_back_the_last_one_first() {
        assert_eq!(
            undone(
                "ALTER TABLE a RENAME b TO c; ALTER TABLE IF EXISTS ONLY s.\"A\" RENAME TO \"B\";
                 CREATE TABLE x (); ALTER INDEX i RENAME TO \"j\";"
            ),
            [
                "ALTER INDEX \"j\" RENAME TO i",
                "ALTER TABLE s.\"B\" RENAME TO \"A\"",
                "ALTER TABLE a RENAME COLUMN c TO b",
            ]
        );
        assert_eq!(
            undone("ALTER TYPE t RENAME VALUE 'a' TO 'b'; ALTER TABLE t RENAME CONSTRAINT x TO y"),
            ["ALTER TABLE t RENAME CONSTRAINT y TO x", "ALTER TYPE t RENAME VALUE 'b' TO 'a'",]
        );
    }

    #[test]
    fn other_statements_rename_nothing() {
        assert!(
            undone("ALTER TABLE a ADD COLUMN rename int; SELECT 'ALTER TABLE a RENAME TO b'")
                .is_empty()
        );
    }
}
