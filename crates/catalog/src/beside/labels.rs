//! An enum type with fewer labels, beside the one that is there.

use std::collections::BTreeMap;

use crate::ddl::write;
use crate::{Name, Pair, literal, quoted};

/// A type that takes another one's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BesideType {
    /// The name that is there, and the one of the new type meanwhile.
    pub names: Pair<Name>,
    /// The labels of the new type.
    pub labels: Vec<String>,
}

impl BesideType {
    /// The statement that makes it.
    pub fn create(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|label| literal(label)).collect();
        format!("CREATE TYPE {} AS ENUM ({})", write::name(&self.names.desired), labels.join(", "))
    }

    /// The statement that drops the one that is there, with what else needs it: for a trial.
    pub fn drop_old(&self) -> String {
        format!("DROP TYPE {} CASCADE", write::name(&self.names.actual))
    }

    /// The statement by which it takes the place.
    pub fn settle(&self) -> String {
        let Pair { actual, desired } = &self.names;
        format!("ALTER TYPE {} RENAME TO {}", write::name(desired), quoted(&actual.name))
    }
}

/// The statement that adds a label to a type.
pub fn add_label(to: &Name, label: &str) -> String {
    format!("ALTER TYPE {} ADD VALUE {}", write::name(to), literal(label))
}

/// A value of the new type from a column of the old one: some labels become others, or nothing.
pub fn label_cast(
    column: &str,
    array: bool,
    to: &Name,
    map: &BTreeMap<String, Option<String>>,
) -> String {
    let (column, r#type) = (quoted(column), write::name(to));
    let label = |value: &str| {
        let cases: Vec<String> = map
            .iter()
            .map(|(old, new)| {
                let new = new.as_ref().map_or("NULL".to_owned(), |new| literal(new));
                format!(" WHEN {} THEN {new}", literal(old))
            })
            .collect();
        let cases = cases.concat();
        if cases.is_empty() {
            return format!("{value}::text::{type}");
        }
        format!("(CASE {value}::text{cases} ELSE {value}::text END)::{type}")
    };
    if !array {
        return label(&column);
    }
    let gone: Vec<String> =
        map.iter().filter(|(_, new)| new.is_none()).map(|(old, _)| literal(old)).collect();
    let stays = if gone.is_empty() {
        String::new()
    } else {
        format!(" WHERE each.label::text NOT IN ({})", gone.join(", "))
    };
    format!(
        "CASE WHEN {column} IS NULL THEN NULL ELSE ARRAY(SELECT {} FROM unnest({column}) \
         WITH ORDINALITY AS each(label, place){stays} ORDER BY each.place) END",
        label("each.label")
    )
}
