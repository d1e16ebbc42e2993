//! A Python source file, and how people name one.

use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::project::{python_text, read_source, sha256};
use crate::source::Source;
use crate::syntax::tree::Module;
use crate::syntax::{self};

/// Longest source; no flow is near it, and the stack is sized for it.
const MAX_SOURCE: usize = 4 << 20;

/// A source file, parsed.
pub(in crate::commands) struct PythonFile {
    /// Its text as Python reads it: without byte order mark, every line ending a `\n`.
    pub(in crate::commands) source: Source,
    /// Of the bytes on disk.
    pub(in crate::commands) sha256: String,
    /// The tree, or every syntax error.
    pub(in crate::commands) module: Result<Module, Vec<Diagnostic>>,
}

impl PythonFile {
    /// Reads the file at `path`.
    pub(in crate::commands) fn read(path: &Path, shown: &Path) -> Result<Self> {
        let shown = shown.display().to_string().replace('\\', "/");
        let raw = read_source(path, &shown)?;
        Self::of_text(&shown, raw.text())
    }

    /// A text that is shown under a name.
    pub(in crate::commands) fn of_text(shown: &str, raw: &str) -> Result<Self> {
        if raw.len() > MAX_SOURCE {
            return Err(Error::project(format!("`{shown}` is too large for a flow"))
                .because(format!("it has {} bytes, {MAX_SOURCE} are allowed", raw.len())));
        }
        let sha256 = sha256(raw.as_bytes());
        let source = python_text(&Source::new(shown, raw));
        let module = syntax::parse(&source);
        Ok(Self { source, sha256, module })
    }
}

/// `FILE[:FUNCTION]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct Target<'a> {
    /// The file.
    pub(in crate::commands) file: &'a str,
    /// The function in it.
    pub(in crate::commands) function: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Takes the text apart; a colon without an identifier behind it belongs to the path.
    pub(in crate::commands) fn of(text: &'a str) -> Self {
        match text.rsplit_once(':') {
            Some((file, function))
                if !file.is_empty()
                    && function.starts_with(|c: char| c.is_alphabetic() || c == '_')
                    && function.chars().all(|c| c.is_alphanumeric() || c == '_') =>
            {
                Self { file, function: Some(function) }
            }
            _ => Self { file: text, function: None },
        }
    }
}
