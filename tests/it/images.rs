//! Which image runs which handler: `build` and `skaffold.yaml`, through the binary.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const F: &str = "def f(p): return p\n";

/// A project whose flow calls `pkg.a.f`, `pkg.b.f` and `text.f`, with these further files.
fn project(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::initialised();
    let flow = "import pkg.a, pkg.b, text\n\ndef demo(p: dict) -> dict:\n    p = pkg.a.f(p)\n    p = pkg.b.f(p)\n    p = text.f(p)\n    return p\n";
    sandbox.write("flow.py", flow);
    for (path, text) in
        [("pkg/__init__.py", ""), ("pkg/a.py", F), ("pkg/b.py", F), ("lib/text.py", F)].iter().chain(files)
    {
        sandbox.write(path, text);
    }
    sandbox
}

/// Every actor with its image, or what is wrong.
fn images(sandbox: &Sandbox) -> String {
    let outcome = sandbox.run(&["compile", "demo", "-f", "flow.py", "-I", "lib"]);
    if outcome.code != 0 {
        return outcome.show();
    }
    let mut lines = outcome.stderr;
    for actor in ["pkg-a-f", "pkg-b-f", "text-f"] {
        let manifest = sandbox.read(&format!("compiled/demo/manifests/base/asya-{actor}.yaml"));
        let image = manifest.lines().find_map(|line| line.strip_prefix("  image: ")).unwrap_or("none");
        lines.push_str(&format!("{actor}: {image}\n"));
    }
    lines
}

/// Adds to the project's configuration.
fn configure(sandbox: &Sandbox, more: &str) {
    let config = sandbox.read(".asya/config.yaml");
    sandbox.write(".asya/config.yaml", &format!("{config}\n{more}"));
}

#[test]
fn the_deepest_build_context_decides() {
    let skaffold = "\
# What is built.
---
apiVersion: skaffold/v4beta11
kind: Config
metadata: {name: one}
build:
  artifacts:
  - image: all
  - image: words
    context: lib
    docker: {dockerfile: Dockerfile.words}
---
apiVersion: skaffold/v4beta11
kind: Config
build:
  tagPolicy: {sha256: {}}
---
kind: Config
build:
  artifacts:
  - {image: packages, context: pkg/}
";
    let sandbox = project(&[("skaffold.yaml", skaffold)]);
    assert_snapshot!(images(&sandbox), @r#"
pkg-a-f: packages
pkg-b-f: packages
text-f: words
"#);
    configure(
        &sandbox,
        "build:\n- {module: pkg, image: 'named/*'}\n- {module: pkg.b, image: b}\n- {module: '*', image: rest}\n",
    );
    assert_snapshot!(images(&sandbox), @r#"
pkg-a-f: named/pkg-a-f
pkg-b-f: b
text-f: words
"#);
}

#[test]
fn the_only_image_holds_what_lies_in_no_context() {
    let sandbox = project(&[
        ("deploy/skaffold.yaml", "build: {artifacts: [{image: only, context: image}]}\n"),
        ("deploy/image/x.txt", ""),
    ]);
    assert_snapshot!(images(&sandbox), @r#"
pkg-a-f: only
pkg-b-f: only
text-f: only
"#);
    sandbox.write("deploy/two/skaffold.yaml", "build: {artifacts: [{image: other}]}\n");
    assert_snapshot!(images(&sandbox), @r#"
pkg-a-f: reg.example/team/pkg-a-f:latest
pkg-b-f: reg.example/team/pkg-b-f:latest
text-f: reg.example/team/text-f:latest
"#);
}

#[test]
fn modules_are_found_in_build_contexts() {
    let sandbox = project(&[
        ("services/one/skaffold.yaml", "build: {artifacts: [{image: one, context: src}]}\n"),
        ("services/one/src/deep.py", F),
    ]);
    sandbox.write("flow.py", "from deep import f\n\ndef demo(p: dict) -> dict:\n    return f(p)\n");
    let outcome = sandbox.ok(&["compile", "demo", "-f", "flow.py", "--strict"]);
    assert_eq!(outcome.stderr, "");
    assert!(sandbox.read("compiled/demo/manifests/base/asya-f.yaml").contains("image: one\n"));
}

#[test]
fn two_images_of_one_context_are_an_error() {
    let sandbox = project(&[(
        "skaffold.yaml",
        "build:\n  artifacts:\n  - image: small\n    context: pkg\n  - image: large\n    context: ./pkg\n",
    )]);
    assert_snapshot!(images(&sandbox), @r#"
exit: 3
--- stdout
--- stderr
error: it is not clear which image holds `pkg.a.f`
  because `small` (skaffold.yaml:3) and `large` (skaffold.yaml:5) are built from the same directory `pkg`
hint: say it in `.asya/config.yaml`:
  build:
    - module: pkg.a
      image: small
"#);
    configure(&sandbox, "build:\n- {module: pkg, image: small}\n");
    assert_snapshot!(images(&sandbox), @r#"
pkg-a-f: small
pkg-b-f: small
text-f: reg.example/team/text-f:latest
"#);
}

#[test]
fn a_module_is_named_once() {
    let sandbox = project(&[]);
    configure(
        &sandbox,
        "build:\n- {module: pkg, image: one}\n- {module: text, image: t}\n- {module: pkg, image: two}\n",
    );
    assert_snapshot!(images(&sandbox), @r#"
exit: 3
--- stdout
--- stderr
error: `build.2` names the module `pkg` a second time, with another image
  --> .asya/config.yaml:39:4
   |
37 | - {module: pkg, image: one}
   |    ------ here it is `one`
38 | - {module: text, image: t}
39 | - {module: pkg, image: two}
   |    ^^^^^^
   |
   = help: keep one of the two, or name a module inside it: the longest name wins

error: the configuration cannot be used
"#);
    let sandbox = project(&[]);
    configure(
        &sandbox,
        "build:\n- {module: pkg, image: one}\n- {module: text, image: t}\n- {module: pkg, image: one}\n",
    );
    assert_snapshot!(images(&sandbox), @r#"
pkg-a-f: one
pkg-b-f: one
text-f: t
"#);
}

#[test]
fn a_skaffold_file_that_cannot_be_used_is_shown() {
    let with = |text: &str| {
        let sandbox = project(&[("skaffold.yaml", text)]);
        let before = sandbox.tree();
        let said = images(&sandbox);
        assert_eq!(sandbox.tree(), before);
        said
    };
    assert_snapshot!(with("build:\n  artifacts:\n  - image: one\n    context: nowhere\n"), @r#"
exit: 3
--- stdout
--- stderr
error: there is no directory `nowhere`
 --> skaffold.yaml:4:14
  |
4 |     context: nowhere
  |              ^^^^^^^
  |
  = note: an image is built from it; paths are relative to this file
  = help: correct the path, or take the artifact out

error: `skaffold.yaml` cannot be used
  because it says which images your handlers are in
"#);
    assert_snapshot!(with("build:\n  artifacts:\n  - context: lib\n"), @r#"
exit: 3
--- stdout
--- stderr
error: `build.artifacts.0` has no `image`
 --> skaffold.yaml:3:5
  |
3 |   - context: lib
  |     ^^^^^^^

error: `skaffold.yaml` cannot be used
  because it says which images your handlers are in
"#);
    assert_snapshot!(with("build:\n  artifacts: {image: one}\n"), @r#"
exit: 3
--- stdout
--- stderr
error: `build.artifacts` must be a list, not a mapping
 --> skaffold.yaml:2:14
  |
2 |   artifacts: {image: one}
  |              ^

error: `skaffold.yaml` cannot be used
  because it says which images your handlers are in
"#);
    assert_snapshot!(with("kind: Config\n---\nbuild:\n  artifacts: [\n"), @r#"
exit: 3
--- stdout
--- stderr
error: unclosed bracket `[`
 --> skaffold.yaml:4:14
  |
4 |   artifacts: [
  |              ^

error: `skaffold.yaml` cannot be used
  because it says which images your handlers are in
"#);
    assert_snapshot!(with("kind: Config\n---\nbuild:\n  artifacts:\n  - image: 3\n"), @r#"
exit: 3
--- stdout
--- stderr
error: `build.artifacts.0.image` must be text, not a number
 --> skaffold.yaml:5:12
  |
5 |   - image: 3
  |            ^

error: `skaffold.yaml` cannot be used
  because it says which images your handlers are in
"#);
}
