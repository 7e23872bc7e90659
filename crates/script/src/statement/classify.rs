//! What a statement means for transactions, told by its leading words.

use super::{Alone, Kind, Statement};
use crate::token::{self, Token, tokens};

/// Describes the statement that some tokens form; none if there are none.
pub(super) fn classify(text: &str, tokens: &[Token]) -> Option<Statement> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let words = Words { text, tokens };
    Some(Statement {
        span: first.span.start..last.span.end,
        kind: words.kind(),
        changes_session: words.is_setting() || words.may_change_session(),
        is_setting: words.is_setting(),
        lasts_for_transaction: words.lasts_for_transaction(),
        may_change_data: words.may_change_data(),
    })
}

/// The tokens of a statement, or the end of them.
#[derive(Clone, Copy)]
struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl<'a> Words<'a> {
    fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.clone())).unwrap_or_default()
    }

    fn skip(self, count: usize) -> Self {
        Self { tokens: self.tokens.get(count..).unwrap_or_default(), ..self }
    }

    /// What follows if the tokens begin with some keywords.
    fn after(self, keywords: &[&str]) -> Option<Self> {
        let matches = keywords
            .iter()
            .enumerate()
            .all(|(at, keyword)| self.word(at).eq_ignore_ascii_case(keyword));
        matches.then(|| self.skip(keywords.len()))
    }

    /// What follows, with some keywords left out if they come first.
    fn maybe(self, keywords: &[&str]) -> Self {
        self.after(keywords).unwrap_or(self)
    }

    fn starts(self, keywords: &[&str]) -> bool {
        self.after(keywords).is_some()
    }

    /// Whether some keywords stand anywhere, one after the other.
    fn mentions(self, keywords: &[&str]) -> bool {
        (0..self.tokens.len()).any(|at| self.skip(at).starts(keywords))
    }

    /// A qualified name as written, and what follows it.
    fn name(self) -> Option<(String, Self)> {
        let is_part =
            |token: &Token| matches!(token.kind, token::Kind::Word | token::Kind::QuotedIdentifier);
        let start = self.tokens.first().filter(|first| is_part(first))?.span.start;
        let mut length = 1;
        while self.word(length) == "." && self.tokens.get(length + 1).is_some_and(is_part) {
            length += 2;
        }
        let end = self.tokens.get(length - 1)?.span.end;
        Some((self.text.get(start..end)?.to_owned(), self.skip(length)))
    }

    fn kind(self) -> Kind {
        if let Some(kind) = self.transaction_control() {
            return kind;
        }
        if let Some(alone) = self.alone() {
            return Kind::Alone(alone);
        }
        if let Some(label) = self.added_label() {
            return Kind::AddLabel(label);
        }
        let streams = [["FROM", "STDIN"], ["TO", "STDOUT"]];
        if self.starts(&["COPY"]) && streams.iter().any(|stream| self.mentions(stream)) {
            return Kind::CopyStream;
        }
        Kind::Ordinary
    }

    fn transaction_control(self) -> Option<Kind> {
        let (rest, plain) = match self.word(0).to_ascii_uppercase().as_str() {
            "BEGIN" => (self.skip(1), Kind::Begin),
            "START" => (self.skip(1), Kind::Begin),
            "COMMIT" | "END" => (self.skip(1), Kind::Commit),
            "ROLLBACK" | "ABORT" => (self.skip(1), Kind::Rollback),
            "PREPARE" if self.starts(&["PREPARE", "TRANSACTION"]) => return Some(Kind::Control),
            _ => return None,
        };
        let rest = if rest.starts(&["WORK"]) { rest.skip(1) } else { rest.maybe(&["TRANSACTION"]) };
        match rest {
            rest if rest.tokens.is_empty() => Some(plain),
            // To a savepoint: within the transaction.
            rest if rest.starts(&["TO"]) => None,
            // COMMIT PREPARED and ROLLBACK PREPARED.
            rest if rest.starts(&["PREPARED"]) => Some(Kind::Alone(Alone::Unknowable)),
            _ => Some(Kind::Control),
        }
    }

    fn alone(self) -> Option<Alone> {
        match self.word(0).to_ascii_uppercase().as_str() {
            "CREATE" => self.skip(1).created_alone(),
            "DROP" => self.skip(1).dropped_alone(),
            "ALTER" => self.skip(1).altered_alone(),
            "REINDEX" => self.reindexed_alone(),
            "VACUUM" => Some(Alone::Repeatable),
            // With no table it goes through all of them, each in its own transaction.
            "CLUSTER" => {
                let rest = self.skip(1).maybe(&["VERBOSE"]).maybe(&["(", "VERBOSE", ")"]);
                rest.tokens.is_empty().then_some(Alone::Repeatable)
            }
            "DISCARD" if self.starts(&["DISCARD", "ALL"]) => Some(Alone::Repeatable),
            "DO" if self.commits_by_itself() => Some(if self.is_called_repeatable() {
                Alone::Repeatable
            } else {
                Alone::Unknowable
            }),
            "DO" => None,
            _ => None,
        }
    }

    fn reindexed_alone(self) -> Option<Alone> {
        let wholes = ["SCHEMA", "DATABASE", "SYSTEM"];
        if !self.mentions(&["CONCURRENTLY"]) {
            let is_whole = wholes.iter().any(|kind| self.mentions(&[kind]));
            return is_whole.then_some(Alone::Repeatable);
        }
        let mut rest = self.skip(1);
        if rest.word(0) == "(" {
            let end = (0..rest.tokens.len()).find(|at| rest.word(*at) == ")").unwrap_or(0);
            rest = rest.skip(end + 1);
        }
        let of = rest.word(0).to_ascii_uppercase();
        let name = rest.skip(1).maybe(&["CONCURRENTLY"]).name().map(|(name, _)| name);
        Some(Alone::Reindex { of, name })
    }

    fn created_alone(self) -> Option<Alone> {
        if let Some(rest) = self.maybe(&["UNIQUE"]).after(&["INDEX", "CONCURRENTLY"]) {
            let rest = rest.maybe(&["IF", "NOT", "EXISTS"]);
            let (index, rest) = if let Some(rest) = rest.after(&["ON"]) {
                (None, rest)
            } else {
                let (index, rest) = rest.name()?;
                (Some(index), rest.after(&["ON"])?)
            };
            let (table, _) = rest.maybe(&["ONLY"]).name()?;
            return Some(Alone::CreateIndex { index, table });
        }
        if let Some(rest) = self.after(&["DATABASE"]) {
            return Some(Alone::CreateDatabase { database: rest.name()?.0 });
        }
        let unknowable = self.starts(&["TABLESPACE"]) || self.starts(&["SUBSCRIPTION"]);
        unknowable.then_some(Alone::Unknowable)
    }

    fn dropped_alone(self) -> Option<Alone> {
        if let Some(rest) = self.after(&["INDEX", "CONCURRENTLY"]) {
            let (index, _) = rest.maybe(&["IF", "EXISTS"]).name()?;
            return Some(Alone::DropIndex { index });
        }
        if let Some(rest) = self.after(&["DATABASE"]) {
            let (database, _) = rest.maybe(&["IF", "EXISTS"]).name()?;
            return Some(Alone::DropDatabase { database });
        }
        let unknowable = self.starts(&["TABLESPACE"]) || self.starts(&["SUBSCRIPTION"]);
        unknowable.then_some(Alone::Unknowable)
    }

    fn altered_alone(self) -> Option<Alone> {
        if self.starts(&["SYSTEM"]) {
            return Some(Alone::Repeatable);
        }
        if self.starts(&["DATABASE"]) && self.mentions(&["SET", "TABLESPACE"]) {
            return Some(Alone::Repeatable);
        }
        if self.starts(&["SUBSCRIPTION"]) && self.mentions(&["PUBLICATION"]) {
            return Some(Alone::Repeatable);
        }
        let rest = self.after(&["TABLE"])?.maybe(&["IF", "EXISTS"]);
        let (table, rest) = rest.maybe(&["ONLY"]).name()?;
        let (partition, rest) = rest.after(&["DETACH", "PARTITION"])?.name()?;
        rest.starts(&["CONCURRENTLY"]).then_some(Alone::DetachPartition { table, partition })
    }

    /// The label that `ALTER TYPE … ADD VALUE` adds.
    fn added_label(self) -> Option<String> {
        let (_, rest) = self.after(&["ALTER", "TYPE"])?.name()?;
        let rest = rest.after(&["ADD", "VALUE"])?.maybe(&["IF", "NOT", "EXISTS"]);
        Some(rest.word(0).to_owned())
    }

    /// Whether a `DO` block ends transactions itself; `ON COMMIT` of a table does not.
    fn commits_by_itself(self) -> bool {
        self.bodies().any(|body| {
            let tokens = tokens(body);
            let words = Words { text: body, tokens: &tokens };
            (0..tokens.len()).any(|at| {
                let here = words.skip(at);
                let ends = here.starts(&["COMMIT"]) || here.starts(&["ROLLBACK"]);
                ends && (at == 0 || !words.skip(at - 1).starts(&["ON"]))
            })
        })
    }

    /// Whether a block stands in `$repeatable$`: by that its author says that it goes on with what is left
    /// when it is run again.
    fn is_called_repeatable(self) -> bool {
        self.word(1).starts_with("$repeatable$")
    }

    fn is_setting(self) -> bool {
        let sets = ["SET", "RESET"].iter().any(|verb| self.starts(&[verb]))
            && !["LOCAL", "CONSTRAINTS", "TRANSACTION"].contains(&&*self.word(1).to_uppercase());
        sets || (self.starts(&["SELECT"]) && self.mentions(&["set_config"]))
    }

    fn may_change_session(self) -> bool {
        let sets_in_body = self.starts(&["DO"])
            && self.bodies().any(|body| {
                let tokens = tokens(body);
                let words = Words { text: body, tokens: &tokens };
                ["SET", "RESET", "EXECUTE", "set_config"].iter().any(|word| words.mentions(&[word]))
            });
        let verb = self.word(0).to_ascii_uppercase();
        sets_in_body
            || matches!(verb.as_str(), "DISCARD" | "CALL")
            || self.mentions(&["set_config"])
    }

    fn lasts_for_transaction(self) -> bool {
        self.starts(&["SET", "LOCAL"])
            || self.starts(&["SET", "CONSTRAINTS"])
            || self.starts(&["SET", "TRANSACTION"])
            || self.starts(&["LOCK"])
            || self.mentions(&["ON", "COMMIT"])
            || self.mentions(&["set_config"])
    }

    fn may_change_data(self) -> bool {
        match self.word(0).to_ascii_uppercase().as_str() {
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "TRUNCATE" | "COPY" | "CALL" | "EXECUTE" => {
                true
            }
            "WITH" => self.holds_change(),
            // What a function does is not to be seen from here.
            "SELECT" => !self.is_setting() && (self.calls() || self.mentions(&["INTO"])),
            "DO" => self.bodies().any(|body| {
                let tokens = tokens(body);
                let words = Words { text: body, tokens: &tokens };
                words.holds_change()
            }),
            "CREATE" => {
                let queries = ["SELECT", "WITH", "TABLE", "VALUES", "EXECUTE"];
                let is_table = ["TEMP", "TEMPORARY", "UNLOGGED", "LOCAL", "GLOBAL"]
                    .iter()
                    .fold(self.skip(1), |words, word| words.maybe(&[word]))
                    .starts(&["TABLE"]);
                is_table && queries.iter().any(|query| self.mentions(&["AS", query]))
            }
            _ => false,
        }
    }

    /// Whether the words that change rows stand anywhere, other than as what happens to a key, a
    /// trigger or a policy.
    fn holds_change(self) -> bool {
        const CHANGES: [&[&str]; 9] = [
            &["INSERT", "INTO"],
            &["UPDATE"],
            &["DELETE", "FROM"],
            &["MERGE", "INTO"],
            &["TRUNCATE"],
            &["COPY"],
            &["CALL"],
            &["EXECUTE"],
            &["PERFORM"],
        ];
        const EVENTS: [&str; 6] = ["ON", "FOR", "AFTER", "BEFORE", "OF", "OR"];
        (0..self.tokens.len()).any(|at| {
            let here = self.skip(at);
            let before = at.checked_sub(1).map(|before| self.skip(before));
            let is_event = before.is_some_and(|it| EVENTS.iter().any(|word| it.starts(&[word])));
            let is_action = ["FUNCTION", "PROCEDURE"].iter().any(|it| here.skip(1).starts(&[it]));
            !is_event && !is_action && CHANGES.iter().any(|change| here.starts(change))
        })
    }

    /// Whether a name stands before an opening parenthesis.
    fn calls(self) -> bool {
        self.tokens.windows(2).any(|pair| {
            let [name, parenthesis] = pair else { return false };
            let text = |token: &Token| self.text.get(token.span.clone()).unwrap_or_default();
            matches!(name.kind, token::Kind::Word | token::Kind::QuotedIdentifier)
                && text(parenthesis) == "("
        })
    }

    /// What the dollar-quoted strings hold.
    fn bodies(self) -> impl Iterator<Item = &'a str> {
        self.tokens
            .iter()
            .filter(|token| token.kind == token::Kind::DollarString)
            .filter_map(move |token| self.text.get(token.span.clone()))
            .filter_map(|quoted| {
                let delimiter = quoted.get(1..)?.find('$')? + 2;
                quoted.get(delimiter..quoted.len().checked_sub(delimiter)?)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Script;

    fn kind(sql: &str) -> Kind {
        let script = Script::parse(sql);
        assert_eq!(script.statements().len(), 1, "{sql}");
        script.statements()[0].kind.clone()
    }

    #[test]
    fn transaction_control_is_told_from_savepoints() {
        for (sql, expected) in [
            ("begin", Kind::Begin),
            ("START TRANSACTION", Kind::Begin),
            ("BEGIN WORK", Kind::Begin),
            ("END", Kind::Commit),
            ("COMMIT TRANSACTION", Kind::Commit),
            ("ABORT", Kind::Rollback),
            ("ROLLBACK TO SAVEPOINT a", Kind::Ordinary),
            ("SAVEPOINT a", Kind::Ordinary),
            ("BEGIN ISOLATION LEVEL SERIALIZABLE", Kind::Control),
            ("COMMIT AND CHAIN", Kind::Control),
            ("PREPARE TRANSACTION 'x'", Kind::Control),
            ("COMMIT PREPARED 'x'", Kind::Alone(Alone::Unknowable)),
        ] {
            assert_eq!(kind(sql), expected, "{sql}");
        }
    }

    #[test]
    fn names_are_kept_as_written() {
        assert_eq!(
            kind(r#"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "a b" ON ONLY s . "T" (x)"#),
            Kind::Alone(Alone::CreateIndex {
                index: Some(r#""a b""#.to_owned()),
                table: r#"s . "T""#.to_owned(),
            })
        );
        assert_eq!(
            kind("create index concurrently on t (x)"),
            Kind::Alone(Alone::CreateIndex { index: None, table: "t".to_owned() })
        );
        assert_eq!(
            kind(r#"DROP INDEX CONCURRENTLY IF EXISTS public."i""#),
            Kind::Alone(Alone::DropIndex { index: r#"public."i""#.to_owned() })
        );
        assert_eq!(
            kind("REINDEX (VERBOSE, CONCURRENTLY) TABLE s.t"),
            Kind::Alone(Alone::Reindex { of: "TABLE".to_owned(), name: Some("s.t".to_owned()) })
        );
        assert_eq!(
            kind("reindex index concurrently i"),
            Kind::Alone(Alone::Reindex { of: "INDEX".to_owned(), name: Some("i".to_owned()) })
        );
        assert_eq!(
            kind("ALTER TABLE a DETACH PARTITION b CONCURRENTLY"),
            Kind::Alone(Alone::DetachPartition {
                table: "a".to_owned(),
                partition: "b".to_owned()
            })
        );
    }

    #[test]
    fn what_a_transaction_takes_is_ordinary() {
        for sql in [
            "CREATE INDEX i ON t (x)",
            "REINDEX TABLE t",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
            "CLUSTER t USING i",
            "ANALYZE",
            "DO $$ BEGIN CREATE TEMP TABLE t (a int) ON COMMIT DROP; RAISE NOTICE 'COMMIT'; END $$",
        ] {
            assert_eq!(kind(sql), Kind::Ordinary, "{sql}");
        }
        for sql in [
            "VACUUM",
            "vacuum (full) t",
            "REINDEX SCHEMA s",
            "CLUSTER VERBOSE",
            "ALTER SYSTEM SET work_mem = '1MB'",
            "DISCARD ALL",
        ] {
            assert_eq!(kind(sql), Kind::Alone(Alone::Repeatable), "{sql}");
        }
        assert_eq!(kind("DO $$ BEGIN COMMIT; END $$"), Kind::Alone(Alone::Unknowable));
        let backfill = "DO $repeatable$ BEGIN COMMIT; END $repeatable$";
        assert_eq!(kind(backfill), Kind::Alone(Alone::Repeatable));
    }

    #[test]
    fn labels_and_data_are_seen() {
        assert_eq!(
            kind(r#"ALTER TYPE "Role" ADD VALUE IF NOT EXISTS 'admin' BEFORE 'user'"#),
            Kind::AddLabel("'admin'".to_owned())
        );
        assert_eq!(kind("COPY t (a) FROM stdin"), Kind::CopyStream);
        assert_eq!(kind("COPY (SELECT 1) TO stdout"), Kind::CopyStream);
        assert_eq!(kind("COPY t FROM '/tmp/t'"), Kind::Ordinary);
    }

    #[test]
    fn what_may_change_rows_is_told_from_what_makes_objects() {
        let changes = |sql: &str| Script::parse(sql).statements()[0].may_change_data;
        for sql in [
            "INSERT INTO t VALUES (1)",
            "with x as (select 1) insert into t select * from x",
            "SELECT setval('s', 5)",
            "DO $$ BEGIN UPDATE t SET a = 1; END $$",
            "DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$",
            "CREATE TABLE t AS SELECT 1",
            "CREATE UNLOGGED TABLE t AS TABLE u",
        ] {
            assert!(changes(sql), "{sql}");
        }
        for sql in [
            "CREATE TABLE t (a int DEFAULT now())",
            "CREATE VIEW v AS SELECT 1",
            "CREATE TRIGGER a AFTER UPDATE ON t EXECUTE FUNCTION f()",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ INSERT INTO t VALUES (1) RETURNING 1 $$",
            "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u ON DELETE CASCADE ON UPDATE CASCADE",
            "SELECT pg_catalog.set_config('search_path', '', false)",
            "DO $$ BEGIN CREATE TYPE e AS ENUM ('a'); END $$",
            "DO $$ BEGIN CREATE TRIGGER a AFTER UPDATE ON t EXECUTE FUNCTION f(); END $$",
            "SELECT 1",
        ] {
            assert!(!changes(sql), "{sql}");
        }
    }

    #[test]
    fn session_state_is_noticed_even_inside_blocks() {
        for (sql, expected) in [
            ("SET search_path = x", true),
            ("SET LOCAL search_path = x", false),
            ("SELECT pg_catalog.set_config('search_path', '', false)", true),
            ("DO $$ BEGIN SET ROLE x; END $$", true),
            ("UPDATE t SET a = 1", false),
        ] {
            assert_eq!(Script::parse(sql).changes_session(), expected, "{sql}");
        }
    }
}
