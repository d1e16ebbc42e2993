//! The call wrapper: the file that stands in front of handlers called inside `try`, with values,
//! or in parallel (`docs/platform/names.md`, "The call wrapper").

use std::sync::LazyLock;

/// The text of the wrapper, the same for every actor of every flow.
pub const WRAPPER_CODE: &str = include_str!("../../templates/asya_call.py");

/// SHA-256 of the wrapper, in hexadecimal.
pub fn wrapper_fingerprint() -> &'static str {
    static FINGERPRINT: LazyLock<String> = LazyLock::new(|| super::sha256([WRAPPER_CODE.as_bytes()]));
    &FINGERPRINT
}
