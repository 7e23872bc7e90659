//! The `generator` blocks; of them only the provider and the preview features matter here.

use super::{environment, preview_features, properties::Properties, report::Report, values};
use crate::{
    schema::{Generator, PreviewFeatureUse, UrlValue},
    syntax::{Block, Document, Expression},
};

/// Reads every generator. Preview features depend on whether the database is known.
pub(super) fn resolve(
    documents: &[Document],
    knows_database: bool,
    report: &mut Report,
) -> Vec<Generator> {
    documents
        .iter()
        .flat_map(|document| &document.blocks)
        .filter(|block| block.keyword.text == "generator")
        .filter_map(|block| read(block, knows_database, report))
        .collect()
}

fn read(block: &Block, knows_database: bool, report: &mut Report) -> Option<Generator> {
    let name = &block.name.text;
    let mut properties = Properties::read(block, report)?;
    if let Some((_, value)) = properties.take("engineType")
        && !matches!(value, Expression::String(_))
        && !environment::is_variable(value)
    {
        values::mismatch("String", value, report);
    }
    let Some((_, provider)) = properties.take("provider") else {
        let message = format!("Argument \"provider\" is missing in generator block \"{name}\".");
        report.error(message, block.span);
        return None;
    };
    let provider = match environment::read(provider, report)? {
        UrlValue::Literal(text) => text,
        UrlValue::Environment(variable) => format!("env(\"{variable}\")"),
    };
    if let Some((_, output)) = properties.take("output") {
        environment::read(output, report);
    }
    if let Some((_, targets)) = properties.take("binaryTargets") {
        values::read_elements(targets, report, environment::read);
    }
    let mut features = Vec::new();
    if let Some((_, value)) = properties.take("previewFeatures")
        && let Some(names) = values::read_elements(value, report, values::text)
    {
        for name in names {
            let span = value.span();
            preview_features::check(&name.text, knows_database, span, report);
            features.push(PreviewFeatureUse { name: name.text.clone(), span });
        }
    }
    Some(Generator { name: name.clone(), provider, preview_features: features })
}
