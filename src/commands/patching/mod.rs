//! What commands that patch actors share: the layers of a flow as they would be, rendered before
//! anything is written, and patches that fit what is below them.

mod findings;
mod writing;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Value, json};

use super::exposed::KUSTOMIZATIONS;
use super::previewing::Preview;
use crate::artifacts::patching::{self, Item, List, Patch, lists};
use crate::artifacts::placement::Layer;
use crate::artifacts::{Artifact, KUSTOMIZATION, Overlay, overlay_files, told_retries, yaml};
use crate::error::{Error, Result};
use crate::kustomize::Object;
use crate::names::{ContextName, FlowName, WRAPPER_RESILIENCY};
use crate::project::{DiskTree, FlowPaths, LOCAL, Project, Transport, read_source};
use crate::source::Source;
use crate::store::Plan;

pub(super) use findings::{findings, orphan_hint, successor, unfit_common};

/// The AsyncActors of a layer by name.
pub(super) type Actors = BTreeMap<String, Value>;

/// The layers of a flow, on disk and as they would be.
#[derive(Clone)]
pub(super) struct Workspace<'p> {
    project: &'p Project,
    preview: Preview<'p>,
    pub(super) flow: FlowName,
    paths: FlowPaths,
    tree: DiskTree,
    /// Files that would change; `None` for those that would go.
    pending: BTreeMap<PathBuf, Option<String>>,
    /// Actors that patches of ours name and that are not there.
    orphans: BTreeMap<Layer, BTreeSet<String>>,
    /// Actors without patches, by the layer and the text of the kustomizations they come from.
    unpatched: Rc<RefCell<BTreeMap<(Layer, String), Actors>>>,
}

/// A patch file of ours that a kustomization lists.
struct Listed {
    actor: String,
    is_lists: bool,
    /// As it is written there.
    path: String,
}

impl<'p> Workspace<'p> {
    /// The flow's layers as they are. Fails when it is not compiled.
    pub(super) fn open(project: &'p Project, flow: &FlowName, preview: Preview<'p>) -> Result<Self> {
        project.flow(flow)?;
        let paths = project.paths(flow);
        for needed in [&paths.base, &paths.common] {
            if !needed.is_dir() {
                return Err(Error::project(format!("`{flow}` is not compiled"))
                    .because(format!("there is no `{}`", project.relative(needed).display()))
                    .hint(format!("type `asya compile {flow}`")));
            }
        }
        Ok(Self::unchecked(project, flow, preview))
    }

    pub(super) fn project(&self) -> &'p Project {
        self.project
    }

    /// How it renders.
    pub(super) fn preview(&self) -> &Preview<'p> {
        &self.preview
    }

    fn unchecked(project: &'p Project, flow: &FlowName, preview: Preview<'p>) -> Self {
        Self {
            project,
            preview,
            flow: flow.clone(),
            paths: project.paths(flow),
            tree: DiskTree::new(project.root()),
            pending: BTreeMap::new(),
            orphans: BTreeMap::new(),
            unpatched: Rc::default(),
        }
    }

    /// Sees `files` in `base/`.
    fn see_base(&mut self, files: &[Artifact]) {
        for file in files {
            self.tree.set(&self.paths.base.join(&file.path), Some(file.content.as_bytes().to_vec()));
        }
    }

    /// `common/` and the overlays that are there, in this order.
    pub(super) fn layers(&self) -> Vec<Layer> {
        let entries = std::fs::read_dir(self.paths.overlays()).into_iter().flatten().flatten();
        let named = |entry: std::fs::DirEntry| ContextName::new(entry.file_name().to_str()?).ok();
        let mut overlays: Vec<Layer> = entries.filter_map(named).map(Layer::Overlay).collect();
        overlays.retain(|layer| self.kustomization_path(layer).is_some());
        overlays.sort();
        std::iter::once(Layer::Common).chain(overlays).collect()
    }

    pub(super) fn directory(&self, layer: &Layer) -> PathBuf {
        match layer {
            Layer::Common => self.paths.common.clone(),
            Layer::Overlay(context) => self.paths.overlay(context),
        }
    }

    /// Whether `path` is a directory of the flow that a layer is built on.
    fn is_below(&self, path: &Path, layer: &Layer) -> bool {
        let below = if *layer == Layer::Common { &self.paths.base } else { &self.paths.common };
        [path, below.as_path()]
            .map(Path::canonicalize)
            .into_iter()
            .collect::<std::io::Result<BTreeSet<_>>>()
            .is_ok_and(|both| both.len() == 1)
    }

    /// Makes the overlay of a context as `asya compile` would, where there is none.
    pub(super) fn make_overlay(&mut self, layer: &Layer) -> Result<()> {
        let Layer::Overlay(context) = layer else { return Ok(()) };
        if self.kustomization_path(layer).is_some() {
            return Ok(());
        }
        let configured = self.project.config().contexts.get(context);
        if configured.is_none() && context.as_str() != LOCAL {
            return Err(Error::project(format!("there is no context `{context}`")));
        }
        let namespace = configured.and_then(|context| context.namespace.clone());
        let directory = self.directory(layer);
        for file in overlay_files(&self.flow, &Overlay { context: context.clone(), namespace })? {
            let path = directory.join(&file.path);
            if !path.exists() {
                self.set(path, Some(file.content.to_string()));
            }
        }
        Ok(())
    }

    fn kustomization_path(&self, layer: &Layer) -> Option<PathBuf> {
        let directory = self.directory(layer);
        let paths = KUSTOMIZATIONS.map(|name| directory.join(name));
        paths.into_iter().find(|path| path.is_file() || matches!(self.pending.get(path), Some(Some(_))))
    }

    /// The kustomization of a layer.
    pub(super) fn kustomization(&self, layer: &Layer) -> Result<(PathBuf, Source)> {
        let path = self.kustomization_path(layer).unwrap_or_else(|| self.directory(layer).join(KUSTOMIZATION));
        let shown = self.shown(&path);
        match self.read(&path)? {
            Some(source) => Ok((path, source)),
            None => Err(Error::project(format!("there is no `{shown}`"))
                .hint(format!("type `asya compile {}`: it makes what is missing", self.flow))),
        }
    }

    pub(super) fn shown(&self, path: &Path) -> String {
        self.project.relative(path).display().to_string()
    }

    /// A file as it would be; `None` where there is none.
    pub(super) fn read(&self, path: &Path) -> Result<Option<Source>> {
        let shown = self.shown(path);
        match self.pending.get(path) {
            Some(text) => Ok(text.as_ref().map(|text| Source::new(shown, text.as_str()))),
            None if path.symlink_metadata().is_ok() => read_source(path, &shown).map(Some),
            None => Ok(None),
        }
    }

    /// Would write a file, or take it away.
    pub(super) fn set(&mut self, path: PathBuf, text: Option<String>) {
        self.tree.set(&path, text.clone().map(String::into_bytes));
        self.pending.insert(path, text);
    }

    /// What would be written, where it differs from the disk.
    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan::new(self.project.root());
        plan.allow(self.project.outermost());
        for (path, text) in &self.pending {
            let on_disk = std::fs::read(path).ok();
            match text {
                Some(text) if on_disk.as_deref() != Some(text.as_bytes()) => plan.write(path, text.as_str()),
                None if on_disk.is_some() => plan.remove(path),
                _ => continue,
            };
        }
        plan
    }

    /// The AsyncActors that a layer renders to, without patches of ours for actors that are not there.
    pub(super) fn actors(&self, layer: &Layer) -> Result<Actors> {
        self.actors_without(layer, &|_| false)
    }

    /// The same without those patches of ours in `layer` that `left_out` picks.
    fn actors_without(&self, layer: &Layer, left_out: &dyn Fn(&Listed) -> bool) -> Result<Actors> {
        let mut tree = self.tree.clone();
        for one in [&Layer::Common, layer] {
            let orphans = self.orphans.get(one);
            let is_left_out = |listed: &Listed| {
                orphans.is_some_and(|orphans| orphans.contains(&listed.actor)) || (one == layer && left_out(listed))
            };
            let (path, source) = self.kustomization(one)?;
            if let Some(text) = without(&patching::read(&source)?, &is_left_out) {
                tree.set(&path, Some(text.into_bytes()));
            }
        }
        self.rendered(&tree, layer)
    }

    fn rendered(&self, tree: &DiskTree, layer: &Layer) -> Result<Actors> {
        let objects = self.preview.objects(tree, &self.directory(layer))?;
        let actors = objects.into_iter().filter(|object| object.kind() == "AsyncActor");
        Ok(actors.map(|object| (object.name().to_owned(), Object::into_value(object))).collect())
    }

    /// Finds out which patches of a layer name actors that are not there.
    pub(super) fn find_orphans(&mut self, layer: &Layer) -> Result<()> {
        let present = self.patchable(layer)?;
        let ours = self.listed(layer)?;
        let missing = ours.into_iter().map(|listed| listed.actor).filter(|actor| !present.contains_key(actor));
        self.orphans.insert(layer.clone(), missing.collect());
        Ok(())
    }

    /// The actors that could be patched in a layer: as they are without any patches.
    pub(super) fn patchable(&self, layer: &Layer) -> Result<Actors> {
        let mut tree = self.tree.clone();
        let mut texts = String::new();
        for one in [&Layer::Common, layer] {
            let (path, source) = self.kustomization(one)?;
            let mut kustomization = patching::read(&source)?;
            let Some(fields) = kustomization.as_object_mut() else { continue };
            let before = fields.len();
            fields.retain(|key, _| !key.starts_with("patches"));
            let is_patched = fields.len() != before;
            let text = yaml::write(&kustomization);
            texts += &text;
            if is_patched {
                tree.set(&path, Some(text.into_bytes()));
            }
        }
        let key = (layer.clone(), texts);
        if let Some(known) = self.unpatched.borrow().get(&key) {
            return Ok(known.clone());
        }
        // What is wrong is shown in the file as it is written.
        let actors =
            self.rendered(&tree, layer).map_err(|error| self.rendered(&self.tree, layer).err().unwrap_or(error))?;
        self.unpatched.borrow_mut().insert(key, actors.clone());
        Ok(actors)
    }

    /// Files of ours that a layer's kustomization lists.
    fn listed(&self, layer: &Layer) -> Result<Vec<Listed>> {
        let (_, source) = self.kustomization(layer)?;
        let kustomization = patching::read(&source)?;
        let patches = kustomization.get("patches").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(patches.iter().filter_map(Listed::of).collect())
    }

    /// What a layer says about an actor.
    pub(super) fn patch(&self, layer: &Layer, actor: &str) -> Result<Patch> {
        let directory = self.directory(layer);
        let merge = self.read(&directory.join(patching::merge_file(actor)))?;
        let lists = self.read(&directory.join(patching::lists_file(actor)))?;
        Patch::read(actor, merge.as_ref(), lists.as_ref())
    }

    /// Makes a layer say `changes`, and writes the list patches of the whole layer so that they fit
    /// what is below them. `common/` comes first.
    pub(super) fn fit(&mut self, layer: &Layer, changes: &BTreeMap<String, Patch>) -> Result<()> {
        let mut patches = BTreeMap::new();
        for listed in self.listed(layer)? {
            if !patches.contains_key(&listed.actor) && !changes.contains_key(&listed.actor) {
                let patch = self.patch(layer, &listed.actor)?;
                patches.insert(listed.actor, patch);
            }
        }
        for (actor, patch) in changes {
            self.write_merge(layer, actor, patch)?;
            patches.insert(actor.clone(), patch.clone());
        }
        self.find_orphans(layer)?;
        if patches.is_empty() {
            return Ok(());
        }
        let below = self.actors_without(layer, &|listed| listed.is_lists)?;
        for (actor, patch) in patches {
            let text = match below.get(&actor) {
                Some(object) => {
                    let mut items = patch.items;
                    items.extend(self.told(object));
                    lists::text(&items, object)
                }
                None if patch.is_empty() => None,
                None => continue,
            };
            self.write_lists(layer, &actor, text)?;
        }
        self.find_orphans(layer)?;
        Ok(())
    }

    /// What the call wrapper of an actor has to be told besides what it is told
    /// (`docs/platform/names.md`, "The call wrapper").
    fn told(&self, object: &Value) -> Option<Item> {
        let requeues = self.project.config().platform.transport == Transport::Sqs;
        let list = List::env();
        let wanted = told_retries(object, requeues)?;
        let known = list.item(object, WRAPPER_RESILIENCY).map(|item| item.get("value").and_then(Value::as_str));
        let known_value = known.flatten().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let value = match wanted {
            Some(wanted) if known_value.as_ref() != Some(&wanted) => {
                Some(json!({"name": WRAPPER_RESILIENCY, "value": wanted.to_string()}))
            }
            None if known.is_some() => None,
            _ => return None,
        };
        Some(Item { list, key: WRAPPER_RESILIENCY.to_owned(), value })
    }

    /// Patches of ours in a layer for actors that are not there.
    pub(super) fn orphans(&self, layer: &Layer) -> impl Iterator<Item = &String> {
        self.orphans.get(layer).into_iter().flatten()
    }

    /// The files of ours about an actor, as people know them.
    pub(super) fn files_of(&self, layer: &Layer, actor: &str) -> Vec<String> {
        let directory = self.directory(layer);
        let paths = [patching::merge_file(actor), patching::lists_file(actor)].map(|file| directory.join(file));
        paths.iter().filter(|path| path.exists()).map(|path| self.shown(path)).collect()
    }
}

impl Listed {
    fn of(patch: &Value) -> Option<Self> {
        let path = patch.get("path")?.as_str()?;
        let (actor, is_lists) = patching::actor_of_file(path)?;
        Some(Self { actor: actor.to_owned(), is_lists, path: path.to_owned() })
    }
}

/// A kustomization without some patches; `None` when it has none of them.
fn without(kustomization: &Value, left_out: &dyn Fn(&Listed) -> bool) -> Option<String> {
    let mut kept = kustomization.clone();
    let patches = kept.get_mut("patches")?.as_array_mut()?;
    let before = patches.len();
    patches.retain(|patch| !Listed::of(patch).is_some_and(|listed| left_out(&listed)));
    (patches.len() != before).then(|| yaml::write(&kept))
}
