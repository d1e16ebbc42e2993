//! `graph.json`: what a compiled flow consists of, for people's scripts and for our own tests.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Settings;
use super::actors::Cast;
use super::diagram::Drawing;
use super::segments::{Exit, Leave, Segment, Segments};
use crate::flow::Flow;
use crate::names::ActorName;
use crate::source::Source;

/// The parts `graph.json` is made of.
pub(super) struct Description<'d> {
    pub(super) flow: &'d Flow,
    pub(super) source: &'d Source,
    pub(super) settings: &'d Settings,
    pub(super) cast: &'d Cast,
    pub(super) segments: &'d Segments,
    pub(super) drawing: &'d Drawing,
}

impl Description<'_> {
    /// The document, version 1 (`docs/graph.md`).
    pub(super) fn document(&self, entry: &ActorName, has_router: bool) -> Value {
        let router = has_router.then(|| {
            json!({
                "name": self.cast.router.as_str(), "handler": Value::Null, "generated": true,
            })
        });
        let actors: Vec<Value> = router
            .into_iter()
            .chain(
                self.cast
                    .actors
                    .iter()
                    .map(|actor| json!({"name": actor.name.as_str(), "handler": actor.handler, "generated": false})),
            )
            .collect();
        let segments: Vec<Value> = if has_router {
            self.segments.all.iter().map(|segment| self.segment(segment)).collect()
        } else {
            Vec::new()
        };
        json!({
            "version": 1,
            "flow": self.settings.flow.as_str(),
            "function": self.flow.function,
            "source": self.source.name(),
            "source_sha256": sha256(self.source.text()),
            "entry": entry.as_str(),
            "actors": actors,
            "segments": segments,
            "nodes": self.drawing.nodes_json(),
            "edges": self.drawing.edges_json(),
        })
    }

    fn segment(&self, segment: &Segment) -> Value {
        let leaves = segment.body.leaves();
        let routes: Vec<Value> = leaves
            .iter()
            .filter_map(|leave| match leave {
                Leave::Send(exit) => Some(self.route(exit)),
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
        json!({
            "at": segment.label,
            "resumed": segment.is_resumed,
            "routes": routes,
            "continues_at": jumps,
            "returns": leaves.iter().any(|leave| matches!(leave, Leave::Return)),
            "raises": leaves.iter().any(|leave| matches!(leave, Leave::Raise)),
        })
    }

    fn route(&self, exit: &Exit) -> Value {
        let mut route: Vec<&str> = exit.calls.iter().map(|call| self.cast.name(&call.handler).as_str()).collect();
        if exit.then.is_some() {
            route.push(self.cast.router.as_str());
        }
        let lines: Vec<usize> = exit.calls.iter().map(|call| self.source.line_of(call.span.start)).collect();
        json!({"route": route, "lines": lines, "then": exit.then})
    }
}

/// SHA-256 of a text, in hexadecimal.
fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
