//! The files of a flow, made from programs written by hand, and read back by kubectl and PyYAML.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use asya::artifacts::fields::Fields;
use asya::artifacts::{self, BuildRule, Images, Inputs, Overlay, Templates, Transport, Tree};
use asya::error::Error;
use asya::flow::HandlerSettings;
use asya::names::{ActorName, ContextName, FlowName, Namespace};
use asya::program::{Actor, Program, Router, RouterHops};
use asya::source::Source;
use serde_json::json;

const ACTOR: &str = r#"apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: {{ actor_name }}
  labels:
    team: "{{ team }}"
spec:
  actor: {{ actor_name }}
  image: {{ image }}
  handler: {{ handler }}
  scaling:
    minReplicaCount: 0
    maxReplicaCount: {{ max_replicas }}
  env:
  - name: LOG_LEVEL
    value: info
"#;

const ROUTER: &str = r#"apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: {{ actor_name }}
spec:
  actor: {{ actor_name }}
  image: {{ router_image }}
  handler: {{ handler }}
  scaling:
    minReplicaCount: 0
    maxReplicaCount: 2
  volumes:
  - name: scratch
    emptyDir: {}
"#;

const CODE: &str = "\"\"\"The flow `text-flow`.\"\"\"\n\n\nasync def start_text_flow(payload):\n    headers = yield \"GET\", \".headers\"\n\n    yield payload\n";

/// A flow of two actors with a router.
pub(crate) fn program() -> Program {
    let actor = |name: &str, handler: &str| Actor {
        name: ActorName::new(name).unwrap(),
        handler: handler.to_owned(),
        is_wrapped: false,
        source: None,
        settings: HandlerSettings::default(),
    };
    Program {
        flow: FlowName::new("text-flow").unwrap(),
        function: "text_flow".to_owned(),
        source: "src/flows/text_flow.py".to_owned(),
        description: Some("Cleans a text and finds out its language".to_owned()),
        input_schema: json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}),
        entry: ActorName::new("start-text-flow").unwrap(),
        actors: vec![actor("clean", "handlers.text.clean"), actor("detect", "handlers.language.detect")],
        router: Some(Router {
            name: ActorName::new("start-text-flow").unwrap(),
            handler: "router.start_text_flow".to_owned(),
            code: CODE.into(),
            fingerprint: asya::project::sha256(CODE.as_bytes()),
        }),
        join: None,
        straight_route: None,
        router_hops: RouterHops { least: 1, most: Some(2) },
        graph: json!({"version": 1, "flow": "text-flow"}).into(),
        mermaid: "flowchart TD\n".into(),
        dot: "digraph {}\n".into(),
        svg: "<svg/>\n".into(),
    }
}

/// The same two actors in a row.
pub(crate) fn straight_program() -> Program {
    let names = ["clean", "detect"].map(|name| ActorName::new(name).unwrap());
    Program { straight_route: Some(names.to_vec()), ..program() }
}

/// Settings of a project with two contexts.
pub(crate) fn inputs() -> Inputs {
    let context = |name: &str| Overlay {
        context: ContextName::new(name).unwrap(),
        namespace: Some(Namespace::new(&format!("{name}-ns")).unwrap()),
    };
    Inputs {
        templates: Templates {
            directory: ".asya/templates".to_owned(),
            actor: Some(Source::new(".asya/templates/actor.yaml", ACTOR)),
            router: Some(Source::new(".asya/templates/router.yaml", ROUTER)),
            join: None,
            kustomization: None,
        },
        variables: BTreeMap::from(
            [("team", "words"), ("max_replicas", "5")].map(|(k, v)| (k.to_owned(), v.to_owned())),
        ),
        images: Images { registry: Some("ghcr.io/acme".to_owned()), ..Images::default() },
        transport: Transport { written: None, name_budget: Some(74), requeues: true },
        fields: Fields::default(),
        join: None,
        overlays: vec![context("dev"), context("prod")],
    }
}

/// Writes the manifests of `tree` below `root`.
pub(crate) fn write_manifests(tree: &Tree, root: &Path) {
    let overlays = tree.overlays.iter().map(|(context, files)| (format!("overlays/{context}"), files));
    for (directory, files) in
        [("base".to_owned(), &tree.base), ("common".to_owned(), &tree.common)].into_iter().chain(overlays)
    {
        for file in files {
            let path = root.join(&directory).join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &*file.content).unwrap();
        }
    }
}

/// What `kubectl kustomize` makes of a directory; `None` where there is no kubectl.
pub(crate) fn kustomize(directory: &Path) -> Option<Result<String, String>> {
    let output = Command::new("kubectl").arg("kustomize").arg(directory).stdin(Stdio::null()).output().ok()?;
    Some(if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    })
}

fn show(tree: &Tree) -> String {
    let mut out = String::new();
    let overlays = tree.overlays.iter().map(|(context, files)| (format!("manifests/overlays/{context}"), files));
    let lists = [
        ("code".to_owned(), &tree.code),
        ("artifacts".to_owned(), &tree.artifacts),
        ("manifests/base".to_owned(), &tree.base),
        ("manifests/common".to_owned(), &tree.common),
    ];
    for (directory, files) in lists.into_iter().chain(overlays) {
        for file in files {
            out.push_str(&format!("=== {directory}/{}\n{}", file.path.display(), file.content));
        }
    }
    out
}

pub(crate) fn error(error: Error) -> String {
    let mut out = format!("exit {}: {}\n", error.kind().exit_code(), error.message());
    for cause in error.causes() {
        out.push_str(&format!("because {cause}\n"));
    }
    for located in error.located() {
        for each in &located.diagnostics {
            let at = located.source.position(each.span.start);
            let name = located.source.name();
            out.push_str(&format!(
                "at {name}:{}:{} `{}`: {}",
                at.line,
                at.column,
                located.source.slice(each.span),
                each.message
            ));
            for more in each.note.iter().chain(&each.help) {
                out.push_str(&format!("; {more}"));
            }
            out.push('\n');
        }
    }
    for hint in error.hints() {
        out.push_str(&format!("hint: {hint}\n"));
    }
    out
}

fn failure(program: &Program, inputs: &Inputs) -> String {
    error(artifacts::assemble(program, inputs).unwrap_err())
}

#[test]
fn the_whole_tree() {
    insta::assert_snapshot!(show(&artifacts::assemble(&program(), &inputs()).unwrap()), @r#"
    === code/router.py
    """The flow `text-flow`."""


    async def start_text_flow(payload):
        headers = yield "GET", ".headers"

        yield payload
    === artifacts/flow.dot
    digraph {}
    === artifacts/flow.mmd
    flowchart TD
    === artifacts/flow.svg
    <svg/>
    === artifacts/flow.yaml
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
    === artifacts/graph.json
    {
      "version": 1,
      "flow": "text-flow"
    }
    === manifests/base/README.md
    # AUTO-GENERATED, do not edit

    `asya compile text-flow` replaces this directory as a whole.

    Changes for all environments belong into `../common`, changes for one into
    `../overlays/<context>`: patches, `images:`, further resources. They are never touched.
    === manifests/base/asya-clean.yaml
    apiVersion: asya.sh/v1alpha1
    kind: AsyncActor
    metadata:
      name: clean
      labels:
        team: words
        asya.sh/flow: text-flow
    spec:
      actor: clean
      image: ghcr.io/acme/clean:latest
      handler: handlers.text.clean
      scaling:
        minReplicaCount: 0
        maxReplicaCount: 5
      env:
      - name: LOG_LEVEL
        value: info
    === manifests/base/asya-detect.yaml
    apiVersion: asya.sh/v1alpha1
    kind: AsyncActor
    metadata:
      name: detect
      labels:
        team: words
        asya.sh/flow: text-flow
    spec:
      actor: detect
      image: ghcr.io/acme/detect:latest
      handler: handlers.language.detect
      scaling:
        minReplicaCount: 0
        maxReplicaCount: 5
      env:
      - name: LOG_LEVEL
        value: info
    === manifests/base/asya-start-text-flow.yaml
    apiVersion: asya.sh/v1alpha1
    kind: AsyncActor
    metadata:
      name: start-text-flow
      labels:
        asya.sh/flow: text-flow
        asya.sh/role: start
        asya.sh/generated: "true"
    spec:
      actor: start-text-flow
      image: python:3.13-slim
      handler: router.start_text_flow
      scaling:
        minReplicaCount: 0
        maxReplicaCount: 2
      volumes:
      - name: scratch
        emptyDir: {}
      - name: flow-router
        configMap:
          name: text-flow-router-e198009998
      volumeMounts:
      - name: flow-router
        mountPath: /opt/asya/router.py
        subPath: router.py
        readOnly: true
    === manifests/base/configmap-router.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: text-flow-router-e198009998
      labels:
        asya.sh/flow: text-flow
        asya.sh/managed-by: asya
    data:
      router.py: |
        """The flow `text-flow`."""


        async def start_text_flow(payload):
            headers = yield "GET", ".headers"

            yield payload
    === manifests/base/kustomization.yaml
    # AUTO-GENERATED, replaced by every `asya compile`. Changes belong into ../common or ../overlays.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
    - asya-clean.yaml
    - asya-detect.yaml
    - asya-start-text-flow.yaml
    - configmap-router.yaml
    === manifests/common/kustomization.yaml
    # `text-flow` in every environment. This directory is yours: `asya compile` leaves it as it is.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
    - ../base
    configurations:
    - kustomizeconfig.yaml
    === manifests/common/kustomizeconfig.yaml
    # Where an AsyncActor names images, ConfigMaps and Secrets, for `images:` and the generators.
    # Kustomize reads this file only from the directory of the kustomization that lists it.
    images:
    - path: spec/image
      kind: AsyncActor
    nameReference:
    - kind: ConfigMap
      version: v1
      fieldSpecs:
      - path: spec/volumes/configMap/name
        kind: AsyncActor
      - path: spec/volumes/projected/sources/configMap/name
        kind: AsyncActor
      - path: spec/env/valueFrom/configMapKeyRef/name
        kind: AsyncActor
    - kind: Secret
      version: v1
      fieldSpecs:
      - path: spec/volumes/secret/secretName
        kind: AsyncActor
      - path: spec/volumes/projected/sources/secret/name
        kind: AsyncActor
      - path: spec/env/valueFrom/secretKeyRef/name
        kind: AsyncActor
      - path: spec/secretRefs/secretName
        kind: AsyncActor
    === manifests/overlays/dev/kustomization.yaml
    # `text-flow` in `dev`. This directory is yours: `asya compile` leaves it as it is.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: dev-ns
    resources:
    - ../../common
    configurations:
    - kustomizeconfig.yaml
    === manifests/overlays/dev/kustomizeconfig.yaml
    # Where an AsyncActor names images, ConfigMaps and Secrets, for `images:` and the generators.
    # Kustomize reads this file only from the directory of the kustomization that lists it.
    images:
    - path: spec/image
      kind: AsyncActor
    nameReference:
    - kind: ConfigMap
      version: v1
      fieldSpecs:
      - path: spec/volumes/configMap/name
        kind: AsyncActor
      - path: spec/volumes/projected/sources/configMap/name
        kind: AsyncActor
      - path: spec/env/valueFrom/configMapKeyRef/name
        kind: AsyncActor
    - kind: Secret
      version: v1
      fieldSpecs:
      - path: spec/volumes/secret/secretName
        kind: AsyncActor
      - path: spec/volumes/projected/sources/secret/name
        kind: AsyncActor
      - path: spec/env/valueFrom/secretKeyRef/name
        kind: AsyncActor
      - path: spec/secretRefs/secretName
        kind: AsyncActor
    === manifests/overlays/prod/kustomization.yaml
    # `text-flow` in `prod`. This directory is yours: `asya compile` leaves it as it is.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: prod-ns
    resources:
    - ../../common
    configurations:
    - kustomizeconfig.yaml
    === manifests/overlays/prod/kustomizeconfig.yaml
    # Where an AsyncActor names images, ConfigMaps and Secrets, for `images:` and the generators.
    # Kustomize reads this file only from the directory of the kustomization that lists it.
    images:
    - path: spec/image
      kind: AsyncActor
    nameReference:
    - kind: ConfigMap
      version: v1
      fieldSpecs:
      - path: spec/volumes/configMap/name
        kind: AsyncActor
      - path: spec/volumes/projected/sources/configMap/name
        kind: AsyncActor
      - path: spec/env/valueFrom/configMapKeyRef/name
        kind: AsyncActor
    - kind: Secret
      version: v1
      fieldSpecs:
      - path: spec/volumes/secret/secretName
        kind: AsyncActor
      - path: spec/volumes/projected/sources/secret/name
        kind: AsyncActor
      - path: spec/env/valueFrom/secretKeyRef/name
        kind: AsyncActor
      - path: spec/secretRefs/secretName
        kind: AsyncActor
    "#);
}

#[test]
fn kubectl_renders_every_layer() {
    let root = tempfile::tempdir().unwrap();
    write_manifests(&artifacts::assemble(&program(), &inputs()).unwrap(), root.path());
    for layer in ["base", "common", "overlays/prod"] {
        if let Some(rendered) = kustomize(&root.path().join(layer)) {
            rendered.unwrap_or_else(|error| panic!("{layer}: {error}"));
        }
    }
    if let Some(rendered) = kustomize(&root.path().join("overlays/dev")) {
        insta::assert_snapshot!(rendered.unwrap(), @r#"
        apiVersion: v1
        data:
          router.py: |
            """The flow `text-flow`."""


            async def start_text_flow(payload):
                headers = yield "GET", ".headers"

                yield payload
        kind: ConfigMap
        metadata:
          labels:
            asya.sh/flow: text-flow
            asya.sh/managed-by: asya
          name: text-flow-router-e198009998
          namespace: dev-ns
        ---
        apiVersion: asya.sh/v1alpha1
        kind: AsyncActor
        metadata:
          labels:
            asya.sh/flow: text-flow
            team: words
          name: clean
          namespace: dev-ns
        spec:
          actor: clean
          env:
          - name: LOG_LEVEL
            value: info
          handler: handlers.text.clean
          image: ghcr.io/acme/clean:latest
          scaling:
            maxReplicaCount: 5
            minReplicaCount: 0
        ---
        apiVersion: asya.sh/v1alpha1
        kind: AsyncActor
        metadata:
          labels:
            asya.sh/flow: text-flow
            team: words
          name: detect
          namespace: dev-ns
        spec:
          actor: detect
          env:
          - name: LOG_LEVEL
            value: info
          handler: handlers.language.detect
          image: ghcr.io/acme/detect:latest
          scaling:
            maxReplicaCount: 5
            minReplicaCount: 0
        ---
        apiVersion: asya.sh/v1alpha1
        kind: AsyncActor
        metadata:
          labels:
            asya.sh/flow: text-flow
            asya.sh/generated: "true"
            asya.sh/role: start
          name: start-text-flow
          namespace: dev-ns
        spec:
          actor: start-text-flow
          handler: router.start_text_flow
          image: python:3.13-slim
          scaling:
            maxReplicaCount: 2
            minReplicaCount: 0
          volumeMounts:
          - mountPath: /opt/asya/router.py
            name: flow-router
            readOnly: true
            subPath: router.py
          volumes:
          - emptyDir: {}
            name: scratch
          - configMap:
              name: text-flow-router-e198009998
            name: flow-router
        "#);
    }
}

#[test]
fn images_and_generated_names_reach_actors_from_every_layer() {
    let root = tempfile::tempdir().unwrap();
    let template = ACTOR.to_owned()
        + "  - name: STYLE\n    valueFrom: {configMapKeyRef: {name: style, key: style}}\n  volumes:\n  - name: keys\n    secret: {secretName: keys}\n";
    let mut inputs = inputs();
    inputs.templates.actor = Some(Source::new("actor.yaml", template));
    write_manifests(&artifacts::assemble(&program(), &inputs).unwrap(), root.path());
    let extra = "images:\n- name: ghcr.io/acme/clean\n  newTag: v7\nconfigMapGenerator:\n- name: style\n  literals: [style=plain]\nsecretGenerator:\n- name: keys\n  literals: [key=k]\n";
    for layer in ["common", "overlays/dev"] {
        let path = root.path().join(layer).join("kustomization.yaml");
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{before}{extra}")).unwrap();
        if let Some(rendered) = kustomize(&root.path().join(layer)) {
            let rendered = rendered.unwrap();
            assert!(rendered.contains("image: ghcr.io/acme/clean:v7"), "{rendered}");
            assert!(rendered.contains("        name: style-"), "{rendered}");
            assert!(rendered.contains("secretName: keys-"), "{rendered}");
        }
        std::fs::write(&path, before).unwrap();
    }
}

#[test]
fn a_single_call_needs_no_router() {
    let mut program = straight_program();
    program.actors.truncate(1);
    program.straight_route = Some(vec![program.actors[0].name.clone()]);
    program.entry = program.actors[0].name.clone();
    program.router = None;
    let tree = artifacts::assemble(&program, &inputs()).unwrap();
    assert!(tree.code.is_empty());
    let actor = tree.base.iter().find(|file| file.path.ends_with("asya-clean.yaml")).unwrap();
    insta::assert_snapshot!(actor.content, @r"
    apiVersion: asya.sh/v1alpha1
    kind: AsyncActor
    metadata:
      name: clean
      labels:
        team: words
        asya.sh/flow: text-flow
        asya.sh/role: start
    spec:
      actor: clean
      image: ghcr.io/acme/clean:latest
      handler: handlers.text.clean
      scaling:
        minReplicaCount: 0
        maxReplicaCount: 5
      env:
      - name: LOG_LEVEL
        value: info
    ");
    assert_eq!(tree.base.len(), 3, "{tree:?}");
    assert!(tree.artifacts[3].content.contains("entrypoint: clean\n"));
    assert!(!tree.artifacts[3].content.contains("route_next"));
}

#[test]
fn a_row_of_calls_is_entered_at_its_first_actor() {
    let tree = artifacts::assemble(&straight_program(), &inputs()).unwrap();
    insta::assert_snapshot!(tree.artifacts[3].content, @r"
    flows:
    - name: text-flow
      entrypoint: clean
      route_next:
      - detect
      description: Cleans a text and finds out its language
      mcp:
        inputSchema:
          type: object
          properties:
            text:
              type: string
          required:
          - text
    ");
}

#[test]
fn generation_b_says_its_transport_and_composition() {
    let mut inputs = inputs();
    inputs.transport.written = Some("rabbitmq".to_owned());
    let tree = artifacts::assemble(&program(), &inputs).unwrap();
    let actor = tree.base.iter().find(|file| file.path.ends_with("asya-detect.yaml")).unwrap();
    assert!(
        actor.content.ends_with(
            "  transport: rabbitmq\n  compositionSelector:\n    matchLabels:\n      asya.sh/transport: rabbitmq\n"
        ),
        "{}",
        actor.content
    );
    inputs.templates.actor = Some(Source::new(
        "actor.yaml",
        ACTOR.replace("  actor:", "  transport: sqs\n  compositionRef: {name: mine}\n  actor:"),
    ));
    let tree = artifacts::assemble(&program(), &inputs).unwrap();
    let actor = tree.base.iter().find(|file| file.path.ends_with("asya-detect.yaml")).unwrap();
    assert!(actor.content.contains("transport: sqs\n"), "{}", actor.content);
    assert!(!actor.content.contains("compositionSelector"), "{}", actor.content);
}

#[test]
fn the_templates_of_a_new_project_make_actors() {
    let of = |actor: &'static str, router: &'static str, transport: Option<&str>| {
        let mut inputs = inputs();
        inputs.templates.actor = Some(Source::new("actor.yaml", actor));
        inputs.templates.router = Some(Source::new("router.yaml", router));
        inputs.variables.insert("transport".to_owned(), "rabbitmq".to_owned());
        inputs.transport.written = transport.map(str::to_owned);
        artifacts::assemble(&program(), &inputs).unwrap().base
    };
    let later = of(include_str!("../../templates/actor.yaml"), include_str!("../../templates/router.yaml"), None);
    assert!(later.iter().all(|file| !file.content.contains("transport")), "{later:?}");
    let b =
        of(include_str!("../../templates/actor-b.yaml"), include_str!("../../templates/router-b.yaml"), Some("sqs"));
    let actors: Vec<_> = b.iter().filter(|file| file.content.contains("kind: AsyncActor")).collect();
    assert_eq!(actors.len(), 3);
    for actor in actors {
        assert!(actor.content.contains("  transport: rabbitmq\n"), "{}", actor.content);
        assert!(actor.content.contains("      asya.sh/transport: rabbitmq\n"), "{}", actor.content);
    }
}

#[test]
fn what_the_code_does_names_its_config_map() {
    let name = |code: &str| {
        let mut program = program();
        program.router.as_mut().unwrap().fingerprint = asya::project::sha256(code.as_bytes());
        let tree = artifacts::assemble(&program, &inputs()).unwrap();
        let file = tree.base.iter().find(|file| file.path.ends_with("configmap-router.yaml")).unwrap();
        file.content.lines().find(|line| line.starts_with("  name:")).unwrap().to_owned()
    };
    assert_eq!(name("a = 1\n"), name("a = 1\n"));
    assert_ne!(name("a = 1\n"), name("a = 2\n"));
}

#[test]
fn images_are_found_by_the_longest_module() {
    let rule = |module: &str, image: &str| BuildRule { module: module.to_owned(), image: image.to_owned() };
    let images = Images {
        build: vec![rule("*", "any/*:1"), rule("handlers", "h"), rule("handlers.text", "t/*"), rule("hand", "wrong")],
        fixed: Some("fixed".to_owned()),
        registry: Some("reg/".to_owned()),
        contexts: Vec::new(),
    };
    let of = |images: &Images, handler: &str| {
        let name = ActorName::new("clean").unwrap();
        images
            .of(&Actor {
                name,
                handler: handler.to_owned(),
                is_wrapped: false,
                source: None,
                settings: HandlerSettings::default(),
            })
            .unwrap()
    };
    assert_eq!(of(&images, "handlers.text.clean").as_deref(), Some("t/clean"));
    assert_eq!(of(&images, "handlers.textual.clean").as_deref(), Some("h"));
    assert_eq!(of(&images, "other.clean").as_deref(), Some("any/clean:1"));
    let images = Images { build: Vec::new(), ..images };
    assert_eq!(of(&images, "other.clean").as_deref(), Some("fixed"));
    let images = Images { fixed: None, ..images };
    assert_eq!(of(&images, "other.clean").as_deref(), Some("reg/clean:latest"));
    assert_eq!(of(&Images::default(), "other.clean"), None);
}

#[test]
fn all_handlers_without_an_image_are_one_error() {
    let inputs = Inputs { images: Images::default(), ..inputs() };
    insta::assert_snapshot!(failure(&program(), &inputs), @r#"
exit 3: no image is known for handlers `handlers.text.clean` and `handlers.language.detect`
because no entry of `build:` names their module, no `skaffold.yaml` builds an image from their directory, and neither `templates.image` nor `compiler.image_registry` is set
hint: add to `.asya/config.yaml`:
  build:
    - module: handlers
      image: <image>
hint: or set `compiler.image_registry` to use `<registry>/<actor>:latest`
"#);
}

#[test]
fn a_template_may_name_the_image_itself() {
    let mut inputs = Inputs { images: Images::default(), ..inputs() };
    inputs.templates.actor = Some(Source::new("actor.yaml", ACTOR.replace("{{ image }}", "acme/all:1")));
    let tree = artifacts::assemble(&program(), &inputs).unwrap();
    assert!(tree.base[1].content.contains("image: acme/all:1\n"), "{}", tree.base[1].content);
}

#[test]
fn templates_say_what_is_wrong_with_them() {
    let mut inputs = inputs();
    let mut with = |text: &str| {
        inputs.templates.actor = Some(Source::new(".asya/templates/actor.yaml", text));
        failure(&program(), &inputs)
    };
    insta::assert_snapshot!(with(&ACTOR.replace("{{ team }}", "{{ taem }}").replace("{{ max_replicas }}", "{{nope}}")), @r"
    exit 3: template `.asya/templates/actor.yaml` cannot be filled in
    at .asya/templates/actor.yaml:6:15 `taem`: no variable is called `taem`; there are `actor_name`, `flow_function`, `flow_name`, `flow_role`, `handler`, `image`, `max_replicas`, `role`, `router_image` and `team`; did you mean `team`?
    at .asya/templates/actor.yaml:13:24 `nope`: no variable is called `nope`; there are `actor_name`, `flow_function`, `flow_name`, `flow_role`, `handler`, `image`, `max_replicas`, `role`, `router_image` and `team`
    hint: add the name under `templates:` in `.asya/config.yaml`, or correct it in the template
    ");
    insta::assert_snapshot!(with(&ACTOR.replace("kind: AsyncActor", "kind: Actor")), @r#"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because its `kind` is "Actor"
    hint: write `kind: AsyncActor`
    "#);
    insta::assert_snapshot!(with(&ACTOR.replace("asya.sh/v1alpha1", "asya.dev/v1alpha1")), @r#"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because its `apiVersion` is "asya.dev/v1alpha1"
    hint: write `apiVersion: asya.sh/v1alpha1`
    "#);
    insta::assert_snapshot!(with(&ACTOR.replace("name: {{ actor_name }}", "name: my-{{ actor_name }}")), @r#"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because it sets `metadata.name` to "my-clean", messages go to `clean`
    hint: write `name: {{ actor_name }}` or leave `metadata.name` out
    "#);
    insta::assert_snapshot!(with(&ACTOR.replace("{{ max_replicas }}", "\"{{ max_replicas }}\"")), @r#"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because `spec.scaling.maxReplicaCount` is "5" and must be a whole number
    hint: leave the quotes out in the template: `{{ name }}`
    "#);
    insta::assert_snapshot!(with(&ACTOR.replace("value: info", "value: 1")), @r#"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because `spec.env[LOG_LEVEL].value` is 1 and must be a string
    hint: quote it in the template: `"{{ name }}"`
    "#);
    insta::assert_snapshot!(with(&ACTOR.replace("\"{{ team }}\"", "{{ max_replicas }}")), @r#"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because `metadata.labels.team` is 5 and must be a string
    hint: quote it in the template: `"{{ name }}"`
    "#);
    insta::assert_snapshot!(with(&ACTOR.replace("  actor:", "  transport: sqs\n  actor:")), @r"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because it sets `spec.transport`, which clusters of generation C do not have
    at .asya/templates/actor.yaml:8:3 `transport: sqs`: this field does not exist there
    hint: remove the line, or set `platform.generation: B` in `.asya/config.yaml`
    ");
    insta::assert_snapshot!(with(&ACTOR.replace("metadata:\n", "metadata: [\n")), @r"
    exit 3: template `.asya/templates/actor.yaml` is not YAML once it is filled in for actor `clean`
    at .asya/templates/actor.yaml (for actor `clean`):5:9 `:`: while parsing a flow mapping, did not find expected ',' or '}'
    ");
    insta::assert_snapshot!(with(&ACTOR.replace("metadata:\n", "kind: AsyncActor\nmetadata:\n")), @r"
    exit 3: template `.asya/templates/actor.yaml` is not YAML once it is filled in for actor `clean`
    at .asya/templates/actor.yaml (for actor `clean`):3:1 `kind`: duplicate mapping key: kind
    ");
    insta::assert_snapshot!(with("- a\n"), @r"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because it has no `apiVersion`
    hint: write `apiVersion: asya.sh/v1alpha1`
    ");
    insta::assert_snapshot!(with(""), @r"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because it has no `apiVersion`
    hint: write `apiVersion: asya.sh/v1alpha1`
    ");
    insta::assert_snapshot!(with(&ACTOR.replace("spec:\n", "spec: 1\nother:\n")), @r"
    exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
    because `spec` is not a mapping
    ");
    inputs.templates.actor = None;
    insta::assert_snapshot!(failure(&program(), &inputs), @r"
    exit 3: there is no template `.asya/templates/actor.yaml`
    because every actor of a flow is made from it
    hint: type `asya init`: it adds what is missing and leaves your files as they are
    ");
}

#[test]
fn only_words_in_double_braces_are_replaced() {
    let variables = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("ß_2".to_owned(), "{{ a }}".to_owned())]);
    let render =
        |text: &str| artifacts::template::render(&Source::new("t", text), &variables).map_err(|wrong| wrong.len());
    for (text, wanted) in [
        ("{{a}}{{ a }}{{\ta  }}", Ok("111")),
        ("{{{a}}} {{{{a}}}}", Ok("{1} {{1}}")),
        ("{{ .Values.x }} {{ a b }} {{}} {{ a", Ok("{{ .Values.x }} {{ a b }} {{}} {{ a")),
        ("é{{ß_2}}é", Ok("é{{ a }}é")),
        ("# {{ b }}\nx: {{ a }} # {{ a }}\n", Ok("# {{ b }}\nx: 1 # 1\n")),
        ("{{ b }} {{ c }}", Err(2)),
        ("{{\na }}", Ok("{{\na }}")),
    ] {
        assert_eq!(render(text).as_deref(), wanted.as_ref().map(|text| &**text), "{text:?}");
    }
}

#[test]
fn the_routers_place_is_not_taken_twice() {
    let mut inputs = inputs();
    let mut with = |text: &str| {
        inputs.templates.router = Some(Source::new(".asya/templates/router.yaml", text));
        failure(&program(), &inputs)
    };
    insta::assert_snapshot!(with(&ROUTER.replace("scratch", "flow-router")), @r"
    exit 3: template `.asya/templates/router.yaml` makes no valid AsyncActor for actor `start-text-flow`
    because it has a volume `flow-router`, the name of the one with the router's code
    hint: give the template's volume another name
    ");
    insta::assert_snapshot!(with(&format!("{ROUTER}  volumeMounts:\n  - name: scratch\n    mountPath: /opt/asya/router.py\n")), @r"
    exit 3: template `.asya/templates/router.yaml` makes no valid AsyncActor for actor `start-text-flow`
    because it mounts something at `/opt/asya/router.py`, the place of the router's code
    hint: mount it elsewhere
    ");
}

#[test]
fn names_that_the_platform_cannot_hold() {
    let mut program = program();
    program.actors[0].name = ActorName::new("x-sink").unwrap();
    program.actors[1].name = ActorName::new("dlq").unwrap();
    insta::assert_snapshot!(failure(&program, &inputs()), @r"
    exit 3: the platform keeps the actor names `x-sink` and `dlq` for itself
    hint: rename the functions: an actor is called like its function, in kebab case
    ");
    program.actors[0].name = ActorName::new("clean").unwrap();
    program.actors[1].name = ActorName::new(&"a".repeat(63)).unwrap();
    let mut inputs = inputs();
    inputs.overlays[1].namespace = Some(Namespace::new(&"n".repeat(20)).unwrap());
    insta::assert_snapshot!(failure(&program, &inputs), @r"
    exit 3: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` cannot be an actor of namespace `nnnnnnnnnnnnnnnnnnnn`
    because queue names hold namespace and actor: 54 characters are left for the actor in context `prod`
    hint: shorten the function's name or use a shorter namespace
    ");
    inputs.transport.name_budget = None;
    artifacts::assemble(&program, &inputs).unwrap();
}

#[test]
fn a_kustomization_template_keeps_its_own_fields() {
    let mut inputs = inputs();
    let text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\ncommonAnnotations:\n  flow: {{ flow_name }}\nresources:\n- extra.yaml\n";
    inputs.templates.kustomization = Some(Source::new("kustomization.yaml", text));
    let tree = artifacts::assemble(&program(), &inputs).unwrap();
    let file = tree.base.iter().find(|file| file.path.ends_with("kustomization.yaml")).unwrap();
    insta::assert_snapshot!(file.content, @r"
    # AUTO-GENERATED, replaced by every `asya compile`. Changes belong into ../common or ../overlays.
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    commonAnnotations:
      flow: text-flow
    resources:
    - asya-clean.yaml
    - asya-detect.yaml
    - asya-start-text-flow.yaml
    - configmap-router.yaml
    - extra.yaml
    ");
}

/// Strings that YAML readers disagree about, and texts with blanks in awkward places.
const AWKWARD: &[&str] = &[
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "Y",
    "True",
    "null",
    "~",
    "",
    " ",
    "1",
    "1.0",
    "1e3",
    "0x1f",
    "012",
    "1_000",
    "1:30",
    "12:30:45",
    "2024-01-01",
    "=",
    "<<",
    "- a",
    "a: b",
    "a #b",
    "#",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "'",
    "\"",
    "\\",
    "{",
    "[",
    "a\tb",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "\na",
    "a\n\nb\n",
    "a\n  \nb\n",
    "a \nb",
    "  a\nb\n",
    "\ta\nb",
    "a\n\n\n",
    "é\u{2028}x",
    "a\r\nb",
    "    \n",
    "if x:\n\n    y\n",
    "{{ x }}",
    "@a",
    "`a`",
    "%a",
    "? a",
    ": a",
    "a:",
    "-",
    "---",
    "...",
    "a\n---\nb\n",
    "0b101",
    "+1",
    ".5",
    ".inf",
];

#[test]
fn what_is_written_reads_back_equal() {
    let value = json!({
        "strings": AWKWARD,
        "keys": AWKWARD.iter().map(|key| ((*key).to_owned(), json!(*key))).collect::<serde_json::Map<_, _>>(),
        "nested": {"list": [{"a": [1, 2.5, true, null, [], {}]}, {"text": "a\n\nb\n"}], "long": "word ".repeat(60).trim()},
    });
    let text = artifacts::yaml::write(&value);
    assert_eq!(artifacts::yaml::read(&Source::new("own", text.clone())).unwrap(), value, "{text}");
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("text.yaml");
    std::fs::write(&path, &text).unwrap();
    let script = "import json, sys, yaml\njson.dump(yaml.safe_load(open(sys.argv[1], encoding='utf-8', newline='')), sys.stdout)";
    let output = Command::new("python3").args(["-c", script]).arg(&path).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("No module named 'yaml'") {
        return;
    }
    assert!(output.status.success(), "{errors}\n{text}");
    let back: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(back, value, "{text}");
}
