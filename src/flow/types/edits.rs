//! What stands in the router in the place of parts of the source.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::source::{Source, Span};

/// Text in the place of other text, by file. Every part has one meaning wherever its line is
/// copied to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    files: BTreeMap<String, BTreeMap<Span, String>>,
}

impl Edits {
    /// Adds one; a span without length is an insertion.
    pub(super) fn add(&mut self, source: &Source, span: Span, text: String) {
        self.files.entry(source.name().to_owned()).or_default().insert(span, text);
    }

    /// The text of `span` with the edits in it. An edit belongs to the text it begins in, so that parts
    /// of a text can be asked for one after the other.
    pub fn text<'s>(&self, source: &'s Source, span: Span) -> Cow<'s, str> {
        let Some(edits) = self.files.get(source.name()) else { return Cow::Borrowed(source.slice(span)) };
        // What goes on from before is not part of this text.
        let before = edits.range(..Span::new(span.start, span.start)).next_back();
        let mut at = before.map_or(span.start, |(edit, _)| edit.end.clamp(span.start, span.end));
        let mut inside = edits.range(Span::new(span.start, span.start)..Span::new(span.end, span.end)).peekable();
        if at == span.start && inside.peek().is_none() {
            return Cow::Borrowed(source.slice(span));
        }
        let mut text = String::new();
        for (edit, replacement) in inside {
            text.push_str(source.slice(Span::new(at, edit.start.max(at))));
            text.push_str(replacement);
            at = edit.end.max(at).min(span.end);
        }
        text.push_str(source.slice(Span::new(at, span.end.max(at))));
        Cow::Owned(text)
    }

    /// Whether an edit that began before byte `at` goes on there: its line breaks are gone.
    pub fn goes_over(&self, source: &Source, at: usize) -> bool {
        let Some(edits) = self.files.get(source.name()) else { return false };
        edits.range(..Span::new(at, at)).next_back().is_some_and(|(edit, _)| edit.end > at)
    }

    /// Inserts text at a place, before what was inserted there already.
    pub(super) fn insert_before(&mut self, source: &Source, at: usize, text: &str) {
        let edits = self.files.entry(source.name().to_owned()).or_default();
        edits.entry(Span::new(at, at)).or_default().insert_str(0, text);
    }
}
