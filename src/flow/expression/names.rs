//! Names in expressions: what the router takes along, and what it cannot have.

use super::ExpressionCheck;
use crate::diagnostic::Diagnostic;
use crate::flow::code::Code;
use crate::flow::scope::{Binding, Scope};
use crate::flow::{codes, python, refusal};
use crate::names::near_matches;
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind};

impl<'a> ExpressionCheck<'_, 'a, '_> {
    pub(super) fn name(&mut self, name: &str, span: Span, bound: &[String]) {
        if bound.iter().any(|known| known == name) {
            return;
        }
        if let Some(right) = self.renamed.get(name) {
            self.replacements.push((span, Code::text(right)));
            return;
        }
        if let Some(instance) = self.around.instances.get(name) {
            self.diagnostics.push(
                Diagnostic::error(span, format!("`{name}` can only be used to call its methods"))
                    .code(codes::INSTANCE)
                    .related(instance.span, "made here")
                    .note(format!("the object lives in the actors of `{}`, not in the flow", instance.class.name))
                    .help("let one of its methods answer what you need"),
            );
            return;
        }
        if self.around.locals.contains(name) {
            return;
        }
        if self.decided_callee != Some(span) && self.around.is_part(name) {
            self.diagnostics.push(refusal::part_as_value(span, name));
            return;
        }
        if self.around.scope.get(name).is_some() {
            if is_environment(self.around.scope, name, None) {
                self.diagnostics.push(environment(span));
                return;
            }
            self.uses.entry(name.to_owned()).or_insert(span);
            return;
        }
        if python::PROCESS_BUILTINS.contains(&name) {
            self.diagnostics.push(
                Diagnostic::error(span, format!("`{name}` cannot be used in a flow"))
                    .code(codes::PROCESS_BUILTIN)
                    .note("it sees the process it runs in, and a flow runs in many")
                    .help("move it into an actor"),
            );
            return;
        }
        // `from prompts import *` of a module of the project.
        let modules = self.around.modules;
        if self.around.home.name() == modules.own().name() && modules.star_with(name).is_some() {
            self.uses.entry(name.to_owned()).or_insert(span);
            return;
        }
        if !python::is_builtin(name) {
            self.diagnostics.push(undefined(name, span, self.around.scope, self.payload));
        }
    }

    /// `errs.Boom` of a module of the project: the router takes it along, under a name that is chosen when
    /// everything else is known. Answers whether it is one.
    pub(super) fn of_project_module(&mut self, expr: &Expr, bound: &[String]) -> bool {
        let Some(parts) = expr.dotted() else { return false };
        let root = parts[0];
        let is_hidden = bound.iter().any(|name| name == root) || self.around.locals.contains(root);
        if is_hidden
            || self.around.instances.contains_key(root)
            || self.around.modules.through_modules(self.around.home, &parts).is_none()
        {
            return false;
        }
        self.uses.entry(parts.join(".")).or_insert(expr.span);
        true
    }
}

/// `os.environ`, `os.getenv` and their imported forms: the router has another environment.
pub(super) fn is_environment(scope: &Scope<'_>, name: &str, attribute: Option<&str>) -> bool {
    let is_member = |member: &str| matches!(member, "environ" | "getenv" | "environb" | "getenvb");
    match (scope.get(name).map(|bound| bound.binding), attribute) {
        (Some(Binding::Module("os")), Some(attribute)) => is_member(attribute),
        (Some(Binding::Member { module: "os", member }), None) => is_member(member),
        _ => false,
    }
}

pub(super) fn environment(span: Span) -> Diagnostic {
    Diagnostic::error(span, "a flow cannot read environment variables")
        .code(codes::NOT_CARRIED)
        .note("the router runs in a container of its own, with another environment than your handlers")
        .help("read it in an actor and put what you need into the payload")
}

/// `path.read_text()`.
pub(super) fn file(span: Span, method: &str) -> Diagnostic {
    Diagnostic::error(span, format!("`{method}` cannot be used in a flow"))
        .code(codes::PROCESS_BUILTIN)
        .note("files are those of one machine, and the router runs on another than your handlers")
        .help("let an actor do it: `text = await read_prompt(…)`")
}

/// What an expression looks at that is of the process or the machine it runs in, and why that
/// matters; `is_hidden` names are variables.
pub(in crate::flow) fn of_process(
    expr: &Expr,
    scope: &Scope<'_>,
    is_hidden: &dyn Fn(&str) -> bool,
) -> Option<(Span, String)> {
    match &expr.kind {
        ExprKind::Name(name) if is_hidden(name) => None,
        ExprKind::Name(name) if is_environment(scope, name, None) => {
            Some((expr.span, "it reads environment variables".to_owned()))
        }
        ExprKind::Name(name) if scope.get(name).is_none() && python::PROCESS_BUILTINS.contains(&name.as_str()) => {
            Some((expr.span, format!("it uses `{name}`, which sees the process it runs in")))
        }
        ExprKind::Attribute { value, attribute } => {
            let root = value.as_name().filter(|name| !is_hidden(name));
            if root.is_some_and(|name| is_environment(scope, name, Some(&attribute.name))) {
                return Some((expr.span, "it reads environment variables".to_owned()));
            }
            python::FILE_METHODS
                .contains(&attribute.name.as_str())
                .then(|| (attribute.span, "it reads or writes a file".to_owned()))
        }
        _ => None,
    }
}

/// The diagnostic for a name that is bound nowhere.
pub(in crate::flow) fn undefined(name: &str, span: Span, scope: &Scope<'_>, payload: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(span, format!("the name `{name}` is not defined")).code(codes::UNDEFINED);
    if let Some(star) = scope.stars().first() {
        diagnostic = diagnostic
            .related(*star, "it may come from here, but a `*` import is not followed")
            .help(format!("import it by name: `from … import {name}`"));
    } else if let Some(near) = near_matches(name, scope.names().chain([payload])).first() {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    } else {
        diagnostic = diagnostic.help("import it or define it at the top level of this file");
    }
    diagnostic
}
