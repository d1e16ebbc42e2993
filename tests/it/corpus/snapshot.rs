//! `<flow>.snap`: what a flow does and becomes, on one page.

use std::fmt::Write as _;

use super::compiled::{Observed, Program};
use super::flow::{Flow, root};
use super::reference::Direct;
use crate::differential::trace::End;

const WIDTH: usize = 118;

/// Compares with the file, or writes it with `ASYA_UPDATE`.
pub fn check(flow: &Flow, direct: &[Direct], program: &Program, observed: &[Observed], report: &mut String) {
    let text = page(flow, direct, program, observed);
    let file = root().join(format!("{}.snap", flow.path()));
    if std::env::var_os("ASYA_UPDATE").is_some() {
        std::fs::write(&file, text).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found != text {
        let at = found.lines().zip(text.lines()).take_while(|(old, new)| old == new).count();
        let line = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
        let _ = writeln!(
            report,
            "{}.snap is out of date from line {}; ASYA_UPDATE=1 writes it\n  - {}\n  + {}",
            flow.path(),
            at + 1,
            line(&found),
            line(&text)
        );
    }
}

fn page(flow: &Flow, direct: &[Direct], program: &Program, observed: &[Observed]) -> String {
    let mut out = format!("{}\n", flow.path());
    let width = program.actors.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, handler) in &program.actors {
        let _ = writeln!(out, "  {name:width$}  {handler}");
    }
    for (index, ((name, _), direct)) in flow.inputs.iter().zip(direct).enumerate() {
        let _ = writeln!(out, "\n{name}");
        for call in &direct.calls {
            let function = call.handler.rsplit('.').next().unwrap_or_default();
            let mark = if call.alone { ' ' } else { '|' };
            let _ = writeln!(out, "{}", cut(&format!("{mark} {function} {}", call.argument)));
        }
        let end = match &direct.end {
            End::Payload(payload) => format!("= {payload}"),
            End::Error(kind, message) => format!("! {kind}: {}", message.replace('\n', "\\n")),
            End::Broken(why) => format!("! {why}"),
        };
        let _ = writeln!(out, "{}", cut(&end));
        let _ = writeln!(out, "{}", cut(&format!("@ {}", observed[index].hops.join(" "))));
    }
    if !program.router.is_empty() {
        let _ = write!(
            out,
            "
{}",
            of_the_flow(&program.router).trim_end()
        );
    }
    out
}

/// The part of a router that is not the same in all of them.
fn of_the_flow(router: &str) -> &str {
    router.find("# What follows is the same in every router").map_or(router, |end| &router[..end])
}

fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let start: String = line.chars().take(WIDTH - 1).collect();
    format!("{start}…")
}
