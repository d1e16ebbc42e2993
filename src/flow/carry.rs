//! Module-level definitions that router code needs: constants, standard library imports and pure
//! helper functions travel into the router with everything they use.

use std::collections::{BTreeMap, BTreeSet};

use super::callee::Surroundings;
use super::codes;
use super::expression::{ExpressionCheck, Uses};
use super::rules::{Rules, without};
use super::scope::{Binding, Scope, is_standard};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::{ExprKind, Function, Module, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// A definition that the router takes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The statement as Python text.
    pub text: String,
    /// Where it comes from.
    pub span: Span,
    /// An import: goes to the top, and needs no remark.
    pub is_import: bool,
}

/// The definitions behind `uses`, in source order, and problems with those that cannot travel.
pub(super) fn definitions(
    module: &Module,
    source: &Source,
    scope: &Scope<'_>,
    rules: &Rules,
    uses: Uses,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Carried> {
    let mut carrier =
        Carrier { module, source, scope, rules, done: BTreeSet::new(), carried: BTreeMap::new(), diagnostics };
    for (name, span) in uses {
        carrier.carry(&name, span);
    }
    let has_functions = carrier.carried.values().any(|carried| !carried.is_import && carried.text.starts_with("def "));
    let mut carried: Vec<Carried> = carrier.carried.into_values().collect();
    if has_functions {
        let text = "from __future__ import annotations".to_owned();
        carried.insert(0, Carried { text, span: Span::new(0, 0), is_import: true });
    }
    carried
}

struct Carrier<'c, 'a> {
    module: &'c Module,
    source: &'c Source,
    scope: &'c Scope<'a>,
    rules: &'c Rules,
    done: BTreeSet<String>,
    carried: BTreeMap<Span, Carried>,
    diagnostics: &'c mut Vec<Diagnostic>,
}

impl Carrier<'_, '_> {
    fn carry(&mut self, name: &str, used: Span) {
        if !self.done.insert(name.to_owned()) {
            return;
        }
        let Some(found) = self.scope.get(name) else { return };
        match found.binding {
            Binding::Module(module) if is_standard(module) => self.carry_import(name),
            Binding::Member { module, member } if is_standard(module) => {
                let text = if member == name {
                    format!("from {module} import {member}")
                } else {
                    format!("from {module} import {member} as {name}")
                };
                self.take(found.span, text, true);
            }
            Binding::Constant(value) => {
                let mut uses = Uses::new();
                let around = Surroundings {
                    scope: self.scope,
                    module: "",
                    payload: "",
                    instances: &BTreeMap::new(),
                    project_modules: &BTreeSet::new(),
                    rules: &Rules::default(),
                };
                ExpressionCheck { around: &around, diagnostics: self.diagnostics, uses: &mut uses }.check(value);
                self.take(found.span, self.source.slice(found.span).to_owned(), false);
                uses.into_iter().for_each(|(name, span)| self.carry(&name, span));
            }
            Binding::Function(function) => self.carry_function(name, function, found.span, used),
            Binding::Module(module) | Binding::Member { module, .. } => {
                let reason =
                    format!("`{module}` is not part of the standard library, and the router's image has nothing else");
                self.refuse(name, used, found.span, "imported here", reason);
            }
            Binding::Class(_) => {
                let reason = "classes stay with the handlers".to_owned();
                self.refuse(name, used, found.span, "defined here", reason);
            }
            Binding::Unclear => {
                let reason = "it is bound more than once or under a condition, so its value is not certain".to_owned();
                self.refuse(name, used, found.span, "bound here", reason);
            }
        }
    }

    fn take(&mut self, span: Span, text: String, is_import: bool) {
        self.carried.insert(span, Carried { text, span, is_import });
    }

    fn refuse(&mut self, name: &str, used: Span, bound: Span, label: &str, reason: String) {
        let line = Span::new(bound.start, self.source.line_span(self.source.line_of(bound.start)).end);
        self.diagnostics.push(
            Diagnostic::error(used, format!("`{name}` cannot be used in the flow's own code"))
                .code(codes::NOT_CARRIED)
                .label("this runs in the router")
                .related(line, label)
                .note(reason)
                .help("move this statement into an actor"),
        );
    }

    /// Every `import` that binds `name`: `import xml.dom` and `import xml.sax` both bind `xml`.
    fn carry_import(&mut self, name: &str) {
        for stmt in &self.module.body {
            let StmtKind::Import(aliases) = &stmt.kind else { continue };
            for alias in aliases {
                let bound = alias.alias.as_deref().or_else(|| alias.name.split('.').next());
                if bound == Some(name) {
                    self.take(alias.span, format!("import {}", self.source.slice(alias.span)), true);
                }
            }
        }
    }

    fn carry_function(&mut self, name: &str, function: &Function, span: Span, used: Span) {
        if function.is_async || !function.decorators.is_empty() {
            let what = if function.is_async { "it is `async`" } else { "it is decorated" };
            self.refuse(name, used, span, "defined here", format!("{what}, so it can only run in an actor"));
            return;
        }
        if let Some(offender) = impure(&function.body) {
            let reason = "it keeps state or streams, so it can only run in an actor".to_owned();
            self.refuse(name, used, offender, "because of this", reason);
            return;
        }
        if let Some(place) = self.rules.inside(span) {
            let reason = "it calls something that does not run in the router".to_owned();
            self.refuse(name, used, place, "because of this", reason);
            return;
        }
        self.take(span, without(self.source, span, self.rules.dropped()), false);
        let locals = local_names(function);
        for (needed, place) in names_used(&function.body) {
            if !locals.contains(needed.as_str()) {
                self.carry(&needed, place);
            }
        }
        for parameter in function.parameters.positional.iter().chain(&function.parameters.keyword_only) {
            if let Some(default) = &parameter.default {
                walk(default, &mut |expr| {
                    if let Some(needed) = expr.as_name() {
                        self.carry(needed, expr.span);
                    }
                    true
                });
            }
        }
    }
}

/// A statement or expression that ties a helper to its process.
fn impure(body: &[Stmt]) -> Option<Span> {
    for stmt in body {
        if matches!(
            stmt.kind,
            StmtKind::Global(_) | StmtKind::Nonlocal(_) | StmtKind::Import(_) | StmtKind::ImportFrom { .. }
        ) {
            return Some(stmt.span);
        }
        let mut found = None;
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if matches!(expr.kind, ExprKind::Yield(_) | ExprKind::Await(_)) {
                    found.get_or_insert(expr.span);
                }
                true
            });
        }
        let nested = blocks(stmt).into_iter().find_map(impure);
        if let Some(span) = found.or(nested) {
            return Some(span);
        }
    }
    None
}

fn names_used(body: &[Stmt]) -> BTreeMap<String, Span> {
    let mut names = BTreeMap::new();
    for stmt in body {
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if let Some(name) = expr.as_name() {
                    names.entry(name.to_owned()).or_insert(expr.span);
                }
                true
            });
        }
        for block in blocks(stmt) {
            for (name, span) in names_used(block) {
                names.entry(name).or_insert(span);
            }
        }
    }
    names
}

/// Parameters and names assigned directly in the function.
pub(super) fn local_names(function: &Function) -> BTreeSet<&str> {
    let parameters = &function.parameters;
    let mut names: BTreeSet<&str> =
        parameters.positional.iter().chain(&parameters.keyword_only).map(|one| one.name.name.as_str()).collect();
    names.extend(parameters.variadic.iter().chain(&parameters.keywords).map(|name| name.name.as_str()));
    assigned(&function.body, &mut names);
    names
}

fn assigned<'a>(body: &'a [Stmt], names: &mut BTreeSet<&'a str>) {
    for stmt in body {
        let targets: Vec<_> = match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().collect(),
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
                vec![target]
            }
            _ => Vec::new(),
        };
        for target in targets {
            walk(target, &mut |expr| {
                names.extend(expr.as_name());
                matches!(expr.kind, ExprKind::Name(_) | ExprKind::Sequence { .. } | ExprKind::Starred(_))
            });
        }
        if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            blocks(stmt).into_iter().for_each(|block| assigned(block, names));
        }
    }
}
