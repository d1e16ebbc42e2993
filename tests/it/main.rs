//! The one integration binary: every test goes through a public door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod architecture;
mod configuration;
mod init;
mod kustomize;
mod kustomize_trees;
mod project;
mod sandbox;
mod status;
mod store;
