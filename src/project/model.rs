//! Configuration with its meaning: typed, defaults filled in, paths absolute.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::names::{ContextName, Namespace};

/// The merged configuration of a project.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `templates`: scalars for `{{ name }}` in templates, as text.
    pub templates: BTreeMap<String, String>,
    /// `compiler`.
    pub compiler: Compiler,
    /// `build[]`: which image holds which handler module.
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
    /// The directory of templates.
    pub templates: PathBuf,
    /// Registry for images that nothing else names: `<registry>/<actor>:latest`.
    pub image_registry: Option<String>,
    /// Further directories Python modules are looked up in.
    pub python_path: Vec<PathBuf>,
}

/// `build[]`: an image and the handler modules inside.
#[derive(Debug, Clone)]
pub struct Build {
    /// A dotted module prefix, or `*`.
    pub module: String,
    /// The image; `*` stands for the actor's name.
    pub image: String,
}

/// `contexts.<name>`: an environment.
#[derive(Debug, Clone)]
pub struct Context {
    /// Its name.
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

/// Shape of the AsyncActor resource (`docs/platform.md`, "Generations").
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Amazon SQS.
    #[default]
    Sqs,
    /// RabbitMQ.
    Rabbitmq,
    /// Google Pub/Sub.
    Pubsub,
}
