//! An object on its way through the transformers, with the notes kustomize keeps about it.
//!
//! The notes (earlier names, hash suffix wanted, …) are annotations until the end, as in kustomize:
//! patches can see and remove them, and the result must be the same.

use std::collections::BTreeMap;

use super::merge_keys::CLUSTER_SCOPED;
use super::node::{Kind, Node, Style};
use crate::source::{Source, Span};

const PREVIOUS_NAMES: &str = "internal.config.kubernetes.io/previousNames";
const PREVIOUS_NAMESPACES: &str = "internal.config.kubernetes.io/previousNamespaces";
const PREVIOUS_KINDS: &str = "internal.config.kubernetes.io/previousKinds";
pub(super) const PREFIXES: &str = "internal.config.kubernetes.io/prefixes";
pub(super) const SUFFIXES: &str = "internal.config.kubernetes.io/suffixes";
const ALLOW_NAME_CHANGE: &str = "internal.config.kubernetes.io/allowNameChange";
const ALLOW_KIND_CHANGE: &str = "internal.config.kubernetes.io/allowKindChange";
pub(super) const REFERRED_BY: &str = "internal.config.kubernetes.io/refBy";
pub(super) const NEEDS_HASH: &str = "internal.config.kubernetes.io/needsHashSuffix";
pub(super) const BEHAVIOR: &str = "internal.config.kubernetes.io/generatorBehavior";
const INTERNAL: &str = "internal.config.kubernetes.io";
const ENABLED: &str = "enabled";

/// Notes, and annotations of other tools that kustomize removes as if they were its own.
const NOTES: &[&str] = &[
    PREVIOUS_KINDS,
    PREVIOUS_NAMES,
    PREFIXES,
    SUFFIXES,
    PREVIOUS_NAMESPACES,
    ALLOW_NAME_CHANGE,
    ALLOW_KIND_CHANGE,
    REFERRED_BY,
    BEHAVIOR,
    NEEDS_HASH,
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
];
/// Annotations about the origin, removed from every object in the end.
const ORIGIN: &[&str] = &["config.kubernetes.io/origin", "alpha.config.kubernetes.io/transformations"];

/// What kustomize calls the namespace of objects that have none.
const NO_NAMESPACE: &str = "_non_namespaceable_";

/// What an object is called, now or earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
    cluster_scoped: bool,
}

impl Id {
    /// The namespace it is in: `default` for none, a word of its own for cluster-scoped objects.
    pub(super) fn effective_namespace(&self) -> &str {
        if self.cluster_scoped {
            NO_NAMESPACE
        } else if self.namespace.is_empty() {
            "default"
        } else {
            &self.namespace
        }
    }

    pub(super) fn is_cluster_scoped(&self) -> bool {
        self.cluster_scoped
    }

    /// Whether both name the same object.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.group == other.group
            && self.version == other.version
            && self.kind == other.kind
            && self.effective_namespace() == other.effective_namespace()
    }

    /// What tells objects apart: two with the same key are the same object.
    pub(super) fn key(&self) -> (String, String, String, String, String) {
        let namespace = self.effective_namespace().to_owned();
        (self.name.clone(), self.group.clone(), self.version.clone(), self.kind.clone(), namespace)
    }

    /// Whether group, version and kind match; empty ones match everything.
    pub(super) fn is_selected(&self, group: &str, version: &str, kind: &str) -> bool {
        (group.is_empty() || group == self.group)
            && (version.is_empty() || version == self.version)
            && (kind.is_empty() || kind == self.kind)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace.is_empty() || self.namespace == NO_NAMESPACE {
            write!(f, "{} {}", self.kind, self.name)
        } else {
            write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
        }
    }
}

/// An object and where it comes from.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// `None` once a patch deleted it.
    pub(super) node: Node,
    /// The file it was read from.
    pub(super) source: Source,
    /// Its first line there.
    pub(super) span: Span,
    /// The last number given to values that several places share.
    shared: u32,
}

/// `apps/v1` as group and version.
pub(super) fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

impl Resource {
    pub(super) fn new(node: Node, source: &Source) -> Self {
        let line = source.line_span(source.line_of(node.span.start));
        Self { node, source: source.clone(), span: Span::new(node_start(line), line.end), shared: 0 }
    }

    /// A new number for a value that several places may share.
    pub(super) fn next_shared(&mut self) -> u32 {
        self.shared += 1;
        self.shared
    }

    pub(super) fn kind(&self) -> &str {
        self.node.get("kind").map_or("", Node::text)
    }

    pub(super) fn api_version(&self) -> &str {
        self.node.get("apiVersion").map_or("", Node::text)
    }

    fn metadata(&self, key: &str) -> &str {
        self.node.at(&["metadata", key]).filter(|value| !value.is_empty()).map_or("", Node::text)
    }

    pub(super) fn name(&self) -> &str {
        self.metadata("name")
    }

    pub(super) fn namespace(&self) -> &str {
        self.metadata("namespace")
    }

    /// What it is called now.
    pub(super) fn id(&self) -> Id {
        let (group, version) = split_api_version(self.api_version());
        Id {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: self.kind().to_owned(),
            name: self.name().to_owned(),
            namespace: self.namespace().to_owned(),
            cluster_scoped: CLUSTER_SCOPED.binary_search(&(self.api_version(), self.kind())).is_ok(),
        }
    }

    /// What it was called, oldest first.
    pub(super) fn earlier_ids(&self) -> Vec<Id> {
        let (names, namespaces, kinds) =
            (self.csv(PREVIOUS_NAMES), self.csv(PREVIOUS_NAMESPACES), self.csv(PREVIOUS_KINDS));
        let (group, version) = split_api_version(self.api_version());
        names
            .into_iter()
            .zip(namespaces)
            .zip(kinds)
            .map(|((name, namespace), kind)| Id {
                group: group.to_owned(),
                version: version.to_owned(),
                kind,
                name,
                namespace,
                cluster_scoped: false,
            })
            .collect()
    }

    /// What it was called first.
    pub(super) fn original_id(&self) -> Id {
        self.earlier_ids().into_iter().next().unwrap_or_else(|| self.id())
    }

    /// Whether it is or was called `id`.
    pub(super) fn was_called(&self, id: &Id) -> bool {
        self.id().same_as(id) || self.earlier_ids().iter().any(|earlier| earlier.same_as(id))
    }

    /// Keeps the present name for those who refer to it.
    pub(super) fn store_id(&mut self) {
        let id = self.id();
        self.append_csv(PREVIOUS_NAMES, &id.name);
        self.append_csv(PREVIOUS_NAMESPACES, id.effective_namespace());
        self.append_csv(PREVIOUS_KINDS, &id.kind);
    }

    /// Texts of `metadata.annotations`.
    pub(super) fn annotations(&self) -> BTreeMap<String, String> {
        self.texts("annotations")
    }

    /// Texts of `metadata.labels`.
    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        self.texts("labels")
    }

    fn texts(&self, field: &str) -> BTreeMap<String, String> {
        texts_of(self.node.at(&["metadata", field]))
    }

    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.node.at(&["metadata", "annotations"])?.get(key).map(Node::text)
    }

    pub(super) fn set_annotation(&mut self, key: &str, value: &str) {
        self.node.map_at("metadata").map_at("annotations").set(key, Some(Node::string(value)), Style::Plain);
    }

    /// Replaces all annotations; none removes the field.
    pub(super) fn set_annotations(&mut self, annotations: &BTreeMap<String, String>) {
        self.set_texts("annotations", annotations);
    }

    fn set_texts(&mut self, field: &str, texts: &BTreeMap<String, String>) {
        let metadata = self.node.map_at("metadata");
        metadata.remove(field);
        if texts.is_empty() {
            return;
        }
        let map = metadata.map_at(field);
        for (key, value) in texts {
            map.set(key, Some(Node::string(value)), Style::Plain);
        }
    }

    pub(super) fn csv(&self, key: &str) -> Vec<String> {
        self.annotation(key).map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default()
    }

    pub(super) fn append_csv(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let mut values = self.csv(key);
        values.push(value.to_owned());
        self.set_annotation(key, &values.join(","));
    }

    fn set_note(&mut self, key: &str) {
        let mut annotations = self.annotations();
        annotations.insert(key.to_owned(), ENABLED.to_owned());
        self.set_annotations(&annotations);
    }

    fn has_note(&self, key: &str) -> bool {
        self.annotation(key) == Some(ENABLED)
    }

    pub(super) fn allow_name_change(&mut self) {
        self.set_note(ALLOW_NAME_CHANGE);
    }

    pub(super) fn allow_kind_change(&mut self) {
        self.set_note(ALLOW_KIND_CHANGE);
    }

    pub(super) fn name_change_allowed(&self) -> bool {
        self.has_note(ALLOW_NAME_CHANGE)
    }

    pub(super) fn kind_change_allowed(&self) -> bool {
        self.has_note(ALLOW_KIND_CHANGE)
    }

    pub(super) fn enable_hash(&mut self) {
        self.set_note(NEEDS_HASH);
    }

    pub(super) fn needs_hash(&self) -> bool {
        self.has_note(NEEDS_HASH)
    }

    /// Notes that a JSON patch must not take away.
    pub(super) fn notes(&self) -> BTreeMap<String, String> {
        self.annotations().into_iter().filter(|(key, _)| key.starts_with(INTERNAL)).collect()
    }

    /// Removes the notes; what is left of the annotations is strings.
    pub(super) fn finish(&mut self) {
        let mut annotations = self.annotations();
        annotations.retain(|key, _| !NOTES.contains(&key.as_str()) && !ORIGIN.contains(&key.as_str()));
        self.set_annotations(&annotations);
    }

    pub(super) fn set_name(&mut self, name: &str) {
        self.node.map_at("metadata").set("name", Some(Node::word(name)), Style::Plain);
    }

    pub(super) fn set_namespace(&mut self, namespace: &str) {
        let metadata = self.node.map_at("metadata");
        if namespace.is_empty() {
            metadata.remove("namespace");
        } else {
            metadata.set("namespace", Some(Node::word(namespace)), Style::Plain);
        }
    }

    pub(super) fn set_kind(&mut self, kind: &str) {
        self.node.set("kind", Some(Node::word(kind)), Style::Plain);
    }

    pub(super) fn set_api_version(&mut self, api_version: &str) {
        self.node.set("apiVersion", Some(Node::word(api_version)), Style::Plain);
    }

    /// Takes over name, namespace, labels, annotations and notes of `other`; own labels and
    /// annotations win, notes of `other` win.
    pub(super) fn take_metadata_of(&mut self, other: &Self) {
        let mut labels = other.labels();
        labels.extend(self.labels());
        self.set_texts("labels", &labels);
        let own = self.annotations();
        let theirs = other.annotations();
        let mut merged = theirs.clone();
        merged.extend(own.clone());
        for note in NOTES {
            match theirs.get(*note) {
                Some(value) => merged.insert((*note).to_owned(), value.clone()),
                None => merged.remove(*note),
            };
        }
        if !own.contains_key(NEEDS_HASH) {
            merged.remove(NEEDS_HASH);
        }
        self.set_annotations(&merged);
        let (name, namespace) = (other.name().to_owned(), other.namespace().to_owned());
        self.set_name(&name);
        self.set_namespace(&namespace);
    }
}

/// The texts of a map's values.
pub(super) fn texts_of(node: Option<&Node>) -> BTreeMap<String, String> {
    match node.map(|node| &node.kind) {
        Some(Kind::Map(fields)) => {
            fields.iter().map(|(key, value)| (key.text().to_owned(), value.text().to_owned())).collect()
        }
        _ => BTreeMap::new(),
    }
}

fn node_start(line: Span) -> usize {
    line.start
}
