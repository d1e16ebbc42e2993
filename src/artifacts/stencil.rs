//! A template that is read once for many actors.
//!
//! What differs from actor to actor are names: of the actor, its handler, its image. To YAML one name is
//! like any other, so the template is read with words of ours for the names, which are then replaced in
//! what was read. Where a name might be more to YAML than a name, there is no stencil, or it does not
//! take the name, and the template has to be read as it is filled in.

use serde_json::Value;

use super::template::{self, Variables};
use super::yaml;
use crate::source::Source;
use crate::yaml::{Dialect, Resolved, resolve};

/// What the words begin with: no escape in a quoted text, and no digit of a number.
const WORD: &str = "qasya";

/// A template as it reads, with words for names.
pub(super) struct Stencil {
    value: Value,
    words: Vec<String>,
}

impl Stencil {
    /// Reads `template` with words for `names`. `None` where one of them does not stand in a text that
    /// is a value, or where something else is wrong with the template.
    pub(super) fn of(template: &Source, shared: &Variables, names: &[&str]) -> Option<Self> {
        // As in references of images: `a.b/c-d:e`.
        let words: Vec<String> = (0..names.len()).map(|number| format!("{WORD}.q/q-q:q{number}q")).collect();
        let mut variables = shared.clone();
        variables.extend(names.iter().zip(&words).map(|(name, word)| ((*name).to_owned(), word.clone())));
        let wanted: usize = names.iter().map(|name| template::mentioned(template, name)).sum();
        let filled = template::render(template, &variables).ok()?;
        let value = yaml::read(&Source::new(template.name(), filled)).ok()?;
        (words_in(&value) == wanted).then_some(Self { value, words })
    }

    /// The template filled in with a value for each name. `None` where a value may be something else
    /// than a text, alone or with what is around it.
    pub(super) fn filled_in(&self, values: &[&str]) -> Option<Value> {
        let are_names = values.iter().all(|value| is_name(value) && !value.contains(WORD));
        let mut filled = are_names.then(|| self.value.clone())?;
        self.fill_in(&mut filled, values).then_some(filled)
    }

    /// Answers whether every text is one still.
    fn fill_in(&self, value: &mut Value, values: &[&str]) -> bool {
        match value {
            Value::String(text) if text.contains(WORD) => {
                for (word, value) in self.words.iter().zip(values) {
                    if text.contains(word) {
                        *text = text.replace(word, value);
                    }
                }
                is_text(text)
            }
            Value::Array(items) => items.iter_mut().all(|item| self.fill_in(item, values)),
            Value::Object(fields) => fields.values_mut().all(|field| self.fill_in(field, values)),
            _ => true,
        }
    }
}

/// How many words stand in values, those in keys not counted.
fn words_in(value: &Value) -> usize {
    match value {
        Value::String(text) => text.matches(WORD).count(),
        Value::Array(items) => items.iter().map(words_in).sum(),
        Value::Object(fields) => fields.values().map(words_in).sum(),
        _ => 0,
    }
}

/// Whether it reads as a text also where it stands without quotes: to readers that take numbers and
/// words of YAML in any case, too.
fn is_text(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_text = |dialect| resolve(&lower, dialect) == Resolved::Str;
    is_text(Dialect::V2) && is_text(Dialect::V3) && lower.parse::<f64>().is_err()
}

/// Whether a text has nothing in it that means something to YAML.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(template: &str, value: &str) -> (Option<Value>, Option<Value>) {
        let source = Source::new("actor.yaml", template);
        let variables = Variables::from([("name".to_owned(), value.to_owned())]);
        let stencil = Stencil::of(&source, &Variables::new(), &["name"]);
        let filled = stencil.and_then(|stencil| stencil.filled_in(&[value]));
        (filled, template::read(&source, &variables, "for a test").ok())
    }

    #[test]
    fn a_stencil_filled_in_is_the_template_filled_in() {
        let values = ["a", "clean-text", "texts.Cleaner.clean", "ghcr.io/a/b-c:latest", "localhost:5000/a_b@sha256:12"];
        let templates = [
            "a: {{ name }}\nb: '{{ name }}'\nc: \"{{name}}\"",
            "a: [x, {{ name }}, {b: {{ name }}}]",
            "a: |\n  {{ name }} runs\n   {{ name }}\nb: >-\n  x\n  {{ name }}",
            "# {{ name }}\na: x-{{ name }}-y # seen",
            "a: 1",
            "{{ name }}",
        ];
        for (template, value) in templates.iter().flat_map(|template| values.map(|value| (template, value))) {
            let (filled, read) = both(template, value);
            assert!(read.is_some(), "{template} with {value}");
            assert_eq!(filled, read, "{template} with {value}");
        }
    }

    #[test]
    fn what_may_be_more_than_a_name_is_not_filled_in() {
        let words = "true tRUE null nULL y e5 e400 x5 o7 b1 nan iNf 1 ' a' é 2024-01-01".split(' ');
        let values: Vec<&str> = words.chain(["a: b", "a #b", ""]).collect();
        let templates = [
            "a: {{ name }}",
            "a: 1{{ name }}",
            "a: 0{{ name }}",
            "a: .{{ name }}",
            "{{ name }}: a",
            "a: &{{ name }} b",
            "a: &b c\nd: &{{ name }} e\nf: *b",
            "a: !{{ name }} b",
            "a: b # {{ name }}",
            "a: \"\\{{ name }}\"",
            "a: \"\\x4{{ name }}\"",
            "a: '{{ name }}'",
        ];
        for (template, value) in templates.iter().flat_map(|template| values.iter().map(move |value| (template, value)))
        {
            let (filled, read) = both(template, value);
            assert!(filled.is_none() || filled == read, "{template} with {value}");
        }
        assert_eq!(both("{{ name }}: a", "b").0, None);
        assert_eq!(both("a: {{ name }}", "true").0, None);
        assert_eq!(both("a: 1{{ name }}", "e5").0, None);
    }
}
