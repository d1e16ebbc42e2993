//! Manifests of many kinds, and the files they stand in.
#![allow(clippy::write_with_newline)]

use std::fmt::Write as _;

use super::scalars::{text, value};
use super::workloads::{container, workload};
use super::{Dice, Made, NAMES, api_version, is_cluster_scoped};

/// Kinds, the frequent ones more than once.
pub const KINDS: &[&str] = &[
    "ConfigMap",
    "ConfigMap",
    "ConfigMap",
    "Secret",
    "Service",
    "Service",
    "Deployment",
    "Deployment",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "Job",
    "CronJob",
    "RoleBinding",
    "ClusterRoleBinding",
    "Role",
    "ClusterRole",
    "ServiceAccount",
    "Namespace",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "Ingress",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "PriorityClass",
    "CustomResourceDefinition",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "AsyncActor",
    "AsyncActor",
    "AsyncActor",
    "AsyncActor",
    "AsyncActor",
];

fn metadata(dice: &mut Dice, name: &str, namespace: Option<&str>) -> String {
    let mut out = format!("metadata:\n  name: {name}\n");
    if let Some(namespace) = namespace {
        let _ = writeln!(out, "  namespace: {namespace}");
    }
    match dice.roll(8) {
        0 => out.push_str("  labels: {}\n"),
        1 => out.push_str("  labels:\n"),
        2..=5 => {
            out.push_str("  labels:\n");
            for key in ["app", "tier", "app.kubernetes.io/name"] {
                if dice.chance(60) {
                    let _ = writeln!(out, "    {key}: {}", dice.pick(&["web", "db", "\"1\"", "x-1"]));
                }
            }
            out.push_str("    z10: a\n    z9: b\n");
        }
        _ => {}
    }
    match dice.roll(8) {
        0 => out.push_str("  annotations: {}\n"),
        1..=3 => {
            out.push_str("  annotations:\n    note: text\n");
            if dice.chance(30) {
                let _ = write!(out, "    odd: {}\n", dice.pick(&["\"yes\"", "12", "true", "\"a: b\"", "2024-01-01"]));
            }
            if dice.chance(4) {
                out.push_str("    config.kubernetes.io/local-config: \"true\"\n");
            }
        }
        _ => {}
    }
    if dice.chance(10) {
        out.push_str("  finalizers: [asya.sh/a, asya.sh/b]\n");
    }
    if dice.chance(5) {
        out.push_str("  ownerReferences:\n  - {apiVersion: v1, kind: X, name: x, uid: u1}\n");
    }
    out
}

/// The fields of an object below its metadata.
fn body(dice: &mut Dice, kind: &str, name: &str) -> String {
    let refer = |dice: &mut Dice| dice.pick(NAMES);
    match kind {
        "ConfigMap" => {
            let mut out = String::new();
            if dice.chance(90) {
                out.push_str("data:\n");
                for key in ["a", "b.yaml", "c_1", "\"on\"", "z10", "z9"] {
                    if dice.chance(60) {
                        let _ = write!(out, "  {key}: {}", value(dice, 4));
                    }
                }
                out.push_str("  last: x\n");
            }
            if dice.chance(10) {
                out.push_str("binaryData:\n  bin: AAECAw==\n");
            }
            out
        }
        "Secret" => format!("type: Opaque\ndata:\n  k: dmFsdWU=\nstringData:\n  s: {}\n", text(dice)),
        "Service" => {
            let mut out = "spec:\n  ports:\n  - port: 80\n    targetPort: 8080\n".to_owned();
            if dice.chance(50) {
                out.push_str("    protocol: TCP\n  - name: dns\n    port: 53\n    protocol: UDP\n");
            }
            if dice.chance(60) {
                out.push_str("  selector:\n    app: web\n");
            }
            out
        }
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Pod" | "Job"
        | "CronJob" => workload(dice, kind),
        "RoleBinding" | "ClusterRoleBinding" => format!(
            "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {}\n  name: {}\nsubjects:\n- kind: ServiceAccount\n  name: {}\n  namespace: {}\n- kind: ServiceAccount\n  name: default\n",
            dice.pick(&["Role", "ClusterRole"]),
            refer(dice),
            refer(dice),
            dice.pick(&["default", "one"])
        ),
        "Role" | "ClusterRole" => format!(
            "rules:\n- apiGroups: [\"\"]\n  resources: [{}]\n  resourceNames: [{}]\n  verbs: [get]\n",
            dice.pick(&["configmaps", "secrets", "services"]),
            refer(dice)
        ),
        "ServiceAccount" => format!("imagePullSecrets:\n- name: {}\nsecrets:\n- name: {}\n", refer(dice), refer(dice)),
        "HorizontalPodAutoscaler" => format!(
            "spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: {}\n    name: {}\n  maxReplicas: 3\n",
            dice.pick(&["Deployment", "StatefulSet"]),
            refer(dice)
        ),
        "PodDisruptionBudget" => "spec:\n  minAvailable: 1\n  selector:\n    matchLabels:\n      app: web\n".to_owned(),
        "Ingress" => format!(
            "spec:\n  tls:\n  - secretName: {}\n  rules:\n  - http:\n      paths:\n      - path: /\n        backend:\n          service:\n            name: {}\n            port: {{number: 80}}\n",
            refer(dice),
            refer(dice)
        ),
        "NetworkPolicy" => "spec:\n  podSelector:\n    matchLabels:\n      app: web\n  ingress:\n  - from:\n    - podSelector:\n        matchLabels: {app: db}\n  egress:\n  - to:\n    - podSelector: {}\n".to_owned(),
        "PersistentVolumeClaim" => format!(
            "spec:\n  storageClassName: {}\n  volumeName: {}\n  accessModes: [ReadWriteOnce]\n",
            refer(dice),
            refer(dice)
        ),
        "PersistentVolume" => format!(
            "spec:\n  capacity: {{storage: 1Gi}}\n  claimRef:\n    name: {}\n    namespace: {}\n  storageClassName: {}\n",
            refer(dice),
            dice.pick(&["default", "one"]),
            refer(dice)
        ),
        "StorageClass" => "provisioner: x/y\nparameters:\n  type: \"1\"\n".to_owned(),
        "PriorityClass" => "value: 1000000\n".to_owned(),
        "CustomResourceDefinition" => format!(
            "spec:\n  group: example.com\n  names: {{kind: Foo, plural: foos}}\n  scope: Namespaced\n  conversion:\n    strategy: Webhook\n    webhook:\n      clientConfig:\n        service: {{name: {}, namespace: one, path: /x}}\n",
            refer(dice)
        ),
        "APIService" => {
            format!("spec:\n  group: example.com\n  version: v1\n  service:\n    name: {}\n    namespace: one\n", refer(dice))
        }
        "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => format!(
            "webhooks:\n- name: a.example.com\n  clientConfig:\n    service:\n      name: {}\n      namespace: {}\n- name: b.example.com\n  clientConfig: {{url: \"https://x\"}}\n",
            refer(dice),
            dice.pick(&["default", "one"])
        ),
        "AsyncActor" => {
            let mut out = format!(
                "spec:\n  actor: {name}\n  image: {}\n  handler: app.{name}\n  env:\n  - name: A\n    value: {}\n  - name: B\n    value: {}\n  configRef: {}\n",
                dice.pick(&["nginx", "app/web:v1", "repo.io:5000/app/web:v1", "handlers:latest"]),
                text(dice),
                text(dice),
                refer(dice)
            );
            if dice.chance(40) {
                let _ = write!(out, "  odd: {}", value(dice, 4));
            }
            if dice.chance(30) {
                out.push_str("  scaling: {minReplicaCount: 0, maxReplicaCount: 5}\n");
            }
            if dice.chance(20) {
                out.push_str("  blank:\n  none: null\n  tilde: ~\n  nested:\n    - - a\n      - {b: c}\n    -\n      d: e\n");
            }
            if dice.chance(30) {
                let _ = write!(out, "  containers:\n{}", container(dice, "c", "  "));
            }
            if dice.chance(15) {
                out.push_str("  anchors:\n    base: &base {x: 1, y: [a, b]}\n    copy: *base\n    merged:\n      <<: *base\n      x: 2\n");
            }
            out
        }
        _ => String::new(),
    }
}

/// One object.
pub fn object(dice: &mut Dice, kind: &'static str, name: &str, namespace: Option<&'static str>) -> (Made, String) {
    let namespace = namespace.filter(|_| !is_cluster_scoped(kind));
    let meta = metadata(dice, name, namespace);
    let text = format!("apiVersion: {}\nkind: {kind}\n{meta}{}", api_version(kind), body(dice, kind, name));
    let value = asya::kustomize::Rendering::from_yaml(name, &text)
        .ok()
        .and_then(|read| read.objects.first().map(|object| object.value().clone()))
        .unwrap_or_default();
    let made = Made { kind, name: name.to_owned(), namespace, value, changed: false, lost: false };
    (made, text)
}

/// An object full of anchors.
pub fn anchored(name: &str) -> (Made, String) {
    let text = format!(
        "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata:\n  name: &n {name}\n  labels: &l\n    app: *n\n    b: c\nspec:\n  image: nginx\n  handler: a.b\n  env: []\n  copy: *l\n  merged:\n    <<: *l\n    b: own\n  many:\n    <<: [*l, {{x: 1, b: 2}}]\n  list: &list [1, two]\n  again: *list\n"
    );
    let read = asya::kustomize::Rendering::from_yaml(name, &text).unwrap();
    let value = read.objects[0].value().clone();
    (Made { kind: "AsyncActor", name: name.to_owned(), namespace: None, value, changed: false, lost: false }, text)
}

/// A manifest file of these objects: separators, comments, empty documents, lists, JSON, line endings.
pub fn file(dice: &mut Dice, objects: &[(Made, String)]) -> Vec<u8> {
    if objects.len() == 1 && !objects[0].0.value.is_null() && dice.chance(6) {
        return format!("{:#}\n", objects[0].0.value).into_bytes();
    }
    if dice.chance(6) {
        let items = objects.iter().map(|(_, text)| {
            let mut lines = text.lines();
            let first = lines.next().unwrap_or_default();
            let rest: String = lines.map(|line| format!("  {line}\n")).collect();
            format!("- {first}\n{rest}")
        });
        let kind = dice.pick(&["List", "List", "ConfigMapList"]);
        return format!("apiVersion: v1\nkind: {kind}\nitems:\n{}", items.collect::<String>()).into_bytes();
    }
    let mut out = String::new();
    if dice.chance(20) {
        out.push_str("# a comment first\n");
    }
    if dice.chance(30) {
        out.push_str("---\n");
    }
    for (at, (_, text)) in objects.iter().enumerate() {
        if at > 0 {
            out.push_str(dice.pick(&[
                "---\n",
                "--- # more\n",
                "---\n---\n",
                "---\n# only a comment\n---\n",
                "\n---\n",
                "---   \n",
                "---\nnull\n---\n",
            ]));
        }
        out.push_str(text);
        if dice.chance(10) {
            out.push_str("# a comment last\n");
        }
    }
    if dice.chance(10) {
        out.push_str(dice.pick(&["---\n", "---\n\n", "---\n# end\n", "...\n"]));
    }
    if dice.chance(10) {
        out = out.replace('\n', "\r\n");
    }
    if dice.chance(5) {
        while out.ends_with(['\n', '\r']) {
            out.pop();
        }
    }
    if dice.chance(3) {
        out.insert(0, '\u{feff}');
    }
    out.into_bytes()
}
