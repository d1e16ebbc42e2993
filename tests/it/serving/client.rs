//! A small HTTP client that can do what polite ones do not: go away, lie about the host, send rubbish.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The messages of a stream.
    pub fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}"))).collect()
    }
}

/// A request under way.
pub struct Call(BufReader<TcpStream>);

/// Sends a request; `headers` come after the usual ones, and in their place.
pub fn send(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Call {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let mut all = vec![
        ("host", format!("127.0.0.1:{port}")),
        ("connection", "close".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("content-length", body.len().to_string()),
    ];
    all.retain(|(name, _)| !headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)));
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in all.iter().map(|(name, value)| (*name, value.as_str())).chain(headers.iter().copied()) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes()).expect("a request");
    // A server that has heard enough may have hung up.
    let _ = stream.write_all(body.as_bytes());
    Call(BufReader::new(stream))
}

impl Call {
    /// Waits for the answer.
    pub fn answer(mut self) -> Answer {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("an answer");
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{line:?}"));
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).expect("a header");
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        if answer.header("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk() {
                answer.body.push_str(&chunk);
            }
        } else {
            let mut bytes = Vec::new();
            self.0.read_to_end(&mut bytes).expect("a body");
            answer.body = String::from_utf8(bytes).expect("UTF-8");
        }
        answer
    }

    /// Reads the lines of a stream up to one that contains `word`.
    pub fn until(&mut self, word: &str) {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            assert_ne!(self.0.read_line(&mut line).expect("a line"), 0, "the stream ended before {word}");
        }
    }

    fn chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        self.0.read_line(&mut size).expect("the size of a chunk");
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or_else(|_| panic!("{size:?}"));
        let mut bytes = vec![0; size + 2];
        self.0.read_exact(&mut bytes).expect("a chunk");
        bytes.truncate(size);
        (size > 0).then(|| String::from_utf8(bytes).expect("UTF-8"))
    }
}

pub fn get(port: u16, path: &str) -> Answer {
    send(port, "GET", path, &[], "").answer()
}

pub fn post(port: u16, path: &str, body: &Value) -> Answer {
    send(port, "POST", path, &[], &body.to_string()).answer()
}

/// A request of JSON-RPC.
pub fn request(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

/// What MCP answers.
pub fn mcp(port: u16, method: &str, params: &Value) -> Value {
    post(port, "/mcp", &request(method, params)).json()
}

/// Calls a tool.
pub fn call(port: u16, name: &str, arguments: &Value) -> Value {
    mcp(port, "tools/call", &json!({"name": name, "arguments": arguments}))
}

/// What A2A answers.
pub fn a2a(port: u16, method: &str, params: &Value) -> Value {
    post(port, "/a2a/", &request(method, params)).json()
}

/// A message of one part with data.
pub fn message(data: &Value) -> Value {
    json!({"kind": "message", "messageId": "m-1", "role": "user", "parts": [{"kind": "data", "data": data}]})
}
