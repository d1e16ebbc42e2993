//! One feature each, against the reference.

use super::*;

/// Kustomizations over the same two objects, one feature each.
const FEATURES: &[(&str, &str)] = &[
    ("nothing", ""),
    ("namespace", "namespace: prod\n"),
    ("labels", "labels:\n- pairs: {a: b}\n"),
    ("labels with selectors", "labels:\n- pairs: {a: b}\n  includeSelectors: true\n"),
    ("labels with templates", "labels:\n- pairs: {a: b}\n  includeTemplates: true\n"),
    (
        "labels with fields",
        "labels:\n- pairs: {a: b}\n  fields:\n  - {path: spec/labels, kind: AsyncActor, create: true}\n",
    ),
    ("common labels", "commonLabels: {a: b}\n"),
    ("common annotations", "commonAnnotations: {a: 'true'}\n"),
    ("prefix and suffix", "namePrefix: x-\nnameSuffix: -y\n"),
    ("image tag", "images: [{name: nginx, newTag: '2'}]\n"),
    ("image digest", "images: [{name: app, digest: 'sha256:ab'}]\n"),
    ("replicas", "replicas: [{name: web, count: 4}]\n"),
    ("order", "sortOptions: {order: fifo}\n"),
    (
        "merge patch",
        "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: a, env: [{name: Y, value: new}, {name: Z, value: z}]}]}}}\n",
    ),
    (
        "merge patch of ports",
        "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: a, ports: [{containerPort: 53, name: dns}, {containerPort: 90}]}]}}}\n",
    ),
    (
        "delete a container",
        "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: b, $patch: delete}]}}}\n",
    ),
    (
        "replace a container",
        "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: a, $patch: replace, image: only}]}}}\n",
    ),
    (
        "replace all containers",
        "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{$patch: replace}, {name: c}]}}}\n",
    ),
    (
        "custom lists are replaced",
        "patches:\n- patch: |\n    apiVersion: asya.sh/v1alpha1\n    kind: AsyncActor\n    metadata: {name: clean}\n    spec: {env: [{name: Y, value: '2'}]}\n",
    ),
    (
        "delete an object",
        "patches:\n- patch: |\n    apiVersion: asya.sh/v1alpha1\n    kind: AsyncActor\n    metadata: {name: clean}\n    $patch: delete\n",
    ),
    (
        "delete by target",
        "patches:\n- target: {kind: Async.*}\n  patch: |\n    apiVersion: v1\n    kind: X\n    metadata: {name: any}\n    $patch: delete\n",
    ),
    (
        "change the name",
        "patches:\n- target: {kind: AsyncActor}\n  options: {allowNameChange: true}\n  patch: |\n    apiVersion: asya.sh/v1alpha1\n    kind: AsyncActor\n    metadata: {name: other}\n",
    ),
    (
        "change the kind",
        "patches:\n- target: {kind: AsyncActor}\n  options: {allowKindChange: true}\n  patch: |\n    apiVersion: asya.sh/v1alpha1\n    kind: Other\n    metadata: {name: clean}\n",
    ),
    (
        "json patch",
        "patches:\n- target: {name: we.}\n  patch: |\n    - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: N, value: no}}\n    - {op: remove, path: /spec/template/spec/containers/1}\n",
    ),
    (
        "json patch in JSON",
        "patches:\n- target: {labelSelector: '!a', version: v1}\n  patch: '[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]'\n",
    ),
    (
        "older spellings",
        "patchesJson6902:\n- target: {kind: AsyncActor, name: clean}\n  patch: |\n    - {op: replace, path: /spec/image, value: new}\npatchesStrategicMerge:\n- |\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: web}\n  spec: {replicas: 2}\n",
    ),
    (
        "config map",
        "configMapGenerator:\n- name: c\n  literals: [a=b, \"t='x'\"]\n  options: {labels: {l: m}, immutable: true}\ngeneratorOptions: {annotations: {g: h}}\n",
    ),
    (
        "secret",
        "secretGenerator:\n- name: s\n  literals: [a=this value is long enough that its base64 form must be wrapped into lines]\n  type: x/y\n",
    ),
    ("no hash", "configMapGenerator:\n- name: c\n  literals: [a=b]\n  options: {disableNameSuffixHash: true}\n"),
    ("duplicate", "configMapGenerator:\n- name: c\n- name: c\n"),
    ("nothing to merge", "configMapGenerator:\n- {name: c, behavior: merge}\n"),
    ("wrong type", "images: [{name: nginx, newTag: 1.10}]\n"),
    (
        "flow style patch is JSON",
        "patches:\n- target: {kind: AsyncActor}\n  patch: '[{op: remove, path: /spec/env}]'\n",
    ),
    ("patch matches nothing", "patches:\n- patch: |\n    {apiVersion: v1, kind: X, metadata: {name: y}}\n"),
    (
        "target matches nothing",
        "patches:\n- target: {kind: X}\n  patch: |\n    {apiVersion: v1, kind: X, metadata: {name: y}}\n",
    ),
];

#[test]
fn every_feature_renders_as_the_reference_does() {
    let Some(mut reference) = Reference::start() else { return };
    let mut wrong = Vec::new();
    for (name, fields) in FEATURES {
        let text = format!("resources: [web.yaml, actor.yaml]\n{fields}");
        let root = kustomization(&[("kustomization.yaml", &text), ("web.yaml", DEPLOYMENT), ("actor.yaml", ACTOR)]);
        if let Err(difference) = compare(&mut reference, root.path()) {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
