//! The local mesh: routes, failures, retries, mounts, processes.

use std::sync::Arc;
use std::time::Duration;

use asya::kustomize::Object;
use asya::local::{Envelope, Interpreter, Mesh, RawJson, Route, Status};
use insta::assert_snapshot;
use serde_json::json;

use crate::local_bench::{actor, config_map, interpreter, mesh, object, objects, send, settings, shown};

fn run(mesh: &mut Mesh, entry: &str, next: &[&str], payload: &str) -> String {
    let (outcome, printed) = send(mesh, entry, next, payload);
    let hops: Vec<String> = outcome.hops.iter().map(|hop| format!("{}#{}", hop.actor, hop.attempt)).collect();
    format!("{}\n{}", hops.join(" "), shown(&outcome, &printed))
}

fn with_headers(mesh: &mut Mesh, entry: &str, headers: &str) -> String {
    let headers = RawJson::parse(headers).unwrap();
    let outcome = mesh.send(entry, &[], Some(headers), RawJson::parse("{}").unwrap(), &mut |_| {}).unwrap();
    shown(&outcome, &[])
}

const ECHO: &str = "def f(p):\n    return p\n";

#[test]
fn messages_are_handled_first_in_first_out_and_frames_in_their_order() {
    let code = r#"
def fan(p):
    for n in (1, 2, 3):
        yield "SET", ".route.next", ["left", "end"] if n != 2 else ["right"]
        yield {"n": n}
def note(p):
    route = yield "GET", ".route"
    yield {**p, "id": (yield "GET", ".id"), "parent": (yield "GET", ".parent_id"), "prev": route["prev"]}
"#;
    let actors = [("fan", "h.fan"), ("left", "h.note"), ("right", "h.note"), ("end", "h.note")];
    assert_snapshot!(run(&mut mesh(&objects(code, &actors)), "fan", &[], "{}"), @r#"
    fan#1 left#1 right#1 left#1 end#1 end#1
    succeeded fan>right {"n":2,"id":"00000000-0000-4000-8000-000000000002","parent":"00000000-0000-4000-8000-000000000001","prev":["fan"]}
    succeeded fan>left>end {"n":1,"id":"00000000-0000-4000-8000-000000000001","parent":"","prev":["fan","left"]}
    succeeded fan>left>end {"n":3,"id":"00000000-0000-4000-8000-000000000003","parent":"","prev":["fan","left"]}
    "#);
}

#[test]
fn a_name_nobody_has_ends_the_message_and_says_who_sent_it() {
    let code = "def f(p):\n    yield 'SET', '.route.next', ['scorer']\n    yield p\n";
    let mut mesh = mesh(&objects(code, &[("a", "h.f"), ("score", "h.f")]));
    assert_snapshot!(run(&mut mesh, "a", &[], "{}"), @r#"
    a#1
    failed a {}
      unknown-actor at scorer: there is no actor `scorer` (named by `a`); did it mean `score`?
    "#);
    let error = mesh.send("scor", &[], None, RawJson::parse("{}").unwrap(), &mut |_| {}).unwrap_err();
    assert_snapshot!(format!("{} {:?}", error.message(), error.hints()), @r#"there is no actor `scor` ["near matches: `score`"]"#);
}

#[test]
fn an_override_sends_to_a_stand_in_and_the_route_keeps_the_name() {
    let mut mesh = mesh(&objects(ECHO, &[("llm", "h.f"), ("llm-v2", "h.f")]));
    let text = with_headers(&mut mesh, "llm", r#"{"x-asya-route-override": {"llm": "llm-v2"}}"#);
    assert_snapshot!(text, @r#"succeeded llm {} {"x-asya-route-override":{"llm":"llm-v2"}}"#);
}

#[test]
fn a_message_at_the_wrong_actor_is_refused() {
    let mut mesh = mesh(&objects(ECHO, &[("a", "h.f"), ("b", "h.f")]));
    let envelope = Envelope {
        id: "7f0c".to_owned(),
        parent_id: None,
        route: Route { prev: vec!["z".to_owned()], curr: "a".to_owned(), next: Vec::new() },
        headers: RawJson::parse("{}").unwrap(),
        status: Status {
            phase: "pending",
            reason: None,
            actor: "a".to_owned(),
            attempt: 1,
            max_attempts: 1,
            created_at: "2026-03-11T10:00:00Z".to_owned(),
            updated_at: "2026-03-11T10:00:00Z".to_owned(),
            error: None,
        },
        payload: RawJson::parse("{}").unwrap(),
    };
    let outcome = mesh.deliver("b", envelope, &mut |_| {}).unwrap();
    assert_snapshot!(shown(&outcome, &[]), @r#"
    failed z {}
      route-mismatch at b: route mismatch: the message is for `a` and arrived at `b`
    "#);
}

#[test]
fn headers_stay_when_a_handler_empties_them() {
    // An empty object is left out on the wire, and the receiver keeps what it had.
    let code = "def f(p):\n    yield 'SET', '.headers', {}\n    yield p\n";
    let mut mesh = mesh(&objects(code, &[("a", "h.f")]));
    assert_snapshot!(with_headers(&mut mesh, "a", r#"{"trace": "t1"}"#), @r#"succeeded a {} {"trace":"t1"}"#);
}

#[test]
fn retries_follow_the_manifest() {
    let code = r#"
def f(p):
    status = yield "GET", ".status"
    print(status["phase"], status["attempt"], status["max_attempts"], "error" in status)
    if status["attempt"] < p["good"]:
        raise ConnectionError("not yet")
    yield p
def g(p):
    yield {}
    raise ValueError
"#;
    let block = json!({"resiliency": {"retry": {"maxAttempts": 3}, "nonRetryableErrors": ["ValueError"]}});
    let policies = json!({"resiliency": {
        "policies": {"default": {"maxAttempts": 1}, "net": {"maxAttempts": 2}},
        "rules": [{"errors": ["OSError"], "policy": "net"}],
    }});
    let all = vec![
        config_map("code", &[("h.py", code)]),
        actor("none", "h.f", json!({})),
        actor("block", "h.f", block.clone()),
        actor("policies", "h.f", policies),
        actor("never", "h.g", block),
    ];
    let mut mesh = mesh(&all);
    let mut text = String::new();
    for (entry, good) in [("none", 2), ("block", 3), ("block", 4), ("policies", 2), ("policies", 3), ("never", 0)] {
        text.push_str(&run(&mut mesh, entry, &[], &format!(r#"{{"good":{good}}}"#)));
    }
    assert_snapshot!(text, @r#"
    none#1
    none| processing 1 1 False
    failed none {"good":2}
      handler at none: ConnectionError ["OSError", "Exception"] not yet
    block#1 block#2 block#3
    block| processing 1 3 False
    block| processing 2 3 False
    block| processing 3 3 False
    succeeded block {"good":3}
    block#1 block#2 block#3
    block| processing 1 3 False
    block| processing 2 3 False
    block| processing 3 3 False
    failed block {"good":4}
      handler at block: ConnectionError ["OSError", "Exception"] not yet
    policies#1 policies#2
    policies| processing 1 0 False
    policies| processing 2 2 False
    succeeded policies {"good":2}
    policies#1 policies#2
    policies| processing 1 0 False
    policies| processing 2 2 False
    failed policies {"good":3}
      handler at policies: ConnectionError ["OSError", "Exception"] not yet
    never#1
    succeeded never {}
    failed never {"good":0}
      handler at never: ValueError ["Exception"]
    "#);
}

#[test]
fn files_and_variables_of_the_manifest_reach_the_handler() {
    let code = r#"
import os, sys
import helper, extra
def f(p):
    return {"a": os.environ["A"], "key": os.environ.get("KEY"), "from": os.environ.get("FROM"), "map": os.environ["MAP"],
            "handler": os.environ["ASYA_HANDLER"], "helper": helper.NAME, "extra": extra.NAME,
            "cwd on path": "" in sys.path or os.getcwd() in sys.path}
"#;
    let spec = json!({
        "env": [
            {"name": "A", "value": "1"}, {"name": "PYTHONPATH", "value": "/app:/other"},
            {"name": "FROM", "valueFrom": {"secretKeyRef": {"name": "vault", "key": "k"}}},
            {"name": "GONE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "MAP", "valueFrom": {"configMapKeyRef": {"name": "lib", "key": "word"}}},
        ],
        "secretRefs": [{"secretName": "api", "keys": [{"key": "k", "envVar": "KEY"}, {"key": "l", "envVar": "LOST"}]}],
        "volumes": [
            {"name": "code", "configMap": {"name": "code"}}, {"name": "lib", "configMap": {"name": "lib"}},
            {"name": "some", "configMap": {"name": "lib", "items": [{"key": "helper.py", "path": "extra.py"}]}},
            {"name": "secret", "secret": {"secretName": "tls"}},
        ],
        "volumeMounts": [
            {"name": "code", "mountPath": "/opt/asya/h.py", "subPath": "h.py"},
            {"name": "lib", "mountPath": "/app"}, {"name": "some", "mountPath": "/opt/asya"},
            {"name": "secret", "mountPath": "/tls"},
        ],
    });
    let lib = config_map("lib", &[("helper.py", "NAME = 'helper'\n"), ("word", "mapped")]);
    let all = vec![config_map("code", &[("h.py", code)]), lib, actor("a", "h.f", spec)];
    let variable = |name: &str| matches!(name, "KEY" | "FROM").then(|| format!("caller's {name}"));
    let mut mesh = Mesh::new(&all, &interpreter(), &variable).unwrap();
    assert_snapshot!(mesh.notes().join("\n"), @r#"
    `GONE` of actor `a` comes from the pod on a cluster and is not set here
    `LOST` of actor `a` comes from secret `api` on a cluster and is not set here
    volume `secret` of actor `a` is not a ConfigMap: `/tls` is not mounted here
    "#);
    assert_snapshot!(run(&mut mesh, "a", &[], "{}"), @r#"
    a#1
    succeeded a {"a":"1","key":"caller's KEY","from":"caller's FROM","map":"mapped","handler":"h.f","helper":"helper","extra":"helper","cwd on path":false}
    "#);
}

#[test]
fn manifests_that_cannot_work_are_refused() {
    let no_volume = actor("a", "h.f", json!({"volumes": []}));
    let no_map = actor("a", "h.f", json!({}));
    let no_key = [config_map("code", &[("other.py", "")]), actor("a", "h.f", json!({}))];
    let outside = json!({"volumeMounts": [{"name": "code", "mountPath": "/opt/../x", "subPath": "h.py"}]});
    let outside = [config_map("code", &[("h.py", "")]), actor("a", "h.f", outside)];
    let twice =
        [config_map("code", &[("h.py", "")]), actor("a", "h.f", json!({})), actor("b", "h.f", json!({"actor": "a"}))];
    let no_handler =
        object(json!({"apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": "a"}, "spec": {}}));
    let mut text = String::new();
    let all: [&[Object]; 6] = [&[no_volume], &[no_map], &no_key, &outside, &twice, &[no_handler]];
    for objects in all {
        let error = Mesh::new(objects, &interpreter(), &|_| None).err().unwrap();
        text.push_str(&format!("{error}\n  hint: {}\n", error.hints().join("; ")));
    }
    assert_snapshot!(text, @r#"
    actor `a` mounts volume `code` and has no such volume
      hint: add it to `spec.volumes`
    actor `a` mounts ConfigMap `code`, which is not rendered: the pod would not start on a cluster either, unless it exists there already
      hint: add ConfigMap `code` to the kustomization
    ConfigMap `code` has no key `h.py`, which actor `a` mounts
      hint: 
    actor `a` mounts a file at `/opt/../x`: a mount path must be absolute and must not contain `..`
      hint: 
    two AsyncActors have the name `a` in `spec.actor`
      hint: give one of them another name: it is the name of its queue
    AsyncActor a has no `spec.handler`
      hint: every actor needs a handler
    "#);
}

#[test]
fn a_worker_that_dies_fails_its_message_and_is_replaced() {
    let code = r#"
import asyncio, os, signal, sys
STARTED = []
def f(p):
    STARTED.append(1)
    how = p["how"]
    print("about to", how, file=sys.stderr)
    if how == "exit": os._exit(3)
    if how == "leave": sys.exit("leaving")
    if how == "segfault": os.kill(os.getpid(), signal.SIGSEGV)
    if how == "interrupt": raise KeyboardInterrupt
    if how == "cancel": raise asyncio.CancelledError
    if how == "close": os.closerange(3, 100)
    return {"calls": len(STARTED)}
"#;
    let mut mesh = mesh(&objects(code, &[("a", "h.f")]));
    let mut text = String::new();
    for how in ["stay", "stay", "exit", "stay", "leave", "segfault"] {
        text.push_str(&run(&mut mesh, "a", &[], &format!(r#"{{"how":"{how}"}}"#)));
    }
    assert_snapshot!(text, @r#"
    a#1
    a| about to stay
    succeeded a {"calls":1}
    a#1
    a| about to stay
    succeeded a {"calls":2}
    a#1
    a| about to exit
    failed a {"how":"exit"}
      crash at a: its process ended with exit status 3 before it answered
    a#1
    a| about to stay
    succeeded a {"calls":1}
    a#1
    a| about to leave
    a| leaving
    failed a {"how":"leave"}
      crash at a: its process ended with exit status 1 before it answered
    a#1
    a| about to segfault
    failed a {"how":"segfault"}
      crash at a: its process was ended by signal 11 (SIGSEGV) before it answered
    "#);
    // What Python says about these differs from version to version.
    for (how, word) in [("interrupt", "KeyboardInterrupt"), ("cancel", "CancelledError"), ("close", "about to close")] {
        let (outcome, _) = send(&mut mesh, "a", &[], &format!(r#"{{"how":"{how}"}}"#));
        let failure = outcome.results[0].error.as_ref().unwrap();
        assert!(failure.message.contains("exit status 1 before it answered"), "{}", failure.message);
        assert!(failure.last_output.iter().any(|line| line.contains(word)), "{how}: {:?}", failure.last_output);
    }
}

#[test]
fn a_refused_command_shows_the_line_that_yielded_it() {
    let code = "def inner():\n    yield 'GET', '.nope'\ndef f(p):\n    yield from inner()\nasync def g(p):\n    yield 'SET', '.id', 1\n";
    let mut mesh = mesh(&objects(code, &[("f", "h.f"), ("g", "h.g")]));
    let mut text = String::new();
    for entry in ["f", "g"] {
        let (outcome, _) = send(&mut mesh, entry, &[], "{}");
        text.push_str(&outcome.results[0].error.as_ref().unwrap().user_traceback);
    }
    assert_snapshot!(text, @r#"
    Traceback (most recent call last):
      File "/opt/asya/h.py", line 4, in f
        yield from inner()
      File "/opt/asya/h.py", line 2, in inner
        yield 'GET', '.nope'
    KeyError: 'nope'
    Traceback (most recent call last):
      File "/opt/asya/h.py", line 6, in g
        yield 'SET', '.id', 1
    PermissionError: SET .id is denied: only .route.next, .headers and .status can be changed
    "#);
}

#[test]
fn meshes_share_an_interpreter_between_threads() {
    let run = |n: usize| {
        move || {
            let code = format!("def f(p):\n    return [{n}, *p]\n");
            let mut mesh = mesh(&objects(&code, &[("a", "h.f"), ("b", "h.f")]));
            send(&mut mesh, "a", &["b"], "[0]").0.results[0].payload.as_str().to_owned()
        }
    };
    let threads: Vec<_> = (0..4).map(|n| std::thread::spawn(run(n))).collect();
    let results: Vec<String> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(results, ["[0,0,0]", "[1,1,0]", "[2,2,0]", "[3,3,0]"]);
}

#[test]
fn a_handler_that_takes_too_long_is_stopped() {
    let code = "import time\ndef f(p):\n    print('waiting')\n    time.sleep(600)\n";
    let spec = json!({"resiliency": {"actorTimeout": "120ms"}});
    let mut mesh = mesh(&[config_map("code", &[("h.py", code)]), actor("a", "h.f", spec)]);
    assert_snapshot!(run(&mut mesh, "a", &[], "{}"), @r#"
    a#1
    a| waiting
    failed a {}
      timeout at a: no answer within 120ms (`resiliency.actorTimeout`)
    "#);
}

#[test]
fn more_actors_than_workers_may_live() {
    let names: Vec<String> = (0..150).map(|n| format!("a{n}")).collect();
    let actors: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "h.f")).collect();
    let next: Vec<&str> = names[1..].iter().chain(&names[..3]).map(String::as_str).collect();
    let mut mesh = mesh(&objects(ECHO, &actors));
    let (outcome, _) = send(&mut mesh, "a0", &next, "[1]");
    assert_eq!((outcome.hops.len(), outcome.results[0].payload.as_str()), (153, "[1]"));
}

#[test]
fn an_interpreter_of_its_own_leaves_nothing_behind() {
    let code = "import os, subprocess\ndef f(p):\n    child = subprocess.Popen(['sleep', '600'])\n    return [os.getpid(), child.pid]\n";
    let own = Arc::new(Interpreter::new(settings()));
    let mut mesh = Mesh::new(&objects(code, &[("a", "h.f")]), &own, &|_| None).unwrap();
    let (outcome, _) = send(&mut mesh, "a", &[], "{}");
    let pids: Vec<u32> = serde_json::from_str(outcome.results[0].payload.as_str()).unwrap();
    assert!(pids.iter().all(|pid| alive(*pid)));
    drop(mesh);
    drop(own);
    for pid in pids {
        wait_until_gone(pid);
    }
}

/// Whether a process runs (one that has ended and waits for its parent does not).
pub fn alive(pid: u32) -> bool {
    let state = std::process::Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

/// Waits for a process that has been killed to be gone.
pub fn wait_until_gone(pid: u32) {
    let until = std::time::Instant::now() + Duration::from_secs(10);
    while alive(pid) {
        assert!(std::time::Instant::now() < until, "process {pid} is still there");
    }
}
