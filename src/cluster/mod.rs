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
mod containers;
mod credentials;
mod drift;
mod exchange;
mod failure;
mod forward;
mod halfway;
mod identity;
mod inventory;
mod kubeconfig;
mod live;
mod logs;
mod look;
mod managed;
mod namespaces;
mod objections;
mod overview;
mod plan;
mod pods;
mod preview;
mod prune;
mod readiness;
mod record;
mod refusal;
mod removal;
mod request;
mod resource;
mod role;
mod runtime;
mod schema;
mod shared;
mod waiting;
mod watch;
mod work;
mod wrapped;

pub use access::{Access, Denied};
pub use actor_shape::ActorShape;
pub use apply::{ApplyOptions, Try, field_manager};
pub use connection::{Cluster, Connect};
pub use containers::{Problem, problem};
pub use drift::{Drift, FieldDrift, drift};
pub use forward::{Forward, Target};
pub use kubeconfig::{KnownContext, KnownContexts, known_contexts, no_such_context};
pub use logs::{LogLine, LogRequest};
pub use look::Look;
pub use overview::{ActorView, Overview, PodView};
pub use plan::{Plan, Step};
pub use pods::{Stream, Tunnel};
pub use preview::Preview;
pub use prune::When;
pub use readiness::{Readiness, actor_readiness, deployment_readiness};
pub use removal::{Parting, Removal};
pub use request::{Deleted, Patched};
pub use resource::{Resource, Resources};
pub use role::{Subject, roles};
pub use runtime::run;
pub use waiting::{Awaited, Patience, Waited, selector};
