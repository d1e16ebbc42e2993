//! Rendering against the reference: `kubectl kustomize`, byte for byte.
#![allow(clippy::print_stderr)]

mod awkward;
mod command;
mod examples;
mod features;
mod fields;
mod hostile;
mod hostile_trees;
mod mistakes;
mod random;
pub mod reference;
mod tables;
mod trees;
mod writers;

use std::path::Path;

use asya::kustomize::render;
use asya::project::DiskTree;

use crate::sandbox::Sandbox;
use reference::Reference;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn write<T: AsRef<[u8]>>(root: &Path, files: &[(String, T)]) {
    for (path, content) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

fn rendered(directory: &Path) -> Result<String, String> {
    let tree = DiskTree::new(directory);
    render(&tree, Path::new(".")).map(|rendering| rendering.to_yaml()).map_err(|error| {
        let error = asya::error::Error::from(error);
        let located: Vec<&str> = error
            .located()
            .iter()
            .flat_map(|located| located.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()))
            .collect();
        format!("{error} {}", located.join(" / "))
    })
}

/// The first line where two texts differ, with the lines around it.
fn difference(mine: &str, theirs: &str) -> String {
    let (mine, theirs): (Vec<&str>, Vec<&str>) = (mine.lines().collect(), theirs.lines().collect());
    let at = mine.iter().zip(&theirs).position(|(a, b)| a != b).unwrap_or(mine.len().min(theirs.len()));
    let part = |lines: &[&str]| lines[at.saturating_sub(6).min(lines.len())..(at + 4).min(lines.len())].join("\n    ");
    format!("line {}\n  asya:\n    {}\n  reference:\n    {}", at + 1, part(&mine), part(&theirs))
}

/// What two renderers that agree make of a directory.
#[derive(Debug, PartialEq)]
enum Compared {
    Same,
    /// Both refuse; with our reason.
    Refused(String),
}

/// Renders a directory with both; the error says how they differ.
fn compare(reference: &mut Reference, directory: &Path) -> Result<Compared, String> {
    match (rendered(directory), reference.render(directory)) {
        (Ok(mine), Ok(theirs)) if mine == theirs => Ok(Compared::Same),
        (Ok(mine), Ok(theirs)) => Err(difference(&mine, &theirs)),
        (Err(mine), Err(_)) => Ok(Compared::Refused(mine)),
        (Err(mine), Ok(_)) => Err(format!("only asya refuses: {mine}")),
        (Ok(_), Err(theirs)) => Err(format!("only the reference refuses: {theirs}")),
    }
}

fn kustomization(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::Builder::new().prefix("asya-tree-").tempdir().unwrap();
    let files: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    write(root.path(), &files);
    root
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n        image: nginx:1\n        env: [{name: X, value: '1'}, {name: Y, value: '2'}]\n        ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]\n      - name: b\n        image: app\n";
const ACTOR: &str = "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata:\n  name: clean\nspec:\n  image: app:1\n  env:\n  - name: X\n    value: '1'\n";

fn sandbox(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (path, text) in files {
        sandbox.write(path, text);
    }
    sandbox
}
