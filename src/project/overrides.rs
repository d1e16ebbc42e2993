//! Keys that environment variables set: `ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE=mine`.
//!
//! Names of variables are upper case without dots and dashes, so they are compared with the keys
//! that are there without regard to case and with `-` as `_`. Two underscores stand between keys;
//! they also keep these names apart from the platform's own `ASYA_CONFIG_PATH` and its like.

use super::yaml::{Entry, Node, Origin, Value};
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::source::{Source, Span};

/// What the names of such variables start with.
pub const OVERRIDE_PREFIX: &str = "ASYA_CONFIG__";

/// The name values from variables are shown under, in the place of a file.
const ENVIRONMENT: &str = "environment";

/// The variable that set the value at `origin`, if one did.
pub(super) fn variable(origin: &Origin) -> Option<&str> {
    if origin.source.name() != ENVIRONMENT {
        return None;
    }
    let line = origin.source.slice(origin.source.line_span(origin.source.line_of(origin.span.start)));
    line.split_once('=').map(|(name, _)| name)
}

/// What `variables` set, one tree for each, in the order of their names. `known` is what the files
/// say. A name that leads to no key is an error of kind `Project` that shows the variable.
pub(super) fn trees(variables: &[(String, String)], known: &Node) -> Result<Vec<Node>> {
    let mut sorted: Vec<&(String, String)> =
        variables.iter().filter(|(name, _)| name.starts_with(OVERRIDE_PREFIX)).collect();
    if sorted.is_empty() {
        return Ok(Vec::new());
    }
    sorted.sort();
    // One text for all, in which places can be shown. What is secret is not in it.
    let lines: Vec<String> = sorted
        .iter()
        .map(|(name, value)| {
            let shown = if is_secret(name) { "***".to_owned() } else { one_line(value) };
            format!("{name}={shown}\n")
        })
        .collect();
    let source = Source::new(ENVIRONMENT, lines.concat());
    let mut start = 0;
    let mut trees = Vec::new();
    for ((name, value), line) in sorted.iter().zip(&lines) {
        let span = Span::new(start + name.len() + 1, start + line.len() - 1);
        let key_span = Span::new(start + OVERRIDE_PREFIX.len(), start + name.len());
        start += line.len();
        let Some(path) = path(&name[OVERRIDE_PREFIX.len()..], known) else {
            let diagnostic = Diagnostic::error(key_span, format!("`{name}` names no key"))
                .help(format!("write it as `{OVERRIDE_PREFIX}PLATFORM__TRANSPORT`: two underscores between keys"));
            return Err(
                Error::project("the environment cannot be used").at(SourceDiagnostics::one(&source, diagnostic))
            );
        };
        let origin = |span| Origin { source: source.clone(), span };
        let leaf = Node { value: Value::Text(value.clone()), origin: origin(span) };
        trees.push(path.into_iter().rev().fold(leaf, |node, key| Node {
            origin: origin(key_span),
            value: Value::Map(vec![Entry { key, at: origin(key_span), node }]),
        }));
    }
    Ok(trees)
}

/// The keys that the rest of a variable's name leads through.
fn path(name: &str, known: &Node) -> Option<Vec<String>> {
    let mut path: Vec<String> = Vec::new();
    let mut here = Some(known);
    for word in name.split("__") {
        if word.is_empty() {
            return None;
        }
        let candidates = || here.into_iter().flat_map(Node::entries).map(|entry| entry.key.as_str());
        let exact = candidates().find(|key| *key == word);
        let key = exact.or_else(|| candidates().find(|key| plain(key) == plain(word)));
        let key = key.map_or_else(|| fresh(&path, word), str::to_owned);
        here = here.and_then(|node| node.get(&key));
        path.push(key);
    }
    Some(path)
}

/// A key that nothing has set so far.
fn fresh(path: &[String], word: &str) -> String {
    let above: Vec<&str> = path.iter().map(String::as_str).collect();
    match above.as_slice() {
        // Variables of a container: their case counts.
        ["compiler", "join", "state_proxy", "env"] => word.to_owned(),
        // Names of contexts are DNS labels, which have no `_`.
        ["contexts"] => word.to_lowercase().replace('_', "-"),
        _ => word.to_lowercase(),
    }
}

fn plain(key: &str) -> String {
    key.to_lowercase().replace('-', "_")
}

fn one_line(value: &str) -> String {
    value.replace(|c: char| c.is_control(), " ")
}

/// Whether a key or a variable of this name holds something that must not be shown.
pub(super) fn is_secret(name: &str) -> bool {
    let name = plain(name);
    let words: Vec<&str> = name.split(['_', '.']).collect();
    // `tokens` is none: `max_tokens` is a number.
    let one = [
        "token",
        "secret",
        "secrets",
        "password",
        "passwords",
        "passwd",
        "pwd",
        "passphrase",
        "credential",
        "credentials",
        "apikey",
    ];
    let two = [["api", "key"], ["access", "key"], ["private", "key"], ["secret", "key"]];
    words.iter().any(|word| one.contains(word)) || words.windows(2).any(|pair| two.iter().any(|two| pair == two))
}
