//! `asya unexpose`.

use clap::Args;
use serde::Serialize;

use super::Status;
use super::exposing::{Exposing, FileChange};
use crate::artifacts::exposure;
use crate::artifacts::placement::{self, Wish};
use crate::error::Result;
use crate::names::{ContextName, FlowName};
use crate::settings::Settings;
use crate::ui::{Style, Ui};

/// Stop offering a flow to the gateway
///
/// Takes the flow's entry out of every environment, or with --context out of one, also where it
/// comes from `common/`. `asya k apply` makes the running gateway forget it.
#[derive(Debug, Args)]
pub(super) struct UnexposeArgs {
    /// The flow
    flow: FlowName,
}

/// The result of `asya unexpose`, version 1.
#[derive(Serialize)]
struct UnexposeDocument<'a> {
    version: u32,
    flow: &'a str,
    context: Option<&'a str>,
    changed: bool,
    files: Vec<FileChange>,
    next: Option<String>,
}

pub(super) fn run(args: &UnexposeArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let (exposing, lock) = Exposing::locked(&args.flow, settings)?;
    let wish = Wish::Withdraw(exposure::removal(&args.flow)?);
    let steps = placement::plan(&exposing.layers, &exposing.layer, &wish);
    let changed = !steps.is_empty();
    let files = if changed { exposing.carry_out(&steps, &lock, ui)? } else { Vec::new() };
    drop(lock);
    let document = UnexposeDocument {
        version: 1,
        flow: args.flow.as_str(),
        context: exposing.context().map(ContextName::as_str),
        changed,
        files,
        next: changed.then(|| exposing.apply_command()),
    };
    ui.report(&document, |ui| {
        let flow = ui.paint(Style::Strong, args.flow.as_str());
        match (&document.next, document.context) {
            (Some(next), context) => {
                let place = context.map_or("anywhere".to_owned(), |context| format!("in context `{context}`"));
                format!("{flow} is no longer offered {place}\n\nnext: {}\n", ui.paint(Style::Strong, next))
            }
            (None, Some(context)) => format!("{flow} is not offered in context `{context}`, nothing to change\n"),
            (None, None) => format!("{flow} is offered nowhere, nothing to change\n"),
        }
    });
    Ok(Status::Done)
}
