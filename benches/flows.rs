//! Generated flows of any size, the same at every run.

/// Handlers that the mixed flow calls.
const HANDLERS: usize = 20;

/// A flow and what is special about it.
pub struct Shape {
    pub name: &'static str,
    pub text: fn(usize) -> String,
}

/// Flows that are large in one way only: each looks for a step whose cost grows faster than it
/// should.
pub const SHAPES: &[Shape] = &[
    Shape { name: "calls in a row", text: calls },
    Shape { name: "segments of one name", text: segments },
    Shape { name: "guards that return", text: guards },
    Shape { name: "one chain of elif", text: elifs },
    Shape { name: "continue in one loop", text: continues },
    Shape { name: "actors", text: actors },
    Shape { name: "multi-line strings", text: strings },
    Shape { name: "handler objects", text: objects },
    Shape { name: "module constants", text: constants },
];

/// `count` statements as people write them: half of them change the payload, the rest are calls,
/// `if` with and without calls, `while`, and `continue` inside.
pub fn mixed(count: usize) -> String {
    let names: Vec<String> = (0..HANDLERS).map(|number| format!("step_{number}")).collect();
    let mut text =
        format!("from handlers import {}\n\nLIMIT = 3\n\n\nasync def demo(p: dict) -> dict:\n", names.join(", "));
    text.push_str("    \"\"\"Does a lot.\"\"\"\n");
    let mut made = 0;
    for number in 0.. {
        let lines = paragraph(number);
        for (line, is_statement) in lines.lines().map(|line| (line, is_statement(line))) {
            let is_nested = line.starts_with("        ");
            if made >= count.saturating_sub(1) && !is_nested {
                text.push_str("    return p\n");
                return text;
            }
            made += usize::from(is_statement);
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn is_statement(line: &str) -> bool {
    let word = line.trim_start();
    !(word.starts_with("else") || word.starts_with('#'))
}

/// Sixteen statements.
fn paragraph(number: usize) -> String {
    let call = |at: usize| format!("step_{}(p)", (number + at) % HANDLERS);
    format!(
        "    # paragraph {number}
    p[\"total\"] = p.get(\"total\", 0) + {number}
    p[\"label\"] = f\"part {{p['total']}} of {number}\"
    p[\"items\"] = [item for item in p.get(\"items\", []) if item != {number}]
    p = await {}
    if p.get(\"quick\"):
        p[\"total\"] += len(p[\"items\"])
    if p[\"total\"] > {number} and not p.get(\"seen\"):
        p[\"seen\"] = True
        p = await {}
    else:
        p[\"rest\"] = {{\"number\": {number}, \"of\": LIMIT}}
    p[\"i\"] = 0
    while p[\"i\"] < LIMIT:
        p[\"i\"] += 1
        if p.get(\"skip\"):
            continue
        p = await {}
",
        call(0),
        call(1),
        call(2)
    )
}

fn flow(head: &str, body: impl Iterator<Item = String>) -> String {
    let body: String = body.collect();
    format!("{head}\n\nasync def demo(p: dict) -> dict:\n{body}    return p\n")
}

fn calls(count: usize) -> String {
    flow("from handlers import one, two", (0..count).map(|at| format!("    p = await {}(p)\n", ["one", "two"][at % 2])))
}

fn segments(count: usize) -> String {
    flow("from handlers import one", (0..count / 2).map(|at| format!("    p = await one(p)\n    p[\"at\"] = {at}\n")))
}

fn guards(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count / 2)
            .map(|at| format!("    if p.get(\"stop\") == {at}:\n        return p\n"))
            .chain(["    p = await one(p)\n".to_owned()]),
    )
}

fn elifs(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count / 2).map(|at| {
            format!("    {} p.get(\"kind\") == {at}:\n        p = await one(p)\n", if at == 0 { "if" } else { "elif" })
        }),
    )
}

fn continues(count: usize) -> String {
    let body = (0..count / 2).map(|at| format!("        if p.get(\"skip\") == {at}:\n            continue\n"));
    flow(
        "from handlers import one",
        ["    while p.get(\"more\"):\n        p = await one(p)\n".to_owned()].into_iter().chain(body),
    )
}

fn actors(count: usize) -> String {
    flow("import handlers", (0..count).map(|at| format!("    p = await handlers.step_{at}(p)\n    p[\"at\"] = {at}\n")))
}

fn strings(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count)
            .map(|at| format!("    p[\"text\"] = \"\"\"\n    number {at}\n    \"\"\"\n"))
            .chain(["    p = await one(p)\n".to_owned()]),
    )
}

fn objects(count: usize) -> String {
    let classes: String = (0..count / 2)
        .map(|at| format!("class Step{at}:\n    def run(self, p: dict) -> dict:\n        return p\n\n\n"))
        .collect();
    let made = (0..count / 2).map(|at| format!("    step_{at} = Step{at}()\n"));
    let used = (0..count / 2).map(|at| format!("    if p.get(\"at\") == {at}:\n        p = step_{at}.run(p)\n"));
    flow(&classes, made.chain(used))
}

fn constants(count: usize) -> String {
    let constants: String = (0..count).map(|at| format!("LIMIT_{at} = {at}\n")).collect();
    flow(
        &format!("from handlers import one\n\n{constants}"),
        (0..count).map(|at| format!("    p[\"at\"] = LIMIT_{at}\n")).chain(["    p = await one(p)\n".to_owned()]),
    )
}

/// Sources at the edge of what Python itself takes; name and text.
pub fn extremes() -> Vec<(String, String)> {
    let around = |statement: String| {
        flow("from handlers import one", ["    p = await one(p)\n".to_owned(), statement].into_iter())
    };
    let parentheses = |depth: usize| around(format!("    p[\"x\"] = {}1{}\n", "(".repeat(depth), ")".repeat(depth)));
    let sum = |terms: usize| around(format!("    p[\"x\"] = {}\n", vec!["p[\"a\"]"; terms].join(" + ")));
    let ifs = |depth: usize, last: &str| {
        let mut text: String =
            (0..depth).map(|at| format!("{}if p.get(\"k\") != {at}:\n", " ".repeat(at + 4))).collect();
        text.push_str(&format!("{}{last}\n", " ".repeat(depth + 4)));
        around(text)
    };
    let whiles = |depth: usize| {
        let heads: String =
            (0..depth).map(|at| format!("{}while p.get(\"k\") != {at}:\n", " ".repeat(at + 4))).collect();
        around(format!("{heads}{}p[\"k\"] = 1\n", " ".repeat(depth + 4)))
    };
    vec![
        ("199 nested parentheses".to_owned(), parentheses(199)),
        ("200 nested parentheses".to_owned(), parentheses(200)),
        ("90 nested if, a call inside".to_owned(), ifs(90, "p = await one(p)")),
        ("90 nested if, no call".to_owned(), ifs(90, "p[\"x\"] = 1")),
        ("98 nested if, a call inside".to_owned(), ifs(98, "p = await one(p)")),
        ("98 nested if, no call".to_owned(), ifs(98, "p[\"x\"] = 1")),
        ("20 nested while, no call".to_owned(), whiles(20)),
        ("a sum of 3000 terms".to_owned(), sum(3_000)),
        ("a sum of 100000 terms".to_owned(), sum(100_000)),
        ("5000 elif".to_owned(), elifs(10_000)),
        ("50000 elif".to_owned(), elifs(100_000)),
        ("50000 guards that return".to_owned(), guards(100_000)),
    ]
}
