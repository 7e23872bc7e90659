//! Primary keys, unique indexes and indexes: their columns and options.

use super::{
    attributes::Arguments,
    draft::{FieldDraft, FieldId, FieldKind, KeyDraft, KeyFieldDraft, KeyKind, ModelDraft, Sort},
    operator_classes, predicate,
    report::Report,
    values,
};
use crate::{
    schema::{Arity, IndexAlgorithm},
    source::Span,
    syntax::{Argument, Expression, Function},
};

/// Why a list of fields could not be resolved.
pub(super) enum FieldProblem<'a> {
    /// It has been reported.
    Reported,
    /// Some are not fields of the model, some are no columns.
    Unresolved { unknown: Vec<&'a str>, relations: Vec<FieldId> },
}

/// Resolves `[a, b]`, a list of columns of the model.
pub(super) fn resolve_plain_fields<'a>(
    value: &'a Expression,
    attribute: Span,
    model: &ModelDraft<'_>,
    report: &mut Report,
) -> Result<Vec<FieldId>, FieldProblem<'a>> {
    let names = values::read_elements(value, report, |element, report| {
        values::constant(element, report).map(|word| word.text.as_str())
    })
    .ok_or(FieldProblem::Reported)?;
    resolve_names(&names, Paths::Refused, attribute, model, report)
}

/// Resolves `[a, b(sort: Desc)]`, the columns of a key or index.
fn resolve_key_fields<'a>(
    value: &'a Expression,
    paths: Paths,
    attribute: Span,
    model: &ModelDraft<'_>,
    report: &mut Report,
) -> Result<Vec<KeyFieldDraft>, FieldProblem<'a>> {
    let columns: Vec<(&str, &[Argument])> =
        values::read_elements(value, report, |element, report| match element {
            Expression::Constant(name) => Some((name.text.as_str(), [].as_slice())),
            Expression::Function(Function { name, arguments, .. }) => {
                Some((name.text.as_str(), arguments.as_slice()))
            }
            Expression::String(_)
            | Expression::Number(_)
            | Expression::Array(..)
            | Expression::Object(..) => {
                values::mismatch("constant literal", element, report);
                None
            }
        })
        .ok_or(FieldProblem::Reported)?;
    let options: Vec<KeyOptions> =
        columns.iter().map(|(_, arguments)| read_options(arguments, report)).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let fields = resolve_names(&names, paths, attribute, model, report)?;
    let with_options = |(field, options): (FieldId, KeyOptions)| KeyFieldDraft {
        field,
        sort: options.sort,
        has_length: options.has_length,
        operator_class: options.operator_class,
    };
    Ok(fields.into_iter().zip(options).map(with_options).collect())
}

/// Whether names may be paths into composite types. PostgreSQL has none, but messages differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paths {
    Followed,
    Refused,
}

/// Of a path, the part that is not known: the field it starts with, or all of it.
fn unknown_part<'a>(name: &'a str, model: &ModelDraft<'_>, paths: Paths) -> &'a str {
    let start = name.split('.').next().unwrap_or(name);
    if paths == Paths::Followed && model.find(start).is_none() { start } else { name }
}

fn resolve_names<'a>(
    names: &[&'a str],
    paths: Paths,
    attribute: Span,
    model: &ModelDraft<'_>,
    report: &mut Report,
) -> Result<Vec<FieldId>, FieldProblem<'a>> {
    let mut resolved: Vec<FieldId> = Vec::new();
    let mut unknown = Vec::new();
    let mut relations = Vec::new();
    for name in names {
        let Some(field) = model.find(name) else {
            unknown.push(unknown_part(name, model, paths));
            continue;
        };
        match model[field].kind {
            FieldKind::Column(_) if resolved.contains(&field) => {
                let message = format!(
                    "The unique index definition refers to the field {name} multiple times."
                );
                report.invalid_block("model", model.name(), &message, attribute);
                return Err(FieldProblem::Reported);
            }
            FieldKind::Column(_) => resolved.push(field),
            FieldKind::Relation(_) | FieldKind::Unknown => relations.push(field),
        }
    }
    if unknown.is_empty() && relations.is_empty() {
        Ok(resolved)
    } else {
        Err(FieldProblem::Unresolved { unknown, relations })
    }
}

#[derive(Default)]
struct KeyOptions {
    sort: Option<Sort>,
    has_length: bool,
    operator_class: Option<crate::schema::OperatorClass>,
}

/// Reads `(sort: …, length: …, ops: …)` behind a column; other arguments mean nothing.
fn read_options(arguments: &[Argument], report: &mut Report) -> KeyOptions {
    let find = |name: &str| {
        let named = |one: &&Argument| one.name.as_ref().is_some_and(|word| word.text == name);
        arguments.iter().find(named).and_then(|one| Some((one.span, one.value.as_ref()?)))
    };
    let mut options = KeyOptions::default();
    if let Some((span, value)) = find("sort") {
        match values::constant(value, report).map(|word| word.text.as_str()) {
            Some("Asc") => options.sort = Some(Sort::Ascending),
            Some("Desc") => options.sort = Some(Sort::Descending),
            Some(_) => report.error("Unexpected token. Expected one of: Asc, Desc", span),
            None => {}
        }
    }
    if let Some((_, value)) = find("length") {
        match values::as_integer(value) {
            Some(length) => options.has_length = length >= 0,
            None => values::mismatch("numeric", value, report),
        }
    }
    if let Some((span, value)) = find("ops") {
        options.operator_class = operator_classes::read(value, span, report);
    }
    options
}

/// Reads `@id`, of one field.
pub(super) fn read_field_id<'a>(
    arguments: &mut Arguments<'a>,
    field: FieldId,
    report: &mut Report,
) -> KeyDraft<'a> {
    read_on_field(KeyKind::Primary, arguments, field, report)
}

/// Reads `@unique`, of one field.
pub(super) fn read_field_unique<'a>(
    arguments: &mut Arguments<'a>,
    field: FieldId,
    model: &ModelDraft<'_>,
    report: &mut Report,
) -> KeyDraft<'a> {
    let mut key = read_on_field(KeyKind::Unique, arguments, field, report);
    key.predicate = predicate::read(arguments, model, report);
    key
}

fn read_on_field<'a>(
    kind: KeyKind,
    arguments: &mut Arguments<'a>,
    field: FieldId,
    report: &mut Report,
) -> KeyDraft<'a> {
    let map = arguments.text("map", report);
    let has_length = arguments.has("length", report);
    let sort = match arguments.constant("sort", report).map(|word| word.text.as_str()) {
        Some("Asc") => Some(Sort::Ascending),
        Some("Desc") => Some(Sort::Descending),
        Some(other) => {
            let message =
                format!("The `sort` argument can only be `Asc` or `Desc` you provided: {other}.");
            arguments.invalid(&message, report);
            None
        }
        None => None,
    };
    KeyDraft {
        is_on_field: true,
        fields: vec![KeyFieldDraft { field, sort, has_length, operator_class: None }],
        map,
        has_clustering: arguments.has("clustered", report),
        ..KeyDraft::new(kind, arguments.attribute)
    }
}

/// Reads `@@id`; `None` when its fields cannot be resolved.
pub(super) fn read_block_id<'a>(
    arguments: &mut Arguments<'a>,
    model: &ModelDraft<'_>,
    report: &mut Report,
) -> Option<KeyDraft<'a>> {
    let value = arguments.value("fields", report)?;
    let mut key = KeyDraft::new(KeyKind::Primary, arguments.attribute);
    let span = key.attribute.span;
    key.fields = match resolve_key_fields(value, Paths::Refused, span, model, report) {
        Ok(fields) => fields,
        Err(FieldProblem::Reported) => return None,
        Err(FieldProblem::Unresolved { unknown, relations }) => {
            report_unresolved_id(&unknown, &relations, value, span, model, report);
            return None;
        }
    };
    check_id_is_required(&key, model, report);
    if model.primary_key.is_some() {
        let message = "Each model must have at most one id criteria. You can't have `@id` and `@@id` \
                       at the same time.";
        report.invalid_block("model", model.name(), message, model.block.span);
    }
    key.map = arguments.text("map", report);
    key.name = arguments.text("name", report);
    check_client_name(&key, model, report);
    key.has_clustering = arguments.has("clustered", report);
    Some(key)
}

fn check_id_is_required(key: &KeyDraft<'_>, model: &ModelDraft<'_>, report: &mut Report) {
    let mut optional = key
        .fields
        .iter()
        .map(|one| &model[one.field])
        .filter(|field| field.syntax.arity != Arity::Required)
        .map(FieldDraft::name)
        .peekable();
    if optional.peek().is_some() && !model.is_ignored {
        let message = format!(
            "The id definition refers to the optional {}. ID definitions must reference only \
             required fields.",
            quoted_fields(optional)
        );
        report.invalid_block("model", model.name(), &message, key.attribute.span);
    }
}

fn report_unresolved_id(
    unknown: &[&str],
    relations: &[FieldId],
    value: &Expression,
    span: Span,
    model: &ModelDraft<'_>,
    report: &mut Report,
) {
    if !unknown.is_empty() {
        let fields = quoted_fields(unknown.iter().copied());
        let message = format!("The multi field id declaration refers to the unknown {fields}.");
        report.invalid_block("model", model.name(), &message, value.span());
    }
    if !relations.is_empty() {
        let fields = quoted_fields(relations.iter().map(|field| model[*field].name()));
        let message = format!(
            "The id definition refers to the relation {fields}. ID definitions must reference only \
             scalar fields."
        );
        report.invalid_block("model", model.name(), &message, span);
    }
}

/// Returns "field `a`" or "fields `a`, `b`".
fn quoted_fields<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let word = if names.len() == 1 { "field" } else { "fields" };
    format!("{word} {}", names.join(", "))
}

/// Reads `@@unique`, `@@index` or `@@fulltext`.
pub(super) fn read_block_key<'a>(
    kind: KeyKind,
    arguments: &mut Arguments<'a>,
    model: &ModelDraft<'_>,
    report: &mut Report,
) -> KeyDraft<'a> {
    let mut key = KeyDraft::new(kind, arguments.attribute);
    if let Some(value) = arguments.value("fields", report) {
        let span = key.attribute.span;
        match resolve_key_fields(value, Paths::Followed, span, model, report) {
            Ok(fields) => key.fields = fields,
            Err(FieldProblem::Reported) => {}
            Err(FieldProblem::Unresolved { unknown, relations }) => {
                report_unresolved_key(&key, &unknown, &relations, model, report);
            }
        }
    }
    let name = arguments.text("name", report);
    key.map = arguments.text("map", report);
    match kind {
        KeyKind::Index => {
            key.map = index_name(name, key.map, arguments, report);
            key.algorithm = read_algorithm(arguments, report);
        }
        KeyKind::Unique => {
            key.name = name;
            check_client_name(&key, model, report);
        }
        KeyKind::Primary | KeyKind::Fulltext => {}
    }
    key.has_clustering = arguments.has("clustered", report);
    key.predicate = predicate::read(arguments, model, report);
    key
}

fn report_unresolved_key(
    key: &KeyDraft<'_>,
    unknown: &[&str],
    relations: &[FieldId],
    model: &ModelDraft<'_>,
    report: &mut Report,
) {
    let span = key.attribute.span;
    let is_unique = key.kind == KeyKind::Unique;
    let unique = if is_unique { "unique " } else { "" };
    if !unknown.is_empty() {
        let message = format!(
            "The {unique}index definition refers to the unknown fields: {}.",
            unknown.join(", ")
        );
        report.invalid_block("model", model.name(), &message, span);
    }
    if !relations.is_empty() {
        let columns: Vec<FieldId> = relations
            .iter()
            .filter_map(|field| model[*field].as_relation()?.fields.clone())
            .flatten()
            .collect();
        let suggestion = if columns.is_empty() {
            String::new()
        } else {
            let attribute = if is_unique { "unique" } else { "index" };
            let columns = model.join(&columns, ", ");
            format!(" Did you mean `@@{attribute}([{columns}])`?")
        };
        let message = format!(
            "The {unique}index definition refers to the relation fields {}. Index definitions must \
             reference only scalar fields.{suggestion}",
            model.join(relations, ", ")
        );
        report.invalid_block("model", model.name(), &message, span);
    }
}

/// Returns the name of an index: before there was `map`, `name` meant it.
fn index_name<'a>(
    name: Option<&'a str>,
    map: Option<&'a str>,
    arguments: &Arguments<'_>,
    report: &mut Report,
) -> Option<&'a str> {
    if name.is_some() && map.is_some() {
        arguments.invalid(
            "The `@@index` attribute accepts the `name` argument as an alias for the `map` argument \
             for legacy reasons. It does not accept both though. Please use the `map` argument to \
             specify the database name of the index.",
            report,
        );
        return None;
    }
    map.or(name)
}

fn read_algorithm(arguments: &mut Arguments<'_>, report: &mut Report) -> Option<IndexAlgorithm> {
    let name = &arguments.constant("type", report)?.text;
    let algorithm = IndexAlgorithm::from_name(name);
    if algorithm.is_none() {
        arguments.invalid(&format!("Unknown index type: {name}."), report);
    }
    algorithm
}

fn check_client_name(key: &KeyDraft<'_>, model: &ModelDraft<'_>, report: &mut Report) {
    let Some(name) = key.name else { return };
    if !name.chars().all(|one| one == '_' || one.is_ascii_alphanumeric()) {
        let message = format!(
            "The `name` property within the `{}` attribute only allows for the following characters: \
             `_a-zA-Z0-9`.",
            key.label()
        );
        report.invalid_block("model", model.name(), &message, key.attribute.span);
    }
}
