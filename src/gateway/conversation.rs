//! What a gateway says about itself: its tools over MCP, its skills on the agent card
//! (`docs/platform/gateway.md`, "Asking a gateway").

use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::challenge;
use super::http::{Answer, Failure, Http};
use crate::wire::a2a::{CARDS, Card, Skill};
use crate::wire::mcp::{self, Tool, Tools};

const SESSION: &str = "mcp-session-id";
const ENDPOINT: &str = "/mcp";

/// How many pages of tools are read; a server that goes on for ever is broken.
const PAGES: usize = 100;

/// An MCP session.
struct Session {
    id: Option<HeaderValue>,
    revision: String,
    requests: u64,
}

/// All tools of the gateway behind `http`. A session that the server does not know any more is
/// opened anew, once.
pub(super) async fn tools(http: &mut Http<'_>, token: Option<&str>) -> Result<Vec<Tool>, Failure> {
    let mut session = Session::open(http, token).await?;
    let listed = match session.tools(http, token).await {
        Ok(Some(tools)) => Ok(tools),
        Ok(None) => {
            session = Session::open(http, token).await?;
            match session.tools(http, token).await? {
                Some(tools) => Ok(tools),
                None => Err(Failure::Unhelpful("it opens sessions and does not know them afterwards".to_owned())),
            }
        }
        Err(failure) => Err(failure),
    };
    session.close(http, token).await;
    listed
}

/// The skills on the agent card, from where it is.
pub(super) async fn skills(http: &mut Http<'_>) -> Result<Vec<Skill>, Failure> {
    let mut last = 0;
    for path in CARDS {
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("application/json"));
        let answer = http.ask(Method::GET, path, headers, String::new(), &|_| false).await?;
        if answer.status == 404 {
            last = 404;
            continue;
        }
        if answer.status != 200 {
            return Err(unhelpful(&format!("GET {path}"), &answer));
        }
        let text = answer.messages.first().map(String::as_str).unwrap_or_default();
        let card: Card = serde_json::from_str(text)
            .map_err(|error| Failure::Unhelpful(format!("{path} is not an agent card: {error}")))?;
        return Ok(card.skills().to_vec());
    }
    Err(Failure::Unhelpful(format!("it answers {last} to GET {}", CARDS.join(" and "))))
}

impl Session {
    async fn open(http: &mut Http<'_>, token: Option<&str>) -> Result<Self, Failure> {
        let mut session = Self { id: None, revision: String::new(), requests: 0 };
        let answer = session.post(http, token, &mcp::initialize(session.requests), Some(session.requests)).await?;
        let result = session.result(&answer, "initialize")?;
        session.id = answer.headers.get(SESSION).cloned();
        session.revision = result.get("protocolVersion").and_then(Value::as_str).unwrap_or(mcp::REVISION).to_owned();
        session.post(http, token, &mcp::initialized(), None).await?;
        Ok(session)
    }

    /// All pages; `None` when the session is not known.
    async fn tools(&mut self, http: &mut Http<'_>, token: Option<&str>) -> Result<Option<Vec<Tool>>, Failure> {
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            self.requests += 1;
            let request = mcp::list_tools(self.requests, cursor.as_deref());
            let answer = self.post(http, token, &request, Some(self.requests)).await?;
            // Of the answers to bad sessions some are 400, some 404.
            if matches!(answer.status, 400 | 404) {
                return Ok(None);
            }
            let result = self.result(&answer, "tools/list")?;
            let page: Tools = serde_json::from_value(result)
                .map_err(|error| Failure::Unhelpful(format!("its list of tools cannot be read: {error}")))?;
            all.extend(page.tools);
            cursor = page.next_cursor.filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                return Ok(Some(all));
            }
        }
        Err(Failure::Unhelpful(format!("its list of tools does not end after {PAGES} pages")))
    }

    /// Servers keep sessions; one that does not end them is none of our business.
    async fn close(mut self, http: &mut Http<'_>, token: Option<&str>) {
        if let Some(headers) = self.id.take().map(|id| self.headers(token, Some(id))) {
            let _ = http.ask(Method::DELETE, ENDPOINT, headers, String::new(), &|_| true).await;
        }
    }

    async fn post(
        &self,
        http: &mut Http<'_>,
        token: Option<&str>,
        message: &Value,
        id: Option<u64>,
    ) -> Result<Answer, Failure> {
        if token.is_some_and(|token| HeaderValue::from_str(token).is_err()) {
            return Err(Failure::refused(
                "the token in ASYA_GATEWAY_TOKEN cannot be sent: it has a line break or another control character in it",
                "set ASYA_GATEWAY_TOKEN to the token alone",
            ));
        }
        let headers = self.headers(token, self.id.clone());
        let is_answer = |message: &str| id.is_some_and(|id| mcp::result_of(message, id).is_some());
        let answer = http.ask(Method::POST, ENDPOINT, headers, message.to_string(), &is_answer).await?;
        match answer.status {
            200..=299 | 400 | 404 => Ok(answer),
            401 | 403 => Err(challenge::explain(http, &answer, token).await),
            _ => Err(unhelpful("POST /mcp", &answer)),
        }
    }

    fn headers(&self, token: Option<&str>, id: Option<HeaderValue>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("accept", HeaderValue::from_static("application/json, text/event-stream"));
        if let Ok(revision) = HeaderValue::from_str(&self.revision)
            && !self.revision.is_empty()
        {
            headers.insert("mcp-protocol-version", revision);
        }
        if let Some(mut bearer) = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) {
            bearer.set_sensitive(true);
            headers.insert("authorization", bearer);
        }
        if let Some(id) = id {
            headers.insert(SESSION, id);
        }
        headers
    }

    fn result(&self, answer: &Answer, method: &str) -> Result<Value, Failure> {
        if !(200..300).contains(&answer.status) {
            return Err(unhelpful("POST /mcp", answer));
        }
        let found = answer.messages.iter().find_map(|message| mcp::result_of(message, self.requests));
        match found {
            Some(Ok(result)) => Ok(result),
            Some(Err(reason)) => Err(Failure::Unhelpful(format!("it refuses {method}: {reason}"))),
            None => Err(Failure::Unhelpful(format!("its answer to {method} is not one of MCP"))),
        }
    }
}

fn unhelpful(question: &str, answer: &Answer) -> Failure {
    let first = answer.messages.first().map(String::as_str).unwrap_or_default();
    let line: String = first.lines().next().unwrap_or_default().trim().chars().take(120).collect();
    let said = if line.is_empty() || line.starts_with('<') { String::new() } else { format!(": {line}") };
    // A question with a token in it is not taken elsewhere by somebody's word.
    let elsewhere = answer.headers.get("location").and_then(|place| place.to_str().ok());
    if let Some(place) = elsewhere.filter(|_| (300..400).contains(&answer.status)) {
        return Failure::refused(
            format!("it has gone to {place} ({})", answer.status),
            "set `gateway_url` of the context to where it is",
        );
    }
    Failure::Unhelpful(format!("it answers {} to {question}{said}", answer.status))
}
