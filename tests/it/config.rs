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
    insta::assert_snapshot!(sandbox.show(&["-C", "app", "config", "list", "--show-origin"]), @"");
    insta::assert_snapshot!(sandbox.show(&["-C", "app", "config", "list", "contexts"]), @"");
    insta::assert_snapshot!(sandbox.show(&["-C", "app", "config", "list", "templates", "-o", "json"]), @"");
}

#[test]
fn one_value() {
    let sandbox = layered();
    let get = |args: &[&str]| sandbox.show(&[&["-C", "app", "config", "get"], args].concat());
    insta::assert_snapshot!(get(&["templates.image"]), @"");
    insta::assert_snapshot!(get(&["templates.image", "--show-origin"]), @"");
    insta::assert_snapshot!(get(&["contexts"]), @"");
    insta::assert_snapshot!(get(&["contexts.dev.readonly", "-o", "json"]), @"");
    insta::assert_snapshot!(get(&["compiler.code", "--arg", "flow_name=text-flow"]), @"");
}

#[test]
fn keys_that_are_not_set_and_keys_that_are_none() {
    let sandbox = layered();
    let get = |key: &str| sandbox.show(&["-C", "app", "config", "get", key]);
    insta::assert_snapshot!(get("compiler.image_registry"), @"");
    insta::assert_snapshot!(get("contexts.devv.namespace"), @"");
    insta::assert_snapshot!(get("contexts.dev.namespce"), @"");
    insta::assert_snapshot!(get("contexts..dev"), @"");
    insta::assert_snapshot!(sandbox.show(&["config", "list", "compilr"]), @"");
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
    insta::assert_snapshot!(sandbox.show(&["config", "list", "templates"]), @"");
    insta::assert_snapshot!(sandbox.show(&["config", "get", "templates.header"]), @"");
}

#[test]
fn a_value_that_needs_a_variable_that_is_not_set() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "templates:\n  image: ${env:NOT_SET}/x\n  who: ${arg:user}\n");
    insta::assert_snapshot!(sandbox.show(&["config", "list", "templates", "--show-origin"]), @"");
    insta::assert_snapshot!(sandbox.show(&["config", "get", "templates.image"]), @"");
    assert_eq!(sandbox.ok(&["config", "get", "templates.who", "--arg", "user=me"]).stdout, "me\n");
}

#[test]
fn a_value_goes_where_it_belongs() {
    let sandbox = layered();
    let outer = sandbox.read(".asya/config.yaml");
    let set = |key: &str, value: &str| sandbox.show(&["-C", "app", "config", "set", key, value]);
    // The section of the nearest layer has it.
    insta::assert_snapshot!(set("contexts.dev.namespace", "other"), @"");
    // It belongs into the section.
    insta::assert_snapshot!(set("contexts.dev.gateway_url", "https://gw.example.com"), @"");
    // Only the outer layer has it, which is not this project's.
    insta::assert_snapshot!(set("contexts.dev.readonly", "false"), @"");
    // Nobody has it.
    insta::assert_snapshot!(set("contexts.prod.namespace", "live"), @"");
    insta::assert_snapshot!(set("contexts.prod.namespace", "live"), @"");
    assert_eq!(sandbox.read(".asya/config.yaml"), outer);
    insta::assert_snapshot!(sandbox.read("app/.asya/config.contexts.dev.yaml"), @"");
    insta::assert_snapshot!(sandbox.read("app/.asya/config.yaml"), @"");
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
    insta::assert_snapshot!(added.join("\n"), @"");
    // Once more: nothing to do.
    sandbox.ok(&["config", "set", "templates.tag", "1.10"]);
    assert_eq!(sandbox.read(".asya/config.yaml"), after);
}

#[test]
fn a_project_without_a_configuration_file_gets_one() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/flows/.keep", "");
    insta::assert_snapshot!(sandbox.show(&["config", "set", "contexts.dev.namespace", "actors", "-o", "json"]), @"");
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
    for (at, value) in [
        "plain", "with space", "a: b", "# no comment", "yes", "true", "null", "~", "1.10", "010", "1e3", "0x1F", "-x",
        "- x", "[a, b]", "{a: 1}", "'", "\"", "it's", "a\"b", "a\nb", "\t", " padded ", "*star", "&and", "!bang", "|",
        ">", "%", "@", "`", "ä€😀", "\\n", "2024-01-01", "https://x:8080/?a=b#c", "", "=", "a,b", "]", "- ", ":", "a:",
    ]
    .iter()
    .enumerate()
    {
        let key = format!("templates.k{at}");
        let outcome = sandbox.run(&["config", "set", &key, value]);
        if outcome.code != 0 {
            // Refused in words is fine, damaged is not.
            assert!(outcome.stderr.contains("cannot be edited safely"), "{value:?}: {}", outcome.show());
            continue;
        }
        assert_eq!(sandbox.ok(&["config", "get", &key]).stdout, format!("{value}\n"), "{value:?}");
        assert!(sandbox.read(".asya/config.yaml").contains("last: 1 # stays\n"), "{value:?}");
    }
    let refused: Vec<&str> = Vec::new();
    assert!(refused.is_empty());
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
    insta::assert_snapshot!(set("contexts.dev.namespce", "x"), @"");
    insta::assert_snapshot!(set("contexts.dev.readonly", "maybe"), @"");
    insta::assert_snapshot!(set("contexts.Dev.namespace", "x"), @"");
    insta::assert_snapshot!(set("contexts.local.namespace", "x"), @"");
    insta::assert_snapshot!(set("contexts.dev.namespace", "My_Space"), @"");
    insta::assert_snapshot!(set("contexts.dev", "x"), @"");
    insta::assert_snapshot!(set("compiler.python_path", "lib"), @"");
    insta::assert_snapshot!(set("build.0.image", "c"), @"");
    insta::assert_snapshot!(set("compiler.code", "gen"), @"");
    insta::assert_snapshot!(set("templates.x", "${templates.x}"), @"");
    insta::assert_snapshot!(set("default_context", "prod"), @"");
    insta::assert_snapshot!(set("templates.a", "2"), @"");
    insta::assert_snapshot!(set("templates.a.b", "2"), @"");
}

#[test]
fn a_wrong_configuration_is_not_touched_but_can_be_put_right() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "default_context: gone # soon\ncontexts:\n  dev: {}\n");
    insta::assert_snapshot!(sandbox.show(&["config", "set", "templates.x", "1"]), @"");
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
    insta::assert_snapshot!(sandbox.show(&["config", "list", "--show-origin"]), @"");
    insta::assert_snapshot!(sandbox.show(&["config", "set", "default_context", "local"]), @"");
}

#[test]
fn variables_that_set_no_key() {
    let complaint = |name: &str, value: &str| {
        let mut sandbox = Sandbox::new();
        sandbox.write(".asya/config.yaml", "contexts:\n  dev: {}\n");
        sandbox.set(name, value);
        sandbox.show(&["status"])
    };
    insta::assert_snapshot!(complaint("ASYA_CONFIG__CONTEXTS__DEV__NAMESPCE", "x"), @"");
    insta::assert_snapshot!(complaint("ASYA_CONFIG__CONTEXTS__DEV__NAMESPACE", "A B"), @"");
    insta::assert_snapshot!(complaint("ASYA_CONFIG__CONTEXTS____DEV", "x"), @"");
    insta::assert_snapshot!(complaint("ASYA_CONFIG__BUILD", "x"), @"");
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
    insta::assert_snapshot!(text(&output.stderr), @"");
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
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout), @"");
}
