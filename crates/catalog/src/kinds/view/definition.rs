//! The query of a view in words that do not depend on the server's version.
//!
//! Where a query reads one relation only, PostgreSQL writes `SELECT a FROM t` from version 16 on and
//! wrote `SELECT t.a FROM t` before. A shadow database may be of another version than the server.

/// Returns the query without the prefixes that only older servers write.
pub(super) fn of_any_version(definition: &str) -> String {
    let Some(prefix) = only_relation(definition) else { return definition.to_owned() };
    let mut text = String::with_capacity(definition.len());
    let mut tokens = Tokens(definition).peekable();
    let mut previous = "";
    while let Some(token) = tokens.next() {
        if token == prefix && previous != "." && tokens.peek() == Some(&".") {
            tokens.next();
            // A whole row has a prefix in every version.
            if tokens.peek() == Some(&"*") {
                text.push_str(token);
                text.push('.');
            }
            previous = ".";
            continue;
        }
        text.push_str(token);
        previous = token;
    }
    text
}

/// How the columns of the relation are prefixed, when the outermost query reads only one.
fn only_relation(definition: &str) -> Option<&str> {
    // The server breaks lines by depth.
    let (_, from) = definition.split_once("\n   FROM ")?;
    let is_set = definition.lines().any(|line| {
        ["UNION", "INTERSECT", "EXCEPT"].iter().any(|operation| line.starts_with(operation))
    });
    if is_set || from.contains("\n   FROM ") {
        return None;
    }
    // The alias, or else the name of the table: the last name outside parentheses.
    let mut name = None;
    let mut depth = 0_u32;
    for token in Tokens(from) {
        match token {
            "(" => depth += 1,
            ")" => depth = depth.checked_sub(1)?,
            _ if depth > 0 => {}
            "," => return None,
            "\n" | ";" | "TABLESAMPLE" => break,
            token if is_name(token) => name = Some(token),
            _ => {}
        }
    }
    name
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c == '"' || is_of_word(c))
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The names, quoted ones included, the literals, and each character besides.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.0.chars().next()?;
        let length = match first {
            '"' | '\'' => quoted_length(self.0, first),
            c if is_of_word(c) => self.0.find(|c| !is_of_word(c)).unwrap_or(self.0.len()),
            c => c.len_utf8(),
        };
        let (token, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(token)
    }
}

/// The length of what stands in quotes at the beginning; a doubled quote does not end it.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut quotes = text.match_indices(quote).map(|(at, _)| at).skip(1).peekable();
    while let Some(end) = quotes.next() {
        if quotes.next_if_eq(&(end + 1)).is_none() {
            return end + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::of_any_version;

    /// What versions 15 and 18 print.
    const PRINTED: &[(&str, &str)] = &[
        (" SELECT t.a\n   FROM vv.t;", " SELECT a\n   FROM vv.t;"),
        (
            " SELECT t.a,\n    t.b AS x\n   FROM vv.t\n  WHERE ((t.a > 1) AND (t.b = 't.a'::text))\n  ORDER BY t.a DESC\n LIMIT 3;",
            " SELECT a,\n    b AS x\n   FROM vv.t\n  WHERE ((a > 1) AND (b = 't.a'::text))\n  ORDER BY a DESC\n LIMIT 3;",
        ),
        (
            " SELECT (\"T x\".a + 1) AS a,\n    \"T x\".\"C d\"\n   FROM vv.t \"T x\"\n  GROUP BY (\"T x\".a + 1), \"T x\".\"C d\"\n HAVING (count(*) > 1);",
            " SELECT (a + 1) AS a,\n    \"C d\"\n   FROM vv.t \"T x\"\n  GROUP BY (a + 1), \"C d\"\n HAVING (count(*) > 1);",
        ),
        (
            " SELECT t.a,\n    ( SELECT max(u.id) AS max\n           FROM vv.u\n          WHERE (u.a = t.a)) AS m\n   FROM vv.t\n  WHERE (EXISTS ( SELECT 1\n           FROM vv.u\n          WHERE (u.id = t.a)));",
            " SELECT a,\n    ( SELECT max(u.id) AS max\n           FROM vv.u\n          WHERE (u.a = t.a)) AS m\n   FROM vv.t\n  WHERE (EXISTS ( SELECT 1\n           FROM vv.u\n          WHERE (u.id = t.a)));",
        ),
        (
            " SELECT t.*::vv.t AS t,\n    t.a,\n    row_number() OVER (PARTITION BY t.b ORDER BY t.a) AS row_number\n   FROM ONLY vv.t;",
            " SELECT t.*::vv.t AS t,\n    a,\n    row_number() OVER (PARTITION BY b ORDER BY a) AS row_number\n   FROM ONLY vv.t;",
        ),
        (
            " SELECT t.a\n   FROM vv.t TABLESAMPLE system (10);",
            " SELECT a\n   FROM vv.t TABLESAMPLE system (10);",
        ),
        (
            " WITH q AS (\n         SELECT t.a\n           FROM vv.t\n        )\n SELECT q.a\n   FROM q;",
            " WITH q AS (\n         SELECT t.a\n           FROM vv.t\n        )\n SELECT a\n   FROM q;",
        ),
        (
            " SELECT g.g\n   FROM generate_series(1, 3) g(g);",
            " SELECT g\n   FROM generate_series(1, 3) g(g);",
        ),
        (
            " SELECT s.a\n   FROM ( SELECT t.a\n           FROM vv.t) s;",
            " SELECT a\n   FROM ( SELECT t.a\n           FROM vv.t) s;",
        ),
        (" SELECT \"k\"\"i'd\".a\n   FROM vv.\"k\"\"i'd\";", " SELECT a\n   FROM vv.\"k\"\"i'd\";"),
    ];

    #[test]
    fn versions_agree() {
        for (of_15, of_18) in PRINTED {
            assert_eq!(of_any_version(of_15), of_any_version(of_18));
        }
    }

    #[test]
    fn prefixes_that_tell_something_stay() {
        for definition in [
            " SELECT t.a,\n    u.id\n   FROM (vv.t\n     JOIN vv.u ON ((u.a = t.a)));",
            " SELECT t.a\n   FROM vv.t,\n    vv.u;",
            " SELECT t.a\n   FROM vv.t\nUNION ALL\n SELECT u.a\n   FROM vv.u;",
            " SELECT 1 AS one\n  WHERE true;",
            " SELECT 'open",
            "",
        ] {
            assert_eq!(of_any_version(definition), definition);
        }
    }
}
