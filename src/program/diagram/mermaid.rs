//! The drawing in Mermaid's language.

use std::fmt::Write as _;

use super::escaping::Escaped;
use super::{Drawing, Edge, EdgeKind, Group, Kind, Node};

/// Lines of code are not to be broken, and are longer than Mermaid likes its lines.
const HEAD: &str = "%%{init: {\"flowchart\": {\"wrappingWidth\": 400}}}%%\nflowchart TD";

/// Colours of lines only, so that they fit light and dark pages.
const CLASSES: [(&str, &[Kind], &str); 4] = [
    ("actors", &[Kind::Call], "stroke:#1d4ed8,stroke-width:2px"),
    ("helpers", &[Kind::Helper], "stroke:#7c3aed,stroke-width:2px"),
    ("questions", &[Kind::Branch, Kind::Match], "stroke:#b98900"),
    ("errors", &[Kind::Except, Kind::Raise], "stroke:#c62828"),
];

impl Drawing {
    /// A Mermaid flowchart.
    pub(in crate::program) fn mermaid(&self) -> String {
        let mut out = format!("{HEAD}\n");
        for (number, group) in self.groups.iter().enumerate() {
            self.mermaid_group(&mut out, number, group);
        }
        for edge in &self.links {
            self.mermaid_edge(&mut out, edge, "    ");
        }
        for (name, kinds, style) in CLASSES {
            let ids: Vec<&str> =
                self.nodes.iter().filter(|node| kinds.contains(&node.kind)).map(|node| node.id.as_str()).collect();
            if !ids.is_empty() {
                let _ = writeln!(out, "    classDef {name} {style}\n    class {} {name}", ids.join(","));
            }
        }
        out
    }

    fn mermaid_group(&self, out: &mut String, number: usize, group: &Group) {
        let mut indent = "    ";
        if number > 0 {
            let _ = writeln!(out, "    subgraph h{number}[\"{}\"]", mermaid_text(&group.function));
            indent = "        ";
        }
        for node in &self.nodes[group.nodes.clone()] {
            let (open, close) = match node.kind {
                Kind::Start | Kind::End => ("([", "])"),
                Kind::Code | Kind::Join => ("[", "]"),
                Kind::Branch | Kind::Match => ("{{", "}}"),
                Kind::Call | Kind::Helper => ("[[", "]]"),
                Kind::Fork => ("[/", "\\]"),
                Kind::Except | Kind::Finally => ("(", ")"),
                Kind::Raise => (">", "]"),
            };
            out.extend([indent, &node.id, open, "\""]);
            mermaid_lines(out, node);
            out.extend(["\"", close, "\n"]);
        }
        for edge in &self.edges[group.edges.clone()] {
            self.mermaid_edge(out, edge, indent);
        }
        if number > 0 {
            out.push_str("    end\n");
        }
    }

    fn mermaid_edge(&self, out: &mut String, edge: &Edge, indent: &str) {
        let (from, to) = (&self.nodes[edge.from].id, &self.nodes[edge.to].id);
        let is_dotted = matches!(edge.way, EdgeKind::Error | EdgeKind::Helper);
        out.extend([indent, from, " "]);
        let label = mermaid_text(&edge.label);
        let _ = match (is_dotted, edge.label.is_empty()) {
            (true, true) => out.write_str("-.->"),
            (true, false) => write!(out, "-. \"{label}\" .->"),
            (false, true) => out.write_str("-->"),
            (false, false) => write!(out, "-- \"{label}\" -->"),
        };
        out.extend([" ", to, "\n"]);
    }
}

fn mermaid_lines(out: &mut String, node: &Node) {
    let mut between = "";
    for line in &node.text {
        let _ = write!(out, "{between}{}", mermaid_text(line));
        between = "<br/>";
    }
    if let Some(small) = &node.small {
        let _ = write!(out, "{between}<small>{}</small>", mermaid_text(small));
        between = "<br/>";
    }
    if node.kind == Kind::Join {
        out.extend([between, "join"]);
    }
}

/// Mermaid reads `#name;` as an entity, `\n` as a new line and `"` as the end of the text.
fn mermaid_text(text: &str) -> Escaped<'_> {
    Escaped::new(text, |c| match c {
        '#' => Some("#35;"),
        '&' => Some("#amp;"),
        '"' => Some("#quot;"),
        '<' => Some("#lt;"),
        '>' => Some("#gt;"),
        '`' => Some("#96;"),
        '\\' => Some("#92;"),
        _ => None,
    })
}
