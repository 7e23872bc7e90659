//! How a script reaches the server: in transactions, and around them.

use crate::{Kind, Script, Statement};
use std::collections::BTreeSet;
use std::ops::Range;

/// Statements that go to the server together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    /// Statements that share one transaction; `BEGIN` and `COMMIT` of the script among them are to
    /// be left out, for the transaction is the runner's.
    Transaction {
        /// Numbers of the statements.
        statements: Range<usize>,
        /// How the script wants it to end.
        ending: Ending,
    },
    /// One statement outside any transaction.
    Alone(usize),
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With its effects kept.
    Commit,
    /// With none: the script says `ROLLBACK`.
    Rollback,
}

/// Whose transaction boundaries count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundaries {
    /// `BEGIN … COMMIT` blocks of the script are taken into one transaction where that means the
    /// same.
    Absorbed,
    /// The script's own blocks are kept, and each label added to an enum type is committed before
    /// the next statement.
    Own,
}

impl Batch {
    /// The numbers of its statements.
    pub fn statements(&self) -> Range<usize> {
        match self {
            Self::Transaction { statements, .. } => statements.clone(),
            Self::Alone(statement) => *statement..*statement + 1,
        }
    }
}

impl Script<'_> {
    /// The batches of the script, in order, or none if its transaction control cannot be taken
    /// apart, so that it has to be sent as it stands.
    ///
    /// `alone` holds the numbers of statements that the server was seen to refuse in a
    /// transaction, besides those whose words say so.
    pub fn batches(&self, boundaries: Boundaries, alone: &BTreeSet<usize>) -> Option<Vec<Batch>> {
        let statements = self.statements();
        let boundaries = match boundaries {
            Boundaries::Absorbed if self.blocks_can_be_absorbed() => Boundaries::Absorbed,
            Boundaries::Absorbed | Boundaries::Own => Boundaries::Own,
        };
        let mut batches = Batches { done: Vec::new(), start: 0 };
        let mut in_block = false;
        for (at, statement) in statements.iter().enumerate() {
            match &statement.kind {
                Kind::Begin if in_block => return None,
                Kind::Begin => {
                    in_block = true;
                    if boundaries == Boundaries::Own {
                        batches.end_before(at, Ending::Commit);
                    }
                }
                Kind::Commit | Kind::Rollback if !in_block => return None,
                Kind::Commit => {
                    in_block = false;
                    if boundaries == Boundaries::Own {
                        batches.end_before(at + 1, Ending::Commit);
                    }
                }
                Kind::Rollback => {
                    in_block = false;
                    batches.end_before(at + 1, Ending::Rollback);
                }
                Kind::Control => return None,
                // The author asked for a transaction: the server is to say that it cannot be.
                Kind::Alone(_) if in_block => return None,
                Kind::Alone(_) => batches.alone(at),
                Kind::AddLabel(label) => {
                    let own_block = boundaries == Boundaries::Own && in_block;
                    let used = boundaries == Boundaries::Own || self.mentions_after(at, label);
                    if alone.contains(&at) && in_block {
                        return None;
                    } else if alone.contains(&at) {
                        batches.alone(at);
                    } else if used && !own_block {
                        batches.end_before(at + 1, Ending::Commit);
                    }
                }
                Kind::Ordinary | Kind::CopyStream => {
                    if alone.contains(&at) {
                        if in_block {
                            return None;
                        }
                        batches.alone(at);
                    }
                }
            }
        }
        if in_block {
            return None;
        }
        batches.end_before(statements.len(), Ending::Commit);
        Some(batches.done)
    }

    /// The text of some statements with everything between and around them, transaction control
    /// blanked out, so that places in it are places in the script, counted from its first byte.
    pub fn text_in_transaction(&self, statements: Range<usize>) -> String {
        let end = self
            .statements()
            .get(statements.end..)
            .and_then(|after| after.first())
            .map_or(self.text().len(), |next| next.span.start);
        let start = match statements.start {
            0 => 0,
            first => self.statements().get(first).map_or(end, |first| first.span.start),
        };
        let mut text = String::with_capacity(end - start);
        let mut at = start;
        for statement in self.statements().get(statements).unwrap_or_default() {
            if matches!(statement.kind, Kind::Begin | Kind::Commit | Kind::Rollback) {
                text.push_str(self.text().get(at..statement.span.start).unwrap_or_default());
                text.extend(self.statement_text(statement).chars().map(|_| ' '));
                at = statement.span.end;
            }
        }
        text.push_str(self.text().get(at..end).unwrap_or_default());
        text
    }

    /// Whether the script's `BEGIN … COMMIT` blocks can become part of one transaction without
    /// changing what they do, but for the moment at which others see it.
    fn blocks_can_be_absorbed(&self) -> bool {
        let statements = self.statements();
        let is = |statement: &Statement, kind: &Kind| statement.kind == *kind;
        if statements.iter().any(|statement| is(statement, &Kind::Rollback)) {
            return false;
        }
        // One block around everything ends where the transaction ends.
        let wraps_all = statements.first().is_some_and(|first| is(first, &Kind::Begin))
            && statements.last().is_some_and(|last| is(last, &Kind::Commit))
            && statements.iter().filter(|statement| is(statement, &Kind::Begin)).count() == 1;
        let has_blocks = statements.iter().any(|statement| is(statement, &Kind::Begin));
        let moves = statements.iter().any(|statement| statement.lasts_for_transaction);
        wraps_all || !has_blocks || !moves
    }

    /// Whether a string constant, as written, occurs after a statement.
    fn mentions_after(&self, at: usize, constant: &str) -> bool {
        self.statements()
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .filter(|statement| !matches!(statement.kind, Kind::AddLabel(_)))
            .any(|statement| self.statement_text(statement).contains(constant))
    }
}

/// Batches in the making.
struct Batches {
    done: Vec<Batch>,
    /// The first statement that is in none yet.
    start: usize,
}

impl Batches {
    fn end_before(&mut self, end: usize, ending: Ending) {
        if self.start < end {
            self.done.push(Batch::Transaction { statements: self.start..end, ending });
            self.start = end;
        }
    }

    fn alone(&mut self, at: usize) {
        self.end_before(at, Ending::Commit);
        self.done.push(Batch::Alone(at));
        self.start = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(sql: &str, boundaries: Boundaries) -> Option<Vec<String>> {
        let script = Script::parse(sql);
        let describe = |batch: &Batch| match batch {
            Batch::Transaction { statements, ending: Ending::Commit } => format!("{statements:?}"),
            Batch::Transaction { statements, ending: Ending::Rollback } => {
                format!("{statements:?} rollback")
            }
            Batch::Alone(at) => format!("alone {at}"),
        };
        let batches = script.batches(boundaries, &BTreeSet::new())?;
        Some(batches.iter().map(describe).collect())
    }

    fn check(sql: &str, absorbed: &[&str], own: &[&str]) {
        assert_eq!(batches(sql, Boundaries::Absorbed).expect("batches"), absorbed, "{sql}");
        assert_eq!(batches(sql, Boundaries::Own).expect("batches"), own, "{sql}");
    }

    #[test]
    fn statements_refused_in_a_transaction_stand_alone() {
        check(
            "CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY i ON t (a); SELECT 1; SELECT 2",
            &["0..1", "alone 1", "2..4"],
            &["0..1", "alone 1", "2..4"],
        );
    }

    #[test]
    fn blocks_are_absorbed_where_that_means_the_same() {
        let enum_change = "SELECT 1; BEGIN; CREATE TYPE e AS ENUM ('a'); COMMIT; SELECT 2";
        check(enum_change, &["0..5"], &["0..1", "1..4", "4..5"]);
        let local = "BEGIN; SET LOCAL lock_timeout = '1s'; COMMIT; SELECT 2";
        check(local, &["0..3", "3..4"], &["0..3", "3..4"]);
        check("BEGIN; SET LOCAL lock_timeout = '1s'; COMMIT;", &["0..3"], &["0..3"]);
        check(
            "BEGIN; SELECT 1; ROLLBACK; SELECT 2",
            &["0..3 rollback", "3..4"],
            &["0..3 rollback", "3..4"],
        );
    }

    #[test]
    fn a_label_is_committed_before_its_use() {
        check(
            "ALTER TYPE e ADD VALUE 'b'; UPDATE t SET a = 'b'",
            &["0..1", "1..2"],
            &["0..1", "1..2"],
        );
        check("ALTER TYPE e ADD VALUE 'b'; UPDATE t SET a = 'c'", &["0..2"], &["0..1", "1..2"]);
    }

    #[test]
    fn control_that_cannot_be_taken_apart_gives_no_batches() {
        for sql in [
            "COMMIT; SELECT 1",
            "BEGIN; SELECT 1",
            "BEGIN; BEGIN; COMMIT",
            "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT",
        ] {
            assert_eq!(batches(sql, Boundaries::Absorbed), None, "{sql}");
        }
    }

    #[test]
    fn blanked_text_keeps_places() {
        let sql = "-- é\nBEGIN; SELECT 1;\nCOMMIT; SELECT 2";
        let script = Script::parse(sql);
        assert_eq!(script.text_in_transaction(0..4), "-- é\n     ; SELECT 1;\n      ; SELECT 2");
        assert_eq!(script.text_in_transaction(3..4), "SELECT 2");
    }
}
