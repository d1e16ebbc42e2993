//! Finds the gateway and makes it serve a flow, or stop serving it.
//!
//! What is mounted is read before anything is written; what to do is decided by pure functions
//! (`detect`, `loader`, `collisions`, `way`, `template`, `lists`) and carried out by
//! [`GatewayPlan`].

mod at_url;
mod challenge;
mod choose;
mod collisions;
mod conversation;
mod detect;
mod entry;
mod environment;
mod http;
mod keys;
mod lists;
mod look;
mod mount;
mod patience;
mod plan;
mod preview;
mod reach;
mod register;
mod rollout;
mod split;
mod stale;
mod surface;
mod template;
mod tls;
mod values;
mod verify;
mod via;
mod way;

use crate::wire::flow_file as loader;

pub use at_url::ask;
pub use choose::Search;
pub use detect::{Detected, Gateway, Layout, detect};
pub use entry::{CONFIG_TYPE, is_flow_entry};
pub use environment::Queue;
pub use loader::refusal;
pub use look::{Served, Sight};
pub use plan::{GatewayPlan, Planned, Wanted};
pub use register::{Outcome, Registration};
pub use rollout::{not_stuck, rolled_out};
pub use tls::Authorities;
pub use values::{Values, values};
pub use verify::{Asking, Verification};
pub use via::Via;
