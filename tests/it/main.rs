//! The one integration binary: every test goes through a public door.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod abi;
mod architecture;
mod local_bench;
mod mesh;
mod run;
mod sandbox;
