//! Expressions that run in the router: what they may use.

mod calls;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use super::callee::Surroundings;
use super::code::Code;
use super::graph::Handler;
use super::lower::RouterNames;
use super::modules::Definition;
use super::types::MethodCall;
use super::{python, refusal};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{Clause, Expr, ExprKind, Parameters};
use crate::syntax::{children, walk};
use names::{environment, file, is_environment};

pub(super) use names::{of_process, undefined};

/// Module names used by router code, with the place of their first use.
pub(super) type Uses = BTreeMap<String, Span>;

/// Checks expressions one after the other, collecting problems and the module names they use.
pub(super) struct ExpressionCheck<'c, 'a, 's> {
    /// What is known here.
    pub(super) around: &'c Surroundings<'a, 's>,
    /// The payload's name.
    pub(super) payload: &'c str,
    /// Methods that functions stand for, by the place of the call.
    pub(super) methods: &'c BTreeMap<Span, MethodCall>,
    /// What the router calls its own things.
    pub(super) names: &'c RouterNames,
    /// The dotted name of the flow's module.
    pub(super) flow_module: &'c str,
    /// The task groups in sight.
    pub(super) groups: &'c BTreeMap<String, Span>,
    /// Where tasks are made that are gathered before anything else is waited for.
    pub(super) tasks: &'c BTreeSet<Span>,
    /// Problems found.
    pub(super) diagnostics: &'c mut Vec<Diagnostic>,
    /// Module names used.
    pub(super) uses: &'c mut Uses,
    /// Variables of opened comprehensions, and what they are called in the function.
    pub(super) renamed: &'c BTreeMap<String, String>,
    /// What has to stand in the place of parts of the text.
    pub(super) replacements: Vec<(Span, Code)>,
    /// Helpers whose calls wait in the text, with the callees and the calls.
    pub(super) helpers: Vec<(Definition<'a>, Span, Span)>,
    /// The same for actors.
    pub(super) actors: Vec<(Handler, Span, Span)>,
    /// The callee of the call that is looked at, of which it is decided what it calls.
    pub(super) decided_callee: Option<Span>,
    /// Calls of actors wait here until they are gathered.
    pub(super) waits: bool,
    /// The element of a comprehension that is the call of a branch.
    pub(super) branch: Option<&'c Expr>,
    /// The calls whose results something awaits that they are handed to.
    pub(super) handed_over: Vec<Span>,
    /// A `lambda` is around.
    pub(super) in_lambda: bool,
}

impl<'a> ExpressionCheck<'_, 'a, '_> {
    /// Checks one expression of the flow; `hidden` names belong to functions inside it.
    pub(super) fn check(&mut self, expr: &Expr, hidden: &[String]) {
        self.visit(expr, &mut hidden.to_vec());
    }

    fn visit(&mut self, expr: &Expr, bound: &mut Vec<String>) {
        if self.around.settled.contains(&expr.span) {
            return;
        }
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span, bound),
            ExprKind::Await(value) => self.awaited(expr, value, bound),
            ExprKind::Named { target, value } => {
                self.rename(target, bound);
                self.visit(value, bound);
            }
            ExprKind::Yield(_) => self.diagnostics.push(refusal::yields(expr.span)),
            ExprKind::Lambda { parameters, body } => self.lambda(parameters, body, bound),
            ExprKind::Comprehension { elements, clauses, .. } => self.comprehension(expr, elements, clauses, bound),
            ExprKind::Call { callee, arguments } => self.call(expr, callee, arguments, bound),
            ExprKind::Attribute { .. } if self.of_project_module(expr, bound) => {}
            ExprKind::Attribute { value, attribute } => {
                if let Some(name) = value.as_name()
                    && is_environment(self.around.scope, name, Some(&attribute.name))
                {
                    self.diagnostics.push(environment(expr.span));
                }
                if python::FILE_METHODS.contains(&attribute.name.as_str()) {
                    self.diagnostics.push(file(attribute.span, &attribute.name));
                }
                self.visit(value, bound);
            }
            _ => {
                for child in children(expr) {
                    self.visit(child, bound);
                }
            }
        }
    }

    fn lambda(&mut self, parameters: &Parameters, body: &Expr, bound: &mut Vec<String>) {
        let named = || parameters.positional.iter().chain(&parameters.keyword_only);
        for default in named().filter_map(|parameter| parameter.default.as_ref()) {
            self.visit(default, bound);
        }
        let names = named().map(|parameter| &parameter.name).chain(&parameters.variadic).chain(&parameters.keywords);
        let before = bound.len();
        bound.extend(names.map(|name| name.name.clone()));
        let outside = std::mem::replace(&mut self.in_lambda, true);
        self.visit(body, bound);
        self.in_lambda = outside;
        bound.truncate(before);
    }

    fn comprehension(&mut self, expr: &Expr, elements: &[Expr], clauses: &[Clause], bound: &mut Vec<String>) {
        if clauses.iter().any(|clause| clause.is_async) {
            self.diagnostics.push(refusal::asynchronous_comprehension(expr.span));
            return;
        }
        let before = bound.len();
        for (at, clause) in clauses.iter().enumerate() {
            if at == 0 {
                self.visit(&clause.iterable, bound);
            }
            bind_target(&clause.target, bound);
        }
        for clause in clauses.iter().skip(1) {
            self.visit(&clause.iterable, bound);
        }
        for part in clauses.iter().flat_map(|clause| &clause.conditions).chain(elements) {
            match (&part.kind, self.branch) {
                (ExprKind::Await(call), Some(branch)) if std::ptr::eq(branch, part) => self.visit(call, bound),
                _ => self.visit(part, bound),
            }
        }
        bound.truncate(before);
    }

    /// Puts the new name in the place of a variable of an opened comprehension.
    fn rename(&mut self, name: &Expr, bound: &[String]) {
        if let Some(text) = name.as_name()
            && !bound.iter().any(|known| known == text)
            && let Some(right) = self.renamed.get(text)
        {
            self.replacements.push((name.span, Code::text(right)));
        }
    }
}

fn bind_target(target: &Expr, bound: &mut Vec<String>) {
    walk(target, &mut |expr| {
        if let Some(name) = expr.as_name()
            && !bound.iter().any(|known| known == name)
        {
            bound.push(name.to_owned());
        }
        matches!(expr.kind, ExprKind::Sequence { .. } | ExprKind::Starred(_))
    });
}
