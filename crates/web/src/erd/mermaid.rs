//! A diagram in Mermaid's words, for Markdown that shows it: README, pull requests, wikis.

use std::fmt::Write as _;

use engine::{Diagram, DiagramColumn, DiagramTable, Relation};

use super::layout::shown_name;
use super::shown;

/// Writes a diagram as Mermaid's `erDiagram`. Its grammar has few letters for names of columns and types:
/// others become `_`, and the real name a comment.
pub fn mermaid(diagram: &Diagram) -> String {
    let mut text = format!("%% {}\nerDiagram\n", one_line(&diagram.of));
    for table in &diagram.tables {
        let foreign = |column: &DiagramColumn| {
            let has = |it: &Relation| it.table == table.name && it.columns.contains(&column.name);
            diagram.relations.iter().any(has)
        };
        entity(&mut text, table, &foreign);
    }
    for relation in &diagram.relations {
        let Relation { table, columns, referenced, is_required, is_unique, change, .. } = relation;
        let many = if *is_unique { "|o" } else { "}o" };
        let one = if *is_required { "||" } else { "o|" };
        let mark = change.map(|change| format!(" ({})", shown(change).2)).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  {} {many}--{one} {} : \"{}{mark}\"",
            quoted(&shown_name(table)),
            quoted(&shown_name(referenced)),
            without_quotes(&columns.join(", "))
        );
    }
    text
}

fn entity(text: &mut String, table: &DiagramTable, is_foreign: &dyn Fn(&DiagramColumn) -> bool) {
    let mark = table.change.map(|change| format!("%% {}\n  ", shown(change).2));
    let name = quoted(&shown_name(&table.name));
    let _ = writeln!(text, "  {}{name} {{", mark.unwrap_or_default());
    for column in &table.columns {
        let DiagramColumn { name, r#type, nullable, is_key, is_unique, change, was } = column;
        let (word, spelled) = (word(name), word(r#type));
        let keys: Vec<&str> =
            [(*is_key, "PK"), (is_foreign(column), "FK"), (*is_unique && !*is_key, "UK")]
                .into_iter()
                .filter_map(|(is_so, key)| is_so.then_some(key))
                .collect();
        let mut said = Vec::new();
        if word != *name {
            said.push(name.clone());
        }
        if spelled != *r#type {
            said.push(r#type.clone());
        }
        if *nullable {
            said.push("nullable".to_owned());
        }
        said.extend(change.map(|change| shown(change).2.to_owned()));
        said.extend(was.iter().map(|was| format!("was {was}")));
        let keys = if keys.is_empty() { String::new() } else { format!(" {}", keys.join(", ")) };
        let said = if said.is_empty() {
            String::new()
        } else {
            format!(" \"{}\"", without_quotes(&said.join("; ")))
        };
        let _ = writeln!(text, "    {spelled} {word}{keys}{said}");
    }
    text.push_str("  }\n");
}

/// A name with only the letters that Mermaid takes.
fn word(text: &str) -> String {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '[' | ']' | '(' | ')');
    let word: String = text.chars().map(|c| if is_fine(c) { c } else { '_' }).collect();
    if word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        word
    } else {
        format!("_{word}")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", without_quotes(name))
}

/// A text that can stand in Mermaid's quotes, which have no escape.
fn without_quotes(text: &str) -> String {
    let plain = |c: char| match c {
        '"' => '\'',
        '%' => '٪',
        '\\' | '<' | '>' | '#' | ';' if c != ';' => '_',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(plain).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
