//! The fields kustomize's transformers change when no `configurations` say more, as data
//! (`docs/platform/kustomize.md`, "Default fields").

/// A path into objects of a group, version and kind; an empty one means any.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldRow {
    /// API group.
    pub(super) group: &'static str,
    /// API version.
    pub(super) version: &'static str,
    /// Kind.
    pub(super) kind: &'static str,
    /// Path, with `/` between fields and `\\/` for a slash inside one.
    pub(super) path: &'static str,
    /// Whether missing fields are created.
    pub(super) create: bool,
}

impl FieldRow {
    const fn new(
        group: &'static str,
        version: &'static str,
        kind: &'static str,
        path: &'static str,
        create: bool,
    ) -> Self {
        Self { group, version, kind, path, create }
    }
}

/// Labels of objects and of the pods they make.
pub(super) const TEMPLATE_LABELS: &[FieldRow] = &[
    FieldRow::new("", "", "", "metadata/labels", true),
    FieldRow::new("", "v1", "ReplicationController", "spec/template/metadata/labels", true),
    FieldRow::new("", "", "Deployment", "spec/template/metadata/labels", true),
    FieldRow::new("", "", "ReplicaSet", "spec/template/metadata/labels", true),
    FieldRow::new("", "", "DaemonSet", "spec/template/metadata/labels", true),
    FieldRow::new("apps", "", "StatefulSet", "spec/template/metadata/labels", true),
    FieldRow::new("apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true),
    FieldRow::new("batch", "", "Job", "spec/template/metadata/labels", true),
    FieldRow::new("batch", "", "CronJob", "spec/jobTemplate/metadata/labels", true),
    FieldRow::new("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", true),
];

/// Label selectors (`commonLabels`, and `labels` with `includeSelectors`), before [`TEMPLATE_LABELS`].
pub(super) const SELECTOR_LABELS: &[FieldRow] = &[
    FieldRow::new("", "v1", "Service", "spec/selector", true),
    FieldRow::new("", "v1", "ReplicationController", "spec/selector", true),
    FieldRow::new("", "", "Deployment", "spec/selector/matchLabels", true),
    FieldRow::new("apps", "", "Deployment", "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", false),
    FieldRow::new("apps", "", "Deployment", "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", false),
    FieldRow::new("apps", "", "Deployment", "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", false),
    FieldRow::new("apps", "", "Deployment", "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", false),
    FieldRow::new("apps", "", "Deployment", "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", false),
    FieldRow::new("", "", "ReplicaSet", "spec/selector/matchLabels", true),
    FieldRow::new("", "", "DaemonSet", "spec/selector/matchLabels", true),
    FieldRow::new("apps", "", "StatefulSet", "spec/selector/matchLabels", true),
    FieldRow::new("apps", "", "StatefulSet", "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", false),
    FieldRow::new("apps", "", "StatefulSet", "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", false),
    FieldRow::new("apps", "", "StatefulSet", "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", false),
    FieldRow::new("apps", "", "StatefulSet", "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", false),
    FieldRow::new("apps", "", "StatefulSet", "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", false),
    FieldRow::new("batch", "", "Job", "spec/selector/matchLabels", false),
    FieldRow::new("batch", "", "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false),
    FieldRow::new("policy", "", "PodDisruptionBudget", "spec/selector/matchLabels", false),
    FieldRow::new("networking.k8s.io", "", "NetworkPolicy", "spec/podSelector/matchLabels", false),
    FieldRow::new("networking.k8s.io", "", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false),
    FieldRow::new("networking.k8s.io", "", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false),
];

/// `commonAnnotations`.
pub(super) const ANNOTATIONS: &[FieldRow] = &[
    FieldRow::new("", "", "", "metadata/annotations", true),
    FieldRow::new("", "v1", "ReplicationController", "spec/template/metadata/annotations", true),
    FieldRow::new("", "", "Deployment", "spec/template/metadata/annotations", true),
    FieldRow::new("", "", "ReplicaSet", "spec/template/metadata/annotations", true),
    FieldRow::new("", "", "DaemonSet", "spec/template/metadata/annotations", true),
    FieldRow::new("", "", "StatefulSet", "spec/template/metadata/annotations", true),
    FieldRow::new("batch", "", "Job", "spec/template/metadata/annotations", true),
    FieldRow::new("batch", "", "CronJob", "spec/jobTemplate/metadata/annotations", true),
    FieldRow::new("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations", true),
];

/// `namespace`, besides `metadata.namespace`.
pub(super) const NAMESPACE: &[FieldRow] = &[
    FieldRow::new("", "", "Namespace", "metadata/name", true),
    FieldRow::new("apiregistration.k8s.io", "", "APIService", "spec/service/namespace", true),
    FieldRow::new("apiextensions.k8s.io", "", "CustomResourceDefinition", "spec/conversion/webhook/clientConfig/service/namespace", false),
];

/// `images`.
pub(super) const IMAGES: &[FieldRow] = &[
    FieldRow::new("", "", "", "spec/containers[]/image", true),
    FieldRow::new("", "", "", "spec/initContainers[]/image", true),
    FieldRow::new("", "", "", "spec/template/spec/containers[]/image", true),
    FieldRow::new("", "", "", "spec/template/spec/initContainers[]/image", true),
];

/// `replicas`.
pub(super) const REPLICAS: &[FieldRow] = &[
    FieldRow::new("", "", "Deployment", "spec/replicas", true),
    FieldRow::new("", "", "ReplicationController", "spec/replicas", true),
    FieldRow::new("", "", "ReplicaSet", "spec/replicas", true),
    FieldRow::new("", "", "StatefulSet", "spec/replicas", true),
];

/// A kind that others name, and the fields they name it in.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReferenceRow {
    /// API group of the named kind.
    pub(super) group: &'static str,
    /// Its version.
    pub(super) version: &'static str,
    /// Its kind.
    pub(super) kind: &'static str,
    /// Fields that hold its name.
    pub(super) fields: &'static [FieldRow],
}

/// Who names whom.
pub(super) const REFERENCES: &[ReferenceRow] = &[
    ReferenceRow {
        group: "",
        version: "",
        kind: "Deployment",
        fields: &[
            FieldRow::new("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "",
        kind: "ReplicationController",
        fields: &[
            FieldRow::new("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "",
        kind: "ReplicaSet",
        fields: &[
            FieldRow::new("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "",
        kind: "StatefulSet",
        fields: &[
            FieldRow::new("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "v1",
        kind: "ConfigMap",
        fields: &[
            FieldRow::new("", "v1", "Pod", "spec/volumes/configMap/name", false),
            FieldRow::new("", "v1", "Pod", "spec/containers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "v1", "Pod", "spec/initContainers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "v1", "Pod", "spec/containers/envFrom/configMapRef/name", false),
            FieldRow::new("", "v1", "Pod", "spec/initContainers/envFrom/configMapRef/name", false),
            FieldRow::new("", "v1", "Pod", "spec/volumes/projected/sources/configMap/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/volumes/configMap/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/containers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/initContainers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/containers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/initContainers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/volumes/projected/sources/configMap/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/volumes/configMap/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/containers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/initContainers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/volumes/projected/sources/configMap/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/volumes/configMap/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/containers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/initContainers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/volumes/projected/sources/configMap/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/volumes/configMap/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/containers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/initContainers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/volumes/projected/sources/configMap/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/volumes/configMap/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/containers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/initContainers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/volumes/projected/sources/configMap/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/volumes/configMap/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/containers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/initContainers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/volumes/projected/sources/configMap/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/configMap/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/projected/sources/configMap/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/envFrom/configMapRef/name", false),
            FieldRow::new("", "", "Node", "spec/configSource/configMap", false),
            FieldRow::new("", "", "Role", "rules/resourceNames", false),
            FieldRow::new("", "", "ClusterRole", "rules/resourceNames", false),
            FieldRow::new("", "", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "v1",
        kind: "Secret",
        fields: &[
            FieldRow::new("", "v1", "Pod", "spec/volumes/secret/secretName", false),
            FieldRow::new("", "v1", "Pod", "spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "v1", "Pod", "spec/initContainers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "v1", "Pod", "spec/containers/envFrom/secretRef/name", false),
            FieldRow::new("", "v1", "Pod", "spec/initContainers/envFrom/secretRef/name", false),
            FieldRow::new("", "v1", "Pod", "spec/imagePullSecrets/name", false),
            FieldRow::new("", "v1", "Pod", "spec/volumes/projected/sources/secret/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/volumes/secret/secretName", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/initContainers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/containers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/initContainers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/imagePullSecrets/name", false),
            FieldRow::new("", "", "PodTemplate", "template/spec/volumes/projected/sources/secret/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/volumes/secret/secretName", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/containers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/initContainers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/imagePullSecrets/name", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/volumes/projected/sources/secret/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/volumes/secret/secretName", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/containers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/initContainers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/imagePullSecrets/name", false),
            FieldRow::new("", "", "ReplicaSet", "spec/template/spec/volumes/projected/sources/secret/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/volumes/secret/secretName", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/containers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/initContainers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/imagePullSecrets/name", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/volumes/projected/sources/secret/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/volumes/secret/secretName", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/containers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/initContainers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/imagePullSecrets/name", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/volumes/projected/sources/secret/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/volumes/secret/secretName", false),
            FieldRow::new("", "", "Job", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/containers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/initContainers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/imagePullSecrets/name", false),
            FieldRow::new("", "", "Job", "spec/template/spec/volumes/projected/sources/secret/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/secret/secretName", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/projected/sources/secret/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/containers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/initContainers/envFrom/secretRef/name", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/imagePullSecrets/name", false),
            FieldRow::new("", "", "Ingress", "spec/tls/secretName", false),
            FieldRow::new("", "", "Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret", false),
            FieldRow::new("", "", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret", false),
            FieldRow::new("", "", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret", false),
            FieldRow::new("", "", "Ingress", "spec/tls/secretName", false),
            FieldRow::new("", "", "ServiceAccount", "imagePullSecrets/name", false),
            FieldRow::new("", "", "StorageClass", "parameters/secretName", false),
            FieldRow::new("", "", "StorageClass", "parameters/adminSecretName", false),
            FieldRow::new("", "", "StorageClass", "parameters/userSecretName", false),
            FieldRow::new("", "", "StorageClass", "parameters/secretRef", false),
            FieldRow::new("", "", "Role", "rules/resourceNames", false),
            FieldRow::new("", "", "ClusterRole", "rules/resourceNames", false),
            FieldRow::new("serving.knative.dev", "v1", "Service", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", false),
            FieldRow::new("", "", "PersistentVolume", "spec/azureFile/secretName", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "v1",
        kind: "Service",
        fields: &[
            FieldRow::new("apps", "", "StatefulSet", "spec/serviceName", false),
            FieldRow::new("", "", "Ingress", "spec/rules/http/paths/backend/serviceName", false),
            FieldRow::new("", "", "Ingress", "spec/backend/serviceName", false),
            FieldRow::new("", "", "Ingress", "spec/rules/http/paths/backend/service/name", false),
            FieldRow::new("", "", "Ingress", "spec/defaultBackend/service/name", false),
            FieldRow::new("apiregistration.k8s.io", "", "APIService", "spec/service/name", false),
            FieldRow::new("admissionregistration.k8s.io", "", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service", false),
            FieldRow::new("admissionregistration.k8s.io", "", "MutatingWebhookConfiguration", "webhooks/clientConfig/service", false),
        ],
    },
    ReferenceRow {
        group: "rbac.authorization.k8s.io",
        version: "",
        kind: "Role",
        fields: &[
            FieldRow::new("rbac.authorization.k8s.io", "", "RoleBinding", "roleRef/name", false),
        ],
    },
    ReferenceRow {
        group: "rbac.authorization.k8s.io",
        version: "",
        kind: "ClusterRole",
        fields: &[
            FieldRow::new("rbac.authorization.k8s.io", "", "RoleBinding", "roleRef/name", false),
            FieldRow::new("rbac.authorization.k8s.io", "", "ClusterRoleBinding", "roleRef/name", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "v1",
        kind: "ServiceAccount",
        fields: &[
            FieldRow::new("rbac.authorization.k8s.io", "", "RoleBinding", "subjects", false),
            FieldRow::new("rbac.authorization.k8s.io", "", "ClusterRoleBinding", "subjects", false),
            FieldRow::new("", "", "Pod", "spec/serviceAccountName", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/serviceAccountName", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/serviceAccountName", false),
            FieldRow::new("", "", "ReplicationController", "spec/template/spec/serviceAccountName", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/serviceAccountName", false),
            FieldRow::new("", "", "Job", "spec/template/spec/serviceAccountName", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/serviceAccountName", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "v1",
        kind: "PersistentVolumeClaim",
        fields: &[
            FieldRow::new("", "", "Pod", "spec/volumes/persistentVolumeClaim/claimName", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/volumes/persistentVolumeClaim/claimName", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/volumes/persistentVolumeClaim/claimName", false),
            FieldRow::new("", "", "ReplicationController", "spec/template/spec/volumes/persistentVolumeClaim/claimName", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/volumes/persistentVolumeClaim/claimName", false),
            FieldRow::new("", "", "Job", "spec/template/spec/volumes/persistentVolumeClaim/claimName", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/volumes/persistentVolumeClaim/claimName", false),
        ],
    },
    ReferenceRow {
        group: "",
        version: "v1",
        kind: "PersistentVolume",
        fields: &[
            FieldRow::new("", "", "PersistentVolumeClaim", "spec/volumeName", false),
            FieldRow::new("", "", "ClusterRole", "rules/resourceNames", false),
        ],
    },
    ReferenceRow {
        group: "storage.k8s.io",
        version: "v1",
        kind: "StorageClass",
        fields: &[
            FieldRow::new("", "", "PersistentVolume", "spec/storageClassName", false),
            FieldRow::new("", "", "PersistentVolumeClaim", "spec/storageClassName", false),
            FieldRow::new("", "", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName", false),
        ],
    },
    ReferenceRow {
        group: "scheduling.k8s.io",
        version: "v1",
        kind: "PriorityClass",
        fields: &[
            FieldRow::new("", "", "Pod", "spec/priorityClassName", false),
            FieldRow::new("", "", "StatefulSet", "spec/template/spec/priorityClassName", false),
            FieldRow::new("", "", "Deployment", "spec/template/spec/priorityClassName", false),
            FieldRow::new("", "", "ReplicationController", "spec/template/spec/priorityClassName", false),
            FieldRow::new("", "", "CronJob", "spec/jobTemplate/spec/template/spec/priorityClassName", false),
            FieldRow::new("", "", "Job", "spec/template/spec/priorityClassName", false),
            FieldRow::new("", "", "DaemonSet", "spec/template/spec/priorityClassName", false),
        ],
    },
    ReferenceRow {
        group: "networking.k8s.io/v1",
        version: "v1",
        kind: "IngressClass",
        fields: &[
            FieldRow::new("", "", "Ingress", "spec/ingressClassName", false),
        ],
    },
    ReferenceRow {
        group: "admissionregistration.k8s.io",
        version: "",
        kind: "ValidatingAdmissionPolicy",
        fields: &[
            FieldRow::new("admissionregistration.k8s.io", "", "ValidatingAdmissionPolicyBinding", "spec/policyName", false),
        ],
    },
];
