//! What NetworkPolicies let through, decided from the policies and the labels of pods.

use serde_json::Value;

use super::super::references::{containers, list, text};

/// What one policy says of one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    LetsIn,
    KeepsOut,
}

/// Whether a policy is about what comes in to a pod, given as `{metadata, spec}`.
pub(super) fn selects_pod(policy: &Value, pod: &Value) -> bool {
    let mut types = list(policy, "/spec/policyTypes").filter_map(Value::as_str).peekable();
    let about_ingress = types.peek().is_none() || types.any(|it| it == "Ingress");
    let labels = pod.pointer("/metadata/labels").unwrap_or(&Value::Null);
    about_ingress && policy.pointer("/spec/podSelector").is_some_and(|selector| matches(selector, labels))
}

/// Whether a policy lets a pod with labels `from`, in a namespace with such labels, reach the HTTP port
/// of `pod`. Ranges of addresses count as letting in: what addresses pods have is not known here.
pub(super) fn admits(
    policy: &Value,
    pod: &Value,
    (from, namespace): (&Value, &Value),
    same_namespace: bool,
) -> Verdict {
    let is_let_in = list(policy, "/spec/ingress").any(|rule| {
        let mut peers = list(rule, "/from").peekable();
        let by_peer = peers.peek().is_none() || peers.any(|peer| is_peer(peer, from, namespace, same_namespace));
        by_peer && by_port(rule, pod)
    });
    if is_let_in { Verdict::LetsIn } else { Verdict::KeepsOut }
}

fn is_peer(peer: &Value, from: &Value, namespace: &Value, same_namespace: bool) -> bool {
    if peer.get("ipBlock").is_some_and(|block| !block.is_null()) {
        return true;
    }
    let in_namespace = match peer.get("namespaceSelector") {
        None | Some(Value::Null) => same_namespace,
        Some(selector) => matches(selector, namespace),
    };
    in_namespace && peer.get("podSelector").is_none_or(|selector| selector.is_null() || matches(selector, from))
}

/// Whether a rule is about the port where the gateway serves.
fn by_port(rule: &Value, pod: &Value) -> bool {
    let spec = pod.get("spec").unwrap_or(&Value::Null);
    let all = || containers(spec).flat_map(|container| list(container, "/ports"));
    let own: Vec<u64> = all().filter_map(|port| port.get("containerPort")?.as_u64()).collect();
    let serves = |number: u64, end: u64| {
        // What declares no port has the gateway's own.
        if own.is_empty() {
            (number..=end).contains(&8080)
        } else {
            own.iter().any(|port| (number..=end).contains(port))
        }
    };
    let mut ports = list(rule, "/ports").peekable();
    ports.peek().is_none()
        || ports.any(|port| {
            let is_tcp = matches!(text(port, "/protocol"), "" | "TCP");
            is_tcp
                && match port.get("port") {
                    None | Some(Value::Null) => true,
                    Some(Value::String(name)) => all().any(|it| text(it, "/name") == name),
                    Some(number) => number.as_u64().is_some_and(|number| {
                        serves(number, port.get("endPort").and_then(Value::as_u64).unwrap_or(number))
                    }),
                }
        })
}

/// Whether labels are what a selector is for; an empty one is for all.
fn matches(selector: &Value, labels: &Value) -> bool {
    let label = |key: &str| labels.get(key).and_then(Value::as_str);
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    equal.into_iter().flatten().all(|(key, value)| label(key) == value.as_str())
        && list(selector, "/matchExpressions").all(|it| {
            let found = label(text(it, "/key"));
            let listed = || found.is_some_and(|value| list(it, "/values").any(|one| one.as_str() == Some(value)));
            match text(it, "/operator") {
                "In" => listed(),
                "NotIn" => !listed(),
                "Exists" => found.is_some(),
                "DoesNotExist" => found.is_none(),
                _ => false,
            }
        })
}
