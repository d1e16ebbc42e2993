//! What is handed to `asyncio.gather`, at once or later: calls that wait until then, as coroutines do.

use std::collections::BTreeSet;

use super::Lowering;
use crate::source::Span;
use crate::syntax::tree::{Argument, ComprehensionKind, Expr, ExprKind, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// The names handed to `asyncio.gather`: what is put into them are calls that wait.
pub(super) fn gathered_names(body: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for stmt in body {
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if let ExprKind::Call { callee, arguments } = &expr.kind
                    && callee.dotted().is_some_and(|parts| parts.last() == Some(&"gather"))
                {
                    names.extend(arguments.iter().filter_map(gathered_name).map(str::to_owned));
                }
                true
            });
        }
        blocks(stmt).into_iter().for_each(|block| names.extend(gathered_names(block)));
    }
    names
}

/// `tasks` in `gather(*tasks)`, `gather(*tasks.values())` and `gather(tasks)`.
pub(super) fn gathered_name(argument: &Argument) -> Option<&str> {
    let value = match &argument.value.kind {
        ExprKind::Starred(value) => value,
        _ => &argument.value,
    };
    let value = match &value.kind {
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Attribute { value, attribute } if attribute.name == "values" => value,
            _ => value,
        },
        _ => value,
    };
    value.as_name()
}

impl Lowering<'_, '_> {
    /// Takes note of the calls that a statement puts aside.
    pub(super) fn begin_collecting(&mut self, stmt: &Stmt) {
        self.collects = self.collects_calls(stmt);
        self.handed_over = if self.collects { collected(stmt) } else { Vec::new() };
    }

    /// Whether a statement puts calls into something that is handed to `gather` later: the calls wait
    /// until then, as coroutines do.
    pub(super) fn collects_calls(&self, stmt: &Stmt) -> bool {
        let is_gathered = |expr: &Expr| expr.as_name().is_some_and(|name| self.gathered.contains(name));
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let place = |target: &Expr| match &target.kind {
                    ExprKind::Subscript { value, .. } => is_gathered(value),
                    _ => is_gathered(target),
                };
                !matches!(value.kind, ExprKind::Await(_)) && targets.iter().all(place)
            }
            StmtKind::AugAssign { target, value } => !matches!(value.kind, ExprKind::Await(_)) && is_gathered(target),
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                !matches!(value.kind, ExprKind::Await(_)) && is_gathered(target)
            }
            StmtKind::Expr(value) => match &value.kind {
                ExprKind::Call { callee, .. } => match &callee.kind {
                    ExprKind::Attribute { value, .. } => is_gathered(value),
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        }
    }
}

/// The calls whose results are the elements that `gather` gets by an argument. It awaits them, so
/// they are calls of actors, of functions that are not `async` too.
pub(super) fn handed_over(argument: &Expr) -> Vec<Span> {
    match &argument.kind {
        ExprKind::Starred(value) => calls_in(elements(value)),
        _ => calls_in(vec![argument]),
    }
}

/// The same for the calls that a statement puts into something that is handed to `gather` later.
fn collected(stmt: &Stmt) -> Vec<Span> {
    match &stmt.kind {
        StmtKind::Assign { targets, value } => match targets.as_slice() {
            [Expr { kind: ExprKind::Subscript { .. }, .. }] => calls_in(vec![value]),
            _ => calls_in(elements(value)),
        },
        StmtKind::AugAssign { value, .. } | StmtKind::AnnAssign { value: Some(value), .. } => calls_in(elements(value)),
        StmtKind::Expr(Expr { kind: ExprKind::Call { callee, arguments }, .. }) => match &callee.kind {
            ExprKind::Attribute { attribute, .. } if matches!(attribute.name.as_str(), "append" | "insert") => {
                calls_in(arguments.last().map(|argument| &argument.value).into_iter().collect())
            }
            ExprKind::Attribute { attribute, .. } if attribute.name == "extend" => {
                calls_in(arguments.iter().flat_map(|argument| elements(&argument.value)).collect())
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn calls_in(mut open: Vec<&Expr>) -> Vec<Span> {
    let mut calls = Vec::new();
    while let Some(expr) = open.pop() {
        match &expr.kind {
            ExprKind::Call { .. } => calls.push(expr.span),
            ExprKind::Conditional { body, orelse, .. } => open.extend([&**body, &**orelse]),
            ExprKind::Starred(value) => open.extend(elements(value)),
            _ => {}
        }
    }
    calls
}

/// What a display or comprehension puts into the collection it makes.
fn elements(collection: &Expr) -> Vec<&Expr> {
    match &collection.kind {
        ExprKind::Sequence { items, .. } => items.iter().collect(),
        ExprKind::Dict(entries) => entries.iter().map(|(_, value)| value).collect(),
        ExprKind::Comprehension { kind: ComprehensionKind::Dict, elements, .. } => {
            elements.last().into_iter().collect()
        }
        ExprKind::Comprehension { elements, .. } => elements.iter().collect(),
        _ => Vec::new(),
    }
}
