//! What the project's `skaffold.yaml` files say about images: which directory goes into which.

use std::path::{Path, PathBuf};

use super::Project;
use super::python::{entries, is_foreign};
use super::text::{absolute, read_source, relative};
use super::yaml::{self, Node, Value};
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::source::Source;

/// An entry of `build.artifacts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkaffoldArtifact {
    /// The image's name.
    pub image: String,
    /// The directory it is built from; absolute.
    pub context: PathBuf,
    /// The file that says so; absolute.
    pub file: PathBuf,
    /// Where it is written: `skaffold.yaml:7`.
    pub place: String,
}

/// How deep below the root the files are looked for.
const MAX_DEPTH: usize = 6;

const FILE: &str = "skaffold.yaml";

impl Project {
    /// The artifacts of every `skaffold.yaml` of the project, in the order of the files' paths.
    /// Profiles, required configurations and everything but `build.artifacts` are left to Skaffold.
    pub fn skaffold_artifacts(&self) -> Result<&[SkaffoldArtifact]> {
        match self.skaffold.get_or_init(|| self.read_skaffold()) {
            Ok(artifacts) => Ok(artifacts),
            Err(error) => Err(error.clone()),
        }
    }

    fn read_skaffold(&self) -> Result<Vec<SkaffoldArtifact>> {
        skaffold_artifacts(self.root())
    }
}

/// [`Project::skaffold_artifacts`] of a directory that need not be a project yet.
pub fn skaffold_artifacts(root: &Path) -> Result<Vec<SkaffoldArtifact>> {
    let mut artifacts = Vec::new();
    for path in files(root, &[FILE]) {
        let shown = relative(root, &path).display().to_string().replace('\\', "/");
        let source = read_source(&path, &shown)?;
        let directory = path.parent().unwrap_or(root);
        for document in documents(&source) {
            read(&document, &path, directory, &mut artifacts).map_err(|problem| {
                Error::project(format!("`{shown}` cannot be used"))
                    .because("it says which images your handlers are in")
                    .at(SourceDiagnostics::one(&source, *problem))
            })?;
        }
    }
    Ok(artifacts)
}

/// Every file of one of these names at or below `root`, sorted; not in hidden, foreign and generated
/// directories.
pub(super) fn files(root: &Path, names: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((directory, depth)) = open.pop() {
        for (name, path) in entries(&directory) {
            if names.contains(&name.as_str()) && path.is_file() {
                found.push(path);
                continue;
            }
            let is_ours = !name.starts_with('.') && name != "compiled" && depth < MAX_DEPTH && !path.is_symlink();
            if is_ours && path.is_dir() && !is_foreign(&name, &path) {
                open.push((path, depth + 1));
            }
        }
    }
    found.sort();
    found
}

/// The YAML documents of a file, each with everything else blanked out so that places stay right.
fn documents(source: &Source) -> Vec<Source> {
    let text = source.text();
    let mut starts: Vec<usize> = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix("---");
        if at > 0 && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)) {
            starts.push(at);
        }
        at += line.len();
    }
    let blank = |part: &str| -> String { part.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect() };
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let own = &text[*start..end];
            let own = match own.strip_prefix("---") {
                Some(rest) => format!("   {rest}"),
                None => own.to_owned(),
            };
            Source::new(source.name(), format!("{}{own}", blank(&text[..*start])))
        })
        .collect()
}

fn read(document: &Source, file: &Path, directory: &Path, artifacts: &mut Vec<SkaffoldArtifact>) -> yaml::Located<()> {
    if document.text().trim().is_empty() {
        return Ok(());
    }
    let tree = yaml::parse(document)?;
    if tree.value == Value::Null {
        return Ok(());
    }
    expect(&tree, "a Skaffold configuration", "a mapping", |value| matches!(value, Value::Map(_)))?;
    let Some(build) = tree.get("build") else { return Ok(()) };
    expect(build, "`build`", "a mapping", |value| matches!(value, Value::Map(_) | Value::Null))?;
    let Some(list) = build.get("artifacts") else { return Ok(()) };
    expect(list, "`build.artifacts`", "a list", |value| matches!(value, Value::List(_) | Value::Null))?;
    let Value::List(items) = &list.value else { return Ok(()) };
    for (at, item) in items.iter().enumerate() {
        let key = format!("build.artifacts.{at}");
        expect(item, &format!("`{key}`"), "a mapping", |value| matches!(value, Value::Map(_)))?;
        let place = item.entries().first().map_or(&item.origin, |entry| &entry.at);
        let Some(image) = item.get("image") else {
            return Err(Box::new(Diagnostic::error(place.span, format!("`{key}` has no `image`"))));
        };
        let Some(name) = text(image, &format!("`{key}.image`"))? else {
            return Err(Box::new(Diagnostic::error(place.span, format!("`{key}.image` is empty"))));
        };
        let written = match item.get("context") {
            Some(context) => text(context, &format!("`{key}.context`"))?,
            None => None,
        };
        let context = absolute(directory, Path::new(written.as_deref().unwrap_or(".")));
        if !context.is_dir() {
            let span = item.get("context").map_or(place.span, |context| context.origin.span);
            let message = format!("there is no directory `{}`", written.unwrap_or_default());
            return Err(Box::new(
                Diagnostic::error(span, message)
                    .note("an image is built from it; paths are relative to this file")
                    .help("correct the path, or take the artifact out"),
            ));
        }
        artifacts.push(SkaffoldArtifact { image: name, context, file: file.to_owned(), place: image.origin.shown() });
    }
    Ok(())
}

fn text(node: &Node, what: &str) -> yaml::Located<Option<String>> {
    match &node.value {
        Value::Null => Ok(None),
        Value::Text(text) if text.trim().is_empty() => Ok(None),
        Value::Text(text) => Ok(Some(text.clone())),
        _ => Err(mistyped(node, what, "text")),
    }
}

fn expect(node: &Node, what: &str, wanted: &str, is: impl Fn(&Value) -> bool) -> yaml::Located<()> {
    if is(&node.value) { Ok(()) } else { Err(mistyped(node, what, wanted)) }
}

fn mistyped(node: &Node, what: &str, wanted: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(node.origin.span, format!("{what} must be {wanted}, not {}", node.value.kind())))
}
