//! Conflicts of server-side apply in words: which field, whose it is.

use kube::core::Status;

/// A field that another manager owns with another value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    /// Path of the field, as the server writes it: `.spec.image`.
    pub(super) field: String,
    /// The manager that owns it.
    pub(super) manager: String,
}

/// The conflicts in an answer; empty when it is another kind of refusal.
pub(super) fn conflicts(status: &Status) -> Vec<Conflict> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| Conflict { field: cause.field.clone(), manager: manager(&cause.message) })
        .collect()
}

/// The manager in `conflict with "kubectl-edit" using v1 at 2026-01-01T00:00:00Z`.
fn manager(message: &str) -> String {
    let quoted = message.split_once('"').and_then(|(_, rest)| rest.split_once('"'));
    quoted.map_or_else(|| message.to_owned(), |(name, _)| name.to_owned())
}
