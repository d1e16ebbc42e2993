//! What happened, as data. Rooms that touch the world report events; `ui` puts them into words.

use std::path::PathBuf;

use crate::diagnostic::SourceDiagnostics;

/// What became of a file or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It did not exist and now does.
    Created,
    /// It existed and is different now.
    Changed,
    /// It was already as wanted; nothing was written.
    Unchanged,
    /// It existed and was taken away.
    Removed,
    /// It stays, and nothing of it belongs to the flow any more.
    Released,
    /// It belongs to the user (or to someone else) and was left alone.
    Kept,
}

impl Change {
    /// The stable word for JSON output, also used in human output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Removed => "removed",
            Self::Released => "released",
            Self::Kept => "kept",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A larger step begins: `render text-flow for dev`.
    Step(String),
    /// A file of the project was looked at or written; the path is relative to the project.
    File {
        /// Relative path.
        path: PathBuf,
        /// What became of it.
        change: Change,
    },
    /// An object of a cluster was looked at or written.
    Object {
        /// `Kind namespace/name`.
        object: String,
        /// What became of it.
        change: Change,
    },
    /// A fact worth a line.
    Note(String),
    /// Lines of another program that explain a problem, such as a Python traceback; shown even
    /// with `--quiet`.
    Excerpt(String),
    /// Something the reader should act on, with what to do.
    Warning {
        /// What is the matter.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Located warnings.
    Diagnostics(SourceDiagnostics),
}

/// Where events go.
pub type Events<'a> = &'a mut dyn FnMut(Event);
