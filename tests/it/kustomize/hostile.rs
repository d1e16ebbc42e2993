//! Files made to break a reader: one error each, with file and place, in little time and memory.

use std::process::Command;
use std::time::{Duration, Instant};

use super::*;

/// What `asya render --path k` says, with 1.5 GB of address space.
pub fn shown(sandbox: &Sandbox) -> String {
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
