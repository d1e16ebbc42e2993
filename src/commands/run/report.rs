//! The result of `asya run` for machines and for people.

use serde::Serialize;

use crate::local::{Failure, Finished, Frame, Hop, Outcome, Phase, RawJson, Route};
use crate::names::{ContextName, FlowName};

/// The document of `asya run -o json`, version 1.
#[derive(Serialize)]
pub(super) struct RunDocument<'a> {
    version: u32,
    flow: &'a str,
    context: Option<&'a str>,
    /// `failed` if any message failed.
    phase: &'static str,
    /// The payload of the first result.
    payload: Option<&'a RawJson>,
    /// The first error.
    error: Option<ErrorDocument<'a>>,
    results: Vec<ResultDocument<'a>>,
    /// Hops of the generated router.
    router_visits: usize,
    hops: Vec<HopDocument<'a>>,
}

#[derive(Serialize)]
struct ResultDocument<'a> {
    id: &'a str,
    phase: &'static str,
    payload: &'a RawJson,
    prev: &'a [String],
    error: Option<ErrorDocument<'a>>,
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    kind: &'static str,
    actor: &'a str,
    message: &'a str,
    r#type: &'a str,
    mro: &'a [String],
    traceback: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    last_output: &'a [String],
}

#[derive(Serialize)]
struct HopDocument<'a> {
    index: usize,
    message: &'a str,
    actor: &'a str,
    attempt: u32,
    milliseconds: f64,
    route: &'a Route,
    payload: &'a RawJson,
    frames: Vec<FrameDocument<'a>>,
    error: Option<ErrorDocument<'a>>,
}

#[derive(Serialize)]
struct FrameDocument<'a> {
    route: &'a Route,
    payload: &'a RawJson,
}

impl<'a> RunDocument<'a> {
    /// The document of `outcome`; `routers` are the names of the generated actors.
    pub(super) fn of(
        flow: &'a FlowName,
        context: Option<&'a ContextName>,
        outcome: &'a Outcome,
        routers: &[&str],
    ) -> Self {
        let failed = outcome.results.iter().find(|result| result.phase == Phase::Failed);
        Self {
            version: 1,
            flow: flow.as_str(),
            context: context.map(ContextName::as_str),
            phase: failed.map_or(Phase::Succeeded, |result| result.phase).name(),
            payload: outcome.results.first().map(|result| &result.payload),
            error: failed.and_then(|result| result.error.as_ref()).map(ErrorDocument::of),
            results: outcome.results.iter().map(ResultDocument::of).collect(),
            router_visits: outcome.hops.iter().filter(|hop| routers.contains(&hop.actor.as_str())).count(),
            hops: outcome.hops.iter().map(HopDocument::of).collect(),
        }
    }
}

impl<'a> ResultDocument<'a> {
    fn of(result: &'a Finished) -> Self {
        Self {
            id: &result.id,
            phase: result.phase.name(),
            payload: &result.payload,
            prev: &result.prev,
            error: result.error.as_ref().map(ErrorDocument::of),
        }
    }
}

impl<'a> ErrorDocument<'a> {
    fn of(failure: &'a Failure) -> Self {
        Self {
            kind: failure.kind.name(),
            actor: &failure.actor,
            message: &failure.message,
            r#type: &failure.type_name,
            mro: &failure.mro,
            traceback: &failure.user_traceback,
            last_output: &failure.last_output,
        }
    }
}

impl<'a> HopDocument<'a> {
    fn of(hop: &'a Hop) -> Self {
        let frame = |frame: &'a Frame| FrameDocument { route: &frame.route, payload: &frame.payload };
        Self {
            index: hop.index,
            message: &hop.message,
            actor: &hop.actor,
            attempt: hop.attempt,
            milliseconds: (hop.duration.as_secs_f64() * 1e6).round() / 1e3,
            route: &hop.route,
            payload: &hop.payload_in,
            frames: hop.frames.iter().map(frame).collect(),
            error: hop.failure.as_ref().map(ErrorDocument::of),
        }
    }
}

/// The payloads of the messages that succeeded, one JSON value after the other.
pub(super) fn results(outcome: &Outcome) -> String {
    let succeeded = outcome.results.iter().filter(|result| result.phase == Phase::Succeeded);
    succeeded.map(|result| format!("{}\n", result.payload.pretty())).collect()
}
