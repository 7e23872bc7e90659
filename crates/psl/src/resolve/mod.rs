//! From trees to a checked [`Schema`].
//!
//! In phases, each of which goes on where an earlier one found errors: names, types, attributes,
//! relations; then, if everything by itself is right, what hangs together ([`check`]).

mod attributes;
mod check;
mod completion;
mod composites;
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
use draft::{Draft, Top};
pub use names::is_reserved_name;
pub use operator_classes::operator_class_names;
pub use release::release_diagnostics;
use report::Report;

use crate::{
    schema::Schema,
    source::{Diagnostic, Severity},
    syntax::Document,
};

/// A schema and what is wrong with it.
pub(crate) struct Resolved {
    /// The schema in any case; it is whole if there is no error.
    pub(crate) schema: Schema,
    /// What is wrong with single things.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What does not hang together; looked for only if nothing is wrong with single things.
    pub(crate) late_diagnostics: Vec<Diagnostic>,
}

/// Resolves and checks the trees of all files; `diagnostics` are those of the parser.
pub(crate) fn resolve(documents: &[Document], diagnostics: Vec<Diagnostic>) -> Resolved {
    if let Some(provider) = datasource::find_other_provider(documents) {
        let message =
            format!("undrift works with PostgreSQL; this datasource is for `{}`.", provider.text);
        let diagnostic = Diagnostic { severity: Severity::Error, message, span: provider.span };
        return Resolved {
            schema: Schema::default(),
            diagnostics: vec![diagnostic],
            late_diagnostics: Vec::new(),
        };
    }
    let mut report = Report::new(diagnostics);
    let mut draft = draft_of(documents, &mut report);

    draft.datasource = datasource::resolve(documents, &mut report);
    let knows_database = draft.datasource.is_some();
    let generators = generators::resolve(documents, knows_database, &mut report);
    draft.features = generators
        .iter()
        .flat_map(|generator| &generator.preview_features)
        .filter_map(|feature| preview_features::find(&feature.name))
        .collect();
    let mut late = Report::default();
    if !report.has_errors() {
        check::check(&draft, &mut late);
    }
    Resolved {
        schema: Schema { generators, ..emit::emit(&draft) },
        diagnostics: report.into_diagnostics(),
        late_diagnostics: late.into_diagnostics(),
    }
}

/// Resolves everything that stands in blocks of models and enums.
fn draft_of<'a>(documents: &'a [Document], report: &mut Report) -> Draft<'a> {
    let mut draft = Draft::default();
    composites::check_attributes(documents, report);
    names::check(documents, report);
    types::resolve(documents, &mut draft, report);
    // Relation fields first, since the messages about indexes name their columns.
    for model in draft.model_ids() {
        relation_fields::resolve(model, &mut draft, report);
    }
    for top in draft.tops.clone() {
        match top {
            Top::Model(model) => {
                fields::resolve(model, &mut draft, report);
                models::resolve(model, &mut draft, report);
            }
            Top::Enum(r#enum) => enums::resolve(r#enum, &mut draft, report),
            Top::Composite(block) => composites::resolve(block, &draft, report),
        }
    }
    relations::resolve(&mut draft);
    draft
}
