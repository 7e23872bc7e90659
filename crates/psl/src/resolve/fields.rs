//! The attributes of fields that are columns.

use super::{
    attributes::Attributes,
    defaults,
    draft::{ColumnType, Draft, FieldId, FieldKind, ModelId},
    keys, names,
    report::Report,
    signatures,
};
use crate::schema::{Arity, ScalarType};

/// Reads the attributes of every column of a model.
pub(super) fn resolve(model: ModelId, draft: &mut Draft<'_>, report: &mut Report) {
    for field in draft[model].field_ids() {
        if draft[model][field].as_column().is_some() {
            resolve_column(model, field, draft, report);
        }
    }
}

fn resolve_column(model: ModelId, field: FieldId, draft: &mut Draft<'_>, report: &mut Report) {
    let syntax = draft[model][field].syntax;
    let Some(r#type) = draft[model][field].as_column().map(|column| column.r#type) else { return };
    let mut attributes = Attributes::new(&syntax.attributes);

    let mapped_name = attributes.take(&signatures::MAP, report, |map, report| {
        let name = map.text("name", report)?;
        check_mapped_name(model, field, name, draft, report);
        Some(name)
    });
    attributes.take(&signatures::IGNORE, report, |ignore, report| {
        if matches!(r#type, ColumnType::Unsupported(_)) {
            ignore.invalid(
                "Fields of type `Unsupported` cannot take an `@ignore` attribute. They are already \
                 treated as ignored by the client due to their type.",
                report,
            );
        } else {
            draft[model][field].is_ignored = true;
        }
    });
    attributes.take(&signatures::MISPLACED_RELATION, report, |relation, report| {
        relation.invalid("Invalid field type, not a relation.", report);
    });
    attributes.take(&signatures::ID, report, |id, report| {
        if draft[model].primary_key.is_some() {
            let message =
                "At most one field must be marked as the id field with the `@id` attribute.";
            report.invalid_block("model", draft[model].name(), message, draft[model].block.span);
        } else {
            draft[model].primary_key = Some(keys::read_field_id(id, field, report));
        }
    });
    let updated_at = attributes.take(&signatures::UPDATED_AT, report, |updated_at, report| {
        if r#type != ColumnType::Scalar(ScalarType::DateTime) {
            let message = "Fields that are marked with @updatedAt must be of type DateTime.";
            updated_at.invalid(message, report);
        }
        if syntax.arity == Arity::List {
            updated_at.invalid("Fields that are marked with @updatedAt cannot be lists.", report);
        }
    });
    let default = attributes.take(&signatures::DEFAULT, report, |default, report| {
        defaults::read(default, r#type, syntax.arity, draft, report)
    });
    let native_type = match r#type {
        ColumnType::Scalar(_) => attributes.take_scoped(report),
        ColumnType::Enum(_) | ColumnType::Composite | ColumnType::Unsupported(_) => None,
    };
    attributes.take(&signatures::UNIQUE, report, |unique, report| {
        let key = keys::read_field_unique(unique, field, &draft[model], report);
        draft[model].indexes.push(key);
    });
    attributes.take(&signatures::SHARD_KEY, report, |shard_key, _| {
        draft[model].shard_keys.push(("@shardKey", shard_key.attribute));
    });
    attributes.finish(report);

    if let FieldKind::Column(column) = &mut draft[model][field].kind {
        column.mapped_name = mapped_name.flatten();
        column.is_updated_at = updated_at.is_some();
        column.default = default.flatten();
        column.native_type = native_type;
    }
}

/// Two columns of one name are the same column.
fn check_mapped_name(
    model: ModelId,
    field: FieldId,
    mapped_name: &str,
    draft: &Draft<'_>,
    report: &mut Report,
) {
    let model = &draft[model];
    let earlier = model
        .columns()
        .take_while(|(other, ..)| *other < field)
        .any(|(.., column)| column.mapped_name == Some(mapped_name));
    // A field of that name is in the way unless it is a relation or known to be mapped to something
    // else. Prisma knows that of earlier fields only.
    let namesake = model
        .find(mapped_name)
        .filter(|other| *other != field)
        .and_then(|other| model[other].as_column())
        .is_some_and(|other| other.mapped_name.is_none_or(|name| name == mapped_name));
    for _ in [earlier, namesake].into_iter().filter(|clash| *clash) {
        let syntax = model[field].syntax;
        let (keyword, name) = (model.keyword(), model.name());
        names::report_duplicate_field(&syntax.name.text, keyword, name, syntax.span, report);
    }
}
