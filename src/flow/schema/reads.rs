//! What a flow reads from the payload before it writes it: one walk over the function.
//!
//! A place is listed when some way through the flow reads it first. It is required when every way
//! to the end, or to where the payload becomes another one, reads it, by subscript and surely from
//! what the caller sent; ways that end with `raise` count for nothing, because no call that takes
//! them succeeds. An actor gets a copy: what it does to that is in its answer alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::callee::{Callee, Surroundings};
use super::super::effects::{parameter_names, target_names};
use super::super::lower::is_always_true;
use super::bits::Bits;
use super::evaluation::{Chain, Use};
use super::paths::{Need, Path, Paths, ROOT, State, Trace, needed_in_any_round};
use super::string;
use crate::source::{Source, Span};
use crate::syntax::tree::{Branch, Case, Expr, ExprKind, Function, Handler, Stmt, StmtKind};
use crate::syntax::{blocks, walk};

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
        parts: Vec::new(),
        traces: Vec::new(),
        finals: Vec::new(),
        is_awaited: false,
    };
    walker.block(&function.body);
    walker.end();
    walker.paths.schema(&walker.ended.unwrap_or_default())
}

pub(super) struct Walker<'w, 'a, 's> {
    pub(super) payload: &'w str,
    pub(super) around: &'w Surroundings<'a, 's>,
    pub(super) source: &'w Source,
    pub(super) calls: &'w BTreeSet<Span>,
    settings: &'w BTreeSet<usize>,
    pub(super) paths: Paths,
    /// `None` where the flow never gets, or where the payload is no longer the caller's.
    pub(super) state: Option<State>,
    /// What every way that has ended so far needed.
    ended: Option<Bits>,
    loops: Vec<Loop>,
    /// The helpers around, innermost last.
    parts: Vec<Part<'a>>,
    /// What happens in the blocks around that may be left anywhere.
    pub(super) traces: Vec<Trace>,
    /// The `finally` blocks around, innermost last.
    finals: Vec<&'a [Stmt]>,
    /// Calls that are met are those of actors.
    pub(super) is_awaited: bool,
}

/// The states at the `break`s and `continue`s of a loop.
#[derive(Default)]
struct Loop {
    breaks: Option<State>,
    continues: Option<State>,
    /// How many `finally` blocks are around the loop.
    finals: usize,
}

/// What a loop does before each round.
enum Round<'a> {
    /// It asks a question.
    While(&'a Expr),
    /// It binds names.
    For(&'a Expr),
}

/// A helper whose body is being followed, and what was around the call.
struct Part<'a> {
    function: &'a Function,
    /// The states at its `return`s.
    returns: Option<State>,
    answer: Answer,
    loops: Vec<Loop>,
    finals: Vec<&'a [Stmt]>,
}

/// What a helper answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was not seen yet.
    Open,
    /// Always the same place.
    Place(Path, bool),
    /// Something else.
    Other,
}

/// Helpers in helpers in helpers are followed this deep.
const MAX_PARTS: usize = 8;

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

    fn leave(&mut self, stmt: &Stmt, value: Option<&Expr>) {
        let is_part = !self.parts.is_empty();
        let mut answer = Answer::Other;
        if let Some(value) = value {
            match if is_part { self.chain(value, true) } else { Chain::Other } {
                Chain::Place { path, is_caller_s } => answer = Answer::Place(path, is_caller_s),
                Chain::Done => {}
                Chain::Other => self.whole(stmt, value, if is_part { Use::Kept } else { Use::Seen }),
            }
        }
        if !is_part {
            return self.end();
        }
        self.run_finals(0);
        let state = self.state.take();
        if let (Some(part), Some(state)) = (self.parts.last_mut(), state) {
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

    fn jump(&mut self, way: impl Fn(&mut Loop) -> &mut Option<State>) {
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

    fn conditional(&mut self, branches: &'a [Branch], orelse: &'a [Stmt]) {
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
    fn repeat(&mut self, round: &Round<'a>, body: &'a [Stmt], orelse: &'a [Stmt]) {
        let ended = self.ended.take();
        let returned = self.parts.last_mut().and_then(|part| part.returns.take());
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
        let inside = self.parts.last_mut().and_then(|part| part.returns.take());
        let inside = in_any_round(inside, &self.paths);
        self.put_returns(State::join(returned, inside));
        let breaks = in_any_round(breaks, &self.paths);
        self.state = in_any_round(finished, &self.paths);
        self.block(orelse);
        self.state = State::join(breaks, self.state.take());
    }

    fn put_returns(&mut self, returns: Option<State>) {
        if let Some(part) = self.parts.last_mut() {
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

    fn attempt(&mut self, body: &'a [Stmt], handlers: &'a [Handler], orelse: &'a [Stmt], finalbody: &'a [Stmt]) {
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
    fn with(&mut self, items: &'a [(Expr, Option<Expr>)], body: &'a [Stmt]) {
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

    fn matching(&mut self, subject: &'a Expr, cases: &'a [Case]) {
        let place = match self.chain(subject, true) {
            Chain::Place { path, is_caller_s } => Some((path, is_caller_s)),
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
            let is_open = match (place, super::annotation::parsed(text)) {
                (Some((path, is_caller_s)), Some(pattern)) => !self.pattern(&pattern, path, is_caller_s),
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
    fn pattern(&mut self, pattern: &Expr, path: Path, is_caller_s: bool) -> bool {
        match &pattern.kind {
            ExprKind::Name(name) if name == "_" => true,
            ExprKind::Name(name) => {
                self.alias(name, path, is_caller_s);
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
                            is_followed &= self.pattern(value, child, is_caller_s);
                        }
                        None => is_followed = false,
                    }
                }
                is_followed
            }
            _ => false,
        }
    }

    /// A function or class inside the flow: whenever it runs, it may do what its lines say.
    fn inner(&mut self, stmt: &'a Stmt, name: &str) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        fn used(body: &[Stmt], names: &mut BTreeSet<String>) {
            for stmt in body {
                for expr in crate::syntax::expressions(stmt) {
                    walk(expr, &mut |expr| {
                        names.extend(expr.as_name().map(str::to_owned));
                        true
                    });
                }
                blocks(stmt).into_iter().for_each(|block| used(block, names));
            }
        }
        blocks(stmt).into_iter().for_each(|block| used(block, &mut names));
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

    fn assignment(&mut self, stmt: &Stmt, targets: &'a [Expr], value: &Expr) {
        if let [target] = targets
            && let Some(name) = target.as_name()
        {
            return self.set(stmt, name, value);
        }
        self.whole(stmt, value, Use::Kept);
        targets.iter().for_each(|target| self.write(target));
    }

    /// `name = value`: when the value is a place, the name stands for it.
    fn set(&mut self, stmt: &Stmt, name: &str, value: &Expr) {
        let before = std::mem::replace(&mut self.is_awaited, self.calls.contains(&stmt.span));
        let place = match self.chain(value, true) {
            Chain::Place { path, is_caller_s } => Some((path, is_caller_s)),
            Chain::Done => None,
            Chain::Other => match self.helper(value, true) {
                Some(Answer::Place(path, is_caller_s)) => Some((path, is_caller_s)),
                Some(_) => None,
                None => {
                    let is_payload = self.place(name).is_some_and(|(path, _)| path == ROOT);
                    self.read(value, true, if is_payload { Use::Copied } else { Use::Kept });
                    None
                }
            },
        };
        self.is_awaited = before;
        match place {
            Some(place) if self.place(name) == Some(place) => {}
            Some((path, is_caller_s)) => {
                self.unbind(name);
                self.alias(name, path, is_caller_s);
            }
            None => self.unbind(name),
        }
    }

    fn augmented(&mut self, target: &Expr, value: &Expr) {
        if let Some(name) = target.as_name() {
            return match self.place(name) {
                Some((path, is_caller_s)) => {
                    self.update(path, std::slice::from_ref(value), is_caller_s);
                    // What is no container gets another value.
                    if path != ROOT {
                        self.open(path);
                        self.unbind(name);
                    }
                }
                None => self.read(value, true, Use::Kept),
            };
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
            ExprKind::Name(name) => self.unbind(name),
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
    pub(super) fn peek(&mut self, expr: &Expr) -> Option<Path> {
        match &expr.kind {
            ExprKind::Name(name) => self.place(name).map(|(path, _)| path),
            ExprKind::Subscript { value, index } => {
                let parent = self.peek(value)?;
                Some(self.paths.child(parent, string(index)?))
            }
            _ => None,
        }
    }

    fn delete(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.unbind(name),
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

    /// The place a variable stands for.
    pub(super) fn place(&self, name: &str) -> Option<(Path, bool)> {
        self.state.as_ref()?.aliases.get(name).copied()
    }

    pub(super) fn alias(&mut self, name: &str, path: Path, is_caller_s: bool) {
        self.traces.iter_mut().for_each(|trace| {
            trace.aliased.push(path);
            trace.bound.push(name.to_owned());
        });
        if let Some(state) = &mut self.state {
            state.aliases.insert(name.to_owned(), (path, is_caller_s));
        }
    }

    /// A variable gets a value that is no place. When it is the payload, that is no longer the
    /// caller's.
    pub(super) fn unbind(&mut self, name: &str) {
        if self.parts.is_empty() && name == self.payload {
            return self.end();
        }
        self.traces.iter_mut().for_each(|trace| trace.bound.push(name.to_owned()));
        if let Some(state) = &mut self.state {
            state.aliases.remove(name);
        }
    }

    /// A call of a helper: its body, with what it is given; `None` when the expression is none.
    pub(super) fn helper(&mut self, expr: &Expr, is_certain: bool) -> Option<Answer> {
        let (call, _) = expr.awaited();
        let ExprKind::Call { callee, arguments } = &call.kind else { return None };
        let Callee::Helper(definition) = self.around.callee(callee, &[]) else { return None };
        let function = definition.function;
        let is_own = definition.module.name() == self.around.home.name();
        let is_open = self.parts.iter().any(|part| std::ptr::eq(part.function, function));
        let is_plain = arguments
            .iter()
            .all(|argument| !argument.is_double_starred && !matches!(argument.value.kind, ExprKind::Starred(_)));
        if !is_own || is_open || !is_plain || self.parts.len() >= MAX_PARTS {
            return None;
        }
        let mut given: Vec<(String, Path, bool)> = Vec::new();
        let parameters: Vec<&str> = parameter_names(&function.parameters).collect();
        for (at, argument) in arguments.iter().enumerate() {
            let name = match &argument.keyword {
                Some(keyword) => Some(keyword.name.as_str()),
                None => parameters.get(at).copied(),
            };
            match (self.chain(&argument.value, is_certain), name) {
                (Chain::Place { path, is_caller_s }, Some(name)) => given.push((name.to_owned(), path, is_caller_s)),
                (Chain::Place { path, .. }, None) => self.used(path, Use::Kept),
                (Chain::Done, _) => {}
                (Chain::Other, _) => self.read(&argument.value, is_certain, Use::Kept),
            }
        }
        let before = self.state.clone()?;
        if let Some(state) = &mut self.state {
            state.aliases = given.into_iter().map(|(name, path, is_caller_s)| (name, (path, is_caller_s))).collect();
        }
        self.parts.push(Part {
            function,
            returns: None,
            answer: Answer::Open,
            loops: std::mem::take(&mut self.loops),
            finals: std::mem::take(&mut self.finals),
        });
        let awaited = std::mem::replace(&mut self.is_awaited, false);
        self.block(&function.body);
        self.is_awaited = awaited;
        let part = self.parts.pop()?;
        let falls_off = self.state.is_some();
        self.state = State::join(part.returns, self.state.take());
        (self.loops, self.finals) = (part.loops, part.finals);
        let mut answer = if falls_off { Answer::Other } else { part.answer };
        if let (Answer::Place(path, _), true) = (part.answer, falls_off) {
            self.used(path, Use::Kept);
        }
        // What the variables of the helper stand for does not matter any more; the caller's stand
        // for what they did.
        if let Some(state) = &mut self.state {
            state.aliases = before.aliases.clone();
        }
        if !is_certain {
            answer = match answer {
                Answer::Place(path, _) => Answer::Place(path, false),
                other => other,
            };
            self.state = State::join(Some(before), self.state.take());
        }
        Some(answer)
    }
}

impl Part<'_> {
    fn answers(&mut self, answer: Answer) {
        self.answer = match (self.answer, answer) {
            (Answer::Open, answer) => answer,
            (before, answer) if before == answer => before,
            _ => Answer::Other,
        };
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

/// The names a target binds.
pub(super) fn bound_names(target: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    target_names(target, &mut names);
    names
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
