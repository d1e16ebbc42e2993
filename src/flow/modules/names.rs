//! The names a module binds at its top level, in the order it binds them.

use std::collections::BTreeMap;

use crate::flow::scope::{absolute, side_by_side};
use crate::source::Span;
use crate::syntax::tree::{Class, Expr, ExprKind, Function, Literal, Module, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// The names of a module. Holds places in the tree instead of references, so that it can be kept
/// beside the tree.
#[derive(Debug, Default)]
pub(super) struct Names {
    bound: BTreeMap<String, Vec<Bound>>,
    stars: Vec<Star>,
    exports: Option<Vec<String>>,
    has_exports: bool,
}

/// One binding of a name.
#[derive(Debug)]
pub(super) struct Bound {
    /// The top-level statement, by its number.
    pub(super) at: usize,
    /// It happens whenever the module is imported.
    pub(super) is_certain: bool,
    /// What to.
    pub(super) what: BoundTo,
    /// Where.
    pub(super) span: Span,
}

/// What a name is bound to.
#[derive(Debug)]
pub(super) enum BoundTo {
    /// The function, class or value of the top-level statement.
    Statement,
    /// `import module as name`.
    Module(String),
    /// `from module import member as name`.
    Member {
        /// The module, relative dots resolved; `None` when they lead out of the top package.
        module: Option<String>,
        /// The name there.
        member: String,
    },
    /// Anything else.
    Other,
}

/// `from module import *`.
#[derive(Debug)]
pub(super) struct Star {
    pub(super) at: usize,
    pub(super) module: Option<String>,
    pub(super) is_certain: bool,
}

/// The function, class or value a top-level statement binds its name to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bindable<'a> {
    Function(&'a Function),
    Class(&'a Class),
    Value(&'a Expr),
}

impl<'a> Bindable<'a> {
    /// What the statement numbered `at` binds.
    pub(super) fn of(tree: &'a Module, at: usize) -> Option<Self> {
        match &tree.body.get(at)?.kind {
            StmtKind::Function(function) => Some(Self::Function(function)),
            StmtKind::Class(class) => Some(Self::Class(class)),
            StmtKind::Assign { value, .. } | StmtKind::AnnAssign { value: Some(value), .. } => Some(Self::Value(value)),
            _ => None,
        }
    }
}

impl Names {
    /// Reads the names of `tree`, which is imported as `module`.
    pub(super) fn of(tree: &Module, module: &str, is_package: bool) -> Self {
        let mut reader = Reader { names: Self::default(), module, is_package };
        for (at, stmt) in tree.body.iter().enumerate() {
            reader.statement(stmt, at, true);
        }
        reader.names
    }

    /// All bindings of a name, in order.
    pub(super) fn get(&self, name: &str) -> &[Bound] {
        self.bound.get(name).map_or(&[], Vec::as_slice)
    }

    /// All `*` imports, in order.
    pub(super) fn stars(&self) -> &[Star] {
        &self.stars
    }

    /// All names.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.bound.keys().map(String::as_str)
    }

    /// Whether `from module import *` takes `name` as far as these names go; `None` when it cannot
    /// be told.
    pub(super) fn exports(&self, name: &str) -> Option<bool> {
        match (&self.exports, self.has_exports) {
            (Some(names), _) => Some(names.iter().any(|known| known == name)),
            (None, true) => None,
            (None, false) => Some(!name.starts_with('_')),
        }
    }
}

struct Reader<'m> {
    names: Names,
    module: &'m str,
    is_package: bool,
}

impl Reader<'_> {
    fn bind(&mut self, name: &str, bound: Bound) {
        self.names.bound.entry(name.to_owned()).or_default().push(bound);
    }

    fn other(&mut self, name: &str, at: usize, span: Span) {
        self.bind(name, Bound { at, is_certain: false, what: BoundTo::Other, span });
    }

    /// Names of the targets of an assignment, `for`, `with`.
    fn targets(&mut self, target: &Expr, at: usize) {
        walk(target, &mut |expr| {
            if let Some(name) = expr.as_name() {
                self.other(name, at, expr.span);
            }
            matches!(expr.kind, ExprKind::Sequence { .. } | ExprKind::Starred(_) | ExprKind::Name(_))
        });
    }

    fn statement(&mut self, stmt: &Stmt, at: usize, is_certain: bool) {
        let what = || if is_certain { BoundTo::Statement } else { BoundTo::Other };
        match &stmt.kind {
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    let (name, module) = match &alias.alias {
                        Some(name) => (name.as_str(), alias.name.as_str()),
                        None => {
                            let top = alias.name.split('.').next().unwrap_or_default();
                            (top, top)
                        }
                    };
                    let what = BoundTo::Module(module.to_owned());
                    self.bind(name, Bound { at, is_certain, what, span: alias.span });
                }
            }
            StmtKind::ImportFrom { module, level, names } => {
                let from = absolute(module.as_deref(), *level, self.module, self.is_package);
                let from = (!from.is_empty() && !from.starts_with('.')).then_some(from);
                for alias in names {
                    if alias.name == "*" {
                        self.names.stars.push(Star { at, module: from.clone(), is_certain });
                        continue;
                    }
                    let what = BoundTo::Member { module: from.clone(), member: alias.name.clone() };
                    let name = alias.alias.as_ref().unwrap_or(&alias.name);
                    self.bind(name, Bound { at, is_certain, what, span: alias.span });
                }
            }
            StmtKind::Function(function) => {
                self.bind(&function.name.name, Bound { at, is_certain, what: what(), span: function.name.span });
                self.globals(&function.body, at);
                return;
            }
            StmtKind::Class(class) => {
                self.bind(&class.name.name, Bound { at, is_certain, what: what(), span: class.name.span });
                self.globals(&class.body, at);
                return;
            }
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] if target.as_name().is_some() => {
                    let name = target.as_name().unwrap_or_default();
                    if name == "__all__" {
                        self.exports(value, is_certain && !self.names.has_exports);
                    }
                    self.bind(name, Bound { at, is_certain, what: what(), span: target.span });
                }
                [Expr { kind: ExprKind::Sequence { items, .. }, .. }] if side_by_side(items, value).is_some() => {
                    for name in items {
                        let bound = Bound { at, is_certain, what: what(), span: name.span };
                        self.bind(name.as_name().unwrap_or_default(), bound);
                    }
                }
                _ if targets.iter().all(|target| target.as_name().is_some_and(|name| name != "__all__")) => {
                    for name in targets {
                        let bound = Bound { at, is_certain, what: what(), span: name.span };
                        self.bind(name.as_name().unwrap_or_default(), bound);
                    }
                }
                _ => targets.iter().for_each(|target| self.targets(target, at)),
            },
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                if let Some(name) = target.as_name() {
                    if name == "__all__" {
                        self.exports(value, is_certain && !self.names.has_exports);
                    }
                    self.bind(name, Bound { at, is_certain, what: what(), span: target.span });
                }
            }
            StmtKind::AugAssign { target, value } => {
                if target.is_name("__all__") {
                    self.more_exports(value, is_certain);
                }
                self.targets(target, at);
            }
            StmtKind::Expr(value) if value.root().is_name("__all__") => self.names.exports = None,
            StmtKind::Delete(targets) => targets.iter().for_each(|target| self.targets(target, at)),
            StmtKind::For { target, .. } => self.targets(target, at),
            StmtKind::With { items, .. } => {
                items.iter().filter_map(|(_, target)| target.as_ref()).for_each(|target| self.targets(target, at));
            }
            StmtKind::TypeAlias(name) => self.targets(name, at),
            _ => {}
        }
        for value in expressions(stmt) {
            walk(value, &mut |expr| {
                if let ExprKind::Named { target, .. } = &expr.kind
                    && let Some(name) = target.as_name()
                {
                    self.other(name, at, expr.span);
                }
                true
            });
        }
        // Inside a compound statement nothing is certain, nor has it a number of its own.
        for stmt in blocks(stmt).into_iter().flatten() {
            self.statement(stmt, at, false);
        }
    }

    /// `global name` in a function: calling it may bind the name.
    fn globals(&mut self, body: &[Stmt], at: usize) {
        for stmt in body {
            if let StmtKind::Global(names) = &stmt.kind {
                names.iter().for_each(|name| self.other(&name.name, at, name.span));
            }
            blocks(stmt).into_iter().for_each(|block| self.globals(block, at));
        }
    }

    fn exports(&mut self, value: &Expr, is_certain: bool) {
        self.names.has_exports = true;
        self.names.exports = if is_certain { strings(value) } else { None };
    }

    fn more_exports(&mut self, value: &Expr, is_certain: bool) {
        self.names.has_exports = true;
        let more = if is_certain { strings(value) } else { None };
        self.names.exports = self.names.exports.take().zip(more).map(|(mut names, more)| {
            names.extend(more);
            names
        });
    }
}

/// The elements of a list or tuple of string literals.
fn strings(value: &Expr) -> Option<Vec<String>> {
    let ExprKind::Sequence { items, .. } = &value.kind else { return None };
    items
        .iter()
        .map(|item| match &item.kind {
            ExprKind::Literal(Literal::Str(text)) => Some(text.clone()),
            _ => None,
        })
        .collect()
}
