//! The names that constraints and indexes have when the schema gives them none.
//!
//! PostgreSQL's own scheme, cut so that the suffix survives within the 63 bytes of an identifier.

/// The longest identifier of PostgreSQL, in bytes.
pub const MAXIMUM_LENGTH: usize = 63;

/// Returns the name of a table's primary key.
pub fn primary_key(table: &str) -> String {
    with_suffix(table.to_owned(), "_pkey")
}

/// Returns the name of a unique index on those columns.
pub fn unique(table: &str, columns: &[&str]) -> String {
    with_suffix(format!("{table}_{}", columns.join("_")), "_key")
}

/// Returns the name of an index on those columns.
pub fn index(table: &str, columns: &[&str]) -> String {
    with_suffix(format!("{table}_{}", columns.join("_")), "_idx")
}

/// Returns the name of a foreign key of those columns.
pub fn foreign_key(table: &str, columns: &[&str]) -> String {
    with_suffix(format!("{table}_{}", columns.join("_")), "_fkey")
}

/// Returns the name of the primary key of a many-to-many relation's table.
pub fn join_table_key(table: &str) -> String {
    with_suffix(table.to_owned(), "_AB_pkey")
}

/// Returns the name of the foreign key of a column, `A` or `B`, of such a table.
pub fn join_table_foreign_key(table: &str, column: &str) -> String {
    with_suffix(table.to_owned(), &format!("_{column}_fkey"))
}

/// Returns the name of the second index of a many-to-many relation's table.
pub fn join_table_index(table: &str) -> String {
    with_suffix(table.to_owned(), "_B_index")
}

fn with_suffix(mut name: String, suffix: &str) -> String {
    name.truncate(name.floor_char_boundary(MAXIMUM_LENGTH - suffix.len()));
    name.push_str(suffix);
    name
}
