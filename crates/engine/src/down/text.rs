//! A plan that takes a migration back, as a script that a person can read.

use catalog::{Catalog, Kind, Loss, Part};
use planner::full::{Batch, FullPlan, SETTINGS, Verb};
use project::Migration;

use super::DownPlan;
use crate::data;

/// Renders the SQL that takes a migration back, with what is to be known about its data. `with` is the
/// catalog that it begins with.
pub(crate) fn render(down: &DownPlan, with: &Catalog, migration: &Migration) -> String {
    let DownPlan { renames, plan } = down;
    let mut text = "--\n-- Takes back what migration.sql made. `undrift rollback` runs it, and keeps the \
                    outcome only if\n-- the database is then what it was before. Change it where data is \
                    to be had back.\n"
        .to_owned();
    let lost = returns_empty(plan, with).into_iter().chain(data_changes(migration));
    for (at, lost) in lost.enumerate() {
        text.push_str(if at == 0 { "--\n-- Does not bring back:\n" } else { "" });
        text.push_str(&["--   ", &lost, "\n"].concat());
    }
    let mut renames = renames.as_slice();
    let nothing = Batch { steps: Vec::new() };
    let only_renames = (!renames.is_empty() && plan.batches.is_empty()).then_some(&nothing);
    for batch in plan.batches.iter().chain(only_renames) {
        text.push_str("\nBEGIN;\n");
        // Written in the migration's words, which take its search path for granted.
        for rename in std::mem::take(&mut renames) {
            text.push_str(&[rename, ";\n"].concat());
        }
        text.push_str(SETTINGS);
        for statement in batch.steps.iter().flat_map(|step| &step.statements) {
            if let Some(loss) = &statement.loss {
                text.push_str(&["-- Data loss: ", &describe(loss), "\n"].concat());
            }
            text.push_str(&statement.sql);
            text.push_str(";\n");
        }
        text.push_str("COMMIT;\n");
    }
    text
}

fn describe(loss: &Loss) -> String {
    match loss {
        Loss::Table(table) => format!("all rows of {table}"),
        Loss::Column { table, column } => format!("the values of column {column} of {table}"),
        Loss::Sequence(sequence) => format!("the position of the sequence {sequence}"),
    }
}

/// The tables and columns that a plan makes anew, without the data that they once had.
pub(crate) fn returns_empty(plan: &FullPlan, with: &Catalog) -> Vec<String> {
    let made = plan.steps().filter(|step| step.verb == Verb::Create);
    let made = made.filter(|step| step.address.kind == Kind::Table);
    let mut empty = Vec::new();
    for step in made {
        let id = &step.address.id;
        match &step.address.part {
            Part::Whole => empty.push(format!("the rows of {id}")),
            Part::Column(column) if with.tables.iter().any(|it| it.name.to_string() == *id) => {
                empty.push(format!("the values of column {column} of {id}"));
            }
            Part::Column(_)
            | Part::Default(_)
            | Part::NotNull(_)
            | Part::Identity(_)
            | Part::Constraint(_)
            | Part::Parent(_)
            | Part::Setting(_)
            | Part::Comment(_) => {}
        }
    }
    empty
}

/// The statements of a migration that may change data, each with its place: what they did stays.
pub(crate) fn data_changes(migration: &Migration) -> Vec<String> {
    let statements = data::statements(migration).into_iter();
    statements.map(|it| format!("what line {} did to data: {}", it.line, it.shortened())).collect()
}
