//! Checks of the actors themselves: what they say, their scalers, their pods, the crew.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check::Check;
use super::known::Id;
use super::references::{condition, list, text};
use super::ward::Ward;
use crate::cluster::{Look, Problem, Resource, problem};
use crate::error::Result;

pub(super) async fn run(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    if let Some(what) = &ward.blind {
        out.push(Check::unseen(Id::C40, format!("actors of namespace {}", ward.namespace), what));
    }
    for actor in &ward.actors {
        actor_status(ward, actor, out).await?;
    }
    let events = match ward.look_all(&Resource::events(), &ward.namespace, "").await {
        Look::Seen(events) => events,
        Look::Unseen(_) => Vec::new(),
    };
    scaling(ward, &events, out).await?;
    pods(ward, &events, out);
    crew(ward, out);
    Ok(())
}

async fn actor_status(ward: &Ward<'_>, actor: &Value, out: &mut Vec<Check>) -> Result<()> {
    let name = text(actor, "/metadata/name");
    let subject = format!("AsyncActor {}/{name}", ward.namespace);
    let phase = text(actor, "/status/phase");
    let part = |part: &str| actor.pointer(&format!("/status/infrastructure/{part}/ready")).and_then(Value::as_bool);
    let mut wrong = Vec::new();
    for (key, word) in [("queue", "queue"), ("keda", "scaling")] {
        if part(key) == Some(false) {
            wrong.push(format!("its {word} is not ready"));
        }
    }
    for kind in ["Synced", "Ready"] {
        if let Some((false, why)) = condition(actor, kind) {
            wrong.push(format!("{kind} is False: {why}"));
        }
    }
    if wrong.is_empty() && matches!(phase, "Ready" | "Napping") {
        out.push(Check::ok(Id::C40, subject, format!("is {}", phase.to_lowercase())));
        return Ok(());
    }
    if wrong.is_empty() {
        wrong.push(match phase {
            "" => "nothing has taken it up".to_owned(),
            phase => format!("its phase is {phase}"),
        });
    }
    if let Some(deepest) = deepest(ward, actor).await? {
        wrong.push(deepest);
    }
    out.push(Check::fail(Id::C40, subject, wrong.join("; ")).fix(format!(
        "kubectl -n {} describe asyncactor {name}; asya k events FLOW shows what was tried",
        ward.namespace
    )));
    Ok(())
}

/// What the managed resource furthest from the actor says that is not right.
async fn deepest(ward: &Ward<'_>, actor: &Value) -> Result<Option<String>> {
    let composite = text(actor, "/spec/resourceRef/name");
    if composite.is_empty() {
        return Ok(None);
    }
    let resource = Resource::new("asya.sh", "v1alpha1", "XAsyncActor", "xasyncactors", false);
    let Look::Seen(Some(composite)) = ward.look(&resource, "", composite).await else { return Ok(None) };
    for reference in list(&composite, "/spec/resourceRefs") {
        let (api_version, kind) = (text(reference, "/apiVersion"), text(reference, "/kind"));
        let Some((group, version)) = api_version.split_once('/') else { continue };
        let plural = format!("{}s", kind.to_lowercase());
        let resource = Resource::new(group, version, kind, &plural, false);
        let name = text(reference, "/name");
        if name.is_empty() {
            continue;
        }
        let Look::Seen(Some(managed)) = ward.look(&resource, "", name).await else { continue };
        for wanted in ["Synced", "Ready"] {
            if let Some((false, why)) = condition(&managed, wanted) {
                return Ok(Some(format!("{kind} {name}: {why}")));
            }
        }
    }
    Ok(None)
}

async fn scaling(ward: &Ward<'_>, events: &[Value], out: &mut Vec<Check>) -> Result<()> {
    let wanted: BTreeSet<&str> = ward
        .actors
        .iter()
        .filter(|actor| actor.pointer("/spec/scaling/enabled").and_then(Value::as_bool) != Some(false))
        .map(|actor| text(actor, "/spec/actor"))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let resource = Resource::new("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", true);
    let all = match ward.look_all(&resource, &ward.namespace, "").await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C41, "ScaledObjects", &what));
            return Ok(());
        }
        Look::Seen(all) => all,
    };
    for actor in wanted {
        let subject = format!("ScaledObject {}/{actor}", ward.namespace);
        let found = all.iter().find(|it| text(it, "/metadata/name") == actor);
        out.push(match found.map(|it| condition(it, "Ready")) {
            Some(Some((true, _))) => Check::ok(Id::C41, subject, "is ready"),
            Some(other) => {
                let why = other.map_or("it says nothing about being ready", |(_, why)| why);
                let of_it = |event: &&Value| {
                    text(event, "/type") == "Warning"
                        && text(event, "/involvedObject/kind") == "ScaledObject"
                        && text(event, "/involvedObject/name") == actor
                };
                let latest = events.iter().filter(of_it).max_by_key(|event| text(event, "/lastTimestamp"));
                let latest = latest.map(|event| text(event, "/message")).filter(|message| *message != why);
                let latest = latest.map(|message| format!("; {message}")).unwrap_or_default();
                Check::fail(Id::C41, subject, format!("it is not ready, so pods are not added: {why}{latest}")).fix(
                    format!(
                        "kubectl -n {} describe scaledobject {actor}; mostly KEDA lacks its Secret",
                        ward.namespace
                    ),
                )
            }
            None => Check::fail(Id::C41, subject, "it is missing; it is made once the queue is ready")
                .fix("see what keeps the queue: the checks of the provider's credentials"),
        });
    }
    Ok(())
}

/// A container that will not run by itself.
pub(super) fn stuck(namespace: &str, problem: &Problem) -> Check {
    let Problem { pod, container, reason, message, .. } = problem;
    let colon = if message.is_empty() { "" } else { ": " };
    let fix = match problem.ran {
        true => format!("kubectl -n {namespace} logs {pod} -c {container} --previous"),
        false => format!("kubectl -n {namespace} describe pod {pod}"),
    };
    let finding = format!("container {container}: {reason}{colon}{message}");
    Check::fail(Id::C42, format!("Pod {namespace}/{pod}"), finding).fix(fix)
}

fn pods(ward: &Ward<'_>, events: &[Value], out: &mut Vec<Check>) {
    let all = match &ward.pods {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C42, "pods", what));
            return;
        }
        Look::Seen(all) => all,
    };
    let before = out.len();
    out.extend(all.iter().filter_map(problem).map(|problem| stuck(&ward.namespace, &problem)));
    let waiting: BTreeSet<&str> = all
        .iter()
        .filter(|pod| text(pod, "/status/phase") == "Pending")
        .map(|pod| text(pod, "/metadata/name"))
        .collect();
    let mut seen = BTreeSet::new();
    for event in events.iter().filter(|event| text(event, "/reason") == "FailedMount") {
        let pod = text(event, "/involvedObject/name");
        if waiting.contains(pod) && seen.insert(pod) {
            out.push(
                Check::fail(Id::C42, format!("Pod {}/{pod}", ward.namespace), text(event, "/message")).fix(format!(
                    "make what is missing, see C01 and C44; the pod starts by itself then: asya k doctor --namespace {}",
                    ward.namespace
                )),
            );
        }
    }
    if out.len() == before {
        out.push(Check::ok(
            Id::C42,
            format!("pods of namespace {}", ward.namespace),
            format!("none of {} is stuck", all.len()),
        ));
    }
}

/// Every queue name carries the namespace: messages end in the crew of their own namespace.
fn crew(ward: &Ward<'_>, out: &mut Vec<Check>) {
    if let Some(what) = &ward.blind {
        out.push(Check::unseen(Id::C43, format!("crew of namespace {}", ward.namespace), what));
        return;
    }
    for name in ["x-sink", "x-sump"] {
        let subject = format!("AsyncActor {}/{name}", ward.namespace);
        out.push(match ward.actors.iter().any(|actor| text(actor, "/spec/actor") == name) {
            true => Check::ok(Id::C43, subject, "is there"),
            false => Check::fail(Id::C43, subject, "it is missing: finished messages cannot be sent and come back")
                .fix(format!("helm upgrade --install asya-crew asya/asya-crew -n {}", ward.namespace)),
        });
    }
}
