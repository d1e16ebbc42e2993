//! Manifests of actors behind the call wrapper and of joins, per platform generation.

use std::sync::Arc;

use asya::artifacts::{self, Inputs, StateProxy, Transport, Tree};
use asya::kustomize::Object;
use asya::local::{Interpreter, LocalSettings, Mesh, RawJson};
use asya::names::ActorName;
use asya::program::Program;
use asya::source::Source;
use insta::assert_snapshot;

use crate::artifacts::{error, inputs, program};
use crate::local_bench::settings;
use crate::sandbox::Sandbox;

const ACTOR: &str = r#"apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata: {name: "{{ actor_name }}"}
spec:
  image: "{{ image }}"
  handler: "{{ handler }}"
"#;
const RETRY_B: &str = "  resiliency: {actorTimeout: 30s, retry: {maxAttempts: 4}, nonRetryableErrors: [ValueError]}\n";
const RETRY_C2: &str = "  resiliency: {actorTimeout: 30s, policies: {default: {maxAttempts: 3}}, rules: []}\n";

fn wrapped() -> Program {
    let mut program = program();
    program.actors[0].is_wrapped = true;
    program.join = Some(ActorName::new("join-text-flow").unwrap());
    program
}

fn with_actor(template: &str) -> Inputs {
    let mut inputs = inputs();
    inputs.templates.actor = Some(Source::new(".asya/templates/actor.yaml", template));
    inputs
}

fn store(env: &[(&str, &str)]) -> Option<StateProxy> {
    Some(StateProxy {
        image: "ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:1.0.0".to_owned(),
        env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    })
}

/// One file of `base/`, its hash of the wrapper replaced.
fn file(tree: &Tree, name: &str) -> String {
    let text = &tree.base.iter().find(|file| file.path.display().to_string() == name).unwrap().content;
    text.replace(&asya::program::wrapper_fingerprint()[..10], "[HASH]")
}

fn assembled(inputs: &Inputs) -> Tree {
    artifacts::assemble(&wrapped(), inputs).unwrap()
}

#[test]
fn an_actor_behind_the_wrapper() {
    let tree = assembled(&inputs());
    assert_snapshot!(file(&tree, "asya-clean.yaml"), @r#"
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
  handler: asya_call.invoke
  scaling:
    minReplicaCount: 0
    maxReplicaCount: 5
  env:
  - name: LOG_LEVEL
    value: info
  - name: ASYA_CALL_TARGET
    value: handlers.text.clean
  volumes:
  - name: asya-call
    configMap:
      name: asya-call-[HASH]
  volumeMounts:
  - name: asya-call
    mountPath: /opt/asya/asya_call.py
    subPath: asya_call.py
    readOnly: true
"#);
    let map = file(&tree, "configmap-call.yaml");
    assert_snapshot!(map.lines().take(10).collect::<Vec<_>>().join("\n"), @r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: asya-call-[HASH]
  labels:
    asya.sh/generated: "true"
    asya.sh/managed-by: asya
data:
  asya_call.py: |
    """Runs a handler for flows that call it inside `try`, with values, or in parallel.
"#);
    assert_snapshot!(file(&tree, "kustomization.yaml"), @r#"
# AUTO-GENERATED, replaced by every `asya compile`. Changes belong into ../common or ../overlays.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- asya-clean.yaml
- asya-detect.yaml
- asya-join-text-flow.yaml
- asya-start-text-flow.yaml
- configmap-call.yaml
- configmap-router.yaml
"#);
    let code: Vec<_> = tree.code.iter().map(|file| file.path.display().to_string()).collect();
    assert_eq!(code, ["router.py", "asya_call.py"]);
    let read = artifacts::yaml::read(&Source::new("configmap-call.yaml", map.as_str())).unwrap();
    assert_eq!(read["data"]["asya_call.py"], asya::program::WRAPPER_CODE);
    assert_eq!(&*tree.code[1].content, asya::program::WRAPPER_CODE);
    // The map is nobody's in particular: flows that need it agree on every byte.
    let mut other = wrapped();
    other.flow = asya::names::FlowName::new("other").unwrap();
    assert_eq!(file(&artifacts::assemble(&other, &inputs()).unwrap(), "configmap-call.yaml"), map);
}

#[test]
fn the_wrapper_knows_what_the_manifest_says_about_retries() {
    let env = |template: &str, transport: Transport| {
        let mut inputs = with_actor(template);
        inputs.transport = transport;
        let text = file(&assembled(&inputs), "asya-clean.yaml");
        let at = text.find("  env:").unwrap();
        text[at..text.find("  volumes:").unwrap()].to_owned()
    };
    let sqs = |written: Option<&str>| Transport {
        written: written.map(str::to_owned),
        name_budget: Some(74),
        requeues: true,
    };
    assert_snapshot!(env(ACTOR, sqs(None)), @r#"
env:
- name: ASYA_CALL_TARGET
  value: handlers.text.clean
"#);
    assert_snapshot!(env(&format!("{ACTOR}{RETRY_C2}"), sqs(None)), @r#"
env:
- name: ASYA_CALL_TARGET
  value: handlers.text.clean
- name: ASYA_CALL_RESILIENCY
  value: '{"policies":{"default":{"maxAttempts":3}},"rules":[]}'
"#);
    assert_snapshot!(env(&format!("{ACTOR}{RETRY_B}"), sqs(Some("sqs"))), @r#"
env:
- name: ASYA_CALL_TARGET
  value: handlers.text.clean
- name: ASYA_CALL_RESILIENCY
  value: '{"retry":{"maxAttempts":4},"nonRetryableErrors":["ValueError"]}'
"#);
    // RabbitMQ cannot deliver a message again later: there is only one attempt.
    assert_snapshot!(env(&format!("{ACTOR}{RETRY_C2}"), Transport::default()), @r#"
env:
- name: ASYA_CALL_TARGET
  value: handlers.text.clean
"#);
}

#[test]
fn a_template_that_stands_in_the_wrappers_way_is_refused() {
    let failure =
        |more: &str| error(artifacts::assemble(&wrapped(), &with_actor(&format!("{ACTOR}{more}"))).unwrap_err());
    assert_snapshot!(failure("  env: [{name: ASYA_CALL_TARGET, value: a.b}]\n"), @r#"
exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
because it sets `ASYA_CALL_TARGET` or `ASYA_CALL_RESILIENCY`, which tell the call wrapper its work
hint: leave them out of the template
"#);
    assert_snapshot!(failure("  volumes: [{name: asya-call, emptyDir: {}}]\n"), @r#"
exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
because it has a volume `asya-call`, the name of the one with the call wrapper
hint: give the template's volume another name
"#);
    assert_snapshot!(failure("  volumeMounts: [{name: x, mountPath: /opt/asya/asya_call.py}]\n"), @r#"
exit 3: template `.asya/templates/actor.yaml` makes no valid AsyncActor for actor `clean`
because it mounts something at `/opt/asya/asya_call.py`, the place of the call wrapper
hint: mount it elsewhere
"#);
}

#[test]
fn the_join_of_each_generation() {
    let mut inputs = inputs();
    inputs.join = store(&[("STATE_BUCKET", "flows"), ("AWS_REGION", "eu-central-1")]);
    let tree = assembled(&inputs);
    assert_eq!(tree.warnings, []);
    assert_snapshot!(file(&tree, "asya-join-text-flow.yaml"), @r#"
apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: join-text-flow
  labels:
    asya.sh/flow: text-flow
    asya.sh/generated: "true"
spec:
  actor: join-text-flow
  image: ghcr.io/deliveryhero/asya-crew
  handler: asya_crew.fanin.split_key.aggregator
  scaling:
    enabled: true
    minReplicaCount: 0
    maxReplicaCount: 1
  stateProxy:
  - name: checkpoints
    mount:
      path: /state/checkpoints
    writeMode: buffered
    connector:
      image: ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:1.0.0
      env:
      - name: STATE_BUCKET
        value: flows
      - name: AWS_REGION
        value: eu-central-1
      - name: STATE_PREFIX
        value: join-text-flow/
"#);
    inputs.join = store(&[("STATE_PREFIX", "team/flows/"), ("STATE_BUCKET", "flows")]);
    inputs.transport = Transport { written: Some("rabbitmq".to_owned()), ..Transport::default() };
    inputs.variables.insert("join_image".to_owned(), "registry.example.com/crew:2".to_owned());
    assert_snapshot!(file(&assembled(&inputs), "asya-join-text-flow.yaml"), @r#"
apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: join-text-flow
  labels:
    asya.sh/flow: text-flow
    asya.sh/generated: "true"
spec:
  actor: join-text-flow
  image: registry.example.com/crew:2
  handler: asya_crew.fanin.split_key.aggregator
  scaling:
    enabled: true
    minReplicaCount: 0
    maxReplicaCount: 1
  transport: rabbitmq
  compositionSelector:
    matchLabels:
      asya.sh/transport: rabbitmq
  stateProxy:
  - name: checkpoints
    mount:
      path: /state/checkpoints
    writeMode: buffered
    connector:
      image: ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:1.0.0
      env:
      - name: STATE_BUCKET
        value: flows
      - name: STATE_PREFIX
        value: team/flows/join-text-flow/
"#);
}

#[test]
fn a_join_without_a_store_is_told() {
    let tree = assembled(&inputs());
    assert_snapshot!(format!("{}\nhint: {}", tree.warnings[0].message, tree.warnings[0].hint), @r#"
`join-text-flow` joins parallel calls and has no store: on a cluster it cannot keep what has arrived
hint: add to `.asya/config.yaml`:
  compiler:
    join:
      state_proxy:
        image: ghcr.io/deliveryhero/asya-state-proxy-s3-buffered-lww:<tag>
        env:
          STATE_BUCKET: <bucket>
"#);
    assert!(!file(&tree, "asya-join-text-flow.yaml").contains("stateProxy"));
    // A template may bring its own store.
    let template = |more: &str| {
        let mut inputs = inputs();
        inputs.join = store(&[("STATE_BUCKET", "flows")]);
        inputs.templates.join = Some(Source::new(".asya/templates/join.yaml", format!("{ACTOR}{more}")));
        artifacts::assemble(&wrapped(), &inputs)
    };
    let own = "  stateProxy: [{name: mine, mount: {path: /state/checkpoints}, connector: {image: own}}]\n";
    let tree = template(own).unwrap();
    assert_eq!(tree.warnings, []);
    assert!(file(&tree, "asya-join-text-flow.yaml").contains("image: own"));
    let taken = "  stateProxy: [{name: checkpoints, mount: {path: /state/other}, connector: {image: own}}]\n";
    assert_snapshot!(error(template(taken).unwrap_err()), @r#"
exit 3: template `.asya/templates/join.yaml` makes no valid AsyncActor for actor `join-text-flow`
because it has a state proxy `checkpoints`, the name of the one for `/state/checkpoints`
hint: give the template's state proxy another name
"#);
}

#[test]
fn the_store_in_the_configuration() {
    let sandbox = Sandbox::new();
    let status = |text: &str| {
        sandbox.write(".asya/config.yaml", text);
        sandbox.show(&["status"])
    };
    let good = "compiler:\n  join:\n    state_proxy:\n      image: store:1\n      env: {STATE_BUCKET: flows, N: 1}\n";
    assert_snapshot!(status(good), @r#"
exit: 0
--- stdout
no flows yet; make one with `asya compile FLOW -f FILE`
--- stderr
"#);
    assert_snapshot!(status("compiler:\n  join:\n    state_proxy:\n      env: {STATE_BUCKET: flows}\n"), @r#"
exit: 3
--- stdout
--- stderr
error: `compiler.join.state_proxy` has no `image`
 --> .asya/config.yaml:4:7
  |
4 |       env: {STATE_BUCKET: flows}
  |       ^^^

error: the configuration cannot be used
"#);
    assert_snapshot!(status("compiler:\n  join:\n    state_proxi: {}\n"), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `compiler.join.state_proxi`
 --> .asya/config.yaml:3:5
  |
3 |     state_proxi: {}
  |     ^^^^^^^^^^^
  |
  = help: did you mean `state_proxy`?

error: the configuration cannot be used
"#);
    assert_snapshot!(status("compiler:\n  join:\n    state_proxy:\n      image: store:1\n      env: {STATE_BUCKET: []}\n"), @r#"
exit: 3
--- stdout
--- stderr
error: `compiler.join.state_proxy.env.STATE_BUCKET` must be text, not a list
 --> .asya/config.yaml:5:27
  |
5 |       env: {STATE_BUCKET: []}
  |                           ^

error: the configuration cannot be used
"#);
    assert_snapshot!(status("compiler:\n  join:\n    state_proxy: store\n"), @r#"
exit: 3
--- stdout
--- stderr
error: `compiler.join.state_proxy` must be a mapping, not text
 --> .asya/config.yaml:3:18
  |
3 |     state_proxy: store
  |                  ^^^^^

error: the configuration cannot be used
"#);
}

#[test]
fn the_local_mesh_runs_what_the_manifests_say() {
    let modules = tempfile::tempdir().unwrap();
    std::fs::create_dir(modules.path().join("handlers")).unwrap();
    let code = "def clean(p):\n    raise ValueError(p['text'])\n";
    std::fs::write(modules.path().join("handlers/text.py"), code).unwrap();
    let objects: Vec<Object> = assembled(&inputs())
        .base
        .iter()
        .filter(|file| ["asya-", "configmap-"].iter().any(|start| file.path.to_string_lossy().starts_with(start)))
        .map(|file| Object::new(artifacts::yaml::read(&Source::new("base", &*file.content)).unwrap()).unwrap())
        .collect();
    let local = LocalSettings { python_path: vec![modules.path().to_owned()], ..settings() };
    let mut mesh = Mesh::new(&objects, &Arc::new(Interpreter::new(local)), &|_| None).unwrap();
    let mut send = |top: &str| {
        let headers = RawJson::parse(&format!(r#"{{"x-asya-frame": [{top}]}}"#)).unwrap();
        let payload = RawJson::parse(r#"{"text": "no"}"#).unwrap();
        let outcome = mesh.send("clean", &[], Some(headers), payload, &mut |_| {}).unwrap();
        format!("{} {}", outcome.results[0].phase.name(), outcome.results[0].payload.to_value()["error"]["type"])
    };
    assert_eq!(send(r#"{"slice": true, "call": "value"}"#), r#"succeeded "ValueError""#);
    assert_eq!(send(r#"{"flow": "demo", "at": "x"}"#), "failed null");
}
