//! Whether an actor or a Deployment is as it was asked for, decided from what was seen of it
//! (`docs/platform/asyncactor.md`, "Status").
//!
//! The phase alone does not tell: right after an apply it is still that of the state before. So
//! the Deployment and its pods are looked at too, where the user may.

use serde_json::Value;

use super::containers::{Problem, not_ready, problem};
use crate::event::Standing;
use crate::names::counted;

/// How something stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// How it stands.
    pub standing: Standing,
    /// Why, in a few words: `scaled to zero`, `2 pods`, `queue: …`.
    pub text: String,
    /// What ends the wait.
    pub problem: Option<Problem>,
}

impl Readiness {
    fn waiting(text: impl Into<String>) -> Self {
        Self { standing: Standing::Waiting, text: text.into(), problem: None }
    }

    fn ready(text: impl Into<String>) -> Self {
        Self { standing: Standing::Ready, text: text.into(), problem: None }
    }

    fn failed(problem: Problem) -> Self {
        let Problem { pod, container, reason, message, .. } = &problem;
        let why = if message.is_empty() { String::new() } else { format!(": {message}") };
        let text = format!("{reason} in container {container} of pod {pod}{why}");
        Self { standing: Standing::Failed, text, problem: Some(problem) }
    }
}

/// How an actor stands. `deployment` and `pods` are what was seen of the actor's; `None` and
/// nothing where the user may not look.
pub fn actor_readiness(actor: Option<&Value>, deployment: Option<&Value>, pods: &[&Value]) -> Readiness {
    let Some(actor) = actor else { return Readiness::waiting("it does not exist") };
    if actor.pointer("/metadata/deletionTimestamp").is_some() {
        return Readiness::waiting("it is being deleted");
    }
    let pods: Vec<&Value> =
        pods.iter().copied().filter(|pod| counts(pod) && is_made_from(actor, pod, "/spec")).collect();
    if let Some(problem) = pods.iter().find_map(|pod| problem(pod)) {
        return Readiness::failed(problem);
    }
    let observed = observed(actor);
    if !observed || !says_ready(actor) {
        return Readiness::waiting(not_ready_yet(actor, observed, &pods));
    }
    if let Some(deployment) = deployment {
        if !is_made_from(actor, deployment, "/spec/template/spec") {
            return Readiness::waiting("its Deployment is not renewed yet");
        }
        if let Some(why) = rolling(deployment) {
            return Readiness::waiting(first_trouble(&pods).unwrap_or(why));
        }
    }
    match text(actor, "/status/phase") {
        "Napping" => Readiness::ready("scaled to zero"),
        _ => Readiness::ready(replicas(actor, deployment)),
    }
}

/// How a Deployment stands.
pub fn deployment_readiness(deployment: Option<&Value>, pods: &[&Value]) -> Readiness {
    let Some(deployment) = deployment else { return Readiness::waiting("it does not exist") };
    let current = |pod: &&Value| counts(pod) && same_template(deployment, pod);
    let pods: Vec<&Value> = pods.iter().copied().filter(current).collect();
    if let Some(problem) = pods.iter().find_map(|pod| problem(pod)) {
        return Readiness::failed(problem);
    }
    match rolling(deployment) {
        Some(why) => Readiness::waiting(first_trouble(&pods).unwrap_or(why)),
        None => {
            let replicas = deployment.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
            Readiness::ready(if replicas == 0 { "scaled to zero".to_owned() } else { counted_pods(replicas) })
        }
    }
}

/// Pods on their way out say nothing about the new state.
fn counts(pod: &Value) -> bool {
    pod.pointer("/metadata/deletionTimestamp").is_none()
        && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

/// The controllers have looked at the newest generation, as far as they say.
fn observed(actor: &Value) -> bool {
    let Some(generation) = actor.pointer("/metadata/generation").and_then(Value::as_i64) else { return true };
    conditions(actor)
        .filter_map(|condition| condition.get("observedGeneration").and_then(Value::as_i64))
        .all(|observed| observed >= generation)
}

/// Whether an actor says that it is ready, or as good as that (`docs/platform/asyncactor.md`,
/// "Readiness").
fn says_ready(actor: &Value) -> bool {
    match text(actor, "/status/phase") {
        "" => conditions(actor)
            .any(|condition| text(condition, "/type") == "Ready" && text(condition, "/status") == "True"),
        phase => matches!(phase, "Ready" | "Napping"),
    }
}

fn not_ready_yet(actor: &Value, observed: bool, pods: &[&Value]) -> String {
    if actor.get("status").is_none() {
        return "nothing has taken it up yet".to_owned();
    }
    if !observed {
        return "the change is not taken up yet".to_owned();
    }
    for (part, name) in [("queue", "queue"), ("keda", "scaling")] {
        let part = actor.pointer(&format!("/status/infrastructure/{part}"));
        if part.and_then(|part| part.get("ready")).and_then(Value::as_bool) == Some(false) {
            let message = part.map(|part| text(part, "/message")).unwrap_or_default();
            return if message.is_empty() { format!("its {name} is not ready") } else { format!("{name}: {message}") };
        }
    }
    if let Some(condition) = conditions(actor)
        .find(|condition| text(condition, "/type") == "Synced" && text(condition, "/status") == "False")
    {
        return match text(condition, "/message") {
            "" => format!("Synced is False: {}", text(condition, "/reason")),
            message => first_line(message),
        };
    }
    if let Some(trouble) = first_trouble(pods) {
        return trouble;
    }
    match text(actor, "/status/phase") {
        "" if conditions(actor).any(|condition| text(condition, "/type") == "Ready") => {
            "its condition Ready is not True".to_owned()
        }
        "" => "it has no phase yet".to_owned(),
        phase => phase.to_lowercase(),
    }
}

fn first_trouble(pods: &[&Value]) -> Option<String> {
    // Without its name: which of several pods comes first does not matter, and changes.
    pods.iter().find_map(|pod| Some(format!("a pod is not ready: {}", first_line(&not_ready(pod)?))))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn replicas(actor: &Value, deployment: Option<&Value>) -> String {
    let ready = deployment
        .and_then(|deployment| deployment.pointer("/status/readyReplicas"))
        .or_else(|| actor.pointer("/status/infrastructure/workload/readyReplicas"))
        .and_then(Value::as_u64);
    ready.map_or_else(|| "ready".to_owned(), counted_pods)
}

fn counted_pods(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "pod")
}

/// What a rollout still lacks; `None` when it is done.
fn rolling(deployment: &Value) -> Option<String> {
    let number = |pointer: &str| deployment.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
    if number("/status/observedGeneration") < number("/metadata/generation") {
        return Some("its Deployment is not taken up yet".to_owned());
    }
    let wanted = deployment.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let (updated, all, available) =
        (number("/status/updatedReplicas"), number("/status/replicas"), number("/status/availableReplicas"));
    if updated < wanted {
        return Some(format!("{updated} of {wanted} pods renewed"));
    }
    if all > updated {
        return Some(format!(
            "{} old {} still there",
            all - updated,
            if all - updated == 1 { "pod is" } else { "pods are" }
        ));
    }
    (available < updated).then(|| format!("{available} of {updated} pods ready"))
}

/// Whether a pod (or a Deployment's template, at `pointer`) was made from the actor as it is now:
/// its runtime has what the actor asks for. The platform adds to it, so it may have more.
fn is_made_from(actor: &Value, made: &Value, pointer: &str) -> bool {
    let Some(spec) = made.pointer(pointer) else { return false };
    let Some(runtime) = container(spec, "asya-runtime") else { return true };
    let variable = |name: &str| {
        let entries = runtime.get("env").and_then(Value::as_array).into_iter().flatten();
        entries.into_iter().find(|entry| entry.get("name").and_then(Value::as_str) == Some(name))
    };
    let handler = variable("ASYA_HANDLER").is_none_or(|entry| text(entry, "/value") == text(actor, "/spec/handler"));
    let env = list(actor, "/spec/env").all(|entry| match variable(text(entry, "/name")) {
        // The server adds defaults below `valueFrom`.
        Some(found) if entry.get("valueFrom").is_some() => found.get("valueFrom").is_some(),
        Some(found) => text(found, "/value") == text(entry, "/value"),
        None => false,
    });
    let mounted = |name: &str| list(spec, "/volumes").any(|volume| text(volume, "/configMap/name") == name);
    let volumes = list(actor, "/spec/volumes")
        .map(|volume| text(volume, "/configMap/name"))
        .all(|name| name.is_empty() || mounted(name));
    handler && env && volumes && same_image(text(actor, "/spec/image"), text(runtime, "/image"))
}

/// Whether two images are the same; registries and digests are things that clusters put in.
fn same_image(wanted: &str, found: &str) -> bool {
    let last = |image: &str| {
        let image = image.split('@').next().unwrap_or_default();
        image.rsplit('/').next().unwrap_or_default().to_owned()
    };
    wanted == found || (!last(wanted).is_empty() && last(wanted) == last(found))
}

/// Whether a pod has the containers of a Deployment's template.
fn same_template(deployment: &Value, pod: &Value) -> bool {
    list(deployment, "/spec/template/spec/containers").all(|wanted| {
        let found = pod.get("spec").and_then(|spec| container(spec, text(wanted, "/name")));
        found.is_some_and(|found| same_image(text(wanted, "/image"), text(found, "/image")))
    }) && annotation(deployment, "/spec/template/metadata/annotations") == annotation(pod, "/metadata/annotations")
}

fn annotation<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(|annotations| annotations.get("kubectl.kubernetes.io/restartedAt"))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn container<'a>(spec: &'a Value, name: &str) -> Option<&'a Value> {
    list(spec, "/containers").find(|container| text(container, "/name") == name)
}

fn conditions(object: &Value) -> impl Iterator<Item = &Value> {
    list(object, "/status/conditions")
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
