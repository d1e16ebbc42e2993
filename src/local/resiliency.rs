//! When a failed message is handled again (`docs/platform/protocol.md`, "Retries").

use std::time::Duration;

use serde_json::Value;

use super::duration;

/// How long a handler may take when its manifest does not say (`docs/platform/protocol.md`).
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// `spec.resiliency` of an actor.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resiliency {
    /// How long one call may take.
    pub(super) timeout: Duration,
    retry: Retry,
}

#[derive(Debug, Clone, PartialEq)]
enum Retry {
    Never,
    /// One block for all errors (generations B and C1).
    Block {
        max_attempts: u32,
        non_retryable: Vec<String>,
    },
    /// Named policies chosen by rules (generation C2).
    Policies {
        policies: Vec<(String, Policy)>,
        rules: Vec<Rule>,
    },
}

#[derive(Debug, Clone, PartialEq)]
struct Policy {
    max_attempts: u32,
    on_exhausted: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    errors: Vec<String>,
    policy: String,
}

/// What to do about a handler's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// Deliver the same message again; at most this many attempts in all.
    Again { max_attempts: u32 },
    /// Give up, with the platform's reason.
    Fail(&'static str),
}

impl Default for Resiliency {
    fn default() -> Self {
        Self { timeout: DEFAULT_TIMEOUT, retry: Retry::Never }
    }
}

impl Resiliency {
    /// Reads `spec.resiliency`; `None` is the default: no retry, five minutes.
    pub(super) fn of(spec: Option<&Value>) -> Self {
        let Some(spec) = spec else { return Self::default() };
        let timeout =
            spec.get("actorTimeout").and_then(Value::as_str).and_then(duration::parse).unwrap_or(DEFAULT_TIMEOUT);
        Self { timeout, retry: retry_of(spec) }
    }

    /// `status.max_attempts` while a handler runs for the first time.
    pub(super) fn announced_attempts(&self) -> u32 {
        match &self.retry {
            Retry::Never => 1,
            Retry::Block { max_attempts, .. } => *max_attempts,
            Retry::Policies { .. } => 0,
        }
    }

    /// What to do after `attempt` (from 1) failed with an error of these classes.
    pub(super) fn decide(&self, type_name: &str, mro: &[String], attempt: u32) -> Decision {
        let mut classes = std::iter::once(type_name).chain(mro.iter().map(String::as_str));
        match &self.retry {
            Retry::Never => Decision::Fail("RuntimeError"),
            Retry::Block { max_attempts, .. } if *max_attempts <= 1 => Decision::Fail("RuntimeError"),
            Retry::Block { max_attempts, non_retryable } => {
                if classes.any(|class| non_retryable.iter().any(|name| name == class)) {
                    Decision::Fail("NonRetryableFailure")
                } else if attempt >= *max_attempts {
                    Decision::Fail("MaxRetriesExhausted")
                } else {
                    Decision::Again { max_attempts: *max_attempts }
                }
            }
            Retry::Policies { policies, rules } => {
                let find = |name: &str| policies.iter().find(|(known, _)| known == name).map(|(_, policy)| policy);
                let classes: Vec<&str> = classes.collect();
                let matched = rules
                    .iter()
                    .filter(|rule| rule.errors.iter().any(|pattern| classes.iter().any(|class| fits(pattern, class))))
                    .find_map(|rule| find(&rule.policy));
                match matched.or_else(|| find("default")) {
                    None => Decision::Fail("RuntimeError"),
                    Some(policy) if attempt < policy.max_attempts => {
                        Decision::Again { max_attempts: policy.max_attempts }
                    }
                    Some(policy) if policy.on_exhausted.is_empty() => Decision::Fail("PolicyExhausted"),
                    Some(_) => Decision::Fail("PolicyRouted"),
                }
            }
        }
    }
}

/// A pattern with a dot is a whole name, one without is the last part of one.
fn fits(pattern: &str, class: &str) -> bool {
    if pattern.contains('.') { pattern == class } else { class.rsplit('.').next() == Some(pattern) }
}

fn retry_of(spec: &Value) -> Retry {
    if let Some(policies) = spec.get("policies").and_then(Value::as_object) {
        let policies = policies
            .iter()
            .map(|(name, policy)| {
                let policy = Policy {
                    max_attempts: attempts(policy.get("maxAttempts"), 1).max(1),
                    on_exhausted: strings(policy.get("onExhausted")),
                };
                (name.clone(), policy)
            })
            .collect();
        let rules = spec.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let rules = rules
            .iter()
            .map(|rule| Rule {
                errors: strings(rule.get("errors")),
                policy: rule.get("policy").and_then(Value::as_str).unwrap_or_default().to_owned(),
            })
            .collect();
        return Retry::Policies { policies, rules };
    }
    let non_retryable = strings(spec.get("nonRetryableErrors"));
    match spec.get("retry") {
        None if non_retryable.is_empty() => Retry::Never,
        retry => {
            // The platform's template leaves out a zero, and the default of 3 takes its place.
            let max_attempts = match attempts(retry.and_then(|retry| retry.get("maxAttempts")), 3) {
                0 => 3,
                some => some,
            };
            Retry::Block { max_attempts, non_retryable }
        }
    }
}

fn attempts(value: Option<&Value>, default: u32) -> u32 {
    value.and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok()).unwrap_or(default)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{Decision, Resiliency};
    use serde_json::json;

    fn decide(spec: serde_json::Value, class: &str, attempt: u32) -> Decision {
        let mro = ["OSError".to_owned(), "Exception".to_owned()];
        Resiliency::of(Some(&spec)).decide(class, &mro, attempt)
    }

    #[test]
    fn a_retry_block_counts_and_excludes() {
        let spec = json!({"retry": {"maxAttempts": 2}, "nonRetryableErrors": ["KeyError"]});
        assert_eq!(decide(spec.clone(), "ValueError", 1), Decision::Again { max_attempts: 2 });
        assert_eq!(decide(spec.clone(), "ValueError", 2), Decision::Fail("MaxRetriesExhausted"));
        assert_eq!(decide(spec, "KeyError", 1), Decision::Fail("NonRetryableFailure"));
        assert_eq!(decide(json!({"retry": {"maxAttempts": 0}}), "X", 2), Decision::Again { max_attempts: 3 });
        assert_eq!(decide(json!({"actorTimeout": "1s"}), "X", 1), Decision::Fail("RuntimeError"));
    }

    #[test]
    fn rules_choose_policies() {
        let spec = json!({
            "policies": {"default": {"maxAttempts": 1}, "net": {"maxAttempts": 3, "onExhausted": ["b"]}},
            "rules": [{"errors": ["a.Gone"], "policy": "missing"}, {"errors": ["b.OSError", "OSError"], "policy": "net"}],
        });
        assert_eq!(decide(spec.clone(), "a.Gone", 2), Decision::Again { max_attempts: 3 });
        assert_eq!(decide(spec.clone(), "a.Gone", 3), Decision::Fail("PolicyRouted"));
        let other = Resiliency::of(Some(&spec)).decide("ValueError", &[], 1);
        assert_eq!(other, Decision::Fail("PolicyExhausted"));
    }
}
