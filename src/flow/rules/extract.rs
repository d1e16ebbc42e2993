//! Settings out of a decorator or a `with` block: the nodes of a rule, walked along the code.

use serde_json::Value;

use super::model::{Node, Param, Rule, Setting, Target};
use super::signature;
use super::symbol::{Invocation, Names};
use crate::source::{Source, Span};
use crate::syntax::tree::{Argument, Expr, ExprKind};

/// What a rule found.
#[derive(Debug, Default)]
pub(super) struct Extraction {
    /// Values with their fields; a later one replaces an earlier one.
    pub(super) settings: Vec<Setting>,
    /// What was there and cannot be used.
    pub(super) misses: Vec<Miss>,
}

/// A part of the code that should have become a setting.
#[derive(Debug)]
pub(super) struct Miss {
    /// Where.
    pub(super) span: Span,
    /// Why it did not.
    pub(super) why: String,
    /// What to do about it.
    pub(super) help: String,
}

/// Walks the nodes of one rule.
pub(super) struct Reader<'r, 'a, 's> {
    pub(super) rule: &'r Rule,
    pub(super) source: &'r Source,
    pub(super) names: &'r Names<'a, 's>,
    /// Parameter names of functions whose source is at hand.
    pub(super) parameters: &'r dyn Fn(&str) -> Option<Vec<String>>,
    pub(super) found: Extraction,
}

impl Reader<'_, '_, '_> {
    /// Reads what is called; the rule is known to fit it.
    pub(super) fn read(mut self, invocation: &Invocation<'_>) -> Extraction {
        if self.rule.nodes.is_empty() {
            return self.found;
        }
        self.apply(&self.rule.nodes, invocation);
        if self.found.settings.is_empty() && self.found.misses.is_empty() {
            let why = format!("nothing in it becomes a setting by the rule for `{}`", self.rule.symbol);
            self.miss(invocation.expr.span, why, self.other_rule());
        }
        self.found
    }

    /// Whether any node fits the call; what no node reads is a miss.
    fn apply(&mut self, nodes: &[Node], call: &Invocation<'_>) -> bool {
        let mut read = vec![false; call.arguments.len()];
        if !self.walk(nodes, call, &mut read) {
            return false;
        }
        for (argument, _) in call.arguments.iter().zip(&read).filter(|(_, read)| !**read) {
            let start = argument.keyword.as_ref().map_or(argument.value.span.start, |name| name.span.start);
            let (why, help) = self.unread(argument, call);
            self.miss(Span::new(start, argument.value.span.end), why, help);
        }
        true
    }

    fn unread(&self, argument: &Argument, call: &Invocation<'_>) -> (String, String) {
        let by_name = "write every argument as `name=value`".to_owned();
        if argument.is_double_starred || matches!(argument.value.kind, ExprKind::Starred(_)) {
            return ("what it holds is known only when the code runs".to_owned(), by_name);
        }
        let symbol = &call.symbol;
        match (&argument.keyword, self.parameters(symbol)) {
            (None, None) => (format!("the parameters of `{symbol}` are not known here"), by_name),
            (None, Some(names)) if names.is_empty() => {
                (format!("`{symbol}` takes its arguments by name only"), by_name)
            }
            _ => (format!("the rule for `{}` does not say what becomes of it", self.rule.symbol), self.other_rule()),
        }
    }

    fn other_rule(&self) -> String {
        format!("write a rule of your own for `{}` that says it (docs/rules.md)", self.rule.symbol)
    }

    fn walk(&mut self, nodes: &[Node], call: &Invocation<'_>, read: &mut [bool]) -> bool {
        let mut fits = false;
        for node in nodes {
            if node.callee.as_deref().is_some_and(|wanted| !is_called(wanted, &call.symbol)) {
                continue;
            }
            fits = true;
            match &node.param {
                Some(param) => {
                    if let Some(at) = self.argument(param, call) {
                        read[at] = true;
                        self.value(node, param, &call.arguments[at].value);
                    }
                }
                None => {
                    if let (Some(target), Some(value)) = (&node.target, &node.value) {
                        self.set(target, value.clone(), call.expr.span);
                    }
                    self.walk(&node.nodes, call, read);
                }
            }
        }
        fits
    }

    /// The place of the wanted argument among those of the call. Positions behind a `*` are unknown.
    fn argument(&self, param: &Param, call: &Invocation<'_>) -> Option<usize> {
        let by_position = || self.parameters(&call.symbol)?.get(param.index?).cloned();
        if let Some(name) = param.name.clone().or_else(by_position) {
            let named = |argument: &Argument| argument.keyword.as_ref().is_some_and(|keyword| keyword.name == name);
            if let Some(at) = call.arguments.iter().position(named) {
                return Some(at);
            }
        }
        let index = param.index.or_else(|| {
            let names = self.parameters(&call.symbol)?;
            names.iter().position(|known| Some(known) == param.name.as_ref())
        })?;
        let positional = call.arguments.iter().take_while(|argument| {
            let is_positional = argument.keyword.is_none() && !argument.is_double_starred;
            is_positional && !matches!(argument.value.kind, ExprKind::Starred(_))
        });
        (index < positional.count()).then_some(index)
    }

    fn parameters(&self, symbol: &str) -> Option<Vec<String>> {
        signature::parameters(symbol).or_else(|| (self.parameters)(symbol))
    }

    fn value(&mut self, node: &Node, param: &Param, expr: &Expr) {
        for part in self.parts(expr, &node.flatten_on) {
            if let Some(target) = &node.target {
                match self.literal(node, param, part) {
                    Ok(value) => self.set(target, value, part.span),
                    Err(why) => {
                        let help = "write a literal here, or set the field in a template or an overlay".to_owned();
                        self.miss(part.span, why, help);
                    }
                }
            }
            if node.nodes.is_empty() {
                continue;
            }
            let fits = match self.names.invocation(part) {
                Some(call) => self.apply(&node.nodes, &call),
                None => false,
            };
            if !fits && node.target.is_none() {
                let why = match self.names.invocation(part) {
                    Some(call) => format!("the rule for `{}` has nothing for `{}`", self.rule.symbol, call.symbol),
                    None => "it is nothing that the rule could look into".to_owned(),
                };
                self.miss(part.span, why, self.other_rule());
            }
        }
    }

    fn literal(&self, node: &Node, param: &Param, part: &Expr) -> Result<Value, String> {
        let value = self.names.literal(part)?;
        if let Some(kind) = param.kind
            && !kind.takes(&value)
        {
            return Err(format!("it is {value}, and the rule wants `{}`", kind.word()));
        }
        Ok(node.value.clone().unwrap_or(value))
    }

    /// `a | b | c` as three, where the rule takes it apart at `|`.
    fn parts<'e>(&self, expr: &'e Expr, operators: &[String]) -> Vec<&'e Expr>
    where
        Self: 'e,
    {
        let resolved = self.names.resolved(expr);
        match &resolved.kind {
            ExprKind::Operation(operands) => match operands.as_slice() {
                [left, right] if operators.iter().any(|wanted| wanted == operator(self.source, left, right)) => {
                    let mut parts = self.parts(left, operators);
                    parts.extend(self.parts(right, operators));
                    parts
                }
                _ => vec![expr],
            },
            _ => vec![expr],
        }
    }

    fn set(&mut self, target: &Target, value: Value, span: Span) {
        self.found.settings.retain(|known| known.target.path != target.path);
        self.found.settings.push(Setting { target: target.clone(), value, span, elsewhere: None });
    }

    fn miss(&mut self, span: Span, why: String, help: String) {
        self.found.misses.push(Miss { span, why, help });
    }
}

/// Whether a discriminator names the symbol: in full, or its last part.
fn is_called(wanted: &str, symbol: &str) -> bool {
    if wanted.contains('.') { wanted == symbol } else { symbol.rsplit('.').next() == Some(wanted) }
}

/// The operator between two operands: the tree does not keep it.
fn operator<'s>(source: &'s Source, left: &Expr, right: &Expr) -> &'s str {
    let mut rest = source.slice(Span::new(left.span.end, right.span.start));
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ')' || c == '\\');
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.split_once('\n').map_or("", |(_, next)| next),
            None => break,
        }
    }
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | '#' | '\\')).unwrap_or(rest.len());
    &rest[..end]
}
