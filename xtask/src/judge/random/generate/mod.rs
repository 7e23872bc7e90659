//! A random database, as SQL.
//!
//! Each file makes some kinds of object, in the order in which they can need each other. What is made
//! is noted in the [`Draft`], so that what comes later can refer to it. A few statements may be refused
//! by PostgreSQL; they are passed over.

#![expect(
    clippy::format_push_string,
    reason = "`write!` answers a result, and speed is not needed"
)]

mod columns;
mod expressions;
mod extras;
mod on_tables;
mod routines;
mod tables;
mod types;
mod views;

use super::choices::Choices;

/// Returns the statements that make the database of these choices.
pub(super) fn generate(choices: &Choices) -> Vec<String> {
    let mut draft = Draft::new(choices);
    draft.make_types();
    draft.make_sequences();
    draft.make_routines();
    draft.make_tables();
    draft.make_foreign_keys();
    draft.make_what_is_on_tables();
    draft.make_views();
    draft.make_late_routines();
    draft.make_extras();
    draft.statements
}

/// How values of a type can be used in expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Class {
    Integer,
    Number,
    Text,
    Boolean,
    Time,
    /// With its labels, quoted.
    Enum(Vec<String>),
    /// Of integers.
    Range,
    Other,
}

/// A type that a column may have.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Type {
    sql: String,
    class: Class,
    /// Whether a B-tree can hold it.
    is_ordered: bool,
    /// A value, as SQL.
    sample: String,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    r#type: Type,
    is_generated: bool,
}

/// A table or a view.
#[derive(Debug, Clone)]
struct Relation {
    /// With its schema.
    name: String,
    /// Without; unquoted.
    stem: String,
    kind: RelationKind,
    columns: Vec<Column>,
    /// What is unique, as columns.
    keys: Vec<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RelationKind {
    Table,
    Partitioned,
    /// A partition, with its parent's number.
    Partition,
    View,
    MaterializedView,
}

/// What has been made so far.
struct Draft<'a> {
    choices: &'a Choices,
    statements: Vec<String>,
    schemas: Vec<&'static str>,
    types: Vec<Type>,
    collations: Vec<String>,
    sequences: Vec<String>,
    tables: Vec<Relation>,
    views: Vec<Relation>,
    /// What can have a comment, as `COMMENT ON` names it.
    objects: Vec<String>,
    /// What can be granted, as `GRANT … ON` names it, and the privileges there are.
    grantable: Vec<(String, &'static [&'static str])>,
}

impl<'a> Draft<'a> {
    fn new(choices: &'a Choices) -> Self {
        let mut draft = Self {
            choices,
            statements: Vec::new(),
            schemas: vec!["public"],
            types: Vec::new(),
            collations: Vec::new(),
            sequences: Vec::new(),
            tables: Vec::new(),
            views: Vec::new(),
            objects: Vec::new(),
            grantable: Vec::new(),
        };
        for (schema, percent) in [("s1", 60), ("\"S 2\"", 30)] {
            if choices.chance(&format!("schema {schema}"), percent) {
                draft.run(format!("CREATE SCHEMA {schema}"));
                draft.schemas.push(schema);
                draft.note(format!("SCHEMA {schema}"), &["USAGE", "CREATE"]);
            }
        }
        draft
    }

    fn run(&mut self, statement: String) {
        self.statements.push(statement);
    }

    /// Notes something that can have a comment and privileges.
    fn note(&mut self, object: String, privileges: &'static [&'static str]) {
        if !privileges.is_empty() {
            self.grantable.push((object.clone(), privileges));
        }
        self.objects.push(object);
    }

    fn chance(&self, path: &str, percent: usize) -> bool {
        self.choices.chance(path, percent)
    }

    fn word(&self, path: &str, from: &[&'static str]) -> &'static str {
        self.choices.word(path, from)
    }

    /// The word, or nothing.
    fn maybe(&self, path: &str, percent: usize, word: &'static str) -> &'static str {
        if self.chance(path, percent) { word } else { "" }
    }

    /// A name in one of the schemas, mostly in `public`.
    fn qualified(&self, stem: &str) -> String {
        let path = format!("{stem}.schema");
        let schema = if self.chance(&format!("{path}?"), 60) {
            "public"
        } else {
            self.choices
                .position(&path, &self.schemas)
                .and_then(|at| self.schemas.get(at).copied())
                .unwrap_or("public")
        };
        format!("{schema}.{stem}")
    }

    /// Some of the items, in order; each is taken in so many of a hundred cases.
    fn some<'t, T>(&self, path: &str, percent: usize, from: &'t [T]) -> Vec<&'t T> {
        let is_taken = |number: &usize| self.chance(&format!("{path}.{number}"), percent);
        from.iter().enumerate().filter(|(number, _)| is_taken(number)).map(|(_, it)| it).collect()
    }
}
