//! ConfigMaps and Secrets made from literals and files.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::convert::go_json_float;
use super::error::{Fault, RenderError};
use super::kustomization::{Behavior, Generator, Text};
use super::node::{Kind, Node, Style, Tag};
use super::patch::duplicate;
use super::resource::{BEHAVIOR, Resource, texts_of};
use crate::source::Source;

/// Width of the lines that binary data is wrapped to.
const BASE64_WIDTH: usize = 70;

/// Makes the object of a generator; `load` reads files of the kustomization.
pub(super) fn generate(
    generator: &Generator,
    secret: bool,
    source: &Source,
    load: &dyn Fn(&Text) -> Result<Vec<u8>, RenderError>,
) -> Result<Resource, RenderError> {
    let mut node = Node::map();
    node.set("apiVersion", Some(Node::word("v1")), Style::Plain);
    node.set("kind", Some(Node::word(if secret { "Secret" } else { "ConfigMap" })), Style::Plain);
    node.span = generator.span;
    let mut resource = Resource::new(node, source);
    resource.set_name(&generator.name);
    if !generator.namespace.is_empty() {
        resource.set_namespace(&generator.namespace);
    }
    let data = pairs(generator, source, load)?;
    if secret {
        let kind = if generator.secret_type.is_empty() { "Opaque" } else { &generator.secret_type };
        resource.node.set("type", Some(Node::string(kind)), Style::Plain);
        let map = resource.node.map_at("data");
        for (key, value) in &data {
            map.set(key, Some(text_node(wrapped_base64(value))), Style::Plain);
        }
    } else {
        for (key, value) in data {
            match String::from_utf8(value) {
                Ok(text) => resource.node.map_at("data").set(&key, Some(text_node(text)), Style::Plain),
                Err(error) => resource.node.map_at("binaryData").set(
                    &key,
                    Some(text_node(wrapped_base64(error.as_bytes()))),
                    Style::Plain,
                ),
            }
        }
    }
    let options = &generator.options;
    for (field, texts) in [("labels", &options.labels), ("annotations", &options.annotations)] {
        for (key, value) in texts {
            resource.node.map_at("metadata").map_at(field).set(key, Some(Node::string(value)), Style::Plain);
        }
    }
    if options.immutable {
        resource.node.set("immutable", Some(Node::scalar("true", Tag::Plain, Style::Plain)), Style::Plain);
    }
    if !options.disable_hash {
        resource.enable_hash();
    }
    let behavior = match generator.behavior {
        Behavior::Create => "create",
        Behavior::Replace => "replace",
        Behavior::Merge => "merge",
    };
    resource.set_annotation(BEHAVIOR, behavior);
    Ok(resource)
}

/// Adds a generated object, or merges it into the one that is there, as its behaviour says.
pub(super) fn absorb(resources: &mut Vec<Resource>, mut made: Resource, behavior: Behavior) -> Result<(), RenderError> {
    let id = made.id();
    let matching: Vec<usize> =
        resources.iter().enumerate().filter(|(_, resource)| resource.was_called(&id)).map(|(at, _)| at).collect();
    let slot = match matching.as_slice() {
        [] => None,
        [index] => resources.get_mut(*index),
        _ => {
            return Err(Fault::new(made.span, format!("more than one object is called {id}"))
                .help("give the generator a `namespace`")
                .of(&made.source));
        }
    };
    match (slot, behavior) {
        (None, Behavior::Create) => resources.push(made),
        (None, Behavior::Merge | Behavior::Replace) => {
            return Err(Fault::new(made.span, format!("there is no {id} to change"))
                .help("remove `behavior`, or name a generated object of a base")
                .of(&made.source));
        }
        (Some(old), Behavior::Create) => return Err(duplicate(old, &made)),
        (Some(old), Behavior::Replace) => {
            made.take_metadata_of(old);
            *old = made;
        }
        (Some(old), Behavior::Merge) => {
            made.take_metadata_of(old);
            for field in ["data", "binaryData"] {
                let mut texts = data_of(old.node.get(field));
                texts.extend(data_of(made.node.get(field)));
                made.node.remove(field);
                for (key, value) in texts {
                    made.node.map_at(field).set(&key, Some(text_node(value)), Style::Plain);
                }
            }
            *old = made;
        }
    }
    Ok(())
}

/// The values of a data field as texts; a null is an empty one.
fn data_of(node: Option<&Node>) -> BTreeMap<String, String> {
    let mut texts = texts_of(node);
    for (key, _) in node.map(Node::fields).unwrap_or_default().iter().filter(|(_, value)| value.is_null()) {
        texts.insert(key.text().to_owned(), String::new());
    }
    texts
}

fn text_node(text: String) -> Node {
    let style = if text.contains('\n') { Style::Quoted } else { Style::Plain };
    Node::scalar(text, Tag::Str, style)
}

fn wrapped_base64(bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    if encoded.len() < BASE64_WIDTH {
        return encoded;
    }
    let mut wrapped = String::with_capacity(encoded.len() + encoded.len() / BASE64_WIDTH + 1);
    for chunk in encoded.as_bytes().chunks(BASE64_WIDTH) {
        wrapped.push_str(&String::from_utf8_lossy(chunk));
        wrapped.push('\n');
    }
    wrapped
}

/// Keys and values, sorted by key.
fn pairs(
    generator: &Generator,
    source: &Source,
    load: &dyn Fn(&Text) -> Result<Vec<u8>, RenderError>,
) -> Result<BTreeMap<String, Vec<u8>>, RenderError> {
    let wrong = |text: &Text, message: String| Fault::new(text.span, message).of(source);
    let mut found = BTreeMap::new();
    let mut add = |text: &Text, key: String, value: Vec<u8>| {
        if found.contains_key(&key) {
            return Err(wrong(text, format!("the key `{key}` is given twice")));
        }
        found.insert(key, value);
        Ok(())
    };
    for text in &generator.envs {
        let bytes = load(text)?;
        let content =
            String::from_utf8(bytes).map_err(|_| wrong(text, format!("`{}` is not UTF-8 text", text.text)))?;
        let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
        for line in content.lines() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            if key.is_empty() {
                continue;
            }
            add(text, key.to_owned(), value.as_bytes().to_vec())?;
        }
    }
    for text in &generator.literals {
        let Some((key, value)) = text.text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(wrong(text, format!("`{}` is not `key=value`", text.text)));
        };
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        add(text, key.to_owned(), quoted.unwrap_or(value).as_bytes().to_vec())?;
    }
    for text in &generator.files {
        let (key, path) = match text.text.split_once('=') {
            None => (text.text.rsplit('/').next().unwrap_or_default().to_owned(), text.text.clone()),
            Some((key, path)) if !key.is_empty() && !path.is_empty() && !path.contains('=') => {
                (key.to_owned(), path.to_owned())
            }
            Some(_) => return Err(wrong(text, format!("`{}` is not a file or `key=file`", text.text))),
        };
        let value = load(&Text { text: path, span: text.span })?;
        add(text, key, value)?;
    }
    Ok(found)
}

/// Appends the hash of its content to the name of a generated object.
pub(super) fn add_hash(resource: &mut Resource) -> Result<(), String> {
    let hash = content_hash(&resource.node)?;
    resource.store_id();
    let name = format!("{}-{hash}", resource.name());
    resource.set_name(&name);
    Ok(())
}

/// kustomize's hash: over kind, data and type; ten characters that spell no words.
fn content_hash(node: &Node) -> Result<String, String> {
    let field = |name: &str| match node.get(name) {
        None => Ok(Value::String(String::new())),
        Some(Node { kind: Kind::Scalar(scalar), .. }) => Ok(Value::String(scalar.text.clone())),
        Some(value) => value.to_json(),
    };
    let kind = node.get("kind").map_or("", Node::text);
    let mut content = Map::new();
    content.insert("data".to_owned(), field("data")?);
    content.insert("kind".to_owned(), Value::String(kind.to_owned()));
    content.insert("name".to_owned(), Value::String(String::new()));
    let extra = if kind == "Secret" { "stringData" } else { "binaryData" };
    if node.get(extra).is_some_and(Node::is_map) {
        content.insert(extra.to_owned(), field(extra)?);
    }
    if kind == "Secret" {
        content.insert("type".to_owned(), field("type")?);
    }
    let digest = Sha256::digest(go_json(&Value::Object(content)).as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let spelt = |c| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    Ok(hex.chars().take(10).map(spelt).collect())
}

/// JSON as Go writes it: sorted keys, `<`, `>` and `&` escaped.
fn go_json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let parts: Vec<String> =
                entries.into_iter().map(|(key, value)| format!("{}:{}", go_string(key), go_json(value))).collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(go_json).collect::<Vec<_>>().join(",")),
        Value::String(text) => go_string(text),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), go_json_float),
        other => other.to_string(),
    }
}

fn go_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}
