//! What stands on a line of a function.

use crate::source::Source;
use crate::syntax::blocks;
use crate::syntax::tree::{ExprKind, Function, Literal, Stmt, StmtKind};

/// What stands on a line.
pub(super) enum Spot<'t> {
    /// Decorators, `def` and its parameters.
    Head { first: usize, last: usize },
    /// The docstring.
    Docstring { first: usize, last: usize },
    /// Code.
    Code(Region<'t>),
    /// Nothing that runs; this is the nearest code.
    Near(Region<'t>),
}

/// Lines that belong together: a simple statement, or the head of a compound one or of one of its
/// clauses.
pub(super) struct Region<'t> {
    pub(super) first: usize,
    pub(super) last: usize,
    /// The statement they are or belong to.
    pub(super) stmt: &'t Stmt,
    /// The statements around, outermost first, `stmt` last.
    pub(super) around: Vec<&'t Stmt>,
    /// They are the head of the statement or of a clause.
    pub(super) is_clause: bool,
}

/// Finds what stands on `line` of `function`, which is `stmt`.
pub(super) fn find<'t>(source: &Source, stmt: &'t Stmt, function: &'t Function, line: usize) -> Spot<'t> {
    let body = &function.body;
    let start = source.line_of(stmt.span.start);
    let docstring = body.first().filter(|first| is_docstring(first));
    let code_starts = body.first().map_or(usize::MAX, |first| source.line_of(first.span.start));
    let signature = source.line_of(function.signature.end).max(source.line_of(function.name.span.end));
    if line <= signature && line < code_starts {
        return Spot::Head { first: start, last: signature };
    }
    if let Some(docstring) = docstring {
        let lines = lines_of(source, docstring);
        if (lines.0..=lines.1).contains(&line) {
            return Spot::Docstring { first: lines.0, last: lines.1 };
        }
    }
    if let Some(region) = region(source, body, line, &mut Vec::new()) {
        return Spot::Code(region);
    }
    let last = source.line_of(stmt.span.end.saturating_sub(1));
    let candidates = (line + 1..=last).chain((start..line).rev());
    let nearest = candidates.filter_map(|line| region(source, body, line, &mut Vec::new()));
    match nearest.into_iter().find(|region| !is_docstring(region.stmt)) {
        Some(region) => Spot::Near(region),
        None => Spot::Head { first: start, last: signature },
    }
}

fn is_docstring(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::Expr(value) if matches!(value.kind, ExprKind::Literal(Literal::Str(_))))
}

fn lines_of(source: &Source, stmt: &Stmt) -> (usize, usize) {
    (source.line_of(stmt.span.start), source.line_of(stmt.span.end.saturating_sub(1).max(stmt.span.start)))
}

fn region<'t>(source: &Source, body: &'t [Stmt], line: usize, around: &mut Vec<&'t Stmt>) -> Option<Region<'t>> {
    let holds = |stmt: &&Stmt| {
        let (first, last) = lines_of(source, stmt);
        (first..=last).contains(&line)
    };
    let stmt = body.iter().find(holds)?;
    around.push(stmt);
    let (start, end) = lines_of(source, stmt);
    let inner = blocks(stmt);
    if inner.is_empty() {
        return Some(Region { first: start, last: end, stmt, around: std::mem::take(around), is_clause: false });
    }
    for block in &inner {
        let found = region(source, block, line, &mut around.clone());
        if found.is_some() {
            return found;
        }
    }
    // Between the blocks: the head, or `else:`, `except …:`, a blank line.
    let children = || inner.iter().flat_map(|block| block.iter()).map(|child| lines_of(source, child));
    let before = children().map(|(_, last)| last).filter(|last| *last < line).max();
    let after = children().map(|(first, _)| first).filter(|first| *first > line).min();
    let (low, high) = (before.map_or(start, |last| last + 1), after.map_or(end, |first| first - 1));
    let first = (low..=high).find(|line| is_code(source, *line))?;
    let last = (low..=high).rev().find(|line| is_code(source, *line))?;
    if !(first..=last).contains(&line) {
        return None;
    }
    Some(Region { first, last, stmt, around: std::mem::take(around), is_clause: true })
}

/// Whether a line between blocks holds code.
fn is_code(source: &Source, line: usize) -> bool {
    let text = source.slice(source.line_span(line)).trim_start();
    !text.is_empty() && !text.starts_with('#')
}
