//! A flow as a table of steps.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ui::Table;

/// Where a step goes on.
struct Way {
    kind: String,
    label: String,
    to: usize,
}

/// One line a node of `graph.json`, in its order, with where it goes on unless that is the next
/// line.
pub(super) fn text(graph: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |key: &str| graph[key].as_array().cloned().unwrap_or_default();
    let nodes = list("nodes");
    let steps: BTreeMap<String, usize> = nodes.iter().zip(1..).map(|(node, step)| (word(&node["id"]), step)).collect();
    let mut ways: BTreeMap<usize, Vec<Way>> = BTreeMap::new();
    for edge in list("edges") {
        if let (Some(from), Some(to)) = (steps.get(&word(&edge["from"])), steps.get(&word(&edge["to"]))) {
            let way = Way { kind: word(&edge["kind"]), label: word(&edge["label"]), to: *to };
            ways.entry(*from).or_default().push(way);
        }
    }
    let mut table = Table::new(&["STEP", "LINE", "WHAT", "THEN"]);
    for (node, step) in nodes.iter().zip(1..) {
        let line = node["line"].as_u64().map(|line| line.to_string()).unwrap_or_default();
        let label = word(&node["label"]);
        let mut lines = label.lines();
        let ways = ways.get(&step).map_or(&[][..], Vec::as_slice);
        let what = what(node, lines.next().unwrap_or_default(), ways);
        let then = then(ways, step + 1);
        table.row([step.to_string(), line, what, then]);
        for rest in lines {
            table.row([String::new(), String::new(), rest.to_owned(), String::new()]);
        }
    }
    table.render()
}

fn what(node: &Value, label: &str, ways: &[Way]) -> String {
    match node["kind"].as_str().unwrap_or_default() {
        // A helper's start has its parameters alone.
        "start" if label.starts_with('(') => format!("start {}{label}", node["function"].as_str().unwrap_or_default()),
        "start" => format!("start {label}"),
        "call" => format!("call {label}"),
        "helper" => match ways.iter().find(|way| way.kind == "helper") {
            Some(way) => format!("run {label} (step {})", way.to),
            None => format!("run {label}"),
        },
        "join" => "wait for all".to_owned(),
        "branch" if !["while ", "for ", "async for "].iter().any(|head| label.starts_with(head)) => {
            format!("if {label}")
        }
        _ => label.to_owned(),
    }
}

fn then(ways: &[Way], next: usize) -> String {
    // Where a helper starts stands at its call.
    let ways: Vec<&Way> = ways.iter().filter(|way| way.kind != "helper").collect();
    let shown = |way: &&Way| {
        let label = match (way.label.as_str(), way.kind.as_str()) {
            ("", kind @ ("error" | "return")) => kind,
            (label, _) => label,
        };
        if label.is_empty() { format!("step {}", way.to) } else { format!("{label}: step {}", way.to) }
    };
    match ways.as_slice() {
        [way] if way.label.is_empty() && !matches!(way.kind.as_str(), "error" | "return") && way.to == next => {
            String::new()
        }
        ways => {
            let is_parallel = ways.len() > 1 && ways.iter().all(|way| way.kind == "parallel");
            let all = ways.iter().map(shown).collect::<Vec<_>>().join(", ");
            if is_parallel { format!("at once: {all}") } else { all }
        }
    }
}
