//! `asya k logs`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::super::Status;
use super::doctor::text;
use super::duration;
use super::target::{Target, load};
use crate::cluster::{self, Cluster, Connect, LogLine, LogRequest, Logs, Look, Resource};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::names::{ActorName, FlowName, counted, listed, near_matches};
use crate::settings::Settings;
use crate::ui::{Refused, Style, Ui};

/// Lines of each container without `--tail` and `--since`.
const TAIL: u64 = 100;

/// How often a slow reader of stdout is offered the next line.
const PATIENCE: Duration = Duration::from_millis(10);

/// Show what a flow's actors print
///
/// Lines of all pods, each with its pod's name, in the order they were written. With -f as they
/// are written: pods that come later join, lost connections are taken up again.
#[derive(Debug, Args)]
pub(super) struct LogsArgs {
    /// The flow
    flow: FlowName,
    /// Of this actor alone; may be repeated
    #[arg(long, value_name = "ACTOR")]
    actor: Vec<ActorName>,
    /// Stay and show lines as they are written
    #[arg(short, long)]
    follow: bool,
    /// Lines of the last time alone: 10m, 1h
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    since: Option<Duration>,
    /// Of this container: asya-runtime (default), asya-sidecar, …; `all` for all
    #[arg(short, long, value_name = "CONTAINER", default_value = "asya-runtime")]
    container: Vec<String>,
    /// The last lines of each container alone; default: 100, with --since all
    #[arg(long, value_name = "LINES")]
    tail: Option<u64>,
    /// Show when each line was written
    #[arg(short, long)]
    timestamps: bool,
}

/// The result, version 1.
#[derive(Serialize)]
struct LogsDocument {
    version: u32,
    flow: String,
    lines: Vec<LineDocument>,
}

#[derive(Serialize)]
struct LineDocument {
    actor: String,
    pod: String,
    container: String,
    time: String,
    text: String,
}

pub(super) fn run(args: &LogsArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if args.follow && ui.is_json() {
        return Err(
            Error::usage("lines that are followed are no one JSON document").hint("leave out `-o json`, or `--follow`")
        );
    }
    let target = load(&args.flow, settings, ui)?;
    let actors = chosen(args, &target)?;
    let result = cluster::run(async {
        let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
        let cluster =
            Cluster::connect(Connect { context: target.kubectl_context(), environment: &environment }).await?;
        let namespaces = target.namespaces(cluster.namespace())?;
        let all = args.container.iter().any(|name| name == "all");
        let request = LogRequest {
            namespace: namespaces.actors,
            actors,
            containers: if all { BTreeSet::new() } else { args.container.iter().cloned().collect() },
            tail: args.tail.or(args.since.is_none().then_some(TAIL)),
            since_seconds: args.since.map(|since| since.as_secs().max(1)),
        };
        let mut prefixes = Prefixes::new(args.timestamps, request.containers.len() != 1);
        if args.follow {
            // Told at once and in words, before the watch begins to try and try again.
            cluster.actor_shape().await?;
            cluster.check_namespace(&request.namespace, "namespace").await?;
            follow(&cluster, &request, &mut prefixes, ui).await?;
            return Ok(None);
        }
        let logs = cluster.logs(&request).await?;
        tell(&logs, &request, &cluster, ui).await?;
        Ok(Some((logs.lines, prefixes)))
    });
    match result {
        Ok(Some((lines, mut prefixes))) => {
            let text: String = lines.iter().map(|line| prefixes.line(line, ui)).collect();
            let document = LogsDocument {
                version: 1,
                flow: args.flow.to_string(),
                lines: lines.into_iter().map(document).collect(),
            };
            ui.report(&document, |_| text);
            Ok(Status::Done)
        }
        Ok(None) => Ok(Status::Done),
        // How one stops following.
        Err(error) if args.follow && error.kind() == ErrorKind::Interrupted => {
            Ok(Status::Failed(ErrorKind::Interrupted))
        }
        Err(error) => Err(error),
    }
}

/// Says what the lines do not: which containers have none yet, and why there is nothing at all.
async fn tell(logs: &Logs, request: &LogRequest, cluster: &Cluster, ui: &mut Ui) -> Result<()> {
    for words in &logs.silent {
        ui.event(Event::Note(words.clone()));
    }
    if logs.pods == 0 {
        cluster.check_namespace(&request.namespace, "namespace").await?;
        let actors = cluster.look_all(&Resource::actors(), &request.namespace, "").await?;
        let is_one = |actor: &Value| request.actors.contains(text(actor, "/metadata/name"));
        ui.event(Event::Note(match actors {
            Look::Seen(actors) if !actors.iter().any(is_one) => {
                format!("nothing: the actors are not in namespace `{}`; see `asya k status`", request.namespace)
            }
            _ => "nothing: the actors have no pods; they are scaled to zero, or do not start".to_owned(),
        }));
        return Ok(());
    }
    let unknown: Vec<&String> = request.containers.difference(&logs.containers).collect();
    if !unknown.is_empty() && unknown.len() == request.containers.len() {
        return Err(Error::usage(format!("the pods have no container {}", listed(&unknown)))
            .because(format!("they have {}", listed(&logs.containers.iter().collect::<Vec<_>>()))));
    }
    if logs.lines.is_empty() && logs.silent.is_empty() {
        ui.event(Event::Note(format!("nothing: {} said nothing", counted(logs.pods, "pod"))));
    }
    Ok(())
}

/// Writes lines as they come. Nobody reading any more is a quiet end.
async fn follow(cluster: &Cluster, request: &LogRequest, prefixes: &mut Prefixes, ui: &mut Ui) -> Result<()> {
    let stream = ui.stream();
    let ui = RefCell::new(ui);
    let write = async |line: LogLine| {
        let mut text = prefixes.line(&line, &ui.borrow());
        loop {
            match stream.offer(text) {
                Ok(()) => return true,
                Err(Refused::Closed) => return false,
                Err(Refused::Full(again)) => text = again,
            }
            tokio::time::sleep(PATIENCE).await;
        }
    };
    cluster.follow_logs(request, write, &mut |event| ui.borrow_mut().event(event)).await?;
    stream.finish();
    Ok(())
}

/// The flow's actors, or those asked for.
fn chosen(args: &LogsArgs, target: &Target) -> Result<BTreeSet<String>> {
    let all: BTreeSet<String> = target
        .objects()
        .iter()
        .filter(|object| object.kind() == "AsyncActor")
        .map(|object| object.name().to_owned())
        .collect();
    if args.actor.is_empty() {
        return Ok(all);
    }
    for actor in &args.actor {
        if !all.contains(actor.as_str()) {
            let near = near_matches(actor.as_str(), all.iter().map(String::as_str));
            return Err(Error::usage(format!("flow `{}` has no actor `{actor}`", args.flow))
                .because(format!("it has {}", listed(&all.iter().collect::<Vec<_>>())))
                .hint_opt((!near.is_empty()).then(|| format!("did you mean {}?", listed(&near)))));
        }
    }
    Ok(args.actor.iter().map(ToString::to_string).collect())
}

fn document(line: LogLine) -> LineDocument {
    LineDocument { actor: line.actor, pod: line.pod, container: line.container, time: line.time, text: line.text }
}

/// What stands before each line; every pod has its colour.
struct Prefixes {
    timestamps: bool,
    containers: bool,
    colours: BTreeMap<String, usize>,
}

impl Prefixes {
    fn new(timestamps: bool, containers: bool) -> Self {
        Self { timestamps, containers, colours: BTreeMap::new() }
    }

    fn line(&mut self, line: &LogLine, ui: &Ui) -> String {
        let name = match self.containers {
            true => format!("{}/{}", line.pod, line.container),
            false => line.pod.clone(),
        };
        let next = self.colours.len();
        let colour = *self.colours.entry(name.clone()).or_insert(next);
        let time = match self.timestamps {
            true => format!("{} ", ui.paint(Style::Dim, &line.time)),
            false => String::new(),
        };
        format!("{} {time}{}\n", ui.paint_as(colour, &name), line.text)
    }
}
