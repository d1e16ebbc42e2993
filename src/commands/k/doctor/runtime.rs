//! Checks of the platform's runtime: the file in every actor's pod.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::check::Check;
use super::known::Id;
use super::references::{annotation, list, text};
use super::ward::Ward;
use crate::cluster::{Look, Resource};
use crate::error::Result;

/// The file of the platform in every actor's pod.
pub(in super::super) const RUNTIME_KEY: &str = "asya_runtime.py";

/// The annotation of a copy: the namespace it was made from.
pub(in super::super) const COPIED_FROM: &str = "asya.sh/copied-from";

/// What the chart labels its ConfigMap with.
pub(in super::super) const RUNTIME_LABELS: &str = "app.kubernetes.io/component=asya-runtime";

/// The name of the runtime's ConfigMap: what actors mount, else the chart's default.
pub(in super::super) fn runtime_name(ward: &Ward<'_>) -> String {
    let mounted = ward.templates_of_actors().into_iter().find_map(|(_, pod)| {
        let volume = list(pod, "/volumes").find(|volume| text(volume, "/name") == "asya-runtime")?;
        Some(text(volume, "/configMap/name")).filter(|name| !name.is_empty())
    });
    mounted.unwrap_or("asya-runtime").to_owned()
}

pub(super) async fn run(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let name = runtime_name(ward);
    let namespace = &ward.namespace;
    let subject = format!("ConfigMap {namespace}/{name}");
    let prepare = format!("asya k namespace prepare {namespace}");
    let live = match ward.look(&Resource::config_maps(), namespace, &name).await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C01, subject, &what));
            return Ok(());
        }
        Look::Seen(live) => live,
    };
    let file = |map: &Value| {
        map.pointer("/data").and_then(|data| data.get(RUNTIME_KEY)).and_then(Value::as_str).map(str::to_owned)
    };
    let Some(live) = live else {
        out.push(Check::fail(Id::C01, subject, "it is missing: pods of actors stay in ContainerCreating").fix(prepare));
        return Ok(());
    };
    let Some(here) = file(&live).filter(|text| !text.trim().is_empty()) else {
        out.push(Check::fail(Id::C01, subject, format!("it has no `{RUNTIME_KEY}`, or an empty one")).fix(prepare));
        return Ok(());
    };
    out.push(Check::ok(Id::C01, subject.clone(), format!("has `{RUNTIME_KEY}`")));
    let source = match ward.look_all(&Resource::config_maps(), "", RUNTIME_LABELS).await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C02, subject, &what));
            return Ok(());
        }
        Look::Seen(all) => all,
    };
    let place = |map: &Value| text(map, "/metadata/namespace").to_owned();
    let from = annotation(&live, COPIED_FROM);
    let source = source.iter().find(|map| place(map) == from).or_else(|| source.iter().find(|map| file(map).is_some()));
    out.push(match source {
        None => Check::skip(Id::C02, subject, "the chart's own ConfigMap was not found in any namespace"),
        Some(source) if place(source) == *namespace => Check::ok(Id::C02, subject, "is the chart's own"),
        Some(source) if file(source).map(|text| hash(&text)) == Some(hash(&here)) => {
            Check::ok(Id::C02, subject, format!("equals the one in namespace `{}`", place(source)))
        }
        Some(source) => Check::fail(
            Id::C02,
            subject,
            format!("differs from the one in namespace `{}`: the chart was upgraded since it was copied", place(source)),
        )
        .fix(format!(
            "asya k namespace prepare {namespace} --from {}, then kubectl -n {namespace} rollout restart deployment -l asya.sh/actor",
            place(source)
        )),
    });
    Ok(())
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
