//! An actor call as it stands in the source, and whether it can be made.

use super::arguments::signature_problem;
use super::callee::is_just_payload;
use super::code::{Code, Piece};
use super::codes;
use super::graph::Handler;
use super::modules::Definition;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr};

/// An actor call as it stands in the source.
pub(super) struct ActorCall<'e> {
    pub(super) handler: Handler,
    pub(super) definition: Option<Definition<'e>>,
    pub(super) is_method: bool,
    pub(super) problem: Option<Box<Diagnostic>>,
    pub(super) call: &'e Expr,
    pub(super) callee: &'e Expr,
    pub(super) arguments: &'e [Argument],
    pub(super) is_awaited: bool,
    /// The function runs as a part of the flow instead: what the program calls it.
    pub(super) helper: Option<String>,
}

impl ActorCall<'_> {
    /// The call as a value that waits, without its arguments.
    pub(super) fn waiting(&self) -> Code {
        let piece = match &self.helper {
            Some(key) => Piece::Helper(key.clone()),
            None => Piece::Actor(Box::new(self.handler.clone())),
        };
        Code { pieces: vec![piece] }
    }

    /// Checks `await`, the handler's signature and that it is no flow.
    pub(super) fn check(&self, payload: &str, is_async: bool, diagnostics: &mut Vec<Diagnostic>) {
        let name = &self.handler.function;
        if self.is_awaited && !is_async {
            diagnostics.push(
                Diagnostic::error(self.call.span, "`await` in a function that is not `async`")
                    .code(codes::AWAIT_IN_SYNC),
            );
        }
        diagnostics.extend(self.problem.as_deref().cloned());
        let Some(definition) = self.definition else { return };
        let (function, file) = (definition.function, definition.source());
        if definition.must_be_awaited() && !self.is_awaited {
            diagnostics.push(
                Diagnostic::error(self.call.span, format!("`{name}` is `async` and must be awaited"))
                    .code(codes::FORGOTTEN_AWAIT)
                    .related_in(file, function.name.span, "defined here")
                    .help(match is_just_payload(self.arguments, payload) {
                        true => format!("write `await {name}({payload})`"),
                        false => format!("write `await {name}(…)`"),
                    }),
            );
        } else if definition.cannot_be_awaited() && self.is_awaited {
            diagnostics.push(await_of_sync(self.call.span, name, definition));
        }
        if definition.is_plain
            && let Some(problem) = signature_problem(function, usize::from(self.is_method), self.arguments)
        {
            let place = problem.parameter.or(function.parameters.span).unwrap_or(function.name.span);
            let at = problem.argument.unwrap_or(self.callee.span);
            let diagnostic = Diagnostic::error(at, format!("`{name}` {}", problem.kind.describe()))
                .code(codes::HANDLER_SIGNATURE)
                .related_in(file, place, problem.kind.label());
            diagnostics.push(match problem.kind.instead() {
                Some(instead) => diagnostic.help(instead),
                None => diagnostic,
            });
        }
    }
}

/// The warning about an `await` that Python itself does not take.
pub(super) fn await_of_sync(call: Span, name: &str, definition: Definition<'_>) -> Diagnostic {
    Diagnostic::warning(call, format!("`{name}` is not `async`"))
        .code(codes::AWAIT_OF_SYNC)
        .related_in(definition.source(), definition.function.name.span, "defined here")
        .note("the compiled flow works, but running the function in Python fails here")
}
