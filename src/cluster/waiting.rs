//! Waiting until what was applied is there and works. Watched, not asked again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde_json::Value;
use tokio::time::Instant;

use super::containers::Problem;
use super::readiness::{Readiness, actor_readiness, deployment_readiness};
use super::watch::{Seen, Selection};
use super::{Cluster, Resource};
use crate::error::{Error, Result};
use crate::event::{Event, Events, Standing};
use crate::kustomize::Object;
use crate::names::counted;

/// The label that names the actor of a Deployment and of a pod.
pub(super) const ACTOR_LABEL: &str = "asya.sh/actor";

/// How many of its last lines a broken container is quoted with.
const LAST_WORDS: u32 = 10;

/// How long the first look at everything may take, however little time there is.
const FIRST_LOOK: Duration = Duration::from_secs(10);

/// What is waited for.
#[derive(Debug, Default)]
pub struct Awaited {
    /// Namespace of the actors.
    pub namespace: String,
    /// Names of AsyncActors.
    pub actors: BTreeSet<String>,
    /// Deployments with their namespaces.
    pub deployments: BTreeSet<(String, String)>,
}

impl Awaited {
    /// What of `objects` becomes ready some time: actors, and Deployments that people added.
    /// `namespace` is that of the actors.
    pub fn of<'a>(objects: impl Iterator<Item = &'a Object>, namespace: &str) -> Self {
        let mut awaited = Self { namespace: namespace.to_owned(), ..Self::default() };
        for object in objects {
            let name = object.name().to_owned();
            match object.kind() {
                "AsyncActor" => _ = awaited.actors.insert(name),
                "Deployment" => {
                    let namespace = object.namespace().unwrap_or(namespace).to_owned();
                    awaited.deployments.insert((namespace, name));
                }
                _ => {}
            }
        }
        awaited
    }
}

/// How long things may take to become ready, from the moment this is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    limit: Duration,
    until: Instant,
}

impl Patience {
    /// Begins now.
    pub fn new(limit: Duration) -> Self {
        Self { limit, until: Instant::now() + limit }
    }
}

/// One object that was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waited {
    /// Its kind.
    pub kind: &'static str,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How it stands at the end.
    pub readiness: Readiness,
}

impl Waited {
    fn object(&self) -> String {
        format!("{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// Which watch something was seen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Eye {
    Actors,
    ActorDeployments,
    ActorPods,
    /// The Deployment with this index.
    Deployment(usize),
    /// Its pods.
    Pods(usize),
}

/// Everything that was seen last.
#[derive(Default)]
struct Scene {
    objects: BTreeMap<Eye, BTreeMap<String, Value>>,
    /// Watches that have given their first answer, or cannot give one.
    open: BTreeSet<Eye>,
}

impl Cluster {
    /// Waits until everything is ready, as long as `patience` lasts; looks once at least. Answers how
    /// each stands, in order.
    ///
    /// Errors: of kind `Negative` as soon as something will not become ready by itself (with the
    /// container's last lines as an event); of kind `Timeout`; of kind `Cluster` when the actors
    /// cannot be watched. Pods and Deployments that the user may not see are done without.
    pub async fn wait(&self, awaited: &Awaited, patience: Patience, events: Events<'_>) -> Result<Vec<Waited>> {
        let result = self.wait_for(awaited, patience, events).await;
        events(Event::WaitingOver);
        let waited = match result {
            Ok(waited) => waited,
            Err(error) => return Err(error),
        };
        let failed: Vec<&Waited> = waited.iter().filter(|it| it.readiness.standing == Standing::Failed).collect();
        if !failed.is_empty() {
            return Err(self.failure(&failed, events).await);
        }
        let late: Vec<&Waited> = waited.iter().filter(|it| it.readiness.standing == Standing::Waiting).collect();
        if late.is_empty() { Ok(waited) } else { Err(out_of_time(&late, patience.limit)) }
    }

    async fn wait_for(&self, awaited: &Awaited, patience: Patience, events: Events<'_>) -> Result<Vec<Waited>> {
        let mut scene = Scene::default();
        let mut shown: BTreeMap<String, (Standing, String)> = BTreeMap::new();
        let mut quiet_about = BTreeSet::new();
        let mut streams = self.eyes(awaited).await?;
        let eyes: BTreeSet<Eye> = streams.iter().map(|(eye, _)| *eye).collect();
        let mut seen = stream::select_all(streams.drain(..).map(|(eye, stream)| stream.map(move |seen| (eye, seen))));
        let first_look = Instant::now() + FIRST_LOOK;
        loop {
            let until = if scene.open == eyes { patience.until } else { patience.until.max(first_look) };
            let next = tokio::time::timeout_at(until, seen.next()).await;
            match next {
                Err(_) | Ok(None) => return Ok(scene.judge(awaited)),
                Ok(Some((eye, Seen::Blind(error)))) => {
                    if !scene.blind(eye) {
                        return Err(error);
                    }
                    if quiet_about.insert(error.message().to_owned()) {
                        events(Event::Warning {
                            message: format!("{}; broken containers are not noticed without it", error.message()),
                            hint: error.hints().first().cloned(),
                        });
                    }
                }
                Ok(Some((_, Seen::Trouble(error)))) => {
                    if quiet_about.insert(error.message().to_owned()) {
                        events(Event::Note(format!("{error}; trying again")));
                    }
                }
                Ok(Some((eye, seen))) => scene.note(eye, seen),
            }
            if scene.open != eyes {
                continue;
            }
            let waited = scene.judge(awaited);
            for it in &waited {
                let Readiness { standing, text, .. } = &it.readiness;
                let now = (*standing, text.clone());
                if shown.get(&it.object()) != Some(&now) {
                    events(Event::Waiting { object: it.object(), standing: now.0, text: now.1.clone() });
                    shown.insert(it.object(), now);
                }
            }
            let all_ready = waited.iter().all(|it| it.readiness.standing == Standing::Ready);
            if all_ready || waited.iter().any(|it| it.readiness.standing == Standing::Failed) {
                return Ok(waited);
            }
        }
    }

    async fn eyes(&self, awaited: &Awaited) -> Result<Vec<(Eye, BoxStream<'_, Seen>)>> {
        let mut eyes = Vec::new();
        if !awaited.actors.is_empty() {
            let all = Selection::default();
            let labelled = Selection { labels: ACTOR_LABEL.to_owned(), ..Selection::default() };
            let namespace = &awaited.namespace;
            eyes.push((Eye::Actors, self.watch(&Resource::actors(), namespace, &all)));
            eyes.push((Eye::ActorDeployments, self.watch(&Resource::deployments(), namespace, &labelled)));
            eyes.push((Eye::ActorPods, self.watch(&Resource::pods(), namespace, &labelled)));
        }
        for (at, (namespace, name)) in awaited.deployments.iter().enumerate() {
            let only = Selection { name: Some(name.clone()), ..Selection::default() };
            eyes.push((Eye::Deployment(at), self.watch(&Resource::deployments(), namespace, &only)));
            let deployment = self.get(&Resource::deployments(), namespace, name).await?;
            if let Some(labels) = deployment.as_ref().and_then(selector) {
                let its = Selection { labels, ..Selection::default() };
                eyes.push((Eye::Pods(at), self.watch(&Resource::pods(), namespace, &its)));
            }
        }
        Ok(eyes)
    }

    async fn failure(&self, failed: &[&Waited], events: Events<'_>) -> Error {
        let mut error = match failed {
            [one] => Error::negative(format!("`{}` does not become ready", one.object())),
            many => Error::negative(format!("{} do not become ready", counted(many.len(), "object"))),
        };
        for it in failed {
            let reason = &it.readiness.text;
            error = error.because(match failed.len() {
                1 => reason.clone(),
                _ => format!("`{}`: {reason}", it.object()),
            });
            let Some(problem) = &it.readiness.problem else { continue };
            if problem.ran {
                let words = self.last_words(&it.namespace, &problem.pod, &problem.container, LAST_WORDS).await;
                if !words.is_empty() {
                    events(Event::Note(format!(
                        "the last lines of container {} of {}:",
                        problem.container,
                        it.object()
                    )));
                    events(Event::Excerpt(words));
                }
            }
            error = error.hint_opt(advice(problem));
        }
        error
    }
}

fn advice(problem: &Problem) -> Option<String> {
    match problem.reason.as_str() {
        "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => {
            Some("check the image's name in the overlay, that it was pushed, and that the nodes may pull it".to_owned())
        }
        "CreateContainerConfigError" => {
            Some("`asya k doctor` finds Secrets and ConfigMaps that are missing".to_owned())
        }
        "CrashLoopBackOff" => Some("correct it, then apply again; the pods that are there are replaced".to_owned()),
        _ => None,
    }
}

fn out_of_time(late: &[&Waited], timeout: Duration) -> Error {
    let mut error = match late {
        [one] => Error::timeout(format!("`{}` was not ready after {}", one.object(), shown_duration(timeout))),
        many => Error::timeout(format!(
            "{} were not ready after {}",
            counted(many.len(), "object"),
            shown_duration(timeout)
        )),
    };
    for it in late {
        error = error.because(match late.len() {
            1 => it.readiness.text.clone(),
            _ => format!("`{}`: {}", it.object(), it.readiness.text),
        });
    }
    error.hint("wait longer with `--timeout`, or look for the reason with `asya k doctor` and `asya k events`")
}

/// `90s` as `1m30s`.
fn shown_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0) if !duration.is_zero() => format!("{}ms", duration.as_millis()),
        (0, seconds) => format!("{seconds}s"),
        (minutes, 0) => format!("{minutes}m"),
        (minutes, seconds) => format!("{minutes}m{seconds}s"),
    }
}

/// The label selector of a Deployment's pods.
pub fn selector(deployment: &Value) -> Option<String> {
    let labels = deployment.pointer("/spec/selector/matchLabels")?.as_object()?;
    let pairs: Vec<String> =
        labels.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    (!pairs.is_empty()).then(|| pairs.join(","))
}

impl Scene {
    fn note(&mut self, eye: Eye, seen: Seen) {
        let objects = self.objects.entry(eye).or_default();
        match seen {
            Seen::All(all) => {
                *objects = all.into_iter().map(|object| (name(&object).to_owned(), object)).collect();
                self.open.insert(eye);
            }
            Seen::Now(object) => {
                objects.insert(name(&object).to_owned(), object);
            }
            Seen::Gone(object) => {
                objects.remove(name(&object));
            }
            Seen::Blind(_) | Seen::Trouble(_) => {}
        }
    }

    /// Goes on without what cannot be seen; `false` when that cannot be done without.
    fn blind(&mut self, eye: Eye) -> bool {
        self.open.insert(eye);
        !matches!(eye, Eye::Actors | Eye::Deployment(_))
    }

    fn judge(&self, awaited: &Awaited) -> Vec<Waited> {
        let none = BTreeMap::new();
        let seen = |eye: Eye| self.objects.get(&eye).unwrap_or(&none);
        let actors = awaited.actors.iter().map(|name| {
            let of_actor = |object: &&Value| label(object, ACTOR_LABEL) == Some(name);
            let pods: Vec<&Value> = seen(Eye::ActorPods).values().filter(of_actor).collect();
            Waited {
                kind: "AsyncActor",
                namespace: awaited.namespace.clone(),
                name: name.clone(),
                readiness: actor_readiness(seen(Eye::Actors).get(name), seen(Eye::ActorDeployments).get(name), &pods),
            }
        });
        let deployments = awaited.deployments.iter().enumerate().map(|(at, (namespace, name))| {
            let pods: Vec<&Value> = seen(Eye::Pods(at)).values().collect();
            Waited {
                kind: "Deployment",
                namespace: namespace.clone(),
                name: name.clone(),
                readiness: deployment_readiness(seen(Eye::Deployment(at)).get(name), &pods),
            }
        });
        actors.chain(deployments).collect()
    }
}

fn name(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.pointer("/metadata/labels")?.get(key)?.as_str()
}
