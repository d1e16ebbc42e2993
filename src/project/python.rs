//! Where the project's Python is found, without running any.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Project;
use super::text::absolute;
use crate::error::Result;

/// How deep a directory without `__init__.py` is searched for modules before it is taken for data.
pub(super) const NAMESPACE_DEPTH: usize = 3;

impl Project {
    /// The directories imports of `source_file` are looked up in, in order: its package root, its
    /// own directory, the project root, `compiler.python_path`, the directories that images are
    /// built from. Absolute, without duplicates. Fails on a `skaffold.yaml` that cannot be used.
    pub fn python_roots(&self, source_file: &Path) -> Result<Vec<PathBuf>> {
        let file = absolute(self.root(), source_file);
        let own = file.parent().unwrap_or(self.root()).to_owned();
        let mut roots: Vec<PathBuf> = Vec::new();
        let wanted = [package_root(&file), own, self.root().to_owned()];
        let contexts = self.skaffold_artifacts()?.iter().map(|artifact| artifact.context.clone());
        for root in wanted.into_iter().chain(self.config().compiler.python_path.iter().cloned()).chain(contexts) {
            if !roots.contains(&root) {
                roots.push(root);
            }
        }
        Ok(roots)
    }
}

/// The directory from which `file` is imported: the first one above it without `__init__.py`.
pub fn package_root(file: &Path) -> PathBuf {
    let mut directory = file.parent().unwrap_or(Path::new("")).to_owned();
    while directory.join("__init__.py").is_file() {
        let Some(parent) = directory.parent() else { break };
        directory = parent.to_owned();
    }
    directory
}

/// The dotted module name of `file` under its package root: `pkg/text/clean.py` is
/// `pkg.text.clean`, `pkg/__init__.py` is `pkg`.
pub fn module_name(file: &Path) -> String {
    let root = package_root(file);
    let inside = file.strip_prefix(&root).unwrap_or(file).with_extension("");
    let mut parts: Vec<String> =
        inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if parts.len() > 1 && parts.last().is_some_and(|last| last == "__init__") {
        parts.pop();
    }
    parts.join(".")
}

/// The top-level modules and packages importable from `roots`: Python files, packages, compiled
/// extensions, and directories that hold Python somewhere below (namespace packages). Virtual
/// environments and hidden directories are not the project's own code.
pub fn python_modules(roots: &[PathBuf]) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for root in roots {
        for (name, path) in entries(root) {
            if path.is_dir() {
                if is_identifier(&name) && !is_foreign(&name, &path) && holds_python(&path, NAMESPACE_DEPTH) {
                    modules.insert(name);
                }
            } else if let Some(module) = module_of(&name) {
                modules.insert(module.to_owned());
            }
        }
    }
    modules
}

/// Every Python file at or below `directory`, sorted, but for hidden directories and other people's
/// code. A directory that cannot be read is an error.
pub fn python_files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
            // Links to directories may lead in circles.
            if entry.file_type()?.is_dir() {
                if !name.starts_with('.') && !is_foreign(&name, &path) {
                    open.push(path);
                }
            } else if name.ends_with(".py") && path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn entries(directory: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .collect()
}

/// The module a file is: `clean.py`, `fast.so`, `fast.cpython-312-x86_64-linux-gnu.so`.
pub(super) fn module_of(file: &str) -> Option<&str> {
    let stem = file
        .strip_suffix(".py")
        .or_else(|| file.strip_suffix(".so").and_then(|stem| stem.split('.').next()))
        .or_else(|| file.strip_suffix(".pyd").and_then(|stem| stem.split('.').next()))?;
    (is_identifier(stem) && stem != "__init__").then_some(stem)
}

pub(super) fn holds_python(directory: &Path, depth: usize) -> bool {
    let entries = entries(directory);
    directory.join("__init__.py").is_file()
        || entries.iter().any(|(name, path)| module_of(name).is_some() && path.is_file())
        || (depth > 0
            && entries.iter().any(|(name, path)| {
                is_identifier(name) && path.is_dir() && !is_foreign(name, path) && holds_python(path, depth - 1)
            }))
}

pub(super) fn is_foreign(name: &str, path: &Path) -> bool {
    matches!(name, "__pycache__" | "node_modules" | "site-packages") || path.join("pyvenv.cfg").exists()
}

pub(super) fn is_identifier(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.is_empty()
}
