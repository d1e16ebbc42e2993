//! What a flow reads from the payload before it writes it: one walk over the function.
//!
//! A place is listed when some way through the flow reads it first. It is required when every way
//! to the first actor call or to the end reads it, by subscript and surely from what the caller
//! sent; ways that end with `raise` count for nothing, because no call that takes them succeeds.
//! An actor may set anything, so nothing behind a call counts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::lower::is_always_true;
use super::super::python;
use super::super::scope::{Binding, Scope};
use super::bits::Bits;
use super::paths::{Need, Path, Paths, ROOT, State, needed_in_any_round};
use super::{json_literal, string};
use crate::source::Span;
use crate::syntax::tree::{Argument, Branch, Expr, ExprKind, Function, Stmt, StmtKind};
use crate::syntax::{children, walk};

/// The schema of the payload that `function` reads; `calls` are its actor calls.
pub(super) fn schema(function: &Function, payload: &str, scope: &Scope<'_>, calls: &BTreeSet<Span>) -> Value {
    let mut walker = Walker {
        payload,
        scope,
        calls,
        paths: Paths::new(),
        state: Some(State::default()),
        ended: None,
        loops: Vec::new(),
    };
    walker.block(&function.body);
    walker.end();
    walker.paths.schema(&walker.ended.unwrap_or_default())
}

struct Walker<'w, 'a> {
    payload: &'w str,
    scope: &'w Scope<'a>,
    calls: &'w BTreeSet<Span>,
    paths: Paths,
    /// `None` where the flow never gets, or where the payload is no longer the caller's.
    state: Option<State>,
    /// What every way that has ended so far needed.
    ended: Option<Bits>,
    loops: Vec<Loop>,
}

/// The states at the `break`s and `continue`s of a loop.
#[derive(Default)]
struct Loop {
    breaks: Option<State>,
    continues: Option<State>,
}

/// What becomes of a value that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It is kept or handed on: whoever has it can change what is inside.
    Kept,
    /// Its entries are kept.
    Copied,
    /// It is looked at.
    Seen,
}

/// An expression that starts with the payload.
enum Chain {
    /// It does not.
    Other,
    /// It stands for a place; `is_caller_s` unless it may be a default that stands in for it.
    Place { path: Path, is_caller_s: bool },
    /// It was dealt with and stands for no place that is followed.
    Done,
}

impl Walker<'_, '_> {
    fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            if self.state.is_none() {
                return;
            }
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        if self.calls.contains(&stmt.span) {
            return self.end();
        }
        match &stmt.kind {
            StmtKind::Pass | StmtKind::AnnAssign { value: None, .. } => {}
            StmtKind::Expr(value) => self.read(value, true, Use::Seen),
            StmtKind::Assign { targets, value } => self.assignment(targets, value),
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                self.assignment(std::slice::from_ref(target), value);
            }
            StmtKind::AugAssign { target, value } => self.augmented(target, value),
            StmtKind::Delete(targets) => targets.iter().for_each(|target| self.delete(target)),
            StmtKind::Assert { test, message } => {
                self.read(test, true, Use::Seen);
                message.iter().for_each(|message| self.read(message, false, Use::Kept));
            }
            StmtKind::Raise { exception, cause } => {
                exception.iter().chain(cause).for_each(|value| self.read(value, true, Use::Kept));
                self.state = None;
            }
            StmtKind::If { branches, orelse } => self.conditional(branches, orelse),
            StmtKind::While { test, body, orelse } => self.repeat(test, body, orelse),
            StmtKind::Break => self.jump(|target| &mut target.breaks),
            StmtKind::Continue => self.jump(|target| &mut target.continues),
            StmtKind::Return(value) => {
                value.iter().for_each(|value| self.read(value, true, Use::Seen));
                self.end();
            }
            _ => self.end(),
        }
    }

    /// Here the payload stops being what the caller sent.
    fn end(&mut self) {
        let Some(state) = self.state.take() else { return };
        self.ended = meet(self.ended.take(), Some(state.into_needed()));
    }

    fn jump(&mut self, way: impl Fn(&mut Loop) -> &mut Option<State>) {
        let state = self.state.take();
        if let Some(target) = self.loops.last_mut() {
            let way = way(target);
            *way = State::join(way.take(), state);
        }
    }

    fn conditional(&mut self, branches: &[Branch], orelse: &[Stmt]) {
        let mut after = None;
        for branch in branches {
            self.read(&branch.test, true, Use::Seen);
            let otherwise = self.state.clone();
            self.block(&branch.body);
            after = State::join(after, std::mem::replace(&mut self.state, otherwise));
        }
        self.block(orelse);
        self.state = State::join(after, self.state.take());
    }

    /// The first round is followed; what later rounds change about it is worked out from the
    /// state after a whole round, so that nested loops are not followed over and over.
    fn repeat(&mut self, test: &Expr, body: &[Stmt], orelse: &[Stmt]) {
        let ended = self.ended.take();
        self.read(test, true, Use::Seen);
        let finished = if is_always_true(test) { None } else { self.state.clone() };
        self.loops.push(Loop::default());
        self.block(body);
        let Loop { breaks, continues } = self.loops.pop().unwrap_or_default();
        let round = State::join(self.state.take(), continues);
        let in_any_round = |state: Option<State>, paths: &Paths| match &round {
            Some(round) => state.map(|state| state.in_any_round(round, paths)),
            None => state,
        };
        let inside = match (self.ended.take(), &round) {
            (Some(needed), Some(round)) => Some(needed_in_any_round(needed, round, &self.paths)),
            (needed, _) => needed,
        };
        self.ended = meet(ended, inside);
        let breaks = in_any_round(breaks, &self.paths);
        self.state = in_any_round(finished, &self.paths);
        self.block(orelse);
        self.state = State::join(breaks, self.state.take());
    }

    fn assignment(&mut self, targets: &[Expr], value: &Expr) {
        let is_rebound = targets.iter().any(|target| self.binds_payload(target));
        self.read(value, true, if is_rebound { Use::Copied } else { Use::Kept });
        targets.iter().for_each(|target| self.write(target));
        if is_rebound {
            self.end();
        }
    }

    fn binds_payload(&self, target: &Expr) -> bool {
        binds(target, self.payload)
    }

    fn augmented(&mut self, target: &Expr, value: &Expr) {
        if target.is_name(self.payload) {
            return self.update(ROOT, std::slice::from_ref(value), true);
        }
        match self.chain(target, true) {
            Chain::Place { path, is_caller_s } => {
                self.read(value, true, Use::Kept);
                self.written(path, is_caller_s);
            }
            _ => self.read(value, true, Use::Kept),
        }
        self.write_unfollowed(target);
    }

    /// `target = …`, whose right-hand side was read already.
    fn write(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.write(item)),
            ExprKind::Starred(value) => self.write(value),
            ExprKind::Subscript { value, index } => match (self.chain(value, true), string(index)) {
                (Chain::Place { path, is_caller_s }, Some(key)) => {
                    self.need(path, Need::Object, true);
                    let child = self.paths.child(path, key);
                    self.written(child, is_caller_s);
                }
                (Chain::Place { path, .. }, None) => {
                    self.read(index, true, Use::Kept);
                    self.open(path);
                }
                (Chain::Done, _) => self.read(index, true, Use::Kept),
                (Chain::Other, _) => {
                    self.read(value, true, Use::Kept);
                    self.read(index, true, Use::Kept);
                }
            },
            _ => {}
        }
    }

    /// `p[x] += 1` with an `x` that is no literal may write anything in `p`.
    fn write_unfollowed(&mut self, target: &Expr) {
        if let ExprKind::Subscript { value, index } = &target.kind
            && string(index).is_none()
            && let Some(path) = self.peek(value)
        {
            self.open(path);
        }
    }

    /// The place of `p["a"]["b"]`, without reading it.
    fn peek(&mut self, expr: &Expr) -> Option<Path> {
        match &expr.kind {
            ExprKind::Name(name) if name == self.payload => Some(ROOT),
            ExprKind::Subscript { value, index } => {
                let parent = self.peek(value)?;
                Some(self.paths.child(parent, string(index)?))
            }
            _ => None,
        }
    }

    fn delete(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.delete(item)),
            _ => {
                if let Chain::Place { path, is_caller_s } = self.chain(target, true)
                    && path != ROOT
                {
                    self.written(path, is_caller_s);
                }
                self.write_unfollowed(target);
            }
        }
    }

    /// Reads an expression; `is_certain` when every way through the statement does.
    fn read(&mut self, expr: &Expr, is_certain: bool, used: Use) {
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
                    && container.is_name(self.payload)
                {
                    let child = self.paths.child(ROOT, key);
                    self.listed(child);
                    return;
                }
                for (at, operand) in operands.iter().enumerate() {
                    self.read(operand, is_certain && at < 2, Use::Seen);
                }
            }
            ExprKind::Comprehension { elements, clauses } => {
                let mut is_outside = true;
                for clause in clauses {
                    // Going over the payload gives its keys, over anything else what is inside.
                    let used = if clause.iterable.is_name(self.payload) { Use::Seen } else { Use::Kept };
                    self.read(&clause.iterable, is_certain && is_outside, used);
                    is_outside = false;
                    if clauses.iter().any(|clause| self.binds_payload(&clause.target)) {
                        return;
                    }
                    if !is_names(&clause.target) {
                        self.open(ROOT);
                    }
                    clause.conditions.iter().for_each(|condition| self.read(condition, false, Use::Seen));
                }
                elements.iter().for_each(|element| self.read(element, false, Use::Kept));
            }
            ExprKind::Lambda { parameters, body } => {
                let named = || parameters.positional.iter().chain(&parameters.keyword_only);
                named().filter_map(|one| one.default.as_ref()).for_each(|value| {
                    self.read(value, is_certain, Use::Kept);
                });
                let names = named().map(|one| &one.name).chain(&parameters.variadic).chain(&parameters.keywords);
                if names.into_iter().all(|name| name.name != self.payload) {
                    self.read(body, false, Use::Kept);
                }
            }
            ExprKind::Call { callee, arguments } => {
                self.read(callee, is_certain, Use::Kept);
                let handed = self.handed_to(callee);
                self.arguments(arguments, is_certain, handed);
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
        let is_free = |name: &str| python::is_builtin(name) && self.scope.get(name).is_none();
        let is_json =
            |name: &str| self.scope.get(name).is_some_and(|bound| matches!(bound.binding, Binding::Module("json")));
        match callee.dotted().as_deref() {
            Some([name]) if LOOKING.contains(name) && is_free(name) => Use::Seen,
            Some([name]) if COPYING.contains(name) && is_free(name) => Use::Copied,
            Some([module, "dumps"]) if is_json(module) => Use::Seen,
            _ => Use::Kept,
        }
    }

    /// Follows the payload, its subscripts and the methods of dicts.
    fn chain(&mut self, expr: &Expr, is_certain: bool) -> Chain {
        match &expr.kind {
            ExprKind::Name(name) if name == self.payload => Chain::Place { path: ROOT, is_caller_s: true },
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
    fn update(&mut self, path: Path, value: &[Expr], is_certain: bool) {
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

    fn listed(&mut self, path: Path) {
        if self.state.as_ref().is_some_and(|state| !state.is_written(path, &self.paths)) {
            self.paths.mark_read(path);
        }
    }

    fn need(&mut self, path: Path, need: Need, is_certain: bool) {
        if let (Some(state), true) = (&mut self.state, is_certain) {
            state.need(path, need, &self.paths);
        }
    }

    fn written(&mut self, path: Path, is_certain: bool) {
        if let Some(state) = &mut self.state {
            state.write(path, is_certain);
        }
    }

    fn open(&mut self, path: Path) {
        if let Some(state) = &mut self.state {
            state.open(path);
        }
    }

    fn used(&mut self, path: Path, used: Use) {
        let Some(state) = &mut self.state else { return };
        match used {
            Use::Seen => {}
            Use::Copied if path == ROOT => state.open_nested(),
            Use::Kept | Use::Copied => state.open(path),
        }
    }
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

fn binds(target: &Expr, payload: &str) -> bool {
    let mut found = false;
    walk(target, &mut |expr| {
        found |= expr.is_name(payload);
        matches!(expr.kind, ExprKind::Sequence { .. } | ExprKind::Starred(_))
    });
    found
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

/// What is in both, where there are both.
fn meet(first: Option<Bits>, second: Option<Bits>) -> Option<Bits> {
    match (first, second) {
        (Some(mut first), Some(second)) => {
            first.keep(&second);
            Some(first)
        }
        (only, None) | (None, only) => only,
    }
}
