//! Flows that other compilers for this mesh get wrong, each by name: the calls Python makes are
//! the calls the mesh makes, with the same arguments and the same end.

mod calls;
mod errors;
mod long;
mod modules;
mod parallel;
mod values;

use std::collections::BTreeMap;

use asya::names::FlowName;
use asya::program::{Settings, compile};
use asya::source::Source;

use super::bench::Bench;
use super::reference::Expected;
use super::trace::End;

const HANDLERS: &str = r#"
import errs


def note(p, name):
    p.setdefault("log", []).append(name)
    return p


def a(p):
    return note(p, "a")


def b(p):
    return note(p, "b")


def fin(p):
    return note(p, "fin")


def end_call(p):
    return note(p, "end_call")


def start_call(p):
    return note(p, "start_call")


def router_line(p):
    return note(p, "router_line")


def except_line(p):
    return note(p, "except_line")


def loop_back(p):
    return note(p, "loop_back")


def fanout_line(p):
    return note(p, "fanout_line")


def fanin_line(p):
    return note(p, "fanin_line")


def join_line(p):
    return note(p, "join_line")


def clean(p):
    return {"clean": True, "log": p.get("log", [])}


def bad(p):
    p["bad"] = "was here"
    raise ValueError("bad")


def flaky(p):
    if p["k"] < 3:
        raise ConnectionError("lost")
    return note(p, "flaky")


async def grouped(x):
    raise ExceptionGroup("several", [ValueError("a"), errs.Boom("b", x), ExceptionGroup("inner", [KeyError("c")])])


def boom(p):
    raise errs.Boom("boom", 7)


def worse(p):
    raise errs.Worse("worse")


def both(p):
    raise errs.Both("both")


def moded(p, mode="none"):
    p["mode"] = mode
    return p


def score(x, weight=10):
    return x * weight


def sq(x):
    return x * x


def even(x):
    return None if x % 2 else x


def checked(x):
    if x > 2:
        raise ValueError(f"{x} is too much")
    return x


async def later(x):
    return {"later": x}


async def same(x, y=None):
    return x


async def failing(x):
    raise KeyError(x)


class Model:
    def __init__(self, factor=3):
        self.factor = factor

    def fit(self, p):
        self.factor = 5
        return p

    def predict(self, p):
        p["y"] = p["x"] * self.factor
        return p

    def run(self, x):
        return x * self.factor
"#;

/// A module with errors of its own, one of which has a builtin's name.
const ERRS: &str = r#"
class Boom(Exception):
    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


class ConnectionError(Exception):
    pass


class Odd(Exception):
    pass


class Worse(Odd, KeyError):
    pass


class Both(ValueError, KeyError):
    pass
"#;

const IMPORTS: &str = "\
import asyncio

import errs
from handlers import (
    Model, a, b, bad, boom, both, checked, clean, end_call, even, except_line, failing, fanin_line, fanout_line, fin, flaky,
    grouped, join_line, later, loop_back, moded, router_line, same, score, sq, start_call, worse,
)
from re_errs import Boom as Again


";

fn bench() -> Bench {
    let mut bench = Bench::new(HANDLERS);
    bench.module("errs", ERRS);
    bench.module("re_errs", "from errs import Boom\n");
    bench
}

/// Runs `text` directly and through the mesh; both must call `expected` in this order.
fn calls(text: &str, payload: &str, expected: &[&str]) {
    behind(text, payload, expected, &[]);
}

/// Runs `text` directly and through the mesh; both must do the same.
fn same_as_python(text: &str, payload: &str) {
    let mut bench = bench();
    let text = format!("{IMPORTS}{text}");
    bench.add("t", &text);
    let (observed, _) = bench.run(&mut bench.mesh(), "t", payload, &[]);
    let Expected::Run(direct) = bench.reference().run("t", payload) else { panic!("too long") };
    assert!(direct.allows(&observed), "{text}\n{direct:#?}\n{observed:#?}");
}

/// The same with `next` queued behind the flow by its caller.
fn behind(text: &str, payload: &str, expected: &[&str], next: &[&str]) {
    let mut bench = bench();
    let text = format!("{IMPORTS}{text}");
    bench.add("t", &text);
    // The actors that only the caller knows.
    for extra in next {
        let name = extra.replace('-', "_");
        bench.add(
            &format!("x_{name}"),
            &format!("from handlers import {name}\n\n\ndef x_{name}(p: dict) -> dict:\n    return {name}(p)\n"),
        );
    }
    let mut mesh = bench.mesh();
    let next: Vec<String> = next.iter().map(|name| (*name).to_owned()).collect();
    let (observed, outcome) = bench.run(&mut mesh, "t", payload, &next);
    let made: Vec<&str> = observed.calls.iter().map(|(actor, _)| actor.as_str()).collect();
    assert_eq!(made, expected, "the calls of\n{text}\nend with {:?}", observed.end);
    if next.is_empty() {
        super::hops::check(&bench.programs["t"], &outcome);
        let Expected::Run(direct) = bench.reference().run("t", payload) else { panic!("too long") };
        assert!(direct.allows(&observed), "{text}\n{direct:#?}\n{observed:#?}");
    } else {
        assert!(matches!(observed.end, End::Payload(_)), "{:?}", observed.end);
    }
}

#[test]
fn t1_break_leaves_the_loop_and_nothing_runs_twice() {
    let flow = r#"
def t(p: dict) -> dict:
    p["n"] = 0
    while True:
        p["n"] += 1
        p = a(p)
        if p["n"] == 2:
            break
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "a", "fin"]);
}

#[test]
fn t1_break_two_ifs_deep() {
    let flow = r#"
def t(p: dict) -> dict:
    p["n"] = 0
    while p["n"] < 5:
        p["n"] += 1
        if p["n"] > 1:
            p = a(p)
            if p["n"] == 3:
                break
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "a", "fin"]);
}

#[test]
fn t2_an_early_return_in_a_nested_branch_ends_the_flow() {
    let flow = r#"
def t(p: dict) -> dict:
    if p["vip"]:
        p = a(p)
        if p["done"]:
            return p
    p = b(p)
    return p
"#;
    calls(flow, r#"{"vip": true, "done": true}"#, &["a"]);
    calls(flow, r#"{"vip": true, "done": false}"#, &["a", "b"]);
    calls(flow, r#"{"vip": false}"#, &["b"]);
}

#[test]
fn t3_break_with_nothing_behind_the_loop_ends_the_flow() {
    let flow = r#"
def t(p: dict) -> dict:
    while True:
        p = a(p)
        if len(p["log"]) == 3:
            break
    return p
"#;
    calls(flow, "{}", &["a", "a", "a"]);
    calls(&flow.replace("break", "return p"), "{}", &["a", "a", "a"]);
}

#[test]
fn t4_code_behind_an_inner_loop_goes_on_with_the_outer_one() {
    let flow = r#"
def t(p: dict) -> dict:
    p["i"] = 0
    while p["i"] < 3:
        p["i"] += 1
        p["j"] = 0
        while p["j"] < 2:
            p["j"] += 1
            p = a(p)
        p = b(p)
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "a", "b", "a", "a", "b", "a", "a", "b", "fin"]);
}

#[test]
fn t5_continue_repeats_nothing() {
    let flow = r#"
def t(p: dict) -> dict:
    p["i"] = 0
    while p["i"] < 3:
        p["i"] += 1
        if p["i"] == 1:
            continue
        p = a(p)
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "a", "fin"]);
}

/// What comes in at the start is the payload; what comes back to a loop there is the result of a call.
#[test]
fn loops_that_begin_a_function_get_its_payload_once() {
    let bodies = [
        "    while p.get('n', 0) < 3:\n        p['n'] = await same(p.get('n', 0) + 1)\n",
        "    while await same(p.get('n', 0)) < 3:\n        p['n'] = p.get('n', 0) + 1\n",
        "    while (n := await same(p.get('n', 0) + 1)) <= 3:\n        p['n'] = n\n",
        "    \"\"\"Counts.\"\"\"\n    while True:\n        n = await same(p.get('n', 0) + 1)\n        if n > 3:\n            break\n        p['n'] = n\n",
        "    while True:\n        try:\n            n = await same(p.get('n', 0) + 1)\n        except ValueError:\n            continue\n        p['n'] = n\n        if n == 3:\n            break\n",
    ];
    for (body, made) in bodies.into_iter().zip([3, 4, 4, 4, 3]) {
        let mut expected = vec!["same"; made];
        calls(&format!("\nasync def t(p: dict) -> dict:\n{body}    return p\n"), "{}", &expected);
        let helper = format!("\nasync def part(p: dict, by=1) -> dict:  # asya: unfold\n{body}    return p\n\n\n");
        expected.push("fin");
        calls(
            &format!("{helper}async def t(p: dict) -> dict:\n    p = await part(p)\n    p = fin(p)\n    return p\n"),
            "{}",
            &expected,
        );
    }
}

#[test]
fn t6_an_unconditional_exit_at_the_end_of_a_loop_body() {
    let flow = r#"
def t(p: dict) -> dict:
    p["i"] = 0
    while p["i"] < 5:
        p["i"] += 1
        p = a(p)
        break
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "fin"]);
    calls(&flow.replace("break", "return p"), "{}", &["a"]);
}

#[test]
fn t7_return_after_work_inside_a_loop() {
    let flow = r#"
def t(p: dict) -> dict:
    p["i"] = 0
    while p["i"] < 3:
        p["i"] += 1
        p = a(p)
        if p["i"] == 1:
            p = b(p)
            return p
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "b"]);
}

#[test]
fn t8_a_rebound_payload_is_the_payload_that_is_sent() {
    let flow = r#"
def t(p: dict) -> dict:
    p = {"fresh": True, "was": p}
    if p["was"].get("x"):
        p = dict(p, x=1)
    p = a(p)
    p = {**p, "y": 2}
    return p
"#;
    calls(flow, "{}", &["a"]);
    calls(flow, r#"{"x": 1}"#, &["a"]);
}

#[test]
fn t9_t10_loops_have_no_limit() {
    let flow = r#"
def t(p: dict) -> dict:
    p["i"] = 0
    while p["i"] < 11:
        p["i"] += 1
        p["j"] = 0
        while True:
            p["j"] += 1
            p = a(p)
            if p["j"] == 12:
                break
    return p
"#;
    calls(flow, "{}", &["a"; 132]);
}

/// As deep as Python allows, where the router adds a loop and indentation of its own.
#[test]
fn t9_t10_nesting_reaches_as_deep_as_in_python() {
    let nested = |depth: usize, head: &str| -> String {
        let heads: String = (0..depth).map(|at| format!("{}{head}\n", " ".repeat(at + 4))).collect();
        let last = " ".repeat(depth + 4);
        format!("\ndef t(p):\n    p = a(p)\n{heads}{last}p[\"n\"] += 1\n    return b(p)\n")
    };
    calls(&nested(20, "while p[\"n\"] < 2:"), r#"{"n":0}"#, &["a", "b"]);
    calls(&nested(98, "if p[\"n\"] < 2:"), r#"{"n":0}"#, &["a", "b"]);
}

#[test]
fn t11_several_statements_on_one_line() {
    let flow = "
def t(p: dict) -> dict:
    p['x'] = 1; p = a(p); p['y'] = 2; p = b(p)
    return p
";
    calls(flow, "{}", &["a", "b"]);
}

#[test]
fn t12_actors_may_have_names_that_look_generated() {
    let flow = r#"
def t(p: dict) -> dict:
    p = start_call(p)
    p = router_line(p)
    p["x"] = 1
    p = except_line(p)
    p = loop_back(p)
    p["y"] = [fanout_line({"of": x}) for x in (1, 2)]
    p = fanin_line(p)
    p = join_line(p)
    p = end_call(p)
    return p
"#;
    let expected = [
        "start-call",
        "router-line",
        "except-line",
        "loop-back",
        "fanout-line",
        "fanout-line",
        "fanin-line",
        "join-line",
        "end-call",
    ];
    calls(flow, "{}", &expected);
}

#[test]
fn t47_what_the_caller_queued_behind_the_flow_is_kept() {
    let flow = r#"
def t(p: dict) -> dict:
    p["i"] = 0
    while True:
        p["i"] += 1
        p = a(p)
        if p["i"] == 2:
            return p
        if p.get("stop"):
            break
    p = fin(p)
    return p
"#;
    behind(flow, "{}", &["a", "a", "b", "end-call"], &["b", "end-call"]);
    behind(flow, r#"{"stop": 1}"#, &["a", "fin", "b"], &["b"]);
}

/// Every hop of a run, the router's among them.
fn hops(body: &str, payload: &str) -> Vec<String> {
    let mut bench = bench();
    bench.add("t", &format!("from handlers import a, b, fin\n\n\ndef t(p: dict) -> dict:\n{body}"));
    let (_, outcome) = bench.run(&mut bench.mesh(), "t", payload, &[]);
    outcome.hops.into_iter().map(|hop| hop.actor).collect()
}

#[test]
fn t47_also_behind_joins_and_errors() {
    let flow = r#"
def t(p: dict) -> dict:
    p["r"] = [sq(x) for x in p["xs"]]
    try:
        p = bad(p)
    except ValueError:
        return p
    return fin(p)
"#;
    behind(flow, r#"{"xs": [1, 2]}"#, &["sq", "sq", "bad", "b", "end-call"], &["b", "end-call"]);
    let plain = flow.replace("bad(p)", "a(p)");
    behind(&plain, r#"{"xs": []}"#, &["a", "fin", "b"], &["b"]);
}

/// A message grows by its route alone, however long a loop runs.
#[test]
fn t48_what_the_flow_keeps_in_the_message_does_not_grow() {
    let mut bench = bench();
    let flow = r#"
def t(p: dict) -> dict:
    rounds = 0
    while rounds < 200:
        rounds += 1
        try:
            p["n"] = score(rounds, weight=1)
        except ValueError:
            break
    return p
"#;
    bench.add("t", &format!("{IMPORTS}{flow}"));
    let (observed, outcome) = bench.run(&mut bench.mesh(), "t", "{}", &[]);
    assert_eq!(observed.end, End::Payload(r#"{"n":200}"#.to_owned()));
    let sizes = outcome.hops.iter().filter_map(|hop| Some(hop.frames.first()?.headers.as_ref()?.as_str().len()));
    let sizes: Vec<usize> = sizes.collect();
    assert!(sizes.len() > 200 && sizes.iter().max().unwrap() - sizes[0] < 10, "{sizes:?}");
}

#[test]
fn the_router_is_visited_only_where_it_has_something_to_do() {
    assert_eq!(hops("    p = a(p)\n    return p\n", "{}"), ["a"]);
    assert_eq!(hops("    p = a(p)\n    p = b(p)\n    p = fin(p)\n    return p\n", "{}"), ["start-t", "a", "b", "fin"]);
    let branch = "    if p.get(\"x\"):\n        p = a(p)\n    p = b(p)\n    p = fin(p)\n    return p\n";
    assert_eq!(hops(branch, r#"{"x": 1}"#), ["start-t", "a", "b", "fin"]);
    assert_eq!(hops(branch, "{}"), ["start-t", "b", "fin"]);
    let between = "    p = a(p)\n    p[\"x\"] = 1\n    p = b(p)\n    p = fin(p)\n    return p\n";
    assert_eq!(hops(between, "{}"), ["start-t", "a", "start-t", "b", "fin"]);
    let behind = "    p = a(p)\n    p[\"x\"] = 1\n    return p\n";
    assert_eq!(hops(behind, "{}"), ["start-t", "a", "start-t"]);
    let rounds = "    p[\"i\"] = 0\n    while p[\"i\"] < 2:\n        p[\"i\"] += 1\n        p = a(p)\n        p = b(p)\n    p = fin(p)\n    return p\n";
    assert_eq!(hops(rounds, "{}"), ["start-t", "a", "b", "start-t", "a", "b", "start-t", "fin"]);
}

#[test]
fn a_frame_that_a_handler_threw_away_is_noticed() {
    let mut bench = Bench::new("def a(p):\n    yield 'SET', '.headers', {'mine': 1}\n    yield p\n");
    bench.add(
        "t",
        "from handlers import a\n\n\ndef t(p: dict) -> dict:\n    p = a(p)\n    p[\"x\"] = 1\n    return p\n",
    );
    let (observed, outcome) = bench.run(&mut bench.mesh(), "t", "{}", &[]);
    assert_eq!(outcome.hops.len(), 3, "the flow does not start again");
    let End::Error(kind, message) = observed.end else { panic!("{:?}", observed.end) };
    assert_eq!(kind, "RuntimeError");
    assert!(message.contains("replaced the headers"), "{message}");
}

/// The codes of the errors of a flow that must not compile.
fn codes(text: &str) -> Vec<&'static str> {
    let source = Source::new("t.py", format!("from handlers import a, b, fin, load\n\n\n{text}"));
    let project_modules = std::collections::BTreeSet::from(["handlers".to_owned()]);
    let around = asya::flow::Surroundings { module: "t".to_owned(), project_modules, ..Default::default() };
    let settings = Settings {
        flow: FlowName::new("t").unwrap(),
        name_limit: 48,
        source_sha256: String::new(),
        taken: BTreeMap::new(),
    };
    let diagnostics = compile(&source, &around, &settings).expect_err(text);
    let mut found: Vec<&str> = diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == asya::diagnostic::Severity::Error)
        .filter_map(|diagnostic| diagnostic.code)
        .collect();
    found.dedup();
    found
}

fn refused(statement: &str) -> Vec<&'static str> {
    codes(&format!("def t(p: dict) -> dict:\n    {statement}\n    p = a(p)\n    return p\n"))
}

#[test]
fn t12_an_actor_cannot_have_the_name_of_the_join() {
    let text = "from handlers import join_t, sq\n\n\ndef t(p: dict) -> dict:\n    p = join_t(p)\n";
    assert_eq!(codes(&format!("{text}    p['r'] = [sq(1)]\n    return p\n")), ["ASYA030"]);
    let router = text.replace("join_t", "start_t");
    assert_eq!(codes(&format!("{router}    p['r'] = sq(1)\n    return p\n")), ["ASYA030"]);
}

#[test]
fn t45_two_handlers_of_one_name_are_two_actors() {
    let mut bench = bench();
    let other = "def a(p):\n    p['log'].append('other')\n    return p\n";
    bench.module("other", other);
    bench.add("t", "import handlers\nimport other\n\n\ndef t(p: dict) -> dict:\n    p = handlers.a(p)\n    p = other.a(p)\n    return p\n");
    let (observed, _) = bench.run(&mut bench.mesh(), "t", "{}", &[]);
    let made: Vec<&str> = observed.calls.iter().map(|(actor, _)| actor.as_str()).collect();
    assert_eq!(made, ["handlers-a", "other-a"]);
    assert_eq!(observed.end, End::Payload(r#"{"log":["a","other"]}"#.to_owned()));
}

#[test]
fn t36_an_imported_function_that_should_run_in_the_router_is_refused() {
    assert_eq!(refused("p = b(p)  # asya: inline"), ["ASYA024"]);
}

#[test]
fn t37_an_inline_helper_brings_its_own_helpers() {
    let flow = r#"
def mark(p, name):
    return {**p, "log": [*p.get("log", []), name]}


def inner(p):
    return mark(p, "inner")


def outer(p):
    return inner(p)


def t(p: dict) -> dict:
    p = a(p)
    p = outer(p)  # asya: inline
    p = b(p)
    return p
"#;
    calls(flow, "{}", &["a", "b"]);
}

#[test]
fn t46_directives_and_wrappers_count_wherever_they_stand() {
    assert_eq!(refused("p = b(p)  # asya: inlined"), ["ASYA006"]);
    let flow = r##"
def inline(function):
    return function


def actor(function):
    return function


def twice(p, n=2):
    return {**p, "n": p.get("n", 1) * n}


def t(p: dict) -> dict:
    p = twice(
        p
    )  # asya: inline
    p = inline(twice)(p, n=5)
    p = inline(
        twice
    )(
        p
    )
    p["text"] = "# asya: nonsense"
    p = actor(a)(p)
    p = inline(b)(  # asya: actor
        p
    )
    p = inline(twice)(inline(twice)(p))
    return p
"##;
    calls(flow, "{}", &["a", "b"]);
}
