//! Pieces of schema text. The formatter puts them into columns.

use std::fmt::Write as _;

/// Returns the text as a string literal of the schema language.
pub(crate) fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for letter in text.chars() {
        match letter {
            '\t' => literal.push_str("\\t"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            control if control.is_ascii_control() => {
                // Writing to a string cannot fail.
                let _ = write!(literal, "\\u{:04x}", u32::from(control));
            }
            letter => literal.push(letter),
        }
    }
    literal.push('"');
    literal
}

/// Bytes in base64, as the schema language writes them.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let bits = number << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or(b'=');
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

/// Appends documentation, each line as a `///` comment.
pub(crate) fn document<'a>(lines: impl IntoIterator<Item = &'a str>, out: &mut String) {
    for line in lines {
        out.push_str(if line.is_empty() { "///" } else { "/// " });
        out.extend([line, "\n"]);
    }
}

/// An attribute that is being written: `name(argument, key: argument)`.
#[derive(Debug)]
pub(crate) struct Call {
    name: &'static str,
    arguments: Vec<String>,
}

impl Call {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, arguments: Vec::new() }
    }

    /// Adds an argument that is already schema text.
    pub(crate) fn argument(&mut self, text: impl Into<String>) {
        self.arguments.push(text.into());
    }

    /// Adds an argument with a name, if there is something to say.
    pub(crate) fn named(&mut self, key: &str, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.arguments.push(format!("{key}: {}", text.as_ref()));
        }
    }

    /// Appends it as a line.
    pub(crate) fn write_line(&self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{self}");
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)?;
        if self.arguments.is_empty() {
            return Ok(());
        }
        write!(f, "({})", self.arguments.join(", "))
    }
}
