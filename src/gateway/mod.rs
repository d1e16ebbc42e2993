//! Finds the gateway and makes it serve a flow, or stop serving it.
//!
//! What is mounted is read before anything is written; what to do is decided by pure functions
//! (`detect`, `loader`, `sources`, `collisions`, `patch`) and carried out by [`GatewayPlan`].

mod collisions;
mod detect;
mod entry;
mod loader;
mod look;
mod patch;
mod plan;
mod register;
mod sources;

pub use detect::{Detected, Gateway, Layout, detect};
pub use entry::{CONFIG_TYPE, is_flow_entry};
pub use look::{Served, Sight};
pub use plan::{GatewayPlan, Wanted};
pub use register::{Outcome, Registration};
