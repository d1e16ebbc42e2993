//! From a dotted name to its definition, through imports and re-exports.

use super::class::ClassRef;
use super::decorators::decorator_keeps_signature;
use super::names::{Bindable, Bound, BoundTo};
use super::{ModuleRef, Modules, Target};
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, Function, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// A function with the module that defines it.
#[derive(Debug, Clone, Copy)]
pub(in crate::flow) struct Definition<'a> {
    /// The defining module.
    pub(in crate::flow) module: ModuleRef<'a>,
    /// The definition; its spans are in the source of `module`.
    pub(in crate::flow) function: &'a Function,
    /// No decorator may have given it other parameters or another result than it shows.
    pub(in crate::flow) is_plain: bool,
}

impl<'a> Definition<'a> {
    /// The definition `function` of `module`.
    pub(in crate::flow) fn new(modules: &Modules<'_>, module: ModuleRef<'a>, function: &'a Function) -> Self {
        let is_plain = function.decorators.iter().all(|it| decorator_keeps_signature(modules, module, it));
        Self { module, function, is_plain }
    }

    /// Whether calling it certainly gives something that has to be awaited. An asynchronous generator
    /// is none; as a handler it streams.
    pub(in crate::flow) fn must_be_awaited(&self) -> bool {
        self.is_plain && self.function.is_async && !yields(&self.function.body)
    }

    /// Whether calling it certainly gives something that cannot be awaited.
    pub(in crate::flow) fn cannot_be_awaited(&self) -> bool {
        self.is_plain && !self.function.is_async
    }

    /// The file the definition stands in.
    pub(in crate::flow) fn source(&self) -> &'a Source {
        self.module.source()
    }
}

/// What a dotted name stands for.
#[derive(Debug)]
pub(in crate::flow) enum Found<'a> {
    /// A function, called `name` in its defining module.
    Function { definition: Definition<'a>, name: String },
    /// A class.
    Class(ClassRef<'a>),
    /// A module.
    Module(String),
    /// A value assigned at the top level of `module`.
    Value { module: ModuleRef<'a>, name: String, value: &'a Expr, span: Span },
    /// Something of the standard library.
    Standard,
    /// Something that cannot be followed: the last module that was reached, and the names from there.
    Unknown { module: String, path: Vec<String> },
    /// Certainly nothing.
    Missing(Missing<'a>),
}

/// A name that its module does not have.
#[derive(Debug)]
pub(in crate::flow) struct Missing<'a> {
    /// The module.
    pub(in crate::flow) module: ModuleRef<'a>,
    /// The name.
    pub(in crate::flow) name: String,
    /// Imports on the way there, outermost first; the flow's own is not among them.
    pub(in crate::flow) via: Vec<(Source, Span)>,
    /// The imports lead back to where they started.
    pub(in crate::flow) is_circle: bool,
}

/// Names already on the way, so that imports in a circle end.
type InProgress<'a> = Vec<(ModuleRef<'a>, String)>;

impl<'t> Modules<'t> {
    /// What `path` stands for at the top level of `module`. `None` when its first name is bound
    /// there in no way at all, as it is for builtins.
    pub(in crate::flow) fn resolve<'a>(&'a self, module: ModuleRef<'a>, path: &[&str]) -> Option<Found<'a>> {
        let (first, rest) = path.split_first()?;
        let found = match self.in_module(module, first, &mut InProgress::new()) {
            Found::Missing(Missing { module: at, via, .. }) if at.is_same(module) && via.is_empty() => return None,
            found => found,
        };
        Some(self.follow(found, rest))
    }

    /// What `module.path` stands for.
    pub(in crate::flow) fn resolve_absolute(&self, module: &str, path: &[&str]) -> Found<'_> {
        match path.split_first() {
            None => Found::Module(module.to_owned()),
            Some((first, rest)) => self.follow(self.member(module, first, &mut InProgress::new()), rest),
        }
    }

    /// The definition that `path` leads to through modules of the project, as `tools.texts.clean` does: its
    /// module, and its name there.
    pub(in crate::flow) fn through_modules<'a>(
        &'a self,
        module: ModuleRef<'a>,
        path: &[&str],
    ) -> Option<(ModuleRef<'a>, String)> {
        let (_, before) = path.split_last()?;
        match self.resolve(module, before)? {
            Found::Module(name) if !self.is_standard(&name) => {}
            _ => return None,
        }
        match self.resolve(module, path)? {
            Found::Function { definition, name } => Some((definition.module, name)),
            Found::Value { module, name, .. } => Some((module, name)),
            Found::Class(ClassRef { module, path, .. }) if path.len() == 1 => Some((module, path[0].clone())),
            _ => None,
        }
    }

    fn follow<'a>(&'a self, mut found: Found<'a>, rest: &[&str]) -> Found<'a> {
        for (at, name) in rest.iter().enumerate() {
            found = match found {
                Found::Module(module) if self.is_standard(&module) => return Found::Standard,
                Found::Module(module) => self.member(&module, name, &mut InProgress::new()),
                Found::Unknown { module, mut path } => {
                    path.extend(rest[at..].iter().map(|name| (*name).to_owned()));
                    return Found::Unknown { module, path };
                }
                Found::Class(class) => match class.nested(name) {
                    Some(inner) => Found::Class(inner),
                    None => {
                        return unknown(
                            class.module.name(),
                            class.path.iter().map(String::as_str).chain(rest[at..].iter().copied()),
                        );
                    }
                },
                Found::Function { definition, name } => {
                    return unknown(
                        definition.module.name(),
                        [name.as_str()].into_iter().chain(rest[at..].iter().copied()),
                    );
                }
                Found::Value { module, name, .. } => {
                    return unknown(module.name(), [name.as_str()].into_iter().chain(rest[at..].iter().copied()));
                }
                Found::Standard | Found::Missing(_) => return found,
            };
        }
        found
    }

    /// `from module import name`.
    fn member<'a>(&'a self, module: &str, name: &str, way: &mut InProgress<'a>) -> Found<'a> {
        match self.get(module) {
            Target::Module(module) => self.in_module(module, name, way),
            Target::Namespace => match self.get(&format!("{module}.{name}")) {
                Target::Missing => unknown(module, [name]),
                _ => Found::Module(format!("{module}.{name}")),
            },
            Target::Standard => Found::Standard,
            Target::Missing | Target::Opaque => unknown(module, [name]),
        }
    }

    fn in_module<'a>(&'a self, module: ModuleRef<'a>, name: &str, way: &mut InProgress<'a>) -> Found<'a> {
        if way.iter().any(|(at, known)| at.name() == module.name() && known == name) {
            return self.submodule(module, name).unwrap_or_else(|| missing(module, name, true));
        }
        way.push((module, name.to_owned()));
        let found = self.bound(module, name, way);
        way.pop();
        found
    }

    fn bound<'a>(&'a self, module: ModuleRef<'a>, name: &str, way: &mut InProgress<'a>) -> Found<'a> {
        let bindings = module.names().get(name);
        let Some(last) = bindings.last() else { return self.unbound(module, name, way) };
        // A later `*` import may bind it again.
        let later = module.names().stars().iter().filter(|star| star.at > last.at);
        let is_clear = last.is_certain
            && later.into_iter().all(|star| {
                star.module.as_deref().is_some_and(|from| self.exports(from, name, &mut Vec::new()) == Some(false))
            });
        if !is_clear {
            return unknown(module.name(), [name]);
        }
        let is_own_submodule = |what: &BoundTo| match what {
            BoundTo::Member { module: Some(from), .. } | BoundTo::Module(from) => {
                from == module.name() || *from == format!("{}.{name}", module.name())
            }
            _ => false,
        };
        // Importing a submodule puts it over whatever the package calls by its name.
        if module.loaded.is_package && !is_own_submodule(&last.what) && self.submodule(module, name).is_some() {
            return unknown(module.name(), [name]);
        }
        self.binding(module, name, last, way)
    }

    fn binding<'a>(
        &'a self,
        module: ModuleRef<'a>,
        name: &str,
        bound: &'a Bound,
        way: &mut InProgress<'a>,
    ) -> Found<'a> {
        match &bound.what {
            BoundTo::Statement => match Bindable::of(module.tree(), bound.at) {
                Some(Bindable::Function(function)) => {
                    Found::Function { definition: Definition::new(self, module, function), name: name.to_owned() }
                }
                Some(Bindable::Class(class)) => Found::Class(ClassRef { module, path: vec![name.to_owned()], class }),
                Some(Bindable::Value(value)) => Found::Value { module, name: name.to_owned(), value, span: bound.span },
                None => unknown(module.name(), [name]),
            },
            BoundTo::Module(other) => Found::Module(other.clone()),
            BoundTo::Member { module: Some(from), member } => {
                let is_own = module.is_same(self.own());
                match self.member(from, member, way) {
                    // What a package takes from outside the project is known under the package's name.
                    Found::Unknown { module: at, path } => {
                        let is_followed =
                            !matches!(self.get(&at), Target::Missing | Target::Opaque | Target::Namespace);
                        if is_own || is_followed {
                            Found::Unknown { module: at, path }
                        } else {
                            unknown(module.name(), [name])
                        }
                    }
                    Found::Standard if !is_own => unknown(module.name(), [name]),
                    Found::Missing(mut missing) => {
                        if !is_own {
                            missing.via.insert(0, (module.source().clone(), bound.span));
                        }
                        Found::Missing(missing)
                    }
                    found => found,
                }
            }
            BoundTo::Member { module: None, .. } | BoundTo::Other => unknown(module.name(), [name]),
        }
    }

    /// A name that no statement of the module binds: a `*` import, a submodule, or nothing.
    fn unbound<'a>(&'a self, module: ModuleRef<'a>, name: &str, way: &mut InProgress<'a>) -> Found<'a> {
        for star in module.names().stars().iter().rev() {
            let from = star.module.as_deref().filter(|_| star.is_certain);
            match from.map(|from| (from, self.exports(from, name, &mut Vec::new()))) {
                Some((from, Some(true))) => return self.member(from, name, way),
                Some((_, Some(false))) => {}
                _ => return unknown(module.name(), [name]),
            }
        }
        if let Some(submodule) = self.submodule(module, name) {
            return submodule;
        }
        if (name.starts_with("__") && name.ends_with("__")) || is_dynamic(module) {
            return unknown(module.name(), [name]);
        }
        missing(module, name, false)
    }

    /// The module whose `*` import certainly brings `name` into the flow's own file.
    pub(in crate::flow) fn star_with(&self, name: &str) -> Option<&str> {
        for star in self.own().names().stars().iter().rev() {
            let from = star.module.as_deref().filter(|_| star.is_certain)?;
            if self.exports(from, name, &mut Vec::new())? {
                return Some(from);
            }
        }
        None
    }

    fn submodule<'a>(&'a self, module: ModuleRef<'a>, name: &str) -> Option<Found<'a>> {
        if !module.loaded.is_package {
            return None;
        }
        let full = format!("{}.{name}", module.name());
        (!matches!(self.get(&full), Target::Missing)).then_some(Found::Module(full))
    }

    /// Whether `from module import *` binds `name`; `None` when it cannot be told.
    fn exports(&self, module: &str, name: &str, seen: &mut Vec<String>) -> Option<bool> {
        let Target::Module(module) = self.get(module) else { return None };
        if seen.iter().any(|known| known == module.name()) {
            return Some(false);
        }
        seen.push(module.name().to_owned());
        let is_listed = module.names().exports(name)?;
        if !is_listed {
            return Some(false);
        }
        if !module.names().get(name).is_empty() {
            return Some(true);
        }
        for star in module.names().stars() {
            match self.exports(star.module.as_deref()?, name, seen) {
                Some(false) => {}
                other => return other,
            }
        }
        if is_dynamic(module) || self.submodule(module, name).is_some() { None } else { Some(false) }
    }
}

/// Whether a function body has a `yield` of its own.
fn yields(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| {
        let mut found = false;
        for value in expressions(stmt) {
            walk(value, &mut |expr| {
                found |= matches!(expr.kind, ExprKind::Yield(_));
                !matches!(expr.kind, ExprKind::Lambda { .. })
            });
        }
        let is_nested = matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
        found || (!is_nested && blocks(stmt).into_iter().any(yields))
    })
}

fn unknown<'a>(module: &str, path: impl IntoIterator<Item = impl Into<String>>) -> Found<'a> {
    Found::Unknown { module: module.to_owned(), path: path.into_iter().map(Into::into).collect() }
}

fn missing<'a>(module: ModuleRef<'a>, name: &str, is_circle: bool) -> Found<'a> {
    Found::Missing(Missing { module, name: name.to_owned(), via: Vec::new(), is_circle })
}

/// Whether a module may have names that no statement shows.
fn is_dynamic(module: ModuleRef<'_>) -> bool {
    module.is_dynamic(|| {
        !module.names().get("__getattr__").is_empty() || module.tree().body.iter().any(|stmt| binds_unseen(stmt, true))
    })
}

fn binds_unseen(stmt: &Stmt, is_top: bool) -> bool {
    // The names a pattern binds are not in the tree.
    if is_top && matches!(stmt.kind, StmtKind::Match { .. }) {
        return true;
    }
    let is_inside = matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_));
    expressions(stmt).into_iter().any(|value| {
        let mut found = false;
        walk(value, &mut |expr| {
            found |= match &expr.kind {
                ExprKind::Name(name) => {
                    matches!(name.as_str(), "globals" | "exec" | "setattr")
                        || (is_top && matches!(name.as_str(), "vars" | "locals"))
                }
                ExprKind::Attribute { value, attribute } => {
                    attribute.name == "__dict__" || (attribute.name == "modules" && value.is_name("sys"))
                }
                _ => false,
            };
            !found
        });
        found
    }) || blocks(stmt).into_iter().flatten().any(|stmt| binds_unseen(stmt, is_top && !is_inside))
}
