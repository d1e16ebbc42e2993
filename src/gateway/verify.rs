//! Asks the gateway itself whether it serves a flow.

use std::time::{Duration, Instant};

use http::Uri;
use serde::Serialize;
use serde_json::Value;

use super::choose;
use super::conversation::{skills, tools};
use super::detect::{self, Layout};
use super::http::{Failure, Http, Place};
use super::loader::Flow;
use super::plan::GatewayPlan;
use super::register::Outcome;
use super::rollout::{current_pods, serving, telling_line, visible_pods};
use super::surface::{self, Seen};
use super::tls::Authorities;
use crate::cluster::{Cluster, Resource};
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::names::listed;

/// How a gateway is asked.
#[derive(Debug)]
pub struct Asking<'a> {
    /// Where it is; `None` means through the cluster's API.
    pub url: Option<&'a str>,
    /// Who vouches for it there, besides those the system knows.
    pub authorities: &'a Authorities,
    /// Its token for MCP.
    pub token: Option<&'a str>,
    /// How long it may take to show the flow.
    pub timeout: Duration,
    /// It is an error when it cannot be asked.
    pub required: bool,
}

/// What a gateway showed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// `url` or `port-forward`.
    pub through: &'static str,
    /// The tool is listed, with its schema; `false` for one that is gone, absent when the flow is
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<bool>,
    /// The skill is on the agent card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill: Option<bool>,
    /// How long it took until all was as it should be.
    pub milliseconds: u64,
}

/// Where tools and skills are asked for, by container.
struct Doors {
    tools: (String, u16),
    skills: (String, u16),
}

const TOO_EARLY: Duration = Duration::from_millis(400);
const SLOW: Duration = Duration::from_secs(3);

impl GatewayPlan {
    /// Asks the gateway whether it shows what it should, until it does or time is up. `None` when
    /// there is nothing to ask for, or it cannot be asked, which is told.
    pub async fn verify(
        &self,
        cluster: &Cluster,
        outcome: &Outcome,
        asking: &Asking<'_>,
        events: Events<'_>,
    ) -> Result<Option<Verification>> {
        let Some(deployment) = outcome.deployment.as_deref() else { return Ok(None) };
        let expected: Vec<Expected> = match self.flows.as_slice() {
            [] => vec![Expected { name: self.flow.clone(), flow: None }],
            flows => flows.iter().map(|flow| Expected { name: flow.name.clone(), flow: Some(flow.clone()) }).collect(),
        };
        let started = Instant::now();
        let mut pause = TOO_EARLY;
        let mut told = false;
        loop {
            let seen = self.look(cluster, deployment, &expected, asking).await?;
            let elapsed = started.elapsed();
            match seen {
                Looked::Shown(tool, skill) => {
                    let through = if asking.url.is_some() { "url" } else { "port-forward" };
                    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
                    return Ok(Some(Verification { through, tool, skill, milliseconds }));
                }
                Looked::Refused(reason, hints) if asking.required => {
                    let message = format!("gateway `{deployment}` cannot be asked whether it serves the flow");
                    let error = Error::cluster(message).because(reason);
                    let error = hints.into_iter().fold(error, Error::hint);
                    return Err(
                        error.hint("the flow is applied and registered; to leave it at that, ask without `--verify`")
                    );
                }
                Looked::Refused(reason, hints) => {
                    events(Event::Warning {
                        message: format!("gateway `{deployment}` was not asked whether it serves the flow: {reason}"),
                        hint: Some(hints.join("; ")),
                    });
                    return Ok(None);
                }
                Looked::Unreachable(reason) if !asking.required => {
                    events(Event::Note(format!(
                        "gateway `{deployment}` was not asked whether it serves the flow: {reason}"
                    )));
                    return Ok(None);
                }
                Looked::Unreachable(reason) if elapsed > asking.timeout.min(Duration::from_secs(15)) => {
                    return Err(Error::cluster(format!("gateway `{deployment}` cannot be asked whether it serves the flow"))
                        .because(reason)
                        .hint("the flow is applied and registered; ask without `--verify`, or set `gateway_url` of the context"));
                }
                Looked::Not(missing) if elapsed > asking.timeout => {
                    return Err(self.not_shown(cluster, deployment, missing, asking).await);
                }
                Looked::Unreachable(_) => {}
                Looked::Not(_) if told => {}
                Looked::Not(_) => {
                    told = true;
                    events(Event::Note(format!(
                        "gateway `{deployment}` does not show it yet; mounted files follow a change within about a minute"
                    )));
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(SLOW);
        }
    }

    async fn look(
        &self,
        cluster: &Cluster,
        deployment: &str,
        expected: &[Expected],
        asking: &Asking<'_>,
    ) -> Result<Looked> {
        let mut places = match self.places(cluster, deployment, asking).await? {
            Ok(places) => places,
            Err(why) => return Ok(why),
        };
        let wants = |section: &str| expected.iter().any(|one| one.is_exposed(section));
        let gone = expected.iter().all(|one| one.flow.is_none());
        let mut missing = Vec::new();
        let (mut tool, mut skill) = (None, None);
        if wants("mcp") || gone {
            let listed = match tools(&mut places.0, asking.token).await {
                Ok(listed) => listed,
                Err(Failure::Unreachable(reason)) => return Ok(Looked::Unreachable(reason)),
                Err(Failure::Refused { reason, hint, wants_key }) => {
                    let key = if wants_key { self.key(cluster, deployment).await? } else { None };
                    return Ok(Looked::Refused(reason, std::iter::once(hint).chain(key).collect()));
                }
                Err(failure) if gone => return Ok(Looked::Unreachable(failure.reason().to_owned())),
                Err(failure) => return Ok(Looked::Not(vec![failure.reason().to_owned()])),
            };
            for one in expected {
                missing.extend(surface::tool(&one.name, one.flow.as_ref(), &listed).missing());
            }
            tool = Some(!gone);
        }
        if wants("a2a") || gone {
            let shown = match skills(&mut places.1).await {
                Ok(shown) => shown,
                Err(Failure::Refused { reason, hint, .. }) => return Ok(Looked::Refused(reason, vec![hint])),
                Err(Failure::Unreachable(reason)) => return Ok(Looked::Unreachable(reason)),
                Err(failure) if gone => return Ok(Looked::Unreachable(failure.reason().to_owned())),
                Err(failure) => return Ok(Looked::Not(vec![failure.reason().to_owned()])),
            };
            for one in expected {
                missing.extend(surface::skill(&one.name, one.flow.as_ref(), &shown).missing());
            }
            skill = Some(!gone);
        }
        Ok(if missing.is_empty() { Looked::Shown(tool, skill) } else { Looked::Not(missing) })
    }

    /// Where tools and skills are asked for; why not when nowhere.
    async fn places<'a>(
        &'a self,
        cluster: &'a Cluster,
        deployment: &str,
        asking: &'a Asking<'_>,
    ) -> Result<Result<(Http<'a>, Http<'a>), Looked>> {
        let nowhere = |reason: &str| Ok(Err(Looked::Unreachable(reason.to_owned())));
        if let Some(url) = asking.url {
            let Ok(uri) = url.parse::<Uri>() else { return nowhere(&format!("`{url}` is not a URL")) };
            let place = || Http::new(Place::Url(uri.clone(), asking.authorities));
            return Ok(Ok((place(), place())));
        }
        let Some(live) = cluster.get(&Resource::deployments(), &self.namespace, deployment).await? else {
            return nowhere(&format!("Deployment `{deployment}` has gone"));
        };
        let pods = match visible_pods(cluster, &self.namespace, &live).await? {
            Ok(pods) => pods,
            Err(refusal) => {
                let other = "set `gateway_url` of the context, where it can be asked without the cluster's API";
                let hints = refusal.hints().iter().cloned().chain([other.to_owned()]).collect();
                return Ok(Err(Looked::Refused(refusal.message().to_owned(), hints)));
            }
        };
        let Some(pod) = pods.iter().find(|pod| is_ready(pod)) else { return nowhere("it has no pod that is ready") };
        let doors = self.doors(cluster, &live).await?;
        let place = |port: u16| {
            let pod = super::entry::name(pod).to_owned();
            Http::new(Place::Pod { cluster, namespace: &self.namespace, pod, port })
        };
        Ok(Ok((place(doors.tools.1), place(doors.skills.1))))
    }

    /// Where the gateway's key for MCP is, in words.
    async fn key(&self, cluster: &Cluster, deployment: &str) -> Result<Option<String>> {
        let live = cluster.get(&Resource::deployments(), &self.namespace, deployment).await?;
        let variables =
            live.iter().flat_map(detect::containers).filter_map(|container| container.get("env")?.as_array());
        let named = |entry: &&Value| entry.get("name").and_then(Value::as_str) == Some("ASYA_MCP_API_KEY");
        let reference = variables.flatten().find(named).and_then(|entry| entry.pointer("/valueFrom/secretKeyRef"));
        let text = |key: &str| reference.and_then(|reference| reference.get(key)?.as_str());
        let (Some(name), Some(key)) = (text("name"), text("key")) else { return Ok(None) };
        Ok(Some(format!("the key is in Secret {}/{name}, `{key}`", self.namespace)))
    }

    async fn doors(&self, cluster: &Cluster, deployment: &Value) -> Result<Doors> {
        let owned = |(container, port): (&str, u16)| (container.to_owned(), port);
        let is_split = detect::layout_of(deployment) == Layout::Split;
        if is_split {
            return Ok(Doors {
                tools: owned(serving(deployment, &[detect::MCP_ADAPTER.0], "mcp", 8082)),
                skills: owned(serving(deployment, &[detect::A2A_ADAPTER.0], "a2a", 8083)),
            });
        }
        let variables = choose::variables(cluster, &self.namespace, deployment).await?;
        let port = variables.get("ASYA_GATEWAY_PORT").and_then(|port| port.as_ref()?.parse().ok());
        let (container, http) = serving(deployment, &["gateway"], "http", port.unwrap_or(8080));
        let door = (container.to_owned(), http);
        Ok(Doors { tools: door.clone(), skills: door })
    }

    async fn not_shown(&self, cluster: &Cluster, deployment: &str, missing: Vec<String>, asking: &Asking<'_>) -> Error {
        let verb = if self.flows.is_empty() { "still shows" } else { "does not show" };
        let mut error = Error::timeout(format!(
            "gateway `{deployment}` {verb} `{}` after {} s",
            self.flow,
            asking.timeout.as_secs()
        ));
        for reason in missing {
            error = error.because(reason);
        }
        match self.log_line(cluster, deployment).await {
            Ok(Ok(Some(line))) => error = error.because(format!("its log says: {line}")),
            Ok(Err(refusal)) => {
                error = error.because(format!("its log may tell more, but {}", refusal.message()));
                error = refusal.hints().iter().cloned().fold(error, Error::hint);
            }
            Ok(Ok(None)) | Err(_) => {}
        }
        if self.flows.is_empty() {
            error = error.hint(format!(
                "some gateways drop tools only when they start: `kubectl --context {} -n {} rollout restart deployment/{deployment}`",
                cluster.context(),
                self.namespace
            ));
        }
        error.hint(format!(
            "look at its log with `kubectl --context {} -n {} logs deployment/{deployment} --all-containers`",
            cluster.context(),
            self.namespace
        ))
    }

    async fn log_line(&self, cluster: &Cluster, deployment: &str) -> Result<Result<Option<String>>> {
        let Some(live) = cluster.get(&Resource::deployments(), &self.namespace, deployment).await? else {
            return Ok(Ok(None));
        };
        let doors = self.doors(cluster, &live).await?;
        for pod in current_pods(cluster, &self.namespace, &live).await? {
            for container in [&doors.tools.0, &doors.skills.0] {
                let line = telling_line(cluster, &self.namespace, super::entry::name(&pod), container).await?;
                if !matches!(line, Ok(None)) {
                    return Ok(line);
                }
            }
        }
        Ok(Ok(None))
    }
}

/// A flow that a gateway shall show, or, without an entry, shall not.
struct Expected {
    name: String,
    flow: Option<Flow>,
}

impl Expected {
    fn is_exposed(&self, section: &str) -> bool {
        self.flow.as_ref().is_some_and(|flow| flow.entry.get(section).is_some_and(|section| !section.is_null()))
    }
}

/// What one look at a gateway gave.
enum Looked {
    /// All is as it should be.
    Shown(Option<bool>, Option<bool>),
    /// Something is not, in words.
    Not(Vec<String>),
    /// It cannot be asked.
    Unreachable(String),
    /// It cannot be asked, and will not be otherwise until somebody does something.
    Refused(String, Vec<String>),
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|condition| {
        let text = |key: &str| condition.get(key).and_then(Value::as_str);
        text("type") == Some("Ready") && text("status") == Some("True")
    })
}

impl Seen {
    fn missing(self) -> Option<String> {
        match self {
            Self::AsItShould => None,
            Self::Otherwise(reason) => Some(reason),
        }
    }
}

impl Verification {
    /// In words: `tool and skill are served (1.2 s, through a port-forward)`.
    pub fn summary(&self) -> String {
        let what: Vec<&str> = [("tool", self.tool), ("skill", self.skill)]
            .iter()
            .filter(|(_, seen)| seen.is_some())
            .map(|(name, _)| *name)
            .collect();
        let is_there = self.tool.or(self.skill) == Some(true);
        let seconds = Duration::from_millis(self.milliseconds).as_secs_f64();
        let through = if self.through == "url" { "at its URL" } else { "through a port-forward" };
        let what =
            if is_there { format!("shows the {}", what.join(" and the ")) } else { "shows it no longer".to_owned() };
        format!("{what} (asked {through}, after {seconds:.1} s)")
    }
}

/// Names for a message: at most ten.
pub(super) fn some(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        names if names.len() <= 10 => listed(names),
        names => format!(
            "{} and {} more",
            names.iter().take(10).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
            names.len() - 10
        ),
    }
}
