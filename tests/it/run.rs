//! `asya run`: a flow executed from its manifests.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::mesh::{alive, wait_until_gone};
use crate::sandbox::Sandbox;

const HANDLERS: &str = r#"
import os

def score(p):
    p["score"] = len(p["text"])
    return p

def store(p):
    print("storing", p["score"])
    p["big"] = 2**70
    del p["text"]
    return p

def risky(p):
    raise LookupError("no such customer")

def wait(p):
    import subprocess, time
    child = subprocess.Popen(["sleep", "600"])
    print("pids", os.getpid(), child.pid)
    time.sleep(600)

def gone(p):
    print("about to go")
    os._exit(3)
"#;

const ROUTER: &str = r#"
async def start_orders(payload):
    payload["seen"] = True
    yield "SET", ".route.next[:0]", payload.get("via", ["score", "store"])
    yield payload
"#;

/// A project with one compiled flow, `orders`, and an overlay for `dev`.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts:\n  dev:\n    namespace: dev\n");
    sandbox.write(".asya/flows/orders.yaml", "source: orders.py\nfunction: orders\n");
    sandbox.write("orders.py", HANDLERS);
    let base = "compiled/orders/manifests/base";
    let actor = |name: &str, labels: &str, spec: &str| {
        let text = format!(
            "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata:\n  name: {name}\n  labels: {{asya.sh/flow: orders{labels}}}\nspec:\n  actor: {name}\n  image: python:3.13-slim\n{spec}"
        );
        sandbox.write(&format!("{base}/{name}.yaml"), &text);
    };
    let router = "  handler: router.start_orders\n  volumes:\n  - {name: code, configMap: {name: orders-router}}\n  volumeMounts:\n  - {name: code, mountPath: /opt/asya/router.py, subPath: router.py, readOnly: true}\n";
    actor("start-orders", ", asya.sh/role: start, asya.sh/generated: \"true\"", router);
    for name in ["score", "store", "risky", "gone", "wait", "absent"] {
        actor(name, "", &format!("  handler: orders.{name}\n"));
    }
    let indented: String = ROUTER.lines().map(|line| format!("    {line}\n")).collect();
    let map =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: orders-router\ndata:\n  router.py: |\n{indented}");
    sandbox.write(&format!("{base}/router.yaml"), &map);
    let listed = ["start-orders", "score", "store", "risky", "gone", "wait", "absent", "router"];
    let listed: String = listed.iter().map(|name| format!("- {name}.yaml\n")).collect();
    let kind = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n";
    sandbox.write(&format!("{base}/kustomization.yaml"), &format!("{kind}{listed}"));
    sandbox.write("compiled/orders/manifests/common/kustomization.yaml", &format!("{kind}- ../base\n"));
    sandbox.write("compiled/orders/manifests/overlays/dev/kustomization.yaml", &format!("{kind}- ../../common\n"));
    sandbox
}

/// The run without what differs from one to the next: times and interpreter versions' carets.
fn show(sandbox: &Sandbox, args: &[&str]) -> String {
    let mut text = String::new();
    for line in sandbox.show(args).lines() {
        let mut words: Vec<&str> = line.split(' ').collect();
        if let Some(at) = words.iter().position(|word| *word == "ms")
            && at > 0
        {
            words[at - 1] = "[T]";
            words.retain(|word| !word.is_empty());
        }
        let line = words.join(" ");
        if line.trim().is_empty() || !line.trim().chars().all(|c| matches!(c, '^' | '~')) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

#[test]
fn the_result_goes_to_stdout_and_the_trace_to_stderr() {
    let sandbox = project();
    insta::assert_snapshot!(show(&sandbox, &["run", "orders", "--payload", r#"{"text": "hi", "n": 1e2}"#, "--trace"]), @r#"
    exit: 0
    --- stdout
    {
      "n": 100.0,
      "seen": true,
      "score": 2,
      "big": 1180591620717411303424
    }
    --- stderr
    1 start-orders [T] ms n=100.0 +seen=true
    2 score [T] ms +score=2
      store | storing 2
    3 store [T] ms +big=1180591620717411303424 -text
    "#);
}

#[test]
fn numbers_pass_through_unchanged() {
    let sandbox = project();
    let outcome = sandbox.ok(&["run", "orders", "-q", "-p", r#"{"via": [], "n": 12345678901234567890123, "f": 1.10}"#]);
    insta::assert_snapshot!(outcome.show(), @r#"
    exit: 0
    --- stdout
    {
      "via": [],
      "n": 12345678901234567890123,
      "f": 1.1,
      "seen": true
    }
    --- stderr
    "#);
}

#[test]
fn json_has_every_hop() {
    let sandbox = project();
    sandbox.write("in.json", "{\n  \"text\": \"héé\"\n}\n");
    let outcome = sandbox.ok(&["run", "orders", "--payload", "@in.json", "--context", "dev", "-o", "json"]);
    let mut document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    for hop in document["hops"].as_array_mut().unwrap() {
        assert!(hop["milliseconds"].as_f64().unwrap() > 0.0);
        hop["milliseconds"] = 0.into();
    }
    assert_eq!(outcome.stderr, "");
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap(), @r#"
    {
      "version": 1,
      "flow": "orders",
      "context": "dev",
      "phase": "succeeded",
      "payload": {
        "seen": true,
        "score": 3,
        "big": 1.1805916207174113e+21
      },
      "error": null,
      "results": [
        {
          "id": "00000000-0000-4000-8000-000000000001",
          "phase": "succeeded",
          "payload": {
            "seen": true,
            "score": 3,
            "big": 1.1805916207174113e+21
          },
          "prev": [
            "start-orders",
            "score",
            "store"
          ],
          "error": null
        }
      ],
      "router_visits": 1,
      "hops": [
        {
          "index": 1,
          "message": "00000000-0000-4000-8000-000000000001",
          "actor": "start-orders",
          "attempt": 1,
          "milliseconds": 0,
          "route": {
            "prev": [],
            "curr": "start-orders",
            "next": []
          },
          "payload": {
            "text": "héé"
          },
          "frames": [
            {
              "route": {
                "prev": [
                  "start-orders"
                ],
                "curr": "score",
                "next": [
                  "store"
                ]
              },
              "payload": {
                "text": "héé",
                "seen": true
              }
            }
          ],
          "error": null
        },
        {
          "index": 2,
          "message": "00000000-0000-4000-8000-000000000001",
          "actor": "score",
          "attempt": 1,
          "milliseconds": 0,
          "route": {
            "prev": [
              "start-orders"
            ],
            "curr": "score",
            "next": [
              "store"
            ]
          },
          "payload": {
            "text": "héé",
            "seen": true
          },
          "frames": [
            {
              "route": {
                "prev": [
                  "start-orders",
                  "score"
                ],
                "curr": "store",
                "next": []
              },
              "payload": {
                "text": "héé",
                "seen": true,
                "score": 3
              }
            }
          ],
          "error": null
        },
        {
          "index": 3,
          "message": "00000000-0000-4000-8000-000000000001",
          "actor": "store",
          "attempt": 1,
          "milliseconds": 0,
          "route": {
            "prev": [
              "start-orders",
              "score"
            ],
            "curr": "store",
            "next": []
          },
          "payload": {
            "text": "héé",
            "seen": true,
            "score": 3
          },
          "frames": [
            {
              "route": {
                "prev": [
                  "start-orders",
                  "score",
                  "store"
                ],
                "curr": "",
                "next": []
              },
              "payload": {
                "seen": true,
                "score": 3,
                "big": 1.1805916207174113e+21
              }
            }
          ],
          "error": null
        }
      ]
    }
    "#);
}

#[test]
fn a_failure_shows_the_users_traceback_and_the_actor() {
    let sandbox = project();
    insta::assert_snapshot!(show(&sandbox, &["run", "orders", "-p", r#"{"via": ["risky"]}"#]), @r#"
    exit: 1
    --- stdout
    --- stderr
      Traceback (most recent call last):
        File "[SANDBOX]/project/orders.py", line 15, in risky
          raise LookupError("no such customer")
      LookupError: no such customer
    error: actor `risky` raised `LookupError`
      because no such customer
    "#);
    insta::assert_snapshot!(show(&sandbox, &["run", "orders", "-p", r#"{"via": ["gone"]}"#, "--trace"]), @r#"
    exit: 1
    --- stdout
    --- stderr
    1 start-orders [T] ms +seen=true
      gone | about to go
    2 gone [T] ms failed: its process ended with exit status 3 before it …
    error: actor `gone` failed
      because its process ended with exit status 3 before it answered
    "#);
    insta::assert_snapshot!(show(&sandbox, &["run", "orders", "-p", r#"{"via": ["absent"]}"#]), @r#"
    exit: 1
    --- stdout
    --- stderr
    error: actor `absent` failed
      because handler `orders.absent` cannot be loaded: module `orders` has no `absent`
    "#);
    insta::assert_snapshot!(show(&sandbox, &["run", "orders", "-p", r#"{"via": ["scores"]}"#]), @r#"
    exit: 1
    --- stdout
    --- stderr
    error: the message cannot be delivered
      because there is no actor `scores` (named by `start-orders`); did it mean `score`?
    "#);
    let json = sandbox.run(&["run", "orders", "-p", r#"{"via": ["risky"]}"#, "-o", "json"]);
    assert_eq!((json.code, json.stderr.as_str()), (1, ""));
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["phase"], "failed");
    assert_eq!(document["error"]["type"], "LookupError");
    assert_eq!(document["error"]["actor"], "risky");
}

#[test]
fn a_payload_that_is_not_json_is_shown_with_a_caret() {
    let sandbox = project();
    insta::assert_snapshot!(sandbox.show(&["run", "orders", "-p", "{'text': 1}"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: key must be a string
     --> --payload:1:2
      |
    1 | {'text': 1}
      |  ^

    error: the payload is not JSON
    hint: JSON strings are in double quotes: `--payload '{"key": "text"}'`
    "#);
    insta::assert_snapshot!(sandbox.show(&["run", "orders", "-p", "{\"é\": [1, 2,]}"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: expected value
     --> --payload:1:13
      |
    1 | {"é": [1, 2,]}
      |             ^

    error: the payload is not JSON
    "#);
    insta::assert_snapshot!(sandbox.show(&["run", "orders", "-p", ""]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: EOF while parsing a value
     --> --payload:1:1
      |
    1 |
      | ^

    error: the payload is not JSON
    hint: leave `--payload` out for an empty object
    "#);
    insta::assert_snapshot!(sandbox.show(&["run", "orders", "-p", "@none.json"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: the payload cannot be read from file `none.json`
      because there is no such file or directory
    "#);
}

#[test]
fn what_is_missing_is_named() {
    let mut sandbox = project();
    insta::assert_snapshot!(sandbox.show(&["run", "order"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: there is no flow `order`
      because known flows: `orders`
    hint: did you mean `orders`?
    hint: make it with `asya compile order -f FILE`
    "#);
    insta::assert_snapshot!(sandbox.show(&["run", "orders", "--context", "prod"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: there is no context `prod`
      because known contexts: `dev` and `local`
    hint: add it with `asya k context add prod`
    "#);
    std::fs::remove_dir_all(sandbox.project().join("compiled/orders/manifests/overlays/dev")).unwrap();
    insta::assert_snapshot!(sandbox.show(&["run", "orders", "--context", "dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: `orders` has no overlay for the context `dev`
  because there is no `compiled/orders/manifests/overlays/dev`
hint: `asya compile orders` makes one for every context; so far: none
"#);
    sandbox.write(".asya/flows/fresh.yaml", "source: orders.py\nfunction: fresh\n");
    insta::assert_snapshot!(sandbox.show(&["run", "fresh"]), @r#"
exit: 3
--- stdout
--- stderr
error: flow `fresh` is not compiled
  because there is no `compiled/fresh/manifests/common`
hint: compile it: `asya compile fresh`
"#);
    sandbox.set("ASYA_PYTHON", "");
    sandbox.set("PATH", "/nowhere:/nothing");
    insta::assert_snapshot!(sandbox.show(&["run", "orders"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: there is no `python3` on PATH to run handlers with
      because PATH is `/nowhere:/nothing`
    hint: install Python 3.10 or newer
    hint: set ASYA_PYTHON to a Python interpreter, 3.10 or newer
    "#);
    sandbox.set("ASYA_PYTHON", "/bin/true");
    insta::assert_snapshot!(sandbox.show(&["run", "orders"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `/bin/true` does not work as Python 3.10 or newer
      because it ended without a word
    hint: set ASYA_PYTHON to a Python interpreter, 3.10 or newer
    "#);
    sandbox.set("ASYA_PYTHON", "/bin");
    insta::assert_snapshot!(sandbox.show(&["run", "orders"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: ASYA_PYTHON is `/bin`, which is not executable
    hint: set ASYA_PYTHON to a Python interpreter, 3.10 or newer
    "#);
    sandbox.set("ASYA_PYTHON", "/bin/python99");
    insta::assert_snapshot!(sandbox.show(&["run", "orders"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: ASYA_PYTHON is `/bin/python99`
      because there is no such file or directory
    hint: set ASYA_PYTHON to a Python interpreter, 3.10 or newer
    "#);
}

#[test]
fn the_payload_may_come_from_stdin() {
    let sandbox = project();
    sandbox.write("in.json", "{\"via\": [],\n \"é\": \"\\ud800 \"}\n");
    let file = std::fs::File::open(sandbox.project().join("in.json")).unwrap();
    let output = sandbox.command(&["run", "orders", "-p", "-"]).stdin(file).output().unwrap();
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r#"
    {
      "via": [],
      "é": "\ud800 ",
      "seen": true
    }
    "#);
}

#[test]
fn a_crash_is_explained_even_when_quiet() {
    let sandbox = project();
    insta::assert_snapshot!(show(&sandbox, &["run", "orders", "-q", "-p", r#"{"via": ["gone"]}"#]), @r#"
    exit: 1
    --- stdout
    --- stderr
      about to go
    error: actor `gone` failed
      because its process ended with exit status 3 before it answered
    "#);
}

#[test]
fn an_old_python_is_refused() {
    let mut sandbox = project();
    let old = sandbox.write_program("project/old", "#!/bin/sh\necho '{\"too_old\": \"3.8.2\"}'\n");
    sandbox.set("ASYA_PYTHON", old.display().to_string());
    insta::assert_snapshot!(sandbox.show(&["run", "orders"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `[SANDBOX]/project/old` is Python 3.8.2, 3.10 or newer is needed
    hint: set ASYA_PYTHON to a newer interpreter
    "#);
}

/// Starts a run whose handler waits, sends it `signal` when it does, and returns the exit code
/// and the processes that must be gone.
fn interrupted(signal: &str) -> Option<i32> {
    let sandbox = project();
    let mut child = sandbox
        .command(&["run", "orders", "-p", r#"{"via": ["wait"]}"#])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.find_map(|line| line.unwrap().split_once("pids ").map(|(_, pids)| pids.to_owned())).unwrap();
    let pids: Vec<u32> = line.split(' ').map(|pid| pid.parse().unwrap()).collect();
    assert!(pids.iter().all(|pid| alive(*pid)));
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let code = child.wait().unwrap().code();
    pids.into_iter().for_each(wait_until_gone);
    code
}

#[test]
fn an_interrupted_run_leaves_no_process_behind() {
    assert_eq!(interrupted("-INT"), Some(130));
    assert_eq!(interrupted("-TERM"), Some(130));
    assert_eq!(interrupted("-KILL"), None);
}

/// Who forgets the message is told what one looks like.
#[test]
fn without_a_message_the_flows_schema_says_what_is_missing() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["init", "--yes"]);
    sandbox.write("shop.py", "def clean(p):\n    p['n'] = len(p['text']) + p['most']\n    return p\n");
    let flow = "import shop\nfrom typing import TypedDict\n\nclass Text(TypedDict):\n    text: str\n    most: int\n\ndef text_flow(p: Text) -> dict:\n    p = shop.clean(p)\n    return p\n";
    sandbox.write("flow.py", flow);
    sandbox.ok(&["compile", "text-flow", "-f", "flow.py"]);
    let failed = sandbox.run(&["run", "text-flow"]);
    assert_eq!(failed.code, 1);
    insta::assert_snapshot!(failed.stderr.lines().skip_while(|line| !line.starts_with("error")).collect::<Vec<_>>().join("\n"), @r#"
error: actor `clean` raised `KeyError`
  because 'text'
hint: the message was {}; give one: --payload '{"text": "…", "most": 1}'
"#);
    let fails_anyway = sandbox.run(&["run", "text-flow", "--payload", "{\"text\": 1, \"most\": 1}"]);
    assert!(!fails_anyway.stderr.contains("hint"), "{}", fails_anyway.show());
    sandbox.ok(&["run", "text-flow", "--payload", "{\"text\": \"…\", \"most\": 1}"]);
}
