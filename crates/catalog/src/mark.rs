//! Whether a database's catalog may have changed, for less than it takes to read it.

use crate::Catalog;

impl Catalog {
    /// The query that answers one text, the same as long as nothing that catalogs are made of has
    /// changed on a running server.
    ///
    /// A row of PostgreSQL's catalogs is never changed but by a new one, at another place or by another
    /// transaction. The start of the server is part of it, since a server made from a copy of another
    /// counts transactions on from the same number.
    pub const MARK_QUERY: &'static str = include_str!("mark.sql");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    /// The system catalogs named in a query.
    fn catalogs(query: &str) -> impl Iterator<Item = &str> {
        let names = query.split("pg_catalog.").skip(1).map(|rest| {
            let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest)
        });
        names.filter(|name| name.starts_with("pg_") && !name.starts_with("pg_get_"))
    }

    #[test]
    fn whatever_is_read_counts() {
        // A type, and what cannot change without a row of `pg_depend`.
        let others = ["pg_node_tree", "pg_publication_namespace"];
        for kind in Kind::ALL {
            for name in catalogs(kind.query()).filter(|name| !others.contains(name)) {
                let counts = catalogs(Catalog::MARK_QUERY).any(|counted| counted == name);
                assert!(counts, "{}: {name} is read, and not in mark.sql", kind.title());
            }
        }
    }
}
