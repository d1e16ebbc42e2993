//! The Model Context Protocol over streamable HTTP, and its REST twin.
//!
//! A session is an id whose form is checked, as on the platform: clients keep theirs over a restart. Here it may
//! be left out as well.

use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::local::{RawJson, json as raw};
use crate::wire::json_rpc::{self, Failure, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, Message, Request};
use crate::wire::tools::{self, CallParams, CallResult, REVISIONS};

use super::Gateway;
use super::calls::{Waiting, Work, begin};
use super::guard::has_bearer;
use super::http::{Accepts, accepts, json_text, refused, text, whole};
use super::streams::stream;
use super::tasks::{State as TaskState, Task, Update, new_id};

const SESSION: &str = "mcp-session-id";
const SESSION_PREFIX: &str = "mcp-session-";
/// Ended sessions that are remembered.
const ENDED_MAX: usize = 1000;

/// `POST /mcp`.
pub(super) async fn post(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if let Some(refusal) = unauthorized(&gateway, &headers) {
        return refusal;
    }
    let is_json = text(&headers, "content-type").is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    if !is_json {
        return failed(
            StatusCode::BAD_REQUEST,
            &Failure::new(INVALID_REQUEST, "Content-Type must be application/json"),
        );
    }
    let body = match whole(body) {
        Ok(body) => body,
        Err((status, reason)) => return failed(status, &Failure::new(INVALID_REQUEST, reason)),
    };
    let request = match json_rpc::read(&body) {
        Ok(Message::Request(request)) => request,
        Ok(Message::Answer) => return StatusCode::ACCEPTED.into_response(),
        Err(failure) => return failed(StatusCode::BAD_REQUEST, &failure),
    };
    let session = match session(&gateway, &headers) {
        Ok(session) if request.method != "initialize" => session,
        Ok(_) => None,
        // A new session is opened whatever became of the old one.
        Err(_) if request.method == "initialize" => None,
        Err(bad) => return bad.into_response(),
    };
    if let Some(revision) = text(&headers, "mcp-protocol-version")
        && !REVISIONS.contains(&revision)
        && request.method != "initialize"
    {
        let known = REVISIONS.join(", ");
        let reason = format!("MCP-Protocol-Version `{revision}` is not spoken here; known are {known}");
        return failed(StatusCode::BAD_REQUEST, &Failure::new(INVALID_REQUEST, reason));
    }
    gateway.refresh();
    let Some(id) = request.id.clone() else {
        notified(&gateway, &request, session.as_deref());
        return StatusCode::ACCEPTED.into_response();
    };
    let outcome = match request.method.as_str() {
        "initialize" => return initialize(&request, &id),
        "ping" => Ok(json!({})),
        "tools/list" => {
            let served = gateway.catalog.served();
            Ok(json!({"tools": served.values().filter_map(|it| tools::tool(&it.flow)).collect::<Vec<Value>>()}))
        }
        "tools/call" => return tools_call(&gateway, &request, id, session, &headers).await,
        other => Err(Failure::new(METHOD_NOT_FOUND, format!("there is no method `{other}` here"))),
    };
    json_text(json_rpc::answer(Some(&id), outcome))
}

fn initialize(request: &Request, id: &Value) -> Response {
    let params: Result<Value, Failure> = request.params();
    let result = params.map(|params| tools::initialized(params.get("protocolVersion").and_then(Value::as_str)));
    let session = format!("{SESSION_PREFIX}{}", new_id());
    ([(SESSION, session)], json_text(json_rpc::answer(Some(id), result))).into_response()
}

fn notified(gateway: &Gateway, request: &Request, session: Option<&str>) {
    if request.method != "notifications/cancelled" {
        return;
    }
    let Ok(params) = request.params::<Value>() else { return };
    let Some(id) = params.get("requestId").map(Value::to_string) else { return };
    let requests = gateway.requests.lock().unwrap_or_else(PoisonError::into_inner);
    // Ids are the client's own, so without a session nobody knows whose is meant.
    let mine = requests.iter().filter(|(owner, known, _)| Some(owner.as_str()) == session && *known == id);
    mine.for_each(|(_, _, stop)| stop.request());
}

async fn tools_call(
    gateway: &Arc<Gateway>,
    request: &Request,
    id: Value,
    session: Option<String>,
    headers: &HeaderMap,
) -> Response {
    let params: CallParams = match request.params() {
        Ok(params) => params,
        Err(failure) => return json_text(json_rpc::answer::<()>(Some(&id), Err(failure))),
    };
    let token = params.meta.as_ref().and_then(|meta| meta.progress_token.clone());
    let begun = match start(gateway, &params) {
        Begun::Called(task) => task,
        Begun::Refused(result) => return json_text(json_rpc::answer(Some(&id), Ok(result))),
        Begun::Unknown(name) => {
            let failure = Failure::new(INVALID_PARAMS, format!("tool '{name}' not found"));
            return json_text(json_rpc::answer::<()>(Some(&id), Err(failure)));
        }
    };
    let listed = session.map(|session| Listed::add(gateway, session, &id, &begun));
    let streams = accepts(headers, "text/event-stream") == Accepts::Named;
    if streams && (token.is_some() || accepts(headers, "application/json") == Accepts::Not) {
        let (mouth, response) = stream(Some(Waiting::for_task(&begun)));
        tokio::spawn(async move {
            let mut hops = 0_u64;
            let mut seen = 0;
            loop {
                let news = begun.after(seen).await;
                seen += news.len();
                for update in &news {
                    if let (Update::Hop(actor), Some(token)) = (update, &token) {
                        hops += 1;
                        let params = json!({"progressToken": token, "progress": hops, "message": actor});
                        let _ = mouth.send(json_rpc::notification("notifications/progress", &params).into());
                    }
                }
                if news.is_empty() || begun.state().is_over() {
                    break;
                }
            }
            let _ = mouth.send(json_rpc::answer(Some(&id), Ok(result_of(&begun))).into());
            drop(listed);
        });
        return response;
    }
    let waiting = Waiting::for_task(&begun);
    begun.over().await;
    waiting.over();
    drop(listed);
    json_text(json_rpc::answer(Some(&id), Ok(result_of(&begun))))
}

/// What became of a call to be made.
enum Begun {
    Called(Arc<Task>),
    /// It is answered already.
    Refused(CallResult),
    Unknown(String),
}

fn start(gateway: &Arc<Gateway>, params: &CallParams) -> Begun {
    let served = gateway.catalog.served();
    let Some(served) = served.get(&params.name).filter(|it| it.flow.section("mcp").is_some()) else {
        return Begun::Unknown(params.name.clone());
    };
    let arguments = params.arguments.as_ref().map_or("{}", |arguments| arguments.get());
    let arguments = if arguments == "null" { "{}" } else { arguments };
    let payload = RawJson::parse(arguments).ok();
    let (Some(payload), Some(given)) = (&payload, payload.as_ref().and_then(raw::members)) else {
        return Begun::Refused(CallResult::failed("the arguments must be an object"));
    };
    let given: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    if let Some(name) = tools::missing(&served.flow, &given) {
        return Begun::Refused(CallResult::failed(format!("missing required parameter: {name}")));
    }
    let task = gateway.tasks.add(Task::new(&params.name, None));
    begin(gateway, &task, Work { served: served.clone(), protocol: "mcp", payload: payload.clone(), headers: None });
    Begun::Called(task)
}

fn result_of(task: &Task) -> CallResult {
    let now = task.now();
    match (now.state, now.result) {
        (TaskState::Succeeded, Some(payload)) => CallResult::of(payload.as_str()),
        (_, _) => CallResult::failed(now.reason.unwrap_or_else(|| "the call has no result".to_owned())),
    }
    .of_task(&task.id)
}

/// `POST /tools/call`: a call without a session.
pub(super) async fn call(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if let Some(refusal) = unauthorized(&gateway, &headers) {
        return refusal;
    }
    let body = match whole(body) {
        Ok(body) => body,
        Err((status, reason)) => return refused(status, &reason),
    };
    let params: CallParams = match serde_json::from_slice(&body) {
        Ok(params) => params,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &format!("the body is no call: {error}")),
    };
    if params.name.is_empty() {
        return refused(StatusCode::BAD_REQUEST, "the body has no `name`");
    }
    gateway.refresh();
    let result = match start(&gateway, &params) {
        Begun::Unknown(name) => return refused(StatusCode::NOT_FOUND, &format!("tool '{name}' not found")),
        Begun::Refused(result) => result,
        Begun::Called(task) => {
            let waiting = Waiting::for_task(&task);
            task.over().await;
            waiting.over();
            result_of(&task)
        }
    };
    json_text(serde_json::to_string(&result).unwrap_or_default())
}

/// `GET /mcp`: tells when other tools are served.
pub(super) async fn listen(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Response {
    if let Some(refusal) = unauthorized(&gateway, &headers) {
        return refusal;
    }
    if accepts(&headers, "text/event-stream") != Accepts::Named {
        return refused(StatusCode::NOT_ACCEPTABLE, "GET opens a stream of events: send `Accept: text/event-stream`");
    }
    if let Err(bad) = session(&gateway, &headers) {
        return bad.into_response();
    }
    let mut changes = gateway.catalog.changes();
    let mut closing = gateway.closing.clone();
    let (mouth, response) = stream(None);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                _ = closing.wait_for(|closing| *closing) => return,
                () = mouth.closed() => return,
            }
            let said = json_rpc::notification("notifications/tools/list_changed", &json!({}));
            if mouth.send(said.into()).is_err() {
                return;
            }
        }
    });
    response
}

/// `DELETE /mcp`: ends the session.
pub(super) async fn end(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Response {
    if let Some(refusal) = unauthorized(&gateway, &headers) {
        return refusal;
    }
    match session(&gateway, &headers) {
        Err(bad) => bad.into_response(),
        Ok(None) => refused(StatusCode::BAD_REQUEST, "there is no `Mcp-Session-Id` to be ended"),
        Ok(Some(session)) => {
            let mut ended = gateway.ended.lock().unwrap_or_else(PoisonError::into_inner);
            if ended.len() >= ENDED_MAX {
                ended.pop_front();
            }
            ended.push_back(session);
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

/// Why a session cannot be used.
struct BadSession(StatusCode, &'static str);

impl IntoResponse for BadSession {
    fn into_response(self) -> Response {
        failed(self.0, &Failure::new(INVALID_REQUEST, self.1))
    }
}

/// The session that a request belongs to; none is fine.
fn session(gateway: &Gateway, headers: &HeaderMap) -> Result<Option<String>, BadSession> {
    let Some(given) = headers.get(SESSION) else { return Ok(None) };
    let given = given.to_str().unwrap_or_default();
    let is_well_formed = given
        .strip_prefix(SESSION_PREFIX)
        .is_some_and(|id| id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-'));
    if !is_well_formed {
        return Err(BadSession(StatusCode::BAD_REQUEST, "Invalid session ID"));
    }
    if gateway.ended.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|ended| ended == given) {
        return Err(BadSession(StatusCode::NOT_FOUND, "this session has ended"));
    }
    Ok(Some(given.to_owned()))
}

/// The refusal of who has no key, where one is wanted.
fn unauthorized(gateway: &Gateway, headers: &HeaderMap) -> Option<Response> {
    let key = gateway.settings.mcp_key.as_deref()?;
    if has_bearer(headers, key) {
        return None;
    }
    let body = json!({"error": "unauthorized", "error_description": "Bearer token required"}).to_string();
    let headers =
        [(header::WWW_AUTHENTICATE, r#"Bearer realm="asya-gateway""#), (header::CONTENT_TYPE, "application/json")];
    Some((StatusCode::UNAUTHORIZED, headers, body).into_response())
}

/// An answer to a request that was not understood, or not let in.
fn failed(status: StatusCode, failure: &Failure) -> Response {
    let body = json_rpc::answer::<()>(None, Err(failure.clone()));
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A request that can be given up by its id while it is under way.
struct Listed {
    gateway: Arc<Gateway>,
    session: String,
    id: String,
}

impl Listed {
    fn add(gateway: &Arc<Gateway>, session: String, id: &Value, task: &Task) -> Self {
        let listed = Self { gateway: Arc::clone(gateway), session, id: id.to_string() };
        let mut requests = gateway.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push((listed.session.clone(), listed.id.clone(), task.stop.clone()));
        listed
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut requests = self.gateway.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = requests.iter().position(|(session, id, _)| *session == self.session && *id == self.id) {
            requests.swap_remove(at);
        }
    }
}
