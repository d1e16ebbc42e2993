//! Calls that the flow waits for: what is called and why, what travels, and what it costs.

use super::call_sites::{CallSites, is_dropped};
use super::document::{Argument, Arguments, Called, CalledAs, ExplainedCall, Hops, Variable, Why};
use super::reads::next_reads;
use super::{Explainer, Routine};
use crate::flow::{BlockId, Call, Callee, Code, End, Handler, Piece};
use crate::names::JOIN_HANDLER;
use crate::program::Actor;
use crate::program::actors::Cast;
use crate::program::segments::{Label, Leave};
use crate::source::Span;
use crate::syntax::tree::{self, Expr, ExprKind, Stmt, StmtKind};

/// How the router leaves for a call.
#[derive(Default)]
struct Leaving {
    then: Option<Label>,
    followed_by: Option<String>,
}

impl Explainer<'_> {
    /// The call at the end of `block`.
    pub(super) fn call(&self, routine: &Routine<'_>, block: BlockId, call: &Call) -> ExplainedCall {
        let (statement, expr) = self.call_in_tree(call.span);
        let sites = expr.map(|expr| CallSites::of(expr, statement)).unwrap_or_default();
        let leaving = self.leaving(routine, call);
        let is_parallel = matches!(call.callee, Callee::All { .. });
        let mut calls = match &call.callee {
            Callee::Payload { handler, payload } => {
                let mut called = self.actor(handler);
                called.why = sites.calls.first().map(|(one, why)| self.why(handler, one, *why));
                called.arguments = Some(Arguments::Payload { variable: payload.clone() });
                vec![called]
            }
            Callee::One(code) | Callee::All { calls: code, .. } => self.called(code, &sites),
        };
        if is_parallel && calls.is_empty() {
            let is_group = matches!(statement.map(|stmt| &stmt.kind), Some(StmtKind::With { .. }));
            calls = self.collected(routine, call, if is_group { Why::Task } else { Why::Gathered });
        }
        let hops = hops(call, sites.count, &leaving);
        let file = self.source.name();
        ExplainedCall {
            calls,
            is_parallel,
            group_size: sites.count.filter(|_| is_parallel),
            join: is_parallel.then(|| Called::join(self.cast)),
            result: self.result(call, statement, expr),
            is_result_dropped: is_dropped(statement, expr),
            places: self.places.of_call(file, call.span),
            goes_on: leaving.then.map(|label| self.places.segment(routine.key, &label)),
            followed_by: leaving.followed_by,
            hops,
            carries: self.carries(routine, block, call),
            caught: self.catchers(routine, block, call.span),
        }
    }

    fn actor(&self, handler: &Handler) -> Called {
        let name = self.cast.name(handler);
        match self.cast.actors.iter().find(|actor| actor.name == *name) {
            Some(actor) => Called::handler(actor),
            None => Called {
                r#as: CalledAs::Actor,
                name: name.to_string(),
                handler: handler.dotted(),
                is_wrapped: false,
                why: None,
                arguments: None,
            },
        }
    }

    /// The calls that wait in a piece of code, with what the source says about each.
    fn called(&self, code: &Code, sites: &CallSites<'_>) -> Vec<Called> {
        let pieces: Vec<&Piece> =
            code.pieces.iter().filter(|piece| matches!(piece, Piece::Actor(_) | Piece::Helper(_))).collect();
        // Only then is it certain which is which.
        let is_aligned = pieces.len() == sites.calls.len();
        let mut found = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            let element = sites.calls.get(number).filter(|_| is_aligned);
            let mut called = match piece {
                Piece::Actor(handler) => {
                    let mut called = self.actor(handler);
                    called.why = element.map(|(call, why)| self.why(handler, call, *why));
                    called.arguments = element.and_then(|(call, _)| self.arguments(call));
                    called
                }
                Piece::Helper(key) => self.part(key),
                Piece::Source(_) | Piece::Text(_) => continue,
            };
            if called.r#as == CalledAs::Part {
                called.arguments = element.and_then(|(call, _)| match self.arguments(call)? {
                    Arguments::Value { text } => {
                        Some(Arguments::Parameters { arguments: vec![Argument { keyword: None, text }] })
                    }
                    Arguments::Values { arguments } => Some(Arguments::Parameters { arguments }),
                    other => Some(other),
                });
            }
            found.push(called);
        }
        found
    }

    fn part(&self, key: &str) -> Called {
        let name = self.routines.iter().find(|routine| routine.key == Some(key)).map_or(key, |routine| routine.name);
        Called {
            r#as: CalledAs::Part,
            name: name.to_owned(),
            handler: key.to_owned(),
            is_wrapped: false,
            why: Some(Why::Marked),
            arguments: None,
        }
    }

    /// The calls that were put into the variables a parallel call goes over.
    fn collected(&self, routine: &Routine<'_>, call: &Call, why: Why) -> Vec<Called> {
        let graph = routine.graph;
        let mut found: Vec<Called> = Vec::new();
        for block in graph.reachable() {
            for step in graph.blocks[block].all_steps() {
                let is_about = step
                    .effect
                    .reads
                    .iter()
                    .chain(step.effect.touches.iter())
                    .any(|name| call.effect.reads.contains(name));
                if !is_about {
                    continue;
                }
                for called in self.called(&step.code, &CallSites::default()) {
                    if !found.iter().any(|known| known.name == called.name) {
                        found.push(Called { why: called.why.or(Some(why)), ..called });
                    }
                }
            }
        }
        found
    }

    fn why(&self, handler: &Handler, call: &Expr, why: Option<Why>) -> Why {
        // Without `await`, a call of anything else is only made when it takes just the payload.
        let takes_values = matches!(self.arguments(call), Some(Arguments::Values { .. }));
        let is_of_project = takes_values || self.flow.files.contains_key(&handler.module);
        why.unwrap_or(if is_of_project { Why::OfProject } else { Why::TakesPayload })
    }

    fn arguments(&self, call: &Expr) -> Option<Arguments> {
        let ExprKind::Call { arguments, .. } = &call.kind else { return None };
        let is_plain = |argument: &tree::Argument| {
            argument.keyword.is_none()
                && !argument.is_double_starred
                && !matches!(argument.value.kind, ExprKind::Starred(_))
        };
        if let [only] = arguments.as_slice()
            && is_plain(only)
        {
            return Some(Arguments::Value { text: self.text(only.value.span) });
        }
        let arguments = arguments
            .iter()
            .map(|argument| Argument {
                keyword: argument.keyword.as_ref().map(|keyword| keyword.name.clone()),
                text: match argument.is_double_starred {
                    true => format!("**{}", self.text(argument.value.span)),
                    false => self.text(argument.value.span),
                },
            })
            .collect();
        Some(Arguments::Values { arguments })
    }

    /// Source text on one line.
    fn text(&self, span: Span) -> String {
        self.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn result(&self, call: &Call, statement: Option<&Stmt>, expr: Option<&Expr>) -> Option<String> {
        if let Callee::Payload { payload, .. } = &call.callee {
            return Some(payload.clone());
        }
        let whole = statement.and_then(|stmt| match &stmt.kind {
            StmtKind::Assign { targets, value } => Some((targets.as_slice(), value)),
            StmtKind::AnnAssign { target, value: Some(value), .. } => Some((std::slice::from_ref(target), value)),
            _ => None,
        });
        match whole {
            Some((targets, value)) if expr.is_some_and(|expr| expr.span == value.span) => {
                let texts: Vec<String> = targets.iter().map(|target| self.text(target.span)).collect();
                Some(texts.join(" = "))
            }
            _ => call.result.clone().filter(|name| !self.is_made(name)),
        }
    }

    /// Whether a name is the compiler's: those hide no word of the source.
    fn is_made(&self, name: &str) -> bool {
        !self.source.text().split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
    }

    fn carries(&self, routine: &Routine<'_>, block: BlockId, call: &Call) -> Vec<Variable> {
        let sure = call.keeps.iter().map(|name| (name, false));
        let perhaps = call.keeps_perhaps.iter().map(|name| (name, true));
        let mut all: Vec<Variable> = sure
            .chain(perhaps)
            .map(|(name, is_perhaps_unbound)| Variable {
                name: name.clone(),
                is_payload: routine.key.is_none() && *name == self.flow.payload,
                is_made: self.is_made(name),
                is_perhaps_unbound,
                read_in: next_reads(routine.graph, self.source, block, call, name),
            })
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn leaving(&self, routine: &Routine<'_>, call: &Call) -> Leaving {
        for segment in &routine.segments.all {
            for leave in segment.body.leaves() {
                match leave {
                    Leave::Send(exit) => {
                        let mut calls = exit.calls(routine.graph).skip_while(|one| one.span != call.span);
                        if calls.next().is_none() {
                            continue;
                        }
                        let Some(next) = calls.next() else {
                            return Leaving { then: exit.then.clone(), followed_by: None };
                        };
                        let next = next.handlers().first().map(|handler| self.cast.name(handler).to_string());
                        return Leaving { then: None, followed_by: next };
                    }
                    Leave::Wait(block, then) if is_call(routine, *block, call) => {
                        return Leaving { then: Some(then.clone()), followed_by: None };
                    }
                    _ => {}
                }
            }
        }
        Leaving::default()
    }
}

/// How many messages a call is, of which the source tells the number of parallel calls.
fn hops(call: &Call, count: Option<usize>, leaving: &Leaving) -> Hops {
    match &call.callee {
        Callee::All { .. } => match count {
            // To each actor and on to the join, the same for the flow's own message, and back.
            Some(count) => Hops { fixed: 2 + 2 * count, per_call: 0 },
            None => Hops { fixed: 2, per_call: 2 },
        },
        Callee::One(code) if code.handlers().next().is_none() => Hops { fixed: 0, per_call: 0 },
        _ => Hops { fixed: 1 + usize::from(leaving.then.is_some()), per_call: 0 },
    }
}

fn is_call(routine: &Routine<'_>, block: BlockId, call: &Call) -> bool {
    matches!(&routine.graph.blocks[block].end, End::Call { call: other, .. } if other.span == call.span)
}

impl Called {
    pub(super) fn handler(actor: &Actor) -> Self {
        Self {
            r#as: CalledAs::Actor,
            name: actor.name.to_string(),
            handler: actor.handler.clone(),
            is_wrapped: actor.is_wrapped,
            why: None,
            arguments: None,
        }
    }

    /// The actor where parallel calls come together.
    fn join(cast: &Cast) -> Self {
        Self {
            r#as: CalledAs::Join,
            name: cast.join.to_string(),
            handler: JOIN_HANDLER.to_owned(),
            is_wrapped: false,
            why: None,
            arguments: None,
        }
    }
}
