//! What the manifests are made of besides the program: plain data, read by others.

use super::fields::Fields;
use std::borrow::Cow;

use super::actor::Part;
use super::images::Images;
use super::join;
use super::template::Variables;
use crate::error::{Error, Result};
use crate::names::{ContextName, Namespace};
use crate::source::Source;

/// Everything that is not in the program.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The project's templates.
    pub templates: Templates,
    /// `templates:` of the configuration, as text.
    pub variables: Variables,
    /// Which image runs which handler.
    pub images: Images,
    /// The message queue.
    pub transport: Transport,
    /// The fields that settings in the code are written to.
    pub fields: Fields,
    /// Where parallel calls are joined; `None` when the project does not say.
    pub join: Option<StateProxy>,
    /// The configured environments; each gets an overlay.
    pub overlays: Vec<Overlay>,
}

/// The project's templates. Their sources are shown under the names they carry.
#[derive(Debug, Clone)]
pub struct Templates {
    /// Where they were looked for, as shown to people: `.asya/templates`.
    pub directory: String,
    /// `actor.yaml`.
    pub actor: Option<Source>,
    /// `router.yaml`; `actor.yaml` stands in for it.
    pub router: Option<Source>,
    /// `join.yaml`; there is a built-in one.
    pub join: Option<Source>,
    /// `kustomization.yaml` of `base/`; there is a built-in one.
    pub kustomization: Option<Source>,
}

/// The message queue of the clusters.
#[derive(Debug, Clone, Default)]
pub struct Transport {
    /// Set for platform generation B alone: what actors carry in `spec.transport`.
    pub written: Option<String>,
    /// Most characters that namespace and actor name may have together, where the queue's name
    /// has a limit (Amazon SQS: 74; `docs/platform/names.md`, "Lengths").
    pub name_budget: Option<usize>,
    /// Whether it can deliver a failed message again; where it cannot, the platform's retries do
    /// not work (`docs/platform/protocol.md`, "Retries").
    pub requeues: bool,
}

/// The store of joins: a state proxy's connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateProxy {
    /// The connector's image.
    pub image: String,
    /// Its environment, in the order of the configuration.
    pub env: Vec<(String, String)>,
}

/// An environment.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// Its name, the directory under `overlays/`.
    pub context: ContextName,
    /// The namespace of its actors.
    pub namespace: Option<Namespace>,
}

impl Templates {
    /// The template of an actor; fails when the project has none.
    pub(super) fn of_actor(&self, part: &Part<'_>) -> Result<Cow<'_, Source>> {
        let own = match part {
            Part::Handler | Part::Wrapped => self.actor.as_ref(),
            Part::Router(_) => self.router.as_ref().or(self.actor.as_ref()),
            Part::Join => match &self.join {
                None => return Ok(Cow::Owned(Source::new("join.yaml of asya", join::TEMPLATE))),
                own => own.as_ref(),
            },
        };
        own.map(Cow::Borrowed).ok_or_else(|| {
            Error::project(format!("there is no template `{}/actor.yaml`", self.directory))
                .because("every actor of a flow is made from it")
                .hint("type `asya init`: it adds what is missing and leaves your files as they are")
        })
    }
}
