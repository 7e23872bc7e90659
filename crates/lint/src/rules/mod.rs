//! The rules: one file each, and one line in [`RULES`].
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is new among actions is to be passed over until it is asked about"
)]

mod blocking_refresh;
mod cascade;
mod check_scan;
mod concurrently_among_others;
mod destroys_data;
mod drop_in_use;
mod exclusion_blocks;
mod foreign_key_scan;
mod generated_column;
mod index_blocks_writes;
mod index_drop_blocks;
mod label_used_at_once;
mod long_name;
mod no_lock_timeout;
mod not_null_scan;
mod partition_scan;
mod rds_forbids;
mod reindex_blocks;
mod rename_breaks_clients;
mod required_column;
mod reserved_name;
mod several_tables;
mod table_rewrite;
mod transaction_control;
mod type_change;
mod undescriptive_name;
mod unique_blocks;
mod validation_under_lock;
mod volatile_default;
mod whole_table;

use std::fmt;
use std::ops::Range;

use catalog::Name;

use crate::finding::{Finding, Severity};
use crate::migration::{Migration, Step};

/// A rule: what it is about, and how it is checked.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, as comments and outputs have it.
    pub name: &'static str,
    /// What it finds, in a sentence.
    pub finds: &'static str,
    /// Why that is bad, and what to do.
    pub why: &'static str,
    /// A script in which it finds something.
    pub bad: &'static str,
    /// A script for the same purpose in which it finds nothing.
    pub good: &'static str,
    pub(crate) check: fn(&Migration<'_>, &mut Findings),
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All rules, by name.
pub const RULES: &[Rule] = &[
    blocking_refresh::RULE,
    cascade::RULE,
    check_scan::RULE,
    concurrently_among_others::RULE,
    destroys_data::RULE,
    drop_in_use::RULE,
    exclusion_blocks::RULE,
    foreign_key_scan::RULE,
    generated_column::RULE,
    index_blocks_writes::RULE,
    index_drop_blocks::RULE,
    label_used_at_once::RULE,
    long_name::RULE,
    no_lock_timeout::RULE,
    not_null_scan::RULE,
    partition_scan::RULE,
    rds_forbids::RULE,
    reindex_blocks::RULE,
    rename_breaks_clients::RULE,
    required_column::RULE,
    reserved_name::RULE,
    several_tables::RULE,
    table_rewrite::RULE,
    transaction_control::RULE,
    type_change::RULE,
    undescriptive_name::RULE,
    unique_blocks::RULE,
    validation_under_lock::RULE,
    volatile_default::RULE,
    whole_table::RULE,
];

/// What one rule finds.
pub(crate) struct Findings {
    rule: &'static str,
    found: Vec<Finding>,
}

impl Findings {
    /// Adds something about a step.
    fn add(&mut self, step: &Step, severity: Severity, message: String, advice: impl Into<String>) {
        self.place(step.statement, step.action.span.clone(), severity, message, advice);
    }

    /// Adds something that takes as long as a table is large.
    fn slow(&mut self, step: &Step, table: &Name, message: String, advice: impl Into<String>) {
        self.add(step, Severity::Warning, message, advice);
        if let Some(last) = self.found.last_mut() {
            last.takes_as_long_as = Some(table.clone());
        }
    }

    /// Adds something about a place.
    fn place(
        &mut self,
        statement: usize,
        span: Range<usize>,
        severity: Severity,
        message: String,
        advice: impl Into<String>,
    ) {
        let Self { rule, found } = self;
        let advice = advice.into();
        let takes_as_long_as = None;
        found.push(Finding { rule, severity, message, advice, span, statement, takes_as_long_as });
    }
}

/// What all rules find, as bad as the sizes of the tables say.
pub(crate) fn findings(migration: &Migration<'_>) -> Vec<Finding> {
    let mut all = Vec::new();
    let allowed = &migration.context.allowed;
    for rule in RULES.iter().filter(|rule| !allowed.contains(rule.name)) {
        let mut findings = Findings { rule: rule.name, found: Vec::new() };
        (rule.check)(migration, &mut findings);
        all.append(&mut findings.found);
    }
    for finding in &mut all {
        let table = finding.takes_as_long_as.as_ref();
        if let Some(size) = table.and_then(|table| migration.context.sizes.get(table)) {
            finding.weigh(*size);
        }
    }
    all
}

/// What the cases of a rule's own tests go through: the messages it gives.
#[cfg(test)]
fn messages(rule: Rule, text: &str) -> Vec<String> {
    let script = script::Script::parse(text);
    let findings = crate::lint(&script, &crate::Context::none());
    let own = findings.into_iter().filter(|finding| finding.rule == rule.name);
    own.map(|finding| finding.message).collect()
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::{Context, lint};
    use script::Script;

    fn finds(rule: &str, text: &str) -> bool {
        // A first line tells the name of the folder.
        let name = text.lines().next().and_then(|line| line.strip_prefix("-- migration: "));
        let context = Context { migration: name, ..Context::none() };
        lint(&Script::parse(text), &context).iter().any(|finding| finding.rule == rule)
    }

    #[test]
    fn every_rule_finds_its_bad_case_and_not_its_good_one() {
        for rule in RULES {
            assert!(finds(rule.name, rule.bad), "{}: {}", rule.name, rule.bad);
            assert!(!finds(rule.name, rule.good), "{}: {}", rule.name, rule.good);
        }
    }

    #[test]
    fn rules_are_in_the_order_of_their_names() {
        assert!(RULES.is_sorted_by_key(|rule| rule.name));
    }

    #[test]
    fn a_table_made_by_the_migration_is_nobodys_concern() {
        let text = "CREATE TABLE a (id int PRIMARY KEY, b text, c varchar(5));
            SET lock_timeout = '1s';
            CREATE INDEX i ON a (b); ALTER TABLE a ADD CONSTRAINT ch CHECK (id > 1);
            ALTER TABLE a ALTER COLUMN b SET NOT NULL, ALTER COLUMN c TYPE int USING 1;
            ALTER TABLE a ADD COLUMN d uuid DEFAULT gen_random_uuid(), ADD UNIQUE (b);
            CREATE TABLE z (a int REFERENCES a (id)); ALTER TABLE z ADD FOREIGN KEY (a) REFERENCES a;
            UPDATE a SET b = ''; DELETE FROM a; ALTER TABLE a DROP COLUMN d; DROP INDEX i;";
        let findings = lint(&Script::parse(text), &Context::none());
        assert!(findings.is_empty(), "{findings:#?}");
    }
}
