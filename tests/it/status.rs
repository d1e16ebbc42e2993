//! `asya status`, and what every command says where there is no project to speak of.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const SOURCE: &str = "from handlers import clean\n\n\nasync def text_flow(p: dict) -> dict:\n    p[\"n\"] = 1\n    return await clean(p)\n";

/// A project with two contexts and one flow that is not compiled.
fn project() -> Sandbox {
    let sandbox = Sandbox::initialised();
    let config = sandbox.read(".asya/config.yaml").replace("contexts:", "contexts_of_the_template:");
    let config: String =
        config.lines().filter(|line| !line.starts_with("contexts_of")).map(|line| format!("{line}\n")).collect();
    sandbox.write(
        ".asya/config.yaml",
        &format!("{config}contexts:\n  dev: {{namespace: dev}}\n  prod: {{namespace: prod}}\n"),
    );
    sandbox.write(".asya/flows/text-flow.yaml", "source: flows/text.py\nfunction: text_flow\n");
    sandbox.write("flows/text.py", SOURCE);
    sandbox.write("flows/handlers.py", "async def clean(p): return p\n");
    sandbox
}

const MANIFESTS: &str = "compiled/text-flow/manifests";

#[test]
fn a_compiled_and_exposed_flow_beside_a_new_one() {
    let sandbox = project();
    sandbox.ok(&["compile", "text-flow"]);
    sandbox.ok(&["expose", "text-flow", "-d", "Text"]);
    sandbox.ok(&["expose", "text-flow", "-d", "Text", "--mcp", "--a2a", "--context", "dev"]);
    sandbox.ok(&["unexpose", "text-flow", "--context", "prod"]);
    sandbox.write(".asya/flows/other.yaml", "source: flows/text.py\nfunction: text_flow\n");
    assert_snapshot!(sandbox.show(&["status"]), @r#"
exit: 0
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED                       IMAGES  SOURCE
other      no        -           no                            -       flows/text.py:text_flow
text-flow  yes       1 + router  mcp; dev: mcp, a2a; prod: no  ok      flows/text.py:text_flow
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["status", "--context", "dev"]), @r#"
exit: 0
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED        IMAGES  SOURCE
other      no        -           no             -       flows/text.py:text_flow
text-flow  yes       1 + router  dev: mcp, a2a  ok      flows/text.py:text_flow
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["status", "--context", "local"]), @r#"
exit: 0
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED     IMAGES  SOURCE
other      no        -           no          -       flows/text.py:text_flow
text-flow  yes       1 + router  local: mcp  ok      flows/text.py:text_flow
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["status", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "project": "[SANDBOX]/project",
  "flows": [
    {
      "name": "other",
      "source": "flows/text.py",
      "function": "text_flow",
      "compiled": "no",
      "outdated_files": [],
      "actors": [],
      "exposed": [],
      "unresolved_images": [],
      "orphan_patches": [],
      "problems": []
    },
    {
      "name": "text-flow",
      "source": "flows/text.py",
      "function": "text_flow",
      "compiled": "yes",
      "outdated_files": [],
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
        }
      ],
      "exposed": [
        {
          "context": null,
          "protocols": [
            "mcp"
          ],
          "file": "compiled/text-flow/manifests/common/flow-expose.yaml"
        },
        {
          "context": "dev",
          "protocols": [
            "mcp",
            "a2a"
          ],
          "file": "compiled/text-flow/manifests/overlays/dev/flow-expose.yaml"
        },
        {
          "context": "prod",
          "protocols": [],
          "file": "compiled/text-flow/manifests/overlays/prod/flow-expose.yaml"
        }
      ],
      "unresolved_images": [],
      "orphan_patches": [],
      "problems": []
    }
  ]
}
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["status", "--check"]), @r#"
exit: 1
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED                       IMAGES  SOURCE
other      no        -           no                            -       flows/text.py:text_flow
text-flow  yes       1 + router  mcp; dev: mcp, a2a; prod: no  ok      flows/text.py:text_flow
--- stderr
warning: `other` is not compiled
  hint: type `asya compile other`
"#);
    sandbox.ok(&["compile", "other"]);
    assert_snapshot!(sandbox.show(&["status", "--check"]), @r#"
exit: 0
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED                       IMAGES  SOURCE
other      yes       1 + router  no                            ok      flows/text.py:text_flow
text-flow  yes       1 + router  mcp; dev: mcp, a2a; prod: no  ok      flows/text.py:text_flow
--- stderr
"#);
}

#[test]
fn stale_is_what_compiling_would_change() {
    let sandbox = project();
    sandbox.ok(&["compile", "text-flow"]);
    let compiled = |what: &str| {
        let outcome = sandbox.run(&["status", "-o", "json"]);
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let flow = &document["flows"][0];
        assert_eq!(outcome.code, 0);
        let code = sandbox.run(&["status", "--check"]).code;
        assert_eq!(code, i32::from(flow["compiled"] != "yes"), "{what}: {}", outcome.stdout);
        flow["compiled"].as_str().unwrap().to_owned()
    };
    assert_eq!(compiled("as compiled"), "yes");
    // Content counts, not time.
    sandbox.write("flows/text.py", SOURCE);
    assert_eq!(compiled("written again"), "yes");
    sandbox.write("flows/text.py", &SOURCE.replace('1', "2"));
    assert_eq!(compiled("another text"), "stale");
    assert_snapshot!(sandbox.show(&["status", "--check"]), @r#"
exit: 1
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED  IMAGES  SOURCE
text-flow  stale     1 + router  no       ok      flows/text.py:text_flow
--- stderr
warning: `text-flow` is stale: compiling it would change 7 files
  hint: type `asya compile text-flow`; `--check` lists the files
"#);
    sandbox.write("flows/text.py", SOURCE);
    let config = sandbox.read(".asya/config.yaml");
    sandbox.write(".asya/config.yaml", &config.replace("reg.example/team", "reg.example/other"));
    assert_eq!(compiled("another registry"), "stale");
    sandbox.write(".asya/config.yaml", &config);
    let actor = format!("{MANIFESTS}/base/asya-clean.yaml");
    let before = sandbox.read(&actor);
    sandbox.write(&actor, &before.replace("maxReplicaCount", "minReplicaCount"));
    assert_eq!(compiled("a generated file edited"), "stale");
    sandbox.write(&actor, &before);
    assert_eq!(compiled("as before"), "yes");
    sandbox.write("flows/handlers.py", "async def cleanse(p): return p\n");
    assert_snapshot!(sandbox.show(&["status", "--check"]), @r#"
exit: 1
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED  IMAGES  SOURCE
text-flow  stale     1 + router  no       ok      flows/text.py:text_flow
--- stderr
warning: `text-flow` does not compile any more: flow `text-flow` does not compile: 1 error in flows/text.py: flows/text.py:6: the module `handlers` has no `clean`
"#);
}

#[test]
fn patches_without_their_actor() {
    let sandbox = project();
    sandbox.ok(&["compile", "text-flow"]);
    let patch = "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata: {name: clean}\nspec: {scaling: {maxReplicaCount: 3}}\n";
    let file = |place: &str| format!("{MANIFESTS}/{place}");
    let append =
        |place: &str, text: &str| sandbox.write(&file(place), &format!("{}{text}", sandbox.read(&file(place))));
    sandbox.write(&file("common/patch-clean.yaml"), patch);
    append("common/kustomization.yaml", "patches:\n- path: patch-clean.yaml\n");
    let inline = "patches:\n- target: {kind: AsyncActor, name: start-.*}\n  patch: |-\n    - {op: add, path: /metadata/annotations, value: {a: b}}\n";
    append("overlays/dev/kustomization.yaml", inline);
    assert_eq!(sandbox.run(&["status", "--check"]).stderr, "");
    sandbox.write("flows/handlers.py", "async def cleanse(p): return p\n");
    sandbox.write(
        "flows/text.py",
        "from handlers import cleanse\n\n\nasync def text_flow(p: dict) -> dict:\n    return await cleanse(p)\n",
    );
    sandbox.ok(&["compile", "text-flow"]);
    assert_snapshot!(sandbox.show(&["status", "--check"]), @r#"
exit: 1
--- stdout
FLOW       COMPILED  ACTORS  EXPOSED  IMAGES  SOURCE
text-flow  yes       1       no       ?       flows/text.py:text_flow
--- stderr
warning: `compiled/text-flow/manifests/common/patch-clean.yaml` is for an actor `clean`, which `text-flow` does not have
  hint: perhaps it is called `cleanse` now; else take the patch out
warning: `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is for an actor `start-.*`, which `text-flow` does not have
  hint: name another actor, or take the patch out
"#);
    let json = sandbox.run(&["status", "--context", "dev", "-o", "json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&document["flows"][0]["orphan_patches"]).unwrap(), @r#"
[
  {
    "context": null,
    "file": "compiled/text-flow/manifests/common/patch-clean.yaml",
    "actor": "clean",
    "near": "cleanse"
  },
  {
    "context": "dev",
    "file": "compiled/text-flow/manifests/overlays/dev/kustomization.yaml",
    "actor": "start-.*",
    "near": null
  }
]
"#);
}

#[test]
fn images_that_clusters_cannot_pull() {
    let sandbox = project();
    sandbox.write("skaffold.yaml", "build: {artifacts: [{image: words, context: flows}]}\n");
    sandbox.ok(&["compile", "text-flow"]);
    assert_snapshot!(sandbox.show(&["status", "--check"]), @r#"
exit: 1
--- stdout
FLOW       COMPILED  ACTORS      EXPOSED  IMAGES        SOURCE
text-flow  yes       1 + router  no       1 unresolved  flows/text.py:text_flow
--- stderr
warning: clusters cannot pull the image `words` of `text-flow` in `dev` and `prod`: it has neither registry nor tag
  hint: say which one is meant: `asya images text-flow --set words=REGISTRY/NAME:TAG`
"#);
    let dev = format!("{MANIFESTS}/overlays/dev/kustomization.yaml");
    let text = sandbox.read(&dev);
    sandbox.write(&dev, &format!("{text}images:\n- name: words\n  newName: reg.example/words\n"));
    assert_eq!(sandbox.ok(&["status", "--check", "--context", "dev"]).stderr, "");
    sandbox.write(&dev, &format!("{text}images:\n- name: words\n  newTag: v1\n"));
    let json = sandbox.run(&["status", "-o", "json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&document["flows"][0]["unresolved_images"]).unwrap(), @r#"
[
  {
    "context": "prod",
    "image": "words",
    "why": "it has neither registry nor tag",
    "actors": [
      "clean"
    ]
  }
]
"#);
    sandbox.write(&dev, "resources: [nowhere]\n");
    assert_snapshot!(sandbox.run(&["status", "--check"]).stderr, @r#"
warning: `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` cannot be rendered: compiled/text-flow/manifests/overlays/dev/kustomization.yaml:1: `nowhere` is not there
warning: clusters cannot pull the image `words` of `text-flow` in `prod`: it has neither registry nor tag
  hint: say which one is meant: `asya images text-flow --set words=REGISTRY/NAME:TAG`
"#);
}

#[test]
fn broken_and_missing_files_are_named_and_hide_nothing() {
    let sandbox = project();
    sandbox.write("compiled/text-flow/artifacts/graph.json", "{\"actors\": 3}");
    for (place, text) in [("common", "data: [\n"), ("overlays/dev", "data: {text-flow.yaml: \"x: 1\"}\n")] {
        sandbox.write(&format!("{MANIFESTS}/{place}/kustomization.yaml"), "resources: [flow-expose.yaml]\n");
        sandbox.write(&format!("{MANIFESTS}/{place}/flow-expose.yaml"), text);
    }
    sandbox.write(".asya/flows/gone.yaml", "source: flows/gone.py\nfunction: gone\n");
    sandbox.write(".asya/flows/odd.yaml", "function: 3\n");
    sandbox.write(".asya/flows/outside.yaml", "source: ../../etc/passwd\nfunction: f\n");
    sandbox.write(".asya/flows/old.yaml", "source: flows/text.py\nfunction: text_flow\n");
    sandbox.write("compiled/old/artifacts/graph.json", "{\"actors\": []}");
    assert_snapshot!(sandbox.show(&["status"]), @r#"
exit: 0
--- stdout
FLOW       COMPILED  ACTORS  EXPOSED  IMAGES  SOURCE
gone       no        -       no       -       flows/gone.py:gone
odd        unknown   -       no       ?       -
old        stale     -       no       ok      flows/text.py:text_flow
outside    unknown   -       no       ?       -
text-flow  unknown   -       no       ?       flows/text.py:text_flow
--- stderr
warning: the source `flows/gone.py` cannot be read: there is no such file or directory
warning: the record of flow `odd` cannot be used: .asya/flows/odd.yaml:1: there is no `source`
warning: the record of flow `outside` cannot be used: .asya/flows/outside.yaml:1: `source` must be a path inside the project, relative to its root
warning: `compiled/text-flow/artifacts/graph.json` is not a flow graph: invalid type: integer `3`, expected a sequence at line 1 column 12
warning: `compiled/text-flow/manifests/common/flow-expose.yaml` cannot be read: compiled/text-flow/manifests/common/flow-expose.yaml:1: unclosed bracket '['
warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml (text-flow.yaml)` cannot be read as a flow of the gateway: it has no list `flows`
warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` cannot be rendered: compiled/text-flow/manifests/overlays/dev/flow-expose.yaml:1: the object has no `kind`
"#);
    assert_snapshot!(sandbox.show(&["status", "-o", "json"]), @r#"
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
      "outdated_files": [],
      "actors": [],
      "exposed": [],
      "unresolved_images": [],
      "orphan_patches": [],
      "problems": [
        "the source `flows/gone.py` cannot be read: there is no such file or directory"
      ]
    },
    {
      "name": "odd",
      "source": null,
      "function": null,
      "compiled": "unknown",
      "outdated_files": [],
      "actors": [],
      "exposed": [],
      "unresolved_images": [],
      "orphan_patches": [],
      "problems": [
        "the record of flow `odd` cannot be used: .asya/flows/odd.yaml:1: there is no `source`"
      ]
    },
    {
      "name": "old",
      "source": "flows/text.py",
      "function": "text_flow",
      "compiled": "stale",
      "outdated_files": [
        "compiled/old/code/router.py",
        "compiled/old/artifacts/flow.dot",
        "compiled/old/artifacts/flow.mmd",
        "compiled/old/artifacts/flow.svg",
        "compiled/old/artifacts/flow.yaml",
        "compiled/old/artifacts/graph.json",
        "compiled/old/manifests/base/README.md",
        "compiled/old/manifests/base/asya-clean.yaml",
        "compiled/old/manifests/base/asya-start-old.yaml",
        "compiled/old/manifests/base/configmap-router.yaml",
        "compiled/old/manifests/base/kustomization.yaml",
        "compiled/old/manifests/common/kustomization.yaml",
        "compiled/old/manifests/common/kustomizeconfig.yaml",
        "compiled/old/manifests/overlays/dev/kustomization.yaml",
        "compiled/old/manifests/overlays/dev/kustomizeconfig.yaml",
        "compiled/old/manifests/overlays/prod/kustomization.yaml",
        "compiled/old/manifests/overlays/prod/kustomizeconfig.yaml",
        ".asya/flows/old.yaml"
      ],
      "actors": [],
      "exposed": [],
      "unresolved_images": [],
      "orphan_patches": [],
      "problems": []
    },
    {
      "name": "outside",
      "source": null,
      "function": null,
      "compiled": "unknown",
      "outdated_files": [],
      "actors": [],
      "exposed": [],
      "unresolved_images": [],
      "orphan_patches": [],
      "problems": [
        "the record of flow `outside` cannot be used: .asya/flows/outside.yaml:1: `source` must be a path inside the project, relative to its root"
      ]
    },
    {
      "name": "text-flow",
      "source": "flows/text.py",
      "function": "text_flow",
      "compiled": "unknown",
      "outdated_files": [],
      "actors": [],
      "exposed": [],
      "unresolved_images": [],
      "orphan_patches": [],
      "problems": [
        "`compiled/text-flow/artifacts/graph.json` is not a flow graph: invalid type: integer `3`, expected a sequence at line 1 column 12",
        "`compiled/text-flow/manifests/common/flow-expose.yaml` cannot be read: compiled/text-flow/manifests/common/flow-expose.yaml:1: unclosed bracket '['",
        "`compiled/text-flow/manifests/overlays/dev/flow-expose.yaml (text-flow.yaml)` cannot be read as a flow of the gateway: it has no list `flows`",
        "`compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` cannot be rendered: compiled/text-flow/manifests/overlays/dev/flow-expose.yaml:1: the object has no `kind`"
      ]
    }
  ]
}
--- stderr
warning: the source `flows/gone.py` cannot be read: there is no such file or directory
warning: the record of flow `odd` cannot be used: .asya/flows/odd.yaml:1: there is no `source`
warning: the record of flow `outside` cannot be used: .asya/flows/outside.yaml:1: `source` must be a path inside the project, relative to its root
warning: `compiled/text-flow/artifacts/graph.json` is not a flow graph: invalid type: integer `3`, expected a sequence at line 1 column 12
warning: `compiled/text-flow/manifests/common/flow-expose.yaml` cannot be read: compiled/text-flow/manifests/common/flow-expose.yaml:1: unclosed bracket '['
warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml (text-flow.yaml)` cannot be read as a flow of the gateway: it has no list `flows`
warning: `compiled/text-flow/manifests/overlays/dev/flow-expose.yaml` cannot be rendered: compiled/text-flow/manifests/overlays/dev/flow-expose.yaml:1: the object has no `kind`
"#);
}

#[test]
fn a_registry_file_that_is_not_named_after_a_flow() {
    let sandbox = project();
    sandbox.write(".asya/flows/Text Flow.yaml", "source: flows/text.py\nfunction: f\n");
    assert_snapshot!(sandbox.show(&["status"]), @r#"
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
    assert_snapshot!(sandbox.show(&["-C", "deep/er", "status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: this is not an asya project: there is no `.asya/` directory
      because none of these holds one: `[SANDBOX]/project/deep/er`, `[SANDBOX]/project/deep`, `[SANDBOX]/project` (the search ends at the git repository `[SANDBOX]/project`)
    hint: run `asya init` to set up a project here
    "#);
    assert_snapshot!(sandbox.show(&["-C", "deep/er", "status", "-o", "json"]), @r#"
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
    assert_snapshot!(sandbox.show(&["-C", "nowhere", "status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: cannot start in `[SANDBOX]/project/nowhere`
      because there is no such file or directory
    "#);
    assert_snapshot!(sandbox.show(&["-C", "deep/er/file", "status"]), @r#"
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
    assert_snapshot!(sandbox.show(&["status", "--context", "prd"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: there is no context `prd`
      because known contexts: `dev`, `prod` and `local`
    hint: did you mean `prod`?
    hint: add it with `asya k context add prd`
    "#);
    assert_snapshot!(sandbox.show(&["status", "--context", "../prod"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value '../prod' for '--context <CONTEXT>': `../prod` is not a context name: only lower-case letters, digits and `-` are allowed, not `.`

    For more information, try '--help'.
    "#);
    sandbox.ok(&["status", "--context", "local"]);
    sandbox.set("ASYA_CONTEXT", "nope");
    assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: there is no context `nope`
      because known contexts: `dev`, `prod` and `local`
    hint: add it with `asya k context add nope`
    "#);
}
