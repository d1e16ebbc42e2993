//! Every field of a kustomization is built in, handed over or refused.

use super::*;

#[test]
fn what_is_not_built_in_is_named_or_handed_over() {
    let mut sandbox = sandbox(&[
        ("k/kustomization.yaml", "resources: [a.yaml]\nbuildMetadata: [managedByLabel]\n"),
        ("k/a.yaml", ACTOR),
    ]);
    if reference::kubectl().is_some() {
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
