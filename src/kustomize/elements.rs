//! Elements of lists that merge: which are the same, and where they go.

use super::node::{Kind, Node, Scalar};

/// The values of the keys of every element, patch first, each combination once.
pub(super) fn element_values(lists: &[Option<&Node>], keys: &[String]) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for list in lists.iter().flatten() {
        for item in list.items() {
            let text = |key: &String| {
                item.get(key).filter(|value| !value.is_empty()).map_or(String::new(), |value| value.text().to_owned())
            };
            let values: Vec<String> = keys.iter().map(text).collect();
            if !found.contains(&values) {
                found.push(values);
            }
        }
    }
    found
}

pub(super) fn primitive_values(lists: &[Option<&Node>]) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for item in lists.iter().flatten().flat_map(|list| list.items()) {
        let value = vec![item.text().to_owned()];
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// Two elements are one when they agree in a key and nowhere differ, as in a port with and without
/// its protocol.
pub(super) fn unify(values: &mut [Vec<String>]) {
    for i in 0..values.len() {
        for j in 0..values.len() {
            let (Some(a), Some(b)) = (values.get(i), values.get(j)) else { continue };
            let mut agree = false;
            let mut both = Vec::with_capacity(a.len());
            let mut differ = a.len() != b.len();
            for (x, y) in a.iter().zip(b) {
                agree |= x == y;
                differ |= x != y && !x.is_empty() && !y.is_empty();
                both.push(if x.is_empty() { y.clone() } else { x.clone() });
            }
            if agree && !differ {
                if let Some(slot) = values.get_mut(i) {
                    slot.clone_from(&both);
                }
                if let Some(slot) = values.get_mut(j) {
                    *slot = both;
                }
            }
        }
    }
}

/// The keys that any element has, with the values of one element.
pub(super) fn valid(all: &[Vec<String>], values: &[String], keys: &[String]) -> (Vec<String>, Vec<String>) {
    let is_used = |at: usize| all.iter().any(|values| values.get(at).is_some_and(|value| !value.is_empty()));
    let used: Vec<bool> = (0..keys.len()).map(is_used).collect();
    if !used.contains(&true) {
        return (keys.to_vec(), values.to_vec());
    }
    let keep = |texts: &[String]| {
        texts.iter().zip(&used).filter(|(_, used)| **used).map(|(text, _)| text.clone()).collect::<Vec<_>>()
    };
    (keep(keys), keep(values))
}

pub(super) fn is_element(item: &Node, keys: &[String], values: &[String]) -> bool {
    if keys.first().is_none_or(String::is_empty) {
        return values.first().is_some_and(|value| item.text() == value);
    }
    item.is_map()
        && keys.iter().zip(values).all(|(key, value)| item.get(key).is_some_and(|field| field.text() == value))
}

pub(super) fn find_element<'a>(list: &'a Node, keys: &[String], values: &[String]) -> Option<&'a Node> {
    list.items().iter().find(|item| is_element(item, keys, values))
}

pub(super) fn find_element_mut<'a>(list: &'a mut Node, keys: &[String], values: &[String]) -> Option<&'a mut Node> {
    match &mut list.kind {
        Kind::List(items) => items.iter_mut().find(|item| is_element(item, keys, values)),
        _ => None,
    }
}

/// Replaces, adds or (with `None`) removes the element with these values.
pub(super) fn set_element(
    list: &mut Node,
    element: Option<Node>,
    keys: &[String],
    values: &[String],
) -> Result<(), String> {
    let Kind::List(items) = &mut list.kind else { return Err("a list is expected".to_owned()) };
    let by_field = keys.first().is_some_and(|key| !key.is_empty()) && values.first().is_some_and(|v| !v.is_empty());
    let mut kept = Vec::with_capacity(items.len() + 1);
    let mut replaced = false;
    for item in items.drain(..) {
        if item.is_null() || item.is_empty_map() {
            continue;
        }
        if !item.is_map() && by_field {
            kept.push(item);
            continue;
        }
        let mut matches = !values.is_empty();
        for (key, value) in keys.iter().zip(values) {
            matches &= if key.is_empty() {
                match &item.kind {
                    Kind::Scalar(Scalar { text, .. }) => text == value,
                    _ => return Err(format!("a list of plain values holds {}", item.what())),
                }
            } else if item.is_map() {
                item.get(key).is_some_and(|field| value.is_empty() || field.text() == value)
            } else {
                return Err(format!("a list of objects holds {}", item.what()));
            };
        }
        if matches {
            replaced = true;
            if let Some(element) = &element {
                kept.push(element.clone());
            }
        } else if !values.is_empty() {
            kept.push(item);
        }
    }
    if let Some(element) = element
        && !replaced
        && !element.is_null()
    {
        kept.push(element);
    }
    *items = kept;
    Ok(())
}

/// Appends the elements of `more` that `list` does not have.
pub(super) fn append_elements(list: &mut Node, more: Node, keys: &[String]) -> Result<(), String> {
    let Kind::List(items) = more.kind else { return Err("a list is expected".to_owned()) };
    for item in items {
        if keys.first().is_none_or(String::is_empty) {
            let text = item.text().to_owned();
            set_element(list, Some(item), &[String::new()], &[text])?;
            continue;
        }
        let mut values = Vec::new();
        for key in keys {
            match item.get(key) {
                Some(value) => values.push(value.text().to_owned()),
                None => {
                    if let Kind::List(items) = &mut list.kind {
                        items.push(item.clone());
                    }
                }
            }
        }
        // With several keys the element moves to the place it has in `more`.
        if keys.len() > 1 {
            set_element(list, None, keys, &values)?;
        }
        set_element(list, Some(item), keys, &values)?;
    }
    Ok(())
}
