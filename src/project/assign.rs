//! Values that a command sets: checked as if they were configuration already, then put into the
//! file they belong in.

use std::path::{Path, PathBuf};

use super::decode::{attempt, located};
use super::edit_scalar::set_value;
use super::inputs::Inputs;
use super::key_path::KeyPath;
use super::layer::{LayerFile, anchor, merge};
use super::overrides::{self, variable};
use super::values::{json, origin};
use super::yaml::{Entry, Node, Origin, Value, parse};
use super::{MARKER, discover, read};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::source::{Source, Span};

/// The name that values from the command line are shown under, in the place of a file.
const COMMAND_LINE: &str = "command line";

/// One value to be set.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Its key.
    pub key: KeyPath,
    /// As it was typed. Text where the key wants text, else what YAML makes of it.
    pub value: String,
}

/// Files of the nearest `.asya/` with values set in them; nothing is written yet.
#[derive(Debug)]
pub struct Assigned {
    /// The project's root.
    pub root: PathBuf,
    /// Files, relative to the root, with their new text.
    pub files: Vec<(PathBuf, String)>,
    /// What becomes of each assignment, in their order.
    pub values: Vec<AssignedValue>,
}

/// What becomes of one assignment.
#[derive(Debug)]
pub struct AssignedValue {
    /// Its key.
    pub key: KeyPath,
    /// The value as configuration holds it.
    pub value: serde_json::Value,
    /// The file it is put in, relative to the root.
    pub file: PathBuf,
    /// The value the key had so far, as text, and where: `.asya/config.yaml:3`.
    pub before: Option<(String, String)>,
    /// The environment variable that sets the key in this process, so that the file does not count.
    pub shadowed_by: Option<String>,
}

/// Sets `assignments` in the project around `start`. They are checked together with everything else
/// the configuration says; errors of kind `Project` show what is wrong with them as typed. A value
/// goes into the file of the nearest `.asya/` that has its key, else into the section it belongs in
/// (`config.contexts.dev.yaml`), else into `config.yaml`; files of outer projects stay as they are.
pub fn assign(start: &Path, inputs: &Inputs<'_>, assignments: &[Assignment]) -> Result<Assigned> {
    let found = discover(start)?;
    let (root, loaded) = read(start, &found)?;
    let set = overrides::trees(inputs.overrides, &loaded.tree)?;
    assignments.iter().try_for_each(|it| not_in_a_list(&loaded.tree, &it.key))?;
    let typed = checked(&loaded.tree, &root, inputs, assignments)?;

    let mut files: Vec<(&LayerFile, Source)> = Vec::new();
    let mut values = Vec::new();
    let fresh = fresh_file(&root);
    for (assignment, value) in assignments.iter().zip(typed) {
        let path = assignment.key.segments();
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        let before = loaded.tree.at(&keys);
        let file = home(&loaded.files, &root, path, before).unwrap_or(&fresh);
        let now = files.iter().find(|(known, _)| known.path == file.path).map_or(&file.source, |(_, now)| now);
        let inside = path.get(file.section.len()..).unwrap_or_default();
        let text = set_value(now, inside, &value)?;
        let changed = Source::new(file.source.name(), text);
        match files.iter_mut().find(|(known, _)| known.path == file.path) {
            Some((_, now)) => *now = changed,
            None => files.push((file, changed)),
        }
        values.push(AssignedValue {
            key: assignment.key.clone(),
            value: json(&value),
            file: file.path.strip_prefix(&root).unwrap_or(&file.path).to_owned(),
            before: before.and_then(|node| Some((node.value.scalar()?, origin(&node.origin)))),
            shadowed_by: set
                .iter()
                .filter_map(|tree| tree.at(&keys))
                .find_map(|node| variable(&node.origin))
                .map(str::to_owned),
        });
    }
    let files = files
        .into_iter()
        .map(|(file, source)| {
            (file.path.strip_prefix(&root).unwrap_or(&file.path).to_owned(), source.text().to_owned())
        })
        .collect();
    Ok(Assigned { root, files, values })
}

/// Items of lists are not set one by one: their places shift as soon as one is added above.
fn not_in_a_list(tree: &Node, key: &KeyPath) -> Result<()> {
    let mut here = tree;
    for (at, segment) in key.segments().iter().enumerate() {
        if let Value::List(items) = &here.value {
            let list = key.segments().get(..at).map(|list| list.join("."));
            let item = segment.parse::<usize>().ok().and_then(|at| items.get(at)).unwrap_or(here);
            return Err(Error::project(format!("`{key}` cannot be set"))
                .because(format!("`{}` is a list, whose items are written by hand", list.unwrap_or_default()))
                .hint(format!("edit {}", origin(&item.origin))));
        }
        let Some(next) = here.get(segment) else { return Ok(()) };
        here = next;
    }
    Ok(())
}

/// Whether configuration may have something at `key`, however it is set. The error shows the part
/// that is wrong.
pub(super) fn check_key(tree: &Node, root: &Path, inputs: &Inputs<'_>, key: &KeyPath) -> Result<()> {
    let source = Source::new(COMMAND_LINE, key.to_string());
    let nothing = Node { value: Value::Null, origin: Origin { source: source.clone(), span: Span::new(0, 0) } };
    let asked = at_keys(&source, 0, key, nothing);
    let wrong = attempt(&merge(tree.clone(), asked), root, inputs.environment).err().unwrap_or_default();
    let typed: Vec<_> = wrong.into_iter().filter(|(source, _)| source.name() == COMMAND_LINE).collect();
    if typed.is_empty() { Ok(()) } else { Err(located(&format!("`{key}` is not a key of the configuration"), typed)) }
}

/// The values with the types that the configuration wants; all of them together must be right.
fn checked(tree: &Node, root: &Path, inputs: &Inputs<'_>, assignments: &[Assignment]) -> Result<Vec<Value>> {
    let lines: Vec<String> =
        assignments.iter().map(|it| format!("{}={}\n", it.key, it.value.replace(['\n', '\r'], " "))).collect();
    let source = Source::new(COMMAND_LINE, lines.concat());
    let mut start = 0;
    let mut values = Vec::new();
    let mut all = tree.clone();
    for (assignment, line) in assignments.iter().zip(&lines) {
        let with = |value: Value| {
            let key = assignment.key.to_string();
            let span = Span::new(start + key.len() + 1, start + line.len() - 1);
            let mut leaf = Node { value, origin: Origin { source: source.clone(), span } };
            anchor(&mut leaf, root);
            at_keys(&source, start, &assignment.key, leaf)
        };
        let is_refused = |value: &Value| {
            let problems = attempt(&merge(tree.clone(), with(value.clone())), root, inputs.environment).err();
            problems.is_some_and(|problems| problems.iter().any(|(source, _)| source.name() == COMMAND_LINE))
        };
        // `true` is no name, `"true"` may be one.
        let (mut value, text) = (plain(&assignment.value), Value::Text(assignment.value.clone()));
        if value != text && is_refused(&value) && !is_refused(&text) {
            value = text;
        }
        all = merge(all, with(value.clone()));
        values.push(value);
        start += line.len();
    }
    match attempt(&all, root, inputs.environment) {
        Ok(_) => Ok(values),
        Err(problems) => {
            let ours = problems.iter().any(|(source, _)| source.name() == COMMAND_LINE);
            let headline = if ours { "the value cannot be set" } else { "the configuration cannot be used" };
            Err(located(headline, problems.into_iter().map(by_hand).collect()))
        }
    }
}

/// Lists and mappings are not typed on a command line.
fn by_hand((source, mut diagnostic): (Source, Diagnostic)) -> (Source, Diagnostic) {
    let wanted = ["must be a list", "must be a mapping"].iter().any(|words| diagnostic.message.contains(words));
    if source.name() == COMMAND_LINE && wanted && diagnostic.help.is_none() {
        diagnostic = diagnostic.help("only single values can be set; write this one into the file by hand");
    }
    (source, diagnostic)
}

/// What YAML makes of a word; text where that is no single value.
fn plain(typed: &str) -> Value {
    let text = || Value::Text(typed.to_owned());
    if typed.contains(['\n', '#', ':']) || typed != typed.trim() {
        return text();
    }
    match parse(&Source::new(COMMAND_LINE, typed)) {
        Ok(Node { value: value @ (Value::Bool(_) | Value::Number(_)), .. }) => value,
        _ => text(),
    }
}

/// `leaf` at the place of `key`, which stands at byte `start` of `source`.
fn at_keys(source: &Source, start: usize, key: &KeyPath, leaf: Node) -> Node {
    let mut node = leaf;
    for (at, segment) in key.segments().iter().enumerate().rev() {
        let span = key.span(at);
        let origin = Origin { source: source.clone(), span: Span::new(start + span.start, start + span.end) };
        let entry = Entry { key: segment.clone(), at: origin.clone(), node };
        node = Node { value: Value::Map(vec![entry]), origin };
    }
    node
}

/// The file of the nearest `.asya/` that `path` belongs in; `None` while there is no such file.
fn home<'a>(files: &'a [LayerFile], root: &Path, path: &[String], before: Option<&Node>) -> Option<&'a LayerFile> {
    let own = || files.iter().filter(|file| file.layer == root);
    let holder = before.and_then(|node| own().find(|file| file.source == node.origin.source));
    let section = || {
        own()
            .filter(|file| !file.section.is_empty() && file.section.len() < path.len())
            .filter(|file| path.starts_with(&file.section))
            .max_by_key(|file| file.section.len())
    };
    holder.or_else(section).or_else(|| own().find(|file| file.section.is_empty()))
}

/// `config.yaml`, which is made by the first value that is set.
fn fresh_file(root: &Path) -> LayerFile {
    let name = Path::new(MARKER).join("config.yaml");
    LayerFile {
        path: root.join(&name),
        source: Source::new(name.display().to_string(), ""),
        section: Vec::new(),
        layer: root.to_owned(),
    }
}
