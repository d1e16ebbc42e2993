//! Renders a directory of kustomizations, equal to `kubectl kustomize` byte for byte.
//!
//! ```text
//! files ─► read ─► build (resources, generators, components, transformers) ─► objects ─► YAML
//! ```

mod build;
mod convert;
mod default_fields;
mod elements;
mod error;
mod field_spec;
mod generate;
mod kustomization;
mod loader;
mod merge;
mod merge_keys;
mod node;
mod object;
mod patch;
mod read;
mod reader;
mod references;
mod resource;
mod select;
mod transform;

use std::path::Path;

pub use error::RenderError;
pub use object::{Object, ObjectId};
pub use read::FILE_MAX;

/// Read access to a tree of files, so that rendering itself touches no disk.
/// Paths are as written in kustomizations, joined to the directory that was asked for, or what
/// [`canonical`](FileTree::canonical) answered.
pub trait FileTree {
    /// The bytes of a file; the error is a short reason without the path.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;
    /// Whether `path` is a directory.
    fn is_dir(&self, path: &Path) -> bool;
    /// Whether `path` is a file.
    fn is_file(&self, path: &Path) -> bool;
    /// The path with `.`, `..` and symbolic links resolved.
    fn canonical(&self, path: &Path) -> Result<std::path::PathBuf, String>;
}

/// The objects of a directory, in kustomize's order.
#[derive(Debug, Clone, Default)]
pub struct Rendering {
    /// The objects.
    pub objects: Vec<Object>,
}

impl Rendering {
    /// The objects as one YAML stream, the text that `kubectl kustomize` prints.
    pub fn to_yaml(&self) -> String {
        let documents: Vec<String> =
            self.objects.iter().map(|object| crate::yaml::write_sorted(object.value())).collect();
        documents.join("---\n")
    }

    /// Reads the objects of a YAML stream, such as another program's output; the error says why
    /// it is none.
    pub fn from_yaml(name: &str, text: &str) -> Result<Self, RenderError> {
        let source = read::text_of(name, text.as_bytes())?;
        let resources = build::objects(&source, read::documents(&source)?)?;
        let mut objects = Vec::with_capacity(resources.len());
        for resource in resources {
            let wrong = |reason: String| error::Fault::new(resource.span, reason).of(&resource.source);
            objects.push(Object::new(resource.node.to_json().map_err(wrong)?).map_err(wrong)?);
        }
        Ok(Self { objects })
    }
}

/// Renders the kustomization in directory `dir` of `tree`.
///
/// # Errors
/// [`RenderError::Unsupported`] for a field of kustomize that is not built in, and
/// [`RenderError::Invalid`] for what kustomize refuses as well, each with file and line.
pub fn render(tree: &dyn FileTree, dir: &Path) -> Result<Rendering, RenderError> {
    Ok(Rendering { objects: build::render(tree, dir)? })
}
