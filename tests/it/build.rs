//! `asya build`, with programs that only write down how they were called.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const CONFIG: &str = "\
contexts: {dev: {}}
build:
- module: a
  image: words:1
  command: docker build -t words:1 --label 'two words' .
  path: services/words
- module: b
  image: reg.example/*:2
  command: make image
";

/// A flow with the images `words:1`, `reg.example/b-f:2` and `pages`, and programs that build them.
fn project() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", CONFIG);
    sandbox.ok(&["init", "--yes"]);
    for module in ["a", "b", "web/c"] {
        let name = module.rsplit('/').next().unwrap();
        sandbox.write(&format!("{module}.py"), &format!("def {name}_f(p): return p\n"));
    }
    sandbox.write("web/skaffold.yaml", "build: {artifacts: [{image: pages}, {image: others, context: docs}]}\n");
    sandbox.write("web/docs/x", "");
    sandbox.write("services/words/x", "");
    let flow = "from a import a_f\nfrom b import b_f\nfrom c import c_f\n\n\ndef demo(p: dict) -> dict:\n    p = a_f(p)\n    p = b_f(p)\n    p = c_f(p)\n    return p\n";
    sandbox.write("demo.py", flow);
    sandbox.ok(&["compile", "demo", "-f", "demo.py"]);
    let called = "#!/bin/sh\n{ printf '%s' \"$(basename $0)\"; for a in \"$@\"; do printf ' <%s>' \"$a\"; done; printf '  in %s with %s\\n' \"$(basename $PWD)\" \"$IMAGE\"; } >> $CALLS\necho \"I am $0\"\n";
    sandbox.write_program("bin/docker", called);
    sandbox.write_program("bin/make", called);
    let output = "for a in \"$@\"; do case \"$a\" in --file-output=*) echo '{\"builds\": [{\"imageName\": \"pages\", \"tag\": \"reg.example/pages:4f2a\"}]}' > \"${a#--file-output=}\";; esac; done\n";
    sandbox.write_program("bin/skaffold", &format!("{called}{output}"));
    let bin = sandbox.root().join("bin").display().to_string();
    sandbox.set("PATH", format!("{bin}:/usr/bin:/bin"));
    sandbox.set("CALLS", sandbox.root().join("calls").display().to_string());
    sandbox
}

/// How the programs were called since the last time.
fn calls(sandbox: &Sandbox) -> String {
    let path = sandbox.root().join("calls");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(path);
    text.replace(&sandbox.root().canonicalize().unwrap().display().to_string(), "[SANDBOX]")
        .replace(&sandbox.root().display().to_string(), "[SANDBOX]")
}

#[test]
fn the_images_of_a_flow() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["build", "demo"]), @r#"
exit: 0
--- stdout
IMAGE              BUILT AS                LOG
words:1            words:1                 .asya/build/words-1.log
reg.example/b-f:2  reg.example/b-f:2       .asya/build/reg.example-b-f-2.log
pages              reg.example/pages:4f2a  .asya/build/skaffold-pages.log

next: asya images demo --from .asya/build/build.json
--- stderr
[1/3] build words:1  with docker
[2/3] build reg.example/b-f:2  with make
[3/3] build pages  with skaffold
"#);
    assert_snapshot!(calls(&sandbox), @r#"
docker <build> <-t> <words:1> <--label> <two words> <.>  in words with words:1
make <image>  in project with reg.example/b-f:2
skaffold <build> <--filename=skaffold.yaml> <--file-output=[SANDBOX]/project/.asya/build/skaffold-pages.json> <--push=false> <--build-image=pages>  in web with pages
"#);
    assert_snapshot!(sandbox.read(".asya/build/build.json"), @r#"
{
  "builds": [
    {
      "imageName": "words:1",
      "tag": "words:1"
    },
    {
      "imageName": "reg.example/b-f:2",
      "tag": "reg.example/b-f:2"
    },
    {
      "imageName": "pages",
      "tag": "reg.example/pages:4f2a"
    }
  ]
}
"#);
    assert!(sandbox.read(".asya/build/words-1.log").starts_with("I am "));
    assert_snapshot!(sandbox.read(".asya/build/.gitignore"), @r#"
# Made by `asya build`.
*
"#);
    assert_snapshot!(sandbox.ok(&["images", "demo", "--from", ".asya/build/build.json"]).stdout, @r#"
ACTOR       IMAGE                   IN BASE
a-f         words:1                 the same
b-f         reg.example/b-f:2       the same
c-f         reg.example/pages:4f2a  pages
start-demo  python:3.13-slim        the same

next: asya k apply demo
"#);
}

#[test]
fn all_images_and_pushed() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["build", "--push", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flow": null,
  "pushed": true,
  "builds": [
    {
      "image": "words:1",
      "tag": "words:1",
      "program": "docker",
      "log": ".asya/build/words-1.log"
    },
    {
      "image": "reg.example/b-f:2",
      "tag": "reg.example/b-f:2",
      "program": "make",
      "log": ".asya/build/reg.example-b-f-2.log"
    },
    {
      "image": "pages",
      "tag": "reg.example/pages:4f2a",
      "program": "skaffold",
      "log": ".asya/build/skaffold-pages.log"
    }
  ],
  "file": ".asya/build/build.json",
  "next": null
}
--- stderr
warning: `make` cannot push; `reg.example/b-f:2` is pushed with `docker`
  hint: push in the command itself if docker does not have the image
"#);
    assert_snapshot!(calls(&sandbox), @r#"
docker <build> <-t> <words:1> <--label> <two words> <.>  in words with words:1
docker <push> <words:1>  in words with words:1
make <image>  in project with reg.example/b-f:2
docker <push> <reg.example/b-f:2>  in project with reg.example/b-f:2
skaffold <build> <--filename=skaffold.yaml> <--file-output=[SANDBOX]/project/.asya/build/skaffold-pages.json> <--push=true> <--build-image=pages> <--build-image=others>  in web with pages
"#);
}

#[test]
fn what_fails_is_told_with_the_end_of_its_log() {
    let sandbox = project();
    sandbox.write_program("bin/docker", "#!/bin/sh\nseq 1 30\necho 'no space left' >&2\nexit 7\n");
    assert_snapshot!(sandbox.show(&["build", "demo"]), @r#"
exit: 1
--- stdout
--- stderr
[1/3] build words:1  with docker
  12
  13
  14
  15
  16
  17
  18
  19
  20
  21
  22
  23
  24
  25
  26
  27
  28
  29
  30
  no space left
error: build words:1 failed
  because `docker` ended with 7
hint: all it said is in `.asya/build/words-1.log`
"#);
    assert_eq!(sandbox.read(".asya/build/words-1.log").lines().count(), 31);
    assert!(!sandbox.exists(".asya/build/build.json"));
    std::fs::remove_file(sandbox.root().join("bin/docker")).unwrap();
    let mut sandbox = sandbox;
    sandbox.set("PATH", sandbox.root().join("bin").display().to_string());
    assert_snapshot!(sandbox.show(&["build", "demo"]), @r#"
exit: 3
--- stdout
--- stderr
[1/3] build words:1  with docker
error: `docker` cannot be run
  because it is not on PATH
hint: install `docker`
"#);
}

#[test]
fn what_is_not_run() {
    let sandbox = project();
    let with = |command: &str| {
        let text = CONFIG.replace("docker build -t words:1 --label 'two words' .", command);
        sandbox.write(".asya/config.yaml", &text);
        sandbox.show(&["build", "demo"])
    };
    assert_snapshot!(with("docker build . && curl evil"), @r#"
exit: 3
--- stdout
--- stderr
error: the build command of `words:1` cannot be run
  because `&` would need a shell, and commands are run without one
hint: quote it if it is meant as text; else put the command into a Makefile and run it with `make`
"#);
    assert_snapshot!(with("sh build.sh"), @r#"
exit: 3
--- stdout
--- stderr
error: the build command of `words:1` cannot be run
  because `sh` is not among the programs that build images
  because these are: docker, podman, nerdctl, buildah, bazel, make, nix-build, ko, pack, earthly, kaniko
hint: run others by way of `make`
"#);
    assert_snapshot!(with("docker build ${env:NOT_SET} ."), @r#"
exit: 3
--- stdout
--- stderr
error: `build.0.command` needs the environment variable `NOT_SET`, which is not set
 --> .asya/config.yaml:5:12
  |
5 |   command: docker build ${env:NOT_SET} .
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: `build` cannot be evaluated
"#);
    // Only who builds needs the value.
    sandbox.ok(&["compile", "demo", "--check"]);
    sandbox.write(".asya/config.yaml", &CONFIG.replace("path: services/words", "path: services/nowhere"));
    assert_snapshot!(sandbox.show(&["build", "demo"]), @r#"
exit: 3
--- stdout
--- stderr
error: `words:1` cannot be built
  because there is no directory `services/nowhere`
hint: correct `path` of its entry under `build:`
"#);
    sandbox.write(".asya/config.yaml", "build: [{module: a, image: words}]\n");
    std::fs::remove_file(sandbox.project().join("web/skaffold.yaml")).unwrap();
    assert_snapshot!(sandbox.show(&["build", "demo"]), @r#"
exit: 3
--- stdout
--- stderr
error: nothing builds an image of `demo`
  because no `skaffold.yaml` has them, and no entry of `build:` has a `command` for them
  because its images are `pages`, `python:3.13-slim`, `reg.example/b-f:2` and `words:1`
hint: add to an entry of `build:` in `.asya/config.yaml`:
  command: docker build -t <image> .
  path: <directory>
"#);
    sandbox.write(".asya/flows/new.yaml", "source: demo.py\nfunction: demo\n");
    assert_snapshot!(sandbox.show(&["build", "new"]), @r#"
exit: 3
--- stdout
--- stderr
error: `new` is not compiled
  because its manifests say which images it needs
hint: type `asya compile new`
"#);
    assert_eq!(calls(&sandbox), "");
}

#[test]
fn ctrl_c_ends_what_was_started() {
    let sandbox = project();
    let started = sandbox.root().join("started");
    sandbox.write_program(
        "bin/docker",
        &format!("#!/bin/sh\nsleep 600 &\necho $! > {0}.new\nmv {0}.new {0}\nwait\n", started.display()),
    );
    let mut asya = sandbox.command(&["build", "demo"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let limit = Instant::now() + Duration::from_secs(60);
    while !started.exists() {
        assert!(Instant::now() < limit && asya.try_wait().unwrap().is_none(), "the program is started");
        std::thread::yield_now();
    }
    let sleeper = std::fs::read_to_string(&started).unwrap().trim().to_owned();
    let signal = |signal: &str, process: &str| {
        Command::new("kill").args([signal, process]).stderr(Stdio::null()).status().unwrap().success()
    };
    assert!(signal("-INT", &asya.id().to_string()));
    let code = asya.wait().unwrap().code();
    let mut said = String::new();
    asya.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(code, Some(130), "{said}");
    assert_snapshot!(said, @r#"
[1/3] build words:1  with docker
error: interrupted
  because `docker` and what it had started were ended
hint: its log is `.asya/build/words-1.log`
"#);
    // It may stay as a zombie where nobody asks for it.
    let lives = || {
        let stat = std::fs::read_to_string(format!("/proc/{sleeper}/stat")).unwrap_or_default();
        signal("-0", &sleeper) && !stat.contains(") Z ")
    };
    while lives() {
        assert!(Instant::now() < limit, "what the program has started is ended");
    }
    assert!(!sandbox.exists(".asya/build/build.json"));
}

#[test]
fn arguments_of_the_configuration() {
    let sandbox = project();
    let config = CONFIG
        .replace("image: words:1\n", "image: words:${arg:tag,latest}\n")
        .replace("-t words:1 ", "-t words:${arg:tag,latest} --target ${arg:target} ")
        .replace("reg.example/*:2", "reg.example/*:${arg:tag,latest}");
    sandbox.write(".asya/config.yaml", &config);
    assert_snapshot!(sandbox.show(&["compile", "demo"]), @r#"
exit: 0
--- stdout
compiled demo from demo.py:demo
  actors     a-f, b-f, c-f
  router     start-demo (generated)
  files      2 changed, 12 unchanged, 4 kept
  manifests  compiled/demo/manifests
next: asya run demo
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["build", "demo", "--arg", "tag=1.10", "--arg", "target=run time", "--push"]), @r#"
exit: 0
--- stdout
IMAGE                 BUILT AS                LOG
words:1.10            words:1.10              .asya/build/words-1.10.log
reg.example/b-f:1.10  reg.example/b-f:1.10    .asya/build/reg.example-b-f-1.10.log
pages                 reg.example/pages:4f2a  .asya/build/skaffold-pages.log

next: asya images demo --from .asya/build/build.json
--- stderr
[1/3] build words:1.10  with docker
  push words:1.10  with docker
[2/3] build reg.example/b-f:1.10  with make
warning: `make` cannot push; `reg.example/b-f:1.10` is pushed with `docker`
  hint: push in the command itself if docker does not have the image
  push reg.example/b-f:1.10  with docker
[3/3] build pages  with skaffold
"#);
    assert_snapshot!(calls(&sandbox), @r#"
docker <build> <-t> <words:1.10> <--target> <run> <time> <--label> <two words> <.>  in words with words:1.10
docker <push> <words:1.10>  in words with words:1.10
make <image>  in project with reg.example/b-f:1.10
docker <push> <reg.example/b-f:1.10>  in project with reg.example/b-f:1.10
skaffold <build> <--filename=skaffold.yaml> <--file-output=[SANDBOX]/project/.asya/build/skaffold-pages.json> <--push=true> <--build-image=pages>  in web with pages
"#);
    assert_snapshot!(sandbox.ok(&["images", "demo", "--from", ".asya/build/build.json"]).stdout, @r#"
ACTOR       IMAGE                   IN BASE
a-f         words:1.10              words:latest
b-f         reg.example/b-f:1.10    reg.example/b-f:latest
c-f         reg.example/pages:4f2a  pages
start-demo  python:3.13-slim        the same

next: asya k apply demo
"#);
    assert_snapshot!(sandbox.show(&["build", "--arg", "tag=1"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build.0.command` needs the argument `target`, which nobody gives and which has no default
 --> .asya/config.yaml:5:12
  |
5 |   command: docker build -t words:${arg:tag,latest} --target ${arg:target} --label 'two words' .
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: give it with `--arg target=VALUE`, which `asya build` and `asya config` take, or a default: `${arg:target,VALUE}`

error: `build` cannot be evaluated
"#);
    assert_snapshot!(sandbox.show(&["build", "--arg", "tga=1", "--arg", "target=a"]), @r#"
exit: 2
--- stdout
--- stderr
error: nothing in the configuration asks for `${arg:tga}`
hint: it asks for `flow_name`, `tag` and `target`
"#);
    assert_snapshot!(sandbox.show(&["build", "--arg", "tag"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value 'tag' for '--arg <NAME=VALUE>': write it as NAME=VALUE

For more information, try '--help'.
"#);
    assert_eq!(calls(&sandbox), "");
}

/// On a terminal no word is torn, and what is meant to be copied stays in one piece.
#[test]
fn sentences_are_broken_between_words() {
    let sandbox = project();
    sandbox.write(".asya/config.yaml", "contexts: {dev: {}}\n");
    std::fs::remove_dir_all(sandbox.project().join("web")).unwrap();
    let shown = sandbox.in_terminal(&["build", "demo"], &[]);
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert_snapshot!(shown, @r#"
error: nothing builds an image of `demo`
  because no `skaffold.yaml` has them, and no entry of `build:` has a `command`
    for them
  because its images are `pages`, `python:3.13-slim`, `reg.example/b-f:2` and
    `words:1`
hint: add to an entry of `build:` in `.asya/config.yaml`:
  command: docker build -t <image> .
  path: <directory>
--- exit: 3; cursor shown
"#);
}
