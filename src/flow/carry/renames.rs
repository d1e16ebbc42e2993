//! Names that two modules use for different things: the router has one place for both, so that one of
//! them gets another name wherever its module mentions it.

use std::collections::BTreeSet;

use super::{Carrier, Reference};
use crate::flow::effects::{bound_names, local_names, parameter_names, target_names};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Stmt, StmtKind};
use crate::syntax::{blocks, children, expressions, walk};

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
                && (bound_inside(&self.homes[self.at(&mention.home)].tree.body).contains(name)
                    || self.fresh.made().contains(name));
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
        let mut places = Places::default();
        places.mentioned(&home.tree.body, &mention.path)?;
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
        let mut places = Places::default();
        places.mentioned(&home_of.tree.body, &[name.to_owned()])?;
        self.typing.rename(&home_of.source, &places.plain, &new);
        self.typing.rename(&home_of.source, &places.patterns, &new);
        self.renamed.insert((home.to_owned(), name.to_owned()), new.clone());
        Some(new)
    }
}

/// Where the code of a module means something of it.
#[derive(Default)]
struct Places {
    plain: Vec<Span>,
    /// In the patterns of `case`.
    patterns: Vec<Span>,
}

impl Places {
    /// Finds every place where statements mean the `path` of the module they stand in.
    fn mentioned(&mut self, body: &[Stmt], path: &[String]) -> Option<()> {
        let name = path.first()?;
        for stmt in body {
            expressions(stmt).into_iter().for_each(|expr| mentioned_in(expr, path, &mut self.plain));
            match &stmt.kind {
                StmtKind::Global(names) | StmtKind::Nonlocal(names) if names.iter().any(|one| one.name == *name) => {
                    return None;
                }
                StmtKind::Class(class) if bound_names(&class.body).contains(name) => return None,
                StmtKind::Function(function) => {
                    if function.name.name == *name && path.len() == 1 {
                        self.plain.push(function.name.span);
                    }
                    if local_names(function).contains(name) {
                        continue;
                    }
                }
                StmtKind::Match { cases, .. } => {
                    let values = cases.iter().flat_map(|case| &case.values);
                    values.for_each(|value| mentioned_in(value, path, &mut self.patterns));
                }
                _ => {}
            }
            for block in blocks(stmt) {
                self.mentioned(block, path)?;
            }
        }
        Some(())
    }
}

fn mentioned_in(expr: &Expr, path: &[String], places: &mut Vec<Span>) {
    let name = path.first().map_or("", String::as_str);
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Attribute { .. }
            if expr.dotted().is_some_and(|parts| parts.iter().eq(path.iter())) =>
        {
            places.push(expr.span);
        }
        ExprKind::Lambda { parameters, .. } if parameter_names(parameters).any(|one| one == name) => {
            let all = parameters.positional.iter().chain(&parameters.keyword_only);
            all.filter_map(|one| one.default.as_ref()).for_each(|default| mentioned_in(default, path, places));
        }
        ExprKind::Comprehension { clauses, .. }
            if clauses.iter().any(|clause| bound_by(&clause.target).contains(name)) =>
        {
            // Only what the first clause goes over is evaluated outside.
            clauses.iter().take(1).for_each(|clause| mentioned_in(&clause.iterable, path, places));
        }
        _ => children(expr).into_iter().for_each(|part| mentioned_in(part, path, places)),
    }
}

/// Every name that is bound inside functions, comprehensions and the like.
fn bound_inside(body: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for stmt in body {
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                match &expr.kind {
                    ExprKind::Lambda { parameters, .. } => {
                        names.extend(parameter_names(parameters).map(str::to_owned));
                    }
                    ExprKind::Comprehension { clauses, .. } => {
                        clauses.iter().for_each(|clause| names.extend(bound_by(&clause.target)));
                    }
                    _ => {}
                }
                true
            });
        }
        if let StmtKind::Function(function) = &stmt.kind {
            names.extend(local_names(function));
        }
        blocks(stmt).into_iter().for_each(|block| names.extend(bound_inside(block)));
    }
    names
}

fn bound_by(target: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    target_names(target, &mut names);
    names
}
