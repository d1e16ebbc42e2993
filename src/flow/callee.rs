//! What a call calls: an actor's handler, or something that runs in the router.

use std::collections::{BTreeMap, BTreeSet};

use super::codes;
use super::graph::Handler;
use super::python;
use super::rules::{Behaviour, Decision, Rules};
use super::scope::{Binding, Scope, is_standard};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{Argument, Class, Expr, ExprKind, Function, Parameters, StmtKind};

/// What a call calls.
#[derive(Debug)]
pub(super) enum Callee<'a> {
    /// A function or method of the user's, or of a package that is not Python's own.
    Handler {
        /// Where it lives.
        handler: Handler,
        /// Its definition, when it stands in the flow's own file.
        definition: Option<&'a Function>,
        /// The definition is a method: its first parameter is the object.
        is_method: bool,
    },
    /// A class of the user's: constructs an object.
    Class {
        /// Where it lives.
        handler: ClassPath<'a>,
    },
    /// A builtin, the standard library, or a method of a value: runs in the router.
    Router,
    /// A name that is bound in a way that is not followed.
    Unclear,
    /// A name that is bound nowhere.
    Undefined,
}

/// A class, by module and name, with its definition when that stands in the flow's file.
#[derive(Debug, Clone)]
pub(super) struct ClassPath<'a> {
    /// The dotted module.
    pub(super) module: String,
    /// Its name.
    pub(super) name: String,
    /// Its definition.
    pub(super) definition: Option<&'a Class>,
}

/// An object of the flow: `m` after `m = Model()`.
#[derive(Debug, Clone)]
pub(super) struct Instance<'a> {
    /// Its class.
    pub(super) class: ClassPath<'a>,
    /// Where it was made.
    pub(super) span: Span,
}

/// What is known where a call stands.
pub(super) struct Surroundings<'a, 's> {
    /// The module's names.
    pub(super) scope: &'s Scope<'a>,
    /// The dotted name of the flow's own module.
    pub(super) module: &'s str,
    /// The payload's name.
    pub(super) payload: &'s str,
    /// The objects in sight.
    pub(super) instances: &'s BTreeMap<String, Instance<'a>>,
    /// Top-level modules and packages of the project.
    pub(super) project_modules: &'s BTreeSet<String>,
    /// What comments, wrappers, decorators and rules say.
    pub(super) rules: &'s Rules,
}

impl<'a> Surroundings<'a, '_> {
    /// What `callee` stands for; `bound` are names bound by enclosing comprehensions and lambdas.
    pub(super) fn callee(&self, callee: &Expr, bound: &[String]) -> Callee<'a> {
        if let ExprKind::Attribute { value, attribute } = &callee.kind
            && let ExprKind::Call { callee: class, arguments } = &value.kind
            && arguments.is_empty()
            && let Callee::Class { handler } = self.callee(class, bound)
        {
            return method(&handler, &attribute.name);
        }
        let Some(parts) = callee.dotted() else { return Callee::Router };
        let (root, path) = (parts[0], &parts[1..]);
        if root == self.payload || bound.iter().any(|name| name == root) {
            return Callee::Router;
        }
        if let Some(instance) = self.instances.get(root) {
            return match path {
                [name] => method(&instance.class, name),
                _ => Callee::Unclear,
            };
        }
        let Some(found) = self.scope.get(root) else {
            return if python::is_builtin(root) { Callee::Router } else { Callee::Undefined };
        };
        match found.binding {
            Binding::Module(module) if is_standard(module) => Callee::Router,
            Binding::Module(module) => self.imported(module, path),
            Binding::Member { module, .. } if is_standard(module) => Callee::Router,
            Binding::Member { module, member } => {
                let mut full = vec![member];
                full.extend(path);
                self.imported(module, &full)
            }
            Binding::Function(function) => match path {
                [] => Callee::Handler {
                    handler: self.own(None, &function.name.name),
                    definition: self.function(root),
                    is_method: false,
                },
                _ => Callee::Unclear,
            },
            Binding::Class(class) => {
                let path_of = ClassPath {
                    module: self.module.to_owned(),
                    name: class.name.name.clone(),
                    definition: self.class(root),
                };
                match path {
                    [] => Callee::Class { handler: path_of },
                    [name] => method(&path_of, name),
                    _ => Callee::Unclear,
                }
            }
            Binding::Constant(_) if path.is_empty() => Callee::Unclear,
            Binding::Constant(_) => Callee::Router,
            Binding::Unclear => Callee::Unclear,
        }
    }

    /// What is said about a call: of a handler by anything, of anything else by a comment or a
    /// wrapper.
    pub(super) fn decision(&self, call: &Expr, callee: &Callee<'_>) -> Option<Decision> {
        match callee {
            Callee::Handler { handler, definition, .. } => self.rules.classify(call.span, handler, *definition),
            _ => self.rules.explicit(call.span),
        }
    }

    /// Whether a call is the business of an actor: `is_implicit` counts where nothing is said.
    pub(super) fn is_actor(&self, call: &Expr, callee: &Callee<'_>, is_implicit: bool) -> bool {
        match self.decision(call, callee).map(|decision| decision.behaviour) {
            Some(Behaviour::Actor | Behaviour::Flow | Behaviour::Unfold) => true,
            Some(Behaviour::Inline | Behaviour::Config) => false,
            None => is_implicit,
        }
    }

    /// Whether a handler belongs to the project rather than to an installed package: only then is
    /// a call of it an actor call without an `await` or the payload as its argument.
    pub(super) fn is_project(&self, handler: &Handler) -> bool {
        let top = handler.module.split('.').next().unwrap_or_default();
        handler.module == self.module || self.project_modules.contains(top)
    }

    fn own(&self, class: Option<&str>, function: &str) -> Handler {
        Handler { module: self.module.to_owned(), class: class.map(str::to_owned), function: function.to_owned() }
    }

    fn function(&self, name: &str) -> Option<&'a Function> {
        self.scope.function(name)
    }

    fn class(&self, name: &str) -> Option<&'a Class> {
        self.scope.class(name)
    }

    /// `module.path`: the last name is the function, a capitalised name before it the class.
    fn imported(&self, module: &str, path: &[&str]) -> Callee<'a> {
        let Some((last, before)) = path.split_last() else {
            return Callee::Unclear;
        };
        let (class, packages) = match before.split_last() {
            Some((class, packages)) if is_class_name(class) => (Some((*class).to_owned()), packages),
            _ => (None, before),
        };
        let mut dotted = module.to_owned();
        for package in packages {
            dotted.push('.');
            dotted.push_str(package);
        }
        if class.is_none() && is_class_name(last) {
            return Callee::Class { handler: ClassPath { module: dotted, name: (*last).to_owned(), definition: None } };
        }
        Callee::Handler {
            handler: Handler { module: dotted, class, function: (*last).to_owned() },
            definition: None,
            is_method: false,
        }
    }
}

/// Python's convention; the only sign of a class when its file is not read.
fn is_class_name(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
        || name.len() == 1 && name.starts_with(char::is_uppercase)
}

fn method<'a>(class: &ClassPath<'a>, name: &str) -> Callee<'a> {
    let handler = Handler { module: class.module.clone(), class: Some(class.name.clone()), function: name.to_owned() };
    let definition = class.definition.and_then(|definition| method_of(definition, name));
    let is_method = definition.is_some_and(|function| !is_static(function));
    Callee::Handler { handler, definition, is_method }
}

/// The definition of a handler that lives in `module`, when this file is that module.
pub(super) fn definition<'a>(handler: &Handler, module: &str, scope: &Scope<'a>) -> Option<&'a Function> {
    if handler.module != module {
        return None;
    }
    match &handler.class {
        Some(class) => method_of(scope.class(class)?, &handler.function),
        None => scope.function(&handler.function),
    }
}

/// The method `name` of a class, when the class body defines it.
pub(super) fn method_of<'a>(class: &'a Class, name: &str) -> Option<&'a Function> {
    class.body.iter().rev().find_map(|stmt| match &stmt.kind {
        StmtKind::Function(function) if function.name.name == name => Some(&**function),
        _ => None,
    })
}

fn is_static(function: &Function) -> bool {
    function.decorators.iter().any(|decorator| decorator.is_name("staticmethod"))
}

/// Whether a function can be called as `f(payload)`; `skip` parameters are filled already.
pub(super) fn takes_one_payload(parameters: &Parameters, skip: usize) -> bool {
    let positional = parameters.positional.get(skip..).unwrap_or_default();
    let required = positional.iter().filter(|parameter| parameter.default.is_none()).count();
    let has_room = !positional.is_empty() || parameters.variadic.is_some();
    has_room && required <= 1 && parameters.keyword_only.iter().all(|parameter| parameter.default.is_some())
}

/// The `__init__` of a class that needs arguments (`docs/platform/protocol.md`: every parameter
/// of a handler class needs a default).
pub(super) fn construction_error(class: &ClassPath<'_>, span: Span) -> Option<Diagnostic> {
    let init = method_of(class.definition?, "__init__")?;
    let parameters = &init.parameters;
    let needed = parameters.positional.iter().skip(1).chain(&parameters.keyword_only);
    let missing = needed.filter(|parameter| parameter.default.is_none()).map(|parameter| &parameter.name).next();
    let offender = missing.or(parameters.variadic.as_ref()).or(parameters.keywords.as_ref())?;
    Some(
        Diagnostic::error(span, format!("`{}` cannot be constructed without arguments", class.name))
            .code(codes::CONSTRUCTION)
            .related(offender.span, "this parameter has no default")
            .note("an actor makes one object when it starts, with no arguments")
            .help("give every parameter of `__init__` a default, or read the settings inside `__init__`"),
    )
}

/// Whether the arguments are exactly the payload.
pub(super) fn is_just_payload(arguments: &[Argument], payload: &str) -> bool {
    matches!(arguments, [only] if only.keyword.is_none() && !only.is_double_starred && only.value.is_name(payload))
}
