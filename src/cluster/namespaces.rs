//! The namespaces of a cluster, for people who are about to name one.

use serde_json::Value;

use super::Cluster;
use crate::error::Result;

impl Cluster {
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
