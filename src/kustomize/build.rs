//! From a directory to its objects, in kustomize's order of steps.

use std::collections::HashMap;

use super::FileTree;
use super::convert::Written;
use super::error::{Fault, RenderError};
use super::field_spec::{FieldConfig, FieldSpec, sort_key};
use super::generate::{absorb, add_hash, generate};
use super::kustomization::{Kustomization, Patch, Text};
use super::loader::Loader;
use super::node::{Kind, Node};
use super::patch::{self, Body, Place};
use super::read::{document, documents, text_of};
use super::reader::Reader;
use super::resource::{Key, Resource};
use super::transform::{self, Problem};
use super::{object::Object, references};
use crate::source::{Source, Span};

/// Objects and paths on their way up from a directory.
pub(super) struct Accumulated {
    resources: Vec<Resource>,
    /// Where each object is, while objects are only added.
    places: HashMap<Key, usize>,
    config: FieldConfig,
}

impl Accumulated {
    fn empty() -> Self {
        Self { resources: Vec::new(), places: HashMap::new(), config: FieldConfig::default() }
    }

    /// Adds objects; refuses one that is there already.
    fn extend(&mut self, resources: impl IntoIterator<Item = Resource>) -> Result<(), RenderError> {
        if self.places.len() != self.resources.len() {
            let keys = self.resources.iter().enumerate().map(|(at, resource)| (resource.id().key(), at));
            self.places = keys.collect();
        }
        for resource in resources {
            let at = *self.places.entry(resource.id().key()).or_insert(self.resources.len());
            match self.resources.get(at) {
                Some(other) => return Err(patch::duplicate(other, &resource)),
                None => self.resources.push(resource),
            }
        }
        Ok(())
    }
}

/// Renders the directory `dir` of `tree`.
pub(super) fn render(tree: &dyn FileTree, dir: &std::path::Path) -> Result<Vec<Object>, RenderError> {
    let loader = Loader::new(tree, dir)?;
    let (source, kustomization) = load(&loader)?;
    let mut found = accumulate(&loader, &source, &kustomization, Accumulated::empty())?;
    for resource in &mut found.resources {
        if resource.needs_hash() {
            add_hash(resource).map_err(|reason| at(resource, reason))?;
        }
    }
    if let Err((index, reason)) = references::fix(&mut found.resources, &found.config.references) {
        return Err(match found.resources.get(index) {
            Some(resource) => at(resource, reason),
            None => Fault::new(Span::new(0, 0), reason).of(&source),
        });
    }
    if !kustomization.keep_order {
        sort(&mut found.resources);
    }
    let mut objects = Vec::with_capacity(found.resources.len());
    for mut resource in found.resources {
        let local = resource.annotation("config.kubernetes.io/local-config");
        if local.is_some_and(|value| value != "false") {
            continue;
        }
        resource.finish();
        let value = resource.node.to_json().map_err(|reason| unwritable(&resource, &reason))?;
        objects.push(Object::new(value).map_err(|reason| at(&resource, reason))?);
    }
    Ok(objects)
}

/// Puts what others need first: namespaces, definitions, accounts, …, then by namespace and name.
fn sort(resources: &mut [Resource]) {
    let or = |text: String, none: &str| if text.is_empty() { none.to_owned() } else { text };
    resources.sort_by_cached_key(|resource| {
        let id = resource.id();
        let kind = sort_key(&id.group, &id.version, &id.kind);
        (kind, format!("{}|{}", or(id.namespace, "~X"), or(id.name, "~N")))
    });
}

/// A problem with one object, at the place it was read from.
fn at(resource: &Resource, reason: impl std::fmt::Display) -> RenderError {
    Fault::new(resource.span, format!("{}: {reason}", resource.id())).of(&resource.source)
}

/// A value that cannot be printed, at its place if it is still the one that was read.
fn unwritable(resource: &Resource, reason: &str) -> RenderError {
    let read = documents(&resource.source).unwrap_or_default();
    let misfit = read.iter().filter_map(Node::misfit).find(|span| span.start >= resource.span.start);
    let span = misfit.unwrap_or(resource.span);
    Fault::new(span, format!("{}: {reason}", resource.id())).of(&resource.source)
}

fn load(loader: &Loader<'_>) -> Result<(Source, Kustomization), RenderError> {
    let (name, bytes) = loader.kustomization()?;
    let source = text_of(&name, &bytes)?;
    let Some(node) = document(&source)? else {
        return Err(Fault::new(Span::new(0, 0), "the kustomization is empty")
            .help("list at least one file or directory under `resources`")
            .of(&source));
    };
    let kustomization = Kustomization::read(&source, &node)?;
    Ok((source, kustomization))
}

fn accumulate(
    loader: &Loader<'_>,
    source: &Source,
    kustomization: &Kustomization,
    mut found: Accumulated,
) -> Result<Accumulated, RenderError> {
    found.places.clear();
    for path in &kustomization.resources {
        add_resource(loader, source, path, &mut found)?;
    }
    let conflict = |reason: String| Fault::new(Span::new(0, 0), reason).of(source);
    let mut config = FieldConfig::built_in();
    for path in &kustomization.configurations {
        let (name, bytes) = loader.file(path, source)?;
        let file = text_of(&name, &bytes)?;
        if let Some(node) = document(&file)? {
            let read = FieldConfig::read(&Reader { source: &file }, &node)?;
            config.merge(read).map_err(|reason| Fault::new(path.span, reason).of(source))?;
        }
    }
    found.config.merge(config).map_err(conflict)?;
    for (generators, secret) in [(&kustomization.config_maps, false), (&kustomization.secrets, true)] {
        for generator in generators {
            let load = |path: &Text| Ok(loader.file(path, source)?.1);
            let made = generate(generator, secret, source, &load)?;
            absorb(&mut found.resources, made, generator.behavior)?;
        }
    }
    for path in &kustomization.components {
        if !loader.is_dir(&path.text) {
            return Err(missing(loader, source, path, "components"));
        }
        let inner = loader.directory(path, source)?;
        let (file, component) = load_as(&inner, source, path, true)?;
        let merged = accumulate(&inner, &file, &component, found)?;
        let mut fresh = Accumulated::empty();
        fresh.extend(merged.resources)?;
        fresh.config.merge(merged.config).map_err(conflict)?;
        found = fresh;
    }
    change(loader, source, kustomization, &mut found)?;
    Ok(found)
}

fn load_as(
    inner: &Loader<'_>,
    source: &Source,
    path: &Text,
    component: bool,
) -> Result<(Source, Kustomization), RenderError> {
    let (file, kustomization) = load(inner)?;
    if kustomization.is_component == component {
        return Ok((file, kustomization));
    }
    let (is, list) = if component { ("not a component", "resources") } else { ("a component", "components") };
    Err(Fault::new(path.span, format!("`{}` is {is}", inner.shown()))
        .help(format!("list it under `{list}`"))
        .of(source))
}

fn add_resource(loader: &Loader<'_>, source: &Source, path: &Text, found: &mut Accumulated) -> Result<(), RenderError> {
    if loader.is_file(&path.text) {
        let (name, bytes) = loader.file(path, source)?;
        let file = text_of(&name, &bytes)?;
        return found.extend(objects(&file, documents(&file)?)?);
    }
    if !loader.is_dir(&path.text) {
        return Err(missing(loader, source, path, "resources"));
    }
    let inner = loader.directory(path, source)?;
    let (file, kustomization) = load_as(&inner, source, path, false)?;
    let below = accumulate(&inner, &file, &kustomization, Accumulated::empty())?;
    found.extend(below.resources)?;
    found.config.merge(below.config).map_err(|reason| Fault::new(path.span, reason).of(source))
}

/// A path that is not there: a mistake, or something on the network.
fn missing(loader: &Loader<'_>, source: &Source, path: &Text, field: &str) -> RenderError {
    let remote = path.text.contains("://")
        || path.text.starts_with("git@")
        || path.text.starts_with("github.com")
        || path.text.contains("?ref=");
    if remote {
        return Fault::new(path.span, "resources from the network are not built in").unsupported(source, field);
    }
    let shown = if path.text.is_empty() { "an empty path".to_owned() } else { format!("`{}`", path.text) };
    Fault::new(path.span, format!("{shown} is not there"))
        .note(format!("looked for a file or directory in `{}`", loader.shown()))
        .help("correct the path, or remove the line")
        .of(source)
}

/// The objects of a file's documents; lists of objects count as their elements.
pub(super) fn objects(source: &Source, documents: Vec<Node>) -> Result<Vec<Resource>, RenderError> {
    let single = documents.len() == 1;
    let mut queue: std::collections::VecDeque<Node> = documents.into();
    let mut found = Vec::new();
    while let Some(node) = queue.pop_front() {
        if node.is_empty() {
            continue;
        }
        let wrong =
            |message: &str, help: &str| Err(Fault::new(first_line(&node, source), message).help(help).of(source));
        if !node.is_map() {
            return wrong("this is not an object", "a manifest has `apiVersion`, `kind` and `metadata.name`");
        }
        let kind = node.get("kind").map_or("", Node::text).to_owned();
        if kind.is_empty() {
            return wrong("the object has no `kind`", "add `kind`, or remove the file from `resources`");
        }
        if kind.ends_with("List")
            && let Some(items) = node.get("items")
        {
            match &items.kind {
                Kind::List(items) if single && kind == "List" => queue.extend(items.iter().cloned()),
                Kind::List(items) => {
                    for item in items {
                        let value = item.clone().decode().map_err(|reason| Fault::new(item.span, reason).of(source))?;
                        let mut element = Node::from_json(&value, Written::AsJson);
                        element.span = item.span;
                        queue.push_back(element);
                    }
                }
                _ if items.is_null() => {}
                _ => return wrong("the `items` of this list are not a list", "write them with `- `"),
            }
            continue;
        }
        if !kind.ends_with("List") && node.at(&["metadata", "name"]).is_none_or(|name| name.text().is_empty()) {
            return wrong("the object has no `metadata.name`", "give it a name");
        }
        found.push(Resource::new(node, source));
    }
    Ok(found)
}

fn first_line(node: &Node, source: &Source) -> Span {
    source.line_span(source.line_of(node.span.start))
}

/// Runs the transformers of one kustomization.
fn change(
    loader: &Loader<'_>,
    source: &Source,
    kustomization: &Kustomization,
    found: &mut Accumulated,
) -> Result<(), RenderError> {
    for text in &kustomization.merge_patches {
        let place = Place { source, span: text.span };
        let inline = text.text.contains('\n') || !loader.is_file(&text.text);
        let (file, nodes) = patch_text(loader, source, text, inline)?;
        for one in objects(&file, nodes)? {
            patch::apply_listed(&mut found.resources, &one, &place)?;
        }
    }
    for one in &kustomization.patches {
        apply_patch(loader, source, one, found)?;
    }
    let resources = &mut found.resources;
    let config = &found.config;
    if let Some(namespace) = &kustomization.namespace {
        let done = transform::namespace(resources, &namespace.text, config);
        located(done, resources, source, namespace.span)?;
    }
    if let Some(prefix) = &kustomization.name_prefix {
        let done = transform::affix(resources, &prefix.text, true, &config.name_prefix);
        located(done, resources, source, prefix.span)?;
    }
    if let Some(suffix) = &kustomization.name_suffix {
        let done = transform::affix(resources, &suffix.text, false, &config.name_suffix);
        located(done, resources, source, suffix.span)?;
    }
    for label in &kustomization.labels {
        let done = transform::labels(resources, label, config);
        located(done, resources, source, label.span)?;
    }
    for (texts, specs) in [
        (&kustomization.common_labels, &config.common_labels),
        (&kustomization.common_annotations, &config.common_annotations),
    ] {
        if let Some((texts, span)) = texts {
            let done = transform::texts(resources, texts, specs);
            located(done, resources, source, *span)?;
        }
    }
    for one in &kustomization.json_patches {
        apply_patch(loader, source, one, found)?;
    }
    let replicas: Vec<FieldSpec> = found.config.replicas.clone();
    let images: Vec<FieldSpec> = found.config.images.clone();
    let resources = &mut found.resources;
    for replica in &kustomization.replicas {
        let done = transform::replicas(resources, replica, &replicas);
        located(done, resources, source, replica.span)?;
    }
    for image in &kustomization.images {
        let done = transform::images(resources, image, &images);
        located(done, resources, source, image.span)?;
    }
    Ok(())
}

fn located(done: Result<(), Problem>, resources: &[Resource], source: &Source, span: Span) -> Result<(), RenderError> {
    done.map_err(|problem| match problem.resource.and_then(|index| resources.get(index)) {
        Some(resource) => Fault::new(span, format!("{}: {}", resource.id(), problem.reason))
            .also(&resource.source, resource.span, "the object")
            .of(source),
        None => Fault::new(span, problem.reason).of(source),
    })
}

fn apply_patch(loader: &Loader<'_>, source: &Source, one: &Patch, found: &mut Accumulated) -> Result<(), RenderError> {
    let place = Place { source, span: one.span };
    let (text, inline) = match (&one.path, &one.inline) {
        (Some(path), _) => (path, false),
        (None, Some(text)) => (text, true),
        (None, None) => return Ok(()),
    };
    let (file, nodes) = patch_text(loader, source, text, inline)?;
    let body = Body::read(&file, nodes)?;
    patch::apply(&mut found.resources, one, body, &place)
}

/// The documents of a patch that is a file or stands in the kustomization itself.
fn patch_text(
    loader: &Loader<'_>,
    source: &Source,
    text: &Text,
    inline: bool,
) -> Result<(Source, Vec<Node>), RenderError> {
    let file = if inline {
        let line = source.line_of(text.span.start);
        Source::new(format!("{} (patch in line {line})", source.name()), text.text.trim())
    } else {
        let (name, bytes) = loader.file(text, source)?;
        text_of(&name, &bytes)?
    };
    let nodes = documents(&file)?;
    Ok((file, nodes))
}
