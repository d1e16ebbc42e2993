//! The handler ABI, row by row: what a handler may be, what it may yield, what comes of it.

use crate::local_bench::{mesh, objects, send, show};

#[test]
fn smoke() {
    println!("{}", show("def f(p):\n    print('hi'); p['x']=2**70; return p\n", "h.f", "{}"));
    println!(
        "{}",
        show(
            "async def f(p):\n    h = yield 'GET', '.headers'\n    yield 'SET', '.headers.x', {'a': 2**70}\n    yield p\n",
            "h.f",
            "{}"
        )
    );
    println!("{}", show("def f(p):\n    raise SystemExit('bye')\n", "h.f", "{}"));
    println!("{}", show("import nope\ndef f(p):\n    raise SystemExit('bye')\n", "h.f", "{}"));
}

#[test]
fn speed() {
    let code = "def f(p):\n    return p\nasync def g(p):\n    headers = yield 'GET', '.headers'\n    if p['n'] > 0:\n        p['n'] -= 1\n        yield 'SET', '.route.next[:0]', ['f', 'g']\n    yield 'SET', '.headers.x-asya-frame', [{'at': 3}]\n    yield p\n";
    let mut mesh = mesh(&objects(code, &[("f", "h.f"), ("g", "h.g")]));
    send(&mut mesh, "f", &["g"], r#"{"n":0}"#);
    for _ in 0..3 {
        let began = std::time::Instant::now();
        let (outcome, _) = send(&mut mesh, "g", &[], r#"{"n":1000}"#);
        let all = began.elapsed();
        let f: std::time::Duration = outcome.hops.iter().filter(|h| h.actor == "f").map(|h| h.duration).sum();
        println!("{} hops {:?} a hop; f {:?}", outcome.hops.len(), all / outcome.hops.len() as u32, f / 1000);
    }
    let many: Vec<String> = (0..200).map(|n| format!("a{n}")).collect();
    let actors: Vec<(&str, &str)> = many.iter().map(|n| (n.as_str(), "h.f")).collect();
    let next: Vec<&str> = many[1..].iter().map(String::as_str).collect();
    let mut mesh = crate::local_bench::mesh(&objects(code, &actors));
    let began = std::time::Instant::now();
    let (outcome, _) = send(&mut mesh, "a0", &next, "{}");
    println!("200 starts {:?} each, {}", began.elapsed() / 200, outcome.results.len());
    let began = std::time::Instant::now();
    drop(mesh);
    println!("drop {:?}", began.elapsed());
    let began = std::time::Instant::now();
    let fresh = std::sync::Arc::new(asya::local::Interpreter::new(crate::local_bench::settings()));
    let mut mesh = asya::local::Mesh::new(&objects(code, &[("f", "h.f")]), &fresh, &|_| None).unwrap();
    send(&mut mesh, "f", &[], "{}");
    println!("cold {:?}", began.elapsed());
}
