//! The logs of actors: of all their pods, also of those that come later, over lost connections.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::io::{AsyncBufRead, AsyncBufReadExt};
use futures::{StreamExt, TryStreamExt, stream};
use http::Request;
use serde_json::Value;
use tokio::sync::mpsc;

use super::containers::{LogQuery, problem};
use super::exchange::is_unauthorized;
use super::failure::{self, Doing};
use super::log_sources::{Source, actor, containers, restarted, silent, sources};
use super::waiting::ACTOR_LABEL;
use super::watch::{Seen, Selection};
use super::{Cluster, Resource};
use crate::error::{Error, Result};
use crate::event::{Event, Events};

/// How long a log that ended is left alone before it is opened again.
const PAUSE: Duration = Duration::from_secs(1);

/// How many lines may wait for the reader.
const BUFFER: usize = 1024;

/// How many logs are read at a time.
const PARALLEL: usize = 16;

/// Which logs are wanted.
#[derive(Debug, Clone)]
pub struct LogRequest {
    /// Namespace of the actors.
    pub namespace: String,
    /// The actors.
    pub actors: BTreeSet<String>,
    /// The containers; empty for all.
    pub containers: BTreeSet<String>,
    /// The last lines of each container alone.
    pub tail: Option<u64>,
    /// Lines of the last seconds alone.
    pub since_seconds: Option<u64>,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The actor.
    pub actor: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// When it was written (RFC 3339); empty when the server did not say.
    pub time: String,
    /// The line, without its end.
    pub text: String,
}

/// The logs of a moment.
#[derive(Debug, Default)]
pub struct Logs {
    /// Oldest first.
    pub lines: Vec<LogLine>,
    /// How many pods the actors have.
    pub pods: usize,
    /// The names of their containers.
    pub containers: BTreeSet<String>,
    /// Containers that have not begun to run, and why, in words.
    pub silent: Vec<String>,
}

/// How far a log was read: the time of the last line, and how many lines of that time.
#[derive(Debug, Clone, Default)]
struct Mark {
    time: String,
    lines: usize,
}

/// What a reader reports.
enum Report {
    Line(Source, String, String),
    /// The server accepted these credentials.
    Accepted(u64),
    /// It cannot be read with these credentials.
    Failed(String, kube::Error, u64),
    Ended(Source),
}

impl Cluster {
    /// The logs as they are now, oldest line first.
    pub async fn logs(&self, request: &LogRequest) -> Result<Logs> {
        let kind = Resource::pods();
        let mut pods = self.first(self.list(&kind, &request.namespace, ACTOR_LABEL)).await?;
        pods.retain(|pod| request.actors.contains(actor(pod)));
        let with_pods = pods.iter().flat_map(|pod| sources(pod, request).into_iter().map(move |source| (pod, source)));
        let sources: Vec<(Source, bool)> =
            with_pods.map(|(pod, source)| (source.clone(), restarted(pod, &source.container))).collect();
        let read: Vec<Vec<LogLine>> = stream::iter(sources)
            .map(|(source, restarted)| async move { self.read_log(request, source, restarted).await })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        let mut lines: Vec<LogLine> = read.into_iter().flatten().collect();
        // Stable: lines of one time stay as each container wrote them.
        lines.sort_by_key(|line| sortable(&line.time));
        Ok(Logs {
            lines,
            pods: pods.len(),
            containers: pods.iter().flat_map(containers).map(str::to_owned).collect(),
            silent: pods.iter().flat_map(|pod| silent(pod, request)).collect(),
        })
    }

    async fn read_log(&self, request: &LogRequest, source: Source, restarted: bool) -> Result<Vec<LogLine>> {
        // A container that was restarted and has said nothing since told why before.
        let mut lines = Vec::new();
        for previous in [false, true] {
            let query = LogQuery { previous, ..query(request, &source, &Mark::default(), false) };
            let mut log = match self.open_log(&request.namespace, &source.pod, &query).await? {
                Ok(log) => log,
                // It does not run yet, or is gone by now.
                Err(kube::Error::Api(status)) if matches!(status.code, 400 | 404) => continue,
                Err(error) => return Err(self.no_log(&request.namespace, &source.pod, &error)),
            };
            while let Some((time, text)) = next_line(&mut log).await {
                lines.push(line(&source, time, text));
            }
            if !lines.is_empty() || !restarted {
                break;
            }
        }
        Ok(lines)
    }

    /// Gives every line to `write` as it is written, until `write` answers `false`. Pods that come
    /// later join; a log whose connection is lost is read on where it was left.
    pub async fn follow_logs(
        &self,
        request: &LogRequest,
        mut write: impl AsyncFnMut(LogLine) -> bool,
        events: Events<'_>,
    ) -> Result<()> {
        let selection = Selection { labels: ACTOR_LABEL.to_owned(), ..Selection::default() };
        let mut pods = self.watch(&Resource::pods(), &request.namespace, &selection);
        let (sender, mut reports) = mpsc::channel(BUFFER);
        let mut known: BTreeMap<Source, Mark> = BTreeMap::new();
        let mut reading: BTreeSet<Source> = BTreeSet::new();
        let mut troubled = false;
        let mut told = BTreeSet::new();
        loop {
            tokio::select! {
                seen = pods.next() => match seen {
                    Some(Seen::All(all)) => {
                        let now: BTreeSet<Source> = all.iter().flat_map(|pod| sources(pod, request)).collect();
                        if known.is_empty() && !all.iter().any(|pod| request.actors.contains(actor(pod))) {
                            events(Event::Note("no pods yet; waiting for them".to_owned()));
                        }
                        known.retain(|source, _| now.contains(source));
                        for source in now {
                            self.join(request, source, &mut known, &mut reading, &sender);
                        }
                        troubled = false;
                        for words in all.iter().flat_map(|pod| silent(pod, request)) {
                            if told.insert(words.clone()) {
                                events(Event::Note(words));
                            }
                        }
                    }
                    Some(Seen::Now(pod)) => {
                        // Pods that come while one waits start by themselves, mostly.
                        for words in silent(&pod, request).into_iter().filter(|_| problem(&pod).is_some()) {
                            if told.insert(words.clone()) {
                                events(Event::Note(words));
                            }
                        }
                        for source in sources(&pod, request) {
                            self.join(request, source, &mut known, &mut reading, &sender);
                        }
                    }
                    Some(Seen::Gone(pod)) => {
                        let name = pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
                        known.retain(|source, _| source.pod != name);
                    }
                    Some(Seen::Blind(error)) => return Err(error),
                    Some(Seen::Trouble(error)) => {
                        if !std::mem::replace(&mut troubled, true) {
                            events(Event::Note(format!("{error}; trying again")));
                        }
                    }
                    None => return Ok(()),
                },
                report = reports.recv() => match report {
                    Some(Report::Line(source, time, text)) => {
                        if let Some(mark) = known.get_mut(&source) {
                            mark.pass(&time);
                        }
                        if !write(line(&source, time, text)).await {
                            return Ok(());
                        }
                    }
                    Some(Report::Accepted(credentials)) => self.credentials.accepted(credentials),
                    Some(Report::Failed(pod, error, credentials)) => {
                        // With others it is opened again when it has ended.
                        if is_unauthorized(&error) {
                            match self.credentials.renew(credentials).await {
                                Ok(true) => continue,
                                Ok(false) => {}
                                Err(error) => return Err(self.no_log(&request.namespace, &pod, &error)),
                            }
                        }
                        let refused = matches!(&error, kube::Error::Api(status) if matches!(status.code, 401 | 403));
                        let error = self.no_log(&request.namespace, &pod, &error);
                        if refused {
                            return Err(error);
                        }
                        if told.insert(error.to_string()) {
                            events(Event::Note(format!("{error}; trying again")));
                        }
                    }
                    Some(Report::Ended(source)) => {
                        reading.remove(&source);
                        if known.contains_key(&source) {
                            self.join(request, source, &mut known, &mut reading, &sender);
                        }
                    }
                    None => return Ok(()),
                },
            }
        }
    }

    /// Reads a log unless it is being read.
    fn join(
        &self,
        request: &LogRequest,
        source: Source,
        known: &mut BTreeMap<Source, Mark>,
        reading: &mut BTreeSet<Source>,
        reports: &mpsc::Sender<Report>,
    ) {
        let mark = known.entry(source.clone()).or_default().clone();
        if !reading.insert(source.clone()) {
            return;
        }
        let query = query(request, &source, &mark, true);
        let what = format!("the log of pod {}/{}", request.namespace, source.pod);
        let doing = Doing { verb: "read", what: &what };
        let path = query.path(&request.namespace, &source.pod);
        // A pod's name that cannot be asked for is none of the cluster's making.
        let Ok(asked) = path.and_then(|path| self.request(&doing, Request::get(path), None)) else { return };
        let ((client, credentials), reports) = (self.credentials.client(), reports.clone());
        tokio::spawn(async move {
            let began = tokio::time::Instant::now();
            let opened = client.request_stream(asked).await;
            match opened {
                // It does not run yet, or is gone by now: the pods are watched.
                Err(kube::Error::Api(status)) if matches!(status.code, 400 | 404) => {}
                Err(error) => {
                    let _ = reports.send(Report::Failed(source.pod.clone(), error, credentials)).await;
                }
                Ok(mut log) => {
                    if reports.send(Report::Accepted(credentials)).await.is_err() {
                        return;
                    }
                    let mut skip = mark.lines;
                    while let Some((time, text)) = next_line(&mut log).await {
                        // The server answers from a time on: these were given already.
                        if !mark.time.is_empty() && sortable(&time) < sortable(&mark.time) {
                            continue;
                        }
                        if time == mark.time && skip > 0 {
                            skip -= 1;
                            continue;
                        }
                        if reports.send(Report::Line(source.clone(), time, text)).await.is_err() {
                            return;
                        }
                    }
                }
            }
            tokio::time::sleep_until(began + PAUSE).await;
            let _ = reports.send(Report::Ended(source)).await;
        });
    }

    async fn open_log(
        &self,
        namespace: &str,
        pod: &str,
        query: &LogQuery,
    ) -> Result<Result<impl AsyncBufRead + Unpin + use<>, kube::Error>> {
        let what = format!("the log of pod {namespace}/{pod}");
        let doing = Doing { verb: "read", what: &what };
        let request = self.request(&doing, Request::get(query.path(namespace, pod)?), None)?;
        Ok(self.renewing(async |client| client.request_stream(request.clone()).await).await)
    }

    fn no_log(&self, namespace: &str, pod: &str, error: &kube::Error) -> Error {
        failure::explain(self, &Doing { verb: "read", what: &format!("the log of pod {namespace}/{pod}") }, error)
    }
}

impl Mark {
    fn pass(&mut self, time: &str) {
        if self.time == time {
            self.lines += 1;
        } else {
            time.clone_into(&mut self.time);
            self.lines = 1;
        }
    }
}

fn query(request: &LogRequest, source: &Source, mark: &Mark, follow: bool) -> LogQuery {
    let begun = !mark.time.is_empty();
    LogQuery {
        container: Some(source.container.clone()),
        follow,
        previous: false,
        tail: request.tail.filter(|_| !begun),
        since_seconds: request.since_seconds.filter(|_| !begun),
        since_time: begun.then(|| mark.time.clone()),
        timestamps: true,
    }
}

/// The next line with its time; `None` at the end, also of the connection.
async fn next_line(log: &mut (impl AsyncBufRead + Unpin)) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let length = log.read_until(b'\n', &mut bytes).await.unwrap_or(0);
    // What the connection was lost in the middle of is read again.
    if length == 0 {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Some(match text.split_once(' ') {
        Some((time, rest)) if is_time(time) => (time.to_owned(), rest.to_owned()),
        _ if is_time(text) => (text.to_owned(), String::new()),
        _ => (String::new(), text.to_owned()),
    })
}

fn is_time(word: &str) -> bool {
    word.len() >= 20 && word.as_bytes().get(10) == Some(&b'T') && word.starts_with(|c: char| c.is_ascii_digit())
}

/// A time as text that sorts as the times do: fractions have as many digits as they need.
fn sortable(time: &str) -> String {
    let (whole, fraction) = match time.trim_end_matches('Z').split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (time.trim_end_matches('Z'), ""),
    };
    format!("{whole}.{fraction:0<9}")
}

fn line(source: &Source, time: String, text: String) -> LogLine {
    LogLine { actor: source.actor.clone(), pod: source.pod.clone(), container: source.container.clone(), time, text }
}

#[cfg(test)]
mod tests {
    use super::sortable;

    #[test]
    fn times_sort_as_text() {
        let mut times =
            ["2026-01-02T03:04:05.12Z", "2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"];
        times.sort_by_key(|time| sortable(time));
        assert_eq!(
            times,
            ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.12Z", "2026-01-02T03:04:06Z"]
        );
    }
}
