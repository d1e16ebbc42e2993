//! `asya k` against a real API server.

mod apply;
mod diff;
mod faults;
mod fixture;
mod guide;
mod main_job;
mod proxy;
mod prune;
mod refused;
mod registration;
mod server;
mod wrapped;
