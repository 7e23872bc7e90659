//! The new migration, cut into what adds, what fills the rows that are there, and what then restricts and
//! takes away: in between programs of both sorts can use the database.

mod around;
mod choices;
mod ending;
mod labels;
mod moves;
mod questions;

use std::collections::BTreeSet;

use catalog::beside::{Beside, BesideType, Pace, Source, former_name, twins};
use catalog::rename::Renames;
use catalog::{Catalog, Name, Pair, quoted};
use planner::Plan;
use planner::split::{Otherwise, Parts, parts};
use project::{Migration, NewMigration};
use script::Script;

use around::views_around;
use ending::Last;

use super::Run;
use crate::lint::{SafeForm, named};
use crate::questions::Question;
use crate::shadow::Shadow;
use crate::{Error, Progress};

/// How a change is cut.
#[derive(Debug, Clone, Copy, Default)]
pub struct Splitting {
    /// How fast rows are filled.
    pub pace: Pace,
}

/// What is made otherwise than by the one migration, as far as the answers tell.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Columns beside others.
    besides: Vec<Beside>,
    /// Enum types that are made anew, and the labels that the old ones get first.
    types: Vec<(BesideType, Vec<String>)>,
    /// Tables whose former names stay meanwhile.
    former: Vec<Pair<Name>>,
    /// What has to be answered.
    pub(super) questions: Vec<Question>,
    /// What is worth saying.
    pub(super) notes: Vec<String>,
}

/// What a change is made of.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    /// The plan.
    pub(super) plan: &'a Plan,
    /// What it is made of: the history with the renames, and the schema.
    pub(super) catalogs: Pair<&'a Catalog>,
    /// The history as it is.
    pub(super) history: &'a Catalog,
    /// What gets another name.
    pub(super) renames: &'a Renames,
}

impl Cut {
    fn otherwise(&self) -> Otherwise {
        let mut otherwise = Otherwise::default();
        for beside in &self.besides {
            let column = (beside.table.clone(), beside.final_name().to_owned());
            if beside.leaves().is_some() {
                otherwise.beside.insert(column);
            } else {
                otherwise.filled.insert(column);
            }
        }
        otherwise.types = self.types.iter().map(|(it, _)| it.names.actual.clone()).collect();
        otherwise
    }

    /// What can be done while old programs run.
    fn expand(&self, parts: &Parts, history: &Catalog) -> String {
        let mut text = String::new();
        add(&mut text, "CreateEnum", self.types.iter().map(|(it, _)| it.create()));
        let labels = self.types.iter().flat_map(|(it, labels)| {
            labels.iter().map(|label| catalog::beside::add_label(&it.names.actual, label))
        });
        add(&mut text, "AlterEnum", labels);
        add_plan(&mut text, &parts.expand);
        let loosened = parts.loosened.iter().map(|(table, column)| {
            let table = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
            format!("ALTER TABLE {table} ALTER COLUMN {} DROP NOT NULL", quoted(column))
        });
        add(&mut text, "AlterTable", loosened);
        add(&mut text, "AddColumn", self.besides.iter().filter_map(Beside::add));
        add(&mut text, "KeepInStep", self.besides.iter().flat_map(Beside::keep));
        let former = self.former.iter().filter_map(|names| former_name(history, names));
        add(&mut text, "FormerName", former.flat_map(|(made, _)| made));
        text
    }

    /// What asks something of the rows, as far as the plan says it.
    fn restrict(&self, parts: &Parts) -> String {
        let mut text = String::new();
        add_plan(&mut text, &parts.restrict);
        add(&mut text, "AlterTable", self.besides.iter().filter_map(Beside::require));
        text
    }
}

/// Adds statements under a title, if there are some.
fn add(text: &mut String, title: &str, statements: impl IntoIterator<Item = String>) {
    let statements: Vec<String> = statements.into_iter().map(|one| format!("{one};\n")).collect();
    let statements = statements.concat();
    if !statements.is_empty() {
        let gap = if text.is_empty() { "" } else { "\n" };
        text.extend([gap, &format!("-- {title}\n"), &statements]);
    }
}

/// Adds the changes of a plan, if there are some.
fn add_plan(text: &mut String, plan: &Plan) {
    if !plan.is_empty() {
        text.extend([if text.is_empty() { "" } else { "\n" }, &planner::script(plan)]);
    }
}

impl Run<'_> {
    /// The migrations that the one that was written becomes, proven to make the same, in the form that lets
    /// a database in use go on.
    pub(super) async fn split(
        &self,
        shadow: &Shadow<'_>,
        earlier: &[Migration],
        new: &NewMigration<'_>,
        change: Change<'_>,
        cut: &Cut,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Vec<Migration>, Error> {
        let parts = parts(change.plan, change.catalogs.actual, &cut.otherwise());
        let mut scripts = vec![("expand".to_owned(), cut.expand(&parts, change.history))];
        for beside in &cut.besides {
            let key = beside_key(beside, change.catalogs.actual, &cut.besides);
            let pace = self.request.splitting.unwrap_or_default().pace;
            let text = format!(
                "-- Fills rows that are there, {} at a time. It goes on where it was broken off.\n{};\n",
                pace.rows,
                beside.backfill(&key, pace)
            );
            scripts.push((format!("backfill_{}", slug(&beside.column)), text));
        }
        let folder = &self.project.migrations_folder;
        let written = project::new_migration(folder, new);
        let one = views_around(shadow, earlier, &written, change, cut, progress).await?;
        let ending = ending::Ending { shadow, earlier, written: &one, cut, parts: &parts };
        let Last { restrict, contract, finish, is_swap } =
            ending.scripts(&scripts, change, progress).await?;
        for (suffix, text) in [("restrict", restrict), ("contract", contract), ("finish", finish)] {
            scripts.push((suffix.to_owned(), text));
        }
        scripts.retain(|(_, text)| !text.is_empty());
        if scripts.len() < 2 && scripts.iter().all(|(suffix, _)| suffix == "expand") {
            progress.notice("nothing of it has to wait for the rows that are there");
            let written = project::write_migration(folder, new)?;
            return self.parts(shadow, earlier, written, progress).await;
        }
        let form = SafeForm { shadow, folder, earlier, next: None };
        let safe = numbered(folder, &written, &self.safe(&scripts, is_swap, earlier)?);
        let differences = form.differences(&one, &safe, progress).await;
        let all = match differences {
            Ok(differences) if differences.is_empty() => safe,
            _ => {
                let plain = numbered(folder, &written, &scripts);
                let differences = form.differences(&one, &plain, progress).await?;
                if !differences.is_empty() {
                    return Err(Error::Unproven(differences));
                }
                progress.notice("indexes and constraints are made as they stand: the form that blocks nobody would not make the same");
                plain
            }
        };
        crate::lint::write(&all)?;
        if all.len() > 1 {
            progress.notice(
                "deploy them in steps: what expands and fills before the new programs run, the contract \
                 when none of the old ones runs any more",
            );
        }
        Ok(all)
    }

    /// The scripts, in the form that lets a database in use go on.
    fn safe(
        &self,
        scripts: &[(String, String)],
        is_swap: bool,
        earlier: &[Migration],
    ) -> Result<Vec<(String, String)>, Error> {
        let mut context = self.context(earlier)?;
        let mut safe = Vec::new();
        for (suffix, text) in scripts {
            let script = Script::parse(text);
            // While the one takes the other's place, nobody may see neither.
            let is_whole = is_swap && suffix == "contract";
            let fix = lint::fix(&script, &context).filter(|_| !is_whole);
            let fixed = fix.map(|fix| fix.scripts).unwrap_or_default();
            if fixed.is_empty() {
                safe.push((suffix.clone(), text.clone()));
            }
            for one in fixed {
                let suffix = if one.suffix.is_empty() { suffix.clone() } else { one.suffix };
                safe.push((suffix, one.text));
            }
            context.known.learn(&script, self.url.schema());
        }
        Ok(safe)
    }
}

fn numbered(
    folder: &std::path::Path,
    written: &Migration,
    scripts: &[(String, String)],
) -> Vec<Migration> {
    let numbered = scripts.iter().enumerate();
    numbered.map(|(number, (suffix, text))| named(folder, written, number, suffix, text)).collect()
}

/// The columns by which a backfill goes through a table: of its primary key, or of a unique index that takes
/// no null, as they are called meanwhile.
fn beside_key(beside: &Beside, catalog: &Catalog, besides: &[Beside]) -> Vec<String> {
    let Some(table) = catalog.tables.get(&beside.table) else { return Vec::new() };
    let filled: BTreeSet<&str> = besides
        .iter()
        .filter(|it| it.table == beside.table && it.leaves().is_none())
        .map(|it| it.column.as_str())
        .collect();
    let meanwhile = |column: &String| {
        let renamed = besides.iter().find(|it| it.table == beside.table && it.column == *column);
        match renamed.map(|it| &it.source) {
            Some(Source::Name { old, .. }) => old.clone(),
            _ => column.clone(),
        }
    };
    let takes_null = |name: &&str| {
        let column = table.columns.iter().find(|column| column.name == **name);
        column.is_none_or(|column| column.nullable) || filled.contains(*name)
    };
    let unique = catalog.indexes.iter().filter(|index| index.table == beside.table);
    let unique = unique.filter(|index| index.unique && index.valid && index.predicate.is_none());
    let unique = unique.filter_map(|index| {
        let columns = index.keys.iter().map(|key| key.column.as_deref());
        columns.collect::<Option<Vec<&str>>>()
    });
    let primary =
        table.primary_key.iter().map(|key| key.columns.iter().map(String::as_str).collect());
    let mut keys = primary.chain(unique);
    let key = keys.find(|columns: &Vec<&str>| !columns.iter().any(&takes_null));
    key.unwrap_or_default().into_iter().map(|column| meanwhile(&column.to_owned())).collect()
}

/// A name as a folder may have it.
pub(super) fn slug(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.chars().map(keep).take(48).collect()
}
