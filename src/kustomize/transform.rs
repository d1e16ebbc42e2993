//! The transformers that set names, namespaces, labels, annotations, images and replicas.

use std::collections::{BTreeMap, HashMap};

use regex_lite::Regex;

use super::field_spec::{Create, FieldConfig, FieldSpec, merge_all};
use super::kustomization::{Image, Label, Replica};
use super::node::{Kind, Node, Scalar, Style, Tag};
use super::resource::{PREFIXES, Resource, SUFFIXES};

/// Kinds whose names get neither prefix nor suffix: group, kind.
const KEEP_NAME: &[(&str, &str)] =
    &[("", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService"), ("", "Namespace")];

/// A problem with one object of the list, or with none in particular.
pub(super) struct Problem {
    pub(super) resource: Option<usize>,
    pub(super) reason: String,
}

impl Problem {
    fn at(index: usize) -> impl Fn(String) -> Self {
        move |reason| Self { resource: Some(index), reason }
    }

    fn general(reason: String) -> Self {
        Self { resource: None, reason }
    }
}

fn set_scalar(node: &mut Node, value: Node) -> Result<(), String> {
    match &node.kind {
        Kind::Scalar(_) => {
            node.replace_keeping_style(value);
            Ok(())
        }
        _ => Err(format!("a single value is expected instead of {}", node.what())),
    }
}

/// `namespace`.
pub(super) fn namespace(resources: &mut [Resource], namespace: &str, config: &FieldConfig) -> Result<(), Problem> {
    let mut there: HashMap<_, usize> = HashMap::with_capacity(resources.len());
    for resource in resources.iter() {
        *there.entry(resource.id().key()).or_default() += 1;
    }
    for (index, resource) in resources.iter_mut().enumerate() {
        there.entry(resource.id().key()).and_modify(|times| *times -= 1);
        resource.store_id();
        set_namespace(resource, namespace, config).map_err(Problem::at(index))?;
        let id = resource.id();
        let times = there.entry(id.clone().key()).or_default();
        *times += 1;
        if *times > 1 {
            return Err(Problem { resource: Some(index), reason: format!("another object becomes {id} as well") });
        }
    }
    Ok(())
}

fn set_namespace(resource: &mut Resource, namespace: &str, config: &FieldConfig) -> Result<(), String> {
    let id = resource.id();
    let mut set = |node: &mut Node| set_scalar(node, Node::string(namespace));
    if !id.is_cluster_scoped() {
        FieldSpec::anywhere("metadata/namespace", true).apply(resource, Create::Scalar, &mut set)?;
    }
    let binding = matches!(id.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
    if binding && let Some(subjects) = resource.node.get_mut("subjects").filter(|subjects| !subjects.is_null()) {
        set_in_subjects(subjects, namespace)?;
    }
    for spec in &config.namespace {
        let subjects =
            matches!(spec.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") && spec.path == "subjects/namespace";
        if spec.path == "metadata/namespace"
            || (spec.path == "metadata/name" && resource.api_version() != "v1")
            || (binding && subjects)
        {
            continue;
        }
        spec.apply(resource, Create::Scalar, &mut set)?;
    }
    Ok(())
}

/// The namespace of the subjects called `default`.
fn set_in_subjects(subjects: &mut Node, namespace: &str) -> Result<(), String> {
    let Kind::List(items) = &mut subjects.kind else {
        return Err(format!("`subjects` must be a list, not {}", subjects.what()));
    };
    for subject in items {
        if !subject.is_map() {
            return Err(format!("a subject must be a map, not {}", subject.what()));
        }
        if subject.get("name").is_none_or(|name| name.text() != "default") {
            continue;
        }
        match subject.get_mut("namespace") {
            Some(node) => set_scalar(node, Node::string(namespace))?,
            None => subject.set("namespace", Some(Node::string(namespace)), Style::Plain),
        }
    }
    Ok(())
}

/// `namePrefix` or `nameSuffix`.
pub(super) fn affix(resources: &mut [Resource], text: &str, prefix: bool, specs: &[FieldSpec]) -> Result<(), Problem> {
    for (index, resource) in resources.iter_mut().enumerate() {
        let id = resource.original_id();
        if KEEP_NAME.iter().any(|(group, kind)| id.is_selected(group, "", kind)) {
            continue;
        }
        for spec in specs {
            if !id.is_selected(&spec.group, &spec.version, &spec.kind) {
                continue;
            }
            if spec.path == "metadata/name" {
                resource.append_csv(if prefix { PREFIXES } else { SUFFIXES }, text);
                resource.store_id();
            }
            let mut set = |node: &mut Node| {
                let name = if prefix { format!("{text}{}", node.text()) } else { format!("{}{text}", node.text()) };
                set_scalar(node, Node::word(name))
            };
            spec.apply(resource, Create::Scalar, &mut set).map_err(Problem::at(index))?;
        }
    }
    Ok(())
}

/// One entry of `labels`.
pub(super) fn labels(resources: &mut [Resource], label: &Label, config: &FieldConfig) -> Result<(), Problem> {
    let mut specs = label.fields.clone();
    let merged = merge_all(&mut specs, config.labels.clone()).and_then(|_| {
        if label.include_selectors {
            return merge_all(&mut specs, config.common_labels.clone());
        }
        if label.include_templates {
            merge_all(&mut specs, config.template_labels.clone())?;
        }
        merge_all(&mut specs, [FieldSpec::anywhere("metadata/labels", true)])
    });
    merged.map_err(Problem::general)?;
    texts(resources, &label.pairs, &specs)
}

/// `commonLabels` or `commonAnnotations`: the texts at every path.
pub(super) fn texts(
    resources: &mut [Resource],
    texts: &BTreeMap<String, String>,
    specs: &[FieldSpec],
) -> Result<(), Problem> {
    for (index, resource) in resources.iter_mut().enumerate() {
        for (key, value) in texts {
            let number = resource.next_shared();
            let mut changed: Vec<Scalar> = Vec::new();
            let mut set = |node: &mut Node| {
                if !node.is_map() {
                    return Err(format!("a map is expected instead of {}", node.what()));
                }
                let mut text = Node::string(value);
                if let Kind::Scalar(scalar) = &mut text.kind {
                    scalar.shared = number;
                }
                node.set(key, Some(text), Style::Plain);
                let set = node.get(key).and_then(Node::shared_scalar).filter(|value| value.shared != number);
                changed.extend(set.cloned());
                Ok(())
            };
            for spec in specs {
                spec.apply(resource, Create::Map, &mut set).map_err(Problem::at(index))?;
            }
            changed.iter().for_each(|value| resource.node.share(value));
        }
    }
    Ok(())
}

/// One entry of `replicas`.
pub(super) fn replicas(resources: &mut [Resource], replica: &Replica, specs: &[FieldSpec]) -> Result<(), Problem> {
    let mut found = false;
    for spec in specs {
        for (index, resource) in resources.iter_mut().enumerate() {
            let ids = resource.earlier_ids().into_iter().chain([resource.id()]);
            let mut ids = ids.filter(|id| id.name == replica.name);
            if !ids.any(|id| id.is_selected(&spec.group, &spec.version, &spec.kind)) {
                continue;
            }
            found = true;
            let mut set =
                |node: &mut Node| set_scalar(node, Node::scalar(replica.count.to_string(), Tag::Plain, Style::Plain));
            spec.apply(resource, Create::Scalar, &mut set).map_err(Problem::at(index))?;
        }
    }
    if found {
        return Ok(());
    }
    Err(Problem::general(format!("no object named `{}` has replicas", replica.name)))
}

/// One entry of `images`.
pub(super) fn images(resources: &mut [Resource], image: &Image, specs: &[FieldSpec]) -> Result<(), Problem> {
    let pattern = format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", image.name);
    let pattern =
        Regex::new(&pattern).map_err(|_| Problem::general(format!("`{}` is not a regular expression", image.name)))?;
    let mut set = |node: &mut Node| match &node.kind {
        Kind::Scalar(Scalar { text, .. }) if pattern.is_match(text) => {
            let text = changed_image(text, image);
            set_scalar(node, Node::word(text))
        }
        Kind::Scalar(_) => Ok(()),
        _ => Err(format!("an image is expected instead of {}", node.what())),
    };
    for (index, resource) in resources.iter_mut().enumerate() {
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        containers(&mut resource.node, &mut set).map_err(Problem::at(index))?;
    }
    for (index, resource) in resources.iter_mut().enumerate() {
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        for spec in specs {
            spec.apply(resource, Create::Nothing, &mut set).map_err(Problem::at(index))?;
        }
    }
    Ok(())
}

/// Images in every list called `containers` or `initContainers`, wherever it stands.
fn containers(node: &mut Node, set: &mut dyn FnMut(&mut Node) -> Result<(), String>) -> Result<(), String> {
    match &mut node.kind {
        Kind::Scalar(_) => Ok(()),
        Kind::List(items) => items.iter_mut().try_for_each(|item| containers(item, set)),
        Kind::Map(fields) => fields.iter_mut().try_for_each(|(key, value)| {
            containers(value, set)?;
            if !matches!(key.text(), "containers" | "initContainers") {
                return Ok(());
            }
            let Kind::List(items) = &mut value.kind else { return Ok(()) };
            items.iter_mut().try_for_each(|item| {
                if !item.is_map() && !item.is_null() {
                    return Err(format!("a container is expected instead of {}", item.what()));
                }
                item.get_mut("image").map_or(Ok(()), &mut *set)
            })
        }),
    }
}

fn changed_image(text: &str, image: &Image) -> String {
    let (mut name, mut tag, mut digest) = split_image(text);
    if !image.new_name.is_empty() {
        name.clone_from(&image.new_name);
    }
    match (image.new_tag.is_empty(), image.digest.is_empty()) {
        (false, false) => (tag, digest) = (image.new_tag.clone(), image.digest.clone()),
        (false, true) => (tag, digest) = (image.new_tag.clone(), String::new()),
        (true, false) => (tag, digest) = (String::new(), image.digest.clone()),
        (true, true) if !image.tag_suffix.is_empty() => {
            tag.push_str(&image.tag_suffix);
            digest.clear();
        }
        (true, true) => {}
    }
    if !tag.is_empty() {
        name = format!("{name}:{tag}");
    }
    if !digest.is_empty() {
        name = format!("{name}@{digest}");
    }
    name
}

/// `registry/name:tag@digest` as name, tag and digest.
fn split_image(text: &str) -> (String, String, String) {
    let start = text.find('/').filter(|at| *at > 0).unwrap_or(0);
    let rest = &text[start..];
    let at = rest.find('@').map(|at| at + start);
    let colon = rest.find(':').map(|at| at + start);
    let strip = |text: &str, prefix: char| text.strip_prefix(prefix).unwrap_or(text).to_owned();
    match (at, colon) {
        (None, None) => (text.to_owned(), String::new(), String::new()),
        (Some(at), colon) if colon.is_none_or(|colon| at < colon) => {
            (text[..at].to_owned(), String::new(), strip(&text[at..], '@'))
        }
        (Some(at), Some(colon)) => (text[..colon].to_owned(), strip(&text[colon..at], ':'), strip(&text[at..], '@')),
        (_, Some(colon)) => (text[..colon].to_owned(), strip(&text[colon..], ':'), String::new()),
        (Some(_), None) => (text.to_owned(), String::new(), String::new()),
    }
}
