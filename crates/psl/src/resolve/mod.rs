//! From trees to a checked [`Schema`].
//!
//! In phases, each of which goes on where an earlier one found errors: names, types, attributes,
//! relations; then, if everything by itself is right, what hangs together ([`check`]).

mod attributes;
mod check;
mod completion;
mod datasource;
mod defaults;
mod draft;
mod emit;
mod enums;
mod environment;
mod extensions;
mod fields;
mod generators;
mod keys;
mod models;
mod names;
mod native_types;
mod operator_classes;
mod predicate;
mod preview_features;
mod properties;
mod relation_fields;
mod relations;
mod release;
mod report;
mod signatures;
mod types;
mod values;

pub(crate) use completion::{Insertion, missing_text};
use draft::Draft;
pub use release::release_diagnostics;
use report::Report;

use crate::{
    schema::Schema,
    source::{Diagnostic, Severity},
    syntax::Document,
};

/// Resolves and checks the trees of all files; `diagnostics` are those of the parser.
///
/// Returns a schema in any case; it is whole if there is no error.
pub(crate) fn resolve(
    documents: &[Document],
    diagnostics: Vec<Diagnostic>,
) -> (Schema, Vec<Diagnostic>) {
    if let Some(provider) = datasource::find_other_provider(documents) {
        let message =
            format!("undrift works with PostgreSQL; this datasource is for `{}`.", provider.text);
        let diagnostic = Diagnostic { severity: Severity::Error, message, span: provider.span };
        return (Schema::default(), vec![diagnostic]);
    }
    let mut report = Report::new(diagnostics);
    let mut draft = draft_of(documents, &mut report);

    draft.datasource = datasource::resolve(documents, &mut report);
    let has_datasource = draft.datasource.is_some();
    let generators = generators::resolve(documents, has_datasource, &mut report);
    draft.features = generators
        .iter()
        .flat_map(|generator| &generator.preview_features)
        .filter_map(|feature| preview_features::find(&feature.name))
        .collect();
    if !report.has_errors() {
        check::check(&draft, &mut report);
    }
    let schema = Schema { generators, ..emit::emit(&draft) };
    (schema, report.into_diagnostics())
}

/// Resolves everything that stands in blocks of models and enums.
fn draft_of<'a>(documents: &'a [Document], report: &mut Report) -> Draft<'a> {
    let mut draft = Draft::default();
    names::check(documents, report);
    types::resolve(documents, &mut draft, report);
    // Relation fields first, since the messages about indexes name their columns.
    for model in draft.model_ids() {
        relation_fields::resolve(model, &mut draft, report);
    }
    for model in draft.model_ids() {
        fields::resolve(model, &mut draft, report);
        models::resolve(model, &mut draft, report);
    }
    for r#enum in draft.enum_ids() {
        enums::resolve(r#enum, &mut draft, report);
    }
    relations::resolve(&mut draft);
    draft
}
