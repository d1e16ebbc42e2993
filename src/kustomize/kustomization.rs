//! A kustomization file as types. What is not understood is refused with its place.

use std::collections::BTreeMap;

use super::error::{Fault, RenderError};
use super::field_spec::FieldSpec;
use super::node::{Kind, Node, Scalar, Style};
use crate::names::near_matches;
use crate::source::{Source, Span};
use crate::yaml::{Dialect, Resolved, resolve};

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

/// Reads typed values; every error has the place.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
}

impl Reader<'_> {
    fn wrong(&self, node: &Node, expected: &str) -> RenderError {
        Fault::new(node.span, format!("this must be {expected}, not {}", node.what())).of(self.source)
    }

    /// Refuses keys that are not in `known`.
    pub(super) fn check_keys(
        &self,
        node: &Node,
        what: &str,
        known: &[&str],
        unsupported: &[&'static str],
    ) -> Result<(), RenderError> {
        if !node.is_map() {
            return Err(self.wrong(node, "a map"));
        }
        for (key, value) in node.fields() {
            let name = key.text();
            if known.contains(&name) {
                continue;
            }
            // kustomize reads names of fields without regard to case.
            let found = unsupported.iter().chain(known).find(|known| known.eq_ignore_ascii_case(name));
            if found.is_some() {
                if value.is_empty() {
                    continue;
                }
                return Err(Fault::new(key.span, format!("`{name}` is not built in")).unsupported(self.source, name));
            }
            let near = near_matches(name, known.iter().copied());
            let help = near.first().map(|near| format!("write `{near}`"));
            return Err(Fault::new(key.span, format!("`{name}` is not a field of {what}"))
                .help_opt(help)
                .of(self.source));
        }
        Ok(())
    }

    fn check_type(&self, api_version: Option<Text>, kind: Option<Text>) -> Result<(), RenderError> {
        let component = kind.as_ref().is_some_and(|kind| kind.text == "Component");
        if let Some(kind) = kind.filter(|kind| !matches!(kind.text.as_str(), "" | "Kustomization" | "Component")) {
            return Err(Fault::new(kind.span, "the kind must be `Kustomization` or `Component`").of(self.source));
        }
        let wanted = if component { "kustomize.config.k8s.io/v1alpha1" } else { "kustomize.config.k8s.io/v1beta1" };
        match api_version {
            Some(version) if !version.text.is_empty() && version.text != wanted => {
                Err(Fault::new(version.span, format!("the apiVersion must be `{wanted}`")).of(self.source))
            }
            _ => Ok(()),
        }
    }

    /// A string; numbers, booleans and dates must be quoted, as kustomize wants it.
    pub(super) fn text(&self, node: &Node) -> Result<Text, RenderError> {
        let Kind::Scalar(scalar) = &node.kind else { return Err(self.wrong(node, "a string")) };
        if node.is_null() {
            return Ok(Text { text: String::new(), span: node.span });
        }
        if is_other_than_string(scalar) {
            return Err(Fault::new(node.span, "this must be a string")
                .note(format!("YAML reads `{}` as something else", scalar.text))
                .help(format!("write `\"{}\"`", scalar.text))
                .of(self.source));
        }
        Ok(Text { text: scalar.text.clone(), span: node.span })
    }

    fn some_text(&self, node: &Node) -> Result<Option<Text>, RenderError> {
        Ok(Some(self.text(node)?).filter(|text| !text.text.is_empty()))
    }

    fn string_of(&self, node: &Node, key: &str) -> Result<String, RenderError> {
        node.get(key).map_or(Ok(String::new()), |value| Ok(self.text(value)?.text))
    }

    fn texts(&self, node: &Node) -> Result<Vec<Text>, RenderError> {
        self.each(node, |item| self.text(item))
    }

    /// A list, element by element.
    pub(super) fn each<T>(
        &self,
        node: &Node,
        read: impl Fn(&Node) -> Result<T, RenderError>,
    ) -> Result<Vec<T>, RenderError> {
        match &node.kind {
            Kind::List(items) => items.iter().map(read).collect(),
            _ if node.is_null() => Ok(Vec::new()),
            _ => Err(self.wrong(node, "a list")),
        }
    }

    fn pairs(&self, node: &Node) -> Result<BTreeMap<String, String>, RenderError> {
        if node.is_null() {
            return Ok(BTreeMap::new());
        }
        if !node.is_map() {
            return Err(self.wrong(node, "a map of strings"));
        }
        node.fields().iter().map(|(key, value)| Ok((self.text(key)?.text, self.text(value)?.text))).collect()
    }

    pub(super) fn flag(&self, node: Option<&Node>) -> Result<bool, RenderError> {
        let Some(node) = node else { return Ok(false) };
        match &node.kind {
            Kind::Scalar(_) if node.is_null() => Ok(false),
            Kind::Scalar(Scalar { text, style: Style::Plain, .. }) => match resolve(text, Dialect::V2) {
                Resolved::Bool(flag) => Ok(flag),
                _ => Err(self.wrong(node, "`true` or `false`")),
            },
            _ => Err(self.wrong(node, "`true` or `false`")),
        }
    }

    fn label(&self, node: &Node) -> Result<Label, RenderError> {
        self.check_keys(node, "`labels`", &["pairs", "includeSelectors", "includeTemplates", "fields"], &[])?;
        Ok(Label {
            pairs: node.get("pairs").map_or(Ok(BTreeMap::new()), |pairs| self.pairs(pairs))?,
            include_selectors: self.flag(node.get("includeSelectors"))?,
            include_templates: self.flag(node.get("includeTemplates"))?,
            fields: node
                .get("fields")
                .map_or(Ok(Vec::new()), |fields| self.each(fields, |field| self.field_spec(field)))?,
            span: node.span,
        })
    }

    /// `{group, version, kind, path, create}`.
    pub(super) fn field_spec(&self, node: &Node) -> Result<FieldSpec, RenderError> {
        self.check_keys(node, "a field", &["group", "version", "kind", "path", "create"], &[])?;
        Ok(FieldSpec {
            group: self.string_of(node, "group")?,
            version: self.string_of(node, "version")?,
            kind: self.string_of(node, "kind")?,
            path: self.string_of(node, "path")?,
            create: self.flag(node.get("create"))?,
        })
    }

    /// `group`, `version`, `kind` of a node.
    pub(super) fn gvk(&self, node: &Node) -> Result<(String, String, String), RenderError> {
        Ok((self.string_of(node, "group")?, self.string_of(node, "version")?, self.string_of(node, "kind")?))
    }

    fn image(&self, node: &Node) -> Result<Image, RenderError> {
        self.check_keys(node, "`images`", &["name", "newName", "newTag", "tagSuffix", "digest"], &[])?;
        Ok(Image {
            name: self.string_of(node, "name")?,
            new_name: self.string_of(node, "newName")?,
            new_tag: self.string_of(node, "newTag")?,
            tag_suffix: self.string_of(node, "tagSuffix")?,
            digest: self.string_of(node, "digest")?,
            span: node.span,
        })
    }

    fn replica(&self, node: &Node) -> Result<Replica, RenderError> {
        self.check_keys(node, "`replicas`", &["name", "count"], &[])?;
        let count = match node.get("count") {
            None => 0,
            Some(count) => match resolve(count.text(), Dialect::V2) {
                Resolved::Int(count) => count,
                _ => return Err(self.wrong(count, "a whole number")),
            },
        };
        Ok(Replica { name: self.string_of(node, "name")?, count, span: node.span })
    }

    fn patch(&self, node: &Node) -> Result<Patch, RenderError> {
        self.check_keys(node, "`patches`", &["path", "patch", "target", "options"], &[])?;
        let text = |key: &str| node.get(key).map_or(Ok(None), |value| self.some_text(value));
        let options = node.get("options");
        if let Some(options) = options.filter(|options| !options.is_null()) {
            if !options.is_map() {
                return Err(self.wrong(options, "a map"));
            }
            for (_, value) in options.fields() {
                self.flag(Some(value))?;
            }
        }
        let option = |key: &str| self.flag(options.and_then(|options| options.get(key)));
        let patch = Patch {
            path: text("path")?,
            inline: text("patch")?.filter(|patch| !patch.text.trim().is_empty()),
            target: node.get("target").filter(|target| !target.is_null()).map(|node| self.target(node)).transpose()?,
            allow_name_change: option("allowNameChange")?,
            allow_kind_change: option("allowKindChange")?,
            span: node.span,
        };
        match (&patch.path, &patch.inline) {
            (None, None) => Err(Fault::new(node.span, "the patch has neither `path` nor `patch`").of(self.source)),
            (Some(path), Some(_)) => {
                Err(Fault::new(path.span, "the patch has both `path` and `patch`").help("keep one").of(self.source))
            }
            _ => Ok(patch),
        }
    }

    fn target(&self, node: &Node) -> Result<Target, RenderError> {
        let known = ["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"];
        self.check_keys(node, "`target`", &known, &[])?;
        Ok(Target {
            group: self.string_of(node, "group")?,
            version: self.string_of(node, "version")?,
            kind: self.string_of(node, "kind")?,
            name: self.string_of(node, "name")?,
            namespace: self.string_of(node, "namespace")?,
            labels: self.string_of(node, "labelSelector")?,
            annotations: self.string_of(node, "annotationSelector")?,
            span: node.span,
        })
    }

    fn generator(&self, node: &Node, secret: bool) -> Result<Generator, RenderError> {
        let mut known = vec!["name", "namespace", "behavior", "literals", "files", "envs", "env", "options"];
        if secret {
            known.push("type");
        }
        self.check_keys(node, "a generator", &known, &[])?;
        let texts = |key: &str| node.get(key).map_or(Ok(Vec::new()), |value| self.texts(value));
        let behavior = self.string_of(node, "behavior")?;
        let mut envs = texts("envs")?;
        if let Some(env) = node.get("env") {
            envs.extend(self.some_text(env)?);
        }
        let name = self.string_of(node, "name")?;
        if name.is_empty() {
            return Err(Fault::new(node.span, "the generator has no `name`").of(self.source));
        }
        Ok(Generator {
            name,
            namespace: self.string_of(node, "namespace")?,
            behavior: match behavior.as_str() {
                "replace" => Behavior::Replace,
                "merge" => Behavior::Merge,
                _ => Behavior::Create,
            },
            secret_type: self.string_of(node, "type")?,
            literals: texts("literals")?,
            files: texts("files")?,
            envs,
            options: node
                .get("options")
                .map_or(Ok(GeneratorOptions::default()), |node| self.generator_options(node))?,
            span: node.span,
        })
    }

    fn keeps_order(&self, node: &Node) -> Result<bool, RenderError> {
        self.check_keys(node, "`sortOptions`", &["order"], &["legacySortOptions"])?;
        match self.string_of(node, "order")?.as_str() {
            "fifo" => Ok(true),
            "legacy" => Ok(false),
            _ => Err(Fault::new(node.span, "the order must be `legacy` or `fifo`").of(self.source)),
        }
    }

    fn generator_options(&self, node: &Node) -> Result<GeneratorOptions, RenderError> {
        if node.is_null() {
            return Ok(GeneratorOptions::default());
        }
        let known = ["labels", "annotations", "disableNameSuffixHash", "immutable"];
        self.check_keys(node, "`generatorOptions`", &known, &[])?;
        let pairs = |key: &str| node.get(key).map_or(Ok(BTreeMap::new()), |value| self.pairs(value));
        Ok(GeneratorOptions {
            labels: pairs("labels")?,
            annotations: pairs("annotations")?,
            disable_hash: self.flag(node.get("disableNameSuffixHash"))?,
            immutable: self.flag(node.get("immutable"))?,
        })
    }
}

/// Whether the reader of kustomization files sees something else than a string.
fn is_other_than_string(scalar: &Scalar) -> bool {
    scalar.style == Style::Plain
        && !matches!(resolve(&scalar.text, Dialect::V2), Resolved::Str | Resolved::Timestamp(_))
}
