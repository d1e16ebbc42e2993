//! What people type: `scaling.max=5`, `env.LOG_LEVEL=debug`, a JSON document.

use serde_json::{Map, Value, json};

use super::super::fields::Fields;
use super::fields::{self, Place, Refused};
use super::lists::{Item, LISTS, List};
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::source::Source;

/// One change of what a layer says about an actor.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A field takes a value; `null` takes away what the layers below have.
    Field {
        /// From the root of the object.
        path: Vec<String>,
        /// As the field takes it.
        value: Value,
    },
    /// An item of a list.
    Item(Item),
}

impl Edit {
    /// The place it changes.
    pub fn place(&self) -> Place {
        match self {
            Self::Field { path, .. } => Place::Field(path.clone()),
            Self::Item(item) => Place::Item(item.list, item.key.clone()),
        }
    }
}

/// The place that a key of the command line names: `scaling.max`, `env.LOG_LEVEL`, `env`.
pub fn place_of(key: &str, fields: &Fields) -> Result<Place, Refused> {
    if key.is_empty() || key.split('.').any(str::is_empty) {
        return Err(Refused::new("a key has names with dots between").hint("for example `scaling.max`"));
    }
    for list in &LISTS {
        let word = list.shown();
        if key == word {
            return Ok(Place::Items(list));
        }
        if let Some(name) = key.strip_prefix(&word).and_then(|rest| rest.strip_prefix('.')) {
            return Ok(Place::Item(list, name.to_owned()));
        }
    }
    let path = fields::path_of_key(key);
    fields::check(fields, &path)?;
    Ok(Place::Field(path))
}

/// The change that `key=value` asks for.
pub fn edit_of(key: &str, text: &str, fields: &Fields) -> Result<Edit, Refused> {
    match place_of(key, fields)? {
        Place::Field(path) => {
            let value = fields::value(fields, &path, &fields::read_text(fields, &path, text))?;
            Ok(Edit::Field { path, value })
        }
        Place::Item(list, name) => {
            list.check_name(&name)?;
            let item = match list.shown().as_str() {
                "env" => variable(&name, text)?,
                "sidecar.env" => json!({"name": name, "value": text}),
                word => return Err(whole(word, list.key)),
            };
            list.check_item(&item)?;
            Ok(Edit::Item(Item { list, key: name, value: Some(item) }))
        }
        Place::Items(list) if list.shown().ends_with("env") => {
            Err(Refused::new("it is a list of variables").hint(format!("set one: `{}.NAME=VALUE`", list.shown())))
        }
        Place::Items(list) => Err(whole(&list.shown(), list.key)),
    }
}

fn whole(word: &str, key: &str) -> Refused {
    Refused::new("it is a list of mappings")
        .hint(format!(r#"give whole items as JSON: `-p '{{"spec": {{"{word}": [{{"{key}": …}}]}}}}'`"#))
}

/// `text`, or a reference: `secret:NAME:KEY`, `configmap:NAME:KEY`.
fn variable(name: &str, text: &str) -> Result<Value, Refused> {
    for (word, field) in [("secret:", "secretKeyRef"), ("configmap:", "configMapKeyRef")] {
        let Some(rest) = text.strip_prefix(word) else { continue };
        let parts: Vec<&str> = rest.split(':').collect();
        let [object, key] = parts.as_slice() else {
            return Err(Refused::new(format!("a reference is `{word}NAME:KEY`")).hint(format!(
                r#"for this very text: `-p '{{"spec": {{"env": [{{"name": "{name}", "value": "{text}"}}]}}}}'`"#
            )));
        };
        let is_name = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
        };
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
        if !is_name(object) || !is_key {
            let what = if is_name(object) { "a key" } else { "an object" };
            let named = if is_name(object) { key } else { object };
            return Err(Refused::new(format!("`{}` is no name of {what}", named.escape_debug())));
        }
        return Ok(json!({"name": name, "valueFrom": {field: {"name": object, "key": key}}}));
    }
    Ok(json!({"name": name, "value": text}))
}

/// The changes that a JSON document asks for: a merge patch with `spec`, `metadata` or both, in which
/// items of lists are merged by their names. Fails with a caret where the text is no JSON.
pub fn document(source: &Source, fields: &Fields) -> Result<Vec<Edit>> {
    let value: Value = serde_json::from_str(source.text()).map_err(|error| {
        let start = source.line_start(error.line());
        let at = (start + error.column().saturating_sub(1)).min(source.text().len());
        let at = (start..=at).rev().find(|at| source.text().is_char_boundary(*at)).unwrap_or(start);
        let place = source.position(at);
        let text = error.to_string();
        let reason = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
        Error::usage(format!("`{}` is not JSON", source.name()))
            .at(SourceDiagnostics::one(source, Diagnostic::error(source.span_at(place.line, place.column), reason)))
            .hint(EXAMPLE)
    })?;
    let refused =
        |why: String| Error::usage(format!("`{}` is no patch of an actor", source.name())).because(why).hint(EXAMPLE);
    let Value::Object(root) = value else { return Err(refused("it is no object".to_owned())) };
    let mut edits = Vec::new();
    for (key, value) in root {
        let expected = match key.as_str() {
            "apiVersion" => "asya.sh/v1alpha1",
            "kind" => "AsyncActor",
            "spec" | "metadata" => {
                let Value::Object(below) = value else { return Err(refused(format!("`{key}` is no object"))) };
                walk(&mut vec![key], below, fields, &mut edits).map_err(|(path, wrong)| {
                    Error::usage(format!("`{path}` cannot be patched")).because(wrong.why).hint_opt(wrong.hint)
                })?;
                continue;
            }
            _ => return Err(refused(format!("it has `{}` beside `spec` and `metadata`", key.escape_debug()))),
        };
        if value != expected {
            return Err(refused(format!("its `{key}` is not `{expected}`")));
        }
    }
    Ok(edits)
}

/// Whether the fields of a merge patch are ones, with values that they take. The error is the first
/// that is not; a list whose items have names is fine, and replaced as a whole.
pub fn check_merge(merge: &Map<String, Value>, fields: &Fields) -> std::result::Result<(), (String, Refused)> {
    let mut merge = Value::Object(merge.clone());
    LISTS.iter().for_each(|list| list.take_from(&mut merge));
    let Value::Object(merge) = merge else { return Ok(()) };
    walk(&mut Vec::new(), merge, fields, &mut Vec::new())
}

const EXAMPLE: &str = r#"a patch looks like '{"spec": {"scaling": {"maxReplicaCount": 5}}}'"#;

type Wrong = (String, Refused);

fn walk(
    path: &mut Vec<String>,
    object: Map<String, Value>,
    fields: &Fields,
    edits: &mut Vec<Edit>,
) -> std::result::Result<(), Wrong> {
    for (key, value) in object {
        path.push(key);
        let wrong = |refused: Refused| (fields::shown(path), refused);
        if let Some(list) = List::at(path) {
            items(list, value, edits).map_err(wrong)?;
        } else {
            match value {
                Value::Object(below) if !below.is_empty() && fields::is_mapping(fields, path) => {
                    walk(path, below, fields, edits)?;
                }
                value => {
                    let value = fields::value(fields, path, &value).map_err(wrong)?;
                    edits.push(Edit::Field { path: path.clone(), value });
                }
            }
        }
        path.pop();
    }
    Ok(())
}

fn items(list: &'static List, value: Value, edits: &mut Vec<Edit>) -> std::result::Result<(), Refused> {
    let Value::Array(all) = value else {
        return Err(Refused::new("it takes a list").hint("its items are merged by name; those you leave out stay"));
    };
    for mut item in all {
        let Some(key) = list.name(&item).map(str::to_owned) else {
            return Err(Refused::new(format!("an item has no `{}`", list.key)));
        };
        list.check_name(&key)?;
        let directive = item.as_object_mut().and_then(|fields| fields.remove("$patch"));
        let value = match directive.as_ref().map(Value::as_str) {
            None | Some(Some("replace")) => {
                list.check_item(&item)?;
                Some(item)
            }
            Some(Some("delete")) => None,
            Some(_) => return Err(Refused::new("`$patch` of an item is `delete` or `replace`")),
        };
        edits.push(Edit::Item(Item { list, key, value }));
    }
    Ok(())
}
