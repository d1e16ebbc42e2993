//! Statements about values: calls on values, variables, unpacking, aliases.

use super::super::tree::{Body, Expr, Stmt, block, ex, joined, line};
use super::actors::How;
use super::values::Kind;
use super::{Feature, Local, Place, Role, Writer};

pub(super) fn one(expr: Expr) -> Option<Body> {
    Some(vec![Stmt::Line(expr)])
}

impl Writer<'_> {
    /// A new variable with a value of `kind`.
    pub(super) fn bind(&mut self, kind: Kind) -> String {
        // Now and then one that is there already.
        let known: Vec<String> = self
            .function
            .locals
            .iter()
            .filter(|local| local.is_sure && local.kind == kind && !self.has_aliases)
            .map(|local| local.name.clone())
            .collect();
        if !known.is_empty() && self.random.chance(40) {
            return known[self.random.below(known.len())].clone();
        }
        let name = self.name();
        self.known(&name, kind);
        name
    }

    pub(super) fn known(&mut self, name: &str, kind: Kind) {
        self.function.locals.push(Local { name: name.to_owned(), kind, is_sure: true });
    }

    /// Assigns a value to a variable or a part of the payload.
    pub(super) fn bound(&mut self, kind: Kind, value: Expr) -> Option<Body> {
        let p = self.p();
        let key = self.key();
        if self.take(Feature::Locals, 50) {
            // The value is evaluated before the name is bound.
            let name = self.bind(kind);
            return match self.random.below(5) {
                0 if self.has_aliases => one(ex!("$[$] = $ = $", p, key, name, value)),
                1 => one(ex!("$: object = $", name, value)),
                _ => one(ex!("$ = $", name, value)),
            };
        }
        if !self.has(Feature::Values) {
            return one(ex!("$[$] = $", p, key, value));
        }
        // A call without `await` is one of an actor only as a whole right side.
        let text = value.text();
        let is_awaited = text.starts_with("await ");
        match (kind, self.random.below(9)) {
            (Kind::Number, 0 | 1) if is_awaited => one(ex!("$[\"n\"] += 0 + $", p, value)),
            (Kind::Number, 2) if is_awaited => one(ex!("$[\"n\"] -= 0 + $", p, value)),
            (Kind::Number, 0..=2) if text.starts_with("half(") => one(ex!("$[\"n\"] += $", p, value)),
            (Kind::List, 0 | 1) => one(ex!("$[\"l\"] = $", p, value)),
            (Kind::List, 2) if is_awaited => one(ex!("$[\"kept\"] = $ + [0]", p, value)),
            (Kind::Dict, 0 | 1) => one(ex!("$[\"d\"] = $", p, value)),
            (Kind::Dict, 2) => one(ex!("$ |= $", p, value)),
            (_, 3) => one(ex!("$[$]: dict = $", p, key, value)),
            (_, 4) => one(ex!("$[\"d\"][$] = $", p, key, value)),
            (_, 5) if self.function.is_async && self.has(Feature::Nested) => {
                let at = self.nesting(0, |writer| writer.call(Kind::Text, How::Inner, false))?;
                one(ex!("$[$] = $", p, at, value))
            }
            _ => one(ex!("$[$] = $", p, key, value)),
        }
    }

    /// `x = await f(expr)`.
    pub(super) fn value_statement(&mut self, _place: Place) -> Option<Body> {
        let kind = if self.random.chance(15) { Kind::Nothing } else { self.kind() };
        let call = self.whole_call_of(kind);
        self.bound(kind, call)
    }

    /// Calls inside of an expression.
    pub(super) fn inner_statement(&mut self, place: Place) -> Option<Body> {
        if !self.function.is_async {
            return None;
        }
        let p = self.p();
        let key = self.key();
        let is_free = place.iterated.is_none();
        self.nesting(45, |writer| match writer.random.below(14) {
            0 if is_free => {
                let value = writer.fresh(Kind::Any, 2);
                one(ex!("$[\"l\"].append($)", p, value))
            }
            1 => {
                let (value, other) = (writer.fresh(Kind::Any, 2), writer.fresh(Kind::Number, 2));
                one(ex!("$.update({$: $}, n=$)", p, key, value, other))
            }
            2 => {
                let (value, other) = (writer.fresh(Kind::Number, 2), writer.fresh(Kind::Number, 2));
                one(ex!("$[$], $[\"n\"] = $, $", &p, key, &p, value, other))
            }
            3 => {
                let at = writer.fresh(Kind::Text, 1);
                let value = writer.fresh(Kind::Any, 1);
                one(ex!("$[\"d\"][$] = $", p, at, value))
            }
            4 if writer.random.chance(30) => {
                let at = writer.fresh(Kind::Text, 1);
                one(ex!("del $[$]", p, at))
            }
            5 if writer.has(Feature::Conditions) && writer.random.chance(30) => {
                let (test, text) = (writer.fresh(Kind::Flag, 2), writer.fresh(Kind::Text, 1));
                one(ex!("assert $, $", test, text))
            }
            6 => {
                // What has an effect stands before and behind a call.
                let value = writer.fresh(Kind::Number, 2);
                one(ex!("$[$] = [$.setdefault(\"q\", 0), $, $.pop(\"q\")]", &p, key, &p, value, &p))
            }
            7 => {
                let (value, other) = (writer.fresh(Kind::Number, 2), writer.fresh(Kind::Any, 1));
                one(ex!("$[$] = ($, $.update(n=1), $, $[\"n\"])", &p, key, value, &p, other, &p))
            }
            8 => {
                let value = writer.fresh(Kind::Number, 2);
                one(ex!("$[$] = $[\"n\"] + $ + $[\"n\"]", &p, key, &p, value, &p))
            }
            9 => {
                let (value, list) = (writer.fresh(Kind::Number, 1), writer.fresh(Kind::List, 1));
                one(ex!("$[$] = $[$ % 2:]", p, key, list, value))
            }
            10 => {
                let list = writer.fresh(Kind::List, 2);
                one(ex!("$[$] = sorted($, key=lambda x: str(x))", p, key, list))
            }
            _ => {
                let kind = writer.kind();
                let value = writer.fresh(kind, 3);
                one(ex!("$[$] = $", p, key, value))
            }
        })
    }

    /// A variable without a call.
    pub(super) fn local_statement(&mut self, _place: Place) -> Option<Body> {
        let kind = self.kind();
        let value = self.nesting(0, |writer| writer.fresh(kind, 2));
        let name = self.bind(kind);
        one(ex!("$ = $", name, value))
    }

    /// Something that reads or changes a variable.
    pub(super) fn local_use(&mut self, place: Place) -> Option<Body> {
        let has_unsure = self.has(Feature::Unbound);
        let locals = self.function.locals.iter().filter(|local| local.is_sure || has_unsure);
        let locals: Vec<Local> = locals.cloned().collect();
        if locals.is_empty() {
            return None;
        }
        let local = &locals[self.random.below(locals.len())];
        if !local.is_sure {
            self.used.add(Feature::Unbound);
        }
        let (name, p, key) = (&local.name, self.p(), self.key());
        let percent = if self.has(Feature::Nested) { 30 } else { 0 };
        self.nesting(percent, |writer| {
            let value = writer.fresh(if local.kind == Kind::List { Kind::Any } else { local.kind }, 1);
            match (local.kind, writer.random.below(4)) {
                // Of what no list can be added to: a list that became longer would perhaps be known elsewhere.
                (Kind::Number, 0 | 1) => one(ex!("$ += 0 + $", name, value)),
                (Kind::Text, 0) => one(ex!("$ = \"\" + $ + $", name, name, value)),
                (Kind::List, 0 | 1) if place.iterated.is_none() => one(ex!("$.append($)", name, value)),
                (Kind::List, 2) => one(ex!("$[$] = len($)", p, key, name)),
                (Kind::List, _) => one(ex!("$[$] = list($)", p, key, name)),
                (Kind::Dict, 0 | 1) if place.iterated.is_none() => one(ex!("$[$] = len($)", name, key, value)),
                (Kind::Dict, _) => one(ex!("$[$] = dict($)", p, key, name)),
                (Kind::Nothing, _) => one(ex!("$[$] = $ is None", p, key, name)),
                _ => one(ex!("$[$] = $", p, key, name)),
            }
        })
    }

    pub(super) fn unpacking(&mut self, place: Place) -> Option<Body> {
        let p = self.p();
        if !self.function.is_async {
            let list = self.nesting(0, |writer| writer.fresh(Kind::List, 1));
            let (first, rest) = (self.name(), self.name());
            self.known(&rest, Kind::List);
            return one(ex!("$, *$ = [0, *$]", first, rest, list));
        }
        let (first, second) = (self.argument(Kind::Number, false), self.argument(Kind::Text, false));
        let pair = ex!("await pair($, $)", &first, second);
        Some(match self.random.below(8) {
            0 | 1 => {
                let (a, b) = (self.name(), self.name());
                self.known(&a, Kind::Number);
                self.known(&b, Kind::Text);
                vec![Stmt::Line(ex!("$, $ = $", a, b, pair))]
            }
            2 => {
                let list = self.fresh(Kind::List, 1);
                let (first, rest) = (self.name(), self.name());
                self.known(&rest, Kind::List);
                vec![Stmt::Line(ex!("$, *$ = await echo($)", first, rest, list))]
            }
            3 => {
                let (rest, last) = (self.name(), self.name());
                self.known(&rest, Kind::List);
                vec![Stmt::Line(ex!("[*$, $] = await listing($)", rest, last, first))]
            }
            4 => {
                let (a, b, c) = (self.name(), self.name(), self.name());
                self.known(&b, Kind::Number);
                vec![Stmt::Line(ex!("$, ($, $) = await pair(0, $)", a, b, c, pair))]
            }
            5 => vec![Stmt::Line(ex!("$[\"a\"], $[\"s\"] = $", &p, &p, pair))],
            6 => {
                let a = self.name();
                self.known(&a, Kind::Any);
                vec![Stmt::Line(ex!("$, *$[\"b\"] = await collect(0, $)", &a, p, pair)), self.trace(&a)]
            }
            // The wrong number of values.
            _ if place.tries > 0 || self.random.chance(20) => {
                let (a, b) = (self.name(), self.name());
                vec![Stmt::Line(ex!("$, $, $[\"a\"] = $", a, b, p, pair))]
            }
            _ => {
                let (a, b) = (self.name(), self.name());
                self.known(&b, Kind::Number);
                vec![Stmt::Line(ex!("$ = $, $ = await pair($, 2)", &a, &b, &self.name(), first)), self.trace(&a)]
            }
        })
    }

    /// Shows the value of a variable in the payload.
    fn trace(&mut self, name: &str) -> Stmt {
        let key = self.key();
        Stmt::Line(ex!("$[$] = $", self.p(), key, name))
    }

    pub(super) fn bare_call(&mut self, _place: Place) -> Option<Body> {
        one(self.whole_call())
    }

    /// Calls in the elements of a comprehension.
    pub(super) fn comprehension(&mut self, _place: Place) -> Option<Body> {
        if !self.function.is_async {
            return None;
        }
        let p = self.p();
        let list = self.nesting(0, |writer| writer.list(1));
        let actor = self.random.pick(&["name_of", "echo", "trickle", "picky"]);
        let actor = if actor == "trickle" && !self.has(Feature::AsyncGenerators) { "echo" } else { actor };
        Some(vec![Stmt::Line(match self.random.below(11) {
            6 => ex!("$[\"a\"] = sum(len(str(x)) for x in await listing(len($)))", p, list),
            7 => ex!("$[\"a\"] = {str(x): y for x in await listing(2) for y in $ if y}", p, list),
            8 => ex!("$[\"a\"] = [*($ or [0]), await $(LIMIT), *(LIMIT and [1] or [])]", p, list, actor),
            9 => ex!("$[\"a\"] = dict(**({\"x\": $} if LIMIT else {}), y=await $(1))", p, list, actor),
            10 => ex!("$[\"a\"] = [(w := $), await $(w), *(v := [w]), await $(v)]", p, list, actor, actor),
            0 => ex!("$[\"a\"] = {str(x): await $(x) for x in $}", p, actor, list),
            1 => ex!("$[\"a\"] = sum([len(str(await $(x))) for x in $])", p, actor, list),
            2 => ex!("$[\"a\"] = [x for x in $ if await is_even(len(str(x)))]", p, list),
            3 => ex!("$[\"a\"] = [await $(x) for x in $ if x]", p, actor, list),
            4 => ex!("$[\"a\"] = [(x, await $(y)) for x in $ for y in (x, LIMIT)]", p, actor, list),
            _ => ex!("$[\"a\"] = [x for x in await listing(len($))]", p, list),
        })])
    }

    pub(super) fn int_keys(&mut self, _place: Place) -> Option<Body> {
        let p = self.p();
        let call = self.whole_call();
        let value = if self.function.is_async { self.awaited(Kind::Text) } else { Expr::plain("\"one\"") };
        let name = self.name();
        Some(vec![
            line(format!("{p}[\"d\"][3] = \"three\"")),
            Stmt::Line(ex!("$ = {1: $, (2, 3): None}", &name, value)),
            Stmt::Line(ex!("$[\"a\"] = $", &p, call)),
            line(format!("{p}[\"b\"] = {p}[\"d\"].get(3), {name}.get(1), (2, 3) in {name}")),
        ])
    }

    pub(super) fn early_return(&mut self, place: Place) -> Option<Body> {
        if place.tries > 0 && !self.take(Feature::TryJumps, 100) {
            return None;
        }
        let test = self.test();
        let value = match self.function.role {
            Role::Main => self.return_value(),
            _ => self.plain_return(place),
        };
        Some(vec![block(ex!("if $:", test), vec![Stmt::Line(value)])])
    }

    /// Several calls, for what is made of them.
    pub(super) fn calls(&mut self, count: usize, how: How, calm: bool) -> Option<Expr> {
        let calls: Option<Vec<Expr>> = (0..count).map(|_| self.call(Kind::Any, how, calm)).collect();
        Some(joined(calls?))
    }
}
