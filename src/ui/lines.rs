//! Events as lines of JSON, version 1: one line for each, for programs that follow a command.

use serde_json::{Value, json};

use super::document::{DiagnosticDocument, ErrorDocument};
use crate::error::Error;
use crate::event::Event;

/// An event as one line, without its end.
pub(super) fn of_event(event: &Event) -> String {
    line(match event {
        Event::Step(message) => json!({"event": "step", "message": message}),
        Event::File { path, change } => json!({"event": "file", "path": path, "change": change.name()}),
        Event::Object { object, change } => json!({"event": "object", "object": object, "change": change.name()}),
        Event::Note(message) => json!({"event": "note", "message": message}),
        Event::Excerpt(text) => json!({"event": "excerpt", "text": text}),
        Event::Warning { message, hint } => json!({"event": "warning", "message": message, "hint": hint}),
        Event::Diagnostics(located) => {
            json!({"event": "diagnostics", "diagnostics": DiagnosticDocument::all(located)})
        }
    })
}

/// An error as one line, without its end.
pub(super) fn of_error(error: &Error) -> String {
    line(json!({"event": "error", "error": ErrorDocument::of(error)}))
}

fn line(event: Value) -> String {
    let mut line = json!({"version": 1});
    if let (Some(line), Value::Object(event)) = (line.as_object_mut(), event) {
        line.extend(event);
    }
    line.to_string()
}
