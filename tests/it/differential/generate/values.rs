//! Values of a kind: made anew, or read from variables and the payload.

use super::super::tree::{Expr, ex, joined};
use super::actors::How;
use super::{Feature, Local, Writer};

/// What an expression should be; what the payload holds is not always of the kind it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Flag,
    List,
    Dict,
    Tuple,
    Any,
    /// Always `None`.
    Nothing,
}

impl Writer<'_> {
    /// A value that nothing else refers to, or that nobody can change.
    pub(super) fn fresh(&mut self, kind: Kind, depth: usize) -> Expr {
        match kind {
            Kind::Number => self.number(depth),
            Kind::Text => self.text(depth),
            Kind::Flag => self.flag(depth),
            Kind::List => self.list(depth),
            Kind::Dict => self.dict(depth),
            Kind::Tuple => {
                let (first, second) = (self.number(depth), self.text(depth));
                ex!("($, $)", first, second)
            }
            Kind::Nothing => Expr::plain("None"),
            Kind::Any => {
                let kind = self.kind();
                self.fresh(kind, depth)
            }
        }
    }

    /// An awaited call, now and then.
    fn nested(&mut self, kind: Kind) -> Option<Expr> {
        let percent = self.nest;
        if percent == 0 || !self.random.chance(percent) {
            return None;
        }
        // Arguments have fewer calls than what they are arguments of.
        let call = self.nesting(percent / 2, |writer| writer.call(kind, How::Inner, false))?;
        self.used.add(Feature::Nested);
        Some(ex!("($)", call))
    }

    /// A part that is not always evaluated.
    fn perhaps<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let percent = if self.has(Feature::ShortCircuit) { self.nest * 2 } else { 0 };
        if percent > 0 {
            self.used.add(Feature::ShortCircuit);
        }
        self.nesting(percent, write)
    }

    /// A variable to read.
    pub(super) fn local(&mut self, kind: Kind) -> Option<Local> {
        let has_unsure = self.has(Feature::Unbound) && self.random.chance(30);
        let fitting: Vec<Local> = self
            .function
            .locals
            .iter()
            .filter(|local| local.kind == kind && (local.is_sure || has_unsure))
            .cloned()
            .collect();
        if fitting.is_empty() || !self.random.chance(70) {
            return None;
        }
        let local = fitting[self.random.below(fitting.len())].clone();
        self.used.add(Feature::Locals);
        if !local.is_sure {
            self.used.add(Feature::Unbound);
        }
        Some(local)
    }

    /// A number, or what stands where one should be.
    pub(super) fn number(&mut self, depth: usize) -> Expr {
        if let Some(call) = self.nested(Kind::Number) {
            return call;
        }
        if let Some(local) = self.local(Kind::Number) {
            return Expr::plain(local.name);
        }
        if self.take(Feature::Modules, 8) {
            let of_module = ["shared.LIMIT", "shared.done", "shared.id", "SEVEN", "(0 + called(LIMIT))"];
            let more = ["(0 + shared.call(LIMIT))", "(0 + shared.down(2.2))", "(0 + shared.double(LIMIT))"];
            return Expr::plain(self.random.pick(&[&of_module[..], &more[..]].concat()));
        }
        let p = self.p();
        match self.random.below(if depth > 0 { 15 } else { 8 }) {
            0..=2 => Expr::plain(self.random.below(9).to_string()),
            3 | 4 => ex!("$.get(\"n\", 0)", p),
            5 => ex!("len($.get(\"l\", []))", p),
            6 => ex!("len($.get(\"log\", []))", p),
            7 => Expr::plain(self.random.pick(&["LIMIT", "BOTH", "down(2.7)", "-1"])),
            8..=10 => {
                let operator = self.random.pick(&["+", "-", "*", "%", "//"]);
                let (left, right) = (self.number(depth - 1), self.number(depth - 1));
                match operator {
                    "%" | "//" if self.random.chance(90) => ex!("($ $ (1 + abs($)))", left, operator, right),
                    "*" => ex!("($ * $ % 100)", left, right),
                    _ => ex!("($ $ $)", left, operator, right),
                }
            }
            11 => {
                let inner = self.number(depth - 1);
                ex!("(0 + double($))", inner)
            }
            12 => {
                let yes = self.perhaps(|writer| writer.number(depth - 1));
                let condition = self.flag(depth - 1);
                let no = self.perhaps(|writer| writer.number(depth - 1));
                ex!("($ if $ else $)", yes, condition, no)
            }
            13 => {
                let list = self.list(depth - 1);
                ex!("len($)", list)
            }
            _ => {
                let (list, other) = (self.list(depth - 1), self.number(depth - 1));
                ex!("[*$, $][0]", list, other)
            }
        }
    }

    pub(super) fn text(&mut self, depth: usize) -> Expr {
        if let Some(call) = self.nested(Kind::Text) {
            return call;
        }
        if let Some(local) = self.local(Kind::Text) {
            return Expr::plain(local.name);
        }
        if self.take(Feature::Modules, 8) {
            return Expr::plain(self.random.pick(&["shared.NAMES[1]", "NINE[2]"]));
        }
        let p = self.p();
        match self.random.below(if depth > 0 { 9 } else { 4 }) {
            0 | 1 => Expr::plain(self.random.pick(&["\"text\"", "'é\u{2028}'", "\"it's\"", "\"\"", "NAMES[1]"])),
            2 => ex!("str($.get(\"s\"))", p),
            3 => Expr::plain("paths.join(\"x\", TEXT)"),
            4 => {
                let inner = self.number(depth - 1);
                ex!("str($)", inner)
            }
            5 => {
                let list = self.list(depth - 1);
                ex!("json.dumps($)", list)
            }
            6 => {
                let (left, right) = (self.text(depth - 1), self.text(depth - 1));
                ex!("($ + $)", left, right)
            }
            _ if self.is_quoted => Expr::plain("\"quoted\""),
            _ => {
                self.is_quoted = true;
                let (number, text) = (self.number(depth - 1), self.text(depth - 1));
                self.is_quoted = false;
                ex!("f\"\"\"{$} and {$!r:>3}\"\"\"", number, text)
            }
        }
    }

    pub(super) fn flag(&mut self, depth: usize) -> Expr {
        if let Some(call) = self.nested(Kind::Flag) {
            return call;
        }
        if let Some(local) = self.local(Kind::Flag) {
            return Expr::plain(local.name);
        }
        if depth == 0 {
            return ex!("($)", self.condition());
        }
        match self.random.below(9) {
            0..=2 => ex!("($)", self.condition()),
            3 => {
                let inner = self.flag(depth - 1);
                ex!("(not $)", inner)
            }
            4 | 5 => {
                let operator = self.random.pick(&["and", "or"]);
                let left = self.flag(depth - 1);
                let right = self.perhaps(|writer| writer.flag(depth - 1));
                ex!("($ $ $)", left, operator, right)
            }
            6 => {
                let (left, right) = (self.number(depth - 1), self.number(depth - 1));
                ex!("($ $ $)", left, self.random.pick(&["<", ">=", "==", "!="]), right)
            }
            7 => {
                let (left, middle) = (self.number(depth - 1), self.number(depth - 1));
                let right = self.perhaps(|writer| writer.number(depth - 1));
                ex!("($ < $ <= $)", left, middle, right)
            }
            _ => {
                let (value, list) = (self.number(depth - 1), self.list(depth - 1));
                ex!("($ in $)", value, list)
            }
        }
    }

    /// A list of its own.
    pub(super) fn list(&mut self, depth: usize) -> Expr {
        if let Some(call) = self.nested(Kind::List) {
            return call;
        }
        if let Some(local) = self.local(Kind::List) {
            return Expr::plain(format!("list({})", local.name));
        }
        let p = self.p();
        match self.random.below(if depth > 0 { 8 } else { 4 }) {
            0 => Expr::plain(self.random.pick(&["[]", "[1, 2.5, None, True]", "[3, 1, 2]", "[[1], {\"a\": 2}]"])),
            1 => Expr::plain(format!("list({p}.get(\"l\", []))")),
            2 => ex!("[x for x in $.get(\"l\", []) if x]", p),
            3 => Expr::plain("list(NAMES)"),
            4 => {
                let parts = (0..self.random.below(3)).map(|_| self.fresh(Kind::Any, depth - 1)).collect();
                ex!("[$]", joined(parts))
            }
            5 => {
                let (list, value) = (self.list(depth - 1), self.number(depth - 1));
                ex!("[*$, $]", list, value)
            }
            6 => {
                let list = self.list(depth - 1);
                ex!("$[::-1]", list)
            }
            _ => {
                let (number, list) = (self.nesting(0, |writer| writer.number(0)), self.list(depth - 1));
                if self.take(Feature::Tuples, 50) {
                    ex!("[(x, $) for x in $]", number, list)
                } else {
                    ex!("[[x, $] for x in $]", number, list)
                }
            }
        }
    }

    /// A dict of its own.
    pub(super) fn dict(&mut self, depth: usize) -> Expr {
        if let Some(call) = self.nested(Kind::Dict) {
            return call;
        }
        if let Some(local) = self.local(Kind::Dict) {
            return Expr::plain(format!("dict({})", local.name));
        }
        let p = self.p();
        match self.random.below(if depth > 0 { 5 } else { 2 }) {
            0 => Expr::plain(self.random.pick(&["{}", "{\"x\": 1, \"y\": None}", "{\"ä\": [1]}"])),
            1 => Expr::plain(format!("dict({p}.get(\"d\", {{}}))")),
            2 => {
                let (key, value) = (self.text(depth - 1), self.fresh(Kind::Any, depth - 1));
                ex!("{$: $}", key, value)
            }
            3 => {
                let (dict, value) = (self.dict(depth - 1), self.fresh(Kind::Any, depth - 1));
                ex!("{**$, \"z\": $}", dict, value)
            }
            _ => {
                let list = self.list(depth - 1);
                ex!("{str(x): len(str(x)) for x in $}", list)
            }
        }
    }

    /// A condition of a statement.
    pub(super) fn test(&mut self) -> Expr {
        if self.features.is_empty() || self.random.chance(40) {
            return self.condition();
        }
        if self.function.is_async && self.take(Feature::Conditions, 60) {
            return self.nesting(35, |writer| writer.flag(2));
        }
        self.nesting(0, |writer| writer.flag(1))
    }

    /// The right side of an assignment, with calls in it where the flow may.
    pub(super) fn right_side(&mut self, kind: Kind) -> Expr {
        let percent = if self.has(Feature::Nested) { 30 } else { 0 };
        self.nesting(percent, |writer| writer.fresh(kind, 3))
    }

    /// A value whose evaluation cannot fail.
    pub(super) fn calm(&mut self, kind: Kind) -> Expr {
        let p = self.p();
        let sure = self.function.locals.iter().filter(|local| local.is_sure && local.kind == kind);
        let sure: Vec<String> = sure.map(|local| local.name.clone()).collect();
        if matches!(kind, Kind::Number | Kind::Text | Kind::Flag) && !sure.is_empty() && self.random.chance(60) {
            self.used.add(Feature::Locals);
            return Expr::plain(sure[self.random.below(sure.len())].clone());
        }
        match (kind, self.random.below(3)) {
            (Kind::Number, 0) => Expr::plain(format!("len({p})")),
            (Kind::Text, 0) => Expr::plain(format!("str({p}.get(\"n\"))")),
            (Kind::List, 0) => Expr::plain(format!("list({p})")),
            (Kind::Number, _) => Expr::plain(self.random.below(9).to_string()),
            (Kind::Text, _) => Expr::plain(self.random.pick(&["\"calm\"", "NAMES[0]", "'\"'"])),
            (Kind::Flag, _) => Expr::plain(format!("\"s\" in {p}")),
            (Kind::List, _) => Expr::plain("[1, \"two\", None]"),
            (Kind::Dict, _) => Expr::plain(format!("{{\"a\": len({p})}}")),
            (Kind::Tuple, _) => Expr::plain("(1, \"two\")"),
            (Kind::Nothing, _) => Expr::plain("None"),
            (Kind::Any, _) => Expr::plain(format!("{p}.get(\"a\")")),
        }
    }
}
