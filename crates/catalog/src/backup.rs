//! The SQL that copies data aside before it goes.

use crate::ddl::write;
use crate::kinds::table::{Column, Identity, Table};
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

/// How rows of a copy are put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutBack {
    /// Rows that the table has not, as it knows by the primary key.
    Missing,
    /// Values that are null now, in rows that are there.
    Nulls,
    /// Values that are other than in the copy, in rows that are there.
    Differing,
}

/// A copy, as far as its table still has a place for it.
#[derive(Debug, Clone, Copy)]
pub struct TableCopy<'a> {
    /// The name of the copy.
    pub copy: &'a str,
    /// The columns that it has.
    pub columns: &'a [String],
    /// The column that it is of; none if it is of the whole table.
    pub column: Option<&'a str>,
}

impl Table {
    /// Returns the statement that puts rows or values of a copy back; none where there is nothing that it
    /// could do: the table has no primary key to find rows by, or no column that the copy has.
    pub fn put_back(&self, of: TableCopy<'_>, how: PutBack) -> Option<String> {
        let table = relation(&self.name);
        let (copy, has_row) = (of.from(), self.has_row(of));
        if how == PutBack::Missing {
            let columns = self.restored(of);
            let names: Vec<String> = columns.iter().map(|it| quoted(&it.name)).collect();
            let values: Vec<String> = columns.iter().map(|it| cast(it)).collect();
            let is_missing = has_row
                .map(|it| format!(" WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {it})"));
            return (of.column.is_none() && !columns.is_empty()).then(|| {
                format!(
                    "INSERT INTO {table} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {copy} AS c{};\n",
                    names.join(", "),
                    values.join(", "),
                    is_missing.unwrap_or_default()
                )
            });
        }
        let differ = self.differ(of, how)?;
        let set: Vec<String> = self
            .values(of)
            .into_iter()
            .map(|column| {
                let (name, value) = (quoted(&column.name), cast(column));
                match how {
                    PutBack::Nulls => format!("{name} = coalesce(t.{name}, {value})"),
                    PutBack::Missing | PutBack::Differing => format!("{name} = {value}"),
                }
            })
            .collect();
        Some(format!(
            "UPDATE {table} AS t SET {} FROM {copy} AS c WHERE {} AND {differ};\n",
            set.join(", "),
            has_row?
        ))
    }

    /// Returns the query for how many rows or values would be put back.
    pub fn count_to_put_back(&self, of: TableCopy<'_>, how: PutBack) -> Option<String> {
        let table = relation(&self.name);
        let (copy, has_row) = (of.from(), self.has_row(of));
        Some(match (how, has_row) {
            (PutBack::Missing, Some(has_row)) => format!(
                "SELECT count(*) FROM {copy} AS c WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {has_row})"
            ),
            (PutBack::Missing, None) => format!("SELECT count(*) FROM {copy}"),
            (PutBack::Nulls | PutBack::Differing, has_row) => format!(
                "SELECT count(*) FROM {table} AS t JOIN {copy} AS c ON {} WHERE {}",
                has_row?,
                self.differ(of, how)?
            ),
        })
    }

    /// Returns the statement that lets the sequences of the columns go on behind what the table has.
    pub fn go_on_counting(&self) -> String {
        let table = relation(&self.name);
        let counted = self.columns.iter().filter(|it| {
            it.identity.is_some()
                || it
                    .default_expression
                    .as_ref()
                    .is_some_and(|default| default.contains("nextval("))
                || crate::sql::is_autoincrement(it)
        });
        let script = counted.map(|column| {
            let sequence = format!(
                "pg_catalog.pg_get_serial_sequence({}, {})",
                literal(&table),
                literal(&column.name)
            );
            let name = quoted(&column.name);
            format!(
                "SELECT pg_catalog.setval({sequence}, greatest((SELECT max({name}) FROM {table}), \
                 nextval({sequence}))) WHERE {sequence} IS NOT NULL;\n"
            )
        });
        script.collect()
    }

    /// The columns that the copy has values for.
    fn restored(&self, of: TableCopy<'_>) -> Vec<&Column> {
        let columns = self.columns.iter().filter(|it| it.generated.is_none());
        columns.filter(|it| of.columns.contains(&it.name)).collect()
    }

    /// Those of them that are no part of the primary key; of a copied column, that one.
    fn values(&self, of: TableCopy<'_>) -> Vec<&Column> {
        let key = self.primary_key.as_ref().map(|key| key.columns.as_slice()).unwrap_or_default();
        let is_meant = |it: &&Column| of.column.is_none_or(|column| it.name == column);
        let columns = self.restored(of).into_iter().filter(is_meant);
        // What is always generated cannot be set in rows that are there.
        let can_be_set = |it: &&Column| it.identity != Some(Identity::Always);
        columns.filter(|it| !key.contains(&it.name)).filter(can_be_set).collect()
    }

    /// When a row of the table is one of the copy.
    fn has_row(&self, of: TableCopy<'_>) -> Option<String> {
        let key = self.primary_key.as_ref()?;
        let columns = key.columns.iter().map(|name| {
            let column = self.columns.iter().find(|it| it.name == *name)?;
            let is_there = of.columns.contains(name);
            is_there.then(|| format!("t.{} = {}", quoted(name), cast(column)))
        });
        Some(columns.collect::<Option<Vec<_>>>()?.join(" AND "))
    }

    /// When a row is other than in the copy. As texts: not every type can be compared.
    fn differ(&self, of: TableCopy<'_>, how: PutBack) -> Option<String> {
        let values = self.values(of);
        let tests: Vec<String> = values
            .iter()
            .map(|column| {
                let name = quoted(&column.name);
                match how {
                    PutBack::Nulls => format!("(t.{name} IS NULL AND c.{name} IS NOT NULL)"),
                    PutBack::Missing | PutBack::Differing => format!(
                        "(t.{name} IS NOT NULL AND t.{name}::text IS DISTINCT FROM {}::text)",
                        cast(column)
                    ),
                }
            })
            .collect();
        (!tests.is_empty()).then(|| format!("({})", tests.join(" OR ")))
    }
}

impl TableCopy<'_> {
    fn from(&self) -> String {
        format!("{}.{}", quoted(BACKUP_SCHEMA), quoted(self.copy))
    }
}

fn relation(name: &Name) -> String {
    format!("{}.{}", quoted(&name.schema), quoted(&name.name))
}

/// A value of a copy, in the type that the table has for it.
fn cast(column: &Column) -> String {
    format!("c.{}::{}", quoted(&column.name), write::r#type(&column.r#type))
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

    use super::{PutBack, TableCopy};
    use crate::{Name, declare};

    #[test]
    fn a_copy_goes_back_by_the_primary_key() {
        let text = "datasource db {\n  provider = \"postgresql\"\n}\nenum R {\n  A\n}\n\
                    model T {\n  id Int @id\n  r R?\n}\n";
        let file = psl::SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(text) };
        let catalog = declare(&psl::load(&[file]).schema, "public");
        let table = catalog.tables.get(&Name::new("public", "T")).unwrap();
        let columns = ["id".to_owned(), "r".to_owned(), "gone".to_owned()];
        let of = TableCopy { copy: "c", columns: &columns, column: None };
        assert_eq!(
            table.put_back(of, PutBack::Missing).unwrap(),
            "INSERT INTO \"public\".\"T\" (\"id\", \"r\") OVERRIDING SYSTEM VALUE SELECT \
             c.\"id\"::integer, c.\"r\"::\"public\".\"R\" FROM \"undrift_backup\".\"c\" AS c WHERE NOT EXISTS \
             (SELECT FROM \"public\".\"T\" AS t WHERE t.\"id\" = c.\"id\"::integer);\n"
        );
        assert_eq!(
            table.put_back(of, PutBack::Nulls).unwrap(),
            "UPDATE \"public\".\"T\" AS t SET \"r\" = coalesce(t.\"r\", c.\"r\"::\"public\".\"R\") FROM \
             \"undrift_backup\".\"c\" AS c WHERE t.\"id\" = c.\"id\"::integer AND ((t.\"r\" IS NULL AND \
             c.\"r\" IS NOT NULL));\n"
        );
        let of = TableCopy { column: Some("r"), ..of };
        assert_eq!(table.put_back(of, PutBack::Missing), None);
    }

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
