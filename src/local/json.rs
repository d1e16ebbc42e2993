//! JSON text that is passed on as it is: big integers, key order and repeated keys survive.

use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

/// The members of an object in their order; `None` when it is none. Of a repeated key the last
/// counts, in the place of the first.
pub(super) fn members(value: &RawJson) -> Option<Vec<(String, RawJson)>> {
    struct Members(Vec<(String, RawJson)>);
    struct Reader;
    impl<'de> Visitor<'de> for Reader {
        type Value = Members;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
            let mut members: Vec<(String, RawJson)> = Vec::new();
            while let Some((name, value)) = map.next_entry::<String, RawJson>()? {
                match members.iter_mut().find(|(known, _)| *known == name) {
                    Some(member) => member.1 = value,
                    None => members.push((name, value)),
                }
            }
            Ok(Members(members))
        }
    }
    impl<'de> Deserialize<'de> for Members {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Reader)
        }
    }
    serde_json::from_str::<Members>(value.as_str()).ok().map(|members| members.0)
}

/// An object of `members`.
pub(super) fn object(members: impl Iterator<Item = (String, RawJson)>) -> RawJson {
    let members: Vec<String> =
        members.map(|(name, value)| format!("{}:{}", Value::from(name), value.as_str())).collect();
    from_text(format!("{{{}}}", members.join(",")))
}

/// A list of `items`.
pub(super) fn array(items: impl Iterator<Item = RawJson>) -> RawJson {
    let items: Vec<String> = items.map(|item| item.as_str().to_owned()).collect();
    from_text(format!("[{}]", items.join(",")))
}

/// `value` with `new` at a JSON pointer (RFC 6901). `None` where the pointer leads to nothing: all
/// but its last part must be there.
pub(super) fn with_value_at(value: &RawJson, pointer: &str, new: &RawJson) -> Option<RawJson> {
    if pointer.is_empty() {
        return Some(new.clone());
    }
    let rest = pointer.strip_prefix('/')?;
    let (part, below) = match rest.find('/') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, ""),
    };
    let part = part.replace("~1", "/").replace("~0", "~");
    if let Some(mut all) = members(value) {
        match all.iter_mut().find(|(name, _)| *name == part) {
            Some(member) => member.1 = with_value_at(&member.1, below, new)?,
            None if below.is_empty() => all.push((part, new.clone())),
            None => return None,
        }
        return Some(object(all.into_iter()));
    }
    let mut items: Vec<RawJson> = serde_json::from_str(value.as_str()).ok()?;
    match part.parse::<usize>() {
        Err(_) if part == "-" && below.is_empty() => items.push(new.clone()),
        Ok(at) => {
            let item = items.get_mut(at)?;
            *item = with_value_at(item, below, new)?;
        }
        Err(_) => return None,
    }
    Some(array(items.into_iter()))
}

/// The value of a text that was put together from values.
fn from_text(text: String) -> RawJson {
    RawJson(Arc::from(RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())))
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
    use super::{RawJson, with_value_at};

    #[test]
    fn the_value_survives_while_its_layout_changes() {
        let text = "{ \"b\" : [1180591620717411303424, {}, [] ],\n \"a \\\" ,\": \"x y\" , \"b\": null}";
        let raw = RawJson::parse(text).map_err(|error| error.to_string());
        let compact = r#"{"b":[1180591620717411303424,{},[]],"a \" ,":"x y","b":null}"#;
        assert_eq!(raw.as_ref().map(RawJson::as_str), Ok(compact));
        let lines = "{\n  \"b\": [\n    1180591620717411303424,\n    {},\n    []\n  ],\n  \"a \\\" ,\": \"x y\",\n  \"b\": null\n}";
        assert_eq!(raw.map(|raw| raw.pretty()), Ok(lines.to_owned()));
    }

    #[test]
    fn a_value_is_put_where_a_pointer_leads() {
        let at = |text: &str, pointer: &str| {
            let value = RawJson::parse(text).ok()?;
            let new = RawJson::parse("[1180591620717411303424]").ok()?;
            with_value_at(&value, pointer, &new).map(|changed| changed.as_str().to_owned())
        };
        let new = "[1180591620717411303424]";
        assert_eq!(at("{\"b\":1,\"a\":0.10}", "/b"), Some(format!("{{\"b\":{new},\"a\":0.10}}")));
        assert_eq!(at("{}", "/a~1b"), Some(format!("{{\"a/b\":{new}}}")));
        assert_eq!(at("{\"a\":[{},2]}", "/a/0/x"), Some(format!("{{\"a\":[{{\"x\":{new}}},2]}}")));
        assert_eq!(at("[1]", "/-"), Some(format!("[1,{new}]")));
        assert_eq!(at("1", ""), Some(new.to_owned()));
        assert_eq!((at("{}", "/a/b"), at("[1]", "/1"), at("1", "/a"), at("{}", "a")), (None, None, None, None));
    }
}
