//! T35 and T43: names of the module, and values between statements.

use super::calls;

#[test]
fn t35_constants_imports_and_helpers_of_the_module_are_there() {
    let flow = r#"
import json

LIMIT = 2
NAMES = {"k": [LIMIT, -1]}


def twice(x):
    return x * LIMIT


def t(p: dict) -> dict:
    p["raw"] = json.dumps(NAMES)
    while len(p.get("log", [])) < LIMIT:
        p = a(p)
    p["t"] = 1 + twice(p["n"])
    return p
"#;
    calls(flow, r#"{"n": 4}"#, &["a", "a"]);
}

#[test]
fn t43_values_keep_their_types_between_statements_without_a_call() {
    let flow = r#"
def t(p: dict) -> dict:
    p = a(p)
    p["t"] = (1, 2)
    while not p.get("same"):
        p["same"] = p["t"] == (1, 2)
        p["rounds"] = p.get("rounds", 0) + 1
        if p["rounds"] > 2:
            break
    if p["same"]:
        p = b(p)
    return p
"#;
    calls(flow, "{}", &["a", "b"]);
}

/// A call that Python does not come to make, as a name or a method before it is not there.
#[test]
fn what_is_looked_up_before_a_call_fails_before_the_call() {
    let flow = |line: &str| {
        format!(
            r#"
NUMBERS = [1]


async def t(p: dict) -> dict:
    if p["n"] > 1:
        x = []
        number = 1
    try:
        {line}
    except (AttributeError, NameError) as error:
        p["error"] = type(error).__name__, str(error)
    return p
"#
        )
    };
    for line in [
        "x.append(await same(1))",
        "p[\"m\"] = number + await same(1)",
        "p[\"m\"] = 0 < number < await same(1) < number",
        "p[\"m\"] = [number, await same(1)]",
        "p[\"m\"] = f\"{number}{await same(1)}\"",
        "p[\"m\"] = await same(number, await same(1))",
        "number += await same(1)",
    ] {
        calls(&flow(line), r#"{"n": 1}"#, &[]);
        let twice: &[&str] = if line.matches("same(").count() > 1 { &["same", "same"] } else { &["same"] };
        calls(&flow(line), r#"{"n": 2}"#, twice);
    }
    for line in [
        "p[\"n\"].append(await same(1))",
        "repr.append(await same(1))",
        "NUMBERS.add(await same(1))",
        "\"\".add(await same(1))",
        "p.get(\"none\").run(await same(1))",
        "p[\"m\"] = p[\"n\"].values() and [p[\"n\"].values(), await same(1)]",
    ] {
        calls(&flow(line), r#"{"n": 1}"#, &[]);
    }
    for line in [
        "p[\"m\"] = NUMBERS.index(await same(1))",
        "p[\"m\"] = str.join(\",\", [str(await same(2))])",
        "p[\"l\"].append(await same(2))",
    ] {
        calls(&flow(line), r#"{"n": 1, "l": []}"#, &["same"]);
    }
}

#[test]
fn a_list_that_is_put_into_itself_is_plain_json() {
    let flow = r#"
def t(p: dict) -> dict:
    rows = []
    for x in p["xs"]:
        p = a(p)
        rows.append(list(rows))
        rows[0].append({"x": [x]})
    p["rows"] = rows
    return p
"#;
    calls(flow, r#"{"xs": [1, 2]}"#, &["a", "a"]);
}

#[test]
fn a_loop_that_only_returns_needs_no_more_than_its_place_and_still_its_items() {
    let flow = r#"
def t(p: dict) -> dict:
    xs = ITERABLE
    for x in xs:
        return a(p)
    return p
"#;
    for iterable in ["p[\"xs\"]", "p[\"d\"].values()", "{x for x in p[\"xs\"]}", "[1]", "reversed(p[\"xs\"])"] {
        let flow = flow.replace("ITERABLE", iterable);
        calls(&flow, r#"{"xs": [3], "d": {"k": 1}}"#, &["a"]);
        let again = flow.replace("    xs = ", "    # ").replace("in xs", &format!("in {iterable}"));
        calls(&again, r#"{"xs": [3], "d": {"k": 1}}"#, &["a"]);
    }
    calls(&flow.replace("ITERABLE", "p[\"xs\"]"), r#"{"xs": []}"#, &[]);
}
