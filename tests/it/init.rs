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

const KUBECONFIG: &str = "apiVersion: v1
kind: Config
current-context: kind-dev
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: me, user: {token: s3cr3t}}]
contexts:
- {name: kind-dev, context: {cluster: c, user: me, namespace: actors}}
- {name: 'arn:aws:eks:eu-west-1:1234:cluster/production', context: {cluster: c, user: me}}
- {name: minikube, context: {cluster: c, user: me}}
";

fn with_kubeconfig() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.root().join("home/.kube")).unwrap();
    std::fs::write(sandbox.root().join("home/.kube/config"), KUBECONFIG).unwrap();
    sandbox
}

#[test]
fn contexts_of_the_kubeconfig_are_taken_over() {
    let sandbox = with_kubeconfig();
    insta::assert_snapshot!(sandbox.show(&["init", "--yes"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project now
next: asya compile my-flow -f my_flow.py
--- stderr
  environments of your kubeconfig: kind-dev, production (arn:aws:eks:eu-west-1:1234:cluster/production, read-only), minikube
  created   .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
  images are looked for in `ghcr.io/my-org`; set `compiler.image_registry` in `.asya/config.yaml` before you deploy
"#);
    insta::assert_snapshot!(sandbox.ok(&["config", "get", "contexts"]).stdout, @r#"
kind-dev:
  namespace: actors
  kubectl_context: kind-dev
production:
  kubectl_context: arn:aws:eks:eu-west-1:1234:cluster/production
  readonly: true
minikube:
  kubectl_context: minikube
"#);
    insta::assert_snapshot!(sandbox.ok(&["k", "context", "list"]).stdout, @r#"
   NAME        CLUSTER                                        NAMESPACE  NOTES
*  kind-dev    kind-dev                                       actors
   minikube    minikube                                       default
   production  arn:aws:eks:eu-west-1:1234:cluster/production  default    read-only
   local       this machine
"#);
    let chosen = with_kubeconfig();
    chosen.ok(&["init", "--kubectl-context", "minikube"]);
    insta::assert_snapshot!(chosen.ok(&["config", "list", "contexts"]).stdout, @r#"
KEY                                VALUE
contexts.minikube.kubectl_context  minikube
"#);
    assert_eq!(chosen.ok(&["config", "get", "default_context"]).stdout, "minikube\n");
    let none = with_kubeconfig();
    none.ok(&["init", "--no-contexts"]);
    assert!(none.read(".asya/config.yaml").contains("#   dev:\n"));
    insta::assert_snapshot!(none.show(&["init", "--dir", "other", "--kubectl-context", "minikub"]), @r#"
exit: 4
--- stdout
--- stderr
error: the kubeconfig has no context `minikub`
  because `[SANDBOX]/home/.kube/config` has 3 contexts: `kind-dev`, `arn:aws:eks:eu-west-1:1234:cluster/production` and `minikube`
hint: did you mean `minikube`?
"#);
    // What an enclosing project says is inherited, not said again.
    sandbox.ok(&["init", "--dir", "app"]);
    assert!(!sandbox.read("app/.asya/config.yaml").contains("kind-dev:"));
}

#[test]
fn a_kubeconfig_with_many_contexts_or_none_or_a_broken_one() {
    let sandbox = with_kubeconfig();
    let many: String = (0..20).map(|at| format!("- {{name: c{at}, context: {{cluster: c, user: me}}}}\n")).collect();
    std::fs::write(sandbox.root().join("home/.kube/config"), format!("{KUBECONFIG}{many}")).unwrap();
    insta::assert_snapshot!(sandbox.show(&["init"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project now
next: asya compile my-flow -f my_flow.py
--- stderr
  the kubeconfig has 23 contexts; only the current one is taken over, others with `asya k context add`
  environments of your kubeconfig: kind-dev
  created   .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
  images are looked for in `ghcr.io/my-org`; set `compiler.image_registry` in `.asya/config.yaml` before you deploy
"#);
    let broken = with_kubeconfig();
    std::fs::write(broken.root().join("home/.kube/config"), "contexts: [").unwrap();
    insta::assert_snapshot!(broken.show(&["init"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project now
next: asya compile my-flow -f my_flow.py
--- stderr
warning: the kubeconfig `[SANDBOX]/home/.kube/config` cannot be used: it is not a kubeconfig: line 1 column 11: unclosed bracket '['
  hint: add environments later with `asya k context add`
  created   .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
  images are looked for in `ghcr.io/my-org`; set `compiler.image_registry` in `.asya/config.yaml` before you deploy
"#);
}

#[test]
fn images_come_from_dockerfiles() {
    let sandbox = Sandbox::new();
    sandbox.write("services/text/Dockerfile", "FROM python\n");
    sandbox.write("services/text/text_handlers.py", "async def clean(p): ...\n");
    sandbox.write("services/score/Dockerfile", "FROM python\n");
    sandbox.write("services/score/score/__init__.py", "async def score(p): ...\n");
    sandbox.write("web-ui/Dockerfile", "FROM node\n");
    sandbox.write(
        "f.py",
        "from text_handlers import clean\nfrom score import score\nasync def text_flow(p):\n    p = await clean(p)\n    return await score(p)\n",
    );
    insta::assert_snapshot!(sandbox.show(&["init", "--registry", "ghcr.io/acme", "--yes"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project now
next: asya compile my-flow -f my_flow.py
--- stderr
  `web-ui` has a Dockerfile, but no Python modules of its own: add it to `build` by hand if handlers are in it
  2 images of Dockerfiles found: `ghcr.io/acme/score` and `ghcr.io/acme/text`
  created   .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
"#);
    insta::assert_snapshot!(sandbox.ok(&["config", "get", "build"]).stdout, @r#"
- module: services.score
  image: ghcr.io/acme/score
  command: docker build -t ghcr.io/acme/score .
  path: services/score
- module: score
  image: ghcr.io/acme/score
  command: docker build -t ghcr.io/acme/score .
  path: services/score
- module: services.text
  image: ghcr.io/acme/text
  command: docker build -t ghcr.io/acme/text .
  path: services/text
- module: text_handlers
  image: ghcr.io/acme/text
  command: docker build -t ghcr.io/acme/text .
  path: services/text
"#);
    sandbox.ok(&["compile", "text-flow", "-f", "f.py"]);
    let image = |actor: &str| {
        let text = sandbox.read(&format!("compiled/text-flow/manifests/base/asya-{actor}.yaml"));
        text.lines().find(|line| line.contains("image:")).unwrap().trim().to_owned()
    };
    assert_eq!([image("clean"), image("score")], ["image: ghcr.io/acme/text", "image: ghcr.io/acme/score"]);
}

#[test]
fn one_dockerfile_at_the_root_holds_everything() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "FROM python\n");
    sandbox.write("handlers.py", "");
    sandbox.ok(&["init", "--registry", "ghcr.io/acme"]);
    insta::assert_snapshot!(sandbox.ok(&["config", "get", "build"]).stdout, @r#"
- module: '*'
  image: ghcr.io/acme/project
  command: docker build -t ghcr.io/acme/project .
"#);
}

#[test]
fn images_come_from_skaffold() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "FROM python\n");
    sandbox.write("skaffold.yaml", "build:\n  artifacts:\n  - image: text-handlers\n");
    insta::assert_snapshot!(sandbox.show(&["init"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project now
next: asya compile my-flow -f my_flow.py
--- stderr
  1 image of `skaffold.yaml` found: `text-handlers`
  created   .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
  images are looked for in `ghcr.io/my-org`; set `compiler.image_registry` in `.asya/config.yaml` before you deploy
"#);
    assert!(sandbox.read(".asya/config.yaml").contains("# build:\n"));
    let broken = Sandbox::new();
    broken.write("skaffold.yaml", "build:\n  artifacts: x\n");
    insta::assert_snapshot!(broken.show(&["init"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project is an asya project now
next: asya compile my-flow -f my_flow.py
--- stderr
warning: `skaffold.yaml` cannot be used: it says which images your handlers are in (`build.artifacts` must be a list, not text)
  hint: compiling a flow reads it again
  created   .asya/config.yaml
  created   .asya/config.compiler.rules.yaml
  created   .asya/templates/actor.yaml
  created   .asya/templates/router.yaml
  created   .asya/templates/join.yaml
  images are looked for in `ghcr.io/my-org`; set `compiler.image_registry` in `.asya/config.yaml` before you deploy
"#);
}

#[test]
fn the_questions_on_a_terminal() {
    let sandbox = with_kubeconfig();
    sandbox.write("Dockerfile", "FROM python\n");
    let shown = sandbox.in_terminal(
        &["init"],
        &[
            ("Registry for images", "ghcr.io/acme\r"),
            // Down to C1, and rabbitmq.
            ("Shape of AsyncActor", "\u{1b}[A\r"),
            ("Message queue", "\u{1b}[B\r"),
            // The current one is taken already; the third as well.
            ("Environments, from your kubeconfig", "\u{1b}[B\u{1b}[B \r"),
            ("Use the images of your Dockerfiles", "y"),
        ],
    );
    assert!(shown.ends_with("--- exit: 0; cursor shown\n"), "{shown}");
    let list = sandbox.ok(&["config", "list"]).stdout;
    let value = |key: &str| sandbox.ok(&["config", "get", key]).stdout.trim().to_owned();
    assert_eq!(value("compiler.image_registry"), "ghcr.io/acme");
    assert_eq!([value("platform.generation"), value("platform.transport")], ["C1", "rabbitmq"]);
    assert_eq!(value("contexts.kind-dev.namespace"), "actors");
    assert_eq!(value("contexts.minikube.kubectl_context"), "minikube");
    assert_eq!(value("build.0.image"), "ghcr.io/acme/project");
    assert_eq!(value("default_context"), "kind-dev");
    assert!(!list.contains("production"), "{list}");
}

#[test]
fn nothing_is_asked_again_and_ctrl_c_leaves_nothing() {
    let sandbox = with_kubeconfig();
    for (question, answers) in [("Registry", 0), ("Shape of AsyncActor", 1), ("Environments", 3)] {
        let before = [("Registry", "\r"), ("Shape of AsyncActor", "\r"), ("Message queue", "\r")];
        let mut answers: Vec<(&str, &str)> = before[..answers].to_vec();
        answers.push((question, "\u{3}"));
        let shown = sandbox.in_terminal(&["init"], &answers);
        assert!(shown.ends_with("--- exit: 130; cursor shown\n"), "{shown}");
        assert!(sandbox.tree().is_empty(), "{:?}", sandbox.tree());
    }
    let shown = sandbox.in_terminal(&["init", "--yes"], &[]);
    assert!(shown.ends_with("--- exit: 0; cursor shown\n"), "{shown}");
    // What is there already is not asked for.
    let shown = sandbox.in_terminal(&["init"], &[]);
    assert!(shown.ends_with("--- exit: 0; cursor shown\n"), "{shown}");
}

#[test]
fn a_plain_terminal_is_asked_nothing() {
    for variable in ["CI", "NO_COLOR"] {
        let mut sandbox = with_kubeconfig();
        sandbox.set(variable, "1");
        let shown = sandbox.in_terminal(&["init"], &[]);
        assert!(shown.ends_with("--- exit: 0; cursor shown\n"), "{shown}");
    }
}
