//! `asya k` against a real API server.

mod apply;
mod context;
mod doctor;
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
mod refused;
mod registration;
mod server;
mod status;
mod verify;
mod waiting;
mod wrapped;
