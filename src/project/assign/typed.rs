//! Values as they are typed on a command line: which type the configuration wants, and what is wrong
//! with them, shown where they were typed.

use std::path::Path;

use super::{Action, Assignment};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::project::decode::{attempt, located};
use crate::project::edit::Obstacle;
use crate::project::inputs::Inputs;
use crate::project::key_path::KeyPath;
use crate::project::layer::anchor;
use crate::project::values::is_secret_key;
use crate::project::yaml::{Entry, Node, Origin, Value, parse};
use crate::source::{Source, Span};

/// The name that values from the command line are shown under, in the place of a file.
const COMMAND_LINE: &str = "command line";

/// Whether configuration may have something at `key`, however it is set. The error shows the part
/// that is wrong.
pub(in crate::project) fn check_key(tree: &Node, root: &Path, inputs: &Inputs<'_>, key: &KeyPath) -> Result<()> {
    let typed = Typed::new(key, "", false);
    // An item that is not there may be.
    let Ok(asked) = typed.in_tree(tree, root, key, Value::Null, false) else { return Ok(()) };
    let wrong = attempt(&asked, root, inputs).err().unwrap_or_default();
    let ours: Vec<_> = wrong.into_iter().filter(|(source, _)| source.name() == COMMAND_LINE).collect();
    if ours.is_empty() { Ok(()) } else { Err(located(&format!("`{key}` is not a key of the configuration"), ours)) }
}

/// The value of `assignment` with the type that the configuration wants; `None` for one that takes
/// away. It must be right together with everything that `tree` says.
pub(super) fn checked(tree: &Node, root: &Path, inputs: &Inputs<'_>, assignment: &Assignment) -> Result<Option<Value>> {
    let key = &assignment.key;
    let (text, adds) = match &assignment.action {
        Action::Set(text) => (text, false),
        Action::Add(text) => (text, true),
        Action::Unset => return Ok(None),
    };
    let typed = Typed::new(key, text, is_secret_key(key.segments()));
    let problems = |value: &Value| -> Result<Vec<(Source, Diagnostic)>> {
        let with = typed.in_tree(tree, root, key, value.clone(), adds).map_err(|obstacle| missing(key, &obstacle))?;
        Ok(attempt(&with, root, inputs).err().unwrap_or_default())
    };
    let is_ours = |problems: &[(Source, Diagnostic)]| problems.iter().any(|(source, _)| source.name() == COMMAND_LINE);
    // `true` is no name, `"true"` may be one.
    let mut shown = Vec::new();
    let candidates = candidates(text);
    // Of a list or a mapping it is that which is explained, of a number the number.
    let explained = if text.trim().starts_with(['[', '{']) { candidates.len() } else { 1 };
    for (at, value) in candidates.into_iter().enumerate() {
        let problems = problems(&value)?;
        if !is_ours(&problems) {
            return Ok(Some(value));
        }
        if at < explained {
            shown = problems;
        }
    }
    let problems = shown.into_iter().filter(|(source, _)| source.name() == COMMAND_LINE);
    let problems = problems.map(|problem| with_help(problem, key, text, adds)).collect();
    Err(located("the value cannot be set", problems))
}

/// What is said about an item that is not there.
pub(super) fn missing(key: &KeyPath, obstacle: &Obstacle) -> Error {
    let refused = Error::project(format!("`{key}` cannot be set"));
    match obstacle {
        Obstacle::Item { items: 0, .. } => refused.because("the list has no items yet").hint("add one with --add"),
        Obstacle::Item { items, .. } => refused
            .because(format!("the list has {items} {}, counted from 0", if *items == 1 { "item" } else { "items" }))
            .hint("see them with `asya config list`, or add one with --add"),
        Obstacle::Value(node) => refused.because(format!("there is {} in its place", node.value.kind())),
    }
}

/// What may be meant, the most likely first: a number or a boolean, text, a list or a mapping.
fn candidates(typed: &str) -> Vec<Value> {
    let text = Value::Text(typed.to_owned());
    let read = || parse(&Source::new(COMMAND_LINE, typed)).ok().map(|node| node.value);
    let is_plain = !typed.contains(['\n', '#', ':']) && typed == typed.trim();
    match typed.trim().starts_with(['[', '{']) {
        true => match read() {
            Some(value @ (Value::List(_) | Value::Map(_))) => vec![text, value],
            _ => vec![text],
        },
        false if is_plain => match read() {
            Some(value @ (Value::Bool(_) | Value::Number(_))) => vec![value, text],
            _ => vec![text],
        },
        false => vec![text],
    }
}

fn with_help(
    (source, mut diagnostic): (Source, Diagnostic),
    key: &KeyPath,
    typed: &str,
    adds: bool,
) -> (Source, Diagnostic) {
    let says = |words: &str| diagnostic.message.contains(words);
    let is_broken = typed.trim().starts_with(['[', '{']) && candidates(typed).len() == 1;
    let help = if is_broken && (says("must be a list") || says("must be a mapping")) {
        Some(
            "it is not YAML: '[A, B]' is a list and '{KEY: VALUE}' a mapping, with a space behind the colon".to_owned(),
        )
    } else if says("must be a list") {
        Some(format!("add an item with `asya config set --add {key} VALUE`, or write a list: '[A, B]'"))
    } else if says("must be a mapping") {
        Some("set the keys in it one by one, or write a mapping: '{KEY: VALUE}'".to_owned())
    } else if adds && says("not a list") {
        Some("it is no list, so leave --add out".to_owned())
    } else {
        None
    };
    // What the file would be told does not fit what is typed here.
    if let Some(help) = help {
        diagnostic = diagnostic.help(help);
    }
    (source, diagnostic)
}

/// An assignment as a line in which places can be shown: `KEY=VALUE`.
struct Typed {
    source: Source,
    /// Where the value stands.
    span: Span,
}

impl Typed {
    fn new(key: &KeyPath, text: &str, is_secret: bool) -> Self {
        let shown = if is_secret { "***".to_owned() } else { text.replace(['\n', '\r'], " ") };
        let line = match text {
            "" => key.to_string(),
            _ => format!("{key}={shown}"),
        };
        let start = key.to_string().len() + 1;
        Self { span: Span::new(start.min(line.len()), line.len()), source: Source::new(COMMAND_LINE, line) }
    }

    /// `tree` with `value` at `key` (`adds`: at the end of the list there), every new part of it with
    /// its place in the line. The error is an item of a list that is not there.
    fn in_tree(
        &self,
        tree: &Node,
        root: &Path,
        key: &KeyPath,
        value: Value,
        adds: bool,
    ) -> Result<Node, Box<Obstacle>> {
        let mut leaf = self.at(self.span, value);
        anchor(&mut leaf, root);
        let mut with = tree.clone();
        self.put(&mut with, key, 0, leaf, adds)?;
        Ok(with)
    }

    fn put(&self, node: &mut Node, key: &KeyPath, depth: usize, leaf: Node, adds: bool) -> Result<(), Box<Obstacle>> {
        let Some(segment) = key.segments().get(depth) else {
            match &mut node.value {
                Value::List(items) if adds => items.push(leaf),
                _ if adds => *node = self.at(self.span, Value::List(vec![leaf])),
                _ => *node = leaf,
            }
            return Ok(());
        };
        let at = self.origin(key.span(depth));
        if let Value::List(items) = &mut node.value {
            let item = segment.parse::<usize>().ok().and_then(|at| items.get_mut(at));
            let Some(item) = item else {
                return Err(Box::new(Obstacle::Item { items: items.len(), list: node.clone() }));
            };
            return self.put(item, key, depth + 1, leaf, adds);
        }
        if !matches!(node.value, Value::Map(_)) {
            *node = Node { value: Value::Map(Vec::new()), origin: at.clone() };
        }
        if let Value::Map(entries) = &mut node.value {
            let known = entries.iter().position(|entry| entry.key == *segment).unwrap_or_else(|| {
                let nothing = Node { value: Value::Null, origin: at.clone() };
                entries.push(Entry { key: segment.clone(), at: at.clone(), node: nothing });
                entries.len() - 1
            });
            if let Some(entry) = entries.get_mut(known) {
                entry.at = at;
                return self.put(&mut entry.node, key, depth + 1, leaf, adds);
            }
        }
        Ok(())
    }

    fn at(&self, span: Span, value: Value) -> Node {
        let value = match value {
            Value::List(items) => Value::List(items.into_iter().map(|item| self.at(span, item.value)).collect()),
            Value::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|entry| Entry { at: self.origin(span), node: self.at(span, entry.node.value), ..entry })
                    .collect(),
            ),
            other => other,
        };
        Node { value, origin: self.origin(span) }
    }

    fn origin(&self, span: Span) -> Origin {
        Origin { source: self.source.clone(), span }
    }
}
