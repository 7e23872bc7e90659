//! A diagram in Graphviz's language.

use std::fmt::Write as _;

use engine::{Diagram, Relation, Verb};

use super::layout::shown_name;
use super::shown;

/// Writes a diagram for Graphviz's `dot`.
pub fn dot(diagram: &Diagram) -> String {
    let mut text = format!(
        "digraph {} {{\n  rankdir=RL;\n  node [shape=plain, fontname=\"monospace\", fontsize=11];\n\
         \x20 edge [arrowhead=tee, arrowtail=crow, dir=both, color=\"#6d7885\"];\n",
        quoted(&diagram.of)
    );
    for table in &diagram.tables {
        let (ground, mark) = match table.change {
            Some(change) => (colour(change), format!("{} ", shown(change).1)),
            None => ("#e6eaef", String::new()),
        };
        let name = shown_name(&table.name);
        let mut rows = format!(
            "<tr><td bgcolor=\"{ground}\" colspan=\"2\"><b>{mark}{}</b></td></tr>",
            escaped(&name)
        );
        for column in &table.columns {
            let ground = column.change.map_or("#ffffff", colour);
            // Writing to a string cannot fail.
            let _ = write!(
                rows,
                "<tr><td bgcolor=\"{ground}\" align=\"left\" port={}>{}{}</td>\
                 <td bgcolor=\"{ground}\" align=\"left\">{}{}</td></tr>",
                quoted_in_html(&column.name),
                if column.is_key { "● " } else { "" },
                escaped(&column.name),
                escaped(&column.r#type),
                if column.nullable { "?" } else { "" }
            );
        }
        let _ = writeln!(
            text,
            "  {} [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">{rows}</table>>];",
            quoted(&name)
        );
    }
    for relation in &diagram.relations {
        let Relation { table, columns, referenced, referenced_columns, change, .. } = relation;
        let style = match change {
            Some(Verb::Drop) => " [style=dashed, color=\"#ab231c\"]",
            Some(Verb::Create) => " [color=\"#17693f\"]",
            Some(Verb::Alter) | None => "",
        };
        let port = |columns: &[String]| {
            columns.first().map(|column| format!(":{}", quoted(column))).unwrap_or_default()
        };
        let _ = writeln!(
            text,
            "  {}{} -> {}{}{style};",
            quoted(&shown_name(table)),
            port(columns),
            quoted(&shown_name(referenced)),
            port(referenced_columns)
        );
    }
    text.push_str("}\n");
    text
}

fn colour(change: Verb) -> &'static str {
    match change {
        Verb::Create => "#e4f3ea",
        Verb::Alter => "#fcf0d9",
        Verb::Drop => "#fbe8e6",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn quoted_in_html(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
