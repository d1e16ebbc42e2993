//! `asya k status`.

mod all;
mod document;
mod human;
mod one;

use clap::Args;

use super::super::Status;
use super::local;
use crate::error::Result;
use crate::names::FlowName;
use crate::settings::Settings;
use crate::ui::Ui;

/// Show how flows are doing in a cluster
///
/// Of one flow: its actors with their pods and queues, whether the gateway serves it, and what in
/// the cluster is not as it is rendered; exit code 1 unless all is well. Without a flow: one line
/// for each flow of the project and of the namespace.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The flow
    flow: Option<FlowName>,
}

pub(super) fn run(args: &StatusArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if local::is_chosen(settings)? {
        return local::status(args.flow.as_ref(), settings, ui);
    }
    match &args.flow {
        Some(flow) => one::run(flow, settings, ui),
        None => all::run(settings, ui),
    }
}
