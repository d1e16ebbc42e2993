//! The one error type that leaves a room: what failed, why, where, and what to do next.

use crate::diagnostic::SourceDiagnostics;

/// A result whose error is ready to be shown to a person.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it was; decides the exit code and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The answer is no: the source does not compile, a check failed, an object is not ready.
    Negative,
    /// The command line itself is wrong.
    Usage,
    /// The project, its configuration or a local file stands in the way.
    Project,
    /// The cluster or the gateway refused or could not be reached.
    Cluster,
    /// Something did not happen in the time allowed.
    Timeout,
    /// The person interrupted the command.
    Interrupted,
}

impl ErrorKind {
    /// The process exit code of this kind (`docs/reference.md`, "Exit codes").
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Negative => 1,
            Self::Usage => 2,
            Self::Project => 3,
            Self::Cluster => 4,
            Self::Timeout => 5,
            Self::Interrupted => 130,
        }
    }

    /// The stable word for this kind in JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Usage => "usage",
            Self::Project => "project",
            Self::Cluster => "cluster",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
        }
    }
}

/// An error as a person reads it. Built with [`Error::project`] and friends, then
/// [`because`](Error::because), [`hint`](Error::hint), [`at`](Error::at).
#[derive(Debug, Clone)]
pub struct Error(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    kind: ErrorKind,
    message: String,
    causes: Vec<String>,
    located: Vec<SourceDiagnostics>,
    hints: Vec<String>,
}

impl Error {
    /// An error of `kind` that says `message`: one sentence, lower case, no final full stop,
    /// names in backticks.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            message: message.into(),
            causes: Vec::new(),
            located: Vec::new(),
            hints: Vec::new(),
        }))
    }

    /// The answer is no (exit 1).
    pub fn negative(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Negative, message)
    }

    /// Wrong usage of the command line (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Project, configuration or local files (exit 3).
    pub fn project(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Project, message)
    }

    /// Cluster or gateway (exit 4).
    pub fn cluster(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Cluster, message)
    }

    /// Out of time (exit 5).
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Timeout, message)
    }

    /// Adds why it happened; may be called several times, outermost reason first.
    pub fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.causes.push(cause.to_string());
        self
    }

    /// Adds what the reader can do next. Duplicates are dropped.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !self.0.hints.contains(&hint) {
            self.0.hints.push(hint);
        }
        self
    }

    /// Adds a hint when there is one.
    pub fn hint_opt(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Adds located diagnostics of one file, drawn with the lines they are about.
    pub fn at(mut self, located: SourceDiagnostics) -> Self {
        self.0.located.push(located);
        self
    }

    /// The same error with other diagnostics: those that were not shown yet.
    pub fn instead_at(mut self, located: Vec<SourceDiagnostics>) -> Self {
        self.0.located = located;
        self
    }

    /// The kind, hence the exit code.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The headline.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The reasons, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// Located diagnostics, one entry a file.
    pub fn located(&self) -> &[SourceDiagnostics] {
        &self.0.located
    }

    /// What to do next.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)?;
        for cause in &self.0.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// A short reason for a failed file operation, without Rust's `(os error N)` tail.
pub fn io_reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound => "there is no such file or directory".to_owned(),
        Kind::PermissionDenied => "permission denied".to_owned(),
        Kind::IsADirectory => "it is a directory".to_owned(),
        Kind::NotADirectory => "a part of the path is not a directory".to_owned(),
        Kind::StorageFull => "the disk is full".to_owned(),
        Kind::QuotaExceeded => "the disk quota is used up".to_owned(),
        Kind::FileTooLarge => "files may not be as large as that (`ulimit -f`)".to_owned(),
        _ => {
            let text = error.to_string();
            match text.find(" (os error") {
                Some(end) => text[..end].to_owned(),
                None => text,
            }
        }
    }
}
