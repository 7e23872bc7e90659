//! Views have no keys and indexes of their own; `@unique` on them only informs the client.

use crate::resolve::{
    draft::{Draft, KeyKind, ModelId},
    report::Report,
};

/// Checks the keys and indexes of a view.
pub(super) fn check(id: ModelId, draft: &Draft<'_>, report: &mut Report) {
    let view = &draft[id];
    if let Some(key) = &view.primary_key {
        report.invalid("Views cannot have primary keys.", key.attribute.span);
    }
    for index in &view.indexes {
        let span = index.attribute.span;
        if index.kind != KeyKind::Unique {
            report.invalid("Views cannot have indexes.", span);
        }
        if index.map.is_some() {
            let message = "@@unique annotations on views are not backed by unique indexes in the \
                           database and cannot specify a mapped database name.";
            report.invalid(message, span);
        }
        let has_options = index
            .fields
            .iter()
            .any(|one| one.sort.is_some() || one.has_length || one.operator_class.is_some());
        if has_options {
            let message = "Scalar fields in @@unique attributes in views cannot have arguments.";
            report.invalid_attribute(index.label(), message, span);
        }
    }
}
