//! The result of `asya k status`, version 1.

use serde::Serialize;
use serde_json::Value;

use crate::cluster::{ActorView, Cluster, Drift, PodView};

/// One flow.
#[derive(Serialize)]
pub(super) struct FlowStatus {
    pub(super) version: u32,
    pub(super) flow: String,
    pub(super) context: Option<String>,
    pub(super) cluster: ClusterDocument,
    /// All is well: actors ready, registered if exposed, nothing drifted.
    pub(super) healthy: bool,
    pub(super) actors: Vec<ActorDocument>,
    pub(super) gateway: GatewayDocument,
    /// `null` when it cannot be seen.
    pub(super) drift: Option<Vec<DriftDocument>>,
}

#[derive(Serialize)]
pub(super) struct ClusterDocument {
    context: String,
    server: String,
    namespace: String,
}

impl ClusterDocument {
    pub(super) fn of(cluster: &Cluster, namespace: &str) -> Self {
        Self {
            context: cluster.context().to_owned(),
            server: cluster.server().to_owned(),
            namespace: namespace.to_owned(),
        }
    }
}

impl FlowStatus {
    /// `context/namespace`, for headings.
    pub(super) fn cluster_namespace(&self) -> String {
        let context = self.context.as_deref().unwrap_or(&self.cluster.context);
        format!("{context}/{}", self.cluster.namespace)
    }
}

#[derive(Serialize)]
pub(super) struct ActorDocument {
    pub(super) name: String,
    /// `waiting`, `ready` or `failed`.
    pub(super) state: &'static str,
    pub(super) message: String,
    /// The platform's word; `null` before it has one.
    phase: Option<String>,
    /// `null` when they may not be seen.
    pub(super) pods: Option<Vec<PodDocument>>,
    pub(super) queue: QueueDocument,
}

#[derive(Serialize)]
pub(super) struct PodDocument {
    pub(super) name: String,
    pub(super) ready: bool,
    pub(super) restarts: u64,
    pub(super) trouble: Option<String>,
}

/// What the AsyncActor says about its queue; `null` where it says nothing.
#[derive(Default, Serialize)]
pub(super) struct QueueDocument {
    pub(super) ready: Option<bool>,
    url: Option<String>,
    identifier: Option<String>,
    message: Option<String>,
}

impl ActorDocument {
    pub(super) fn of(name: &str, view: Option<&ActorView>) -> Self {
        let Some(view) = view else {
            return Self {
                name: name.to_owned(),
                state: "waiting",
                message: "it does not exist".to_owned(),
                phase: None,
                pods: Some(Vec::new()),
                queue: QueueDocument::default(),
            };
        };
        let text = |pointer: &str| view.text(pointer).map(str::to_owned);
        let pod = |pod: &PodView| PodDocument {
            name: pod.name.clone(),
            ready: pod.ready,
            restarts: pod.restarts,
            trouble: pod.trouble.clone(),
        };
        Self {
            name: name.to_owned(),
            state: view.readiness.standing.name(),
            message: view.readiness.text.clone(),
            phase: text("/status/phase"),
            pods: view.pods.as_ref().map(|pods| pods.iter().map(pod).collect()),
            queue: QueueDocument {
                ready: view.live.pointer("/status/infrastructure/queue/ready").and_then(Value::as_bool),
                url: text("/status/queueUrl"),
                identifier: text("/status/queueIdentifier"),
                message: text("/status/infrastructure/queue/message"),
            },
        }
    }
}

/// What is known of the registration.
#[derive(Serialize)]
pub(super) struct GatewayDocument {
    pub(super) namespace: String,
    pub(super) deployment: Option<String>,
    /// The flow is rendered with a gateway entry.
    pub(super) exposed: bool,
    /// `none`, `registered`, `outdated`, `not-registered`, `left-over`, `blocked`, `refused`,
    /// `no-gateway` or `unknown`.
    pub(super) registration: &'static str,
    pub(super) message: String,
}

impl GatewayDocument {
    /// What is served is what is wanted.
    pub(super) fn is_well(&self) -> bool {
        matches!(self.registration, "none" | "registered" | "unknown")
    }
}

#[derive(Serialize)]
pub(super) struct DriftDocument {
    pub(super) object: String,
    /// `missing`, `differs` or `not-rendered`.
    pub(super) state: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fields: Vec<FieldDocument>,
    /// Fields that an earlier apply set and that are not rendered any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) left: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct FieldDocument {
    pub(super) field: String,
    /// Absent where values are not to be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) live: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rendered: Option<Value>,
}

impl DriftDocument {
    pub(super) fn of(drift: Drift) -> Self {
        Self {
            object: drift.object.to_string(),
            state: if drift.missing { "missing" } else { "differs" },
            fields: drift
                .fields
                .into_iter()
                .map(|field| FieldDocument { field: field.field, live: field.live, rendered: field.rendered })
                .collect(),
            left: drift.left,
        }
    }

    /// An object of the flow that is not rendered any more.
    pub(super) fn not_rendered(object: String) -> Self {
        Self { object, state: "not-rendered", fields: Vec::new(), left: Vec::new() }
    }
}

/// All flows.
#[derive(Serialize)]
pub(super) struct AllStatus {
    pub(super) version: u32,
    pub(super) context: Option<String>,
    pub(super) cluster: ClusterDocument,
    pub(super) flows: Vec<FlowLine>,
}

/// One flow of many.
#[derive(Serialize)]
pub(super) struct FlowLine {
    pub(super) name: String,
    /// It is a flow of this project.
    pub(super) in_project: bool,
    pub(super) actors: usize,
    pub(super) ready: usize,
    /// `null` when they may not be seen.
    pub(super) pods: Option<usize>,
    /// Actors that will not become ready by themselves.
    pub(super) failed: Vec<String>,
    /// Protocols that the gateway serves it over; `null` when that cannot be seen.
    pub(super) served: Option<Vec<&'static str>>,
}

/// The name of a context for a document.
pub(super) fn context_name(context: Option<&crate::project::Context>) -> Option<String> {
    context.map(|context| context.name.to_string())
}
