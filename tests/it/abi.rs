//! The handler ABI, row by row: what a handler may be, what it may yield, what comes of it
//! (`docs/platform/protocol.md`, `docs/local.md`).

use insta::assert_snapshot;

use crate::local_bench::{show, show_route};

/// Runs one generator body for each line of `bodies` and shows line and outcome.
fn each(bodies: &str) -> String {
    let mut text = String::new();
    for body in bodies.lines().map(str::trim).filter(|body| !body.is_empty()) {
        let code = format!("def f(p):\n    {body}\n");
        text.push_str(&format!("{body}\n{}", indented(&show_route(&code, "h.f", &["b", "c"], r#"{"k":1}"#))));
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

#[test]
fn every_form_of_handler() {
    let code = r#"
import asyncio, functools

def plain(p): return {"form": "plain", **p}
async def coroutine(p):
    await asyncio.sleep(0)
    return {"form": "coroutine", **p}
def generator(p): yield {"form": "generator", **p}
async def async_generator(p):
    await asyncio.sleep(0)
    yield {"form": "async generator", **p}

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
    def method(self, p): self.calls += 1; return {"form": "method", "n": self.factor * self.calls}
    async def stream(self, p): yield {"form": "stream", "n": self.factor}
    @staticmethod
    def static(p): return {"form": "static"}
    @classmethod
    def of_class(cls, p): return {"form": cls.__name__}
    def __call__(self, p): return {"form": "instance"}

instance = Model()
class Child(Model): pass
"#;
    let mut text = String::new();
    for name in "plain coroutine generator async_generator decorated hidden partial Model.method Model.stream \
                 Model.static Model.of_class Child.method instance"
        .split_whitespace()
    {
        text.push_str(&format!("{name}: {}", show(code, &format!("h.{name}"), "{}")));
    }
    assert_snapshot!(text, @r#"
    plain: succeeded a {"form":"plain"}
    coroutine: succeeded a {"form":"coroutine"}
    generator: succeeded a {"form":"generator"}
    async_generator: succeeded a {"form":"async generator"}
    decorated: succeeded a {"form":"decorated"}
    hidden: failed a {}
      handler at a: TypeError ["Exception"] this is not JSON: a value of type `generator` at `payload`
    partial: succeeded a {"form":"partial"}
    Model.method: succeeded a {"form":"method","n":2}
    Model.stream: succeeded a {"form":"stream","n":2}
    Model.static: succeeded a {"form":"static"}
    Model.of_class: succeeded a {"form":"Model"}
    Child.method: succeeded a {"form":"method","n":2}
    instance: succeeded a {"form":"instance"}
    "#);
}

#[test]
fn a_handler_that_cannot_be_loaded_says_why() {
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
    let mut text = String::new();
    for handler in "score h. h.1f h.score.py nowhere.f h.scores h.value h.score.f h.NeedsOne.f h.Greedy.f h.Async.f \
                    h.Broken.f h.Broken.g h.Outer.Inner.f"
        .split_whitespace()
    {
        text.push_str(&show(code, handler, "{}"));
    }
    assert_snapshot!(text, @r#"
    failed a {}
      load at a: handler `score` cannot be loaded: `score` is no handler: write `module.function` or `module.Class.method`
    failed a {}
      load at a: handler `h.` cannot be loaded: `h.` is no handler: write `module.function` or `module.Class.method`
    failed a {}
      load at a: handler `h.1f` cannot be loaded: `h.1f` is no handler: write `module.function` or `module.Class.method`
    failed a {}
      load at a: handler `h.score.py` cannot be loaded: `score` in module `h` is not a class
    failed a {}
      load at a: handler `nowhere.f` cannot be loaded: there is no module `nowhere`; looked in
      /opt/asya
    failed a {}
      load at a: handler `h.scores` cannot be loaded: module `h` has no `scores`; did you mean `score`?
    failed a {}
      load at a: handler `h.value` cannot be loaded: `value` in module `h` cannot be called
    failed a {}
      load at a: handler `h.score.f` cannot be loaded: `score` in module `h` is not a class
    failed a {}
      load at a: handler `h.NeedsOne.f` cannot be loaded: `NeedsOne.__init__` must work without arguments: give `a`, `c` a default
    failed a {}
      load at a: handler `h.Greedy.f` cannot be loaded: `Greedy.__init__` must work without arguments: give `*args`, `**kwargs` a default
    failed a {}
      load at a: handler `h.Async.f` cannot be loaded: `Async.__init__` is async; a handler's class is created without an event loop
    failed a {}
      load at a: OSError ["Exception"] handler `h.Broken.f` cannot be loaded: `Broken()` failed: OSError: no disk
    failed a {}
      load at a: OSError ["Exception"] handler `h.Broken.g` cannot be loaded: `Broken()` failed: OSError: no disk
    failed a {}
      load at a: handler `h.Outer.Inner.f` cannot be loaded: `Outer.Inner.f` in module `h` is nested too deeply for a handler
    "#);
    // The platform says "could not import module" for all of these.
    assert_snapshot!(show("import json\nimport missing_library.sub\n", "h.f", "{}"), @r#"
    failed a {}
      load at a: ModuleNotFoundError ["ImportError", "Exception"] handler `h.f` cannot be loaded: module `h` cannot be imported: it needs `missing_library`
    "#);
    assert_snapshot!(show("from sys import nothing\n", "h.f", "{}"), @r#"
    failed a {}
      load at a: ImportError ["Exception"] handler `h.f` cannot be loaded: module `h` cannot be imported: ImportError: cannot import name 'nothing' from 'sys' (unknown location)
    "#);
    assert_snapshot!(show("x = 1 / 0\n", "h.f", "{}"), @r#"
    failed a {}
      load at a: ZeroDivisionError ["ArithmeticError", "Exception"] handler `h.f` cannot be loaded: module `h` cannot be imported: ZeroDivisionError: division by zero
    "#);
    assert_snapshot!(show("def f(p:\n", "h.f", "{}"), @r#"
    failed a {}
      load at a: SyntaxError ["Exception"] handler `h.f` cannot be loaded: module `h` cannot be imported: SyntaxError: '(' was never closed (h.py, line 1)
    "#);
    assert_snapshot!(show("raise SystemExit(4)\n", "h.f", "{}"), @r#"
    failed a {}
      crash at a: its process ended with exit status 4 while the handler was loaded
    "#);
}

#[test]
fn verbs_and_what_they_answer() {
    assert_snapshot!(each(r#"
        yield ["GET", (yield "GET", ".id")]
        yield {"parent": (yield "GET", ".parent_id"), "route": (yield "GET", ".route")}
        yield {"first": (yield "GET", ".route.next[0]"), "last": (yield "GET", ".route.next[-1]")}
        yield {"phase": (yield "GET", ".status.phase"), "attempt": (yield "GET", ".status.attempt")}
        yield {"set": (yield "SET", ".headers.a.b", 1), "del": (yield "DEL", ".headers.a.b"), "left": (yield "GET", ".headers")}
        yield {"odd": (yield "SET", '.headers["x.1"]', [1]), "got": (yield "GET", '.headers["x.1"][0]')}
        yield {"fly": (yield "FLY", {"token": "hi"}), "none": (yield), "emit": (yield {"first": True})}
        h = yield "GET", ".headers"; h["mine"] = 1; yield {"theirs": (yield "GET", ".headers")}
        v = [1]; yield "SET", ".headers.v", v; v.append(2); yield {"kept": (yield "GET", ".headers.v")}
        yield "SET", ".headers.1abc", {"all": "replaced"}; yield {"headers": (yield "GET", ".headers")}
        yield "SET", ".route.next[:0]", ["c"]; yield {"next": (yield "GET", ".route.next")}
        yield "SET", ".route.next[999:]", ["b"]; yield {"next": (yield "GET", ".route.next")}
        yield "SET", ".route.next[0:1]", []; yield {"next": (yield "GET", ".route.next")}
        yield "SET", ".route.next[0]", "c"; yield {"next": (yield "GET", ".route.next")}
        yield "SET", ".status.mine", 1; yield {"mine": (yield "GET", ".status.mine")}
        from json import loads; x = yield from (i for i in [None, {"delegated": True}])
    "#), @r#"
    yield ["GET", (yield "GET", ".id")]
        succeeded a>b>c ["GET","00000000-0000-4000-8000-000000000001"]
    yield {"parent": (yield "GET", ".parent_id"), "route": (yield "GET", ".route")}
        succeeded a>b>c {"parent":"","route":{"prev":[],"curr":"a","next":["b","c"]}}
    yield {"first": (yield "GET", ".route.next[0]"), "last": (yield "GET", ".route.next[-1]")}
        succeeded a>b>c {"first":"b","last":"c"}
    yield {"phase": (yield "GET", ".status.phase"), "attempt": (yield "GET", ".status.attempt")}
        succeeded a>b>c {"phase":"processing","attempt":1}
    yield {"set": (yield "SET", ".headers.a.b", 1), "del": (yield "DEL", ".headers.a.b"), "left": (yield "GET", ".headers")}
        succeeded a>b>c {"set":null,"del":null,"left":{"a":{}}} {"a":{}}
    yield {"odd": (yield "SET", '.headers["x.1"]', [1]), "got": (yield "GET", '.headers["x.1"][0]')}
        succeeded a>b>c {"odd":null,"got":1} {"x.1":[1]}
    yield {"fly": (yield "FLY", {"token": "hi"}), "none": (yield), "emit": (yield {"first": True})}
        a> {"token":"hi"}
        succeeded a>b>c {"first":true}
        succeeded a>b>c {"fly":null,"none":null,"emit":null}
    h = yield "GET", ".headers"; h["mine"] = 1; yield {"theirs": (yield "GET", ".headers")}
        succeeded a>b>c {"theirs":{}}
    v = [1]; yield "SET", ".headers.v", v; v.append(2); yield {"kept": (yield "GET", ".headers.v")}
        succeeded a>b>c {"kept":[1]} {"v":[1]}
    yield "SET", ".headers.1abc", {"all": "replaced"}; yield {"headers": (yield "GET", ".headers")}
        succeeded a>b>c {"headers":{"all":"replaced"}} {"all":"replaced"}
    yield "SET", ".route.next[:0]", ["c"]; yield {"next": (yield "GET", ".route.next")}
        succeeded a>c>b>c {"next":["c","b","c"]}
    yield "SET", ".route.next[999:]", ["b"]; yield {"next": (yield "GET", ".route.next")}
        succeeded a>b>c>b {"next":["b","c","b"]}
    yield "SET", ".route.next[0:1]", []; yield {"next": (yield "GET", ".route.next")}
        succeeded a>c {"next":["c"]}
    yield "SET", ".route.next[0]", "c"; yield {"next": (yield "GET", ".route.next")}
        succeeded a>c>c {"next":["c","c"]}
    yield "SET", ".status.mine", 1; yield {"mine": (yield "GET", ".status.mine")}
        succeeded a>b>c {"mine":1}
    from json import loads; x = yield from (i for i in [None, {"delegated": True}])
        succeeded a>b>c {"delegated":true}
    "#);
}

#[test]
fn what_a_command_may_not_do() {
    assert_snapshot!(each(r#"
        yield "GET", ".headers.absent"
        yield "GET", ".payload"
        yield "GET", ".route.next[7]"
        yield "GET", "."
        yield "GET", "headers"
        yield "GET", ".route.next[0:1]"
        yield "DEL", ".route.next[0:1]"
        yield "SET", ".route.next[0:1].x", 1
        yield "SET", ".id", "x"
        yield "SET", ".payload", {}
        yield "SET", ".route", {}
        yield "SET", ".route.prev", []
        yield "SET", ".route.curr", "c"
        yield "SET", '.route["next"]', []
        yield "DEL", ".id"
        yield "DEL", ".headers.absent"
        yield "SET", ".headers"
        yield "GET", ".id", 1
        yield "POST", ".id"
        yield "FLY", "text"
        yield {"a": 1}, {"b": 2}
        yield "DEL", ".route.next"; yield p
        yield "DEL", ".headers"; yield p
        yield "SET", ".route.next", [1]; yield p
        yield "SET", ".headers", "x"; yield p
    "#), @r#"
    yield "GET", ".headers.absent"
        failed a {"k":1}
          handler at a: KeyError ["LookupError", "Exception"] 'absent'
    yield "GET", ".payload"
        failed a {"k":1}
          handler at a: KeyError ["LookupError", "Exception"] 'payload'
    yield "GET", ".route.next[7]"
        failed a {"k":1}
          handler at a: IndexError ["LookupError", "Exception"] list index out of range
    yield "GET", "."
        failed a {"k":1}
          handler at a: ValueError ["Exception"] the path '.' names nothing
    yield "GET", "headers"
        failed a {"k":1}
          handler at a: ValueError ["Exception"] a path starts with `.`: 'headers'
    yield "GET", ".route.next[0:1]"
        failed a {"k":1}
          handler at a: ValueError ["Exception"] a slice can only be the last segment of SET: '.route.next[0:1]'
    yield "DEL", ".route.next[0:1]"
        failed a {"k":1}
          handler at a: ValueError ["Exception"] a slice can only be the last segment of SET: '.route.next[0:1]'
    yield "SET", ".route.next[0:1].x", 1
        failed a {"k":1}
          handler at a: ValueError ["Exception"] a slice can only be the last segment of SET: '.route.next[0:1].x'
    yield "SET", ".id", "x"
        failed a {"k":1}
          handler at a: PermissionError ["OSError", "Exception"] SET .id is denied: only .route.next, .headers and .status can be changed
    yield "SET", ".payload", {}
        failed a {"k":1}
          handler at a: PermissionError ["OSError", "Exception"] SET .payload is denied: only .route.next, .headers and .status can be changed
    yield "SET", ".route", {}
        failed a {"k":1}
          handler at a: PermissionError ["OSError", "Exception"] SET .route is denied: only .route.next, .headers and .status can be changed
    yield "SET", ".route.prev", []
        failed a {"k":1}
          handler at a: PermissionError ["OSError", "Exception"] SET .route.prev is denied: only .route.next, .headers and .status can be changed
    yield "SET", ".route.curr", "c"
        failed a {"k":1}
          handler at a: PermissionError ["OSError", "Exception"] SET .route.curr is denied: only .route.next, .headers and .status can be changed
    yield "SET", '.route["next"]', []
        failed a {"k":1}
          handler at a: PermissionError ["OSError", "Exception"] SET .route["next"] is denied: only .route.next, .headers and .status can be changed
    yield "DEL", ".id"
        failed a {"k":1}
          handler at a: PermissionError ["OSError", "Exception"] DEL .id is denied: only .route.next, .headers and .status can be changed
    yield "DEL", ".headers.absent"
        failed a {"k":1}
          handler at a: KeyError ["LookupError", "Exception"] 'absent'
    yield "SET", ".headers"
        failed a {"k":1}
          handler at a: RuntimeError ["Exception"] a yielded tuple is a command, and this is none: ('SET', '.headers'); commands are ("GET", path), ("SET", path, value), ("DEL", path) and ("FLY", dict); yield a list to emit one
    yield "GET", ".id", 1
        failed a {"k":1}
          handler at a: RuntimeError ["Exception"] a yielded tuple is a command, and this is none: ('GET', '.id', 1); commands are ("GET", path), ("SET", path, value), ("DEL", path) and ("FLY", dict); yield a list to emit one
    yield "POST", ".id"
        failed a {"k":1}
          handler at a: RuntimeError ["Exception"] a yielded tuple is a command, and this is none: ('POST', '.id'); commands are ("GET", path), ("SET", path, value), ("DEL", path) and ("FLY", dict); yield a list to emit one
    yield "FLY", "text"
        failed a {"k":1}
          handler at a: RuntimeError ["Exception"] a yielded tuple is a command, and this is none: ('FLY', 'text'); commands are ("GET", path), ("SET", path, value), ("DEL", path) and ("FLY", dict); yield a list to emit one
    yield {"a": 1}, {"b": 2}
        failed a {"k":1}
          handler at a: RuntimeError ["Exception"] a yielded tuple is a command, and this is none: ({'a': 1}, {'b': 2}); commands are ("GET", path), ("SET", path, value), ("DEL", path) and ("FLY", dict); yield a list to emit one
    yield "DEL", ".route.next"; yield p
        failed a {"k":1}
          handler at a: KeyError ["LookupError", "Exception"] 'next'
    yield "DEL", ".headers"; yield p
        failed a {"k":1}
          handler at a: KeyError ["LookupError", "Exception"] 'headers'
    yield "SET", ".route.next", [1]; yield p
        failed a {"k":1}
          handler at a: TypeError ["Exception"] `.route.next` holds 1, which is not the name of an actor
    yield "SET", ".headers", "x"; yield p
        failed a {"k":1}
          handler at a: TypeError ["Exception"] `.headers` is str, not a dict
    "#);
}

#[test]
fn a_refused_command_cannot_be_caught_in_the_handler() {
    let code = r#"
def f(p):
    try:
        yield "GET", ".headers.absent"
    except KeyError:
        yield {"caught": True}
    finally:
        print("closed")
async def g(p):
    try:
        yield "GET", ".headers.absent"
    except BaseException as e:
        print("closed by", type(e).__name__)
        raise
"#;
    assert_snapshot!(show(code, "h.f", "{}"), @r#"
    a| closed
    failed a {}
      handler at a: KeyError ["LookupError", "Exception"] 'absent'
    "#);
    assert_snapshot!(show(code, "h.g", "{}"), @r#"
    a| closed by GeneratorExit
    failed a {}
      handler at a: KeyError ["LookupError", "Exception"] 'absent'
    "#);
}

#[test]
fn emissions() {
    assert_snapshot!(each(r#"
        yield p
        yield "SET", ".route.next", []; yield p
        yield {"n": 1}; yield {"n": 2}; yield "SET", ".route.next", []; yield {"n": 3}
        yield "SET", ".headers.x", 1; yield {"n": 1}; yield "DEL", ".headers.x"; yield "SET", ".headers.y", 2; yield {"n": 2}
        yield "SET", ".headers.x", 1; return; yield
        yield "SET", ".route.next", "bc"; yield p
        yield "SET", ".route.next", ["x-sink"]; yield p
        yield ("GET",)
        yield [p, p]
        yield "text"
        yield 0
        yield False
        p["late"] = 1; yield p; p["late"] = 2; yield p
        yield p; raise ValueError("too late")
        yield p; return {"ignored": True}
    "#), @r#"
    yield p
        succeeded a>b>c {"k":1}
    yield "SET", ".route.next", []; yield p
        succeeded a {"k":1}
    yield {"n": 1}; yield {"n": 2}; yield "SET", ".route.next", []; yield {"n": 3}
        succeeded a {"n":3}
        succeeded a>b>c {"n":1}
        succeeded a>b>c {"n":2}
    yield "SET", ".headers.x", 1; yield {"n": 1}; yield "DEL", ".headers.x"; yield "SET", ".headers.y", 2; yield {"n": 2}
        succeeded a>b>c {"n":1} {"x":1}
        succeeded a>b>c {"n":2} {"y":2}
    yield "SET", ".headers.x", 1; return; yield
        succeeded a {"k":1}
    yield "SET", ".route.next", "bc"; yield p
        succeeded a>b>c {"k":1}
    yield "SET", ".route.next", ["x-sink"]; yield p
        succeeded a {"k":1}
    yield ("GET",)
        succeeded a>b>c ["GET"]
    yield [p, p]
        succeeded a>b>c [{"k":1},{"k":1}]
    yield "text"
        succeeded a>b>c "text"
    yield 0
        succeeded a>b>c 0
    yield False
        succeeded a>b>c false
    p["late"] = 1; yield p; p["late"] = 2; yield p
        succeeded a>b>c {"k":1,"late":1}
        succeeded a>b>c {"k":1,"late":2}
    yield p; raise ValueError("too late")
        failed a {"k":1}
          handler at a: ValueError ["Exception"] too late
        succeeded a>b>c {"k":1}
    yield p; return {"ignored": True}
        succeeded a>b>c {"k":1}
    "#);
    // A plain function: `None` is no frame, a list is one payload.
    assert_snapshot!(show_route("def f(p):\n    p['changed'] = 1\n", "h.f", &["b"], r#"{"k":1}"#), @r#"succeeded a {"k":1}"#);
    assert_snapshot!(show_route("def f(p):\n    return [1, (2, 3)]\n", "h.f", &["b"], "null"), @r#"succeeded a>b [1,[2,3]]"#);
}

#[test]
fn results_that_are_not_plain_json() {
    let code = r#"
import dataclasses, datetime, decimal, enum, typing, uuid
@dataclasses.dataclass
class Point:
    x: int
    inner: typing.Any = None
class Pair(typing.NamedTuple):
    left: int
    right: typing.Any
class Color(str, enum.Enum):
    RED = "red"
class Level(enum.IntEnum):
    HIGH = 3
class Pydantic:
    def model_dump(self, mode): return {"mode": mode, "when": datetime.date(2026, 1, 2)}
VALUES = {
    "point": Point(1, Pair(2, [Point(3)])), "tuple": (1, (2,)), "set": {7}, "frozen": frozenset([8]),
    "time": datetime.datetime(2026, 1, 2, 3, 4, 5), "id": uuid.UUID(int=5), "decimal": decimal.Decimal("1.10"),
    "bytes": b"hi", "enum": [Color.RED, Level.HIGH], "model": Pydantic(), 1: "int key", None: "none key", True: "bool",
    "big": 2**70, "surrogate": "\ud800", "text": "é\u2028", "float": 1e300,
}
def returned(p): return VALUES
def yielded(p):
    yield "SET", ".headers.h", VALUES["point"]
    yield VALUES
"#;
    assert_snapshot!(show(code, "h.returned", "{}"), @r#"succeeded a {"point":{"x":1,"inner":{"left":2,"right":[{"x":3,"inner":null}]}},"tuple":[1,[2]],"set":[7],"frozen":[8],"time":"2026-01-02T03:04:05","id":"00000000-0000-0000-0000-000000000005","decimal":"1.10","bytes":"aGk=","enum":["red",3],"model":{"mode":"json","when":"2026-01-02"},"1":"bool","null":"none key","big":1180591620717411303424,"surrogate":"\ud800","text":"é ","float":1e+300}"#);
    assert_snapshot!(show(code, "h.yielded", "{}"), @r#"succeeded a {"point":{"x":1,"inner":{"left":2,"right":[{"x":3,"inner":null}]}},"tuple":[1,[2]],"set":[7],"frozen":[8],"time":"2026-01-02T03:04:05","id":"00000000-0000-0000-0000-000000000005","decimal":"1.10","bytes":"aGk=","enum":["red",3],"model":{"mode":"json","when":"2026-01-02"},"1":"bool","null":"none key","big":1180591620717411303424,"surrogate":"\ud800","text":"é ","float":1e+300} {"h":{"x":1,"inner":{"left":2,"right":[{"x":3,"inner":null}]}}}"#);
    let mut text = String::new();
    for value in [
        "object",
        "{'a': [1, {2: complex(1)}]}",
        "float('nan')",
        "{'a': [float('-inf')]}",
        "{(1, 2): 3}",
        "(i for i in [])",
        "{'deep': dataclasses.make_dataclass('D', ['x'])(object())}",
        "loop",
    ] {
        let code = format!("import dataclasses\nloop = []\nloop.append(loop)\ndef f(p):\n    return {value}\n");
        text.push_str(&show(&code, "h.f", "{}"));
    }
    assert_snapshot!(text, @r#"
    failed a {}
      handler at a: TypeError ["Exception"] this is not JSON: a value of type `type` at `payload`
    failed a {}
      handler at a: TypeError ["Exception"] this is not JSON: a value of type `complex` at `payload['a'][1][2]`
    failed a {}
      handler at a: ValueError ["Exception"] this is not JSON: nan at `payload`
    failed a {}
      handler at a: ValueError ["Exception"] this is not JSON: -inf at `payload['a'][0]`
    failed a {}
      handler at a: TypeError ["Exception"] this is not JSON: a key of type `tuple` at `payload`
    failed a {}
      handler at a: TypeError ["Exception"] this is not JSON: a value of type `generator` at `payload`
    failed a {}
      handler at a: TypeError ["Exception"] this is not JSON: a value of type `object` at `payload['deep']['x']`
    failed a {}
      handler at a: ValueError ["Exception"] this is not JSON: it is nested too deeply, or contains itself
    "#);
}

#[test]
fn errors_are_described_by_their_defining_module() {
    let code = r#"
import json
class Outer:
    class Inner(LookupError): pass
class Mute(Exception):
    def __str__(self): raise ValueError
ERRORS = {
    "builtin": lambda: {}["x"], "nested": lambda: (_ for _ in ()).throw(Outer.Inner("deep")),
    "json": lambda: json.loads("{"), "mute": lambda: (_ for _ in ()).throw(Mute()), "assert": lambda: (_ for _ in ()).throw(AssertionError),
    "exception": lambda: (_ for _ in ()).throw(Exception("plain")), "half": lambda: (_ for _ in ()).throw(ValueError("é\ud800")),
}
def f(p):
    ERRORS[p]()
"#;
    let errors = ["builtin", "nested", "json", "mute", "assert", "exception", "half"];
    let text: String = errors.iter().map(|error| show(code, "h.f", &format!("{error:?}"))).collect();
    assert_snapshot!(text, @r#"
    failed a "builtin"
      handler at a: KeyError ["LookupError", "Exception"] 'x'
    failed a "nested"
      handler at a: h.Outer.Inner ["LookupError", "Exception"] deep
    failed a "json"
      handler at a: json.decoder.JSONDecodeError ["ValueError", "Exception"] Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
    failed a "mute"
      handler at a: h.Mute ["Exception"] (the error has no text: its __str__ raised ValueError)
    failed a "assert"
      handler at a: AssertionError ["Exception"] 
    failed a "exception"
      handler at a: Exception [] plain
    failed a "half"
      handler at a: ValueError ["Exception"] é\ud800
    "#);
}

#[test]
fn printing_and_reading_do_not_disturb_the_protocol() {
    let code = r#"
import os, subprocess, sys
def f(p):
    print('{"done":true}')
    print("to stderr", file=sys.stderr)
    os.write(1, b"raw\n")
    subprocess.run(["echo", "from a child"])
    print("no newline é", end="")
    p["stdin"] = sys.stdin.read()
    p["argv"] = len(sys.argv)
    return p
"#;
    assert_snapshot!(show(code, "h.f", "{}"), @r#"
    a| {"done":true}
    a| to stderr
    a| raw
    a| from a child
    a| no newline é
    succeeded a {"stdin":"","argv":1}
    "#);
}
