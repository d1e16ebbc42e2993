//! The server's API as it is, for what tests do again and again: kubectl takes longer to start than
//! the server to answer.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::{Value, json};

/// Everything is allowed here.
pub struct Api {
    /// Where the API is in plain HTTP.
    socket: PathBuf,
    /// The resources of a version of a group, as the server lists them.
    resources: Mutex<HashMap<String, Vec<Value>>>,
}

/// What the server says instead of an answer.
#[derive(Debug)]
pub struct Refused {
    pub code: u16,
    /// What it says itself; read where one is shown.
    pub message: String,
}

impl Api {
    pub fn new(socket: PathBuf) -> Self {
        Self { socket, resources: Mutex::default() }
    }

    /// One request; `body` is its content type and its content.
    pub fn call(&self, method: &str, path: &str, body: Option<(&str, &Value)>) -> Result<Value, Refused> {
        let (content_type, content) = body.map_or(("", String::new()), |(kind, body)| (kind, body.to_string()));
        // The answer ends with the connection.
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n\r\n",
            content.len()
        );
        let mut stream = UnixStream::connect(&self.socket).expect("the API server");
        stream.write_all((head + &content).as_bytes()).expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8(answer).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{method} {path}: {answer}"));
        let code: u16 = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        let body: Value = serde_json::from_str(body).unwrap_or_else(|_| json!({"message": body}));
        if (200..300).contains(&code) {
            return Ok(body);
        }
        Err(Refused { code, message: body["message"].as_str().unwrap_or_default().to_owned() })
    }

    /// What is at `path`, or nothing.
    pub fn get(&self, path: &str) -> Option<Value> {
        match self.call("GET", path, None) {
            Ok(found) => Some(found),
            Err(Refused { code: 404, .. }) => None,
            Err(refused) => panic!("{path}: {refused:?}"),
        }
    }

    /// Makes an object in the collection at `path`, and answers what became of it.
    pub fn create(&self, path: &str, object: &Value) -> Value {
        self.call("POST", path, Some(("application/json", object)))
            .unwrap_or_else(|refused| panic!("{path}: {refused:?}"))
    }

    /// Changes what is at `path`.
    pub fn merge(&self, path: &str, patch: &Value) {
        let body = Some(("application/merge-patch+json", patch));
        self.call("PATCH", path, body).unwrap_or_else(|refused| panic!("{path}: {refused:?}"));
    }

    /// Applies an object as `manager`, on the server's side.
    pub fn apply(&self, object: &Value, manager: &str, force: bool) {
        let name = object["metadata"]["name"].as_str().expect("a name");
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
        let path = self.collection(object, namespace);
        let path = format!("{path}/{name}?fieldManager={manager}&fieldValidation=Strict&force={force}");
        let body = Some(("application/apply-patch+yaml", object));
        self.call("PATCH", &path, body).unwrap_or_else(|refused| panic!("{path}: {refused:?}"));
    }

    /// Where objects of the kind of `object` are.
    fn collection(&self, object: &Value, namespace: &str) -> String {
        let [version, kind] = ["apiVersion", "kind"].map(|field| object[field].as_str().expect("a kind"));
        let group = if version.contains('/') { format!("/apis/{version}") } else { format!("/api/{version}") };
        let is_it = |it: &&Value| it["kind"] == kind && !it["name"].as_str().is_some_and(|name| name.contains('/'));
        let mut known = self.resources.lock().expect("no panic before");
        if !known.get(&group).is_some_and(|all| all.iter().any(|it| is_it(&it))) {
            let listed = self.get(&group).unwrap_or_else(|| panic!("there is no {version}"));
            known.insert(group.clone(), listed["resources"].as_array().expect("resources").clone());
        }
        let resource = known[&group].iter().find(is_it).unwrap_or_else(|| panic!("there is no {version} {kind}"));
        let name = resource["name"].as_str().expect("a name");
        match resource["namespaced"] == true {
            true => format!("{group}/namespaces/{namespace}/{name}"),
            false => format!("{group}/{name}"),
        }
    }
}

/// The kinds that tests ask for by their short names, and where they are.
const KINDS: [(&str, &str, &str); 8] = [
    ("asyncactors", "AsyncActor", "/apis/asya.sh/v1alpha1"),
    ("configmaps", "ConfigMap", "/api/v1"),
    ("deployments", "Deployment", "/apis/apps/v1"),
    ("namespaces", "Namespace", "/api/v1"),
    ("pods", "Pod", "/api/v1"),
    ("secrets", "Secret", "/api/v1"),
    ("serviceaccounts", "ServiceAccount", "/api/v1"),
    ("services", "Service", "/api/v1"),
];

/// Where the objects of a kind (`configmap`, `configmaps`) of a namespace are, and what the kind is
/// called in an object.
pub fn place(kind: &str, namespace: &str) -> Option<(String, &'static str)> {
    let plural = format!("{}s", kind.trim_end_matches('s'));
    let (name, kind, group) = KINDS.iter().find(|(name, ..)| *name == plural)?;
    Some(match *name {
        "namespaces" => (format!("{group}/{name}"), kind),
        _ => (format!("{group}/namespaces/{namespace}/{name}"), kind),
    })
}
