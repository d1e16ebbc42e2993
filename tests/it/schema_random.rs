//! Random flows and payloads: the schema accepts every payload for which the flow does not raise,
//! and a payload without something that is required makes it raise.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use crate::compiler::compile_text;

/// Numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const SCALARS: &[&str] = &["a", "b", "c", "d"];
const OBJECTS: &[&str] = &["o", "q"];
const LISTS: &[&str] = &["l", "m"];
const INNER: &[&str] = &["j", "k"];
const VARIABLES: &[&str] = &["x", "y"];

const HEAD: &str = r#"import asyncio
import contextlib
from handlers import f, s


def part(p):  # asya: unfold
    p["c"] = p["a"]
    return p


def other(p, more):  # asya: unfold
    if p.get("b"):
        return {"a": 1, "b": more}
    p["seen"] = more
    return p


def inner(p):  # asya: unfold
    got = p["o"]
    got["k"] = 1
    return got


async def loud(o, key="j"):  # asya: unfold
    got = await f(o[key])
    o["j"] = got["j"]
    return got


"#;

/// Writes a flow.
struct Writer<'d> {
    dice: &'d mut Dice,
    text: String,
    /// How many loops there are, for their counters.
    loops: usize,
    /// The names of the payload and of a helper's parameter.
    in_loop: usize,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.text, "{}{text}", "    ".repeat(depth));
    }

    fn scalar(&mut self) -> String {
        let (key, object, inner) = (self.dice.pick(SCALARS), self.dice.pick(OBJECTS), self.dice.pick(INNER));
        let variable = self.dice.pick(VARIABLES);
        match self.dice.roll(9) {
            0 | 1 => format!("p[\"{key}\"]"),
            2 => format!("p.get(\"{key}\", 1)"),
            3 => format!("p[\"{object}\"][\"{inner}\"]"),
            4 => format!("p.get(\"{object}\", {{}}).get(\"{inner}\")"),
            5 => format!("{variable}[\"{inner}\"]"),
            6 => format!("(await f(p[\"{key}\"]))[\"j\"]"),
            7 => format!("(p.get(\"{key}\") and p[\"{object}\"][\"{inner}\"])"),
            _ => "7".to_owned(),
        }
    }

    fn test(&mut self) -> String {
        let (key, object, variable) = (self.dice.pick(SCALARS), self.dice.pick(OBJECTS), self.dice.pick(VARIABLES));
        match self.dice.roll(6) {
            0 => format!("\"{key}\" in p"),
            1 => format!("p.get(\"{key}\")"),
            2 => format!("\"j\" in p[\"{object}\"]"),
            3 => format!("isinstance({variable}, dict)"),
            4 => format!("{} == 1", self.scalar()),
            _ => format!("p[\"{key}\"]"),
        }
    }

    fn block(&mut self, depth: usize, budget: usize) {
        let count = 1 + self.dice.roll(3);
        for _ in 0..count {
            self.statement(depth, budget);
        }
    }

    fn statement(&mut self, depth: usize, budget: usize) {
        let (key, object, list) = (self.dice.pick(SCALARS), self.dice.pick(OBJECTS), self.dice.pick(LISTS));
        let (inner, variable) = (self.dice.pick(INNER), self.dice.pick(VARIABLES));
        let sides = if budget == 0 { 22 } else { 33 };
        match self.dice.roll(sides) {
            0 | 1 => {
                let value = self.scalar();
                self.line(depth, &format!("p[\"{key}\"] = {value}"));
            }
            2 | 3 => self.line(depth, &format!("{variable} = p[\"{object}\"]")),
            4 => self.line(depth, &format!("{variable} = p.get(\"{object}\", {{}})")),
            5 => {
                let value = self.scalar();
                self.line(depth, &format!("{variable}[\"{inner}\"] = {value}"));
            }
            6 => {
                let value = self.scalar();
                self.line(depth, &format!("{variable} = {value}"));
            }
            7 => self.line(depth, &format!("p[\"{object}\"][\"{inner}\"] = 2")),
            8 => self.line(depth, &format!("p.setdefault(\"{key}\", 3)")),
            9 => self.line(depth, &format!("p.pop(\"{key}\", None)")),
            10 => self.line(depth, &format!("del p[\"{key}\"]")),
            11 => self.line(depth, &format!("p.update({key}=1)")),
            12 => self.line(depth, &format!("{variable} = await f(p[\"{object}\"])")),
            13 => self.line(depth, &format!("p[\"{object}\"] = await f({variable})")),
            14 => self.line(depth, &format!("p[\"{list}\"] = [await f(one[\"{inner}\"]) for one in p[\"{list}\"]]")),
            15 => self.line(
                depth,
                &format!("{variable}, p[\"{key}\"] = await asyncio.gather(f(p[\"{object}\"]), f(p[\"{key}\"]))"),
            ),
            16 => self.line(depth, "p = part(p)"),
            17 => self.line(depth, &format!("{variable} = inner(p)")),
            18 => {
                let value = self.scalar();
                self.line(depth, &format!("p = other(p, {value})"));
            }
            19 => self.line(depth, &format!("p[\"{key}\"] = (await loud(p[\"{object}\"], key=\"{inner}\"))[\"j\"]")),
            20 => match self.dice.roll(4) {
                0 => self.line(depth, "p = await f(p)"),
                1 => self.line(depth, &format!("p = {{**p, \"{key}\": 1}}")),
                2 => self.line(depth, &format!("{variable} = p")),
                _ => self.line(depth, &format!("p[\"{key}\"] += 1")),
            },
            21 => match self.dice.roll(4) {
                0 => self.line(depth, "return p"),
                1 => self.line(depth, "raise ValueError(\"no\")"),
                2 if self.in_loop > 0 => self.line(depth, "break"),
                3 if self.in_loop > 0 => self.line(depth, "continue"),
                _ => self.line(depth, &format!("s(p[\"{key}\"])")),
            },
            22..=24 => {
                let test = self.test();
                self.line(depth, &format!("if {test}:"));
                self.block(depth + 1, budget - 1);
                if self.dice.roll(2) == 0 {
                    self.line(depth, "else:");
                    self.block(depth + 1, budget - 1);
                }
            }
            25 => {
                self.line(depth, &format!("for one in p[\"{list}\"]:"));
                self.in_loop += 1;
                self.line(depth + 1, &format!("one[\"{inner}\"] = 1"));
                self.block(depth + 1, budget - 1);
                self.in_loop -= 1;
            }
            26 => {
                self.loops += 1;
                let counter = format!("n{}", self.loops);
                let test = self.test();
                self.line(depth, &format!("{counter} = 0"));
                self.line(depth, &format!("while {counter} < 3 and {test}:"));
                self.in_loop += 1;
                self.line(depth + 1, &format!("{counter} += 1"));
                self.block(depth + 1, budget - 1);
                self.in_loop -= 1;
            }
            27 | 28 => {
                self.line(depth, "try:");
                self.block(depth + 1, budget - 1);
                let has_except = self.dice.roll(3) > 0;
                if has_except {
                    let caught = self.dice.pick(&["KeyError", "ValueError", "Exception"]);
                    self.line(depth, &format!("except {caught}:"));
                    self.block(depth + 1, budget - 1);
                }
                if !has_except || self.dice.roll(3) == 0 {
                    self.line(depth, "finally:");
                    self.line(depth + 1, &format!("p[\"{key}\"] = 5"));
                }
            }
            29 => {
                self.line(depth, "with contextlib.suppress(KeyError):");
                self.block(depth + 1, budget - 1);
            }
            30 | 31 => {
                let subject = if self.dice.roll(2) == 0 { "p".to_owned() } else { format!("p[\"{object}\"]") };
                self.line(depth, &format!("match {subject}:"));
                self.line(depth + 1, &format!("case {{\"{key}\": 1, \"{object}\": {variable}}}:"));
                self.block(depth + 2, budget - 1);
                self.line(depth + 1, &format!("case {{\"{inner}\": {{\"{inner}\": 2}}}}:"));
                self.block(depth + 2, budget - 1);
                if self.dice.roll(2) == 0 {
                    self.line(depth + 1, "case _:");
                    self.block(depth + 2, budget - 1);
                }
            }
            _ => {
                self.line(
                    depth,
                    &format!("p[\"{key}\"] = [p[\"{object}\"][i] for i in {variable} if i != p[\"{key}\"]]"),
                );
            }
        }
    }
}

fn flow(dice: &mut Dice) -> String {
    let mut writer = Writer { dice, text: HEAD.to_owned(), loops: 0, in_loop: 0 };
    writer.line(0, "async def demo(p):  # asya: flow");
    writer.line(1, "x = y = {}");
    for _ in 0..4 {
        writer.statement(1, 2);
    }
    writer.line(1, "return p");
    writer.text
}

fn payload(dice: &mut Dice) -> Value {
    let mut payload = Map::new();
    let missing = [2, 5, 40][dice.roll(3)];
    let object = |dice: &mut Dice| {
        let mut object = Map::new();
        for key in INNER {
            if dice.roll(missing) > 0 {
                object.insert((*key).to_owned(), json!(dice.roll(3)));
            }
        }
        Value::Object(object)
    };
    for key in SCALARS {
        if dice.roll(missing) > 0 {
            payload.insert((*key).to_owned(), json!(dice.roll(3)));
        }
    }
    for key in OBJECTS {
        if dice.roll(missing) > 0 {
            let value = object(dice);
            payload.insert((*key).to_owned(), value);
        }
    }
    for key in LISTS {
        if dice.roll(missing) > 0 {
            let count = dice.roll(3);
            let items = (0..count).map(|_| object(dice)).collect();
            payload.insert((*key).to_owned(), Value::Array(items));
        }
    }
    Value::Object(payload)
}

/// Why a schema of the kind that is read from flows refuses a value.
fn refusal(schema: &Value, value: &Value) -> Option<String> {
    let is_right = match schema.get("type").and_then(Value::as_str) {
        None => true,
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some(other) => panic!("{other}"),
    };
    if !is_right {
        return Some(format!("{value} is no {}", schema["type"]));
    }
    let object = value.as_object()?;
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    if let Some(missing) = required.into_iter().find(|key| !object.contains_key(key.as_str().unwrap())) {
        return Some(format!("{missing} is missing in {value}"));
    }
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.into_iter().find_map(|(key, schema)| refusal(schema, object.get(key)?))
}

/// The payload without one thing that is required, for every such thing.
fn without(schema: &Value, payload: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let Some(object) = payload.as_object() else { return found };
    for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let mut less = object.clone();
        less.remove(key.as_str().unwrap());
        found.push(Value::Object(less));
    }
    for (key, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let Some(value) = object.get(key) else { continue };
        for less in without(inner, value) {
            let mut changed = object.clone();
            changed.insert(key.clone(), less);
            found.push(Value::Object(changed));
        }
    }
    found
}

#[test]
fn the_schema_is_what_the_flow_needs() {
    let mut child = Command::new(crate::local_bench::settings().python)
        .args(["-B", "-W", "ignore", "-c", include_str!("schema_random.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut run = |source: &str, payloads: &[Value]| -> Vec<Option<String>> {
        writeln!(stdin, "{}", json!({"source": source, "payloads": payloads})).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}\n{source}"))
    };
    let count: u64 = std::env::var("ASYA_RANDOM").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let (mut compiled, mut fine, mut required) = (0_u64, 0_u64, 0_u64);
    for seed in 1..=count {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let text = flow(&mut dice);
        let Ok((program, _)) = compile_text(&text) else { continue };
        compiled += 1;
        let schema = program.input_schema;
        let payloads: Vec<Value> = (0..40).map(|_| payload(&mut dice)).collect();
        let ends = run(&text, &payloads);
        for (payload, end) in payloads.iter().zip(&ends) {
            if end.is_some() {
                continue;
            }
            fine += 1;
            if let Some(reason) = refusal(&schema, payload) {
                panic!("seed {seed}: {payload} is fine, but {reason}\n{schema}\n{text}");
            }
            let less = without(&schema, payload);
            required += u64::try_from(less.len()).unwrap();
            for (less, end) in less.iter().zip(run(&text, &less)) {
                assert!(end.is_some(), "seed {seed}: {less} is fine without what is required\n{schema}\n{text}");
            }
        }
    }
    assert!(compiled * 10 > count * 8, "only {compiled} of {count} compile");
    assert!(fine > compiled * 2 && required > fine, "{fine} runs are fine, {required} things are required");
    drop(stdin);
    child.wait().unwrap();
}
