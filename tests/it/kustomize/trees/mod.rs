//! Random trees of kustomizations, the same ones for the same seed.
//!
//! Most choices fit what has been made so far, so that most trees render; one tree in ten is
//! *careless* and may ask for what is not there.

mod dice;
mod generators;
mod json;
mod layers;
mod manifests;
mod merges;
mod patches;
mod scalars;
mod transformers;
mod workloads;

pub use dice::Dice;
pub use layers::tree;
pub use scalars::SCALARS;

/// Files of a tree: relative path and content. The directory to render is `overlays/dev`.
pub type Tree = Vec<(String, Vec<u8>)>;

/// Names of objects, and of what objects refer to.
const NAMES: &[&str] = &["alpha", "beta", "gamma", "delta", "web"];

/// An object of the tree as it was written.
#[derive(Clone)]
struct Made {
    kind: &'static str,
    name: String,
    namespace: Option<&'static str>,
    /// Its manifest as JSON; null for generated ones and for what cannot be read.
    value: serde_json::Value,
    /// A patch changed it, so that `value` is no longer right in all parts.
    changed: bool,
    /// It was deleted or renamed, or is there more than once: it cannot be addressed by its name.
    lost: bool,
}

/// `apiVersion` of a kind.
fn api_version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => "apps/v1",
        "Job" | "CronJob" => "batch/v1",
        "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => "rbac.authorization.k8s.io/v1",
        "Ingress" | "NetworkPolicy" => "networking.k8s.io/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "PodDisruptionBudget" => "policy/v1",
        "StorageClass" => "storage.k8s.io/v1",
        "PriorityClass" => "scheduling.k8s.io/v1",
        "CustomResourceDefinition" => "apiextensions.k8s.io/v1",
        "APIService" => "apiregistration.k8s.io/v1",
        "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => "admissionregistration.k8s.io/v1",
        "AsyncActor" => "asya.sh/v1alpha1",
        _ => "v1",
    }
}

/// Whether objects of a kind are outside of all namespaces.
fn is_cluster_scoped(kind: &str) -> bool {
    matches!(
        kind,
        "Namespace"
            | "ClusterRole"
            | "ClusterRoleBinding"
            | "StorageClass"
            | "PriorityClass"
            | "CustomResourceDefinition"
            | "APIService"
            | "MutatingWebhookConfiguration"
            | "ValidatingWebhookConfiguration"
            | "PersistentVolume"
    )
}
