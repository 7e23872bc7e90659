//! `CASCADE`: what else goes is not said.

use super::{Findings, Rule};
use crate::finding::Severity;
use crate::migration::Migration;
use crate::{ActionKind, Alteration};

pub(super) const RULE: Rule = Rule {
    name: "cascade",
    finds: "DROP … CASCADE",
    why: "Everything that needs the object goes too, whatever it is: views, foreign keys, functions made \
          since the migration was written. Drop them by name.",
    bad: "DROP TABLE post CASCADE;",
    good: "DROP VIEW recent_posts; DROP TABLE post;",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let cascades = matches!(
            &step.action.kind,
            ActionKind::DropTable { cascade: true, .. }
                | ActionKind::DropUsers { cascade: true, .. }
                | ActionKind::DropOther { cascade: true, .. }
                | ActionKind::AlterTable(_, Alteration::DropColumn { cascade: true, .. })
        );
        if cascades {
            let message = "CASCADE also drops what is not named here".to_owned();
            findings.add(
                step,
                Severity::Warning,
                message,
                "Drop what needs it by name, then the object without CASCADE",
            );
        }
    }
}
