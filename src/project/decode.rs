//! The merged tree to typed configuration. Every unknown key and wrong value is reported, each with
//! its place.

mod rules;
mod single;

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;

use super::inputs::Inputs;
use super::interpolate::{Evaluator, Failure};
use super::model::{Build, Compiler, Config, Context, Platform, StateProxy};
use super::yaml::{Node, Origin, Value};
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::names::{ContextName, listed, near_matches};
use crate::source::Source;

/// The context that always exists: the embedded mesh on this machine.
pub const LOCAL: &str = "local";

/// Keys of a mapping: those to be listed, and those that are allowed beside them: older words, and
/// keys that other tools own and that pass untouched.
struct Keys {
    read: &'static [&'static str],
    also: &'static [&'static str],
}

const ROOT: Keys = Keys {
    read: &["templates", "compiler", "build", "contexts", "default_context", "platform"],
    also: &["docker", "registry", "readonly"],
};
const COMPILER: Keys = Keys {
    read: &["code", "artifacts", "manifests", "templates", "image_registry", "python_path", "rules", "join"],
    also: &["routers"],
};
const JOIN: Keys = Keys { read: &["state_proxy"], also: &[] };
const STATE_PROXY: Keys = Keys { read: &["image", "env"], also: &[] };
const BUILD: Keys = Keys { read: &["module", "image", "command", "path"], also: &["context"] };
const CONTEXT: Keys = Keys {
    read: &["namespace", "kubectl_context", "gateway_namespace", "gateway", "gateway_url", "gateway_ca", "readonly"],
    also: &["kubecontext", "tempo_url", "grafana_url"],
};
const PLATFORM: Keys = Keys { read: &["generation", "transport"], also: &[] };

/// Whether `key` stands at the top of the configuration and nowhere in a context.
pub(super) fn is_root_key(key: &str) -> bool {
    let in_context = CONTEXT.read.contains(&key) || CONTEXT.also.contains(&key);
    (ROOT.read.contains(&key) || ROOT.also.contains(&key)) && !in_context
}

/// Typed configuration, and what stands in the way of the values left out of it.
pub(super) struct Decoded {
    pub(super) config: Config,
    pub(super) deferred: Vec<Deferred>,
}

/// A value that cannot be evaluated in this run, by its dotted key. It is an error only for who
/// needs it: `asya status` must not fail because a production token is not set.
pub(super) struct Deferred {
    pub(super) key: String,
    pub(super) failure: Failure,
}

/// Decodes `tree`; relative paths are relative to `root`.
pub(super) fn decode(tree: &Node, root: &Path, inputs: &Inputs<'_>) -> Result<Decoded> {
    attempt(tree, root, inputs).map_err(|problems| located("the configuration cannot be used", problems))
}

/// Decodes `tree`, with every problem as it is.
pub(super) fn attempt(tree: &Node, root: &Path, inputs: &Inputs<'_>) -> Result<Decoded, Vec<(Source, Diagnostic)>> {
    let mut decoder = Decoder {
        evaluator: Evaluator { tree, environment: inputs.environment, arguments: inputs.arguments, refers_to: &|_| {} },
        root,
        problems: Vec::new(),
        deferred: Vec::new(),
        circles: BTreeSet::new(),
    };
    let config = decoder.config(tree);
    if decoder.problems.is_empty() {
        return Ok(Decoded { config, deferred: decoder.deferred });
    }
    Err(decoder.problems)
}

/// An error of kind `Project` with diagnostics bundled by file.
pub(super) fn located(headline: &str, problems: Vec<(Source, Diagnostic)>) -> Error {
    let mut files: Vec<(Source, Vec<Diagnostic>)> = Vec::new();
    for (source, diagnostic) in problems {
        match files.iter_mut().find(|(known, _)| known.name() == source.name()) {
            Some((_, diagnostics)) => diagnostics.push(diagnostic),
            None => files.push((source, vec![diagnostic])),
        }
    }
    files
        .into_iter()
        .map(|(source, diagnostics)| SourceDiagnostics::new(&source, diagnostics))
        .fold(Error::project(headline), Error::at)
}

struct Decoder<'a> {
    evaluator: Evaluator<'a>,
    root: &'a Path,
    problems: Vec<(Source, Diagnostic)>,
    deferred: Vec<Deferred>,
    /// Circles of references that were reported, each once.
    circles: BTreeSet<BTreeSet<String>>,
}

impl Decoder<'_> {
    fn config(&mut self, tree: &Node) -> Config {
        let mut config = Config::default();
        let mut default_context = None;
        for entry in self.mapping("", tree, Some(&ROOT)) {
            let (key, node) = (entry.key.as_str(), &entry.node);
            match key {
                "templates" => self.templates(node, &mut config),
                "compiler" => config.compiler = self.compiler(node),
                "build" => config.build = self.build(node),
                "contexts" => self.contexts(node, &mut config),
                "default_context" => {
                    default_context = self.parsed::<ContextName>(key, node).map(|name| (name, node.origin.clone()));
                }
                "platform" => config.platform = self.platform(node),
                _ => {}
            }
        }
        if let Some((name, origin)) = default_context {
            if name.as_str() != LOCAL && !config.contexts.contains_key(&name) {
                let known: Vec<&str> = config.contexts.keys().map(ContextName::as_str).chain([LOCAL]).collect();
                let help = suggestion(name.as_str(), &known, "contexts");
                let message = format!("`default_context` names `{name}`, which is not among `contexts`");
                self.problem(&origin, Diagnostic::error(origin.span, message).help(help));
            }
            config.default_context = Some(name);
        }
        config
    }

    fn templates(&mut self, node: &Node, config: &mut Config) {
        for entry in self.mapping("templates", node, None) {
            let key = format!("templates.{}", entry.key);
            let Some(value) = self.evaluated(&key, &entry.node) else { continue };
            match value.value.scalar() {
                Some(text) => {
                    config.templates.insert(entry.key, text);
                }
                None if value.value == Value::Null => self.wrong(&key, &entry, "needs a value"),
                None => self.wrong(&key, &entry, &format!("must be text or a number, not {}", value.value.kind())),
            }
        }
    }

    fn compiler(&mut self, node: &Node) -> Compiler {
        let mut compiler = Compiler::default();
        for entry in self.mapping("compiler", node, Some(&COMPILER)) {
            let key = format!("compiler.{}", entry.key);
            match entry.key.as_str() {
                "code" => compiler.code = self.flow_path(&key, &entry.node),
                "artifacts" => compiler.artifacts = self.flow_path(&key, &entry.node),
                "manifests" => compiler.manifests = self.flow_path(&key, &entry.node),
                "templates" => compiler.templates = self.path(&key, &entry.node).unwrap_or_default(),
                "image_registry" => compiler.image_registry = self.text(&key, &entry.node),
                "python_path" => compiler.python_path = self.paths(&key, &entry.node),
                "rules" => compiler.rules = self.rules(&key, &entry.node),
                "join" => {
                    for entry in self.mapping(&key, &entry.node, Some(&JOIN)) {
                        compiler.state_proxy = self.state_proxy(&format!("{key}.{}", entry.key), &entry.node);
                    }
                }
                _ => {}
            }
        }
        compiler
    }

    fn state_proxy(&mut self, key: &str, node: &Node) -> Option<StateProxy> {
        let entries = self.mapping(key, node, Some(&STATE_PROXY));
        if entries.is_empty() {
            return None;
        }
        let before = self.problems.len();
        let (mut image, mut env) = (None, Vec::new());
        for entry in entries {
            let key = format!("{key}.{}", entry.key);
            if entry.key == "image" {
                image = self.text(&key, &entry.node);
                continue;
            }
            for variable in self.mapping(&key, &entry.node, None) {
                let key = format!("{key}.{}", variable.key);
                let Some(value) = self.evaluated(&key, &variable.node) else { continue };
                match value.value.scalar() {
                    Some(text) => env.push((variable.key, text)),
                    None => self.wrong(&key, &variable, &format!("must be text, not {}", value.value.kind())),
                }
            }
        }
        if image.is_none() && self.problems.len() == before {
            self.missing(key, node, "image");
        }
        image.map(|image| StateProxy { image, env })
    }

    fn build(&mut self, node: &Node) -> Vec<Build> {
        let mut build: Vec<(Build, Origin)> = Vec::new();
        for (at, item) in self.list("build", node).iter().enumerate() {
            let key = format!("build.{at}");
            let before = self.problems.len() + self.deferred.len();
            let (mut module, mut image) = (None, None);
            let (mut command, mut path) = (None, None);
            for entry in self.mapping(&key, item, Some(&BUILD)) {
                match entry.key.as_str() {
                    "module" => module = self.text(&format!("{key}.module"), &entry.node),
                    "image" => image = self.text(&format!("{key}.image"), &entry.node),
                    "command" => command = self.text(&format!("{key}.command"), &entry.node),
                    "path" => path = self.path(&format!("{key}.path"), &entry.node),
                    _ => {}
                }
            }
            match (module, image) {
                (Some(module), Some(image)) => {
                    self.build_entry(&key, Build { module, image, command, path }, item, &mut build);
                }
                // Whatever kept the value away has been reported already.
                _ if before != self.problems.len() + self.deferred.len() => {}
                (None, _) => self.missing(&key, item, "module"),
                (_, None) => self.missing(&key, item, "image"),
            }
        }
        build.into_iter().map(|(build, _)| build).collect()
    }

    /// One entry a module: a nearer layer replaces that of an outer one, two in one file are a mistake.
    fn build_entry(&mut self, key: &str, entry: Build, item: &Node, known: &mut Vec<(Build, Origin)>) {
        let origin = item.entries().first().map_or(&item.origin, |entry| &entry.at).clone();
        let Some((before, place)) = known.iter_mut().find(|(before, _)| before.module == entry.module) else {
            known.push((entry, origin));
            return;
        };
        if place.source.name() == origin.source.name() && before.image != entry.image {
            let message = format!("`{key}` names the module `{}` a second time, with another image", entry.module);
            let diagnostic = Diagnostic::error(origin.span, message)
                .related(place.span, format!("here it is `{}`", before.image))
                .help("keep one of the two, or name a module inside it: the longest name wins");
            self.problem(&origin, diagnostic);
            return;
        }
        (*before, *place) = (entry, origin);
    }

    fn contexts(&mut self, node: &Node, config: &mut Config) {
        for entry in self.mapping("contexts", node, None) {
            let name = match ContextName::from_str(&entry.key) {
                Ok(name) if name.as_str() != LOCAL => name,
                Ok(_) => {
                    let message = "the context `local` is built in and means this machine; it cannot be configured";
                    let diagnostic = Diagnostic::error(entry.at.span, message).help("give this context another name");
                    self.problem(&entry.at, diagnostic);
                    continue;
                }
                Err(reason) => {
                    self.problem(&entry.at, Diagnostic::error(entry.at.span, reason));
                    continue;
                }
            };
            let context = self.context(name.clone(), &entry.node);
            config.contexts.insert(name, context);
        }
    }

    fn context(&mut self, name: ContextName, node: &Node) -> Context {
        let base = format!("contexts.{name}");
        let mut context = super::bare_context(name);
        let mut old_name = None;
        for entry in self.mapping(&base, node, Some(&CONTEXT)) {
            let key = format!("{base}.{}", entry.key);
            match entry.key.as_str() {
                "namespace" => context.namespace = self.parsed(&key, &entry.node),
                "gateway_namespace" => context.gateway_namespace = self.parsed(&key, &entry.node),
                "kubectl_context" => context.kubectl_context = self.text(&key, &entry.node),
                "kubecontext" => old_name = self.text(&key, &entry.node).map(|value| (value, entry.at.clone())),
                "gateway" => context.gateway = self.text(&key, &entry.node),
                "gateway_url" => {
                    context.gateway_url = self.text(&key, &entry.node);
                    let scheme = |url: &str| url.starts_with("http://") || url.starts_with("https://");
                    if context.gateway_url.as_deref().is_some_and(|url| !scheme(url)) {
                        self.wrong(&key, &entry, "must start with `http://` or `https://`");
                    }
                }
                "gateway_ca" => context.gateway_ca = self.path(&key, &entry.node),
                "readonly" => context.readonly = self.boolean(&key, &entry.node).unwrap_or_default(),
                _ => {}
            }
        }
        match (old_name, &context.kubectl_context) {
            (Some((_, at)), Some(_)) => {
                let message = "`kubecontext` is another word for `kubectl_context`, which is given as well";
                self.problem(&at, Diagnostic::error(at.span, message).help("keep `kubectl_context`"));
            }
            (Some((value, _)), None) => context.kubectl_context = Some(value),
            (None, _) => {}
        }
        context
    }

    fn platform(&mut self, node: &Node) -> Platform {
        let mut platform = Platform::default();
        for entry in self.mapping("platform", node, Some(&PLATFORM)) {
            let key = format!("platform.{}", entry.key);
            match entry.key.as_str() {
                "generation" => platform.generation = self.parsed(&key, &entry.node).unwrap_or_default(),
                "transport" => platform.transport = self.parsed(&key, &entry.node).unwrap_or_default(),
                _ => {}
            }
        }
        platform
    }
}

fn suggestion(given: &str, known: &[&str], what: &str) -> String {
    let near = near_matches(given, known.iter().copied());
    if near.is_empty() { format!("{what}: {}", listed(known)) } else { format!("did you mean {}?", listed(&near)) }
}
