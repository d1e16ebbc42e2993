//! `asya status`, and what every command says where there is no project to speak of.

use crate::sandbox::Sandbox;

const SOURCE: &str = "async def text_flow(p: dict) -> dict:\n    return await clean(p)\n";

fn graph(sha: &str) -> String {
    format!(
        r#"{{"source_sha256": "{sha}", "actors": [
            {{"name": "clean", "handler": "handlers.clean", "generated": false}},
            {{"name": "start-text-flow", "handler": "router.start_text_flow", "generated": true}}]}}"#
    )
}

fn entry(flow: &str, protocols: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: asya-flow-{flow}-config\ndata:\n  {flow}.yaml: |\n    flows:\n    - name: {flow}\n{protocols}"
    )
}

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts:\n  dev: {namespace: dev}\n  prod: {namespace: prod}\n");
    sandbox.write(".asya/flows/text-flow.yaml", "source: flows/text.py\nfunction: text_flow\n");
    sandbox.write("flows/text.py", SOURCE);
    sandbox
}

#[test]
fn a_compiled_and_exposed_flow_beside_a_new_one() {
    let sandbox = project();
    sandbox.write("compiled/text-flow/artifacts/graph.json", &graph(&asya::project::sha256(SOURCE.as_bytes())));
    let manifests = "compiled/text-flow/manifests";
    sandbox.write(&format!("{manifests}/common/flow-expose.yaml"), &entry("text-flow", "      mcp: {}\n"));
    sandbox.write(
        &format!("{manifests}/overlays/dev/flow-expose.yaml"),
        &entry("text-flow", "      mcp: {}\n      a2a: {tags: [x]}\n"),
    );
    sandbox.write(&format!("{manifests}/overlays/prod/flow-expose.yaml"), "$patch: delete\nkind: ConfigMap\n");
    sandbox.write(".asya/flows/other.yaml", "source: flows/text.py\nfunction: other\n");
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 0
    --- stdout
    FLOW       COMPILED  ACTORS      EXPOSED                       SOURCE
    other      no        -           no                            flows/text.py:other
    text-flow  yes       1 + router  mcp; dev: mcp, a2a; prod: no  flows/text.py:text_flow
    --- stderr
    "#);
    insta::assert_snapshot!(sandbox.show(&["status", "--context", "dev"]), @r#"
    exit: 0
    --- stdout
    FLOW       COMPILED  ACTORS      EXPOSED             SOURCE
    other      no        -           no                  flows/text.py:other
    text-flow  yes       1 + router  mcp; dev: mcp, a2a  flows/text.py:text_flow
    --- stderr
    "#);
    insta::assert_snapshot!(sandbox.show(&["status", "-o", "json"]), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "project": "[SANDBOX]/project",
      "flows": [
        {
          "name": "other",
          "source": "flows/text.py",
          "function": "other",
          "compiled": "no",
          "actors": [],
          "exposed": [],
          "problems": []
        },
        {
          "name": "text-flow",
          "source": "flows/text.py",
          "function": "text_flow",
          "compiled": "yes",
          "actors": [
            {
              "name": "clean",
              "handler": "handlers.clean",
              "generated": false
            },
            {
              "name": "start-text-flow",
              "handler": "router.start_text_flow",
              "generated": true
            }
          ],
          "exposed": [
            {
              "context": null,
              "protocols": [
                "mcp"
              ]
            },
            {
              "context": "dev",
              "protocols": [
                "mcp",
                "a2a"
              ]
            },
            {
              "context": "prod",
              "protocols": []
            }
          ],
          "problems": []
        }
      ]
    }
    --- stderr
    "#);
    sandbox.write("flows/text.py", "# changed\n");
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 0
    --- stdout
    FLOW       COMPILED  ACTORS      EXPOSED                       SOURCE
    other      no        -           no                            flows/text.py:other
    text-flow  stale     1 + router  mcp; dev: mcp, a2a; prod: no  flows/text.py:text_flow
    --- stderr
    "#);
}

#[test]
fn broken_and_missing_files_are_named_and_hide_nothing() {
    let sandbox = project();
    sandbox.write("compiled/text-flow/artifacts/graph.json", "{\"actors\": 3}");
    sandbox.write("compiled/text-flow/manifests/common/flow-expose.yaml", "data: [\n");
    sandbox.write("compiled/text-flow/manifests/overlays/dev/flow-expose.yaml", "data: {text-flow.yaml: \"x: 1\"}\n");
    sandbox.write(".asya/flows/gone.yaml", "source: flows/gone.py\nfunction: gone\n");
    sandbox.write(".asya/flows/odd.yaml", "function: 3\n");
    sandbox.write(".asya/flows/outside.yaml", "source: ../../etc/passwd\nfunction: f\n");
    sandbox.write(".asya/flows/old.yaml", "source: flows/text.py\nfunction: old\n");
    sandbox.write("compiled/old/artifacts/graph.json", "{\"actors\": []}");
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 0
    --- stdout
    FLOW       COMPILED  ACTORS  EXPOSED  SOURCE
    gone       no        -       no       flows/gone.py:gone
    odd        unknown   -       no       -
    old        unknown   -       no       flows/text.py:old
    outside    unknown   -       no       -
    text-flow  unknown   -       no       flows/text.py:text_flow
    --- stderr
    warning: the source `flows/gone.py` cannot be read: there is no such file or directory
    warning: the record of flow `odd` cannot be used: .asya/flows/odd.yaml:1: there is no `source`
    warning: the record of flow `outside` cannot be used: .asya/flows/outside.yaml:1: `source` must be a path inside the project, relative to its root
    warning: `compiled/text-flow/artifacts/graph.json` is not a flow graph: invalid type: integer `3`, expected a sequence at line 1 column 12
    warning: `compiled/text-flow/manifests/common/flow-expose.yaml` does not describe an exposure: line 1: unclosed bracket `[`
    warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` does not describe an exposure: `data`, `text-flow.yaml` has no list `flows`
    "#);
    insta::assert_snapshot!(sandbox.show(&["status", "-o", "json"]), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "project": "[SANDBOX]/project",
      "flows": [
        {
          "name": "gone",
          "source": "flows/gone.py",
          "function": "gone",
          "compiled": "no",
          "actors": [],
          "exposed": [],
          "problems": [
            "the source `flows/gone.py` cannot be read: there is no such file or directory"
          ]
        },
        {
          "name": "odd",
          "source": null,
          "function": null,
          "compiled": "unknown",
          "actors": [],
          "exposed": [],
          "problems": [
            "the record of flow `odd` cannot be used: .asya/flows/odd.yaml:1: there is no `source`"
          ]
        },
        {
          "name": "old",
          "source": "flows/text.py",
          "function": "old",
          "compiled": "unknown",
          "actors": [],
          "exposed": [],
          "problems": []
        },
        {
          "name": "outside",
          "source": null,
          "function": null,
          "compiled": "unknown",
          "actors": [],
          "exposed": [],
          "problems": [
            "the record of flow `outside` cannot be used: .asya/flows/outside.yaml:1: `source` must be a path inside the project, relative to its root"
          ]
        },
        {
          "name": "text-flow",
          "source": "flows/text.py",
          "function": "text_flow",
          "compiled": "unknown",
          "actors": [],
          "exposed": [],
          "problems": [
            "`compiled/text-flow/artifacts/graph.json` is not a flow graph: invalid type: integer `3`, expected a sequence at line 1 column 12",
            "`compiled/text-flow/manifests/common/flow-expose.yaml` does not describe an exposure: line 1: unclosed bracket `[`",
            "`compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` does not describe an exposure: `data`, `text-flow.yaml` has no list `flows`"
          ]
        }
      ]
    }
    --- stderr
    warning: the source `flows/gone.py` cannot be read: there is no such file or directory
    warning: the record of flow `odd` cannot be used: .asya/flows/odd.yaml:1: there is no `source`
    warning: the record of flow `outside` cannot be used: .asya/flows/outside.yaml:1: `source` must be a path inside the project, relative to its root
    warning: `compiled/text-flow/artifacts/graph.json` is not a flow graph: invalid type: integer `3`, expected a sequence at line 1 column 12
    warning: `compiled/text-flow/manifests/common/flow-expose.yaml` does not describe an exposure: line 1: unclosed bracket `[`
    warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` does not describe an exposure: `data`, `text-flow.yaml` has no list `flows`
    "#);
}

#[test]
fn a_registry_file_that_is_not_named_after_a_flow() {
    let sandbox = project();
    sandbox.write(".asya/flows/Text Flow.yaml", "source: flows/text.py\nfunction: f\n");
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `.asya/flows/Text Flow.yaml` is not named after a flow
      because `Text Flow` is not a flow name: only lower-case letters, digits and `-` are allowed, not `T`
    hint: rename or remove the file
    "#);
}

#[test]
fn no_project() {
    let sandbox = Sandbox::new();
    sandbox.write(".git/HEAD", "ref: refs/heads/main\n");
    sandbox.write("deep/er/file", "");
    insta::assert_snapshot!(sandbox.show(&["-C", "deep/er", "status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: this is not an asya project: there is no `.asya/` directory
      because none of these holds one: `[SANDBOX]/project/deep/er`, `[SANDBOX]/project/deep`, `[SANDBOX]/project` (the search ends at the git repository `[SANDBOX]/project`)
    hint: run `asya init` to set up a project here
    "#);
    insta::assert_snapshot!(sandbox.show(&["-C", "deep/er", "status", "-o", "json"]), @r#"
    exit: 3
    --- stdout
    {
      "version": 1,
      "error": {
        "kind": "project",
        "message": "this is not an asya project: there is no `.asya/` directory",
        "causes": [
          "none of these holds one: `[SANDBOX]/project/deep/er`, `[SANDBOX]/project/deep`, `[SANDBOX]/project` (the search ends at the git repository `[SANDBOX]/project`)"
        ],
        "hints": [
          "run `asya init` to set up a project here"
        ],
        "diagnostics": []
      }
    }
    --- stderr
    error: this is not an asya project: there is no `.asya/` directory
      because none of these holds one: `[SANDBOX]/project/deep/er`, `[SANDBOX]/project/deep`, `[SANDBOX]/project` (the search ends at the git repository `[SANDBOX]/project`)
    hint: run `asya init` to set up a project here
    "#);
    insta::assert_snapshot!(sandbox.show(&["-C", "nowhere", "status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: cannot start in `[SANDBOX]/project/nowhere`
      because there is no such file or directory
    "#);
    insta::assert_snapshot!(sandbox.show(&["-C", "deep/er/file", "status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: cannot start in `[SANDBOX]/project/deep/er/file`
      because it is not a directory
    "#);
}

#[test]
fn without_git_the_search_goes_to_the_root() {
    let sandbox = Sandbox::new();
    let shown = sandbox.show(&["status"]);
    assert!(shown.contains("`[SANDBOX]/project`, `[SANDBOX]`") && shown.contains("`/`\n"), "{shown}");
}

#[test]
fn an_unknown_context() {
    let mut sandbox = project();
    insta::assert_snapshot!(sandbox.show(&["status", "--context", "prd"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: there is no context `prd`
      because known contexts: `dev`, `prod` and `local`
    hint: did you mean `prod`?
    hint: add it under `contexts:` in `.asya/config.yaml`
    "#);
    insta::assert_snapshot!(sandbox.show(&["status", "--context", "../prod"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value '../prod' for '--context <CONTEXT>': `../prod` is not a context name: only lower-case letters, digits and `-` are allowed, not `.`

    For more information, try '--help'.
    "#);
    sandbox.ok(&["status", "--context", "local"]);
    sandbox.set("ASYA_CONTEXT", "nope");
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: there is no context `nope`
      because known contexts: `dev`, `prod` and `local`
    hint: add it under `contexts:` in `.asya/config.yaml`
    "#);
}
