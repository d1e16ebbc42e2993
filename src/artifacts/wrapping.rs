//! The call wrapper in manifests: its ConfigMap, and what an actor behind it gets
//! (`docs/platform/names.md`, "The call wrapper").

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::actor::{File, LABEL_GENERATED, LABEL_MANAGED_BY, Owner};
use crate::error::Result;
use crate::names::{WRAPPER_HANDLER, WRAPPER_RESILIENCY, WRAPPER_TARGET, WRAPPER_VOLUME};
use crate::program::{Text, WRAPPER_CODE, wrapper_fingerprint};

/// The wrapper's file.
pub(super) const FILE: File =
    File { volume: WRAPPER_VOLUME, path: "/opt/asya/asya_call.py", key: "asya_call.py", what: "the call wrapper" };

/// What of `spec.resiliency` decides about retries, in every generation.
const RETRIES: [&str; 4] = ["policies", "rules", "retry", "nonRetryableErrors"];

/// The wrapper and the ConfigMap with it. All flows have the same: it bears no flow's label.
pub(super) fn texts() -> (Text, Text) {
    static TEXTS: LazyLock<(Text, Text)> = LazyLock::new(|| {
        let labels = json!({LABEL_GENERATED: "true", LABEL_MANAGED_BY: "asya"});
        (WRAPPER_CODE.into(), FILE.config_map(&config_map_name(), labels, WRAPPER_CODE).into())
    });
    TEXTS.clone()
}

/// Named after its content: a new name rolls the pods, an unchanged one does not.
pub(super) fn config_map_name() -> String {
    let hash: String = wrapper_fingerprint().chars().take(10).collect();
    format!("asya-call-{hash}")
}

/// Puts the wrapper in front of `handler`. `requeues`: whether the message queue can deliver a
/// failed message again; where it cannot, the wrapper must not wait for another attempt.
pub(super) fn wrap(owner: &Owner<'_>, spec: &mut Map<String, Value>, handler: &str, requeues: bool) -> Result<()> {
    let retries = retries(spec).filter(|_| requeues);
    let env = owner.list(spec, "env")?;
    let named = |entry: &Value, names: &[&str]| entry["name"].as_str().is_some_and(|name| names.contains(&name));
    if env.iter().any(|entry| named(entry, &[WRAPPER_TARGET, WRAPPER_RESILIENCY])) {
        return Err(owner
            .wrong(format!(
                "it sets `{WRAPPER_TARGET}` or `{WRAPPER_RESILIENCY}`, which tell the call wrapper its work"
            ))
            .hint("leave them out of the template"));
    }
    env.push(json!({"name": WRAPPER_TARGET, "value": handler}));
    if let Some(retries) = retries {
        env.push(json!({"name": WRAPPER_RESILIENCY, "value": Value::Object(retries).to_string()}));
    }
    owner.mount(spec, &FILE, &config_map_name())
}

/// What the wrapper of a rendered actor has to be told about retries, as the value of
/// [`WRAPPER_RESILIENCY`]: `None` when the actor is not behind the wrapper, `Some(None)` when there is
/// nothing to tell. `requeues` as for [`wrap`].
pub fn told_retries(actor: &Value, requeues: bool) -> Option<Option<Value>> {
    let spec = actor.get("spec")?.as_object()?;
    let is_wrapped = spec.get("handler").is_some_and(|handler| handler == WRAPPER_HANDLER);
    is_wrapped.then(|| {
        let mut told = retries(spec).filter(|_| requeues).map(Value::Object);
        // The same text whatever the order in which it was patched.
        told.iter_mut().for_each(Value::sort_all_objects);
        told
    })
}

/// What `spec` says about retries; `None` when nothing.
fn retries(spec: &Map<String, Value>) -> Option<Map<String, Value>> {
    let all = spec.get("resiliency")?.as_object()?;
    let found: Map<String, Value> =
        RETRIES.iter().filter_map(|key| Some(((*key).to_owned(), all.get(*key)?.clone()))).collect();
    (!found.is_empty()).then_some(found)
}
