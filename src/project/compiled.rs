//! What is known about a flow from the files its compilation left behind.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::text::read_source;
use super::{FlowRecord, Project};
use crate::names::FlowName;

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

/// What the files say about one flow. Anything that cannot be read is a sentence in `problems`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// Whether the compiled files fit the source.
    pub freshness: Freshness,
    /// The actors, in the order of `graph.json`.
    pub actors: Vec<GraphActor>,
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
    /// Reads what compilation left behind for `flow`. Never fails: broken files are
    /// told in [`Compiled::problems`].
    pub fn compiled(&self, flow: &FlowRecord) -> Compiled {
        let mut problems = Vec::new();
        let (freshness, actors) = self.graph(flow, &mut problems);
        Compiled { freshness, actors, problems }
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
