//! One walk over a function: what its variables hold, statement by statement. A variable has one
//! type wherever it stands: what all its assignments have in common.

mod attributes;
mod builtins;
mod calls;
mod constructors;
mod copies;
mod expressions;
mod methods;
mod refusals;
mod statements;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use super::annotation::Reader;
use super::kind::Type;
use super::{FunctionTypes, Place, Typing};
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Surroundings;
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, Function, Parameters};
use constructors::handler_objects;

/// Types grow with every round until nothing changes.
const MAX_ROUNDS: usize = 24;

/// Finds the types of a function's values.
pub(super) fn function<'a>(
    typing: &Typing<'a>,
    function: &'a Function,
    place: Place,
    payload: &str,
    around: &Surroundings<'a, '_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> FunctionTypes {
    let mut walker = Walker {
        typing,
        around,
        source: around.home.source(),
        place,
        declared: BTreeMap::new(),
        known: BTreeMap::new(),
        local: Vec::new(),
        holding: BTreeSet::new(),
        returns: function.returns.as_ref().map(|annotation| walker_reader(typing, around).read(annotation)),
        whole: Vec::new(),
        quotes: Vec::new(),
        handlers: handler_objects(&function.body),
        here: function.name.span,
        blurred: BTreeMap::new(),
        changed: false,
        writes: false,
        diagnostics: Vec::new(),
        typed: FunctionTypes::default(),
    };
    walker.parameters(&function.parameters, payload);
    for _ in 0..MAX_ROUNDS {
        walker.changed = false;
        walker.block(&function.body);
        if !walker.changed {
            break;
        }
    }
    walker.writes = true;
    walker.block(&function.body);
    if place == Place::Flow
        && let Some(ty) = walker.declared.get(payload)
        && typing.is_completed(ty)
    {
        walker.typed.entry = Some(ty.clone());
    }
    let mut seen = BTreeSet::new();
    walker.diagnostics.retain(|diagnostic| seen.insert((diagnostic.span, diagnostic.message.clone())));
    diagnostics.append(&mut walker.diagnostics);
    walker.typed
}

fn walker_reader<'t, 'a>(typing: &'t Typing<'a>, around: &Surroundings<'a, '_>) -> Reader<'t, 'a> {
    Reader { typing, module: around.home, in_field: false }
}

/// Walks a function.
struct Walker<'w, 'a, 's> {
    typing: &'w Typing<'a>,
    around: &'w Surroundings<'a, 's>,
    source: &'a Source,
    place: Place,
    /// What annotations say of variables.
    declared: BTreeMap<String, Type>,
    /// What is known so far.
    known: BTreeMap<String, Type>,
    /// Variables of comprehensions and lambdas, innermost last.
    local: Vec<(String, Type)>,
    /// Variables of plain JSON into which an object was put somewhere.
    holding: BTreeSet<String>,
    returns: Option<Type>,
    /// Calls that are a whole right-hand side or an element of one: of actors even without `await`.
    whole: Vec<Span>,
    /// Calls that make objects of which only methods are called.
    handlers: BTreeMap<Span, BTreeSet<String>>,
    /// The quotes of the f-strings around.
    quotes: Vec<char>,
    /// The statement.
    here: Span,
    /// Where variables get values of another class than they have elsewhere.
    blurred: BTreeMap<String, Span>,
    changed: bool,
    /// The last round: says what is wrong and what stands in the place of what.
    writes: bool,
    diagnostics: Vec<Diagnostic>,
    typed: FunctionTypes,
}

impl<'a> Walker<'_, 'a, '_> {
    fn reader(&self) -> Reader<'_, 'a> {
        walker_reader(self.typing, self.around)
    }

    /// Notes a problem, in the last round.
    fn refuse(&mut self, diagnostic: Diagnostic) {
        if self.writes {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Notes a problem of a class, once however often it is met.
    fn refuse_once(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.iter().any(|known| known.message == diagnostic.message) {
            self.refuse(diagnostic);
        }
    }

    /// Puts text in the place of a part of the source, in the last round.
    fn edit(&mut self, span: Span, text: impl Into<String>) {
        if self.writes {
            self.typing.edits.borrow_mut().add(self.source, span, text.into());
        }
    }

    /// Nobody else has to look at what stands here.
    fn settle(&mut self, span: Span) {
        if self.writes {
            self.typed.settled.insert(span);
        }
    }

    fn is_bound(&self, name: &str) -> bool {
        self.around.locals.contains(name) || self.local.iter().any(|(known, _)| known == name)
    }

    fn parameters(&mut self, parameters: &Parameters, payload: &str) {
        for parameter in parameters.positional.iter().chain(&parameters.keyword_only) {
            let name = &parameter.name.name;
            let is_payload = self.place != Place::Part && name == payload;
            let read = parameter.annotation.as_ref().map(|annotation| self.reader().read(annotation));
            let ty = match read {
                Some(ty @ (Type::Foreign(_) | Type::None)) => ty,
                Some(ty) if ty.is_typed() => ty,
                _ if is_payload => Type::Json,
                Some(Type::Json) => Type::Json,
                _ => Type::Unknown,
            };
            if ty.is_typed() {
                self.declared.insert(name.clone(), ty.clone());
            }
            self.known.insert(name.clone(), ty);
        }
        for name in parameters.variadic.iter().chain(&parameters.keywords) {
            self.known.insert(name.name.clone(), Type::Unknown);
        }
    }

    /// Notes that a variable holds a value of type `ty` somewhere.
    fn holds(&mut self, name: &str, ty: &Type) {
        if let Some(local) = self.local.iter_mut().rev().find(|(known, _)| known == name) {
            local.1 = local.1.join(ty);
            return;
        }
        let ty = match self.declared.get(name) {
            Some(declared) if declared.takes(ty) => declared,
            _ => ty,
        };
        let before = self.known.get(name).cloned().unwrap_or(Type::Never);
        let joined = before.join(ty);
        if joined != before {
            self.changed = true;
            if joined.is_blurred() {
                self.blurred.entry(name.to_owned()).or_insert(self.here);
            }
            self.known.insert(name.to_owned(), joined);
        }
    }

    /// The answer of the call at `value` may lack fields.
    fn completes(&mut self, value: &Expr, ty: &Type) {
        if self.writes && self.typing.is_completed(ty) {
            for span in [value.span, value.awaited().0.span] {
                self.typed.completions.insert(span, ty.clone());
            }
        }
    }
}
