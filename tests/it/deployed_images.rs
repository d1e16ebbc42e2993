//! `asya images`: which images environments run.

use insta::assert_snapshot;

use crate::artifacts as fixtures;
use crate::sandbox::Sandbox;

const MANIFESTS: &str = "compiled/demo/manifests";

/// A flow of three actors, two of them in the image `words`.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts: {dev: {}, prod: {}}\nbuild:\n- {module: a, image: words}\n- {module: b, image: words}\n- {module: c, image: 'reg.example/pages:1'}\n");
    sandbox.ok(&["init", "--yes"]);
    for module in ["a", "b", "c"] {
        sandbox.write(&format!("{module}.py"), &format!("def {module}_f(p): return p\n"));
    }
    let flow = "from a import a_f\nfrom b import b_f\nfrom c import c_f\n\n\ndef demo(p: dict) -> dict:\n    p = a_f(p)\n    p = b_f(p)\n    p = c_f(p)\n    return p\n";
    sandbox.write("demo.py", flow);
    sandbox.ok(&["compile", "demo", "-f", "demo.py"]);
    sandbox
}

fn path(layer: &str) -> String {
    format!("{MANIFESTS}/{layer}/kustomization.yaml")
}

/// The images an environment renders, by us and (where it can be had) by kubectl.
fn rendered(sandbox: &Sandbox, layer: &str) -> String {
    let directory = format!("{MANIFESTS}/{layer}");
    let text = sandbox.ok(&["render", "--path", &directory]).stdout;
    if let Some(theirs) = fixtures::kustomize(&sandbox.project().join(&directory)) {
        assert_eq!(theirs.unwrap(), text, "{layer}");
    }
    let images = text
        .lines()
        .filter_map(|line| line.strip_prefix("  image: "))
        .map(|image| image.trim_matches('\''))
        .filter(|image| !image.starts_with("python"));
    images.collect::<Vec<_>>().join(" ")
}

#[test]
fn set_for_all_and_for_one() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["images", "demo"]), @r#"
exit: 0
--- stdout
ACTOR       IMAGE                IN BASE
a-f         words                the same
b-f         words                the same
c-f         reg.example/pages:1  the same
start-demo  python:3.13-slim     the same
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["images", "demo", "--set", "words=reg.example/team/words:1.10"]), @r#"
exit: 0
--- stdout
ACTOR       IMAGE                        IN BASE
a-f         reg.example/team/words:1.10  words
b-f         reg.example/team/words:1.10  words
c-f         reg.example/pages:1          the same
start-demo  python:3.13-slim             the same

next: asya k apply demo
--- stderr
  changed   compiled/demo/manifests/common/kustomization.yaml
"#);
    assert_snapshot!(sandbox.read(&path("common")), @r#"
# `demo` in every environment. This directory is yours: `asya compile` leaves it as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ../base
configurations:
- kustomizeconfig.yaml
images:
  - name: words
    newName: reg.example/team/words
    newTag: '1.10'
"#);
    let digest = format!("sha256:{}", "ab".repeat(32));
    let pinned = format!("words=reg.example/words:2@{digest}");
    let args =
        ["images", "demo", "--set", &pinned, "--set", "reg.example/pages=pages:3", "--context", "dev", "-o", "json"];
    assert_snapshot!(sandbox.show(&args), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flow": "demo",
  "context": "dev",
  "actors": [
    {
      "actor": "a-f",
      "base": "words",
      "before": "reg.example/team/words:1.10",
      "image": "reg.example/words:2@sha256:abababababababababababababababababababababababababababababababab"
    },
    {
      "actor": "b-f",
      "base": "words",
      "before": "reg.example/team/words:1.10",
      "image": "reg.example/words:2@sha256:abababababababababababababababababababababababababababababababab"
    },
    {
      "actor": "c-f",
      "base": "reg.example/pages:1",
      "before": "reg.example/pages:1",
      "image": "pages:3"
    },
    {
      "actor": "start-demo",
      "base": "python:3.13-slim",
      "before": "python:3.13-slim",
      "image": "python:3.13-slim"
    }
  ],
  "files": [
    {
      "path": "compiled/demo/manifests/overlays/dev/kustomization.yaml",
      "change": "changed"
    }
  ],
  "next": "asya k apply demo --context dev"
}
--- stderr
"#);
    assert_snapshot!(sandbox.read(&path("overlays/dev")), @r#"
# `demo` in `dev`. This directory is yours: `asya compile` leaves it as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ../../common
configurations:
- kustomizeconfig.yaml
images:
  - name: reg.example/team/words
    newName: reg.example/words
    newTag: '2'
    digest: sha256:abababababababababababababababababababababababababababababababab
  - name: reg.example/pages
    newName: pages
    newTag: '3'
"#);
    assert_snapshot!(["common", "overlays/dev", "overlays/prod"].map(|layer| rendered(&sandbox, layer)).join("\n"), @r#"
reg.example/team/words:1.10 reg.example/team/words:1.10 reg.example/pages:1
reg.example/words:2@sha256:abababababababababababababababababababababababababababababababab reg.example/words:2@sha256:abababababababababababababababababababababababababababababababab pages:3
reg.example/team/words:1.10 reg.example/team/words:1.10 reg.example/pages:1
"#);
    let before = sandbox.tree();
    assert_snapshot!(sandbox.show(&args[..8]), @r#"
exit: 0
--- stdout
ACTOR       IMAGE                                                                                        IN BASE
a-f         reg.example/words:2@sha256:abababababababababababababababababababababababababababababababab  words
b-f         reg.example/words:2@sha256:abababababababababababababababababababababababababababababababab  words
c-f         pages:3                                                                                      reg.example/pages:1
start-demo  python:3.13-slim                                                                             the same
--- stderr
"#);
    assert_eq!(sandbox.tree(), before);
    assert_snapshot!(sandbox.show(&["images", "demo", "--context", "dev"]), @r#"
exit: 0
--- stdout
ACTOR       IMAGE                                                                                        IN BASE
a-f         reg.example/words:2@sha256:abababababababababababababababababababababababababababababababab  words
b-f         reg.example/words:2@sha256:abababababababababababababababababababababababababababababababab  words
c-f         pages:3                                                                                      reg.example/pages:1
start-demo  python:3.13-slim                                                                             the same
--- stderr
"#);
}

#[test]
fn what_an_overlay_says_goes_on_counting() {
    let sandbox = project();
    sandbox.ok(&["images", "demo", "--set", "words=dev.example/words:dev", "--context", "dev"]);
    let prod = sandbox.read(&path("overlays/prod"));
    sandbox.write(
        &path("overlays/prod"),
        &format!("{prod}# pinned by hand\nimages:\n- name: words # ours\n  newTag: \"7\" # lucky\n"),
    );
    assert_eq!(rendered(&sandbox, "overlays/dev"), "dev.example/words:dev dev.example/words:dev reg.example/pages:1");
    assert_snapshot!(sandbox.show(&["images", "demo", "--set", "words=reg.example/words:1"]), @r#"
exit: 0
--- stdout
ACTOR       IMAGE                IN BASE
a-f         reg.example/words:1  words
b-f         reg.example/words:1  words
c-f         reg.example/pages:1  the same
start-demo  python:3.13-slim     the same

next: asya k apply demo
--- stderr
  `compiled/demo/manifests/overlays/dev/kustomization.yaml` finds `words` under its new name `reg.example/words`
  `compiled/demo/manifests/overlays/prod/kustomization.yaml` finds `words` under its new name `reg.example/words`
  changed   compiled/demo/manifests/common/kustomization.yaml
  changed   compiled/demo/manifests/overlays/dev/kustomization.yaml
  changed   compiled/demo/manifests/overlays/prod/kustomization.yaml
"#);
    assert_eq!(rendered(&sandbox, "common"), "reg.example/words:1 reg.example/words:1 reg.example/pages:1");
    assert_eq!(rendered(&sandbox, "overlays/dev"), "dev.example/words:dev dev.example/words:dev reg.example/pages:1");
    assert_eq!(rendered(&sandbox, "overlays/prod"), "reg.example/words:7 reg.example/words:7 reg.example/pages:1");
    assert_snapshot!(sandbox.read(&path("overlays/prod")), @r#"
# `demo` in `prod`. This directory is yours: `asya compile` leaves it as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ../../common
configurations:
- kustomizeconfig.yaml
# pinned by hand
images:
- name: reg.example/words # ours
  newTag: "7" # lucky
"#);
    sandbox.ok(&["images", "demo", "--set", "words=reg.example/words:8", "--context", "prod"]);
    assert_eq!(rendered(&sandbox, "overlays/prod"), "reg.example/words:8 reg.example/words:8 reg.example/pages:1");
    assert!(sandbox.read(&path("overlays/prod")).contains("# lucky"));
}

#[test]
fn overlays_that_do_not_know_where_images_are() {
    let sandbox = project();
    for (text, file) in [
        ("resources:\n- ../../common # below\n", "kustomizeconfig.yaml"),
        ("resources: [../../common]\nconfigurations: [mine.yaml]\n", "kustomizeconfig.yaml"),
        ("resources: [../base]\n", "asya-kustomizeconfig.yaml"),
    ] {
        let layer = if file.starts_with("asya-") { "common" } else { "overlays/dev" };
        let _ = std::fs::remove_file(sandbox.project().join(format!("{MANIFESTS}/{layer}/kustomizeconfig.yaml")));
        if layer == "common" {
            sandbox.write(&format!("{MANIFESTS}/common/kustomizeconfig.yaml"), "namePrefix: []\n");
        }
        sandbox.write(&format!("{MANIFESTS}/{layer}/mine.yaml"), "images: [{path: spec/pictures}]\n");
        sandbox.write(&path(layer), text);
        let mut args = vec!["images", "demo", "--set", "words=reg.example/words:1"];
        args.extend(["--context", "dev"].iter().take(if layer == "common" { 0 } else { 2 }));
        sandbox.ok(&args);
        assert_eq!(rendered(&sandbox, layer), "reg.example/words:1 reg.example/words:1 reg.example/pages:1", "{text}");
        assert!(sandbox.read(&path(layer)).contains(file), "{}", sandbox.read(&path(layer)));
        assert!(sandbox.exists(&format!("{MANIFESTS}/{layer}/{file}")));
    }
}

#[test]
fn from_the_output_of_a_build() {
    let sandbox = project();
    let build = r#"{"builds": [
        {"imageName": "words", "tag": "reg.example/words:old"},
        {"imageName": "words", "tag": "reg.example/words:4f2a"},
        {"imageName": "others", "tag": "reg.example/others:1"}], "more": 1}"#;
    sandbox.write("build.json", build);
    assert_snapshot!(sandbox.show(&["images", "demo", "--from", "build.json", "--context", "prod"]), @r#"
exit: 0
--- stdout
ACTOR       IMAGE                   IN BASE
a-f         reg.example/words:4f2a  words
b-f         reg.example/words:4f2a  words
c-f         reg.example/pages:1     the same
start-demo  python:3.13-slim        the same

next: asya k apply demo --context prod
--- stderr
  no actor of `demo` uses `others`
  changed   compiled/demo/manifests/overlays/prod/kustomization.yaml
"#);
    sandbox.write("others.json", r#"{"builds": [{"imageName": "others", "tag": "reg.example/others:1"}]}"#);
    assert_snapshot!(sandbox.show(&["images", "demo", "--from", "others.json"]), @r#"
exit: 3
--- stdout
--- stderr
  no actor of `demo` uses `others`
error: no actor of `demo` uses an image of this build
  because its images are `python`, `reg.example/pages` and `words`
"#);
    sandbox.write("broken.json", r#"{"builds": [{"imageName": "words"}]}"#);
    assert_snapshot!(sandbox.show(&["images", "demo", "--from", "broken.json"]), @r#"
exit: 3
--- stdout
--- stderr
error: `broken.json` is not the output of a build
  because missing field `tag` at line 1 column 34
hint: write it with `asya build`, or with `skaffold build --file-output FILE`
"#);
    sandbox.write("broken.json", r#"{"builds": [{"imageName": "words", "tag": "Reg Example"}]}"#);
    assert_snapshot!(sandbox.run(&["images", "demo", "--from", "broken.json"]).stderr, @r#"
error: `broken.json` is not the output of a build
  because `Reg Example` is not an image reference: its name must be in lower case
hint: write it with `asya build`, or with `skaffold build --file-output FILE`
"#);
    assert_snapshot!(sandbox.run(&["images", "demo", "--from", "nowhere.json"]).stderr, @r#"
error: `nowhere.json` cannot be read
  because there is no such file or directory
"#);
}

#[test]
fn references_are_checked() {
    let sandbox = project();
    let before = sandbox.tree();
    let mut said = Vec::new();
    for text in [
        "words",
        "=x",
        "words=",
        "words=Reg/Words:1",
        "words=reg.example/words:",
        "words=reg.example/words:1 2",
        "words=reg.example/words@sha256:12",
        "words=http://reg.example/words",
        "words=reg_.example/x:1",
        "words=a//b",
        "words=-a",
        "words:1=reg.example/words:1",
    ] {
        let outcome = sandbox.run(&["images", "demo", "--set", text]);
        assert_eq!(outcome.code, 2, "{text}: {}", outcome.show());
        said.push(outcome.stderr.lines().next().unwrap().replace("error: invalid value ", ""));
    }
    assert_snapshot!(said.join("\n"), @r#"
'words' for '--set <NAME=REFERENCE>': it is not NAME=REFERENCE, like `words=reg.example/words:1.4`
'=x' for '--set <NAME=REFERENCE>': `` is not an image reference: it has no name
'words=' for '--set <NAME=REFERENCE>': `` is not an image reference: it has no name
'words=Reg/Words:1' for '--set <NAME=REFERENCE>': `Reg/Words:1` is not an image reference: its name must be in lower case
'words=reg.example/words:' for '--set <NAME=REFERENCE>': `reg.example/words:` is not an image reference: its tag may have up to 128 letters, digits, `_`, `.` and `-`
'words=reg.example/words:1 2' for '--set <NAME=REFERENCE>': `reg.example/words:1 2` is not an image reference: its tag may have up to 128 letters, digits, `_`, `.` and `-`
'words=reg.example/words@sha256:12' for '--set <NAME=REFERENCE>': `reg.example/words@sha256:12` is not an image reference: its digest must be `sha256:` and 64 hexadecimal digits
'words=http://reg.example/words' for '--set <NAME=REFERENCE>': `http://reg.example/words` is not an image reference: its registry is no host name
'words=reg_.example/x:1' for '--set <NAME=REFERENCE>': `reg_.example/x:1` is not an image reference: its registry is no host name
'words=a//b' for '--set <NAME=REFERENCE>': `a//b` is not an image reference: its name may have lower-case letters, digits, and single `.`, `_`, `-` between them
'words=-a' for '--set <NAME=REFERENCE>': `-a` is not an image reference: its name may have lower-case letters, digits, and single `.`, `_`, `-` between them
'words:1=reg.example/words:1' for '--set <NAME=REFERENCE>': `words:1` is to be the name alone: `words`, without tag and digest
"#);
    assert_snapshot!(sandbox.show(&["images", "demo", "--set", "word=reg.example/words:1"]), @r#"
exit: 3
--- stdout
--- stderr
error: no actor of `demo` uses an image `word`
  because its images are `python`, `reg.example/pages` and `words`
hint: did you mean `words`?
"#);
    assert_snapshot!(sandbox.show(&["images", "demo", "--set", "words=x:1", "--context", "prd"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no context `prd`
  because known contexts: `dev`, `prod` and `local`
hint: did you mean `prod`?
hint: add it with `asya k context add prd`
"#);
    assert_snapshot!(sandbox.show(&["images", "demo", "--set", "words=x:1", "--from", "f"]), @r#"
exit: 2
--- stdout
--- stderr
error: the argument '--set <NAME=REFERENCE>' cannot be used with '--from <FILE>'

Usage: asya images --set <NAME=REFERENCE> <FLOW>

For more information, try '--help'.
"#);
    assert_eq!(sandbox.tree(), before);
    for good in
        ["localhost:5000/a/b:1", "reg.example:443/a_b/c__d/e-f.g:V1.0_x", "[::1]:5000/a:1", "words:on", "a:0123"]
    {
        let set = format!("words={good}");
        sandbox.ok(&["images", "demo", "--set", &set]);
        assert_eq!(rendered(&sandbox, "common"), format!("{good} {good} reg.example/pages:1"));
    }
    assert_snapshot!(sandbox.run(&["images", "demo", "--set", "words=reg.example/words"]).stderr, @r#"
warning: `reg.example/words` has neither tag nor digest
  hint: clusters take what is `latest` when a pod starts; name a version
  changed   compiled/demo/manifests/common/kustomization.yaml
"#);
}

#[test]
fn a_patch_has_the_last_word() {
    let sandbox = project();
    let common = sandbox.read(&path("common"));
    sandbox.write(&path("common"), &format!("{common}patches:\n- target: {{kind: AsyncActor, name: a-f}}\n  patch: |-\n    - {{op: replace, path: /spec/image, value: patched}}\n"));
    sandbox.ok(&["images", "demo", "--set", "words=reg.example/words:1"]);
    assert_eq!(rendered(&sandbox, "common"), "reg.example/words:1 reg.example/words:1 reg.example/pages:1");
}
