//! `asya k` in the context `local`, without a gateway that runs.

use insta::assert_snapshot;
use serde_json::Value;

use super::{applied, project};

#[test]
fn apply_says_what_changes_and_diff_what_would() {
    let sandbox = project(&["linear"]);
    let local = |args: &[&str]| {
        let args: Vec<&str> = args.iter().chain(&["--context", "local"]).copied().collect();
        sandbox.show(&args)
    };
    assert_snapshot!(local(&["k", "status", "linear"]), @r#"
exit: 1
--- stdout
linear in local: not well

not applied: `asya k apply linear --context local`
--- stderr
"#);
    assert_snapshot!(local(&["k", "apply", "linear", "--dry-run", "client"]), @r#"
exit: 0
--- stdout
linear: 4 created; not exposed (dry run: nothing was written)
--- stderr
apply linear → local (4 objects)
  created   ConfigMap linear-router-9b97eb455a
  created   AsyncActor clean
  created   AsyncActor count
  created   AsyncActor start-linear
"#);
    assert!(!sandbox.exists(".asya/local"));
    sandbox.ok(&["k", "apply", "linear", "--context", "local", "-q"]);
    assert_eq!(sandbox.read(".asya/local/.gitignore").lines().last(), Some("*"));
    assert_snapshot!(local(&["k", "diff", "linear"]), @r#"
exit: 0
--- stdout
linear: no differences
--- stderr
"#);
    sandbox.ok(&["patch", "linear", "-a", "clean", "env.MODE=fast", "--context", "local"]);
    assert_snapshot!(local(&["k", "diff", "linear"]), @r#"
exit: 1
--- stdout
change AsyncActor clean
@@ -6,6 +6,9 @@
   name: clean
 spec:
   actor: clean
+  env:
+  - name: MODE
+    value: fast
   handler: handlers.clean
   image: reg.example/team/clean:latest
   scaling:
--- stderr
"#);
    assert_snapshot!(local(&["k", "status", "linear"]), @r#"
exit: 1
--- stdout
linear in local: not well

actors: clean, count, start-linear
gateway: none: not exposed
drift: 1 object not as rendered
  AsyncActor clean differs: .spec.env
--- stderr
"#);
    sandbox.ok(&["expose", "linear", "--context", "local"]);
    assert_snapshot!(local(&["k", "apply", "linear"]), @r#"
exit: 0
--- stdout
linear: 1 created, 1 changed, 3 unchanged; serve it with `asya gateway serve`
--- stderr
apply linear → local (5 objects)
  created   ConfigMap asya-flow-linear-config
  unchanged ConfigMap linear-router-9b97eb455a
  changed   AsyncActor clean
  unchanged AsyncActor count
  unchanged AsyncActor start-linear
"#);
    assert_snapshot!(local(&["k", "status", "linear"]), @r#"
exit: 1
--- stdout
linear in local: not well

actors: clean, count, start-linear
gateway: not-running: no gateway is running; start it with `asya gateway serve`
drift: none; what is applied is what is rendered
--- stderr
"#);
    assert_snapshot!(local(&["k", "status"]), @r#"
exit: 0
--- stdout
FLOW    ACTORS  OFFERED AS  NOTE
linear  3       linear

gateway: not running; start it with `asya gateway serve`
--- stderr
"#);
    assert_snapshot!(local(&["k", "delete", "linear"]), @r#"
exit: 0
--- stdout
linear: 5 removed; no longer exposed
--- stderr
delete linear → local
  removed   ConfigMap asya-flow-linear-config
  removed   ConfigMap linear-router-9b97eb455a
  removed   AsyncActor clean
  removed   AsyncActor count
  removed   AsyncActor start-linear
"#);
    assert_snapshot!(local(&["k", "delete", "linear"]), @r#"
exit: 0
--- stdout
linear: nothing to do; not exposed
--- stderr
delete linear → local
"#);
}

#[test]
fn json_has_the_same_shape_as_a_clusters() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let json = |args: &[&str]| {
        let args: Vec<&str> = args.iter().chain(&["--context", "local", "-o", "json"]).copied().collect();
        let outcome = sandbox.run(&args);
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}", outcome.show()));
        format!("{} {}", outcome.code, serde_json::to_string_pretty(&document).unwrap())
    };
    assert_snapshot!(json(&["k", "apply", "linear"]), @r#"
0 {
  "version": 1,
  "flow": "linear",
  "context": "local",
  "file": ".asya/local/linear.yaml",
  "objects": [
    {
      "apiVersion": "v1",
      "kind": "ConfigMap",
      "name": "asya-flow-linear-config",
      "change": "unchanged"
    },
    {
      "apiVersion": "v1",
      "kind": "ConfigMap",
      "name": "linear-router-9b97eb455a",
      "change": "unchanged"
    },
    {
      "apiVersion": "asya.sh/v1alpha1",
      "kind": "AsyncActor",
      "name": "clean",
      "change": "unchanged"
    },
    {
      "apiVersion": "asya.sh/v1alpha1",
      "kind": "AsyncActor",
      "name": "count",
      "change": "unchanged"
    },
    {
      "apiVersion": "asya.sh/v1alpha1",
      "kind": "AsyncActor",
      "name": "start-linear",
      "change": "unchanged"
    }
  ],
  "gateway": {
    "url": null,
    "registration": "unchanged"
  }
}
"#);
    assert_snapshot!(json(&["k", "status", "linear"]), @r#"
1 {
  "version": 1,
  "flow": "linear",
  "context": "local",
  "file": ".asya/local/linear.yaml",
  "healthy": false,
  "applied": true,
  "actors": [
    "clean",
    "count",
    "start-linear"
  ],
  "gateway": {
    "url": null,
    "exposed": true,
    "registration": "not-running",
    "message": "no gateway is running; start it with `asya gateway serve`"
  },
  "drift": []
}
"#);
    assert_snapshot!(json(&["k", "status"]), @r#"
0 {
  "version": 1,
  "context": "local",
  "gateway": null,
  "flows": [
    {
      "name": "linear",
      "in_project": true,
      "applied": true,
      "actors": 3,
      "offered": [
        "linear"
      ],
      "problem": null
    }
  ]
}
"#);
    sandbox.ok(&["unexpose", "linear", "--context", "local"]);
    assert_snapshot!(json(&["k", "diff", "linear"]), @r#"
1 {
  "version": 1,
  "flow": "linear",
  "context": "local",
  "file": ".asya/local/linear.yaml",
  "different": true,
  "objects": [
    {
      "apiVersion": "v1",
      "kind": "ConfigMap",
      "name": "linear-router-9b97eb455a",
      "change": "unchanged"
    },
    {
      "apiVersion": "asya.sh/v1alpha1",
      "kind": "AsyncActor",
      "name": "clean",
      "change": "unchanged"
    },
    {
      "apiVersion": "asya.sh/v1alpha1",
      "kind": "AsyncActor",
      "name": "count",
      "change": "unchanged"
    },
    {
      "apiVersion": "asya.sh/v1alpha1",
      "kind": "AsyncActor",
      "name": "start-linear",
      "change": "unchanged"
    },
    {
      "apiVersion": "v1",
      "kind": "ConfigMap",
      "name": "asya-flow-linear-config",
      "change": "removed",
      "diff": "@@ -1,20 +0,0 @@\n-apiVersion: v1\n-data:\n-  linear.yaml: |\n-    flows:\n-    - name: linear\n-      entrypoint: clean\n-      route_next:\n-      - count\n-      description: Clean and count\n-      mcp:\n-        inputSchema:\n-          type: object\n-          properties: {}\n-kind: ConfigMap\n-metadata:\n-  labels:\n-    asya.sh/config-type: flows\n-    asya.sh/flow: linear\n-    asya.sh/managed-by: asya\n-  name: asya-flow-linear-config\n",
      "before": {
        "apiVersion": "v1",
        "data": {
          "linear.yaml": "flows:\n- name: linear\n  entrypoint: clean\n  route_next:\n  - count\n  description: Clean and count\n  mcp:\n    inputSchema:\n      type: object\n      properties: {}\n"
        },
        "kind": "ConfigMap",
        "metadata": {
          "labels": {
            "asya.sh/config-type": "flows",
            "asya.sh/flow": "linear",
            "asya.sh/managed-by": "asya"
          },
          "name": "asya-flow-linear-config"
        }
      }
    }
  ]
}
"#);
}

#[test]
fn what_cannot_be_served_is_not_applied() {
    let sandbox = applied(&["linear", "text-flow"], &["--mcp"]);
    let before = sandbox.read(".asya/local/text-flow.yaml");
    let file = "compiled/text-flow/manifests/overlays/local/flow-expose.yaml";
    let good = sandbox.read(file);
    sandbox.write(file, &good.replace("- name: text-flow", "- name: linear"));
    assert_snapshot!(sandbox.show(&["k", "apply", "text-flow", "--context", "local"]), @r#"
exit: 3
--- stdout
--- stderr
apply text-flow → local (5 objects)
error: two flows would be called `linear`; nothing was written
  because flow `linear` is applied under this name
hint: rename one of them, or take the other away with `asya k delete linear --context local`
"#);
    sandbox.write(file, &good.replace("entrypoint: start-text-flow", "entrypoint: nobody"));
    assert_snapshot!(sandbox.show(&["k", "apply", "text-flow", "--context", "local"]), @r#"
exit: 3
--- stdout
--- stderr
apply text-flow → local (5 objects)
error: `text-flow` cannot be served; nothing was written
  because `text-flow` begins at actor `nobody`, which is not there
  because the actors are `clean`, `count` and `start-text-flow`
"#);
    assert_eq!(sandbox.read(".asya/local/text-flow.yaml"), before);
    // A flow that is not compiled has nothing to be applied.
    assert_snapshot!(sandbox.show(&["k", "apply", "nobody", "--context", "local"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no flow `nobody`
  because known flows: `linear` and `text-flow`
hint: make it with `asya compile nobody -f FILE`
"#);
}

#[test]
fn commands_for_clusters_say_what_to_do_instead() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let commands: [&[&str]; 11] = [
        &["k", "logs", "linear"],
        &["k", "events", "linear"],
        &["k", "wait", "linear"],
        &["k", "port-forward"],
        &["k", "secret", "list"],
        &["k", "rbac", "linear"],
        &["k", "doctor"],
        &["k", "namespace", "prepare", "x"],
        &["gateway", "values"],
        &["k", "apply", "linear", "--via", "key"],
        &["k", "diff", "linear", "--gateway", "x"],
    ];
    let mut said = String::new();
    for command in commands {
        let args: Vec<&str> = command.iter().chain(&["--context", "local"]).copied().collect();
        let outcome = sandbox.run(&args);
        said.push_str(&format!("{} {}: {}\n", outcome.code, command.join(" "), outcome.stderr));
    }
    assert_snapshot!(said, @r#"
2 k logs linear: error: the context `local` is this machine, not a cluster
hint: `asya gateway serve` prints what handlers print, and every call
hint: choose a cluster with `--context`

2 k events linear: error: the context `local` is this machine, not a cluster
hint: `asya gateway serve` prints every call, and every change of what it serves
hint: choose a cluster with `--context`

2 k wait linear: error: the context `local` is this machine, not a cluster
hint: nothing is to be waited for here: what `asya k apply` takes in can be called at once
hint: choose a cluster with `--context`

2 k port-forward: error: the context `local` is this machine, not a cluster
hint: the gateway of this machine is `asya gateway serve`
hint: choose a cluster with `--context`

2 k secret list: error: the context `local` is this machine, not a cluster
hint: here handlers take secrets from the environment of `asya gateway serve` and `asya run`
hint: choose a cluster with `--context`

2 k rbac linear: error: the context `local` is this machine, not a cluster
hint: nobody is kept from anything here: the applied state is files below `.asya/local`
hint: choose a cluster with `--context`

2 k doctor: error: the context `local` is this machine, not a cluster
hint: `asya status` looks at the project, `asya k status --context local` at what is applied
hint: choose a cluster with `--context`

2 k namespace prepare x: error: the context `local` is this machine, not a cluster
hint: there are no namespaces here: `asya k apply` needs nothing prepared
hint: choose a cluster with `--context`

2 gateway values: error: the context `local` is this machine, not a cluster
hint: its gateway is `asya gateway serve`, which needs no values
hint: choose a cluster with `--context`

2 k apply linear --via key: error: `--via` means nothing in the context `local`
  because `asya gateway serve` serves what is applied there
hint: leave `--via` out, or choose a cluster with `--context`

2 k diff linear --gateway x: error: `--gateway` means nothing in the context `local`
  because `asya gateway serve` serves what is applied there
hint: leave `--gateway` out, or choose a cluster with `--context`
"#);
}

#[test]
fn a_default_context_is_enough() {
    let sandbox = project(&["linear"]);
    sandbox.ok(&["config", "set", "default_context", "local"]);
    sandbox.ok(&["k", "apply", "linear"]);
    assert!(sandbox.exists(".asya/local/linear.yaml"));
    sandbox.ok(&["k", "diff", "linear"]);
    sandbox.ok(&["k", "delete", "linear", "--yes"]);
    assert!(!sandbox.exists(".asya/local/linear.yaml"));
}

#[test]
fn deleting_what_is_no_flow_any_more_works() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    std::fs::remove_file(sandbox.project().join(".asya/flows/linear.yaml")).unwrap();
    sandbox.ok(&["k", "delete", "linear", "--context", "local"]);
    assert!(!sandbox.exists(".asya/local/linear.yaml"));
    // Names lead nowhere else.
    assert_eq!(sandbox.run(&["k", "delete", "../x", "--context", "local"]).code, 2);
}
