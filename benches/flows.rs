//! Generated flows of any size, the same at every run.

/// Handlers that the mixed flow calls.
const HANDLERS: usize = 20;

/// A flow and what is special about it.
pub struct Shape {
    pub name: &'static str,
    pub text: fn(usize) -> String,
}

/// A module with the handlers that a flow calls.
pub fn handlers(text: &str) -> String {
    let imported = text.lines().filter_map(|line| line.strip_prefix("from handlers import "));
    let mut names: Vec<&str> = imported.flat_map(|line| line.split(", ")).collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    names.extend(text.split("handlers.").skip(1).map(|rest| rest.split(|c| !is_word(c)).next().unwrap_or_default()));
    names.sort_unstable();
    names.dedup();
    names.iter().map(|name| format!("async def {name}(p, *rest, **more):\n    return p\n\n\n")).collect()
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
    Shape { name: "a variable per call", text: variables },
    Shape { name: "for with a call", text: loops },
    Shape { name: "try around a call", text: tries },
    Shape { name: "one long try", text: one_try },
    Shape { name: "finally and return", text: finals },
    Shape { name: "gather of two", text: gathers },
    Shape { name: "one wide gather", text: wide_gather },
    Shape { name: "tasks that are gathered", text: tasks },
    Shape { name: "functions that are taken along", text: functions },
    Shape { name: "calls in expressions", text: expressions },
    Shape { name: "comprehensions of calls", text: comprehensions },
    Shape { name: "match with calls", text: matches },
    Shape { name: "helpers", text: helpers },
    Shape { name: "native blocks", text: natives },
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
    !(word.starts_with("else") || word.starts_with("except") || word.starts_with('#'))
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

/// `count` statements with variables of their own, loops over items, errors that are caught and calls
/// in parallel: everything that needs a message that carries more than its place.
pub fn stateful(count: usize) -> String {
    let names: Vec<String> = (0..HANDLERS).map(|number| format!("step_{number}")).collect();
    let head = format!("import asyncio\n\nfrom handlers import {}\n", names.join(", "));
    let body: String = (0..count.div_ceil(16).max(1)).map(stateful_paragraph).collect();
    let lines: Vec<&str> = body.lines().collect();
    let mut made = 0;
    // Cut where a statement of the function itself begins.
    let wanted = lines.iter().enumerate().find(|(_, line)| {
        let is_full = made >= count.saturating_sub(1) && !line.starts_with("        ") && !line.contains("except");
        made += usize::from(is_statement(line));
        is_full
    });
    let kept = wanted.map_or(lines.len(), |(at, _)| at);
    flow(&head, lines[..kept].iter().map(|line| format!("{line}\n")))
}

/// Sixteen statements.
fn stateful_paragraph(number: usize) -> String {
    let call = |at: usize| format!("step_{}", (number + at) % HANDLERS);
    format!(
        "    # paragraph {number}
    total_{number} = len(p.get(\"items\", [])) + {number}
    label = f\"part {{total_{number}}} of {number}\"
    found = await {}(label)
    p[\"found\"] = await {}(found, weight=total_{number})
    for row in p.get(\"rows\", []):
        if not row:
            continue
        score = await {}(row)
        total_{number} += score
    try:
        p = await {}(p)
    except ValueError as error:
        p[\"problem\"] = str(error)
    first, second = await asyncio.gather({}(p), {}(total_{number}))
    p[\"total\"] = total_{number} + first
    p[\"label\"] = label
    p = await {}(p)
",
        call(0),
        call(1),
        call(2),
        call(3),
        call(4),
        call(5),
        call(6),
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

fn tasks(count: usize) -> String {
    let group = |at: usize| {
        format!("    task_{at} = asyncio.create_task(one({at}))\n    p[\"at\"] = await asyncio.gather(task_{at})\n")
    };
    flow("import asyncio\nfrom handlers import one", (0..count / 2).map(group))
}

fn functions(count: usize) -> String {
    let functions: String = (0..count).map(|at| format!("def plus_{at}(x):\n    return x + {at}\n\n\n")).collect();
    flow(
        &format!("from handlers import one\n\n\n{functions}"),
        (0..count).map(|at| format!("    p[\"at\"] = plus_{at}({at})\n")).chain(["    p = await one(p)\n".to_owned()]),
    )
}

fn variables(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count).map(|at| {
            format!(
                "    value_{at} = await one({})\n",
                match at {
                    0 => "p".to_owned(),
                    _ => format!("value_{}", at - 1),
                }
            )
        }),
    )
}

fn loops(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count / 2).map(|at| format!("    for row_{at} in p[\"rows\"]:\n        p = await one(p)\n")),
    )
}

fn tries(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count / 3).map(|at| {
            format!("    try:\n        p = await one(p)\n    except ValueError as error:\n        p[\"problem\"] = [{at}, str(error)]\n")
        }),
    )
}

fn one_try(count: usize) -> String {
    let body = (0..count / 2).map(|at| format!("        p = await one(p)\n        p[\"at\"] = {at}\n"));
    flow(
        "from handlers import one",
        ["    try:\n".to_owned()]
            .into_iter()
            .chain(body)
            .chain(["    except ValueError as error:\n        p[\"problem\"] = str(error)\n".to_owned()]),
    )
}

fn finals(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count / 5).map(|at| {
            format!(
                "    try:\n        p = await one(p)\n        if p.get(\"at\") == {at}:\n            return p\n    finally:\n        p[\"at\"] = {at}\n"
            )
        }),
    )
}

fn gathers(count: usize) -> String {
    flow(
        "import asyncio\n\nfrom handlers import one, two",
        (0..count / 2).map(|at| {
            format!("    left, right = await asyncio.gather(one(p), two({at}))\n    p[\"both\"] = [left, right]\n")
        }),
    )
}

fn wide_gather(count: usize) -> String {
    let calls: Vec<String> = (0..count).map(|at| format!("one({at})")).collect();
    flow(
        "import asyncio\n\nfrom handlers import one",
        [format!("    p[\"all\"] = await asyncio.gather({})\n", calls.join(", "))].into_iter(),
    )
}

fn expressions(count: usize) -> String {
    flow(
        "from handlers import one, two",
        (0..count).map(|at| {
            format!("    p[\"x\"] = (await one({at})) + (await two(p[\"x\"])) if p.get(\"y\") else await one(0)\n")
        }),
    )
}

fn comprehensions(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count).map(|at| format!("    p[\"x\"] = {{row: await one([row, {at}]) for row in p[\"x\"] if row}}\n")),
    )
}

fn matches(count: usize) -> String {
    flow(
        "from handlers import one",
        (0..count / 5).map(|at| {
            format!(
                "    match p.get(\"kind\"):\n        case {at}:\n            p = await one(p)\n        case {{\"x\": x}} if x:\n            p[\"x\"] = await one(x)\n"
            )
        }),
    )
}

fn helpers(count: usize) -> String {
    let defined: String = (0..count / 3)
        .map(|at| format!("# a part\n@unfold\nasync def part_{at}(value):\n    value = await one(value)\n    return value + {at}\n\n\n"))
        .collect();
    flow(
        &format!("from handlers import one\n\n{defined}"),
        (0..count / 3).map(|at| format!("    p[\"x\"] = await part_{at}(p[\"x\"])\n")),
    )
}

fn natives(count: usize) -> String {
    flow(
        "from handlers import one",
        ["    p = await one(p)\n".to_owned()].into_iter().chain((0..count / 4).map(|at| {
            format!("    for row_{at} in p[\"rows\"]:\n        if row_{at}:\n            value_{at} = row_{at}\n            p[\"x\"] = value_{at}\n")
        })).chain(["    p = await one(p)\n".to_owned()]),
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
