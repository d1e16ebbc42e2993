//! Modules of the project that the flow's code names: `prompts.SYSTEM`. The router has a class of that name with
//! what is used of the module, so that the code reads as it is written and nothing hides a variable.

use std::collections::BTreeMap;

use super::{CarriedKind, Carrier};
use crate::source::Span;

/// Names in the router, by their paths in a module.
type Members = BTreeMap<Vec<String>, String>;

/// What is used of a module under one name.
pub(super) struct Namespace {
    /// The module.
    module: String,
    /// By the files that import it: where, and what they use.
    users: BTreeMap<String, (Span, Members)>,
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
        let new = || Namespace { module: module.to_owned(), users: BTreeMap::new() };
        let known = self.namespaces.entry(root.to_owned()).or_insert_with(new);
        if known.module != module {
            let reason = format!(
                "`{root}` is `{}` in another file of the flow, and the router has one place for both",
                known.module
            );
            self.refuse(home, root, span, span, "imported here", reason);
            return;
        }
        let (_, members) = known.users.entry(home.to_owned()).or_insert_with(|| (span, Members::new()));
        members.insert(path.iter().map(|&part| part.to_owned()).collect(), target);
    }

    /// Makes the classes. A file gets one with what it and the files before it use, so that values of the file can
    /// be made of it; functions see the last one.
    pub(super) fn carry_namespaces(&mut self) {
        let homes: Vec<String> = self.homes.iter().map(|home| home.name.clone()).collect();
        for (root, mut namespace) in std::mem::take(&mut self.namespaces) {
            let mut all = Members::new();
            let owner = self.owners.remove(&root);
            for home in &homes {
                let Some((span, members)) = namespace.users.remove(home) else { continue };
                if let Some(owner) = owner.as_deref().filter(|owner| owner != home) {
                    let reason = format!("`{owner}` has another `{root}`, and the router has one place for both");
                    self.refuse(home, &root, span, span, "imported here", reason);
                    break;
                }
                let before = all.len();
                all.extend(members);
                if all.len() > before {
                    let members: Vec<(&[String], &str)> =
                        all.iter().map(|(path, target)| (path.as_slice(), target.as_str())).collect();
                    self.take_namespace(home, &root, span, class(&root, &members, ""));
                }
            }
        }
    }

    fn take_namespace(&mut self, home: &str, root: &str, span: Span, text: String) {
        // The class of another file that holds less is no other thing of that name.
        self.owners.insert(root.to_owned(), home.to_owned());
        self.take(home, root, span, text, CarriedKind::Definition, span);
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
