//! What the manifests of a flow are made of, gathered from the project.

use std::path::{Path, PathBuf};

use super::compiling::Once;
use crate::artifacts::fields::Fields;
use crate::artifacts::{BuildContext, BuildRule, Images, Inputs, Overlay, StateProxy, Templates, Transport};
use crate::error::Result;
use crate::names::FlowName;
use crate::project::{self, Generation, Project, read_source};
use crate::source::Source;

/// Namespace and actor name together on Amazon SQS, whose queues are `asya-<namespace>-<actor>`
/// and have names of 80 characters at most (`docs/platform/names.md`, "Lengths").
const SQS_NAME_BUDGET: usize = 74;

/// Gathers for one flow after the other; files that flows share are read once.
pub(super) struct Assembling<'p> {
    project: &'p Project,
    templates: Once<PathBuf, Result<Templates>>,
}

impl<'p> Assembling<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        Self { project, templates: Once::default() }
    }

    /// Templates and configuration for `flow`.
    pub(super) fn inputs(&self, flow: &FlowName) -> Result<Inputs> {
        let directory = self.project.paths(flow).templates;
        let templates = self.templates.get(directory.clone(), || templates(self.project, &directory));
        inputs(self.project, flow, (*templates).clone()?)
    }
}

fn templates(project: &Project, directory: &Path) -> Result<Templates> {
    Ok(Templates {
        directory: project.relative(directory).display().to_string(),
        actor: template(project, &directory.join("actor.yaml"))?,
        router: template(project, &directory.join("router.yaml"))?,
        join: template(project, &directory.join("join.yaml"))?,
        kustomization: template(project, &directory.join("kustomization.yaml"))?,
    })
}

fn inputs(project: &Project, flow: &FlowName, templates: Templates) -> Result<Inputs> {
    let variables = project.templates(flow)?;
    let build = project.build()?;
    let config = project.config();
    Ok(Inputs {
        templates,
        images: Images {
            build: build
                .iter()
                .map(|rule| BuildRule { module: rule.module.clone(), image: rule.image.clone() })
                .collect(),
            contexts: project
                .skaffold_artifacts()?
                .iter()
                .map(|artifact| BuildContext {
                    directory: project.relative(&artifact.context).display().to_string().replace('\\', "/"),
                    image: artifact.image.clone(),
                    place: artifact.place.clone(),
                })
                .collect(),
            fixed: variables.get("image").cloned(),
            registry: config.compiler.image_registry.clone(),
        },
        variables,
        transport: Transport {
            written: (config.platform.generation == Generation::B).then(|| config.platform.transport.name().to_owned()),
            name_budget: (config.platform.transport == project::Transport::Sqs).then_some(SQS_NAME_BUDGET),
            requeues: config.platform.transport == project::Transport::Sqs,
        },
        fields: fields(project),
        join: project.state_proxy(flow).map(|proxy| StateProxy { image: proxy.image, env: proxy.env }),
        overlays: config
            .contexts
            .values()
            .map(|context| Overlay { context: context.name.clone(), namespace: context.namespace.clone() })
            .collect(),
    })
}

/// The fields of an AsyncActor that the project's clusters have for settings.
pub(super) fn fields(project: &Project) -> Fields {
    let generation = project.config().platform.generation;
    Fields { generation: generation.name(), has_policies: generation == Generation::C2 }
}

/// A template, or `None` when the project does not have it.
fn template(project: &Project, path: &Path) -> Result<Option<Source>> {
    if path.exists() { read_source(path, &project.relative(path).display().to_string()).map(Some) } else { Ok(None) }
}
