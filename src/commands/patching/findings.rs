//! Patches that do not fit the compiled flow, for `asya compile` and whoever asks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::exposed::has_patches;
use super::super::previewing::Preview;
use super::Workspace;
use crate::artifacts::placement::Layer;
use crate::artifacts::{Artifact, Warning, orphans, patching};
use crate::error::Result;
use crate::names::{FlowName, near_matches};
use crate::project::Project;
use crate::source::Source;

/// What is wrong with the patches of a flow whose `base/` is about to hold `base`; without files, with
/// what is on the disk. A kustomization that cannot be read is for rendering to show.
pub(in crate::commands) fn findings(project: &Project, flow: &FlowName, base: &[Artifact]) -> Vec<Warning> {
    let mut workspace = Workspace::unchecked(project, flow, Preview::built_in(project, flow));
    if !workspace.layers().iter().any(|layer| has_patches(&workspace.directory(layer))) {
        return Vec::new();
    }
    workspace.see_base(base);
    let before = project.compiled_actors(flow).unwrap_or_default();
    let now: Vec<String> = match base {
        [] => before.iter().map(|actor| actor.name.clone()).collect(),
        base => base.iter().filter_map(actor_of).collect(),
    };
    let appeared: Vec<&str> =
        now.iter().map(String::as_str).filter(|name| !before.iter().any(|actor| actor.name == *name)).collect();
    let mut all = Vec::new();
    for layer in workspace.layers() {
        let rendered = workspace.find_orphans(&layer).and_then(|()| workspace.patchable(&layer));
        // Where a field is not built in, names can still be compared.
        let present = match &rendered {
            Ok(actors) => Some(actors.keys().cloned().collect()),
            Err(_) => listed(&workspace, &layer, &now),
        };
        if let Some(present) = present {
            let _ = lost(&workspace, &layer, &present, &appeared, &mut all);
        }
        if rendered.is_ok() {
            // Only what can be read and rendered can be said to fit.
            let _ = unfit(&workspace, &layer, &mut all);
        }
    }
    all
}

/// The AsyncActors that a layer is given: those of `base`, and those in files that it and what it is
/// built on list. `None` where other things than files may bring some.
fn listed(workspace: &Workspace<'_>, layer: &Layer, base: &[String]) -> Option<BTreeSet<String>> {
    const BRINGS_OBJECTS: [&str; 6] =
        ["bases", "components", "generators", "helmChartInflationGenerator", "helmCharts", "transformers"];
    let mut actors: BTreeSet<String> = base.iter().cloned().collect();
    for layer in BTreeSet::from([&Layer::Common, layer]) {
        let directory = workspace.directory(layer);
        let kustomization = patching::read(&workspace.kustomization(layer).ok()?.1).ok()?;
        if BRINGS_OBJECTS.iter().any(|field| kustomization.get(field).is_some()) {
            return None;
        }
        let resources = kustomization.get("resources").and_then(Value::as_array).into_iter().flatten();
        for resource in resources.map(Value::as_str) {
            let path = directory.join(resource?);
            if path.is_file() {
                actors.extend(orphans::actors_in(&workspace.read(&path).ok()??));
            } else if !workspace.is_below(&path, layer) {
                return None;
            }
        }
    }
    Some(actors)
}

fn actor_of(file: &Artifact) -> Option<String> {
    let source = Source::new(file.path.display().to_string(), &*file.content);
    patching::patched_actor(&patching::read(&source).ok()?).map(str::to_owned)
}

/// Patches of a layer for actors that are not among `present`.
fn lost(
    workspace: &Workspace<'_>,
    layer: &Layer,
    present: &BTreeSet<String>,
    appeared: &[&str],
    all: &mut Vec<Warning>,
) -> Result<()> {
    let mut told = BTreeSet::new();
    let (_, kustomization) = workspace.kustomization(layer)?;
    let directory = workspace.directory(layer);
    let beside = |file: &str| workspace.read(&directory.join(file)).ok().flatten();
    for orphan in orphans::orphans(&kustomization, &beside, present) {
        let file = orphan.file.rsplit(['/', '\\']).next().unwrap_or_default();
        let is_ours = patching::actor_of_file(file).is_some_and(|(actor, _)| actor == orphan.actor);
        let once = if is_ours { &orphan.actor } else { &orphan.file };
        if !told.insert(once.clone()) {
            continue;
        }
        let near = successor(&orphan.actor, present.iter().map(String::as_str), appeared);
        let hint = match (is_ours, &near) {
            (true, _) => orphan_hint(&workspace.flow, &orphan.actor, near.as_deref(), layer),
            (false, Some(near)) => format!("if it is `{near}` now, change the name there; else take the patch out"),
            (false, None) => "take the patch out, or change the name there".to_owned(),
        };
        all.push(Warning {
            message: format!("`{}` patches `{}`, and there is no such actor", orphan.file, orphan.actor),
            hint,
        });
    }
    Ok(())
}

/// List patches of a layer that do not fit the actors any more.
fn unfit(workspace: &Workspace<'_>, layer: &Layer, all: &mut Vec<Warning>) -> Result<()> {
    let (fitted, stale) = fitted(workspace, layer)?;
    let unfit = |actor: &str, why: &str| {
        let file = workspace.shown(&workspace.directory(layer).join(patching::lists_file(actor)));
        Warning {
            message: format!("`{file}` {why}"),
            hint: format!(
                "type `asya patch {} --actor {actor}{}`: it writes the file anew",
                workspace.flow,
                option(layer)
            ),
        }
    };
    // What people patch by hand changes retries without telling the wrapper.
    let actors = fitted.actors(layer)?;
    let untold = actors.iter().filter(|(_, object)| workspace.told(object).is_some()).map(|(actor, _)| actor);
    for actor in stale.iter().chain(untold.filter(|actor| !stale.contains(actor))) {
        all.push(if workspace.directory(layer).join(patching::lists_file(actor)).exists() {
            unfit(actor, "does not fit the compiled actor any more")
        } else {
            unfit(actor, &format!("is missing: `{actor}` retries otherwise here, and its call wrapper is not told"))
        });
    }
    Ok(())
}

/// A layer whose list patches fit, and the actors whose patches did not.
fn fitted<'p>(workspace: &Workspace<'p>, layer: &Layer) -> Result<(Workspace<'p>, Vec<String>)> {
    let mut fitted = workspace.clone();
    fitted.fit(layer, &BTreeMap::new())?;
    let stale = fitted
        .pending
        .iter()
        .filter(|(path, _)| path.to_string_lossy().ends_with(".lists.yaml"))
        .filter(|(path, text)| std::fs::read_to_string(path).ok() != **text)
        .filter_map(|(path, _)| Some(patching::actor_of_file(path.file_name()?.to_str()?)?.0.to_owned()))
        .collect();
    Ok((fitted, stale))
}

/// What to type when an overlay cannot be rendered because list patches of `common/` do not fit the
/// compiled flow any more; looks at what is on the disk.
pub(in crate::commands) fn unfit_common(on_disk: &Workspace<'_>) -> Option<String> {
    let flow = &on_disk.flow;
    let (_, stale) =
        fitted(&Workspace::open(on_disk.project, flow, on_disk.preview.clone()).ok()?, &Layer::Common).ok()?;
    let actor = stale.first()?;
    Some(format!("first make the patches of `common/` fit again: `asya patch {flow} --actor {actor}`"))
}

/// What to type for a patch of ours whose actor is not there.
pub(in crate::commands) fn orphan_hint(flow: &FlowName, actor: &str, near: Option<&str>, layer: &Layer) -> String {
    let option = option(layer);
    let clear = format!("`asya patch {flow} --actor {actor} --clear{option}` takes it away");
    match near {
        Some(near) => {
            format!("if it is `{near}` now: `asya patch {flow} --actor {actor} --move-to {near}{option}`; {clear}")
        }
        None => clear,
    }
}

fn option(layer: &Layer) -> String {
    match layer {
        Layer::Common => String::new(),
        Layer::Overlay(context) => format!(" --context {context}"),
    }
}

/// What an actor that is gone is likely to be called now: a name that appeared and shares words with
/// the old one, a similar one, or the only one that appeared.
pub(in crate::commands) fn successor<'a>(
    gone: &str,
    present: impl Iterator<Item = &'a str>,
    appeared: &[&str],
) -> Option<String> {
    let shares_words = |name: &&&str| {
        let inside =
            |short: &str, long: &str| long.starts_with(&format!("{short}-")) || long.ends_with(&format!("-{short}"));
        inside(gone, name) || inside(name, gone)
    };
    let by_words = appeared.iter().find(shares_words).copied();
    let near = || near_matches(gone, appeared.iter().copied()).first().copied();
    let only = || if let [only] = appeared { Some(*only) } else { None };
    if let Some(name) = by_words.or_else(near).or_else(only) {
        return Some(name.to_owned());
    }
    let present: Vec<&str> = present.collect();
    near_matches(gone, present.iter().copied()).first().map(|name| (*name).to_owned())
}
