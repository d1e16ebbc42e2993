//! Containers of pods: what keeps them from running, and what they said.

use serde_json::Value;

use super::request::{encoded, segment};
use super::{Cluster, Resource};
use crate::error::Result;

/// A container that does not run and will not by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// The kubelet's word: `CrashLoopBackOff`, `ImagePullBackOff`, …
    pub reason: String,
    /// The kubelet's sentence, or how the container ended.
    pub message: String,
    /// It ran, so that it may have said why it ended.
    pub ran: bool,
}

/// Waiting reasons that only a change of something ends. `ErrImagePull` and the like come once
/// before them and may be a matter of seconds.
const HOPELESS: &[&str] = &[
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

/// What keeps a pod from running, if it is something that waiting does not help.
pub fn problem(pod: &Value) -> Option<Problem> {
    let name = text(pod, "/metadata/name");
    statuses(pod).find_map(|status| {
        let waiting = status.pointer("/state/waiting")?;
        let reason = text(waiting, "/reason");
        if !HOPELESS.contains(&reason) {
            return None;
        }
        let ended = status.pointer("/lastState/terminated");
        Some(Problem {
            pod: name.to_owned(),
            container: text(status, "/name").to_owned(),
            reason: reason.to_owned(),
            message: match ended {
                Some(ended) if reason == "CrashLoopBackOff" => how_it_ended(ended),
                _ => text(waiting, "/message").to_owned(),
            },
            ran: ended.is_some(),
        })
    })
}

/// Why a pod does not run yet, in a few words; `None` when all of its containers are ready.
pub(super) fn not_ready(pod: &Value) -> Option<String> {
    if let Some(problem) = problem(pod) {
        return Some(format!("{} ({})", problem.reason, problem.container));
    }
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let unscheduled = conditions
        .clone()
        .find(|condition| text(condition, "/type") == "PodScheduled" && text(condition, "/status") == "False");
    if let Some(condition) = unscheduled {
        return Some(format!("no node takes it: {}", text(condition, "/message")));
    }
    let waiting = statuses(pod).find_map(|status| {
        let reason = text(status.pointer("/state/waiting")?, "/reason");
        (!reason.is_empty()).then(|| reason.to_owned())
    });
    let ready = conditions
        .into_iter()
        .any(|condition| text(condition, "/type") == "Ready" && text(condition, "/status") == "True");
    if ready {
        return None;
    }
    let phase = text(pod, "/status/phase");
    Some(waiting.unwrap_or_else(|| match phase {
        "Running" => "its containers run".to_owned(),
        "" => "Pending".to_owned(),
        phase => phase.to_owned(),
    }))
}

/// Why a container of a pod has not begun to run, in a few words.
pub(super) fn not_begun(pod: &Value, container: &str) -> String {
    let waiting = statuses(pod)
        .find(|status| text(status, "/name") == container)
        .and_then(|status| status.pointer("/state/waiting"))
        .filter(|waiting| !text(waiting, "/reason").is_empty());
    match waiting {
        Some(waiting) => match text(waiting, "/message").lines().next().unwrap_or_default() {
            "" => text(waiting, "/reason").to_owned(),
            message => format!("{}: {message}", text(waiting, "/reason")),
        },
        None => not_ready(pod).unwrap_or_else(|| "it waits for its turn".to_owned()),
    }
}

fn how_it_ended(ended: &Value) -> String {
    let code = ended.get("exitCode").and_then(Value::as_i64).unwrap_or_default();
    match text(ended, "/reason") {
        "" | "Error" => format!("it ends with exit code {code}"),
        "OOMKilled" => "it needs more memory than it may have (OOMKilled)".to_owned(),
        reason => format!("it ends with exit code {code} ({reason})"),
    }
}

/// The states of all containers, init containers first.
pub(super) fn statuses(pod: &Value) -> impl Iterator<Item = &Value> {
    let list = |key: &str| pod.pointer(&format!("/status/{key}")).and_then(Value::as_array).into_iter().flatten();
    list("initContainerStatuses").chain(list("containerStatuses"))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Which part of a container's log is wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct LogQuery {
    /// The container; `None` for the only one.
    pub(super) container: Option<String>,
    /// Stay and get lines as they are written.
    pub(super) follow: bool,
    /// Of the container before the last restart.
    pub(super) previous: bool,
    /// The last lines alone.
    pub(super) tail: Option<u64>,
    /// Lines of the last seconds alone.
    pub(super) since_seconds: Option<u64>,
    /// Lines from this time on (RFC 3339) alone.
    pub(super) since_time: Option<String>,
    /// Every line begins with its time (RFC 3339, nanoseconds) and a space.
    pub(super) timestamps: bool,
}

impl LogQuery {
    pub(super) fn path(&self, namespace: &str, pod: &str) -> Result<String> {
        let mut path = format!("{}/{}/log?", Resource::pods().path(namespace), segment(pod)?);
        let mut add = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                path.push_str(&format!("{key}={}&", encoded(&value)));
            }
        };
        add("container", self.container.clone());
        add("follow", self.follow.then(|| "true".to_owned()));
        add("previous", self.previous.then(|| "true".to_owned()));
        add("tailLines", self.tail.map(|lines| lines.to_string()));
        add("sinceSeconds", self.since_seconds.map(|seconds| seconds.to_string()));
        add("sinceTime", self.since_time.clone());
        add("timestamps", self.timestamps.then(|| "true".to_owned()));
        path.pop();
        Ok(path)
    }
}

impl Cluster {
    /// The last lines a container said before it ended, else those it says now. Empty when there
    /// are none or they cannot be had: they explain an error that is told anyway.
    pub async fn last_words(&self, namespace: &str, pod: &str, container: &str, lines: u32) -> String {
        for previous in [true, false] {
            let said = self.last_lines(namespace, pod, container, lines, previous).await;
            if let Ok(Ok(Some(text))) = said
                && !text.trim().is_empty()
            {
                return text.trim_end().to_owned();
            }
        }
        String::new()
    }
}
