//! How often a message visits the router of a flow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Visits of the router by one message that reaches the end of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouterHops {
    /// On the shortest way.
    pub least: usize,
    /// On the longest way; `None` where a loop may go round any number of times.
    pub most: Option<usize>,
}

/// Reads the visits out of a flow's `graph.json` (`docs/graph.md`). A flow that cannot end has the
/// least number of its ways into an endless loop: one.
pub fn router_hops(graph: &Value) -> RouterHops {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    let mut first = None;
    for segment in list(&graph["segments"]) {
        let Some(at) = text(&segment["at"]) else { continue };
        let mut place = Place { ends: segment["returns"] == true || segment["raises"] == true, next: Vec::new() };
        for route in list(&segment["routes"]) {
            match text(&route["then"]) {
                Some(then) => place.next.push((then, 1)),
                None => place.ends = true,
            }
        }
        place.next.extend(list(&segment["continues_at"]).iter().filter_map(text).map(|next| (next, 0)));
        first.get_or_insert_with(|| at.clone());
        places.insert(at, place);
    }
    let Some(first) = first else { return RouterHops { least: 0, most: Some(0) } };
    RouterHops {
        least: shortest(&places, &first).unwrap_or(0) + 1,
        most: longest(&places, &first).map(|most| most + 1),
    }
}

/// A segment: whether the flow can end there, and where it can go on, at what cost.
struct Place {
    ends: bool,
    next: Vec<(String, usize)>,
}

/// Breadth first over returns of the message; what goes on without one costs nothing.
fn shortest(places: &BTreeMap<String, Place>, first: &str) -> Option<usize> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut here = vec![first];
    let mut cost = 0;
    while !here.is_empty() {
        let mut later = Vec::new();
        while let Some(at) = here.pop() {
            let Some(place) = places.get(at).filter(|_| seen.insert(at)) else { continue };
            if place.ends {
                return Some(cost);
            }
            for (next, price) in &place.next {
                if *price == 0 { here.push(next) } else { later.push(next.as_str()) }
            }
        }
        here = later;
        cost += 1;
    }
    None
}

/// The most expensive way, `None` when there is a loop. Without recursion: flows may be long.
fn longest(places: &BTreeMap<String, Place>, first: &str) -> Option<usize> {
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let mut open: BTreeSet<&str> = BTreeSet::new();
    let mut stack = vec![first];
    while let Some(&at) = stack.last() {
        let next = places.get(at).map_or(&[][..], |place| &place.next);
        if done.contains_key(at) {
            stack.pop();
        } else if open.insert(at) {
            for (next, _) in next {
                if open.contains(next.as_str()) && !done.contains_key(next.as_str()) {
                    return None;
                }
                stack.push(next);
            }
        } else {
            let most = next.iter().filter_map(|(next, price)| Some(done.get(next.as_str())? + price)).max();
            done.insert(at, most.unwrap_or(0));
            open.remove(at);
            stack.pop();
        }
    }
    done.get(first).copied()
}
