//! One line for each object that is waited for, on a terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::Standing;

/// How often the sign of a waiting line changes.
const TICK: Duration = Duration::from_millis(120);

/// Lines that change in place. Other lines are written above them.
pub(super) struct Progress {
    lines: MultiProgress,
    bars: BTreeMap<String, ProgressBar>,
}

impl Progress {
    pub(super) fn new() -> Self {
        let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self { lines, bars: BTreeMap::new() }
    }

    /// Shows `line` for an object; a line that does not wait any more stays.
    pub(super) fn show(&mut self, object: &str, standing: Standing, line: &str) {
        let bar = self.bars.entry(object.to_owned()).or_insert_with(|| {
            let bar = self.lines.add(ProgressBar::new_spinner());
            bar.enable_steady_tick(TICK);
            bar
        });
        match standing {
            Standing::Waiting => {
                if bar.is_finished() {
                    bar.reset();
                    bar.enable_steady_tick(TICK);
                }
                bar.set_style(style("{spinner} {wide_msg}"));
                bar.set_message(line.to_owned());
            }
            Standing::Ready | Standing::Failed => {
                bar.set_style(style("  {msg}"));
                bar.finish_with_message(line.to_owned());
            }
        }
    }

    /// Writes something above the lines.
    pub(super) fn above(&self, write: impl FnOnce()) {
        self.lines.suspend(write);
    }

    /// Leaves the lines as they are.
    pub(super) fn end(self) {
        for bar in self.bars.values().filter(|bar| !bar.is_finished()) {
            bar.set_style(style("  {wide_msg}"));
            bar.abandon();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // Only a template with a mistake is refused.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
