//! Calls of helpers: their bodies are followed with what they are given.

use std::collections::BTreeMap;

use super::chains::Chain;
use super::expressions::Use;
use super::{HelperCall, Walker};
use crate::flow::callee::Callee;
use crate::flow::effects::parameter_names;
use crate::flow::schema::paths::{Path, State};
use crate::syntax::tree::{Argument, Expr, ExprKind, Function};

/// What a helper answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was not seen yet.
    Open,
    /// Always the same place.
    Place(Path, bool),
    /// Something else.
    Other,
}

/// Helpers in helpers in helpers are followed this deep.
const MAX_HELPER_CALLS: usize = 8;

impl<'a> Walker<'_, 'a, '_> {
    /// A call of a helper: its body, with what it is given; `None` when the expression is none.
    pub(super) fn helper(&mut self, expr: &Expr, is_certain: bool) -> Option<Answer> {
        let (call, _) = expr.awaited();
        let ExprKind::Call { callee, arguments } = &call.kind else { return None };
        let Callee::Helper(definition) = self.around.callee(callee, &[]) else { return None };
        let function = definition.function;
        let is_own = definition.module.name() == self.around.home.name();
        let is_open = self.helper_calls.iter().any(|call| std::ptr::eq(call.function, function));
        let is_plain = arguments
            .iter()
            .all(|argument| !argument.is_double_starred && !matches!(argument.value.kind, ExprKind::Starred(_)));
        if !is_own || is_open || !is_plain || self.helper_calls.len() >= MAX_HELPER_CALLS {
            return None;
        }
        let given = self.given(function, arguments, is_certain);
        let before = self.state.clone()?;
        if let Some(state) = &mut self.state {
            state.aliases = given;
        }
        self.helper_calls.push(HelperCall {
            function,
            returns: None,
            answer: Answer::Open,
            loops: std::mem::take(&mut self.loops),
            finals: std::mem::take(&mut self.finals),
        });
        let awaited = std::mem::replace(&mut self.is_awaited, false);
        self.block(&function.body);
        self.is_awaited = awaited;
        let followed = self.helper_calls.pop()?;
        let falls_off = self.state.is_some();
        self.state = State::join(followed.returns, self.state.take());
        (self.loops, self.finals) = (followed.loops, followed.finals);
        let mut answer = if falls_off { Answer::Other } else { followed.answer };
        if let (Answer::Place(path, _), true) = (followed.answer, falls_off) {
            self.used(path, Use::Kept);
        }
        // What the variables of the helper stand for does not matter any more; the caller's stand
        // for what they did.
        if let Some(state) = &mut self.state {
            state.aliases = before.aliases.clone();
        }
        if !is_certain {
            answer = match answer {
                Answer::Place(path, _) => Answer::Place(path, false),
                other => other,
            };
            self.state = State::join(Some(before), self.state.take());
        }
        Some(answer)
    }

    /// Reads the arguments of a call; answers the parameters that stand for places.
    fn given(
        &mut self,
        function: &Function,
        arguments: &[Argument],
        is_certain: bool,
    ) -> BTreeMap<String, (Path, bool)> {
        let mut given = BTreeMap::new();
        let parameters: Vec<&str> = parameter_names(&function.parameters).collect();
        for (at, argument) in arguments.iter().enumerate() {
            let name = match &argument.keyword {
                Some(keyword) => Some(keyword.name.as_str()),
                None => parameters.get(at).copied(),
            };
            match (self.chain(&argument.value, is_certain), name) {
                (Chain::Place { path, from_caller }, Some(name)) => {
                    given.insert(name.to_owned(), (path, from_caller));
                }
                (Chain::Place { path, .. }, None) => self.used(path, Use::Kept),
                (Chain::Done, _) => {}
                (Chain::Other, _) => self.read(&argument.value, is_certain, Use::Kept),
            }
        }
        given
    }
}

impl HelperCall<'_> {
    pub(super) fn answers(&mut self, answer: Answer) {
        self.answer = match (self.answer, answer) {
            (Answer::Open, answer) => answer,
            (before, answer) if before == answer => before,
            _ => Answer::Other,
        };
    }
}
