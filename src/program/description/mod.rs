//! `graph.json`: what a compiled flow consists of, for people's scripts and for our own tests.

mod text;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::actors::Cast;
use super::diagram::Drawing;
use super::parallel::{self, Lane, Target};
use super::segments::{Body, Exit, Leave, Segment, Segments};
use super::{Router, Settings, Text};
use crate::flow::{BlockId, BranchKind, Call, Callee, End, Flow, Graph, Helper};
use crate::names::{ActorName, JOIN_HANDLER};
use crate::source::Source;

/// `graph.json`, version 1 (`docs/graph.md`): its text, and a value to look into for those who do.
#[derive(Debug, Clone)]
pub struct GraphDocument {
    text: Text,
    value: OnceLock<Value>,
}

impl From<Value> for GraphDocument {
    fn from(value: Value) -> Self {
        Self { text: text::document(&value).into(), value: value.into() }
    }
}

impl Deref for GraphDocument {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.value.get_or_init(|| serde_json::from_str(&self.text).unwrap_or_default())
    }
}

impl Serialize for GraphDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl GraphDocument {
    /// The text of the file: every segment, node and edge is a line.
    pub fn text(&self) -> &Text {
        &self.text
    }
}

/// A list that is made while it is written, one element after the other: all of them at once would
/// be larger than the text.
pub(super) struct Each<F>(pub(super) F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The document as it is written.
#[derive(Serialize)]
struct Document<'d, S: Serialize, N: Serialize, E: Serialize> {
    version: u32,
    flow: &'d str,
    function: &'d str,
    source: &'d str,
    source_sha256: &'d str,
    entry: &'d str,
    actors: Vec<ActorEntry<'d>>,
    helpers: Vec<HelperEntry<'d>>,
    segments: S,
    nodes: N,
    edges: E,
}

#[derive(Serialize)]
struct ActorEntry<'d> {
    name: &'d str,
    handler: &'d str,
    generated: bool,
}

#[derive(Serialize)]
struct HelperEntry<'d> {
    function: &'d str,
    parameters: &'d [String],
    source: &'d str,
    line: usize,
}

#[derive(Serialize)]
struct SegmentEntry<'d> {
    function: &'d str,
    at: &'d str,
    resumed: bool,
    catches: Vec<String>,
    caught_at: BTreeSet<&'d str>,
    routes: Vec<Route<'d>>,
    continues_at: Vec<&'d str>,
    returns: bool,
    raises: bool,
}

#[derive(Serialize)]
struct Route<'d> {
    kind: &'static str,
    route: Vec<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branches: Option<Vec<Branch<'d>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    helper: Option<String>,
    lines: Vec<usize>,
    then: Option<&'d str>,
    keeps: Vec<&'d str>,
}

#[derive(Serialize)]
struct Branch<'d> {
    actors: Vec<&'d str>,
    helpers: Vec<String>,
    many: bool,
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

impl<'d> Description<'d> {
    /// The document, version 1 (`docs/graph.md`).
    pub(super) fn document(
        &self,
        entry: &ActorName,
        router: Option<&Router>,
        join: Option<&ActorName>,
        drawing: &Drawing,
    ) -> GraphDocument {
        let router_actor = router.map(|router| (&router.name, router.handler.as_str(), true));
        let join_actor = join.map(|name| (name, JOIN_HANDLER, true));
        let called = self.cast.actors.iter().map(|actor| (&actor.name, actor.handler.as_str(), false));
        let actors = router_actor.into_iter().chain(join_actor).chain(called);
        let functions: Vec<(Function<'_>, &Segments)> =
            if router.is_some() { self.functions().collect() } else { Vec::new() };
        let document = Document {
            version: 1,
            flow: self.settings.flow.as_str(),
            function: &self.flow.function,
            source: self.source.name(),
            source_sha256: &self.settings.source_sha256,
            entry: entry.as_str(),
            actors: actors
                .map(|(name, handler, generated)| ActorEntry { name: name.as_str(), handler, generated })
                .collect(),
            helpers: self.helper_list(),
            segments: Each(|| {
                functions.iter().flat_map(|(function, segments)| {
                    segments.all.iter().map(move |segment| function.segment(segments, segment))
                })
            }),
            nodes: drawing.nodes_json(),
            edges: drawing.edges_json(),
        };
        GraphDocument { text: text::document(&document).into(), value: OnceLock::new() }
    }

    fn helper_list(&self) -> Vec<HelperEntry<'d>> {
        let one = |helper: &'d Helper| HelperEntry {
            function: &helper.key,
            parameters: &helper.parameter_names,
            source: helper.source.name(),
            line: helper.source.line_of(helper.span.start),
        };
        self.flow.helpers.iter().map(one).collect()
    }

    /// The flow and its helpers, with their segments.
    fn functions(&self) -> impl Iterator<Item = (Function<'d>, &'d Segments)> {
        let Self { cast, source, .. } = *self;
        let main = Function { name: &self.flow.function, graph: &self.flow.graph, source, cast };
        let helpers = self.flow.helpers.iter().map(move |helper| Function {
            name: &helper.key,
            graph: &helper.graph,
            source: &helper.source,
            cast,
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
}

impl<'f> Function<'f> {
    fn segment(&self, segments: &'f Segments, segment: &'f Segment) -> SegmentEntry<'f> {
        let leaves = segment.body.leaves();
        let route = |leave: &&'f Leave| match leave {
            Leave::Send(exit) => Some(self.route(exit)),
            Leave::Wait(block, then) => self.waiting(*block, then, segments.parallel.lanes(*block)),
            _ => None,
        };
        let jump = |leave: &&'f Leave| match leave {
            Leave::Goto(label) => Some(&**label),
            _ => None,
        };
        let mut continues_at: Vec<&str> = leaves.iter().filter_map(jump).collect();
        continues_at.dedup();
        SegmentEntry {
            function: self.name,
            at: &segment.label,
            resumed: segment.is_resumed,
            catches: if segment.is_catching { self.catches(segment.head) } else { Vec::new() },
            caught_at: blocks(&segment.body)
                .into_iter()
                .filter_map(|block| self.graph.blocks[block].catcher)
                .map(|catcher| segments.label(catcher.block))
                .collect(),
            routes: leaves.iter().filter_map(route).collect(),
            continues_at,
            returns: leaves.iter().any(|leave| matches!(leave, Leave::Return(_))),
            raises: leaves.iter().any(|leave| matches!(leave, Leave::Raise)),
        }
    }

    fn route(&self, exit: &'f Exit) -> Route<'f> {
        let router = exit.then.is_some().then_some(self.cast.router.as_str());
        Route {
            kind: "payload",
            route: exit.handlers(self.graph).map(|handler| self.cast.name(handler).as_str()).chain(router).collect(),
            branches: None,
            helper: None,
            lines: exit.calls(self.graph).map(|call| self.source.line_of(call.span.start)).collect(),
            then: exit.then.as_deref(),
            keeps: exit.calls(self.graph).next_back().map(keeps).unwrap_or_default(),
        }
    }

    /// A call on values, calls in parallel, or a helper that goes on in the router itself.
    fn waiting(&self, block: BlockId, then: &'f str, lanes: &[Lane]) -> Option<Route<'f>> {
        let End::Call { call, .. } = &self.graph.blocks[block].end else { return None };
        let router = self.cast.router.as_str();
        let mut waiting = Route {
            kind: "value",
            route: vec![router],
            branches: None,
            helper: None,
            lines: vec![self.source.line_of(call.span.start)],
            then: Some(then),
            keeps: keeps(call),
        };
        match &call.callee {
            Callee::All { .. } => {
                waiting.kind = "parallel";
                waiting.route.insert(0, self.cast.join.as_str());
                waiting.branches = Some(lanes.iter().map(|lane| self.branch(lane)).collect());
            }
            Callee::Payload { handler, .. } => waiting.route.insert(0, self.cast.name(handler).as_str()),
            Callee::One(code) => match parallel::targets(code).as_slice() {
                [Target::Helper(key)] => {
                    waiting.kind = "helper";
                    waiting.route.clear();
                    waiting.helper = Some(key.clone());
                }
                _ => {
                    let actors = code.handlers().map(|handler| self.cast.name(handler).as_str());
                    waiting.route = actors.chain([router]).collect();
                }
            },
        }
        Some(waiting)
    }

    /// One of the messages of a parallel call.
    fn branch(&self, lane: &Lane) -> Branch<'f> {
        let mut branch = Branch { actors: Vec::new(), helpers: Vec::new(), many: lane.is_many };
        for target in &lane.targets {
            match target {
                Target::Actor(handler) => branch.actors.push(self.cast.name(handler).as_str()),
                Target::Helper(key) => branch.helpers.push(key.clone()),
            }
        }
        branch
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
