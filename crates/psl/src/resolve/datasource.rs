//! The `datasource` block.

use super::{environment, extensions, properties::Properties, report::Report, values};
use crate::{
    schema::{Datasource, PropertySpans, RelationMode, UrlValue},
    source::Span,
    syntax::{Block, Document, Expression, Word},
};

/// A datasource with the places that later checks point to.
pub(super) struct DatasourceDraft<'a> {
    pub(super) datasource: Datasource,
    /// The names in `schemas`, with their places.
    pub(super) schemas: Vec<&'a Word>,
    /// The `extensions` property and the names in it, with their places.
    pub(super) extensions: Option<(Span, Vec<(&'a str, Span)>)>,
}

/// What a provider is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    PostgreSql,
    /// One that Prisma knows.
    Other,
    Unknown,
}

/// Classifies a provider by its name.
pub(super) fn provider(name: &str) -> Provider {
    match name {
        "postgresql" | "postgres" => Provider::PostgreSql,
        "mysql" | "sqlite" | "sqlserver" | "mongodb" | "cockroachdb" => Provider::Other,
        _ => Provider::Unknown,
    }
}

/// Finds the first datasource for a database that we do not work with; returns its provider.
pub(super) fn find_other_provider(documents: &[Document]) -> Option<&Word> {
    datasource_blocks(documents)
        .flat_map(Properties::all)
        .filter(|(key, _)| key.text == "provider")
        .find_map(|(_, value)| values::as_text(value?))
        .filter(|word| provider(&word.text) == Provider::Other)
}

fn datasource_blocks(documents: &[Document]) -> impl Iterator<Item = &Block> {
    documents
        .iter()
        .flat_map(|document| &document.blocks)
        .filter(|block| block.keyword.text == "datasource")
}

/// Reads every datasource, of which there may be only one.
pub(super) fn resolve<'a>(
    documents: &'a [Document],
    report: &mut Report,
) -> Option<DatasourceDraft<'a>> {
    let read: Vec<DatasourceDraft<'a>> =
        datasource_blocks(documents).filter_map(|block| read(block, report)).collect();
    if read.len() > 1 {
        for block in datasource_blocks(documents) {
            let message = "You defined more than one datasource. This is not allowed yet because \
                           support for multiple databases has not been implemented yet.";
            report.invalid_datasource(&block.name.text, message, block.span);
        }
    }
    read.into_iter().next()
}

fn read<'a>(block: &'a Block, report: &mut Report) -> Option<DatasourceDraft<'a>> {
    let name = &block.name.text;
    let mut properties = Properties::read(block, report)?;
    let provider = read_provider(block, &mut properties, report)?;
    let relation_mode = read_relation_mode(block, &mut properties, report);
    let extensions =
        properties.take("extensions").map(|(span, value)| (span, extensions::read(value, report)));
    let mut spans = PropertySpans::default();
    let mut url_problems = Report::default();
    let mut url = |key: &str| {
        let (property, value) = properties.take(key)?;
        // Prisma stops at the first one that is wrong.
        let read =
            (!url_problems.has_errors()).then(|| environment::read(value, &mut url_problems));
        Some((read.flatten(), (property, value.span())))
    };
    let (url_value, url_spans) = url("url").unzip();
    let (shadow_value, shadow_spans) = url("shadowDatabaseUrl").unzip();
    let (direct_value, direct_spans) = url("directUrl").unzip();
    spans.url = url_spans;
    spans.direct_url = direct_spans;
    spans.shadow_database_url = shadow_spans;
    if let Some((span, _)) = properties.take("previewFeatures") {
        let message = "Preview features are only supported in the generator block. Please move this \
                       field to the generator block.";
        report.error(message, span);
    }
    let schemas = properties
        .take("schemas")
        .and_then(|(_, value)| read_schemas(value, report))
        .unwrap_or_default();
    properties.finish(report);

    let empty = |url: &UrlValue| matches!(url, UrlValue::Literal(text) if text.is_empty());
    let (extension_span, extension_list) = extensions.unzip();
    let (extension_values, extension_names) =
        extension_list.flatten().map(|list| list.into_iter().unzip()).unzip();
    Some(DatasourceDraft {
        datasource: Datasource {
            name: name.clone(),
            provider,
            url: url_value.flatten(),
            direct_url: direct_value.flatten(),
            shadow_database_url: shadow_value.flatten().filter(|url| !empty(url)),
            schemas: schemas.iter().map(|schema| schema.text.clone()).collect(),
            extensions: extension_values,
            relation_mode: relation_mode.unwrap_or_default(),
            property_spans: spans,
            url_problems: url_problems.into_diagnostics(),
            span: block.span,
        },
        schemas,
        extensions: extension_span.zip(extension_names),
    })
}

fn read_provider(
    block: &Block,
    properties: &mut Properties<'_>,
    report: &mut Report,
) -> Option<String> {
    let name = &block.name.text;
    let Some((_, value)) = properties.take("provider") else {
        let message = format!("Argument \"provider\" is missing in data source block \"{name}\".");
        report.error(message, block.span);
        return None;
    };
    if environment::is_variable(value) {
        let message = "A datasource must not use the env() function in the provider argument.";
        report.error(message, block.span);
        return None;
    }
    let Some(word) = values::as_text(value) else {
        let message = "The provider argument in a datasource must be a string literal";
        report.invalid_datasource(name, message, value.span());
        return None;
    };
    if word.text.is_empty() {
        let message = "The provider argument in a datasource must not be empty";
        report.invalid_datasource(name, message, value.span());
        return None;
    }
    if provider(&word.text) == Provider::Unknown {
        report.error(format!("Datasource provider not known: \"{}\".", word.text), value.span());
        return None;
    }
    Some(word.text.clone())
}

fn read_relation_mode(
    block: &Block,
    properties: &mut Properties<'_>,
    report: &mut Report,
) -> Option<RelationMode> {
    let current = properties.take("relationMode");
    let old = properties.take("referentialIntegrity");
    if let Some((span, _)) = old {
        let message = "The `referentialIntegrity` attribute is deprecated. Please use \
                       `relationMode` instead. Learn more at https://pris.ly/d/relation-mode";
        report.warning(message, span);
    }
    if let (Some(_), Some((span, _))) = (current, old) {
        let message = "The `referentialIntegrity` and `relationMode` attributes cannot be used \
                       together. Please use only `relationMode` instead.";
        report.error(message, span);
        return None;
    }
    let (_, value) = current.or(old)?;
    match values::text(value, report)?.text.as_str() {
        "prisma" => Some(RelationMode::Prisma),
        "foreignKeys" => Some(RelationMode::ForeignKeys),
        other => {
            let message = format!(
                "Invalid relation mode setting: \"{other}\". Supported values: \"prisma\", \
                 \"foreignKeys\""
            );
            report.invalid_datasource("relationMode", &message, block.span);
            None
        }
    }
}

fn read_schemas<'a>(value: &'a Expression, report: &mut Report) -> Option<Vec<&'a Word>> {
    let mut schemas = values::read_elements(value, report, values::text)?;
    if schemas.is_empty() {
        report.error("If provided, the schemas array can not be empty.", value.span());
        return None;
    }
    schemas.sort_by(|one, other| one.text.cmp(&other.text));
    for (one, next) in schemas.iter().zip(schemas.iter().skip(1)) {
        if one.text == next.text {
            report.error("Duplicated schema names are not allowed", one.span);
        }
    }
    Some(schemas)
}
