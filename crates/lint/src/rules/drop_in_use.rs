//! Something taken away that a view or a function uses.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "drop-in-use",
    finds: "a table, column or type dropped, renamed or changed that a view or function of the migrations uses",
    why: "PostgreSQL refuses to drop or change what a view uses; it does not look into functions, which fail when \
          they are next called. Drop and make again the view, or change the function, in the same migration.",
    bad: "CREATE VIEW titles AS SELECT title FROM post;\nALTER TABLE post DROP COLUMN title;",
    good: "CREATE VIEW titles AS SELECT title FROM post;\nDROP VIEW titles;\nALTER TABLE post DROP COLUMN title;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    use crate::{ActionKind, Alteration};
    for step in &migration.steps {
        let is_rename = matches!(
            &step.action.kind,
            ActionKind::AlterTable(_, Alteration::RenameColumn { .. } | Alteration::Rename(_))
        );
        let takes_along = matches!(
            &step.action.kind,
            ActionKind::DropTable { cascade: true, .. }
                | ActionKind::AlterTable(_, Alteration::DropColumn { cascade: true, .. })
        );
        for (user, is_function) in &step.users {
            // A view follows what it uses to its new name, and goes with it where it is told to.
            if (is_rename || takes_along) && !is_function {
                continue;
            }
            let (severity, message) = if *is_function {
                (
                    Severity::Warning,
                    format!("The {user} seems to use it, and fails when it is next called"),
                )
            } else {
                (
                    Severity::Warning,
                    format!("The {user} seems to use it, and then PostgreSQL refuses"),
                )
            };
            findings.add(
                step,
                severity,
                message,
                format!("Change the {user} in the same migration, before this"),
            );
        }
    }
}
