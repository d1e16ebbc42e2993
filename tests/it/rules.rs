//! What people say in their code: comments, wrappers, decorators, `with` blocks, and rules.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const HANDLERS: &str = "def a(p): return p\ndef b(p): return p\nasync def ask(p): return p\n";

const IMPORTS: &str =
    "import asyncio\nfrom handlers import a, ask, b\nfrom marks import actor, flow, inline, unfold\n\n";

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ok(&["init", "--yes", "--registry", "reg.example"]);
    sandbox.write("handlers.py", HANDLERS);
    sandbox.write("marks.py", "");
    sandbox
}

/// Compiles a flow whose file starts with [`IMPORTS`]; line 5 is the first of `text`.
fn compile(sandbox: &Sandbox, text: &str) -> crate::sandbox::Outcome {
    sandbox.write("flow.py", &format!("{IMPORTS}{text}"));
    sandbox.run(&["compile", "demo", "-f", "flow.py:demo"])
}

/// The diagnostics and errors of a compilation.
fn said(text: &str) -> String {
    compile(&project(), text).stderr
}

/// The actors of a flow, by what they are called; it must compile without a word.
fn actors(text: &str) -> Vec<String> {
    let sandbox = project();
    actors_in(&sandbox, text)
}

fn actors_in(sandbox: &Sandbox, text: &str) -> Vec<String> {
    let outcome = compile(sandbox, text);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{text}");
    let line = outcome.stdout.lines().find_map(|line| line.trim_start().strip_prefix("actors")).unwrap().to_owned();
    line.trim().split(", ").map(str::to_owned).filter(|name| !name.starts_with("none")).collect()
}

/// What the compilation adds to an actor's manifest, below the scaling that the template has.
fn spec(sandbox: &Sandbox, actor: &str) -> String {
    let manifest = sandbox.read(&format!("compiled/demo/manifests/base/asya-{actor}.yaml"));
    manifest.split_once("maxReplicaCount: 10\n").map_or(manifest.clone(), |(_, rest)| rest.to_owned())
}

fn compiled_spec(text: &str, actor: &str) -> String {
    let sandbox = project();
    let outcome = compile(&sandbox, text);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{text}");
    spec(&sandbox, actor)
}

fn body(lines: &str) -> String {
    let indented: Vec<String> = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "def tidy(p):\n    return {{**p, \"t\": 1}}\n\nasync def demo(p: dict) -> dict:\n{}    return p\n",
        indented.concat()
    )
}

#[test]
fn each_way_to_say_inline() {
    for line in [
        "p = tidy(p)  # asya: inline",
        "p = tidy(p)  # noqa  # asya: inline",
        "p = tidy(p)  #asya:inline",
        "p = inline(tidy)(p)",
        "p = tidy(\n    p,\n)  # asya: inline",
        "p = tidy(  # asya: inline\n    p,\n)",
        "p = tidy(\n    # asya: inline\n    p,\n)",
        "p = inline(\n    tidy\n)(p)",
    ] {
        assert_eq!(actors(&body(&format!("{line}\np = await ask(p)"))), ["ask"], "{line}");
    }
    let decorated = |line: &str| {
        format!(
            "import marks\n\n{line}\ndef tidy(p):\n    return p\n\nasync def demo(p):\n    p = tidy(p)\n    p = a(p)\n    return p\n"
        )
    };
    for line in ["@inline", "@marks.inline", "@inline  # a remark", "@marks.inline()"] {
        assert_eq!(actors(&decorated(line)), ["a"], "{line}");
    }
    let on_def =
        "def tidy(p):  # asya: inline\n    return p\n\ndef demo(p):\n    p = tidy(p)\n    p = a(p)\n    return p\n";
    assert_eq!(actors(on_def), ["a"]);
    let on_method = "class C:\n    @actor\n    def run(self, p):\n        return p\n\ndef demo(p):\n    m = C()\n    p = m.run(p)\n    p = actor(m.run)(p)\n    p = C().run(p)  # asya: actor\n    return p\n";
    assert_eq!(actors(on_method), ["c-run"]);
}

#[test]
fn the_router_shows_neither_wrapper_nor_mark() {
    let sandbox = project();
    let text = "@inline\n@inline\n# why\ndef one(p):\n    return p\n\ndef two(p):\n    return inline(one)(p)\n\nasync def demo(p):\n    p = await ask(p)\n    p = one(inline(two)(p))  # asya: inline\n    p[\"x\"] = [inline(\n        one\n    )(x) for x in p[\"xs\"]]\n    return p\n";
    let outcome = compile(&sandbox, text);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let code = sandbox.read("compiled/demo/code/router.py");
    let (_, code) = code.split_once("annotations\n").unwrap();
    let (code, _) = code.split_once("            case _:").unwrap();
    assert_snapshot!(code, @r#"
# 5
def one(p):
    return p


# 11
def two(p):
    return one(p)


def demo(p, at):
    """Runs the flow from `at` to its next actor calls.

    Answers the payload, the calls, and where the flow goes on after them (None: nowhere).
    """
    while True:
        match at:
            case "start":
                # 15: p = await ask(p)
                return p, ["ask"], "after ask"
            case "after ask":
                p = one(two(p))  # 16
                # 17-19
                p["x"] = [(
                    one
                )(x) for x in p["xs"]]
                return p, [], None
"#);
}

#[test]
fn each_way_to_say_actor() {
    for line in ["p = dateutil.parse(p[\"d\"])  # asya: actor", "p = actor(dateutil.parse)(p)"] {
        let text = format!("import dateutil\n\ndef demo(p):\n    {line}\n    return p\n");
        let shown = said(&text);
        assert!(!shown.contains("ASYA071") && !shown.contains("ASYA006"), "{shown}");
    }
    let text = "@actor\ndef own(p): return p\n\ndef two(p): return p  # asya: actor\n\ndef demo(p):\n    p = own(p)\n    p = two(p)\n    p = actor(two)(p)\n    return p\n";
    assert_eq!(actors(text), ["own", "two"]);
}

#[test]
fn a_call_becomes_a_part_of_the_flow() {
    let part = "def part(p):\n    p = a(p)\n    p[\"t\"] = 1\n    return p\n\ndef demo(p):\n    CALL\n    return p\n";
    for line in [
        "p = part(p)  # asya: flow",
        "p = part(p)  # asya: unfold",
        "p = unfold(part)(p)",
        "p = flow(part)(p)",
        "p[\"x\"] = 1 + len(part(p))  # asya: unfold",
        "p[\"x\"] = {x[\"n\"]: flow(part)(x) for x in p[\"xs\"]}",
        "if p[\"x\"] and unfold(part)(p)[\"t\"]:\n        p[\"y\"] = 1",
        "return unfold(part)(p)",
    ] {
        assert_eq!(actors(&part.replace("CALL", line)), ["a"], "{line}");
    }
    let marked = |mark: &str, comment: &str, call: &str| {
        let text = part.replace("def part(p):", &format!("{mark}def part(p):{comment}")).replace("CALL", call);
        format!("import marks\n\n{text}")
    };
    assert_eq!(actors(&marked("@unfold\n", "", "p = part(p)")), ["a"]);
    assert_eq!(actors(&marked("@marks.flow\n", "", "p[\"n\"] = part(p)[\"t\"]")), ["a"]);
    assert_eq!(actors(&marked("", "  # asya: unfold", "p[\"n\"] = part(p)[\"t\"]")), ["a"]);
    assert_eq!(actors(&marked("@unfold\n", "", "p = actor(part)(p)")), ["part"]);
    assert_eq!(actors(&marked("@unfold\n", "", "p = part(p)  # asya: actor")), ["part"]);
    let inline = "@unfold\ndef part(p): return p\n\ndef demo(p):\n    p = part(p)\n    p = actor(part)(p)\n    p = part(p)  # asya: inline\n    return p\n";
    assert_eq!(actors(inline), ["part"]);
    let awaited = "async def part(p):\n    p = await ask(p)\n    return p\n\nasync def demo(p):\n    p = await inline(part)(p)\n    return p\n";
    assert_eq!(actors(awaited), ["ask"]);
}

#[test]
fn a_function_of_another_file_becomes_a_part_of_the_flow() {
    let sandbox = project();
    sandbox.write(
        "pkg/work.py",
        "from handlers import b\nfrom marks import actor, unfold\n\ndef far(p): return p\n\ndef part(p):\n    p = actor(far)(p)\n    p[\"n\"] = {x[\"n\"]: unfold(inner)(x) for x in p[\"xs\"]}\n    return b(p)\n\ndef inner(x):\n    return {**x, \"y\": 1}\n",
    );
    sandbox.write("pkg/__init__.py", "from .work import part\n");
    let flow = "import pkg\n\ndef demo(p):\n    p = CALL\n    return p\n";
    for call in ["unfold(pkg.part)(p)", "pkg.part(p)  # asya: flow"] {
        assert_eq!(actors_in(&sandbox, &flow.replace("CALL", call)), ["far", "b"], "{call}");
    }
    sandbox.write(".asya/config.compiler.rules.yaml", "- {match: pkg.part, treat-as: unfold}\n");
    assert_eq!(
        actors_in(&sandbox, &flow.replace("CALL", "pkg.part(p)")),
        ["far", "b"],
        "by the name it is imported as"
    );
    sandbox.write(".asya/config.compiler.rules.yaml", "- {match: pkg.work.part, treat-as: unfold}\n");
    assert_eq!(actors_in(&sandbox, &flow.replace("CALL", "pkg.part(p)")), ["far", "b"], "by its own name");
    assert_eq!(actors_in(&sandbox, &flow.replace("CALL", "pkg.part(p)  # asya: actor")), ["part"]);
}

#[test]
fn what_cannot_become_a_part_of_the_flow() {
    let text = "import dateutil\n\nclass C:\n    def run(self, p): return p\n\ndef demo(p):\n    p = unfold(dateutil.parse)(p)\n    p = C().run(p)  # asya: flow\n    return p\n";
    assert_snapshot!(said(text), @r#"
warning[ASYA051]: there is no module `dateutil` in this project
  --> flow.py:11:5
   |
11 |     p = unfold(dateutil.parse)(p)
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = note: the actor will run `dateutil.parse`; its image must have that module
   = help: if it is in another directory, name that with `-I DIR` or `compiler.python_path`

error[ASYA071]: `parse` cannot become a part of the flow
  --> flow.py:11:16
   |
11 |     p = unfold(dateutil.parse)(p)
   |         -------^^^^^^^^^^^^^^- `unfold` is said here
   |
   = note: the source of `dateutil.parse` is not in this project
   = help: let it be an actor, or write the part as a function of the project

error[ASYA071]: `run` cannot become a part of the flow
  --> flow.py:12:9
   |
12 |     p = C().run(p)  # asya: flow
   |         ^^^^^^^     ------------ `flow` is said here
   |
   = note: a method belongs to an object, which lives in an actor
   = help: let it be an actor, or write the part as a function of the project

error: flow `demo` does not compile: 2 errors in flow.py
"#);
    let decorated = "import functools, stamina\n\n@stamina.retry(on=Exception, attempts=3)\n@unfold\ndef part(p): return a(p)\n\n@functools.cache\n@unfold\ndef other(p): return a(p)\n\ndef demo(p):\n    p = part(p)\n    p = other(p)\n    return p\n";
    assert_snapshot!(said(decorated), @r#"
error[ASYA005]: `stamina.retry` on a part of a flow cannot be compiled
 --> flow.py:7:2
  |
7 | @stamina.retry(on=Exception, attempts=3)
  |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: Python applies it to a part of a flow as a whole, the platform to every actor by itself
  = help: decorate the handlers it is meant for

error[ASYA005]: a decorator on a part of a flow cannot be compiled
  --> flow.py:11:2
   |
11 | @functools.cache
   |  ^^^^^^^^^^^^^^^
   |
   = note: it would change what the flow does, and the compiled flow would not know
   = help: move it to the handlers it is meant for

error: flow `demo` does not compile: 2 errors in flow.py
"#);
    let sandbox = project();
    sandbox.write(
        "work.py",
        "def part(p):\n    p = [1]  # asya: actor\n    c = C()  # asya: actor\n    return p\n\nclass C: ...\n",
    );
    let outcome = compile(&sandbox, "import work\n\ndef demo(p):\n    p = unfold(work.part)(p)\n    return p\n");
    assert_snapshot!(outcome.stderr, @r#"
error[ASYA006]: this directive cannot be followed
 --> work.py:2:14
  |
2 |     p = [1]  # asya: actor
  |              ^^^^^^^^^^^^^
  |
  = note: there is no call on this line that it could be about
  = help: write it on a line of the call

error: flow `demo` does not compile: 1 error in work.py
"#);
    let lambda = "def part(p):\n    return a(p)\n\ndef demo(p):\n    p[\"x\"] = sorted(p[\"x\"], key=lambda x: unfold(part)(x))\n    return a(p)\n";
    assert_snapshot!(said(lambda), @r#"
error[ASYA015]: `part` is called inside a `lambda`
 --> flow.py:9:43
  |
9 |     p["x"] = sorted(p["x"], key=lambda x: unfold(part)(x))
  |                                           ^^^^^^^^^^^^^^^
  |
  = note: a `lambda` runs in one go, and a call is a hop through the mesh
  = help: write a loop or a comprehension: `[await … for … in …]`

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn an_actor_inside_a_larger_expression() {
    let text = "def f(x): return x\ndef g(x): return x\n\ndef demo(p):\n    p[\"n\"] = 1 + actor(f)(p[\"k\"])\n    x = g(f(p[\"k\"]))  # asya: actor\n    y = actor(g)(actor(f)(p[\"k\"]))\n    p[\"z\"] = f(x) + len(y)\n    return p\n";
    assert_eq!(actors(text), ["f", "g"]);
}

#[test]
fn settings_reach_every_kind_of_call() {
    let sandbox = project();
    sandbox.write("other.py", "import asyncio\nfrom handlers import b\n\nasync def part(p):\n    p[\"y\"] = await inner(p)\n    async with asyncio.timeout(7):\n        p = await late(p)\n    return p\n\nasync def inner(p): return p\nasync def late(p): return p\n");
    let text = "import other\n\nasync def one(x): return x\nasync def two(x): return x\nasync def three(x): return x\nasync def four(x): return x\n\nasync def demo(p):\n    async with asyncio.timeout(9):\n        p = await unfold(other.part)(p)\n    async with asyncio.timeout(3):\n        p[\"x\"] = 1 + await one(p[\"k\"])\n    async with asyncio.timeout(4):\n        p[\"z\"] = await asyncio.gather(two(1), *[three(x) for x in p[\"xs\"]])\n    async with asyncio.TaskGroup() as group:\n        t = group.create_task(asyncio.wait_for(four(1), 5))\n    p[\"t\"] = t.result()\n    p = await asyncio.wait_for(\n        ask(p), timeout=6,  # short\n    )\n    return p\n";
    let outcome = compile(&sandbox, text);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_snapshot!(outcome.stderr, @r#"
warning[ASYA077]: each call gets this limit for itself
  --> flow.py:13:32
   |
13 |     async with asyncio.timeout(9):
   |                                ^
   |
   = note: Python limits the block as a whole, and there are 2 calls in it

warning: `join-demo` joins parallel calls and has no store: on a cluster it cannot keep what has arrived
  hint: add to `.asya/config.yaml`:
  compiler:
    join:
      state_proxy:
        image: ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:<tag>
        env:
          STATE_BUCKET: <bucket>
"#);
    let limits = ["inner", "late", "one", "two", "three", "four", "ask"].map(|actor| {
        let spec = spec(&sandbox, actor);
        format!("{actor} {}", spec.lines().find_map(|line| line.trim().strip_prefix("actorTimeout: ")).unwrap_or("-"))
    });
    assert_eq!(limits, ["inner 9s", "late 7s", "one 3s", "two 4s", "three 4s", "four 5s", "ask 6s"]);
}

#[test]
fn the_first_that_says_anything_decides() {
    let sandbox = project();
    let rule = |word: &str| format!("- {{match: flow.f, treat-as: {word}}}\n");
    let mut text =
        String::from("@inline\ndef f(p):\n    return p\n\ndef demo(p):\n    p = CALL\n    p = a(p)\n    return p\n");
    sandbox.write(".asya/config.compiler.rules.yaml", &rule("actor"));
    let call = |text: &str, call: &str| text.replace("CALL", call);
    assert_eq!(actors_in(&sandbox, &call(&text, "f(p)")), ["a"], "decorator over rule");
    assert_eq!(actors_in(&sandbox, &call(&text, "actor(f)(p)")), ["f", "a"], "wrapper over decorator");
    assert_eq!(actors_in(&sandbox, &call(&text, "actor(f)(p)  # asya: inline")), ["a"], "comment over wrapper");
    text = text.replace("@inline\n", "");
    assert_eq!(actors_in(&sandbox, &call(&text, "f(p)")), ["f", "a"], "rule");
    sandbox.write(".asya/config.compiler.rules.yaml", &rule("inline"));
    assert_eq!(actors_in(&sandbox, &call(&text, "f(p)")), ["a"], "rule over what goes without saying");
    assert_eq!(actors_in(&sandbox, &call(&text, "f(p)").replace("f(p):", "f(p):  # asya: actor")), ["f", "a"]);
    let both = call(&text, "f(p)").replace("def f(p):", "@actor\ndef f(p):  # asya: inline");
    assert_eq!(actors_in(&sandbox, &both), ["a"], "comment on the definition over decorator");
}

#[test]
fn a_rule_makes_decorators_and_wrappers_speak() {
    let sandbox = project();
    sandbox.write(
        ".asya/config.compiler.rules.yaml",
        "- {match: tools.here, treat-as: inline}\n- {match: tools.remote, treat-as: actor, keep-decorator: true}\n",
    );
    sandbox.write("tools.py", "");
    let text = "import tools as t\nfrom tools import remote as far\n\n@t.here\ndef f(p):\n    return p\n\n@far(3)\ndef g(p):\n    return p\n\ndef demo(p):\n    p = f(p)\n    p = g(p)\n    p = far(f)(p)\n    return p\n";
    assert_eq!(actors_in(&sandbox, text), ["g", "f"]);
    assert!(!spec(&sandbox, "g").contains("ASYA_IGNORE_DECORATORS"));
}

#[test]
fn handlers_of_other_files_speak_too() {
    let sandbox = project();
    sandbox.write("pkg/__init__.py", "from .work import fetch\n");
    sandbox.write(
        "pkg/work.py",
        "import stamina as s\nfrom marks import flow\n\nTRIES = 4\n\n@s.retry(on=Exception, attempts=TRIES, timeout=0)\ndef fetch(p): return p\n\n@flow\ndef part(p): return p\n",
    );
    let outcome = compile(&sandbox, "from pkg import fetch\n\ndef demo(p):\n    p = fetch(p)\n    return p\n");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert_snapshot!(spec(&sandbox, "fetch"), @r#"
resiliency:
  policies:
    default:
      maxAttempts: 4
      maxDuration: 0s
env:
- name: ASYA_IGNORE_DECORATORS
  value: stamina.retry
"#);
    sandbox.write(
        "pkg/work.py",
        "import stamina\n\nTRIES = int('4')\n\n@stamina.retry(on=KeyError, attempts=TRIES)\ndef fetch(p): return p\n",
    );
    let outcome = compile(&sandbox, "from pkg import fetch\n\ndef demo(p):\n    p = fetch(p)\n    return p\n");
    assert_snapshot!(outcome.stderr, @r#"
warning[ASYA073]: this setting does not reach the platform
 --> flow.py:8:9
  |
8 |     p = fetch(p)
  |         ^^^^^^^^
  |
  = note: `KeyError` at pkg/work.py:5: the rule for `stamina.retry` has nothing for `KeyError`
  = help: write a rule of your own for `stamina.retry` that says it (docs/rules.md)

warning[ASYA073]: this setting does not reach the platform
 --> flow.py:8:9
  |
8 |     p = fetch(p)
  |         ^^^^^^^^
  |
  = note: `TRIES` at pkg/work.py:5: `TRIES`: it is the result of a call
  = help: write a literal here, or set the field in a template or an overlay
"#);
}

#[test]
fn directives_that_cannot_be_followed() {
    assert_snapshot!(said(&body("p = a(p)  # asya: acter\np = a(p)  # asya:")), @r#"
error[ASYA006]: the directive `acter` is unknown
 --> flow.py:9:15
  |
9 |     p = a(p)  # asya: acter
  |               ^^^^^^^^^^^^^
  |
  = note: there are `actor`, `inline`, `flow`, `unfold` and `config`
  = help: did you mean `# asya: actor`?

error[ASYA006]: the directive `` is unknown
  --> flow.py:10:15
   |
10 |     p = a(p)  # asya:
   |               ^^^^^^^
   |
   = note: there are `actor`, `inline`, `flow`, `unfold` and `config`

error: flow `demo` does not compile: 2 errors in flow.py
"#);
    assert_snapshot!(said(&body("# asya: actor\np = a(p)\np[\"x\"] = 1  # asya: inline\np = a(p); p = b(p)  # asya: actor")), @r#"
error[ASYA006]: this directive cannot be followed
 --> flow.py:9:5
  |
9 |     # asya: actor
  |     ^^^^^^^^^^^^^
  |
  = note: there is no call or definition on its line
  = help: write it behind the call or behind the colon of the `def` line

error[ASYA006]: this directive cannot be followed
  --> flow.py:11:17
   |
11 |     p["x"] = 1  # asya: inline
   |                 ^^^^^^^^^^^^^^
   |
   = note: there is no call on this line that it could be about
   = help: write it on a line of the call

error[ASYA006]: this directive cannot be followed
  --> flow.py:12:25
   |
12 |     p = a(p); p = b(p)  # asya: actor
   |                         ^^^^^^^^^^^^^
   |
   = note: several statements with calls share this line
   = help: give every statement a line of its own

error: flow `demo` does not compile: 3 errors in flow.py
"#);
    assert_snapshot!(said(&body("p = a(p)  # asya: config\np = a(  # asya: actor\n    p\n)  # asya: inline")), @r#"
error[ASYA006]: `config` says nothing about a call or a function
 --> flow.py:9:15
  |
9 |     p = a(p)  # asya: config
  |               ^^^^^^^^^^^^^^
  |
  = note: decorators and `with` blocks become settings of actors by rules, which say what goes where
  = help: write a rule for the decorator or the block into `.asya/config.compiler.rules.yaml`

error[ASYA006]: this directive cannot be followed
  --> flow.py:12:8
   |
10 |     p = a(  # asya: actor
   |             ------------- here
11 |         p
12 |     )  # asya: inline
   |        ^^^^^^^^^^^^^^
   |
   = note: another one on the same call says something else
   = help: keep one of the two

error: flow `demo` does not compile: 2 errors in flow.py
"#);
    assert_snapshot!(said(&body("p[\"n\"] = len(p)  # asya: actor\nwith p:  # asya: actor\n    pass\np[\"n\"] = 1 + a(p)  # asya: actor\np = await inline(ask)(p)")), @r#"
error[ASYA071]: this call cannot be treated as `actor`
 --> flow.py:9:14
  |
9 |     p["n"] = len(p)  # asya: actor
  |              ^^^^^^  ------------- `actor` is said here
  |
  = note: it calls no function of the project or of a package
  = help: call a function of your own that does it

error[ASYA006]: this directive cannot be followed
  --> flow.py:10:14
   |
10 |     with p:  # asya: actor
   |              ^^^^^^^^^^^^^
   |
   = note: there is no call on this line that it could be about
   = help: write it on a line of the call

error: flow `demo` does not compile: 2 errors in flow.py
"#);
    assert_snapshot!(said("class C:\n    def run(self, p): return p\n\ndef demo(p):\n    c = C()  # asya: actor\n    p = c.run(p)\n    return p\n"), @r#"
error[ASYA071]: `actor` cannot be followed here
 --> flow.py:9:14
  |
9 |     c = C()  # asya: actor
  |              ^^^^^^^^^^^^^
  |
  = note: passing over it would change what the flow means
  = help: call a function of your own there, or take it out

error: flow `demo` does not compile: 1 error in flow.py
"#);
    let helper = "def f(p):\n    return g(p)  # asya: actor\n\ndef g(p):\n    return p\n\ndef demo(p):\n    p = inline(f)(p)\n    return p\n";
    assert_snapshot!(said(helper), @r#"
error[ASYA024]: `f` cannot be used in the flow's own code
  --> flow.py:12:16
   |
 6 |     return g(p)  # asya: actor
   |                  ------------- because of this
...
12 |     p = inline(f)(p)
   |                ^ this runs in the router
   |
   = note: it calls something that does not run in the router
   = help: move this statement into an actor

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn text_is_no_comment() {
    let lines = "p[\"x\"] = \"# asya: nonsense\"\np[\"y\"] = \"\"\"\n# asya: inline\n\"\"\"\np = a(p)";
    assert_eq!(actors(&body(lines)), ["a"]);
    assert_eq!(actors(&body("p = a(p)  # asyal: whatever, asya is fine")), ["a"]);
}

#[test]
fn wrappers_wrap_one_function() {
    assert_snapshot!(said(&body("p = actor(a, b)(p)\np = inline(lambda p: p)(p)\np = flow()(p)\np = unfold(*a)(p)")), @r#"
error[ASYA070]: `actor` wraps exactly one function by its name
 --> flow.py:9:9
  |
9 |     p = actor(a, b)(p)
  |         ^^^^^^^^^^^
  |
  = help: write `actor(function)(payload)`

error[ASYA070]: `inline` wraps exactly one function by its name
  --> flow.py:10:9
   |
10 |     p = inline(lambda p: p)(p)
   |         ^^^^^^^^^^^^^^^^^^^
   |
   = help: write `inline(function)(payload)`

error[ASYA070]: `flow` wraps exactly one function by its name
  --> flow.py:11:9
   |
11 |     p = flow()(p)
   |         ^^^^^^
   |
   = help: write `flow(function)(payload)`

error[ASYA070]: `unfold` wraps exactly one function by its name
  --> flow.py:12:9
   |
12 |     p = unfold(*a)(p)
   |         ^^^^^^^^^^
   |
   = help: write `unfold(function)(payload)`

error: flow `demo` does not compile: 4 errors in flow.py
"#);
    let shown = said("def demo(p):\n    p = tools.actor(a)(p)\n    p = p.actor(a)(p)\n    return p\n");
    assert!(!shown.contains("ASYA070"), "{shown}");
    let text = "from handlers import a\n\ndef demo(p):\n    p = actor(a)(p)\n    return p\n";
    let sandbox = project();
    sandbox.write("flow.py", text);
    let shown = sandbox.run(&["compile", "demo", "-f", "flow.py:demo"]).stderr;
    assert!(shown.contains("ASYA023") && shown.matches("error[").count() == 1, "{shown}");
}

#[test]
fn an_import_relative_to_no_package_is_told() {
    let text = "from . import limits\n\nasync def demo(p):\n    p[\"most\"] = limits.MOST\n    return await a(p)\n";
    let shown = said(text);
    let note = "= note: the import is relative to a package, and this file is in none";
    assert!(shown.contains("error[ASYA024]: `limits` cannot be used") && shown.contains(note), "{shown}");
}

#[test]
fn t36_an_imported_function_is_never_left_behind() {
    assert_eq!(actors(&body("p = a(p)  # asya: inline\np = b(p)")), ["b"]);
    let text = "import dateutil\n\nasync def demo(p):\n    p[\"d\"] = inline(dateutil.parse)(p[\"d\"])\n    p[\"e\"] = await inline(dateutil.fetch)(p[\"d\"])\n    return p\n";
    assert_snapshot!(said(text), @r#"
error[ASYA024]: `dateutil` cannot be used in the flow's own code
 --> flow.py:8:21
  |
5 | import dateutil
  |        -------- imported here
...
8 |     p["d"] = inline(dateutil.parse)(p["d"])
  |                     ^^^^^^^^ this runs in the router
  |
  = note: `dateutil` is not part of the standard library, and the router's image has nothing else
  = help: move this statement into an actor

error[ASYA071]: a call in the router cannot be awaited
 --> flow.py:9:20
  |
9 |     p["e"] = await inline(dateutil.fetch)(p["d"])
  |                    ----------------------^^^^^^^^
  |                    |
  |                    `inline` is said here
  |
  = note: what runs in the router is a plain `def`, and its source is in the project
  = help: call `dateutil.fetch` without `await`, or let it be an actor

error: flow `demo` does not compile: 2 errors in flow.py
"#);
    let text = "def f(p): return p  # asya: actor\n\ndef g(p): return f(p)\n\ndef demo(p):\n    p = inline(g)(p)\n    return a(p)\n";
    assert_snapshot!(said(text), @r#"
error[ASYA024]: `g` cannot be used in the flow's own code
  --> flow.py:10:16
   |
 7 | def g(p): return f(p)
   |                  ---- because of this
...
10 |     p = inline(g)(p)
   |                ^ this runs in the router
   |
   = note: it calls something that does not run in the router
   = help: move this statement into an actor

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn t37_what_an_inline_function_uses_goes_along_or_is_named() {
    let text = "import json\n\nLIMIT = 3\n\ndef inner(x):\n    return json.loads(x)[:LIMIT]\n\n@inline\ndef outer(p):\n    p[\"x\"] = inner(p[\"x\"])\n    return p\n\ndef demo(p):\n    p = outer(p)\n    p = a(p)\n    return p\n";
    assert_eq!(actors(text), ["a"]);
    let text = "class Helper:\n    def run(self): return 1\n\n@inline\ndef outer(p):\n    p[\"x\"] = Helper\n    return p\n\ndef demo(p):\n    p = outer(p)\n    p = a(p)\n    return p\n";
    assert_snapshot!(said(text), @r#"
error[ASYA024]: `Helper` cannot be used in the flow's own code
  --> flow.py:10:14
   |
 5 | class Helper:
   | ------------- defined here
...
10 |     p["x"] = Helper
   |              ^^^^^^ this runs in the router
   |
   = note: classes stay with the handlers
   = help: move this statement into an actor

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

fn retrying(decorator: &str) -> String {
    format!(
        "import tenacity\nimport tenacity as t\nfrom tenacity import retry, stop_after_attempt as tries\nfrom tenacity.stop import stop_after_delay\nimport stamina\nimport timeout_decorator\n\nTRIES = 7\nSTOP = t.stop_after_attempt(TRIES)\n\n{decorator}\ndef work(p):\n    return p\n\ndef demo(p):\n    p = work(p)\n    return p\n"
    )
}

fn settings(decorator: &str) -> String {
    let text = compiled_spec(&retrying(decorator), "work");
    text.lines().take_while(|line| !line.contains("env:")).map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn t39_every_way_to_write_a_setting_is_read() {
    let attempts = "resiliency: policies: default: maxAttempts: 7";
    for decorator in [
        "@retry(stop=tries(7))",
        "@retry(stop=tenacity.stop_after_attempt(7))",
        "@t.retry(stop=t.stop.stop_after_attempt(max_attempt_number=7))",
        "@t.retry(stop=STOP)",
        "@t.retry(stop=tries(TRIES), reraise=True)",
        "@stamina.retry(on=Exception, attempts=TRIES)",
        "from tenacity import *\n@retry(stop=stop_after_attempt(7))",
        "from tenacity import *\nfrom os.path import *\n@retry(stop=stop_after_attempt(7), wait=wait_none())",
    ] {
        assert_eq!(settings(decorator), attempts, "{decorator}");
    }
    for wait in ["t.wait_exponential_jitter(initial=2, max=9)", "t.wait_random_exponential(min=2, max=9)"] {
        assert_eq!(
            settings(&format!("@retry(stop=STOP, wait={wait})")),
            "resiliency: policies: default: maxAttempts: 7 initialDelay: 2s maxInterval: 9s backoff: exponential jitter: true"
        );
    }
    let both = "resiliency: policies: default: maxAttempts: 3 maxDuration: 0.5s";
    for stop in ["tries(3) | stop_after_delay(0.5)", "(tries(3)) | (  # why\n  stop_after_delay(.5)\n)"] {
        assert_eq!(settings(&format!("@retry(stop={stop})")), both);
    }
    assert_eq!(settings("@timeout_decorator.timeout(90)"), "resiliency: actorTimeout: 90s");
    assert_eq!(settings("@timeout_decorator.timeout(0, use_signals=False)"), "resiliency: actorTimeout: 0s");
    assert_eq!(
        settings("@retry(stop=STOP, wait=t.wait_exponential(multiplier=1, min=4, max=10))"),
        "resiliency: policies: default: maxAttempts: 7 initialDelay: 4s maxInterval: 10s backoff: exponential"
    );
    assert_eq!(
        settings("@retry(stop=STOP, wait=t.wait_fixed(0))"),
        "resiliency: policies: default: maxAttempts: 7 initialDelay: 0s backoff: constant"
    );
}

#[test]
fn t39_what_cannot_be_read_is_said() {
    for decorator in [
        "@retry",
        "@retry(stop=tries(3) & stop_after_delay(5), wait=t.wait_random(1, 2), before=print)",
        "@retry(stop=tries(int('3')))",
        "@retry(stop=tries(*TRIES), **{})",
        "@stamina.retry(3)",
        "@timeout_decorator.timeout(None)",
        "@timeout_decorator.timeout(60 * 2)",
        "@retry(wait=t.wait_fixed(3))",
    ] {
        let outcome = compile(&project(), &retrying(decorator));
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let reasons: Vec<&str> =
            outcome.stderr.lines().filter_map(|line| line.split_once("= note: ")).map(|(_, why)| why).collect();
        assert!(!reasons.is_empty(), "{decorator}");
        assert_eq!(outcome.stderr.matches("warning[ASYA073]").count(), reasons.len(), "{}", outcome.stderr);
    }
    assert_snapshot!(said(&retrying("@retry(stop=tries(int('3')), wait=t.wait_random(1, 2), **{})")), @r#"
warning[ASYA073]: this setting does not reach the platform
  --> flow.py:15:19
   |
15 | @retry(stop=tries(int('3')), wait=t.wait_random(1, 2), **{})
   |                   ^^^^^^^^
   |
   = note: it is the result of a call
   = help: write a literal here, or set the field in a template or an overlay

warning[ASYA073]: this setting does not reach the platform
  --> flow.py:15:35
   |
15 | @retry(stop=tries(int('3')), wait=t.wait_random(1, 2), **{})
   |                                   ^^^^^^^^^^^^^^^^^^^
   |
   = note: the rule for `tenacity.retry` has nothing for `tenacity.wait_random`
   = help: write a rule of your own for `tenacity.retry` that says it (docs/rules.md)

warning[ASYA073]: this setting does not reach the platform
  --> flow.py:15:58
   |
15 | @retry(stop=tries(int('3')), wait=t.wait_random(1, 2), **{})
   |                                                          ^^
   |
   = note: what it holds is known only when the code runs
   = help: write every argument as `name=value`
"#);
    assert_snapshot!(said(&retrying("@retry")), @r#"
warning[ASYA073]: this setting does not reach the platform
  --> flow.py:15:2
   |
15 | @retry
   |  ^^^^^
   |
   = note: nothing in it becomes a setting by the rule for `tenacity.retry`
   = help: write a rule of your own for `tenacity.retry` that says it (docs/rules.md)
"#);
    assert_snapshot!(said(&retrying("@retry(wait=t.wait_fixed(3))")), @r#"
warning[ASYA073]: how often to try is not said
  --> flow.py:15:26
   |
15 | @retry(wait=t.wait_fixed(3))
   |                          ^
   |
   = note: the platform tries once where `spec.resiliency.policies.default.maxAttempts` is not set
   = help: say it here (`stop=stop_after_attempt(5)`, `attempts=5`), or set the field in a template
"#);
    let local =
        "LIMIT = 3\n\nasync def demo(p):\n    async with asyncio.timeout(p):\n        p = await ask(p)\n    return p\n";
    assert!(said(local).contains("`p` is a variable of the function"));
}

#[test]
fn values_that_fields_do_not_take() {
    assert_snapshot!(said(&retrying("@retry(stop=tries(0))")), @r#"
error[ASYA075]: `spec.resiliency.policies.default.maxAttempts` cannot be 0
  --> flow.py:15:19
   |
15 | @retry(stop=tries(0))
   |                   ^
   |
   = note: the first attempt counts, so the least is 1, which means no retry

error: flow `demo` does not compile: 1 error in flow.py
"#);
    assert!(said(&retrying("@retry(stop=tries(2.5))")).contains("ASYA075"));
    assert!(said(&retrying("@timeout_decorator.timeout(-1)")).contains("a time cannot be negative"));
    assert!(said(&retrying("@timeout_decorator.timeout('soon')")).contains("ASYA075"));
    assert!(said(&retrying("@timeout_decorator.timeout(1e300)")).contains("too long"));
    assert_eq!(settings("@timeout_decorator.timeout('1m30s')"), "resiliency: actorTimeout: 1m30s");
}

#[test]
fn t40_the_inner_block_wins() {
    let sandbox = project();
    let text = "from asyncio import timeout as limit\n\nLIMIT = 60\n\nasync def demo(p):\n    async with limit(LIMIT):\n        async with asyncio.timeout(delay=5):\n            p = await ask(p)\n    with asyncio.timeout(7), limit(8):\n        p = a(p)\n    return p\n";
    let outcome = compile(&sandbox, text);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert_eq!(spec(&sandbox, "ask").trim(), "resiliency:\n    actorTimeout: 5s");
    assert_eq!(spec(&sandbox, "a").trim(), "resiliency:\n    actorTimeout: 8s");
    let text = "async def demo(p):\n    async with asyncio.timeout(5):\n        async with asyncio.timeout(60):\n            p = await ask(p)\n    return p\n";
    assert_snapshot!(said(text), @r#"
warning[ASYA077]: the block around this one ends earlier
 --> flow.py:7:36
  |
6 |     async with asyncio.timeout(5):
  |                                - here
7 |         async with asyncio.timeout(60):
  |                                    ^^
  |
  = note: the inner value is the one that its calls get
"#);
}

#[test]
fn t41_one_actor_has_one_value() {
    let text = "async def demo(p):\n    async with asyncio.timeout(3):\n        p = await ask(p)\n        p = a(p)\n    p = await ask(p)\n    async with asyncio.timeout(5):\n        p = a(p)\n    return p\n";
    assert_snapshot!(said(text), @r#"
warning[ASYA077]: each call gets this limit for itself
 --> flow.py:6:32
  |
6 |     async with asyncio.timeout(3):
  |                                ^
  |
  = note: Python limits the block as a whole, and there are 2 calls in it

warning[ASYA076]: `a` gets the longest of its limits
  --> flow.py:8:13
   |
 8 |         p = a(p)
   |             ^^^^ here it is 3
...
11 |         p = a(p)
   |             ---- here it is 5
   |
   = note: an actor is one deployment and has one value for all calls
   = help: give one of the calls a function of its own

error[ASYA076]: `ask` is called inside and outside a block that sets `spec.resiliency.actorTimeout`
 --> flow.py:9:15
  |
7 |         p = await ask(p)
  |                   ------ inside, where it is 3
8 |         p = a(p)
9 |     p = await ask(p)
  |               ^^^^^^ outside
  |
  = note: an actor is one deployment and has one value for all calls
  = help: put all calls of `ask` under the same settings, or give one of them a function of its own

error: flow `demo` does not compile: 1 error in flow.py
"#);
    let same = "async def demo(p):\n    async with asyncio.timeout(3):\n        p = await ask(p)\n    async with asyncio.timeout(3.0):\n        p = await ask(p)\n    return p\n";
    assert_eq!(actors(same), ["ask"]);
    let decorated = "import timeout_decorator\n\n@timeout_decorator.timeout(9)\ndef own(p): return p\n\nasync def demo(p):\n    async with asyncio.timeout(3):\n        p = own(p)\n    p = own(p)\n    return p\n";
    assert!(compiled_spec(decorated, "own").contains("actorTimeout: 9s"), "the decorator is nearer than any block");
}

#[test]
fn t42_a_block_is_no_call_and_a_flow_is_no_handler() {
    let several = "async def demo(p):\n    async with asyncio.timeout(3):\n        p = await ask(p)\n        p = a(p)\n    while p[\"x\"]:\n        async with asyncio.timeout(4):\n            p = b(p)\n    return p\n";
    assert_snapshot!(said(several), @r#"
warning[ASYA077]: each call gets this limit for itself
 --> flow.py:6:32
  |
6 |     async with asyncio.timeout(3):
  |                                ^
  |
  = note: Python limits the block as a whole, and there are 2 calls in it
"#);
    let repeated =
        "def demo(p):\n    with asyncio.timeout(3):\n        while p[\"x\"]:\n            p = a(p)\n    return p\n";
    assert_snapshot!(said(repeated), @r#"
warning[ASYA077]: each call gets this limit for itself
 --> flow.py:6:26
  |
6 |     with asyncio.timeout(3):
  |                          ^
  |
  = note: Python limits the block as a whole, and a call in it can be made several times
"#);
    let decorated =
        "import stamina\n\n@stamina.retry(on=Exception, attempts=3)\n@flow\ndef demo(p):\n    p = a(p)\n    return p\n";
    assert_snapshot!(said(decorated), @r#"
error[ASYA005]: `stamina.retry` on a flow cannot be compiled
 --> flow.py:7:2
  |
7 | @stamina.retry(on=Exception, attempts=3)
  |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: Python applies it to a flow as a whole, the platform to every actor by itself
  = help: decorate the handlers it is meant for

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn a_block_leaves_no_trace_in_the_router() {
    let with = "async def demo(p):\n    while p[\"go\"]:\n        async with asyncio.timeout(3):\n            p[\"y\"] = p[\"x\"]\n            if p[\"stop\"]:\n                break\n            p = await ask(p)\n            if p[\"ret\"]:\n                return p\n    return p\n";
    let without: String = with
        .lines()
        .filter(|line| !line.contains("timeout"))
        .map(|line| format!("{}\n", line.replace("            ", "        ")))
        .collect();
    let [with, without] = [with.to_owned(), without].map(|text| {
        let sandbox = project();
        let outcome = compile(&sandbox, &text);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{text}");
        let map = sandbox.read("compiled/demo/manifests/base/configmap-router.yaml");
        let name = map.lines().find(|line| line.contains("name: demo-router-")).unwrap().to_owned();
        (name, sandbox.read("compiled/demo/artifacts/flow.yaml"))
    });
    assert_eq!(with, without);
    assert!(with.1.contains("x: {}"), "{}", with.1);
}

#[test]
fn blocks_that_are_no_settings() {
    let text = "from contextlib import suppress\n\ndef demo(p):\n    with open(\"x\") as f:\n        p = a(p)\n    with suppress(ValueError):\n        p = a(p)\n    with p[\"x\"]:\n        p = a(p)\n    with asyncio.timeout(3) as t:\n        p = a(p)\n    async with asyncio.timeout(3):\n        p = a(p)\n    return p\n";
    assert_snapshot!(said(text), @r#"
error[ASYA072]: `open("x")` cannot stay open across an actor call
 --> flow.py:8:10
  |
8 |     with open("x") as f:
  |          ^^^^^^^^^
  |
  = note: what it holds lives in one process, and the call goes to another
  = help: open it inside the actor that needs it, close it before the call, or write a rule that makes it a setting of actors

error[ASYA072]: `p["x"]` cannot stay open across an actor call
  --> flow.py:12:10
   |
12 |     with p["x"]:
   |          ^^^^^^
   |
   = note: what it holds lives in one process, and the call goes to another
   = help: open it inside the actor that needs it, close it before the call, or write a rule that makes it a setting of actors

error[ASYA072]: this block becomes settings of actors and has no object
  --> flow.py:14:32
   |
14 |     with asyncio.timeout(3) as t:
   |                                ^
   |
   = help: leave out the `as …`

error[ASYA019]: `async with` in a function that is not `async`
  --> flow.py:16:5
   |
16 |     async with asyncio.timeout(3):
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: flow `demo` does not compile: 4 errors in flow.py
"#);
    let text = "def demo(p):\n    while p[\"x\"]:\n        with asyncio.timeout(1):  # asya: config\n            p[\"x\"] -= 1\n    p = a(p)\n    return p\n";
    assert_snapshot!(said(text), @r#"
warning[ASYA073]: no actor is called in this block
 --> flow.py:7:9
  |
7 |         with asyncio.timeout(1):  # asya: config
  |         ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: its settings are about actors, so they have no effect
"#);
}

#[test]
fn the_code_wins_over_the_template() {
    let sandbox = project();
    let template = sandbox.read(".asya/templates/actor.yaml");
    sandbox.write(
        ".asya/templates/actor.yaml",
        &format!("{}  resiliency:\n    actorTimeout: 10m\n    policies:\n      default: {{maxAttempts: 2, jitter: true}}\n  env:\n  - {{name: ASYA_IGNORE_DECORATORS, value: mine.own}}\n  - {{name: X, value: y}}\n", template.trim_end().to_owned() + "\n"),
    );
    let outcome = compile(&sandbox, &retrying("@retry(stop=STOP)\n@timeout_decorator.timeout(4)"));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert_snapshot!(spec(&sandbox, "work"), @r#"
resiliency:
  actorTimeout: 4s
  policies:
    default:
      maxAttempts: 7
      jitter: true
env:
- name: ASYA_IGNORE_DECORATORS
  value: mine.own,tenacity.retry,timeout_decorator.timeout
- name: X
  value: "y"
"#);
    sandbox.write(".asya/templates/actor.yaml", &format!("{}\n  resiliency: none\n", template.trim_end()));
    assert_snapshot!(compile(&sandbox, &retrying("@retry(stop=STOP)")).stderr, @r#"
error: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `work`
  because `resiliency` is not a mapping
"#);
}

#[test]
fn every_generation_has_its_fields() {
    let text = retrying(
        "@retry(stop=STOP | stop_after_delay(60), wait=t.wait_exponential(min=1, max=9))\n@timeout_decorator.timeout(4)",
    );
    for (generation, warns) in [("B", true), ("C1", true), ("C2", false)] {
        let sandbox = Sandbox::new();
        sandbox.ok(&["init", "--yes", "--registry", "reg.example", "--generation", generation]);
        sandbox.write("handlers.py", HANDLERS);
        sandbox.write("marks.py", "");
        let outcome = compile(&sandbox, &text);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert_eq!(outcome.stderr.contains("ASYA074"), warns, "{}", outcome.stderr);
        let spec = spec(&sandbox, "work");
        let (_, resiliency) = spec.split_once("  resiliency:\n").unwrap();
        let (resiliency, _) = resiliency.split_once("  env:").unwrap();
        match generation {
            "C2" => assert_snapshot!(resiliency, @r#"
policies:
  default:
    maxAttempts: 7
    maxDuration: 60s
    initialDelay: 1s
    maxInterval: 9s
    backoff: exponential
actorTimeout: 4s
"#),
            _ => insta::allow_duplicates! { assert_snapshot!(resiliency, @r#"
retry:
  maxAttempts: 7
  initialInterval: 1s
  maxInterval: 9s
  policy: exponential
actorTimeout: 4s
"#) },
        }
        if generation == "B" {
            assert_snapshot!(outcome.stderr, @r#"
warning[ASYA074]: generation B of the platform has no field `spec.resiliency.policies.default.maxDuration`
  --> flow.py:15:37
   |
15 | @retry(stop=STOP | stop_after_delay(60), wait=t.wait_exponential(min=1, max=9))
   |                                     ^^
   |
   = note: the platform's generation is `platform.generation` of the configuration
   = help: no other field does the same: take it out, or choose a field that there is
"#);
        }
    }
}

#[test]
fn rules_for_fields_of_other_generations() {
    let sandbox = project();
    sandbox.write("limits.py", "def budget(seconds, tries=1): ...\n");
    sandbox.write(
        ".asya/config.compiler.rules.yaml",
        "- match: limits.budget\n  where:\n  - param: seconds\n    assign-to: spec.resiliency.timeout.actor\n  - param: tries\n    assign-to: spec.resiliency.retry.maxAttempts\n  - param: factor\n    assign-to: spec.resiliency.retry.backoffCoefficient\n",
    );
    let outcome = compile(
        &sandbox,
        "from limits import budget\n\n@budget(20, 3, factor=1.5)\ndef work(p): return p\n\ndef demo(p):\n    p = work(p)\n    return p\n",
    );
    assert_eq!(outcome.code, 0);
    assert_snapshot!(outcome.stderr, @r#"
warning[ASYA074]: generation C2 of the platform has no field `spec.resiliency.timeout.actor`
 --> flow.py:7:9
  |
7 | @budget(20, 3, factor=1.5)
  |         ^^
  |
  = note: the rule is at .asya/config.compiler.rules.yaml:4
  = help: `spec.resiliency.actorTimeout` does the same and is set instead; name it in the rule

warning[ASYA074]: generation C2 of the platform has no field `spec.resiliency.retry.maxAttempts`
 --> flow.py:7:13
  |
7 | @budget(20, 3, factor=1.5)
  |             ^
  |
  = note: the rule is at .asya/config.compiler.rules.yaml:6
  = help: `spec.resiliency.policies.default.maxAttempts` does the same and is set instead; name it in the rule

warning[ASYA074]: generation C2 of the platform has no field `spec.resiliency.retry.backoffCoefficient`
 --> flow.py:7:23
  |
7 | @budget(20, 3, factor=1.5)
  |                       ^^^
  |
  = note: the rule is at .asya/config.compiler.rules.yaml:8
  = help: no other field does the same: take it out, or choose a field that there is
"#);
    assert_snapshot!(spec(&sandbox, "work"), @r#"
resiliency:
  actorTimeout: 20s
  policies:
    default:
      maxAttempts: 3
env:
- name: ASYA_IGNORE_DECORATORS
  value: limits.budget
"#);
}

#[test]
fn people_write_rules() {
    let sandbox = project();
    sandbox.write(
        ".asya/config.compiler.rules.yaml",
        r#"
- match: limits.gpu
  keep-decorator: true
  where:
  - param: 0
    assign-to: spec.nodeSelector.gpu
  - param: {kwarg: memory, type: str}
    assign-to: spec.resources.limits.memory
  - param: replicas
    where:
    - match: between
      where:
      - param: {arg: 0, kwarg: low}
        assign-to: spec.scaling.minReplicaCount
      - param: {arg: 1, kwarg: high, type: int}
        assign-to: spec.scaling.maxReplicaCount
      - match: limits.between
        value: true
        assign-to: spec.scaling.enabled
        example: anything
- match: asyncio.timeout
  where:
  - {param: delay, assign-to: spec.scaling.cooldownPeriod}
"#,
    );
    let text = "import limits\n\n@limits.gpu('a100', memory='1Gi', replicas=limits.between(0, high=3))\ndef work(p): return p\n\ndef demo(p):\n    with asyncio.timeout(5):\n        p = work(p)\n    return p\n";
    let outcome = compile(&sandbox, text);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let manifest = sandbox.read("compiled/demo/manifests/base/asya-work.yaml");
    assert_snapshot!(manifest.split_once("spec:").unwrap().1, @r#"
actor: work
image: reg.example/work:latest
handler: flow.work
scaling:
  enabled: true
  minReplicaCount: 0
  maxReplicaCount: 3
  cooldownPeriod: 5
nodeSelector:
  gpu: a100
resources:
  limits:
    memory: 1Gi
"#);
    let outcome = compile(&sandbox, &text.replace("'1Gi'", "1").replace("high=3", "high='x'"));
    assert_snapshot!(outcome.stderr, @r#"
warning[ASYA073]: this setting does not reach the platform
 --> flow.py:7:28
  |
7 | @limits.gpu('a100', memory=1, replicas=limits.between(0, high='x'))
  |                            ^
  |
  = note: it is 1, and the rule wants `str`
  = help: write a literal here, or set the field in a template or an overlay

warning[ASYA073]: this setting does not reach the platform
 --> flow.py:7:63
  |
7 | @limits.gpu('a100', memory=1, replicas=limits.between(0, high='x'))
  |                                                               ^^^
  |
  = note: it is "x", and the rule wants `int`
  = help: write a literal here, or set the field in a template or an overlay
"#);
}

#[test]
fn the_nearest_layer_has_the_last_word() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.compiler.rules.yaml",
        "- {match: flow.f, treat-as: inline}\n- {match: flow.g, treat-as: inline}\n",
    );
    sandbox.write("app/.asya/config.compiler.rules.yaml", "- {match: flow.f, treat-as: actor}\n");
    sandbox.write("app/.asya/templates/actor.yaml", include_str!("../../templates/actor.yaml"));
    sandbox.write("app/.asya/config.yaml", "compiler: {image_registry: x}\n");
    sandbox.write(
        "app/flow.py",
        "def f(p): return p\ndef g(p): return p\ndef demo(p):\n    p = f(p)\n    p = g(p)\n    return p\n",
    );
    let outcome = sandbox.ok(&["-C", "app", "compile", "demo", "-f", "flow.py:demo"]);
    assert!(outcome.stdout.contains("actors     f\n"), "{}", outcome.stdout);
}

fn complaint(rules: &str) -> String {
    let sandbox = project();
    sandbox.write(".asya/config.compiler.rules.yaml", rules);
    let outcome = compile(&sandbox, "def demo(p):\n    p = a(p)\n    return p\n");
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    outcome.stderr
}

#[test]
fn rules_that_are_wrong() {
    assert_snapshot!(complaint("- match: a.b\n  treat_as: actor\n- match: a.c\n  treat-as: actr\n- match: retry\n  treat-as: actor\n- match: a.*\n  treat-as: actor\n- treat-as: actor\n- match: a.d\n- 7\n"), @r#"
error: unknown key `compiler.rules.0.treat_as`
 --> .asya/config.compiler.rules.yaml:2:3
  |
2 |   treat_as: actor
  |   ^^^^^^^^
  |
  = help: did you mean `treat-as`?

error: `compiler.rules.1.treat-as` cannot be `actr`
 --> .asya/config.compiler.rules.yaml:4:13
  |
4 |   treat-as: actr
  |             ^^^^
  |
  = help: did you mean `actor`?

error: `compiler.rules.2.match` must be fully qualified, with the module: `tenacity.retry`
 --> .asya/config.compiler.rules.yaml:5:10
  |
5 | - match: retry
  |          ^^^^^

error: `compiler.rules.3.match` must be one symbol: patterns are not supported
 --> .asya/config.compiler.rules.yaml:7:10
  |
7 | - match: a.*
  |          ^^^

error: `compiler.rules.4` has no `match`
 --> .asya/config.compiler.rules.yaml:9:3
  |
9 | - treat-as: actor
  |   ^^^^^^^^

error: `compiler.rules.5` says nothing about `a.d`
  --> .asya/config.compiler.rules.yaml:10:3
   |
10 | - match: a.d
   |   ^^^^^
   |
   = help: give it `treat-as` or `where`

error: `compiler.rules.6` must be a mapping, not a number
  --> .asya/config.compiler.rules.yaml:11:3
   |
11 | - 7
   |   ^

error: the configuration cannot be used
"#);
    assert_snapshot!(complaint("- match: a.b\n  extract: {x: y}\n- match: a.c\n  treat-as: inline\n  where: []\n- {match: a.d, treat-as: actor}\n- {match: a.d, treat-as: inline}\n- {match: a.e, treat-as: actor, keep-decorator: maybe}\n"), @r#"
error: `compiler.rules.0.extract` is of an older format: write the same under `where`
 --> .asya/config.compiler.rules.yaml:2:12
  |
2 |   extract: {x: y}
  |            ^

error: `compiler.rules.1.where` makes settings of an actor, and `treat-as: inline` makes none
 --> .asya/config.compiler.rules.yaml:5:10
  |
5 |   where: []
  |          ^

error: there is another rule for `a.d` in this file
 --> .asya/config.compiler.rules.yaml:7:4
  |
7 | - {match: a.d, treat-as: inline}
  |    ^^^^^
  |
  = help: make one of the two

error: `compiler.rules.4.keep-decorator` must be true or false, not text
 --> .asya/config.compiler.rules.yaml:8:49
  |
8 | - {match: a.e, treat-as: actor, keep-decorator: maybe}
  |                                                 ^^^^^
  |
  = help: write `true` or `false`

error: the configuration cannot be used
"#);
    assert_snapshot!(complaint("- match: a.b\n  where:\n  - param: {arg: first, kind: int}\n  - param: -1\n  - param: {type: number, arg: 0}\n  - {param: x, flatten-on: '/'}\n  - {assign-to: spec.replicas}\n  - {match: f, assign-to: spec.replicas}\n  - {param: x, value: 1}\n  - {param: x, assign-to: {a: b}}\n  - {param: x, access: y}\n  - {param: [x]}\n"), @r#"
error: `compiler.rules.0.where.0.param` names no argument
 --> .asya/config.compiler.rules.yaml:3:13
  |
3 |   - param: {arg: first, kind: int}
  |             ^^^
  |
  = help: give it `arg` or `kwarg`

error: `compiler.rules.0.where.0.param.arg` must be a position, counted from 0
 --> .asya/config.compiler.rules.yaml:3:18
  |
3 |   - param: {arg: first, kind: int}
  |                  ^^^^^

error: unknown key `compiler.rules.0.where.0.param.kind`
 --> .asya/config.compiler.rules.yaml:3:25
  |
3 |   - param: {arg: first, kind: int}
  |                         ^^^^
  |
  = help: known keys: `arg`, `kwarg` and `type`

error: `compiler.rules.0.where.1.param` must be a position, counted from 0
 --> .asya/config.compiler.rules.yaml:4:12
  |
4 |   - param: -1
  |            ^^

error: `compiler.rules.0.where.2.param.type` cannot be `number`
 --> .asya/config.compiler.rules.yaml:5:19
  |
5 |   - param: {type: number, arg: 0}
  |                   ^^^^^^
  |
  = help: kinds: `int`, `float`, `str`, `bool` and `list`

error: `compiler.rules.0.where.3.flatten-on` cannot be `/`
 --> .asya/config.compiler.rules.yaml:6:28
  |
6 |   - {param: x, flatten-on: '/'}
  |                            ^^^
  |
  = help: there are `|`, `&` and `+`

error: `compiler.rules.0.where.4` names neither an argument nor a function
 --> .asya/config.compiler.rules.yaml:7:6
  |
7 |   - {assign-to: spec.replicas}
  |      ^^^^^^^^^
  |
  = help: give it `param` or `match`

error: `compiler.rules.0.where.5` assigns nothing: it has no argument
 --> .asya/config.compiler.rules.yaml:8:6
  |
8 |   - {match: f, assign-to: spec.replicas}
  |      ^^^^^
  |
  = help: give it `param` or `value`

error: `compiler.rules.0.where.6.value` needs `assign-to`, the field it goes to
 --> .asya/config.compiler.rules.yaml:9:23
  |
9 |   - {param: x, value: 1}
  |                       ^

error: `compiler.rules.0.where.7.assign-to` must be text, not a mapping
  --> .asya/config.compiler.rules.yaml:10:27
   |
10 |   - {param: x, assign-to: {a: b}}
   |                           ^

error: `compiler.rules.0.where.8.access` is reserved and has no meaning yet
  --> .asya/config.compiler.rules.yaml:11:24
   |
11 |   - {param: x, access: y}
   |                        ^

error: `compiler.rules.0.where.9.param` must be a name, a position or a mapping, not a list
  --> .asya/config.compiler.rules.yaml:12:13
   |
12 |   - {param: [x]}
   |             ^

error: the configuration cannot be used
"#);
    assert_snapshot!(complaint("- match: a.b\n  where:\n  - {param: x, assign-to: resiliency.actorTimeout}\n  - {param: x, assign-to: spec}\n  - {param: x, assign-to: specs.replicas}\n  - {param: x, assign-to: spec..x}\n"), @r#"
error: `compiler.rules.0.where.0.assign-to` must be a field of an AsyncActor, not `resiliency.actorTimeout`
 --> .asya/config.compiler.rules.yaml:3:27
  |
3 |   - {param: x, assign-to: resiliency.actorTimeout}
  |                           ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write the dotted path: `spec.resiliency.actorTimeout`

error: `compiler.rules.0.where.1.assign-to` must be a field of an AsyncActor, not `spec`
 --> .asya/config.compiler.rules.yaml:4:27
  |
4 |   - {param: x, assign-to: spec}
  |                           ^^^^
  |
  = help: write the dotted path: `spec.resiliency.actorTimeout`

error: `compiler.rules.0.where.2.assign-to` must be a field of an AsyncActor, not `specs.replicas`
 --> .asya/config.compiler.rules.yaml:5:27
  |
5 |   - {param: x, assign-to: specs.replicas}
  |                           ^^^^^^^^^^^^^^
  |
  = help: did you mean `spec.replicas`?

error: `compiler.rules.0.where.3.assign-to` must be a field of an AsyncActor, not `spec..x`
 --> .asya/config.compiler.rules.yaml:6:27
  |
6 |   - {param: x, assign-to: spec..x}
  |                           ^^^^^^^
  |
  = help: write the dotted path: `spec.resiliency.actorTimeout`

error: the configuration cannot be used
"#);
    assert_snapshot!(complaint("- match: a.b\n  where:\n  - {param: x, assign-to: spec.resiliency.actorTimeouts}\n  - {param: y, assign-to: spec.image}\n  - match: c\n    where:\n    - {param: x, assign-to: spec.resiliency.policies.default.thenRoute}\n"), @r#"
error: a rule cannot set `spec.resiliency.actorTimeouts`
 --> .asya/config.compiler.rules.yaml:3:27
  |
3 |   - {param: x, assign-to: spec.resiliency.actorTimeouts}
  |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: it is no field of an AsyncActor, or one that the compiler sets itself
  = help: did you mean `spec.resiliency.actorTimeout`?

error: a rule cannot set `spec.image`
 --> .asya/config.compiler.rules.yaml:4:27
  |
4 |   - {param: y, assign-to: spec.image}
  |                           ^^^^^^^^^^
  |
  = note: it is no field of an AsyncActor, or one that the compiler sets itself
  = help: did you mean `spec.imagePullPolicy`?

error: a rule cannot set `spec.resiliency.policies.default.thenRoute`
 --> .asya/config.compiler.rules.yaml:7:29
  |
7 |     - {param: x, assign-to: spec.resiliency.policies.default.thenRoute}
  |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: it is no field of an AsyncActor, or one that the compiler sets itself
  = help: did you mean `spec.resiliency.policies.*.onExhausted`?

error: the compiler rules cannot be used
"#);
    assert_snapshot!(complaint("match: a.b\n"), @r#"
error: `compiler.rules` must be a list, not a mapping
 --> .asya/config.compiler.rules.yaml:1:1
  |
1 | match: a.b
  | ^

error: the configuration cannot be used
"#);
}

/// The YAML in the documentation is what comes with the program.
#[test]
fn the_shipped_rules_are_documented() {
    let document = include_str!("../../docs/rules.md");
    let yaml = document.rsplit_once("```yaml\n").unwrap().1.split_once("```").unwrap().0;
    let sandbox = project();
    sandbox.write(".asya/config.compiler.rules.yaml", yaml);
    let project = asya::project::Project::find(&sandbox.project(), &|_| None).unwrap();
    let shape = |rules: &[asya::flow::Rule]| -> Vec<String> {
        let shown = |rule: &asya::flow::Rule| {
            format!("{} {:?} {} {}", rule.symbol, rule.behaviour, rule.keeps_decorator, shape_of(&rule.nodes))
        };
        rules.iter().map(shown).collect()
    };
    assert_eq!(shape(&project.config().compiler.rules), shape(&asya::flow::rules::shipped()));
}

fn shape_of(nodes: &[asya::flow::rules::Node]) -> String {
    let one = |node: &asya::flow::rules::Node| {
        let target = node.target.as_ref().map(|target| target.path.as_str());
        let inner = shape_of(&node.nodes);
        format!("{:?} {:?} {:?} {target:?} {:?} {inner}", node.param, node.callee, node.flatten_on, node.value)
    };
    format!("[{}]", nodes.iter().map(one).collect::<Vec<_>>().join("; "))
}

/// Attempts are settings; the loop that makes them in Python is refused with a word on what to write.
#[test]
fn loops_over_attempts_are_refused() {
    assert_snapshot!(said("from tenacity import AsyncRetrying, stop_after_attempt\n\nasync def f(p): return p\n\nasync def demo(p):\n    async for attempt in AsyncRetrying(stop=stop_after_attempt(3)):\n        with attempt:\n            p = await f(p)\n    return p\n"), @r#"
error[ASYA010]: a loop over attempts cannot be compiled
  --> flow.py:10:26
   |
10 |     async for attempt in AsyncRetrying(stop=stop_after_attempt(3)):
   |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = note: the platform makes the attempts, and how many is a setting of the actor
   = help: decorate the handler with `@tenacity.retry(stop=…)`, or write `for attempt in range(…):` with `try` and `break`

error: flow `demo` does not compile: 1 error in flow.py
"#);
    assert_snapshot!(said("import stamina\n\ndef f(p): return p\n\ndef demo(p):\n    for attempt in stamina.retry_context(on=ValueError):\n        with attempt:\n            p = f(p)\n    return p\n"), @r#"
error[ASYA010]: a loop over attempts cannot be compiled
  --> flow.py:10:20
   |
10 |     for attempt in stamina.retry_context(on=ValueError):
   |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = note: the platform makes the attempts, and how many is a setting of the actor
   = help: decorate the handler with `@stamina.retry(on=Exception, attempts=…)`, or write `for attempt in range(…):` with `try` and `break`

error: flow `demo` does not compile: 1 error in flow.py
"#);
}
