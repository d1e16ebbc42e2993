//! What stands behind names: values, and the full names of what is imported.

use super::class::ClassRef;
use super::names::{Bound, BoundTo};
use super::resolve::{Definition, Found};
use super::{ModuleRef, Modules, Target};
use crate::flow::python;
use crate::syntax::tree::{Expr, ExprKind, StmtKind};

/// How many imports of imports are followed.
const MAX_IMPORTS: usize = 20;

impl Modules<'_> {
    /// The names of a module that can be meant by a near match.
    pub(in crate::flow) fn names_of<'a>(&self, module: ModuleRef<'a>) -> Vec<&'a str> {
        module.names().all().collect()
    }

    /// The function of a module that has the module's own name, or its first public one: what who
    /// calls the module may mean.
    pub(in crate::flow) fn function_inside(&self, module: &str) -> Option<&str> {
        let Target::Module(found) = self.get(module) else { return None };
        let last = module.rsplit('.').next().unwrap_or_default();
        let functions = || {
            found.tree().body.iter().filter_map(|stmt| match &stmt.kind {
                StmtKind::Function(function) => Some(function.name.name.as_str()),
                _ => None,
            })
        };
        functions().find(|name| *name == last).or_else(|| functions().find(|name| !name.starts_with('_')))
    }

    /// Whether calling a value fails whatever the program does.
    pub(in crate::flow) fn cannot_be_called(value: &Expr) -> bool {
        matches!(
            &value.kind,
            ExprKind::Literal(_) | ExprKind::Sequence { .. } | ExprKind::Dict(_) | ExprKind::Comprehension { .. }
        )
    }

    /// The class of an object that `module` makes, and whether it does so without arguments.
    pub(in crate::flow) fn object<'a>(&'a self, module: ModuleRef<'a>, value: &Expr) -> Option<(ClassRef<'a>, bool)> {
        let ExprKind::Call { callee, arguments } = &value.kind else { return None };
        match self.resolve(module, &callee.dotted()?)? {
            Found::Class(class) => Some((class, arguments.is_empty())),
            _ => None,
        }
    }

    /// Whether a value at the top level of `module` is data, or an object of the standard library: its
    /// methods are nothing that an actor would run.
    pub(in crate::flow) fn is_data(&self, module: ModuleRef<'_>, value: &Expr) -> bool {
        let is_standard = |path: &[&str]| self.is_of_standard_library(module, path);
        match &value.kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => value.dotted().is_some_and(|path| is_standard(&path)),
            // `"…".strip()`
            ExprKind::Call { callee, .. } => match &callee.kind {
                ExprKind::Attribute { value, .. } if callee.dotted().is_none() => self.is_data(module, value),
                _ => callee.dotted().is_some_and(|path| is_standard(&path)),
            },
            ExprKind::Await(_) | ExprKind::Lambda { .. } | ExprKind::Yield(_) => false,
            _ => true,
        }
    }

    /// Whether `path` is a builtin or something of the standard library in `module`.
    pub(in crate::flow) fn is_of_standard_library(&self, module: ModuleRef<'_>, path: &[&str]) -> bool {
        self.full_name(module, path).is_some_and(|name| name.starts_with("builtins.") || self.is_standard(&name))
    }

    /// The function behind `name = other` at the top level of `module`.
    pub(in crate::flow) fn alias<'a>(&'a self, module: ModuleRef<'a>, value: &Expr) -> Option<Definition<'a>> {
        match self.resolve(module, &value.dotted()?)? {
            Found::Function { definition, .. } => Some(definition),
            _ => None,
        }
    }

    /// The full name of something of the standard library that reaches `module` through imports of others.
    pub(super) fn standard_name(&self, module: ModuleRef<'_>, path: &[&str], depth: usize) -> Option<String> {
        let name = self.full_name(module, path)?;
        if self.is_standard(&name) {
            return Some(name);
        }
        let parts: Vec<&str> = name.split('.').collect();
        (1..parts.len()).rev().filter(|_| depth < MAX_IMPORTS).find_map(|count| {
            match self.get(&parts[..count].join(".")) {
                Target::Module(from) => self.standard_name(from, &parts[count..], depth + 1),
                _ => None,
            }
        })
    }

    /// The full name of something imported into `module`, as its import says: `functools.cache`.
    pub(in crate::flow) fn full_name(&self, module: ModuleRef<'_>, path: &[&str]) -> Option<String> {
        let (first, rest) = path.split_first()?;
        let mut parts = match module.names().get(first) {
            [Bound { what: BoundTo::Module(module), .. }] => vec![module.as_str()],
            [Bound { what: BoundTo::Member { module: Some(module), member }, .. }] => vec![module.as_str(), member],
            [] if rest.is_empty() && python::is_builtin(first) => vec!["builtins", first],
            _ => return None,
        };
        parts.extend(rest);
        Some(parts.join("."))
    }
}
