//! Whether an actor can make an object of a class: without arguments, as the runtime does it.

use super::class::{ClassRef, Member};
use super::{Modules, decorator_keeps_signature};
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, Function, StmtKind};

/// What keeps a class from being constructed without arguments.
#[derive(Debug)]
pub(in crate::flow) struct ConstructionProblem<'a> {
    /// The file of the place.
    pub(in crate::flow) source: &'a Source,
    /// The parameter or field.
    pub(in crate::flow) span: Span,
    /// What to say there.
    pub(in crate::flow) label: &'static str,
}

impl<'t> Modules<'t> {
    /// What keeps an object of `class` from being made without arguments. `None` also when it
    /// cannot be told. The rule of the runtime (`docs/platform/protocol.md`): every parameter of
    /// the class's own `__init__` has a default and there is no `*args` or `**kwargs`; an inherited
    /// one is called with nothing.
    pub(in crate::flow) fn construction_problem<'a>(&'a self, class: &ClassRef<'a>) -> Option<ConstructionProblem<'a>> {
        let chain = self.chain(class);
        for link in &chain.links {
            let definition = link.definition.as_ref()?;
            let has_metaclass = definition.class.arguments.iter().any(|argument| argument.keyword.is_some());
            if has_metaclass {
                return None;
            }
            let mut is_dataclass = false;
            for decorator in &definition.class.decorators {
                is_dataclass = self.makes_init(definition, decorator)?;
            }
            if let Some(init) = own_method(definition, "__init__") {
                if init.decorators.iter().any(|it| !decorator_keeps_signature(self, definition.module, it)) {
                    return None;
                }
                return refused_parameter(init, std::ptr::eq(definition.class, class.class))
                    .map(|(span, label)| ConstructionProblem { source: definition.module.source(), span, label });
            }
            if is_dataclass {
                return self.required_field(
                    &chain.links.iter().filter_map(|link| link.definition.clone()).collect::<Vec<_>>(),
                );
            }
            // What is behind an unknown base may bring its own, and a conditional one is not followed.
            if !chain.is_complete || matches!(self.class_member(definition, "__new__"), Member::Method(..)) {
                return None;
            }
        }
        None
    }

    /// Whether a class decorator is `@dataclass` and makes an `__init__`; `None` for any other.
    fn makes_init(&self, class: &ClassRef<'_>, decorator: &Expr) -> Option<bool> {
        let (target, arguments) = match &decorator.kind {
            ExprKind::Call { callee, arguments } => (&**callee, arguments.as_slice()),
            _ => (decorator, [].as_slice()),
        };
        let name = self.full_name(class.module, &target.dotted()?)?;
        if name != "dataclasses.dataclass" {
            return None;
        }
        let init = arguments.iter().find(|argument| argument.keyword.as_ref().is_some_and(|word| word.name == "init"));
        Some(init.is_none())
    }

    /// The first field of a dataclass and its bases that has no default.
    fn required_field<'a>(&'a self, classes: &[ClassRef<'a>]) -> Option<ConstructionProblem<'a>> {
        // Fields of a base come first, and a class that gives one a default takes it over.
        let mut given: Vec<&str> = Vec::new();
        for class in classes {
            for stmt in &class.class.body {
                let StmtKind::AnnAssign { target, annotation, value } = &stmt.kind else { continue };
                let Some(name) = target.as_name() else { continue };
                if given.contains(&name) || is_no_field(annotation) {
                    continue;
                }
                given.push(name);
                let is_required = match value {
                    None => true,
                    Some(value) => is_bare_field(value),
                };
                if is_required {
                    let source = class.module.source();
                    return Some(ConstructionProblem { source, span: target.span, label: "this field has no default" });
                }
            }
        }
        None
    }
}

fn own_method<'a>(class: &ClassRef<'a>, name: &str) -> Option<&'a Function> {
    class.class.body.iter().rev().find_map(|stmt| match &stmt.kind {
        StmtKind::Function(function) if function.name.name == name => Some(&**function),
        _ => None,
    })
}

/// The parameter of an `__init__` that keeps the runtime from calling it without arguments.
fn refused_parameter(init: &Function, is_own: bool) -> Option<(Span, &'static str)> {
    let parameters = &init.parameters;
    let needed = parameters.positional.iter().skip(1).chain(&parameters.keyword_only);
    if let Some(missing) = needed.into_iter().find(|parameter| parameter.default.is_none()) {
        return Some((missing.name.span, "this parameter has no default"));
    }
    let open = parameters.variadic.as_ref().or(parameters.keywords.as_ref()).filter(|_| is_own)?;
    Some((open.span, "the runtime refuses `*` and `**` parameters here"))
}

/// `ClassVar`, `KW_ONLY` and annotations that are text are no fields, or not certainly.
fn is_no_field(annotation: &Expr) -> bool {
    let root = match &annotation.kind {
        ExprKind::Subscript { value, .. } => value,
        _ => annotation,
    };
    match root.dotted() {
        Some(path) => matches!(path.last(), Some(&("ClassVar" | "KW_ONLY"))),
        None => true,
    }
}

/// `field()` without a default.
fn is_bare_field(value: &Expr) -> bool {
    let ExprKind::Call { callee, arguments } = &value.kind else { return false };
    let is_field = callee.dotted().is_some_and(|path| path.last() == Some(&"field"));
    let gives = |name: &str| matches!(name, "default" | "default_factory" | "init");
    is_field && arguments.iter().all(|argument| argument.keyword.as_ref().is_some_and(|word| !gives(&word.name)))
}
