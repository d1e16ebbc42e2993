//! Names that point at other objects follow them when those are renamed.

use serde_json::Value;

use super::field_spec::{Create, FieldSpec, Reference};
use super::node::{Kind, Node, Style};
use super::resource::{Id, PREFIXES, Resource, SUFFIXES};

/// What is known about an object that may be referred to, before any reference changes.
struct Candidate {
    id: Id,
    namespace: String,
    name: String,
    earlier: Vec<Id>,
    original_namespace: String,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

impl Candidate {
    fn of(resource: &Resource) -> Self {
        Self {
            id: resource.id(),
            namespace: resource.namespace().to_owned(),
            name: resource.name().to_owned(),
            earlier: resource.earlier_ids(),
            original_namespace: resource.original_id().effective_namespace().to_owned(),
            prefixes: resource.csv(PREFIXES),
            suffixes: resource.csv(SUFFIXES),
        }
    }
}

/// Updates all references; the error names the object by its index.
pub(super) fn fix(resources: &mut [Resource], references: &[Reference]) -> Result<(), (usize, String)> {
    let candidates: Vec<Candidate> = resources.iter().map(Candidate::of).collect();
    for index in 0..resources.len() {
        let Some(referrer) = candidates.get(index) else { continue };
        let original = resources.get(index).map(Resource::original_id);
        let Some(original) = original else { continue };
        let reachable = resources.get(index).map(|resource| reachable(resource, referrer, &candidates));
        let reachable = reachable.transpose().map_err(|reason| (index, reason))?.unwrap_or_default();
        for reference in references {
            for field in &reference.fields {
                if !original.is_selected(&field.group, &field.version, &field.kind) {
                    continue;
                }
                let spec =
                    FieldSpec { group: String::new(), version: String::new(), kind: String::new(), ..field.clone() };
                let search = Search {
                    referrer,
                    target: reference,
                    path: &field.path,
                    candidates: &candidates,
                    reachable: &reachable,
                };
                let Some(resource) = resources.get_mut(index) else { continue };
                let role = role_of(resource);
                let mut set = |node: &mut Node| search.set(node, role.as_ref());
                spec.apply(resource, Create::Nothing, &mut set).map_err(|reason| (index, reason))?;
            }
        }
    }
    Ok(())
}

/// Indexes of the objects that `resource` can name: those of its namespace and cluster-scoped ones.
fn reachable(resource: &Resource, referrer: &Candidate, candidates: &[Candidate]) -> Result<Vec<usize>, String> {
    let extra = match resource.node.get("subjects").map(Node::to_json).transpose()? {
        Some(Value::Array(subjects)) if resource.kind() == "RoleBinding" => namespaces_of(&subjects)?,
        _ => Vec::new(),
    };
    let can = |candidate: &Candidate| {
        referrer.id.is_cluster_scoped()
            || candidate.id.is_cluster_scoped()
            || candidate.id.effective_namespace() == referrer.id.effective_namespace()
            || extra.contains(&candidate.namespace)
    };
    Ok(candidates.iter().enumerate().filter(|(_, candidate)| can(candidate)).map(|(index, _)| index).collect())
}

/// Namespaces of the accounts among a binding's subjects.
fn namespaces_of(subjects: &[Value]) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for subject in subjects {
        let subject = subject.as_object().ok_or("a subject is not an object")?;
        let Some((namespace, kind)) = subject.get("namespace").zip(subject.get("kind")) else { continue };
        if kind.as_str().ok_or("the `kind` of a subject is not a string")? == "ServiceAccount" {
            found.push(namespace.as_str().ok_or("the `namespace` of a subject is not a string")?.to_owned());
        }
    }
    Ok(found)
}

/// Group and kind of a binding's role.
fn role_of(resource: &Resource) -> Option<(String, String)> {
    let role = resource.node.get("roleRef")?;
    Some((role.get("apiGroup")?.text().to_owned(), role.get("kind")?.text().to_owned()))
}

struct Search<'a> {
    referrer: &'a Candidate,
    target: &'a Reference,
    path: &'a str,
    candidates: &'a [Candidate],
    reachable: &'a [usize],
}

impl Search<'_> {
    fn set(&self, node: &mut Node, role: Option<&(String, String)>) -> Result<(), String> {
        if node.is_null() {
            return Ok(());
        }
        match &mut node.kind {
            Kind::Scalar(_) => self.set_name(node, role),
            Kind::Map(_) => self.set_object(node, role),
            Kind::List(items) => items.iter_mut().filter(|item| !item.is_null()).try_for_each(|item| match item.kind {
                Kind::Scalar(_) => self.set_name(item, role),
                Kind::Map(_) => self.set_object(item, role),
                Kind::List(_) => Err("a name is expected instead of a list".to_owned()),
            }),
        }
    }

    fn set_name(&self, node: &mut Node, role: Option<&(String, String)>) -> Result<(), String> {
        let Some(index) = self.find(node.text(), self.reachable.to_vec(), role, |a, b| a.name == b.name)? else {
            return Ok(());
        };
        if let Some(found) = self.candidates.get(index).filter(|found| found.name != node.text()) {
            node.replace_keeping_style(Node::word(&found.name));
        }
        Ok(())
    }

    fn set_object(&self, node: &mut Node, role: Option<&(String, String)>) -> Result<(), String> {
        let Some(name) = node.get("name").map(|name| name.text().to_owned()) else {
            return Err("the reference has no `name`".to_owned());
        };
        let reachable = match node.get("namespace") {
            None => self.reachable.to_vec(),
            Some(namespace) => self.of_namespace(namespace.text()),
        };
        let same = |a: &Candidate, b: &Candidate| a.name == b.name && a.namespace == b.namespace;
        let Some(index) = self.find(&name, reachable, role, same)? else { return Ok(()) };
        let Some(found) = self.candidates.get(index) else { return Ok(()) };
        if found.name == name && found.namespace.is_empty() {
            return Ok(());
        }
        node.set("name", Some(Node::word(&found.name)), Style::Plain);
        if !found.namespace.is_empty() {
            node.set("namespace", Some(Node::word(&found.namespace)), Style::Plain);
        }
        Ok(())
    }

    fn of_namespace(&self, namespace: &str) -> Vec<usize> {
        let by = |space: &dyn Fn(&Candidate) -> bool| -> Vec<usize> {
            self.reachable.iter().copied().filter(|index| self.candidates.get(*index).is_some_and(space)).collect()
        };
        let original = by(&|candidate| candidate.original_namespace == namespace);
        if original.is_empty() { by(&|candidate| candidate.id.effective_namespace() == namespace) } else { original }
    }

    /// The one object that was called `name`; `None` when there is none.
    fn find(
        &self,
        name: &str,
        reachable: Vec<usize>,
        role: Option<&(String, String)>,
        same: impl Fn(&Candidate, &Candidate) -> bool,
    ) -> Result<Option<usize>, String> {
        let is_role = self.path.ends_with("roleRef/name");
        let in_namespace = |candidate: &Candidate| {
            self.referrer.id.is_cluster_scoped()
                || candidate.id.is_cluster_scoped()
                || candidate.id.kind == "ServiceAccount"
                || candidate.id.effective_namespace() == self.referrer.id.effective_namespace()
        };
        let fits = |candidate: &&Candidate| {
            candidate.earlier.iter().any(|id| id.name == name)
                && candidate
                    .earlier
                    .iter()
                    .any(|id| id.is_selected(&self.target.group, &self.target.version, &self.target.kind))
                && role
                    .filter(|_| is_role)
                    .is_none_or(|(group, kind)| candidate.earlier.iter().any(|id| id.is_selected(group, "", kind)))
                && in_namespace(candidate)
        };
        let found: Vec<(usize, &Candidate)> = reachable
            .into_iter()
            .filter_map(|index| self.candidates.get(index).map(|candidate| (index, candidate)))
            .filter(|(_, candidate)| fits(candidate))
            .collect();
        if let [(index, _)] = found.as_slice() {
            return Ok(Some(*index));
        }
        let mut left: Vec<(usize, &Candidate)> =
            found.into_iter().filter(|(_, candidate)| self.same_affixes(candidate, true)).collect();
        if left.len() > 1 {
            left.retain(|(_, candidate)| self.same_affixes(candidate, false));
        }
        let Some((first, rest)) = left.split_first() else { return Ok(None) };
        if rest.iter().all(|(_, other)| same(first.1, other)) {
            return Ok(Some(first.0));
        }
        let names: Vec<String> = left.iter().map(|(_, candidate)| candidate.id.to_string()).collect();
        Err(format!("`{name}` can mean {}", crate::names::listed(&names)))
    }

    fn same_affixes(&self, other: &Candidate, empty_matches: bool) -> bool {
        let same = |a: &[String], b: &[String]| {
            if empty_matches && (a.is_empty() || b.is_empty()) {
                return true;
            }
            let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
            if short.is_empty() { long.is_empty() } else { long.ends_with(short) }
        };
        same(&self.referrer.prefixes, &other.prefixes) && same(&self.referrer.suffixes, &other.suffixes)
    }
}
