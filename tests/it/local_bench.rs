//! Hand-made actors for tests of the local mesh.

use std::sync::{Arc, OnceLock};

use asya::kustomize::Object;
use asya::local::{Happening, Interpreter, LocalSettings, Mesh, Outcome, RawJson, find_python};
use serde_json::{Value, json};

/// One interpreter for all tests of this binary.
pub fn interpreter() -> Arc<Interpreter> {
    static SHARED: OnceLock<Arc<Interpreter>> = OnceLock::new();
    Arc::clone(SHARED.get_or_init(|| Arc::new(Interpreter::new(settings()))))
}

pub fn settings() -> LocalSettings {
    let path: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect();
    let configured = std::env::var_os("ASYA_PYTHON").map(std::path::PathBuf::from);
    LocalSettings {
        python: find_python(configured.as_deref(), &path).unwrap(),
        python_path: Vec::new(),
        working_directory: std::env::temp_dir(),
    }
}

/// The objects of a mesh whose actors run `handler` of module `h`, whose text is `code`.
pub fn objects(code: &str, actors: &[(&str, &str)]) -> Vec<Object> {
    let mut all = vec![config_map("code", &[("h.py", code)])];
    all.extend(actors.iter().map(|(name, handler)| actor(name, handler, json!({}))));
    all
}

pub fn config_map(name: &str, files: &[(&str, &str)]) -> Object {
    let data: serde_json::Map<String, Value> =
        files.iter().map(|(file, text)| ((*file).to_owned(), Value::from(*text))).collect();
    object(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}))
}

/// An actor with `h.py` of ConfigMap `code` mounted like a router, and more of its spec.
pub fn actor(name: &str, handler: &str, more: Value) -> Object {
    let mut spec = json!({
        "actor": name, "image": "python:3.13-slim", "handler": handler,
        "volumes": [{"name": "code", "configMap": {"name": "code"}}],
        "volumeMounts": [{"name": "code", "mountPath": "/opt/asya/h.py", "subPath": "h.py", "readOnly": true}],
    });
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    object(json!({"apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": name}, "spec": spec}))
}

pub fn object(value: Value) -> Object {
    Object::new(value).unwrap()
}

pub fn mesh(objects: &[Object]) -> Mesh {
    Mesh::new(objects, &interpreter(), &|_| None).unwrap()
}

/// Sends one message and returns what came of it and what the handlers printed.
pub fn send(mesh: &mut Mesh, entry: &str, next: &[&str], payload: &str) -> (Outcome, Vec<String>) {
    let next: Vec<String> = next.iter().map(|name| (*name).to_owned()).collect();
    let mut printed = Vec::new();
    let payload = RawJson::parse(payload).unwrap();
    let outcome = mesh.send(entry, &next, None, payload, &mut |happening| match happening {
        Happening::Printed { actor, line } => printed.push(format!("{actor}| {line}")),
        Happening::Streamed { actor, payload } => printed.push(format!("{actor}> {}", payload.as_str())),
        Happening::Hop(_) => {}
    });
    (outcome.unwrap(), printed)
}

/// Runs `handler` of `code` once and shows everything that came of it.
pub fn show(code: &str, handler: &str, payload: &str) -> String {
    show_route(code, handler, &[], payload)
}

/// The same with actors `b` and `c`, which pass messages on, behind it.
pub fn show_route(code: &str, handler: &str, next: &[&str], payload: &str) -> String {
    let code = format!("{code}\ndef echo(p):\n    return p\n");
    let mut mesh = mesh(&objects(&code, &[("a", handler), ("b", "h.echo"), ("c", "h.echo")]));
    let (outcome, printed) = send(&mut mesh, "a", next, payload);
    shown(&outcome, &printed)
}

pub fn shown(outcome: &Outcome, printed: &[String]) -> String {
    let mut text = String::new();
    for line in printed {
        text.push_str(&format!("{line}\n"));
    }
    for result in &outcome.results {
        let headers =
            if result.headers.is_empty_object() { String::new() } else { format!(" {}", result.headers.as_str()) };
        text.push_str(&format!(
            "{} {} {}{headers}\n",
            result.phase.name(),
            result.prev.join(">"),
            result.payload.as_str()
        ));
        if let Some(error) = &result.error {
            let class = if error.type_name.is_empty() {
                String::new()
            } else {
                format!(" {} {:?}", error.type_name, error.mro)
            };
            text.push_str(&format!("  {} at {}:{class} {}\n", error.kind.name(), error.actor, error.message));
        }
    }
    text
}
