//! Whether what a gateway shows of a flow is what its entry says. Gateways show less of a schema
//! than it has (`docs/platform/gateway.md`, "Asking a gateway"), so only that is compared which all
//! of them show.

use std::collections::BTreeSet;

use serde_json::Value;

use super::loader::Flow;
use super::verify::some;
use crate::wire::a2a::Skill;
use crate::wire::mcp::Tool;

/// What came out of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is shown as it should be, or not, as it should be.
    AsItShould,
    /// What is different.
    Otherwise(String),
}

/// Compares the tools of a gateway with an entry; without one, the tool must not be there.
pub(super) fn tool(name: &str, flow: Option<&Flow>, tools: &[Tool]) -> Seen {
    let shown = tools.iter().find(|tool| tool.name == name);
    let Some(mcp) = flow.and_then(|flow| flow.entry.get("mcp")).filter(|mcp| !mcp.is_null()) else {
        return match shown {
            Some(_) => Seen::Otherwise(format!("tools/list still has `{name}`")),
            None => Seen::AsItShould,
        };
    };
    let Some(shown) = shown else {
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        return Seen::Otherwise(format!("tools/list has no `{name}`; it has {}", some(&names)));
    };
    let description = flow.and_then(|flow| flow.entry.get("description")).and_then(Value::as_str).unwrap_or_default();
    if shown.description.as_deref().unwrap_or_default().trim() != description.trim() {
        return Seen::Otherwise(format!("tools/list has `{name}` with another description"));
    }
    let schema = mcp.get("inputSchema").unwrap_or(&Value::Null);
    // Without `properties` the keys themselves are the parameters, each in its own way required.
    if schema.get("properties").is_none() {
        return Seen::AsItShould;
    }
    for (what, of) in [("arguments", properties as fn(&Value) -> BTreeSet<&str>), ("required arguments", required)] {
        if of(schema) != of(&shown.input_schema) {
            let listed: Vec<&str> = of(&shown.input_schema).into_iter().collect();
            return Seen::Otherwise(format!("tools/list has `{name}` with other {what}: {}", some(&listed)));
        }
    }
    Seen::AsItShould
}

/// Compares the skills of a gateway with an entry; without one, the skill must not be there.
pub(super) fn skill(name: &str, flow: Option<&Flow>, skills: &[Skill]) -> Seen {
    let shown = skills.iter().find(|skill| skill.id == name);
    let is_skill = flow.is_some_and(|flow| flow.entry.get("a2a").is_some_and(|a2a| !a2a.is_null()));
    match (is_skill, shown) {
        (false, Some(_)) => Seen::Otherwise(format!("the agent card still has skill `{name}`")),
        (false, None) => Seen::AsItShould,
        (true, None) => {
            let names: Vec<&str> = skills.iter().map(|skill| skill.id.as_str()).collect();
            Seen::Otherwise(format!("the agent card has no skill `{name}`; it has {}", some(&names)))
        }
        (true, Some(shown)) => {
            let description = flow.and_then(|flow| flow.entry.get("description")).and_then(Value::as_str);
            match shown.description.as_deref().unwrap_or_default().trim() == description.unwrap_or_default().trim() {
                true => Seen::AsItShould,
                false => Seen::Otherwise(format!("the agent card has skill `{name}` with another description")),
            }
        }
    }
}

fn properties(schema: &Value) -> BTreeSet<&str> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// Those among the properties: others are shown nowhere.
fn required(schema: &Value) -> BTreeSet<&str> {
    let known = properties(schema);
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).filter(|name| known.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::loader::{Format, load};
    use serde_json::json;

    #[test]
    fn a_tool_is_compared_by_what_gateways_show() {
        let text = "flows: [{name: f, entrypoint: e, description: d, mcp: {inputSchema: {type: object, \
                    properties: {a: {type: integer}, b: {type: object}}, required: [a, c]}}, a2a: {}}]";
        let flow = load(Format::Flows, text).unwrap().remove(0);
        let shown = |description: &str, schema: Value| {
            vec![Tool { name: "f".to_owned(), description: Some(description.to_owned()), input_schema: schema }]
        };
        let properties = json!({"a": {"type": "number"}, "b": {"type": "string"}});
        let good = shown("d", json!({"type": "object", "properties": properties, "required": ["a"]}));
        assert_eq!(tool("f", Some(&flow), &good), Seen::AsItShould);
        for (tools, said) in [
            (vec![], "has no `f`; it has none"),
            (shown("old", json!({"properties": properties, "required": ["a"]})), "another description"),
            (shown("d", json!({"properties": {"a": {}}, "required": ["a"]})), "other arguments: `a`"),
            (shown("d", json!({"properties": properties})), "other required arguments: none"),
        ] {
            let Seen::Otherwise(reason) = tool("f", Some(&flow), &tools) else { panic!("{said}") };
            assert!(reason.contains(said), "{reason}");
        }
        assert_eq!(tool("f", None, &good), Seen::Otherwise("tools/list still has `f`".to_owned()));
        assert_eq!(tool("f", None, &[]), Seen::AsItShould);
        assert!(matches!(skill("f", Some(&flow), &[]), Seen::Otherwise(_)));
    }
}
