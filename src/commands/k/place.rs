//! Where `asya k` works when no flow's manifests are needed: the cluster and its namespaces.

use super::target;
use crate::cluster::{Cluster, Connect};
use crate::error::Result;
use crate::project::{Context, Project};
use crate::settings::Settings;

/// An environment of the project.
pub(super) struct Place {
    pub(super) project: Project,
    pub(super) context: Option<Context>,
}

/// Where things are.
pub(super) struct Located {
    /// Namespace of the actors.
    pub(super) actors: String,
    /// Namespace of the gateway.
    pub(super) gateway: String,
}

impl Place {
    /// The chosen context of the project.
    pub(super) fn load(settings: &Settings) -> Result<Self> {
        let project = settings.project()?;
        let context = project.context(settings.context.as_ref())?.cloned();
        Ok(Self { project, context })
    }

    /// Refuses an environment that is only to be looked at. `verb` is what was tried.
    pub(super) fn check_writable(&self, settings: &Settings, verb: &str) -> Result<()> {
        target::check_writable(&self.project, self.context.as_ref(), settings, verb)
    }

    /// Connects to its cluster.
    pub(super) async fn connect(&self, settings: &Settings) -> Result<Cluster> {
        let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
        let context = self.context.as_ref().and_then(|context| context.kubectl_context.as_deref());
        Cluster::connect(Connect { context, environment: &environment }).await
    }

    /// Its namespaces; what the context does not say, the kubeconfig does.
    pub(super) fn located(&self, cluster: &Cluster) -> Located {
        let of = |namespace: Option<&crate::names::Namespace>| namespace.map(|name| name.as_str().to_owned());
        let actors = of(self.context.as_ref().and_then(|context| context.namespace.as_ref()))
            .unwrap_or_else(|| cluster.namespace().to_owned());
        let gateway = of(self.context.as_ref().and_then(|context| context.gateway_namespace.as_ref()))
            .unwrap_or_else(|| actors.clone());
        Located { actors, gateway }
    }

    /// `contexts.<name>.gateway`.
    pub(super) fn gateway(&self) -> Option<&str> {
        self.context.as_ref()?.gateway.as_deref()
    }
}
