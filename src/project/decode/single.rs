//! Values with the types that the configuration wants, and what is said of those that have others.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Decoder, Deferred, Keys, suggestion};
use crate::diagnostic::Diagnostic;
use crate::project::interpolate::{FLOW_NAME, with_flow};
use crate::project::overrides::variable;
use crate::project::text::absolute;
use crate::project::yaml::{Entry, Node, Origin, Value};

impl Decoder<'_> {
    pub(super) fn evaluated(&mut self, key: &str, node: &Node) -> Option<Node> {
        match self.evaluator.evaluate(key, node) {
            Ok(node) => Some(node),
            Err(failure) => {
                let lazy = ["contexts.", "templates.", "build."].iter().any(|area| key.starts_with(area));
                if failure.depends_on_run && lazy {
                    self.deferred.push(Deferred { key: key.to_owned(), failure: *failure });
                } else if failure.circle.clone().is_none_or(|circle| self.circles.insert(circle)) {
                    self.problems.push((failure.origin.source.clone(), failure.diagnostic));
                }
                None
            }
        }
    }

    /// The entries of a mapping whose keys are known; `None` for free names.
    pub(super) fn mapping(&mut self, key: &str, node: &Node, keys: Option<&Keys>) -> Vec<Entry> {
        let Some(node) = self.evaluated(key, node) else { return Vec::new() };
        let entries = match node.value {
            Value::Map(entries) => entries,
            Value::Null => return Vec::new(),
            other => {
                self.mistyped(key, &node.origin, "a mapping", &other);
                return Vec::new();
            }
        };
        let Some(keys) = keys else { return entries };
        let (known, unknown): (Vec<Entry>, Vec<Entry>) = entries
            .into_iter()
            .partition(|entry| keys.read.contains(&entry.key.as_str()) || keys.also.contains(&entry.key.as_str()));
        for entry in unknown {
            let full = if key.is_empty() { entry.key.clone() } else { format!("{key}.{}", entry.key) };
            let message = format!("unknown key `{}`", full.escape_debug());
            let help = suggestion(&entry.key, keys.read, "known keys");
            self.problem(&entry.at, Diagnostic::error(entry.at.span, message).help(help));
        }
        known
    }

    pub(super) fn list(&mut self, key: &str, node: &Node) -> Vec<Node> {
        let Some(node) = self.evaluated(key, node) else { return Vec::new() };
        match node.value {
            Value::List(items) => items,
            Value::Null => Vec::new(),
            other => {
                self.mistyped(key, &node.origin, "a list", &other);
                Vec::new()
            }
        }
    }

    pub(super) fn text(&mut self, key: &str, node: &Node) -> Option<String> {
        let value = self.evaluated(key, node)?;
        match value.value {
            Value::Null => None,
            Value::Text(text) if text.trim().is_empty() => {
                let diagnostic = Diagnostic::error(value.origin.span, format!("`{key}` is empty"));
                self.problem(&value.origin, diagnostic.help("give it a value or take the line out"));
                None
            }
            Value::Text(text) => Some(text),
            other => {
                self.mistyped(key, &value.origin, "text", &other);
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, key: &str, node: &Node) -> Option<bool> {
        let value = self.evaluated(key, node)?;
        match value.value {
            Value::Null => None,
            Value::Bool(value) => Some(value),
            // What comes from the environment is text.
            Value::Text(text) if is_always_text(node) && text == "true" => Some(true),
            Value::Text(text) if is_always_text(node) && text == "false" => Some(false),
            other => {
                self.mistyped(key, &value.origin, "true or false", &other);
                None
            }
        }
    }

    pub(super) fn parsed<T: FromStr<Err = String>>(&mut self, key: &str, node: &Node) -> Option<T> {
        let text = self.text(key, node)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(reason) => {
                let origin = node.origin.clone();
                self.problem(&origin, Diagnostic::error(origin.span, format!("`{key}`: {reason}")));
                None
            }
        }
    }

    pub(super) fn path(&mut self, key: &str, node: &Node) -> Option<PathBuf> {
        self.text(key, node).map(|text| absolute(self.root, Path::new(&text)))
    }

    pub(super) fn paths(&mut self, key: &str, node: &Node) -> Vec<PathBuf> {
        let items = self.list(key, node);
        items.iter().enumerate().filter_map(|(at, item)| self.path(&format!("{key}.{at}"), item)).collect()
    }

    /// A path that must differ from flow to flow: what is generated there is replaced as a whole.
    pub(super) fn flow_path(&mut self, key: &str, node: &Node) -> PathBuf {
        let Some(path) = self.path(key, node) else { return PathBuf::new() };
        if with_flow(&path.to_string_lossy(), "") == path.to_string_lossy() {
            let typed = node.value.scalar().unwrap_or_default();
            let message = format!("`{key}` is the same directory for every flow");
            let origin = node.origin.clone();
            let mut diagnostic = Diagnostic::error(origin.span, message);
            if !typed.contains("${") {
                diagnostic = diagnostic.help(format!("write `{}/${{arg:{FLOW_NAME}}}`", typed.trim_end_matches('/')));
            }
            self.problem(&origin, diagnostic);
        }
        path
    }

    pub(super) fn mistyped(&mut self, key: &str, origin: &Origin, wanted: &str, found: &Value) {
        let place = if key.is_empty() { "the configuration".to_owned() } else { format!("`{key}`") };
        let mut diagnostic = Diagnostic::error(origin.span, format!("{place} must be {wanted}, not {}", found.kind()));
        if wanted == "text"
            && let Some(text) = found.scalar()
        {
            diagnostic = diagnostic.help(format!("quote it: `\"{text}\"`"));
        }
        if wanted == "true or false" && matches!(found, Value::Text(_)) {
            diagnostic = diagnostic.help("write `true` or `false`");
        }
        self.problem(origin, diagnostic);
    }

    pub(super) fn wrong(&mut self, key: &str, entry: &Entry, what: &str) {
        let origin = if entry.node.origin.span.start == entry.node.origin.span.end {
            entry.at.clone()
        } else {
            entry.node.origin.clone()
        };
        self.problem(&origin, Diagnostic::error(origin.span, format!("`{key}` {what}")));
    }

    pub(super) fn missing(&mut self, key: &str, item: &Node, field: &str) {
        let origin = item.entries().first().map_or(&item.origin, |entry| &entry.at).clone();
        self.problem(&origin, Diagnostic::error(origin.span, format!("`{key}` has no `{field}`")));
    }

    pub(super) fn problem(&mut self, origin: &Origin, diagnostic: Diagnostic) {
        self.problems.push((origin.source.clone(), diagnostic));
    }
}

fn is_always_text(node: &Node) -> bool {
    matches!(&node.value, Value::Text(text) if text.contains("${")) || variable(&node.origin).is_some()
}
