//! Columns: native types, literals of defaults, names in client code.

use super::literals;
use crate::{
    resolve::{
        draft::{ColumnDraft, ColumnType, Draft, FieldDraft, KeyKind, ModelDraft, ModelId},
        native_types,
        report::Report,
    },
    syntax::Expression,
};

/// Checks every column of a model.
pub(super) fn check(id: ModelId, draft: &Draft<'_>, report: &mut Report) {
    let model = &draft[id];
    let datasource = draft.datasource.as_ref().map(|source| source.datasource.name.as_str());
    for (_, field, column) in model.columns() {
        check_client_name(field, model, report);
        if let (Some(attribute), ColumnType::Scalar(scalar)) = (column.native_type, column.r#type) {
            native_types::check(attribute, scalar, datasource, report);
        }
        check_default(column, report);
        if let (Some(datasource), ColumnType::Unsupported(text)) = (datasource, column.r#type) {
            check_unsupported(text, field, datasource, report);
        }
    }
}

/// The name of a key in client code must not be that of a field.
pub(super) fn check_client_name(
    field: &FieldDraft<'_>,
    model: &ModelDraft<'_>,
    report: &mut Report,
) {
    let name = field.name();
    let unique = model.indexes.iter().any(|index| index.name == Some(name));
    let primary = model.primary_key.as_ref().is_some_and(|key| key.name == Some(name));
    for (is_taken, kind) in [(unique, KeyKind::Unique), (primary, KeyKind::Primary)] {
        if is_taken {
            let attribute = if kind == KeyKind::Unique { "@@unique" } else { "@@id" };
            let message = format!(
                "The custom name `{name}` specified for the `{attribute}` attribute is already used \
                 as a name for a field. Please choose a different name."
            );
            report.invalid_block(model.keyword(), model.name(), &message, model.block.span);
        }
    }
}

fn check_default(column: &ColumnDraft<'_>, report: &mut Report) {
    let Some(default) = &column.default else { return };
    if default.map.is_some() {
        let message = "You defined a database name for the default value of a field on the model. \
                       This is not supported by the provider.";
        report.invalid_attribute("@default", message, default.attribute.span);
    }
    if let ColumnType::Scalar(scalar) = column.r#type {
        literals::check(default.value, scalar, report);
    }
    if let Expression::Function(function) = default.value
        && function.name.text == "auto"
    {
        let message = "The current connector does not support the `auto()` function.";
        report.invalid_attribute("@default", message, function.span);
    }
}

fn check_unsupported(text: &str, field: &FieldDraft<'_>, datasource: &str, report: &mut Report) {
    if let Some((scalar, native)) = native_types::recognise(text) {
        let message = format!(
            "The type `Unsupported(\"{text}\")` you specified in the type definition for the field \
             `{}` is supported as a native type by Prisma. Please use the native type notation \
             `{} @{datasource}.{native}` for full support.",
            field.name(),
            scalar.name()
        );
        report.invalid(&message, field.syntax.span);
    }
}
