//! `asya k context`, and what a read-only context keeps from being written.

use crate::sandbox::Sandbox;

const KUBECONFIG: &str = "apiVersion: v1
kind: Config
current-context: kind-dev
clusters:
- {name: kind, cluster: {server: 'https://127.0.0.1:1'}}
- {name: eks, cluster: {server: 'https://127.0.0.1:2'}}
users: [{name: me, user: {token: s3cr3t}}]
contexts:
- {name: kind-dev, context: {cluster: kind, user: me, namespace: actors}}
- {name: 'arn:aws:eks:eu-west-1:1234:cluster/production', context: {cluster: eks, user: me}}
";

const PRODUCTION: &str = "arn:aws:eks:eu-west-1:1234:cluster/production";

/// A project with a kubeconfig of two contexts.
fn sandbox(config: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.root().join("home/.kube")).unwrap();
    std::fs::write(sandbox.root().join("home/.kube/config"), KUBECONFIG).unwrap();
    sandbox.write(".asya/config.yaml", config);
    sandbox
}

const CONTEXTS: &str = "# mine
default_context: dev # now
contexts:
  dev:
    namespace: my-actors
    kubectl_context: kind-dev
  current: {}
  prod:
    kubectl_context: 'arn:aws:eks:eu-west-1:1234:cluster/production'
    namespace: live
    readonly: true
  gone:
    kubectl_context: old-cluster
  broken:
    gateway_url: ${env:NOT_SET}
";

#[test]
fn the_list() {
    let mut sandbox = sandbox(CONTEXTS);
    insta::assert_snapshot!(sandbox.show(&["k", "context", "list"]), @r#"
exit: 0
--- stdout
   NAME     CLUSTER                                        NAMESPACE  NOTES
   broken   kind-dev                                       actors     `contexts.broken.gateway_url` needs the environment variable `NOT_SET`, which is not set
   current  kind-dev                                       actors
*  dev      kind-dev                                       my-actors
   gone     old-cluster                                    default    not in the kubeconfig
   prod     arn:aws:eks:eu-west-1:1234:cluster/production  live       read-only
   local    this machine
--- stderr
"#);
    assert!(sandbox.ok(&["k", "context", "list", "--context", "prod"]).stdout.contains("\n*  prod "));
    insta::assert_snapshot!(sandbox.show(&["k", "context", "list", "--context", "prd"]), @r#"
exit: 0
--- stdout
  NAME     CLUSTER                                        NAMESPACE  NOTES
  broken   kind-dev                                       actors     `contexts.broken.gateway_url` needs the environment variable `NOT_SET`, which is not set
  current  kind-dev                                       actors
  dev      kind-dev                                       my-actors
  gone     old-cluster                                    default    not in the kubeconfig
  prod     arn:aws:eks:eu-west-1:1234:cluster/production  live       read-only
  local    this machine
--- stderr
warning: there is no context `prd`
  hint: did you mean `prod`?
"#);
    sandbox.set("ASYA_CONTEXT", "local");
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.ok(&["k", "context", "list", "-o", "json"]).stdout).unwrap();
    assert_eq!(json["current"], "local");
    insta::assert_snapshot!(serde_json::to_string_pretty(&json["contexts"][4]).unwrap(), @r#"
{
  "name": "prod",
  "current": false,
  "readonly": true,
  "kubectl_context": "arn:aws:eks:eu-west-1:1234:cluster/production",
  "known": true,
  "server": "https://127.0.0.1:2",
  "namespace": "live",
  "gateway_namespace": null,
  "gateway_url": null,
  "origin": ".asya/config.yaml:9"
}
"#);
    assert!(!json.to_string().contains("s3cr3t"));
    // Without a kubeconfig, and with one that is none, the project's own contexts are still there.
    sandbox.set("KUBECONFIG", "/nowhere");
    insta::assert_snapshot!(sandbox.show(&["k", "context", "list"]), @r#"
exit: 0
--- stdout
   NAME     CLUSTER                                        NAMESPACE  NOTES
   broken   -                                              default    there is no kubeconfig; `contexts.broken.gateway_url` needs the environment variable `NOT_SET`, which is not set
   current  -                                              default    there is no kubeconfig
   dev      kind-dev                                       my-actors  not in the kubeconfig
   gone     old-cluster                                    default    not in the kubeconfig
   prod     arn:aws:eks:eu-west-1:1234:cluster/production  live       read-only; not in the kubeconfig
*  local    this machine
--- stderr
"#);
    std::fs::write(sandbox.root().join("bad"), "a: [").unwrap();
    sandbox.set("KUBECONFIG", sandbox.root().join("bad").display().to_string());
    assert_eq!(sandbox.run(&["k", "context", "list"]).code, 0);
}

#[test]
fn using_one() {
    let mut sandbox = sandbox(CONTEXTS);
    insta::assert_snapshot!(sandbox.show(&["k", "context", "use", "prod"]), @r#"
exit: 0
--- stdout
the context is prod now (arn:aws:eks:eu-west-1:1234:cluster/production/live, read-only)
--- stderr
  changed   .asya/config.yaml
"#);
    assert_eq!(sandbox.read(".asya/config.yaml"), CONTEXTS.replace("default_context: dev", "default_context: prod"));
    insta::assert_snapshot!(sandbox.show(&["k", "context", "use", "prod"]), @r#"
exit: 0
--- stdout
the context is prod now (arn:aws:eks:eu-west-1:1234:cluster/production/live, read-only)
--- stderr
  unchanged .asya/config.yaml
"#);
    insta::assert_snapshot!(sandbox.show(&["k", "context", "use", "local", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "context": "local",
  "file": ".asya/config.yaml",
  "change": "changed"
}
--- stderr
"#);
    insta::assert_snapshot!(sandbox.show(&["k", "context", "use", "prdo"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is no context `prdo`
  because known contexts: `broken`, `current`, `dev`, `gone`, `prod` and `local`
hint: did you mean `prod`?
hint: add it with `asya k context add prdo`
"#);
    insta::assert_snapshot!(sandbox.show(&["k", "context", "use", "../up"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value '../up' for '<CONTEXT>': `../up` is not a context name: only lower-case letters, digits and `-` are allowed, not `.`

For more information, try '--help'.
"#);
    sandbox.set("ASYA_CONTEXT", "prod");
    insta::assert_snapshot!(sandbox.show(&["k", "context", "use", "dev"]), @r#"
exit: 0
--- stdout
the context is dev now (kind-dev/my-actors)
--- stderr
  changed   .asya/config.yaml
warning: `ASYA_CONTEXT` is set and wins over `dev` in this shell
  hint: unset ASYA_CONTEXT
"#);
}

#[test]
fn using_one_of_an_outer_project() {
    let sandbox = sandbox(CONTEXTS);
    sandbox.write("app/.asya/flows/.keep", "");
    insta::assert_snapshot!(sandbox.show(&["-C", "app", "k", "context", "use", "prod"]), @r#"
exit: 0
--- stdout
the context is prod now (arn:aws:eks:eu-west-1:1234:cluster/production/live, read-only)
--- stderr
  created   .asya/config.yaml
"#);
    assert_eq!(sandbox.read("app/.asya/config.yaml"), "default_context: prod\n");
    assert_eq!(sandbox.read(".asya/config.yaml"), CONTEXTS);
}

#[test]
fn adding_one() {
    let sandbox = sandbox("# mine\ncontexts:\n# none yet\n");
    let add = |args: &[&str]| sandbox.show(&[&["k", "context", "add"], args].concat());
    insta::assert_snapshot!(add(&["kind-dev", "--no-check", "--use"]), @r#"
exit: 0
--- stdout
kind-dev is kind-dev/actors
next: it is the context now; `asya compile --all` makes its overlays
--- stderr
  changed   .asya/config.yaml
"#);
    insta::assert_snapshot!(add(&["prod", "--kubectl-context", PRODUCTION, "-n", "live", "--readonly", "--no-check", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "context": "prod",
  "kubectl_context": "arn:aws:eks:eu-west-1:1234:cluster/production",
  "namespace": "live",
  "readonly": true,
  "used": false,
  "checked": false,
  "file": ".asya/config.yaml"
}
--- stderr
"#);
    insta::assert_snapshot!(sandbox.read(".asya/config.yaml"), @r#"
# mine
contexts:
  kind-dev:
    namespace: actors
    kubectl_context: kind-dev
  prod:
    namespace: live
    kubectl_context: arn:aws:eks:eu-west-1:1234:cluster/production
    readonly: true
# none yet
default_context: kind-dev
"#);
    let before = sandbox.tree();
    insta::assert_snapshot!(add(&["prod", "--no-check"]), @r#"
exit: 3
--- stdout
--- stderr
error: there is a context `prod` already
  because it is in .asya/config.yaml:7
hint: change it with `asya config set contexts.prod.namespace …`
"#);
    insta::assert_snapshot!(add(&["kind-deb", "--no-check"]), @r#"
exit: 4
--- stdout
--- stderr
error: the kubeconfig has no context `kind-deb`
  because `[SANDBOX]/home/.kube/config` has 2 contexts: `kind-dev` and `arn:aws:eks:eu-west-1:1234:cluster/production`
hint: did you mean `kind-dev`?
hint: name it with `asya k context add kind-deb --kubectl-context …`
"#);
    insta::assert_snapshot!(add(&["stage", "--kubectl-context", "kind-dve", "--no-check"]), @r#"
exit: 4
--- stdout
--- stderr
error: the kubeconfig has no context `kind-dve`
  because `[SANDBOX]/home/.kube/config` has 2 contexts: `kind-dev` and `arn:aws:eks:eu-west-1:1234:cluster/production`
hint: did you mean `kind-dev`?
"#);
    insta::assert_snapshot!(add(&["local"]), @r#"
exit: 2
--- stdout
--- stderr
error: the context `local` is built in and means this machine
hint: give this context another name
"#);
    insta::assert_snapshot!(add(&["Stage"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value 'Stage' for '<NAME>': `Stage` is not a context name: only lower-case letters, digits and `-` are allowed, not `S`

For more information, try '--help'.
"#);
    insta::assert_snapshot!(add(&["stage", "--kubectl-context", "kind-dev", "-n", "a_b"]), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value 'a_b' for '--namespace <NAMESPACE>': `a_b` is not a namespace: only lower-case letters, digits and `-` are allowed, not `_`

For more information, try '--help'.
"#);
    insta::assert_snapshot!(add(&["stage", "--kubectl-context", "kind-dev", "--gateway-url", "gw:80", "--no-check"]), @r#"
exit: 3
--- stdout
--- stderr
error: `contexts.stage.gateway_url` must start with `http://` or `https://`
 --> command line:1:28
  |
1 | contexts.stage.gateway_url=gw:80
  |                            ^^^^^

error: the value cannot be set
"#);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_cluster_that_does_not_answer_is_no_reason_to_refuse() {
    let sandbox = sandbox("");
    insta::assert_snapshot!(sandbox.show(&["k", "context", "add", "kind-dev"]), @r#"
exit: 0
--- stdout
kind-dev is kind-dev/actors
next: work on it with `asya k context use kind-dev`
--- stderr
warning: the namespaces were not checked: the cluster at https://127.0.0.1:1 (context `kind-dev`) does not answer
  hint: `--no-check` does not ask the cluster
  changed   .asya/config.yaml
"#);
}

#[test]
fn the_kubeconfig_is_missing() {
    let mut sandbox = sandbox("");
    sandbox.set("KUBECONFIG", "/nowhere");
    insta::assert_snapshot!(sandbox.show(&["k", "context", "add", "kind-dev"]), @r#"
exit: 4
--- stdout
--- stderr
error: there is no kubeconfig
  because KUBECONFIG names `/nowhere`, which does not exist
hint: set KUBECONFIG to the file that your cluster's provider gave you
hint: name it with `asya k context add kind-dev --kubectl-context …`
"#);
}

/// A flow that is compiled for the contexts of the project.
fn with_flow(sandbox: &Sandbox) {
    sandbox.write("handlers.py", "async def clean(p): ...\n");
    sandbox.write("f.py", "from handlers import clean\nasync def text_flow(p):\n    return await clean(p)\n");
    sandbox.ok(&["init"]);
    sandbox.ok(&["config", "set", "compiler.image_registry", "example.org/x"]);
    sandbox.ok(&["compile", "text-flow", "-f", "f.py"]);
}

/// What `asya render` says about the namespace.
fn namespace(sandbox: &Sandbox, args: &[&str]) -> String {
    let text = sandbox.ok(&[&["render", "text-flow"], args].concat()).stdout;
    let mut found: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  namespace: ")).collect();
    found.dedup();
    found.join(" ")
}

/// Without `--context` the overlay of the default context counts, not only its namespace.
#[test]
fn the_context_is_chosen_by_flag_then_variable_then_configuration() {
    let mut sandbox = sandbox(CONTEXTS);
    with_flow(&sandbox);
    assert_eq!(namespace(&sandbox, &[]), "my-actors");
    assert_eq!(namespace(&sandbox, &["--context", "prod"]), "live");
    sandbox.set("ASYA_CONTEXT", "prod");
    assert_eq!(namespace(&sandbox, &[]), "live");
    assert_eq!(namespace(&sandbox, &["--context", "dev"]), "my-actors");
    sandbox.set("ASYA_CONTEXT", "");
    sandbox.set("ASYA_CONFIG__DEFAULT_CONTEXT", "prod");
    assert_eq!(namespace(&sandbox, &[]), "live");
    sandbox.set("ASYA_CONTEXT", "Dev!");
    let outcome = sandbox.run(&["status"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("ASYA_CONTEXT does not name a context"), "{}", outcome.show());
}

/// Paths with `${arg:flow_name}` in them work for every command, from every directory.
#[test]
fn a_flow_is_found_from_anywhere_in_the_project_wherever_its_manifests_are() {
    let sandbox = sandbox(CONTEXTS);
    sandbox.ok(&["config", "set", "compiler.manifests", "deploy/${arg:flow_name}/k8s"]);
    sandbox.ok(&["config", "set", "compiler.image_registry", "example.org/x"]);
    sandbox.write("flows/f.py", "from handlers import clean\nasync def text_flow(p):\n    return await clean(p)\n");
    sandbox.write("flows/handlers.py", "async def clean(p): ...\n");
    sandbox.ok(&["init"]);
    sandbox.ok(&["-C", "flows", "compile", "text-flow", "-f", "f.py"]);
    assert!(sandbox.read(".asya/flows/text-flow.yaml").ends_with("\nsource: flows/f.py\nfunction: text_flow\n"));
    sandbox.write("elsewhere/deep/x", "");
    for directory in [".", "flows", "elsewhere/deep"] {
        sandbox.ok(&["-C", directory, "compile", "text-flow"]);
        let status = sandbox.ok(&["-C", directory, "status", "-o", "json"]).stdout;
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        assert_eq!(status["flows"][0]["actors"][0]["name"], "clean");
        assert_eq!(namespace(&sandbox, &["-C", directory]), "my-actors");
    }
    assert!(sandbox.exists("deploy/text-flow/k8s/overlays/prod/kustomization.yaml"));
    assert!(!sandbox.exists("compiled/text-flow/manifests"));
}

/// Verbs of `asya k` that change nothing in a cluster, with the reason where it is not plain.
const READING: &[&str] = &[
    "context list",
    "context use",
    "context add", // The project's own files.
    "diff",
    "status",
    "logs",
    "events",
    "wait",
    "doctor",
    "port-forward",
    "plan",
    "verify",
    "registration",
    "rbac",
    "secret list",
    "secret get",
    "secret show",
    "context",
    "edit", // A file of the project.
];

/// Every verb that is not known to read must refuse a read-only context, before any cluster is asked.
#[test]
fn every_command_that_writes_refuses_a_read_only_context() {
    let sandbox = sandbox(CONTEXTS);
    with_flow(&sandbox);
    let line = asya::command_line();
    let k = line.find_subcommand("k").unwrap();
    let mut refused = Vec::new();
    for (verb, command) in verbs(k, "") {
        if READING.contains(&verb.as_str()) {
            continue;
        }
        let mut args: Vec<String> = vec!["k".to_owned()];
        args.extend(verb.split(' ').map(str::to_owned));
        args.extend(
            command
                .get_positionals()
                .filter(|arg| arg.is_required_set())
                .map(|arg| if arg.get_id() == "flow" { "text-flow" } else { "some-name" }.to_owned()),
        );
        args.extend(["--context", "prod"].map(str::to_owned));
        // Without it some only show what they would write.
        args.extend(command.get_arguments().find(|arg| arg.get_long() == Some("yes")).map(|_| "--yes".to_owned()));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let outcome = sandbox.run(&args);
        assert!(outcome.code == 3 && outcome.stderr.contains("is read-only"), "{args:?}: {}", outcome.show());
        refused.push(verb);
    }
    assert!(refused.contains(&"apply".to_owned()), "{refused:?}");
}

/// All verbs below a command with their full names.
fn verbs<'a>(command: &'a clap::Command, above: &str) -> Vec<(String, &'a clap::Command)> {
    let mut found = Vec::new();
    for verb in command.get_subcommands() {
        let name = format!("{above}{}", verb.get_name());
        if verb.has_subcommands() {
            found.extend(verbs(verb, &format!("{name} ")));
        } else {
            found.push((name, verb));
        }
    }
    found
}

#[test]
fn what_happens_to_be_current_is_not_written_to_when_a_context_is_read_only() {
    let kubeconfig = KUBECONFIG.replace("current-context: kind-dev", &format!("current-context: '{PRODUCTION}'"));
    let sandbox = sandbox(CONTEXTS);
    with_flow(&sandbox);
    std::fs::write(sandbox.root().join("home/.kube/config"), kubeconfig).unwrap();
    insta::assert_snapshot!(sandbox.show(&["k", "apply", "text-flow", "--context", "current"]), @r#"
exit: 3
--- stdout
--- stderr
error: the current context `arn:aws:eks:eu-west-1:1234:cluster/production` of the kubeconfig belongs to the context `prod`, which is read-only: `asya k apply` does not write to it
hint: say where to write with `--context`
hint: give every context in `.asya/config.yaml` its own `kubectl_context`
"#);
    // A context that names its cluster is a decision; so is another namespace.
    for context in ["dev", "other"] {
        if context == "other" {
            sandbox.ok(&["config", "set", "contexts.other.namespace", "mine"]);
            sandbox.ok(&["compile", "text-flow"]);
        }
        let outcome = sandbox.run(&["k", "apply", "text-flow", "--context", context]);
        assert!(outcome.code == 4 && outcome.stderr.contains("does not answer"), "{}", outcome.show());
    }
}

/// The target is said before anything is asked of the cluster.
#[test]
fn the_target_is_echoed_first() {
    let sandbox = sandbox(CONTEXTS);
    with_flow(&sandbox);
    insta::assert_snapshot!(sandbox.show(&["k", "apply", "text-flow"]), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: kind-dev/my-actors (1 object)
error: the cluster at https://127.0.0.1:1 (context `kind-dev`) does not answer
  because connection refused
hint: check with `kubectl --context kind-dev version`
"#);
}
