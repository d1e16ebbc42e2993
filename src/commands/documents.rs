//! Parts of JSON documents that several commands report.

use serde::Serialize;

/// An actor of a flow.
#[derive(Serialize)]
pub(super) struct ActorDocument {
    pub(super) name: String,
    /// Dotted handler.
    pub(super) handler: String,
    /// The flow's router or join, not an actor of the user's.
    pub(super) generated: bool,
}
