//! Settings in the code to fields of the actors.

use serde_json::Value;

use super::fields::Fields;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::{HandlerSettings, Setting};
use crate::program::Program;

/// What one actor's settings come to.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    /// Dotted fields with their values, each once.
    pub(super) fields: Vec<(String, Value)>,
    /// Settings without a field, and values a field does not take.
    pub(super) problems: Vec<Diagnostic>,
}

/// Problems with the settings of a program: what the platform's generation has no field for, and
/// values its fields do not take. Spans are those of the flow's file.
pub fn check(program: &Program, fields: Fields) -> Vec<Diagnostic> {
    program.actors.iter().flat_map(|actor| map(&actor.settings, fields).problems).collect()
}

/// Finds field and value for every setting; a later one for the same field wins.
pub(super) fn map(settings: &HandlerSettings, fields: Fields) -> Mapped {
    let mut mapped = Mapped::default();
    for setting in &settings.fields {
        let path = &setting.target.path;
        let Some(field) = fields.field(path) else {
            mapped.problems.push(
                no_field(setting, fields)
                    .help("no other field does the same: take it out, or choose a field that there is"),
            );
            continue;
        };
        if field != *path && setting.target.place.is_some() {
            let help = format!("`{field}` does the same and is set instead; name it in the rule");
            mapped.problems.push(no_field(setting, fields).help(help));
        }
        match fields.value(&field, &setting.value) {
            Ok(value) => {
                mapped.fields.retain(|(known, _)| *known != field);
                mapped.fields.push((field, value));
            }
            Err(why) => {
                let message = format!("`{field}` cannot be {}", setting.value);
                mapped
                    .problems
                    .push(located(Diagnostic::error(setting.span, message), setting, why).code(codes::SETTING_VALUE));
            }
        }
    }
    if let Some(problem) = without_attempts(settings, &mapped.fields, fields) {
        mapped.problems.push(problem);
    }
    mapped
}

fn no_field(setting: &Setting, fields: Fields) -> Diagnostic {
    let message = format!("generation {} of the platform has no field `{}`", fields.generation, setting.target.path);
    let why = match &setting.target.place {
        Some(place) => format!("the rule is at {}", place.shown()),
        None => "the platform's generation is `platform.generation` of the configuration".to_owned(),
    };
    located(Diagnostic::warning(setting.span, message), setting, why).code(codes::SETTING_FIELD)
}

fn located(diagnostic: Diagnostic, setting: &Setting, why: String) -> Diagnostic {
    match &setting.elsewhere {
        Some(place) => diagnostic.note(format!("the value stands at {place}; {why}")),
        None => diagnostic.note(why),
    }
}

/// Retries without a number of attempts: decorators retry for ever then, the platform does not.
fn without_attempts(settings: &HandlerSettings, mapped: &[(String, Value)], fields: Fields) -> Option<Diagnostic> {
    let group = |field: &str| {
        let start = if fields.has_policies { "spec.resiliency.policies." } else { "spec.resiliency.retry." };
        field.starts_with(start).then(|| field.rsplit_once('.').map_or("", |(group, _)| group).to_owned())
    };
    let lacking = mapped.iter().filter_map(|(field, _)| group(field)).find(|group| {
        let attempts = format!("{group}.maxAttempts");
        !mapped.iter().any(|(field, _)| *field == attempts)
    })?;
    let first = settings.fields.iter().find(|setting| {
        fields.field(&setting.target.path).is_some_and(|field| group(&field).as_ref() == Some(&lacking))
    })?;
    let times = if fields.has_policies { "once" } else { "three times" };
    let why = format!("the platform tries {times} where `{lacking}.maxAttempts` is not set");
    let diagnostic = Diagnostic::warning(first.span, "how often to try is not said");
    Some(
        located(diagnostic, first, why)
            .code(codes::SETTING_LOST)
            .help("say it here (`stop=stop_after_attempt(5)`, `attempts=5`), or set the field in a template"),
    )
}
