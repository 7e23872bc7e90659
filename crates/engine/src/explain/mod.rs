//! What each code means, why it comes up, and the ways out: the table behind `undrift explain` and
//! docs/errors.md.
//!
//! An entry is a value in the file of its kind; rules of `lint` bring theirs along.

mod checks;
mod own;
mod preflight;
mod prisma;

use std::fmt::Write as _;

use serde::Serialize;

use crate::lint_rules;

/// What there is to say about a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// The code: `P3009`, `drift`, `index-blocks-writes`.
    pub code: &'static str,
    /// Who uses it.
    pub kind: TopicKind,
    /// What it says, in one line.
    pub about: &'static str,
    /// Why it comes up.
    pub cause: &'static str,
    /// What can be done, each in one line.
    pub ways: Vec<&'static str>,
    /// How it looks, or what mends it.
    pub example: String,
}

/// Who uses a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TopicKind {
    /// An error that Prisma has, too, under this code.
    Prisma,
    /// An error of undrift's own.
    Undrift,
    /// What `undrift check` finds.
    Check,
    /// What `undrift lint` finds.
    Lint,
    /// What `undrift preflight` finds.
    Preflight,
}

/// An entry of a table.
struct Entry {
    code: &'static str,
    about: &'static str,
    cause: &'static str,
    ways: &'static [&'static str],
    example: &'static str,
}

/// All codes, kind by kind, each in the order of the codes.
pub fn topics() -> Vec<Topic> {
    let tables = [
        (TopicKind::Prisma, prisma::ENTRIES),
        (TopicKind::Undrift, own::ENTRIES),
        (TopicKind::Check, checks::ENTRIES),
        (TopicKind::Preflight, preflight::ENTRIES),
        (TopicKind::Lint, checks::LINT_COMMENTS),
    ];
    let of = |(kind, entries): (TopicKind, &'static [Entry])| {
        entries.iter().map(move |entry| Topic {
            code: entry.code,
            kind,
            about: entry.about,
            cause: entry.cause,
            ways: entry.ways.to_vec(),
            example: entry.example.to_owned(),
        })
    };
    let mut all: Vec<Topic> = tables.into_iter().flat_map(of).collect();
    all.extend(lint_rules().iter().map(|rule| Topic {
        code: rule.name,
        kind: TopicKind::Lint,
        about: rule.finds,
        cause: rule.why,
        ways: Vec::new(),
        example: format!("-- found\n{}\n\n-- not found\n{}", rule.bad, rule.good),
    }));
    all.sort_by_key(|it| (it.kind, it.code));
    all
}

/// What there is to say about one code; however it is written.
pub fn topic(code: &str) -> Option<Topic> {
    topics().into_iter().find(|it| it.code.eq_ignore_ascii_case(code.trim()))
}

/// All of it as the page docs/errors.md.
pub fn topics_as_markdown() -> String {
    let mut page = "# Codes\n\nWhat `undrift explain CODE` says, of all codes. This page is made from the \
                    table in `crates/engine/src/explain/`: `undrift explain --markdown > docs/errors.md`.\n"
        .to_owned();
    let mut last = None;
    for it in topics() {
        if last != Some(it.kind) {
            let _ = write!(page, "\n## {}\n", it.kind.title());
            last = Some(it.kind);
        }
        let _ = write!(page, "\n### {}\n\n", it.code);
        page.push_str(&it.markdown());
    }
    page
}

impl Topic {
    /// All but the code.
    pub fn markdown(&self) -> String {
        let mut text = format!("**{}**\n\n{}\n", self.about, self.cause);
        if !self.ways.is_empty() {
            text.push('\n');
        }
        for way in &self.ways {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {way}");
        }
        if !self.example.is_empty() {
            let _ = write!(text, "\n```\n{}\n```\n", self.example.trim_end());
        }
        text
    }
}

impl TopicKind {
    /// The heading over codes of the kind.
    pub fn title(self) -> &'static str {
        match self {
            Self::Prisma => "Errors with Prisma's codes",
            Self::Undrift => "Errors of undrift's own",
            Self::Check => "Found by `undrift check`",
            Self::Lint => "Found by `undrift lint`",
            Self::Preflight => "Found by `undrift preflight`",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{topics, topics_as_markdown};
    use crate::CHECKS;

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// The text of all sources of the program, without their tests.
    fn sources(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                sources(&path, all);
            } else if path.extension().is_some_and(|it| it == "rs") && name != "tests.rs" {
                let text = std::fs::read_to_string(&path).unwrap();
                all.push_str(text.split("#[cfg(test)]").next().unwrap());
            }
        }
    }

    #[test]
    fn every_code_in_the_sources_is_explained() {
        let known: BTreeSet<&str> = topics().iter().map(|it| it.code).collect();
        let mut all = String::new();
        for crate_ in std::fs::read_dir(root().join("crates")).unwrap() {
            let source = crate_.unwrap().path().join("src");
            // What Prisma prints in the cases of COMPATIBILITY.md is not what undrift prints.
            if source.is_dir() && !source.ends_with("compatibility/src") {
                sources(&source, &mut all);
            }
        }
        let is_code = |text: &str| {
            text.len() == 5
                && text.starts_with('P')
                && text[1..].bytes().all(|b| b.is_ascii_digit())
        };
        let words = all.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_code(word));
        let missing: BTreeSet<&str> = words.filter(|word| !known.contains(word)).collect();
        assert!(missing.is_empty(), "not explained: {missing:?}");
        let codes = CHECKS.iter().flat_map(|check| check.codes);
        let missing: Vec<&&str> = codes.filter(|code| !known.contains(**code)).collect();
        assert!(missing.is_empty(), "not explained: {missing:?}");
        // The topics of errors stand in a list of their own, in error.rs.
        let marked = all.lines().filter(|line| line.trim_end().ends_with("// topic"));
        let quoted = |line| Some(str::split_once(line, "Some(\"")?.1.split_once('"')?.0);
        let topics: Vec<&str> = marked.filter_map(quoted).collect();
        assert!(topics.len() > 20, "{topics:?}");
        let missing: Vec<&&str> = topics.iter().filter(|topic| !known.contains(**topic)).collect();
        assert!(missing.is_empty(), "not explained: {missing:?}");
    }

    #[test]
    fn every_code_of_a_probe_is_explained() {
        let known: BTreeSet<&str> = topics().iter().map(|it| it.code).collect();
        let mut probes = String::new();
        sources(&root().join("crates/engine/src/preflight/probes"), &mut probes);
        // A code is a text of words with hyphens, or comes first where a finding is made.
        let is_code = |text: &&str| {
            let is_word =
                |word: &str| !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase());
            text.contains('-') && text.split('-').all(is_word)
        };
        let quoted = probes.split('"').skip(1).step_by(2).filter(is_code);
        // What RDS says of an instance, and what is no code of ours.
        let missing: Vec<&str> = quoted
            .filter(|code| !known.contains(code) && !["storage-full", "uuid-ossp"].contains(code))
            .collect();
        assert!(missing.is_empty(), "not explained: {missing:?}");
    }

    #[test]
    fn every_code_is_explained_once() {
        let mut seen = BTreeSet::new();
        for it in topics() {
            assert!(seen.insert(it.code.to_ascii_lowercase()), "twice: {}", it.code);
            assert!(!it.about.is_empty() && !it.cause.is_empty(), "{}", it.code);
        }
    }

    #[test]
    fn the_page_says_the_same() {
        let page = std::fs::read_to_string(root().join("docs/errors.md")).unwrap();
        assert!(
            page.replace('\r', "") == topics_as_markdown(),
            "docs/errors.md is not what the table says: undrift explain --markdown > docs/errors.md"
        );
    }
}
