//! The one integration binary: every test goes through a public door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod architecture;
mod kustomize;
mod kustomize_trees;
mod sandbox;
