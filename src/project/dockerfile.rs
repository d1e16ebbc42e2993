//! Directories with a Dockerfile, and which Python goes into their images.

use std::path::{Path, PathBuf};

use super::python::{is_identifier, module_name, python_modules};
use super::skaffold::files;

/// A directory that an image is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerContext {
    /// The directory, relative to the root; empty for the root itself.
    pub directory: PathBuf,
    /// Dotted modules whose handlers are in the image; `*` for all that no other image holds.
    pub modules: Vec<String>,
    /// Modules are imported from the directory itself, so that Python has to look there.
    pub is_import_root: bool,
}

/// The directories at or below `root` that hold a Dockerfile, sorted, with the modules in them. A
/// module that two of them hold is in neither: nobody but the user knows which is meant.
pub fn docker_contexts(root: &Path) -> Vec<DockerContext> {
    let mut directories: Vec<PathBuf> = files(root, &["Dockerfile", "Containerfile"])
        .iter()
        .filter_map(|file| Some(file.parent()?.strip_prefix(root).ok()?.to_owned()))
        .collect();
    directories.dedup();
    let mut contexts: Vec<DockerContext> = directories.into_iter().map(|directory| context(root, directory)).collect();
    let all: Vec<String> = contexts.iter().flat_map(|context| context.modules.clone()).collect();
    for context in &mut contexts {
        let before = context.modules.len();
        context.modules.retain(|module| all.iter().filter(|other| *other == module).count() == 1);
        context.is_import_root &= context.modules.len() == before;
    }
    contexts
}

fn context(root: &Path, directory: PathBuf) -> DockerContext {
    if directory.as_os_str().is_empty() {
        return DockerContext { directory, modules: vec!["*".to_owned()], is_import_root: false };
    }
    let real = root.join(&directory);
    if real.join("__init__.py").is_file() {
        let modules = vec![module_name(&real.join("__init__.py"))];
        return DockerContext { directory, modules, is_import_root: false };
    }
    let own = python_modules(std::slice::from_ref(&real));
    let is_import_root = !own.is_empty();
    let mut modules: Vec<String> = own.into_iter().collect();
    let parts: Vec<String> =
        directory.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    // The same files as seen from the root.
    if is_import_root && parts.iter().all(|part| is_identifier(part)) {
        modules.insert(0, parts.join("."));
    }
    DockerContext { directory, modules, is_import_root }
}
