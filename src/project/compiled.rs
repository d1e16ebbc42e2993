//! What is known about a flow from the files its compilation and exposure left behind.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::text::read_source;
use super::yaml::{Node, Value, parse};
use super::{FlowRecord, Project};
use crate::names::{ContextName, FlowName};
use crate::source::Source;

/// Whether the compiled files are those of the source as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Compiled from exactly this source.
    Current,
    /// The source has changed since.
    Stale,
    /// Never compiled, or the compiled files are gone.
    Missing,
    /// The compiled files do not say, or one of the two cannot be read.
    Unknown,
}

impl Freshness {
    /// The stable word for JSON output and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "yes",
            Self::Stale => "stale",
            Self::Missing => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// An actor as `graph.json` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GraphActor {
    /// Its name.
    pub name: String,
    /// Its dotted handler.
    pub handler: String,
    /// Made by the compiler.
    #[serde(default)]
    pub generated: bool,
}

/// How agents reach an exposed flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// As an MCP tool.
    Mcp,
    /// As an A2A skill.
    A2a,
}

impl Protocol {
    /// The stable word, also the key in the flow entry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::A2a => "a2a",
        }
    }
}

/// One exposure of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The environment; `None` for all of them (`common/`).
    pub context: Option<ContextName>,
    /// The protocols; none means that this environment withdraws what `common/` offers.
    pub protocols: Vec<Protocol>,
}

/// What the files say about one flow. Anything that cannot be read is a sentence in `problems`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// Whether the compiled files fit the source.
    pub freshness: Freshness,
    /// The actors, in the order of `graph.json`.
    pub actors: Vec<GraphActor>,
    /// The exposures, `common/` first.
    pub exposures: Vec<Exposure>,
    /// What is broken, one sentence each.
    pub problems: Vec<String>,
}

#[derive(Deserialize)]
struct Graph {
    #[serde(default)]
    source_sha256: Option<String>,
    #[serde(default)]
    actors: Vec<GraphActor>,
}

impl Project {
    /// Reads what compilation and exposure left behind for `flow`. Never fails: broken files are
    /// told in [`Compiled::problems`].
    pub fn compiled(&self, flow: &FlowRecord) -> Compiled {
        let mut problems = Vec::new();
        let (freshness, actors) = self.graph(flow, &mut problems);
        let exposures = self.exposures(flow, &mut problems);
        Compiled { freshness, actors, exposures, problems }
    }

    /// The actors of `flow` as it was compiled last, none when it never was. The error is a sentence.
    pub fn compiled_actors(&self, flow: &FlowName) -> Result<Vec<GraphActor>, String> {
        let path = self.paths(flow).artifacts.join("graph.json");
        match std::fs::read(&path) {
            Ok(bytes) => {
                let graph: Graph = serde_json::from_slice(&bytes)
                    .map_err(|error| format!("`{}` is not a flow graph: {error}", self.relative(&path).display()))?;
                Ok(graph.actors)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => {
                Err(format!("`{}` cannot be read: {}", self.relative(&path).display(), crate::error::io_reason(&error)))
            }
        }
    }

    fn graph(&self, flow: &FlowRecord, problems: &mut Vec<String>) -> (Freshness, Vec<GraphActor>) {
        let path = self.paths(&flow.name).artifacts.join("graph.json");
        let shown = self.relative(&path).display().to_string();
        let source = std::fs::read(self.absolute(&flow.source));
        if let Err(error) = &source {
            let reason = crate::error::io_reason(error);
            problems.push(format!("the source `{}` cannot be read: {reason}", flow.source.display()));
        }
        if !path.exists() {
            return (Freshness::Missing, Vec::new());
        }
        let graph = read_source(&path, &shown).map_err(|error| error.to_string()).and_then(|text| {
            serde_json::from_str::<Graph>(text.text())
                .map_err(|error| format!("`{shown}` is not a flow graph: {error}"))
        });
        match graph {
            Ok(graph) => (freshness(&graph, source.ok().as_deref()), graph.actors),
            Err(problem) => {
                problems.push(problem);
                (Freshness::Unknown, Vec::new())
            }
        }
    }

    fn exposures(&self, flow: &FlowRecord, problems: &mut Vec<String>) -> Vec<Exposure> {
        let paths = self.paths(&flow.name);
        let mut places = vec![(None, paths.common.clone())];
        let mut overlays: BTreeMap<ContextName, _> = BTreeMap::new();
        for entry in std::fs::read_dir(paths.overlays()).into_iter().flatten().flatten() {
            let Some(name) = entry.file_name().to_str().and_then(|name| ContextName::new(name).ok()) else { continue };
            overlays.insert(name, entry.path());
        }
        places.extend(overlays.into_iter().map(|(name, path)| (Some(name), path)));
        let mut found = Vec::new();
        for (context, directory) in places {
            let file = directory.join("flow-expose.yaml");
            if !file.exists() {
                continue;
            }
            match self.protocols(&file, flow) {
                Ok(protocols) => found.push(Exposure { context, protocols }),
                Err(problem) => problems.push(problem),
            }
        }
        found
    }

    fn protocols(&self, file: &Path, flow: &FlowRecord) -> Result<Vec<Protocol>, String> {
        let shown = self.relative(file).display().to_string();
        let source = read_source(file, &shown).map_err(|error| error.to_string())?;
        let broken = |reason: &str| format!("`{shown}` does not describe an exposure: {reason}");
        let object = parse(&source)
            .map_err(|problem| broken(&format!("line {}: {}", source.line_of(problem.span.start), problem.message)))?;
        if object.get("$patch").and_then(|node| node.value.scalar()).as_deref() == Some("delete") {
            return Ok(Vec::new());
        }
        let key = format!("{}.yaml", flow.name);
        let Some(Value::Text(text)) = object.at(&["data", &key]).map(|node| &node.value) else {
            return Err(broken(&format!("there is no text under `data`, `{key}`")));
        };
        let inner = parse(&Source::new(shown.clone(), text.as_str()))
            .map_err(|problem| broken(&format!("`data`, `{key}`: {}", problem.message)))?;
        let Some(Node { value: Value::List(entries), .. }) = inner.get("flows") else {
            return Err(broken(&format!("`data`, `{key}` has no list `flows`")));
        };
        let offered = |protocol: &Protocol| entries.iter().any(|entry| entry.get(protocol.name()).is_some());
        Ok([Protocol::Mcp, Protocol::A2a].into_iter().filter(offered).collect())
    }
}

fn freshness(graph: &Graph, source: Option<&[u8]>) -> Freshness {
    match (&graph.source_sha256, source) {
        (Some(recorded), Some(bytes)) if recorded.eq_ignore_ascii_case(&sha256(bytes)) => Freshness::Current,
        (Some(_), Some(_)) => Freshness::Stale,
        (None, _) | (_, None) => Freshness::Unknown,
    }
}

/// The SHA-256 of `bytes` in lower-case hexadecimal, as `graph.json` records it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
