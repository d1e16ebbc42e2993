//! What the demo shows of a step: little enough to read, at most 80 columns.

use serde_json::Value;

use crate::ui::Table;

/// Columns of a line, its indentation included.
const WIDTH: usize = 79;
const INDENT: &str = "  ";

/// `text` indented, each line cut to fit. Advice on the next command is left out, as the demo gives it
/// by going on.
pub(super) fn indented(text: &str) -> String {
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("next: ")).collect();
    kept.join("\n").trim_end().lines().map(|line| fitting(&format!("{INDENT}{line}"))).collect()
}

fn fitting(line: &str) -> String {
    let line = line.trim_end();
    if line.chars().count() <= WIDTH {
        return format!("{line}\n");
    }
    let cut: String = line.chars().take(WIDTH - 1).collect();
    format!("{cut}…\n")
}

/// What `asya init` says without its last line, which repeats the path of the project.
pub(super) fn changes(said: &str) -> String {
    said.lines().filter(|line| !line.ends_with("is an asya project now")).map(|line| format!("{line}\n")).collect()
}

/// The part of a router's code that decides about the flow's first loop, without its indentation.
pub(super) fn loop_of(router: &str) -> String {
    let is_case = |line: &&str| line.trim_start().starts_with("case ");
    let start = router.lines().skip_while(|line| !(is_case(line) && line.contains("while ")));
    let part: Vec<&str> =
        start.enumerate().take_while(|(at, line)| *at == 0 || !is_case(line)).map(|(_, line)| line).collect();
    let margin = part.first().map_or(0, |line| line.len() - line.trim_start().len());
    part.iter().map(|line| format!("{}\n", line.get(margin..).unwrap_or_default())).collect()
}

/// Rendered objects (the document of `asya render`), one a line; actors with their handlers.
pub(super) fn objects(document: &Value) -> String {
    let mut actors = Table::default();
    let mut others = Table::default();
    for object in document.get("objects").and_then(Value::as_array).into_iter().flatten() {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        match text("/spec/handler") {
            none if none.is_empty() => others.row([format!("{:<10}", text("/kind")), text("/metadata/name")]),
            handler => actors.row([text("/kind"), text("/metadata/name"), handler]),
        }
    }
    format!("{}{}", others.render(), actors.render())
}
