//! Names for the actors a flow calls.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{Actor, Settings};
use crate::diagnostic::Diagnostic;
use crate::flow::{Block, Flow, Handler, codes};
use crate::names::{ActorName, DNS_LABEL_MAX, FlowName, kebab};
use crate::source::Span;

/// Longest queue name of SQS is 80; `asya-`, `-` and the namespace share it with the actor's name.
const SQS_NAME_AND_NAMESPACE: usize = 74;

/// Room left for a namespace that is not known yet.
const UNKNOWN_NAMESPACE: usize = 26;

/// The handler, other than the given one, that an actor of this name runs in another flow.
pub(super) type Taken<'a> = &'a mut dyn FnMut(&str, &str) -> Option<String>;

/// The actors of a flow with their names.
#[derive(Debug, Clone)]
pub(super) struct Cast {
    /// In the order of their first call.
    pub(super) actors: Vec<Actor>,
    /// The router's name, whether it is needed or not.
    pub(super) router: ActorName,
    /// The name of the actor where parallel calls come together, whether it is needed or not.
    pub(super) join: ActorName,
    names: BTreeMap<Handler, ActorName>,
}

impl Cast {
    /// The name of the actor that runs `handler`.
    pub(super) fn name(&self, handler: &Handler) -> &ActorName {
        self.names.get(handler).unwrap_or(&self.router)
    }
}

/// The longest actor name that fits where the actors will live: namespaces of the project's
/// contexts, and whether queues are those of SQS.
pub fn default_name_limit<'a>(namespaces: impl IntoIterator<Item = &'a str>, is_sqs: bool) -> usize {
    if !is_sqs {
        return DNS_LABEL_MAX;
    }
    let longest = namespaces.into_iter().map(str::len).max().unwrap_or(UNKNOWN_NAMESPACE);
    SQS_NAME_AND_NAMESPACE.saturating_sub(longest).clamp(16, DNS_LABEL_MAX)
}

/// The name of the router of `flow`, whether it needs one or not.
pub fn router_name(flow: &FlowName, name_limit: usize) -> String {
    cut(&format!("start-{flow}"), name_limit)
}

/// The name of the actor where parallel calls of `flow` come together, whether it has any or not.
pub fn join_name(flow: &FlowName, name_limit: usize) -> String {
    cut(&format!("join-{flow}"), name_limit)
}

/// Names every handler: the callee in kebab case, qualified by its module when two handlers of
/// the project would share it, cut to the limit with a hash.
pub(super) fn name_all(flow: &Flow, settings: &Settings, taken: Taken<'_>) -> Result<Cast, Vec<Diagnostic>> {
    let calls = handlers(flow);
    let first_call = calls.first().map(|(_, span)| *span);
    let wrapped = flow.wrapped_handlers();
    let short_names: Vec<String> = calls.iter().map(|(handler, _)| short(handler)).collect();
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &short_names {
        *users.entry(name).or_default() += 1;
    }
    let router = router_name(&settings.flow, settings.name_limit);
    let join = join_name(&settings.flow, settings.name_limit);
    let own = match flow.has_parallel_calls() {
        true => vec![("the flow's own router", router.as_str()), ("the actor that joins its parallel calls", &join)],
        false => vec![("the flow's own router", router.as_str())],
    };
    let mut diagnostics = Vec::new();
    let mut by_name: BTreeMap<String, (&Handler, Span)> = BTreeMap::new();
    let mut names = BTreeMap::new();
    let mut actors = Vec::new();
    for ((handler, span), short) in calls.into_iter().zip(&short_names) {
        let is_shared = users.get(short.as_str()).is_some_and(|count| *count > 1);
        let dotted = handler.dotted();
        let is_taken = taken(short, &dotted).is_some();
        let full = if is_shared || is_taken { qualified(handler) } else { short.clone() };
        let name = cut(&full, settings.name_limit);
        if let Some(problem) = problem(&name, &own, by_name.get(&name), handler, span) {
            diagnostics.push(problem);
            continue;
        }
        let Ok(actor) = ActorName::new(&name) else {
            diagnostics.push(unnameable(handler, span));
            continue;
        };
        if let Some(other) = taken(&name, &dotted) {
            diagnostics.push(elsewhere(&name, &other, span, "give the handler another name"));
            continue;
        }
        by_name.insert(name, (handler, span));
        let source = flow.files.get(&handler.module).cloned();
        let is_wrapped = wrapped.contains(handler);
        let settings = flow.settings.get(handler).cloned().unwrap_or_default();
        actors.push(Actor { name: actor.clone(), handler: dotted, is_wrapped, source, settings });
        names.insert(handler.clone(), actor);
    }
    let first = || {
        let place = flow.graph.blocks.first().and_then(|block| block.steps.first().map(|step| step.span));
        place.or(first_call).unwrap_or(Span::new(0, 0))
    };
    for (_, name) in &own {
        if let Some(other) = taken(name, "") {
            diagnostics.push(elsewhere(name, &other, first(), "give the flow another name"));
        }
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    match ActorName::new(&router) {
        Ok(router) => {
            let join = ActorName::new(&join).unwrap_or_else(|_| router.clone());
            Ok(Cast { actors, router, join, names })
        }
        Err(reason) => Err(vec![Diagnostic::error(first(), reason).code(codes::ACTOR_NAME)]),
    }
}

/// `name` is in use by another flow of the project.
fn elsewhere(name: &str, other: &str, span: Span, help: &str) -> Diagnostic {
    Diagnostic::error(span, format!("the actor `{name}` runs `{other}` in another flow of the project"))
        .code(codes::ACTOR_NAME)
        .note("flows share actors by name, and one actor runs one handler")
        .help(help)
}

/// Every handler with its first call, in source order.
fn handlers(flow: &Flow) -> Vec<(&Handler, Span)> {
    let blocks = flow.graphs().flat_map(|graph| graph.reachable().into_iter().map(|block| &graph.blocks[block]));
    let mut calls: Vec<(&Handler, Span)> = blocks.flat_map(Block::handlers).collect();
    calls.sort_by_key(|(_, span)| *span);
    let mut seen = BTreeSet::new();
    calls.retain(|(handler, _)| seen.insert(*handler));
    calls
}

fn short(handler: &Handler) -> String {
    match &handler.class {
        Some(class) => format!("{}-{}", kebab(class), kebab(&handler.function)),
        None => kebab(&handler.function),
    }
}

fn qualified(handler: &Handler) -> String {
    format!("{}-{}", kebab(&handler.module), short(handler))
}

/// Cuts a name to `limit`, ending in a hash of the whole name when something was cut.
fn cut(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let digest = Sha256::digest(name.as_bytes());
    let hash: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    let kept: String = name.chars().take(limit.saturating_sub(hash.len() + 1)).collect();
    format!("{}-{hash}", kept.trim_end_matches('-'))
}

fn problem(
    name: &str,
    own: &[(&str, &str)],
    before: Option<&(&Handler, Span)>,
    handler: &Handler,
    span: Span,
) -> Option<Diagnostic> {
    let rename = "give the handler another name";
    if let Some((other, place)) = before {
        let message = format!("`{}` and `{}` would both be the actor `{name}`", other.dotted(), handler.dotted());
        return Some(
            Diagnostic::error(span, message).code(codes::ACTOR_NAME).related(*place, "called here first").help(rename),
        );
    }
    if let Some((what, _)) = own.iter().find(|(_, own)| *own == name) {
        return Some(
            Diagnostic::error(span, format!("the actor `{name}` has the name of {what}"))
                .code(codes::ACTOR_NAME)
                .help(rename),
        );
    }
    if ActorName::is_taken(name) {
        return Some(
            Diagnostic::error(span, format!("the actor name `{name}` belongs to the platform"))
                .code(codes::ACTOR_NAME)
                .help(rename),
        );
    }
    None
}

fn unnameable(handler: &Handler, span: Span) -> Diagnostic {
    Diagnostic::error(span, format!("no actor name can be made from `{}`", handler.dotted()))
        .code(codes::ACTOR_NAME)
        .note("an actor's name is made of lower-case ASCII letters, digits and `-`")
        .help("give the handler another name")
}
