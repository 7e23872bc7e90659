//! What is missing of relations: the field on the other side, the `@relation` attribute with its
//! arguments, and the columns they need.
//!
//! It is written only when everything that is there resolves. Names follow Prisma's scheme: the
//! column is called after model and field (`userId`), the field on the other side after the model,
//! in the plural if it is a list (`posts`).

mod english;

use self::english::{camel_case, plural};
use super::{
    draft::{
        ColumnDraft, ColumnType, Draft, FieldId, KeyDraft, ModelDraft, ModelId, RelationFieldDraft,
        RelationFieldId, RelationKind,
    },
    draft_of,
    report::Report,
};
use crate::{
    source::{Diagnostic, SourceFile, Span},
    syntax::{Arity, Document, Field},
};

/// Text to be put into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insertion {
    /// The empty range before which the text belongs.
    pub(crate) place: Span,
    /// The text.
    pub(crate) text: String,
}

/// Returns what is missing, in the order of the places; at one place in the order given.
pub(crate) fn missing_text(
    files: &[SourceFile],
    documents: &[Document],
    diagnostics: Vec<Diagnostic>,
) -> Vec<Insertion> {
    let mut report = Report::new(diagnostics);
    let draft = draft_of(documents, &mut report);
    if report.has_errors() {
        return Vec::new();
    }
    let relations: Vec<Inline<'_, '_>> =
        draft.relations.iter().filter_map(|one| Inline::new(one.kind, &draft)).collect();
    let mut insertions = Vec::new();
    for relation in &relations {
        relation.add_fields(files, &mut insertions);
    }
    for relation in &relations {
        relation.add_attribute(files, &mut insertions);
    }
    insertions.sort_by_key(|insertion| insertion.place);
    insertions
}

/// A relation with a foreign key, complete or not.
struct Inline<'d, 'a> {
    draft: &'d Draft<'a>,
    forward: Option<(&'a Field, &'d RelationFieldDraft<'a>)>,
    has_back: bool,
    is_one_to_one: bool,
    referencing: ModelId,
    referenced: ModelId,
}

/// A column of the foreign key, there or to be made, after the column it refers to.
struct Column<'d, 'a> {
    name: String,
    arity: Arity,
    referenced: &'d ColumnDraft<'a>,
}

impl<'d, 'a> Inline<'d, 'a> {
    fn new(kind: RelationKind, draft: &'d Draft<'a>) -> Option<Self> {
        let (forward, back, is_one_to_one) = match kind {
            RelationKind::OneToOne { forward, back } => (Some(forward), back, true),
            RelationKind::OneToMany { forward, back } => (forward, back, false),
            RelationKind::ManyToMany { a: _, b: _ } => return None,
        };
        let target = |id: RelationFieldId| draft.relation_field(id).map(|field| field.target);
        let (referencing, referenced) = match (forward, back) {
            (Some(forward), _) => (forward.model, target(forward)?),
            (None, Some(back)) => (target(back)?, back.model),
            (None, None) => return None,
        };
        let forward = match forward {
            Some(id) => Some((draft.relation_syntax(id), draft.relation_field(id)?)),
            None => None,
        };
        let has_back = back.is_some();
        Some(Self { draft, forward, has_back, is_one_to_one, referencing, referenced })
    }

    fn referencing(&self) -> &'d ModelDraft<'a> {
        &self.draft[self.referencing]
    }

    fn referenced(&self) -> &'d ModelDraft<'a> {
        &self.draft[self.referenced]
    }

    fn add_fields(&self, files: &[SourceFile], insertions: &mut Vec<Insertion>) {
        let (referencing, referenced) = (self.referencing(), self.referenced());
        if !self.has_back {
            let name = camel_case(referencing.name());
            let (name, sign) = if self.is_one_to_one { (name, "?") } else { (plural(&name), "[]") };
            let ignore = if referencing.is_ignored { "@ignore" } else { "" };
            let text = format!("{name} {}{sign} {ignore}\n", referencing.name());
            insertions.push(at_end_of(referenced, text));
        }
        let columns = self.columns();
        if self.forward.is_none() {
            let is_optional = columns.iter().any(|column| column.arity == Arity::Optional);
            let text = format!(
                "{} {}{} @relation({}, {})\n",
                camel_case(referenced.name()),
                referenced.name(),
                if is_optional { "?" } else { "" },
                self.fields_argument(),
                self.references_argument(),
            );
            insertions.push(at_end_of(referencing, text));
        }
        if self.forward.is_some_and(|(_, relation)| relation.fields.is_some()) {
            return;
        }
        for Column { name, arity, referenced } in columns {
            if referencing.columns().any(|(_, field, _)| field.name() == name) {
                continue;
            }
            // Prisma leaves it at that, too: an enum, say, has no name that could stand here.
            let ColumnType::Scalar(scalar) = referenced.r#type else { return };
            let native_type = referenced
                .native_type
                .map(|attribute| text_of(files, attribute.span))
                .unwrap_or_default();
            let text = format!("{name} {}{} {native_type}\n", scalar.name(), sign(arity));
            insertions.push(at_end_of(referencing, text));
        }
    }

    fn add_attribute(&self, files: &[SourceFile], insertions: &mut Vec<Insertion>) {
        let Some((field, relation)) = self.forward else { return };
        let Some(attribute) = relation.attribute else {
            let Some(r#type) = &field.r#type else { return };
            let end = r#type.span().end;
            let behind = text_of(files, Span { start: end, ..field.span });
            let is_sign = |c: char| "[]?!".contains(c);
            let signs = behind.find(|c| !is_sign(c)).unwrap_or(0);
            let end = end + u32::try_from(signs).unwrap_or(0);
            let text =
                format!(" @relation({}, {})", self.fields_argument(), self.references_argument());
            insertions.push(Insertion { place: before(field.span, end), text });
            return;
        };
        let missing = [
            relation.fields.is_none().then(|| self.fields_argument()),
            relation.references.is_none().then(|| self.references_argument()),
        ];
        let missing: Vec<String> = missing.into_iter().flatten().collect();
        if missing.is_empty() {
            return;
        }
        let missing = missing.join(", ");
        let has_parentheses = text_of(files, attribute.span).ends_with(')');
        let end = attribute.span.end;
        let (text, place) = match (has_parentheses, attribute.arguments.is_empty()) {
            (true, true) => (missing, end - 1),
            (true, false) => (format!(", {missing}"), end - 1),
            (false, _) => (format!("({missing})"), end),
        };
        insertions.push(Insertion { place: before(attribute.span, place), text });
    }

    /// The columns of the foreign key when none are given: one for each column of the first key of
    /// the model referred to.
    fn columns(&self) -> Vec<Column<'d, 'a>> {
        let (referencing, referenced) = (self.referencing(), self.referenced());
        let Some(key) = referenced.unique_criteria().next() else { return Vec::new() };
        let column = |field: FieldId| {
            let field = &referenced[field];
            let name = format!(
                "{}{}",
                with_first(referenced.name(), |first| first.to_lowercase().collect()),
                with_first(field.name(), |first| first.to_uppercase().collect()),
            );
            let existing = referencing.columns().find(|(_, field, _)| field.name() == name);
            let arity = match (existing, self.forward) {
                (Some((_, field, _)), _) => field.syntax.arity,
                (None, Some((field, _))) => field.arity,
                (None, None) => Arity::Optional,
            };
            Some(Column { name, arity, referenced: field.as_column()? })
        };
        key.field_ids().into_iter().filter_map(column).collect()
    }

    /// `fields: […]`.
    fn fields_argument(&self) -> String {
        let names: Vec<String> = self.columns().into_iter().map(|column| column.name).collect();
        format!("fields: [{}]", names.join(", "))
    }

    /// `references: […]`: those given, or the first key without columns that may be null.
    fn references_argument(&self) -> String {
        let referenced = self.referenced();
        let is_strict = |key: &&KeyDraft<'a>| {
            key.field_ids().into_iter().all(|field| {
                referenced[field].syntax.arity != Arity::Optional
                    && referenced[field]
                        .as_column()
                        .is_some_and(|column| !matches!(column.r#type, ColumnType::Unsupported(_)))
            })
        };
        let given = self.forward.and_then(|(_, relation)| relation.references.clone());
        let fields = given.unwrap_or_else(|| {
            referenced
                .unique_criteria()
                .find(is_strict)
                .map(KeyDraft::field_ids)
                .unwrap_or_default()
        });
        format!("references: [{}]", referenced.join(&fields, ", "))
    }
}

fn at_end_of(model: &ModelDraft<'_>, text: String) -> Insertion {
    let span = model.block.span;
    Insertion { place: before(span, span.end - 1), text }
}

/// The empty range at a place of the file of a span.
fn before(span: Span, place: u32) -> Span {
    Span { start: place, end: place, ..span }
}

fn text_of(files: &[SourceFile], span: Span) -> &str {
    let file = usize::try_from(span.file.0).ok().and_then(|file| files.get(file));
    file.and_then(|file| file.text.get(span.start as usize..span.end as usize)).unwrap_or_default()
}

fn sign(arity: Arity) -> &'static str {
    match arity {
        Arity::Required => "",
        Arity::Optional => "?",
        Arity::List => "[]",
    }
}

fn with_first(name: &str, change: impl Fn(char) -> String) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(change).unwrap_or_default();
    first + characters.as_str()
}
