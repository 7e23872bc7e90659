//! Enums, domains, composite types, ranges, collations, sequences.

use super::{Class, Draft, Type};

/// Types of the server: SQL, class, whether ordered, a value.
const BUILT_IN: &[(&str, Class, bool, &str)] = &[
    ("integer", Class::Integer, true, "7"),
    ("text", Class::Text, true, "'text'"),
    ("bigint", Class::Integer, true, "70000000000"),
    ("varchar(20)", Class::Text, true, "'va''r'"),
    ("boolean", Class::Boolean, true, "true"),
    ("timestamptz", Class::Time, true, "now()"),
    ("integer", Class::Integer, true, "-1"),
    ("text", Class::Text, true, "('a' || 'b')"),
    ("numeric(8,2)", Class::Number, true, "1.50"),
    ("uuid", Class::Other, true, "gen_random_uuid()"),
    ("jsonb", Class::Other, true, "'{\"a\": 1}'"),
    ("smallint", Class::Integer, true, "3"),
    ("numeric", Class::Number, true, "0"),
    ("real", Class::Number, true, "1.5"),
    ("double precision", Class::Number, true, "'NaN'"),
    ("varchar", Class::Text, true, "''"),
    ("char(3)", Class::Text, true, "'abc'"),
    ("date", Class::Time, true, "CURRENT_DATE"),
    ("time(3)", Class::Other, true, "'12:30'"),
    ("timetz", Class::Other, true, "'12:30+01'"),
    ("timestamp(3)", Class::Time, true, "'2020-02-02 02:02:02'"),
    ("interval", Class::Other, true, "'1 day'"),
    ("interval day to second(2)", Class::Other, true, "'1 day'"),
    ("json", Class::Other, false, "'[]'"),
    ("bytea", Class::Other, true, "'\\x00ff'"),
    ("inet", Class::Other, true, "'127.0.0.1'"),
    ("cidr", Class::Other, true, "'10.0.0.0/8'"),
    ("macaddr", Class::Other, true, "'08:00:2b:01:02:03'"),
    ("bit(4)", Class::Other, true, "B'1010'"),
    ("bit varying(8)", Class::Other, true, "B'1'"),
    ("integer[]", Class::Other, true, "'{1,2}'"),
    ("text[]", Class::Other, true, "ARRAY['a', 'b''c']"),
    ("varchar(5)[]", Class::Other, true, "'{}'"),
    ("numeric(6,1)[]", Class::Other, true, "ARRAY[]::numeric[]"),
    ("point", Class::Other, false, "'(1,2)'"),
    ("box", Class::Other, false, "'(1,2),(3,4)'"),
    ("tsvector", Class::Other, true, "to_tsvector('simple', 'a b')"),
    ("int4range", Class::Range, true, "'[1,5)'"),
    ("tstzrange", Class::Other, true, "'empty'"),
    ("int4multirange", Class::Other, true, "'{[1,2)}'"),
    ("money", Class::Other, true, "'1.00'"),
    ("oid", Class::Other, true, "'1'"),
    ("regclass", Class::Other, true, "'pg_class'"),
    ("name", Class::Other, true, "CURRENT_USER"),
    ("\"char\"", Class::Other, true, "'x'"),
    ("xml", Class::Other, false, "'<a/>'"),
    ("pg_lsn", Class::Other, true, "'0/0'"),
];

const LABELS: &[&str] = &["'a'", "'b'", "'c d'", "'e''f'", "'G'", "'h'"];

impl Draft<'_> {
    pub(super) fn make_types(&mut self) {
        self.types.extend(BUILT_IN.iter().map(|(sql, class, is_ordered, sample)| Type {
            sql: (*sql).to_owned(),
            class: class.clone(),
            is_ordered: *is_ordered,
            sample: (*sample).to_owned(),
        }));
        self.make_collations();
        for number in 0..3 {
            self.make_enum(&format!("e{number}"));
        }
        for number in 0..3 {
            self.make_domain(&format!("d{number}"));
        }
        for number in 0..2 {
            self.make_composite(&format!("k{number}"));
        }
        self.make_range();
        self.make_array_types();
    }

    fn make_collations(&mut self) {
        for number in 0..2 {
            let path = format!("coll{number}");
            if self.chance(&path, 30) {
                let name = self.qualified(&path);
                let options = self.word(
                    &format!("{path}.options"),
                    &[
                        "FROM \"C\"",
                        "(provider = icu, locale = 'de-DE')",
                        "(provider = icu, locale = 'und', deterministic = false)",
                        "(locale = 'POSIX')",
                    ],
                );
                self.run(format!("CREATE COLLATION {name} {options}"));
                self.note(format!("COLLATION {name}"), &[]);
                self.collations.push(name);
            }
        }
    }

    fn make_enum(&mut self, path: &str) {
        if !self.chance(path, 65) {
            return;
        }
        let name = self.qualified(path);
        let mut labels: Vec<String> = self
            .some(&format!("{path}.labels"), 65, LABELS)
            .into_iter()
            .map(|label| (*label).to_owned())
            .collect();
        let end = labels.len();
        if end > 1 && self.chance(&format!("{path}.swap?"), 30) {
            labels.swap(self.choices.below(&format!("{path}.swap"), end - 1), end - 1);
        }
        self.run(format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", ")));
        self.note(format!("TYPE {name}"), &["USAGE"]);
        let Some(first) = labels.first() else { return };
        let sample = format!("{first}::{name}");
        self.types.push(Type { sql: name, class: Class::Enum(labels), is_ordered: true, sample });
    }

    fn make_domain(&mut self, path: &str) {
        if !self.chance(path, 55) {
            return;
        }
        let name = self.qualified(path);
        let base = self.any_type(&format!("{path}.base"));
        let collation = self.collation_for(path, &base);
        let default = if self.chance(&format!("{path}.default"), 30) {
            format!(" DEFAULT {}", base.sample)
        } else {
            String::new()
        };
        let not_null = self.maybe(&format!("{path}.not null"), 20, " NOT NULL");
        let mut sql = format!("CREATE DOMAIN {name} AS {}{collation}{default}{not_null}", base.sql);
        for number in 0..2 {
            let path = format!("{path}.check{number}");
            if self.chance(&path, 40) {
                let condition =
                    self.condition_on(&format!("{path}.condition"), "VALUE", &base.class);
                let constraint = self.maybe(&format!("{path}.name"), 70, " CONSTRAINT");
                let constraint_name =
                    if constraint.is_empty() { String::new() } else { format!(" ok{number}") };
                sql.push_str(&format!("{constraint}{constraint_name} CHECK ({condition})"));
            }
        }
        self.run(sql);
        self.note(format!("TYPE {name}"), &["USAGE"]);
        self.types.push(Type { sql: name, ..base });
    }

    fn make_composite(&mut self, path: &str) {
        if !self.chance(path, 45) {
            return;
        }
        let name = self.qualified(path);
        let mut attributes = Vec::new();
        let (mut is_ordered, mut is_plain) = (true, true);
        for number in 0..4 {
            let path = format!("{path}.a{number}");
            if self.chance(&path, 60) {
                let r#type = self.any_type(&format!("{path}.type"));
                is_ordered &= r#type.is_ordered;
                is_plain &= BUILT_IN.iter().any(|built_in| built_in.0 == r#type.sql);
                let collation = self.collation_for(&path, &r#type);
                attributes.push(format!("a{number} {}{collation}", r#type.sql));
            }
        }
        self.run(format!("CREATE TYPE {name} AS ({})", attributes.join(", ")));
        self.note(format!("TYPE {name}"), &["USAGE"]);
        let values = vec!["NULL"; attributes.len()].join(", ");
        // A domain may take no null.
        let sample = if is_plain { format!("ROW({values})::{name}") } else { "NULL".to_owned() };
        self.types.push(Type { sql: name, class: Class::Other, is_ordered, sample });
    }

    fn make_range(&mut self) {
        if !self.chance("rg0", 25) {
            return;
        }
        let name = self.qualified("rg0");
        let subtype = self.word(
            "rg0.subtype",
            &["float8, subtype_diff = float8mi", "integer", "text, collation = \"C\"", "date"],
        );
        self.run(format!("CREATE TYPE {name} AS RANGE (subtype = {subtype})"));
        self.note(format!("TYPE {name}"), &["USAGE"]);
        let sample = "'empty'".to_owned();
        self.types.push(Type { sql: name, class: Class::Other, is_ordered: true, sample });
    }

    fn make_array_types(&mut self) {
        let own = self.types.get(BUILT_IN.len()..).unwrap_or_default();
        let arrays: Vec<Type> = own
            .iter()
            .map(|of| Type {
                sql: format!("{}[]", of.sql),
                class: Class::Other,
                is_ordered: of.is_ordered,
                sample: "'{}'".to_owned(),
            })
            .collect();
        self.types.extend(arrays);
    }

    pub(super) fn make_sequences(&mut self) {
        for number in 0..3 {
            let path = format!("q{number}");
            if !self.chance(&path, 40) {
                continue;
            }
            let name = self.qualified(&path);
            let options = self.sequence_options(&path);
            let unlogged = self.maybe(&format!("{path}.unlogged"), 8, " UNLOGGED");
            self.run(format!("CREATE{unlogged} SEQUENCE {name}{options}"));
            self.note(format!("SEQUENCE {name}"), &["USAGE", "SELECT", "UPDATE"]);
            self.sequences.push(name);
        }
    }

    /// With a blank before it, if there is any.
    pub(super) fn sequence_options(&self, path: &str) -> String {
        [
            ("type", &[" AS bigint", " AS integer", " AS smallint"][..]),
            ("increment", &[" INCREMENT BY 2", " INCREMENT BY -1", " INCREMENT BY 10"]),
            ("maximum", &[" MAXVALUE 100", " MAXVALUE 20000", " NO MAXVALUE"]),
            ("minimum", &[" MINVALUE 1", " MINVALUE -5", " NO MINVALUE"]),
            ("start", &[" START WITH 1", " START WITH 5", " START WITH 50"]),
            ("cache", &[" CACHE 10"]),
            ("cycle", &[" CYCLE", " NO CYCLE"]),
        ]
        .into_iter()
        .filter(|(option, _)| self.chance(&format!("{path}.{option}?"), 25))
        .map(|(option, words)| self.word(&format!("{path}.{option}"), words))
        .collect()
    }

    /// Any type, the user's own more often.
    pub(super) fn any_type(&self, path: &str) -> Type {
        let own = self.types.get(BUILT_IN.len()..).unwrap_or_default();
        let common = self.types.get(..11).unwrap_or_default();
        let from = match self.choices.below(&format!("{path}?"), 10) {
            0..=3 if !own.is_empty() => own,
            4..=7 => common,
            _ => &self.types,
        };
        let at = self.choices.below(path, from.len());
        from.get(at).cloned().unwrap_or_else(|| Type {
            sql: "integer".to_owned(),
            class: Class::Integer,
            is_ordered: true,
            sample: "1".to_owned(),
        })
    }

    /// A `COLLATE` clause with a blank before it, sometimes.
    pub(super) fn collation_for(&self, path: &str, r#type: &Type) -> String {
        if r#type.class != Class::Text || !self.chance(&format!("{path}.collation?"), 20) {
            return String::new();
        }
        let own = self.choices.position(&format!("{path}.collation"), &self.collations);
        let own = own.and_then(|at| self.collations.get(at)).cloned();
        format!(" COLLATE {}", own.unwrap_or_else(|| "\"C\"".to_owned()))
    }
}
