//! What `asya k` works on: the context, its namespaces, the rendered objects of a flow.

use std::path::Path;

use super::super::overlay;
use super::super::render::rendered;
use crate::cluster::known_contexts;
use crate::error::{Error, Result};
use crate::gateway;
use crate::kustomize::Object;
use crate::names::{FlowName, listed};
use crate::project::{Context, Generation, Project, Transport};
use crate::settings::Settings;
use crate::ui::Ui;

/// A flow in an environment, before any cluster is asked.
#[derive(Debug)]
pub(super) struct Target {
    flow: FlowName,
    /// The environment; `None` when the project names none.
    pub(super) context: Option<Context>,
    /// `platform.generation`.
    pub(super) generation: Generation,
    /// `platform.transport`.
    pub(super) transport: Transport,
    objects: Vec<Object>,
    /// The read-only context that the kubeconfig's current context belongs to, when no other was
    /// named: what happens to be current must not be written to by accident.
    protected: Option<(Context, String)>,
}

/// Where the objects go.
pub(super) struct Namespaces {
    /// Namespace of the actors.
    pub(super) actors: String,
    /// Namespace of the gateway.
    pub(super) gateway: String,
}

/// Reads the project and renders the flow for the chosen context.
pub(super) fn load(flow: &FlowName, settings: &Settings, ui: &mut Ui) -> Result<Target> {
    let project = settings.project()?;
    let context = project.context(settings.context.as_ref())?.cloned();
    let directory = overlay::directory(&project, flow, context.as_ref().map(|context| &context.name))?;
    let (rendering, _) = rendered(project.root(), &directory, settings, ui)?;
    if rendering.objects.is_empty() {
        return Err(Error::project(format!("`{}` renders to nothing", directory.display()))
            .hint(format!("make its manifests with `asya compile {flow}`")));
    }
    let platform = &project.config().platform;
    let protected = protected(&project, context.as_ref(), settings);
    Ok(Target {
        protected,
        flow: flow.clone(),
        context,
        generation: platform.generation,
        transport: platform.transport,
        objects: rendering.objects,
    })
}

/// As [`load`], and without objects when the flow is not there to be rendered any more: what was
/// applied of it is known to the cluster.
pub(super) fn load_if_there(flow: &FlowName, settings: &Settings, ui: &mut Ui) -> Result<Target> {
    let project = settings.project()?;
    if project.flow(flow).is_ok() {
        return load(flow, settings, ui);
    }
    let context = project.context(settings.context.as_ref())?.cloned();
    let platform = &project.config().platform;
    let protected = protected(&project, context.as_ref(), settings);
    Ok(Target {
        protected,
        flow: flow.clone(),
        context,
        generation: platform.generation,
        transport: platform.transport,
        objects: Vec::new(),
    })
}

/// Refuses a context that is only to be looked at, also where the kubeconfig's current one is such.
fn refuse_reading_only(context: Option<&Context>, protected: Option<&(Context, String)>, verb: &str) -> Result<()> {
    match (context, protected) {
        (Some(context), _) if context.readonly => Err(Error::project(format!(
            "the context `{}` is read-only: `asya k {verb}` does not write to it",
            context.name
        ))
        .hint("deploy it the way your team agreed on, or choose another with `--context`")
        .hint(format!("to allow writes, take `readonly` out of `contexts.{}` in `.asya/config.yaml`", context.name))),
        (_, Some((context, current))) => Err(Error::project(format!(
            "the current context `{current}` of the kubeconfig belongs to the context `{}`, which is read-only: \
             `asya k {verb}` does not write to it",
            context.name
        ))
        .hint("say where to write with `--context`")
        .hint("give every context in `.asya/config.yaml` its own `kubectl_context`")),
        _ => Ok(()),
    }
}

/// [`Target::check_writable`] where no flow is meant.
pub(super) fn check_writable(
    project: &Project,
    context: Option<&Context>,
    settings: &Settings,
    verb: &str,
) -> Result<()> {
    refuse_reading_only(context, protected(project, context, settings).as_ref(), verb)
}

/// The read-only context of the project whose cluster and namespace would be met by going on with
/// whatever context of the kubeconfig is current, and that context's name.
fn protected(project: &Project, chosen: Option<&Context>, settings: &Settings) -> Option<(Context, String)> {
    let mut readonly =
        project.config().contexts.values().filter(|it| it.readonly && it.kubectl_context.is_some()).peekable();
    if chosen.is_some_and(|context| context.kubectl_context.is_some()) || readonly.peek().is_none() {
        return None;
    }
    // A kubeconfig that cannot be read is reported by who connects.
    let known = known_contexts(&|name| settings.environment.get(name).map(str::to_owned)).ok()?;
    let current = known.current.clone()?;
    let own = chosen.and_then(|context| context.namespace.as_ref());
    readonly
        .filter(|context| context.kubectl_context.as_ref() == Some(&current))
        .find(|context| own.is_none() || context.namespace.is_none() || context.namespace.as_ref() == own)
        .map(|context| (context.clone(), current.clone()))
}

impl Target {
    /// Refuses contexts that are only to be looked at. `verb` is what was tried.
    pub(super) fn check_writable(&self, verb: &str) -> Result<()> {
        refuse_reading_only(self.context.as_ref(), self.protected.as_ref(), verb)
    }

    /// What the flow is rendered to.
    pub(super) fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The context of the kubeconfig; `None` means its current one.
    pub(super) fn kubectl_context(&self) -> Option<&str> {
        self.context.as_ref()?.kubectl_context.as_deref()
    }

    /// `contexts.<name>.gateway`.
    pub(super) fn gateway(&self) -> Option<&str> {
        self.context.as_ref()?.gateway.as_deref()
    }

    /// `contexts.<name>.gateway_url`.
    pub(super) fn gateway_url(&self) -> Option<&str> {
        self.context.as_ref()?.gateway_url.as_deref()
    }

    /// `contexts.<name>.gateway_ca`.
    pub(super) fn gateway_ca(&self) -> Option<&Path> {
        self.context.as_ref()?.gateway_ca.as_deref()
    }

    /// The actor that drives the flow from its beginning.
    pub(super) fn start(&self) -> Option<&str> {
        let mut actors = self.objects.iter().filter(|object| object.kind() == "AsyncActor");
        actors.find(|actor| actor.label("asya.sh/role") == Some("start")).map(Object::name)
    }

    /// The context's name, for hints.
    pub(super) fn context_name(&self) -> &str {
        self.context.as_ref().map_or("NAME", |context| context.name.as_str())
    }

    /// The target as people know it: the project's context, and the kubeconfig's where the names
    /// differ.
    pub(super) fn named(&self, kubectl_context: &str) -> String {
        match &self.context {
            Some(context) if context.name.as_str() != kubectl_context => {
                format!("{}: {kubectl_context}", context.name)
            }
            _ => kubectl_context.to_owned(),
        }
    }

    /// Where the objects go; `current` is the kubeconfig's namespace, for contexts that name none.
    pub(super) fn namespaces(&self, current: &str) -> Result<Namespaces> {
        let configured = self.context.as_ref().and_then(|context| context.namespace.as_ref());
        let mut rendered: Vec<&str> = self
            .objects
            .iter()
            .filter(|object| object.kind() == "AsyncActor")
            .filter_map(|object| object.namespace())
            .collect();
        rendered.sort_unstable();
        rendered.dedup();
        let actors = match (configured.map(|namespace| namespace.as_str()), rendered.as_slice()) {
            (Some(configured), []) => configured,
            (Some(configured), [one]) if configured == *one => configured,
            (None, [one]) => *one,
            (None, []) => current,
            (_, several) => {
                let context = self.context_name();
                return Err(Error::project(format!(
                    "the actors of `{}` are rendered for namespace {}, but they belong to {}",
                    self.flow,
                    listed(several),
                    configured.map_or("one namespace".to_owned(), |namespace| format!("`{namespace}`"))
                ))
                .hint(format!(
                    "make `namespace` in the overlay and `contexts.{context}.namespace` in `.asya/config.yaml` the same"
                )));
            }
        };
        let gateway = self.context.as_ref().and_then(|context| context.gateway_namespace.as_ref());
        Ok(Namespaces {
            actors: actors.to_owned(),
            gateway: gateway.map_or_else(|| actors.to_owned(), |namespace| namespace.as_str().to_owned()),
        })
    }

    /// The flow's gateway entries, in the gateway's namespace, and everything else.
    pub(super) fn split(&self, namespaces: &Namespaces) -> (Vec<Object>, Vec<Object>) {
        let (entries, others): (Vec<Object>, Vec<Object>) =
            self.objects.iter().cloned().partition(gateway::is_flow_entry);
        (entries.into_iter().map(|entry| entry.in_namespace(&namespaces.gateway)).collect(), others)
    }
}
