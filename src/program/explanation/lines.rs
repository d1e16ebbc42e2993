//! From a line to what became of it: the parts that stand on it, or why nothing does.

use super::document::{Called, ExplainedFunction, Explanation, Part};
use super::spot::{self, Region, Spot};
use super::{Elsewhere, Explainer, Routine};
use crate::flow::{Block, Code, End, Graph, Piece, Step};
use crate::source::{Source, Span};
use crate::syntax::tree::{Function, Stmt, StmtKind};

impl Explainer<'_> {
    pub(super) fn line(&self, line: usize) -> Result<Explanation, Elsewhere> {
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
        let mut waiting: Vec<String> = Vec::new();
        for block in graph.reachable() {
            let node = &graph.blocks[block];
            let own = node.all_steps().filter(|step| is_here(step.span) && !is_return_of(node, step));
            for step in own {
                code.push(step.span);
                waiting.extend(self.waiting(&step.code, region));
            }
            match &node.end {
                End::Call { call, .. } if is_here(call.span) => {
                    self.flush(&mut code, None, &mut waiting, &mut parts);
                    parts.push(Part::Call(Box::new(self.call(routine, block, call))));
                }
                End::Return(value) if is_here(value.span) => code.push(value.span),
                _ => {}
            }
        }
        self.flush(&mut code, None, &mut waiting, &mut parts);
        if parts.is_empty()
            && let Some(copied) = region.around.iter().rev().find(|around| is_step(graph, around.span))
        {
            code.push(copied.span);
            let steps = graph.blocks.iter().flat_map(Block::all_steps).filter(|step| step.span == copied.span);
            waiting.extend(steps.flat_map(|step| self.waiting(&step.code, region)));
            self.flush(&mut code, Some(self.source.line_of(copied.span.start)), &mut waiting, &mut parts);
        }
        parts
    }

    /// The actors of calls in `code` that stand in the region and wait to be made.
    fn waiting(&self, code: &Code, region: &Region<'_>) -> Vec<String> {
        let mut line = None;
        let mut found = Vec::new();
        for piece in &code.pieces {
            match piece {
                Piece::Source(span) => line = Some(self.source.line_of(span.end)),
                Piece::Actor(handler) if line.is_none_or(|line| (region.first..=region.last).contains(&line)) => {
                    found.push(self.cast.name(handler).to_string());
                }
                _ => {}
            }
        }
        found
    }

    /// Makes one part of code that runs in the router.
    fn flush(
        &self,
        code: &mut Vec<Span>,
        copied_with: Option<usize>,
        waiting: &mut Vec<String>,
        parts: &mut Vec<Part>,
    ) {
        let mut waiting = std::mem::take(waiting);
        waiting.sort();
        waiting.dedup();
        if code.is_empty() {
            return;
        }
        let places = self.places.of(self.source.name(), code);
        code.clear();
        // Several things of one line may stand in the same places; the end of a run of calls stands nowhere.
        let is_known = parts.iter().any(|part| matches!(part, Part::Router { places: known, .. } if *known == places));
        if !places.is_empty() && !is_known {
            parts.push(Part::Router { places, copied_with, waiting });
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

fn is_return_of(block: &Block, step: &Step) -> bool {
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
