//! Configuration files: what they mean, and what is said about wrong ones.

use std::path::Path;

use asya::project::{Generation, Project, Transport};

use crate::sandbox::Sandbox;

/// What `asya status` says about a `config.yaml`; nothing may have been written.
fn complaint(config: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", config);
    let before = sandbox.tree();
    let shown = sandbox.show(&["status"]);
    assert_eq!(sandbox.tree(), before);
    shown
}

fn open(sandbox: &Sandbox, below: &str) -> Project {
    let environment = |name: &str| (name == "REGISTRY").then(|| "registry.example.com".to_owned());
    let start = sandbox.project().join(below);
    Project::find(&start, &environment).unwrap_or_else(|error| panic!("{error}: {:#?}", error.located()))
}

fn root(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.project().canonicalize().unwrap()
}

#[test]
fn unknown_keys() {
    insta::assert_snapshot!(complaint("compilr:\n  code: x\ncontexts:\n  dev:\n    namespce: a\n    zzz: 1\nplatform: {generations: B}\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: unknown key `compilr`
     --> .asya/config.yaml:1:1
      |
    1 | compilr:
      | ^^^^^^^
      |
      = help: did you mean `compiler`?

    error: unknown key `contexts.dev.namespce`
     --> .asya/config.yaml:5:5
      |
    5 |     namespce: a
      |     ^^^^^^^^
      |
      = help: did you mean `namespace`?

    error: unknown key `contexts.dev.zzz`
     --> .asya/config.yaml:6:5
      |
    6 |     zzz: 1
      |     ^^^
      |
      = help: known keys: `namespace`, `kubectl_context`, `gateway_namespace`, `gateway`, `gateway_url`, `gateway_ca` and `readonly`

    error: unknown key `platform.generations`
     --> .asya/config.yaml:7:12
      |
    7 | platform: {generations: B}
      |            ^^^^^^^^^^^
      |
      = help: did you mean `generation`?

    error: the configuration cannot be used
    "#);
}

#[test]
fn wrong_types() {
    insta::assert_snapshot!(complaint("compiler:\n  - code\ntemplates:\n  list: [a]\n  empty:\nbuild:\n  module: x\ncontexts:\n  dev:\n    namespace: 12\n    readonly: yes\n    gateway_url: example.com\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler` must be a mapping, not a list
     --> .asya/config.yaml:2:3
      |
    2 |   - code
      |   ^

    error: `templates.list` must be text or a number, not a list
     --> .asya/config.yaml:4:9
      |
    4 |   list: [a]
      |         ^

    error: `templates.empty` needs a value
     --> .asya/config.yaml:5:3
      |
    5 |   empty:
      |   ^^^^^

    error: `build` must be a list, not a mapping
     --> .asya/config.yaml:7:3
      |
    7 |   module: x
      |   ^

    error: `contexts.dev.namespace` must be text, not a number
      --> .asya/config.yaml:10:16
       |
    10 |     namespace: 12
       |                ^^
       |
       = help: quote it: `"12"`

    error: `contexts.dev.readonly` must be true or false, not text
      --> .asya/config.yaml:11:15
       |
    11 |     readonly: yes
       |               ^^^
       |
       = help: write `true` or `false`

    error: `contexts.dev.gateway_url` must start with `http://` or `https://`
      --> .asya/config.yaml:12:18
       |
    12 |     gateway_url: example.com
       |                  ^^^^^^^^^^^

    error: the configuration cannot be used
    "#);
}

#[test]
fn wrong_values() {
    insta::assert_snapshot!(complaint("platform:\n  generation: C3\n  transport: kafka\ncontexts:\n  Dev: {}\n  local:\n    namespace: x\n  ../up: {}\n  prod:\n    namespace: Prod_1\ndefault_context: staging\nbuild:\n  - image: x\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `platform.generation`: `C3` is not a platform generation: there are `B`, `C1` and `C2`
     --> .asya/config.yaml:2:15
      |
    2 |   generation: C3
      |               ^^

    error: `platform.transport`: `kafka` is not a transport: there are `sqs`, `rabbitmq` and `pubsub`
     --> .asya/config.yaml:3:14
      |
    3 |   transport: kafka
      |              ^^^^^

    error: `Dev` is not a context name: only lower-case letters, digits and `-` are allowed, not `D`
     --> .asya/config.yaml:5:3
      |
    5 |   Dev: {}
      |   ^^^

    error: the context `local` is built in and means this machine; it cannot be configured
     --> .asya/config.yaml:6:3
      |
    6 |   local:
      |   ^^^^^
      |
      = help: give this context another name

    error: `../up` is not a context name: only lower-case letters, digits and `-` are allowed, not `.`
     --> .asya/config.yaml:8:3
      |
    8 |   ../up: {}
      |   ^^^^^

    error: `contexts.prod.namespace`: `Prod_1` is not a namespace: only lower-case letters, digits and `-` are allowed, not `P`
      --> .asya/config.yaml:10:16
       |
    10 |     namespace: Prod_1
       |                ^^^^^^

    error: `default_context` names `staging`, which is not among `contexts`
      --> .asya/config.yaml:11:18
       |
    11 | default_context: staging
       |                  ^^^^^^^
       |
       = help: contexts: `prod` and `local`

    error: `build.0` has no `module`
      --> .asya/config.yaml:13:5
       |
    13 |   - image: x
       |     ^^^^^

    error: the configuration cannot be used
    "#);
}

#[test]
fn yaml_that_is_none() {
    insta::assert_snapshot!(complaint("compiler:\n\tcode: x\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: a tab cannot be part of the indentation
     --> .asya/config.yaml:2:2
      |
    2 |     code: x
      |     ^^^^
      |
      = help: indent with spaces

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("compiler: {}\ntemplates: {}\ncompiler: {}\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler` is given twice
     --> .asya/config.yaml:3:1
      |
    3 | compiler: {}
      | ^^^^^^^^
      |
      = help: keep one of the two

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("- a\n- b\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `config.yaml` must be a mapping of keys, not a list
     --> .asya/config.yaml:1:1
      |
    1 | - a
      | ^^^
      |
      = help: write it as `key: value` lines

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("templates:\n  x: {{ image }}\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `{{ … }}` is not a YAML value
     --> .asya/config.yaml:2:7
      |
    2 |   x: {{ image }}
      |       ^
      |
      = help: placeholders work in templates only; quote the value if it is meant as text

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("templates:\n  x: \"open\ncompiler: {}\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: invalid indentation in multiline quoted scalar
     --> .asya/config.yaml:3:1
      |
    3 | compiler: {}
      | ^^^^^^^^
      |
      = help: is the closing quote missing?

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("templates: {}\n---\ncompiler: {}\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: a second YAML document starts here
     --> .asya/config.yaml:3:1
      |
    3 | compiler: {}
      | ^
      |
      = help: keep one document in this file, without `---` lines between

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("compiler: *nowhere\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: alias references unknown anchor
     --> .asya/config.yaml:1:11
      |
    1 | compiler: *nowhere
      |           ^

    error: the configuration cannot be used
    "#);
}

#[test]
fn an_anchor_bomb() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (one, two) in ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"].map(|pair| (&pair[..1], &pair[1..])) {
        bomb.push_str(&format!("{two}: &{two} [{}]\n", vec![format!("*{one}"); 10].join(", ")));
    }
    insta::assert_snapshot!(complaint(&bomb), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: anchors and aliases make this file too large
     --> .asya/config.yaml:5:8
      |
    5 | e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
      |        ^^
      |
      = help: write the values out

    error: the configuration cannot be used
    "#);
}

#[test]
fn bytes_that_are_not_text() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "");
    std::fs::write(sandbox.project().join(".asya/config.yaml"), b"templates:\n  name: caf\xe9\n").unwrap();
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: this byte (0xe9) is not UTF-8
     --> .asya/config.yaml:2:12
      |
    2 |   name: caf�
      |            ^
      |
      = help: save the file as UTF-8

    error: `.asya/config.yaml` is not a text file
    "#);
}

#[test]
fn all_files_are_looked_at_before_giving_up() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "compiler: [\n");
    sandbox.write(".asya/config.contexts.dev.yaml", "namespace: a\nnamespace: b\n");
    insta::assert_snapshot!(sandbox.show(&["status", "-o", "json"]), @r#"
    exit: 3
    --- stdout
    {
      "version": 1,
      "error": {
        "kind": "project",
        "message": "the configuration cannot be used",
        "causes": [],
        "hints": [],
        "diagnostics": [
          {
            "file": ".asya/config.yaml",
            "line": 1,
            "column": 11,
            "end_line": 1,
            "end_column": 12,
            "severity": "error",
            "message": "unclosed bracket `[`"
          },
          {
            "file": ".asya/config.contexts.dev.yaml",
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 10,
            "severity": "error",
            "message": "`namespace` is given twice",
            "help": "keep one of the two"
          }
        ]
      }
    }
    --- stderr
    error: unclosed bracket `[`
     --> .asya/config.yaml:1:11
      |
    1 | compiler: [
      |           ^

    error: `namespace` is given twice
     --> .asya/config.contexts.dev.yaml:2:1
      |
    2 | namespace: b
      | ^^^^^^^^^
      |
      = help: keep one of the two

    error: the configuration cannot be used
    "#);
}

#[test]
fn files_that_would_be_ignored_silently() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yml", "");
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `.asya/config.yml` would not be read: configuration files end in `.yaml`
    hint: rename it to `config.yaml`
    "#);
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config..yaml", "");
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `.asya/config..yaml` names no key: two dots follow each other
    hint: name it after the key it sets, such as `config.compiler.rules.yaml`
    "#);
    let sandbox = Sandbox::new();
    sandbox.write(".asya/configfoo.yaml", "whatever: [\n");
    sandbox.ok(&["status"]);
}

#[test]
fn references() {
    insta::assert_snapshot!(complaint("templates:\n  a: ${templates.b}\n  b: x-${.c}\n  c: ${templates.a}\n"), @r#"
exit: 3
--- stdout
--- stderr
error: these keys refer to each other in a circle: templates.a → templates.b → templates.c → templates.a
 --> .asya/config.yaml:4:6
  |
4 |   c: ${templates.a}
  |      ^^^^^^^^^^^^^^

error: the configuration cannot be used
"#);
    insta::assert_snapshot!(complaint("templates:\n  a: ${platform.generaton}\n  b: ${open\n  c: x ${platform}\n  d: ${file:x}\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `${platform.generaton}` names no key of the configuration
     --> .asya/config.yaml:2:6
      |
    2 |   a: ${platform.generaton}
      |      ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `generation` instead of `generaton`?

    error: `${open` has no closing `}`
     --> .asya/config.yaml:3:6
      |
    3 |   b: ${open
      |      ^^^^^^

    error: `${platform}` is a mapping, which cannot be part of a text
     --> .asya/config.yaml:4:6
      |
    4 |   c: x ${platform}
      |      ^^^^^^^^^^^^^

    error: `${file:…}` is unknown: there are `${env:NAME}`, `${arg:name}` and `${other.key}`
     --> .asya/config.yaml:5:6
      |
    5 |   d: ${file:x}
      |      ^^^^^^^^^

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("compiler:\n  image_registry: ${env:NOT_SET}/x\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler.image_registry` needs the environment variable `NOT_SET`, which is not set
     --> .asya/config.yaml:2:19
      |
    2 |   image_registry: ${env:NOT_SET}/x
      |                   ^^^^^^^^^^^^^^^^

    error: the configuration cannot be used
    "#);
}

#[test]
fn a_variable_that_is_not_set_matters_only_to_who_needs_it() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "templates:\n  token: ${env:NOT_SET}\ncontexts:\n  dev: {}\n  prod:\n    gateway_url: ${env:NOT_SET}\nbuild:\n- {module: a, image: \"${env:NOT_SET}/a\"}\n",
    );
    sandbox.ok(&["status", "--context", "dev"]);
    insta::assert_snapshot!(sandbox.show(&["status", "--context", "prod"]), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `contexts.prod.gateway_url` needs the environment variable `NOT_SET`, which is not set
     --> .asya/config.yaml:6:18
      |
    6 |     gateway_url: ${env:NOT_SET}
      |                  ^^^^^^^^^^^^^^

    error: `contexts.prod` cannot be evaluated
    "#);
    let project = open(&sandbox, "");
    let flow = "f".parse().unwrap();
    assert!(project.templates(&flow).unwrap_err().to_string().contains("`templates`"));
    assert!(project.build().is_err());
}

#[test]
fn generated_directories_in_dangerous_places() {
    insta::assert_snapshot!(complaint("compiler:\n  code: src\n  manifests: .asya/manifests/\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler.code` is the same directory for every flow
     --> .asya/config.yaml:2:9
      |
    2 |   code: src
      |         ^^^
      |
      = help: write `src/${arg:flow_name}`

    error: `compiler.manifests` is the same directory for every flow
     --> .asya/config.yaml:3:14
      |
    3 |   manifests: .asya/manifests/
      |              ^^^^^^^^^^^^^^^^
      |
      = help: write `.asya/manifests/${arg:flow_name}`

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("compiler:\n  code: out/${arg:flow_name}\n  manifests: out/${arg:flow_name}/manifests\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler.manifests` lies inside `compiler.code`
     --> .asya/config.yaml:2:9
      |
    2 |   code: out/${arg:flow_name}
      |         ^^^^^^^^^^^^^^^^^^^^
      |
      = note: generated directories are replaced as a whole, with everything in them
      = help: choose a directory inside the project that holds nothing else

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("compiler:\n  artifacts: compiled/${arg:flow_name}/code/artifacts\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler.artifacts` lies inside `compiler.code`
     --> .asya/config.yaml:2:14
      |
    2 |   artifacts: compiled/${arg:flow_name}/code/artifacts
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: generated directories are replaced as a whole, with everything in them
      = help: choose a directory inside the project that holds nothing else

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("compiler:\n  code: ../${arg:flow_name}\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler.code` leads out of the project
     --> .asya/config.yaml:2:9
      |
    2 |   code: ../${arg:flow_name}
      |         ^^^^^^^^^^^^^^^^^^^
      |
      = note: generated directories are replaced as a whole, with everything in them
      = help: choose a directory inside the project that holds nothing else

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("compiler:\n  templates: compiled/${arg:flow_name}/manifests/base/t\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler.templates` lies inside `compiler.manifests`
     --> .asya/config.yaml:2:14
      |
    2 |   templates: compiled/${arg:flow_name}/manifests/base/t
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: generated directories are replaced as a whole, with everything in them
      = help: choose a directory inside the project that holds nothing else

    error: the configuration cannot be used
    "#);
    insta::assert_snapshot!(complaint("compiler:\n  code: ../${arg:flow_name}/..\n"), @r#"
    exit: 3
    --- stdout
    --- stderr
    error: `compiler.code` is the same directory for every flow
     --> .asya/config.yaml:2:9
      |
    2 |   code: ../${arg:flow_name}/..
      |         ^^^^^^^^^^^^^^^^^^^^^^

    error: the configuration cannot be used
    "#);
}

#[test]
fn defaults_and_inheritance() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "templates: {max_replicas: 010, tag: 1.10, on: yes}\ncompiler:\n  code: ./gen/${arg:flow_name}\n  templates: ./shared\n  python_path: [./lib]\nbuild:\n- {module: a, image: a}\ncontexts:\n  dev: {namespace: outer, kubecontext: kind, gateway_url: 'http://x'}\n",
    );
    sandbox.write(
        "app/.asya/config.yaml",
        "templates: {max_replicas: 5, image: \"${env:REGISTRY}/x:${.tag}\", flow: \"f-${arg:flow_name}\", who: \"${arg:user,me}\"}\nbuild:\n- {module: b, image: b}\ncompiler:\n  python_path: [more]\ncontexts:\ndefault_context: dev\n",
    );
    sandbox.write("app/.asya/config.contexts.dev.yaml", "namespace: inner\nreadonly: true\n");
    sandbox.write("app/.asya/config.compiler.rules.yaml", "- {match: tools.remote, treat-as: actor}\n");
    sandbox.write("app/src/x.py", "");
    let project = open(&sandbox, "app/src");
    let (root, config) = (root(&sandbox), project.config());
    assert_eq!(project.root(), root.join("app"));
    assert_eq!(project.outermost(), root);
    assert_eq!(config.platform.generation, Generation::C2);
    assert_eq!(config.platform.transport, Transport::Sqs);
    assert_eq!(config.build.iter().map(|build| build.module.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(config.compiler.templates, root.join("shared"));
    assert_eq!(config.compiler.python_path, [root.join("lib"), root.join("app/more")]);
    let flow = "one".parse().unwrap();
    let templates: Vec<String> =
        project.templates(&flow).unwrap().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        templates,
        [
            "flow=f-one",
            "image=registry.example.com/x:1.10",
            "max_replicas=5",
            "on=yes",
            "router_image=python:3.13-slim",
            "tag=1.10",
            "who=me"
        ]
    );
    let context = project.context(None).unwrap().unwrap();
    assert_eq!(context.namespace.as_ref().unwrap().as_str(), "inner");
    assert_eq!(context.kubectl_context.as_deref(), Some("kind"));
    assert!(context.readonly);
    let paths = project.paths(&flow);
    // An inherited path with an interpolation belongs to the nearest project.
    assert_eq!(paths.code, root.join("app/gen/one"));
    assert_eq!(paths.base, root.join("app/compiled/one/manifests/base"));
    assert_eq!(paths.overlay(&context.name), root.join("app/compiled/one/manifests/overlays/dev"));
    assert_eq!(project.relative(&paths.code), Path::new("gen/one"));
    assert_eq!(project.origin("contexts.dev.namespace").as_deref(), Some(".asya/config.contexts.dev.yaml:1"));
    assert_eq!(project.origin("templates.max_replicas").as_deref(), Some(".asya/config.yaml:1"));
    assert_eq!(project.origin("compiler.artifacts").as_deref(), Some("built-in defaults:7"));
    assert_eq!(project.origin("contexts.dev.gateway_url"), Some(format!("{}/.asya/config.yaml:9", root.display())));
    assert_eq!(project.origin("nothing.here"), None);
}

#[test]
fn sections_win_over_the_root_file_whatever_their_name() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "compiler: {image_registry: root}\nplatform: {generation: B}\n");
    sandbox.write(".asya/config.compiler.yaml", "image_registry: section\n");
    sandbox.write(".asya/config.platform.yaml", "generation: C1\n");
    let project = open(&sandbox, "");
    assert_eq!(project.config().compiler.image_registry.as_deref(), Some("section"));
    assert_eq!(project.config().platform.generation, Generation::C1);
}

#[test]
fn keys_of_other_tools_are_none_of_our_business() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "docker: {compose_command: docker compose}\nregistry: [1]\nreadonly: maybe\ncompiler: {routers: x}\nbuild:\n- {module: a, image: b, command: c, path: d, context: e}\ncontexts: {dev: {tempo_url: 1, grafana_url: 2}}\n",
    );
    open(&sandbox, "");
}

#[test]
fn layers_end_at_the_git_root() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "compiler: [broken\n");
    sandbox.write("repo/.git", "gitdir: elsewhere\n");
    sandbox.write("repo/.asya/config.yaml", "");
    assert_eq!(open(&sandbox, "repo").layers().len(), 1);
}

/// What is said about a file in the place of `config.yaml`, made by `make`.
#[cfg(unix)]
fn complaint_about_file(make: impl FnOnce(&Sandbox, &Path)) -> String {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.project().join(".asya")).unwrap();
    make(&sandbox, &sandbox.project().join(".asya/config.yaml"));
    sandbox.show(&["status"])
}

#[cfg(unix)]
#[test]
fn files_that_are_no_configuration() {
    use std::os::unix::fs::symlink;
    let large = complaint_about_file(|_, path| {
        let file = std::fs::File::create(path).unwrap();
        file.set_len(50 << 20).unwrap();
    });
    insta::assert_snapshot!(large, @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` is too large for configuration
  because it has 52.4 MB, the most that is read is 1.0 MB
hint: is it another file by mistake? keep data out of `.asya/config*.yaml`
"#);
    insta::assert_snapshot!(complaint_about_file(|_, path| std::fs::create_dir(path).unwrap()), @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` cannot be read
  because it is a directory, not a file
"#);
    let pipe = complaint_about_file(|_, path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    });
    insta::assert_snapshot!(pipe, @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` cannot be read
  because it is a pipe or a device, not a file
"#);
    let out_of_the_tree = complaint_about_file(|sandbox, path| {
        std::fs::write(sandbox.root().join("elsewhere.yaml"), "templates: {a: 1}\n").unwrap();
        symlink(sandbox.root().join("elsewhere.yaml"), path).unwrap();
    });
    insta::assert_snapshot!(out_of_the_tree, @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` leads out of the project
  because it is a link to `[SANDBOX]/elsewhere.yaml`, which is not inside `[SANDBOX]/project`
hint: copy the file into the project instead
"#);
    let dangling = complaint_about_file(|_, path| symlink("nowhere", path).unwrap());
    insta::assert_snapshot!(dangling, @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` cannot be read
  because it is a link that leads nowhere: there is no such file or directory
"#);
    let circular = complaint_about_file(|_, path| symlink("config.yaml", path).unwrap());
    insta::assert_snapshot!(circular, @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` cannot be read
  because it is a link that leads nowhere: Too many levels of symbolic links
"#);
}

#[cfg(unix)]
#[test]
fn links_inside_the_project_are_followed_also_for_writing() {
    let sandbox = Sandbox::new();
    sandbox.write("settings/asya.yaml", "templates: {a: 1} # kept\n");
    std::fs::create_dir(sandbox.project().join(".asya")).unwrap();
    std::os::unix::fs::symlink("../settings/asya.yaml", sandbox.project().join(".asya/config.yaml")).unwrap();
    sandbox.ok(&["config", "set", "templates.a", "2"]);
    assert_eq!(sandbox.read("settings/asya.yaml"), "templates: {a: 2} # kept\n");
    assert!(sandbox.project().join(".asya/config.yaml").is_symlink());
}

/// A directory above that belongs to nobody we trust must not decide about images and clusters.
#[cfg(unix)]
#[test]
fn configuration_of_another_user_is_not_read() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "templates: {a: 1}\n");
    sandbox.write("work/mine.txt", "");
    let give = |path: &str| {
        let path = sandbox.project().join(path);
        std::process::Command::new("chown").arg("54321").arg(path).status().unwrap().success()
    };
    if !give(".asya/config.yaml") {
        eprintln!("SKIPPED: files cannot be given to another user here");
        return;
    }
    insta::assert_snapshot!(sandbox.show(&["-C", "work", "status"]), @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` belongs to another user
  because user 54321 owns it, who is neither you nor root nor the owner of the directory you are in
  because configuration names images, commands and clusters, so a stranger's is not read
hint: if you trust it, take it over with `chown`, or start in a directory of the same owner
"#);
    insta::assert_snapshot!(sandbox.show(&["-C", "work", "config", "set", "templates.a", "2"]), @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` belongs to another user
  because user 54321 owns it, who is neither you nor root nor the owner of the directory you are in
  because configuration names images, commands and clusters, so a stranger's is not read
hint: if you trust it, take it over with `chown`, or start in a directory of the same owner
"#);
    // Someone else's files in someone else's directory, gone into on purpose: a mounted volume.
    assert!(give(".asya") && give("work"));
    sandbox.ok(&["-C", "work", "status"]);
}

#[test]
fn keys_that_are_no_text() {
    insta::assert_snapshot!(complaint("templates:\n  1: x\n  true: y\n"), @r#"
exit: 0
--- stdout
no flows yet; make one with `asya compile FLOW -f FILE`
--- stderr
"#);
    insta::assert_snapshot!(complaint("? [a, b]\n: c\n"), @r#"
exit: 3
--- stdout
--- stderr
error: a key must be text
 --> .asya/config.yaml:1:3
  |
1 | ? [a, b]
  |   ^

error: the configuration cannot be used
"#);
    insta::assert_snapshot!(complaint("? {a: b}\n: c\n"), @r#"
exit: 3
--- stdout
--- stderr
error: a key must be text
 --> .asya/config.yaml:1:3
  |
1 | ? {a: b}
  |   ^

error: the configuration cannot be used
"#);
    insta::assert_snapshot!(complaint("templates:\n  null: y\n"), @r#"
exit: 3
--- stdout
--- stderr
error: a key must be text
 --> .asya/config.yaml:2:3
  |
2 |   null: y
  |   ^^^^

error: the configuration cannot be used
"#);
    insta::assert_snapshot!(complaint("templates:\n  !!binary a: y\n"), @r#"
exit: 3
--- stdout
--- stderr
error: invalid !!binary base64
 --> .asya/config.yaml:2:12
  |
2 |   !!binary a: y
  |            ^

error: the configuration cannot be used
"#);
    insta::assert_snapshot!(complaint("templates:\n  <<: {a: 1}\n"), @r#"
exit: 0
--- stdout
no flows yet; make one with `asya compile FLOW -f FILE`
--- stderr
"#);
}

#[test]
fn a_section_that_no_key_has() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.zone.yaml", "a: 1\n");
    sandbox.write(".asya/config.contexts.Dev.yaml", "namespace: a\n");
    sandbox.write(".asya/config.compiler.rules.yaml", "match: a\n");
    insta::assert_snapshot!(sandbox.show(&["status"]), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `zone`
 --> .asya/config.zone.yaml:1:1
  |
1 | a: 1
  | ^
  |
  = help: known keys: `templates`, `compiler`, `build`, `contexts`, `default_context` and `platform`

error: `compiler.rules` must be a list, not a mapping
 --> .asya/config.compiler.rules.yaml:1:1
  |
1 | match: a
  | ^

error: `Dev` is not a context name: only lower-case letters, digits and `-` are allowed, not `D`
 --> .asya/config.contexts.Dev.yaml:1:1
  |
1 | namespace: a
  | ^

error: the configuration cannot be used
"#);
}

#[test]
fn byte_order_marks_and_windows_line_ends() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "\u{feff}# mine\r\ntemplates:\r\n  a: 1 # why\r\n");
    assert_eq!(sandbox.ok(&["config", "get", "templates.a"]).stdout, "1\n");
    sandbox.ok(&["config", "set", "templates.a", "2"]);
    sandbox.ok(&["config", "set", "default_context", "local"]);
    assert_eq!(
        sandbox.read(".asya/config.yaml"),
        "\u{feff}# mine\r\ntemplates:\r\n  a: 2 # why\r\ndefault_context: local\r\n"
    );
}

#[test]
fn a_deep_tree() {
    let complaint = complaint(&format!("docker: {}1{}\n", "[".repeat(5000), "]".repeat(5000)));
    assert!(complaint.starts_with("exit: 3") && complaint.len() < 20_000, "{complaint:.300}");
}
