//! Output that is kept instead of printed.

use serde_json::Value;

/// What a command said.
#[derive(Debug, Default)]
pub struct Transcript {
    /// Everything a person would have read, stdout and stderr in the order they were written.
    pub text: String,
    /// The result, as `-o json` would have given it; `null` without one.
    pub document: Value,
}
