//! The payload, its subscripts and the methods of dicts.

use super::Walker;
use super::expressions::Use;
use crate::flow::schema::paths::{Need, Path, ROOT};
use crate::flow::schema::{json_literal, string};
use crate::syntax::tree::{Argument, Expr, ExprKind};

/// An expression that starts with the payload.
pub(super) enum Chain {
    /// It does not.
    Other,
    /// It stands for a place; `from_caller` unless it may be a default that stands in for it.
    Place { path: Path, from_caller: bool },
    /// It was dealt with and stands for no place that is followed.
    Done,
}

impl Walker<'_, '_, '_> {
    /// Follows the payload, its subscripts and the methods of dicts.
    pub(super) fn chain(&mut self, expr: &Expr, is_certain: bool) -> Chain {
        match &expr.kind {
            ExprKind::Name(name) => match self.place(name) {
                Some((path, from_caller)) => Chain::Place { path, from_caller },
                None => Chain::Other,
            },
            ExprKind::Subscript { value, index } => {
                let Chain::Place { path, from_caller } = (match self.chain(value, is_certain) {
                    Chain::Done => {
                        self.read(index, is_certain, Use::Kept);
                        return Chain::Done;
                    }
                    found => found,
                }) else {
                    return Chain::Other;
                };
                let Some(key) = string(index) else {
                    self.read(index, is_certain, Use::Kept);
                    self.used(path, if path == ROOT { Use::Copied } else { Use::Kept });
                    return Chain::Done;
                };
                self.need(path, Need::Object, is_certain);
                let child = self.paths.child(path, key);
                self.listed(child);
                self.need(child, Need::Present, is_certain && from_caller);
                Chain::Place { path: child, from_caller }
            }
            ExprKind::Attribute { value, .. } => match self.chain(value, is_certain) {
                Chain::Place { path, .. } => {
                    self.used(path, Use::Kept);
                    Chain::Done
                }
                other => other,
            },
            ExprKind::Call { callee, arguments } => {
                let ExprKind::Attribute { value, attribute } = &callee.kind else { return Chain::Other };
                match self.chain(value, is_certain) {
                    Chain::Place { path, from_caller } => {
                        self.method(path, &attribute.name, arguments, is_certain, from_caller)
                    }
                    Chain::Done => {
                        self.arguments(arguments, is_certain, Use::Kept);
                        Chain::Done
                    }
                    Chain::Other => Chain::Other,
                }
            }
            _ => Chain::Other,
        }
    }

    fn method(&mut self, path: Path, name: &str, arguments: &[Argument], is_certain: bool, from_caller: bool) -> Chain {
        if matches!(name, "get" | "setdefault" | "pop")
            && let [key, rest @ ..] = arguments
            && rest.len() <= 1
            && arguments.iter().all(|argument| argument.keyword.is_none() && !argument.is_double_starred)
            && let Some(key) = string(&key.value)
        {
            return self.entry(path, name, key, rest.first().map(|rest| &rest.value), is_certain, from_caller);
        }
        if name == "update" {
            let values: Vec<&Expr> = arguments.iter().map(|argument| &argument.value).collect();
            match arguments {
                [only] if only.keyword.is_none() && !only.is_double_starred => {
                    self.update(path, std::slice::from_ref(&only.value), is_certain && from_caller);
                }
                _ if arguments.iter().all(|argument| argument.keyword.is_some()) => {
                    values.iter().for_each(|value| self.read(value, is_certain, Use::Kept));
                    for keyword in arguments.iter().filter_map(|argument| argument.keyword.as_ref()) {
                        let child = self.paths.child(path, &keyword.name);
                        self.written(child, is_certain && from_caller);
                    }
                }
                _ => {
                    values.iter().for_each(|value| self.read(value, is_certain, Use::Kept));
                    self.open(path);
                }
            }
            self.need(path, Need::Object, is_certain);
            return Chain::Done;
        }
        if let Some(need) = only_type_with(name) {
            self.need(path, need, is_certain);
        }
        self.arguments(arguments, is_certain, Use::Kept);
        match name {
            "keys" => {}
            "get" | "values" | "items" | "copy" => self.used(path, if path == ROOT { Use::Copied } else { Use::Kept }),
            _ => self.open(path),
        }
        Chain::Done
    }

    /// `.get("k")`, `.setdefault("k", default)`, `.pop("k")`, …
    fn entry(
        &mut self,
        path: Path,
        method: &str,
        key: &str,
        default: Option<&Expr>,
        is_certain: bool,
        from_caller: bool,
    ) -> Chain {
        self.need(path, Need::Object, is_certain);
        let child = self.paths.child(path, key);
        self.listed(child);
        if method == "pop" && default.is_none() {
            self.need(child, Need::Present, is_certain && from_caller);
        }
        if let Some(default) = default {
            let is_written = self.state.as_ref().is_none_or(|state| state.is_written(child, &self.paths));
            if !is_written {
                self.paths.mark_default(child, json_literal(default));
            }
            self.read(default, is_certain, Use::Kept);
        }
        match method {
            "pop" => {
                self.written(child, is_certain && from_caller);
                Chain::Done
            }
            "setdefault" => {
                self.written(child, false);
                Chain::Place { path: child, from_caller: false }
            }
            _ => Chain::Place { path: child, from_caller: false },
        }
    }

    /// `path.update(value)`, `p |= value`.
    pub(super) fn update(&mut self, path: Path, value: &[Expr], is_certain: bool) {
        for value in value {
            self.read(value, is_certain, Use::Copied);
            let keys: Option<Vec<&str>> = match &value.kind {
                ExprKind::Dict(items) => items.iter().map(|(key, _)| key.as_ref().and_then(string)).collect(),
                _ => None,
            };
            match keys {
                Some(keys) => {
                    for key in keys {
                        let child = self.paths.child(path, key);
                        self.written(child, is_certain);
                    }
                }
                None => self.open(path),
            }
        }
    }
}

/// What a value of JSON must be to have the method `name`.
fn only_type_with(name: &str) -> Option<Need> {
    match name {
        "get" | "items" | "keys" | "popitem" | "setdefault" | "update" | "values" => Some(Need::Object),
        "append" | "extend" | "insert" | "remove" | "reverse" | "sort" => Some(Need::Array),
        "capitalize" | "casefold" | "encode" | "endswith" | "isalnum" | "isalpha" | "isdigit" | "isspace" | "join"
        | "lower" | "lstrip" | "partition" | "removeprefix" | "removesuffix" | "replace" | "rsplit" | "rstrip"
        | "split" | "splitlines" | "startswith" | "strip" | "title" | "upper" => Some(Need::String),
        _ => None,
    }
}
