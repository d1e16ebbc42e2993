//! Where the code of a module means its own names, and dotted names that begin with one of them.

use std::collections::{BTreeSet, HashMap};

use crate::flow::effects::{bound_names, local_names, parameter_names, target_names};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Module, Stmt, StmtKind};
use crate::syntax::{blocks, children, expressions};

/// Every such place of a module, found in one walk.
#[derive(Default)]
pub(super) struct Mentions {
    places: HashMap<String, Places>,
    /// Names of which some places cannot be told from those of others.
    unclear: BTreeSet<String>,
    /// Names that are bound inside functions, comprehensions and the like.
    bound: BTreeSet<String>,
    nowhere: Places,
}

/// Where something is mentioned.
#[derive(Default)]
pub(super) struct Places {
    /// In expressions and definitions.
    pub(super) plain: Vec<Span>,
    /// In the patterns of `case`.
    pub(super) patterns: Vec<Span>,
}

impl Mentions {
    /// Those of `module`.
    pub(super) fn in_module(module: &Module) -> Self {
        let mut finder = Finder { hidden: Vec::new(), found: Self::default() };
        finder.block(&module.body);
        finder.found
    }

    /// The places of a name, which may be dotted; `None` where it is not certain which they are.
    pub(super) fn of(&self, path: &str) -> Option<&Places> {
        let root = path.split('.').next().unwrap_or(path);
        (!self.unclear.contains(root)).then(|| self.places.get(path).unwrap_or(&self.nowhere))
    }

    /// Whether a function, a comprehension or the like has a variable of that name.
    pub(super) fn binds(&self, name: &str) -> bool {
        self.bound.contains(name)
    }
}

struct Finder {
    /// Variables of what is around, which hide names of the module.
    hidden: Vec<BTreeSet<String>>,
    found: Mentions,
}

impl Finder {
    fn is_hidden(&self, name: &str) -> bool {
        self.hidden.iter().any(|names| names.contains(name))
    }

    fn block(&mut self, body: &[Stmt]) {
        body.iter().for_each(|stmt| self.statement(stmt));
    }

    fn statement(&mut self, stmt: &Stmt) {
        expressions(stmt).into_iter().for_each(|expr| self.expression(expr, false));
        match &stmt.kind {
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                names.iter().for_each(|name| self.is_unclear(&name.name));
            }
            StmtKind::Class(class) => bound_names(&class.body).iter().for_each(|name| self.is_unclear(name)),
            StmtKind::Function(function) => {
                self.note(&function.name.name, &function.name.name, function.name.span, false);
                let locals = local_names(function);
                self.inside(locals, |finder| finder.block(&function.body));
                return;
            }
            StmtKind::Match { cases, .. } => {
                cases.iter().flat_map(|case| &case.values).for_each(|value| self.expression(value, true));
            }
            _ => {}
        }
        blocks(stmt).into_iter().for_each(|block| self.block(block));
    }

    fn expression(&mut self, expr: &Expr, in_pattern: bool) {
        match &expr.kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                if let Some(parts) = expr.dotted() {
                    self.note(parts[0], &parts.join("."), expr.span, in_pattern);
                }
                children(expr).into_iter().for_each(|part| self.expression(part, in_pattern));
            }
            ExprKind::Lambda { parameters, body } => {
                let all = parameters.positional.iter().chain(&parameters.keyword_only);
                let defaults = all.filter_map(|one| one.default.as_ref());
                defaults.for_each(|default| self.expression(default, in_pattern));
                let names = parameter_names(parameters).map(str::to_owned).collect();
                self.inside(names, |finder| finder.expression(body, in_pattern));
            }
            ExprKind::Comprehension { clauses, .. } => {
                let mut names = BTreeSet::new();
                clauses.iter().for_each(|clause| target_names(&clause.target, &mut names));
                let parts = children(expr);
                // Only what the first clause goes over is evaluated outside.
                let (first, rest) = parts.split_at(usize::from(!clauses.is_empty()));
                first.iter().for_each(|part| self.expression(part, in_pattern));
                self.inside(names, |finder| rest.iter().for_each(|part| finder.expression(part, in_pattern)));
            }
            _ => children(expr).into_iter().for_each(|part| self.expression(part, in_pattern)),
        }
    }

    /// Goes on where `names` are variables.
    fn inside(&mut self, names: BTreeSet<String>, find: impl FnOnce(&mut Self)) {
        self.found.bound.extend(names.iter().cloned());
        self.hidden.push(names);
        find(self);
        self.hidden.pop();
    }

    fn note(&mut self, root: &str, path: &str, span: Span, in_pattern: bool) {
        if self.is_hidden(root) {
            return;
        }
        let places = self.found.places.entry(path.to_owned()).or_default();
        if in_pattern { places.patterns.push(span) } else { places.plain.push(span) }
    }

    fn is_unclear(&mut self, name: &str) {
        if !self.is_hidden(name) {
            self.found.unclear.insert(name.to_owned());
        }
    }
}
