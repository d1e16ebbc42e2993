//! Lists of an AsyncActor whose items have a key. To kustomize they are single values, so that a
//! merge patch would replace them whole; they are changed item by item with a JSON patch
//! (`docs/platform/asyncactor.md`, "Lists").

use serde_json::{Value, json};

use super::super::yaml;
use super::fields::Refused;
use crate::names::{WRAPPER_RESILIENCY, WRAPPER_TARGET, WRAPPER_VOLUME};

/// A list and the field that its items are known by.
#[derive(Debug, PartialEq)]
pub struct List {
    /// The path of its keys.
    keys: &'static [&'static str],
    /// The field of an item that names it.
    pub key: &'static str,
    /// Names that the platform or the compiler uses.
    taken: &'static [&'static str],
}

/// All of them.
pub static LISTS: [List; 6] = [
    List {
        keys: &["spec", "env"],
        key: "name",
        taken: &[
            "ASYA_SOCKET_DIR",
            "ASYA_HANDLER",
            "ASYA_ENABLE_VALIDATION",
            "ASYA_STATE_PROXY_MOUNTS",
            WRAPPER_TARGET,
            WRAPPER_RESILIENCY,
        ],
    },
    List {
        keys: &["spec", "volumes"],
        key: "name",
        taken: &["socket-dir", "tmp", "asya-runtime", "state-sockets", "flow-router", WRAPPER_VOLUME],
    },
    List {
        keys: &["spec", "volumeMounts"],
        key: "mountPath",
        taken: &[
            "/var/run/asya",
            "/tmp",
            "/opt/asya",
            "/opt/asya/asya_runtime.py",
            "/opt/asya/router.py",
            "/opt/asya/asya_call.py",
            "/var/run/asya/state",
        ],
    },
    List { keys: &["spec", "secretRefs"], key: "secretName", taken: &[] },
    List { keys: &["spec", "stateProxy"], key: "name", taken: &[] },
    List { keys: &["spec", "sidecar", "env"], key: "name", taken: &[] },
];

/// What a layer says about one item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The list.
    pub list: &'static List,
    /// The name of the item in it.
    pub key: String,
    /// The whole item; `None` takes away what the layers below have.
    pub value: Option<Value>,
}

impl List {
    /// The variables of the actor.
    pub fn env() -> &'static Self {
        &LISTS[0]
    }

    /// The list at a path of keys.
    pub(super) fn at(path: &[String]) -> Option<&'static Self> {
        LISTS.iter().find(|list| list.keys.iter().eq(path.iter()))
    }

    /// The list that a pointer leads to, and the rest of the pointer.
    fn of_pointer(pointer: &str) -> Option<(&'static Self, &str)> {
        LISTS.iter().find_map(|list| {
            let rest = pointer.strip_prefix(&list.pointer())?;
            if rest.is_empty() { Some((list, rest)) } else { Some((list, rest.strip_prefix('/')?)) }
        })
    }

    fn pointer(&self) -> String {
        self.keys.iter().map(|key| format!("/{key}")).collect()
    }

    /// With dots.
    pub fn path(&self) -> String {
        self.keys.join(".")
    }

    /// As on the command line.
    pub fn shown(&self) -> String {
        self.path().trim_start_matches("spec.").to_owned()
    }

    /// The items of an actor.
    pub fn items<'v>(&self, actor: &'v Value) -> Option<&'v Vec<Value>> {
        actor.pointer(&self.pointer())?.as_array()
    }

    /// The item of an actor that is called `key`.
    pub fn item<'v>(&self, actor: &'v Value, key: &str) -> Option<&'v Value> {
        self.items(actor)?.iter().find(|item| self.name(item) == Some(key))
    }

    /// Takes the whole list out of an object.
    pub(super) fn take_from(&self, object: &mut Value) {
        let Some((last, above)) = self.keys.split_last() else { return };
        let holder = above.iter().try_fold(object, |value, key| value.get_mut(key));
        if let Some(fields) = holder.and_then(Value::as_object_mut) {
            fields.shift_remove(*last);
        }
    }

    /// What an item is called.
    pub(super) fn name<'v>(&self, item: &'v Value) -> Option<&'v str> {
        item.get(self.key)?.as_str()
    }

    /// Whether the name of an item is one that people may use.
    pub(super) fn check_name(&self, name: &str) -> Result<(), Refused> {
        if self.taken.contains(&name) {
            return Err(Refused::new(format!("`{name}` belongs to the platform or to what asya compiles")));
        }
        let is_environment = self.keys.last() == Some(&"env");
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if is_environment
            && (name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(fits))
        {
            return Err(Refused::new(format!("`{}` is no name of a variable", name.escape_debug()))
                .hint("it has letters, digits, `_`, `-` and `.`, and does not start with a digit"));
        }
        if name.is_empty() {
            return Err(Refused::new("an item must have a name"));
        }
        Ok(())
    }

    /// Whether a whole item is one.
    pub(super) fn check_item(&self, item: &Value) -> Result<(), Refused> {
        if self.keys.last() != Some(&"env") {
            return Ok(());
        }
        let has_reference = item.get("valueFrom").is_some();
        match item.get("value") {
            Some(_) if has_reference => Err(Refused::new("a variable has `value` or `valueFrom`, not both")),
            Some(Value::String(_)) => Ok(()),
            Some(_) => Err(Refused::new("the value of a variable is text").hint("put it in quotes")),
            None if has_reference && self.keys.len() > 2 => {
                Err(Refused::new("variables of the sidecar take a `value` only"))
            }
            _ => Ok(()),
        }
    }
}

/// The operations that make `items` true on `below`, the actor as it is without them. Items that are
/// taken away and not there need none.
fn operations(items: &[Item], below: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for list in &LISTS {
        let mut wanted: Vec<&Item> = items.iter().filter(|item| item.list == list).collect();
        // By name, so that the order of commands makes no difference.
        wanted.sort_by(|one, other| one.key.cmp(&other.key));
        let pointer = list.pointer();
        let Some(present) = list.items(below) else {
            let new: Vec<&Value> = wanted.iter().filter_map(|item| item.value.as_ref()).collect();
            if !new.is_empty() {
                all.extend(first_items(list, below, json!(new)));
            }
            continue;
        };
        let at = |item: &Item| present.iter().position(|known| list.name(known) == Some(&item.key));
        let is_there = |index: usize, item: &Item| json!({"op": "test", "path": format!("{pointer}/{index}/{}", list.key), "value": item.key});
        let mut removed: Vec<(usize, &Item)> = Vec::new();
        let mut added = Vec::new();
        for item in wanted {
            match (at(item), &item.value) {
                (Some(index), Some(value)) => {
                    all.push(is_there(index, item));
                    all.push(json!({"op": "replace", "path": format!("{pointer}/{index}"), "value": value}));
                }
                (Some(index), None) => removed.push((index, item)),
                (None, Some(value)) => added.push(json!({"op": "add", "path": format!("{pointer}/-"), "value": value})),
                (None, None) => {}
            }
        }
        // From the end, so that the places of the others stay.
        removed.sort_by_key(|(index, _)| std::cmp::Reverse(*index));
        for (index, item) in removed {
            all.push(is_there(index, item));
            all.push(json!({"op": "remove", "path": format!("{pointer}/{index}")}));
        }
        all.extend(added);
    }
    all
}

/// A list that is not there is made together with what holds it; `test` refuses to overwrite one
/// that came later.
fn first_items(list: &List, below: &Value, items: Value) -> [Value; 2] {
    let mut keys = list.keys.len();
    let pointer = |keys: usize| -> String { list.keys.iter().take(keys).map(|key| format!("/{key}")).collect() };
    while keys > 1 && !below.pointer(&pointer(keys - 1)).is_some_and(Value::is_object) {
        keys -= 1;
    }
    let value = list.keys.iter().skip(keys).rev().fold(items, |value, key| json!({*key: value}));
    let path = pointer(keys);
    [json!({"op": "test", "path": path, "value": null}), json!({"op": "add", "path": path, "value": value})]
}

const NOTE: &str = "\
# Written by `asya patch` and written anew by it: comments and other operations are not kept.
# To kustomize, lists of an AsyncActor are single values. Here their items are changed one by one;
# `test` makes sure that everything is where it was. Where it is not, `asya patch FLOW --actor ACTOR`
# makes this fit again.
";

/// The text of the file that makes `items` true on `below`; `None` when there is nothing to do.
pub fn text(items: &[Item], below: &Value) -> Option<String> {
    let operations = operations(items, below);
    (!operations.is_empty()).then(|| format!("{NOTE}{}", yaml::write(&Value::Array(operations))))
}

/// The items of a file that [`text`] made, besides what the call wrapper is told; the error is why
/// it is none.
pub fn items(operations: &Value) -> Result<Vec<Item>, String> {
    let mut items: Vec<Item> = Vec::new();
    let mut tested: Option<(String, String)> = None;
    let mut push = |list: &'static List, key: Option<&str>, value: Option<&Value>| match key {
        Some(WRAPPER_RESILIENCY) if list.keys.len() == 2 => Ok(()),
        Some(key) => {
            items.retain(|item| item.list != list || item.key != key);
            items.push(Item { list, key: key.to_owned(), value: value.cloned() });
            Ok(())
        }
        None => Err(format!("an item of `{}` has no `{}`", list.shown(), list.key)),
    };
    let Some(operations) = operations.as_array() else { return Err("it is no list of operations".to_owned()) };
    for operation in operations {
        let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default();
        let (op, path, value) = (text("op"), text("path"), operation.get("value"));
        let unknown = || Err(format!("`{op}` of `{path}` is nothing that `asya patch` writes"));
        match (op, List::of_pointer(path)) {
            ("test", Some(_)) => {
                let place = path.rsplit_once('/').map_or("", |(place, _)| place);
                tested = value.and_then(Value::as_str).map(|name| (place.to_owned(), name.to_owned()));
            }
            ("test", None) => {}
            ("add", Some((list, "" | "-"))) | ("replace", Some((list, _))) => {
                let Some(value) = value else { return unknown() };
                match value.as_array() {
                    Some(new) => new.iter().try_for_each(|item| push(list, list.name(item), Some(item)))?,
                    None => push(list, list.name(value), Some(value))?,
                }
            }
            ("remove", Some((list, _))) => {
                let name = tested.as_ref().filter(|(place, _)| place == path).map(|(_, name)| name.as_str());
                push(list, name, None)?;
            }
            ("add", None) => {
                let found = LISTS.iter().find_map(|list| {
                    let rest = list.pointer().strip_prefix(path)?.to_owned();
                    Some((list, value?.pointer(&rest)?.as_array()?))
                });
                let Some((list, new)) = found else { return unknown() };
                new.iter().try_for_each(|item| push(list, list.name(item), Some(item)))?;
            }
            _ => return unknown(),
        }
    }
    Ok(items)
}
