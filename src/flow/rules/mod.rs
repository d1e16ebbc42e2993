//! What people say about calls and handlers in their code, and what rules make of it
//! (`docs/rules.md`).
//!
//! [`Rules::read`] looks at a file once. It answers the tree without call-site wrappers, and itself:
//! [`Rules::classify`] for a call, [`Rules::with_block`] for a block, [`Rules::handler_settings`] for
//! a handler. A [`Ledger`](ledger::Ledger) brings blocks and calls together.

mod definition;
mod directive;
mod extract;
mod ledger;
mod model;
mod shipped;
mod signature;
mod symbol;
mod wrapper;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::codes;
use super::graph::Handler;
use super::modules::{Definition, ModuleRef, Modules};
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, Function, Module, Stmt};
use crate::syntax::{blocks, expressions, walk};
use definition::Mark;
use directive::Directive;
use extract::{Extraction, Miss, Reader};
use symbol::Invocation;

pub(super) use directive::word as directive_word;
pub(super) use ledger::{Account, Ledger, Target as CallTarget};
pub use model::{Behaviour, HandlerSettings, Kind, Node, Param, Place, Rule, Setting, Target};
pub(super) use symbol::Names;

/// The rules that come with the program.
pub fn shipped() -> Vec<Rule> {
    shipped::rules()
}

/// What becomes of a call, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decision {
    /// What becomes of it.
    pub(super) behaviour: Behaviour,
    /// Where the flow's own file says so; `None` for rules and for other files.
    pub(super) place: Option<Span>,
}

/// Everything one file says, and the rules for it.
#[derive(Debug, Default)]
pub(super) struct Rules {
    rules: Arc<Vec<Rule>>,
    /// What comments and wrappers say about calls, by the place of the callee.
    explicit: BTreeMap<Span, Decision>,
    /// What is around a call and limits it, outermost first, by the place of the callee.
    limits: BTreeMap<Span, Vec<Expr>>,
    broken: BTreeSet<Span>,
    /// Text of wrappers and idle decorators, in source order.
    dropped: Vec<Span>,
    /// What definitions of this file say, by the place of their names.
    marks: BTreeMap<usize, Mark>,
    /// What is wrong with it.
    problems: Vec<Diagnostic>,
    /// Callees whose comment or wrapper somebody has asked for.
    followed: RefCell<BTreeSet<Span>>,
}

impl Rules {
    /// Reads a file: comments, wrappers and decorators. Answers the tree without wrappers too: every
    /// other part of the compiler sees `f(p)` for `actor(f)(p)`, with the span of the whole.
    pub(super) fn read<'m>(
        module: &'m Module,
        source: &Source,
        name: &str,
        is_package: bool,
        rules: &Arc<Vec<Rule>>,
    ) -> (Self, Cow<'m, Module>) {
        let rules = Arc::clone(rules);
        let mut problems = Vec::new();
        let scope = Scope::of(module, name, is_package);
        let names = Names { scope: &scope, module: name, locals: None };
        let marks = definition::marks(module, source, &names, &rules);
        let found = wrapper::find(module, source, &names, &rules, &mut problems);
        let idle = definition::idle_decorators(module, source, &names, &rules);
        let mut dropped: Vec<Span> = found.dropped.iter().chain(idle.values()).copied().collect();
        dropped.sort();
        let mut limits: BTreeMap<Span, Vec<Expr>> = BTreeMap::new();
        let module = if dropped.is_empty() {
            Cow::Borrowed(module)
        } else {
            let mut changed = module.clone();
            for (callee, limit) in wrapper::remove(&mut changed.body, &found, &idle) {
                limits.entry(callee).or_default().push(limit);
            }
            Cow::Owned(changed)
        };
        let scope = Scope::of(&module, name, is_package);
        let said = directive::of_calls(&module, source, &scope, &mut problems);
        drop(scope);
        let wrappers = found.wrappers.into_iter().map(|(call, wrapper)| (call, wrapper.behaviour, wrapper.span));
        let comments = said.into_iter().map(|(call, Directive { behaviour, span })| (call, behaviour, span));
        let decision = |(call, behaviour, span)| (call, Decision { behaviour, place: Some(span) });
        let by_call: BTreeMap<Span, Decision> = wrappers.chain(comments).map(decision).collect();
        let explicit = by_callee(&module.body, &by_call);
        let read = Self {
            rules,
            explicit,
            limits,
            broken: found.broken,
            dropped,
            marks,
            problems,
            followed: RefCell::default(),
        };
        (read, module)
    }

    /// People's rules, and behind them the shipped ones they do not replace.
    pub(super) fn all(people: &[Rule]) -> Arc<Vec<Rule>> {
        let shipped = shipped::rules();
        let kept = shipped.into_iter().filter(|rule| !people.iter().any(|own| own.symbol == rule.symbol));
        Arc::new(people.iter().cloned().chain(kept).collect())
    }

    /// The rules this file was read with.
    pub(super) fn rules(&self) -> &Arc<Vec<Rule>> {
        &self.rules
    }

    /// What is wrong with comments and wrappers inside `span`.
    pub(super) fn problems(&self, span: Span) -> impl Iterator<Item = &Diagnostic> {
        self.problems.iter().filter(move |problem| span.contains(problem.span))
    }

    /// Text of wrappers and of decorators that do nothing, which the router does without.
    pub(super) fn dropped(&self) -> &[Span] {
        &self.dropped
    }

    /// Whether a call was reported already.
    pub(super) fn is_broken(&self, call: Span) -> bool {
        self.broken.contains(&call)
    }

    /// What a comment or a wrapper says about a call, whatever is called.
    pub(super) fn explicit(&self, callee: Span) -> Option<Decision> {
        let decision = self.explicit.get(&callee).copied()?;
        self.followed.borrow_mut().insert(callee);
        Some(decision)
    }

    /// What becomes of a call of a handler with one of these names: comment, wrapper, definition,
    /// rule, in this order; `None` when nothing says.
    pub(super) fn classify(
        &self,
        callee: Span,
        symbols: impl FnOnce() -> [Option<String>; 2],
        definition: Option<&Definition<'_>>,
    ) -> Option<Decision> {
        if let Some(decision) = self.explicit(callee) {
            return Some(decision);
        }
        if let Some(definition) = definition
            && let home = definition.module.rules()
            && let Some(Mark { behaviour, span }) = home.marks.get(&definition.function.name.span.start)
        {
            let is_here = std::ptr::eq(home, self);
            return Some(Decision { behaviour: *behaviour, place: is_here.then_some(*span) });
        }
        // Nearly all rules are about settings, and a flow has many calls.
        let decides = |rule: &Rule| rule.behaviour != Behaviour::Config;
        if !self.rules.iter().any(decides) {
            return None;
        }
        let symbols = symbols();
        let rule = symbols.iter().flatten().filter_map(|symbol| self.rule(symbol)).find(|rule| decides(rule))?;
        Some(Decision { behaviour: rule.behaviour, place: None })
    }

    /// What the definition of a function of this file says.
    pub(super) fn mark(&self, function: &Function) -> Option<Behaviour> {
        self.marks.get(&function.name.span.start).map(|mark| mark.behaviour)
    }

    /// Whether a context manager is settings of the actors called in its block.
    pub(super) fn is_setting(&self, manager: &Expr, names: &Names<'_, '_>) -> bool {
        let rule = names.invocation(manager).and_then(|call| self.rule(&call.symbol));
        rule.is_some_and(|rule| rule.behaviour == Behaviour::Config)
    }

    /// The settings of what is around a call, `wait_for(f(p), 3)`, outermost first and with its place.
    pub(super) fn call_limits<'a>(
        &'a self,
        callee: Span,
        names: &Names<'a, '_>,
        home: ModuleRef<'_>,
        modules: &Modules<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<(Vec<Setting>, Span)> {
        let limits = self.limits.get(&callee).map(Vec::as_slice).unwrap_or_default();
        let read = |limit: &'a Expr| {
            let call = names.invocation(limit)?;
            let extraction = self.extract(self.rule(&call.symbol)?, &call, names, home.source(), modules);
            diagnostics.extend(extraction.misses.into_iter().map(|miss| lost(miss.span, miss.why, miss.help)));
            Some((extraction.settings, limit.span))
        };
        limits.iter().filter_map(read).collect()
    }

    /// The settings of managers for which [`Rules::is_setting`]; the later manager wins. Warnings are
    /// added; what cannot be compiled is the error.
    pub(super) fn with_block(
        &self,
        items: &[(Expr, Option<Expr>)],
        names: &Names<'_, '_>,
        home: ModuleRef<'_>,
        modules: &Modules<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Setting>, Box<Diagnostic>> {
        let mut settings = HandlerSettings::default();
        for (manager, target) in items {
            let Some(call) = names.invocation(manager) else { continue };
            let Some(rule) = self.rule(&call.symbol) else { continue };
            if let Some(target) = target {
                return Err(Box::new(
                    Diagnostic::error(target.span, "this block becomes settings of actors and has no object")
                        .code(codes::WITH_BLOCK)
                        .help("leave out the `as …`"),
                ));
            }
            let extraction = self.extract(rule, &call, names, home.source(), modules);
            extraction.settings.into_iter().for_each(|setting| settings.set(setting));
            for miss in extraction.misses {
                diagnostics.push(lost(miss.span, miss.why, miss.help));
            }
        }
        Ok(settings.fields)
    }

    /// What the decorators of a handler say; the one nearest to the function wins. `call` is where to
    /// point for files other than the flow's, `scopes` keeps the names of modules that were asked for.
    pub(super) fn handler_settings<'a>(
        handler: &Handler,
        modules: &'a Modules<'_>,
        scopes: &mut BTreeMap<&'a str, Scope<'a>>,
        call: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> HandlerSettings {
        let Some(Definition { module: home, function, .. }) = definition::find(modules, handler) else {
            return HandlerSettings::default();
        };
        if function.decorators.is_empty() {
            return HandlerSettings::default();
        }
        let new = || Scope::of(home.tree(), home.name(), home.is_package());
        let scope = scopes.entry(home.name()).or_insert_with(new);
        let names = Names { scope, module: home.name(), locals: None };
        let mut misses = Vec::new();
        let mut settings = home.rules().decorators(function, &names, home.source(), modules, &mut misses);
        let source = home.source();
        if source == modules.own().source() {
            diagnostics.extend(misses.into_iter().map(|miss| lost(miss.span, miss.why, miss.help)));
        } else {
            for Miss { span, why, help } in misses {
                let text = source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
                diagnostics.push(lost(call, format!("`{text}` at {}: {why}", shown(source, span)), help));
            }
            settings.fields.iter_mut().for_each(|setting| setting.reached_by(call, source));
        }
        settings.lifted.sort();
        settings.lifted.dedup();
        settings
    }

    /// Settings of one function's decorators, outermost first, and what could not be read.
    fn decorators(
        &self,
        function: &Function,
        names: &Names<'_, '_>,
        source: &Source,
        modules: &Modules<'_>,
        misses: &mut Vec<Miss>,
    ) -> HandlerSettings {
        let mut settings = HandlerSettings::default();
        for decorator in &function.decorators {
            let Some(call) = names.invocation(decorator) else { continue };
            let Some(rule) = self.rule(&call.symbol) else { continue };
            let extraction = self.extract(rule, &call, names, source, modules);
            // A decorator that says nothing to the platform goes on doing its work in Python.
            let is_lifted = !rule.keeps_decorator && (rule.nodes.is_empty() || !extraction.settings.is_empty());
            extraction.settings.into_iter().for_each(|setting| settings.set(setting));
            misses.extend(extraction.misses);
            if is_lifted {
                settings.lifted.push(rule.symbol.clone());
            }
        }
        settings
    }

    /// The rule that makes settings of a decorator on a flow or a part of one, if there is one: the
    /// settings would be those of every actor in it, which is not what Python does.
    pub(super) fn config_decorator(&self, decorator: &Expr, names: &Names<'_, '_>) -> Option<&Rule> {
        self.rule(&names.invocation(decorator)?.symbol).filter(|rule| rule.behaviour == Behaviour::Config)
    }

    /// Whether a decorator only says what a function is.
    pub(super) fn is_mark(&self, decorator: &Expr, names: &Names<'_, '_>) -> bool {
        definition::of_decorator(decorator, names, &self.rules).is_some()
    }

    /// A comment or wrapper inside `span`: what it is about cannot be copied.
    pub(super) fn inside(&self, span: Span) -> Option<Span> {
        let mut all = self.explicit.iter().filter(|(_, decision)| decision.behaviour != Behaviour::Inline);
        all.find(|(callee, _)| span.contains(**callee)).and_then(|(_, decision)| decision.place)
    }

    /// Comments and wrappers inside `span` that nobody asked for: passing over one would change
    /// what the flow means.
    pub(super) fn unfollowed(&self, span: Span) -> Vec<Diagnostic> {
        let followed = self.followed.borrow();
        let left = self.explicit.iter().filter(|(callee, _)| span.contains(**callee) && !followed.contains(callee));
        left.filter_map(|(_, decision)| Some((decision.behaviour, decision.place?)))
            .map(|(behaviour, place)| {
                Diagnostic::error(place, format!("`{}` cannot be followed here", behaviour.word()))
                    .code(codes::TREATMENT)
                    .note("passing over it would change what the flow means")
                    .help("call a function of your own there, or take it out")
            })
            .collect()
    }

    fn rule(&self, symbol: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.symbol == symbol)
    }

    fn extract(
        &self,
        rule: &Rule,
        call: &Invocation<'_>,
        names: &Names<'_, '_>,
        source: &Source,
        modules: &Modules<'_>,
    ) -> Extraction {
        let parameters = |symbol: &str| parameters(symbol, modules);
        Reader { rule, source, names, parameters: &parameters, found: Extraction::default() }.read(call)
    }
}

/// Parameter names of a function of the project.
fn parameters(symbol: &str, modules: &Modules<'_>) -> Option<Vec<String>> {
    let (module, function) = symbol.rsplit_once('.')?;
    let found = definition::find(modules, &Handler::function(module, function))?;
    let positional = &found.function.parameters.positional;
    Some(positional.iter().map(|parameter| parameter.name.name.clone()).collect())
}

/// What is said about calls, by the place of their callees.
fn by_callee(body: &[Stmt], by_call: &BTreeMap<Span, Decision>) -> BTreeMap<Span, Decision> {
    let mut found = BTreeMap::new();
    if by_call.is_empty() {
        return found;
    }
    for stmt in body {
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if let ExprKind::Call { callee, .. } = &expr.kind
                    && let Some(decision) = by_call.get(&expr.span)
                {
                    found.insert(callee.span, *decision);
                }
                true
            });
        }
        blocks(stmt).into_iter().for_each(|block| found.extend(by_callee(block, by_call)));
    }
    found
}

/// `handlers.py:7`.
fn shown(source: &Source, span: Span) -> String {
    format!("{}:{}", source.name(), source.line_of(span.start))
}

fn lost(span: Span, why: String, help: String) -> Diagnostic {
    Diagnostic::warning(span, "this setting does not reach the platform").code(codes::SETTING_LOST).note(why).help(help)
}
