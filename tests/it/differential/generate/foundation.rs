//! Statements of the foundation: payload calls, changes of the payload, branches, `while`.

use super::super::tree::{Body, Clause, Expr, Stmt, block, ex, line};
use super::values::Kind;
use super::{DEPTH, Feature, Place, Role, Writer};

impl Writer<'_> {
    pub(super) fn founded(&mut self, place: Place) -> Body {
        let is_rich = !self.features.is_empty();
        let compound = place.depth <= DEPTH && self.random.chance(if is_rich { 12 } else { 40 });
        if is_rich && (self.room == 0 || place.depth > DEPTH - 1) {
            return vec![Stmt::Line(self.simple(place))];
        }
        match self.random.below(if compound { 17 } else { 11 }) {
            0..=3 | 9 => vec![self.payload_statement(place)],
            4 if self.random.chance(20) => {
                // Everything on one line (each statement is its own step of the program).
                let (first, call, last) = (self.simple(place), self.payload_statement(place), self.simple(place));
                match call {
                    Stmt::Line(call) => vec![Stmt::Line(ex!("$; $; $", first, call, last))],
                    call => vec![call],
                }
            }
            4..=6 => vec![Stmt::Line(self.simple(place))],
            7 => self.long_statement(place),
            8 if place.depth > 1 => self.leave(place),
            8 | 10 => self.conditional(place),
            11..=13 => self.conditional(place),
            _ if place.loops < 3 => self.repeat(place),
            _ => self.conditional(place),
        }
    }

    /// `p = f(p)` where that is allowed.
    pub(super) fn payload_statement(&mut self, place: Place) -> Stmt {
        if place.tries > 0 && self.has_aliases || place.iterated.is_some_and(|tries| place.tries > tries) {
            return Stmt::Line(self.simple(place));
        }
        self.function.sends = true;
        self.function.sends_in_try |= place.tries > 0;
        let call = self.payload_call(place);
        Stmt::Line(ex!("$ = $", self.p(), call))
    }

    pub(super) fn p(&self) -> String {
        self.function.p.clone()
    }

    pub(super) fn leave(&mut self, place: Place) -> Body {
        if place.tries > 0 && !self.take(Feature::TryJumps, 100) {
            return vec![Stmt::Line(self.simple(place))];
        }
        let condition = self.test();
        let way = match self.random.below(if place.loops > 0 { 6 } else { 3 }) {
            0 => self.plain_return(place),
            1 if self.function.role != Role::Main || place.tries > 0 => self.plain_return(place),
            1 => {
                let call = self.payload_call(place);
                ex!("return $", call)
            }
            2 if self.features.is_empty() => {
                Expr::plain(format!("raise ValueError(f\"stopped at {{len({})}}\")", self.p()))
            }
            2 => self.raised(),
            3 | 4 => Expr::plain("break"),
            _ => Expr::plain("continue"),
        };
        if self.random.chance(90) {
            let mut body = Body::new();
            if self.random.chance(40) {
                body.push(Stmt::Line(self.simple(place)));
            }
            body.push(Stmt::Line(way));
            vec![block(ex!("if $:", condition), body)]
        } else {
            vec![Stmt::Line(way)]
        }
    }

    /// `return` of what the function is for.
    pub(super) fn plain_return(&mut self, _place: Place) -> Expr {
        match self.function.role {
            Role::Main | Role::Payload => ex!("return $", self.p()),
            Role::Value(kind) => {
                let value = self.fresh(kind, 2);
                if kind == Kind::Any && self.take(Feature::Tuples, 30) {
                    let other = self.fresh(Kind::Any, 1);
                    return ex!("return $, $", value, other);
                }
                ex!("return $", value)
            }
        }
    }

    pub(super) fn conditional(&mut self, place: Place) -> Body {
        let condition = self.test();
        let head = if self.random.chance(10) { ex!("if (\n$\n):", condition) } else { ex!("if $:", condition) };
        let size = 1 + self.random.below(3);
        let mut clauses = vec![Clause::new(head, self.block(place.deeper(), size))];
        for _ in 0..self.random.below(3) {
            let condition = self.test();
            let size = 1 + self.random.below(2);
            clauses.push(Clause::new(ex!("elif $:", condition), self.block(place.deeper(), size)));
        }
        if self.random.chance(50) {
            let size = 1 + self.random.below(3);
            clauses.push(Clause::new(Expr::plain("else:"), self.block(place.deeper(), size)));
        }
        vec![Stmt::Block(clauses)]
    }

    /// A place that counts the rounds of a loop, and the statement that starts it.
    pub(super) fn counter(&mut self) -> (String, Stmt) {
        self.function.counters += 1;
        let number = self.function.counters;
        let counter = if self.has(Feature::Locals) && self.random.chance(40) {
            let name = format!("i{number}");
            self.used.add(Feature::Locals);
            name
        } else {
            format!("{}[\"c{number}\"]", self.p())
        };
        (counter.clone(), line(format!("{counter} = 0")))
    }

    pub(super) fn repeat(&mut self, place: Place) -> Body {
        let (counter, start) = self.counter();
        let rounds = 1 + self.random.below(3);
        let size = 1 + self.random.below(3);
        let mut body = vec![line(format!("{counter} += 1"))];
        let head = if self.random.chance(60) {
            if self.take(Feature::Conditions, 30) {
                let test = self.test();
                ex!("while $ < $ and $:", &counter, rounds.to_string(), test)
            } else {
                Expr::plain(format!("while {counter} < {rounds}:"))
            }
        } else {
            let always = self.random.pick(&["True", "1", "\"yes\""]);
            body.push(block(Expr::plain(format!("if {counter} > {rounds}:")), vec![line("break")]));
            Expr::plain(format!("while {always}:"))
        };
        body.extend(self.block(place.in_loop(), size));
        vec![start, block(head, body)]
    }

    /// A statement on one line without a call of an actor.
    pub(super) fn simple(&mut self, place: Place) -> Expr {
        let p = self.p();
        let (key, other) = (self.key(), self.key());
        let value = self.value();
        // Lists that are iterated over do not grow without end.
        let is_free = place.iterated.is_none();
        match self.random.below(20) {
            0..=4 => ex!("$[$] = $", p, key, value),
            5 if self.features.is_empty() => ex!("$[\"n\"] += $", p, value),
            // Of a number: a list that became longer would perhaps be one that others know.
            5 => {
                let number = self.number(1);
                ex!("$[\"n\"] += 0 + $", p, number)
            }
            6 if is_free => ex!("$[\"d\"][$] = $", p, key, value),
            7 if self.random.chance(if self.features.is_empty() { 40 } else { 10 }) => ex!("del $[$]", p, key),
            8 => ex!("$.update({$: $})", p, key, value),
            9 if is_free => ex!("$[\"l\"].append($)", p, value),
            10 if is_free => ex!("$.setdefault(\"l\", []).append($)", p, value),
            11 => ex!("$ = {**$, $: $}", &p, &p, key, value),
            12 => ex!("$ |= {$: $}", p, key, value),
            13 => ex!("$ = dict($, z=$)", &p, &p, value),
            14 if self.random.chance(20) => ex!("assert $, f\"not {$.get('n')}\"", self.condition(), p),
            15 => ex!("$[$], $[\"s\"] = $.get($), $", &p, key, &p, &p, other, value),
            16 => ex!("$[$] = $[\"s\"] = $", &p, key, &p, value),
            17 => ex!("$[\"l\"] = [x for x in $.get(\"l\", []) if x != $]", &p, &p, value),
            18 => ex!("$[$]: int = $", p, key, value),
            _ => Expr::plain("pass"),
        }
    }

    /// A statement over several lines without a call of an actor.
    fn long_statement(&mut self, place: Place) -> Body {
        let p = self.p();
        let is_quoted = std::mem::replace(&mut self.is_quoted, true);
        let (key, value, condition) = (self.key(), self.value(), self.condition());
        self.is_quoted = is_quoted;
        match self.random.below(5) {
            0 => vec![Stmt::Line(ex!("$[$] = {\n        \"v\": $,  # a remark\n    }", p, key, value))],
            1 => vec![Stmt::Line(ex!("$[$] = \"\"\"a\n  b\n        c\"\"\"", p, key))],
            2 => vec![Stmt::Block(vec![
                Clause::new(
                    ex!("if $:", condition),
                    vec![line("# a remark"), Stmt::Line(ex!("$[$] = f\"\"\"x{($)}\ny\"\"\"", &p, key, value))],
                ),
                Clause::new(Expr::plain("else:"), vec![line(format!("{p}[\"s\"] = 1; {p}[\"t\"] = 2"))]),
            ])],
            3 => {
                self.function.counters += 1;
                let counter = format!("{p}[\"c{}\"]", self.function.counters);
                let list = if place.iterated.is_some() { "k" } else { "l" };
                vec![
                    line(format!("{counter} = 0")),
                    block(
                        Expr::plain(format!("while {counter} < 4:")),
                        vec![
                            line(format!("{counter} += 1")),
                            Stmt::Line(ex!("if $: break", condition)),
                            line(format!("{p}.setdefault(\"{list}\", []).append({counter})")),
                            line("continue"),
                        ],
                    ),
                ]
            }
            _ => vec![Stmt::Line(ex!("$[$] = \\\n  $", p, key, value))],
        }
    }

    pub(super) fn key(&mut self) -> Expr {
        if !self.features.is_empty() && self.random.chance(70) {
            // Not `n`, which had better stay a number.
            return Expr::plain(self.random.pick(&["\"a\"", "\"b\"", "\"s\"", "\"u\""]));
        }
        Expr::plain(self.random.pick(&["\"a\"", "\"b\"", "\"s\"", "\"n\"", "'it''s'", "NAMES[0]", "f\"k{LIMIT}\""]))
    }

    /// Any value, made anew.
    pub(super) fn value(&mut self) -> Expr {
        let p = self.p();
        if !self.features.is_empty() && self.random.chance(50) {
            let kind = self.kind();
            return self.nesting(0, |writer| writer.fresh(kind, 2));
        }
        match self.random.below(15) {
            0..=3 => Expr::plain(self.random.below(9).to_string()),
            4 => Expr::plain("\"text\""),
            5 => Expr::plain("[1, 2.5, None, True]"),
            6 => ex!("$.get(\"n\", 0) + 1", p),
            7 => ex!("len($.get(\"l\", []))", p),
            8 => Expr::plain("LIMIT"),
            9 => ex!("1 + double($.get(\"n\", 0))", p),
            10 => ex!("json.dumps($.get(\"s\"))", p),
            11 => Expr::plain("down(2.7)"),
            12 => Expr::plain("paths.join(\"x\", TEXT)"),
            13 => ex!("(lambda x: x * $.get(\"n\", 0))(2)", p),
            _ => ex!("$[\"n\"] % 5", p),
        }
    }

    pub(super) fn condition(&mut self) -> Expr {
        let p = self.p();
        let limit = self.random.below(8).to_string();
        let key = self.key();
        match self.random.below(9) {
            0 => ex!("$.get(\"n\", 0) > $", p, limit),
            1 => ex!("$ in $", key, p),
            2 => ex!("not $.get($)", p, key),
            3 => ex!("len($.get(\"log\", [])) % 2 == 0", p),
            4 => ex!("$[\"n\"] < $", p, limit),
            5 => ex!("$.get(\"n\", 0) > 2 and $ not in $", &p, key, &p),
            6 => ex!("any(x == $ for x in $.get(\"l\", []))", limit, p),
            7 => ex!("$.get(\"n\", 0) == LIMIT or $.get($) is None", &p, &p, key),
            _ => ex!("double($.get(\"n\", 0)) > BOTH + $", p, limit),
        }
    }

    pub(super) fn kind(&mut self) -> Kind {
        [Kind::Number, Kind::Number, Kind::Text, Kind::Flag, Kind::List, Kind::Dict][self.random.below(6)]
    }
}
