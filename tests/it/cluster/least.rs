//! The Roles that `asya k rbac FLOW` prints are enough for everything that is done with a flow, and
//! not more than that: whatever is left out is missed by name.

use serde_json::{Value, json};

use super::fixture::{Project, actors, exposed, gateway};
use super::platform::{Log, NAMES, compose, running_pods, set_phase};
use super::restarting::crowded;
use super::server::{Server, server};
use crate::sandbox::Outcome;

/// A flow with actors in one namespace and its gateway in another, and somebody with the Roles alone.
struct Account<'a> {
    server: &'a Server,
    project: Project<'a>,
    kubeconfig: String,
    /// The Roles as printed.
    roles: Vec<Value>,
}

impl<'a> Account<'a> {
    fn new(server: &'a Server, namespace: &str, chart: &dyn Fn(&str) -> String) -> Self {
        let gateways = format!("{namespace}-gateway");
        server.namespace(&gateways);
        server.apply(&chart(&gateways));
        let project = Project::without_gateway(server, namespace).gateway_in(&gateways).transport("rabbitmq");
        project.render("text-flow", &exposed("text-flow"));
        let kubeconfig = server.kubeconfig(&server.account(namespace, "deployer"));
        let subject = format!("serviceaccount:{namespace}/deployer");
        let printed = project.sandbox.ok(&["k", "rbac", "text-flow", "--subject", &subject, "-o", "json"]);
        let document: Value = serde_json::from_str(&printed.stdout).expect("JSON");
        let objects = document["objects"].as_array().expect("objects").clone();
        server.apply(&json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string());
        let roles: Vec<Value> = objects.into_iter().filter(|object| object["kind"] == "Role").collect();
        roles.iter().for_each(|role| server.goes_by(role, &format!("{namespace}:deployer")));
        Self { server, project, kubeconfig, roles }
    }

    fn namespace(&self) -> &str {
        &self.project.namespace
    }

    fn as_admin(&self) {
        self.project.kubeconfig(&self.server.admin());
    }

    fn as_account(&self) {
        self.project.kubeconfig(&self.kubeconfig);
    }

    /// What the cluster makes of the actors: one runs and says something, two sleep.
    fn compose(&self) -> Vec<String> {
        for name in NAMES {
            let replicas = u32::from(name == "text-flow-score");
            compose(self.server, self.namespace(), name, replicas);
            set_phase(self.server, self.namespace(), name, if replicas == 0 { "Napping" } else { "Ready" });
        }
        let pods = running_pods(self.server, self.namespace(), "text-flow-score", 1);
        let log = Log::of(self.server, self.namespace(), &pods[0], &[("asya-runtime", false)]);
        log[0].line("2026-01-02T03:04:05.000000000Z", "ready");
        pods
    }

    fn run(&self, args: &[&str]) -> Outcome {
        self.project.run(args)
    }

    /// What of the Roles nobody misses, as `is_missed` sees it: it is told what (`get pods`) is left out in
    /// which namespace.
    fn unnoticed(&self, is_missed: &mut dyn FnMut(&str, &str) -> bool) -> Vec<String> {
        let mut unnoticed = Vec::new();
        for role in &self.roles {
            let namespace = role["metadata"]["namespace"].as_str().expect("a namespace");
            for (at, rule) in role["rules"].as_array().expect("rules").iter().enumerate() {
                for verb in rule["verbs"].as_array().expect("verbs") {
                    let mut without = role.clone();
                    without["rules"][at]["verbs"].as_array_mut().expect("verbs").retain(|other| other != verb);
                    if without["rules"][at]["verbs"] == json!([]) {
                        without["rules"].as_array_mut().expect("rules").remove(at);
                    }
                    self.server.apply(&without.to_string());
                    let (verb, resource) =
                        (verb.as_str().expect("a verb"), rule["resources"][0].as_str().expect("one"));
                    self.cannot(verb, &rule["apiGroups"][0], resource, namespace);
                    let missing = format!("{verb} {resource}");
                    if !is_missed(&missing, namespace) {
                        unnoticed.push(format!("{missing} in {namespace}"));
                    }
                    self.server.apply(&role.to_string());
                }
            }
        }
        unnoticed
    }

    /// Waits until the server knows what is not allowed any more.
    fn cannot(&self, verb: &str, group: &Value, resource: &str, namespace: &str) {
        let account = format!("{}:deployer", self.namespace());
        let group = group.as_str().expect("a group");
        self.server.wait_until("the server knows the Role", || {
            !self.server.may(&account, verb, (group, resource), (namespace, ""))
        });
    }

    /// Whether a run says that `missing` (`get pods`) is not allowed.
    fn names(&self, outcome: &Outcome, missing: &str, namespace: &str) -> bool {
        let lines = outcome.stderr.lines();
        lines
            .filter(|line| line.contains("may not "))
            .any(|line| line.contains(&format!(" {missing}")) && line.contains(&format!("namespace `{namespace}`")))
    }
}

const LOOKING: [&[&str]; 5] = [
    &["k", "status", "text-flow"],
    &["k", "status"],
    &["k", "diff", "text-flow"],
    &["k", "wait", "text-flow", "--timeout", "20s"],
    &["k", "logs", "text-flow"],
];

#[test]
fn they_are_enough_for_everything_that_is_done_with_a_flow() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let account = Account::new(server, "least-enough", &|namespace| gateway(namespace, "asya-gateway"));
    account.as_account();
    let well = |args: &[&str]| {
        let outcome = account.run(args);
        let told = outcome.stderr.contains("warning") || outcome.stderr.contains("may not");
        assert!(outcome.code == 0 && !told, "{args:?}: {}", outcome.show());
    };
    well(&["k", "apply", "text-flow"]);
    account.compose();
    for args in LOOKING {
        well(args);
    }
    well(&["k", "apply", "text-flow", "--wait", "--timeout", "30s"]);
    // Out of the gateway, in again, with an actor less, and all of it away.
    account.project.render("text-flow", &actors("text-flow"));
    well(&["k", "apply", "text-flow"]);
    account.project.render("text-flow", &exposed("text-flow"));
    well(&["k", "apply", "text-flow"]);
    let mut objects = exposed("text-flow");
    objects.remove(2);
    account.project.render("text-flow", &objects);
    well(&["k", "apply", "text-flow", "--yes", "--timeout", "30s"]);
    well(&["k", "delete", "text-flow", "--yes", "--no-verify"]);
    assert_eq!(server.get("configmap", "least-enough-gateway", "asya-flow-text-flow-config"), None);
}

#[test]
fn whatever_is_left_out_is_missed_by_name() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let account = Account::new(server, "least-missed", &|namespace| gateway(namespace, "asya-gateway"));
    account.as_admin();
    account.project.apply("text-flow");
    account.compose();
    let unnoticed = account.unnoticed(&mut |missing, namespace| is_missed(&account, missing, namespace));
    // The first makes many objects quick to read, which are otherwise read one by one; the others are for a
    // gateway whose pods are being replaced.
    insta::assert_snapshot!(unnoticed.join("\n"), @r#"
list configmaps in least-missed
get pods/log in least-missed-gateway
list pods in least-missed-gateway
watch pods in least-missed-gateway
watch deployments in least-missed-gateway
"#);
}

#[test]
fn so_is_what_a_gateway_that_is_being_restarted_takes() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let account = Account::new(server, "least-restart", &crowded);
    let unnoticed = account.unnoticed(&mut |missing, namespace| {
        if !namespace.ends_with("-gateway") || !["watch pods", "watch deployments", "list pods"].contains(&missing) {
            return true;
        }
        account.as_admin();
        account.run(&["k", "delete", "text-flow", "--yes", "--no-verify"]);
        server.wait_until("the gateway runs", || {
            let deployment = server.get("deployment", namespace, "asya-gateway-api").expect("the gateway");
            deployment["status"]["availableReplicas"] == 1
        });
        account.as_account();
        let outcome = account.run(&["k", "apply", "text-flow", "--wait", "--timeout", "2s"]);
        account.names(&outcome, missing, namespace)
    });
    assert_eq!(unnoticed, Vec::<String>::new());
}

/// Whether some command says that `missing` (`get pods`) is what it lacks in a namespace.
fn is_missed(account: &Account<'_>, missing: &str, namespace: &str) -> bool {
    let (verb, resource) = missing.split_once(' ').expect("two words");
    let server = account.server;
    let is_named = |outcome: &Outcome| account.names(outcome, missing, namespace);
    account.as_account();
    for args in LOOKING {
        if is_named(&account.run(args)) {
            return true;
        }
    }
    if verb == "watch" {
        // What is not ready yet is watched.
        set_phase(server, account.namespace(), "text-flow-clean", "Creating");
        let waiting = account.run(&["k", "wait", "text-flow", "--timeout", "2s"]);
        set_phase(server, account.namespace(), "text-flow-clean", "Napping");
        if is_named(&waiting) {
            return true;
        }
    }
    if resource == "pods/portforward" {
        // A gateway is asked through one of its pods.
        let args = ["k", "apply", "text-flow", "--verify", "--gateway-timeout", "2"];
        return is_named(&account.project.sandbox.run(&args));
    }
    let mut changed = exposed("text-flow");
    changed[0]["data"]["more"] = json!("x");
    changed[2]["metadata"]["labels"]["more"] = json!("x");
    changed.truncate(4);
    let stages: [(&[Value], &[&str]); 3] = [
        (&changed, &["k", "apply", "text-flow", "--yes", "--timeout", "30s"]),
        (&exposed("text-flow"), &["k", "delete", "text-flow", "--yes", "--no-verify"]),
        (&exposed("text-flow"), &["k", "apply", "text-flow"]),
    ];
    let mut found = false;
    for (objects, args) in stages {
        account.project.render("text-flow", objects);
        account.as_account();
        let outcome = account.run(args);
        found = is_named(&outcome);
        if found {
            break;
        }
        if outcome.code != 0 {
            break;
        }
    }
    account.project.render("text-flow", &exposed("text-flow"));
    account.as_admin();
    account.project.apply("text-flow");
    account.compose();
    found
}
