//! The control-flow graph as a picture: nodes and edges, for Mermaid, Graphviz and SVG.

mod calls;
mod dot;
mod errors;
mod escaping;
mod layers;
mod layout;
mod mermaid;
mod order;
mod own;
mod place;
mod questions;
mod route;
mod shapes;
mod sketch;
mod svg;

use std::borrow::Cow;

use serde::Serialize;

use super::actors::Cast;
use super::description::Each;
use super::segments::Segments;
use crate::flow::Flow;
use crate::source::Source;
use sketch::{Sketch, SketchInput};

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    Code,
    Branch,
    Match,
    Call,
    Helper,
    Fork,
    Join,
    Except,
    Finally,
    Raise,
    End,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Code => "code",
            Self::Branch => "branch",
            Self::Match => "match",
            Self::Call => "call",
            Self::Helper => "helper",
            Self::Fork => "fork",
            Self::Join => "join",
            Self::Except => "except",
            Self::Finally => "finally",
            Self::Raise => "raise",
            Self::End => "end",
        }
    }
}

/// What an edge stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EdgeKind {
    Next,
    Branch,
    Error,
    Parallel,
    Return,
    Helper,
}

impl EdgeKind {
    fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Branch => "branch",
            Self::Error => "error",
            Self::Parallel => "parallel",
            Self::Return => "return",
            Self::Helper => "helper",
        }
    }
}

#[derive(Debug, Clone)]
struct Node {
    id: String,
    kind: Kind,
    text: Vec<String>,
    /// The flow's line, where the text is a name.
    small: Option<String>,
    line: Option<usize>,
    /// The actors that may be called.
    actors: Vec<String>,
    /// There are as many as something has elements at run time.
    is_many: bool,
    /// It may raise by itself.
    has_raise: bool,
    /// The node that takes its errors.
    errors_to: Option<String>,
}

#[derive(Debug, Clone)]
struct Edge {
    from: usize,
    to: usize,
    way: EdgeKind,
    label: String,
    /// Leads into what the source indents.
    is_inner: bool,
}

/// A function: its nodes lie together, the start first.
#[derive(Debug, Clone)]
struct Group {
    /// The name of the function.
    function: String,
    nodes: std::ops::Range<usize>,
    /// The edges between its nodes.
    edges: std::ops::Range<usize>,
    end: Option<usize>,
}

/// Nodes and edges of a flow and its helpers; the flow's own group is the first.
#[derive(Debug, Clone)]
pub(super) struct Drawing {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    groups: Vec<Group>,
    /// From the calls of helpers to their starts.
    links: Vec<Edge>,
}

impl Drawing {
    /// Draws the flow. `segments` are its own, `of_helpers` those of its helpers.
    pub(super) fn of(flow: &Flow, source: &Source, cast: &Cast, segments: &Segments, of_helpers: &[Segments]) -> Self {
        let mut drawing = Self { nodes: Vec::new(), edges: Vec::new(), groups: Vec::new(), links: Vec::new() };
        let mut calls: Vec<(usize, String)> = Vec::new();
        let main = (flow.function.as_str(), flow.function.clone(), &flow.graph, source, flow.payload.as_str());
        let helpers = flow.helpers.iter().map(|helper| {
            let payload = helper.parameter_names.first().map_or("", String::as_str);
            (helper.key.as_str(), helper.signature(), &helper.graph, &helper.source, payload)
        });
        let parallel = std::iter::once(segments).chain(of_helpers).map(|segments| &segments.parallel);
        let functions = std::iter::once(main).chain(helpers).zip(parallel);
        for (number, ((function, start, graph, source, payload), parallel)) in functions.enumerate() {
            let around = SketchInput { start, graph, source, payload, parallel, names: &flow.names, cast, number };
            let sketch = Sketch::of(&around);
            drawing.add(function, sketch, &mut calls);
        }
        for (from, key) in calls {
            let place = flow.helpers.iter().position(|helper| helper.key == key);
            if let Some(group) = place.and_then(|place| drawing.groups.get(place + 1)) {
                let to = group.nodes.start;
                let edge = Edge { from, to, way: EdgeKind::Helper, label: String::new(), is_inner: false };
                drawing.links.push(edge);
            }
        }
        drawing
    }

    fn add(&mut self, function: &str, sketch: Sketch, calls: &mut Vec<(usize, String)>) {
        let (nodes, edges) = (self.nodes.len(), self.edges.len());
        calls.extend(sketch.helpers.into_iter().map(|(node, key)| (node + nodes, key)));
        self.nodes.extend(sketch.nodes);
        let moved = |edge: Edge| Edge { from: edge.from + nodes, to: edge.to + nodes, ..edge };
        self.edges.extend(sketch.edges.into_iter().map(moved));
        self.groups.push(Group {
            function: function.to_owned(),
            nodes: nodes..self.nodes.len(),
            edges: edges..self.edges.len(),
            end: sketch.end.map(|end| end + nodes),
        });
    }

    /// The nodes for `graph.json`.
    pub(super) fn nodes_json(&self) -> impl Serialize {
        Each(|| self.groups.iter().flat_map(|group| self.group_json(group)))
    }

    fn group_json<'g>(&'g self, group: &'g Group) -> impl Iterator<Item = NodeEntry<'g>> {
        self.nodes[group.nodes.clone()].iter().map(|node| NodeEntry {
            id: &node.id,
            kind: node.kind.name(),
            function: &group.function,
            label: match node.text.as_slice() {
                [line] => Cow::Borrowed(line),
                lines => Cow::Owned(lines.join("\n")),
            },
            detail: node.small.as_deref(),
            line: node.line,
            actors: &node.actors,
            many: node.is_many,
            errors_to: node.errors_to.as_deref(),
        })
    }

    /// The edges for `graph.json`.
    pub(super) fn edges_json(&self) -> impl Serialize {
        Each(|| self.edges.iter().chain(&self.links).map(|edge| self.edge_json(edge)))
    }

    fn edge_json<'e>(&'e self, edge: &'e Edge) -> EdgeEntry<'e> {
        let (from, to) = (&self.nodes[edge.from].id, &self.nodes[edge.to].id);
        EdgeEntry { from, to, kind: edge.way.name(), label: &edge.label }
    }
}

/// A node in `graph.json`.
#[derive(Serialize)]
struct NodeEntry<'n> {
    id: &'n str,
    kind: &'static str,
    function: &'n str,
    label: Cow<'n, str>,
    detail: Option<&'n str>,
    line: Option<usize>,
    actors: &'n [String],
    many: bool,
    errors_to: Option<&'n str>,
}

/// An edge in `graph.json`.
#[derive(Serialize)]
struct EdgeEntry<'e> {
    from: &'e str,
    to: &'e str,
    kind: &'static str,
    label: &'e str,
}
