//! Visiting expressions in order of evaluation, and the parts of statements.

use smallvec::SmallVec;

use super::tree::{Expr, ExprKind, Stmt, StmtKind};

/// Parts of a node. Nearly all nodes have few, for which nothing is allocated: every walk asks every
/// node for them.
pub type Parts<'a, T> = SmallVec<[&'a T; 4]>;

/// The direct sub-expressions, in the order Python evaluates them.
pub fn children(expr: &Expr) -> Parts<'_, Expr> {
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Literal(_) => Parts::new(),
        ExprKind::Attribute { value, .. } | ExprKind::Await(value) | ExprKind::Starred(value) => parts([value]),
        ExprKind::Subscript { value, index } => parts([value, index]),
        ExprKind::Call { callee, arguments } => {
            std::iter::once(&**callee).chain(arguments.iter().map(|argument| &argument.value)).collect()
        }
        ExprKind::Sequence { items, .. }
        | ExprKind::BoolOp(items)
        | ExprKind::Comparison { operands: items, .. }
        | ExprKind::Operation(items) => items.iter().collect(),
        ExprKind::Dict(items) => {
            items.iter().flat_map(|(key, value)| key.iter().chain(std::iter::once(value))).collect()
        }
        ExprKind::Lambda { parameters, body } => {
            let defaults = parameters.positional.iter().chain(&parameters.keyword_only);
            defaults.filter_map(|parameter| parameter.default.as_ref()).chain(std::iter::once(&**body)).collect()
        }
        ExprKind::Comprehension { elements, clauses, .. } => clauses
            .iter()
            .flat_map(|clause| [&clause.iterable, &clause.target].into_iter().chain(&clause.conditions))
            .chain(elements)
            .collect(),
        ExprKind::Named { target, value } => parts([value, target]),
        ExprKind::Conditional { test, body, orelse } => parts([test, body, orelse]),
        ExprKind::Yield(value) => value.iter().map(|value| &**value).collect(),
    }
}

/// Calls `visit` for `expr` and everything below it, parents first; `visit` answers whether to
/// go below.
pub fn walk<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr) -> bool) {
    if visit(expr) {
        for child in children(expr) {
            walk(child, visit);
        }
    }
}

/// The expressions a statement evaluates itself, not those of the blocks inside it.
pub fn expressions(stmt: &Stmt) -> Parts<'_, Expr> {
    match &stmt.kind {
        StmtKind::Return(value) => value.iter().collect(),
        StmtKind::Delete(targets) => targets.iter().collect(),
        StmtKind::Assign { targets, value } => std::iter::once(value).chain(targets).collect(),
        StmtKind::AugAssign { target, value } => parts([target, value]),
        StmtKind::AnnAssign { target, value, .. } => value.iter().chain([target]).collect(),
        StmtKind::For { target, iterable, .. } => parts([iterable, target]),
        StmtKind::While { test, .. } => parts([test]),
        StmtKind::If { branches, .. } => branches.iter().map(|branch| &branch.test).collect(),
        StmtKind::With { items, .. } => {
            items.iter().flat_map(|(manager, target)| std::iter::once(manager).chain(target)).collect()
        }
        StmtKind::Match { subject, cases } => {
            std::iter::once(subject).chain(cases.iter().filter_map(|case| case.guard.as_ref())).collect()
        }
        StmtKind::Raise { exception, cause } => exception.iter().chain(cause).collect(),
        StmtKind::Try { handlers, .. } => handlers.iter().filter_map(|handler| handler.exception.as_ref()).collect(),
        StmtKind::Assert { test, message } => std::iter::once(test).chain(message).collect(),
        StmtKind::Expr(value) | StmtKind::TypeAlias(value) => parts([value]),
        StmtKind::Function(function) => {
            let parameters = function.parameters.positional.iter().chain(&function.parameters.keyword_only);
            function.decorators.iter().chain(parameters.filter_map(|parameter| parameter.default.as_ref())).collect()
        }
        StmtKind::Class(class) => {
            class.decorators.iter().chain(class.arguments.iter().map(|argument| &argument.value)).collect()
        }
        StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue => Parts::new(),
    }
}

/// The blocks directly inside a compound statement, in source order.
pub fn blocks(stmt: &Stmt) -> Parts<'_, [Stmt]> {
    match &stmt.kind {
        StmtKind::If { branches, orelse } => {
            branches.iter().map(|branch| branch.body.as_slice()).chain([orelse.as_slice()]).collect()
        }
        StmtKind::While { body, orelse, .. } | StmtKind::For { body, orelse, .. } => parts([body, orelse]),
        StmtKind::With { body, .. } => parts([body]),
        StmtKind::Try { body, handlers, orelse, finalbody, .. } => std::iter::once(body.as_slice())
            .chain(handlers.iter().map(|handler| handler.body.as_slice()))
            .chain([orelse.as_slice(), finalbody.as_slice()])
            .collect(),
        StmtKind::Match { cases, .. } => cases.iter().map(|case| case.body.as_slice()).collect(),
        StmtKind::Function(function) => parts([&function.body]),
        StmtKind::Class(class) => parts([&class.body]),
        _ => Parts::new(),
    }
}

fn parts<T: ?Sized, const N: usize>(parts: [&T; N]) -> Parts<'_, T> {
    parts.into_iter().collect()
}
