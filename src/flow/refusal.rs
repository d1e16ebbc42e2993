//! Statements that flows cannot have, and what to write instead.

use super::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{Stmt, StmtKind};

/// The diagnostic for a statement that is not compiled.
pub(super) fn refused(stmt: &Stmt, payload: &str) -> Diagnostic {
    let what = stmt.kind.describe();
    let diagnostic = Diagnostic::error(first_line(stmt), format!("{what} cannot be compiled")).code(codes::STATEMENT);
    match &stmt.kind {
        StmtKind::For { .. } => diagnostic.help(format!(
            "keep an index in the payload: `{payload}[\"i\"] = 0` and `while {payload}[\"i\"] < len(…):`"
        )),
        StmtKind::Try { .. } => diagnostic.help("handle the error inside the actor and report it in the payload"),
        StmtKind::Raise { .. } => diagnostic
            .note("there is no error to raise again outside an `except`")
            .help("write `raise SomeError(\"…\")`"),
        StmtKind::Match { .. } => diagnostic.help("write it as `if … elif … else`"),
        StmtKind::With { .. } => diagnostic.help("open the resource inside the actor that needs it"),
        StmtKind::Function(_) | StmtKind::Class(_) => {
            diagnostic.help("define it at the top level of this file or in a module of its own")
        }
        StmtKind::Import(_) | StmtKind::ImportFrom { .. } => diagnostic.help("move the import to the top of the file"),
        StmtKind::Global(_) | StmtKind::Nonlocal(_) => {
            diagnostic.note("a flow runs in many processes and shares no variables; only the payload travels")
        }
        _ => diagnostic,
    }
}

/// Compound statements are pointed at by their keyword, not by their whole text.
fn first_line(stmt: &Stmt) -> Span {
    let width = match &stmt.kind {
        StmtKind::For { is_async: false, .. } | StmtKind::Try { .. } => 3,
        StmtKind::With { is_async: false, .. } => 4,
        StmtKind::Match { .. } => 5,
        StmtKind::For { .. } => 9,
        StmtKind::With { .. } => 10,
        StmtKind::Function(function) => return function.name.span,
        StmtKind::Class(class) => return class.name.span,
        _ => return stmt.span,
    };
    Span::new(stmt.span.start, stmt.span.start + width)
}
