//! `graph.json`: what a compiled flow consists of, for people's scripts and for our own tests.

mod text;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::actors::Cast;
use super::diagram::Drawing;
use super::parallel::{self, Lane, Lanes, Target};
use super::segments::{Body, Exit, Leave, Segment, Segments};
use super::{Router, Settings};
use crate::flow::{BlockId, BranchKind, Call, Callee, End, Flow, Graph, Helper};
use crate::names::{ActorName, JOIN_HANDLER};
use crate::source::Source;

/// `graph.json`, version 1 (`docs/graph.md`). Written from the drawing, whose nodes and edges are most
/// of it; a value that can be looked into is made when somebody looks.
#[derive(Debug, Clone)]
pub struct GraphDocument {
    /// Everything but segments, nodes and edges.
    head: Value,
    /// As they are written: they are many, and values would be ten times as large.
    segments: Vec<Box<RawValue>>,
    drawing: Option<Drawing>,
    whole: OnceLock<Value>,
}

impl From<Value> for GraphDocument {
    fn from(head: Value) -> Self {
        Self { head, segments: Vec::new(), drawing: None, whole: OnceLock::new() }
    }
}

impl Deref for GraphDocument {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.whole.get_or_init(|| serde_json::to_value(self).unwrap_or_default())
    }
}

impl Serialize for GraphDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.head.as_object().into_iter().flatten() {
            map.serialize_entry(key, value)?;
        }
        if let Some(drawing) = &self.drawing {
            map.serialize_entry("segments", &self.segments)?;
            map.serialize_entry("nodes", &drawing.nodes_json())?;
            map.serialize_entry("edges", &drawing.edges_json())?;
        }
        map.end()
    }
}

impl GraphDocument {
    /// The text of the file: every segment, node and edge is a line.
    pub fn text(&self) -> serde_json::Result<String> {
        text::document(self)
    }
}

/// The parts `graph.json` is made of.
pub(super) struct Description<'d> {
    pub(super) flow: &'d Flow,
    pub(super) source: &'d Source,
    pub(super) settings: &'d Settings,
    pub(super) cast: &'d Cast,
    pub(super) segments: &'d Segments,
    /// Those of the helpers, in the order of [`Flow::helpers`].
    pub(super) helpers: &'d [Segments],
}

impl Description<'_> {
    /// The document, version 1 (`docs/graph.md`).
    pub(super) fn document(
        &self,
        entry: &ActorName,
        router: Option<&Router>,
        join: Option<&ActorName>,
        drawing: Drawing,
    ) -> GraphDocument {
        let router_actor = router.map(|router| (&router.name, router.handler.as_str(), true));
        let join_actor = join.map(|name| (name, JOIN_HANDLER, true));
        let called = self.cast.actors.iter().map(|actor| (&actor.name, actor.handler.as_str(), false));
        let actors: Vec<Value> = router_actor
            .into_iter()
            .chain(join_actor)
            .chain(called)
            .map(
                |(name, handler, generated)| json!({"name": name.as_str(), "handler": handler, "generated": generated}),
            )
            .collect();
        let mut written = Vec::new();
        if router.is_some() {
            for (function, segments) in self.functions() {
                for segment in &segments.all {
                    // Only numbers that are none and keys that are no strings cannot be written.
                    written.extend(text::entry(&function.segment(segments, segment)));
                }
            }
        }
        let head = json!({
            "version": 1,
            "flow": self.settings.flow.as_str(),
            "function": self.flow.function,
            "source": self.source.name(),
            "source_sha256": self.settings.source_sha256,
            "entry": entry.as_str(),
            "actors": actors,
            "helpers": self.helper_list(),
        });
        GraphDocument { head, segments: written, drawing: Some(drawing), whole: OnceLock::new() }
    }

    fn helper_list(&self) -> Vec<Value> {
        let one = |helper: &Helper| {
            json!({
                "function": helper.key,
                "parameters": helper.parameter_names,
                "source": helper.source.name(),
                "line": helper.source.line_of(helper.span.start),
            })
        };
        self.flow.helpers.iter().map(one).collect()
    }

    /// The flow and its helpers, with their segments.
    fn functions(&self) -> impl Iterator<Item = (Function<'_>, &Segments)> {
        let (cast, source) = (self.cast, self.source);
        let main = Function {
            name: &self.flow.function,
            graph: &self.flow.graph,
            source,
            cast,
            lanes: Lanes::new(&self.flow.graph, source),
        };
        let helpers = self.flow.helpers.iter().map(move |helper| Function {
            name: &helper.key,
            graph: &helper.graph,
            source: &helper.source,
            cast,
            lanes: Lanes::new(&helper.graph, &helper.source),
        });
        std::iter::once(main).chain(helpers).zip(std::iter::once(self.segments).chain(self.helpers))
    }
}

/// The flow, or a helper.
struct Function<'f> {
    name: &'f str,
    graph: &'f Graph,
    source: &'f Source,
    cast: &'f Cast,
    lanes: Lanes<'f>,
}

impl Function<'_> {
    fn segment(&self, segments: &Segments, segment: &Segment) -> Value {
        let leaves = segment.body.leaves();
        let routes: Vec<Value> = leaves
            .iter()
            .filter_map(|leave| match leave {
                Leave::Send(exit) => Some(self.route(exit)),
                Leave::Wait(block, then) => Some(self.waiting(*block, then)),
                _ => None,
            })
            .collect();
        let mut jumps: Vec<&str> = leaves
            .iter()
            .filter_map(|leave| match leave {
                Leave::Goto(label) => Some(label.as_str()),
                _ => None,
            })
            .collect();
        jumps.dedup();
        let catches = if segment.is_catching { self.catches(segment.head) } else { Vec::new() };
        let caught_at: BTreeSet<&str> = blocks(&segment.body)
            .into_iter()
            .filter_map(|block| self.graph.blocks[block].catcher)
            .map(|catcher| segments.label(catcher.block))
            .collect();
        json!({
            "function": self.name,
            "at": segment.label,
            "resumed": segment.is_resumed,
            "catches": catches,
            "caught_at": caught_at,
            "routes": routes,
            "continues_at": jumps,
            "returns": leaves.iter().any(|leave| matches!(leave, Leave::Return(_))),
            "raises": leaves.iter().any(|leave| matches!(leave, Leave::Raise)),
        })
    }

    fn route(&self, exit: &Exit) -> Value {
        let mut route: Vec<&str> = exit.handlers().map(|handler| self.cast.name(handler).as_str()).collect();
        if exit.then.is_some() {
            route.push(self.cast.router.as_str());
        }
        let lines: Vec<usize> = exit.calls.iter().map(|call| self.source.line_of(call.span.start)).collect();
        let keeps = exit.calls.last().map(keeps).unwrap_or_default();
        json!({"kind": "payload", "route": route, "lines": lines, "then": exit.then, "keeps": keeps})
    }

    /// A call on values, calls in parallel, or a helper that goes on in the router itself.
    fn waiting(&self, block: BlockId, then: &str) -> Value {
        let End::Call { call, .. } = &self.graph.blocks[block].end else { return Value::Null };
        let actor = |handler| self.cast.name(handler).as_str();
        let router = self.cast.router.as_str();
        let line = self.source.line_of(call.span.start);
        let mut route = match &call.callee {
            Callee::All { .. } => {
                let branches: Vec<Value> = self.lanes.of(&call.callee).iter().map(|lane| self.branch(lane)).collect();
                json!({"kind": "parallel", "route": [self.cast.join.as_str(), router], "branches": branches})
            }
            Callee::Payload { handler, .. } => json!({"kind": "value", "route": [actor(handler), router]}),
            Callee::One(code) => match parallel::targets(code).as_slice() {
                [Target::Helper(key)] => json!({"kind": "helper", "route": [], "helper": key}),
                targets => {
                    let actors = targets.iter().filter_map(|target| match target {
                        Target::Actor(handler) => Some(actor(handler)),
                        Target::Helper(_) => None,
                    });
                    json!({"kind": "value", "route": actors.chain([router]).collect::<Vec<_>>()})
                }
            },
        };
        route["lines"] = json!([line]);
        route["then"] = json!(then);
        route["keeps"] = json!(keeps(call));
        route
    }

    /// One of the messages of a parallel call.
    fn branch(&self, lane: &Lane) -> Value {
        let mut actors = Vec::new();
        let mut helpers = Vec::new();
        for target in &lane.targets {
            match target {
                Target::Actor(handler) => actors.push(self.cast.name(handler).as_str()),
                Target::Helper(key) => helpers.push(key.as_str()),
            }
        }
        json!({"actors": actors, "helpers": helpers, "many": lane.is_many})
    }

    /// The `except` clauses that begin at a block; `*` when every error is taken.
    fn catches(&self, head: BlockId) -> Vec<String> {
        let mut found = Vec::new();
        let mut at = head;
        while let End::Branch { test, kind: BranchKind::Except, orelse, .. } = &self.graph.blocks[at].end {
            found.push(self.source.slice(test.span).split_whitespace().collect::<Vec<_>>().join(" "));
            at = *orelse;
        }
        let last = &self.graph.blocks[at];
        // What no clause takes is raised again, by a statement the source does not have.
        let is_passed_on = matches!(last.end, End::Raise)
            && last.steps.last().is_some_and(|step| !self.source.slice(step.span).starts_with("raise"));
        if !is_passed_on || (found.is_empty() && last.steps.len() > 1) {
            found.push("*".to_owned());
        }
        found
    }
}

/// The variables that travel with a call.
fn keeps(call: &Call) -> Vec<&str> {
    let mut names: Vec<&str> = call.keeps.iter().chain(&call.keeps_perhaps).map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The blocks of a segment.
fn blocks(body: &Body) -> Vec<BlockId> {
    let mut found = Vec::new();
    let mut open = vec![body];
    while let Some(body) = open.pop() {
        found.extend(body.blocks.iter().copied().chain([body.last]));
        match &body.leave {
            Leave::Branch { then, orelse, .. } => open.extend([&**then, &**orelse]),
            Leave::Match { cases, otherwise, .. } => open.extend(cases.iter().chain([&**otherwise])),
            _ => {}
        }
    }
    found
}
