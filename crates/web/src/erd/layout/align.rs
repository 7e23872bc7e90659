//! How far down each node stands: as near to the level of those that it is tied to as the order allows.

use std::collections::BTreeMap;

use super::layers::Layered;

/// How often the layers are gone through.
const SWEEPS: usize = 8;

/// The other end of a line with its row, and the row at which the line meets the node itself.
type Tie = ((usize, i32), i32);

/// Sets the height of each node.
pub(super) fn align(layered: &mut Layered) {
    for layer in layered.layers.clone() {
        let wishes = vec![0; layer.len()];
        place(layered, &layer, &wishes);
    }
    let mut wishes_of: BTreeMap<usize, Vec<Tie>> = BTreeMap::new();
    for segment in &layered.segments {
        for (own, other) in [(segment.left, segment.right), (segment.right, segment.left)] {
            if own.0 != other.0 {
                wishes_of.entry(own.0).or_default().push((other, own.1));
            }
        }
    }
    let count = layered.layers.len();
    for sweep in 0..SWEEPS {
        for step in 0..count {
            let at = if sweep % 2 == 0 { step } else { count - 1 - step };
            let layer = layered.layers.get(at).cloned().unwrap_or_default();
            let wishes: Vec<i32> = layer
                .iter()
                .map(|node| {
                    let stands = layered.node(*node).map_or(0, |node| node.y);
                    wish(layered, wishes_of.get(node).map(Vec::as_slice), stands)
                })
                .collect();
            place(layered, &layer, &wishes);
        }
    }
    let top = layered.nodes.iter().map(|node| node.y).min().unwrap_or(0);
    layered.nodes.iter_mut().for_each(|node| node.y -= top);
}

/// Where a node would stand if it were alone: so that the line in the middle of its lines is level.
fn wish(layered: &Layered, ties: Option<&[Tie]>, stands: i32) -> i32 {
    let level =
        |&((node, port), own): &Tie| layered.node(node).map_or(0, |node| node.y + port - own);
    let mut levels: Vec<i32> = ties.unwrap_or_default().iter().map(level).collect();
    levels.sort_unstable();
    let middle = levels.len() / 2;
    match (levels.get(middle), levels.get(middle.wrapping_sub(1))) {
        (Some(one), Some(other)) if levels.len().is_multiple_of(2) => i32::midpoint(*one, *other),
        (Some(one), _) => *one,
        (None, _) => stands,
    }
}

/// Places the nodes of a layer in their order, as near to their wishes as that goes: nodes that push each
/// other become a block, which stands where its nodes wish on average.
fn place(layered: &mut Layered, layer: &[usize], wishes: &[i32]) {
    // Of each block the sum of the wishes for its top, how many, its height, and how many nodes.
    let mut blocks: Vec<(i32, i32, i32, usize)> = Vec::new();
    for (node, wish) in layer.iter().zip(wishes) {
        let height = layered.node(*node).map_or(0, |node| node.height);
        let mut block = (*wish, 1, height, 1);
        while let Some(above) = blocks.last().copied() {
            if above.0 / above.1 + above.2 <= block.0 / block.1 {
                break;
            }
            // Each wish of the lower block is, for the top of both, higher by the upper one's height.
            let (sum, count) = (above.0 + block.0 - above.2 * block.1, above.1 + block.1);
            block = (sum, count, above.2 + block.2, above.3 + block.3);
            blocks.pop();
        }
        blocks.push(block);
    }
    let mut nodes = layer.iter();
    for (sum, count, _, members) in blocks {
        let mut y = sum / count;
        for node in nodes.by_ref().take(members) {
            if let Some(node) = layered.nodes.get_mut(*node) {
                node.y = y;
                y += node.height;
            }
        }
    }
}
