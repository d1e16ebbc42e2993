//! Calls that lead to nothing an actor could run: what to say.

use super::codes;
use super::modules::{ClassRef, Definition, Missing, Modules};
use crate::diagnostic::Diagnostic;
use crate::names::{listed, near_matches};
use crate::source::{Source, Span};

/// More names than this are not listed.
const MAX_LISTED: usize = 6;

/// The runtime's rule, for the notes below.
const RULE: &str = "an actor runs a function of a module, or a method of a class of a module";

/// A name that its module does not have.
pub(super) fn missing(span: Span, missing: &Missing<'_>, modules: &Modules<'_>) -> Diagnostic {
    let Missing { module, name, .. } = missing;
    let mut diagnostic =
        Diagnostic::error(span, format!("the module `{}` has no `{name}`", module.name())).code(codes::MISSING_NAME);
    for (source, place) in &missing.via {
        diagnostic = diagnostic.related_in(source, *place, "by way of this import");
    }
    let file = module.source().name();
    if missing.is_circle {
        return diagnostic.note(format!("`{file}` imports it, by way of other modules, from itself"));
    }
    let public = modules.names_of(*module).into_iter().filter(|known| !known.starts_with("__"));
    suggest(diagnostic, file, name, public.collect())
}

/// A method that its class does not have.
pub(super) fn missing_method(span: Span, class: &ClassRef<'_>, name: &str, modules: &Modules<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::error(span, format!("the class `{}` has no method `{name}`", class.name()))
        .code(codes::MISSING_NAME)
        .related_in(class.module.source(), class.class.name.span, "defined here");
    suggest(diagnostic, &class.name(), name, modules.members_of(class))
}

fn suggest(diagnostic: Diagnostic, owner: &str, name: &str, known: Vec<&str>) -> Diagnostic {
    match near_matches(name, known.iter().copied()).first() {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic.note(format!("`{owner}` defines nothing")),
        None if known.len() <= MAX_LISTED => diagnostic.note(format!("`{owner}` has {}", listed(&known))),
        None => diagnostic.note(format!("`{owner}` was searched")),
    }
}

/// `LIMIT(p)`.
pub(super) fn call_of_value(span: Span, source: &Source, place: Span, name: &str) -> Diagnostic {
    Diagnostic::error(span, format!("`{name}` is not a function"))
        .code(codes::NOT_A_HANDLER)
        .related_in(source, place, "a value is assigned here")
        .note(RULE)
}

/// `handlers(p)`.
pub(super) fn call_of_module(span: Span, module: &str, function: Option<&str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(span, format!("`{module}` is a module, not a function")).code(codes::NOT_A_HANDLER);
    match function {
        Some(function) => diagnostic.help(format!("call one of its functions: `from {module} import {function}`")),
        None => diagnostic.note(RULE),
    }
}

/// `client.run(p)`, where `client` is an object of another module.
pub(super) fn method_of_value(span: Span, source: &Source, place: Span, object: &str) -> Diagnostic {
    Diagnostic::error(span, format!("`{object}` is an object, and no actor can run its methods"))
        .code(codes::NOT_A_HANDLER)
        .related_in(source, place, "it is made here")
        .note(RULE)
        .help("write a function beside it that calls the method, and call that")
}

/// `clean.later(p)`, where `clean` is a function.
pub(super) fn method_of_function(span: Span, definition: Definition<'_>, attribute: &str) -> Diagnostic {
    let function = definition.function;
    Diagnostic::error(span, format!("`{attribute}` belongs to the function `{}`", function.name.name))
        .code(codes::NOT_A_HANDLER)
        .related_in(definition.source(), function.name.span, "defined here")
        .note(RULE)
}

/// `Outer.Inner().run(p)`.
pub(super) fn nested_class(span: Span, class: &ClassRef<'_>) -> Diagnostic {
    Diagnostic::error(span, format!("`{}` is a class inside a class", class.name()))
        .code(codes::NOT_A_HANDLER)
        .related_in(class.module.source(), class.class.name.span, "defined here")
        .note(RULE)
        .help("move it to the top level of its module")
}
