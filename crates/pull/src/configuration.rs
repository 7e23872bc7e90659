//! The `datasource` and `generator` blocks, which are kept as far as Prisma knows their properties.

use std::collections::BTreeMap;

use catalog::Catalog;
use psl::SchemaFiles;
use psl::schema::{Datasource, Extension};
use psl::syntax::{Block, Expression, Member};

use crate::names::{is_unusable, usable};
use crate::text::{self, Call};

/// Properties of a datasource in the order in which they are written; `extensions` and `schemas`
/// follow.
const DATASOURCE: [&str; 5] = ["provider", "url", "directUrl", "shadowDatabaseUrl", "relationMode"];

/// Properties of a generator that are written first; the others follow by name.
const GENERATOR: [&str; 4] = ["provider", "output", "previewFeatures", "binaryTargets"];

/// Extensions that are written although no previous schema has them.
const KNOWN_EXTENSIONS: [&str; 4] = ["citext", "postgis", "pg_crypto", "uuid-ossp"];

/// Returns the blocks of one file, generators first, not formatted.
pub(crate) fn write(
    files: &SchemaFiles,
    file: usize,
    catalog: &Catalog,
    schemas: Option<&[String]>,
) -> String {
    let mut out = String::new();
    let Some(document) = files.documents().get(file) else { return out };
    let source = files.get(file).map_or("", |file| &file.text);
    let blocks = |keyword: &'static str| {
        document.blocks.iter().filter(move |block| block.keyword.text == keyword)
    };
    for block in blocks("generator") {
        out.push_str(&generator(block, source));
        out.push('\n');
    }
    let loaded = &files.load().schema;
    for block in blocks("datasource") {
        let Some(datasource) = &loaded.datasource else { continue };
        let extensions = loaded
            .preview_features
            .contains("postgresqlExtensions")
            .then(|| extensions(datasource, catalog))
            .filter(|extensions| !extensions.is_empty());
        out.push_str(&self::datasource(block, source, datasource, extensions, schemas));
        out.push('\n');
    }
    out
}

fn generator(block: &Block, source: &str) -> String {
    let mut out = heading(block);
    let mut properties = properties(block);
    for key in GENERATOR {
        if let Some(value) = properties.remove(key) {
            // An empty list says nothing.
            let is_empty = matches!(value, Expression::Array(items, _) if items.is_empty());
            if key != "binaryTargets" || !is_empty {
                out.push_str(&format!("{key} = {}\n", written(value, source)));
            }
        }
    }
    for (key, value) in properties {
        out.push_str(&format!("{key} = {}\n", written(value, source)));
    }
    out.push_str("}\n");
    out
}

fn datasource(
    block: &Block,
    source: &str,
    datasource: &Datasource,
    extensions: Option<String>,
    schemas: Option<&[String]>,
) -> String {
    let mut out = heading(block);
    let properties = properties(block);
    for key in DATASOURCE {
        if let Some(value) = properties.get(key) {
            out.push_str(&format!("{key} = {}\n", written(value, source)));
        }
    }
    if let Some(extensions) = extensions {
        out.push_str(&format!("extensions = [{extensions}]\n"));
    }
    let schemas = schemas.unwrap_or(&datasource.schemas);
    if !schemas.is_empty() {
        let schemas: Vec<String> = schemas.iter().map(|name| text::literal(name)).collect();
        out.push_str(&format!("schemas = [{}]\n", schemas.join(", ")));
    }
    out.push_str("}\n");
    out
}

fn heading(block: &Block) -> String {
    let mut out = String::new();
    text::document(block.documentation.iter().map(String::as_str), &mut out);
    out.push_str(&format!("{} {} {{\n", block.keyword.text, block.name.text));
    out
}

fn properties(block: &Block) -> BTreeMap<&str, &Expression> {
    let property = |member| match member {
        &Member::Property(ref property) => Some((property.key.text.as_str(), property.value.as_ref()?)),
        &(Member::Field(_) | Member::Label(_)) => None,
    };
    block.members.iter().filter_map(property).collect()
}

/// A value as it was written.
fn written<'s>(value: &Expression, source: &'s str) -> &'s str {
    let span = value.span();
    source.get(span.start as usize..span.end as usize).unwrap_or_default()
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
