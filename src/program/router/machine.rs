//! The full router: each function of the flow is a machine that runs from one place to its next
//! call, and the message carries its variables.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use super::super::segments::{Body, Exit, Leave, Segment, Segments};
use super::dispatch::{self, Dispatch, Part, no_place};
use super::lines::Lines;
use super::support::{self, Needs};
use super::{Parts, fresh, literal, taken, with_commas};
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
    lines.line(0, format_args!("import builtins as {}", parts.flow.names.builtins));
    for module in ["importlib", "json", "sys", "time"] {
        let own = format!("_{module}");
        let own = if taken.contains(&own) { format!("{own}_") } else { own };
        lines.line(0, format_args!("import {module} as {own}"));
    }
    let mut writer = Writer { parts, names: &names, lines, places: Vec::new() };
    let function = Function {
        name: None,
        text_name: names.function.clone(),
        payload: Some(&parts.flow.payload),
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
            name: Some(&helper.key),
            text_name: text_name.clone(),
            payload: None,
            parameters: &helper.parameter_names,
            graph: &helper.graph,
            segments,
            calls_into: calls_into(&helper.graph),
        });
        helpers.push((helper.key.as_str(), text_name));
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
    places: &[CallPlace<'_>],
    helpers: &[(&str, String)],
) {
    let own = |word: &str| if taken.contains(word) { format!("{word}_") } else { word.to_owned() };
    lines.blank(2);
    let functions = helpers.iter().map(|(name, text_name)| format!(", {}: {text_name}", literal(name)));
    let functions: String = functions.collect();
    lines.line(0, format_args!("{} = {{None: {}{functions}}}", own("_FUNCTIONS"), names.function));
    if !helpers.is_empty() {
        let arguments =
            with_commas(helpers.iter().map(|(name, text_name)| format!("{}: {}", literal(name), arguments(text_name))));
        lines.line(0, format_args!("{} = {{{arguments}}}", own("_ARGUMENTS")));
    }
    let calls = |lines: &mut Lines<'_>| {
        if !places.is_empty() {
            lines.blank(1);
        }
        for CallPlace { function, then, line } in places {
            match function {
                Some(function) => lines.line(1, format_args!("({}, {}): {line},", literal(function), literal(then))),
                None => lines.line(1, format_args!("(None, {}): {line},", literal(then))),
            }
        }
    };
    lines.line_around(format_args!("{} = {{", own("_LINES")), calls, "}");
    let router = &parts.flow.names;
    let is_group = |block: &crate::flow::Block| matches!(&block.end, End::Call { call, .. } if matches!(call.callee, Callee::All { failures: Failures::Group, .. }));
    let needs = Needs {
        parallel: parts.flow.has_parallel_calls(),
        tasks: parts.flow.graphs().any(|graph| graph.blocks.iter().any(is_group)),
        helpers: !helpers.is_empty(),
    };
    let name = |word: &str| -> Option<Cow<'_, str>> {
        Some(match word {
            "start" => (&names.handler).into(),
            "send" => (&names.send).into(),
            "wait" => (&names.wait).into(),
            "gather" => (&names.gather).into(),
            "bound" => (&names.bound).into(),
            "end" => (&names.end).into(),
            "call" => (&router.call).into(),
            "run" => (&router.helper).into(),
            "done" => (&router.done).into(),
            "items" => (&router.items).into(),
            "is_a" => (&router.is_a).into(),
            "task" => (&router.task).into(),
            "finish" => (&router.finish).into(),
            "sleep" => (&router.sleep).into(),
            "builtins" => (&router.builtins).into(),
            "FLOW" => literal(parts.settings.flow.as_str()).to_string().into(),
            "ROUTER" => literal(parts.cast.router.as_str()).to_string().into(),
            "JOIN" => literal(parts.cast.join.as_str()).to_string().into(),
            _ => return None,
        })
    };
    lines.blank(1);
    support::write(lines, &needs, &name, taken);
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
    name: Option<&'f str>,
    text_name: String,
    /// The variable that takes the payload, in the flow itself.
    payload: Option<&'f str>,
    parameters: &'f [String],
    graph: &'f Graph,
    segments: &'f Segments,
    calls_into: BTreeMap<BlockId, &'f Call>,
}

struct Writer<'w, 'p> {
    parts: &'w Parts<'p>,
    names: &'w Names,
    lines: &'w mut Lines<'p>,
    places: Vec<CallPlace<'p>>,
}

/// Where a call stands.
struct CallPlace<'p> {
    /// `None` for the flow itself.
    function: Option<&'p str>,
    /// The place after the call.
    then: &'p str,
    /// The line of the source.
    line: usize,
}

impl<'p> Writer<'_, 'p> {
    fn function(&mut self, function: &Function<'p>) {
        let names = self.names;
        let Names { at, variables, on_error, raised, .. } = names;
        let (result, error) = (&self.parts.flow.names.result, &self.parts.flow.names.error);
        let catches =
            function.graph.reachable().into_iter().any(|block| function.graph.blocks[block].catcher.is_some());
        self.lines.blank(2);
        self.lines.line(0, format_args!("def {}({at}, {variables}, {result}, {error}):", function.text_name));
        self.lines.line(1, format_args!("\"\"\"Runs the flow from `{at}` to its next call.\"\"\""));
        if catches {
            self.lines.line(1, format_args!("{on_error} = None"));
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
                    self.lines.segment(depth, function.name, &segment.label);
                    self.segment(function, segment, depth + 1, catches);
                }
                part => dispatch.part(self.lines, depth, part),
            }
        }
        dispatch.close(self.lines, depth, segments);
        if catches {
            self.lines.line(2, format_args!("except BaseException as {raised}:"));
            self.lines.line(3, format_args!("if {on_error} is None:"));
            self.lines.line(4, "raise");
            self.lines.line(3, format_args!("{error}, {at}, {on_error} = {raised}, {on_error}, None"));
        }
        dispatch.table(self.lines, segments);
    }

    /// Binds the arguments of a helper as Python does.
    fn arguments(&mut self, helper: &Helper, text_name: &str) {
        let pairs = with_commas(helper.parameter_names.iter().map(|name| Entry(name)));
        self.lines.blank(2);
        let parameters = self.lines.code(&helper.parameters, helper.span, 1);
        self.lines.line(0, format_args!("def {}({parameters}):", arguments(text_name)));
        self.lines.line(1, format_args!("return {{{pairs}}}"));
    }

    fn segment(&mut self, function: &Function<'p>, segment: &'p Segment, depth: usize, catches: bool) {
        let catcher = function.graph.blocks[segment.head].catcher;
        let is_entry = segment.head == function.graph.entry;
        // Every other way here has set it.
        if catches && catcher.is_some() && (segment.is_resumed || segment.is_catching || is_entry) {
            self.set_catcher(function, catcher, depth);
        }
        if &*segment.label == "start" && is_entry {
            if let Some(payload) = function.payload {
                self.lines.line(depth, format_args!("{payload} = {}", self.parts.flow.names.result));
            }
            for name in function.parameters {
                self.lines.line(depth, format_args!("{name} = {}[{}]", self.names.variables, literal(name)));
            }
        }
        if segment.is_resumed {
            self.resume(function, segment.head, catcher, depth);
        }
        self.body(function, &segment.body, depth, catcher);
    }

    fn set_catcher(&mut self, function: &Function<'p>, catcher: Option<Catcher>, depth: usize) {
        let on_error = &self.names.on_error;
        match catcher.map(|catcher| function.segments.label(catcher.block)) {
            Some(label) => self.lines.line(depth, format_args!("{on_error} = {}", literal(label))),
            None => self.lines.line(depth, format_args!("{on_error} = None")),
        }
    }

    /// Takes variables and result from the message.
    fn resume(&mut self, function: &Function<'p>, head: BlockId, catcher: Option<Catcher>, depth: usize) {
        let Some(call) = function.calls_into.get(&head) else { return };
        let variables = &self.names.variables;
        for name in &call.keeps {
            self.lines.line(depth, format_args!("{name} = {variables}[{}]", literal(name)));
        }
        for name in &call.keeps_perhaps {
            self.lines.line(depth, format_args!("if {} in {variables}:", literal(name)));
            self.lines.line(depth + 1, format_args!("{name} = {variables}[{}]", literal(name)));
        }
        let (result, error) = (&self.parts.flow.names.result, &self.parts.flow.names.error);
        if let Callee::Payload { payload, .. } = &call.callee {
            self.lines.line(depth, format_args!("{payload} = {result}"));
        }
        if catcher.is_some() {
            self.lines.line(depth, format_args!("if {error} is not None:"));
            self.lines.line(depth + 1, format_args!("raise {error}"));
        }
        if let Some(name) = &call.result {
            let line = self.lines.line_of(call.span);
            self.lines.line_from(depth, format_args!("{name} = {result}"), line);
        }
    }

    fn body(&mut self, function: &Function<'p>, body: &'p Body, depth: usize, catcher: Option<Catcher>) {
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
                    self.lines.line_from(depth, format_args!("return {}({text})", self.parts.flow.names.done), line);
                } else {
                    self.lines.line(depth, format_args!("return {}(None)", self.parts.flow.names.done));
                }
            }
            Leave::Raise => {}
            Leave::Goto(label) => {
                if let Some(head) = function.segments.head(label) {
                    move_to(self, head, &mut catcher);
                }
                self.lines.line(depth, format_args!("{} = {}", self.names.at, literal(label)));
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

    fn send(&mut self, function: &Function<'p>, exit: &'p Exit, block: BlockId, depth: usize) {
        exit.calls(function.graph).for_each(|call| self.lines.call(call.span, depth));
        let names = exit.handlers(function.graph).map(|handler| self.parts.cast.name(handler).as_str());
        let actors = with_commas(names.map(literal));
        let Some(last) = exit.calls(function.graph).next_back() else { return };
        let Callee::Payload { payload, .. } = &last.callee else { return };
        match &exit.then {
            None => self.lines.line(depth, format_args!("return {}({payload}, [{actors}])", self.names.end)),
            Some(then) => {
                self.note(function, then, last);
                let rest = self.rest(function, then, last, block);
                self.lines.line(depth, format_args!("return {}({payload}, [{actors}], {rest})", self.names.send));
            }
        }
    }

    fn wait(&mut self, function: &Function<'p>, block: BlockId, then: &'p str, depth: usize) {
        let End::Call { call, .. } = &function.graph.blocks[block].end else { return };
        self.note(function, then, call);
        let rest = self.rest(function, then, call, block);
        self.lines.call(call.span, depth);
        match &call.callee {
            Callee::Payload { .. } => {}
            Callee::One(code) => {
                let call = self.lines.code(code, call.span, depth);
                self.lines.line(depth, format_args!("return {}({call}, {rest})", self.names.wait));
            }
            Callee::All { calls, failures } => {
                let failures = match failures {
                    Failures::Raise => "raise",
                    Failures::Return => "return",
                    Failures::Group => "group",
                };
                let calls = self.lines.code(calls, call.span, depth);
                let gather = &self.names.gather;
                self.lines.line(depth, format_args!("return {gather}({calls}, \"{failures}\", {rest})"));
            }
        }
    }

    fn note(&mut self, function: &Function<'p>, then: &'p str, call: &Call) {
        let line = self.lines.line_of(call.span);
        self.places.push(CallPlace { function: function.name, then, line });
    }

    /// Where the function goes on, the variables it keeps, and whether it catches errors.
    fn rest(&self, function: &Function<'p>, then: &str, call: &Call, block: BlockId) -> String {
        let sure = with_commas(call.keeps.iter().map(|name| Entry(name)));
        let mut rest = format!("{}, {{{sure}}}", literal(then));
        if !call.keeps_perhaps.is_empty() {
            let names = with_commas(call.keeps_perhaps.iter().map(|name| literal(name)));
            let builtins = &self.parts.flow.names.builtins;
            let _ = write!(rest, " | {}({builtins}.locals(), {names})", self.names.bound);
        }
        if function.graph.blocks[block].catcher.is_some() {
            rest.push_str(", tries=True");
        }
        rest
    }
}

/// A variable as an entry of a dict, under its name.
struct Entry<'n>(&'n str);

impl fmt::Display for Entry<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", literal(self.0), self.0)
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
