//! What a flow reads from the payload before it writes it: one walk over the function.
//!
//! A place is listed when some way through the flow reads it first. It is required when every way
//! to the first actor call or to the end reads it, by subscript and surely from what the caller
//! sent; ways that end with `raise` count for nothing, because no call that takes them succeeds.
//! An actor may set anything, so nothing behind a call counts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::lower::is_always_true;
use super::super::scope::Scope;
use super::bits::Bits;
use super::evaluation::{Chain, Use};
use super::paths::{Need, Path, Paths, ROOT, State, needed_in_any_round};
use super::string;
use crate::source::Span;
use crate::syntax::tree::{Branch, Expr, ExprKind, Function, Stmt, StmtKind};
use crate::syntax::walk;

/// The schema of the payload that `function` reads; `calls` are its actor calls, and at
/// `settings` begin blocks whose managers read nothing.
pub(super) fn schema(
    function: &Function,
    payload: &str,
    scope: &Scope<'_>,
    calls: &BTreeSet<Span>,
    settings: &BTreeSet<usize>,
) -> Value {
    let mut walker = Walker {
        payload,
        scope,
        calls,
        settings,
        paths: Paths::new(),
        state: Some(State::default()),
        ended: None,
        loops: Vec::new(),
    };
    walker.block(&function.body);
    walker.end();
    walker.paths.schema(&walker.ended.unwrap_or_default())
}

pub(super) struct Walker<'w, 'a> {
    pub(super) payload: &'w str,
    pub(super) scope: &'w Scope<'a>,
    calls: &'w BTreeSet<Span>,
    settings: &'w BTreeSet<usize>,
    pub(super) paths: Paths,
    /// `None` where the flow never gets, or where the payload is no longer the caller's.
    pub(super) state: Option<State>,
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
            StmtKind::With { body, .. } if self.settings.contains(&stmt.span.start) => self.block(body),
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
        let is_rebound = targets.iter().any(|target| binds(target, self.payload));
        self.read(value, true, if is_rebound { Use::Copied } else { Use::Kept });
        targets.iter().for_each(|target| self.write(target));
        if is_rebound {
            self.end();
        }
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
}

pub(super) fn binds(target: &Expr, payload: &str) -> bool {
    let mut found = false;
    walk(target, &mut |expr| {
        found |= expr.is_name(payload);
        matches!(expr.kind, ExprKind::Sequence { .. } | ExprKind::Starred(_))
    });
    found
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
