//! One value at a path of keys, in a YAML file that a person owns; everything else stays.

use std::str::FromStr;

use yaml_edit::{Document, Mapping, Sequence, YamlNode};

use super::tree::{Obstacle, Operation, change};
use super::{appended, comments, edit, unusable};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::project::yaml::{Node, Value, parse};
use crate::source::Source;

/// `source` with `operation` done at `path`, in which items of lists are numbers. Mappings on the way
/// are made. The text comes back as it is when it says so already. What is in the way, and a file
/// that cannot be edited safely, are errors that say what to do by hand.
pub(in crate::project) fn change_value(source: &Source, path: &[String], operation: Operation<'_>) -> Result<String> {
    let before = parse(source).map_err(|problem| unusable(source, *problem))?;
    let mut wanted = before.clone();
    match change(&mut wanted, path, operation) {
        Ok(true) => {}
        Ok(false) => return Ok(source.text().to_owned()),
        Err(obstacle) => return Err(in_the_way(&obstacle, source)),
    }
    let key = path.join(".");
    let by_hand = match operation {
        Operation::Set(value) if path.is_empty() => format!("make the file say {}", shown(value)),
        Operation::Set(value) => format!("set `{key}: {}`", shown(value)),
        Operation::Add(value) => format!("add `- {}` under `{key}`", shown(value)),
        Operation::Remove => format!("take `{key}` out"),
    };
    let lost = match operation {
        Operation::Remove => comments_of(source, &before, path),
        Operation::Set(_) | Operation::Add(_) => 0,
    };
    // The library adds nothing to a file that says nothing.
    let (seeded, operation) = match (&before.value, path.first(), operation) {
        (Value::Null, Some(first), _) => (with_lines(source, &format!("{first}: 0\n")), operation),
        (Value::Null, None, Operation::Add(value)) => {
            let Value::List(_) = wanted.value else { return Ok(source.text().to_owned()) };
            return edit(&with_lines(source, "- 0\n"), &by_hand, &wanted, 0, |document| {
                document.as_sequence().is_some_and(|list| node(value).is_some_and(|node| list.set(0, node)))
            });
        }
        _ => (source.clone(), operation),
    };
    edit(&seeded, &by_hand, &wanted, lost, |document| write(document, path, operation).is_some())
}

fn with_lines(source: &Source, lines: &str) -> Source {
    Source::new(source.name(), appended(source, lines))
}

fn in_the_way(obstacle: &Obstacle, source: &Source) -> Error {
    let (node, message) = match obstacle {
        Obstacle::Value(node) => (node, format!("there is {} here", node.value.kind())),
        Obstacle::Item { list, items } => (list, format!("there are {items} items here")),
    };
    let span = source.line_span(source.line_of(node.origin.span.start));
    unusable(source, Diagnostic::error(span, message))
}

/// A place in a document that has something for the last key of a path.
enum Place {
    Key(Mapping, String),
    Item(Sequence, usize),
}

impl Place {
    fn get(&self) -> Option<YamlNode> {
        match self {
            Self::Key(mapping, key) => mapping.get(key.as_str()),
            Self::Item(list, at) => list.get(*at),
        }
    }

    fn set(&self, node: YamlNode) -> Option<()> {
        match self {
            Self::Key(mapping, key) => {
                mapping.set(key.as_str(), node);
                Some(())
            }
            Self::Item(list, at) => list.set(*at, node).then_some(()),
        }
    }

    fn remove(&self) -> Option<()> {
        match self {
            Self::Key(mapping, key) => mapping.remove(key.as_str()).map(drop),
            Self::Item(list, at) => list.remove(*at).map(drop),
        }
    }
}

fn write(document: &Document, path: &[String], operation: Operation<'_>) -> Option<()> {
    let Some((last, above)) = path.split_last() else {
        let Operation::Add(value) = operation else { return None };
        document.as_sequence()?.push(node(value)?);
        return Some(());
    };
    let mut here =
        document.as_mapping().map(YamlNode::Mapping).or_else(|| document.as_sequence().map(YamlNode::Sequence))?;
    for key in above {
        let place = place(&here, key)?;
        if !matches!(place.get(), Some(YamlNode::Mapping(_) | YamlNode::Sequence(_))) {
            place.set(YamlNode::Mapping(Mapping::new()))?;
        }
        here = place.get()?;
    }
    let place = place(&here, last)?;
    match operation {
        Operation::Set(value) => place.set(node(value)?),
        Operation::Remove => place.remove(),
        Operation::Add(value) => {
            if !matches!(place.get(), Some(YamlNode::Sequence(_))) {
                place.set(YamlNode::Sequence(Sequence::new()))?;
            }
            place.get()?.as_sequence()?.push(node(value)?);
            Some(())
        }
    }
}

fn place(node: &YamlNode, key: &str) -> Option<Place> {
    match node {
        YamlNode::Mapping(mapping) => Some(Place::Key(mapping.clone(), key.to_owned())),
        YamlNode::Sequence(list) => Some(Place::Item(list.clone(), key.parse().ok()?)),
        _ => None,
    }
}

/// A value as the library wants it.
fn node(value: &Value) -> Option<YamlNode> {
    Some(match value {
        Value::List(items) => {
            let list = Sequence::new();
            for item in items {
                list.push(node(&item.value)?);
            }
            YamlNode::Sequence(list)
        }
        Value::Map(entries) => {
            let mapping = Mapping::new();
            for entry in entries {
                mapping.set(entry.key.as_str(), node(&entry.node.value)?);
            }
            YamlNode::Mapping(mapping)
        }
        // Written and read back, for the quotes it may need.
        Value::Text(text) => {
            let holder = Mapping::new();
            holder.set("value", text.as_str());
            holder.get("value")?
        }
        // As typed: `1.10` would be `1.1` as a number.
        Value::Number(digits) => YamlNode::Scalar(Document::from_str(digits).ok()?.as_scalar()?),
        Value::Bool(value) => YamlNode::Scalar(Document::from_str(&value.to_string()).ok()?.as_scalar()?),
        Value::Null => return None,
    })
}

/// How many comments belong to what stands at `path`: those on its lines, and those further inside.
fn comments_of(source: &Source, tree: &Node, path: &[String]) -> usize {
    let mut here = tree;
    let mut start = tree.origin.span.start;
    for key in path {
        let next = match &here.value {
            Value::List(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| {
                // The item's dash is on the line of its first key.
                (item.entries().first().map_or(item.origin.span.start, |entry| entry.at.span.start), item)
            }),
            _ => here.entries().iter().find(|entry| entry.key == *key).map(|it| (it.at.span.start, &it.node)),
        };
        let Some((at, node)) = next else { return 0 };
        (start, here) = (at, node);
    }
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut lines = source.text().lines().skip(source.line_of(start).saturating_sub(1));
    let Some(first) = lines.next() else { return 0 };
    let outside = indentation(first);
    let is_list = matches!(here.value, Value::List(_));
    let inside = lines.take_while(|line| {
        let line_is = indentation(line);
        line.trim().is_empty() || line_is > outside || is_list && line_is == outside && line.trim().starts_with("- ")
    });
    comments(first) + inside.map(comments).sum::<usize>()
}

/// A value on one line.
fn shown(value: &Value) -> String {
    value.scalar().unwrap_or_else(|| crate::project::values::json(value).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, key: &str, operation: Operation<'_>) -> String {
        let path: Vec<String> = key.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        match change_value(&Source::new("c.yaml", text), &path, operation) {
            Ok(changed) => format!("{changed:?}"),
            Err(error) => {
                let places = error.located().iter().flat_map(|located| &located.diagnostics);
                let places: Vec<String> = places.map(|place| format!(" ({})", place.message)).collect();
                format!("{error}{}; {}", places.concat(), error.hints().join("; "))
            }
        }
    }

    fn value(typed: &str) -> Value {
        parse(&Source::new("typed", typed)).unwrap().value
    }

    const FILES: &[&str] = &[
        "a:\n  list:\n  # first\n  - x: 1 # why\n    y: 2\n  - x: 3\n  # end\n\n# b comes here\nb: 1 # one\n",
        "a: # a\n  list: [{x: 1}, {x: 3}] # all\n  c: 1\nb: 1\n",
        "# head\na:\n    list:\n        - x: 1\n          # inside\n          y:\n          - z\n        - x: 3 # three\n# foot\n",
        "a: {list: [{x: 1}, {x: 3}], c: 1}\n",
        "a:\r\n  list:\r\n  - x: 1\r\n  - x: 3\r\nb: 1\r\n",
        "a:\n  list:\n  - x: 1\n  - x: 3",
        "a: &a\n  list:\n  - x: 1\n  - x: 3\nb: *a\n",
    ];

    #[test]
    fn items_of_lists_change_in_their_place() {
        let (scalar, text, map) = (value("9"), value("yes"), value("{x: 9, y: [\"on\"]}"));
        let shown: Vec<String> = FILES
            .iter()
            .map(|file| {
                [
                    ("= item's key", show(file, "a.list.1.x", Operation::Set(&scalar))),
                    ("= item's new key", show(file, "a.list.1.z", Operation::Set(&text))),
                    ("= item", show(file, "a.list.0", Operation::Set(&map))),
                    ("= list", show(file, "a.list", Operation::Set(&value("[a, 1.10]")))),
                    ("+ item", show(file, "a.list", Operation::Add(&map))),
                    ("+ new list", show(file, "a.more", Operation::Add(&text))),
                    ("- item's key", show(file, "a.list.0.x", Operation::Remove)),
                    ("- item", show(file, "a.list.0", Operation::Remove)),
                    ("- list", show(file, "a.list", Operation::Remove)),
                    ("- all", show(file, "a", Operation::Remove)),
                    ("- b", show(file, "b", Operation::Remove)),
                    ("= none", show(file, "a.list.2.x", Operation::Set(&scalar))),
                ]
                .iter()
                .fold(format!("{file:?}"), |all, (what, after)| format!("{all}\n  {what}: {after}"))
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r##"
"a:\n  list:\n  # first\n  - x: 1 # why\n    y: 2\n  - x: 3\n  # end\n\n# b comes here\nb: 1 # one\n"
  = item's key: "a:\n  list:\n  # first\n  - x: 1 # why\n    y: 2\n  - x: 9\n  # end\n\n# b comes here\nb: 1 # one\n"
  = item's new key: "a:\n  list:\n  # first\n  - x: 1 # why\n    y: 2\n  - x: 3\n    z: 'yes'\n  # end\n\n# b comes here\nb: 1 # one\n"
  = item: "a:\n  list:\n  # first\n  - # why\n    x: 9\n    y:\n    - 'on'\n  - x: 3\n  # end\n\n# b comes here\nb: 1 # one\n"
  = list: `c.yaml` is written in a way that cannot be edited safely; by hand: set `a.list: ["a","1.10"]`
  + item: "a:\n  list:\n  # first\n  - x: 1 # why\n    y: 2\n  - x: 3\n  - x: 9\n    y:\n    - 'on'\n  # end\n\n# b comes here\nb: 1 # one\n"
  + new list: "a:\n  list:\n  # first\n  - x: 1 # why\n    y: 2\n  - x: 3\n  more:\n    - 'yes'\n  # end\n\n# b comes here\nb: 1 # one\n"
  - item's key: "a:\n  list:\n  # first\n  - y: 2\n  - x: 3\n  # end\n\n# b comes here\nb: 1 # one\n"
  - item: "a:\n  list:\n  # first\n  - x: 3\n  # end\n\n# b comes here\nb: 1 # one\n"
  - list: `c.yaml` is written in a way that cannot be edited safely; by hand: take `a.list` out
  - all: "  # end\n\n# b comes here\nb: 1 # one\n"
  - b: "a:\n  list:\n  # first\n  - x: 1 # why\n    y: 2\n  - x: 3\n  # end\n\n# b comes here\n"
  = none: `c.yaml` cannot be edited (there are 2 items here); 
"a: # a\n  list: [{x: 1}, {x: 3}] # all\n  c: 1\nb: 1\n"
  = item's key: "a: # a\n  list: [{x: 1}, {x: 9}] # all\n  c: 1\nb: 1\n"
  = item's new key: "a: # a\n  list: [{x: 1}, {x: 3, z: 'yes'}] # all\n  c: 1\nb: 1\n"
  = item: "a: # a\n  list: [{x: 9, y: ['on']}, {x: 3}] # all\n  c: 1\nb: 1\n"
  = list: "a: # a\n  list: # all\n    - a\n    - 1.10\n  c: 1\nb: 1\n"
  + item: "a: # a\n  list: [{x: 1}, {x: 3}, {x: 9, y: ['on']}] # all\n  c: 1\nb: 1\n"
  + new list: "a: # a\n  list: [{x: 1}, {x: 3}] # all\n  c: 1\n  more:\n    - 'yes'\nb: 1\n"
  - item's key: "a: # a\n  list: [{}, {x: 3}] # all\n  c: 1\nb: 1\n"
  - item: "a: # a\n  list: [{x: 3}] # all\n  c: 1\nb: 1\n"
  - list: "a: # a\n  c: 1\nb: 1\n"
  - all: "b: 1\n"
  - b: "a: # a\n  list: [{x: 1}, {x: 3}] # all\n  c: 1\n"
  = none: `c.yaml` cannot be edited (there are 2 items here); 
"# head\na:\n    list:\n        - x: 1\n          # inside\n          y:\n          - z\n        - x: 3 # three\n# foot\n"
  = item's key: "# head\na:\n    list:\n        - x: 1\n          # inside\n          y:\n          - z\n        - x: 9 # three\n# foot\n"
  = item's new key: "# head\na:\n    list:\n        - x: 1\n          # inside\n          y:\n          - z\n        - x: 3 # three\n          z: 'yes'\n# foot\n"
  = item: `c.yaml` is written in a way that cannot be edited safely; by hand: set `a.list.0: {"x":9,"y":["on"]}`
  = list: `c.yaml` is written in a way that cannot be edited safely; by hand: set `a.list: ["a","1.10"]`
  + item: "# head\na:\n    list:\n        - x: 1\n          # inside\n          y:\n          - z\n        - x: 3 # three\n        - x: 9\n          y:\n          - 'on'\n# foot\n"
  + new list: "# head\na:\n    list:\n        - x: 1\n          # inside\n          y:\n          - z\n        - x: 3 # three\n    more:\n      - 'yes'\n# foot\n"
  - item's key: "# head\na:\n    list:\n        -\n          # inside\n          y:\n          - z\n        - x: 3 # three\n# foot\n"
  - item: "# head\na:\n    list:\n        - x: 3 # three\n# foot\n"
  - list: "# head\na: {}\n# foot\n"
  - all: "# head\n{}\n# foot\n"
  - b: "# head\na:\n    list:\n        - x: 1\n          # inside\n          y:\n          - z\n        - x: 3 # three\n# foot\n"
  = none: `c.yaml` cannot be edited (there are 2 items here); 
"a: {list: [{x: 1}, {x: 3}], c: 1}\n"
  = item's key: "a: {list: [{x: 1}, {x: 9}], c: 1}\n"
  = item's new key: "a: {list: [{x: 1}, {x: 3, z: 'yes'}], c: 1}\n"
  = item: "a: {list: [{x: 9, y: ['on']}, {x: 3}], c: 1}\n"
  = list: "a: {list: [a, 1.10], c: 1}\n"
  + item: "a: {list: [{x: 1}, {x: 3}, {x: 9, y: ['on']}], c: 1}\n"
  + new list: "a: {list: [{x: 1}, {x: 3}], c: 1, more: ['yes']}\n"
  - item's key: "a: {list: [{}, {x: 3}], c: 1}\n"
  - item: "a: {list: [{x: 3}], c: 1}\n"
  - list: "a: {c: 1}\n"
  - all: "{}\n"
  - b: "a: {list: [{x: 1}, {x: 3}], c: 1}\n"
  = none: `c.yaml` cannot be edited (there are 2 items here); 
"a:\r\n  list:\r\n  - x: 1\r\n  - x: 3\r\nb: 1\r\n"
  = item's key: "a:\r\n  list:\r\n  - x: 1\r\n  - x: 9\r\nb: 1\r\n"
  = item's new key: "a:\r\n  list:\r\n  - x: 1\r\n  - x: 3\r\n    z: 'yes'\r\nb: 1\r\n"
  = item: "a:\r\n  list:\r\n  - x: 9\r\n    y:\r\n    - 'on'\r\n  - x: 3\r\nb: 1\r\n"
  = list: "a:\r\n  list:\r\n    - a\r\n    - 1.10\r\nb: 1\r\n"
  + item: "a:\r\n  list:\r\n  - x: 1\r\n  - x: 3\r\n  - x: 9\r\n    y:\r\n    - 'on'\r\nb: 1\r\n"
  + new list: "a:\r\n  list:\r\n  - x: 1\r\n  - x: 3\r\n  more:\r\n    - 'yes'\r\nb: 1\r\n"
  - item's key: "a:\r\n  list:\r\n  - {}\r\n  - x: 3\r\nb: 1\r\n"
  - item: "a:\r\n  list:\r\n  - x: 3\r\nb: 1\r\n"
  - list: "a: {}\r\nb: 1\r\n"
  - all: "b: 1\r\n"
  - b: "a:\r\n  list:\r\n  - x: 1\r\n  - x: 3\r\n"
  = none: `c.yaml` cannot be edited (there are 2 items here); 
"a:\n  list:\n  - x: 1\n  - x: 3"
  = item's key: "a:\n  list:\n  - x: 1\n  - x: 9"
  = item's new key: "a:\n  list:\n  - x: 1\n  - x: 3\n    z: 'yes'"
  = item: "a:\n  list:\n  - x: 9\n    y:\n    - 'on'\n  - x: 3"
  = list: "a:\n  list:\n    - a\n    - 1.10"
  + item: "a:\n  list:\n  - x: 1\n  - x: 3\n  - x: 9\n    y:\n    - 'on'"
  + new list: "a:\n  list:\n  - x: 1\n  - x: 3\n  more:\n    - 'yes'\n"
  - item's key: "a:\n  list:\n  - {}\n  - x: 3"
  - item: "a:\n  list:\n  - x: 3"
  - list: "a: {}"
  - all: "{}"
  - b: "a:\n  list:\n  - x: 1\n  - x: 3"
  = none: `c.yaml` cannot be edited (there are 2 items here); 
"a: &a\n  list:\n  - x: 1\n  - x: 3\nb: *a\n"
  = item's key: `c.yaml` is written in a way that cannot be edited safely; by hand: set `a.list.1.x: 9`
  = item's new key: `c.yaml` is written in a way that cannot be edited safely; by hand: set `a.list.1.z: yes`
  = item: `c.yaml` is written in a way that cannot be edited safely; by hand: set `a.list.0: {"x":9,"y":["on"]}`
  = list: `c.yaml` is written in a way that cannot be edited safely; by hand: set `a.list: ["a","1.10"]`
  + item: `c.yaml` is written in a way that cannot be edited safely; by hand: add `- {"x":9,"y":["on"]}` under `a.list`
  + new list: `c.yaml` is written in a way that cannot be edited safely; by hand: add `- yes` under `a.more`
  - item's key: `c.yaml` is written in a way that cannot be edited safely; by hand: take `a.list.0.x` out
  - item: `c.yaml` is written in a way that cannot be edited safely; by hand: take `a.list.0` out
  - list: `c.yaml` is written in a way that cannot be edited safely; by hand: take `a.list` out
  - all: "b: &a\n  list:\n  - x: 1\n  - x: 3\n"
  - b: "a: &a\n  list:\n  - x: 1\n  - x: 3\n"
  = none: `c.yaml` cannot be edited (there are 2 items here);
"##);
    }

    #[test]
    fn a_file_may_be_a_list() {
        let map = value("{match: x}");
        let shown: Vec<String> = ["", "# none yet\n", "- match: a # why\n# end\n", "[]\n"]
            .iter()
            .map(|file| {
                let added = show(file, "", Operation::Add(&map));
                format!("{file:?}\n  + {added}\n  - {}", show(file, "0", Operation::Remove))
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r##"
""
  + "- match: x\n"
  - ""
"# none yet\n"
  + "# none yet\n- match: x\n"
  - "# none yet\n"
"- match: a # why\n# end\n"
  + "- match: a # why\n# end\n- match: x\n"
  - "[]\n# end\n"
"[]\n"
  + "[{match: x}]\n"
  - `c.yaml` cannot be edited (there are 0 items here);
"##);
    }
}
