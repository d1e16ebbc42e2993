//! A call from its beginning to its end: a place, a mesh, a deadline, a line about it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Result;
use crate::event::Event;
use crate::interrupt;
use crate::local::stop::Stop;
use crate::local::{Failure, FailureKind, Happening, Outcome, Phase, RawJson};

use super::Gateway;
use super::catalog::Served;
use super::tasks::{State, Task, Update};

/// The gateway's deadline where a flow has none (`docs/platform/gateway.md`, "Calling a gateway").
const TIMEOUT: Duration = Duration::from_secs(300);
/// How often it is asked whether a call was given up.
const TICK: Duration = Duration::from_millis(50);

/// What is to be done.
pub(super) struct Work {
    pub(super) served: Served,
    /// `mcp` or `a2a`.
    pub(super) protocol: &'static str,
    pub(super) payload: RawJson,
    pub(super) headers: Option<RawJson>,
}

impl Work {
    /// The flow's deadline. Of none at all the two sides have their own idea, as on the platform.
    fn timeout(&self) -> Option<Duration> {
        match self.served.flow.entry.get("timeout").and_then(serde_json::Value::as_i64) {
            None => Some(TIMEOUT),
            Some(0) if self.protocol == "mcp" => None,
            Some(seconds) => Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))),
        }
    }

    /// The actors behind the first; A2A ignores them, as on the platform.
    fn next(&self) -> &[String] {
        if self.protocol == "mcp" { &self.served.route_next } else { &[] }
    }
}

/// Gives a call up when it is dropped: nobody waits for it any more.
pub(super) struct Waiting(Option<Stop>);

impl Waiting {
    pub(super) fn for_task(task: &Task) -> Self {
        Self(Some(task.stop.clone()))
    }

    /// Its answer was received.
    pub(super) fn over(mut self) {
        self.0 = None;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(stop) = &self.0 {
            stop.request();
        }
    }
}

/// Why a call has no result.
enum End {
    Failed(String),
    Canceled(&'static str),
}

/// Does the work in the background and notes in `task` how it goes.
pub(super) fn begin(gateway: &Arc<Gateway>, task: &Arc<Task>, work: Work) {
    let (gateway, task) = (Arc::clone(gateway), Arc::clone(task));
    tokio::spawn(async move {
        let began = Instant::now();
        let protocol = work.protocol;
        for note in work.served.pool.take_notes() {
            gateway.tell(Event::Warning { message: note, hint: None });
        }
        let end = perform(&gateway, &task, work).await;
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        let mut why = String::new();
        let state = match end {
            Ok(payload) => {
                task.update(Update::State(State::Succeeded), |now| now.result = Some(payload));
                State::Succeeded
            }
            Err(End::Failed(reason)) => {
                why = format!(": {reason}");
                task.update(Update::State(State::Failed), |now| now.reason = Some(reason));
                State::Failed
            }
            Err(End::Canceled(reason)) => {
                why = format!(": {reason}");
                task.update(Update::State(State::Canceled), |now| now.reason = Some(reason.to_owned()));
                State::Canceled
            }
        };
        gateway.tell(Event::Note(format!("{protocol} {}: {} ({milliseconds:.1} ms){why}", task.flow, state.name())));
    });
}

async fn perform(gateway: &Arc<Gateway>, task: &Arc<Task>, work: Work) -> Result<RawJson, End> {
    let timeout = work.timeout();
    // One that lies beyond the end of time is none.
    let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let expired = async move {
        match until {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(expired);
    let too_long = || {
        let seconds = timeout.unwrap_or_default().as_secs();
        End::Failed(format!("no result within {seconds} s (`timeout` of the flow)"))
    };
    let _place = tokio::select! {
        biased;
        () = &mut expired => return Err(too_long()),
        () = given_up(&task.stop) => return Err(canceled()),
        place = gateway.places.acquire() => place.map_err(|_| canceled())?,
    };
    let total = 1 + work.next().len();
    task.update(Update::State(State::Running), |now| now.actors_total = total);
    let (at_work, teller) = (Arc::clone(task), Arc::clone(gateway));
    let mut running = tokio::task::spawn_blocking(move || send(&teller, &at_work, &work));
    let outcome = tokio::select! {
        biased;
        outcome = &mut running => outcome,
        () = &mut expired => {
            task.stop.request();
            return match running.await {
                Ok(Ok(outcome)) => result(gateway, outcome),
                _ => Err(too_long()),
            };
        }
    };
    match outcome {
        Ok(Ok(outcome)) => result(gateway, outcome),
        _ if task.stop.is_requested() || interrupt::requested() => Err(canceled()),
        Ok(Err(error)) => Err(End::Failed(super::sentence(&error))),
        Err(_) => Err(End::Failed("the gateway could not do it".to_owned())),
    }
}

fn canceled() -> End {
    End::Canceled(if interrupt::requested() { "the gateway was stopped" } else { "the caller gave it up" })
}

/// Returns when nobody wants the result any more.
async fn given_up(stop: &Stop) {
    while !stop.is_requested() && !interrupt::requested() {
        tokio::time::sleep(TICK).await;
    }
}

/// Sends the message through a mesh; waits, so it needs a thread of its own.
fn send(gateway: &Gateway, task: &Task, work: &Work) -> Result<Outcome> {
    let pool = &work.served.pool;
    let mut loan = pool.take()?;
    loan.mesh.stop_by(task.stop.clone());
    let (entry, next) = (&work.served.entrypoint, work.next());
    let outcome =
        loan.mesh.send(entry, next, work.headers.clone(), work.payload.clone(), &mut |happening| match happening {
            Happening::Hop(hop) => {
                let ahead = hop.frames.first().map(|frame| frame.route.clone());
                task.update(Update::Hop(hop.actor.clone()), |now| {
                    if let Some(route) = ahead {
                        now.actors_total = route.prev.len() + route.next.len() + usize::from(!route.curr.is_empty());
                        now.route = route;
                    }
                });
            }
            Happening::Printed { actor, line } => gateway.tell(Event::Note(format!("{actor} | {line}"))),
            Happening::Streamed { payload, .. } => task.update(Update::Partial(payload.clone()), |_| {}),
        });
    // One that was broken off has a handler without an end; it is not used again.
    let outcome = outcome?;
    loan.mesh.stop_by(Stop::default());
    pool.give_back(loan);
    Ok(outcome)
}

/// What a caller gets of all that came of a message: what became of the message itself, else of the
/// first that ended.
fn result(gateway: &Gateway, outcome: Outcome) -> Result<RawJson, End> {
    let own = outcome.hops.first().map(|hop| hop.message.clone());
    let failed = outcome.results.iter().filter(|result| result.phase == Phase::Failed);
    for failure in failed.filter_map(|result| result.error.as_ref()) {
        let text = if failure.user_traceback.is_empty() {
            failure.last_output.join("\n")
        } else {
            failure.user_traceback.clone()
        };
        if !text.trim().is_empty() {
            gateway.tell(Event::Excerpt(text.trim_end().to_owned()));
        }
    }
    let at = outcome.results.iter().position(|result| Some(&result.id) == own.as_ref()).unwrap_or(0);
    let Some(result) = outcome.results.into_iter().nth(at) else {
        return Err(End::Failed("nothing came of the message".to_owned()));
    };
    match (result.phase, result.error) {
        (Phase::Succeeded, _) => Ok(result.payload),
        (Phase::Failed, Some(failure)) => Err(End::Failed(in_words(&failure))),
        (Phase::Failed, None) => Err(End::Failed("the message failed".to_owned())),
    }
}

fn in_words(failure: &Failure) -> String {
    let Failure { kind, actor, message, type_name, .. } = failure;
    match kind {
        FailureKind::Handler if message.is_empty() => format!("actor `{actor}` raised `{type_name}`"),
        FailureKind::Handler => format!("actor `{actor}` raised `{type_name}`: {message}"),
        FailureKind::UnknownActor | FailureKind::RouteMismatch => message.clone(),
        _ => format!("actor `{actor}` failed: {message}"),
    }
}
