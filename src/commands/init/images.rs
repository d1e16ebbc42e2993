//! Images of a new project, from what already builds them.

use std::path::Path;

use crate::error::Result;
use crate::event::Event;
use crate::names::{counted, kebab, listed};
use crate::project::{DockerContext, docker_contexts, skaffold_artifacts};
use crate::ui::Ui;

/// Images that a Dockerfile is there for.
pub(super) struct Images {
    registry: String,
    contexts: Vec<DockerContext>,
    /// Name of the directory the project is in, for an image built from all of it.
    project: String,
}

/// What builds images below `root`. A `skaffold.yaml` is read by every compilation, so it needs no
/// configuration and goes before Dockerfiles. On a terminal the person may decline.
pub(super) fn found(root: &Path, registry: &str, ask: bool, ui: &mut Ui) -> Result<Images> {
    let project = root.file_name().map(|name| kebab(&name.to_string_lossy())).unwrap_or_default();
    let mut images = Images { registry: registry.to_owned(), contexts: Vec::new(), project };
    match skaffold_artifacts(root) {
        Ok(artifacts) if artifacts.is_empty() => {}
        Ok(artifacts) => {
            let mut names: Vec<String> = artifacts.iter().map(|artifact| artifact.image.clone()).collect();
            names.dedup();
            ui.event(Event::Note(format!(
                "{} of `skaffold.yaml` found: {}",
                counted(names.len(), "image"),
                listed(&names)
            )));
            return Ok(images);
        }
        Err(error) => {
            let reason = error.located().iter().flat_map(|located| &located.diagnostics).next();
            ui.event(Event::Warning {
                message: format!("{error}{}", reason.map(|it| format!(" ({})", it.message)).unwrap_or_default()),
                hint: Some("compiling a flow reads it again".to_owned()),
            });
        }
    }
    let (with, without): (Vec<DockerContext>, Vec<DockerContext>) =
        docker_contexts(root).into_iter().partition(|context| !context.modules.is_empty());
    for context in without {
        ui.event(Event::Note(format!(
            "`{}` has a Dockerfile, but no Python modules of its own: add it to `build` by hand if handlers are in it",
            context.directory.display()
        )));
    }
    if with.is_empty() {
        return Ok(images);
    }
    images.contexts = with;
    let names = listed(&images.names());
    if ask && !ui.confirm(&format!("Use the images of your Dockerfiles ({names})?"), true)? {
        images.contexts.clear();
        return Ok(images);
    }
    ui.event(Event::Note(format!("{} of Dockerfiles found: {names}", counted(images.contexts.len(), "image"))));
    Ok(images)
}

impl Images {
    pub(super) fn is_empty(&self) -> bool {
        self.contexts.is_empty()
    }

    fn names(&self) -> Vec<String> {
        self.contexts.iter().map(|context| self.image(context)).collect()
    }

    fn image(&self, context: &DockerContext) -> String {
        let name = context.directory.file_name().map(|name| kebab(&name.to_string_lossy()));
        let name = name.unwrap_or_else(|| self.project.clone());
        format!("{}/{}", self.registry, if name.is_empty() { "handlers" } else { &name })
    }

    /// The lines of `build:` in `config.yaml`, with the key.
    pub(super) fn lines(&self) -> String {
        let mut text = "build:\n".to_owned();
        for context in &self.contexts {
            let image = self.image(context);
            let directory = quoted(&slashes(&context.directory));
            for module in &context.modules {
                text.push_str(&format!("  - module: {}\n    image: {image}\n", quoted(module)));
                text.push_str(&format!("    command: docker build -t {image} .\n"));
                if !context.directory.as_os_str().is_empty() {
                    text.push_str(&format!("    path: {directory}\n"));
                }
            }
        }
        text
    }

    /// Lines of `compiler:` for modules that are imported from where their image is built.
    pub(super) fn python_path(&self) -> String {
        let roots: Vec<String> = self
            .contexts
            .iter()
            .filter(|context| context.is_import_root)
            .map(|context| quoted(&format!("./{}", slashes(&context.directory))))
            .collect();
        match roots.as_slice() {
            [] => String::new(),
            roots => format!(
                "  # Where handlers are imported from, besides the directory of the flow.\n  python_path: [{}]\n",
                roots.join(", ")
            ),
        }
    }
}

fn slashes(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// Text as YAML: plain where that is safe everywhere.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/');
    if text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.') && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
