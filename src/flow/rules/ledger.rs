//! Which calls stand in which `with` blocks, and what that makes of their actors.

use std::collections::BTreeMap;

use super::model::{HandlerSettings, Setting};
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::graph::Handler;
use crate::source::Span;

/// Collects calls in source order while the body of a flow is read.
#[derive(Debug, Default)]
pub(in crate::flow) struct Ledger {
    open: Vec<Open>,
    calls: BTreeMap<Handler, Vec<Made>>,
    warnings: Vec<Diagnostic>,
    is_broken: bool,
}

/// A `with` block that is being read.
#[derive(Debug)]
struct Open {
    settings: Vec<Setting>,
    /// From `with` to the last manager.
    head: Span,
    /// The loops around it.
    loops: usize,
    calls: usize,
    repeated: usize,
}

/// A call with what the blocks around it say, the inner ones last.
#[derive(Debug)]
struct Made {
    call: Span,
    settings: Vec<Setting>,
}

impl Ledger {
    /// A `with` block begins, inside `loops` loops.
    pub(in crate::flow) fn enter(&mut self, settings: Vec<Setting>, head: Span, loops: usize) {
        for setting in settings.iter().filter(|setting| is_time_limit(setting)) {
            let outer =
                self.open.iter().flat_map(|open| &open.settings).rev().find(|outer| is_same_field(outer, setting));
            if let Some(outer) = outer
                && let (Some(around), Some(inside)) = (outer.value.as_f64(), setting.value.as_f64())
                && around < inside
            {
                self.warnings.push(
                    Diagnostic::warning(setting.span, "the block around this one ends earlier")
                        .code(codes::BLOCK_LIMIT)
                        .related(outer.span, "here")
                        .note("the inner value is the one that its calls get"),
                );
            }
        }
        self.open.push(Open { settings, head, loops, calls: 0, repeated: 0 });
    }

    /// A block was refused: what its calls have in common is not known.
    pub(in crate::flow) fn give_up(&mut self) {
        self.is_broken = true;
    }

    /// The innermost block ends.
    pub(in crate::flow) fn leave(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if open.calls == 0 {
            self.warnings.push(
                Diagnostic::warning(open.head, "no actor is called in this block")
                    .code(codes::SETTING_LOST)
                    .note("its settings are about actors, so they have no effect"),
            );
        }
        let limit = open.settings.iter().find(|setting| is_time_limit(setting));
        if let Some(limit) = limit
            && (open.calls > 1 || open.repeated > 0)
        {
            let calls = if open.repeated > 0 {
                "a call in it can be made several times".to_owned()
            } else {
                format!("there are {} calls in it", open.calls)
            };
            self.warnings.push(
                Diagnostic::warning(limit.span, "each call gets this limit for itself")
                    .code(codes::BLOCK_LIMIT)
                    .note(format!("Python limits the block as a whole, and {calls}")),
            );
        }
    }

    /// An actor is called, inside `loops` loops.
    pub(in crate::flow) fn call(&mut self, handler: &Handler, call: Span, loops: usize) {
        let mut settings: Vec<Setting> = Vec::new();
        for open in &mut self.open {
            open.calls += 1;
            open.repeated += usize::from(loops > open.loops);
            for setting in &open.settings {
                settings.retain(|known| !is_same_field(known, setting));
                settings.push(setting.clone());
            }
        }
        self.calls.entry(handler.clone()).or_default().push(Made { call, settings });
    }

    /// The settings of every handler: those of its blocks, and over them its own. A handler with
    /// different ones at different calls is an error, because it is one deployment.
    pub(in crate::flow) fn close(
        self,
        mut own: impl FnMut(&Handler, Span, &mut Vec<Diagnostic>) -> HandlerSettings,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> BTreeMap<Handler, HandlerSettings> {
        diagnostics.extend(self.warnings);
        let mut all = BTreeMap::new();
        for (handler, calls) in self.calls {
            let Some(first) = calls.first() else { continue };
            let decorated = own(&handler, first.call, diagnostics);
            let decides = |setting: &Setting| !decorated.fields.iter().any(|known| is_same_field(known, setting));
            if !self.is_broken
                && let Some(problem) = conflict(&handler, &calls, &decides)
            {
                diagnostics.push(problem);
            }
            let mut settings = HandlerSettings::default();
            first.settings.iter().chain(&decorated.fields).for_each(|setting| settings.set(setting.clone()));
            settings.lifted = decorated.lifted;
            if !settings.fields.is_empty() || !settings.lifted.is_empty() {
                all.insert(handler, settings);
            }
        }
        all
    }
}

/// Two calls of one handler that want different values of a field.
fn conflict(handler: &Handler, calls: &[Made], decides: &dyn Fn(&Setting) -> bool) -> Option<Diagnostic> {
    let name = &handler.function;
    let help = format!("put all calls of `{name}` under the same settings, or give one of them a function of its own");
    let note = "an actor is one deployment and has one value for all calls";
    for one in calls {
        for setting in one.settings.iter().filter(|setting| decides(setting)) {
            for other in calls {
                let theirs = other.settings.iter().find(|their| is_same_field(their, setting));
                let field = &setting.target.path;
                let diagnostic = match theirs {
                    Some(theirs) if theirs.is_same(setting) => continue,
                    Some(theirs) => {
                        Diagnostic::error(other.call, format!("`{name}` is called with two values of `{field}`"))
                            .label(format!("here it is {}", theirs.value))
                            .related(one.call, format!("here it is {}", setting.value))
                    }
                    None => Diagnostic::error(
                        other.call,
                        format!("`{name}` is called inside and outside a block that sets `{field}`"),
                    )
                    .label("outside")
                    .related(one.call, format!("inside, where it is {}", setting.value)),
                };
                return Some(diagnostic.code(codes::SETTING_CONFLICT).note(note).help(help));
            }
        }
    }
    None
}

fn is_same_field(one: &Setting, other: &Setting) -> bool {
    one.target.path == other.target.path
}

/// Whether a setting limits the time of a call: the only kind whose meaning depends on how much
/// stands in the block.
fn is_time_limit(setting: &Setting) -> bool {
    matches!(setting.target.path.as_str(), "spec.resiliency.actorTimeout" | "spec.resiliency.timeout.actor")
}
