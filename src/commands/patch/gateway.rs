//! `asya patch --gateway`: single changes of what the gateway tells agents.

use serde::Serialize;

use super::super::Status;
use super::super::exposing::{Exposing, FileChange};
use crate::artifacts::exposure::{self, Offer};
use crate::artifacts::placement::{self, Layer, Wish};
use crate::artifacts::{A2a, FlowEntry, schema};
use crate::error::{Error, Result};
use crate::gateway;
use crate::names::{ContextName, FlowName, near_matches};
use crate::settings::Settings;
use crate::source::Source;
use crate::ui::{Style, Ui};

/// The keys, and what they take.
const KEYS: &[&str] = &[
    "expose",
    "description",
    "mcp",
    "a2a",
    "timeout",
    "tags",
    "examples",
    "input_modes",
    "output_modes",
    "input_schema",
];

/// The result of `asya patch --gateway`, version 1.
#[derive(Serialize)]
struct GatewayDocument<'a> {
    version: u32,
    flow: &'a str,
    context: Option<&'a str>,
    /// `null` when the flow is offered no longer.
    entry: Option<&'a FlowEntry>,
    files: Vec<FileChange>,
    next: String,
}

pub(super) fn run(
    flow: &FlowName,
    assignments: &[(String, String)],
    removed: &[String],
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Status> {
    if assignments.is_empty() && removed.is_empty() {
        return Err(
            Error::usage("nothing is to be changed").hint("for example: `asya patch FLOW --gateway timeout=60`")
        );
    }
    let (exposing, lock) = Exposing::locked(flow, settings)?;
    let known = known_entry(&exposing, flow)?;
    let is_offered = known.is_some();
    let mut wanted = Wanted { offer: known.map_or_else(Offer::default, offer_of), is_exposed: is_offered };
    for (key, value) in assignments {
        wanted
            .set(&key_of(key)?, Some(value))
            .map_err(|why| Error::usage(format!("`{key}={value}` cannot be set")).because(why))?;
    }
    for key in removed {
        wanted
            .set(&key_of(key)?, None)
            .map_err(|why| Error::usage(format!("`{key}` cannot be removed")).because(why))?;
    }
    let wish = if wanted.is_exposed {
        let offer = &wanted.offer;
        if !offer.mcp && offer.a2a.is_none() {
            return Err(Error::usage(format!("`{flow}` would be neither an MCP tool nor an A2A skill"))
                .hint("to offer it no longer, type `expose=false`"));
        }
        let entry = exposure::entry(&exposing.compiled, &exposing.start, offer)?;
        if let Some(reason) = gateway::refusal(&entry.to_yaml()?) {
            return Err(Error::usage(format!("the gateway would not load the entry of `{flow}`, nor any other flow"))
                .because(reason)
                .hint("change the input schema or the description"));
        }
        Some(entry)
    } else if is_offered {
        None
    } else {
        return Err(Error::project(format!("`{flow}` is not offered to the gateway{}", of_context(&exposing)))
            .hint(format!("type `asya expose {flow}`, or add `expose=true`")));
    };
    let plan = match &wish {
        Some(entry) => Wish::Offer(exposure::config_map(flow, entry)?),
        None => Wish::Withdraw(exposure::removal(flow)?),
    };
    if wish.is_some() {
        exposing.refuse_duplicates(&plan, ui)?;
    }
    let files = exposing.carry_out(&placement::plan(&exposing.layers, &exposing.layer, &plan), &lock, ui)?;
    drop(lock);
    exposing.tell_stale(ui);
    exposing.tell_outdated(Some(&exposing.layer), ui);
    let document = GatewayDocument {
        version: 1,
        flow: flow.as_str(),
        context: exposing.context().map(ContextName::as_str),
        entry: wish.as_ref(),
        files,
        next: exposing.apply_command(),
    };
    let text = wish.as_ref().map(FlowEntry::to_yaml).transpose()?;
    ui.report(&document, |ui| {
        let name = ui.paint(Style::Strong, flow.as_str());
        let next = ui.paint(Style::Strong, &document.next);
        match text {
            Some(text) => format!("{name} as agents see it{}:\n\n{text}\nnext: {next}\n", of_context(&exposing)),
            None => format!("{name} is no longer offered{}\n\nnext: {next}\n", of_context(&exposing)),
        }
    });
    Ok(Status::Done)
}

fn of_context(exposing: &Exposing) -> String {
    exposing.context().map(|context| format!(" in context `{context}`")).unwrap_or_default()
}

/// The entry that counts in the chosen layer.
fn known_entry(exposing: &Exposing, flow: &FlowName) -> Result<Option<FlowEntry>> {
    let is_hidden = matches!(&exposing.layer, Layer::Overlay(context)
        if placement::hiding(&exposing.layers).contains(&context));
    let of = |wanted: &Layer| {
        let found = placement::entries(&exposing.layers).find(|(layer, _)| *layer == wanted);
        found.map(|(_, text)| exposure::entry_of(&Source::new(placement::FILE, text), flow)).transpose()
    };
    match of(&exposing.layer)? {
        Some(entry) => Ok(Some(entry)),
        None if is_hidden => Ok(None),
        None => of(&Layer::Common),
    }
}

fn offer_of(entry: FlowEntry) -> Offer {
    Offer {
        description: entry.description,
        timeout: entry.timeout,
        mcp: entry.mcp.is_some(),
        input_schema: entry.mcp.and_then(|mcp| mcp.input_schema),
        a2a: entry.a2a,
    }
}

fn key_of(key: &str) -> Result<String> {
    let snake: String = key
        .chars()
        .flat_map(|c| if c.is_ascii_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] })
        .collect();
    let snake = snake.replace('-', "_");
    if KEYS.contains(&snake.as_str()) {
        return Ok(snake);
    }
    let near = near_matches(&snake, KEYS.iter().copied()).first().map(|near| format!("did you mean `{near}`?"));
    Err(Error::usage(format!("the gateway's entry has no `{key}`"))
        .hint(near.unwrap_or_else(|| format!("there are {}", crate::names::listed(KEYS)))))
}

struct Wanted {
    offer: Offer,
    is_exposed: bool,
}

impl Wanted {
    /// Sets a key, or puts it back to its default.
    fn set(&mut self, key: &str, value: Option<&String>) -> Result<(), String> {
        match key {
            "expose" => {
                self.is_exposed = value.is_some_and(|text| text != "false");
                flag(value)?;
                self.offer.mcp |= self.is_exposed && self.offer.a2a.is_none();
            }
            "description" => match value.map(|text| text.trim()) {
                Some("") => return Err("it is empty".to_owned()),
                text => self.offer.description = text.map(str::to_owned),
            },
            "mcp" => {
                self.offer.mcp = flag(value)?;
                self.is_exposed |= self.offer.mcp;
            }
            "a2a" => {
                let is_skill = flag(value)?;
                self.is_exposed |= is_skill;
                let known = self.offer.a2a.take().unwrap_or_default();
                self.offer.a2a = is_skill.then_some(known);
            }
            "timeout" => {
                self.offer.timeout = match value.map(|text| text.parse()) {
                    None => None,
                    Some(Ok(0)) => return Err("0 would mean no limit for MCP and no time at all for A2A".to_owned()),
                    Some(Ok(seconds)) => Some(seconds),
                    Some(Err(_)) => return Err("it is not a whole number of seconds".to_owned()),
                };
            }
            "input_schema" => {
                let parsed = value.map(|text| schema::parse(&Source::new("input_schema", text.as_str())));
                self.offer.input_schema = parsed.transpose().map_err(|error| {
                    let place = error.located().iter().flat_map(|located| &located.diagnostics).next();
                    place.map_or_else(|| error.to_string(), |it| format!("{error}: {}", it.message))
                })?;
            }
            _ => {
                let list = value.map(|text| items(text)).transpose()?.unwrap_or_default();
                let skill = self.skill()?;
                match key {
                    "tags" => skill.tags = list,
                    "examples" => skill.examples = list,
                    "input_modes" => skill.input_modes = list,
                    _ => skill.output_modes = list,
                }
            }
        }
        Ok(())
    }

    fn skill(&mut self) -> Result<&mut A2a, String> {
        self.offer.a2a.as_mut().ok_or_else(|| "it belongs to an A2A skill; add `a2a=true` before it".to_owned())
    }
}

fn flag(value: Option<&String>) -> Result<bool, String> {
    match value.map(String::as_str) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err("it takes true or false".to_owned()),
    }
}

/// `a,b`, or a JSON list for texts with commas.
fn items(text: &str) -> Result<Vec<String>, String> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(|_| "it is no JSON list of texts".to_owned());
    }
    let items: Vec<String> = text.split(',').map(|item| item.trim().to_owned()).collect();
    if items.iter().any(String::is_empty) { Err("one of them is empty".to_owned()) } else { Ok(items) }
}
