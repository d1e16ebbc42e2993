//! The guarded patch of the projected volume. Its list of sources is one value to the API server:
//! whoever writes it writes all of it, so the patch holds only while the list is as it was read.

use serde_json::{Value, json};

use super::detect::FLOWS_VOLUME;
use super::sources::{config_map, source_of};

/// A JSON patch that appends the ConfigMaps `add` and takes out `remove`; `None` when the sources
/// are already like that.
pub(super) fn sources_patch(
    volume: usize,
    sources: &[Value],
    add: &[String],
    remove: &[String],
) -> Option<json_patch::Patch> {
    let at = format!("/spec/template/spec/volumes/{volume}");
    let list = format!("{at}/projected/sources");
    let listed = |name: &String| sources.iter().any(|source| config_map(source) == Some(name.as_str()));
    let mut changes = Vec::new();
    // From the end, so that the indexes before stay right.
    for (index, source) in sources.iter().enumerate().rev() {
        if config_map(source).is_some_and(|name| remove.iter().any(|gone| gone == name)) {
            changes.push(json!({"op": "remove", "path": format!("{list}/{index}")}));
        }
    }
    for name in add.iter().filter(|name| !listed(name)) {
        changes.push(json!({"op": "add", "path": format!("{list}/-"), "value": source_of(name)}));
    }
    if changes.is_empty() {
        return None;
    }
    let mut patch = vec![
        json!({"op": "test", "path": format!("{at}/name"), "value": FLOWS_VOLUME}),
        json!({"op": "test", "path": list, "value": sources}),
    ];
    patch.extend(changes);
    serde_json::from_value(Value::Array(patch)).ok()
}

/// A merge patch that replaces the pods of a Deployment, as `kubectl rollout restart` does.
pub(super) fn restart_patch(now: &str) -> Value {
    json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(names: &[&str]) -> Value {
        let sources: Vec<Value> = names.iter().map(|name| source_of(name)).collect();
        let volumes = json!([{"name": "tmp"}, {"name": FLOWS_VOLUME, "projected": {"sources": sources}}]);
        json!({"spec": {"template": {"spec": {"volumes": volumes}}}})
    }

    fn patched(before: &[&str], add: &[&str], remove: &[&str]) -> Option<Value> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut deployment = deployment(before);
        let (volume, sources) = super::super::sources::projected(&deployment).unwrap();
        let patch = sources_patch(volume, &sources, &owned(add), &owned(remove))?;
        json_patch::patch(&mut deployment, &patch).unwrap();
        Some(deployment)
    }

    #[test]
    fn sources_are_appended_once_and_taken_out_by_exact_name() {
        assert_eq!(patched(&["helm"], &["a"], &[]), Some(deployment(&["helm", "a"])));
        assert_eq!(patched(&["helm", "a"], &["a"], &[]), None);
        assert_eq!(patched(&["helm", "ab"], &["a"], &[]), Some(deployment(&["helm", "ab", "a"])));
        assert_eq!(patched(&["helm", "a", "b", "a"], &[], &["a"]), Some(deployment(&["helm", "b"])));
        assert_eq!(patched(&["helm"], &[], &["a"]), None);
    }

    #[test]
    fn the_patch_fails_when_the_list_has_changed() {
        let (volume, sources) = super::super::sources::projected(&deployment(&["helm"])).unwrap();
        let patch = sources_patch(volume, &sources, &["a".to_owned()], &[]).unwrap();
        let mut changed = deployment(&["helm", "foreign"]);
        assert!(json_patch::patch(&mut changed, &patch).is_err());
        assert_eq!(changed, deployment(&["helm", "foreign"]));
    }
}
