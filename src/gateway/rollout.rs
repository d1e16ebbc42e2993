//! Waiting for the pods of a gateway that are being replaced.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::detect::containers;
use super::template::is_current;
use crate::cluster::{Cluster, Problem, Readiness, Resource, deployment_readiness};
use crate::error::{Error, Result};
use crate::event::{Event, Events, Standing};

/// How long between two looks: quick at first, then not a burden.
const QUICK: Duration = Duration::from_millis(150);
const SLOW: Duration = Duration::from_millis(1500);

/// How many of its last lines a container that does not start is quoted with.
const LAST_WORDS: u32 = 10;

/// Waits until all pods of a Deployment are those of its newest pod template and ready; answers
/// how long it took. Ends early when a new pod will not start by itself, with the last lines of its
/// container as an event. Errors are of kind `Negative` then, and of kind `Timeout` when time is up.
pub async fn rolled_out(
    cluster: &Cluster,
    (namespace, deployment): (&str, &str),
    timeout: Duration,
    events: Events<'_>,
) -> Result<Duration> {
    let started = Instant::now();
    let object = Resource::deployments().describe(namespace, deployment);
    let mut pause = QUICK;
    loop {
        let Some(live) = cluster.get(&Resource::deployments(), namespace, deployment).await? else {
            return Err(Error::cluster(format!("{object} has gone")));
        };
        // Pods are looked at when it is not a matter of a moment.
        let pods = if pause > QUICK { current_pods(cluster, namespace, &live).await? } else { Vec::new() };
        let Readiness { standing, text, problem } = deployment_readiness(Some(&live), &pods.iter().collect::<Vec<_>>());
        if standing == Standing::Ready {
            return Ok(started.elapsed());
        }
        let given_up = condition(&live, "Progressing") == Some("ProgressDeadlineExceeded");
        let is_over = started.elapsed() > timeout;
        let place = (namespace, deployment);
        if let Some(problem) = problem {
            return Err(does_not_start(cluster, place, &live, (problem, text), events).await);
        }
        if given_up || is_over {
            let seconds = started.elapsed().as_secs();
            let message =
                format!("gateway `{deployment}` has not replaced its pods after {seconds} s; {}", old_pods(&live));
            let error = if given_up { Error::negative(message) } else { Error::timeout(message) };
            return Err(error.because(text).hint(look_at(cluster, place)));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(SLOW);
    }
}

/// Fails when new pods of a Deployment, of an earlier change, will not start by themselves.
pub async fn not_stuck(cluster: &Cluster, (namespace, deployment): (&str, &str), events: Events<'_>) -> Result<()> {
    let Some(live) = cluster.get(&Resource::deployments(), namespace, deployment).await? else { return Ok(()) };
    let pods = current_pods(cluster, namespace, &live).await?;
    let readiness = deployment_readiness(Some(&live), &pods.iter().collect::<Vec<_>>());
    match readiness.problem {
        Some(problem) => {
            Err(does_not_start(cluster, (namespace, deployment), &live, (problem, readiness.text), events).await)
        }
        None => Ok(()),
    }
}

/// The error for a new pod that will not start, after its container's last lines.
async fn does_not_start(
    cluster: &Cluster,
    (namespace, deployment): (&str, &str),
    live: &Value,
    (problem, text): (Problem, String),
    events: Events<'_>,
) -> Error {
    let words = cluster.last_words(namespace, &problem.pod, &problem.container, LAST_WORDS).await;
    if !words.is_empty() {
        let object = Resource::deployments().describe(namespace, deployment);
        events(Event::Note(format!("the last lines of container {} of {object}:", problem.container)));
        events(Event::Excerpt(words));
    }
    Error::negative(format!("a new pod of gateway `{deployment}` does not start; {}", old_pods(live)))
        .because(text)
        .hint(look_at(cluster, (namespace, deployment)))
}

fn look_at(cluster: &Cluster, (namespace, deployment): (&str, &str)) -> String {
    let context = cluster.context();
    format!("look at it with `kubectl --context {context} -n {namespace} describe deployment/{deployment}`")
}

/// What serves meanwhile.
fn old_pods(deployment: &Value) -> &'static str {
    match deployment.pointer("/status/availableReplicas").and_then(Value::as_i64) {
        Some(1..) => "the old ones keep serving",
        _ => "nothing serves",
    }
}

fn condition<'a>(deployment: &'a Value, kind: &str) -> Option<&'a str> {
    let conditions = deployment.pointer("/status/conditions")?.as_array()?;
    let found = conditions.iter().find(|condition| condition.get("type").and_then(Value::as_str) == Some(kind))?;
    found.get("reason")?.as_str()
}

/// The pods of the newest pod template, newest first; none when the user may not look.
pub(super) async fn current_pods(cluster: &Cluster, namespace: &str, deployment: &Value) -> Result<Vec<Value>> {
    Ok(visible_pods(cluster, namespace, deployment).await?.unwrap_or_default())
}

/// As [`current_pods`]; the inner result holds the refusal when the user may not look.
pub(super) async fn visible_pods(cluster: &Cluster, namespace: &str, deployment: &Value) -> Result<Result<Vec<Value>>> {
    let labels = deployment.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let selector: Vec<String> =
        labels.into_iter().flatten().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    let mut pods = match cluster.list_visible(&Resource::pods(), namespace, &selector.join(",")).await? {
        Ok(pods) => pods,
        Err(refusal) => return Ok(Err(refusal)),
    };
    pods.retain(|pod| pod.pointer("/metadata/deletionTimestamp").is_none() && is_current(pod, deployment));
    let created = |pod: &Value| pod.pointer("/metadata/creationTimestamp").and_then(Value::as_str).map(str::to_owned);
    pods.sort_by_key(|pod| std::cmp::Reverse(created(pod)));
    Ok(Ok(pods))
}

/// The line of a gateway's log that tells what is wrong: the last one about an error, else the last
/// one of a container that ended. The inner result holds the refusal where the log may not be read.
pub(super) async fn telling_line(
    cluster: &Cluster,
    namespace: &str,
    pod: &str,
    container: &str,
) -> Result<Result<Option<String>>> {
    for previous in [true, false] {
        let log = match cluster.last_lines(namespace, pod, container, 200, previous).await? {
            Ok(Some(log)) => log,
            Ok(None) => continue,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let lines: Vec<&str> = log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let told = lines.iter().rev().find(|line| is_error(line));
        let told = told.or(if previous { lines.last() } else { None });
        if let Some(line) = told {
            return Ok(Ok(Some(line.chars().take(500).collect())));
        }
    }
    Ok(Ok(None))
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
