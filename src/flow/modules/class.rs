//! Classes: their bases over files, in Python's order, and what their bodies define.

use super::resolve::Found;
use super::{ModuleRef, Modules, top};
use crate::flow::python;
use crate::syntax::tree::{Class, Expr, ExprKind, Function, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// A class with the module that defines it.
#[derive(Debug, Clone)]
pub(in crate::flow) struct ClassRef<'a> {
    /// The defining module.
    pub(in crate::flow) module: ModuleRef<'a>,
    /// Its name there; several for a nested class, outermost first.
    pub(in crate::flow) path: Vec<String>,
    /// The definition; its spans are in the source of `module`.
    pub(in crate::flow) class: &'a Class,
}

/// A class and everything it is, most derived first: Python's `__mro__` without `object`.
#[derive(Debug, Clone)]
pub(in crate::flow) struct ClassChain<'a> {
    /// The classes.
    pub(in crate::flow) links: Vec<ClassLink<'a>>,
    /// Every base is known. Otherwise there may be more of them, anywhere behind the first.
    pub(in crate::flow) is_complete: bool,
}

/// A class in a chain.
#[derive(Debug, Clone)]
pub(in crate::flow) struct ClassLink<'a> {
    /// The defining module; `builtins` for Python's own.
    pub(in crate::flow) module: String,
    /// The qualified name: `Outer.Inner`.
    pub(in crate::flow) name: String,
    /// The definition, when it stands in the project.
    pub(in crate::flow) definition: Option<ClassRef<'a>>,
}

impl ClassLink<'_> {
    /// The name under which a failed message names the class: builtins bare, all others with
    /// their module.
    pub(in crate::flow) fn runtime_name(&self) -> String {
        if self.module == BUILTINS { self.name.clone() } else { format!("{}.{}", self.module, self.name) }
    }
}

/// What a class has under a name.
#[derive(Debug)]
pub(in crate::flow) enum Member<'a> {
    /// A method, and the class whose body defines it.
    Method(ClassRef<'a>, &'a Function),
    /// Something that is not followed, or may come from a base that is not known.
    Unknown,
    /// Certainly nothing.
    Missing,
}

const BUILTINS: &str = "builtins";

/// Bases that add nothing but typing or bookkeeping.
const PLAIN_BASES: &[&str] =
    &["abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol"];

/// Exceptions of the standard library that programs catch, with where they are defined and their
/// base.
#[rustfmt::skip]
const STANDARD_EXCEPTIONS: &[(&str, &str, &str, &str)] = &[
    ("asyncio.CancelledError", "asyncio.exceptions", "CancelledError", "BaseException"),
    ("asyncio.TimeoutError", BUILTINS, "TimeoutError", "OSError"),
    ("concurrent.futures.TimeoutError", BUILTINS, "TimeoutError", "OSError"),
    ("json.JSONDecodeError", "json.decoder", "JSONDecodeError", "ValueError"),
    ("json.decoder.JSONDecodeError", "json.decoder", "JSONDecodeError", "ValueError"),
    ("socket.error", BUILTINS, "OSError", "Exception"),
    ("socket.gaierror", "socket", "gaierror", "OSError"),
    ("socket.timeout", BUILTINS, "TimeoutError", "OSError"),
    ("subprocess.CalledProcessError", "subprocess", "CalledProcessError", "subprocess.SubprocessError"),
    ("subprocess.SubprocessError", "subprocess", "SubprocessError", "Exception"),
    ("subprocess.TimeoutExpired", "subprocess", "TimeoutExpired", "subprocess.SubprocessError"),
    ("urllib.error.HTTPError", "urllib.error", "HTTPError", "urllib.error.URLError"),
    ("urllib.error.URLError", "urllib.error", "URLError", "OSError"),
];

impl<'a> ClassRef<'a> {
    /// The qualified name.
    pub(in crate::flow) fn name(&self) -> String {
        self.path.join(".")
    }

    /// The class `name` of its body.
    pub(in crate::flow) fn nested(&self, name: &str) -> Option<Self> {
        let class = self.class.body.iter().rev().find_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) if class.name.name == name => Some(&**class),
            _ => None,
        })?;
        let mut path = self.path.clone();
        path.push(name.to_owned());
        Some(Self { module: self.module, path, class })
    }

    fn link(&self) -> ClassLink<'a> {
        ClassLink { module: self.module.name().to_owned(), name: self.name(), definition: Some(self.clone()) }
    }
}

impl<'t> Modules<'t> {
    /// The class behind a dotted name of `module`, with all its bases up to the builtins. `None`
    /// when the name does not certainly lead to a class.
    pub(in crate::flow) fn resolve_class<'a>(&'a self, module: ModuleRef<'a>, path: &[&str]) -> Option<ClassChain<'a>> {
        self.chain_of_name(module, path, 0)
    }

    /// The chain of a class.
    pub(in crate::flow) fn chain<'a>(&'a self, class: &ClassRef<'a>) -> ClassChain<'a> {
        self.chain_at(class, 0)
    }

    fn chain_of_name<'a>(&'a self, module: ModuleRef<'a>, path: &[&str], depth: usize) -> Option<ClassChain<'a>> {
        match self.resolve(module, path) {
            Some(Found::Class(class)) => Some(self.chain_at(&class, depth)),
            Some(Found::Value { module, value, .. }) if depth < MAX_DEPTH => {
                self.chain_of_name(module, &value.dotted()?, depth + 1)
            }
            Some(Found::Standard) => standard(&self.full_name(module, path)?),
            Some(Found::Unknown { .. }) => standard(&self.standard_name(module, path, depth)?),
            None if path.len() == 1 => builtin(path[0]),
            _ => None,
        }
    }

    fn chain_at<'a>(&'a self, class: &ClassRef<'a>, depth: usize) -> ClassChain<'a> {
        let mut is_complete = depth < MAX_DEPTH;
        let mut chains = Vec::new();
        for argument in &class.class.arguments {
            // A metaclass and other keywords are no bases.
            if argument.keyword.is_some() {
                continue;
            }
            let base = match &argument.value.kind {
                ExprKind::Subscript { value, .. } => value,
                _ => &argument.value,
            };
            let path = base.dotted().filter(|_| !argument.is_double_starred && is_complete);
            let Some(path) = path else {
                is_complete = false;
                continue;
            };
            if self.full_name(class.module, &path).is_some_and(|name| PLAIN_BASES.contains(&name.as_str())) {
                continue;
            }
            match self.chain_of_name(class.module, &path, depth + 1) {
                Some(chain) => {
                    is_complete &= chain.is_complete;
                    chains.push(chain.links);
                }
                None => is_complete = false,
            }
        }
        let mut links = vec![class.link()];
        match merge(&chains) {
            Some(rest) => links.extend(rest),
            None => is_complete = false,
        }
        ClassChain { links, is_complete }
    }

    /// What a class has under `name`, its bases included.
    pub(in crate::flow) fn class_member<'a>(&'a self, class: &ClassRef<'a>, name: &str) -> Member<'a> {
        let chain = self.chain(class);
        for link in &chain.links {
            let Some(definition) = &link.definition else {
                // Builtin bases have methods of their own.
                return Member::Unknown;
            };
            match in_body(definition.class, name) {
                InBody::Method(function) => return Member::Method(definition.clone(), function),
                InBody::Unknown => return Member::Unknown,
                InBody::Missing if !chain.is_complete => return Member::Unknown,
                InBody::Missing => {}
            }
        }
        let is_plain = chain.links.iter().filter_map(|link| link.definition.as_ref()).all(is_plain);
        let is_certain = chain.is_complete && is_plain && !name.starts_with("__") && !self.is_patched(class, name);
        if is_certain { Member::Missing } else { Member::Unknown }
    }

    /// Names that a class and its bases have, for near matches.
    pub(in crate::flow) fn members_of<'a>(&'a self, class: &ClassRef<'a>) -> Vec<&'a str> {
        let links = self.chain(class).links.into_iter().filter_map(|link| link.definition);
        let methods = links.flat_map(|definition| &definition.class.body).filter_map(|stmt| match &stmt.kind {
            StmtKind::Function(function) => Some(function.name.name.as_str()),
            _ => None,
        });
        methods.filter(|name| !name.starts_with("__")).collect()
    }

    /// `Class.name = …` behind the class.
    fn is_patched(&self, class: &ClassRef<'_>, name: &str) -> bool {
        class.module.tree().body.iter().any(|stmt| assigns_attribute(stmt, name))
    }
}

/// Longer chains of bases and aliases lead in a circle.
const MAX_DEPTH: usize = 50;

/// Nothing but the body says what the class has.
fn is_plain(class: &ClassRef<'_>) -> bool {
    let body = &class.class.body;
    let is_catch_all = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Function(function) => matches!(function.name.name.as_str(), "__getattr__" | "__getattribute__"),
        _ => false,
    };
    class.class.decorators.is_empty()
        && class.class.arguments.iter().all(|argument| argument.keyword.is_none())
        && !body.iter().any(is_catch_all)
}

/// What a class body itself has under a name.
enum InBody<'a> {
    Method(&'a Function),
    Unknown,
    Missing,
}

fn in_body<'a>(class: &'a Class, name: &str) -> InBody<'a> {
    let bound = class.body.iter().rev().find(|stmt| binds(stmt, name)).map(|stmt| &stmt.kind);
    match bound {
        Some(StmtKind::Function(function)) => InBody::Method(function),
        Some(_) => InBody::Unknown,
        None if class.body.iter().any(|stmt| assigns_attribute(stmt, name)) => InBody::Unknown,
        None => InBody::Missing,
    }
}

/// Whether a statement of a class body, or one inside it, binds `name`.
fn binds(stmt: &Stmt, name: &str) -> bool {
    match &stmt.kind {
        StmtKind::Function(function) => return function.name.name == name,
        StmtKind::Class(class) => return class.name.name == name,
        StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
            return names.iter().any(|alias| {
                let bound = alias.alias.as_deref().unwrap_or_else(|| top(&alias.name));
                bound == name || bound == "*"
            });
        }
        _ => {}
    }
    let mut found = false;
    for value in expressions(stmt) {
        walk(value, &mut |expr| {
            found |= expr.is_name(name);
            !found
        });
    }
    // A use is taken for a binding: the answer is then "unknown", never wrong.
    found || blocks(stmt).into_iter().flatten().any(|stmt| binds(stmt, name))
}

/// Whether `anything.name` is assigned in a statement or inside it: `self.run = …`, `Class.run = …`.
fn assigns_attribute(stmt: &Stmt, name: &str) -> bool {
    let is_attribute = |target: &Expr| {
        let mut found = false;
        walk(target, &mut |expr| {
            found |= matches!(&expr.kind, ExprKind::Attribute { attribute, .. } if attribute.name == name);
            !found
        });
        found
    };
    let here = match &stmt.kind {
        StmtKind::Assign { targets, .. } => targets.iter().any(is_attribute),
        StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
            is_attribute(target)
        }
        StmtKind::With { items, .. } => items.iter().filter_map(|(_, target)| target.as_ref()).any(is_attribute),
        StmtKind::Expr(value) => value.root().is_name("setattr") || value.root().is_name("super"),
        _ => false,
    };
    here || blocks(stmt).into_iter().flatten().any(|stmt| assigns_attribute(stmt, name))
}

/// Python's linearisation of several bases; `None` when there is none.
fn merge<'a>(chains: &[Vec<ClassLink<'a>>]) -> Option<Vec<ClassLink<'a>>> {
    let mut open: Vec<&[ClassLink<'a>]> = chains.iter().map(Vec::as_slice).collect();
    // The order of the bases themselves counts as well.
    let bases: Vec<ClassLink<'a>> = chains.iter().filter_map(|chain| chain.first().cloned()).collect();
    open.push(&bases);
    let mut merged = Vec::new();
    loop {
        open.retain(|chain| !chain.is_empty());
        if open.is_empty() {
            return Some(merged);
        }
        let next = open
            .iter()
            .map(|chain| &chain[0])
            .find(|head| !open.iter().any(|chain| chain[1..].iter().any(|other| is_same(head, other))))?;
        let next = next.clone();
        for chain in &mut open {
            if is_same(&chain[0], &next) {
                *chain = &chain[1..];
            }
        }
        merged.push(next);
    }
}

fn is_same(one: &ClassLink<'_>, other: &ClassLink<'_>) -> bool {
    match (&one.definition, &other.definition) {
        (Some(one), Some(other)) => std::ptr::eq(one.class, other.class),
        (None, None) => one.module == other.module && one.name == other.name,
        _ => false,
    }
}

/// The chain of a builtin class.
fn builtin<'a>(name: &str) -> Option<ClassChain<'a>> {
    if !python::is_builtin(name) {
        return None;
    }
    let mut links = Vec::new();
    let mut at = Some(python::exception_alias(name));
    while let Some(name) = at {
        let link = ClassLink { module: BUILTINS.to_owned(), name: name.to_owned(), definition: None };
        links.push(link);
        at = match name {
            // The one builtin exception with two bases.
            "BaseExceptionGroup" if links.len() > 1 => Some("Exception"),
            _ => python::exception_base(name),
        };
    }
    (links.len() > 1 || name == "BaseException").then_some(ClassChain { links, is_complete: true })
}

/// The chain of an exception of the standard library.
fn standard<'a>(full: &str) -> Option<ClassChain<'a>> {
    let known = STANDARD_EXCEPTIONS.iter().find(|(name, ..)| *name == full);
    let Some((_, module, name, base)) = known else {
        let (module, name) = full.rsplit_once('.')?;
        let link = ClassLink { module: module.to_owned(), name: name.to_owned(), definition: None };
        return Some(ClassChain { links: vec![link], is_complete: false });
    };
    let rest = if base.contains('.') { standard(base)? } else { builtin(base)? };
    let mut links = vec![ClassLink { module: (*module).to_owned(), name: (*name).to_owned(), definition: None }];
    links.extend(rest.links);
    Some(ClassChain { links, is_complete: rest.is_complete })
}
