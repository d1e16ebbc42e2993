//! Whether the gateway of this machine serves a flow as it is applied.

use serde::Serialize;

use super::super::super::local_state::Running;
use super::Place;
use crate::cluster;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gateway::{self, Verification, is_flow_entry};
use crate::kustomize::Object;
use crate::settings::Settings;
use crate::ui::Ui;

/// The gateway as `-o json` tells it.
#[derive(Debug, Serialize)]
pub(super) struct LocalGateway {
    /// Where it serves; `null` when none is running.
    pub(super) url: Option<String>,
    /// `registered`, `unchanged`, `removed` or `none`.
    pub(super) registration: &'static str,
    /// What it showed when it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verification: Option<Verification>,
}

impl LocalGateway {
    /// In a line: what becomes of the flow there.
    pub(super) fn summary(&self) -> String {
        match (self.registration, &self.url) {
            ("none", _) => "not exposed".to_owned(),
            ("removed", Some(url)) => format!("taken out of the gateway at {url}"),
            ("removed", None) => "no longer exposed".to_owned(),
            (_, Some(url)) => format!("served at {url}"),
            (_, None) => "serve it with `asya gateway serve`".to_owned(),
        }
    }
}

/// How the gateway is asked.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands::k) struct Asking {
    /// It is an error when it cannot be asked.
    pub(in crate::commands::k) required: bool,
    /// It is not asked at all.
    pub(in crate::commands::k) never: bool,
}

/// What the running gateway makes of the applied state. `now` is what is applied, `before` what was.
pub(super) fn of(
    place: &Place,
    now: &[Object],
    asking: Asking,
    written: bool,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<LocalGateway> {
    let running = place.state.running();
    let entries: Vec<Object> = now.iter().filter(|object| is_flow_entry(object)).cloned().collect();
    let (names, gone) = (Place::names(Some(now)), Place::names(place.applied.as_deref()));
    let before: Vec<&Object> = place.applied.iter().flatten().filter(|object| is_flow_entry(object)).collect();
    let registration = match (names.is_empty(), gone.is_empty()) {
        (true, true) => "none",
        (true, false) => "removed",
        (false, _) if before == entries.iter().collect::<Vec<_>>() => "unchanged",
        (false, _) => "registered",
    };
    let mut report = LocalGateway { url: running.as_ref().map(|it| it.url.clone()), registration, verification: None };
    let is_asked = written && !asking.never && registration != "none";
    match running {
        Some(running) if is_asked => report.verification = ask(&running, &entries, &gone, asking, settings, ui)?,
        None if is_asked && asking.required => {
            return Err(Error::cluster("there is no running gateway to be asked whether it serves the flow")
                .hint("the flow is applied; serve it with `asya gateway serve`"));
        }
        _ => {}
    }
    Ok(report)
}

/// What the gateway's MCP endpoint is asked with, if anything.
pub(super) fn token(settings: &Settings) -> Option<&str> {
    ["ASYA_GATEWAY_TOKEN", "ASYA_MCP_API_KEY"].into_iter().find_map(|name| settings.environment.get(name))
}

fn ask(
    running: &Running,
    entries: &[Object],
    gone: &[String],
    asking: Asking,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Option<Verification>> {
    let seen = cluster::run(gateway::ask(&running.url, token(settings), entries, gone))?;
    match seen {
        Ok(seen) => {
            ui.event(Event::Note(format!("the gateway at {} {}", running.url, seen.summary())));
            Ok(Some(seen))
        }
        Err(error) if asking.required => {
            Err(error.hint("the flow is applied; to leave it at that, ask without `--verify`"))
        }
        Err(error) => {
            ui.event(Event::Warning { message: error.to_string(), hint: error.hints().first().cloned() });
            Ok(None)
        }
    }
}
