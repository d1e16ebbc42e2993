//! Random trees of kustomizations, the same ones for the same seed.
#![allow(clippy::write_with_newline)]

use std::fmt::Write as _;

/// Files of a tree: relative path and text. The directory to render is `overlays/dev`.
pub type Tree = Vec<(String, String)>;

/// A small generator of random numbers (xorshift), enough for choosing.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % sides as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }
}

/// Values as they may stand in a manifest, on one line.
pub const SCALARS: &[&str] = &[
    "on",
    "off",
    "yes",
    "No",
    "y",
    "n",
    "true",
    "False",
    "~",
    "null",
    "0777",
    "0o17",
    "1_000",
    "1e3",
    "0x1F",
    "0b11",
    ".5",
    "5.",
    "+1",
    "-0",
    "1.10",
    "2024-01-01",
    "2024-1-2",
    "2024-01-01T10:00:00Z",
    "2024-01-01 10:00:00.120",
    "=",
    "12:30:45",
    "1:20",
    "09",
    "1e400",
    "12345678.5",
    "123456.5",
    "1e-7",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "<<x",
    "!!str 12",
    "!!int 7",
    "\"on\"",
    "'0777'",
    "\"a: b\"",
    "'#x'",
    "\" lead\"",
    "'trail '",
    "\"tab\\there\"",
    "\"line\\nbreak\"",
    "\"two\\n\\nbreaks\\n\"",
    "\"\\n\"",
    "\"trail \\nline\"",
    "\"caf\\u00e9\"",
    "\"\\U0001F600\"",
    "\"\\x01\"",
    "\"\\r\\n\"",
    "\"\\u2028x\"",
    "'it''s'",
    "''",
    "\"\"",
    "plain words here",
    "a:b",
    "a #not",
    "x#y",
    "http://a.b/c?d=e&f=<g>",
    "-",
    "?x",
    "@at",
    "`tick`",
    "%p",
    "{a: 1, b: [x, 'y', ~]}",
    "[1, two, 3.0, [], {}]",
    "{}",
    "[]",
    "- x",
    "[on, 2024-01-01, 1e3]",
    "\"---\"",
    "...x",
    "\"...\"",
    "a'b",
    "a\"b",
    "\\n",
    "-1",
    "1.",
    "-.5",
    "+.5",
    ".e3",
    "1__0",
    "0x",
    "0_1",
    "é",
    "naïve",
    "!x",
    "*x",
    "&x y",
    "|",
    ">",
    "\"a very long line of words that goes on and on past the eighty columns at which some writers wrap it, and then some\"",
];

/// Values over several lines, to stand after `key: ` with the given indentation.
fn block(dice: &mut Dice, indent: usize) -> String {
    let style = dice.pick(&["|", "|-", "|+", ">", ">-", ">+"]);
    let lines = [
        "first line",
        "  indented",
        "",
        "text with: colon",
        "# no comment",
        "- dash",
        "    deep",
        "éè",
        "end",
        "key: value",
        "\ttab",
    ];
    let mut out = format!("{style}\n");
    let pad = " ".repeat(indent);
    let _ = writeln!(out, "{pad}start of it");
    for _ in 0..dice.roll(5) {
        let line = dice.pick(&lines);
        if line.is_empty() {
            out.push('\n');
        } else {
            let _ = writeln!(out, "{pad}{line}");
        }
    }
    out
}

fn value(dice: &mut Dice, indent: usize) -> String {
    if dice.chance(20) { block(dice, indent) } else { format!("{}\n", dice.pick(SCALARS)) }
}

/// A value that is a string to every reader.
fn text(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "v1",
        "prod",
        "\"on\"",
        "'1'",
        "a-b",
        "\"true\"",
        "x.y/z",
        "'2024-01-01'",
        "hello world",
        "\"\"",
        "\"1e3\"",
        "yes-no",
    ])
}

const NAMES: &[&str] = &["alpha", "beta", "gamma", "delta", "web"];

fn metadata(dice: &mut Dice, name: &str, namespace: bool) -> String {
    let mut out = format!("metadata:\n  name: {name}\n");
    if namespace && dice.chance(20) {
        let _ = writeln!(out, "  namespace: {}", dice.pick(&["default", "one", "two"]));
    }
    match dice.roll(8) {
        0 => out.push_str("  labels: {}\n"),
        1 => out.push_str("  labels:\n"),
        2..=5 => {
            out.push_str("  labels:\n");
            for key in ["app", "tier", "app.kubernetes.io/name"] {
                if dice.chance(60) {
                    let _ = writeln!(out, "    {key}: {}", dice.pick(&["web", "db", "\"1\"", "x-1"]));
                }
            }
            out.push_str("    z10: a\n    z9: b\n");
        }
        _ => {}
    }
    match dice.roll(8) {
        0 => out.push_str("  annotations: {}\n"),
        1..=3 => {
            out.push_str("  annotations:\n    note: text\n");
            if dice.chance(30) {
                let _ = write!(out, "    odd: {}\n", dice.pick(&["\"yes\"", "12", "true", "\"a: b\"", "2024-01-01"]));
            }
        }
        _ => {}
    }
    out
}

fn container(dice: &mut Dice, name: &str, pad: &str) -> String {
    let image = dice.pick(&[
        "nginx",
        "nginx:1.2",
        "repo.io:5000/app/web:v1",
        "busybox@sha256:abc",
        "app/web",
        "repo.io/x:1@sha256:dd",
    ]);
    let mut out = format!("{pad}- name: {name}\n{pad}  image: {image}\n");
    if dice.chance(60) {
        let _ = write!(out, "{pad}  env:\n");
        for key in ["A", "B", "C"] {
            if dice.chance(60) {
                match dice.roll(3) {
                    0 => {
                        let _ = write!(
                            out,
                            "{pad}  - name: {key}\n{pad}    valueFrom:\n{pad}      configMapKeyRef:\n{pad}        name: {}\n{pad}        key: k\n",
                            dice.pick(NAMES)
                        );
                    }
                    _ => {
                        let _ = write!(out, "{pad}  - name: {key}\n{pad}    value: {}\n", text(dice));
                    }
                }
            }
        }
        let _ = write!(out, "{pad}  - name: Z\n{pad}    value: \"9\"\n");
    }
    if dice.chance(40) {
        let _ = write!(out, "{pad}  ports:\n{pad}  - containerPort: 80\n");
        if dice.chance(50) {
            let _ = write!(out, "{pad}    protocol: TCP\n");
        }
        if dice.chance(40) {
            let _ = write!(out, "{pad}  - containerPort: 53\n{pad}    protocol: UDP\n{pad}    name: dns\n");
        }
    }
    if dice.chance(30) {
        let _ = write!(out, "{pad}  envFrom:\n{pad}  - secretRef:\n{pad}      name: {}\n", dice.pick(NAMES));
    }
    if dice.chance(30) {
        let _ = write!(
            out,
            "{pad}  volumeMounts:\n{pad}  - mountPath: /etc/x\n{pad}    name: cfg\n{pad}  - {{mountPath: /data, name: data}}\n"
        );
    }
    if dice.chance(30) {
        let _ = write!(out, "{pad}  args: [\"-c\", 'x', {}]\n", dice.pick(&["1", "on", "\"y\""]));
    }
    out
}

fn pod(dice: &mut Dice, pad: &str) -> String {
    let mut out = format!("{pad}containers:\n");
    out.push_str(&container(dice, "main", pad));
    if dice.chance(40) {
        out.push_str(&container(dice, "side", pad));
    }
    if dice.chance(20) {
        let _ = write!(out, "{pad}initContainers:\n");
        out.push_str(&container(dice, "init", pad));
    }
    if dice.chance(50) {
        let _ =
            write!(out, "{pad}volumes:\n{pad}- name: cfg\n{pad}  configMap:\n{pad}    name: {}\n", dice.pick(NAMES));
        let _ = write!(out, "{pad}- name: data\n{pad}  secret:\n{pad}    secretName: {}\n", dice.pick(NAMES));
    }
    if dice.chance(20) {
        let _ = write!(out, "{pad}serviceAccountName: {}\n", dice.pick(NAMES));
    }
    out
}

/// One manifest of a kind.
fn manifest(dice: &mut Dice, kind: &str, name: &str) -> String {
    let meta = metadata(dice, name, !matches!(kind, "Namespace" | "ClusterRoleBinding"));
    match kind {
        "ConfigMap" => {
            let mut out = format!("apiVersion: v1\nkind: ConfigMap\n{meta}");
            if dice.chance(90) {
                out.push_str("data:\n");
                for key in ["a", "b.yaml", "c_1", "\"on\"", "z10", "z9"] {
                    if dice.chance(60) {
                        let _ = write!(out, "  {key}: {}", value(dice, 4));
                    }
                }
                out.push_str("  last: x\n");
            }
            out
        }
        "Secret" => format!(
            "apiVersion: v1\nkind: Secret\n{meta}type: Opaque\ndata:\n  k: dmFsdWU=\nstringData:\n  s: {}\n",
            text(dice)
        ),
        "Service" => {
            let mut out =
                format!("apiVersion: v1\nkind: Service\n{meta}spec:\n  ports:\n  - port: 80\n    targetPort: 8080\n");
            if dice.chance(50) {
                out.push_str("    protocol: TCP\n  - name: dns\n    port: 53\n    protocol: UDP\n");
            }
            if dice.chance(60) {
                out.push_str("  selector:\n    app: web\n");
            }
            out
        }
        "Deployment" | "StatefulSet" => {
            let mut out = format!("apiVersion: apps/v1\nkind: {kind}\n{meta}spec:\n  replicas: {}\n", dice.roll(5));
            if dice.chance(70) {
                out.push_str("  selector:\n    matchLabels:\n      app: web\n");
            }
            out.push_str("  template:\n");
            match dice.roll(3) {
                0 => out.push_str("    metadata:\n      labels:\n        app: web\n"),
                1 => out.push_str("    metadata:\n"),
                _ => {}
            }
            let _ = write!(out, "    spec:\n{}", pod(dice, "      "));
            if kind == "StatefulSet" {
                let _ = write!(
                    out,
                    "  serviceName: {}\n  volumeClaimTemplates:\n  - metadata:\n      name: data\n    spec:\n      storageClassName: fast\n",
                    dice.pick(NAMES)
                );
            }
            out
        }
        "CronJob" => format!(
            "apiVersion: batch/v1\nkind: CronJob\n{meta}spec:\n  schedule: \"*/5 * * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n{}",
            pod(dice, "          ")
        ),
        "RoleBinding" | "ClusterRoleBinding" => format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\n{meta}roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {}\n  name: {}\nsubjects:\n- kind: ServiceAccount\n  name: {}\n  namespace: {}\n- kind: ServiceAccount\n  name: default\n",
            dice.pick(&["Role", "ClusterRole"]),
            dice.pick(NAMES),
            dice.pick(NAMES),
            dice.pick(&["default", "one"])
        ),
        "Role" => format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n{meta}rules:\n- apiGroups: [\"\"]\n  resources: [configmaps]\n  resourceNames: [{}]\n  verbs: [get]\n",
            dice.pick(NAMES)
        ),
        "ServiceAccount" => {
            format!("apiVersion: v1\nkind: ServiceAccount\n{meta}imagePullSecrets:\n- name: {}\n", dice.pick(NAMES))
        }
        "Namespace" => format!("apiVersion: v1\nkind: Namespace\n{meta}"),
        "HorizontalPodAutoscaler" => format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n{meta}spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {}\n",
            dice.pick(NAMES)
        ),
        "Ingress" => format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\n{meta}spec:\n  tls:\n  - secretName: {}\n  rules:\n  - http:\n      paths:\n      - path: /\n        backend:\n          service:\n            name: {}\n            port: {{number: 80}}\n",
            dice.pick(NAMES),
            dice.pick(NAMES)
        ),
        _ => {
            let mut out = format!(
                "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\n{meta}spec:\n  actor: {name}\n  image: {}\n  handler: app.{name}\n  env:\n  - name: A\n    value: {}\n  - name: B\n    value: {}\n  configRef: {}\n",
                dice.pick(&["nginx", "app/web:v1", "repo.io:5000/app/web:v1", "handlers:latest"]),
                text(dice),
                text(dice),
                dice.pick(NAMES)
            );
            if dice.chance(40) {
                let _ = write!(out, "  odd: {}", value(dice, 4));
            }
            if dice.chance(30) {
                out.push_str("  scaling: {minReplicaCount: 0, maxReplicaCount: 5}\n");
            }
            if dice.chance(20) {
                let _ = write!(
                    out,
                    "  blank:\n  none: null\n  tilde: ~\n  nested:\n    - - a\n      - {{b: c}}\n    -\n      d: e\n"
                );
            }
            if dice.chance(30) {
                let _ = write!(out, "  containers:\n{}", container(dice, "c", "  "));
            }
            out
        }
    }
}

const KINDS: &[&str] = &[
    "ConfigMap",
    "ConfigMap",
    "Secret",
    "Service",
    "Deployment",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "RoleBinding",
    "ClusterRoleBinding",
    "Role",
    "ServiceAccount",
    "Namespace",
    "HorizontalPodAutoscaler",
    "Ingress",
    "AsyncActor",
    "AsyncActor",
    "AsyncActor",
];

/// A manifest file: one or more documents, separators, comments, line endings.
fn file(dice: &mut Dice, objects: &[(String, String)]) -> String {
    let mut out = String::new();
    if dice.chance(20) {
        out.push_str("# a comment first\n");
    }
    if dice.chance(30) {
        out.push_str("---\n");
    }
    for (at, (kind, name)) in objects.iter().enumerate() {
        if at > 0 {
            out.push_str(dice.pick(&[
                "---\n",
                "--- # more\n",
                "---\n---\n",
                "---\n# only a comment\n---\n",
                "\n---\n",
            ]));
        }
        out.push_str(&manifest(dice, kind, name));
        if dice.chance(10) {
            out.push_str("# a comment last\n");
        }
    }
    if dice.chance(10) {
        out.push_str("---\n");
    }
    if dice.chance(10) {
        out = out.replace('\n', "\r\n");
    }
    if dice.chance(5) {
        while out.ends_with('\n') {
            out.pop();
        }
    }
    out
}

fn anchors(name: &str) -> String {
    format!(
        "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata:\n  name: &n {name}\n  labels: &l\n    app: *n\n    b: c\nspec:\n  copy: *l\n  merged:\n    <<: *l\n    b: own\n  many:\n    <<: [*l, {{x: 1, b: 2}}]\n  list: &list [1, two]\n  again: *list\n"
    )
}

/// A strategic merge patch for an object.
fn merge_patch(dice: &mut Dice, kind: &str, name: &str) -> String {
    let version = match kind {
        "Deployment" | "StatefulSet" => "apps/v1",
        "ConfigMap" | "Service" | "Secret" => "v1",
        _ => "asya.sh/v1alpha1",
    };
    let head = format!("apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n");
    let body = match kind {
        "ConfigMap" => match dice.roll(5) {
            0 => "$patch: delete\n".to_owned(),
            1 => "data:\n  $patch: replace\n  only: this\n".to_owned(),
            2 => "data:\n  a: null\n  new: \"1\"\n".to_owned(),
            3 => "data: null\n".to_owned(),
            _ => format!("data:\n  a: {}  \"on\": changed\n", value(dice, 4)),
        },
        "Deployment" | "StatefulSet" => {
            let inner = match dice.roll(9) {
                0 => "      containers:\n      - name: side\n        $patch: delete\n".to_owned(),
                1 => "      containers:\n      - name: main\n        image: patched:9\n        env:\n        - name: B\n          value: patched\n        - name: NEW\n          value: \"1\"\n".to_owned(),
                2 => "      containers:\n      - $patch: replace\n      - name: sole\n        image: alone\n".to_owned(),
                3 => "      containers:\n      - name: main\n        ports:\n        - containerPort: 80\n          name: http\n        - containerPort: 90\n          protocol: TCP\n".to_owned(),
                4 => "      containers:\n      - name: main\n        env:\n        - name: A\n          $patch: delete\n        volumeMounts:\n        - mountPath: /data\n          readOnly: true\n        - mountPath: /new\n          name: new\n".to_owned(),
                5 => "      volumes:\n      - name: extra\n        emptyDir: {}\n      - name: cfg\n        $patch: delete\n".to_owned(),
                6 => "      containers: null\n      nodeSelector:\n        disk: ssd\n".to_owned(),
                7 => "      $patch: replace\n      containers:\n      - name: x\n".to_owned(),
                _ => "      containers:\n      - name: main\n        args: [new]\n        command: null\n        resources:\n          limits: {cpu: 1, memory: 1Gi}\n      - name: added\n        image: side:1\n".to_owned(),
            };
            format!("spec:\n  replicas: {}\n  template:\n    spec:\n{inner}", dice.roll(9))
        }
        "Service" => {
            "spec:\n  type: NodePort\n  ports:\n  - port: 80\n    nodePort: 30080\n  - port: 81\n    name: more\n"
                .to_owned()
        }
        _ => match dice.roll(6) {
            0 => "$patch: delete\n".to_owned(),
            1 => "spec:\n  env:\n  - name: ONLY\n    value: x\n".to_owned(),
            2 => "spec:\n  $patch: replace\n  image: fresh:1\n".to_owned(),
            3 => "spec:\n  scaling:\n    minReplicaCount: 2\n    $patch: merge\n  env: null\n".to_owned(),
            4 => format!(
                "metadata:\n  name: {name}\n  labels:\n    app: null\n    added: \"yes\"\n  annotations:\n    a: b\nspec:\n  new: {{deep: {{x: 1, gone: null}}}}\n"
            ),
            _ => format!("spec:\n  image: \"nginx\"\n  odd: {}  handler: 'changed'\n", value(dice, 4)),
        },
    };
    if body.starts_with("metadata") { format!("apiVersion: {version}\nkind: {kind}\n{body}") } else { head + &body }
}

fn json_patch(dice: &mut Dice, kind: &str) -> String {
    let operation = match (kind, dice.roll(4)) {
        ("Deployment" | "StatefulSet", 0) => "- op: replace\n  path: /spec/replicas\n  value: 7\n",
        ("Deployment" | "StatefulSet", 1) => {
            "- op: add\n  path: /spec/template/spec/containers/-\n  value: {name: late, image: \"late:1\"}\n"
        }
        ("Deployment" | "StatefulSet", 2) => {
            "- op: add\n  path: /spec/template/spec/containers/0/args\n  value: [yes, 'no', 1.5, 10000000]\n"
        }
        ("Deployment" | "StatefulSet", _) => "- {op: remove, path: /spec/template/spec/containers/0/image}\n",
        ("ConfigMap", 0) => "- op: add\n  path: /data/added\n  value: \"on\"\n",
        ("ConfigMap", 1) => "- op: replace\n  path: /metadata/annotations/note\n  value: changed\n",
        ("ConfigMap", _) => "- op: add\n  path: /metadata/labels\n  value:\n    only: label\n",
        (_, 0) => "- op: replace\n  path: /spec/image\n  value: json:1\n",
        (_, 1) => {
            "[{\"op\": \"add\", \"path\": \"/spec/env/0\", \"value\": {\"name\": \"FIRST\", \"value\": \"1\"}}]\n"
        }
        (_, 2) => "- op: test\n  path: /spec/handler\n  value: nothing\n- op: remove\n  path: /spec/env\n",
        (_, _) => {
            "- op: move\n  from: /spec/image\n  path: /spec/picture\n- op: copy\n  from: /spec/handler\n  path: /spec/h~1x\n"
        }
    };
    operation.to_owned()
}

fn indented(text: &str, pad: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") }).collect()
}

/// What has been made so far.
struct Maker<'a> {
    dice: &'a mut Dice,
    tree: Tree,
    objects: Vec<(String, String)>,
    generated: Vec<(String, bool)>,
}

impl Maker<'_> {
    fn transformers(&mut self, directory: &str, out: &mut String) {
        let dice = &mut *self.dice;
        if dice.chance(30) {
            let _ = writeln!(out, "namespace: {}", dice.pick(&["one", "two", "prod"]));
        }
        if dice.chance(12) {
            out.push_str("namePrefix: pre-\n");
        }
        if dice.chance(12) {
            out.push_str("nameSuffix: -suf\n");
        }
        if dice.chance(35) {
            out.push_str("labels:\n- pairs:\n    team: core\n    \"n\": \"1\"\n");
            match dice.roll(4) {
                0 => out.push_str("  includeSelectors: true\n"),
                1 => out.push_str("  includeTemplates: true\n"),
                2 => out.push_str("  fields:\n  - path: spec/labels\n    kind: AsyncActor\n    create: true\n"),
                _ => {}
            }
        }
        if dice.chance(10) {
            out.push_str("commonLabels:\n  shared: 'yes'\n");
        }
        if dice.chance(25) {
            let _ = write!(out, "commonAnnotations:\n  owner: me\n  \"note\": {}\n", text(dice));
        }
        if dice.chance(30) {
            out.push_str("images:\n");
            for _ in 0..=dice.roll(2) {
                let _ = writeln!(
                    out,
                    "- name: {}",
                    dice.pick(&["nginx", "app/web", "repo.io:5000/app/web", "busybox", "handlers", "repo.io/x"])
                );
                match dice.roll(5) {
                    0 => out.push_str("  newTag: \"2.0\"\n"),
                    1 => out.push_str("  newName: mirror.io/img\n"),
                    2 => out.push_str("  digest: sha256:1234\n"),
                    3 => out.push_str("  newName: mirror.io:80/img\n  newTag: v9\n"),
                    _ => out.push_str("  newTag: v3\n  digest: sha256:99\n"),
                }
            }
        }
        if dice.chance(50) {
            out.push_str("configurations:\n- conf.yaml\n");
            let mut conf = "images:\n- path: spec/image\n  kind: AsyncActor\n".to_owned();
            if dice.chance(60) {
                conf.push_str("nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs:\n  - path: spec/configRef\n    kind: AsyncActor\n");
            }
            if dice.chance(20) {
                conf.push_str("commonAnnotations:\n- path: spec/annotations\n  create: true\n  kind: AsyncActor\n");
            }
            self.tree.push((format!("{directory}/conf.yaml"), conf));
        }
    }

    fn generators(&mut self, directory: &str, out: &mut String, first: bool) {
        for (field, secret, percent) in [("configMapGenerator", false, 35), ("secretGenerator", true, 20)] {
            if !self.dice.chance(percent) {
                continue;
            }
            let _ = writeln!(out, "{field}:");
            let reuse =
                if first { None } else { self.generated.iter().find(|(_, is_secret)| *is_secret == secret).cloned() };
            let dice = &mut *self.dice;
            let name = match &reuse {
                Some((name, _)) => name.clone(),
                None => format!("{}{}", dice.pick(NAMES), dice.pick(&["", "", "-gen"])),
            };
            let _ = writeln!(out, "- name: {name}");
            if reuse.is_some() {
                let _ = writeln!(out, "  behavior: {}", dice.pick(&["merge", "replace", "merge"]));
            }
            if dice.chance(70) {
                let _ = write!(
                    out,
                    "  literals:\n  - a=1\n  - \"b='quoted'\"\n  - c={}\n",
                    dice.pick(&["x=y", "<&>", "\"\"", "true", "é", "two words"])
                );
            }
            if dice.chance(50) {
                let content = [
                    "line one\nline two\n",
                    "key: on\n\ttab\n",
                    "no newline",
                    "trail \nspaces\n",
                    "a\r\nb\r\n",
                    "",
                    "emoji 😀\n",
                ];
                self.tree.push((format!("{directory}/data.txt"), dice.pick(&content).to_owned()));
                out.push_str(dice.pick(&["  files:\n  - data.txt\n", "  files:\n  - named=data.txt\n"]));
            }
            if dice.chance(30) {
                self.tree.push((format!("{directory}/e.env"), "# env\nX=1\nY=a b\n\n  Z=\nQ\n".to_owned()));
                out.push_str("  envs:\n  - e.env\n");
            }
            match dice.roll(6) {
                0 => out.push_str("  options:\n    disableNameSuffixHash: true\n"),
                1 => out.push_str(
                    "  options:\n    labels: {gen: \"yes\"}\n    annotations:\n      g: h\n    immutable: true\n",
                ),
                _ => {}
            }
            if secret && dice.chance(30) {
                out.push_str("  type: kubernetes.io/tls\n");
            }
            self.generated.push((name, secret));
        }
        if self.dice.chance(10) {
            out.push_str("generatorOptions:\n  labels:\n    all: gen\n");
        }
    }

    fn patches(&mut self, directory: &str, out: &mut String) {
        if self.objects.is_empty() || !self.dice.chance(75) {
            return;
        }
        out.push_str("patches:\n");
        for number in 0..=self.dice.roll(3) {
            let dice = &mut *self.dice;
            let patchable: Vec<&(String, String)> = self
                .objects
                .iter()
                .filter(|(kind, _)| {
                    matches!(kind.as_str(), "ConfigMap" | "Service" | "Deployment" | "StatefulSet" | "AsyncActor")
                })
                .collect();
            let Some((kind, name)) = (!patchable.is_empty()).then(|| patchable[dice.roll(patchable.len())].clone())
            else {
                out.push_str("- target: {kind: Nothing}\n  patch: |\n    - {op: add, path: /a, value: b}\n");
                continue;
            };
            let json = dice.chance(30);
            let body = if json { json_patch(dice, &kind) } else { merge_patch(dice, &kind, &name) };
            if dice.chance(50) {
                let path = format!("patch-{number}.yaml");
                self.tree.push((format!("{directory}/{path}"), body));
                let _ = writeln!(out, "- path: {path}");
            } else {
                let _ = write!(out, "- patch: |\n{}", indented(&body, "    "));
            }
            if json || dice.chance(50) {
                let _ = write!(
                    out,
                    "  target:\n    kind: {}\n",
                    dice.pick(&[kind.as_str(), kind.as_str(), ".*", "Deployment|AsyncActor"])
                );
                match dice.roll(7) {
                    0 => {
                        let _ = writeln!(out, "    name: {name}");
                    }
                    1 => out.push_str("    name: a.*|b.*\n"),
                    2 => out.push_str("    labelSelector: app=web\n"),
                    3 => out.push_str("    labelSelector: \"app in (web, db), !nothing\"\n"),
                    4 => out.push_str("    annotationSelector: note=text\n"),
                    5 => out.push_str("    namespace: default\n"),
                    _ => out.push_str("    version: v1.*\n"),
                }
                if !json && dice.chance(15) {
                    out.push_str("  options:\n    allowNameChange: true\n");
                }
            }
        }
    }

    fn layer(&mut self, directory: &str, below: &[String], objects: usize) {
        let mut out = String::new();
        if self.dice.chance(60) {
            out.push_str("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n");
        }
        out.push_str("resources:\n");
        for path in below {
            let _ = writeln!(out, "- {path}");
        }
        let mut made = Vec::new();
        for _ in 0..objects {
            let kind = self.dice.pick(KINDS).to_owned();
            let name = self.dice.pick(NAMES).to_owned();
            if self.objects.iter().chain(&made).any(|(k, n)| *k == kind && *n == name) {
                continue;
            }
            made.push((kind, name));
        }
        let mut rest = made.as_slice();
        let mut number = 0;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(1 + self.dice.roll(rest.len()));
            let path = format!("r{number}.yaml");
            let text = file(self.dice, now);
            self.tree.push((format!("{directory}/{path}"), text));
            let _ = writeln!(out, "- {path}");
            rest = later;
            number += 1;
        }
        if self.dice.chance(15) {
            let name = format!("anchored-{}", self.objects.len() + made.len());
            self.tree.push((format!("{directory}/anchors.yaml"), anchors(&name)));
            out.push_str("- anchors.yaml\n");
            made.push(("AsyncActor".to_owned(), name));
        }
        let first = self.objects.is_empty();
        self.objects.extend(made);
        self.generators(directory, &mut out, first);
        self.patches(directory, &mut out);
        self.transformers(directory, &mut out);
        if self.dice.chance(20) {
            out.push_str("components:\n- ../../component\n");
            if !self.tree.iter().any(|(path, _)| path == "component/kustomization.yaml") {
                let mut component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n".to_owned();
                self.patches("component", &mut component);
                self.transformers("component", &mut component);
                if self.dice.chance(40) {
                    component.push_str("configMapGenerator:\n- name: from-component\n  literals: [k=v]\n");
                }
                if component.lines().count() == 2 {
                    component.push_str("resources: []\n");
                }
                self.tree.push(("component/kustomization.yaml".to_owned(), component));
            }
        }
        if self.dice.chance(10) {
            out = out.replace('\n', "\r\n");
        }
        self.tree.push((format!("{directory}/kustomization.yaml"), out));
    }
}

/// The tree of a seed.
pub fn tree(seed: u64) -> Tree {
    let mut dice = Dice::new(seed);
    for _ in 0..8 {
        dice.roll(2);
    }
    let size = dice.roll(5) + 2;
    let layers = dice.roll(3);
    let mut maker = Maker { dice: &mut dice, tree: Vec::new(), objects: Vec::new(), generated: Vec::new() };
    if layers == 0 {
        maker.layer("overlays/dev", &[], size);
    } else {
        maker.layer("flows/base", &[], size);
        if layers == 2 {
            maker.layer("flows/common", &["../base".to_owned()], 1);
        }
        let below = if layers == 2 { "../../flows/common" } else { "../../flows/base" };
        maker.layer("overlays/dev", &[below.to_owned()], 1);
    }
    maker.tree
}
