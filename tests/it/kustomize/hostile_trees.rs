//! Kustomizations made to break a reader: cycles, links, sizes.

use std::process::Command;
use std::time::{Duration, Instant};

use super::hostile::shown;
use super::*;

#[test]
fn hostile_kustomizations_are_refused_at_their_place() {
    let twice = "resources: [../left, ../right]\npatches:\n- path: p.yaml\n";
    let branch = |prefix: &str| format!("resources: [../base]\nnamePrefix: {prefix}-\n");
    let (left, right) = (branch("left"), branch("right"));
    let large = format!("# {}\nresources: [a.yaml]\n", "x".repeat(50 << 20));
    let many = format!("resources: [a.yaml]\nconfigMapGenerator: &g\n- name: c\n  literals: [{}]\n", "a=b, ".repeat(3));
    let items = |count: usize| -> String { (0..count).map(|at| format!("- \"f{at}\"\n")).collect() };
    let long = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  finalizers:\n{}",
        items(6000).replace("- ", "  - ")
    );
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("its own directory", &[("k/kustomization.yaml", "resources: [.]\n")]),
        (
            "a directory above",
            &[("k/kustomization.yaml", "resources: [..]\n"), ("kustomization.yaml", "resources: [k]\n")],
        ),
        (
            "a patch that matches twice",
            &[
                ("k/kustomization.yaml", twice),
                ("k/p.yaml", ACTOR),
                ("base/kustomization.yaml", "resources: [a.yaml]\n"),
                ("base/a.yaml", ACTOR),
                ("left/kustomization.yaml", &left),
                ("right/kustomization.yaml", &right),
            ],
        ),
        ("a kustomization of 50 MB", &[("k/kustomization.yaml", &large), ("k/a.yaml", ACTOR)]),
        (
            "a data file of 50 MB",
            &[("k/kustomization.yaml", "configMapGenerator: [{name: c, files: [d.txt]}]\n"), ("k/d.txt", &large)],
        ),
        ("a tab", &[("k/kustomization.yaml", "resources:\n\t- a.yaml\n"), ("k/a.yaml", ACTOR)]),
        ("a field twice", &[("k/kustomization.yaml", "resources: [a.yaml]\nresources: []\n"), ("k/a.yaml", ACTOR)]),
        ("a key that is a number", &[("k/kustomization.yaml", "1: x\nresources: [a.yaml]\n"), ("k/a.yaml", ACTOR)]),
        ("not a map", &[("k/kustomization.yaml", "- a.yaml\n"), ("k/a.yaml", ACTOR)]),
        ("a key given twice", &[("k/kustomization.yaml", &many), ("k/a.yaml", ACTOR)]),
        ("an absolute path", &[("k/kustomization.yaml", "resources: [/etc]\n")]),
        ("an absolute file", &[("k/kustomization.yaml", "resources: [/etc/passwd]\n")]),
        (
            "a list too long to be merged",
            &[
                ("k/kustomization.yaml", "resources: [a.yaml]\npatches: [{path: p.yaml}]\n"),
                ("k/a.yaml", &long),
                ("k/p.yaml", &long),
            ],
        ),
    ];
    let mut all = String::new();
    for (name, files) in cases {
        all.push_str(&format!("=== {name}\n{}\n", shown(&sandbox(files))));
    }
    insta::assert_snapshot!(all, @r#"
=== its own directory
error: `k` would hold itself
 --> k/kustomization.yaml:1:13
  |
1 | resources: [.]
  |             ^
  |
  = note: a kustomization cannot list its own directory, or one that leads to it

error: `k/kustomization.yaml` cannot be rendered

=== a directory above
error: `.` would hold itself
 --> k/kustomization.yaml:1:13
  |
1 | resources: [..]
  |             ^^
  |
  = note: a kustomization cannot list its own directory, or one that leads to it

error: `k/kustomization.yaml` cannot be rendered

=== a patch that matches twice
error: more than one object is called AsyncActor clean (asya.sh/v1alpha1)
 --> k/p.yaml:1:1
  |
1 | apiVersion: asya.sh/v1alpha1
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this patch matches several
  |
  = help: give the patch a `target`

error: the patch is listed here
 --> k/kustomization.yaml:3:3
  |
3 | - path: p.yaml
  |   ^^^^^^^^^^^^

error: `k/p.yaml` cannot be rendered

=== a kustomization of 50 MB
error: `k/kustomization.yaml` cannot be read
  because it has 52428823 bytes, and files up to 20971520 are read

=== a data file of 50 MB
error: `k/d.txt`: it has 52428823 bytes, and files up to 20971520 are read
 --> k/kustomization.yaml:1:40
  |
1 | configMapGenerator: [{name: c, files: [d.txt]}]
  |                                        ^^^^^

error: `k/kustomization.yaml` cannot be rendered

=== a tab
error: this is not YAML: tabs disallowed within this context (block indentation)
 --> k/kustomization.yaml:2:2
  |
2 |     - a.yaml
  |     ^

error: `k/kustomization.yaml` cannot be rendered

=== a field twice
error: the key `resources` stands here twice
 --> k/kustomization.yaml:2:1
  |
2 | resources: []
  | ^^^^^^^^^
  |
  = help: remove one of them

error: `k/kustomization.yaml` cannot be rendered

=== a key that is a number
error: `1` is not a field of a kustomization
 --> k/kustomization.yaml:1:1
  |
1 | 1: x
  | ^

error: `k/kustomization.yaml` cannot be rendered

=== not a map
error: this must be a map, not a list
 --> k/kustomization.yaml:1:1
  |
1 | - a.yaml
  | ^^^^^^^^

error: `k/kustomization.yaml` cannot be rendered

=== a key given twice
error: the key `a` is given twice
 --> k/kustomization.yaml:4:19
  |
4 |   literals: [a=b, a=b, a=b, ]
  |                   ^^^

error: `k/kustomization.yaml` cannot be rendered

=== an absolute path
error: `/etc` is an absolute path
 --> k/kustomization.yaml:1:13
  |
1 | resources: [/etc]
  |             ^^^^
  |
  = help: use a relative one

error: `k/kustomization.yaml` cannot be rendered

=== an absolute file
error: `/etc/passwd` is outside of `k`
 --> k/kustomization.yaml:1:13
  |
1 | resources: [/etc/passwd]
  |             ^^^^^^^^^^^
  |
  = note: a kustomization may only use files in or below its own directory, also through links
  = help: give that directory a kustomization.yaml of its own and list the directory instead

error: `k/kustomization.yaml` cannot be rendered

=== a list too long to be merged
error: the patch does not fit ConfigMap a: a list of more than 5000 elements cannot be merged
 --> k/p.yaml:1:1
  |
1 | apiVersion: v1
  | ^^^^^^^^^^^^^^

error: `k/p.yaml` cannot be rendered
"#);
}

/// More of everything than people have, in seconds even without optimization.
#[test]
fn large_trees_take_time_in_proportion() {
    let keys = |value: &str, count: usize| -> String { (0..count).map(|at| format!("  k{at}: {value}\n")).collect() };
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let objects: Vec<String> =
        (0..2000).map(|at| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{at}}}\n")).collect();
    let cases = [
        ("resources: [a.yaml]\npatches: [{path: p.yaml}]\n", format!("{head}data:\n{}", keys("v", 20_000))),
        (
            "resources: [a.yaml]\n",
            format!("{head}a: &a\n{}data:\n  <<: *a\n{}", keys("v", 20_000), keys("w", 20_000).replace("  k", "  j")),
        ),
        ("resources: [a.yaml]\nnamespace: x\nnamePrefix: x-\n", objects.join("---\n")),
    ];
    let patch = format!("{head}data:\n{}", keys("w", 20_000));
    for (kustomization, text) in cases {
        let sandbox = sandbox(&[("k/kustomization.yaml", kustomization), ("k/a.yaml", &text), ("k/p.yaml", &patch)]);
        let started = Instant::now();
        sandbox.ok(&["render", "--path", "k"]);
        assert!(started.elapsed() < Duration::from_secs(30), "{kustomization}: {:?}", started.elapsed());
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

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_and_pipes_are_not_there() {
    let sandbox = sandbox(&[
        ("k/kustomization.yaml", "resources: [loop.yaml]\n"),
        ("p/kustomization.yaml", "resources: [pipe]\n"),
    ]);
    std::os::unix::fs::symlink("loop.yaml", sandbox.project().join("k/loop.yaml")).unwrap();
    assert!(Command::new("mkfifo").arg(sandbox.project().join("p/pipe")).status().unwrap().success());
    insta::assert_snapshot!(sandbox.show(&["render", "--path", "k"]), @r#"
exit: 3
--- stdout
--- stderr
error: `loop.yaml` is not there
 --> k/kustomization.yaml:1:13
  |
1 | resources: [loop.yaml]
  |             ^^^^^^^^^
  |
  = note: looked for a file or directory in `k`
  = help: correct the path, or remove the line

error: `k/kustomization.yaml` cannot be rendered
"#);
    insta::assert_snapshot!(sandbox.show(&["render", "--path", "p"]), @r#"
exit: 3
--- stdout
--- stderr
error: `pipe` is not there
 --> p/kustomization.yaml:1:13
  |
1 | resources: [pipe]
  |             ^^^^
  |
  = note: looked for a file or directory in `p`
  = help: correct the path, or remove the line

error: `p/kustomization.yaml` cannot be rendered
"#);
}
