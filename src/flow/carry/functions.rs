//! Pure functions, and what the lines of a function use of its module.

use std::collections::{BTreeMap, BTreeSet};

use super::{CarriedKind, Carrier, Meaning, Text};
use crate::flow::callee::Surroundings;
use crate::flow::effects::local_names;
use crate::flow::expression::of_process;
use crate::flow::objects;
use crate::flow::rules::Names;
use crate::flow::scope::Scope;
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
        // A cache goes along, when nothing else decorates the function.
        let is_cached = !function.decorators.is_empty() && function.decorators.iter().all(is_cache);
        let decorated = !is_cached && function.decorators.iter().any(|decorator| !rules.is_mark(decorator, &names));
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
        let start = if is_cached { span.start } else { definition_start(function, span, &home_of.source) };
        let whole = Span::new(start, span.end);
        let meaning = Meaning::Defined(home.to_owned());
        if self.claim(home, name, span, meaning, used, true).is_some() {
            self.take(home, span, Text::Source(whole), CarriedKind::Definition);
        }
        if is_cached {
            function.decorators.iter().for_each(|decorator| self.carry_names_in(home, decorator));
        }
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
        for parameter in function.parameters.positional.iter().chain(&function.parameters.keyword_only) {
            if let Some(default) = &parameter.default {
                self.carry_names_in(home, default);
            }
        }
        for (name, place) in self.names_in_body(home, &function.body, settled) {
            if !locals.contains(name.split('.').next().unwrap_or_default()) {
                self.carry(home, &name, place);
            }
        }
    }

    /// Everything an expression uses of the module.
    pub(super) fn carry_names_in(&mut self, home: &str, expr: &Expr) {
        let mut names = BTreeMap::new();
        self.names_in(home, expr, &BTreeSet::new(), &mut names);
        names.into_iter().for_each(|(name, place)| self.carry(home, &name, place));
    }

    /// Every name in `body` with its first place, dotted where it leads through modules of the project;
    /// except what stands in `settled`.
    pub(super) fn names_in_body(&self, home: &str, body: &[Stmt], settled: &BTreeSet<Span>) -> BTreeMap<String, Span> {
        let mut names = BTreeMap::new();
        for stmt in body {
            expressions(stmt).into_iter().for_each(|expr| self.names_in(home, expr, settled, &mut names));
            for block in blocks(stmt) {
                for (name, span) in self.names_in_body(home, block, settled) {
                    names.entry(name).or_insert(span);
                }
            }
        }
        names
    }

    fn names_in(&self, home: &str, expr: &Expr, settled: &BTreeSet<Span>, names: &mut BTreeMap<String, Span>) {
        let module = self.homes[self.at(home)].module;
        walk(expr, &mut |expr| {
            if settled.contains(&expr.span) {
                return false;
            }
            match &expr.kind {
                ExprKind::Name(name) => {
                    names.entry(name.clone()).or_insert(expr.span);
                }
                ExprKind::Attribute { .. } => {
                    let path = expr.dotted().filter(|path| self.modules.through_modules(module, path).is_some());
                    if let Some(path) = path {
                        names.entry(path.join(".")).or_insert(expr.span);
                        return false;
                    }
                }
                _ => {}
            }
            true
        });
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

/// Every name in `body` with its first place, except what stands in `settled`.
pub(super) fn names_used(body: &[Stmt], settled: &BTreeSet<Span>) -> BTreeMap<String, Span> {
    let mut names = BTreeMap::new();
    for stmt in body {
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if settled.contains(&expr.span) {
                    return false;
                }
                if let Some(name) = expr.as_name() {
                    names.entry(name.to_owned()).or_insert(expr.span);
                }
                true
            });
        }
        for block in blocks(stmt) {
            for (name, span) in names_used(block, settled) {
                names.entry(name).or_insert(span);
            }
        }
    }
    names
}
