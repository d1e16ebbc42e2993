//! Imports inside the flow: at the beginning of its body they are the same as at the top of the file.

use std::collections::BTreeSet;

use super::effects::{bound_names, parameter_names};
use super::python::is_builtin;
use super::select;
use crate::source::Source;
use crate::syntax::tree::{Alias, Function, Module, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// The module with the imports of its flow at the top, where that means the same; `None` when there
/// are none.
pub(super) fn lifted(module: &Module, source: &Source, wanted: Option<&str>) -> Option<Module> {
    let function = select::flow_function(module, source, wanted).ok()?;
    let known = bound_names(&module.body);
    let moves = |at: &usize| means_the_same(function, *at, &known);
    let places: Vec<usize> = (0..function.body.len()).filter(moves).collect();
    if places.is_empty() {
        return None;
    }
    let mut lifted = module.clone();
    let place = function.name.span;
    let found = lifted.body.iter_mut().find_map(|stmt| match &mut stmt.kind {
        StmtKind::Function(function) if function.name.span == place => Some(function),
        _ => None,
    })?;
    let mut imports = Vec::new();
    for at in places {
        let stmt = &mut found.body[at];
        imports.push(Stmt { kind: std::mem::replace(&mut stmt.kind, StmtKind::Pass), span: stmt.span });
    }
    lifted.body.splice(0..0, imports);
    Some(lifted)
}

/// Whether the statement at `at` is an import whose names nobody else binds, and nobody reads before.
fn means_the_same(function: &Function, at: usize, known: &BTreeSet<String>) -> bool {
    let stmt = &function.body[at];
    let (StmtKind::Import(aliases) | StmtKind::ImportFrom { names: aliases, .. }) = &stmt.kind else { return false };
    let others = function.body[..at].iter().chain(&function.body[at + 1..]);
    let mut bound: BTreeSet<String> = others.flat_map(|other| bound_names(std::slice::from_ref(other))).collect();
    bound.extend(parameter_names(&function.parameters).map(str::to_owned));
    let before = &function.body[..at];
    aliases.iter().map(name_of).all(|name| {
        name != "*" && !is_builtin(name) && !known.contains(name) && !bound.contains(name) && !mentions(before, name)
    })
}

fn name_of(alias: &Alias) -> &str {
    alias.alias.as_deref().or_else(|| alias.name.split('.').next()).unwrap_or_default()
}

fn mentions(body: &[Stmt], name: &str) -> bool {
    body.iter().any(|stmt| {
        let mut found = false;
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                found |= expr.is_name(name);
                !found
            });
        }
        found || blocks(stmt).into_iter().any(|block| mentions(block, name))
    })
}
