//! `asya` takes a Python function that describes an AI workflow (a *flow*) to a tool that agents
//! can call: it compiles the function to a router program and Kubernetes manifests, describes it
//! to a gateway, deploys it, and runs it on a laptop.
//!
//! Data goes one way; a room uses only rooms to its left and the shared words
//! (`error`, `source`, `diagnostic`, `event`, `names`, `yaml`):
//!
//! ```text
//! syntax ─► flow ─► program ─► artifacts ─► kustomize ─► cluster ─► gateway
//! (tree)    (CFG)   (router)   (manifests)  (objects)    local      (registration)
//! ```
//!
//! `project` and `store` touch the project's files, `cluster` and `gateway` the network, `local`
//! Python processes, `ui` the terminal. `commands` connects them; nothing uses `commands`.

pub mod artifacts;
pub mod cluster;
pub mod commands;
pub mod diagnostic;
pub mod error;
pub mod event;
pub mod flow;
pub mod gateway;
pub mod interrupt;
pub mod kustomize;
pub mod local;
pub mod names;
pub mod program;
pub mod project;
pub mod settings;
pub mod source;
pub mod store;
pub mod syntax;
pub mod ui;
pub mod wire;
pub mod yaml;

pub use commands::{command_line, run};
