//! Flows that say what becomes of calls: said or not, they do what the Python does.

use super::bench::Bench;
use super::reference::Expected;

const HANDLERS: &str = r#"
def double(x):
    return 2 * x


def less(x):
    return x - 1


def add(x, y=1):
    return x + y


async def ask(x):
    return {"asked": x}


def a(p):
    p.setdefault("log", []).append("a")
    return p


def actor(function):
    return function


inline = flow = unfold = actor
"#;

const HEAD: &str = "import asyncio\nimport handlers\nfrom handlers import a, actor, add, ask, double, flow, inline, less, unfold\n\n\n";

/// Runs the flow `t` of a text directly and through the mesh; both must make `calls`.
fn same(text: &str, payload: &str, calls: &[&str]) {
    let mut bench = Bench::new(HANDLERS);
    let text = format!("{HEAD}{text}");
    bench.add("t", &text);
    let (observed, _) = bench.run(&mut bench.mesh(), "t", payload, &[]);
    let made: Vec<&str> = observed.calls.iter().map(|(actor, _)| actor.as_str()).collect();
    assert_eq!(made, calls, "the calls of\n{text}\n{}", code(&bench));
    let Expected::Run(direct) = bench.reference().run("t", payload) else { panic!("no run of\n{text}") };
    assert!(direct.allows(&observed), "{text}\n{direct:#?}\n{observed:#?}\n{}", code(&bench));
}

fn code(bench: &Bench) -> &str {
    bench.programs["t"].router.as_ref().map_or("", |router| &router.code)
}

#[test]
fn actors_inside_larger_expressions() {
    let flow = r#"
def t(p: dict) -> dict:
    x = double(less(p["n"]))  # asya: actor
    y = actor(add)(actor(double)(x), y=actor(double)(3))
    p["z"] = [x, y] if actor(double)(p["n"]) > 5 and p["n"] or actor(add)(0) else None
    while actor(add)(p["n"]) < 6:
        p["n"] += 1
    p["made"] = {str(k): actor(double)(k) for k in (1, 2)}
    return p
"#;
    same(flow, r#"{"n":3}"#, &["double", "double", "double", "add", "double", "add", "add", "add", "double", "double"]);
}

#[test]
fn parts_by_comment_wrapper_and_mark() {
    let flow = r#"
def part(x, scale=2):
    for i in range(2):
        x = actor(add)(x, y=scale)
        if x > 100:
            return -1
    return x


async def late(q):
    q["late"] = await ask(q["n"])
    return q


@handlers.unfold
def marked(p):
    p = a(p)
    p["marked"] = True
    return p


async def t(p: dict) -> dict:
    p["one"] = part(p["n"])  # asya: unfold
    p["two"] = flow(part)(
        p["one"], scale=50
    ) + 1
    p = marked(p)
    p = await inline(late)(p)
    if unfold(part)(0) and (n := unfold(part)(1)):
        p["n"] = n
    return p
"#;
    let adds = ["add", "add"];
    let calls: Vec<&str> = [&adds[..], &adds, &["a", "ask"], &adds, &adds].concat();
    same(flow, r#"{"n":3}"#, &calls);
}

#[test]
fn functions_that_run_in_the_router() {
    let flow = r#"
LIMIT = 3


@inline
def small(x):
    return inline(double)(x) < LIMIT


def t(p: dict) -> dict:
    p["small"] = [small(x) for x in (1, 2)]
    p["n"] = add(p["n"], y=handlers.double(1))  # asya: inline
    p = a(p)
    p["m"] = inline(
        double
    )(p["n"])
    return p
"#;
    same(flow, r#"{"n":3}"#, &["a"]);
}

#[test]
fn blocks_and_waits_are_settings() {
    let flow = r#"
async def t(p: dict) -> dict:
    async with asyncio.timeout(30):
        p["one"] = await ask(p["n"])
        for x in range(3):
            if x == 1:
                continue
            async with asyncio.timeout(delay=20):
                p["two"] = await asyncio.wait_for(ask(x), 10)
                if x:
                    break
    p["three"] = [await asyncio.wait_for(ask(x), timeout=10) for x in (1,)]
    tasks = []
    for x in "ab":
        tasks.append(asyncio.wait_for(ask(x), timeout=10))
    p["four"] = await asyncio.gather(*tasks)
    p["five"] = (await asyncio.wait_for(
        # why
        ask(
            p["n"]
        ), timeout=10,
    ))["asked"] + 1
    p["six"] = await asyncio.wait_for(asyncio.gather(ask(1), ask(2)), timeout=10)
    return p
"#;
    same(flow, r#"{"n":3}"#, &["ask"; 9]);
}
