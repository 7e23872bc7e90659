//! A name that PostgreSQL cuts off.

use script::Tokens;

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "long-name",
    finds: "a name of more than 63 bytes",
    why: "PostgreSQL cuts it off at 63 bytes with a notice that nobody sees: two of them may then be the same, and \
          what is looked for by its full name is not found.",
    bad: "CREATE INDEX a_name_that_goes_on_and_on_and_on_until_it_is_longer_than_allowed ON post (title);",
    good: "CREATE INDEX a_name ON post (title);",
    check,
};

/// PostgreSQL's `NAMEDATALEN` less one.
const LONGEST: usize = 63;

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for (at, statement) in migration.script.statements().iter().enumerate() {
        let tokens = Tokens::of(migration.script.statement_text(statement));
        let words = tokens.words();
        let is_long =
            |at: &usize| words.is_name(*at) && script::bare(words.word(*at)).len() > LONGEST;
        for long in (0..words.len()).filter(is_long) {
            let name = script::bare(words.word(long));
            let span = words.skip(long).take(1).span();
            let span = statement.span.start + span.start..statement.span.start + span.end;
            let message = format!("PostgreSQL cuts {name} off at {LONGEST} bytes");
            findings.place(at, span, Severity::Warning, message, "A shorter name");
        }
    }
}
