//! `asya config`: values, where they come from, and setting them.

use crate::sandbox::Sandbox;

/// Two layers, a section, interpolation, an environment variable.
fn layered() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "# outer\ntemplates: {tag: 1.10, image: \"${env:REGISTRY}/x:${.tag}\"}\ncontexts:\n  dev:\n    namespace: outer # why\n    readonly: true\n",
    );
    sandbox.write("app/.asya/config.yaml", "default_context: dev\n");
    sandbox.write("app/.asya/config.contexts.dev.yaml", "# mine\nnamespace: inner\n");
    sandbox.set("REGISTRY", "registry.example.com");
    sandbox
}

#[test]
fn every_value_with_its_origin() {
    let mut sandbox = layered();
    sandbox.set("ASYA_CONFIG__CONTEXTS__DEV__GATEWAY_NAMESPACE", "system");
    insta::assert_snapshot!(sandbox.show(&["-C", "app", "config", "list", "--show-origin"]), @r#"
exit: 0
--- stdout
KEY                             VALUE                                ORIGIN
templates.router_image          python:3.13-slim                     built-in default
templates.max_replicas          10                                   built-in default
templates.tag                   1.10                                 [SANDBOX]/project/.asya/config.yaml:2
templates.image                 registry.example.com/x:1.10          [SANDBOX]/project/.asya/config.yaml:2 with REGISTRY
compiler.code                   compiled/${arg:flow_name}/code       built-in default
compiler.artifacts              compiled/${arg:flow_name}/artifacts  built-in default
compiler.manifests              compiled/${arg:flow_name}/manifests  built-in default
compiler.templates              .asya/templates                      built-in default
platform.generation             C2                                   built-in default
platform.transport              sqs                                  built-in default
contexts.dev.namespace          inner                                .asya/config.contexts.dev.yaml:2
contexts.dev.readonly           true                                 [SANDBOX]/project/.asya/config.yaml:6
contexts.dev.gateway_namespace  system                               environment variable ASYA_CONFIG__CONTEXTS__DEV__GATEWAY_NAMESPACE
default_context                 dev                                  .asya/config.yaml:1
--- stderr
"#);
    insta::assert_snapshot!(sandbox.show(&["-C", "app", "config", "list", "contexts"]), @r#"
exit: 0
--- stdout
KEY                             VALUE
contexts.dev.namespace          inner
contexts.dev.readonly           true
contexts.dev.gateway_namespace  system
--- stderr
"#);
    insta::assert_snapshot!(sandbox.show(&["-C", "app", "config", "list", "templates", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "project": "[SANDBOX]/project/app",
  "layers": [
    "[SANDBOX]/project/.asya",
    "[SANDBOX]/project/app/.asya"
  ],
  "values": [
    {
      "key": "templates.router_image",
      "value": "python:3.13-slim",
      "origin": {
        "kind": "default"
      }
    },
    {
      "key": "templates.max_replicas",
      "value": 10,
      "origin": {
        "kind": "default"
      }
    },
    {
      "key": "templates.tag",
      "value": "1.10",
      "origin": {
        "kind": "file",
        "file": "[SANDBOX]/project/.asya/config.yaml",
        "line": 2
      }
    },
    {
      "key": "templates.image",
      "value": "registry.example.com/x:1.10",
      "written": "${env:REGISTRY}/x:${.tag}",
      "origin": {
        "kind": "file",
        "file": "[SANDBOX]/project/.asya/config.yaml",
        "line": 2
      },
      "variables": [
        "REGISTRY"
      ]
    }
  ]
}
--- stderr
"#);
}

#[test]
fn one_value() {
    let sandbox = layered();
    let get = |args: &[&str]| sandbox.show(&[&["-C", "app", "config", "get"], args].concat());
    insta::assert_snapshot!(get(&["templates.image"]), @r#"
exit: 0
--- stdout
registry.example.com/x:1.10
--- stderr
"#);
    insta::assert_snapshot!(get(&["templates.image", "--show-origin"]), @r#"
exit: 0
--- stdout
registry.example.com/x:1.10	[SANDBOX]/project/.asya/config.yaml:2 with REGISTRY
--- stderr
"#);
    insta::assert_snapshot!(get(&["contexts"]), @r#"
exit: 0
--- stdout
dev:
  namespace: inner
  readonly: true
--- stderr
"#);
    insta::assert_snapshot!(get(&["contexts.dev.readonly", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "key": "contexts.dev.readonly",
  "value": true,
  "values": [
    {
      "key": "contexts.dev.readonly",
      "value": true,
      "origin": {
        "kind": "file",
        "file": "[SANDBOX]/project/.asya/config.yaml",
        "line": 6
      }
    }
  ]
}
--- stderr
"#);
    insta::assert_snapshot!(get(&["compiler.code", "--arg", "flow_name=text-flow"]), @r#"
exit: 0
--- stdout
compiled/text-flow/code
--- stderr
"#);
}

#[test]
fn keys_that_are_not_set_and_keys_that_are_none() {
    let sandbox = layered();
    let get = |key: &str| sandbox.show(&["-C", "app", "config", "get", key]);
    insta::assert_snapshot!(get("compiler.image_registry"), @r#"
exit: 1
--- stdout
--- stderr
error: `compiler.image_registry` is not set
hint: set it with `asya config set compiler.image_registry VALUE`
"#);
    insta::assert_snapshot!(get("contexts.devv.namespace"), @r#"
exit: 1
--- stdout
--- stderr
error: `contexts.devv.namespace` is not set
hint: did you mean `contexts.dev.namespace`?
hint: set it with `asya config set contexts.devv.namespace VALUE`
"#);
    insta::assert_snapshot!(get("contexts.dev.namespce"), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `contexts.dev.namespce`
 --> command line:1:14
  |
1 | contexts.dev.namespce
  |              ^^^^^^^^
  |
  = help: did you mean `namespace`?

error: `contexts.dev.namespce` is not a key of the configuration
"#);
    insta::assert_snapshot!(get("contexts..dev"), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value 'contexts..dev' for '<KEY>': `contexts..dev` has a part that is no key

For more information, try '--help'.
"#);
    insta::assert_snapshot!(sandbox.show(&["config", "list", "compilr"]), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `compilr`
 --> command line:1:1
  |
1 | compilr
  | ^^^^^^^
  |
  = help: did you mean `compiler`?

error: `compilr` is not a key of the configuration
"#);
}

#[test]
fn secrets_are_not_shown() {
    let mut sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "templates:\n  header: Bearer ${env:API_TOKEN}\n  password: hunter2\n  sort_key: name\n",
    );
    sandbox.set("API_TOKEN", "s3cr3t");
    sandbox.set("ASYA_CONFIG__TEMPLATES__API_KEY", "k3y");
    for args in [
        &["config", "list", "--show-origin"][..],
        &["config", "list", "-o", "json"],
        &["config", "get", "templates"],
        &["config", "get", "templates.header", "-o", "json"],
        &["config", "get", "templates.password"],
    ] {
        let shown = sandbox.show(args);
        for secret in ["s3cr3t", "hunter2", "k3y\n", "k3y\""] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    insta::assert_snapshot!(sandbox.show(&["config", "list", "templates"]), @r#"
exit: 0
--- stdout
KEY                     VALUE
templates.router_image  python:3.13-slim
templates.max_replicas  10
templates.header        ***
templates.password      ***
templates.sort_key      name
templates.api_key       ***
--- stderr
"#);
    insta::assert_snapshot!(sandbox.show(&["config", "get", "templates.header"]), @r#"
exit: 3
--- stdout
--- stderr
error: `templates.header` is not shown
  because its name, or that of a variable or a key in it, says that it is a secret
hint: it is written in .asya/config.yaml:2
"#);
}

#[test]
fn a_value_that_needs_a_variable_that_is_not_set() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "templates:\n  image: ${env:NOT_SET}/x\n  who: ${arg:user}\n");
    insta::assert_snapshot!(sandbox.show(&["config", "list", "templates", "--show-origin"]), @r#"
exit: 0
--- stdout
KEY                     VALUE                                   ORIGIN
templates.router_image  python:3.13-slim                        built-in default
templates.max_replicas  10                                      built-in default
templates.image         ${env:NOT_SET}/x (cannot be evaluated)  .asya/config.yaml:2 with NOT_SET
templates.who           ${arg:user} (cannot be evaluated)       .asya/config.yaml:3
--- stderr
"#);
    insta::assert_snapshot!(sandbox.show(&["config", "get", "templates.image"]), @r#"
exit: 3
--- stdout
--- stderr
error: `templates.image` needs the environment variable `NOT_SET`, which is not set
 --> .asya/config.yaml:2:10
  |
2 |   image: ${env:NOT_SET}/x
  |          ^^^^^^^^^^^^^^^^

error: `templates.image` cannot be evaluated
"#);
    assert_eq!(sandbox.ok(&["config", "get", "templates.who", "--arg", "user=me"]).stdout, "me\n");
}

#[test]
fn a_value_goes_where_it_belongs() {
    let sandbox = layered();
    let outer = sandbox.read(".asya/config.yaml");
    let set = |key: &str, value: &str| sandbox.show(&["-C", "app", "config", "set", key, value]);
    // The section of the nearest layer has it.
    insta::assert_snapshot!(set("contexts.dev.namespace", "other"), @r#"
exit: 0
--- stdout
contexts.dev.namespace is other now; it was inner (.asya/config.contexts.dev.yaml:2)
--- stderr
  changed   .asya/config.contexts.dev.yaml
"#);
    // It belongs into the section.
    insta::assert_snapshot!(set("contexts.dev.gateway_url", "https://gw.example.com"), @r#"
exit: 0
--- stdout
contexts.dev.gateway_url is https://gw.example.com now
--- stderr
  changed   .asya/config.contexts.dev.yaml
"#);
    // Only the outer layer has it, which is not this project's.
    insta::assert_snapshot!(set("contexts.dev.readonly", "false"), @r#"
exit: 0
--- stdout
contexts.dev.readonly is false now; it was true ([SANDBOX]/project/.asya/config.yaml:6)
--- stderr
  changed   .asya/config.contexts.dev.yaml
"#);
    // Nobody has it.
    insta::assert_snapshot!(set("contexts.prod.namespace", "live"), @r#"
exit: 0
--- stdout
contexts.prod.namespace is live now
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(set("contexts.prod.namespace", "live"), @r#"
exit: 0
--- stdout
contexts.prod.namespace is live already
--- stderr
  unchanged .asya/config.yaml
"#);
    assert_eq!(sandbox.read(".asya/config.yaml"), outer);
    insta::assert_snapshot!(sandbox.read("app/.asya/config.contexts.dev.yaml"), @r#"
# mine
namespace: other
gateway_url: https://gw.example.com
readonly: false
"#);
    insta::assert_snapshot!(sandbox.read("app/.asya/config.yaml"), @r#"
default_context: dev
contexts:
  prod:
    namespace: live
"#);
    // An outer project is changed from there.
    sandbox.ok(&["config", "set", "contexts.dev.namespace", "far"]);
    assert_eq!(sandbox.read(".asya/config.yaml"), outer.replace("namespace: outer # why", "namespace: far # why"));
}

#[test]
fn comments_and_everything_else_stay() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["init"]);
    let before = sandbox.read(".asya/config.yaml");
    for (key, value) in [
        ("contexts.dev.namespace", "actors"),
        ("contexts.dev.kubectl_context", "kind-dev"),
        ("default_context", "dev"),
        ("templates.tag", "1.10"),
        ("platform.transport", "rabbitmq"),
    ] {
        sandbox.ok(&["config", "set", key, value]);
    }
    let after = sandbox.read(".asya/config.yaml");
    for line in before.lines().filter(|line| !line.contains("transport: sqs")) {
        assert!(after.lines().any(|known| known == line), "{line}");
    }
    let added: Vec<&str> = after.lines().filter(|line| !before.lines().any(|known| known == *line)).collect();
    insta::assert_snapshot!(added.join("\n"), @r#"
  tag: 1.10
  transport: rabbitmq # message queue: sqs, rabbitmq or pubsub
  dev:
    namespace: actors
    kubectl_context: kind-dev
default_context: dev
"#);
    // Once more: nothing to do.
    sandbox.ok(&["config", "set", "templates.tag", "1.10"]);
    assert_eq!(sandbox.read(".asya/config.yaml"), after);
}

#[test]
fn a_project_without_a_configuration_file_gets_one() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/flows/.keep", "");
    insta::assert_snapshot!(sandbox.show(&["config", "set", "contexts.dev.namespace", "actors", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "key": "contexts.dev.namespace",
  "value": "actors",
  "previous": null,
  "file": ".asya/config.yaml",
  "change": "created"
}
--- stderr
"#);
    assert_eq!(sandbox.read(".asya/config.yaml"), "contexts:\n  dev:\n    namespace: actors\n");
    sandbox.write(".asya/config.yaml", "# nothing yet");
    sandbox.ok(&["config", "set", "default_context", "local"]);
    assert_eq!(sandbox.read(".asya/config.yaml"), "# nothing yet\ndefault_context: local\n");
}

/// Whatever is typed comes back as it was typed, from a file that is still right.
#[test]
fn any_text_survives() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "templates:\n  last: 1 # stays\n");
    let mut refused = Vec::new();
    for (at, value) in [
        "plain",
        "with space",
        "a: b",
        "# no comment",
        "yes",
        "true",
        "null",
        "~",
        "1.10",
        "010",
        "1e3",
        "0x1F",
        "-x",
        "- x",
        "[a, b]",
        "{a: 1}",
        "'",
        "\"",
        "it's",
        "a\"b",
        "a\nb",
        "\t",
        " padded ",
        "*star",
        "&and",
        "!bang",
        "|",
        ">",
        "%",
        "@",
        "`",
        "ä€😀",
        "\\n",
        "2024-01-01",
        "https://x:8080/?a=b#c",
        "",
        "=",
        "a,b",
        "]",
        "- ",
        ":",
        "a:",
    ]
    .iter()
    .enumerate()
    {
        let key = format!("templates.k{at}");
        let outcome = sandbox.run(&["config", "set", &key, value]);
        if outcome.code != 0 {
            // Refused in words is fine, damaged is not.
            assert!(outcome.stderr.contains("cannot be edited safely"), "{value:?}: {}", outcome.show());
            refused.push(*value);
            continue;
        }
        assert_eq!(sandbox.ok(&["config", "get", &key]).stdout, format!("{value}\n"), "{value:?}");
        assert!(sandbox.read(".asya/config.yaml").contains("last: 1 # stays\n"), "{value:?}");
    }
    insta::assert_snapshot!(format!("{refused:?}"), @r#"[]"#);
}

#[test]
fn what_cannot_be_set() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "contexts:\n  dev: {namespace: a}\nbuild:\n- {module: a, image: b}\ntemplates: &t {a: 1}\ndocker: *t\n",
    );
    let before = sandbox.tree();
    let set = |key: &str, value: &str| {
        let shown = sandbox.show(&["config", "set", key, value]);
        assert_eq!(sandbox.tree(), before, "{shown}");
        shown
    };
    insta::assert_snapshot!(set("contexts.dev.namespce", "x"), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `contexts.dev.namespce`
 --> command line:1:14
  |
1 | contexts.dev.namespce=x
  |              ^^^^^^^^
  |
  = help: did you mean `namespace`?

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("contexts.dev.readonly", "maybe"), @r#"
exit: 3
--- stdout
--- stderr
error: `contexts.dev.readonly` must be true or false, not text
 --> command line:1:23
  |
1 | contexts.dev.readonly=maybe
  |                       ^^^^^
  |
  = help: write `true` or `false`

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("contexts.Dev.namespace", "x"), @r#"
exit: 3
--- stdout
--- stderr
error: `Dev` is not a context name: only lower-case letters, digits and `-` are allowed, not `D`
 --> command line:1:10
  |
1 | contexts.Dev.namespace=x
  |          ^^^

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("contexts.local.namespace", "x"), @r#"
exit: 3
--- stdout
--- stderr
error: the context `local` is built in and means this machine; it cannot be configured
 --> command line:1:10
  |
1 | contexts.local.namespace=x
  |          ^^^^^
  |
  = help: give this context another name

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("contexts.dev.namespace", "My_Space"), @r#"
exit: 3
--- stdout
--- stderr
error: `contexts.dev.namespace`: `My_Space` is not a namespace: only lower-case letters, digits and `-` are allowed, not `M`
 --> command line:1:24
  |
1 | contexts.dev.namespace=My_Space
  |                        ^^^^^^^^

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("contexts.dev", "x"), @r#"
exit: 3
--- stdout
--- stderr
error: `contexts.dev` must be a mapping, not text
 --> command line:1:14
  |
1 | contexts.dev=x
  |              ^
  |
  = help: set the keys in it one by one, or write a mapping: '{KEY: VALUE}'

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("compiler.python_path", "lib"), @r#"
exit: 3
--- stdout
--- stderr
error: `compiler.python_path` must be a list, not text
 --> command line:1:22
  |
1 | compiler.python_path=lib
  |                      ^^^
  |
  = help: add an item with `asya config set --add compiler.python_path VALUE`, or write a list: '[A, B]'

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("compiler.code", "gen"), @r#"
exit: 3
--- stdout
--- stderr
error: `compiler.code` is the same directory for every flow
 --> command line:1:15
  |
1 | compiler.code=gen
  |               ^^^
  |
  = help: write `gen/${arg:flow_name}`

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("templates.x", "${templates.x}"), @r#"
exit: 3
--- stdout
--- stderr
error: these keys refer to each other in a circle: templates.x → templates.x
 --> command line:1:13
  |
1 | templates.x=${templates.x}
  |             ^^^^^^^^^^^^^^

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("default_context", "prod"), @r#"
exit: 3
--- stdout
--- stderr
error: `default_context` names `prod`, which is not among `contexts`
 --> command line:1:17
  |
1 | default_context=prod
  |                 ^^^^
  |
  = help: contexts: `dev` and `local`

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("templates.a", "2"), @r#"
exit: 3
--- stdout
--- stderr
error: `.asya/config.yaml` is written in a way that cannot be edited safely
hint: by hand: set `templates.a: 2`
"#);
    insta::assert_snapshot!(set("templates.a.b", "2"), @r#"
exit: 3
--- stdout
--- stderr
error: `templates.a` must be text or a number, not a mapping
 --> command line:1:13
  |
1 | templates.a.b=2
  |             ^

error: the value cannot be set
"#);
}

/// A project whose lists come from two layers and two files of the nearer one.
fn with_lists() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "build:\n- {module: far, image: far}\ncompiler: {python_path: [./far]}\n");
    sandbox.write(
        "app/.asya/config.yaml",
        "# mine\nbuild:\n# text first\n- module: text # why\n  image: text\n- module: web\n  image: web\n# last\n",
    );
    sandbox.write("app/.asya/config.compiler.rules.yaml", "# none yet\n");
    sandbox
}

#[test]
fn items_of_lists_are_set_added_and_taken_out() {
    let sandbox = with_lists();
    let config = |args: &[&str]| sandbox.show(&[&["-C", "app", "config"], args].concat());
    insta::assert_snapshot!(config(&["set", "build.2.image", "web:2"]), @r#"
exit: 0
--- stdout
build.2.image is web:2 now; it was web (.asya/config.yaml:7)
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&["set", "build.1.command", "make text"]), @r#"
exit: 0
--- stdout
build.1.command is make text now
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&["set", "--add", "build", "{module: late, image: 'late:1.10'}"]), @r#"
exit: 0
--- stdout
build.3 is {"module":"late","image":"late:1.10"} now
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&["set", "--add", "compiler.python_path", "./lib"]), @r#"
exit: 0
--- stdout
compiler.python_path.1 is [SANDBOX]/project/app/lib now
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&["set", "compiler.python_path", "[./src, ./lib]"]), @r#"
exit: 0
--- stdout
compiler.python_path is ["[SANDBOX]/project/far","[SANDBOX]/project/app/src","[SANDBOX]/project/app/lib"] now; it was ["[SANDBOX]/project/far","[SANDBOX]/project/app/lib"] (.asya/config.yaml:14)
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&["set", "--add", "compiler.rules", "{match: tenacity.retry, treat-as: inline}"]), @r#"
exit: 0
--- stdout
compiler.rules.0 is {"match":"tenacity.retry","treat-as":"inline"} now
--- stderr
  changed   .asya/config.compiler.rules.yaml
"#);
    insta::assert_snapshot!(config(&["unset", "build.1"]), @r#"
exit: 0
--- stdout
build.1 is taken out of its list; it was {"module":"text","image":"text","command":"make text"} (.asya/config.yaml:4)
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&["unset", "build.2", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "key": "build.2",
  "previous": {
    "value": "{\"module\":\"late\",\"image\":\"late:1.10\"}",
    "origin": ".asya/config.yaml:6"
  },
  "value": null,
  "origin": null,
  "files": [
    ".asya/config.yaml"
  ]
}
--- stderr
"#);
    insta::assert_snapshot!(sandbox.read("app/.asya/config.yaml"), @r#"
# mine
build:
# text first
- module: web
  image: web:2
# last
compiler:
  python_path:
    - ./src
    - ./lib
"#);
    insta::assert_snapshot!(sandbox.read("app/.asya/config.compiler.rules.yaml"), @r#"
# none yet
- match: tenacity.retry
  treat-as: inline
"#);
    insta::assert_snapshot!(config(&["list", "--show-origin", "build"]), @r#"
exit: 0
--- stdout
KEY             VALUE  ORIGIN
build.0.module  far    [SANDBOX]/project/.asya/config.yaml:2
build.0.image   far    [SANDBOX]/project/.asya/config.yaml:2
build.1.module  web    .asya/config.yaml:4
build.1.image   web:2  .asya/config.yaml:5
--- stderr
"#);
    insta::assert_snapshot!(config(&["get", "--show-origin", "compiler.python_path.2"]), @r#"
exit: 0
--- stdout
[SANDBOX]/project/app/lib	.asya/config.yaml:10
--- stderr
"#);
}

#[test]
fn items_of_lists_that_cannot_be_changed() {
    let sandbox = with_lists();
    let before = sandbox.tree();
    let config = |args: &[&str]| {
        let shown = sandbox.show(&[&["-C", "app", "config"], args].concat());
        assert_eq!(sandbox.tree(), before, "{shown}");
        shown
    };
    insta::assert_snapshot!(config(&["set", "build.0.image", "x"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build.0.image` cannot be changed
  because it stands in [SANDBOX]/project/.asya/config.yaml:2, which belongs to an outer project
hint: change it there: `asya -C [SANDBOX]/project config …`
"#);
    insta::assert_snapshot!(config(&["unset", "build.0"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build.0` cannot be changed
  because it stands in [SANDBOX]/project/.asya/config.yaml:2, which belongs to an outer project
hint: change it there: `asya -C [SANDBOX]/project config …`
"#);
    insta::assert_snapshot!(config(&["set", "build.3.image", "x"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build.3.image` cannot be set
  because the list has 3 items, counted from 0
hint: see them with `asya config list`, or add one with --add
"#);
    insta::assert_snapshot!(config(&["unset", "build.last"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build.last` cannot be changed
  because `build` is a list of 3 items, counted from 0
hint: see them with `asya config list build`, add one with `asya config set --add build VALUE`
"#);
    insta::assert_snapshot!(config(&["set", "build.1.imag", "x"]), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `build.1.imag`
 --> command line:1:9
  |
1 | build.1.imag=x
  |         ^^^^
  |
  = help: did you mean `image`?

error: the value cannot be set
"#);
    insta::assert_snapshot!(config(&["unset", "build.1.image"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build.1` has no `image`
 --> .asya/config.yaml:4:3
  |
4 | - module: text # why
  |   ^^^^^^

error: the configuration would not be right with this change; nothing was written
"#);
    insta::assert_snapshot!(config(&["unset", "build.1.command"]), @r#"
exit: 1
--- stdout
--- stderr
error: `build.1.command` is not set
"#);
    insta::assert_snapshot!(config(&["set", "--add", "build", "x"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build.3` must be a mapping, not text
 --> command line:1:7
  |
1 | build=x
  |       ^
  |
  = help: set the keys in it one by one, or write a mapping: '{KEY: VALUE}'

error: the value cannot be set
"#);
    insta::assert_snapshot!(config(&["set", "--add", "build", "{module: web, image: other}"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build.3` names the module `web` a second time, with another image
 --> .asya/config.yaml:8:3
  |
6 | - module: web
  |   ------ here it is `web`
7 |   image: web
8 | - module: web
  |   ^^^^^^
  |
  = help: keep one of the two, or name a module inside it: the longest name wins

error: the configuration would not be right with this change; nothing was written
"#);
    insta::assert_snapshot!(config(&["set", "--add", "platform.transport", "sqs"]), @r#"
exit: 3
--- stdout
--- stderr
error: `platform.transport` must be text, not a list
 --> command line:1:20
  |
1 | platform.transport=sqs
  |                    ^^^
  |
  = help: it is no list, so leave --add out

error: the value cannot be set
"#);
    insta::assert_snapshot!(config(&["set", "--add", "build", "{module:web}"]), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `build.3.module:web`
 --> command line:1:7
  |
1 | build={module:web}
  |       ^^^^^^^^^^^^
  |
  = help: did you mean `module`?

error: the value cannot be set
"#);
    insta::assert_snapshot!(config(&["set", "build", "[web"]), @r#"
exit: 3
--- stdout
--- stderr
error: `build` must be a list, not text
 --> command line:1:7
  |
1 | build=[web
  |       ^^^^
  |
  = help: it is not YAML: '[A, B]' is a list and '{KEY: VALUE}' a mapping, with a space behind the colon

error: the value cannot be set
"#);
}

#[test]
fn a_value_is_taken_out_of_the_nearest_project() {
    let sandbox = layered();
    let outer = sandbox.read(".asya/config.yaml");
    let unset = |args: &[&str]| sandbox.show(&[&["-C", "app", "config", "unset"], args].concat());
    // The outer one counts again.
    insta::assert_snapshot!(unset(&["contexts.dev.namespace"]), @r#"
exit: 0
--- stdout
contexts.dev.namespace is outer ([SANDBOX]/project/.asya/config.yaml:5) now; it was inner (.asya/config.contexts.dev.yaml:2)
--- stderr
  changed   .asya/config.contexts.dev.yaml
"#);
    insta::assert_snapshot!(unset(&["contexts.dev.namespace"]), @r#"
exit: 1
--- stdout
--- stderr
error: `contexts.dev.namespace` is not set in this project
  because it comes from [SANDBOX]/project/.asya/config.yaml:5
hint: asya -C [SANDBOX]/project config unset contexts.dev.namespace
hint: or give it another value here: `asya config set contexts.dev.namespace VALUE`
"#);
    insta::assert_snapshot!(unset(&["templates.max_replicas"]), @r#"
exit: 1
--- stdout
--- stderr
error: `templates.max_replicas` is not set in this project
  because its value is the built-in default
hint: give it another one with `asya config set templates.max_replicas VALUE`
"#);
    insta::assert_snapshot!(unset(&["platform"]), @r#"
exit: 1
--- stdout
--- stderr
error: `platform` is not set in this project
  because its value is the built-in default
"#);
    insta::assert_snapshot!(unset(&["contexts.dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: `contexts.dev` cannot be unset
  because it has a file of its own, .asya/config.contexts.dev.yaml
hint: rm .asya/config.contexts.dev.yaml
"#);
    insta::assert_snapshot!(unset(&["contexts.dev.gateway"]), @r#"
exit: 1
--- stdout
--- stderr
error: `contexts.dev.gateway` is not set
"#);
    insta::assert_snapshot!(unset(&["default_contxt"]), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `default_contxt`
 --> command line:1:1
  |
1 | default_contxt
  | ^^^^^^^^^^^^^^
  |
  = help: did you mean `default_context`?

error: `default_contxt` is not a key of the configuration
"#);
    insta::assert_snapshot!(unset(&["default_context"]), @r#"
exit: 0
--- stdout
default_context is not set any more; it was dev (.asya/config.yaml:1)
--- stderr
  changed   .asya/config.yaml
"#);
    assert_eq!(sandbox.read(".asya/config.yaml"), outer);
    assert_eq!(sandbox.read("app/.asya/config.yaml"), "{}\n");
    assert_eq!(sandbox.read("app/.asya/config.contexts.dev.yaml"), "# mine\n{}\n");
    insta::assert_snapshot!(sandbox.show(&["-C", "app", "config", "list", "--show-origin", "contexts"]), @r#"
exit: 0
--- stdout
KEY                     VALUE  ORIGIN
contexts.dev.namespace  outer  [SANDBOX]/project/.asya/config.yaml:5
contexts.dev.readonly   true   [SANDBOX]/project/.asya/config.yaml:6
--- stderr
"#);
}

#[test]
fn what_is_set_twice_in_one_project_is_taken_out_twice() {
    let mut sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts:\n  dev:\n    namespace: a # first\n  # next\n  prod: {}\n");
    sandbox.write(".asya/config.contexts.yaml", "dev:\n  namespace: b\n  readonly: true\n");
    sandbox.set("ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE", "c");
    insta::assert_snapshot!(sandbox.show(&["config", "unset", "contexts.dev.namespace", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "key": "contexts.dev.namespace",
  "previous": {
    "value": "b",
    "origin": ".asya/config.contexts.yaml:2"
  },
  "value": null,
  "origin": null,
  "files": [
    ".asya/config.yaml",
    ".asya/config.contexts.yaml"
  ]
}
--- stderr
warning: `ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE` is set and wins over the file, so `contexts.dev.namespace` stays as it is here
  hint: unset ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE
"#);
    insta::assert_snapshot!(sandbox.show(&["config", "unset", "contexts.dev.namespace"]), @r#"
exit: 1
--- stdout
--- stderr
error: `contexts.dev.namespace` is not set in this project
  because it comes from the environment variable `ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE`
hint: unset ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE
"#);
    insta::assert_snapshot!(sandbox.read(".asya/config.yaml"), @r#"
contexts:
  dev: {}
  # next
  prod: {}
"#);
    insta::assert_snapshot!(sandbox.read(".asya/config.contexts.yaml"), @r#"
dev:
  readonly: true
"#);
}

#[test]
fn a_mistake_is_put_right_by_taking_it_out() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts:\n  dev:\n    namespce: a\n    namespace: b # keep\n");
    insta::assert_snapshot!(sandbox.show(&["config", "unset", "contexts.dev.namespce"]), @r#"
exit: 0
--- stdout
contexts.dev.namespce is not set any more; it was a (.asya/config.yaml:3)
--- stderr
  changed   .asya/config.yaml
"#);
    assert_eq!(sandbox.read(".asya/config.yaml"), "contexts:\n  dev:\n    namespace: b # keep\n");
    sandbox.write(".asya/config.yaml", "contexts:\n  dev: {}\n  prod: {}\ndefault_context: dev\n");
    // What refers to it would be wrong without it.
    insta::assert_snapshot!(sandbox.show(&["config", "unset", "contexts.dev"]), @r#"
exit: 3
--- stdout
--- stderr
error: `default_context` names `dev`, which is not among `contexts`
 --> .asya/config.yaml:3:18
  |
3 | default_context: dev
  |                  ^^^
  |
  = help: contexts: `prod` and `local`

error: the configuration would not be right with this change; nothing was written
"#);
}

#[test]
fn fields_of_the_context_need_no_path() {
    let mut sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts:\n  dev: {namespace: a}\n  prod: {namespace: b}\n");
    let config = |sandbox: &Sandbox, args: &[&str]| sandbox.show(&[&["config"], args].concat());
    insta::assert_snapshot!(config(&sandbox, &["get", "namespace", "--context", "prod"]), @r#"
exit: 0
--- stdout
b
--- stderr
"#);
    insta::assert_snapshot!(config(&sandbox, &["set", "namespace", "c", "--context", "prod"]), @r#"
exit: 0
--- stdout
contexts.prod.namespace is c now; it was b (.asya/config.yaml:3)
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&sandbox, &["set", "--context", "new", "readonly", "true"]), @r#"
exit: 0
--- stdout
contexts.new.readonly is true now
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&sandbox, &["unset", "--context", "prod", "namespace"]), @r#"
exit: 0
--- stdout
contexts.prod.namespace is not set any more; it was c (.asya/config.yaml:3)
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&sandbox, &["set", "--context", "prod", "namespce", "d"]), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `contexts.prod.namespce`
 --> command line:1:15
  |
1 | contexts.prod.namespce=d
  |               ^^^^^^^^
  |
  = help: did you mean `namespace`?

error: the value cannot be set
"#);
    // A whole key stays one.
    sandbox.set("ASYA_CONTEXT", "dev");
    insta::assert_snapshot!(config(&sandbox, &["set", "contexts.prod.namespace", "e"]), @r#"
exit: 0
--- stdout
contexts.prod.namespace is e now
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(config(&sandbox, &["unset", "namespace"]), @r#"
exit: 0
--- stdout
contexts.dev.namespace is not set any more; it was a (.asya/config.yaml:2)
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(sandbox.read(".asya/config.yaml"), @r#"
contexts:
  dev: {}
  prod: {namespace: e}
  new:
    readonly: true
"#);
}

/// A secret is shown nowhere: not under its own key, not under one that refers to it, over however
/// many steps or as part of a mapping, and not by who changes it.
#[test]
fn secrets_are_not_shown_wherever_they_arrive() {
    let mut sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "templates:\n  password: hunter2\n  header: Basic ${templates.password}\n  copy: ${.header}\n  plain: x\n  fine: ${.plain}\n  token: ${env:TOKEN}${arg:x,fallback}\n  api_key: ${env:TOKEN}\ndocker:\n  credentials: {user: me, pass: open sesame}\n  all: ${docker.credentials}\ncontexts:\n  token-service: {namespace: tokens}\n  dev: {gateway_url: 'https://${templates.password}@x'}\n",
    );
    sandbox.set("TOKEN", "s3cr3t");
    let secrets = ["hunter2", "open sesame", "s3cr3t", "fallback"];
    for args in [
        &["list"][..],
        &["list", "--show-origin"],
        &["list", "-o", "json"],
        &["get", "templates"],
        &["get", "templates", "-o", "json"],
        &["get", "templates.header"],
        &["get", "templates.copy", "-o", "json"],
        &["get", "docker.all"],
        &["get", "docker.all", "-o", "json"],
        &["get", "docker", "--show-origin"],
        &["get", "contexts.dev.gateway_url", "--show-origin"],
        &["set", "templates.password", "hunter22"],
        &["set", "templates.passwords", "hunter2"],
        &["set", "docker.credentials.pass", "hunter2", "-o", "json"],
        &["set", "contexts.dev.token", "hunter2"],
        &["unset", "docker.credentials"],
        &["unset", "templates.password", "-o", "json"],
    ] {
        let shown = sandbox.show(&[&["config"], args].concat());
        assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{args:?}: {shown}");
    }
    insta::assert_snapshot!(sandbox.show(&["config", "list"]), @r#"
exit: 0
--- stdout
KEY                               VALUE
templates.router_image            python:3.13-slim
templates.max_replicas            10
templates.password                ***
templates.header                  ***
templates.copy                    ***
templates.plain                   x
templates.fine                    x
templates.token                   ***
templates.api_key                 ***
templates.passwords               ***
compiler.code                     compiled/${arg:flow_name}/code
compiler.artifacts                compiled/${arg:flow_name}/artifacts
compiler.manifests                compiled/${arg:flow_name}/manifests
compiler.templates                .asya/templates
platform.generation               C2
platform.transport                sqs
docker.all                        ${docker.credentials} (cannot be evaluated)
contexts.token-service.namespace  tokens
contexts.dev.gateway_url          ***
--- stderr
"#);
    insta::assert_snapshot!(sandbox.show(&["config", "get", "templates.copy"]), @r#"
exit: 3
--- stdout
--- stderr
error: `templates.copy` is not shown
  because its name, or that of a variable or a key in it, says that it is a secret
hint: it is written in .asya/config.yaml:4
"#);
    insta::assert_snapshot!(sandbox.show(&["config", "set", "templates.secret", "hunter3"]), @r#"
exit: 0
--- stdout
templates.secret is *** now
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(sandbox.show(&["config", "unset", "templates.secret"]), @r#"
exit: 0
--- stdout
templates.secret is not set any more; it was *** (.asya/config.yaml:10)
--- stderr
  changed   .asya/config.yaml
"#);
}

#[test]
fn a_wrong_configuration_is_not_touched_but_can_be_put_right() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "default_context: gone # soon\ncontexts:\n  dev: {}\n");
    insta::assert_snapshot!(sandbox.show(&["config", "set", "templates.x", "1"]), @r#"
exit: 3
--- stdout
--- stderr
error: `default_context` names `gone`, which is not among `contexts`
 --> .asya/config.yaml:1:18
  |
1 | default_context: gone # soon
  |                  ^^^^
  |
  = help: contexts: `dev` and `local`

error: the configuration cannot be used
"#);
    sandbox.ok(&["config", "set", "default_context", "dev"]);
    assert_eq!(sandbox.read(".asya/config.yaml"), "default_context: dev # soon\ncontexts:\n  dev: {}\n");
}

#[test]
fn variables_set_keys() {
    let mut sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts:\n  my-dev: {}\ntemplates: {Image: a}\n");
    for (name, value) in [
        ("CONTEXTS__MY_DEV__READONLY", "true"),
        ("CONTEXTS__OTHER_ONE__NAMESPACE", "n"),
        ("TEMPLATES__IMAGE", "b"),
        ("TEMPLATES__NEW_ONE", "1.10"),
        ("PLATFORM__TRANSPORT", "pubsub"),
        ("COMPILER__JOIN__STATE_PROXY__IMAGE", "img"),
        ("COMPILER__JOIN__STATE_PROXY__ENV__STATE_BUCKET", "bucket"),
        ("DEFAULT_CONTEXT", "my-dev"),
        // An empty one says nothing.
        ("COMPILER__CODE", ""),
    ] {
        sandbox.set(&format!("ASYA_CONFIG__{name}"), value);
    }
    // The platform's own variables of nearly the same name are not ours.
    sandbox.set("ASYA_CONFIG_PATH", "/etc/asya");
    insta::assert_snapshot!(sandbox.show(&["config", "list", "--show-origin"]), @r#"
exit: 0
--- stdout
KEY                                         VALUE                                ORIGIN
templates.router_image                      python:3.13-slim                     built-in default
templates.max_replicas                      10                                   built-in default
templates.Image                             b                                    environment variable ASYA_CONFIG__TEMPLATES__IMAGE
templates.new_one                           1.10                                 environment variable ASYA_CONFIG__TEMPLATES__NEW_ONE
compiler.code                               compiled/${arg:flow_name}/code       built-in default
compiler.artifacts                          compiled/${arg:flow_name}/artifacts  built-in default
compiler.manifests                          compiled/${arg:flow_name}/manifests  built-in default
compiler.templates                          .asya/templates                      built-in default
compiler.join.state_proxy.env.STATE_BUCKET  bucket                               environment variable ASYA_CONFIG__COMPILER__JOIN__STATE_PROXY__ENV__STATE_BUCKET
compiler.join.state_proxy.image             img                                  environment variable ASYA_CONFIG__COMPILER__JOIN__STATE_PROXY__IMAGE
platform.generation                         C2                                   built-in default
platform.transport                          pubsub                               environment variable ASYA_CONFIG__PLATFORM__TRANSPORT
contexts.my-dev.readonly                    true                                 environment variable ASYA_CONFIG__CONTEXTS__MY_DEV__READONLY
contexts.other-one.namespace                n                                    environment variable ASYA_CONFIG__CONTEXTS__OTHER_ONE__NAMESPACE
default_context                             my-dev                               environment variable ASYA_CONFIG__DEFAULT_CONTEXT
--- stderr
"#);
    insta::assert_snapshot!(sandbox.show(&["config", "set", "default_context", "local"]), @r#"
exit: 0
--- stdout
default_context is local now
--- stderr
  changed   .asya/config.yaml
warning: `ASYA_CONFIG__DEFAULT_CONTEXT` is set and wins over the file, so `default_context` stays as it is here
  hint: unset ASYA_CONFIG__DEFAULT_CONTEXT
"#);
}

#[test]
fn variables_that_set_no_key() {
    let complaint = |name: &str, value: &str| {
        let mut sandbox = Sandbox::new();
        sandbox.write(".asya/config.yaml", "contexts:\n  dev: {}\n");
        sandbox.set(name, value);
        sandbox.show(&["status"])
    };
    insta::assert_snapshot!(complaint("ASYA_CONFIG__CONTEXTS__DEV__NAMESPCE", "x"), @r#"
exit: 3
--- stdout
--- stderr
error: unknown key `contexts.dev.namespce`
 --> environment:1:14
  |
1 | ASYA_CONFIG__CONTEXTS__DEV__NAMESPCE=x
  |              ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `namespace`?

error: the configuration cannot be used
"#);
    insta::assert_snapshot!(complaint("ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE", "A B"), @r#"
exit: 3
--- stdout
--- stderr
error: `contexts.dev.namespace`: `A B` is not a namespace: only lower-case letters, digits and `-` are allowed, not `A`
 --> environment:1:39
  |
1 | ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE=A B
  |                                       ^^^

error: the configuration cannot be used
"#);
    insta::assert_snapshot!(complaint("ASYA_CONFIG__CONTEXTS____DEV", "x"), @r#"
exit: 3
--- stdout
--- stderr
error: `ASYA_CONFIG__CONTEXTS____DEV` names no key
 --> environment:1:14
  |
1 | ASYA_CONFIG__CONTEXTS____DEV=x
  |              ^^^^^^^^^^^^^^^
  |
  = help: write it as `ASYA_CONFIG__PLATFORM__TRANSPORT`: two underscores between keys

error: the environment cannot be used
"#);
    insta::assert_snapshot!(complaint("ASYA_CONFIG__BUILD", "x"), @r#"
exit: 3
--- stdout
--- stderr
error: `build` must be a list, not text
 --> environment:1:20
  |
1 | ASYA_CONFIG__BUILD=x
  |                    ^

error: the configuration cannot be used
"#);
}

#[test]
fn of_many_writers_at_once_none_is_lost() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "# kept\ntemplates:\n  first: 1\n");
    let writers: Vec<_> = (0..12)
        .map(|at| {
            let (key, value) = (format!("templates.k{at}"), format!("v{at}"));
            sandbox.command(&["config", "set", &key, &value]).stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let text = sandbox.read(".asya/config.yaml");
    for at in 0..12 {
        assert!(text.contains(&format!("  k{at}: v{at}\n")), "{text}");
    }
    assert!(text.starts_with("# kept\ntemplates:\n  first: 1\n"), "{text}");
    assert_eq!(sandbox.tree().len(), 1);
}

#[test]
fn keys_complete() {
    let sandbox = layered();
    let output = sandbox
        .command(&["--", "asya", "config", "get", "contexts.d"])
        .env("COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", "3")
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "true")
        .env("_CLAP_IFS", "\n")
        .current_dir(sandbox.project().join("app"))
        .output()
        .unwrap();
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout), @r#"
contexts.dev.namespace
contexts.dev.readonly
"#);
}
