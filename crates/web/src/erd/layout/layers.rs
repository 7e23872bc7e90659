//! A cluster in layers: what is referred to stands left of what refers to it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Drawing, Graph, Link, align, order, route};

/// The room below a table.
pub(super) const BELOW: i32 = 22;
/// The room that a line takes which passes a layer.
pub(super) const PASSING: i32 = 12;

/// A table in a layer, or the place where lines pass it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) layer: usize,
    /// The table; none where lines pass.
    pub(super) table: Option<usize>,
    pub(super) width: i32,
    pub(super) height: i32,
    /// Set by [`align`].
    pub(super) y: i32,
}

/// A line through the channel between two layers that are next to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    /// The node left of the channel, and where the line meets it, below its top.
    pub(super) left: (usize, i32),
    /// The node right of it.
    pub(super) right: (usize, i32),
}

/// A cluster on its way to a drawing.
#[derive(Debug, Default)]
pub(super) struct Layered {
    pub(super) nodes: Vec<Node>,
    /// The numbers of the nodes, by layer, from top to bottom.
    pub(super) layers: Vec<Vec<usize>>,
    /// All lines, each once.
    pub(super) segments: BTreeSet<Segment>,
    /// The links with the segments they consist of, from right to left.
    pub(super) chains: Vec<Chain>,
}

/// A link as it is drawn.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) relation: usize,
    pub(super) segments: Vec<Segment>,
    /// Whether the referring table is the left one.
    pub(super) is_reversed: bool,
}

impl Layered {
    pub(super) fn node(&self, node: usize) -> Option<&Node> {
        self.nodes.get(node)
    }
}

/// Draws some tables with the links between them.
pub(super) fn draw(graph: &Graph, members: &[usize]) -> Drawing {
    let mut layered = layered(graph, members);
    order::arrange(&mut layered);
    align::align(&mut layered);
    route::route(&layered)
}

fn layered(graph: &Graph, members: &[usize]) -> Layered {
    let inside: BTreeSet<usize> = members.iter().copied().collect();
    let links: Vec<&Link> = graph
        .links
        .iter()
        .filter(|link| inside.contains(&link.from) && inside.contains(&link.to))
        .collect();
    let layer_of = layers(graph, members, &links);
    let mut layered = Layered::default();
    let mut node_of = BTreeMap::new();
    for &table in members {
        let layer = layer_of.get(&table).copied().unwrap_or(0);
        let (width, height) = graph.size(table);
        let height = height + BELOW;
        node_of.insert(table, layered.add(Node { layer, table: Some(table), width, height, y: 0 }));
    }
    let mut passing = BTreeMap::new();
    for link in links {
        let ends = node_of.get(&link.from).zip(node_of.get(&link.to));
        if let Some((&from, &to)) = ends {
            layered.connect(
                (from, link.from_port),
                (to, link.to_port),
                link.relation,
                &mut passing,
            );
        }
    }
    layered
}

impl Layered {
    fn add(&mut self, node: Node) -> usize {
        let (number, layer) = (self.nodes.len(), node.layer);
        if self.layers.len() <= layer {
            self.layers.resize(layer + 1, Vec::new());
        }
        if let Some(nodes) = self.layers.get_mut(layer) {
            nodes.push(number);
        }
        self.nodes.push(node);
        number
    }

    /// Leads a link from one node to another. Those that lead to one place pass the layers together.
    fn connect(
        &mut self,
        from: (usize, i32),
        to: (usize, i32),
        relation: usize,
        passing: &mut BTreeMap<(usize, i32, usize), usize>,
    ) {
        let layer = |it: &Self, node: usize| it.node(node).map_or(0, |node| node.layer);
        let is_reversed = layer(self, from.0) < layer(self, to.0);
        let (left, right) = if is_reversed { (from, to) } else { (to, from) };
        let mut segments = Vec::new();
        let mut behind = right;
        for between in (layer(self, left.0) + 1..layer(self, right.0)).rev() {
            let key = (left.0, left.1, between);
            let fresh = Node { layer: between, table: None, width: 0, height: PASSING, y: 0 };
            let node = passing.get(&key).copied().unwrap_or_else(|| self.add(fresh));
            passing.insert(key, node);
            let here = (node, PASSING / 2);
            segments.push(Segment { left: here, right: behind });
            behind = here;
        }
        segments.push(Segment { left, right: behind });
        self.segments.extend(segments.iter().copied());
        self.chains.push(Chain { relation, segments, is_reversed });
    }
}

/// The layer of each table: behind all that it refers to, and no layer much higher than the cluster is
/// wide.
fn layers(graph: &Graph, members: &[usize], links: &[&Link]) -> BTreeMap<usize, usize> {
    let mut refers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for link in links.iter().filter(|link| link.from != link.to) {
        refers.entry(link.from).or_default().push(link.to);
    }
    let area: i64 = members
        .iter()
        .map(|table| graph.size(*table))
        .map(|(width, height)| i64::from(width + 60) * i64::from(height + BELOW))
        .sum();
    let tallest = members.iter().map(|table| graph.size(*table).1 + BELOW).max().unwrap_or(0);
    let highest = i32::try_from(area.isqrt()).unwrap_or(i32::MAX).max(tallest);
    let mut heights: Vec<i32> = Vec::new();
    let mut layer_of = BTreeMap::new();
    for table in referred_first(members, &refers) {
        let below = refers.get(&table).into_iter().flatten();
        let first = below.filter_map(|it| layer_of.get(it)).map(|layer: &usize| layer + 1).max();
        let height = graph.size(table).1 + BELOW;
        let is_full = |layer: usize| {
            let used = heights.get(layer).copied().unwrap_or(0);
            used > 0 && used + height > highest
        };
        let mut layer = first.unwrap_or(0);
        while is_full(layer) {
            layer += 1;
        }
        if heights.len() <= layer {
            heights.resize(layer + 1, 0);
        }
        if let Some(used) = heights.get_mut(layer) {
            *used += height;
        }
        layer_of.insert(table, layer);
    }
    // A layer that only got the overflow of others may have left one empty.
    let used: BTreeSet<usize> = layer_of.values().copied().collect();
    let number: BTreeMap<usize, usize> =
        used.into_iter().enumerate().map(|(number, layer)| (layer, number)).collect();
    for layer in layer_of.values_mut() {
        *layer = number.get(layer).copied().unwrap_or(0);
    }
    layer_of
}

/// The tables in an order in which what is referred to comes before what refers to it, but for circles.
fn referred_first(members: &[usize], refers: &BTreeMap<usize, Vec<usize>>) -> Vec<usize> {
    let mut begun = BTreeSet::new();
    let mut order = Vec::new();
    for &root in members {
        let mut path = vec![(root, 0)];
        if !begun.insert(root) {
            continue;
        }
        while let Some((table, next)) = path.pop() {
            match refers.get(&table).and_then(|it| it.get(next)) {
                Some(&to) => {
                    path.push((table, next + 1));
                    if begun.insert(to) {
                        path.push((to, 0));
                    }
                }
                None => order.push(table),
            }
        }
    }
    order
}
