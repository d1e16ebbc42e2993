//! How often a message visits the router of a flow.

mod ways;

use std::collections::{BTreeMap, BTreeSet};

use super::parallel::Display;
use super::segments::{Body, Leave, Segments};
use crate::flow::{BlockId, Call, Callee, Code, End, Flow, Graph, Piece};
use ways::{Edge, Place};

/// Visits of the router by one message until the flow returns, first and last one included. While
/// calls run in parallel the message is that of the branch with the most visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouterHops {
    /// On the shortest way.
    pub least: usize,
    /// On the longest way; `None` where a loop may go round any number of times.
    pub most: Option<usize>,
}

/// Visits besides the one in which a function starts.
#[derive(Debug, Clone, Copy)]
struct Cost {
    least: usize,
    most: Option<usize>,
}

impl Cost {
    const NONE: Self = Self { least: 0, most: Some(0) };
    const ONE: Self = Self { least: 1, most: Some(1) };

    /// One more.
    fn after(self) -> Self {
        Self { least: self.least + 1, most: self.most.map(|most| most + 1) }
    }
}

/// Counts the visits in a flow. One that never returns has one at least.
pub(super) fn count(flow: &Flow, segments: &Segments, helpers: &[Segments]) -> RouterHops {
    let keys = flow.helpers.iter().zip(0..).map(|(helper, at)| (helper.key.as_str(), at)).collect();
    let mut counter = Counter { flow, helpers, keys, pending: BTreeSet::new(), costs: vec![None; helpers.len()] };
    counter.pending = counter.pending();
    let Cost { least, most } = counter.function(&flow.graph, segments).after();
    RouterHops { least, most }
}

struct Counter<'c> {
    flow: &'c Flow,
    helpers: &'c [Segments],
    /// Places of helpers by what the program calls them.
    keys: BTreeMap<&'c str, usize>,
    /// Helpers whose calls are kept in variables until they run in parallel.
    pending: BTreeSet<usize>,
    /// What is known of helpers.
    costs: Vec<Option<Cost>>,
}

impl Counter<'_> {
    fn pending(&self) -> BTreeSet<usize> {
        let blocks = self.flow.graphs().flat_map(|graph| &graph.blocks);
        let steps = blocks.flat_map(|block| block.all_steps());
        steps.flat_map(|step| self.helpers_in(&step.code)).collect()
    }

    fn helpers_in<'a>(&'a self, code: &'a Code) -> impl Iterator<Item = usize> + 'a {
        code.pieces.iter().filter_map(|piece| match piece {
            Piece::Helper(key) => self.keys.get(key.as_str()).copied(),
            _ => None,
        })
    }

    /// The visits of a whole function.
    fn function(&mut self, graph: &Graph, segments: &Segments) -> Cost {
        let numbers: BTreeMap<&str, usize> =
            segments.all.iter().zip(0..).map(|(segment, at)| (&*segment.label, at)).collect();
        let to = |label: &str| numbers.get(label).copied();
        let mut places = Vec::new();
        for segment in &segments.all {
            let mut place = Place::default();
            let mut open = vec![&segment.body];
            while let Some(body) = open.pop() {
                self.body(body, (graph, segments), &to, &mut place);
                match &body.leave {
                    Leave::Branch { then, orelse, .. } => open.extend([&**then, &**orelse]),
                    Leave::Match { cases, otherwise, .. } => open.extend(cases.iter().chain([&**otherwise])),
                    _ => {}
                }
            }
            places.push(place);
        }
        Cost { least: ways::shortest(&places).unwrap_or(0), most: ways::longest(&places) }
    }

    /// The ways out of straight code, also through errors that are caught.
    fn body(
        &mut self,
        body: &Body,
        (graph, segments): (&Graph, &Segments),
        to: &dyn Fn(&str) -> Option<usize>,
        place: &mut Place,
    ) {
        let mut edge = |label: &str, Cost { least, most }: Cost| {
            place.next.extend(to(label).map(|to| Edge { to, least, most }));
        };
        let catcher = |block: BlockId| graph.blocks[block].catcher.map(|catcher| segments.label(catcher.block));
        for &block in &body.blocks {
            if let Some(label) = catcher(block) {
                edge(label, Cost::NONE);
            }
        }
        let on_error = catcher(body.last);
        match &body.leave {
            Leave::Send(exit) => {
                if let Some(then) = &exit.then {
                    edge(then, Cost::ONE);
                }
                if let Some(label) = on_error {
                    edge(label, Cost::ONE);
                }
                place.ends |= exit.then.is_none();
            }
            Leave::Wait(block, then) => {
                let End::Call { call, .. } = &graph.blocks[*block].end else { return };
                let cost = self.call(call, segments.parallel.display(*block));
                edge(then, cost);
                if let Some(label) = on_error {
                    // Already the arguments can fail.
                    edge(label, Cost { least: 0, ..cost });
                }
            }
            Leave::Goto(label) => edge(label, Cost::NONE),
            Leave::Return(_) | Leave::Branch { .. } | Leave::Match { .. } => {
                if let Some(label) = on_error {
                    edge(label, Cost::NONE);
                }
                place.ends |= matches!(body.leave, Leave::Return(_));
            }
            Leave::Raise => {}
        }
        // A statement that runs as it stands can hold a `return`.
        let done = format!("return {}(", self.flow.names.done);
        let returns = |piece: &Piece| matches!(piece, Piece::Text(text) if text.starts_with(&done));
        let mut steps = body.blocks.iter().flat_map(|block| &graph.blocks[*block].steps);
        place.ends |= steps.any(|step| step.code.pieces.iter().any(returns));
    }

    /// The visits until the results of a call are there.
    fn call(&mut self, call: &Call, list: Option<&Display>) -> Cost {
        match &call.callee {
            Callee::Payload { .. } => Cost::ONE,
            Callee::One(code) => match code.pieces.first() {
                Some(Piece::Helper(key)) => self.helper(self.keys.get(key.as_str()).copied()),
                _ => Cost::ONE,
            },
            Callee::All { calls, .. } => list.map_or(Cost::ONE, |list| self.all(calls, list)),
        }
    }

    fn helper(&mut self, number: Option<usize>) -> Cost {
        let Some((number, helper)) = number.and_then(|number| Some((number, self.flow.helpers.get(number)?))) else {
            return Cost::ONE;
        };
        if let Some(cost) = self.costs[number] {
            return cost;
        }
        // Helpers do not call themselves; should one do so, there is no bound.
        self.costs[number] = Some(Cost { least: 0, most: None });
        let cost = self.function(&helper.graph, &self.helpers[number]);
        self.costs[number] = Some(cost);
        cost
    }

    /// Parallel calls: where all are done the router is visited once more, and a helper starts with
    /// a visit of its own. No calls are no visit.
    fn all(&mut self, calls: &Code, display: &Display) -> Cost {
        let mut may_run: BTreeSet<usize> = self.helpers_in(calls).collect();
        if !display.is_complete {
            may_run.extend(&self.pending);
        }
        let surely: BTreeSet<usize> =
            display.helpers.iter().filter_map(|key| self.keys.get(key.as_str()).copied()).collect();
        let (mut least, mut most) = (0, Some(0));
        for number in may_run {
            let cost = self.helper(Some(number)).after();
            if surely.contains(&number) {
                least = least.max(cost.least);
            }
            most = most.zip(cost.most).map(|(one, other)| one.max(other));
        }
        Cost { least: if display.is_filled { least + 1 } else { 0 }, most: most.map(|most| most + 1) }
    }
}
