//! The control-flow graph as a picture: nodes and edges, Mermaid, Graphviz.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::actors::Cast;
use crate::flow::{BlockId, BranchKind, End, Flow};
use crate::names::FlowName;
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
    from: String,
    to: String,
    label: &'static str,
}

/// Nodes and edges of a flow.
#[derive(Debug)]
pub(super) struct Drawing {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    has_end: bool,
}

impl Drawing {
    /// Draws the flow.
    pub(super) fn of(flow: &Flow, source: &Source, cast: &Cast) -> Self {
        let order = flow.graph.reachable();
        let mut drawing = Self { nodes: Vec::new(), edges: Vec::new(), has_end: false };
        drawing.node("start".to_owned(), Kind::Start, vec![flow.function.clone()], None);
        let mut first: BTreeMap<BlockId, String> = BTreeMap::new();
        let mut exits: Vec<(String, BlockId)> = Vec::new();
        for (number, &block) in order.iter().enumerate() {
            let entry = drawing.block(flow, source, cast, block, number, &mut exits);
            first.insert(block, entry);
        }
        if let Some(entry) = first.get(&flow.graph.entry) {
            drawing.edge("start".to_owned(), entry.clone(), "");
        }
        let target = |block: &BlockId| first.get(block).cloned().unwrap_or_else(|| "end".to_owned());
        for (exit, block) in &exits {
            match &flow.graph.blocks[*block].end {
                End::Goto(next) | End::Call { next, .. } => drawing.edge(exit.clone(), target(next), ""),
                End::Branch { then, orelse, .. } => {
                    drawing.edge(exit.clone(), target(then), "yes");
                    drawing.edge(exit.clone(), target(orelse), "no");
                }
                End::Return(_) | End::Open | End::Raise => {}
            }
        }
        drawing
    }

    /// Adds the nodes of a block; answers the first one's id.
    fn block(
        &mut self,
        flow: &Flow,
        source: &Source,
        cast: &Cast,
        block: BlockId,
        number: usize,
        exits: &mut Vec<(String, BlockId)>,
    ) -> String {
        let node = &flow.graph.blocks[block];
        let code = (!node.statements.is_empty()).then(|| {
            let id = format!("c{number}");
            let kind = if matches!(node.end, End::Raise) { Kind::Raise } else { Kind::Code };
            let line = node.statements.first().map(|span| source.line_of(span.start));
            self.node(id.clone(), kind, statements_text(source, &node.statements), line);
            id
        });
        let id = format!("n{number}");
        let end = match &node.end {
            End::Call { call, .. } => {
                let line = source.line_of(call.span.start);
                self.node(id.clone(), Kind::Call, vec![cast.name(&call.handler).to_string()], Some(line));
                Some(id)
            }
            End::Branch { test, kind, .. } => {
                let word = if *kind == BranchKind::While { "while " } else { "" };
                let text = short(&format!("{word}{}", source.slice(*test)));
                self.node(id.clone(), Kind::Branch, vec![text], Some(source.line_of(test.start)));
                Some(id)
            }
            End::Return(_) => {
                if !std::mem::replace(&mut self.has_end, true) {
                    self.node("end".to_owned(), Kind::End, vec!["end".to_owned()], None);
                }
                Some("end".to_owned())
            }
            End::Goto(_) if code.is_none() => {
                self.node(id.clone(), Kind::Code, vec!["…".to_owned()], None);
                Some(id)
            }
            End::Goto(_) | End::Open | End::Raise => None,
        };
        match (code, end) {
            (Some(code), Some(end)) => {
                self.edge(code.clone(), end.clone(), "");
                if end != "end" {
                    exits.push((end, block));
                }
                code
            }
            (Some(code), None) => {
                exits.push((code.clone(), block));
                code
            }
            (None, Some(end)) => {
                if end != "end" {
                    exits.push((end.clone(), block));
                }
                end
            }
            (None, None) => "end".to_owned(),
        }
    }

    fn node(&mut self, id: String, kind: Kind, text: Vec<String>, line: Option<usize>) {
        self.nodes.push(Node { id, kind, text, line });
    }

    fn edge(&mut self, from: String, to: String, label: &'static str) {
        self.edges.push(Edge { from, to, label });
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
        self.edges.iter().map(|edge| json!({"from": edge.from, "to": edge.to, "label": edge.label})).collect()
    }

    /// A Mermaid flowchart.
    pub(super) fn mermaid(&self) -> String {
        let mut out = "flowchart TD\n".to_owned();
        for node in &self.nodes {
            let text: Vec<String> = node.text.iter().map(|line| mermaid_text(line)).collect();
            let text = text.join("<br/>");
            let (open, close) = match node.kind {
                Kind::Start | Kind::End => ("([", "])"),
                Kind::Code => ("[", "]"),
                Kind::Branch => ("{{", "}}"),
                Kind::Call => ("[[", "]]"),
                Kind::Raise => (">", "]"),
            };
            out.push_str(&format!("    {}{open}\"{text}\"{close}\n", node.id));
        }
        for edge in &self.edges {
            let arrow = if edge.label.is_empty() { "-->".to_owned() } else { format!("-- {} -->", edge.label) };
            out.push_str(&format!("    {} {arrow} {}\n", edge.from, edge.to));
        }
        out
    }

    /// A Graphviz digraph.
    pub(super) fn dot(&self, flow: &FlowName) -> String {
        let mut out = format!("digraph \"{flow}\" {{\n    node [fontname=\"monospace\", fontsize=10];\n");
        for node in &self.nodes {
            let shape = match node.kind {
                Kind::Start | Kind::End => "oval",
                Kind::Code => "box",
                Kind::Branch => "diamond",
                Kind::Call => "component",
                Kind::Raise => "octagon",
            };
            let text: Vec<String> = node.text.iter().map(|line| dot_text(line)).collect();
            out.push_str(&format!("    {} [shape={shape}, label=\"{}\"];\n", node.id, text.join("\\n")));
        }
        for edge in &self.edges {
            let label = if edge.label.is_empty() { String::new() } else { format!(" [label=\"{}\"]", edge.label) };
            out.push_str(&format!("    {} -> {}{label};\n", edge.from, edge.to));
        }
        out.push_str("}\n");
        out
    }
}

fn statements_text(source: &Source, statements: &[Span]) -> Vec<String> {
    let mut lines: Vec<String> = statements
        .iter()
        .take(MAX_LINES)
        .map(|span| short(source.slice(*span).lines().next().unwrap_or_default()))
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

/// Mermaid reads `#name;` as an entity and `"` as the end of the text.
fn mermaid_text(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('&', "#amp;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
        .replace('`', "#96;")
}

fn dot_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
