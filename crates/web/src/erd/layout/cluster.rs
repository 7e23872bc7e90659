//! Which tables belong together.
//!
//! Clusters grow by pairs: in each round those that are tied most closely, for their size, become one, if
//! the outcome is not too large to be taken in at a glance. A link to a table that everybody refers to
//! ties little: half of a schema refers to its users.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Graph;

/// The most tables in a cluster.
const LARGEST: usize = 12;

/// Tables without links are put together in lots of this size.
const LOT: usize = 24;

/// The clusters, each with the numbers of its tables, largest first.
pub(super) fn clusters(graph: &Graph) -> Vec<Vec<usize>> {
    let count = graph.tables.len();
    let linked = |table: &usize| !graph.neighbours(*table).is_empty();
    let alone: Vec<usize> = (0..count).filter(|table| !linked(table)).collect();
    let mut parts: Vec<Vec<usize>> = (0..count).filter(linked).map(|table| vec![table]).collect();
    let largest = if count <= LARGEST + LARGEST / 2 { count } else { LARGEST };
    while grow(graph, &mut parts, largest) {}
    // What is left over goes to whoever it is tied to, even if that gets a little large.
    join_leftovers(graph, &mut parts);
    let mut by_schema: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for table in alone {
        by_schema.entry(graph.schema(table)).or_default().push(table);
    }
    if let ([only], true) = (parts.as_mut_slice(), count <= LARGEST + LARGEST / 2) {
        only.extend(by_schema.into_values().flatten());
    } else {
        for tables in by_schema.into_values() {
            parts.extend(tables.chunks(LOT).map(<[usize]>::to_vec));
        }
    }
    for part in &mut parts {
        part.sort_unstable();
    }
    parts.sort_by_key(|part| (Reverse(part.len()), part.first().copied()));
    parts
}

/// How closely each two clusters are tied, in parts of a million.
fn ties(graph: &Graph, parts: &[Vec<usize>]) -> BTreeMap<(usize, usize), u64> {
    let mut part_of = vec![usize::MAX; graph.tables.len()];
    for (part, members) in parts.iter().enumerate() {
        for member in members {
            if let Some(entry) = part_of.get_mut(*member) {
                *entry = part;
            }
        }
    }
    let degree = |table: usize| graph.neighbours(table).len().max(1) as u64;
    let mut ties = BTreeMap::new();
    for link in &graph.links {
        let ends = part_of.get(link.from).zip(part_of.get(link.to));
        let Some((&one, &other)) = ends.filter(|(one, other)| one != other) else { continue };
        if graph.schema(link.from) != graph.schema(link.to) {
            continue;
        }
        let weight = 1_000_000 / (degree(link.from) * degree(link.to)).isqrt().max(1);
        *ties.entry((one.min(other), one.max(other))).or_default() += weight;
    }
    ties
}

/// Makes pairs of clusters one. Returns whether there was any.
fn grow(graph: &Graph, parts: &mut Vec<Vec<usize>>, largest: usize) -> bool {
    let size = |part: &usize| parts.get(*part).map_or(0, Vec::len);
    let mut pairs: Vec<(u64, usize, usize)> = ties(graph, parts)
        .into_iter()
        .filter(|((one, other), _)| size(one) + size(other) <= largest)
        .map(|((one, other), tie)| {
            let room = (size(&one) * size(&other)) as u64;
            (tie / room.isqrt().max(1), one, other)
        })
        .collect();
    pairs.sort_unstable_by_key(|(tie, one, other)| (Reverse(*tie), *one, *other));
    // Only the closest ones of a round, so that later rounds see what came of it.
    pairs.truncate(pairs.len().div_ceil(3));
    let mut taken = vec![false; parts.len()];
    let mut merged = false;
    for (_, one, other) in pairs {
        let is_taken = |part: usize| taken.get(part).copied().unwrap_or(true);
        if is_taken(one) || is_taken(other) {
            continue;
        }
        for part in [one, other] {
            if let Some(entry) = taken.get_mut(part) {
                *entry = true;
            }
        }
        let moved = parts.get_mut(other).map(std::mem::take).unwrap_or_default();
        if let Some(part) = parts.get_mut(one) {
            part.extend(moved);
        }
        merged = true;
    }
    parts.retain(|part| !part.is_empty());
    merged
}

/// Puts clusters of one or two tables to the cluster that they are tied to most.
fn join_leftovers(graph: &Graph, parts: &mut Vec<Vec<usize>>) {
    let size = |part: usize| parts.get(part).map_or(0, Vec::len);
    let mut moves = Vec::new();
    let ties = ties(graph, parts);
    for part in 0..parts.len() {
        if size(part) > 2 {
            continue;
        }
        let to_other = ties.iter().filter_map(|(&(one, other), tie)| match part {
            _ if one == part => Some((*tie, other)),
            _ if other == part => Some((*tie, one)),
            _ => None,
        });
        let roomy = to_other.filter(|(_, other)| size(*other) > 2);
        let best = roomy.max_by_key(|(tie, other)| (*tie, Reverse(*other)));
        moves.extend(best.map(|(_, other)| (part, other)));
    }
    for (part, other) in moves {
        let fits = parts.get(other).is_some_and(|members| members.len() < LARGEST + LARGEST / 2);
        if fits {
            let moved = parts.get_mut(part).map(std::mem::take).unwrap_or_default();
            if let Some(members) = parts.get_mut(other) {
                members.extend(moved);
            }
        }
    }
    parts.retain(|part| !part.is_empty());
}
