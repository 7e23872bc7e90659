//! The lines of a cluster: level from a row to a lane in the channel between two layers, along the lane, and
//! level again. Lines to one place share their lane, so that a table that many refer to has one trunk.

use std::collections::BTreeMap;

use super::layers::{BELOW, Layered, Segment};
use super::{Drawing, int};

/// The width of a channel without lanes, and of a lane.
const CHANNEL: i32 = 34;
const LANE: i32 = 9;

/// A node with the row at which a line meets it.
type Port = (usize, i32);

/// Gives every layer its place and every line its points.
pub(super) fn route(layered: &Layered) -> Drawing {
    let lanes: Vec<BTreeMap<Port, i32>> =
        (0..layered.layers.len()).map(|channel| lanes(layered, channel)).collect();
    let mut drawing = Drawing::default();
    // Where each layer begins, and where the channel behind it does.
    let mut columns: Vec<(i32, i32)> = Vec::new();
    let mut x = 0;
    for (nodes, lanes) in layered.layers.iter().zip(&lanes) {
        let widths = nodes.iter().filter_map(|node| layered.node(*node)).map(|node| node.width);
        let end = x + widths.max().unwrap_or(0);
        columns.push((x, end));
        let used = lanes.values().max().map_or(0, |last| last + 1);
        drawing.width = if used > 0 { end + CHANNEL / 2 + used * LANE } else { end };
        x = end + CHANNEL + used * LANE;
    }
    for node in &layered.nodes {
        drawing.height = drawing.height.max(node.y + node.height);
        let place = node.table.zip(columns.get(node.layer));
        drawing.places.extend(place.map(|(table, (x, _))| (table, (*x, node.y))));
    }
    drawing.height -= BELOW;
    let find = Finder { layered, columns: &columns, lanes: &lanes };
    for chain in &layered.chains {
        let mut points = find.points(&chain.segments);
        if chain.is_reversed {
            points.reverse();
        }
        drawing.edges.push((chain.relation, points));
    }
    drawing
}

/// The lane of each trunk in a channel, by the place on its left.
fn lanes(layered: &Layered, channel: usize) -> BTreeMap<Port, i32> {
    let mut trunks: BTreeMap<Port, (i32, i32)> = BTreeMap::new();
    let level = |(node, port): Port| layered.node(node).map_or(0, |node| node.y + port);
    for segment in &layered.segments {
        if layered.node(segment.left.0).is_some_and(|node| node.layer == channel) {
            let (one, other) = (level(segment.left), level(segment.right));
            let trunk = trunks.entry(segment.left).or_insert((one, one));
            *trunk = (trunk.0.min(other), trunk.1.max(other));
        }
    }
    let mut by_top: Vec<(i32, i32, Port)> =
        trunks.into_iter().map(|(port, (top, bottom))| (top, bottom, port)).collect();
    by_top.sort_unstable();
    let mut ends: Vec<i32> = Vec::new();
    let mut lanes = BTreeMap::new();
    for (top, bottom, port) in by_top {
        let free = ends.iter().position(|end| end + LANE < top);
        let lane = free.unwrap_or(ends.len());
        match ends.get_mut(lane) {
            Some(end) => *end = bottom,
            None => ends.push(bottom),
        }
        lanes.insert(port, int(lane));
    }
    lanes
}

struct Finder<'a> {
    layered: &'a Layered,
    columns: &'a [(i32, i32)],
    lanes: &'a [BTreeMap<Port, i32>],
}

impl Finder<'_> {
    /// The points of a chain of segments, from its right end to its left one.
    fn points(&self, segments: &[Segment]) -> Vec<(i32, i32)> {
        let mut points = Vec::new();
        for segment in segments {
            let (left, right) = (self.end(segment.left), self.end(segment.right));
            let (Some((left_node, left_y)), Some((right_node, right_y))) = (left, right) else {
                continue;
            };
            let column = self.columns.get(left_node.layer).copied().unwrap_or_default();
            let lane = self.lanes.get(left_node.layer).and_then(|it| it.get(&segment.left));
            let lane = column.1 + CHANNEL / 2 + lane.copied().unwrap_or(0) * LANE;
            if points.is_empty() {
                let right_column = self.columns.get(right_node.layer).copied().unwrap_or_default();
                let is_same_layer = right_node.layer == left_node.layer;
                let width = if is_same_layer { right_node.width } else { 0 };
                points.push((right_column.0 + width, right_y));
            }
            points.extend([(lane, right_y), (lane, left_y)]);
            if left_node.table.is_some() {
                points.push((column.0 + left_node.width, left_y));
            }
        }
        points.dedup();
        // What lies on a level line between two others says nothing.
        let mut at = 1;
        while at + 1 < points.len() {
            let three = (points.get(at - 1), points.get(at), points.get(at + 1));
            let is_level = matches!(three, (Some(a), Some(b), Some(c)) if a.1 == b.1 && b.1 == c.1);
            if is_level {
                points.remove(at);
            } else {
                at += 1;
            }
        }
        points
    }

    fn end(&self, (node, port): Port) -> Option<(&super::layers::Node, i32)> {
        self.layered.node(node).map(|node| (node, node.y + port))
    }
}
