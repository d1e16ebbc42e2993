//! Typed values of a kustomization, each error at its place.

use std::collections::BTreeMap;

use super::error::{Fault, RenderError};
use super::field_spec::FieldSpec;
use super::kustomization::{Behavior, Generator, GeneratorOptions, Image, Label, Patch, Replica, Target, Text};
use super::node::{Kind, Node, Scalar, Style};
use crate::names::near_matches;
use crate::source::Source;
use crate::yaml::{Dialect, Resolved, resolve};

/// Reads typed values; every error has the place.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
}

impl Reader<'_> {
    pub(super) fn wrong(&self, node: &Node, expected: &str) -> RenderError {
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

    pub(super) fn check_type(&self, api_version: Option<Text>, kind: Option<Text>) -> Result<(), RenderError> {
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

    pub(super) fn some_text(&self, node: &Node) -> Result<Option<Text>, RenderError> {
        Ok(Some(self.text(node)?).filter(|text| !text.text.is_empty()))
    }

    pub(super) fn string_of(&self, node: &Node, key: &str) -> Result<String, RenderError> {
        node.get(key).map_or(Ok(String::new()), |value| Ok(self.text(value)?.text))
    }

    pub(super) fn texts(&self, node: &Node) -> Result<Vec<Text>, RenderError> {
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

    pub(super) fn pairs(&self, node: &Node) -> Result<BTreeMap<String, String>, RenderError> {
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

    pub(super) fn label(&self, node: &Node) -> Result<Label, RenderError> {
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

    pub(super) fn image(&self, node: &Node) -> Result<Image, RenderError> {
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

    pub(super) fn replica(&self, node: &Node) -> Result<Replica, RenderError> {
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

    pub(super) fn patch(&self, node: &Node) -> Result<Patch, RenderError> {
        self.check_keys(node, "`patches`", &["path", "patch", "target", "options"], &[])?;
        let text = |key: &str| node.get(key).map_or(Ok(None), |value| self.some_text(value));
        let options = node.get("options");
        if let Some(options) = options.filter(|options| !options.is_null()) {
            self.check_keys(options, "`options`", &["allowNameChange", "allowKindChange"], &[])?;
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

    pub(super) fn target(&self, node: &Node) -> Result<Target, RenderError> {
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

    pub(super) fn generator(&self, node: &Node, secret: bool) -> Result<Generator, RenderError> {
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

    pub(super) fn keeps_order(&self, node: &Node) -> Result<bool, RenderError> {
        self.check_keys(node, "`sortOptions`", &["order"], &["legacySortOptions"])?;
        match self.string_of(node, "order")?.as_str() {
            "fifo" => Ok(true),
            "legacy" => Ok(false),
            _ => Err(Fault::new(node.span, "the order must be `legacy` or `fifo`").of(self.source)),
        }
    }

    pub(super) fn generator_options(&self, node: &Node) -> Result<GeneratorOptions, RenderError> {
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
