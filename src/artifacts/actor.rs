//! One AsyncActor from a template: only the keys we must own are set, everything else is the user's
//! (`docs/platform/names.md`, "What a compiled actor sets").

use serde_json::{Map, Value, json};

use super::inputs::{Inputs, Transport};
use super::join;
use super::settings;
use super::stencil::Stencil;
use super::template::{self, Variables};
use super::wrapping;
use super::yaml;
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::flow::HandlerSettings;
use crate::names::{ActorName, WRAPPER_HANDLER};
use crate::program::Program;
use crate::source::Source;

/// The label that holds the flow's name.
pub const LABEL_FLOW: &str = "asya.sh/flow";
/// The label of the actor that receives a flow's messages; its value is `start`.
pub const LABEL_ROLE: &str = "asya.sh/role";
/// The label of generated actors; its value is `"true"`.
pub const LABEL_GENERATED: &str = "asya.sh/generated";
/// Who wrote an object; its value is `asya`.
pub const LABEL_MANAGED_BY: &str = "asya.sh/managed-by";

/// Image of the router when `templates.router_image` does not say.
const ROUTER_IMAGE: &str = "python:3.13-slim";
/// The variable with the decorators that the runtime is to leave out.
const IGNORE_DECORATORS: &str = "ASYA_IGNORE_DECORATORS";
/// The router's code.
pub(super) const ROUTER_FILE: File =
    File { volume: "flow-router", path: "/opt/asya/router.py", key: "router.py", what: "the router's code" };

/// A ConfigMap key mounted as one file beside the platform's runtime, where it can be imported.
pub(super) struct File {
    pub(super) volume: &'static str,
    pub(super) path: &'static str,
    pub(super) key: &'static str,
    /// In words.
    pub(super) what: &'static str,
}

impl File {
    /// The text of a ConfigMap with `content` as the file.
    pub(super) fn config_map(&self, name: &str, labels: Value, content: &str) -> String {
        let fields = [
            ("apiVersion".to_owned(), json!("v1")),
            ("kind".to_owned(), json!("ConfigMap")),
            ("metadata".to_owned(), json!({"name": name, "labels": labels})),
        ];
        yaml::write_with_texts(&fields.into_iter().collect(), "data", &[(self.key, content)])
    }
}

/// What an actor is for.
pub(super) enum Part<'a> {
    /// A handler of the user's.
    Handler,
    /// A handler of the user's behind the call wrapper.
    Wrapped,
    /// The flow's router, with the ConfigMap that holds its code.
    Router(&'a str),
    /// The aggregator of parallel calls.
    Join,
}

impl Part<'_> {
    /// Whether the compiler made the actor up.
    fn is_generated(&self) -> bool {
        matches!(self, Self::Router(_) | Self::Join)
    }
}

/// What is known about one actor before its template is filled in.
pub(super) struct Wanted<'a> {
    pub(super) name: &'a ActorName,
    pub(super) handler: &'a str,
    /// `None` when nothing names an image; fails only if the template does not name one either.
    pub(super) image: Option<String>,
    pub(super) part: Part<'a>,
    /// What the code says about how it runs.
    pub(super) settings: &'a HandlerSettings,
}

impl Wanted<'_> {
    /// What `spec.handler` says: the user's handler runs behind the wrapper, if there is one.
    fn spec_handler(&self) -> &str {
        if matches!(self.part, Part::Wrapped) { WRAPPER_HANDLER } else { self.handler }
    }
}

/// The names that differ among the actors of handlers that are not entered first.
const OWN_NAMES: [&str; 3] = ["actor_name", "handler", "image"];

/// The template of the actors of handlers, read once for all that are not entered first.
pub(super) fn stencil(program: &Program, inputs: &Inputs) -> Option<Stencil> {
    let template = inputs.templates.of_actor(&Part::Handler).ok()?;
    Stencil::of(&template, &shared_variables(program, inputs, false, false), &OWN_NAMES)
}

/// The manifest of an actor, or `Ok(None)` when it needs an image and none is known. `stencil` is
/// that of the program.
pub(super) fn manifest(
    wanted: &Wanted<'_>,
    program: &Program,
    inputs: &Inputs,
    stencil: Option<&Stencil>,
) -> Result<Option<Value>> {
    let template = inputs.templates.of_actor(&wanted.part)?;
    let template = &*template;
    if wanted.image.is_none() && template::mentions(template, "image") {
        return Ok(None);
    }
    let about = format!("for actor `{}`", wanted.name);
    let is_handler = matches!(wanted.part, Part::Handler | Part::Wrapped) && wanted.name != &program.entry;
    let stencil = stencil.filter(|_| is_handler).zip(wanted.image.as_deref());
    let drawn =
        stencil.and_then(|(stencil, image)| stencil.filled_in(&[wanted.name.as_str(), wanted.spec_handler(), image]));
    let mut object = match drawn {
        Some(object) => object,
        None => template::read(template, &variables(wanted, program, inputs), &about)?,
    };
    let owner = Owner { template, about: &about };
    owner.check_kind(&object)?;
    let Some(fields) = object.as_object_mut() else { return Err(owner.wrong("it is not a mapping")) };

    let name = wanted.name.as_str();
    let metadata = owner.mapping(fields, "metadata")?;
    owner.set(metadata, "metadata.name", name)?;
    let labels = owner.mapping(metadata, "labels")?;
    labels.retain(|_, value| !matches!(value, Value::Null) && value != "");
    labels.insert(LABEL_FLOW.to_owned(), json!(program.flow.as_str()));
    if wanted.name == &program.entry {
        labels.insert(LABEL_ROLE.to_owned(), json!("start"));
    }
    if wanted.part.is_generated() {
        labels.insert(LABEL_GENERATED.to_owned(), json!("true"));
    }
    owner.check_strings(labels.iter(), |key| format!("metadata.labels.{key}"))?;

    let spec = owner.mapping(fields, "spec")?;
    owner.set(spec, "spec.actor", name)?;
    if !spec.contains_key("image") {
        let Some(image) = &wanted.image else { return Ok(None) };
        spec.insert("image".to_owned(), json!(image));
    }
    owner.set(spec, "spec.handler", wanted.spec_handler())?;
    owner.check_numbers(spec)?;
    owner.check_environment(spec)?;
    owner.transport(spec, &inputs.transport)?;
    for (field, value) in settings::map(wanted.settings, inputs.fields).fields {
        owner.assign(spec, &field, value)?;
    }
    owner.ignore_decorators(spec, &wanted.settings.lifted)?;
    match (&wanted.part, &inputs.join) {
        (Part::Router(config_map), _) => owner.mount(spec, &ROUTER_FILE, config_map)?,
        (Part::Wrapped, _) => wrapping::wrap(&owner, spec, wanted.handler, inputs.transport.requeues)?,
        (Part::Join, Some(store)) => join::mount(&owner, spec, wanted.name, store)?,
        (Part::Handler, _) | (Part::Join, None) => {}
    }
    Ok(Some(object))
}

/// What stands for names in the templates of actors: the project's own, overridden by ours.
fn variables(wanted: &Wanted<'_>, program: &Program, inputs: &Inputs) -> Variables {
    let mut all = shared_variables(program, inputs, wanted.name == &program.entry, wanted.part.is_generated());
    if matches!(wanted.part, Part::Join) {
        all.insert("join_image".to_owned(), join_image(inputs));
    }
    let image = wanted.image.as_deref().unwrap_or_default();
    let own = OWN_NAMES.into_iter().zip([wanted.name.as_str(), wanted.spec_handler(), image]);
    all.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
    all
}

/// Those that do not depend on which handler it is.
fn shared_variables(program: &Program, inputs: &Inputs, is_entry: bool, is_generated: bool) -> Variables {
    let flow_role = match (is_entry, is_generated) {
        (true, _) => "entrypoint",
        (false, true) => "router",
        (false, false) => "handler",
    };
    let mut all = super::tree::flow_variables(program, inputs);
    all.entry("router_image".to_owned()).or_insert_with(|| ROUTER_IMAGE.to_owned());
    all.insert("role".to_owned(), if is_entry { "start" } else { "" }.to_owned());
    all.insert("flow_role".to_owned(), flow_role.to_owned());
    all
}

/// The image of the router.
pub(super) fn router_image(inputs: &Inputs) -> String {
    inputs.variables.get("router_image").cloned().unwrap_or_else(|| ROUTER_IMAGE.to_owned())
}

/// The image of the aggregator.
pub(super) fn join_image(inputs: &Inputs) -> String {
    inputs.variables.get("join_image").cloned().unwrap_or_else(|| join::IMAGE.to_owned())
}

/// Checks and changes on one filled-in template; every error names the template.
pub(super) struct Owner<'a> {
    template: &'a Source,
    about: &'a str,
}

impl Owner<'_> {
    pub(super) fn wrong(&self, why: impl std::fmt::Display) -> Error {
        Error::project(format!("template `{}` makes no valid AsyncActor {}", self.template.name(), self.about))
            .because(why)
    }

    fn check_kind(&self, object: &Value) -> Result<()> {
        // One version is served by every generation of the platform.
        for (key, wanted) in [("apiVersion", "asya.sh/v1alpha1"), ("kind", "AsyncActor")] {
            let why = match object.get(key) {
                Some(found) if found == wanted => continue,
                Some(found) => format!("its `{key}` is {found}"),
                None => format!("it has no `{key}`"),
            };
            return Err(self.wrong(why).hint(format!("write `{key}: {wanted}`")));
        }
        Ok(())
    }

    /// The mapping under `key`, made when absent.
    fn mapping<'m>(&self, parent: &'m mut Map<String, Value>, key: &str) -> Result<&'m mut Map<String, Value>> {
        let value = parent.entry(key).or_insert(Value::Null);
        if value.is_null() {
            *value = json!({});
        }
        value.as_object_mut().ok_or_else(|| self.wrong(format!("`{key}` is not a mapping")))
    }

    /// The list under `key`, made when absent.
    pub(super) fn list<'m>(&self, parent: &'m mut Map<String, Value>, key: &str) -> Result<&'m mut Vec<Value>> {
        let value = parent.entry(key).or_insert(Value::Null);
        if value.is_null() {
            *value = json!([]);
        }
        value.as_array_mut().ok_or_else(|| self.wrong(format!("`spec.{key}` is not a list")))
    }

    /// Sets a key whose value is not the template's to choose.
    fn set(&self, parent: &mut Map<String, Value>, path: &str, wanted: &str) -> Result<()> {
        let key = path.rsplit('.').next().unwrap_or(path);
        match parent.get(key) {
            None | Some(Value::Null) => {
                parent.insert(key.to_owned(), json!(wanted));
                Ok(())
            }
            Some(found) if found == wanted => Ok(()),
            Some(found) => {
                let variable = if key == "handler" { "handler" } else { "actor_name" };
                Err(self
                    .wrong(format!("it sets `{path}` to {found}, messages go to `{wanted}`"))
                    .hint(format!("write `{key}: {{{{ {variable} }}}}` or leave `{path}` out")))
            }
        }
    }

    /// `path` says where a value stands that is called so.
    fn check_strings<'v, K: AsRef<str>>(
        &self,
        mut values: impl Iterator<Item = (K, &'v Value)>,
        path: impl Fn(&str) -> String,
    ) -> Result<()> {
        match values.find(|(_, value)| !value.is_string()) {
            None => Ok(()),
            Some((name, value)) => Err(self
                .wrong(format!("`{}` is {value} and must be a string", path(name.as_ref())))
                .hint("quote it in the template: `\"{{ name }}\"`")),
        }
    }

    /// Numbers that a quoted `"{{ name }}"` turned into strings.
    fn check_numbers(&self, spec: &Map<String, Value>) -> Result<()> {
        let scaling = spec.get("scaling").and_then(Value::as_object);
        let whole = ["minReplicaCount", "maxReplicaCount", "pollingInterval", "cooldownPeriod", "queueLength"];
        let scaling = whole.iter().filter_map(|key| Some(("scaling.", *key, scaling?.get(*key)?)));
        let replicas = spec.get("replicas").map(|value| ("", "replicas", value));
        match scaling.chain(replicas).find(|(_, _, value)| !value.is_u64()) {
            None => Ok(()),
            Some((parent, key, value)) => Err(self
                .wrong(format!("`spec.{parent}{key}` is {value} and must be a whole number"))
                .hint("leave the quotes out in the template: `{{ name }}`")),
        }
    }

    fn check_environment(&self, spec: &Map<String, Value>) -> Result<()> {
        let entries = spec.get("env").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let values = entries.iter().filter_map(|entry| {
            let name = entry.get("name").and_then(Value::as_str).unwrap_or("?");
            Some((name, entry.get("value")?))
        });
        self.check_strings(values, |name| format!("spec.env[{name}].value"))
    }

    /// Sets a field from the code, in place of what the template has there.
    fn assign(&self, spec: &mut Map<String, Value>, field: &str, value: Value) -> Result<()> {
        let parts: Vec<&str> = field.split('.').skip(1).collect();
        let Some((last, parents)) = parts.split_last() else { return Ok(()) };
        let mut at = spec;
        for parent in parents {
            at = self.mapping(at, parent)?;
        }
        at.insert((*last).to_owned(), value);
        Ok(())
    }

    /// Tells the runtime which decorators the platform stands in for (`docs/rules.md`).
    fn ignore_decorators(&self, spec: &mut Map<String, Value>, lifted: &[String]) -> Result<()> {
        if lifted.is_empty() {
            return Ok(());
        }
        let entries = self.list(spec, "env")?;
        let known = entries.iter().position(|entry| entry.get("name").is_some_and(|name| name == IGNORE_DECORATORS));
        let before = known.map(|at| entries.remove(at));
        let before = before.as_ref().and_then(|entry| entry.get("value")).and_then(Value::as_str).unwrap_or_default();
        let mut all: Vec<&str> = before.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        all.extend(lifted.iter().map(String::as_str));
        all.sort_unstable();
        all.dedup();
        let entry = json!({"name": IGNORE_DECORATORS, "value": all.join(",")});
        entries.insert(known.unwrap_or(entries.len()), entry);
        Ok(())
    }

    /// Generation B needs the transport spelled out; later generations refuse the field.
    fn transport(&self, spec: &mut Map<String, Value>, transport: &Transport) -> Result<()> {
        let Some(name) = &transport.written else {
            return match spec.get("transport") {
                None => Ok(()),
                Some(_) => Err(self
                    .wrong("it sets `spec.transport`, which clusters of generation C do not have")
                    .at(SourceDiagnostics::one(self.template, self.line_of("transport:")))
                    .hint("remove the line, or set `platform.generation: B` in `.asya/config.yaml`")),
            };
        };
        let transport = spec.entry("transport").or_insert_with(|| json!(name)).clone();
        if !spec.contains_key("compositionSelector") && !spec.contains_key("compositionRef") {
            let selector = json!({"matchLabels": {"asya.sh/transport": transport}});
            spec.insert("compositionSelector".to_owned(), selector);
        }
        Ok(())
    }

    fn line_of(&self, start: &str) -> Diagnostic {
        let lines = 1..=self.template.text().lines().count().max(1);
        let span = lines
            .map(|line| self.template.line_span(line))
            .find(|span| self.template.slice(*span).trim_start().starts_with(start))
            .unwrap_or(self.template.line_span(1));
        let skip = self.template.slice(span).len() - self.template.slice(span).trim_start().len();
        Diagnostic::error(crate::source::Span::new(span.start + skip, span.end), "this field does not exist there")
    }

    /// Mounts `file` of a ConfigMap beside the runtime, without touching other volumes.
    pub(super) fn mount(&self, spec: &mut Map<String, Value>, file: &File, config_map: &str) -> Result<()> {
        let File { volume, path, key, what } = file;
        let volumes = self.list(spec, "volumes")?;
        if volumes.iter().any(|other| other.get("name").is_some_and(|name| name == volume)) {
            return Err(self
                .wrong(format!("it has a volume `{volume}`, the name of the one with {what}"))
                .hint("give the template's volume another name"));
        }
        volumes.push(json!({"name": volume, "configMap": {"name": config_map}}));
        let mounts = self.list(spec, "volumeMounts")?;
        if mounts.iter().any(|mount| mount.get("mountPath").is_some_and(|other| other == path)) {
            return Err(self
                .wrong(format!("it mounts something at `{path}`, the place of {what}"))
                .hint("mount it elsewhere"));
        }
        mounts.push(json!({"name": volume, "mountPath": path, "subPath": key, "readOnly": true}));
        Ok(())
    }
}
