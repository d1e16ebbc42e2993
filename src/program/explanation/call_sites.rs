//! Where calls stand in the source: the statement, the call itself, and the calls it is made of.

use super::Explainer;
use super::document::Why;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind, SequenceKind, Stmt, StmtKind};
use crate::syntax::{blocks, children, expressions, walk};

impl Explainer<'_> {
    /// The call with this span, and the statement it stands in.
    pub(super) fn call_in_tree(&self, span: Span) -> (Option<&Stmt>, Option<&Expr>) {
        let Some(stmt) =
            find_statement(&self.module.body, &|stmt| stmt.span.contains(span) && is_innermost(stmt, span))
        else {
            return (None, None);
        };
        let mut found = None;
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if expr.span == span && found.is_none() {
                    found = Some(expr);
                }
                expr.span.contains(span) && found.is_none()
            });
        }
        let whole = match &stmt.kind {
            StmtKind::Assign { value, .. }
            | StmtKind::AugAssign { value, .. }
            | StmtKind::AnnAssign { value: Some(value), .. }
            | StmtKind::Expr(value)
            | StmtKind::Return(Some(value)) => Some(value),
            _ => None,
        };
        (Some(stmt), found.or(whole.filter(|_| stmt.span == span)).or_else(|| expressions(stmt).first().copied()))
    }
}

/// Whether a statement is nothing but the call.
pub(super) fn is_dropped(statement: Option<&Stmt>, expr: Option<&Expr>) -> bool {
    match statement.map(|stmt| &stmt.kind) {
        Some(StmtKind::Expr(value)) => expr.is_some_and(|expr| expr.span == value.span),
        Some(StmtKind::With { .. }) => true,
        _ => false,
    }
}

/// Whether no block of a statement holds `span`.
fn is_innermost(stmt: &Stmt, span: Span) -> bool {
    !blocks(stmt).into_iter().flatten().any(|child| child.span.contains(span))
}

pub(super) fn find_statement<'t>(body: &'t [Stmt], wanted: &dyn Fn(&Stmt) -> bool) -> Option<&'t Stmt> {
    body.iter().find_map(|stmt| match wanted(stmt) {
        true => Some(stmt),
        false => blocks(stmt).into_iter().find_map(|block| find_statement(block, wanted)),
    })
}

/// The calls in an expression that is a call, or several at once.
#[derive(Default)]
pub(super) struct CallSites<'t> {
    /// In the order of the source.
    pub(super) calls: Vec<(&'t Expr, Option<Why>)>,
    /// How many run; `None` when only the run tells.
    pub(super) count: Option<usize>,
}

impl<'t> CallSites<'t> {
    /// The calls in `expr`, which stands in `statement`.
    pub(super) fn of(expr: &'t Expr, statement: Option<&'t Stmt>) -> Self {
        let mut found = Self { calls: Vec::new(), count: Some(0) };
        if let Some(StmtKind::With { items, body, .. }) = statement.map(|stmt| &stmt.kind) {
            if let Some(name) = items.first().and_then(|(_, target)| target.as_ref()).and_then(Expr::as_name) {
                found.tasks(body, name);
            }
            found.has_open_count();
            return found;
        }
        let (call, is_awaited) = expr.awaited();
        match &call.kind {
            ExprKind::Call { callee, arguments }
                if callee.dotted().is_some_and(|parts| parts.last() == Some(&"gather")) =>
            {
                found.gathered(arguments);
            }
            ExprKind::Sequence { kind: SequenceKind::List, items } => {
                items.iter().for_each(|item| found.add(item, Why::Element));
                found.count = Some(items.len());
            }
            ExprKind::Comprehension { elements, .. } => {
                elements.iter().for_each(|element| found.add(element, Why::Element));
                found.has_open_count();
            }
            ExprKind::Call { .. } => {
                found.calls.push((call, is_awaited.then_some(Why::Awaited)));
                found.count = Some(1);
            }
            _ => children(call).into_iter().take(1).for_each(|child| {
                found.calls.extend(Self::of(child, None).calls);
            }),
        }
        found
    }

    /// What is handed to `asyncio.gather`.
    fn gathered(&mut self, arguments: &'t [Argument]) {
        for argument in arguments.iter().filter(|argument| argument.keyword.is_none()) {
            let ExprKind::Starred(inner) = &argument.value.kind else {
                self.add(&argument.value, Why::Gathered);
                self.count = self.count.map(|count| count + 1);
                continue;
            };
            match &inner.kind {
                ExprKind::Sequence { items, .. } => {
                    items.iter().for_each(|item| self.add(item, Why::Gathered));
                    self.count = self.count.map(|count| count + items.len());
                }
                ExprKind::Comprehension { elements, .. } => {
                    elements.iter().for_each(|element| self.add(element, Why::Gathered));
                    self.has_open_count();
                }
                _ => self.has_open_count(),
            }
        }
    }

    /// The calls that are made tasks of a group.
    fn tasks(&mut self, body: &'t [Stmt], group: &str) {
        for stmt in body {
            for expr in expressions(stmt) {
                walk(expr, &mut |expr| {
                    if let ExprKind::Call { callee, arguments } = &expr.kind
                        && callee.dotted().as_deref() == Some(&[group, "create_task"])
                    {
                        arguments.iter().take(1).for_each(|argument| self.add(&argument.value, Why::Task));
                    }
                    true
                });
            }
            blocks(stmt).into_iter().for_each(|block| self.tasks(block, group));
        }
    }

    fn add(&mut self, expr: &'t Expr, why: Why) {
        let (call, is_awaited) = expr.awaited();
        if matches!(call.kind, ExprKind::Call { .. }) {
            let why = if is_awaited { Why::Awaited } else { why };
            self.calls.push((call, Some(why)));
        }
    }

    /// Only the run decides how many calls there are.
    fn has_open_count(&mut self) {
        self.count = None;
    }
}
