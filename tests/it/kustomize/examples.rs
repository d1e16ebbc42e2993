//! What kustomize's own documentation shows, in our words and with our objects, against the reference.

use super::*;

/// A small web server: ConfigMap, Deployment, Service.
const HELLO: &[(&str, &str)] = &[
    (
        "base/map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: the-map\ndata:\n  altGreeting: Good Morning!\n  enableRisky: 'false'\n",
    ),
    (
        "base/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: the-deployment\nspec:\n  replicas: 3\n  selector:\n    matchLabels: {deployment: hello}\n  template:\n    metadata:\n      labels: {deployment: hello}\n    spec:\n      containers:\n      - name: the-container\n        image: monopole/hello:1\n        command: [/hello, --port=8080]\n        ports: [{containerPort: 8080}]\n        env:\n        - name: ALT_GREETING\n          valueFrom: {configMapKeyRef: {name: the-map, key: altGreeting}}\n",
    ),
    (
        "base/service.yaml",
        "kind: Service\napiVersion: v1\nmetadata:\n  name: the-service\nspec:\n  selector: {deployment: hello}\n  type: LoadBalancer\n  ports:\n  - protocol: TCP\n    port: 8666\n    targetPort: 8080\n",
    ),
    ("base/kustomization.yaml", "resources: [map.yaml, deployment.yaml, service.yaml]\ncommonLabels: {app: hello}\n"),
];

/// Files beside [`HELLO`]; the directory to render is `top`.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "staging and production of one base",
        &[
            (
                "staging/kustomization.yaml",
                "namePrefix: staging-\ncommonLabels: {variant: staging, org: acme}\ncommonAnnotations: {note: Hello, I am staging!}\nresources: [../base]\npatches: [{path: map.yaml}]\n",
            ),
            (
                "staging/map.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: the-map}\ndata: {altGreeting: Have a pineapple!, enableRisky: 'true'}\n",
            ),
            (
                "production/kustomization.yaml",
                "namePrefix: production-\ncommonLabels: {variant: production, org: acme}\nresources: [../base]\npatches: [{path: deployment.yaml}]\n",
            ),
            (
                "production/deployment.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: the-deployment}\nspec: {replicas: 10}\n",
            ),
            ("top/kustomization.yaml", "resources: [../staging, ../production]\n"),
        ],
    ),
    (
        "a generated ConfigMap, changed by an overlay",
        &[
            (
                "gen/kustomization.yaml",
                "resources: [../base]\nnamePrefix: pre-\nconfigMapGenerator:\n- name: generated\n  literals: [foo=bar, 'a=b c']\n  files: [app.properties]\n",
            ),
            ("gen/app.properties", "color=blue\nsize=10\n"),
            (
                "top/kustomization.yaml",
                "resources: [../gen]\nconfigMapGenerator:\n- name: generated\n  behavior: merge\n  literals: [foo=other]\n  files: [app.properties]\n",
            ),
            ("top/app.properties", "color=red\n"),
        ],
    ),
    (
        "options for all generators",
        &[(
            "top/kustomization.yaml",
            "resources: [../base]\nconfigMapGenerator: [{name: m, literals: [FRUIT=apple, VEGETABLE=broccoli], options: {disableNameSuffixHash: true, labels: {dessert: 'true'}}}]\nsecretGenerator: [{name: s, type: Opaque, literals: [ROCKET=saturn-v]}]\ngeneratorOptions: {labels: {fruit: apple}, annotations: {animal: owl}}\n",
        )],
    ),
    (
        "settings from several sources",
        &[
            (
                "top/kustomization.yaml",
                "configMapGenerator:\n- name: all\n  env: one.env\n  envs: [two.env]\n  literals: [PLAIN=text]\n  files: [renamed=data.json]\nnamespace: apps\n",
            ),
            ("top/one.env", "DB_USERNAME=admin\nDB_PASSWORD=somepw\n"),
            ("top/two.env", "# comment\nLONG=a b c\n"),
            ("top/data.json", "{\"a\": [1, 2]}\n"),
        ],
    ),
    (
        "a patch for many objects",
        &[
            (
                "top/kustomization.yaml",
                "resources: [../base]\npatches:\n- path: sidecar.yaml\n  target: {kind: Deployment, name: the-.*}\n- patch: |-\n    - op: add\n      path: /metadata/annotations\n      value: {checked: 'yes'}\n  target: {labelSelector: app=hello}\n",
            ),
            (
                "top/sidecar.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: not-important}\nspec:\n  template:\n    spec:\n      containers:\n      - name: istio-proxy\n        image: docker.io/istio/proxyv2\n        args: [proxy, sidecar]\n",
            ),
        ],
    ),
    (
        "JSON patches of an ingress",
        &[
            ("ing/kustomization.yaml", "resources: [ingress.yaml]\n"),
            (
                "ing/ingress.yaml",
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: my-ingress}\nspec:\n  rules:\n  - host: foo.bar.com\n    http:\n      paths:\n      - {path: /, pathType: Prefix, backend: {service: {name: homepage, port: {number: 8888}}}}\n      - {path: /test, pathType: Prefix, backend: {service: {name: hello, port: {number: 7777}}}}\n",
            ),
            (
                "top/kustomization.yaml",
                "resources: [../ing]\npatches:\n- path: p.json\n  target: {group: networking.k8s.io, version: v1, kind: Ingress, name: my-ingress}\n- path: p.yaml\n  target: {kind: Ingress}\n",
            ),
            (
                "top/p.json",
                "[{\"op\": \"replace\", \"path\": \"/spec/rules/0/host\", \"value\": \"foo.bar.io\"},\n {\"op\": \"add\", \"path\": \"/spec/rules/0/http/paths/-\", \"value\": {\"path\": \"/healthz\", \"backend\": {\"service\": {\"name\": \"h\", \"port\": {\"number\": 7700}}}}}]\n",
            ),
            (
                "top/p.yaml",
                "- op: replace\n  path: /spec/rules/0/http/paths/0/backend/service/port/number\n  value: 80\n- op: remove\n  path: /spec/rules/0/http/paths/1\n",
            ),
        ],
    ),
    (
        "delete with a patch",
        &[(
            "top/kustomization.yaml",
            "resources: [../base]\npatches:\n- patch: |\n    $patch: delete\n    apiVersion: v1\n    kind: Service\n    metadata: {name: the-service}\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: the-deployment}\n    spec: {template: {spec: {containers: [{name: the-container, env: [{name: ALT_GREETING, $patch: delete}]}]}}}\n",
        )],
    ),
    (
        "images by name, tag and digest",
        &[
            (
                "top/kustomization.yaml",
                "resources: [../base, pod.yaml]\nimages:\n- {name: monopole/hello, newName: registry.example.com:5000/hello, newTag: v2}\n- {name: busybox, digest: 'sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3'}\n- {name: alpine, newTag: '3.6'}\n",
            ),
            (
                "top/pod.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  initContainers: [{name: i, image: 'busybox:1.29.0'}]\n  containers: [{name: a, image: alpine}, {name: b, image: 'alpine:3.5@sha256:1'}]\n",
            ),
        ],
    ),
    (
        "components chosen by variants",
        &[
            (
                "database/kustomization.yaml",
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nsecretGenerator: [{name: dbpass, files: [dbpass.txt]}]\npatches: [{path: patch.yaml}]\n",
            ),
            ("database/dbpass.txt", "secret"),
            (
                "database/patch.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: the-deployment}\nspec: {template: {spec: {volumes: [{name: db, secret: {secretName: dbpass}}], containers: [{name: the-container, volumeMounts: [{mountPath: /var/run/db, name: db}]}]}}}\n",
            ),
            (
                "captcha/kustomization.yaml",
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigMapGenerator: [{name: conf, behavior: merge, literals: [captcha=on]}]\n",
            ),
            (
                "top/kustomization.yaml",
                "resources: [../base]\ncomponents: [../database, ../captcha]\nconfigMapGenerator: [{name: conf, literals: [a=b]}]\nnamePrefix: ent-\n",
            ),
        ],
    ),
    (
        "names that a custom resource refers to",
        &[
            (
                "top/kustomization.yaml",
                "resources: [../base, fruit.yaml]\nnamePrefix: sample-\ncommonLabels: {env: x}\nconfigurations: [conf.yaml]\n",
            ),
            (
                "top/fruit.yaml",
                "apiVersion: example.com/v1\nkind: Gorilla\nmetadata: {name: koko}\nspec: {diet: banana, location: near ape}\n---\napiVersion: example.com/v1\nkind: Bear\nmetadata: {name: yogi}\nspec: {friend: koko, map: {name: the-map}}\n",
            ),
            (
                "top/conf.yaml",
                "nameReference:\n- kind: Gorilla\n  fieldSpecs: [{kind: Bear, path: spec/friend}]\n- kind: ConfigMap\n  version: v1\n  fieldSpecs: [{kind: Bear, path: spec/map/name}]\ncommonLabels: [{path: spec/selectors, create: true, kind: Bear}]\n",
            ),
        ],
    ),
    (
        "replicas",
        &[(
            "top/kustomization.yaml",
            "resources: [../base]\nreplicas: [{name: the-deployment, count: 5}]\nnameSuffix: -v1\n",
        )],
    ),
    (
        "labels with and without selectors",
        &[(
            "top/kustomization.yaml",
            "resources: [../base]\nlabels:\n- pairs: {someName: someValue, owner: alice, app: bingo}\n- pairs: {release: '7'}\n  includeSelectors: true\n- pairs: {pod: only}\n  includeTemplates: true\n",
        )],
    ),
    (
        "a namespace for accounts and bindings",
        &[
            ("top/kustomization.yaml", "resources: [../base, rbac.yaml]\nnamespace: my-space\nnamePrefix: n-\n"),
            (
                "top/rbac.yaml",
                "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: old}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: service-account, namespace: old}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: manager}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: manager-role}\nsubjects:\n- {kind: ServiceAccount, name: default, namespace: old}\n- {kind: ServiceAccount, name: service-account, namespace: old}\n- {kind: ServiceAccount, name: another, namespace: elsewhere}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: any}\n",
            ),
        ],
    ),
    (
        "ports and environment merged by key",
        &[(
            "top/kustomization.yaml",
            "resources: [../base]\npatches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: the-deployment}\n    spec: {template: {spec: {containers: [{name: the-container, env: [{name: DEBUG, value: '1'}], ports: [{containerPort: 8080, name: http}, {containerPort: 9090}]}]}}}\n- patch: |\n    apiVersion: v1\n    kind: Service\n    metadata: {name: the-service}\n    spec: {ports: [{port: 8666, name: web}, {port: 9000, protocol: UDP}]}\n",
        )],
    ),
    (
        "a label that an overlay changes in one place changes in all",
        &[(
            "top/kustomization.yaml",
            "resources: [../base]\nlabels: [{pairs: {app: other}}]\npatches:\n- patch: |\n    apiVersion: v1\n    kind: Service\n    metadata: {name: the-service, labels: {app: patched}}\n",
        )],
    ),
];

#[test]
fn documented_examples_render_as_the_reference_does() {
    let Some(mut reference) = Reference::start() else { return };
    let mut wrong = Vec::new();
    for (name, files) in EXAMPLES {
        let root = kustomization(&[HELLO, files].concat());
        match compare(&mut reference, &root.path().join("top")) {
            Ok(Compared::Same) => {}
            Ok(Compared::Refused(reason)) => wrong.push(format!("{name}: both refuse: {reason}")),
            Err(difference) => wrong.push(format!("{name}: {difference}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The batch program is what `kubectl kustomize` prints, and what `asya render` prints.
#[test]
fn examples_render_as_kubectl_does() {
    let Some(kubectl) = reference::kubectl() else { return };
    for (name, files) in EXAMPLES {
        let sandbox = sandbox(&[HELLO, files].concat());
        let expected = reference::render_with(&kubectl, &sandbox.project().join("top")).unwrap();
        assert_eq!(sandbox.ok(&["render", "--path", "top"]).stdout, expected, "{name}");
    }
}
