//! A flow as a table of steps.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ui::Table;

/// One line a node of `graph.json`, in its order, with where it goes on unless that is the next
/// line.
pub(super) fn text(graph: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |key: &str| graph[key].as_array().cloned().unwrap_or_default();
    let nodes = list("nodes");
    let steps: BTreeMap<String, usize> = nodes.iter().zip(1..).map(|(node, step)| (word(&node["id"]), step)).collect();
    let mut ways: BTreeMap<usize, Vec<(String, usize)>> = BTreeMap::new();
    for edge in list("edges") {
        if let (Some(from), Some(to)) = (steps.get(&word(&edge["from"])), steps.get(&word(&edge["to"]))) {
            ways.entry(*from).or_default().push((word(&edge["label"]), *to));
        }
    }
    let mut table = Table::new(&["STEP", "LINE", "WHAT", "THEN"]);
    for (node, step) in nodes.iter().zip(1..) {
        let line = node["line"].as_u64().map(|line| line.to_string()).unwrap_or_default();
        let label = word(&node["label"]);
        let mut lines = label.lines();
        let what = what(node["kind"].as_str().unwrap_or_default(), lines.next().unwrap_or_default());
        let then = then(ways.get(&step).map_or(&[], Vec::as_slice), step + 1);
        table.row([step.to_string(), line, what, then]);
        for rest in lines {
            table.row([String::new(), String::new(), rest.to_owned(), String::new()]);
        }
    }
    table.render()
}

fn what(kind: &str, label: &str) -> String {
    match kind {
        "start" => format!("start {label}"),
        "call" => format!("call {label}"),
        "branch" if !label.starts_with("while ") => format!("if {label}"),
        _ => label.to_owned(),
    }
}

fn then(ways: &[(String, usize)], next: usize) -> String {
    let shown = |(label, to): &(String, usize)| match label.as_str() {
        "" => format!("step {to}"),
        label => format!("{label}: step {to}"),
    };
    match ways {
        [(label, to)] if label.is_empty() && *to == next => String::new(),
        ways => ways.iter().map(shown).collect::<Vec<_>>().join(", "),
    }
}
