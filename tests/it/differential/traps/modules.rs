//! Flows that take definitions of other modules of their project along: everything means there what it
//! means in its own module.

use super::super::reference::Expected;
use super::{IMPORTS, bench};

/// The text is compared as it is in `same_as_python`, beside `modules`.
fn same_with(modules: &[(&str, &str)], text: &str, payload: &str) {
    let mut bench = bench();
    for (name, text) in modules {
        bench.module(name, text);
    }
    let text = format!("{IMPORTS}{text}");
    bench.add("t", &text);
    let (observed, _) = bench.run(&mut bench.mesh(), "t", payload, &[]);
    let Expected::Run(direct) = bench.reference().run("t", payload) else { panic!("too long") };
    assert!(direct.allows(&observed), "{text}\n{direct:#?}\n{observed:#?}");
}

const CONFIG: (&str, &str) = (
    "config",
    r#"
limit = 2
names = ["a", "b"]
kept = 5


def double(x):
    return x * 2
"#,
);

#[test]
fn a_variable_may_be_called_like_what_a_dotted_name_leads_to() {
    let flow = r#"
import config


async def t(p: dict) -> dict:
    limit = await same(p["n"])
    if limit > config.limit:
        p["over"] = await same(limit, config.limit)
    names = config.names
    p["kept"] = [config.kept, await same(1), *[kept + config.kept for kept in await same(names) if False]]
    p["double"] = [config.double(await same(limit)), [double for double in names]]
    return p
"#;
    same_with(&[CONFIG], flow, r#"{"n": 1}"#);
    same_with(&[CONFIG], flow, r#"{"n": 3}"#);
}

#[test]
fn definitions_of_other_modules_use_dotted_names() {
    let part = r#"
import config
import errs
from handlers import same

PAIRS = [config.limit, config.limit * 2]


def scaled(x, by=config.limit):
    return config.double(x) * by


def refuse(code):
    raise errs.Boom("refused", code)


async def part(x, limit=config.limit, *, pairs=PAIRS):  # asya: unfold
    return limit, pairs, await same(scaled(x) + config.limit)
"#;
    let flow = r#"
import part
from part import part as run_part


async def t(p: dict) -> dict:
    p["r"] = [await run_part(p["n"]), *part.PAIRS, part.scaled(3, by=1)]
    try:
        p["never"] = part.refuse(p["n"]) or 1
    except errs.Boom as error:
        p["code"] = await same(error.code)
    return p
"#;
    same_with(&[CONFIG, ("part", part)], flow, r#"{"n": 4}"#);
}

#[test]
fn two_modules_may_call_different_things_by_one_name() {
    let part = r#"
import datetime
import logging
from json import dumps as text
from handlers import same

logger = logging.getLogger("part")
LIMIT = 3


def show(x, limit=LIMIT):
    return [x, limit, LIMIT]


async def part(x, most=LIMIT):  # asya: unfold
    logger.info("part")
    LIMITS = [show(x), [LIMIT for LIMIT in range(2)], (lambda LIMIT: LIMIT)(7)]
    return LIMITS, most, await same(LIMIT), datetime.datetime(2020, 1, 2).isoformat(), text({"a": LIMIT})
"#;
    let other = r#"
from part import LIMIT, show as shown


async def other(x):  # asya: unfold
    return shown(x), LIMIT
"#;
    let flow = r#"
import logging
from datetime import datetime
from json import loads as text
from other import other
from part import LIMIT as MOST, part

logger = logging.getLogger("flow")
LIMIT = 100


def show(x):
    return f"<{x}>"


async def t(p: dict) -> dict:
    logger.info("flow")
    p["r"] = [await part(p["n"]), await part(LIMIT, most=MOST), await other(1), MOST]
    p["own"] = [show(LIMIT), datetime(2021, 1, 1).isoformat(), text("[1]"), [show(await same(2)), LIMIT, MOST]]
    return p
"#;
    same_with(&[("part", part), ("other", other)], flow, r#"{"n": 1}"#);
}

/// The router has functions of its own: `done`, `call`, `items`, `wait`.
#[test]
fn other_modules_may_use_the_names_of_the_router() {
    let part = r#"
from handlers import same

items = [1, 2]


def done(x):
    return x + 1


def call(x):
    return done(x) * 2


async def part(x):  # asya: unfold
    y = await same(call(x))
    for item in items:
        y += await same(done(item))
    return y
"#;
    let flow = r#"
from part import call as twice, part


async def t(p: dict) -> dict:
    p["r"] = {"part": await part(p["n"]), "twice": twice(await same(3))}
    return p
"#;
    same_with(&[("part", part)], flow, r#"{"n": 1}"#);
}

/// The router means Python's own `len` and `list`.
#[test]
fn modules_may_call_things_like_builtins() {
    let part = r#"
from handlers import same

list = [1, 2]
id = "id"


def max(a, b):
    return a


def use(x):
    return [max(x, 9), list, id]


async def part(x):  # asya: unfold
    return use(await same(max(x, 5))), len(list)
"#;
    let flow = r#"
import part as parts
from part import max as first, part, use

len = 7


def str(x):
    return "mine"


async def t(p: dict) -> dict:
    p["r"] = await part(3)
    for x in list(range(2)):
        p["x"] = [len, str(x), max(1, await same(4)), use(x), first(1, 2), parts.list, parts.max(1, 2)]
    try:
        p["y"] = await failing("k")
    except KeyError as error:
        p["e"] = [str(error), type(error).__name__, isinstance(p, dict)]
    return p
"#;
    same_with(&[("part", part)], flow, "{}");
}

/// Data of another module: what its methods do is done here.
#[test]
fn methods_of_values_of_other_modules_are_no_actors() {
    let part = r#"
import re
from textwrap import dedent

PROMPT = "You are {name}."
LONG = dedent("""
    Goal: {goal}
""").strip()
PRICES = {"small": 1, "large": 5}
WORD = re.compile("[a-z]+")
"#;
    let flow = r#"
import part
from part import LONG, PRICES, PROMPT, WORD


async def t(p: dict) -> dict:
    prompt = PROMPT.format(name=await same("bob"))
    goal = LONG.format(goal=prompt)
    price = PRICES.get(p["size"], 0)
    found = WORD.findall(goal)
    p["keys"] = list(part.PRICES.keys())
    p["r"] = [prompt, goal, price, found, part.WORD.sub("x", await same(prompt))]
    return p
"#;
    same_with(&[("part", part)], flow, r#"{"size": "large"}"#);
}

/// `case limit:` would be a variable that takes whatever comes.
#[test]
fn patterns_compare_with_values_of_other_modules() {
    let flow = r#"
import config


async def t(p: dict) -> dict:
    match await same(p["n"]):
        case config.limit:
            p["r"] = "limit"
        case [config.limit, config.kept] if await same(True):
            p["r"] = "both"
        case other:
            p["r"] = other
    match p["n"]:
        case config.kept:
            p["s"] = "kept"
    return p
"#;
    for n in ["1", "2", "5", "[2, 5]", "[2, 4]"] {
        same_with(&[CONFIG], flow, &format!(r#"{{"n": {n}}}"#));
    }
}

#[test]
fn what_an_except_clause_catches_may_be_a_tuple_of_another_module() {
    let part = r#"
import asyncio
import json
from json import JSONDecodeError as Odd

import errs
from errs import Boom as Bang

RETRYABLE = (Bang, errs.Worse, ConnectionError)
ONE = errs.Both
STANDARD = (asyncio.TimeoutError, json.JSONDecodeError)
MORE = RETRYABLE + (KeyError,)
ODD = (Odd, KeyError)
"#;
    for caught in [
        "RETRYABLE",
        "part.RETRYABLE",
        "ONE",
        "STANDARD",
        "part.ODD",
        "MORE",
        "part.MORE",
        "(part.ONE, ZeroDivisionError)",
    ] {
        let flow = format!(
            r#"
import json
import part
from part import MORE, ONE, RETRYABLE, STANDARD


async def t(p: dict) -> dict:
    try:
        if p["case"] == "here":
            p["x"] = json.loads("{{")
        elif p["case"] == "boom":
            p = boom(p)
        elif p["case"] == "both":
            p = both(p)
        elif p["case"] == "worse":
            p = worse(p)
        elif p["case"] == "lost":
            p = flaky(p)
        else:
            p["x"] = await failing("k")
    except {caught} as error:
        p["caught"] = type(error).__name__
    return p
"#
        );
        for case in ["here", "boom", "both", "worse", "lost", "key"] {
            same_with(&[("part", part)], &flow, &format!(r#"{{"case": "{case}", "k": 1}}"#));
        }
    }
}
