//! Files made to break a reader: one error each, with file and place, in little time and memory.

use std::process::Command;
use std::time::{Duration, Instant};

use super::*;

/// What `asya render --path k` says, with 1.5 GB of address space.
fn shown(sandbox: &Sandbox) -> String {
    let typed = sandbox.command(&["render", "--path", "k"]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -v 1500000 && exec \"$0\" \"$@\""]).arg(typed.get_program()).args(typed.get_args());
    limited.env_clear().current_dir(typed.get_current_dir().unwrap());
    limited.envs(typed.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let started = Instant::now();
    let output = limited.output().unwrap();
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
    // Long lines stand for themselves.
    let text = String::from_utf8(output.stderr).unwrap().replace('\u{2028}', "·");
    text.lines().map(|line| format!("{}\n", line.chars().take(110).collect::<String>().trim_end())).collect()
}

#[test]
fn hostile_files_are_refused_at_their_place() {
    let mut bomb = "kind: A\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut merges = "kind: A\na0: &a0 {k: v}\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        let all = vec![before.clone(); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{all}]\n"));
        merges.push_str(&format!("a{level}: &a{level} {{<<: [{all}], k{level}: [{all}]}}\n"));
    }
    let cases = [
        ("billion laughs", bomb),
        ("billion laughs through `<<`", merges),
        ("deep nesting", format!("kind: A\nspec: {}{}\n", "[".repeat(100_000), "]".repeat(100_000))),
        ("deep nesting in blocks", format!("kind: A\nspec:\n{}x\n", "- ".repeat(100_000))),
        ("50 MB", format!("# {}\n", "x".repeat(50 << 20))),
        ("a million values", format!("kind: A\nspec: [{}]\n", "x, ".repeat(1_100_000))),
        ("an anchor in itself", "kind: A\nself: &x [*x]\n".to_owned()),
        ("NUL", "kind: A\nspec: \"a\0b\"\n".to_owned()),
        ("a tab for indentation", "kind: A\nspec:\n\tx: 1\n".to_owned()),
        ("a line break of YAML 1.1", "kind: A\nspec: a\u{2028}b\n".to_owned()),
        ("a key that is a list", "kind: A\nspec:\n  ? [a, b]\n  : c\n".to_owned()),
        ("a key that is a date", format!("{ACTOR}  when:\n    2024-01-01: x\n")),
        ("a key that is null", format!("{ACTOR}  when:\n    ~: x\n")),
        ("a key in quotes that kustomize loses", format!("{ACTOR}  more:\n    \"<<\": x\n")),
        ("a number that is none", format!("{ACTOR}  ratio: .nan\n")),
        ("the same key twice, deep", format!("{ACTOR}  more:\n  - a: 1\n    b: 2\n    a: 3\n")),
        ("a merge of what is no map", format!("{ACTOR}  more:\n    <<: [1]\n")),
        ("a tag of its own", format!("{ACTOR}  more: !!binary aGk=\n")),
        ("two documents in one line", "--- {kind: A}\n--- {kind: B}\n".to_owned()),
    ];
    let mut all = String::new();
    for (name, text) in cases {
        let sandbox = sandbox(&[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", &text)]);
        all.push_str(&format!("=== {name}\n{}\n", shown(&sandbox)));
    }
    insta::assert_snapshot!(all, @r#"
=== billion laughs
error: the document is too large
 --> k/a.yaml:7:9
  |
7 | a5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4]
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: it has more than 1000000 values once its anchors are expanded

error: `k/a.yaml` cannot be rendered

=== billion laughs through `<<`
error: the document is too large
 --> k/a.yaml:7:9
  |
7 | a5: &a5 {<<: [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4], k5: [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: it has more than 1000000 values once its anchors are expanded

error: `k/a.yaml` cannot be rendered

=== deep nesting
error: the document is more than 200 levels deep
 --> k/a.yaml:2:207
  |
2 | ...[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
  |                                                                    ^

error: `k/a.yaml` cannot be rendered

=== deep nesting in blocks
error: the document is more than 200 levels deep
 --> k/a.yaml:3:399
  |
3 | ...- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
  |                                                                    ^

error: `k/a.yaml` cannot be rendered

=== 50 MB
error: `k/a.yaml`: it has 52428803 bytes, and files up to 20971520 are read
 --> k/kustomization.yaml:1:13
  |
1 | resources: [a.yaml]
  |             ^^^^^^

error: `k/kustomization.yaml` cannot be rendered

=== a million values
error: the document is too large
 --> k/a.yaml:2:2999999
  |
2 | ... x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x,
  |                                                                    ^
  |
  = note: it has more than 1000000 values once its anchors are expanded

error: `k/a.yaml` cannot be rendered

=== an anchor in itself
error: an anchor that holds itself, or that is not there
 --> k/a.yaml:2:11
  |
2 | self: &x [*x]
  |           ^^

error: `k/a.yaml` cannot be rendered

=== NUL
error: this is not YAML: unexpected character: `\u{0}'
 --> k/a.yaml:2:9
  |
2 | spec: "a␀b"
  |         ^

error: `k/a.yaml` cannot be rendered

=== a tab for indentation
error: this is not YAML: tabs disallowed within this context (block indentation)
 --> k/a.yaml:3:2
  |
3 |     x: 1
  |     ^

error: `k/a.yaml` cannot be rendered

=== a line break of YAML 1.1
error: the character U+2028 stands here as it is
 --> k/a.yaml:2:8
  |
2 | spec: a·b
  |        ^
  |
  = note: some readers of YAML take it for a line break, others do not
  = help: write it as `\u2028` in double quotes

error: `k/a.yaml` cannot be rendered

=== a key that is a list
error: a key cannot be a list
 --> k/a.yaml:3:5
  |
3 |   ? [a, b]
  |     ^^^^^^

error: `k/a.yaml` cannot be rendered

=== a key that is a date
error: AsyncActor clean: the key `2024-01-01` is not a string; quote it
  --> k/a.yaml:11:5
   |
11 |     2024-01-01: x
   |     ^^^^^^^^^^

error: `k/a.yaml` cannot be rendered

=== a key that is null
error: AsyncActor clean: the key `~` is not a string; quote it
  --> k/a.yaml:11:5
   |
11 |     ~: x
   |     ^

error: `k/a.yaml` cannot be rendered

=== a key in quotes that kustomize loses
error: a key cannot be `<<` in quotes
  --> k/a.yaml:11:5
   |
11 |     "<<": x
   |     ^^^^
   |
   = note: kustomize takes it for a merge and loses it
   = help: choose another name

error: `k/a.yaml` cannot be rendered

=== a number that is none
error: AsyncActor clean: `.nan` cannot be written as JSON
  --> k/a.yaml:10:10
   |
10 |   ratio: .nan
   |          ^^^^

error: `k/a.yaml` cannot be rendered

=== the same key twice, deep
error: the key `a` stands here twice
  --> k/a.yaml:13:5
   |
13 |     a: 3
   |     ^
   |
   = help: remove one of them

error: `k/a.yaml` cannot be rendered

=== a merge of what is no map
error: `<<` merges maps only
  --> k/a.yaml:11:9
   |
11 |     <<: [1]
   |         ^^^

error: `k/a.yaml` cannot be rendered

=== a tag of its own
error: the tag `tag:yaml.org,2002:binary` is not supported
  --> k/a.yaml:10:18
   |
10 |   more: !!binary aGk=
   |                  ^^^^
   |
   = help: write the value without a tag

error: `k/a.yaml` cannot be rendered

=== two documents in one line
error: text follows a document separator
 --> k/a.yaml:2:1
  |
2 | --- {kind: B}
  | ^^^^^^^^^^^^^
  |
  = help: put it on the next line

error: `k/a.yaml` cannot be rendered
"#);
}

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
