//! Something that is found to be wrong, wherever it was found: what reports are made of.

use std::path::Path;

use serde::Serialize;

use crate::{Finding, Lint, LintedFile, Severity};

/// Something that is found to be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Issue {
    /// What it is called: a rule of `lint`, or one of `check`'s own codes; `undrift explain` knows it.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub advice: String,
    /// The file it is about, as the user would write it.
    pub path: Option<String>,
    /// The part of the file, if a part is meant.
    pub place: Option<Place>,
    /// The lines it stands in, passwords blanked out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
}

/// A part of a file. Lines and characters count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The line it begins in.
    pub line: usize,
    /// The character it begins at.
    pub column: usize,
    /// The line it ends in.
    pub end_line: usize,
    /// The character behind its end.
    pub end_column: usize,
}

impl Issue {
    /// An error about nothing in particular.
    pub(crate) fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            advice: String::new(),
            path: None,
            place: None,
            source: Vec::new(),
        }
    }

    /// The same, as bad as this.
    pub(crate) fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The same, with what to do about it.
    pub(crate) fn advising(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    /// The same, about a file.
    pub(crate) fn in_file(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// What a rule has found in a file.
    pub fn found(path: &str, finding: &Finding) -> Self {
        let Finding { rule, severity, message, advice, source, .. } = finding;
        let place = Place {
            line: finding.line,
            column: finding.column,
            end_line: finding.end_line,
            end_column: finding.end_column,
        };
        Self {
            code: rule,
            severity: *severity,
            message: message.clone(),
            advice: advice.clone(),
            path: Some(path.to_owned()),
            place: Some(place),
            source: source.clone(),
        }
    }

    /// The same, with the path as it is from a folder above; `place` is where the path begins there.
    #[must_use]
    pub fn below(self, place: &str) -> Self {
        let moved = |path: String| {
            if place.is_empty() || Path::new(&path).is_absolute() {
                return path;
            }
            // `../x` in `a/b/` is `a/x`.
            let (mut place, mut rest) = (place.trim_end_matches('/'), path.as_str());
            while let Some(above) = rest.strip_prefix("../") {
                place = place.rsplit_once('/').map_or("", |(above, _)| above);
                rest = above;
            }
            if place.is_empty() { rest.to_owned() } else { format!("{place}/{rest}") }
        };
        Self { path: self.path.map(moved), ..self }
    }

    /// What is the matter and what to do about it, in one text.
    pub fn text(&self) -> String {
        let Self { message, advice, .. } = self;
        match advice.as_str() {
            "" => message.clone(),
            advice => format!("{message}. Instead: {advice}"),
        }
    }
}

impl Lint {
    /// All findings, as reports have them.
    pub fn issues(&self) -> Vec<Issue> {
        let of = |file: &LintedFile| -> Vec<Issue> {
            file.findings.iter().map(|finding| Issue::found(&file.path, finding)).collect()
        };
        self.files.iter().flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Issue;

    #[test]
    fn paths_are_told_from_a_folder_above() {
        let path = |place: &str, path: &str| {
            Issue::error("drift", "").in_file(path).below(place).path.unwrap_or_default()
        };
        assert_eq!(path("", "prisma/a.sql"), "prisma/a.sql");
        assert_eq!(path("packages/db/", "prisma/a.sql"), "packages/db/prisma/a.sql");
        assert_eq!(path("packages/db/", "../a.sql"), "packages/a.sql");
        assert_eq!(path("db/", "../a.sql"), "a.sql");
        assert_eq!(path("db/", "/x/a.sql"), "/x/a.sql");
    }
}
