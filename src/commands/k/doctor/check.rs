//! One check: what was looked at, what was found, what to do.

use serde::Serialize;

use super::known::Id;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// As it should be.
    Ok,
    /// It does not work like this.
    Fail,
    /// It may work, and is worth a look.
    Warn,
    /// It could not be looked at, or there is nothing to look at.
    Skip,
    /// It cannot be seen from a cluster.
    Unknown,
}

impl Verdict {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skip => "skip",
            Self::Unknown => "unknown",
        }
    }
}

/// One check of the result, version 1.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Check {
    /// Which one.
    pub(super) id: Id,
    pub(super) verdict: Verdict,
    /// What was looked at: `ConfigMap flows/asya-runtime`.
    pub(super) subject: String,
    /// What was found; never the value of a Secret.
    pub(super) finding: String,
    /// Commands or words that put it right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

impl Check {
    fn new(id: Id, verdict: Verdict, subject: impl Into<String>, finding: impl Into<String>) -> Self {
        Self { id, verdict, subject: subject.into(), finding: finding.into(), fix: None }
    }

    pub(super) fn ok(id: Id, subject: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Verdict::Ok, subject, finding)
    }

    pub(super) fn fail(id: Id, subject: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Verdict::Fail, subject, finding)
    }

    pub(super) fn warn(id: Id, subject: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Verdict::Warn, subject, finding)
    }

    pub(super) fn skip(id: Id, subject: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(id, Verdict::Skip, subject, why)
    }

    /// `why` as [`crate::cluster::Look::Unseen`] has it.
    pub(super) fn unseen(id: Id, subject: impl Into<String>, why: &str) -> Self {
        Self::skip(id, subject, why)
    }

    pub(super) fn unknown(id: Id, subject: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(id, Verdict::Unknown, subject, finding)
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}
