//! `compiler.rules`: a list of rules, each wrong key and value with its place.

use super::{Decoder, Keys, Node, Value, suggestion};
use crate::diagnostic::Diagnostic;
use crate::flow::rules::{self as flow_rules, Behaviour, Kind, Param, Place, Rule, Target};
use crate::names::{listed, near_matches};

const RULE: Keys = Keys { read: &["match", "treat-as", "where", "keep-decorator"], also: &["extract", "imports"] };
const NODE: Keys =
    Keys { read: &["param", "match", "assign-to", "value", "flatten-on", "where", "example"], also: &["access"] };
const PARAM: Keys = Keys { read: &["arg", "kwarg", "type"], also: &[] };
const OPERATORS: [&str; 3] = ["|", "&", "+"];

/// Rules nest; people's never as deep as this.
const MOST_LEVELS: usize = 20;

impl Decoder<'_> {
    /// The rules of all layers, outermost first in `node`; the nearest of several for one symbol.
    pub(super) fn rules(&mut self, key: &str, node: &Node) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for (at, item) in self.list(key, node).iter().enumerate() {
            let Some(rule) = self.rule(&format!("{key}.{at}"), item) else { continue };
            let Some(known) = rules.iter().position(|known| known.symbol == rule.symbol) else {
                rules.push(rule);
                continue;
            };
            let file = |rule: &Rule| rule.place.as_ref().map(|place| place.source.name().to_owned());
            if file(&rules[known]) == file(&rule) {
                let message = format!("there is another rule for `{}` in this file", rule.symbol);
                let diagnostic = Diagnostic::error(item.origin.span, message).help("make one of the two");
                self.problem(&rule_origin(item), diagnostic_at(item, diagnostic));
            }
            rules[known] = rule;
        }
        rules
    }

    fn rule(&mut self, key: &str, item: &Node) -> Option<Rule> {
        let before = self.problems.len();
        let (mut symbol, mut behaviour, mut nodes, mut keeps_decorator) = (None, None, None, false);
        for entry in self.mapping(key, item, Some(&RULE)) {
            let inner = format!("{key}.{}", entry.key);
            match entry.key.as_str() {
                "match" => {
                    symbol = self.text(&inner, &entry.node);
                    let wrong = symbol.as_deref().and_then(not_a_symbol);
                    if let Some(why) = wrong {
                        self.wrong(&inner, &entry, why);
                    }
                }
                "treat-as" => behaviour = self.behaviour(&inner, &entry.node),
                "where" => nodes = Some((self.nodes(&inner, &entry.node, 0), entry)),
                "keep-decorator" => keeps_decorator = self.boolean(&inner, &entry.node).unwrap_or_default(),
                "extract" => self.wrong(&inner, &entry, "is of an older format: write the same under `where`"),
                "imports" => self.wrong(&inner, &entry, "is of an older format and has no meaning"),
                _ => {}
            }
        }
        if before != self.problems.len() {
            return None;
        }
        let Some(symbol) = symbol else {
            self.missing(key, item, "match");
            return None;
        };
        let behaviour = match (behaviour, &nodes) {
            (Some(behaviour @ (Behaviour::Inline | Behaviour::Flow | Behaviour::Unfold)), Some((_, entry))) => {
                let what = format!("makes settings of an actor, and `treat-as: {}` makes none", behaviour.word());
                self.wrong(&format!("{key}.where"), entry, &what);
                return None;
            }
            (Some(behaviour), _) => behaviour,
            (None, Some(_)) => Behaviour::Config,
            (None, None) => {
                let message = format!("`{key}` says nothing about `{symbol}`");
                let diagnostic = Diagnostic::error(item.origin.span, message).help("give it `treat-as` or `where`");
                self.problem(&rule_origin(item), diagnostic_at(item, diagnostic));
                return None;
            }
        };
        let origin = rule_origin(item);
        let place = Some(Place { source: origin.source, span: origin.span });
        let nodes = nodes.map(|(nodes, _)| nodes).unwrap_or_default();
        Some(Rule { symbol, behaviour, nodes, keeps_decorator, place })
    }

    fn behaviour(&mut self, key: &str, node: &Node) -> Option<Behaviour> {
        let word = self.text(key, node)?;
        let found = Behaviour::of_word(&word);
        if found.is_none() {
            let words: Vec<&str> = Behaviour::ALL.iter().map(|(word, _)| *word).collect();
            let message = format!("`{key}` cannot be `{}`", word.escape_debug());
            let help = suggestion(&word, &words, "words");
            self.problem(&node.origin, Diagnostic::error(node.origin.span, message).help(help));
        }
        found
    }

    fn nodes(&mut self, key: &str, node: &Node, level: usize) -> Vec<flow_rules::Node> {
        if level > MOST_LEVELS {
            let message = format!("`{key}` is nested more than {MOST_LEVELS} levels deep");
            self.problem(&node.origin, Diagnostic::error(node.origin.span, message));
            return Vec::new();
        }
        let items = self.list(key, node);
        let found = items.iter().enumerate();
        found.filter_map(|(at, item)| self.node(&format!("{key}.{at}"), item, level)).collect()
    }

    fn node(&mut self, key: &str, item: &Node, level: usize) -> Option<flow_rules::Node> {
        let before = self.problems.len();
        let mut node = flow_rules::Node::default();
        let mut value_at = None;
        for entry in self.mapping(key, item, Some(&NODE)) {
            let inner = format!("{key}.{}", entry.key);
            match entry.key.as_str() {
                "param" => node.param = self.param(&inner, &entry.node),
                "match" => {
                    node.callee = self.text(&inner, &entry.node);
                    if node.callee.as_deref().is_some_and(|name| !name.split('.').all(is_identifier)) {
                        self.wrong(&inner, &entry, "must be the name of a function, such as `stop_after_attempt`");
                    }
                }
                "assign-to" => node.target = self.target(&inner, &entry.node),
                "value" => {
                    node.value = self.literal(&inner, &entry.node);
                    value_at = Some(entry);
                }
                "flatten-on" => node.flatten_on = self.operators(&inner, &entry.node),
                "where" => node.nodes = self.nodes(&inner, &entry.node, level + 1),
                "access" => self.wrong(&inner, &entry, "is reserved and has no meaning yet"),
                _ => {}
            }
        }
        if before != self.problems.len() {
            return None;
        }
        let says = |what: &str| format!("`{key}` {what}");
        let problem = match &node {
            flow_rules::Node { param: None, callee: None, .. } => {
                Some((says("names neither an argument nor a function"), "give it `param` or `match`"))
            }
            flow_rules::Node { param: None, target: Some(_), value: None, .. } => {
                Some((says("assigns nothing: it has no argument"), "give it `param` or `value`"))
            }
            flow_rules::Node { param: None, flatten_on, .. } if !flatten_on.is_empty() => {
                Some((says("takes nothing apart: it has no argument"), "give it `param`"))
            }
            _ => None,
        };
        if let Some((message, help)) = problem {
            let origin = rule_origin(item);
            self.problem(&origin, Diagnostic::error(origin.span, message).help(help));
            return None;
        }
        if let Some(entry) = value_at
            && node.target.is_none()
        {
            self.wrong(&format!("{key}.value"), &entry, "needs `assign-to`, the field it goes to");
            return None;
        }
        Some(node)
    }

    fn param(&mut self, key: &str, node: &Node) -> Option<Param> {
        let found = self.evaluated(key, node)?;
        let mut param = Param { name: None, index: None, kind: None };
        match &found.value {
            Value::Text(name) => param.name = self.parameter_name(key, &found, name),
            Value::Number(_) => param.index = self.index(key, &found),
            Value::Map(_) => {
                for entry in self.mapping(key, &found, Some(&PARAM)) {
                    let inner = format!("{key}.{}", entry.key);
                    match entry.key.as_str() {
                        "arg" => param.index = self.index(&inner, &entry.node),
                        "kwarg" => {
                            if let Some(name) = self.text(&inner, &entry.node) {
                                param.name = self.parameter_name(&inner, &entry.node, &name);
                            }
                        }
                        _ => param.kind = self.kind(&inner, &entry.node),
                    }
                }
                if param.name.is_none() && param.index.is_none() {
                    let origin = rule_origin(&found);
                    let message = format!("`{key}` names no argument");
                    self.problem(&origin, Diagnostic::error(origin.span, message).help("give it `arg` or `kwarg`"));
                }
            }
            other => {
                let message = format!("`{key}` must be a name, a position or a mapping, not {}", other.kind());
                self.problem(&node.origin, Diagnostic::error(node.origin.span, message));
            }
        }
        Some(param)
    }

    fn parameter_name(&mut self, key: &str, node: &Node, name: &str) -> Option<String> {
        if is_identifier(name) {
            return Some(name.to_owned());
        }
        let message = format!("`{key}` must be the name of a parameter, not `{}`", name.escape_debug());
        self.problem(&node.origin, Diagnostic::error(node.origin.span, message));
        None
    }

    fn index(&mut self, key: &str, node: &Node) -> Option<usize> {
        let found = self.evaluated(key, node)?;
        let index = match &found.value {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        };
        if index.is_none() {
            let message = format!("`{key}` must be a position, counted from 0");
            self.problem(&node.origin, Diagnostic::error(node.origin.span, message));
        }
        index
    }

    fn kind(&mut self, key: &str, node: &Node) -> Option<Kind> {
        let word = self.text(key, node)?;
        let found = Kind::ALL.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        if found.is_none() {
            let words: Vec<&str> = Kind::ALL.iter().map(|(word, _)| *word).collect();
            let message = format!("`{key}` cannot be `{}`", word.escape_debug());
            let help = suggestion(&word, &words, "kinds");
            self.problem(&node.origin, Diagnostic::error(node.origin.span, message).help(help));
        }
        found
    }

    /// One operator or a list of them.
    fn operators(&mut self, key: &str, node: &Node) -> Vec<String> {
        let items = match &node.value {
            Value::List(items) => items.clone(),
            _ => vec![node.clone()],
        };
        let mut operators = Vec::new();
        for item in &items {
            let Some(operator) = self.text(key, item) else { continue };
            if !OPERATORS.contains(&operator.as_str()) {
                let message = format!("`{key}` cannot be `{}`", operator.escape_debug());
                let help = format!("there are {}", listed(&OPERATORS));
                self.problem(&item.origin, Diagnostic::error(item.origin.span, message).help(help));
            }
            operators.push(operator);
        }
        operators
    }

    fn target(&mut self, key: &str, node: &Node) -> Option<Target> {
        let path = self.text(key, node)?;
        let parts: Vec<&str> = path.split('.').collect();
        let is_path =
            parts.len() > 1 && parts.iter().all(|part| !part.is_empty() && !part.contains(char::is_whitespace));
        if !is_path || parts[0] != "spec" {
            let message = format!("`{key}` must be a field of an AsyncActor, not `{}`", path.escape_debug());
            let help = match near_matches(parts[0], ["spec"]).first() {
                Some(near) if parts.len() > 1 && *near != parts[0] => {
                    format!("did you mean `spec.{}`?", parts[1..].join("."))
                }
                _ => "write the dotted path: `spec.resiliency.actorTimeout`".to_owned(),
            };
            self.problem(&node.origin, Diagnostic::error(node.origin.span, message).help(help));
            return None;
        }
        let place = Place { source: node.origin.source.clone(), span: node.origin.span };
        Some(Target { path, place: Some(place) })
    }

    fn literal(&mut self, key: &str, node: &Node) -> Option<serde_json::Value> {
        let found = self.evaluated(key, node)?;
        let value = match &found.value {
            Value::Bool(value) => Some((*value).into()),
            Value::Number(text) => serde_json::from_str(text).ok(),
            Value::Text(text) => Some(text.clone().into()),
            _ => None,
        };
        if value.is_none() {
            let message = format!("`{key}` must be text, a number, true or false, not {}", found.value.kind());
            self.problem(&node.origin, Diagnostic::error(node.origin.span, message));
        }
        value
    }
}

/// Why a text is no fully-qualified name.
fn not_a_symbol(text: &str) -> Option<&'static str> {
    if text.contains('*') {
        return Some("must be one symbol: patterns are not supported");
    }
    if !text.split('.').all(is_identifier) {
        return Some("must be the dotted name of a function, such as `tenacity.retry`");
    }
    (!text.contains('.')).then_some("must be fully qualified, with the module: `tenacity.retry`")
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// A mapping is pointed at by its first key.
fn rule_origin(item: &Node) -> super::Origin {
    item.entries().first().map_or(&item.origin, |entry| &entry.at).clone()
}

fn diagnostic_at(item: &Node, mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.span = rule_origin(item).span;
    diagnostic
}
