//! `asya graph` through the binary.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const FLOW: &str = r#"from handlers import clean, score


async def text_flow(p: dict) -> dict:
    """Cleans a text and scores it until it is good."""
    p["round"] = 0
    p["log"] = []
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
    sandbox.write("handlers.py", "async def clean(p): return p\nasync def score(p): return p\n");
    sandbox.write("text_flow.py", FLOW);
    sandbox.ok(&["compile", "text-flow", "-f", "text_flow.py"]);
    sandbox
}

#[test]
fn a_flow_as_text() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["graph", "text-flow"]), @r#"
exit: 0
--- stdout
STEP  LINE  WHAT                  THEN
1           start text_flow
2     6     p["round"] = 0
            p["log"] = []
3     8     call clean
4     9     while p["round"] < 3  yes: step 5, no: step 8
5     10    p["round"] += 1
6     11    call score
7     12    if p["score"] > 2     yes: step 8, no: step 4
8           end
--- stderr
"#);
    assert_eq!(sandbox.show(&["graph", "text-flow"]), sandbox.show(&["graph", "text-flow", "--format", "text"]));
}

#[test]
fn the_formats_are_the_files_of_a_compilation() {
    let sandbox = project();
    for (format, file) in [("mermaid", "flow.mmd"), ("dot", "flow.dot"), ("svg", "flow.svg"), ("json", "graph.json")] {
        let outcome = sandbox.ok(&["graph", "text-flow", "--format", format]);
        assert_eq!(outcome.stdout, sandbox.read(&format!("compiled/text-flow/artifacts/{file}")), "{format}");
        assert_eq!(outcome.stderr, "");
    }
    let json = sandbox.ok(&["graph", "text-flow", "-o", "json"]).stdout;
    assert_eq!(json, sandbox.read("compiled/text-flow/artifacts/graph.json"));
}

#[test]
fn it_is_the_source_as_it_is_now() {
    let sandbox = project();
    sandbox.write("text_flow.py", &FLOW.replace("< 3", "< 4"));
    let before = sandbox.tree();
    assert!(sandbox.ok(&["graph", "text-flow"]).stdout.contains("< 4"));
    sandbox.write("text_flow.py", &FLOW.replace("< 3", "< ="));
    assert_snapshot!(sandbox.show(&["graph", "text-flow"]), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA001]: expected an expression
 --> text_flow.py:9:24
  |
9 |     while p["round"] < =:
  |                        ^

error[ASYA001]: unexpected indentation
  --> text_flow.py:10:1
   |
10 |         p["round"] += 1
   | ^^^^^^^^

error: flow `text-flow` does not compile: 2 errors in text_flow.py
"#);
    sandbox.write("text_flow.py", &FLOW.replace("< 3", "< 4"));
    assert_eq!(sandbox.tree(), before, "nothing is written");
}

#[test]
fn values_errors_parallel_calls_and_helpers_as_text() {
    let sandbox = Sandbox::new();
    sandbox.write("handlers.py", "async def clean(p): return p\nasync def score(p): return p\n");
    sandbox.write(
        "flow.py",
        r#"import asyncio
from handlers import clean, score


async def demo(p: dict) -> dict:  # asya: flow
    total = 0
    try:
        p["x"] = await clean(p["x"])
    except ValueError as e:
        p["error"] = str(e)
    match p["x"]:
        case 1:
            p["y"] = await twice(p)
        case _:
            p["z"], p["k"] = await asyncio.gather(clean(p), twice(p["y"]))
    for x in p["xs"]:
        total += await score(x)
    p["total"] = total
    p["all"] = await asyncio.gather(*[score(x) for x in p["xs"]])
    return p


async def twice(q):  # asya: unfold
    q = await score(q)
    q["y"] = 1
    return await score(q)
"#,
    );
    assert_snapshot!(sandbox.show(&["graph", "-f", "flow.py:demo"]), @r#"
exit: 0
--- stdout
STEP  LINE  WHAT                                      THEN
1           start demo
2     6     total = 0
3     8     call clean                                step 4, error: step 15
4     11    match p["x"]                              case 1: step 5, case _: step 11
5     13    run twice (step 17)
6     16    for x in p["xs"]                          each: step 7, done: step 8
7     17    call score                                step 6
8     18    p["total"] = total
9     19    call score × n
10          end
11    15    p["z"], p["k"] = asyncio.gather(clean(p…  at once: step 12, step 13
12          call clean                                step 14
13          run twice (step 17)
14          wait for all                              step 6
15    9     except                                    ValueError: step 16
16    10    p["error"] = str(e)                       step 4
17          start twice(q)
18    24    call score
19    25    q["y"] = 1
20    26    call score
21          return
--- stderr
"#);
}

#[test]
fn a_file_that_is_not_registered() {
    let sandbox = Sandbox::new();
    sandbox.write("handlers.py", "def a(p): return p\n");
    sandbox.write("flow.py", "from handlers import a\n\n\ndef one(p: dict) -> dict:\n    return a(p)\n\n\ndef two(p: dict) -> dict:\n    return a(p)\n");
    assert_snapshot!(sandbox.show(&["graph", "-f", "flow.py:two"]), @r#"
exit: 0
--- stdout
STEP  LINE  WHAT       THEN
1           start two
2     9     call a
3           end
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["graph", "other", "-f", "flow.py:two", "--format", "dot"]), @r#"
exit: 0
--- stdout
digraph "other" {
    node [fontname="monospace", fontsize=10];
    edge [fontname="monospace", fontsize=9];
    start [shape=oval, label="two"];
    n0 [shape=component, label="a"];
    finish [shape=oval, label="end"];
    start -> n0;
    n0 -> finish;
}
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["graph", "-f", "flow.py"]), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA003]: several functions of this file could be the flow
 --> flow.py:4:5
  |
4 | def one(p: dict) -> dict:
  |     ^^^ this one?
...
8 | def two(p: dict) -> dict:
  |     --- or this one?
  |
  = help: name it: `-f flow.py:one`, or mark it with `@flow`

error: flow `flow` does not compile: 1 error in flow.py
"#);
}

#[test]
fn wrong_use() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["graph"]), @r#"
exit: 2
--- stdout
--- stderr
error: the following required arguments were not provided:
  <FLOW>

Usage: asya graph <FLOW>

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["graph", "txt-flow"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no flow `txt-flow`
  because known flows: `text-flow`
hint: did you mean `text-flow`?
hint: make it with `asya compile txt-flow -f FILE`
"#);
    assert_snapshot!(sandbox.show(&["graph", "../evil"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value '../evil' for '[FLOW]': `../evil` is not a flow name: only lower-case letters, digits and `-` are allowed, not `.`

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["graph", "-f", "nope.py"]), @r#"
exit: 3
--- stdout
--- stderr
error: `nope.py` cannot be read
  because there is no such file or directory
"#);
    assert_snapshot!(sandbox.show(&["graph", "text-flow", "--format", "png"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value 'png' for '--format <FORMAT>'
  [possible values: text, mermaid, dot, svg, json]

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["graph", "text-flow", "--format", "svg", "--open"]), @r#"
exit: 2
--- stdout
--- stderr
error: the argument '--format <FORMAT>' cannot be used with '--open'

Usage: asya graph --format <FORMAT> <FLOW>

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["graph", "text-flow", "--format", "svg", "-o", "json"]), @r#"
exit: 2
--- stdout
{
  "version": 1,
  "error": {
    "kind": "usage",
    "message": "`-o json` and `--format svg` contradict each other",
    "causes": [],
    "hints": [
      "leave one of the two out"
    ],
    "diagnostics": []
  }
}
--- stderr
error: `-o json` and `--format svg` contradict each other
hint: leave one of the two out
"#);
    assert_snapshot!(sandbox.show(&["graph", "txt-flow", "-o", "json"]), @r#"
exit: 3
--- stdout
{
  "version": 1,
  "error": {
    "kind": "project",
    "message": "there is no flow `txt-flow`",
    "causes": [
      "known flows: `text-flow`"
    ],
    "hints": [
      "did you mean `text-flow`?",
      "make it with `asya compile txt-flow -f FILE`"
    ],
    "diagnostics": []
  }
}
--- stderr
error: there is no flow `txt-flow`
  because known flows: `text-flow`
hint: did you mean `text-flow`?
hint: make it with `asya compile txt-flow -f FILE`
"#);
    let elsewhere = Sandbox::new();
    assert_snapshot!(elsewhere.show(&["graph", "text-flow"]), @r#"
exit: 3
--- stdout
--- stderr
error: this is not an asya project: there is no `.asya/` directory
  because none of these holds one: `[SANDBOX]/project`, `[SANDBOX]`, `/tmp`, `/`
hint: run `asya init` to set up a project here
"#);
}

/// A program that notes what it was given, and ends with `code`.
#[cfg(unix)]
fn program(sandbox: &Sandbox, name: &str, code: i32) -> String {
    let note = sandbox.root().join("opened");
    let text = format!("#!/bin/sh\necho \"$0 $@\" >> '{}'\nexit {code}\n", note.display());
    sandbox.write_program(name, &text).display().to_string()
}

#[cfg(unix)]
#[test]
fn a_picture_is_opened() {
    let mut sandbox = project();
    let temporary = sandbox.root().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    sandbox.set("TMPDIR", temporary.display().to_string());
    let (bad, good) = (program(&sandbox, "bad", 1), program(&sandbox, "good", 0));
    sandbox.set("BROWSER", format!("/not/there:{bad}:{good} --new %s --end"));
    let outcome = sandbox.ok(&["graph", "text-flow", "--open"]);
    let pictures: Vec<_> = std::fs::read_dir(&temporary).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [picture] = pictures.as_slice() else { panic!("one picture: {pictures:?}") };
    let name = picture.file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.starts_with("asya-text-flow-") && name.ends_with(".svg"), "{name}");
    assert_eq!(std::fs::read_to_string(picture).unwrap(), sandbox.read("compiled/text-flow/artifacts/flow.svg"));
    assert_snapshot!(outcome.show().replace(&name, "PICTURE"), @r#"
exit: 0
--- stdout
opened [SANDBOX]/temporary/PICTURE with `[SANDBOX]/good`
--- stderr
"#);
    let opened = std::fs::read_to_string(sandbox.root().join("opened")).unwrap();
    assert_eq!(opened, format!("{bad} {0}\n{good} --new {0} --end\n", picture.display()));
    let document: serde_json::Value =
        serde_json::from_str(&sandbox.ok(&["graph", "text-flow", "--open", "-o", "json"]).stdout).unwrap();
    assert_eq!((&document["version"], &document["flow"]), (&1.into(), &"text-flow".into()));
}

#[cfg(unix)]
#[test]
fn without_a_program_that_opens_pictures() {
    let mut sandbox = project();
    let temporary = sandbox.root().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    sandbox.set("TMPDIR", temporary.display().to_string());
    sandbox.set("PATH", "/nowhere");
    let shown = sandbox.show(&["graph", "text-flow", "--open"]);
    let name = std::fs::read_dir(&temporary).unwrap().next().unwrap().unwrap().file_name();
    assert_snapshot!(shown.replace(&*name.to_string_lossy(), "PICTURE").replace("`open`", "`xdg-open`"), @r#"
exit: 3
--- stdout
--- stderr
error: nothing on this machine opens the picture
  because `xdg-open`: there is no such file or directory
hint: open it yourself: `[SANDBOX]/temporary/PICTURE`
hint: or set BROWSER to the command of a browser
"#);
    let _ = program(&sandbox, "bad", 3);
    sandbox.set("BROWSER", format!("{}/bad", sandbox.root().display()));
    assert!(sandbox.show(&["graph", "text-flow", "--open"]).contains("bad` failed (exit status: 3)"));
    sandbox.set("TMPDIR", "/nowhere");
    assert_snapshot!(sandbox.show(&["graph", "text-flow", "--open"]), @r#"
exit: 3
--- stdout
--- stderr
error: a temporary file cannot be made in `/nowhere`
  because there is no such file or directory
hint: set TMPDIR to a directory that can be written to
"#);
}
