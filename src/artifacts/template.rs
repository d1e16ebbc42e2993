//! Templates: `{{ name }}` replaced as plain text, then read as YAML.

use std::collections::BTreeMap;

use serde_json::Value;

use super::yaml;
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::names::{listed, near_matches};
use crate::source::{Source, Span};

/// What stands for the names in a template.
pub type Variables = BTreeMap<String, String>;

/// Fills in `template` and reads the outcome as YAML. `about` says for what it was filled in, for
/// messages: ``for actor `risky` ``.
///
/// Fails with the places of all unknown names, or with the place in the filled-in text that is
/// no YAML.
pub fn read(template: &Source, variables: &Variables, about: &str) -> Result<Value> {
    let text = render(template, variables).map_err(|unknown| {
        Error::project(format!("template `{}` cannot be filled in", template.name()))
            .at(SourceDiagnostics::new(template, unknown))
            .hint("add the name under `templates:` in `.asya/config.yaml`, or correct it in the template")
    })?;
    let filled = Source::new(format!("{} ({about})", template.name()), text);
    yaml::read(&filled).map_err(|diagnostic| {
        Error::project(format!("template `{}` is not YAML once it is filled in {about}", template.name()))
            .at(SourceDiagnostics::one(&filled, *diagnostic))
    })
}

/// Replaces every `{{ name }}` in `template`. Values are inserted as they are: a template that
/// wants a string quotes it. Names in lines that are only a comment may be unknown.
pub fn render(template: &Source, variables: &Variables) -> Result<String, Vec<Diagnostic>> {
    let text = template.text();
    let mut out = String::with_capacity(text.len());
    let mut unknown = Vec::new();
    let mut at = 0;
    while let Some((place, name)) = placeholder(text, at) {
        out.push_str(text.get(at..place.start).unwrap_or_default());
        let whole = template.slice(place);
        match variables.get(name.text) {
            Some(value) => out.push_str(value),
            None if in_comment(template, place) => out.push_str(whole),
            None => unknown.push(unknown_name(name, variables)),
        }
        at = place.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    if unknown.is_empty() { Ok(out) } else { Err(unknown) }
}

/// Whether `template` uses `{{ name }}`.
pub fn mentions(template: &Source, name: &str) -> bool {
    mentioned(template, name) > 0
}

/// How often `template` uses `{{ name }}`, lines that are only a comment left out.
pub(super) fn mentioned(template: &Source, name: &str) -> usize {
    let mut count = 0;
    let mut at = 0;
    while let Some((place, found)) = placeholder(template.text(), at) {
        count += usize::from(found.text == name && !in_comment(template, place));
        at = place.end;
    }
    count
}

struct Name<'a> {
    text: &'a str,
    span: Span,
}

/// The next `{{ name }}` at or after byte `from`: the whole place, and the name inside.
fn placeholder(text: &str, from: usize) -> Option<(Span, Name<'_>)> {
    let mut from = from;
    loop {
        let open = from + text.get(from..)?.find("{{")?;
        let inside = open + 2;
        let rest = text.get(inside..)?;
        let skip = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let word = rest.get(skip..)?;
        let length = word.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(word.len());
        let after = word.get(length..)?;
        let tail = after.trim_start_matches([' ', '\t']);
        if length > 0 && tail.starts_with("}}") {
            let start = inside + skip;
            let end = start + length + (after.len() - tail.len()) + 2;
            let name = Name { text: word.get(..length)?, span: Span::new(start, start + length) };
            return Some((Span::new(open, end), name));
        }
        from = open + 1;
    }
}

fn in_comment(template: &Source, place: Span) -> bool {
    template.slice(template.line_span(template.line_of(place.start))).trim_start().starts_with('#')
}

fn unknown_name(name: Name<'_>, variables: &Variables) -> Diagnostic {
    let known: Vec<&str> = variables.keys().map(String::as_str).collect();
    let near = near_matches(name.text, known.iter().copied());
    let mut diagnostic = Diagnostic::error(name.span, format!("no variable is called `{}`", name.text))
        .note(format!("there are {}", listed(&known)));
    if let Some(near) = near.first() {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    diagnostic
}
