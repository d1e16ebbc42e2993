//! `with` blocks and calls that are settings of actors: they stand in the ledger, and nothing of
//! them in the router.

use std::collections::BTreeSet;

use super::{Context, Lowering};
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Callee;
use crate::flow::codes;
use crate::flow::effects::{local_names, parameter_names, target_names};
use crate::flow::graph::BlockId;
use crate::flow::rules::{CallTarget, Names};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// The items of a `with` statement.
type Items = [(Expr, Option<Expr>)];

impl<'a> Lowering<'_, 'a> {
    /// The callees of calls that are waited for without an `await`: of parts of the flow, and of what
    /// somebody says is an actor. `bound` names belong to functions around.
    pub(super) fn waited_in(&self, body: &'a [Stmt], bound: &[String]) -> BTreeSet<Span> {
        let around = self.surroundings();
        let mut found = BTreeSet::new();
        for stmt in body {
            let mut hidden = bound.to_vec();
            if let StmtKind::Function(function) = &stmt.kind {
                hidden.extend(local_names(function));
            }
            for expr in expressions(stmt) {
                let hidden: Vec<String> = bound.iter().cloned().chain(bound_in(expr)).collect();
                walk(expr, &mut |expr| {
                    if let ExprKind::Call { callee, .. } = &expr.kind
                        && matches!(
                            around.callee(callee, &hidden),
                            Callee::Helper(_) | Callee::Handler { is_explicit: true, .. }
                        )
                    {
                        found.insert(callee.span);
                    }
                    true
                });
            }
            blocks(stmt).into_iter().for_each(|block| found.extend(self.waited_in(block, &hidden)));
        }
        found
    }

    /// How many loops are around.
    pub(super) fn loops(&self) -> usize {
        let loops = self.contexts.iter().filter(|context| matches!(context, Context::Loop { .. }));
        loops.count() + self.open_comprehensions
    }

    /// Notes a call with the blocks around it; `waits` for it alone.
    pub(super) fn note(&mut self, target: CallTarget, callee: Span, call: Span, waits: bool) {
        if self.ledger.knows(callee) {
            return;
        }
        let limits = self.enter_limits(callee);
        self.ledger.call(target, callee, call, self.loops(), waits);
        (0..limits).for_each(|_| self.ledger.leave());
    }

    /// Opens what stands around a call and limits it, `wait_for(f(p), 3)`; answers how much it is.
    pub(super) fn enter_limits(&mut self, callee: Span) -> usize {
        let (home, modules) = (self.around.home, self.around.modules);
        let names = self.names();
        let mut found = Vec::new();
        let limits = home.rules().call_limits(callee, &names, home, modules, &mut found);
        self.diagnostics.extend(found);
        let loops = self.loops();
        let count = limits.len();
        limits.into_iter().for_each(|(settings, place)| self.ledger.enter(settings, place, loops));
        count
    }

    /// Whether a context manager is settings of the actors called in its block.
    pub(super) fn is_setting(&self, manager: &Expr) -> bool {
        self.around.home.rules().is_setting(manager, &self.names())
    }

    fn names(&self) -> Names<'a, '_> {
        Names { scope: self.around.scope, module: self.around.home.name(), locals: Some(&self.locals) }
    }

    /// Takes the managers that are settings off a `with` statement: those in front, or those at the
    /// end.
    pub(super) fn settings_of(&self, items: &'a Items) -> Option<(&'a Items, &'a Items)> {
        let is_setting = |(manager, _): &&(Expr, Option<Expr>)| self.is_setting(manager);
        let first = items.iter().take_while(is_setting).count();
        let last = items.iter().rev().take_while(is_setting).count();
        match (first, last) {
            (0, 0) => None,
            (0, last) => {
                let (rest, settings) = items.split_at(items.len() - last);
                Some((settings, rest))
            }
            (first, _) => Some(items.split_at(first)),
        }
    }

    /// A `with` statement whose managers `settings` are settings of the actors called in it.
    pub(super) fn with_settings(
        &mut self,
        stmt: &'a Stmt,
        settings: &'a Items,
        rest: &'a Items,
        body: &'a [Stmt],
        is_async: bool,
        current: BlockId,
    ) -> Option<BlockId> {
        let head = settings.last().map_or(stmt.span, |(manager, _)| Span::new(stmt.span.start, manager.span.end));
        if is_async && !self.is_async {
            self.error(head, codes::AWAIT_IN_SYNC, "`async with` in a function that is not `async`");
        }
        if let Some((manager, _)) = settings.iter().find(|(manager, _)| super::survey::awaits(manager, &self.waited)) {
            self.diagnostics.push(
                Diagnostic::error(manager.span, "a setting of actors cannot wait for a call")
                    .code(codes::WITH_BLOCK)
                    .note("settings are written before the flow runs"),
            );
        }
        let (home, modules) = (self.around.home, self.around.modules);
        let mut found = Vec::new();
        let names = self.names();
        let read = home.rules().with_block(settings, &names, home, modules, &mut found);
        self.diagnostics.extend(found);
        let loops = self.loops();
        match read {
            Ok(settings) => self.ledger.enter(settings, head, loops),
            Err(problem) => {
                self.diagnostics.push(*problem);
                self.ledger.give_up();
                self.ledger.enter(Vec::new(), head, loops);
            }
        }
        let end = if rest.is_empty() {
            self.block(body, Some(current))
        } else {
            self.with_statement(stmt, rest, body, is_async, current)
        };
        self.ledger.leave();
        end
    }
}

/// The names that lambdas and comprehensions inside an expression bind.
fn bound_in(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    walk(expr, &mut |expr| {
        match &expr.kind {
            ExprKind::Lambda { parameters, .. } => names.extend(parameter_names(parameters).map(str::to_owned)),
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|clause| target_names(&clause.target, &mut names));
            }
            _ => {}
        }
        true
    });
    names
}
