//! Modules of the project that the flow's code names: `prompts.SYSTEM`. The router has a class of that name with
//! what is used of the module, so that the code reads as it is written and nothing hides a variable.

use std::collections::BTreeMap;

use super::{CarriedKind, Carrier};
use crate::source::Span;

/// What is used of a module under one name.
pub(super) struct Namespace {
    /// The module.
    module: String,
    /// The file that imports it, and where.
    home: String,
    span: Span,
    /// Names in the router, by their paths in the module.
    members: BTreeMap<Vec<String>, String>,
}

impl Carrier<'_, '_> {
    /// Notes that `home`, which imports `module` as `root`, uses `path` of it, which the router has as `target`.
    pub(super) fn put_into_namespace(
        &mut self,
        (home, root, span): (&str, &str, Span),
        module: &str,
        path: &[&str],
        target: String,
    ) {
        let new = || Namespace { module: module.to_owned(), home: home.to_owned(), span, members: BTreeMap::new() };
        let known = self.namespaces.entry(root.to_owned()).or_insert_with(new);
        if known.module != module {
            let reason =
                format!("`{}` means another module by `{root}`, and the router has one place for both", known.home);
            self.refuse(home, root, span, span, "imported here", reason);
            return;
        }
        known.members.insert(path.iter().map(|&part| part.to_owned()).collect(), target);
        // It stands behind everything that it names.
        if self.at(home) > self.at(&self.namespaces[root].home)
            && let Some(known) = self.namespaces.get_mut(root)
        {
            (known.home, known.span) = (home.to_owned(), span);
        }
    }

    /// Makes the classes.
    pub(super) fn carry_namespaces(&mut self) {
        for (root, namespace) in std::mem::take(&mut self.namespaces) {
            let members: Vec<(&[String], &str)> =
                namespace.members.iter().map(|(path, target)| (path.as_slice(), target.as_str())).collect();
            let text = class(&root, &members, "");
            self.take(&namespace.home, &root, namespace.span, text, CarriedKind::Definition, namespace.span);
        }
    }
}

/// `class name:` with the members, those of modules inside it in classes of their own.
fn class(name: &str, members: &[(&[String], &str)], indent: &str) -> String {
    let mut text = format!("{indent}class {name}:");
    let mut at = 0;
    while let Some((path, target)) = members.get(at) {
        match path {
            [] => at += 1,
            [last] => {
                text += &format!("\n{indent}    {last} = {target}");
                at += 1;
            }
            [first, ..] => {
                let same = members[at..].iter().take_while(|(path, _)| path.len() > 1 && path[0] == *first).count();
                let inside: Vec<(&[String], &str)> =
                    members[at..at + same].iter().map(|(path, target)| (&path[1..], *target)).collect();
                text += &format!("\n{}", class(first, &inside, &format!("{indent}    ")));
                at += same;
            }
        }
    }
    text
}
