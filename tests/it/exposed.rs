//! `asya expose --list`, what is asked for, and what is refused before a gateway would choke on it.

use insta::assert_snapshot;

use crate::artifacts as fixtures;
use crate::expose::compiled;
use crate::sandbox::Sandbox;
use crate::terminal::on_terminal;

const MANIFESTS: &str = "compiled/text-flow/manifests";

/// A second flow beside `text-flow`, compiled from the same program.
fn with_other(sandbox: &Sandbox) {
    for (path, text) in sandbox.tree() {
        let path = path.replace("text-flow", "other");
        if path.contains("other") {
            sandbox.write(&path, &text.replace("text-flow", "other"));
        }
    }
}

#[test]
fn what_is_exposed_where() {
    let sandbox = compiled(&fixtures::program());
    with_other(&sandbox);
    assert_snapshot!(sandbox.show(&["expose", "--list"]), @r#"
exit: 0
--- stdout
FLOW       CONTEXT  OFFERED AS   ENTERED AT  SAID BY
other      -        not offered  -           -
text-flow  -        not offered  -           -
nothing is exposed; type `asya expose FLOW`
--- stderr
"#);
    sandbox.ok(&["expose", "text-flow"]);
    sandbox.ok(&["expose", "text-flow", "--context", "dev", "--mcp", "--a2a"]);
    sandbox.ok(&["unexpose", "text-flow", "--context", "prod"]);
    assert_snapshot!(sandbox.show(&["expose", "--list"]), @r#"
exit: 0
--- stdout
FLOW       CONTEXT  OFFERED AS   ENTERED AT       SAID BY
other      -        not offered  -                -
text-flow  (all)    mcp          start-text-flow  compiled/text-flow/manifests/common/flow-expose.yaml
text-flow  dev      mcp, a2a     start-text-flow  compiled/text-flow/manifests/overlays/dev/flow-expose.yaml
text-flow  prod     not offered  -                compiled/text-flow/manifests/overlays/prod/flow-expose.yaml
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["expose", "text-flow", "--list", "--context", "prod"]), @r#"
exit: 0
--- stdout
FLOW       CONTEXT  OFFERED AS   ENTERED AT  SAID BY
text-flow  prod     not offered  -           compiled/text-flow/manifests/overlays/prod/flow-expose.yaml
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["expose", "--list", "--context", "dev", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flows": [
    {
      "flow": "other",
      "config_map": "asya-flow-other-config",
      "environments": [
        {
          "context": "dev",
          "offered": false,
          "protocols": [],
          "file": null,
          "own": false,
          "entry": null
        }
      ],
      "problems": []
    },
    {
      "flow": "text-flow",
      "config_map": "asya-flow-text-flow-config",
      "environments": [
        {
          "context": "dev",
          "offered": true,
          "protocols": [
            "mcp",
            "a2a"
          ],
          "file": "compiled/text-flow/manifests/overlays/dev/flow-expose.yaml",
          "own": true,
          "entry": {
            "name": "text-flow",
            "entrypoint": "start-text-flow",
            "description": "Cleans a text and finds out its language",
            "mcp": {
              "inputSchema": {
                "type": "object",
                "properties": {
                  "text": {
                    "type": "string"
                  }
                },
                "required": [
                  "text"
                ]
              }
            },
            "a2a": {
              "tags": []
            }
          }
        }
      ],
      "problems": []
    }
  ]
}
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["expose", "--list", "-d", "x"]), @r#"
exit: 2
--- stdout
--- stderr
error: the argument '--list' cannot be used with '--description <TEXT>'

Usage: asya expose --list [FLOW]

For more information, try '--help'.
"#);
    assert_snapshot!(sandbox.show(&["expose", "txt-flow", "--list"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no flow `txt-flow`
  because known flows: `other` and `text-flow`
hint: did you mean `text-flow`?
hint: make it with `asya compile txt-flow -f FILE`
"#);
}

#[test]
fn entries_without_effect_and_entries_that_cannot_be_read() {
    let sandbox = compiled(&fixtures::program());
    sandbox.ok(&["expose", "text-flow"]);
    sandbox.ok(&["expose", "text-flow", "--context", "dev"]);
    sandbox.ok(&["expose", "text-flow", "--context", "prod"]);
    let path = |place: &str| format!("{MANIFESTS}/{place}");
    let dev = sandbox.read(&path("overlays/dev/kustomization.yaml"));
    sandbox.write(&path("overlays/dev/kustomization.yaml"), &dev.replace("- path: flow-expose.yaml", "[]"));
    let entry = sandbox.read(&path("overlays/prod/flow-expose.yaml"));
    sandbox.write(&path("overlays/prod/flow-expose.yaml"), &entry.replace("entrypoint:", "entry_point:"));
    assert_snapshot!(sandbox.show(&["expose", "--list"]), @r#"
exit: 0
--- stdout
FLOW       CONTEXT  OFFERED AS  ENTERED AT       SAID BY
text-flow  (all)    mcp         start-text-flow  compiled/text-flow/manifests/common/flow-expose.yaml
text-flow  prod     unknown     -                compiled/text-flow/manifests/overlays/prod/flow-expose.yaml
--- stderr
warning: `compiled/text-flow/manifests/overlays/prod/flow-expose.yaml (text-flow.yaml)` cannot be read as a flow of the gateway: missing field `entrypoint`
warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` has no effect: the kustomization beside it does not list it
"#);
    sandbox.write(&path("overlays/prod/flow-expose.yaml"), "data: [\n");
    assert_snapshot!(sandbox.show(&["expose", "--list"]), @r#"
exit: 0
--- stdout
FLOW       CONTEXT  OFFERED AS  ENTERED AT       SAID BY
text-flow  (all)    mcp         start-text-flow  compiled/text-flow/manifests/common/flow-expose.yaml
text-flow  prod     unknown     -                -
--- stderr
warning: `compiled/text-flow/manifests/overlays/prod/flow-expose.yaml` cannot be read: compiled/text-flow/manifests/overlays/prod/flow-expose.yaml:1: unclosed bracket '['
warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` has no effect: the kustomization beside it does not list it
"#);
}

#[test]
fn an_overlay_that_is_not_built_on_common() {
    let sandbox = compiled(&fixtures::program());
    sandbox.write(&format!("{MANIFESTS}/overlays/prod/kustomization.yaml"), "resources: [../../base]\n");
    assert_snapshot!(sandbox.run(&["expose", "text-flow"]).stderr, @r#"
created   compiled/text-flow/manifests/common/flow-expose.yaml
changed   compiled/text-flow/manifests/common/kustomization.yaml
not for `prod`, which is not built on `common`: `asya expose text-flow --context prod` offers it there
"#);
    sandbox.ok(&["expose", "text-flow", "--context", "prod"]);
    assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/overlays/prod/kustomization.yaml")), @r#"resources: [../../base, flow-expose.yaml]"#);
    assert_snapshot!(sandbox.show(&["expose", "--list"]), @r#"
exit: 0
--- stdout
FLOW       CONTEXT  OFFERED AS  ENTERED AT       SAID BY
text-flow  (all)    mcp         start-text-flow  compiled/text-flow/manifests/common/flow-expose.yaml
text-flow  prod     mcp         start-text-flow  compiled/text-flow/manifests/overlays/prod/flow-expose.yaml
--- stderr
"#);
}

#[test]
fn two_flows_of_one_name() {
    let sandbox = compiled(&fixtures::program());
    with_other(&sandbox);
    sandbox.ok(&["expose", "other", "--context", "dev"]);
    let file = "compiled/other/manifests/overlays/dev/flow-expose.yaml";
    let renamed = sandbox.read(file).replace("- name: other", "- name: text-flow");
    sandbox.write(file, &renamed);
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r#"
exit: 3
--- stdout
--- stderr
error: two flows would be called `text-flow` in context `dev`
  because `compiled/other/manifests/overlays/dev/flow-expose.yaml` of flow `other` has an entry of this name
  because MCP clients of the gateway would get one of them, A2A clients the other, and nobody would be told
hint: type `asya expose other` to write that entry anew, or rename one of the flows
"#);
    assert_eq!(sandbox.tree(), before);
    assert_eq!(sandbox.run(&["expose", "text-flow", "--context", "dev"]).code, 3);
    sandbox.ok(&["expose", "text-flow", "--context", "prod"]);
}

#[test]
fn the_name_of_the_flow_is_asked_for() {
    let sandbox = compiled(&fixtures::program());
    assert_snapshot!(sandbox.show(&["expose"]), @r#"
exit: 2
--- stdout
--- stderr
error: it is not said which flow to expose
  because the project has `text-flow`
hint: name it: `asya expose FLOW`
"#);
    with_other(&sandbox);
    let shown = on_terminal(&sandbox, &["expose"], &[("Which flow", "\x1b[B\r")]);
    assert!(shown.contains("text-flow is an MCP tool in every environment"), "{shown}");
    assert!(shown.ends_with("exit: 0\n"), "{shown}");
    let interrupted = on_terminal(&sandbox, &["unexpose"], &[]);
    assert!(interrupted.contains("required arguments"), "{interrupted}");
}

#[test]
fn the_description_is_asked_for() {
    let mut program = fixtures::program();
    program.description = None;
    let sandbox = compiled(&program);
    let question = "Agents choose a tool by this sentence";
    let shown = on_terminal(&sandbox, &["expose", "text-flow"], &[(question, " \r"), ("empty", "Cleans texts\r")]);
    assert!(shown.contains("it is empty") && shown.contains("  description: Cleans texts\n"), "{shown}");
    assert!(shown.ends_with("exit: 0\n"), "{shown}");
    let before = sandbox.tree();
    let shown = on_terminal(&sandbox, &["expose", "text-flow"], &[(question, "\x03")]);
    assert!(shown.contains("interrupted") && shown.ends_with("exit: 130\n"), "{shown}");
    let shown = on_terminal(&sandbox, &["expose", "text-flow", "-o", "json"], &[(question, "Cleans texts\r")]);
    assert!(shown.contains("say what it does with `-d TEXT`") && shown.ends_with("exit: 2\n"), "{shown}");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn schemas_from_yaml_and_keys_given_twice() {
    let sandbox = compiled(&fixtures::program());
    sandbox.write("in.yaml", "# arguments\ntype: object\nproperties:\n  on: {type: string}\n  1: {type: string}\n");
    let shown = sandbox.ok(&["expose", "text-flow", "--input-schema-file", "in.yaml"]);
    assert_snapshot!(shown.stdout, @r#"
text-flow is an MCP tool in every environment:

flows:
- name: text-flow
  entrypoint: start-text-flow
  description: Cleans a text and finds out its language
  mcp:
    inputSchema:
      type: object
      properties:
        "on":
          type: string
        "1":
          type: string

next: asya k apply text-flow
"#);
    sandbox.write("twice.yaml", "type: object\nproperties:\n  a: {type: string}\n  a: {type: number}\n");
    assert_snapshot!(sandbox.show(&["expose", "text-flow", "--input-schema-file", "twice.yaml"]), @r#"
exit: 2
--- stdout
--- stderr
error: duplicate mapping key: a
 --> twice.yaml:4:3
  |
4 |   a: {type: number}
  |   ^

error: the input schema in `twice.yaml` is not YAML
"#);
    let twice = r#"{"type": "object", "properties": {"a": {"type": "string"}, "a": {"type": "number"}}}"#;
    assert_snapshot!(sandbox.show(&["expose", "text-flow", "--input-schema", twice]), @r#"
exit: 2
--- stdout
--- stderr
error: the key `a` is given twice
 --> --input-schema:1:62
  |
1 | {"type": "object", "properties": {"a": {"type": "string"}, "a": {"type": "number"}}}
  |                                                              ^

error: the input schema in `--input-schema` is not JSON
hint: a schema looks like '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}'
"#);
    let required = r#"{"type": "object", "required": ["a"], "properties": {"b": {"$ref": "https://example.com/s"}}}"#;
    assert_snapshot!(sandbox.show(&["expose", "text-flow", "--input-schema", required]), @r#"
exit: 2
--- stdout
--- stderr
error: the input schema in `--input-schema` is not a JSON Schema
  because it refers to `https://example.com/s`, which nobody fetches
hint: put that schema under `$defs` and refer to it with `#/$defs/<name>`
"#);
    let beside = required.replace("https://example.com/s", "other.json#/a");
    assert_snapshot!(sandbox.run(&["expose", "text-flow", "--input-schema", &beside]).stderr, @r#"
error: the input schema in `--input-schema` is not a JSON Schema
  because it refers to `other.json#/a`, which nobody fetches
hint: put that schema under `$defs` and refer to it with `#/$defs/<name>`
"#);
    let required = r#"{"type": "object", "required": ["a"]}"#;
    assert_snapshot!(sandbox.run(&["expose", "text-flow", "--input-schema", required]).stderr, @r#"
  changed   compiled/text-flow/manifests/common/flow-expose.yaml
warning: the gateway shows MCP clients only a part of the input schema
  `a` is required, but not shown, because it is not among `properties`
  hint: say in the description what agents must know
"#);
}

#[test]
fn an_entry_that_no_config_map_can_hold() {
    let sandbox = compiled(&fixtures::program());
    let text = format!(r#"{{"type": "object", "description": "{}"}}"#, "x".repeat(1 << 20));
    sandbox.write("large.json", &text);
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["expose", "text-flow", "--input-schema-file", "large.json"]), @r#"
exit: 2
--- stdout
--- stderr
error: the entry of `text-flow` is too large
  because it has 1049075 bytes, and a ConfigMap holds 1048576
hint: give a shorter description or a smaller input schema
"#);
    assert!(sandbox.tree() == before);
}
