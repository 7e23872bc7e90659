//! The new migration, cut into what adds, what fills the rows that are there, and what then restricts.

use std::collections::BTreeMap;

use catalog::Name;
use planner::Warning;
use project::Migration;
use script::Script;

use super::Run;
use crate::lint::{Safe, SafeForm, named};
use crate::questions::{Answers, Question};
use crate::shadow::Shadow;
use crate::{Error, Progress};

/// By which values the rows get that are there, for each column.
pub(super) type Fills = BTreeMap<(Name, String), String>;

/// Asks by which values the rows get that are there.
pub(super) fn questions(warnings: &[Warning]) -> Vec<Question> {
    let required = required(warnings).map(|(table, column)| fill(table, column));
    required.collect()
}

/// What was answered.
pub(super) fn fills(warnings: &[Warning], answers: &Answers) -> Fills {
    let answer = |(table, column): (&Name, &String)| {
        let answer = answers.answer(&fill(table, column)).filter(|answer| !answer.is_empty())?;
        Some(((table.clone(), column.clone()), answer.to_owned()))
    };
    required(warnings).filter_map(answer).collect()
}

fn required(warnings: &[Warning]) -> impl Iterator<Item = (&Name, &String)> {
    warnings.iter().filter_map(|warning| {
        if let Warning::RequiredColumnAdded { table, column, .. } = warning {
            Some((table, column))
        } else {
            None
        }
    })
}

fn fill(table: &Name, column: &str) -> Question {
    let name = format!("{}.{column}", table.name);
    let text = format!("Which value do the rows get in {name} that are there? (an SQL expression)");
    Question::text(&format!("fill:{name}"), &text, &format!("--fill {name}=EXPRESSION"))
}

impl Run<'_> {
    /// The migrations that the one that was written becomes, proven to make the same. The last ones are in
    /// the form that lets a database in use go on.
    pub(super) async fn split(
        &self,
        shadow: &Shadow<'_>,
        earlier: &[Migration],
        written: Migration,
        fills: &Fills,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Vec<Migration>, Error> {
        let context = self.context(earlier)?;
        let Some(cut) = lint::split(&Script::parse(&written.script), &context, fills) else {
            progress.notice("nothing of it has to wait for the rows that are there");
            return self.parts(shadow, earlier, written, progress).await;
        };
        let folder = &self.project.migrations_folder;
        let mut scripts = Vec::new();
        if !cut.expand.is_empty() {
            scripts.push(("expand".to_owned(), cut.expand));
        }
        let backfills = cut.backfills.into_iter();
        scripts
            .extend(backfills.map(|(column, text)| (format!("backfill_{}", slug(&column)), text)));
        scripts.push(("contract".to_owned(), cut.contract));
        let numbered = scripts.iter().enumerate();
        let mut parts: Vec<Migration> = numbered
            .map(|(number, (suffix, text))| named(folder, &written, number, suffix, text))
            .collect();
        let form = SafeForm { shadow, folder, earlier, next: None };
        let differences = form.differences(&written, &parts, progress).await?;
        if !differences.is_empty() {
            return Err(Error::Unproven(differences));
        }
        if let Some(contract) = parts.pop() {
            let before: Vec<Migration> = earlier.iter().chain(&parts).cloned().collect();
            let context = self.context(&before)?;
            let form = SafeForm { shadow, folder, earlier: &before, next: None };
            match form.of(&contract, &context, progress).await? {
                Safe::Rewritten(safe) => parts.extend(safe),
                Safe::Already | Safe::Stays(_) => parts.push(contract),
            }
        }
        crate::lint::write(&parts)?;
        Ok(parts)
    }
}

/// A name as a folder may have it.
fn slug(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.chars().map(keep).take(48).collect()
}
