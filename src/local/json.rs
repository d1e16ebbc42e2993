//! JSON text that is passed on as it is: big integers, key order and repeated keys survive.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One JSON value as compact text on one line. Cheap to clone; never taken apart, because a
/// number such as 2**70 or the order of keys must reach the next actor unchanged.
#[derive(Debug, Clone)]
pub struct RawJson(Arc<RawValue>);

impl RawJson {
    /// Checks `text` and removes the white space between its tokens; the error has line and
    /// column.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let raw: Box<RawValue> = serde_json::from_str(text)?;
        // Lines are the unit of the worker protocol, so none may be inside a value.
        let text = raw.get();
        let has_space = text.bytes().any(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        let raw = if has_space { RawValue::from_string(compact(text))? } else { raw };
        Ok(Self(Arc::from(raw)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The same value over several lines, indented by two spaces.
    pub fn pretty(&self) -> String {
        pretty(self.as_str())
    }

    /// Whether the value is an object without members.
    pub fn is_empty_object(&self) -> bool {
        self.as_str() == "{}"
    }

    /// The value read with ordinary numbers, for looking into it; `Null` if it nests too deeply.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }
}

impl From<&serde_json::Value> for RawJson {
    fn from(value: &serde_json::Value) -> Self {
        let raw = RawValue::from_string(value.to_string()).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self(Arc::from(raw))
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Serialize for RawJson {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self(Arc::from(raw)))
    }
}

/// Walks over the tokens' characters; `inside` tells whether a character belongs to a string.
fn characters(text: &str) -> impl Iterator<Item = (char, bool)> {
    let (mut inside, mut escaped) = (false, false);
    text.chars().map(move |c| {
        let was_inside = inside;
        if !inside {
            inside = c == '"';
        } else if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == '"' {
            inside = false;
        }
        (c, was_inside)
    })
}

fn compact(text: &str) -> String {
    characters(text).filter(|(c, inside)| *inside || !c.is_ascii_whitespace()).map(|(c, _)| c).collect()
}

fn pretty(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() * 2);
    let mut depth = 0_usize;
    let mut opened = false;
    for (c, inside) in characters(compact) {
        let closes = !inside && matches!(c, '}' | ']');
        if opened && !closes {
            new_line(&mut out, depth);
        }
        match c {
            '{' | '[' if !inside => depth += 1,
            '}' | ']' if !inside => {
                depth = depth.saturating_sub(1);
                if !opened {
                    new_line(&mut out, depth);
                }
            }
            _ => {}
        }
        opened = !inside && matches!(c, '{' | '[');
        out.push(c);
        match c {
            ',' if !inside => new_line(&mut out, depth),
            ':' if !inside => out.push(' '),
            _ => {}
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::RawJson;

    #[test]
    fn the_value_survives_while_its_layout_changes() {
        let text = "{ \"b\" : [1180591620717411303424, {}, [] ],\n \"a \\\" ,\": \"x y\" , \"b\": null}";
        let raw = RawJson::parse(text).map_err(|error| error.to_string());
        let compact = r#"{"b":[1180591620717411303424,{},[]],"a \" ,":"x y","b":null}"#;
        assert_eq!(raw.as_ref().map(RawJson::as_str), Ok(compact));
        let lines = "{\n  \"b\": [\n    1180591620717411303424,\n    {},\n    []\n  ],\n  \"a \\\" ,\": \"x y\",\n  \"b\": null\n}";
        assert_eq!(raw.map(|raw| raw.pretty()), Ok(lines.to_owned()));
    }
}
