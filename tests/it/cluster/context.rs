//! `asya k context add` where the cluster answers.

use super::fixture::Project;
use super::server::server;

#[test]
fn namespaces_are_looked_for_in_the_cluster() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "context-add");
    let add = |name: &str, namespace: &str| {
        let args = ["k", "context", "add", name, "--kubectl-context", "test", "-n", namespace, "-o", "json"];
        project.run(&args).show()
    };
    insta::assert_snapshot!(add("there", "context-add"), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "context": "there",
  "kubectl_context": "test",
  "namespace": "context-add",
  "readonly": false,
  "used": false,
  "checked": true,
  "file": ".asya/config.yaml"
}
--- stderr
"#);
    let before = project.sandbox.tree();
    insta::assert_snapshot!(add("missing", "context-ad"), @r#"
exit: 4
--- stdout
{
  "version": 1,
  "error": {
    "kind": "cluster",
    "message": "the cluster of context `test` has no namespace `context-ad`",
    "causes": [],
    "hints": [
      "did you mean `context-add`?",
      "make it with `kubectl --context test create namespace context-ad`, or add `--no-check`"
    ],
    "diagnostics": []
  }
}
--- stderr
error: the cluster of context `test` has no namespace `context-ad`
hint: did you mean `context-add`?
hint: make it with `kubectl --context test create namespace context-ad`, or add `--no-check`
"#);
    assert_eq!(project.sandbox.tree(), before);
}
