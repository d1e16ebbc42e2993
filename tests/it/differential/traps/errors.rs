//! T20 to T29: errors.

use super::super::reference::Expected;
use super::super::trace::End;
use super::{IMPORTS, bench, calls, same_as_python};

#[test]
fn t20_what_ran_before_an_error_stays_and_the_error_is_pythons() {
    let flow = r#"
def t(p: dict) -> dict:
    p["seen"] = True
    p = a(p)
    p["v"] = p["absent"] + 1
    p = b(p)
    return p
"#;
    calls(flow, "{}", &["a"]);
}

#[test]
fn t20_the_handler_sees_what_was_changed_before_the_error() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p["seen"] = True
        p["v"] = p["absent"] + 1
        p = a(p)
    except KeyError:
        p = b(p)
    return p
"#;
    calls(flow, "{}", &["b"]);
    calls(flow, r#"{"absent": 1}"#, &["a"]);
}

#[test]
fn t20_what_a_failing_actor_changed_is_gone() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p["seen"] = True
        p = a(p)
        p = bad({**p})
    except ValueError:
        p = b(p)
    return p
"#;
    calls(flow, "{}", &["a", "bad", "b"]);
}

#[test]
fn t21_a_return_in_a_helper_returns_from_the_helper() {
    let flow = r#"
def part(p: dict) -> dict:  # asya: unfold
    if p["skip"]:
        return p
    p = a(p)
    return p


def stub(p: dict) -> dict:  # asya: unfold
    return p


def t(p: dict) -> dict:  # asya: flow
    p = part(p)
    p = stub(p)
    p = fin(p)
    return p
"#;
    calls(flow, r#"{"skip": true}"#, &["fin"]);
    calls(flow, r#"{"skip": false}"#, &["a", "fin"]);
}

#[test]
fn t22_after_an_error_the_flow_goes_on_where_the_try_stands() {
    let flow = r#"
def t(p: dict) -> dict:
    p["k"] = 0
    while p["k"] < 3:
        p["k"] += 1
        try:
            p = flaky(p)
        except ConnectionError:
            p = b(p)
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["flaky", "b", "flaky", "b", "flaky", "fin"]);
}

#[test]
fn t22_code_behind_an_if_that_holds_the_try() {
    let flow = r#"
def t(p: dict) -> dict:
    if p["x"]:
        try:
            p = bad(p)
        except ValueError:
            p = a(p)
    p = b(p)
    return p
"#;
    calls(flow, r#"{"x": 1}"#, &["bad", "a", "b"]);
    calls(flow, r#"{"x": 0}"#, &["b"]);
}

#[test]
fn t22_a_try_inside_a_handler_and_inside_a_body() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p = bad(p)
    except ValueError:
        try:
            p = boom(p)
        except errs.Boom as error:
            p["code"] = error.code
        p = a(p)
    try:
        try:
            p = bad(p)
        except KeyError:
            p = a(p)
    except ValueError:
        p = b(p)
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["bad", "boom", "a", "bad", "b", "fin"]);
}

#[test]
fn t23_an_error_that_is_raised_again_fails_the_flow() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p = bad(p)
    except ValueError:
        raise
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["bad"]);
    let under_if = flow.replace("        raise\n", "        if p[\"again\"]:\n            raise\n        p = a(p)\n");
    calls(&under_if, r#"{"again": true}"#, &["bad"]);
    calls(&under_if, r#"{"again": false}"#, &["bad", "a", "fin"]);
    let other = flow.replace("raise\n", "raise KeyError(\"other\") from None\n");
    calls(&other, "{}", &["bad"]);
    let named = flow.replace("ValueError:", "ValueError as error:").replace("raise\n", "raise error\n");
    calls(&named, "{}", &["bad"]);
}

#[test]
fn t24_return_in_a_handler_leaves_the_flow() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p = bad(p)
    except ValueError:
        p = b(p)
        return p
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["bad", "b"]);
}

#[test]
fn t24_break_and_continue_in_a_handler() {
    let flow = r#"
def t(p: dict) -> dict:
    p["k"] = 0
    while p["k"] < 4:
        p["k"] += 1
        try:
            p = flaky(p)
        except ConnectionError:
            p = a(p)
            continue
        p = b(p)
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["flaky", "a", "flaky", "a", "flaky", "b", "flaky", "b", "fin"]);
    calls(&flow.replace("continue", "break"), "{}", &["flaky", "a", "fin"]);
}

#[test]
fn t25_finally_runs_on_every_way_out() {
    let flow = r#"
def t(p: dict) -> dict:
    p["way"] = p["way"]
    while True:
        try:
            if p["way"] == "return":
                return a(p)
            if p["way"] == "break":
                break
            if p["way"] == "error":
                p = bad(p)
            if p["way"] == "other":
                p = boom(p)
            if p["way"] == "own":
                p["x"] = p["absent"]
            if p["way"] == "continue":
                p["way"] = "break"
                continue
            p = a(p)
            break
        except ValueError:
            p = moded(p, mode="caught")
            p = bad(p)
        finally:
            p["finally"] = p.get("finally", 0) + 1
            p = b(p)
    p = fin(p)
    return p
"#;
    let run = |way: &str, expected: &[&str]| calls(flow, &format!("{{\"way\": \"{way}\"}}"), expected);
    run("on", &["a", "b", "fin"]);
    run("return", &["a", "b"]);
    run("break", &["b", "fin"]);
    run("continue", &["b", "b", "fin"]);
    run("error", &["bad", "moded", "bad", "b"]);
    run("other", &["boom", "b"]);
    run("own", &["b"]);
}

#[test]
fn t25_a_return_in_finally_wins() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p = bad(p)
    finally:
        p = b(p)
        return p
"#;
    calls(flow, "{}", &["bad", "b"]);
}

#[test]
fn t26_break_in_a_body_leaves_the_loop_alone() {
    let flow = r#"
def t(p: dict) -> dict:
    p["k"] = 0
    while True:
        try:
            p["k"] += 1
            p = a(p)
            if p["k"] == 2:
                break
        except ValueError:
            p = b(p)
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "a", "fin"]);
}

#[test]
fn t27_an_error_behind_the_try_is_not_caught_by_it() {
    let flow = r#"
def t(p: dict) -> dict:
    p["k"] = 0
    while p["k"] < 2:
        p["k"] += 1
        try:
            p = a(p)
            continue
        except ValueError:
            p = b(p)
    p = bad(p)
    p = fin(p)
    return p
"#;
    calls(flow, "{}", &["a", "a", "bad"]);
}

#[test]
fn t27_an_error_in_else_is_not_caught() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p = a(p)
    except ValueError:
        p = b(p)
    else:
        p = bad(p)
    return p
"#;
    calls(flow, "{}", &["a", "bad"]);
}

#[test]
fn t28_the_lines_of_a_handler_run_in_order() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p = bad(p)
    except ValueError:
        p = a(p)
        p["stage"] = len(p["log"])
        p["x"] = score(p["stage"], weight=2)
        p = b(p)
    return p
"#;
    calls(flow, "{}", &["bad", "a", "score", "b"]);
}

#[test]
fn t29_an_actor_inside_a_try_fails_the_flow_outside_of_it() {
    let flow = r#"
def t(p: dict) -> dict:
    try:
        p = bad(p)
    except ValueError:
        p = a(p)
    try:
        try:
            p = bad(p)
        except (KeyError, ValueError):
            p = b(p)
    except ValueError:
        p = fin(p)
    p = bad(p)
    return p
"#;
    calls(flow, "{}", &["bad", "a", "bad", "b", "bad"]);
}

#[test]
fn t29b_errors_are_matched_by_the_class_they_are() {
    let flow = r#"
from errs import Boom, ConnectionError as Lost


def t(p: dict) -> dict:
    for kind in p["kinds"]:
        try:
            if kind == "boom":
                p = boom(p)
            p = flaky(p)
        except Lost:
            p["lost"] = "the module's own"
        except CLASS as error:
            p["code"] = error.code
        except ConnectionError:
            p["lost"] = "Python's"
    return fin(p)
"#;
    for class in ["Boom", "errs.Boom", "Again", "(KeyError, Again)"] {
        let flow = flow.replace("CLASS", class);
        calls(&flow, r#"{"kinds": ["boom", "flaky"], "k": 1}"#, &["boom", "flaky", "fin"]);
    }
}

/// The classes of errors that come to an end outside of every `try` are named as Python names them.
#[test]
fn t29b_an_error_that_nobody_catches_keeps_its_class() {
    let mut bench = bench();
    bench.add("t", &format!("{IMPORTS}\ndef t(p: dict) -> dict:\n    try:\n        p = boom(p)\n    except KeyError:\n        p = a(p)\n    return p\n"));
    let (observed, outcome) = bench.run(&mut bench.mesh(), "t", "{}", &[]);
    let Expected::Run(direct) = bench.reference().run("t", "{}") else { panic!("too long") };
    assert_eq!(observed.end, direct.end);
    assert_eq!(observed.end, End::Error("Boom".to_owned(), "boom".to_owned()));
    let error = outcome.results[0].error.as_ref().unwrap();
    assert_eq!(error.type_name, "errs.Boom");
}

/// An error has every base that its class has, also beside one that the router knows itself.
#[test]
fn t29b_errors_of_two_bases_are_caught_by_both() {
    let flow = r#"
from errs import Odd


def t(p: dict) -> dict:
    try:
        p = ACTOR(p)
        try:
            p["n"] = 1
        except Odd:
            pass
    except CLASS:
        p["caught"] = True
    return fin(p)
"#;
    for (actor, class) in [
        ("worse", "LookupError"),
        ("worse", "KeyError"),
        ("worse", "Odd"),
        ("worse", "(TypeError, Exception)"),
        ("both", "ValueError"),
        ("both", "LookupError"),
    ] {
        let flow = flow.replace("ACTOR", actor).replace("CLASS", class);
        calls(&flow, "{}", &[actor, "fin"]);
    }
    calls(&flow.replace("ACTOR", "both").replace("CLASS", "(TypeError, Odd)"), "{}", &["both"]);
}

#[test]
fn a_group_of_errors_that_an_actor_raises_is_one() {
    let flow = r#"
async def t(p: dict) -> dict:
    try:
        p["x"] = await grouped(p["n"])
    except ExceptionGroup as group:
        matched, rest = group.split(ValueError)
        p["r"] = [group.message, [str(error) for error in group.exceptions], group.exceptions[1].code]
        p["parts"] = [repr(matched), repr(rest), await same(len(rest.exceptions))]
    p["y"] = await asyncio.gather(same(1), grouped(2))
    return p
"#;
    same_as_python(flow, r#"{"n": 3}"#);
}

/// It could not travel: what the actor needs of it can.
#[test]
fn an_error_is_no_argument_of_an_actor() {
    for (handed, is_refused) in [
        ("later(error)", true),
        ("same(1, y=error)", true),
        ("asyncio.gather(later(error), same(2))", true),
        ("later(str(error))", false),
        ("later([*error.args])", false),
    ] {
        let text = format!(
            "async def t(p: dict) -> dict:\n    try:\n        p[\"x\"] = await failing(\"k\")\n    \
             except KeyError as error:\n        p[\"x\"] = await {handed}\n    return p\n"
        );
        match bench().try_add("t", "t", &format!("{IMPORTS}{text}")) {
            Ok(()) => assert!(!is_refused, "{text}"),
            Err(refused) => {
                assert!(is_refused, "{text}\n{refused:#?}");
                assert_eq!(refused[0].code, Some("ASYA033"), "{text}");
            }
        }
        if !is_refused {
            same_as_python(&text, "{}");
        }
    }
}
