//! The actors that patches of a kustomization name, whoever wrote them.

use std::path::PathBuf;

use serde_json::Value;

use super::Workspace;
use crate::artifacts::patching;
use crate::artifacts::placement::Layer;
use crate::error::Result;
use crate::names::ActorName;
use crate::source::Source;

/// A patch that names one actor.
pub(super) struct Reference {
    pub(super) actor: String,
    /// The file it is written in, as people know it.
    pub(super) file: String,
    /// Whether it is a file of `asya patch`.
    pub(super) is_ours: bool,
}

/// All of them, in the order of the kustomization.
pub(super) fn references(workspace: &Workspace<'_>, layer: &Layer) -> Result<Vec<Reference>> {
    let (path, source) = workspace.kustomization(layer)?;
    let kustomization = patching::read(&source)?;
    let directory = workspace.directory(layer);
    let items = |key: &str| kustomization.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut all = Vec::new();
    for entry in items("patches").iter().chain(&items("patchesJson6902")) {
        let file = entry.get("path").and_then(Value::as_str);
        let inline = entry.get("patch").and_then(Value::as_str);
        add(workspace, &path, directory.clone(), entry.get("target"), file, inline, &mut all)?;
    }
    for entry in items("patchesStrategicMerge") {
        let Some(text) = entry.as_str() else { continue };
        let (file, inline) = if text.contains('\n') { (None, Some(text)) } else { (Some(text), None) };
        add(workspace, &path, directory.clone(), None, file, inline, &mut all)?;
    }
    Ok(all)
}

fn add(
    workspace: &Workspace<'_>,
    kustomization: &std::path::Path,
    directory: PathBuf,
    target: Option<&Value>,
    file: Option<&str>,
    inline: Option<&str>,
    all: &mut Vec<Reference>,
) -> Result<()> {
    let path = file.map_or_else(|| kustomization.to_owned(), |file| directory.join(file));
    let named = match (target, inline) {
        // A target that does not name one actor picks what is there.
        (Some(target), _) => {
            let is_actor = target.get("kind").is_some_and(|kind| kind == "AsyncActor");
            let name = target.get("name").and_then(Value::as_str).filter(|_| is_actor);
            name.filter(|name| ActorName::new(name).is_ok()).map(str::to_owned)
        }
        (None, Some(text)) => named(&Source::new("patch", text)),
        (None, None) => workspace.read(&path)?.as_ref().and_then(named),
    };
    all.extend(named.map(|actor| Reference {
        actor,
        file: workspace.shown(&path),
        is_ours: file.is_some_and(|file| patching::actor_of_file(file).is_some()),
    }));
    Ok(())
}

/// The actor that a merge patch of one document names.
fn named(source: &Source) -> Option<String> {
    patching::patched_actor(&patching::read(source).ok()?).map(str::to_owned)
}
