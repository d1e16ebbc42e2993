//! Calls of actors: of the payload, and of values.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::tree::{Expr, ex, joined};
use super::values::Kind::{self, Any, Dict, Flag, List, Nothing, Number, Text, Tuple};
use super::{Feature, Place, Role, Writer};

/// How likely it is that a call fails.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Risk {
    Never,
    /// When an argument is not what it should be.
    Wrong,
    Often,
}

/// A handler that is called on values.
struct Actor {
    name: &'static str,
    takes: &'static [Kind],
    options: &'static [(&'static str, Kind)],
    gives: Kind,
    is_async: bool,
    risk: Risk,
    feature: Option<Feature>,
}

const fn actor(name: &'static str, is_async: bool, takes: &'static [Kind], gives: Kind, risk: Risk) -> Actor {
    Actor { name, takes, options: &[], gives, is_async, risk, feature: None }
}

impl Actor {
    const fn options(self, options: &'static [(&'static str, Kind)]) -> Self {
        Self { options, ..self }
    }

    const fn of(self, feature: Feature) -> Self {
        Self { feature: Some(feature), ..self }
    }
}

const ACTORS: &[Actor] = &[
    actor("plus", true, &[Number], Number, Risk::Wrong).options(&[("y", Number)]),
    actor("scale", true, &[Number], Number, Risk::Wrong).options(&[("by", Number), ("*offset", Number)]),
    actor("name_of", true, &[Any], Text, Risk::Never),
    actor("listing", true, &[Number], List, Risk::Wrong).options(&[("start", Number)]),
    actor("table", true, &[Text], Dict, Risk::Never).options(&[("value", Any)]),
    actor("pair", true, &[Any], List, Risk::Never).options(&[("b", Any)]),
    actor("nothing", true, &[Any], Nothing, Risk::Never),
    actor("echo", true, &[Any], Any, Risk::Never),
    actor("echo", true, &[List], List, Risk::Never),
    actor("echo", true, &[Tuple], List, Risk::Never).of(Feature::Tuples),
    actor("is_even", true, &[Number], Flag, Risk::Wrong),
    actor("below", true, &[Number], Flag, Risk::Wrong).options(&[("limit", Number)]),
    actor("collect", true, &[Any, Any], Dict, Risk::Never).options(&[("*k", Any), ("*args", Number)]),
    actor("picky", true, &[Any], Number, Risk::Often).options(&[("mood", Number)]),
    actor("half", false, &[Number], Number, Risk::Wrong),
    actor("label", false, &[Any], Text, Risk::Never).options(&[("mark", Text)]),
    actor("wrap", false, &[Any], Dict, Risk::Never).options(&[("key", Text)]),
    actor("pick", false, &[List], Any, Risk::Often).options(&[("at", Number)]),
    actor("strict", false, &[Any], Number, Risk::Often).options(&[("mood", Number)]),
    actor("silent", false, &[Any], Nothing, Risk::Never),
    actor("only", false, &[Any], Dict, Risk::Never).of(Feature::Generators),
    actor("perhaps", false, &[Any], Any, Risk::Never).of(Feature::Generators),
    actor("trickle", true, &[Any], Text, Risk::Never).of(Feature::AsyncGenerators),
    actor("Scale.weigh", true, &[Any], Number, Risk::Never).options(&[("extra", Number)]).of(Feature::Methods),
    actor("Scale.tag", false, &[Any], Text, Risk::Never).of(Feature::Methods),
    actor("Scale.size_of", false, &[Any], Number, Risk::Never).of(Feature::Methods),
    actor("Scale.named", true, &[Any], Text, Risk::Never).of(Feature::Methods),
];

/// Handlers that take the payload and give it back.
const PAYLOAD_HANDLERS: [&str; 16] = [
    "add",
    "grow",
    "more",
    "fresh",
    "fail_often",
    "tuples",
    "numbers",
    "end_call",
    "start_up",
    "router_of",
    "adder",
    "Box.put",
    "Box.take",
    "Box.fixed",
    "passing",
    "streaming",
];

/// All handlers, called as they are in Python.
pub fn catalogue() -> Value {
    let payload = PAYLOAD_HANDLERS.iter().copied().chain(["shaky"]);
    let all: BTreeSet<&str> = payload.chain(ACTORS.iter().map(|actor| actor.name)).collect();
    all.into_iter()
        .map(|name| json!({"name": format!("handlers.{name}"), "handler": format!("handlers.{name}")}))
        .collect()
}

/// How a call stands in the flow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// A whole statement or right side.
    Whole,
    /// Inside of an expression: only with `await`.
    Inner,
    /// A coroutine that others await.
    Branch,
    /// An element of a list of calls, without `await`.
    Element,
}

impl Writer<'_> {
    /// A call whose result becomes the payload.
    pub(super) fn payload_call(&mut self, place: Place) -> Expr {
        let p = self.p();
        if self.function.is_async && place.tries > 0 && self.random.chance(35) {
            return ex!("await shaky($)", p);
        }
        if self.take(Feature::Generators, 4) {
            return ex!("passing($)", p);
        }
        if self.function.is_async && self.take(Feature::AsyncGenerators, 4) {
            return ex!("await streaming($)", p);
        }
        let has_box = self.function.role == Role::Main;
        let (callee, is_async) = match self.random.below(16) {
            0 | 1 => ("add", false),
            2 => ("grow", false),
            3 => ("fresh", false),
            4 => ("fail_often", false),
            5 => ("tuples", false),
            6 => ("numbers", false),
            7 => ("end_call", false),
            8 => ("start_up", false),
            9 => ("router_of", false),
            10 => ("handlers.more", false),
            11 if has_box => ("box.put", false),
            12 if has_box => ("box.take", true),
            11..=13 => ("Box().put", false),
            14 => ("handlers.Box.fixed", false),
            _ => ("adder", true),
        };
        match (is_async, self.function.is_async) {
            (true, true) => ex!("await $($)", callee, p),
            (true, false) => ex!("add($)", p),
            (false, _) => ex!("$($)", callee, p),
        }
    }

    /// A call on values with a result of `kind`; one that cannot fail when it is `calm`.
    pub(super) fn call(&mut self, kind: Kind, how: How, calm: bool) -> Option<Expr> {
        let has_helpers = how != How::Element && self.function.is_async && self.has(Feature::ValueHelpers);
        if has_helpers
            && self.random.chance(15)
            && let Some((call, _)) = self.value_helper(kind, how, calm)
        {
            return Some(call);
        }
        let has_many = self.has(Feature::Arguments) && self.random.chance(60);
        let risk = match (calm, self.is_caught || self.random.chance(15)) {
            (true, _) => Risk::Never,
            (false, false) => Risk::Wrong,
            (false, true) => Risk::Often,
        };
        let fits = |actor: &Actor| {
            let fits_how = match how {
                How::Whole => !actor.is_async || self.function.is_async,
                How::Inner | How::Branch => actor.is_async && self.function.is_async,
                How::Element => !actor.is_async,
            };
            fits_how
                && (kind == Any || actor.gives == kind || actor.gives == Any && how != How::Inner)
                && actor.risk <= risk
                && (has_many || actor.takes.len() == 1)
                && actor.feature.is_none_or(|feature| self.has(feature))
        };
        let fitting: Vec<&Actor> = ACTORS.iter().filter(|actor| fits(actor)).collect();
        if fitting.is_empty() {
            return None;
        }
        let actor = fitting[self.random.below(fitting.len())];
        if let Some(feature) = actor.feature {
            self.used.add(feature);
        }
        let arguments = self.arguments(actor, has_many, calm);
        let callee = self.callee(actor);
        let call = ex!("$($)", callee, joined(arguments));
        let is_awaited = actor.is_async && matches!(how, How::Whole | How::Inner);
        Some(if is_awaited { ex!("await $", call.clone()) } else { call })
    }

    fn callee(&mut self, actor: &Actor) -> String {
        match actor.name.split_once('.') {
            Some((class, method)) => {
                let is_static = matches!(method, "size_of" | "named");
                let has_instance = self.function.role == Role::Main;
                match self.random.below(4) {
                    0 if is_static => format!("{class}.{method}"),
                    1 if is_static => format!("handlers.{class}.{method}"),
                    2 | 3 if has_instance => format!("meter.{method}"),
                    _ => format!("{class}().{method}"),
                }
            }
            None if self.random.chance(20) => format!("handlers.{}", actor.name),
            None => actor.name.to_owned(),
        }
    }

    fn arguments(&mut self, actor: &Actor, has_many: bool, calm: bool) -> Vec<Expr> {
        let mut arguments: Vec<Expr> = actor.takes.iter().map(|kind| self.argument(*kind, calm)).collect();
        if !has_many {
            return arguments;
        }
        self.used.add(Feature::Arguments);
        if actor.name == "collect" || actor.name == "nothing" {
            arguments.truncate(self.random.below(3));
        }
        let mut is_named = false;
        for (name, kind) in actor.options {
            if self.random.chance(50) {
                continue;
            }
            let value = self.argument(*kind, calm);
            let (name, only_named) = name.strip_prefix('*').map_or((*name, false), |name| (name, true));
            if only_named || is_named || self.random.chance(60) {
                is_named = true;
                arguments.push(ex!("$=$", name, value));
            } else {
                arguments.push(value);
            }
        }
        if actor.name == "collect" && self.random.chance(30) {
            let list = if calm { self.calm(List) } else { self.fresh(List, 1) };
            arguments.insert(0, ex!("*$", list));
            if self.random.chance(50) {
                arguments.push(Expr::plain("**{\"more\": 1}"));
            }
        }
        arguments
    }

    pub(super) fn argument(&mut self, kind: Kind, calm: bool) -> Expr {
        if calm {
            let kind = if kind == Any { self.kind() } else { kind };
            return self.calm(kind);
        }
        if kind == Any && self.random.chance(15) {
            // The payload or a part of it, as one value among others.
            let p = self.p();
            return match self.random.below(4) {
                0 => Expr::plain(p),
                1 => Expr::plain("None"),
                _ => ex!("$.get(\"$\")", p, self.random.pick(&["l", "d", "n", "s"])),
            };
        }
        let kind = if self.random.chance(4) { Any } else { kind };
        self.fresh(kind, 2)
    }

    /// An awaited call, for inside of an expression.
    pub(super) fn awaited(&mut self, kind: Kind) -> Expr {
        let percent = if self.has(Feature::Nested) { 15 } else { 0 };
        let call = self.nesting(percent, |writer| writer.call(kind, How::Inner, false));
        call.unwrap_or_else(|| Expr::plain("await echo(0)"))
    }

    /// A call of a handler or helper as a whole right side, whatever it gives.
    pub(super) fn whole_call(&mut self) -> Expr {
        let kind = self.kind();
        self.whole_call_of(kind)
    }

    pub(super) fn whole_call_of(&mut self, kind: Kind) -> Expr {
        let percent = if self.has(Feature::Nested) { 15 } else { 0 };
        let call = self.nesting(percent, |writer| {
            writer.call(kind, How::Whole, false).or_else(|| writer.call(Any, How::Whole, false))
        });
        call.unwrap_or_else(|| Expr::plain("label(0)"))
    }
}
