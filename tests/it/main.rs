//! The one integration binary: every test goes through a public door.

mod architecture;
mod sandbox;
