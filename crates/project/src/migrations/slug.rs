//! The name of a migration as a part of a path: lower case, ASCII, words joined by `_`.
//!
//! The rules are those of Prisma's command line, so that the same `--name` makes the same folder.

use deunicode::deunicode_char;

/// The most that a name can have, in bytes.
const LIMIT: usize = 200;

/// Returns the slug of a name as typed; empty if nothing of the name can be kept.
pub(super) fn slug(name: &str) -> String {
    let latin = to_latin(&without_contractions(name));
    let mut slug = String::with_capacity(latin.len());
    let chars: Vec<char> = latin.chars().collect();
    for (at, &char) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| chars.get(before)).copied();
        let after = chars.get(at + 1).copied();
        let after_next = chars.get(at + 2).copied();
        let is_boundary = !char.is_ascii_alphanumeric()
            || before.is_some_and(|before| begins_word(before, char, after, after_next));
        if is_boundary && !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
        if char.is_ascii_alphanumeric() {
            slug.push(char.to_ascii_lowercase());
        }
    }
    slug.truncate(slug.trim_end_matches('_').len());
    slug.truncate(LIMIT);
    slug
}

/// Whether a new word begins at `char` though no sign parts it from what is before.
fn begins_word(before: char, char: char, after: Option<char>, after_next: Option<char>) -> bool {
    if !char.is_ascii_uppercase() {
        return false;
    }
    if before.is_ascii_lowercase() || before.is_ascii_digit() {
        return true;
    }
    // The last capital of several belongs to the word that follows, unless that is a plural's `s`.
    let is_plural = after == Some('s') && !after_next.is_some_and(|next| next.is_ascii_lowercase());
    before.is_ascii_uppercase()
        && after.is_some_and(|after| after.is_ascii_lowercase())
        && !is_plural
}

/// Drops the apostrophe of `user's` and `don't`.
fn without_contractions(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('\'') {
        kept.push_str(before);
        let mut chars = after.chars();
        let is_contraction = matches!(chars.next(), Some('s' | 't'))
            && chars.next().is_none_or(char::is_whitespace)
            && before.ends_with(|char: char| char.is_ascii_alphanumeric());
        if !is_contraction {
            kept.push(' ');
        }
        rest = after;
    }
    kept + rest
}

/// Writes letters of European alphabets in Latin, the signs that have a word as that word, and a
/// space for the rest.
fn to_latin(name: &str) -> String {
    let mut latin = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '&' => latin.push_str(" and "),
            '♥' => latin.push_str(" love "),
            '🦄' => latin.push_str(" unicorn "),
            'ä' => latin.push_str("ae"),
            'ö' => latin.push_str("oe"),
            'ü' => latin.push_str("ue"),
            'Ä' => latin.push_str("Ae"),
            'Ö' => latin.push_str("Oe"),
            'Ü' => latin.push_str("Ue"),
            char if char.is_ascii() => latin.push(char),
            char if char.is_alphabetic() && (char as u32) < 0x0530 => {
                latin.push_str(deunicode_char(char).unwrap_or(" "));
            }
            _ => latin.push(' '),
        }
    }
    latin
}

#[cfg(test)]
mod tests {
    use super::slug;

    // Each was typed into Prisma 6.19.3: `migrate dev --create-only --name …`.
    #[test]
    fn names_become_those_of_prisma() {
        for (name, expected) in [
            ("init", "init"),
            ("two words here", "two_words_here"),
            ("Add_Body--Column!é", "add_body_column_e"),
            ("addUserTable", "add_user_table"),
            ("ÄÖÜ ß ñ Æ", "ae_oe_ue_ss_n_ae"),
            ("C&A", "c_and_a"),
            ("I ♥ you", "i_love_you"),
            ("ABCDef", "abc_def"),
            ("v2Final3x", "v2_final3x"),
            ("a.b.c", "a_b_c"),
            ("__x__", "x"),
            ("user's", "users"),
            ("don’t", "don_t"),
            ("日本", ""),
            ("Ωmega ж", "omega_zh"),
            ("a/b", "a_b"),
            ("HTMLParser2", "html_parser2"),
            ("foo-BarBaz", "foo_bar_baz"),
            ("2fa", "2fa"),
            ("x   y", "x_y"),
        ] {
            assert_eq!(slug(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_is_cut() {
        assert_eq!(slug(&"x".repeat(300)).len(), 200);
    }
}
