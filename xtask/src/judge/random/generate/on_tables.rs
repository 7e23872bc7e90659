//! Indexes, statistics, triggers, policies, rules.

use super::{Class, Column, Draft, Relation, RelationKind};

impl Draft<'_> {
    pub(super) fn make_what_is_on_tables(&mut self) {
        for table in self.tables.clone() {
            for number in 0..3 {
                self.make_index(&table, number);
            }
            self.make_statistics(&table);
            self.make_triggers(&table);
            self.make_policies(&table);
            self.make_rule(&table);
        }
    }

    pub(super) fn make_index(&mut self, table: &Relation, number: usize) {
        let path = format!("{}.i{number}", table.stem);
        let percent = if table.kind == RelationKind::Partition { 10 } else { 40 };
        if !self.chance(&path, percent) {
            return;
        }
        let Some(column) = self.choices.position(&format!("{path}.column"), &table.columns) else {
            return;
        };
        let Some(column) = table.columns.get(column) else { return };
        let name = format!("{}_i{number}", table.stem);
        let mut unique = false;
        let (method, keys) =
            match (self.choices.below(&format!("{path}.method"), 20), &column.r#type) {
                (_, of) if of.sql == "jsonb" => {
                    let class = self.maybe(&format!("{path}.class"), 40, " jsonb_path_ops");
                    ("gin", format!("{}{class}", column.name))
                }
                (_, of) if of.sql == "tsvector" || of.sql == "text[]" => {
                    ("gin", column.name.clone())
                }
                (_, of) if of.sql == "point" || of.sql == "box" || of.class == Class::Range => {
                    ("gist", column.name.clone())
                }
                (0, of) if of.is_ordered => ("hash", column.name.clone()),
                (1, of) if of.class == Class::Integer => ("brin", column.name.clone()),
                (_, of) if of.is_ordered => {
                    unique = table.kind == RelationKind::Table
                        && self.chance(&format!("{path}.unique"), 25);
                    ("btree", self.btree_keys(&path, column, &table.columns))
                }
                _ => ("btree", format!("({} IS NULL)", column.name)),
            };
        let mut sql = format!(
            "CREATE{} INDEX {name} ON {} USING {method} ({keys})",
            if unique { " UNIQUE" } else { "" },
            table.name
        );
        if method == "btree" && self.chance(&format!("{path}.include"), 12) {
            let included = self.choices.position(&format!("{path}.included"), &table.columns);
            let included = included.and_then(|at| table.columns.get(at));
            if let Some(included) = included {
                sql.push_str(&format!(" INCLUDE ({})", included.name));
            }
        }
        if unique {
            sql.push_str(self.maybe(&format!("{path}.nulls"), 15, " NULLS NOT DISTINCT"));
        }
        if table.kind != RelationKind::Partitioned && method != "brin" && method != "gin" {
            sql.push_str(self.maybe(&format!("{path}.fill"), 8, " WITH (fillfactor = 60)"));
        }
        let is_partial = self.chance(&format!("{path}.where?"), 25);
        if is_partial {
            let condition = self.condition(&format!("{path}.where"), &table.columns);
            sql.push_str(&format!(" WHERE {condition}"));
        }
        self.run(sql);
        let schema = schema_of(&table.name);
        self.objects.push(format!("INDEX {schema}.{name}"));
        let can_cluster = number == 0 && method == "btree" && !is_partial;
        if can_cluster
            && table.kind == RelationKind::Table
            && self.chance(&format!("{path}.cluster"), 5)
        {
            self.run(format!("ALTER TABLE {} CLUSTER ON {name}", table.name));
        }
    }

    fn btree_keys(&self, path: &str, first: &Column, columns: &[Column]) -> String {
        let key = |path: &str, column: &Column| {
            let mut key = column.name.clone();
            if self.chance(&format!("{path}.expression?"), 25) {
                let (expression, _) = self.expression_on(
                    &format!("{path}.expression"),
                    &column.name,
                    &column.r#type.class,
                );
                key = format!("({expression})");
            } else if column.r#type.sql == "text" && self.chance(&format!("{path}.class"), 15) {
                key.push_str(" text_pattern_ops");
            } else if column.r#type.class == Class::Text
                && self.chance(&format!("{path}.collation"), 10)
            {
                key.push_str(" COLLATE \"C\"");
            }
            let order = ["", "", "", "", " DESC", " DESC NULLS LAST", " NULLS FIRST", " ASC"];
            key.push_str(self.word(&format!("{path}.order"), &order));
            key
        };
        let mut keys = vec![key(&format!("{path}.first"), first)];
        if self.chance(&format!("{path}.two"), 35) {
            let ordered: Vec<&Column> =
                columns.iter().filter(|one| one.r#type.is_ordered).collect();
            let second = self.choices.position(&format!("{path}.second"), &ordered);
            let second = second.and_then(|at| ordered.get(at));
            keys.extend(second.map(|column| key(&format!("{path}.other"), column)));
        }
        keys.join(", ")
    }

    fn make_statistics(&mut self, table: &Relation) {
        let path = format!("{}.statistics", table.stem);
        if !self.chance(&path, 12) {
            return;
        }
        let ordered: Vec<String> = table
            .columns
            .iter()
            .filter(|column| column.r#type.is_ordered && !column.is_generated)
            .map(|column| column.name.clone())
            .collect();
        let Some([first, second]) = ordered.first_chunk() else { return };
        let kinds = self.word(
            &format!("{path}.kinds"),
            &["", " (ndistinct)", " (dependencies, mcv)", " (ndistinct, dependencies, mcv)"],
        );
        let third = self.maybe(&format!("{path}.expression"), 20, ", (1 + 1)");
        let third = if third.is_empty() { String::new() } else { format!(", (({first}) IS NULL)") };
        let name = self.qualified(&format!("{}_st", table.stem));
        self.run(format!(
            "CREATE STATISTICS {name}{kinds} ON {first}, {second}{third} FROM {}",
            table.name
        ));
        self.objects.push(format!("STATISTICS {name}"));
        if self.chance(&format!("{path}.target"), 20) {
            self.run(format!("ALTER STATISTICS {name} SET STATISTICS 50"));
        }
    }

    fn make_triggers(&mut self, table: &Relation) {
        for number in 0..2 {
            let path = format!("{}.tr{number}", table.stem);
            if !self.chance(&path, 18) {
                continue;
            }
            let name = format!("tr{number}");
            let function = self.word(&format!("{path}.function"), &["public.ftr0", "public.ftr1"]);
            let column = table.columns.first().map_or("c0", |column| column.name.as_str());
            let event = self.word(
                &format!("{path}.event"),
                &[
                    "INSERT",
                    "UPDATE",
                    "DELETE",
                    "INSERT OR UPDATE",
                    "UPDATE OF #",
                    "INSERT OR DELETE OR UPDATE",
                ],
            );
            let event = event.replace('#', column);
            let table_name = &table.name;
            let arguments = self.maybe(&format!("{path}.arguments"), 15, "'a', 'b''c'");
            let execute = format!("EXECUTE FUNCTION {function}({arguments})");
            let sql = match self.choices.below(&format!("{path}.form"), 10) {
                0 => format!(
                    "CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON {table_name} DEFERRABLE \
                     INITIALLY DEFERRED FOR EACH ROW {execute}"
                ),
                1 if table.kind == RelationKind::Table => format!(
                    "CREATE TRIGGER {name} AFTER UPDATE ON {table_name} REFERENCING OLD TABLE AS o \
                     NEW TABLE AS \"N\" FOR EACH STATEMENT {execute}"
                ),
                2..5 => format!(
                    "CREATE TRIGGER {name} BEFORE UPDATE ON {table_name} FOR EACH ROW WHEN \
                     (OLD.{column} IS DISTINCT FROM NEW.{column}) {execute}"
                ),
                5 => format!("CREATE TRIGGER {name} AFTER TRUNCATE ON {table_name} {execute}"),
                _ => {
                    let when = self.word(&format!("{path}.when"), &["BEFORE", "AFTER"]);
                    let each = self.word(&format!("{path}.each"), &["ROW", "ROW", "STATEMENT"]);
                    format!(
                        "CREATE TRIGGER {name} {when} {event} ON {table_name} FOR EACH {each} {execute}"
                    )
                }
            };
            self.run(sql);
            self.objects.push(format!("TRIGGER {name} ON {table_name}"));
            if self.chance(&format!("{path}.state?"), 15) {
                let state = ["DISABLE", "ENABLE ALWAYS", "ENABLE REPLICA"];
                let state = self.word(&format!("{path}.state"), &state);
                self.run(format!("ALTER TABLE {table_name} {state} TRIGGER {name}"));
            }
        }
    }

    fn make_policies(&mut self, table: &Relation) {
        for number in 0..2 {
            let path = format!("{}.po{number}", table.stem);
            if table.kind != RelationKind::Table || !self.chance(&path, 12) {
                continue;
            }
            let condition = self.condition(&format!("{path}.using"), &table.columns);
            let kind = self.word(&format!("{path}.kind"), &["", "", " AS RESTRICTIVE"]);
            let to =
                self.word(&format!("{path}.to"), &["", " TO r0", " TO r0, r1", " TO CURRENT_USER"]);
            let command = ["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"];
            let command = self.word(&format!("{path}.command"), &command);
            let mut sql =
                format!("CREATE POLICY po{number} ON {}{kind} FOR {command}{to}", table.name);
            if command != "INSERT" {
                sql.push_str(&format!(" USING ({condition})"));
            }
            let checks = self.chance(&format!("{path}.checks"), 40);
            if command == "INSERT" || checks && !matches!(command, "SELECT" | "DELETE") {
                let condition = self.condition(&format!("{path}.check"), &table.columns);
                sql.push_str(&format!(" WITH CHECK ({condition})"));
            }
            self.run(sql);
            self.objects.push(format!("POLICY po{number} ON {}", table.name));
        }
    }

    fn make_rule(&mut self, table: &Relation) {
        let path = format!("{}.rule", table.stem);
        if table.kind != RelationKind::Table || !self.chance(&path, 6) {
            return;
        }
        let name = &table.name;
        let column = table.columns.first().map_or("c0", |column| column.name.as_str());
        let form = self.word(
            &format!("{path}.form"),
            &[
                "ON INSERT TO # DO INSTEAD NOTHING",
                "ON UPDATE TO # WHERE OLD.@ IS NULL DO INSTEAD NOTHING",
                "ON DELETE TO # DO ALSO NOTIFY gone",
                "ON UPDATE TO # DO ALSO (SELECT 1; SELECT NEW.@)",
            ],
        );
        let form = form.replace('#', name).replace('@', column);
        self.run(format!("CREATE RULE ru AS {form}"));
        self.objects.push(format!("RULE ru ON {name}"));
    }
}

/// The schema of a qualified name.
pub(super) fn schema_of(name: &str) -> &str {
    name.rsplit_once('.').map_or("public", |(schema, _)| schema)
}
