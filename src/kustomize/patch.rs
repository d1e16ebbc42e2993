//! Applies patches, strategic merge and JSON 6902.

use std::collections::HashMap;

use json_patch::PatchOperation;
use serde_json::Value;

use super::convert::Written;
use super::error::{Fault, RenderError};
use super::kustomization::Patch;
use super::merge::merge;
use super::node::{Kind, Node};
use super::resource::Resource;
use super::select::Selector;
use crate::source::{Source, Span};
use crate::yaml::Dialect;

/// A patch that was read.
pub(super) enum Body {
    /// Objects to merge in, one or more.
    Merge(Vec<Resource>),
    /// Operations, and where they stand.
    Json(json_patch::Patch, Source, Span),
}

/// Where a patch is listed.
pub(super) struct Place<'a> {
    pub(super) source: &'a Source,
    pub(super) span: Span,
}

impl Body {
    /// Reads the documents of a patch: a list is JSON 6902, objects are strategic merges.
    pub(super) fn read(source: &Source, documents: Vec<Node>) -> Result<Self, RenderError> {
        match documents.first() {
            None => Err(Fault::new(Span::new(0, 0), "the patch is empty").of(source)),
            Some(Node { kind: Kind::List(_), span }) => {
                let span = *span;
                let Some(node) = documents.first() else { return Ok(Self::Merge(Vec::new())) };
                let text = source.text().trim_start();
                let value = if text.starts_with('[') {
                    // kustomize reads a patch that starts like this as JSON, not as YAML.
                    serde_json::from_str(text).map_err(|error| {
                        Fault::new(span, format!("this is not JSON: {error}"))
                            .help("quote keys and strings, or start each operation with `- `")
                            .of(source)
                    })?
                } else {
                    node.json(Dialect::V2).map_err(|reason| Fault::new(span, reason).of(source))?
                };
                let patch = serde_json::from_value(value).map_err(|error| {
                    Fault::new(span, format!("this is not a JSON patch: {error}"))
                        .help("each operation has `op`, `path` and, for most, `value`")
                        .of(source)
                })?;
                Ok(Self::Json(patch, source.clone(), span))
            }
            Some(_) => super::build::objects(source, documents).map(Self::Merge),
        }
    }
}

/// Applies one entry of `patches` (or of the two older fields).
pub(super) fn apply(
    resources: &mut Vec<Resource>,
    patch: &Patch,
    body: Body,
    place: &Place<'_>,
) -> Result<(), RenderError> {
    let selector = match &patch.target {
        Some(target) => Some(Selector::new(target).map_err(|reason| Fault::new(target.span, reason).of(place.source))?),
        None => None,
    };
    match (body, selector) {
        (Body::Json(..), None) => Err(Fault::new(place.span, "a JSON patch needs a `target`")
            .help("add `target: {kind: …, name: …}`")
            .of(place.source)),
        (Body::Json(operations, source, span), Some(selector)) => {
            for resource in resources.iter_mut().filter(|resource| selector.matches(resource)) {
                apply_json(resource, &operations).map_err(|reason| {
                    let id = resource.id();
                    Fault::new(span, format!("the patch does not fit {id}: {reason}")).of(&source)
                })?;
            }
            check_objects(resources)?;
            Ok(())
        }
        (Body::Merge(mut patches), selector) => {
            for one in &mut patches {
                if patch.allow_name_change {
                    one.allow_name_change();
                }
                if patch.allow_kind_change {
                    one.allow_kind_change();
                }
            }
            match selector {
                Some(selector) => {
                    let [one] = patches.as_slice() else {
                        return Err(Fault::new(place.span, "a patch with a `target` must be a single object")
                            .help("split the patch, one entry each")
                            .of(place.source));
                    };
                    apply_to_selected(resources, one, |resource| selector.matches(resource))
                }
                None => patches.iter().try_for_each(|one| apply_by_name(resources, one, place)),
            }
        }
    }
}

/// Applies a patch to the one object that has its name.
fn apply_by_name(resources: &mut Vec<Resource>, patch: &Resource, place: &Place<'_>) -> Result<(), RenderError> {
    let index = named(resources, patch, place)?;
    let Some(resource) = resources.get_mut(index) else { return Ok(()) };
    if !apply_merge(resource, patch)? {
        resources.remove(index);
    }
    Ok(())
}

/// Applies an entry of `patchesStrategicMerge`: the object is found by its name, then patched as if
/// a `target` had picked it.
pub(super) fn apply_listed(
    resources: &mut Vec<Resource>,
    patch: &Resource,
    place: &Place<'_>,
) -> Result<(), RenderError> {
    let index = named(resources, patch, place)?;
    let Some(id) = resources.get(index).map(Resource::id) else { return Ok(()) };
    apply_to_selected(resources, patch, |resource| resource.id().same_as(&id))
}

/// The index of the one object that is or was called what the patch is called.
fn named(resources: &[Resource], patch: &Resource, place: &Place<'_>) -> Result<usize, RenderError> {
    let id = patch.original_id();
    let matching: Vec<usize> =
        resources.iter().enumerate().filter(|(_, resource)| resource.was_called(&id)).map(|(at, _)| at).collect();
    if let [index] = matching.as_slice() {
        return Ok(*index);
    }
    let problem = if matching.is_empty() { "no object is" } else { "more than one object is" };
    let names: Vec<String> = resources.iter().map(|resource| resource.id().to_string()).collect();
    let wanted = id.to_string();
    let near = crate::names::near_matches(&wanted, names.iter().map(String::as_str));
    let help = match near.first() {
        Some(near) if matching.is_empty() && **near != wanted => format!("there is {near}"),
        Some(_) if matching.is_empty() => "check apiVersion and namespace of the patch".to_owned(),
        _ => "give the patch a `target`".to_owned(),
    };
    let label = if matching.is_empty() { "this patch matches nothing" } else { "this patch matches several" };
    Err(Fault::new(patch.span, format!("{problem} called {id} ({})", patch.api_version()))
        .label(label)
        .help(help)
        .also(place.source, place.span, "the patch is listed here")
        .of(&patch.source))
}

/// Applies a patch to all objects that `wanted` picks, under their own name and kind.
fn apply_to_selected(
    resources: &mut Vec<Resource>,
    patch: &Resource,
    wanted: impl Fn(&Resource) -> bool,
) -> Result<(), RenderError> {
    let mut deleted = Vec::new();
    for (index, resource) in resources.iter_mut().enumerate() {
        if !wanted(resource) {
            continue;
        }
        let mut copy = patch.clone();
        copy.take_metadata_of(patch);
        let (api_version, kind) = (resource.api_version().to_owned(), patch.kind().to_owned());
        copy.set_api_version(&api_version);
        copy.set_kind(&kind);
        // kustomize forgets what a patch in a `target` may change unless it is noted again.
        if !apply_merge(resource, &copy)? {
            deleted.push(index);
        }
    }
    for index in deleted.into_iter().rev() {
        resources.remove(index);
    }
    check_objects(resources)
}

/// Merges `patch` in; answers false when it deletes the object.
fn apply_merge(resource: &mut Resource, patch: &Resource) -> Result<bool, RenderError> {
    let (name, namespace, kind) =
        (resource.name().to_owned(), resource.namespace().to_owned(), resource.kind().to_owned());
    let (name_free, kind_free) = (patch.name_change_allowed(), patch.kind_change_allowed());
    if name_free || kind_free {
        resource.store_id();
    }
    let id = resource.id();
    let (merged, shared) = merge(resource.node.clone(), patch.node.clone())
        .map_err(|reason| Fault::new(patch.span, format!("the patch does not fit {id}: {reason}")).of(&patch.source))?;
    let Some(merged) = merged.filter(|node| !node.is_empty()) else { return Ok(false) };
    // kustomize drops the result when the directive stands at the top.
    let replaced = patch.node.get("$patch").is_some_and(|directive| directive.text() == "replace");
    if !replaced {
        resource.node = merged;
        shared.iter().for_each(|value| resource.node.share(value));
    }
    if !kind_free {
        resource.set_kind(&kind);
    }
    if !name_free {
        resource.set_name(&name);
    }
    resource.set_namespace(&namespace);
    Ok(true)
}

fn apply_json(resource: &mut Resource, operations: &json_patch::Patch) -> Result<(), String> {
    resource.store_id();
    let notes = resource.notes();
    let mut value = resource.node.to_json()?;
    for operation in &operations.0 {
        apply_operation(&mut value, operation)?;
    }
    if !value.is_object() {
        return Err("nothing is left of the object".to_owned());
    }
    resource.node = Node::from_json(&value, Written::AsYaml);
    let mut annotations = resource.annotations();
    annotations.extend(notes);
    resource.set_annotations(&annotations);
    Ok(())
}

/// One operation, with kustomize's leniency: `replace` also sets a field that is not there yet,
/// `copy` of one copies null, and `test` takes one for null.
fn apply_operation(value: &mut Value, operation: &PatchOperation) -> Result<(), String> {
    let is_missing_field = |path: &json_patch::jsonptr::PointerBuf, value: &Value| {
        let parent = path.parent().and_then(|parent| parent.resolve(value).ok());
        parent.is_some_and(Value::is_object) && path.resolve(value).is_err()
    };
    let lenient = match operation {
        PatchOperation::Replace(replace) if is_missing_field(&replace.path, value) => {
            PatchOperation::Add(json_patch::AddOperation { path: replace.path.clone(), value: replace.value.clone() })
        }
        PatchOperation::Copy(copy) if is_missing_field(&copy.from, value) => {
            PatchOperation::Add(json_patch::AddOperation { path: copy.path.clone(), value: Value::Null })
        }
        PatchOperation::Test(test) if test.value.is_null() && is_missing_field(&test.path, value) => return Ok(()),
        other => other.clone(),
    };
    json_patch::patch(value, &[lenient]).map_err(|error| {
        // The number of the operation is always 0 here; the rest says what is wrong.
        let text = error.to_string();
        text.strip_prefix("operation '/0' ").unwrap_or(&text).to_owned()
    })
}

/// Refuses two objects with one name.
pub(super) fn check_objects(resources: &[Resource]) -> Result<(), RenderError> {
    let mut seen = HashMap::with_capacity(resources.len());
    for resource in resources {
        if let Some(other) = seen.insert(resource.id().key(), resource) {
            return Err(duplicate(other, resource));
        }
    }
    Ok(())
}

/// Two objects with one name.
pub(super) fn duplicate(first: &Resource, second: &Resource) -> RenderError {
    let id = second.id();
    Fault::new(second.span, format!("{id} ({}) is there twice", second.api_version()))
        .help("rename or remove one of them, or change one with a patch")
        .also(&first.source, first.span, "the first one is here")
        .of(&second.source)
}
