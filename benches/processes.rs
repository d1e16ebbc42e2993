//! Whole processes beside each other: in every round each runs once, so that whatever else the
//! machine does meets all of them.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command and the times of its runs.
pub struct Contender<'a> {
    name: String,
    run: Box<dyn FnMut() -> Duration + 'a>,
    times: Vec<Duration>,
}

/// A process that must succeed; `make` is not part of its time.
pub fn process<'a>(name: &str, mut make: impl FnMut() -> Command + 'a) -> Contender<'a> {
    let shown = name.to_owned();
    timed(name, move || {
        let mut command = make();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        let status = command.status().expect("the process starts");
        let took = began.elapsed();
        assert!(status.success(), "{shown}: {status}");
        took
    })
}

/// Anything that measures itself.
pub fn timed<'a>(name: &str, run: impl FnMut() -> Duration + 'a) -> Contender<'a> {
    Contender { name: name.to_owned(), run: Box::new(run), times: Vec::new() }
}

/// Runs all contenders `rounds` times in turn and prints their least and middle times.
pub fn compare(title: &str, rounds: usize, mut contenders: Vec<Contender<'_>>) {
    for _ in 0..rounds {
        for contender in &mut contenders {
            let took = (contender.run)();
            contender.times.push(took);
        }
    }
    println!("\n{title} ({rounds} rounds)\n{:<46}{:>12}{:>12}", "", "least ms", "median ms");
    for contender in &mut contenders {
        contender.times.sort();
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        let (least, median) = (contender.times[0], contender.times[contender.times.len() / 2]);
        println!("{:<46}{:>12.2}{:>12.2}", contender.name, ms(least), ms(median));
    }
}

/// Arguments that the bench itself was given, without those of `cargo bench`.
pub fn rounds(default: usize) -> usize {
    std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(default)
}
