//! What a schema requires, Python requires too.

use std::collections::BTreeMap;

use asya::artifacts::schema::check;
use serde_json::{Value, json};

use super::bench::Bench;
use super::generate::{self, Random};
use super::reference::Expected;
use super::trace::{End, Planned};
use super::{HANDLERS, variable};

/// Random flows, run directly without a key that their schema requires: no actor is called and no
/// payload comes back.
#[test]
fn what_is_required_is_needed() {
    let flow = |random: &mut Random, name: &str| late(&generate::flow(random, name), random.below(4) == 0);
    let payload = |n: usize| json!({"n": n, "l": [1, n], "d": {}, "s": "x", "a": n, "b": 2, "it''s": 1, "k3": 4});
    check_required(variable("ASYA_FLOWS", 300), &flow, &payload);
}

/// The same for flows that read and write deep inside the payload, also under other names.
#[test]
fn what_is_required_inside_is_needed() {
    let payload = |n: usize| {
        let deep = (0..4).fold(json!(n), |inner, _| json!({"a": inner, "b": inner, "c": inner}));
        json!({"a": deep, "b": deep, "c": deep, "x": deep, "n": n})
    };
    check_required(variable("ASYA_FLOWS", 300), &deep_flow, &payload);
}

fn check_required(count: u64, flow: &dyn Fn(&mut Random, &str) -> String, payload: &dyn Fn(usize) -> Value) {
    let seed = variable("ASYA_FLOWS_SEED", 1);
    let mut bench = Bench::new(HANDLERS);
    let mut texts = BTreeMap::new();
    for number in 0..count {
        let name = format!("flow_{number}");
        let text = flow(&mut Random::new(seed * 2_000_003 + number), &name);
        bench.add(&name, &text);
        texts.insert(name, text);
    }
    let mut reference = bench.reference();
    let (mut required, mut runs, mut missed) = (0, 0, 0);
    for (name, text) in &texts {
        let schema = &bench.programs[name].input_schema;
        check(schema, name).unwrap();
        for path in required_paths(schema) {
            required += 1;
            for n in [0, 2, 7] {
                let mut payload = payload(n);
                let (key, parents) = path.split_last().unwrap();
                let parent = parents.iter().try_fold(&mut payload, |at, key| at.get_mut(key));
                let Some(parent) = parent.and_then(Value::as_object_mut) else { continue };
                parent.remove(key);
                runs += 1;
                match reference.run(name, &payload.to_string()) {
                    Expected::Run(Planned { steps, end: End::Error(kind, message) }) if steps.is_empty() => {
                        missed += u64::from(kind == "KeyError" && message == format!("'{key}'"));
                    }
                    _ => panic!("{path:?} is not needed\n{payload}\n{text}\n{schema:#}"),
                }
            }
        }
    }
    println!("{required} required keys, {missed} of {runs} runs miss just that key");
    assert!(required * 10 > count, "hardly anything is required");
    // The others end in an error of their own before they get to it.
    assert!(missed * 4 > runs * 3, "most runs miss just that key");
}

/// The keys that are required, at any depth, with the keys around them.
fn required_paths(schema: &Value) -> Vec<Vec<String>> {
    let here = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let mut found: Vec<Vec<String>> = here.map(|key| vec![key.as_str().unwrap().to_owned()]).collect();
    for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        found.extend(required_paths(property).into_iter().map(|path| [vec![key.clone()], path].concat()));
    }
    found
}

/// A flow that reads and writes places like `p["a"]["b"]` in many ways.
fn deep_flow(random: &mut Random, name: &str) -> String {
    let mut text = format!(
        "from handlers import add, grow\n\n\ndef touch(x):\n    x[\"c\"] = {{key: {{}} for key in \"abc\"}}\n    return 0\n\n\ndef {name}(p: dict) -> dict:\n"
    );
    let size = 2 + random.below(6);
    deep_block(random, &mut text, 1, size);
    text + "    p = add(p)\n    return p\n"
}

fn deep_block(random: &mut Random, text: &mut String, depth: usize, size: usize) {
    let indent = "    ".repeat(depth);
    for _ in 0..size {
        let (place, other, key) = (place(random), place(random), one(random, &["a", "b", "c"]));
        let line = match random.below(if depth < 4 { 26 } else { 20 }) {
            0 | 1 => format!("p[\"x\"] = {place}"),
            2 => format!("{place} = {other}"),
            3 => format!("{place} = {{\"{key}\": {other}}}"),
            4 => format!("p[\"n\"] = len({place})"),
            5 => format!("p[\"x\"] = {place}.get(\"{key}\", {other})"),
            6 => format!("{place}.update({{\"{key}\": {other}}})"),
            7 => format!("p.setdefault(\"{key}\", {{}})[\"a\"] = {place}"),
            8 => format!("p[\"x\"] = {place} and {other}"),
            9 => format!("p[\"x\"] = {place}.pop(\"{key}\")"),
            10 => format!("del {place}"),
            11 => format!("p[\"{key}\"][\"abc\"[p[\"n\"] % 3]] = {other}"),
            12 => format!("p[\"n\"] = 0 + touch({place})"),
            13 => format!("p[\"n\"] = len([0 + touch(x) for x in p.values() if x == {other}])"),
            14 => "p[\"x\"] = {**p}".to_owned(),
            15 => format!("p[\"x\"][\"{key}\"] = {place} if p[\"n\"] else {{}}"),
            16 => format!("p[\"x\"].update({key}={other})"),
            17 => format!("p[\"x\"] = p.get(\"{key}\", {{}})[\"{key}\"]"),
            18 => format!("{place}[\"{key}\"] = p.pop(\"{key}\", {{}})"),
            19 => format!("p[\"x\"] = \"{key}\" in {place}"),
            at => {
                let size = 1 + random.below(3);
                match at {
                    20 | 21 => {
                        text.push_str(&format!("{indent}if p[\"n\"] % 2 == 0:\n"));
                        deep_block(random, text, depth + 1, size);
                        text.push_str(&format!("{indent}elif \"{key}\" in {other}:\n"));
                        deep_block(random, text, depth + 1, size);
                        text.push_str(&format!("{indent}else:\n"));
                        deep_block(random, text, depth + 1, size);
                    }
                    22 => {
                        text.push_str(&format!("{indent}if p[\"n\"] == 7:\n"));
                        deep_block(random, text, depth + 1, size);
                        text.push_str(&format!("{indent}    p = grow(p)\n"));
                    }
                    _ => {
                        text.push_str(&format!("{indent}p[\"i{depth}\"] = 0\n{indent}while p[\"i{depth}\"] < 3:\n"));
                        text.push_str(&format!("{indent}    p[\"i{depth}\"] += 1\n"));
                        let before = random.below(2);
                        deep_block(random, text, depth + 1, before);
                        // The exit reads what an earlier round perhaps wrote.
                        let round = random.below(9);
                        let way =
                            one(random, &["break", "break", "continue", "return p", "raise ValueError", "p = grow(p)"]);
                        text.push_str(&format!("{indent}    if p[\"n\"] + p[\"i{depth}\"] >= {round}:\n"));
                        text.push_str(&format!("{indent}        p[\"y\"] = {place}\n{indent}        {way}\n"));
                        deep_block(random, text, depth + 1, size);
                    }
                }
                continue;
            }
        };
        text.push_str(&format!("{indent}{line}\n"));
    }
}

fn place(random: &mut Random) -> String {
    let keys: String = (0..=random.below(3)).map(|_| format!("[\"{}\"]", one(random, &["a", "b", "c"]))).collect();
    format!("p{keys}")
}

fn one<'a>(random: &mut Random, from: &[&'a str]) -> &'a str {
    from[random.below(from.len())]
}

/// The flow without the defaults at its beginning and without the calls outside of its branches and
/// loops, so that it reads much before anything is set; with the calls it had when `has_calls`.
fn late(text: &str, has_calls: bool) -> String {
    let (before, _) = text.split_once(": dict) -> dict:").unwrap();
    let (_, payload) = before.rsplit_once('(').unwrap();
    let kept = text.lines().filter(|line| {
        let Some(line) = line.strip_prefix("    ") else { return true };
        let is_default = line.starts_with(&format!("{payload}.setdefault(")) && line.ends_with(')');
        let is_call = line.starts_with(&format!("{payload} = ")) && line.ends_with(&format!("({payload})"));
        let is_used = line.contains(").append(");
        (is_used || !is_default) && (has_calls || !is_call)
    });
    kept.map(|line| format!("{line}\n")).collect()
}
