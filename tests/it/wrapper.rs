//! The call wrapper: the bare handler for messages that ask for nothing, and what flows rely on for
//! those that do (`docs/platform/names.md`, "The call wrapper").

use std::sync::Arc;

use asya::kustomize::Object;
use asya::local::{Interpreter, LocalSettings, Mesh, Outcome, RawJson};
use asya::program::WRAPPER_CODE;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::local_bench::{actor, config_map, interpreter, settings, shown};

/// An actor whose handler runs behind the wrapper.
pub fn wrapped(name: &str, target: &str, more: &Value) -> Object {
    let mut spec = json!({
        "env": [{"name": "ASYA_CALL_TARGET", "value": target}],
        "volumes": [
            {"name": "code", "configMap": {"name": "code"}},
            {"name": "asya-call", "configMap": {"name": "asya-call"}},
        ],
        "volumeMounts": [
            {"name": "code", "mountPath": "/opt/asya/h.py", "subPath": "h.py", "readOnly": true},
            {"name": "asya-call", "mountPath": "/opt/asya/asya_call.py", "subPath": "asya_call.py", "readOnly": true},
        ],
    });
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    if let Some(resiliency) = more.get("resiliency") {
        let variable = json!({"name": "ASYA_CALL_RESILIENCY", "value": resiliency.to_string()});
        spec["env"].as_array_mut().unwrap().push(variable);
    }
    actor(name, "asya_call.invoke", spec)
}

pub fn wrapper() -> Object {
    config_map("asya-call", &[("asya_call.py", WRAPPER_CODE)])
}

/// What a handler did: hops, the messages that ended, and what was printed.
struct Run {
    outcome: Outcome,
    printed: Vec<String>,
}

struct Bench {
    interpreter: Arc<Interpreter>,
    code: String,
    more: Value,
    headers: Value,
    next: Vec<&'static str>,
}

impl Bench {
    fn new(code: &str) -> Self {
        Self {
            interpreter: interpreter(),
            code: format!("{code}\ndef echo(p):\n    return p\n"),
            more: json!({}),
            headers: json!({}),
            next: vec!["b", "start-demo", "c"],
        }
    }

    /// The flow's top frame.
    fn frame(mut self, top: Value) -> Self {
        self.headers = json!({"trace": "t1", "x-asya-frame": [{"flow": "outer", "at": "x"}, top]});
        self
    }

    fn resiliency(mut self, resiliency: Value) -> Self {
        self.more = json!({"resiliency": resiliency});
        self
    }

    /// A mesh of these handlers, each an actor `a-<handler>`.
    fn mesh(&self, handlers: &[&str], is_wrapped: bool) -> Mesh {
        let mut objects = vec![config_map("code", &[("h.py", &self.code)]), wrapper()];
        objects.extend(handlers.iter().map(|handler| {
            let name = format!("a-{handler}");
            if is_wrapped { wrapped(&name, handler, &self.more) } else { actor(&name, handler, self.more.clone()) }
        }));
        objects.extend(["b", "c", "start-demo"].map(|name| actor(name, "h.echo", json!({}))));
        Mesh::new(&objects, &self.interpreter, &|_| None).unwrap()
    }

    fn run(&self, handler: &str, is_wrapped: bool, payload: &str) -> Run {
        self.run_in(&mut self.mesh(&[handler], is_wrapped), handler, payload)
    }

    fn run_in(&self, mesh: &mut Mesh, handler: &str, payload: &str) -> Run {
        let entry = format!("a-{handler}");
        let next: Vec<String> = self.next.iter().map(|name| (*name).to_owned()).collect();
        let mut printed = Vec::new();
        let headers = (self.headers != json!({})).then(|| RawJson::from(&self.headers));
        let outcome =
            mesh.send(&entry, &next, headers, RawJson::parse(payload).unwrap(), &mut |happening| match happening {
                asya::local::Happening::Printed { actor, line } => printed.push(format!("{actor}| {line}")),
                asya::local::Happening::Streamed { actor, payload } => {
                    printed.push(format!("{actor}> {}", payload.as_str()));
                }
                asya::local::Happening::Hop(_) => {}
            });
        Run { outcome: outcome.unwrap(), printed }
    }

    /// Runs the handler behind the wrapper and shows route, headers but the outer frame, payload.
    fn show(&self, handler: &str, payload: &str) -> String {
        self.show_run(handler, &self.run(handler, true, payload))
    }

    fn show_run(&self, handler: &str, run: &Run) -> String {
        let name = format!("a-{handler}");
        let attempts = run.outcome.hops.iter().filter(|hop| hop.actor == name).count();
        let text = shown(&run.outcome, &run.printed).replace(r#"{"flow":"outer","at":"x"},"#, "").replace(&name, "a");
        let text = text.replace(r#""trace":"t1","#, "");
        if attempts == 1 { text } else { format!("{attempts} attempts\n{text}") }
    }
}

/// What can be told of a run without knowing how it came about.
fn told(run: &Run) -> (String, Vec<String>) {
    let failures = run.outcome.results.iter().filter_map(|result| result.error.as_ref());
    let traces = failures.map(|failure| failure.user_traceback.clone()).collect();
    (shown(&run.outcome, &run.printed), traces)
}

const FORMS: &str = r#"
import asyncio, collections, dataclasses, datetime, functools, sys, uuid

def plain(p): return {"form": "plain", **p}
def nothing(p): return None
def pair(p): return ("GET", ".headers")
Named = collections.namedtuple("Named", "x y")
def named(p): return Named(1, (2, 3))
@dataclasses.dataclass
class Point:
    x: int
    when: object = datetime.date(2026, 1, 2)
def rich(p): return Point(1)
def odd(p): return {"n": 2**70, "f": 0.1, "id": uuid.UUID(int=5), "raw": b"ab", "set": {1}}
def false(p): return 0
def own_loop(p): return asyncio.run(asyncio.sleep(0, {"own": "loop"}))
def changes(p): p["seen"] = p.get("seen", 0) + 1; return p
async def coroutine(p):
    await asyncio.sleep(0)
    return {"form": "coroutine", **p}
async def loops(p):
    global before
    now = asyncio.get_running_loop(); same = globals().get("before") is now; before = now
    return {"same": same}
def generator(p): yield {"form": "generator", **p}
def verbs(p):
    headers = yield "GET", ".headers"
    yield "SET", ".headers.mine", 1
    yield "FLY", {"token": "hi"}
    yield
    yield "SET", ".route.next[0]", "c"
    yield {"headers": (yield "GET", ".headers"), "next": (yield "GET", ".route.next"), "id": (yield "GET", ".id")}
    yield "DEL", ".headers.mine"
    yield {"second": (yield "GET", ".status.attempt")}
def silent(p):
    yield "SET", ".headers.mine", 1
    return 5
def delegates(p):
    x = yield from (i for i in [None, {"delegated": True}])
async def async_generator(p):
    await asyncio.sleep(0)
    yield {"form": "async generator", "id": (yield "GET", ".id")}
    await asyncio.sleep(0)
    yield {"form": "again"}

def logged(f):
    @functools.wraps(f)
    def inner(p): return f(p)
    return inner
@logged
def decorated(p): return {"form": "decorated", **p}
@logged
def hidden(p): yield p
partial = functools.partial(lambda word, p: {"form": word, **p}, "partial")

class Model:
    def __init__(self, factor=2): self.factor = factor; self.calls = 0
    def method(self, p): self.calls += 1; return {"n": self.factor * self.calls}
    async def wait(self, p): return {"form": "wait"}
    async def stream(self, p): yield {"form": "stream", "n": self.factor}
    def steps(self, p): yield {"form": "steps", "n": self.factor}
    @staticmethod
    def static(p): return {"form": "static"}
    @staticmethod
    async def static_wait(p): return {"form": "static wait"}
    @classmethod
    def of_class(cls, p): return {"form": cls.__name__}
    @classmethod
    async def stream_of_class(cls, p): yield {"form": cls.__name__}
    def __call__(self, p): return {"form": "instance"}
instance = Model()
class Child(Model): pass

def raises(p): raise KeyError("k")
def raises_stop(p): raise ValueError("v") from OSError(2, "no file")
async def raises_async(p): await asyncio.sleep(0); raise LookupError()
def raises_late(p):
    yield {"first": 1}
    raise ValueError("late")
async def raises_late_async(p):
    yield {"first": 1}
    raise ValueError("late")
def missing_header(p):
    try: yield "GET", ".headers.absent"
    except KeyError: yield {"caught": "never"}
def no_command(p): yield "GUESS", 1
def not_json(p): return {"x": [Model]}
def not_finite(p): yield float("nan")
def leaves(p): sys.exit(7)
async def leaves_async(p): sys.exit(7)
def interrupted(p): raise KeyboardInterrupt
async def cancelled(p): raise asyncio.CancelledError
def cleans_up(p):
    try:
        yield "GET", ".headers.absent"
    finally:
        print("cleaned up")
"#;

const NAMES: &str = "plain nothing pair named rich odd false own_loop changes coroutine loops generator verbs silent \
    delegates async_generator decorated hidden partial Model.method Model.wait Model.stream Model.steps Model.static \
    Model.static_wait Model.of_class Model.stream_of_class Child.method instance raises raises_stop raises_async \
    raises_late raises_late_async missing_header no_command not_json not_finite leaves leaves_async cleans_up";

#[test]
fn a_message_that_asks_for_nothing_is_handled_by_the_bare_handler() {
    let plain = Bench::new(FORMS);
    let framed = Bench::new(FORMS).frame(json!({"flow": "demo", "at": "after f"}));
    let mut empty = Bench::new(FORMS);
    empty.headers = json!({"x-asya-frame": [], "trace": "t1"});
    let mut odd = Bench::new(FORMS);
    odd.headers = json!({"x-asya-frame": {"call": "value"}});
    let handlers: Vec<String> = NAMES.split_whitespace().map(|name| format!("h.{name}")).collect();
    let handlers: Vec<&str> = handlers.iter().map(String::as_str).collect();
    let mut meshes = [false, true].map(|is_wrapped| plain.mesh(&handlers, is_wrapped));
    for handler in handlers {
        for bench in [&plain, &framed, &empty, &odd] {
            let (bare, behind) =
                meshes.each_mut().map(|mesh| told(&bench.run_in(mesh, handler, r#"{"k":[1,{"x":2}]}"#))).into();
            assert_eq!(behind, bare, "{handler} with {}", bench.headers);
        }
    }
}

#[test]
fn what_ends_a_process_ends_it_behind_the_wrapper_too() {
    let bench = Bench::new(FORMS).frame(json!({"flow": "demo", "at": "x", "catch": true, "self": "start-demo"}));
    let mut text = String::new();
    for name in ["leaves", "leaves_async", "interrupted", "cancelled"] {
        let run = bench.run(&format!("h.{name}"), true, "{}");
        let failure = run.outcome.results[0].error.as_ref().unwrap();
        text.push_str(&format!("{name}: {} {}\n", failure.kind.name(), failure.message));
    }
    assert_snapshot!(text, @r#"
leaves: crash its process ended with exit status 7 before it answered
leaves_async: crash its process ended with exit status 7 before it answered
interrupted: crash its process ended with exit status 1 before it answered
cancelled: crash its process ended with exit status 1 before it answered
"#);
}

#[test]
fn a_handler_that_cannot_be_loaded_is_told_as_if_it_were_bare() {
    let code = r#"
class NeedsOne:
    def __init__(self, a, b=1, *, c, d=2): pass
    def f(self, p): return p
class Greedy:
    def __init__(self, *args, **kwargs): pass
    def f(self, p): return p
class Async:
    async def __init__(self): pass
    def f(self, p): return p
class Broken:
    def __init__(self): raise OSError("no disk")
    def f(self, p): return p
class Outer:
    class Inner:
        def f(self, p): return p
def score(p): return p
value = 3
"#;
    let bench = Bench::new(code);
    for handler in "h.scores h.value h.score.f h.NeedsOne.f h.Greedy.f h.Async.f h.Broken.f h.Outer.Inner.f h.Child"
        .split_whitespace()
    {
        let (bare, behind) = [false, true].map(|is_wrapped| told(&bench.run(handler, is_wrapped, "{}")).0).into();
        assert_eq!(behind, bare, "{handler}");
    }
    for code in ["import json\nimport missing_library.sub\n", "from sys import nothing\n", "x = 1 / 0\n", "def f(p:\n"]
    {
        let bench = Bench::new(code);
        let (bare, behind) = [false, true].map(|is_wrapped| told(&bench.run("h.f", is_wrapped, "{}")).0).into();
        assert_eq!(behind, bare, "{code}");
    }
    assert_snapshot!(bench.show("nowhere.f", "{}"), @r#"
failed a {}
  load at a: handler `nowhere.f` cannot be loaded: there is no module `nowhere`
"#);
    assert_snapshot!(bench.show("score", "{}"), @r#"
failed a {}
  load at a: handler `score` cannot be loaded: ASYA_CALL_TARGET is 'score': it must be `module.function` or `module.Class.method`
"#);
}

#[test]
fn a_call_with_a_value_or_with_arguments() {
    let code = r#"
import asyncio
def length(x): return len(x)
def nothing(x): x.append(1)
def pair(x): return (x, "GET")
def add(a, b=0, *more, by=1): return (a + b + sum(more)) * by
async def wait(x): await asyncio.sleep(0); return {"got": x}
def silent(x): yield
def steps(x):
    yield {"seen": (yield "GET", ".headers.trace"), "next": (yield "GET", ".route.next")}
def replaces(x):
    yield "SET", ".headers", {"mine": 1}
    yield x
def further(x):
    yield "SET", ".route.next[:0]", ["c"]
    yield x
def two(x):
    yield "one"
    yield "SET", ".headers.n", 2
    yield "two"
def fails(x): raise ValueError("no")
"#;
    let value = Bench::new(code).frame(json!({"flow": "demo", "at": "x", "self": "start-demo", "call": "value"}));
    let spread = Bench::new(code).frame(json!({"flow": "demo", "at": "x", "self": "start-demo", "call": "spread"}));
    let mut text = String::new();
    for name in "length nothing pair wait silent steps replaces further two fails".split_whitespace() {
        text.push_str(&format!("{name}: {}", value.show(&format!("h.{name}"), "[1,2]")));
    }
    for arguments in
        [r#"{"args":[1],"kwargs":{}}"#, r#"{"args":[1,2,3],"kwargs":{"by":2}}"#, r#"{"args":[],"kwargs":{}}"#]
    {
        text.push_str(&format!("add {arguments}: {}", spread.show("h.add", arguments)));
    }
    assert_snapshot!(text, @r#"
length: succeeded a>b>start-demo>c 2 {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}]}
nothing: succeeded a>b>start-demo>c [1,2] {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value","none":true}]}
pair: succeeded a>b>start-demo>c [[1,2],"GET"] {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}]}
wait: succeeded a>b>start-demo>c {"got":[1,2]} {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}]}
silent: succeeded a>b>start-demo>c [1,2] {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value","none":true}]}
steps: succeeded a>b>start-demo>c {"seen":"t1","next":["b","start-demo","c"]} {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}]}
replaces: succeeded a>b>start-demo>c [1,2] {"mine":1,"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}]}
further: succeeded a>c>b>start-demo>c [1,2] {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}]}
two: succeeded a>b>start-demo>c "one" {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}]}
succeeded a>b>start-demo>c "two" {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}],"n":2}
fails: failed a [1,2] {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"value"}]}
  handler at a: ValueError ["Exception"] no
add {"args":[1],"kwargs":{}}: succeeded a>b>start-demo>c 1 {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"spread"}]}
add {"args":[1,2,3],"kwargs":{"by":2}}: succeeded a>b>start-demo>c 12 {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"spread"}]}
add {"args":[],"kwargs":{}}: failed a {"args":[],"kwargs":{}} {"x-asya-frame":[{"flow":"demo","at":"x","self":"start-demo","call":"spread"}]}
  handler at a: TypeError ["Exception"] add() missing 1 required positional argument: 'a'
"#);
}

#[test]
fn an_error_inside_try_goes_back_to_the_flow() {
    let code = r#"
import asyncio
class Denied(PermissionError):
    def __init__(self, who, why):
        super().__init__(f"{who}: {why}")
        self.who, self.secret, self.codes = who, object(), [4, 3]
class Outer:
    class Mute(Exception):
        def __str__(self): raise RuntimeError("no text")
def fine(p): return {"fine": p}
def nothing(p): return None
def denied(p):
    p["half"] = "done"
    raise Denied("me", "no") from KeyError("k")
class Thing:
    def __repr__(self): return "<thing>"
def odd(p): raise ValueError(Thing(), 1)
def mute(p): raise Outer.Mute()
def stops(p): return next(iter([]))
async def waits(p): await asyncio.sleep(0); raise TimeoutError
def late(p):
    yield "SET", ".headers.mine", 1
    yield {"first": 1}
    yield "FLY", {"token": "out"}
    raise ValueError("late")
def absent(p):
    try: yield {"no": (yield "GET", ".headers.absent")}
    except KeyError: yield {"caught": "never"}
def refused(p): yield "SET", ".payload", 1
def not_json(p): return {"x": {1: object()}}
def not_finite(p): return [float("inf")]
def names(p):
    yield "SET", ".route.next", [1]
    yield p
async def twice(p):
    yield {"n": 1}
    yield "SET", ".route.next", ["c"]
    yield {"n": 2}
"#;
    let bench = Bench::new(code).frame(json!({"flow": "demo", "at": "x", "catch": true, "self": "start-demo"}));
    let mut text = String::new();
    for name in "fine nothing denied odd mute stops waits late absent refused not_json not_finite names twice"
        .split_whitespace()
    {
        let shown = bench.show(&format!("h.{name}"), r#"{"k":[1]}"#);
        text.push_str(&format!("{name}: {}", without_tracebacks(&shown)));
    }
    assert_snapshot!(text, @r#"
fine: succeeded a>b>start-demo>c {"fine":{"k":[1]}} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo"}]}
nothing: succeeded a {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo"}]}
denied: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"h.Denied","mro":["PermissionError","OSError","Exception"],"message":"me: no","args":["me: no"],"attributes":{"who":"me","codes":[4,3]},"traceback":"","cause":{"type":"KeyError","mro":["LookupError","Exception"],"message":"'k'","args":["k"],"attributes":{},"traceback":""}}}]}
odd: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"ValueError","mro":["Exception"],"message":"(<thing>, 1)","args":["(<thing>, 1)"],"attributes":{},"traceback":""}}]}
mute: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"h.Outer.Mute","mro":["Exception"],"message":"(the error has no text: its __str__ raised RuntimeError)","args":[],"attributes":{},"traceback":""}}]}
stops: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"StopIteration","mro":["Exception"],"message":"","args":[],"attributes":{},"traceback":""}}]}
waits: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"TimeoutError","mro":["OSError","Exception"],"message":"","args":[],"attributes":{},"traceback":""}}]}
late: a> {"token":"out"}
succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"ValueError","mro":["Exception"],"message":"late","args":["late"],"attributes":{},"traceback":""}}]}
absent: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"KeyError","mro":["LookupError","Exception"],"message":"'absent'","args":["absent"],"attributes":{},"traceback":""}}]}
refused: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"PermissionError","mro":["OSError","Exception"],"message":".payload cannot be changed: only .route.next, .headers and .status can","args":[".payload cannot be changed: only .route.next, .headers and .status can"],"attributes":{},"traceback":""}}]}
not_json: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"TypeError","mro":["Exception"],"message":"this is not JSON: a value of type `object`","args":["this is not JSON: a value of type `object`"],"attributes":{},"traceback":""}}]}
not_finite: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"ValueError","mro":["Exception"],"message":"this is not JSON: inf","args":["this is not JSON: inf"],"attributes":{},"traceback":""}}]}
names: succeeded a>start-demo>c {"k":[1]} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo","error":{"type":"TypeError","mro":["Exception"],"message":"`.route.next` holds [1], which are not names of actors","args":["`.route.next` holds [1], which are not names of actors"],"attributes":{},"traceback":""}}]}
twice: succeeded a>c {"n":2} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo"}]}
succeeded a>b>start-demo>c {"n":1} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo"}]}
"#);
    let mut lost = Bench::new(code).frame(json!({"flow": "demo", "at": "x", "catch": true, "self": "start-demo"}));
    lost.next = vec!["b"];
    assert_snapshot!(lost.show("h.denied", "{}"), @r#"
failed a {} {"x-asya-frame":[{"flow":"demo","at":"x","catch":true,"self":"start-demo"}]}
  handler at a: h.Denied ["PermissionError", "OSError", "Exception"] me: no
"#);
}

#[test]
fn a_traceback_begins_at_the_users_code_and_is_short() {
    let code = "def deep(n):\n    return deep(n - 1) if n else [][n]\ndef long(p):\n    raise ValueError('x' * 5000)\ndef f(p):\n    deep(2)\n";
    let bench = Bench::new(code).frame(json!({"flow": "demo", "at": "x", "catch": true, "self": "start-demo"}));
    let trace = |handler: &str| {
        let run = bench.run(handler, true, "{}");
        let headers = run.outcome.results[0].headers.to_value();
        headers["x-asya-frame"][1]["error"]["traceback"].as_str().unwrap().to_owned()
    };
    let text: Vec<String> = trace("h.f")
        .lines()
        .filter(|line| !line.trim_start().starts_with(['^', '~']))
        .map(|line| line.split_once("/opt/").map_or(line.to_owned(), |(_, rest)| format!("  File \"/opt/{rest}")))
        .collect();
    assert_snapshot!(text.join("\n"), @r#"
Traceback (most recent call last):
  File "/opt/asya/h.py", line 6, in f
    deep(2)
  File "/opt/asya/h.py", line 2, in deep
    return deep(n - 1) if n else [][n]
  File "/opt/asya/h.py", line 2, in deep
    return deep(n - 1) if n else [][n]
  File "/opt/asya/h.py", line 2, in deep
    return deep(n - 1) if n else [][n]
IndexError: list index out of range
"#);
    assert_eq!(trace("h.long").len(), 2000);
}

#[test]
fn the_platform_retries_before_the_flow_hears_of_an_error() {
    let code = r#"
class Busy(ConnectionError): pass
def busy(p):
    if (yield "GET", ".status.attempt") < p.get("good", 99): raise Busy("not yet")
    yield {"good": True}
def busy_plain(p): raise Busy("never")
def denied(p): raise PermissionError("no")
def stops(p): return next(iter([]))
"#;
    let top = json!({"flow": "demo", "at": "x", "catch": true, "self": "start-demo"});
    let policies = |policy: Value, errors: Value| {
        json!({
            "policies": {"often": policy, "default": {"maxAttempts": 2}},
            "rules": [{"errors": ["h.Busy"], "policy": "missing"}, {"errors": errors, "policy": "often"}],
        })
    };
    let three = json!({"maxAttempts": 3, "onExhausted": ["b"]});
    let cases = [
        ("no policy", json!({})),
        ("retry", json!({"retry": {"maxAttempts": 3}})),
        ("retry, zero", json!({"retry": {"maxAttempts": 0}})),
        ("retry, one", json!({"retry": {"maxAttempts": 1}})),
        (
            "never again",
            json!({"retry": {"maxAttempts": 3}, "nonRetryableErrors": ["ConnectionError", "PermissionError"]}),
        ),
        ("never again, by another name", json!({"nonRetryableErrors": ["Busy"]})),
        ("policy by last part", policies(three.clone(), json!(["Busy", "StopIteration"]))),
        ("policy by base", policies(three.clone(), json!(["OSError"]))),
        ("policy by whole name", policies(three.clone(), json!(["h.Busy"]))),
        ("policy, no whole name", policies(three.clone(), json!(["x.Busy", "x.OSError", "RuntimeError"]))),
        ("no default", json!({"policies": {"often": three}, "rules": [{"errors": ["TypeError"], "policy": "often"}]})),
        ("time is up", policies(json!({"maxAttempts": 3, "maxDuration": "1m"}), json!(["OSError"]))),
        ("time is left", policies(json!({"maxAttempts": 3, "maxDuration": "9999999h"}), json!(["OSError"]))),
        (
            "the wait is too long",
            policies(
                json!({"maxAttempts": 3, "maxDuration": "9999999h", "initialDelay": "9999999h"}),
                json!(["OSError"]),
            ),
        ),
    ];
    let mut text = String::new();
    for (what, resiliency) in cases {
        let mut bench = Bench::new(code).frame(top.clone()).resiliency(resiliency);
        bench.headers["x-asya-first-attempt"] = json!("2026-03-11T10:00:00.5Z");
        let attempts = |handler: &str, payload: &str| {
            let run = bench.run(handler, true, payload);
            let result = &run.outcome.results[0];
            assert_eq!(result.phase.name(), "succeeded", "{what} {handler}: {:?}", result.error);
            let count = run.outcome.hops.iter().filter(|hop| hop.actor.starts_with("a-")).count();
            let caught = result.headers.as_str().contains("traceback");
            format!("{count}{}", if caught { " caught" } else { "" })
        };
        let row = [
            attempts("h.busy", "{}"),
            attempts("h.busy", r#"{"good":2}"#),
            attempts("h.busy_plain", "{}"),
            attempts("h.denied", "{}"),
            attempts("h.stops", "{}"),
        ];
        text.push_str(&format!("{what}: {}\n", row.join(", ")));
    }
    assert_snapshot!(text, @r#"
no policy: 1 caught, 1 caught, 1 caught, 1 caught, 1 caught
retry: 3 caught, 2, 3 caught, 3 caught, 3 caught
retry, zero: 3 caught, 2, 3 caught, 3 caught, 3 caught
retry, one: 1 caught, 1 caught, 1 caught, 1 caught, 1 caught
never again: 1 caught, 1 caught, 1 caught, 1 caught, 3 caught
never again, by another name: 3 caught, 2, 3 caught, 3 caught, 3 caught
policy by last part: 3 caught, 2, 3 caught, 2 caught, 2 caught
policy by base: 3 caught, 2, 3 caught, 3 caught, 2 caught
policy by whole name: 3 caught, 2, 3 caught, 2 caught, 2 caught
policy, no whole name: 2 caught, 2, 2 caught, 2 caught, 3 caught
no default: 1 caught, 1 caught, 1 caught, 1 caught, 1 caught
time is up: 1 caught, 1 caught, 1 caught, 1 caught, 2 caught
time is left: 3 caught, 2, 3 caught, 3 caught, 2 caught
the wait is too long: 1 caught, 1 caught, 1 caught, 1 caught, 2 caught
"#);
}

#[test]
fn a_slice_always_has_a_result() {
    let code = r#"
def double(x): return x * 2
def nothing(x): return None
def silent(x): yield
def two(x):
    yield "SET", ".headers.mine", 1
    yield "SET", ".route.next", []
    yield "first"
    yield "second"
def fails(x): raise KeyError(x)
def late(x):
    yield "first"
    raise KeyError(x)
def add(a, b=1): return a + b
"#;
    let slice = Bench::new(code).frame(json!({"slice": true, "call": "value"}));
    let spread = Bench::new(code).frame(json!({"slice": true, "call": "spread"}));
    let mut text = String::new();
    for name in "double nothing silent two fails late".split_whitespace() {
        let shown = without_tracebacks(&slice.show(&format!("h.{name}"), "21"));
        text.push_str(&format!("{name}: {shown}"));
    }
    text.push_str(&format!("add: {}", spread.show("h.add", r#"{"args":[1],"kwargs":{"b":5}}"#)));
    assert_snapshot!(text, @r#"
double: succeeded a>b>start-demo>c {"ok":42} {"x-asya-frame":[{"flow":"outer","at":"x"}]}
nothing: succeeded a>b>start-demo>c {"ok":null} {"x-asya-frame":[{"flow":"outer","at":"x"}]}
silent: succeeded a>b>start-demo>c {"ok":null} {"x-asya-frame":[{"flow":"outer","at":"x"}]}
two: succeeded a>b>start-demo>c {"ok":"first"} {"x-asya-frame":[{"flow":"outer","at":"x"}]}
fails: succeeded a>b>start-demo>c {"error":{"type":"KeyError","mro":["LookupError","Exception"],"message":"21","args":[21],"attributes":{},"traceback":""}} {"x-asya-frame":[{"flow":"outer","at":"x"}]}
late: succeeded a>b>start-demo>c {"error":{"type":"KeyError","mro":["LookupError","Exception"],"message":"21","args":[21],"attributes":{},"traceback":""}} {"x-asya-frame":[{"flow":"outer","at":"x"}]}
add: succeeded a>b>start-demo>c {"ok":6} {"x-asya-frame":[{"flow":"outer","at":"x"}]}
"#);
    let tried = Bench::new(code)
        .frame(json!({"slice": true, "call": "value"}))
        .resiliency(json!({"policies": {"default": {"maxAttempts": 3}}}));
    assert_snapshot!(without_tracebacks(&tried.show("h.fails", "21")), @r#"
3 attempts
succeeded a>b>start-demo>c {"error":{"type":"KeyError","mro":["LookupError","Exception"],"message":"21","args":[21],"attributes":{},"traceback":""}} {"x-asya-frame":[{"flow":"outer","at":"x"}]}
"#);
}

#[test]
fn wrong_settings_say_what_is_wrong() {
    let show = |more: Value| {
        let mut bench = Bench::new("def f(p): return p\n");
        bench.more = more;
        bench.show("h.f", "{}")
    };
    let env = |text: &str| json!({"env": [{"name": "ASYA_CALL_TARGET", "value": "h.f"}, {"name": "ASYA_CALL_RESILIENCY", "value": text}]});
    assert_snapshot!(show(json!({"env": []})), @r#"
failed a {}
  load at a: handler `asya_call.invoke` cannot be loaded: ASYA_CALL_TARGET is None: it must be `module.function` or `module.Class.method`
"#);
    assert_snapshot!(show(env("{")), @r#"
failed a {}
  load at a: handler `h.f` cannot be loaded: ASYA_CALL_RESILIENCY is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
"#);
    assert_snapshot!(show(env("[]")), @r#"
failed a {}
  load at a: handler `h.f` cannot be loaded: ASYA_CALL_RESILIENCY is not a JSON object: []
"#);
}

/// Every supported Python gives the same results.
#[test]
fn every_python_gives_the_same() {
    let root =
        std::env::var("PYENV_ROOT").unwrap_or_else(|_| format!("{}/.pyenv", std::env::var("HOME").unwrap_or_default()));
    let mut pythons: Vec<_> = std::fs::read_dir(format!("{root}/versions"))
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            ["3.10.", "3.11.", "3.12.", "3.13."].iter().any(|v| entry.file_name().to_string_lossy().starts_with(v))
        })
        .map(|entry| entry.path().join("bin/python3"))
        .collect();
    pythons.sort();
    if pythons.len() < 2 {
        eprintln!("skipped: one Python only; install others with pyenv");
        return;
    }
    let results = pythons.iter().map(|python| {
        let interpreter = Arc::new(Interpreter::new(LocalSettings { python: python.clone(), ..settings() }));
        let top = |mode: Value| {
            let mut top = json!({"flow": "demo", "at": "x", "self": "start-demo"});
            top.as_object_mut().unwrap().extend(mode.as_object().unwrap().clone());
            top
        };
        let modes =
            [json!({}), json!({"call": "value"}), json!({"catch": true}), json!({"slice": true, "call": "value"})];
        let mut text = String::new();
        let handlers: Vec<String> = NAMES.split_whitespace().map(|name| format!("h.{name}")).collect();
        let handlers: Vec<&str> = handlers.iter().map(String::as_str).collect();
        let mut mesh = None;
        for mode in modes {
            let mut bench = Bench::new(FORMS).frame(top(mode.clone()));
            bench.interpreter = Arc::clone(&interpreter);
            let mesh = mesh.get_or_insert_with(|| bench.mesh(&handlers, true));
            for handler in &handlers {
                let run = bench.run_in(mesh, handler, r#"{"k":1}"#);
                let shown = without_tracebacks(&bench.show_run(handler, &run));
                text.push_str(&format!("{mode} {handler}: {shown}"));
            }
        }
        text
    });
    let results: Vec<String> = results.collect();
    for (python, text) in pythons.iter().zip(&results).skip(1) {
        assert_eq!(text, &results[0], "{}", python.display());
    }
}

/// Tracebacks differ from Python to Python.
fn without_tracebacks(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(r#""traceback":""#) {
        let start = at + r#""traceback":""#.len();
        out.push_str(&rest[..start]);
        let end = rest[start..].replace("\\\\", "__").replace("\\\"", "__").find('"').unwrap();
        rest = &rest[start + end..];
    }
    out + rest
}
