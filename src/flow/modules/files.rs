//! Where the text of other modules comes from. The compiler asks, somebody else reads.

use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::diagnostic::SourceDiagnostics;
use crate::source::Source;

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
            }),
            None if self.keys().any(inside) => Lookup::Namespace,
            None => Lookup::Missing,
        }
    }
}
