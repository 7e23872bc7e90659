//! Expressions as the server prints them for good.
//!
//! What the server prints is not always what it prints again when it has read that: of `BETWEEN` it
//! makes an `AND` of its own, which goes up in the one around it the next time; a cast of an array
//! constructor goes to its elements. Without this, a database would differ from its own dump.

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Anything else.
    Plain(String),
    /// A literal or a name in quotes.
    Quoted(String),
    /// What is in parentheses, or in brackets if it is an array.
    Group { is_array: bool, pieces: Vec<Self> },
}

use Piece::{Group, Plain, Quoted};

/// Returns the text as the server prints it when it has read it.
///
/// It is for what the server has printed, in which every operation is in parentheses.
pub fn settled(text: &str) -> String {
    let mut rest = text;
    let Some(pieces) = pieces(&mut rest, None).filter(|_| rest.is_empty()) else {
        return text.to_owned();
    };
    let pieces = all_settled(pieces);
    let settled = written(&pieces);
    in_order(&settled, &pieces).unwrap_or(settled)
}

/// Cuts a text up to the closing mark; nothing if that does not come.
fn pieces(rest: &mut &str, closing: Option<char>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    loop {
        let end = rest.find(['\'', '"', '(', ')', '[', ']']).unwrap_or(rest.len());
        let (plain, behind) = rest.split_at(end);
        if !plain.is_empty() {
            pieces.push(Plain(plain.to_owned()));
        }
        let Some(mark) = behind.chars().next() else {
            *rest = behind;
            return closing.is_none().then_some(pieces);
        };
        let inside = behind.get(1..)?;
        match mark {
            '\'' | '"' => {
                let has_escapes = mark == '\'' && plain.ends_with('E');
                let length = quoted_length(inside, mark, has_escapes)? + 1;
                let (quoted, behind) = behind.split_at_checked(length)?;
                pieces.push(Quoted(quoted.to_owned()));
                *rest = behind;
            }
            '(' | '[' => {
                *rest = inside;
                let is_array = mark == '[';
                let inner = self::pieces(rest, Some(if is_array { ']' } else { ')' }))?;
                pieces.push(Group { is_array, pieces: inner });
            }
            _ => {
                *rest = inside;
                return (closing == Some(mark)).then_some(pieces);
            }
        }
    }
}

/// How many bytes there are up to the closing quote and with it; doubled quotes are two quoted pieces.
fn quoted_length(inside: &str, quote: char, has_escapes: bool) -> Option<usize> {
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            return Some(at + 1);
        }
        if letter == '\\' && has_escapes {
            letters.next();
        }
    }
    None
}

/// Statistics with their columns by name, which are printed by age.
fn in_order(text: &str, pieces: &[Piece]) -> Option<String> {
    if !text.starts_with("CREATE STATISTICS ") {
        return None;
    }
    let (on, from) = (place_of(" ON ", pieces)?, place_of(" FROM ", pieces)?);
    let (head, rest) = text.split_at_checked(on + " ON ".len())?;
    let (mut list, tail) = rest.split_at_checked(from.checked_sub(head.len())?)?;
    let list = self::pieces(&mut list, None)?;
    let mut columns: Vec<String> = elements_of(&list).iter().map(|one| written(one)).collect();
    columns.sort();
    Some(format!("{head}{}{tail}", columns.join(", ")))
}

/// Where a word stands that is in no quotes and no parentheses.
fn place_of(word: &str, pieces: &[Piece]) -> Option<usize> {
    let mut length = 0;
    for piece in pieces {
        if let Plain(text) = piece
            && let Some(at) = text.find(word)
        {
            return Some(length + at);
        }
        length += written(std::slice::from_ref(piece)).len();
    }
    None
}

fn all_settled(pieces: Vec<Piece>) -> Vec<Piece> {
    let inside = |piece| match piece {
        Group { is_array, pieces } => Group { is_array, pieces: all_settled(pieces) },
        Plain(_) | Quoted(_) => piece,
    };
    let pieces: Vec<Piece> = pieces.into_iter().map(inside).collect();
    let mut settled = Vec::with_capacity(pieces.len());
    let mut rest = pieces.as_slice();
    while let [first, behind @ ..] = rest {
        if let Some((cast, behind)) = cast_of_array(rest) {
            settled.extend(cast);
            rest = behind;
        } else {
            settled.push(first.clone());
            rest = behind;
        }
    }
    without_first_list(settled)
}

/// `(a AND b) AND c` as `a AND b AND c`, and so with `OR`.
fn without_first_list(mut pieces: Vec<Piece>) -> Vec<Piece> {
    if let [Group { is_array: false, pieces: first }, Plain(behind), ..] = pieces.as_slice()
        && [" AND", " OR"].iter().any(|word| begins_with(behind, word) && is_list(first, word))
    {
        let first = first.clone();
        pieces.splice(0..1, first);
    }
    pieces
}

/// Whether it is a list of conditions with that word between them.
fn is_list(pieces: &[Piece], word: &str) -> bool {
    let has_word =
        |text: &String| text.split(word).skip(1).any(|rest| rest.starts_with([' ', '\n']));
    pieces.iter().any(|piece| matches!(piece, Plain(text) if has_word(text)))
}

/// Whether a text begins with a word, be it the last one of a line, as before `CASE`.
fn begins_with(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\n']))
}

/// `(ARRAY[a, b])::t[]` as `ARRAY[(a)::t, (b)::t]`, and what follows.
fn cast_of_array(pieces: &[Piece]) -> Option<(Vec<Piece>, &[Piece])> {
    let [Group { is_array: false, pieces: array }, behind @ ..] = pieces else { return None };
    let [Plain(word), Group { is_array: true, pieces: elements }] = array.as_slice() else {
        return None;
    };
    let end = behind.iter().position(|piece| matches!(piece, Group { .. }))?;
    let (r#type, behind) = behind.split_at_checked(end)?;
    let [Group { is_array: true, pieces: dimension }, behind @ ..] = behind else { return None };
    let is_type = |piece: &Piece| match piece {
        Plain(text) => text.chars().all(|c| c.is_alphanumeric() || " _.:$".contains(c)),
        Quoted(text) => text.starts_with('"'),
        Group { .. } => false,
    };
    let is_cast = matches!(r#type.first(), Some(Plain(text)) if text.starts_with("::"));
    if word != "ARRAY" || !dimension.is_empty() || !is_cast || !r#type.iter().all(is_type) {
        return None;
    }
    let mut cast = Vec::new();
    for element in elements_of(elements) {
        if !cast.is_empty() {
            cast.push(Plain(", ".to_owned()));
        }
        cast.push(Group { is_array: false, pieces: element });
        cast.extend(r#type.iter().cloned());
    }
    let array = vec![Plain(word.clone()), Group { is_array: true, pieces: cast }];
    Some((array, behind))
}

/// The elements between commas.
fn elements_of(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut elements = Vec::new();
    let mut open = Vec::new();
    for piece in pieces {
        let Plain(text) = piece else {
            open.push(piece.clone());
            continue;
        };
        for (number, part) in text.split(", ").enumerate() {
            if number > 0 {
                elements.push(std::mem::take(&mut open));
            }
            if !part.is_empty() {
                open.push(Plain(part.to_owned()));
            }
        }
    }
    elements.push(open);
    elements
}

fn written(pieces: &[Piece]) -> String {
    let text = |piece: &Piece| match piece {
        Plain(text) | Quoted(text) => text.clone(),
        Group { is_array: true, pieces } => format!("[{}]", written(pieces)),
        Group { is_array: false, pieces } => format!("({})", written(pieces)),
    };
    pieces.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::settled;

    /// Pairs of what PostgreSQL 15 prints, and prints again when it has read that.
    #[test]
    fn what_is_printed_is_what_is_printed_again() {
        for (first, again) in [
            ("(((a >= 1) AND (a <= 10)) AND (b = 2))", "((a >= 1) AND (a <= 10) AND (b = 2))"),
            ("((b = 2) AND ((a >= 1) AND (a <= 10)))", "((b = 2) AND ((a >= 1) AND (a <= 10)))"),
            ("(((a < 1) OR (a > 10)) OR b)", "((a < 1) OR (a > 10) OR b)"),
            ("(((a < 1) OR (a > 10)) AND b)", "(((a < 1) OR (a > 10)) AND b)"),
            ("((a = ' AND (') AND b)", "((a = ' AND (') AND b)"),
            (
                "((c)::text = ANY ((ARRAY['a'::character varying, 'b''c'::character varying])::text[]))",
                "((c)::text = ANY (ARRAY[('a'::character varying)::text, ('b''c'::character varying)::text]))",
            ),
            ("(ARRAY[1, 2])::\"S 2\".d[]", "ARRAY[(1)::\"S 2\".d, (2)::\"S 2\".d]"),
            ("CHECK ((a = 'it''s ('::text))", "CHECK ((a = 'it''s ('::text))"),
            ("(a = E'\\\\(')", "(a = E'\\\\(')"),
            (
                "sum(a) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
                "sum(a) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            ),
            (
                "CREATE STATISTICS public.s (mcv) ON b, \"a, ON\", (c + 1) FROM public.\" FROM \"",
                "CREATE STATISTICS public.s (mcv) ON \"a, ON\", (c + 1), b FROM public.\" FROM \"",
            ),
            (
                "CHECK ((((a >= 1) AND (a <= 2)) AND\nCASE\n    WHEN b THEN c\n    ELSE true\nEND))",
                "CHECK (((a >= 1) AND (a <= 2) AND\nCASE\n    WHEN b THEN c\n    ELSE true\nEND))",
            ),
            ("what ( is not an expression", "what ( is not an expression"),
        ] {
            assert_eq!(settled(first), again);
            assert_eq!(settled(again), again);
        }
    }
}
