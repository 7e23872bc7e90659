//! What is known of the database before a statement runs: what earlier migrations and earlier statements
//! of the same one have made.
//!
//! What is not known is taken to be there and to be in use.

use std::collections::BTreeMap;

use catalog::Name;

use crate::action::{
    Action, ActionKind, Alteration, Column, Constraint, ConstraintKind, Filling, NewTable, Type,
};

/// Tables, types, views and functions, as far as the statements seen so far tell.
#[derive(Debug, Clone, Default)]
pub struct Known {
    tables: BTreeMap<Name, Table>,
    /// Views and functions, and the names in their text.
    users: BTreeMap<String, User>,
    /// Indexes, and the tables they are on.
    indexes: BTreeMap<Name, Name>,
}

#[derive(Debug, Clone, Default)]
struct Table {
    /// Whether the migration at hand made it, so that nobody else sees it.
    is_new: bool,
    is_partitioned: bool,
    columns: BTreeMap<String, KnownColumn>,
    constraints: BTreeMap<String, KnownConstraint>,
}

#[derive(Debug, Clone)]
struct KnownColumn {
    r#type: Type,
    not_null: bool,
}

#[derive(Debug, Clone)]
struct KnownConstraint {
    kind: ConstraintKind,
    is_valid: bool,
}

#[derive(Debug, Clone)]
struct User {
    is_function: bool,
    mentions: Vec<String>,
}

impl Known {
    /// Says that a migration begins: what was made until now is there and in use.
    pub fn begin(&mut self) {
        for table in self.tables.values_mut() {
            table.is_new = false;
        }
    }

    /// Whether the migration at hand made the table.
    pub(crate) fn is_new(&self, table: &Name) -> bool {
        self.tables.get(table).is_some_and(|table| table.is_new)
    }

    /// Whether a table is known to be partitioned.
    pub(crate) fn is_partitioned(&self, table: &Name) -> bool {
        self.tables.get(table).is_some_and(|table| table.is_partitioned)
    }

    /// The table of an index.
    pub(crate) fn table_of(&self, index: &Name) -> Option<&Name> {
        self.indexes.get(index)
    }

    /// The type of a column.
    pub(crate) fn column_type(&self, table: &Name, column: &str) -> Option<&Type> {
        Some(&self.tables.get(table)?.columns.get(column)?.r#type)
    }

    /// Whether a column is known to be NOT NULL.
    pub(crate) fn is_not_null(&self, table: &Name, column: &str) -> bool {
        let table = self.tables.get(table);
        table.and_then(|table| table.columns.get(column)).is_some_and(|column| column.not_null)
    }

    /// Whether a valid constraint says that a column is not null, so that nobody has to look.
    pub(crate) fn is_proven_not_null(&self, table: &Name, column: &str) -> bool {
        let Some(table) = self.tables.get(table) else { return false };
        table.constraints.values().filter(|constraint| constraint.is_valid).any(|constraint| {
            let ConstraintKind::Check(expression) = &constraint.kind else { return false };
            says_not_null(expression, column)
        })
    }

    /// A constraint that is known.
    pub(crate) fn constraint(&self, table: &Name, name: &str) -> Option<&ConstraintKind> {
        Some(&self.tables.get(table)?.constraints.get(name)?.kind)
    }

    /// The other tables to which a table's foreign keys refer, of one column or of all.
    pub(crate) fn referenced(
        &self,
        table: &Name,
        column: Option<&str>,
    ) -> impl Iterator<Item = &Name> {
        let constraints = self.tables.get(table).into_iter().flat_map(|it| it.constraints.values());
        constraints.filter_map(move |constraint| match &constraint.kind {
            ConstraintKind::ForeignKey { columns, references, .. } => {
                let is_meant = column.is_none_or(|column| columns.iter().any(|it| it == column));
                is_meant.then_some(references)
            }
            ConstraintKind::Check(_)
            | ConstraintKind::Key { .. }
            | ConstraintKind::Exclude
            | ConstraintKind::NotNull(_) => None,
        })
    }

    /// The tables whose foreign keys refer to a table.
    pub(crate) fn referring(&self, table: &Name) -> impl Iterator<Item = &Name> {
        let names = self.tables.keys();
        names.filter(move |name| self.referenced(name, None).any(|it| it == table))
    }

    /// The views and functions in whose text all these names stand.
    pub(crate) fn users(&self, names: &[&str]) -> Vec<(&str, bool)> {
        let mentions =
            |user: &User| names.iter().all(|name| user.mentions.iter().any(|one| one == name));
        let users = self.users.iter().filter(|(_, user)| mentions(user));
        users.map(|(name, user)| (name.as_str(), user.is_function)).collect()
    }

    /// Takes in what an action does.
    pub(crate) fn apply(&mut self, action: &Action) {
        match &action.kind {
            ActionKind::CreateTable(new) => self.create(new),
            ActionKind::AlterTable(table, alteration) => self.alter(table, alteration),
            ActionKind::DropTable { tables, cascade } => {
                for table in tables {
                    let is_left =
                        |user: &User| user.is_function || !user.mentions.contains(&table.name);
                    self.users.retain(|_, user| !*cascade || is_left(user));
                    self.tables.remove(table);
                    self.indexes.retain(|_, on| on != table);
                    // Nothing refers to what is gone.
                    for other in self.tables.values_mut() {
                        other.constraints.retain(|_, it| !refers(&it.kind, table));
                    }
                }
            }
            ActionKind::CreateIndex(index) => {
                if let Some(name) = &index.name {
                    let name = Name::new(index.table.schema.clone(), name);
                    self.indexes.insert(name, index.table.clone());
                }
            }
            ActionKind::DropIndex { indexes, .. } => {
                for index in indexes {
                    self.indexes.remove(index);
                }
            }
            ActionKind::RenameIndex { index, to } => {
                if let Some(table) = self.indexes.remove(index) {
                    self.indexes.insert(Name::new(index.schema.clone(), to), table);
                }
            }
            ActionKind::CreateUser { user, is_function, mentions } => {
                if let Some(view) = user.strip_prefix("materialized view ")
                    && let Some((schema, name)) = view.split_once('.')
                {
                    let new = Table { is_new: true, ..Table::default() };
                    self.tables.insert(Name::new(schema, name), new);
                }
                let known = User { is_function: *is_function, mentions: mentions.clone() };
                self.users.insert(user.clone(), known);
            }
            ActionKind::DropUsers { users, .. } => {
                for user in users {
                    self.users.remove(user);
                }
            }
            ActionKind::Truncate(_)
            | ActionKind::CreateType { .. }
            | ActionKind::CreateSchema(_)
            | ActionKind::CreateExtension(_)
            | ActionKind::DropOther { .. }
            | ActionKind::Reindex { .. }
            | ActionKind::Refresh { .. }
            | ActionKind::AddLabel { .. }
            | ActionKind::ChangeRows { .. }
            | ActionKind::LockTable(..)
            | ActionKind::OnTable { .. }
            | ActionKind::WriteAnew { .. }
            | ActionKind::SetTimeout(_)
            | ActionKind::TransactionControl
            | ActionKind::Privileged(_)
            | ActionKind::Other => {}
        }
    }

    fn create(&mut self, new: &NewTable) {
        let is_partitioned = new.is_partitioned;
        let mut table = Table { is_new: true, is_partitioned, ..Table::default() };
        for column in &new.columns {
            table.add(column, &new.name);
        }
        for constraint in &new.constraints {
            table.constrain(constraint, &new.name);
        }
        // IF NOT EXISTS: what is there already stays.
        self.tables.entry(new.name.clone()).or_insert(table);
    }

    fn alter(&mut self, name: &Name, alteration: &Alteration) {
        if let Alteration::Rename(to) = alteration {
            self.rename(name, &Name::new(name.schema.clone(), to));
            return;
        }
        if let Alteration::SetSchema(schema) = alteration {
            self.rename(name, &Name::new(schema, name.name.clone()));
            return;
        }
        let table = self.tables.entry(name.clone()).or_default();
        match alteration {
            Alteration::AddColumn(column) => table.add(column, name),
            Alteration::DropColumn { column, .. } => {
                table.columns.remove(column);
                table.constraints.retain(|_, constraint| !has_column(&constraint.kind, column));
            }
            Alteration::ChangeType { column, to, .. } => {
                if let Some(column) = table.columns.get_mut(column) {
                    column.r#type = to.clone();
                }
            }
            Alteration::SetNotNull(column) | Alteration::DropNotNull(column) => {
                if let Some(column) = table.columns.get_mut(column) {
                    column.not_null = matches!(alteration, Alteration::SetNotNull(_));
                }
            }
            Alteration::AddConstraint(constraint) => table.constrain(constraint, name),
            Alteration::Validate(constraint) => {
                if let Some(constraint) = table.constraints.get_mut(constraint) {
                    constraint.is_valid = true;
                }
            }
            Alteration::DropConstraint(constraint) => {
                table.constraints.remove(constraint);
            }
            Alteration::RenameColumn { from, to } => {
                if let Some(column) = table.columns.remove(from) {
                    table.columns.insert(to.clone(), column);
                }
                for constraint in table.constraints.values_mut() {
                    rename_column(&mut constraint.kind, from, to);
                }
            }
            Alteration::RenameConstraint { from, to } => {
                if let Some(constraint) = table.constraints.remove(from) {
                    table.constraints.insert(to.clone(), constraint);
                }
            }
            Alteration::Rename(_)
            | Alteration::SetSchema(_)
            | Alteration::WriteAnew(_)
            | Alteration::Attach(_)
            | Alteration::Detach { .. }
            | Alteration::Tune
            | Alteration::SwitchTrigger
            | Alteration::Other => {}
        }
    }

    fn rename(&mut self, from: &Name, to: &Name) {
        if let Some(table) = self.tables.remove(from) {
            self.tables.insert(to.clone(), table);
        }
        for table in self.indexes.values_mut().filter(|table| *table == from) {
            *table = to.clone();
        }
        let constraints = self.tables.values_mut().flat_map(|table| table.constraints.values_mut());
        for constraint in constraints {
            if let ConstraintKind::ForeignKey { references, .. } = &mut constraint.kind
                && references == from
            {
                *references = to.clone();
            }
        }
    }
}

impl Table {
    fn add(&mut self, column: &Column, table: &Name) {
        let known = KnownColumn { r#type: column.r#type.clone(), not_null: column.not_null };
        self.columns.entry(column.name.clone()).or_insert(known);
        for constraint in &column.constraints {
            self.constrain(constraint, table);
        }
    }

    fn constrain(&mut self, constraint: &Constraint, table: &Name) {
        if let ConstraintKind::Key { primary: true, columns, .. } = &constraint.kind {
            for column in columns {
                if let Some(column) = self.columns.get_mut(column) {
                    column.not_null = true;
                }
            }
        }
        let name = constraint.name.clone().unwrap_or_else(|| default_name(&constraint.kind, table));
        let kind = constraint.kind.clone();
        self.constraints.insert(name, KnownConstraint { kind, is_valid: !constraint.not_valid });
    }
}

/// The name that PostgreSQL gives a constraint, unless it is taken.
fn default_name(kind: &ConstraintKind, table: &Name) -> String {
    let (columns, end): (&[String], &str) = match kind {
        ConstraintKind::Key { primary: true, .. } => (&[], "pkey"),
        ConstraintKind::Key { columns, .. } => (columns, "key"),
        ConstraintKind::ForeignKey { columns, .. } => (columns, "fkey"),
        ConstraintKind::Check(_) => (&[], "check"),
        ConstraintKind::Exclude => (&[], "excl"),
        ConstraintKind::NotNull(column) => (std::slice::from_ref(column), "not_null"),
    };
    let parts = std::iter::once(table.name.as_str())
        .chain(columns.iter().map(String::as_str))
        .chain(std::iter::once(end));
    parts.collect::<Vec<_>>().join("_")
}

fn refers(kind: &ConstraintKind, table: &Name) -> bool {
    matches!(kind, ConstraintKind::ForeignKey { references, .. } if references == table)
}

fn has_column(kind: &ConstraintKind, column: &str) -> bool {
    match kind {
        ConstraintKind::ForeignKey { columns, .. } | ConstraintKind::Key { columns, .. } => {
            columns.iter().any(|it| it == column)
        }
        ConstraintKind::Check(_) | ConstraintKind::Exclude | ConstraintKind::NotNull(_) => false,
    }
}

fn rename_column(kind: &mut ConstraintKind, from: &str, to: &str) {
    if let ConstraintKind::ForeignKey { columns, .. } | ConstraintKind::Key { columns, .. } = kind {
        for column in columns.iter_mut().filter(|column| *column == from) {
            to.clone_into(column);
        }
    }
}

/// Whether an expression is `column IS NOT NULL`.
fn says_not_null(expression: &str, column: &str) -> bool {
    let tokens = script::Tokens::of(expression);
    let mut words = tokens.words();
    while let Some((inside, rest)) = words.parenthesised() {
        if !rest.is_empty() {
            return false;
        }
        words = inside;
    }
    let Some((name, rest)) = words.name() else { return false };
    script::bare(name) == column && rest.len() == 3 && rest.starts(&["IS", "NOT", "NULL"])
}

/// Whether a column that is added must be given a value that it has not.
pub(crate) fn is_required(column: &Column) -> bool {
    column.not_null && column.filling == Filling::Null
}
