//! `asya init`.

use crate::sandbox::Sandbox;

#[test]
fn a_new_project_and_the_same_again() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.show(&["init"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project now
next: asya compile my-flow -f my_flow.py
--- stderr
  created   .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
  images are looked for in `ghcr.io/my-org`; set `compiler.image_registry` in `.asya/config.yaml` before you deploy
"#);
    let before = sandbox.tree();
    insta::assert_snapshot!(sandbox.show(&["init"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project
next: asya compile my-flow -f my_flow.py
--- stderr
  kept      .asya/config.yaml
  kept      .asya/config.compiler.rules.yaml
  kept      .asya/templates/actor.yaml
  kept      .asya/templates/router.yaml
  kept      .asya/templates/join.yaml
"#);
    assert_eq!(sandbox.tree(), before);
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 0
    --- stdout
    no flows yet; make one with `asya compile FLOW -f FILE`
    --- stderr
    "#);
}

#[test]
fn the_configuration_that_is_written() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["init", "--registry", "registry.example.com/team/"]);
    insta::assert_snapshot!(sandbox.read(".asya/config.yaml"), @r#"
    # Configuration of this asya project. All keys are described in docs/configuration.md of asya.

    compiler:
      # The image of an actor that no `build` entry names: <image_registry>/<actor>:latest.
      image_registry: registry.example.com/team

    # Images and the Python modules inside them; the longest module that fits wins, `*` comes last.
    # build:
    #   - module: my_handlers.text
    #     image: text-handlers

    # Values for the placeholders in .asya/templates/*.yaml.
    templates:
      router_image: python:3.13-slim
      max_replicas: 10

    # What your clusters serve.
    platform:
      generation: C2 # shape of AsyncActor: B, C1 or C2
      transport: sqs # message queue: sqs, rabbitmq or pubsub

    # Environments. `local`, this machine, is always there and needs no entry.
    contexts:
    #   dev:
    #     namespace: my-actors
    #     kubectl_context: kind-dev
    #     gateway_namespace: asya-system
    #     gateway_url: https://gateway.dev.example.com
    #   prod:
    #     namespace: my-actors
    #     readonly: true # changed through GitOps only

    # The environment to work on when neither --context nor ASYA_CONTEXT says so.
    # default_context: dev
    "#);
    insta::assert_snapshot!(sandbox.read(".asya/config.compiler.rules.yaml"), @r#"
# Compiler rules: what the compiler makes of decorators and calls it does not know by itself.
# Those for asyncio.timeout, tenacity, stamina and timeout_decorator come with asya. An example:
#
# - match: limits.budget
#   where:
#   - param: {arg: 0, kwarg: seconds, type: float}
#     assign-to: spec.resiliency.actorTimeout
[]
"#);
    insta::assert_snapshot!(sandbox.read(".asya/templates/actor.yaml"), @r#"
    # The actor of a handler. The compiler fills in the placeholders, adds its labels, and puts
    # environment variables and volumes after those given here.
    apiVersion: asya.sh/v1alpha1
    kind: AsyncActor
    metadata:
      name: "{{ actor_name }}"
      labels:
        asya.sh/flow: "{{ flow_name }}"
    spec:
      actor: "{{ actor_name }}"
      image: "{{ image }}"
      handler: "{{ handler }}"
      scaling:
        enabled: true
        minReplicaCount: 0
        maxReplicaCount: {{ max_replicas }}
    "#);
    insta::assert_snapshot!(sandbox.read(".asya/templates/router.yaml"), @r#"
    # The generated actor of a flow: it runs the code between actor calls, so it starts fast and stays
    # small. The compiler fills in the placeholders, adds its labels and mounts the router program.
    apiVersion: asya.sh/v1alpha1
    kind: AsyncActor
    metadata:
      name: "{{ actor_name }}"
      labels:
        asya.sh/flow: "{{ flow_name }}"
    spec:
      actor: "{{ actor_name }}"
      image: "{{ router_image }}"
      handler: "{{ handler }}"
      scaling:
        enabled: true
        minReplicaCount: 0
        maxReplicaCount: 2
    "#);
}

#[test]
fn generation_b_gets_its_own_templates() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["init", "--generation", "B", "--transport", "rabbitmq", "--yes"]);
    let config = sandbox.read(".asya/config.yaml");
    assert!(config.contains("  generation: B #") && config.contains("  transport: rabbitmq #"), "{config}");
    assert!(config.contains("  transport: ${platform.transport}\n"), "{config}");
    insta::assert_snapshot!(sandbox.read(".asya/templates/router.yaml"), @r#"
    # The generated actor of a flow: it runs the code between actor calls, so it starts fast and stays
    # small. The compiler fills in the placeholders, adds its labels and mounts the router program.
    apiVersion: asya.sh/v1alpha1
    kind: AsyncActor
    metadata:
      name: "{{ actor_name }}"
      labels:
        asya.sh/flow: "{{ flow_name }}"
    spec:
      actor: "{{ actor_name }}"
      transport: "{{ transport }}"
      # This generation does not choose the composition by `transport`.
      compositionSelector:
        matchLabels:
          asya.sh/transport: "{{ transport }}"
      image: "{{ router_image }}"
      handler: "{{ handler }}"
      scaling:
        enabled: true
        minReplicaCount: 0
        maxReplicaCount: 2
    "#);
    sandbox.ok(&["status"]);
}

#[test]
fn what_the_user_wrote_is_kept_and_decides_about_new_templates() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "platform:\n  generation: B\ncompiler:\n  image_registry: mine\n");
    insta::assert_snapshot!(sandbox.show(&["init", "--registry", "theirs", "--generation", "C2"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project
next: asya compile my-flow -f my_flow.py
--- stderr
  kept      .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
warning: `.asya/config.yaml` is yours and was kept, so `compiler.image_registry` is not `theirs`
  hint: set `compiler.image_registry` there
warning: `.asya/config.yaml` is yours and was kept, so `platform.generation` is not `C2`
  hint: set `platform.generation` there
"#);
    assert_eq!(sandbox.read(".asya/config.yaml"), "platform:\n  generation: B\ncompiler:\n  image_registry: mine\n");
    assert!(sandbox.read(".asya/templates/actor.yaml").contains("compositionSelector"));
}

#[test]
fn secrets_stay_out_of_git() {
    let sandbox = Sandbox::new();
    sandbox.write(".git/HEAD", "ref: refs/heads/main\n");
    sandbox.write(".gitignore", "/target");
    sandbox.ok(&["init"]);
    assert_eq!(sandbox.read(".gitignore"), "/target\n.env.secret\n");
    sandbox.ok(&["init"]);
    assert_eq!(sandbox.read(".gitignore"), "/target\n.env.secret\n");
    let outside = Sandbox::new();
    outside.ok(&["init"]);
    assert!(!outside.exists(".gitignore"));
}

#[test]
fn a_project_inside_a_project() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["init", "--registry", "registry.example.com/outer"]);
    insta::assert_snapshot!(sandbox.show(&["init", "--dir", "apps/inner"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project/apps/inner is an asya project now
next: asya compile my-flow -f my_flow.py
--- stderr
  created   .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
  `[SANDBOX]/project/.asya` applies here as well, below what this project says
"#);
    let config = sandbox.read("apps/inner/.asya/config.yaml");
    assert!(config.contains("image_registry: registry.example.com/outer"), "{config}");
    insta::assert_snapshot!(sandbox.show(&["-C", "apps/inner", "status", "-o", "json"]), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "project": "[SANDBOX]/project/apps/inner",
      "flows": []
    }
    --- stderr
    "#);
}

#[test]
fn as_json() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.show(&["init", "-o", "json", "--registry", "localhost:5000"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "project": "[SANDBOX]/project",
  "parents": [],
  "files": [
    {
      "path": ".asya/config.yaml",
      "change": "created"
    },
    {
      "path": ".asya/config.compiler.rules.yaml",
      "change": "created"
    },
    {
      "path": ".asya/templates/actor.yaml",
      "change": "created"
    },
    {
      "path": ".asya/templates/router.yaml",
      "change": "created"
    },
    {
      "path": ".asya/templates/join.yaml",
      "change": "created"
    }
  ],
  "next": [
    "asya compile FLOW -f FILE"
  ]
}
--- stderr
"#);
}

#[test]
fn what_it_refuses() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");
    insta::assert_snapshot!(sandbox.show(&["init", "--dir", "file"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `[SANDBOX]/project/file` is not a directory
    "#);
    insta::assert_snapshot!(sandbox.show(&["init", "--registry", "https://ghcr.io/x"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value 'https://ghcr.io/x' for '--registry <REGISTRY>': a registry has no `https://` in front

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(sandbox.show(&["init", "--generation", "C3"]), @r#"
    exit: 2
    --- stdout
    --- stderr
    error: invalid value 'C3' for '--generation <GENERATION>': `C3` is not a platform generation: there are `B`, `C1` and `C2`

    For more information, try '--help'.
    "#);
    assert_eq!(sandbox.tree().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_configuration_directory_that_leads_elsewhere_is_not_written_to() {
    let sandbox = Sandbox::new();
    let elsewhere = sandbox.root().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, sandbox.project().join(".asya")).unwrap();
    insta::assert_snapshot!(sandbox.show(&["init"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: refused to write `.asya/config.yaml`
      because `[SANDBOX]/elsewhere/config.yaml` is not inside the project `[SANDBOX]/project`
    "#);
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0);
}
