//! The history table, which is in the database but in no schema file or migration.

use crate::{Catalog, Name};

impl Catalog {
    /// Removes Prisma's table of applied migrations in that schema, and what is on it.
    pub fn without_history_table(&mut self, schema: &str) {
        let history = Name::new(schema, "_prisma_migrations");
        self.tables.retain(|table| table.name != history);
        self.indexes.retain(|index| index.table != history);
        self.triggers.retain(|trigger| trigger.table != history);
        self.policies.retain(|policy| policy.table != history);
        self.rules.retain(|rule| rule.table != history);
        self.statistics.retain(|statistics| statistics.table != history);
        self.owners.retain(|owner| owner.table.as_ref() != Some(&history));
        self.privileges.retain(|privilege| privilege.table.as_ref() != Some(&history));
    }
}
