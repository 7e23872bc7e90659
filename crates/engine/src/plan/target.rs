//! What a plan is bound to: the database as it was, and the files.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Catalog;
use database::{HistoryRow, HistoryState, Session};
use project::Migration;
use serde::{Deserialize, Serialize};

use crate::Described;

/// The database that a plan is for, as it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The database.
    pub datasource: Described,
    /// The version of its server.
    pub server: String,
    /// What tells its content from any other: see `undrift snapshot`.
    pub fingerprint: String,
    /// Its history of migrations, those that were rolled back left out.
    pub history: Vec<Recorded>,
    /// What tells one state of each object from another.
    pub objects: BTreeMap<String, String>,
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The migration.
    pub name: String,
    /// SHA-256 of the script that was applied, in hexadecimal.
    pub checksum: String,
    /// What the row says about it.
    pub state: HistoryState,
}

/// The files that a plan is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// SHA-256 of each migration of the folder, by name, in hexadecimal.
    pub migrations: BTreeMap<String, String>,
    /// What tells from any other what the schema declares; only where the plan is of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

/// What a plan changes by itself, so that it is not held against its target.
pub(super) struct Own<'a> {
    /// The migrations that it applies.
    pub(super) migrations: BTreeSet<&'a str>,
    /// The objects that they change.
    pub(super) objects: BTreeSet<String>,
}

impl Target {
    /// Takes down what a database is.
    pub(super) fn of(
        datasource: Described,
        session: &Session,
        rows: Option<&[HistoryRow]>,
        actual: &Catalog,
    ) -> Self {
        let rows = rows.unwrap_or_default().iter();
        let rows = rows.filter(|row| row.state() != HistoryState::RolledBack);
        let recorded = |row: &HistoryRow| Recorded {
            name: row.migration_name.clone(),
            checksum: row.checksum.clone(),
            state: row.state(),
        };
        Self {
            datasource,
            server: session.server().version.clone(),
            fingerprint: actual.fingerprint(),
            history: rows.map(recorded).collect(),
            objects: actual.fingerprints(),
        }
    }

    /// Says, each in a line, in what the database now is another than this one, but for what the plan
    /// itself has already done: once one of its migrations has begun, the objects that it changes do not
    /// count.
    pub(super) fn differences(&self, now: &Self, own: &Own<'_>) -> Vec<String> {
        if self.datasource != now.datasource {
            return vec![format!(
                "it is for the {}, and this is the {}",
                shown(&self.datasource),
                shown(&now.datasource)
            )];
        }
        let mut lines = Vec::new();
        let others = |target: &Self| -> BTreeMap<String, (String, HistoryState)> {
            let rows = target.history.iter();
            let rows = rows.filter(|row| !own.migrations.contains(row.name.as_str()));
            rows.map(|row| (row.name.clone(), (row.checksum.clone(), row.state))).collect()
        };
        differing(&others(self), &others(now), "in the history, the migration", &mut lines);
        let has_begun = |target: &Self| {
            let own = |row: &&Recorded| own.migrations.contains(row.name.as_str());
            target.history.iter().filter(own).cloned().collect::<Vec<_>>()
        };
        let goes_on = has_begun(self) != has_begun(now);
        let compared = |target: &Self| -> BTreeMap<String, String> {
            let objects = target.objects.iter();
            let objects = objects.filter(|(name, _)| !goes_on || !own.objects.contains(*name));
            objects.map(|(name, digest)| (name.clone(), digest.clone())).collect()
        };
        differing(&compared(self), &compared(now), "in the database, the", &mut lines);
        lines
    }
}

impl Files {
    /// Takes down the folder of migrations.
    pub(super) fn of(migrations: &[Migration]) -> Self {
        let pairs = migrations.iter().map(|it| (it.name.clone(), it.checksum.clone()));
        Self { migrations: pairs.collect(), schema: None }
    }

    /// Says, each in a line, in what the files now are others than these.
    pub(super) fn differences(&self, now: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        differing(&self.migrations, &now.migrations, "in the folder, the migration", &mut lines);
        if self.schema != now.schema {
            lines.push("the schema declares something else".to_owned());
        }
        lines
    }
}

/// Adds a line for each entry that is not the same in both.
fn differing<T: PartialEq>(
    before: &BTreeMap<String, T>,
    now: &BTreeMap<String, T>,
    what: &str,
    lines: &mut Vec<String>,
) {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    for name in names {
        let state = match (before.get(name), now.get(name)) {
            (Some(before), Some(now)) if before == now => continue,
            (Some(_), Some(_)) => "is not what it was",
            (Some(_), None) => "is gone",
            (None, _) => "is new",
        };
        lines.push(format!("{what} {name} {state}"));
    }
}

fn shown(datasource: &Described) -> String {
    let Described { database, schema, address, .. } = datasource;
    format!("database {database}, schema {schema}, at {address}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use database::HistoryState;

    use super::{Own, Recorded, Target};
    use crate::Described;

    fn target(history: &[&str], objects: &[(&str, &str)]) -> Target {
        let described = Described {
            name: "db".to_owned(),
            database: "app".to_owned(),
            schema: "public".to_owned(),
            address: "localhost:5432".to_owned(),
        };
        let row = |name: &&str| Recorded {
            name: (*name).to_owned(),
            checksum: "c".to_owned(),
            state: HistoryState::Applied,
        };
        Target {
            datasource: described,
            server: "15".to_owned(),
            fingerprint: String::new(),
            history: history.iter().map(row).collect(),
            objects: objects.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
        }
    }

    #[test]
    fn what_the_plan_has_done_itself_is_not_held_against_it() {
        let own = Own {
            migrations: BTreeSet::from(["2_b"]),
            objects: BTreeSet::from(["table public.b".to_owned()]),
        };
        let then = target(&["1_a"], &[("table public.a", "x"), ("table public.b", "y")]);
        let check = |now: &Target, expected: &[&str]| {
            assert_eq!(then.differences(now, &own), expected);
        };
        check(&then, &[]);
        // Its own migration has begun: what that changes may be in any state, the rest may not.
        check(&target(&["1_a", "2_b"], &[("table public.a", "x")]), &[]);
        check(
            &target(&["1_a", "2_b"], &[("table public.a", "z")]),
            &["in the database, the table public.a is not what it was"],
        );
        check(
            &target(&["1_a"], &[("table public.a", "x")]),
            &["in the database, the table public.b is gone"],
        );
        check(
            &target(&["1_a", "1_z"], &[("table public.a", "x"), ("table public.b", "y")]),
            &["in the history, the migration 1_z is new"],
        );
        let mut other = then.clone();
        other.datasource.address = "prod:5432".to_owned();
        check(
            &other,
            &["it is for the database app, schema public, at localhost:5432, and this is the \
               database app, schema public, at prod:5432"],
        );
    }
}
