//! Views and materialized views, on tables and on each other.

use super::{Class, Column, Draft, Relation, RelationKind, Type};

impl Draft<'_> {
    pub(super) fn make_views(&mut self) {
        for number in 0..5 {
            let path = format!("v{number}");
            if self.chance(&path, 55) {
                self.make_view(&path);
            }
        }
    }

    fn make_view(&mut self, path: &str) {
        let sources: Vec<&Relation> = self.views.iter().chain(&self.tables).collect();
        let source = self.choices.position(&format!("{path}.source"), &sources);
        let Some(source) = source.and_then(|at| sources.get(at)).map(|source| (*source).clone())
        else {
            return;
        };
        if source.columns.is_empty() {
            return;
        }
        let name = self.qualified(path);
        let mut columns = Vec::new();
        let mut listed = Vec::new();
        for (number, column) in source.columns.iter().enumerate() {
            let path = format!("{path}.{number}");
            if number > 0 && !self.chance(&path, 55) {
                continue;
            }
            let (sql, output) = self.output(&path, column, &format!("o{number}"));
            listed.push(sql);
            columns.push(output);
        }
        let mut select = format!("SELECT {} FROM {} s", listed.join(", "), source.name);
        let where_columns: Vec<Column> = source
            .columns
            .iter()
            .map(|column| Column { name: format!("s.{}", column.name), ..column.clone() })
            .collect();
        if self.chance(&format!("{path}.join"), 20) {
            let other = self.choices.position(&format!("{path}.other"), &sources);
            let other = other.and_then(|at| sources.get(at)).map(|other| other.name.clone());
            let join = self.word(&format!("{path}.kind"), &["LEFT JOIN", "JOIN"]);
            select.push_str(&format!(" {join} {} o ON true", other.unwrap_or_default()));
        }
        if self.chance(&format!("{path}.where?"), 35) {
            let condition = self.condition(&format!("{path}.where"), &where_columns);
            select.push_str(&format!(" WHERE {condition}"));
        }
        let is_ordered = columns.iter().all(|column| column.r#type.is_ordered);
        let select = match self.choices.below(&format!("{path}.form"), 24) {
            0 if is_ordered => select.replacen("SELECT", "SELECT DISTINCT", 1),
            1 => format!("{select} UNION ALL {select}"),
            2 => format!("WITH w AS ({select}) SELECT * FROM w"),
            3 => format!("{select} LIMIT 10"),
            4 => format!("SELECT q.*, row_number() OVER () AS rn FROM ({select}) q"),
            5 => format!(
                "SELECT count(*) AS {}, max(1) AS m FROM ({select}) q",
                columns.first().map_or("n", |column| column.name.as_str())
            ),
            _ => select,
        };
        let has_other_columns = select.starts_with("SELECT count");
        if has_other_columns {
            columns.clear();
        }
        let is_materialized = self.chance(&format!("{path}.materialized"), 22);
        let (kind, sql) = if is_materialized {
            let data = self.maybe(&format!("{path}.data"), 15, " WITH NO DATA");
            ("MATERIALIZED VIEW", format!("CREATE MATERIALIZED VIEW {name} AS {select}{data}"))
        } else {
            let options = self.word(
                &format!("{path}.options"),
                &["", "", "", "", " WITH (security_barrier)", " WITH (security_invoker = true)"],
            );
            ("VIEW", format!("CREATE VIEW {name}{options} AS {select}"))
        };
        self.run(sql);
        self.note_view(kind, &name);
        for column in &columns {
            self.objects.push(format!("COLUMN {name}.{}", column.name));
        }
        let view = Relation {
            name,
            stem: path.to_owned(),
            kind: if is_materialized { RelationKind::MaterializedView } else { RelationKind::View },
            columns,
            keys: Vec::new(),
        };
        if is_materialized {
            self.make_index(&view, 0);
        } else {
            self.set_up_view(path, &view);
        }
        self.views.push(view);
    }

    /// What is said of a view behind its query.
    fn set_up_view(&mut self, path: &str, view: &Relation) {
        let name = &view.name;
        let Some(column) = view.columns.first() else { return };
        if self.chance(&format!("{path}.default"), 8) {
            self.run(format!(
                "ALTER VIEW {name} ALTER COLUMN {} SET DEFAULT {}",
                column.name, column.r#type.sample
            ));
        }
        if self.chance(&format!("{path}.trigger"), 8) {
            self.run(format!(
                "CREATE TRIGGER instead INSTEAD OF INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION public.ftr0()"
            ));
        }
        if self.chance(&format!("{path}.rule"), 6) {
            self.run(format!("CREATE RULE ru AS ON DELETE TO {name} DO INSTEAD NOTHING"));
        }
    }

    fn note_view(&mut self, kind: &str, name: &str) {
        self.objects.push(format!("{kind} {name}"));
        self.grantable.push((format!("TABLE {name}"), &["SELECT", "INSERT", "ALL"]));
    }

    /// A column of a view over one of its source.
    fn output(&self, path: &str, column: &Column, name: &str) -> (String, Column) {
        let value = format!("s.{}", column.name);
        if !self.chance(&format!("{path}.computed"), 30) {
            return (value, Column { is_generated: false, ..column.clone() });
        }
        if self.chance(&format!("{path}.text"), 15) && matches!(column.r#type.class, Class::Integer)
        {
            let r#type = Type {
                sql: "text".to_owned(),
                class: Class::Text,
                is_ordered: true,
                sample: "'x'".to_owned(),
            };
            let sql = format!("{value}::text AS {name}");
            return (sql, Column { name: name.to_owned(), r#type, is_generated: false });
        }
        let (expression, class) =
            self.expression_on(&format!("{path}.expression"), &value, &column.r#type.class);
        let sample = match class {
            Class::Boolean => "true",
            Class::Text => "'x'",
            Class::Integer | Class::Number => "1",
            Class::Time | Class::Enum(_) | Class::Range | Class::Other => "NULL",
        };
        let r#type =
            Type { sql: "?".to_owned(), class, is_ordered: true, sample: sample.to_owned() };
        let sql = format!("{expression} AS {name}");
        (sql, Column { name: name.to_owned(), r#type, is_generated: false })
    }
}
