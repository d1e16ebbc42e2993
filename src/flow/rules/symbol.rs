//! Fully-qualified names, and literals behind names, without importing anything.

use std::collections::BTreeSet;

use serde_json::{Number, Value};

use super::signature;
use crate::flow::python;
use crate::flow::scope::{Binding, Scope};
use crate::syntax::tree::{Argument, Expr, ExprKind, Literal};

/// How many constants may stand for each other.
const MOST_STEPS: usize = 10;

/// What names mean in one function of one file.
pub(in crate::flow) struct Names<'a, 's> {
    /// The names of the module.
    pub(in crate::flow) scope: &'s Scope<'a>,
    /// Its dotted name.
    pub(in crate::flow) module: &'s str,
    /// Names bound in the function, which hide those of the module; `None` outside a function.
    pub(in crate::flow) locals: Option<&'s BTreeSet<String>>,
}

/// A symbol with the arguments it is called with; none when it is only named.
pub(super) struct Invocation<'e> {
    pub(super) symbol: String,
    pub(super) arguments: &'e [Argument],
    pub(super) expr: &'e Expr,
}

impl<'a> Names<'a, '_> {
    fn is_local(&self, name: &str) -> bool {
        self.locals.is_some_and(|locals| locals.contains(name))
    }

    /// `asyncio.timeout` for `timeout` after `from asyncio import timeout`; `None` for what is no
    /// name of the module and no builtin.
    pub(in crate::flow) fn symbol(&self, expr: &Expr) -> Option<String> {
        let parts = expr.dotted()?;
        let (root, path) = (parts[0], &parts[1..]);
        if self.is_local(root) {
            return None;
        }
        let mut symbol = match self.scope.get(root).map(|bound| bound.binding) {
            Some(Binding::Module(module)) => module.to_owned(),
            Some(Binding::Member { module, member }) => format!("{module}.{member}"),
            Some(Binding::Function(_) | Binding::Class(_)) => format!("{}.{root}", self.module),
            Some(Binding::Constant(_) | Binding::Unclear) => return None,
            None if python::is_builtin(root) => root.to_owned(),
            // `from tenacity import *`: what it brings is known of a few modules.
            None => {
                let mut stars = self.scope.star_modules().iter().rev().map(|module| format!("{module}.{root}"));
                stars.find(|symbol| signature::parameters(symbol).is_some())?
            }
        };
        for part in path {
            symbol.push('.');
            symbol.push_str(part);
        }
        Some(symbol)
    }

    /// What a name of the module stands for: `STOP` after `STOP = stop_after_attempt(3)`.
    pub(super) fn resolved<'e>(&self, expr: &'e Expr) -> &'e Expr
    where
        'a: 'e,
    {
        let mut at = expr;
        for _ in 0..MOST_STEPS {
            match at.as_name().filter(|name| !self.is_local(name)).and_then(|name| self.scope.constant(name)) {
                Some(value) => at = value,
                None => break,
            }
        }
        at
    }

    /// The symbol that is called or named, also behind a constant.
    pub(super) fn invocation<'e>(&self, expr: &'e Expr) -> Option<Invocation<'e>>
    where
        'a: 'e,
    {
        let expr = self.resolved(expr);
        let (callee, arguments): (&Expr, &[Argument]) = match &expr.kind {
            ExprKind::Call { callee, arguments } => (callee, arguments),
            _ => (expr, &[]),
        };
        Some(Invocation { symbol: self.symbol(callee)?, arguments, expr })
    }

    /// The value of a literal, or why there is none.
    pub(super) fn literal(&self, expr: &Expr) -> Result<Value, String> {
        self.literal_after(expr, 0)
    }

    fn literal_after(&self, expr: &Expr, steps: usize) -> Result<Value, String> {
        match &expr.kind {
            ExprKind::Literal(literal) => value(literal),
            ExprKind::Sequence { items, .. } => items.iter().map(|item| self.literal_after(item, steps)).collect(),
            ExprKind::Name(name) if self.is_local(name) => Err(format!("`{name}` is a variable of the function")),
            ExprKind::Name(name) => match self.scope.get(name).map(|bound| bound.binding) {
                Some(Binding::Constant(_)) if steps < MOST_STEPS => match self.scope.constant(name) {
                    Some(constant) => self
                        .literal_after(constant, steps + 1)
                        .map_err(|why| if steps == 0 { format!("`{name}`: {why}") } else { why }),
                    None => Err(format!("`{name}` is not certain")),
                },
                Some(Binding::Member { module, .. }) => {
                    Err(format!("`{name}` comes from `{module}`, and constants are read from this file only"))
                }
                Some(Binding::Unclear) => Err(format!("`{name}` is bound more than once or under a condition")),
                Some(_) => Err(format!("`{name}` is not a constant")),
                None if python::is_builtin(name) => Ok(Value::String(name.clone())),
                None => Err(format!("`{name}` is defined nowhere")),
            },
            ExprKind::Call { .. } => Err("it is the result of a call".to_owned()),
            _ => Err("it is computed when the code runs".to_owned()),
        }
    }
}

fn value(literal: &Literal) -> Result<Value, String> {
    match literal {
        Literal::None => Err("it is `None`".to_owned()),
        Literal::Bool(value) => Ok(Value::Bool(*value)),
        Literal::Int(Some(value)) => Ok(Value::from(*value)),
        Literal::Int(None) => Err("the number is too large".to_owned()),
        Literal::Float(value) => {
            Number::from_f64(*value).map(Value::Number).ok_or("the number is not finite".to_owned())
        }
        Literal::Str(text) => Ok(Value::String(text.clone())),
        Literal::Complex | Literal::Bytes | Literal::Ellipsis => Err("it is no number, text or truth value".to_owned()),
    }
}
