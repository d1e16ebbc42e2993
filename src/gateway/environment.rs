//! The environment of a gateway's containers: which queue it sends to, and in which namespace.

use std::collections::BTreeMap;

use serde_json::Value;

use super::detect::containers;

/// A message queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Amazon SQS.
    Sqs,
    /// RabbitMQ.
    Rabbitmq,
    /// Google Pub/Sub.
    Pubsub,
}

impl Queue {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqs => "SQS",
            Self::Rabbitmq => "RabbitMQ",
            Self::Pubsub => "Pub/Sub",
        }
    }

    /// Whether names of queues carry a namespace, so that a gateway reaches only its own.
    pub(super) fn carries_namespace(self) -> bool {
        self != Self::Rabbitmq
    }
}

/// Names of the ConfigMaps that containers take variables from.
pub(super) fn config_maps(deployment: &Value) -> Vec<String> {
    let list = |key: &'static str| {
        containers(deployment).filter_map(move |container| container.get(key)?.as_array()).flatten()
    };
    let whole = list("envFrom").filter_map(|source| source.pointer("/configMapRef/name"));
    let single = list("env").filter_map(|variable| variable.pointer("/valueFrom/configMapKeyRef/name"));
    let mut names: Vec<String> = whole.chain(single).filter_map(Value::as_str).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The variables of all containers; `None` for values that are not ours to read (Secrets) or only
/// known in the cluster.
pub(super) fn variables(deployment: &Value, config_maps: &BTreeMap<String, Value>) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let data = |name: Option<&Value>| config_maps.get(name?.as_str()?)?.get("data")?.as_object();
    for container in containers(deployment) {
        for source in container.get("envFrom").and_then(Value::as_array).into_iter().flatten() {
            let prefix = source.get("prefix").and_then(Value::as_str).unwrap_or_default();
            for (key, value) in data(source.pointer("/configMapRef/name")).into_iter().flatten() {
                if let Some(value) = text(value) {
                    found.insert(format!("{prefix}{key}"), Some(value));
                }
            }
        }
        for variable in container.get("env").and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = variable.get("name").and_then(Value::as_str) else { continue };
            let reference = variable.pointer("/valueFrom/configMapKeyRef");
            let value = match (variable.get("value"), reference, variable.get("valueFrom")) {
                (Some(value), _, _) => text(value).map(Some),
                (None, Some(reference), _) => data(reference.get("name"))
                    .and_then(|data| data.get(reference.get("key")?.as_str()?))
                    .and_then(text)
                    .map(Some),
                (None, None, Some(_)) => Some(None),
                (None, None, None) => None,
            };
            match value {
                Some(value) => found.insert(name.to_owned(), value),
                None => found.remove(name),
            };
        }
    }
    found
}

/// The queue a gateway sends to; `None` when its variables do not say.
pub(super) fn queue(variables: &BTreeMap<String, Option<String>>) -> Option<Queue> {
    let is_set = |name: &str| variables.contains_key(name);
    // In this order, as the gateway decides.
    if is_set("ASYA_PUBSUB_PROJECT_ID") {
        Some(Queue::Pubsub)
    } else if is_set("ASYA_SQS_ENDPOINT") {
        Some(Queue::Sqs)
    } else if is_set("ASYA_RABBITMQ_URL") {
        Some(Queue::Rabbitmq)
    } else if is_set("ASYA_SQS_REGION") {
        Some(Queue::Sqs)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_come_from_values_and_config_maps() {
        let container = json!({
            "envFrom": [{"configMapRef": {"name": "gw"}}, {"secretRef": {"name": "s"}}],
            "env": [
                {"name": "ASYA_RABBITMQ_URL", "valueFrom": {"secretKeyRef": {"name": "s", "key": "url"}}},
                {"name": "ASYA_NAMESPACE", "valueFrom": {"configMapKeyRef": {"name": "gw", "key": "namespace"}}},
                {"name": "ASYA_SQS_ENDPOINT", "value": ""},
            ],
        });
        let deployment = json!({"spec": {"template": {"spec": {"containers": [container]}}}});
        assert_eq!(config_maps(&deployment), ["gw"]);
        let gw = json!({"data": {"namespace": "sys", "ASYA_SQS_ENDPOINT": "http://x"}});
        let variables = variables(&deployment, &BTreeMap::from([("gw".to_owned(), gw)]));
        assert_eq!(variables.get("ASYA_NAMESPACE"), Some(&Some("sys".to_owned())));
        assert_eq!(queue(&variables), Some(Queue::Rabbitmq));
        assert_eq!(queue(&BTreeMap::new()), None);
    }
}
