//! `asya k` against a real API server.

mod apply;
mod at_once;
mod context;
mod diff;
mod faults;
mod fixture;
mod gateway_server;
mod generations;
mod guide;
mod main_job;
mod proxy;
mod prune;
mod refused;
mod registration;
mod server;
mod verify;
mod wrapped;
