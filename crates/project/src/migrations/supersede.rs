//! Squashed migrations: one that stands in place of those it supersedes, which are kept inside it.
//!
//! ```text
//! migrations/20260103000000_squashed/migration.sql
//! migrations/20260103000000_squashed/supersedes/20260101000000_a/migration.sql
//! migrations/20260103000000_squashed/supersedes/20260103000000_b/migration.sql
//! ```
//!
//! A database that has none of them runs the squashed one. A database that has some runs the others of
//! them first; then the squashed one is recorded and not run. Prisma does not look into the inner folder.

use super::Migration;

/// The folder of those that a migration supersedes, within its own.
pub(super) const FOLDER: &str = "supersedes";

/// What a database is to do with a migration that it has not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due<'a> {
    /// It is run.
    Run(&'a Migration),
    /// It is recorded: the database has what it makes, from those that it supersedes.
    Record(&'a Migration),
}

impl<'a> Due<'a> {
    /// The migration.
    pub fn migration(self) -> &'a Migration {
        match self {
            Self::Run(migration) | Self::Record(migration) => migration,
        }
    }
}

/// Returns the migrations as a database that has recorded some of them meets them, in order, those that
/// it has included.
pub fn unfold<'a>(migrations: &'a [Migration], is_recorded: &dyn Fn(&str) -> bool) -> Vec<Due<'a>> {
    let mut due = Vec::new();
    for migration in migrations {
        let has_begun = || migration.superseded().iter().any(|it| is_recorded(&it.name));
        if is_recorded(&migration.name) || !has_begun() {
            due.push(Due::Run(migration));
        } else {
            due.extend(unfold(&migration.supersedes, is_recorded));
            due.push(Due::Record(migration));
        }
    }
    due
}

impl Migration {
    /// All migrations that it supersedes, and those that they supersede.
    pub fn superseded(&self) -> Vec<&Self> {
        let mut all = Vec::new();
        for migration in &self.supersedes {
            all.extend(migration.superseded());
            all.push(migration);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Due, Migration, unfold};

    fn migration(name: &str, supersedes: &[Migration]) -> Migration {
        let (path, script, checksum) = (PathBuf::new(), String::new(), String::new());
        Migration { name: name.to_owned(), path, script, checksum, supersedes: supersedes.to_vec() }
    }

    fn due(recorded: &[&str]) -> Vec<String> {
        let inner = migration("2_inner", &[migration("1", &[]), migration("2", &[])]);
        let outer = migration("3_outer", &[inner, migration("3", &[])]);
        let all = [outer, migration("4", &[])];
        let due = unfold(&all, &|name| recorded.contains(&name));
        let tell = |due: Due<'_>| match due {
            Due::Run(it) if recorded.contains(&it.name.as_str()) => format!("has {}", it.name),
            Due::Run(it) => format!("runs {}", it.name),
            Due::Record(it) => format!("records {}", it.name),
        };
        due.into_iter().map(tell).collect()
    }

    #[test]
    fn a_database_goes_on_from_where_it_stands() {
        assert_eq!(due(&[]), ["runs 3_outer", "runs 4"]);
        assert_eq!(
            due(&["1"]),
            ["has 1", "runs 2", "records 2_inner", "runs 3", "records 3_outer", "runs 4"]
        );
        assert_eq!(
            due(&["1", "2", "3", "4"]),
            ["has 1", "has 2", "records 2_inner", "has 3", "records 3_outer", "has 4"]
        );
        assert_eq!(due(&["2_inner"]), ["has 2_inner", "runs 3", "records 3_outer", "runs 4"]);
        assert_eq!(due(&["3_outer", "4"]), ["has 3_outer", "has 4"]);
    }
}
