//! The one integration binary: every test goes through a public door.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod architecture;
mod cluster;
mod configuration;
mod init;
mod kustomize;
mod kustomize_trees;
mod project;
mod sandbox;
mod status;
mod store;
