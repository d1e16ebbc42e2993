//! The shortest and the longest way through a function. Without recursion: flows may be long.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A segment: whether the function can return there, and where it can go on.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) ends: bool,
    pub(super) next: Vec<Edge>,
}

/// A way to another place, and the visits it takes; `most` is `None` where they have no bound.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) to: usize,
    pub(super) least: usize,
    pub(super) most: Option<usize>,
}

/// The visits on the cheapest way from the first place to one where the function returns.
pub(super) fn shortest(places: &[Place]) -> Option<usize> {
    let mut seen = vec![false; places.len()];
    let mut open = BinaryHeap::from([Reverse((0, 0))]);
    while let Some(Reverse((cost, at))) = open.pop() {
        let Some(place) = places.get(at) else { continue };
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        if place.ends {
            return Some(cost);
        }
        open.extend(place.next.iter().map(|edge| Reverse((cost + edge.least, edge.to))));
    }
    None
}

/// The visits on the most expensive way from the first place, `None` when going round costs any.
pub(super) fn longest(places: &[Place]) -> Option<usize> {
    let order = finished(places);
    let circles = circles(places, &order);
    let mut costs = vec![0; places.len()];
    // Circles in the order of the ways between them; inside one, all places cost the same.
    let mut by_circle: Vec<Vec<usize>> = Vec::new();
    for &at in order.iter().rev() {
        let circle = circles[at];
        by_circle.resize_with(by_circle.len().max(circle + 1), Vec::new);
        by_circle[circle].push(at);
    }
    for (circle, members) in by_circle.iter().enumerate() {
        let cost = members.iter().map(|at| costs[*at]).max().unwrap_or(0);
        for &at in members {
            costs[at] = cost;
            for edge in &places[at].next {
                let most = edge.most?;
                match circles[edge.to] == circle {
                    true if most > 0 => return None,
                    true => {}
                    false => costs[edge.to] = costs[edge.to].max(cost + most),
                }
            }
        }
    }
    costs.into_iter().max()
}

/// The places that can be reached, each behind those that are reached through it.
fn finished(places: &[Place]) -> Vec<usize> {
    let mut seen = vec![false; places.len()];
    let mut order = Vec::new();
    let mut open = vec![(0, false)];
    while let Some((at, is_left)) = open.pop() {
        let Some(place) = places.get(at) else { continue };
        if is_left {
            order.push(at);
        } else if !std::mem::replace(&mut seen[at], true) {
            open.push((at, true));
            open.extend(place.next.iter().map(|edge| (edge.to, false)));
        }
    }
    order
}

/// The number of the circle that each place is in, numbered so that ways lead to higher numbers.
fn circles(places: &[Place], order: &[usize]) -> Vec<usize> {
    let mut back: Vec<Vec<usize>> = places.iter().map(|_| Vec::new()).collect();
    for &at in order {
        places[at].next.iter().for_each(|edge| back[edge.to].push(at));
    }
    let mut circles: Vec<Option<usize>> = vec![None; places.len()];
    let mut count = 0;
    for &first in order.iter().rev() {
        if circles[first].is_some() {
            continue;
        }
        let mut open = vec![first];
        while let Some(at) = open.pop() {
            if circles[at].is_none() {
                circles[at] = Some(count);
                open.extend(&back[at]);
            }
        }
        count += 1;
    }
    circles.into_iter().map(|circle| circle.unwrap_or(count)).collect()
}
