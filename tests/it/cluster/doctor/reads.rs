//! Reads that fail, one at a time: everything else is told all the same.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::fixture::{Project, gateway};
use super::super::mesh_platform::{actor, platform};
use super::super::platform::{compose, deployed};
use super::super::proxy::{Fault, Proxy};
use super::super::server::server;

/// The checks of a run, as `(id, verdict, finding)`.
fn checks(project: &Project<'_>) -> Vec<[String; 3]> {
    let outcome = project.run(&["k", "doctor", "-o", "json"]);
    assert!(matches!(outcome.code, 0 | 1), "{}", outcome.show());
    let document: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let checks = document["checks"].as_array().expect("checks").iter();
    let text = |check: &Value, key: &str| check[key].as_str().expect("text").to_owned();
    checks.map(|check| [text(check, "id"), text(check, "verdict"), text(check, "finding")]).collect()
}

#[test]
fn one_read_that_fails_hides_none_of_the_other_findings() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-reads";
    let project = Project::without_gateway(server, namespace).transport("rabbitmq");
    server.apply(&gateway(namespace, "asya-gateway"));
    actor(server, namespace, "score", "rabbitmq", None);
    compose(server, namespace, "score", 0);
    let proxy = Proxy::start(server.plain_socket());
    project.kubeconfig(&server.admin_at(&proxy.address));
    proxy.reset(Box::new(|_, _| Fault::None), Box::new(|_| ()));
    let well = checks(&project);
    let calls = proxy.calls();
    let found = |checks: &[[String; 3]]| {
        checks.iter().filter(|[_, verdict, _]| matches!(verdict.as_str(), "fail" | "warn")).count()
    };
    assert!(found(&well) > 5, "{well:?}");
    let distinct: BTreeSet<&String> = calls.iter().collect();
    // The schema is how it is told whether there is a cluster at all.
    for failed in distinct.into_iter().filter(|call| !call.contains("/openapi/")) {
        proxy.break_calls(failed, Fault::Answer(400));
        let told = checks(&project);
        // Of what was not seen nothing can be said, and what that is, is said.
        assert!(found(&told) + 7 >= found(&well), "{failed}: {told:?}");
        let is_named = told.iter().any(|[_, verdict, finding]| verdict == "skip" && finding.contains("out of order"));
        assert!(is_named || told.len() == well.len(), "{failed}: {told:?}");
    }
}

#[test]
fn a_status_without_its_pods_or_deployments_has_all_the_rest() {
    let Some(server) = server() else { return };
    let project = deployed(server, "status-reads");
    let proxy = Proxy::start(server.plain_socket());
    project.kubeconfig(&server.admin_at(&proxy.address));
    let status = || {
        let outcome = project.run(&["k", "status", "text-flow", "-o", "json"]);
        (outcome.stderr.clone(), serde_json::from_str::<Value>(&outcome.stdout).expect(&outcome.stderr))
    };
    let (_, well) = status();
    for kind in ["deployments", "pods"] {
        proxy.break_calls(&format!("/{kind}?limit=500&labelSelector=asya.sh%2Factor"), Fault::Answer(400));
        let (told, document) = status();
        assert!(told.starts_with(&format!("warning: the cluster refused to list {kind} ")), "{kind}: {told}");
        assert_eq!(
            (&document["gateway"], &document["drift"]),
            (&well["gateway"], &well["drift"]),
            "{kind}: {document}"
        );
        assert_eq!(document["actors"].as_array().map(Vec::len), Some(3), "{kind}: {document}");
    }
}
