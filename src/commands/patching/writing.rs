//! Patch files of a layer, and the lines of its kustomization that name them.

use std::path::PathBuf;

use serde_json::Value;

use super::Workspace;
use crate::artifacts::patching::{self, Patch};
use crate::artifacts::placement::Layer;
use crate::artifacts::yaml;
use crate::error::Result;
use crate::project::edit;
use crate::source::Source;

impl Workspace<'_> {
    pub(super) fn write_merge(&mut self, layer: &Layer, actor: &str, patch: &Patch) -> Result<()> {
        let path = self.directory(layer).join(patching::merge_file(actor));
        let before = self.read(&path)?;
        let Some(document) = patch.merge_document(actor) else {
            return self.withdraw(layer, actor, false, path);
        };
        let known = self.patch(layer, actor)?.merge_document(actor);
        let text = match &before {
            Some(source) if known.as_ref() == Some(&document) => source.text().to_owned(),
            Some(source) => changed(source, &document)?,
            None => {
                let place = match layer {
                    Layer::Common => "in every environment".to_owned(),
                    Layer::Overlay(context) => format!("in `{context}`"),
                };
                patching::merge_text(&document, actor, &place)
            }
        };
        self.set(path, Some(text));
        self.name(layer, actor, false)
    }

    pub(super) fn write_lists(&mut self, layer: &Layer, actor: &str, text: Option<String>) -> Result<()> {
        let path = self.directory(layer).join(patching::lists_file(actor));
        if text.is_none() {
            return self.withdraw(layer, actor, true, path);
        }
        self.set(path, text);
        self.name(layer, actor, true)
    }

    /// Takes a file away, and out of the kustomization.
    fn withdraw(&mut self, layer: &Layer, actor: &str, is_lists: bool, path: PathBuf) -> Result<()> {
        let listed = self.listed(layer)?;
        for listed in listed.iter().filter(|listed| listed.actor == actor && listed.is_lists == is_lists) {
            let (kustomization, source) = self.kustomization(layer)?;
            let text = edit::remove_list_mapping(&source, "patches", "path", &listed.path)?;
            self.set(kustomization, Some(text));
        }
        if self.read(&path)?.is_some() {
            self.set(path, None);
        }
        Ok(())
    }

    /// Lists a file in the kustomization, once.
    fn name(&mut self, layer: &Layer, actor: &str, is_lists: bool) -> Result<()> {
        if self.listed(layer)?.iter().any(|listed| listed.actor == actor && listed.is_lists == is_lists) {
            return Ok(());
        }
        let (path, source) = self.kustomization(layer)?;
        let text = if is_lists {
            edit::add_targeted_patch(&source, &patching::lists_file(actor), "AsyncActor", actor)?
        } else {
            edit::add_list_mapping(&source, "patches", "path", &patching::merge_file(actor))?
        };
        self.set(path, Some(text));
        Ok(())
    }
}

/// The text of a merge patch that says something else now.
fn changed(source: &Source, document: &Value) -> Result<String> {
    let before = patching::read(source)?;
    edit::set_document(source, &before, document).or_else(|refused| {
        // A file as it was made has nothing to lose.
        let head: String = source.text().split_inclusive('\n').take_while(|line| line.starts_with('#')).collect();
        let is_as_made = source.text().strip_prefix(&head) == Some(&yaml::write(&before));
        if is_as_made { Ok(head + &yaml::write(document)) } else { Err(refused) }
    })
}
