//! What a line of the source became.

mod calls;
mod places;
mod reads;
mod spot;

use std::collections::BTreeMap;

use serde::Serialize;

use super::actors::{self, Cast};
use super::segments::{self, Segments};
use super::{Settings, router};
use crate::diagnostic::Diagnostic;
use crate::flow::{End, Flow, Graph, Step};
use crate::names::JOIN_HANDLER;
use crate::source::{Source, Span};
use crate::syntax::tree::{Function, Module, Stmt, StmtKind};

pub use calls::{Argument, Arguments, Called, CalledAs, Caught, Clause, ExplainedCall, Hops, Variable, Why};
pub use places::Place;

use places::Places;
use spot::{Region, Spot};

/// What a line of the source became.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The file, as sources are named.
    pub file: String,
    /// The line that was asked for.
    pub line: usize,
    /// The first line of what is explained.
    pub first_line: usize,
    /// Its last line.
    pub last_line: usize,
    /// The lines themselves.
    pub text: Vec<String>,
    /// The function they stand in: the flow or a part of it.
    pub function: Option<String>,
    /// Why other lines than the wanted one are explained.
    pub note: Option<String>,
    /// What they became, in the order in which it happens.
    pub parts: Vec<Part>,
}

/// One thing that became of a line.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// The head of the flow or of a function that runs as a part of it.
    Function(ExplainedFunction),
    /// Code that runs in the router.
    Router {
        /// Where.
        places: Vec<Place>,
        /// The line of the compound statement that is copied as a whole; `None` when the line was taken
        /// on its own.
        copied_with: Option<usize>,
    },
    /// A call that the flow waits for.
    Call(Box<ExplainedCall>),
    /// A `try`: where the errors of its body go.
    Try(Caught),
    /// The line stands in a handler, which runs in an actor.
    Handler(Called),
    /// A definition of the module that the router takes along.
    Carried {
        /// Where it stands there.
        router_lines: Vec<usize>,
    },
    /// Nothing runs for this line.
    Nothing {
        /// Why.
        reason: String,
    },
}

/// The head of a function.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedFunction {
    /// The actor that receives the flow's messages; `None` for a function that is a part of the flow.
    pub entry: Option<String>,
    /// The actors it calls, in the order of their first call.
    pub actors: Vec<String>,
    /// The segments of the router that it was cut into.
    pub segments: Vec<Place>,
    /// Whether messages carry variables besides the place in the flow.
    pub keeps_variables: bool,
}

/// A line somebody asks about.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The file, as sources are named; `None` is the flow's own.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: usize,
}

/// Why a line has no explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    /// No part of the flow stands in the file.
    File {
        /// The files that hold parts of the flow.
        known: Vec<String>,
    },
    /// The file has no such line.
    Line {
        /// The last one.
        last: usize,
    },
    /// The line is no part of the flow.
    Outside {
        /// The functions that are: file, name, first and last line.
        functions: Vec<(String, String, usize, usize)>,
    },
}

/// Explains lines of a flow, each on its own. Fails as [`build`](super::build) does.
pub fn explain(
    flow: &Flow,
    source: &Source,
    settings: &Settings,
    asked: &[Asked],
) -> Result<Vec<Result<Explanation, Elsewhere>>, Vec<Diagnostic>> {
    let cast = actors::name_all(flow, settings, &mut |name, handler| settings.other(name, handler))?;
    let own = segments::cut(&flow.graph, source, &cast);
    let helpers: Vec<Segments> =
        flow.helpers.iter().map(|helper| segments::cut(&helper.graph, &helper.source, &cast)).collect();
    let is_single_call = own.straight_route(&cast).is_some_and(|route| route.len() == 1);
    let marks = match is_single_call {
        true => Vec::new(),
        false => router::router(flow, source, settings, &cast, &own, &helpers).marks,
    };
    let mut parts =
        vec![Routine { key: None, name: &flow.function, source, graph: &flow.graph, segments: &own, definition: None }];
    parts.extend(flow.helpers.iter().zip(&helpers).map(|(helper, segments)| Routine {
        key: Some(&helper.key),
        name: &helper.name,
        source: &helper.source,
        graph: &helper.graph,
        segments,
        definition: Some(helper.span),
    }));
    let places = Places { marks: &marks };
    let mut trees: BTreeMap<&str, Module> = BTreeMap::new();
    for part in &parts {
        if !trees.contains_key(part.source.name()) {
            trees.insert(part.source.name(), crate::syntax::parse(part.source)?);
        }
    }
    let explain = |asked: &Asked| {
        let file = asked.file.as_deref().unwrap_or(source.name());
        let part = parts.iter().find(|part| part.source.name() == file);
        let (Some(part), Some(module)) = (part, trees.get(file)) else {
            return Err(Elsewhere::File { known: trees.keys().map(|&name| name.to_owned()).collect() });
        };
        let last = part.source.text().lines().count();
        if asked.line == 0 || asked.line > last {
            return Err(Elsewhere::Line { last });
        }
        let (cast, routines, source) = (&cast, parts.as_slice(), part.source);
        Explainer { flow, cast, routines, places, source, module, is_single_call }.line(asked.line)
    };
    Ok(asked.iter().map(explain).collect())
}

/// The flow, or a function that runs as a part of it.
struct Routine<'e> {
    /// `None` for the flow itself.
    key: Option<&'e str>,
    name: &'e str,
    source: &'e Source,
    graph: &'e Graph,
    segments: &'e Segments,
    /// Where a helper is defined: its name.
    definition: Option<Span>,
}

impl Routine<'_> {
    fn is(&self, source: &Source, function: &Function) -> bool {
        self.source.name() == source.name()
            && match self.definition {
                Some(span) => span == function.name.span,
                None => self.name == function.name.name,
            }
    }
}

struct Explainer<'e> {
    flow: &'e Flow,
    cast: &'e Cast,
    routines: &'e [Routine<'e>],
    places: Places<'e>,
    /// The file the line stands in.
    source: &'e Source,
    module: &'e Module,
    is_single_call: bool,
}

impl<'e> Explainer<'e> {
    fn line(&self, line: usize) -> Result<Explanation, Elsewhere> {
        let holds = |stmt: &&Stmt| (self.source.line_of(stmt.span.start)..=self.last_line(stmt.span)).contains(&line);
        let Some(stmt) = self.module.body.iter().find(holds) else { return Err(self.outside()) };
        let StmtKind::Function(function) = &stmt.kind else { return self.definition(stmt, line) };
        match self.routines.iter().find(|routine| routine.is(self.source, function)) {
            Some(routine) => Ok(self.inside(routine, stmt, function, line)),
            None => self.definition(stmt, line),
        }
    }

    /// A line of the flow or of a helper.
    fn inside(&self, routine: &Routine<'_>, stmt: &Stmt, function: &Function, line: usize) -> Explanation {
        let (region, note) = match spot::find(self.source, stmt, function, line) {
            Spot::Head { first, last } => {
                let part = Part::Function(self.function(routine));
                return self.explanation(line, (first, last), Some(routine), None, vec![part]);
            }
            Spot::Docstring { first, last } => {
                let reason = "it is the docstring: its first paragraph describes the flow".to_owned();
                return self.explanation(line, (first, last), Some(routine), None, vec![Part::Nothing { reason }]);
            }
            Spot::Code(region) => (region, None),
            Spot::Near(region) => {
                let what = match self.source.slice(self.source.line_span(line)).trim() {
                    "" => "blank",
                    _ => "a comment",
                };
                let which = if region.first > line { "the next statement" } else { "the last statement" };
                let note = format!("line {line} is {what}; this is {which}");
                (region, Some(note))
            }
        };
        let lines = (region.first, region.last);
        let mut parts = self.parts(routine, &region);
        if parts.is_empty() {
            parts.push(Part::Nothing { reason: nothing(&region, self.source) });
        }
        self.explanation(line, lines, Some(routine), note, parts)
    }

    fn parts(&self, routine: &Routine<'_>, region: &Region<'_>) -> Vec<Part> {
        let graph = routine.graph;
        let is_here = |span: Span| (region.first..=region.last).contains(&self.source.line_of(span.start));
        let mut parts = Vec::new();
        if let Some(caught) = self.try_statement(region) {
            parts.push(Part::Try(caught));
        }
        let mut code: Vec<Span> = Vec::new();
        for block in graph.reachable() {
            let node = &graph.blocks[block];
            let own = node.all_steps().filter(|step| is_here(step.span) && !is_return_of(node, step));
            code.extend(own.map(|step| step.span));
            match &node.end {
                End::Call { call, .. } if is_here(call.span) => {
                    self.flush(&mut code, None, &mut parts);
                    parts.push(Part::Call(Box::new(self.call(routine, block, call))));
                }
                End::Return(value) if is_here(value.span) => code.push(value.span),
                _ => {}
            }
        }
        self.flush(&mut code, None, &mut parts);
        if parts.is_empty()
            && let Some(copied) = region.around.iter().rev().find(|around| is_step(graph, around.span))
        {
            code.push(copied.span);
            self.flush(&mut code, Some(self.source.line_of(copied.span.start)), &mut parts);
        }
        parts
    }

    /// Makes one part of code that runs in the router.
    fn flush(&self, code: &mut Vec<Span>, copied_with: Option<usize>, parts: &mut Vec<Part>) {
        if code.is_empty() {
            return;
        }
        let places = self.places.of(self.source.name(), code);
        code.clear();
        // Several things of one line may stand in the same places; the end of a run of calls stands nowhere.
        let is_known = parts.iter().any(|part| matches!(part, Part::Router { places: known, .. } if *known == places));
        if !places.is_empty() && !is_known {
            parts.push(Part::Router { places, copied_with });
        }
    }

    fn function(&self, routine: &Routine<'_>) -> ExplainedFunction {
        let graph = routine.graph;
        let mut calls: Vec<_> =
            graph.reachable().into_iter().flat_map(|block| graph.blocks[block].handlers()).collect();
        calls.sort_by_key(|(_, span)| *span);
        let mut actors: Vec<String> = Vec::new();
        for (handler, _) in calls {
            let name = self.cast.name(handler).to_string();
            if !actors.contains(&name) {
                actors.push(name);
            }
        }
        let entry = routine.key.is_none().then(|| match self.is_single_call {
            true => actors.first().cloned().unwrap_or_default(),
            false => self.cast.router.to_string(),
        });
        let segments = match self.is_single_call {
            true => Vec::new(),
            false => {
                let all = routine.segments.all.iter();
                all.map(|segment| self.places.segment(routine.key, &segment.label)).collect()
            }
        };
        ExplainedFunction { entry, actors, segments, keeps_variables: graph.is_stateful }
    }

    /// A line at the top level of a file, or of a function that is no part of the flow.
    fn definition(&self, stmt: &Stmt, line: usize) -> Result<Explanation, Elsewhere> {
        let lines = (self.source.line_of(stmt.span.start), self.last_line(stmt.span));
        let name = match &stmt.kind {
            StmtKind::Function(function) => Some(&function.name.name),
            StmtKind::Class(class) => Some(&class.name.name),
            _ => None,
        };
        if let Some(name) = name {
            let module = self.module_name();
            let whole = format!("{module}.{name}");
            let methods = format!("{whole}.");
            let actors = self.cast.actors.iter();
            let mut found =
                actors.filter(|actor| actor.handler == whole || actor.handler.starts_with(&methods)).peekable();
            if found.peek().is_some() {
                let parts = found.map(|actor| Part::Handler(Called::handler(actor))).collect();
                return Ok(self.explanation(line, lines, None, None, parts));
            }
        }
        let is_own = self.routines.first().is_some_and(|flow| flow.source.name() == self.source.name());
        let place = if is_own { lines.0.to_string() } else { format!("{}:{}", self.source.name(), lines.0) };
        if self.flow.carried.iter().any(|carried| carried.place == place) {
            let part = Part::Carried { router_lines: self.places.definition(&place) };
            return Ok(self.explanation(line, lines, None, None, vec![part]));
        }
        Err(self.outside())
    }

    /// The dotted name under which Python imports the file.
    fn module_name(&self) -> String {
        let files = self.flow.files.iter();
        files
            .filter(|(_, file)| *file == self.source.name())
            .map(|(module, _)| module.clone())
            .next()
            .unwrap_or_default()
    }

    fn outside(&self) -> Elsewhere {
        let functions = self.routines.iter().filter(|routine| routine.source.name() == self.source.name());
        let extent = |routine: &Routine<'_>| {
            let found = self.module.body.iter().rev().find_map(|stmt| match &stmt.kind {
                StmtKind::Function(function) if routine.is(self.source, function) => Some(stmt.span),
                _ => None,
            })?;
            let lines = (self.source.line_of(found.start), self.last_line(found));
            Some((self.source.name().to_owned(), routine.name.to_owned(), lines.0, lines.1))
        };
        Elsewhere::Outside { functions: functions.filter_map(extent).collect() }
    }

    fn explanation(
        &self,
        line: usize,
        (first_line, last_line): (usize, usize),
        routine: Option<&Routine<'_>>,
        note: Option<String>,
        parts: Vec<Part>,
    ) -> Explanation {
        let text = (first_line..=last_line).map(|line| self.source.slice(self.source.line_span(line)).to_owned());
        Explanation {
            file: self.source.name().to_owned(),
            line,
            first_line,
            last_line,
            text: text.collect(),
            function: routine.map(|routine| routine.name.to_owned()),
            note,
            parts,
        }
    }

    fn last_line(&self, span: Span) -> usize {
        self.source.line_of(span.end.saturating_sub(1).max(span.start))
    }
}

fn is_return_of(block: &crate::flow::Block, step: &Step) -> bool {
    matches!(&block.end, End::Return(value) if std::ptr::eq(&**value, step))
}

/// Whether a whole statement was taken as one step.
fn is_step(graph: &Graph, span: Span) -> bool {
    graph.reachable().into_iter().any(|block| graph.blocks[block].steps.iter().any(|step| step.span == span))
}

/// Why nothing runs for some lines.
fn nothing(region: &Region<'_>, source: &Source) -> String {
    let start = source.line_of(region.stmt.span.start);
    match &region.stmt.kind {
        StmtKind::Pass => "`pass` does nothing".to_owned(),
        StmtKind::AnnAssign { value: None, .. } => "a declaration without a value does nothing".to_owned(),
        StmtKind::Break | StmtKind::Continue => {
            "it only says where the router goes on, and the code around it is written so".to_owned()
        }
        StmtKind::Return(_) => "the flow ends here with the answer of the last actor".to_owned(),
        StmtKind::Assign { .. } => "the object stands for actors, which make one of their own".to_owned(),
        StmtKind::Expr(_) => "nobody uses this value".to_owned(),
        _ if region.is_clause && start != region.first => {
            format!("it belongs to the statement of line {start}, which says what runs when")
        }
        _ => "the flow never gets here, or nothing has to run".to_owned(),
    }
}

impl Called {
    fn handler(actor: &super::Actor) -> Self {
        Self {
            r#as: CalledAs::Actor,
            name: actor.name.to_string(),
            handler: actor.handler.clone(),
            is_wrapped: actor.is_wrapped,
            why: None,
            arguments: None,
        }
    }

    /// The actor where parallel calls come together.
    fn join(cast: &Cast) -> Self {
        Self {
            r#as: CalledAs::Join,
            name: cast.join.to_string(),
            handler: JOIN_HANDLER.to_owned(),
            is_wrapped: false,
            why: None,
            arguments: None,
        }
    }
}
