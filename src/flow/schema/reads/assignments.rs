//! Assignments: what variables stand for, and what of the payload is written.

use std::collections::BTreeSet;

use super::Walker;
use super::chains::Chain;
use super::expressions::Use;
use super::helpers::Answer;
use crate::flow::effects::target_names;
use crate::flow::schema::paths::{Need, Path, ROOT};
use crate::flow::schema::string;
use crate::syntax::tree::{Expr, ExprKind, Stmt};

impl<'a> Walker<'_, 'a, '_> {
    pub(super) fn assignment(&mut self, stmt: &Stmt, targets: &'a [Expr], value: &Expr) {
        if let [target] = targets
            && let Some(name) = target.as_name()
        {
            return self.set(stmt, name, value);
        }
        self.whole(stmt, value, Use::Kept);
        targets.iter().for_each(|target| self.write(target));
    }

    /// `name = value`: when the value is a place, the name stands for it.
    fn set(&mut self, stmt: &Stmt, name: &str, value: &Expr) {
        let before = std::mem::replace(&mut self.is_awaited, self.calls.contains(&stmt.span));
        let place = match self.chain(value, true) {
            Chain::Place { path, from_caller } => Some((path, from_caller)),
            Chain::Done => None,
            Chain::Other => match self.helper(value, true) {
                Some(Answer::Place(path, from_caller)) => Some((path, from_caller)),
                Some(_) => None,
                None => {
                    let is_payload = self.place(name).is_some_and(|(path, _)| path == ROOT);
                    self.read(value, true, if is_payload { Use::Copied } else { Use::Kept });
                    None
                }
            },
        };
        self.is_awaited = before;
        match place {
            Some(place) if self.place(name) == Some(place) => {}
            Some((path, from_caller)) => {
                self.unbind(name);
                self.alias(name, path, from_caller);
            }
            None => self.unbind(name),
        }
    }

    pub(super) fn augmented(&mut self, target: &Expr, value: &Expr) {
        if let Some(name) = target.as_name() {
            return match self.place(name) {
                Some((path, from_caller)) => {
                    self.update(path, std::slice::from_ref(value), from_caller);
                    // What is no container gets another value.
                    if path != ROOT {
                        self.open(path);
                        self.unbind(name);
                    }
                }
                None => self.read(value, true, Use::Kept),
            };
        }
        match self.chain(target, true) {
            Chain::Place { path, from_caller } => {
                self.read(value, true, Use::Kept);
                self.written(path, from_caller);
            }
            _ => self.read(value, true, Use::Kept),
        }
        self.write_unfollowed(target);
    }

    /// `target = …`, whose right-hand side was read already.
    pub(super) fn write(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.unbind(name),
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.write(item)),
            ExprKind::Starred(value) => self.write(value),
            ExprKind::Subscript { value, index } => match (self.chain(value, true), string(index)) {
                (Chain::Place { path, from_caller }, Some(key)) => {
                    self.need(path, Need::Object, true);
                    let child = self.paths.child(path, key);
                    self.written(child, from_caller);
                }
                (Chain::Place { path, .. }, None) => {
                    self.read(index, true, Use::Kept);
                    self.open(path);
                }
                (Chain::Done, _) => self.read(index, true, Use::Kept),
                (Chain::Other, _) => {
                    self.read(value, true, Use::Kept);
                    self.read(index, true, Use::Kept);
                }
            },
            _ => {}
        }
    }

    /// `p[x] += 1` with an `x` that is no literal may write anything in `p`.
    fn write_unfollowed(&mut self, target: &Expr) {
        if let ExprKind::Subscript { value, index } = &target.kind
            && string(index).is_none()
            && let Some(path) = self.peek(value)
        {
            self.open(path);
        }
    }

    /// The place of `p["a"]["b"]`, without reading it.
    pub(super) fn peek(&mut self, expr: &Expr) -> Option<Path> {
        match &expr.kind {
            ExprKind::Name(name) => self.place(name).map(|(path, _)| path),
            ExprKind::Subscript { value, index } => {
                let parent = self.peek(value)?;
                Some(self.paths.child(parent, string(index)?))
            }
            _ => None,
        }
    }

    pub(super) fn delete(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.unbind(name),
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.delete(item)),
            _ => {
                if let Chain::Place { path, from_caller } = self.chain(target, true)
                    && path != ROOT
                {
                    self.written(path, from_caller);
                }
                self.write_unfollowed(target);
            }
        }
    }

    /// The place a variable stands for.
    pub(super) fn place(&self, name: &str) -> Option<(Path, bool)> {
        self.state.as_ref()?.aliases.get(name).copied()
    }

    pub(super) fn alias(&mut self, name: &str, path: Path, from_caller: bool) {
        self.traces.iter_mut().for_each(|trace| {
            trace.aliased.push(path);
            trace.bound.push(name.to_owned());
        });
        if let Some(state) = &mut self.state {
            state.aliases.insert(name.to_owned(), (path, from_caller));
        }
    }

    /// A variable gets a value that is no place. When it is the payload, that is no longer the
    /// caller's.
    pub(super) fn unbind(&mut self, name: &str) {
        if self.helper_calls.is_empty() && name == self.payload {
            return self.end();
        }
        self.traces.iter_mut().for_each(|trace| trace.bound.push(name.to_owned()));
        if let Some(state) = &mut self.state {
            state.aliases.remove(name);
        }
    }
}

/// The names a target binds.
pub(super) fn bound_names(target: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    target_names(target, &mut names);
    names
}
