//! The flows of `tests/corpus`, with their inputs.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// One file `tests/corpus/<folder>/<name>.py` and the `.json` beside it.
pub struct Flow {
    pub folder: String,
    /// The file and the function.
    pub name: String,
    pub source: String,
    /// Payloads by name, as JSON.
    pub inputs: Vec<(String, String)>,
}

impl Flow {
    /// `agents/tool_loop`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }

    /// The dotted module.
    pub fn module(&self) -> String {
        format!("{}.{}", self.folder, self.name)
    }

    /// Whether Python `version` has the syntax and the library of this flow.
    pub fn runs_on(&self, version: (u32, u32)) -> bool {
        let needs = self.source.lines().next().and_then(|line| line.strip_prefix("# needs Python 3."));
        needs.is_none_or(|minor| version >= (3, minor.parse().unwrap()))
    }
}

/// The directory of the corpus, which is a project for itself.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// The folders with flows, sorted.
pub fn folders() -> Vec<String> {
    let mut folders: Vec<String> = names(&root()).into_iter().filter(|name| !name.contains('.')).collect();
    folders.retain(|folder| folder != "ai" && folder != "__pycache__");
    folders
}

/// The flows of a folder, sorted by name.
pub fn flows(folder: &str) -> Vec<Flow> {
    let directory = root().join(folder);
    let names = names(&directory).into_iter().filter_map(|file| file.strip_suffix(".py").map(str::to_owned));
    names.filter(|name| name != "__init__").map(|name| read(&directory, folder, name)).collect()
}

fn read(directory: &Path, folder: &str, name: String) -> Flow {
    let source = std::fs::read_to_string(directory.join(format!("{name}.py"))).unwrap();
    let inputs = directory.join(format!("{name}.json"));
    let inputs = std::fs::read_to_string(&inputs).unwrap_or_else(|error| panic!("{}: {error}", inputs.display()));
    let inputs: Value = serde_json::from_str(&inputs).unwrap_or_else(|error| panic!("{folder}/{name}.json: {error}"));
    let inputs = inputs.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.to_string())).collect();
    Flow { folder: folder.to_owned(), name, source, inputs }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
