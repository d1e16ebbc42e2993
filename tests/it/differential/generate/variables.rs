//! Variables and what they stand for: tuples, aliases, names that are not always bound.

use super::super::tree::{Body, Clause, Expr, Stmt, block, ex, line};
use super::locals::one;
use super::values::Kind;
use super::{Place, Writer};

impl Writer<'_> {
    /// Tuples stay tuples until an actor has them.
    pub(super) fn tuple(&mut self, _place: Place) -> Option<Body> {
        let p = self.p();
        let (first, second) = (self.argument(Kind::Number, false), self.argument(Kind::Text, false));
        let name = self.name();
        let call = self.whole_call();
        let mut body = vec![Stmt::Line(ex!("$ = ($, $)", &name, first, second))];
        if self.random.chance(40) {
            body.push(Stmt::Line(ex!("$[\"t\"] = $, ($,)", &p, &name, &name)));
        }
        body.push(Stmt::Line(ex!("$[\"a\"] = $", &p, call)));
        self.known(&name, Kind::Tuple);
        body.push(Stmt::Line(match self.random.below(6) {
            0 => ex!("$[\"b\"] = isinstance($, tuple), $ + (0,) == (*$, 0)", &p, &name, &name, &name),
            1 => ex!("$[\"b\"] = {$: 1}.get(($[0], $[1]))", &p, &name, &name, &name),
            2 => ex!("$[\"b\"] = str($)", &p, &name),
            3 => ex!("$[\"b\"] = $.get(\"t\") == ($, ($,)), str($.get(\"t\"))", &p, &p, &name, &name, &p),
            4 => ex!("$ += (1, $)", &name, &name),
            _ => ex!("$[\"b\"] = [x for x in $]", &p, &name),
        }));
        Some(body)
    }

    /// Two names of one thing, used on both sides of a call.
    pub(super) fn alias(&mut self, place: Place) -> Option<Body> {
        let p = self.p();
        if place.iterated.is_some() {
            return None;
        }
        let call = self.whole_call_of(Kind::Number);
        let (name, other) = (self.name(), self.name());
        Some(match self.random.below(8) {
            0 | 1 => {
                self.known(&name, Kind::List);
                vec![
                    Stmt::Line(ex!("$ = $[\"l\"]", &name, &p)),
                    Stmt::Line(ex!("$[\"a\"] = $", &p, call)),
                    Stmt::Line(ex!("$.append(len($[\"l\"]))", &name, &p)),
                    Stmt::Line(ex!("$[\"b\"] = len($[\"l\"])", &p, &p)),
                ]
            }
            2 => {
                self.known(&name, Kind::Dict);
                vec![
                    Stmt::Line(ex!("$ = $.setdefault(\"d\", {})", &name, &p)),
                    Stmt::Line(ex!("$[\"k\"] = $", &name, call)),
                    Stmt::Line(ex!("$[\"b\"] = sorted($[\"d\"])", &p, &p)),
                ]
            }
            3 => vec![
                Stmt::Line(ex!("$ = $", &name, &p)),
                Stmt::Line(ex!("$ = $", &other, call)),
                Stmt::Line(ex!("$[\"b\"] = $", &name, &other)),
                Stmt::Line(ex!("$[\"s\"] = $[\"b\"], len($)", &p, &p, &name)),
            ],
            4 => {
                self.known(&name, Kind::List);
                self.known(&other, Kind::List);
                vec![
                    Stmt::Line(ex!("$ = $ = []", &name, &other)),
                    Stmt::Line(ex!("$[\"a\"] = $", &p, call)),
                    Stmt::Line(ex!("$.append($[\"a\"])", &name, &p)),
                    Stmt::Line(ex!("$[\"kept\"] = $", &p, &other)),
                    Stmt::Line(ex!("$.append(1)", &other)),
                    Stmt::Line(ex!("$[\"b\"] = len($[\"kept\"]), $ is $", &p, &p, &name, &other)),
                ]
            }
            5 => vec![
                Stmt::Line(ex!("$ = {\"in\": $[\"l\"]}", &name, &p)),
                Stmt::Line(ex!("$ = $", &other, call)),
                Stmt::Line(ex!("$[\"in\"].append($)", &name, &other)),
                Stmt::Line(ex!("$[\"s\"] = len($[\"l\"]), $[\"l\"] is $[\"in\"]", &p, &p, &p, &name)),
            ],
            6 => {
                // The payload goes on as another object; the variable keeps the one from before.
                if place.tries > 0 {
                    return None;
                }
                let send = self.payload_statement(place);
                vec![
                    Stmt::Line(ex!("$ = $", &name, &p)),
                    send,
                    Stmt::Line(ex!("$[\"a\"] = \"new\"", &p)),
                    Stmt::Line(ex!("$[\"b\"] = str($.get(\"a\"))", &p, &name)),
                ]
            }
            _ => vec![
                Stmt::Line(ex!("$ = [[]] * 2", &name)),
                Stmt::Line(ex!("$ = $", &other, call)),
                Stmt::Line(ex!("$[0].append(str($))", &name, &other)),
                Stmt::Line(ex!("$[\"b\"] = str($)", &p, &name)),
            ],
        })
    }

    pub(super) fn walrus(&mut self, place: Place) -> Option<Body> {
        let p = self.p();
        if !self.function.is_async {
            return None;
        }
        let call = self.awaited(Kind::Number);
        let name = self.name();
        if place.depth < super::DEPTH && self.random.chance(60) {
            self.known(&name, Kind::Number);
            if self.random.chance(50) {
                let body = self.block(place.deeper(), 2);
                let test = ex!("($ := $) > $", &name, call, self.random.below(5).to_string());
                return Some(vec![block(ex!("if $:", test), body)]);
            }
            let (counter, start) = self.counter();
            let body = self.block(place.in_loop(), 1);
            let body = [vec![line(format!("{counter} += 1"))], body].concat();
            let flag = self.name();
            let head = ex!("while ($ := await below($, 2)) and ($ := $) is not None:", flag, counter, &name, call);
            self.function.locals.retain(|local| local.name != name);
            return Some(vec![start, block(head, body)]);
        }
        let value = self.nesting(20, |writer| writer.number(1));
        self.known(&name, Kind::Number);
        one(ex!("$[\"n\"] = $ + ($ := $) + $", p, value, &name, call, &name))
    }

    /// Variables that are not always bound.
    pub(super) fn unbinding(&mut self, place: Place) -> Option<Body> {
        let p = self.p();
        let name = self.name();
        let (value, call) = (self.whole_call_of(Kind::Number), self.whole_call());
        let test = self.test();
        let is_mild = self.random.chance(60);
        let used = ex!("$[\"a\"] = $", &p, &name);
        let used = if is_mild && place.depth < super::DEPTH {
            // A name that is not bound is an error like any other.
            Stmt::Block(vec![
                Clause::new(Expr::plain("try:"), vec![Stmt::Line(used)]),
                Clause::new(
                    Expr::plain("except NameError as error:"),
                    vec![Stmt::Line(ex!("$[\"b\"] = type(error).__name__, str(error)", &p))],
                ),
            ])
        } else {
            Stmt::Line(used)
        };
        let set = Stmt::Line(ex!("$ = $", &name, value));
        let call = Stmt::Line(ex!("$[\"b\"] = $", &p, call));
        Some(match self.random.below(3) {
            0 => vec![block(ex!("if $:", test), vec![set]), call, used],
            1 => vec![set, block(ex!("if $:", test), vec![line(format!("del {name}"))]), call, used],
            _ => vec![set, call, line(format!("del {name}")), used],
        })
    }
}
