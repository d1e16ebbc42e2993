//! The embedded mesh: envelopes routed in Rust, handlers run by Python workers.
//!
//! [`Mesh`] is built from rendered objects and moves messages between actors as the platform
//! would (`docs/local.md` says what it does and does not simulate). The decisions are made by
//! `routing`, `join` and `resiliency`, which are pure; `interpreter` and `worker` own the processes.
//! `serving` is a gateway in front of it.

mod actor;
mod applied;
mod duration;
mod envelope;
mod interpreter;
mod join;
mod json;
mod mesh;
mod outcome;
mod python;
mod resiliency;
mod routing;
mod serving;
mod stop;
mod worker;

pub use applied::{Applied, applied_file, applied_flows};
pub use envelope::{Envelope, Frame, Route, Status};
pub use interpreter::{Interpreter, LocalSettings};
pub use json::RawJson;
pub use mesh::{Happening, Mesh, Observer};
pub use outcome::{Failure, FailureKind, Finished, Hop, Outcome, Phase};
pub use python::find_python;
pub use serving::{Lookup, ServeSettings, ServedFlow, Serving, serve};
pub use stop::Stop;
