//! An actor call as it stands in the source, and whether it can be made.

use super::callee::{is_just_payload, takes_one_payload};
use super::codes;
use super::expression::local_variable;
use super::graph::Handler;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, Function};

/// An actor call as it stands in the source.
pub(super) struct ActorCall<'e> {
    pub(super) handler: Handler,
    pub(super) definition: Option<&'e Function>,
    pub(super) is_method: bool,
    pub(super) call: &'e Expr,
    pub(super) callee: &'e Expr,
    pub(super) arguments: &'e [Argument],
    pub(super) is_awaited: bool,
    /// The callee is to be expanded here.
    pub(super) is_composed: bool,
}

impl ActorCall<'_> {
    /// Checks arguments, `await`, the handler's signature and that it is no flow.
    pub(super) fn check(&self, payload: &str, is_async: bool, diagnostics: &mut Vec<Diagnostic>) {
        let name = &self.handler.function;
        if !is_just_payload(self.arguments, payload) {
            let place = self.arguments.first().map_or(self.call.span, |argument| argument.value.span);
            diagnostics.push(
                Diagnostic::error(place, format!("`{name}` is called with something other than the payload"))
                    .code(codes::ARGUMENT)
                    .note(format!("an actor receives the whole payload, `{payload}`"))
                    .help(format!("put what it needs into the payload and call `{name}({payload})`")),
            );
        }
        if self.is_awaited && !is_async {
            diagnostics.push(
                Diagnostic::error(self.call.span, "`await` in a function that is not `async`")
                    .code(codes::AWAIT_IN_SYNC),
            );
        }
        if self.is_composed {
            let mut diagnostic = composition(name, self.call.span);
            if let Some(definition) = self.definition {
                diagnostic = diagnostic.related(definition.name.span, "defined here");
            }
            diagnostics.push(diagnostic);
        }
        let Some(definition) = self.definition else { return };
        if definition.is_async && !self.is_awaited {
            diagnostics.push(
                Diagnostic::error(self.call.span, format!("`{name}` is `async` and must be awaited"))
                    .code(codes::FORGOTTEN_AWAIT)
                    .related(definition.name.span, "defined here")
                    .help(format!("write `{payload} = await {name}({payload})`")),
            );
        } else if !definition.is_async && self.is_awaited {
            diagnostics.push(
                Diagnostic::warning(self.call.span, format!("`{name}` is not `async`"))
                    .code(codes::AWAIT_OF_SYNC)
                    .related(definition.name.span, "defined here")
                    .note("the compiled flow works, but running the function in Python fails here"),
            );
        }
        if !takes_one_payload(&definition.parameters, usize::from(self.is_method)) {
            let place = definition.parameters.span.unwrap_or(definition.name.span);
            diagnostics.push(
                Diagnostic::error(self.callee.span, format!("`{name}` cannot be called with one payload"))
                    .code(codes::HANDLER_SIGNATURE)
                    .related(place, "its parameters")
                    .help("give it one parameter for the payload, and defaults for all others"),
            );
        }
    }

    /// The diagnostic for a result that does not become the payload.
    pub(super) fn result_into_part(&self, target: &Expr, payload: &str) -> Diagnostic {
        let callee = &self.handler.function;
        let awaited = if self.is_awaited { "await " } else { "" };
        let instead = format!("{payload} = {awaited}{callee}({payload})");
        match target.as_name() {
            Some(name) => local_variable(name, target.span, payload)
                .help(format!("let `{callee}` take and return the payload: `{instead}`")),
            None => Diagnostic::error(target.span, format!("the result of `{callee}` does not become the payload"))
                .code(codes::RESULT_INTO_PART)
                .note("an actor receives the whole payload and its result is the whole payload")
                .help(format!("let `{callee}` write this part itself: `{instead}`")),
        }
    }
}

/// The diagnostic for a callee that is to be expanded here.
pub(super) fn composition(name: &str, call: Span) -> Diagnostic {
    Diagnostic::error(call, format!("`{name}` is a flow of its own"))
        .code(codes::COMPOSITION)
        .note("calling a flow from a flow cannot be compiled yet")
}
