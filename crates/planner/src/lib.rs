//! Changes into a plan: order, transaction batches, warnings, the migration script.
