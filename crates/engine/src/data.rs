//! What migrations do to data: the part of them that the catalog does not show.

use project::Migration;
use script::Script;
use serde::Serialize;

/// How much of a statement is shown, in characters.
const SHOWN: usize = 80;

/// A statement that may change data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataStatement {
    /// The migration that it is in.
    pub migration: String,
    /// Its line there.
    pub line: usize,
    /// The statement.
    pub sql: String,
}

impl DataStatement {
    /// Its beginning in one line.
    pub(crate) fn shortened(&self) -> String {
        let words: Vec<&str> = self.sql.split_whitespace().collect();
        let words = words.join(" ");
        let shown: String = words.chars().take(SHOWN).collect();
        let rest = if shown.len() < words.len() { "…" } else { "" };
        format!("{}{rest}", script::without_passwords(&shown))
    }
}

/// As a person reads it, in one line.
impl std::fmt::Display for DataStatement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}: {}", self.migration, self.line, self.shortened())
    }
}

/// The statements of a migration that may change data, in order.
pub(crate) fn statements(migration: &Migration) -> Vec<DataStatement> {
    let script = Script::parse(&migration.script);
    let changing = script.statements().iter().filter(|statement| statement.may_change_data);
    let describe = |statement: &script::Statement| DataStatement {
        migration: migration.name.clone(),
        line: script.place(statement.span.start).line,
        sql: script.statement_text(statement).to_owned(),
    };
    changing.map(describe).collect()
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn statements_that_change_data_are_told_with_their_line() {
        let script = "CREATE TABLE a ();\n\nUPDATE a\n  SET b = 1;\n";
        let found = statements(&crate::author::unwritten(script));
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["19700101000000_unwritten, line 3: UPDATE a SET b = 1"]);
    }
}
