//! Issues in the forms that other programs read: one file for each, for every command that finds some.

pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod sarif;
pub(crate) mod text;

use engine::Issue;

/// A number and what is counted.
pub(crate) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// The path that a report gives an issue that is about no file: readers of reports want one.
pub(crate) const NOWHERE: &str = "prisma/schema.prisma";

/// The file that an issue is about.
pub(crate) fn path(issue: &Issue) -> &str {
    issue.path.as_deref().unwrap_or(NOWHERE)
}
