//! `asya render` as typed.

use super::*;

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
