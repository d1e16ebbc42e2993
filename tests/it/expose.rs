//! `asya expose` and `asya unexpose`, on flows whose compiled files were written by hand.

use std::collections::BTreeMap;

use asya::artifacts;
use asya::program::Program;

use crate::artifacts as fixtures;
use crate::sandbox::Sandbox;

const CONFIG: &str = "\
contexts:
  dev:
    namespace: dev-ns
  prod:
    namespace: prod-ns
default_context: dev
";

/// A project with `program` as its compiled flow.
pub(crate) fn compiled(program: &Program) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", CONFIG);
    let flow = program.flow.as_str();
    sandbox.write(&format!(".asya/flows/{flow}.yaml"), "source: text_flow.py\nfunction: text_flow\n");
    sandbox.write("text_flow.py", "def text_flow(p: dict) -> dict:\n    return p\n");
    let tree = artifacts::assemble(program, &fixtures::inputs()).unwrap();
    for file in &tree.artifacts {
        sandbox.write(&format!("compiled/{flow}/artifacts/{}", file.path.display()), &file.content);
    }
    fixtures::write_manifests(&tree, &sandbox.project().join(format!("compiled/{flow}/manifests")));
    sandbox
}

const MANIFESTS: &str = "compiled/text-flow/manifests";

/// What a layer offers as kubectl renders it: the description of each ConfigMap of a flow.
fn rendered(sandbox: &Sandbox, layer: &str) -> Option<Vec<String>> {
    let text = fixtures::kustomize(&sandbox.project().join(MANIFESTS).join(layer))?;
    let text = text.unwrap_or_else(|error| panic!("{layer}: {error}\n{:#?}", sandbox.tree()));
    let offers = text.split("\n---\n").filter(|object| object.contains("asya.sh/config-type: flows"));
    let description = |object: &str| {
        let line = object.lines().find(|line| line.contains("description: ")).expect("a description");
        assert_eq!(object.matches("- name: text-flow").count(), 1, "{object}");
        line.split_once("description: ").expect("a value").1.to_owned()
    };
    Some(offers.map(description).collect())
}

#[test]
fn a_tool_for_every_environment() {
    let sandbox = compiled(&fixtures::program());
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow", "-d", "Analyze text"]), @r"
    exit: 0
    --- stdout
    text-flow is an MCP tool in every environment:

    flows:
    - name: text-flow
      entrypoint: start-text-flow
      description: Analyze text
      mcp:
        inputSchema:
          type: object
          properties:
            text:
              type: string
          required:
          - text

    next: asya k apply text-flow
    --- stderr
      created   compiled/text-flow/manifests/common/flow-expose.yaml
      changed   compiled/text-flow/manifests/common/kustomization.yaml
    ");
    insta::assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/common/flow-expose.yaml")), @r"
    # Written by `asya expose text-flow`; type it again to change this.
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: asya-flow-text-flow-config
      labels:
        asya.sh/flow: text-flow
        asya.sh/config-type: flows
        asya.sh/managed-by: asya
    data:
      text-flow.yaml: |
        flows:
        - name: text-flow
          entrypoint: start-text-flow
          description: Analyze text
          mcp:
            inputSchema:
              type: object
              properties:
                text:
                  type: string
              required:
              - text
    ");
    insta::assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/common/kustomization.yaml")), @r"
    # `text-flow` in every environment. This directory is yours: `asya compile` leaves it as it is.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
    - ../base
    - flow-expose.yaml
    configurations:
    - kustomizeconfig.yaml
    ");
    let before = sandbox.tree();
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow", "-d", "Analyze text"]), @r"
    exit: 0
    --- stdout
    text-flow is an MCP tool in every environment:

    flows:
    - name: text-flow
      entrypoint: start-text-flow
      description: Analyze text
      mcp:
        inputSchema:
          type: object
          properties:
            text:
              type: string
          required:
          - text

    next: asya k apply text-flow
    --- stderr
      unchanged compiled/text-flow/manifests/common/flow-expose.yaml
    ");
    assert_eq!(sandbox.tree(), before);
    insta::assert_snapshot!(sandbox.show(&["unexpose", "text-flow"]), @r"
    exit: 0
    --- stdout
    text-flow is no longer offered anywhere

    next: asya k apply text-flow
    --- stderr
      removed   compiled/text-flow/manifests/common/flow-expose.yaml
      changed   compiled/text-flow/manifests/common/kustomization.yaml
    ");
    assert!(!sandbox.exists(&format!("{MANIFESTS}/common/flow-expose.yaml")));
    insta::assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/common/kustomization.yaml")), @r"
    # `text-flow` in every environment. This directory is yours: `asya compile` leaves it as it is.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
    - ../base
    configurations:
    - kustomizeconfig.yaml
    ");
    insta::assert_snapshot!(sandbox.show(&["unexpose", "text-flow"]), @r"
    exit: 0
    --- stdout
    text-flow is offered nowhere, nothing to change
    --- stderr
    ");
}

const SCHEMA: &str = r#"{
  "type": "object",
  "properties": {
    "text": {"type": "string", "description": "The text"},
    "depth": {"type": "integer", "default": 1},
    "opts": {"type": "object", "properties": {"a": {"type": "string"}}},
    "ids": {"type": "array", "items": {"type": "string"}},
    "any": {"anyOf": [{"type": "string"}]},
    "kind": {"type": "string", "enum": ["a", 1]}
  },
  "required": ["text"],
  "additionalProperties": false
}"#;

#[test]
fn a_tool_and_a_skill_for_one_environment() {
    let sandbox = compiled(&fixtures::program());
    sandbox.write("schema.json", SCHEMA);
    let mut args = vec!["expose", "text-flow", "--mcp", "--a2a", "--context", "dev", "--timeout", "60"];
    args.extend(["--input-schema-file", "schema.json", "--tags", "text,language"]);
    args.extend(["--examples", "Which language is this?", "--examples", "Clean: a, b"]);
    args.extend(["--input-modes", "application/json,text/plain", "--output-modes", "application/json"]);
    insta::assert_snapshot!(sandbox.show(&args), @r#"
exit: 0
--- stdout
text-flow is an MCP tool and an A2A skill in context `dev`:

flows:
- name: text-flow
  entrypoint: start-text-flow
  description: Cleans a text and finds out its language
  timeout: 60
  mcp:
    inputSchema:
      type: object
      properties:
        text:
          type: string
          description: The text
        depth:
          type: integer
          default: 1
        opts:
          type: object
          properties:
            a:
              type: string
        ids:
          type: array
          items:
            type: string
        any:
          anyOf:
          - type: string
        kind:
          type: string
          enum:
          - a
          - 1
      required:
      - text
      additionalProperties: false
  a2a:
    tags:
    - text
    - language
    input_modes:
    - application/json
    - text/plain
    output_modes:
    - application/json
    examples:
    - Which language is this?
    - 'Clean: a, b'

next: asya k apply text-flow
--- stderr
  created   compiled/text-flow/manifests/overlays/dev/flow-expose.yaml
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
warning: the gateway shows MCP clients only a part of the input schema
  `additionalProperties` of the whole schema is left out
  `depth` is shown as a number, not as an integer
  `depth` is shown without `default`
  `opts` is shown as a string, without the properties inside
  `ids` is shown as an array without the type of its items
  `any` is shown as a string, because it has no single `type`
  `kind` is shown without `enum`
  hint: say in the description what agents must know
"#);
    insta::assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/overlays/dev/flow-expose.yaml")), @r#"
# Written by `asya expose text-flow`; type it again to change this.
apiVersion: v1
kind: ConfigMap
metadata:
  name: asya-flow-text-flow-config
  labels:
    asya.sh/flow: text-flow
    asya.sh/config-type: flows
    asya.sh/managed-by: asya
data:
  text-flow.yaml: |
    flows:
    - name: text-flow
      entrypoint: start-text-flow
      description: Cleans a text and finds out its language
      timeout: 60
      mcp:
        inputSchema:
          type: object
          properties:
            text:
              type: string
              description: The text
            depth:
              type: integer
              default: 1
            opts:
              type: object
              properties:
                a:
                  type: string
            ids:
              type: array
              items:
                type: string
            any:
              anyOf:
              - type: string
            kind:
              type: string
              enum:
              - a
              - 1
          required:
          - text
          additionalProperties: false
      a2a:
        tags:
        - text
        - language
        input_modes:
        - application/json
        - text/plain
        output_modes:
        - application/json
        examples:
        - Which language is this?
        - 'Clean: a, b'
"#);
    insta::assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/overlays/dev/kustomization.yaml")), @r"
    # `text-flow` in `dev`. This directory is yours: `asya compile` leaves it as it is.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: dev-ns
    resources:
    - ../../common
    - flow-expose.yaml
    configurations:
    - kustomizeconfig.yaml
    ");
    if let Some(rendered) = fixtures::kustomize(&sandbox.project().join(MANIFESTS).join("overlays/dev")) {
        assert!(rendered.unwrap().contains("name: asya-flow-text-flow-config\n  namespace: dev-ns\n"));
    }
}

#[test]
fn as_json() {
    let sandbox = compiled(&fixtures::program());
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow", "-o", "json", "--context", "prod"]), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "flow": "text-flow",
      "context": "prod",
      "config_map": "asya-flow-text-flow-config",
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
        }
      },
      "not_shown_by_gateway": [],
      "files": [
        {
          "path": "compiled/text-flow/manifests/overlays/prod/flow-expose.yaml",
          "change": "created"
        },
        {
          "path": "compiled/text-flow/manifests/overlays/prod/kustomization.yaml",
          "change": "changed"
        }
      ],
      "next": "asya k apply text-flow --context prod"
    }
    --- stderr
    "#);
    insta::assert_snapshot!(sandbox.show(&["unexpose", "text-flow", "-o", "json"]), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "flow": "text-flow",
      "context": null,
      "changed": true,
      "files": [
        {
          "path": "compiled/text-flow/manifests/overlays/prod/flow-expose.yaml",
          "change": "removed"
        },
        {
          "path": "compiled/text-flow/manifests/overlays/prod/kustomization.yaml",
          "change": "changed"
        }
      ],
      "next": "asya k apply text-flow"
    }
    --- stderr
    "#);
    insta::assert_snapshot!(sandbox.show(&["unexpose", "text-flow", "-o", "json"]), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "flow": "text-flow",
      "context": null,
      "changed": false,
      "files": [],
      "next": null
    }
    --- stderr
    "#);
}

#[test]
fn the_context_of_the_environment_counts() {
    let mut sandbox = compiled(&fixtures::program());
    sandbox.set("ASYA_CONTEXT", "prod");
    insta::assert_snapshot!(sandbox.show(&["unexpose", "text-flow"]), @r"
    exit: 0
    --- stdout
    text-flow is not offered in context `prod`, nothing to change
    --- stderr
    ");
    sandbox.ok(&["expose", "text-flow"]);
    assert!(sandbox.exists(&format!("{MANIFESTS}/overlays/prod/flow-expose.yaml")));
    sandbox.ok(&["expose", "text-flow", "--context", "dev"]);
    insta::assert_snapshot!(sandbox.show(&["unexpose", "text-flow"]), @r"
    exit: 0
    --- stdout
    text-flow is no longer offered in context `prod`

    next: asya k apply text-flow --context prod
    --- stderr
      removed   compiled/text-flow/manifests/overlays/prod/flow-expose.yaml
      changed   compiled/text-flow/manifests/overlays/prod/kustomization.yaml
    ");
    assert!(!sandbox.exists(&format!("{MANIFESTS}/overlays/prod/flow-expose.yaml")));
    assert!(sandbox.exists(&format!("{MANIFESTS}/overlays/dev/flow-expose.yaml")));
}

#[test]
fn a_row_of_calls_is_entered_at_its_first_actor_by_mcp_alone() {
    let sandbox = compiled(&fixtures::straight_program());
    let entry = |args: &[&str]| {
        let outcome = sandbox.ok(&[&["expose", "text-flow", "-o", "json"], args].concat());
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        (document["entry"]["entrypoint"].to_string(), document["entry"]["route_next"].to_string())
    };
    assert_eq!(entry(&[]), (r#""clean""#.to_owned(), r#"["detect"]"#.to_owned()));
    assert_eq!(entry(&["--mcp", "--a2a"]), (r#""start-text-flow""#.to_owned(), "null".to_owned()));
    assert_eq!(entry(&["--a2a"]), (r#""start-text-flow""#.to_owned(), "null".to_owned()));
    let mut single = fixtures::straight_program();
    single.actors.truncate(1);
    single.entry = single.actors[0].name.clone();
    single.straight_route = Some(vec![single.entry.clone()]);
    single.router = None;
    let sandbox = compiled(&single);
    let outcome = sandbox.ok(&["expose", "text-flow", "--a2a", "-o", "json"]);
    assert!(outcome.stdout.contains(r#""entrypoint": "clean""#), "{}", outcome.stdout);
}

#[test]
fn a_flow_called_flows_does_not_take_the_charts_key() {
    let mut program = fixtures::program();
    program.flow = asya::names::FlowName::new("flows").unwrap();
    let sandbox = compiled(&program);
    sandbox.ok(&["expose", "flows"]);
    let text = sandbox.read("compiled/flows/manifests/common/flow-expose.yaml");
    assert!(text.contains("  name: asya-flow-flows-config\n"), "{text}");
    assert!(text.contains("  flows.flow.yaml: |\n"), "{text}");
}

/// What every environment should offer after a row of commands.
#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    common: Option<String>,
    overlays: BTreeMap<String, Option<String>>,
}

impl Model {
    fn offered(&self, layer: &str) -> Vec<String> {
        let own = layer.strip_prefix("overlays/").and_then(|context| self.overlays.get(context));
        own.cloned().unwrap_or_else(|| self.common.clone()).into_iter().collect()
    }

    fn after(&self, command: &[&str]) -> Self {
        let value = |flag| command.iter().position(|word| *word == flag).map(|at| command[at + 1].to_owned());
        let mut next = self.clone();
        match (value("-d"), value("--context")) {
            (Some(text), None) => next.common = Some(text),
            (Some(text), Some(context)) => drop(next.overlays.insert(context, Some(text))),
            (None, None) => next = Self::default(),
            (None, Some(context)) if self.common.is_some() => drop(next.overlays.insert(context, None)),
            (None, Some(context)) => drop(next.overlays.remove(&context)),
        }
        next
    }
}

/// A row of commands of any length leads from state to state: all states that can be reached are
/// visited, and every command is tried in each.
#[test]
fn every_order_of_commands_renders_one_right_config_map_or_none() {
    const COMMANDS: [&[&str]; 6] = [
        &["expose", "text-flow", "-d", "for all"],
        &["expose", "text-flow", "-d", "for dev", "--context", "dev"],
        &["expose", "text-flow", "-d", "for dev, again", "--context", "dev"],
        &["unexpose", "text-flow", "--context", "dev"],
        &["unexpose", "text-flow", "--context", "prod"],
        &["unexpose", "text-flow"],
    ];
    let mut seen = BTreeMap::new();
    let mut open = vec![(compiled(&fixtures::program()).tree(), Model::default(), Vec::new())];
    while let Some((tree, model, said)) = open.pop() {
        if let Some(known) = seen.get(&tree) {
            assert_eq!(*known, model, "after {said:?}");
            continue;
        }
        let before = restored(&tree);
        for layer in ["common", "overlays/dev", "overlays/prod"] {
            let Some(found) = rendered(&before, layer) else { return };
            assert_eq!(found, model.offered(layer), "{layer} after {said:?}");
        }
        for command in COMMANDS {
            let sandbox = restored(&tree);
            sandbox.ok(command);
            let after = sandbox.tree();
            sandbox.ok(command);
            assert_eq!(sandbox.tree(), after, "{command:?} twice after {said:?}");
            open.push((after, model.after(command), [said.as_slice(), &[command]].concat()));
        }
        seen.insert(tree, model);
    }
    assert!(seen.len() > 8, "{}", seen.len());
}

/// A sandbox with these files.
fn restored(tree: &[(String, String)]) -> Sandbox {
    let sandbox = Sandbox::new();
    tree.iter().for_each(|(path, text)| sandbox.write(path, text));
    sandbox
}

const MINE: &str = "\
# mine
kind: Kustomization
apiVersion: kustomize.config.k8s.io/v1beta1
namespace: elsewhere # keep

resources:
# first
- ../../common
- extra.yaml # mine too

patches:
# bigger
- path: bigger.yaml
  target:
    kind: AsyncActor
";

#[test]
fn comments_and_other_entries_stay() {
    let sandbox = compiled(&fixtures::program());
    let path = format!("{MANIFESTS}/overlays/dev/kustomization.yaml");
    sandbox.write(&path, MINE);
    sandbox.ok(&["expose", "text-flow", "--context", "dev"]);
    insta::assert_snapshot!(sandbox.read(&path), @r"
    # mine
    kind: Kustomization
    apiVersion: kustomize.config.k8s.io/v1beta1
    namespace: elsewhere # keep

    resources:
    # first
    - ../../common
    - extra.yaml # mine too
    - flow-expose.yaml

    patches:
    # bigger
    - path: bigger.yaml
      target:
        kind: AsyncActor
    ");
    sandbox.ok(&["expose", "text-flow"]);
    insta::assert_snapshot!(sandbox.read(&path), @r"
    # mine
    kind: Kustomization
    apiVersion: kustomize.config.k8s.io/v1beta1
    namespace: elsewhere # keep

    resources:
    # first
    - ../../common
    - extra.yaml # mine too

    patches:
    # bigger
    - path: bigger.yaml
      target:
        kind: AsyncActor
    - path: flow-expose.yaml
    ");
    sandbox.ok(&["unexpose", "text-flow"]);
    assert_eq!(sandbox.read(&path), MINE);
}

#[test]
fn exposing_everywhere_tells_which_contexts_differ() {
    let sandbox = compiled(&fixtures::program());
    sandbox.ok(&["expose", "text-flow"]);
    sandbox.ok(&["expose", "text-flow", "--context", "dev", "-d", "For dev"]);
    sandbox.ok(&["unexpose", "text-flow", "--context", "prod"]);
    insta::assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/overlays/prod/flow-expose.yaml")), @r"
    # Written by `asya unexpose text-flow`: what ../../common offers does not count here.
    $patch: delete
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: asya-flow-text-flow-config
    ");
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow", "-d", "Again"]), @r"
    exit: 0
    --- stdout
    text-flow is an MCP tool in every environment:

    flows:
    - name: text-flow
      entrypoint: start-text-flow
      description: Again
      mcp:
        inputSchema:
          type: object
          properties:
            text:
              type: string
          required:
          - text

    next: asya k apply text-flow
    --- stderr
      changed   compiled/text-flow/manifests/common/flow-expose.yaml
      not for `prod`, where it is hidden: `asya expose text-flow --context prod` offers it there
      not for `dev`: there an own entry counts
    ");
}

#[test]
fn a_source_that_has_changed_since() {
    let mut program = fixtures::program();
    program.graph = serde_json::json!({"version": 1, "source_sha256": "0".repeat(64)}).into();
    let sandbox = compiled(&program);
    insta::assert_snapshot!(sandbox.run(&["expose", "text-flow"]).stderr, @r"
      created   compiled/text-flow/manifests/common/flow-expose.yaml
      changed   compiled/text-flow/manifests/common/kustomization.yaml
    warning: `text_flow.py` has changed since it was compiled
      hint: type `asya compile text-flow`
    ");
}

#[test]
fn entries_that_no_longer_fit_the_flow() {
    let sandbox = compiled(&fixtures::straight_program());
    sandbox.ok(&["expose", "text-flow", "--context", "dev"]);
    sandbox.ok(&["expose", "text-flow", "--context", "prod", "--a2a"]);
    sandbox
        .write("compiled/text-flow/artifacts/flow.yaml", "flows:\n- name: text-flow\n  entrypoint: start-text-flow\n");
    insta::assert_snapshot!(sandbox.run(&["expose", "text-flow", "-d", "Text"]).stderr, @r"
      created   compiled/text-flow/manifests/common/flow-expose.yaml
      changed   compiled/text-flow/manifests/common/kustomization.yaml
      changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
      changed   compiled/text-flow/manifests/overlays/prod/kustomization.yaml
    warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` does not fit the compiled flow: the gateway would enter it at `clean > detect`, it is now entered at `start-text-flow`
      hint: type `asya expose text-flow --context dev` with the options it should have
      not for `dev` and `prod`: there an own entry counts
    ");
}

#[test]
fn wrong_use() {
    let sandbox = compiled(&fixtures::program());
    let before = sandbox.tree();
    let show = |args: &[&str]| sandbox.show(&[&["expose", "text-flow"], args].concat());
    insta::assert_snapshot!(show(&["--input-schema", "{}", "--input-schema-file", "f"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: the argument '--input-schema <JSON>' cannot be used with '--input-schema-file <FILE>'

    Usage: asya expose --input-schema <JSON> <FLOW>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(show(&["--input-schema", r#"{"type": "object", "properties": {text: {}}}"#]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: key must be a string
     --> --input-schema:1:35
      |
    1 | {"type": "object", "properties": {text: {}}}
      |                                   ^^^^

    error: the input schema in `--input-schema` is not JSON
    hint: a schema looks like '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}'
    "#);
    insta::assert_snapshot!(show(&["--input-schema", r#"{"type": "object""#]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: the text ends inside an object
     --> --input-schema:1:17
      |
    1 | {"type": "object"
      |                 ^

    error: the input schema in `--input-schema` is not JSON
    hint: a schema looks like '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}'
    "#);
    insta::assert_snapshot!(show(&["--input-schema", "{\"ä\": 1,\n \"öä\": true, \"é\": nö}"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: this is no JSON value
     --> --input-schema:2:20
      |
    2 |  "öä": true, "é": nö}
      |                    ^

    error: the input schema in `--input-schema` is not JSON
    hint: a schema looks like '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}'
    "#);
    insta::assert_snapshot!(show(&["--input-schema", ""]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: it is empty
     --> --input-schema:1:1
      |
    1 |
      | ^

    error: the input schema in `--input-schema` is not JSON
    hint: a schema looks like '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}'
    "#);
    insta::assert_snapshot!(show(&["--input-schema", "[1]"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: the input schema in `--input-schema` is not a JSON Schema
      because it is a list, a schema is an object
    ");
    insta::assert_snapshot!(show(&["--input-schema", r#"{"type": "objekt"}"#]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: the input schema in `--input-schema` is not a JSON Schema
      because at `/type`: "objekt" is no type; there are `string`, `number`, `integer`, `boolean`, `object`, `array` and `null`
    "#);
    insta::assert_snapshot!(show(&["--input-schema", r#"{"type": "object", "properties": {"a": {"type": "string", "minLength": -1}}}"#]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: the input schema in `--input-schema` is not a JSON Schema
      because at `/properties/a/minLength`: value is less than the minimum of 0
    ");
    insta::assert_snapshot!(show(&["--input-schema", r#"{"type": "object", "properties": {"a": {"pattern": "("}}}"#]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: the input schema in `--input-schema` is not a JSON Schema
      because "(" is not a "regex"
    "#);
    insta::assert_snapshot!(show(&["--input-schema", r##"{"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}}"##]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: the input schema in `--input-schema` is not a JSON Schema
      because Pointer '/nowhere' does not exist
    ");
    insta::assert_snapshot!(show(&["--input-schema", r#"{"type": "object", "$schema": "https://example.com/mine"}"#]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: the input schema in `--input-schema` is not a JSON Schema
      because its `$schema` is "https://example.com/mine", which is no published draft
    hint: leave `$schema` out, or write "https://json-schema.org/draft/2020-12/schema"
    "#);
    insta::assert_snapshot!(show(&["--input-schema", r#"{"type": "string"}"#]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: the input schema in `--input-schema` does not describe an object
      because a tool takes named arguments, so `type` must be `"object"`; it is `"string"`
    hint: a schema looks like '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}'
    "#);
    insta::assert_snapshot!(show(&["--input-schema", "{}"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: the input schema in `--input-schema` does not describe an object
      because a tool takes named arguments, so `type` must be `"object"`; there is none
    hint: a schema looks like '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}'
    "#);
    insta::assert_snapshot!(show(&["--a2a", "--input-schema", "{}"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: an input schema describes an MCP tool, and this is an A2A skill only
    hint: add `--mcp`, or leave the schema out
    ");
    insta::assert_snapshot!(show(&["--input-schema-file", "missing.json"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: `missing.json` cannot be read
      because there is no such file or directory
    ");
    insta::assert_snapshot!(show(&["--timeout", "0"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value '0' for '--timeout <SECONDS>': 0 would mean no limit for MCP and no time at all for A2A; leave it out for the default

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(show(&["--timeout=-5"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value '-5' for '--timeout <SECONDS>': it is not a whole number of seconds

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(show(&["--timeout", "1m"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value '1m' for '--timeout <SECONDS>': it is not a whole number of seconds

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(show(&["-d", " "]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value ' ' for '--description <TEXT>': it is empty

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(show(&["--tags", "a"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: the following required arguments were not provided:
      --a2a

    Usage: asya expose --a2a --tags <TAGS> <FLOW>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(show(&["--a2a", "--tags", "a,,b"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value '' for '--tags <TAGS>': it is empty

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(show(&["--a2a", "--input-modes", "json"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value 'json' for '--input-modes <TYPES>': it is not a MIME type like `application/json` or `text/plain`

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(show(&["--context", "dve"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: there is no context `dve`
      because known contexts: `dev`, `prod` and `local`
    hint: add it with `asya k context add dve`
    ");
    insta::assert_snapshot!(sandbox.show(&["expose", "../x"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value '../x' for '[FLOW]': `../x` is not a flow name: only lower-case letters, digits and `-` are allowed, not `.`

For more information, try '--help'.
"#);
    insta::assert_snapshot!(sandbox.show(&["unexpose", "text-flwo"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: there is no flow `text-flwo`
      because known flows: `text-flow`
    hint: did you mean `text-flow`?
    hint: make it with `asya compile text-flwo -f FILE`
    ");
    assert!(sandbox.tree() == before);
}

#[test]
fn a_flow_that_is_not_compiled() {
    let sandbox = compiled(&fixtures::program());
    std::fs::remove_dir_all(sandbox.project().join(MANIFESTS).join("overlays/prod")).unwrap();
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow", "--context", "prod"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: `text-flow` has no overlay for context `prod`
      because there is no `compiled/text-flow/manifests/overlays/prod/kustomization.yaml`
    hint: type `asya compile text-flow`: it creates the overlays of all configured contexts
    ");
    std::fs::remove_dir_all(sandbox.project().join("compiled")).unwrap();
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: `text-flow` is not compiled
      because there is no `compiled/text-flow/artifacts/flow.yaml`
    hint: type `asya compile text-flow`
    ");
    insta::assert_snapshot!(sandbox.show(&["unexpose", "text-flow"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: `text-flow` is not compiled
      because there is no `compiled/text-flow/artifacts/flow.yaml`
    hint: type `asya compile text-flow`
    ");
}

#[test]
fn the_context_local_gets_an_overlay_when_it_is_exposed_there() {
    let sandbox = compiled(&fixtures::program());
    // Hiding what is not offered makes nothing.
    let nothing = sandbox.tree();
    sandbox.ok(&["unexpose", "text-flow", "--context", "local"]);
    assert!(sandbox.tree() == nothing);
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow", "--context", "local"]), @r#"
exit: 0
--- stdout
text-flow is an MCP tool in context `local`:

flows:
- name: text-flow
  entrypoint: start-text-flow
  description: Cleans a text and finds out its language
  mcp:
    inputSchema:
      type: object
      properties:
        text:
          type: string
      required:
      - text

next: asya k apply text-flow --context local
--- stderr
  created   compiled/text-flow/manifests/overlays/local/kustomizeconfig.yaml
  created   compiled/text-flow/manifests/overlays/local/flow-expose.yaml
  created   compiled/text-flow/manifests/overlays/local/kustomization.yaml
"#);
    let before = sandbox.tree();
    sandbox.ok(&["expose", "text-flow", "--context", "local"]);
    assert!(sandbox.tree() == before);
    let rendered = sandbox.ok(&["render", "text-flow", "--context", "local"]).stdout;
    assert!(rendered.contains("asya-flow-text-flow-config"), "{rendered}");
    let rendered = sandbox.ok(&["render", "text-flow"]).stdout;
    assert!(!rendered.contains("asya-flow-text-flow-config"), "{rendered}");
    sandbox.ok(&["unexpose", "text-flow", "--context", "local"]);
    let rendered = sandbox.ok(&["render", "text-flow", "--context", "local"]).stdout;
    assert!(!rendered.contains("asya-flow-text-flow-config"), "{rendered}");
}

#[test]
fn what_all_share_is_hidden_in_the_context_local() {
    let sandbox = compiled(&fixtures::program());
    sandbox.ok(&["expose", "text-flow"]);
    sandbox.ok(&["unexpose", "text-flow", "--context", "local"]);
    let is_offered = |args: &[&str]| sandbox.ok(args).stdout.contains("asya-flow-text-flow-config");
    assert!(!is_offered(&["render", "text-flow", "--context", "local"]));
    assert!(is_offered(&["render", "text-flow"]));
}

#[test]
fn a_flow_without_a_docstring_needs_a_description() {
    let program = Program { description: None, ..fixtures::program() };
    let sandbox = compiled(&program);
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: `text-flow` has no description
      because agents choose a tool by its description, and the function has no docstring
    hint: say what it does with `-d TEXT`, or write a docstring and compile again
    ");
}

#[test]
fn broken_files_are_shown() {
    let sandbox = compiled(&fixtures::program());
    let artifact = "compiled/text-flow/artifacts/flow.yaml";
    let good = sandbox.read(artifact);
    sandbox.write(artifact, "flows: [\n");
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: unclosed bracket '['
     --> compiled/text-flow/artifacts/flow.yaml:1:8
      |
    1 | flows: [
      |        ^

    error: `compiled/text-flow/artifacts/flow.yaml` cannot be read as a flow of the gateway
    hint: type `asya compile text-flow`: it writes the file anew
    ");
    sandbox.write(artifact, "flows:\n- name: other\n");
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: `compiled/text-flow/artifacts/flow.yaml` cannot be read as a flow of the gateway
      because no entry is called `text-flow`
    hint: type `asya compile text-flow`: it writes the file anew
    ");
    sandbox.write(artifact, "flows:\n- name: text-flow\n  timeout: soon\n");
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiled/text-flow/artifacts/flow.yaml` cannot be read as a flow of the gateway
      because invalid type: string "soon", expected u64
    hint: type `asya compile text-flow`: it writes the file anew
    "#);
    sandbox.write(artifact, &good);
    let kustomization = format!("{MANIFESTS}/common/kustomization.yaml");
    sandbox.write(&kustomization, "resources: [../base\n");
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: unclosed bracket '['
     --> compiled/text-flow/manifests/common/kustomization.yaml:1:12
      |
    1 | resources: [../base
      |            ^

    error: `compiled/text-flow/manifests/common/kustomization.yaml` cannot be read
    ");
    sandbox.write(&kustomization, "resources: ../base\n");
    insta::assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r"
    exit: 3
    --- stdout
    --- stderr
    error: `resources` must be a list, not text
     --> compiled/text-flow/manifests/common/kustomization.yaml:1:12
      |
    1 | resources: ../base
      |            ^^^^^^^

    error: `compiled/text-flow/manifests/common/kustomization.yaml` cannot be edited
    ");
}
