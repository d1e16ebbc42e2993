//! `asya k diff` and `asya k apply --dry-run`.

use insta::assert_snapshot;
use serde_json::json;

use super::fixture::{Project, actors, entry, exposed};
use super::server::server;

#[test]
fn everything_is_new_then_nothing_differs_then_only_what_changed() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "diff");
    let mut objects = vec![exposed("text-flow").remove(1), entry("text-flow")];
    project.render("text-flow", &objects);
    let before = server.versions("diff");
    assert_snapshot!(project.run(&["k", "diff", "text-flow"]).show(), @r#"
exit: 1
--- stdout
create ConfigMap diff/asya-flow-text-flow-config
@@ -0,0 +1,17 @@
+apiVersion: v1
+data:
+  text-flow.yaml: |
+    flows:
+    - name: text-flow
+      entrypoint: start-text-flow
+      description: Looks at text
+      mcp:
+        inputSchema:
+          type: object
+kind: ConfigMap
+metadata:
+  labels:
+    asya.sh/config-type: flows
+    asya.sh/flow: text-flow
+  name: asya-flow-text-flow-config
+  namespace: diff
create AsyncActor diff/start-text-flow
@@ -0,0 +1,31 @@
+apiVersion: asya.sh/v1alpha1
+kind: AsyncActor
+metadata:
+  labels:
+    asya.sh/flow: text-flow
+    asya.sh/generated: "true"
+    asya.sh/role: start
+  name: start-text-flow
+  namespace: diff
+spec:
+  actor: start-text-flow
+  env:
+  - name: MODE
+    value: fast
+  handler: router.start
+  image: example.org/flows:1
+  imagePullPolicy: IfNotPresent
+  pythonExecutable: python3
+  replicas: 1
+  scaling:
+    maxReplicaCount: 2
+    minReplicaCount: 0
+  volumeMounts:
+  - mountPath: /opt/asya/router.py
+    name: router
+    readOnly: true
+    subPath: router.py
+  volumes:
+  - configMap:
+      name: text-flow-router-0a1b2c
+    name: router
change Deployment diff/asya-gateway-api: mounts asya-flow-text-flow-config
--- stderr
diff text-flow → dev: test/diff (2 objects)
"#);
    assert_eq!(server.versions("diff"), before, "nothing was written");

    project.apply("text-flow");
    assert_snapshot!(project.run(&["k", "diff", "text-flow"]).show(), @r#"
exit: 0
--- stdout
text-flow: no differences
--- stderr
diff text-flow → dev: test/diff (2 objects)
"#);

    objects[0]["spec"]["image"] = json!("example.org/flows:2");
    objects.pop();
    project.render("text-flow", &objects);
    assert_snapshot!(project.run(&["k", "diff", "text-flow"]).show(), @r#"
exit: 1
--- stdout
change AsyncActor diff/start-text-flow
@@ -13,7 +13,7 @@
   - name: MODE
     value: fast
   handler: router.start
-  image: example.org/flows:1
+  image: example.org/flows:2
   imagePullPolicy: IfNotPresent
   pythonExecutable: python3
   replicas: 1
change Deployment diff/asya-gateway-api: serves the flow no longer
delete ConfigMap diff/asya-flow-text-flow-config: is not wanted any more
--- stderr
diff text-flow → dev: test/diff (1 object)
"#);
    let outcome = project.run(&["k", "diff", "text-flow", "-o", "json"]);
    assert_eq!(outcome.code, 1);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(report["version"], 1);
    assert_eq!(report["different"], true);
    assert_eq!(report["objects"][0]["change"], "changed");
    assert_eq!(report["objects"][0]["after"]["spec"]["image"], "example.org/flows:2");
    assert_eq!(report["gateway"]["changes"][1]["change"], "removed");
    assert_eq!(report["gateway"]["registration"], "removed");
}

#[test]
fn secrets_are_masked_and_what_the_server_completes_is_no_difference() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "diff-secret");
    let secret = |value: &str| {
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"token": value, "user": "me"},
        })
    };
    project.render("text-flow", &[secret("first")]);
    project.apply("text-flow");
    let outcome = project.run(&["k", "diff", "text-flow"]);
    assert_eq!(outcome.code, 0, "{}", outcome.show());
    project.render("text-flow", &[secret("second")]);
    for format in ["human", "json"] {
        let outcome = project.run(&["k", "diff", "text-flow", "-o", format]);
        assert_eq!(outcome.code, 1, "{}", outcome.show());
        for value in ["first", "second", "Zmlyc3Q=", "c2Vjb25k"] {
            assert!(!outcome.show().contains(value), "{}", outcome.show());
        }
    }
    assert_snapshot!(project.run(&["k", "diff", "text-flow"]).stdout, @r#"
change Secret diff-secret/keys
@@ -1,6 +1,6 @@
 apiVersion: v1
 data:
-  token: '*** (before)'
+  token: '*** (after)'
   user: '***'
 kind: Secret
 metadata:
"#);
}

#[test]
fn trouble_is_more_than_one() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "diff-trouble");
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    let args = ["-n", "diff-trouble", "patch", "asyncactor", "text-flow-clean", "--type=merge"];
    let patch = ["--field-manager=kubectl-edit", "-p", r#"{"spec":{"image":"example.org/hotfix:1"}}"#];
    server.kubectl(&[&args[..], &patch[..]].concat(), None);
    assert_snapshot!(project.run(&["k", "diff", "text-flow"]).show(), @r#"
exit: 4
--- stdout
--- stderr
diff text-flow → dev: test/diff-trouble (4 objects)
error: the cluster refuses `AsyncActor diff-trouble/text-flow-clean`; nothing was written
  because `spec.image` belongs to `kubectl-edit`, who set `example.org/hotfix:1`; the manifests have `example.org/flows:1`
hint: leave these fields out of the manifests, or take them over with `--force-conflicts`
"#);
    assert_snapshot!(project.run(&["k", "diff", "text-flow", "--force-conflicts"]).show(), @r#"
exit: 1
--- stdout
change AsyncActor diff-trouble/text-flow-clean
@@ -11,7 +11,7 @@
   - name: MODE
     value: fast
   handler: handlers.clean
-  image: example.org/hotfix:1
+  image: example.org/flows:1
   imagePullPolicy: IfNotPresent
   pythonExecutable: python3
   replicas: 1
--- stderr
diff text-flow → dev: test/diff-trouble (4 objects)
"#);
}

#[test]
fn a_dry_run_writes_nothing_and_reports_what_the_server_refuses() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "dry-run");
    let mut objects = exposed("text-flow");
    project.render("text-flow", &objects);
    let before = server.versions("dry-run");
    for how in ["server", "client"] {
        let outcome = project.run(&["k", "apply", "text-flow", &format!("--dry-run={how}")]);
        assert_eq!(outcome.code, 0, "{}", outcome.show());
        assert_eq!(server.versions("dry-run"), before);
    }
    assert_snapshot!(project.run(&["k", "apply", "text-flow", "--dry-run=server"]).show(), @r#"
exit: 0
--- stdout
text-flow: 5 created; registered with gateway asya-gateway-api (dry run: nothing was written)
--- stderr
apply text-flow → dev: test/dry-run (5 objects)
  created   ConfigMap dry-run/text-flow-router-0a1b2c
  created   ConfigMap dry-run/asya-flow-text-flow-config
  created   AsyncActor dry-run/start-text-flow
  created   AsyncActor dry-run/text-flow-clean
  created   AsyncActor dry-run/text-flow-score
  changed   Deployment dry-run/asya-gateway-api
"#);
    objects[2]["spec"]["imagePullPolicy"] = json!("Sometimes");
    project.render("text-flow", &objects);
    let refused = project.run(&["k", "apply", "text-flow", "--dry-run=server"]);
    assert_eq!(refused.code, 4, "{}", refused.show());
    assert!(refused.stderr.contains("spec.imagePullPolicy"), "{}", refused.show());
    assert_eq!(project.run(&["k", "apply", "text-flow", "--dry-run=client"]).code, 0);
    assert_eq!(server.versions("dry-run"), before);
}
