//! Keys of the configuration as people type them: `contexts.dev.namespace`, `templates."a.b"`.

use std::fmt;
use std::str::FromStr;

use super::decode::is_root_key;
use crate::names::ContextName;
use crate::source::Span;

/// A path of keys, at least one. Items of lists have their index, from 0, for a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyPath {
    segments: Vec<String>,
    /// Where each segment stands in the text that was typed.
    spans: Vec<Span>,
}

impl KeyPath {
    /// The path that leads through `segments`; `None` without any.
    pub fn new<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Option<Self> {
        let segments: Vec<String> = segments.into_iter().map(Into::into).collect();
        let typed = shown(&segments);
        // Parsed again for the places of the segments.
        if segments.is_empty() { None } else { typed.parse().ok() }
    }

    /// The keys, outermost first.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The key seen from a context: a field of the context gets the path to it, a key that starts at
    /// the top of the configuration stays.
    pub fn within(&self, context: &ContextName) -> Self {
        let whole = self.segments.first().is_some_and(|first| is_root_key(first));
        let above = ["contexts".to_owned(), context.to_string()];
        let segments = above.into_iter().chain(self.segments.iter().cloned());
        if whole { self.clone() } else { Self::new(segments).unwrap_or_else(|| self.clone()) }
    }

    /// Where segment `at` stands in the text of [`Display`](fmt::Display); the last one when there
    /// are fewer.
    pub(super) fn span(&self, at: usize) -> Span {
        self.spans.get(at).or(self.spans.last()).copied().unwrap_or(Span::new(0, 0))
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.segments))
    }
}

impl FromStr for KeyPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut rest = text;
        loop {
            let (segment, after) = match rest.strip_prefix('"') {
                Some(quoted) => unquote(quoted).ok_or_else(|| format!("the quote in `{text}` is not closed"))?,
                None => {
                    let (segment, after) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
                    (segment.to_owned(), after)
                }
            };
            if segment.is_empty() || segment.contains(char::is_control) {
                return Err(match text {
                    "" => "a key cannot be empty".to_owned(),
                    _ => format!("`{}` has a part that is no key", text.escape_debug()),
                });
            }
            segments.push(segment);
            match after.strip_prefix('.') {
                Some(more) => rest = more,
                None if after.is_empty() => break,
                None => return Err(format!("a dot is missing in `{text}` before `{after}`")),
            }
        }
        let mut spans = Vec::with_capacity(segments.len());
        let mut at = 0;
        for segment in &segments {
            let length = quoted(segment).len();
            spans.push(Span::new(at, at + length));
            at += length + 1;
        }
        Ok(Self { segments, spans })
    }
}

/// What stands before the closing quote, and what comes behind it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut segment = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((segment, &text[at + 1..])),
            '\\' => segment.push(chars.next()?.1),
            c => segment.push(c),
        }
    }
    None
}

fn shown(segments: &[String]) -> String {
    segments.iter().map(|segment| quoted(segment)).collect::<Vec<_>>().join(".")
}

/// A segment as it has to be typed.
fn quoted(segment: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '*' | '$' | '@' | '+');
    if !segment.is_empty() && segment.chars().all(plain) {
        return segment.to_owned();
    }
    format!("\"{}\"", segment.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_typed_as_it_is_shown() {
        for (typed, segments) in [
            ("a", vec!["a"]),
            ("contexts.dev.namespace", vec!["contexts", "dev", "namespace"]),
            ("templates.\"a.b\".c", vec!["templates", "a.b", "c"]),
            (r#"x."q\"\\".0"#, vec!["x", r#"q"\"#, "0"]),
        ] {
            let path: KeyPath = typed.parse().unwrap();
            assert_eq!(path.segments(), segments);
            assert_eq!(path.to_string(), typed);
            assert_eq!(KeyPath::new(segments), Some(path));
        }
        for wrong in ["", ".", "a.", ".a", "a..b", "a.\"b", "\"a\"b", "a.\"\"", "a\nb"] {
            assert!(wrong.parse::<KeyPath>().is_err(), "{wrong:?}");
        }
    }
}
