//! `asya k` against a real API server.

mod apply;
mod at_once;
mod context;
mod diff;
mod doctor;
mod faults;
mod fixture;
mod gateway_server;
mod generations;
mod guide;
mod logs;
mod looking;
mod main_job;
mod mesh_platform;
mod namespace;
mod permissions;
mod platform;
mod proxy;
mod prune;
mod refused;
mod registration;
mod server;
mod status;
mod verify;
mod waiting;
mod wrapped;
