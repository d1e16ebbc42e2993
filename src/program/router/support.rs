//! The part of a router that is the same for every flow that keeps variables, errors or calls.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::lines::Lines;

/// What a flow needs of it.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Calls run in parallel.
    pub(super) parallel: bool,
    /// Some of them in task groups.
    pub(super) tasks: bool,
    /// There are helpers.
    pub(super) helpers: bool,
}

impl Needs {
    fn has(&self, what: &str) -> bool {
        match what {
            "parallel" => self.parallel,
            "tasks" => self.tasks,
            "helpers" => self.helpers,
            _ => true,
        }
    }
}

const TEXT: &str = include_str!("support.py");

/// Writes the lines a flow needs, with its names in them. A name `§x` stands for what `name("x")`
/// answers; a line that ends with `#: feature …` is there only for flows that need all of these.
pub(super) fn write<'n>(
    lines: &mut Lines<'_>,
    needs: &Needs,
    name: &dyn Fn(&str) -> Option<Cow<'n, str>>,
    taken: &BTreeSet<String>,
) {
    let mut text = String::with_capacity(TEXT.len());
    for line in TEXT.lines() {
        let marked = if line.contains('#') { line.split_once("  #: ") } else { None };
        let (line, features) = marked.unwrap_or((line, ""));
        if features.split_whitespace().all(|feature| needs.has(feature)) {
            put_names(&mut text, line, name, taken);
            text.push('\n');
        }
    }
    lines.lines(&text);
}

/// Puts names in the place of `§x`, and lets the support's own names hide nothing.
fn put_names<'n>(out: &mut String, line: &str, name: &dyn Fn(&str) -> Option<Cow<'n, str>>, taken: &BTreeSet<String>) {
    let mut rest = line;
    while let Some(at) = rest.find(['_', '§']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let is_inside_word = out.ends_with(is_of_word);
        let (is_ours, word) = from.strip_prefix('§').map_or((false, from), |after| (true, after));
        let (word, after) = word.split_at(word.find(|c| !is_of_word(c)).unwrap_or(word.len()));
        match if is_ours { name(word) } else { None } {
            Some(text) => out.push_str(&text),
            None => out.push_str(word),
        }
        if !is_ours && !is_inside_word && !word.starts_with("__") && taken.contains(word) {
            out.push('_');
        }
        rest = after;
    }
    out.push_str(rest);
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
