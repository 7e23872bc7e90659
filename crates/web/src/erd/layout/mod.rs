//! Where everything in a diagram stands.
//!
//! Three steps, each in a file: tables that belong together become clusters ([`cluster`]); a cluster is
//! drawn in layers, what is referred to left of what refers to it, with its foreign keys in channels
//! between the layers ([`layers`], [`route`]); the clusters are packed like pictures on a wall, next to
//! what they are tied to ([`pack`]). Foreign keys between clusters are plain curves, to be drawn faintly.
//!
//! Own code, since no crate has all three: sizes of boxes with ports at their rows, a bound on the width
//! of a layer, and the same picture for the same input. Nothing here depends on hashes or chance.

mod align;
mod cluster;
mod layers;
mod order;
mod pack;
mod route;

use std::collections::{BTreeMap, BTreeSet};

use engine::{Diagram, DiagramTable, Name};

/// The height of a table's head, in pixels.
pub(crate) const HEAD: i32 = 28;
/// The height of a row.
pub(crate) const ROW: i32 = 19;
/// What is left below the last row.
pub(crate) const FOOT: i32 = 5;
/// The width of four letters of a row; rows are set in a monospaced face.
const LETTERS: i32 = 30;
/// What is left behind the last letter of a row.
pub(crate) const END: i32 = 7;
/// The width of a letter of a head.
pub(crate) const HEAD_LETTER: i32 = 8;
/// Where the text of a row begins.
pub(crate) const GUTTER: i32 = 30;
/// The room inside a cluster's frame.
const PADDING: i32 = 22;
/// The room for a cluster's title.
const TITLE: i32 = 18;
/// The room between clusters.
const GAP: i32 = 36;

/// A diagram with a place for everything, in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) clusters: Vec<Cluster>,
    /// By the table's number in the diagram.
    pub(crate) tables: Vec<Placed>,
    pub(crate) edges: Vec<Edge>,
}

/// A frame around tables that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// What it is called: the table that most refer to; none if it is the only one.
    pub(crate) title: Option<String>,
    pub(crate) area: Area,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// A table with its place and what of it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Placed {
    pub(crate) area: Area,
    /// The numbers of the columns that are shown.
    pub(crate) rows: Vec<usize>,
    /// How many are not.
    pub(crate) hidden: usize,
}

/// A foreign key with its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    /// Its number among the relations of the diagram.
    pub(crate) relation: usize,
    pub(crate) way: Way,
}

/// How an edge gets from the table that has the foreign key to the one referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// Along these points, horizontally and vertically.
    Straight(Vec<(i32, i32)>),
    /// Between clusters, in a curve.
    Across {
        from: (i32, i32),
        to: (i32, i32),
        /// In which direction it leaves and arrives: -1 left, 1 right.
        leaves: i32,
        arrives: i32,
    },
}

/// Which columns are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// All, unless there are so many tables that nothing would be readable; then those of keys.
    Fitting,
    /// All.
    All,
    /// Those of primary and foreign keys, and those that change.
    Keys,
    /// None.
    Names,
}

/// With more tables than these only the columns of keys are shown, if nothing else is said.
const MANY: usize = 60;

/// Finds a place for everything.
pub(crate) fn lay_out(diagram: &Diagram, detail: Detail) -> Layout {
    let graph = Graph::of(diagram, detail);
    let parts = cluster::clusters(&graph);
    let framed = parts.len() > 1;
    let drawn: Vec<Drawing> = parts.iter().map(|members| layers::draw(&graph, members)).collect();
    let frames: Vec<(i32, i32)> = drawn
        .iter()
        .map(|it| {
            let title = if framed { TITLE } else { 0 };
            (it.width + 2 * PADDING, it.height + 2 * PADDING + title)
        })
        .collect();
    let places = pack::pack(&frames, &graph.ties(&parts));
    let mut tables = graph.tables.clone();
    let mut layout =
        Layout { width: 0, height: 0, clusters: Vec::new(), tables: Vec::new(), edges: Vec::new() };
    for ((members, drawing), ((x, y), (width, height))) in
        parts.iter().zip(drawn).zip(places.into_iter().zip(frames))
    {
        let title = framed.then(|| graph.title(members));
        layout.clusters.push(Cluster { title, area: Area { x, y, width, height } });
        layout.width = layout.width.max(x + width);
        layout.height = layout.height.max(y + height);
        let (x, y) = (x + PADDING, y + PADDING + if framed { TITLE } else { 0 });
        for (member, (left, top)) in drawing.places {
            if let Some(placed) = tables.get_mut(member) {
                (placed.area.x, placed.area.y) = (x + left, y + top);
            }
        }
        layout.edges.extend(drawing.edges.into_iter().map(|(relation, points)| {
            let points = points.into_iter().map(|(left, top)| (x + left, y + top)).collect();
            Edge { relation, way: Way::Straight(points) }
        }));
    }
    let inside: BTreeSet<usize> = layout.edges.iter().map(|edge| edge.relation).collect();
    layout.tables = tables;
    for link in graph.links.iter().filter(|link| !inside.contains(&link.relation)) {
        if let Some(way) = across(&layout.tables, link) {
            layout.edges.push(Edge { relation: link.relation, way });
        }
    }
    layout.edges.sort_by_key(|edge| edge.relation);
    layout
}

/// The way of an edge between clusters: from side to side, whichever are next to each other.
fn across(tables: &[Placed], link: &Link) -> Option<Way> {
    let (from, to) = (tables.get(link.from)?.area, tables.get(link.to)?.area);
    let (left, right) = (from.x, from.x + from.width);
    let (to_left, to_right) = (to.x, to.x + to.width);
    let (leaves, arrives) = if to_right < left {
        (-1, 1)
    } else if to_left > right {
        (1, -1)
    } else {
        (1, 1)
    };
    let side = |direction: i32, left, right| if direction < 0 { left } else { right };
    Some(Way::Across {
        from: (side(leaves, left, right), from.y + link.from_port),
        to: (side(arrives, to_left, to_right), to.y + link.to_port),
        leaves,
        arrives,
    })
}

/// What a cluster looks like, from its own corner.
#[derive(Debug, Clone, Default)]
struct Drawing {
    width: i32,
    height: i32,
    /// Tables by number, and where they stand.
    places: Vec<(usize, (i32, i32))>,
    /// Relations by number, and their points, from the referring table to the other.
    edges: Vec<(usize, Vec<(i32, i32)>)>,
}

/// The tables as boxes and the foreign keys as links between their numbers.
struct Graph {
    tables: Vec<Placed>,
    names: Vec<Name>,
    links: Vec<Link>,
    /// For each table, the tables that it is linked to, one entry per link.
    neighbours: Vec<Vec<usize>>,
}

/// A foreign key.
#[derive(Debug, Clone, Copy)]
struct Link {
    relation: usize,
    from: usize,
    to: usize,
    /// Where it leaves, below the table's top.
    from_port: i32,
    to_port: i32,
}

impl Graph {
    fn of(diagram: &Diagram, detail: Detail) -> Self {
        let number: BTreeMap<&Name, usize> =
            diagram.tables.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
        let mut of_keys: BTreeMap<&Name, Vec<&str>> = BTreeMap::new();
        for relation in &diagram.relations {
            of_keys
                .entry(&relation.table)
                .or_default()
                .extend(relation.columns.iter().map(String::as_str));
        }
        let detail = match detail {
            Detail::Fitting if diagram.tables.len() > MANY => Detail::Keys,
            Detail::Fitting | Detail::All => Detail::All,
            Detail::Keys => Detail::Keys,
            Detail::Names => Detail::Names,
        };
        let tables: Vec<Placed> = diagram
            .tables
            .iter()
            .map(|table| {
                let keys = of_keys.get(&table.name).map(Vec::as_slice).unwrap_or_default();
                placed(table, keys, detail)
            })
            .collect();
        let mut neighbours = vec![Vec::new(); tables.len()];
        let mut links = Vec::new();
        for (at, relation) in diagram.relations.iter().enumerate() {
            let ends = number.get(&relation.table).zip(number.get(&relation.referenced));
            let Some((&from, &to)) = ends else { continue };
            for (one, other) in [(from, to), (to, from)] {
                if let Some(list) = neighbours.get_mut(one).filter(|_| one != other) {
                    list.push(other);
                }
            }
            let port = |table: usize, columns: &[String]| {
                port(diagram.tables.get(table), tables.get(table), columns.first())
            };
            links.push(Link {
                relation: at,
                from,
                to,
                from_port: port(from, &relation.columns),
                to_port: port(to, &relation.referenced_columns),
            });
        }
        let names = diagram.tables.iter().map(|table| table.name.clone()).collect();
        Self { tables, names, links, neighbours }
    }

    fn neighbours(&self, table: usize) -> &[usize] {
        self.neighbours.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    fn size(&self, table: usize) -> (i32, i32) {
        self.tables.get(table).map_or((0, 0), |placed| (placed.area.width, placed.area.height))
    }

    fn schema(&self, table: usize) -> &str {
        self.names.get(table).map_or("", |name| name.schema.as_str())
    }

    /// What a cluster is called: its table with the most links.
    fn title(&self, members: &[usize]) -> String {
        if members.iter().all(|member| self.neighbours(*member).is_empty()) {
            return "no relations".to_owned();
        }
        let most = members
            .iter()
            .max_by_key(|member| (self.neighbours(**member).len(), std::cmp::Reverse(**member)));
        most.and_then(|member| self.names.get(*member)).map_or_else(String::new, shown_name)
    }

    /// How many links there are between each two clusters.
    fn ties(&self, parts: &[Vec<usize>]) -> BTreeMap<(usize, usize), i32> {
        let mut part_of = BTreeMap::new();
        for (part, members) in parts.iter().enumerate() {
            part_of.extend(members.iter().map(|member| (*member, part)));
        }
        let mut ties = BTreeMap::new();
        for link in &self.links {
            let ends = part_of.get(&link.from).zip(part_of.get(&link.to));
            if let Some((one, other)) = ends.filter(|(one, other)| one != other) {
                *ties.entry((*one.min(other), *one.max(other))).or_default() += 1;
            }
        }
        ties
    }
}

/// A name without the schema that everybody expects.
pub(crate) fn shown_name(name: &Name) -> String {
    if name.schema == "public" { name.name.clone() } else { name.to_string() }
}

/// The size of a table, and what of it is shown.
fn placed(table: &DiagramTable, keys: &[&str], detail: Detail) -> Placed {
    let is_shown = |at: &usize| match (detail, table.columns.get(*at)) {
        (Detail::All | Detail::Fitting, _) => true,
        (Detail::Keys, Some(column)) => {
            column.is_key || column.change.is_some() || keys.contains(&column.name.as_str())
        }
        (Detail::Names | Detail::Keys, _) => false,
    };
    let rows: Vec<usize> = (0..table.columns.len()).filter(is_shown).collect();
    let hidden = if detail == Detail::Names { 0 } else { table.columns.len() - rows.len() };
    let widest = rows
        .iter()
        .filter_map(|at| table.columns.get(*at))
        .map(|column| {
            let text = shorten(&column.name, NAME).chars().count()
                + shorten(&column.r#type, TYPE).chars().count()
                + usize::from(column.nullable)
                + 2;
            GUTTER + int(text) * LETTERS / 4 + END
        })
        .max();
    let name = shorten(&shown_name(&table.name), HEADING).chars().count();
    let mark = if table.change.is_some() { 22 } else { 0 };
    let head = int(name) * HEAD_LETTER + 24 + mark;
    let lines = int(rows.len()) + i32::from(hidden > 0);
    let foot = if lines > 0 { FOOT } else { 0 };
    let area = Area {
        width: widest.unwrap_or(0).max(head).max(120),
        height: HEAD + lines * ROW + foot,
        ..Area::default()
    };
    Placed { area, rows, hidden }
}

/// How many letters are shown of the name of a column, of its type, of the name of a table.
pub(crate) const NAME: usize = 30;
/// Of its type.
pub(crate) const TYPE: usize = 18;
/// Of the name of a table.
pub(crate) const HEADING: usize = 40;

/// The beginning of a text that is too long.
pub(crate) fn shorten(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// Where a foreign key leaves or arrives: at the row of its column, or at the head if that is not shown.
fn port(table: Option<&DiagramTable>, placed: Option<&Placed>, column: Option<&String>) -> i32 {
    let at = table.zip(placed).zip(column).and_then(|((table, placed), column)| {
        let number = table.columns.iter().position(|it| it.name == *column)?;
        placed.rows.iter().position(|row| *row == number)
    });
    at.map_or(HEAD / 2, |row| HEAD + int(row) * ROW + ROW / 2)
}

/// A count as a length: no diagram has more than two milliard of anything.
pub(crate) fn int(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Area, Detail, Layout, Way, lay_out};
    use crate::erd::sample;

    fn overlap(one: Area, other: Area) -> bool {
        one.x < other.x + other.width
            && other.x < one.x + one.width
            && one.y < other.y + other.height
            && other.y < one.y + one.height
    }

    fn check(layout: &Layout) {
        let areas: Vec<Area> = layout.tables.iter().map(|placed| placed.area).collect();
        for (at, one) in areas.iter().enumerate() {
            assert!(areas.iter().skip(at + 1).all(|other| !overlap(*one, *other)), "table {at}");
            let framed = layout.clusters.iter().filter(|cluster| {
                let area = cluster.area;
                one.x >= area.x
                    && one.y >= area.y
                    && one.x + one.width <= area.x + area.width
                    && one.y + one.height <= area.y + area.height
            });
            assert_eq!(framed.count(), 1, "table {at}");
        }
        for (at, one) in layout.clusters.iter().enumerate() {
            let others = layout.clusters.iter().skip(at + 1);
            assert!(others.into_iter().all(|other| !overlap(one.area, other.area)));
        }
    }

    #[test]
    fn nothing_overlaps_and_nothing_is_left_out() {
        for (tables, seed) in [(1, 1), (2, 1), (10, 1), (10, 7), (60, 2), (300, 3)] {
            let diagram = sample(tables, seed);
            let layout = lay_out(&diagram, Detail::Fitting);
            check(&layout);
            assert_eq!(layout.tables.len(), diagram.tables.len());
            assert_eq!(layout.edges.len(), diagram.relations.len());
            assert_eq!(layout, lay_out(&diagram, Detail::Fitting), "the same picture each time");
        }
    }

    #[test]
    fn inside_a_cluster_the_lines_are_straight_and_pass_no_table() {
        let diagram = sample(300, 3);
        let layout = lay_out(&diagram, Detail::Fitting);
        let mut straight = 0;
        for edge in &layout.edges {
            let Way::Straight(points) = &edge.way else { continue };
            straight += 1;
            for pair in points.windows(2) {
                let [one, other] = pair else { continue };
                assert!(one.0 == other.0 || one.1 == other.1, "{points:?}");
                let line = Area {
                    x: one.0.min(other.0) + 1,
                    y: one.1.min(other.1),
                    width: (one.0 - other.0).abs() - 2,
                    height: (one.1 - other.1).abs(),
                };
                let is_passed = |area: Area| {
                    line.x < area.x + area.width
                        && area.x < line.x + line.width.max(1)
                        && line.y < area.y + area.height
                        && area.y < line.y + line.height.max(1)
                };
                let passed = layout.tables.iter().position(|placed| is_passed(placed.area));
                assert_eq!(passed, None, "{edge:?}");
            }
        }
        assert!(straight > layout.edges.len() / 3, "{straight} of {}", layout.edges.len());
    }
}
