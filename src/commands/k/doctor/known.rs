//! All checks there are, with what each one asks for.

use serde::Serialize;

/// One line of the list: what a check is about.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Known {
    /// The check.
    pub(super) id: Id,
    /// Where it applies: a queue, `every queue`, `gateway`.
    #[serde(rename = "for")]
    pub(super) scope: &'static str,
    /// What must be so.
    pub(super) wanted: &'static str,
    /// What happens when it is not.
    pub(super) otherwise: &'static str,
}

macro_rules! checks {
    ($($id:ident, $scope:literal, $wanted:literal, $otherwise:literal;)*) => {
        /// The name of a check: stable, for scripts. `P` is for what people are known to run into, `G` for how
        /// a gateway is deployed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub(super) enum Id {
            $(#[doc = $wanted] $id,)*
        }

        impl Id {
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$id => stringify!($id),)*
                }
            }
        }

        /// All of them, in the order of the list.
        pub(super) const ALL: &[Known] =
            &[$(Known { id: Id::$id, scope: $scope, wanted: $wanted, otherwise: $otherwise },)*];
    };
}

checks! {
    C01, "every queue", "the namespace has the runtime's ConfigMap, with its file",
        "pods of actors stay in ContainerCreating (FailedMount)";
    C02, "every queue", "that copy is as the chart's own",
        "pods run the runtime of before the chart's upgrade";
    C03, "every queue", "definition, composition, functions and providers are installed and healthy",
        "nothing takes actors up";
    C04, "Pub/Sub, SQS", "the ProviderConfig that the composition names is there",
        "no queue is made";
    C10, "Pub/Sub", "Crossplane's Secret is a key of a service account, of the provider's project",
        "no queue is made";
    C11, "Pub/Sub", "without a Secret: the provider's account acts as a Google one",
        "no queue is made (403)";
    C12, "Pub/Sub", "KEDA's Secret is in the actors' namespace and is a key of a service account",
        "pods are never added; messages pile up";
    P1, "Pub/Sub", "KEDA's Secret is not in namespace `keda` alone",
        "pods are never added: KEDA looks beside the actor";
    C13, "Pub/Sub", "account `default` acts as a Google one, of the topics' project",
        "the sidecar is refused (PermissionDenied, 403)";
    C14, "Pub/Sub", "Google lets it: told by the sidecars' logs, else the command to ask with",
        "the sidecar is refused (403)";
    C15, "Pub/Sub", "no pod is older than the identity of its account",
        "the sidecar goes on as the node";
    C16, "Pub/Sub", "nodes have Workload Identity",
        "the sidecar goes on as the node";
    P5, "Pub/Sub", "sidecars do not get a key file as variables",
        "it does nothing: Google's libraries read files";
    C20, "SQS", "Crossplane's Secret is a profile of AWS",
        "no queue is made";
    C21, "SQS", "the actors' account has the ARN of a role; and the command to ask AWS for its trust with",
        "the sidecar is refused (AccessDenied)";
    P7, "SQS", "that ARN has no placeholders",
        "the sidecar is refused: the chart fills nothing in";
    C22, "SQS", "KEDA's Secret is there with its keys, or KEDA's operator has a role",
        "pods are never added; messages pile up";
    C23, "SQS", "the sidecars' Secret has variables, and is no profile like Crossplane's of the same name",
        "the sidecar is refused";
    C24, "SQS", "the queue for dead letters is there, where the composition has a redrive policy",
        "AWS refuses to make the actors' queues";
    P8, "SQS", "the actors' account belongs to one actor",
        "deleting one actor may take the account from all of them";
    C30, "RabbitMQ", "KEDA's Secret is the address of a RabbitMQ",
        "pods are never added; messages pile up";
    P10, "every queue", "Secrets have the names and keys that are in force, not the chart's defaults",
        "as if the Secret was missing";
    C40, "every queue", "actors are ready or scaled to zero",
        "told with what the managed resource at the bottom says";
    C41, "every queue", "each actor has a ScaledObject that is ready",
        "pods are never added; messages pile up";
    C42, "every queue, gateway", "no pod waits for what does not come: crashes, images, mounts",
        "told with the kubelet's words";
    C43, "every queue", "the crew is in the namespace: `x-sink`, `x-sump`",
        "finished messages come back again and again";
    C44, "every queue", "every Secret, ConfigMap, key and account that actors' pods refer to is there",
        "CreateContainerConfigError";
    P2, "every queue", "actors are bound to the composition of their queue",
        "they stay with the one they were made with";
    C50, "gateway", "every Secret, ConfigMap, key and account that its pods refer to is there",
        "CreateContainerConfigError";
    C51, "gateway", "the Secret with the address of the database is there and can be read",
        "its pods do not start";
    P3, "gateway", "with `externalDatabase.existingSecret`, that Secret was made by hand",
        "its pods do not start: the chart does not make it then";
    P6, "gateway", "special characters in that address are written as %XX",
        "its pods do not start, or connect elsewhere";
    P12, "gateway", "that Secret, which Helm makes anew, was not edited by hand",
        "the next upgrade undoes it";
    C52, "gateway", "both Secrets have the same password, and the database's Service is there",
        "its pods wait for the database, then fail";
    P4, "gateway", "the database takes that password",
        "it keeps the one it was first started with";
    C53, "gateway", "it has a database",
        "results never reach agents; tasks are lost with the pod";
    C54, "gateway", "callers need a key; keys are long and have no line break at the end",
        "anybody may call it, or nobody can";
    P11, "gateway", "JWT and OAuth are set wholly or not at all",
        "silently off and open, or its pods do not start";
    C55, "gateway", "its account acts as one that may send to queues, or it has a key",
        "tasks fail: failed to send task";
    C56, "gateway", "on queues whose names carry the namespace: it is in the actors'",
        "its messages go to queues nobody reads";
    C57, "gateway", "actors know the mesh Service of the gateway, without a path",
        "tasks never get on and never end";
    G1, "gateway", "each half has `ASYA_GATEWAY_MODE` `api` or `mesh`",
        "its pods end at once; with `testing`, whoever reaches it may act as an actor";
    G2, "gateway", "halves that both mount flows mount the same",
        "one knows flows that the other does not";
    G3, "gateway", "nothing leads to the half for actors from outside: no Ingress, HTTPRoute, NodePort, LoadBalancer",
        "anybody may act as an actor: that half asks nobody for a key";
    G4, "gateway", "NetworkPolicies let actors reach that half, and those meant for it are about it",
        "tasks never get on; or nothing is protected";
    G5, "gateway", "callers of MCP prove themselves in one way; with OAuth, who registers needs a token",
        "a key that goes around is enough; anybody may become a caller";
    G6, "gateway", "with skills: `ASYA_A2A_PUBLIC_URL` is the address that agents reach it at",
        "the agent card names none, or one that does not work";
    C58, "gateway", "every file of flows it mounts is there and can be read",
        "one bad file hides every flow, also from a restarted gateway";
}
