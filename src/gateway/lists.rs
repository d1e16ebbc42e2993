//! Lists that several people write into, as text: an item comes, changes or goes, and the lines
//! of the others stay as they are.

use std::ops::Range;

use serde_json::{Value, json};

use super::loader;
use crate::yaml;

/// The text with `item` in its list, in the place of an item of the same name. Fails with a reason
/// when the text is not a mapping with such a list.
pub(super) fn with_item(text: &str, list: &str, item: &Value) -> Result<String, String> {
    let mut wanted = parse(text, list)?;
    let name = item.get("name").cloned().unwrap_or_default();
    let items = items_mut(&mut wanted, list)?;
    let at = items.iter().position(|known| known.get("name") == Some(&name));
    match at.and_then(|at| items.get_mut(at)) {
        Some(known) if known == item => return Ok(text.to_owned()),
        Some(known) => *known = item.clone(),
        None => items.push(item.clone()),
    }
    Ok(checked(spliced_in(text, list, item, at), &wanted))
}

/// The text without the item called `name`; as it was when there is none.
pub(super) fn without_item(text: &str, list: &str, name: &str) -> Result<String, String> {
    let mut wanted = parse(text, list)?;
    let items = items_mut(&mut wanted, list)?;
    let Some(at) = items.iter().position(|known| known.get("name").and_then(Value::as_str) == Some(name)) else {
        return Ok(text.to_owned());
    };
    items.remove(at);
    Ok(checked(spliced_out(text, list, at), &wanted))
}

/// The spliced text, if it says what it should; else everything written anew.
fn checked(spliced: Option<String>, wanted: &Value) -> String {
    match spliced {
        Some(text) if loader::value(&text).as_ref() == Ok(wanted) => text,
        _ => yaml::write_ordered(wanted),
    }
}

fn parse(text: &str, list: &str) -> Result<Value, String> {
    let mut value = match loader::value(text)? {
        Value::Null => json!({}),
        value @ Value::Object(_) => value,
        _ => return Err(format!("it must be a mapping with `{list}`")),
    };
    if let Some(fields) = value.as_object_mut() {
        let items = fields.entry(list).or_insert(Value::Null);
        if items.is_null() {
            *items = json!([]);
        }
    }
    Ok(value)
}

fn items_mut<'a>(value: &'a mut Value, list: &str) -> Result<&'a mut Vec<Value>, String> {
    value.get_mut(list).and_then(Value::as_array_mut).ok_or_else(|| format!("`{list}` must be a list"))
}

fn spliced_in(text: &str, list: &str, item: &Value, at: Option<usize>) -> Option<String> {
    let written = yaml::write_ordered(&json!([item]));
    if let Some(empty) = empty_list(text, list) {
        return Some(format!("{}{list}:\n{written}{}", text.get(..empty.start)?, text.get(empty.end..)?));
    }
    let Some(block) = block(text, list) else {
        // No list at all yet.
        return (!text.lines().any(|line| line.starts_with(list)))
            .then(|| format!("{}{list}:\n{written}", ended(text)));
    };
    let place = match at {
        Some(at) => block.items.get(at)?.clone(),
        None => block.items.last()?.end..block.items.last()?.end,
    };
    let before = text.get(..place.start)?;
    let indented: String =
        written.lines().map(|line| format!("{}{line}\n", if line.is_empty() { "" } else { &block.indent })).collect();
    Some(format!("{}{indented}{}", ended(before), text.get(place.end..)?))
}

fn spliced_out(text: &str, list: &str, at: usize) -> Option<String> {
    let block = block(text, list)?;
    let item = block.items.get(at)?;
    if block.items.len() == 1 {
        return Some(format!("{}{list}: []\n{}", text.get(..block.head.start)?, text.get(item.end..)?));
    }
    Some(format!("{}{}", text.get(..item.start)?, text.get(item.end..)?))
}

/// A list written as a block: its first line, the blanks before each dash, the lines of each item.
struct Block {
    head: Range<usize>,
    indent: String,
    items: Vec<Range<usize>>,
}

fn block(text: &str, list: &str) -> Option<Block> {
    let mut lines = lines(text).peekable();
    let head = lines.find(|(_, line)| is_head(line, list, &[""]))?.0;
    let mut indent: Option<String> = None;
    let mut items: Vec<Range<usize>> = Vec::new();
    for (range, line) in lines {
        let content = line.trim_start_matches(' ');
        let blanks = line.len() - content.len();
        let is_filler = content.trim().is_empty() || content.starts_with('#');
        let is_dash = content == "-\n" || content == "-" || content.starts_with("- ");
        let columns = indent.as_ref().map_or(blanks, String::len);
        if is_filler {
            continue;
        }
        if is_dash && blanks == columns {
            indent.get_or_insert_with(|| " ".repeat(blanks));
            items.push(range);
        } else if blanks > columns
            && let Some(item) = items.last_mut()
        {
            item.end = range.end;
        } else {
            break;
        }
    }
    (!items.is_empty()).then(|| Block { head, indent: indent.unwrap_or_default(), items })
}

/// The line of a list without items.
fn empty_list(text: &str, list: &str) -> Option<Range<usize>> {
    let (range, line) = lines(text).find(|(_, line)| is_head(line, list, &["", "[]", "null", "~"]))?;
    let value = line.get(list.len() + 1..)?.split('#').next()?.trim();
    (!value.is_empty() || block(text, list).is_none()).then_some(range)
}

fn is_head(line: &str, list: &str, values: &[&str]) -> bool {
    let value = line.strip_prefix(list).and_then(|rest| rest.strip_prefix(':'));
    value.is_some_and(|value| values.contains(&value.split(" #").next().unwrap_or_default().trim()))
}

/// Lines with their places, line breaks included.
fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let range = start..start + line.len();
        start = range.end;
        (range, line)
    })
}

fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, description: &str) -> Value {
        json!({"name": name, "actor": format!("start-{name}"), "description": description})
    }

    #[test]
    fn an_item_comes_and_goes_and_nothing_else_changes() {
        for text in [
            "tools: []\n",
            "# by hand\ntools:\n- name: x # first\n  actor: a\n\n# about y\n- name: y\n  actor: b\nother: 1\n",
            "tools:\n  - actor: a\n    description: |\n      - not an item\n    name: x\n",
            "other: {a: b}\ntools: [] # none yet\n",
        ] {
            let with = with_item(text, "tools", &tool("mine", "line one\n- line two\n")).unwrap();
            let count = |text: &str| loader::value(text).unwrap()["tools"].as_array().unwrap().len();
            assert_eq!(count(&with), count(text) + 1, "{with}");
            for line in text.lines().filter(|line| !line.starts_with("tools: []")) {
                assert!(with.contains(line), "{line:?} is missing in\n{with}");
            }
            assert_eq!(with_item(&with, "tools", &tool("mine", "line one\n- line two\n")).unwrap(), with);
            let changed = with_item(&with, "tools", &tool("mine", "new")).unwrap();
            assert_eq!(count(&changed), count(&with));
            let without = without_item(&changed, "tools", "mine").unwrap();
            assert_eq!(without.replace("[] # none yet", "[]"), text.replace("[] # none yet", "[]"));
        }
    }

    #[test]
    fn what_cannot_be_spliced_is_written_anew() {
        let with = with_item("tools: [{name: x, actor: a}]\n", "tools", &tool("mine", "m")).unwrap();
        assert_eq!(with, "tools:\n- name: x\n  actor: a\n- name: mine\n  actor: start-mine\n  description: m\n");
        assert_eq!(with_item("", "tools", &json!({"name": "m"})).unwrap(), "tools:\n- name: m\n");
        assert_eq!(without_item("tools: [{name: x}]", "tools", "x").unwrap(), "tools: []\n");
        assert_eq!(without_item("tools: [{name: x}]", "tools", "y").unwrap(), "tools: [{name: x}]");
        assert!(with_item("- a\n", "tools", &json!({})).is_err());
        assert!(with_item("tools: {a: b}\n", "tools", &json!({})).is_err());
    }
}
