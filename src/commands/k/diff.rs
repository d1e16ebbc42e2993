//! `asya k diff`.

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use similar::TextDiff;

use super::super::Status;
use super::local;
use super::prepared::{Purpose, prepare};
use super::registering::WayArgs;
use super::report::{ClusterReport, ObjectReport};
use super::target::{Target, load};
use crate::cluster::{self, ApplyOptions, Preview, Try};
use crate::error::Result;
use crate::event::Change;
use crate::gateway::Planned;
use crate::names::FlowName;
use crate::settings::Settings;
use crate::ui::{Style, Ui};
use crate::yaml::write_sorted;

/// Lines around a change.
const CONTEXT: usize = 3;

/// Show what `asya k apply` would change in the cluster
///
/// Every object as it is and as the server would have it, without what the server itself writes;
/// values of Secrets are not shown. Exits with 0 without differences, 1 with some, above with
/// trouble.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The flow
    flow: FlowName,
    /// Show what taking over the fields of others would change
    #[arg(long)]
    force_conflicts: bool,
    #[command(flatten)]
    way: WayArgs,
}

/// The result, version 1.
#[derive(Debug, Serialize)]
struct DiffReport {
    version: u32,
    flow: String,
    context: Option<String>,
    cluster: ClusterReport,
    different: bool,
    objects: Vec<ObjectDiff>,
    gateway: GatewayDiff,
}

#[derive(Debug, Serialize)]
pub(super) struct ObjectDiff {
    #[serde(flatten)]
    object: ObjectReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// As unified diff of the YAML; empty without a difference.
    #[serde(skip_serializing_if = "String::is_empty")]
    diff: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    change: Change,
}

/// What would become of the registration.
#[derive(Debug, Serialize)]
struct GatewayDiff {
    namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<String>,
    registration: &'static str,
    changes: Vec<GatewayChange>,
}

/// One thing that is done to the gateway.
#[derive(Debug, Serialize)]
struct GatewayChange {
    object: String,
    change: &'static str,
    what: String,
    #[serde(skip)]
    verb: &'static str,
}

impl GatewayChange {
    fn new(planned: &Planned) -> Self {
        Self {
            object: planned.object.clone(),
            change: planned.change.name(),
            what: planned.what.clone(),
            verb: verb(planned.change),
        }
    }
}

/// What is done to come to a change.
fn verb(change: Change) -> &'static str {
    match change {
        Change::Created => "create",
        Change::Removed => "delete",
        Change::Released => "release",
        _ => "change",
    }
}

pub(super) fn run(args: &DiffArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if local::is_chosen(settings)? {
        args.way.refuse_local()?;
        return local::diff(&args.flow, settings, ui);
    }
    let target = load(&args.flow, settings, ui)?;
    let report = cluster::run(compare(args, settings, &target, ui))?;
    ui.report(&report, |ui| report.human(ui));
    Ok(if report.different { Status::Negative } else { Status::Done })
}

async fn compare(args: &DiffArgs, settings: &Settings, target: &Target, ui: &mut Ui) -> Result<DiffReport> {
    let force = args.force_conflicts;
    let purpose = Purpose { verb: "diff", flow: &args.flow, way: &args.way, force, nothing_stays: false };
    let mut prepared = prepare(&purpose, settings, target, ui).await?;
    let options = ApplyOptions { force_conflicts: args.force_conflicts };
    prepared.cluster.try_out(&mut prepared.plan, Try::Everything, options).await?;
    let objects: Vec<ObjectDiff> = prepared.plan.previews().into_iter().map(ObjectDiff::new).collect();
    let planned = prepared.gateway.planned();
    let outcome = prepared.gateway.expected();
    let gateway = GatewayDiff {
        namespace: outcome.namespace,
        deployment: outcome.deployment,
        registration: outcome.registration.name(),
        changes: planned.iter().map(GatewayChange::new).collect(),
    };
    let different = !planned.is_empty() || objects.iter().any(|object| object.change != Change::Unchanged);
    Ok(DiffReport {
        version: 1,
        flow: args.flow.to_string(),
        context: target.context.as_ref().map(|context| context.name.to_string()),
        cluster: ClusterReport::new(&prepared),
        different,
        objects,
        gateway,
    })
}

impl ObjectDiff {
    pub(super) fn new(preview: Preview) -> Self {
        let title = preview.id.to_string();
        let text = |side: &Option<Value>| side.as_ref().map(write_sorted).unwrap_or_default();
        let (before, after) = (text(&preview.before), text(&preview.after));
        let diff = match preview.change {
            Change::Unchanged | Change::Released => String::new(),
            _ => {
                let diff = TextDiff::from_lines(&before, &after);
                diff.unified_diff().context_radius(CONTEXT).to_string()
            }
        };
        let differs = !diff.is_empty();
        Self {
            object: ObjectReport::new(preview.id, preview.change),
            reason: preview.reason,
            diff,
            before: preview.before.filter(|_| differs),
            after: preview.after.filter(|_| differs),
            title,
            change: preview.change,
        }
    }
}

impl DiffReport {
    fn human(&self, ui: &Ui) -> String {
        let mut text = human(&self.objects, ui);
        for GatewayChange { object, what, verb, .. } in &self.gateway.changes {
            text.push_str(&ui.paint(Style::Strong, &format!("{verb} {object}: {what}")));
            text.push('\n');
        }
        if text.is_empty() {
            text = format!("{}: no differences\n", self.flow);
        }
        text
    }
}

/// The objects that change, each with its difference.
pub(super) fn human(objects: &[ObjectDiff], ui: &Ui) -> String {
    let mut text = String::new();
    for object in objects.iter().filter(|object| object.change != Change::Unchanged) {
        let word = verb(object.change);
        let reason = object.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        text.push_str(&ui.paint(Style::Strong, &format!("{word} {}{reason}", object.title)));
        text.push('\n');
        for line in object.diff.lines() {
            let style = match line.chars().next() {
                Some('+') => Style::Good,
                Some('-') => Style::Bad,
                Some('@') => Style::Dim,
                _ => Style::Plain,
            };
            text.push_str(&ui.paint(style, line));
            text.push('\n');
        }
    }
    text
}
