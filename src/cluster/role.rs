//! Roles: the fewest rules that allow a set of things.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Access;

/// To whom a role is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// `ServiceAccount`, `User` or `Group`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its namespace; service accounts alone have one.
    pub namespace: Option<String>,
}

/// One rule: these verbs on these kinds.
type Rule = (String, BTreeSet<String>, BTreeSet<&'static str>);

/// The rules that allow all of `wanted`, which are of one namespace, with as few words as there
/// can be: kinds that need the same share a rule.
pub(super) fn rules(wanted: &[&Access]) -> Vec<Value> {
    // Group, names and kind: what may be done with it.
    let mut verbs: BTreeMap<(&str, &BTreeSet<String>, &str), BTreeSet<&'static str>> = BTreeMap::new();
    for access in wanted {
        let key = (access.resource.group.as_str(), &access.names, access.resource.plural.as_str());
        verbs.entry(key).or_default().insert(access.verb);
    }
    // A verb that is allowed for any object needs no second rule for one of them.
    let any = verbs.clone();
    let nothing = BTreeSet::new();
    for ((group, names, plural), verbs) in &mut verbs {
        if !names.is_empty()
            && let Some(general) = any.get(&(*group, &nothing, *plural))
        {
            verbs.retain(|verb| !general.contains(verb));
        }
    }
    let mut kinds: BTreeMap<Rule, BTreeSet<String>> = BTreeMap::new();
    for ((group, names, plural), verbs) in verbs.into_iter().filter(|(_, verbs)| !verbs.is_empty()) {
        kinds.entry((group.to_owned(), names.clone(), verbs)).or_default().insert(plural.to_owned());
    }
    kinds
        .into_iter()
        .map(|((group, names, verbs), resources)| {
            let mut rule = json!({"apiGroups": [group], "resources": resources});
            if let Some(rule) = rule.as_object_mut() {
                if !names.is_empty() {
                    rule.insert("resourceNames".to_owned(), json!(names));
                }
                rule.insert("verbs".to_owned(), json!(verbs));
            }
            rule
        })
        .collect()
}

/// Roles called `name` that allow all of `wanted`: one a namespace, and a ClusterRole for kinds
/// without namespaces; with bindings to `subject`, if there is one. Kubernetes objects, in order.
pub fn roles(name: &str, wanted: &[Access], subject: Option<&Subject>) -> Vec<Value> {
    let mut places: BTreeMap<&str, Vec<&Access>> = BTreeMap::new();
    for access in wanted {
        places.entry(&access.namespace).or_default().push(access);
    }
    let mut objects = Vec::new();
    for (namespace, wanted) in places {
        let prefix = if namespace.is_empty() { "Cluster" } else { "" };
        let mut metadata = json!({"name": name});
        if let Some(metadata) = metadata.as_object_mut().filter(|_| !namespace.is_empty()) {
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        let api_version = "rbac.authorization.k8s.io/v1";
        objects.push(json!({
            "apiVersion": api_version,
            "kind": format!("{prefix}Role"),
            "metadata": metadata,
            "rules": rules(&wanted),
        }));
        if let Some(subject) = subject {
            objects.push(json!({
                "apiVersion": api_version,
                "kind": format!("{prefix}RoleBinding"),
                "metadata": metadata,
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io", "kind": format!("{prefix}Role"), "name": name,
                },
                "subjects": [subject.document()],
            }));
        }
    }
    objects
}

impl Subject {
    fn document(&self) -> Value {
        match &self.namespace {
            Some(namespace) => json!({"kind": self.kind, "name": self.name, "namespace": namespace}),
            None => json!({"apiGroup": "rbac.authorization.k8s.io", "kind": self.kind, "name": self.name}),
        }
    }
}

/// Rules in one line, as YAML takes them: `[{apiGroups: [asya.sh], resources: [asyncactors], verbs: [get]}]`.
pub(super) fn in_one_line(rules: &[Value]) -> String {
    format!("[{}]", rules.iter().map(flow_style).collect::<Vec<_>>().join(", "))
}

fn flow_style(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key}: {}", flow_style(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow_style).collect::<Vec<_>>().join(", ")),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Resource;

    #[test]
    fn kinds_that_need_the_same_share_a_rule_and_names_are_kept() {
        let wanted = [
            Access::any("get", &Resource::config_maps(), "a"),
            Access::any("get", &Resource::pods(), "a"),
            Access::of("patch", &Resource::deployments(), "a", "gw"),
            Access::of("get", &Resource::pods(), "a", "one"),
            Access::any("get", &Resource::pods(), "b"),
        ];
        let roles = roles("r", &wanted, None);
        let rules: Vec<String> =
            roles.iter().map(|role| in_one_line(role["rules"].as_array().expect("rules"))).collect();
        assert_eq!(
            rules,
            [
                "[{apiGroups: [\"\"], resources: [configmaps, pods], verbs: [get]}, \
                 {apiGroups: [apps], resources: [deployments], resourceNames: [gw], verbs: [patch]}]",
                "[{apiGroups: [\"\"], resources: [pods], verbs: [get]}]",
            ]
        );
        assert_eq!(roles[1]["metadata"]["namespace"], "b");
    }
}
