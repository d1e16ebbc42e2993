//! Random flows in the language that compiles.

/// A small deterministic generator of numbers (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from((self.next() >> 33) % limit as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Deepest nesting of blocks.
const DEPTH: usize = 5;

/// The text of a flow called `name`.
pub fn flow(random: &mut Random, name: &str) -> String {
    let is_async = random.chance(50);
    let payload = random.pick(&["p", "payload", "state", "at", "calls"]).to_owned();
    let mut writer = Writer { random, payload, is_async, lines: Vec::new(), counters: 0 };
    writer.module();
    let word = if is_async { "async def" } else { "def" };
    writer.line(0, &format!("{word} {name}({}: dict) -> dict:", writer.payload));
    if writer.random.chance(30) {
        writer.line(1, "\"\"\"A flow\n\n    made by chance.\n    \"\"\"");
    }
    if writer.random.chance(30) {
        writer.line(1, "box = Box()");
    } else {
        writer.line(1, "box = handlers.Box()");
    }
    if writer.random.chance(80) {
        let payload = writer.payload.clone();
        for (key, value) in [("n", "0"), ("l", "[]"), ("d", "{}"), ("a", "1"), ("b", "2")] {
            writer.line(1, &format!("{payload}.setdefault(\"{key}\", {value})"));
        }
    }
    let size = 5 + writer.random.below(6);
    writer.block(1, size, 0);
    let payload = writer.payload.clone();
    if writer.random.chance(20) {
        let call = writer.call();
        writer.line(1, &format!("return {call}"));
    } else {
        writer.line(1, &format!("return {payload}"));
    }
    writer.lines.join("\n") + "\n"
}

struct Writer<'r> {
    random: &'r mut Random,
    payload: String,
    is_async: bool,
    lines: Vec<String>,
    counters: usize,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.lines.push(format!("{}{text}", "    ".repeat(depth)));
    }

    fn module(&mut self) {
        for line in [
            "import json",
            "import os.path as paths",
            "from math import floor as down",
            "",
            "import handlers",
            "from handlers import (",
            "    Box, add, adder, end_call, fail_often, fresh, grow, more, numbers, router_of, start_up, tuples,",
            ")",
            "",
            "LIMIT = 3",
            "NAMES = [",
            "    \"one\",  # first",
            "    \"two\",",
            "]",
            "BOTH = LIMIT * 2 + len(NAMES)",
            "TEXT = '''line",
            "    indented",
            "'''",
            "",
            "",
            "def double(number):",
            "    \"\"\"Uses a constant",
            "    of the module.\"\"\"",
            "    result = number * 2",
            "    return result + BOTH",
            "",
            "",
        ] {
            self.line(0, line);
        }
    }

    /// Writes about `size` statements; `loops` is the number of loops around.
    fn block(&mut self, depth: usize, size: usize, loops: usize) {
        for _ in 0..size {
            self.statement(depth, loops);
        }
    }

    fn statement(&mut self, depth: usize, loops: usize) {
        let compound = depth <= DEPTH && self.random.chance(40);
        match self.random.below(if compound { 17 } else { 11 }) {
            0..=3 | 9 => {
                let call = self.call();
                let payload = self.payload.clone();
                self.line(depth, &format!("{payload} = {call}"));
            }
            4 if self.random.chance(20) => {
                // Everything on one line (each statement is its own step of the program).
                let (first, call, last) = (self.simple(), self.call(), self.simple());
                let payload = self.payload.clone();
                self.line(depth, &format!("{first}; {payload} = {call}; {last}"));
            }
            4..=6 => {
                let text = self.simple();
                self.line(depth, &text);
            }
            7 => self.long_statement(depth),
            8 if depth > 1 => self.leave(depth, loops),
            8 | 10 => self.conditional(depth, loops),
            11..=13 => self.conditional(depth, loops),
            _ if loops < 3 => self.repeat(depth, loops),
            _ => self.conditional(depth, loops),
        }
    }

    fn leave(&mut self, depth: usize, loops: usize) {
        let condition = self.condition();
        let payload = self.payload.clone();
        let way = match self.random.below(if loops > 0 { 6 } else { 3 }) {
            0 => format!("return {payload}"),
            1 => format!("return {}", self.call()),
            2 => format!("raise ValueError(f\"stopped at {{len({payload})}}\")"),
            3 | 4 => "break".to_owned(),
            _ => "continue".to_owned(),
        };
        if self.random.chance(90) {
            self.line(depth, &format!("if {condition}:"));
            if self.random.chance(40) {
                let text = self.simple();
                self.line(depth + 1, &text);
            }
            self.line(depth + 1, &way);
        } else {
            self.line(depth, &way);
        }
    }

    fn conditional(&mut self, depth: usize, loops: usize) {
        let condition = self.condition();
        if self.random.chance(10) {
            self.line(depth, &format!("if (\n{condition}\n):"));
        } else {
            self.line(depth, &format!("if {condition}:"));
        }
        let size = 1 + self.random.below(3);
        self.block(depth + 1, size, loops);
        for _ in 0..self.random.below(3) {
            let condition = self.condition();
            self.line(depth, &format!("elif {condition}:"));
            let size = 1 + self.random.below(2);
            self.block(depth + 1, size, loops);
        }
        if self.random.chance(50) {
            self.line(depth, "else:");
            let size = 1 + self.random.below(3);
            self.block(depth + 1, size, loops);
        }
    }

    fn repeat(&mut self, depth: usize, loops: usize) {
        self.counters += 1;
        let counter = format!("{}[\"c{}\"]", self.payload, self.counters);
        let rounds = 1 + self.random.below(3);
        self.line(depth, &format!("{counter} = 0"));
        let size = 1 + self.random.below(3);
        if self.random.chance(60) {
            self.line(depth, &format!("while {counter} < {rounds}:"));
            self.line(depth + 1, &format!("{counter} += 1"));
            self.block(depth + 1, size, loops + 1);
        } else {
            let always = self.random.pick(&["True", "1", "\"yes\""]);
            self.line(depth, &format!("while {always}:"));
            self.line(depth + 1, &format!("{counter} += 1"));
            self.line(depth + 1, &format!("if {counter} > {rounds}:"));
            self.line(depth + 2, "break");
            self.block(depth + 1, size, loops + 1);
        }
    }

    /// A call whose result becomes the payload.
    fn call(&mut self) -> String {
        let payload = self.payload.clone();
        let (callee, is_async) = match self.random.below(16) {
            0 | 1 => ("add", false),
            2 => ("grow", false),
            3 => ("fresh", false),
            4 => ("fail_often", false),
            5 => ("tuples", false),
            6 => ("numbers", false),
            7 => ("end_call", false),
            8 => ("start_up", false),
            9 => ("router_of", false),
            10 => ("handlers.more", false),
            11 => ("box.put", false),
            12 => ("box.take", true),
            13 => ("Box().put", false),
            14 => ("handlers.Box.fixed", false),
            _ => ("adder", true),
        };
        match (is_async, self.is_async) {
            (true, true) => format!("await {callee}({payload})"),
            (true, false) => format!("add({payload})"),
            (false, _) => format!("{callee}({payload})"),
        }
    }

    /// A statement on one line without a call of an actor.
    fn simple(&mut self) -> String {
        let p = self.payload.clone();
        let (key, other) = (self.key(), self.key());
        let value = self.value();
        match self.random.below(20) {
            0..=4 => format!("{p}[{key}] = {value}"),
            5 => format!("{p}[\"n\"] += {value}"),
            6 => format!("{p}[\"d\"][{key}] = {value}"),
            7 if self.random.chance(40) => format!("del {p}[{key}]"),
            8 => format!("{p}.update({{{key}: {value}}})"),
            9 => format!("{p}[\"l\"].append({value})"),
            10 => format!("{p}.setdefault(\"l\", []).append({value})"),
            11 => format!("{p} = {{**{p}, {key}: {value}}}"),
            12 => format!("{p} |= {{{key}: {value}}}"),
            13 => format!("{p} = dict({p}, z={value})"),
            14 if self.random.chance(20) => format!("assert {}, f\"not {{{p}.get('n')}}\"", self.condition()),
            15 => format!("{p}[{key}], {p}[\"s\"] = {p}.get({other}), {value}"),
            16 => format!("{p}[{key}] = {p}[\"s\"] = {value}"),
            17 => format!("{p}[\"l\"] = [x for x in {p}.get(\"l\", []) if x != {value}]"),
            18 => format!("{p}[{key}]: int = {value}"),
            _ => "pass".to_owned(),
        }
    }

    /// A statement over several lines without a call of an actor.
    fn long_statement(&mut self, depth: usize) {
        let p = self.payload.clone();
        let (key, value, condition) = (self.key(), self.value(), self.condition());
        match self.random.below(5) {
            0 => {
                self.line(depth, &format!("{p}[{key}] = {{"));
                self.line(depth + 1, &format!("\"v\": {value},  # a remark"));
                self.line(depth, "}");
            }
            1 => {
                self.line(depth, &format!("{p}[{key}] = \"\"\"a"));
                self.lines.push("  b".to_owned());
                self.lines.push("        c\"\"\"".to_owned());
            }
            2 => {
                self.line(depth, &format!("if {condition}:"));
                self.line(depth + 1, "# a remark");
                self.line(depth + 1, &format!("{p}[{key}] = f\"\"\"x{{{value}}}"));
                self.lines.push("y\"\"\"".to_owned());
                self.line(depth, "else:");
                self.line(depth + 1, &format!("{p}[\"s\"] = 1; {p}[\"t\"] = 2"));
            }
            3 => {
                self.counters += 1;
                let counter = format!("{p}[\"c{}\"]", self.counters);
                self.line(depth, &format!("{counter} = 0"));
                self.line(depth, &format!("while {counter} < 4:"));
                self.line(depth + 1, &format!("{counter} += 1"));
                self.line(depth + 1, &format!("if {condition}: break"));
                self.line(depth + 1, &format!("{p}.setdefault(\"l\", []).append({counter})"));
                self.line(depth + 1, "continue");
            }
            _ => {
                self.line(depth, &format!("{p}[{key}] = \\"));
                self.lines.push(format!("  {value}"));
            }
        }
    }

    fn key(&mut self) -> String {
        self.random.pick(&["\"a\"", "\"b\"", "\"s\"", "\"n\"", "'it''s'", "NAMES[0]", "f\"k{LIMIT}\""]).to_owned()
    }

    fn value(&mut self) -> String {
        let p = self.payload.clone();
        match self.random.below(15) {
            0..=3 => self.random.below(9).to_string(),
            4 => "\"text\"".to_owned(),
            5 => "[1, 2.5, None, True]".to_owned(),
            6 => format!("{p}.get(\"n\", 0) + 1"),
            7 => format!("len({p}.get(\"l\", []))"),
            8 => "LIMIT".to_owned(),
            9 => format!("1 + double({p}.get(\"n\", 0))"),
            10 => format!("json.dumps({p}.get(\"s\"))"),
            11 => "down(2.7)".to_owned(),
            12 => "paths.join(\"x\", TEXT)".to_owned(),
            13 => format!("(lambda x: x * {p}.get(\"n\", 0))(2)"),
            _ => format!("{p}[\"n\"] % 5"),
        }
    }

    fn condition(&mut self) -> String {
        let p = self.payload.clone();
        let limit = self.random.below(8);
        let key = self.key();
        match self.random.below(9) {
            0 => format!("{p}.get(\"n\", 0) > {limit}"),
            1 => format!("{key} in {p}"),
            2 => format!("not {p}.get({key})"),
            3 => format!("len({p}.get(\"log\", [])) % 2 == 0"),
            4 => format!("{p}[\"n\"] < {limit}"),
            5 => format!("{p}.get(\"n\", 0) > 2 and {key} not in {p}"),
            6 => format!("any(x == {limit} for x in {p}.get(\"l\", []))"),
            7 => format!("{p}.get(\"n\", 0) == LIMIT or {p}.get({key}) is None"),
            _ => format!("double({p}.get(\"n\", 0)) > BOTH + {limit}"),
        }
    }
}
