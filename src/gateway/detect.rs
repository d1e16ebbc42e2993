//! Which gateway a namespace holds, told from its Deployments
//! (`docs/platform/gateway.md`, "Generations").

use std::collections::BTreeMap;

use serde_json::Value;

use super::entry::{label, name};

/// How a gateway gets its flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Tools in a file of its own format, or a volume made by hand.
    Legacy,
    /// One ConfigMap for all flows.
    OneConfigMap,
    /// A projected volume: one ConfigMap for each flow.
    Projected,
    /// Adapters in containers of their own, two shared ConfigMaps.
    Split,
}

/// A gateway as found in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// The Deployment that serves agents.
    pub deployment: String,
    /// The Helm release; the Deployment's name where it is not labelled.
    pub release: String,
    /// How it gets its flows.
    pub layout: Layout,
}

/// What the Deployments of a namespace amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detected {
    /// There is no gateway.
    None,
    /// There is exactly one, or the one asked for.
    One(Gateway),
    /// There are several and none was asked for.
    Several(Vec<Gateway>),
    /// The one asked for is not there; these are.
    Unknown(Vec<Gateway>),
}

/// The volume of flow entries in gateways of the generations with flows.
pub(super) const FLOWS_VOLUME: &str = "gateway-flows";

const NAME_LABEL: &str = "app.kubernetes.io/name";
const INSTANCE_LABEL: &str = "app.kubernetes.io/instance";
const COMPONENT_LABEL: &str = "app.kubernetes.io/component";
/// Containers of a split gateway, with the volumes that two of them read.
pub(super) const MCP_ADAPTER: (&str, &str) = ("mcp-adapter", "mcp-tools");
pub(super) const A2A_ADAPTER: (&str, &str) = ("a2a-adapter", "a2a-agents");
const SPLIT_CONTAINERS: &[&str] = &[MCP_ADAPTER.0, A2A_ADAPTER.0, "mesh-api"];

/// The label selector that finds the Deployments of gateways.
pub(super) fn selector() -> String {
    format!("{NAME_LABEL}=asya-gateway")
}

/// Whether an unlabelled Deployment runs the gateway's image.
pub(super) fn runs_gateway_image(deployment: &Value) -> bool {
    containers(deployment).any(|container| {
        let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
        let path = image.split('@').next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        last.split(':').next().unwrap_or_default().ends_with("asya-gateway")
    })
}

/// Finds the gateway among Deployments that belong to gateways. `wanted` is a Helm release or
/// the name of a Deployment.
pub fn detect(deployments: &[Value], wanted: Option<&str>) -> Detected {
    let mut releases: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for deployment in deployments {
        let release = label(deployment, INSTANCE_LABEL).unwrap_or_else(|| name(deployment));
        releases.entry(release).or_default().push(deployment);
    }
    let mut found: Vec<Gateway> =
        releases.into_iter().flat_map(|(release, deployments)| gateways_of(release, &deployments)).collect();
    if let Some(wanted) = wanted {
        let matching: Vec<Gateway> =
            found.iter().filter(|gateway| gateway.release == wanted || gateway.deployment == wanted).cloned().collect();
        return match matching.len() {
            0 => Detected::Unknown(found),
            1 => matching.into_iter().next().map_or(Detected::None, Detected::One),
            _ => Detected::Several(matching),
        };
    }
    match found.len() {
        0 => Detected::None,
        1 => found.pop().map_or(Detected::None, Detected::One),
        _ => Detected::Several(found),
    }
}

fn gateways_of(release: &str, deployments: &[&Value]) -> Vec<Gateway> {
    let gateway = |deployment: &Value, layout| Gateway {
        deployment: name(deployment).to_owned(),
        release: release.to_owned(),
        layout,
    };
    if let Some(split) = deployments.iter().find(|deployment| is_split(deployment)) {
        return vec![gateway(split, Layout::Split)];
    }
    deployments.iter().filter_map(|deployment| Some(gateway(deployment, layout(deployment)?))).collect()
}

/// The layout of one Deployment that serves agents.
pub(super) fn layout_of(deployment: &Value) -> Layout {
    if is_split(deployment) { Layout::Split } else { layout(deployment).unwrap_or(Layout::Legacy) }
}

fn is_split(deployment: &Value) -> bool {
    containers(deployment).any(|container| SPLIT_CONTAINERS.iter().any(|name| is_named(container, name)))
}

/// The layout of one Deployment; `None` when it does not serve agents (the mesh half).
fn layout(deployment: &Value) -> Option<Layout> {
    let mode = environment(deployment, "ASYA_GATEWAY_MODE");
    let serves_agents = label(deployment, COMPONENT_LABEL) == Some("api") || matches!(mode, Some("api" | "testing"));
    let volume = flows_volume(deployment).map(|(_, volume)| volume);
    let has = |key: &str| volume.and_then(|volume| volume.get(key)).is_some_and(|value| !value.is_null());
    match serves_agents {
        true if has("projected") => Some(Layout::Projected),
        true if has("configMap") => Some(Layout::OneConfigMap),
        true => Some(Layout::Legacy),
        // Before there were two halves, the one Deployment had neither label nor mode.
        false if mode.is_none() && environment(deployment, "ASYA_CONFIG_PATH").is_some() => Some(Layout::Legacy),
        false => None,
    }
}

/// The volume of flow entries with its index.
pub(super) fn flows_volume(deployment: &Value) -> Option<(usize, &Value)> {
    let volumes = deployment.pointer("/spec/template/spec/volumes")?.as_array()?;
    volumes.iter().enumerate().find(|(_, volume)| volume.get("name").and_then(Value::as_str) == Some(FLOWS_VOLUME))
}

pub(super) fn containers(deployment: &Value) -> impl Iterator<Item = &Value> {
    deployment.pointer("/spec/template/spec/containers").and_then(Value::as_array).into_iter().flatten()
}

fn environment<'a>(deployment: &'a Value, variable: &str) -> Option<&'a str> {
    let variables = containers(deployment).filter_map(|container| container.get("env")?.as_array()).flatten();
    let mut values = variables
        .filter(|entry| entry.get("name").and_then(Value::as_str) == Some(variable))
        .filter_map(|entry| entry.get("value")?.as_str());
    values.next().filter(|value| !value.is_empty())
}

/// The ConfigMap that an adapter of a split gateway reads; `None` when it has no such adapter.
pub(super) fn adapter_config_map<'a>(deployment: &'a Value, adapter: (&str, &str)) -> Option<&'a str> {
    containers(deployment).find(|container| is_named(container, adapter.0))?;
    let volumes = deployment.pointer("/spec/template/spec/volumes")?.as_array()?;
    volumes.iter().find(|volume| is_named(volume, adapter.1))?.pointer("/configMap/name")?.as_str()
}

/// Whether the container with the flow files mounts only one file of the volume, which is never
/// refreshed.
pub(super) fn mounts_one_file(deployment: &Value) -> bool {
    let mounts = containers(deployment).filter_map(|container| container.get("volumeMounts")?.as_array()).flatten();
    let mut of_flows = mounts.filter(|mount| is_named(mount, FLOWS_VOLUME));
    of_flows.any(|mount| mount.get("subPath").and_then(Value::as_str).is_some_and(|path| !path.is_empty()))
}

fn is_named(object: &Value, name: &str) -> bool {
    object.get("name").and_then(Value::as_str) == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment(name: &str, release: &str, component: &str, pod: Value) -> Value {
        json!({
            "metadata": {"name": name, "labels": {
                NAME_LABEL: "asya-gateway", INSTANCE_LABEL: release, COMPONENT_LABEL: component,
            }},
            "spec": {"template": {"spec": pod}},
        })
    }

    fn api(release: &str, volume: Value) -> Value {
        let container = json!({"name": "gateway", "env": [{"name": "ASYA_NAMESPACE", "value": "sys"}]});
        deployment(&format!("{release}-api"), release, "api", json!({"containers": [container], "volumes": [volume]}))
    }

    fn mesh(release: &str) -> Value {
        deployment(&format!("{release}-mesh"), release, "mesh", json!({"containers": [{"name": "gateway"}]}))
    }

    fn projected() -> Value {
        json!({"name": "gateway-flows", "projected": {"sources": []}})
    }

    fn one(deployments: &[Value]) -> (String, Layout) {
        match detect(deployments, None) {
            Detected::One(gateway) => (gateway.deployment, gateway.layout),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_generation_is_told_from_its_deployments() {
        let plain = json!({"name": "gateway-flows", "configMap": {"name": "gw-flows"}});
        assert_eq!(one(&[api("gw", projected()), mesh("gw")]), ("gw-api".to_owned(), Layout::Projected));
        assert_eq!(one(&[mesh("gw"), api("gw", plain)]), ("gw-api".to_owned(), Layout::OneConfigMap));
        let adapters = json!({"containers": [{"name": "state-proxy"}, {"name": "mcp-adapter"}]});
        assert_eq!(one(&[deployment("gw", "gw", "", adapters)]), ("gw".to_owned(), Layout::Split));
        let old =
            json!({"containers": [{"name": "gateway", "env": [{"name": "ASYA_CONFIG_PATH", "value": "/etc/a"}]}]});
        assert_eq!(one(&[deployment("gw", "gw", "", old)]), ("gw".to_owned(), Layout::Legacy));
        assert_eq!(one(&[api("gw", json!({"name": "gateway-flows", "emptyDir": {}}))]).1, Layout::Legacy);
        assert_eq!(detect(&[mesh("gw")], None), Detected::None);
    }

    #[test]
    fn the_mode_stands_for_a_missing_label() {
        let env = json!([{"name": "ASYA_GATEWAY_MODE", "value": "testing"}]);
        let pod = json!({"containers": [{"name": "gateway", "env": env}], "volumes": [projected()]});
        let bare = json!({"metadata": {"name": "handmade"}, "spec": {"template": {"spec": pod}}});
        assert_eq!(one(&[bare]), ("handmade".to_owned(), Layout::Projected));
    }

    #[test]
    fn several_gateways_are_never_guessed_between() {
        let all = [api("a", projected()), mesh("a"), api("b", projected())];
        assert!(matches!(detect(&all, None), Detected::Several(found) if found.len() == 2));
        assert!(matches!(detect(&all, Some("b")), Detected::One(found) if found.deployment == "b-api"));
        assert!(matches!(detect(&all, Some("a-api")), Detected::One(found) if found.release == "a"));
        assert!(matches!(detect(&all, Some("c")), Detected::Unknown(found) if found.len() == 2));
    }

    #[test]
    fn the_image_stands_for_missing_labels() {
        let with = |image: &str| json!({"spec": {"template": {"spec": {"containers": [{"image": image}]}}}});
        assert!(runs_gateway_image(&with("ghcr.io/x/asya-gateway:1.2")));
        assert!(runs_gateway_image(&with("localhost:5000/asya-gateway@sha256:ab")));
        assert!(!runs_gateway_image(&with("ghcr.io/asya-gateway/sidecar:1")));
    }
}
