//! The one integration binary: every test goes through a public door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod abi;
mod architecture;
mod configuration;
mod init;
mod local_bench;
mod mesh;
mod project;
mod run;
mod sandbox;
mod status;
mod store;
