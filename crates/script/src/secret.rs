//! Passwords in statements.

use crate::token::{Kind, tokens};
use std::borrow::Cow;

/// The text with every string constant after the word `PASSWORD` blanked out, so that it can be
/// shown. Line breaks outside of them stay where they are.
pub fn without_passwords(text: &str) -> Cow<'_, str> {
    let tokens = tokens(text);
    let mut shown = String::new();
    let mut at = 0;
    for (word, value) in tokens.iter().zip(tokens.iter().skip(1)) {
        let is_password = word.kind == Kind::Word
            && text.get(word.span.clone()).is_some_and(|w| w.eq_ignore_ascii_case("password"));
        let is_secret =
            matches!(value.kind, Kind::String | Kind::DollarString | Kind::Unterminated);
        if is_password && is_secret {
            shown.push_str(text.get(at..value.span.start).unwrap_or_default());
            shown.push_str("'***'");
            at = value.span.end;
        }
    }
    if at == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (text, expected) in [
            ("CREATE ROLE a PASSWORD 'x''y' LOGIN", "CREATE ROLE a PASSWORD '***' LOGIN"),
            ("ALTER USER a\npassword E'x';", "ALTER USER a\npassword '***';"),
            ("ALTER USER a PASSWORD 'cut of", "ALTER USER a PASSWORD '***'"),
            ("SELECT 'password', password", "SELECT 'password', password"),
        ] {
            assert_eq!(without_passwords(text), expected);
        }
    }
}
