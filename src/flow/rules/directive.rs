//! Comments `# asya: <word>`: what they say and which call or definition they are about.

use std::collections::BTreeSet;

use super::model::Behaviour;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::python;
use crate::flow::scope::{Binding, Scope, is_standard};
use crate::names::{listed, near_matches};
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, Function, Module, Stmt, StmtKind};
use crate::syntax::{blocks, children, expressions};

/// A comment that says what becomes of a call or of a function.
#[derive(Debug, Clone, Copy)]
pub(in crate::flow) struct Directive {
    /// What it says.
    pub(super) behaviour: Behaviour,
    /// The comment.
    pub(super) span: Span,
}

/// The word of a directive comment: `flow` in `# noqa  # asya: flow`. Words in other comments and
/// in strings are none.
pub(in crate::flow) fn word(comment: &str) -> Option<&str> {
    let text = comment.split('#').find_map(|part| part.trim_start().strip_prefix("asya:"))?;
    Some(text.split_whitespace().next().unwrap_or_default())
}

/// The directive on one of the lines of a function's signature or decorators.
pub(super) fn of_definition(function: &Function, comments: &[Span], source: &Source) -> Option<Directive> {
    let (first, last) = signature_lines(function, source);
    let (start, end) = (source.line_span(first).start, source.line_span(last).end);
    let before = comments.partition_point(|comment| comment.start < start);
    comments[before..].iter().take_while(|comment| comment.start <= end).find_map(|comment| {
        let behaviour = Behaviour::of_word(word(source.slice(*comment))?)?;
        (behaviour != Behaviour::Config).then_some(Directive { behaviour, span: *comment })
    })
}

fn signature_lines(function: &Function, source: &Source) -> (usize, usize) {
    let first = function.decorators.first().map_or(function.name.span, |decorator| decorator.span);
    (source.line_of(first.start), source.line_of(function.signature.end))
}

/// Every directive of the file on a call, with that call's span.
pub(super) fn of_calls(
    module: &Module,
    source: &Source,
    scope: &Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(Span, Directive)> {
    let mut found = Vec::new();
    for comment in &module.comments {
        let Some(word) = word(source.slice(*comment)) else { continue };
        let Some(behaviour) = Behaviour::of_word(word) else {
            diagnostics.push(unknown(word, *comment));
            continue;
        };
        let directive = Directive { behaviour, span: *comment };
        let line = source.line_of(comment.start);
        let finder = Finder { source, scope, line, span: source.line_span(line) };
        match finder.place(&module.body, &BTreeSet::new()) {
            Place::Definition if behaviour == Behaviour::Config => diagnostics.push(config(*comment)),
            Place::Definition => {}
            Place::With if behaviour == Behaviour::Config => {}
            Place::Calls(calls) if behaviour == Behaviour::Config && !calls.is_empty() => {
                diagnostics.push(config(*comment));
            }
            Place::Calls(calls) if !calls.is_empty() => {
                found.extend(calls.into_iter().map(|call| (call, directive)));
            }
            Place::Ambiguous => diagnostics.push(
                misplaced(*comment, "several statements with calls share this line")
                    .help("give every statement a line of its own"),
            ),
            _ => {
                let words = source.slice(source.line_span(line)).trim_start();
                let diagnostic = if words.starts_with('#') {
                    misplaced(*comment, "there is no call or definition on its line")
                        .help("write it behind the call or behind the colon of the `def` line")
                } else {
                    misplaced(*comment, "there is no call on this line that it could be about")
                        .help("write it on a line of the call")
                };
                diagnostics.push(diagnostic);
            }
        }
    }
    contradictions(&mut found, diagnostics);
    found
}

fn contradictions(found: &mut Vec<(Span, Directive)>, diagnostics: &mut Vec<Diagnostic>) {
    found.sort_by_key(|(call, directive)| (*call, directive.span));
    found.dedup_by(|second, first| {
        let is_same_call = first.0 == second.0;
        if is_same_call && first.1.behaviour != second.1.behaviour {
            diagnostics.push(
                misplaced(second.1.span, "another one on the same call says something else")
                    .related(first.1.span, "here")
                    .help("keep one of the two"),
            );
        }
        is_same_call
    });
}

fn misplaced(comment: Span, why: &str) -> Diagnostic {
    Diagnostic::error(comment, "this directive cannot be followed").code(codes::DIRECTIVE).note(why)
}

fn unknown(word: &str, comment: Span) -> Diagnostic {
    let words: Vec<&str> = Behaviour::ALL.iter().map(|(word, _)| *word).collect();
    let diagnostic = Diagnostic::error(comment, format!("the directive `{}` is unknown", word.escape_debug()))
        .code(codes::DIRECTIVE)
        .note(format!("there are {}", listed(&words)));
    match near_matches(word, words.iter().copied()).first() {
        Some(near) => diagnostic.help(format!("did you mean `# asya: {near}`?")),
        None => diagnostic,
    }
}

fn config(comment: Span) -> Diagnostic {
    Diagnostic::error(comment, "`config` says nothing about a call or a function")
        .code(codes::DIRECTIVE)
        .note("decorators and `with` blocks become settings of actors by rules, which say what goes where")
        .help("write a rule for the decorator or the block into `.asya/config.compiler.rules.yaml`")
}

/// What a directive stands on.
enum Place {
    Nothing,
    Definition,
    With,
    Calls(Vec<Span>),
    Ambiguous,
}

/// Finds what stands on one line.
struct Finder<'f, 'a> {
    source: &'f Source,
    scope: &'f Scope<'a>,
    line: usize,
    /// Of the line.
    span: Span,
}

impl Finder<'_, '_> {
    fn holds(&self, span: Span) -> bool {
        span.start <= self.span.end && self.reaches(span)
    }

    /// Whether something ends on the line or behind it.
    fn reaches(&self, span: Span) -> bool {
        span.end.saturating_sub(1).max(span.start) >= self.span.start
    }

    /// `objects` are the names that stand for objects of the function around.
    fn place<'t>(&self, body: &'t [Stmt], objects: &BTreeSet<&'t str>) -> Place {
        let mut place = Place::Nothing;
        let before = body.partition_point(|stmt| !self.reaches(stmt.span));
        for stmt in body[before..].iter().take_while(|stmt| self.holds(stmt.span)) {
            let here = self.statement(stmt, objects);
            place = match (place, here) {
                (Place::Calls(first), Place::Calls(second)) if !first.is_empty() && !second.is_empty() => {
                    return Place::Ambiguous;
                }
                (Place::Calls(first), Place::Calls(_)) if !first.is_empty() => Place::Calls(first),
                (before, Place::Nothing) => before,
                (_, here) => here,
            };
        }
        place
    }

    fn statement<'t>(&self, stmt: &'t Stmt, objects: &BTreeSet<&'t str>) -> Place {
        let own;
        let objects = match &stmt.kind {
            StmtKind::Function(function) => {
                let (first, last) = signature_lines(function, self.source);
                if (first..=last).contains(&self.line) {
                    return Place::Definition;
                }
                own = objects_of(&function.body);
                &own
            }
            _ => objects,
        };
        for block in blocks(stmt) {
            match self.place(block, objects) {
                Place::Nothing => {}
                found => return found,
            }
        }
        if matches!(stmt.kind, StmtKind::With { .. }) {
            return Place::With;
        }
        let is_compound = !blocks(stmt).is_empty();
        let mut calls = Calls { scope: self.scope, objects, users: Vec::new(), others: Vec::new() };
        for expr in expressions(stmt) {
            if !is_compound || self.holds(expr.span) {
                calls.visit(expr);
            }
        }
        if calls.users.is_empty() {
            calls.others.truncate(1);
            Place::Calls(calls.others)
        } else {
            Place::Calls(calls.users)
        }
    }
}

/// Names bound to `C()`: objects whose methods may be actors.
fn objects_of(body: &[Stmt]) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for stmt in body {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && let ExprKind::Call { arguments, .. } = &value.kind
            && arguments.is_empty()
        {
            names.extend(targets.iter().filter_map(Expr::as_name));
        }
        for block in blocks(stmt) {
            names.extend(objects_of(block));
        }
    }
    names
}

/// The outermost calls of a statement: those of people's own code, and the rest.
struct Calls<'c, 'a> {
    scope: &'c Scope<'a>,
    objects: &'c BTreeSet<&'c str>,
    users: Vec<Span>,
    others: Vec<Span>,
}

impl Calls<'_, '_> {
    fn visit(&mut self, expr: &Expr) {
        if let ExprKind::Call { callee, .. } = &expr.kind {
            if self.is_users(callee) {
                self.users.push(expr.span);
                return;
            }
            self.others.push(expr.span);
        }
        for child in children(expr) {
            self.visit(child);
        }
    }

    fn is_users(&self, callee: &Expr) -> bool {
        if let ExprKind::Attribute { value, .. } = &callee.kind
            && let ExprKind::Call { callee: class, arguments } = &value.kind
        {
            return arguments.is_empty() && self.is_users(class);
        }
        let Some(parts) = callee.dotted() else { return false };
        if self.objects.contains(parts[0]) {
            return parts.len() == 2;
        }
        match self.scope.get(parts[0]).map(|bound| bound.binding) {
            Some(Binding::Module(module) | Binding::Member { module, .. }) => !is_standard(module),
            Some(Binding::Function(_) | Binding::Class(_) | Binding::Unclear) => true,
            Some(Binding::Constant(_)) => false,
            None => parts.len() == 1 && !python::is_builtin(parts[0]),
        }
    }
}
