//! `asya compile --check` through the binary.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const FLOW: &str = r#"from handlers import clean, score


async def orders(p: dict) -> dict:
    p["round"] = 0
    p = await clean(p)
    while p["round"] < 3:
        p["round"] += 1
        p = await score(p)
    return p
"#;

fn project() -> Sandbox {
    let sandbox = Sandbox::initialised();
    sandbox.write("handlers.py", "async def clean(p): return p\nasync def score(p): return p\n");
    sandbox.write("orders.py", FLOW);
    sandbox
}

/// Shows a run that must not touch anything.
fn looked(sandbox: &Sandbox, args: &[&str]) -> String {
    let before = sandbox.tree();
    let shown = sandbox.show(args);
    assert_eq!(sandbox.tree(), before, "`--check` writes nothing");
    shown
}

#[test]
fn a_flow_that_is_up_to_date() {
    let sandbox = project();
    sandbox.ok(&["compile", "orders", "-f", "orders.py"]);
    assert_snapshot!(looked(&sandbox, &["compile", "orders", "--check"]), @r#"
exit: 0
--- stdout
orders is up to date
--- stderr
"#);
    assert_snapshot!(looked(&sandbox, &["compile", "--all", "--check"]), @r#"
exit: 0
--- stdout
1 flow is up to date
--- stderr
"#);
    let document = looked(&sandbox, &["compile", "orders", "--check", "-o", "json"]);
    assert!(document.contains("\"up_to_date\": true") && document.starts_with("exit: 0"), "{document}");
}

#[test]
fn a_flow_that_was_never_compiled() {
    let sandbox = project();
    assert_snapshot!(looked(&sandbox, &["compile", "orders", "-f", "orders.py", "--check"]), @r#"
exit: 1
--- stdout
orders is not up to date
  created   compiled/orders/code/router.py
  created   compiled/orders/artifacts/flow.dot
  created   compiled/orders/artifacts/flow.mmd
  created   compiled/orders/artifacts/flow.svg
  created   compiled/orders/artifacts/flow.yaml
  created   compiled/orders/artifacts/graph.json
  created   compiled/orders/manifests/base/README.md
  created   compiled/orders/manifests/base/asya-clean.yaml
  created   compiled/orders/manifests/base/asya-score.yaml
  created   compiled/orders/manifests/base/asya-start-orders.yaml
  created   compiled/orders/manifests/base/configmap-router.yaml
  created   compiled/orders/manifests/base/kustomization.yaml
  created   compiled/orders/manifests/common/kustomization.yaml
  created   compiled/orders/manifests/common/kustomizeconfig.yaml
  created   .asya/flows/orders.yaml
--- stderr
  to write them: asya compile orders -f orders.py
"#);
}

#[test]
fn what_would_change() {
    let sandbox = project();
    sandbox.ok(&["compile", "orders", "-f", "orders.py"]);
    sandbox.write("compiled/orders/manifests/base/stray.yaml", "x: 1\n");
    std::fs::remove_file(sandbox.project().join("compiled/orders/manifests/common/kustomizeconfig.yaml")).unwrap();
    sandbox.write("orders.py", &FLOW.replace("< 3", "< 4"));
    assert_snapshot!(looked(&sandbox, &["compile", "orders", "--check"]), @r#"
exit: 1
--- stdout
orders is not up to date
  changed   compiled/orders/code/router.py
  changed   compiled/orders/artifacts/flow.dot
  changed   compiled/orders/artifacts/flow.mmd
  changed   compiled/orders/artifacts/flow.svg
  changed   compiled/orders/artifacts/graph.json
  changed   compiled/orders/manifests/base/asya-start-orders.yaml
  changed   compiled/orders/manifests/base/configmap-router.yaml
  removed   compiled/orders/manifests/base/stray.yaml
  created   compiled/orders/manifests/common/kustomizeconfig.yaml

--- compiled/orders/code/router.py
+++ compiled/orders/code/router.py
@@ -15,10 +15,10 @@
                 p["round"] = 0  # 5
                 # 6: p = await clean(p)
-                return p, ["clean"], 'while p["round"] < 3'
-            case 'while p["round"] < 3':
-                if p["round"] < 3:  # 7
+                return p, ["clean"], 'while p["round"] < 4'
+            case 'while p["round"] < 4':
+                if p["round"] < 4:  # 7
                     p["round"] += 1  # 8
                     # 9: p = await score(p)
-                    return p, ["score"], 'while p["round"] < 3'
+                    return p, ["score"], 'while p["round"] < 4'
                 return p, [], None
             case _:

--- compiled/orders/manifests/base/asya-start-orders.yaml
+++ compiled/orders/manifests/base/asya-start-orders.yaml
@@ -18,5 +18,5 @@
   - name: flow-router
     configMap:
-      name: orders-router-48d8e823f7
+      name: orders-router-188aac37bc
   volumeMounts:
   - name: flow-router
--- stderr
  to write them: asya compile orders
"#);
    assert_snapshot!(looked(&sandbox, &["compile", "orders", "--check", "--quiet"]), @r#"
exit: 1
--- stdout
orders is not up to date
  changed   compiled/orders/code/router.py
  changed   compiled/orders/artifacts/flow.dot
  changed   compiled/orders/artifacts/flow.mmd
  changed   compiled/orders/artifacts/flow.svg
  changed   compiled/orders/artifacts/graph.json
  changed   compiled/orders/manifests/base/asya-start-orders.yaml
  changed   compiled/orders/manifests/base/configmap-router.yaml
  removed   compiled/orders/manifests/base/stray.yaml
  created   compiled/orders/manifests/common/kustomizeconfig.yaml
--- stderr
"#);
    assert_snapshot!(looked(&sandbox, &["compile", "--all", "--check", "-q"]), @r#"
exit: 1
--- stdout
  changed   orders  1 created, 7 changed, 1 removed
    changed   compiled/orders/code/router.py
    changed   compiled/orders/artifacts/flow.dot
    changed   compiled/orders/artifacts/flow.mmd
    changed   compiled/orders/artifacts/flow.svg
    changed   compiled/orders/artifacts/graph.json
    changed   compiled/orders/manifests/base/asya-start-orders.yaml
    changed   compiled/orders/manifests/base/configmap-router.yaml
    removed   compiled/orders/manifests/base/stray.yaml
    created   compiled/orders/manifests/common/kustomizeconfig.yaml
1 flow: 1 to change
--- stderr
"#);
    let outcome = sandbox.run(&["compile", "orders", "--check", "-o", "json"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, ""));
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["up_to_date"], false);
    let changed: Vec<&serde_json::Value> =
        document["files"].as_array().unwrap().iter().filter(|file| file["change"] != "unchanged").collect();
    assert!(changed.iter().all(|file| file["change"] != "changed" || file["diff"].as_str().unwrap().contains("@@")));
    assert_eq!(sandbox.ok(&["compile", "orders"]).code, 0);
    assert_eq!(sandbox.run(&["compile", "orders", "--check"]).code, 0);
}

#[test]
fn long_diffs_are_cut_for_people() {
    let sandbox = project();
    for number in 0..6 {
        let name = format!("flow{number}");
        sandbox.write(&format!("{name}.py"), &FLOW.replace("orders", &name));
        sandbox.ok(&["compile", &name, "-f", &format!("{name}.py")]);
        let lines: String = (0..40).map(|line| format!("    p[\"{line}\"] = {line}\n")).collect();
        sandbox.write(&format!("{name}.py"), &FLOW.replace("orders", &name).replace("    p[\"round\"] = 0\n", &lines));
    }
    let shown = sandbox.run(&["compile", "--all", "--check"]);
    assert_eq!(shown.code, 1);
    let cut: Vec<&str> = shown.stdout.lines().filter(|line| line.starts_with('…')).collect();
    assert_eq!(cut.last(), Some(&"… 4 more diffs; `-o json` has all of them"), "{}", shown.stdout);
    assert!(cut.len() > 1 && shown.stdout.lines().count() < 250, "{}", shown.stdout);
}

#[test]
fn a_flow_that_does_not_compile() {
    let sandbox = project();
    sandbox.ok(&["compile", "orders", "-f", "orders.py"]);
    sandbox.write("orders.py", &FLOW.replace("p[\"round\"] = 0", "p[\"round\"] = ZERO"));
    assert_snapshot!(looked(&sandbox, &["compile", "orders", "--check"]), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA023]: the name `ZERO` is not defined
 --> orders.py:5:18
  |
5 |     p["round"] = ZERO
  |                  ^^^^
  |
  = help: import it or define it at the top level of this file

error: flow `orders` does not compile: 1 error in orders.py
"#);
    assert_snapshot!(looked(&sandbox, &["compile", "orders", "--check", "-o", "json"]), @r#"
exit: 1
--- stdout
{
  "version": 1,
  "error": {
    "kind": "negative",
    "message": "flow `orders` does not compile: 1 error in orders.py",
    "causes": [],
    "hints": [],
    "diagnostics": [
      {
        "file": "orders.py",
        "line": 5,
        "column": 18,
        "end_line": 5,
        "end_column": 22,
        "severity": "error",
        "code": "ASYA023",
        "message": "the name `ZERO` is not defined",
        "help": "import it or define it at the top level of this file"
      }
    ]
  }
}
--- stderr
error[ASYA023]: the name `ZERO` is not defined
 --> orders.py:5:18
  |
5 |     p["round"] = ZERO
  |                  ^^^^
  |
  = help: import it or define it at the top level of this file

error: flow `orders` does not compile: 1 error in orders.py
"#);
    assert_snapshot!(looked(&sandbox, &["compile", "--all", "--check"]), @r#"
exit: 1
--- stdout
  failed    orders  flow `orders` does not compile: 1 error in orders.py
1 flow: 1 failed
--- stderr
error[ASYA023]: the name `ZERO` is not defined
 --> orders.py:5:18
  |
5 |     p["round"] = ZERO
  |                  ^^^^
  |
  = help: import it or define it at the top level of this file

error: flow `orders` does not compile: 1 error in orders.py
"#);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_where_nothing_can_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = project();
    sandbox.ok(&["compile", "orders", "-f", "orders.py"]);
    sandbox.write("other.py", &FLOW.replace("orders", "other"));
    let permissions = |path: &str, mode| {
        let path = sandbox.project().join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    permissions("compiled", 0o555);
    permissions("compiled/orders", 0o555);
    assert_eq!(sandbox.run(&["compile", "orders", "--check"]).code, 0);
    assert_eq!(sandbox.run(&["compile", "other", "-f", "other.py", "--check"]).code, 1);
    // Who may do everything is not stopped by permissions.
    let is_root = std::fs::write(sandbox.project().join("compiled/probe"), "").is_ok();
    if !is_root {
        let refused = sandbox.run(&["compile", "other", "-f", "other.py"]);
        assert_eq!((refused.code, refused.stdout.as_str()), (3, ""), "{}", refused.stderr);
        assert!(refused.stderr.contains("because permission denied"), "{}", refused.stderr);
        assert!(!sandbox.exists(".asya/flows/other.yaml"));
    }
    permissions("compiled", 0o755);
    permissions("compiled/orders", 0o755);
}

#[cfg(unix)]
#[test]
fn a_target_that_must_not_be_written_to() {
    let sandbox = project();
    sandbox.write("other.py", &FLOW.replace("orders", "other"));
    sandbox.write(".asya/flows/orders.yaml", "source: orders.py\nfunction: orders\n");
    sandbox.write(".asya/flows/other.yaml", "source: other.py\nfunction: other\n");
    // A way out of the project.
    let config = sandbox.read(".asya/config.yaml");
    sandbox.write(".asya/config.yaml", &config.replace("compiler:\n", "compiler:\n  code: gen/${arg:flow_name}\n"));
    std::os::unix::fs::symlink(sandbox.root().join("home"), sandbox.project().join("gen")).unwrap();
    assert_snapshot!(sandbox.show(&["compile", "--all", "--check"]), @r#"
exit: 1
--- stdout
  failed    orders  refused to write `[SANDBOX]/project/gen/orders`
  failed    other   refused to write `[SANDBOX]/project/gen/other`
2 flows: 2 failed
--- stderr
error: refused to write `[SANDBOX]/project/gen/orders`
  because `[SANDBOX]/home/orders` is not inside the project `[SANDBOX]/project`
error: refused to write `[SANDBOX]/project/gen/other`
  because `[SANDBOX]/home/other` is not inside the project `[SANDBOX]/project`
"#);
    assert!(!sandbox.exists("compiled"));
}
