//! Statements that decide what runs: branches, loops, `try`, `with`, `match`, and what leaves them.

use super::chains::Chain;
use super::expressions::Use;
use super::helpers::Answer;
use super::{Loop, Walker, meet};
use crate::flow::lower::is_always_true;
use crate::flow::schema::annotation::parsed;
use crate::flow::schema::paths::{Path, Paths, State, Trace, needed_in_any_round};
use crate::flow::schema::string;
use crate::syntax::tree::{Branch, Case, Expr, ExprKind, Handler, Stmt};

/// What a loop does before each round.
pub(super) enum Round<'a> {
    /// It asks a question.
    While(&'a Expr),
    /// It binds names.
    For(&'a Expr),
}

impl<'a> Walker<'_, 'a, '_> {
    pub(super) fn leave(&mut self, stmt: &Stmt, value: Option<&Expr>) {
        let is_in_helper = !self.helper_calls.is_empty();
        let mut answer = Answer::Other;
        if let Some(value) = value {
            match if is_in_helper { self.chain(value, true) } else { Chain::Other } {
                Chain::Place { path, from_caller } => answer = Answer::Place(path, from_caller),
                Chain::Done => {}
                Chain::Other => self.whole(stmt, value, if is_in_helper { Use::Kept } else { Use::Seen }),
            }
        }
        if !is_in_helper {
            return self.end();
        }
        self.run_finals(0);
        let state = self.state.take();
        if let (Some(part), Some(state)) = (self.helper_calls.last_mut(), state) {
            part.answers(answer);
            part.returns = State::join(part.returns.take(), Some(state));
        }
    }

    /// The `finally` blocks that leaving goes through, innermost first, down to the number `until`.
    fn run_finals(&mut self, until: usize) {
        let around = self.finals.clone();
        for at in (until..around.len()).rev() {
            self.finals.truncate(at);
            self.block(around[at]);
        }
        self.finals = around;
    }

    pub(super) fn jump(&mut self, way: impl Fn(&mut Loop) -> &mut Option<State>) {
        if let Some(target) = self.loops.last() {
            let until = target.finals;
            self.run_finals(until);
        }
        let state = self.state.take();
        if let Some(target) = self.loops.last_mut() {
            let way = way(target);
            *way = State::join(way.take(), state);
        }
    }

    pub(super) fn conditional(&mut self, branches: &'a [Branch], orelse: &'a [Stmt]) {
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
    pub(super) fn repeat(&mut self, round: &Round<'a>, body: &'a [Stmt], orelse: &'a [Stmt]) {
        let ended = self.ended.take();
        let returned = self.helper_calls.last_mut().and_then(|part| part.returns.take());
        let mut finished = None;
        match round {
            Round::While(test) => {
                self.read(test, true, Use::Seen);
                if !is_always_true(test) {
                    finished = self.state.clone();
                }
            }
            Round::For(_) => finished = self.state.clone(),
        }
        let Some(start) = self.state.as_ref().map(|state| state.aliases.clone()) else {
            self.ended = ended;
            self.put_returns(returned);
            return;
        };
        if let Round::For(target) = round {
            self.write(target);
        }
        self.loops.push(Loop { finals: self.finals.len(), ..Loop::default() });
        self.block(body);
        let Loop { breaks, continues, .. } = self.loops.pop().unwrap_or_default();
        let mut round = State::join(self.state.take(), continues);
        if let Some(round) = &mut round {
            round.close_round(&start);
        }
        let in_any_round = |state: Option<State>, paths: &Paths| match &round {
            Some(round) => state.map(|state| state.in_any_round(round, paths)),
            None => state,
        };
        let inside = match (self.ended.take(), &round) {
            (Some(needed), Some(round)) => Some(needed_in_any_round(needed, round, &self.paths)),
            (needed, _) => needed,
        };
        self.ended = meet(ended, inside);
        let inside = self.helper_calls.last_mut().and_then(|part| part.returns.take());
        let inside = in_any_round(inside, &self.paths);
        self.put_returns(State::join(returned, inside));
        let breaks = in_any_round(breaks, &self.paths);
        self.state = in_any_round(finished, &self.paths);
        self.block(orelse);
        self.state = State::join(breaks, self.state.take());
    }

    fn put_returns(&mut self, returns: Option<State>) {
        if let Some(part) = self.helper_calls.last_mut() {
            part.returns = returns;
        }
    }

    /// A block in which an error may happen anywhere; answers the state where such an error leads.
    fn interruptible(&mut self, body: &'a [Stmt]) -> Option<State> {
        let before = self.state.clone();
        self.traces.push(Trace::default());
        self.block(body);
        let trace = self.traces.pop().unwrap_or_default();
        if let Some(outer) = self.traces.last_mut() {
            outer.add(&trace);
        }
        before.map(|before| before.interrupted(&trace))
    }

    pub(super) fn attempt(
        &mut self,
        body: &'a [Stmt],
        handlers: &'a [Handler],
        orelse: &'a [Stmt],
        finalbody: &'a [Stmt],
    ) {
        if !finalbody.is_empty() {
            self.finals.push(finalbody);
        }
        let failed = self.interruptible(body);
        self.block(orelse);
        let mut after = self.state.take();
        for handler in handlers {
            self.state = failed.clone();
            handler.exception.iter().for_each(|exception| self.read(exception, true, Use::Seen));
            handler.name.iter().for_each(|name| self.unbind(&name.name));
            self.block(&handler.body);
            after = State::join(after, self.state.take());
        }
        self.state = after;
        if !finalbody.is_empty() {
            self.finals.pop();
            self.block(finalbody);
        }
    }

    /// A manager may swallow an error anywhere in its block.
    pub(super) fn with(&mut self, items: &'a [(Expr, Option<Expr>)], body: &'a [Stmt]) {
        for (manager, target) in items {
            self.read(manager, true, Use::Kept);
            target.iter().for_each(|target| self.write(target));
        }
        let failed = self.interruptible(body);
        let swallows = !items.iter().all(|(manager, _)| lets_errors_through(manager));
        if swallows {
            self.state = State::join(self.state.take(), failed);
        }
    }

    pub(super) fn matching(&mut self, subject: &'a Expr, cases: &'a [Case]) {
        let place = match self.chain(subject, true) {
            Chain::Place { path, from_caller } => Some((path, from_caller)),
            Chain::Done => None,
            Chain::Other => {
                self.read(subject, true, Use::Kept);
                None
            }
        };
        let mut after = None;
        let mut goes_on = true;
        for case in cases {
            let otherwise = self.state.clone();
            case.captures.iter().for_each(|name| self.unbind(&name.name));
            let text = self.source.slice(case.pattern);
            let is_open = match (place, parsed(text)) {
                (Some((path, from_caller)), Some(pattern)) => !self.pattern(&pattern, path, from_caller),
                (Some(_), None) => true,
                (None, _) => false,
            };
            // What a pattern that is not followed captures may be any part of the subject.
            if let (true, Some((path, _)), false) = (is_open, place, case.captures.is_empty()) {
                self.used(path, Use::Kept);
            }
            case.guard.iter().for_each(|guard| self.read(guard, false, Use::Seen));
            self.block(&case.body);
            after = State::join(after, std::mem::replace(&mut self.state, otherwise));
            if case.guard.is_none() && (text == "_" || case.captures.iter().any(|name| name.span == case.pattern)) {
                goes_on = false;
                break;
            }
        }
        let rest = self.state.take();
        self.state = if goes_on { State::join(after, rest) } else { after };
    }

    /// What a pattern reads and binds; whether all that it captures was followed.
    fn pattern(&mut self, pattern: &Expr, path: Path, from_caller: bool) -> bool {
        match &pattern.kind {
            ExprKind::Name(name) if name == "_" => true,
            ExprKind::Name(name) => {
                self.alias(name, path, from_caller);
                true
            }
            ExprKind::Literal(_) | ExprKind::Attribute { .. } => true,
            ExprKind::Operation(parts) => parts.iter().all(|part| matches!(part.kind, ExprKind::Literal(_))),
            ExprKind::Dict(items) => {
                let mut is_followed = true;
                for (key, value) in items {
                    match key.as_ref().and_then(string) {
                        Some(key) => {
                            let child = self.paths.child(path, key);
                            self.listed(child);
                            is_followed &= self.pattern(value, child, from_caller);
                        }
                        None => is_followed = false,
                    }
                }
                is_followed
            }
            _ => false,
        }
    }
}

/// Managers that are known to let errors through.
fn lets_errors_through(manager: &Expr) -> bool {
    let callee = match &manager.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => manager,
    };
    callee.dotted().is_some_and(|parts| {
        parts.last().is_some_and(|last| matches!(*last, "TaskGroup" | "timeout" | "timeout_at" | "nullcontext"))
    })
}
