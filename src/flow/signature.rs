//! The flow's function as a whole: its decorators and its one parameter.

use super::codes;
use super::expression::undefined;
use super::modules::ModuleRef;
use super::rules::Names;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::syntax::tree::Function;

/// Checks the decorators of a flow, or of a function that runs as a part of one.
pub(super) fn check_decorators(
    function: &Function,
    what: &str,
    home: ModuleRef<'_>,
    scope: &Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let names = Names { scope, module: home.name(), locals: None };
    for decorator in &function.decorators {
        if home.rules().is_mark(decorator, &names) {
            continue;
        }
        if let Some(rule) = home.rules().config_decorator(decorator, &names) {
            diagnostics.push(
                Diagnostic::error(decorator.span, format!("`{}` on {what} cannot be compiled", rule.symbol))
                    .code(codes::FLOW_DECORATOR)
                    .note(format!("Python applies it to {what} as a whole, the platform to every actor by itself"))
                    .help("decorate the handlers it is meant for"),
            );
            continue;
        }
        diagnostics.push(
            Diagnostic::error(decorator.span, format!("a decorator on {what} cannot be compiled"))
                .code(codes::FLOW_DECORATOR)
                .note("it would change what the flow does, and the compiled flow would not know")
                .help("move it to the handlers it is meant for"),
        );
        if let Some(name) = decorator.as_name()
            && scope.get(name).is_none()
        {
            diagnostics.push(undefined(name, decorator.span, scope, ""));
        }
    }
}

/// Checks the signature of a flow; answers the payload's name.
pub(super) fn check(function: &Function, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let parameters = &function.parameters;
    let extra = parameters.variadic.as_ref().or(parameters.keywords.as_ref());
    let extra = extra.or(parameters.keyword_only.first().map(|parameter| &parameter.name));
    match (parameters.positional.as_slice(), extra) {
        ([payload], None) => Some(payload.name.name.clone()),
        (positional, extra) => {
            let place = extra.or(positional.get(1).map(|parameter| &parameter.name)).unwrap_or(&function.name).span;
            diagnostics.push(
                Diagnostic::error(
                    place,
                    format!("the flow `{}` does not take exactly one parameter", function.name.name),
                )
                .code(codes::FLOW_SIGNATURE)
                .help(format!("write `def {}(payload: dict) -> dict:`", function.name.name)),
            );
            None
        }
    }
}
