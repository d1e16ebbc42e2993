//! Files of the project as text, and paths as text.

use std::path::{Component, Path, PathBuf};

use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result, io_reason};
use crate::source::{Source, Span};

/// Reads a file as UTF-8 text shown as `name`. A missing or unreadable file, and the first byte
/// that is not UTF-8, are errors of kind `Project`.
pub fn read_source(path: &Path, name: &str) -> Result<Source> {
    let bytes = std::fs::read(path)
        .map_err(|error| Error::project(format!("`{name}` cannot be read")).because(io_reason(&error)))?;
    utf8(bytes, name).map_err(|located| Error::project(format!("`{name}` is not a text file")).at(*located))
}

/// Bytes as text shown as `name`, or the first byte that is not UTF-8.
pub(super) fn utf8(bytes: Vec<u8>, name: &str) -> Result<Source, Box<SourceDiagnostics>> {
    String::from_utf8(bytes).map(|text| Source::new(name, text)).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let source = Source::new(name, String::from_utf8_lossy(error.as_bytes()));
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        let diagnostic = Diagnostic::error(
            Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8()),
            format!("this byte (0x{byte:02x}) is not UTF-8"),
        )
        .help("save the file as UTF-8");
        Box::new(SourceDiagnostics::one(&source, diagnostic))
    })
}

/// `path` made absolute against `base`, with `.` and `..` taken out without asking the disk.
pub(super) fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// `path` as shown to people: relative to `root` where it lies inside.
pub(super) fn relative(root: &Path, path: &Path) -> PathBuf {
    match path.strip_prefix(root) {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => inside.to_owned(),
        Err(_) => path.to_owned(),
    }
}
