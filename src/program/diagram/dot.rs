//! The drawing in Graphviz's language.

use super::{Drawing, Kind};
use crate::names::FlowName;

impl Drawing {
    /// A Graphviz digraph.
    pub(in crate::program) fn dot(&self, flow: &FlowName) -> String {
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
            let (from, to) = (&self.nodes[edge.from].id, &self.nodes[edge.to].id);
            out.push_str(&format!("    {from} -> {to}{label};\n"));
        }
        out.push_str("}\n");
        out
    }
}

fn dot_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
