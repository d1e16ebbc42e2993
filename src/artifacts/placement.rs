//! Where an exposure stands among `common/` and the overlays, so that every environment renders
//! exactly one ConfigMap or none.
//!
//! Kustomize refuses two resources of one identity. An overlay's own entry is therefore a resource
//! where `common/` has none, and a patch of the common one where it has; hiding the common one in
//! one environment is a patch that deletes it. What an overlay gets from below is what its
//! `resources` lead to: `common/`, other overlays, both or neither. A command says what should be
//! true, and the steps are the difference to the files as found: repeating a command changes
//! nothing, and a later command repairs what an earlier one could not know.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::yaml;
use crate::diagnostic::SourceDiagnostics;
use crate::error::{Error, Result};
use crate::names::ContextName;
use crate::source::Source;

/// The file of a layer that offers or hides the flow.
pub const FILE: &str = "flow-expose.yaml";

/// `common/` or the overlay of a context.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// `common/`.
    Common,
    /// `overlays/<context>/`.
    Overlay(ContextName),
}

impl Layer {
    /// The context that it is the overlay of.
    pub fn context(&self) -> Option<&ContextName> {
        match self {
            Self::Common => None,
            Self::Overlay(context) => Some(context),
        }
    }
}

/// A list of a kustomization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// `resources:`, a list of paths.
    Resources,
    /// `patches:`, a list of mappings with `path`.
    Patches,
}

/// What a layer says about the exposure.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Nothing: it is as in `common/`.
    Silent,
    /// An entry of its own.
    Offers(String),
    /// That the common entry does not count here.
    Hides(String),
}

/// What a layer's directory holds now.
#[derive(Debug, Clone)]
pub struct Found {
    content: Option<String>,
    lists: Vec<List>,
    /// The layers among the kustomization's resources.
    bases: Vec<Layer>,
    state: State,
}

impl Found {
    /// Reads what a kustomization lists; `file` is [`FILE`] beside it, if there is one, and
    /// `layer_at` knows which of the listed directories is another layer. Fails when one of the files
    /// is not YAML.
    pub fn read(
        kustomization: &Source,
        file: Option<&Source>,
        layer_at: &dyn Fn(&str) -> Option<Layer>,
    ) -> Result<Self> {
        let listed = read(kustomization)?;
        let lists = lists_naming_file(&listed);
        let bases = items(&listed, "resources").iter().filter_map(|path| layer_at(path.as_str()?)).collect();
        let removes = match file {
            Some(file) => read(file)?.get("$patch").is_some_and(|patch| patch == "delete"),
            None => false,
        };
        let content = file.map(|file| file.text().to_owned());
        let state = match &content {
            Some(content) if removes && lists.contains(&List::Patches) => State::Hides(content.clone()),
            Some(content) if !removes && !lists.is_empty() => State::Offers(content.clone()),
            // A file that nothing lists has no effect.
            _ => State::Silent,
        };
        Ok(Self { content, lists, bases, state })
    }

    /// The layers that this one is built on.
    pub fn bases(&self) -> &[Layer] {
        &self.bases
    }

    /// Whether there is a [`FILE`] that the kustomization does not list, so that it has no effect.
    pub fn is_unlisted(&self) -> bool {
        self.content.is_some() && self.state == State::Silent
    }
}

/// All layers of a flow as found.
pub type Layers = BTreeMap<Layer, Found>;

/// What the user asked for.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Offer the flow with this text of a ConfigMap.
    Offer(String),
    /// Do not offer it in the layer, or anywhere for `common/`. The text is the patch that hides
    /// a common entry.
    Withdraw(String),
}

/// One change to a layer's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Write [`FILE`].
    Write(String),
    /// Remove [`FILE`].
    Remove,
    /// Name [`FILE`] in a list of the kustomization.
    Add(List),
    /// Take [`FILE`] out of a list of the kustomization.
    Drop(List),
}

/// The changes that make `wish` true in `layer`. Nothing to do is an empty list.
pub fn plan(found: &Layers, layer: &Layer, wish: &Wish) -> Vec<(Layer, Step)> {
    let states = after(found, layer, wish);
    let mut steps = Vec::new();
    for (layer, state) in &states {
        let is_offered_below = offered_below(found, &states, layer);
        let (content, list) = match state {
            State::Offers(content) if is_offered_below => (Some(content), Some(List::Patches)),
            State::Offers(content) => (Some(content), Some(List::Resources)),
            State::Hides(content) if is_offered_below => (Some(content), Some(List::Patches)),
            // A patch without anything to delete is refused by kustomize.
            State::Hides(_) | State::Silent => (None, None),
        };
        let (before, lists) = found.get(layer).map_or((&None, [].as_slice()), |it| (&it.content, it.lists.as_slice()));
        let mut step = |step| steps.push(((*layer).clone(), step));
        match (before, content) {
            (before, Some(after)) if before.as_ref() != Some(after) => step(Step::Write(after.clone())),
            (Some(_), None) => step(Step::Remove),
            _ => {}
        }
        lists.iter().filter(|each| Some(**each) != list).for_each(|each| step(Step::Drop(*each)));
        list.into_iter().filter(|each| !lists.contains(each)).for_each(|each| step(Step::Add(each)));
    }
    steps
}

/// The layers that offer the flow once `wish` is true in `layer`.
pub fn offering_after(found: &Layers, layer: &Layer, wish: &Wish) -> BTreeSet<Layer> {
    let states = after(found, layer, wish);
    let offering = states.keys().filter(|layer| offers(found, &states, layer, &mut BTreeSet::new()));
    offering.map(|layer| (*layer).clone()).collect()
}

type States<'a> = BTreeMap<&'a Layer, State>;

fn states(found: &Layers) -> States<'_> {
    found.iter().map(|(layer, found)| (layer, found.state.clone())).collect()
}

fn after<'a>(found: &'a Layers, layer: &'a Layer, wish: &Wish) -> States<'a> {
    let mut states = states(found);
    match wish {
        Wish::Offer(config_map) => {
            states.insert(layer, State::Offers(config_map.clone()));
        }
        Wish::Withdraw(_) if *layer == Layer::Common => states.values_mut().for_each(|state| *state = State::Silent),
        Wish::Withdraw(patch) => {
            let hide = offered_below(found, &states, layer);
            states.insert(layer, if hide { State::Hides(patch.clone()) } else { State::Silent });
        }
    }
    states
}

/// Whether what `layer` is built on offers the flow.
fn offered_below(found: &Layers, states: &States<'_>, layer: &Layer) -> bool {
    let mut seen = BTreeSet::from([layer.clone()]);
    bases(found, layer).iter().any(|base| offers(found, states, base, &mut seen))
}

/// Whether `layer` offers the flow; `seen` ends a circle, which kustomize refuses anyway.
fn offers(found: &Layers, states: &States<'_>, layer: &Layer, seen: &mut BTreeSet<Layer>) -> bool {
    if !seen.insert(layer.clone()) {
        return false;
    }
    match states.get(layer) {
        Some(State::Offers(_)) => true,
        Some(State::Hides(_)) => false,
        Some(State::Silent) | None => bases(found, layer).iter().any(|base| offers(found, states, base, seen)),
    }
}

fn bases<'a>(found: &'a Layers, layer: &Layer) -> &'a [Layer] {
    found.get(layer).map(|found| found.bases.as_slice()).unwrap_or_default()
}

/// What decides about the flow in a layer, and where it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'a> {
    /// No layer says anything.
    Nowhere,
    /// Offered, with this text of a ConfigMap, as this layer says.
    Offered(&'a Layer, &'a str),
    /// Taken out, as this layer says.
    Hidden(&'a Layer),
}

/// What counts in `layer`: what it says itself, else what it is built on says.
pub fn decision<'a>(found: &'a Layers, layer: &'a Layer) -> Decision<'a> {
    decided(found, layer, &mut BTreeSet::new())
}

fn decided<'a>(found: &'a Layers, layer: &'a Layer, seen: &mut BTreeSet<&'a Layer>) -> Decision<'a> {
    let Some(here) = found.get(layer).filter(|_| seen.insert(layer)) else { return Decision::Nowhere };
    match &here.state {
        State::Offers(content) => Decision::Offered(layer, content),
        State::Hides(_) => Decision::Hidden(layer),
        State::Silent => {
            let below: Vec<Decision<'a>> = here.bases.iter().map(|base| decided(found, base, seen)).collect();
            let offered = below.iter().find(|it| matches!(it, Decision::Offered(..)));
            offered.or(below.first()).copied().unwrap_or(Decision::Nowhere)
        }
    }
}

/// The overlays that are not built on `common/`, so that nothing of it counts there.
pub fn detached(found: &Layers) -> Vec<&ContextName> {
    let mut names = Vec::new();
    for layer in found.keys() {
        let Layer::Overlay(context) = layer else { continue };
        if !leads_to_common(found, layer, &mut BTreeSet::new()) {
            names.push(context);
        }
    }
    names
}

fn leads_to_common<'a>(found: &'a Layers, layer: &'a Layer, seen: &mut BTreeSet<&'a Layer>) -> bool {
    *layer == Layer::Common
        || (seen.insert(layer) && bases(found, layer).iter().any(|base| leads_to_common(found, base, seen)))
}

/// The layers with an entry of their own, and the text of its ConfigMap.
pub fn entries(found: &Layers) -> impl Iterator<Item = (&Layer, &str)> {
    found.iter().filter_map(|(layer, found)| match &found.state {
        State::Offers(content) => Some((layer, content.as_str())),
        State::Hides(_) | State::Silent => None,
    })
}

/// The contexts that hide the common entry.
pub fn hiding(found: &Layers) -> Vec<&ContextName> {
    contexts(found, |state| matches!(state, State::Hides(_)))
}

/// The contexts with an entry of their own.
pub fn offering(found: &Layers) -> Vec<&ContextName> {
    contexts(found, |state| matches!(state, State::Offers(_)))
}

fn contexts(found: &Layers, wanted: impl Fn(&State) -> bool) -> Vec<&ContextName> {
    found
        .iter()
        .filter_map(|(layer, found)| match layer {
            Layer::Overlay(context) if wanted(&found.state) => Some(context),
            _ => None,
        })
        .collect()
}

fn read(source: &Source) -> Result<Value> {
    yaml::read(source).map_err(|wrong| {
        Error::project(format!("`{}` cannot be read", source.name())).at(SourceDiagnostics::one(source, *wrong))
    })
}

fn lists_naming_file(kustomization: &Value) -> Vec<List> {
    let is_file = |path: &Value| path.as_str().is_some_and(|path| path.trim_start_matches("./") == FILE);
    let resources = items(kustomization, "resources").iter().any(is_file).then_some(List::Resources);
    let patches = items(kustomization, "patches")
        .iter()
        .any(|patch| patch.get("path").is_some_and(is_file))
        .then_some(List::Patches);
    resources.into_iter().chain(patches).collect()
}

fn items<'a>(kustomization: &'a Value, key: &str) -> &'a [Value] {
    kustomization.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
