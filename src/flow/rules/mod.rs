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

use super::codes;
use super::graph::Handler;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, Function, Module};
use definition::{Mark, OtherFile};
use directive::Directive;
use extract::{Extraction, Miss, Reader};
use symbol::Invocation;
use wrapper::Wrapper;

pub(super) use directive::word as directive_word;
pub(super) use ledger::Ledger;
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
    rules: Vec<Rule>,
    directives: BTreeMap<Span, Directive>,
    wrappers: BTreeMap<Span, Wrapper>,
    broken: BTreeSet<Span>,
    /// Text of wrappers and idle decorators, in source order.
    dropped: Vec<Span>,
    /// What definitions of this file say, by the place of their names.
    marks: BTreeMap<usize, Mark>,
    others: BTreeMap<String, OtherFile>,
    source: Option<Source>,
    module: String,
    /// Calls whose comment or wrapper somebody has asked for.
    followed: RefCell<BTreeSet<Span>>,
    /// What definitions in other files say, as far as somebody has asked.
    known: RefCell<BTreeMap<Handler, Option<Behaviour>>>,
}

impl Rules {
    /// Reads a file: comments, wrappers and decorators. Answers the tree without wrappers too: every
    /// other part of the compiler sees `f(p)` for `actor(f)(p)`, with the span of the whole.
    pub(super) fn read<'m>(
        module: &'m Module,
        source: &Source,
        around: &super::Surroundings,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> (Self, Cow<'m, Module>) {
        let rules = Self::all(&around.rules);
        let scope = Scope::of(module, &around.module, around.is_package);
        let names = Names { scope: &scope, module: &around.module, locals: BTreeSet::new() };
        let marks = definition::marks(module, source, &names, &rules);
        let found = wrapper::find(module, source, &names, &rules, diagnostics);
        let idle = definition::idle_decorators(module, source, &names, &rules);
        let mut dropped: Vec<Span> = found.dropped.into_iter().chain(idle.values().copied()).collect();
        dropped.sort();
        let module = if dropped.is_empty() {
            Cow::Borrowed(module)
        } else {
            let mut changed = module.clone();
            wrapper::remove(&mut changed.body, &found.wrappers, &idle);
            Cow::Owned(changed)
        };
        let scope = Scope::of(&module, &around.module, around.is_package);
        let directives = directive::of_calls(&module, source, &scope, diagnostics).into_iter().collect();
        drop(scope);
        let read = Self {
            rules,
            directives,
            wrappers: found.wrappers,
            broken: found.broken,
            dropped,
            marks,
            others: definition::other_files(&around.sources),
            source: Some(source.clone()),
            module: around.module.clone(),
            followed: RefCell::default(),
            known: RefCell::default(),
        };
        (read, module)
    }

    /// People's rules, and behind them the shipped ones they do not replace.
    fn all(people: &[Rule]) -> Vec<Rule> {
        let shipped = shipped::rules();
        let kept = shipped.into_iter().filter(|rule| !people.iter().any(|own| own.symbol == rule.symbol));
        people.iter().cloned().chain(kept).collect()
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
    pub(super) fn explicit(&self, call: Span) -> Option<Decision> {
        self.followed.borrow_mut().insert(call);
        if let Some(Directive { behaviour, span }) = self.directives.get(&call) {
            return Some(Decision { behaviour: *behaviour, place: Some(*span) });
        }
        let Wrapper { behaviour, span } = self.wrappers.get(&call)?;
        Some(Decision { behaviour: *behaviour, place: Some(*span) })
    }

    /// What becomes of a call of `handler`: comment, wrapper, definition, rule, in this order; `None`
    /// when nothing says. `definition` is given when it stands in this file.
    pub(super) fn classify(&self, call: Span, handler: &Handler, definition: Option<&Function>) -> Option<Decision> {
        if let Some(decision) = self.explicit(call) {
            return Some(decision);
        }
        if let Some(function) = definition {
            if let Some(Mark { behaviour, span }) = self.marks.get(&function.name.span.start) {
                return Some(Decision { behaviour: *behaviour, place: Some(*span) });
            }
        } else if let Some(behaviour) = self.elsewhere(handler) {
            return Some(Decision { behaviour, place: None });
        }
        let symbol = handler.dotted();
        let rule = self.rules.iter().find(|rule| rule.symbol == symbol)?;
        (rule.behaviour != Behaviour::Config).then_some(Decision { behaviour: rule.behaviour, place: None })
    }

    /// What the definition of a handler in another file says.
    fn elsewhere(&self, handler: &Handler) -> Option<Behaviour> {
        if let Some(known) = self.known.borrow().get(handler) {
            return *known;
        }
        let behaviour = definition::find(&self.others, handler).and_then(|found| {
            let OtherFile { source, module } = found.file;
            let mark = definition::mark(found.function, &module.comments, source, &found.names(), &self.rules)?;
            Some(mark.behaviour)
        });
        self.known.borrow_mut().insert(handler.clone(), behaviour);
        behaviour
    }

    /// The settings of a `with` block whose managers all have rules that make them settings; the
    /// later manager wins. Warnings are added; what cannot be compiled is the error.
    pub(super) fn with_block(
        &self,
        items: &[(Expr, Option<Expr>)],
        names: &Names<'_, '_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Setting>, Box<Diagnostic>> {
        let mut settings = HandlerSettings::default();
        for (manager, target) in items {
            let found = names.invocation(manager);
            let Some((call, rule)) =
                found.and_then(|call| Some((self.rule(&call.symbol)?, call))).map(|(rule, call)| (call, rule))
            else {
                return Err(Box::new(unknown_manager(manager, names)));
            };
            if rule.behaviour != Behaviour::Config {
                let word = rule.behaviour.word();
                return Err(Box::new(
                    Diagnostic::error(manager.span, format!("the rule for `{}` says `{word}`", rule.symbol))
                        .code(codes::WITH_BLOCK)
                        .note("a block that runs in the router would end with the first hop of the message")
                        .help("enter it inside the actor that needs it"),
                ));
            }
            if let Some(target) = target {
                return Err(Box::new(
                    Diagnostic::error(target.span, "this block becomes settings of actors and has no object")
                        .code(codes::WITH_BLOCK)
                        .help("leave out the `as …`"),
                ));
            }
            let extraction = self.extract(rule, &call, names, self.source.as_ref());
            extraction.settings.into_iter().for_each(|setting| settings.set(setting));
            for miss in extraction.misses {
                diagnostics.push(lost(miss.span, miss.why, miss.help));
            }
        }
        Ok(settings.fields)
    }

    /// What the decorators of a handler say; the one nearest to the function wins. `definition` is
    /// given when it stands in this file; `call` is where to point for other files.
    pub(super) fn handler_settings(
        &self,
        handler: &Handler,
        definition: Option<&Function>,
        scope: &Scope<'_>,
        call: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> HandlerSettings {
        let mut settings = match definition {
            Some(function) => {
                let names = Names { scope, module: &self.module, locals: BTreeSet::new() };
                let mut found = Vec::new();
                let settings = self.decorators(function, &names, self.source.as_ref(), &mut found);
                diagnostics.extend(found.into_iter().map(|miss| lost(miss.span, miss.why, miss.help)));
                settings
            }
            None => match definition::find(&self.others, handler) {
                Some(found) => {
                    let source = &found.file.source;
                    let shown = |span: Span| format!("{}:{}", source.name(), source.line_of(span.start));
                    let mut misses = Vec::new();
                    let mut settings = self.decorators(found.function, &found.names(), Some(source), &mut misses);
                    for Miss { span, why, help } in misses {
                        let text = source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
                        diagnostics.push(lost(call, format!("`{text}` at {}: {why}", shown(span)), help));
                    }
                    for setting in &mut settings.fields {
                        setting.elsewhere = Some(shown(setting.span));
                        setting.span = call;
                    }
                    settings
                }
                None => HandlerSettings::default(),
            },
        };
        settings.lifted.sort();
        settings.lifted.dedup();
        settings
    }

    /// Settings of one function's decorators, outermost first, and what could not be read.
    fn decorators(
        &self,
        function: &Function,
        names: &Names<'_, '_>,
        source: Option<&Source>,
        misses: &mut Vec<Miss>,
    ) -> HandlerSettings {
        let mut settings = HandlerSettings::default();
        for decorator in &function.decorators {
            let Some(call) = names.invocation(decorator) else { continue };
            let Some(rule) = self.rule(&call.symbol) else { continue };
            let extraction = self.extract(rule, &call, names, source);
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

    /// The rule that makes settings of a decorator on a flow, if there is one: the settings would
    /// be those of every actor of the flow, which is not what Python does.
    pub(super) fn config_decorator(&self, decorator: &Expr, scope: &Scope<'_>) -> Option<&Rule> {
        let names = Names { scope, module: &self.module, locals: BTreeSet::new() };
        self.rule(&names.invocation(decorator)?.symbol).filter(|rule| rule.behaviour == Behaviour::Config)
    }

    /// Whether a decorator only says what a function is.
    pub(super) fn is_mark(&self, decorator: &Expr, scope: &Scope<'_>) -> bool {
        let names = Names { scope, module: &self.module, locals: BTreeSet::new() };
        definition::of_decorator(decorator, &names, &self.rules).is_some()
    }

    /// A comment or wrapper inside `span`: what it is about cannot be copied.
    pub(super) fn inside(&self, span: Span) -> Option<Span> {
        let comments = self.directives.iter().map(|(call, directive)| (call, directive.behaviour, directive.span));
        let wrappers = self.wrappers.iter().map(|(call, wrapper)| (call, wrapper.behaviour, wrapper.span));
        let mut all = comments.chain(wrappers).filter(|(_, behaviour, _)| *behaviour != Behaviour::Inline);
        all.find(|(call, ..)| span.contains(**call)).map(|(_, _, place)| place)
    }

    /// Comments and wrappers inside `span` that nobody asked for: passing over one would change
    /// what the flow means.
    pub(super) fn unfollowed(&self, span: Span) -> Vec<Diagnostic> {
        let followed = self.followed.borrow();
        let directives = self.directives.iter().map(|(call, directive)| (call, directive.behaviour, directive.span));
        let wrappers = self.wrappers.iter().map(|(call, wrapper)| (call, wrapper.behaviour, wrapper.span));
        directives
            .chain(wrappers)
            .filter(|(call, ..)| span.contains(**call) && !followed.contains(call))
            .map(|(_, behaviour, place)| {
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
        source: Option<&Source>,
    ) -> Extraction {
        let empty = Source::new("", "");
        let parameters = |symbol: &str| self.parameters(symbol, names);
        let source = source.unwrap_or(&empty);
        Reader { rule, source, names, parameters: &parameters, found: Extraction::default() }.read(call)
    }

    /// Parameter names of a function of the project.
    fn parameters(&self, symbol: &str, names: &Names<'_, '_>) -> Option<Vec<String>> {
        let (module, function) = symbol.rsplit_once('.')?;
        let of = |function: &Function| {
            function.parameters.positional.iter().map(|parameter| parameter.name.name.clone()).collect()
        };
        if module == names.module {
            return names.scope.function(function).map(of);
        }
        let handler = Handler { module: module.to_owned(), class: None, function: function.to_owned() };
        definition::find(&self.others, &handler).map(|found| of(found.function))
    }
}

fn lost(span: Span, why: String, help: String) -> Diagnostic {
    Diagnostic::warning(span, "this setting does not reach the platform").code(codes::SETTING_LOST).note(why).help(help)
}

fn unknown_manager(manager: &Expr, names: &Names<'_, '_>) -> Diagnostic {
    let callee = match &manager.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => manager,
    };
    let diagnostic = Diagnostic::error(manager.span, "this `with` block cannot be compiled").code(codes::WITH_BLOCK);
    match names.symbol(callee) {
        Some(symbol) => diagnostic
            .note(format!("no rule says what becomes of `{symbol}`, and a message cannot carry an entered block along"))
            .help(
                "open the resource inside the actor that needs it, or write a rule that makes it a setting of actors",
            ),
        None => diagnostic
            .note("what is entered here is known only when the code runs")
            .help("open the resource inside the actor that needs it"),
    }
}

/// `text` of a span without what wrappers add to it.
pub(super) fn without(source: &Source, span: Span, dropped: &[Span]) -> String {
    let mut out = String::new();
    let mut at = span.start;
    for gap in dropped.iter().filter(|gap| span.contains(**gap)) {
        out.push_str(source.slice(Span::new(at, gap.start)));
        at = gap.end;
    }
    out.push_str(source.slice(Span::new(at, span.end)));
    out
}
