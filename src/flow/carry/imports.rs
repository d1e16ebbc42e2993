//! Imports: of the standard library, and of definitions in other modules of the project.

use super::{CarriedKind, Carrier};
use crate::flow::modules::{ClassRef, Found, ModuleRef};
use crate::flow::python;
use crate::source::Span;
use crate::syntax::tree::StmtKind;

impl<'a> Carrier<'_, 'a> {
    /// Every `import` that binds `name`: `import xml.dom` and `import xml.sax` both bind `xml`.
    pub(super) fn carry_import(&mut self, home: &str, name: &str) {
        let at = self.at(home);
        let mut taken = Vec::new();
        for stmt in &self.homes[at].tree.body {
            let StmtKind::Import(aliases) = &stmt.kind else { continue };
            for alias in aliases {
                let bound = alias.alias.as_deref().or_else(|| alias.name.split('.').next());
                if bound == Some(name) {
                    taken.push((alias.span, format!("import {}", self.homes[at].source.slice(alias.span))));
                }
            }
        }
        for (span, text) in taken {
            self.take(home, name, span, text, CarriedKind::Import, span);
        }
    }

    /// Carries what a `*` import of another module of the project brings into `home`.
    pub(super) fn carry_from_star(&mut self, home: &str, name: &str, used: Span) {
        let path: Vec<&str> = name.split('.').collect();
        if python::is_builtin(path[0]) && path.len() == 1 && self.homes[self.at(home)].scope.stars().is_empty() {
            return;
        }
        let found = self.modules.resolve_absolute(home, &path);
        if matches!(found, Found::Function { .. } | Found::Class(_) | Found::Value { .. }) {
            self.carry_from(home, home, &path, Some(path[0]).filter(|_| path.len() == 1), used, used);
        }
    }

    /// Carries `module.path`, imported by `home` as `alias`; answers the name it has in the router.
    pub(super) fn carry_from(
        &mut self,
        home: &str,
        module: &str,
        path: &[&str],
        alias: Option<&str>,
        used: Span,
        bound: Span,
    ) -> Option<String> {
        let shown = path.last().filter(|last| !last.is_empty()).copied().unwrap_or(module).to_owned();
        if let Some(alias) = alias.filter(|_| home != module)
            && self.is_changed(home, alias, used)
        {
            return None;
        }
        let (target, name) = match self.modules.resolve_absolute(module, path) {
            Found::Function { definition, .. } if definition.must_be_awaited() => {
                self.refuse_as_value(home, &shown, used, (definition.module, definition.function.name.span));
                return None;
            }
            Found::Function { definition, name } => (definition.module, name),
            Found::Class(ClassRef { module, path, .. }) if path.len() == 1 => (module, path[0].clone()),
            Found::Value { module, name, .. } => (module, name),
            _ => {
                let reason =
                    format!("`{module}` is not part of the standard library, and the router's image has nothing else");
                self.refuse(home, &shown, used, bound, "imported here", reason);
                return None;
            }
        };
        let other = self.home(target, Some(home));
        let before = self.diagnostics.len();
        self.carry(&other, &name, used_in(target, &name));
        let is_refused = self.diagnostics.len() > before;
        if is_refused {
            // What is wrong is in another file; here is why it matters.
            let at = self.at(home);
            let source = self.homes[at].source.clone();
            if let Some(last) = self.diagnostics.get_mut(before) {
                *last = last.clone().related_in(&source, used, "needed here");
            }
        }
        if let Some(alias) = alias.filter(|alias| *alias != name) {
            let text = format!("{alias} = {name}");
            self.take(home, alias, bound, text, CarriedKind::Value, used);
        }
        (!is_refused).then_some(name)
    }
}

/// The place of a definition in its own file.
fn used_in(module: ModuleRef<'_>, name: &str) -> Span {
    let found = module.tree().body.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Function(function) if function.name.name == name => Some(function.name.span),
        StmtKind::Class(class) if class.name.name == name => Some(class.name.span),
        StmtKind::Assign { targets, .. } => {
            targets.iter().find(|target| target.is_name(name)).map(|target| target.span)
        }
        _ => None,
    });
    found.unwrap_or(Span::new(0, 0))
}
