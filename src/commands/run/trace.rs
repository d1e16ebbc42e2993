//! One line a hop: what a person wants to see of a message that passes.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::local::{Hop, RawJson};

/// Characters of one value that are shown.
const VALUE_MAX: usize = 48;

/// `1  start-text-flow     0.9 ms  +seen=true -draft`.
pub(super) fn line(hop: &Hop, width: usize) -> String {
    let milliseconds = hop.duration.as_secs_f64() * 1000.0;
    let again = if hop.attempt > 1 { format!(" (attempt {})", hop.attempt) } else { String::new() };
    format!("{:>3}  {:<width$}  {milliseconds:>7.1} ms  {}{again}", hop.index, hop.actor, effect(hop))
}

fn effect(hop: &Hop) -> String {
    let failed = hop.failure.as_ref().map(|failure| match failure.type_name.as_str() {
        "" => format!("failed: {}", shortened(&failure.message)),
        class => format!("{class}: {}", shortened(&failure.message)),
    });
    match (failed, hop.frames.as_slice()) {
        (Some(failed), []) => failed,
        (Some(failed), frames) => format!("{} sent, then {failed}", crate::names::counted(frames.len(), "message")),
        (None, []) => "emitted nothing".to_owned(),
        (None, [frame]) => change(&hop.payload_in, &frame.payload),
        (None, frames) => {
            let to: Vec<&str> = frames
                .iter()
                .map(|frame| match frame.route.curr.as_str() {
                    "" => "(end)",
                    actor => actor,
                })
                .collect();
            format!("{} messages: {}", frames.len(), to.join(", "))
        }
    }
}

/// What became of the payload: its members added, changed and removed, else the new value.
fn change(before: &RawJson, after: &RawJson) -> String {
    if before == after {
        return "unchanged".to_owned();
    }
    let (Some(old), Some(new)) = (members(before), members(after)) else { return shortened(after.as_str()) };
    let mut parts = Vec::new();
    for (key, value) in &new {
        match old.get(key) {
            None => parts.push(format!("+{key}={}", shortened(value.get()))),
            Some(known) if known.get() != value.get() => parts.push(format!("{key}={}", shortened(value.get()))),
            Some(_) => {}
        }
    }
    parts.extend(old.keys().filter(|key| !new.contains_key(*key)).map(|key| format!("-{key}")));
    if parts.is_empty() { "unchanged".to_owned() } else { parts.join(" ") }
}

fn members(value: &RawJson) -> Option<BTreeMap<String, Box<RawValue>>> {
    serde_json::from_str(value.as_str()).ok()
}

/// `text` on one line, cut where it is long.
pub(super) fn shortened(text: &str) -> String {
    let line = text.replace(['\n', '\r', '\t'], " ");
    if line.chars().count() <= VALUE_MAX {
        return line;
    }
    line.chars().take(VALUE_MAX - 1).chain(['…']).collect()
}
