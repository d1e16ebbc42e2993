//! What the files of a flow say about its exposure, layer by layer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::artifacts::FlowEntry;
use crate::artifacts::exposure;
use crate::artifacts::placement::{self, Decision, FILE, Found, Layer, Layers};
use crate::error::{Error, Result, io_reason};
use crate::names::{ContextName, FlowName};
use crate::project::{FlowPaths, Project, read_source};
use crate::source::Source;

/// Names that kustomize knows a kustomization by.
pub(super) const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether the kustomization of a directory may have patches: most have none, and then nobody need know
/// what there is to be patched.
pub(super) fn has_patches(directory: &Path) -> bool {
    let mentions = |text: Vec<u8>| text.windows(5).any(|word| word == b"patch");
    KUSTOMIZATIONS.iter().any(|name| std::fs::read(directory.join(name)).is_ok_and(mentions))
}

/// The exposure of one flow in all its layers.
pub(super) struct Exposed<'p> {
    project: &'p Project,
    pub(super) flow: FlowName,
    paths: FlowPaths,
    /// The layers that could be read.
    pub(super) layers: Layers,
    /// The others.
    unreadable: BTreeSet<Layer>,
    /// What is wrong, a sentence each that names the place.
    pub(super) problems: Vec<Error>,
}

/// What counts in one environment.
pub(super) struct Effect {
    /// `None` where no context is chosen, and in every context without an overlay.
    pub(super) context: Option<ContextName>,
    /// What the gateway is told; `None` where the flow is not offered, or nobody can say.
    pub(super) entry: Option<FlowEntry>,
    /// The files that decide it can be read.
    pub(super) is_known: bool,
    /// The file that decides it; `None` where no file says anything.
    pub(super) file: Option<PathBuf>,
    /// Decided by this environment itself, not by what it is built on.
    pub(super) is_own: bool,
}

impl<'p> Exposed<'p> {
    /// Reads everything. Only a directory that cannot be listed is an error.
    pub(super) fn read(project: &'p Project, flow: &FlowName) -> Result<Self> {
        let paths = project.paths(flow);
        let mut directories: BTreeMap<Layer, PathBuf> = BTreeMap::new();
        if kustomization(&paths.common).is_some() {
            directories.insert(Layer::Common, paths.common.clone());
        }
        for path in entries(&paths.overlays())? {
            let name = path.file_name().and_then(|name| ContextName::new(name.to_str()?).ok());
            if let (Some(context), true) = (name, kustomization(&path).is_some()) {
                directories.insert(Layer::Overlay(context), path);
            }
        }
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let places: BTreeMap<PathBuf, Layer> =
            directories.iter().map(|(layer, path)| (real(path), layer.clone())).collect();
        let mut exposed = Self {
            project,
            flow: flow.clone(),
            paths,
            layers: Layers::new(),
            unreadable: BTreeSet::new(),
            problems: Vec::new(),
        };
        for (layer, directory) in directories {
            let layer_at = |path: &str| places.get(&real(&directory.join(path))).cloned();
            match exposed.found(&directory, &layer_at) {
                Ok(found) => drop(exposed.layers.insert(layer, found)),
                Err(error) => {
                    exposed.problems.push(error);
                    exposed.unreadable.insert(layer);
                }
            }
        }
        Ok(exposed)
    }

    fn found(&self, directory: &Path, layer_at: &dyn Fn(&str) -> Option<Layer>) -> Result<Found> {
        let read = |path: &Path| read_source(path, &self.project.relative(path).display().to_string());
        let file = directory.join(FILE);
        let file = if file.exists() { Some(read(&file)?) } else { None };
        let kustomization = kustomization(directory).unwrap_or_else(|| directory.join(KUSTOMIZATIONS[0]));
        Found::read(&read(&kustomization)?, file.as_ref(), layer_at)
    }

    /// The same, or the first thing that stands in the way.
    pub(super) fn complete(self) -> Result<Self> {
        match self.problems.first() {
            Some(error) => Err(error.clone()),
            None => Ok(self),
        }
    }

    /// What counts without a context, then in every overlay.
    pub(super) fn effects(&mut self) -> Vec<Effect> {
        let layers: BTreeSet<Layer> = self.layers.keys().chain(&self.unreadable).cloned().collect();
        layers.iter().map(|layer| self.effect(layer)).collect()
    }

    /// What counts in `context`: its overlay, or what all share where it has none.
    pub(super) fn effect_in(&mut self, context: &ContextName) -> Effect {
        let own = Layer::Overlay(context.clone());
        let has_overlay = self.layers.contains_key(&own) || self.unreadable.contains(&own);
        let effect = self.effect(if has_overlay { &own } else { &Layer::Common });
        Effect { context: Some(context.clone()), ..effect }
    }

    fn effect(&mut self, layer: &Layer) -> Effect {
        let (entry, decider) = match placement::decision(&self.layers, layer) {
            Decision::Nowhere => (Ok(None), None),
            Decision::Hidden(at) => (Ok(None), Some(at)),
            Decision::Offered(at, text) => (self.entry(at, text).map(Some), Some(at)),
        };
        let context = layer.context().cloned();
        let is_own = decider == Some(layer);
        let file = decider.map(|layer| self.file(layer));
        let is_known = entry.is_ok() && !self.unreadable.contains(layer);
        let entry = entry.unwrap_or_else(|error| {
            if !self.problems.iter().any(|known| known.to_string() == error.to_string()) {
                self.problems.push(error);
            }
            None
        });
        Effect { context, entry, is_known, file, is_own }
    }

    /// The entry in the text of a layer's file.
    pub(super) fn entry(&self, layer: &Layer, text: &str) -> Result<FlowEntry> {
        exposure::entry_of(&Source::new(self.file(layer).display().to_string(), text), &self.flow)
    }

    /// Files that nothing lists, relative to the project's root.
    pub(super) fn unlisted(&self) -> Vec<PathBuf> {
        let unlisted = self.layers.iter().filter(|(_, found)| found.is_unlisted());
        unlisted.map(|(layer, _)| self.file(layer)).collect()
    }

    /// The file of a layer, relative to the project's root.
    pub(super) fn file(&self, layer: &Layer) -> PathBuf {
        self.project.relative(&self.directory(layer).join(FILE))
    }

    /// The directory of a layer.
    pub(super) fn directory(&self, layer: &Layer) -> PathBuf {
        match layer {
            Layer::Common => self.paths.common.clone(),
            Layer::Overlay(context) => self.paths.overlay(context),
        }
    }
}

/// The kustomization in a directory.
pub(super) fn kustomization(directory: &Path) -> Option<PathBuf> {
    KUSTOMIZATIONS.iter().map(|name| directory.join(name)).find(|path| path.is_file())
}

/// What is in a directory, sorted; nothing when it does not exist.
pub(super) fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let failed = |error: std::io::Error| {
        Error::project(format!("`{}` cannot be read", directory.display())).because(io_reason(&error))
    };
    let listed = std::fs::read_dir(directory).map_err(failed)?;
    let mut paths = listed.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// An error as one sentence that names file and line.
pub(super) fn one_line(error: &Error) -> String {
    let places = error.located().iter().flat_map(|located| {
        located.diagnostics.iter().map(|diagnostic| {
            let line = located.source.line_of(diagnostic.span.start);
            format!(": {}:{line}: {}", located.source.name(), diagnostic.message)
        })
    });
    format!("{error}{}", places.collect::<String>())
}
