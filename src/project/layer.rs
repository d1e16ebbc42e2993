//! Configuration files: read, put in their place, merged from the outermost layer to the nearest.

use std::path::{Path, PathBuf};

use super::discover::MARKER;
use super::text::relative;
use super::trust::Trust;
use super::yaml::{Entry, Located, Node, Origin, Value, parse};
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result, io_reason};
use crate::source::{Source, Span};

const DEFAULTS: &str = include_str!("defaults.yaml");
const DEFAULTS_NAME: &str = "built-in defaults";

/// Whether nobody wrote this value.
pub(super) fn is_default(origin: &Origin) -> bool {
    origin.source.name() == DEFAULTS_NAME
}

/// One configuration file.
pub(super) struct LayerFile {
    pub(super) path: PathBuf,
    pub(super) source: Source,
    /// The key its contents belong at; empty for `config.yaml`.
    pub(super) section: Vec<String>,
    /// The directory whose `.asya/` it lies in.
    pub(super) layer: PathBuf,
}

/// What the files say together.
pub(super) struct Loaded {
    pub(super) tree: Node,
    /// In the order in which they were merged.
    pub(super) files: Vec<LayerFile>,
}

/// The merged tree of the built-in defaults and `layers` (outermost first); `root` is the project
/// root, for showing names. Every file that cannot be used is reported, not the first.
pub(super) fn load(root: &Path, layers: &[impl AsRef<Path>], trust: &Trust) -> Result<Loaded> {
    let mut read = Vec::new();
    for layer in layers {
        read.extend(files(root, layer.as_ref(), trust)?);
    }
    Ok(Loaded { tree: merged(&read)?, files: read })
}

/// The merged tree of the built-in defaults and `files`, in their order. Every file that cannot be
/// used is reported.
pub(super) fn merged(files: &[LayerFile]) -> Result<Node> {
    let defaults = Source::new(DEFAULTS_NAME, DEFAULTS);
    let mut merged = parse(&defaults)
        .map_err(|problem| Error::project("the built-in defaults are broken").because(problem.message))?;
    let mut problems = Vec::new();
    for file in files {
        match tree(file) {
            Ok(Some(tree)) => merged = merge(merged, tree),
            Ok(None) => {}
            Err(problem) => problems.push(SourceDiagnostics::one(&file.source, *problem)),
        }
    }
    if problems.is_empty() {
        return Ok(merged);
    }
    Err(problems.into_iter().fold(Error::project("the configuration cannot be used"), Error::at))
}

/// The configuration files of one layer with the key path each belongs at: `config.yaml` first,
/// so that it does not matter how a section's name sorts.
fn files(root: &Path, layer: &Path, trust: &Trust) -> Result<Vec<LayerFile>> {
    let directory = layer.join(MARKER);
    let shown = relative(root, &directory);
    let unreadable = |error| Error::project(format!("`{}` cannot be read", shown.display())).because(io_reason(&error));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&directory).map_err(unreadable)? {
        if let Ok(name) = entry.map_err(unreadable)?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let shown = shown.join(&name).display().to_string();
        if name == "config.yml" || (name.starts_with("config.") && name.ends_with(".yml")) {
            let wanted = format!("{}.yaml", name.trim_end_matches(".yml"));
            return Err(Error::project(format!("`{shown}` would not be read: configuration files end in `.yaml`"))
                .hint(format!("rename it to `{wanted}`")));
        }
        let Some(section) = name.strip_prefix("config").and_then(|rest| rest.strip_suffix(".yaml")) else {
            continue;
        };
        let section: Vec<String> = match section.strip_prefix('.') {
            Some(section) => section.split('.').map(str::to_owned).collect(),
            None if section.is_empty() => Vec::new(),
            None => continue,
        };
        if section.iter().any(String::is_empty) {
            return Err(Error::project(format!("`{shown}` names no key: two dots follow each other"))
                .hint("name it after the key it sets, such as `config.compiler.rules.yaml`"));
        }
        let path = directory.join(&name);
        let source = trust.read(&path, &shown)?;
        found.push(LayerFile { path, source, section, layer: layer.to_owned() });
    }
    found.sort_by_key(|file| !file.section.is_empty());
    Ok(found)
}

/// One file as a tree that starts at the root of the configuration; `None` for a file that says
/// nothing.
fn tree(file: &LayerFile) -> Located<Option<Node>> {
    let LayerFile { source, section, layer, .. } = file;
    let mut tree = parse(source)?;
    if tree.value == Value::Null {
        return Ok(None);
    }
    if section.is_empty() && !matches!(tree.value, Value::Map(_)) {
        let message = format!("`config.yaml` must be a mapping of keys, not {}", tree.value.kind());
        let problem = Diagnostic::error(source.line_span(source.line_of(tree.origin.span.start)), message);
        return Err(Box::new(problem.help("write it as `key: value` lines")));
    }
    anchor(&mut tree, layer);
    let origin = Origin { source: source.clone(), span: Span::new(0, 0) };
    Ok(Some(nested(section, tree, &origin)))
}

/// `leaf` below the keys of `path`.
pub(super) fn nested(path: &[String], leaf: Node, origin: &Origin) -> Node {
    path.iter().rev().fold(leaf, |node, key| Node {
        value: Value::Map(vec![Entry { key: key.clone(), at: origin.clone(), node }]),
        origin: origin.clone(),
    })
}

/// Makes `./` paths absolute: they mean the directory of the file they are written in, also after
/// merging. Texts with `${` are left until they are evaluated.
pub(super) fn anchor(node: &mut Node, layer: &Path) {
    match &mut node.value {
        Value::Text(text) => {
            if let Some(rest) = text.strip_prefix("./").filter(|rest| !rest.contains("${")) {
                *text = layer.join(rest).display().to_string();
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| anchor(item, layer)),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| anchor(&mut entry.node, layer)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `near` over `far`: mappings key by key, lists one after the other, anything else replaced. A
/// key with nothing behind it (all its lines commented out) says nothing and changes nothing.
pub(super) fn merge(far: Node, near: Node) -> Node {
    let value = match (far.value, near.value) {
        (Value::Map(mut entries), Value::Map(over)) => {
            for entry in over {
                match entries.iter().position(|known| known.key == entry.key) {
                    Some(index) => {
                        let known = entries.remove(index);
                        entries.insert(index, Entry { node: merge(known.node, entry.node), ..entry });
                    }
                    None => entries.push(entry),
                }
            }
            Value::Map(entries)
        }
        (Value::List(mut items), Value::List(more)) => {
            items.extend(more);
            Value::List(items)
        }
        (kept, Value::Null) => return Node { value: kept, origin: far.origin },
        (_, value) => value,
    };
    Node { value, origin: near.origin }
}
