//! Tables: plain, inherited, partitioned; and foreign keys between them.

use super::columns::Listing;
use super::{Column, Draft, Relation, RelationKind};

const PRIVILEGES: &[&str] =
    &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "ALL"];

impl Draft<'_> {
    pub(super) fn make_tables(&mut self) {
        for number in 0..5 {
            let path = format!("t{number}");
            if !self.chance(&path, 75) {
                continue;
            }
            match self.choices.below(&format!("{path}.kind"), 100) {
                0..12 => self.make_partitioned(&path),
                12..22 => self.make_inherited(&path),
                _ => self.make_plain(&path),
            }
        }
    }

    fn make_plain(&mut self, path: &str) {
        let listing = self.listing(path, 'c', false);
        let unlogged = self.maybe(&format!("{path}.unlogged"), 6, " UNLOGGED");
        let parameters = self.storage_parameters(path);
        self.create(path, unlogged, &parameters, RelationKind::Table, listing);
        self.set_up(path);
    }

    fn make_inherited(&mut self, path: &str) {
        let is_parent = |table: &&Relation| table.kind == RelationKind::Table;
        let parents: Vec<Relation> = self.tables.iter().filter(is_parent).cloned().collect();
        let parent = self.choices.position(&format!("{path}.parent"), &parents);
        let Some(parent) = parent.and_then(|at| parents.get(at)) else {
            self.make_plain(path);
            return;
        };
        // Each has its own letter, for columns of the same name are merged.
        let letter = path.bytes().last().map_or('x', |byte| char::from(b'l' + byte % 10));
        let mut listing = self.listing(path, letter, false);
        if self.chance(&format!("{path}.merge"), 30)
            && let Some(column) = parent.columns.iter().find(|column| !column.is_generated)
        {
            listing.lines.insert(0, format!("{} {}", column.name, column.r#type.sql));
        }
        let inherits = format!(" INHERITS ({})", parent.name);
        listing.columns.extend(parent.columns.iter().cloned());
        self.create(path, "", &inherits, RelationKind::Table, listing);
        self.set_up(path);
    }

    fn make_partitioned(&mut self, path: &str) {
        let listing = self.listing(path, 'c', true);
        let key = listing.columns.first().map(|column| column.name.clone()).unwrap_or_default();
        let strategy = self.word(&format!("{path}.strategy"), &["RANGE", "LIST", "HASH"]);
        let by = format!(" PARTITION BY {strategy} ({key})");
        let columns = listing.columns.clone();
        self.create(path, "", &by, RelationKind::Partitioned, listing);
        let Some(parent) = self.tables.last().map(|table| table.name.clone()) else { return };
        for number in 0..3_usize {
            let stem = format!("{path}p{number}");
            if !self.chance(&stem, 60) {
                continue;
            }
            let name = self.qualified(&stem);
            let width = if self.chance(&format!("{stem}.wide"), 30) { 9 } else { 10 };
            let bounds = match (strategy, number) {
                ("RANGE", 0) => "FROM (MINVALUE) TO (0)".to_owned(),
                ("RANGE", _) => format!("FROM ({}) TO ({})", number * 10, number * 10 + width),
                ("LIST", _) => format!(
                    "IN ({}, {}{})",
                    number * 10,
                    number * 10 + width - 8,
                    self.maybe(&format!("{stem}.null"), 10, ", NULL")
                ),
                (_, _) => format!("WITH (MODULUS 4, REMAINDER {number})"),
            };
            let is_default =
                number == 2 && strategy != "HASH" && self.chance(&format!("{stem}.default"), 50);
            let bounds =
                if is_default { "DEFAULT".to_owned() } else { format!("FOR VALUES {bounds}") };
            if self.chance(&format!("{stem}.attach"), 35) {
                let mut lines: Vec<String> = columns
                    .iter()
                    .filter(|column| !column.is_generated)
                    .map(|column| format!("{} {}", column.name, column.r#type.sql))
                    .collect();
                lines.reverse();
                self.run(format!("CREATE TABLE {name} ({})", lines.join(", ")));
                self.run(format!("ALTER TABLE {parent} ATTACH PARTITION {name} {bounds}"));
            } else {
                let below = self.maybe(&format!("{stem}.below"), 10, " PARTITION BY HASH (");
                let below = if below.is_empty() { String::new() } else { format!("{below}{key})") };
                self.run(format!("CREATE TABLE {name} PARTITION OF {parent} {bounds}{below}"));
            }
            self.note(format!("TABLE {name}"), PRIVILEGES);
            self.tables.push(Relation {
                name,
                stem,
                kind: RelationKind::Partition,
                columns: columns.clone(),
                keys: Vec::new(),
            });
        }
    }

    fn create(
        &mut self,
        path: &str,
        before: &str,
        behind: &str,
        kind: RelationKind,
        listing: Listing,
    ) {
        let name = self.qualified(path);
        let Listing { lines, columns, keys } = listing;
        self.run(format!("CREATE{before} TABLE {name} ({}){behind}", lines.join(", ")));
        self.note(format!("TABLE {name}"), PRIVILEGES);
        for Column { name: column, .. } in &columns {
            self.objects.push(format!("COLUMN {name}.{column}"));
        }
        self.tables.push(Relation { name, stem: path.to_owned(), kind, columns, keys });
    }

    fn storage_parameters(&self, path: &str) -> String {
        let parameters: Vec<&str> = self
            .some(
                &format!("{path}.parameters"),
                7,
                &[
                    "fillfactor = 70",
                    "autovacuum_enabled = false",
                    "toast.autovacuum_enabled = true",
                ],
            )
            .into_iter()
            .copied()
            .collect();
        if parameters.is_empty() {
            String::new()
        } else {
            format!(" WITH ({})", parameters.join(", "))
        }
    }

    /// What is said of a table behind its listing.
    fn set_up(&mut self, path: &str) {
        let Some(table) = self.tables.last().cloned() else { return };
        let name = &table.name;
        for (setting, sql) in [
            ("rls", "ENABLE ROW LEVEL SECURITY"),
            ("force rls", "FORCE ROW LEVEL SECURITY"),
            ("identity", "REPLICA IDENTITY FULL"),
        ] {
            if self.chance(&format!("{path}.{setting}"), 12) {
                self.run(format!("ALTER TABLE {name} {sql}"));
            }
        }
        for column in &table.columns {
            let path = format!("{path}.{}", column.name);
            let setting = match self.choices.below(&format!("{path}.setting"), 100) {
                0..4 => "SET STATISTICS 500",
                4..6 => "SET (n_distinct = 5)",
                6..10
                    if matches!(
                        column.r#type.sql.as_str(),
                        "text" | "varchar" | "jsonb" | "bytea"
                    ) =>
                {
                    self.word(
                        &format!("{path}.storage"),
                        &["SET STORAGE EXTERNAL", "SET STORAGE MAIN", "SET COMPRESSION pglz"],
                    )
                }
                _ => continue,
            };
            self.run(format!("ALTER TABLE {name} ALTER COLUMN {} {setting}", column.name));
        }
    }

    pub(super) fn make_foreign_keys(&mut self) {
        let tables = self.tables.clone();
        let targets: Vec<(&Relation, &String)> = tables
            .iter()
            .flat_map(|table| table.keys.iter().map(move |key| (table, key)))
            .filter_map(|(table, key)| match key.as_slice() {
                [column] => Some((table, column)),
                _ => None,
            })
            .collect();
        for table in tables.iter().filter(|table| table.kind != RelationKind::Partition) {
            for number in 0..2 {
                let path = format!("{}.fk{number}", table.stem);
                if !self.chance(&path, 45) {
                    continue;
                }
                let target = self.choices.position(&format!("{path}.target"), &targets);
                let Some((target, key)) = target.and_then(|at| targets.get(at)) else { continue };
                let of = |column: &&Column| column.name == **key;
                let Some(referred) = target.columns.iter().find(of) else { continue };
                let fits = |column: &&Column| {
                    column.r#type.sql == referred.r#type.sql && !column.is_generated
                };
                let columns: Vec<&Column> = table.columns.iter().filter(fits).collect();
                let column = self.choices.position(&format!("{path}.column"), &columns);
                let Some(column) = column.and_then(|at| columns.get(at)) else { continue };
                let mut sql = format!("ALTER TABLE {} ADD", table.name);
                if self.chance(&format!("{path}.name"), 40) {
                    sql.push_str(&format!(" CONSTRAINT {}_fk{number}", table.stem));
                }
                sql.push_str(&format!(
                    " FOREIGN KEY ({}) REFERENCES {} ({key})",
                    column.name, target.name
                ));
                sql.push_str(self.maybe(&format!("{path}.match"), 5, " MATCH FULL"));
                let actions =
                    ["", "", " CASCADE", " SET NULL", " SET DEFAULT", " RESTRICT", " NO ACTION"];
                for event in ["DELETE", "UPDATE"] {
                    let action = self.word(&format!("{path}.{event}"), &actions);
                    if !action.is_empty() {
                        sql.push_str(&format!(" ON {event}{action}"));
                    }
                    if event == "DELETE"
                        && action == " SET NULL"
                        && self.chance(&format!("{path}.of"), 20)
                    {
                        sql.push_str(&format!(" ({})", column.name));
                    }
                }
                sql.push_str(self.word(
                    &format!("{path}.deferred"),
                    &["", "", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"],
                ));
                if table.kind == RelationKind::Table {
                    sql.push_str(self.maybe(&format!("{path}.valid"), 8, " NOT VALID"));
                }
                self.run(sql);
            }
        }
    }
}
