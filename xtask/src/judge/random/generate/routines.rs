//! Functions, procedures, aggregates, operators, casts.

use super::{Draft, RelationKind};

const EXECUTE: &[&str] = &["EXECUTE", "ALL"];

impl Draft<'_> {
    /// What tables may use.
    pub(super) fn make_routines(&mut self) {
        for number in 0..2 {
            let body = self.word(
                &format!("ftr{number}.body"),
                &["RETURN NEW;", "RETURN NULL;", "-- it's fine\n  RETURN coalesce(NEW, OLD);"],
            );
            self.run(format!(
                "CREATE FUNCTION public.ftr{number}() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n  {body}\nEND\n$body$"
            ));
        }
        for number in 0..3 {
            self.make_function(&format!("f{number}"));
        }
        self.make_procedure();
        self.make_aggregate();
        self.make_operator();
        self.make_cast();
    }

    fn make_function(&mut self, path: &str) {
        if !self.chance(path, 50) {
            return;
        }
        let name = self.qualified(path);
        let word = |what: &str, from: &[&'static str]| self.word(&format!("{path}.{what}"), from);
        let (arguments, signature, result, body) = match self
            .choices
            .below(&format!("{path}.form"), 7)
        {
            0 => {
                let body = word(
                    "body",
                    &["SELECT $1 + 1", "SELECT x * 2", "SELECT CASE x WHEN 1 THEN 2 END"],
                );
                (
                    word("argument", &["x integer", "x integer DEFAULT 7"]),
                    "integer",
                    "integer",
                    body,
                )
            }
            1 => ("x text, VARIADIC rest text[]", "text, text[]", "text", "SELECT x || rest[1]"),
            2 => {
                let result = word("result", &["TABLE (a integer, b text)", "SETOF record"]);
                let arguments =
                    if result == "SETOF record" { "OUT a integer, OUT b text" } else { "" };
                (arguments, "", result, "SELECT 1, 'b'::text")
            }
            3 => ("a integer, b bigint", "integer, bigint", "bigint", "SELECT a + b"),
            4 => ("anyelement", "anyelement", "anyarray", "SELECT ARRAY[$1]"),
            5 => {
                let at = self.choices.position(&format!("{path}.type"), &self.types);
                let own = at.and_then(|at| self.types.get(at)).map_or("text", |of| of.sql.as_str());
                let own = own.to_owned();
                let attributes = self.routine_attributes(path);
                self.run(format!(
                    "CREATE FUNCTION {name}(v {own}) RETURNS {own} LANGUAGE sql{attributes} AS 'SELECT v'"
                ));
                self.note(format!("FUNCTION {name}({own})"), EXECUTE);
                return;
            }
            _ => ("x integer", "integer", "boolean", "SELECT x > 0"),
        };
        let attributes = self.routine_attributes(path);
        let is_plpgsql = result == "bigint" && self.chance(&format!("{path}.plpgsql"), 50);
        let (language, body) = if is_plpgsql {
            ("plpgsql", "\nDECLARE\n  c bigint := a;\nBEGIN\n  RETURN c + b;\nEND".to_owned())
        } else {
            ("sql", body.to_owned())
        };
        let is_standard =
            !is_plpgsql && result != "anyarray" && self.chance(&format!("{path}.standard"), 25);
        let body = if is_standard {
            match body.strip_prefix("SELECT ") {
                Some(value) if !result.contains("record") && !result.starts_with("TABLE") => {
                    let value =
                        value.replace("$1", arguments.split(' ').next().unwrap_or_default());
                    format!("RETURN {value}")
                }
                Some(_) | None => format!("BEGIN ATOMIC\n  {body};\nEND"),
            }
        } else {
            format!("AS $x${body}$x$")
        };
        self.run(format!(
            "CREATE FUNCTION {name}({arguments}) RETURNS {result} LANGUAGE {language}{attributes} {body}"
        ));
        self.note(format!("FUNCTION {name}({signature})"), EXECUTE);
    }

    fn routine_attributes(&self, path: &str) -> String {
        [
            ("volatility", 60, &[" IMMUTABLE", " STABLE", " VOLATILE"][..]),
            ("strict", 25, &[" STRICT", " CALLED ON NULL INPUT"]),
            ("security", 12, &[" SECURITY DEFINER"]),
            ("leakproof", 5, &[" LEAKPROOF"]),
            ("parallel", 25, &[" PARALLEL SAFE", " PARALLEL RESTRICTED"]),
            ("cost", 12, &[" COST 5", " COST 1000"]),
            (
                "set",
                12,
                &[
                    " SET search_path = public, pg_temp",
                    " SET work_mem = '8MB'",
                    " SET search_path = ''",
                ],
            ),
        ]
        .into_iter()
        .filter(|(attribute, percent, _)| self.chance(&format!("{path}.{attribute}?"), *percent))
        .map(|(attribute, _, words)| self.word(&format!("{path}.{attribute}"), words))
        .collect()
    }

    fn make_procedure(&mut self) {
        if !self.chance("p0", 25) {
            return;
        }
        let name = self.qualified("p0");
        let arguments = self.word("p0.arguments", &["", "a integer", "INOUT a integer DEFAULT 1"]);
        let signature = if arguments.is_empty() { "" } else { "integer" };
        let body = self.word("p0.body", &["BEGIN NULL; END", "BEGIN RAISE NOTICE 'p'; END"]);
        self.run(format!("CREATE PROCEDURE {name}({arguments}) LANGUAGE plpgsql AS $${body}$$"));
        self.note(format!("PROCEDURE {name}({signature})"), EXECUTE);
    }

    fn make_aggregate(&mut self) {
        if !self.chance("ag0", 20) {
            return;
        }
        let name = self.qualified("ag0");
        let options = self.word(
            "ag0.options",
            &[
                "SFUNC = int4pl, STYPE = integer, INITCOND = '0'",
                "SFUNC = int4larger, STYPE = integer, COMBINEFUNC = int4larger, PARALLEL = SAFE",
                "SFUNC = int4pl, STYPE = integer, SORTOP = >",
            ],
        );
        self.run(format!("CREATE AGGREGATE {name}(integer) ({options})"));
        self.note(format!("AGGREGATE {name}(integer)"), &[]);
    }

    fn make_operator(&mut self) {
        if !self.chance("op0", 12) {
            return;
        }
        let name = self.qualified("op0");
        let (schema, _) = name.rsplit_once('.').unwrap_or_default();
        let options = self.word(
            "op0.options",
            &["", ", COMMUTATOR = ===", ", RESTRICT = eqsel, JOIN = eqjoinsel"],
        );
        self.run(format!(
            "CREATE FUNCTION {name}(integer, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2'"
        ));
        let options = if options.contains("COMMUTATOR") { "" } else { options };
        self.run(format!(
            "CREATE OPERATOR {schema}.=== (FUNCTION = {name}, LEFTARG = integer, RIGHTARG = text{options})"
        ));
        self.objects.push(format!("OPERATOR {schema}.=== (integer, text)"));
    }

    fn make_cast(&mut self) {
        let is_enum = |of: &&super::Type| matches!(of.class, super::Class::Enum(_));
        let Some(of) =
            self.types.iter().find(is_enum).filter(|_| self.chance("cast0", 10)).cloned()
        else {
            return;
        };
        let context = self.word("cast0.context", &["", " AS ASSIGNMENT", " AS IMPLICIT"]);
        self.run(format!("CREATE CAST (varchar AS {}) WITH INOUT{context}", of.sql));
        self.objects.push(format!("CAST (varchar AS {})", of.sql));
    }

    /// What uses tables.
    pub(super) fn make_late_routines(&mut self) {
        for number in 0..2 {
            let path = format!("g{number}");
            let tables: Vec<_> =
                self.tables.iter().filter(|table| table.kind != RelationKind::Partition).collect();
            let at = self.choices.position(&format!("{path}.table"), &tables);
            let Some(table) = at.and_then(|at| tables.get(at)).filter(|_| self.chance(&path, 25))
            else {
                continue;
            };
            let (table, name) = ((*table).clone(), self.qualified(&path));
            let column = table.columns.first().map_or("c0", |column| column.name.as_str());
            let sql = match self.choices.below(&format!("{path}.form"), 4) {
                0 => format!(
                    "CREATE FUNCTION {name}() RETURNS SETOF {0} LANGUAGE sql STABLE AS 'SELECT * FROM {1}'",
                    table.name,
                    table.name.replace('\'', "''")
                ),
                1 => format!(
                    "CREATE FUNCTION {name}() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC\n  \
                     SELECT count({column}) FROM {};\nEND",
                    table.name
                ),
                2 => format!(
                    "CREATE FUNCTION {name}() RETURNS {0}.{column}%TYPE LANGUAGE sql RETURN (SELECT min(t.{column}::text) FROM {0} t)::text",
                    table.name
                ),
                _ => format!(
                    "CREATE FUNCTION {name}() RETURNS boolean LANGUAGE sql RETURN EXISTS (SELECT FROM {} t WHERE t.{column} IS NULL)",
                    table.name
                ),
            };
            self.run(sql);
            self.note(format!("FUNCTION {name}()"), EXECUTE);
        }
    }
}
