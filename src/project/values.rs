//! Values of the configuration one by one, each with the place it comes from.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Project;
use super::assign::check_key;
use super::decode::located;
use super::inputs::Inputs;
use super::interpolate::Evaluator;
use super::key_path::KeyPath;
use super::layer::is_default;
use super::overrides::{is_secret, variable};
use super::yaml::{Node, Origin, Value};
use crate::error::{Error, Result};
use crate::names::near_matches;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// Nobody wrote it.
    Default,
    /// A line of a file; the name is relative to the project's root where it lies inside.
    File {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable that sets the key.
    Environment {
        /// The variable's whole name.
        variable: String,
    },
}

/// One value.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its key.
    pub key: KeyPath,
    /// As it is used; the reason where that cannot be told in this environment.
    pub value: Result<Json>,
    /// As it was written, with `${…}`.
    pub written: Json,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Environment variables whose values are part of it.
    pub variables: Vec<String>,
    /// It looks like a secret, so that neither [`value`](Self::value) nor
    /// [`written`](Self::written) hold it.
    pub secret: bool,
}

/// What is said instead of a secret.
const HIDDEN: &str = "***";

impl Project {
    /// All values that are set, in the order of the files, those of the defaults first. `arguments`
    /// answer `${arg:name}`.
    pub fn settings(&self, inputs: &Inputs<'_>, arguments: &BTreeMap<String, String>) -> Vec<Setting> {
        let mut found = Vec::new();
        self.collect(&self.tree, &mut Vec::new(), &Reading { inputs, arguments }, &mut found);
        found
    }

    /// What is set at `key`: one value for a key with a single value, several for a mapping or a
    /// list, none for a key that nothing sets. A key that the configuration does not know is an
    /// error of kind `Project`.
    pub fn settings_at(
        &self,
        key: &KeyPath,
        inputs: &Inputs<'_>,
        arguments: &BTreeMap<String, String>,
    ) -> Result<Vec<Setting>> {
        let mut found = Vec::new();
        match self.node(key) {
            Some(node) => {
                self.collect(node, &mut key.segments().to_vec(), &Reading { inputs, arguments }, &mut found);
            }
            None => check_key(&self.tree, &self.root, inputs, key)?,
        }
        Ok(found)
    }

    /// The value at `key` as one JSON value; `None` where nothing sets it, and an error where a part
    /// of it cannot be told.
    pub fn value(
        &self,
        key: &KeyPath,
        inputs: &Inputs<'_>,
        arguments: &BTreeMap<String, String>,
    ) -> Result<Option<Json>> {
        let Some(node) = self.node(key) else {
            check_key(&self.tree, &self.root, inputs, key)?;
            return Ok(None);
        };
        let mut path = key.segments().to_vec();
        let value = self.whole(node, &mut path, &Reading { inputs, arguments })?;
        Ok(Some(value).filter(|value| !value.is_null()))
    }

    /// The names that `${arg:NAME}` in the configuration asks for.
    pub fn asked_arguments(&self) -> BTreeSet<String> {
        fn collect(node: &Node, found: &mut BTreeSet<String>) {
            match &node.value {
                Value::Text(text) => {
                    let names = text.split("${arg:").skip(1).filter_map(|rest| rest.split([',', '}']).next());
                    found.extend(names.map(|name| name.trim().to_owned()));
                }
                Value::List(items) => items.iter().for_each(|item| collect(item, found)),
                Value::Map(entries) => entries.iter().for_each(|entry| collect(&entry.node, found)),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        let mut found = BTreeSet::new();
        collect(&self.tree, &mut found);
        found
    }

    /// Keys that are set and look like `key`, best first.
    pub fn near_keys(&self, key: &KeyPath) -> Vec<String> {
        near_keys(&self.tree, key)
    }

    fn node(&self, key: &KeyPath) -> Option<&Node> {
        node_at(&self.tree, key.segments())
    }

    fn collect(&self, node: &Node, path: &mut Vec<String>, reading: &Reading<'_>, found: &mut Vec<Setting>) {
        let mut step = |segment: String, node: &Node| {
            path.push(segment);
            self.collect(node, path, reading, found);
            path.pop();
        };
        match &node.value {
            Value::Null => {}
            Value::Map(entries) => entries.iter().for_each(|entry| step(entry.key.clone(), &entry.node)),
            Value::List(items) => items.iter().enumerate().for_each(|(at, item)| step(at.to_string(), item)),
            Value::Bool(_) | Value::Number(_) | Value::Text(_) => found.extend(self.setting(node, path, reading)),
        }
    }

    fn setting(&self, node: &Node, path: &[String], reading: &Reading<'_>) -> Option<Setting> {
        let key = KeyPath::new(path)?;
        let provenance = provenance(&node.origin);
        let Evaluated { value, variables, keys } = self.evaluated_value(node, &key, reading);
        let named =
            is_secret_key(path) || matches!(&provenance, Provenance::Environment { variable } if is_secret(variable));
        let secret =
            named || variables.iter().any(|name| is_secret(name)) || keys.iter().any(|key| self.refers_to_secret(key));
        Some(Setting {
            written: if named { hidden_text(&node.value) } else { json(&node.value) },
            value: if secret { value.map(|_| Json::String(HIDDEN.to_owned())) } else { value },
            key,
            provenance,
            variables,
            secret,
        })
    }

    /// A whole mapping or list, with `${…}` replaced.
    fn whole(&self, node: &Node, path: &mut Vec<String>, reading: &Reading<'_>) -> Result<Json> {
        match &node.value {
            Value::Map(entries) => {
                let mut map = serde_json::Map::new();
                for entry in entries.iter().filter(|entry| entry.node.value != Value::Null) {
                    path.push(entry.key.clone());
                    map.insert(entry.key.clone(), self.whole(&entry.node, path, reading)?);
                    path.pop();
                }
                Ok(Json::Object(map))
            }
            Value::List(items) => {
                let mut list = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    path.push(at.to_string());
                    list.push(self.whole(item, path, reading)?);
                    path.pop();
                }
                Ok(Json::Array(list))
            }
            Value::Null => Ok(Json::Null),
            _ => match self.setting(node, path, reading) {
                Some(Setting { secret: true, key, .. }) => Err(Error::project(format!("`{key}` is not shown"))
                    .because("its name, or that of a variable or a key in it, says that it is a secret")
                    .hint(format!("it is written in {}", origin(&node.origin)))),
                Some(setting) => setting.value,
                None => Ok(Json::Null),
            },
        }
    }

    fn evaluated_value(&self, node: &Node, key: &KeyPath, reading: &Reading<'_>) -> Evaluated {
        let (variables, keys) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let environment = |name: &str| {
            note(&variables, name);
            (reading.inputs.environment)(name)
        };
        let evaluator = Evaluator {
            tree: &self.tree,
            environment: &environment,
            arguments: reading.arguments,
            refers_to: &|key| note(&keys, key),
        };
        let value = match evaluator.evaluate(&key.segments().join("."), node) {
            Ok(node) => Ok(json(&node.value)),
            Err(failure) => {
                let problem = (failure.origin.source.clone(), failure.diagnostic);
                Err(located(&format!("`{key}` cannot be evaluated"), vec![problem]))
            }
        };
        Evaluated { value, variables: variables.into_inner(), keys: keys.into_inner() }
    }

    /// Whether what stands at a dotted key, or anything below it, must not be shown.
    fn refers_to_secret(&self, key: &str) -> bool {
        fn holds_one(path: &mut Vec<String>, node: &Node) -> bool {
            let mut step = |segment: String, node: &Node| {
                path.push(segment);
                let found = holds_one(path, node);
                path.pop();
                found
            };
            match &node.value {
                Value::Map(entries) => entries.iter().any(|entry| step(entry.key.clone(), &entry.node)),
                Value::List(items) => items.iter().enumerate().any(|(at, item)| step(at.to_string(), item)),
                Value::Null => false,
                _ => is_secret_key(path) || variable(&node.origin).is_some_and(is_secret),
            }
        }
        let mut path: Vec<String> = key.split('.').map(str::to_owned).collect();
        node_at(&self.tree, &path.clone()).is_some_and(|node| holds_one(&mut path, node))
    }
}

/// A value, and what it is made of.
struct Evaluated {
    value: Result<Json>,
    /// Environment variables.
    variables: Vec<String>,
    /// Other keys, dotted.
    keys: Vec<String>,
}

fn note(known: &RefCell<Vec<String>>, name: &str) {
    let mut known = known.borrow_mut();
    if !known.iter().any(|known| known == name) {
        known.push(name.to_owned());
    }
}

/// Whether a key, or one that it lies below, is called like a secret. Names of contexts are not
/// looked at: `contexts.token-service` is none.
pub(super) fn is_secret_key(path: &[String]) -> bool {
    let is_context = path.first().is_some_and(|area| area == "contexts");
    path.iter().enumerate().any(|(at, name)| !(is_context && at == 1) && is_secret(name))
}

/// What is written at `path`, without the secrets in it.
pub(super) fn hidden(path: &[String], node: &Node) -> Json {
    let below = |segment: &str, node: &Node| hidden(&[path, &[segment.to_owned()]].concat(), node);
    match &node.value {
        Value::Map(entries) => {
            let entries = entries.iter().map(|entry| (entry.key.clone(), below(&entry.key, &entry.node)));
            Json::Object(entries.collect())
        }
        Value::List(items) => {
            Json::Array(items.iter().enumerate().map(|(at, item)| below(&at.to_string(), item)).collect())
        }
        value if is_secret_key(path) => hidden_text(value),
        value => json(value),
    }
}

/// A secret as it is written: a mere reference gives nothing away.
fn hidden_text(value: &Value) -> Json {
    let is_reference = |text: &str| {
        let inside = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        inside.is_some_and(|inside| !inside.contains(['{', '}', ',']))
    };
    match value {
        Value::Text(text) if is_reference(text) => json(value),
        _ => Json::String(HIDDEN.to_owned()),
    }
}

/// The value at a path of keys and indices.
pub(super) fn node_at<'a>(tree: &'a Node, path: &[String]) -> Option<&'a Node> {
    path.iter().try_fold(tree, |node, segment| child(node, segment))
}

/// Keys that `tree` sets and that look like `key`, best first.
pub(super) fn near_keys(tree: &Node, key: &KeyPath) -> Vec<String> {
    let mut here = Some(tree);
    for (at, segment) in key.segments().iter().enumerate() {
        let Some(node) = here else { return Vec::new() };
        if let Some(next) = child(node, segment) {
            here = Some(next);
            continue;
        }
        let known: Vec<&str> = node.entries().iter().map(|entry| entry.key.as_str()).collect();
        return near_matches(segment, known)
            .into_iter()
            .filter_map(|near| {
                let mut path = key.segments().to_vec();
                *path.get_mut(at)? = near.to_owned();
                KeyPath::new(path).filter(|path| node_at(tree, path.segments()).is_some())
            })
            .map(|path| path.to_string())
            .collect();
    }
    Vec::new()
}

struct Reading<'a> {
    inputs: &'a Inputs<'a>,
    arguments: &'a BTreeMap<String, String>,
}

fn child<'a>(node: &'a Node, segment: &str) -> Option<&'a Node> {
    match &node.value {
        Value::List(items) => segment.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => node.get(segment),
    }
}

fn provenance(origin: &Origin) -> Provenance {
    if is_default(origin) {
        return Provenance::Default;
    }
    match variable(origin) {
        Some(variable) => Provenance::Environment { variable: variable.to_owned() },
        None => {
            Provenance::File { file: origin.source.name().to_owned(), line: origin.source.line_of(origin.span.start) }
        }
    }
}

/// A place in words: `.asya/config.yaml:3`.
pub(super) fn origin(origin: &Origin) -> String {
    provenance(origin).to_string()
}

impl std::fmt::Display for Provenance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("built-in default"),
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Environment { variable } => write!(f, "environment variable {variable}"),
        }
    }
}

/// A value as JSON. A number whose digits JSON would change stays text: the tag `1.10` is not `1.1`.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(digits) => match serde_json::from_str::<serde_json::Number>(digits) {
            Ok(number) if number.to_string() == *digits => Json::Number(number),
            _ => Json::String(digits.clone()),
        },
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(|item| json(&item.value)).collect()),
        Value::Map(entries) => {
            Json::Object(entries.iter().map(|entry| (entry.key.clone(), json(&entry.node.value))).collect())
        }
    }
}
