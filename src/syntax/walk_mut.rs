//! Changing expressions in place: the parts of `walk.rs`, to be written to.

use super::tree::{Expr, ExprKind, Parameters, Stmt, StmtKind};

/// The direct sub-expressions.
pub fn children_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    match &mut expr.kind {
        ExprKind::Name(_) | ExprKind::Literal(_) => Vec::new(),
        ExprKind::Attribute { value, .. } | ExprKind::Await(value) | ExprKind::Starred(value) => vec![value],
        ExprKind::Subscript { value, index } => vec![value, index],
        ExprKind::Call { callee, arguments } => {
            std::iter::once(&mut **callee).chain(arguments.iter_mut().map(|argument| &mut argument.value)).collect()
        }
        ExprKind::Sequence { items, .. }
        | ExprKind::BoolOp(items)
        | ExprKind::Comparison { operands: items, .. }
        | ExprKind::Operation(items) => items.iter_mut().collect(),
        ExprKind::Dict(items) => items.iter_mut().flat_map(|(key, value)| key.iter_mut().chain([value])).collect(),
        ExprKind::Lambda { parameters, body } => defaults_mut(parameters).chain([&mut **body]).collect(),
        ExprKind::Comprehension { elements, clauses, .. } => clauses
            .iter_mut()
            .flat_map(|clause| [&mut clause.iterable, &mut clause.target].into_iter().chain(&mut clause.conditions))
            .chain(elements)
            .collect(),
        ExprKind::Named { target, value } => vec![value, target],
        ExprKind::Conditional { test, body, orelse } => vec![test, body, orelse],
        ExprKind::Yield(value) => value.iter_mut().map(|value| &mut **value).collect(),
    }
}

/// The expressions a statement evaluates itself.
pub fn expressions_mut(stmt: &mut Stmt) -> Vec<&mut Expr> {
    match &mut stmt.kind {
        StmtKind::Return(value) => value.iter_mut().collect(),
        StmtKind::Delete(targets) => targets.iter_mut().collect(),
        StmtKind::Assign { targets, value } => std::iter::once(value).chain(targets).collect(),
        StmtKind::AugAssign { target, value } => vec![target, value],
        StmtKind::AnnAssign { target, value, .. } => value.iter_mut().chain([target]).collect(),
        StmtKind::For { target, iterable, .. } => vec![iterable, target],
        StmtKind::While { test, .. } => vec![test],
        StmtKind::If { branches, .. } => branches.iter_mut().map(|branch| &mut branch.test).collect(),
        StmtKind::With { items, .. } => {
            items.iter_mut().flat_map(|(manager, target)| std::iter::once(manager).chain(target)).collect()
        }
        StmtKind::Match { subject, cases } => {
            std::iter::once(subject).chain(cases.iter_mut().filter_map(|case| case.guard.as_mut())).collect()
        }
        StmtKind::Raise { exception, cause } => exception.iter_mut().chain(cause).collect(),
        StmtKind::Try { handlers, .. } => {
            handlers.iter_mut().filter_map(|handler| handler.exception.as_mut()).collect()
        }
        StmtKind::Assert { test, message } => std::iter::once(test).chain(message).collect(),
        StmtKind::Expr(value) | StmtKind::TypeAlias(value) => vec![value],
        StmtKind::Function(function) => {
            function.decorators.iter_mut().chain(defaults_mut(&mut function.parameters)).collect()
        }
        StmtKind::Class(class) => {
            class.decorators.iter_mut().chain(class.arguments.iter_mut().map(|argument| &mut argument.value)).collect()
        }
        StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue => Vec::new(),
    }
}

fn defaults_mut(parameters: &mut Parameters) -> impl Iterator<Item = &mut Expr> {
    let all = parameters.positional.iter_mut().chain(&mut parameters.keyword_only);
    all.filter_map(|parameter| parameter.default.as_mut())
}

/// The blocks directly inside a compound statement.
pub fn blocks_mut(stmt: &mut Stmt) -> Vec<&mut [Stmt]> {
    match &mut stmt.kind {
        StmtKind::If { branches, orelse } => {
            branches.iter_mut().map(|branch| branch.body.as_mut_slice()).chain([orelse.as_mut_slice()]).collect()
        }
        StmtKind::While { body, orelse, .. } | StmtKind::For { body, orelse, .. } => vec![body, orelse],
        StmtKind::With { body, .. } => vec![body],
        StmtKind::Try { body, handlers, orelse, finalbody, .. } => std::iter::once(body.as_mut_slice())
            .chain(handlers.iter_mut().map(|handler| handler.body.as_mut_slice()))
            .chain([orelse.as_mut_slice(), finalbody.as_mut_slice()])
            .collect(),
        StmtKind::Match { cases, .. } => cases.iter_mut().map(|case| case.body.as_mut_slice()).collect(),
        StmtKind::Function(function) => vec![&mut function.body],
        StmtKind::Class(class) => vec![&mut class.body],
        _ => Vec::new(),
    }
}
