//! Actor calls: of the payload, and on values; whole statements, and parts of expressions.

use super::expression::Value;
use super::{CalledHelper, Context, Environment, Lowering};
use crate::diagnostic::Diagnostic;
use crate::flow::actor_call::ActorCall;
use crate::flow::callee::{Callee as Called, is_just_payload};
use crate::flow::code::{Code, Effect};
use crate::flow::codes;
use crate::flow::graph::{BlockId, Call, Callee, End, Handler};
use crate::flow::modules::Definition;
use crate::flow::refusal;
use crate::flow::rules::CallTarget;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind};

impl<'a> Lowering<'_, 'a> {
    /// The handler, when a whole right-hand side or statement is an actor call.
    pub(super) fn actor_call(&self, value: &'a Expr) -> Option<ActorCall<'a>> {
        let (call, is_awaited) = value.awaited();
        let ExprKind::Call { callee, arguments } = &call.kind else { return None };
        let around = self.surroundings();
        let (handler, definition, is_method, problem, helper, is_explicit) = match around.callee(callee, &[]) {
            Called::Handler { handler, definition, is_method, problem, is_explicit } => {
                (handler, definition, is_method, problem, None, is_explicit)
            }
            Called::Helper(definition) => {
                let handler = Handler::function(definition.module.name(), &definition.function.name.name);
                let key = crate::flow::helpers::key(self.around.flow_module, &definition);
                (handler, Some(definition), false, None, Some(key), true)
            }
            _ => return None,
        };
        let is_actor =
            is_explicit || is_awaited || around.is_project(&handler) || is_just_payload(arguments, self.payload);
        is_actor.then_some(ActorCall {
            handler,
            definition,
            is_method,
            problem,
            call,
            callee,
            arguments,
            is_awaited,
            helper,
        })
    }

    /// Whether the call takes exactly the payload, so that its result can be the payload.
    pub(super) fn is_payload_call(&self, actor: &ActorCall<'_>) -> bool {
        actor.helper.is_none() && self.has_payload && is_just_payload(actor.arguments, self.payload)
    }

    /// `p = f(p)`.
    pub(super) fn payload_call(&mut self, actor: &ActorCall<'a>, span: Span, at: &mut BlockId) {
        actor.check(self.payload, self.is_async, self.diagnostics);
        self.note_call(actor, true);
        let callee = Callee::Payload { handler: actor.handler.clone(), payload: self.payload.to_owned() };
        let effect = Effect::reading([self.payload]);
        self.suspend(callee, span, effect, None, at);
        self.complete_answer(actor.call.span, self.payload, *at);
    }

    /// `f(a, k=b)`, whatever becomes of the result.
    pub(super) fn one_call(&mut self, actor: &ActorCall<'a>, span: Span, result: Option<String>, at: &mut BlockId) {
        actor.check(self.payload, self.is_async, self.diagnostics);
        let (arguments, effect) = self.arguments(actor.callee, actor.call, actor.arguments, at);
        self.note_call(actor, true);
        let code = actor.waiting().and(arguments);
        self.suspend(Callee::One(code), span, effect, result.clone(), at);
        if let Some(result) = result {
            self.complete_answer(actor.call.span, &result, *at);
        }
    }

    /// Notes a call; `waits` for it alone.
    pub(super) fn note_call(&mut self, actor: &ActorCall<'a>, waits: bool) {
        match (&actor.helper, actor.definition) {
            (Some(_), Some(definition)) => {
                self.note_helper(definition, actor.callee.span, actor.call.span, waits);
            }
            _ => self.note(CallTarget::Actor(actor.handler.clone()), actor.callee.span, actor.call.span, waits),
        }
    }

    /// Notes that a helper is needed; answers what the program calls it.
    pub(super) fn note_helper(&mut self, definition: Definition<'a>, callee: Span, span: Span, waits: bool) -> String {
        let key = crate::flow::helpers::key(self.around.flow_module, &definition);
        self.note(CallTarget::Part(key.clone()), callee, span, waits);
        self.called_helpers.push(CalledHelper { key: key.clone(), definition, span });
        key
    }

    /// The text of the arguments of a call with its parentheses, what they await already lowered.
    pub(super) fn arguments(
        &mut self,
        callee: &'a Expr,
        call: &'a Expr,
        arguments: &'a [Argument],
        at: &mut BlockId,
    ) -> (Code, Effect) {
        self.errors_to_actors(callee, arguments);
        let place = argument_list(self.around, callee, call);
        // Python evaluates `*b` before the keyword arguments in front of it.
        let (named, plain): (Vec<&Argument>, Vec<&Argument>) =
            arguments.iter().partition(|argument| argument.keyword.is_some() || argument.is_double_starred);
        let values: Vec<&'a Expr> = plain.into_iter().chain(named).map(|argument| &argument.value).collect();
        let lowered = self.compose(place, &values, at);
        (lowered.code, lowered.effect)
    }

    /// Refuses the error of an `except` clause as an argument of an actor.
    fn errors_to_actors(&mut self, callee: &Expr, arguments: &[Argument]) {
        for value in arguments.iter().map(|argument| &argument.value) {
            let is_error = |name: &str| {
                let of_clause =
                    |context: &Context| matches!(context, Context::Except { name: Some(one), .. } if one == name);
                self.contexts.iter().any(of_clause)
            };
            if let Some(name) = value.as_name().filter(|name| is_error(name))
                && let Called::Handler { definition, .. } = self.surroundings().callee(callee, &[])
            {
                let may_run_here = definition.is_some_and(|one| !one.function.is_async);
                self.diagnostics.push(refusal::error_to_actor(value.span, name, callee, may_run_here));
            }
        }
    }

    /// Ends the block with a call and goes on in a new one.
    pub(super) fn suspend(
        &mut self,
        callee: Callee,
        span: Span,
        effect: Effect,
        result: Option<String>,
        at: &mut BlockId,
    ) {
        self.calls += 1;
        if matches!(callee, Callee::All { .. }) {
            self.ledger.join(self.loops());
        }
        let next = self.add();
        let call = Call { callee, span, effect, result, keeps: Vec::new(), keeps_perhaps: Vec::new() };
        self.graph.blocks[*at].end = End::Call { call: Box::new(call), next };
        *at = next;
    }

    /// Checks that `await` may stand here.
    pub(super) fn may_await(&mut self, span: Span) {
        if !self.is_async {
            self.diagnostics
                .push(Diagnostic::error(span, "`await` in a function that is not `async`").code(codes::AWAIT_IN_SYNC));
        }
    }

    /// A call that is waited for without an `await`, inside a larger expression.
    pub(super) fn waited_call(&mut self, expr: &'a Expr, at: &mut BlockId) -> Value {
        let Some(actor) = self.actor_call(expr) else { return self.plain(expr) };
        let name = self.fresh.make(&format!("{}_result", actor.handler.function.trim_start_matches('_')));
        self.one_call(&actor, expr.span, Some(name.clone()), at);
        Value::variable(&name)
    }

    /// `await value`.
    pub(super) fn awaited(&mut self, expr: &'a Expr, value: &'a Expr, at: &mut BlockId) -> Value {
        self.awaits_left = self.awaits_left.saturating_sub(1);
        let Some(actor) = self.actor_call(expr) else {
            self.may_await(expr.span);
            if !self.is_refused_function(value) {
                // Says what is wrong with it.
                self.check(expr);
            }
            return Value { code: Code::of(expr.span), effect: Effect::default(), is_settled: true };
        };
        let inside = self.awaits_left;
        let is_last = {
            // Awaits inside the arguments come before this one.
            let in_arguments = count_awaits_in(value);
            inside <= in_arguments || self.outermost == Some(expr.span)
        };
        if is_last {
            self.one_call(&actor, expr.span, None, at);
            return Value { code: self.answer(actor.call.span), effect: Effect::default(), is_settled: false };
        }
        let wanted = format!("{}_result", actor.handler.function.trim_start_matches('_'));
        let name = self.fresh.make(&wanted);
        self.one_call(&actor, expr.span, Some(name.clone()), at);
        Value::variable(&name)
    }

    /// Whether a call is one of a function inside the flow that was refused already.
    fn is_refused_function(&self, call: &Expr) -> bool {
        let ExprKind::Call { callee, .. } = &call.kind else { return false };
        let Some(name) = callee.as_name() else { return false };
        let text = self.around.source.text();
        let refused = self.diagnostics.iter().filter(|one| one.code == Some(codes::STATEMENT));
        refused.into_iter().any(|one| text.get(one.span.start..one.span.end) == Some(name))
    }
}

/// Where the arguments of a call stand, parentheses included.
fn argument_list(around: &Environment<'_, '_>, callee: &Expr, call: &Expr) -> Span {
    let after = around.source.slice(Span::new(callee.span.end, call.span.end));
    let open = after.find(|c: char| c != ')' && !c.is_whitespace()).unwrap_or(0);
    Span::new(callee.span.end + open, call.span.end)
}

/// How many awaits are met inside an expression; those of comprehensions count as more than one.
pub(super) fn count_awaits_in(expr: &Expr) -> usize {
    let mut count = 0;
    crate::syntax::walk(expr, &mut |expr| {
        match expr.kind {
            ExprKind::Await(_) => count += 1,
            ExprKind::Comprehension { .. } => count += 2,
            _ => {}
        }
        true
    });
    count
}
