//! Configuration with its meaning: typed, defaults filled in, paths absolute.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::flow::Rule;
use crate::names::{ContextName, Namespace, listed};

/// The merged configuration of a project.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `templates`: scalars for `{{ name }}` in templates, as text; may hold `${arg:flow_name}`, and
    /// entries that cannot be evaluated are left out: compile with [`super::Project::templates`].
    pub templates: BTreeMap<String, String>,
    /// `compiler`.
    pub compiler: Compiler,
    /// `build[]`: which image holds which handler module; read it with [`super::Project::build`],
    /// which reports entries that cannot be evaluated.
    pub build: Vec<Build>,
    /// `contexts`.
    pub contexts: BTreeMap<ContextName, Context>,
    /// `default_context`.
    pub default_context: Option<ContextName>,
    /// `platform`.
    pub platform: Platform,
}

/// `compiler`: where things are read from and written to. Paths are absolute and may hold
/// `${arg:flow_name}` until [`super::Project`] fills it in.
#[derive(Debug, Clone, Default)]
pub struct Compiler {
    /// Generated code of a flow.
    pub code: PathBuf,
    /// `flow.yaml`, `graph.json` and diagrams of a flow.
    pub artifacts: PathBuf,
    /// `base/`, `common/`, `overlays/` of a flow.
    pub manifests: PathBuf,
    /// The directory of templates; see [`super::FlowPaths::templates`].
    pub templates: PathBuf,
    /// Registry for images that nothing else names: `<registry>/<actor>:latest`.
    pub image_registry: Option<String>,
    /// Further directories Python modules are looked up in.
    pub python_path: Vec<PathBuf>,
    /// Rules for calls, decorators and `with` blocks; of several for one symbol the nearest.
    pub rules: Vec<Rule>,
    /// `compiler.join.state_proxy`: where parallel calls are joined; read it with
    /// [`super::Project::state_proxy`].
    pub state_proxy: Option<StateProxy>,
}

/// `compiler.join.state_proxy`: a connector to a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateProxy {
    /// The connector's image.
    pub image: String,
    /// Its environment, in the order of the file.
    pub env: Vec<(String, String)>,
}

/// `build[]`: an image and the handler modules inside.
#[derive(Debug, Clone)]
pub struct Build {
    /// A dotted module prefix, or `*`.
    pub module: String,
    /// The image; `*` stands for the actor's name.
    pub image: String,
    /// How it is built; read it with [`super::Project::build_commands`].
    pub command: Option<String>,
    /// Where the command runs; absolute.
    pub path: Option<PathBuf>,
}

/// `contexts.<name>`: an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its name; [`super::LOCAL`] is this machine.
    pub name: ContextName,
    /// Namespace of the actors.
    pub namespace: Option<Namespace>,
    /// Context of the kubeconfig; `None` means its current one.
    pub kubectl_context: Option<String>,
    /// Namespace of the gateway; `None` means the actors' namespace.
    pub gateway_namespace: Option<Namespace>,
    /// Helm release of the gateway, needed only where a namespace holds several.
    pub gateway: Option<String>,
    /// Base URL of the gateway.
    pub gateway_url: Option<String>,
    /// A file with the certificates of who vouches for the gateway at that URL; absolute.
    pub gateway_ca: Option<PathBuf>,
    /// Writes are refused.
    pub readonly: bool,
}

/// `platform`: what the clusters of this project serve.
#[derive(Debug, Clone, Default)]
pub struct Platform {
    /// Shape of AsyncActor.
    pub generation: Generation,
    /// Message queue; decides how long names may be, and is written into generation B actors.
    pub transport: Transport,
}

/// Shape of the AsyncActor resource (`docs/platform/asyncactor.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Generation {
    /// Flat, with `spec.transport`.
    B,
    /// Without `spec.transport`, `resiliency.retry`.
    C1,
    /// With `resiliency.policies`.
    #[default]
    C2,
}

/// Message queue of the mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Transport {
    /// Amazon SQS.
    #[default]
    Sqs,
    /// RabbitMQ.
    Rabbitmq,
    /// Google Pub/Sub.
    Pubsub,
}

impl Generation {
    /// All of them with the word used in configuration.
    pub const ALL: [(&'static str, Self); 3] = [("B", Self::B), ("C1", Self::C1), ("C2", Self::C2)];

    /// The word used in configuration.
    pub fn name(self) -> &'static str {
        word(&Self::ALL, self)
    }
}

impl Transport {
    /// All of them with the word used in configuration and in manifests.
    pub const ALL: [(&'static str, Self); 3] =
        [("sqs", Self::Sqs), ("rabbitmq", Self::Rabbitmq), ("pubsub", Self::Pubsub)];

    /// The word used in configuration and in manifests.
    pub fn name(self) -> &'static str {
        word(&Self::ALL, self)
    }
}

impl std::str::FromStr for Generation {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        chosen("platform generation", &Self::ALL, text)
    }
}

impl std::str::FromStr for Transport {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        chosen("transport", &Self::ALL, text)
    }
}

fn word<T: Copy + PartialEq>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

fn chosen<T: Copy>(what: &str, all: &[(&'static str, T)], text: &str) -> Result<T, String> {
    all.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
        format!("`{}` is not a {what}: there are {}", text.escape_debug(), listed(&words))
    })
}
