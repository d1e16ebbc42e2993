//! The gateway of the context `local`: serves the applied flows over MCP and A2A, for this machine.
//!
//! ```text
//! applied files ─► catalog ─► http (mcp, a2a) ─► calls ─► pool of meshes
//! ```

mod a2a;
mod calls;
mod catalog;
mod guard;
mod http;
mod mcp;
mod mesh_routes;
mod pool;
mod streams;
mod tasks;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::error::{Error, Result, io_reason};
use crate::event::{Event, Events};
use crate::interrupt;
use crate::names::FlowName;

use catalog::Catalog;
use tasks::Tasks;

/// Calls that are worked on at a time; others wait for a place.
const CALLS_MAX: usize = 32;
/// How often files and Ctrl-C are looked for.
const TICK: Duration = Duration::from_millis(50);
/// How often the files are looked at when nobody calls.
const LOOK_EVERY: u32 = 10;
/// How long what is under way may take to end after Ctrl-C.
const FAREWELL: Duration = Duration::from_secs(5);

/// Answers what only its caller knows, from any thread.
pub type Lookup<A, T> = Box<dyn Fn(&A) -> T + Send + Sync>;

/// What a gateway serves, and how.
pub struct ServeSettings {
    /// The applied state.
    pub directory: PathBuf,
    /// The project.
    pub root: PathBuf,
    /// A name or an address of this machine.
    pub host: String,
    /// 0 is any that is free.
    pub port: u16,
    /// The key that MCP clients have to send.
    pub mcp_key: Option<String>,
    /// The key that A2A clients have to send.
    pub a2a_key: Option<String>,
    /// The interpreter that runs handlers.
    pub python: PathBuf,
    /// Where the modules of a flow are imported from.
    pub python_path: Lookup<FlowName, Result<Vec<PathBuf>>>,
    /// What a flow's code is like now; another number after every change.
    pub code: Lookup<FlowName, u64>,
    /// The caller's environment.
    pub variable: Lookup<str, Option<String>>,
}

/// A gateway that can be called now.
#[derive(Debug)]
pub struct Serving {
    /// `http://127.0.0.1:8080`.
    pub url: String,
    /// What it serves.
    pub flows: Vec<ServedFlow>,
    /// What is wrong with applied files, one sentence each.
    pub problems: Vec<String>,
}

/// A flow as a gateway serves it.
#[derive(Debug)]
pub struct ServedFlow {
    /// The name it is called by.
    pub name: String,
    /// It is an MCP tool.
    pub tool: bool,
    /// It is an A2A skill.
    pub skill: bool,
    /// What it does.
    pub description: String,
}

/// What all requests share.
struct Gateway {
    settings: Arc<ServeSettings>,
    url: String,
    hosts: guard::Hosts,
    catalog: Catalog,
    tasks: Tasks,
    places: Semaphore,
    /// MCP sessions that were ended.
    ended: Mutex<VecDeque<String>>,
    /// MCP requests under way, by session and id.
    requests: Mutex<Vec<(String, String, crate::local::stop::Stop)>>,
    told: mpsc::UnboundedSender<Event>,
    /// True once no more answers are waited for.
    closing: watch::Receiver<bool>,
}

impl Gateway {
    /// Says something to the person at the terminal.
    fn tell(&self, event: Event) {
        // Nobody listens any more while it ends.
        let _ = self.told.send(event);
    }

    /// What is served now.
    fn refresh(&self) {
        self.catalog.refresh(&mut |event| self.tell(event));
    }
}

/// Serves until Ctrl-C, which is how one ends it. `started` hears where, once it can be called;
/// `events` hears of every call and change.
pub fn serve(
    settings: ServeSettings,
    started: &mut dyn FnMut(&Serving) -> Result<()>,
    events: Events<'_>,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::project("the network cannot be used").because(io_reason(&error)))?;
    let result = runtime.block_on(run(Arc::new(settings), started, events));
    // Handlers at work see Ctrl-C themselves; their workers are ended before this returns.
    runtime.shutdown_timeout(FAREWELL);
    result
}

async fn run(
    settings: Arc<ServeSettings>,
    started: &mut dyn FnMut(&Serving) -> Result<()>,
    events: Events<'_>,
) -> Result<()> {
    let (listener, address) = listen(&settings).await?;
    if !address.ip().is_loopback() {
        events(Event::Warning {
            message: format!(
                "{address} can be reached from other machines, and whoever calls runs code of this project"
            ),
            hint: Some(match (&settings.mcp_key, &settings.a2a_key) {
                (Some(_), Some(_)) => "leave `--host` out to serve this machine alone".to_owned(),
                _ => "ask for keys with ASYA_MCP_API_KEY and ASYA_A2A_API_KEY, or leave `--host` out".to_owned(),
            }),
        });
    }
    let (told, mut heard) = mpsc::unbounded_channel();
    let (close, closing) = watch::channel(false);
    let gateway = Arc::new(Gateway {
        url: format!("http://{address}"),
        hosts: guard::Hosts::new(&settings.host, address),
        catalog: Catalog::new(Arc::clone(&settings)),
        settings,
        tasks: Tasks::default(),
        places: Semaphore::new(CALLS_MAX),
        ended: Mutex::default(),
        requests: Mutex::default(),
        told,
        closing: closing.clone(),
    });
    // What is served to begin with is told as a whole, problems one by one.
    let mut first = Vec::new();
    gateway.catalog.refresh(&mut |event| first.push(event));
    first.into_iter().filter(|event| matches!(event, Event::Warning { .. })).for_each(&mut *events);
    started(&gateway.serving())?;

    let mut closed = closing;
    let end = async move {
        let _ = closed.wait_for(|closing| *closing).await;
    };
    let server = axum::serve(listener, http::router(Arc::clone(&gateway))).with_graceful_shutdown(end);
    let mut server = tokio::spawn(async move { server.await });
    let mut ticks = 0_u32;
    while !interrupt::requested() {
        tokio::select! {
            event = heard.recv() => if let Some(event) = event { events(event) },
            () = tokio::time::sleep(TICK) => {
                ticks = ticks.wrapping_add(1);
                if ticks.is_multiple_of(LOOK_EVERY) {
                    gateway.refresh();
                }
            }
        }
    }
    let _ = close.send(true);
    let farewell = tokio::time::sleep(FAREWELL);
    tokio::pin!(farewell);
    loop {
        tokio::select! {
            event = heard.recv() => if let Some(event) = event { events(event) },
            _ = &mut server => break,
            () = &mut farewell => break,
        }
    }
    while let Ok(event) = heard.try_recv() {
        events(event);
    }
    Ok(())
}

async fn listen(settings: &ServeSettings) -> Result<(TcpListener, SocketAddr)> {
    let ServeSettings { host, port, .. } = settings;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let listener = TcpListener::bind((bare, *port)).await.map_err(|error| {
        let failed = Error::cluster(format!("the gateway cannot listen on {host}:{port}"));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => failed
                .because("another program listens there")
                .hint("choose another port with `--port`; `--port 0` takes any that is free"),
            std::io::ErrorKind::PermissionDenied => {
                failed.because("ports below 1024 are reserved").hint("choose another with `--port`")
            }
            _ => failed.because(io_reason(&error)).hint("leave `--host` out to listen on 127.0.0.1"),
        }
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| Error::cluster("the gateway cannot listen").because(io_reason(&error)))?;
    Ok((listener, address))
}

impl Gateway {
    fn serving(&self) -> Serving {
        let flows = self.catalog.served();
        Serving {
            url: self.url.clone(),
            flows: flows
                .values()
                .map(|served| ServedFlow {
                    name: served.flow.name.clone(),
                    tool: served.flow.section("mcp").is_some(),
                    skill: served.flow.section("a2a").is_some(),
                    description: served.flow.text("description").unwrap_or_default(),
                })
                .collect(),
            problems: self.catalog.problems(),
        }
    }
}

/// An error as one sentence that names file and line.
fn sentence(error: &Error) -> String {
    let places = error.located().iter().flat_map(|located| {
        located.diagnostics.iter().map(|diagnostic| {
            let line = located.source.line_of(diagnostic.span.start);
            format!(": {}:{line}: {}", located.source.name(), diagnostic.message)
        })
    });
    format!("{error}{}", places.collect::<String>())
}
