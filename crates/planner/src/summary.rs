//! A plan as Prisma's summary: what is added, removed and changed, a line each.

use crate::Plan;

/// Returns the summary that `migrate diff` prints.
pub fn summary(plan: &Plan) -> String {
    if plan.is_empty() {
        return "No difference detected.".to_owned();
    }
    String::new()
}
