//! T30 to T34, T38, T44 and T45: what is called, with what, and what becomes of it.

use super::{calls, codes, refused};

#[test]
fn t30_every_call_of_an_actor_has_its_own_place_and_argument() {
    let flow = r#"
async def t(p: dict) -> dict:
    p["x"] = await later(p["a"])
    p["y"] = await later(p["b"])
    p["z"] = score(p["b"], weight=3)
    return p
"#;
    calls(flow, r#"{"a": 1, "b": 2}"#, &["later", "later", "score"]);
}

#[test]
fn t31_an_actor_gets_the_argument_that_is_written() {
    let part = "\ndef t(p: dict) -> dict:\n    p = a(p[\"sub\"])\n    return p\n";
    calls(part, r#"{"sub": {"inner": 1}, "other": 2}"#, &["a"]);
    let nested = "\nasync def t(p: dict) -> dict:\n    p = await later(await later(p))\n    return p\n";
    calls(nested, "{}", &["later", "later"]);
    let deep = r#"
async def t(p: dict) -> dict:
    p["r"] = [1, (await later(p["x"]))["later"] + 1, score(sq(p["x"]))]
    return fin(p)
"#;
    let deep = deep.replace(", score(sq(p[\"x\"]))", "");
    calls(&deep, r#"{"x": 1}"#, &["later", "fin"]);
}

#[test]
fn t32_keywords_reach_the_actor() {
    let flow = r#"
def t(p: dict) -> dict:
    p = moded(p, mode="x")
    more = {"mode": p["mode"] + "y"}
    p = moded(p, **more)
    p = moded(*[p], mode="z")
    return p
"#;
    calls(flow, "{}", &["moded", "moded", "moded"]);
}

#[test]
fn t32_builtins_and_the_standard_library_are_no_actors() {
    let flow = r#"
import json


def t(p: dict) -> dict:
    p = dict(p, z=1)
    p = json.loads(json.dumps(p))
    p["n"] = [len(str(x)) for x in p["xs"]]
    p["ids"] = [x["id"] for x in p["xs"]]
    return a(p)
"#;
    calls(flow, r#"{"xs": [{"id": 1}, {"id": 22}]}"#, &["a"]);
}

#[test]
fn t33_only_the_parameter_is_the_payload() {
    let flow = r#"
def t(p: dict) -> dict:
    payload = a(p)
    state = p
    state["n"] = len(payload["log"])
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "fin"]);
}

#[test]
fn t34_calls_without_arguments_are_calls() {
    let flow = r#"
import copy


def load():
    return {"limit": 2}


def t(p: dict) -> dict:
    snap = p.copy()
    deep = copy.deepcopy(p)
    cfg = 1 and load()
    p = a(p)
    p["old"] = snap
    p["deep"] = deep
    p["limit"] = cfg["limit"]
    p = b(p)
    return p
"#;
    calls(flow, r#"{"x": 1}"#, &["a", "b"]);
}

#[test]
fn t38_the_returned_expression_is_looked_at() {
    calls("\ndef t(p: dict) -> dict:\n    return b(p)\n", "{}", &["b"]);
    calls("\ndef t(p: dict) -> dict:\n    p = a(p)\n    return {'ok': 1}\n", "{}", &["a"]);
    calls("\nasync def t(p: dict) -> dict:\n    return {'ok': await later(p['x'])}\n", r#"{"x": 1}"#, &["later"]);
    calls("\ndef t(p: dict) -> dict:\n    p = a(p)\n    return [len(p['log'])]\n", "{}", &["a"]);
    assert_eq!(codes("def t(p: dict) -> dict:\n    p = a(p)\n"), ["ASYA021"]);
    assert_eq!(codes("def t(p: dict) -> dict:\n    p = a(p)\n    return\n"), ["ASYA020"]);
    assert_eq!(refused("return None"), ["ASYA033"]);
}

/// Every method runs in an actor of its own: what one of them keeps in the object the others do not
/// see. What the flow relies on travels in the payload.
#[test]
fn t44_methods_of_one_object_are_actors_of_their_own() {
    let flow = r#"
def t(p: dict) -> dict:
    m = Model()
    p = m.predict(p)
    p = m.predict(p)
    return p
"#;
    calls(flow, r#"{"x": 2}"#, &["model-predict", "model-predict"]);
    assert_eq!(
        codes(
            "from handlers import Model\n\n\ndef t(p: dict) -> dict:\n    m = Model()\n    p['m'] = m\n    return m.run(p)\n"
        ),
        ["ASYA027"]
    );
}
