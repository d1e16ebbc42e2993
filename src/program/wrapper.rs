//! The call wrapper: the file that stands in front of handlers called inside `try`, with values,
//! or in parallel (`docs/platform/names.md`, "The call wrapper").

/// The text of the wrapper, the same for every actor of every flow.
pub const WRAPPER_CODE: &str = include_str!("../../templates/asya_call.py");

/// SHA-256 of the wrapper, in hexadecimal.
pub fn wrapper_fingerprint() -> String {
    super::sha256(WRAPPER_CODE)
}
