//! The drawing in Graphviz's language.

use std::fmt::Write as _;

use super::escaping::Escaped;
use super::{Drawing, Edge, EdgeKind, Group, Kind, Node};
use crate::names::FlowName;

impl Drawing {
    /// A Graphviz digraph.
    pub(in crate::program) fn dot(&self, flow: &FlowName) -> String {
        let mut out = format!(
            "digraph \"{flow}\" {{\n    node [fontname=\"monospace\", fontsize=10];\n    \
             edge [fontname=\"monospace\", fontsize=9];\n"
        );
        for (number, group) in self.groups.iter().enumerate() {
            self.dot_group(&mut out, number, group);
        }
        for edge in &self.links {
            self.dot_edge(&mut out, edge, "    ");
        }
        out.push_str("}\n");
        out
    }

    fn dot_group(&self, out: &mut String, number: usize, group: &Group) {
        let mut indent = "    ";
        if number > 0 {
            let label = dot_text(&group.function);
            let _ = writeln!(
                out,
                "    subgraph cluster_h{number} {{\n        label=\"{label}\"; style=rounded; color=gray; \
                 fontname=\"monospace\";"
            );
            indent = "        ";
        }
        for node in &self.nodes[group.nodes.clone()] {
            out.extend([indent, &node.id, " ["]);
            attributes(out, node);
            out.push_str("];\n");
        }
        for edge in &self.edges[group.edges.clone()] {
            self.dot_edge(out, edge, indent);
        }
        if number > 0 {
            out.push_str("    }\n");
        }
    }

    fn dot_edge(&self, out: &mut String, edge: &Edge, indent: &str) {
        let (from, to) = (&self.nodes[edge.from].id, &self.nodes[edge.to].id);
        out.extend([indent, from, " -> ", to]);
        let style = match edge.way {
            EdgeKind::Error => "style=dashed, color=\"#c62828\"",
            EdgeKind::Helper => "style=dotted, constraint=false",
            EdgeKind::Next | EdgeKind::Branch | EdgeKind::Parallel | EdgeKind::Return => "",
        };
        let label = dot_text(&edge.label);
        let _ = match (edge.label.is_empty(), style) {
            (true, "") => Ok(()),
            (true, style) => write!(out, " [{style}]"),
            (false, "") => write!(out, " [label=\"{label}\"]"),
            (false, style) => write!(out, " [label=\"{label}\", {style}]"),
        };
        out.push_str(";\n");
    }
}

fn attributes(out: &mut String, node: &Node) {
    if node.kind == Kind::Join {
        return out
            .push_str("shape=box, style=filled, fillcolor=black, height=0.06, width=1.2, fixedsize=true, label=\"\"");
    }
    let shape = match node.kind {
        Kind::Start | Kind::End => "shape=oval",
        Kind::Code | Kind::Join => "shape=box",
        Kind::Branch | Kind::Match => "shape=diamond",
        Kind::Call if node.is_many => "shape=box3d",
        Kind::Call => "shape=component",
        Kind::Helper if node.is_many => "shape=box3d",
        Kind::Helper => "shape=box, peripheries=2",
        Kind::Fork => "shape=invhouse",
        Kind::Except | Kind::Finally => "shape=box, style=\"rounded,dashed\"",
        Kind::Raise => "shape=octagon",
    };
    out.extend([shape, ", label=\""]);
    for (number, line) in node.text.iter().chain(&node.small).enumerate() {
        let between = if number > 0 { "\\n" } else { "" };
        let _ = write!(out, "{between}{}", dot_text(line));
    }
    out.push('"');
}

fn dot_text(text: &str) -> Escaped<'_> {
    Escaped::new(text, |c| match c {
        '\\' => Some("\\\\"),
        '"' => Some("\\\""),
        _ => None,
    })
}
