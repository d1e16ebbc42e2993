//! Constants of a module.

use std::collections::{BTreeMap, BTreeSet};

use super::{CarriedKind, Carrier, Meaning, Text};
use crate::flow::callee::Surroundings;
use crate::flow::expression::{ExpressionCheck, Uses};
use crate::source::Span;

impl Carrier<'_, '_> {
    /// Carries the value that `name` is bound to at `span`, with what it is made of.
    pub(super) fn carry_constant(&mut self, home: &str, name: &str, span: Span, used: Span) {
        let at = self.at(home);
        let mut uses = Uses::new();
        let mut found = Vec::new();
        {
            let home = &self.homes[at];
            let Some(value) = home.scope.constant(name) else { return };
            let around = Surroundings {
                scope: &home.scope,
                modules: self.modules,
                home: home.module,
                module: "",
                locals: &BTreeSet::new(),
                instances: &BTreeMap::new(),
                settled: &BTreeSet::new(),
                project_modules: &BTreeSet::new(),
            };
            let mut check = ExpressionCheck {
                around: &around,
                payload: "",
                methods: &BTreeMap::new(),
                names: self.names,
                flow_module: "",
                groups: &BTreeMap::new(),
                tasks: &BTreeSet::new(),
                diagnostics: &mut found,
                uses: &mut uses,
                renamed: &BTreeMap::new(),
                replacements: Vec::new(),
                helpers: Vec::new(),
                actors: Vec::new(),
                decided_callee: None,
                waits: false,
                branch: None,
                handed_over: Vec::new(),
                in_lambda: false,
            };
            check.check(value, &[]);
        }
        self.add_problems(home, found);
        let meaning = Meaning::Defined(home.to_owned());
        if self.claim(home, name, span, meaning, used, true).is_some() {
            self.take(home, span, Text::Source(span), CarriedKind::Value);
        }
        uses.into_iter().for_each(|(name, span)| self.carry(home, &name, span));
        // `LOW, HIGH = 1, 2` brings both.
        let together = self.homes[self.at(home)].scope.bound_at(span).to_vec();
        together.into_iter().for_each(|name| self.carry(home, name, used));
    }
}
