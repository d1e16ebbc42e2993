//! A proxy before the API server that breaks what goes through, as networks and servers do.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it is passed on.
    None,
    /// The server answers this, and did nothing.
    Answer(u16),
    /// The connection breaks before the server hears of it.
    ResetBefore,
    /// The server acts, and the connection breaks before the answer.
    ResetAfter,
    /// The answer comes in pieces.
    Slow,
    /// Half of the answer comes.
    Truncated,
}

/// Decides what happens to a call: its number from 0, and how often the same call came before.
pub type Decide = Box<dyn Fn(usize, usize) -> Fault + Send>;

/// Told after each call that was passed on and before its answer is, with its number.
pub type Watch = Box<dyn Fn(usize) + Send>;

struct State {
    calls: Vec<String>,
    tokens: Vec<String>,
    seen: BTreeMap<String, usize>,
    broken: Option<(String, Fault)>,
    decide: Decide,
    watch: Watch,
}

/// A running proxy.
pub struct Proxy {
    pub address: String,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    pub fn start(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State {
            calls: Vec::new(),
            tokens: Vec::new(),
            seen: BTreeMap::new(),
            broken: None,
            decide: Box::new(|_, _| Fault::None),
            watch: Box::new(|_| ()),
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let (socket, state) = (socket.clone(), Arc::clone(&shared));
                std::thread::spawn(move || serve(client, &socket, &state));
            }
        });
        Self { address, state }
    }

    /// Forgets the calls so far, and decides otherwise from now on.
    pub fn reset(&self, decide: Decide, watch: Watch) {
        let mut state = self.state.lock().expect("no panic before");
        *state = State { calls: Vec::new(), tokens: Vec::new(), seen: BTreeMap::new(), broken: None, decide, watch };
    }

    /// Forgets the calls so far, and lets all pass but those with `part` in them.
    pub fn break_calls(&self, part: &str, fault: Fault) {
        self.reset(Box::new(|_, _| Fault::None), Box::new(|_| ()));
        self.state.lock().expect("no panic before").broken = Some((part.to_owned(), fault));
    }

    /// The calls since the last reset: `GET /api/v1/…`.
    pub fn calls(&self) -> Vec<String> {
        self.state.lock().expect("no panic before").calls.clone()
    }

    /// With which token each of them came.
    pub fn tokens(&self) -> Vec<String> {
        self.state.lock().expect("no panic before").tokens.clone()
    }
}

/// Passes one call on; every connection carries one.
fn serve(mut client: TcpStream, socket: &Path, state: &Mutex<State>) {
    let Some(request) = read_request(&mut client) else { return };
    let (request, token) = without_token(&request);
    let text = String::from_utf8_lossy(&request);
    let line = text.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let (number, fault) = {
        let mut state = state.lock().expect("no panic before");
        let number = state.calls.len();
        state.calls.push(line.clone());
        state.tokens.push(token);
        // The same call of several objects, as reviews are, is told apart by its body.
        let before = *state.seen.entry(text.into_owned()).and_modify(|count| *count += 1).or_insert(0);
        match &state.broken {
            Some((part, fault)) if line.contains(part.as_str()) => (number, *fault),
            _ => (number, (state.decide)(number, before)),
        }
    };
    match fault {
        Fault::ResetBefore => return,
        Fault::Answer(code) => {
            let retry = if code == 429 { "Retry-After: 0\r\n" } else { "" };
            let body = match code {
                429 => "Too many requests, please try again later.".to_owned(),
                _ => format!(
                    r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","message":"out of order","code":{code}}}"#
                ),
            };
            let length = body.len();
            let _ = write!(
                client,
                "HTTP/1.1 {code} Fault\r\n{retry}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            return;
        }
        Fault::None | Fault::ResetAfter | Fault::Slow | Fault::Truncated => {}
    }
    let Ok(mut server) = UnixStream::connect(socket) else { return };
    let mut answer = Vec::new();
    if server.write_all(&request).is_err() {
        return;
    }
    // Logs and watches are passed on as they come.
    if fault == Fault::None {
        let mut buffer = vec![0; 64 * 1024];
        let Ok(length) = server.read(&mut buffer) else { return };
        {
            let state = state.lock().expect("no panic before");
            (state.watch)(number);
        }
        if client.write_all(&buffer[..length]).is_ok() {
            let _ = std::io::copy(&mut server, &mut client);
        }
        return;
    }
    if server.read_to_end(&mut answer).is_err() {
        return;
    }
    {
        let state = state.lock().expect("no panic before");
        (state.watch)(number);
    }
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    match fault {
        Fault::ResetAfter => {}
        Fault::Truncated => {
            let _ = client.write_all(&answer[..head + (answer.len() - head) / 2]);
        }
        Fault::Slow => {
            for piece in answer.chunks(answer.len() / 4 + 1) {
                if client.write_all(piece).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        Fault::None | Fault::Answer(_) | Fault::ResetBefore => {}
    }
}

/// The request without the token it came with: what it is, is the test's business.
fn without_token(request: &[u8]) -> (Vec<u8>, String) {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(request.len());
    let head = String::from_utf8_lossy(&request[..end]).into_owned();
    let token = header(&head, "authorization").unwrap_or_default().replace("Bearer ", "");
    let is_kept = |line: &&str| !line.to_ascii_lowercase().starts_with("authorization:");
    let mut bare = head.split("\r\n").filter(is_kept).collect::<Vec<_>>().join("\r\n").into_bytes();
    bare.extend(&request[end..]);
    (bare, token)
}

/// The value of a header.
fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(wanted).then(|| value.trim())
    })
}

/// A whole request, with `Connection: close` so that its answer ends with the connection.
fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = header(&head, "content-length").and_then(|length| length.parse::<usize>().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                let mut request = head.into_bytes();
                request.extend(b"\r\nConnection: close\r\n\r\n");
                request.extend(&bytes[end + 4..]);
                return Some(request);
            }
        }
        match client.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend(&buffer[..length]),
        }
    }
}
