//! Variables: those of the process, and those of `.env` files below them.
//!
//! The files are read as Node's dotenv package reads them, which no Rust crate does: dotenvy expands a
//! bare `$x`, such as one in a password, and refuses lines that dotenv skips or accepts.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Error, text};

/// The variables that a project sees; what the process has wins over what files say.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    process: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
}

/// Whether `${NAME}` in the value of a `.env` file stands for another variable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expansion {
    /// As Prisma 6 itself and dotenv-expand read the files.
    Braces,
    /// As dotenv alone, which the config files of Prisma 7 import.
    None,
}

/// How often a variable may refer to variables that refer to variables.
const MAXIMUM_DEPTH: usize = 16;

impl Environment {
    pub(crate) fn new(process: BTreeMap<String, String>) -> Self {
        Self { process, files: BTreeMap::new() }
    }

    /// Returns a variable; one that is empty counts as set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.process.get(name).or_else(|| self.files.get(name)).map(String::as_str)
    }

    /// Every variable with its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_files = self.files.iter().filter(|(name, _)| !self.process.contains_key(*name));
        self.process.iter().chain(of_files).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The variables of the process, without those of files.
    pub(crate) fn process(&self) -> &BTreeMap<String, String> {
        &self.process
    }

    /// Reads a `.env` file, if there is one; what an earlier file said stays. Returns whether there
    /// was one.
    pub(crate) fn load(&mut self, path: &Path, expansion: Expansion) -> Result<bool, Error> {
        if !path.is_file() {
            return Ok(false);
        }
        let read = parse(&text::read(path)?);
        for (name, value) in &read {
            if self.files.contains_key(name) {
                continue;
            }
            let value = match expansion {
                Expansion::Braces => self.expand(value, &read, 0),
                Expansion::None => value.clone(),
            };
            self.files.insert(name.clone(), value);
        }
        Ok(true)
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

    use super::{Environment, Expansion, parse};

    fn read(text: &str, expansion: Expansion) -> Environment {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, text).unwrap();
        let process = BTreeMap::from([("HOST".to_owned(), "process".to_owned())]);
        let mut environment = Environment::new(process);
        assert!(environment.load(&path, expansion).unwrap());
        environment
    }

    #[test]
    fn lines_are_read_as_dotenv_reads_them() {
        let text = "# comment\nA=b c  # d\nexport B = 'x # y' # z\nC: colon\nD=\"one\ntwo\\nthree\"\n\
                    not a line\nE=\nF=pa$s$x\nG='it's'\nA2=1\nA2=2\r\nH=\"open\nI=`b`\nJ=a#b";
        let read = parse(text);
        let get = |name: &str| read.get(name).map(String::as_str);
        assert_eq!(get("A"), Some("b c"));
        assert_eq!(get("B"), Some("x # y"));
        assert_eq!(get("C"), Some("colon"));
        assert_eq!(get("D"), Some("one\ntwo\nthree"));
        assert_eq!(get("E"), Some(""));
        assert_eq!(get("F"), Some("pa$s$x"));
        assert_eq!(get("G"), Some("it's"));
        assert_eq!(get("A2"), Some("2"));
        assert_eq!(get("H"), Some("\"open"));
        assert_eq!(get("I"), Some("b"));
        assert_eq!(get("J"), Some("a"));
        assert_eq!(read.len(), 11);
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
