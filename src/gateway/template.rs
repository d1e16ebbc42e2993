//! The guarded change of a gateway's pod template: the sources of its volume of flows, and a
//! checksum of the tools.
//!
//! The list of sources is one value to the API server: whoever writes it writes all of it, so the
//! patch holds only while everything it is based on is as it was read.
//!
//! The checksum restarts the gateway when a tool changes, as tools are read once when the process
//! starts. It is a function of what is registered: the state that was before a flow came is the
//! state after it has gone, down to the pod template.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::detect::FLOWS_VOLUME;
use super::entry::annotation;
use super::loader::{self, Flow, Format};
use super::mount::{Contents, Mount, config_map, source_of};

/// Annotation of the pod template: checksum of the registered tools.
const TOOLS: &str = "asya.sh/tools";

/// Annotation of the Deployment: the volume as it was before it was made a projected one.
const PLAIN_VOLUME: &str = "asya.sh/plain-flows-volume";

/// What shall become of the sources.
#[derive(Debug, Clone, Default)]
pub(super) struct Edit {
    /// ConfigMaps to mount.
    pub(super) add: Vec<String>,
    /// ConfigMaps to mount no longer.
    pub(super) remove: Vec<String>,
    /// Make a plain volume a projected one.
    pub(super) convert: bool,
}

/// A change of a Deployment.
#[derive(Debug)]
pub(super) struct Change {
    /// The guarded patch.
    pub(super) patch: json_patch::Patch,
    /// Whether sources change, not only the checksum.
    pub(super) sources: bool,
}

/// The change that makes the Deployment as it should be; `None` when it is. `contents` are the
/// ConfigMaps as they are by the time the patch is sent.
pub(super) fn change(deployment: &Value, mount: &Mount, contents: &Contents, edit: &Edit) -> Option<Change> {
    let mut steps = Vec::new();
    let sources = after(&mount.sources, edit);
    let volume = format!("/spec/template/spec/volumes/{}", mount.index);
    let plain = annotation(deployment, PLAIN_VOLUME).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let was_plain = plain.filter(|plain| {
        let original = Mount::of(&with_volume(plain.clone())).map(|mount| mount.sources);
        mount.projected && !edit.remove.is_empty() && original.as_ref() == Some(&sources)
    });
    if let Some(plain) = was_plain {
        steps.push(json!({"op": "replace", "path": volume, "value": plain}));
        steps.push(json!({"op": "remove", "path": format!("/metadata/annotations/{}", escaped(PLAIN_VOLUME))}));
    } else if !mount.projected && edit.convert {
        let mut projected = json!({"sources": sources});
        if let (Some(mode), Some(fields)) = (mount.volume.pointer("/configMap/defaultMode"), projected.as_object_mut())
        {
            fields.insert("defaultMode".to_owned(), mode.clone());
        }
        let value = json!({"name": FLOWS_VOLUME, "projected": projected});
        steps.push(json!({"op": "replace", "path": volume, "value": value}));
        steps.extend(annotated(deployment, "", PLAIN_VOLUME, &mount.volume.to_string()));
    } else if sources != mount.sources {
        let list = format!("{volume}/projected/sources");
        // A volume may have no list yet.
        steps.push(json!({"op": "add", "path": list, "value": sources}));
    }
    let changes_sources = !steps.is_empty();
    let template = deployment.pointer("/spec/template").unwrap_or(&Value::Null);
    match (annotation(template, TOOLS), checksum(contents, &sources)) {
        (Some(before), Some(now)) if before == now => {}
        (None, None) => {}
        (_, Some(now)) => steps.extend(annotated(template, "/spec/template", TOOLS, &now)),
        (Some(_), None) => steps
            .push(json!({"op": "remove", "path": format!("/spec/template/metadata/annotations/{}", escaped(TOOLS))})),
    }
    if steps.is_empty() {
        return None;
    }
    let mut patch = vec![json!({"op": "test", "path": volume, "value": mount.volume})];
    if let Some(metadata) = template.get("metadata") {
        patch.push(json!({"op": "test", "path": "/spec/template/metadata", "value": metadata}));
    }
    patch.extend(steps);
    let patch = serde_json::from_value(Value::Array(patch)).ok()?;
    Some(Change { patch, sources: changes_sources })
}

/// Whether pods of a Deployment have read tools of flows registered here.
pub(super) fn has_checksum(deployment: &Value) -> bool {
    deployment.pointer("/spec/template").is_some_and(|template| annotation(template, TOOLS).is_some())
}

/// Whether a pod was made of the pod template as it is now, as far as flows matter.
pub(super) fn is_current(pod: &Value, deployment: &Value) -> bool {
    let template = deployment.pointer("/spec/template").unwrap_or(&Value::Null);
    let volume = |spec: Option<&Value>| {
        let volumes = spec?.get("volumes")?.as_array()?;
        volumes.iter().find(|volume| volume.get("name").and_then(Value::as_str) == Some(FLOWS_VOLUME)).cloned()
    };
    annotation(pod, TOOLS) == annotation(template, TOOLS) && volume(pod.get("spec")) == volume(template.get("spec"))
}

fn after(sources: &[Value], edit: &Edit) -> Vec<Value> {
    let gone = |source: &&Value| config_map(source).is_some_and(|name| edit.remove.iter().any(|gone| gone == name));
    let mut after: Vec<Value> = sources.iter().filter(|source| !gone(source)).cloned().collect();
    for name in &edit.add {
        if !after.iter().any(|source| config_map(source) == Some(name.as_str())) {
            after.push(source_of(name));
        }
    }
    after
}

/// A checksum of the tools of all registered flows; `None` when there are none.
fn checksum(contents: &Contents, sources: &[Value]) -> Option<String> {
    let files = contents.files(sources).into_iter().filter(|file| file.registered);
    let mut tools: Vec<String> = files
        .flat_map(|file| loader::load(Format::Flows, &file.text).unwrap_or_default())
        .filter_map(|flow| Some(Flow::tool(&flow)?.to_string()))
        .collect();
    if tools.is_empty() {
        return None;
    }
    // The order of sources is the order in which flows came.
    tools.sort();
    let digest = Sha256::digest(tools.join("\n").as_bytes());
    Some(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// Steps that set an annotation of `object`, whose path is `at`.
fn annotated(object: &Value, at: &str, key: &str, value: &str) -> Vec<Value> {
    let annotations = format!("{at}/metadata/annotations");
    let mut steps = Vec::new();
    if object.pointer("/metadata/annotations").is_none_or(Value::is_null) {
        steps.push(json!({"op": "add", "path": annotations, "value": {}}));
    }
    steps.push(json!({"op": "add", "path": format!("{annotations}/{}", escaped(key)), "value": value}));
    steps
}

/// A key as one segment of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn with_volume(volume: Value) -> Value {
    json!({"spec": {"template": {"spec": {"volumes": [volume]}}}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(volume: Value) -> Value {
        let template = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"volumes": [{"name": "tmp"}, volume]}});
        json!({"metadata": {"name": "gw"}, "spec": {"template": template}})
    }

    fn projected(names: &[&str]) -> Value {
        let sources: Vec<Value> = names.iter().map(|name| source_of(name)).collect();
        json!({"name": FLOWS_VOLUME, "projected": {"sources": sources, "defaultMode": 420}})
    }

    fn entries(flows: &[&str]) -> Contents {
        let mut contents = Contents::default();
        for flow in flows {
            let text = format!("flows: [{{name: {flow}, entrypoint: e, mcp: {{}}}}]");
            contents.put(
                flow,
                json!({
                    "metadata": {
                        "name": flow, "labels": {"asya.sh/flow": flow, "asya.sh/config-type": "flows"},
                        "managedFields": [{
                            "manager": format!("asya-flow-{flow}"), "operation": "Apply", "fieldsV1": {},
                        }],
                    },
                    "data": {format!("{flow}.yaml"): text},
                }),
            );
        }
        contents
    }

    fn edited(deployment: &Value, contents: &Contents, add: &[&str], remove: &[&str]) -> Option<Value> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mount = Mount::of(deployment).unwrap();
        let edit = Edit { add: owned(add), remove: owned(remove), convert: !add.is_empty() };
        let patch = change(deployment, &mount, contents, &edit)?.patch;
        let mut after = deployment.clone();
        json_patch::patch(&mut after, &patch).unwrap();
        // The API server leaves out what is empty.
        for at in ["/metadata", "/spec/template/metadata"] {
            let metadata = after.pointer_mut(at).unwrap().as_object_mut().unwrap();
            if metadata.get("annotations").is_some_and(|all| all.as_object().unwrap().is_empty()) {
                metadata.shift_remove("annotations");
            }
        }
        Some(after)
    }

    fn names(deployment: &Value) -> Vec<String> {
        Mount::of(deployment).unwrap().config_maps().map(str::to_owned).collect()
    }

    #[test]
    fn what_was_before_a_flow_came_is_there_after_it_has_gone() {
        let plain = json!({"name": FLOWS_VOLUME, "configMap": {"name": "helm", "optional": true, "defaultMode": 420}});
        for volume in [projected(&["helm"]), plain] {
            let none = deployment(volume);
            let contents = entries(&["a", "ab"]);
            let one = edited(&none, &contents, &["a"], &[]).unwrap();
            assert_eq!(names(&one), ["helm", "a"]);
            assert_eq!(edited(&one, &contents, &["a"], &[]), None);
            let two = edited(&one, &contents, &["ab"], &[]).unwrap();
            assert_eq!(names(&two), ["helm", "a", "ab"]);
            assert_eq!(edited(&two, &contents, &[], &["ab"]).unwrap(), one);
            let other = edited(&two, &contents, &[], &["a"]).unwrap();
            assert_eq!(names(&other), ["helm", "ab"]);
            assert_eq!(edited(&other, &contents, &[], &["ab"]).unwrap(), none);
            assert_eq!(edited(&none, &contents, &[], &["ab"]), None);
        }
    }

    #[test]
    fn a_changed_tool_changes_the_template_and_a_foreign_one_does_not() {
        let contents = entries(&["a"]);
        let before = edited(&deployment(projected(&["helm"])), &contents, &["a"], &[]).unwrap();
        let mut changed = contents.clone();
        let mut entry = contents.get("a").unwrap().clone();
        entry["data"]["a.yaml"] = json!("flows: [{name: a, entrypoint: e, description: new, mcp: {}}]");
        changed.put("a", entry.clone());
        let after = edited(&before, &changed, &["a"], &[]).unwrap();
        assert_eq!(names(&after), names(&before));
        assert_ne!(after, before);
        entry["data"]["a.yaml"] = json!("flows: [{name: a, entrypoint: e, description: new, mcp: {}, a2a: {}}]");
        changed.put("a", entry);
        assert_eq!(edited(&after, &changed, &["a"], &[]), None);
        changed.put(
            "helm",
            json!({"metadata": {"name": "helm"}, "data": {"x.yaml": "flows: [{name: z, entrypoint: e, mcp: {}}]"}}),
        );
        assert_eq!(edited(&after, &changed, &["a"], &[]), None);
    }

    #[test]
    fn the_patch_fails_when_something_it_is_based_on_has_changed() {
        let contents = entries(&["a"]);
        let read = deployment(projected(&["helm"]));
        let mount = Mount::of(&read).unwrap();
        let edit = Edit { add: vec!["a".to_owned()], ..Edit::default() };
        let patch = change(&read, &mount, &contents, &edit).unwrap().patch;
        let mut restarted = read.clone();
        restarted["spec"]["template"]["metadata"]["annotations"] = json!({"asya.sh/tools": "1"});
        for mut changed in [deployment(projected(&["helm", "foreign"])), restarted] {
            let before = changed.clone();
            assert!(json_patch::patch(&mut changed, &patch).is_err());
            assert_eq!(changed, before);
        }
    }
}
