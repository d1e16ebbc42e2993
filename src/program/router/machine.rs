//! The full router: each function of the flow is a machine that runs from one place to its next
//! call, and the message carries its variables.

use std::collections::{BTreeMap, BTreeSet};

use super::super::segments::{Body, Exit, Leave, Segment, Segments};
use super::dispatch::{self, Dispatch, Part, no_place};
use super::lines::Lines;
use super::support::{self, Needs};
use super::{Parts, fresh, literal, taken};
use crate::flow::{BlockId, Call, Callee, Catcher, End, Failures, Graph, Helper};

/// Writes the flow's functions, the handler and what they need; answers the handler's name.
pub(super) fn write<'p>(parts: &Parts<'p>, lines: &mut Lines<'p>) -> String {
    let identifier = parts.settings.flow.as_identifier();
    let mut taken = taken(parts.flow);
    let function = make_name(&identifier, &mut taken);
    let mut make = |name: &str| fresh(name, &mut taken);
    let names = Names {
        function,
        handler: make(&format!("start_{identifier}")),
        at: make("at"),
        place: make("place"),
        variables: make("variables"),
        on_error: make("on_error"),
        raised: make("raised"),
        send: make("send"),
        wait: make("wait"),
        gather: make("gather"),
        bound: make("bound"),
        end: make("end"),
    };
    lines.blank(1);
    lines.line(0, format!("import builtins as {}", parts.flow.names.builtins));
    for module in ["importlib", "json", "sys", "time"] {
        let own = format!("_{module}");
        let own = if taken.contains(&own) { format!("{own}_") } else { own };
        lines.line(0, format!("import {module} as {own}"));
    }
    let mut writer = Writer { parts, names: &names, lines, places: Vec::new() };
    let function = Function {
        name: None,
        text_name: names.function.clone(),
        payload: Some(parts.flow.payload.clone()),
        parameters: &[],
        graph: &parts.flow.graph,
        segments: parts.segments,
        calls_into: calls_into(&parts.flow.graph),
    };
    writer.function(&function);
    let mut helpers = Vec::new();
    for (helper, segments) in parts.flow.helpers.iter().zip(parts.helpers) {
        let text_name = make_name(&helper.name, &mut taken);
        writer.lines.enter(&helper.source, &helper.long_strings);
        writer.arguments(helper, &text_name);
        writer.function(&Function {
            name: Some(helper.key.clone()),
            text_name: text_name.clone(),
            payload: None,
            parameters: &helper.parameter_names,
            graph: &helper.graph,
            segments,
            calls_into: calls_into(&helper.graph),
        });
        helpers.push((helper.key.clone(), text_name));
    }
    let places = std::mem::take(&mut writer.places);
    write_support(parts, &names, lines, &taken, &places, &helpers);
    names.handler
}

fn write_support(
    parts: &Parts<'_>,
    names: &Names,
    lines: &mut Lines<'_>,
    taken: &BTreeSet<String>,
    places: &[(Option<String>, String, usize)],
    helpers: &[(String, String)],
) {
    let own = |word: &str| if taken.contains(word) { format!("{word}_") } else { word.to_owned() };
    lines.blank(2);
    let functions: Vec<String> =
        helpers.iter().map(|(name, text_name)| format!(", {}: {text_name}", literal(name))).collect();
    lines.line(0, format!("{} = {{None: {}{}}}", own("_FUNCTIONS"), names.function, functions.concat()));
    if !helpers.is_empty() {
        let arguments: Vec<String> =
            helpers.iter().map(|(name, text_name)| format!("{}: {}", literal(name), arguments(text_name))).collect();
        lines.line(0, format!("{} = {{{}}}", own("_ARGUMENTS"), arguments.join(", ")));
    }
    let shown: Vec<String> = places
        .iter()
        .map(|(function, at, line)| {
            let function = function.as_deref().map_or("None".to_owned(), literal);
            format!("({function}, {}): {line}", literal(at))
        })
        .collect();
    let shown = if lines.shows_lines { shown } else { Vec::new() };
    match shown.as_slice() {
        [] => lines.line(0, format!("{} = {{}}", own("_LINES"))),
        all => {
            lines.line(0, format!("{} = {{", own("_LINES")));
            all.iter().for_each(|entry| lines.line(1, format!("{entry},")));
            lines.line(0, "}");
        }
    }
    let router = &parts.flow.names;
    let is_group = |block: &crate::flow::Block| matches!(&block.end, End::Call { call, .. } if matches!(call.callee, Callee::All { failures: Failures::Group, .. }));
    let needs = Needs {
        parallel: parts.flow.has_parallel_calls(),
        tasks: parts.flow.graphs().any(|graph| graph.blocks.iter().any(is_group)),
        helpers: !helpers.is_empty(),
    };
    let name = |word: &str| {
        let text = match word {
            "start" => &names.handler,
            "send" => &names.send,
            "wait" => &names.wait,
            "gather" => &names.gather,
            "bound" => &names.bound,
            "end" => &names.end,
            "call" => &router.call,
            "run" => &router.helper,
            "done" => &router.done,
            "items" => &router.items,
            "is_a" => &router.is_a,
            "task" => &router.task,
            "finish" => &router.finish,
            "sleep" => &router.sleep,
            "builtins" => &router.builtins,
            "FLOW" => return Some(literal(parts.settings.flow.as_str())),
            "ROUTER" => return Some(literal(parts.cast.router.as_str())),
            "JOIN" => return Some(literal(parts.cast.join.as_str())),
            _ => return None,
        };
        Some(text.clone())
    };
    lines.blank(1);
    support::text(&needs, &name, taken).into_iter().for_each(|line| lines.line(0, line));
}

/// A name for a function, with which the names of what belongs to it are free, too.
fn make_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut made = fresh(name, taken);
    while [arguments(&made), places(&made)].iter().any(|name| taken.contains(name)) {
        made = fresh(&made, taken);
    }
    taken.extend([arguments(&made), places(&made)]);
    made
}

/// What the function is called that binds the arguments of a helper's function.
fn arguments(function: &str) -> String {
    format!("{function}_arguments")
}

/// What the table of a function's places is called.
fn places(function: &str) -> String {
    format!("{function}_places")
}

struct Names {
    function: String,
    handler: String,
    at: String,
    place: String,
    variables: String,
    on_error: String,
    raised: String,
    send: String,
    wait: String,
    gather: String,
    bound: String,
    end: String,
}

/// One function as a machine.
struct Function<'f> {
    /// `None` for the flow itself.
    name: Option<String>,
    text_name: String,
    /// The variable that takes the payload, in the flow itself.
    payload: Option<String>,
    parameters: &'f [String],
    graph: &'f Graph,
    segments: &'f Segments,
    calls_into: BTreeMap<BlockId, &'f Call>,
}

struct Writer<'w, 'p> {
    parts: &'w Parts<'p>,
    names: &'w Names,
    lines: &'w mut Lines<'p>,
    /// Where calls are: function, place after the call, line.
    places: Vec<(Option<String>, String, usize)>,
}

impl Writer<'_, '_> {
    fn function(&mut self, function: &Function<'_>) {
        let names = self.names;
        let Names { at, variables, on_error, raised, .. } = names;
        let (result, error) = (&self.parts.flow.names.result, &self.parts.flow.names.error);
        let catches =
            function.graph.reachable().into_iter().any(|block| function.graph.blocks[block].catcher.is_some());
        self.lines.blank(2);
        self.lines.line(0, format!("def {}({at}, {variables}, {result}, {error}):", function.text_name));
        self.lines.line(1, format!("\"\"\"Runs the flow from `{at}` to its next call.\"\"\""));
        if catches {
            self.lines.line(1, format!("{on_error} = None"));
        }
        self.lines.line(1, "while True:");
        let depth = if catches {
            self.lines.line(2, "try:");
            3
        } else {
            2
        };
        let segments = &function.segments.all;
        let dispatch = Dispatch {
            at,
            place: &names.place,
            places: &places(&function.text_name),
            otherwise: Some(no_place(&self.parts.flow.function, at)),
        };
        dispatch.open(self.lines, depth, segments);
        for part in dispatch::parts(segments.len()) {
            match part {
                Part::Place { depth: inner, index } => {
                    let (segment, depth) = (&segments[index], depth + inner);
                    self.lines.segment(depth, function.name.as_deref(), &segment.label);
                    self.segment(function, segment, depth + 1, catches);
                }
                part => dispatch.part(self.lines, depth, part),
            }
        }
        dispatch.close(self.lines, depth, segments);
        if catches {
            self.lines.line(2, format!("except BaseException as {raised}:"));
            self.lines.line(3, format!("if {on_error} is None:"));
            self.lines.line(4, "raise");
            self.lines.line(3, format!("{error}, {at}, {on_error} = {raised}, {on_error}, None"));
        }
        dispatch.table(self.lines, segments);
    }

    /// Binds the arguments of a helper as Python does.
    fn arguments(&mut self, helper: &Helper, text_name: &str) {
        let pairs: Vec<String> =
            helper.parameter_names.iter().map(|name| format!("{}: {name}", literal(name))).collect();
        self.lines.blank(2);
        let parameters = self.lines.code(&helper.parameters, helper.span, 1);
        self.lines.line(0, format!("def {}({parameters}):", arguments(text_name)));
        self.lines.line(1, format!("return {{{}}}", pairs.join(", ")));
    }

    fn segment(&mut self, function: &Function<'_>, segment: &Segment, depth: usize, catches: bool) {
        let catcher = function.graph.blocks[segment.head].catcher;
        let is_entry = segment.head == function.graph.entry;
        // Every other way here has set it.
        if catches && catcher.is_some() && (segment.is_resumed || segment.is_catching || is_entry) {
            self.set_catcher(function, catcher, depth);
        }
        if segment.label == "start" && is_entry {
            if let Some(payload) = &function.payload {
                self.lines.line(depth, format!("{payload} = {}", self.parts.flow.names.result));
            }
            for name in function.parameters {
                self.lines.line(depth, format!("{name} = {}[{}]", self.names.variables, literal(name)));
            }
        }
        if segment.is_resumed {
            self.resume(function, segment.head, catcher, depth);
        }
        self.body(function, &segment.body, depth, catcher);
    }

    fn set_catcher(&mut self, function: &Function<'_>, catcher: Option<Catcher>, depth: usize) {
        let to = catcher.map_or("None".to_owned(), |catcher| literal(function.segments.label(catcher.block)));
        self.lines.line(depth, format!("{} = {to}", self.names.on_error));
    }

    /// Takes variables and result from the message.
    fn resume(&mut self, function: &Function<'_>, head: BlockId, catcher: Option<Catcher>, depth: usize) {
        let Some(call) = function.calls_into.get(&head) else { return };
        let variables = &self.names.variables;
        if !call.keeps.is_empty() {
            for name in &call.keeps {
                self.lines.line(depth, format!("{name} = {variables}[{}]", literal(name)));
            }
        }
        for name in &call.keeps_perhaps {
            self.lines.line(depth, format!("if {} in {variables}:", literal(name)));
            self.lines.line(depth + 1, format!("{name} = {variables}[{}]", literal(name)));
        }
        let (result, error) = (&self.parts.flow.names.result, &self.parts.flow.names.error);
        if let Callee::Payload { payload, .. } = &call.callee {
            self.lines.line(depth, format!("{payload} = {result}"));
        }
        if catcher.is_some() {
            self.lines.line(depth, format!("if {error} is not None:"));
            self.lines.line(depth + 1, format!("raise {error}"));
        }
        if let Some(name) = &call.result {
            let line = self.lines.line_of(call.span);
            self.lines.line_from(depth, &format!("{name} = {result}"), line);
        }
    }

    fn body(&mut self, function: &Function<'_>, body: &Body, depth: usize, catcher: Option<Catcher>) {
        let graph = function.graph;
        let mut catcher = catcher;
        let move_to = |writer: &mut Self, block: BlockId, now: &mut Option<Catcher>| {
            let wanted = graph.blocks[block].catcher;
            if wanted != *now {
                writer.set_catcher(function, wanted, depth);
                *now = wanted;
            }
        };
        for &block in &body.blocks {
            move_to(self, block, &mut catcher);
            for step in &graph.blocks[block].steps {
                self.lines.statement(step, depth);
            }
        }
        if !matches!(body.leave, Leave::Goto(_) | Leave::Raise) {
            move_to(self, body.last, &mut catcher);
        }
        match &body.leave {
            Leave::Send(exit) => self.send(function, exit, body.last, depth),
            Leave::Wait(block, then) => self.wait(function, *block, then, depth),
            Leave::Return(block) => {
                if let End::Return(value) = &graph.blocks[*block].end {
                    let line = self.lines.line_of(value.span);
                    let text = self.lines.code(&value.code, value.span, depth);
                    self.lines.mark(value.span);
                    self.lines.line_from(depth, &format!("return {}({text})", self.parts.flow.names.done), line);
                } else {
                    self.lines.line(depth, format!("return {}(None)", self.parts.flow.names.done));
                }
            }
            Leave::Raise => {}
            Leave::Goto(label) => {
                if let Some(head) = function.segments.head(label) {
                    move_to(self, head, &mut catcher);
                }
                self.lines.line(depth, format!("{} = {}", self.names.at, literal(label)));
                self.lines.line(depth, "continue");
            }
            Leave::Branch { block, then, orelse } => {
                if let End::Branch { test, .. } = &graph.blocks[*block].end {
                    self.lines.head("if", test, depth);
                }
                self.body(function, then, depth + 1, catcher);
                // Every way through `then` leaves, so the other way needs no `else`.
                self.body(function, orelse, depth, catcher);
            }
            Leave::Match { block, cases, otherwise } => {
                let End::Match { subject, cases: heads, .. } = &graph.blocks[*block].end else { return };
                self.lines.head("match", subject, depth);
                for (case, body) in heads.iter().zip(cases) {
                    self.lines.head("case", &case.head, depth + 1);
                    self.body(function, body, depth + 2, catcher);
                }
                self.body(function, otherwise, depth, catcher);
            }
        }
    }

    fn send(&mut self, function: &Function<'_>, exit: &Exit, block: BlockId, depth: usize) {
        exit.calls.iter().for_each(|call| self.lines.call(call.span, depth));
        let actors: Vec<String> =
            exit.handlers().map(|handler| literal(self.parts.cast.name(handler).as_str())).collect();
        let Some(last) = exit.calls.last() else { return };
        let Callee::Payload { payload, .. } = &last.callee else { return };
        let actors = actors.join(", ");
        match &exit.then {
            None => self.lines.line(depth, format!("return {}({payload}, [{actors}])", self.names.end)),
            Some(then) => {
                self.note(function, then, last);
                let rest = self.rest(function, then, last, block);
                self.lines.line(depth, format!("return {}({payload}, [{actors}], {rest})", self.names.send));
            }
        }
    }

    fn wait(&mut self, function: &Function<'_>, block: BlockId, then: &str, depth: usize) {
        let End::Call { call, .. } = &function.graph.blocks[block].end else { return };
        self.note(function, then, call);
        let rest = self.rest(function, then, call, block);
        self.lines.call(call.span, depth);
        let text = match &call.callee {
            Callee::Payload { .. } => return,
            Callee::One(code) => format!("{}({}, {rest})", self.names.wait, self.lines.code(code, call.span, depth)),
            Callee::All { calls, failures } => {
                let failures = match failures {
                    Failures::Raise => "raise",
                    Failures::Return => "return",
                    Failures::Group => "group",
                };
                let calls = self.lines.code(calls, call.span, depth);
                format!("{}({calls}, \"{failures}\", {rest})", self.names.gather)
            }
        };
        self.lines.line(depth, format!("return {text}"));
    }

    fn note(&mut self, function: &Function<'_>, then: &str, call: &Call) {
        let line = self.lines.line_of(call.span);
        self.places.push((function.name.clone(), then.to_owned(), line));
    }

    /// Where the function goes on, the variables it keeps, and whether it catches errors.
    fn rest(&self, function: &Function<'_>, then: &str, call: &Call, block: BlockId) -> String {
        let sure: Vec<String> = call.keeps.iter().map(|name| format!("{}: {name}", literal(name))).collect();
        let mut variables = format!("{{{}}}", sure.join(", "));
        if !call.keeps_perhaps.is_empty() {
            let names: Vec<String> = call.keeps_perhaps.iter().map(|name| literal(name)).collect();
            let builtins = &self.parts.flow.names.builtins;
            variables.push_str(&format!(" | {}({builtins}.locals(), {})", self.names.bound, names.join(", ")));
        }
        let tries = if function.graph.blocks[block].catcher.is_some() { ", tries=True" } else { "" };
        format!("{}, {variables}{tries}", literal(then))
    }
}

/// The call that each block is the continuation of.
fn calls_into(graph: &Graph) -> BTreeMap<BlockId, &Call> {
    let ends = graph.reachable().into_iter().map(|block| &graph.blocks[block].end);
    ends.filter_map(|end| match end {
        End::Call { call, next } => Some((*next, &**call)),
        _ => None,
    })
    .collect()
}
