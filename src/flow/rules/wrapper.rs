//! Call-site wrappers, `actor(f)(p)` and `wait_for(f(p), 3)`: what they say, and the tree without them.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Behaviour, Rule};
use super::symbol::Names;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::expression::undefined;
use crate::source::{Source, Span};
use crate::syntax::tree::{Argument, Expr, ExprKind, Module, Stmt, StmtKind};
use crate::syntax::{blocks, blocks_mut, children, children_mut, expressions, expressions_mut, walk};

/// The call that limits another one.
const WAIT_FOR: &str = "asyncio.wait_for";

/// A wrapper around the callee of a call.
#[derive(Debug, Clone, Copy)]
pub(in crate::flow) struct Wrapper {
    /// What it says.
    pub(super) behaviour: Behaviour,
    /// `actor(f)`.
    pub(super) span: Span,
}

/// The behaviour that a name says by itself: `@actor`, `@tools.inline`, `flow(f)(p)`.
pub(super) fn of_name(expr: &Expr) -> Option<Behaviour> {
    let word = expr.dotted()?.last().copied()?;
    Behaviour::of_word(word).filter(|behaviour| *behaviour != Behaviour::Config)
}

/// Every wrapper of a file by the span of the wrapped call, and the text that goes with them.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) wrappers: BTreeMap<Span, Wrapper>,
    /// Calls whose wrapper is wrong and was reported.
    pub(super) broken: BTreeSet<Span>,
    pub(super) dropped: Vec<Span>,
    /// Calls that only limit another one, with the place of that among their arguments.
    limits: BTreeMap<Span, usize>,
}

/// Finds the wrappers of a module.
pub(super) fn find(
    module: &Module,
    source: &Source,
    names: &Names<'_, '_>,
    rules: &[Rule],
    diagnostics: &mut Vec<Diagnostic>,
) -> Found {
    let mut finder = Finder { source, names, rules, diagnostics, found: Found::default() };
    finder.block(&module.body);
    finder.found
}

struct Finder<'f, 'a, 's> {
    source: &'f Source,
    names: &'f Names<'a, 's>,
    rules: &'f [Rule],
    diagnostics: &'f mut Vec<Diagnostic>,
    found: Found,
}

impl Finder<'_, '_, '_> {
    fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            for expr in expressions(stmt) {
                self.visit(expr);
            }
            for block in blocks(stmt) {
                self.block(block);
            }
        }
    }

    fn visit(&mut self, expr: &Expr) {
        if let ExprKind::Call { callee, arguments } = &expr.kind {
            self.call(expr.span, callee);
            self.limit(expr, callee, arguments);
        }
        for child in children(expr) {
            self.visit(child);
        }
    }

    fn call(&mut self, call: Span, callee: &Expr) {
        let ExprKind::Call { callee: wrapper, arguments } = &callee.kind else { return };
        let Some(behaviour) = self.behaviour(wrapper) else { return };
        let wrapped = match arguments.as_slice() {
            [only] if only.keyword.is_none() && !only.is_double_starred && is_callable(&only.value) => &only.value,
            _ => {
                let word = self.source.slice(wrapper.span);
                self.found.broken.insert(call);
                self.diagnostics.push(
                    Diagnostic::error(callee.span, format!("`{word}` wraps exactly one function by its name"))
                        .code(codes::WRAPPER)
                        .help(format!("write `{word}(function)(payload)`")),
                );
                return;
            }
        };
        self.found.wrappers.insert(call, Wrapper { behaviour, span: callee.span });
        // Over several lines the brackets keep the lines together.
        let (head, tail) =
            (Span::new(callee.span.start, wrapped.span.start), Span::new(wrapped.span.end, callee.span.end));
        if self.source.slice(callee.span).contains('\n') {
            self.found.dropped.push(wrapper.span);
        } else {
            self.found.dropped.extend([head, tail]);
        }
    }

    /// `asyncio.wait_for(f(p), 3)` is `f(p)` with a setting.
    fn limit(&mut self, call: &Expr, callee: &Expr, arguments: &[Argument]) {
        let is_limit = self.names.symbol(callee).as_deref() == Some(WAIT_FOR)
            && self.rules.iter().any(|rule| rule.symbol == WAIT_FOR && rule.behaviour == Behaviour::Config);
        if !is_limit || arguments.iter().any(|one| one.is_double_starred) {
            return;
        }
        let is_first = |at: usize, one: &Argument| match &one.keyword {
            None => at == 0,
            Some(keyword) => keyword.name == "fut",
        };
        let limited = arguments.iter().enumerate().find(|(at, one)| is_first(*at, one));
        let Some((at, limited)) = limited.filter(|(_, one)| matches!(one.value.kind, ExprKind::Call { .. })) else {
            return;
        };
        let others = arguments.iter().enumerate().filter(|(other, _)| *other != at);
        if others.into_iter().any(|(_, other)| calls(&other.value)) {
            return;
        }
        let inner = limited.value.span;
        self.found.dropped.extend([Span::new(call.span.start, inner.start), Span::new(inner.end, call.span.end)]);
        self.found.limits.insert(call.span, at);
    }

    /// What the name or a rule says; a method of a value is no wrapper.
    fn behaviour(&mut self, wrapper: &Expr) -> Option<Behaviour> {
        let root = *wrapper.dotted()?.first()?;
        let is_bound = self.names.scope.get(root).is_some();
        let symbol = self.names.symbol(wrapper);
        let rule = self.rules.iter().find(|rule| symbol.as_deref() == Some(rule.symbol.as_str()));
        if let Some(rule) = rule
            && rule.behaviour != Behaviour::Config
        {
            return Some(rule.behaviour);
        }
        let behaviour = of_name(wrapper)?;
        if !is_bound {
            let name = wrapper.as_name()?;
            self.diagnostics.push(undefined(name, wrapper.span, self.names.scope, ""));
        }
        Some(behaviour)
    }
}

fn is_callable(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attribute { value, .. } => match &value.kind {
            ExprKind::Call { callee, arguments } => arguments.is_empty() && callee.dotted().is_some(),
            _ => value.dotted().is_some(),
        },
        _ => false,
    }
}

/// Whether evaluating an expression calls something.
fn calls(expr: &Expr) -> bool {
    let mut found = false;
    walk(expr, &mut |expr| {
        found |= matches!(expr.kind, ExprKind::Call { .. } | ExprKind::Await(_) | ExprKind::Named { .. });
        !found
    });
    found
}

/// Takes wrappers and idle decorators out of the tree; answers what limits a call, by the place of
/// that call's callee.
pub(super) fn remove(body: &mut [Stmt], found: &Found, decorators: &BTreeMap<Span, Span>) -> Vec<(Span, Expr)> {
    let mut limits = Vec::new();
    take_out(body, found, decorators, &mut limits);
    limits
}

fn take_out(body: &mut [Stmt], found: &Found, decorators: &BTreeMap<Span, Span>, limits: &mut Vec<(Span, Expr)>) {
    for stmt in body {
        for expr in expressions_mut(stmt) {
            without(expr, found, limits);
        }
        if let StmtKind::Function(function) = &mut stmt.kind {
            function.decorators.retain(|decorator| !decorators.contains_key(&decorator.span));
        }
        for block in blocks_mut(stmt) {
            take_out(block, found, decorators, limits);
        }
    }
}

fn without(expr: &mut Expr, found: &Found, limits: &mut Vec<(Span, Expr)>) {
    let mut around = Vec::new();
    while let Some(&at) = found.limits.get(&expr.span)
        && let ExprKind::Call { arguments, .. } = &expr.kind
        && let Some(inner) = arguments.get(at).map(|argument| argument.value.clone())
    {
        around.push(std::mem::replace(expr, inner));
    }
    if let ExprKind::Call { callee, .. } = &mut expr.kind
        && found.wrappers.contains_key(&expr.span)
        && let ExprKind::Call { arguments, .. } = &mut callee.kind
        && let Some(wrapped) = arguments.pop()
    {
        **callee = wrapped.value;
    }
    if let ExprKind::Call { callee, .. } = &expr.kind {
        limits.extend(around.into_iter().map(|limit| (callee.span, limit)));
    }
    for child in children_mut(expr) {
        without(child, found, limits);
    }
}
