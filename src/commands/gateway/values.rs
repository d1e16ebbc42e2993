//! `asya gateway values`.

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::Status;
use crate::cluster::{self, Cluster, Connect};
use crate::error::{Error, Result};
use crate::gateway::{self, Search};
use crate::project::LOCAL;
use crate::settings::Settings;
use crate::ui::Ui;
use crate::yaml;

/// Print the Helm values that keep what is registered over an upgrade of the gateway's chart
#[derive(Debug, Args)]
#[command(after_help = "Example: asya gateway values | helm upgrade RELEASE CHART --reuse-values -f -")]
pub(super) struct ValuesArgs {
    /// The gateway's Helm release or Deployment, where its namespace holds several
    #[arg(long, value_name = "NAME")]
    gateway: Option<String>,
}

/// The values, version 1.
#[derive(Debug, Serialize)]
struct ValuesReport {
    version: u32,
    namespace: String,
    deployment: String,
    release: String,
    values: Map<String, Value>,
}

pub(super) fn run(args: &ValuesArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    let context = project.context(settings.context.as_ref())?;
    if context.is_some_and(|context| context.name.as_str() == LOCAL) {
        return Err(Error::usage("the context `local` is this machine, not a cluster")
            .hint("its gateway is `asya gateway serve`, which needs no values")
            .hint("choose a cluster with `--context`"));
    }
    let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
    let named = context.and_then(|context| context.kubectl_context.as_deref());
    let report = cluster::run(async {
        let cluster = Cluster::connect(Connect { context: named, environment: &environment }).await?;
        let configured = context.and_then(|context| context.gateway_namespace.as_ref().or(context.namespace.as_ref()));
        let namespace = configured.map_or(cluster.namespace(), |namespace| namespace.as_str()).to_owned();
        let search = Search {
            namespace: &namespace,
            gateway: args.gateway.as_deref().or(context.and_then(|context| context.gateway.as_deref())),
            context: context.map_or("NAME", |context| context.name.as_str()),
        };
        let found = gateway::values(&cluster, &search).await?;
        for note in found.notes {
            ui.event(note);
        }
        let (deployment, release) = (found.deployment, found.release);
        Ok(ValuesReport { version: 1, namespace, deployment, release, values: found.values })
    })?;
    ui.report(&report, |_| match report.values.is_empty() {
        true => String::new(),
        false => yaml::write_ordered(&Value::Object(report.values.clone())),
    });
    Ok(Status::Done)
}
