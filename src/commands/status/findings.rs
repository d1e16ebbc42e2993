//! What stands in the way of a flow in its environments: patches without their actor, and images
//! that no cluster can pull.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::super::exposed::{Exposed, entries, has_patches, kustomization};
use super::super::render::rendered;
use crate::artifacts::ImageReference;
use crate::artifacts::orphans::{self, Orphan};
use crate::artifacts::placement::Layer;
use crate::error::Result;
use crate::kustomize::Object;
use crate::names::{ContextName, FlowName};
use crate::project::{LOCAL, Project, read_source};
use crate::settings::Settings;
use crate::source::Source;
use crate::ui::Ui;

/// A patch for an actor that does not exist.
#[derive(Serialize)]
pub(super) struct OrphanDocument {
    /// `null` for all environments.
    pub(super) context: Option<String>,
    pub(super) file: String,
    pub(super) actor: String,
    /// What the actor may be called now.
    pub(super) near: Option<String>,
}

/// An image that a cluster cannot pull, or not the same one twice.
#[derive(Serialize)]
pub(super) struct ImageDocument {
    /// `null` where the project has no contexts.
    pub(super) context: Option<String>,
    pub(super) image: String,
    pub(super) why: &'static str,
    pub(super) actors: Vec<String>,
}

/// What was found in all environments of a flow.
pub(super) struct Findings {
    pub(super) orphans: Vec<OrphanDocument>,
    pub(super) images: Vec<ImageDocument>,
    /// Environments that cannot be rendered, a sentence each.
    pub(super) problems: Vec<crate::error::Error>,
}

/// Looks at the environments of a compiled flow: that of `--context`, else all.
pub(super) fn findings(
    project: &Project,
    flow: &FlowName,
    exposed: &Exposed<'_>,
    settings: &Settings,
) -> Result<Findings> {
    let is_wanted = |layer: &Layer| match (layer, &settings.context) {
        (Layer::Overlay(context), Some(wanted)) => context == wanted,
        _ => true,
    };
    let layers: Vec<&Layer> = exposed.layers.keys().filter(|layer| is_wanted(layer)).collect();
    let mut orphans = Vec::new();
    let patched: Vec<&Layer> = layers.iter().copied().filter(|layer| has_patches(&exposed.directory(layer))).collect();
    let actors = if patched.is_empty() { BTreeSet::new() } else { actors(project, flow, exposed)? };
    for layer in patched {
        let context = layer.context().map(ToString::to_string);
        orphans.extend(lost(project, &exposed.directory(layer), &actors).into_iter().map(|orphan| OrphanDocument {
            context: context.clone(),
            file: orphan.file,
            actor: orphan.actor,
            near: orphan.near,
        }));
    }
    let overlays: Vec<&Layer> = layers.iter().copied().filter(|layer| **layer != Layer::Common).collect();
    let deployed = match overlays.is_empty() && settings.context.as_ref().is_none_or(|it| it.as_str() != LOCAL) {
        true => layers,
        false => overlays,
    };
    let own = own_images(project);
    let (mut images, mut problems) = (Vec::new(), Vec::new());
    for layer in deployed {
        let directory = project.relative(&exposed.directory(layer));
        match rendered(project.root(), &directory, settings, &mut Ui::recording(true)) {
            Ok((rendering, _)) => images.extend(unresolved(&rendering.objects, &own, layer.context())),
            // A patch without its actor is the reason, and is told as such.
            Err(_) if !orphans.is_empty() => {}
            Err(error) => problems.push(error),
        }
    }
    Ok(Findings { orphans, images, problems })
}

/// The patches of one directory for actors that are not there.
fn lost(project: &Project, directory: &Path, actors: &BTreeSet<String>) -> Vec<Orphan> {
    let read = |path: &Path| read_source(path, &project.relative(path).display().to_string()).ok();
    let Some(kustomization) = kustomization(directory).and_then(|path| read(&path)) else { return Vec::new() };
    orphans::orphans(&kustomization, &|path| read(&directory.join(path)), actors)
}

/// The AsyncActors of the flow, and those that people put beside them.
fn actors(project: &Project, flow: &FlowName, exposed: &Exposed<'_>) -> Result<BTreeSet<String>> {
    let mut directories = vec![project.paths(flow).base];
    directories.extend(exposed.layers.keys().map(|layer| exposed.directory(layer)));
    let mut names = BTreeSet::new();
    for (at, directory) in directories.iter().enumerate() {
        let kustomization = kustomization(directory).and_then(|path| read_source(&path, "").ok());
        for path in entries(directory)? {
            let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
            // Beside the generated files only what is listed as a resource is one.
            let is_resource = at == 0 || kustomization.as_ref().is_some_and(|text| lists(text, file));
            if is_resource && path.is_file() && (file.ends_with(".yaml") || file.ends_with(".yml")) {
                let source = read_source(&path, file).unwrap_or_else(|_| Source::new(file, ""));
                names.extend(orphans::actors_in(&source));
            }
        }
    }
    Ok(names)
}

fn lists(kustomization: &Source, file: &str) -> bool {
    let listed = crate::artifacts::yaml::read(kustomization).unwrap_or_default();
    let resources = listed.get("resources").and_then(serde_json::Value::as_array).into_iter().flatten();
    resources.filter_map(serde_json::Value::as_str).any(|path| path.trim_start_matches("./") == file)
}

/// The names of the images that the project builds itself.
fn own_images(project: &Project) -> BTreeSet<String> {
    let skaffold = project.skaffold_artifacts().map(|all| all.iter().map(|it| it.image.clone()).collect::<Vec<_>>());
    let build = project.build().map(|all| all.iter().map(|it| it.image.clone()).collect::<Vec<_>>());
    skaffold.into_iter().chain(build).flatten().collect()
}

fn unresolved(objects: &[Object], own: &BTreeSet<String>, context: Option<&ContextName>) -> Vec<ImageDocument> {
    let mut found: BTreeMap<String, (&'static str, Vec<String>)> = BTreeMap::new();
    for object in objects.iter().filter(|object| object.kind() == "AsyncActor") {
        let image = object.value().pointer("/spec/image").and_then(serde_json::Value::as_str).unwrap_or_default();
        let why = match image.parse::<ImageReference>() {
            _ if image.is_empty() => "it is missing",
            Err(_) => "it is no image reference",
            Ok(reference) if reference.is_bare() => "it has neither registry nor tag",
            Ok(reference) if !reference.has_version() && own.contains(&reference.name) => "it has no tag",
            Ok(_) => continue,
        };
        found.entry(image.to_owned()).or_insert((why, Vec::new())).1.push(object.name().to_owned());
    }
    let context = context.map(ToString::to_string);
    let document = |(image, (why, actors))| ImageDocument { context: context.clone(), image, why, actors };
    found.into_iter().map(document).collect()
}
