//! A kustomization file as types. What is not understood is refused with its place.

use std::collections::BTreeMap;

use super::error::{Fault, RenderError};
use super::field_spec::FieldSpec;
use super::node::{Kind, Node};
use super::reader::Reader;
use crate::source::{Source, Span};

/// Fields of kustomize that this renderer does not have.
const UNSUPPORTED: &[&str] = &[
    "openapi",
    "replacements",
    "vars",
    "crds",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
];

/// Fields that are read.
const SUPPORTED: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
    "configurations",
    "namespace",
    "namePrefix",
    "nameSuffix",
    "labels",
    "commonLabels",
    "commonAnnotations",
    "images",
    "imageTags",
    "replicas",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "sortOptions",
];

/// A text and its place in the kustomization.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) span: Span,
}

/// A kustomization or component.
#[derive(Debug, Default)]
pub(super) struct Kustomization {
    pub(super) is_component: bool,
    pub(super) resources: Vec<Text>,
    pub(super) components: Vec<Text>,
    pub(super) configurations: Vec<Text>,
    pub(super) namespace: Option<Text>,
    pub(super) name_prefix: Option<Text>,
    pub(super) name_suffix: Option<Text>,
    pub(super) labels: Vec<Label>,
    pub(super) common_labels: Option<(BTreeMap<String, String>, Span)>,
    pub(super) common_annotations: Option<(BTreeMap<String, String>, Span)>,
    pub(super) images: Vec<Image>,
    pub(super) replicas: Vec<Replica>,
    pub(super) merge_patches: Vec<Text>,
    pub(super) patches: Vec<Patch>,
    pub(super) json_patches: Vec<Patch>,
    pub(super) config_maps: Vec<Generator>,
    pub(super) secrets: Vec<Generator>,
    /// `sortOptions.order: fifo`: objects stay in the order they were listed.
    pub(super) keep_order: bool,
}

/// `labels[]`.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) pairs: BTreeMap<String, String>,
    pub(super) include_selectors: bool,
    pub(super) include_templates: bool,
    pub(super) fields: Vec<FieldSpec>,
    pub(super) span: Span,
}

/// `images[]`; empty texts are not set.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) name: String,
    pub(super) new_name: String,
    pub(super) new_tag: String,
    pub(super) tag_suffix: String,
    pub(super) digest: String,
    pub(super) span: Span,
}

/// `replicas[]`.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) name: String,
    pub(super) count: i64,
    pub(super) span: Span,
}

/// `patches[]` and `patchesJson6902[]`.
#[derive(Debug)]
pub(super) struct Patch {
    pub(super) path: Option<Text>,
    pub(super) inline: Option<Text>,
    pub(super) target: Option<Target>,
    pub(super) allow_name_change: bool,
    pub(super) allow_kind_change: bool,
    pub(super) span: Span,
}

/// `target`; empty texts match everything.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) labels: String,
    pub(super) annotations: String,
    pub(super) span: Span,
}

/// What a generator does with an object that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behavior {
    Create,
    Replace,
    Merge,
}

/// `configMapGenerator[]` and `secretGenerator[]`.
#[derive(Debug)]
pub(super) struct Generator {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) behavior: Behavior,
    /// Type of a Secret; empty for the default.
    pub(super) secret_type: String,
    pub(super) literals: Vec<Text>,
    pub(super) files: Vec<Text>,
    pub(super) envs: Vec<Text>,
    pub(super) options: GeneratorOptions,
    pub(super) span: Span,
}

/// `options` of a generator and `generatorOptions`.
#[derive(Debug, Default, Clone)]
pub(super) struct GeneratorOptions {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) disable_hash: bool,
    pub(super) immutable: bool,
}

impl Kustomization {
    /// Reads the file; `None` for an empty document.
    pub(super) fn read(source: &Source, node: &Node) -> Result<Self, RenderError> {
        let reader = Reader { source };
        let mut found = Self::default();
        let mut options = GeneratorOptions::default();
        let (mut json_patches, mut bases, mut image_tags) = (Vec::new(), Vec::new(), Vec::new());
        let mut empty = true;
        reader.check_keys(node, "a kustomization", SUPPORTED, UNSUPPORTED)?;
        let api_version = node.get("apiVersion").map(|node| reader.text(node)).transpose()?;
        let kind = node.get("kind").map(|node| reader.text(node)).transpose()?;
        found.is_component = kind.as_ref().is_some_and(|kind| kind.text == "Component");
        reader.check_type(api_version, kind)?;
        for (key, value) in node.fields() {
            let null = value.is_null();
            if null || matches!(key.text(), "apiVersion" | "kind") {
                continue;
            }
            empty &= matches!(&value.kind, Kind::Scalar(scalar) if scalar.text.is_empty());
            match key.text() {
                "resources" => found.resources = reader.texts(value)?,
                "bases" => bases = reader.texts(value)?,
                "components" => found.components = reader.texts(value)?,
                "configurations" => found.configurations = reader.texts(value)?,
                "namespace" => found.namespace = reader.some_text(value)?,
                "namePrefix" => found.name_prefix = reader.some_text(value)?,
                "nameSuffix" => found.name_suffix = reader.some_text(value)?,
                "labels" => found.labels = reader.each(value, |item| reader.label(item))?,
                "commonLabels" => found.common_labels = Some((reader.pairs(value)?, value.span)),
                "commonAnnotations" => found.common_annotations = Some((reader.pairs(value)?, value.span)),
                "images" => found.images = reader.each(value, |item| reader.image(item))?,
                "imageTags" => image_tags = reader.each(value, |item| reader.image(item))?,
                "replicas" => found.replicas = reader.each(value, |item| reader.replica(item))?,
                "patches" => found.patches = reader.each(value, |item| reader.patch(item))?,
                "patchesStrategicMerge" => found.merge_patches = reader.texts(value)?,
                "patchesJson6902" => json_patches = reader.each(value, |item| reader.patch(item))?,
                "configMapGenerator" => found.config_maps = reader.each(value, |item| reader.generator(item, false))?,
                "secretGenerator" => found.secrets = reader.each(value, |item| reader.generator(item, true))?,
                "sortOptions" => found.keep_order = reader.keeps_order(value)?,
                "generatorOptions" => options = reader.generator_options(value)?,
                _ => {}
            }
        }
        if empty {
            return Err(Fault::new(node.span, "the kustomization says nothing")
                .help("list at least one file or directory under `resources`")
                .of(source));
        }
        // The older names come last, wherever they stand.
        found.resources.append(&mut bases);
        found.images.append(&mut image_tags);
        found.json_patches = json_patches;
        for generator in found.config_maps.iter_mut().chain(&mut found.secrets) {
            generator.options.fall_back_on(&options);
        }
        Ok(found)
    }
}

impl GeneratorOptions {
    fn fall_back_on(&mut self, general: &Self) {
        for (key, value) in &general.labels {
            self.labels.entry(key.clone()).or_insert_with(|| value.clone());
        }
        for (key, value) in &general.annotations {
            self.annotations.entry(key.clone()).or_insert_with(|| value.clone());
        }
        self.disable_hash |= general.disable_hash;
        self.immutable |= general.immutable;
    }
}
