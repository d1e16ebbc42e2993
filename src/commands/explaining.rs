//! What `asya compile --explain` tells about a line.

use std::str::FromStr;

use serde::Serialize;

use super::Status;
use crate::error::{Error, Result};
use crate::names::{FlowName, counted};
use crate::program::explanation::{
    Argument, Arguments, Asked, Called, CalledAs, Caught, Elsewhere, ExplainedCall, ExplainedFunction, Explanation,
    Hops, Part, Place, Variable, Why,
};
use crate::project::Project;
use crate::settings::Settings;
use crate::source::Source;
use crate::ui::{Style, Ui};

/// Lines where a variable is read that are named one by one.
const MAX_READS: usize = 4;

/// Lines of a statement that are shown.
const MAX_TEXT: usize = 8;

/// Width of the words on the left.
const LEFT: usize = 9;

/// `LINE` or `FILE:LINE`.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    file: Option<String>,
    line: usize,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (file, line) = match text.rsplit_once(':') {
            Some((file, line)) if !file.is_empty() => (Some(file.to_owned()), line),
            _ => (None, text),
        };
        match line.parse() {
            Ok(line) if line > 0 => Ok(Self { file, line }),
            _ => Err("a line is a number from 1: `--explain 12` or `--explain flow.py:12`".to_owned()),
        }
    }
}

impl Wanted {
    /// The line as the compiler knows it.
    pub(super) fn asked(&self, project: &Project, settings: &Settings) -> Asked {
        let name = |file: &String| {
            let path = settings.start.join(file);
            let path = path.canonicalize().unwrap_or(path);
            project.relative(&path).display().to_string().replace('\\', "/")
        };
        Asked { file: self.file.as_ref().map(name), line: self.line }
    }
}

/// The explanation of a line, or why it has none.
pub(super) type Found = std::result::Result<Explanation, Elsewhere>;

/// The result, version 1.
#[derive(Serialize)]
struct ExplanationDocument<'e> {
    version: u32,
    flow: &'e str,
    #[serde(flatten)]
    explanation: &'e Explanation,
}

/// Shows the explanation; an error when there is none.
pub(super) fn report(flow: &FlowName, own: &Source, asked: &Asked, found: Found, ui: &mut Ui) -> Result<Status> {
    let explanation = found.map_err(|elsewhere| not_there(flow, own, asked, elsewhere))?;
    let document = ExplanationDocument { version: 1, flow: flow.as_str(), explanation: &explanation };
    ui.report(&document, |ui| human(&explanation, ui));
    Ok(Status::Done)
}

fn not_there(flow: &FlowName, own: &Source, asked: &Asked, elsewhere: Elsewhere) -> Error {
    let file = asked.file.as_deref().unwrap_or(own.name());
    match elsewhere {
        Elsewhere::File { known } => Error::usage(format!("no part of `{flow}` stands in `{file}`"))
            .hint(format!("its parts stand in {}", joined(&known))),
        Elsewhere::Line { last } => Error::usage(format!("`{file}` has no line {}", asked.line))
            .because(format!("it has {}", counted(last, "line"))),
        Elsewhere::Outside { functions } => {
            let parts: Vec<String> = functions
                .iter()
                .map(|(file, name, first, last)| format!("`{name}` stands in {file}:{first}-{last}"))
                .collect();
            Error::negative(format!("line {} of `{file}` is no part of `{flow}`", asked.line)).hint(parts.join("; "))
        }
    }
}

fn human(explanation: &Explanation, ui: &Ui) -> String {
    let mut out = format!("{}:{}", explanation.file, explanation.first_line);
    if let Some(function) = &explanation.function {
        out.push_str(&format!(" in `{function}`"));
    }
    out = format!("{}\n", ui.paint(Style::Strong, &out));
    let width = explanation.last_line.to_string().len();
    for (number, line) in (explanation.first_line..).zip(&explanation.text).take(MAX_TEXT) {
        let number = ui.paint(Style::Dim, &format!("{number:>width$} |"));
        out.push_str(format!("  {number} {line}").trim_end());
        out.push('\n');
    }
    if explanation.text.len() > MAX_TEXT {
        out.push_str(&format!("  … {} more\n", counted(explanation.text.len() - MAX_TEXT, "line")));
    }
    if let Some(note) = &explanation.note {
        out.push_str(&format!("  ({note})\n"));
    }
    for part in &explanation.parts {
        out.push('\n');
        let mut last = "";
        for (word, right) in rows(part) {
            let left = if word == last { "" } else { word };
            last = word;
            let left = ui.paint(Style::Dim, &format!("{left:<LEFT$}"));
            out.push_str(format!("  {left} {right}").trim_end());
            out.push('\n');
        }
    }
    out
}

type Rows = Vec<(&'static str, String)>;

fn rows(part: &Part) -> Rows {
    match part {
        Part::Function(function) => function_rows(function),
        Part::Router { places, copied_with, waiting } => {
            let mut rows = vec![("router", "runs there, without a message".to_owned())];
            rows.extend(places.iter().map(|place| ("in", shown(place))));
            if let Some(line) = copied_with {
                rows.push(("", format!("copied with the whole statement of line {line}, which calls nothing")));
            }
            rows.extend(waiting.iter().map(|actor| ("actor", format!("{actor}: the call waits until it is awaited"))));
            rows
        }
        Part::Call(call) => call_rows(call),
        Part::Try(caught) => vec![("try", format!("an error in its body goes to {}", goes_to(caught)))],
        Part::Handler(called) => vec![
            ("actor", format!("{} runs {}, where this line stands", called.name, called.handler)),
            ("wrapper", wrapper(called)),
        ],
        Part::Carried { router_lines } => {
            let mut rows = vec![("router", "the definition is copied into it".to_owned())];
            if !router_lines.is_empty() {
                rows.push(("in", lines("router.py", router_lines)));
            }
            rows
        }
        Part::Nothing { reason } => vec![("nothing", reason.clone())],
    }
}

fn function_rows(function: &ExplainedFunction) -> Rows {
    let mut rows = Vec::new();
    match &function.entry {
        Some(entry) => rows.push(("flow", format!("messages come in at {entry}"))),
        None => rows.push(("part", "runs as a part of the flow, without a message of its own".to_owned())),
    }
    let actors = match function.actors.is_empty() {
        true => "none".to_owned(),
        false => function.actors.join(", "),
    };
    rows.push(("actors", actors));
    rows.extend(function.segments.iter().map(|segment| ("segments", shown(segment).replacen("segment ", "", 1))));
    let carries = match function.keeps_variables {
        true => "its place and the variables that are read later",
        false => "its place and the payload",
    };
    rows.push(("carries", carries.to_owned()));
    rows
}

fn call_rows(call: &ExplainedCall) -> Rows {
    let mut rows = Vec::new();
    let mut calls: Vec<(&Called, usize)> = Vec::new();
    for called in &call.calls {
        match calls.last_mut() {
            Some((last, count)) if is_same(last, called) => *count += 1,
            _ => calls.push((called, 1)),
        }
    }
    for (called, count) in &calls {
        let times = if *count > 1 { format!("{count} × ") } else { String::new() };
        let why = called.why.map(|why| format!(": {}", reason(why))).unwrap_or_default();
        match called.r#as {
            CalledAs::Part => rows.push(("part", format!("{times}{}{why}", called.name))),
            _ => rows.push(("actor", format!("{times}{} ({}){why}", called.name, called.handler))),
        }
        if let Some(arguments) = &called.arguments {
            rows.push(("takes", takes(arguments)));
        }
        if called.r#as == CalledAs::Actor {
            rows.push(("wrapper", wrapper(called)));
        }
    }
    if call.is_parallel {
        let size = match call.group_size {
            Some(size) => counted(size, "call"),
            None => "as many calls as there are at the time".to_owned(),
        };
        let join = call.join.as_ref().map(|join| format!(", joined by {}", join.name)).unwrap_or_default();
        rows.push(("parallel", format!("{size}{join}")));
    }
    let result = match &call.result {
        Some(to) => format!("goes to `{to}`"),
        None if call.is_result_dropped => "is not used".to_owned(),
        None => "is used where it stands".to_owned(),
    };
    rows.push(("result", result));
    rows.extend(call.places.iter().map(|place| ("from", shown(place))));
    match (&call.goes_on, &call.followed_by) {
        (Some(place), _) => rows.push(("goes on", format!("in {}", shown(place)))),
        (None, Some(next)) => rows.push(("goes on", format!("in {next}, without the router in between"))),
        (None, None) => rows.push(("goes on", "nowhere: the flow ends with its answer".to_owned())),
    }
    rows.push(("messages", hops(call.hops)));
    let is_part = call.calls.iter().all(|called| called.r#as == CalledAs::Part);
    match call.carries.as_slice() {
        [] if is_part && !call.is_parallel => {}
        [] => rows.push(("carries", "no variables".to_owned())),
        all => rows.extend(all.iter().map(|variable| ("carries", carried(variable)))),
    }
    match call.caught.as_slice() {
        [] => rows.push(("errors", "are not caught here: they end the function".to_owned())),
        all => {
            let words: Vec<String> = all.iter().map(goes_to).collect();
            rows.push(("errors", format!("go to {}", words.join(", then to "))));
        }
    }
    rows
}

fn is_same(one: &Called, other: &Called) -> bool {
    one.name == other.name && one.arguments == other.arguments && one.why == other.why
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::Awaited => "it is awaited",
        Why::OfProject => "a function of the project, called by a whole statement or right-hand side",
        Why::TakesPayload => "it takes the payload and nothing else",
        Why::Gathered => "it is handed to `gather`",
        Why::Element => "it is an element of a list of calls",
        Why::Task => "it is a task of the group",
        Why::Marked => "it is marked to run as a part of flows",
    }
}

fn takes(arguments: &Arguments) -> String {
    let all = |arguments: &[Argument]| {
        let one = |argument: &Argument| match &argument.keyword {
            Some(keyword) => format!("{keyword}={}", argument.text),
            None => argument.text.clone(),
        };
        arguments.iter().map(one).collect::<Vec<String>>().join(", ")
    };
    match arguments {
        Arguments::Payload { variable } => format!("the payload as it is: `{variable}`"),
        Arguments::Value { text } => format!("`{text}` in the place of the payload"),
        Arguments::Values { arguments } if arguments.is_empty() => {
            "no arguments: the payload is `{\"args\": [], \"kwargs\": {}}`".to_owned()
        }
        Arguments::Values { arguments } => {
            format!("`{}` as `{{\"args\": […], \"kwargs\": {{…}}}}`", all(arguments))
        }
        Arguments::Parameters { arguments } if arguments.is_empty() => "no arguments".to_owned(),
        Arguments::Parameters { arguments } => format!("`{}` as its parameters", all(arguments)),
    }
}

fn wrapper(called: &Called) -> String {
    match called.is_wrapped {
        true => "runs in front of the handler: arguments, results and errors travel through it".to_owned(),
        false => "none: the handler takes the payload itself".to_owned(),
    }
}

fn hops(hops: Hops) -> String {
    match hops {
        Hops { fixed: 0, per_call: 0 } => "none for the call itself".to_owned(),
        Hops { fixed: 1, per_call: 0 } => "1: to the actor".to_owned(),
        Hops { fixed: 2, per_call: 0 } => "2: to the actor and back".to_owned(),
        Hops { fixed, per_call: 0 } => format!("{fixed}: to each actor, on to the join, and back"),
        Hops { fixed, per_call } => {
            format!("{per_call} for each call and {fixed} more: to each actor, on to the join, and back")
        }
    }
}

fn carried(variable: &Variable) -> String {
    let Variable { name, is_payload, is_made, is_perhaps_unbound, read_in } = variable;
    let mut text = format!("`{name}`");
    if *is_payload {
        text.push_str(", the payload");
    }
    if *is_made {
        text.push_str(" (the compiler's)");
    }
    if *is_perhaps_unbound {
        text.push_str(" if it is bound");
    }
    if !read_in.is_empty() {
        let mut numbers: Vec<String> = read_in.iter().take(MAX_READS).map(usize::to_string).collect();
        if read_in.len() > MAX_READS {
            numbers.push(format!("{} more", read_in.len() - MAX_READS));
        }
        let word = if read_in.len() == 1 { "line" } else { "lines" };
        text.push_str(&format!(", read next in {word} {}", joined(&numbers)));
    }
    text
}

fn goes_to(caught: &Caught) -> String {
    if caught.is_group {
        return format!("the task group of line {}, which raises an `ExceptionGroup`", caught.line);
    }
    let mut parts: Vec<String> =
        caught.clauses.iter().map(|clause| format!("`{}` (line {})", clause.text, clause.line)).collect();
    if let Some(line) = caught.finally {
        parts.push(format!("`finally` (line {line})"));
    }
    joined(&parts)
}

fn shown(place: &Place) -> String {
    let function = place.function.as_ref().map(|name| format!(" of `{name}`")).unwrap_or_default();
    let at = if place.router_lines.is_empty() {
        String::new()
    } else {
        format!(", {}", lines("router.py", &place.router_lines))
    };
    format!("segment `{}`{function}{at}", place.segment)
}

/// `router.py:3-5, 9`.
fn lines(file: &str, numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if number <= *last + 1 => *last = number.max(*last),
            _ => ranges.push((number, number)),
        }
    }
    let one =
        |(first, last): &(usize, usize)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    format!("{file}:{}", ranges.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// `a, b and c`.
fn joined(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
