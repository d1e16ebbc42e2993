//! `asya gateway serve`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::super::Status;
use super::super::local_state::{LocalState, Running};
use crate::error::{Error, ErrorKind, Result};
use crate::local::{ServeSettings, Serving, find_python, serve};
use crate::names::FlowName;
use crate::project::{LOCAL, Project, python_files};
use crate::settings::Settings;
use crate::ui::{Style, Ui};

/// Serve the flows applied to the context `local` over MCP and A2A, on this machine
///
/// The gateway of a project without a cluster: `asya k apply FLOW --context local` takes a flow in,
/// also while this runs, and calls are worked on by the embedded mesh. Runs until Ctrl-C. With
/// ASYA_MCP_API_KEY or ASYA_A2A_API_KEY set, clients have to send the key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya k apply text-flow --context local && asya gateway serve
  curl -H 'Content-Type: application/json' -d '{\"name\": \"text-flow\", \"arguments\": {}}' \\
    http://127.0.0.1:8080/tools/call")]
pub(super) struct ServeArgs {
    /// Listen on this port; 0 is any that is free
    #[arg(short, long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// Listen on this address or name of the machine; others than loopback let other machines in
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
}

/// What can be called now, version 1.
#[derive(Serialize)]
struct ServeDocument<'a> {
    version: u32,
    url: &'a str,
    mcp: String,
    a2a: String,
    card: String,
    flows: Vec<FlowDocument<'a>>,
    problems: &'a [String],
}

#[derive(Serialize)]
struct FlowDocument<'a> {
    name: &'a str,
    tool: bool,
    skill: bool,
    description: &'a str,
}

pub(super) fn run(args: &ServeArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if let Some(context) = settings.context.as_ref().filter(|context| context.as_str() != LOCAL) {
        return Err(Error::usage(format!("the context `{context}` has a gateway of its own, in its cluster"))
            .hint(format!("reach it with `asya k port-forward gateway --context {context}`"))
            .hint("leave `--context` and ASYA_CONTEXT out to serve what is applied to `local`"));
    }
    let project = settings.project()?;
    let state = LocalState::of(&project);
    let python = find_python(settings.environment.python().as_deref(), &settings.environment.path())?;
    let mut claim = match state.claim()? {
        Ok(claim) => claim,
        Err(running) => {
            let error = Error::project("a gateway of this project is running already");
            return Err(match running {
                Some(Running { url, pid }) => error.because(format!("process {pid} serves at {url}")).hint(
                    "it notices every `asya k apply --context local` by itself; end it with Ctrl-C where it runs",
                ),
                None => error.hint("end it with Ctrl-C where it runs"),
            });
        }
    };
    let environment = settings.environment.clone();
    let key = |name: &str| settings.environment.get(name).map(str::to_owned);
    let (roots, code) = (settings.project()?, Code::of(settings.project()?));
    let serve_settings = ServeSettings {
        directory: state.directory(),
        root: project.root().to_owned(),
        host: args.host.clone(),
        port: args.port,
        mcp_key: key("ASYA_MCP_API_KEY"),
        a2a_key: key("ASYA_A2A_API_KEY"),
        python,
        python_path: Box::new(move |flow| python_path(&roots, flow)),
        code: Box::new(move |flow| code.now(flow)),
        variable: Box::new(move |name| environment.get(name).map(str::to_owned)),
    };
    let printer = std::cell::RefCell::new(ui);
    let started = &mut |serving: &Serving| {
        let running = Running { url: serving.url.clone(), pid: std::process::id() };
        claim.say(&serde_json::to_string(&running).unwrap_or_default())?;
        tell(serving, &mut printer.borrow_mut());
        Ok(())
    };
    serve(serve_settings, started, &mut |event| printer.borrow_mut().event(event))?;
    // How one stops it.
    Ok(Status::Failed(ErrorKind::Interrupted))
}

/// Where the modules of a flow are imported from; of one that is not the project's any more, the
/// project itself.
fn python_path(project: &Project, flow: &FlowName) -> Result<Vec<PathBuf>> {
    match project.flow(flow) {
        Ok(record) => project.python_roots(&project.absolute(&record.source)),
        Err(_) => Ok(vec![project.root().to_owned()]),
    }
}

/// What the code of flows is like.
struct Code {
    project: Project,
    seen: Mutex<HashMap<FlowName, Seen>>,
}

/// A look at the code of a flow.
#[derive(Clone, Copy)]
struct Seen {
    code: u64,
    at: Instant,
    took: Duration,
}

/// A look that takes longer is not taken again at once.
const LONG: Duration = Duration::from_millis(20);

impl Code {
    fn of(project: Project) -> Self {
        Self { project, seen: Mutex::default() }
    }

    /// A number that is another after every change. In a project with very many files it may be a
    /// moment old: looking takes at most a tenth of the time.
    fn now(&self, flow: &FlowName) -> u64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = seen.get(flow).filter(|last| last.took > LONG && last.at.elapsed() < last.took * 9) {
            return last.code;
        }
        let began = Instant::now();
        let code = fingerprint(&python_path(&self.project, flow).unwrap_or_default());
        seen.insert(flow.clone(), Seen { code, at: Instant::now(), took: began.elapsed() });
        code
    }
}

/// A number that is another after every change of a Python file below `roots`.
fn fingerprint(roots: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for root in roots {
        // One inside another is looked at with it.
        if roots.iter().any(|other| other != root && root.starts_with(other)) {
            continue;
        }
        for file in python_files(root).unwrap_or_default() {
            let Ok(metadata) = file.metadata() else { continue };
            (file, metadata.len(), metadata.modified().ok()).hash(&mut hasher);
        }
    }
    hasher.finish()
}

fn tell(serving: &Serving, ui: &mut Ui) {
    let Serving { url, flows, problems } = serving;
    let document = ServeDocument {
        version: 1,
        url,
        mcp: format!("{url}/mcp"),
        a2a: format!("{url}/a2a/"),
        card: format!("{url}/.well-known/agent.json"),
        flows: flows
            .iter()
            .map(|flow| FlowDocument {
                name: &flow.name,
                tool: flow.tool,
                skill: flow.skill,
                description: &flow.description,
            })
            .collect(),
        problems,
    };
    ui.report(&document, |ui| {
        let mut text = format!("{} serves the context `local`; Ctrl-C ends it\n\n", ui.paint(Style::Strong, url));
        text.push_str(&format!("  MCP  {}\n  A2A  {}\n\n", document.mcp, document.card));
        if flows.is_empty() {
            text.push_str("nothing is offered yet: `asya expose FLOW`, then `asya k apply FLOW --context local`\n");
        }
        for flow in flows {
            let surface = match (flow.tool, flow.skill) {
                (true, true) => "tool, skill",
                (true, false) => "tool",
                _ => "skill",
            };
            let description = flow.description.lines().next().unwrap_or_default();
            text.push_str(&format!("{}  {surface}  {description}\n", ui.paint(Style::Strong, &flow.name)));
        }
        text
    });
}
