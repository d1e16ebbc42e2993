//! Rendering against the reference: `kubectl kustomize`, byte for byte.
#![allow(clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use asya::kustomize::render;
use asya::project::DiskTree;

use crate::kustomize_trees::{SCALARS, tree};
use crate::sandbox::Sandbox;

/// The reference program, or why the comparison is left out.
fn reference() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|directory| directory.join("kubectl")).find(|file| file.is_file());
    if found.is_none() {
        assert!(std::env::var_os("ASYA_REQUIRE_KUBECTL").is_none(), "kubectl is required and not on PATH");
        eprintln!("SKIPPED: kubectl is not on PATH, so rendering was not compared with the reference");
    }
    found
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn write(root: &Path, files: &[(String, String)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// What the reference prints, or its error.
fn expected(kubectl: &Path, directory: &Path) -> Result<String, String> {
    let output = Command::new(kubectl).arg("kustomize").arg(directory).stdin(Stdio::null()).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn rendered(directory: &Path) -> Result<String, String> {
    let tree = DiskTree::new(directory);
    render(&tree, Path::new(".")).map(|rendering| rendering.to_yaml()).map_err(|error| {
        let error = asya::error::Error::from(error);
        let located: Vec<&str> = error
            .located()
            .iter()
            .flat_map(|located| located.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()))
            .collect();
        format!("{error} {}", located.join(" / "))
    })
}

/// The first line where two texts differ, with the lines around it.
fn difference(mine: &str, theirs: &str) -> String {
    let (mine, theirs): (Vec<&str>, Vec<&str>) = (mine.lines().collect(), theirs.lines().collect());
    let at = mine.iter().zip(&theirs).position(|(a, b)| a != b).unwrap_or(mine.len().min(theirs.len()));
    let part = |lines: &[&str]| lines[at.saturating_sub(6).min(lines.len())..(at + 4).min(lines.len())].join("\n    ");
    format!("line {}\n  asya:\n    {}\n  reference:\n    {}", at + 1, part(&mine), part(&theirs))
}

fn compare(kubectl: &Path, directory: &Path) -> Result<bool, String> {
    match (rendered(directory), expected(kubectl, directory)) {
        (Ok(mine), Ok(theirs)) if mine == theirs => Ok(true),
        (Ok(mine), Ok(theirs)) => Err(difference(&mine, &theirs)),
        (Err(_), Err(_)) => Ok(false),
        (Err(mine), Ok(_)) => Err(format!("only asya refuses: {mine}")),
        (Ok(_), Err(theirs)) => Err(format!("only the reference refuses: {theirs}")),
    }
}

#[test]
fn random_trees_render_as_the_reference_does() {
    let Some(kubectl) = reference() else { return };
    let count = number("ASYA_KUSTOMIZE_TREES", 150);
    let seed = number("ASYA_KUSTOMIZE_SEED", 1);
    let (next, rendered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed) as u64;
            if index >= count {
                return;
            }
            let root = tempfile::Builder::new().prefix("asya-tree-").tempdir().unwrap();
            write(root.path(), &tree(seed + index));
            match compare(&kubectl, &root.path().join("overlays/dev")) {
                Ok(true) => {
                    rendered.fetch_add(1, Ordering::Relaxed);
                }
                Ok(false) => {}
                Err(difference) => {
                    if let Some(kept) = std::env::var_os("ASYA_KUSTOMIZE_KEEP") {
                        write(&Path::new(&kept).join((seed + index).to_string()), &tree(seed + index));
                    }
                    wrong.lock().unwrap().push((seed + index, difference));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(worker);
        }
    });
    let rendered = rendered.into_inner();
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    eprintln!(
        "{count} trees from seed {seed}: {rendered} rendered, {} refused by both",
        count as usize - rendered - wrong.len()
    );
    let shown: Vec<String> = wrong.iter().take(40).map(|(seed, text)| format!("seed {seed}: {text}")).collect();
    assert!(wrong.is_empty(), "{} of {count} trees differ\n{}", wrong.len(), shown.join("\n\n"));
    assert!(rendered * 2 > count as usize, "most trees must be ones that render, {rendered} of {count} did");
}

#[test]
fn blocks_of_text_end_where_the_file_says() {
    let Some(kubectl) = reference() else { return };
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  y: ";
    let bodies = [
        "one\n    two",
        "one\n\n    two\n   ",
        "one\n    two\n# c",
        "one\n    two\n\n  z: end",
        "one\n\n\n",
        "one\n    # in",
    ];
    for style in ["|", "|+", "|-", ">", ">+", ">-"] {
        for body in bodies {
            let object = format!("{head}{style}\n    {body}");
            let root = kustomization(&[("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", &object)]);
            assert_eq!(compare(&kubectl, root.path()), Ok(true), "{object}");
        }
    }
}

fn kustomization(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::Builder::new().prefix("asya-tree-").tempdir().unwrap();
    let files: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    write(root.path(), &files);
    root
}

#[test]
fn every_awkward_scalar_is_read_and_written_as_the_reference_does() {
    let Some(kubectl) = reference() else { return };
    let mut wrong = Vec::new();
    // Those that the reference accepts go into one object, so that one process checks them all.
    let mut together = String::new();
    for (at, scalar) in SCALARS.iter().enumerate() {
        let object = format!(
            "apiVersion: x/v1\nkind: Foo\nmetadata:\n  name: foo\nspec:\n  value: {scalar}\n  list:\n  - {scalar}\n"
        );
        let root = kustomization(&[("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", &object)]);
        if rendered(root.path()).is_ok() {
            together.push_str(&format!("  v{at}: {scalar}\n  l{at}:\n  - {scalar}\n  - [ {scalar} ]\n"));
        }
        if at % 4 == 0
            && let Err(difference) = compare(&kubectl, root.path())
        {
            wrong.push(format!("{scalar}: {difference}"));
        }
    }
    let flow_safe: String = together
        .lines()
        .filter(|line| !line.trim_start().starts_with("- [ ") || line.contains('"') || line.contains('\''))
        .map(|line| format!("{line}\n"))
        .collect();
    let object = format!("apiVersion: x/v1\nkind: Foo\nmetadata:\n  name: foo\nspec:\n{flow_safe}");
    let root = kustomization(&[("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", &object)]);
    if let Err(difference) = compare(&kubectl, root.path()) {
        wrong.push(difference);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n        image: nginx:1\n        env: [{name: X, value: '1'}, {name: Y, value: '2'}]\n        ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]\n      - name: b\n        image: app\n";
const ACTOR: &str = "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata:\n  name: clean\nspec:\n  image: app:1\n  env:\n  - name: X\n    value: '1'\n";

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
    let Some(kubectl) = reference() else { return };
    let mut wrong = Vec::new();
    for (name, fields) in FEATURES {
        let text = format!("resources: [web.yaml, actor.yaml]\n{fields}");
        let root = kustomization(&[("kustomization.yaml", &text), ("web.yaml", DEPLOYMENT), ("actor.yaml", ACTOR)]);
        if let Err(difference) = compare(&kubectl, root.path()) {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn sandbox(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (path, text) in files {
        sandbox.write(path, text);
    }
    sandbox
}

#[test]
fn an_actor_alone() {
    let sandbox = sandbox(&[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", ACTOR)]);
    insta::assert_snapshot!(sandbox.show(&["render", "--path", "k", "--actor", "clean"]), @r##"
    exit: 0
    --- stdout
    apiVersion: asya.sh/v1alpha1
    kind: AsyncActor
    metadata:
      name: clean
    spec:
      env:
      - name: X
        value: "1"
      image: app:1
    --- stderr
    "##);
    insta::assert_snapshot!(sandbox.show(&["render", "--path", "k", "--actor", "claen"]), @r##"
    exit: 3
    --- stdout
    --- stderr
    error: there is no actor `claen`
    hint: did you mean `clean`?
    "##);
    insta::assert_snapshot!(sandbox.show(&["render", "--path", "k", "-o", "json"]), @r##"
    exit: 0
    --- stdout
    {
      "version": 1,
      "directory": "k",
      "rendered_by": null,
      "objects": [
        {
          "apiVersion": "asya.sh/v1alpha1",
          "kind": "AsyncActor",
          "metadata": {
            "name": "clean"
          },
          "spec": {
            "image": "app:1",
            "env": [
              {
                "name": "X",
                "value": "1"
              }
            ]
          }
        }
      ]
    }
    --- stderr
    "##);
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let patch = "patches:\n- path: p.yaml\n";
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("missing directory", &[]),
        ("missing kustomization", &[("k/a.yaml", ACTOR)]),
        ("missing resource", &[("k/kustomization.yaml", "resources:\n- a.yaml\n- b.yaml\n"), ("k/a.yaml", ACTOR)]),
        ("unknown field", &[("k/kustomization.yaml", "resorces:\n- a.yaml\n")]),
        ("not a string", &[("k/kustomization.yaml", "images:\n- name: x\n  newTag: 1.10\n")]),
        ("cycle", &[("k/kustomization.yaml", "resources: [../b]\n"), ("b/kustomization.yaml", "resources: [../k]\n")]),
        ("outside", &[("k/kustomization.yaml", "resources: [../a.yaml]\n"), ("a.yaml", ACTOR)]),
        ("bad YAML", &[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", "kind: {{ kind }}\n\tx: [\n")]),
        (
            "template mistake",
            &[
                ("k/kustomization.yaml", "resources: [a.yaml]\n"),
                ("k/a.yaml", "kind: A\nmetadata: {name: a}\nspec:\n  image: {{ image }}\n"),
            ],
        ),
        ("duplicate key", &[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", "kind: A\nkind: B\n")]),
        (
            "duplicate object",
            &[("k/kustomization.yaml", "resources: [a.yaml, b.yaml]\n"), ("k/a.yaml", ACTOR), ("k/b.yaml", ACTOR)],
        ),
        ("no kind", &[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", "x: y\n")]),
        (
            "patch matches nothing",
            &[
                ("k/kustomization.yaml", &format!("resources: [a.yaml]\n{patch}")),
                ("k/a.yaml", ACTOR),
                ("k/p.yaml", &ACTOR.replace("clean", "claen")),
            ],
        ),
        (
            "bad regular expression",
            &[
                ("k/kustomization.yaml", &format!("resources: [a.yaml]\n{patch}  target: {{name: '('}}\n")),
                ("k/a.yaml", ACTOR),
                ("k/p.yaml", ACTOR),
            ],
        ),
        (
            "json patch does not fit",
            &[
                ("k/kustomization.yaml", &format!("resources: [a.yaml]\n{patch}  target: {{kind: AsyncActor}}\n")),
                ("k/a.yaml", ACTOR),
                ("k/p.yaml", "- op: remove\n  path: /spec/nothing\n"),
            ],
        ),
        (
            "key is not a string",
            &[
                ("k/kustomization.yaml", "resources: [a.yaml]\n"),
                ("k/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {1: x}\n"),
            ],
        ),
    ];
    let mut shown = String::new();
    for (name, files) in cases {
        shown.push_str(&format!("=== {name}\n{}\n", sandbox(files).show(&["render", "--path", "k"])));
    }
    insta::assert_snapshot!(shown, @r##"
    === missing directory
    exit: 3
    --- stdout
    --- stderr
    error: there is no directory `k`
      because nothing can be rendered from it
    hint: name a directory with a kustomization.yaml

    === missing kustomization
    exit: 3
    --- stdout
    --- stderr
    error: `k` cannot be rendered
      because there is no kustomization.yaml in it
    hint: create one that lists the manifests under `resources`

    === missing resource
    exit: 3
    --- stdout
    --- stderr
    error: `b.yaml` is not there
     --> k/kustomization.yaml:3:3
      |
    3 | - b.yaml
      |   ^^^^^^
      |
      = note: looked for a file or directory in `k`
      = help: correct the path, or remove the line

    error: `k/kustomization.yaml` cannot be rendered

    === unknown field
    exit: 3
    --- stdout
    --- stderr
    error: `resorces` is not a field of a kustomization
     --> k/kustomization.yaml:1:1
      |
    1 | resorces:
      | ^^^^^^^^
      |
      = help: write `resources`

    error: `k/kustomization.yaml` cannot be rendered

    === not a string
    exit: 3
    --- stdout
    --- stderr
    error: this must be a string
     --> k/kustomization.yaml:3:11
      |
    3 |   newTag: 1.10
      |           ^^^^
      |
      = note: YAML reads `1.10` as something else
      = help: write `"1.10"`

    error: `k/kustomization.yaml` cannot be rendered

    === cycle
    exit: 3
    --- stdout
    --- stderr
    error: `k` would hold itself
     --> b/kustomization.yaml:1:13
      |
    1 | resources: [../k]
      |             ^^^^
      |
      = note: a kustomization cannot list its own directory, or one that leads to it

    error: `b/kustomization.yaml` cannot be rendered

    === outside
    exit: 3
    --- stdout
    --- stderr
    error: `a.yaml` is outside of `k`
     --> k/kustomization.yaml:1:13
      |
    1 | resources: [../a.yaml]
      |             ^^^^^^^^^
      |
      = note: a kustomization may only use files in or below its own directory, also through links
      = help: give that directory a kustomization.yaml of its own and list the directory instead

    error: `k/kustomization.yaml` cannot be rendered

    === bad YAML
    exit: 3
    --- stdout
    --- stderr
    error: a key cannot be a map
     --> k/a.yaml:1:8
      |
    1 | kind: {{ kind }}
      |        ^^^^^^^^
      |
      = help: quote text that starts with `{`

    error: `k/a.yaml` cannot be rendered

    === template mistake
    exit: 3
    --- stdout
    --- stderr
    error: a key cannot be a map
     --> k/a.yaml:4:11
      |
    4 |   image: {{ image }}
      |           ^^^^^^^^^
      |
      = help: quote text that starts with `{`

    error: `k/a.yaml` cannot be rendered

    === duplicate key
    exit: 3
    --- stdout
    --- stderr
    error: the key `kind` stands here twice
     --> k/a.yaml:2:1
      |
    2 | kind: B
      | ^^^^
      |
      = help: remove one of them

    error: `k/a.yaml` cannot be rendered

    === duplicate object
    exit: 3
    --- stdout
    --- stderr
    error: AsyncActor clean (asya.sh/v1alpha1) is there twice
     --> k/b.yaml:1:1
      |
    1 | apiVersion: asya.sh/v1alpha1
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: rename or remove one of them, or change one with a patch

    error: the first one is here
     --> k/a.yaml:1:1
      |
    1 | apiVersion: asya.sh/v1alpha1
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error: `k/b.yaml` cannot be rendered

    === no kind
    exit: 3
    --- stdout
    --- stderr
    error: the object has no `kind`
     --> k/a.yaml:1:1
      |
    1 | x: y
      | ^^^^
      |
      = help: add `kind`, or remove the file from `resources`

    error: `k/a.yaml` cannot be rendered

    === patch matches nothing
    exit: 3
    --- stdout
    --- stderr
    error: no object is called AsyncActor claen (asya.sh/v1alpha1)
     --> k/p.yaml:1:1
      |
    1 | apiVersion: asya.sh/v1alpha1
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this patch matches nothing
      |
      = help: there is AsyncActor clean

    error: the patch is listed here
     --> k/kustomization.yaml:3:3
      |
    3 | - path: p.yaml
      |   ^^^^^^^^^^^^

    error: `k/p.yaml` cannot be rendered

    === bad regular expression
    exit: 3
    --- stdout
    --- stderr
    error: `(` is not a regular expression: found open group without closing ')'
     --> k/kustomization.yaml:4:11
      |
    4 |   target: {name: '('}
      |           ^^^^^^^^^^^

    error: `k/kustomization.yaml` cannot be rendered

    === json patch does not fit
    exit: 3
    --- stdout
    --- stderr
    error: the patch does not fit AsyncActor clean: failed at path '/spec/nothing': path is invalid
     --> k/p.yaml:1:1
      |
    1 | / - op: remove
    2 | |   path: /spec/nothing
      | |______________________^

    error: `k/p.yaml` cannot be rendered

    === key is not a string
    exit: 3
    --- stdout
    --- stderr
    error: ConfigMap a: the key `1` is not a string; quote it
     --> k/a.yaml:1:1
      |
    1 | apiVersion: v1
      | ^^^^^^^^^^^^^^

    error: `k/a.yaml` cannot be rendered
    "##);
}

#[test]
fn what_is_not_built_in_is_named_or_handed_over() {
    let mut sandbox = sandbox(&[
        ("k/kustomization.yaml", "resources: [a.yaml]\nbuildMetadata: [managedByLabel]\n"),
        ("k/a.yaml", ACTOR),
    ]);
    if reference().is_some() {
        let outcome = sandbox.ok(&["render", "--path", "k"]);
        assert!(outcome.stdout.contains("app.kubernetes.io/managed-by"), "{}", outcome.show());
        assert!(
            outcome.stderr.contains("`buildMetadata` in `k/kustomization.yaml` is not built in"),
            "{}",
            outcome.show()
        );
    }
    sandbox.set("PATH", "/nowhere");
    insta::assert_snapshot!(sandbox.show(&["render", "--path", "k"]), @r##"
    exit: 3
    --- stdout
    --- stderr
    error: `buildMetadata` is not built in
     --> k/kustomization.yaml:2:1
      |
    2 | buildMetadata: [managedByLabel]
      | ^^^^^^^^^^^^^

    error: `buildMetadata` in `k/kustomization.yaml` needs the program `kustomize` or `kubectl`
      because this field is not built in
    hint: install one of them on PATH, or write it with the fields that are built in (docs/kustomize.md)
    "##);
}

#[test]
fn hostile_files_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![before; 9].join(", ")));
    }
    let deep = format!("kind: A\nmetadata: {{name: a}}\nspec: {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("# {}\n", "x".repeat(50 << 20));
    for text in [bomb, deep, large, "kind: A\nself: &x [*x]\n".to_owned(), "\u{0}".to_owned()] {
        let sandbox = sandbox(&[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", &text)]);
        let outcome = sandbox.run(&["render", "--path", "k"]);
        assert_eq!(outcome.code, 3, "{}", outcome.show().chars().take(2000).collect::<String>());
        assert!(outcome.stdout.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_tree_are_refused() {
    let sandbox = sandbox(&[("k/kustomization.yaml", "resources: [link.yaml]\n"), ("a.yaml", ACTOR)]);
    std::os::unix::fs::symlink("../a.yaml", sandbox.project().join("k/link.yaml")).unwrap();
    insta::assert_snapshot!(sandbox.show(&["render", "--path", "k"]), @r##"
    exit: 3
    --- stdout
    --- stderr
    error: `k/link.yaml` is outside of `k`
     --> k/kustomization.yaml:1:13
      |
    1 | resources: [link.yaml]
      |             ^^^^^^^^^
      |
      = note: a kustomization may only use files in or below its own directory, also through links
      = help: give that directory a kustomization.yaml of its own and list the directory instead

    error: `k/kustomization.yaml` cannot be rendered
    "##);
}

/// Values of all kinds, with strings that a careless writer would change.
fn awkward_value() -> serde_json::Value {
    let strings = [
        "on",
        "1.10",
        "0777",
        "~",
        "",
        "a: b",
        "# x",
        " lead",
        "trail ",
        "2024-01-01",
        "12:30:45",
        "=",
        "<<",
        "é",
        "😀",
        "\t",
        "\r",
        "\u{7}",
        "- x",
        "---",
        "a\nb",
        "a\n",
        "a\n\n",
        "\n",
        "\na",
        " a\nb",
        "a \nb",
        "a\n\tb\n",
        "a\r\nb",
        "😀\nb",
        "x\u{2028}y\nz",
        "'",
        "\"",
        "{{ x }}",
        "a very long line of words that goes on and on past the eighty columns at which some writers wrap it",
    ];
    serde_json::json!({
        "apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "zebra": strings.to_vec(), "apple": {"on": true, "n": null, "": 1.5, "a: b": []},
        "nested": [[1, [2, {}]], {"a": [{"b": "c\nd"}]}], "big": 18446744073709551615_u64, "float": 1e300,
    })
}

#[test]
fn both_writers_are_read_back_as_they_were() {
    let mut value = awkward_value();
    let read = |text: &str| asya::kustomize::Rendering::from_yaml("text", text).unwrap().objects[0].value().clone();
    let ordered = asya::yaml::write_ordered(&value);
    assert_eq!(read(&ordered), value, "{ordered}");
    // The reference writes U+2028 as a line break of YAML 1.1, which YAML 1.2 does not have.
    let strings = value["zebra"].as_array_mut().unwrap();
    strings.retain(|text| !text.as_str().unwrap().contains('\u{2028}'));
    let sorted = asya::yaml::write_sorted(&value);
    assert_eq!(read(&sorted), value, "{sorted}");
}

#[test]
fn generated_code_stays_readable() {
    let code = "def process(payload):\n\tif payload:  \n        return \"😀: {}\".format(1)\n";
    let value =
        serde_json::json!({"kind": "ConfigMap", "data": {"router.py": code, "on": "yes"}, "list": [{"b": 1, "a": 2}]});
    insta::assert_snapshot!(asya::yaml::write_ordered(&value).replace("  \n", "··\n").replace('\t', "→"), @r##"
    kind: ConfigMap
    data:
      router.py: |
        def process(payload):
        →if payload:··
                return "😀: {}".format(1)
      "on": "yes"
    list:
    - b: 1
      a: 2
    "##);
}

#[test]
fn a_flow_is_rendered_for_its_environment() {
    let sandbox = sandbox(&[
        (".asya/config.yaml", "contexts:\n  dev:\n    namespace: dev\n  prod:\n    namespace: prod\n"),
        (".asya/flows/text-flow.yaml", "source: flow.py\nfunction: text_flow\n"),
        ("flow.py", "async def text_flow(p):\n    return p\n"),
        ("compiled/text-flow/manifests/common/kustomization.yaml", "resources: [a.yaml]\n"),
        ("compiled/text-flow/manifests/common/a.yaml", ACTOR),
        ("compiled/text-flow/manifests/overlays/dev/kustomization.yaml", "namespace: dev\nresources: [../../common]\n"),
    ]);
    let common = sandbox.ok(&["render", "text-flow"]);
    assert!(!common.stdout.contains("namespace"), "{}", common.show());
    let dev = sandbox.ok(&["render", "text-flow", "--context", "dev"]);
    assert!(dev.stdout.contains("namespace: dev"), "{}", dev.show());
    insta::assert_snapshot!(sandbox.show(&["render", "text-flow", "--context", "prod"]), @r#"
exit: 3
--- stdout
--- stderr
error: `text-flow` has no overlay for the context `prod`
  because there is no `compiled/text-flow/manifests/overlays/prod`
hint: `asya compile text-flow` makes one for every context; so far: `dev`
"#);
}
