//! The control-flow graph as a picture: nodes and edges, for Mermaid, Graphviz and SVG.

mod dot;
mod layers;
mod layout;
mod mermaid;
mod order;
mod place;
mod route;
mod svg;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::actors::Cast;
use crate::flow::{BlockId, BranchKind, End, Flow};
use crate::source::{Source, Span};

/// Longest line of a node's text.
const MAX_LINE: usize = 40;

/// Most lines of a node's text.
const MAX_LINES: usize = 5;

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    Code,
    Branch,
    Call,
    End,
    Raise,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Code => "code",
            Self::Branch => "branch",
            Self::Call => "call",
            Self::End => "end",
            Self::Raise => "raise",
        }
    }
}

#[derive(Debug)]
struct Node {
    id: String,
    kind: Kind,
    text: Vec<String>,
    line: Option<usize>,
}

#[derive(Debug)]
struct Edge {
    from: usize,
    to: usize,
    label: &'static str,
}

/// Nodes and edges of a flow; the first node is the start.
#[derive(Debug)]
pub(super) struct Drawing {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    end: Option<usize>,
}

impl Drawing {
    /// Draws the flow.
    pub(super) fn of(flow: &Flow, source: &Source, cast: &Cast) -> Self {
        let order = flow.graph.reachable();
        let mut drawing = Self { nodes: Vec::new(), edges: Vec::new(), end: None };
        let start = drawing.node("start".to_owned(), Kind::Start, vec![flow.function.clone()], None);
        let mut first: BTreeMap<BlockId, usize> = BTreeMap::new();
        let mut exits: Vec<(usize, BlockId)> = Vec::new();
        for (number, &block) in order.iter().enumerate() {
            let (entry, exit) = drawing.block(flow, source, cast, block, number);
            first.insert(block, entry);
            exits.extend(exit.map(|exit| (exit, block)));
        }
        drawing.join(start, first.get(&flow.graph.entry), "");
        for (exit, block) in exits {
            match &flow.graph.blocks[block].end {
                End::Goto(next) | End::Call { next, .. } => drawing.join(exit, first.get(next), ""),
                End::Branch { then, orelse, .. } => {
                    drawing.join(exit, first.get(then), "yes");
                    drawing.join(exit, first.get(orelse), "no");
                }
                End::Match { cases, otherwise, .. } => {
                    cases.iter().for_each(|case| drawing.join(exit, first.get(&case.body), ""));
                    drawing.join(exit, first.get(otherwise), "no");
                }
                End::Return(_) | End::Open | End::Raise => {}
            }
        }
        drawing
    }

    /// Adds the nodes of a block; answers the first one, and the one from which the flow goes on.
    fn block(
        &mut self,
        flow: &Flow,
        source: &Source,
        cast: &Cast,
        block: BlockId,
        number: usize,
    ) -> (usize, Option<usize>) {
        let node = &flow.graph.blocks[block];
        let mut spans: Vec<Span> = node.steps.iter().map(|step| step.span).collect();
        spans.dedup();
        let code = (!node.steps.is_empty()).then(|| {
            let kind = if matches!(node.end, End::Raise) { Kind::Raise } else { Kind::Code };
            let line = node.steps.first().map(|step| source.line_of(step.span.start));
            self.node(format!("c{number}"), kind, statements_text(source, &spans), line)
        });
        let id = format!("n{number}");
        let last = match &node.end {
            End::Call { call, .. } => {
                let line = source.line_of(call.span.start);
                let mut names: Vec<String> =
                    call.handlers().into_iter().map(|handler| cast.name(handler).to_string()).collect();
                names.dedup();
                if names.is_empty() {
                    names.push(short(source.slice(call.span)));
                }
                self.node(id, Kind::Call, names, Some(line))
            }
            End::Branch { test, kind, .. } => {
                let text = source.slice(test.span);
                let word = match kind {
                    BranchKind::Loop if !text.starts_with("for ") => "while ",
                    BranchKind::Except => "except ",
                    _ => "",
                };
                let text = short(&format!("{word}{text}"));
                self.node(id, Kind::Branch, vec![text], Some(source.line_of(test.span.start)))
            }
            End::Match { subject, .. } => {
                let text = short(&format!("match {}", source.slice(subject.span)));
                self.node(id, Kind::Branch, vec![text], Some(source.line_of(subject.span.start)))
            }
            End::Return(_) => self.end(),
            End::Goto(_) | End::Open | End::Raise => match code {
                Some(code) => return (code, Some(code)),
                None => self.node(id, Kind::Code, vec!["…".to_owned()], None),
            },
        };
        if let Some(code) = code {
            self.edges.push(Edge { from: code, to: last, label: "" });
        }
        (code.unwrap_or(last), (self.end != Some(last)).then_some(last))
    }

    fn node(&mut self, id: String, kind: Kind, text: Vec<String>, line: Option<usize>) -> usize {
        self.nodes.push(Node { id, kind, text, line });
        self.nodes.len() - 1
    }

    /// The one end of the flow.
    fn end(&mut self) -> usize {
        let end = self.end.unwrap_or_else(|| self.node("end".to_owned(), Kind::End, vec!["end".to_owned()], None));
        self.end = Some(end);
        end
    }

    fn join(&mut self, from: usize, to: Option<&usize>, label: &'static str) {
        self.edges.extend(to.map(|&to| Edge { from, to, label }));
    }

    /// The nodes for `graph.json`.
    pub(super) fn nodes_json(&self) -> Vec<Value> {
        self.nodes
            .iter()
            .map(|node| json!({"id": node.id, "kind": node.kind.name(), "label": node.text.join("\n"), "line": node.line}))
            .collect()
    }

    /// The edges for `graph.json`.
    pub(super) fn edges_json(&self) -> Vec<Value> {
        self.edges
            .iter()
            .map(|edge| json!({"from": self.nodes[edge.from].id, "to": self.nodes[edge.to].id, "label": edge.label}))
            .collect()
    }
}

fn statements_text(source: &Source, statements: &[Span]) -> Vec<String> {
    let mut lines: Vec<String> = statements
        .iter()
        .take(MAX_LINES)
        .map(|span| {
            let mut lines = source.slice(*span).lines();
            let first = lines.next().unwrap_or_default();
            if lines.next().is_some() { short(&format!("{first} …")) } else { short(first) }
        })
        .collect();
    if statements.len() > MAX_LINES {
        lines.pop();
        lines.push(format!("… {} more", statements.len() - MAX_LINES + 1));
    }
    lines
}

fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    if text.chars().count() <= MAX_LINE {
        return text;
    }
    text.chars().take(MAX_LINE - 1).chain(['…']).collect()
}
