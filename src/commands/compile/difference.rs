//! How files would change, as unified diffs.

use similar::TextDiff;

use super::batch::Compiled;
use crate::event::Change;
use crate::names::counted;
use crate::store::FileChange;
use crate::ui::{Style, Ui};

/// Lines of a diff that a person is shown; what follows is usually more of the same.
const MAX_LINES: usize = 24;

/// Longest line of a diff that a person is shown, in characters.
const MAX_WIDTH: usize = 160;

/// Diffs that a person is shown.
const MAX_DIFFS: usize = 8;

/// Lines around a change.
const CONTEXT: usize = 2;

/// Files whose changes follow from those of others.
const DERIVED: &[&str] =
    &["flow.svg", "flow.dot", "flow.mmd", "graph.json", "configmap-router.yaml", "configmap-call.yaml"];

/// The unified diff of a file that would change; `None` for one that is not text, or would not.
pub(super) fn unified(compiled: &Compiled, file: &FileChange) -> Option<String> {
    if file.change != Change::Changed {
        return None;
    }
    let (before, after) = compiled.plan.texts(file)?;
    let path = file.path.display().to_string();
    let diff = TextDiff::from_lines(&before, &after);
    Some(diff.unified_diff().context_radius(CONTEXT).header(&path, &path).to_string())
}

fn is_derived(file: &FileChange) -> bool {
    file.path.file_name().is_some_and(|name| DERIVED.iter().any(|derived| name == *derived))
}

/// Differences as a person is shown them: the files, and behind all of them the most telling diffs.
pub(super) struct Shown<'u> {
    ui: &'u Ui,
    diffs: Vec<String>,
    left_out: usize,
}

impl<'u> Shown<'u> {
    pub(super) fn new(ui: &'u Ui) -> Self {
        Self { ui, diffs: Vec::new(), left_out: 0 }
    }

    /// A line for every file of a flow that would change.
    pub(super) fn files(&mut self, compiled: &Compiled, indent: &str) -> String {
        let mut lines = String::new();
        for file in &compiled.files {
            let style = match file.change {
                Change::Unchanged | Change::Kept => continue,
                Change::Removed | Change::Released => Style::Bad,
                Change::Created | Change::Changed => Style::Good,
            };
            let word = self.ui.paint(style, &format!("{:<9}", file.change.name()));
            lines += &format!("{indent}{word} {}\n", file.path.display());
            if !is_derived(file) {
                self.add(compiled, file);
            }
        }
        lines
    }

    fn add(&mut self, compiled: &Compiled, file: &FileChange) {
        if self.ui.is_quiet() || file.change != Change::Changed {
            return;
        }
        if self.diffs.len() == MAX_DIFFS {
            self.left_out += 1;
            return;
        }
        let Some(diff) = unified(compiled, file) else { return };
        let count = diff.lines().count();
        let mut text: String = diff.lines().take(MAX_LINES).map(|line| self.line(line)).collect();
        if count > MAX_LINES {
            let more = counted(count - MAX_LINES, "more line");
            text += &self.ui.paint(Style::Dim, &format!("… {more}"));
            text.push('\n');
        }
        self.diffs.push(text);
    }

    fn line(&self, line: &str) -> String {
        let style = match line.chars().next() {
            _ if line.starts_with("---") || line.starts_with("+++") => Style::Strong,
            Some('+') => Style::Good,
            Some('-') => Style::Bad,
            Some('@') => Style::Dim,
            _ => Style::Plain,
        };
        let mut short: String = line.chars().take(MAX_WIDTH).collect();
        if short.len() < line.len() {
            short.push('…');
        }
        self.ui.paint(style, short.trim_end()) + "\n"
    }

    /// The diffs, each behind a blank line.
    pub(super) fn diffs(&self) -> String {
        let mut text: String = self.diffs.iter().map(|diff| format!("\n{diff}")).collect();
        if self.left_out > 0 {
            let more = counted(self.left_out, "more diff");
            text += &format!("\n{}\n", self.ui.paint(Style::Dim, &format!("… {more}; `-o json` has all of them")));
        }
        text
    }
}
