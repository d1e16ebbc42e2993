//! Mistakes in kustomizations, each with one error at its place.

use super::*;

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
    insta::assert_snapshot!(shown, @r#"
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
 --> k/a.yaml:4:8
  |
4 | data: {1: x}
  |        ^

error: `k/a.yaml` cannot be rendered
"#);
}
