//! Draws located diagnostics the way rustc does.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity, SourceDiagnostics};
use crate::source::{Source, Span};

/// All diagnostics of one piece of work, separated by blank lines, no line break at the end.
pub(super) fn render(located: &SourceDiagnostics, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let drawn: Vec<String> = located
        .diagnostics
        .iter()
        .map(|diagnostic| renderer.render(&[group(located, diagnostic)]).trim_end().to_owned() + "\n")
        .collect();
    drawn.join("\n")
}

fn group<'a>(located: &'a SourceDiagnostics, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut title = level.primary_title(diagnostic.message.as_str());
    if let Some(code) = diagnostic.code {
        title = title.id(code);
    }
    let source = located.source_of(diagnostic);
    let mut primary = AnnotationKind::Primary.span(range(source, diagnostic.span));
    if !diagnostic.label.is_empty() {
        primary = primary.label(diagnostic.label.as_str());
    }
    // One snippet a file: the diagnostic's own first, then those of related places.
    let mut files = vec![(source, vec![primary])];
    for related in &diagnostic.related {
        let file = related.source.as_ref().unwrap_or(source);
        let label = AnnotationKind::Context.span(range(file, related.span)).label(related.text.as_str());
        match files.iter_mut().find(|(known, _)| *known == file) {
            Some((_, annotations)) => annotations.push(label),
            None => files.push((file, vec![label])),
        }
    }
    let snippets = files
        .into_iter()
        .map(|(file, annotations)| Snippet::source(file.text()).path(file.name()).annotations(annotations));
    let mut group = title.elements(snippets);
    if let Some(note) = &diagnostic.note {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

/// A span as annotations want it: inside the text, between characters.
fn range(source: &Source, span: Span) -> Range<usize> {
    let text = source.text();
    let clamp = |at: usize| {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    clamp(span.start)..clamp(span.end)
}
