//! The control-flow graph to a router program and its diagrams.

mod actors;
mod description;
mod diagram;
pub mod explanation;
mod hops;
mod parallel;
mod router;
mod segments;
mod text;
mod wrapper;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use crate::flow::{Flow, HandlerSettings, Surroundings};
use crate::names::{ActorName, FlowName};
use crate::source::Source;

pub use actors::{default_name_limit, join_name, router_name};
pub use description::GraphDocument;
pub use hops::RouterHops;
pub use text::Text;
pub use wrapper::{WRAPPER_CODE, wrapper_fingerprint};

/// What the program needs to know besides the flow.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The flow's name.
    pub flow: FlowName,
    /// Longest allowed actor name (`docs/platform/names.md`).
    pub name_limit: usize,
    /// SHA-256 of the source file as it is on disk, in hexadecimal.
    pub source_sha256: String,
    /// Actor names that other flows of the project use, with their handlers.
    pub taken: BTreeMap<String, String>,
}

impl Settings {
    /// A handler other than `handler` that other flows run under a name.
    fn other(&self, name: &str, handler: &str) -> Option<String> {
        self.taken.get(name).filter(|other| *other != handler).cloned()
    }
}

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
    /// The actor that joins parallel calls, when the flow has any.
    pub join: Option<ActorName>,
    /// The route of a flow that is nothing but plain calls in a row, first actor first.
    pub straight_route: Option<Vec<ActorName>>,
    /// How often a message visits the router.
    pub router_hops: RouterHops,
    /// `graph.json` (`docs/graph.md`).
    pub graph: GraphDocument,
    /// The control-flow graph as a Mermaid flowchart.
    pub mermaid: Text,
    /// The control-flow graph in Graphviz's language.
    pub dot: Text,
    /// The control-flow graph as an SVG picture; for very large flows a note instead.
    pub svg: Text,
}

/// An actor that runs a handler of the user's.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The actor's name.
    pub name: ActorName,
    /// Dotted handler: `module.function` or `module.Class.method`.
    pub handler: String,
    /// Whether the call wrapper runs in front of it.
    pub is_wrapped: bool,
    /// The file that defines it, as sources are named; `None` when it was not found.
    pub source: Option<String>,
    /// What the code says about how it runs.
    pub settings: HandlerSettings,
}

/// The generated actor of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router {
    /// `start-<flow>`.
    pub name: ActorName,
    /// `router.start_<flow>`.
    pub handler: String,
    /// The text of `router.py`.
    pub code: Text,
    /// SHA-256 of what the code does, in hexadecimal: moving lines of the source leaves it as it is.
    pub fingerprint: String,
}

/// SHA-256 of the parts of a text, in hexadecimal.
fn sha256<'t>(parts: impl IntoIterator<Item = &'t [u8]>) -> String {
    let mut hasher = Sha256::new();
    parts.into_iter().for_each(|part| hasher.update(part));
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compiles a file: from text to program, with warnings; or every error and warning found.
pub fn compile(
    source: &Source,
    around: &Surroundings,
    settings: &Settings,
) -> Result<(Program, Vec<Diagnostic>), Vec<Diagnostic>> {
    let module = crate::syntax::parse(source)?;
    let flow = crate::flow::analyse(source, &module, around)?;
    // As large as the rest of what is in memory by now.
    drop(module);
    let program = build(&flow, source, settings)?;
    Ok((program, flow.warnings))
}

/// The actors a flow calls, named as [`build`] names them. `taken` is asked instead of
/// [`Settings::taken`]: it is given a name and a handler, and answers another handler that an actor
/// of this name runs in another flow. What it answered is all of `taken` that [`build`] needs.
pub fn name_actors(
    flow: &Flow,
    settings: &Settings,
    taken: &mut dyn FnMut(&str, &str) -> Option<String>,
) -> Result<Vec<Actor>, Vec<Diagnostic>> {
    actors::name_all(flow, settings, taken).map(|cast| cast.actors)
}

/// Turns a flow into its program. Fails when an actor name is taken, reserved or cannot be made.
pub fn build(flow: &Flow, source: &Source, settings: &Settings) -> Result<Program, Vec<Diagnostic>> {
    let cast = actors::name_all(flow, settings, &mut |name, handler| settings.other(name, handler))?;
    let segments = segments::cut(&flow.graph, source, &cast);
    let helpers: Vec<segments::Segments> =
        flow.helpers.iter().map(|helper| segments::cut(&helper.graph, &helper.source, &cast)).collect();
    let straight_route = segments.straight_route(&flow.graph, &cast);
    let is_single_call = straight_route.as_ref().is_some_and(|route| route.len() == 1);
    let router = (!is_single_call).then(|| {
        let text = router::router(flow, source, settings, &cast, &segments, &helpers);
        Router {
            name: cast.router.clone(),
            handler: format!("router.{}", text.handler),
            code: text.code.into(),
            fingerprint: text.fingerprint,
        }
    });
    let entry = match (&router, &straight_route) {
        (None, Some(route)) => route.first().cloned().unwrap_or_else(|| cast.router.clone()),
        _ => cast.router.clone(),
    };
    let router_hops = match &router {
        Some(_) => hops::count(flow, &segments, &helpers),
        None => RouterHops { least: 0, most: Some(0) },
    };
    let join = flow.has_parallel_calls().then(|| cast.join.clone());
    let drawing = diagram::Drawing::of(flow, source, &cast, &segments, &helpers);
    let description =
        description::Description { flow, source, settings, cast: &cast, segments: &segments, helpers: &helpers };
    let graph = description.document(&entry, router.as_ref(), join.as_ref(), &drawing);
    // What is large goes before the next large thing is made.
    drop((segments, helpers));
    let mermaid = drawing.mermaid().into();
    let dot = drawing.dot(&settings.flow).into();
    let svg = drawing.svg(&settings.flow, source.name()).into();
    drop(drawing);
    Ok(Program {
        flow: settings.flow.clone(),
        function: flow.function.clone(),
        source: source.name().to_owned(),
        description: flow.description.clone(),
        input_schema: flow.input_schema.clone(),
        entry,
        actors: cast.actors,
        router,
        join,
        straight_route,
        router_hops,
        graph,
        mermaid,
        dot,
        svg,
    })
}
