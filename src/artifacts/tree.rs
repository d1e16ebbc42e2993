//! The files of a flow, as data.

use serde_json::{Value, json};

use super::Artifact;
use super::actor::{self, LABEL_FLOW, LABEL_MANAGED_BY, Part, ROUTER_FILE, Wanted};
use super::entry::FlowEntry;
use super::images;
use super::inputs::Inputs;
use super::join;
use super::kustomizations;
use super::template::Variables;
use super::wrapping;
use super::yaml;
use crate::error::{Error, Result};
use crate::flow::HandlerSettings;
use crate::names::{ActorName, ContextName, FlowName, JOIN_HANDLER, listed};
use crate::program::{Program, Router};

/// The files of a flow. Paths are relative to the directory each list is named after.
#[derive(Debug, Clone)]
pub struct Tree {
    /// `code/`; empty when the flow needs no router.
    pub code: Vec<Artifact>,
    /// `artifacts/`: `flow.yaml`, `graph.json`, diagrams.
    pub artifacts: Vec<Artifact>,
    /// `manifests/base/`, to be replaced as a whole.
    pub base: Vec<Artifact>,
    /// `manifests/common/`, to be created once.
    pub common: Vec<Artifact>,
    /// `manifests/overlays/<context>/`, each to be created once.
    pub overlays: Vec<(ContextName, Vec<Artifact>)>,
    /// What is wrong with the files although they are complete.
    pub warnings: Vec<Warning>,
}

/// Something that will not work on a cluster until somebody acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// Makes all files of a compiled flow.
///
/// Fails on templates that cannot be filled in or make no AsyncActor, on handlers without an image
/// (all of them in one error), and on actor names that the platform cannot hold.
pub fn assemble(program: &Program, inputs: &Inputs) -> Result<Tree> {
    check_names(program, inputs)?;
    let mut base = Vec::new();
    let mut missing = Vec::new();
    let none = HandlerSettings::default();
    let mut warnings = Vec::new();
    let stencil = actor::stencil(program, inputs);
    let manifest = |wanted: &Wanted<'_>| actor::manifest(wanted, program, inputs, stencil.as_ref());
    for each in &program.actors {
        let part = if each.is_wrapped { Part::Wrapped } else { Part::Handler };
        let wanted = Wanted {
            name: &each.name,
            handler: &each.handler,
            image: inputs.images.of(each)?,
            part,
            settings: &each.settings,
        };
        match manifest(&wanted)? {
            Some(manifest) => base.push(actor_file(&each.name, &manifest)?),
            None => missing.push(each),
        }
    }
    images::require(&missing)?;
    if let Some(router) = &program.router {
        let config_map = config_map_name(&program.flow, router);
        let image = Some(actor::router_image(inputs));
        let wanted = Wanted {
            name: &router.name,
            handler: &router.handler,
            image,
            part: Part::Router(&config_map),
            settings: &none,
        };
        if let Some(manifest) = manifest(&wanted)? {
            base.push(actor_file(&router.name, &manifest)?);
        }
        base.push(Artifact::new("configmap-router.yaml", router_config_map(&program.flow, router)));
    }
    if let Some(name) = &program.join {
        let image = Some(actor::join_image(inputs));
        let wanted = Wanted { name, handler: JOIN_HANDLER, image, part: Part::Join, settings: &none };
        if let Some(manifest) = manifest(&wanted)? {
            if !manifest.get("spec").and_then(Value::as_object).is_some_and(join::has_store) {
                warnings.push(join::no_store(name));
            }
            base.push(actor_file(name, &manifest)?);
        }
    }
    let mut code: Vec<Artifact> =
        program.router.iter().map(|it| Artifact::new(ROUTER_FILE.key, it.code.clone())).collect();
    if program.actors.iter().any(|actor| actor.is_wrapped) {
        let (wrapper, config_map) = wrapping::texts();
        base.push(Artifact::new("configmap-call.yaml", config_map));
        code.push(Artifact::new(wrapping::FILE.key, wrapper));
    }
    let files: Vec<String> = base.iter().map(|file| file.path.display().to_string()).collect();
    base.push(kustomizations::base(program, inputs, &files)?);
    base.push(Artifact::new("README.md", notice(&program.flow)));
    base.sort_by(|a, b| a.path.cmp(&b.path));

    let overlays = inputs
        .overlays
        .iter()
        .map(|overlay| Ok((overlay.context.clone(), kustomizations::overlay(&program.flow, overlay)?)))
        .collect::<Result<_>>()?;
    Ok(Tree {
        code,
        artifacts: descriptions(program)?,
        base,
        common: kustomizations::common(program)?,
        overlays,
        warnings,
    })
}

/// The project's template variables and those that every template of a flow has.
pub(super) fn flow_variables(program: &Program, inputs: &Inputs) -> Variables {
    let mut all = inputs.variables.clone();
    all.insert("flow_name".to_owned(), program.flow.to_string());
    all.insert("flow_function".to_owned(), program.function.clone());
    all
}

/// The name of the ConfigMap with the router's code, after what the code does: a new name rolls the
/// pods, an unchanged one does not.
fn config_map_name(flow: &FlowName, router: &Router) -> String {
    let hash: String = router.fingerprint.chars().take(10).collect();
    format!("{flow}-router-{hash}")
}

fn router_config_map(flow: &FlowName, router: &Router) -> String {
    let labels = json!({LABEL_FLOW: flow.as_str(), LABEL_MANAGED_BY: "asya"});
    ROUTER_FILE.config_map(&config_map_name(flow, router), labels, &router.code)
}

fn actor_file(name: &ActorName, manifest: &Value) -> Result<Artifact> {
    Ok(Artifact::new(format!("asya-{name}.yaml"), yaml::write(manifest)))
}

fn descriptions(program: &Program) -> Result<Vec<Artifact>> {
    Ok(vec![
        Artifact::new("flow.dot", program.dot.clone()),
        Artifact::new("flow.mmd", program.mermaid.clone()),
        Artifact::new("flow.svg", program.svg.clone()),
        Artifact::new("flow.yaml", FlowEntry::of(program).to_yaml()?),
        Artifact::new("graph.json", program.graph.text().clone()),
    ])
}

fn check_names(program: &Program, inputs: &Inputs) -> Result<()> {
    let names = || {
        program
            .actors
            .iter()
            .map(|actor| &actor.name)
            .chain(program.router.iter().map(|it| &it.name))
            .chain(&program.join)
    };
    let taken: Vec<&str> = names().map(ActorName::as_str).filter(|name| ActorName::is_taken(name)).collect();
    if !taken.is_empty() {
        return Err(Error::project(format!("the platform keeps the actor names {} for itself", listed(&taken)))
            .hint("rename the functions: an actor is called like its function, in kebab case"));
    }
    let Some(budget) = inputs.transport.name_budget else { return Ok(()) };
    for overlay in &inputs.overlays {
        let Some(namespace) = &overlay.namespace else { continue };
        let room = budget.saturating_sub(namespace.as_str().len());
        let long: Vec<&str> = names().map(ActorName::as_str).filter(|name| name.len() > room).collect();
        if !long.is_empty() {
            return Err(Error::project(format!("{} cannot be an actor of namespace `{namespace}`", listed(&long)))
                .because(format!(
                    "queue names hold namespace and actor: {room} characters are left for the actor in context `{}`",
                    overlay.context
                ))
                .hint("shorten the function's name or use a shorter namespace"));
        }
    }
    Ok(())
}

fn notice(flow: &FlowName) -> String {
    format!(
        "# AUTO-GENERATED, do not edit\n\n\
         `asya compile {flow}` replaces this directory as a whole.\n\n\
         Changes for all environments belong into `../common`, changes for one into\n\
         `../overlays/<context>`: patches, `images:`, further resources. They are never touched.\n"
    )
}
