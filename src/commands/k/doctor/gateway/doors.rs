//! Checks of the half for actors, which asks nobody for a key: nothing leads to it from outside, and
//! actors get in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::check::Check;
use super::super::known::Id;
use super::super::references::{list, text};
use super::super::ward::{Ward, services};
use super::mode;
use super::policies::{Verdict, admits, selects_pod};
use super::reach::selects;
use crate::cluster::{Look, Resource};

fn ingresses() -> Resource {
    Resource::new("networking.k8s.io", "v1", "Ingress", "ingresses", true)
}

fn routes() -> Resource {
    Resource::new("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", true)
}

fn policies() -> Resource {
    Resource::new("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true)
}

/// The half for actors, if there is one: `testing` has its routes too, which is said elsewhere.
fn of_actors(deployments: &[Value]) -> Vec<&Value> {
    let is_mesh = |it: &&Value| it.pointer("/spec/template/spec").is_some_and(|pod| mode(pod) == "mesh");
    deployments.iter().filter(is_mesh).collect()
}

/// Nothing outside of the cluster leads to it.
pub(super) async fn outside(ward: &Ward<'_>, deployments: &[Value], out: &mut Vec<Check>) {
    let mesh = of_actors(deployments);
    if mesh.is_empty() {
        return;
    }
    let subject = |kind: &str, name: &str| format!("{kind} {}/{name}", ward.gateway);
    let whole = format!("way into the mesh half in {}", ward.gateway);
    let all = match ward.look_all(&services(), &ward.gateway, "").await {
        Look::Seen(all) => all,
        Look::Unseen(why) => {
            out.push(Check::unseen(Id::G3, whole, &why));
            return;
        }
    };
    let leading: Vec<&Value> = all.iter().filter(|it| mesh.iter().any(|deployment| selects(it, deployment))).collect();
    let before = out.len();
    for service in &leading {
        let (name, kind) = (text(service, "/metadata/name"), text(service, "/spec/type"));
        if matches!(kind, "NodePort" | "LoadBalancer") {
            out.push(
                Check::fail(
                    Id::G3,
                    subject("Service", name),
                    format!("it is of type {kind}, and leads to the half for actors, which asks nobody for a key"),
                )
                .fix(format!(
                    "set the type of the mesh Service to ClusterIP in the values of the chart; now: kubectl -n {} patch service {name} -p '{{\"spec\":{{\"type\":\"ClusterIP\"}}}}'",
                    ward.gateway
                )),
            );
        }
    }
    let names: BTreeSet<&str> = leading.iter().map(|service| text(service, "/metadata/name")).collect();
    for (resource, backends) in [(ingresses(), of_ingress as fn(&Value) -> Vec<String>), (routes(), of_route)] {
        let found = match ward.look_all(&resource, &ward.gateway, "").await {
            Look::Seen(found) => found,
            Look::Unseen(why) => {
                out.push(Check::unseen(Id::G3, format!("{} in {}", resource.plural, ward.gateway), &why));
                continue;
            }
        };
        for object in &found {
            let Some(service) = backends(object).into_iter().find(|it| names.contains(it.as_str())) else { continue };
            let name = text(object, "/metadata/name");
            out.push(
                Check::fail(
                    Id::G3,
                    subject(&resource.kind, name),
                    format!("it leads to Service {service}, the half for actors, which asks nobody for a key"),
                )
                .fix(format!(
                    "let it lead to the Service of the half for agents, or: kubectl -n {} delete {} {name}",
                    ward.gateway,
                    resource.qualified()
                )),
            );
        }
    }
    if out.len() == before {
        out.push(Check::ok(Id::G3, whole, "is inside the cluster alone"));
    }
}

fn of_ingress(ingress: &Value) -> Vec<String> {
    let name = |backend: &Value| text(backend, "/service/name").to_owned();
    let paths = list(ingress, "/spec/rules").flat_map(|rule| list(rule, "/http/paths"));
    let default = ingress.pointer("/spec/defaultBackend");
    paths.filter_map(|path| path.get("backend")).chain(default).map(name).collect()
}

fn of_route(route: &Value) -> Vec<String> {
    let references = list(route, "/spec/rules").flat_map(|rule| list(rule, "/backendRefs"));
    let own = text(route, "/metadata/namespace");
    let is_own =
        |it: &&Value| ["", own].contains(&text(it, "/namespace")) && ["", "Service"].contains(&text(it, "/kind"));
    references.filter(is_own).map(|it| text(it, "/name").to_owned()).collect()
}

/// Policies let actors in, and those that are meant for this half are about it.
pub(super) async fn inside(ward: &Ward<'_>, deployments: &[Value], out: &mut Vec<Check>) {
    let mesh = of_actors(deployments);
    let subject = |name: &str| format!("NetworkPolicy {}/{name}", ward.gateway);
    let found = match ward.look_all(&policies(), &ward.gateway, "").await {
        Look::Seen(found) => found,
        Look::Unseen(why) => {
            if !mesh.is_empty() {
                out.push(Check::unseen(Id::G4, format!("NetworkPolicies in {}", ward.gateway), &why));
            }
            return;
        }
    };
    let namespaces = Resource::new("", "v1", "Namespace", "namespaces", false);
    let labels = match ward.look(&namespaces, "", &ward.namespace).await {
        Look::Seen(namespace) => namespace.unwrap_or_default().pointer("/metadata/labels").cloned(),
        // The one label that every namespace has.
        Look::Unseen(_) => None,
    };
    let labels = labels.unwrap_or_else(|| json!({"kubernetes.io/metadata.name": ward.namespace}));
    let actors = ward.labels_of_actors();
    for deployment in &mesh {
        let name = text(deployment, "/metadata/name");
        let pod = deployment.pointer("/spec/template").cloned().unwrap_or_default();
        let about: Vec<&Value> = found.iter().filter(|policy| selects_pod(policy, &pod)).collect();
        // Examples go around with labels that no chart gives.
        for policy in found.iter().filter(|policy| !selects_pod(policy, &pod)) {
            let written = policy.pointer("/spec/podSelector").map(Value::to_string).unwrap_or_default();
            if written.contains("gateway-mesh") {
                out.push(
                    Check::warn(
                        Id::G4,
                        subject(text(policy, "/metadata/name")),
                        format!("it protects nothing: no pod of {name} has the labels it is for"),
                    )
                    .fix(format!(
                        "give it the labels of kubectl -n {} get deployment {name} -o jsonpath='{{.spec.selector.matchLabels}}'",
                        ward.gateway
                    )),
                );
            }
        }
        if about.is_empty() || actors.is_empty() {
            continue;
        }
        let kept_out: Vec<&str> = actors
            .iter()
            .filter(|(_, its)| {
                let verdicts: Vec<Verdict> = about
                    .iter()
                    .map(|policy| admits(policy, &pod, (its, &labels), ward.namespace == ward.gateway))
                    .collect();
                verdicts.iter().all(|verdict| *verdict == Verdict::KeepsOut)
            })
            .map(|(actor, _)| actor.as_str())
            .collect();
        let names: Vec<&str> = about.iter().map(|policy| text(policy, "/metadata/name")).collect();
        out.push(match kept_out.as_slice() {
            [] => Check::ok(Id::G4, subject(&names.join(", ")), format!("lets actors reach {name}")),
            [first, ..] => Check::fail(
                Id::G4,
                subject(&names.join(", ")),
                format!(
                    "it keeps {} from {name}, among them {first}: their tasks never get on",
                    crate::names::counted(kept_out.len(), "actor")
                ),
            )
            .fix(format!(
                "let in what has the label `asya.sh/actor`{}: kubectl -n {} edit networkpolicy {}",
                if ward.namespace == ward.gateway {
                    String::new()
                } else {
                    format!(" in namespace `{}`", ward.namespace)
                },
                ward.gateway,
                names.first().unwrap_or(&"NAME")
            )),
        });
    }
}
