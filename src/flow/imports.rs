//! The modules a file imports from.

use std::collections::BTreeSet;

use crate::source::Source;
use crate::syntax::blocks;
use crate::syntax::tree::{Module, Stmt, StmtKind};

/// The dotted names of modules that a file may import from, wherever in the file it does so:
/// `from a import b` is `a`, and `a.b` in case that is a module. `name` is the file's own dotted
/// name. A file that is no Python imports nothing.
pub fn imports(source: &Source, name: &str, is_package: bool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Ok(Module { body, .. }) = crate::syntax::parse(source) {
        collect(&body, name, is_package, &mut found);
    }
    found.remove("");
    found
}

fn collect(body: &[Stmt], name: &str, is_package: bool, found: &mut BTreeSet<String>) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Import(aliases) => found.extend(aliases.iter().map(|alias| alias.name.clone())),
            StmtKind::ImportFrom { module, level, names } => {
                let from = super::scope::absolute(module.as_deref(), *level, name, is_package);
                found.extend(names.iter().map(|alias| format!("{from}.{}", alias.name)));
                found.insert(from);
            }
            _ => blocks(stmt).into_iter().for_each(|block| collect(block, name, is_package, found)),
        }
    }
}
