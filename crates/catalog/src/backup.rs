//! The SQL that copies data aside before it goes.

use crate::kinds::table::{Column, Table};
use crate::{Name, literal, quoted};

/// The schema that copies are kept in. It belongs to undrift, and is no part of what migrations make.
pub const BACKUP_SCHEMA: &str = "undrift_backup";

/// Returns the script that makes the schema for copies where it is not there yet.
pub fn create_backup_schema() -> String {
    // CREATE SCHEMA IF NOT EXISTS asks for the right to create one even where there is one.
    format!(
        "DO $undrift$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = {}) THEN
        CREATE SCHEMA {};
    END IF;
END $undrift$;\n",
        literal(BACKUP_SCHEMA),
        quoted(BACKUP_SCHEMA)
    )
}

impl Table {
    /// Returns the script that copies the table, or one column of it with the primary key, into a new
    /// table with a remark on it. Values of the user's own types are copied as text, so that the copy
    /// needs nothing that may be dropped later.
    pub fn back_up(&self, column: Option<&str>, copy: &str, remark: &str) -> String {
        let in_key = |it: &Column| {
            self.primary_key.as_ref().is_some_and(|key| key.columns.contains(&it.name))
        };
        // Without a primary key only the whole row says which one a value belonged to.
        let is_wanted = |it: &&Column| match column {
            Some(column) => it.name == column || in_key(it) || self.primary_key.is_none(),
            None => true,
        };
        let columns: Vec<String> = self.columns.iter().filter(is_wanted).map(selected).collect();
        let Name { schema, name } = &self.name;
        let copy = format!("{}.{}", quoted(BACKUP_SCHEMA), quoted(copy));
        let with_value = column
            .map(|column| format!(" WHERE {} IS NOT NULL", quoted(column)))
            .unwrap_or_default();
        format!(
            "CREATE TABLE {copy} AS SELECT {} FROM {}.{}{with_value};\nCOMMENT ON TABLE {copy} IS {};\n",
            columns.join(", "),
            quoted(schema),
            quoted(name),
            literal(remark)
        )
    }
}

fn selected(column: &Column) -> String {
    let name = quoted(&column.name);
    match (column.r#type.name.schema.as_str(), column.r#type.array) {
        ("pg_catalog", _) => name,
        (_, false) => format!("{name}::text AS {name}"),
        (_, true) => format!("{name}::text[] AS {name}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{Name, declare};

    #[test]
    fn a_column_is_copied_with_the_primary_key() {
        let text = "datasource db {\n  provider = \"postgresql\"\n}\nenum R {\n  A\n}\n\
                    model T {\n  id Int @id\n  r R\n  rs R[]\n  x String\n}\n";
        let file = psl::SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(text) };
        let catalog = declare(&psl::load(&[file]).schema, "public");
        let table = catalog.tables.get(&Name::new("public", "T")).unwrap();
        assert_eq!(
            table.back_up(Some("r"), "c", "it's"),
            "CREATE TABLE \"undrift_backup\".\"c\" AS SELECT \"id\", \"r\"::text AS \"r\" FROM \
             \"public\".\"T\" WHERE \"r\" IS NOT NULL;\nCOMMENT ON TABLE \"undrift_backup\".\"c\" IS \
             'it''s';\n"
        );
        assert!(
            table.back_up(None, "c", "").contains(
                "SELECT \"id\", \"r\"::text AS \"r\", \"rs\"::text[] AS \"rs\", \"x\" FROM"
            )
        );
    }
}
