//! Calls at the same time.

use super::super::tree::{Body, Clause, Expr, Stmt, block, ex, joined, line};
use super::actors::How;
use super::values::Kind;
use super::{Feature, Place, Writer};

impl Writer<'_> {
    /// How many branches, seldom many.
    fn branches(&mut self) -> usize {
        [0, 1, 2, 2, 2, 3, 3, 3, 4, 12][self.random.below(10)]
    }

    /// Whether branches must not fail, and whether their arguments must not.
    fn is_calm(&self) -> bool {
        !self.has(Feature::FanOutErrors)
    }

    fn branch_calls(&mut self, count: usize, how: How) -> Option<Expr> {
        let is_calm = self.is_calm();
        let percent = if !is_calm && self.has(Feature::Nested) { 10 } else { 0 };
        if !is_calm {
            self.used.add(Feature::FanOutErrors);
        }
        self.nesting(percent, |writer| writer.calls(count, how, is_calm))
    }

    /// Elements for branches of one kind, called `x`.
    fn elements(&mut self) -> Expr {
        let p = self.p();
        match self.random.below(7) {
            0 => Expr::plain("range(12)"),
            1 => Expr::plain("[]"),
            2 => Expr::plain("range(3)"),
            3 => Expr::plain(format!("list({p})[:5]")),
            4 => Expr::plain("[4, \"four\", None, [4], {\"f\": 4}]"),
            5 => Expr::plain(format!("{p}.get(\"log\", [])[:6]")),
            _ => self.calm(Kind::List),
        }
    }

    /// A call on `x`.
    fn call_of_element(&mut self, how: How) -> Expr {
        let has_errors = self.has(Feature::ArgumentErrors) && self.random.chance(40);
        let argument = match self.random.below(if has_errors { 6 } else { 4 }) {
            4 => {
                self.used.add(Feature::ArgumentErrors);
                Expr::plain("x + 1")
            }
            5 => {
                self.used.add(Feature::ArgumentErrors);
                Expr::plain("NAMES[x]")
            }
            0 => Expr::plain("[x, LIMIT]"),
            1 => Expr::plain("str(x)"),
            _ => Expr::plain("x"),
        };
        let fails = self.take(Feature::FanOutErrors, 50);
        let callee = match (how, fails) {
            (How::Element, true) => self.random.pick(&["strict", "half", "label"]),
            (How::Element, false) => self.random.pick(&["label", "wrap", "handlers.label", "silent"]),
            (_, true) => self.random.pick(&["picky", "plus", "handlers.picky"]),
            (_, false) => self.random.pick(&["name_of", "echo", "handlers.pair", "nothing", "collect"]),
        };
        let wide = callee == "collect" && self.take(Feature::Arguments, 100);
        if wide { ex!("$($, k=x)", callee, argument) } else { ex!("$($)", callee, argument) }
    }

    fn gather_word(&mut self) -> &'static str {
        if self.random.chance(15) { "gather" } else { "asyncio.gather" }
    }

    /// `await asyncio.gather(..)` and how many results it has, if that is known.
    fn gathering(&mut self, more: &str) -> Option<(Expr, Option<usize>)> {
        let gather = self.gather_word();
        let (calls, count) = match self.random.below(7) {
            6 if self.take(Feature::Nested, 100) => {
                let call = self.call_of_element(How::Branch);
                let calls = match self.random.below(4) {
                    0 => ex!("*($ for x in await listing(3))", call),
                    1 => ex!("*[$ for x in await listing(2)], name_of(await echo(1))", call),
                    2 => ex!("*[name_of(await echo(x)) for x in [LIMIT, 2] if await is_even(len(str(x)))]"),
                    _ => ex!("*([echo(1)] if LIMIT else []), *(LIMIT and [name_of(2)])"),
                };
                (calls, None)
            }
            0..=3 => {
                let count = self.branches();
                (self.branch_calls(count, How::Branch)?, Some(count))
            }
            form => {
                let (call, elements) = (self.call_of_element(How::Branch), self.elements());
                let call = if form == 4 {
                    ex!("*[$ for x in $]", call, elements)
                } else {
                    ex!("*($ for x in $)", call, elements)
                };
                (call, None)
            }
        };
        let more = match (count, more.is_empty()) {
            (Some(0), false) => more.to_owned(),
            (_, false) => format!(", {more}"),
            (_, true) => String::new(),
        };
        Some((ex!("await $($$)", gather, calls, more), count))
    }

    pub(super) fn gather(&mut self, place: Place) -> Option<Body> {
        if !self.function.is_async {
            return None;
        }
        let (gathered, count) = self.gathering("")?;
        let p = self.p();
        let key = self.key();
        if count == Some(2) && self.random.chance(40) {
            let (a, b) = (self.name(), self.name());
            self.known(&b, Kind::Any);
            return Some(vec![Stmt::Line(ex!("$, $ = $", &a, b, gathered)), Stmt::Line(ex!("$[$] = $", p, key, a))]);
        }
        Some(vec![Stmt::Line(match self.random.below(8) {
            0 if self.has(Feature::Locals) => {
                let name = self.name();
                self.known(&name, Kind::List);
                ex!("$ = $", name, gathered)
            }
            1 if self.has(Feature::Nested) => ex!("$[$] = len($)", p, key, gathered),
            2 if place.iterated.is_none() && self.has(Feature::Nested) => ex!("$[\"l\"].extend($)", p, gathered),
            3 if place.iterated.is_none() => ex!("$[\"l\"] += $", p, gathered),
            4 if self.has(Feature::Nested) => ex!("$[$] = [str(x) for x in $]", p, key, gathered),
            5 => gathered,
            _ => ex!("$[$] = $", p, key, gathered),
        })])
    }

    /// `return_exceptions=True`.
    pub(super) fn gathered_errors(&mut self, _place: Place) -> Option<Body> {
        if !self.function.is_async {
            return None;
        }
        let (gathered, _) = self.gathering("return_exceptions=True")?;
        let p = self.p();
        let name = self.name();
        let shown = "[f\"{type(x).__name__}: {x}\" if isinstance(x, Exception) else x for x in";
        let mut body = vec![Stmt::Line(ex!("$ = $", &name, gathered))];
        if self.random.chance(40) {
            // Errors are values that live across a call.
            let call = self.whole_call();
            body.push(Stmt::Line(ex!("$[\"b\"] = $", &p, call)));
        }
        body.push(Stmt::Line(ex!("$[\"a\"] = $ $]", &p, shown, &name)));
        if self.take(Feature::Reraise, 20) {
            body.push(block(
                ex!("for x in $:", &name),
                vec![block(Expr::plain("if isinstance(x, LookupError):"), vec![line("raise x")])],
            ));
        }
        Some(body)
    }

    /// A list of calls, of which each is awaited or none needs to be.
    pub(super) fn call_list(&mut self, place: Place) -> Option<Body> {
        let p = self.p();
        let key = self.key();
        let is_awaited = self.function.is_async && self.random.chance(50);
        let (how, wait) = if is_awaited { (How::Branch, "await ") } else { (How::Element, "") };
        let list = if self.random.chance(50) {
            let is_calm = self.is_calm() || !self.has(Feature::ArgumentErrors);
            if !is_calm {
                self.used.add(Feature::ArgumentErrors);
            }
            let count = 1 + self.random.below(3);
            let calls: Option<Vec<Expr>> = (0..count)
                .map(|_| self.nesting(0, |writer| writer.call(Kind::Any, how, is_calm)))
                .map(|call| call.map(|call| ex!("$$", wait, call)))
                .collect();
            ex!("[$]", joined(calls?))
        } else {
            let (call, elements) = (self.call_of_element(how), self.elements());
            ex!("[$$ for x in $]", wait, call, elements)
        };
        Some(vec![Stmt::Line(match self.random.below(5) {
            0 if self.has(Feature::Locals) => {
                let name = self.name();
                self.known(&name, Kind::List);
                ex!("$ = $", name, list)
            }
            1 if place.iterated.is_none() => ex!("$[\"l\"] = $", p, list),
            2 if self.has(Feature::Unpacking) => ex!("$[$], *$[\"b\"] = $", &p, key, &p, list),
            _ => ex!("$[$] = $", p, key, list),
        })])
    }

    /// Coroutines that are gathered later.
    pub(super) fn deferred(&mut self, _place: Place) -> Option<Body> {
        if !self.function.is_async {
            return None;
        }
        let p = self.p();
        let tasks = self.name();
        let mut body = Body::new();
        // Tasks begin to run where something else is waited for.
        let is_task = self.take(Feature::Tasks, 30);
        let made = |call| if is_task { ex!("asyncio.create_task($)", call) } else { call };
        match self.random.below(4) {
            0 | 1 => {
                let (call, elements) = (self.call_of_element(How::Branch), self.elements());
                body.push(Stmt::Line(ex!("$ = [$ for x in $]", &tasks, made(call), elements)));
            }
            2 => {
                let (call, elements) = (self.call_of_element(How::Branch), self.elements());
                let call = made(call);
                body.push(line(format!("{tasks} = []")));
                body.push(block(ex!("for x in $:", elements), vec![Stmt::Line(ex!("$.append($)", &tasks, call))]));
            }
            _ => {
                let count = 1 + self.random.below(3);
                let calls: Option<Vec<Expr>> =
                    (0..count).map(|_| self.nesting(0, |writer| writer.call(Kind::Any, How::Branch, true))).collect();
                let calls = calls?.into_iter().map(made).collect();
                body.push(Stmt::Line(ex!("$ = [$]", &tasks, joined(calls))));
            }
        }
        if !is_task && self.random.chance(50) {
            let call = self.nesting(0, Self::whole_call);
            body.push(Stmt::Line(ex!("$[\"b\"] = $", &p, call)));
        }
        let gather = self.gather_word();
        if self.random.chance(30) {
            body.push(Stmt::Line(ex!("$.append(name_of(\"last\"))", &tasks)));
        }
        body.push(Stmt::Line(ex!("$[\"a\"] = await $(*$)", &p, gather, &tasks)));
        Some(body)
    }

    pub(super) fn task_group(&mut self, _place: Place) -> Option<Body> {
        if !self.function.is_async {
            return None;
        }
        let p = self.p();
        let group = self.name();
        let head = ex!("async with asyncio.TaskGroup() as $:", &group);
        if self.random.chance(40) {
            let (call, elements) = (self.call_of_element(How::Branch), self.elements());
            let tasks = self.name();
            let body = vec![Stmt::Line(ex!("$ = [$.create_task($) for x in $]", &tasks, &group, call, elements))];
            return Some(vec![
                Stmt::Block(vec![Clause::new(head, body)]),
                Stmt::Line(ex!("$[\"a\"] = [x.result() for x in $]", p, tasks)),
            ]);
        }
        let is_calm = self.is_calm();
        let mut body = Body::new();
        let mut results = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            let call = self.nesting(0, |writer| writer.call(Kind::Any, How::Branch, is_calm))?;
            let task = self.name();
            body.push(Stmt::Line(ex!("$ = $.create_task($)", &task, &group, call)));
            results.push(ex!("$.result()", task));
        }
        Some(vec![block(head, body), Stmt::Line(ex!("$[\"a\"] = [$]", p, joined(results)))])
    }
}
