//! Names that two modules use for different things: the router has one place for both, so that one of
//! them gets another name wherever its module mentions it.

use std::collections::BTreeSet;

use super::{Carrier, Reference};
use crate::source::Span;

/// Something that a module means by the name of another module's definition, or by a dotted one.
pub(super) struct Mention {
    /// The module that mentions it.
    pub(super) home: String,
    /// How it does.
    pub(super) path: Vec<String>,
    /// What it means.
    pub(super) what: Reference,
    /// The first place.
    pub(super) used: Span,
    /// The import.
    pub(super) bound: Span,
}

impl Carrier<'_, '_> {
    /// Decides what everything is called, and calls it that wherever it is mentioned. Answers what `case`
    /// compares with: there a name without a dot would be a variable that takes whatever comes.
    pub(super) fn settle_names(&mut self) -> Vec<String> {
        let mentions = std::mem::take(&mut self.mentions);
        for mention in &mentions {
            let Reference { module, name } = &mention.what;
            // Where `config.limit` stands, `limit` may be a variable.
            let is_hidden = mention.path.len() > 1
                && self.name_of(module, name) == name
                && (self.homes[self.at(&mention.home)].mentions().binds(name) || self.fresh.has_made(name));
            let is_class = self.homes[self.at(module)].scope.class(name).is_some();
            if is_hidden && (is_class || self.rename(module, name).is_none()) {
                self.cannot_mention(mention);
            }
        }
        let mut compared = BTreeSet::new();
        for mention in &mentions {
            let Reference { module, name } = &mention.what;
            let new = self.name_of(module, name).to_owned();
            if (mention.path.len() > 1 || new != *name) && self.call_it(mention, &new, &mut compared).is_none() {
                self.cannot_mention(mention);
            }
        }
        compared.into_iter().collect()
    }

    fn call_it(&mut self, mention: &Mention, new: &str, compared: &mut BTreeSet<String>) -> Option<()> {
        let home = &self.homes[self.at(&mention.home)];
        let places = home.mentions().of(&mention.path.join("."))?;
        self.typing.rename(&home.source, &places.plain, new);
        let is_class = self.homes[self.at(&mention.what.module)].scope.class(&mention.what.name).is_some();
        if is_class {
            self.typing.rename(&home.source, &places.patterns, new);
        } else if !places.patterns.is_empty() {
            self.typing.rename(&home.source, &places.patterns, &format!("{}.{new}", self.values));
            compared.insert(new.to_owned());
        }
        Some(())
    }

    fn cannot_mention(&mut self, mention: &Mention) {
        let name = &mention.what.name;
        let reason = format!("`{name}` is something else as well, and the router has one place for both");
        self.refuse(&mention.home, &mention.path.join("."), mention.used, mention.bound, "imported here", reason);
    }

    /// The name of `home`'s `name` in the router.
    pub(super) fn name_of<'n>(&'n self, home: &str, name: &'n str) -> &'n str {
        self.renamed.get(&(home.to_owned(), name.to_owned())).map_or(name, String::as_str)
    }

    /// Gives `home`'s `name` a name of its own, with the module in front; `None` where some of its places
    /// cannot be told from others of that name.
    pub(super) fn rename(&mut self, home: &str, name: &str) -> Option<String> {
        let last = home.rsplit('.').next().unwrap_or(home);
        let wanted = format!("{}_{}", last.trim_start_matches('_'), name.trim_start_matches('_'));
        let new = self.fresh.make(&wanted);
        let home_of = &self.homes[self.at(home)];
        let places = home_of.mentions().of(name)?;
        self.typing.rename(&home_of.source, &places.plain, &new);
        self.typing.rename(&home_of.source, &places.patterns, &new);
        self.renamed.insert((home.to_owned(), name.to_owned()), new.clone());
        Some(new)
    }
}
