//! Fields of mappings inside mappings.

use std::str::FromStr;

use serde_json::Value;
use yaml_edit::{Document, Mapping};

use super::{edit, read};
use crate::error::Result;
use crate::source::Source;
use crate::yaml::write_ordered;

/// `source` as `wanted` says, with comments and everything that is right already as they are.
/// Mappings are compared field by field, lists and single values are replaced as a whole. Errors as
/// for [`super::add_list_item`].
pub fn set_document(source: &Source, before: &Value, wanted: &Value) -> Result<String> {
    if before == wanted {
        return Ok(source.text().to_owned());
    }
    read(source)?;
    let text = write_ordered(wanted);
    let expected = read(&Source::new(source.name(), text.clone()))?;
    let new = Document::from_str(&text).ok().and_then(|document| document.as_mapping());
    let by_hand = format!("make it say\n{}", text.trim_end());
    edit(source, &by_hand, &expected, 0, |document| match (document.as_mapping(), &new) {
        (Some(mapping), Some(new)) => change(&mapping, new, before, wanted),
        _ => false,
    })
}

fn change(mapping: &Mapping, new: &Mapping, before: &Value, wanted: &Value) -> bool {
    let (Some(before), Some(wanted)) = (before.as_object(), wanted.as_object()) else { return false };
    for key in before.keys().filter(|key| !wanted.contains_key(*key)) {
        if mapping.remove(key.as_str()).is_none() {
            return false;
        }
    }
    for (key, value) in wanted {
        let known = before.get(key);
        if known == Some(value) {
            continue;
        }
        if let (Some(known @ Value::Object(_)), Value::Object(_)) = (known, value)
            && let (Some(mapping), Some(new)) = (mapping.get_mapping(key.as_str()), new.get_mapping(key.as_str()))
        {
            if !change(&mapping, &new, known, value) {
                return false;
            }
            continue;
        }
        let Some(node) = new.get(key.as_str()) else { return false };
        mapping.set(key.as_str(), node);
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PATCH: &str = "# head\napiVersion: v1\nspec:\n  # few\n  scaling:\n    maxReplicaCount: 5 # not more\n  image: a:1\n\n# tail\n";

    fn set(wanted: &Value) -> String {
        let before = json!({"apiVersion": "v1", "spec": {"scaling": {"maxReplicaCount": 5}, "image": "a:1"}});
        match set_document(&Source::new("p.yaml", PATCH), &before, wanted) {
            Ok(text) => text,
            Err(error) => format!("{error}\n{}", error.hints().join("\n")),
        }
    }

    #[test]
    fn comments_stay_where_they_are() {
        let wanted = json!({"apiVersion": "v1", "spec": {"scaling": {"maxReplicaCount": 7, "minReplicaCount": 1},
            "image": "a:1", "nodeSelector": {"zone": "on"}, "tolerations": [{"key": "1", "operator": "Exists"}]}});
        insta::assert_snapshot!(set(&wanted), @r#"
# head
apiVersion: v1
spec:
  # few
  scaling:
    maxReplicaCount: 7 # not more
    minReplicaCount: 1
  image: a:1
  nodeSelector:
    zone: "on"
  tolerations:
    - key: "1"
      operator: Exists

# tail
"#);
    }

    #[test]
    fn a_comment_that_would_be_lost_is_left_to_its_owner() {
        let wanted = json!({"apiVersion": "v1", "spec": {"image": "a:1"}});
        insta::assert_snapshot!(set(&wanted), @r#"
`p.yaml` is written in a way that cannot be edited safely
by hand: make it say
apiVersion: v1
spec:
  image: a:1
"#);
        let wanted = json!({"apiVersion": "v1", "spec": {"scaling": {"maxReplicaCount": 5}}});
        insta::assert_snapshot!(set(&wanted), @r#"
# head
apiVersion: v1
spec:
  # few
  scaling:
    maxReplicaCount: 5 # not more

# tail
"#);
    }
}
