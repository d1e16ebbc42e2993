//! Whether anything of the cluster's own judges new actors beyond their schema: webhooks and admission
//! policies.

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::apply::PARALLEL;
use super::{Cluster, Look, Resource};
use crate::error::Result;

/// The group of everything that judges.
const GROUP: &str = "admissionregistration.k8s.io";

/// What judges: its kind and plural, and where the rules are that say what about.
const JUDGES: [(&str, &str, &str); 4] = [
    ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "/webhooks"),
    ("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "/webhooks"),
    ("ValidatingAdmissionPolicy", "validatingadmissionpolicies", "/spec/matchConstraints/resourceRules"),
    ("MutatingAdmissionPolicy", "mutatingadmissionpolicies", "/spec/matchConstraints/resourceRules"),
];

impl Cluster {
    /// Whether something may object to new actors that their schema allows. Also where the user may
    /// not look, which most may not. Which namespaces and objects a judge is for is not considered.
    pub(super) async fn may_object(&self) -> Result<bool> {
        let found: Vec<bool> = stream::iter(JUDGES)
            .map(|(kind, plural, rules)| async move {
                let resource = Resource::new(GROUP, "v1", kind, plural, false);
                Ok::<_, crate::error::Error>(match self.look_all(&resource, "", "").await? {
                    Look::Unseen(_) => true,
                    Look::Seen(judges) => judges.iter().any(|judge| judges_actors(judge, rules)),
                })
            })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(found.contains(&true))
    }
}

/// Whether one of the rules of a judge is about new actors. Rules that cannot be read are.
fn judges_actors(judge: &Value, rules: &str) -> bool {
    let Some(rules) = judge.pointer(rules).and_then(Value::as_array) else { return !judge.is_object() };
    rules.iter().any(|rule| match rule.get("rules").and_then(Value::as_array) {
        Some(of_webhook) => of_webhook.iter().any(is_about_actors),
        None => is_about_actors(rule),
    })
}

fn is_about_actors(rule: &Value) -> bool {
    let names = |field: &str, wanted: &[&str]| {
        let Some(values) = rule.get(field).and_then(Value::as_array) else { return true };
        values.iter().filter_map(Value::as_str).any(|value| wanted.contains(&value))
    };
    names("apiGroups", &["*", "asya.sh"])
        && names("resources", &["*", "*/*", "asyncactors"])
        && names("operations", &["*", "CREATE"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_about_other_things_are_told_apart() {
        let rule = |groups: &[&str], resources: &[&str], operations: &[&str]| json!({"apiGroups": groups, "apiVersions": ["*"], "resources": resources, "operations": operations});
        let webhook = |rule: Value| json!({"webhooks": [{"name": "w", "rules": [rule]}]});
        let policy = |rule: Value| json!({"spec": {"matchConstraints": {"resourceRules": [rule]}}});
        for (about, rule) in [
            (true, rule(&["asya.sh"], &["asyncactors"], &["CREATE"])),
            (true, rule(&["*"], &["*"], &["*"])),
            (true, rule(&["apps", "asya.sh"], &["*/*"], &["UPDATE", "CREATE"])),
            (false, rule(&["apps"], &["deployments"], &["CREATE"])),
            (false, rule(&["*"], &["*"], &["DELETE"])),
            (false, rule(&["asya.sh"], &["asyncactors/status"], &["*"])),
        ] {
            assert_eq!(judges_actors(&webhook(rule.clone()), JUDGES[0].2), about, "{rule}");
            assert_eq!(judges_actors(&policy(rule.clone()), JUDGES[2].2), about, "{rule}");
        }
        assert!(!judges_actors(&json!({"webhooks": []}), JUDGES[0].2));
        assert!(!judges_actors(&json!({"metadata": {"name": "without webhooks"}}), JUDGES[0].2));
    }
}
