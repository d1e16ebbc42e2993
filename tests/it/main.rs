//! The one integration binary: every test goes through a public door.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod architecture;
mod cluster;
mod sandbox;
