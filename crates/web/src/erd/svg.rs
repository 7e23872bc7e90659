//! A diagram as SVG: alone in a file, or as a part of a page that can be searched, moved and enlarged.

use std::fmt::Write as _;

use engine::{Diagram, DiagramColumn, DiagramTable, Relation};
use maud::{Markup, PreEscaped, display, html};

use super::layout::{
    Cluster, Detail, END, Edge, FOOT, GUTTER, HEAD, HEADING, Layout, NAME, Placed, ROW, TYPE, Way,
    int, lay_out, shorten, shown_name,
};
use super::shown;
use crate::theme;

/// What a diagram looks like, with the colours of the page.
pub(crate) const STYLE: &str = include_str!("../assets/diagram.css");

/// The room around a diagram.
const MARGIN: i32 = 16;

/// Draws a diagram for a file of its own: light or dark as the reader's system is.
pub fn svg(diagram: &Diagram, detail: Detail) -> String {
    let layout = lay_out(diagram, detail);
    let (width, height) = (layout.width + 2 * MARGIN, layout.height + 2 * MARGIN);
    let style = theme::resolved(STYLE);
    let drawn = html! {
        svg xmlns="http://www.w3.org/2000/svg" class="erd" width=(width) height=(height)
            viewBox=(view_box(&layout)) role="img" aria-labelledby="erd-title erd-desc" {
            title id="erd-title" { "Diagram of " (diagram.of) }
            desc id="erd-desc" { (summary(diagram)) }
            style { (PreEscaped(style)) }
            rect class="ground" x=(-MARGIN) y=(-MARGIN) width=(width) height=(height) {}
            (content(diagram, &layout))
        }
    };
    format!("{}\n", drawn.into_string())
}

/// Draws a diagram for a page, with what it takes to find one's way in it.
pub(crate) fn figure(diagram: &Diagram, detail: Detail) -> Markup {
    let layout = lay_out(diagram, detail);
    let all = diagram.tables.len();
    html! {
        figure class="diagram" data-diagram {
            div class="diagram-tools" role="group" aria-label="Diagram" {
                label class="search" {
                    span class="visually-hidden" { "Find a table or column" }
                    input type="search" data-find placeholder="Find a table or column"
                        autocomplete="off" spellcheck="false" list="diagram-tables";
                }
                datalist id="diagram-tables" {
                    @for table in &diagram.tables { option value=(shown_name(&table.name)) {} }
                }
                output class="found muted" data-found aria-live="polite" {}
                span class="buttons" {
                    button type="button" data-zoom="out" aria-label="Zoom out" { "−" }
                    button type="button" data-zoom="in" aria-label="Zoom in" { "+" }
                    button type="button" data-zoom="whole" { "Whole" }
                    button type="button" data-zoom="full" aria-pressed="false" { "Large" }
                }
            }
            // It can be scrolled where there is no script, and has keys where there is one.
            div class="diagram-view" data-view tabindex="0" role="region"
                aria-label="Diagram: arrow keys move it, + and − zoom, 0 shows the whole" {
                svg class="erd" data-erd viewBox=(view_box(&layout))
                    width=(layout.width + 2 * MARGIN) height=(layout.height + 2 * MARGIN)
                    role="img" aria-labelledby="erd-title erd-desc" {
                    title id="erd-title" { "Diagram of " (diagram.of) }
                    desc id="erd-desc" { (summary(diagram)) }
                    (content(diagram, &layout))
                }
            }
            figcaption class="legend" {
                span { (summary(diagram)) }
                @if diagram.since.is_some() {
                    span class="key added" { "+ added" }
                    span class="key changed" { "~ changed" }
                    span class="key dropped" { "− dropped" }
                }
                @if all > 0 {
                    span class="muted" {
                        "PK primary key, FK foreign key, U unique, ? takes null. "
                        "A line with three toes: many rows refer to one."
                    }
                }
            }
        }
    }
}

fn view_box(layout: &Layout) -> String {
    let (width, height) = (layout.width + 2 * MARGIN, layout.height + 2 * MARGIN);
    format!("{} {} {width} {height}", -MARGIN, -MARGIN)
}

/// What a diagram shows, in a sentence.
pub(crate) fn summary(diagram: &Diagram) -> String {
    let count = |number: usize, one: &str, many: &str| {
        if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
    };
    let mut text = format!(
        "{}, {}",
        count(diagram.tables.len(), "table", "tables"),
        count(diagram.relations.len(), "foreign key", "foreign keys")
    );
    if let Some(since) = &diagram.since {
        let [added, changed, dropped] = diagram.changed();
        let _ =
            write!(text, "; against {since}: {added} added, {changed} changed, {dropped} dropped");
    }
    text.push('.');
    text
}

fn content(diagram: &Diagram, layout: &Layout) -> Markup {
    let pairs = || {
        let relation = |edge: &Edge| diagram.relations.get(edge.relation);
        layout.edges.iter().filter_map(move |edge| Some((edge, relation(edge)?)))
    };
    let is_across = |edge: &Edge| matches!(edge.way, Way::Across { .. });
    html! {
        g class="clusters" {
            @for cluster in layout.clusters.iter().filter(|cluster| cluster.title.is_some()) {
                (frame(cluster))
            }
        }
        g class="lines across" {
            @for (edge, relation) in pairs().filter(|(edge, _)| is_across(edge)) {
                (line(edge, relation))
            }
        }
        g class="lines" {
            @for (edge, relation) in pairs().filter(|(edge, _)| !is_across(edge)) {
                (line(edge, relation))
            }
        }
        g class="tables" {
            @for (table, placed) in diagram.tables.iter().zip(&layout.tables) {
                (drawn_table(diagram, table, placed))
            }
        }
        g class="titles" {
            @for cluster in &layout.clusters {
                @if let Some(title) = &cluster.title {
                    text x=(cluster.area.x + 16) y=(cluster.area.y + 10) { (title) }
                }
            }
        }
    }
}

fn frame(cluster: &Cluster) -> Markup {
    let area = cluster.area;
    html! {
        rect x=(area.x) y=(area.y) width=(area.width) height=(area.height) rx="10" {}
    }
}

fn line(edge: &Edge, relation: &Relation) -> Markup {
    let class = relation.change.map(|change| shown(change).0);
    let Relation { name, table, columns, referenced, referenced_columns, .. } = relation;
    html! {
        path class=[class] data-from=(display(table)) data-to=(display(referenced)) d=(path(&edge.way, relation)) {
            title {
                (display(table)) " (" (columns.join(", ")) ") → " (display(referenced)) " ("
                (referenced_columns.join(", ")) "), " (name)
                @if let Some(class) = class { ", " (class) }
            }
        }
    }
}

/// The radius of a corner.
const CORNER: i32 = 5;

/// The path of a line with its ends: three toes for many, a bar for one, a ring for perhaps none.
fn path(way: &Way, relation: &Relation) -> String {
    let mut d = String::new();
    let (start, leaves, end, arrives) = match way {
        Way::Straight(points) => {
            let [first, second, ..] = points.as_slice() else { return d };
            let [.., before, last] = points.as_slice() else { return d };
            rounded(&mut d, points);
            (*first, (second.0 - first.0).signum(), *last, (before.0 - last.0).signum())
        }
        Way::Across { from, to, leaves, arrives } => {
            let bend = ((from.0 - to.0).abs() / 2).clamp(40, 220);
            let _ = write!(
                d,
                "M{} {}C{} {} {} {} {} {}",
                from.0,
                from.1,
                from.0 + leaves * bend,
                from.1,
                to.0 + arrives * bend,
                to.1,
                to.0,
                to.1
            );
            (*from, *leaves, *to, *arrives)
        }
    };
    let ((x, y), side) = (start, leaves);
    if relation.is_unique {
        let _ = write!(d, "M{} {}v8", x + side * 7, y - 4);
    } else {
        let _ = write!(d, "M{x} {}L{} {y}L{x} {}", y - 4, x + side * 9, y + 4);
    }
    let ((x, y), side) = (end, arrives);
    if relation.is_required {
        let _ = write!(d, "M{} {}v8", x + side * 7, y - 4);
    } else {
        let _ = write!(d, "M{} {y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0", x + side * 7 - 3);
    }
    d
}

/// Level and upright lines with round corners.
fn rounded(d: &mut String, points: &[(i32, i32)]) {
    for (at, point) in points.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| points.get(at));
        match (before, points.get(at + 1)) {
            (None, _) => {
                let _ = write!(d, "M{} {}", point.0, point.1);
            }
            (Some(_), None) => {
                let _ = write!(d, "L{} {}", point.0, point.1);
            }
            (Some(before), Some(after)) => {
                let towards = |to: &(i32, i32)| {
                    let (x, y) = (to.0 - point.0, to.1 - point.1);
                    let step = CORNER.min(i32::midpoint(x.abs(), y.abs()));
                    (point.0 + x.signum() * step, point.1 + y.signum() * step)
                };
                let (start, end) = (towards(before), towards(after));
                let _ = write!(
                    d,
                    "L{} {}Q{} {} {} {}",
                    start.0, start.1, point.0, point.1, end.0, end.1
                );
            }
        }
    }
}

fn drawn_table(diagram: &Diagram, table: &DiagramTable, placed: &Placed) -> Markup {
    let Placed { area, rows, hidden } = placed;
    let name = shown_name(&table.name);
    let mark = table.change.map(shown);
    let class = mark.map_or_else(|| "table".to_owned(), |(class, ..)| format!("table {class}"));
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let foreign: Vec<&str> = diagram
        .relations
        .iter()
        .filter(|relation| relation.table == table.name)
        .flat_map(|relation| &relation.columns)
        .map(String::as_str)
        .collect();
    html! {
        g class=(class) data-table=(display(&table.name)) data-columns=(columns.join(" "))
            transform=(format!("translate({} {})", area.x, area.y)) {
            title {
                (display(&table.name)) @if let Some((_, _, word)) = mark { ", " (word) }
                @if let Some(comment) = &table.comment { ": " (comment) }
            }
            rect class="box" width=(area.width) height=(area.height) rx="6" {}
            path class="head" d=(head(area.width, rows.is_empty() && *hidden == 0)) {}
            text class="name" x="10" y="19" {
                @if let Some((_, sign, _)) = mark { tspan class="sign" { (sign) } " " }
                (shorten(&name, HEADING))
            }
            @for (row, number) in rows.iter().enumerate() {
                @if let Some(column) = table.columns.get(*number) {
                    (drawn_column(column, HEAD + int(row) * ROW, area.width,
                        foreign.contains(&column.name.as_str())))
                }
            }
            @if *hidden > 0 {
                text class="more" x=(GUTTER) y=(HEAD + int(rows.len()) * ROW + 14) {
                    "+ " (hidden) @if *hidden == 1 { " column" } @else { " columns" }
                }
            }
        }
    }
}

/// The head of a table: round above, and below where there is nothing else.
fn head(width: i32, alone: bool) -> String {
    if alone {
        let inner = width - 12;
        return format!(
            "M0 6a6 6 0 0 1 6 -6h{inner}a6 6 0 0 1 6 6v{0}a6 6 0 0 1 -6 6h-{inner}a6 6 0 0 1 -6 -6z",
            HEAD - 12
        );
    }
    format!("M0 {HEAD}V6a6 6 0 0 1 6 -6H{}a6 6 0 0 1 6 6V{HEAD}z", width - 6)
}

fn drawn_column(column: &DiagramColumn, top: i32, width: i32, is_foreign: bool) -> Markup {
    let DiagramColumn { name, r#type, nullable, is_key, is_unique, change, was } = column;
    let key = match (is_key, is_foreign, is_unique) {
        (true, _, _) => "PK",
        (_, true, _) => "FK",
        (_, _, true) => "U",
        _ => "",
    };
    let mark = change.map(shown);
    let class = mark.map_or_else(|| "row".to_owned(), |(class, ..)| format!("row {class}"));
    let base = top + FOOT + 9;
    html! {
        g class=(class) {
            @if let Some((_, sign, word)) = mark {
                rect class="tint" x="1" y=(top) width=(width - 2) height=(ROW) {}
                text class="sign" x="5" y=(base) { (sign) }
                title { (name) ", " (word) @if let Some(was) = was { ", was " (was) } }
            }
            @if !key.is_empty() { text class="key" x="14" y=(base) { (key) } }
            text class="column" x=(GUTTER) y=(base) { (shorten(name, NAME)) }
            text class="type" x=(width - END) y=(base) {
                (shorten(r#type, TYPE)) @if *nullable { "?" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use engine::{DiagramColumn, DiagramTable, Name};

    use super::{figure, svg};
    use crate::erd::{Detail, sample};

    #[test]
    fn names_cannot_break_out() {
        let mut diagram = sample(2, 1);
        let column = DiagramColumn {
            name: "a\"><script>".to_owned(),
            r#type: "<b>".to_owned(),
            nullable: false,
            is_key: false,
            is_unique: false,
            change: None,
            was: None,
        };
        diagram.tables.push(DiagramTable {
            name: Name::new("public", "</title><script>alert(1)</script>"),
            columns: vec![column],
            comment: Some("]]>&\u{1}".to_owned()),
            change: None,
        });
        for text in [svg(&diagram, Detail::All), figure(&diagram, Detail::All).into_string()] {
            assert!(!text.contains("<script"), "{text}");
            assert!(!text.contains("<b>"), "{text}");
        }
    }

    #[test]
    fn every_table_and_every_line_is_there_once() {
        let diagram = sample(300, 3);
        let text = svg(&diagram, Detail::Fitting);
        assert_eq!(text.matches("data-table=").count(), 300);
        assert_eq!(text.matches("data-from=").count(), diagram.relations.len());
        assert!(text.contains("<title id=\"erd-title\">Diagram of a sample</title>"));
        assert!(!text.contains("var("), "pictures have their colours in them");
    }
}
