//! The kustomizations of a flow while they are being edited: what each layer is given by those below,
//! as it would be rendered with the edits made so far.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::exposed::{Exposed, kustomization};
use super::super::previewing::Preview;
use crate::artifacts::placement::Layer;
use crate::artifacts::{ImageReference, yaml};
use crate::diagnostic::SourceDiagnostics;
use crate::error::{Error, Result};
use crate::kustomize::Object;
use crate::project::{DiskTree, Project, read_source};
use crate::source::Source;
use crate::ui::Ui;

/// The image of every actor.
pub(super) type Given = BTreeMap<String, String>;

/// Kustomizations of a flow, edited in memory.
pub(super) struct Layered<'p> {
    preview: Preview<'p>,
    files: BTreeMap<Layer, (PathBuf, Source)>,
    tree: DiskTree,
}

impl<'p> Layered<'p> {
    pub(super) fn new(project: &'p Project, exposed: &Exposed<'_>, preview: Preview<'p>) -> Result<Self> {
        let mut files = BTreeMap::new();
        for layer in exposed.layers.keys() {
            let Some(path) = kustomization(&exposed.directory(layer)) else { continue };
            let source = read_source(&path, &project.relative(&path).display().to_string())?;
            files.insert(layer.clone(), (path, source));
        }
        Ok(Self { preview, files, tree: DiskTree::new(project.root()) })
    }

    /// The layers, each behind those it is built on.
    pub(super) fn in_order(&self, exposed: &Exposed<'_>) -> Vec<Layer> {
        let mut ordered: Vec<Layer> = Vec::new();
        while ordered.len() < self.files.len() {
            let is_ready = |layer: &&Layer| {
                let bases = exposed.layers.get(*layer).map(|found| found.bases()).unwrap_or_default();
                !ordered.contains(layer) && bases.iter().all(|base| base == *layer || ordered.contains(base))
            };
            // Kustomizations that lead to themselves are refused by who renders them.
            let next = self.files.keys().find(is_ready).or_else(|| self.files.keys().find(|it| !ordered.contains(it)));
            ordered.extend(next.cloned());
        }
        ordered
    }

    /// The text of a layer's kustomization, with the edits made so far.
    pub(super) fn source(&self, layer: &Layer) -> Option<&Source> {
        self.files.get(layer).map(|(_, source)| source)
    }

    /// Replaces the text of a layer's kustomization.
    pub(super) fn set(&mut self, layer: &Layer, text: String) {
        if let Some((path, source)) = self.files.get_mut(layer) {
            *source = Source::new(source.name(), text);
            self.tree.set(path, Some(source.text().into()));
        }
    }

    /// Adds a file beside the kustomization of a layer; answers its path.
    pub(super) fn add(&mut self, layer: &Layer, name: &str, text: &str) -> Option<PathBuf> {
        let path = self.files.get(layer)?.0.with_file_name(name);
        self.tree.set(&path, Some(text.into()));
        Some(path)
    }

    /// Files and texts that differ from the disk.
    pub(super) fn edits(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        let written = self.tree.changes().filter_map(|(path, text)| Some((path, text?)));
        written.filter(|(path, text)| std::fs::read(path).ok().as_deref() != Some(*text))
    }

    /// The images of the actors as a layer's own `images:` find them.
    pub(super) fn given(&self, layer: &Layer) -> Result<Given> {
        let Some((path, source)) = self.files.get(layer) else { return Ok(Given::new()) };
        let mut without = yaml::read(source).map_err(|wrong| {
            Error::project(format!("`{}` cannot be read", source.name())).at(SourceDiagnostics::one(source, *wrong))
        })?;
        if let Some(fields) = without.as_object_mut() {
            fields.shift_remove("images");
        }
        let mut tree = self.tree.clone();
        tree.set(path, Some(yaml::write(&without).into()));
        // What is wrong is shown in the file as it is written.
        self.images(&tree, path).map_err(|error| self.images(&self.tree, path).err().unwrap_or(error))
    }

    /// The images of the actors that a layer renders.
    pub(super) fn result(&self, layer: &Layer) -> Result<Given> {
        let Some((path, _)) = self.files.get(layer) else { return Ok(Given::new()) };
        self.images(&self.tree, path)
    }

    /// The images of the actors in a directory.
    pub(super) fn images_of(&self, directory: &Path) -> Result<Given> {
        Ok(self.preview.objects(&self.tree, directory)?.iter().filter_map(image).collect())
    }

    fn images(&self, tree: &DiskTree, kustomization: &Path) -> Result<Given> {
        let directory = kustomization.parent().unwrap_or(kustomization);
        Ok(self.preview.objects(tree, directory)?.iter().filter_map(image).collect())
    }

    /// Says which program rendered, if it is not built in.
    pub(super) fn tell(&self, ui: &mut Ui) {
        self.preview.tell(ui);
    }
}

fn image(object: &Object) -> Option<(String, String)> {
    let image = object.value().pointer("/spec/image")?.as_str()?;
    (object.kind() == "AsyncActor").then(|| (object.name().to_owned(), image.to_owned()))
}

/// The name in an image as `images:` compare it: without tag and digest.
pub(super) fn name_of(image: &str) -> String {
    image.parse::<ImageReference>().map_or_else(|_| image.to_owned(), |reference| reference.name)
}
