//! `asya k rbac`: the Roles it prints, used by a service account that has nothing else.

use serde_json::Value;

use super::fixture::{Project, actors, exposed};
use super::platform::{NAMES, compose, deployed, set_phase};
use super::server::{Server, server};

/// Gives a service account what the command prints, and uses it from now on.
pub fn become_account(server: &Server, project: &Project<'_>, args: &[&str]) {
    let namespace = &project.namespace;
    let token = server.account(namespace, "deployer");
    let subject = format!("serviceaccount:{namespace}/deployer");
    let printed = project.sandbox.ok(&[&["k", "rbac", "text-flow", "--subject", &subject], args].concat());
    server.kubectl(&["apply", "-f", "-"], Some(&printed.stdout));
    let objects = printed.stdout.split("---\n").map(|text| serde_saphyr::from_str::<Value>(text).expect("YAML"));
    for role in objects.filter(|object| object["kind"] == "Role") {
        server.goes_by(&role, &format!("{namespace}:deployer"));
    }
    project.kubeconfig(&server.kubeconfig(&token));
}

#[test]
fn the_roles_of_an_exposed_flow() {
    let Some(server) = server() else { return };
    server.namespace("rbac-gateway");
    server.apply(&super::fixture::gateway("rbac-gateway", "asya-gateway"));
    let project = Project::without_gateway(server, "rbac-print").gateway_in("rbac-gateway").transport("rabbitmq");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.run(&["k", "rbac", "text-flow"]).show(), @r#"
exit: 0
--- stdout
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: asya-flow-text-flow
  namespace: rbac-gateway
rules:
- apiGroups:
  - ""
  resources:
  - configmaps
  verbs:
  - create
  - delete
  - get
  - list
  - patch
- apiGroups:
  - ""
  resources:
  - pods/portforward
  verbs:
  - create
  - get
- apiGroups:
  - ""
  resources:
  - pods/log
  verbs:
  - get
- apiGroups:
  - ""
  resources:
  - pods
  verbs:
  - list
  - watch
- apiGroups:
  - apps
  resources:
  - deployments
  verbs:
  - get
  - list
  - watch
- apiGroups:
  - apps
  resources:
  - deployments
  resourceNames:
  - asya-gateway-api
  verbs:
  - patch
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: asya-flow-text-flow
  namespace: rbac-print
rules:
- apiGroups:
  - ""
  resources:
  - configmaps
  verbs:
  - create
  - delete
  - get
  - list
  - patch
- apiGroups:
  - ""
  resources:
  - pods/log
  verbs:
  - get
- apiGroups:
  - ""
  resources:
  - pods
  verbs:
  - list
  - watch
- apiGroups:
  - apps
  resources:
  - deployments
  verbs:
  - list
  - watch
- apiGroups:
  - asya.sh
  resources:
  - asyncactors
  verbs:
  - create
  - delete
  - get
  - list
  - patch
  - watch
--- stderr
"#);
    let args = ["k", "rbac", "text-flow", "--for", "look,port-forward,secret", "--subject", "group:developers"];
    insta::assert_snapshot!(project.run(&args).show(), @r#"
exit: 0
--- stdout
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: asya-flow-text-flow
  namespace: rbac-gateway
rules:
- apiGroups:
  - ""
  resources:
  - pods/portforward
  verbs:
  - create
  - get
- apiGroups:
  - ""
  resources:
  - configmaps
  verbs:
  - get
  - list
- apiGroups:
  - ""
  resources:
  - pods
  verbs:
  - list
- apiGroups:
  - apps
  resources:
  - deployments
  verbs:
  - get
  - list
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: asya-flow-text-flow
  namespace: rbac-gateway
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: asya-flow-text-flow
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: Group
  name: developers
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: asya-flow-text-flow
  namespace: rbac-print
rules:
- apiGroups:
  - ""
  resources:
  - pods/portforward
  verbs:
  - create
  - get
- apiGroups:
  - ""
  resources:
  - secrets
  verbs:
  - create
  - get
  - list
  - patch
- apiGroups:
  - ""
  resources:
  - pods/log
  verbs:
  - get
- apiGroups:
  - ""
  resources:
  - configmaps
  verbs:
  - get
  - list
- apiGroups:
  - ""
  resources:
  - events
  verbs:
  - list
- apiGroups:
  - ""
  resources:
  - pods
  verbs:
  - list
  - watch
- apiGroups:
  - apps
  resources:
  - deployments
  verbs:
  - list
  - watch
- apiGroups:
  - asya.sh
  resources:
  - asyncactors
  verbs:
  - get
  - list
  - watch
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: asya-flow-text-flow
  namespace: rbac-print
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: asya-flow-text-flow
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: Group
  name: developers
--- stderr
"#);
    insta::assert_snapshot!(project.run(&["k", "rbac", "text-flow", "--subject", "developers"]).show(), @r#"
exit: 2
--- stdout
--- stderr
error: invalid value 'developers' for '--subject <SUBJECT>': `developers` is none of user:NAME, group:NAME, serviceaccount:NAMESPACE/NAME

For more information, try '--help'.
"#);
}

#[test]
fn an_account_with_exactly_that_role_applies_waits_and_takes_away() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "rbac-apply");
    project.render("text-flow", &exposed("text-flow"));
    become_account(server, &project, &[]);
    let applied = project.run(&["k", "apply", "text-flow"]);
    assert_eq!(applied.code, 0, "{}", applied.show());
    assert!(!applied.stderr.contains("warning"), "{}", applied.show());
    for name in NAMES {
        compose(server, "rbac-apply", name, 0);
        set_phase(server, "rbac-apply", name, "Napping");
    }
    let waited = project.run(&["k", "apply", "text-flow", "--wait", "--timeout", "60s"]);
    assert_eq!(waited.code, 0, "{}", waited.show());
    assert!(!waited.stderr.contains("warning"), "{}", waited.show());
    project.render("text-flow", &actors("text-flow"));
    let taken = project.run(&["k", "apply", "text-flow"]);
    assert_eq!(taken.code, 0, "{}", taken.show());
    assert!(server.get("configmap", "rbac-apply", "asya-flow-text-flow-config").is_none());
    // Nothing else is allowed.
    let can = |verb: &str, what: &str| {
        let user = "--as=system:serviceaccount:rbac-apply:deployer";
        server.try_kubectl(&["-n", "rbac-apply", "auth", "can-i", verb, what, user]).is_some()
    };
    assert!(can("patch", "deployments/asya-gateway-api"));
    for (verb, what) in [
        ("get", "secrets"),
        ("patch", "deployments/other"),
        ("delete", "pods"),
        ("create", "pods"),
        ("update", "configmaps"),
    ] {
        assert!(!can(verb, what), "{verb} {what}");
    }
}

#[test]
fn an_account_that_may_look_looks() {
    let Some(server) = server() else { return };
    let project = deployed(server, "rbac-look");
    become_account(server, &project, &["--for", "look"]);
    for args in [&["k", "status", "text-flow"][..], &["k", "status"], &["k", "wait", "text-flow"]] {
        let outcome = project.run(args);
        assert_eq!(outcome.code, 0, "{}", outcome.show());
        assert!(!outcome.stderr.contains("warning"), "{}", outcome.show());
    }
    let before = server.versions("rbac-look");
    let mut objects = actors("text-flow");
    objects[2]["spec"]["image"] = serde_json::json!("example.org/flows:2");
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/rbac-look (4 objects)
error: user `system:serviceaccount:rbac-look:deployer` lacks 1 permission that this needs; nothing was written
  because it may not patch asyncactors.asya.sh in namespace `rbac-look`
hint: a Role in namespace `rbac-look` with these rules allows it: [{apiGroups: [asya.sh], resources: [asyncactors], resourceNames: [text-flow-clean], verbs: [patch]}]
hint: `asya k rbac FLOW` prints the Roles for all that a flow needs
"#);
    assert_eq!(server.versions("rbac-look"), before);
}

#[test]
fn what_the_gateways_namespace_has_may_not_be_listed() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "rbac-list");
    project.render("text-flow", &actors("text-flow"));
    become_account(server, &project, &[]);
    let mut role = server.get("role", "rbac-list", "asya-flow-text-flow").expect("the Role");
    for rule in role["rules"].as_array_mut().expect("rules") {
        if rule["resources"].as_array().is_some_and(|kinds| kinds.contains(&serde_json::json!("configmaps"))) {
            rule["verbs"].as_array_mut().expect("verbs").retain(|verb| verb != "list");
        }
    }
    server.kubectl(&["replace", "-f", "-"], Some(&role.to_string()));
    let outcome = project.run(&["k", "apply", "text-flow"]);
    insta::assert_snapshot!(outcome.show(), @r#"
exit: 0
--- stdout
text-flow: 4 created; not exposed
--- stderr
apply text-flow → dev: test/rbac-list (4 objects)
warning: whether an earlier entry of `text-flow` is left in namespace `rbac-list` cannot be seen: user `system:serviceaccount:rbac-list:deployer` may not list configmaps in namespace `rbac-list`
  hint: a Role in namespace `rbac-list` with these rules allows it: [{apiGroups: [""], resources: [configmaps], verbs: [list]}]; if it was exposed before, ask somebody who may to apply it
  plan: create 4
  created   ConfigMap rbac-list/text-flow-router-0a1b2c
  created   AsyncActor rbac-list/start-text-flow
  created   AsyncActor rbac-list/text-flow-clean
  created   AsyncActor rbac-list/text-flow-score
"#);
}
