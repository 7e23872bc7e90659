//! Comments, privileges, owned sequences, publications, event triggers, text search, extensions.

use super::{Draft, RelationKind};

impl Draft<'_> {
    pub(super) fn make_extras(&mut self) {
        self.make_text_search();
        self.own_sequences();
        self.make_privileges();
        self.make_comments();
        self.make_publication();
        if self.chance("event trigger", 4) {
            self.run(
                "CREATE FUNCTION public.fev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
                    .to_owned(),
            );
            let event = self.word("event trigger.event", &["ddl_command_end", "sql_drop"]);
            let tags = self
                .word("event trigger.tags", &["", " WHEN TAG IN ('CREATE TABLE', 'DROP VIEW')"]);
            self.run(format!(
                "CREATE EVENT TRIGGER ev ON {event}{tags} EXECUTE FUNCTION public.fev()"
            ));
        }
        if self.chance("extension", 4) {
            let schema = self.word("extension.schema", &["", " SCHEMA s1"]);
            self.run(format!("CREATE EXTENSION citext{schema}"));
        }
    }

    fn make_text_search(&mut self) {
        if !self.chance("ts", 8) {
            return;
        }
        let dictionary = self.qualified("tsd");
        let template = self.word("ts.template", &["simple", "snowball, language = english"]);
        self.run(format!("CREATE TEXT SEARCH DICTIONARY {dictionary} (template = {template})"));
        self.objects.push(format!("TEXT SEARCH DICTIONARY {dictionary}"));
        let configuration = self.qualified("tsc");
        self.run(format!("CREATE TEXT SEARCH CONFIGURATION {configuration} (copy = simple)"));
        self.run(format!(
            "ALTER TEXT SEARCH CONFIGURATION {configuration} ALTER MAPPING FOR word WITH {dictionary}, simple"
        ));
    }

    fn own_sequences(&mut self) {
        for sequence in self.sequences.clone() {
            let path = format!("{sequence}.owner");
            let tables: Vec<_> =
                self.tables.iter().filter(|table| table.kind == RelationKind::Table).collect();
            let table = self.choices.position(&format!("{path}.table"), &tables);
            let owner = table
                .and_then(|at| tables.get(at))
                .filter(|table| {
                    super::on_tables::schema_of(&table.name)
                        == super::on_tables::schema_of(&sequence)
                })
                .filter(|_| self.chance(&path, 30))
                .and_then(|table| Some(format!("{}.{}", table.name, table.columns.first()?.name)));
            if let Some(owner) = owner {
                self.run(format!("ALTER SEQUENCE {sequence} OWNED BY {owner}"));
            }
        }
    }

    fn make_privileges(&mut self) {
        for (object, privileges) in self.grantable.clone() {
            let path = format!("grant {object}");
            if !self.chance(&path, 18) {
                continue;
            }
            let privilege = self.word(&format!("{path}.privilege"), privileges);
            let to = self.word(&format!("{path}.to"), &["r0", "r1", "PUBLIC", "r0, r1"]);
            let option = self.maybe(&format!("{path}.option"), 15, " WITH GRANT OPTION");
            let option = if to == "PUBLIC" { "" } else { option };
            self.run(format!("GRANT {privilege} ON {object} TO {to}{option}"));
            if object.starts_with("FUNCTION") && self.chance(&format!("{path}.revoke"), 50) {
                self.run(format!("REVOKE ALL ON {object} FROM PUBLIC"));
            }
        }
        for table in self.tables.clone() {
            let path = format!("grant on columns of {}", table.stem);
            if let Some(column) = table.columns.first().filter(|_| self.chance(&path, 6)) {
                let privilege =
                    self.word(&format!("{path}.privilege"), &["SELECT", "UPDATE", "REFERENCES"]);
                self.run(format!("GRANT {privilege} ({}) ON {} TO r1", column.name, table.name));
            }
        }
    }

    fn make_comments(&mut self) {
        for object in self.objects.clone() {
            let path = format!("comment on {object}");
            if self.chance(&path, 10) {
                let text =
                    self.word(&format!("{path}.text"), &["'why'", "'it''s'", "E'two\\nlines'"]);
                self.run(format!("COMMENT ON {object} IS {text}"));
            }
        }
    }

    fn make_publication(&mut self) {
        if !self.chance("publication", 8) {
            return;
        }
        let tables: Vec<&str> = self
            .tables
            .iter()
            .filter(|table| table.kind == RelationKind::Table)
            .filter(|table| self.chance(&format!("publication.{}", table.stem), 50))
            .map(|table| table.name.as_str())
            .collect();
        let of = match self.choices.below("publication.form", 4) {
            0 => " FOR ALL TABLES".to_owned(),
            1 => " FOR TABLES IN SCHEMA public".to_owned(),
            _ if tables.is_empty() => String::new(),
            _ => format!(" FOR TABLE {}", tables.join(", ")),
        };
        let options = self.word("publication.options", &["", " WITH (publish = 'insert, delete')"]);
        self.run(format!("CREATE PUBLICATION pub{of}{options}"));
        self.objects.push("PUBLICATION pub".to_owned());
    }
}
