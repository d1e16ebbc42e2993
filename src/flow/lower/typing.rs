//! Where types come in: the payload and the answers of actors are dicts that stand for objects.

use super::{Lowering, Role};
use crate::flow::code::Code;
use crate::flow::graph::BlockId;
use crate::flow::types::Place;
use crate::source::Span;
use crate::syntax::tree::Function;

impl<'a> Lowering<'_, 'a> {
    /// Finds the types of the function's values.
    pub(super) fn find_types(&mut self, function: &'a Function) {
        let place = match self.role {
            Role::Flow => Place::Flow,
            Role::Step => Place::Step,
            Role::Helper => Place::Part,
        };
        self.find_instances(&function.body);
        let mut found = Vec::new();
        self.typed = self.around.typing.of_function(function, place, self.payload, &self.surroundings(), &mut found);
        self.diagnostics.append(&mut found);
        self.instances.clear();
    }

    /// The payload of a flow comes as whoever calls it sent it: Python would fill in defaults.
    pub(super) fn complete_payload(&mut self, function: &Function, entry: BlockId) {
        if let Some(step) = self.typed.entry(self.around.typing, self.payload, function.name.span) {
            self.push(entry, step);
        }
    }

    /// Completes `variable`, which holds the answer of the call at `call`.
    pub(super) fn complete_answer(&mut self, call: Span, variable: &str, at: BlockId) {
        if let Some(step) = self.typed.after(self.around.typing, call, variable, call) {
            self.push(at, step);
        }
    }

    /// The answer of the call at `call`.
    pub(super) fn answer(&self, call: Span) -> Code {
        self.typed.answer(self.around.typing, call, &self.around.names.result)
    }
}
