//! `asya patch` and `asya edit`, on a flow that was really compiled.

use std::path::Path;

use asya::artifacts::patching::lists::{self, Item, LISTS, List};
use asya::kustomize::render;
use asya::project::DiskTree;
use serde_json::{Value, json};

use crate::artifacts as fixtures;
use crate::sandbox::Sandbox;

const CONFIG: &str = "\
contexts:
  dev: {namespace: dev-ns}
  prod: {namespace: prod-ns}
  live: {namespace: live-ns, readonly: true}
compiler:
  image_registry: ghcr.io/acme
templates: {max_replicas: 3}
";

const FLOW: &str = "\
from shop import clean, detect

def text_flow(p: dict) -> dict:
    \"\"\"Finds out the language of a text.\"\"\"
    p = clean(p)
    try:
        p = detect(p)
    except ValueError:
        p['language'] = '?'
    return p
";

const HANDLERS: &str = "def clean(p): return p\ndef detect(p): return p\ndef detect_language(p): return p\n";

const MANIFESTS: &str = "compiled/text-flow/manifests";

/// A compiled flow: `clean` is a plain actor, `detect` runs behind the call wrapper.
fn compiled() -> Sandbox {
    compiled_as(CONFIG)
}

fn compiled_as(config: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ok(&["init", "--yes"]);
    sandbox.write(".asya/config.yaml", config);
    sandbox.write("flow.py", FLOW);
    sandbox.write("shop.py", HANDLERS);
    sandbox.ok(&["compile", "text-flow", "-f", "flow.py"]);
    sandbox
}

fn patch(sandbox: &Sandbox, args: &[&str]) -> String {
    sandbox.show(&[&["patch", "text-flow"], args].concat())
}

fn patched(sandbox: &Sandbox, args: &[&str]) {
    sandbox.ok(&[&["patch", "text-flow"], args].concat());
}

fn file(sandbox: &Sandbox, path: &str) -> String {
    sandbox.read(&format!("{MANIFESTS}/{path}"))
}

/// An actor as the built-in renderer and kubectl see it.
fn actor(sandbox: &Sandbox, layer: &str, name: &str) -> Value {
    let path = format!("{MANIFESTS}/{layer}");
    let ours = sandbox.ok(&["render", "--path", &path]).stdout;
    if let Some(theirs) = fixtures::kustomize(&sandbox.project().join(&path)) {
        assert_eq!(Ok(ours), theirs, "{layer}");
    }
    let text = sandbox.ok(&["render", "--path", &path, "--actor", name, "-o", "json"]).stdout;
    serde_json::from_str::<Value>(&text).unwrap()["objects"][0].take()
}

#[test]
fn fields_and_items_of_lists() {
    let sandbox = compiled();
    insta::assert_snapshot!(patch(&sandbox, &["--actor", "detect", "scaling.max=7", "env.LOG_LEVEL=debug"]), @r#"
exit: 0
--- stdout
detect in every environment:
@@ -10,9 +10,11 @@
   - name: ASYA_CALL_TARGET
     value: shop.detect
+  - name: LOG_LEVEL
+    value: debug
   handler: asya_call.invoke
   image: ghcr.io/acme/detect:latest
   scaling:
     enabled: true
-    maxReplicaCount: 3
+    maxReplicaCount: 7
     minReplicaCount: 0
   volumeMounts:

next: asya k apply text-flow
--- stderr
  changed   compiled/text-flow/manifests/common/kustomization.yaml
  created   compiled/text-flow/manifests/common/patch-detect.lists.yaml
  created   compiled/text-flow/manifests/common/patch-detect.yaml
"#);
    insta::assert_snapshot!(file(&sandbox, "common/patch-detect.yaml"), @r#"
# `detect` in every environment. Written by `asya patch`, yours to edit.
apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: detect
spec:
  scaling:
    maxReplicaCount: 7
"#);
    insta::assert_snapshot!(file(&sandbox, "common/patch-detect.lists.yaml"), @r#"
# Written by `asya patch` and written anew by it: comments and other operations are not kept.
# To kustomize, lists of an AsyncActor are single values. Here their items are changed one by one;
# `test` makes sure that everything is where it was. Where it is not, `asya patch FLOW --actor ACTOR`
# makes this fit again.
- op: add
  path: /spec/env/-
  value:
    name: LOG_LEVEL
    value: debug
"#);
    insta::assert_snapshot!(file(&sandbox, "common/kustomization.yaml"), @r#"
# `text-flow` in every environment. This directory is yours: `asya compile` leaves it as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ../base
configurations:
- kustomizeconfig.yaml
patches:
  - path: patch-detect.yaml
  - path: patch-detect.lists.yaml
    target:
      kind: AsyncActor
      name: detect
"#);
    let before = sandbox.tree();
    insta::assert_snapshot!(patch(&sandbox, &["--actor", "detect", "env.LOG_LEVEL=debug", "scaling.max=7"]), @r#"
exit: 0
--- stdout
detect in every environment: as before
--- stderr
  unchanged compiled/text-flow/manifests/common
"#);
    assert_eq!(sandbox.tree(), before, "a repeated command changes nothing");

    insta::assert_snapshot!(patch(&sandbox, &["-a", "detect", "env.LOG_LEVEL=info", "--context", "dev"]), @r#"
exit: 0
--- stdout
detect in context `dev`:
@@ -12,5 +12,5 @@
     value: shop.detect
   - name: LOG_LEVEL
-    value: debug
+    value: info
   handler: asya_call.invoke
   image: ghcr.io/acme/detect:latest

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-detect.lists.yaml
"#);
    insta::assert_snapshot!(file(&sandbox, "overlays/dev/patch-detect.lists.yaml"), @r#"
# Written by `asya patch` and written anew by it: comments and other operations are not kept.
# To kustomize, lists of an AsyncActor are single values. Here their items are changed one by one;
# `test` makes sure that everything is where it was. Where it is not, `asya patch FLOW --actor ACTOR`
# makes this fit again.
- op: test
  path: /spec/env/1/name
  value: LOG_LEVEL
- op: replace
  path: /spec/env/1
  value:
    name: LOG_LEVEL
    value: info
"#);
    let env = actor(&sandbox, "overlays/dev", "detect")["spec"]["env"].take();
    assert_eq!(env[1], json!({"name": "LOG_LEVEL", "value": "info"}));
    assert_eq!(actor(&sandbox, "overlays/prod", "detect")["spec"]["env"][1]["value"], "debug");
}

#[test]
fn every_kind_of_field() {
    let sandbox = compiled();
    patched(
        &sandbox,
        &[
            "-a",
            "clean",
            "scaling.min=1",
            "scaling.cooldown=60",
            "scaling.polling=5",
            "scaling.advanced.restoreToOriginalReplicaCount=true",
            "resources.limits.memory=1Gi",
            "resources.limits.nvidia.com/gpu=1",
            "nodeSelector.kubernetes.io/arch=amd64",
            "resiliency.actorTimeout=90",
            "resiliency.policies.default.onExhausted=detect,clean",
            "flavors=gpu-large",
            "sidecar.image.tag=1.2",
            "env.TOKEN=secret:models:token",
            "env.PLACE=configmap:places:here",
            "env.ON=on",
            "env.EMPTY=",
            "env.PAIR=a=b",
            "sidecar.env.LOG=debug",
            "-p",
            r#"{"metadata": {"labels": {"team": "words"}}, "spec": {
            "volumes": [{"name": "cache", "emptyDir": {}}],
            "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
            "tolerations": [{"key": "gpu", "operator": "Exists"}],
            "resiliency": {"rules": [{"errors": ["ValueError"], "policy": "default"}]},
            "env": [{"name": "LATE", "value": "1"}]}}"#,
        ],
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&actor(&sandbox, "overlays/dev", "clean")).unwrap(), @r#"
{
  "apiVersion": "asya.sh/v1alpha1",
  "kind": "AsyncActor",
  "metadata": {
    "name": "clean",
    "labels": {
      "asya.sh/flow": "text-flow",
      "team": "words"
    },
    "namespace": "dev-ns"
  },
  "spec": {
    "actor": "clean",
    "image": "ghcr.io/acme/clean:latest",
    "handler": "shop.clean",
    "scaling": {
      "enabled": true,
      "minReplicaCount": 1,
      "maxReplicaCount": 3,
      "advanced": {
        "restoreToOriginalReplicaCount": true
      },
      "cooldownPeriod": 60,
      "pollingInterval": 5
    },
    "flavors": [
      "gpu-large"
    ],
    "nodeSelector": {
      "kubernetes.io/arch": "amd64"
    },
    "resiliency": {
      "rules": [
        {
          "errors": [
            "ValueError"
          ],
          "policy": "default"
        }
      ],
      "actorTimeout": "90s",
      "policies": {
        "default": {
          "onExhausted": [
            "detect",
            "clean"
          ]
        }
      }
    },
    "resources": {
      "limits": {
        "memory": "1Gi",
        "nvidia.com/gpu": "1"
      }
    },
    "sidecar": {
      "image": {
        "tag": "1.2"
      },
      "env": [
        {
          "name": "LOG",
          "value": "debug"
        }
      ]
    },
    "tolerations": [
      {
        "key": "gpu",
        "operator": "Exists"
      }
    ],
    "env": [
      {
        "name": "EMPTY",
        "value": ""
      },
      {
        "name": "LATE",
        "value": "1"
      },
      {
        "name": "ON",
        "value": "on"
      },
      {
        "name": "PAIR",
        "value": "a=b"
      },
      {
        "name": "PLACE",
        "valueFrom": {
          "configMapKeyRef": {
            "name": "places",
            "key": "here"
          }
        }
      },
      {
        "name": "TOKEN",
        "valueFrom": {
          "secretKeyRef": {
            "name": "models",
            "key": "token"
          }
        }
      }
    ],
    "volumes": [
      {
        "name": "cache",
        "emptyDir": {}
      }
    ],
    "volumeMounts": [
      {
        "name": "cache",
        "mountPath": "/cache"
      }
    ]
  }
}
"#);
}

#[test]
fn what_is_taken_back_leaves_nothing_behind() {
    let sandbox = compiled();
    let before = sandbox.tree();
    patched(&sandbox, &["-a", "clean", "scaling.max=7", "resources.limits.memory=1Gi", "env.A=1", "sidecar.env.B=2"]);
    patched(&sandbox, &["-a", "clean", "env.A=2", "--context", "dev"]);
    patched(&sandbox, &["-a", "clean", "--remove", "scaling", "--remove", "env.A", "--context", "prod"]);
    insta::assert_snapshot!(patch(&sandbox, &["-a", "clean", "--remove", "env.A"]), @r#"
exit: 0
--- stdout
clean in every environment:
@@ -7,7 +7,4 @@
 spec:
   actor: clean
-  env:
-  - name: A
-    value: "1"
   handler: shop.clean
   image: ghcr.io/acme/clean:latest

next: asya k apply text-flow
--- stderr
  changed   compiled/text-flow/manifests/common/patch-clean.lists.yaml
  changed   compiled/text-flow/manifests/overlays/dev/patch-clean.lists.yaml
  nothing changes for `dev`: there the overlay decides this of `clean`
"#);
    assert_eq!(actor(&sandbox, "overlays/dev", "clean")["spec"]["env"], json!([{"name": "A", "value": "2"}]));
    insta::assert_snapshot!(
        patch(&sandbox, &["-a", "clean", "--remove", "scaling.max", "--remove", "resources", "--remove", "sidecar"]), @r#"
exit: 0
--- stdout
clean in every environment:
@@ -9,13 +9,6 @@
   handler: shop.clean
   image: ghcr.io/acme/clean:latest
-  resources:
-    limits:
-      memory: 1Gi
   scaling:
     enabled: true
-    maxReplicaCount: 7
+    maxReplicaCount: 3
     minReplicaCount: 0
-  sidecar:
-    env:
-    - name: B
-      value: "2"

next: asya k apply text-flow
--- stderr
  changed   compiled/text-flow/manifests/common/kustomization.yaml
  removed   compiled/text-flow/manifests/common/patch-clean.lists.yaml
  removed   compiled/text-flow/manifests/common/patch-clean.yaml
"#);
    patched(&sandbox, &["-a", "clean", "--remove", "env", "--context", "dev"]);
    assert_eq!(sandbox.tree(), before);
    patched(&sandbox, &["--all-actors", "scaling.max=4", "env.A=1"]);
    assert_eq!(actor(&sandbox, "overlays/dev", "start-text-flow")["spec"]["scaling"]["maxReplicaCount"], 4);
    patched(&sandbox, &["--all-actors", "--clear"]);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn what_the_layers_below_have_can_be_taken_out() {
    let sandbox = compiled();
    patched(&sandbox, &["-a", "clean", "env.A=1", "env.B=2", "env.C=3", "scaling.max=5"]);
    let body = r#"{"spec": {"env": [{"name": "A", "$patch": "delete"}, {"name": "C", "$patch": "delete"}], "scaling": {"maxReplicaCount": null}}}"#;
    patched(&sandbox, &["-a", "clean", "-p", body, "env.D=4", "--context", "dev"]);
    let spec = actor(&sandbox, "overlays/dev", "clean")["spec"].take();
    assert_eq!(spec["env"], json!([{"name": "B", "value": "2"}, {"name": "D", "value": "4"}]));
    assert_eq!(spec["scaling"], json!({"enabled": true, "minReplicaCount": 0}));
}

#[test]
fn the_order_of_commands_makes_no_difference() {
    let commands: [&[&str]; 6] = [
        &["-a", "detect", "env.X=common"],
        &["-a", "detect", "env.X=dev", "--context", "dev"],
        &["-a", "detect", "env.A=1", "scaling.max=9"],
        &["-a", "detect", "resiliency.policies.default.maxAttempts=3"],
        &["-a", "detect", "resiliency.policies.default.backoff=linear", "env.B=2", "--context", "dev"],
        &["-a", "clean", "env.X=clean", "--context", "dev"],
    ];
    let mut seen = Vec::new();
    for start in [0, 1, 3, 4] {
        let sandbox = compiled();
        let turned = commands.iter().cycle().skip(start).take(commands.len());
        let mut order: Vec<&&[&str]> = turned.collect();
        if start % 2 == 1 {
            order.reverse();
        }
        order.iter().for_each(|args| patched(&sandbox, args));
        let before = sandbox.tree();
        order.iter().for_each(|args| patched(&sandbox, args));
        assert_eq!(sandbox.tree(), before, "typed twice: {order:?}");
        seen.push(["detect", "clean"].map(|name| actor(&sandbox, "overlays/dev", name)));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:#?}");
    let told = r#"{"policies":{"default":{"backoff":"linear","maxAttempts":3}}}"#;
    let env = seen[0][0]["spec"]["env"].as_array().unwrap();
    assert!(env.contains(&json!({"name": "ASYA_CALL_RESILIENCY", "value": told})), "{env:#?}");
}

#[test]
fn the_call_wrapper_is_told_of_retries() {
    let sandbox = compiled();
    insta::assert_snapshot!(
        patch(&sandbox, &["-a", "detect", "resiliency.policies.default.maxAttempts=3", "--context", "dev"]), @r#"
exit: 0
--- stdout
detect in context `dev`:
@@ -11,6 +11,12 @@
   - name: ASYA_CALL_TARGET
     value: shop.detect
+  - name: ASYA_CALL_RESILIENCY
+    value: '{"policies":{"default":{"maxAttempts":3}}}'
   handler: asya_call.invoke
   image: ghcr.io/acme/detect:latest
+  resiliency:
+    policies:
+      default:
+        maxAttempts: 3
   scaling:
     enabled: true

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-detect.lists.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-detect.yaml
"#);
    patched(&sandbox, &["-a", "detect", "--remove", "resiliency", "--context", "dev"]);
    assert_eq!(actor(&sandbox, "overlays/dev", "detect")["spec"]["env"].as_array().unwrap().len(), 1);
    // What does not concern retries, or no wrapper, is none of its business.
    patched(&sandbox, &["-a", "detect", "resiliency.actorTimeout=9s", "--context", "dev"]);
    patched(&sandbox, &["-a", "clean", "resiliency.policies.default.maxAttempts=3", "--context", "dev"]);
    assert!(!sandbox.exists(&format!("{MANIFESTS}/overlays/dev/patch-detect.lists.yaml")));
    assert!(!sandbox.exists(&format!("{MANIFESTS}/overlays/dev/patch-clean.lists.yaml")));

    // By hand, and on a queue that cannot deliver a message again.
    let by_hand = file(&sandbox, "overlays/dev/patch-detect.yaml")
        .replace("actorTimeout: 9s", "policies: {default: {maxAttempts: 5}}");
    sandbox.write(&format!("{MANIFESTS}/overlays/dev/patch-detect.yaml"), &by_hand);
    insta::assert_snapshot!(sandbox.show(&["compile", "text-flow"]), @r#"
exit: 0
--- stdout
compiled text-flow from flow.py:text_flow
  actors     clean, detect
  router     start-text-flow (generated)
  files      15 unchanged, 8 kept
  manifests  compiled/text-flow/manifests
--- stderr
warning: `compiled/text-flow/manifests/overlays/dev/patch-detect.lists.yaml` is missing: `detect` retries otherwise here, and its call wrapper is not told
  hint: type `asya patch text-flow --actor detect --context dev`: it writes the file anew
"#);
    patched(&sandbox, &["-a", "detect", "--context", "dev"]);
    assert!(sandbox.ok(&["compile", "text-flow"]).stderr.is_empty());
    let sandbox = compiled_as(&format!("{CONFIG}platform: {{transport: rabbitmq}}\n"));
    patched(&sandbox, &["-a", "detect", "resiliency.policies.default.maxAttempts=3"]);
    assert!(!sandbox.exists(&format!("{MANIFESTS}/common/patch-detect.lists.yaml")));
}

#[test]
fn what_people_wrote_stays() {
    let sandbox = compiled();
    let kustomization = format!("{MANIFESTS}/overlays/dev/kustomization.yaml");
    let own = format!(
        "{}# limits of the team\npatches:\n  - patch: |- # by hand\n      - {{op: replace, path: /spec/image, value: own}}\n    target: {{kind: AsyncActor, name: clean}}\n  # the end\n",
        sandbox.read(&kustomization)
    );
    sandbox.write(&kustomization, &own);
    let clean = "# why so few: see the wiki\napiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata:\n  name: clean\nspec:\n  scaling: # of the queue\n    maxReplicaCount: 2 # no more\n";
    sandbox.write(&format!("{MANIFESTS}/overlays/dev/patch-clean.yaml"), clean);
    let before = sandbox.tree();
    patched(&sandbox, &["-a", "clean", "scaling.max=4", "scaling.min=1", "env.A=1", "--context", "dev"]);
    insta::assert_snapshot!(sandbox.read(&kustomization), @r#"
# `text-flow` in `dev`. This directory is yours: `asya compile` leaves it as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: dev-ns
resources:
- ../../common
configurations:
- kustomizeconfig.yaml
# limits of the team
patches:
  - patch: |- # by hand
      - {op: replace, path: /spec/image, value: own}
    target: {kind: AsyncActor, name: clean}
  - path: patch-clean.yaml
  - path: patch-clean.lists.yaml
    target:
      kind: AsyncActor
      name: clean
  # the end
"#);
    insta::assert_snapshot!(file(&sandbox, "overlays/dev/patch-clean.yaml"), @r#"
# why so few: see the wiki
apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: clean
spec:
  scaling: # of the queue
    maxReplicaCount: 4 # no more
    minReplicaCount: 1
"#);
    patched(
        &sandbox,
        &["-a", "clean", "scaling.max=2", "--remove", "scaling.min", "--remove", "env", "--context", "dev"],
    );
    let kept = |tree: Vec<(String, String)>| -> Vec<_> {
        tree.into_iter().filter(|(name, _)| !name.ends_with("dev/kustomization.yaml")).collect()
    };
    assert_eq!(kept(sandbox.tree()), kept(before));
    assert_eq!(actor(&sandbox, "overlays/dev", "clean")["spec"]["image"], "own");
}

#[test]
fn an_actor_that_is_gone() {
    let sandbox = compiled();
    patched(&sandbox, &["-a", "detect", "scaling.max=9"]);
    patched(&sandbox, &["-a", "detect", "env.A=1", "--context", "dev"]);
    sandbox.write(
        &format!("{MANIFESTS}/overlays/prod/kustomization.yaml"),
        "resources: [../../common]\npatches:\n- patch: |-\n    apiVersion: asya.sh/v1alpha1\n    kind: AsyncActor\n    metadata: {name: detect}\n    spec: {replicas: 2}\n",
    );
    sandbox.write("flow.py", &FLOW.replace("detect", "detect_language"));
    let check = sandbox.run(&["compile", "text-flow", "--check"]);
    assert!(check.stderr.contains("--move-to detect-language"), "{}", check.show());
    assert_eq!(sandbox.run(&["compile", "text-flow", "--strict"]).code, 1);
    insta::assert_snapshot!(sandbox.show(&["compile", "text-flow"]), @r#"
exit: 0
--- stdout
compiled text-flow from flow.py:text_flow
  actors     clean, detect-language
  router     start-text-flow (generated)
  files      1 created, 8 changed, 1 removed, 6 unchanged, 8 kept
  manifests  compiled/text-flow/manifests
next: asya run text-flow
--- stderr
warning: `compiled/text-flow/manifests/common/patch-detect.yaml` patches `detect`, and there is no such actor
  hint: if it is `detect-language` now: `asya patch text-flow --actor detect --move-to detect-language`; `asya patch text-flow --actor detect --clear` takes it away
warning: `compiled/text-flow/manifests/overlays/dev/patch-detect.lists.yaml` patches `detect`, and there is no such actor
  hint: if it is `detect-language` now: `asya patch text-flow --actor detect --move-to detect-language --context dev`; `asya patch text-flow --actor detect --clear --context dev` takes it away
warning: `compiled/text-flow/manifests/overlays/prod/kustomization.yaml` patches `detect`, and there is no such actor
  hint: if it is `detect-language` now, change the name there; else take the patch out
"#);
    insta::assert_snapshot!(patch(&sandbox, &["-a", "detect", "scaling.max=8"]), @r#"
exit: 3
--- stdout
--- stderr
error: `text-flow` has no actor `detect`
hint: did you mean `detect-language`?
hint: `--move-to ACTOR` moves its patches, `--clear` takes them away
"#);
    insta::assert_snapshot!(patch(&sandbox, &["-a", "clean", "scaling.max=5"]), @r#"
exit: 0
--- stdout
clean in every environment:
@@ -11,4 +11,4 @@
   scaling:
     enabled: true
-    maxReplicaCount: 3
+    maxReplicaCount: 5
     minReplicaCount: 0

next: asya k apply text-flow
--- stderr
warning: `compiled/text-flow/manifests/overlays/prod` cannot be rendered: compiled/text-flow/manifests/overlays/prod/kustomization.yaml (patch in line 4):1: no object is called AsyncActor detect (asya.sh/v1alpha1)
  changed   compiled/text-flow/manifests/common/kustomization.yaml
  created   compiled/text-flow/manifests/common/patch-clean.yaml
warning: `compiled/text-flow/manifests/common/patch-detect.yaml` patches `detect`, and there is no such actor: `compiled/text-flow/manifests/common` cannot be rendered
  hint: if it is `detect-language` now: `asya patch text-flow --actor detect --move-to detect-language`; `asya patch text-flow --actor detect --clear` takes it away
"#);
    insta::assert_snapshot!(patch(&sandbox, &["-a", "detect", "--move-to", "detect_language"]), @r#"
exit: 0
--- stdout
detect-language in every environment:
@@ -14,5 +14,5 @@
   scaling:
     enabled: true
-    maxReplicaCount: 3
+    maxReplicaCount: 9
     minReplicaCount: 0
   volumeMounts:

next: asya k apply text-flow
--- stderr
warning: `compiled/text-flow/manifests/overlays/prod` cannot be rendered: compiled/text-flow/manifests/overlays/prod/kustomization.yaml (patch in line 4):1: no object is called AsyncActor detect (asya.sh/v1alpha1)
  changed   compiled/text-flow/manifests/common/kustomization.yaml
  created   compiled/text-flow/manifests/common/patch-detect-language.yaml
  removed   compiled/text-flow/manifests/common/patch-detect.yaml
"#);
    patched(&sandbox, &["-a", "detect", "--move-to", "detect-language", "--context", "dev"]);
    let spec = actor(&sandbox, "overlays/dev", "detect-language")["spec"].take();
    assert_eq!((&spec["env"][1]["name"], &spec["scaling"]["maxReplicaCount"]), (&json!("A"), &json!(9)));
    patched(&sandbox, &["-a", "detect-language", "--clear", "--context", "dev"]);
    assert!(!sandbox.exists(&format!("{MANIFESTS}/overlays/dev/patch-detect-language.lists.yaml")));
}

#[test]
fn a_recompiled_actor_that_the_items_do_not_fit() {
    let sandbox = compiled();
    patched(&sandbox, &["-a", "detect", "env.A=1"]);
    patched(&sandbox, &["-a", "detect", "env.A=2", "--context", "dev"]);
    // Without the `try` there is no wrapper, hence no list of variables.
    sandbox.write("flow.py", "from shop import clean, detect\n\ndef text_flow(p: dict) -> dict:\n    p = clean(p)\n    p = detect(p)\n    return p\n");
    insta::assert_snapshot!(sandbox.show(&["compile", "text-flow"]), @r#"
exit: 0
--- stdout
compiled text-flow from flow.py:text_flow
  actors     clean, detect
  router     start-text-flow (generated)
  files      10 changed, 2 removed, 3 unchanged, 8 kept
  manifests  compiled/text-flow/manifests
next: asya run text-flow
--- stderr
warning: `compiled/text-flow/manifests/common/patch-detect.lists.yaml` does not fit the compiled actor any more
  hint: type `asya patch text-flow --actor detect`: it writes the file anew
"#);
    assert_eq!(sandbox.run(&["render", "text-flow", "--context", "dev"]).code, 3);
    insta::assert_snapshot!(patch(&sandbox, &["-a", "detect", "env.B=1", "--context", "dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: the patch does not fit AsyncActor detect: failed at path '/spec/env/-': path is invalid
 --> compiled/text-flow/manifests/common/patch-detect.lists.yaml:5:1
  |
5 | / - op: add
6 | |   path: /spec/env/-
7 | |   value:
8 | |     name: A
9 | |     value: "1"
  | |_______________^

error: `compiled/text-flow/manifests/common/patch-detect.lists.yaml` cannot be rendered
hint: first make the patches of `common/` fit again: `asya patch text-flow --actor detect`
"#);
    patched(&sandbox, &["-a", "detect"]);
    assert_eq!(actor(&sandbox, "overlays/dev", "detect")["spec"]["env"], json!([{"name": "A", "value": "2"}]));
    assert!(sandbox.ok(&["compile", "text-flow"]).stderr.is_empty());
    // A list that appears where there was none is not overwritten.
    sandbox.write("flow.py", FLOW);
    assert!(sandbox.ok(&["compile", "text-flow"]).stderr.contains("does not fit"));
    let refused = sandbox.run(&["render", "text-flow", "--context", "dev"]);
    assert_eq!(refused.code, 3, "{}", refused.show());
}

#[test]
fn wrong_input() {
    let sandbox = compiled();
    let before = sandbox.tree();
    let commands: &[&[&str]] = &[
        &["scaling.max=1"],
        &["-a", "clean", "scaling.max"],
        &["-a", "clean", "=1"],
        &["-a", "../clean", "scaling.max=1"],
        &["-a", "", "scaling.max=1"],
        &["-a", "claen", "scaling.max=1"],
        &["-a", "clean", "scaling.max=many"],
        &["-a", "clean", "scaling=1"],
        &["-a", "clean", "scaling..max=1"],
        &["-a", "clean", "scaling.maximum=1"],
        &["-a", "clean", "resiliency.retry.maxAttempts=2"],
        &["-a", "clean", "resiliency.actorTimeout=soon"],
        &["-a", "clean", "resources.limits.memory=much"],
        &["-a", "clean", "imagePullPolicy=Sometimes"],
        &["-a", "clean", "handler=a.b"],
        &["-a", "clean", "image="],
        &["-a", "clean", "serviceAccountName=me"],
        &["-a", "clean", "env=1"],
        &["-a", "clean", "env.1A=1"],
        &["-a", "clean", "env.ASYA_HANDLER=1"],
        &["-a", "clean", "env.A=secret:only-a-name"],
        &["-a", "clean", "env.A=secret:Name:key"],
        &["-a", "clean", "volumes.cache=1"],
        &["-a", "clean", "env.A=1", "--remove", "env.A"],
        &["-a", "clean", "-p", "{\"spec\": {\"scaling\": {\"maxReplicaCount\": 5,}}}"],
        &["-a", "clean", "-p", "[1]"],
        &["-a", "clean", "-p", "{\"scaling\": {}}"],
        &["-a", "clean", "-p", "{\"spec\": {\"scaling\": {\"maxReplicaCount\": \"5\"}}}"],
        &["-a", "clean", "-p", "{\"spec\": {\"env\": [{\"value\": \"1\"}]}}"],
        &["-a", "clean", "-p", "{\"spec\": {\"env\": [{\"name\": \"A\", \"value\": 1}]}}"],
        &["-a", "clean", "-p", "{\"metadata\": {\"labels\": {\"asya.sh/flow\": \"x\"}}}"],
        &["-a", "clean", "--all-actors", "scaling.max=1"],
        &["-a", "clean", "scaling.max=1", "--context", "live"],
        &["-a", "clean", "scaling.max=1", "--context", "nowhere"],
        &["-a", "clean", "--move-to", "detect"],
    ];
    let shown: Vec<String> = commands
        .iter()
        .map(|args| {
            let outcome = sandbox.run(&[&["patch", "text-flow"], *args].concat());
            assert!(outcome.stdout.is_empty(), "{}", outcome.show());
            format!("$ {}\n[{}] {}", args.join(" "), outcome.code, outcome.stderr.trim_end())
        })
        .collect();
    assert_eq!(sandbox.tree(), before);
    insta::assert_snapshot!(shown.join("\n"), @r#"
$ scaling.max=1
[2] error: the following required arguments were not provided:
  --actor <ACTOR>

Usage: asya patch --actor <ACTOR> <FLOW> <KEY=VALUE>...

For more information, try '--help'.
$ -a clean scaling.max
[2] error: invalid value 'scaling.max' for '[KEY=VALUE]...': there is no value: write `scaling.max=VALUE`, or `--remove scaling.max` to take one back

For more information, try '--help'.
$ -a clean =1
[2] error: invalid value '=1' for '[KEY=VALUE]...': there is no key before `=`

For more information, try '--help'.
$ -a ../clean scaling.max=1
[2] error: `../clean` is not the name of an actor
  because names of actors have lower-case letters, digits and `-`
hint: the actors of `text-flow` are `clean`, `detect` and `start-text-flow`
$ -a  scaling.max=1
[2] error: `` is not the name of an actor
  because names of actors have lower-case letters, digits and `-`
hint: the actors of `text-flow` are `clean`, `detect` and `start-text-flow`
$ -a claen scaling.max=1
[3] error: `text-flow` has no actor `claen`
hint: did you mean `clean`?
$ -a clean scaling.max=many
[2] error: `scaling.max=many` cannot be set
  because it takes a whole number, 0 or more
$ -a clean scaling=1
[2] error: `scaling=1` cannot be set
  because it holds fields, such as `scaling.min`
$ -a clean scaling..max=1
[2] error: `scaling..max=1` cannot be set
  because a key has names with dots between
hint: for example `scaling.max`
$ -a clean scaling.maximum=1
[2] error: `scaling.maximum=1` cannot be set
  because there is no such field in an AsyncActor of generation C2
hint: did you mean `scaling.max`?
$ -a clean resiliency.retry.maxAttempts=2
[2] error: `resiliency.retry.maxAttempts=2` cannot be set
  because there is no such field in an AsyncActor of generation C2
hint: here it is called `resiliency.policies.default.maxAttempts`
$ -a clean resiliency.actorTimeout=soon
[2] error: `resiliency.actorTimeout=soon` cannot be set
  because it takes a time: a number of seconds, or text such as `1m30s`
$ -a clean resources.limits.memory=much
[2] error: `resources.limits.memory=much` cannot be set
  because it takes a quantity, such as `500m`, `2` or `1Gi`
$ -a clean imagePullPolicy=Sometimes
[2] error: `imagePullPolicy=Sometimes` cannot be set
  because it takes one of `Always`, `IfNotPresent` and `Never`
$ -a clean handler=a.b
[2] error: `handler=a.b` cannot be set
  because it is set by the compiler
hint: the flow decides what the actor runs; change the source and compile again
$ -a clean image=
[2] error: `image=` cannot be set
  because it takes text that is not empty
$ -a clean serviceAccountName=me
[2] error: `serviceAccountName=me` cannot be set
  because there is no such field in an AsyncActor of generation C2
hint: the fields are listed in docs/patching.md
$ -a clean env=1
[2] error: `env=1` cannot be set
  because it is a list of variables
hint: set one: `env.NAME=VALUE`
$ -a clean env.1A=1
[2] error: `env.1A=1` cannot be set
  because `1A` is no name of a variable
hint: it has letters, digits, `_`, `-` and `.`, and does not start with a digit
$ -a clean env.ASYA_HANDLER=1
[2] error: `env.ASYA_HANDLER=1` cannot be set
  because `ASYA_HANDLER` belongs to the platform or to what asya compiles
$ -a clean env.A=secret:only-a-name
[2] error: `env.A=secret:only-a-name` cannot be set
  because a reference is `secret:NAME:KEY`
hint: for this very text: `-p '{"spec": {"env": [{"name": "A", "value": "secret:only-a-name"}]}}'`
$ -a clean env.A=secret:Name:key
[2] error: `env.A=secret:Name:key` cannot be set
  because `Name` is no name of an object
$ -a clean volumes.cache=1
[2] error: `volumes.cache=1` cannot be set
  because it is a list of mappings
hint: give whole items as JSON: `-p '{"spec": {"volumes": [{"name": …}]}}'`
$ -a clean env.A=1 --remove env.A
[2] error: `env.A` is set and removed at once
$ -a clean -p {"spec": {"scaling": {"maxReplicaCount": 5,}}}
[2] error: trailing comma
 --> --patch:1:44
  |
1 | {"spec": {"scaling": {"maxReplicaCount": 5,}}}
  |                                            ^

error: `--patch` is not JSON
hint: a patch looks like '{"spec": {"scaling": {"maxReplicaCount": 5}}}'
$ -a clean -p [1]
[2] error: `--patch` is no patch of an actor
  because it is no object
hint: a patch looks like '{"spec": {"scaling": {"maxReplicaCount": 5}}}'
$ -a clean -p {"scaling": {}}
[2] error: `--patch` is no patch of an actor
  because it has `scaling` beside `spec` and `metadata`
hint: a patch looks like '{"spec": {"scaling": {"maxReplicaCount": 5}}}'
$ -a clean -p {"spec": {"scaling": {"maxReplicaCount": "5"}}}
[2] error: `scaling.maxReplicaCount` cannot be patched
  because it takes a whole number, 0 or more
$ -a clean -p {"spec": {"env": [{"value": "1"}]}}
[2] error: `env` cannot be patched
  because an item has no `name`
$ -a clean -p {"spec": {"env": [{"name": "A", "value": 1}]}}
[2] error: `env` cannot be patched
  because the value of a variable is text
hint: put it in quotes
$ -a clean -p {"metadata": {"labels": {"asya.sh/flow": "x"}}}
[2] error: `metadata.labels.asya.sh/flow` cannot be patched
  because labels of `asya.sh/` say what the object is to asya and the platform
hint: choose another label
$ -a clean --all-actors scaling.max=1
[2] error: the argument '--actor <ACTOR>' cannot be used with '--all-actors'

Usage: asya patch --actor <ACTOR> <FLOW> <KEY=VALUE>...

For more information, try '--help'.
$ -a clean scaling.max=1 --context live
[3] error: the context `live` is read-only: `asya patch` does not write to it
hint: to allow writes, take `readonly` out of `contexts.live` in `.asya/config.yaml`
$ -a clean scaling.max=1 --context nowhere
[3] error: there is no context `nowhere`
  because known contexts: `dev`, `live`, `prod` and `local`
hint: add it with `asya k context add nowhere`
$ -a clean --move-to detect
[2] error: nothing is patched of `clean` here
"#);
}

#[test]
fn broken_files() {
    let sandbox = compiled();
    let kustomization = format!("{MANIFESTS}/overlays/dev/kustomization.yaml");
    let fine = sandbox.read(&kustomization);
    for text in ["resources: [../../common\n", "resources: [../../common]\npatches: none\n", "resources: [gone.yaml]\n"]
    {
        sandbox.write(&kustomization, text);
        let before = sandbox.tree();
        let outcome = sandbox.run(&["patch", "text-flow", "-a", "clean", "scaling.max=1", "--context", "dev"]);
        assert_eq!(outcome.code, 3, "{}", outcome.show());
        assert_eq!(sandbox.tree(), before, "{text}");
        // A broken overlay does not stand in the way of the others.
        let common = sandbox.ok(&["patch", "text-flow", "-a", "clean", "scaling.max=6"]);
        assert!(common.stderr.contains("overlays/dev"), "{}", common.show());
        patched(&sandbox, &["-a", "clean", "--clear"]);
    }
    sandbox.write(&kustomization, &fine);
    sandbox.write(
        &format!("{MANIFESTS}/overlays/dev/patch-clean.lists.yaml"),
        "- {op: copy, from: /spec/a, path: /spec/b}\n",
    );
    insta::assert_snapshot!(patch(&sandbox, &["-a", "clean", "env.A=1", "--context", "dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: `copy` of `/spec/b` is nothing that `asya patch` writes
 --> compiled/text-flow/manifests/overlays/dev/patch-clean.lists.yaml:1:1
  |
1 | - {op: copy, from: /spec/a, path: /spec/b}
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: `compiled/text-flow/manifests/overlays/dev/patch-clean.lists.yaml` cannot be changed by `asya patch`
hint: change it by hand, or move it away and take its line out of the kustomization
"#);
    sandbox.write(&format!("{MANIFESTS}/overlays/dev/patch-clean.yaml"), "kind: Deployment\nmetadata: {name: clean}\n");
    insta::assert_snapshot!(patch(&sandbox, &["-a", "clean", "scaling.max=1", "--context", "dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: it is no patch of the AsyncActor `clean`
 --> compiled/text-flow/manifests/overlays/dev/patch-clean.yaml:1:1
  |
1 | kind: Deployment
  | ^^^^^^^^^^^^^^^^

error: `compiled/text-flow/manifests/overlays/dev/patch-clean.yaml` cannot be changed by `asya patch`
hint: change it by hand, or move it away and take its line out of the kustomization
"#);
    let other = Sandbox::new();
    other.ok(&["init", "--yes"]);
    insta::assert_snapshot!(patch(&other, &["-a", "clean", "scaling.max=1"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no flow `text-flow`
  because the project has no flows yet
hint: make it with `asya compile text-flow -f FILE`
"#);
}

#[test]
fn an_overlay_that_is_missing_is_made() {
    let sandbox = compiled();
    std::fs::remove_dir_all(sandbox.project().join(MANIFESTS).join("overlays/dev")).unwrap();
    insta::assert_snapshot!(patch(&sandbox, &["-a", "clean", "scaling.max=1", "--context", "dev"]), @r#"
exit: 0
--- stdout
clean in context `dev`:
@@ -12,4 +12,4 @@
   scaling:
     enabled: true
-    maxReplicaCount: 3
+    maxReplicaCount: 1
     minReplicaCount: 0

next: asya k apply text-flow --context dev
--- stderr
  created   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  created   compiled/text-flow/manifests/overlays/dev/kustomizeconfig.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-clean.yaml
"#);
    let clean = actor(&sandbox, "overlays/dev", "clean");
    assert_eq!(
        (&clean["metadata"]["namespace"], &clean["spec"]["scaling"]["maxReplicaCount"]),
        (&json!("dev-ns"), &json!(1))
    );
    patched(&sandbox, &["-a", "clean", "env.A=1", "--context", "local"]);
    assert_eq!(actor(&sandbox, "overlays/local", "clean")["spec"]["env"], json!([{"name": "A", "value": "1"}]));
}

#[test]
fn generations_have_their_own_fields() {
    let sandbox = compiled_as(&format!("{CONFIG}platform: {{generation: C1}}\n"));
    patched(&sandbox, &["-a", "clean", "resiliency.retry.maxAttempts=4", "sidecar.image=side:1"]);
    let spec = actor(&sandbox, "common", "clean")["spec"].take();
    assert_eq!(
        (&spec["resiliency"], &spec["sidecar"]),
        (&json!({"retry": {"maxAttempts": 4}}), &json!({"image": "side:1"}))
    );
    let refused = sandbox.run(&["patch", "text-flow", "-a", "clean", "resiliency.policies.default.maxAttempts=4"]);
    assert!(refused.code == 2 && refused.stderr.contains("`resiliency.retry.maxAttempts`"), "{}", refused.show());
}

#[test]
fn what_others_have_a_say_in() {
    let sandbox = compiled();
    sandbox.ok(&["compile", "other-flow", "-f", "flow.py"]);
    let shared = sandbox.ok(&["patch", "text-flow", "-a", "clean", "scaling.max=5"]);
    assert!(shared.stderr.contains("asya patch other-flow --actor clean"), "{}", shared.show());
    let kustomization = format!("{MANIFESTS}/overlays/dev/kustomization.yaml");
    let fine = sandbox.read(&kustomization);
    let by_hand =
        "patches:\n- target: {kind: AsyncActor}\n  patch: |-\n    - {op: add, path: /spec/replicas, value: 9}\n";
    sandbox.write(&kustomization, &format!("{fine}{by_hand}"));
    insta::assert_snapshot!(patch(&sandbox, &["-a", "start-text-flow", "replicas=9", "--context", "dev"]), @r#"
exit: 0
--- stdout
start-text-flow in context `dev` renders as before

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-start-text-flow.yaml
"#);
}

#[test]
fn as_json() {
    let sandbox = compiled();
    insta::assert_snapshot!(patch(&sandbox, &["-a", "clean", "scaling.max=5", "--context", "dev", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flow": "text-flow",
  "context": "dev",
  "actors": [
    {
      "name": "clean",
      "diff": "--- before\n+++ after\n@@ -12,4 +12,4 @@\n   scaling:\n     enabled: true\n-    maxReplicaCount: 3\n+    maxReplicaCount: 5\n     minReplicaCount: 0\n"
    }
  ],
  "files": [
    {
      "path": "compiled/text-flow/manifests/overlays/dev/kustomization.yaml",
      "change": "changed"
    },
    {
      "path": "compiled/text-flow/manifests/overlays/dev/patch-clean.yaml",
      "change": "created"
    }
  ],
  "next": "asya k apply text-flow --context dev"
}
--- stderr
"#);
}

#[test]
fn many_at_once() {
    let sandbox = compiled();
    let children: Vec<_> = (0..4)
        .map(|number| {
            let value = format!("env.N{number}={number}");
            sandbox
                .command(&["patch", "text-flow", "-a", "clean", &value, "-q"])
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(actor(&sandbox, "common", "clean")["spec"]["env"].as_array().unwrap().len(), 4);
}

#[test]
fn what_the_gateway_tells_agents() {
    let sandbox = compiled();
    insta::assert_snapshot!(patch(&sandbox, &["--gateway", "timeout=60"]), @r#"
exit: 3
--- stdout
--- stderr
error: `text-flow` is not offered to the gateway
hint: type `asya expose text-flow`, or add `expose=true`
"#);
    sandbox.ok(&["expose", "text-flow", "--timeout", "30"]);
    insta::assert_snapshot!(patch(&sandbox, &["--gateway", "timeout=60", "a2a=true", "tags=text,words", "--context", "dev"]), @r#"
exit: 0
--- stdout
text-flow as agents see it in context `dev`:

flows:
- name: text-flow
  entrypoint: start-text-flow
  description: Finds out the language of a text.
  timeout: 60
  mcp:
    inputSchema:
      type: object
      properties: {}
  a2a:
    tags:
    - text
    - words

next: asya k apply text-flow --context dev
--- stderr
  created   compiled/text-flow/manifests/overlays/dev/flow-expose.yaml
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
"#);
    let common = file(&sandbox, "common/flow-expose.yaml");
    assert!(common.contains("timeout: 30") && !common.contains("a2a"));
    patched(&sandbox, &["--gateway", "mcp=false", "--remove", "timeout", "--context", "dev"]);
    let dev = file(&sandbox, "overlays/dev/flow-expose.yaml");
    assert!(!dev.contains("mcp:") && !dev.contains("timeout") && dev.contains("- words"), "{dev}");
    let before = sandbox.tree();
    patched(&sandbox, &["--gateway", "mcp=false", "--context", "dev"]);
    let wrong: &[&[&str]] =
        &[&["a2a=false"], &["timeout=0"], &["timeot=1"], &["mcp=perhaps"], &["tags=a,,b"], &["input_schema={"], &[]];
    let shown: Vec<String> = wrong
        .iter()
        .map(|args| {
            let outcome = sandbox.run(&[&["patch", "text-flow", "--gateway", "--context", "dev"], *args].concat());
            format!("$ {}\n[{}] {}", args.join(" "), outcome.code, outcome.stderr.trim_end())
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
$ a2a=false
[2] error: `text-flow` would be neither an MCP tool nor an A2A skill
hint: to offer it no longer, type `expose=false`
$ timeout=0
[2] error: `timeout=0` cannot be set
  because 0 would mean no limit for MCP and no time at all for A2A
$ timeot=1
[2] error: the gateway's entry has no `timeot`
hint: did you mean `timeout`?
$ mcp=perhaps
[2] error: `mcp=perhaps` cannot be set
  because it takes true or false
$ tags=a,,b
[2] error: `tags=a,,b` cannot be set
  because one of them is empty
$ input_schema={
[2] error: `input_schema={` cannot be set
  because the input schema in `input_schema` is not JSON: the text ends inside an object
$ 
[2] error: nothing is to be changed
hint: for example: `asya patch FLOW --gateway timeout=60`
"#);
    assert_eq!(sandbox.tree(), before);
    patched(&sandbox, &["--gateway", "expose=false", "--context", "dev"]);
    assert!(file(&sandbox, "overlays/dev/flow-expose.yaml").contains("$patch: delete"));
}

/// A sandbox whose editor is a shell command on `$1`.
fn with_editor(editor: &str) -> Sandbox {
    let mut sandbox = compiled();
    let script = sandbox.root().join("editor.sh");
    std::fs::write(&script, format!("{editor}\n")).unwrap();
    sandbox.set("TMPDIR", sandbox.root().display().to_string());
    sandbox.set("EDITOR", format!("sh '{}'", script.display()));
    sandbox
}

#[test]
fn a_patch_in_the_editor() {
    let sandbox = with_editor("cp \"$1\" offered.yaml; sed -i 's/^spec: {}/spec: {replicas: 2} # two/' \"$1\"");
    insta::assert_snapshot!(sandbox.show(&["edit", "text-flow", "--actor", "clean", "--context", "dev"]), @r#"
exit: 0
--- stdout
`compiled/text-flow/manifests/overlays/dev/patch-clean.yaml` renders

next: asya k apply text-flow --context dev
--- stderr
  changed   compiled/text-flow/manifests/overlays/dev/kustomization.yaml
  created   compiled/text-flow/manifests/overlays/dev/patch-clean.yaml
"#);
    insta::assert_snapshot!(sandbox.read("offered.yaml"), @r#"
# `clean` in `dev`. Written by `asya patch`, yours to edit.
apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: clean
spec: {}
#| Write what is to be different below `spec:`, in the place of `{}`.
#| A list takes the place of the whole list; `asya patch` changes single items.
#| Without these changes it is:
#| apiVersion: asya.sh/v1alpha1
#| kind: AsyncActor
#| metadata:
#|   labels:
#|     asya.sh/flow: text-flow
#|   name: clean
#|   namespace: dev-ns
#| spec:
#|   actor: clean
#|   handler: shop.clean
#|   image: ghcr.io/acme/clean:latest
#|   scaling:
#|     enabled: true
#|     maxReplicaCount: 3
#|     minReplicaCount: 0
"#);
    insta::assert_snapshot!(file(&sandbox, "overlays/dev/patch-clean.yaml"), @r#"
# `clean` in `dev`. Written by `asya patch`, yours to edit.
apiVersion: asya.sh/v1alpha1
kind: AsyncActor
metadata:
  name: clean
spec: {replicas: 2} # two
"#);
    assert_eq!(actor(&sandbox, "overlays/dev", "clean")["spec"]["replicas"], 2);
    insta::assert_snapshot!(sandbox.show(&["edit", "text-flow", "--actor", "clean", "--context", "dev"]), @r#"
exit: 0
--- stdout
nothing changed
--- stderr
  unchanged compiled/text-flow/manifests/overlays/dev/patch-clean.yaml
"#);
    let left: Vec<_> = std::fs::read_dir(sandbox.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("asya-edit-")), "{left:?}");
    // With nothing but comments left the patch is gone.
    let sandbox = with_editor("echo '# nothing' > \"$1\"");
    let before = sandbox.tree();
    patched(&sandbox, &["-a", "clean", "scaling.max=2", "--context", "dev"]);
    sandbox.ok(&["edit", "text-flow", "-a", "clean", "--context", "dev"]);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_text_that_does_not_render_is_kept() {
    let mut told = Vec::new();
    for (editor, args) in [
        ("echo 'resources: [gone.yaml]' > \"$1\"", ["--context", "dev"]),
        ("echo 'resources: [' > \"$1\"", ["--context", "dev"]),
        ("sed -i 's/^spec: {}/spec: {scalng: {}}/' \"$1\"", ["--actor", "clean"]),
        ("sed -i 's/name: clean/name: other/' \"$1\"", ["--actor", "clean"]),
        ("exit 3", ["--actor", "clean"]),
    ] {
        let sandbox = with_editor(editor);
        let before = sandbox.tree();
        let outcome = sandbox.run(&[&["edit", "text-flow"], &args[..]].concat());
        assert_eq!(sandbox.tree(), before);
        let kept = |entry: &std::path::PathBuf| entry.file_name().unwrap().to_string_lossy().starts_with("asya-edit-");
        let mut left = std::fs::read_dir(sandbox.root()).unwrap().map(|entry| entry.unwrap().path());
        let kept = left.find(kept).expect("the text is kept");
        let name = kept.file_name().unwrap().to_string_lossy().into_owned();
        told.push(format!("[{}] {}", outcome.code, outcome.stderr.replace(&name, "asya-edit-X.yaml")));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
[3] error: `gone.yaml` is not there
 --> compiled/text-flow/manifests/overlays/dev/kustomization.yaml:1:13
  |
1 | resources: [gone.yaml]
  |             ^^^^^^^^^
  |
  = note: looked for a file or directory in `compiled/text-flow/manifests/overlays/dev`
  = help: correct the path, or remove the line

error: `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` cannot be rendered
hint: the project is as before; your text is kept: `asya edit text-flow --context dev --from [SANDBOX]/asya-edit-X.yaml` goes on with it

[3] error: unclosed bracket '['
 --> compiled/text-flow/manifests/overlays/dev/kustomization.yaml:1:12
  |
1 | resources: [
  |            ^

error: `compiled/text-flow/manifests/overlays/dev/kustomization.yaml` cannot be read
hint: the project is as before; your text is kept: `asya edit text-flow --context dev --from [SANDBOX]/asya-edit-X.yaml` goes on with it

[3] error: `compiled/text-flow/manifests/common/patch-clean.yaml` cannot be taken over
  because `scalng`: there is no such field in an AsyncActor of generation C2
hint: did you mean `scaling.max`?
hint: the project is as before; your text is kept: `asya edit text-flow --actor clean --from [SANDBOX]/asya-edit-X.yaml` goes on with it

[3] error: it is no patch of the AsyncActor `clean`
 --> compiled/text-flow/manifests/common/patch-clean.yaml:1:1
  |
1 | # `clean` in every environment. Written by `asya patch`, yours to edit.
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: `compiled/text-flow/manifests/common/patch-clean.yaml` cannot be changed by `asya patch`
hint: change it by hand, or move it away and take its line out of the kustomization
hint: the project is as before; your text is kept: `asya edit text-flow --actor clean --from [SANDBOX]/asya-edit-X.yaml` goes on with it

[3] error: the editor `sh '[SANDBOX]/editor.sh'` failed
  because it ended with 3
hint: set VISUAL or EDITOR to an editor that waits until the file is closed
hint: the project is as before; your text is kept: `asya edit text-flow --actor clean --from [SANDBOX]/asya-edit-X.yaml` goes on with it
"#);
    let sandbox = with_editor("exit 0");
    sandbox.write(
        "mine.yaml",
        "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata: {name: clean}\nspec: {replicas: 3}\n",
    );
    sandbox.ok(&["edit", "text-flow", "--actor", "clean", "--from", "mine.yaml"]);
    assert_eq!(actor(&sandbox, "common", "clean")["spec"]["replicas"], 3);
    let refused = sandbox.run(&["edit", "text-flow", "--context", "live"]);
    assert_eq!(refused.code, 3, "{}", refused.show());
}

#[test]
fn a_file_that_changes_while_it_is_edited() {
    let asya = env!("CARGO_BIN_EXE_asya");
    let sandbox =
        with_editor(&format!("'{asya}' -q patch text-flow -a clean scaling.max=9 > said.txt; echo '# mine' >> \"$1\""));
    let outcome = sandbox.run(&["edit", "text-flow", "--actor", "clean"]);
    assert!(outcome.code == 3 && outcome.stderr.contains("was changed while you edited it"), "{}", outcome.show());
    assert_eq!(actor(&sandbox, "common", "clean")["spec"]["scaling"]["maxReplicaCount"], 9);
}

/// Random lists below and random wishes: the operations do what was wished, whatever else is there,
/// and say what was wished.
#[test]
fn list_items_of_any_kind() {
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for round in 0..400 {
        let list: &'static List = &LISTS[usize::try_from(random(6)).unwrap()];
        let item = |name: u64, value: u64| json!({list.key: format!("n{name}"), "value": value.to_string()});
        let mut names: Vec<u64> = (0..6).collect();
        for at in 0..6 {
            names.swap(at, usize::try_from(random(6)).unwrap());
        }
        let count = usize::try_from(random(6)).unwrap();
        let present: Vec<Value> = names.iter().take(count).map(|name| item(*name, 0)).collect();
        let mut object = json!({"apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": "a"}, "spec": {"actor": "a"}});
        let keys = list.path();
        if !present.is_empty() {
            let mut holder = &mut object;
            for key in keys.split('.') {
                holder = &mut holder[key];
            }
            *holder = json!(present);
        }
        let mut wishes: Vec<Item> = Vec::new();
        for name in 0..6 {
            match random(4) {
                0 => wishes.push(Item { list, key: format!("n{name}"), value: Some(item(name, 1)) }),
                1 => wishes.push(Item { list, key: format!("n{name}"), value: None }),
                _ => {}
            }
        }
        let Some(text) = lists::text(&wishes, &object) else { continue };
        let mut tree = DiskTree::new("/nowhere");
        let mut set = |path: &str, text: String| tree.set(Path::new(path), Some(text.into_bytes()));
        set("a.yaml", object.to_string());
        set("lists.yaml", text.clone());
        set(
            "kustomization.yaml",
            "resources: [a.yaml]\npatches: [{path: lists.yaml, target: {kind: AsyncActor, name: a}}]".to_owned(),
        );
        let rendering = render(&tree, Path::new(".")).unwrap_or_else(|_| panic!("{round}: {text}\n{object}"));
        let rendered = rendering.objects[0].value();
        let has = |value: &Value, name: &str| list.item(value, name).cloned();
        for name in (0..6).map(|name| format!("n{name}")) {
            let wished = wishes.iter().find(|wish| wish.key == name);
            let expected = wished.map_or_else(|| has(&object, &name), |wish| wish.value.clone());
            assert_eq!(has(rendered, &name), expected, "{round}: {name}\n{text}\n{object}");
        }
        let operations: Value = serde_json::from_str(
            &serde_json::to_string(
                &asya::artifacts::patching::read(&asya::source::Source::new("lists.yaml", text.as_str())).unwrap(),
            )
            .unwrap(),
        )
        .unwrap();
        let mut read = lists::items(&operations).unwrap();
        wishes.retain(|wish| wish.value.is_some() || has(&object, &wish.key).is_some());
        read.sort_by(|one, other| one.key.cmp(&other.key));
        assert_eq!(read, wishes, "{round}: {text}");
    }
}
