//! One flow that several people apply at the same time, in different versions: what any of them
//! made can be taken away later.

use serde_json::{Value, json};

use super::fixture::{Project, actors};
use super::server::{Server, server};

/// A version of the flow: what all versions have, and objects of its own.
fn version(name: &str) -> Vec<Value> {
    let mut objects = actors("text-flow");
    for object in &mut objects[1..] {
        object["spec"]["image"] = json!(format!("example.org/flows:{name}"));
    }
    objects.push(json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("settings-{name}")}, "data": {"a": "b"},
    }));
    objects.push(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": format!("metrics-{name}")},
        "spec": {"selector": {"app": "x"}, "ports": [{"port": 80}]},
    }));
    objects
}

/// Somebody's checkout of the project, at a version of the flow.
fn checkout<'a>(server: &'a Server, namespace: &str, name: &str) -> Project<'a> {
    let project = Project::in_existing(server, namespace);
    project.render("text-flow", &version(name));
    project
}

/// Kinds and names of everything that the versions have.
fn left(server: &Server, namespace: &str) -> Vec<String> {
    let objects = server.list(&["asyncactors", "configmaps", "services"], namespace);
    let named = |object: &Value| {
        let [kind, name] = [&object["kind"], &object["metadata"]["name"]].map(|it| it.as_str().expect("text"));
        format!("{kind}/{name}")
    };
    objects.iter().map(named).collect()
}

/// Lines of the inventory.
fn inventory(server: &Server, namespace: &str) -> Vec<String> {
    let config_map = server.get("configmap", namespace, "asya-flow-text-flow-inventory").expect("an inventory");
    config_map["data"]["objects"].as_str().expect("a list").lines().map(str::to_owned).collect()
}

/// Everything that is there can be taken away.
fn all_is_known(server: &Server, namespace: &str) {
    let written = inventory(server, namespace);
    for object in left(server, namespace).iter().filter(|name| !name.ends_with("-inventory")) {
        let name = object.split_once('/').expect("a name").1;
        let ending = format!(" {namespace}/{name}");
        assert!(written.iter().any(|line| line.ends_with(&ending)), "{object} is not in {written:#?}");
    }
}

fn delete(project: &Project<'_>) {
    project.kubeconfig(&project.server.admin());
    let outcome = project.run(&["k", "delete", "text-flow", "--yes", "--no-verify"]);
    assert_eq!(outcome.code, 0, "{}", outcome.show());
}

#[test]
fn what_several_first_applies_at_once_made_is_deleted() {
    let Some(server) = server() else { return };
    let namespace = "inventory-first";
    server.namespace(namespace);
    let names = ["1", "2", "3", "4", "5", "6"];
    let everyone: Vec<Project<'_>> = names.iter().map(|name| checkout(server, namespace, name)).collect();
    for round in 0..3 {
        std::thread::scope(|scope| {
            for project in &everyone {
                // Who comes a little later takes away what is only the others'.
                scope.spawn(|| {
                    let outcome = project.run(&["k", "apply", "text-flow", "--yes"]);
                    assert_eq!(outcome.code, 0, "{}", outcome.show());
                });
            }
        });
        all_is_known(server, namespace);
        delete(&everyone[round]);
        assert_eq!(left(server, namespace), Vec::<String>::new(), "round {round}");
    }
}

#[test]
fn an_apply_that_is_overtaken_adds_to_what_the_other_wrote() {
    let Some(server) = server() else { return };
    let namespace = "inventory-overtaken";
    server.namespace(namespace);
    let slow = checkout(server, namespace, "slow");
    let fast = std::sync::Arc::new(checkout(server, namespace, "fast").sandbox);
    // The slow one has seen that there is nothing yet, and asks what it may.
    let overtake = {
        let fast = std::sync::Arc::clone(&fast);
        move || {
            fast.ok(&["k", "apply", "text-flow", "--no-verify"]);
        }
    };
    slow.kubeconfig(&server.meddling("POST ", overtake));
    let outcome = slow.apply("text-flow");
    assert!(
        outcome.stderr.contains("another apply of the flow was at work at the same time and has 2 objects more"),
        "{}",
        outcome.show()
    );
    let written = inventory(server, namespace);
    for name in ["slow", "fast"] {
        assert!(written.contains(&format!("v1 Service {namespace}/metrics-{name}")), "{name} is not in {written:#?}");
    }
    delete(&slow);
    assert_eq!(left(server, namespace), Vec::<String>::new());
}

#[test]
fn what_another_version_made_anew_while_it_was_taken_away_stays_known() {
    let Some(server) = server() else { return };
    let namespace = "inventory-anew";
    server.namespace(namespace);
    let old = checkout(server, namespace, "old");
    old.apply("text-flow");
    let new = checkout(server, namespace, "new");
    let back = checkout(server, namespace, "old");
    let bring_back = move || {
        back.sandbox.ok(&["k", "apply", "text-flow", "--no-verify", "--yes"]);
    };
    // The service of the old version is gone, and its settings are next.
    new.kubeconfig(&server.meddling("GET /api/v1/namespaces/inventory-anew/pods", bring_back));
    let outcome = new.run(&["k", "apply", "text-flow", "--yes"]);
    assert_eq!(outcome.code, 0, "{}", outcome.show());
    let written = inventory(server, namespace);
    assert!(written.contains(&format!("v1 Service {namespace}/metrics-old")), "{written:#?}");
    all_is_known(server, namespace);
    delete(&new);
    assert_eq!(left(server, namespace), Vec::<String>::new());
}
