//! The formatter: one way to write each schema, which is the one of `prisma format`.
//!
//! It works on the lines of the text, not on the tree, so that comments, empty lines and broken lines
//! survive. Names, types and attributes stand in columns; an empty line ends a column. Attributes of a
//! block go to its end, each with the comment above it.

mod expression;
mod table;

use self::{
    expression::{rank, write_attribute, write_expression},
    table::Table,
};
use crate::{
    resolve::{Insertion, missing_text},
    source::{FileId, SourceFile},
    syntax::{
        Attribute,
        cursor::Cursor,
        grammar,
        lines::{
            AttributeLine, BlockLines, CommentKind, CommentLine, FieldLine, Item, LabelLine, Line,
            PropertyLine, TypeForm, WrittenType, text_of,
        },
        parse,
    },
};

const INDENTATION: &str = "  ";

/// Returns the texts of the files of a schema, formatted, after adding what relations lack: the field
/// on the other side, `@relation` with its arguments, columns for foreign keys.
///
/// Nothing is added while something in the files does not resolve.
pub fn format_files(files: &[SourceFile]) -> Vec<String> {
    let mut documents = Vec::with_capacity(files.len());
    let mut diagnostics = Vec::new();
    for (file, position) in files.iter().zip(0..) {
        let parsed = parse(FileId(position), &file.text);
        documents.push(parsed.document);
        diagnostics.extend(parsed.diagnostics);
    }
    let insertions = missing_text(files, &documents, diagnostics);
    let complete = |(file, position): (&SourceFile, u32)| {
        let mut text = String::with_capacity(file.text.len());
        let mut done = 0;
        let here = insertions.iter().filter(|one| one.place.file == FileId(position));
        for Insertion { place, text: missing } in here {
            let place = place.start as usize;
            text.push_str(file.text.get(done..place).unwrap_or_default());
            text.push_str(missing);
            done = place;
        }
        text.push_str(file.text.get(done..).unwrap_or_default());
        format(&text)
    };
    files.iter().zip(0..).map(complete).collect()
}

/// Returns the text of a schema file, formatted.
///
/// It changes nothing but white space, the order of attributes, signs of Prisma 1 and the style of
/// `/* */` comments; broken lines stay as they are. To format twice is to format once, but for space that
/// Prisma, too, takes away or adds the second time: between attributes of a block and what follows them,
/// before what followed a closing brace on its line, and beside a property without a value.
pub fn format(text: &str) -> String {
    let items = grammar::items(&mut Cursor::new(FileId::default(), text));
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut items =
        items.into_iter().skip_while(|item| matches!(item, Item::EmptyLines)).peekable();
    while let Some(item) = items.next() {
        match item {
            Item::Block(block) => write_block(text, block, &mut out),
            Item::Comments(comments) => {
                let mut table = Table::default();
                add_comments(text, &comments, &mut table);
                table.write("", &mut out);
            }
            Item::EmptyLines if items.peek().is_some() => out.push('\n'),
            Item::EmptyLines => {}
            Item::Verbatim(span) => out.push_str(text_of(text, span)),
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn write_block(text: &str, block: BlockLines, out: &mut String) {
    let BlockLines { keyword, name, lines, span: _ } = block;
    out.extend([keyword.text.as_str(), " ", name.text.as_str(), " {\n"]);

    let mut table = Table::default();
    // Attributes of the block with the comments right above them.
    let mut attributes: Vec<(Vec<CommentLine>, AttributeLine)> = Vec::new();
    let mut comments_above = Vec::new();
    let mut is_after_empty_line = false;
    let mut lines =
        lines.into_iter().skip_while(|line| matches!(line, Line::EmptyLines)).peekable();
    while let Some(line) = lines.next() {
        let starts_section = std::mem::take(&mut is_after_empty_line);
        match line {
            Line::EmptyLines => {
                is_after_empty_line = true;
                continue;
            }
            Line::Attribute(attribute) => {
                attributes.push((std::mem::take(&mut comments_above), attribute));
                continue;
            }
            Line::Comments(comments) if matches!(lines.peek(), Some(Line::Attribute(_))) => {
                comments_above = comments;
                continue;
            }
            Line::Field(_)
            | Line::Property(_)
            | Line::Label(_)
            | Line::Comments(_)
            | Line::Invalid(_) => {}
        }
        if starts_section {
            table.write(INDENTATION, out);
            table.empty_line();
        }
        add_line(text, line, &mut table);
    }
    table.write(INDENTATION, out);

    if !attributes.is_empty() {
        table.empty_line();
    }
    attributes.sort_by_key(|(_, line)| rank(&line.attribute));
    for (comments, AttributeLine { attribute, comment }) in &attributes {
        add_comments(text, comments, &mut table);
        let mut cell = "@@".to_owned();
        write_attribute(text, attribute, &mut cell);
        table.row(vec![cell], as_written(text, *comment));
    }
    table.write(INDENTATION, out);
    out.push_str("}\n");
}

fn add_line(text: &str, line: Line, table: &mut Table) {
    match line {
        Line::Field(FieldLine { name, r#type, attributes, comment, is_valid: _, span: _ }) => {
            let r#type = r#type.map(|r#type| type_cell(text, &r#type)).unwrap_or_default();
            let cells = vec![name.text, r#type, attributes_cell(text, attributes)];
            table.row(cells, as_written(text, comment));
        }
        Line::Property(PropertyLine { key, value, comment, span: _ }) => {
            let mut cells = vec![key.text];
            if let Some(value) = value {
                let mut cell = "= ".to_owned();
                write_expression(text, &value, &mut cell);
                cells.push(cell);
            }
            table.row(cells, as_written(text, comment));
        }
        Line::Label(LabelLine { name, attributes, comment, span: _ }) => {
            let cells = vec![name.text, attributes_cell(text, attributes)];
            table.row(cells, as_written(text, comment));
        }
        Line::Comments(comments) => add_comments(text, &comments, table),
        Line::Invalid(span) => table.verbatim(text_of(text, span).trim_end_matches('\n')),
        Line::Attribute(_) | Line::EmptyLines => {}
    }
}

fn type_cell(text: &str, written: &WrittenType) -> String {
    let WrittenType { r#type, form, span: _ } = written;
    let sign = match form {
        TypeForm::Required | TypeForm::LegacyRequired => "",
        TypeForm::Optional => "?",
        TypeForm::List | TypeForm::LegacyList => "[]",
        TypeForm::OptionalList => "[]?",
    };
    format!("{}{sign}", text_of(text, r#type.span()))
}

fn attributes_cell(text: &str, mut attributes: Vec<Attribute>) -> String {
    attributes.sort_by_key(rank);
    let mut cell = String::new();
    for attribute in &attributes {
        cell.push_str(if cell.is_empty() { "@" } else { " @" });
        write_attribute(text, attribute, &mut cell);
    }
    cell
}

fn as_written(text: &str, comment: Option<CommentLine>) -> &str {
    comment.map(|comment| text_of(text, comment.span)).unwrap_or_default()
}

/// Adds comments that have lines of their own. `/* */` comments get one star a line.
fn add_comments(text: &str, comments: &[CommentLine], table: &mut Table) {
    for comment in comments {
        if comment.kind != CommentKind::Block {
            table.comment(text_of(text, comment.span));
            continue;
        }
        table.comment("/**");
        for line in comment.content(text).lines() {
            let line = line.trim();
            let line = line.strip_prefix('*').map_or(line, str::trim_start);
            if !line.is_empty() {
                table.comment(&format!(" * {line}"));
            }
        }
        table.comment(" */");
    }
}
