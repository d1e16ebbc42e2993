//! The one integration binary: every test goes through a public door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, unreachable_pub, dead_code)]

mod architecture;
mod compiler;
mod sandbox;
