//! What a run of a message was, as data: hops, finished messages, failures.

use std::time::Duration;

use super::envelope::{Frame, Route, StatusError};
use super::json::RawJson;

/// One handling of one message by one actor.
#[derive(Debug, Clone)]
pub struct Hop {
    /// From 1, in the order of execution.
    pub index: usize,
    /// Id of the message.
    pub message: String,
    /// The actor that handled it.
    pub actor: String,
    /// From 1.
    pub attempt: u32,
    /// The handler's argument.
    pub payload_in: RawJson,
    /// What it emitted, in order; empty when it emitted nothing or failed before it did.
    pub frames: Vec<Frame>,
    /// The route when the message arrived.
    pub route: Route,
    /// From handing the message over to the end of the answer, without the start of the worker.
    pub duration: Duration,
    /// How it failed.
    pub failure: Option<Failure>,
}

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its route was finished, or its handler emitted nothing.
    Succeeded,
    /// It could not be handled.
    Failed,
}

impl Phase {
    /// The word the platform uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A message at the end of its way.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Its id.
    pub id: String,
    /// How it ended.
    pub phase: Phase,
    /// The result; for a failed message, the payload that could not be handled.
    pub payload: RawJson,
    /// Its headers.
    pub headers: RawJson,
    /// Actors that handled it, oldest first; ends with the failing one.
    pub prev: Vec<String>,
    /// Why it failed.
    pub error: Option<Failure>,
}

/// Everything that came of one message.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// In the order they ended; at least one.
    pub results: Vec<Finished>,
    /// In the order they happened.
    pub hops: Vec<Hop>,
}

/// The part of the mesh that stands behind a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The handler raised.
    Handler,
    /// The handler could not be loaded.
    Load,
    /// The worker's process ended before it answered.
    Crash,
    /// No answer within the actor's timeout.
    Timeout,
    /// The route names an actor that does not exist.
    UnknownActor,
    /// The message arrived at an actor its route does not name.
    RouteMismatch,
    /// The envelope, or what the worker answered, is malformed.
    Protocol,
}

impl FailureKind {
    /// The stable word for JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Load => "load",
            Self::Crash => "crash",
            Self::Timeout => "timeout",
            Self::UnknownActor => "unknown-actor",
            Self::RouteMismatch => "route-mismatch",
            Self::Protocol => "protocol",
        }
    }
}

/// Why a message failed, and where.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// The actor at which it happened.
    pub actor: String,
    /// For `Handler`, the text of the exception; else a sentence.
    pub message: String,
    /// Module-qualified class of the exception, built-ins without a prefix; empty if there is none.
    pub type_name: String,
    /// Its base classes, nearest first, without `object` and `BaseException`.
    pub mro: Vec<String>,
    /// The traceback, unmodified; empty if there is none.
    pub traceback: String,
    /// The traceback without the frames of the worker; empty if there is none.
    pub user_traceback: String,
    /// What the worker last wrote, for a crash.
    pub last_output: Vec<String>,
}

impl Failure {
    /// A failure that is no Python exception.
    pub(super) fn new(kind: FailureKind, actor: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            actor: actor.to_owned(),
            message: message.into(),
            type_name: String::new(),
            mro: Vec::new(),
            traceback: String::new(),
            user_traceback: String::new(),
            last_output: Vec::new(),
        }
    }

    /// The failure as it stands in `status.error`.
    pub(super) fn status(&self) -> StatusError {
        StatusError {
            message: self.message.clone(),
            type_name: self.type_name.clone(),
            mro: self.mro.clone(),
            traceback: self.traceback.clone(),
        }
    }
}
