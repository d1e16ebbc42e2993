//! What Crossplane, its providers and KEDA define, in a cluster without them: definitions with no
//! schema, and the objects that the platform's charts make.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::{Value, json};

use super::server::Server;

/// Group, version, kind, plural, scope.
const KINDS: &[(&str, &str, &str, &str, &str)] = &[
    ("apiextensions.crossplane.io", "v1", "CompositeResourceDefinition", "compositeresourcedefinitions", "Cluster"),
    ("apiextensions.crossplane.io", "v1", "Composition", "compositions", "Cluster"),
    ("pkg.crossplane.io", "v1", "Function", "functions", "Cluster"),
    ("pkg.crossplane.io", "v1", "Provider", "providers", "Cluster"),
    ("gcp.upbound.io", "v1beta1", "ProviderConfig", "providerconfigs", "Cluster"),
    ("aws.upbound.io", "v1beta1", "ProviderConfig", "providerconfigs", "Cluster"),
    ("sqs.aws.upbound.io", "v1beta1", "Queue", "queues", "Cluster"),
    ("kubernetes.crossplane.io", "v1alpha2", "Object", "objects", "Cluster"),
    ("asya.sh", "v1alpha1", "XAsyncActor", "xasyncactors", "Cluster"),
    ("keda.sh", "v1alpha1", "TriggerAuthentication", "triggerauthentications", "Namespaced"),
    ("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", "Namespaced"),
];

static INSTALLED: OnceLock<()> = OnceLock::new();
static TURN: Mutex<()> = Mutex::new(());

/// Installs the platform, and keeps its one set of cluster-wide objects to the caller.
pub fn platform(server: &Server) -> MutexGuard<'static, ()> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    INSTALLED.get_or_init(|| install(server));
    turn
}

fn install(server: &Server) {
    let definition = |(group, version, kind, plural, scope): &(&str, &str, &str, &str, &str)| {
        json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{plural}.{group}")},
            "spec": {
                "group": group, "scope": scope,
                "names": {"kind": kind, "listKind": format!("{kind}List"), "plural": plural, "singular": kind.to_lowercase()},
                "versions": [{
                    "name": version, "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
                }],
            },
        })
    };
    let items: Vec<Value> = KINDS.iter().map(definition).collect();
    server.apply(&json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
    server.kubectl(&["wait", "--for=condition=Established", "--all", "crd", "--timeout=30s"], None);
    for namespace in ["crossplane-system", "keda"] {
        server.namespace(namespace);
    }
    let healthy = |kind: &str, name: &str| {
        json!({
            "apiVersion": "pkg.crossplane.io/v1", "kind": kind, "metadata": {"name": name},
            "status": {"conditions": [{"type": "Healthy", "status": "True"}]},
        })
    };
    let composition = |transport: &str, template: &str| {
        json!({
            "apiVersion": "apiextensions.crossplane.io/v1", "kind": "Composition",
            "metadata": {"name": format!("asyncactor-{transport}"), "labels": {"asya.sh/transport": transport}},
            "spec": {
                "compositeTypeRef": {"apiVersion": "asya.sh/v1alpha1", "kind": "XAsyncActor"},
                "pipeline": [{"step": "render", "input": {"inline": {"template": template}}}],
            },
        })
    };
    let items = json!([
        {
            "apiVersion": "apiextensions.crossplane.io/v1", "kind": "CompositeResourceDefinition",
            "metadata": {"name": "xasyncactors.asya.sh"}, "spec": {"group": "asya.sh"},
            "status": {"conditions": [{"type": "Established", "status": "True"}]},
        },
        composition("pubsub", "kind: Topic"),
        composition("sqs", "eks.amazonaws.com/role-arn: x\nredrivePolicy: y"),
        composition("rabbitmq", "kind: Deployment"),
        healthy("Function", "function-go-templating"),
        healthy("Provider", "provider-kubernetes"),
        {
            "apiVersion": "gcp.upbound.io/v1beta1", "kind": "ProviderConfig", "metadata": {"name": "default"},
            "spec": {"projectID": "acme", "credentials": {"source": "Secret", "secretRef": {
                "namespace": "crossplane-system", "name": "gcp-creds", "key": "credentials.json"}}},
        },
        {
            "apiVersion": "aws.upbound.io/v1beta1", "kind": "ProviderConfig", "metadata": {"name": "default"},
            "spec": {"credentials": {"source": "Secret", "secretRef": {
                "namespace": "crossplane-system", "name": "aws-creds", "key": "credentials"}}},
        },
    ]);
    server.apply(&json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
}

/// Makes a Secret, or replaces it.
pub fn secret(server: &Server, namespace: &str, name: &str, data: &[(&str, &str)]) {
    let texts: serde_json::Map<String, Value> =
        data.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    server.apply(
        &json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "stringData": texts,
        })
        .to_string(),
    );
}

/// The key of a Google service account of project `acme`.
pub const GOOGLE_KEY: &str = r#"{"type": "service_account", "project_id": "acme", "private_key": "TOP-SECRET"}"#;

/// The platform's runtime in a namespace; `chart` for the one that Helm made.
pub fn runtime(server: &Server, namespace: &str, text: &str, chart: bool) {
    let labels = match chart {
        true => json!({"app.kubernetes.io/component": "asya-runtime", "app.kubernetes.io/managed-by": "Helm"}),
        false => json!({}),
    };
    server.apply(
        &json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "asya-runtime", "namespace": namespace, "labels": labels},
            "data": {"asya_runtime.py": text},
        })
        .to_string(),
    );
}

/// An account with an annotation.
pub fn account(server: &Server, namespace: &str, name: &str, key: &str, value: &str) {
    server.apply(
        &json!({
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": namespace, "annotations": {key: value}},
        })
        .to_string(),
    );
}

/// An actor bound to the composition of a queue, ready, with its ScaledObject and
/// TriggerAuthentication; `secret` and `key` are what KEDA reads.
pub fn actor(server: &Server, namespace: &str, name: &str, transport: &str, secret: Option<(&str, &str)>) {
    let trigger = match secret {
        Some((name, key)) => json!({"secretTargetRef": [{"parameter": "p", "name": name, "key": key}]}),
        None => json!({"podIdentity": {"provider": "aws"}}),
    };
    let items = json!([
        {
            "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "actor": name, "image": "example.org/crew:1", "handler": "crew.run",
                "compositionRef": {"name": format!("asyncactor-{transport}")},
            },
        },
        {
            "apiVersion": "keda.sh/v1alpha1", "kind": "TriggerAuthentication",
            "metadata": {"name": format!("{name}-trigger-auth"), "namespace": namespace}, "spec": trigger,
        },
        {
            "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
            "metadata": {"name": name, "namespace": namespace},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]},
        },
    ]);
    server.apply(&json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
    super::platform::set_phase(server, namespace, name, "Napping");
}
