//! Names of the database → names of the schema language.
//!
//! A name of the language begins with a letter and goes on with letters, digits and underscores. A
//! name that cannot be used as it is is changed, and `@map` keeps the one in the database.

use std::borrow::Cow;

/// A name in the schema file, and the one in the database where that is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named<'a> {
    /// The name in the schema file; empty when nothing of the database's name can be used.
    pub(crate) name: Cow<'a, str>,
    /// What `@map` says, if it is needed.
    pub(crate) map: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// The name that a previous schema gave.
    pub(crate) fn given(name: &'a str, map: Option<&'a str>) -> Self {
        Self { name: Cow::Borrowed(name), map }
    }

    /// A column.
    pub(crate) fn of_column(name: &'a str) -> Self {
        Self { name: usable(name), map: is_unusable(name).then_some(name) }
    }

    /// A label of an enum type.
    pub(crate) fn of_label(label: &'a str) -> Self {
        if label.is_empty() {
            return Self { name: Cow::Borrowed("EMPTY_ENUM_VALUE"), map: Some("") };
        }
        Self::of_column(label)
    }

    /// A table, view or enum type. `is_unique` is whether no other of them, in whatever schema, would
    /// get the same name.
    pub(crate) fn of_block(name: &'a str, schema: &str, is_unique: bool) -> Self {
        let new = if !is_unique {
            Cow::Owned(usable(&format!("{schema}_{name}")).into_owned())
        } else if psl::is_reserved_name(name) {
            Cow::Owned(format!("Renamed{name}"))
        } else if is_unusable(name) {
            usable(name)
        } else {
            return Self::given(name, None);
        };
        Self { name: new, map: Some(name) }
    }
}

/// Whether the language has no such name.
pub(crate) fn is_unusable(name: &str) -> bool {
    name.starts_with(|first: char| !first.is_ascii_alphabetic())
        || name.contains(|letter: char| !is_letter(letter))
}

/// The name without what it cannot begin with, and with underscores for what it cannot hold.
pub(crate) fn usable(name: &str) -> Cow<'_, str> {
    if !is_unusable(name) {
        return Cow::Borrowed(name);
    }
    let rest = name.trim_start_matches(|first: char| !first.is_ascii_alphabetic());
    Cow::Owned(rest.replace(|letter: char| !is_letter(letter), "_"))
}

fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::Named;

    #[test]
    fn names_that_cannot_be_used_are_changed() {
        for (name, expected, is_mapped) in [
            ("users", "users", false),
            ("_under", "under", true),
            ("1st", "st", true),
            ("a-b c", "a_b_c", true),
            ("ünï", "n_", true),
            ("2", "", true),
            ("class", "Renamedclass", true),
        ] {
            let named = Named::of_block(name, "public", true);
            assert_eq!((named.name.as_ref(), named.map.is_some()), (expected, is_mapped), "{name}");
        }
        assert_eq!(Named::of_block("users", "b-c", false).name, "b_c_users");
        assert_eq!(Named::of_label("").name, "EMPTY_ENUM_VALUE");
    }
}
