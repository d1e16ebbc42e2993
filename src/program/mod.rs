//! The control-flow graph to a router program and its diagrams.

use crate::names::{ActorName, FlowName};

/// A compiled flow: everything the manifests, the gateway entry and the diagrams are made of.
#[derive(Debug, Clone)]
pub struct Program {
    /// The flow's name.
    pub flow: FlowName,
    /// The Python function it was compiled from.
    pub function: String,
    /// The source file, relative to the project root, with `/`.
    pub source: String,
    /// The first paragraph of the function's docstring on one line.
    pub description: Option<String>,
    /// JSON Schema of the payload.
    pub input_schema: serde_json::Value,
    /// The actor that receives the flow's messages: the router, or the only actor called.
    pub entry: ActorName,
    /// The actors the flow calls, in the order of their first call; no generated ones.
    pub actors: Vec<Actor>,
    /// The generated router; `None` when the flow is a single plain call.
    pub router: Option<Router>,
    /// The route of a flow that is nothing but plain calls in a row, first actor first.
    pub straight_route: Option<Vec<ActorName>>,
    /// `graph.json` (`docs/graph.md`).
    pub graph: serde_json::Value,
    /// The control-flow graph as a Mermaid flowchart.
    pub mermaid: String,
    /// The control-flow graph in Graphviz's language.
    pub dot: String,
}

/// An actor that runs a handler of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The actor's name.
    pub name: ActorName,
    /// Dotted handler: `module.function` or `module.Class.method`.
    pub handler: String,
}

/// The generated actor of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router {
    /// `start-<flow>`.
    pub name: ActorName,
    /// `router.start_<flow>`.
    pub handler: String,
    /// The text of `router.py`.
    pub code: String,
}
