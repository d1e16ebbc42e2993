//! A flow's entry as the adapters of a split gateway read it: a tool, an agent.

use serde_json::{Map, Value, json};

use super::loader::{Flow, Format};

/// What the adapter of `format` is told of a flow; `None` when the flow is not exposed there.
///
/// An adapter knows one actor and no route, so a flow that is a row of actors is entered at the
/// actor that drives it, `start`. Fails with a reason when there is none.
pub(super) fn item(flow: &Flow, format: Format, start: Option<&str>) -> Result<Option<Value>, String> {
    let section = match format {
        Format::Tools => "mcp",
        Format::Agents => "a2a",
        Format::Flows => return Ok(Some(flow.entry.clone())),
    };
    let Some(section) = flow.entry.get(section).and_then(Value::as_object) else { return Ok(None) };
    let mut item = Map::new();
    item.insert("name".to_owned(), json!(flow.name));
    item.insert("actor".to_owned(), json!(actor(flow, start)?));
    for field in ["description", "timeout"] {
        item.extend(flow.entry.get(field).map(|value| (field.to_owned(), value.clone())));
    }
    let renamed = |names: &[(&str, &str)]| -> Vec<(String, Value)> {
        names.iter().filter_map(|(from, to)| Some(((*to).to_owned(), section.get(*from)?.clone()))).collect()
    };
    if format == Format::Tools {
        item.extend(renamed(&[("progress", "progress"), ("inputSchema", "inputSchema")]));
    } else {
        let description = flow.entry.get("description").cloned().unwrap_or_else(|| json!(""));
        let tags = section.get("tags").cloned().unwrap_or_else(|| json!([]));
        let skill = json!({"id": flow.name, "name": flow.name, "description": description, "tags": tags});
        item.insert("skills".to_owned(), json!([skill]));
        item.extend(renamed(&[("input_modes", "inputModes"), ("output_modes", "outputModes")]));
    }
    Ok(Some(Value::Object(item)))
}

fn actor<'a>(flow: &'a Flow, start: Option<&'a str>) -> Result<&'a str, String> {
    let entrypoint = flow.entry.get("entrypoint").and_then(Value::as_str).unwrap_or_default();
    let route = flow.entry.get("route_next").and_then(Value::as_array);
    match (route.is_some_and(|route| !route.is_empty()), start) {
        (false, _) => Ok(entrypoint),
        (true, Some(start)) => Ok(start),
        (true, None) => Err(format!(
            "flow `{}` goes on from `{entrypoint}` by `route_next`, which a split gateway does not know, and no actor \
             has the label `asya.sh/role: start`",
            flow.name
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::loader::load;

    #[test]
    fn a_flow_becomes_a_tool_and_an_agent() {
        let text = "flows:\n- name: f\n  entrypoint: clean\n  route_next: [score]\n  timeout: 9\n  description: d\n  \
                    mcp: {progress: true, inputSchema: {type: object}}\n  a2a: {tags: [t], input_modes: [a/b]}\n";
        let flow = load(Format::Flows, text).unwrap().remove(0);
        let tool = item(&flow, Format::Tools, Some("start-f")).unwrap().unwrap();
        assert_eq!(
            tool,
            json!({"name": "f", "actor": "start-f", "description": "d", "timeout": 9, "progress": true,
                   "inputSchema": {"type": "object"}})
        );
        let agent = item(&flow, Format::Agents, Some("start-f")).unwrap().unwrap();
        assert_eq!(
            agent,
            json!({"name": "f", "actor": "start-f", "description": "d", "timeout": 9,
                   "skills": [{"id": "f", "name": "f", "description": "d", "tags": ["t"]}], "inputModes": ["a/b"]})
        );
        assert!(item(&flow, Format::Tools, None).unwrap_err().contains("`route_next`"));
        let alone = load(Format::Flows, "flows: [{name: f, entrypoint: clean, mcp: {}}]").unwrap().remove(0);
        assert_eq!(item(&alone, Format::Tools, Some("start-f")).unwrap().unwrap()["actor"], "clean");
        assert_eq!(item(&alone, Format::Agents, None), Ok(None));
    }
}
