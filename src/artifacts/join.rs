//! The actor that joins parallel calls: the platform's aggregator with a store to keep what has
//! arrived (`docs/platform/protocol.md`, "Joins").

use serde_json::{Map, Value, json};

use super::actor::Owner;
use super::inputs::StateProxy;
use super::tree::Warning;
use crate::error::Result;
use crate::names::ActorName;

/// The built-in template, for projects that have none.
pub(super) const TEMPLATE: &str = include_str!("../../templates/join.yaml");
/// The image when `templates.join_image` does not say.
pub(super) const IMAGE: &str = "ghcr.io/deliveryhero/asya-crew";

/// Where the aggregator keeps its files; it cannot be told another place.
const DIRECTORY: &str = "/state/checkpoints";
const NAME: &str = "checkpoints";
const PREFIX: &str = "STATE_PREFIX";

/// Whether something is mounted where the aggregator keeps its files.
pub(super) fn has_store(spec: &Map<String, Value>) -> bool {
    let proxies = spec.get("stateProxy").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    proxies.iter().any(|proxy| proxy.pointer("/mount/path").is_some_and(|path| path == DIRECTORY))
}

/// Mounts the configured store, unless the template has one.
pub(super) fn mount(
    owner: &Owner<'_>,
    spec: &mut Map<String, Value>,
    name: &ActorName,
    from: &StateProxy,
) -> Result<()> {
    if has_store(spec) {
        return Ok(());
    }
    let proxies = owner.list(spec, "stateProxy")?;
    if proxies.iter().any(|proxy| proxy.get("name").is_some_and(|other| other == NAME)) {
        return Err(owner
            .wrong(format!("it has a state proxy `{NAME}`, the name of the one for `{DIRECTORY}`"))
            .hint("give the template's state proxy another name"));
    }
    let mut env: Vec<Value> = from
        .env
        .iter()
        .filter(|(key, _)| key != PREFIX)
        .map(|(key, value)| json!({"name": key, "value": value}))
        .collect();
    // Joins keep files by message alone: two joins of one message must not share a directory.
    let outer = from.env.iter().find(|(key, _)| key == PREFIX).map(|(_, value)| value.trim_end_matches('/'));
    let prefix = outer.map_or_else(|| format!("{name}/"), |outer| format!("{outer}/{name}/"));
    env.push(json!({"name": PREFIX, "value": prefix}));
    proxies.push(json!({
        "name": NAME,
        "mount": {"path": DIRECTORY},
        "writeMode": "buffered",
        "connector": {"image": from.image, "env": env},
    }));
    Ok(())
}

/// What is said when nothing is mounted there.
pub(super) fn no_store(name: &ActorName) -> Warning {
    Warning {
        message: format!(
            "`{name}` joins parallel calls and has no store: on a cluster it cannot keep what has arrived"
        ),
        hint: "add to `.asya/config.yaml`:\n  compiler:\n    join:\n      state_proxy:\n        image: \
               ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:<tag>\n        env:\n          STATE_BUCKET: \
               <bucket>"
            .to_owned(),
    }
}
