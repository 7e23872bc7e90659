//! What pending migrations touch of a database: the objects, the locks, the rights that it takes.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is new among actions touches nothing until somebody says what"
)]

use std::collections::{BTreeMap, BTreeSet};

use catalog::{LockMode, Name, literal, quoted};
use lint::{ActionKind, Alteration, ConstraintKind, Step, Work};

use crate::pending::Pending;

/// What is touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// Tables and views that may be there already.
    pub(super) tables: BTreeMap<Name, Touch>,
    /// Indexes that are dropped or renamed.
    pub(super) indexes: BTreeSet<Name>,
    /// Types that are altered or dropped.
    pub(super) types: BTreeSet<Name>,
    /// Schemas in which something is made.
    pub(super) makes_in: BTreeSet<String>,
    /// Schemas that are made.
    pub(super) schemas: BTreeSet<String>,
    /// Extensions that are made.
    pub(super) extensions: BTreeSet<String>,
    /// Tables that are made.
    pub(super) new_tables: BTreeSet<Name>,
    /// What RDS refuses, each with its place.
    pub(super) privileged: Vec<(String, String)>,
    /// Whether an index is made that waits for all older transactions.
    pub(super) waits_for_all: bool,
}

/// What is done with a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Touch {
    /// The strongest lock on it.
    pub(super) mode: LockMode,
    /// The most that is done with its rows.
    pub(super) work: Work,
    /// What the user needs on it.
    pub(super) needs: BTreeSet<Need>,
    /// What logical replication does not take along, or stops at.
    pub(super) replication: BTreeSet<Replication>,
}

/// A right on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// To be a member of its owner.
    Owner,
    /// A privilege, by its keyword.
    Privilege(&'static str),
}

/// What an alteration means for subscribers of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Replication {
    /// A column that they have not.
    Adds(String),
    /// What they do not expect: dropped, renamed, retyped.
    Breaks(String),
    /// The key by which rows are found goes.
    LosesIdentity,
    /// All rows go.
    Empties,
}

impl Default for Touch {
    fn default() -> Self {
        Self {
            mode: LockMode::AccessShare,
            work: Work::Nothing,
            needs: BTreeSet::new(),
            replication: BTreeSet::new(),
        }
    }
}

impl Need {
    /// The right as `GRANT` has it; `OWNER` for the owner's.
    pub(super) fn keyword(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Privilege(name) => name,
        }
    }
}

impl Touched {
    /// Reads what pending migrations touch.
    pub(super) fn by(pending: &Pending<'_>) -> Self {
        let mut touched = Self::default();
        for (migration, step) in &pending.steps {
            for (table, mode) in &step.effect.locks {
                let touch = touched.table(table);
                touch.mode = touch.mode.max(*mode);
            }
            touched.add(step);
            if let ActionKind::Privileged(what) = &step.action.kind {
                touched.privileged.push((Pending::place(migration, step), what.clone()));
            }
        }
        touched
    }

    /// The tables as a list of values for SQL: place in the list, name in quotes, as told. None if there
    /// is no table.
    pub(super) fn values(&self) -> Option<String> {
        let rows = self.tables.keys().map(|table| {
            let written = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
            format!("({}, {})", literal(&written), literal(&table.to_string()))
        });
        let rows: Vec<String> = rows.collect();
        (!rows.is_empty())
            .then(|| format!("(VALUES {}) AS touched(written, told)", rows.join(", ")))
    }

    /// What is done with a table, by the name that is told.
    pub(super) fn told(&self, told: &str) -> Option<&Touch> {
        self.tables.iter().find(|(name, _)| name.to_string() == told).map(|(_, touch)| touch)
    }

    fn table(&mut self, table: &Name) -> &mut Touch {
        self.tables.entry(table.clone()).or_default()
    }

    fn needs(&mut self, table: &Name, need: Need) {
        self.table(table).needs.insert(need);
    }

    fn works(&mut self, table: &Name, work: Work) {
        let touch = self.table(table);
        touch.work = touch.work.max(work);
    }

    fn add(&mut self, step: &Step) {
        let work = step.effect.work;
        match &step.action.kind {
            ActionKind::CreateTable(new) => {
                self.makes_in.insert(new.name.schema.clone());
                self.new_tables.insert(new.name.clone());
                let own = new.columns.iter().flat_map(|column| &column.constraints);
                for constraint in new.constraints.iter().chain(own) {
                    self.refers(&constraint.kind);
                }
                if let Some(parent) = &new.partition_of {
                    self.needs(parent, Need::Owner);
                }
            }
            ActionKind::AlterTable(table, alteration) => {
                self.needs(table, Need::Owner);
                self.works(table, work);
                self.alter(table, alteration);
            }
            ActionKind::DropTable { tables, .. } => {
                for table in tables {
                    self.needs(table, Need::Owner);
                    let broken = Replication::Breaks("dropped".to_owned());
                    self.table(table).replication.insert(broken);
                }
            }
            ActionKind::Truncate(tables) => {
                for table in tables {
                    self.needs(table, Need::Privilege("TRUNCATE"));
                    self.table(table).replication.insert(Replication::Empties);
                }
            }
            ActionKind::CreateIndex(index) => {
                self.makes_in.insert(index.table.schema.clone());
                self.needs(&index.table, Need::Owner);
                self.works(&index.table, work);
                self.waits_for_all |= index.concurrently;
            }
            ActionKind::DropIndex { indexes, concurrently } => {
                self.indexes.extend(indexes.iter().cloned());
                self.waits_for_all |= concurrently;
            }
            ActionKind::RenameIndex { index, .. } => {
                self.indexes.insert(index.clone());
            }
            ActionKind::Reindex { concurrently } => self.waits_for_all |= concurrently,
            ActionKind::Refresh { view, .. } => {
                self.needs(view, Need::Owner);
                self.works(view, work);
            }
            ActionKind::CreateUser { user, .. } => {
                let schema = user.rsplit(' ').next().and_then(|name| name.split('.').next());
                self.makes_in.extend(schema.map(str::to_owned));
            }
            ActionKind::DropOther { kind, names, .. } if kind == "TYPE" || kind == "DOMAIN" => {
                self.types.extend(names.iter().cloned());
            }
            ActionKind::CreateType { r#type, .. } => {
                self.makes_in.insert(r#type.schema.clone());
            }
            ActionKind::CreateSchema(schema) => {
                self.schemas.insert(schema.clone());
            }
            ActionKind::CreateExtension(extension) => {
                self.extensions.insert(extension.clone());
            }
            ActionKind::AddLabel { r#type, .. } => {
                self.types.insert(r#type.clone());
            }
            ActionKind::ChangeRows { verb, table, .. } => {
                let needs: &[&str] = match *verb {
                    "MERGE" => &["INSERT", "UPDATE", "DELETE"],
                    "UPDATE" => &["UPDATE"],
                    "DELETE" => &["DELETE"],
                    _ => &["INSERT"],
                };
                for need in needs {
                    self.needs(table, Need::Privilege(need));
                }
            }
            ActionKind::OnTable { table, .. } => self.needs(table, Need::Owner),
            ActionKind::WriteAnew { table: Some(table), .. } => {
                self.needs(table, Need::Owner);
                self.works(table, work);
            }
            _ => {}
        }
    }

    fn alter(&mut self, table: &Name, alteration: &Alteration) {
        let replication = match alteration {
            Alteration::AddColumn(column) => Some(Replication::Adds(column.name.clone())),
            Alteration::DropColumn { column, .. } => {
                Some(Replication::Breaks(format!("column {column} dropped")))
            }
            Alteration::ChangeType { column, written, .. } => {
                Some(Replication::Breaks(format!("type of column {column} changed to {written}")))
            }
            Alteration::RenameColumn { from, to } => {
                Some(Replication::Breaks(format!("column {from} renamed to {to}")))
            }
            Alteration::Rename(to) => Some(Replication::Breaks(format!("renamed to {to}"))),
            Alteration::SetSchema(to) => Some(Replication::Breaks(format!("moved to schema {to}"))),
            // The name that PostgreSQL and Prisma give it.
            Alteration::DropConstraint(name) if name.ends_with("_pkey") => {
                Some(Replication::LosesIdentity)
            }
            _ => None,
        };
        self.table(table).replication.extend(replication);
        match alteration {
            Alteration::AddConstraint(constraint) => {
                if let ConstraintKind::Key { .. } = constraint.kind {
                    self.makes_in.insert(table.schema.clone());
                }
                self.refers(&constraint.kind);
            }
            Alteration::AddColumn(column) => {
                for constraint in &column.constraints {
                    self.refers(&constraint.kind);
                }
            }
            Alteration::Rename(_) => {
                self.makes_in.insert(table.schema.clone());
            }
            Alteration::SetSchema(schema) => {
                self.makes_in.insert(schema.clone());
            }
            _ => {}
        }
    }

    fn refers(&mut self, kind: &ConstraintKind) {
        if let ConstraintKind::ForeignKey { references, .. } = kind {
            self.needs(references, Need::Privilege("REFERENCES"));
        }
    }
}

#[cfg(test)]
mod tests {
    use project::Migration;

    use super::{Need, Touched};
    use crate::pending::Pending;

    fn touched(script: &str) -> Touched {
        let migration = Migration {
            name: "1_x".to_owned(),
            path: "1_x/migration.sql".into(),
            script: script.to_owned(),
            checksum: String::new(),
            supersedes: Vec::new(),
        };
        Touched::by(&Pending::of(&[migration], None, "public"))
    }

    #[track_caller]
    fn check(script: &str, expected: &[(&str, &str, &[Need])]) {
        let touched = touched(script);
        let found: Vec<(String, String, Vec<Need>)> = touched
            .tables
            .iter()
            .map(|(name, touch)| {
                let needs = touch.needs.iter().copied().collect();
                (name.to_string(), touch.mode.to_string(), needs)
            })
            .collect();
        let found: Vec<(&str, &str, &[Need])> =
            found.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_slice())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn locks_and_rights_of_each_table() {
        check(
            "ALTER TABLE a ADD COLUMN b int REFERENCES c; UPDATE d SET x = 1;",
            &[
                ("public.a", "ACCESS EXCLUSIVE", &[Need::Owner]),
                ("public.c", "SHARE ROW EXCLUSIVE", &[Need::Privilege("REFERENCES")]),
                ("public.d", "ROW EXCLUSIVE", &[Need::Privilege("UPDATE")]),
            ],
        );
        check(
            "CREATE INDEX CONCURRENTLY i ON s.a (b)",
            &[("s.a", "SHARE UPDATE EXCLUSIVE", &[Need::Owner])],
        );
    }

    #[test]
    fn what_is_made_and_where() {
        let touched = touched(
            "CREATE SCHEMA s; CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\"; CREATE TABLE s.t (id int);
             CREATE VIEW v AS SELECT 1; ALTER SYSTEM SET a = 1;",
        );
        let texts = |set: &std::collections::BTreeSet<String>| {
            set.iter().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(texts(&touched.makes_in), "public s");
        assert_eq!(texts(&touched.schemas), "s");
        assert_eq!(texts(&touched.extensions), "uuid-ossp");
        assert_eq!(touched.privileged.len(), 1);
        assert!(touched.privileged.iter().all(|(place, _)| place == "1_x, line 2"));
    }
}
