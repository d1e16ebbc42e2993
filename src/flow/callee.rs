//! What a call calls: an actor's handler, or something that runs in the router.

use std::collections::{BTreeMap, BTreeSet};

use super::codes;
use super::graph::Handler;
use super::modules::{ClassRef, Definition, Found, Member, ModuleRef, Modules, Target};
use super::python;
use super::rules::{Behaviour, Decision, Names};
use super::scope::{Binding, Scope};
use super::unresolved;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind, Function};

/// What a call calls.
#[derive(Debug)]
pub(super) enum Callee<'a> {
    /// A function or method of the user's, or of a package that is not Python's own.
    Handler {
        /// Where it lives.
        handler: Handler,
        /// Its definition, when it stands in the project.
        definition: Option<Definition<'a>>,
        /// The definition is a method: its first parameter is the object.
        is_method: bool,
        /// Why no actor can run it.
        problem: Option<Box<Diagnostic>>,
        /// It is said to be an actor: by a directive, a wrapper, a decorator or a rule.
        is_explicit: bool,
    },
    /// A function that runs as a part of the flow.
    Helper(Definition<'a>),
    /// A class of the user's: constructs an object.
    Class {
        /// Where it lives.
        handler: ClassPath<'a>,
    },
    /// A function that somebody says is to run in the router, and where this file says so.
    Inline(Option<Span>),
    /// A builtin, the standard library, or a method of a value: runs in the router.
    Router,
    /// A name that is bound in a way that is not followed.
    Unclear,
    /// A name that is bound nowhere.
    Undefined,
}

/// A class, by module and name, with its definition when that stands in the project.
#[derive(Debug, Clone)]
pub(super) struct ClassPath<'a> {
    /// The dotted module.
    pub(super) module: String,
    /// Its name.
    pub(super) name: String,
    /// Its definition.
    pub(super) definition: Option<ClassRef<'a>>,
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
    /// The modules of the project.
    pub(super) modules: &'a Modules<'a>,
    /// The module the code stands in.
    pub(super) home: ModuleRef<'a>,
    /// Its dotted name.
    pub(super) module: &'s str,
    /// The names the function binds, the payload's among them.
    pub(super) locals: &'s BTreeSet<String>,
    /// The objects in sight.
    pub(super) instances: &'s BTreeMap<String, Instance<'a>>,
    /// Callees that something else stands for in the router.
    pub(super) settled: &'s BTreeSet<Span>,
    /// Top-level modules and packages of the project.
    pub(super) project_modules: &'s BTreeSet<String>,
}

impl<'a> Surroundings<'a, '_> {
    /// What `callee` stands for; `bound` are names bound by enclosing comprehensions and lambdas.
    pub(super) fn callee(&self, callee: &Expr, bound: &[String]) -> Callee<'a> {
        match self.found(callee, bound) {
            Callee::Handler { handler, definition, is_method, problem, .. } => {
                let names = Names { scope: self.scope, module: self.module, locals: None };
                let symbols = || [Some(handler.dotted()), names.symbol(callee)];
                match self.home.rules().classify(callee.span, symbols, definition.as_ref()) {
                    Some(decision) => decided(decision, callee.span, handler, definition, is_method, problem),
                    None => Callee::Handler { handler, definition, is_method, problem, is_explicit: false },
                }
            }
            found => found,
        }
    }

    /// The class that `callee` stands for, if it is one.
    pub(super) fn class(&self, callee: &Expr) -> Option<ClassPath<'a>> {
        match self.found(callee, &[]) {
            Callee::Class { handler } => Some(handler),
            _ => None,
        }
    }

    /// What a callee stands for before anybody says what becomes of it.
    fn found(&self, callee: &Expr, bound: &[String]) -> Callee<'a> {
        let span = callee.span;
        if self.settled.contains(&span) {
            return Callee::Router;
        }
        if let ExprKind::Attribute { value, attribute } = &callee.kind
            && let ExprKind::Call { callee: class, arguments } = &value.kind
            && arguments.is_empty()
            && let Callee::Class { handler } = self.found(class, bound)
        {
            return self.method_of_new(&handler, &attribute.name, span);
        }
        let Some(parts) = callee.dotted() else { return Callee::Router };
        let (root, path) = (parts[0], &parts[1..]);
        if bound.iter().any(|name| name == root) {
            return Callee::Router;
        }
        if let Some(instance) = self.instances.get(root) {
            return match path {
                [name] => self.method(&instance.class, name, span),
                _ => Callee::Unclear,
            };
        }
        if self.locals.contains(root) {
            return Callee::Router;
        }
        let Some(found) = self.scope.get(root) else {
            return match self.modules.star_with(root) {
                Some(module) => self.imported(module, &parts, span),
                None if python::is_builtin(root) => Callee::Router,
                None => Callee::Undefined,
            };
        };
        match found.binding {
            Binding::Module(module) if self.modules.is_standard(module) => Callee::Router,
            Binding::Module(module) => self.imported(module, path, span),
            Binding::Member { module, .. } if self.modules.is_standard(module) => Callee::Router,
            Binding::Member { module, member } => {
                let mut full = vec![member];
                full.extend(path);
                self.imported(module, &full, span)
            }
            Binding::Function(function) => match path {
                [] => Callee::Handler {
                    handler: Handler::function(self.module, &function.name.name),
                    definition: self.scope.function(root).map(|function| self.own(function)),
                    is_method: false,
                    problem: None,
                    is_explicit: false,
                },
                _ => Callee::Unclear,
            },
            Binding::Class(class) => {
                let name = &class.name.name;
                let definition =
                    self.scope.class(root).map(|class| ClassRef { module: self.home, path: vec![name.clone()], class });
                let path_of = ClassPath { module: self.module.to_owned(), name: name.clone(), definition };
                match path {
                    [] => Callee::Class { handler: path_of },
                    [name] => self.method_of_new(&path_of, name, span),
                    _ => Callee::Unclear,
                }
            }
            Binding::Constant(_) if path.is_empty() => Callee::Unclear,
            Binding::Constant(value) if path.len() == 1 && self.modules.object(self.home, value).is_some() => {
                self.method_of_object(self.home, value, root, found.span, path[0], span)
            }
            Binding::Constant(_) => Callee::Router,
            Binding::Unclear => Callee::Unclear,
        }
    }

    /// Whether a name stands for a function of the module that is marked as a part of flows.
    pub(super) fn is_part(&self, name: &str) -> bool {
        self.scope
            .function(name)
            .and_then(|function| self.home.rules().mark(function))
            .is_some_and(|behaviour| matches!(behaviour, Behaviour::Flow | Behaviour::Unfold))
    }

    /// Whether a handler belongs to the project rather than to an installed package: only then is
    /// a call of it an actor call without an `await` or the payload as its argument.
    pub(super) fn is_project(&self, handler: &Handler) -> bool {
        let top = handler.module.split('.').next().unwrap_or_default();
        handler.module == self.module
            || self.project_modules.contains(top)
            || !matches!(self.modules.get(top), Target::Missing | Target::Standard)
    }

    fn own(&self, function: &'a Function) -> Definition<'a> {
        Definition::new(self.modules, self.home, function)
    }

    /// `module.path`, followed to its definition.
    fn imported(&self, module: &str, path: &[&str], span: Span) -> Callee<'a> {
        if let Some((name, before)) = path.split_last()
            && !before.is_empty()
        {
            match self.modules.resolve_absolute(module, before) {
                Found::Class(class) => return self.method_of_new(&ClassPath::of(class), name, span),
                Found::Value { module, value, .. } if self.modules.is_data(module, value) => return Callee::Router,
                Found::Value { module, name: object, span: place, value } if !is_class_name(&object) => {
                    return self.method_of_object(module, value, &object, place, name, span);
                }
                Found::Function { definition, name: function } if definition.is_plain => {
                    let handler = Handler::method(definition.module.name(), &function, name);
                    return unusable(handler, unresolved::method_of_function(span, definition, name));
                }
                _ => {}
            }
        }
        match self.modules.resolve_absolute(module, path) {
            Found::Standard => Callee::Router,
            Found::Function { definition, name } => Callee::Handler {
                handler: Handler::function(definition.module.name(), &name),
                definition: Some(definition),
                is_method: false,
                problem: None,
                is_explicit: false,
            },
            Found::Class(class) => Callee::Class { handler: ClassPath::of(class) },
            Found::Value { module, name, value, span: place } => {
                let handler = Handler::function(module.name(), &name);
                if Modules::cannot_be_called(value) {
                    return unusable(handler, unresolved::call_of_value(span, module.source(), place, &name));
                }
                let definition = self.modules.alias(module, value);
                Callee::Handler { handler, definition, is_method: false, problem: None, is_explicit: false }
            }
            Found::Unknown { module, path } => guessed(module, &path),
            Found::Missing(missing) => {
                let handler = Handler::function(missing.module.name(), &missing.name);
                unusable(handler, unresolved::missing(span, &missing, self.modules))
            }
            Found::Module(module) => match self.modules.function_inside(&module) {
                Some(name) => {
                    let handler = Handler::function(&module, name);
                    unusable(handler, unresolved::call_of_module(span, &module, Some(name)))
                }
                None => Callee::Unclear,
            },
        }
    }

    /// A method of an object that a module makes: the actor makes one of its own, which takes that
    /// there is nothing to tell the class.
    fn method_of_object(
        &self,
        module: ModuleRef<'a>,
        value: &Expr,
        object: &str,
        place: Span,
        name: &str,
        span: Span,
    ) -> Callee<'a> {
        match self.modules.object(module, value) {
            Some((class, true)) => self.method_of_new(&ClassPath::of(class), name, span),
            _ => {
                let handler = Handler::method(module.name(), object, name);
                unusable(handler, unresolved::method_of_value(span, module.source(), place, object))
            }
        }
    }

    /// A method through its class, `Model().run` or `Model.run`: the actor makes the object.
    fn method_of_new(&self, class: &ClassPath<'a>, name: &str, span: Span) -> Callee<'a> {
        if let Some(inner) = class.definition.as_ref().and_then(|definition| definition.nested(name)) {
            return Callee::Class { handler: ClassPath::of(inner) };
        }
        match self.method(class, name, span) {
            Callee::Handler { handler, definition, is_method, problem: None, is_explicit } => {
                let problem = construction_error(self.modules, class, span).map(Box::new);
                Callee::Handler { handler, definition, is_method, problem, is_explicit }
            }
            callee => callee,
        }
    }

    fn method(&self, class: &ClassPath<'a>, name: &str, span: Span) -> Callee<'a> {
        let handler = Handler::method(&class.module, &class.name, name);
        let Some(definition) = &class.definition else {
            return Callee::Handler { handler, definition: None, is_method: false, problem: None, is_explicit: false };
        };
        if definition.path.len() > 1 {
            return unusable(handler, unresolved::nested_class(span, definition));
        }
        match self.modules.class_member(definition, name) {
            Member::Method(owner, function) => Callee::Handler {
                handler,
                definition: Some(Definition::new(self.modules, owner.module, function)),
                is_method: !is_static(function),
                problem: None,
                is_explicit: false,
            },
            Member::Unknown => {
                Callee::Handler { handler, definition: None, is_method: false, problem: None, is_explicit: false }
            }
            Member::Missing => unusable(handler, unresolved::missing_method(span, definition, name, self.modules)),
        }
    }
}

/// What becomes of a handler about which somebody says something.
fn decided<'a>(
    decision: Decision,
    callee: Span,
    handler: Handler,
    definition: Option<Definition<'a>>,
    is_method: bool,
    problem: Option<Box<Diagnostic>>,
) -> Callee<'a> {
    let part = definition.filter(|_| handler.class.is_none() && problem.is_none());
    let expanded = match decision.behaviour {
        Behaviour::Actor | Behaviour::Config => None,
        Behaviour::Inline => match part.filter(|definition| definition.function.is_async) {
            Some(definition) => return Callee::Helper(definition),
            None => return Callee::Inline(decision.place),
        },
        Behaviour::Flow | Behaviour::Unfold => match part {
            Some(definition) => return Callee::Helper(definition),
            None => Some(Box::new(not_expanded(decision, callee, &handler, definition.is_some()))),
        },
    };
    Callee::Handler { handler, definition, is_method, problem: problem.or(expanded), is_explicit: true }
}

/// The diagnostic for a function that is to be a part of the flow and cannot be one.
fn not_expanded(decision: Decision, callee: Span, handler: &Handler, is_known: bool) -> Diagnostic {
    let name = &handler.function;
    let diagnostic = Diagnostic::error(callee, format!("`{name}` cannot become a part of the flow"));
    let diagnostic = diagnostic.code(codes::TREATMENT).note(if is_known {
        "a method belongs to an object, which lives in an actor".to_owned()
    } else {
        format!("the source of `{}` is not in this project", handler.dotted())
    });
    let diagnostic = diagnostic.help("let it be an actor, or write the part as a function of the project");
    match decision.place {
        Some(place) => diagnostic.related(place, format!("`{}` is said here", decision.behaviour.word())),
        None => diagnostic,
    }
}

/// A name that could not be followed to its end: the last name is the function, a capitalised
/// name before it the class.
fn guessed<'a>(module: String, path: &[String]) -> Callee<'a> {
    let Some((last, before)) = path.split_last() else { return Callee::Unclear };
    let (class, packages) = match before.split_last() {
        Some((class, packages)) if is_class_name(class) => (Some(class.clone()), packages),
        _ => (None, before),
    };
    let mut dotted = module;
    for package in packages {
        dotted.push('.');
        dotted.push_str(package);
    }
    if class.is_none() && is_class_name(last) {
        return Callee::Class { handler: ClassPath { module: dotted, name: last.clone(), definition: None } };
    }
    Callee::Handler {
        handler: Handler { module: dotted, class, function: last.clone() },
        definition: None,
        is_method: false,
        problem: None,
        is_explicit: false,
    }
}

fn unusable<'a>(handler: Handler, problem: Diagnostic) -> Callee<'a> {
    Callee::Handler {
        handler,
        definition: None,
        is_method: false,
        problem: Some(Box::new(problem)),
        is_explicit: false,
    }
}

impl<'a> ClassPath<'a> {
    fn of(class: ClassRef<'a>) -> Self {
        Self { module: class.module.name().to_owned(), name: class.name(), definition: Some(class) }
    }
}

/// Python's convention; the only sign of a class when its file is not read.
fn is_class_name(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
        || name.len() == 1 && name.starts_with(char::is_uppercase)
}

fn is_static(function: &Function) -> bool {
    function.decorators.iter().any(|decorator| decorator.is_name("staticmethod"))
}

/// What keeps a class from being constructed without arguments (`docs/platform/protocol.md`: every
/// parameter of a handler class needs a default).
pub(super) fn construction_error(modules: &Modules<'_>, class: &ClassPath<'_>, span: Span) -> Option<Diagnostic> {
    let problem = modules.construction_problem(class.definition.as_ref()?)?;
    Some(
        Diagnostic::error(span, format!("`{}` cannot be constructed without arguments", class.name))
            .code(codes::CONSTRUCTION)
            .related_in(problem.source, problem.span, problem.label)
            .note("an actor makes one object when it starts, with no arguments")
            .help("give every parameter of `__init__` a default, or read the settings inside `__init__`"),
    )
}

/// Whether the arguments are exactly the payload.
pub(super) fn is_just_payload(arguments: &[Argument], payload: &str) -> bool {
    matches!(arguments, [only] if only.keyword.is_none() && !only.is_double_starred && only.value.is_name(payload))
}
