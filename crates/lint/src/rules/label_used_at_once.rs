//! A label used in the transaction that adds it.

use script::{Kind, Tokens, bare};

use super::{Findings, Rule};
use crate::ActionKind;
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "label-used-at-once",
    finds: "ALTER TYPE … ADD VALUE, and the label used in the same migration",
    why: "PostgreSQL refuses to use a label before the transaction that adds it is over (55P04). undrift commits in \
          between, so that the migration is not one transaction; Prisma fails. Use it in the next migration.",
    bad: "ALTER TYPE role ADD VALUE 'guest'; UPDATE author SET role = 'guest' WHERE role IS NULL;",
    good: "ALTER TYPE role ADD VALUE 'guest';",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        let ActionKind::AddLabel { r#type, label } = &step.action.kind else { continue };
        if migration.makes_type(r#type) {
            continue;
        }
        for (at, statement) in
            migration.script.statements().iter().enumerate().skip(step.statement + 1)
        {
            if matches!(migration.kind(at), Kind::AddLabel(_)) {
                continue;
            }
            let tokens = Tokens::of(migration.script.statement_text(statement));
            if tokens.words().strings().any(|string| bare(&format!("'{string}'")) == *label) {
                let message = format!(
                    "The label '{label}' can only be used after the transaction that adds it"
                );
                findings.place(
                    at,
                    statement.span.clone(),
                    Severity::Error,
                    message,
                    "Use it in the next migration",
                );
            }
        }
    }
}
