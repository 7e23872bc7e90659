//! The types of fields: what each name stands for.

use super::{
    draft::{
        ColumnDraft, ColumnType, Draft, EnumDraft, FieldDraft, FieldKind, ModelDraft,
        RelationFieldDraft, Top,
    },
    names,
    report::Report,
};
use crate::{
    schema::ScalarType,
    syntax::{Block, Document, Field, FieldType, Word},
};

/// Enters every model, view, enum and composite type, with the types of their fields.
pub(super) fn resolve<'a>(documents: &'a [Document], draft: &mut Draft<'a>, report: &mut Report) {
    let blocks = || documents.iter().flat_map(|document| &document.blocks);
    for block in blocks() {
        let top = match block.keyword.text.as_str() {
            "model" | "view" => Top::Model(draft.add_model(ModelDraft::new(block))),
            "enum" => Top::Enum(draft.add_enum(EnumDraft::new(block))),
            "type" => Top::Composite(block),
            _ => continue,
        };
        draft.names.insert(&block.name.text, top);
        draft.tops.push(top);
    }
    for top in draft.tops.clone() {
        match top {
            Top::Model(model) => {
                for field in names::fields(draft[model].block) {
                    let kind = field_kind(field, draft, report);
                    draft[model].add_field(FieldDraft { syntax: field, is_ignored: false, kind });
                }
            }
            Top::Enum(r#enum) => {
                let block = draft[r#enum].block;
                if names::labels(block).next().is_none() {
                    report.invalid("An enum must have at least one value.", block.span);
                }
            }
            Top::Composite(block) => {
                for field in names::fields(block) {
                    check_composite_field(block, field, draft, report);
                }
            }
        }
    }
}

fn check_composite_field<'a>(
    block: &'a Block,
    field: &'a Field,
    draft: &Draft<'a>,
    report: &mut Report,
) {
    if let FieldKind::Relation(relation) = field_kind(field, draft, report) {
        let message = format!(
            "Error validating composite type \"{}\": {} refers to a model, making this a relation \
             field. Relation fields inside composite types are not supported.",
            block.name.text,
            draft[relation.target].name(),
        );
        report.error(message, field.r#type.as_ref().map_or(field.span, FieldType::span));
    }
}

/// Returns what a field is; a name of no type is reported.
pub(super) fn field_kind<'a>(
    field: &'a Field,
    draft: &Draft<'a>,
    report: &mut Report,
) -> FieldKind<'a> {
    let name = match &field.r#type {
        Some(FieldType::Name(name)) => name,
        Some(FieldType::Unsupported(text)) => return column(ColumnType::Unsupported(&text.text)),
        None => return FieldKind::Unknown,
    };
    if let Some(scalar) = ScalarType::from_name(&name.text) {
        return column(ColumnType::Scalar(scalar));
    }
    match draft.names.get(name.text.as_str()).copied() {
        Some(Top::Model(target)) => FieldKind::Relation(RelationFieldDraft::new(target)),
        Some(Top::Enum(r#enum)) => column(ColumnType::Enum(r#enum)),
        Some(Top::Composite(_)) => column(ColumnType::Composite),
        None => {
            report_unknown(name, draft, report);
            FieldKind::Unknown
        }
    }
}

fn column(r#type: ColumnType<'_>) -> FieldKind<'_> {
    FieldKind::Column(ColumnDraft {
        r#type,
        mapped_name: None,
        is_updated_at: false,
        default: None,
        native_type: None,
    })
}

fn report_unknown(name: &Word, draft: &Draft<'_>, report: &mut Report) {
    let is_scalar = |scalar: &ScalarType| scalar.name().eq_ignore_ascii_case(&name.text);
    let scalar = ScalarType::ALL.iter().find(|scalar| is_scalar(scalar)).map(|one| one.name());
    // Prisma lowers the names of other types, but not what was written.
    let similar = scalar
        .or_else(|| draft.names.keys().copied().find(|known| known.to_lowercase() == name.text));
    let suggestion = similar.map(|known| format!(" Did you mean \"{known}\"?")).unwrap_or_default();
    let message = format!(
        "Type \"{}\" is neither a built-in type, nor refers to another model, composite type, or \
         enum.{suggestion}",
        name.text
    );
    report.error(message, name.span);
}
