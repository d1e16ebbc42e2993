//! Calls in the picture: of one actor, of a helper, of many at once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::parallel::{Lane, Target, targets};
use super::own::{short, small, without_await};
use super::sketch::Pen;
use super::{EdgeKind, Kind};
use crate::flow::{BlockId, Call, Callee};

/// More branches than this are drawn by what they call.
const MAX_LANES: usize = 6;

impl Pen<'_> {
    /// Draws the call at the end of `block`; answers its first and its last node.
    pub(super) fn call(&mut self, call: &Call, block: BlockId, id: &str) -> (usize, usize) {
        let line = Some(self.own.line_of(call.span));
        let whole = self.own.of_call(call);
        match &call.callee {
            Callee::Payload { handler, .. } => {
                let name = self.around.cast.name(handler).to_string();
                let node = self.node(id, Kind::Call, vec![name.clone()], line);
                self.sketch.nodes[node].actors.push(name);
                (node, node)
            }
            Callee::One(code) => {
                let lane = Lane { targets: targets(code), is_many: false, text: None };
                let node = self.lane(&lane, id, line, Some(whole));
                (node, node)
            }
            Callee::All { .. } => {
                let lanes = drawn_lanes(self.around.parallel.lanes(block));
                if let [only] = &*lanes {
                    let node = self.lane(only, id, line, Some(whole));
                    return (node, node);
                }
                let fork = self.node(id, Kind::Fork, vec![short(&whole)], line);
                let mut branches = Vec::new();
                for (number, lane) in lanes.iter().enumerate() {
                    let text = lane.text.as_deref().map(|text| small(&without_await(text)));
                    branches.push(self.lane(lane, &format!("{id}_{number}"), None, text));
                }
                let join = self.node(&format!("{id}_join"), Kind::Join, Vec::new(), None);
                if branches.is_empty() {
                    self.edge(fork, join, EdgeKind::Parallel, "");
                }
                for branch in branches {
                    self.edge(fork, branch, EdgeKind::Parallel, "");
                    self.edge(branch, join, EdgeKind::Parallel, "");
                }
                (fork, join)
            }
        }
    }

    /// What is called, as one node.
    fn lane(&mut self, lane: &Lane, id: &str, line: Option<usize>, small: Option<String>) -> usize {
        let mut text = Vec::new();
        let mut actors = Vec::new();
        for target in &lane.targets {
            match target {
                Target::Actor(handler) => {
                    actors.push(self.around.cast.name(handler).to_string());
                    text.push(self.around.cast.name(handler).to_string());
                }
                Target::Helper(key) => text.push(key.clone()),
            }
        }
        if text.is_empty() {
            text.push("…".to_owned());
        }
        let last = text.len() - 1;
        text.iter_mut().take(last).for_each(|name| name.push_str(" or"));
        if lane.is_many {
            text[last].push_str(" × n");
        }
        let is_helper = lane.targets.iter().all(|target| matches!(target, Target::Helper(_)));
        let kind = if is_helper { Kind::Helper } else { Kind::Call };
        let node = self.node(id, kind, text.iter().map(|name| short(name)).collect(), line);
        self.sketch.nodes[node].actors = actors;
        self.sketch.nodes[node].small = small;
        self.sketch.nodes[node].is_many = lane.is_many;
        for target in &lane.targets {
            if let Target::Helper(key) = target {
                self.sketch.helpers.push((node, key.clone()));
            }
        }
        node
    }
}

/// Lanes as they are drawn: of very many, those of one target are one.
fn drawn_lanes(lanes: &[Lane]) -> Cow<'_, [Lane]> {
    if lanes.len() <= MAX_LANES {
        return lanes.into();
    }
    let mut merged: Vec<Lane> = Vec::new();
    let mut places: BTreeMap<Vec<Target>, usize> = BTreeMap::new();
    for lane in lanes {
        match places.get(&lane.targets) {
            Some(&place) => {
                merged[place].is_many = true;
                merged[place].text = None;
            }
            None => {
                places.insert(lane.targets.clone(), merged.len());
                merged.push(lane.clone());
            }
        }
    }
    merged.into()
}
