//! Whatever text comes in, the compiler answers with a program or with diagnostics: it never panics,
//! never runs out of stack, and is never slow out of proportion.
//!
//! `ASYA_FUZZ_SECONDS` (2 by default) from `ASYA_FUZZ_SEED` (1 by default) for the mutations;
//! `ASYA_FUZZ_DEEP` (10,000 by default) for how deep is deep. The text that is compiled stands in the file
//! that a failure names, also when the process dies.

mod deep;
mod mutations;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use asya::flow::Surroundings;
use asya::names::FlowName;
use asya::program::{Program, Settings, compile};
use asya::source::Source;

/// What `asya compile` gives itself.
const STACK: usize = 512 << 20;

/// Where the text stands that is compiled now.
fn notes(what: &str) -> PathBuf {
    std::env::temp_dir().join(format!("asya-fuzz-{what}-{}.py", std::process::id()))
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// Compiles the flow `function` of `text` as `asya compile` would.
fn compiled(text: &str, function: Option<&str>, modules: &BTreeMap<String, Source>) -> Option<Program> {
    let source = Source::new("flow.py", text);
    let around = Surroundings {
        function: function.map(str::to_owned),
        module: "flow".to_owned(),
        is_package: false,
        project_modules: BTreeSet::from(["handlers".to_owned(), "ai".to_owned()]),
        files: Arc::new(modules.clone()),
        ..Surroundings::default()
    };
    let settings = Settings {
        flow: FlowName::new("fuzzed").unwrap(),
        name_limit: 48,
        source_sha256: String::new(),
        taken: BTreeMap::new(),
    };
    match compile(&source, &around, &settings) {
        Ok((program, warnings)) => {
            check_spans(&warnings, &source);
            if let Some(router) = &program.router {
                let code = Source::new("router.py", &*router.code);
                let parsed = asya::syntax::parse(&code);
                assert!(parsed.is_ok(), "the router is not Python: {:?}\n{}", parsed.err(), router.code);
            }
            Some(program)
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a word");
            check_spans(&errors, &source);
            None
        }
    }
}

/// Every diagnostic points into its file, and can be shown.
fn check_spans(diagnostics: &[asya::diagnostic::Diagnostic], source: &Source) {
    for one in diagnostics {
        let file = one.source.as_ref().unwrap_or(source);
        let text = file.text();
        assert!(text.get(one.span.start..one.span.end).is_some(), "{one:?} points nowhere");
        for label in &one.related {
            let text = label.source.as_ref().unwrap_or(file).text();
            assert!(text.get(label.span.start..label.span.end).is_some(), "{one:?} points nowhere");
        }
    }
}

/// What a thread has worked since, whatever else the machine does; where the system does not tell,
/// the time that has passed.
struct Work {
    worked: Option<Duration>,
    began: Instant,
}

impl Work {
    fn now() -> Self {
        Self { worked: worked(), began: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        match (self.worked, worked()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.began.elapsed(),
        }
    }
}

/// The time this thread has had on a processor.
fn worked() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

/// Runs `work` with the stack that the program has; the text it compiles is noted in a file.
fn on_its_stack(
    what: &'static str,
    work: impl FnOnce(&mut dyn FnMut(&str, Option<&str>, &BTreeMap<String, Source>) -> Option<Program>) + Send,
) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
            let file = notes(what);
            work(&mut |text, function, modules| {
                std::fs::write(&file, text).unwrap();
                let start = Work::now();
                let program = catch_unwind(AssertUnwindSafe(|| compiled(text, function, modules)))
                    .unwrap_or_else(|_| panic!("the compiler panics: see {}", file.display()));
                let time = start.elapsed();
                assert!(time < Duration::from_secs(20), "{time:?}: see {}", file.display());
                program
            });
            let _ = std::fs::remove_file(&file);
        });
        thread.unwrap().join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}
