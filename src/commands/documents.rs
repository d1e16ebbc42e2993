//! Parts of JSON documents that several commands report.

use serde::Serialize;

use crate::names::JOIN_HANDLER;
use crate::program::Program;

/// An actor of a flow.
#[derive(Serialize)]
pub(super) struct ActorDocument {
    pub(super) name: String,
    /// Dotted handler.
    pub(super) handler: String,
    /// The flow's router or join, not an actor of the user's.
    pub(super) generated: bool,
}

impl ActorDocument {
    /// All actors of a program, the generated ones first.
    pub(super) fn all(program: &Program) -> Vec<Self> {
        let router = program.router.iter().map(|router| Self {
            name: router.name.to_string(),
            handler: router.handler.clone(),
            generated: true,
        });
        let join = program.join.iter().map(|name| Self {
            name: name.to_string(),
            handler: JOIN_HANDLER.to_owned(),
            generated: true,
        });
        let called = program.actors.iter().map(|actor| Self {
            name: actor.name.to_string(),
            handler: actor.handler.clone(),
            generated: false,
        });
        router.chain(join).chain(called).collect()
    }
}
