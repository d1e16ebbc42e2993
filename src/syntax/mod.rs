//! Python text to our spanned tree; the only room that knows the Python parser.

mod brackets;
mod convert;
mod parse;
pub mod tree;
mod walk;

pub use parse::parse;
pub use walk::{blocks, children, expressions, walk};
