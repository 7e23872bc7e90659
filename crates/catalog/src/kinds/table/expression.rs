//! The few forms of expression that are understood, out of what the server prints.
//!
//! The server prints a parsed expression in one form, so this needs no grammar of SQL: a constant is
//! a number, a word or a literal in quotes, perhaps in parentheses, perhaps followed by casts.

use crate::Name;

/// A sequence of `nextval('…'::regclass)`.
pub(super) fn nextval(text: &str) -> Option<Name> {
    let call = text.strip_prefix("nextval(")?.strip_suffix(')')?;
    // Of an old default that was declared with a text.
    let call = call.strip_prefix('(').and_then(|c| c.strip_suffix(")::regclass")).unwrap_or(call);
    let (name, rest) = quoted_literal(call)?;
    if !is_casts(rest) {
        return None;
    }
    let (first, rest) = identifier(&name)?;
    match rest.strip_prefix('.') {
        Some(rest) => match identifier(rest)? {
            (second, "") => Some(Name::new(first, second)),
            _ => None,
        },
        None if rest.is_empty() => Some(Name::new("", first)),
        None => None,
    }
}

/// Whether the expression is the time of the transaction.
pub(super) fn is_now(text: &str) -> bool {
    let text = unwrapped(text).to_lowercase();
    let call = unwrapped(without_casts(&text));
    let precision = call.strip_prefix("current_timestamp").and_then(|rest| {
        let digits = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        digits.or(rest.is_empty().then_some(""))
    });
    call == "now()"
        || precision.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// A constant: a number, `true`, `false`, or a literal with its casts.
pub(super) fn constant(text: &str) -> Option<String> {
    let text = unwrapped(text);
    if let Some((value, rest)) = quoted_literal(text) {
        return is_casts(rest).then_some(value);
    }
    let bare = unwrapped(without_casts(text));
    if matches!(bare, "true" | "false") || is_number(bare) {
        return Some(bare.to_owned());
    }
    // `('-1'::integer)::bigint`
    (bare != text).then(|| constant(bare)).flatten()
}

/// An array of constants: `'{a,b}'::text[]` or `ARRAY['a'::text, 'b'::text]`.
pub(super) fn array(text: &str) -> Option<Vec<Option<String>>> {
    let text = unwrapped(text);
    if let Some((value, rest)) = quoted_literal(text) {
        return if is_casts(rest) { array_literal(&value) } else { None };
    }
    let text = unwrapped(without_casts(text));
    let elements = text.strip_prefix("ARRAY[")?.strip_suffix(']')?;
    if elements.is_empty() {
        return Some(Vec::new());
    }
    split(elements, ',')
        .into_iter()
        .map(|element| {
            let element = element.trim();
            if without_casts(unwrapped(element)) == "NULL" {
                return Some(None);
            }
            constant(element).map(Some)
        })
        .collect()
}

/// The expression without the name of schema `public`, outside of literals and quoted names.
pub(super) fn without_public(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut quote = None;
    let mut previous = ' ';
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let is_word = previous.is_alphanumeric() || matches!(previous, '_' | '$' | '.' | '"');
        if quote.is_none()
            && !is_word
            && let Some(behind) = rest.strip_prefix("public.")
        {
            rest = behind;
            previous = '.';
            continue;
        }
        match quote {
            Some(open) if open == letter => quote = None,
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            Some(_) | None => {}
        }
        result.push(letter);
        previous = letter;
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    result
}

/// The literal in quotes that a text begins with, and what follows it.
fn quoted_literal(text: &str) -> Option<(String, &str)> {
    // `E'…'` is printed for what has backslashes.
    let (body, escapes) = match text.strip_prefix('\'') {
        Some(body) => (body, false),
        None => (text.strip_prefix("E'")?, true),
    };
    delimited(body, '\'', escapes)
}

/// The identifier that a text begins with, and what follows it.
fn identifier(text: &str) -> Option<(String, &str)> {
    if let Some(body) = text.strip_prefix('"') {
        return delimited(body, '"', false);
    }
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty()).then(|| (name.to_owned(), rest))
}

/// What stands before the closing mark, with doubled marks made single, and what follows it.
fn delimited(body: &str, mark: char, escapes: bool) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = body.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == mark {
            if letters.next_if(|(_, next)| *next == mark).is_none() {
                return Some((value, body.get(at + letter.len_utf8()..)?));
            }
        } else if letter == '\\' && escapes {
            value.push(letters.next()?.1);
            continue;
        }
        value.push(letter);
    }
    None
}

/// Whether the text is nothing but casts: `::character varying(3)[]`, `::"we""ird".x`.
fn is_casts(text: &str) -> bool {
    text.is_empty() || text.starts_with("::") && without_casts(text).is_empty()
}

/// The text without the casts at its end, outside of quotes and parentheses.
fn without_casts(text: &str) -> &str {
    let first =
        top_level(text).find(|(at, _)| text.get(*at..).is_some_and(|t| t.starts_with("::")));
    let Some((at, _)) = first else { return text };
    let (before, casts) = text.split_at(at);
    let is_type = top_level(casts).all(|(_, letter)| {
        letter.is_alphanumeric() || matches!(letter, ':' | ' ' | '_' | '.' | '$')
    });
    if is_type { before } else { text }
}

/// The text without parentheses around all of it.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    // `(a) + (b)` begins and ends so too.
    match inner {
        Some(inner) if top_level(text).next().is_none() => unwrapped(inner),
        Some(_) | None => text,
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && digits.parse::<f64>().is_ok()
}

/// The parts of a text between separators, outside of quotes, parentheses and brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, letter) in top_level(text) {
        if letter == separator {
            parts.extend(text.get(start..at));
            start = at + letter.len_utf8();
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// The letters of a text outside of quotes, parentheses and brackets, with their places.
fn top_level(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut depth = 0_usize;
    text.char_indices().filter(move |(_, letter)| {
        match (quote, letter) {
            (Some(open), _) => {
                if open == *letter {
                    quote = None;
                }
                return false;
            }
            (None, '\'' | '"') => quote = Some(*letter),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) => return depth == 0,
        }
        false
    })
}

/// The elements of an array as PostgreSQL prints it: `{a,"b c",NULL}`. Nothing for an array of arrays.
fn array_literal(text: &str) -> Option<Vec<Option<String>>> {
    let body = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut elements = Vec::new();
    let mut letters = body.chars().peekable();
    while letters.peek().is_some() {
        if letters.next_if_eq(&'"').is_some() {
            let mut element = String::new();
            loop {
                match letters.next()? {
                    '"' => break,
                    '\\' => element.push(letters.next()?),
                    letter => element.push(letter),
                }
            }
            elements.push(Some(element));
            if !matches!(letters.next(), None | Some(',')) {
                return None;
            }
        } else {
            let mut element = String::new();
            for letter in letters.by_ref() {
                match letter {
                    ',' => break,
                    '{' | '}' | '"' | '\\' => return None,
                    letter => element.push(letter),
                }
            }
            elements.push(if element.eq_ignore_ascii_case("null") { None } else { Some(element) });
        }
    }
    Some(elements)
}

#[cfg(test)]
mod tests {
    use super::super::{ColumnType, Default};
    use crate::Name;

    fn read(text: &str, name: &str) -> Default {
        let (name, array) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
        Default::from_expression(text, &ColumnType { array, ..ColumnType::builtin(name, &[]) })
    }

    /// The texts are what PostgreSQL 15 prints for such defaults.
    #[test]
    fn constants_are_without_quotes_and_casts() {
        for (text, name, expected) in [
            ("'x'::text", "text", "x"),
            ("'it''s'::character varying(10)", "varchar", "it's"),
            ("'a::b'::text", "text", "a::b"),
            ("''::text", "text", ""),
            ("'-1'::integer", "int4", "-1"),
            ("(-1)", "int4", "-1"),
            ("'-1'::integer", "int8", "-1"),
            ("1", "int4", "1"),
            ("(1)::bigint", "int8", "1"),
            ("1.5", "numeric", "1.5"),
            ("(1.5)::double precision", "float8", "1.5"),
            ("'-1.5'::numeric", "numeric", "-1.5"),
            ("true", "bool", "true"),
            ("'{\"a\": 1}'::jsonb", "jsonb", "{\"a\": 1}"),
            ("'A'::public.\"Role\"", "text", "A"),
            ("'A'::\"we\"\"ird 'x\".\"Ro::le\"", "text", "A"),
            ("E'a\\\\b'::text", "text", "a\\b"),
            ("'\\x00'::bytea", "bytea", "\\x00"),
            ("('a'::text)::character varying", "varchar", "a"),
            ("'B'::bit(1)", "bit", "B"),
        ] {
            assert_eq!(read(text, name), Default::Value(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn arrays_are_lists() {
        let list = |values: &[Option<&str>]| {
            Default::List(values.iter().map(|value| value.map(str::to_owned)).collect())
        };
        for (text, name, expected) in [
            ("'{}'::text[]", "text[]", list(&[])),
            ("ARRAY[]::text[]", "text[]", list(&[])),
            (
                "'{a,\"b c\",NULL,\"NULL\"}'::text[]",
                "text[]",
                list(&[Some("a"), Some("b c"), None, Some("NULL")]),
            ),
            (
                "'{\"a\\\\\"b\"}'::text[]",
                "text[]",
                Default::Expression("'{\"a\\\\\"b\"}'::text[]".to_owned()),
            ),
            (
                "ARRAY['a'::text, 'b, c'::text, NULL::text]",
                "text[]",
                list(&[Some("a"), Some("b, c"), None]),
            ),
            ("ARRAY[1, '-2'::integer]", "int4[]", list(&[Some("1"), Some("-2")])),
            ("ARRAY['a'::public.\"R\"]", "text[]", list(&[Some("a")])),
            ("(ARRAY['a'::text])::character varying[]", "varchar[]", list(&[Some("a")])),
        ] {
            assert_eq!(read(text, name), expected, "{text}");
        }
    }

    #[test]
    fn sequences_are_named() {
        for (text, schema, name) in [
            ("nextval('public.t_id_seq'::regclass)", "public", "t_id_seq"),
            ("nextval('public.\"User_id_seq\"'::regclass)", "public", "User_id_seq"),
            ("nextval('\"we\"\"ird ''x\".\"a.b\"'::regclass)", "we\"ird 'x", "a.b"),
            ("nextval('t_id_seq'::regclass)", "", "t_id_seq"),
            ("nextval(('public.s'::text)::regclass)", "public", "s"),
        ] {
            assert_eq!(read(text, "int4"), Default::NextValue(Name::new(schema, name)), "{text}");
        }
    }

    #[test]
    fn the_time_of_the_transaction_is_now() {
        for text in ["now()", "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP(3)", "(now())::date"] {
            assert_eq!(read(text, "timestamp"), Default::Now, "{text}");
        }
        assert_eq!(read("now()", "text"), Default::Expression("now()".to_owned()));
    }

    #[test]
    fn anything_else_stays_an_expression_without_public() {
        for (text, expected) in [
            ("gen_random_uuid()", "gen_random_uuid()"),
            ("public.cuid()", "cuid()"),
            ("(public.a() || 'public.b'::text)", "(a() || 'public.b'::text)"),
            ("notpublic.a('x'::public.t)", "notpublic.a('x'::t)"),
            ("(now() + '1 day'::interval)", "(now() + '1 day'::interval)"),
            ("(1 + 2)", "(1 + 2)"),
            ("('a'::text || 'b'::text)", "('a'::text || 'b'::text)"),
            ("(a) + (b)", "(a) + (b)"),
            ("'unclosed", "'unclosed"),
            ("", ""),
        ] {
            assert_eq!(read(text, "text"), Default::Expression(expected.to_owned()), "{text}");
        }
    }
}
