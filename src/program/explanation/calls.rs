//! Calls that the flow waits for: what is called and why, what travels, and what it costs.

use serde::Serialize;

use super::places::Place;
use super::reads::next_reads;
use super::spot::Region;
use super::{Explainer, Routine};
use crate::flow::{BlockId, Call, Callee, Code, Handler, Piece};
use crate::program::segments::Leave;
use crate::source::Span;
use crate::syntax::tree::{self, Expr, ExprKind, SequenceKind, Stmt, StmtKind};
use crate::syntax::{blocks, children, expressions, walk};

/// A call that the flow waits for.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedCall {
    /// What is called.
    pub calls: Vec<Called>,
    /// The calls run in parallel.
    pub is_parallel: bool,
    /// How many parallel calls there are, when the source tells.
    pub group_size: Option<usize>,
    /// Where parallel calls come together.
    pub join: Option<Called>,
    /// What takes the result: a variable, or the targets of the assignment.
    pub result: Option<String>,
    /// Nothing takes the result.
    pub is_result_dropped: bool,
    /// Where the router makes the call.
    pub places: Vec<Place>,
    /// Where it goes on; `None` when it does not take part in what comes then.
    pub goes_on: Option<Place>,
    /// The actor that comes next without the router in between.
    pub followed_by: Option<String>,
    /// What it costs.
    pub hops: Hops,
    /// The variables that the message carries meanwhile.
    pub carries: Vec<Variable>,
    /// Who catches an error of the call, innermost first.
    pub caught: Vec<Caught>,
}

/// What is called.
#[derive(Debug, Clone, Serialize)]
pub struct Called {
    /// What kind of thing it is.
    pub r#as: CalledAs,
    /// The actor, or the function that runs as a part of the flow.
    pub name: String,
    /// `module.function` or `module.Class.method`.
    pub handler: String,
    /// Whether the call wrapper runs in front of the handler.
    pub is_wrapped: bool,
    /// Why it is called this way.
    pub why: Option<Why>,
    /// How the arguments travel, where the source tells.
    pub arguments: Option<Arguments>,
}

/// What kind of thing is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalledAs {
    /// An actor.
    Actor,
    /// A function that runs as a part of the flow.
    Part,
    /// The actor where parallel calls come together.
    Join,
}

/// Why a call is made by a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is awaited.
    Awaited,
    /// A function of the project is called by a whole statement or right-hand side.
    OfProject,
    /// It takes the payload and nothing else.
    TakesPayload,
    /// It is handed to `asyncio.gather`.
    Gathered,
    /// It is an element of a list or comprehension of calls.
    Element,
    /// It is a task of a task group.
    Task,
    /// The function is marked to run as a part of flows.
    Marked,
}

/// How arguments travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Arguments {
    /// The payload travels as it is.
    Payload {
        /// The variable.
        variable: String,
    },
    /// One value travels in the place of the payload.
    Value {
        /// Its text.
        text: String,
    },
    /// Several values travel as `{"args": […], "kwargs": {…}}`.
    Values {
        /// All of them.
        arguments: Vec<Argument>,
    },
    /// They are bound to the parameters of a function that runs as a part of the flow.
    Parameters {
        /// All of them.
        arguments: Vec<Argument>,
    },
}

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Its keyword.
    pub keyword: Option<String>,
    /// Its text.
    pub text: String,
}

/// How many messages a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hops {
    /// Whatever happens.
    pub fixed: usize,
    /// For each of the calls whose number only the run decides.
    pub per_call: usize,
}

/// A variable that a message carries.
#[derive(Debug, Clone, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// It is the payload, kept while something else travels in its place.
    pub is_payload: bool,
    /// The compiler made it.
    pub is_made: bool,
    /// It is carried if it is bound.
    pub is_perhaps_unbound: bool,
    /// The lines where it may be read next.
    pub read_in: Vec<usize>,
}

/// Something that catches errors.
#[derive(Debug, Clone, Serialize)]
pub struct Caught {
    /// The line of the `try`, or of the task group.
    pub line: usize,
    /// Its `except` clauses, in order.
    pub clauses: Vec<Clause>,
    /// The line of the first statement of its `finally`.
    pub finally: Option<usize>,
    /// It is a task group: its error is an `ExceptionGroup`.
    pub is_group: bool,
}

/// An `except` clause.
#[derive(Debug, Clone, Serialize)]
pub struct Clause {
    /// Its line.
    pub line: usize,
    /// Its text, without the colon.
    pub text: String,
}

/// How the router leaves for a call.
#[derive(Default)]
struct Leaving {
    then: Option<String>,
    followed_by: Option<String>,
}

impl Explainer<'_> {
    /// The call at the end of `block`.
    pub(super) fn call(&self, routine: &Routine<'_>, block: BlockId, call: &Call) -> ExplainedCall {
        let (statement, expr) = self.call_in_tree(call.span);
        let elements = expr.map(|expr| elements(expr, statement)).unwrap_or_default();
        let leaving = self.leaving(routine, call);
        let is_parallel = matches!(call.callee, Callee::All { .. });
        let mut calls = match &call.callee {
            Callee::Payload { handler, payload } => {
                let mut called = self.actor(handler);
                called.why = elements.calls.first().map(|(one, why)| self.why(handler, one, *why));
                called.arguments = Some(Arguments::Payload { variable: payload.clone() });
                vec![called]
            }
            Callee::One(code) | Callee::All { calls: code, .. } => self.called(code, &elements),
        };
        if is_parallel && calls.is_empty() {
            let is_group = matches!(statement.map(|stmt| &stmt.kind), Some(StmtKind::With { .. }));
            calls = self.collected(routine, call, if is_group { Why::Task } else { Why::Gathered });
        }
        let hops = match &call.callee {
            Callee::All { .. } => match elements.count {
                // To each actor and on to the join, the same for the flow's own message, and back.
                Some(count) => Hops { fixed: 2 + 2 * count, per_call: 0 },
                None => Hops { fixed: 2, per_call: 2 },
            },
            Callee::One(code) if code.handlers().next().is_none() => Hops { fixed: 0, per_call: 0 },
            _ => Hops { fixed: 1 + usize::from(leaving.then.is_some()), per_call: 0 },
        };
        let file = self.source.name();
        ExplainedCall {
            calls,
            is_parallel,
            group_size: elements.count.filter(|_| is_parallel),
            join: is_parallel.then(|| Called::join(self.cast)),
            result: self.result(call, statement, expr),
            is_result_dropped: is_dropped(statement, expr),
            places: self.places.of_call(file, call.span),
            goes_on: leaving.then.map(|label| self.places.segment(routine.key, &label)),
            followed_by: leaving.followed_by,
            hops,
            carries: self.carries(routine, block, call),
            caught: self.catchers(routine, block, call.span),
        }
    }

    fn actor(&self, handler: &Handler) -> Called {
        let name = self.cast.name(handler);
        match self.cast.actors.iter().find(|actor| actor.name == *name) {
            Some(actor) => Called::handler(actor),
            None => Called {
                r#as: CalledAs::Actor,
                name: name.to_string(),
                handler: handler.dotted(),
                is_wrapped: false,
                why: None,
                arguments: None,
            },
        }
    }

    /// The calls that wait in a piece of code, with what the source says about each.
    fn called(&self, code: &Code, elements: &Elements<'_>) -> Vec<Called> {
        let pieces: Vec<&Piece> =
            code.pieces.iter().filter(|piece| matches!(piece, Piece::Actor(_) | Piece::Helper(_))).collect();
        // Only then is it certain which is which.
        let is_aligned = pieces.len() == elements.calls.len();
        let mut found = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            let element = elements.calls.get(number).filter(|_| is_aligned);
            let mut called = match piece {
                Piece::Actor(handler) => {
                    let mut called = self.actor(handler);
                    called.why = element.map(|(call, why)| self.why(handler, call, *why));
                    called.arguments = element.and_then(|(call, _)| self.arguments(call));
                    called
                }
                Piece::Helper(key) => self.part(key),
                Piece::Source(_) | Piece::Text(_) => continue,
            };
            if called.r#as == CalledAs::Part {
                called.arguments = element.and_then(|(call, _)| match self.arguments(call)? {
                    Arguments::Value { text } => {
                        Some(Arguments::Parameters { arguments: vec![Argument { keyword: None, text }] })
                    }
                    Arguments::Values { arguments } => Some(Arguments::Parameters { arguments }),
                    other => Some(other),
                });
            }
            found.push(called);
        }
        found
    }

    fn part(&self, key: &str) -> Called {
        let name = self.routines.iter().find(|routine| routine.key == Some(key)).map_or(key, |routine| routine.name);
        Called {
            r#as: CalledAs::Part,
            name: name.to_owned(),
            handler: key.to_owned(),
            is_wrapped: false,
            why: Some(Why::Marked),
            arguments: None,
        }
    }

    /// The calls that were put into the variables a parallel call goes over.
    fn collected(&self, routine: &Routine<'_>, call: &Call, why: Why) -> Vec<Called> {
        let graph = routine.graph;
        let mut found: Vec<Called> = Vec::new();
        for block in graph.reachable() {
            for step in graph.blocks[block].all_steps() {
                let is_about = step
                    .effect
                    .reads
                    .iter()
                    .chain(step.effect.touches.iter())
                    .any(|name| call.effect.reads.contains(name));
                if !is_about {
                    continue;
                }
                for called in self.called(&step.code, &Elements::default()) {
                    if !found.iter().any(|known| known.name == called.name) {
                        found.push(Called { why: called.why.or(Some(why)), ..called });
                    }
                }
            }
        }
        found
    }

    fn why(&self, handler: &Handler, call: &Expr, why: Option<Why>) -> Why {
        // Without `await`, a call of anything else is only made when it takes just the payload.
        let takes_values = matches!(self.arguments(call), Some(Arguments::Values { .. }));
        let is_of_project = takes_values || self.flow.files.contains_key(&handler.module);
        why.unwrap_or(if is_of_project { Why::OfProject } else { Why::TakesPayload })
    }

    fn arguments(&self, call: &Expr) -> Option<Arguments> {
        let ExprKind::Call { arguments, .. } = &call.kind else { return None };
        let is_plain = |argument: &tree::Argument| {
            argument.keyword.is_none()
                && !argument.is_double_starred
                && !matches!(argument.value.kind, ExprKind::Starred(_))
        };
        if let [only] = arguments.as_slice()
            && is_plain(only)
        {
            return Some(Arguments::Value { text: self.text(only.value.span) });
        }
        let arguments = arguments
            .iter()
            .map(|argument| Argument {
                keyword: argument.keyword.as_ref().map(|keyword| keyword.name.clone()),
                text: match argument.is_double_starred {
                    true => format!("**{}", self.text(argument.value.span)),
                    false => self.text(argument.value.span),
                },
            })
            .collect();
        Some(Arguments::Values { arguments })
    }

    /// Source text on one line.
    fn text(&self, span: Span) -> String {
        self.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn result(&self, call: &Call, statement: Option<&Stmt>, expr: Option<&Expr>) -> Option<String> {
        if let Callee::Payload { payload, .. } = &call.callee {
            return Some(payload.clone());
        }
        let whole = statement.and_then(|stmt| match &stmt.kind {
            StmtKind::Assign { targets, value } => Some((targets.as_slice(), value)),
            StmtKind::AnnAssign { target, value: Some(value), .. } => Some((std::slice::from_ref(target), value)),
            _ => None,
        });
        match whole {
            Some((targets, value)) if expr.is_some_and(|expr| expr.span == value.span) => {
                let texts: Vec<String> = targets.iter().map(|target| self.text(target.span)).collect();
                Some(texts.join(" = "))
            }
            _ => call.result.clone().filter(|name| !self.is_made(name)),
        }
    }

    /// Whether a name is the compiler's: those hide no word of the source.
    fn is_made(&self, name: &str) -> bool {
        !self.source.text().split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
    }

    fn carries(&self, routine: &Routine<'_>, block: BlockId, call: &Call) -> Vec<Variable> {
        let sure = call.keeps.iter().map(|name| (name, false));
        let perhaps = call.keeps_perhaps.iter().map(|name| (name, true));
        let mut all: Vec<Variable> = sure
            .chain(perhaps)
            .map(|(name, is_perhaps_unbound)| Variable {
                name: name.clone(),
                is_payload: routine.key.is_none() && *name == self.flow.payload,
                is_made: self.is_made(name),
                is_perhaps_unbound,
                read_in: next_reads(routine.graph, self.source, block, call, name),
            })
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Who catches what is raised in `block`, innermost first.
    fn catchers(&self, routine: &Routine<'_>, block: BlockId, place: Span) -> Vec<Caught> {
        let mut found: Vec<Caught> = Vec::new();
        let mut at = block;
        let mut before: Option<Span> = None;
        while let Some(catcher) = routine.graph.blocks[at].catcher {
            let head = catcher.span;
            let stmt = find_statement(&self.module.body, &|stmt| {
                stmt.span.start == head.start && matches!(stmt.kind, StmtKind::Try { .. } | StmtKind::With { .. })
            });
            let mut caught = self.caught(stmt, head);
            // With `except` and `finally`, only errors of the body itself meet the clauses first.
            let is_in_body = matches!(stmt.map(|stmt| &stmt.kind), Some(StmtKind::Try { body, .. })
                if body.iter().any(|stmt| stmt.span.contains(place)));
            let has_finally = caught.finally.is_some();
            if has_finally && (before == Some(head) || !is_in_body) {
                caught.clauses.clear();
            } else if !caught.clauses.is_empty() {
                caught.finally = None;
            }
            found.push(caught);
            before = Some(head);
            at = catcher.block;
            if found.len() > routine.graph.blocks.len() {
                break;
            }
        }
        found
    }

    fn caught(&self, stmt: Option<&Stmt>, head: Span) -> Caught {
        let line = self.source.line_of(head.start);
        let Some(StmtKind::Try { handlers, finalbody, .. }) = stmt.map(|stmt| &stmt.kind) else {
            return Caught { line, clauses: Vec::new(), finally: None, is_group: true };
        };
        let clause = |handler: &tree::Handler| {
            let text = self.source.slice(handler.span).lines().next().unwrap_or_default();
            let text = text.split(" #").next().unwrap_or_default().trim_end().trim_end_matches(':');
            Clause { line: self.source.line_of(handler.span.start), text: text.to_owned() }
        };
        Caught {
            line,
            clauses: handlers.iter().map(clause).collect(),
            finally: finalbody.first().map(|first| self.source.line_of(first.span.start)),
            is_group: false,
        }
    }

    /// What a `try` line is.
    pub(super) fn try_statement(&self, region: &Region<'_>) -> Option<Caught> {
        let start = self.source.line_of(region.stmt.span.start);
        let is_head = matches!(region.stmt.kind, StmtKind::Try { .. }) && region.is_clause && region.first == start;
        is_head.then(|| self.caught(Some(region.stmt), region.stmt.span))
    }

    fn leaving(&self, routine: &Routine<'_>, call: &Call) -> Leaving {
        for segment in &routine.segments.all {
            for leave in segment.body.leaves() {
                match leave {
                    Leave::Send(exit) => {
                        let Some(place) = exit.calls.iter().position(|one| one.span == call.span) else { continue };
                        let Some(next) = exit.calls.get(place + 1) else {
                            return Leaving { then: exit.then.clone(), followed_by: None };
                        };
                        let next = next.handlers().first().map(|handler| self.cast.name(handler).to_string());
                        return Leaving { then: None, followed_by: next };
                    }
                    Leave::Wait(block, then) if is_call(routine, *block, call) => {
                        return Leaving { then: Some(then.clone()), followed_by: None };
                    }
                    _ => {}
                }
            }
        }
        Leaving::default()
    }

    /// The call with this span, and the statement it stands in.
    fn call_in_tree(&self, span: Span) -> (Option<&Stmt>, Option<&Expr>) {
        let Some(stmt) =
            find_statement(&self.module.body, &|stmt| stmt.span.contains(span) && is_innermost(stmt, span))
        else {
            return (None, None);
        };
        let mut found = None;
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if expr.span == span && found.is_none() {
                    found = Some(expr);
                }
                expr.span.contains(span) && found.is_none()
            });
        }
        let whole = match &stmt.kind {
            StmtKind::Assign { value, .. }
            | StmtKind::AugAssign { value, .. }
            | StmtKind::AnnAssign { value: Some(value), .. }
            | StmtKind::Expr(value)
            | StmtKind::Return(Some(value)) => Some(value),
            _ => None,
        };
        (Some(stmt), found.or(whole.filter(|_| stmt.span == span)).or_else(|| expressions(stmt).first().copied()))
    }
}

/// Whether a statement is nothing but the call.
fn is_dropped(statement: Option<&Stmt>, expr: Option<&Expr>) -> bool {
    match statement.map(|stmt| &stmt.kind) {
        Some(StmtKind::Expr(value)) => expr.is_some_and(|expr| expr.span == value.span),
        Some(StmtKind::With { .. }) => true,
        _ => false,
    }
}

fn is_call(routine: &Routine<'_>, block: BlockId, call: &Call) -> bool {
    matches!(&routine.graph.blocks[block].end, crate::flow::End::Call { call: other, .. } if other.span == call.span)
}

/// Whether no block of a statement holds `span`.
fn is_innermost(stmt: &Stmt, span: Span) -> bool {
    !blocks(stmt).into_iter().flatten().any(|child| child.span.contains(span))
}

fn find_statement<'t>(body: &'t [Stmt], wanted: &dyn Fn(&Stmt) -> bool) -> Option<&'t Stmt> {
    body.iter().find_map(|stmt| match wanted(stmt) {
        true => Some(stmt),
        false => blocks(stmt).into_iter().find_map(|block| find_statement(block, wanted)),
    })
}

/// The calls in an expression that is a call, or several at once.
#[derive(Default)]
struct Elements<'t> {
    /// In the order of the source.
    calls: Vec<(&'t Expr, Option<Why>)>,
    /// How many run; `None` when only the run tells.
    count: Option<usize>,
}

impl<'t> Elements<'t> {
    fn add(&mut self, expr: &'t Expr, why: Why) {
        let (call, is_awaited) = expr.awaited();
        if matches!(call.kind, ExprKind::Call { .. }) {
            let why = if is_awaited { Why::Awaited } else { why };
            self.calls.push((call, Some(why)));
        }
    }

    fn is_open(&mut self) {
        self.count = None;
    }
}

fn elements<'t>(expr: &'t Expr, statement: Option<&'t Stmt>) -> Elements<'t> {
    let mut found = Elements { calls: Vec::new(), count: Some(0) };
    if let Some(StmtKind::With { items, body, .. }) = statement.map(|stmt| &stmt.kind) {
        if let Some(name) = items.first().and_then(|(_, target)| target.as_ref()).and_then(Expr::as_name) {
            tasks(body, name, &mut found);
        }
        found.is_open();
        return found;
    }
    let (call, is_awaited) = expr.awaited();
    match &call.kind {
        ExprKind::Call { callee, arguments }
            if callee.dotted().is_some_and(|parts| parts.last() == Some(&"gather")) =>
        {
            for argument in arguments.iter().filter(|argument| argument.keyword.is_none()) {
                match &argument.value.kind {
                    ExprKind::Starred(inner) => match &inner.kind {
                        ExprKind::Sequence { items, .. } => {
                            items.iter().for_each(|item| found.add(item, Why::Gathered));
                            found.count = found.count.map(|count| count + items.len());
                        }
                        ExprKind::Comprehension { elements, .. } => {
                            elements.iter().for_each(|element| found.add(element, Why::Gathered));
                            found.is_open();
                        }
                        _ => found.is_open(),
                    },
                    _ => {
                        found.add(&argument.value, Why::Gathered);
                        found.count = found.count.map(|count| count + 1);
                    }
                }
            }
        }
        ExprKind::Sequence { kind: SequenceKind::List, items } => {
            items.iter().for_each(|item| found.add(item, Why::Element));
            found.count = Some(items.len());
        }
        ExprKind::Comprehension { elements, .. } => {
            elements.iter().for_each(|element| found.add(element, Why::Element));
            found.is_open();
        }
        ExprKind::Call { .. } => {
            found.calls.push((call, is_awaited.then_some(Why::Awaited)));
            found.count = Some(1);
        }
        _ => children(call).into_iter().take(1).for_each(|child| {
            let inner = elements(child, None);
            found.calls.extend(inner.calls);
        }),
    }
    found
}

/// The calls that are made tasks of a group.
fn tasks<'t>(body: &'t [Stmt], group: &str, found: &mut Elements<'t>) {
    for stmt in body {
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if let ExprKind::Call { callee, arguments } = &expr.kind
                    && callee.dotted().as_deref() == Some(&[group, "create_task"])
                {
                    arguments.iter().take(1).for_each(|argument| found.add(&argument.value, Why::Task));
                }
                true
            });
        }
        blocks(stmt).into_iter().for_each(|block| tasks(block, group, found));
    }
}
