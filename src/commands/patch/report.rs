//! What a patch did, for people and as JSON.

use serde::Serialize;
use similar::TextDiff;

use super::super::exposing::FileChange;
use super::super::patching::Actors;
use crate::artifacts::placement::Layer;
use crate::names::FlowName;
use crate::ui::{Style, Ui};

/// Lines around a change.
const CONTEXT: usize = 2;

/// The result of `asya patch`, version 1.
#[derive(Serialize)]
pub(in crate::commands) struct PatchDocument {
    version: u32,
    flow: String,
    context: Option<String>,
    actors: Vec<ActorChange>,
    files: Vec<FileChange>,
    /// `null` when nothing changed.
    next: Option<String>,
}

/// What became of a rendered actor.
#[derive(Serialize)]
pub(in crate::commands) struct ActorChange {
    name: String,
    /// A unified diff of the rendered object; `null` when it is as before, or could not be rendered
    /// before.
    diff: Option<String>,
}

impl ActorChange {
    pub(in crate::commands) fn of(name: &str, before: Option<&Actors>, now: &Actors) -> Self {
        let text = |actors: &Actors| actors.get(name).map(crate::yaml::write_sorted).unwrap_or_default();
        let diff = before.and_then(|before| {
            let (before, now) = (text(before), text(now));
            let diff = TextDiff::from_lines(&before, &now);
            (before != now).then(|| diff.unified_diff().context_radius(CONTEXT).header("before", "after").to_string())
        });
        Self { name: name.to_owned(), diff }
    }

    pub(in crate::commands) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::commands) fn is_change(&self) -> bool {
        self.diff.is_some()
    }

    fn human(&self, ui: &Ui) -> String {
        // The two lines about files say nothing here.
        let lines = self.diff.iter().flat_map(|diff| diff.lines().skip(2));
        let painted = lines.map(|line| {
            let style = match line.chars().next() {
                Some('+') => Style::Good,
                Some('-') => Style::Bad,
                Some('@') => Style::Dim,
                _ => Style::Plain,
            };
            ui.paint(style, line) + "\n"
        });
        painted.collect()
    }
}

impl PatchDocument {
    pub(in crate::commands) fn new(
        flow: &FlowName,
        layer: &Layer,
        actors: Vec<ActorChange>,
        files: Vec<FileChange>,
        next: Option<String>,
    ) -> Self {
        Self {
            version: 1,
            flow: flow.to_string(),
            context: layer.context().map(ToString::to_string),
            actors,
            files,
            next,
        }
    }

    pub(in crate::commands) fn human(&self, ui: &Ui) -> String {
        let place = match &self.context {
            None => "in every environment".to_owned(),
            Some(context) => format!("in context `{context}`"),
        };
        let mut text = String::new();
        for actor in &self.actors {
            let name = ui.paint(Style::Strong, &actor.name);
            match actor.is_change() {
                true => text += &format!("{name} {place}:\n{}", actor.human(ui)),
                false if self.files.is_empty() => text += &format!("{name} {place}: as before\n"),
                // It had that already, or another patch has the last word.
                false => text += &format!("{name} {place} renders as before\n"),
            }
        }
        if let Some(next) = &self.next {
            text += &format!("\nnext: {}\n", ui.paint(Style::Strong, next));
        }
        text
    }
}
