//! Variables: those of the process, and those of `.env` files below them.
//!
//! The files are read as Node's dotenv package reads them, which no Rust crate does: dotenvy expands a
//! bare `$x`, such as one in a password, and refuses lines that dotenv skips or accepts.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Error, text};

/// The variables that a project sees.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    process: BTreeMap<String, String>,
    /// Those of the process and of the files.
    variables: BTreeMap<String, String>,
}

/// Whether `${NAME}` in the value of a `.env` file stands for another variable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expansion {
    /// As Prisma 6 itself and dotenv-expand read the files.
    Braces,
    /// As dotenv alone, which the config files of Prisma 7 import.
    None,
}

/// Which value counts when a variable is set already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precedence {
    /// The one it has: of the process, or of an earlier file.
    Process,
    /// That of the file: dotenv's `override`.
    File,
}

/// How often a variable may refer to variables that refer to variables.
const MAXIMUM_DEPTH: usize = 16;

impl Environment {
    pub(crate) fn new(process: BTreeMap<String, String>) -> Self {
        Self { variables: process.clone(), process }
    }

    /// Returns a variable; one that is empty counts as set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Every variable with its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The variables of the process, without those of files.
    pub(crate) fn process(&self) -> &BTreeMap<String, String> {
        &self.process
    }

    /// Reads a `.env` file, if there is one. Returns whether there was one.
    pub(crate) fn load(
        &mut self,
        path: &Path,
        expansion: Expansion,
        precedence: Precedence,
    ) -> Result<bool, Error> {
        if !path.is_file() {
            return Ok(false);
        }
        let read = parse(&text::read_lossy(path)?);
        let mut found = BTreeMap::new();
        for (name, value) in &read {
            if precedence == Precedence::Process && self.variables.contains_key(name) {
                continue;
            }
            let value = match expansion {
                Expansion::Braces => self.expand(value, &read, 0),
                Expansion::None => value.clone(),
            };
            found.insert(name.clone(), value);
        }
        self.variables.append(&mut found);
        Ok(true)
    }

    /// Returns the variables for which Prisma refuses two `.env` files, of which the first is loaded:
    /// those to which the second gives the very value that they have. Strange as it is, two values
    /// that differ it accepts, and takes the first.
    pub(crate) fn conflicts(&self, first: &Path, second: &Path) -> Result<Vec<String>, Error> {
        let of_first = parse(&text::read_lossy(first)?);
        let mut of_second = parse(&text::read_lossy(second)?);
        of_second
            .retain(|name, value| of_first.contains_key(name) && self.get(name) == Some(value));
        Ok(of_second.into_keys().collect())
    }

    /// Puts the values of variables in place of `${NAME}`; `\${NAME}` and a bare `$NAME` are text, and
    /// a variable that is not set is empty.
    fn expand(&self, value: &str, read: &BTreeMap<String, String>, depth: usize) -> String {
        let mut expanded = String::new();
        let mut rest = value;
        while let Some((before, behind)) = rest.split_once("${") {
            let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (name, after) = behind.split_at(end.unwrap_or(behind.len()));
            rest = after.strip_prefix('}').unwrap_or(after);
            if let Some(before) = before.strip_suffix('\\') {
                expanded.push_str(before);
            } else {
                expanded.push_str(before);
                if after.starts_with('}') {
                    let found = self.get(name).or_else(|| read.get(name).map(String::as_str));
                    if let Some(found) = found.filter(|_| depth < MAXIMUM_DEPTH) {
                        expanded.push_str(&self.expand(found, read, depth + 1));
                    }
                    continue;
                }
            }
            expanded.push_str("${");
            expanded.push_str(name);
            if after.starts_with('}') {
                expanded.push('}');
            }
        }
        expanded + rest
    }
}

/// Reads the text of a `.env` file: lines `NAME=value` or `NAME: value`, perhaps after `export`. A line
/// that is neither says nothing; of two lines with one name the latter counts.
fn parse(text: &str) -> BTreeMap<String, String> {
    let text = text.trim_start_matches(text::BYTE_ORDER_MARK);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut variables = BTreeMap::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let entry = name(rest).map(|(name, behind)| (name, value(behind)));
        rest = match entry {
            Some((name, (value, behind))) => {
                variables.insert(name.to_owned(), value);
                behind
            }
            None => rest.split_once('\n').map_or("", |(_, behind)| behind),
        };
    }
    variables
}

/// The name that a line begins with, and what is behind the sign after it.
fn name(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = match line.strip_prefix("export") {
        Some(behind) if behind.starts_with(char::is_whitespace) => behind.trim_start(),
        _ => line,
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let end = line.find(|c| !is_part(c)).filter(|end| *end > 0)?;
    let (name, behind) = line.split_at(end);
    let value = match behind.strip_prefix(':') {
        Some(value) => Some(value).filter(|value| value.starts_with(char::is_whitespace)),
        None => behind.trim_start().strip_prefix('='),
    };
    Some((name, value?))
}

/// The value behind a name, and the text from the next line on.
fn value(text: &str) -> (String, &str) {
    if let Some(quoted) = quoted(text) {
        return quoted;
    }
    let (line, behind) = text.split_once('\n').unwrap_or((text, ""));
    let value = line.split_once('#').map_or(line, |(value, _comment)| value).trim();
    let inner = ['"', '\'', '`'].into_iter().find_map(|quote| {
        // The quotes of a value such as 'it's' stand at its ends all the same.
        value.strip_prefix(quote)?.strip_suffix(quote)
    });
    (unescape(inner.unwrap_or(value), value.starts_with('"')), behind)
}

/// A value in quotes, which may go over several lines; behind it there may only be a comment.
fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inside = text.get(1..)?;
    let mut was_backslash = false;
    let end = inside.find(|c| {
        let ends = c == quote && !was_backslash;
        was_backslash = c == '\\';
        ends
    })?;
    let (value, behind) = inside.split_at(end);
    let (line, behind) = behind.get(1..)?.split_once('\n').unwrap_or((behind.get(1..)?, ""));
    let line = line.trim_start();
    (line.is_empty() || line.starts_with('#')).then(|| (unescape(value, quote == '"'), behind))
}

/// Only double quotes give a meaning to `\n` and `\r`.
fn unescape(value: &str, is_double: bool) -> String {
    if is_double { value.replace("\\n", "\n").replace("\\r", "\r") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Environment, Expansion, Precedence, parse};

    fn read(text: &str, expansion: Expansion) -> Environment {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, text).unwrap();
        let process = BTreeMap::from([("HOST".to_owned(), "process".to_owned())]);
        let mut environment = Environment::new(process);
        assert!(environment.load(&path, expansion, Precedence::Process).unwrap());
        environment
    }

    #[test]
    fn lines_are_read_as_dotenv_reads_them() {
        // What dotenv 17.4.2 reads out of the same text.
        let cases = [
            ("A=b c  # d", Some(("A", "b c"))),
            ("# A=b", None),
            ("export B = 'x # y' # z", Some(("B", "x # y"))),
            ("C: colon", Some(("C", "colon"))),
            ("D=\"one\ntwo\\nthree\"", Some(("D", "one\ntwo\nthree"))),
            ("not a line", None),
            ("P", None),
            ("=3", None),
            ("Ä=1", None),
            ("E=", Some(("E", ""))),
            ("E = ", Some(("E", ""))),
            ("E=''", Some(("E", ""))),
            ("E=\"\" # c", Some(("E", ""))),
            ("F=pa$s$x", Some(("F", "pa$s$x"))),
            ("G='it's'", Some(("G", "it's"))),
            ("H=\"open", Some(("H", "\"open"))),
            ("I=`b`", Some(("I", "b"))),
            ("J=a#b", Some(("J", "a"))),
            ("K=  sp  ", Some(("K", "sp"))),
            ("L=\"q\" # \"x\"", Some(("L", "q"))),
            ("  O=1", Some(("O", "1"))),
            ("T=\"a\\\"b\"", Some(("T", "a\\\"b"))),
            ("9=x", Some(("9", "x"))),
            ("W.x=1", Some(("W.x", "1"))),
            ("X-y=2", Some(("X-y", "2"))),
            ("Z=a\"b\"c", Some(("Z", "a\"b\"c"))),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            for text in [text.to_owned(), format!("\u{feff}{text}\n"), format!("\r\n{text}\r\n")] {
                assert_eq!(parse(&text), expected.clone().into_iter().collect(), "{text:?}");
            }
        }
        assert_eq!(parse("A=1\nA=2\nnothing\n\nB=3").into_values().collect::<Vec<_>>(), ["2", "3"]);
    }

    #[test]
    fn only_braces_are_expanded_and_only_where_asked_for() {
        let text = "HOST=file\nA=${HOST}-${B}-$B-\\${B}-${NONE}-${B\nB=b\n";
        let expanded = read(text, Expansion::Braces);
        assert_eq!(expanded.get("A"), Some("process-b-$B-${B}--${B"));
        let plain = read(text, Expansion::None);
        assert_eq!(plain.get("A"), Some("${HOST}-${B}-$B-\\${B}-${NONE}-${B"));
        // Two that refer to each other come to an end.
        assert_eq!(read("A=${B}\nB=${A}", Expansion::Braces).get("A"), Some(""));
    }
}
