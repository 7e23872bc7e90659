//! Steps into transactions.

use super::{Batch, Step};

/// Cuts the steps behind those whose effect can only be used after a commit.
pub(super) fn batches(steps: Vec<Step>) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut open = Vec::new();
    let mut is_waiting = false;
    for step in steps {
        let needs_commit = step.statements.iter().any(|statement| statement.needs_commit);
        if is_waiting && !needs_commit {
            batches.push(Batch { steps: std::mem::take(&mut open) });
        }
        is_waiting = needs_commit;
        open.push(step);
    }
    if !open.is_empty() {
        batches.push(Batch { steps: open });
    }
    batches
}
