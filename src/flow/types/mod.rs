//! Typed payloads: values that are objects of a class in Python and plain dicts in a message. Where
//! the class of a value is certain, the router's text asks for keys where the source asks for
//! attributes; where it is not, the attribute is refused.

mod annotation;
mod classes;
mod complete;
mod defaults;
mod edits;
mod infer;
mod kind;
mod known;
mod literal;
mod record;
mod record_reader;
mod refuse;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::callee::Surroundings;
use super::graph::{End, Graph};
use super::lower::FreshNames;
use super::modules::{Definition, Modules};
use super::{Code, Effect, Step};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::Function;
use annotation::Reader;
use complete::Purpose;
use kind::{RecordId, Type};
use record::Record;

pub use edits::Edits;

/// What is known about types, for all functions of a flow.
pub(super) struct Typing<'a> {
    modules: &'a Modules<'a>,
    records: RefCell<Vec<Option<Rc<Record>>>>,
    known: RefCell<HashMap<(String, String), Option<RecordId>>>,
    edits: RefCell<Edits>,
    /// Enums that are called: module and name, and the values.
    enums: RefCell<Vec<(String, String, Vec<String>)>>,
    /// Functions of the router, by what they do.
    functions: RefCell<BTreeMap<Purpose, String>>,
    fresh: RefCell<FreshNames>,
}

/// What a function is to the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The flow itself.
    Flow,
    /// A helper that takes and answers the payload.
    Step,
    /// Any other function.
    Part,
}

/// What the types of a function say to the compiler.
#[derive(Default)]
pub(super) struct FunctionTypes {
    /// Answers of actors that may lack fields, by the place of the call.
    completions: BTreeMap<Span, Type>,
    /// Methods that functions stand for, by the place of the call.
    pub(super) methods: BTreeMap<Span, MethodCall>,
    /// Names and callees that are dealt with: nobody has to look for what they mean.
    pub(super) settled: BTreeSet<Span>,
    /// Attributes that are keys.
    pub(super) keys: BTreeSet<Span>,
    /// The payload that comes in may lack fields.
    entry: Option<Type>,
    /// Statements that complete the payload between calls.
    idle: RefCell<BTreeSet<String>>,
}

/// `value.method(arguments)` that becomes `function(value, arguments)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MethodCall {
    /// What to call.
    pub(super) function: String,
    /// From the dot to the opening parenthesis.
    pub(super) between: Span,
    /// There are arguments, so that a comma is needed.
    pub(super) has_arguments: bool,
}

impl<'a> Typing<'a> {
    /// Nothing is known yet; `fresh` gives out names for functions of the router.
    pub(super) fn new(modules: &'a Modules<'a>, fresh: FreshNames) -> Self {
        Self {
            modules,
            records: RefCell::default(),
            known: RefCell::default(),
            edits: RefCell::default(),
            enums: RefCell::default(),
            functions: RefCell::default(),
            fresh: RefCell::new(fresh),
        }
    }

    /// What has to stand in the place of parts of the files.
    pub(super) fn edits(&self) -> Edits {
        self.edits.borrow().clone()
    }

    /// Leaves parts of a file out.
    pub(super) fn leave_out(&self, source: &Source, parts: &[Span]) {
        let mut edits = self.edits.borrow_mut();
        parts.iter().for_each(|part| edits.add(source, *part, String::new()));
    }

    /// Calls something by another name.
    pub(super) fn rename(&self, source: &Source, places: &[Span], name: &str) {
        let mut edits = self.edits.borrow_mut();
        places.iter().for_each(|place| edits.add(source, *place, name.to_owned()));
    }

    /// Puts functions in the place of methods in text that is carried as a whole.
    pub(super) fn insert_methods(&self, source: &Source, typed: &FunctionTypes) {
        let mut edits = self.edits.borrow_mut();
        for (call, method) in &typed.methods {
            edits.insert_before(source, call.start, &format!("{}(", method.function));
            edits.add(source, method.between, if method.has_arguments { ", " } else { "" }.to_owned());
        }
    }

    /// Words that are taken.
    pub(super) fn take(&self, words: BTreeSet<String>) {
        self.fresh.borrow_mut().take(words);
    }

    fn record(&self, id: RecordId) -> Rc<Record> {
        let found = self.records.borrow().get(id).cloned().flatten();
        found.unwrap_or_else(|| Rc::new(Record::unread(self.modules.own().source())))
    }

    /// Finds the types of a function's values; all functions of a flow are looked at one by one.
    pub(super) fn of_function(
        &self,
        function: &'a Function,
        place: Place,
        payload: &str,
        around: &Surroundings<'a, '_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> FunctionTypes {
        infer::function(self, function, place, payload, around, diagnostics)
    }

    /// The type of what calling a definition gives.
    fn answer(&self, definition: &Definition<'a>) -> Type {
        match &definition.function.returns {
            Some(annotation) if definition.is_plain => {
                match (Reader { typing: self, module: definition.module, in_field: false }.read(annotation)) {
                    Type::Unknown => Type::Json,
                    other => other,
                }
            }
            _ => Type::Loose,
        }
    }
}

impl FunctionTypes {
    /// The statement that gives the payload of a flow the fields it lacks.
    pub(super) fn entry(&self, typing: &Typing<'_>, payload: &str, span: Span) -> Option<Step> {
        self.step(typing, self.entry.as_ref()?, payload, span)
    }

    /// The statement that completes `variable`, which holds the answer of the call at `call`.
    pub(super) fn after(&self, typing: &Typing<'_>, call: Span, variable: &str, span: Span) -> Option<Step> {
        self.step(typing, self.completions.get(&call)?, variable, span)
    }

    fn step(&self, typing: &Typing<'_>, ty: &Type, variable: &str, span: Span) -> Option<Step> {
        let text = format!("{variable} = {}", typing.completed(ty, variable)?);
        self.idle.borrow_mut().insert(text.clone());
        Some(Step::made(Code::text(text), span, Effect::reading([variable]).writing(variable)))
    }

    /// The answer of the call at `call`, which is called `result`, with everything in it completed.
    pub(super) fn answer(&self, typing: &Typing<'_>, call: Span, result: &str) -> Code {
        match self.completions.get(&call).and_then(|ty| typing.completed(ty, result)) {
            Some(text) if text.contains(' ') && !text.starts_with(['[', '{']) => Code::text(format!("({text})")),
            Some(text) => Code::text(text),
            None => Code::text(result),
        }
    }

    /// Takes away what would bring a message to the router for nothing else: between two actors
    /// the payload is what the first one made.
    pub(super) fn drop_idle(&self, graph: &mut Graph) {
        let idle = self.idle.borrow();
        if idle.is_empty() {
            return;
        }
        let back: BTreeSet<usize> = (graph.blocks.iter())
            .filter_map(|block| match &block.end {
                End::Call { next, .. } => Some(*next),
                _ => None,
            })
            .collect();
        let is_idle = |step: &Step| step.code.as_text().is_some_and(|text| idle.contains(text));
        for block in back {
            if graph.blocks[block].steps.is_empty() || !graph.blocks[block].steps.iter().all(is_idle) {
                continue;
            }
            if passes_on(graph, block) {
                graph.blocks[block].steps.clear();
            }
        }
    }
}

/// Whether a block, but for its steps, only hands the payload on: to an actor or out of the flow.
fn passes_on(graph: &Graph, mut block: usize) -> bool {
    for _ in 0..graph.blocks.len() {
        match &graph.blocks[block].end {
            End::Goto(next) if graph.blocks[*next].steps.is_empty() => block = *next,
            End::Call { call, .. } => return matches!(call.callee, super::Callee::Payload { .. }),
            End::Return(value) => return value.code.as_source().is_some() && value.effect.reads.len() == 1,
            _ => return false,
        }
    }
    false
}
