//! Finds the gateway and makes it serve a flow, or stop serving it.
//!
//! What is mounted is read before anything is written; what to do is decided by pure functions
//! (`detect`, `loader`, `collisions`, `way`, `template`, `lists`) and carried out by
//! [`GatewayPlan`].

mod choose;
mod collisions;
mod detect;
mod entry;
mod environment;
mod keys;
mod lists;
mod loader;
mod mount;
mod patience;
mod plan;
mod preview;
mod reach;
mod register;
mod split;
mod stale;
mod template;
mod via;
mod way;

pub use choose::Search;
pub use detect::{Detected, Gateway, Layout, detect};
pub use entry::{CONFIG_TYPE, is_flow_entry};
pub use environment::Queue;
pub use plan::{GatewayPlan, Planned, Wanted};
pub use register::{Outcome, Registration};
pub use via::Via;
