//! Parallel calls in the local mesh: the emulated aggregator, with a small program in front that
//! does what a router does (`docs/platform/protocol.md`, "Joins").

use asya::local::{Mesh, RawJson};
use insta::assert_snapshot;
use serde_json::json;

use crate::local_bench::{actor, config_map, mesh, send, shown};
use crate::wrapper::{wrapped, wrapper};

const CODE: &str = r#"
def start(p):
    headers = yield "GET", ".headers"
    stack = headers.get("x-asya-frame") or []
    if stack and stack[-1].get("flow") == "demo":
        yield "SET", ".headers.x-asya-frame", stack[:-1]
        yield "SET", ".route.next[:0]", ["after"]
        yield {**p, "id": (yield "GET", ".id"), "origin": headers.get("x-asya-origin-id"), "fan_in": headers.get("x-asya-fan-in")}
        return
    calls = p.pop("calls")
    base = {"actor": "join-demo", "origin_id": (yield "GET", ".id"), "slice_count": len(calls) + 1, "aggregation_key": "/results"}
    width = len(str(len(calls)))
    frame = {"flow": "demo", "at": "join"}
    rest = yield "GET", ".route.next"
    yield "SET", ".route.next", ["join-demo", "start-demo", *rest]
    yield "SET", ".headers.x-asya-frame", [frame]
    yield "SET", ".headers.x-asya-fan-in", {**base, "slice_index": 0}
    yield {"stack": p, "fan_in": headers.get("x-asya-fan-in"), "results": []}
    for at, (actor, argument) in enumerate(calls, 1):
        yield "SET", ".route.next", [actor, "join-demo"]
        yield "SET", ".headers.x-asya-frame", [frame, {"slice": True, "call": "value"}]
        yield "SET", ".headers.x-asya-fan-in", {**base, "slice_index": str(at).zfill(width) if not p.get("plain") else at}
        yield argument
        if p.get("twice") == at: yield argument
def after(p): return p
def double(x): return x * 2
def fails(x): raise ValueError(x)
def nothing(x): return None
def slow(p):
    yield "SET", ".route.next[:0]", ["other"]
    yield p
"#;

fn bench() -> Mesh {
    let mut objects = vec![config_map("code", &[("h.py", CODE)]), wrapper()];
    objects.extend(
        ["start-demo", "after"].map(|name| actor(name, &format!("h.{}", &name.replace("-demo", "")), json!({}))),
    );
    objects.extend(["double", "fails", "nothing"].map(|name| wrapped(name, &format!("h.{name}"), &json!({}))));
    objects.extend(
        ["bare-double", "bare-fails", "bare-nothing"]
            .map(|name| actor(name, &format!("h.{}", &name["bare-".len()..]), json!({}))),
    );
    objects.push(actor(
        "join-demo",
        "asya_crew.fanin.split_key.aggregator",
        json!({"volumes": [], "volumeMounts": []}),
    ));
    mesh(&objects)
}

fn run(mesh: &mut Mesh, payload: &str) -> String {
    let (outcome, printed) = send(mesh, "start-demo", &["after"], payload);
    let hops: Vec<&str> = outcome.hops.iter().map(|hop| hop.actor.as_str()).collect();
    let mut text = shown(&outcome, &printed);
    while let Some(at) = text.find(r#""traceback":""#) {
        let end = text[at + 13..].replace("\\\"", "__").find('"').unwrap();
        text.replace_range(at..at + 13 + end + 2, "");
    }
    format!("{}\n{text}", hops.join(" "))
}

fn calls(actor: &str, count: usize) -> String {
    let calls: Vec<_> = (1..=count).map(|n| json!([actor, n])).collect();
    json!({"k": 1, "calls": calls}).to_string()
}

#[test]
fn twelve_branches_come_back_in_order_as_one_message() {
    let mut mesh = bench();
    assert_snapshot!(run(&mut mesh, &calls("double", 12)), @r#"
start-demo join-demo double double double double double double double double double double double double join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo start-demo after after
succeeded start-demo>double>join-demo>start-demo>after>after {"stack":{"k":1},"fan_in":null,"results":[{"ok":2},{"ok":4},{"ok":6},{"ok":8},{"ok":10},{"ok":12},{"ok":14},{"ok":16},{"ok":18},{"ok":20},{"ok":22},{"ok":24}],"id":"00000000-0000-4000-8000-00000000000d","origin":"00000000-0000-4000-8000-000000000001"} {"x-asya-frame":[],"x-asya-origin-id":"00000000-0000-4000-8000-000000000001"}
"#);
    // The platform sorts the names of files as text.
    let plain = calls("double", 12).replace(r#""k":1"#, r#""k":1,"plain":true"#);
    assert_snapshot!(run(&mut mesh, &plain), @r#"
start-demo join-demo double double double double double double double double double double double double join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo join-demo start-demo after after
succeeded start-demo>double>join-demo>start-demo>after>after {"stack":{"k":1,"plain":true},"fan_in":null,"results":[{"ok":2},{"ok":20},{"ok":22},{"ok":24},{"ok":4},{"ok":6},{"ok":8},{"ok":10},{"ok":12},{"ok":14},{"ok":16},{"ok":18}],"id":"00000000-0000-4000-8000-00000000001a","origin":"00000000-0000-4000-8000-00000000000e"} {"x-asya-frame":[],"x-asya-origin-id":"00000000-0000-4000-8000-00000000000e"}
"#);
}

#[test]
fn a_branch_that_fails_or_has_no_result_is_told_and_no_branches_are_fine() {
    let mut mesh = bench();
    let mixed = r#"{"calls": [["double", 2], ["fails", 1180591620717411303424], ["nothing", 3]]}"#;
    assert_snapshot!(run(&mut mesh, mixed), @r#"
start-demo join-demo double fails nothing join-demo join-demo join-demo start-demo after after
succeeded start-demo>nothing>join-demo>start-demo>after>after {"stack":{},"fan_in":null,"results":[{"ok":4},{"error":{"type":"ValueError","mro":["Exception"],"message":"1180591620717411303424","args":[1180591620717411303424],"attributes":{},},{"ok":null}],"id":"00000000-0000-4000-8000-000000000004","origin":"00000000-0000-4000-8000-000000000001"} {"x-asya-frame":[],"x-asya-origin-id":"00000000-0000-4000-8000-000000000001"}
"#);
    assert_snapshot!(run(&mut mesh, r#"{"calls": []}"#), @r#"
start-demo join-demo start-demo after after
succeeded start-demo>join-demo>start-demo>after>after {"stack":{},"fan_in":null,"results":[],"id":"00000000-0000-4000-8000-000000000005","origin":"00000000-0000-4000-8000-000000000005"} {"x-asya-frame":[],"x-asya-origin-id":"00000000-0000-4000-8000-000000000005"}
"#);
    assert_snapshot!(run(&mut mesh, r#"{"twice": 1, "calls": [["double", 2], ["double", 3]]}"#), @r#"
start-demo join-demo double double double join-demo join-demo join-demo start-demo after after
succeeded start-demo>double>join-demo>start-demo>after>after {"stack":{"twice":1},"fan_in":null,"results":[{"ok":4},{"ok":6}],"id":"00000000-0000-4000-8000-000000000009","origin":"00000000-0000-4000-8000-000000000006"} {"x-asya-frame":[],"x-asya-origin-id":"00000000-0000-4000-8000-000000000006"}
"#);
}

#[test]
fn a_join_that_waits_for_ever_is_a_failure() {
    let mut mesh = bench();
    assert_snapshot!(run(&mut mesh, r#"{"calls": [["double", 2], ["bare-fails", 3]]}"#), @r#"
start-demo join-demo double bare-fails join-demo
failed start-demo>bare-fails 3 {"x-asya-frame":[{"flow":"demo","at":"join"},{"slice":true,"call":"value"}],"x-asya-fan-in":{"actor":"join-demo","origin_id":"00000000-0000-4000-8000-000000000001","slice_count":3,"aggregation_key":"/results","slice_index":"2"}}
  handler at bare-fails: ValueError ["Exception"] 3
"#);
    assert_snapshot!(run(&mut mesh, r#"{"calls": [["double", 2], ["bare-nothing", 3]]}"#), @r#"
start-demo join-demo double bare-nothing join-demo
failed join-demo {}
  protocol at join-demo: it waits for ever: 2 of 3 messages arrived, the others failed or ended without a result
"#);
    // Nothing of it is left for the next message.
    assert_snapshot!(run(&mut mesh, &calls("bare-double", 2)), @r#"
start-demo join-demo bare-double bare-double join-demo join-demo start-demo
failed start-demo>bare-double>join-demo>start-demo {"stack":{"k":1},"fan_in":null,"results":[2,4]} {"x-asya-frame":[{"flow":"demo","at":"join"},{"slice":true,"call":"value"}],"x-asya-origin-id":"00000000-0000-4000-8000-000000000007"}
  handler at start-demo: KeyError ["LookupError", "Exception"] 'calls'
"#);
}

#[test]
fn the_aggregator_refuses_what_it_cannot_join() {
    let mut mesh = bench();
    let headers = [
        "{}",
        r#"{"x-asya-fan-in": {"origin_id": "1", "slice_index": 0}}"#,
        r#"{"x-asya-fan-in": {"origin_id": 1, "slice_index": 0, "slice_count": 1, "aggregation_key": "/a"}}"#,
        r#"{"x-asya-fan-in": {"origin_id": "1", "slice_index": 0, "slice_count": 1, "aggregation_key": "/a/b"}}"#,
        r#"{"t": 1.50, "x-asya-fan-in": {"origin_id": "1", "slice_index": 0, "slice_count": 1, "aggregation_key": "/k"}}"#,
    ];
    let mut text = String::new();
    for each in headers {
        let next = ["after".to_owned()];
        let payload = RawJson::parse(r#"{"k": 1, "big": 1180591620717411303424}"#).unwrap();
        let outcome = mesh.send("join-demo", &next, Some(RawJson::parse(each).unwrap()), payload, &mut |_| {}).unwrap();
        text.push_str(&shown(&outcome, &[]));
    }
    assert_snapshot!(text, @r#"
failed join-demo {"k":1,"big":1180591620717411303424}
  handler at join-demo: KeyError ["LookupError", "Exception"] 'x-asya-fan-in'
failed join-demo {"k":1,"big":1180591620717411303424} {"x-asya-fan-in":{"origin_id":"1","slice_index":0}}
  handler at join-demo: KeyError ["LookupError", "Exception"] 'slice_count'
failed join-demo {"k":1,"big":1180591620717411303424} {"x-asya-fan-in":{"origin_id":1,"slice_index":0,"slice_count":1,"aggregation_key":"/a"}}
  handler at join-demo: TypeError ["Exception"] `x-asya-fan-in` is malformed: invalid type: integer `1`, expected a string
failed join-demo {"k":1,"big":1180591620717411303424} {"x-asya-fan-in":{"origin_id":"1","slice_index":0,"slice_count":1,"aggregation_key":"/a/b"}}
  handler at join-demo: jsonpointer.JsonPointerException ["Exception"] `/a/b` leads to nothing in the payload
succeeded join-demo>after {"k":[],"big":1180591620717411303424} {"t":1.50,"x-asya-origin-id":"1"}
"#);
}
