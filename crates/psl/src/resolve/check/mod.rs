//! Checks of what hangs together, made when everything by itself is right.
//!
//! Their order is Prisma's, so that several diagnostics come in the same order.

mod columns;
mod constraint_names;
mod cycles;
mod indexes;
mod literals;
mod models;
mod one_to_one;
mod operators;
mod relation_fields;
mod relations;
mod views;

use constraint_names::ConstraintNames;

use super::{
    defaults,
    draft::{Draft, Top},
    extensions,
    report::Report,
};
use crate::{
    schema::RelationMode,
    source::Span,
    syntax::{Argument, Attribute, Expression},
};

/// The name of the feature that allows `view` blocks.
const VIEWS: &str = "views";

/// Checks the whole schema.
pub(super) fn check(draft: &Draft<'_>, report: &mut Report) {
    for top in &draft.tops {
        if let Top::Composite(block) = top {
            report.invalid("Composite types are not supported on Postgres.", block.span);
        }
    }
    check_default_functions(draft, report);
    if let Some(datasource) = &draft.datasource
        && let Some((property, names)) = &datasource.extensions
    {
        let is_enabled = draft.features.contains("postgresqlExtensions");
        extensions::check(*property, names, is_enabled, report);
    }
    models::check_database_names(draft, report);
    let names = ConstraintNames::collect(draft);
    for model in draft.models_then_views() {
        if draft[model].is_view && !draft.features.contains(VIEWS) {
            report.invalid(
                "View definitions are only available with the `views` preview feature.",
                draft[model].block.span,
            );
        }
        models::check(model, &names, draft, report);
        columns::check(model, draft, report);
        if relation_fields::check(model, draft, report).is_break() {
            // One ambiguous relation makes the rest of the relations look wrong.
            return;
        }
        if draft[model].is_view {
            views::check(model, draft, report);
        } else {
            indexes::check(model, &names, draft, report);
        }
    }
    models::check_enums(draft, report);
    relations::check(&names, draft, report);
}

/// Functions that nobody knows, in `@default`.
fn check_default_functions(draft: &Draft<'_>, report: &mut Report) {
    for model in draft.model_ids() {
        for (.., column) in draft[model].columns() {
            if let Some(Expression::Function(function)) = column.default.as_ref().map(|it| it.value)
            {
                defaults::check_name(function, report);
            }
        }
    }
}

fn relation_mode(draft: &Draft<'_>) -> RelationMode {
    draft.datasource.as_ref().map(|source| source.datasource.relation_mode).unwrap_or_default()
}

/// The place of an argument of an attribute.
fn argument_span(attribute: &Attribute, name: &str) -> Option<Span> {
    let named = |one: &&Argument| one.name.as_ref().is_some_and(|word| word.text == name);
    attribute.arguments.iter().find(named).map(|argument| argument.span)
}
