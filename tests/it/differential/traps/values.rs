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
