//! A database's catalog → the text of a schema, as `prisma db pull` writes it.
//!
//! What the database says stands in the schema; what only a schema can say (names, positions, `///`
//! comments, defaults that the client makes) is kept from a previous one. What the language cannot say
//! is told in comments above the models and in [`Warnings`].
//!
//! The way of the data: catalog → `database` (what the language could see of it) and previous files →
//! `previous`, both matched in `context` → one file for each thing that is written: `models` with
//! `fields`, `relations` and `indexes`, `enums`, `views`, `configuration` → [`psl::format`], which puts
//! it into columns. The crate is pure: no connection, file, clock or environment.

mod configuration;
mod context;
mod database;
mod defaults;
mod enums;
mod fields;
mod indexes;
mod models;
mod names;
mod previous;
mod relations;
mod text;
mod types;
mod views;
mod warnings;

use std::collections::BTreeMap;

use catalog::{Catalog, Kind, Language};
use psl::SchemaFiles;
use psl::schema::RelationMode;

pub use warnings::{Topic, Warnings};

use crate::context::Context;
use crate::database::Database;
use crate::previous::Previous;
use crate::relations::join_table::is_join_table;

/// The kinds of object that are looked at.
pub const KINDS: &[Kind] = &[
    Kind::Schema,
    Kind::Extension,
    Kind::EnumType,
    Kind::Domain,
    Kind::CompositeType,
    Kind::RangeType,
    Kind::Table,
    Kind::Index,
    Kind::View,
];

/// What is known before the database is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The previous schema. Its datasource and generators are always kept.
    pub files: &'a SchemaFiles,
    /// Whether the rest of it is kept.
    pub keep: Keep,
    /// The PostgreSQL schemas that were looked at.
    pub schemas: &'a [String],
    /// Whether those are other schemas than the previous schema names, and so have to be written.
    pub has_own_schemas: bool,
    /// Whether the language has indexes with a condition, as it has from Prisma 7 on; without, there are
    /// none in the schema.
    pub language: Language,
    /// The path of the file for what no file has yet. With one file, it is that one.
    pub new_file: &'a str,
}

/// What of a previous schema is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All that the database does not contradict.
    Everything,
    /// Its datasource and generators.
    Configuration,
}

/// A schema as pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The texts by path: of every previous file, even if nothing is left in it, and of the new one if
    /// there is something for it. If only the configuration was kept, everything is in one file.
    pub files: BTreeMap<String, String>,
    /// What there is to warn of.
    pub warnings: Warnings,
    /// How many models there are, without those that are commented out.
    pub models: usize,
    /// Whether there is not a single model, view or enum.
    pub is_empty: bool,
}

/// Why a database cannot be pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A foreign key leads out of the schemas looked at.
    CrossSchemaReference {
        /// The table, with the first of the schemas looked at.
        from: String,
        /// The table referred to.
        to: String,
        /// The foreign key.
        constraint: String,
        /// The schema that is not looked at.
        missing: String,
    },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::CrossSchemaReference { from, to, constraint, missing } = self;
        write!(
            f,
            "Cross schema references are only allowed when the target schema is listed in the schemas \
             property of your datasource. `{from}` points to `{to}` in constraint `{constraint}`. \
             Please add `{missing}` to your `schemas` property and run this command again."
        )
    }
}

impl std::error::Error for Error {}

/// Writes the schema of a database.
///
/// The catalog's expressions are to be as the server prints them for a user of the database: see
/// [`catalog::Reading::AsPrinted`]. The previous schema must have been loaded without errors.
///
/// # Errors
/// When a foreign key leads out of the schemas looked at.
pub fn pull(catalog: &Catalog, request: Request<'_>) -> Result<Pulled, Error> {
    let Request { files, keep, schemas, has_own_schemas, language, new_file } = request;
    let schema = &files.load().schema;
    let database = Database::of(catalog, schemas, language)?;
    let previous = match keep {
        Keep::Everything => Previous::of(files),
        Keep::Configuration => Previous::default(),
    };
    let datasource = schema.datasource.as_ref();
    let context = Context::new(
        &database,
        &previous,
        datasource.map_or("db", |datasource| &datasource.name),
        has_own_schemas || datasource.is_some_and(|datasource| !datasource.schemas.is_empty()),
        datasource.is_none_or(|datasource| datasource.relation_mode == RelationMode::ForeignKeys),
        schema.preview_features.contains("views"),
    );
    let models: Vec<usize> = (0..database.tables.len())
        .filter(|at| {
            context.table(*at).is_some_and(|t| !t.is_prismas() && !is_join_table(t, &database))
        })
        .collect();
    let views: Vec<usize> =
        if context.has_views { (0..database.views.len()).collect() } else { Vec::new() };
    let enums: Vec<usize> = (0..database.enums.len()).collect();

    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let new_file = match paths.as_slice() {
        [only] => only,
        _ => new_file,
    };
    let settings = configuration::Settings {
        files,
        catalog,
        schemas: has_own_schemas.then_some(schemas),
        has_partial_indexes: models.iter().any(|at| {
            let table = context.table(*at);
            table.is_some_and(|t| t.indexes.iter().any(|index| index.predicate.is_some()))
        }),
    };
    let mut texts: BTreeMap<String, String> = match keep {
        Keep::Everything => paths
            .iter()
            .zip(0..)
            .map(|(path, file)| {
                let blocks = configuration::write(&settings, file..file + 1);
                ((*path).to_owned(), blocks)
            })
            .collect(),
        Keep::Configuration => {
            let blocks = configuration::write(&settings, 0..paths.len());
            BTreeMap::from([(new_file.to_owned(), blocks)])
        }
    };
    let path = |file: Option<usize>| file.and_then(|file| paths.get(file)).unwrap_or(&new_file);
    let mut add = |file: Option<usize>, block: String| {
        let text = texts.entry((*path(file)).to_owned()).or_default();
        text.push_str(&block);
        text.push('\n');
    };
    for at in in_order(&models, |at| context.model_position(at)) {
        add(context.model(at).map(|model| model.file), models::write(&context, at));
    }
    for at in in_order(&views, |at| context.view_position(at)) {
        add(context.view(at).map(|view| view.file), views::write(&context, at));
    }
    for at in in_order(&enums, |at| context.enum_position(at)) {
        add(context.r#enum(at).map(|r#enum| r#enum.file), enums::write(&context, at));
    }
    Ok(Pulled {
        files: texts.into_iter().map(|(path, text)| (path, psl::format(&text))).collect(),
        warnings: warnings::find(&context, &models),
        models: models
            .iter()
            .filter(|at| context.table(**at).is_some_and(|table| !table.columns.is_empty()))
            .count(),
        is_empty: models.is_empty() && views.is_empty() && enums.is_empty(),
    })
}

/// Those that were there before in their order, then the new ones.
fn in_order(all: &[usize], before: impl Fn(usize) -> Option<usize>) -> Vec<usize> {
    let mut ordered = all.to_vec();
    ordered.sort_by_key(|at| before(*at).unwrap_or(usize::MAX));
    ordered
}
