//! Statements that run in the router as they stand: checked, and copied with what has to be put
//! in the place of `return`, a bare `raise` and calls that wait.

use super::survey::Known;
use super::{Context, Lowering, Role};
use crate::flow::code::Code;
use crate::flow::effects::local_names;
use crate::flow::graph::{BlockId, End, Step};
use crate::flow::objects;
use crate::flow::refusal::refused;
use crate::source::Span;
use crate::syntax::expressions;
use crate::syntax::tree::{Expr, ExprKind, Function, Stmt, StmtKind};

impl<'a> Lowering<'_, 'a> {
    /// Copies a simple statement whose expressions are `parts`.
    pub(super) fn as_it_stands(&mut self, stmt: &'a Stmt, parts: &[&'a Expr], current: BlockId) -> Option<BlockId> {
        let mut replacements = Vec::new();
        for part in parts {
            replacements.extend(self.check_part(stmt, part));
        }
        let effect = self.effects().of_statement(stmt);
        let mut step = Step::made(Code::with(stmt.span, replacements), stmt.span, effect);
        step.binds_object = self.object(stmt).map(Box::new);
        self.push(current, step);
        Some(current)
    }

    /// The variable that a statement binds to something that cannot travel, and what that is.
    pub(super) fn object(&self, stmt: &Stmt) -> Option<(String, &'static str)> {
        let (target, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => (targets.first().filter(|_| targets.len() == 1)?, value),
            StmtKind::AnnAssign { target, value: Some(value), .. } => (target, value),
            _ => return None,
        };
        let what = objects::kind(value, self.around.scope, &self.locals)?;
        Some((target.as_name()?.to_owned(), what))
    }

    /// Checks one expression of a statement, unless it is a target, which has been checked.
    fn check_part(&mut self, stmt: &Stmt, part: &'a Expr) -> Vec<(Span, Code)> {
        let is_target = match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().any(|target| std::ptr::eq(target, part))
            }
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
                std::ptr::eq(target, part)
            }
            StmtKind::With { items, .. } => {
                items.iter().filter_map(|(_, target)| target.as_ref()).any(|target| std::ptr::eq(target, part))
            }
            _ => false,
        };
        if is_target { Vec::new() } else { self.check(part) }
    }

    /// Copies a compound statement.
    pub(super) fn native(&mut self, stmt: &'a Stmt, current: BlockId) -> Option<BlockId> {
        let mut replacements = Vec::new();
        self.check_native(stmt, false, &mut replacements);
        let mut effect = self.effects().of_statement(stmt);
        // A bare `raise` in it raises what the clause around it caught.
        effect.reads.extend(self.caught().filter(|_| self.survey.get(stmt).raises_again));
        self.push(current, Step::made(Code::with(stmt.span, replacements), stmt.span, effect));
        if leaves(stmt) {
            self.graph.blocks[current].end = End::Raise;
            return None;
        }
        Some(current)
    }

    /// `in_handler`: an `except` clause of the copied text itself is around.
    fn check_native(&mut self, stmt: &'a Stmt, in_handler: bool, replacements: &mut Vec<(Span, Code)>) {
        self.known = Known::default();
        self.begin_collecting(stmt);
        match &stmt.kind {
            StmtKind::Return(value) => {
                let code = match value {
                    None if self.role == Role::Flow => {
                        self.exit(stmt, None, 0);
                        return;
                    }
                    None => {
                        self.graph.needs_support = true;
                        Code::text(format!("return {}(None)", self.around.names.done))
                    }
                    Some(value) => {
                        self.never_a_payload(value, "return");
                        self.graph.needs_support = true;
                        let inside = self.check(value);
                        let text = self.as_argument(value, Code::with(value.span, inside));
                        Code::text(format!("return {}(", self.around.names.done)).and(text).then(")")
                    }
                };
                replacements.push((stmt.span, code));
                return;
            }
            StmtKind::Raise { exception: None, .. } if !in_handler => {
                match self.caught() {
                    Some(caught) => replacements.push((stmt.span, Code::text(format!("raise {caught}")))),
                    None => self.diagnostics.push(refused(stmt)),
                }
                return;
            }
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|target| self.target(target));
            }
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
                self.target(target);
            }
            StmtKind::With { items, .. } => {
                items.iter().filter_map(|(_, target)| target.as_ref()).for_each(|target| self.target(target));
            }
            StmtKind::Match { cases, .. } => {
                for value in cases.iter().flat_map(|case| &case.values) {
                    self.check(value);
                }
            }
            StmtKind::Pass
            | StmtKind::Expr(_)
            | StmtKind::Assert { .. }
            | StmtKind::Raise { .. }
            | StmtKind::If { .. }
            | StmtKind::While { .. }
            | StmtKind::Try { .. }
            | StmtKind::Break
            | StmtKind::Continue => {}
            _ => {
                self.diagnostics.push(refused(stmt));
                return;
            }
        }
        for part in expressions(stmt) {
            replacements.extend(self.check_part(stmt, part));
        }
        if let StmtKind::Try { body, handlers, orelse, finalbody, .. } = &stmt.kind {
            for (block, in_handler) in [(body, in_handler), (orelse, in_handler), (finalbody, in_handler)] {
                block.iter().for_each(|stmt| self.check_native(stmt, in_handler, replacements));
            }
            handlers
                .iter()
                .flat_map(|handler| &handler.body)
                .for_each(|stmt| self.check_native(stmt, true, replacements));
            return;
        }
        for block in crate::syntax::blocks(stmt) {
            block.iter().for_each(|stmt| self.check_native(stmt, in_handler, replacements));
        }
    }

    /// Whether a function inside the flow calls nothing that the flow would have to wait for.
    pub(super) fn is_plain_inner(&self, function: &Function) -> bool {
        !function.is_async && function.decorators.is_empty() && !function.body.iter().any(|stmt| self.waits_in(stmt))
    }

    fn waits_in(&self, stmt: &Stmt) -> bool {
        let is_odd = matches!(stmt.kind, StmtKind::Global(_) | StmtKind::Nonlocal(_) | StmtKind::Class(_));
        let mut yields = false;
        for part in expressions(stmt) {
            crate::syntax::walk(part, &mut |expr| {
                yields |= matches!(expr.kind, ExprKind::Yield(_));
                !yields
            });
        }
        is_odd
            || yields
            || expressions(stmt).into_iter().any(|part| self.awaits(part))
            || crate::syntax::blocks(stmt).into_iter().flatten().any(|stmt| self.waits_in(stmt))
    }

    /// A function inside the flow: it stays in one piece with what it uses, and dies before the
    /// next call.
    pub(super) fn inner_function(
        &mut self,
        stmt: &'a Stmt,
        function: &'a Function,
        current: BlockId,
    ) -> Option<BlockId> {
        let mut hidden: Vec<String> = local_names(function).into_iter().collect();
        let mut replacements = Vec::new();
        for part in expressions(stmt) {
            replacements.extend(self.check(part));
        }
        self.check_inner(&function.body, &mut hidden, &mut replacements);
        let effect = self.effects().of_statement(stmt);
        let mut step = Step::made(Code::with(stmt.span, replacements), stmt.span, effect);
        step.binds_object = Some(Box::new((function.name.name.clone(), "a function")));
        self.push(current, step);
        Some(current)
    }

    fn check_inner(&mut self, body: &'a [Stmt], hidden: &mut Vec<String>, replacements: &mut Vec<(Span, Code)>) {
        for stmt in body {
            for part in expressions(stmt) {
                replacements.extend(self.check_inside(part, hidden));
            }
            let before = hidden.len();
            if let StmtKind::Function(inner) = &stmt.kind {
                hidden.extend(local_names(inner));
            }
            for block in crate::syntax::blocks(stmt) {
                self.check_inner(block, hidden, replacements);
            }
            hidden.truncate(before);
        }
    }

    /// The variable with the error of the innermost `except` clause that was taken apart.
    pub(super) fn caught(&self) -> Option<String> {
        self.contexts.iter().rev().find_map(|context| match context {
            Context::Except { caught, .. } => Some(caught.clone()),
            _ => None,
        })
    }

    /// `raise`, with or without an exception.
    pub(super) fn raise(
        &mut self,
        stmt: &'a Stmt,
        exception: Option<&'a Expr>,
        cause: Option<&'a Expr>,
        current: BlockId,
    ) -> Option<BlockId> {
        let mut at = current;
        let step = match exception {
            None => match self.caught() {
                Some(caught) => {
                    let effect = crate::flow::code::Effect::reading([caught.as_str()]);
                    Step::made(Code::text(format!("raise {caught}")), stmt.span, effect)
                }
                None => {
                    self.diagnostics.push(refused(stmt));
                    return None;
                }
            },
            Some(exception) => {
                let parts: Vec<&Expr> = [exception].into_iter().chain(cause).collect();
                let value = self.compose(stmt.span, &parts, &mut at);
                Step::made(value.code, stmt.span, value.effect)
            }
        };
        self.push(at, step);
        self.graph.blocks[at].end = End::Raise;
        None
    }
}

/// Whether a native statement surely does not go on behind itself.
fn leaves(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Raise { .. } => true,
        StmtKind::If { branches, orelse } => {
            !orelse.is_empty() && ends(orelse) && branches.iter().all(|branch| ends(&branch.body))
        }
        StmtKind::Try { body, handlers, orelse, finalbody, .. } => {
            ends(finalbody) || ((ends(body) || ends(orelse)) && handlers.iter().all(|handler| ends(&handler.body)))
        }
        StmtKind::While { test, body, orelse } => super::is_always_true(test) && orelse.is_empty() && !has_break(body),
        // A manager may swallow an error, and whether some case always fits is not looked into.
        _ => false,
    }
}

fn ends(body: &[Stmt]) -> bool {
    body.iter().any(leaves)
}

fn has_break(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => has_break(orelse),
        _ => crate::syntax::blocks(stmt).into_iter().any(has_break),
    })
}
