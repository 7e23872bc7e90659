//! The `datasource` and `generator` blocks, which are kept as far as Prisma keeps them.

use std::collections::BTreeMap;
use std::ops::Range;

use catalog::Catalog;
use psl::SchemaFiles;
use psl::schema::{Datasource, Extension};
use psl::syntax::{Block, Expression, Member};

use crate::names::{is_unusable, usable};
use crate::previous;
use crate::text::{self, Call};

/// Properties of a datasource in the order in which they are written; `extensions` and `schemas`
/// follow.
const DATASOURCE: [&str; 5] = ["provider", "url", "directUrl", "shadowDatabaseUrl", "relationMode"];

/// Properties of a generator that are written first; the others follow by name.
const GENERATOR: [&str; 4] = ["provider", "output", "previewFeatures", "binaryTargets"];

/// Extensions that are written although no previous schema has them.
const KNOWN_EXTENSIONS: [&str; 4] = ["citext", "postgis", "pg_crypto", "uuid-ossp"];

/// The feature without which Prisma 7 does not take indexes with a condition.
const PARTIAL_INDEXES: &str = "partialIndexes";

/// What decides about the blocks besides what they say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings<'a> {
    pub(crate) files: &'a SchemaFiles,
    pub(crate) catalog: &'a Catalog,
    /// The PostgreSQL schemas to name instead of those named.
    pub(crate) schemas: Option<&'a [String]>,
    /// Whether there are indexes with a condition.
    pub(crate) has_partial_indexes: bool,
}

/// Returns the blocks of those files, generators first, not formatted. Comments are not kept.
pub(crate) fn write(settings: &Settings<'_>, files: Range<usize>) -> String {
    let documents = settings.files.documents();
    let documents = documents.get(files).unwrap_or_default();
    let blocks = |keyword: &'static str| {
        let blocks = documents.iter().flat_map(|document| &document.blocks);
        blocks.filter(move |block| block.keyword.text == keyword)
    };
    let mut out = String::new();
    for block in blocks("generator") {
        out.push_str(&generator(block, settings));
        out.push('\n');
    }
    for block in blocks("datasource") {
        out.push_str(&datasource(block, settings));
        out.push('\n');
    }
    out
}

fn generator(block: &Block, settings: &Settings<'_>) -> String {
    let mut out = heading(block);
    let mut properties = properties(block);
    let mut features: Option<Vec<String>> = properties.get("previewFeatures").map(|list| {
        let mut features: Vec<String> = items(list).filter_map(previous::text).map(known).collect();
        features.sort_unstable();
        features
    });
    let has_feature = |features: &[String]| features.iter().any(|name| name == PARTIAL_INDEXES);
    if settings.has_partial_indexes && !features.as_deref().is_some_and(has_feature) {
        features.get_or_insert_default().push(PARTIAL_INDEXES.to_owned());
    }
    for key in GENERATOR {
        let value = properties.remove(key);
        let value = match (key, &features) {
            ("previewFeatures", Some(features)) => {
                let features: Vec<String> = features.iter().map(|f| text::literal(f)).collect();
                format!("[{}]", features.join(", "))
            }
            // An empty list says nothing.
            ("binaryTargets", _) if value.is_none_or(|list| items(list).next().is_none()) => {
                continue;
            }
            (_, _) => match value {
                Some(value) => written(value),
                None => continue,
            },
        };
        property(key, &value, &mut out);
    }
    for (key, value) in properties {
        property(key, &written(value), &mut out);
    }
    out.push_str("}\n");
    out
}

/// The name that a preview feature has now.
fn known(feature: &str) -> String {
    match feature {
        "fullTextSearch" => "fullTextSearchPostgres".to_owned(),
        other => other.to_owned(),
    }
}

fn datasource(block: &Block, settings: &Settings<'_>) -> String {
    let mut out = heading(block);
    let properties = properties(block);
    for key in DATASOURCE {
        if let Some(value) = properties.get(key) {
            property(key, &written(value), &mut out);
        }
    }
    let schema = &settings.files.load().schema;
    let Some(datasource) = &schema.datasource else { return out + "}\n" };
    if schema.preview_features.contains("postgresqlExtensions") {
        let extensions = extensions(datasource, settings.catalog);
        if !extensions.is_empty() {
            property("extensions", &format!("[{extensions}]"), &mut out);
        }
    }
    let schemas = settings.schemas.unwrap_or(&datasource.schemas);
    if !schemas.is_empty() {
        let schemas: Vec<String> = schemas.iter().map(|name| text::literal(name)).collect();
        property("schemas", &format!("[{}]", schemas.join(", ")), &mut out);
    }
    out.push_str("}\n");
    out
}

fn heading(block: &Block) -> String {
    format!("{} {} {{\n", block.keyword.text, block.name.text)
}

fn properties(block: &Block) -> BTreeMap<&str, &Expression> {
    let pairs = block.members.iter().filter_map(|member| match member {
        Member::Property(property) => Some((property.key.text.as_str(), property.value.as_ref()?)),
        Member::Field(_) | Member::Label(_) => None,
    });
    pairs.collect()
}

fn property(key: &str, value: &str, out: &mut String) {
    out.extend([key, " = ", value, "\n"]);
}

/// The items of a list, or what is no list.
fn items(value: &Expression) -> impl Iterator<Item = &Expression> {
    match value {
        Expression::Array(items, _) => items.iter(),
        Expression::String(_)
        | Expression::Number(_)
        | Expression::Constant(_)
        | Expression::Function(_)
        | Expression::Object(..) => std::slice::from_ref(value).iter(),
    }
}

/// A value as Prisma keeps it: a string, `env("…")`, or a list of those.
fn written(value: &Expression) -> String {
    match value {
        Expression::String(word) | Expression::Number(word) | Expression::Constant(word) => {
            text::literal(&word.text)
        }
        Expression::Function(function) => {
            let arguments = function.arguments.iter().filter_map(|a| a.value.as_ref());
            let arguments: Vec<String> = arguments.map(written).collect();
            format!("{}({})", function.name.text, arguments.join(", "))
        }
        Expression::Array(items, _) => {
            let items: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", items.join(", "))
        }
        Expression::Object(..) => String::new(),
    }
}

/// The extensions of the database that the schema names, and a few more.
fn extensions(datasource: &Datasource, catalog: &Catalog) -> String {
    let named: &[Extension] = datasource.extensions.as_deref().unwrap_or_default();
    let mut found: Vec<_> = catalog.extensions.iter().collect();
    found.sort_by_key(|extension| &extension.name);
    let mut list = Vec::new();
    for extension in found {
        let name = extension.name.as_str();
        let before = named.iter().find(|before| before.database_name == name);
        if before.is_none() && !KNOWN_EXTENSIONS.contains(&name) {
            continue;
        }
        let mut call = Call::new("");
        call.named("map", is_unusable(name).then(|| text::literal(name)));
        let schema = || extension.schema.as_deref().map(text::literal);
        if let Some(before) = before {
            let version = before.version.as_ref().and(extension.version.as_deref());
            call.named("version", version.map(text::literal));
            call.named("schema", before.schema.as_ref().and_then(|_| schema()));
        } else {
            call.named("schema", schema());
        }
        list.push(format!("{}{call}", usable(name)));
    }
    list.join(", ")
}
