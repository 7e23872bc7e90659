//! The order of the nodes in their layers, so that few lines cross: each goes to the middle of those that it
//! is tied to in the layer before, back and forth.

use std::collections::BTreeMap;

use super::int;
use super::layers::Layered;

/// How often the layers are gone through.
const SWEEPS: usize = 12;

/// Puts the nodes of each layer into order.
pub(super) fn arrange(layered: &mut Layered) {
    let mut best = (crossings(layered), layered.layers.clone());
    for sweep in 0..SWEEPS {
        let is_forth = sweep % 2 == 0;
        let count = layered.layers.len();
        for step in 1..count {
            let layer = if is_forth { step } else { count - 1 - step };
            sort(layered, layer, is_forth);
        }
        let found = crossings(layered);
        if found < best.0 {
            best = (found, layered.layers.clone());
        }
    }
    layered.layers = best.1;
}

/// The place of each node in its layer.
fn places(layered: &Layered) -> BTreeMap<usize, i32> {
    let layers = layered.layers.iter();
    layers.flat_map(|nodes| nodes.iter().enumerate().map(|(at, node)| (*node, int(at)))).collect()
}

fn sort(layered: &mut Layered, layer: usize, is_forth: bool) {
    let places = places(layered);
    let mut sums: BTreeMap<usize, (i32, i32)> = BTreeMap::new();
    for segment in &layered.segments {
        let (one, other) =
            if is_forth { (segment.right, segment.left) } else { (segment.left, segment.right) };
        // The row of the line counts a little.
        let place = places.get(&other.0).map_or(0, |place| place * 1000 + other.1.clamp(0, 999));
        let sum = sums.entry(one.0).or_default();
        *sum = (sum.0 + place, sum.1 + 1);
    }
    let middle = |node: &usize| {
        let own = places.get(node).map_or(0, |place| place * 1000);
        sums.get(node).map_or(own, |(sum, count)| sum / count)
    };
    if let Some(nodes) = layered.layers.get_mut(layer) {
        nodes.sort_by_key(|node| (middle(node), places.get(node).copied()));
    }
}

/// The ends of a line: each the place of its node, and the row.
type Line = ((i32, i32), (i32, i32));

/// How many pairs of lines cross.
fn crossings(layered: &Layered) -> usize {
    let places = places(layered);
    let key = |(node, port): (usize, i32)| (places.get(&node).copied().unwrap_or(0), port);
    let lines: Vec<_> = layered
        .segments
        .iter()
        .filter_map(|it| Some((layered.node(it.left.0)?.layer, key(it.left), key(it.right))))
        .collect();
    let crosses = |(one, other): (&Line, &Line)| {
        (one.0 < other.0 && one.1 > other.1) || (one.0 > other.0 && one.1 < other.1)
    };
    let mut by_channel: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
    for (channel, left, right) in lines {
        by_channel.entry(channel).or_default().push((left, right));
    }
    let pairs = by_channel.values().flat_map(|lines| {
        let rest = |at: usize| lines.iter().skip(at + 1);
        lines.iter().enumerate().flat_map(move |(at, one)| rest(at).map(move |other| (one, other)))
    });
    pairs.filter(|pair| crosses(*pair)).count()
}
