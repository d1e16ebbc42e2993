//! Where the text of other modules comes from. The compiler asks, somebody else reads.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::source::Source;
use crate::syntax;
use crate::syntax::tree::Module;

/// What stands under a dotted module name.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// Nothing.
    Missing,
    /// A directory without `__init__.py`, whose modules can be imported all the same.
    Namespace,
    /// Something that is there and cannot be read as Python: a compiled extension, an encoding
    /// that is not known.
    Opaque,
    /// A Python file.
    File(FoundFile),
    /// A Python file that cannot be read as text; why, with the file.
    Broken(SourceDiagnostics),
}

/// A Python file that was found.
#[derive(Debug, Clone)]
pub struct FoundFile {
    /// Its text.
    pub source: Source,
    /// It is a package's `__init__.py`.
    pub is_package: bool,
    /// Other files that would be found under the same name if this one were not there.
    pub hides: Vec<String>,
    /// Its tree.
    pub tree: ModuleTree,
}

/// The tree of a text, made when somebody needs it first; clones share it.
#[derive(Debug, Clone, Default)]
pub struct ModuleTree(Arc<OnceLock<Result<Module, Vec<Diagnostic>>>>);

impl ModuleTree {
    /// The tree of `source`, which must be the same text every time, or every syntax error.
    pub(super) fn of(&self, source: &Source) -> Result<&Module, &[Diagnostic]> {
        self.0.get_or_init(|| syntax::parse(source)).as_ref().map_err(Vec::as_slice)
    }

    /// The tree that was made without errors.
    pub(super) fn made(&self) -> Option<&Module> {
        self.0.get()?.as_ref().ok()
    }
}

/// Finds modules by name, as Python's import system would.
pub trait ModuleFiles: Debug + Send + Sync {
    /// What stands under `module`.
    fn find(&self, module: &str) -> Lookup;

    /// What stands under `module` in the directory that Python searches before its own library.
    fn find_before_standard(&self, module: &str) -> Lookup {
        let _ = module;
        Lookup::Missing
    }
}

/// Modules as a table, by dotted name; a source called `…/__init__.py` is a package.
impl ModuleFiles for BTreeMap<String, Source> {
    fn find(&self, module: &str) -> Lookup {
        let inside = |name: &String| name.strip_prefix(module).is_some_and(|rest| rest.starts_with('.'));
        match self.get(module) {
            Some(source) => Lookup::File(FoundFile {
                source: source.clone(),
                is_package: source.name().ends_with("__init__.py"),
                hides: Vec::new(),
                tree: ModuleTree::default(),
            }),
            None if self.keys().any(inside) => Lookup::Namespace,
            None => Lookup::Missing,
        }
    }
}
