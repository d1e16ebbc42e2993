//! Paths into objects that transformers change, and the configuration that lists them.

use std::sync::LazyLock;

use super::default_fields::{
    ANNOTATIONS, FieldRow, IMAGES, NAMESPACE, REFERENCES, REPLICAS, SELECTOR_LABELS, TEMPLATE_LABELS,
};
use super::error::RenderError;
use super::node::{Kind, Node, Scalar, Tag};
use super::reader::Reader;
use super::resource::{Resource, split_api_version};

/// A path into objects of a group, version and kind; empty ones mean any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldSpec {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) path: String,
    pub(super) create: bool,
}

/// What is made where a path ends at nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Create {
    /// Nothing: missing fields are left alone.
    Nothing,
    /// A map.
    Map,
    /// A single value.
    Scalar,
}

impl FieldSpec {
    fn of(row: &FieldRow) -> Self {
        Self {
            group: row.group.to_owned(),
            version: row.version.to_owned(),
            kind: row.kind.to_owned(),
            path: row.path.to_owned(),
            create: row.create,
        }
    }

    /// A path in every object.
    pub(super) fn anywhere(path: &str, create: bool) -> Self {
        Self { group: String::new(), version: String::new(), kind: String::new(), path: path.to_owned(), create }
    }

    fn matches(&self, resource: &Resource) -> bool {
        let (group, version) = split_api_version(resource.api_version());
        (self.kind.is_empty() || self.kind == resource.kind())
            && (self.group.is_empty() || self.group == group)
            && (self.version.is_empty() || self.version == version)
    }

    /// Calls `set` on every value the path leads to in `resource`, creating fields as it says.
    pub(super) fn apply(
        &self,
        resource: &mut Resource,
        create: Create,
        set: &mut dyn FnMut(&mut Node) -> Result<(), String>,
    ) -> Result<(), String> {
        if !self.matches(resource) {
            return Ok(());
        }
        let path = split_path(&self.path);
        let create = if self.create { create } else { Create::Nothing };
        walk(&mut resource.node, &path, create, set).map_err(|reason| format!("{reason} (at `{}`)", self.path))
    }
}

/// `a/b\/c` as `a` and `b/c`; a leading slash is allowed.
fn split_path(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let path = path.strip_prefix('/').unwrap_or(path);
    for part in path.split('/') {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push('/');
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts
}

fn walk(
    node: &mut Node,
    path: &[String],
    create: Create,
    set: &mut dyn FnMut(&mut Node) -> Result<(), String>,
) -> Result<(), String> {
    let Some((part, rest)) = path.split_first() else { return set(node) };
    if node.is_null() {
        return Ok(());
    }
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().try_for_each(|item| walk(item, path, create, set)),
        Kind::Map(fields) => {
            let (name, is_list) = match part.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (part.as_str(), false),
            };
            if name.is_empty() {
                return Err("the path has an empty field name".to_owned());
            }
            let wanted = match create {
                Create::Nothing => None,
                _ if is_list => None,
                Create::Scalar if rest.is_empty() => Some(Node::scalar("", Tag::Unknown, super::node::Style::Plain)),
                _ => Some(Node::map()),
            };
            let shape = if is_list { Some(Node::list()) } else { wanted.clone() };
            let at = match fields.iter().position(|(key, _)| key.text() == name) {
                Some(at) => at,
                None => match wanted {
                    None => return Ok(()),
                    Some(made) => {
                        fields.push((Node::word(name), made));
                        fields.len() - 1
                    }
                },
            };
            let Some((_, field)) = fields.get_mut(at) else { return Ok(()) };
            if field.is_null()
                && let Some(shape) = shape
            {
                match &mut field.kind {
                    // A null keeps its text when it becomes a value that is set in a moment.
                    Kind::Scalar(scalar) if matches!(shape.kind, Kind::Scalar(_)) => scalar.tag = Tag::Unknown,
                    _ => field.kind = shape.kind,
                }
            }
            walk(field, rest, create, set)
        }
        Kind::Scalar(Scalar { text, .. }) => Err(format!("a map or list is expected instead of `{text}`")),
    }
}

/// A kind that others name, and the fields they name it in.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) fields: Vec<FieldSpec>,
}

/// All paths, defaults and `configurations` together.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldConfig {
    pub(super) name_prefix: Vec<FieldSpec>,
    pub(super) name_suffix: Vec<FieldSpec>,
    pub(super) namespace: Vec<FieldSpec>,
    pub(super) common_labels: Vec<FieldSpec>,
    pub(super) labels: Vec<FieldSpec>,
    pub(super) template_labels: Vec<FieldSpec>,
    pub(super) common_annotations: Vec<FieldSpec>,
    pub(super) images: Vec<FieldSpec>,
    pub(super) replicas: Vec<FieldSpec>,
    pub(super) references: Vec<Reference>,
}

impl FieldConfig {
    /// What kustomize starts from.
    pub(super) fn built_in() -> Self {
        static BUILT_IN: LazyLock<FieldConfig> = LazyLock::new(FieldConfig::of_rows);
        BUILT_IN.clone()
    }

    fn of_rows() -> Self {
        let specs = |rows: &[FieldRow]| rows.iter().map(FieldSpec::of).collect::<Vec<_>>();
        let mut common_labels = specs(SELECTOR_LABELS);
        common_labels.extend(specs(TEMPLATE_LABELS));
        let mut config = Self {
            name_prefix: vec![FieldSpec::anywhere("metadata/name", false)],
            name_suffix: vec![FieldSpec::anywhere("metadata/name", false)],
            namespace: specs(NAMESPACE),
            common_labels,
            labels: Vec::new(),
            template_labels: specs(TEMPLATE_LABELS),
            common_annotations: specs(ANNOTATIONS),
            images: specs(IMAGES),
            replicas: specs(REPLICAS),
            references: REFERENCES
                .iter()
                .map(|row| Reference {
                    group: row.group.to_owned(),
                    version: row.version.to_owned(),
                    kind: row.kind.to_owned(),
                    fields: specs(row.fields),
                })
                .collect(),
        };
        config.sort();
        config
    }

    /// A `configurations` file.
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Result<Self, RenderError> {
        let known = [
            "namePrefix",
            "nameSuffix",
            "namespace",
            "commonLabels",
            "labels",
            "templateLabels",
            "commonAnnotations",
            "nameReference",
            "images",
            "replicas",
        ];
        reader.check_keys(node, "a transformer configuration", &known, &["varReference"])?;
        let specs =
            |key: &str| node.get(key).map_or(Ok(Vec::new()), |list| reader.each(list, |item| reader.field_spec(item)));
        let reference = |item: &Node| {
            reader.check_keys(item, "`nameReference`", &["group", "version", "kind", "fieldSpecs"], &[])?;
            let (group, version, kind) = reader.gvk(item)?;
            let fields = item
                .get("fieldSpecs")
                .map_or(Ok(Vec::new()), |list| reader.each(list, |field| reader.field_spec(field)))?;
            Ok(Reference { group, version, kind, fields })
        };
        Ok(Self {
            name_prefix: specs("namePrefix")?,
            name_suffix: specs("nameSuffix")?,
            namespace: specs("namespace")?,
            common_labels: specs("commonLabels")?,
            labels: specs("labels")?,
            template_labels: specs("templateLabels")?,
            common_annotations: specs("commonAnnotations")?,
            images: specs("images")?,
            replicas: specs("replicas")?,
            references: node.get("nameReference").map_or(Ok(Vec::new()), |list| reader.each(list, reference))?,
        })
    }

    /// Adds what `other` lists and this does not; the error names a path with two meanings.
    pub(super) fn merge(&mut self, other: Self) -> Result<(), String> {
        let mut has_more = false;
        for (known, more) in [
            (&mut self.name_prefix, other.name_prefix),
            (&mut self.name_suffix, other.name_suffix),
            (&mut self.namespace, other.namespace),
            (&mut self.common_labels, other.common_labels),
            (&mut self.labels, other.labels),
            (&mut self.template_labels, other.template_labels),
            (&mut self.common_annotations, other.common_annotations),
            (&mut self.images, other.images),
            (&mut self.replicas, other.replicas),
        ] {
            has_more |= merge_all(known, more)?;
        }
        for reference in other.references {
            let same = |known: &&mut Reference| {
                known.group == reference.group && known.version == reference.version && known.kind == reference.kind
            };
            match self.references.iter_mut().find(same) {
                Some(known) => {
                    merge_all(&mut known.fields, reference.fields)?;
                }
                None => {
                    self.references.push(reference);
                    has_more = true;
                }
            }
        }
        // Every layer brings what is built in once more.
        if has_more {
            self.sort();
        }
        Ok(())
    }

    fn sort(&mut self) {
        for specs in [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.common_annotations,
            &mut self.images,
            &mut self.replicas,
        ] {
            specs.sort_by_cached_key(|spec| sort_key(&spec.group, &spec.version, &spec.kind));
        }
        self.references.sort_by_cached_key(|reference| sort_key(&reference.group, &reference.version, &reference.kind));
    }
}

/// Adds the specs that are not there yet, and answers whether there were any; the error names a path
/// with two meanings.
pub(super) fn merge_all(specs: &mut Vec<FieldSpec>, more: impl IntoIterator<Item = FieldSpec>) -> Result<bool, String> {
    let before = specs.len();
    for spec in more {
        let covers = |known: &&FieldSpec| {
            known.path == spec.path
                && (spec.group.is_empty() || spec.group == known.group)
                && (spec.version.is_empty() || spec.version == known.version)
                && (spec.kind.is_empty() || spec.kind == known.kind)
        };
        match specs.iter().find(covers) {
            Some(known) if known.create != spec.create => {
                return Err(format!("`create` of the path `{}` is said both ways", spec.path));
            }
            Some(_) => {}
            None => specs.push(spec),
        }
    }
    Ok(specs.len() > before)
}

/// Kinds that kustomize puts first, then all others, then those it puts last; within a rank by
/// group, version and kind.
pub(super) fn sort_key(group: &str, version: &str, kind: &str) -> (i32, String) {
    const FIRST: &[&str] = &[
        "Namespace",
        "ResourceQuota",
        "StorageClass",
        "CustomResourceDefinition",
        "ServiceAccount",
        "PodSecurityPolicy",
        "Role",
        "ClusterRole",
        "RoleBinding",
        "ClusterRoleBinding",
        "ConfigMap",
        "Secret",
        "Endpoints",
        "Service",
        "LimitRange",
        "PriorityClass",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Deployment",
        "StatefulSet",
        "CronJob",
        "PodDisruptionBudget",
    ];
    const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
    let rank = match (FIRST.iter().position(|first| *first == kind), LAST.iter().position(|last| *last == kind)) {
        (Some(at), _) => i32::try_from(at).unwrap_or(0) - 100,
        (None, Some(at)) => i32::try_from(at).unwrap_or(0) + 1,
        (None, None) => 0,
    };
    let or = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
    (rank, format!("{}_{}_{}", or(group, "~G"), or(version, "~V"), or(kind, "~K")))
}
