//! `asya expose`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::exposing::{Exposing, FileChange};
use super::{Status, exposure_list};
use crate::artifacts::exposure::{self, Offer};
use crate::artifacts::placement::{self, Layer, Wish};
use crate::artifacts::{A2a, FlowEntry, schema};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gateway;
use crate::names::{ContextName, FlowName, listed};
use crate::project::read_source;
use crate::settings::Settings;
use crate::source::Source;
use crate::ui::{Style, Ui};

/// Describe a flow to the gateway as an MCP tool or A2A skill
///
/// Writes the flow's entry into `common/`, for every environment, or with --context into the
/// overlay of one, where it takes the place of the common entry. `asya k apply` makes the running
/// gateway serve it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya expose text-flow -d 'Edit a text until it fits'
  asya expose text-flow --mcp --a2a --tags text,editing
  asya expose text-flow --context dev --timeout 60
  asya expose --list")]
pub(super) struct ExposeArgs {
    /// The flow [asked for on a terminal]
    flow: Option<FlowName>,
    /// Change nothing: show what is exposed where, how, and which file says so
    #[arg(short, long, conflicts_with_all = [
        "description", "mcp", "a2a", "timeout", "input_schema", "input_schema_file", "tags", "examples", "input_modes",
        "output_modes",
    ])]
    list: bool,
    /// What it does, for agents that choose a tool [default: the function's docstring]
    #[arg(short, long, value_name = "TEXT", value_parser = not_blank)]
    description: Option<String>,
    /// Offer it as an MCP tool [default without --a2a]
    #[arg(long)]
    mcp: bool,
    /// Offer it as an A2A skill
    #[arg(long)]
    a2a: bool,
    /// Give a call up after so many seconds [default: the gateway's, 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<u64>,
    /// JSON Schema of the tool's arguments [default: the one read from the source]
    #[arg(long, value_name = "JSON", conflicts_with = "input_schema_file")]
    input_schema: Option<String>,
    /// A file with the JSON Schema of the tool's arguments, as JSON or `.yaml`
    #[arg(long, value_name = "FILE")]
    input_schema_file: Option<PathBuf>,
    /// Tags of the skill, separated by commas
    #[arg(long, value_name = "TAGS", value_delimiter = ',', value_parser = not_blank, requires = "a2a")]
    tags: Vec<String>,
    /// A prompt that shows how to use the skill; may be given several times
    #[arg(long, value_name = "TEXT", value_parser = not_blank, requires = "a2a")]
    examples: Vec<String>,
    /// MIME types the skill takes, separated by commas
    #[arg(long, value_name = "TYPES", value_delimiter = ',', value_parser = mime_type, requires = "a2a")]
    input_modes: Vec<String>,
    /// MIME types the skill gives, separated by commas
    #[arg(long, value_name = "TYPES", value_delimiter = ',', value_parser = mime_type, requires = "a2a")]
    output_modes: Vec<String>,
}

/// The result of `asya expose`, version 1.
#[derive(Serialize)]
struct ExposeDocument<'a> {
    version: u32,
    flow: &'a str,
    context: Option<&'a str>,
    config_map: String,
    entry: &'a FlowEntry,
    not_shown_by_gateway: Vec<String>,
    files: Vec<FileChange>,
    next: String,
}

pub(super) fn run(args: &ExposeArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if args.list {
        return exposure_list::run(args.flow.as_ref(), settings, ui);
    }
    let input_schema = input_schema(args, settings)?;
    let flow = &flow(args, settings, ui)?;
    let description = description(args, flow, settings, ui)?;
    let (exposing, lock) = Exposing::locked(flow, settings)?;
    let offer = Offer {
        description,
        timeout: args.timeout,
        mcp: args.mcp || !args.a2a,
        a2a: args.a2a.then(|| A2a {
            tags: args.tags.clone(),
            input_modes: args.input_modes.clone(),
            output_modes: args.output_modes.clone(),
            examples: args.examples.clone(),
        }),
        input_schema,
    };
    let entry = exposure::entry(&exposing.compiled, &exposing.start, &offer)?;
    let text = entry.to_yaml()?;
    if let Some(reason) = gateway::refusal(&text) {
        return Err(Error::usage(format!("the gateway would not load the entry of `{flow}`, nor any other flow"))
            .because(reason)
            .hint("change the input schema or the description"));
    }
    let wish = Wish::Offer(exposure::config_map(flow, &entry)?);
    exposing.refuse_duplicates(&wish, ui)?;
    let files = exposing.carry_out(&placement::plan(&exposing.layers, &exposing.layer, &wish), &lock, ui)?;
    drop(lock);
    exposing.tell_stale(ui);
    exposing.tell_outdated(Some(&exposing.layer), ui);
    tell_other_layers(&exposing, flow, ui);
    let not_shown = entry.mcp.as_ref().and_then(|mcp| mcp.input_schema.as_ref()).map(schema::not_shown);
    let not_shown = not_shown.unwrap_or_default();
    if !not_shown.is_empty() {
        let list: String = not_shown.iter().map(|line| format!("\n  {line}")).collect();
        let message = format!("the gateway shows MCP clients only a part of the input schema{list}");
        ui.event(Event::Warning { message, hint: Some("say in the description what agents must know".to_owned()) });
    }
    let document = ExposeDocument {
        version: 1,
        flow: flow.as_str(),
        context: exposing.context().map(ContextName::as_str),
        config_map: exposure::config_map_name(flow),
        entry: &entry,
        not_shown_by_gateway: not_shown,
        files,
        next: exposing.apply_command(),
    };
    ui.report(&document, |ui| {
        let what = match (&entry.mcp, &entry.a2a) {
            (Some(_), Some(_)) => "an MCP tool and an A2A skill",
            (None, Some(_)) => "an A2A skill",
            _ => "an MCP tool",
        };
        let place = match document.context {
            None => "in every environment".to_owned(),
            Some(context) => format!("in context `{context}`"),
        };
        let heading = format!("{} is {what} {place}:", ui.paint(Style::Strong, flow.as_str()));
        let next = ui.paint(Style::Strong, &document.next);
        format!("{heading}\n\n{text}\nnext: {next}\n")
    });
    Ok(Status::Done)
}

/// The flow that was named; on a terminal a choice of all of them.
fn flow(args: &ExposeArgs, settings: &Settings, ui: &mut Ui) -> Result<FlowName> {
    if let Some(flow) = &args.flow {
        return Ok(flow.clone());
    }
    let names = settings.project()?.flow_names()?;
    match names.as_slice() {
        [] => Err(Error::project("there is nothing to expose")
            .because("the project has no flows yet")
            .hint("make one with `asya compile FLOW -f FILE`")),
        names if ui.can_prompt() => {
            let at = ui.choose("Which flow", names)?;
            names.get(at).cloned().ok_or_else(|| Error::usage("no flow was chosen"))
        }
        names => Err(Error::usage("it is not said which flow to expose")
            .because(format!("the project has {}", listed(names)))
            .hint("name it: `asya expose FLOW`")),
    }
}

/// What `-d` says; where nothing else does, on a terminal, what the person says.
fn description(args: &ExposeArgs, flow: &FlowName, settings: &Settings, ui: &mut Ui) -> Result<Option<String>> {
    if args.description.is_some() || !ui.can_prompt() {
        return Ok(args.description.clone());
    }
    // Nobody is kept from writing while a person thinks.
    let compiled = Exposing::open(flow, settings)?.compiled;
    if compiled.description.is_some_and(|text| !text.trim().is_empty()) {
        return Ok(None);
    }
    ui.ask_anew("What does it do? Agents choose a tool by this sentence", not_blank).map(Some)
}

/// Says where else the flow is described, so that nobody looks for a change that does not count.
fn tell_other_layers(exposing: &Exposing, flow: &FlowName, ui: &mut Ui) {
    if exposing.layer != Layer::Common {
        return;
    }
    let names = |contexts: Vec<&ContextName>| contexts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let hiding = names(placement::hiding(&exposing.layers));
    if let Some(first) = hiding.first() {
        ui.event(Event::Note(format!(
            "not for {}, where it is hidden: `asya expose {flow} --context {first}` offers it there",
            listed(&hiding)
        )));
    }
    let own = names(placement::offering(&exposing.layers));
    if !own.is_empty() {
        ui.event(Event::Note(format!("not for {}: there an own entry counts", listed(&own))));
    }
    let detached = names(placement::detached(&exposing.layers));
    let detached: Vec<String> = detached.into_iter().filter(|name| !own.contains(name)).collect();
    if let Some(first) = detached.first() {
        ui.event(Event::Note(format!(
            "not for {}, which is not built on `common`: `asya expose {flow} --context {first}` offers it there",
            listed(&detached)
        )));
    }
}

fn input_schema(args: &ExposeArgs, settings: &Settings) -> Result<Option<serde_json::Value>> {
    let source = match (&args.input_schema, &args.input_schema_file) {
        (Some(text), _) => Source::new("--input-schema", text.as_str()),
        (None, Some(path)) => read_source(&settings.start.join(path), &path.display().to_string())?,
        (None, None) => return Ok(None),
    };
    if args.a2a && !args.mcp {
        return Err(Error::usage("an input schema describes an MCP tool, and this is an A2A skill only")
            .hint("add `--mcp`, or leave the schema out"));
    }
    schema::parse(&source).map(Some)
}

fn not_blank(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn seconds(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => {
            Err("0 would mean no limit for MCP and no time at all for A2A; leave it out for the default".to_owned())
        }
        Ok(seconds) => Ok(seconds),
        Err(_) => Err("it is not a whole number of seconds".to_owned()),
    }
}

fn mime_type(text: &str) -> Result<String, String> {
    let text = text.trim();
    let word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+*".contains(c));
    match text.split_once('/') {
        Some((kind, rest)) if word(kind) && word(rest.split(';').next().unwrap_or_default()) => Ok(text.to_owned()),
        _ => Err("it is not a MIME type like `application/json` or `text/plain`".to_owned()),
    }
}
