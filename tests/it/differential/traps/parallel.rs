//! T13 to T19: parallel calls.

use asya::local::{Happening, RawJson};
use serde_json::{Value, json};

use super::super::trace::End;
use super::{IMPORTS, bench, calls, same_as_python};

#[test]
fn t13_results_stay_in_order_from_ten_on() {
    let flow = r#"
def t(p: dict) -> dict:
    p["r"] = [sq(x) for x in p["xs"]]
    p = fin(p)
    return p
"#;
    let mut expected = vec!["sq"; 12];
    expected.push("fin");
    calls(flow, r#"{"xs": [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]}"#, &expected);
    calls(flow, r#"{"xs": []}"#, &["fin"]);
    let mut expected = vec!["sq"; 101];
    expected.push("fin");
    let many: Vec<u32> = (0..101).rev().collect();
    calls(flow, &json!({"xs": many}).to_string(), &expected);
}

#[test]
fn t13_every_way_to_write_them() {
    let written = [
        "[sq(p[\"a\"]), sq(p[\"b\"])]",
        "[await later(p[\"a\"]), await later(p[\"b\"])]",
        "await asyncio.gather(later(p[\"a\"]), later(p[\"b\"]))",
        "await asyncio.gather(*(later(x) for x in (p[\"a\"], p[\"b\"])))",
        "await asyncio.gather(*[later(x) for x in (p[\"a\"], p[\"b\"])])",
        "list(await asyncio.gather(later(p[\"a\"]), later(p[\"b\"])))",
        "list([sq(x) for x in (p[\"a\"], p[\"b\"])])",
        "await asyncio.gather(*[later(x) for x in (p[\"a\"], 0, p[\"b\"]) if x])",
    ];
    for call in written {
        let actor = if call.contains("sq") { "sq" } else { "later" };
        let flow = format!(
            "\nasync def t(p: dict) -> dict:\n    p[\"r\"] = {call}\n    p[\"n\"] = len(p[\"r\"])\n    return fin(p)\n"
        );
        calls(&flow, r#"{"a": 2, "b": 3}"#, &[actor, actor, "fin"]);
    }
}

#[test]
fn t14_a_branch_without_a_result_is_none() {
    let flow = r#"
def t(p: dict) -> dict:
    p["r"] = [even(x) for x in p["xs"]]
    p = fin(p)
    return p
"#;
    calls(flow, r#"{"xs": [1, 2, 3]}"#, &["even", "even", "even", "fin"]);
}

#[test]
fn t14_a_branch_that_fails_fails_the_flow() {
    let flow = r#"
def t(p: dict) -> dict:
    p["r"] = [checked(x) for x in p["xs"]]
    p = fin(p)
    return p
"#;
    // Python does not come to the last two.
    calls(flow, r#"{"xs": [1, 3, 4, 2]}"#, &["checked"; 4]);
}

#[test]
fn t15_the_handler_runs_once_with_the_payload_of_the_parent() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p["seen"] = True
        p["r"] = [checked(x) for x in p["xs"]]
        p = b(p)
    except ValueError as error:
        p["error"] = str(error)
        p = a(p)
    p = fin(p)
    return p
"#;
    let made = ["checked", "checked", "checked", "checked", "a", "fin"];
    calls(flow, r#"{"xs": [1, 2, 3, 4]}"#, &made);
    calls(flow, r#"{"xs": [1, 2]}"#, &["checked", "checked", "b", "fin"]);
}

#[test]
fn t16_keys_may_hold_anything() {
    let flow = r#"
def t(p: dict) -> dict:
    p["a/b"] = [sq(2)]
    p["~1"] = [sq(3), sq(4)]
    p[p["key"]] = [sq(x) for x in (5, 6)]
    p["n"] = len(p["a/b"])
    p = fin(p)
    return p
"#;
    calls(flow, r#"{"key": "/~0/\"é\u0000"}"#, &["sq", "sq", "sq", "sq", "sq", "fin"]);
}

#[test]
fn t17_failures_become_values_where_gather_says_so() {
    let flow = r#"
async def t(p: dict) -> dict:
    results = await asyncio.gather(later(p["a"]), failing(p["b"]), return_exceptions=True)
    p["r"] = [str(one) if isinstance(one, Exception) else one for one in results]
    p["kind"] = type(results[1]).__name__
    p = fin(p)
    return p
"#;
    calls(flow, r#"{"a": 1, "b": 2}"#, &["later", "failing", "fin"]);
    let fails = flow.replace("return_exceptions=True", "return_exceptions=False");
    calls(&fails, r#"{"a": 1, "b": 2}"#, &["later", "failing"]);
}

#[test]
fn t18_ordinary_comprehensions_are_data_and_methods_have_their_class() {
    let flow = r#"
def t(p: dict) -> dict:
    m = Model()
    p["t"] = [str(x) for x in p["xs"]]
    p["n"] = [len(p["q"])]
    p["u"] = [x["id"] for x in p["ids"]]
    p["m"] = [m.run(x) for x in p["xs"]]
    return p
"#;
    calls(flow, r#"{"xs": [1, 2], "q": "four", "ids": [{"id": 1}]}"#, &["model-run", "model-run"]);
}

#[test]
fn t19_fan_outs_inside_branches() {
    let flow = r#"
@flow
async def part(x):
    inner = await asyncio.gather(*[later(y) for y in range(x)])
    return {"x": x, "inner": inner}


async def t(p: dict) -> dict:
    p["r"] = await asyncio.gather(*[part(x) for x in p["xs"]])
    p = fin(p)
    return p
"#;
    let flow = format!("\ndef flow(function):\n    return function\n\n{flow}");
    calls(&flow, r#"{"xs": [2, 0, 1]}"#, &["later", "later", "later", "fin"]);
}

/// The flow is itself a branch of somebody's fan-out: the header that says so comes out again.
#[test]
fn t19_a_fan_out_inside_somebody_elses() {
    let mut bench = bench();
    let flow = r#"
def t(p: dict) -> dict:
    p["r"] = [sq(x) for x in p["xs"]]
    if not p["r"]:
        return p
    p["s"] = [sq(x) for x in p["r"]]
    return p
"#;
    bench.add("t", &format!("{IMPORTS}{flow}"));
    let mut mesh = bench.mesh();
    let outer =
        json!({"actor": "join-outer", "origin_id": "o", "slice_index": "1", "slice_count": 3, "aggregation_key": "/x"});
    for xs in ["[1, 2]", "[]"] {
        let headers = RawJson::from(&json!({"x-asya-fan-in": outer, "trace": 1}));
        let payload = RawJson::parse(&format!("{{\"xs\": {xs}}}")).unwrap();
        let entry = bench.programs["t"].entry.as_str();
        let outcome = mesh.send(entry, &[], Some(headers), payload, &mut |_: Happening<'_>| {}).unwrap();
        let last = outcome.hops.last().unwrap().frames[0].headers.as_ref().unwrap();
        let headers: Value = serde_json::from_str(last.as_str()).unwrap();
        assert_eq!(headers["x-asya-fan-in"], outer, "{headers}");
        assert_eq!(headers["trace"], 1, "{headers}");
        assert_eq!(headers["x-asya-frame"], json!([]), "{headers}");
    }
}

/// The arguments of parallel calls are evaluated from left to right, whatever has to be awaited for them.
#[test]
fn arguments_of_parallel_calls_that_await_come_after_those_before_them() {
    let flow = |value: &str| {
        let tasks = if value.contains("*xs") { "xs = [same(1), same(2)]" } else { "pass" };
        format!(
            r#"
async def t(p: dict) -> dict:
    {tasks}
    try:
        p["m"] = {value}
    except (KeyError, TypeError) as error:
        p["error"] = str(error)
    return p
"#
        )
    };
    for value in [
        "await asyncio.gather(same(p[\"none\"]), same(await same(1)))",
        "await asyncio.gather(*[same(x) for x in p[\"none\"]], same(await same(1)))",
        "await asyncio.gather(same(1 + \"\"), *xs, same(await same(1)))",
        "[await same(p[\"none\"]), await same(await same(1))]",
        "[await same(1), await same(p[\"none\"]), await same(await same(1)), await same(2)]",
    ] {
        calls(&flow(value), "{}", &[]);
    }
    for value in [
        "await asyncio.gather(same(3), *xs, same(await same(1)), same(4))",
        "await asyncio.gather(*xs, same(await same(1)), *xs[:0], same(2), same(3))",
        "[await same(3), await same(await same(1)), await same(5), await same(2)]",
    ] {
        let calls_made =
            value.matches("same(").count() + 2 * usize::from(value.contains("(*xs") || value.contains(" *xs,"));
        calls(&flow(value), "{}", &vec!["same"; calls_made]);
    }
}

/// As with `await sq(x)`, which Python does not take either: what is awaited is a call of an actor.
#[test]
fn functions_that_are_not_async_are_called_in_parallel_when_gather_awaits_them() {
    for (before, value) in [
        ("pass", "await asyncio.gather(sq(2), sq(3))"),
        ("pass", "await asyncio.gather(*[sq(x) for x in p[\"xs\"]])"),
        ("pass", "await asyncio.gather(*(sq(x) if x else sq(2) for x in p[\"xs\"]), return_exceptions=True)"),
        ("pass", "await asyncio.gather(*[sq(2), *[sq(3)]])"),
        ("tasks = [sq(x) for x in p[\"xs\"]]", "await asyncio.gather(*tasks)"),
        ("tasks = {x: sq(x) for x in p[\"xs\"]}", "await asyncio.gather(*tasks.values())"),
        ("tasks = {}\n    for x in p[\"xs\"]:\n        tasks[x] = sq(x)", "await asyncio.gather(*tasks.values())"),
        ("tasks = []\n    for x in p[\"xs\"]:\n        tasks.append(sq(x))", "await asyncio.gather(*tasks)"),
        ("tasks = []\n    tasks.extend([sq(2)])\n    tasks += [sq(3)]", "await asyncio.gather(*tasks)"),
        (
            "async with asyncio.TaskGroup() as group:\n        tasks = [group.create_task(sq(x)) for x in p[\"xs\"]]",
            "[task.result() for task in tasks]",
        ),
    ] {
        let text = format!(
            "{IMPORTS}\nasync def t(p: dict) -> dict:\n    {before}\n    p[\"r\"] = {value}\n    return fin(p)\n"
        );
        let mut bench = bench();
        bench.add("t", &text);
        let (observed, _) = bench.run(&mut bench.mesh(), "t", r#"{"xs": [2, 3]}"#, &[]);
        let made: Vec<&str> = observed.calls.iter().map(|(actor, _)| actor.as_str()).collect();
        assert_eq!(made, ["sq", "sq", "fin"], "{text}\n{:?}", observed.end);
        let End::Payload(payload) = observed.end else { panic!("{text}\n{:?}", observed.end) };
        assert!(payload.contains(r#""r": [4, 9]"#) || payload.contains(r#""r":[4,9]"#), "{text}\n{payload}");
    }
}

/// A list of calls is one whatever it goes over.
#[test]
fn what_a_list_of_calls_goes_over_may_be_awaited() {
    let flow = r#"
async def t(p: dict) -> dict:
    p["r"] = [sq(x) for x in await same(p["xs"]) if x > 1]
    return fin(p)
"#;
    calls(flow, r#"{"xs": [1, 2, 3]}"#, &["same", "sq", "sq", "fin"]);
}

/// Nothing is waited for between the tasks and what gathers them: there is no difference to coroutines.
#[test]
fn tasks_that_are_gathered_at_once_are_calls() {
    for (before, value) in [
        ("tasks = [asyncio.create_task(same(x)) for x in p[\"xs\"]]", "await asyncio.gather(*tasks)"),
        (
            "tasks = {str(x): asyncio.create_task(same(x), name=str(x)) for x in p[\"xs\"]}",
            "dict(zip(tasks, await asyncio.gather(*tasks.values())))",
        ),
        (
            "one = asyncio.ensure_future(same(1))\n    two = asyncio.create_task(\n        part(2),\n    )",
            "await asyncio.gather(one, two, return_exceptions=True) and 1",
        ),
        (
            "tasks = []\n    for x in p[\"xs\"]:\n        if x > 1:\n            tasks.append(asyncio.create_task(part(x)))\n    if not tasks:\n        return p",
            "[len(tasks), *await asyncio.gather(*tasks)]",
        ),
        (
            "tasks = [asyncio.create_task(part(x)) for x in p[\"xs\"]]\n    for x in await asyncio.gather(*tasks):\n        p[\"last\"] = x",
            "len(tasks)",
        ),
        (
            "pass",
            "await asyncio.gather(asyncio.create_task(same(1)), *[asyncio.create_task(part(x)) for x in p[\"xs\"]])",
        ),
    ] {
        let flow = format!(
            r#"
async def part(x):  # asya: unfold
    return [x, await same(x)]


async def t(p: dict) -> dict:
    {before}
    p["r"] = {value}
    return p
"#
        );
        same_as_python(&flow, r#"{"xs": [1, 2, 3]}"#);
        same_as_python(&flow, r#"{"xs": []}"#);
    }
}

#[test]
fn a_group_inside_a_group_is_a_function_of_its_own() {
    let text = format!(
        "{IMPORTS}\nasync def t(p: dict) -> dict:\n    p[\"r\"] = await asyncio.gather(asyncio.gather(same(1), same(2)), same(3))\n    return p\n"
    );
    let refused = bench().try_add("t", "t", &text).expect_err(&text);
    assert!(refused.iter().flat_map(|one| &one.help).any(|help| help.contains("marked `# asya: flow`")), "{refused:?}");
    let rewritten = r#"
async def row(xs):  # asya: flow
    return await asyncio.gather(*[same(x) for x in xs])


async def t(p: dict) -> dict:
    p["r"] = await asyncio.gather(row([1, 2]), same(3), *[row(xs) for xs in p["rows"]])
    return p
"#;
    same_as_python(rewritten, r#"{"rows": [[4], [], [5, 6]]}"#);
}

/// Python starts them: something is waited for before, or they are let go of.
#[test]
fn tasks_that_run_on_their_own_are_refused() {
    for body in [
        "task = asyncio.create_task(same(1))\n    p[\"x\"] = await same(2)\n    p[\"y\"] = await asyncio.gather(task)",
        "task = asyncio.create_task(same(1))\n    p[\"y\"] = await task",
        "asyncio.create_task(same(1))\n    p[\"x\"] = await same(2)",
        "tasks = [asyncio.create_task(same(1))]\n    await asyncio.gather(*tasks)\n    p[\"x\"] = tasks[0].result()",
        "tasks = [asyncio.create_task(same(1))]\n    if p:\n        return p\n    p[\"x\"] = await asyncio.gather(*tasks)",
        "tasks = [asyncio.create_task(same(await same(x))) for x in [1]]\n    p[\"x\"] = await asyncio.gather(*tasks)",
        "p[\"x\"] = await asyncio.gather(same(1), asyncio.sleep(0))",
        "group = asyncio.gather(same(await same(1)))\n    p[\"x\"] = await group",
    ] {
        let text = format!("{IMPORTS}\nasync def t(p: dict) -> dict:\n    {body}\n    return p\n");
        let mut bench = bench();
        let refused = bench.try_add("t", "t", &text).expect_err(&text);
        let codes: Vec<_> = refused.iter().filter_map(|one| one.code).collect();
        assert!(codes.contains(&"ASYA034"), "{text}\n{codes:?}");
    }
}
