//! Draws located diagnostics the way rustc does.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity, SourceDiagnostics};

/// All diagnostics of one file, separated by blank lines, no line break at the end.
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
    let text = located.source.text();
    let clamp = |at: usize| {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let range = |span: crate::source::Span| clamp(span.start)..clamp(span.end);
    let mut title = level.primary_title(diagnostic.message.as_str());
    if let Some(code) = diagnostic.code {
        title = title.id(code);
    }
    let mut primary = AnnotationKind::Primary.span(range(diagnostic.span));
    if !diagnostic.label.is_empty() {
        primary = primary.label(diagnostic.label.as_str());
    }
    let mut snippet = Snippet::source(text).path(located.source.name()).annotation(primary);
    for related in &diagnostic.related {
        snippet = snippet.annotation(AnnotationKind::Context.span(range(related.span)).label(related.text.as_str()));
    }
    let mut group = title.element(snippet);
    if let Some(note) = &diagnostic.note {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}
