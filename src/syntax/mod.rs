//! Python text to our spanned tree; the only room that knows the Python parser.

mod brackets;
mod convert;
mod parse;
pub mod tree;
mod walk;
mod walk_mut;

pub use parse::parse;
pub use walk::{Parts, blocks, children, expressions, walk};
pub use walk_mut::{blocks_mut, children_mut, expressions_mut};
