//! The columns of a table, with what is said behind each.

use super::{Class, Column, Draft, Type};

/// A table's columns and constraints, as `CREATE TABLE` lists them.
pub(super) struct Listing {
    pub(super) lines: Vec<String>,
    pub(super) columns: Vec<Column>,
    pub(super) keys: Vec<Vec<String>>,
}

impl Draft<'_> {
    /// Columns whose names begin with the letter; the first one is an integer if it is a key of
    /// partitions.
    pub(super) fn listing(&self, path: &str, letter: char, is_partitioned: bool) -> Listing {
        let mut listing = Listing { lines: Vec::new(), columns: Vec::new(), keys: Vec::new() };
        for number in 0..6 {
            let name = format!("{letter}{number}");
            let path = format!("{path}.{name}");
            let is_first = number == 0;
            if !is_first && !self.chance(&path, 60) {
                continue;
            }
            // Other tables refer to the first column, which is easier when it is often the same.
            let is_plain_key =
                is_first && (is_partitioned || self.chance(&format!("{path}.plain"), 60));
            let r#type = if is_plain_key {
                self.types.first().cloned().unwrap_or_else(|| self.any_type(&path))
            } else {
                self.any_type(&format!("{path}.type"))
            };
            let name = if self.chance(&format!("{path}.odd name"), 8) {
                format!("\"{} {name}\"", letter.to_ascii_uppercase())
            } else {
                name
            };
            self.add_column(&path, name, r#type, is_partitioned && is_first, &mut listing);
        }
        if self.chance(&format!("{path}.primary key"), 65) {
            self.add_key(path, "primary key", "PRIMARY KEY", is_partitioned, &mut listing);
        }
        for number in 0..2 {
            let path = format!("{path}.unique{number}");
            if self.chance(&path, 20) {
                let nulls = self.maybe(&format!("{path}.nulls"), 20, " NULLS NOT DISTINCT");
                let form = format!("UNIQUE{nulls}");
                self.add_key(
                    &path,
                    &format!("unique {number}"),
                    &form,
                    is_partitioned,
                    &mut listing,
                );
            }
        }
        for number in 0..2 {
            let path = format!("{path}.check{number}");
            if self.chance(&path, 25) {
                let condition = self.condition(&path, &listing.columns);
                let name = self.maybe(&format!("{path}.name"), 60, "CONSTRAINT \"check it\" ");
                let inherit = if is_partitioned {
                    ""
                } else {
                    self.maybe(&format!("{path}.inherit"), 15, " NO INHERIT")
                };
                listing.lines.push(format!("{name}CHECK ({condition}){inherit}"));
            }
        }
        self.add_exclusion(path, is_partitioned, &mut listing);
        listing
    }

    fn add_column(
        &self,
        path: &str,
        name: String,
        r#type: Type,
        is_key: bool,
        listing: &mut Listing,
    ) {
        let mut line = format!("{name} {}", r#type.sql);
        let is_integer = matches!(r#type.sql.as_str(), "integer" | "bigint" | "smallint");
        let mut is_generated = false;
        match self.choices.below(&format!("{path}.value"), 100) {
            0..12 if is_integer && !is_key => {
                let when = self.word(&format!("{path}.when"), &["ALWAYS", "BY DEFAULT"]);
                let options = self.sequence_options(&format!("{path}.identity"));
                let options = options.replace(" AS bigint", "").replace(" AS integer", "");
                let options = options.replace(" AS smallint", "");
                let options =
                    if options.is_empty() { options } else { format!(" ({})", options.trim()) };
                line.push_str(&format!(" GENERATED {when} AS IDENTITY{options}"));
            }
            12..22 if is_integer && !is_key => {
                line = format!(
                    "{name} {}",
                    match r#type.sql.as_str() {
                        "smallint" => "smallserial",
                        "bigint" => "bigserial",
                        _ => "serial",
                    }
                );
            }
            22..28 if is_integer && !is_key => {
                if let Some(at) =
                    self.choices.position(&format!("{path}.sequence"), &self.sequences)
                {
                    let sequence = self.sequences.get(at).map_or("", String::as_str);
                    line.push_str(&format!(" DEFAULT nextval('{}')", sequence.replace('\'', "''")));
                }
            }
            28..55 => line.push_str(&format!(" DEFAULT {}", r#type.sample)),
            55..66 if !is_key => {
                let class = r#type.class.clone();
                let from = listing
                    .columns
                    .iter()
                    .filter(|column| column.r#type.class == class && !column.is_generated);
                let from: Vec<&Column> = from.collect();
                if let Some(at) = self.choices.position(&format!("{path}.from"), &from)
                    && let Some(column) = from.get(at)
                {
                    let (expression, result) =
                        self.expression_on(&format!("{path}.expression"), &column.name, &class);
                    if result == class {
                        is_generated = true;
                        let sql =
                            format!(" GENERATED ALWAYS AS (({expression})::{}) STORED", r#type.sql);
                        line.push_str(&sql);
                    }
                }
            }
            _ => {}
        }
        let collation = self.collation_for(path, &r#type);
        line.push_str(&collation);
        line.push_str(self.maybe(&format!("{path}.not null"), 25, " NOT NULL"));
        if self.chance(&format!("{path}.check"), 10) {
            let condition = self.condition_on(&format!("{path}.condition"), &name, &r#type.class);
            line.push_str(&format!(" CHECK ({condition})"));
        }
        listing.lines.push(line);
        listing.columns.push(Column { name, r#type, is_generated });
    }

    fn add_key(
        &self,
        path: &str,
        key: &str,
        form: &str,
        is_partitioned: bool,
        listing: &mut Listing,
    ) {
        let path = format!("{path}.{key}");
        let ordered = listing.columns.iter().filter(|column| column.r#type.is_ordered);
        let ordered: Vec<String> = ordered.map(|column| column.name.clone()).collect();
        let Some(first) = ordered.first().cloned() else { return };
        let mut columns = Vec::new();
        if is_partitioned || self.chance(&format!("{path}.first"), 60) {
            columns.push(first);
        }
        if columns.is_empty() || self.chance(&format!("{path}.two"), 20) {
            let other = self.choices.position(&format!("{path}.other"), &ordered);
            columns.extend(other.and_then(|at| ordered.get(at)).cloned());
            columns.dedup();
        }
        let name = self.maybe(&format!("{path}.name?"), 30, "CONSTRAINT ");
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("{name}\"{}\" ", path.replace('.', "_"))
        };
        let rest = listing.columns.iter().map(|column| &column.name);
        let rest: Vec<&String> = rest.filter(|column| !columns.contains(column)).collect();
        let mut end = String::new();
        if self.chance(&format!("{path}.include"), 12)
            && let Some(included) = rest.first()
        {
            end.push_str(&format!(" INCLUDE ({included})"));
        }
        if !is_partitioned {
            end.push_str(self.maybe(&format!("{path}.fill"), 8, " WITH (fillfactor = 80)"));
        }
        if self.chance(&format!("{path}.deferrable"), 10) {
            end.push_str(self.word(
                &format!("{path}.deferred"),
                &[" DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"],
            ));
        } else {
            listing.keys.push(columns.clone());
        }
        listing.lines.push(format!("{name}{form} ({}){end}", columns.join(", ")));
    }

    fn add_exclusion(&self, path: &str, is_partitioned: bool, listing: &mut Listing) {
        let range = listing.columns.iter().find(|column| column.r#type.class == Class::Range);
        let Some(range) = range else { return };
        if is_partitioned || !self.chance(&format!("{path}.exclusion"), 50) {
            return;
        }
        let condition = self.condition(&format!("{path}.exclusion where"), &listing.columns);
        let r#where = self.chance(&format!("{path}.exclusion where?"), 40);
        let r#where = if r#where { format!(" WHERE ({condition})") } else { String::new() };
        let operator = self.word(&format!("{path}.exclusion operator"), &["&&", "=", "-|-"]);
        let column = &range.name;
        listing.lines.push(format!("EXCLUDE USING gist ({column} WITH {operator}){where}"));
    }
}
