//! What is checked: the list, its documentation, and these tests.

use serde_json::Value;

use crate::sandbox::Sandbox;

const TESTS: &[&str] = &[
    include_str!("actors.rs"),
    include_str!("gateway.rs"),
    include_str!("gateway_deployment.rs"),
    include_str!("gateway_pods.rs"),
    include_str!("platform.rs"),
    include_str!("pubsub.rs"),
    include_str!("sqs.rs"),
];

fn listed() -> Vec<Value> {
    let document = Sandbox::new().ok(&["k", "doctor", "--list", "-o", "json"]).stdout;
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["version"], 1);
    document["checks"].as_array().expect("checks").clone()
}

#[test]
fn needs_no_cluster_and_no_project() {
    let shown = Sandbox::new().show(&["k", "doctor", "--list"]);
    let first: String = shown.lines().take(5).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(first, @r#"
exit: 0
--- stdout
ID   FOR                   WHAT MUST BE SO
C01  every queue           the namespace has the runtime's ConfigMap, with its file
C02  every queue           that copy is as the chart's own
"#);
    assert_eq!(shown.lines().count(), listed().len() + 4, "{shown}");
}

/// Every check was seen to find something, and every one that can be well was seen to be well.
#[test]
fn every_check_has_a_test() {
    let lines: Vec<&str> = TESTS.iter().flat_map(|text| text.lines()).map(str::trim_start).collect();
    let was = |verdicts: &[&str], id: &str| {
        lines.iter().any(|line| {
            let mut words = line.split_whitespace();
            words.next().is_some_and(|verdict| verdicts.contains(&verdict)) && words.next() == Some(id)
        })
    };
    let mut missing = Vec::new();
    for check in listed() {
        let id = check["id"].as_str().expect("an id");
        if !was(&["fail", "warn"], id) {
            missing.push(format!("{id} was never seen to find anything"));
        }
        // What people run into is well when it is not found.
        if id.starts_with(['C', 'G']) && id != "C14" && !was(&["ok"], id) {
            missing.push(format!("{id} was never seen to be well"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
