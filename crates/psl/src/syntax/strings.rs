//! What a string literal says: escapes are those of JSON.

use super::cursor::{Cursor, Range};

/// Decodes the content of a string literal (the range between its quotes). Escapes that mean nothing
/// are reported and left out.
pub(super) fn decode(cursor: &mut Cursor<'_>, content: Range) -> String {
    let text = cursor.slice(content.clone());
    let mut decoded = String::with_capacity(text.len());
    let mut done = 0;
    while let Some(found) = text.get(done..).and_then(|rest| rest.find('\\')) {
        let escape = done + found;
        decoded.push_str(text.get(done..escape).unwrap_or_default());
        let rest = text.get(escape..).unwrap_or_default();
        let (length, character) = match rest.chars().nth(1) {
            Some(character @ ('"' | '\\' | '/')) => (2, Some(character)),
            Some('b') => (2, Some('\u{8}')),
            Some('f') => (2, Some('\u{c}')),
            Some('n') => (2, Some('\n')),
            Some('r') => (2, Some('\r')),
            Some('t') => (2, Some('\t')),
            Some('u') => match unicode(rest) {
                Ok((length, character)) => (length, Some(character)),
                Err(length) => {
                    let start = content.start + escape;
                    cursor.error("Invalid unicode escape sequence.", start..start + length);
                    (length, None)
                }
            },
            other => {
                let length = 1 + other.map_or(0, char::len_utf8);
                let start = content.start + escape;
                cursor.error(UNKNOWN_ESCAPE, start..start + length);
                (length, None)
            }
        };
        decoded.extend(character);
        done = escape + length;
    }
    decoded.push_str(text.get(done..).unwrap_or_default());
    decoded
}

const UNKNOWN_ESCAPE: &str =
    r"Unknown escape sequence. If the value is a windows-style path, `\` must be escaped as `\\`.";

/// Reads `\uXXXX`, or two of them that are one character in UTF-16. Returns the number of bytes and
/// the character; where there is none, the number of bytes that are wrong.
fn unicode(text: &str) -> Result<(usize, char), usize> {
    let first = code_unit(text)?;
    if let Some(character) = char::from_u32(first.into()) {
        return Ok((6, character));
    }
    let second = text.get(6..).and_then(|rest| code_unit(rest).ok()).ok_or(6_usize)?;
    match char::decode_utf16([first, second]).next() {
        Some(Ok(character)) => Ok((12, character)),
        _ => Err(12),
    }
}

/// Reads one `\uXXXX`; the error is the number of bytes that looked right. Prisma does not look at
/// the digits when the string ends within two bytes.
fn code_unit(text: &str) -> Result<u16, usize> {
    if text.len() < 4 {
        return Err(2);
    }
    let digits = text.strip_prefix("\\u").ok_or(0_usize)?;
    let length = digits.bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
    let digits = digits.get(..length).unwrap_or_default();
    if length < 4 {
        return Err(2 + length);
    }
    u16::from_str_radix(digits, 16).map_err(|_| 2)
}
