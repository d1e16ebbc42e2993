//! The namespaces of a cluster, for people who are about to name one.

use serde_json::Value;

use super::{Cluster, Look, Resource};
use crate::error::{Error, Result};

impl Cluster {
    /// Fails when there certainly is no such namespace, or it is about to go: where nothing was
    /// found, that says more. Who may not look learns nothing. `setting` is where the project's context
    /// has its name: `namespace`, `gateway_namespace`.
    pub async fn check_namespace(&self, namespace: &str, setting: &str) -> Result<()> {
        let kind = Resource::new("", "v1", "Namespace", "namespaces", false);
        let Look::Seen(found) = self.look(&kind, "", namespace).await? else { return Ok(()) };
        let Some(found) = found else {
            return Err(Error::cluster(format!(
                "there is no namespace `{namespace}` in the cluster at {} (context `{}`)",
                self.server(),
                self.context()
            ))
            .hint(format!(
                "correct `{setting}` of the context in `.asya/config.yaml`, or choose another with `--context`"
            ))
            .hint(format!("make it with `asya k namespace prepare {namespace}`")));
        };
        match found.pointer("/status/phase").and_then(Value::as_str) {
            Some("Terminating") => Err(Error::cluster(format!("namespace `{namespace}` is being deleted"))),
            _ => Ok(()),
        }
    }

    /// The names of all namespaces, as the server orders them; `None` where the user may not list
    /// them. A server that does not answer soon is an error of kind `Cluster`.
    pub async fn namespaces(&self) -> Result<Option<Vec<String>>> {
        let list: Option<Value> = self.first(self.read_visible("/api/v1/namespaces", "the namespaces")).await?;
        let items = list.as_ref().and_then(|list| list.get("items")).and_then(Value::as_array);
        Ok(items.map(|items| {
            let name = |item: &Value| item.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
            items.iter().filter_map(name).collect()
        }))
    }
}
