//! Checks for every queue: the runtime, Crossplane, the actors themselves.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::check::Check;
use super::references::{Reference, annotation, condition, list, references, text};
use super::ward::{Found, Ward, accounts};
use crate::cluster::{Look, Resource, problem};
use crate::error::Result;
use crate::project::Transport;

/// The file of the platform in every actor's pod.
pub(in super::super) const RUNTIME_KEY: &str = "asya_runtime.py";

/// The annotation of a copy: the namespace it was made from.
pub(in super::super) const COPIED_FROM: &str = "asya.sh/copied-from";

/// What the chart labels its ConfigMap with.
pub(in super::super) const RUNTIME_LABELS: &str = "app.kubernetes.io/component=asya-runtime";

pub(super) async fn run(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    runtime(ward, out).await?;
    installed(ward, out).await?;
    provider_config(ward, out).await?;
    if let Some(what) = &ward.blind {
        out.push(Check::denied("C40", format!("actors of namespace {}", ward.namespace), what));
    }
    for actor in &ward.actors {
        actor_status(ward, actor, out).await?;
    }
    scaling(ward, out).await?;
    pods(ward, out).await?;
    crew(ward, out);
    bindings(ward, out);
    let templates: Vec<(String, Value)> =
        ward.templates_of_actors().into_iter().map(|(name, pod)| (name.to_owned(), pod.clone())).collect();
    resolved("C44", ward, &ward.namespace, &templates, "asya k secret set NAME KEY", out).await
}

/// The name of the runtime's ConfigMap: what actors mount, else the chart's default.
pub(in super::super) fn runtime_name(ward: &Ward<'_>) -> String {
    let mounted = ward.templates_of_actors().into_iter().find_map(|(_, pod)| {
        let volume = list(pod, "/volumes").find(|volume| text(volume, "/name") == "asya-runtime")?;
        Some(text(volume, "/configMap/name")).filter(|name| !name.is_empty())
    });
    mounted.unwrap_or("asya-runtime").to_owned()
}

async fn runtime(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let name = runtime_name(ward);
    let namespace = &ward.namespace;
    let subject = format!("ConfigMap {namespace}/{name}");
    let prepare = format!("asya k namespace prepare {namespace}");
    let live = match ward.cluster.look(&Resource::config_maps(), namespace, &name).await? {
        Look::Denied(what) => {
            out.push(Check::denied("C01", subject, &what));
            return Ok(());
        }
        Look::Seen(live) => live,
    };
    let file = |map: &Value| {
        map.pointer("/data").and_then(|data| data.get(RUNTIME_KEY)).and_then(Value::as_str).map(str::to_owned)
    };
    let Some(live) = live else {
        out.push(Check::fail("C01", subject, "it is missing: pods of actors stay in ContainerCreating").fix(prepare));
        return Ok(());
    };
    let Some(here) = file(&live).filter(|text| !text.trim().is_empty()) else {
        out.push(Check::fail("C01", subject, format!("it has no `{RUNTIME_KEY}`, or an empty one")).fix(prepare));
        return Ok(());
    };
    out.push(Check::ok("C01", subject.clone(), format!("has `{RUNTIME_KEY}`")));
    let source = match ward.cluster.look_all(&Resource::config_maps(), "", RUNTIME_LABELS).await? {
        Look::Denied(what) => {
            out.push(Check::denied("C02", subject, &what));
            return Ok(());
        }
        Look::Seen(all) => all,
    };
    let place = |map: &Value| text(map, "/metadata/namespace").to_owned();
    let from = annotation(&live, COPIED_FROM);
    let source = source.iter().find(|map| place(map) == from).or_else(|| source.iter().find(|map| file(map).is_some()));
    out.push(match source {
        None => Check::skip("C02", subject, "the chart's own ConfigMap was not found in any namespace"),
        Some(source) if place(source) == *namespace => Check::ok("C02", subject, "is the chart's own"),
        Some(source) if file(source).map(|text| hash(&text)) == Some(hash(&here)) => {
            Check::ok("C02", subject, format!("equals the one in namespace `{}`", place(source)))
        }
        Some(source) => Check::fail(
            "C02",
            subject,
            format!("differs from the one in namespace `{}`: the chart was upgraded since it was copied", place(source)),
        )
        .fix(format!(
            "asya k namespace prepare {namespace} --from {}, then kubectl -n {namespace} rollout restart deployment -l asya.sh/actor",
            place(source)
        )),
    });
    Ok(())
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn installed(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let install = "install Crossplane and its providers, then the Helm chart `asya-crossplane`";
    match &ward.definition {
        Look::Denied(what) => out.push(Check::denied("C03", "definition xasyncactors.asya.sh", what)),
        Look::Seen(None) => {
            out.push(Check::fail("C03", "definition xasyncactors.asya.sh", "it is not installed").fix(install));
        }
        Look::Seen(Some(definition)) => out.push(match condition(definition, "Established") {
            Some((false, why)) => {
                Check::fail("C03", "definition xasyncactors.asya.sh", format!("it is not established: {why}"))
            }
            _ => Check::ok("C03", "definition xasyncactors.asya.sh", "is installed"),
        }),
    }
    match &ward.compositions {
        Look::Denied(what) => out.push(Check::denied("C03", "compositions", what)),
        Look::Seen(all) => {
            for transport in &ward.transports {
                let name = format!("asyncactor-{}", transport.name());
                out.push(match all.contains_key(&name) || !ward.templates(*transport).is_empty() {
                    true => Check::ok("C03", format!("Composition {name}"), "is installed"),
                    false => Check::fail("C03", format!("Composition {name}"), "it is not installed").fix(install),
                });
            }
        }
    }
    for (kind, plural, word) in [("Function", "functions", "Function"), ("Provider", "providers", "Provider")] {
        for version in ["v1", "v1beta1"] {
            let resource = Resource::new("pkg.crossplane.io", version, kind, plural, false);
            match ward.cluster.look_all(&resource, "", "").await? {
                Look::Denied(what) => {
                    out.push(Check::denied("C03", format!("{word}s of Crossplane"), &what));
                    break;
                }
                Look::Seen(all) if all.is_empty() => {}
                Look::Seen(all) => {
                    for package in &all {
                        let subject = format!("{word} {}", text(package, "/metadata/name"));
                        out.push(match condition(package, "Healthy") {
                            Some((true, _)) => Check::ok("C03", subject, "is healthy"),
                            Some((false, why)) => {
                                Check::fail("C03", subject.clone(), format!("it is not healthy: {why}")).fix(format!(
                                    "kubectl describe {plural}.pkg.crossplane.io {}",
                                    text(package, "/metadata/name")
                                ))
                            }
                            None => Check::warn("C03", subject, "it does not say whether it is healthy"),
                        });
                    }
                    break;
                }
            }
        }
    }
    Ok(())
}

/// The ProviderConfig of a cloud; `Seen(None)` when there is none.
pub(in super::super) async fn cloud(ward: &Ward<'_>, transport: Transport) -> Result<Look<Option<Value>>> {
    let group = match transport {
        Transport::Pubsub => "gcp.upbound.io",
        Transport::Sqs => "aws.upbound.io",
        Transport::Rabbitmq => return Ok(Look::Seen(None)),
    };
    let resource = Resource::new(group, "v1beta1", "ProviderConfig", "providerconfigs", false);
    ward.cluster.look(&resource, "", "default").await
}

async fn provider_config(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    for transport in [Transport::Pubsub, Transport::Sqs] {
        if !ward.uses(transport) {
            continue;
        }
        let cloud_name = if transport == Transport::Pubsub { "gcp" } else { "aws" };
        let subject = format!("ProviderConfig default ({cloud_name}.upbound.io)");
        out.push(match cloud(ward, transport).await? {
            Look::Denied(what) => Check::denied("C04", subject, &what),
            Look::Seen(Some(_)) => Check::ok("C04", subject, "is there"),
            Look::Seen(None) => Check::fail("C04", subject, "it is missing: no queue can be made")
                .fix("set `providerConfigs.install: true` in the values of the chart `asya-crossplane` and upgrade it"),
        });
    }
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
        out.push(Check::ok("C40", subject, format!("is {}", phase.to_lowercase())));
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
    out.push(Check::fail("C40", subject, wrong.join("; ")).fix(format!(
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
    let Look::Seen(Some(composite)) = ward.cluster.look(&resource, "", composite).await? else { return Ok(None) };
    for reference in list(&composite, "/spec/resourceRefs") {
        let (api_version, kind) = (text(reference, "/apiVersion"), text(reference, "/kind"));
        let Some((group, version)) = api_version.split_once('/') else { continue };
        let plural = format!("{}s", kind.to_lowercase());
        let resource = Resource::new(group, version, kind, &plural, false);
        let name = text(reference, "/name");
        if name.is_empty() {
            continue;
        }
        let Look::Seen(Some(managed)) = ward.cluster.look(&resource, "", name).await? else { continue };
        for wanted in ["Synced", "Ready"] {
            if let Some((false, why)) = condition(&managed, wanted) {
                return Ok(Some(format!("{kind} {name}: {why}")));
            }
        }
    }
    Ok(None)
}

async fn scaling(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
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
    let all = match ward.cluster.look_all(&resource, &ward.namespace, "").await? {
        Look::Denied(what) => {
            out.push(Check::denied("C41", "ScaledObjects", &what));
            return Ok(());
        }
        Look::Seen(all) => all,
    };
    for actor in wanted {
        let subject = format!("ScaledObject {}/{actor}", ward.namespace);
        let found = all.iter().find(|it| text(it, "/metadata/name") == actor);
        out.push(match found.map(|it| condition(it, "Ready")) {
            Some(Some((true, _))) => Check::ok("C41", subject, "is ready"),
            Some(other) => {
                let why = other.map_or("it says nothing about being ready", |(_, why)| why);
                Check::fail("C41", subject, format!("it is not ready, so pods are not added: {why}")).fix(format!(
                    "kubectl -n {} describe scaledobject {actor}; mostly KEDA lacks its Secret",
                    ward.namespace
                ))
            }
            None => Check::fail("C41", subject, "it is missing; it is made once the queue is ready")
                .fix("see what keeps the queue: the checks of the provider's credentials"),
        });
    }
    Ok(())
}

async fn pods(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let all = match &ward.pods {
        Look::Denied(what) => {
            out.push(Check::denied("C42", "pods", what));
            return Ok(());
        }
        Look::Seen(all) => all,
    };
    let before = out.len();
    for problem in all.iter().filter_map(problem) {
        let subject = format!("Pod {}/{}", ward.namespace, problem.pod);
        out.push(
            Check::fail(
                "C42",
                subject,
                format!("container {}: {}: {}", problem.container, problem.reason, problem.message),
            )
            .fix(format!("kubectl -n {} logs {} -c {} --previous", ward.namespace, problem.pod, problem.container)),
        );
    }
    let waiting: BTreeSet<&str> = all
        .iter()
        .filter(|pod| text(pod, "/status/phase") == "Pending")
        .map(|pod| text(pod, "/metadata/name"))
        .collect();
    if let Look::Seen(events) = ward.cluster.look_all(&Resource::events(), &ward.namespace, "").await? {
        let mut seen = BTreeSet::new();
        for event in events.iter().filter(|event| text(event, "/reason") == "FailedMount") {
            let pod = text(event, "/involvedObject/name");
            if waiting.contains(pod) && seen.insert(pod) {
                out.push(Check::fail("C42", format!("Pod {}/{pod}", ward.namespace), text(event, "/message")));
            }
        }
    }
    if out.len() == before {
        out.push(Check::ok(
            "C42",
            format!("pods of namespace {}", ward.namespace),
            format!("none of {} is stuck", all.len()),
        ));
    }
    Ok(())
}

/// Every queue name carries the namespace: messages end in the crew of their own namespace.
fn crew(ward: &Ward<'_>, out: &mut Vec<Check>) {
    if let Some(what) = &ward.blind {
        out.push(Check::denied("C43", format!("crew of namespace {}", ward.namespace), what));
        return;
    }
    for name in ["x-sink", "x-sump"] {
        let subject = format!("AsyncActor {}/{name}", ward.namespace);
        out.push(match ward.actors.iter().any(|actor| text(actor, "/spec/actor") == name) {
            true => Check::ok("C43", subject, "is there"),
            false => Check::fail("C43", subject, "it is missing: finished messages cannot be sent and come back")
                .fix(format!("helm upgrade --install asya-crew asya/asya-crew -n {}", ward.namespace)),
        });
    }
}

/// Claims keep the composition they were made with.
fn bindings(ward: &Ward<'_>, out: &mut Vec<Check>) {
    let default = match &ward.definition {
        Look::Seen(Some(definition)) => text(definition, "/spec/defaultCompositionRef/name"),
        _ => "",
    };
    for actor in &ward.actors {
        let bound = text(actor, "/spec/compositionRef/name");
        if bound.is_empty() {
            continue;
        }
        let asked = match text(actor, "/spec/transport") {
            "" => default.to_owned(),
            transport => format!("asyncactor-{transport}"),
        };
        if !asked.is_empty() && bound != asked {
            let name = text(actor, "/metadata/name");
            out.push(
                Check::fail(
                    "P2",
                    format!("AsyncActor {}/{name}", ward.namespace),
                    format!("it is bound to `{bound}`, while `{asked}` is meant; a binding is never changed later"),
                )
                .fix(format!(
                    "kubectl -n {} delete asyncactor {name}, then apply again; its queue goes with its messages",
                    ward.namespace
                )),
            );
        }
    }
}

/// Whether everything that pods refer to is there.
pub(super) async fn resolved(
    id: &'static str,
    ward: &Ward<'_>,
    namespace: &str,
    templates: &[(String, Value)],
    fix: &str,
    out: &mut Vec<Check>,
) -> Result<()> {
    let mut wanted: BTreeSet<Reference> = BTreeSet::new();
    for (_, pod) in templates {
        wanted.extend(references(pod));
    }
    let count = wanted.len();
    let before = out.len();
    for reference in wanted {
        let Reference { kind, name, key } = &reference;
        let subject = format!("{kind} {namespace}/{name}");
        let users: Vec<&str> = templates
            .iter()
            .filter(|(_, pod)| references(pod).contains(&reference))
            .map(|(name, _)| name.as_str())
            .collect();
        let users = users.join(", ");
        let (has_it, has_key) = match *kind {
            "Secret" => match ward.secret(namespace, name, key.as_deref().unwrap_or_default()).await? {
                Look::Denied(what) => {
                    out.push(Check::denied(id, subject, &what));
                    continue;
                }
                Look::Seen(Found::Missing) => (false, false),
                Look::Seen(Found::NoKey) => (true, key.is_none()),
                Look::Seen(Found::Value(_)) => (true, true),
            },
            other => {
                let resource = if other == "ConfigMap" { Resource::config_maps() } else { accounts() };
                match ward.cluster.look(&resource, namespace, name).await? {
                    Look::Denied(what) => {
                        out.push(Check::denied(id, subject, &what));
                        continue;
                    }
                    Look::Seen(None) => (false, false),
                    Look::Seen(Some(object)) => {
                        let has = |key: &String| {
                            ["data", "binaryData"]
                                .iter()
                                .any(|part| object.get(part).is_some_and(|data| data.get(key).is_some()))
                        };
                        (true, key.as_ref().is_none_or(has))
                    }
                }
            }
        };
        if !has_it {
            out.push(Check::fail(id, subject, format!("it is missing; {users} cannot start without it")).fix(fix));
        } else if !has_key {
            let key = key.as_deref().unwrap_or_default();
            out.push(
                Check::fail(id, subject, format!("it has no key `{key}`; {users} cannot start without it")).fix(fix),
            );
        }
    }
    if out.len() == before && count > 0 {
        out.push(Check::ok(
            id,
            format!("what pods of namespace {namespace} refer to"),
            format!("all {count} are there"),
        ));
    }
    Ok(())
}
