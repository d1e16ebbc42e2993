//! Calls that run in parallel: `asyncio.gather`, lists and comprehensions of calls, task groups.

use std::collections::BTreeSet;

use super::collected::handed_over;
use super::expression::{Value, after_star};
use super::{Context, Lowering};
use crate::flow::callee::Callee as Called;
use crate::flow::code::{Code, Effect, Piece};
use crate::flow::codes;
use crate::flow::graph::{BlockId, Callee, Catcher, End, Failures, Step};
use crate::flow::refusal::{needs_name, not_an_option, refused, stays_open};
use crate::flow::rules::CallTarget;
use crate::flow::scope::{Binding, Scope};
use crate::source::Span;
use crate::syntax::tree::{Argument, ComprehensionKind, Expr, ExprKind, Literal, SequenceKind, Stmt, StmtKind};
use crate::syntax::walk;

/// Whether a callee is `asyncio.<member>`, however it is imported.
pub(in super::super) fn is_asyncio(scope: &Scope<'_>, callee: &Expr, wanted: &str) -> bool {
    let Some(parts) = callee.dotted() else { return false };
    match (scope.get(parts[0]).map(|bound| bound.binding), parts.get(1)) {
        (Some(Binding::Module("asyncio")), Some(member)) => *member == wanted && parts.len() == 2,
        (Some(Binding::Member { module: "asyncio", member }), None) => member == wanted,
        _ => false,
    }
}

impl<'a> Lowering<'_, 'a> {
    /// Lowers an expression that is itself a number of parallel calls.
    pub(super) fn parallel(&mut self, expr: &'a Expr, at: &mut BlockId) -> Option<Value> {
        if let ExprKind::Await(value) = &expr.kind
            && let ExprKind::Call { callee, arguments } = &value.kind
            && is_asyncio(self.around.scope, callee, "gather")
        {
            self.may_await(expr.span);
            self.awaits_left = self.awaits_left.saturating_sub(1);
            let limits = self.enter_limits(callee.span);
            let value = self.gather(expr, arguments, at);
            (0..limits).for_each(|_| self.ledger.leave());
            return Some(value);
        }
        if !self.is_fan_out(expr, self.whole) {
            return None;
        }
        let (mut replacements, mut effect) = (Vec::new(), Effect::default());
        match &expr.kind {
            ExprKind::Sequence { items, .. } => {
                let last = items.iter().rposition(|item| self.is_cut(item.awaited().0));
                for (number, item) in items.iter().enumerate() {
                    let (code, own) = self.branch(item, at);
                    let (code, own) = self.before(last > Some(number), item, code, own, *at);
                    effect.then(&own);
                    replacements.push((item.span, code));
                }
            }
            ExprKind::Comprehension { elements, clauses, .. } => {
                let element = elements.first()?;
                self.check_branch(element);
                let (call, _) = element.awaited();
                let around = self.surroundings();
                let bound = bound_by(clauses);
                let ExprKind::Call { callee, .. } = &call.kind else { return None };
                let piece = match around.callee(callee, &bound) {
                    Called::Handler { handler, .. } => Piece::Actor(Box::new(handler)),
                    Called::Helper(definition) => {
                        Piece::Helper(self.note_helper(definition, callee.span, call.span, false))
                    }
                    _ => return None,
                };
                // `await` goes, the callee becomes a call that waits, the rest stands as it is.
                match clauses.as_slice() {
                    [first, ..] if self.awaits(&first.iterable) => {
                        let over =
                            self.comprehension_over((expr, &first.iterable), Some(element), elements, clauses, at);
                        return Some(self.all(over.code, over.effect, Failures::Raise, expr.span, at));
                    }
                    _ => replacements.extend(self.check_pending_comprehension(expr, element)),
                }
                if !std::ptr::eq(call, element) {
                    replacements.retain(|(place, _)| *place != callee.span);
                    replacements.push((Span::new(element.span.start, callee.span.end), Code { pieces: vec![piece] }));
                }
                effect = self.effect(expr);
            }
            _ => return None,
        }
        let calls = Code::with(expr.span, replacements);
        Some(self.all(calls, effect, Failures::Raise, expr.span, at))
    }

    /// Whether parallel calls stand in an expression of the present statement.
    pub(super) fn has_parallel(&self, expr: &Expr) -> bool {
        self.known.parallel(expr, &|part| self.is_fan_out(part, self.whole))
    }

    /// The same for a statement whose value is `whole`.
    pub(super) fn has_parallel_in(&self, expr: &Expr, whole: Option<Span>) -> bool {
        let mut found = false;
        walk(expr, &mut |expr| {
            found |= self.is_fan_out(expr, whole);
            !found && !matches!(expr.kind, ExprKind::Lambda { .. })
        });
        found
    }

    /// A list display or comprehension whose elements are calls of actors. Like a single call, a list
    /// of calls that are not awaited has to be all of the value of its statement.
    fn is_fan_out(&self, expr: &Expr, whole: Option<Span>) -> bool {
        if self.collects {
            return false;
        }
        let is_whole = whole == Some(expr.span);
        let is_branch = |item: &Expr, bound: &[String]| self.is_branch(item, bound, is_whole);
        match &expr.kind {
            ExprKind::Sequence { kind: SequenceKind::List, items } => {
                !items.is_empty() && items.iter().all(|item| is_branch(item, &[]))
            }
            ExprKind::Comprehension { kind: ComprehensionKind::List, elements, clauses } => {
                let conditions = clauses.iter().flat_map(|clause| &clause.conditions);
                let inner = conditions.chain(clauses.iter().skip(1).map(|clause| &clause.iterable));
                // Calls that are awaited themselves come one after the other where the first iterable is awaited.
                let first_awaits = clauses.first().is_some_and(|clause| self.awaits(&clause.iterable));
                let bound = bound_by(clauses);
                let is_plain = |expr: &Expr| match &expr.awaited().0.kind {
                    ExprKind::Call { arguments, .. } => !arguments.iter().any(|argument| self.awaits(&argument.value)),
                    _ => false,
                };
                clauses.iter().all(|clause| !clause.is_async)
                    && !inner.into_iter().any(|part| self.awaits(part))
                    && matches!(elements.as_slice(), [only] if is_branch(only, &bound) && is_plain(only) && !(first_awaits && only.awaited().1))
            }
            _ => false,
        }
    }

    /// Whether an element is itself a call of an actor that is to run now: awaited, or of a function
    /// that is not `async`.
    fn is_branch(&self, element: &Expr, bound: &[String], is_whole: bool) -> bool {
        let (call, is_awaited) = element.awaited();
        let ExprKind::Call { callee, .. } = &call.kind else { return false };
        let around = self.surroundings();
        match around.callee(callee, bound) {
            Called::Handler { handler, definition, is_explicit, .. } => {
                is_awaited
                    || ((is_explicit || is_whole && around.is_project(&handler))
                        && !definition.is_some_and(|definition| definition.must_be_awaited()))
            }
            Called::Helper(definition) => is_awaited || is_whole && !definition.function.is_async,
            _ => false,
        }
    }

    /// One element of a list of calls, as a call that waits.
    fn branch(&mut self, item: &'a Expr, at: &mut BlockId) -> (Code, Effect) {
        self.check_branch(item);
        self.awaits_left = self.awaits_left.saturating_sub(usize::from(item.awaited().1));
        let Some(actor) = self.actor_call(item) else {
            let value = self.value(item, at);
            return (value.code, value.effect);
        };
        self.errors_to_actors(actor.callee, actor.arguments);
        let (arguments, effect) = self.arguments(actor.callee, actor.call, actor.arguments, at);
        self.note_call(&actor, false);
        (actor.waiting().and(arguments), effect)
    }

    fn check_branch(&mut self, item: &'a Expr) {
        if let Some(actor) = self.actor_call(item) {
            actor.check(self.payload, self.is_async, self.diagnostics);
        }
    }

    fn gather(&mut self, expr: &'a Expr, arguments: &'a [Argument], at: &mut BlockId) -> Value {
        let mut failures = Failures::Raise;
        let mut parts = Vec::new();
        for argument in arguments {
            match &argument.keyword {
                Some(keyword) if keyword.name == "return_exceptions" => match &argument.value.kind {
                    ExprKind::Literal(Literal::Bool(value)) => {
                        failures = if *value { Failures::Return } else { Failures::Raise };
                    }
                    _ => self.diagnostics.push(not_an_option(argument.value.span)),
                },
                Some(keyword) => {
                    let message = format!("`gather` has no argument `{}`", keyword.name);
                    self.error(keyword.span, codes::FAN_OUT, message);
                }
                None if argument.is_double_starred => {
                    self.error(argument.value.span, codes::FAN_OUT, "`gather` takes calls, not a mapping");
                }
                None => parts.push(&argument.value),
            }
        }
        let mut calls = Code::text("[");
        let mut effect = Effect::default();
        let last = parts.iter().rposition(|part| match &part.kind {
            ExprKind::Starred(value) => self.is_cut(value),
            _ => self.is_cut(part),
        });
        for (number, part) in parts.iter().enumerate() {
            let (star, inner) = match &part.kind {
                ExprKind::Starred(value) => ("*", &**value),
                _ => ("", *part),
            };
            let (code, own) = self.waiting(part, at);
            let code = if star.is_empty() { code } else { after_star(inner, code) };
            let code =
                if star.is_empty() || last <= Some(number) { code } else { Code::text("[*").and(code).then("]") };
            let (code, own) = self.before(last > Some(number), inner, code, own, *at);
            effect.then(&own);
            calls = calls.then(format!("{}{star}", if number > 0 { ", " } else { "" })).and(code);
        }
        self.all(calls.then("]"), effect, failures, expr.span, at)
    }

    /// Whether something is awaited while a call that waits is made.
    fn is_cut(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Call { arguments, .. } => arguments.iter().any(|one| self.is_taken_apart(&one.value)),
            _ => self.is_taken_apart(expr),
        }
    }

    /// A call that waits, made now when `is_before` others for whose arguments something is awaited.
    fn before(&mut self, is_before: bool, expr: &'a Expr, code: Code, effect: Effect, at: BlockId) -> (Code, Effect) {
        if !is_before {
            return (code, effect);
        }
        let value = self.keep(expr, Value { code, effect, is_settled: false }, at);
        (value.code, value.effect)
    }

    /// What stands for the callee of a call that waits.
    pub(super) fn waiting_piece(&mut self, call: &'a Expr, callee: &'a Expr) -> Option<Piece> {
        match self.surroundings().callee(callee, &[]) {
            Called::Handler { handler, .. } => {
                self.note(CallTarget::Actor(handler.clone()), callee.span, call.span, false);
                Some(Piece::Actor(Box::new(handler)))
            }
            Called::Helper(definition) => {
                Some(Piece::Helper(self.note_helper(definition, callee.span, call.span, false)))
            }
            _ => None,
        }
    }

    /// An argument of `gather`, without its star: a call that waits, or something that holds such calls.
    fn waiting(&mut self, argument: &'a Expr, at: &mut BlockId) -> (Code, Effect) {
        let expr = match &argument.kind {
            ExprKind::Starred(value) => value,
            _ => argument,
        };
        if let ExprKind::Call { callee, arguments } = &expr.kind
            && std::ptr::eq(expr, argument)
        {
            self.errors_to_actors(callee, arguments);
        }
        if let ExprKind::Call { callee, arguments } = &expr.kind
            && arguments.iter().any(|argument| super::survey::awaits(&argument.value, &self.waited))
            && let Some(piece) = self.waiting_piece(expr, callee)
        {
            let (arguments, effect) = self.arguments(callee, expr, arguments, at);
            return (Code { pieces: vec![piece] }.and(arguments), effect);
        }
        let is_call = self.actor_call(expr).is_some();
        if !is_call && super::survey::has_await(expr) {
            let collects = std::mem::replace(&mut self.collects, true);
            let outer = std::mem::replace(&mut self.handed_over, handed_over(argument));
            let value = self.value(expr, at);
            (self.collects, self.handed_over) = (collects, outer);
            return (value.code, value.effect);
        }
        let replacements = self.check_pending(expr, handed_over(argument));
        (Code::with(expr.span, replacements), self.effect(expr))
    }

    fn all(&mut self, calls: Code, effect: Effect, failures: Failures, span: Span, at: &mut BlockId) -> Value {
        let callee = Callee::All { calls, failures };
        if self.awaits_left == 0 || self.outermost == Some(span) {
            self.suspend(callee, span, effect, None, at);
            return Value { code: self.answer(span), effect: Effect::default(), is_settled: false };
        }
        let name = self.fresh.make("results");
        self.suspend(callee, span, effect, Some(name.clone()), at);
        self.complete_answer(span, &name, *at);
        Value::variable(&name)
    }

    /// The task group in sight that `callee` makes a task of.
    pub(super) fn group_of_task<'e>(&self, callee: &'e Expr) -> Option<&'e str> {
        match callee.dotted()?.as_slice() {
            [group, "create_task"] if self.groups.contains_key(*group) => Some(group),
            _ => None,
        }
    }

    /// `group.create_task(call)`, where something is awaited for the arguments of the call.
    pub(super) fn task(
        &mut self,
        expr: &'a Expr,
        callee: &'a Expr,
        arguments: &'a [Argument],
        at: &mut BlockId,
    ) -> Value {
        let group = self.group_of_task(callee).unwrap_or_default();
        let collects = std::mem::replace(&mut self.collects, true);
        let (code, mut effect) = self.arguments(callee, expr, arguments, at);
        self.collects = collects;
        effect.then(&Effect::reading([group]));
        let task = Code::text(format!("{}({group})", self.around.names.task));
        Value { code: task.and(code), effect, is_settled: false }
    }

    /// Whether a context manager is `asyncio.TaskGroup()`.
    pub(super) fn is_task_group(&self, manager: &Expr) -> bool {
        matches!(&manager.kind, ExprKind::Call { callee, .. } if is_asyncio(self.around.scope, callee, "TaskGroup"))
    }

    pub(super) fn with_statement(
        &mut self,
        stmt: &'a Stmt,
        items: &'a [(Expr, Option<Expr>)],
        body: &'a [Stmt],
        is_async: bool,
        current: BlockId,
    ) -> Option<BlockId> {
        if let Some((settings, rest)) = self.settings_of(items) {
            return self.with_settings(stmt, settings, rest, body, is_async, current);
        }
        match items {
            [(manager, target)] if is_async && self.is_task_group(manager) => {
                self.task_group(stmt, manager, target.as_ref(), body, current)
            }
            [(manager, None)] if !is_async && self.is_suppress(manager) => self.suppress(stmt, manager, body, current),
            _ if is_async && !self.survey.get(stmt).suspends => {
                self.diagnostics.push(refused(stmt));
                self.block(body, Some(current))
            }
            _ => {
                let manager = items.first().map(|(manager, _)| manager);
                self.diagnostics.push(stays_open(manager, stmt, self.around.source));
                self.block(body, Some(current))
            }
        }
    }

    fn task_group(
        &mut self,
        stmt: &'a Stmt,
        manager: &'a Expr,
        target: Option<&'a Expr>,
        body: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let Some(group) = target.and_then(Expr::as_name) else {
            self.diagnostics.push(needs_name(manager.span));
            return self.block(body, Some(current));
        };
        let head = Span::new(stmt.span.start, target.map_or(manager.span.end, |target| target.span.end));
        let (outer, dispatch) = (self.catcher, self.add());
        let empty = Value { code: Code::text("[]"), effect: Effect::default(), is_settled: true };
        self.assign(group, empty, head, current);
        self.groups.insert(group.to_owned(), head);
        self.contexts.push(Context::Group(head));
        self.catcher = Some(Catcher { block: dispatch, span: head });
        let start = self.add();
        self.goto(current, start);
        let end = self.block(body, Some(start));
        self.contexts.pop();
        self.groups.remove(group);
        self.catcher = outer;
        let error = &self.around.names.error;
        let kind = self.builtin("ExceptionGroup");
        let text = format!("raise {kind}(\"unhandled errors in a TaskGroup\", [{error}])");
        self.push(dispatch, Step::made(Code::text(text), head, Effect::default()));
        self.graph.blocks[dispatch].end = End::Raise;
        let mut at = self.add();
        self.goto(end?, at);
        let callee =
            Callee::All { calls: Code::text(format!("[one for one, _ in {group}]")), failures: Failures::Group };
        self.suspend(callee, head, Effect::reading([group]), None, &mut at);
        let (finish, result) = (&self.around.names.finish, &self.around.names.result);
        let text = format!("{finish}({group}, {result})");
        self.push(at, Step::made(Code::text(text), head, Effect::reading([group])));
        Some(at)
    }
}

/// The value of a statement, without `list(…)` around it.
pub(super) fn whole_value(stmt: &Stmt) -> Option<Span> {
    let value = match &stmt.kind {
        StmtKind::Assign { value, .. }
        | StmtKind::AugAssign { value, .. }
        | StmtKind::AnnAssign { value: Some(value), .. }
        | StmtKind::Return(Some(value))
        | StmtKind::Expr(value) => value,
        _ => return None,
    };
    match &value.kind {
        ExprKind::Call { callee, arguments } if callee.is_name("list") => match arguments.as_slice() {
            [only] if only.keyword.is_none() && !only.is_double_starred => Some(only.value.span),
            _ => Some(value.span),
        },
        _ => Some(value.span),
    }
}

/// The names bound by the clauses of a comprehension.
fn bound_by(clauses: &[crate::syntax::tree::Clause]) -> Vec<String> {
    let mut names = BTreeSet::new();
    clauses.iter().for_each(|clause| crate::flow::effects::target_names(&clause.target, &mut names));
    names.into_iter().collect()
}
