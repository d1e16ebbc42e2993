//! The Agent2Agent protocol, revision 0.3: the card, messages as tasks, tasks as they stand.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::local::{RawJson, json as raw};
use crate::names::listed;
use crate::wire::json_rpc::{
    self, Failure, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, Message as Body, Request,
};
use crate::wire::skills::{
    self, Agent, Artifact, CONTENT_NOT_SUPPORTED, Message, PUSH_NOT_SUPPORTED, Part, SendParams, StatusView,
    TASK_NOT_CANCELABLE, TASK_NOT_FOUND, TaskEvent, TaskParams, TaskView, UNSUPPORTED_OPERATION,
};

use super::Gateway;
use super::calls::{Waiting, Work, begin};
use super::catalog::Served;
use super::guard::has_api_key;
use super::http::{json_answer, json_text, whole};
use super::mesh_routes::time;
use super::streams::stream;
use super::tasks::{Now, State as TaskState, Task, Update};

/// `GET /.well-known/agent.json`.
pub(super) async fn card(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Response {
    gateway.refresh();
    json_answer(&card_of(&gateway, &headers, false))
}

fn card_of(gateway: &Gateway, headers: &HeaderMap, extended: bool) -> Value {
    // The name it was asked under is one of its own, and the one the caller can reach.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let url = host.map_or_else(|| format!("{}/a2a/", gateway.url), |host| format!("http://{host}/a2a/"));
    let agent = Agent { url: &url, has_key: gateway.settings.a2a_key.is_some() };
    let served = gateway.catalog.served();
    skills::card(&agent, served.values().filter_map(|served| skills::skill(&served.flow, extended)).collect())
}

/// `POST /a2a/`.
pub(super) async fn post(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if let Some(key) = &gateway.settings.a2a_key
        && !has_api_key(&headers, key)
    {
        let failure = Failure::new(CONTENT_NOT_SUPPORTED, "Authentication required");
        return failed(StatusCode::UNAUTHORIZED, failure);
    }
    let body = match whole(body) {
        Ok(body) => body,
        Err((status, reason)) => return failed(status, Failure::new(INVALID_REQUEST, reason)),
    };
    let request = match json_rpc::read(&body) {
        Ok(Body::Request(request)) => request,
        Ok(Body::Answer) => {
            return failed(StatusCode::OK, Failure::new(INVALID_REQUEST, "an answer is not asked for"));
        }
        // Errors of JSON-RPC come with 200 in this protocol.
        Err(failure) => return failed(StatusCode::OK, failure),
    };
    gateway.refresh();
    let id = request.id.clone().unwrap_or_default();
    match answer(&gateway, &request, &id, &headers).await {
        Ok(response) => response,
        Err(failure) => json_text(json_rpc::answer::<()>(Some(&id), Err(failure))),
    }
}

async fn answer(
    gateway: &Arc<Gateway>,
    request: &Request,
    id: &Value,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let done = |value: &TaskView| json_text(json_rpc::answer(Some(id), Ok(value)));
    match request.method.as_str() {
        "message/send" => {
            let (task, params) = sent(gateway, request)?;
            if params.configuration.blocking != Some(false) {
                let waiting = Waiting::for_task(&task);
                task.over().await;
                waiting.over();
            }
            Ok(done(&view(&task, &task.now(), params.configuration.history_length)))
        }
        "message/stream" => {
            let (task, _) = sent(gateway, request)?;
            Ok(told(task, id.clone()))
        }
        "tasks/get" => {
            let params: TaskParams = request.params()?;
            let task = known(gateway, &params.id)?;
            Ok(done(&view(&task, &task.now(), params.history_length)))
        }
        "tasks/list" => {
            let tasks: Vec<TaskView> =
                gateway.tasks.all().iter().map(|task| view(task, &task.now(), Some(0))).collect();
            let size = tasks.len();
            #[derive(serde::Serialize)]
            #[serde(rename_all = "camelCase")]
            struct List {
                tasks: Vec<TaskView>,
                total_size: usize,
                page_size: usize,
                next_page_token: &'static str,
            }
            let list = List { tasks, total_size: size, page_size: size, next_page_token: "" };
            Ok(json_text(json_rpc::answer(Some(id), Ok(list))))
        }
        "tasks/cancel" => {
            let params: TaskParams = request.params()?;
            let task = known(gateway, &params.id)?;
            if task.state().is_over() {
                let reason = format!("task {} is {}: it cannot be canceled", task.id, task.state().a2a());
                return Err(Failure::new(TASK_NOT_CANCELABLE, reason));
            }
            task.stop.request();
            task.over().await;
            Ok(done(&view(&task, &task.now(), params.history_length)))
        }
        "tasks/resubscribe" => {
            let params: TaskParams = request.params()?;
            Ok(told(known(gateway, &params.id)?, id.clone()))
        }
        "agent/getAuthenticatedExtendedCard" => {
            Ok(json_text(json_rpc::answer(Some(id), Ok(card_of(gateway, headers, true)))))
        }
        other if other.starts_with("tasks/pushNotificationConfig/") => Err(Failure::new(
            PUSH_NOT_SUPPORTED,
            "there are no push notifications here: use message/stream or tasks/get",
        )),
        other => Err(Failure::new(METHOD_NOT_FOUND, format!("there is no method `{other}` here"))),
    }
}

fn known(gateway: &Gateway, id: &str) -> Result<Arc<Task>, Failure> {
    gateway.tasks.get(id).ok_or_else(|| Failure::new(TASK_NOT_FOUND, format!("there is no task `{id}`")))
}

/// Makes a task of a message and begins it, unless no flow is meant.
fn sent(gateway: &Arc<Gateway>, request: &Request) -> Result<(Arc<Task>, SendParams), Failure> {
    let params: SendParams = request.params()?;
    let message: Message = serde_json::from_str(params.message.get())
        .map_err(|error| Failure::new(INVALID_PARAMS, format!("the message cannot be read: {error}")))?;
    if let Some(id) = &message.task_id {
        let task = known(gateway, id)?;
        let reason =
            format!("task {id} is {}: it takes no more messages; send one without `taskId`", task.state().a2a());
        return Err(Failure::new(UNSUPPORTED_OPERATION, reason));
    }
    let content = Content::of(&message.parts)?;
    let skill = [&params.metadata, &message.metadata].into_iter().find_map(|it| it.get("skill")?.as_str());
    let chosen = chosen(gateway, skill);
    let name = chosen.as_ref().map_or_else(|_| skill.unwrap_or_default().to_owned(), |it| it.flow.name.clone());
    let mut task = Task::new(&name, message.context_id.clone());
    task.accepted.clone_from(&params.configuration.accepted_output_modes);
    let task = gateway.tasks.add(task);
    let history = vec![params.message.clone()];
    match chosen {
        Err(reason) => task.update(Update::State(TaskState::Rejected), |now| {
            now.history = history;
            now.reason = Some(reason);
        }),
        Ok(served) => {
            let payload = content.payload(&task, &params.message)?;
            task.update(Update::State(TaskState::Pending), |now| now.history = history);
            let headers = json!({"x-asya-a2a-task-id": task.id, "x-asya-a2a-context-id": task.context_id});
            begin(gateway, &task, Work { served, protocol: "a2a", payload, headers: Some(RawJson::from(&headers)) });
        }
    }
    Ok((task, params))
}

/// The flow that is meant: the one named, else the only one.
fn chosen(gateway: &Gateway, skill: Option<&str>) -> Result<Served, String> {
    let served = gateway.catalog.served();
    let skills: Vec<&Served> = served.values().filter(|it| it.flow.section("a2a").is_some()).collect();
    match (skill, skills.as_slice()) {
        (_, []) => Err("no A2A skills registered".to_owned()),
        (Some(name), skills) => skills
            .iter()
            .find(|it| it.flow.name == name)
            .map(|it| (*it).clone())
            .ok_or_else(|| format!("skill \"{name}\" not found")),
        (None, [one]) => Ok((*one).clone()),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|it| it.flow.name.as_str()).collect();
            Err(format!("skill not specified. Available: [{}]", names.join(" ")))
        }
    }
}

/// What a message says.
struct Content<'m> {
    data: Option<&'m RawValue>,
    text: Option<String>,
}

impl<'m> Content<'m> {
    fn of(parts: &'m [Part]) -> Result<Self, Failure> {
        let data: Vec<&RawValue> = parts.iter().filter_map(|part| part.data.as_deref()).collect();
        let texts: Vec<&str> = parts.iter().filter_map(|part| part.text.as_deref()).collect();
        let kinds: Vec<&str> = parts.iter().map(|part| part.kind.as_str()).collect();
        if data.len() + texts.len() < parts.len() {
            let reason = format!("parts of text and data are taken, not {}", listed(&kinds));
            return Err(Failure::new(CONTENT_NOT_SUPPORTED, reason));
        }
        if data.is_empty() && texts.is_empty() {
            return Err(Failure::new(INVALID_PARAMS, "the message has no parts"));
        }
        let data = match data.as_slice() {
            [] => None,
            [one] if one.get().starts_with('{') => Some(*one),
            [_] => return Err(Failure::new(INVALID_PARAMS, "the data of a part must be an object")),
            _ => return Err(Failure::new(CONTENT_NOT_SUPPORTED, "only one part of a message may be data")),
        };
        Ok(Self { data, text: (!texts.is_empty()).then(|| texts.join("\n")) })
    }

    /// The payload: the data, the text as `query`, and where it comes from.
    fn payload(&self, task: &Task, message: &RawValue) -> Result<RawJson, Failure> {
        let unreadable = |error: serde_json::Error| Failure::new(INVALID_PARAMS, error.to_string());
        let mut payload = RawJson::parse(self.data.map_or("{}", RawValue::get)).map_err(unreadable)?;
        let message = RawJson::parse(message.get()).map_err(unreadable)?;
        let about = json!({"task": {"id": task.id, "context_id": task.context_id, "history": []}});
        let history = raw::array(std::iter::once(message));
        let about = raw::with_value_at(&RawJson::from(&about), "/task/history", &history);
        let query = self.text.as_ref().map(|text| RawJson::from(&Value::from(text.as_str())));
        for (pointer, value) in [("/query", query), ("/a2a", about)] {
            if let Some(value) = value
                && let Some(with) = raw::with_value_at(&payload, pointer, &value)
            {
                payload = with;
            }
        }
        Ok(payload)
    }
}

/// A task as it stands.
fn view(task: &Task, now: &Now, history: Option<usize>) -> TaskView {
    let from = history.map_or(0, |most| now.history.len().saturating_sub(most));
    let messages = now.history.iter().skip(from).cloned().collect();
    let mut view = TaskView::new(&task.id, &task.context_id, status(task, now, now.state), messages);
    view.artifacts.extend(artifact(task, now));
    view
}

fn artifact(task: &Task, now: &Now) -> Option<Artifact> {
    now.result.as_ref().map(|result| Artifact::of(&task.flow, result.as_str(), &task.accepted))
}

fn status(task: &Task, now: &Now, state: TaskState) -> StatusView {
    let reason = now.reason.as_ref().filter(|_| state.is_over());
    let message = reason.map(|reason| skills::said(&task.id, &task.context_id, reason));
    StatusView { state: state.a2a(), timestamp: time(now.since), message }
}

/// What happens to a task, from how it stands to its end. It goes on when nobody listens: the caller knows its id.
fn told(task: Arc<Task>, id: Value) -> Response {
    let (mouth, response) = stream(None);
    tokio::spawn(async move {
        let say = |event: TaskEvent| mouth.send(json_rpc::answer(Some(&id), Ok(event)).into()).is_ok();
        let now = task.now();
        let mut seen = now.seen();
        if !say(TaskEvent::Task(view(&task, &now, None))) || now.state.is_over() {
            return;
        }
        loop {
            let news = task.after(seen).await;
            seen += news.len();
            if news.is_empty() {
                return;
            }
            for update in news {
                let now = task.now();
                let state = match update {
                    Update::State(state) => state,
                    Update::Hop(_) | Update::Partial(_) => TaskState::Running,
                };
                let mut standing = status(&task, &now, state);
                match &update {
                    Update::State(_) => {}
                    Update::Hop(actor) => {
                        standing.message = Some(skills::said(&task.id, &task.context_id, &format!("{actor} is done")));
                    }
                    Update::Partial(value) => {
                        standing.message = Some(skills::said(&task.id, &task.context_id, value.as_str()));
                    }
                }
                if let (TaskState::Succeeded, Some(artifact)) = (state, artifact(&task, &now)) {
                    let (task_id, context_id) = (task.id.clone(), task.context_id.clone());
                    say(TaskEvent::Artifact {
                        kind: "artifact-update",
                        task_id,
                        context_id,
                        artifact,
                        last_chunk: true,
                    });
                }
                let heard = say(TaskEvent::Status {
                    kind: "status-update",
                    task_id: task.id.clone(),
                    context_id: task.context_id.clone(),
                    status: standing,
                    r#final: state.is_over(),
                });
                if !heard || state.is_over() {
                    return;
                }
            }
        }
    });
    response
}

fn failed(status: StatusCode, failure: Failure) -> Response {
    let body = json_rpc::answer::<()>(None, Err(failure));
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
