//! `asya compile --all` through the binary.

use std::collections::BTreeSet;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::sandbox::{Sandbox, wait_until};

/// Handlers whose names get in each other's way.
const HANDLERS: [&str; 6] = ["clean", "score", "other_clean", "handlers_score", "start_f3", "join_f4"];

/// A flow of one function that calls `handler` of `module`, and something in the router.
fn flow(name: &str, module: &str, handler: &str) -> String {
    format!(
        "from {module} import {handler}\n\n\nasync def {name}(p: dict) -> dict:\n    p[\"n\"] = 1\n    p = await {handler}(p)\n    return p\n"
    )
}

fn project() -> Sandbox {
    let sandbox = Sandbox::initialised();
    let handlers = ["clean", "score", "tidy"].iter().chain(&HANDLERS).collect::<BTreeSet<_>>();
    let text: String = handlers.iter().map(|name| format!("async def {name}(p): return p\n")).collect();
    sandbox.write("handlers.py", &text);
    sandbox.write("other.py", &text);
    sandbox
}

/// Registers the flow `name` of the file `name.py` without compiling it.
fn register(sandbox: &Sandbox, name: &str, text: &str) {
    sandbox.write(&format!("{name}.py"), text);
    sandbox.write(
        &format!(".asya/flows/{name}.yaml"),
        &format!("# Written by `asya compile {name} -f FILE`.\nsource: {name}.py\nfunction: {name}\n"),
    );
}

/// The tree without what only runs of the program leave.
fn compiled(sandbox: &Sandbox) -> Vec<(String, String)> {
    sandbox.tree().into_iter().filter(|(path, _)| path.starts_with("compiled")).collect()
}

#[test]
fn every_flow_is_compiled_and_a_broken_one_does_not_stop_the_others() {
    let sandbox = project();
    register(&sandbox, "answers", &flow("answers", "handlers", "clean"));
    register(&sandbox, "broken", "async def broken(p: dict) -> dict:\n    p[\"x\"] = = 1\n    return p\n");
    register(&sandbox, "gone", "");
    std::fs::remove_file(sandbox.project().join("gone.py")).unwrap();
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    register(&sandbox, "undefined", "async def undefined(p: dict) -> dict:\n    p[\"x\"] = LIMITT\n    return p\n");
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 1
--- stdout
  created   answers    13 created
  failed    broken     flow `broken` does not compile: 1 error in broken.py
  failed    gone       `gone.py` cannot be read
  created   orders     13 created
  failed    undefined  flow `undefined` does not compile: 1 error in undefined.py
5 flows: 2 created, 3 failed
--- stderr
error[ASYA001]: expected an expression
 --> broken.py:2:14
  |
2 |     p["x"] = = 1
  |              ^

error: flow `broken` does not compile: 1 error in broken.py
error: `gone.py` cannot be read
  because there is no such file or directory
error[ASYA023]: the name `LIMITT` is not defined
 --> undefined.py:2:14
  |
2 |     p["x"] = LIMITT
  |              ^^^^^^
  |
  = help: import it or define it at the top level of this file

error: flow `undefined` does not compile: 1 error in undefined.py
"#);
    assert_snapshot!(sandbox.show(&["status"]), @r#"
exit: 0
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED  IMAGES  SOURCE
answers    yes       1 + router  no       ok      answers.py:answers
broken     no        -           no       -       broken.py:broken
gone       no        -           no       -       gone.py:gone
orders     yes       1 + router  no       ok      orders.py:orders
undefined  no        -           no       -       undefined.py:undefined
--- stderr
warning: the source `gone.py` cannot be read: there is no such file or directory
"#);
    sandbox.write("broken.py", &flow("broken", "handlers", "clean"));
    sandbox.write("gone.py", &flow("gone", "handlers", "clean"));
    sandbox.write("undefined.py", &flow("undefined", "handlers", "clean"));
    sandbox.write("orders.py", &flow("orders", "handlers", "clean"));
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 0
--- stdout
  created   broken     13 created
  created   gone       13 created
  changed   orders     1 created, 8 changed, 1 removed
  created   undefined  13 created
5 flows: 3 created, 1 changed, 1 unchanged
--- stderr
"#);
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["compile", "-a"]), @r#"
exit: 0
--- stdout
5 flows: 5 unchanged
--- stderr
"#);
    assert_eq!(sandbox.tree(), before, "compiling again changes nothing");
}

#[test]
fn the_result_is_one_document() {
    let sandbox = project();
    register(
        &sandbox,
        "answers",
        "from handlers import clean\n\n\nasync def answers(p: dict) -> dict:\n    return await clean(p)\n",
    );
    register(
        &sandbox,
        "broken",
        "from nowhere import clean\n\n\ndef broken(p: dict) -> dict:\n    p = clean(p)\n    p[\"x\"] = LIMITT\n    return p\n",
    );
    sandbox.write(".asya/flows/Bad_Name.yaml", "source: a.py\nfunction: a\n");
    assert_snapshot!(sandbox.show(&["compile", "--all", "-o", "json"]), @r#"
exit: 1
--- stdout
{
  "version": 1,
  "flows": [
    {
      "result": "created",
      "flow": "answers",
      "source": "answers.py",
      "function": "answers",
      "entry": "clean",
      "actors": [
        {
          "name": "clean",
          "handler": "handlers.clean",
          "generated": false
        }
      ],
      "warnings": [],
      "files": [
        {
          "path": "compiled/answers/artifacts/flow.dot",
          "change": "created"
        },
        {
          "path": "compiled/answers/artifacts/flow.mmd",
          "change": "created"
        },
        {
          "path": "compiled/answers/artifacts/flow.svg",
          "change": "created"
        },
        {
          "path": "compiled/answers/artifacts/flow.yaml",
          "change": "created"
        },
        {
          "path": "compiled/answers/artifacts/graph.json",
          "change": "created"
        },
        {
          "path": "compiled/answers/manifests/base/README.md",
          "change": "created"
        },
        {
          "path": "compiled/answers/manifests/base/asya-clean.yaml",
          "change": "created"
        },
        {
          "path": "compiled/answers/manifests/base/kustomization.yaml",
          "change": "created"
        },
        {
          "path": "compiled/answers/manifests/common/kustomization.yaml",
          "change": "created"
        },
        {
          "path": "compiled/answers/manifests/common/kustomizeconfig.yaml",
          "change": "created"
        },
        {
          "path": ".asya/flows/answers.yaml",
          "change": "unchanged"
        }
      ]
    },
    {
      "result": "failed",
      "flow": "broken",
      "warnings": [],
      "error": {
        "kind": "negative",
        "message": "flow `broken` does not compile: 1 error in broken.py",
        "causes": [],
        "hints": [],
        "diagnostics": [
          {
            "file": "broken.py",
            "line": 5,
            "column": 5,
            "end_line": 5,
            "end_column": 17,
            "severity": "warning",
            "code": "ASYA051",
            "message": "there is no module `nowhere` in this project",
            "note": "the actor will run `nowhere.clean`; its image must have that module",
            "help": "if it is in another directory, name that with `-I DIR` or `compiler.python_path`"
          },
          {
            "file": "broken.py",
            "line": 6,
            "column": 14,
            "end_line": 6,
            "end_column": 20,
            "severity": "error",
            "code": "ASYA023",
            "message": "the name `LIMITT` is not defined",
            "help": "import it or define it at the top level of this file"
          }
        ]
      }
    }
  ],
  "errors": [
    {
      "kind": "project",
      "message": "`.asya/flows/Bad_Name.yaml` is not named after a flow",
      "causes": [
        "`Bad_Name` is not a flow name: only lower-case letters, digits and `-` are allowed, not `B`"
      ],
      "hints": [
        "rename or remove the file"
      ],
      "diagnostics": []
    }
  ],
  "summary": {
    "flows": 3,
    "created": 1,
    "changed": 0,
    "unchanged": 0,
    "failed": 2
  }
}
--- stderr
warning[ASYA051]: there is no module `nowhere` in this project
 --> broken.py:5:5
  |
5 |     p = clean(p)
  |     ^^^^^^^^^^^^
  |
  = note: the actor will run `nowhere.clean`; its image must have that module
  = help: if it is in another directory, name that with `-I DIR` or `compiler.python_path`

error[ASYA023]: the name `LIMITT` is not defined
 --> broken.py:6:14
  |
6 |     p["x"] = LIMITT
  |              ^^^^^^
  |
  = help: import it or define it at the top level of this file

error: flow `broken` does not compile: 1 error in broken.py
error: `.asya/flows/Bad_Name.yaml` is not named after a flow
  because `Bad_Name` is not a flow name: only lower-case letters, digits and `-` are allowed, not `B`
hint: rename or remove the file
"#);
}

#[test]
fn it_is_the_same_as_compiling_one_after_the_other() {
    const FLOWS: usize = 7;
    // Names that two modules share, that another one has when it is qualified, and that of a router.
    let (mut renamed, mut refused) = (0, 0);
    for seed in 1..=6_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % limit
        };
        let (all, single) = (project(), project());
        for round in 0..3 {
            for number in 0..FLOWS {
                let name = format!("f{number}");
                let mut text = flow(&name, ["handlers", "other"][below(2)], HANDLERS[below(HANDLERS.len())]);
                match below(8) {
                    0 => text = text.replace("= 1", "= LIMITT"),
                    1 | 2 if round > 0 => continue,
                    _ => {}
                }
                register(&all, &name, &text);
                register(&single, &name, &text);
            }
            let code = all.run(&["compile", "--all"]).code;
            let codes: Vec<i32> =
                (0..FLOWS).map(|number| single.run(&["compile", &format!("f{number}")]).code).collect();
            assert_eq!(code, codes.into_iter().max().unwrap(), "seed {seed}, round {round}");
            assert_eq!(compiled(&all), compiled(&single), "seed {seed}, round {round}");
            renamed += usize::from(compiled(&all).iter().any(|(path, _)| path.ends_with("asya-handlers-clean.yaml")));
            refused += usize::from(code != 0);
        }
    }
    assert!(renamed > 0 && refused > 0, "the flows are too simple: {renamed} {refused}");
}

#[test]
fn a_name_belongs_to_the_handler_that_had_it_first() {
    let sandbox = project();
    register(&sandbox, "answers", &flow("answers", "handlers", "clean"));
    register(&sandbox, "orders", &flow("orders", "other", "clean"));
    sandbox.ok(&["compile", "orders"]);
    let outcome = sandbox.ok(&["compile", "--all", "-o", "json"]);
    assert!(outcome.stdout.contains("\"handlers-clean\""), "{}", outcome.stdout);
    assert!(sandbox.exists("compiled/orders/manifests/base/asya-clean.yaml"));
    // The first flow lets the name go only after the second one was named.
    register(&sandbox, "orders", &flow("orders", "other", "score"));
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 0
--- stdout
  changed   orders   1 created, 8 changed, 1 removed
2 flows: 1 changed, 1 unchanged
--- stderr
warning: actors of flow `answers` can have names now that other flows let go
  hint: type `asya compile --all` once more
"#);
    assert!(sandbox.exists("compiled/answers/manifests/base/asya-handlers-clean.yaml"));
    sandbox.ok(&["compile", "--all"]);
    assert!(sandbox.exists("compiled/answers/manifests/base/asya-clean.yaml"));
    assert_eq!(sandbox.run(&["compile", "--all", "--check"]).code, 0);
}

#[test]
fn flows_that_cannot_keep_their_names_apart() {
    let sandbox = project();
    register(&sandbox, "answers", &flow("answers", "handlers", "other_clean"));
    register(&sandbox, "middle", &flow("middle", "handlers", "clean"));
    register(&sandbox, "orders", &flow("orders", "other", "clean"));
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 1
--- stdout
  created   answers  13 created
  created   middle   13 created
  failed    orders   flow `orders` does not compile: 1 error in orders.py
3 flows: 2 created, 1 failed
--- stderr
error[ASYA030]: the actor `other-clean` runs `handlers.other_clean` in another flow of the project
 --> orders.py:6:5
  |
6 |     p = await clean(p)
  |     ^^^^^^^^^^^^^^^^^^
  |
  = note: flows share actors by name, and one actor runs one handler
  = help: give the handler another name

error: flow `orders` does not compile: 1 error in orders.py
"#);
}

#[test]
fn what_is_wrong_with_many_flows_is_said_once() {
    let sandbox = project();
    for name in ["a", "b", "c"] {
        register(&sandbox, name, &flow(name, "handlers", "clean"));
    }
    std::fs::remove_file(sandbox.project().join(".asya/templates/actor.yaml")).unwrap();
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 1
--- stdout
  failed    a  there is no template `.asya/templates/actor.yaml`
  failed    b  there is no template `.asya/templates/actor.yaml`
  failed    c  there is no template `.asya/templates/actor.yaml`
3 flows: 3 failed
--- stderr
error: there is no template `.asya/templates/actor.yaml`
  because every actor of a flow is made from it
hint: type `asya init`: it adds what is missing and leaves your files as they are
warning: the same is true of flows `b` and `c`: there is no template `.asya/templates/actor.yaml`
"#);
}

#[test]
fn two_flows_of_one_file() {
    let sandbox = project();
    let text = flow("one", "handlers", "clean") + "\n\n" + &flow("two", "handlers", "score");
    sandbox.write("both.py", &text.replace("= 1", "= LIMITT"));
    for name in ["one", "two"] {
        sandbox.write(&format!(".asya/flows/{name}.yaml"), &format!("source: both.py\nfunction: {name}\n"));
    }
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 1
--- stdout
  failed    one  flow `one` does not compile: 1 error in both.py
  failed    two  flow `two` does not compile: 1 error in both.py
2 flows: 2 failed
--- stderr
error[ASYA023]: the name `LIMITT` is not defined
 --> both.py:5:14
  |
5 |     p["n"] = LIMITT
  |              ^^^^^^
  |
  = help: import it or define it at the top level of this file

error: flow `one` does not compile: 1 error in both.py
error[ASYA023]: the name `LIMITT` is not defined
  --> both.py:14:14
   |
14 |     p["n"] = LIMITT
   |              ^^^^^^
   |
   = help: import it or define it at the top level of this file

error: flow `two` does not compile: 1 error in both.py
"#);
    sandbox.write("both.py", &text);
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 0
--- stdout
  changed   one  13 created, 1 changed
  changed   two  13 created, 1 changed
2 flows: 2 changed
--- stderr
"#);
}

#[test]
fn warnings_and_strict() {
    let sandbox = project();
    register(&sandbox, "answers", &flow("answers", "elsewhere", "clean"));
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    assert_snapshot!(sandbox.show(&["compile", "--all", "--strict"]), @r#"
exit: 1
--- stdout
  failed    answers  `answers` compiles with 1 warning, and --strict allows none
  created   orders   13 created
2 flows: 1 created, 1 failed
--- stderr
warning[ASYA051]: there is no module `elsewhere` in this project
 --> answers.py:6:5
  |
6 |     p = await clean(p)
  |     ^^^^^^^^^^^^^^^^^^
  |
  = note: the actor will run `elsewhere.clean`; its image must have that module
  = help: if it is in another directory, name that with `-I DIR` or `compiler.python_path`

error: `answers` compiles with 1 warning, and --strict allows none
"#);
    assert!(!sandbox.exists("compiled/answers"));
    assert!(sandbox.exists("compiled/orders"));
    sandbox.write("lib/elsewhere.py", "async def clean(p): return p\n");
    let silent = sandbox.ok(&["compile", "--all", "--strict", "-I", "lib"]);
    assert_eq!(silent.stderr, "");
}

#[test]
fn wrong_use() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is nothing to compile
  because the project has no flows yet
hint: make one with `asya compile FLOW -f FILE`
"#);
    assert_snapshot!(sandbox.show(&["compile"]), @r#"
exit: 2
--- stdout
--- stderr
error: the following required arguments were not provided:
  <FLOW>

Usage: asya compile <FLOW>

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["compile", "orders", "--all"]), @r#"
exit: 2
--- stdout
--- stderr
error: the argument '[FLOW]' cannot be used with '--all'

Usage: asya compile <FLOW>

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["compile", "--all", "-f", "orders.py"]), @r#"
exit: 2
--- stdout
--- stderr
error: the argument '--all' cannot be used with '--file <FILE[:FUNCTION]>'

Usage: asya compile --all [FLOW]

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["compile", "--all", "--watch", "--check"]), @r#"
exit: 2
--- stdout
--- stderr
error: the argument '--watch' cannot be used with '--check'

Usage: asya compile --all --watch [FLOW]

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["compile", "--all", "--watch", "-o", "json"]), @r#"
exit: 2
--- stdout
{
  "version": 1,
  "error": {
    "kind": "usage",
    "message": "`--watch` has no end and therefore no result as JSON",
    "causes": [],
    "hints": [],
    "diagnostics": []
  }
}
--- stderr
error: `--watch` has no end and therefore no result as JSON
"#);
    assert_snapshot!(sandbox.show(&["compile", "--all", "--context", "nowhere"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no context `nowhere`
  because known contexts: `local`
hint: add it with `asya k context add nowhere`
"#);
}

#[test]
fn broken_records() {
    let sandbox = project();
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    sandbox.write(".asya/flows/broken.yaml", "source: [\n");
    sandbox.write(".asya/flows/climbing.yaml", "source: ../x.py\nfunction: x\n");
    sandbox.write(".asya/flows/Upper.yaml", "source: x.py\nfunction: x\n");
    sandbox.write(".asya/flows/.orders.yaml.swp", "\u{1}");
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 1
--- stdout
  failed    broken    the record of flow `broken` cannot be used
  failed    climbing  the record of flow `climbing` cannot be used
  created   orders    13 created
4 flows: 1 created, 3 failed
--- stderr
error: unclosed bracket `[`
 --> .asya/flows/broken.yaml:1:9
  |
1 | source: [
  |         ^

error: the record of flow `broken` cannot be used
hint: write it anew with `asya compile broken -f FILE`
error: `source` must be a path inside the project, relative to its root
 --> .asya/flows/climbing.yaml:1:9
  |
1 | source: ../x.py
  |         ^^^^^^^

error: the record of flow `climbing` cannot be used
hint: write it anew with `asya compile climbing -f FILE`
error: `.asya/flows/Upper.yaml` is not named after a flow
  because `Upper` is not a flow name: only lower-case letters, digits and `-` are allowed, not `U`
hint: rename or remove the file
"#);
    assert!(sandbox.exists("compiled/orders"));
    // Neither stops the compilation of another flow.
    sandbox.ok(&["compile", "orders"]);
}

#[test]
fn names_that_are_not_known_are_told() {
    let sandbox = project();
    register(&sandbox, "answers", &flow("answers", "handlers", "clean"));
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    sandbox.ok(&["compile", "--all"]);
    sandbox.write("compiled/answers/artifacts/graph.json", "{");
    assert_snapshot!(sandbox.show(&["compile", "orders"]), @r#"
exit: 0
--- stdout
compiled orders from orders.py:orders
  actors     score
  router     start-orders (generated)
  files      12 unchanged, 2 kept
  manifests  compiled/orders/manifests
--- stderr
warning: the actor names of `answers` are not known: `compiled/answers/artifacts/graph.json` is not a flow graph: EOF while parsing an object at line 1 column 1
  hint: type `asya compile answers`: it writes the file anew
"#);
    sandbox.ok(&["compile", "--all"]);
    assert_eq!(sandbox.ok(&["compile", "--all"]).stderr, "");
}

#[test]
fn flows_in_one_place_are_refused() {
    let sandbox = project();
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    register(&sandbox, "orders-code", &flow("orders", "handlers", "score"));
    let config = sandbox.read(".asya/config.yaml");
    let places = "compiler:\n  code: made/${arg:flow_name}-code\n  artifacts: made/${arg:flow_name}\n";
    sandbox.write(".asya/config.yaml", &config.replace("compiler:\n", places));
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 3
--- stdout
--- stderr
error: flows `orders` and `orders-code` would overwrite each other
  because `made/orders-code` is `compiler.code` of `orders` and `compiler.artifacts` of `orders-code`
hint: give each kind of files a directory of its own in `.asya/config.yaml`
"#);
    assert_eq!(sandbox.tree(), before);
}

#[cfg(unix)]
#[test]
fn a_flow_that_cannot_be_written_leaves_its_names_to_others() {
    let sources = |sandbox: &Sandbox| {
        let config = sandbox.read(".asya/config.yaml");
        // Room for a name, but not for the name of what is prepared beside it.
        let code = format!("compiler:\n  code: compiled/${{arg:flow_name}}-{}\n", "x".repeat(220));
        sandbox.write(".asya/config.yaml", &config.replace("compiler:\n", &code));
        register(sandbox, "a", &flow("a", "handlers", "score"));
        let long = "b-has-a-name-that-is-too-long";
        register(sandbox, long, &flow("long", "handlers", "clean").replace("long", &long.replace('-', "_")));
        let record = format!("source: {long}.py\nfunction: {}\n", long.replace('-', "_"));
        sandbox.write(&format!(".asya/flows/{long}.yaml"), &record);
        register(sandbox, "c", &flow("c", "other", "clean"));
    };
    let (all, single) = (project(), project());
    sources(&all);
    sources(&single);
    let shown = all.show(&["compile", "--all"]).replace(&"x".repeat(220), "xxx");
    assert_snapshot!(shown, @r#"
exit: 1
--- stdout
  created   a                              13 created
  failed    b-has-a-name-that-is-too-long  `compiled/b-has-a-name-that-is-too-long-xxx` cannot be written
  created   c                              13 created
3 flows: 2 created, 1 failed
--- stderr
error: `compiled/b-has-a-name-that-is-too-long-xxx` cannot be written
  because File name too long
"#);
    let codes = ["a", "b-has-a-name-that-is-too-long", "c"].map(|flow| single.run(&["compile", flow]).code);
    assert_eq!(codes, [0, 3, 0]);
    assert_eq!(compiled(&all), compiled(&single));
    assert!(all.exists("compiled/c/manifests/base/asya-clean.yaml"));
}

#[cfg(unix)]
#[test]
fn a_file_that_is_in_the_way_fails_its_flow_alone() {
    let sandbox = project();
    register(&sandbox, "answers", &flow("answers", "handlers", "clean"));
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    sandbox.write("compiled/answers/manifests", "a file\n");
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 1
--- stdout
  failed    answers  `compiled/answers/manifests/base` cannot be read
  created   orders   13 created
2 flows: 1 created, 1 failed
--- stderr
error: `compiled/answers/manifests/base` cannot be read
  because a part of the path is not a directory
"#);
    assert_eq!(sandbox.read("compiled/answers/manifests"), "a file\n");
    assert!(!sandbox.exists("compiled/answers/code"), "nothing of the flow was written");
    assert!(sandbox.exists("compiled/orders/code/router.py"));
}

#[test]
fn entries_of_the_gateway_that_do_not_fit_are_told() {
    let sandbox = project();
    register(&sandbox, "answers", &flow("answers", "handlers", "clean"));
    register(
        &sandbox,
        "orders",
        "from handlers import score\n\n\nasync def orders(p: dict) -> dict:\n    return await score(p)\n",
    );
    sandbox.ok(&["compile", "--all"]);
    sandbox.ok(&["expose", "orders", "-d", "Orders"]);
    assert_eq!(sandbox.ok(&["compile", "--all"]).stderr, "");
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 0
--- stdout
  changed   orders   3 created, 7 changed
2 flows: 1 changed, 1 unchanged
--- stderr
warning: `compiled/orders/manifests/common/flow-expose.yaml` does not fit the compiled flow: the gateway would enter it at `score`, it is now entered at `start-orders`
  hint: type `asya expose orders` with the options it should have
"#);
}

#[test]
fn a_closed_pipe_is_quiet() {
    let sandbox = project();
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    for args in [&["compile", "--all"][..], &["compile", "--all", "--check"], &["compile", "--all", "-o", "json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = sandbox.command(args).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn watching_all_flows_notices_new_ones_until_interrupted() {
    let sandbox = project();
    register(&sandbox, "orders", &flow("orders", "handlers", "score"));
    let mut command = sandbox.command(&["compile", "--all", "--watch"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let has = |path: &str| sandbox.exists(path);
    wait_until("the first compilation", || has("compiled/orders/code/router.py"));
    register(&sandbox, "answers", &flow("answers", "handlers", "clean"));
    wait_until("the new flow", || has("compiled/answers/manifests/base/asya-clean.yaml"));
    sandbox.write("answers.py", &flow("answers", "handlers", "tidy"));
    wait_until("the changed flow", || has("compiled/answers/manifests/base/asya-tidy.yaml"));
    let handlers = sandbox.read("handlers.py");
    sandbox.write("shared.py", "from other import score as tidy\n");
    sandbox.write("handlers.py", &handlers.replace("async def tidy(p): return p", "from shared import tidy"));
    wait_until("the changed module", || sandbox.read("compiled/answers/artifacts/graph.json").contains("other.score"));
    sandbox.write("shared.py", "from other import clean as tidy\n");
    wait_until("the changed module of a module", || {
        sandbox.read("compiled/answers/artifacts/graph.json").contains("other.clean")
    });
    let stopped = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let left: Vec<String> =
        sandbox.tree().into_iter().map(|(path, _)| path).filter(|path| path.contains("tmp")).collect();
    assert_eq!(left, Vec::<String>::new());
}

/// A flow of two calls in parallel.
fn parallel(name: &str) -> String {
    format!(
        "import asyncio\n\nfrom handlers import clean, score\n\n\nasync def {name}(p: dict) -> dict:\n    p[\"all\"] = await asyncio.gather(clean(p), score(p))\n    return p\n"
    )
}

#[test]
fn warnings_about_files() {
    let sandbox = project();
    register(&sandbox, "answers", &parallel("answers"));
    register(&sandbox, "orders", &parallel("orders"));
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 0
--- stdout
  created   answers  17 created
  created   orders   17 created
2 flows: 2 created
--- stderr
warning: `join-answers` joins parallel calls and has no store: on a cluster it cannot keep what has arrived
  hint: add to `.asya/config.yaml`:
  compiler:
    join:
      state_proxy:
        image: ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:<tag>
        env:
          STATE_BUCKET: <bucket>
warning: `join-orders` joins parallel calls and has no store: on a cluster it cannot keep what has arrived
"#);
    assert_snapshot!(sandbox.show(&["compile", "--all", "--strict"]), @r#"
exit: 1
--- stdout
  failed    answers  `answers` compiles with 1 warning, and --strict allows none
  failed    orders   `orders` compiles with 1 warning, and --strict allows none
2 flows: 2 failed
--- stderr
warning: `join-answers` joins parallel calls and has no store: on a cluster it cannot keep what has arrived
  hint: add to `.asya/config.yaml`:
  compiler:
    join:
      state_proxy:
        image: ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:<tag>
        env:
          STATE_BUCKET: <bucket>
error: `answers` compiles with 1 warning, and --strict allows none
warning: `join-orders` joins parallel calls and has no store: on a cluster it cannot keep what has arrived
error: `orders` compiles with 1 warning, and --strict allows none
"#);
    let document: serde_json::Value =
        serde_json::from_str(&sandbox.ok(&["compile", "--all", "-o", "json"]).stdout).unwrap();
    assert_snapshot!(document["flows"][1]["warnings"], @r#"[{"file":null,"line":null,"column":null,"end_line":null,"end_column":null,"severity":"warning","message":"`join-orders` joins parallel calls and has no store: on a cluster it cannot keep what has arrived","help":"add to `.asya/config.yaml`:\n  compiler:\n    join:\n      state_proxy:\n        image: ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:<tag>\n        env:\n          STATE_BUCKET: <bucket>"}]"#);
    assert_snapshot!(document["flows"][1]["actors"], @r#"[{"name":"start-orders","handler":"router.start_orders","generated":true},{"name":"join-orders","handler":"asya_crew.fanin.split_key.aggregator","generated":true},{"name":"clean","handler":"handlers.clean","generated":false},{"name":"score","handler":"handlers.score","generated":false}]"#);
}

#[test]
fn a_broken_module_is_told_once() {
    let sandbox = project();
    sandbox.write("other.py", "async def clean(p): return = p\n");
    register(&sandbox, "answers", &flow("answers", "other", "clean"));
    register(&sandbox, "orders", &flow("orders", "other", "clean"));
    assert_snapshot!(sandbox.show(&["compile", "--all"]), @r#"
exit: 1
--- stdout
  failed    answers  flow `answers` does not compile: 1 error in other.py
  failed    orders   flow `orders` does not compile: 1 error in other.py
2 flows: 2 failed
--- stderr
error[ASYA001]: expected newline, found `=`
 --> other.py:1:28
  |
1 | async def clean(p): return = p
  |                            ^

error: flow `answers` does not compile: 1 error in other.py
error: flow `orders` does not compile: 1 error in other.py
"#);
}

#[test]
fn the_name_of_a_join_is_kept_for_it() {
    let sandbox = project();
    register(&sandbox, "f4", &parallel("f4"));
    register(&sandbox, "orders", &flow("orders", "handlers", "join_f4"));
    sandbox.ok(&["compile", "--all"]);
    assert!(sandbox.exists("compiled/orders/manifests/base/asya-handlers-join-f4.yaml"));
    sandbox.write("f4.py", &parallel("f4").replace("clean", "join_f4"));
    assert_snapshot!(sandbox.show(&["compile", "f4"]), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA030]: the actor `join-f4` has the name of the actor that joins its parallel calls
 --> f4.py:7:16
  |
7 |     p["all"] = await asyncio.gather(join_f4(p), score(p))
  |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: give the handler another name

error: flow `f4` does not compile: 1 error in f4.py
"#);
}
