//! Nodes to JSON and back, as kustomize prints and reads values in between.

use serde_json::{Map, Number, Value};

use super::node::{Kind, Node, Scalar, Style, Tag};
use crate::source::Span;
use crate::yaml::{Dialect, Resolved, go_float, is_plain, resolve};

/// How kustomize writes JSON values before it reads them again, which decides how they are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// The elements of a list of objects: all strings in quotes.
    AsJson,
    /// What a JSON patch made: quotes only where they are needed, numbers as floats.
    AsYaml,
}

impl Node {
    /// The value as JSON, as kustomize prints it.
    pub(super) fn to_json(&self) -> Result<Value, String> {
        self.json(Dialect::V3)
    }

    /// The value as JSON as a reader of `dialect` sees it.
    pub(super) fn json(&self, dialect: Dialect) -> Result<Value, String> {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.json(dialect),
            Kind::List(items) => {
                items.iter().map(|item| item.json(dialect)).collect::<Result<_, _>>().map(Value::Array)
            }
            Kind::Map(fields) => {
                let mut map = Map::with_capacity(fields.len());
                for (key, value) in fields {
                    let Kind::Scalar(scalar) = &key.kind else {
                        return Err("a key is not a single value".to_owned());
                    };
                    let name = match (scalar.json(dialect)?, dialect) {
                        (Value::String(name), _) if dialect == Dialect::V2 || !scalar.is_date() => name,
                        (Value::Number(number), Dialect::V2) => number.to_string(),
                        (Value::Bool(flag), Dialect::V2) => flag.to_string(),
                        _ => return Err(format!("the key `{}` is not a string; quote it", scalar.text)),
                    };
                    if map.insert(name, value.json(dialect)?).is_some() {
                        return Err(format!("the key `{}` stands there twice", scalar.text));
                    }
                }
                Ok(Value::Object(map))
            }
        }
    }

    /// The place of the first key or value that has no JSON.
    pub(super) fn misfit(&self) -> Option<Span> {
        match &self.kind {
            Kind::Scalar(_) => self.to_json().is_err().then_some(self.span),
            Kind::List(items) => items.iter().find_map(Self::misfit),
            Kind::Map(fields) => fields.iter().find_map(|(key, value)| match key.to_json() {
                Ok(Value::String(_)) if !matches!(&key.kind, Kind::Scalar(scalar) if scalar.is_date()) => {
                    value.misfit()
                }
                _ => Some(key.span),
            }),
        }
    }

    /// The value as JSON without being written in between, which would change `>` blocks.
    pub(super) fn decode(mut self) -> Result<Value, String> {
        self.unfold();
        self.to_json()
    }

    fn unfold(&mut self) {
        match &mut self.kind {
            Kind::Scalar(scalar) if scalar.style == Style::Folded => scalar.style = Style::Quoted,
            Kind::Scalar(_) => {}
            Kind::Map(fields) => fields.iter_mut().for_each(|(_, value)| value.unfold()),
            Kind::List(items) => items.iter_mut().for_each(Self::unfold),
        }
    }

    /// A node from JSON, as if it had been written and read again in between.
    pub(super) fn from_json(value: &Value, written: Written) -> Self {
        match value {
            Value::Null => Self::scalar("null", Tag::Null, Style::Plain),
            Value::Bool(flag) => Self::scalar(flag.to_string(), Tag::Plain, Style::Plain),
            Value::Number(number) => {
                let text = match number.as_f64() {
                    Some(float) if written == Written::AsYaml => go_float(float),
                    Some(float) if number.is_f64() => go_json_float(float),
                    _ => number.to_string(),
                };
                Self::scalar(text, Tag::Plain, Style::Plain)
            }
            Value::String(text) => Self::written(text, written),
            Value::Array(items) => {
                let items = items.iter().map(|item| Self::from_json(item, written)).collect();
                Self { kind: Kind::List(items), span: Span::new(0, 0) }
            }
            Value::Object(map) => {
                let fields = map
                    .iter()
                    .map(|(key, value)| (Self::written(key, written), Self::from_json(value, written)))
                    .collect();
                Self { kind: Kind::Map(fields), span: Span::new(0, 0) }
            }
        }
    }

    fn written(text: &str, written: Written) -> Self {
        let plain = written == Written::AsYaml && is_plain(text);
        Self::scalar(text, Tag::Str, if plain { Style::Plain } else { Style::Quoted })
    }
}

impl Scalar {
    fn is_date(&self) -> bool {
        self.style == Style::Plain
            && self.tag != Tag::Str
            && matches!(resolve(&self.text, Dialect::V3), Resolved::Timestamp(_))
    }

    fn json(&self, dialect: Dialect) -> Result<Value, String> {
        let text = match (self.style, self.tag) {
            (Style::Quoted, _) | (Style::Tagged, Tag::Str) => return writable(self.text.clone()),
            (Style::Plain, Tag::Str) if dialect == Dialect::V3 => return writable(self.text.clone()),
            (Style::Folded, _) if dialect == Dialect::V3 => return writable(refold(&self.text)),
            (Style::Folded, _) => return writable(self.text.clone()),
            (Style::Plain | Style::Tagged, _) => self.text.as_str(),
        };
        Ok(match resolve(text, dialect) {
            Resolved::Null => Value::Null,
            Resolved::Bool(flag) => Value::Bool(flag),
            Resolved::Int(number) => Value::from(number),
            Resolved::Uint(number) => Value::from(number),
            Resolved::Float(number) => float(number).ok_or_else(|| format!("`{text}` cannot be written as JSON"))?,
            Resolved::Timestamp(time) if dialect == Dialect::V3 => Value::String(time),
            Resolved::Timestamp(_) | Resolved::Str => return writable(text.to_owned()),
        })
    }
}

/// A finite float as JSON; whole numbers that fit become integers, as they do in kustomize.
fn float(number: f64) -> Option<Value> {
    if !number.is_finite() {
        return None;
    }
    if number.fract() == 0.0 && number.abs() < 1e21 {
        // As few digits as needed, then zeros: what Go writes.
        let scientific = format!("{number:e}");
        let (digits, exponent) = scientific.split_once('e')?;
        let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let zeros = exponent.parse::<usize>().ok()?.saturating_sub(decimals);
        let whole = format!("{}{}", digits.replace('.', ""), "0".repeat(zeros));
        if let Ok(value) = whole.parse::<i64>() {
            return Some(Value::from(value));
        }
        if let Ok(value) = whole.parse::<u64>() {
            return Some(Value::from(value));
        }
    }
    Number::from_f64(number).map(Value::Number)
}

/// A float as Go's JSON has it: an exponent only for the very large and the very small.
pub(super) fn go_json_float(value: f64) -> String {
    if value == 0.0 || (1e-6..1e21).contains(&value.abs()) {
        return format!("{value}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
        _ => text,
    }
}

/// A string, unless kustomize's own output would not be readable YAML with it.
fn writable(text: String) -> Result<Value, String> {
    match text.chars().find(|c| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')) {
        Some(c) => Err(format!("a string holds the control character `{}`", c.escape_unicode())),
        None => Ok(Value::String(text)),
    }
}

/// What is left of a `>` block after go-yaml wrote it and read it again. Line breaks before an
/// indented line gain one, and a block that starts indented loses single ones to folding.
fn refold(text: &str) -> String {
    let is_blank = |c: char| matches!(c, ' ' | '\t');
    // go-yaml writes text with these as a quoted string, which loses nothing.
    let quoted = text.ends_with(' ')
        || text.contains(" \n")
        || text.chars().any(|c| c > '\u{ffff}' || (c.is_control() && !matches!(c, '\n' | '\t')));
    if quoted || !text.contains('\n') {
        return text.to_owned();
    }
    let starts_blank = text.trim_start_matches('\n').chars().next().is_none_or(is_blank);
    let mut out = String::with_capacity(text.len() + 8);
    let mut lines = text.split('\n').peekable();
    let mut breaks = 0;
    let mut before: Option<&str> = None;
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        if !line.is_empty() || last {
            if let Some(before) = before {
                let plain = !before.starts_with(is_blank);
                let written = breaks + usize::from(plain && !starts_blank);
                let kept = if last && line.is_empty() {
                    if breaks > 1 { written } else { breaks }
                } else if plain && !line.starts_with(is_blank) {
                    written - 1
                } else {
                    written
                };
                match kept {
                    0 => out.push(' '),
                    count => out.extend(std::iter::repeat_n('\n', count)),
                }
            } else {
                out.extend(std::iter::repeat_n('\n', breaks));
            }
            out.push_str(line);
            before = Some(line);
            breaks = 0;
        }
        breaks += 1;
    }
    out
}
