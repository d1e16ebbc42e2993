//! Waiting for the pods of a gateway that are being replaced.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::detect::containers;
use super::entry::name;
use super::template::is_current;
use crate::cluster::{Cluster, Resource};
use crate::error::{Error, Result};

/// How long between two looks: quick at first, then not a burden.
const QUICK: Duration = Duration::from_millis(150);
const SLOW: Duration = Duration::from_millis(1500);

/// Waits until all pods of a Deployment are those of its newest pod template and ready; answers
/// how long it took. Fails early when a new pod keeps crashing, with the last thing it said.
pub async fn rolled_out(cluster: &Cluster, namespace: &str, deployment: &str, timeout: Duration) -> Result<Duration> {
    let started = Instant::now();
    let object = Resource::deployments().describe(namespace, deployment);
    let mut pause = QUICK;
    loop {
        let Some(live) = cluster.get(&Resource::deployments(), namespace, deployment).await? else {
            return Err(Error::cluster(format!("{object} has gone")));
        };
        let state = progress(&live);
        if state.is_none() {
            return Ok(started.elapsed());
        }
        let trouble = if pause > QUICK { troubled(cluster, namespace, &live).await? } else { None };
        let given_up = condition(&live, "Progressing") == Some("ProgressDeadlineExceeded");
        if trouble.is_some() || given_up || started.elapsed() > timeout {
            let message = match &trouble {
                Some(_) => format!("a new pod of gateway `{deployment}` does not start; the old ones keep serving"),
                None => {
                    format!("gateway `{deployment}` has not replaced its pods after {} s", started.elapsed().as_secs())
                }
            };
            let (because, log) = trouble.unwrap_or((state.unwrap_or_default(), None));
            let error = if given_up || log.is_some() { Error::cluster(message) } else { Error::timeout(message) };
            let error = error.because(because);
            let error = match log {
                Some(line) => error.because(format!("its log says: {line}")),
                None => error,
            };
            return Err(error.hint(format!(
                "look at it with `kubectl --context {} -n {namespace} describe deployment/{deployment}`",
                cluster.context()
            )));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(SLOW);
    }
}

/// What a rollout still waits for; `None` when it is done. As `kubectl rollout status` sees it.
fn progress(deployment: &Value) -> Option<String> {
    let number = |pointer: &str| deployment.pointer(pointer).and_then(Value::as_i64);
    let status = |name: &str| number(&format!("/status/{name}")).unwrap_or(0);
    if number("/metadata/generation").unwrap_or(0) > status("observedGeneration") {
        return Some("the change is not noticed by the cluster's controllers yet".to_owned());
    }
    let wanted = number("/spec/replicas").unwrap_or(1);
    let (updated, all, available) = (status("updatedReplicas"), status("replicas"), status("availableReplicas"));
    if updated < wanted {
        Some(format!("{updated} of {wanted} new pods are made"))
    } else if all > updated {
        Some(format!("{} old pods are still there", all - updated))
    } else if available < updated {
        Some(format!("{available} of {updated} new pods are available"))
    } else {
        None
    }
}

fn condition<'a>(deployment: &'a Value, kind: &str) -> Option<&'a str> {
    let conditions = deployment.pointer("/status/conditions")?.as_array()?;
    let found = conditions.iter().find(|condition| condition.get("type").and_then(Value::as_str) == Some(kind))?;
    found.get("reason")?.as_str()
}

/// A new pod that will not get ready by itself: what is the matter, and the last line of its log.
async fn troubled(cluster: &Cluster, namespace: &str, deployment: &Value) -> Result<Option<(String, Option<String>)>> {
    for pod in current_pods(cluster, namespace, deployment).await? {
        for statuses in ["/status/initContainerStatuses", "/status/containerStatuses"] {
            for status in pod.pointer(statuses).and_then(Value::as_array).into_iter().flatten() {
                let reason = status.pointer("/state/waiting/reason").and_then(Value::as_str).unwrap_or_default();
                let is_trouble =
                    ["CrashLoopBackOff", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError"]
                        .contains(&reason);
                if !is_trouble {
                    continue;
                }
                let container = status.get("name").and_then(Value::as_str).unwrap_or_default();
                let line = telling_line(cluster, namespace, name(&pod), container).await?;
                return Ok(Some((format!("container `{container}` of pod `{}`: {reason}", name(&pod)), line)));
            }
        }
    }
    Ok(None)
}

/// The pods of the newest pod template, newest first; none when the user may not look.
pub(super) async fn current_pods(cluster: &Cluster, namespace: &str, deployment: &Value) -> Result<Vec<Value>> {
    let labels = deployment.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let selector: Vec<String> =
        labels.into_iter().flatten().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    let Ok(mut pods) = cluster.list_visible(&Resource::pods(), namespace, &selector.join(",")).await? else {
        return Ok(Vec::new());
    };
    pods.retain(|pod| pod.pointer("/metadata/deletionTimestamp").is_none() && is_current(pod, deployment));
    let created = |pod: &Value| pod.pointer("/metadata/creationTimestamp").and_then(Value::as_str).map(str::to_owned);
    pods.sort_by_key(|pod| std::cmp::Reverse(created(pod)));
    Ok(pods)
}

/// The line of a gateway's log that tells what is wrong: the last one about an error, else the last
/// one of a container that ended.
pub(super) async fn telling_line(
    cluster: &Cluster,
    namespace: &str,
    pod: &str,
    container: &str,
) -> Result<Option<String>> {
    for previous in [true, false] {
        let Some(log) = cluster.last_lines(namespace, pod, container, 200, previous).await? else { continue };
        let lines: Vec<&str> = log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let told = lines.iter().rev().find(|line| is_error(line));
        let told = told.or(if previous { lines.last() } else { None });
        if let Some(line) = told {
            return Ok(Some(line.chars().take(500).collect()));
        }
    }
    Ok(None)
}

fn is_error(line: &str) -> bool {
    ["level=ERROR", "level=error", "\"level\":\"ERROR\"", "\"level\":\"error\"", "Failed to", "Watcher reload failed"]
        .iter()
        .any(|word| line.contains(word))
}

/// The container of a Deployment that serves `port_name`, with the port.
pub(super) fn serving<'a>(deployment: &'a Value, names: &[&str], port_name: &str, default: u16) -> (&'a str, u16) {
    let name_of = |object: &'a Value| object.get("name").and_then(Value::as_str).unwrap_or_default();
    let found = containers(deployment).find(|container| names.contains(&name_of(container)));
    let container = found.or_else(|| containers(deployment).next());
    let ports = container.and_then(|container| container.get("ports")?.as_array());
    let port = ports
        .into_iter()
        .flatten()
        .find(|port| name_of(port) == port_name)
        .and_then(|port| port.get("containerPort")?.as_u64())
        .and_then(|port| u16::try_from(port).ok());
    (container.map(name_of).unwrap_or_default(), port.unwrap_or(default))
}
