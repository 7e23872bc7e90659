//! Facts: which locks an action takes and what it does with the rows meanwhile.
//!
//! What is claimed here is proved against `pg_locks` and `pg_relation_filenode` on a real server, by
//! `database/tests/it/proving_lint.rs`.

use catalog::{LockMode, Name};

use serde::{Deserialize, Serialize};

use crate::action::{
    Action, ActionKind, Alteration, Column, Constraint, ConstraintKind, Filling, Type,
};
use crate::known::Known;

/// What an action means for those who use the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The locks it takes on tables that were there before the migration.
    pub locks: Vec<(Name, LockMode)>,
    /// What it does with the rows while it holds them.
    pub work: Work,
}

/// What is done with the rows of a table, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Nothing: it takes no time, however large the table is.
    Nothing,
    /// It may be nothing, or the table is written anew: the words do not tell.
    Unknown,
    /// All rows are read.
    Scan,
    /// All rows are read, and an index is written.
    Index,
    /// All rows are written anew, and all indexes.
    Rewrite,
}

/// What an action does, given what is there.
pub(crate) fn of(action: &Action, known: &Known) -> Effect {
    let mut effect = Effect { locks: Vec::new(), work: Work::Nothing };
    effect.add(&action.kind, known);
    effect.locks.retain(|(table, _)| !known.is_new(table));
    effect
}

impl Effect {
    /// The strongest lock, and on which table.
    pub fn strongest(&self) -> Option<&(Name, LockMode)> {
        self.locks.iter().rev().max_by_key(|(_, mode)| *mode)
    }

    fn lock(&mut self, table: &Name, mode: LockMode) {
        self.locks.push((table.clone(), mode));
    }

    fn work(&mut self, table: &Name, work: Work, known: &Known) {
        if !known.is_new(table) {
            self.work = self.work.max(work);
        }
    }

    fn add(&mut self, kind: &ActionKind, known: &Known) {
        use LockMode::{
            AccessExclusive, Exclusive, RowExclusive, Share, ShareRowExclusive,
            ShareUpdateExclusive,
        };
        match kind {
            ActionKind::CreateTable(new) => {
                for constraint in
                    new.constraints.iter().chain(new.columns.iter().flat_map(|it| &it.constraints))
                {
                    if let ConstraintKind::ForeignKey { references, .. } = &constraint.kind
                        && *references != new.name
                    {
                        self.lock(references, ShareRowExclusive);
                    }
                }
                if let Some(parent) = &new.partition_of {
                    self.lock(parent, AccessExclusive);
                }
            }
            ActionKind::AlterTable(table, alteration) => self.alter(table, alteration, known),
            ActionKind::DropTable { tables, cascade } => {
                for table in tables {
                    self.lock(table, AccessExclusive);
                    // Its foreign keys go with it, and those that refer to it may.
                    for other in known.referenced(table, None) {
                        self.lock(other, AccessExclusive);
                    }
                    for other in known.referring(table).filter(|_| *cascade) {
                        self.lock(other, AccessExclusive);
                    }
                }
            }
            ActionKind::Truncate(tables) => {
                for table in tables {
                    self.lock(table, AccessExclusive);
                }
            }
            ActionKind::CreateIndex(index) => {
                let mode = if index.concurrently { ShareUpdateExclusive } else { Share };
                self.lock(&index.table, mode);
                self.work(&index.table, Work::Index, known);
            }
            ActionKind::DropIndex { indexes, concurrently } => {
                let mode = if *concurrently { ShareUpdateExclusive } else { AccessExclusive };
                for table in indexes.iter().filter_map(|index| known.table_of(index)) {
                    self.lock(table, mode);
                }
            }
            ActionKind::Refresh { view, concurrently } => {
                self.lock(view, if *concurrently { Exclusive } else { AccessExclusive });
                let work = if *concurrently { Work::Scan } else { Work::Rewrite };
                self.work(view, work, known);
            }
            ActionKind::ChangeRows { table, .. } => self.lock(table, RowExclusive),
            ActionKind::LockTable(tables, mode) => {
                for table in tables {
                    self.lock(table, *mode);
                }
            }
            ActionKind::OnTable { table, lock } => self.lock(table, *lock),
            ActionKind::WriteAnew { table, .. } => {
                if let Some(table) = table {
                    self.lock(table, AccessExclusive);
                    self.work(table, Work::Rewrite, known);
                }
            }
            ActionKind::Reindex { .. }
            | ActionKind::RenameIndex { .. }
            | ActionKind::CreateUser { .. }
            | ActionKind::DropUsers { .. }
            | ActionKind::DropOther { .. }
            | ActionKind::CreateType { .. }
            | ActionKind::CreateSchema(_)
            | ActionKind::CreateExtension(_)
            | ActionKind::AddLabel { .. }
            | ActionKind::SetTimeout(_)
            | ActionKind::TransactionControl
            | ActionKind::Privileged(_)
            | ActionKind::Other => {}
        }
    }

    fn alter(&mut self, table: &Name, alteration: &Alteration, known: &Known) {
        use LockMode::{AccessExclusive, RowShare, ShareRowExclusive, ShareUpdateExclusive};
        let mode = match alteration {
            Alteration::Tune | Alteration::Validate(_) | Alteration::Attach(_) => {
                ShareUpdateExclusive
            }
            Alteration::Detach { concurrently: true, .. } => ShareUpdateExclusive,
            Alteration::SwitchTrigger => ShareRowExclusive,
            Alteration::AddConstraint(Constraint {
                kind: ConstraintKind::ForeignKey { .. },
                ..
            }) => ShareRowExclusive,
            Alteration::AddColumn(_)
            | Alteration::DropColumn { .. }
            | Alteration::ChangeType { .. }
            | Alteration::SetNotNull(_)
            | Alteration::DropNotNull(_)
            | Alteration::AddConstraint(_)
            | Alteration::DropConstraint(_)
            | Alteration::RenameColumn { .. }
            | Alteration::RenameConstraint { .. }
            | Alteration::Rename(_)
            | Alteration::SetSchema(_)
            | Alteration::WriteAnew(_)
            | Alteration::Detach { concurrently: false, .. }
            | Alteration::Other => AccessExclusive,
        };
        self.lock(table, mode);
        match alteration {
            Alteration::AddColumn(column) => {
                self.work(table, filling(column), known);
                for constraint in &column.constraints {
                    // A key of NULLs is not looked up, though a CHECK of them is evaluated.
                    let is_null = column.filling == Filling::Null;
                    let is_reference = matches!(constraint.kind, ConstraintKind::ForeignKey { .. });
                    let not_valid = constraint.not_valid || (is_null && is_reference);
                    self.constrain(table, &Constraint { not_valid, ..constraint.clone() }, known);
                }
            }
            Alteration::ChangeType { column, to, using, .. } => {
                // The foreign keys of the column are made anew.
                for other in known.referenced(table, Some(column)) {
                    self.lock(other, AccessExclusive);
                }
                let from = known.column_type(table, column);
                let work = if using.is_some() { Work::Rewrite } else { change(from, to) };
                self.work(table, work, known);
            }
            Alteration::SetNotNull(column) => {
                let is_known =
                    known.is_proven_not_null(table, column) || known.is_not_null(table, column);
                let work = if is_known { Work::Nothing } else { Work::Scan };
                self.work(table, work, known);
            }
            Alteration::AddConstraint(constraint) => self.constrain(table, constraint, known),
            Alteration::Validate(name) => {
                self.work(table, Work::Scan, known);
                if let Some(ConstraintKind::ForeignKey { references, .. }) =
                    known.constraint(table, name)
                {
                    self.lock(references, RowShare);
                }
            }
            Alteration::DropConstraint(name) => {
                if let Some(ConstraintKind::ForeignKey { references, .. }) =
                    known.constraint(table, name)
                {
                    self.lock(references, AccessExclusive);
                }
            }
            Alteration::WriteAnew(_) => self.work(table, Work::Rewrite, known),
            Alteration::Attach(partition) => {
                self.lock(partition, AccessExclusive);
                self.work(partition, Work::Scan, known);
            }
            Alteration::Detach { partition, .. } => self.lock(partition, AccessExclusive),
            Alteration::DropColumn { column, .. } => {
                for other in known.referenced(table, Some(column)) {
                    self.lock(other, AccessExclusive);
                }
            }
            Alteration::DropNotNull(_)
            | Alteration::RenameColumn { .. }
            | Alteration::RenameConstraint { .. }
            | Alteration::Rename(_)
            | Alteration::SetSchema(_)
            | Alteration::Tune
            | Alteration::SwitchTrigger
            | Alteration::Other => {}
        }
    }

    fn constrain(&mut self, table: &Name, constraint: &Constraint, known: &Known) {
        let work = match &constraint.kind {
            ConstraintKind::ForeignKey { references, .. } => {
                if references != table {
                    self.lock(references, LockMode::ShareRowExclusive);
                }
                Work::Scan
            }
            ConstraintKind::Check(_) | ConstraintKind::NotNull(_) => Work::Scan,
            // A primary key makes its columns NOT NULL, which has to be looked at.
            ConstraintKind::Key { using_index: Some(_), .. } => Work::Nothing,
            ConstraintKind::Key { .. } | ConstraintKind::Exclude => Work::Index,
        };
        if !constraint.not_valid {
            self.work(table, work, known);
        }
    }
}

/// What a new column means for rows that are there.
fn filling(column: &Column) -> Work {
    match column.filling {
        Filling::Null | Filling::Constant => Work::Nothing,
        Filling::Unknown(_) => Work::Unknown,
        Filling::PerRow(_) | Filling::Generated => Work::Rewrite,
    }
}

/// What a change of type means for the rows: nothing when the bytes stay what they are.
pub(crate) fn change(from: Option<&Type>, to: &Type) -> Work {
    let Some(from) = from else { return Work::Unknown };
    if from == to {
        return Work::Nothing;
    }
    if from.array || to.array {
        return Work::Rewrite;
    }
    let [one, other] = [from, to].map(|it| it.arguments.first().copied());
    let widens = match (one, other) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(other)) => one <= other,
    };
    let free = match (from.name.as_str(), to.name.as_str()) {
        ("varchar", "text") => true,
        ("text", "varchar") => other.is_none(),
        ("varchar", "varchar") | ("varbit", "varbit") => widens,
        ("citext" | "xml", "text") | ("cidr", "inet") => true,
        ("text" | "varchar", "citext") => true,
        ("citext", "varchar") => other.is_none(),
        ("timestamp", "timestamp") | ("timestamptz", "timestamptz") => {
            // Without a precision it is the highest one, 6.
            one.unwrap_or(6) <= other.unwrap_or(6)
        }
        ("time", "time") | ("timetz", "timetz") => one.unwrap_or(6) <= other.unwrap_or(6),
        ("numeric", "numeric") => {
            let [before, after] = [from, to].map(|it| it.arguments.get(1).copied().unwrap_or(0));
            other.is_none() || (one.is_some() && widens && before == after)
        }
        // Free only in a session in which the time zone is UTC.
        ("timestamp", "timestamptz") | ("timestamptz", "timestamp") => return Work::Unknown,
        _ => false,
    };
    if free { Work::Nothing } else { Work::Rewrite }
}
