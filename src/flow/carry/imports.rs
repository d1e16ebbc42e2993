//! Imports: of the standard library, and of definitions in other modules of the project.

use super::renames::Mention;
use super::{CarriedKind, Carrier, Meaning, Reference, Text};
use crate::flow::modules::{ClassRef, Found, ModuleRef, Target};
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
                let top = alias.name.split('.').next().unwrap_or_default();
                if alias.alias.as_deref().unwrap_or(top) == name {
                    // `import xml.dom` binds `xml`.
                    let whole = if alias.alias.is_some() { &alias.name } else { top };
                    taken.push((alias.span, alias.name.clone(), whole.to_owned()));
                }
            }
        }
        for (span, path, whole) in taken {
            let may_change = path == whole;
            let meaning = Meaning::Imported(whole);
            let Some(name) = self.claim(home, name, span, meaning, span, may_change) else { continue };
            let is_alias = if may_change { name != path } else { false };
            let text = if is_alias { format!("import {path} as {name}") } else { format!("import {path}") };
            self.take(home, span, Text::Made(text), CarriedKind::Import);
        }
    }

    /// Carries `module.member`, imported by `home` as `alias`.
    pub(super) fn carry_from(&mut self, home: &str, module: &str, member: &str, alias: &str, used: Span, bound: Span) {
        if home != module && self.is_changed(home, alias, used) {
            return;
        }
        let (target, name) = match self.modules.resolve_absolute(module, &[member]) {
            Found::Function { definition, .. } if definition.must_be_awaited() => {
                self.refuse_as_value(home, alias, used, (definition.module, definition.function.name.span));
                return;
            }
            Found::Function { definition, name } => (definition.module, name),
            Found::Class(ClassRef { module, path, .. }) if path.len() == 1 => (module, path[0].clone()),
            Found::Value { module, name, .. } => (module, name),
            _ => {
                let reason = match self.modules.get(module) {
                    Target::Module(_) => format!("`{module}` binds it in a way that is not followed"),
                    _ => not_there(module),
                };
                self.refuse(home, member, used, bound, "imported here", reason);
                return;
            }
        };
        let what = self.carry_definition(home, target, name, used);
        if alias == what.name {
            self.mentions.push(Mention { home: home.to_owned(), path: vec![alias.to_owned()], what, used, bound });
            return;
        }
        let meaning = Meaning::Defined(format!("{home} as {}.{}", what.module, what.name));
        if let Some(alias) = self.claim(home, alias, bound, meaning, used, true) {
            self.take(home, bound, Text::Alias(alias, what), CarriedKind::Value);
        }
    }

    /// Carries what a `*` import of another module of the project brings into `home`.
    pub(super) fn carry_from_star(&mut self, home: &str, name: &str, used: Span) {
        if self.homes[self.at(home)].scope.stars().is_empty() {
            return;
        }
        let found = self.modules.resolve_absolute(home, &[name]);
        if matches!(found, Found::Function { .. } | Found::Class(_) | Found::Value { .. }) {
            self.carry_from(home, home, name, name, used, used);
        }
    }

    /// Carries what a dotted name leads to through modules of the project; answers whether it does.
    pub(super) fn carry_through_modules(&mut self, home: &str, dotted: &str, used: Span) -> bool {
        let path: Vec<&str> = dotted.split('.').collect();
        let at = self.at(home);
        let bound = self.homes[at].scope.get(path[0]).map_or(used, |bound| bound.span);
        let Some((target, name)) = self.modules.through_modules(self.homes[at].module, &path) else { return false };
        if let Found::Function { definition, .. } = self.modules.resolve_absolute(target.name(), &[&name])
            && definition.must_be_awaited()
        {
            self.refuse_as_value(home, &name, used, (definition.module, definition.function.name.span));
            return true;
        }
        let what = self.carry_definition(home, target, name, used);
        let path = path.into_iter().map(str::to_owned).collect();
        self.mentions.push(Mention { home: home.to_owned(), path, what, used, bound });
        true
    }

    /// Carries a definition of `target` that `home` uses.
    fn carry_definition(&mut self, home: &str, target: ModuleRef<'a>, name: String, used: Span) -> Reference {
        let module = self.home(target, Some(home));
        let before = self.diagnostics.len();
        self.carry(&module, &name, used_in(target, &name));
        if self.diagnostics.len() > before {
            // What is wrong is in another file; here is why it matters.
            let at = self.at(home);
            let source = self.homes[at].source.clone();
            if let Some(last) = self.diagnostics.get_mut(before) {
                *last = last.clone().related_in(&source, used, "needed here");
            }
        }
        Reference { module, name }
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

/// Why something of a module that is not in the project is not taken along.
pub(super) fn not_there(module: &str) -> String {
    if module.is_empty() {
        return "the import is relative to a package, and this file is in none".to_owned();
    }
    format!("`{module}` is not part of the standard library, and the router's image has nothing else")
}
