//! The fields of an AsyncActor that a patch may change, and what they take
//! (`docs/platform/asyncactor.md`, "Fields for patches").

use serde_json::Value;

use super::super::fields::{EVERYWHERE, Fields, Takes, WITH_POLICIES, WITH_RETRY};
use super::lists::{LISTS, List};

/// What a field takes, beyond what settings in the code know.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// As for settings in the code.
    Plain(Takes),
    /// Text that is not empty.
    NotEmpty,
    /// A Kubernetes quantity.
    Quantity,
    /// A list of mappings that replaces the one there is.
    Objects,
    /// Routing rules of errors.
    Rules,
}

use Kind::{NotEmpty, Objects, Plain, Quantity, Rules};

/// A `*` stands for one name; at the end of a path that name may have dots.
const MORE: &[(&str, Kind)] = &[
    ("spec.image", NotEmpty),
    ("spec.resources.limits.*", Quantity),
    ("spec.resources.requests.*", Quantity),
    ("spec.tolerations", Objects),
    ("spec.scaling.additionalTriggers", Objects),
    ("spec.sidecar.resources.limits.*", Quantity),
    ("spec.sidecar.resources.requests.*", Quantity),
    ("spec.compositionRef.name", NotEmpty),
    ("spec.compositionSelector.matchLabels.*", Plain(Takes::Text)),
    ("metadata.labels.*", Plain(Takes::Text)),
    ("metadata.annotations.*", Plain(Takes::Text)),
];

const MORE_WITH_POLICIES: &[(&str, Kind)] = &[
    ("spec.resiliency.rules", Rules),
    ("spec.sidecar.image.repository", NotEmpty),
    ("spec.sidecar.image.tag", NotEmpty),
    ("spec.sidecar.image.pullPolicy", Plain(Takes::Word(PULL_POLICIES))),
];

const MORE_WITH_RETRY: &[(&str, Kind)] =
    &[("spec.sidecar.image", NotEmpty), ("spec.sidecar.imagePullPolicy", Plain(Takes::Word(PULL_POLICIES)))];

const PULL_POLICIES: &[&str] = &["Always", "IfNotPresent", "Never"];

/// Short spellings on the command line.
pub(super) const SHORTHANDS: &[(&str, &str)] = &[
    ("scaling.min", "scaling.minReplicaCount"),
    ("scaling.max", "scaling.maxReplicaCount"),
    ("scaling.cooldown", "scaling.cooldownPeriod"),
    ("scaling.polling", "scaling.pollingInterval"),
];

/// Fields that the compiler sets, and what to change instead.
const COMPILED: &[(&str, &str)] = &[
    ("spec.actor", "the flow routes messages by it; rename the function, or the actor in a rule"),
    ("spec.handler", "the flow decides what the actor runs; change the source and compile again"),
    ("spec.transport", "set `platform.transport` in `.asya/config.yaml` and compile again"),
    ("metadata.name", "the flow routes messages by it; rename the function, or the actor in a rule"),
    ("metadata.namespace", "set `contexts.NAME.namespace` in `.asya/config.yaml` and `namespace` in the overlay"),
];

/// Labels by which this program knows its objects.
const OWN_LABELS: &str = "asya.sh/";

/// A place that an assignment names.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// A field outside of lists, or a mapping of fields: `["spec", "scaling"]`.
    Field(Vec<String>),
    /// An item of a list with a merge key.
    Item(&'static List, String),
    /// All items of a list with a merge key.
    Items(&'static List),
}

/// Why a place cannot be patched, and what may be meant.
#[derive(Debug, PartialEq)]
pub struct Refused {
    /// The reason, a sentence.
    pub why: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Refused {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A dotted key of the command line as a path below `spec`: `nodeSelector.kubernetes.io/arch` has
/// two parts.
pub(super) fn path_of_key(key: &str) -> Vec<String> {
    let key = SHORTHANDS.iter().find(|(short, _)| *short == key).map_or(key, |(_, long)| long);
    let whole = format!("spec.{key}");
    let open = MORE.iter().map(|(pattern, _)| *pattern).chain(["spec.nodeSelector.*"]);
    for start in open.filter_map(|pattern| pattern.strip_suffix('*')) {
        if let Some(rest) = whole.strip_prefix(start).filter(|rest| !rest.is_empty()) {
            return start.trim_end_matches('.').split('.').chain([rest]).map(str::to_owned).collect();
        }
    }
    whole.split('.').map(str::to_owned).collect()
}

/// A path as it is typed on the command line.
pub fn shown(path: &[String]) -> String {
    match path.split_first() {
        Some((first, rest)) if first == "spec" => rest.join("."),
        _ => path.join("."),
    }
}

/// All fields of a generation.
fn all(fields: &Fields) -> impl Iterator<Item = (&'static str, Kind)> {
    let (own, more) =
        if fields.has_policies { (WITH_POLICIES, MORE_WITH_POLICIES) } else { (WITH_RETRY, MORE_WITH_RETRY) };
    let plain = EVERYWHERE.iter().chain(own).map(|(pattern, takes)| (*pattern, Plain(*takes)));
    MORE.iter().chain(more).copied().chain(plain)
}

fn kind(fields: &Fields, path: &[String]) -> Option<Kind> {
    all(fields).find(|(pattern, _)| fits(pattern, path)).map(|(_, kind)| kind)
}

/// Whether fields are below `path`.
pub(super) fn is_mapping(fields: &Fields, path: &[String]) -> bool {
    let lists = LISTS.iter().map(|list| list.path());
    path.is_empty()
        || all(fields).map(|(pattern, _)| pattern.to_owned()).chain(lists).any(|pattern| {
            let mut parts = pattern.split('.');
            path.iter().all(|part| parts.next().is_some_and(|wanted| wanted == "*" || wanted == part || wanted == "**"))
                && (pattern.ends_with("**") || parts.next().is_some())
        })
}

/// Whether `path` is a field or holds some; otherwise why it cannot be patched.
pub(super) fn check(fields: &Fields, path: &[String]) -> Result<(), Refused> {
    let dotted = path.join(".");
    if let Some((_, hint)) = COMPILED.iter().find(|(field, _)| *field == dotted) {
        return Err(Refused::new("it is set by the compiler").hint(*hint));
    }
    if let [metadata, labels, label] = path
        && metadata == "metadata"
        && labels == "labels"
        && label.starts_with(OWN_LABELS)
    {
        return Err(Refused::new("labels of `asya.sh/` say what the object is to asya and the platform")
            .hint("choose another label"));
    }
    if kind(fields, path).is_some() || is_mapping(fields, path) {
        return Ok(());
    }
    let refused = Refused::new(format!("there is no such field in an AsyncActor of generation {}", fields.generation));
    if let Some(same) = fields.field(&dotted) {
        return Err(refused.hint(format!("here it is called `{}`", same.trim_start_matches("spec."))));
    }
    let known: Vec<String> = all(fields)
        .map(|(pattern, _)| pattern.to_owned())
        .chain(LISTS.iter().map(|list| list.path()))
        .chain(SHORTHANDS.iter().map(|(short, _)| format!("spec.{short}")))
        .map(|pattern| pattern.trim_start_matches("spec.").replace("**", "NAME").replace('*', "NAME"))
        .collect();
    let typed = shown(path);
    Err(match crate::names::near_matches(&typed, known.iter().map(String::as_str)).first() {
        Some(near) => refused.hint(format!("did you mean `{near}`?")),
        None => refused.hint("the fields are listed in docs/patching.md"),
    })
}

/// The value of a field as the field takes it, or why it does not. `null` takes a field away and
/// fits everywhere.
pub(super) fn value(fields: &Fields, path: &[String], value: &Value) -> Result<Value, Refused> {
    check(fields, path)?;
    let Some(kind) = kind(fields, path) else {
        return match value {
            Value::Null => Ok(Value::Null),
            Value::Object(object) if object.is_empty() => Ok(value.clone()),
            _ => Err(Refused::new(format!("it holds fields, such as `{}`", example(fields, path)))),
        };
    };
    let wrong = |why: &str| Err(Refused::new(why));
    match kind {
        _ if value.is_null() => Ok(Value::Null),
        Plain(takes) => fields.taken(takes, &path.join("."), value).map_err(Refused::new),
        NotEmpty if value.as_str().is_some_and(|text| !text.trim().is_empty()) => Ok(value.clone()),
        NotEmpty => wrong("it takes text that is not empty"),
        Quantity => match value {
            Value::Number(number) => Ok(Value::String(number.to_string())),
            Value::String(text) if is_quantity(text) => Ok(value.clone()),
            _ => wrong("it takes a quantity, such as `500m`, `2` or `1Gi`"),
        },
        Objects if is_list_of_mappings(value) => Ok(value.clone()),
        Objects => wrong("it takes a list of mappings"),
        Rules => {
            let texts = |value: Option<&Value>| {
                value.and_then(Value::as_array).is_some_and(|items| items.iter().all(Value::is_string))
            };
            let is_rule = |rule: &Value| texts(rule.get("errors")) && rule.get("policy").is_some_and(Value::is_string);
            let fits = value.as_array().is_some_and(|rules| rules.iter().all(is_rule));
            if fits {
                Ok(value.clone())
            } else {
                wrong("it takes a list of `{\"errors\": [NAME, …], \"policy\": NAME}`")
            }
        }
    }
}

/// Text of the command line as the JSON that the field is likely to take.
pub(super) fn read_text(fields: &Fields, path: &[String], text: &str) -> Value {
    let json = || serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    match kind(fields, path) {
        Some(Plain(Takes::Text | Takes::Word(_)) | NotEmpty | Quantity) => Value::String(text.to_owned()),
        Some(Plain(Takes::Names)) => match json() {
            Value::Array(items) => Value::Array(items),
            _ => text.split(',').map(|name| Value::String(name.trim().to_owned())).collect(),
        },
        _ => json(),
    }
}

fn example(fields: &Fields, path: &[String]) -> String {
    let start = format!("{}.", path.join("."));
    let lists = LISTS.iter().map(|list| format!("{}.NAME", list.path()));
    let own = all(fields).map(|(pattern, _)| pattern.replace("**", "NAME").replace('*', "NAME"));
    let mut below = SHORTHANDS.iter().map(|(short, _)| format!("spec.{short}")).chain(own).chain(lists);
    below
        .find(|pattern| pattern.starts_with(&start))
        .map_or_else(String::new, |it| it.trim_start_matches("spec.").to_owned())
}

fn is_list_of_mappings(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(Value::is_object))
}

fn is_quantity(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let (number, unit) = digits.split_at(end);
    let exponent = unit.strip_prefix(['e', 'E']).is_some_and(|rest| rest.parse::<i8>().is_ok());
    number.parse::<f64>().is_ok()
        && (exponent
            || matches!(
                unit,
                "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei"
            ))
}

fn fits(pattern: &str, path: &[String]) -> bool {
    let mut parts = path.iter();
    for wanted in pattern.split('.') {
        match parts.next() {
            Some(_) if wanted == "**" => return true,
            Some(part) if wanted == "*" || wanted == part => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}
