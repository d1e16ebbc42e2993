//! `asya compile` through the binary.

use std::process::Stdio;

use insta::assert_snapshot;

use crate::sandbox::{ANY_NAME, Sandbox, wait_until};

const FLOW: &str = r#"from handlers import clean, score


async def text_flow(p: dict) -> dict:
    """Cleans a text and scores it until it is good."""
    p["round"] = 0
    p = await clean(p)
    while p["round"] < 3:
        p["round"] += 1
        p = await score(p)
        if p["score"] > 2:
            break
    return p
"#;

fn project() -> Sandbox {
    let sandbox = Sandbox::initialised();
    sandbox.write("handlers.py", ANY_NAME);
    sandbox.write("src/flows/text_flow.py", FLOW);
    sandbox
}

/// Compiles `text`, which must fail and change nothing, and shows the result.
fn refused(text: &str) -> String {
    let sandbox = project();
    sandbox.write("flow.py", text);
    let before = sandbox.tree();
    let shown = sandbox.show(&["compile", "demo", "-f", "flow.py"]);
    assert_eq!(sandbox.tree(), before, "a failed compilation leaves the project as it was");
    shown
}

#[test]
fn a_flow_is_compiled_and_remembered() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["compile", "text-flow", "-f", "src/flows/text_flow.py"]), @r#"
exit: 0
--- stdout
compiled text-flow from src/flows/text_flow.py:text_flow
  actors     clean, score
  router     start-text-flow (generated)
  files      15 created
  manifests  compiled/text-flow/manifests
next: asya run text-flow
--- stderr
"#);
    assert_snapshot!(sandbox.read(".asya/flows/text-flow.yaml"), @r#"
# Written by `asya compile text-flow -f FILE`.
source: src/flows/text_flow.py
function: text_flow
"#);
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["compile", "text-flow"]), @r#"
exit: 0
--- stdout
compiled text-flow from src/flows/text_flow.py:text_flow
  actors     clean, score
  router     start-text-flow (generated)
  files      13 unchanged, 2 kept
  manifests  compiled/text-flow/manifests
--- stderr
"#);
    assert_eq!(sandbox.tree(), before, "compiling again changes nothing");
    assert_snapshot!(sandbox.show(&["compile", "text-flow", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flow": "text-flow",
  "source": "src/flows/text_flow.py",
  "function": "text_flow",
  "entry": "start-text-flow",
  "actors": [
    {
      "name": "start-text-flow",
      "handler": "router.start_text_flow",
      "generated": true
    },
    {
      "name": "clean",
      "handler": "handlers.clean",
      "generated": false
    },
    {
      "name": "score",
      "handler": "handlers.score",
      "generated": false
    }
  ],
  "warnings": [],
  "files": [
    {
      "path": "compiled/text-flow/code/router.py",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/artifacts/flow.dot",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/artifacts/flow.mmd",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/artifacts/flow.svg",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/artifacts/flow.yaml",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/artifacts/graph.json",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/manifests/base/README.md",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/manifests/base/asya-clean.yaml",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/manifests/base/asya-score.yaml",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/manifests/base/asya-start-text-flow.yaml",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/manifests/base/configmap-router.yaml",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/manifests/base/kustomization.yaml",
      "change": "unchanged"
    },
    {
      "path": "compiled/text-flow/manifests/common/kustomization.yaml",
      "change": "kept"
    },
    {
      "path": "compiled/text-flow/manifests/common/kustomizeconfig.yaml",
      "change": "kept"
    },
    {
      "path": ".asya/flows/text-flow.yaml",
      "change": "unchanged"
    }
  ]
}
--- stderr
"#);
}

#[test]
fn it_works_from_any_directory_of_the_project() {
    let sandbox = project();
    sandbox.ok(&["-C", "src/flows", "compile", "text-flow", "-f", "text_flow.py"]);
    let before = sandbox.tree();
    sandbox.ok(&["compile", "text-flow", "-f", "src/flows/text_flow.py:text_flow"]);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn what_belongs_to_the_user_is_kept_and_what_is_generated_is_replaced() {
    let sandbox = project();
    sandbox.ok(&["compile", "text-flow", "-f", "src/flows/text_flow.py"]);
    let mine = "# mine\nresources:\n- ../base\n";
    sandbox.write("compiled/text-flow/manifests/common/kustomization.yaml", mine);
    sandbox.write("compiled/text-flow/manifests/base/stray.yaml", "x: 1\n");
    sandbox.ok(&["compile", "text-flow"]);
    assert_eq!(sandbox.read("compiled/text-flow/manifests/common/kustomization.yaml"), mine);
    assert!(!sandbox.exists("compiled/text-flow/manifests/base/stray.yaml"));
}

#[test]
fn a_new_context_gets_an_overlay() {
    let sandbox = project();
    sandbox.ok(&["compile", "text-flow", "-f", "src/flows/text_flow.py"]);
    sandbox.write(".asya/config.contexts.yaml", "dev:\n  namespace: team-dev\n");
    sandbox.ok(&["compile", "text-flow"]);
    assert_snapshot!(sandbox.read("compiled/text-flow/manifests/overlays/dev/kustomization.yaml"), @r#"
# `text-flow` in `dev`. This directory is yours: `asya compile` leaves it as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: team-dev
resources:
- ../../common
configurations:
- kustomizeconfig.yaml
"#);
}

#[test]
fn all_errors_of_a_file_are_shown_at_once() {
    assert_snapshot!(refused(r#"import itertools
from handlers import clean

def demo(p: dict) -> dict:
    total = p["n"] + LIMITT
    for number in itertools.count(total):
        p = clean(p)
    try:
        p.result = clean(p["k"])
    except* ValueError:
        p = clean(p)
    with open("log") as log:
        p = clean(p)
    p["f"] = lambda x: (yield x)
    if p["n"]:
        return
"#), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA023]: the name `LIMITT` is not defined
 --> flow.py:5:22
  |
5 |     total = p["n"] + LIMITT
  |                      ^^^^^^
  |
  = help: import it or define it at the top level of this file

error[ASYA035]: a loop over something without an end cannot call actors
 --> flow.py:6:19
  |
6 |     for number in itertools.count(total):
  |                   ^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: what a loop goes over travels with the message, so all of it has to be there
  = help: write it as a `while` loop

error[ASYA010]: `except*` around an actor call cannot be compiled
 --> flow.py:8:5
  |
8 |     try:
  |     ^^^
  |
  = help: catch the group with `except ExceptionGroup as group:` and look into `group.exceptions`

error[ASYA012]: the payload is JSON and has no attributes
 --> flow.py:9:9
  |
9 |         p.result = clean(p["k"])
  |         ^^^^^^^^
  |
  = help: write `p["result"]`

error[ASYA072]: `open("log")` cannot stay open across an actor call
  --> flow.py:12:10
   |
12 |     with open("log") as log:
   |          ^^^^^^^^^^^
   |
   = note: what it holds lives in one process, and the call goes to another
   = help: open it inside the actor that needs it, close it before the call, or write a rule that makes it a setting of actors

error[ASYA029]: a flow cannot `yield`
  --> flow.py:14:25
   |
14 |     p["f"] = lambda x: (yield x)
   |                         ^^^^^^^
   |
   = note: a flow has one answer, which it returns
   = help: `return` the payload, and let an actor `yield` what is to be streamed

error[ASYA020]: `return` without the payload
  --> flow.py:16:9
   |
16 |         return
   |         ^^^^^^
   |
   = note: the flow would end with `None`, which is no message
   = help: write `return p`

error: flow `demo` does not compile: 7 errors in flow.py
"#);
}

#[test]
fn an_unclosed_bracket_is_shown_where_it_is_opened() {
    assert_snapshot!(refused("def demo(p: dict) -> dict:\n    p[\"x\"] = (1 +\n    if p:\n        return p\n    return p\n"), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA001]: `(` was never closed
 --> flow.py:2:14
  |
2 |     p["x"] = (1 +
  |              ^

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn other_syntax_errors() {
    assert_snapshot!(refused("def demo(p: dict) -> dict:\n    p[\"x\"] == = 1\n    return p\n   pass\n"), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA001]: expected an expression
 --> flow.py:2:15
  |
2 |     p["x"] == = 1
  |               ^

error[ASYA001]: unindent does not match any outer indentation level
 --> flow.py:4:1
  |
4 |    pass
  | ^^^

error: flow `demo` does not compile: 2 errors in flow.py
"#);
}

#[test]
fn a_file_without_a_flow() {
    assert_snapshot!(refused("import json\n"), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA002]: no function of this file is a flow
 --> flow.py:1:1
  |
1 | import json
  | ^^^^^^^^^^^
  |
  = note: a flow is a top-level function with one parameter, the payload, that returns the payload
  = help: write `# asya: flow` behind the colon of its `def` line, or decorate it with `@flow`

error: flow `demo` does not compile: 1 error in flow.py
"#);
    assert_snapshot!(refused(""), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA002]: no function of this file is a flow
 --> flow.py:1:1
  |
1 |
  | ^
  |
  = note: a flow is a top-level function with one parameter, the payload, that returns the payload
  = help: write `# asya: flow` behind the colon of its `def` line, or decorate it with `@flow`

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn a_file_with_several_candidates() {
    assert_snapshot!(refused("from handlers import a\n\ndef one(p: dict) -> dict:\n    return a(p)\n\n\ndef two(p: dict) -> dict:\n    return a(p)\n"), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA003]: several functions of this file could be the flow
 --> flow.py:3:5
  |
3 | def one(p: dict) -> dict:
  |     ^^^ this one?
...
7 | def two(p: dict) -> dict:
  |     --- or this one?
  |
  = help: name it: `-f flow.py:one`, or mark it with `@flow`

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn a_function_that_is_not_there() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["compile", "text-flow", "-f", "src/flows/text_flow.py:text_flw"]), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA002]: there is no function `text_flw` in this file
 --> src/flows/text_flow.py:1:1
  |
1 | from handlers import clean, score
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `text_flow`?

error: flow `text-flow` does not compile: 1 error in src/flows/text_flow.py
"#);
}

#[test]
fn files_that_cannot_be_read() {
    let sandbox = project();
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "nope.py"]), @r#"
exit: 3
--- stdout
--- stderr
error: the flow's source `nope.py` cannot be read
  because there is no such file
hint: name the Python file: `-f src/flows/my_flow.py`
"#);
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "src"]), @r#"
exit: 3
--- stdout
--- stderr
error: the flow's source `src` cannot be read
  because it is a directory
hint: name the Python file: `-f src/flows/my_flow.py`
"#);
    assert_eq!(sandbox.tree(), before);
    std::fs::write(sandbox.project().join("latin.py"), b"# caf\xe9\ndef demo(p): return p\n").unwrap();
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "latin.py"]), @r#"
exit: 3
--- stdout
--- stderr
error: this byte (0xe9) is not UTF-8
 --> latin.py:1:6
  |
1 | # caf�
  |      ^
  |
  = help: save the file as UTF-8

error: `latin.py` is not a text file
"#);
    std::fs::write(sandbox.root().join("outside.py"), FLOW).unwrap();
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "../outside.py"]), @r#"
exit: 3
--- stdout
--- stderr
error: `[SANDBOX]/outside.py` lies outside the project
  because the project is `[SANDBOX]/project`, and its flows are recorded relative to it
hint: move the file into the project, or run `asya init` in a directory above both
"#);
}

#[test]
fn names_that_are_no_names() {
    let sandbox = project();
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["compile", "../evil", "-f", "src/flows/text_flow.py"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value '../evil' for '[FLOW]': `../evil` is not a flow name: only lower-case letters, digits and `-` are allowed, not `.`

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["compile", "Text_Flow", "-f", "src/flows/text_flow.py"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value 'Text_Flow' for '[FLOW]': `Text_Flow` is not a flow name: only lower-case letters, digits and `-` are allowed, not `T`

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["compile", &"x".repeat(64), "-f", "src/flows/text_flow.py"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' for '[FLOW]': `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` is not a flow name: it has 64 characters, 63 are allowed

For more information, try '--help'.
"#);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_flow_that_is_not_registered() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["compile", "text-flow"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no flow `text-flow`
  because the project has no flows yet
hint: make it with `asya compile text-flow -f FILE`
"#);
    sandbox.ok(&["compile", "text-flow", "-f", "src/flows/text_flow.py"]);
    assert_snapshot!(sandbox.show(&["compile", "tex-flow"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no flow `tex-flow`
  because known flows: `text-flow`
hint: did you mean `text-flow`?
hint: make it with `asya compile tex-flow -f FILE`
"#);
}

#[test]
fn warnings_do_not_stop_unless_strict() {
    let sandbox = project();
    sandbox.write("flow.py", "from elsewhere import clean\n\n\ndef demo(p: dict) -> dict:\n    return clean(p)\n");
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "flow.py", "--strict"]), @r#"
exit: 1
--- stdout
--- stderr
warning[ASYA051]: there is no module `elsewhere` in this project
 --> flow.py:5:5
  |
5 |     return clean(p)
  |     ^^^^^^^^^^^^^^^
  |
  = note: the actor will run `elsewhere.clean`; its image must have that module
  = help: if it is in another directory, name that with `-I DIR` or `compiler.python_path`

error: `demo` compiles with 1 warning, and --strict allows none
"#);
    assert!(!sandbox.exists("compiled/demo"));
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "flow.py"]), @r#"
exit: 0
--- stdout
compiled demo from flow.py:demo
  actors     clean
  router     none: the flow is a single call
  files      11 created
  manifests  compiled/demo/manifests
next: asya run demo
--- stderr
warning[ASYA051]: there is no module `elsewhere` in this project
 --> flow.py:5:5
  |
5 |     return clean(p)
  |     ^^^^^^^^^^^^^^^
  |
  = note: the actor will run `elsewhere.clean`; its image must have that module
  = help: if it is in another directory, name that with `-I DIR` or `compiler.python_path`
"#);
    sandbox.write("lib/elsewhere.py", ANY_NAME);
    let silent = sandbox.ok(&["compile", "demo", "-f", "flow.py", "-I", "lib", "--strict"]);
    assert_eq!(silent.stderr, "");
}

#[test]
fn a_single_call_needs_no_router() {
    let sandbox = project();
    sandbox.write("flow.py", "from handlers import clean\n\n\ndef demo(p: dict) -> dict:\n    return clean(p)\n");
    sandbox.ok(&["compile", "demo", "-f", "flow.py"]);
    assert!(!sandbox.exists("compiled/demo/code"));
    assert_snapshot!(sandbox.read("compiled/demo/manifests/base/asya-clean.yaml"), @r#"
apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: clean
  labels:
    asya.sh/flow: demo
    asya.sh/role: start
spec:
  actor: clean
  image: reg.example/team/clean:latest
  handler: handlers.clean
  scaling:
    enabled: true
    minReplicaCount: 0
    maxReplicaCount: 10
"#);
    assert_snapshot!(sandbox.read("compiled/demo/artifacts/flow.yaml"), @r#"
flows:
- name: demo
  entrypoint: clean
  mcp:
    inputSchema:
      type: object
      properties: {}
"#);
}

#[test]
fn a_flow_may_call_nothing() {
    let sandbox = project();
    sandbox.write("flow.py", "def demo(p: dict) -> dict:  # asya: flow\n    p[\"x\"] = 1\n    return p\n");
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "flow.py"]), @r#"
exit: 0
--- stdout
compiled demo from flow.py:demo
  actors     none: the flow calls nothing
  router     start-demo (generated)
  files      13 created
  manifests  compiled/demo/manifests
next: asya run demo
--- stderr
"#);
    assert_eq!(sandbox.ok(&["run", "demo"]).stdout, "{\n  \"x\": 1\n}\n");
}

#[test]
fn names_are_made_to_fit_and_never_shared() {
    let sandbox = project();
    let long = "a_very_long_function_name_that_goes_on_and_on_until_nobody_reads_it";
    let flow = format!(
        "from handlers import {long}, foo_bar, fooBar\n\n\ndef demo(p: dict) -> dict:\n    p = {long}(p)\n    p = foo_bar(p)\n    return p\n"
    );
    sandbox.write("flow.py", &flow);
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "flow.py"]), @r#"
exit: 0
--- stdout
compiled demo from flow.py:demo
  actors     a-very-long-function-name-that-goes-on-an-f474b7, foo-bar
  router     start-demo (generated)
  files      15 created
  manifests  compiled/demo/manifests
next: asya run demo
--- stderr
"#);
    sandbox.write("flow.py", &flow.replace("    return", "    p = fooBar(p)\n    return"));
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "flow.py"]), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA030]: `handlers.foo_bar` and `handlers.fooBar` would both be the actor `handlers-foo-bar`
 --> flow.py:7:5
  |
6 |     p = foo_bar(p)
  |     -------------- called here first
7 |     p = fooBar(p)
  |     ^^^^^^^^^^^^^
  |
  = help: give the handler another name

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn files_with_other_line_endings_and_a_byte_order_mark() {
    let sandbox = project();
    sandbox.ok(&["compile", "text-flow", "-f", "src/flows/text_flow.py"]);
    let code = sandbox.read("compiled/text-flow/code/router.py");
    sandbox.write("src/flows/text_flow.py", &format!("\u{feff}{}", FLOW.replace('\n', "\r\n")));
    sandbox.ok(&["compile", "text-flow"]);
    assert_eq!(sandbox.read("compiled/text-flow/code/router.py"), code);
    let status = sandbox.ok(&["status", "-o", "json"]);
    assert!(status.stdout.contains("\"compiled\": \"yes\""), "{}", status.stdout);
}

#[test]
fn two_flows_with_handlers_of_one_name() {
    let sandbox = project();
    sandbox.write("other.py", ANY_NAME);
    sandbox.write("one.py", "from handlers import clean\n\n\ndef one(p: dict) -> dict:\n    return clean(p)\n");
    sandbox.write("two.py", "from other import clean\n\n\ndef two(p: dict) -> dict:\n    return clean(p)\n");
    sandbox.ok(&["compile", "one", "-f", "one.py"]);
    let second = sandbox.ok(&["compile", "two", "-f", "two.py"]);
    assert!(second.stdout.contains("other-clean"), "{}", second.stdout);
}

#[test]
fn errors_are_json_too() {
    let sandbox = project();
    sandbox.write("flow.py", "def demo(p: dict) -> dict:  # asya: flow\n    p.x = 1\n    return p\n");
    let outcome = sandbox.run(&["compile", "demo", "-f", "flow.py", "-o", "json"]);
    assert_eq!(outcome.code, 1);
    assert_snapshot!(outcome.stdout, @r#"
{
  "version": 1,
  "error": {
    "kind": "negative",
    "message": "flow `demo` does not compile: 1 error in flow.py",
    "causes": [],
    "hints": [],
    "diagnostics": [
      {
        "file": "flow.py",
        "line": 2,
        "column": 5,
        "end_line": 2,
        "end_column": 8,
        "severity": "error",
        "code": "ASYA012",
        "message": "the payload is JSON and has no attributes",
        "help": "write `p[\"x\"]`"
      }
    ]
  }
}
"#);
}

#[test]
fn deep_sources_are_refused_or_compiled_but_never_crash() {
    let sandbox = project();
    let compile = |text: String| {
        sandbox.write(
            "flow.py",
            &format!("from handlers import clean\n\n\ndef demo(p: dict) -> dict:\n{text}    return clean(p)\n"),
        );
        sandbox.run(&["compile", "demo", "-f", "flow.py"]).code
    };
    assert_eq!(compile(format!("    p[\"x\"] = {}1{}\n", "(".repeat(150), ")".repeat(150))), 0);
    assert_eq!(compile(format!("    p[\"x\"] = {}1{}\n", "(".repeat(5000), ")".repeat(5000))), 1);
    assert_eq!(compile(format!("    p[\"x\"] = {}1\n", "-".repeat(20_000))), 0);
    assert_eq!(compile(format!("    p[\"x\"] = {}1\n", "1 + ".repeat(50_000))), 0);
    assert_eq!(compile(format!("    p[\"x\"] = p{}\n", ".a".repeat(20_000))), 1);
    assert_eq!(compile(format!("    p[\"x\"] = p{}\n", "[0]".repeat(20_000))), 0);
}

#[test]
fn watching_compiles_again_after_every_change_until_interrupted() {
    let sandbox = project();
    let mut command = sandbox.command(&["compile", "text-flow", "-f", "src/flows/text_flow.py", "--watch"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let router =
        || std::fs::read_to_string(sandbox.project().join("compiled/text-flow/code/router.py")).unwrap_or_default();
    wait_until("the first compilation", || router().contains("< 3"));
    sandbox.write("src/flows/text_flow.py", "def text_flow(p: dict) -> dict:\n    p = (\n");
    sandbox.write("src/flows/text_flow.py", &FLOW.replace("< 3", "< 4"));
    wait_until("the second compilation", || router().contains("< 4"));
    let manifest = sandbox.project().join("compiled/text-flow/manifests/base/asya-clean.yaml");
    let actor = || std::fs::read_to_string(&manifest).unwrap_or_default();
    sandbox.write("impl.py", "def clean(p): return p\n");
    sandbox.write("handlers.py", "from impl import clean\nfrom elsewhere import score\n");
    wait_until("the compilation after a change of a module", || actor().contains("handler: impl.clean\n"));
    let stopped = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("next: "), "what is watched goes on by itself");
}

/// The line `next:` of a run that must succeed.
fn next(sandbox: &Sandbox, args: &[&str]) -> Option<String> {
    let stdout = sandbox.ok(args).stdout;
    stdout.lines().find_map(|line| Some(line.strip_prefix("next: ")?.to_owned()))
}

#[test]
fn what_is_new_says_what_to_type_next() {
    let sandbox = project();
    sandbox.write(".asya/config.yaml", "contexts: {dev: {}, prod: {}}\ncompiler: {image_registry: reg.example}\n");
    // As it is compiled each time, with something else than the time before.
    let version = |number: u32| {
        let text = "from handlers import ask\n\ndef demo(p: dict) -> dict:\n    p[\"n\"] = p[\"it's\"]\n    p = ask(p)\n    return p\n";
        sandbox.write("flow.py", &text.replace("\"n\"", &format!("\"n{number}\"")));
    };
    version(0);
    // It can be typed as it is: the message is one word.
    let typed = next(&sandbox, &["compile", "demo", "-f", "flow.py"]).unwrap();
    assert_eq!(typed, r#"asya run demo --payload '{"it'\''s": "…"}'"#);
    assert_eq!(next(&sandbox, &["compile", "demo"]), None, "nothing is new");

    version(1);
    assert_eq!(next(&sandbox, &["compile", "--all"]), None);
    version(2);
    let checked = sandbox.run(&["compile", "demo", "--check"]);
    assert!(checked.code == 1 && !checked.stdout.contains("next: "), "{}", checked.show());
    assert_eq!(next(&sandbox, &["compile", "demo", "-o", "json"]), None);
    version(3);
    let typed = next(&sandbox, &["compile", "demo", "--context", "prod"]).unwrap();
    assert!(typed.ends_with("}' --context prod"), "{typed}");

    sandbox.ok(&["expose", "demo", "-d", "Ask"]);
    version(4);
    assert_eq!(next(&sandbox, &["compile", "demo"]).as_deref(), Some("asya k apply demo"));
    version(5);
    let typed = next(&sandbox, &["compile", "demo", "--context", "prod"]);
    assert_eq!(typed.as_deref(), Some("asya k apply demo --context prod"));
}
