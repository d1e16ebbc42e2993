//! The project on disk: discovery, layered configuration, the flow registry, edits that keep comments.

mod assign;
mod compiled;
mod decode;
mod discover;
mod disk_tree;
mod dockerfile;
pub mod edit;
mod flows;
mod inputs;
mod interpolate;
mod key_path;
mod layer;
mod model;
mod modules;
mod overrides;
mod paths;
mod python;
mod skaffold;
mod text;
mod trust;
mod values;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use assign::{Action, Assigned, AssignedValue, Assignment, assign};
pub use compiled::{Compiled, Freshness, GraphActor, sha256};
pub use decode::LOCAL;
pub use discover::{Discovery, MARKER, discover};
pub use disk_tree::DiskTree;
pub use dockerfile::{DockerContext, docker_contexts};
pub use flows::FlowRecord;
pub use inputs::Inputs;
pub use key_path::KeyPath;
pub use model::{Build, Compiler, Config, Context, Generation, Platform, StateProxy, Transport};
pub use modules::{DiskModules, ModuleCache, python_text};
pub use overrides::OVERRIDE_PREFIX;
pub use paths::FlowPaths;
pub use python::{module_name, package_root, python_files, python_modules};
pub use skaffold::{SkaffoldArtifact, skaffold_artifacts};
pub use text::read_source;
pub use values::{Provenance, Setting};

use crate::error::{Error, Result};
use crate::names::{ContextName, FlowName, listed, near_matches};
use decode::{Decoded, Deferred, located};
use layer::Loaded;
use trust::Trust;
use yaml::Node;

/// A project: its root, its configuration, its flows.
pub struct Project {
    root: PathBuf,
    layers: Vec<PathBuf>,
    tree: Node,
    config: Config,
    deferred: Vec<Deferred>,
    local: Option<Context>,
    /// Read when somebody asks first.
    skaffold: OnceLock<Result<Vec<SkaffoldArtifact>>>,
}

impl Project {
    /// Finds the project around `start` (a directory) and reads its configuration. `environment`
    /// answers `${env:NAME}`. The error (kind `Project`) lists the searched directories, or shows
    /// every problem of the configuration files in its place.
    pub fn find(start: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        Self::find_with(start, &Inputs::files_only(environment))
    }

    /// [`find`](Self::find) with keys that environment variables set.
    pub fn find_with(start: &Path, inputs: &Inputs<'_>) -> Result<Self> {
        let found = discover(start)?;
        let (root, loaded) = read(start, &found)?;
        let set = overrides::trees(inputs.overrides, &loaded.tree)?;
        let tree = set.into_iter().fold(loaded.tree, layer::merge);
        Self::of_tree(root, found.layers, tree, inputs)
    }

    /// The project whose configuration says `tree`.
    fn of_tree(root: PathBuf, layers: Vec<PathBuf>, tree: Node, inputs: &Inputs<'_>) -> Result<Self> {
        let Decoded { config, deferred } = decode::decode(&tree, &root, inputs)?;
        let local = ContextName::new(LOCAL).ok().map(bare_context);
        let project = Self { root, layers, tree, config, deferred, local, skaffold: OnceLock::new() };
        project.check_paths()?;
        Ok(project)
    }

    /// The directory that holds the nearest `.asya/`; absolute, without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The outermost directory whose `.asya/` takes part in the configuration; the root itself
    /// where there is only one. Inherited paths may lie there.
    pub fn outermost(&self) -> &Path {
        self.layers.first().unwrap_or(&self.root)
    }

    /// All directories whose `.asya/` takes part, outermost first.
    pub fn layers(&self) -> &[PathBuf] {
        &self.layers
    }

    /// The typed configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// `requested`, else `default_context`, else none. The name `local` always exists and means
    /// the embedded mesh on this machine. An unknown name, and a context with a value that cannot
    /// be evaluated here, are errors of kind `Project`.
    pub fn context(&self, requested: Option<&ContextName>) -> Result<Option<&Context>> {
        let Some(name) = requested.or(self.config.default_context.as_ref()) else { return Ok(None) };
        if name.as_str() == LOCAL {
            return Ok(self.local.as_ref());
        }
        let Some(context) = self.config.contexts.get(name) else {
            let known: Vec<&str> = self.config.contexts.keys().map(ContextName::as_str).chain([LOCAL]).collect();
            let near = near_matches(name.as_str(), known.iter().copied());
            return Err(Error::project(format!("there is no context `{name}`"))
                .because(format!("known contexts: {}", listed(&known)))
                .hint_opt((!near.is_empty()).then(|| format!("did you mean {}?", listed(&near))))
                .hint(format!("add it with `asya k context add {name}`")));
        };
        self.evaluated(&format!("contexts.{name}"))?;
        Ok(Some(context))
    }

    /// `templates:` with `${arg:flow_name}` filled in; an error when one of them cannot be
    /// evaluated in this environment.
    pub fn templates(&self, flow: &FlowName) -> Result<BTreeMap<String, String>> {
        self.evaluated("templates")?;
        let filled = |(name, value): (&String, &String)| (name.clone(), interpolate::with_flow(value, flow.as_str()));
        Ok(self.config.templates.iter().map(filled).collect())
    }

    /// `build[]` for who looks for images; an error when a module or an image cannot be evaluated in
    /// this environment.
    pub fn build(&self) -> Result<&[Build]> {
        let of_command = |key: &str| key.ends_with(".command") || key.ends_with(".path");
        self.all_evaluated("build", |key| !of_command(key))?;
        Ok(&self.config.build)
    }

    /// `build[]` for who builds; an error when one of the entries cannot be evaluated in this
    /// environment.
    pub fn build_commands(&self) -> Result<&[Build]> {
        self.evaluated("build")?;
        Ok(&self.config.build)
    }

    /// `compiler.join.state_proxy` with `${arg:flow_name}` filled in.
    pub fn state_proxy(&self, flow: &FlowName) -> Option<StateProxy> {
        let filled = |text: &str| interpolate::with_flow(text, flow.as_str());
        self.config.compiler.state_proxy.as_ref().map(|proxy| StateProxy {
            image: filled(&proxy.image),
            env: proxy.env.iter().map(|(name, value)| (name.clone(), filled(value))).collect(),
        })
    }

    /// Where the value at a dotted key was set: `.asya/config.yaml:12`.
    pub fn origin(&self, key: &str) -> Option<String> {
        let path: Vec<&str> = key.split('.').collect();
        let node = self.tree.at(&path)?;
        Some(match overrides::variable(&node.origin) {
            Some(name) => format!("environment variable {name}"),
            None => node.origin.shown(),
        })
    }

    /// `path` as shown to people: relative to the root where it lies inside, also when it was
    /// reached through a symbolic link.
    pub fn relative(&self, path: &Path) -> PathBuf {
        if path.is_absolute()
            && !path.starts_with(&self.root)
            && let Ok(real) = path.canonicalize()
        {
            return text::relative(&self.root, &real);
        }
        text::relative(&self.root, path)
    }

    /// `path` (relative to the root) as an absolute path.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        text::absolute(&self.root, path)
    }

    fn evaluated(&self, area: &str) -> Result<()> {
        self.all_evaluated(area, |_| true)
    }

    fn all_evaluated(&self, area: &str, is_needed: impl Fn(&str) -> bool) -> Result<()> {
        let inside = |deferred: &&Deferred| {
            let is_inside =
                deferred.key == area || deferred.key.strip_prefix(area).is_some_and(|rest| rest.starts_with('.'));
            is_inside && is_needed(&deferred.key)
        };
        let problems: Vec<_> = self
            .deferred
            .iter()
            .filter(inside)
            .map(|deferred| (deferred.failure.origin.source.clone(), deferred.failure.diagnostic.clone()))
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(located(&format!("`{area}` cannot be evaluated"), problems)) }
    }
}

/// The root of the project that was found from `start`, and what its files say.
fn read(start: &Path, found: &Discovery) -> Result<(PathBuf, Loaded)> {
    let (Some(root), Some(outermost)) = (found.layers.last(), found.layers.first()) else {
        return Err(discover::nothing_found(found));
    };
    let trust = Trust::new(start, found.git_root.as_ref().unwrap_or(outermost));
    Ok((root.clone(), layer::load(root, &found.layers, &trust)?))
}

/// A context that says nothing but its name.
fn bare_context(name: ContextName) -> Context {
    Context {
        name,
        namespace: None,
        kubectl_context: None,
        gateway_namespace: None,
        gateway: None,
        gateway_url: None,
        gateway_ca: None,
        readonly: false,
    }
}
