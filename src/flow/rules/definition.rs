//! Definitions of handlers, here or in another file of the project: what their decorators say.

use std::collections::BTreeMap;

use super::directive::{self, Directive};
use super::model::{Behaviour, Rule};
use super::symbol::Names;
use super::wrapper::of_name;
use crate::flow::graph::Handler;
use crate::flow::modules::{Definition, Found, Member, Modules};
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, Function, Module, Stmt, StmtKind};

/// The definition of a handler, wherever it stands in the project.
pub(super) fn find<'m>(modules: &'m Modules<'_>, handler: &Handler) -> Option<Definition<'m>> {
    let name = handler.class.as_deref().unwrap_or(&handler.function);
    match (modules.resolve_absolute(&handler.module, &[name]), &handler.class) {
        (Found::Function { definition, .. }, None) => Some(definition),
        (Found::Value { module, value, .. }, None) => modules.alias(module, value),
        (Found::Class(class), Some(_)) => match modules.class_member(&class, &handler.function) {
            Member::Method(owner, function) => Some(Definition::new(modules, owner.module, function)),
            _ => None,
        },
        _ => None,
    }
}

/// What a definition says about calls of its function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) behaviour: Behaviour,
    /// The decorator or the comment.
    pub(super) span: Span,
}

/// A comment on the lines of the signature, else the first decorator that says anything.
pub(super) fn mark(
    function: &Function,
    comments: &[Span],
    source: &Source,
    names: &Names<'_, '_>,
    rules: &[Rule],
) -> Option<Mark> {
    if let Some(Directive { behaviour, span }) = directive::of_definition(function, comments, source) {
        return Some(Mark { behaviour, span });
    }
    function.decorators.iter().find_map(|decorator| {
        let behaviour = of_decorator(decorator, names, rules)?;
        Some(Mark { behaviour, span: decorator.span })
    })
}

/// What a decorator says a function is: by rule, else by its name.
pub(super) fn of_decorator(decorator: &Expr, names: &Names<'_, '_>, rules: &[Rule]) -> Option<Behaviour> {
    if let Some(call) = names.invocation(decorator)
        && let Some(rule) = rules.iter().find(|rule| rule.symbol == call.symbol)
    {
        return Some(rule.behaviour).filter(|behaviour| *behaviour != Behaviour::Config);
    }
    of_name(match &decorator.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => decorator,
    })
}

/// The decorators of a file that only say what a function is, with the text they take up: they
/// do nothing in Python. `@flow` stays, it tells which function is the flow.
pub(super) fn idle_decorators(
    module: &Module,
    source: &Source,
    names: &Names<'_, '_>,
    rules: &[Rule],
) -> BTreeMap<Span, Span> {
    let mut found = BTreeMap::new();
    let mut look = |stmt: &Stmt| {
        let StmtKind::Function(function) = &stmt.kind else { return };
        let starts = function.decorators.iter().map(|decorator| at_sign(decorator, source)).skip(1);
        let ends = starts.chain([definition_start(function, source)]);
        for (decorator, end) in function.decorators.iter().zip(ends) {
            let call = names.invocation(decorator);
            let rule = call.and_then(|call| rules.iter().find(|rule| rule.symbol == call.symbol));
            // What a rule keeps, and what an actor may still need, is not idle.
            let is_idle = match rule {
                Some(rule) => matches!(rule.behaviour, Behaviour::Inline | Behaviour::Unfold) && !rule.keeps_decorator,
                None => of_decorator(decorator, names, rules).is_some_and(|it| it != Behaviour::Flow),
            };
            if is_idle {
                found.insert(decorator.span, Span::new(at_sign(decorator, source), end));
            }
        }
    };
    for stmt in &module.body {
        look(stmt);
        if let StmtKind::Class(class) = &stmt.kind {
            class.body.iter().for_each(&mut look);
        }
    }
    found
}

fn at_sign(decorator: &Expr, source: &Source) -> usize {
    source.slice(Span::new(0, decorator.span.start)).rfind('@').unwrap_or(decorator.span.start)
}

/// Where `def` or `async def` stands, behind decorators and remarks.
fn definition_start(function: &Function, source: &Source) -> usize {
    let text = source.slice(function.signature);
    let mut rest = text.trim_start();
    while let Some(remark) = rest.strip_prefix('#') {
        rest = remark.split_once('\n').map_or("", |(_, next)| next.trim_start());
    }
    function.signature.end - rest.len()
}

/// The marks of all functions and methods of a file, by the place of their names.
pub(super) fn marks(module: &Module, source: &Source, names: &Names<'_, '_>, rules: &[Rule]) -> BTreeMap<usize, Mark> {
    let says = |comment: &&Span| directive::word(source.slice(**comment)).is_some();
    let comments: Vec<Span> = module.comments.iter().filter(says).copied().collect();
    let mut found = BTreeMap::new();
    let mut look = |stmt: &Stmt| {
        if let StmtKind::Function(function) = &stmt.kind
            && let Some(mark) = mark(function, &comments, source, names, rules)
        {
            found.insert(function.name.span.start, mark);
        }
    };
    for stmt in &module.body {
        look(stmt);
        if let StmtKind::Class(class) = &stmt.kind {
            class.body.iter().for_each(&mut look);
        }
    }
    found
}
