//! `asya k` against a real API server.

mod apply;
mod fixture;
mod guide;
mod main_job;
mod permissions;
mod platform;
mod refused;
mod registration;
mod server;
mod status;
mod waiting;
mod wrapped;
