//! Texts that go very deep or on for very long.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Work, on_its_stack, variable};

const HEAD: &str = "import asyncio\nfrom handlers import a, f\n\n\nasync def flow(p: dict) -> dict:  # asya: flow\n";

/// A flow with `statement` in the middle.
fn flow(statement: &str) -> String {
    format!("{HEAD}    {statement}\n    return await a(p)\n")
}

/// `before` and `after` `n` times around `inside`.
fn around(n: usize, before: &str, inside: &str, after: &str) -> String {
    format!("{}{inside}{}", before.repeat(n), after.repeat(n))
}

fn value(expression: &str) -> String {
    flow(&format!("p[\"x\"] = {expression}"))
}

fn all(n: usize) -> Vec<(&'static str, String)> {
    let mut texts: Vec<(&'static str, String)> = Vec::new();
    // With and without a call inside: what is cut by calls goes other ways.
    for (has_call, inside) in [(false, "p"), (true, "(await f(p))")] {
        let n = if has_call { n / 20 } else { n };
        let mut add = |name: &'static str, text: String| texts.push((name, text));
        let chain = |part: &str| value(&format!("{inside}{}", part.repeat(n)));
        let nested = |before: &str, after: &str| value(&around(n, before, inside, after));
        add("parentheses", nested("(", ")"));
        add("lists", nested("[", "]"));
        add("tuples", nested("(", ",)"));
        add("dicts", nested("{1: ", "}"));
        add("sets", nested("{", "}"));
        add("minus", nested("-", ""));
        add("not", nested("not ", ""));
        add("left operators", chain(" + 1"));
        add("operators with calls", chain(&format!(" + {inside}")));
        add("right operators", nested("1 + (", ")"));
        add("powers", nested("2 ** ", ""));
        add("comparisons", chain(" < 1"));
        add("comparisons with calls", chain(&format!(" < {inside}")));
        add("attributes", value(&format!("{inside}{}", ".a".repeat(n / 10))));
        add("subscripts", chain("[0]"));
        add("subscripts inside", nested("p[", "]"));
        add("slices", nested("p[1:", "]"));
        add("calls behind calls", chain("()"));
        add("calls inside calls", nested("str(", ")"));
        add("starred calls", nested("str(*", ")"));
        add("named arguments", nested("str(k=", ")"));
        add("and", chain(" and p"));
        add("and with calls", chain(&format!(" and {inside}")));
        add("and inside or", nested("p and (p or ", ")"));
        add("conditionals behind", nested("1 if p else ", ""));
        add("conditionals in front", chain(" if p else 1"));
        add("conditionals in the middle", nested("1 if (", ") else 2"));
        add("lambdas", nested("lambda: ", ""));
        add("walruses", nested("(y := ", ")"));
        add("comprehensions", nested("[1 for x in ", "]"));
        add("elements of comprehensions", nested("[", " for x in p]"));
        add("generators", nested("sum(1 for x in ", ")"));
        add("clauses", value(&format!("[{inside}{}]", " for x in p".repeat(n))));
        add("conditions of a clause", value(&format!("[{inside} for x in p{}]", " if x".repeat(n))));
        add("f-strings", value(&format!("f\"{}\"", "{p!r:>{p}}".repeat(n))));
        add("strings in a row", value(&format!("({})", "'x' f'{p}' ".repeat(n))));
        add("list elements", value(&format!("[{}]", format!("{inside}, ").repeat(n))));
        add("subtrees", value(&format!("[{}]", format!("[{inside}, [p]], ").repeat(n))));
        add("dict elements", value(&format!("{{{}}}", format!("1: {inside}, ").repeat(n))));
        add("targets", flow(&format!("{} {inside}", "x = ".repeat(n))));
        add("nested targets", flow(&format!("{} = {inside}", around(n, "(", "x", ",)"))));
        add("deleted", flow(&format!("del {}p[{inside}]", "p[1], ".repeat(n))));
        add("asserts", flow(&format!("assert {inside}\n    ").repeat(n)));
        add("statements", flow(&format!("p[\"x\"] = {inside}\n    ").repeat(n)));
        add("statements on one line", flow(&format!("p[\"x\"] = {inside};").repeat(n)));
        add("ifs", flow(&format!("if {inside}:\n        p[1] = 1\n    ").repeat(n)));
        let tests: String = format!("elif {inside}:\n        p[\"y\"] = {inside}\n    ").repeat(n);
        add("elifs", flow(&format!("if p:\n        p[\"x\"] = 1\n    {tests}")));
        let cases: String =
            format!("        case {{\"k\": [x, *_]}} if {inside}:\n            p = await a(p)\n").repeat(n / 2);
        add("cases", flow(&format!("match p:\n{cases}        case _:\n            pass\n")));
        add(
            "handlers",
            flow(&format!(
                "try:\n        p = await a(p)\n    {}",
                format!("except (ValueError, p) as e:\n        p[1] = {inside}\n    ").repeat(n / 2)
            )),
        );
        add("managers", flow(&format!("with ({}p):\n        p[1] = {inside}", "open(p) as x, ".repeat(n))));
        let blocks = |head: &str, n: usize| {
            let mut text = HEAD.to_owned();
            for depth in 0..n {
                let _ = writeln!(text, "{}{head}", " ".repeat(depth + 1));
            }
            let _ = writeln!(text, "{}p[\"x\"] = {inside}", " ".repeat(n + 1));
            // Ends of `try` blocks, innermost first.
            if head == "try:" {
                for depth in (0..n).rev() {
                    let _ =
                        writeln!(text, "{}finally:\n{}p = await a(p)", " ".repeat(depth + 1), " ".repeat(depth + 2));
                }
            }
            text + " return p\n"
        };
        let n = if has_call { n } else { n / 20 };
        let heads = ["if p:", "while p:", "for x in p:", "try:", "with p:", "match p:", "def g():", "class C:"];
        for head in heads {
            add(head, blocks(head, n));
            add(head, blocks(head, 30));
        }
        if has_call {
            add("calls in calls", value(&around(n, "await f(", "p", ")")));
        }
    }
    let mut add = |name: &'static str, text: String| texts.push((name, text));
    let call = "f(p), ";
    add("gathered calls", value(&format!("await asyncio.gather({})", call.repeat(n))));
    add("gathers in gathers", value(&around(n, "await asyncio.gather(", "f(p)", ")")));
    add("gathers of gathered", value(&around(n, "await asyncio.gather(f(", "p", "))")));
    add("lists of calls", value(&format!("[{}]", "f(p), ".repeat(n))));
    add("lists of lists of calls", value(&around(n, "[f(", "p", ")]")));
    add("awaits", value(&around(n, "await ", "p", "")));
    add("patterns", flow(&format!("match p:\n        case {}:\n            p = await a(p)", around(n, "[", "x", "]"))));
    add("or patterns", flow(&format!("match p:\n        case {}1:\n            p = await a(p)", "1 | ".repeat(n))));
    add("decorators", format!("{}{}", "@flow\n".repeat(n), &HEAD[HEAD.find("async").unwrap()..]) + "    return p\n");
    add(
        "decorator calls",
        format!("@{}\n{}    return p\n", around(n, "d(", "", ")"), &HEAD[HEAD.find("async").unwrap()..]),
    );
    add("annotations", format!("def flow(p: {}) -> dict:\n    return f(p)\n", around(n, "list[", "int", "]")));
    add("unions", format!("def flow(p: {}int) -> dict:\n    return f(p)\n", "int | ".repeat(n)));
    add(
        "texts of annotations",
        format!("def flow(p: \"{}\") -> dict:\n    return f(p)\n", around(n, "list[", "int", "]")),
    );
    add("defaults", format!("def flow(p={}) -> dict:\n    return f(p)\n", around(n, "[", "", "]")));
    add(
        "parameters",
        format!(
            "def flow(p, {}) -> dict:\n    return f(p)\n",
            (0..n).map(|n| format!("x{n}")).collect::<Vec<_>>().join(", ")
        ),
    );
    add(
        "names of exceptions",
        flow(&format!(
            "try:\n        p = await a(p)\n    except {}:\n        pass",
            around(n, "(", "ValueError", ",)")
        )),
    );
    let numbered = |line: &dyn Fn(usize) -> String| (0..n).map(line).collect::<String>();
    let end =
        |rest: &str| format!("\ndef flow(p: dict) -> dict:  # asya: flow\n    p[\"x\"] = {rest}\n    return f(p)\n");
    let chain = numbered(&|at| format!("A{} = A{at}\n", at + 1));
    add("constants", format!("from handlers import f\nA0 = 1\n{chain}{}", end(&format!("A{n}"))));
    let chain = numbered(&|at| format!("def g{}(x): return g{at}(x)\n", at + 1));
    add("functions", format!("from handlers import f\ndef g0(x): return x\n{chain}{}", end(&format!("[1 + g{n}(1)]"))));
    let chain = numbered(&|at| format!("def g{}(x): return g{at}(x)  # asya: unfold\n", at + 1));
    add(
        "parts",
        format!("from handlers import f\ndef g0(x): return f(x)  # asya: unfold\n{chain}{}", end(&format!("g{n}(1)"))),
    );
    let chain = numbered(&|at| format!("class C{}(C{at}): pass\n", at + 1));
    add(
        "classes",
        format!("from handlers import f\nclass C0(Exception): pass\n{chain}{}", end(&format!("str(C{n}())"))),
    );
    add(
        "methods",
        format!(
            "class C0:\n    def run(self, p): return p\n{chain}\ndef flow(p: dict) -> dict:\n    c = C{n}()\n    return c.run(p)\n"
        ),
    );
    let chain = numbered(&|at| format!("class C{}(TypedDict):\n    c: C{at}\n", at + 1));
    add(
        "typed dicts",
        format!(
            "from typing import TypedDict\nfrom handlers import f\nclass C0(TypedDict):\n    c: int\n{chain}\ndef flow(p: C{n}) -> dict:\n    return f(p)\n"
        ),
    );
    let chain = numbered(&|at| format!("A{} = list[A{at}]\n", at + 1));
    add("aliases", format!("from handlers import f\nA0 = int\n{chain}\ndef flow(p: A{n}) -> dict:\n    return f(p)\n"));
    add("a long name", value(&"x".repeat(n * 10)));
    add("a long comment", flow(&format!("pass  #{}", " asya: flow".repeat(n))));
    add("empty lines", flow(&"\n".repeat(n * 10)));
    add("a docstring", flow(&format!("\"\"\"{}\"\"\"", "text\n\n".repeat(n))));
    add("nothing but brackets", "(".repeat(n * 10));
    add("continued lines", value(&format!("1{}", " + \\\n 1".repeat(n))));
    add("indentation", (0..n / 10).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect());
    texts
}

#[test]
fn deep_and_long_texts_are_compiled_or_refused() {
    let n = usize::try_from(variable("ASYA_FUZZ_DEEP", 10_000)).unwrap();
    let only = std::env::var("ASYA_FUZZ_ONLY").unwrap_or_default();
    on_its_stack("deep", move |compile| {
        for (name, text) in all(n).into_iter().chain(all(60)) {
            if !name.contains(&only) {
                continue;
            }
            let start = Work::now();
            eprint!("{name} ");
            let program = compile(&text, Some("flow"), &BTreeMap::new());
            eprintln!("{} {:?}", if program.is_some() { "compiles" } else { "is refused" }, start.elapsed());
        }
    });
}
