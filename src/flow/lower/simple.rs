//! Statements without blocks: expressions, `assert`, `return`, `raise`, jumps.

use super::{Context, Lowering, Role};
use crate::diagnostic::Diagnostic;
use crate::flow::actor_call::ActorCall;
use crate::flow::callee::is_just_payload;
use crate::flow::code::{Code, Effect};
use crate::flow::codes;
use crate::flow::graph::{BlockId, BranchKind, End, Step};
use crate::flow::refusal::leaves_group;
use crate::syntax::expressions;
use crate::syntax::tree::{Expr, ExprKind, Literal, Stmt, StmtKind};

impl<'a> Lowering<'_, 'a> {
    pub(super) fn expression_statement(
        &mut self,
        stmt: &'a Stmt,
        value: &'a Expr,
        current: BlockId,
    ) -> Option<BlockId> {
        if matches!(value.kind, ExprKind::Literal(_)) {
            return Some(current);
        }
        let mut at = current;
        if let Some(actor) = self.actor_call(value) {
            let is_told = !actor.is_awaited && actor.definition.is_some_and(|one| one.must_be_awaited());
            // The result of `f(p)` that nobody takes is often a forgotten `p =`.
            if !is_told && self.has_payload && actor.helper.is_none() && is_just_payload(actor.arguments, self.payload)
            {
                self.result_dropped(stmt, &actor);
            }
            self.one_call(&actor, stmt.span, None, &mut at);
            return Some(at);
        }
        let lowered = self.value(value, &mut at);
        if !lowered.is_settled {
            self.push(at, Step::made(lowered.code, stmt.span, lowered.effect));
        }
        Some(at)
    }

    pub(super) fn result_dropped(&mut self, stmt: &Stmt, actor: &ActorCall<'_>) {
        let (payload, callee) = (self.payload, &actor.handler.function);
        let awaited = if actor.is_awaited { "await " } else { "" };
        self.diagnostics.push(
            Diagnostic::warning(stmt.span, format!("the result of `{callee}` is not used"))
                .code(codes::RESULT_DROPPED)
                .note("an actor gets a copy of the payload: what it changes is in its result alone")
                .help(format!(
                    "write `{payload} = {awaited}{callee}({payload})`, or `_ = {awaited}{callee}({payload})` when that is meant"
                )),
        );
    }

    pub(super) fn assert(
        &mut self,
        stmt: &'a Stmt,
        test: &'a Expr,
        message: Option<&'a Expr>,
        current: BlockId,
    ) -> Option<BlockId> {
        if !self.statement_awaits(stmt) {
            return self.as_it_stands(stmt, &expressions(stmt), current);
        }
        let (fine, broken) = (self.add(), self.add());
        self.condition(test, fine, broken, BranchKind::If, current);
        let mut at = broken;
        let (code, effect) = match message {
            None => (Code::text(format!("raise {}", self.builtin("AssertionError"))), Effect::default()),
            Some(message) => {
                let value = self.value(message, &mut at);
                let start = format!("raise {}(", self.builtin("AssertionError"));
                (Code::text(start).and(value.code).then(")"), value.effect)
            }
        };
        self.push(at, Step::made(code, stmt.span, effect));
        self.graph.blocks[at].end = End::Raise;
        Some(fine)
    }

    pub(super) fn exit(&mut self, stmt: &'a Stmt, value: Option<&'a Expr>, current: BlockId) -> Option<BlockId> {
        let mut at = current;
        if let Some(span) = self.contexts.iter().find_map(|context| match context {
            Context::Group(span) => Some(*span),
            _ => None,
        }) {
            self.diagnostics.push(leaves_group(stmt, span));
            return None;
        }
        let Some(value) = value else {
            if self.role != Role::Flow {
                self.leave_function(Step::made(Code::text("None"), stmt.span, Effect::default()), at);
                return None;
            }
            self.diagnostics.push(
                Diagnostic::error(stmt.span, "`return` without the payload")
                    .code(codes::RETURN_VALUE)
                    .note("the flow would end with `None`, which is no message")
                    .help(format!("write `return {}`", self.payload)),
            );
            return None;
        };
        self.never_a_payload(value, "return");
        // What runs in a `finally` on the way out still sees the payload as it was.
        let ends_here = !self.contexts.iter().any(|context| matches!(context, Context::Finally(_)));
        let step = match self.actor_call(value) {
            Some(actor) if ends_here && self.is_payload_call(&actor) => {
                self.payload_call(&actor, stmt.span, &mut at);
                let payload = self.payload.to_owned();
                Step::made(Code::text(&payload), stmt.span, Effect::reading([payload.as_str()]))
            }
            Some(actor) => {
                self.one_call(&actor, stmt.span, None, &mut at);
                Step::made(Code::text(&self.around.names.result), stmt.span, Effect::default())
            }
            None => {
                let lowered = self.value(value, &mut at);
                Step::made(self.as_argument(value, lowered.code), stmt.span, lowered.effect)
            }
        };
        self.leave_function(step, at);
        None
    }

    pub(super) fn jump(&mut self, stmt: &Stmt, current: BlockId) -> Option<BlockId> {
        if let Some(Context::Group(span)) =
            self.contexts.iter().rev().find(|context| matches!(context, Context::Loop { .. } | Context::Group(_)))
        {
            let span = *span;
            self.diagnostics.push(leaves_group(stmt, span));
            return None;
        }
        if self.contexts.iter().any(|context| matches!(context, Context::Loop { .. })) {
            self.leave_loop(matches!(stmt.kind, StmtKind::Break), current);
        } else {
            let message = format!("{} outside a loop", stmt.kind.describe());
            self.error(stmt.span, codes::OUTSIDE_LOOP, message);
        }
        None
    }

    /// A value that can never be a payload.
    pub(super) fn never_a_payload(&mut self, value: &Expr, _place: &str) {
        if self.role != Role::Flow {
            return;
        }
        let what = match &value.kind {
            ExprKind::Literal(Literal::None) => "`None`",
            ExprKind::Literal(Literal::Bytes | Literal::Complex | Literal::Ellipsis) | ExprKind::Lambda { .. } => {
                "a value that is not JSON"
            }
            ExprKind::Sequence { kind: crate::syntax::tree::SequenceKind::Set, .. } => "a set",
            _ => return,
        };
        self.diagnostics.push(
            Diagnostic::error(value.span, format!("the payload cannot be {what}"))
                .code(codes::NOT_JSON)
                .note("the payload travels between actors as JSON, and a message without a payload is not sent"),
        );
    }
}
