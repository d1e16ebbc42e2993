//! The Kubernetes API: connect, look, check, apply. The only room that knows the Kubernetes client.
//!
//! Objects go in and come out as JSON; what is to be done is decided by pure functions
//! ([`Plan`]) and carried out with guards. Every failure says which verb on which object.

mod access;
mod actor_shape;
mod applied;
mod apply;
mod conflict;
mod connection;
mod exchange;
mod failure;
mod identity;
mod inventory;
mod kubeconfig;
mod live;
mod managed;
mod namespaces;
mod plan;
mod pods;
mod preview;
mod prune;
mod refusal;
mod removal;
mod request;
mod resource;
mod runtime;
mod schema;
mod shared;
mod work;
mod wrapped;

pub use access::{Access, Denied};
pub use actor_shape::ActorShape;
pub use apply::{ApplyOptions, Try, field_manager};
pub use connection::{Cluster, Connect};
pub use kubeconfig::{KnownContext, KnownContexts, known_contexts, no_such_context};
pub use plan::{Plan, Step};
pub use pods::{Stream, Tunnel};
pub use preview::Preview;
pub use prune::When;
pub use removal::{Parting, Removal};
pub use request::{Deleted, Patched};
pub use resource::{Resource, Resources};
pub use runtime::run;
