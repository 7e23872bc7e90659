//! Rectangles on a wall: close to what they are tied to, without gaps, in the shape of a screen.

use std::collections::BTreeMap;

use super::{GAP, int};

/// The places of rectangles of these sizes, given how many ties there are between which.
pub(super) fn pack(sizes: &[(i32, i32)], ties: &BTreeMap<(usize, usize), i32>) -> Vec<(i32, i32)> {
    let area: i64 = sizes.iter().map(|(w, h)| i64::from(w + GAP) * i64::from(h + GAP)).sum();
    // A screen is wider than it is high, and some of the wall stays empty.
    let wide = i32::try_from((area * 19 / 10).isqrt()).unwrap_or(i32::MAX);
    let widest = sizes.iter().map(|(width, _)| width + GAP).max().unwrap_or(0);
    let mut wall = Wall { width: wide.max(widest), skyline: vec![(0, 0)] };
    let mut places: Vec<Option<(i32, i32)>> = vec![None; sizes.len()];
    for next in in_order(sizes.len(), ties) {
        let Some((width, height)) = sizes.get(next).copied() else { continue };
        let near = middle_of_tied(next, sizes, &places, ties);
        let (x, y) = wall.place((width + GAP, height + GAP), near);
        if let Some(place) = places.get_mut(next) {
            *place = Some((x, y));
        }
    }
    places.into_iter().map(Option::unwrap_or_default).collect()
}

/// The rectangles in the order in which they are hung: the first, then always what is tied most to those
/// that hang.
fn in_order(count: usize, ties: &BTreeMap<(usize, usize), i32>) -> Vec<usize> {
    let mut left: Vec<usize> = (0..count).collect();
    let mut order: Vec<usize> = Vec::new();
    let mut pull = vec![0; count];
    while !left.is_empty() {
        let pulled = |it: &usize| pull.get(*it).copied().unwrap_or(0);
        let best = left.iter().enumerate().max_by_key(|(at, it)| (pulled(it), -int(*at)));
        let Some(at) = best.map(|(at, _)| at) else { break };
        let next = left.remove(at);
        for (&(one, other), tie) in ties {
            let tied = if one == next { other } else { one };
            if let Some(pull) = pull.get_mut(tied).filter(|_| one == next || other == next) {
                *pull += *tie;
            }
        }
        order.push(next);
    }
    order
}

/// The middle of those that hang and are tied to one, by how much.
fn middle_of_tied(
    next: usize,
    sizes: &[(i32, i32)],
    places: &[Option<(i32, i32)>],
    ties: &BTreeMap<(usize, usize), i32>,
) -> Option<(i32, i32)> {
    let (mut x, mut y, mut weight) = (0, 0, 0);
    for (&(one, other), tie) in ties {
        let tied = match next {
            _ if one == next => other,
            _ if other == next => one,
            _ => continue,
        };
        let hangs = places.get(tied).copied().flatten().zip(sizes.get(tied));
        if let Some(((left, top), (width, height))) = hangs {
            x += (left + width / 2) * tie;
            y += (top + height / 2) * tie;
            weight += tie;
        }
    }
    (weight > 0).then(|| (x / weight, y / weight))
}

/// What hangs already, seen from below.
struct Wall {
    width: i32,
    /// Where each step begins, and how far down it reaches; from left to right.
    skyline: Vec<(i32, i32)>,
}

impl Wall {
    /// Hangs a rectangle: high up, and near to a point if there is one.
    fn place(&mut self, (width, height): (i32, i32), near: Option<(i32, i32)>) -> (i32, i32) {
        let starts = self.skyline.iter().map(|(x, _)| *x).filter(|x| x + width <= self.width);
        let spots = starts.map(|x| (x, self.below(x, width)));
        let cost = |&(x, y): &(i32, i32)| {
            let away = near.map_or(0, |(to_x, to_y)| {
                (x + width / 2 - to_x).abs() + (y + height / 2 - to_y).abs()
            });
            (2 * (y + height) + away, y, x)
        };
        let (x, y) = spots.min_by_key(cost).unwrap_or_else(|| (0, self.below(0, self.width)));
        self.cover(x, x + width, y + height);
        (x, y)
    }

    /// How far down it is free from, over a width.
    fn below(&self, x: i32, width: i32) -> i32 {
        let ends = self.skyline.iter().skip(1).map(|(x, _)| *x).chain([self.width]);
        let steps = self.skyline.iter().zip(ends);
        let met = steps.filter(|((start, _), end)| *start < x + width && *end > x);
        met.map(|((_, y), _)| *y).max().unwrap_or(0)
    }

    fn cover(&mut self, from: i32, to: i32, down_to: i32) {
        let behind = self.below(to, 1);
        self.skyline.retain(|(x, _)| *x < from || *x > to);
        self.skyline.push((from, down_to));
        if to < self.width {
            self.skyline.push((to, behind));
        }
        self.skyline.sort_unstable();
        self.skyline.dedup_by_key(|(x, _)| *x);
    }
}
