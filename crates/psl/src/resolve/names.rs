//! Names: what each block is called, and that no name is taken twice or reserved.

use std::collections::{BTreeMap, BTreeSet};

use super::report::Report;
use crate::{
    schema::ScalarType,
    source::Span,
    syntax::{Attribute, Block, Document, Member, Word},
};

/// Names that generated client code cannot use.
const RESERVED: &[&str] = &[
    "PrismaClient",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "using",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Whether generated client code cannot use a model or enum of that name.
pub fn is_reserved_name(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Checks all names of all files.
pub(super) fn check(documents: &[Document], report: &mut Report) {
    let mut types = BTreeMap::new();
    let mut datasources = BTreeMap::new();
    let mut generators = BTreeMap::new();
    for block in documents.iter().flat_map(|document| &document.blocks) {
        if ScalarType::from_name(&block.name.text).is_some() {
            let name = &block.name.text;
            let message = format!("\"{name}\" is a reserved scalar type name and cannot be used.");
            report.error(message, block.name.span);
        }
        let namespace = match block.keyword.text.as_str() {
            "enum" => {
                check_enum(block, report);
                &mut types
            }
            "model" => {
                check_model(block, "Model", "Field", report);
                &mut types
            }
            "view" => {
                check_model(block, "view", "field", report);
                &mut types
            }
            "type" => {
                check_composite(block, report);
                &mut types
            }
            "datasource" => {
                check_properties(block, report);
                &mut datasources
            }
            "generator" => {
                check_properties(block, report);
                &mut generators
            }
            _ => continue,
        };
        if let Some(taken) = namespace.insert(block.name.text.as_str(), kind(block)) {
            let message = format!(
                "The {} \"{}\" cannot be defined because a {taken} with that name already exists.",
                kind(block),
                block.name.text
            );
            report.error(message, block.name.span);
        }
    }
}

/// What a block is called in messages.
fn kind(block: &Block) -> &str {
    match block.keyword.text.as_str() {
        "datasource" => "source",
        "type" => "composite type",
        keyword => keyword,
    }
}

fn check_enum(block: &Block, report: &mut Report) {
    check_identifier(&block.name, "Enum", report);
    let name = &block.name.text;
    if is_reserved_name(name) {
        let message = format!(
            "Error validating enum `{name}`: The enum name `{name}` is invalid. It is a reserved \
             name. Please change it. Read more at https://www.prisma.io/docs/reference/\
             tools-and-interfaces/prisma-schema/data-model#naming-enums"
        );
        report.error(message, block.span);
    }
    check_attributes(&block.attributes, report);
    let mut seen = BTreeSet::new();
    for label in labels(block) {
        check_identifier(&label.name, "Enum Value", report);
        check_attributes(&label.attributes, report);
        if !seen.insert(label.name.text.as_str()) {
            let value = &label.name.text;
            let message = format!("Value \"{value}\" is already defined on enum \"{name}\".");
            report.error(message, label.span);
        }
    }
}

fn check_model(block: &Block, model_word: &str, field_word: &str, report: &mut Report) {
    check_identifier(&block.name, model_word, report);
    let keyword = &block.keyword.text;
    let name = &block.name.text;
    if is_reserved_name(name) {
        let message = format!(
            "The {keyword} name `{name}` is invalid. It is a reserved name. Please change it. \
             Read more at https://pris.ly/d/naming-models"
        );
        report.invalid_block("model", name, &message, block.span);
    }
    check_attributes(&block.attributes, report);
    let mut seen = BTreeSet::new();
    for field in fields(block) {
        check_identifier(&field.name, field_word, report);
        check_attributes(&field.attributes, report);
        if !seen.insert(field.name.text.as_str()) {
            report_duplicate_field(&field.name.text, keyword, name, field.name.span, report);
        }
    }
}

fn check_composite(block: &Block, report: &mut Report) {
    check_identifier(&block.name, "Composite type", report);
    let mut seen = BTreeSet::new();
    for field in fields(block) {
        if !seen.insert(field.name.text.as_str()) {
            let name = &block.name.text;
            let span = field.name.span;
            report_duplicate_field(&field.name.text, "composite type", name, span, report);
        }
    }
}

/// Reports a field whose name or column is taken.
pub(super) fn report_duplicate_field(
    field: &str,
    keyword: &str,
    model: &str,
    span: Span,
    report: &mut Report,
) {
    report.error(format!("Field \"{field}\" is already defined on {keyword} \"{model}\"."), span);
}

fn check_properties(block: &Block, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for member in &block.members {
        let Member::Property(property) = member else { continue };
        if !seen.insert(property.key.text.as_str()) {
            let message = format!(
                "Key \"{}\" is already defined in {} \"{}\".",
                property.key.text,
                kind(block),
                block.name.text
            );
            report.error(message, property.key.span);
        }
    }
}

fn check_attributes(attributes: &[Attribute], report: &mut Report) {
    for attribute in attributes {
        check_identifier(&attribute.name, "Attribute", report);
    }
}

fn check_identifier(name: &Word, kind: &str, report: &mut Report) {
    let problem = if name.text.is_empty() {
        format!("The name of a {kind} must not be empty.")
    } else if name.text.starts_with(char::is_numeric) {
        format!("The name of a {kind} must not start with a number.")
    } else if name.text.contains('-') {
        format!("The character `-` is not allowed in {kind} names.")
    } else {
        return;
    };
    report.invalid(&problem, name.span);
}

/// The fields of a block.
pub(super) fn fields(block: &Block) -> impl Iterator<Item = &crate::syntax::Field> {
    block.members.iter().filter_map(|member| match member {
        Member::Field(field) => Some(field),
        Member::Property(_) | Member::Label(_) => None,
    })
}

/// The values of an enum block.
pub(super) fn labels(block: &Block) -> impl Iterator<Item = &crate::syntax::Label> {
    block.members.iter().filter_map(|member| match member {
        Member::Label(label) => Some(label),
        Member::Property(_) | Member::Field(_) => None,
    })
}
