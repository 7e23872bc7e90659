//! How a drift may have come about.

use catalog::{Catalog, Difference};
use project::Migration;
use serde::Serialize;

use super::Circumstances;

/// The probable cause of a difference between history and database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The schema file says the same as the database: `db push`.
    DbPush,
    /// A migration that is not applied makes the same: it was run by hand.
    PendingMigration,
    /// A migration was edited after it was applied, so the replay differs from what was run.
    EditedMigration,
    /// An applied migration is not in the folder, so the replay lacks it.
    MissingMigration,
    /// A migration failed half-way.
    FailedMigration,
    /// Another program made it: its name is known.
    Tool(&'static str),
    /// None of these: somebody changed the database by hand, or another tool did.
    ByHand,
}

impl Cause {
    /// Says it in a few words.
    pub fn text(self) -> String {
        let text = match self {
            Self::DbPush => "the schema file says the same: db push",
            Self::PendingMigration => "a pending migration makes the same: it was run by hand",
            Self::EditedMigration => {
                "a migration was edited after it was applied; expected is what the edited file makes"
            }
            Self::MissingMigration => "an applied migration is missing from the folder",
            Self::FailedMigration => "a migration failed half-way",
            Self::Tool(tool) => return format!("{tool} makes an object of that name"),
            Self::ByHand => "not in the schema file: changed by hand or by another tool",
        };
        text.to_owned()
    }
}

/// Objects that other programs put into the databases they work on: how the name begins, and which
/// program.
const TOOLS: &[(&str, &str)] = &[
    ("__drizzle_migrations", "Drizzle"),
    ("__EFMigrationsHistory", "Entity Framework"),
    ("alembic_version", "Alembic"),
    ("ar_internal_metadata", "Rails"),
    ("atlas_schema_revisions", "Atlas"),
    ("awsdms_", "AWS DMS"),
    ("databasechangelog", "Liquibase"),
    ("django_migrations", "Django"),
    ("flyway_schema_history", "Flyway"),
    ("goose_db_version", "goose"),
    ("hdb_catalog", "Hasura"),
    ("heroku_ext", "Heroku"),
    ("knex_migrations", "Knex"),
    ("pg_stat_statements", "the extension pg_stat_statements"),
    ("pghero_", "PgHero"),
    ("pgmigrations", "node-pg-migrate"),
    ("SequelizeMeta", "Sequelize"),
    ("spatial_ref_sys", "the extension PostGIS"),
    ("typeorm_metadata", "TypeORM"),
];

/// Returns the probable cause of each difference, in their order.
///
/// What is known to have happened to a migration comes before what the schema file suggests: someone
/// who edits a migration edits the schema with it.
pub(super) fn causes(
    differences: &[Difference],
    actual: &Catalog,
    circumstances: &Circumstances<'_>,
) -> Vec<Cause> {
    let Circumstances { declared, all, migrations, folder } = circumstances;
    let scripts = |names: Vec<&String>| -> Vec<&str> {
        let named = folder.iter().filter(|migration| names.contains(&&migration.name));
        named.map(|migration: &Migration| migration.script.as_str()).collect()
    };
    let edited = scripts(migrations.edited.iter().map(|edited| &edited.name).collect());
    let failed = scripts(migrations.failed.iter().map(|failed| &failed.name).collect());
    let pending = scripts(migrations.pending.iter().collect());
    let cause = |difference: &Difference| {
        let is_named_in =
            |scripts: &[&str]| scripts.iter().any(|script| names(script, &difference.id));
        let is_made_by_all = || {
            let agrees =
                |all: &Catalog| all.agrees_on(actual, difference.kind, difference.id.as_str());
            is_named_in(&pending) && all.is_some_and(agrees)
        };
        if is_named_in(&edited) {
            Cause::EditedMigration
        } else if is_named_in(&failed) {
            Cause::FailedMigration
        } else if !migrations.missing.is_empty() {
            Cause::MissingMigration
        } else if is_made_by_all() {
            Cause::PendingMigration
        } else if declared.is_some_and(|declared| difference.is_declared_by(declared)) {
            Cause::DbPush
        } else if let Some(tool) = tool(difference) {
            Cause::Tool(tool)
        } else {
            Cause::ByHand
        }
    };
    differences.iter().map(cause).collect()
}

/// The program that makes objects of that name.
fn tool(difference: &Difference) -> Option<&'static str> {
    let (schema, name) = difference.id.split_once('.').unwrap_or((&difference.id, ""));
    let made = TOOLS.iter().find(|(begin, _)| schema.starts_with(begin) || name.starts_with(begin));
    made.map(|(_, tool)| *tool)
}

/// Whether a script says the last part of an object's name as a word.
fn names(script: &str, id: &str) -> bool {
    let name = id.rsplit('.').next().unwrap_or(id);
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    script.match_indices(name).any(|(at, _)| {
        let before = script.get(..at).and_then(|text| text.chars().next_back());
        let after = script.get(at + name.len()..).and_then(|text| text.chars().next());
        !name.is_empty() && !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_found_as_a_word_only() {
        let script = "ALTER TABLE \"Post\" ADD COLUMN title_de TEXT; -- für Übung";
        assert!(names(script, "public.Post"));
        assert!(names(script, "title_de"));
        assert!(names(script, "public.Übung"));
        assert!(!names(script, "public.title"));
        assert!(!names(script, "public.Pos"));
        assert!(!names(script, ""));
        assert!(!names("", "public.Post"));
    }
}
