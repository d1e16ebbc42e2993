//! The message that travels between actors (`docs/platform/protocol.md`, "Envelope").

use serde::{Deserialize, Serialize};

use super::json::RawJson;

/// Where a message was, is and goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Route {
    /// Actors that have handled it, oldest first.
    pub prev: Vec<String>,
    /// The actor it is for; empty when the route is finished.
    pub curr: String,
    /// Actors still to come, nearest first.
    pub next: Vec<String>,
}

/// What the mesh knows about a message's progress.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// `pending`, `processing`, `retrying`, `succeeded` or `failed`.
    pub phase: &'static str,
    /// Why, for the phases that have a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The last actor to stamp it, or the addressee while `pending`.
    pub actor: String,
    /// From 1, per actor.
    pub attempt: u32,
    /// Attempts allowed; 0 while no retry policy has been matched yet.
    pub max_attempts: u32,
    /// RFC 3339, UTC, whole seconds.
    pub created_at: String,
    /// RFC 3339, UTC, whole seconds.
    pub updated_at: String,
    /// The error of the attempt before, while `retrying`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<StatusError>,
}

/// An error as it stands in `status.error`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusError {
    /// Text of the exception.
    pub message: String,
    /// Its class.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The classes it derives from.
    pub mro: Vec<String>,
    /// Python's traceback.
    pub traceback: String,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Envelope {
    /// Identity; stays with the first frame of an emission.
    pub id: String,
    /// The message this one was split from, on its first hop only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Where it goes.
    pub route: Route,
    /// An object.
    #[serde(skip_serializing_if = "RawJson::is_empty_object")]
    pub headers: RawJson,
    /// Progress.
    pub status: Status,
    /// The handler's argument.
    pub payload: RawJson,
}

/// What a handler emitted: the payload, the route one step further, the headers if it changed
/// them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Frame {
    /// The emitted value.
    pub payload: RawJson,
    /// Already shifted: `curr` is the actor to deliver to.
    pub route: Route,
    /// `None` when the handler did not touch them.
    #[serde(default)]
    pub headers: Option<RawJson>,
}
