//! Text files.

use std::path::Path;

use crate::Error;

/// What some editors begin a UTF-8 file with.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a file of which what is not UTF-8 does not matter: Node reads it as U+FFFD.
pub(crate) fn read_lossy(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|cause| Error::unreadable(path, cause))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a file that must be UTF-8.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|cause| Error::unreadable(path, cause))?;
    decode(path, bytes)
}

/// Decodes the bytes of a file.
pub(crate) fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(offset);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        Error::NotUtf8 { path: path.to_owned(), offset, line }
    })
}

/// The line and column of a byte, both from 1, the column in characters.
pub(crate) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before.get(start..).unwrap_or_default().chars().count() + 1)
}
