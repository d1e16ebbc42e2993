//! Patches and images of layers with fields of kustomize that are not built in.

use std::path::PathBuf;

use insta::assert_snapshot;

use crate::kustomize::reference::kubectl;
use crate::sandbox::Sandbox;

const MANIFESTS: &str = "compiled/text-flow/manifests";

const REPLACEMENTS: &str = "\
# the most that anything may be
replacements:
- source: {kind: AsyncActor, name: clean, fieldPath: spec.scaling.maxReplicaCount}
  targets:
  - select: {kind: AsyncActor, name: detect}
    fieldPaths: [spec.scaling.maxReplicaCount]
";

/// A flow whose overlay `dev` uses `replacements`, and a PATH with `kustomize`, `kubectl` or neither.
fn project(program: Option<(&str, &str)>) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts: {dev: {}, prod: {}}\ncompiler: {image_registry: reg.example}\n");
    sandbox.ok(&["init", "--yes"]);
    sandbox.write("shop.py", "def clean(p): return p\ndef detect(p): return p\n");
    sandbox.write(
        "flow.py",
        "import shop\n\ndef text_flow(p: dict) -> dict:\n    p = shop.clean(p)\n    p = shop.detect(p)\n    return p\n",
    );
    sandbox.ok(&["compile", "text-flow", "-f", "flow.py"]);
    let overlay = format!("{MANIFESTS}/overlays/dev/kustomization.yaml");
    sandbox.write(&overlay, &(sandbox.read(&overlay) + REPLACEMENTS));
    let bin = sandbox.root().join("bin");
    std::fs::create_dir(&bin).unwrap();
    if let Some((name, script)) = program {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(bin.join(name), script).unwrap();
        std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox.set("PATH", bin.display().to_string());
    sandbox
}

/// With the real `kubectl`, where it can be had.
fn with_kubectl() -> Option<Sandbox> {
    let found: Option<PathBuf> = kubectl();
    if found.is_none() {
        assert!(std::env::var_os("ASYA_REQUIRE_KUBECTL").is_none(), "there is no kubectl");
        eprintln!("SKIPPED: there is no kubectl");
    }
    let kubectl = found?;
    Some(project(Some(("kubectl", &format!("#!/bin/sh\nexec '{}' \"$@\"\n", kubectl.display())))))
}

#[test]
fn the_effect_is_what_the_program_renders() {
    let Some(sandbox) = with_kubectl() else { return };
    let patch = |args: &[&str]| sandbox.show(&[&["patch", "text-flow"], args].concat());
    assert_snapshot!(patch(&["-a", "clean", "scaling.max=7", "env.LEVEL=debug", "--context", "dev"]), @r#"
exit: 0
--- stdout
clean in context `dev`:
@@ -7,8 +7,11 @@
 spec:
   actor: clean
+  env:
+  - name: LEVEL
+    value: debug
   handler: shop.clean
   image: reg.example/clean:latest
   scaling:
     enabled: true
-    maxReplicaCount: 10
+    maxReplicaCount: 7
     minReplicaCount: 0

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-clean.lists.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-clean.yaml
  rendered by `kubectl`: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is not built in
"#);
    // The list patch of the overlay counts on what `common/` says: it is written anew.
    assert_snapshot!(patch(&["-a", "clean", "env.FIRST=1"]), @r#"
exit: 0
--- stdout
clean in every environment:
@@ -7,4 +7,7 @@
 spec:
   actor: clean
+  env:
+  - name: FIRST
+    value: "1"
   handler: shop.clean
   image: reg.example/clean:latest

next: asya k apply text-flow
--- stderr
  changed   compiled/text-flow/manifests/common/kustomization.yaml
  created   compiled/text-flow/manifests/common/patch-clean.lists.yaml
  changed   compiled/text-flow/manifests/overlays/dev/patch-clean.lists.yaml
  rendered by `kubectl`: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is not built in
"#);
    assert_snapshot!(patch(&["--all-actors", "--context", "dev", "scaling.min=1"]), @r#"
exit: 0
--- stdout
clean in context `dev`:
@@ -17,3 +17,3 @@
     enabled: true
     maxReplicaCount: 7
-    minReplicaCount: 0
+    minReplicaCount: 1
detect in context `dev`:
@@ -12,3 +12,3 @@
     enabled: true
     maxReplicaCount: 7
-    minReplicaCount: 0
+    minReplicaCount: 1
start-text-flow in context `dev`:
@@ -14,5 +14,5 @@
     enabled: true
     maxReplicaCount: 2
-    minReplicaCount: 0
+    minReplicaCount: 1
   volumeMounts:
   - mountPath: /opt/asya/router.py

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  changed   compiled/text-flow/manifests/overlays/dev/patch-clean.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-detect.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-start-text-flow.yaml
  rendered by `kubectl`: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is not built in
"#);
    assert_snapshot!(patch(&["-a", "clean", "--context", "dev", "--clear"]), @r#"
exit: 0
--- stdout
clean in context `dev`:
@@ -10,10 +10,8 @@
   - name: FIRST
     value: "1"
-  - name: LEVEL
-    value: debug
   handler: shop.clean
   image: reg.example/clean:latest
   scaling:
     enabled: true
-    maxReplicaCount: 7
-    minReplicaCount: 1
+    maxReplicaCount: 10
+    minReplicaCount: 0

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  removed   compiled/text-flow/manifests/overlays/dev/patch-clean.lists.yaml
  removed   compiled/text-flow/manifests/overlays/dev/patch-clean.yaml
  rendered by `kubectl`: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is not built in
"#);
    assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/overlays/dev/kustomization.yaml")), @r#"
# `text-flow` in `dev`. This directory is yours: `asya compile` leaves it as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ../../common
configurations:
- kustomizeconfig.yaml
# the most that anything may be
replacements:
- source: {kind: AsyncActor, name: clean, fieldPath: spec.scaling.maxReplicaCount}
  targets:
  - select: {kind: AsyncActor, name: detect}
    fieldPaths: [spec.scaling.maxReplicaCount]
patches:
  - path: patch-detect.yaml
  - path: patch-start-text-flow.yaml
"#);
    // Nothing of the copies is left.
    assert!(!sandbox.tree().iter().any(|(path, _)| path.contains(".asya-tmp")));
}

#[test]
fn images_are_set_where_they_take_effect() {
    let Some(sandbox) = with_kubectl() else { return };
    assert_snapshot!(sandbox.show(&["images", "text-flow", "--context", "dev"]), @r#"
exit: 0
--- stdout
ACTOR            IMAGE                      IN BASE
clean            reg.example/clean:latest   the same
detect           reg.example/detect:latest  the same
start-text-flow  python:3.13-slim           the same
--- stderr
  rendered by `kubectl`: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is not built in
"#);
    assert_snapshot!(sandbox.show(&["images", "text-flow", "--context", "dev", "--set", "reg.example/clean=mine:2"]), @r#"
exit: 0
--- stdout
ACTOR            IMAGE                      IN BASE
clean            mine:2                     reg.example/clean:latest
detect           reg.example/detect:latest  the same
start-text-flow  python:3.13-slim           the same

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  rendered by `kubectl`: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is not built in
"#);
    // An overlay follows when a layer below it renames an image.
    assert_snapshot!(sandbox.show(&["images", "text-flow", "--set", "reg.example/clean=ours:1"]), @r#"
exit: 0
--- stdout
ACTOR            IMAGE                      IN BASE
clean            ours:1                     reg.example/clean:latest
detect           reg.example/detect:latest  the same
start-text-flow  python:3.13-slim           the same

next: asya k apply text-flow
--- stderr
  `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` finds `reg.example/clean` under its new name `ours`
  changed   compiled/text-flow/manifests/common/kustomization.yaml
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  rendered by `kubectl`: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is not built in
"#);
    assert_snapshot!(sandbox.read(&format!("{MANIFESTS}/overlays/dev/kustomization.yaml")), @r#"
# `text-flow` in `dev`. This directory is yours: `asya compile` leaves it as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ../../common
configurations:
- kustomizeconfig.yaml
# the most that anything may be
replacements:
- source: {kind: AsyncActor, name: clean, fieldPath: spec.scaling.maxReplicaCount}
  targets:
  - select: {kind: AsyncActor, name: detect}
    fieldPaths: [spec.scaling.maxReplicaCount]
images:
  - name: ours
    newName: mine
    newTag: '2'
"#);
}

#[test]
fn without_a_program_nothing_is_written() {
    let sandbox = project(None);
    let before = sandbox.tree();
    let refused = |args: &[&str]| {
        let outcome = sandbox.run(args);
        assert_eq!((outcome.code, sandbox.tree() == before), (3, true), "{}", outcome.show());
        outcome.show()
    };
    assert_snapshot!(refused(&["patch", "text-flow", "-a", "clean", "scaling.max=7", "--context", "dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: `replacements` is not built in
 --> compiled/text-flow/manifests/overlays/dev/kustomization.yaml:9:1
  |
9 | replacements:
  | ^^^^^^^^^^^^

error: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` needs the program `kustomize` or `kubectl`
  because it is not built in, and a change is rendered before it is written
hint: install one of them on PATH
hint: write it by hand: docs/patching.md and docs/images.md say what goes where
"#);
    let set = ["images", "text-flow", "--set", "reg.example/clean=mine:2"];
    assert_snapshot!(refused(&[&set[..], &["--context", "dev"]].concat()), @r#"
exit: 3
--- stdout
--- stderr
error: `replacements` is not built in
 --> compiled/text-flow/manifests/overlays/dev/kustomization.yaml:9:1
  |
9 | replacements:
  | ^^^^^^^^^^^^

error: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` needs the program `kustomize` or `kubectl`
  because it is not built in, and a change is rendered before it is written
hint: install one of them on PATH
hint: write it by hand: docs/patching.md and docs/images.md say what goes where
"#);
    // Only what has `images:` of its own has to be looked at.
    sandbox.ok(&set);
    // What does not stand on that overlay goes on.
    assert_snapshot!(sandbox.show(&["patch", "text-flow", "-a", "clean", "scaling.max=7", "--context", "prod"]), @r#"
exit: 0
--- stdout
clean in context `prod`:
@@ -11,4 +11,4 @@
   scaling:
     enabled: true
-    maxReplicaCount: 10
+    maxReplicaCount: 7
     minReplicaCount: 0

next: asya k apply text-flow --context prod
--- stderr
  changed   compiled/text-flow/manifests/overlays/prod/kustomization.yaml
  created   compiled/text-flow/manifests/overlays/prod/patch-clean.yaml
"#);
    assert_snapshot!(sandbox.show(&["patch", "text-flow", "-a", "clean", "scaling.max=5"]), @r#"
exit: 0
--- stdout
clean in every environment:
@@ -11,4 +11,4 @@
   scaling:
     enabled: true
-    maxReplicaCount: 10
+    maxReplicaCount: 5
     minReplicaCount: 0

next: asya k apply text-flow
--- stderr
warning: `compiled/text-flow/manifests/overlays/dev` cannot be rendered: compiled/text-flow/manifests/overlays/dev/kustomization.yaml:9: `replacements` is not built in
  changed   compiled/text-flow/manifests/common/kustomization.yaml
  created   compiled/text-flow/manifests/common/patch-clean.yaml
  nothing changes for `prod`: there the overlay decides this of `clean`
"#);
}

#[test]
fn a_program_that_refuses_changes_nothing() {
    let sandbox = project(Some(("kustomize", "#!/bin/sh\necho \"Error: no such field in '$2/x.yaml'\" >&2\nexit 1\n")));
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["patch", "text-flow", "-a", "clean", "scaling.max=7", "--context", "dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: `kustomize` cannot render `[SANDBOX]/project/compiled/text-flow/manifests/overlays/dev`
  because no such field in '[SANDBOX]/project/compiled/text-flow/manifests/overlays/dev/x.yaml'
"#);
    assert_snapshot!(sandbox.show(&["images", "text-flow", "--context", "dev", "--set", "reg.example/clean=mine:2"]), @r#"
exit: 3
--- stdout
--- stderr
error: `kustomize` cannot render `[SANDBOX]/project/compiled/text-flow/manifests/overlays/dev`
  because no such field in '[SANDBOX]/project/compiled/text-flow/manifests/overlays/dev/x.yaml'
"#);
    assert_eq!(sandbox.tree(), before);
}

/// kubectl writes its reason into a line of a log.
#[test]
fn what_kubectl_says_is_shown_alone() {
    let Some(sandbox) = with_kubectl() else { return };
    let overlay = format!("{MANIFESTS}/overlays/dev/kustomization.yaml");
    sandbox.write(&overlay, &sandbox.read(&overlay).replace("name: clean,", "name: clan,"));
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&["patch", "text-flow", "-a", "clean", "scaling.max=7", "--context", "dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: `kubectl` cannot render `[SANDBOX]/project/compiled/text-flow/manifests/overlays/dev`
  because nothing selected by AsyncActor.[noVer].[noGrp]/clan.[noNs]:spec.scaling.maxReplicaCount
"#);
    sandbox.write(&overlay, &sandbox.read(&overlay).replace("- source:", "- path: none.yaml\n- source:"));
    assert_snapshot!(sandbox.show(&["images", "text-flow", "--context", "dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: `kubectl` cannot render `[SANDBOX]/project/compiled/text-flow/manifests/overlays/dev`
  because trouble configuring builtin ReplacementTransformer with config: `
  Replacements:
  - path: none.yaml
  - source:
      fieldPath: spec.scaling.maxReplicaCount
      kind: AsyncActor
      name: clan
    targets:
    - fieldPaths:
      - spec.scaling.maxReplicaCount
      select:
        kind: AsyncActor
        name: detect
  `: evalsymlink failure on '[SANDBOX]/project/compiled/text-flow/manifests/overlays/dev/none.yaml' : lstat [SANDBOX]/project/compiled/text-flow/manifests/overlays/dev/none.yaml: no such file or directory
"#);
    sandbox.write(&overlay, &before.iter().find(|(path, _)| *path == overlay).unwrap().1);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn what_is_edited_is_rendered_as_well() {
    let Some(mut sandbox) = with_kubectl() else { return };
    let path = std::env::var("PATH").unwrap();
    let bin = sandbox.root().join("bin").display().to_string();
    sandbox.set("PATH", format!("{bin}:{path}"));
    sandbox.set("EDITOR", "printf 'namePrefix: x-\\n' >>");
    assert_snapshot!(sandbox.show(&["edit", "text-flow", "--context", "dev"]), @r#"
exit: 0
--- stdout
`compiled/text-flow/manifests/overlays/dev/kustomization.yaml` renders

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  rendered by `kubectl`: `replacements` in `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` is not built in
"#);
    let before = sandbox.tree();
    sandbox.set("EDITOR", "sed -i 's/name: clean,/name: nobody,/'");
    let refused = sandbox.run(&["edit", "text-flow", "--context", "dev"]);
    assert_eq!((refused.code, sandbox.tree() == before), (3, true), "{}", refused.show());
    assert!(refused.stderr.contains("because nothing selected by AsyncActor"), "{}", refused.show());
}

/// What `asya compile` warns of after `clean` came to be called `wash`.
fn renamed(sandbox: &Sandbox) -> Vec<String> {
    for file in ["shop.py", "flow.py"] {
        sandbox.write(file, &sandbox.read(file).replace("clean", "wash"));
    }
    let stderr = sandbox.ok(&["compile", "text-flow"]).stderr;
    stderr.lines().filter(|line| line.starts_with("warning: ")).map(str::to_owned).collect()
}

#[test]
fn compiling_compares_the_names_in_patches_where_it_cannot_render() {
    let overlay = format!("{MANIFESTS}/overlays/dev");
    let kustomization = format!("{overlay}/kustomization.yaml");
    let patch = |name: &str| {
        format!("apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata:\n  name: {name}\nspec:\n  image: mine:1\n")
    };
    let patched = |more: &str| {
        let sandbox = project(None);
        sandbox.write(&format!("{overlay}/mine.yaml"), &patch("clean"));
        sandbox.write(&format!("{overlay}/other.yaml"), &patch("detect"));
        let patches = "patches:\n- path: mine.yaml\n- path: other.yaml\n";
        sandbox.write(&kustomization, &(sandbox.read(&kustomization) + patches + more));
        sandbox
    };
    let lost = format!("warning: `{overlay}/mine.yaml` patches `clean`, and there is no such actor");
    assert_eq!(renamed(&patched("")), [lost]);

    // An actor of the environment's own is there.
    let sandbox = patched("");
    sandbox.write(&format!("{overlay}/own.yaml"), &patch("clean"));
    let listed = sandbox.read(&kustomization).replace("- ../../common\n", "- ../../common\n- own.yaml\n");
    sandbox.write(&kustomization, &listed);
    assert_eq!(renamed(&sandbox), Vec::<String>::new());

    // Nobody knows what these make.
    assert_eq!(renamed(&patched("generators: [made.yaml]\n")), Vec::<String>::new());
}
