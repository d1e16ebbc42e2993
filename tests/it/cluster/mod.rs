//! `asya k` against a real API server.

mod apply;
mod context;
mod fixture;
mod guide;
mod main_job;
mod refused;
mod registration;
mod server;
mod wrapped;
