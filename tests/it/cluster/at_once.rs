//! Many flows that come and go at the same time, with a gateway of each generation.

use serde_json::Value;

use super::fixture::{Project, actors, entry, gateway, plain_gateway, split_gateway};
use super::server::server;

/// The objects of a gateway of some generation: its namespace and release are given.
type Chart = fn(&str, &str) -> String;

/// `count` flows are registered at once; then half of them leave while the other half changes; then
/// all have left, and nothing of them is seen. `registered` reads which flows are registered.
fn come_and_go(namespace: &str, count: usize, chart: Chart, registered: fn(&Project<'_>) -> Vec<String>) {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, namespace);
    server.apply(&chart(namespace, "asya-gateway"));
    let before = project.gateway_state();
    let flows: Vec<String> = (0..count).map(|at| format!("flow-{at:02}")).collect();
    let (leaving, staying) = flows.split_at(count / 2);

    for flow in &flows {
        project.render(flow, &[entry(flow)]);
    }
    apply_all(&project, &flows);
    assert_eq!(registered(&project), flows);

    for flow in leaving {
        project.render(flow, &[actors(flow).remove(0)]);
    }
    for flow in staying {
        let mut changed = entry(flow);
        let key = format!("{flow}.yaml");
        let text = changed["data"][&key].as_str().expect("text").replace("Looks at", "Reads");
        changed["data"][&key] = Value::String(text);
        project.render(flow, &[changed]);
    }
    apply_all(&project, &flows);
    assert_eq!(registered(&project), staying);
    assert_eq!(project.gateway_state().to_string().matches("Reads text").count(), staying.len());
    assert!(!project.gateway_state().to_string().contains("Looks at text"));

    // What they have come to is what any of them alone would have made of it.
    let versions = server.versions(namespace);
    let again = project.apply(&staying[0]).stdout;
    assert!(again.contains("still registered"), "{again}");
    assert_eq!(server.versions(namespace), versions);

    for flow in staying {
        project.render(flow, &[actors(flow).remove(0)]);
    }
    apply_all(&project, staying);
    assert_eq!(project.gateway_state(), before);
}

fn apply_all(project: &Project<'_>, flows: &[String]) {
    std::thread::scope(|scope| {
        for flow in flows {
            scope.spawn(|| project.apply(flow));
        }
    });
}

#[test]
fn sources_of_a_projected_volume() {
    come_and_go("at-once-sources", 50, gateway, |project| {
        let mut sources = project.sources();
        assert_eq!(sources.remove(0), "asya-gateway-flows");
        sources.sort();
        let flow = |name: &String| name.strip_prefix("asya-flow-")?.strip_suffix("-config").map(str::to_owned);
        sources.iter().map(|name| flow(name).expect("an entry")).collect()
    });
}

#[test]
fn data_keys_of_a_plain_volume() {
    come_and_go("at-once-keys", 20, plain_gateway, |project| {
        let data = project.data("asya-gateway-flows");
        let keys = data.as_object().expect("data").keys().filter(|key| *key != "flows.yaml");
        let flow = |key: &String| key.strip_prefix("asya-cli.")?.strip_suffix(".yaml").map(str::to_owned);
        keys.map(|key| flow(key).expect("a key of ours")).collect()
    });
}

#[test]
fn items_of_the_lists_of_a_split_gateway() {
    come_and_go("at-once-items", 20, split_gateway, |project| {
        let data = project.data("asya-gateway-mcp-tools");
        let list: Value = serde_saphyr::from_str(data["tools.yaml"].as_str().expect("text")).expect("YAML");
        let items = list["tools"].as_array().expect("tools");
        let mut names: Vec<String> =
            items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect();
        names.sort();
        names
    });
}
