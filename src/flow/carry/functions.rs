//! Pure functions, and what the lines of a function use of its module.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{CarriedKind, Carrier};
use crate::flow::callee::Surroundings;
use crate::flow::effects::local_names;
use crate::flow::expression::of_process;
use crate::flow::modules::Found;
use crate::flow::objects;
use crate::flow::rules::Names;
use crate::flow::scope::{Binding, Scope, is_standard};
use crate::flow::types::Place;
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, Function, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

impl<'a> Carrier<'_, 'a> {
    pub(super) fn carry_function(&mut self, home: &str, name: &str, span: Span, used: Span) {
        let at = self.at(home);
        let Some(function) = self.homes[at].scope.function(name) else { return };
        let rules = self.homes[at].module.rules();
        let names = Names { scope: &self.homes[at].scope, module: home, locals: None };
        let scope = &self.homes[at].scope;
        let is_cache = |decorator: &Expr| {
            let callee = match &decorator.kind {
                ExprKind::Call { callee, .. } => callee,
                _ => decorator,
            };
            objects::path_of(callee, scope)
                .is_some_and(|path| path == "functools.cache" || path == "functools.lru_cache")
        };
        let caches: Vec<&Expr> = function.decorators.iter().filter(|decorator| is_cache(decorator)).collect();
        let decorated =
            function.decorators.iter().any(|decorator| !rules.is_mark(decorator, &names) && !is_cache(decorator));
        if function.is_async && used != function.name.span {
            self.refuse_as_value(home, name, used, (self.homes[at].module, function.name.span));
            return;
        }
        if function.is_async || decorated {
            let what = if function.is_async { "it is `async`" } else { "it is decorated" };
            self.refuse(home, name, used, span, "defined here", format!("{what}, so it can only run in an actor"));
            return;
        }
        if let Some((offender, what)) = impure(&function.body) {
            let reason = format!("{what}, so it can only run in an actor");
            self.refuse(home, name, used, offender, "because of this", reason);
            return;
        }
        if let Some((offender, what)) = self.sees_its_process(home, function) {
            let reason = format!("{what}, so it can only run in an actor");
            self.refuse(home, name, used, offender, "because of this", reason);
            return;
        }
        let elsewhere = rules.inside(span).or_else(|| self.homes[at].calls_elsewhere(function));
        if let Some(offender) = elsewhere {
            let reason = "it calls something that does not run in the router".to_owned();
            self.refuse(home, name, used, offender, "because of this", reason);
            return;
        }
        let settled = self.type_function(home, function);
        let home_of = &self.homes[at];
        let whole = Span::new(definition_start(function, span, &home_of.source), span.end);
        let text = match self.typing.edits().text(&home_of.source, whole) {
            Cow::Borrowed(_) => home_of.text(whole),
            Cow::Owned(text) => text,
        };
        let cached: String =
            caches.iter().map(|decorator| format!("@{}\n", self.homes[at].source.slice(decorator.span))).collect();
        self.take(home, name, span, format!("{cached}{text}"), CarriedKind::Definition, used);
        caches.into_iter().for_each(|decorator| self.carry_names_in(home, decorator));
        self.carry_names_of(home, function, &settled);
    }

    /// What a function looks at that is of the process or the machine it runs in.
    fn sees_its_process(&self, home: &str, function: &Function) -> Option<(Span, String)> {
        fn find(body: &[Stmt], scope: &Scope<'_>, hidden: &BTreeSet<String>) -> Option<(Span, String)> {
            body.iter().find_map(|stmt| {
                let mut found = None;
                for expr in expressions(stmt) {
                    walk(expr, &mut |expr| {
                        if found.is_none() {
                            found = of_process(expr, scope, &|name| hidden.contains(name));
                        }
                        found.is_none()
                    });
                }
                found.or_else(|| blocks(stmt).into_iter().find_map(|block| find(block, scope, hidden)))
            })
        }
        find(&function.body, &self.homes[self.at(home)].scope, &local_names(function))
    }

    /// Finds the types of a function's values; answers the names in it that nobody has to look for.
    fn type_function(&mut self, home: &str, function: &'a Function) -> BTreeSet<Span> {
        let module = self.module_named(home);
        let mut found = Vec::new();
        let around = Surroundings {
            scope: &self.homes[self.at(home)].scope,
            modules: self.modules,
            home: module,
            module: home,
            locals: &local_names(function),
            instances: &BTreeMap::new(),
            settled: &BTreeSet::new(),
            project_modules: &BTreeSet::new(),
        };
        let typed = self.typing.of_function(function, Place::Part, "", &around, &mut found);
        self.typing.insert_methods(module.source(), &typed);
        self.add_problems(home, found);
        typed.settled
    }

    /// Everything a function uses of its module.
    pub(super) fn carry_names_of(&mut self, home: &str, function: &Function, settled: &BTreeSet<Span>) {
        let locals = local_names(function);
        let mut needed = names_used(&function.body, settled, &|expr| self.of_module(home, expr, &locals));
        for parameter in function.parameters.positional.iter().chain(&function.parameters.keyword_only) {
            if let Some(default) = &parameter.default {
                self.carry_names_in(home, default);
            }
        }
        needed.retain(|name, _| !locals.contains(name.split('.').next().unwrap_or_default()));
        for (name, place) in needed {
            self.carry(home, &name, place);
        }
    }

    /// Everything an expression uses of the module.
    pub(super) fn carry_names_in(&mut self, home: &str, expr: &Expr) {
        walk(expr, &mut |expr| {
            if let Some(path) = self.of_module(home, expr, &BTreeSet::new()) {
                self.carry(home, &path, expr.span);
                return false;
            }
            if let Some(name) = expr.as_name() {
                self.carry(home, name, expr.span);
            }
            true
        });
    }

    /// `prompts.SYSTEM` of a module of the project that `home` imports.
    pub(super) fn of_module(&self, home: &str, expr: &Expr, hidden: &BTreeSet<String>) -> Option<String> {
        let ExprKind::Attribute { .. } = &expr.kind else { return None };
        let parts = expr.dotted().filter(|parts| !hidden.contains(parts[0]))?;
        let (module, path) = match self.homes[self.at(home)].scope.get(parts[0])?.binding {
            Binding::Module(module) => (module, parts[1..].to_vec()),
            Binding::Member { module, member } => (module, [&[member], &parts[1..]].concat()),
            _ => return None,
        };
        let is_of_module =
            path.len() < parts.len() || matches!(self.modules.resolve_absolute(module, &path[..1]), Found::Module(_));
        let is_carried = match self.modules.resolve_absolute(module, &path) {
            Found::Function { .. } | Found::Value { .. } => true,
            Found::Class(class) => class.path.len() == 1,
            _ => false,
        };
        (!is_standard(module) && is_of_module && is_carried).then(|| parts.join("."))
    }
}

/// Where a definition begins without its decorators.
fn definition_start(function: &Function, span: Span, source: &Source) -> usize {
    if function.decorators.is_empty() {
        return span.start;
    }
    let text = source.slice(Span::new(function.signature.start, function.signature.end));
    function.signature.start + (text.len() - text.trim_start().len())
}

/// A statement or expression that ties a helper to its process.
pub(super) fn impure(body: &[Stmt]) -> Option<(Span, &'static str)> {
    for stmt in body {
        match stmt.kind {
            StmtKind::Global(_) | StmtKind::Nonlocal(_) => return Some((stmt.span, "it keeps state")),
            StmtKind::Import(_) | StmtKind::ImportFrom { .. } => {
                return Some((stmt.span, "it imports a module inside"));
            }
            _ => {}
        }
        let mut found = None;
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if matches!(expr.kind, ExprKind::Await(_)) {
                    found.get_or_insert((expr.span, "it waits"));
                }
                true
            });
        }
        let nested = blocks(stmt).into_iter().find_map(impure);
        if let Some(found) = found.or(nested) {
            return Some(found);
        }
    }
    None
}

/// Every name in `body` with its first place, except what stands in `settled`; what `of_module` answers stands for
/// a whole expression.
pub(super) fn names_used(
    body: &[Stmt],
    settled: &BTreeSet<Span>,
    of_module: &dyn Fn(&Expr) -> Option<String>,
) -> BTreeMap<String, Span> {
    let mut names = BTreeMap::new();
    for stmt in body {
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if settled.contains(&expr.span) {
                    return false;
                }
                if let Some(path) = of_module(expr) {
                    names.entry(path).or_insert(expr.span);
                    return false;
                }
                if let Some(name) = expr.as_name() {
                    names.entry(name.to_owned()).or_insert(expr.span);
                }
                true
            });
        }
        for block in blocks(stmt) {
            for (name, span) in names_used(block, settled, of_module) {
                names.entry(name).or_insert(span);
            }
        }
    }
    names
}
