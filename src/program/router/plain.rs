//! The short router: the message carries its place in the flow, and everything else in the payload.

use super::super::segments::{Body, Exit, Leave};
use super::dispatch::{self, Dispatch, Part, no_place};
use super::lines::Lines;
use super::{Parts, fresh, literal, taken, with_commas};
use crate::flow::{BlockId, End};

/// Writes the flow's function and the handler; answers the handler's name.
pub(super) fn write<'p>(parts: &Parts<'p>, lines: &mut Lines<'p>) -> String {
    let name = parts.settings.flow.as_identifier();
    let mut taken = taken(parts.flow);
    let names = Names {
        step: fresh(&name, &mut taken),
        handler: fresh(&format!("start_{name}"), &mut taken),
        at: fresh("at", &mut taken),
        place: fresh("place", &mut taken),
        places: fresh(&format!("{name}_places"), &mut taken),
    };
    let has_frame = parts.segments.need_frame();
    let mut writer = Writer { parts, names: &names, has_frame, lines };
    writer.step();
    writer.handler();
    names.handler
}

struct Names {
    step: String,
    handler: String,
    at: String,
    place: String,
    places: String,
}

struct Writer<'w, 'p> {
    parts: &'w Parts<'p>,
    names: &'w Names,
    has_frame: bool,
    lines: &'w mut Lines<'p>,
}

impl Writer<'_, '_> {
    fn step(&mut self) {
        let segments = self.parts.segments;
        self.lines.blank(2);
        let (step, at, payload) = (self.names.step.clone(), self.names.at.clone(), self.parts.flow.payload.clone());
        let is_single = segments.all.len() == 1 && !self.has_frame && !segments.have_jumps();
        if is_single {
            self.lines.line(0, format_args!("def {step}({payload}):"));
            self.lines.line(1, "\"\"\"Runs the flow to its actor calls; answers the payload and the calls.\"\"\"");
            segments.all.iter().for_each(|segment| self.body(&segment.body, 1));
            return;
        }
        if self.has_frame {
            self.lines.line(0, format_args!("def {step}({payload}, {at}):"));
            self.lines.line(1, format_args!("\"\"\"Runs the flow from `{at}` to its next actor calls.\n\n    Answers the payload, the calls, and where the flow goes on after them (None: nowhere).\n    \"\"\""));
        } else {
            self.lines.line(0, format_args!("def {step}({payload}):"));
            self.lines.line(1, "\"\"\"Runs the flow to its actor calls; answers the payload and the calls.\"\"\"");
            self.lines.line(1, format_args!("{at} = \"start\""));
        }
        self.lines.line(1, "while True:");
        let dispatch = Dispatch {
            at: &at,
            place: &self.names.place,
            places: &self.names.places,
            otherwise: self.has_frame.then(|| no_place(&self.parts.flow.function, &at)),
        };
        dispatch.open(self.lines, 2, &segments.all);
        for part in dispatch::parts(segments.all.len()) {
            match part {
                Part::Place { depth, index } => {
                    self.lines.segment(2 + depth, None, &segments.all[index].label);
                    self.body(&segments.all[index].body, 3 + depth);
                }
                part => dispatch.part(self.lines, 2, part),
            }
        }
        dispatch.close(self.lines, 2, &segments.all);
        dispatch.table(self.lines, &segments.all);
    }

    fn body(&mut self, body: &Body, depth: usize) {
        for &block in &body.blocks {
            for step in &self.parts.flow.graph.blocks[block].steps {
                self.lines.statement(step, depth);
            }
        }
        match &body.leave {
            Leave::Send(exit) => self.send(exit, depth),
            Leave::Return(block) => self.result(*block, depth),
            Leave::Raise | Leave::Wait(..) => {}
            Leave::Goto(label) => {
                self.lines.line(depth, format_args!("{} = {}", self.names.at, literal(label)));
                self.lines.line(depth, "continue");
            }
            Leave::Branch { block, then, orelse } => {
                if let End::Branch { test, .. } = &self.parts.flow.graph.blocks[*block].end {
                    self.lines.head("if", test, depth);
                }
                self.body(then, depth + 1);
                // Every way through `then` leaves, so the other way needs no `else`.
                self.body(orelse, depth);
            }
            Leave::Match { block, cases, otherwise } => {
                let End::Match { subject, cases: heads, .. } = &self.parts.flow.graph.blocks[*block].end else {
                    return;
                };
                self.lines.head("match", subject, depth);
                for (case, body) in heads.iter().zip(cases) {
                    self.lines.head("case", &case.head, depth + 1);
                    self.body(body, depth + 2);
                }
                self.body(otherwise, depth);
            }
        }
    }

    fn result(&mut self, block: BlockId, depth: usize) {
        let end = if self.has_frame { ", None" } else { "" };
        let payload = &self.parts.flow.payload;
        if let End::Return(value) = &self.parts.flow.graph.blocks[block].end {
            self.lines.mark(value.span);
            let value = self.lines.code(&value.code, value.span, depth);
            if value != *payload {
                return self.lines.line(depth, format_args!("return ({value}), []{end}"));
            }
        }
        self.lines.line(depth, format_args!("return {payload}, []{end}"));
    }

    fn send(&mut self, exit: &Exit, depth: usize) {
        let graph = &self.parts.flow.graph;
        exit.calls(graph).for_each(|call| self.lines.call(call.span, depth));
        let names = exit.handlers(graph).map(|handler| self.parts.cast.name(handler).as_str());
        let calls = with_commas(names.map(literal));
        let answer = format_args!("return {}, [{calls}]", self.parts.flow.payload);
        match exit.then.as_deref() {
            _ if !self.has_frame => self.lines.line(depth, answer),
            Some(then) => self.lines.line(depth, format_args!("{answer}, {}", literal(then))),
            None => self.lines.line(depth, format_args!("{answer}, None")),
        }
    }

    fn handler(&mut self) {
        let settings = self.parts.settings;
        let Names { step, handler, at, .. } = self.names;
        let (flow, router) = (literal(settings.flow.as_str()), literal(self.parts.cast.router.as_str()));
        let (step, handler, at) = (step.clone(), handler.clone(), at.clone());
        self.lines.blank(2);
        self.lines.line(0, format_args!("def {handler}(payload):"));
        if self.has_frame {
            self.lines.line(1, "\"\"\"Receives a message of the flow and sends it on.\"\"\"");
            self.lines.line(
                1,
                "headers = yield \"GET\", \".headers\"  # all: asking for one that is missing ends the message",
            );
            self.lines.line(
                1,
                format_args!("if \"x-asya-frame\" not in headers and {router} in (yield \"GET\", \".route.prev\"):"),
            );
            self.lines.line(
                2,
                "raise RuntimeError(\"the place to go on is lost: a handler replaced the headers of the message\")",
            );
            self.lines.line(1, "stack = list(headers.get(\"x-asya-frame\") or [])");
            self.lines.line(1, format_args!("{at} = \"start\""));
            self.lines.line(1, format_args!("if stack and stack[-1].get(\"flow\") == {flow}:"));
            self.lines.line(2, format_args!("{at} = stack.pop()[\"at\"]"));
            self.lines.line(1, format_args!("payload, calls, {at} = {step}(payload, {at})"));
            self.lines.line(1, format_args!("if {at} is not None:"));
            self.lines.line(2, format_args!("calls = [*calls, {router}]"));
            self.lines.line(2, format_args!("stack.append({{\"flow\": {flow}, \"at\": {at}}})"));
        } else {
            self.lines.line(1, "\"\"\"Receives a message for the flow and sends it on.\"\"\"");
            self.lines.line(1, format_args!("payload, calls = {step}(payload)"));
        }
        self.lines.line(1, "if payload is None:");
        self.lines.line(2, "raise TypeError(\"the payload became None, which cannot be sent to an actor\")");
        if self.has_frame {
            self.lines.line(
                1,
                "yield \"SET\", \".headers.x-asya-frame\", stack  # [] at the end: a deleted header would come back",
            );
        }
        self.lines.line(
            1,
            "yield \"SET\", \".route.next[:0]\", calls  # in front: what is queued behind belongs to the caller",
        );
        self.lines.line(
            1,
            "yield list(payload) if isinstance(payload, tuple) else payload  # a tuple would be taken for a command",
        );
    }
}
