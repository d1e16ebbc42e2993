//! Bracket mistakes, in Python's own words: the parser reports them far from their cause.

use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// One bracket of the source, in order of appearance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bracket {
    /// The character.
    pub(super) character: char,
    /// Where it stands.
    pub(super) span: Span,
}

/// Python refuses deeper nesting (`tokenize`: "too many nested parentheses").
const MAX_NESTING: usize = 200;

/// The first bracket that is never closed, closes nothing, closes the wrong one, or is nested
/// too deeply.
pub(super) fn mistake(source: &Source, brackets: impl IntoIterator<Item = Bracket>) -> Option<Diagnostic> {
    let mut open: Vec<Bracket> = Vec::new();
    for bracket in brackets {
        let Some(opener) = opener_of(bracket.character) else {
            open.push(bracket);
            if open.len() > MAX_NESTING {
                return Some(Diagnostic::error(bracket.span, "too many nested parentheses"));
            }
            continue;
        };
        match open.pop() {
            None => {
                return Some(Diagnostic::error(bracket.span, format!("unmatched `{}`", bracket.character)));
            }
            Some(last) if last.character != opener => {
                let line = source.line_of(last.span.start);
                let message = format!(
                    "closing parenthesis `{}` does not match opening parenthesis `{}`",
                    bracket.character, last.character
                );
                return Some(
                    Diagnostic::error(bracket.span, message).related(last.span, format!("opened here, on line {line}")),
                );
            }
            Some(_) => {}
        }
    }
    open.pop().map(|last| Diagnostic::error(last.span, format!("`{}` was never closed", last.character)))
}

fn opener_of(closer: char) -> Option<char> {
    match closer {
        ')' => Some('('),
        ']' => Some('['),
        '}' => Some('{'),
        _ => None,
    }
}
