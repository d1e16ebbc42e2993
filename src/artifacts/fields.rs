//! The fields of an AsyncActor that settings in the code may be written to, for every generation
//! of the platform (`docs/platform/asyncactor.md`, "Fields for settings").

use serde_json::Value;

use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::flow::rules::{Node, Rule, Target};
use crate::names::{listed, near_matches};

/// Which fields there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// The word for the platform's generation.
    pub generation: &'static str,
    /// `resiliency.policies` instead of `resiliency.retry`.
    pub has_policies: bool,
}

impl Default for Fields {
    fn default() -> Self {
        Self { generation: "C2", has_policies: true }
    }
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// A number of seconds, written as a Go duration.
    Duration,
    /// A whole number, at least this one.
    Whole(i64),
    /// A number, at least 1.
    Factor,
    /// True or false.
    Flag,
    /// True only: the platform leaves `false` out and takes its default, which is true.
    TrueOnly,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text.
    Text,
    /// A list of names.
    Names,
    /// Whatever Kubernetes takes there.
    Any,
}

use Takes::{Any, Duration, Factor, Flag, Names, Text, TrueOnly, Whole, Word};

/// A `*` stands for one name, a `**` at the end for any path.
pub(super) const EVERYWHERE: &[(&str, Takes)] = &[
    ("spec.resiliency.actorTimeout", Duration),
    ("spec.imagePullPolicy", Word(&["Always", "IfNotPresent", "Never"])),
    ("spec.pythonExecutable", Text),
    ("spec.replicas", Whole(1)),
    ("spec.flavors", Names),
    ("spec.nodeSelector.*", Text),
    ("spec.resources.**", Any),
    ("spec.scaling.enabled", Flag),
    ("spec.scaling.minReplicaCount", Whole(0)),
    ("spec.scaling.maxReplicaCount", Whole(0)),
    ("spec.scaling.pollingInterval", Whole(0)),
    ("spec.scaling.cooldownPeriod", Whole(0)),
    ("spec.scaling.queueLength", Whole(1)),
    ("spec.scaling.advanced.restoreToOriginalReplicaCount", Flag),
    ("spec.scaling.advanced.formula", Text),
    ("spec.scaling.advanced.target", Text),
    ("spec.scaling.advanced.activationTarget", Text),
    ("spec.scaling.advanced.metricType", Word(&["AverageValue", "Value", "Utilization"])),
];

pub(super) const WITH_POLICIES: &[(&str, Takes)] = &[
    ("spec.resiliency.policies.*.maxAttempts", Whole(1)),
    ("spec.resiliency.policies.*.backoff", Word(&["constant", "linear", "exponential"])),
    ("spec.resiliency.policies.*.initialDelay", Duration),
    ("spec.resiliency.policies.*.maxInterval", Duration),
    ("spec.resiliency.policies.*.maxDuration", Duration),
    ("spec.resiliency.policies.*.jitter", Flag),
    ("spec.resiliency.policies.*.onExhausted", Names),
];

pub(super) const WITH_RETRY: &[(&str, Takes)] = &[
    ("spec.resiliency.retry.policy", Word(&["constant", "exponential"])),
    // The platform leaves a zero out and takes its default, which is 3.
    ("spec.resiliency.retry.maxAttempts", Whole(1)),
    ("spec.resiliency.retry.initialInterval", Duration),
    ("spec.resiliency.retry.maxInterval", Duration),
    ("spec.resiliency.retry.backoffCoefficient", Factor),
    ("spec.resiliency.retry.jitter", TrueOnly),
    ("spec.resiliency.nonRetryableErrors", Names),
];

/// Fields that do the same under another name: with policies, with retry.
const SAME: &[(&str, &str)] = &[
    ("spec.resiliency.policies.default.maxAttempts", "spec.resiliency.retry.maxAttempts"),
    ("spec.resiliency.policies.default.backoff", "spec.resiliency.retry.policy"),
    ("spec.resiliency.policies.default.initialDelay", "spec.resiliency.retry.initialInterval"),
    ("spec.resiliency.policies.default.maxInterval", "spec.resiliency.retry.maxInterval"),
    ("spec.resiliency.policies.default.jitter", "spec.resiliency.retry.jitter"),
];

/// A name that rules of other tools use, and that no generation has.
const OLD_TIMEOUT: &str = "spec.resiliency.timeout.actor";

impl Fields {
    /// The field that a path means here: itself, or another one that does the same; `None` when
    /// nothing does.
    pub(super) fn field(&self, path: &str) -> Option<String> {
        if self.takes(path).is_some() {
            return Some(path.to_owned());
        }
        if path == OLD_TIMEOUT {
            return Some("spec.resiliency.actorTimeout".to_owned());
        }
        SAME.iter().find_map(|(policies, retry)| match self.has_policies {
            true => (*retry == path).then(|| (*policies).to_owned()),
            false => (*policies == path).then(|| (*retry).to_owned()),
        })
    }

    fn takes(&self, path: &str) -> Option<Takes> {
        let own = if self.has_policies { WITH_POLICIES } else { WITH_RETRY };
        EVERYWHERE.iter().chain(own).find(|(pattern, _)| fits(pattern, path)).map(|(_, takes)| *takes)
    }

    /// A value from the code as the field takes it, or why it does not.
    pub(super) fn value(&self, field: &str, value: &Value) -> Result<Value, String> {
        let Some(takes) = self.takes(field) else { return Err("there is no such field".to_owned()) };
        self.taken(takes, field, value)
    }

    /// A value as a field that takes `takes` has it, or why it does not.
    pub(super) fn taken(&self, takes: Takes, field: &str, value: &Value) -> Result<Value, String> {
        match takes {
            Duration => duration(value),
            Whole(least) => match value.as_i64() {
                Some(number) if number >= least => Ok(value.clone()),
                Some(_) if field.ends_with("maxAttempts") => {
                    Err("the first attempt counts, so the least is 1, which means no retry".to_owned())
                }
                _ => Err(format!("it takes a whole number, {least} or more")),
            },
            Factor => match value.as_f64() {
                Some(number) if number >= 1.0 => Ok(value.clone()),
                _ => Err("it takes a number, 1 or more".to_owned()),
            },
            Flag if value.is_boolean() => Ok(value.clone()),
            Flag => Err("it takes true or false".to_owned()),
            TrueOnly if value == &Value::Bool(true) => Ok(value.clone()),
            TrueOnly => Err(format!("generation {} leaves `false` out and takes true", self.generation)),
            Word(words) if value.as_str().is_some_and(|word| words.contains(&word)) => Ok(value.clone()),
            Word(words) => Err(format!("it takes one of {}", listed(words))),
            Text => match value {
                Value::String(_) => Ok(value.clone()),
                Value::Number(_) | Value::Bool(_) => Ok(Value::String(value.to_string())),
                _ => Err("it takes text".to_owned()),
            },
            Names => match value {
                Value::String(_) => Ok(Value::Array(vec![value.clone()])),
                Value::Array(items) if items.iter().all(Value::is_string) => Ok(value.clone()),
                _ => Err("it takes a list of names".to_owned()),
            },
            Any => Ok(value.clone()),
        }
    }
}

/// Checks that every field a rule names exists in some generation. The error shows the places.
pub fn check_rules(rules: &[Rule]) -> Result<()> {
    let mut error = Error::project("the compiler rules cannot be used");
    let mut is_fine = true;
    for rule in rules {
        let mut targets = Vec::new();
        collect(&rule.nodes, &mut targets);
        for target in targets {
            if is_known(&target.path) {
                continue;
            }
            let Some(place) = &target.place else { continue };
            is_fine = false;
            error = error.at(SourceDiagnostics::one(&place.source, unknown(target, place.span)));
        }
    }
    if is_fine { Ok(()) } else { Err(error) }
}

fn unknown(target: &Target, span: crate::source::Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(span, format!("a rule cannot set `{}`", target.path))
        .note("it is no field of an AsyncActor, or one that the compiler sets itself");
    let known = all().map(|(pattern, _)| *pattern);
    match near_matches(&target.path, known).first() {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("the fields are listed in docs/rules.md"),
    }
}

fn all() -> impl Iterator<Item = &'static (&'static str, Takes)> {
    EVERYWHERE.iter().chain(WITH_POLICIES).chain(WITH_RETRY)
}

fn is_known(path: &str) -> bool {
    path == OLD_TIMEOUT || all().any(|(pattern, _)| fits(pattern, path))
}

fn collect<'n>(nodes: &'n [Node], targets: &mut Vec<&'n Target>) {
    for node in nodes {
        targets.extend(&node.target);
        collect(&node.nodes, targets);
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    if let Some(start) = pattern.strip_suffix("**") {
        return path.len() > start.len() && path.starts_with(start);
    }
    let (mut pattern, mut path) = (pattern.split('.'), path.split('.'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) if wanted == "*" || wanted == part => {}
            _ => return false,
        }
    }
}

/// The largest duration Go can hold, in seconds.
const LONGEST: f64 = 9_223_372_036.0;

/// Seconds, or a Go duration already, as a Go duration.
fn duration(value: &Value) -> Result<Value, String> {
    let why = "it takes a time: a number of seconds, or text such as `1m30s`";
    match value {
        Value::String(text) if is_duration(text) => Ok(value.clone()),
        Value::Number(number) => {
            let seconds = number.as_f64().unwrap_or(-1.0);
            if !(0.0..=LONGEST).contains(&seconds) {
                return Err(if seconds < 0.0 { "a time cannot be negative" } else { "the time is too long" }.to_owned());
            }
            Ok(Value::String(format!("{seconds}s")))
        }
        _ => Err(why.to_owned()),
    }
}

/// Whether Go reads the text as a duration: numbers, each with its unit.
fn is_duration(text: &str) -> bool {
    if text == "0" {
        return true;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        if number.parse::<f64>().is_err() {
            return false;
        }
        let unit = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].into_iter().filter(|unit| behind.starts_with(unit));
        let Some(unit) = unit.max_by_key(|unit| unit.len()) else { return false };
        rest = &behind[unit.len()..];
    }
    !text.is_empty()
}
