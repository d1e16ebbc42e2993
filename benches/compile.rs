//! From text to files: the compiler beside the parser it uses, and how its cost grows.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod flows;

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::path::Path;

use asya::artifacts::fields::Fields;
use asya::artifacts::{self, Images, Inputs, Overlay, Templates, Transport, Tree};
use asya::flow::Surroundings;
use asya::names::{ContextName, FlowName, Namespace};
use asya::program;
use asya::source::Source;
use asya::syntax;
use criterion::{BenchmarkId, Criterion, Throughput};

/// As much as the command gives the compiler: one chain of `elif` is a tree as deep as it is long.
const STACK: usize = 512 << 20;

fn read(path: &Path) -> Source {
    Source::new("flow.py", std::fs::read_to_string(path).expect("the flow"))
}

fn compile(source: &Source) -> Tree {
    let around = Surroundings {
        function: None,
        module: "flow".to_owned(),
        is_package: false,
        project_modules: BTreeSet::from(["handlers".to_owned()]),
        ..Surroundings::default()
    };
    let settings = program::Settings {
        flow: FlowName::new("demo").expect("a name"),
        name_limit: 63,
        source_sha256: String::new(),
        taken: BTreeMap::new(),
    };
    let (program, _) = program::compile(source, &around, &settings).expect("the flow compiles");
    artifacts::assemble(&program, &inputs()).expect("the files")
}

fn inputs() -> Inputs {
    let template = |text: &str| Some(Source::new("template.yaml", text));
    let variables = [("router_image", "python:3.13-slim"), ("max_replicas", "10")];
    Inputs {
        templates: Templates {
            directory: ".asya/templates".to_owned(),
            actor: template(include_str!("../templates/actor.yaml")),
            router: template(include_str!("../templates/router.yaml")),
            join: None,
            kustomization: None,
        },
        variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        images: Images { registry: Some("registry.example.com".to_owned()), ..Images::default() },
        transport: Transport::default(),
        fields: Fields::default(),
        join: None,
        overlays: vec![Overlay {
            context: ContextName::new("dev").expect("a name"),
            namespace: Some(Namespace::new("dev").expect("a name")),
        }],
    }
}

fn sizes(criterion: &mut Criterion, directory: &Path, name: &str, text: fn(usize) -> String) {
    let mut group = criterion.benchmark_group(name);
    for count in [10, 100, 1_000, 10_000, 100_000] {
        let path = directory.join(format!("{name}_{count}.py"));
        std::fs::write(&path, text(count)).expect("a flow");
        group.throughput(Throughput::Elements(count as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("parse", count), |bencher| {
            bencher.iter(|| syntax::parse(black_box(&read(&path))).expect("Python"));
        });
        group.bench_function(BenchmarkId::new("compile", count), |bencher| {
            bencher.iter(|| compile(black_box(&read(&path))));
        });
    }
    group.finish();
}

fn shapes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("shapes");
    for shape in flows::SHAPES {
        for count in [1_000, 10_000] {
            let source = Source::new("flow.py", (shape.text)(count));
            group.throughput(Throughput::Elements(count as u64)).sample_size(10);
            group.bench_function(BenchmarkId::new(shape.name, count), |bencher| {
                bencher.iter(|| compile(black_box(&source)));
            });
        }
    }
    group.finish();
}

fn main() {
    let work = || {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut criterion = Criterion::default().configure_from_args();
        sizes(&mut criterion, directory.path(), "mixed", flows::mixed);
        sizes(&mut criterion, directory.path(), "stateful", flows::stateful);
        shapes(&mut criterion);
        criterion.final_summary();
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread").join().expect("no panic");
}
