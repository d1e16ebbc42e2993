//! `${env:NAME}`, `${arg:name,default}` and `${other.key}`, evaluated when a value is asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::yaml::{Node, Origin, Value};
use crate::diagnostic::Diagnostic;
use crate::names::{listed, near_matches};

/// The argument that stays in place until a flow is known.
pub(super) const FLOW_NAME: &str = "flow_name";

/// Bounds against values that refer to values that refer to values.
const MOST_STEPS: usize = 50;
const MOST_BYTES: usize = 64 * 1024;

/// Why a value has no meaning yet.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) origin: Origin,
    pub(super) diagnostic: Diagnostic,
    /// It depends on the environment of this run, so it matters only to who needs the value.
    pub(super) depends_on_run: bool,
    /// The keys that refer to each other; the same for each of them.
    pub(super) circle: Option<BTreeSet<String>>,
}

/// Evaluates values of one merged tree.
pub(super) struct Evaluator<'a> {
    pub(super) tree: &'a Node,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
    /// Answers `${arg:name}`, but for a flow's name when it is not among them.
    pub(super) arguments: &'a BTreeMap<String, String>,
    /// Told every dotted key that a value refers to.
    pub(super) refers_to: &'a dyn Fn(&str),
}

impl Evaluator<'_> {
    /// The value of `node`, which stands at the dotted `key`, without `${…}` except
    /// `${arg:flow_name}`.
    pub(super) fn evaluate(&self, key: &str, node: &Node) -> Result<Node, Box<Failure>> {
        self.resolve(key, node, &mut vec![key.to_owned()])
    }

    fn resolve(&self, key: &str, node: &Node, open: &mut Vec<String>) -> Result<Node, Box<Failure>> {
        let Value::Text(text) = &node.value else { return Ok(node.clone()) };
        if !text.contains("${") {
            return Ok(node.clone());
        }
        let failed = |message: String| failure(node, message, false);
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("${") {
            out.push_str(&rest[..at]);
            let inside = &rest[at + 2..];
            let Some(end) = inside.find('}') else {
                return Err(failed(format!("`{}` has no closing `}}`", &rest[at..])));
            };
            let (expression, after) = (&inside[..end], &inside[end + 1..]);
            if expression.contains("${") {
                return Err(failed("`${…}` inside `${…}` is not supported".to_owned()));
            }
            let value = self.expression(key, expression, node, open)?;
            if out.is_empty() && after.is_empty() && at == 0 {
                return Ok(Node { value, origin: node.origin.clone() });
            }
            match value.scalar() {
                Some(text) => out.push_str(&text),
                None => {
                    return Err(failed(format!(
                        "`${{{expression}}}` is {}, which cannot be part of a text",
                        value.kind()
                    )));
                }
            }
            if out.len() > MOST_BYTES {
                return Err(failed(format!("the value of `{key}` grows beyond {MOST_BYTES} bytes")));
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(Node { value: Value::Text(out), origin: node.origin.clone() })
    }

    fn expression(
        &self,
        key: &str,
        expression: &str,
        node: &Node,
        open: &mut Vec<String>,
    ) -> Result<Value, Box<Failure>> {
        let failed = |message: String, depends_on_run| failure(node, message, depends_on_run);
        match expression.split_once(':') {
            Some(("env", name)) => match (self.environment)(name.trim()) {
                Some(value) => Ok(Value::Text(value)),
                None => Err(failed(
                    format!("`{key}` needs the environment variable `{}`, which is not set", name.trim()),
                    true,
                )),
            },
            Some(("arg", argument)) => {
                let (name, default) = match argument.split_once(',') {
                    Some((name, default)) => (name.trim(), Some(default.trim())),
                    None => (argument.trim(), None),
                };
                match default {
                    _ if self.arguments.contains_key(name) => {
                        Ok(Value::Text(self.arguments.get(name).cloned().unwrap_or_default()))
                    }
                    _ if name == FLOW_NAME => Ok(Value::Text(format!("${{arg:{FLOW_NAME}}}"))),
                    Some(default) => Ok(Value::Text(default.to_owned())),
                    None => {
                        let message =
                            format!("`{key}` needs the argument `{name}`, which nobody gives and which has no default");
                        let mut failure = failed(message, true);
                        failure.diagnostic.help = Some(format!(
                            "give it with `--arg {name}=VALUE`, which `asya build` and `asya config` take, or a default: `${{arg:{name},VALUE}}`"
                        ));
                        Err(failure)
                    }
                }
            }
            Some((resolver, _)) => Err(failed(
                format!(
                    "`${{{resolver}:…}}` is unknown: there are `${{env:NAME}}`, `${{arg:name}}` and `${{other.key}}`"
                ),
                false,
            )),
            None => self.reference(key, expression.trim(), node, open),
        }
    }

    fn reference(&self, key: &str, name: &str, node: &Node, open: &mut Vec<String>) -> Result<Value, Box<Failure>> {
        let target = absolute_key(key, name);
        let failed = |message: String| failure(node, message, false);
        if open.len() > MOST_STEPS {
            return Err(failed(format!("`${{{name}}}` is the end of a chain of more than {MOST_STEPS} references")));
        }
        if let Some(start) = open.iter().position(|key| *key == target) {
            let circle = open.iter().skip(start).cloned().collect();
            open.push(target);
            let message = format!("these keys refer to each other in a circle: {}", open[start..].join(" → "));
            return Err(Box::new(Failure { circle: Some(circle), ..*failed(message) }));
        }
        let mut found = self.tree;
        for part in target.split('.') {
            let item = match &found.value {
                Value::List(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => found.get(part),
            };
            let Some(next) = item else {
                let mut failure = failed(format!("`${{{name}}}` names no key of the configuration"));
                let known: Vec<&str> = found.entries().iter().map(|entry| entry.key.as_str()).collect();
                let near = near_matches(part, known.iter().copied());
                if !near.is_empty() {
                    failure.diagnostic.help = Some(format!("did you mean {} instead of `{part}`?", listed(&near)));
                }
                return Err(failure);
            };
            found = next;
        }
        (self.refers_to)(&target);
        open.push(target.clone());
        let value = self.resolve(&target, found, open)?.value;
        open.pop();
        Ok(value)
    }
}

fn failure(node: &Node, message: String, depends_on_run: bool) -> Box<Failure> {
    let diagnostic = Diagnostic::error(node.origin.span, message);
    Box::new(Failure { origin: node.origin.clone(), diagnostic, depends_on_run, circle: None })
}

/// `name` seen from `key`: one leading dot means a neighbour, each further dot one level up.
fn absolute_key(key: &str, name: &str) -> String {
    let bare = name.trim_start_matches('.');
    let up = name.len() - bare.len();
    if up == 0 {
        return bare.to_owned();
    }
    let parts: Vec<&str> = key.split('.').collect();
    let kept = parts.len().saturating_sub(up);
    parts[..kept].iter().copied().chain(std::iter::once(bare)).collect::<Vec<_>>().join(".")
}

/// Fills in `${arg:flow_name}`.
pub(super) fn with_flow(text: &str, flow: &str) -> String {
    text.replace(&format!("${{arg:{FLOW_NAME}}}"), flow)
}
