//! A migration as the rules see it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is new among actions is to be passed over until it is asked about"
)]

use std::ops::Range;

use catalog::{LockMode, Name};
use script::{Kind, Script};

use crate::action::{Action, ActionKind, Alteration};
use crate::context::Context;
use crate::effect::{self, Effect};
use crate::known::Known;
use crate::read;

/// A migration: its statements, what each does and what that means.
#[derive(Debug)]
pub struct Migration<'a> {
    /// Its text.
    pub script: &'a Script<'a>,
    /// What is known besides.
    pub context: &'a Context<'a>,
    /// Everything that it does, in order.
    pub steps: Vec<Step>,
}

/// One thing that a migration does.
#[derive(Debug, Clone)]
pub struct Step {
    /// The number of its statement.
    pub statement: usize,
    /// What it does.
    pub action: Action,
    /// What that means for those who use the database.
    pub effect: Effect,
    /// Views and functions that use what it takes away, and whether each is a function.
    pub users: Vec<(String, bool)>,
}

impl<'a> Migration<'a> {
    pub(crate) fn new(script: &'a Script<'a>, context: &'a Context<'a>) -> Self {
        let mut known = context.known.clone();
        known.begin();
        let mut steps = Vec::new();
        each(script, context.schema, &mut known, |statement, action, known| {
            let effect = effect::of(&action, known);
            let users = users(&action, known);
            steps.push(Step { statement, action, effect, users });
        });
        Self { script, context, steps }
    }

    /// What PostgreSQL says about a statement and transactions.
    pub(crate) fn kind(&self, statement: usize) -> &Kind {
        self.script.statements().get(statement).map_or(&Kind::Ordinary, |found| &found.kind)
    }

    /// Where a statement stands.
    pub(crate) fn span(&self, statement: usize) -> Range<usize> {
        self.script.statements().get(statement).map_or(0..0, |found| found.span.clone())
    }

    /// Whether the migration makes a type.
    pub(crate) fn makes_type(&self, name: &Name) -> bool {
        self.does(|kind| matches!(kind, ActionKind::CreateType { r#type, .. } if r#type == name))
    }

    /// Whether the migration makes a view or function, told as `materialized view public.v`.
    pub(crate) fn makes_user(&self, name: &str) -> bool {
        self.does(|kind| matches!(kind, ActionKind::CreateUser { user, .. } if user == name))
    }

    /// Whether the migration adds a column.
    pub(crate) fn adds_column(&self, table: &Name, column: &str) -> bool {
        self.does(|kind| {
            matches!(kind, ActionKind::AlterTable(on, Alteration::AddColumn(added))
                if on == table && added.name == column)
        })
    }

    /// Whether an index is on a table that the migration makes.
    pub(crate) fn is_on_new_table(&self, index: &Name) -> bool {
        let makes = |table: &Name| {
            self.does(|kind| matches!(kind, ActionKind::CreateTable(new) if new.name == *table))
        };
        self.does(|kind| {
            let ActionKind::CreateIndex(new) = kind else { return false };
            new.name.as_ref() == Some(&index.name) && makes(&new.table)
        })
    }

    /// Whether the migration empties a table before a statement.
    pub(crate) fn empties_before(&self, table: &Name, statement: usize) -> bool {
        let mut before = self.steps.iter().take_while(|step| step.statement < statement);
        before.any(|step| match &step.action.kind {
            ActionKind::Truncate(tables) => tables.contains(table),
            ActionKind::ChangeRows { verb: "DELETE", table: from, some_rows: false } => {
                from == table
            }
            _ => false,
        })
    }

    fn does(&self, what: impl Fn(&ActionKind) -> bool) -> bool {
        self.steps.iter().any(|step| what(&step.action.kind))
    }
}

impl Step {
    /// The table on which the strongest lock is held while rows are read or written, and the lock.
    pub(crate) fn lock(&self) -> Option<&(Name, LockMode)> {
        self.effect.strongest()
    }
}

impl Known {
    /// Takes in a migration that comes before.
    pub fn learn(&mut self, script: &Script<'_>, schema: &str) {
        self.begin();
        each(script, schema, self, |_, _, _| {});
    }
}

/// Goes through what a script does, with what is known before each.
fn each(
    script: &Script<'_>,
    schema: &str,
    known: &mut Known,
    mut visit: impl FnMut(usize, Action, &Known),
) {
    for (at, statement) in script.statements().iter().enumerate() {
        for action in read::actions(script, statement, schema) {
            let before = action.clone();
            visit(at, action, known);
            known.apply(&before);
        }
    }
}

/// Views and functions that use what an action takes away or renames.
fn users(action: &Action, known: &Known) -> Vec<(String, bool)> {
    let found: Vec<_> = match &action.kind {
        ActionKind::DropTable { tables, .. } => {
            tables.iter().flat_map(|table| known.users(&[&table.name])).collect()
        }
        ActionKind::AlterTable(
            table,
            Alteration::DropColumn { column, .. }
            | Alteration::RenameColumn { from: column, .. }
            | Alteration::ChangeType { column, .. },
        ) => known.users(&[&table.name, column]),
        ActionKind::AlterTable(table, Alteration::Rename(_)) => known.users(&[&table.name]),
        ActionKind::DropOther { kind, names, .. } if kind == "TYPE" => {
            names.iter().flat_map(|name| known.users(&[&name.name])).collect()
        }
        _ => Vec::new(),
    };
    found.into_iter().map(|(name, is_function)| (name.to_owned(), is_function)).collect()
}
