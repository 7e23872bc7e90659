//! SQL with colours: what it adds, changes and takes away stands out.

use maud::{Markup, html};
use script::token::{Kind, tokens};

/// Words that begin what adds, what changes, what takes away.
const ADDING: &[&str] = &["ADD", "CREATE", "INSERT", "GRANT"];
const CHANGING: &[&str] = &["ALTER", "RENAME", "UPDATE", "SET", "REPLACE"];
const TAKING: &[&str] = &["DROP", "DELETE", "TRUNCATE", "REVOKE", "CASCADE"];

/// Other words of SQL that are told from names.
const WORDS: &[&str] = &[
    "ALL",
    "ALWAYS",
    "AND",
    "ANY",
    "AS",
    "ASC",
    "BEFORE",
    "AFTER",
    "BEGIN",
    "BY",
    "CHECK",
    "COLLATE",
    "COLUMN",
    "COMMENT",
    "COMMIT",
    "CONCURRENTLY",
    "CONSTRAINT",
    "DATABASE",
    "DEFAULT",
    "DEFERRABLE",
    "DEFERRED",
    "DESC",
    "DO",
    "DOMAIN",
    "EACH",
    "ELSE",
    "END",
    "ENUM",
    "EXCLUDE",
    "EXECUTE",
    "EXISTS",
    "EXTENSION",
    "FALSE",
    "FOR",
    "FOREIGN",
    "FROM",
    "FUNCTION",
    "GENERATED",
    "IDENTITY",
    "IF",
    "IN",
    "INCLUDE",
    "INDEX",
    "INITIALLY",
    "INTO",
    "IS",
    "KEY",
    "LANGUAGE",
    "MATERIALIZED",
    "NO",
    "NOT",
    "NULL",
    "NULLS",
    "OF",
    "ON",
    "ONLY",
    "OR",
    "OWNED",
    "OWNER",
    "PARTITION",
    "POLICY",
    "PRIMARY",
    "PROCEDURE",
    "REFERENCES",
    "RESTRICT",
    "RETURNS",
    "ROLE",
    "ROW",
    "ROWS",
    "SCHEMA",
    "SECURITY",
    "SELECT",
    "SEQUENCE",
    "STORED",
    "TABLE",
    "THEN",
    "TO",
    "TRIGGER",
    "TRUE",
    "TYPE",
    "UNIQUE",
    "USING",
    "VALID",
    "VALIDATE",
    "VALUE",
    "VALUES",
    "VIEW",
    "WHEN",
    "WHERE",
    "WITH",
];

/// Shows a script.
pub(crate) fn block(sql: &str) -> Markup {
    html! { pre class="sql" tabindex="0" { code { (coloured(sql)) } } }
}

/// Shows SQL within something else.
pub(crate) fn coloured(sql: &str) -> Markup {
    let text = |from: usize, to: usize| sql.get(from..to).unwrap_or_default();
    let mut pieces: Vec<(Option<&str>, &str)> = Vec::new();
    let mut at = 0;
    for token in tokens(sql) {
        between(text(at, token.span.start), &mut pieces);
        let word = text(token.span.start, token.span.end);
        let class = match token.kind {
            Kind::Word => class(word),
            Kind::String | Kind::DollarString => Some("s"),
            Kind::Number => Some("n"),
            Kind::QuotedIdentifier | Kind::Symbol | Kind::Unterminated => None,
        };
        pieces.push((class, word));
        at = token.span.end;
    }
    between(text(at, sql.len()), &mut pieces);
    html! {
        @for (class, text) in pieces {
            @if let Some(class) = class { span class=(class) { (text) } } @else { (text) }
        }
    }
}

/// What stands between two tokens: white space, or comments.
fn between<'a>(text: &'a str, pieces: &mut Vec<(Option<&'static str>, &'a str)>) {
    if !text.is_empty() {
        let class = if text.trim().is_empty() { None } else { Some("c") };
        pieces.push((class, text));
    }
}

fn class(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_uppercase();
    let has = |words: &[&str]| words.contains(&word.as_str());
    match () {
        () if has(ADDING) => Some("w add"),
        () if has(CHANGING) => Some("w change"),
        () if has(TAKING) => Some("w take"),
        () if has(WORDS) => Some("w"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::coloured;

    #[test]
    fn words_have_their_colours_and_nothing_is_lost() {
        let check = |sql: &str, expected: &str| assert_eq!(coloured(sql).into_string(), expected);
        check(
            "DROP TABLE \"a<b\"; -- <i>",
            "<span class=\"w take\">DROP</span> <span class=\"w\">TABLE</span> &quot;a&lt;b&quot;;\
             <span class=\"c\"> -- &lt;i&gt;</span>",
        );
        check(
            "add 'x' 1",
            "<span class=\"w add\">add</span> <span class=\"s\">'x'</span> <span class=\"n\">1</span>",
        );
        check("'open", "'open");
    }
}
