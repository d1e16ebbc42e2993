//! What an expression reads from the payload, in order of evaluation.

use super::super::callee::Callee;
use super::super::python;
use super::super::scope::Binding;
use super::paths::{Need, Path, ROOT};
use super::reads::{Answer, Walker, bound_names};
use super::{json_literal, string};
use crate::syntax::children;
use crate::syntax::tree::{Argument, Expr, ExprKind};

/// What becomes of a value that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is kept or handed on: whoever has it can change what is inside.
    Kept,
    /// Its entries are kept.
    Copied,
    /// It is looked at.
    Seen,
}

/// An expression that starts with the payload.
pub(super) enum Chain {
    /// It does not.
    Other,
    /// It stands for a place; `is_caller_s` unless it may be a default that stands in for it.
    Place { path: Path, is_caller_s: bool },
    /// It was dealt with and stands for no place that is followed.
    Done,
}

impl Walker<'_, '_, '_> {
    /// Reads an expression; `is_certain` when every way through the statement does.
    pub(super) fn read(&mut self, expr: &Expr, is_certain: bool, used: Use) {
        match self.chain(expr, is_certain) {
            Chain::Done => return,
            Chain::Place { path, .. } => return self.used(path, used),
            Chain::Other => {}
        }
        match &expr.kind {
            ExprKind::BoolOp(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.read(item, is_certain && at == 0, used);
                }
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.read(test, is_certain, Use::Seen);
                self.read(body, false, used);
                self.read(orelse, false, used);
            }
            ExprKind::Comparison { operands, is_membership } => {
                if let ([key, container], true) = (operands.as_slice(), is_membership)
                    && let Some(key) = string(key)
                {
                    match self.chain(container, is_certain) {
                        Chain::Place { path, .. } => {
                            let child = self.paths.child(path, key);
                            self.listed(child);
                        }
                        Chain::Done => {}
                        Chain::Other => self.read(container, is_certain, Use::Seen),
                    }
                    return;
                }
                for (at, operand) in operands.iter().enumerate() {
                    self.read(operand, is_certain && at < 2, Use::Seen);
                }
            }
            ExprKind::Comprehension { elements, clauses, .. } => {
                let mut is_outside = true;
                let before = self.state.as_ref().map(|state| state.aliases.clone());
                let is_awaited = self.is_awaited;
                self.is_awaited |= self.calls.contains(&expr.span);
                for clause in clauses {
                    // Going over the payload gives its keys, over anything else what is inside.
                    let used = if self.peek(&clause.iterable) == Some(ROOT) { Use::Seen } else { Use::Kept };
                    self.read(&clause.iterable, is_certain && is_outside, used);
                    is_outside = false;
                    if let Some(state) = &mut self.state {
                        bound_names(&clause.target).iter().for_each(|name| {
                            state.aliases.remove(name);
                        });
                    }
                    if !is_names(&clause.target) {
                        self.open(ROOT);
                    }
                    clause.conditions.iter().for_each(|condition| self.read(condition, false, Use::Seen));
                }
                elements.iter().for_each(|element| self.read(element, false, Use::Kept));
                self.is_awaited = is_awaited;
                if let (Some(state), Some(before)) = (&mut self.state, before) {
                    state.aliases = before;
                }
            }
            ExprKind::Named { target, value } => {
                self.read(value, is_certain, Use::Kept);
                target.as_name().into_iter().for_each(|name| self.unbind(name));
            }
            ExprKind::Await(value) => {
                let before = std::mem::replace(&mut self.is_awaited, true);
                self.read(value, is_certain, used);
                self.is_awaited = before;
            }
            ExprKind::Sequence { .. } if self.calls.contains(&expr.span) => {
                let before = std::mem::replace(&mut self.is_awaited, true);
                children(expr).into_iter().for_each(|child| self.read(child, is_certain, Use::Kept));
                self.is_awaited = before;
            }
            ExprKind::Lambda { parameters, body } => {
                let named = || parameters.positional.iter().chain(&parameters.keyword_only);
                named().filter_map(|one| one.default.as_ref()).for_each(|value| {
                    self.read(value, is_certain, Use::Kept);
                });
                let names = named().map(|one| &one.name).chain(&parameters.variadic).chain(&parameters.keywords);
                let before = self.state.as_ref().map(|state| state.aliases.clone());
                if let Some(state) = &mut self.state {
                    names.into_iter().for_each(|name| {
                        state.aliases.remove(&name.name);
                    });
                }
                self.read(body, false, Use::Kept);
                if let (Some(state), Some(before)) = (&mut self.state, before) {
                    state.aliases = before;
                }
            }
            ExprKind::Call { callee, arguments } => {
                match self.helper(expr, is_certain) {
                    Some(Answer::Place(path, _)) => return self.used(path, used),
                    Some(_) => return,
                    None => {}
                }
                self.read(callee, is_certain, Use::Kept);
                let handed = self.handed_to(callee);
                // What is called with is computed here, before the actor gets it.
                let is_awaited = self.is_awaited;
                self.is_awaited &= is_gather(callee);
                self.arguments(arguments, is_certain, handed);
                self.is_awaited = is_awaited;
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    key.iter().for_each(|key| self.read(key, is_certain, Use::Kept));
                    self.read(value, is_certain, if key.is_some() { Use::Kept } else { Use::Copied });
                }
            }
            ExprKind::Operation(operands) => {
                let used = if operands.len() == 1 { Use::Seen } else { Use::Copied };
                operands.iter().for_each(|operand| self.read(operand, is_certain, used));
            }
            _ => children(expr).into_iter().for_each(|child| self.read(child, is_certain, Use::Kept)),
        }
    }

    fn arguments(&mut self, arguments: &[Argument], is_certain: bool, used: Use) {
        for argument in arguments {
            let used = if argument.is_double_starred { Use::Copied } else { used };
            self.read(&argument.value, is_certain, used);
        }
    }

    /// What becomes of the arguments of a call.
    fn handed_to(&self, callee: &Expr) -> Use {
        let scope = self.around.scope;
        if let Callee::Handler { definition, .. } = self.around.callee(callee, &[])
            && (self.is_awaited || definition.is_some_and(|definition| definition.must_be_awaited()))
        {
            return Use::Seen;
        }
        let is_free = |name: &str| python::is_builtin(name) && scope.get(name).is_none();
        let is_json =
            |name: &str| scope.get(name).is_some_and(|bound| matches!(bound.binding, Binding::Module("json")));
        match callee.dotted().as_deref() {
            Some([name]) if LOOKING.contains(name) && is_free(name) => Use::Seen,
            Some([name]) if COPYING.contains(name) && is_free(name) => Use::Copied,
            Some([module, "dumps"]) if is_json(module) => Use::Seen,
            _ => Use::Kept,
        }
    }

    /// Follows the payload, its subscripts and the methods of dicts.
    pub(super) fn chain(&mut self, expr: &Expr, is_certain: bool) -> Chain {
        match &expr.kind {
            ExprKind::Name(name) => match self.place(name) {
                Some((path, is_caller_s)) => Chain::Place { path, is_caller_s },
                None => Chain::Other,
            },
            ExprKind::Subscript { value, index } => {
                let Chain::Place { path, is_caller_s } = (match self.chain(value, is_certain) {
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
                self.need(child, Need::Present, is_certain && is_caller_s);
                Chain::Place { path: child, is_caller_s }
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
                    Chain::Place { path, is_caller_s } => {
                        self.method(path, &attribute.name, arguments, is_certain, is_caller_s)
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

    fn method(&mut self, path: Path, name: &str, arguments: &[Argument], is_certain: bool, is_caller_s: bool) -> Chain {
        if matches!(name, "get" | "setdefault" | "pop")
            && let [key, rest @ ..] = arguments
            && rest.len() <= 1
            && arguments.iter().all(|argument| argument.keyword.is_none() && !argument.is_double_starred)
            && let Some(key) = string(&key.value)
        {
            return self.entry(path, name, key, rest.first().map(|rest| &rest.value), is_certain, is_caller_s);
        }
        if name == "update" {
            let values: Vec<&Expr> = arguments.iter().map(|argument| &argument.value).collect();
            match arguments {
                [only] if only.keyword.is_none() && !only.is_double_starred => {
                    self.update(path, std::slice::from_ref(&only.value), is_certain && is_caller_s);
                }
                _ if arguments.iter().all(|argument| argument.keyword.is_some()) => {
                    values.iter().for_each(|value| self.read(value, is_certain, Use::Kept));
                    for keyword in arguments.iter().filter_map(|argument| argument.keyword.as_ref()) {
                        let child = self.paths.child(path, &keyword.name);
                        self.written(child, is_certain && is_caller_s);
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
        is_caller_s: bool,
    ) -> Chain {
        self.need(path, Need::Object, is_certain);
        let child = self.paths.child(path, key);
        self.listed(child);
        if method == "pop" && default.is_none() {
            self.need(child, Need::Present, is_certain && is_caller_s);
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
                self.written(child, is_certain && is_caller_s);
                Chain::Done
            }
            "setdefault" => {
                self.written(child, false);
                Chain::Place { path: child, is_caller_s: false }
            }
            _ => Chain::Place { path: child, is_caller_s: false },
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

    pub(super) fn listed(&mut self, path: Path) {
        if self.state.as_ref().is_some_and(|state| !state.is_written(path, &self.paths)) {
            self.paths.mark_read(path);
        }
    }

    pub(super) fn need(&mut self, path: Path, need: Need, is_certain: bool) {
        if let (Some(state), true) = (&mut self.state, is_certain) {
            state.need(path, need, &self.paths);
        }
    }

    pub(super) fn written(&mut self, path: Path, is_certain: bool) {
        self.traces.iter_mut().for_each(|trace| trace.touched.insert(path));
        if let Some(state) = &mut self.state {
            state.write(path, is_certain);
        }
    }

    pub(super) fn open(&mut self, path: Path) {
        self.traces.iter_mut().for_each(|trace| trace.opened.insert(path));
        if let Some(state) = &mut self.state {
            state.open(path);
        }
    }

    pub(super) fn used(&mut self, path: Path, used: Use) {
        let Some(state) = &mut self.state else { return };
        match used {
            Use::Seen => {}
            Use::Copied if path == ROOT => {
                state.open_nested();
                self.traces.iter_mut().for_each(|trace| trace.is_nested_opened = true);
            }
            Use::Kept | Use::Copied => self.open(path),
        }
    }
}

/// Whether a call waits for the calls it is handed.
fn is_gather(callee: &Expr) -> bool {
    callee
        .dotted()
        .is_some_and(|parts| matches!(parts.last(), Some(&("gather" | "wait_for" | "shield" | "create_task"))))
}

/// Builtins that look at a value and give back none of its parts.
const LOOKING: &[&str] = &["all", "any", "bool", "float", "int", "isinstance", "len", "print", "repr", "str", "type"];

/// Builtins that go over a value once and change nothing.
const COPYING: &[&str] =
    &["dict", "enumerate", "list", "max", "min", "reversed", "set", "sorted", "sum", "tuple", "zip"];

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

/// Whether a target binds names only: `for p["x"] in …` writes into the payload.
fn is_names(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Name(_) => true,
        ExprKind::Sequence { items, .. } => items.iter().all(is_names),
        ExprKind::Starred(value) => is_names(value),
        _ => false,
    }
}
