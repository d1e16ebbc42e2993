//! Which image runs which handler.

use crate::error::{Error, Result};
use crate::names::listed;
use crate::program::Actor;

/// Where images come from, in the order of precedence.
#[derive(Debug, Clone, Default)]
pub struct Images {
    /// `build[]`.
    pub build: Vec<BuildRule>,
    /// Directories that go into images, as `skaffold.yaml` says.
    pub contexts: Vec<BuildContext>,
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

/// A directory that goes into an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildContext {
    /// As source files are shown: relative to the project root with `/`, `.` for the root itself,
    /// absolute outside of it.
    pub directory: String,
    /// The image.
    pub image: String,
    /// Where that is written.
    pub place: String,
}

impl Images {
    /// The image of `actor`: the rule with the longest module that holds its handler, the deepest
    /// build context that holds its source file, the only image that is built at all, the rule `*`,
    /// the fixed image, the registry. `None` when nothing names one; an error when two images are
    /// built from the same directory and nothing else decides.
    pub fn of(&self, actor: &Actor) -> Result<Option<String>> {
        let longest = self
            .build
            .iter()
            .filter(|rule| rule.holds(&actor.handler))
            .reduce(|best, rule| if rule.module.len() > best.module.len() { rule } else { best });
        if let Some(rule) = longest {
            return Ok(Some(rule.image.replace('*', actor.name.as_str())));
        }
        if let Some(image) = self.of_context(actor)? {
            return Ok(Some(image));
        }
        let any = self.build.iter().find(|rule| rule.module == "*");
        Ok(any
            .map(|rule| rule.image.replace('*', actor.name.as_str()))
            .or_else(|| self.fixed.clone())
            .or_else(|| self.registry.as_ref().map(|at| format!("{}/{}:latest", at.trim_end_matches('/'), actor.name))))
    }

    fn of_context(&self, actor: &Actor) -> Result<Option<String>> {
        let holding = |context: &&BuildContext| actor.source.as_ref().is_some_and(|source| context.holds(source));
        let deepest = self.contexts.iter().filter(holding).map(BuildContext::depth).max();
        let candidates: Vec<&BuildContext> = match deepest {
            Some(depth) => self.contexts.iter().filter(holding).filter(|context| context.depth() == depth).collect(),
            // The handler's file is not known, or in no context: it can only be in the only image.
            None => self.contexts.iter().collect(),
        };
        let Some(first) = candidates.first() else { return Ok(None) };
        if candidates.iter().all(|other| other.image == first.image) {
            return Ok(Some(first.image.clone()));
        }
        if deepest.is_none() {
            return Ok(None);
        }
        let places: Vec<String> = candidates.iter().map(|it| format!("`{}` ({})", it.image, it.place)).collect();
        let module = actor.handler.rsplit_once('.').map_or(actor.handler.as_str(), |(module, _)| module);
        Err(Error::project(format!("it is not clear which image holds `{}`", actor.handler))
            .because(format!("{} are built from the same directory `{}`", places.join(" and "), first.directory))
            .hint(format!(
                "say it in `.asya/config.yaml`:\n  build:\n    - module: {module}\n      image: {}",
                first.image
            )))
    }
}

impl BuildRule {
    /// Whether `handler` is this module or inside it; `text_flow` does not hold `text_flow2.f`.
    fn holds(&self, handler: &str) -> bool {
        handler.strip_prefix(&self.module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl BuildContext {
    fn holds(&self, source: &str) -> bool {
        match self.directory.as_str() {
            "." => !source.starts_with('/'),
            directory => source.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')),
        }
    }

    fn depth(&self) -> usize {
        if self.directory == "." { 0 } else { self.directory.split('/').count() }
    }
}

/// Fails when an actor has no image, naming all of them and what to add.
pub(super) fn require(missing: &[&Actor]) -> Result<()> {
    let Some(first) = missing.first() else { return Ok(()) };
    let handlers: Vec<&str> = missing.iter().map(|actor| actor.handler.as_str()).collect();
    let module = first.handler.split('.').next().unwrap_or(&first.handler);
    let what = if missing.len() == 1 { "handler" } else { "handlers" };
    Err(Error::project(format!("no image is known for {what} {}", listed(&handlers)))
        .because("no entry of `build:` names their module, no `skaffold.yaml` builds an image from their directory, and neither `templates.image` nor `compiler.image_registry` is set")
        .hint(format!("add to `.asya/config.yaml`:\n  build:\n    - module: {module}\n      image: <image>"))
        .hint("or set `compiler.image_registry` to use `<registry>/<actor>:latest`"))
}
