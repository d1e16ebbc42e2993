//! Which image runs which handler.

use crate::error::{Error, Result};
use crate::names::listed;
use crate::program::Actor;

/// Where images come from, in the order of precedence.
#[derive(Debug, Clone, Default)]
pub struct Images {
    /// `build[]`.
    pub build: Vec<BuildRule>,
    /// `templates.image`: one image for every handler that no rule names.
    pub fixed: Option<String>,
    /// `compiler.image_registry`: `<registry>/<actor>:latest` for all others.
    pub registry: Option<String>,
}

/// An entry of `build[]`: an image and the modules inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRule {
    /// A dotted module prefix, or `*`.
    pub module: String,
    /// The image; `*` in it stands for the actor's name.
    pub image: String,
}

impl Images {
    /// The image of `actor`: the rule with the longest module that holds its handler, then the
    /// rule `*`, then the fixed image, then the registry. `None` when nothing names one.
    pub fn of(&self, actor: &Actor) -> Option<String> {
        let longest = self
            .build
            .iter()
            .filter(|rule| rule.holds(&actor.handler))
            // Of equals the first counts, as in the file.
            .reduce(|best, rule| if rule.module.len() > best.module.len() { rule } else { best });
        let rule = longest.or_else(|| self.build.iter().find(|rule| rule.module == "*"));
        rule.map(|rule| rule.image.replace('*', actor.name.as_str()))
            .or_else(|| self.fixed.clone())
            .or_else(|| self.registry.as_ref().map(|at| format!("{}/{}:latest", at.trim_end_matches('/'), actor.name)))
    }
}

impl BuildRule {
    /// Whether `handler` is this module or inside it; `text_flow` does not hold `text_flow2.f`.
    fn holds(&self, handler: &str) -> bool {
        handler.strip_prefix(&self.module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// Fails when an actor has no image, naming all of them and what to add.
pub(super) fn require(missing: &[&Actor]) -> Result<()> {
    let Some(first) = missing.first() else { return Ok(()) };
    let handlers: Vec<&str> = missing.iter().map(|actor| actor.handler.as_str()).collect();
    let module = first.handler.split('.').next().unwrap_or(&first.handler);
    let what = if missing.len() == 1 { "handler" } else { "handlers" };
    Err(Error::project(format!("no image is known for {what} {}", listed(&handlers)))
        .because("no entry of `build:` names their module, and neither `templates.image` nor `compiler.image_registry` is set")
        .hint(format!("add to `.asya/config.yaml`:\n  build:\n    - module: {module}\n      image: <image>"))
        .hint("or set `compiler.image_registry` to use `<registry>/<actor>:latest`"))
}
