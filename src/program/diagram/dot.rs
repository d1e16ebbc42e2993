//! The drawing in Graphviz's language.

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
            out.push_str(&format!(
                "    subgraph cluster_h{number} {{\n        label=\"{label}\"; style=rounded; color=gray; \
                 fontname=\"monospace\";\n"
            ));
            indent = "        ";
        }
        for node in &self.nodes[group.nodes.clone()] {
            out.push_str(&format!("{indent}{} [{}];\n", node.id, attributes(node)));
        }
        for edge in &self.edges[group.edges.clone()] {
            self.dot_edge(out, edge, indent);
        }
        if number > 0 {
            out.push_str("    }\n");
        }
    }

    fn dot_edge(&self, out: &mut String, edge: &Edge, indent: &str) {
        let mut parts: Vec<String> = Vec::new();
        if !edge.label.is_empty() {
            parts.push(format!("label=\"{}\"", dot_text(&edge.label)));
        }
        match edge.way {
            EdgeKind::Error => parts.push("style=dashed, color=\"#c62828\"".to_owned()),
            EdgeKind::Helper => parts.push("style=dotted, constraint=false".to_owned()),
            EdgeKind::Next | EdgeKind::Branch | EdgeKind::Parallel | EdgeKind::Return => {}
        }
        let attributes = if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join(", ")) };
        let (from, to) = (&self.nodes[edge.from].id, &self.nodes[edge.to].id);
        out.push_str(&format!("{indent}{from} -> {to}{attributes};\n"));
    }
}

fn attributes(node: &Node) -> String {
    if node.kind == Kind::Join {
        return "shape=box, style=filled, fillcolor=black, height=0.06, width=1.2, fixedsize=true, label=\"\""
            .to_owned();
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
    let text: Vec<String> = node.text.iter().chain(&node.small).map(|line| dot_text(line)).collect();
    format!("{shape}, label=\"{}\"", text.join("\\n"))
}

fn dot_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
