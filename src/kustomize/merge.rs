//! Strategic merge: lists of built-in kinds merge by key, everything else as JSON merge does.
//! Follows kustomize step by step, oddities included; results must be the same.

use std::collections::BTreeMap;

use super::elements::{
    append_elements, element_values, find_element, find_element_mut, primitive_values, set_element, unify, valid,
};
use super::merge_keys::{FIELDS, KINDS, Shape};
use super::node::{Kind, Node, Scalar, Style, Tag};

/// What is known about a value's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Schema {
    /// Nothing: a custom resource.
    None,
    /// A built-in type (empty when no list below it merges).
    Type(&'static str),
    /// A list that merges by these keys, of elements of this type.
    List(&'static [&'static str], &'static str),
}

/// Merges `patch` into `target`; `None` when the patch deletes it. With the values that changed and
/// that other places share, in the order in which they changed.
pub(super) fn merge(target: Node, patch: Node) -> Result<(Option<Node>, Vec<Scalar>), String> {
    let mut walker = Walker { shared: Vec::new() };
    let merged = walker.walk(Some(target), Some(patch), Schema::None, false)?;
    Ok((merged, walker.shared))
}

/// Longest list that is merged element by element: each is looked up among all others.
const LIST_MAX: usize = 5000;

struct Walker {
    /// Shared values that changed.
    shared: Vec<Scalar>,
}

fn is_missing(node: Option<&Node>) -> bool {
    node.is_none_or(Node::is_null)
}

fn schema_of_kind(node: Option<&Node>) -> Option<Schema> {
    let node = node.filter(|node| !node.is_null())?;
    let (api_version, kind) = (node.get("apiVersion")?.text(), node.get("kind")?.text());
    let at = KINDS.binary_search_by(|row| (row.0, row.1).cmp(&(api_version, kind))).ok()?;
    KINDS.get(at).map(|row| Schema::Type(row.2))
}

impl Schema {
    fn field(self, name: &str) -> Self {
        match self {
            Self::Type(owner) => match FIELDS.binary_search_by(|row| (row.0, row.1).cmp(&(owner, name))) {
                Ok(at) => match FIELDS.get(at) {
                    Some((_, _, Shape::Object, target)) => Self::Type(target),
                    Some((_, _, Shape::Merge(keys), target)) => Self::List(keys, target),
                    None => Self::None,
                },
                Err(_) => Self::Type(""),
            },
            _ => Self::None,
        }
    }

    fn element(self) -> Self {
        match self {
            Self::List(_, target) => Self::Type(target),
            _ => Self::None,
        }
    }
}

impl Walker {
    /// `shared` says that both sides are the same value, taken from the patch.
    fn walk(
        &mut self,
        dest: Option<Node>,
        origin: Option<Node>,
        schema: Schema,
        shared: bool,
    ) -> Result<Option<Node>, String> {
        let schema = match schema {
            Schema::None => schema_of_kind(dest.as_ref()).or_else(|| schema_of_kind(origin.as_ref())).unwrap_or(schema),
            known => known,
        };
        let shape = |node: &Option<Node>| node.as_ref().filter(|node| !node.is_null()).map(Node::what);
        match (shape(&dest), shape(&origin)) {
            (Some(old), Some(new)) if old != new => Err(format!("the patch has {new} where the object has {old}")),
            (Some("a list"), _) | (_, Some("a list")) => match schema {
                Schema::List(keys, _) => self.walk_list(dest, origin, keys, schema, shared),
                _ => Ok(origin.or(dest)),
            },
            (Some("a single value"), _) | (_, Some("a single value")) => Ok(origin.or(dest)),
            _ => self.walk_map(dest, origin, schema, shared),
        }
    }

    fn walk_map(
        &mut self,
        dest: Option<Node>,
        mut origin: Option<Node>,
        schema: Schema,
        mut shared: bool,
    ) -> Result<Option<Node>, String> {
        let dest = if is_missing(dest.as_ref()) {
            let directive = origin.as_mut().map_or(Ok(Directive::Merge), take_directive).unwrap_or(Directive::Merge);
            if directive == Directive::Delete {
                return Ok(None);
            }
            match (&origin, dest) {
                // A null that was spelt out stays; one that was left blank goes.
                (None, Some(node)) if !node.text().is_empty() => {
                    return Ok(Some(Node::scalar(node.text(), Tag::KeptNull, Style::Plain)));
                }
                _ => {
                    shared = true;
                    origin.clone()
                }
            }
        } else {
            merged_into(&mut origin, dest, &mut shared)?
        };
        let Some(mut dest) = dest else { return Ok(None) };
        let Kind::Map(fields) = &mut dest.kind else { return Ok(Some(dest)) };
        let patches = match origin.map(|origin| origin.kind) {
            Some(Kind::Map(patches)) => patches,
            _ => Vec::new(),
        };
        let mut slots: BTreeMap<String, Slot> = BTreeMap::new();
        for (at, (key, _)) in fields.iter().enumerate() {
            slots.entry(key.text().to_owned()).or_default().dest.get_or_insert(at);
        }
        for (key, value) in patches {
            slots.entry(key.text().to_owned()).or_default().origin.get_or_insert((key, value));
        }
        let (mut removed, mut added) = (Vec::new(), Node::map());
        for (name, Slot { dest, origin }) in slots {
            let (key, patch) = origin.unzip();
            let Some((at, field)) = dest.and_then(|at| Some((at, &mut fields.get_mut(at)?.1))) else {
                let value = self.walk(None, patch, schema.field(&name), shared)?;
                added.set(&name, value, key.as_ref().map_or(Style::Plain, key_style));
                continue;
            };
            let same = shared || patch.is_none();
            let old = field.without_content();
            let value = self.walk(Some(std::mem::replace(field, Node::list())), patch, schema.field(&name), shared)?;
            match value.and_then(Node::settable) {
                None => removed.push(at),
                Some(value) if same => *field = value,
                Some(value) => {
                    *field = old;
                    field.replace_keeping_style(value);
                    self.shared.extend(field.shared_scalar().cloned());
                }
            }
        }
        removed.sort_unstable();
        let mut at = 0;
        fields.retain(|_| {
            at += 1;
            removed.binary_search(&(at - 1)).is_err()
        });
        if let Kind::Map(mut more) = added.kind {
            fields.append(&mut more);
        }
        Ok(Some(dest))
    }

    fn walk_list(
        &mut self,
        dest: Option<Node>,
        mut origin: Option<Node>,
        keys: &'static [&'static str],
        schema: Schema,
        mut shared: bool,
    ) -> Result<Option<Node>, String> {
        let dest = if is_missing(dest.as_ref()) {
            shared = true;
            origin.clone()
        } else {
            merged_into(&mut origin, dest, &mut shared)?
        };
        let Some(mut dest) = dest else { return Ok(None) };
        if dest.items().len() > LIST_MAX || origin.as_ref().is_some_and(|origin| origin.items().len() > LIST_MAX) {
            return Err(format!("a list of more than {LIST_MAX} elements cannot be merged"));
        }
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let (keys, mut values) = if keys.is_empty() {
            (vec![String::new()], primitive_values(&[origin.as_ref(), Some(&dest)]))
        } else {
            let values = element_values(&[origin.as_ref(), Some(&dest)], &keys);
            (keys, values)
        };
        if keys.len() > 1 {
            unify(&mut values);
        }
        let mut added = Node::list();
        let mut used_keys = keys.clone();
        for index in 0..values.len() {
            let Some(value) = values.get(index).cloned() else { continue };
            let (valid_keys, valid_values) = valid(&values, &value, &keys);
            let (match_keys, match_values) = valid(std::slice::from_ref(&valid_values), &valid_values, &valid_keys);
            let find =
                |list: Option<&Node>| list.and_then(|list| find_element(list, &match_keys, &match_values)).cloned();
            let (old, patch) = (find(Some(&dest)), find(origin.as_ref()));
            let replaced =
                patch.as_ref().and_then(|patch| patch.get("$patch")).is_some_and(|node| node.text() == "replace");
            let in_place = old.is_some() && (shared || !replaced);
            let element = self.walk(old, patch, schema.element(), shared)?;
            used_keys.clone_from(&valid_keys);
            match element {
                Some(mut element) if !element.is_null() && !element.is_empty_map() => {
                    for (key, value) in valid_keys.iter().zip(&valid_values) {
                        if element.is_map() && element.get(key).is_none() && !value.is_empty() {
                            element.set(key, Some(Node::word(value)), Style::Plain);
                        }
                    }
                    if in_place && let Some(slot) = find_element_mut(&mut dest, &match_keys, &match_values) {
                        *slot = element.clone();
                    }
                    set_element(&mut added, Some(element), &valid_keys, &valid_values)?;
                }
                _ => set_element(&mut dest, None, &valid_keys, &valid_values)?,
            }
        }
        if values.is_empty() {
            return Ok(Some(dest));
        }
        append_elements(&mut added, dest, &used_keys)?;
        added.span = crate::source::Span::new(0, 0);
        Ok(Some(added))
    }
}

/// Where a field stands in the object, and what the patch has for it.
#[derive(Default)]
struct Slot {
    dest: Option<usize>,
    origin: Option<(Node, Node)>,
}

fn key_style(key: &Node) -> Style {
    match &key.kind {
        Kind::Scalar(scalar) => scalar.style,
        _ => Style::Plain,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

/// What a patch is merged into, its directive followed; `None` when the patch takes it away.
fn merged_into(origin: &mut Option<Node>, dest: Option<Node>, shared: &mut bool) -> Result<Option<Node>, String> {
    if origin.as_ref().is_some_and(Node::is_null) {
        return Ok(None);
    }
    Ok(match origin.as_mut().map_or(Ok(Directive::Merge), take_directive)? {
        Directive::Delete => None,
        Directive::Replace => {
            *shared = true;
            origin.clone()
        }
        Directive::Merge if *shared => origin.clone(),
        Directive::Merge => dest,
    })
}

/// The `$patch` of a map or list, removed from it.
fn take_directive(patch: &mut Node) -> Result<Directive, String> {
    const KEY: &str = "$patch";
    let text = match &patch.kind {
        Kind::Map(_) => patch.get(KEY).filter(|node| !node.is_null()).map(|node| node.text().to_owned()),
        Kind::List(items) => items
            .iter()
            .find(|item| item.get(KEY).is_some())
            .filter(|item| item.fields().len() == 1)
            .and_then(|item| item.get(KEY))
            .map(|node| node.text().to_owned()),
        Kind::Scalar(_) => return Err("the patch has a single value where the object has a map".to_owned()),
    };
    let Some(text) = text else { return Ok(Directive::Merge) };
    let directive = match text.as_str() {
        "merge" => Directive::Merge,
        "replace" => Directive::Replace,
        "delete" => Directive::Delete,
        other => return Err(format!("`$patch: {other}` is not `merge`, `replace` or `delete`")),
    };
    match patch.kind {
        Kind::List(_) => set_element(patch, None, &[KEY.to_owned()], &[text])?,
        _ => {
            patch.remove(KEY);
        }
    }
    Ok(directive)
}
