//! Lines and columns.

/// A place in a text as an editor shows it: both count from 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Place {
    /// The place of a byte; the end of the text if the byte is behind it.
    pub fn of_byte(text: &str, byte: usize) -> Self {
        let mut end = byte.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

/// The byte of the `number`th character, counted from 1; the text's length if there is none.
pub(crate) fn byte_of_character(text: &str, number: usize) -> usize {
    text.char_indices().nth(number.saturating_sub(1)).map_or(text.len(), |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let text = "é;\nab";
        assert_eq!(Place::of_byte(text, 0), Place { line: 1, column: 1 });
        assert_eq!(Place::of_byte(text, 2), Place { line: 1, column: 2 });
        assert_eq!(Place::of_byte(text, 5), Place { line: 2, column: 2 });
        assert_eq!(Place::of_byte(text, 99), Place { line: 2, column: 3 });
        assert_eq!(byte_of_character(text, 2), 2);
        assert_eq!(byte_of_character(text, 99), 6);
    }
}
