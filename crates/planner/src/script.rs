//! A plan as the text of a `migration.sql`.

use catalog::Change;

use crate::{Plan, Warning};

/// Returns the text of a new `migration.sql`: the warnings in a comment, when there are some, and the
/// script.
pub fn migration(plan: &Plan, warnings: &[Warning]) -> String {
    let lines: Vec<String> = warnings.iter().map(|warning| format!("  - {warning}\n")).collect();
    let comment = match lines.as_slice() {
        [] => String::new(),
        lines => format!("/*\n  Warnings:\n\n{}\n*/\n", lines.concat()),
    };
    comment + &script(plan)
}

/// Returns the script: each change under a comment with its title, an empty line between them, one
/// line feed at the end.
pub fn script(plan: &Plan) -> String {
    if plan.is_empty() {
        return "-- This is an empty migration.\n".to_owned();
    }
    let steps: Vec<String> = plan.changes.iter().map(|change| step(change, plan)).collect();
    steps.join("\n")
}

fn step(change: &Change, plan: &Plan) -> String {
    let mut text = format!("-- {}\n", change.title());
    if let Change::AlterEnum(alter) = change
        && alter.removed.is_empty()
        && alter.added.len() > 1
    {
        text.push_str(MANY_LABELS);
    }
    for statement in change.statements(&plan.names) {
        text.push_str(&statement);
        text.push_str(";\n");
    }
    text
}

/// What Prisma remarks where several labels are added to one type.
const MANY_LABELS: &str = "\
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


";
