//! `asya validate` through the binary.

use std::io::Write;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const FLOW: &str = r#"from handlers import clean, score


async def text_flow(p: dict) -> dict:
    """Cleans a text and scores it until it is good."""
    p["words"] = len(p["text"])
    p = await clean(p)
    if p["words"] > 3:
        p = await score(p)
        p["scored"] = True
    return p
"#;

/// No project: Python files alone.
fn files() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("handlers.py", "async def clean(p): return p\nasync def score(p): return p\n");
    sandbox.write("plain.py", "def clean(p): return p\ndef score(p): return p\n");
    sandbox.write("text_flow.py", FLOW);
    sandbox
}

#[test]
fn a_valid_file() {
    let sandbox = files();
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["validate", "text_flow.py"]), @r#"
exit: 0
--- stdout
valid    text_flow.py:text_flow  entry start-text-flow; actors clean, score; 2 to 3 router hops
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["validate", "text_flow.py:text_flow", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flows": [
    {
      "source": "text_flow.py",
      "function": "text_flow",
      "valid": true,
      "program": {
        "flow": "text-flow",
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
        "router_hops": {
          "least": 2,
          "most": 3
        },
        "input_schema": {
          "type": "object",
          "properties": {
            "text": {}
          },
          "required": [
            "text"
          ]
        }
      },
      "diagnostics": [],
      "error": null
    }
  ],
  "valid": 1,
  "invalid": 0
}
--- stderr
"#);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn what_a_flow_becomes() {
    let sandbox = files();
    let becomes = |body: &str| {
        sandbox.write(
            "flow.py",
            &format!("from plain import clean, score\n\n\ndef demo(p: dict) -> dict:\n{body}    return p\n"),
        );
        sandbox.ok(&["validate", "flow.py"]).stdout
    };
    assert_snapshot!(becomes("    p = clean(p)\n"), @r#"valid    flow.py:demo  entry clean; actors clean; no router"#);
    assert_snapshot!(becomes("    p = clean(p)\n    p = score(p)\n"), @r#"valid    flow.py:demo  entry start-demo; actors clean, score; 1 router hop"#);
    assert_snapshot!(becomes("    p = clean(p)\n    p[\"x\"] = 1\n    p = score(p)\n"), @r#"valid    flow.py:demo  entry start-demo; actors clean, score; 2 router hops"#);
    assert_snapshot!(becomes("    while p[\"n\"]:\n        p = score(p)\n"), @r#"valid    flow.py:demo  entry start-demo; actors score; 1 or more router hops"#);
}

#[test]
fn hops_of_a_flow() {
    let sandbox = files();
    let parts = "\n\nasync def twice(q):  # asya: unfold\n    q = await score(q)\n    q[\"y\"] = 1\n    return await score(q)\n\n\nasync def plain(q):  # asya: unfold\n    return q\n";
    let hops = |body: &str| {
        sandbox.write(
            "flow.py",
            &format!("import asyncio\nfrom handlers import clean, score\n\n\nasync def demo(p: dict) -> dict:\n{body}    return p\n{parts}"),
        );
        let result: serde_json::Value =
            serde_json::from_str(&sandbox.ok(&["validate", "flow.py:demo", "-o", "json"]).stdout).unwrap();
        let hops = &result["flows"][0]["program"]["router_hops"];
        format!("{} to {}", hops["least"], hops["most"])
    };
    // A call on a value comes back, and so does a helper's.
    assert_eq!(hops("    p[\"x\"] = await clean(p[\"x\"])\n"), "2 to 2");
    assert_eq!(hops("    p[\"x\"] = await twice(p[\"x\"])\n"), "3 to 3");
    assert_eq!(hops("    p[\"x\"] = await plain(p[\"x\"])\n    p[\"x\"] = await clean(p[\"x\"])\n"), "2 to 2");
    assert_eq!(hops("    if p[\"x\"]:\n        p[\"x\"] = await twice(p[\"x\"])\n"), "1 to 3");
    // Parallel calls come back once; a helper among them is a router's work too.
    assert_eq!(hops("    p[\"x\"] = await asyncio.gather(clean(p), score(p))\n"), "2 to 2");
    assert_eq!(hops("    p[\"x\"] = await asyncio.gather(clean(p), twice(p))\n"), "5 to 5");
    assert_eq!(hops("    p[\"x\"] = await asyncio.gather(*[clean(x) for x in p[\"xs\"]])\n"), "1 to 2");
    assert_eq!(hops("    p[\"x\"] = await asyncio.gather(*[twice(x) for x in p[\"xs\"]])\n"), "1 to 5");
    assert_eq!(
        hops(
            "    calls = [clean(p)]\n    if p[\"x\"]:\n        calls.append(twice(p))\n    p[\"x\"] = await asyncio.gather(*calls)\n"
        ),
        "1 to 5"
    );
    // Loops have no bound, unless going round costs nothing.
    assert_eq!(hops("    for x in p[\"xs\"]:\n        p[\"x\"] = await clean(x)\n"), "1 to null");
    assert_eq!(hops("    for x in p[\"xs\"]:\n        p[\"x\"] = await plain(x)\n"), "1 to 1");
    assert_eq!(
        hops(
            "    match p[\"x\"]:\n        case 1:\n            p[\"x\"] = await twice(p)\n        case 2:\n            p[\"x\"] = await clean(p)\n"
        ),
        "1 to 3"
    );
    // An error comes back as well, or comes before anything is sent.
    assert_eq!(hops("    try:\n        p = await clean(p)\n    except ValueError:\n        p[\"x\"] = 1\n"), "2 to 2");
    assert_eq!(
        hops(
            "    try:\n        p[\"x\"] = await clean(p[\"x\"])\n    except ValueError:\n        p[\"x\"] = await score(p)\n"
        ),
        "2 to 3"
    );
    // Some of the flow's own lines return.
    assert_eq!(
        hops("    for x in p[\"xs\"]:\n        if x:\n            return p\n    p[\"x\"] = await clean(p)\n"),
        "1 to 2"
    );
}

#[test]
fn an_invalid_file() {
    let sandbox = files();
    sandbox.write("broken.py", "def broken(p: dict) -> dict:\n    p[\"x\"] = = 1\n    return p\n");
    sandbox.write("undefined.py", &FLOW.replace("len(p[\"text\"])", "LIMITT + MINIMUM"));
    assert_snapshot!(sandbox.show(&["validate", "broken.py", "undefined.py", "text_flow.py"]), @r#"
exit: 1
--- stdout
invalid  broken.py               1 error
invalid  undefined.py            2 errors
valid    text_flow.py:text_flow  entry start-text-flow; actors clean, score; 2 to 3 router hops
3 flows: 1 valid, 2 invalid
--- stderr
error[ASYA001]: expected an expression
 --> broken.py:2:14
  |
2 |     p["x"] = = 1
  |              ^

error: flow `broken` does not compile: 1 error in broken.py
error[ASYA023]: the name `LIMITT` is not defined
 --> undefined.py:6:18
  |
6 |     p["words"] = LIMITT + MINIMUM
  |                  ^^^^^^
  |
  = help: import it or define it at the top level of this file

error[ASYA023]: the name `MINIMUM` is not defined
 --> undefined.py:6:27
  |
6 |     p["words"] = LIMITT + MINIMUM
  |                           ^^^^^^^
  |
  = help: import it or define it at the top level of this file

error: flow `undefined` does not compile: 2 errors in undefined.py
"#);
    assert_snapshot!(sandbox.show(&["validate", "broken.py", "-o", "json"]), @r#"
exit: 1
--- stdout
{
  "version": 1,
  "flows": [
    {
      "source": "broken.py",
      "function": null,
      "valid": false,
      "program": null,
      "diagnostics": [
        {
          "file": "broken.py",
          "line": 2,
          "column": 14,
          "end_line": 2,
          "end_column": 15,
          "severity": "error",
          "code": "ASYA001",
          "message": "expected an expression"
        }
      ],
      "error": null
    }
  ],
  "valid": 0,
  "invalid": 1
}
--- stderr
error[ASYA001]: expected an expression
 --> broken.py:2:14
  |
2 |     p["x"] = = 1
  |              ^

error: flow `broken` does not compile: 1 error in broken.py
"#);
}

#[test]
fn warnings_and_strict() {
    let sandbox = files();
    sandbox.write("flow.py", &FLOW.replace("from handlers", "from elsewhere"));
    assert_snapshot!(sandbox.show(&["validate", "flow.py"]), @r#"
exit: 0
--- stdout
valid    flow.py:text_flow  entry start-text-flow; actors clean, score; 2 to 3 router hops; 1 warning
--- stderr
warning[ASYA051]: there is no module `elsewhere` in this project
 --> flow.py:7:5
  |
7 |     p = await clean(p)
  |     ^^^^^^^^^^^^^^^^^^
  |
  = note: the actor will run `elsewhere.clean`; its image must have that module
  = help: if it is in another directory, name that with `-I DIR` or `compiler.python_path`
"#);
    assert_snapshot!(sandbox.show(&["validate", "flow.py", "--strict"]), @r#"
exit: 1
--- stdout
invalid  flow.py:text_flow  `flow.py` has 1 warning, and --strict allows none
--- stderr
warning[ASYA051]: there is no module `elsewhere` in this project
 --> flow.py:7:5
  |
7 |     p = await clean(p)
  |     ^^^^^^^^^^^^^^^^^^
  |
  = note: the actor will run `elsewhere.clean`; its image must have that module
  = help: if it is in another directory, name that with `-I DIR` or `compiler.python_path`

error: `flow.py` has 1 warning, and --strict allows none
"#);
    sandbox.write("lib/elsewhere.py", "async def clean(p): return p\nasync def score(p): return p\n");
    assert_eq!(sandbox.ok(&["validate", "flow.py", "--strict", "-I", "lib"]).stderr, "");
}

#[test]
fn a_directory_is_all_flows_in_it() {
    let sandbox = files();
    sandbox.write(
        "flows/one.py",
        "from plain import clean\n\n\ndef one(p: dict) -> dict:  # asya: flow\n    return clean(p)\n",
    );
    sandbox.write("flows/deep/two.py", "from plain import clean\n\n\n@flow\ndef two(p: dict) -> dict:\n    p = clean(p)\n    p[\"x\"] = 1\n    return p\n\n\n@flow\ndef three(p: dict) -> dict:\n    p = clean(p)\n    p[\"x\"] = q\n    return p\n");
    sandbox.write("flows/helpers.py", "def help(p):\n    return str(p)\n");
    sandbox.write("flows/python2.py", "print 'hello'\n");
    sandbox.write("flows/half.py", "@flow\ndef half(p: dict) -> dict:\n    p = (\n");
    sandbox.write("flows/.venv/four.py", "def four(p: dict) -> dict:  # asya: flow\n    return (\n");
    assert_snapshot!(sandbox.show(&["validate", "flows"]), @r#"
exit: 1
--- stdout
valid    flows/deep/two.py:two    entry start-two; actors clean; 2 router hops
invalid  flows/deep/two.py:three  1 error
invalid  flows/half.py            1 error
valid    flows/one.py:one         entry clean; actors clean; no router
4 flows: 2 valid, 2 invalid
--- stderr
error[ASYA023]: the name `q` is not defined
  --> flows/deep/two.py:14:14
   |
14 |     p["x"] = q
   |              ^
   |
   = help: import it or define it at the top level of this file

error: flow `three` does not compile: 1 error in flows/deep/two.py
error[ASYA001]: `(` was never closed
 --> flows/half.py:3:9
  |
3 |     p = (
  |         ^

error: flow `half` does not compile: 1 error in flows/half.py
"#);
    assert_snapshot!(sandbox.show(&["validate", "flows/one.py", "flows/deep", "flows/deep/two.py:two"]), @r#"
exit: 1
--- stdout
valid    flows/one.py:one         entry clean; actors clean; no router
valid    flows/deep/two.py:two    entry start-two; actors clean; 2 router hops
invalid  flows/deep/two.py:three  1 error
3 flows: 2 valid, 1 invalid
--- stderr
error[ASYA023]: the name `q` is not defined
  --> flows/deep/two.py:14:14
   |
14 |     p["x"] = q
   |              ^
   |
   = help: import it or define it at the top level of this file

error: flow `three` does not compile: 1 error in flows/deep/two.py
"#);
    sandbox.write("empty/readme.txt", "nothing\n");
    assert_snapshot!(sandbox.show(&["validate", "empty"]), @r#"
exit: 1
--- stdout
--- stderr
error: there is no flow in `empty`
  because no function there is marked as a flow or registered as one
hint: write `# asya: flow` behind the colon of its `def` line, or decorate it with `@flow`
"#);
}

#[test]
fn in_a_project_its_configuration_and_flows_count() {
    let sandbox = files();
    sandbox.ok(&["init", "--yes", "--registry", "reg.example/team"]);
    sandbox.write("lib/elsewhere.py", "def clean(p): return p\n");
    let config = sandbox.read(".asya/config.yaml");
    sandbox.write(".asya/config.yaml", &config.replace("compiler:\n", "compiler:\n  python_path: [lib]\n"));
    sandbox.write("flows/many.py", "from elsewhere import clean\n\n\ndef one(p: dict) -> dict:\n    return clean(p)\n\n\ndef two(p: dict) -> dict:\n    return clean(p)\n");
    assert_snapshot!(sandbox.show(&["validate", "flows/many.py"]), @r#"
exit: 1
--- stdout
invalid  flows/many.py  1 error
--- stderr
error[ASYA003]: several functions of this file could be the flow
 --> flows/many.py:4:5
  |
4 | def one(p: dict) -> dict:
  |     ^^^ this one?
...
8 | def two(p: dict) -> dict:
  |     --- or this one?
  |
  = help: name it: `-f flows/many.py:one`, or mark it with `@flow`

error: flow `many` does not compile: 1 error in flows/many.py
"#);
    sandbox.ok(&["compile", "first", "-f", "flows/many.py:one"]);
    // The registered function is the flow, under its registered name.
    assert_snapshot!(sandbox.show(&["validate", "flows", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flows": [
    {
      "source": "flows/many.py",
      "function": "one",
      "valid": true,
      "program": {
        "flow": "first",
        "entry": "clean",
        "actors": [
          {
            "name": "clean",
            "handler": "elsewhere.clean",
            "generated": false
          }
        ],
        "router_hops": {
          "least": 0,
          "most": 0
        },
        "input_schema": {
          "type": "object"
        }
      },
      "diagnostics": [],
      "error": null
    }
  ],
  "valid": 1,
  "invalid": 0
}
--- stderr
"#);
    // Also when somebody stands elsewhere.
    let outside = sandbox.show(&["-C", "..", "validate", "project/flows/many.py"]);
    assert!(outside.starts_with("exit: 0"), "{outside}");
    // Actors of other flows keep their names.
    assert_snapshot!(sandbox.show(&["validate", "text_flow.py"]), @r#"
exit: 0
--- stdout
valid    text_flow.py:text_flow  entry start-text-flow; actors handlers-clean, score; 2 to 3 router hops
--- stderr
"#);
    sandbox.write(".asya/config.yaml", "compiler: [\n");
    assert_eq!(sandbox.run(&["validate", "flows/many.py"]).code, 3);
}

fn stdin(sandbox: &Sandbox, args: &[&str], bytes: &[u8]) -> String {
    let mut command = sandbox.command(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "exit: {}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr)
    )
}

#[test]
fn a_minus_is_stdin() {
    let sandbox = files();
    assert_snapshot!(stdin(&sandbox, &["validate", "-"], FLOW.as_bytes()), @r#"
exit: 0
--- stdout
valid    <stdin>:text_flow  entry start-text-flow; actors clean, score; 2 to 3 router hops
--- stderr
"#);
    // Its modules are those of the directory.
    let unknown = FLOW.replace("clean", "tidy");
    assert_snapshot!(stdin(&sandbox, &["validate", "-"], unknown.as_bytes()), @r#"
exit: 1
--- stdout
invalid  <stdin>  1 error
--- stderr
error[ASYA053]: the module `handlers` has no `tidy`
 --> <stdin>:7:15
  |
7 |     p = await tidy(p)
  |               ^^^^
  |
  = note: `handlers.py` has `clean` and `score`

error: flow `stdin` does not compile: 1 error in <stdin>
"#);
    assert_snapshot!(stdin(&sandbox, &["validate", "--", "-:other"], FLOW.as_bytes()), @r#"
exit: 1
--- stdout
invalid  <stdin>:other  1 error
--- stderr
error[ASYA002]: there is no function `other` in this file
 --> <stdin>:1:1
  |
1 | from handlers import clean, score
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: the file defines `text_flow`

error: flow `stdin` does not compile: 1 error in <stdin>
"#);
    assert_snapshot!(stdin(&sandbox, &["validate", "-"], b"# caf\xe9\n"), @r#"
exit: 3
--- stdout
invalid  <stdin>  stdin is not text: byte 5 is not UTF-8
--- stderr
error: stdin is not text
  because byte 5 is not UTF-8
"#);
    assert_snapshot!(stdin(&sandbox, &["validate", "-"], b""), @r#"
exit: 1
--- stdout
invalid  <stdin>  1 error
--- stderr
error[ASYA002]: no function of this file is a flow
 --> <stdin>:1:1
  |
1 |
  | ^
  |
  = note: a flow is a top-level function with one parameter, the payload, that returns the payload
  = help: write `# asya: flow` behind the colon of its `def` line, or decorate it with `@flow`

error: flow `stdin` does not compile: 1 error in <stdin>
"#);
    assert_snapshot!(sandbox.show(&["validate", "-", "-"]), @r#"
exit: 2
--- stdout
--- stderr
error: stdin can be read only once
"#);
}

#[test]
fn files_that_cannot_be_read() {
    let sandbox = files();
    std::fs::write(sandbox.project().join("latin.py"), b"# caf\xe9\ndef demo(p): return p\n").unwrap();
    assert_snapshot!(sandbox.show(&["validate", "nope.py", "text_flow.py", "latin.py"]), @r#"
exit: 3
--- stdout
invalid  nope.py                 `nope.py` cannot be read: there is no such file or directory
valid    text_flow.py:text_flow  entry start-text-flow; actors clean, score; 2 to 3 router hops
invalid  latin.py                1 error
3 flows: 1 valid, 2 invalid
--- stderr
error: `nope.py` cannot be read
  because there is no such file or directory
error: this byte (0xe9) is not UTF-8
 --> latin.py:1:6
  |
1 | # caf�
  |      ^
  |
  = help: save the file as UTF-8

error: `latin.py` is not a text file
"#);
    assert_snapshot!(sandbox.show(&["validate", "nope.py", "-o", "json"]), @r#"
exit: 3
--- stdout
{
  "version": 1,
  "flows": [
    {
      "source": "nope.py",
      "function": null,
      "valid": false,
      "program": null,
      "diagnostics": [],
      "error": {
        "kind": "project",
        "message": "`nope.py` cannot be read",
        "causes": [
          "there is no such file or directory"
        ],
        "hints": [],
        "diagnostics": []
      }
    }
  ],
  "valid": 0,
  "invalid": 1
}
--- stderr
error: `nope.py` cannot be read
  because there is no such file or directory
"#);
    assert_snapshot!(sandbox.show(&["validate"]), @r#"
exit: 2
--- stdout
--- stderr
error: the following required arguments were not provided:
  <FILE[:FUNCTION]>...

Usage: asya validate <FILE[:FUNCTION]>...

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["validate", "-o", "json"]), @r#"
exit: 2
--- stdout
{
  "version": 1,
  "error": {
    "kind": "usage",
    "message": "the following required arguments were not provided: <FILE[:FUNCTION]>...",
    "causes": [],
    "hints": [],
    "diagnostics": []
  }
}
--- stderr
error: the following required arguments were not provided:
  <FILE[:FUNCTION]>...

Usage: asya validate --output <FORMAT> <FILE[:FUNCTION]>...

For more information, try '--help'.
"#);
}

#[test]
fn a_closed_pipe_is_quiet() {
    let sandbox = files();
    for args in [
        &["validate", "text_flow.py"][..],
        &["validate", "text_flow.py", "-o", "json"],
        &["graph", "-f", "text_flow.py"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = sandbox.command(args).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{args:?}");
    }
}
