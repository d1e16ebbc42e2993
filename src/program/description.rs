//! `graph.json`: what a compiled flow consists of, for people's scripts and for our own tests.

use serde_json::{Value, json};

use super::actors::Cast;
use super::diagram::Drawing;
use super::segments::{Exit, Leave, Segment, Segments};
use super::{Router, Settings};
use crate::flow::{BlockId, Callee, End, Flow};
use crate::names::{ActorName, JOIN_HANDLER};
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
    pub(super) fn document(&self, entry: &ActorName, router: Option<&Router>, join: Option<&ActorName>) -> Value {
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
        let segments: Vec<Value> = if router.is_some() {
            self.segments.all.iter().map(|segment| self.segment(segment)).collect()
        } else {
            Vec::new()
        };
        json!({
            "version": 1,
            "flow": self.settings.flow.as_str(),
            "function": self.flow.function,
            "source": self.source.name(),
            "source_sha256": self.settings.source_sha256,
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
        json!({
            "at": segment.label,
            "resumed": segment.is_resumed,
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
        json!({"route": route, "lines": lines, "then": exit.then})
    }

    /// A call on values, or calls in parallel.
    fn waiting(&self, block: BlockId, then: &str) -> Value {
        let End::Call { call, .. } = &self.flow.graph.blocks[block].end else { return Value::Null };
        let actors: Vec<&str> = call.handlers().into_iter().map(|handler| self.cast.name(handler).as_str()).collect();
        let line = self.source.line_of(call.span.start);
        match &call.callee {
            Callee::All { .. } => json!({"parallel": actors, "lines": [line], "then": then}),
            _ => {
                let route: Vec<&str> = actors.into_iter().chain([self.cast.router.as_str()]).collect();
                json!({"route": route, "lines": [line], "then": then})
            }
        }
    }
}
