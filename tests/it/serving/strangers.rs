//! Who may not ask, and what is too much.

use serde_json::json;

use super::client::{get, request, send};
use super::{Gateway, applied};

#[test]
fn pages_of_other_sites_are_refused() {
    let sandbox = applied(&["linear"], &["--mcp", "--a2a"]);
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let status = |path: &str, headers: &[(&str, &str)]| {
        let body = request("tools/list", &json!({})).to_string();
        send(port, "POST", path, headers, &body).answer().status
    };
    let own = format!("http://localhost:{port}");
    for path in ["/mcp", "/a2a/"] {
        assert_eq!(status(path, &[("host", "localhost")]), 200);
        assert_eq!(status(path, &[("host", "[::1]:80"), ("origin", &own)]), 200);
        assert_eq!(status(path, &[("host", "evil.example")]), 403);
        assert_eq!(status(path, &[("host", "localhost.evil.example")]), 403);
        assert_eq!(status(path, &[("origin", "https://evil.example")]), 403);
        assert_eq!(status(path, &[("origin", "null")]), 403);
    }
    assert_eq!(send(port, "GET", "/.well-known/agent.json", &[("host", "evil.example")], "").answer().status, 403);
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let sandbox = applied(&["linear"], &["--mcp", "--a2a"]);
    let gateway = Gateway::start(&sandbox);
    // Said to be large, and never sent: it is refused by what it says.
    let large = [("content-length", "5000000")];
    for path in ["/mcp", "/a2a/", "/tools/call"] {
        let answer = send(gateway.port, "POST", path, &large, "").answer();
        assert_eq!(answer.status, 413, "{path}");
        assert!(answer.body.contains("the body is larger than 4 MiB"), "{}", answer.body);
    }
    assert_eq!(get(gateway.port, "/health").status, 200);
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn keys_are_asked_for_where_they_are_set() {
    let mut sandbox = applied(&["linear"], &["--mcp", "--a2a"]);
    sandbox.set("ASYA_MCP_API_KEY", "mcp-secret");
    sandbox.set("ASYA_A2A_API_KEY", "a2a-secret");
    let gateway = Gateway::start(&sandbox);
    let ask = |path: &str, headers: &[(&str, &str)]| {
        send(gateway.port, "POST", path, headers, &request("tools/list", &json!({})).to_string()).answer()
    };
    for headers in [
        vec![],
        vec![("authorization", "Bearer wrong")],
        vec![("authorization", "mcp-secret")],
        vec![("x-api-key", "mcp-secret")],
    ] {
        let refused = ask("/mcp", &headers);
        assert_eq!(refused.status, 401);
        assert_eq!(refused.header("www-authenticate"), Some("Bearer realm=\"asya-gateway\""));
        assert_eq!(refused.json(), json!({"error": "unauthorized", "error_description": "Bearer token required"}));
    }
    assert_eq!(ask("/tools/call", &[]).status, 401);
    assert_eq!(ask("/mcp", &[("authorization", "Bearer mcp-secret")]).status, 200);
    let refused = ask("/a2a/", &[("authorization", "Bearer a2a-secret")]);
    assert_eq!((refused.status, refused.json()["error"]["code"].as_i64()), (401, Some(-32005)));
    assert_eq!(ask("/a2a/", &[("x-api-key", "a2a-secret")]).status, 200);
    let card = get(gateway.port, "/.well-known/agent.json").json();
    assert_eq!(card["securitySchemes"]["apiKey"]["name"], "X-API-Key");
    // Applying asks with the key that is set, and nobody prints it.
    let applied = sandbox.ok(&["k", "apply", "linear", "--context", "local", "--verify"]);
    assert!(applied.stderr.contains("shows the tool and the skill"), "{}", applied.show());
    sandbox.set("ASYA_MCP_API_KEY", "another");
    let refused = sandbox.run(&["k", "apply", "linear", "--context", "local", "--verify"]);
    assert_eq!(refused.code, 4, "{}", refused.show());
    let said = gateway.said().join("\n") + &applied.show() + &refused.show();
    assert!(!said.contains("secret") && !said.contains("another"), "{said}");
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn letting_other_machines_in_is_warned_of() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let gateway = Gateway::start_with(&sandbox, &["--host", "0.0.0.0"]);
    gateway.wait_for("can be reached from other machines");
    let host = |host: &str| send(gateway.port, "GET", "/health", &[("host", host)], "").answer().status;
    assert_eq!((host("localhost"), host("10.1.2.3:8080"), host("evil.example")), (200, 200, 403));
    assert_eq!(gateway.stop(), Some(130));
}
