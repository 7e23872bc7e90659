//! The table as it stands in COMPATIBILITY.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::{Case, Outcome, Release};

/// A case with what came of it.
#[derive(Debug)]
pub struct Row {
    /// The case.
    pub case: Case,
    /// What Prisma did, by release.
    pub facts: BTreeMap<Release, Outcome>,
    /// What undrift did in the form of project that each release wants.
    pub undrift: BTreeMap<Release, Outcome>,
}

/// The line that the table stands behind, and the one that it stands before.
const MARKS: [&str; 2] = ["<!-- cases: written by a test -->", "<!-- end of cases -->"];

/// Puts the table into the text of COMPATIBILITY.md.
///
/// Returns none if the text lacks the lines that it belongs between.
pub fn render(text: &str, rows: &[Row]) -> Option<String> {
    let (before, rest) = text.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    let same = rows.iter().filter(|row| row.case.differs.is_none()).count();
    let mut table = format!(
        "\n\n{} of {} cases are the same; where undrift differs, the reason is given. A cell holds the \
         exit code, the error's code, the files written, the rows of the history, the columns that came \
         (+) and went (-).\n\n| command | state | Prisma 6 | Prisma 7 | undrift |\n|---|---|---|---|---|\n",
        same,
        rows.len()
    );
    for Row { case, facts, undrift } in rows {
        let told = |release| facts.get(&release).map(ToString::to_string).unwrap_or_default();
        let [six, seven] = Release::ALL.map(told);
        let seven = if seven == six { "the same".to_owned() } else { seven };
        let own = match &case.differs {
            None => "the same".to_owned(),
            Some(differs) => {
                let release = differs.only.unwrap_or(Release::Six);
                let own = undrift.get(&release).map(ToString::to_string).unwrap_or_default();
                let than = differs.only.map(|only| format!(" (in a project of {only})"));
                format!("{own}{}: {}", than.unwrap_or_default(), differs.why)
            }
        };
        let _ =
            writeln!(table, "| `{}` | {} | {six} | {seven} | {own} |", case.command, case.state);
    }
    Some(format!("{before}{}{table}\n{}{after}", MARKS[0], MARKS[1]))
}
