//! A gateway of the tests' own. It answers as the platform's does: tools are read once for each
//! pod (but by adapters, which read them again), skills with every question; sessions are a header that must be sent back; schemas are shown
//! without their finer parts. What it serves is what the newest pod mounts.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use super::server::Server;

/// How this gateway behaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Behaviour {
    /// Answers come as server-sent events, on streams that stay open.
    pub streams: bool,
    /// The first session is not known afterwards; the status it is refused with.
    pub forgets: Option<u16>,
    /// Every session is forgotten.
    pub forgets_all: bool,
    /// The token it wants.
    pub token: Option<&'static str>,
    /// Whose tokens it takes, as its metadata has it.
    pub issuer: Option<&'static str>,
    /// What it says of a wrong token, which it repeats.
    pub repeats: bool,
    /// The scope that every token lacks.
    pub scope: Option<&'static str>,
    /// Where it has gone.
    pub moved: Option<&'static str>,
    /// The card is at the newer place.
    pub newer_card: bool,
    /// Tools come one a page.
    pub pages: bool,
    /// It never reads its files again, not even for a new pod.
    pub deaf: bool,
}

/// A running gateway.
pub struct Gateway {
    port: u16,
    scheme: &'static str,
    state: Arc<State>,
}

struct State {
    server: &'static Server,
    namespace: String,
    behaviour: Behaviour,
    sessions: Mutex<Vec<String>>,
    /// Tools of each pod, as they were when it was first asked.
    tools: Mutex<BTreeMap<String, Vec<Value>>>,
    asked: Mutex<Vec<String>>,
}

impl Gateway {
    /// A gateway for a namespace.
    pub fn start(server: &'static Server, namespace: &str, behaviour: Behaviour) -> Self {
        Self::listen(server, namespace, behaviour, None)
    }

    /// The same behind TLS.
    pub fn secure(server: &'static Server, namespace: &str, behaviour: Behaviour, tls: Arc<ServerConfig>) -> Self {
        Self::listen(server, namespace, behaviour, Some(tls))
    }

    fn listen(server: &'static Server, namespace: &str, behaviour: Behaviour, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State {
            server,
            namespace: namespace.to_owned(),
            behaviour,
            sessions: Mutex::default(),
            tools: Mutex::default(),
            asked: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let scheme = if tls.is_some() { "https" } else { "http" };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (state, tls) = (Arc::clone(&shared), tls.clone());
                std::thread::spawn(move || {
                    let _ = match tls {
                        Some(tls) => {
                            let connection = ServerConnection::new(tls).expect("TLS");
                            serve(&state, StreamOwned::new(connection, client))
                        }
                        None => serve(&state, client),
                    };
                });
            }
        });
        Self { port, scheme, state }
    }

    /// Its address for `gateway_url`.
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Makes it what answers on the ports of the namespace's pods.
    pub fn behind_pods(&self, ports: &[u16]) {
        let namespace = &self.state.namespace;
        let forward = json!({
            "apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "ClusterPortForward",
            "metadata": {"name": format!("gateway-{namespace}")},
            "spec": {
                "selector": {"matchNamespaces": [namespace]},
                "forwards": [{"ports": ports, "target": {"port": self.port, "address": "127.0.0.1"}}],
            },
        });
        self.state.server.apply(&forward.to_string());
    }

    /// Makes the namespace's pods have logged these lines.
    pub fn logs(&self, lines: &[&str]) {
        let namespace = &self.state.namespace;
        let file = self.state.server.file(&format!("{namespace}.log"));
        let text: String =
            lines.iter().map(|line| format!("2026-01-01T00:00:00.000000000Z stdout F {line}\n")).collect();
        std::fs::write(&file, text).expect("a log");
        let logs = json!({
            "apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "ClusterLogs",
            "metadata": {"name": format!("gateway-{namespace}")},
            "spec": {
                "selector": {"matchNamespaces": [namespace]},
                "logs": [{"containers": ["gateway", "mcp-adapter", "a2a-adapter"], "logsFile": file}],
            },
        });
        self.state.server.apply(&logs.to_string());
    }

    /// The questions so far: method, path, MCP method.
    pub fn asked(&self) -> Vec<String> {
        self.state.asked.lock().expect("no panic before").clone()
    }
}

struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Value,
}

fn serve(state: &State, client: impl Read + Write) -> std::io::Result<()> {
    let mut from_client = BufReader::new(client);
    loop {
        let request = match read(&mut from_client) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(_) => {
                return write!(from_client.get_mut(), "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
            }
        };
        let what = request.body["method"].as_str().unwrap_or_default();
        let line = format!("{} {} {what}", request.method, request.path);
        state.asked.lock().expect("no panic before").push(line.trim().to_owned());
        let (status, headers, body) = answer(state, &request);
        let is_message = status == 200 && request.path == "/mcp" && !body.is_empty();
        if is_message && state.behaviour.streams {
            let text = format!(": hello\n\nevent: message\ndata: {body}\n\n");
            let to_client = from_client.get_mut();
            write!(
                to_client,
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{headers}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{text}\r\n",
                text.len()
            )?;
            to_client.flush()?;
            // The stream stays open until the client has enough.
            let _ = from_client.read(&mut [0]);
            return Ok(());
        }
        let to_client = from_client.get_mut();
        let kind = if body.starts_with('{') { "application/json" } else { "text/plain" };
        write!(
            to_client,
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        to_client.flush()?;
    }
}

fn read(from: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        match line.trim().split_once(':') {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(Some(Request { method, path, headers, body: serde_json::from_slice(&body).unwrap_or_default() }))
}

fn answer(state: &State, request: &Request) -> (u16, String, String) {
    let plain = |status: u16, body: &str| (status, String::new(), body.to_owned());
    let Behaviour { newer_card, issuer, moved, .. } = state.behaviour;
    if let Some(place) = moved {
        return (308, format!("Location: {place}{}\r\n", request.path), String::new());
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/.well-known/agent.json") if !newer_card => plain(200, &card(state)),
        ("GET", "/.well-known/agent-card.json") if newer_card => plain(200, &card(state)),
        ("GET", "/.well-known/oauth-protected-resource") if issuer.is_some() => {
            plain(200, &json!({"resource": issuer, "authorization_servers": [issuer]}).to_string())
        }
        ("GET", "/health") => plain(200, "OK"),
        ("POST" | "DELETE", "/mcp") => mcp(state, request),
        _ => plain(404, "404 page not found\n"),
    }
}

fn mcp(state: &State, request: &Request) -> (u16, String, String) {
    let Behaviour { token, repeats, scope, forgets, forgets_all, pages, .. } = state.behaviour;
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    if let Some(token) = token
        && header("authorization") != Some(&format!("Bearer {token}"))
    {
        let given = header("authorization").filter(|_| repeats);
        let why = given.map_or("Bearer token required".to_owned(), |given| format!("`{given}` has expired"));
        let body = json!({"error": "unauthorized", "error_description": why}).to_string();
        return (401, "WWW-Authenticate: Bearer realm=\"asya-gateway\"\r\n".to_owned(), body);
    }
    if let Some(scope) = scope {
        let challenge = format!("WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"{scope}\"\r\n");
        return (403, challenge, String::new());
    }
    if request.method == "POST" && header("content-type") != Some("application/json") {
        return (400, String::new(), "Invalid content type: must be 'application/json'\n".to_owned());
    }
    let mut sessions = state.sessions.lock().expect("no panic before");
    let id = &request.body["id"];
    let result = |result: Value| json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string();
    if request.body["method"] == "initialize" {
        let session = format!("mcp-session-{:08x}-0000-4000-8000-000000000000", sessions.len());
        sessions.push(session.clone());
        let known = ["2024-11-05", "2025-03-26", "2025-06-18"];
        let asked = request.body["params"]["protocolVersion"].as_str().unwrap_or_default();
        let revision = if known.contains(&asked) { asked } else { "2025-06-18" };
        let info = json!({"name": "asya-gateway", "version": "0.1.0"});
        let body = result(json!({"protocolVersion": revision, "capabilities": {"tools": {}}, "serverInfo": info}));
        return (200, format!("Mcp-Session-Id: {session}\r\n"), body);
    }
    let session = header("mcp-session-id").unwrap_or_default().to_owned();
    if !session.starts_with("mcp-session-") || !sessions.contains(&session) {
        return (400, String::new(), "Invalid session ID\n".to_owned());
    }
    let is_first = sessions.first() == Some(&session);
    match request.body["method"].as_str() {
        Some("notifications/initialized") => (202, String::new(), String::new()),
        Some("tools/list") if forgets.is_some() && (is_first || forgets_all) => {
            (forgets.unwrap_or(404), String::new(), "Invalid session ID\n".to_owned())
        }
        Some("tools/list") => {
            let tools = tools(state);
            let at = request.body["params"]["cursor"].as_str().and_then(|at| at.parse().ok()).unwrap_or(0);
            let page = match (pages, tools.get(at)) {
                (true, Some(tool)) if at + 1 < tools.len() => {
                    json!({"tools": [tool], "nextCursor": (at + 1).to_string()})
                }
                (true, Some(tool)) => json!({"tools": [tool]}),
                _ => json!({"tools": tools}),
            };
            (200, String::new(), result(page))
        }
        _ if request.method == "DELETE" => (200, String::new(), String::new()),
        _ => (
            200,
            String::new(),
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "no such method"}}).to_string(),
        ),
    }
}

fn card(state: &State) -> String {
    let skills: Vec<Value> = flows(state)
        .iter()
        .filter(|flow| !flow["a2a"].is_null())
        .map(|flow| json!({"id": flow["name"], "name": flow["name"], "description": flow["description"], "tags": flow["a2a"]["tags"]}))
        .collect();
    let skills = if skills.is_empty() { Value::Null } else { json!(skills) };
    json!({"name": "Asya Gateway", "version": "1.0.0", "url": "", "protocolVersion": "", "skills": skills}).to_string()
}

/// The tools of the newest pod, as they were when it was first asked.
fn tools(state: &State) -> Vec<Value> {
    let pod = newest_pod(state);
    let name = if state.behaviour.deaf { "any" } else { pod["metadata"]["name"].as_str().unwrap_or_default() };
    let mut known = state.tools.lock().expect("no panic before");
    // Adapters of split gateways read tools again and again.
    let is_split = pod["spec"]["volumes"].as_array().into_iter().flatten().any(|volume| volume["name"] == "mcp-tools");
    if is_split {
        known.clear();
    }
    let read = || flows(state).iter().filter(|flow| !flow["mcp"].is_null()).map(tool).collect();
    known.entry(name.to_owned()).or_insert_with(read).clone()
}

/// A tool as this gateway shows it: only the first level of its schema, only simple types.
fn tool(flow: &Value) -> Value {
    let schema = &flow["mcp"]["inputSchema"];
    let mut properties = serde_json::Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let kind = match property["type"].as_str() {
            Some("integer" | "number") => "number",
            Some(kind @ ("boolean" | "array")) => kind,
            _ => "string",
        };
        properties.insert(name.clone(), json!({"type": kind, "description": property["description"]}));
    }
    let mut shown = json!({"type": "object", "properties": properties});
    if !schema["required"].is_null() {
        shown["required"] = schema["required"].clone();
    }
    json!({"name": flow["name"], "description": flow["description"], "inputSchema": shown})
}

fn newest_pod(state: &State) -> Value {
    let mut pods = state.server.list(&["pods"], &state.namespace);
    pods.retain(|pod| {
        let labels = &pod["metadata"]["labels"];
        labels["app.kubernetes.io/name"] == "asya-gateway"
            && labels["app.kubernetes.io/component"] != "mesh"
            && pod["metadata"]["deletionTimestamp"].is_null()
    });
    pods.sort_by_key(|pod| pod["metadata"]["creationTimestamp"].as_str().unwrap_or_default().to_owned());
    pods.pop().unwrap_or_default()
}

/// Everything that the newest pod mounts, as flows.
fn flows(state: &State) -> Vec<Value> {
    let pod = newest_pod(state);
    let mut all = Vec::new();
    for volume in pod["spec"]["volumes"].as_array().into_iter().flatten() {
        let names: Vec<&str> = match volume["name"].as_str() {
            Some("gateway-flows") if !volume["configMap"].is_null() => {
                volume["configMap"]["name"].as_str().into_iter().collect()
            }
            Some("gateway-flows") => volume["projected"]["sources"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|source| source["configMap"]["name"].as_str())
                .collect(),
            Some("mcp-tools" | "a2a-agents") => volume["configMap"]["name"].as_str().into_iter().collect(),
            _ => Vec::new(),
        };
        for name in names {
            let Some(object) = state.server.get("configmap", &state.namespace, name) else { continue };
            for (file, text) in object["data"].as_object().into_iter().flatten() {
                if !file.ends_with(".yaml") {
                    continue;
                }
                let file: Value = serde_saphyr::from_str(text.as_str().expect("text")).expect("YAML");
                for flow in file["flows"].as_array().into_iter().flatten() {
                    all.push(flow.clone());
                }
                for tool in file["tools"].as_array().into_iter().flatten() {
                    all.push(json!({"name": tool["name"], "description": tool["description"],
                                    "mcp": {"inputSchema": tool["inputSchema"]}}));
                }
                for agent in file["agents"].as_array().into_iter().flatten() {
                    all.push(json!({"name": agent["name"], "description": agent["description"],
                                    "a2a": {"tags": agent["skills"][0]["tags"]}}));
                }
            }
        }
    }
    all
}
