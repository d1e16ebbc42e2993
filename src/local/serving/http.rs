//! The routes, as the platform's gateway has them (`docs/platform/gateway.md`, "Calling a gateway").

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::{Gateway, a2a, guard, mcp, mesh_routes};

/// The most that is read of a request.
const BODY_MAX: usize = 4 << 20;

/// All routes.
pub(super) fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/mcp", post(mcp::post).get(mcp::listen).delete(mcp::end))
        .route("/tools/call", post(mcp::call))
        .route("/a2a", post(a2a::post))
        .route("/a2a/", post(a2a::post))
        .route("/a2a/{*rest}", post(a2a::post))
        .route("/.well-known/agent.json", get(a2a::card))
        .route("/.well-known/agent-card.json", get(a2a::card))
        .route("/mesh/config-reload", post(reload))
        .route("/mesh/{id}", get(mesh_routes::task))
        .route("/mesh/{id}/active", get(mesh_routes::active))
        .route("/mesh/{id}/stream", get(mesh_routes::stream_of))
        .route("/health", get(|| async { "OK" }))
        .fallback(|| async { refused(StatusCode::NOT_FOUND, ROUTES) })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn(not_too_large))
        .layer(from_fn_with_state(Arc::clone(&gateway), guard::same_machine))
        .with_state(gateway)
}

const ROUTES: &str = "there is nothing here: MCP is at /mcp, A2A at /a2a/, its card at /.well-known/agent.json";

async fn reload(State(gateway): State<Arc<Gateway>>) -> Response {
    gateway.refresh();
    let problems = gateway.catalog.problems();
    json_answer(&json!({"status": "ok", "flows": gateway.catalog.served().len(), "problems": problems}))
}

/// Refuses what says itself that it is too large, before any of it is read.
async fn not_too_large(request: Request, next: Next) -> Response {
    let length = text(request.headers(), "content-length").and_then(|length| length.parse::<usize>().ok());
    if length.is_some_and(|length| length > BODY_MAX) {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, &too_large());
    }
    next.run(request).await
}

fn too_large() -> String {
    format!("the body is larger than {} MiB", BODY_MAX >> 20)
}

/// A refusal as JSON.
pub(super) fn refused(status: StatusCode, reason: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json!({"error": reason}).to_string()).into_response()
}

/// 200 with a JSON value.
pub(super) fn json_answer(value: &Value) -> Response {
    json_text(value.to_string())
}

/// 200 with a JSON text.
pub(super) fn json_text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// A body as it came, or the refusal: too large, broken off.
pub(super) fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, (StatusCode, String)> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => (StatusCode::PAYLOAD_TOO_LARGE, too_large()),
        status => (status, "the body cannot be read".to_owned()),
    })
}

/// Whether the client can read a media type; who says nothing can read everything.
pub(super) fn accepts(headers: &HeaderMap, kind: &str) -> Accepts {
    let mut named = false;
    for value in headers.get_all(header::ACCEPT) {
        for range in value.to_str().unwrap_or_default().split(',') {
            named = true;
            let range = range.split(';').next().unwrap_or_default().trim();
            if range.eq_ignore_ascii_case(kind) {
                return Accepts::Named;
            }
            if range == "*/*" || kind.split('/').next().is_some_and(|top| range == format!("{top}/*")) {
                return Accepts::Anything;
            }
        }
    }
    if named { Accepts::Not } else { Accepts::Anything }
}

/// How a media type is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepts {
    /// By its name.
    Named,
    /// As anything is.
    Anything,
    Not,
}

/// The text of a header, whose name is in lower case.
pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
