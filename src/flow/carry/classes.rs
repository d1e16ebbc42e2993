//! Classes: exceptions, and classes that only give names to values.

use std::collections::BTreeSet;

use super::functions::impure;
use super::{CarriedKind, Carrier, Meaning, Text};
use crate::flow::modules::ClassRef;
use crate::flow::python;
use crate::source::Span;
use crate::syntax::tree::{Class, StmtKind};

impl<'a> Carrier<'_, 'a> {
    /// An exception class: the flow may raise it. Others stay with the handlers.
    pub(super) fn carry_class(&mut self, home: &str, name: &str, span: Span, used: Span) {
        let at = self.at(home);
        let Some(class) = self.homes[at].scope.class(name) else { return };
        let module = self.module_named(home);
        let chain = self.modules.chain(&ClassRef { module, path: vec![name.to_owned()], class });
        let is_exception = self.is_exception(home, class, 0)
            || chain.is_complete
                && chain.links.iter().any(|link| {
                    link.module.is_empty() && link.name == "BaseException" || link.runtime_name() == "Exception"
                });
        let offender = class.body.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Function(function) => impure(&function.body).map(|(span, _)| span),
            _ => None,
        });
        // A class that only gives names to values is as good as these values.
        let is_names_only = class.arguments.is_empty()
            && class.body.iter().all(|stmt| {
                matches!(
                    stmt.kind,
                    StmtKind::Assign { .. } | StmtKind::AnnAssign { .. } | StmtKind::Pass | StmtKind::Expr(_)
                )
            });
        if !(is_exception || is_names_only) || !class.decorators.is_empty() || offender.is_some() {
            let reason = if is_exception { "it is more than an exception" } else { "classes stay with the handlers" };
            self.refuse(home, name, used, span, "defined here", reason.to_owned());
            return;
        }
        // Its name is what errors of it are known by.
        if self.claim(home, name, span, Meaning::Defined(home.to_owned()), used, false).is_some() {
            self.take(home, span, Text::Class(span, name.to_owned()), CarriedKind::Definition);
        }
        self.carry_names_of_class(home, class);
    }

    /// Whether all bases of a class are exceptions: builtins, or classes of the same file.
    fn is_exception(&self, home: &str, class: &Class, depth: usize) -> bool {
        let scope = &self.homes[self.at(home)].scope;
        !class.arguments.is_empty()
            && depth < 20
            && class.arguments.iter().all(|argument| match argument.value.as_name() {
                Some(name) if argument.keyword.is_none() => match scope.class(name) {
                    Some(base) => self.is_exception(home, base, depth + 1),
                    None => scope.get(name).is_none() && python::is_builtin_exception(name),
                },
                _ => false,
            })
    }

    fn carry_names_of_class(&mut self, home: &str, class: &Class) {
        for argument in &class.arguments {
            self.carry_names_in(home, &argument.value);
        }
        for stmt in &class.body {
            match &stmt.kind {
                StmtKind::Function(function) => self.carry_names_of(home, function, &BTreeSet::new()),
                _ => {
                    for (name, place) in self.names_in_body(home, std::slice::from_ref(stmt), &BTreeSet::new()) {
                        self.carry(home, &name, place);
                    }
                }
            }
        }
    }
}
