//! `asya k` against a real API server.

mod apply;
mod diff;
mod fixture;
mod guide;
mod main_job;
mod prune;
mod refused;
mod registration;
mod server;
mod wrapped;
