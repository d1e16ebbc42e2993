//! The drawing in Mermaid's language.

use super::{Drawing, Kind};

impl Drawing {
    /// A Mermaid flowchart.
    pub(in crate::program) fn mermaid(&self) -> String {
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
            let (from, to) = (&self.nodes[edge.from].id, &self.nodes[edge.to].id);
            out.push_str(&format!("    {from} {arrow} {to}\n"));
        }
        out
    }
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
