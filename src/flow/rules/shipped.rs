//! The rules that come with the program (`docs/rules.md` shows them as YAML).

use serde_json::{Value, json};

use super::model::{Behaviour, Node, Param, Rule, Target};

const TIMEOUT: &str = "spec.resiliency.actorTimeout";

/// All of them, in the vocabulary of generation C2; `artifacts` knows the fields of the others.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        config("asyncio.timeout", vec![arg("delay").to(TIMEOUT)]),
        // Around a call, in place of a block.
        config("asyncio.wait_for", vec![arg("fut"), arg("timeout").to(TIMEOUT)]),
        config(
            "timeout_decorator.timeout",
            // How a time-out is told to the caller does not matter to who only limits the time.
            vec![arg("seconds").to(TIMEOUT), arg("use_signals"), arg("exception_message")],
        ),
        config(
            "tenacity.retry",
            vec![
                arg("stop").apart_on("|").then(vec![
                    call("stop_after_attempt").then(vec![arg("max_attempt_number").to(&policy("maxAttempts"))]),
                    call("stop_after_delay").then(vec![arg("max_delay").to(&policy("maxDuration"))]),
                ]),
                arg("wait").then(vec![
                    call("wait_fixed").then(vec![
                        arg("wait").to(&policy("initialDelay")),
                        constant("wait_fixed", "backoff", json!("constant")),
                    ]),
                    // The first wait is the larger of the two, so the second one wins.
                    call("wait_exponential").then(vec![
                        arg("multiplier").to(&policy("initialDelay")),
                        arg("min").to(&policy("initialDelay")),
                        arg("max").to(&policy("maxInterval")),
                        constant("wait_exponential", "backoff", json!("exponential")),
                    ]),
                    call("wait_exponential_jitter").then(vec![
                        arg("initial").to(&policy("initialDelay")),
                        arg("max").to(&policy("maxInterval")),
                        constant("wait_exponential_jitter", "backoff", json!("exponential")),
                        constant("wait_exponential_jitter", "jitter", json!(true)),
                    ]),
                    call("wait_random_exponential").then(vec![
                        arg("multiplier").to(&policy("initialDelay")),
                        arg("min").to(&policy("initialDelay")),
                        arg("max").to(&policy("maxInterval")),
                        constant("wait_random_exponential", "backoff", json!("exponential")),
                        constant("wait_random_exponential", "jitter", json!(true)),
                    ]),
                    call("wait_none"),
                ]),
                // The platform reports the error itself, never a `RetryError`.
                arg("reraise"),
            ],
        ),
        config(
            "stamina.retry",
            vec![
                // The platform retries every error.
                arg("on").then(vec![call("Exception")]),
                arg("attempts").to(&policy("maxAttempts")),
                arg("timeout").to(&policy("maxDuration")),
                arg("wait_initial").to(&policy("initialDelay")),
                arg("wait_max").to(&policy("maxInterval")),
            ],
        ),
    ]
}

fn policy(field: &str) -> String {
    format!("spec.resiliency.policies.default.{field}")
}

fn config(symbol: &str, nodes: Vec<Node>) -> Rule {
    Rule { symbol: symbol.to_owned(), behaviour: Behaviour::Config, nodes, keeps_decorator: false, place: None }
}

/// An argument by name; alone it says that the argument needs no place in the manifest.
fn arg(name: &str) -> Node {
    Node { param: Some(Param { name: Some(name.to_owned()), index: None, kind: None }), ..Node::default() }
}

fn call(name: &str) -> Node {
    Node { callee: Some(name.to_owned()), ..Node::default() }
}

fn constant(callee: &str, field: &str, value: Value) -> Node {
    Node { value: Some(value), ..call(callee) }.to(&policy(field))
}

impl Node {
    fn to(mut self, path: &str) -> Self {
        self.target = Some(Target { path: path.to_owned(), place: None });
        self
    }

    fn apart_on(mut self, operator: &str) -> Self {
        self.flatten_on = vec![operator.to_owned()];
        self
    }

    fn then(mut self, nodes: Vec<Self>) -> Self {
        self.nodes = nodes;
        self
    }
}
