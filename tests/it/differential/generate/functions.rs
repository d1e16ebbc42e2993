//! The module around a flow, the flow's function, and helper flows.

use super::super::tree::{Body, Expr, Stmt, block, ex, joined, line};
use super::actors::How;
use super::values::Kind;
use super::{Feature, Function, Helper, Local, Place, Role, Writer};

/// Names of payloads.
const PLAIN_PAYLOADS: &[&str] = &["p", "payload", "state", "at", "calls"];
const PAYLOADS: &[&str] = &[
    "p", "payload", "state", "at", "calls", "frame", "vars", "result", "error", "stack", "headers", "message", "_",
    "données", "self", "next", "route", "type", "_p", "__at",
];

/// Names of variables: those of generated code, builtins that flows do without, letters of others.
const NASTY: &[&str] = &[
    "frame",
    "vars",
    "result",
    "at",
    "value",
    "error",
    "router",
    "segment",
    "call",
    "_frame",
    "__at",
    "é1",
    "ñandú",
    "变量",
    "id",
    "input",
    "hash",
    "print",
    "next",
    "iter",
    "filter",
    "object",
    "stack",
    "flow",
    "env",
    "match",
    "case",
    "_",
    "payload",
    "headers",
    "route",
    "state",
    "copy",
    "sys",
    "super",
    "map",
    "args",
    "kwargs",
    "self",
    "loop",
    "repr",
    "BaseExceptionGroup",
    "callable",
    "setattr",
    "locals",
    "p_",
    "e",
    "type_",
    "results",
    "__x",
    "step",
    "name",
    "done",
    "items",
];

impl Writer<'_> {
    pub(super) fn module(&mut self, name: &str) -> Body {
        let is_async = self.random.chance(if self.features.is_empty() { 50 } else { 75 });
        let payloads = if self.take(Feature::Names, 100) { PAYLOADS } else { PLAIN_PAYLOADS };
        let payload = self.random.pick(payloads).to_owned();
        let mut body: Body = MODULE.lines().map(line).collect();
        if !self.features.is_empty() {
            body.extend(self.more_imports());
            body.extend(ERRORS.lines().map(line));
            for number in 0..self.random.below(4) {
                body.extend(self.helper(number, is_async));
            }
        }
        self.function = Function::new(&payload, is_async, Role::Main);
        self.room = 30;
        let word = if is_async { "async def" } else { "def" };
        let mark = if self.features.is_empty() { "" } else { self.random.pick(&["", "", "@flow\n"]) };
        let head = Expr::plain(format!("{mark}{word} {name}({payload}: dict) -> dict:"));
        let mut flow = Body::new();
        if self.random.chance(30) {
            flow.push(line("\"\"\"A flow\n\n    made by chance.\n    \"\"\""));
        }
        flow.push(line(if self.random.chance(30) { "box = Box()" } else { "box = handlers.Box()" }));
        if self.has(Feature::Methods) {
            flow.push(line("meter = Scale()"));
        }
        let place = Place { depth: 1, ..Place::default() };
        flow.extend(self.leading_loop(place));
        if self.random.chance(if self.features.is_empty() { 80 } else { 95 }) {
            flow.extend(self.defaults());
        }
        let size = if self.features.is_empty() { 5 + self.random.below(6) } else { 4 + self.random.below(6) };
        for _ in 0..size {
            flow.extend(self.statement(place));
        }
        flow.push(if self.random.chance(20) {
            let call = self.payload_call(place);
            Stmt::Line(ex!("return $", call))
        } else {
            self.last_return(place)
        });
        body.push(block(head, flow));
        body
    }

    fn last_return(&mut self, place: Place) -> Stmt {
        if self.take(Feature::Returns, 30) {
            return Stmt::Line(self.return_value());
        }
        // What is in the variables at the end is worth comparing.
        let sure = self.function.locals.iter().filter(|local| local.is_sure && local.kind != Kind::Nothing);
        let sure: Vec<Expr> = sure.map(|local| Expr::plain(local.name.clone())).collect();
        if self.function.role == Role::Main && !self.has_aliases && !sure.is_empty() && self.random.chance(50) {
            self.used.add(Feature::Locals);
            return Stmt::Line(ex!("return {**$, \"locals\": [$]}", self.p(), joined(sure)));
        }
        Stmt::Line(self.plain_return(place))
    }

    /// `return` of a value that is not the payload as it is.
    pub(super) fn return_value(&mut self) -> Expr {
        if let Role::Value(_) | Role::Payload = self.function.role {
            return self.plain_return(Place::default());
        }
        match self.random.below(4) {
            0 => {
                let call = self.whole_call();
                ex!("return $", call)
            }
            1 => {
                let value = self.right_side(Kind::Any);
                ex!("return $", value)
            }
            2 => {
                let value = self.right_side(Kind::Number);
                ex!("return {**$, \"out\": $}", self.p(), value)
            }
            _ => {
                let value = self.right_side(Kind::Text);
                ex!("return [$, $[\"n\"]]", value, self.p())
            }
        }
    }

    /// A loop on the payload with nothing before it.
    fn leading_loop(&mut self, place: Place) -> Body {
        if !self.take(Feature::LeadingLoops, 35) {
            return Body::new();
        }
        self.function.counters += 1;
        let counted = format!("{}.get(\"c{}\", 0)", self.p(), self.function.counters);
        let rounds = 1 + self.random.below(3);
        let mut body = self.defaults();
        body.push(line(format!("{}[\"c{}\"] = {counted} + 1", self.p(), self.function.counters)));
        let head = match self.random.below(3) {
            0 => {
                body.insert(0, block(Expr::plain(format!("if {counted} == {rounds}:")), vec![line("break")]));
                Expr::plain("while True:")
            }
            1 if self.take(Feature::Conditions, 100) => {
                let test = self.test();
                ex!("while $ < $ and $:", counted, rounds.to_string(), test)
            }
            _ => Expr::plain(format!("while {counted} < {rounds}:")),
        };
        let size = 1 + self.random.below(3);
        body.extend(self.block(place.in_loop(), size));
        vec![block(head, body)]
    }

    fn defaults(&self) -> Body {
        let defaults = [("n", "0"), ("l", "[]"), ("d", "{}"), ("a", "1"), ("b", "2")];
        let p = self.p();
        defaults.iter().map(|(key, value)| line(format!("{p}.setdefault(\"{key}\", {value})"))).collect()
    }

    fn more_imports(&mut self) -> Body {
        let mut lines = vec![
            "import asyncio",
            "import errno",
            "from asyncio import gather",
            "",
            "from handlers import (",
            "    Coded, Quiet, Refused, Scale, Worse, below, collect, echo, half, is_even, label, listing, name_of, nothing,",
            "    only, pair, passing, perhaps, pick, picky, plus, scale, shaky, silent, streaming, strict, table, trickle,",
            "    wrap,",
            ")",
            "from handlers import Refused as Nope",
            "import shared",
            "from shared import LIMIT as SEVEN, NAMES as NINE, call as called",
        ];
        if self.has(Feature::Names) {
            lines.extend(["", "copy = 1", "router = \"module\"", "stack = [copy]"]);
        }
        lines.into_iter().map(line).collect()
    }

    /// A helper flow, which can call those before it.
    fn helper(&mut self, number: usize, is_async: bool) -> Body {
        let is_value = self.has(Feature::ValueHelpers) && (!self.has(Feature::Helpers) || self.random.chance(50));
        if !is_value && !self.has(Feature::Helpers) {
            return Body::new();
        }
        let is_async = is_async && self.random.chance(85);
        let names = if self.has(Feature::Names) { PAYLOADS } else { PLAIN_PAYLOADS };
        let p = self.random.pick(names).to_owned();
        let name =
            format!("{}_{number}", self.random.pick(&["helper", "tidy", "measure", "start", "_inner", "subflow"]));
        let role = if is_value {
            Role::Value([Kind::Number, Kind::Text, Kind::List, Kind::Dict, Kind::Flag][self.random.below(5)])
        } else {
            Role::Payload
        };
        self.function = Function::new(&p, is_async, role);
        self.room = 8;
        let mut body = Body::new();
        let mut takes = Vec::new();
        let parameters = if is_value {
            let count = if self.has(Feature::Arguments) { 1 + self.random.below(2) } else { 1 };
            for at in 0..count {
                let kind = self.kind();
                let parameter = format!("{}{at}", self.random.pick(&["x", "value", "arg"]));
                self.function.names.push(parameter.clone());
                self.function.locals.push(Local { name: parameter.clone(), kind, is_sure: true });
                takes.push((parameter, kind));
            }
            if is_async && takes[0].1 == Kind::Number && self.take(Feature::LeadingLoops, 30) {
                let number = &takes[0].0;
                let head = Expr::plain(format!("while {number} < 2:"));
                body.push(block(head, vec![line(format!("{number} = await plus({number}, 3)"))]));
            }
            body.push(line(format!("{p} = {{\"n\": len(str({})), \"l\": [], \"d\": {{}}, \"log\": []}}", takes[0].0)));
            let all: Vec<&str> = takes.iter().map(|(name, _)| name.as_str()).collect();
            all.join(", ")
        } else {
            format!("{p}: dict")
        };
        let (before, after) = match self.random.below(4) {
            0 => ("@flow\n", ""),
            1 | 2 => ("", "  # asya: unfold"),
            _ => ("", "  # asya: flow"),
        };
        let word = if is_async { "async def" } else { "def" };
        let gives = if is_value { "" } else { " -> dict" };
        let head = Expr::plain(format!("{before}{word} {name}({parameters}){gives}:{after}"));
        let place = Place { depth: 2, ..Place::default() };
        if is_value && is_async && self.take(Feature::NestedFanOut, 50) {
            body.extend(self.gather(place).unwrap_or_default());
        }
        if !is_value {
            body.extend(self.leading_loop(place));
        }
        for _ in 0..1 + self.random.below(3) {
            body.extend(self.statement(place));
        }
        let last = self.plain_return(place);
        body.push(Stmt::Line(last));
        let (sends, sends_in_try) = (self.function.sends, self.function.sends_in_try);
        self.helpers.push(Helper { name, is_async, role, takes, sends, sends_in_try });
        vec![block(head, body), line(""), line("")]
    }

    /// `p = await helper(p)`.
    pub(super) fn helper_call(&mut self, place: Place) -> Option<Body> {
        if place.iterated.is_some() {
            return None;
        }
        let is_async = self.function.is_async;
        let fits = |helper: &&Helper| {
            helper.role == Role::Payload
                && (is_async || !helper.is_async)
                // The payload would be a copy of what a caller goes on with.
                && !(helper.sends_in_try && (place.tries > 0 || self.function.role != Role::Main))
                && !(helper.sends && place.tries > 0 && self.has_aliases)
        };
        let fitting: Vec<Helper> = self.helpers.iter().filter(fits).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let helper = &fitting[self.random.below(fitting.len())];
        self.function.sends |= helper.sends;
        self.function.sends_in_try |= helper.sends_in_try || helper.sends && place.tries > 0;
        let wait = if helper.is_async { "await " } else { "" };
        let p = self.p();
        Some(vec![Stmt::Line(ex!("$ = $$($)", &p, wait, &helper.name, &p))])
    }

    pub(super) fn value_helper_call(&mut self, _place: Place) -> Option<Body> {
        let helper = self.value_helper(Kind::Any, How::Whole, false)?;
        self.bound(helper.1, helper.0)
    }

    /// A call of a helper on values.
    pub(super) fn value_helper(&mut self, kind: Kind, how: How, calm: bool) -> Option<(Expr, Kind)> {
        let fits = |helper: &&Helper| {
            let gives = matches!(helper.role, Role::Value(gives) if kind == Kind::Any || gives == kind);
            let is_fitting = match how {
                How::Whole => self.function.is_async || !helper.is_async,
                How::Inner | How::Branch => helper.is_async && self.function.is_async,
                How::Element => false,
            };
            gives && is_fitting && (!calm || self.has(Feature::NestedFanOut))
        };
        let fitting: Vec<Helper> = self.helpers.iter().filter(fits).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let helper = &fitting[self.random.below(fitting.len())];
        let arguments = helper.takes.iter().map(|(_, kind)| self.fresh(*kind, 1)).collect();
        let wait = if helper.is_async && how != How::Branch { "await " } else { "" };
        self.used.add(Feature::ValueHelpers);
        let gives = if let Role::Value(gives) = helper.role { gives } else { Kind::Any };
        Some((ex!("$$($)", wait, &helper.name, joined(arguments)), gives))
    }

    /// A name for a new variable.
    pub(super) fn name(&mut self) -> String {
        if self.take(Feature::Names, 50) {
            let name = self.random.pick(NASTY).to_owned();
            if !self.function.names.contains(&name) {
                self.function.names.push(name.clone());
                return name;
            }
        }
        let name = format!("v{}", self.function.names.len());
        self.function.names.push(name.clone());
        name
    }
}

const MODULE: &str = r#"import json
import os.path as paths
from math import floor as down

import handlers
from handlers import (
    Box, add, adder, end_call, fail_often, fresh, grow, more, numbers, router_of, start_up, tuples,
)

LIMIT = 3
NAMES = [
    "one",  # first
    "two",
]
BOTH = LIMIT * 2 + len(NAMES)
TEXT = '''line
    indented
'''


def double(number):
    """Uses a constant
    of the module."""
    result = number * 2
    return result + BOTH

"#;

const ERRORS: &str = r#"
class Halt(Exception):
    pass


class Spoiled(Halt, KeyError):
    """Its text is that of a `KeyError`."""


class Numbered(Exception):
    def __init__(self, number, why="none"):
        super().__init__(number, why)
        self.number = number


ERRORS = (ValueError, KeyError)


class Level:
    LOW = 1
    HIGH = 2


def flow(function):
    return function

"#;
