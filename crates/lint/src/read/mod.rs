//! The words of a statement, read as [`Action`]s.
//!
//! This is no grammar of SQL: what is not recognised is [`ActionKind::Other`], of which nothing is
//! claimed. PostgreSQL is the judge of what is right.

mod column;
mod privileged;
mod statement;
mod table;

use std::ops::Range;

use catalog::Name;
use script::{Script, Statement, Tokens, Words, bare};

use crate::action::{Action, ActionKind};

/// Reads what a statement does. Names without a schema are taken to be in `schema`.
pub(crate) fn actions(script: &Script<'_>, statement: &Statement, schema: &str) -> Vec<Action> {
    let tokens = Tokens::of(script.statement_text(statement));
    let reader = Reader { schema, start: statement.span.start };
    reader.read(tokens.words())
}

/// How names and places are to be read.
#[derive(Clone, Copy)]
struct Reader<'a> {
    schema: &'a str,
    start: usize,
}

impl Reader<'_> {
    fn read(self, words: Words<'_>) -> Vec<Action> {
        if let Some(told) = privileged::told(words) {
            return vec![self.action(words, ActionKind::Privileged(told))];
        }
        if let Some(actions) = self.alter_table(words) {
            return actions;
        }
        if let Some(block) = words.after(&["DO"]) {
            return self.block(block);
        }
        let kinds = self.statement(words).unwrap_or_else(|| vec![ActionKind::Other]);
        kinds.into_iter().map(|kind| self.action(words, kind)).collect()
    }

    /// The statements of a `DO` block, as if all of them were carried out.
    fn block(self, words: Words<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        for (offset, body) in words.bodies() {
            let script = Script::parse(body);
            for statement in script.statements() {
                let tokens = Tokens::of(script.statement_text(statement));
                let words = tokens.words();
                let Some(start) = (0..words.len()).find(|at| begins_statement(words, *at)) else {
                    continue;
                };
                let reader = Reader { start: self.start + offset + statement.span.start, ..self };
                actions.extend(reader.read(words.skip(start)));
            }
        }
        actions
    }

    fn action(self, words: Words<'_>, kind: ActionKind) -> Action {
        let Range { start, end } = words.span();
        Action { kind, span: self.start + start..self.start + end }
    }

    /// A qualified name, and what follows it.
    fn name(self, words: Words<'_>) -> Option<(Name, Words<'_>)> {
        let (parts, rest) = words.qualified_name()?;
        let name = bare(parts.last()?);
        let schema = parts.len().checked_sub(2).and_then(|at| parts.get(at));
        let schema = schema.map_or_else(|| self.schema.to_owned(), |schema| bare(schema));
        Some((Name::new(schema, name), rest))
    }

    /// Qualified names between commas, and what follows them.
    fn names(self, words: Words<'_>) -> Option<(Vec<Name>, Words<'_>)> {
        let (first, mut rest) = self.name(words.maybe(&["ONLY"]))?;
        let mut names = vec![first];
        rest = rest.maybe(&["*"]);
        while let Some(behind) = rest.after(&[","]) {
            let (name, after) = self.name(behind.maybe(&["ONLY"]))?;
            names.push(name);
            rest = after.maybe(&["*"]);
        }
        Some((names, rest))
    }
}

/// Whether a statement of SQL begins at a token of a block: behind nothing, or a word that opens something.
fn begins_statement(words: Words<'_>, at: usize) -> bool {
    const VERBS: [&str; 9] =
        ["ALTER", "CREATE", "DROP", "UPDATE", "DELETE", "INSERT", "TRUNCATE", "LOCK", "REFRESH"];
    const OPENERS: [&str; 4] = ["BEGIN", "THEN", "ELSE", "LOOP"];
    let is = |at: usize, list: &[&str]| {
        list.iter().any(|word| words.word(at).eq_ignore_ascii_case(word))
    };
    is(at, &VERBS) && at.checked_sub(1).is_none_or(|before| is(before, &OPENERS))
}

/// The names between commas in parentheses, and what follows; expressions are left out.
fn columns(words: Words<'_>) -> Option<(Vec<String>, Words<'_>)> {
    let (inside, rest) = words.parenthesised()?;
    let columns = inside.parts().into_iter().filter_map(Words::name);
    Some((columns.map(|(name, _)| bare(name)).collect(), rest))
}
