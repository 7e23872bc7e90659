//! A plan parted by when its changes can be made: what programs of both sorts can live with, what asks
//! something of the rows that are there, and what old programs must not need any more.

use std::collections::BTreeSet;

use catalog::kinds::index::Index;
use catalog::kinds::table::Column;
use catalog::rename::Rename;
use catalog::{
    AlterColumn, AlterTable, Catalog, Change, ColumnDifference, Name, TableClause, is_autoincrement,
};

use crate::Plan;

/// What is done otherwise than the plan does it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Otherwise {
    /// Columns, by the names they have in the end, that live beside others meanwhile.
    pub beside: BTreeSet<(Name, String)>,
    /// Columns that take null meanwhile, and are then required.
    pub filled: BTreeSet<(Name, String)>,
    /// Enum types that are made anew.
    pub types: BTreeSet<Name>,
}

/// A plan in parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// What can be done while old programs run.
    pub expand: Plan,
    /// What asks something of the rows: keys, required columns.
    pub restrict: Plan,
    /// What old programs must not need any more.
    pub contract: Plan,
    /// The required columns that are dropped in the end: new programs give them no value.
    pub loosened: Vec<(Name, String)>,
}

/// Parts a plan; `actual` is the catalog that it is made for. What is done otherwise is left out, and so
/// are the indexes and keys of columns that live beside others.
pub fn parts(plan: &Plan, actual: &Catalog, otherwise: &Otherwise) -> Parts {
    let empty = || Plan { changes: Vec::new(), names: plan.names.clone() };
    let mut parts =
        Parts { expand: empty(), restrict: empty(), contract: empty(), loosened: Vec::new() };
    let dropped = dropped_names(plan);
    for change in &plan.changes {
        if otherwise.covers(change, actual) {
            continue;
        }
        let change = change.clone();
        let to = match &change {
            Change::Rename(_)
            | Change::CreateSchema(_)
            | Change::CreateExtension(_)
            | Change::AlterExtension(_)
            | Change::CreateEnum(_)
            | Change::CreateTable(_)
            | Change::RenameForeignKey { .. }
            | Change::RenameIndex(_) => &mut parts.expand,
            Change::AlterEnum(alter) if alter.removed.is_empty() => &mut parts.expand,
            Change::CreateIndex(index) if dropped.contains(&index.name.name) => &mut parts.contract,
            Change::CreateIndex(index)
                if index.unique && actual.tables.get(&index.table).is_some() =>
            {
                &mut parts.restrict
            }
            Change::CreateIndex(_) => &mut parts.expand,
            Change::AddForeignKey { foreign_key, .. } if dropped.contains(&foreign_key.name) => {
                &mut parts.contract
            }
            Change::AddForeignKey { table, .. } if actual.tables.get(table).is_none() => {
                &mut parts.expand
            }
            Change::AddForeignKey { .. } => &mut parts.restrict,
            Change::AlterEnum(_)
            | Change::DropExtension(_)
            | Change::DropForeignKey { .. }
            | Change::DropIndex(_)
            | Change::DropTable(_)
            | Change::DropEnum(_) => &mut parts.contract,
            Change::AlterTable(alter) => {
                parts.alter_table(alter, actual, otherwise);
                continue;
            }
        };
        to.changes.push(change);
    }
    parts
}

/// The names of indexes and keys that are dropped, to be made again otherwise.
fn dropped_names(plan: &Plan) -> BTreeSet<&String> {
    let mut names = BTreeSet::new();
    for change in &plan.changes {
        if let Change::DropIndex(index) = change {
            names.insert(&index.name.name);
        } else if let Change::DropForeignKey { foreign_key, .. } = change {
            names.insert(&foreign_key.name);
        }
    }
    names
}

impl Otherwise {
    fn is_beside(&self, table: &Name, column: &str) -> bool {
        self.beside.contains(&(table.clone(), column.to_owned()))
    }

    fn is_filled(&self, table: &Name, column: &str) -> bool {
        self.filled.contains(&(table.clone(), column.to_owned()))
    }

    fn has_index(&self, index: &Index) -> bool {
        let mut columns = index.keys.iter().filter_map(|key| key.column.as_ref());
        columns.any(|column| {
            self.is_beside(&index.table, column) || self.is_filled(&index.table, column)
        })
    }

    fn has_any(&self, table: &Name, columns: &[String]) -> bool {
        columns.iter().any(|column| self.is_beside(table, column))
    }

    /// Whether a whole change is left out.
    fn covers(&self, change: &Change, actual: &Catalog) -> bool {
        match change {
            Change::Rename(Rename::Column { table, names }) => {
                self.is_beside(table, &names.desired)
            }
            Change::Rename(Rename::Label { enum_type, .. }) => self.types.contains(enum_type),
            Change::AlterEnum(alter) => self.types.contains(&alter.types.actual.name),
            Change::CreateIndex(index) | Change::DropIndex(index) => self.has_index(index),
            Change::RenameIndex(indexes) => self.has_index(&indexes.desired),
            Change::RenameForeignKey { table, columns, names } => {
                let tables = actual.tables.get(table);
                let key = tables.and_then(|table| {
                    table.foreign_keys.iter().find(|key| key.name == names.actual)
                });
                self.has_any(table, columns)
                    || key.is_some_and(|key| {
                        self.has_any(&key.referenced_table, &key.referenced_columns)
                    })
            }
            Change::AddForeignKey { table, foreign_key }
            | Change::DropForeignKey { table, foreign_key } => {
                self.has_any(table, &foreign_key.columns)
                    || self.has_any(&foreign_key.referenced_table, &foreign_key.referenced_columns)
            }
            Change::Rename(_)
            | Change::CreateSchema(_)
            | Change::CreateExtension(_)
            | Change::AlterExtension(_)
            | Change::DropExtension(_)
            | Change::CreateEnum(_)
            | Change::AlterTable(_)
            | Change::DropTable(_)
            | Change::DropEnum(_)
            | Change::CreateTable(_) => false,
        }
    }
}

impl Parts {
    fn alter_table(&mut self, alter: &AlterTable, actual: &Catalog, otherwise: &Otherwise) {
        let table = &alter.table;
        let (mut expand, mut restrict, mut contract) = (Vec::new(), Vec::new(), Vec::new());
        let key = actual.tables.get(table).and_then(|table| table.primary_key.as_ref());
        for clause in &alter.clauses {
            match clause {
                TableClause::AddColumn(column) => {
                    let mut column = column.clone();
                    column.nullable |= otherwise.is_filled(table, &column.name);
                    expand.push(TableClause::AddColumn(column));
                }
                TableClause::AlterColumn(altered) => {
                    let name = &altered.columns.desired.name;
                    if otherwise.is_beside(table, name) {
                        continue;
                    }
                    let is_filled = otherwise.is_filled(table, name);
                    let (now, then) = halves(altered);
                    expand.extend(now.map(TableClause::AlterColumn));
                    restrict.extend(then.filter(|_| !is_filled).map(TableClause::AlterColumn));
                }
                TableClause::RecreateColumn(altered) => {
                    if !otherwise.is_beside(table, &altered.columns.desired.name) {
                        contract.push(clause.clone());
                    }
                }
                TableClause::DropColumn(column) => {
                    let is_key = key.is_some_and(|key| key.columns.contains(&column.name));
                    if needs_value(column) && !is_key {
                        self.loosened.push((table.clone(), column.name.clone()));
                    }
                    contract.push(clause.clone());
                }
                TableClause::DropPrimaryKey(key) | TableClause::AddPrimaryKey(key) => {
                    if !otherwise.has_any(table, &key.columns) {
                        contract.push(clause.clone());
                    }
                }
                TableClause::RenamePrimaryKey(keys) => {
                    if !otherwise.has_any(table, &keys.desired.columns) {
                        expand.push(clause.clone());
                    }
                }
            }
        }
        for (plan, clauses) in [
            (&mut self.expand, expand),
            (&mut self.restrict, restrict),
            (&mut self.contract, contract),
        ] {
            if !clauses.is_empty() {
                let table = table.clone();
                plan.changes.push(Change::AlterTable(AlterTable { table, clauses }));
            }
        }
    }
}

/// Whether whoever adds a row has to give the column a value.
fn needs_value(column: &Column) -> bool {
    !column.nullable && column.default.is_none() && !is_autoincrement(column)
}

/// What of an altered column can be done at once, and what asks something of the rows.
fn halves(altered: &AlterColumn) -> (Option<AlterColumn>, Option<AlterColumn>) {
    let ColumnDifference { arity, default, r#type, autoincrement } = altered.differs;
    let restricts = arity && !altered.columns.desired.nullable;
    let with = |differs: ColumnDifference| {
        differs.any().then(|| AlterColumn { differs, ..altered.clone() })
    };
    let now = ColumnDifference { arity: arity && !restricts, default, r#type, autoincrement };
    let then = ColumnDifference { arity: restricts, ..ColumnDifference::default() };
    (with(now), with(then))
}
