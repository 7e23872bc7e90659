//! Two diagrams → one that marks what comes, changes and goes.

use std::collections::BTreeSet;

use catalog::{Name, Pair};

use super::{Diagram, DiagramColumn, DiagramTable, Relation, by_name};
use crate::Verb;

impl Diagram {
    /// Marks what is other than in an old one; what only that has comes in with its mark.
    pub(super) fn marked(self, old: Self) -> Self {
        let tables = Pair::new(old.tables.as_slice(), self.tables.as_slice());
        let mut marked: Vec<DiagramTable> = by_name(tables, |table| table.name.to_string())
            .into_iter()
            .filter_map(|(old, new)| table(old, new))
            .collect();
        marked.sort_by(|one, other| one.name.cmp(&other.name));
        // A foreign key is known by what it does: databases give it other names.
        let does = |it: &Relation| {
            let Relation { table, columns, referenced, referenced_columns, .. } = it;
            format!("{table} {columns:?} {referenced} {referenced_columns:?}")
        };
        let relations = Pair::new(old.relations.as_slice(), self.relations.as_slice());
        let mut kept: Vec<Relation> = by_name(relations, does)
            .into_iter()
            .filter_map(|(old, new)| relation(old, new))
            .collect();
        kept.sort_by(|one, other| (&one.table, &one.name).cmp(&(&other.table, &other.name)));
        Self { of: self.of, since: Some(old.of), tables: marked, relations: kept }
    }

    /// Only what changes, and the tables next to it.
    pub(super) fn only_changes(self) -> Self {
        let changed = self.tables.iter().filter(|table| table.change.is_some());
        let mut kept: BTreeSet<Name> = changed.map(|table| table.name.clone()).collect();
        for relation in self.relations.iter().filter(|relation| relation.change.is_some()) {
            kept.extend([relation.table.clone(), relation.referenced.clone()]);
        }
        let core = kept.clone();
        for relation in &self.relations {
            if core.contains(&relation.table) || core.contains(&relation.referenced) {
                kept.extend([relation.table.clone(), relation.referenced.clone()]);
            }
        }
        let Self { of, since, mut tables, mut relations } = self;
        tables.retain(|table| kept.contains(&table.name));
        relations.retain(|it| kept.contains(&it.table) && kept.contains(&it.referenced));
        Self { of, since, tables, relations }
    }
}

fn table(old: Option<&DiagramTable>, new: Option<&DiagramTable>) -> Option<DiagramTable> {
    match (old, new) {
        (Some(old), Some(new)) => {
            let pair = Pair::new(old.columns.as_slice(), new.columns.as_slice());
            let columns = by_name(pair, |column| column.name.clone());
            let columns: Vec<DiagramColumn> =
                columns.into_iter().filter_map(|(old, new)| column(old, new)).collect();
            let changes = columns.iter().any(|column| column.change.is_some());
            Some(DiagramTable { columns, change: changes.then_some(Verb::Alter), ..new.clone() })
        }
        (old, new) => {
            let change = Some(if new.is_some() { Verb::Create } else { Verb::Drop });
            new.or(old).map(|table| DiagramTable { change, ..table.clone() })
        }
    }
}

fn column(old: Option<&DiagramColumn>, new: Option<&DiagramColumn>) -> Option<DiagramColumn> {
    match (old, new) {
        (Some(old), Some(new)) if old == new => Some(new.clone()),
        (Some(old), Some(new)) => {
            let was = Some(described(old));
            Some(DiagramColumn { change: Some(Verb::Alter), was, ..new.clone() })
        }
        (old, new) => {
            let change = Some(if new.is_some() { Verb::Create } else { Verb::Drop });
            new.or(old).map(|column| DiagramColumn { change, ..column.clone() })
        }
    }
}

/// What a column is, in a few words.
fn described(column: &DiagramColumn) -> String {
    let DiagramColumn { r#type, nullable, is_key, is_unique, .. } = column;
    let mut text = r#type.clone();
    text.push_str(if *nullable { ", nullable" } else { ", not null" });
    text.push_str(match (is_key, is_unique) {
        (true, _) => ", primary key",
        (false, true) => ", unique",
        (false, false) => "",
    });
    text
}

fn relation(old: Option<&Relation>, new: Option<&Relation>) -> Option<Relation> {
    let change = match (old, new) {
        (Some(_), Some(_)) => None,
        (None, _) => Some(Verb::Create),
        (_, None) => Some(Verb::Drop),
    };
    new.or(old).map(|relation| Relation { change, ..relation.clone() })
}
