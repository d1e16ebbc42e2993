//! What was done to a cluster, as `-o json` and the last line tell it.

use serde::Serialize;

use super::prepared::Prepared;
use super::target::Target;
use super::wait::WaitedDocument;
use crate::event::Change;
use crate::gateway::{Outcome, Registration, Verification, Via};
use crate::kustomize::ObjectId;
use crate::names::{FlowName, counted};

/// The result of an apply, version 1.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplyReport {
    version: u32,
    flow: String,
    context: Option<String>,
    cluster: ClusterReport,
    /// `server` or `client` where nothing was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<&'static str>,
    objects: Vec<ObjectReport>,
    gateway: GatewayReport,
    /// With `--wait`: what was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<Vec<WaitedDocument>>,
}

#[derive(Debug, Serialize)]
pub(super) struct ClusterReport {
    context: String,
    server: String,
    namespace: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObjectReport {
    api_version: String,
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    name: String,
    change: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct GatewayReport {
    namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<String>,
    registration: &'static str,
    /// How the flow gets into the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'static str>,
    /// Deployments whose pods were replaced.
    rollouts: Vec<String>,
    /// What the gateway showed when it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification>,
}

impl ApplyReport {
    pub(super) fn new(
        flow: &FlowName,
        target: &Target,
        prepared: &Prepared,
        applied: Vec<(ObjectId, Change)>,
        (removed, registered): (&Outcome, &Outcome),
        verification: Option<Verification>,
    ) -> Self {
        let mut objects: Vec<ObjectReport> =
            applied.into_iter().map(|(id, change)| ObjectReport::new(id, change)).collect();
        objects.extend(removed.deleted.iter().map(|name| ObjectReport {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: removed.namespace.clone(),
            name: name.clone(),
            change: Change::Removed.name(),
        }));
        // An exposed flow's state is what counts, even where an older entry was taken away.
        let outcome = if registered.registration == Registration::None { removed } else { registered };
        Self {
            version: 1,
            flow: flow.to_string(),
            context: target.context.as_ref().map(|context| context.name.to_string()),
            cluster: ClusterReport::new(prepared),
            dry_run: None,
            objects,
            gateway: GatewayReport {
                namespace: outcome.namespace.clone(),
                deployment: outcome.deployment.clone(),
                registration: outcome.registration.name(),
                via: outcome.via.map(Via::name),
                rollouts: removed.rollouts.iter().chain(&registered.rollouts).cloned().collect(),
                verification,
            },
            ready: None,
        }
    }

    /// The same, with what was waited for.
    pub(super) fn ready(mut self, waited: Option<Vec<WaitedDocument>>) -> Self {
        self.ready = waited;
        self
    }

    /// The same, for a run that wrote nothing.
    pub(super) fn dry(mut self, how: &'static str) -> Self {
        self.dry_run = Some(how);
        self
    }

    /// One line: `4 created, 1 unchanged; registered with gateway asya-gateway-api`.
    pub(super) fn summary(&self) -> String {
        let changes =
            [Change::Created, Change::Changed, Change::Unchanged, Change::Removed, Change::Released, Change::Kept];
        let counts: Vec<String> = changes
            .iter()
            .map(|change| (change.name(), self.objects.iter().filter(|object| object.change == change.name()).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let deployment = self.gateway.deployment.as_deref().unwrap_or_default();
        let registration = match (self.gateway.registration, deployment) {
            ("registered", deployment) => format!("registered with gateway {deployment}"),
            ("unchanged", deployment) => format!("still registered with gateway {deployment}"),
            ("restarted", deployment) => format!("gateway {deployment} restarted to read the new tool"),
            ("removed", "") => "no gateway mounted it".to_owned(),
            ("removed", deployment) => format!("taken out of gateway {deployment}"),
            _ => "not exposed".to_owned(),
        };
        let counts = if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") };
        let dry = if self.dry_run.is_some() { " (dry run: nothing was written)" } else { "" };
        let ready =
            self.ready.as_ref().map_or_else(String::new, |ready| format!("; {} ready", counted(ready.len(), "object")));
        format!("{}: {counts}; {registration}{ready}{dry}\n", self.flow)
    }
}

impl ClusterReport {
    pub(super) fn new(prepared: &Prepared) -> Self {
        Self {
            context: prepared.cluster.context().to_owned(),
            server: prepared.cluster.server().to_owned(),
            namespace: prepared.namespaces.actors.clone(),
        }
    }
}

impl ObjectReport {
    /// Whether this is what became of it.
    pub(super) fn is(&self, change: Change) -> bool {
        self.change == change.name()
    }

    pub(super) fn new(id: ObjectId, change: Change) -> Self {
        let api_version = if id.group.is_empty() { id.version } else { format!("{}/{}", id.group, id.version) };
        Self { api_version, kind: id.kind, namespace: id.namespace, name: id.name, change: change.name() }
    }
}
