//! Messages through the local mesh: the cost of a hop and of a worker's start.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/it/local_bench.rs"]
mod local_bench;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use local_bench::{interpreter, mesh, objects, send};

const CODE: &str = "def same(p):\n    return p\n";

fn hops(criterion: &mut Criterion) {
    let names: Vec<String> = (0..10).map(|at| format!("a{at}")).collect();
    let actors: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "h.same")).collect();
    let objects = objects(CODE, &actors);
    let mut mesh = mesh(&objects);
    let mut group = criterion.benchmark_group("hops");
    let large = format!("{{\"text\":\"{}\"}}", "x".repeat(100_000));
    for (name, payload) in [("small payload", "{\"text\":\"hello\"}"), ("100 KB payload", large.as_str())] {
        let next: Vec<&str> = names.iter().skip(1).map(String::as_str).collect();
        send(&mut mesh, "a0", &next, payload);
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("one actor, {name}"), |bencher| {
            bencher.iter(|| send(&mut mesh, "a0", &[], payload));
        });
        group.throughput(Throughput::Elements(10));
        group.bench_function(format!("ten actors, {name}"), |bencher| {
            bencher.iter(|| send(&mut mesh, "a0", &next, payload));
        });
    }
    group.finish();
}

fn starts(criterion: &mut Criterion) {
    let objects = objects(CODE, &[("a", "h.same")]);
    send(&mut mesh(&objects), "a", &[], "{}");
    let mut group = criterion.benchmark_group("starts");
    group.sample_size(20);
    group.bench_function("a worker: fork, load, one hop, end", |bencher| {
        bencher.iter(|| send(&mut mesh(&objects), "a", &[], "{}"));
    });
    group.bench_function("an interpreter and a worker", |bencher| {
        bencher.iter(|| {
            let interpreter = std::sync::Arc::new(asya::local::Interpreter::new(local_bench::settings()));
            let mut mesh = asya::local::Mesh::new(&objects, &interpreter, &|_| None).unwrap();
            send(&mut mesh, "a", &[], "{}")
        });
    });
    group.finish();
    drop(interpreter());
}

criterion_group!(benches, hops, starts);
criterion_main!(benches);
