//! Lists of mappings in which one field is the name, such as `images:`.

use yaml_edit::{Mapping, Sequence};

use super::lists::list;
use super::{Entry, Node, Origin, Value, append, appended, comments, edit, is_text, read, value_mut};
use crate::error::Result;
use crate::source::Source;

/// A field and what it is to be; `None` takes it away.
pub type Field<'a> = (&'a str, Option<&'a str>);

/// `source` with the mapping of the list under the top-level `key` whose `by.0` is `by.1` changed as
/// `fields` say; it is put at the end of the list if there is none. Other fields stay. The text
/// comes back as it is when nothing changes. Errors as for [`add_list_item`](super::add_list_item).
pub fn set_list_entry(source: &Source, key: &str, by: (&str, &str), fields: &[Field<'_>]) -> Result<String> {
    let before = read(source)?;
    let items = list(source, &before, key)?;
    let place = items.iter().position(|item| item.get(by.0).is_some_and(|found| is_text(found, by.1)));
    let values = fields.iter().filter_map(|(field, value)| Some((*field, (*value)?)));
    let by_hand = |fields: &str| format!("under `{key}:`, the entry with `{}: {}`: {fields}", by.0, by.1);
    let shown: Vec<String> = fields
        .iter()
        .map(|(field, value)| match value {
            Some(value) => format!("`{field}: {value}`"),
            None => format!("no `{field}`"),
        })
        .collect();
    let by_hand = by_hand(&shown.join(", "));
    let mut wanted = before.clone();
    let origin = before.origin.clone();
    let Some(place) = place else {
        let entries = std::iter::once(by).chain(values).map(|(field, value)| entry(field, value, &origin)).collect();
        let new = Node { value: Value::Map(entries), origin: origin.clone() };
        if before.value == Value::Null {
            let lines: Vec<String> = std::iter::once(by)
                .chain(fields.iter().filter_map(|(field, value)| Some((*field, (*value)?))))
                .map(|(field, value)| format!("{field}: {}", scalar(value)))
                .collect();
            return Ok(appended(source, &format!("{key}:\n- {}\n", lines.join("\n  "))));
        }
        match value_mut(&mut wanted, key) {
            Some(Value::List(items)) => items.push(new),
            Some(other) => *other = Value::List(vec![new]),
            None => append(&mut wanted, key, Value::List(vec![new])),
        }
        return edit(source, &by_hand, &wanted, 0, |document| {
            if document.get_sequence(key).is_none() {
                document.set(key, Sequence::new());
            }
            let mapping = Mapping::new();
            mapping.set(by.0, by.1);
            for (field, value) in fields {
                if let Some(value) = value {
                    mapping.set(*field, *value);
                }
            }
            document.get_sequence(key).map(|list| list.push(mapping)).is_some()
        });
    };
    let mut lost = 0;
    if let Some(Value::List(items)) = value_mut(&mut wanted, key)
        && let Some(Node { value: Value::Map(entries), .. }) = items.get_mut(place)
    {
        for (field, value) in fields {
            let at = entries.iter().position(|entry| entry.key == *field);
            match (at, value) {
                (Some(at), Some(value)) => entries[at].node.value = Value::Text((*value).to_owned()),
                (None, Some(value)) => entries.push(entry(field, value, &origin)),
                (Some(at), None) => {
                    // A comment on the line of a field goes with the field.
                    let line = source.line_of(entries[at].at.span.start);
                    lost += comments(source.slice(source.line_span(line)));
                    entries.remove(at);
                }
                (None, None) => {}
            }
        }
    }
    if wanted == before {
        return Ok(source.text().to_owned());
    }
    edit(source, &by_hand, &wanted, lost, |document| {
        let Some(list) = document.get_sequence(key) else { return false };
        let Some(mapping) = list.get(place).and_then(|node| node.as_mapping().cloned()) else { return false };
        for (field, value) in fields {
            match value {
                Some(value) => mapping.set(*field, *value),
                None => drop(mapping.remove(*field)),
            }
        }
        true
    })
}

fn entry(field: &str, value: &str, origin: &Origin) -> Entry {
    let node = Node { value: Value::Text(value.to_owned()), origin: origin.clone() };
    Entry { key: field.to_owned(), at: origin.clone(), node }
}

/// A text as YAML, quoted where it would be something else.
fn scalar(text: &str) -> String {
    serde_saphyr::to_string(&text).map_or_else(|_| format!("{text:?}"), |text| text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_set_in_place() {
        let texts = [
            "kind: K\n",
            "",
            "# mine\n",
            "images: []\nx: 1\n",
            "# mine\nimages:\n# first\n- name: words # why\n  newName: old # was\n  newTag: \"1.0\" # tag\n- name: other\n  newTag: v1\n# end\nx: 1\n",
            "images: [{name: words, digest: abc}] # all\n",
            "images:\n  - newTag: v1\n    name: words\n\npatches: []\n",
            "images:\r\n- name: words\r\n  newTag: v1\r\nx: 1\r\n",
            "images:\n- name: words",
            "images: a\n",
        ];
        let fields = [("newName", Some("reg.example/words")), ("newTag", Some("1.10")), ("digest", None)];
        let show =
            |result: Result<String>| result.unwrap_or_else(|error| format!("{error}; {}", error.hints().join(", ")));
        let shown: Vec<String> = texts
            .iter()
            .map(|text| {
                let set = |text: &str, fields: &[Field<'_>]| {
                    show(set_list_entry(&Source::new("k.yaml", text), "images", ("name", "words"), fields))
                };
                let once = set(text, &fields);
                assert!(once.contains("edited") || set(&once, &fields) == once, "{once:?}");
                format!("{text:?}\n  = {once:?}")
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r##"
"kind: K\n"
  = "kind: K\nimages:\n  - name: words\n    newName: reg.example/words\n    newTag: '1.10'\n"
""
  = "images:\n- name: words\n  newName: reg.example/words\n  newTag: \"1.10\"\n"
"# mine\n"
  = "# mine\nimages:\n- name: words\n  newName: reg.example/words\n  newTag: \"1.10\"\n"
"images: []\nx: 1\n"
  = "images: [{name: words, newName: reg.example/words, newTag: '1.10'}]\nx: 1\n"
"# mine\nimages:\n# first\n- name: words # why\n  newName: old # was\n  newTag: \"1.0\" # tag\n- name: other\n  newTag: v1\n# end\nx: 1\n"
  = "# mine\nimages:\n# first\n- name: words # why\n  newName: reg.example/words # was\n  newTag: '1.10' # tag\n- name: other\n  newTag: v1\n# end\nx: 1\n"
"images: [{name: words, digest: abc}] # all\n"
  = "images: [{name: words, newName: reg.example/words, newTag: '1.10'}] # all\n"
"images:\n  - newTag: v1\n    name: words\n\npatches: []\n"
  = "images:\n  - newTag: '1.10'\n    name: words\n    newName: reg.example/words\n\npatches: []\n"
"images:\r\n- name: words\r\n  newTag: v1\r\nx: 1\r\n"
  = "images:\r\n- name: words\r\n  newTag: '1.10'\r\n  newName: reg.example/words\r\nx: 1\r\n"
"images:\n- name: words"
  = "images:\n- name: words\n  newName: reg.example/words\n  newTag: '1.10'"
"images: a\n"
  = "`k.yaml` cannot be edited; "
"##);
    }
}
