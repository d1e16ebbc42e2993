//! Environments of a new project, from the contexts of the kubeconfig.

use std::collections::BTreeSet;

use serde_json::json;

use crate::cluster::{KnownContext, KnownContexts, no_such_context};
use crate::error::Result;
use crate::event::Event;
use crate::names::{ContextName, counted, kebab};
use crate::project::LOCAL;
use crate::ui::Ui;
use crate::yaml::write_ordered;

/// The most contexts that are taken over without being asked for: each gets an overlay in every flow.
const MOST: usize = 8;

/// Words in the name of a context that say that people depend on it.
const PRODUCTION: [&str; 5] = ["prod", "production", "prd", "live", "prd1"];

/// An entry of `contexts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewContext {
    pub(super) name: ContextName,
    pub(super) kubectl_context: String,
    pub(super) namespace: Option<String>,
    pub(super) readonly: bool,
}

/// The contexts for a new project and the one to work on: those of `asked`, else what the person
/// takes on a terminal, else all of them. `asked` must be in the kubeconfig.
pub(super) fn chosen(
    known: &KnownContexts,
    asked: &[String],
    ask: bool,
    environment: &dyn Fn(&str) -> Option<String>,
    ui: &mut Ui,
) -> Result<(Vec<NewContext>, Option<ContextName>)> {
    if let Some(missing) = asked.iter().find(|name| known.get(name).is_none()) {
        return Err(no_such_context(known, missing, environment));
    }
    let all = entries(&known.contexts);
    let is_current = |context: &NewContext| known.current.as_ref() == Some(&context.kubectl_context);
    let taken: Vec<NewContext> = if !asked.is_empty() {
        all.into_iter().filter(|context| asked.contains(&context.kubectl_context)).collect()
    } else if all.is_empty() {
        all
    } else if ask {
        let items: Vec<(String, bool)> = all.iter().map(|context| (described(context), is_current(context))).collect();
        let places = ui.choose_several("Environments, from your kubeconfig", &items)?;
        all.into_iter().enumerate().filter(|(at, _)| places.contains(at)).map(|(_, context)| context).collect()
    } else if all.len() > MOST {
        ui.event(Event::Note(format!(
            "the kubeconfig has {}; only the current one is taken over, others with `asya k context add`",
            counted(all.len(), "context")
        )));
        all.into_iter().filter(is_current).collect()
    } else {
        all
    };
    let mut writable = taken.iter().filter(|context| !context.readonly);
    let default = taken.iter().find(|context| is_current(context) && !context.readonly).or_else(|| {
        let first = writable.next();
        if writable.next().is_none() { first } else { None }
    });
    let default = default.map(|context| context.name.clone());
    Ok((taken, default))
}

/// The lines of `contexts:` in `config.yaml`, the key left out.
pub(super) fn lines(contexts: &[NewContext]) -> String {
    let mut text = String::new();
    for context in contexts {
        text.push_str(&format!("  {}:\n", context.name));
        let mut fields = serde_json::Map::new();
        if let Some(namespace) = &context.namespace {
            fields.insert("namespace".to_owned(), json!(namespace));
        }
        fields.insert("kubectl_context".to_owned(), json!(context.kubectl_context));
        for line in write_ordered(&serde_json::Value::Object(fields)).lines() {
            text.push_str(&format!("    {line}\n"));
        }
        if context.readonly {
            text.push_str("    readonly: true # production, to judge by its name: changed through GitOps only\n");
        }
    }
    text
}

pub(super) fn described(context: &NewContext) -> String {
    let readonly = if context.readonly { ", read-only" } else { "" };
    match context.kubectl_context == context.name.as_str() {
        true => format!("{}{readonly}", context.name),
        false => format!("{} ({}{readonly})", context.name, context.kubectl_context),
    }
}

fn entries(known: &[KnownContext]) -> Vec<NewContext> {
    let mut names: BTreeSet<String> = BTreeSet::from([LOCAL.to_owned()]);
    let mut out = Vec::new();
    for context in known {
        let Some(name) = names_for(&context.name).into_iter().find(|name| names.insert(name.clone())) else { continue };
        let Ok(name) = ContextName::new(&name) else { continue };
        // A namespace that is none would make the configuration wrong.
        let namespace = context.namespace.clone().filter(|name| crate::names::Namespace::new(name).is_ok());
        let readonly = kebab(&context.name).split('-').any(|word| PRODUCTION.contains(&word));
        out.push(NewContext { name, kubectl_context: context.name.clone(), namespace, readonly });
    }
    out
}

/// Names for a context of the kubeconfig, the best first. Providers make long ones, of which the last
/// part is what people call the cluster: `arn:aws:eks:eu-west-1:1234:cluster/staging`,
/// `gke_project_europe-west1_staging`.
fn names_for(context: &str) -> Vec<String> {
    let last = match context.strip_prefix("gke_") {
        Some(rest) => rest.rsplit('_').next(),
        None if context.starts_with("arn:") => context.rsplit('/').next(),
        None => None,
    };
    let whole = kebab(context);
    let mut names: Vec<String> = last.map(kebab).into_iter().chain([whole.clone()]).collect();
    names.extend((2..100).map(|number| format!("{whole}-{number}")));
    names
        .into_iter()
        .map(|name| name.chars().take(50).collect::<String>().trim_matches('-').to_owned())
        .filter(|name| ContextName::new(name).is_ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_providers_make_become_short_ones() {
        let contexts = [
            "kind-dev",
            "arn:aws:eks:eu-west-1:1234:cluster/staging",
            "gke_my-project_europe-west1_staging",
            "admin@Production.example.com",
            "local",
            "---",
            "dev_live",
        ];
        let known: Vec<KnownContext> = contexts
            .iter()
            .map(|name| KnownContext {
                name: (*name).to_owned(),
                cluster: String::new(),
                server: None,
                namespace: None,
            })
            .collect();
        let shown: Vec<String> =
            entries(&known).iter().map(|entry| format!("{} {}", entry.name, entry.readonly)).collect();
        assert_eq!(
            shown,
            [
                "kind-dev false",
                "staging false",
                "gke-my-project-europe-west1-staging false",
                "admin-production-example-com true",
                "local-2 false",
                "dev-live true",
            ]
        );
    }
}
