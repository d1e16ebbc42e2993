//! The kustomizations of a flow: `base/` is ours, `common/` and `overlays/` are started by us and
//! belong to the user.

use serde_json::{Value, json};

use super::Artifact;
use super::inputs::{Inputs, Overlay};
use super::template;
use super::yaml;
use crate::error::{Error, Result};
use crate::names::FlowName;
use crate::program::Program;

/// The file of a kustomization.
pub const KUSTOMIZATION: &str = "kustomization.yaml";
/// The file beside a kustomization that says where an AsyncActor names other things.
pub const CONFIGURATION: &str = "kustomizeconfig.yaml";

/// Tells kustomize where an AsyncActor names images, ConfigMaps and Secrets
/// (`docs/platform/names.md`, "Kustomize and AsyncActor").
pub const CONFIGURATION_TEXT: &str = "\
# Where an AsyncActor names images, ConfigMaps and Secrets, for `images:` and the generators.
# Kustomize reads this file only from the directory of the kustomization that lists it.
images:
- path: spec/image
  kind: AsyncActor
nameReference:
- kind: ConfigMap
  version: v1
  fieldSpecs:
  - path: spec/volumes/configMap/name
    kind: AsyncActor
  - path: spec/volumes/projected/sources/configMap/name
    kind: AsyncActor
  - path: spec/env/valueFrom/configMapKeyRef/name
    kind: AsyncActor
- kind: Secret
  version: v1
  fieldSpecs:
  - path: spec/volumes/secret/secretName
    kind: AsyncActor
  - path: spec/volumes/projected/sources/secret/name
    kind: AsyncActor
  - path: spec/env/valueFrom/secretKeyRef/name
    kind: AsyncActor
  - path: spec/secretRefs/secretName
    kind: AsyncActor
";

/// `base/kustomization.yaml`: the project's template or the built-in one, with `files` as resources.
pub(super) fn base(program: &Program, inputs: &Inputs, files: &[String]) -> Result<Artifact> {
    let mut kustomization = match &inputs.templates.kustomization {
        None => header(),
        Some(template) => {
            let about = format!("for flow `{}`", program.flow);
            let value = template::read(template, &super::tree::flow_variables(program, inputs), &about)?;
            if !value.is_object() {
                return Err(Error::project(format!("template `{}` is not a mapping", template.name())));
            }
            value
        }
    };
    let mut resources: Vec<&str> = kustomization
        .get("resources")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .chain(files.iter().map(String::as_str))
        .collect();
    resources.sort_unstable();
    resources.dedup();
    let resources = json!(resources);
    if let Some(fields) = kustomization.as_object_mut() {
        fields.insert("resources".to_owned(), resources);
    }
    let notice = "# AUTO-GENERATED, replaced by every `asya compile`. Changes belong into ../common or ../overlays.\n";
    Ok(Artifact::new(KUSTOMIZATION, format!("{notice}{}", yaml::write(&kustomization))))
}

/// `common/`: changes for all environments.
pub(super) fn common(program: &Program) -> Result<Vec<Artifact>> {
    let mut kustomization = header();
    kustomization["resources"] = json!(["../base"]);
    kustomization["configurations"] = json!([CONFIGURATION]);
    let comment = format!(
        "# `{}` in every environment. This directory is yours: `asya compile` leaves it as it is.\n",
        program.flow
    );
    started(&comment, &kustomization)
}

/// `overlays/<context>/`: changes for one environment.
pub fn overlay(flow: &FlowName, overlay: &Overlay) -> Result<Vec<Artifact>> {
    let mut kustomization = header();
    if let Some(namespace) = &overlay.namespace {
        kustomization["namespace"] = json!(namespace.as_str());
    }
    kustomization["resources"] = json!(["../../common"]);
    kustomization["configurations"] = json!([CONFIGURATION]);
    let comment =
        format!("# `{flow}` in `{}`. This directory is yours: `asya compile` leaves it as it is.\n", overlay.context);
    started(&comment, &kustomization)
}

fn header() -> Value {
    json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"})
}

fn started(comment: &str, kustomization: &Value) -> Result<Vec<Artifact>> {
    Ok(vec![
        Artifact::new(KUSTOMIZATION, format!("{comment}{}", yaml::write(kustomization))),
        Artifact::new(CONFIGURATION, CONFIGURATION_TEXT),
    ])
}
