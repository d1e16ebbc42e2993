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
  because its name, or that of a variable in it, says that it is a secret
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
  = help: only single values can be set; write this one into the file by hand

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
  = help: only single values can be set; write this one into the file by hand

error: the value cannot be set
"#);
    insta::assert_snapshot!(set("build.0.image", "c"), @r#"
exit: 3
--- stdout
--- stderr
error: `build.0.image` cannot be set
  because `build` is a list, whose items are written by hand
hint: edit .asya/config.yaml:4
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

/// Runs a script as a user who may mount: `None` where the system does not let us.
#[cfg(target_os = "linux")]
fn with_small_disk(sandbox: &Sandbox, script: &str) -> Option<std::process::Output> {
    let may = std::process::Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("ASYA_REQUIRE_TMPFS").is_none(), "no tmpfs can be mounted here");
        eprintln!("SKIPPED: no tmpfs can be mounted here");
        return None;
    }
    let asya = sandbox.command(&[]);
    let mut command = std::process::Command::new("unshare");
    command.args(["-rm", "sh", "-ec", script]).env("ASYA", asya.get_program()).current_dir(sandbox.project());
    Some(command.output().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file() {
    let sandbox = Sandbox::new();
    let script = r#"
        mount -t tmpfs -o size=32k none "$PWD"; cd "$PWD"
        mkdir .asya; printf 'templates:\n  a: 1 # mine\n' > .asya/config.yaml; cp .asya/config.yaml /dev/shm/asya-before.$$
        head -c 100000 /dev/zero > filler 2>/dev/null || true
        "$ASYA" config set templates.b 2 && exit 9
        cmp .asya/config.yaml /dev/shm/asya-before.$$; rm /dev/shm/asya-before.$$
        ls -A .asya
    "#;
    let Some(output) = with_small_disk(&sandbox, script) else { return };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(text(&output.stdout), "config.yaml\n");
    insta::assert_snapshot!(text(&output.stderr), @r#"
error: `.asya/config.yaml` cannot be written
  because the disk is full
"#);
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
