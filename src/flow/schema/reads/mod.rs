//! What a flow reads from the payload before it writes it: one walk over the function.
//!
//! A place is listed when some way through the flow reads it first. It is required when every way
//! to the end, or to where the payload becomes another one, reads it, by subscript and surely from
//! what the caller sent; ways that end with `raise` count for nothing, because no call that takes
//! them succeeds. An actor gets a copy: what it does to that is in its answer alone.

mod assignments;
mod chains;
mod control_flow;
mod expressions;
mod helpers;

use std::collections::BTreeSet;

use serde_json::Value;

use super::bits::Bits;
use super::paths::{Need, Path, Paths, ROOT, State, Trace};
use crate::flow::callee::Surroundings;
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, Function, Stmt, StmtKind};
use crate::syntax::{blocks, walk};
use control_flow::Round;
use expressions::Use;
use helpers::Answer;

/// The schema of the payload that `function` reads; `calls` are its actor calls, and at
/// `settings` begin blocks whose managers read nothing.
pub(super) fn schema<'a>(
    function: &'a Function,
    payload: &str,
    around: &Surroundings<'a, '_>,
    calls: &BTreeSet<Span>,
    settings: &BTreeSet<usize>,
) -> Value {
    let mut start = State::default();
    start.aliases.insert(payload.to_owned(), (ROOT, true));
    let mut walker = Walker {
        payload,
        around,
        source: around.home.source(),
        calls,
        settings,
        paths: Paths::new(),
        state: Some(start),
        ended: None,
        loops: Vec::new(),
        helper_calls: Vec::new(),
        traces: Vec::new(),
        finals: Vec::new(),
        is_awaited: false,
    };
    walker.block(&function.body);
    walker.end();
    walker.paths.schema(&walker.ended.unwrap_or_default())
}

struct Walker<'w, 'a, 's> {
    payload: &'w str,
    around: &'w Surroundings<'a, 's>,
    source: &'w Source,
    calls: &'w BTreeSet<Span>,
    settings: &'w BTreeSet<usize>,
    paths: Paths,
    /// `None` where the flow never gets, or where the payload is no longer the caller's.
    state: Option<State>,
    /// What every way that has ended so far needed.
    ended: Option<Bits>,
    loops: Vec<Loop>,
    /// The helpers around, innermost last.
    helper_calls: Vec<HelperCall<'a>>,
    /// What happens in the blocks around that may be left anywhere.
    traces: Vec<Trace>,
    /// The `finally` blocks around, innermost last.
    finals: Vec<&'a [Stmt]>,
    /// Calls that are met are those of actors.
    is_awaited: bool,
}

/// The states at the `break`s and `continue`s of a loop.
#[derive(Default)]
struct Loop {
    breaks: Option<State>,
    continues: Option<State>,
    /// How many `finally` blocks are around the loop.
    finals: usize,
}

/// A helper whose body is being followed, and what was around the call.
struct HelperCall<'a> {
    function: &'a Function,
    /// The states at its `return`s.
    returns: Option<State>,
    answer: Answer,
    loops: Vec<Loop>,
    finals: Vec<&'a [Stmt]>,
}

impl<'a> Walker<'_, 'a, '_> {
    fn block(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if self.state.is_none() {
                return;
            }
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Expr(value) => self.whole(stmt, value, Use::Seen),
            StmtKind::Assign { targets, value } => self.assignment(stmt, targets, value),
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                self.assignment(stmt, std::slice::from_ref(target), value);
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
            StmtKind::While { test, body, orelse } => self.repeat(&Round::While(test), body, orelse),
            StmtKind::For { target, iterable, body, orelse, .. } => {
                // Going over the payload gives its keys.
                let is_root = self.peek(iterable) == Some(ROOT);
                self.read(iterable, true, if is_root { Use::Seen } else { Use::Kept });
                self.repeat(&Round::For(target), body, orelse);
            }
            StmtKind::Break => self.jump(|target| &mut target.breaks),
            StmtKind::Continue => self.jump(|target| &mut target.continues),
            StmtKind::Return(value) => self.leave(stmt, value.as_ref()),
            StmtKind::With { body, .. } if self.settings.contains(&stmt.span.start) => self.block(body),
            StmtKind::With { items, body, .. } => self.with(items, body),
            StmtKind::Try { body, handlers, orelse, finalbody, .. } => self.attempt(body, handlers, orelse, finalbody),
            StmtKind::Match { subject, cases } => self.matching(subject, cases),
            StmtKind::Function(function) => self.inner(stmt, &function.name.name),
            StmtKind::Class(class) => self.inner(stmt, &class.name.name),
            _ => {}
        }
    }

    /// A value that is a whole statement or right-hand side: a call in it may be an actor's even
    /// without `await`.
    fn whole(&mut self, stmt: &Stmt, value: &Expr, used: Use) {
        let before = std::mem::replace(&mut self.is_awaited, self.calls.contains(&stmt.span));
        self.read(value, true, used);
        self.is_awaited = before;
    }

    /// Here the payload stops being what the caller sent.
    fn end(&mut self) {
        let Some(state) = self.state.take() else { return };
        self.traces.iter_mut().for_each(|trace| trace.touched.insert(ROOT));
        self.ended = meet(self.ended.take(), Some(state.into_needed()));
    }

    /// A function or class inside the flow: whenever it runs, it may do what its lines say.
    fn inner(&mut self, stmt: &'a Stmt, name: &str) {
        let mut names = BTreeSet::new();
        blocks(stmt).into_iter().for_each(|block| names_in(block, &mut names));
        let places: Vec<Path> = self
            .state
            .iter()
            .flat_map(|state| &state.aliases)
            .filter(|(name, _)| names.contains(*name))
            .map(|(_, (path, _))| *path)
            .collect();
        places.into_iter().for_each(|path| self.used(path, Use::Kept));
        self.unbind(name);
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
        self.traces.iter_mut().for_each(|trace| trace.touched.insert(path));
        if let Some(state) = &mut self.state {
            state.write(path, is_certain);
        }
    }

    fn open(&mut self, path: Path) {
        self.traces.iter_mut().for_each(|trace| trace.opened.insert(path));
        if let Some(state) = &mut self.state {
            state.open(path);
        }
    }

    fn used(&mut self, path: Path, used: Use) {
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

/// Every name that statements use.
fn names_in(body: &[Stmt], names: &mut BTreeSet<String>) {
    for stmt in body {
        for expr in crate::syntax::expressions(stmt) {
            walk(expr, &mut |expr| {
                names.extend(expr.as_name().map(str::to_owned));
                true
            });
        }
        blocks(stmt).into_iter().for_each(|block| names_in(block, names));
    }
}
