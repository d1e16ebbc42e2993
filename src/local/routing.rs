//! Where messages go: the rules of the mesh without processes, clocks or files
//! (`docs/platform/protocol.md`, "How a message moves").

use std::collections::{BTreeMap, VecDeque};

use crate::names::near_matches;

use super::envelope::{Envelope, Frame, Route, Status};
use super::join::{self, Waiting};
use super::json::RawJson;
use super::outcome::{Failure, FailureKind, Finished, Phase};
use super::resiliency::{Decision, Resiliency};

/// Where a finished route ends.
const SINK: &str = "x-sink";
/// Where messages end that cannot be handled.
const SUMP: &str = "x-sump";
/// Maps a name in a route to the actor that stands in for it.
const OVERRIDE: &str = "x-asya-route-override";

/// The queues of all actors as one: first in, first out.
pub(super) struct Routing {
    actors: BTreeMap<String, Resiliency>,
    waiting: VecDeque<Delivery>,
    finished: Vec<Finished>,
    ids: u64,
}

/// A message at an actor.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    /// The actor that handles it; differs from `route.curr` under an override.
    pub(super) actor: String,
    pub(super) envelope: Envelope,
    /// Frames it has emitted so far.
    frames: usize,
}

impl Routing {
    pub(super) fn new(actors: BTreeMap<String, Resiliency>) -> Self {
        Self { actors, waiting: VecDeque::new(), finished: Vec::new(), ids: 0 }
    }

    /// Ids count up and look like UUIDs, so that two runs of the same message are the same.
    fn next_id(&mut self) -> String {
        self.ids += 1;
        format!("00000000-0000-4000-8000-{:012x}", self.ids)
    }

    /// A new message for `entry`.
    pub(super) fn start(&mut self, entry: &str, next: &[String], headers: RawJson, payload: RawJson, now: &str) {
        let envelope = Envelope {
            id: self.next_id(),
            parent_id: None,
            route: Route { prev: Vec::new(), curr: entry.to_owned(), next: next.to_vec() },
            headers,
            status: pending(entry, now, now),
            payload,
        };
        self.dispatch(envelope);
    }

    /// Sends a message to the actor its route names.
    fn dispatch(&mut self, envelope: Envelope) {
        let logical = envelope.route.curr.clone();
        match logical.as_str() {
            "" | SINK => self.succeed(envelope),
            SUMP => {
                let failure = Failure::new(FailureKind::Protocol, SUMP, "it was routed to `x-sump`");
                self.fail(envelope, failure);
            }
            name => {
                let actor = overridden(&envelope.headers, name).unwrap_or_else(|| name.to_owned());
                self.put(&actor, envelope);
            }
        }
    }

    /// Puts a message into the queue of `actor`, whatever its route says.
    pub(super) fn put(&mut self, actor: &str, envelope: Envelope) {
        if self.actors.contains_key(actor) {
            self.waiting.push_back(Delivery { actor: actor.to_owned(), envelope, frames: 0 });
            return;
        }
        let sender = match envelope.route.prev.last() {
            Some(previous) => format!("named by `{previous}`"),
            None => "the first of the route".to_owned(),
        };
        let mut message = format!("there is no actor `{actor}` ({sender})");
        let near = near_matches(actor, self.actors.keys().map(String::as_str));
        if let Some(near) = near.first() {
            message.push_str(&format!("; did it mean `{near}`?"));
        }
        let failure = Failure::new(FailureKind::UnknownActor, actor, message);
        self.fail(envelope, failure);
    }

    /// The next message to be handled, stamped; messages that no handler may see end here.
    pub(super) fn next(&mut self, now: &str) -> Option<Delivery> {
        while let Some(mut delivery) = self.waiting.pop_front() {
            let envelope = &mut delivery.envelope;
            let curr = envelope.route.curr.clone();
            if curr != delivery.actor && overridden(&envelope.headers, &curr).as_ref() != Some(&delivery.actor) {
                let message =
                    format!("route mismatch: the message is for `{curr}` and arrived at `{}`", delivery.actor);
                let failure = Failure::new(FailureKind::RouteMismatch, &delivery.actor, message);
                self.fail(delivery.envelope, failure);
                continue;
            }
            let announced = self.actors.get(&delivery.actor).map_or(1, Resiliency::announced_attempts);
            let status = &mut envelope.status;
            if status.phase != "retrying" {
                status.max_attempts = announced;
            }
            status.phase = "processing";
            status.reason = None;
            status.error = None;
            status.actor.clone_from(&delivery.actor);
            now.clone_into(&mut status.updated_at);
            return Some(delivery);
        }
        None
    }

    /// The handler emitted a frame: it leaves at once.
    pub(super) fn frame(&mut self, delivery: &mut Delivery, frame: &Frame, now: &str) {
        let from = &delivery.envelope;
        // The first frame keeps the identity; further ones are children (no parent for the first,
        // even when the message had one).
        let (id, parent_id) =
            if delivery.frames == 0 { (from.id.clone(), None) } else { (self.next_id(), Some(from.id.clone())) };
        delivery.frames += 1;
        let headers = match &frame.headers {
            Some(headers) if !headers.is_empty_object() => headers.clone(),
            // An empty object is left out on the wire and the receiver falls back to the old ones.
            _ => from.headers.clone(),
        };
        self.dispatch(Envelope {
            id,
            parent_id,
            status: pending(&frame.route.curr, &from.status.created_at, now),
            route: frame.route.clone(),
            headers,
            payload: frame.payload.clone(),
        });
    }

    /// The handler is done. A message it emitted nothing for ends well, with its own payload.
    pub(super) fn done(&mut self, delivery: Delivery) {
        if delivery.frames == 0 {
            let mut envelope = delivery.envelope;
            let actor = envelope.route.curr.clone();
            envelope.route.prev.push(actor);
            self.succeed(envelope);
        }
    }

    /// The handler failed: the message is delivered again or ends. Frames that left stay out.
    pub(super) fn failed(&mut self, delivery: Delivery, failure: Failure, now: &str) {
        let Delivery { actor, mut envelope, .. } = delivery;
        let decision = match (failure.kind, self.actors.get(&actor)) {
            (FailureKind::Handler, Some(resiliency)) => {
                resiliency.decide(&failure.type_name, &failure.mro, envelope.status.attempt)
            }
            _ => Decision::Fail("RuntimeError"),
        };
        match decision {
            Decision::Again { max_attempts } => {
                let status = &mut envelope.status;
                status.phase = "retrying";
                status.attempt += 1;
                status.max_attempts = max_attempts;
                status.error = Some(failure.status());
                now.clone_into(&mut status.updated_at);
                self.put(&actor, envelope);
            }
            Decision::Fail(reason) => {
                envelope.status.reason = Some(reason);
                self.fail(envelope, failure);
            }
        }
    }

    /// A join that nothing more will arrive at: the message that was fanned out has no end.
    pub(super) fn never_joined(&mut self, join: Waiting) {
        let Waiting { actor, origin, arrived, count } = join;
        let message = format!(
            "it waits for ever: {arrived} of {count} messages arrived, the others failed or ended without a result"
        );
        let failure = Failure::new(FailureKind::Protocol, &actor, message);
        let empty = RawJson::from(&serde_json::json!({}));
        self.finished.push(Finished {
            id: origin,
            phase: Phase::Failed,
            payload: empty.clone(),
            headers: empty,
            prev: vec![actor],
            error: Some(failure),
        });
    }

    /// A part of a fan-out ends silently: its result is the join's.
    fn succeed(&mut self, envelope: Envelope) {
        if join::is_slice(&envelope.headers) {
            return;
        }
        self.finish(envelope, Phase::Succeeded, None);
    }

    fn fail(&mut self, mut envelope: Envelope, failure: Failure) {
        let handled = !matches!(failure.kind, FailureKind::UnknownActor | FailureKind::RouteMismatch);
        if handled && failure.actor != SUMP {
            envelope.route.prev.push(failure.actor.clone());
        }
        self.finish(envelope, Phase::Failed, Some(failure));
    }

    fn finish(&mut self, envelope: Envelope, phase: Phase, error: Option<Failure>) {
        self.finished.push(Finished {
            id: envelope.id,
            phase,
            payload: envelope.payload,
            headers: envelope.headers,
            prev: envelope.route.prev,
            error,
        });
    }

    /// The messages that have ended since the last call.
    pub(super) fn take_finished(&mut self) -> Vec<Finished> {
        std::mem::take(&mut self.finished)
    }

    /// Forgets messages that still wait, after a run was broken off.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.finished.clear();
    }
}

fn pending(actor: &str, created_at: &str, now: &str) -> Status {
    Status {
        phase: "pending",
        reason: None,
        actor: actor.to_owned(),
        attempt: 1,
        max_attempts: 1,
        created_at: created_at.to_owned(),
        updated_at: now.to_owned(),
        error: None,
    }
}

/// The actor that stands in for `name`, if the headers say so.
fn overridden(headers: &RawJson, name: &str) -> Option<String> {
    if !headers.as_str().contains(OVERRIDE) {
        return None;
    }
    headers.to_value().get(OVERRIDE)?.get(name)?.as_str().map(str::to_owned)
}
