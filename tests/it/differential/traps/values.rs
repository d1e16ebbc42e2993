//! T35 and T43: names of the module, and values between statements.

use super::super::trace::End;
use super::{IMPORTS, bench, calls, same_as_python};

#[test]
fn t35_constants_imports_and_helpers_of_the_module_are_there() {
    let flow = r#"
import json

LIMIT = 2
NAMES = {"k": [LIMIT, -1]}


def twice(x):
    return x * LIMIT


def t(p: dict) -> dict:
    p["raw"] = json.dumps(NAMES)
    while len(p.get("log", [])) < LIMIT:
        p = a(p)
    p["t"] = 1 + twice(p["n"])
    return p
"#;
    calls(flow, r#"{"n": 4}"#, &["a", "a"]);
}

#[test]
fn t43_values_keep_their_types_between_statements_without_a_call() {
    let flow = r#"
def t(p: dict) -> dict:
    p = a(p)
    p["t"] = (1, 2)
    while not p.get("same"):
        p["same"] = p["t"] == (1, 2)
        p["rounds"] = p.get("rounds", 0) + 1
        if p["rounds"] > 2:
            break
    if p["same"]:
        p = b(p)
    return p
"#;
    calls(flow, "{}", &["a", "b"]);
}

/// A call that Python does not come to make, as a name or a method before it is not there.
#[test]
fn what_is_looked_up_before_a_call_fails_before_the_call() {
    let flow = |line: &str| {
        format!(
            r#"
NUMBERS = [1]


async def t(p: dict) -> dict:
    if p["n"] > 1:
        x = []
        number = 1
    try:
        {line}
    except (AttributeError, NameError) as error:
        p["error"] = type(error).__name__, str(error)
    return p
"#
        )
    };
    for line in [
        "x.append(await same(1))",
        "p[\"m\"] = number + await same(1)",
        "p[\"m\"] = 0 < number < await same(1) < number",
        "p[\"m\"] = [number, await same(1)]",
        "p[\"m\"] = f\"{number}{await same(1)}\"",
        "p[\"m\"] = await same(number, await same(1))",
        "number += await same(1)",
    ] {
        calls(&flow(line), r#"{"n": 1}"#, &[]);
        let twice: &[&str] = if line.matches("same(").count() > 1 { &["same", "same"] } else { &["same"] };
        calls(&flow(line), r#"{"n": 2}"#, twice);
    }
    for line in [
        "p[\"n\"].append(await same(1))",
        "repr.append(await same(1))",
        "NUMBERS.add(await same(1))",
        "\"\".add(await same(1))",
        "p.get(\"none\").run(await same(1))",
        "p[\"m\"] = p[\"n\"].values() and [p[\"n\"].values(), await same(1)]",
    ] {
        calls(&flow(line), r#"{"n": 1}"#, &[]);
    }
    for line in [
        "p[\"m\"] = NUMBERS.index(await same(1))",
        "p[\"m\"] = str.join(\",\", [str(await same(2))])",
        "p[\"l\"].append(await same(2))",
    ] {
        calls(&flow(line), r#"{"n": 1, "l": []}"#, &["same"]);
    }
}

#[test]
fn a_list_that_is_put_into_itself_is_plain_json() {
    let flow = r#"
def t(p: dict) -> dict:
    rows = []
    for x in p["xs"]:
        p = a(p)
        rows.append(list(rows))
        rows[0].append({"x": [x]})
    p["rows"] = rows
    return p
"#;
    calls(flow, r#"{"xs": [1, 2]}"#, &["a", "a"]);
}

#[test]
fn a_loop_that_only_returns_needs_no_more_than_its_place_and_still_its_items() {
    let flow = r#"
def t(p: dict) -> dict:
    xs = ITERABLE
    for x in xs:
        return a(p)
    return p
"#;
    for iterable in ["p[\"xs\"]", "p[\"d\"].values()", "{x for x in p[\"xs\"]}", "[1]", "reversed(p[\"xs\"])"] {
        let flow = flow.replace("ITERABLE", iterable);
        calls(&flow, r#"{"xs": [3], "d": {"k": 1}}"#, &["a"]);
        let again = flow.replace("    xs = ", "    # ").replace("in xs", &format!("in {iterable}"));
        calls(&again, r#"{"xs": [3], "d": {"k": 1}}"#, &["a"]);
    }
    calls(&flow.replace("ITERABLE", "p[\"xs\"]"), r#"{"xs": []}"#, &[]);
}

/// Parts of an expression that are evaluated before a call stand alone in the router, without the
/// brackets that were around them.
#[test]
fn what_is_evaluated_before_a_call_keeps_its_brackets() {
    for statement in [
        "xs[(i := 1)] += await same(1)",
        "p['r'] = [*(xs or [0]), await same(1), *(not p and [] or [2])]",
        "p['r'] = max(*(xs if p else [1]), await same(9))",
        "p['r'] = max(*(ys := [1, 2]), await same(1))",
        "p['r'] = dict(**({'a': 1} if p else {}), b=await same(1))",
        "p['r'] = {**({'a': 1} if p else {}), 'b': await same(1)}",
        "p['r'] = {**(d := {'a': 1}), 'b': await same(1)}; p['d'] = d",
        "p['r'] = (i := 0) < await same(1) < (j := 5); p['ij'] = [i, j]",
        "p['r'] = await asyncio.gather(*(cs := [same(1), same(2)]), same(await same(1)))",
        "p['r'] = await asyncio.gather(*([same(1)] if p else []), *[same(x) for x in xs[1:]])",
        "p['r'] = await asyncio.gather(*(xs and [same(1)]), same(await same(2)))",
        "p['r'] = (lambda *a, **k: [a, k])(await same(1), z=(i := 2), **{'y': await same(2)})",
    ] {
        let flow = format!(
            "\nasync def t(p: dict) -> dict:\n    xs = [1, 2, 3]\n    {statement}\n    p['xs'] = xs\n    return p\n"
        );
        same_as_python(&flow, r#"{"n": 1}"#);
    }
}

/// What a comprehension or generator goes over first is evaluated outside of it.
#[test]
fn what_a_generator_goes_over_may_be_awaited() {
    for statement in [
        "p['r'] = sum(x * 2 for x in [await same(1), await same(2)])",
        "p['r'] = [x + y for x in [await same(1)] for y in xs if y > x]",
        "p['r'] = {x: [y] for x, y in enumerate(await same(xs))}",
        "p['r'] = sorted((x for x in await same(xs)), key=lambda x: -x)",
        "p['r'] = ','.join(str(x) for x in await same(xs)) + str(await same(1))",
        "for y in (x + 1 for x in await same(xs)):\n        p['r'] = await same(y)",
        "p['r'] = [[await same(x), y] for x, y in zip(xs, await same(xs)) if y > 1]",
        "p['r'] = {k: v for k, v in zip('abc', await asyncio.gather(*(same(x) for x in xs)))}",
        "p['r'] = await asyncio.gather(*(same(x) for x in await same(xs)), same(9))",
        "p['r'] = await asyncio.gather(*[same(x) for x in await asyncio.gather(*[later(y) for y in xs])])",
        "ts = [same(x) for x in await same(xs)]; ts += [same(await same(1))]; p['r'] = await asyncio.gather(*ts)",
    ] {
        let flow = format!("\nasync def t(p: dict) -> dict:\n    xs = [1, 2, 3]\n    {statement}\n    return p\n");
        same_as_python(&flow, "{}");
    }
}

/// Calls that wait for `gather`, for whose arguments something is awaited.
#[test]
fn calls_that_wait_may_await_their_arguments() {
    for statement in [
        "p['r'] = await asyncio.gather(*[same(await later(x)) for x in xs])",
        "p['r'] = await asyncio.gather(*[same(await same(x)) for x in await same(xs) if await same(x) > 2], *(same(y) for y in await same(xs)))",
        "p['r'] = await asyncio.gather(*{k: same(await later(v)) for k, v in enumerate(xs)}.values())",
        "p['r'] = await asyncio.gather(same(await same(1)) if await same(0) else later(2), *(xs and [same(3)]))",
    ] {
        let flow = format!("\nasync def t(p: dict) -> dict:\n    xs = [1, 2, 3]\n    {statement}\n    return p\n");
        same_as_python(&flow, "{}");
    }
}

/// The tasks of a group run when its block ends; what their arguments await comes before.
#[test]
fn tasks_may_await_the_arguments_of_their_calls() {
    let flow = r#"
async def t(p: dict) -> dict:
    async with asyncio.TaskGroup() as group:
        ts = [group.create_task(same(await later(x))) for x in await same([1, 2])]
        if await same(1):
            ts.append(group.create_task(later(await same(3))))
    p["r"] = [task.result() for task in ts]
    return p
"#;
    let mut bench = bench();
    bench.add("t", &format!("{IMPORTS}{flow}"));
    let (observed, _) = bench.run(&mut bench.mesh(), "t", "{}", &[]);
    assert_eq!(observed.end, End::Payload(r#"{"r":[{"later":1},{"later":2},{"later":3}]}"#.to_owned()));
}

/// A tuple without brackets, where the router makes an argument of it.
#[test]
fn tuples_need_no_brackets() {
    let flow = r#"
async def two(n):  # asya: unfold
    try:
        if n == 1:
            return n, await same(n)
        for x in 1, n:
            if x > 2:
                return (x), (n)
        return *range(await same(n)), n
    finally:
        await same("two")


async def one(n):  # asya: unfold
    for x in range(3):
        if x == n:
            return x,
    y = await same(n)
    return (y), [y]


async def t(p: dict) -> dict:
    p["r"] = [await two(p["n"]), await one(p["n"])]
    for name, value in ("a", 1), ("b", 2):
        p[name] = await same(value)
    for x in reversed((1, 2)):
        p["last"] = await same(x)
    return p
"#;
    for n in 1..4 {
        same_as_python(flow, &format!(r#"{{"n": {n}}}"#));
    }
}

/// What is evaluated before a call and cannot travel, but is the same afterwards.
#[test]
fn functions_of_modules_stand_beside_calls() {
    let flow = r#"
import functools
import operator


async def t(p: dict) -> dict:
    p["sum"] = functools.reduce(operator.add, [await same(x) for x in p["xs"]], 0)
    p["upper"] = list(map(str.upper, [await same(str(x)) for x in p["xs"]]))
    p["sorted"] = sorted(await same(["b", "A"]), key=str.lower)
    return p
"#;
    same_as_python(flow, r#"{"xs": [1, 2]}"#);
}

#[test]
fn defaults_of_parts_use_the_module() {
    let flow = r#"
LIMIT = 3
BY = {"k": LIMIT}


async def part(x, limit=LIMIT, *, by=BY["k"] + LIMIT):  # asya: unfold
    return [x, limit, by, await same(x)]


async def t(p: dict) -> dict:
    LIMIT = await part(p["n"])
    p["r"] = [LIMIT, await part(1, 2, by=0)]
    return p
"#;
    same_as_python(flow, r#"{"n": 1}"#);
}

/// `{value=}` shows the text of the expression, which is a variable once a call comes behind it.
#[test]
fn what_shows_its_own_text_before_a_call_is_refused() {
    let text = |shown: &str| {
        format!("{IMPORTS}\nasync def t(p: dict) -> dict:\n    n = 1\n    p[\"r\"] = f\"{shown}\"\n    return p\n")
    };
    for (shown, is_refused) in [
        ("{p['n']=} {await same(1)}", true),
        ("{await same(1)=}", true),
        ("{n=} {await same(1)}", false),
        ("{await same(1)} {p['n']=}", false),
    ] {
        let refused = bench().try_add("t", "t", &text(shown));
        assert_eq!(refused.is_err(), is_refused, "{shown}\n{refused:#?}");
        if is_refused {
            assert_eq!(refused.unwrap_err()[0].code, Some("ASYA015"));
        }
    }
    same_as_python(
        "async def t(p: dict) -> dict:\n    n = 1\n    p[\"r\"] = f\"{n=} {await same(1)} {p['n']=}\"\n    return p\n",
        "{\"n\": 1}",
    );
}

/// What a module or a class has is the same after a call; functions that are made before one are made behind it.
#[test]
fn functions_before_a_call_need_not_travel() {
    for statement in [
        "p['r'] = functools.reduce(operator.add, await same(xs))",
        "p['r'] = list(map(str.upper, [await same('a'), 'b']))",
        "p['r'] = sorted(map(operator.itemgetter('k'), [await same({'k': 2}), {'k': 1}]))",
        "p['r'] = list(map(functools.partial(max, 2), await same(xs)))",
        "p['r'] = list(map(WORD.sub, 'ab', await same(['x', 'y'])))",
    ] {
        let flow = format!(
            "\nimport functools, operator, re\n\nWORD = re.compile('x')\n\n\nasync def t(p: dict) -> dict:\n    xs = [1, 2, 3]\n    {statement}\n    return p\n"
        );
        same_as_python(&flow, "{}");
    }
}

#[test]
fn values_that_json_does_not_have_are_used_between_calls() {
    for lines in [
        "raw = p['s'].encode()\n    p['n'] = raw.decode() + str(len(raw))",
        "first, second = datetime.date(2024, 5, 1), datetime.date(2024, 4, 1)\n    p['n'] = abs(second - first).days",
        "all = sum([datetime.timedelta(1)], datetime.timedelta())\n    p['n'] = all.days",
        "part = round(decimal.Decimal('1.25'), 1)\n    p['n'] = str(part.normalize())",
    ] {
        let flow = format!(
            "\nimport datetime, decimal\n\n\nasync def t(p: dict) -> dict:\n    {lines}\n    p['m'] = await same(1)\n    return p\n"
        );
        same_as_python(&flow, r#"{"s": "é"}"#);
    }
}

/// Names that one statement of the module binds.
#[test]
fn constants_of_one_statement_are_there() {
    let flow = r#"
LOW, HIGH = 0.25, [3]
FIRST = SECOND = {"k": 1}


async def t(p: dict) -> dict:
    p["r"] = [HIGH, await same(LOW), SECOND, FIRST is SECOND]
    return p
"#;
    same_as_python(flow, "{}");
}

/// An iterator without an end under another name.
#[test]
fn a_count_under_another_name_is_followed() {
    let flow = r#"
from itertools import count as numbers


async def t(p: dict) -> dict:
    for n in numbers(1):
        if await same(n) > 2:
            break
    p["n"] = n
    return p
"#;
    same_as_python(flow, "{}");
}
