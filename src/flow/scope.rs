//! What the names of a module stand for.

use std::collections::BTreeMap;

use super::python;
use crate::source::Span;
use crate::syntax::tree::{Alias, Class, Expr, ExprKind, Function, Module, Stmt, StmtKind};

/// What a name of the module is bound to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Binding<'a> {
    /// `import module as name`: stands for the module.
    Module(&'a str),
    /// `from module import member as name`.
    Member {
        /// The module, relative dots resolved.
        module: &'a str,
        /// The name there.
        member: &'a str,
    },
    /// `def name`.
    Function(&'a Function),
    /// `class name`.
    Class(&'a Class),
    /// `name = value` at top level, once.
    Constant(&'a Expr),
    /// Bound more than once, under a condition, or in a way that is not followed.
    Unclear,
}

/// A binding and the top-level statement it comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound<'a> {
    /// What it is.
    pub(super) binding: Binding<'a>,
    /// The statement (for imports: the one name).
    pub(super) span: Span,
}

/// Owned parts of import bindings.
#[derive(Debug)]
enum Owned {
    Module(String),
    Member { module: String, member: String },
}

/// The top-level names of a module.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    names: BTreeMap<&'a str, Entry<'a>>,
    stars: Vec<Span>,
    star_modules: Vec<String>,
    together: BTreeMap<Span, Vec<&'a str>>,
}

#[derive(Debug)]
enum Entry<'a> {
    Import(Owned, Span),
    Other(Bound<'a>),
}

impl<'a> Scope<'a> {
    /// Reads the top level of `module`, which is imported as `name`. Names bound below the top
    /// level (under `if`, `try`, …) or twice are unclear; what is under `if TYPE_CHECKING` too.
    pub(super) fn of(module: &'a Module, name: &str, is_package: bool) -> Self {
        let mut scope =
            Self { names: BTreeMap::new(), stars: Vec::new(), star_modules: Vec::new(), together: BTreeMap::new() };
        for stmt in &module.body {
            scope.add(stmt, name, is_package);
        }
        scope
    }

    fn add(&mut self, stmt: &'a Stmt, own_name: &str, is_package: bool) {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Import(aliases) => aliases.iter().for_each(|alias| self.import(alias)),
            StmtKind::ImportFrom { module, level, names } => {
                let from = absolute(module.as_deref(), *level, own_name, is_package);
                for alias in names {
                    if alias.name == "*" {
                        self.stars.push(alias.span);
                        self.star_modules.push(from.clone());
                        continue;
                    }
                    let bound = alias.alias.as_ref().unwrap_or(&alias.name);
                    let owned = Owned::Member { module: from.clone(), member: alias.name.clone() };
                    self.bind(bound, Entry::Import(owned, alias.span));
                }
            }
            StmtKind::Function(function) => self.bind_other(&function.name.name, Binding::Function(function), span),
            StmtKind::Class(class) => self.bind_other(&class.name.name, Binding::Class(class), span),
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] if target.as_name().is_some() => {
                    self.bind_other(target.as_name().unwrap_or_default(), Binding::Constant(value), span);
                }
                [Expr { kind: ExprKind::Sequence { items: names, .. }, .. }]
                    if let Some(values) = side_by_side(names, value) =>
                {
                    for (name, value) in names.iter().zip(values) {
                        self.bind_together(name, value, span);
                    }
                }
                _ if targets.iter().all(|target| target.as_name().is_some()) => {
                    for target in targets {
                        self.bind_together(target, value, span);
                    }
                }
                _ => targets.iter().for_each(|target| self.unclear_targets(target, span)),
            },
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                if let Some(name) = target.as_name() {
                    self.bind_other(name, Binding::Constant(value), span);
                }
            }
            _ => self.unclear(stmt),
        }
    }

    fn import(&mut self, alias: &'a Alias) {
        let (bound, module) = match &alias.alias {
            Some(bound) => (bound.as_str(), alias.name.clone()),
            None => {
                let top = alias.name.split('.').next().unwrap_or_default();
                (top, top.to_owned())
            }
        };
        if let Some(Entry::Import(Owned::Module(known), _)) = self.names.get(bound)
            && *known == module
        {
            return;
        }
        self.bind(bound, Entry::Import(Owned::Module(module), alias.span));
    }

    fn bind(&mut self, name: &'a str, entry: Entry<'a>) {
        let span = match &entry {
            Entry::Import(_, span) => *span,
            Entry::Other(bound) => bound.span,
        };
        let unclear = Entry::Other(Bound { binding: Binding::Unclear, span });
        let entry = if self.names.contains_key(name) { unclear } else { entry };
        self.names.insert(name, entry);
    }

    fn bind_other(&mut self, name: &'a str, binding: Binding<'a>, span: Span) {
        self.bind(name, Entry::Other(Bound { binding, span }));
    }

    fn bind_together(&mut self, target: &'a Expr, value: &'a Expr, span: Span) {
        let name = target.as_name().unwrap_or_default();
        self.bind_other(name, Binding::Constant(value), span);
        self.together.entry(span).or_default().push(name);
    }

    fn unclear_targets(&mut self, target: &'a Expr, span: Span) {
        crate::syntax::walk(target, &mut |expr| {
            if let Some(name) = expr.as_name() {
                self.bind_other(name, Binding::Unclear, span);
            }
            true
        });
    }

    /// Every name that a compound statement could bind.
    fn unclear(&mut self, stmt: &'a Stmt) {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    let name = alias.alias.as_deref().or_else(|| alias.name.split('.').next()).unwrap_or_default();
                    self.bind_other(name, Binding::Unclear, span);
                }
            }
            StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    self.bind_other(alias.alias.as_deref().unwrap_or(&alias.name), Binding::Unclear, span);
                }
            }
            StmtKind::Function(function) => self.bind_other(&function.name.name, Binding::Unclear, span),
            StmtKind::Class(class) => self.bind_other(&class.name.name, Binding::Unclear, span),
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|target| self.unclear_targets(target, span)),
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                self.unclear_targets(target, span);
            }
            StmtKind::For { target, body, orelse, .. } => {
                self.unclear_targets(target, span);
                body.iter().chain(orelse).for_each(|stmt| self.unclear(stmt));
            }
            StmtKind::While { body, orelse, .. } => body.iter().chain(orelse).for_each(|stmt| self.unclear(stmt)),
            StmtKind::If { branches, orelse } => {
                branches.iter().flat_map(|branch| &branch.body).chain(orelse).for_each(|stmt| self.unclear(stmt));
            }
            StmtKind::With { items, body, .. } => {
                items.iter().filter_map(|(_, target)| target.as_ref()).for_each(|target| {
                    self.unclear_targets(target, span);
                });
                body.iter().for_each(|stmt| self.unclear(stmt));
            }
            StmtKind::Try { body, handlers, orelse, finalbody, .. } => {
                let clauses = handlers.iter().flat_map(|handler| &handler.body);
                body.iter().chain(clauses).chain(orelse).chain(finalbody).for_each(|stmt| self.unclear(stmt));
            }
            StmtKind::Match { cases, .. } => {
                cases.iter().flat_map(|case| &case.body).for_each(|stmt| self.unclear(stmt));
            }
            _ => {}
        }
    }

    /// What `name` is bound to at the top level.
    pub(super) fn get(&self, name: &str) -> Option<Bound<'_>> {
        self.names.get(name).map(|entry| match entry {
            Entry::Import(Owned::Module(module), span) => Bound { binding: Binding::Module(module), span: *span },
            Entry::Import(Owned::Member { module, member }, span) => {
                Bound { binding: Binding::Member { module, member }, span: *span }
            }
            Entry::Other(bound) => *bound,
        })
    }

    /// The function `name` is bound to.
    pub(super) fn function(&self, name: &str) -> Option<&'a Function> {
        match self.names.get(name)? {
            Entry::Other(Bound { binding: Binding::Function(function), .. }) => Some(function),
            _ => None,
        }
    }

    /// The class `name` is bound to.
    pub(super) fn class(&self, name: &str) -> Option<&'a Class> {
        match self.names.get(name)? {
            Entry::Other(Bound { binding: Binding::Class(class), .. }) => Some(class),
            _ => None,
        }
    }

    /// The value `name` is bound to, once, at the top level.
    pub(super) fn constant(&self, name: &str) -> Option<&'a Expr> {
        match self.names.get(name)? {
            Entry::Other(Bound { binding: Binding::Constant(value), .. }) => Some(value),
            _ => None,
        }
    }

    /// The names that one statement binds together: `LOW, HIGH = 1, 2`.
    pub(super) fn bound_at(&self, span: Span) -> &[&'a str] {
        self.together.get(&span).map_or(&[], Vec::as_slice)
    }

    /// All names, for near matches.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().copied()
    }

    /// The `*` of every star import.
    pub(super) fn stars(&self) -> &[Span] {
        &self.stars
    }

    /// The modules of the `from … import *`.
    pub(super) fn star_modules(&self) -> &[String] {
        &self.star_modules
    }
}

/// The values of `LOW, HIGH = 1, 2`, one for each name.
pub(super) fn side_by_side<'a>(names: &[Expr], value: &'a Expr) -> Option<&'a [Expr]> {
    let ExprKind::Sequence { items, .. } = &value.kind else { return None };
    let is_one_each = names.len() == items.len()
        && names.iter().all(|name| name.as_name().is_some())
        && !items.iter().any(|item| matches!(item.kind, ExprKind::Starred(_)));
    is_one_each.then_some(items)
}

/// The absolute name of `from <dots><module>` inside the module `own_name`.
pub(super) fn absolute(module: Option<&str>, level: u32, own_name: &str, is_package: bool) -> String {
    if level == 0 {
        return module.unwrap_or_default().to_owned();
    }
    let mut parts: Vec<&str> = own_name.split('.').collect();
    let up = if is_package { level - 1 } else { level };
    for _ in 0..up {
        parts.pop();
    }
    parts.extend(module);
    parts.join(".")
}

/// Whether a dotted module belongs to the standard library.
pub(super) fn is_standard(module: &str) -> bool {
    module.split('.').next().is_some_and(python::is_standard_module)
}
