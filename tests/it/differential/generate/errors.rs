//! `try`, `raise`, and classes of errors.

use super::super::tree::{Body, Clause, Expr, Stmt, block, ex, line};
use super::{Feature, Place, Writer};

impl Writer<'_> {
    /// A class of errors to catch.
    fn caught(&mut self) -> String {
        if self.random.chance(35) && self.has(Feature::ImportedErrors) {
            self.used.add(Feature::ImportedErrors);
            return self
                .random
                .pick(&["Refused", "handlers.Refused", "Worse", "Coded", "handlers.Quiet", "Quiet"])
                .to_owned();
        }
        if self.take(Feature::OwnErrors, 20) {
            return self.random.pick(&["Halt", "Spoiled", "Numbered"]).to_owned();
        }
        if self.take(Feature::ErrorAliases, 15) {
            return self.random.pick(&["IOError", "asyncio.TimeoutError", "Nope", "EnvironmentError"]).to_owned();
        }
        if self.take(Feature::ErrorConstants, 10) {
            return "ERRORS".to_owned();
        }
        let builtin = &[
            "ValueError",
            "KeyError",
            "LookupError",
            "TypeError",
            "RuntimeError",
            "ZeroDivisionError",
            "ArithmeticError",
            "OSError",
            "TimeoutError",
            "Exception",
            "Exception",
            "AssertionError",
            "IndexError",
            "json.JSONDecodeError",
            "NameError",
            "AttributeError",
        ];
        self.random.pick(builtin).to_owned()
    }

    /// `raise` of something.
    pub(super) fn raised(&mut self) -> Expr {
        let text = self.nesting(0, |writer| writer.text(1));
        if self.take(Feature::OwnErrors, 40) {
            return match self.random.below(5) {
                0 => Expr::plain("raise Halt"),
                1 => ex!("raise Halt($)", text),
                2 => ex!("raise Spoiled($)", text),
                3 => ex!("raise Numbered($)", self.random.below(9).to_string()),
                _ => ex!("raise Numbered(1, why=$)", text),
            };
        }
        if self.take(Feature::RaiseImported, 30) {
            return match self.random.below(4) {
                0 => ex!("raise Refused($)", text),
                1 => ex!("raise handlers.Worse($, 1)", text),
                2 => ex!("raise Coded(1, $)", text),
                _ => Expr::plain("raise Quiet(level=1)"),
            };
        }
        let p = self.p();
        match self.random.below(7) {
            0 => ex!("raise KeyError($)", text),
            1 => ex!("raise ValueError($, 2)", text),
            2 => Expr::plain("raise TimeoutError"),
            3 => ex!("raise RuntimeError(f\"{$.get('n')}\") from None", p),
            4 => Expr::plain("raise OSError(2, \"gone\")"),
            5 => ex!("raise IndexError(len($))", p),
            _ => ex!("raise ValueError($)", text),
        }
    }

    pub(super) fn raise(&mut self, place: Place) -> Option<Body> {
        let raised = self.raised();
        if place.tries > 0 && self.random.chance(50) {
            return Some(vec![Stmt::Line(raised)]);
        }
        let test = self.test();
        Some(vec![block(ex!("if $:", test), vec![Stmt::Line(raised)])])
    }

    /// Something that fails often.
    fn risk(&mut self, place: Place) -> Body {
        let p = self.p();
        let key = self.key();
        let line = match self.random.below(7) {
            0 | 1 if self.function.is_async && self.has(Feature::Values) => {
                let value = self.argument(super::values::Kind::Any, false);
                ex!("$[$] = await picky($)", p, key, value)
            }
            0 | 1 if self.has(Feature::Values) => {
                let value = self.argument(super::values::Kind::Any, false);
                ex!("$[$] = strict($)", p, key, value)
            }
            2 => ex!("$[\"x\"] = $[$] + 1", &p, &p, key),
            3 => ex!("$[\"x\"] = 1 // ($.get(\"n\", 0) % 2)", &p, &p),
            4 => ex!("$[\"x\"] = $[\"l\"][2] + \"\"", &p, &p),
            5 => return vec![self.payload_statement(place)],
            _ => ex!("$[\"x\"] = json.loads($.get(\"s\", \"{\"))", &p, &p),
        };
        vec![Stmt::Line(line)]
    }

    pub(super) fn try_statement(&mut self, place: Place) -> Option<Body> {
        let inside = place.in_try();
        let size = 1 + self.random.below(3);
        let is_caught = std::mem::replace(&mut self.is_caught, true);
        let mut body = self.block(inside, size);
        self.is_caught = is_caught;
        if self.random.chance(70) {
            let at = self.random.below(body.len() + 1);
            let risk = self.risk(inside);
            body.splice(at..at, risk);
        }
        let mut clauses = vec![Clause::new(Expr::plain("try:"), body)];
        let count = 1 + self.random.below(3);
        for number in 0..count {
            clauses.push(self.handler(place, number + 1 == count));
        }
        if self.random.chance(30) {
            let body = self.block(inside, 1);
            clauses.push(Clause::new(Expr::plain("else:"), body));
        }
        if self.take(Feature::Finally, 30) {
            clauses.push(self.finally(place));
        }
        Some(vec![Stmt::Block(clauses)])
    }

    pub(super) fn try_finally(&mut self, place: Place) -> Option<Body> {
        let inside = place.in_try();
        let size = 1 + self.random.below(3);
        let mut body = self.block(inside, size);
        if self.random.chance(50) {
            body.extend(self.risk(inside));
        }
        let finally = self.finally(place);
        Some(vec![Stmt::Block(vec![Clause::new(Expr::plain("try:"), body), finally])])
    }

    fn finally(&mut self, place: Place) -> Clause {
        let size = 1 + self.random.below(2);
        Clause::new(Expr::plain("finally:"), self.block(place.in_try(), size))
    }

    fn handler(&mut self, place: Place, is_last: bool) -> Clause {
        let inside = Place { handles: true, ..place.in_try() };
        let before = self.function.locals.clone();
        let mut body = Body::new();
        let classes = match self.random.below(10) {
            0 if is_last => String::new(),
            1 | 2 => format!("({}, {})", self.caught(), self.caught()),
            3 if is_last => "Exception".to_owned(),
            4 => format!("({},)", self.caught()),
            _ => self.caught(),
        };
        let mut way = Vec::new();
        let head = if classes.is_empty() {
            "except:".to_owned()
        } else if self.take(Feature::ExceptAs, 65) {
            let name = self.name();
            let p = self.p();
            let shown = match self.random.below(6) {
                0 => format!("type({name}).__name__"),
                1 => format!("[str(x) for x in {name}.args]"),
                2 => format!("len({name}.args), f\"{{{name}!r}}\""),
                3 => format!("getattr({name}, \"code\", getattr({name}, \"number\", str({name})))"),
                4 => format!("str({name}), type({name}.__cause__).__name__, str({name}.__cause__)"),
                _ => format!("f\"{{type({name}).__name__}}: {{{name}}}\""),
            };
            let key = self.key();
            let shows = Stmt::Line(ex!("$[$] = $", p, key, shown));
            // Before or behind what else happens.
            let size = self.random.below(3);
            let mut rest = Body::new();
            for _ in 0..size {
                rest.extend(self.statement(inside));
            }
            let at = self.random.below(rest.len() + 1);
            rest.insert(at, shows);
            body.extend(rest);
            if self.take(Feature::Reraise, 20) {
                way.push(format!("raise {name}"));
            }
            if self.take(Feature::RaiseFrom, 20) {
                way.push(format!(
                    "raise {} from {name}",
                    self.random.pick(&["ValueError(\"new\")", "LookupError", "Halt(1)"])
                ));
            }
            format!("except {classes} as {name}:")
        } else {
            format!("except {classes}:")
        };
        if body.is_empty() {
            let size = 1 + self.random.below(2);
            body.extend(self.block(inside, size));
        }
        if self.take(Feature::Reraise, 15) {
            way.push("raise".to_owned());
        }
        if let Some(way) = way.first() {
            if self.random.chance(50) {
                let test = self.test();
                body.push(block(ex!("if $:", test), vec![line(way)]));
            } else {
                body.push(line(way));
            }
        }
        self.forget(before);
        Clause::new(Expr::plain(head), body)
    }

    pub(super) fn except_star(&mut self, place: Place) -> Option<Body> {
        let inside = place.in_try();
        let p = self.p();
        let mut body = Body::new();
        if self.function.is_async && self.has(Feature::TaskGroups) {
            body.extend(self.task_group(inside).unwrap_or_default());
        }
        body.extend(self.risk(inside));
        let mut clauses = vec![Clause::new(Expr::plain("try:"), body)];
        for class in ["ValueError", "(KeyError, TypeError)"] {
            let mut body = vec![Stmt::Line(ex!("$[\"s\"] = [str(x) for x in group.exceptions]", &p))];
            let kind = self.kind();
            let call = self.whole_call_of(kind);
            body.push(Stmt::Line(ex!("$[\"b\"] = $", &p, call)));
            clauses.push(Clause::new(Expr::plain(format!("except* {class} as group:")), body));
        }
        Some(vec![Stmt::Block(clauses)])
    }
}
