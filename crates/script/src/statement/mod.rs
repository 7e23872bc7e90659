//! Statements: where they begin and end, and what matters about them for a transaction.

mod classify;

use crate::token::{self, Token, tokens};
use std::ops::Range;

/// One SQL statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes in the script, from the first token to the last, without the semicolon.
    pub span: Range<usize>,
    /// What it means for transactions.
    pub kind: Kind,
    /// Whether it may leave a setting behind in the session.
    pub changes_session: bool,
    /// Whether a setting is all it changes, so that running it once more is harmless and brings a
    /// new session to the same state.
    pub is_setting: bool,
    /// Whether its effect ends with its transaction (`SET LOCAL`, `LOCK`, `ON COMMIT DROP`), so
    /// that moving the end of the transaction would change what it does.
    pub lasts_for_transaction: bool,
    /// Whether it may change rows or what they are made from: `INSERT`, `COPY`, a call of a function,
    /// a block that does one of these. What the catalog holds afterwards does not show it.
    pub may_change_data: bool,
}

/// What a statement means for transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Runs in any transaction.
    Ordinary,
    /// `ALTER TYPE … ADD VALUE`: runs in a transaction, but the label, given here as written, can
    /// be used only after its end.
    AddLabel(String),
    /// `BEGIN` or `START TRANSACTION`, without options.
    Begin,
    /// `COMMIT` or `END`, without options.
    Commit,
    /// `ROLLBACK` or `ABORT` of the whole transaction, without options.
    Rollback,
    /// Transaction control that cannot be taken apart: isolation levels, `AND CHAIN`,
    /// `PREPARE TRANSACTION`.
    Control,
    /// PostgreSQL refuses it in a transaction.
    Alone(Alone),
    /// `COPY … FROM STDIN` or `TO STDOUT`: the data would have to come from, or go to, a client
    /// that a script does not have.
    CopyStream,
}

/// A statement that cannot run in a transaction, and how to tell whether it has taken effect.
///
/// Names are as written in the script, quotes included, so that the server reads them as it read
/// the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alone {
    /// `CREATE INDEX CONCURRENTLY`.
    CreateIndex {
        /// The index; none if PostgreSQL is to choose the name.
        index: Option<String>,
        /// The table it is on.
        table: String,
    },
    /// `DROP INDEX CONCURRENTLY`.
    DropIndex {
        /// The index.
        index: String,
    },
    /// `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`.
    DetachPartition {
        /// The partitioned table.
        table: String,
        /// The partition.
        partition: String,
    },
    /// `CREATE DATABASE`.
    CreateDatabase {
        /// The database.
        database: String,
    },
    /// `DROP DATABASE`.
    DropDatabase {
        /// The database.
        database: String,
    },
    /// `REINDEX … CONCURRENTLY`: doing it twice is the same as doing it once, but an attempt that was
    /// interrupted leaves invalid indexes.
    Reindex {
        /// `INDEX`, `TABLE`, `SCHEMA` or `DATABASE`.
        of: String,
        /// What it names.
        name: Option<String>,
    },
    /// Doing it twice is the same as doing it once: `VACUUM`, `REINDEX`, `ALTER SYSTEM`, and a block that
    /// stands in `$repeatable$`.
    Repeatable,
    /// The catalog does not tell whether it was done: a block or procedure that commits by itself,
    /// a subscription.
    Unknowable,
}

/// Cuts a text into statements; false if the boundaries are uncertain.
pub(crate) fn split(text: &str) -> (Vec<Statement>, bool) {
    let tokens = tokens(text);
    let mut certain = tokens.last().is_none_or(|last| last.kind != token::Kind::Unterminated);
    let mut statements = Vec::new();
    if certain {
        for range in boundaries(text, &tokens) {
            let statement = classify::classify(text, tokens.get(range).unwrap_or_default());
            statements.extend(statement);
        }
        certain = !statements.iter().any(|statement| changes_quoting(text, statement));
    }
    if !certain {
        let whole = Statement {
            span: 0..text.len(),
            kind: Kind::Ordinary,
            changes_session: true,
            is_setting: false,
            lasts_for_transaction: true,
            may_change_data: true,
        };
        return (vec![whole], false);
    }
    (statements, true)
}

/// Whether a statement changes how the server reads the quotes of those after it.
fn changes_quoting(text: &str, statement: &Statement) -> bool {
    statement.changes_session
        && text.get(statement.span.clone()).is_some_and(|statement| {
            let statement = statement.to_ascii_lowercase();
            statement.contains("standard_conforming_strings")
                && ["off", "false", "no", "0"].iter().any(|off| statement.contains(off))
        })
}

/// The tokens of each statement, without the semicolons; may be empty ranges.
fn boundaries(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut parentheses = 0_i32;
    let mut bodies = 0_u32;
    for (at, token) in tokens.iter().enumerate() {
        let word = text.get(token.span.clone()).unwrap_or_default();
        match token.kind {
            token::Kind::Symbol => match word {
                "(" => parentheses += 1,
                ")" => parentheses -= 1,
                ";" if parentheses <= 0 && bodies == 0 => {
                    ranges.push(start..at);
                    start = at + 1;
                    parentheses = 0;
                }
                _ => {}
            },
            token::Kind::Word if parentheses <= 0 => {
                if bodies == 0 {
                    let next = tokens.get(at + 1).and_then(|next| text.get(next.span.clone()));
                    let opens = word.eq_ignore_ascii_case("begin")
                        && next.is_some_and(|next| next.eq_ignore_ascii_case("atomic"));
                    if opens && defines_routine(text, tokens.get(start..at).unwrap_or_default()) {
                        bodies = 1;
                    }
                } else if word.eq_ignore_ascii_case("case") || word.eq_ignore_ascii_case("begin") {
                    bodies += 1;
                } else if word.eq_ignore_ascii_case("end") {
                    bodies -= 1;
                }
            }
            token::Kind::Word
            | token::Kind::QuotedIdentifier
            | token::Kind::String
            | token::Kind::DollarString
            | token::Kind::Number
            | token::Kind::Unterminated => {}
        }
    }
    ranges.push(start..tokens.len());
    ranges
}

/// Whether a statement begins with `CREATE [OR REPLACE] {FUNCTION|PROCEDURE}`.
fn defines_routine(text: &str, tokens: &[Token]) -> bool {
    let words: Vec<String> = tokens
        .iter()
        .take(4)
        .map(|token| text.get(token.span.clone()).unwrap_or_default().to_ascii_lowercase())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        ["create", "function" | "procedure", ..]
            | ["create", "or", "replace", "function" | "procedure"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expected: &[&str]) {
        let (statements, certain) = split(script);
        assert!(certain, "uncertain: {script}");
        let found: Vec<&str> = statements.iter().map(|s| &script[s.span.clone()]).collect();
        assert_eq!(found, expected, "{script}");
    }

    #[test]
    fn semicolons_inside_quotes_and_comments_do_not_cut() {
        check("SELECT 'a;b'; SELECT 2", &["SELECT 'a;b'", "SELECT 2"]);
        check(r#"SELECT "a;b";"#, &[r#"SELECT "a;b""#]);
        check("SELECT 1 -- one; two\n; SELECT 2;", &["SELECT 1", "SELECT 2"]);
        check("/* a /* b; */ c; */ SELECT 1;", &["SELECT 1"]);
        check("DO $x$ a; $$ b; $$ $x$; SELECT $1;", &["DO $x$ a; $$ b; $$ $x$", "SELECT $1"]);
    }

    #[test]
    fn backslash_escapes_only_in_e_strings() {
        check(
            r"SELECT E'it\'s; '; SELECT 'a\'; SELECT 2",
            &[r"SELECT E'it\'s; '", r"SELECT 'a\'", "SELECT 2"],
        );
        check("SELECT E'a'\n  'b\\'; '; SELECT 2", &["SELECT E'a'\n  'b\\'; '", "SELECT 2"]);
    }

    #[test]
    fn rules_and_atomic_bodies_stay_whole() {
        check(
            "CREATE RULE r AS ON UPDATE TO t DO (SELECT 1; SELECT 2); SELECT 3",
            &["CREATE RULE r AS ON UPDATE TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        );
        let function = "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC \
                        SELECT CASE a WHEN 1 THEN 2 END; SELECT 3; END";
        check(&format!("{function}; SELECT 4;"), &[function, "SELECT 4"]);
        check("BEGIN; SELECT 1; END; SELECT 2", &["BEGIN", "SELECT 1", "END", "SELECT 2"]);
    }

    #[test]
    fn identifiers_may_hold_dollar_signs() {
        check("SELECT a$b$c; SELECT $b$;$b$", &["SELECT a$b$c", "SELECT $b$;$b$"]);
    }

    #[test]
    fn empty_statements_are_left_out() {
        check(" ; ;; -- nothing\n", &[]);
    }

    #[test]
    fn a_text_in_doubt_is_one_statement() {
        for text in [
            "SELECT 1; SELECT 'open; SELECT 2;",
            "SELECT 1; /* open",
            "SELECT $a$ ; $b$",
            "SET standard_conforming_strings = off; SELECT 'a\\'; SELECT 2'; SELECT 3;",
        ] {
            let (statements, certain) = split(text);
            assert!(!certain, "{text}");
            assert_eq!(statements.len(), 1);
            assert_eq!(statements[0].span, 0..text.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_in_order_and_without_overlap(text in "[-a-cE$'\"();/*\\\\ \n1é]{0,40}") {
            let (statements, _) = split(&text);
            let mut end = 0;
            for statement in &statements {
                assert!(statement.span.start >= end && statement.span.end >= statement.span.start);
                assert!(text.get(statement.span.clone()).is_some());
                end = statement.span.end;
            }
        }
    }
}
