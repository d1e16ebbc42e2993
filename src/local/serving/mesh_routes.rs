//! How calls stand, as the mesh side of the platform's gateway shows it.

use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Gateway;
use super::http::{json_text, refused};
use super::streams::{Said, stream};
use super::tasks::{Task, Update};
use crate::local::mesh::rfc3339;

/// `GET /mesh/{id}`.
pub(super) async fn task(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    match gateway.tasks.get(&id) {
        None => unknown(),
        Some(task) => json_text(view(&task)),
    }
}

/// `GET /mesh/{id}/active`.
pub(super) async fn active(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    let Some(task) = gateway.tasks.get(&id) else { return unknown() };
    let is_active = !task.state().is_over();
    let status = if is_active { StatusCode::OK } else { StatusCode::GONE };
    (status, [(header::CONTENT_TYPE, "application/json")], json!({"active": is_active}).to_string()).into_response()
}

/// `GET /mesh/{id}/stream`: what happened, then what happens. It ends with the task.
pub(super) async fn stream_of(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    let Some(task) = gateway.tasks.get(&id) else { return unknown() };
    let (mouth, response) = stream(None);
    tokio::spawn(async move {
        let mut seen = 0;
        loop {
            let news = task.after(seen).await;
            seen += news.len();
            for update in &news {
                let said = match update {
                    Update::Partial(payload) => Said { event: Some("partial"), data: payload.as_str().to_owned() },
                    Update::State(state) => {
                        Said { event: Some("update"), data: json!({"id": task.id, "status": state.name()}).to_string() }
                    }
                    Update::Hop(actor) => {
                        let data = json!({"id": task.id, "status": "running", "actor": actor}).to_string();
                        Said { event: Some("update"), data }
                    }
                };
                if mouth.send(said).is_err() {
                    return;
                }
            }
            if news.is_empty() || news.iter().any(|update| matches!(update, Update::State(state) if state.is_over())) {
                return;
            }
        }
    });
    response
}

fn unknown() -> Response {
    refused(StatusCode::NOT_FOUND, "there is no such task")
}

fn view(task: &Task) -> String {
    let now = task.now();
    let done = now.route.prev.len();
    let percent = match now.state.is_over() {
        true => 100.0,
        false => 100.0 * done as f64 / now.actors_total.max(1) as f64,
    };
    let view = json!({
        "id": task.id,
        "context_id": task.context_id,
        "status": now.state.name(),
        "route": {"prev": now.route.prev, "curr": now.route.curr, "next": now.route.next},
        "result": Value::Null,
        "error": now.reason,
        "progress_percent": percent,
        "current_actor_name": now.route.curr,
        "actors_completed": done,
        "total_actors": now.actors_total,
        "created_at": time(task.created),
        "updated_at": time(now.since),
    });
    // The result is put in as text, so that its numbers stay what they are.
    let text = view.to_string();
    match now.result {
        Some(result) => text.replacen(r#""result":null"#, &format!(r#""result":{}"#, result.as_str()), 1),
        None => text,
    }
}

/// RFC 3339, UTC.
pub(super) fn time(at: SystemTime) -> String {
    rfc3339(at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
