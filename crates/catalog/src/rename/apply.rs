//! A catalog as it is after renames, as far as the schema language goes: what PostgreSQL changes along
//! with a name in constraints, indexes, defaults and owned sequences.

use super::join::STEPS;
use super::{Rename, Renames};
use crate::declare::sequence_name;
use crate::kinds::table::{Column, Default, Table};
use crate::{Catalog, Name, Pair, quoted};

impl Renames {
    /// Returns the catalog as it is with these renames made.
    pub fn applied_to(&self, catalog: &Catalog) -> Catalog {
        self.0.iter().fold(catalog.clone(), |catalog, rename| rename.applied_to(catalog))
    }

    /// Adds the renames of sequences that are named after a column which gets another name, or whose
    /// table does: what `serial` would have called them. `catalog` is the one before all renames.
    pub fn add_sequences(&mut self, catalog: &Catalog) {
        let mut sequences = Vec::new();
        let renamed = self.applied_to(catalog);
        for table in renamed.tables.iter() {
            let before = self.table_before(&table.name);
            for column in &table.columns {
                let Some(Default::NextValue(sequence)) = &column.default else { continue };
                let column_before = self.column_before(&table.name, &column.name);
                let is_owned = catalog.sequences.get(sequence).is_none_or(|sequence| {
                    let owner = sequence.owned_by.as_ref();
                    owner.is_some_and(|it| it.table == before && it.column == column_before)
                });
                let new = sequence_name(&table.name.name, &column.name);
                let new = Name::new(&sequence.schema, new);
                let is_free = !catalog.sequences.contains(&new) && !catalog.tables.contains(&new);
                let is_usual = sequence.name == sequence_name(&before.name, &column_before);
                if is_owned && is_free && is_usual && new != *sequence {
                    sequences.push(Rename::Sequence(Pair::new(sequence.clone(), new)));
                }
            }
        }
        for rename in sequences {
            self.insert(rename);
        }
    }
}

impl Rename {
    /// Returns the catalog as it is with the rename made.
    #[must_use]
    pub fn applied_to(&self, mut catalog: Catalog) -> Catalog {
        match self {
            Self::Table(names) => rename_table(names, &mut catalog),
            Self::EnumType(names) => rename_type(names, &mut catalog),
            Self::Sequence(names) => rename_sequence(names, &mut catalog),
            Self::Column { table, names } => rename_column(table, names, &mut catalog),
            Self::Sides(table) => {
                for step in STEPS {
                    rename_column(table, &step.map(str::to_owned), &mut catalog);
                }
            }
            Self::Label { enum_type, names } => rename_label(enum_type, names, &mut catalog),
        }
        catalog
    }
}

fn set(name: &mut Name, names: &Pair<Name>) {
    if *name == names.actual {
        *name = names.desired.clone();
    }
}

fn rename_table(names: &Pair<Name>, catalog: &mut Catalog) {
    catalog.tables.alter(|table| {
        set(&mut table.name, names);
        if let Some(partition) = &mut table.partition_of {
            set(&mut partition.parent, names);
        }
        for parent in &mut table.inherits {
            set(parent, names);
        }
        for key in &mut table.foreign_keys {
            set(&mut key.referenced_table, names);
        }
    });
    catalog.indexes.alter(|index| set(&mut index.table, names));
    catalog.sequences.alter(|sequence| {
        if let Some(owner) = &mut sequence.owned_by {
            set(&mut owner.table, names);
        }
    });
}

fn rename_type(names: &Pair<Name>, catalog: &mut Catalog) {
    catalog.enum_types.alter(|enum_type| set(&mut enum_type.name, names));
    columns(catalog, |column| set(&mut column.r#type.name, names));
}

fn rename_sequence(names: &Pair<Name>, catalog: &mut Catalog) {
    catalog.sequences.alter(|sequence| set(&mut sequence.name, names));
    columns(catalog, |column| {
        if let Some(Default::NextValue(sequence)) = &mut column.default {
            set(sequence, names);
        }
    });
}

fn rename_label(enum_type: &Name, names: &Pair<String>, catalog: &mut Catalog) {
    let set = |label: &mut String| {
        if *label == names.actual {
            label.clone_from(&names.desired);
        }
    };
    if let Some(enum_type) = catalog.enum_types.get_mut(enum_type) {
        enum_type.labels.iter_mut().for_each(set);
    }
    columns(catalog, |column| {
        if column.r#type.name != *enum_type {
            return;
        }
        match &mut column.default {
            Some(Default::Value(value)) => set(value),
            Some(Default::List(values)) => values.iter_mut().flatten().for_each(set),
            Some(Default::Now | Default::NextValue(_) | Default::Expression(_)) | None => {}
        }
    });
}

fn columns(catalog: &mut Catalog, mut change: impl FnMut(&mut Column)) {
    catalog.tables.alter(|table| table.columns.iter_mut().for_each(&mut change));
}

fn rename_column(of: &Name, names: &Pair<String>, catalog: &mut Catalog) {
    let set = |column: &mut String| {
        if *column == names.actual {
            column.clone_from(&names.desired);
        }
    };
    catalog.tables.alter(|table| {
        let Table { name, columns, primary_key, foreign_keys, .. } = table;
        let is_owner = name == of;
        for key in foreign_keys {
            if key.referenced_table == *of {
                key.referenced_columns.iter_mut().for_each(set);
            }
            if is_owner {
                key.columns.iter_mut().for_each(set);
                key.on_delete_columns.iter_mut().for_each(set);
            }
        }
        if is_owner {
            for column in columns {
                set(&mut column.name);
            }
            if let Some(key) = primary_key {
                key.columns.iter_mut().for_each(set);
                key.include.iter_mut().for_each(set);
            }
        }
    });
    catalog.indexes.alter(|index| {
        if index.table == *of {
            for key in &mut index.keys {
                if let Some(column) = &mut key.column {
                    set(column);
                }
            }
            index.include.iter_mut().for_each(set);
            let predicate = index.predicate.take();
            index.predicate = predicate.map(|text| with_identifier(&text, names));
        }
    });
    catalog.sequences.alter(|sequence| {
        if let Some(owner) = sequence.owned_by.as_mut().filter(|owner| owner.table == *of) {
            set(&mut owner.column);
        }
    });
}

/// An expression with another name in place of an identifier, as the server would print it then:
/// strings are left alone, and what needs quotes gets them.
fn with_identifier(text: &str, names: &Pair<String>) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => rest.get(1..).and_then(|inside| inside.find(first)).map(|end| end + 2),
            _ if is_word(first) => rest.find(|c| !is_word(c)),
            _ => Some(first.len_utf8()),
        };
        let (token, behind) = rest.split_at(length.unwrap_or(rest.len()));
        let bare = token.strip_prefix('"').and_then(|inside| inside.strip_suffix('"'));
        let is_it = token == names.actual || bare == Some(&names.actual);
        match (is_it, bare.is_some() || needs_quotes(&names.desired)) {
            (false, _) => written.push_str(token),
            (true, true) => written.push_str(&quoted(&names.desired)),
            (true, false) => written.push_str(&names.desired),
        }
        rest = behind;
    }
    written
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

fn needs_quotes(name: &str) -> bool {
    !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::with_identifier;
    use crate::Pair;

    #[test]
    fn a_name_in_an_expression_is_replaced_and_a_string_is_not() {
        let to = |text: &str, new: &str| {
            with_identifier(text, &Pair::new("gone".to_owned(), new.to_owned()))
        };
        assert_eq!(to("(gone IS NULL)", "left"), "(left IS NULL)");
        assert_eq!(to("(gone IS NULL)", "leftAt"), "(\"leftAt\" IS NULL)");
        assert_eq!(to("\"gone\" <> 'gone' AND bygone", "x"), "\"x\" <> 'gone' AND bygone");
    }
}
