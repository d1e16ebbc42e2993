//! The part of a router that is the same for every flow that keeps variables, errors or calls.

use std::collections::BTreeSet;

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

/// The lines a flow needs, with its names in them. A name `§x` stands for what `name("x")` answers;
/// a line that ends with `#: feature …` is there only for flows that need all of these.
pub(super) fn text(needs: &Needs, name: &dyn Fn(&str) -> Option<String>, taken: &BTreeSet<String>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in TEXT.lines() {
        let (line, features) = line.split_once("  #: ").unwrap_or((line, ""));
        if features.split_whitespace().all(|feature| needs.has(feature)) {
            lines.push(put_names(line, name, taken));
        }
    }
    lines
}

/// Puts names in the place of `§x`, and lets the support's own names hide nothing.
fn put_names(line: &str, name: &dyn Fn(&str) -> Option<String>, taken: &BTreeSet<String>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['§', '_']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let is_inside_word = out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if let Some(after) = from.strip_prefix('§') {
            let word: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            match name(&word) {
                Some(text) => out.push_str(&text),
                None => out.push_str(&word),
            }
            rest = &after[word.len()..];
        } else {
            let word: String = from.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            out.push_str(&word);
            if !is_inside_word && !word.starts_with("__") && taken.contains(&word) {
                out.push('_');
            }
            rest = &from[word.len()..];
        }
    }
    out.push_str(rest);
    out
}
