//! `for`, `else` of loops, `match`.

use super::super::tree::{Body, Clause, Expr, Stmt, block, ex, line};
use super::actors::How;
use super::values::Kind;
use super::{Feature, Local, Place, Writer};

impl Writer<'_> {
    /// Something to iterate over, made for this loop, and targets for what comes of it.
    pub(super) fn iterable(&mut self) -> (Expr, Expr, Vec<Local>) {
        let list = self.nesting(0, |writer| writer.list(1));
        let p = self.p();
        let count = self.random.below(4).to_string();
        let local = |name: &str, kind| Local { name: name.to_owned(), kind, is_sure: true };
        let name = self.name();
        let single = |kind| (Expr::plain(&name), vec![local(&name, kind)]);
        let ((target, locals), iterable) = match self.random.below(13) {
            0 => (single(Kind::Any), list),
            1 => (
                single(Kind::Text),
                Expr::plain(self.random.pick(&["\"añ\"", "\"\"", "NAMES", "{\"k\": 1, \"l\": 2}"])),
            ),
            2 => (single(Kind::Text), Expr::plain(format!("dict({p}.get(\"d\", {{}}))"))),
            3 if self.random.chance(30) => (single(Kind::Any), ex!("$, $", count, list)),
            3 => (single(Kind::Number), ex!("range($)", count)),
            4 => (single(Kind::Number), ex!("range($, -1, -2)", count)),
            5 => {
                let other = self.name();
                let target = Expr::plain(format!("{name}, {other}"));
                ((target, vec![local(&name, Kind::Number), local(&other, Kind::Any)]), ex!("enumerate($, 1)", list))
            }
            6 => {
                let (a, b) = (self.name(), self.name());
                let target = Expr::plain(format!("{name}, ({a}, *{b})"));
                let locals = vec![local(&name, Kind::Number), local(&a, Kind::Any), local(&b, Kind::List)];
                ((target, locals), Expr::plain("[(1, [2, 3]), (4, \"ab\"), [5, (6,)]]"))
            }
            7 => {
                let other = self.name();
                let target = Expr::plain(format!("{name}, {other}"));
                ((target, vec![local(&other, Kind::Number)]), ex!("zip($, range(3))", list))
            }
            8 => (single(Kind::Any), ex!("reversed($)", list)),
            9 => (single(Kind::Any), ex!("sorted($, key=str)", list)),
            10 => (single(Kind::Text), ex!("(str(x) for x in $)", list)),
            11 => {
                let other = self.name();
                let target = Expr::plain(format!("[{name}, {other}]"));
                let dict = self.nesting(0, |writer| writer.dict(1));
                ((target, vec![local(&name, Kind::Text)]), ex!("$.items()", dict))
            }
            _ => {
                let dict = self.nesting(0, |writer| writer.dict(1));
                (single(Kind::Any), ex!("$.values()", dict))
            }
        };
        if self.function.is_async && self.take(Feature::Nested, 15) {
            let call = self.nesting(0, |writer| writer.call(Kind::List, How::Inner, false));
            if let Some(call) = call {
                return (Expr::plain(&name), call, vec![local(&name, Kind::Any)]);
            }
        }
        (target, iterable, locals)
    }

    /// A body that does something with the loop variables.
    fn loop_body(&mut self, place: Place, locals: Vec<Local>, size: usize) -> Body {
        let before = self.function.locals.clone();
        let key = self.key();
        let mut body = Body::new();
        if let Some(local) = locals.first() {
            body.push(Stmt::Line(ex!("$[$] = str($)", self.p(), key, &local.name)));
        }
        self.function.locals.extend(locals);
        for _ in 0..size {
            body.extend(self.statement(place.in_loop()));
        }
        self.forget(before);
        body
    }

    pub(super) fn for_loop(&mut self, place: Place) -> Option<Body> {
        if place.loops > 2 {
            return None;
        }
        let (target, iterable, locals) = self.iterable();
        let size = 1 + self.random.below(3);
        let names: Vec<String> = locals.iter().map(|local| local.name.clone()).collect();
        let body = self.loop_body(place, locals, size);
        let mut clauses = vec![Clause::new(ex!("for $ in $:", target, iterable), body)];
        clauses.extend(self.otherwise(place));
        let mut written = vec![Stmt::Block(clauses)];
        // The last value is there behind the loop, if there was one.
        if self.take(Feature::Unbound, 25) {
            let key = self.key();
            written.push(Stmt::Line(ex!("$[$] = str($)", self.p(), key, &names[0])));
        }
        Some(written)
    }

    fn otherwise(&mut self, place: Place) -> Option<Clause> {
        if !self.take(Feature::LoopElse, 35) {
            return None;
        }
        let size = 1 + self.random.below(2);
        let body = self.block(place.deeper(), size);
        Some(Clause::new(Expr::plain("else:"), body))
    }

    /// A loop with an exit and an `else`.
    pub(super) fn loop_else(&mut self, place: Place) -> Option<Body> {
        if place.loops > 2 {
            return None;
        }
        let (counter, start) = self.counter();
        let rounds = 1 + self.random.below(3);
        let size = 1 + self.random.below(2);
        let mut body = vec![line(format!("{counter} += 1"))];
        body.extend(self.block(place.in_loop(), size));
        let test = self.test();
        let way = self.random.pick(&["break", "break", "continue"]);
        body.push(block(ex!("if $:", test), vec![line(way)]));
        body.push(Stmt::Line(self.simple(place)));
        let other = self.block(place.deeper(), 1);
        let head = Expr::plain(format!("while {counter} < {rounds}:"));
        Some(vec![start, Stmt::Block(vec![Clause::new(head, body), Clause::new(Expr::plain("else:"), other)])])
    }

    /// A list that is still there, and grows, while it is iterated over.
    pub(super) fn mutated_list(&mut self, place: Place) -> Option<Body> {
        if place.loops > 1 || place.iterated.is_some() {
            return None;
        }
        let p = self.p();
        let name = self.name();
        let own = self.random.chance(40);
        let (list, mut written) = if own {
            let list = self.name();
            let value = self.nesting(0, |writer| writer.list(1));
            (Expr::plain(&list), vec![Stmt::Line(ex!("$ = $", &list, value))])
        } else {
            (ex!("$[\"l\"]", &p), Body::new())
        };
        let (target, iterable) = match self.random.below(5) {
            0 => (format!("_i, {name}"), ex!("enumerate($)", &list)),
            1 => (format!("{name}, _i"), ex!("zip($, range(5))", &list)),
            2 => (name.clone(), ex!("reversed($)", &list)),
            _ => (name.clone(), list.clone()),
        };
        let inside = Place { iterated: Some(place.tries), ..place };
        let size = 1 + self.random.below(2);
        let locals = vec![Local { name: name.clone(), kind: Kind::Any, is_sure: true }];
        let mut body = self.loop_body(inside, locals, size);
        let change = match self.random.below(4) {
            0 => block(ex!("if len($) > 2:", &list), vec![Stmt::Line(ex!("$.pop(0)", &list))]),
            1 => block(ex!("if $ == 1:", &name), vec![Stmt::Line(ex!("$.remove(1)", &list))]),
            _ => block(ex!("if len($) < 6:", &list), vec![Stmt::Line(ex!("$.append(len($))", &list, &list))]),
        };
        let at = self.random.below(body.len() + 1);
        body.insert(at, change);
        let mut clauses = vec![Clause::new(ex!("for $ in $:", target, iterable), body)];
        clauses.extend(self.otherwise(place));
        written.push(Stmt::Block(clauses));
        Some(written)
    }

    pub(super) fn growing_dict(&mut self, place: Place) -> Option<Body> {
        if place.loops > 1 || place.iterated.is_some() {
            return None;
        }
        let p = self.p();
        let name = self.name();
        let inside = Place { iterated: Some(place.tries), ..place };
        let locals = vec![Local { name: name.clone(), kind: Kind::Text, is_sure: true }];
        let mut body = self.loop_body(inside, locals, 1);
        body.push(block(
            ex!("if len($[\"d\"]) < 4:", &p),
            vec![Stmt::Line(ex!("$[\"d\"][str($) + \"'\"] = 1", &p, &name))],
        ));
        Some(vec![block(ex!("for $ in $[\"d\"]:", name, &p), body)])
    }

    pub(super) fn lazy_generator(&mut self, place: Place) -> Option<Body> {
        if place.loops > 2 {
            return None;
        }
        let p = self.p();
        let name = self.name();
        let locals = vec![Local { name: name.clone(), kind: Kind::Any, is_sure: true }];
        let body = self.loop_body(place, locals, 2);
        Some(vec![block(ex!("for $ in (x * $[\"n\"] for x in [1, 2, 3]):", name, p), body)])
    }

    pub(super) fn match_statement(&mut self, place: Place) -> Option<Body> {
        let p = self.p();
        let subject = match self.random.below(7) {
            0 => Expr::plain(&p),
            1 => ex!("$.get(\"n\"), $.get(\"s\")", &p, &p),
            2 => ex!("[*$.get(\"l\", [])]", &p),
            3 => ex!("dict($.get(\"d\", {}), n=$.get(\"n\"))", &p, &p),
            4 if self.function.is_async && self.take(Feature::Conditions, 100) => {
                let kind = self.kind();
                self.awaited(kind)
            }
            _ => {
                let kind = self.kind();
                self.nesting(0, |writer| writer.fresh(kind, 2))
            }
        };
        let mut clauses = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            let (pattern, locals) = self.pattern(2);
            let guard = if self.random.chance(25) {
                let test = self.test();
                ex!(" if $", test)
            } else {
                Expr::plain("")
            };
            let body = self.case_body(place, locals);
            clauses.push(Clause::new(ex!("case $$:", pattern, guard), body));
        }
        if self.random.chance(50) {
            let name = self.name();
            let (pattern, locals) = if self.random.chance(50) {
                ("_".to_owned(), Vec::new())
            } else {
                (name.clone(), vec![Local { name, kind: Kind::Any, is_sure: true }])
            };
            let body = self.case_body(place, locals);
            clauses.push(Clause::new(ex!("case $:", pattern), body));
        }
        Some(vec![Stmt::Block(vec![Clause::new(ex!("match $:", subject), vec![Stmt::Block(clauses)])])])
    }

    fn case_body(&mut self, place: Place, locals: Vec<Local>) -> Body {
        let before = self.function.locals.clone();
        let mut body = Body::new();
        for local in locals.iter().filter(|local| local.name != "_") {
            let key = self.key();
            body.push(Stmt::Line(ex!("$[$] = str($)", self.p(), key, &local.name)));
        }
        // What is captured from the payload is only looked at: changing it would change both.
        self.function.locals.extend(locals.into_iter().filter(|local| local.name != "_").map(
            |local| match local.kind {
                Kind::List => local,
                _ => Local { kind: Kind::Any, ..local },
            },
        ));
        let size = 1 + self.random.below(2);
        for _ in 0..size {
            body.extend(self.statement(place.deeper()));
        }
        self.forget(before);
        body
    }

    /// A pattern that does not match everything, and what it captures.
    fn pattern(&mut self, depth: usize) -> (String, Vec<Local>) {
        let mut locals = Vec::new();
        let text = self.pattern_text(depth, &mut locals);
        (text, locals)
    }

    fn capture(&mut self, kind: Kind, locals: &mut Vec<Local>) -> String {
        let name = self.name();
        // A wildcard captures nothing.
        if name != "_" {
            locals.push(Local { name: name.clone(), kind, is_sure: true });
        }
        name
    }

    fn pattern_text(&mut self, depth: usize, locals: &mut Vec<Local>) -> String {
        match self.random.below(if depth > 0 { 16 } else { 7 }) {
            0 => self.random.below(4).to_string(),
            1 => self.random.pick(&["\"text\"", "\"<1>\"", "-1", "2.5", "\"it\" \"s\""]).to_owned(),
            2 => self.random.pick(&["None", "True", "False"]).to_owned(),
            3 => self.random.pick(&["Level.LOW", "Level.HIGH", "errno.EPERM"]).to_owned(),
            4 => self.random.pick(&["int()", "str()", "list()", "dict()", "float()", "bool()"]).to_owned(),
            5 => {
                let class = self.random.pick(&["int", "str"]);
                let name = self.capture(Kind::Any, locals);
                if name == "_" { format!("{class}(_)") } else { format!("{class}() as {name}") }
            }
            6 => "[]".to_owned(),
            7 | 8 => format!("{} | {} | {}", self.random.below(4), "\"text\"", self.random.below(9)),
            9 | 10 => {
                let (first, rest) = (self.sub_pattern(depth - 1, locals), self.capture(Kind::List, locals));
                let last =
                    if self.random.chance(30) { format!(", {}", self.sub_pattern(0, locals)) } else { String::new() };
                format!("[{first}, *{rest}{last}]")
            }
            11 => {
                let (first, second) = (self.sub_pattern(depth - 1, locals), self.sub_pattern(depth - 1, locals));
                format!("({first}, {second})")
            }
            12 => {
                let value = self.sub_pattern(depth - 1, locals);
                format!("{{\"n\": {value}}}")
            }
            13 => {
                let value = self.sub_pattern(depth - 1, locals);
                let rest = self.name();
                let key = self.random.pick(&["\"x\"", "\"log\"", "\"a\""]);
                if rest == "_" {
                    return format!("{{{key}: {value}}}");
                }
                locals.push(Local { name: rest.clone(), kind: Kind::Any, is_sure: true });
                format!("{{{key}: {value}, **{rest}}}")
            }
            14 => {
                let inner = self.pattern_text(depth - 1, locals);
                if inner.contains(" as ") || inner.contains(" | ") {
                    return inner;
                }
                let name = self.capture(Kind::Any, locals);
                if name == "_" { inner } else { format!("{inner} as {name}") }
            }
            _ => "{\"l\": [_, *_], \"d\": {}}".to_owned(),
        }
    }

    /// A pattern inside of another: perhaps one for everything.
    fn sub_pattern(&mut self, depth: usize, locals: &mut Vec<Local>) -> String {
        match self.random.below(4) {
            0 => "_".to_owned(),
            1 => self.capture(Kind::Any, locals),
            _ => match self.pattern_text(depth, locals) {
                text if text.contains(" as ") || text.contains(" | ") => format!("({text})"),
                text => text,
            },
        }
    }
}
