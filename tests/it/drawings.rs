//! What pictures and `graph.json` say of every construct of a flow.

use std::fmt::Write as _;

use asya::program::Program;
use serde_json::Value;

use crate::compiler::compile_text;
use crate::differential::pictures::check;

/// A flow of `body`, with the helpers in front of it.
fn flow(helpers: &str, body: &str) -> Program {
    let head = "import asyncio\n\nfrom handlers import a, b, c, d\n\n";
    let text = format!("{head}{helpers}\nasync def demo(p: dict) -> dict:\n{body}    return p\n");
    let program = compile_text(&text).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}")).0;
    check(&program.svg, &program.graph);
    program
}

/// Nodes and edges, one a line.
fn outline(program: &Program) -> String {
    let mut out = String::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('\n', " ; ");
    for node in program.graph["nodes"].as_array().unwrap() {
        let [id, kind, label, detail] = ["id", "kind", "label", "detail"].map(|key| text(&node[key]));
        let _ = write!(out, "{id} {kind}");
        for part in [label, detail].iter().filter(|part| !part.is_empty()) {
            let _ = write!(out, " | {part}");
        }
        out.push('\n');
    }
    for edge in program.graph["edges"].as_array().unwrap() {
        let [from, to, kind, label] = ["from", "to", "kind", "label"].map(|key| text(&edge[key]));
        let _ = writeln!(out, "{} -> {} {kind} {label}", from, to);
    }
    out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn calls_on_values_show_their_lines() {
    let program = flow(
        "",
        "    x = await a(p[\"k\"])
    p[\"y\"] = len(await b(x, n=1)) + 1
    p[\"z\"] = await c(x) + await d(x)
    if await a(p) > 3:
        return {\"x\": x, **await b(x)}
    p = await d(p)
",
    );
    insta::assert_snapshot!(outline(&program), @r#"
start start | demo
n0 call | a | x = a(p["k"])
n1 call | b | p["y"] = len(b(x, n=1)) + 1
n2 call | c | c(x)
n3 call | d | d(x)
c4 code | p["z"] = c(x) + d(x)
n4 call | a | a(p)
n5 branch | a(p) > 3
n6 call | b | return {"x": x, **b(x)}
finish end | end
n8 call | d
start -> n0 next
n0 -> n1 next
n1 -> n2 next
n2 -> n3 next
n3 -> c4 next
c4 -> n4 next
n4 -> n5 next
n5 -> n6 branch yes
n5 -> n8 branch no
n6 -> finish next
n8 -> finish next
"#);
}

#[test]
fn loops_show_their_heads_and_no_counters() {
    let program = flow(
        "",
        "    for n, item in enumerate(p[\"items\"]):
        if item is None:
            continue
        if await a(item):
            break
        p[\"n\"] = n
    else:
        p[\"all\"] = True
    while p[\"n\"] > 0:
        p = await b(p)
    else:
        p[\"zero\"] = True
    p[\"texts\"] = [(await c(x)).strip() for x in p[\"items\"] if x]
",
    );
    insta::assert_snapshot!(outline(&program), @r#"
start start | demo
n1 branch | for n, item in enumerate(p["items"])
n2 branch | item is None
n3 call | a | a(item)
n4 branch | a(item)
n5 branch | while p["n"] > 0
n6 call | b
c8 code | p["zero"] = True
n10 branch | for x in p["items"]
n11 branch | x
n12 call | c | p["texts"] = [(c(x)).strip() for x in p["item…
finish end | end
c15 code | p["n"] = n
c16 code | p["all"] = True
start -> n1 next
n1 -> n2 branch each
n1 -> c16 branch done
n2 -> n1 branch yes
n2 -> n3 branch no
n3 -> n4 next
n4 -> n5 branch yes
n4 -> c15 branch no
n5 -> n6 branch yes
n5 -> c8 branch no
n6 -> n5 next
c8 -> n10 next
n10 -> n11 branch each
n10 -> finish branch done
n11 -> n12 branch yes
n11 -> n10 branch no
n12 -> n10 next
c15 -> n1 next
c16 -> n5 next
"#);
}

#[test]
fn cases_are_labels() {
    let program = flow(
        "",
        "    match p[\"kind\"]:
        case \"a\" | \"b\":
            p = await a(p)
        case {\"x\": x} if x > 1:
            p[\"x\"] = await b(x)
        case str():
            pass
    match p[\"x\"]:
        case 1:
            p = await c(p)
        case _:
            p = await d(p)
",
    );
    insta::assert_snapshot!(outline(&program), @r#"
start start | demo
n0 match | match p["kind"]
n1 call | a
n3 match | match p["x"]
n4 call | c
finish end | end
n7 call | d
n9 call | b | p["x"] = b(x)
start -> n0 next
n0 -> n1 branch case "a" | "b"
n0 -> n9 branch case {"x": x} if x > 1
n0 -> n3 branch case str()
n0 -> n3 branch otherwise
n1 -> n3 next
n3 -> n4 branch case 1
n3 -> n7 branch case _
n4 -> finish next
n7 -> finish next
n9 -> n3 next
"#);
}

#[test]
fn errors_have_edges_of_their_own() {
    let program = flow(
        "",
        "    for k in p[\"l\"]:
        try:
            p[\"tries\"] = 1
            p = await a(p)
            if p[\"stop\"]:
                break
            x = await b(k)
            return {\"x\": x, \"k\": k}
        except ValueError as e:
            p[\"error\"] = str(e)
        except (KeyError, TypeError):
            raise RuntimeError(k)
        else:
            p[\"fine\"] = True
        finally:
            p = await c(p)
    try:
        p = await d(p)
    except:
        p = {}
",
    );
    insta::assert_snapshot!(outline(&program), @r#"
start start | demo
n1 branch | for k in p["l"]
c3 code | p["tries"] = 1
n3 call | a
n4 branch | p["stop"]
f4 finally | finally
n6 call | c
e25 raise | the error
n8 call | d
finish end | end
x11 except | except
c11 code | p = {}
x16 except | except
c17 code | p["error"] = str(e)
c21 raise | raise RuntimeError(k)
n23 call | b | x = b(k)
c24 code | return {"x": x, "k": k}
start -> n1 next
n1 -> c3 branch each
n1 -> n8 branch done
c3 -> n3 next
n3 -> n4 next
n3 -> x16 error
n4 -> f4 branch yes
n4 -> n23 branch no
f4 -> n6 next
n6 -> e25 error error
n6 -> n8 branch break
n6 -> finish branch return
n6 -> n1 next
n8 -> finish next
n8 -> x11 error
x11 -> c11 next
c11 -> finish next
x16 -> c17 error ValueError
x16 -> c21 error KeyError, TypeError
x16 -> f4 error any other
c17 -> f4 next
c21 -> f4 error
n23 -> c24 next
n23 -> x16 error
c24 -> f4 next
"#);
}

#[test]
fn a_fan_out_is_a_fork_and_a_join() {
    let program = flow(
        "",
        "    x, y = await asyncio.gather(a(p[\"x\"]), b(1))
    p[\"l\"] = [await c(x) for x in p[\"l\"]]
    p[\"m\"] = await asyncio.gather(a(x), *[b(n) for n in p[\"l\"]], *(d(n) for n in p[\"l\"]))
    p[\"many\"] = [a(1), a(2), a(3), a(4), b(5), a(6), a(7)]
    tasks = [c(y)]
    for n in range(3):
        tasks.append(d(n))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    p[\"results\"] = len(results)
    async with asyncio.TaskGroup() as group:
        one = group.create_task(a(x))
        rest = [group.create_task(b(n)) for n in p[\"l\"]]
    p[\"one\"] = [one.result(), *[it.result() for it in rest]]
",
    );
    insta::assert_snapshot!(outline(&program), @r#"
start start | demo
n0 fork | x, y = asyncio.gather(a(p["x"]), b(1))
n0_0 call | a | a(p["x"])
n0_1 call | b | b(1)
n0_join join
n1 call | c × n | p["l"] = [c(x) for x in p["l"]]
n2 fork | p["m"] = asyncio.gather(a(x), *[b(n) fo…
n2_0 call | a | a(x)
n2_1 call | b × n
n2_2 call | d × n
n2_join join
n3 fork | p["many"] = [a(1), a(2), a(3), a(4), b(…
n3_0 call | a × n
n3_1 call | b | b(5)
n3_join join
c4 code | tasks = [c(y)] ; for n in range(3): …
n4 fork | results = asyncio.gather(*tasks, return…
n4_0 call | c | c(y)
n4_1 call | d × n
n4_join join
c5 code | p["results"] = len(results)
c6 code | one = group.create_task(a(x)) ; rest = [group.create_task(b(n)) for n i…
n7 fork | async with asyncio.TaskGroup() as group
n7_0 call | a | a(x)
n7_1 call | b × n
n7_join join
c8 code | p["one"] = [one.result(), *[it.result()…
finish end | end
start -> n0 next
n0 -> n0_0 parallel
n0 -> n0_1 parallel
n0_0 -> n0_join parallel
n0_1 -> n0_join parallel
n0_join -> n1 next
n1 -> n2 next
n2 -> n2_0 parallel
n2 -> n2_1 parallel
n2 -> n2_2 parallel
n2_0 -> n2_join parallel
n2_1 -> n2_join parallel
n2_2 -> n2_join parallel
n2_join -> n3 next
n3 -> n3_0 parallel
n3 -> n3_1 parallel
n3_0 -> n3_join parallel
n3_1 -> n3_join parallel
n3_join -> c4 next
c4 -> n4 next
n4 -> n4_0 parallel
n4 -> n4_1 parallel
n4_0 -> n4_join parallel
n4_1 -> n4_join parallel
n4_join -> c5 next
c5 -> c6 next
c6 -> n7 next
n7 -> n7_0 parallel
n7 -> n7_1 parallel
n7_0 -> n7_join parallel
n7_1 -> n7_join parallel
n7_join -> c8 next
c8 -> finish next
"#);
}

const HELPERS: &str = "async def find(q: str, limit=5) -> list:  # asya: inline
    try:
        found = await a(q)
    except TimeoutError:
        return []
    return found[:limit]


async def tell(text: str):  # asya: inline
    await b(text)
    more = await find(text)
    await c(more)

";

const HELPED: &str = "    p[\"found\"] = await find(p[\"q\"])
    texts = await asyncio.gather(*[find(q) for q in p[\"l\"]])
    await tell(texts[0])
    p = await d(p)
";

#[test]
fn helpers_are_groups() {
    let program = flow(HELPERS, HELPED);
    insta::assert_snapshot!(outline(&program), @r#"
start start | demo
n0 helper | find | p["found"] = find(p["q"])
n1 helper | find × n | texts = asyncio.gather(*[find(q) for q in p["…
n2 helper | tell | tell(texts[0])
n3 call | d
finish end | end
h1_start start | (q, limit=5)
h1_n0 call | a | found = a(q)
h1_c2 code | return found[:limit]
h1_finish end | return
h1_x3 except | except
h1_c4 code | return []
h2_start start | (text)
h2_n0 call | b | b(text)
h2_n1 helper | find | more = find(text)
h2_n2 call | c | c(more)
h2_finish end | return
start -> n0 next
n0 -> n1 next
n1 -> n2 next
n2 -> n3 next
n3 -> finish next
h1_start -> h1_n0 next
h1_n0 -> h1_c2 next
h1_n0 -> h1_x3 error
h1_c2 -> h1_finish next
h1_x3 -> h1_c4 error TimeoutError
h1_c4 -> h1_finish next
h2_start -> h2_n0 next
h2_n0 -> h2_n1 next
h2_n1 -> h2_n2 next
h2_n2 -> h2_finish next
n0 -> h1_start helper
n1 -> h1_start helper
n2 -> h2_start helper
h2_n1 -> h1_start helper
"#);
    insta::assert_snapshot!(program.mermaid, @r#"
flowchart TD
    start(["demo"])
    n0[["find<br/><small>p[#quot;found#quot;] = find(p[#quot;q#quot;])</small>"]]
    n1[["find × n<br/><small>texts = asyncio.gather(*[find(q) for q in p[#quot;…</small>"]]
    n2[["tell<br/><small>tell(texts[0])</small>"]]
    n3[["d"]]
    finish(["end"])
    start --> n0
    n0 --> n1
    n1 --> n2
    n2 --> n3
    n3 --> finish
    subgraph h1["find"]
        h1_start(["(q, limit=5)"])
        h1_n0[["a<br/><small>found = a(q)</small>"]]
        h1_c2["return found[:limit]"]
        h1_finish(["return"])
        h1_x3("except")
        h1_c4["return []"]
        h1_start --> h1_n0
        h1_n0 --> h1_c2
        h1_n0 -.-> h1_x3
        h1_c2 --> h1_finish
        h1_x3 -. "TimeoutError" .-> h1_c4
        h1_c4 --> h1_finish
    end
    subgraph h2["tell"]
        h2_start(["(text)"])
        h2_n0[["b<br/><small>b(text)</small>"]]
        h2_n1[["find<br/><small>more = find(text)</small>"]]
        h2_n2[["c<br/><small>c(more)</small>"]]
        h2_finish(["return"])
        h2_start --> h2_n0
        h2_n0 --> h2_n1
        h2_n1 --> h2_n2
        h2_n2 --> h2_finish
    end
    n0 -.-> h1_start
    n1 -.-> h1_start
    n2 -.-> h2_start
    h2_n1 -.-> h1_start
    classDef actors stroke:#1d4ed8,stroke-width:2px
    class n3,h1_n0,h2_n0,h2_n2 actors
    classDef helpers stroke:#7c3aed,stroke-width:2px
    class n0,n1,n2,h2_n1 helpers
    classDef errors stroke:#c62828
    class h1_x3 errors
"#);
    insta::assert_snapshot!(program.dot, @r##"
digraph "demo" {
    node [fontname="monospace", fontsize=10];
    edge [fontname="monospace", fontsize=9];
    start [shape=oval, label="demo"];
    n0 [shape=box, peripheries=2, label="find\np[\"found\"] = find(p[\"q\"])"];
    n1 [shape=box3d, label="find × n\ntexts = asyncio.gather(*[find(q) for q in p[\"…"];
    n2 [shape=box, peripheries=2, label="tell\ntell(texts[0])"];
    n3 [shape=component, label="d"];
    finish [shape=oval, label="end"];
    start -> n0;
    n0 -> n1;
    n1 -> n2;
    n2 -> n3;
    n3 -> finish;
    subgraph cluster_h1 {
        label="find"; style=rounded; color=gray; fontname="monospace";
        h1_start [shape=oval, label="(q, limit=5)"];
        h1_n0 [shape=component, label="a\nfound = a(q)"];
        h1_c2 [shape=box, label="return found[:limit]"];
        h1_finish [shape=oval, label="return"];
        h1_x3 [shape=box, style="rounded,dashed", label="except"];
        h1_c4 [shape=box, label="return []"];
        h1_start -> h1_n0;
        h1_n0 -> h1_c2;
        h1_n0 -> h1_x3 [style=dashed, color="#c62828"];
        h1_c2 -> h1_finish;
        h1_x3 -> h1_c4 [label="TimeoutError", style=dashed, color="#c62828"];
        h1_c4 -> h1_finish;
    }
    subgraph cluster_h2 {
        label="tell"; style=rounded; color=gray; fontname="monospace";
        h2_start [shape=oval, label="(text)"];
        h2_n0 [shape=component, label="b\nb(text)"];
        h2_n1 [shape=box, peripheries=2, label="find\nmore = find(text)"];
        h2_n2 [shape=component, label="c\nc(more)"];
        h2_finish [shape=oval, label="return"];
        h2_start -> h2_n0;
        h2_n0 -> h2_n1;
        h2_n1 -> h2_n2;
        h2_n2 -> h2_finish;
    }
    n0 -> h1_start [style=dotted, constraint=false];
    n1 -> h1_start [style=dotted, constraint=false];
    n2 -> h2_start [style=dotted, constraint=false];
    h2_n1 -> h1_start [style=dotted, constraint=false];
}
"##);
}

#[test]
fn segments_of_helpers_are_listed_too() {
    let program = flow(HELPERS, HELPED);
    let mut out = format!("{}\n", program.graph["helpers"]);
    for segment in program.graph["segments"].as_array().unwrap() {
        let [function, at, catches, caught_at] =
            ["function", "at", "catches", "caught_at"].map(|key| segment[key].to_string());
        let _ = writeln!(out, "{function} {at} catches {catches} caught_at {caught_at}");
        for route in segment["routes"].as_array().unwrap() {
            let _ = writeln!(out, "    {route}");
        }
    }
    insta::assert_snapshot!(out, @r#"
[{"function":"find","parameters":["q","limit"],"source":"flow.py","line":5},{"function":"tell","parameters":["text"],"source":"flow.py","line":13}]
"demo" "start" catches [] caught_at []
    {"kind":"helper","route":[],"helper":"find","lines":[20],"then":"after helper","keeps":["p"]}
"demo" "after helper" catches [] caught_at []
    {"kind":"parallel","route":["join-demo","start-demo"],"branches":[{"actors":[],"helpers":["find"],"many":true}],"lines":[21],"then":"after all","keeps":["p"]}
"demo" "after all" catches [] caught_at []
    {"kind":"helper","route":[],"helper":"tell","lines":[22],"then":"after helper #2","keeps":["p"]}
"demo" "after helper #2" catches [] caught_at []
    {"kind":"payload","route":["d"],"lines":[23],"then":null,"keeps":[]}
"find" "start" catches [] caught_at ["except"]
    {"kind":"value","route":["a","start-demo"],"lines":[7],"then":"after a","keeps":["limit"]}
"find" "after a" catches [] caught_at []
"find" "except" catches ["TimeoutError"] caught_at []
"tell" "start" catches [] caught_at []
    {"kind":"value","route":["b","start-demo"],"lines":[14],"then":"after b","keeps":["text"]}
"tell" "after b" catches [] caught_at []
    {"kind":"helper","route":[],"helper":"find","lines":[15],"then":"after helper","keeps":[]}
"tell" "after helper" catches [] caught_at []
    {"kind":"value","route":["c","start-demo"],"lines":[16],"then":"after c","keeps":[]}
"tell" "after c" catches [] caught_at []
"#);
}

#[test]
fn a_flow_that_is_one_call_after_another_stays_small() {
    let program = flow("", "    p = await a(p)\n    p = await b(p)\n");
    insta::assert_snapshot!(outline(&program), @r#"
start start | demo
n0 call | a
n1 call | b
finish end | end
start -> n0 next
n0 -> n1 next
n1 -> finish next
"#);
}
