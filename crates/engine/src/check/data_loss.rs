//! No data goes without a word that it may. Without a database it is known from the words of the
//! migrations; with one it is counted.

use super::ground::{Asked, Ground};
use super::{Answer, CheckKind};
use crate::plan::PlannedStatement;
use crate::stake::Fate;
use crate::{Issue, Place, Severity};

pub(super) const CHECK: CheckKind = CheckKind {
    name: "data-loss",
    asks: "Does data go that nobody has said may go?",
    codes: &["data-lost", "data-in-the-way"],
    run,
};

/// The rule of `lint` about data that goes without a word.
pub(super) const DESTROYS_DATA: &str = "destroys-data";

fn run(ground: &Ground<'_>) -> Answer {
    let mut issues = match &ground.database {
        Some(Asked { plan: Err(error), .. }) => return Answer::Unknown(error.to_string()),
        Some(Asked { plan: Ok(plan), .. }) => {
            let scripts = plan.scripts.iter();
            let with_path = scripts.map(|it| (it.migration.as_deref().unwrap_or_default(), it));
            with_path
                .flat_map(|(name, script)| {
                    script.statements.iter().map(move |statement| (name, statement))
                })
                .flat_map(|(name, statement)| counted(&ground.path_of(name), statement))
                .collect()
        }
        None => Vec::new(),
    };
    let is_counted = |issues: &[Issue], path: &str, line: usize| {
        issues.iter().any(|it| {
            it.path.as_deref() == Some(path)
                && it.place.is_some_and(|place| (place.line..=place.end_line).contains(&line))
        })
    };
    let mut by_words = Vec::new();
    for file in &ground.files {
        for finding in file.findings.iter().filter(|finding| finding.rule == DESTROYS_DATA) {
            if !is_counted(&issues, &file.path, finding.line) {
                let issue = Issue::found(&file.path, finding);
                by_words.push(issue.with_severity(Severity::Error));
            }
        }
    }
    issues.extend(by_words);
    Answer::Found(issues)
}

/// The data that a statement meets on the database.
fn counted(path: &str, statement: &PlannedStatement) -> Vec<Issue> {
    // Where somebody has said that it may go, the rule finds nothing.
    let is_meant = !statement.findings.iter().any(|finding| finding.rule == DESTROYS_DATA);
    let lines = statement.sql.lines().count().max(1);
    let place = Place {
        line: statement.line,
        column: 1,
        end_line: statement.line + lines - 1,
        end_column: statement.sql.lines().last().unwrap_or_default().chars().count() + 1,
    };
    let issue = |code, severity, stake: &crate::Stake, advice: &str| Issue {
        place: Some(place),
        severity,
        ..Issue::error(code, stake.to_string()).advising(advice).in_file(path)
    };
    let word = "If it is meant, say so: -- undrift: allow(destroys-data): reason";
    let change = "Change the data first, or the migration; undrift plan has the query for it";
    let told = |stake: &crate::Stake| match stake.fate {
        Fate::Lost if !is_meant => issue("data-lost", Severity::Error, stake, word),
        Fate::Lost | Fate::Altered => {
            let advice = "Keep it elsewhere first, if it is needed";
            issue("data-lost", Severity::Warning, stake, advice)
        }
        Fate::Stops => issue("data-in-the-way", Severity::Error, stake, change),
        Fate::MayStop => issue("data-in-the-way", Severity::Warning, stake, change),
    };
    statement.data.iter().map(told).collect()
}
