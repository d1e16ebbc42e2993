//! YAML as Kubernetes tools write and read it: which plain words are numbers, booleans or dates,
//! and a writer whose text every YAML 1.1 and 1.2 reader reads back as it was.

mod order;
mod scalar;
mod write;

pub use scalar::{Dialect, Resolved, go_float, resolve};
pub use write::{is_plain, write_ordered, write_sorted, write_with_texts};
