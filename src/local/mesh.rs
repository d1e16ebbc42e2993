//! The mesh: takes messages from `routing`, has them handled by workers, records every hop.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, ErrorKind, Result, io_reason};
use crate::interrupt;
use crate::kustomize::Object;
use crate::names::{JOIN_HANDLER, listed, near_matches};

use super::actor::{Actor, actors_of};
use super::envelope::Envelope;
use super::interpreter::{Ended, Interpreter};
use super::join::{Broken, Joins};
use super::json::RawJson;
use super::outcome::{Failure, FailureKind, Hop, Outcome};
use super::routing::{Delivery, Routing};
use super::stop::Stop;
use super::worker::{Raised, Reply, Silence, Worker};

/// Workers that stay alive at a time: each holds a socket and a file, and some systems allow a
/// process no more than 256 of them.
const WORKERS_MAX: usize = 64;
/// How long a handler may take to load (`docs/platform/protocol.md`, "Timeouts").
const LOAD_TIMEOUT: Duration = Duration::from_secs(300);

/// The actors of one or more flows, ready to handle messages on this machine.
pub struct Mesh {
    actors: BTreeMap<String, Actor>,
    notes: Vec<String>,
    routing: Routing,
    joins: Joins,
    // Before `directory`: workers end before their files are removed.
    workers: HashMap<String, Worker>,
    interpreter: Arc<Interpreter>,
    directory: tempfile::TempDir,
    started: usize,
    messages: u64,
    stop: Stop,
}

/// Something that happened while a message was under way.
#[derive(Debug)]
pub enum Happening<'a> {
    /// A hop is over.
    Hop(&'a Hop),
    /// A handler printed a line.
    Printed {
        /// The actor.
        actor: &'a str,
        /// Without its end.
        line: &'a str,
    },
    /// A handler streamed a value to the caller (`FLY`).
    Streamed {
        /// The actor.
        actor: &'a str,
        /// The value.
        payload: &'a RawJson,
    },
}

/// Where happenings go.
pub type Observer<'a> = &'a mut dyn FnMut(Happening<'_>);

impl Mesh {
    /// The mesh of the AsyncActors among `objects`, with the ConfigMaps they mount. `variable`
    /// looks up the caller's environment for what a cluster takes from secrets. No process is
    /// started before the first message. An error names the object that is not usable.
    pub fn new(
        objects: &[Object],
        interpreter: &Arc<Interpreter>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let (actors, notes) = actors_of(objects, variable)?;
        let routing = Routing::new(actors.values().map(|a| (a.name.clone(), a.resiliency.clone())).collect());
        let directory = tempfile::Builder::new().prefix("asya-").tempdir().map_err(|error| {
            Error::project("no temporary directory can be made for the local mesh").because(io_reason(&error))
        })?;
        let interpreter = Arc::clone(interpreter);
        Ok(Self {
            actors,
            notes,
            routing,
            joins: Joins::default(),
            workers: HashMap::new(),
            interpreter,
            directory,
            started: 0,
            messages: 0,
            stop: Stop::default(),
        })
    }

    /// What is different from a cluster for these objects, one sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The actors' names, sorted.
    pub fn actors(&self) -> impl Iterator<Item = &str> {
        self.actors.keys().map(String::as_str)
    }

    /// Lets `stop` break off what is under way, as Ctrl-C does. A mesh that was stopped is of no more
    /// use: the handler at work was ended.
    pub fn stop_by(&mut self, stop: Stop) {
        self.stop = stop;
    }

    /// Sends a new message to `entry`, with `next` behind it in the route, and handles it and all
    /// that comes of it to the end. A message that fails is an outcome; an error means that the
    /// mesh does not work: `entry` is no actor, Python does not start, Ctrl-C, [`Mesh::stop_by`].
    pub fn send(
        &mut self,
        entry: &str,
        next: &[String],
        headers: Option<RawJson>,
        payload: RawJson,
        observe: Observer<'_>,
    ) -> Result<Outcome> {
        if !self.actors.contains_key(entry) {
            let near = near_matches(entry, self.actors());
            let error = Error::project(format!("there is no actor `{entry}`"));
            return Err(match near.as_slice() {
                [] => error.because(format!("the actors are {}", listed(&self.actors().collect::<Vec<_>>()))),
                near => error.hint(format!("near matches: {}", listed(near))),
            });
        }
        let headers = headers.unwrap_or_else(|| RawJson::from(&serde_json::json!({})));
        self.routing.start(entry, next, headers, payload, &now());
        let mut outcome = self.work(observe)?;
        // Only a join that waits for ever leaves a message without an end.
        let waiting = self.joins.take_waiting();
        if outcome.results.is_empty() {
            waiting.into_iter().for_each(|join| self.routing.never_joined(join));
            outcome.results = self.routing.take_finished();
        }
        Ok(outcome)
    }

    /// Puts an envelope into the queue of `actor` as it is, and handles it to the end; see
    /// [`Mesh::send`].
    pub fn deliver(&mut self, actor: &str, envelope: Envelope, observe: Observer<'_>) -> Result<Outcome> {
        self.routing.put(actor, envelope);
        self.work(observe)
    }

    fn work(&mut self, observe: Observer<'_>) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        loop {
            if let Err(error) = interrupt::check().and_then(|()| self.stop.check()) {
                self.routing.clear();
                return Err(error);
            }
            let Some(delivery) = self.routing.next(&now()) else { break };
            match self.handle(delivery, outcome.hops.len() + 1, observe) {
                Ok(hop) => outcome.hops.push(hop),
                Err(error) => {
                    self.routing.clear();
                    return Err(error);
                }
            }
        }
        outcome.results = self.routing.take_finished();
        Ok(outcome)
    }

    /// One hop, from the queue of an actor to the queues of others.
    fn handle(&mut self, mut delivery: Delivery, index: usize, observe: Observer<'_>) -> Result<Hop> {
        let actor = delivery.actor.clone();
        if self.handler(&actor) == JOIN_HANDLER {
            return Ok(self.join(delivery, index, observe));
        }
        let mut worker = self.take_worker(&actor)?;
        let timeout = self.actors.get(&actor).map_or(LOAD_TIMEOUT, |actor| actor.resiliency.timeout);
        let mut hop = begun(&delivery, index);
        let mut began = Instant::now();
        let mut usable = true;
        if worker.ready {
            worker.send(&delivery.envelope);
        }
        let failure = loop {
            let patience = if worker.ready { timeout.saturating_sub(began.elapsed()) } else { LOAD_TIMEOUT };
            let mut print = |line: &str| observe(Happening::Printed { actor: &actor, line });
            match worker.reply(patience, &self.stop, &mut print) {
                Ok(Reply::Ready(_)) => {
                    worker.ready = true;
                    began = Instant::now();
                    worker.send(&delivery.envelope);
                }
                Ok(Reply::Frame(frame)) => {
                    self.routing.frame(&mut delivery, &frame, &now());
                    hop.frames.push(frame);
                }
                Ok(Reply::Fly(payload)) => observe(Happening::Streamed { actor: &actor, payload: &payload }),
                Ok(Reply::Done(_)) => break None,
                Ok(Reply::Error(raised)) => break Some(raised.into_failure(&actor, worker.root())),
                Ok(Reply::NotLoaded { reason, details }) => {
                    usable = false;
                    break Some(not_loaded(&actor, self.handler(&actor), &reason, details, worker.root()));
                }
                Err(silence) => {
                    usable = false;
                    break Some(silent(&actor, silence, &worker, timeout)?);
                }
            }
        };
        hop.duration = began.elapsed();
        hop.failure.clone_from(&failure);
        match failure {
            None => self.routing.done(delivery),
            Some(failure) => self.routing.failed(delivery, failure, &now()),
        }
        if usable {
            self.workers.insert(actor, worker);
        }
        observe(Happening::Hop(&hop));
        Ok(hop)
    }

    /// One hop at an aggregator of parallel calls, which is part of the platform.
    fn join(&mut self, mut delivery: Delivery, index: usize, observe: Observer<'_>) -> Hop {
        let mut hop = begun(&delivery, index);
        let began = Instant::now();
        match self.joins.arrive(&delivery.actor, &delivery.envelope) {
            Ok(frame) => {
                if let Some(frame) = frame {
                    self.routing.frame(&mut delivery, &frame, &now());
                    hop.frames.push(frame);
                }
                self.routing.done(delivery);
            }
            Err(Broken { type_name, mro, message }) => {
                let failure = Failure {
                    type_name: type_name.to_owned(),
                    mro: mro.iter().map(|class| (*class).to_owned()).collect(),
                    ..Failure::new(FailureKind::Handler, &delivery.actor, message)
                };
                hop.failure = Some(failure.clone());
                self.routing.failed(delivery, failure, &now());
            }
        }
        hop.duration = began.elapsed();
        observe(Happening::Hop(&hop));
        hop
    }

    fn handler(&self, actor: &str) -> &str {
        self.actors.get(actor).map(Actor::shown_handler).unwrap_or_default()
    }

    /// The actor's worker, taken out of the pool; started if there is none.
    fn take_worker(&mut self, name: &str) -> Result<Worker> {
        self.messages += 1;
        let mut worker = match self.workers.remove(name) {
            Some(worker) => worker,
            None => {
                self.make_room();
                self.start_worker(name)?
            }
        };
        worker.used = self.messages;
        Ok(worker)
    }

    fn start_worker(&mut self, name: &str) -> Result<Worker> {
        let Some(actor) = self.actors.get(name) else {
            return Err(Error::project(format!("there is no actor `{name}`")));
        };
        self.started += 1;
        let root: PathBuf = self.directory.path().join(format!("{}-{name}", self.started));
        std::fs::create_dir_all(&root).map_err(|error| {
            Error::project("no temporary directory can be made for a worker").because(io_reason(&error))
        })?;
        Worker::start(actor, &root, &self.interpreter)
    }

    /// Ends the worker that has been idle longest, when there are too many.
    fn make_room(&mut self) {
        if self.workers.len() + 1 > WORKERS_MAX
            && let Some(oldest) =
                self.workers.iter().min_by_key(|(_, worker)| worker.used).map(|(name, _)| name.clone())
        {
            self.workers.remove(&oldest);
        }
    }
}

/// A hop at its beginning.
fn begun(delivery: &Delivery, index: usize) -> Hop {
    Hop {
        index,
        message: delivery.envelope.id.clone(),
        actor: delivery.actor.clone(),
        attempt: delivery.envelope.status.attempt,
        payload_in: delivery.envelope.payload.clone(),
        frames: Vec::new(),
        route: delivery.envelope.route.clone(),
        duration: Duration::ZERO,
        failure: None,
    }
}

impl Drop for Mesh {
    fn drop(&mut self) {
        // All at once: each is waited for when it is dropped.
        self.workers.values_mut().for_each(Worker::hang_up);
    }
}

impl Raised {
    fn into_failure(self, actor: &str, root: &Path) -> Failure {
        let root = root.display().to_string();
        let kind = match self.code.as_deref() {
            Some("msg_parsing_error") => FailureKind::Protocol,
            _ => FailureKind::Handler,
        };
        Failure {
            kind,
            actor: actor.to_owned(),
            message: self.message,
            type_name: self.type_name,
            mro: self.mro,
            traceback: self.traceback,
            // The paths a pod would show: the person knows no temporary directory of ours.
            user_traceback: self.user_traceback.replace(&root, ""),
            last_output: Vec::new(),
        }
    }
}

fn not_loaded(actor: &str, handler: &str, reason: &str, details: Raised, root: &Path) -> Failure {
    let reason = reason.replace(&*root.display().to_string(), "");
    Failure {
        kind: FailureKind::Load,
        message: format!("handler `{handler}` cannot be loaded: {reason}"),
        ..details.into_failure(actor, root)
    }
}

fn silent(actor: &str, silence: Silence, worker: &Worker, timeout: Duration) -> Result<Failure> {
    let failure =
        |kind, message: String| Failure { last_output: worker.last_output(), ..Failure::new(kind, actor, message) };
    let doing = if worker.ready { "before it answered" } else { "while the handler was loaded" };
    match silence {
        Silence::Interrupted => Err(Error::new(ErrorKind::Interrupted, "interrupted")),
        Silence::TimedOut if worker.ready => {
            Ok(failure(FailureKind::Timeout, format!("no answer within {timeout:?} (`resiliency.actorTimeout`)")))
        }
        Silence::TimedOut => {
            Ok(failure(FailureKind::Timeout, format!("the handler did not load within {LOAD_TIMEOUT:?}")))
        }
        Silence::Garbled(reason) => {
            Ok(failure(FailureKind::Protocol, format!("the worker's answer is not usable: {reason}")))
        }
        Silence::Ended(ended) => {
            let how = ended.map_or_else(|| "ended".to_owned(), describe_end);
            Ok(failure(FailureKind::Crash, format!("its process {how} {doing}")))
        }
    }
}

/// A wait status in words.
fn describe_end(Ended(status): Ended) -> String {
    let signal = status & 0x7f;
    if signal == 0 {
        return format!("ended with exit status {}", (status >> 8) & 0xff);
    }
    match signal_hook::low_level::signal_name(signal) {
        Some(name) => format!("was ended by signal {signal} ({name})"),
        None => format!("was ended by signal {signal}"),
    }
}

/// The present as RFC 3339, UTC, whole seconds.
fn now() -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    rfc3339(seconds)
}

pub(super) fn rfc3339(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 0000-03-01, in which a year ends with its leap day (H. Hinnant, civil_from_days).
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    #[test]
    fn time_is_written_as_rfc_3339() {
        assert_eq!(super::rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(super::rfc3339(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(super::rfc3339(1_709_164_800), "2024-02-29T00:00:00Z");
        assert_eq!(super::rfc3339(1_795_225_630), "2026-11-21T01:47:10Z");
    }
}
