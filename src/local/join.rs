//! The platform's aggregator of parallel calls (`docs/platform/protocol.md`, "Joins"): what it
//! keeps, and what it makes of it. It needs no Python, and payloads stay the text they are.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::envelope::{Envelope, Frame, Route};
use super::json::{self, RawJson};

/// The header that makes a message a part of a fan-out.
pub(super) const FAN_IN: &str = "x-asya-fan-in";
/// What the aggregator puts in its place.
const ORIGIN: &str = "x-asya-origin-id";

/// The files of all aggregators, by actor and by the message that was fanned out.
#[derive(Default)]
pub(super) struct Joins(BTreeMap<(String, String), State>);

#[derive(Default)]
struct State {
    /// By file name: the order of the results is that of the names as text.
    slices: BTreeMap<String, RawJson>,
    count: u64,
    route: Option<Vec<String>>,
}

/// A join that still waits.
pub(super) struct Waiting {
    pub(super) actor: String,
    pub(super) origin: String,
    pub(super) arrived: usize,
    pub(super) count: u64,
}

/// An exception of the aggregator.
pub(super) struct Broken {
    pub(super) type_name: &'static str,
    pub(super) mro: &'static [&'static str],
    pub(super) message: String,
}

#[derive(Deserialize)]
struct FanIn {
    origin_id: String,
    slice_index: Value,
    slice_count: u64,
    aggregation_key: String,
}

impl Joins {
    /// A message arrives at the aggregator `actor`; the one that completes its join goes on.
    pub(super) fn arrive(&mut self, actor: &str, message: &Envelope) -> Result<Option<Frame>, Broken> {
        let headers = message.headers.to_value();
        let fan_in = headers.get(FAN_IN).ok_or_else(|| missing(FAN_IN))?;
        for key in ["origin_id", "slice_index", "slice_count", "aggregation_key"] {
            if fan_in.get(key).is_none() {
                return Err(missing(key));
            }
        }
        let fan_in: FanIn = serde_json::from_value(fan_in.clone()).map_err(|error| Broken {
            type_name: "TypeError",
            mro: &["Exception"],
            message: format!("`{FAN_IN}` is malformed: {error}"),
        })?;
        let key = (actor.to_owned(), fan_in.origin_id.clone());
        let state = self.0.entry(key.clone()).or_default();
        let index = match &fan_in.slice_index {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        state.slices.entry(format!("slice-{index}.json")).or_insert_with(|| message.payload.clone());
        state.count = fan_in.slice_count;
        if fan_in.slice_index == 0 {
            state.route.get_or_insert_with(|| message.route.next.clone());
        }
        if (state.slices.len() as u64) < state.count {
            return Ok(None);
        }
        let Some(state) = self.0.remove(&key) else { return Ok(None) };
        merge(state, &fan_in, message).map(Some)
    }

    /// The joins that are not complete, which are forgotten.
    pub(super) fn take_waiting(&mut self) -> Vec<Waiting> {
        let all = std::mem::take(&mut self.0);
        all.into_iter()
            .map(|((actor, origin), state)| Waiting { actor, origin, arrived: state.slices.len(), count: state.count })
            .collect()
    }
}

/// The first slice with the others as a list in it, on its own route, with the headers of the
/// message that came last.
fn merge(state: State, fan_in: &FanIn, last: &Envelope) -> Result<Frame, Broken> {
    let mut slices = state.slices.into_values();
    let parent = slices.next().unwrap_or_else(|| RawJson::from(&Value::Null));
    let results = json::array(slices);
    let payload = json::with_value_at(&parent, &fan_in.aggregation_key, &results).ok_or_else(|| Broken {
        type_name: "jsonpointer.JsonPointerException",
        mro: &["Exception"],
        message: format!("`{}` leads to nothing in the payload", fan_in.aggregation_key),
    })?;
    let coming = state.route.filter(|route| !route.is_empty()).unwrap_or_else(|| last.route.next.clone());
    let mut next = coming.into_iter();
    let prev = last.route.prev.iter().chain([&last.route.curr]).cloned().collect();
    let route = Route { prev, curr: next.next().unwrap_or_default(), next: next.collect() };
    let members = json::members(&last.headers).unwrap_or_default();
    let kept = members.into_iter().filter(|(name, _)| name != FAN_IN && name != ORIGIN);
    let origin = RawJson::from(&Value::from(fan_in.origin_id.as_str()));
    let headers = json::object(kept.chain([(ORIGIN.to_owned(), origin)]));
    Ok(Frame { payload, route, headers: Some(headers) })
}

fn missing(key: &str) -> Broken {
    Broken { type_name: "KeyError", mro: &["LookupError", "Exception"], message: format!("'{key}'") }
}

/// Whether a message is a part of a fan-out, whose end is nobody's result.
pub(super) fn is_slice(headers: &RawJson) -> bool {
    headers.as_str().contains(FAN_IN)
        && serde_json::from_str::<BTreeMap<String, &RawValue>>(headers.as_str())
            .is_ok_and(|headers| headers.contains_key(FAN_IN))
}
