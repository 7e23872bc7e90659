//! Columns, types and constraints as definitions have them.

use script::{Words, bare};

use super::{Reader, columns};
use crate::action::{Column, Constraint, ConstraintKind, Filling, Type};

/// The words that end a type or a default in a column definition.
const CLAUSES: &[&[&str]] = &[
    &["NOT", "NULL"],
    &["NULL"],
    &["DEFAULT"],
    &["PRIMARY", "KEY"],
    &["UNIQUE"],
    &["CHECK"],
    &["REFERENCES"],
    &["GENERATED"],
    &["COLLATE"],
    &["CONSTRAINT"],
    &["STORAGE"],
    &["COMPRESSION"],
    &["USING"],
    &["OPTIONS"],
    &["NOT", "VALID"],
    &["NO", "INHERIT"],
    &["DEFERRABLE"],
    &["NOT", "DEFERRABLE"],
    &["INITIALLY"],
];

/// What PostgreSQL calls types that have another name in the standard.
const TYPE_NAMES: &[(&[&str], &str)] = &[
    (&["double", "precision"], "float8"),
    (&["character", "varying"], "varchar"),
    (&["char", "varying"], "varchar"),
    (&["bit", "varying"], "varbit"),
    (&["character"], "bpchar"),
    (&["char"], "bpchar"),
    (&["integer"], "int4"),
    (&["int"], "int4"),
    (&["smallint"], "int2"),
    (&["bigint"], "int8"),
    (&["serial"], "int4"),
    (&["smallserial"], "int2"),
    (&["bigserial"], "int8"),
    (&["serial4"], "int4"),
    (&["serial2"], "int2"),
    (&["serial8"], "int8"),
    (&["real"], "float4"),
    (&["float"], "float8"),
    (&["decimal"], "numeric"),
    (&["dec"], "numeric"),
    (&["boolean"], "bool"),
];

const SERIALS: &[&str] = &["serial", "smallserial", "bigserial", "serial2", "serial4", "serial8"];

/// Functions that give the same value within a statement: `pg_proc.provolatile` is `s` or `i`.
const STABLE: &[&str] = &[
    "now",
    "transaction_timestamp",
    "statement_timestamp",
    "current_setting",
    "to_timestamp",
    "make_interval",
    "make_date",
    "lower",
    "upper",
    "concat",
    "date_trunc",
    "jsonb_build_object",
    "jsonb_build_array",
    "json_build_object",
    "json_build_array",
    "to_jsonb",
    "array_append",
    "coalesce",
    "cast",
    "timezone",
    "decode",
    "encode",
    "md5",
    "abs",
    "length",
    "extract",
    "current_timestamp",
    "localtimestamp",
    "localtime",
    "current_time",
    "numeric",
    "decimal",
    "varchar",
    "char",
    "timestamp",
    "timestamptz",
    "interval",
    "time",
];

/// Functions of PostgreSQL and its extensions that give another value for each row.
const VOLATILE: &[&str] = &[
    "random",
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "nextval",
    "clock_timestamp",
    "timeofday",
    "gen_random_bytes",
    "gen_salt",
    "setseed",
    "txid_current",
];

/// A type, and what follows it.
pub(super) fn r#type(words: Words<'_>) -> (Type, Words<'_>) {
    let long = TYPE_NAMES
        .iter()
        .find_map(|(standard, name)| Some(((*name).to_owned(), words.after(standard)?)));
    let (name, mut rest) = long.unwrap_or_else(|| {
        let parts = words.qualified_name();
        let (parts, rest) = parts.unwrap_or_else(|| (Vec::new(), words.skip(1)));
        (parts.last().map(|name| bare(name)).unwrap_or_default(), rest)
    });
    let mut arguments = Vec::new();
    let take_arguments = |rest: &mut Words<'_>, arguments: &mut Vec<u32>| {
        if let Some((inside, after)) = rest.parenthesised() {
            arguments.extend(inside.each().filter_map(|word| word.parse::<u32>().ok()));
            true.then(|| after.len())
        } else {
            None
        }
    };
    if let Some(left) = take_arguments(&mut rest, &mut arguments) {
        rest = rest.skip(rest.len() - left);
    }
    let mut name = name;
    if let Some(after) = rest.after(&["WITH", "TIME", "ZONE"]) {
        name.push_str("tz");
        rest = after;
    }
    rest = rest.maybe(&["WITHOUT", "TIME", "ZONE"]);
    if name == "bpchar" && arguments.is_empty() {
        arguments.push(1);
    }
    let mut array = false;
    while let Some(after) = rest.after(&["["]) {
        array = true;
        rest = after.position(|words| words.word(0) == "]").map_or(after, |at| after.skip(at + 1));
    }
    if let Some(after) = rest.after(&["ARRAY"]) {
        array = true;
        rest = after;
    }
    (Type { name, arguments, array }, rest)
}

/// Where the next clause of a column definition begins.
fn clause(words: Words<'_>) -> usize {
    let begins = |words: Words<'_>| CLAUSES.iter().any(|clause| words.starts(clause));
    words.position(begins).unwrap_or(words.len())
}

impl Reader<'_> {
    /// A column definition: the name, the type, and all that follows.
    pub(super) fn column(self, words: Words<'_>) -> Option<Column> {
        let (name, rest) = words.name()?;
        let name = bare(name);
        let is_serial = SERIALS.iter().any(|serial| rest.word(0).eq_ignore_ascii_case(serial));
        let (r#type, mut rest) = r#type(rest);
        let mut column = Column {
            name,
            r#type,
            not_null: is_serial,
            filling: if is_serial {
                Filling::PerRow("nextval(…)".to_owned())
            } else {
                Filling::Null
            },
            constraints: Vec::new(),
        };
        let mut constraint_name = None;
        while !rest.is_empty() {
            if let Some(after) = rest.after(&["CONSTRAINT"]) {
                let (name, after) = after.name()?;
                constraint_name = Some(bare(name));
                rest = after;
                continue;
            }
            let constraint = constraint_name.take();
            if let Some(after) = rest.after(&["NOT", "NULL"]) {
                column.not_null = true;
                rest = after;
            } else if let Some(after) = rest.after(&["DEFAULT"]) {
                // A default may begin with a word that also begins a clause: `DEFAULT NULL`.
                let length = 1 + clause(after.skip(1));
                column.filling = filling(after.take(length));
                rest = after.skip(length);
            } else if let Some(after) = rest.after(&["GENERATED"]) {
                if after.mentions(&["STORED"]) {
                    column.filling = Filling::Generated;
                } else if after.mentions(&["IDENTITY"]) {
                    column.filling = Filling::PerRow("nextval(…)".to_owned());
                    column.not_null = true;
                }
                let end = after.position(|words| {
                    ["STORED", "VIRTUAL", "IDENTITY"].iter().any(|word| words.starts(&[word]))
                });
                rest = after.skip(end.map_or(1, |end| end + 1));
                rest = rest.parenthesised().map_or(rest, |(_, after)| after);
            } else if let Some((kind, after)) = self.inline(rest, &column.name) {
                column.not_null |= matches!(kind, ConstraintKind::Key { primary: true, .. });
                column.constraints.push(Constraint { name: constraint, kind, not_valid: false });
                rest = after;
            } else {
                rest = rest.skip(1 + clause(rest.skip(1)));
            }
        }
        Some(column)
    }

    /// A constraint within a column definition, and what follows it.
    fn inline<'w>(self, words: Words<'w>, column: &str) -> Option<(ConstraintKind, Words<'w>)> {
        let key = |primary| ConstraintKind::Key {
            primary,
            columns: vec![column.to_owned()],
            using_index: None,
        };
        if let Some(after) = words.after(&["PRIMARY", "KEY"]) {
            return Some((key(true), after));
        }
        if let Some(after) = words.after(&["UNIQUE"]) {
            return Some((key(false), after));
        }
        if let Some(after) = words.after(&["CHECK"]) {
            let (inside, after) = after.parenthesised()?;
            return Some((ConstraintKind::Check(inside.text().to_owned()), after));
        }
        let (references, after) = self.name(words.after(&["REFERENCES"])?)?;
        let (referenced, after) = columns(after).unwrap_or((Vec::new(), after));
        let columns = vec![column.to_owned()];
        Some((ConstraintKind::ForeignKey { columns, references, referenced }, after))
    }

    /// A constraint of a table, with or without a name.
    pub(super) fn constraint(self, words: Words<'_>) -> Option<Constraint> {
        let (name, words) = match words.after(&["CONSTRAINT"]) {
            Some(after) => {
                let (name, after) = after.name()?;
                (Some(bare(name)), after)
            }
            None => (None, words),
        };
        let not_valid = words.mentions(&["NOT", "VALID"]);
        let kind = self.constraint_kind(words)?;
        Some(Constraint { name, kind, not_valid })
    }

    fn constraint_kind(self, words: Words<'_>) -> Option<ConstraintKind> {
        if let Some(after) = words.after(&["CHECK"]) {
            let (inside, _) = after.parenthesised()?;
            return Some(ConstraintKind::Check(inside.text().to_owned()));
        }
        if let Some(after) = words.after(&["FOREIGN", "KEY"]) {
            let (columns, after) = columns(after)?;
            let (references, after) = self.name(after.after(&["REFERENCES"])?)?;
            let referenced = self::columns(after).map(|(columns, _)| columns).unwrap_or_default();
            return Some(ConstraintKind::ForeignKey { columns, references, referenced });
        }
        if let Some(after) = words.after(&["NOT", "NULL"]) {
            return Some(ConstraintKind::NotNull(bare(after.name()?.0)));
        }
        if words.starts(&["EXCLUDE"]) {
            return Some(ConstraintKind::Exclude);
        }
        let primary = words.after(&["PRIMARY", "KEY"]);
        let after = primary.or_else(|| words.after(&["UNIQUE"]))?;
        let primary = primary.is_some();
        if let Some(after) = after.after(&["USING", "INDEX"]) {
            let index = bare(after.name()?.0);
            let key =
                ConstraintKind::Key { primary, columns: Vec::new(), using_index: Some(index) };
            return Some(key);
        }
        let after = after.maybe(&["NULLS", "NOT", "DISTINCT"]).maybe(&["NULLS", "DISTINCT"]);
        let (columns, _) = columns(after)?;
        Some(ConstraintKind::Key { primary, columns, using_index: None })
    }
}

/// What a default puts into rows that are there already.
fn filling(default: Words<'_>) -> Filling {
    if default.len() == 1 && default.starts(&["NULL"]) {
        return Filling::Null;
    }
    let mut filling = Filling::Constant;
    for at in 0..default.len() {
        let calls = default.is_name(at) && default.word(at + 1) == "(";
        if !calls {
            continue;
        }
        let name = bare(default.word(at));
        if VOLATILE.contains(&name.as_str()) {
            return Filling::PerRow(default.text().to_owned());
        }
        if !STABLE.contains(&name.as_str()) {
            filling = Filling::Unknown(default.text().to_owned());
        }
    }
    filling
}

#[cfg(test)]
mod tests {
    use super::*;
    use script::Tokens;

    #[track_caller]
    fn check(text: &str, name: &str, arguments: &[u32], array: bool) {
        let tokens = Tokens::of(text);
        let (read, rest) = r#type(tokens.words());
        let expected = Type { name: name.to_owned(), arguments: arguments.to_owned(), array };
        assert_eq!(read, expected);
        assert!(rest.is_empty(), "{}", rest.text());
    }

    #[test]
    fn types_have_one_name() {
        check("INTEGER", "int4", &[], false);
        check("character varying(20)", "varchar", &[20], false);
        check("DECIMAL(65,30)[]", "numeric", &[65, 30], true);
        check("timestamp(3) without time zone", "timestamp", &[3], false);
        check("TIMESTAMP WITH TIME ZONE", "timestamptz", &[], false);
        check("pg_catalog.int8", "int8", &[], false);
        check("\"Role\"[]", "Role", &[], true);
        check("char", "bpchar", &[1], false);
    }

    fn column(text: &str) -> Column {
        let tokens = Tokens::of(text);
        Reader { schema: "public", start: 0 }.column(tokens.words()).unwrap()
    }

    #[test]
    fn defaults_tell_what_is_written() {
        for (definition, expected) in [
            ("a int", Filling::Null),
            ("a int DEFAULT NULL", Filling::Null),
            ("a int NOT NULL DEFAULT 5 CHECK (a > 1)", Filling::Constant),
            ("a text DEFAULT 'gen_random_uuid()'", Filling::Constant),
            ("a timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP", Filling::Constant),
            ("a jsonb DEFAULT '{}'::jsonb NOT NULL", Filling::Constant),
            ("a uuid DEFAULT gen_random_uuid()", Filling::PerRow("gen_random_uuid()".into())),
            ("a text DEFAULT mine(1)", Filling::Unknown("mine(1)".into())),
            ("a bigserial", Filling::PerRow("nextval(…)".into())),
            ("a int GENERATED ALWAYS AS (b + 1) STORED", Filling::Generated),
            ("a int GENERATED ALWAYS AS IDENTITY (START 5)", Filling::PerRow("nextval(…)".into())),
        ] {
            assert_eq!(column(definition).filling, expected, "{definition}");
        }
    }

    #[test]
    fn constraints_of_a_column_are_seen() {
        let read =
            column("a int CONSTRAINT x UNIQUE NOT NULL REFERENCES s.t (id) ON DELETE SET NULL");
        assert!(read.not_null);
        assert_eq!(read.constraints.len(), 2);
        assert_eq!(read.constraints[0].name.as_deref(), Some("x"));
        assert!(matches!(&read.constraints[1].kind,
            ConstraintKind::ForeignKey { references, .. } if references.to_string() == "s.t"));
    }
}
