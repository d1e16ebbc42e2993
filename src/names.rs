//! Names that are checked once, where they enter, and trusted afterwards.

use std::fmt;

/// Longest Kubernetes label value and DNS label (`docs/platform/names.md`, "Lengths").
pub const DNS_LABEL_MAX: usize = 63;

/// The handler of an actor whose own handler runs behind the call wrapper
/// (`docs/platform/names.md`, "The call wrapper").
pub const WRAPPER_HANDLER: &str = "asya_call.invoke";
/// The variable that names the handler behind the call wrapper.
pub const WRAPPER_TARGET: &str = "ASYA_CALL_TARGET";
/// The variable with the retries of an actor behind the call wrapper.
pub const WRAPPER_RESILIENCY: &str = "ASYA_CALL_RESILIENCY";
/// The volume with the call wrapper's file.
pub const WRAPPER_VOLUME: &str = "asya-call";
/// The handler of an actor that joins parallel calls (`docs/platform/protocol.md`, "Joins").
pub const JOIN_HANDLER: &str = "asya_crew.fanin.split_key.aggregator";

macro_rules! dns_label {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Checks `text`; the error is a sentence that says what is wrong with it.
            pub fn new(text: &str) -> Result<Self, String> {
                check_dns_label($what, text)?;
                Ok(Self(text.to_owned()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::new(text)
            }
        }
    };
}

dns_label!(
    /// A flow's name: a DNS label, part of file paths, labels and object names.
    FlowName,
    "flow name"
);
dns_label!(
    /// A context's name: a DNS label, part of file paths.
    ContextName,
    "context name"
);
dns_label!(
    /// An actor's name: a DNS label, the name of its queue and Deployment.
    ActorName,
    "actor name"
);
dns_label!(
    /// A Kubernetes namespace.
    Namespace,
    "namespace"
);

impl ActorName {
    /// Whether the platform gives actors of this name a meaning of its own (`docs/platform/names.md`,
    /// "Taken names").
    pub fn is_taken(name: &str) -> bool {
        name.starts_with("x-") || matches!(name, "dlq" | "happy-end" | "error-end" | "checkpoint-s3")
    }
}

impl FlowName {
    /// The name as a Python identifier: `text-flow` becomes `text_flow`.
    pub fn as_identifier(&self) -> String {
        let name = self.0.replace('-', "_");
        if name.starts_with(|c: char| c.is_ascii_digit()) { format!("flow_{name}") } else { name }
    }
}

fn check_dns_label(what: &str, text: &str) -> Result<(), String> {
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    if text.is_empty() {
        return Err(format!("{article} {what} cannot be empty"));
    }
    let shown = text.escape_debug();
    if let Some(bad) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
        let bad = bad.escape_debug();
        return Err(format!(
            "`{shown}` is not {article} {what}: only lower-case letters, digits and `-` are allowed, not `{bad}`"
        ));
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err(format!("`{shown}` is not {article} {what}: it must start and end with a letter or a digit"));
    }
    if text.len() > DNS_LABEL_MAX {
        return Err(format!(
            "`{shown}` is not {article} {what}: it has {} characters, {DNS_LABEL_MAX} are allowed",
            text.len()
        ));
    }
    Ok(())
}

/// An identifier in kebab case: `clean_text` and `cleanText` become `clean-text`,
/// `HTTPClient` becomes `http-client`. Characters outside ASCII letters and digits become `-`.
pub fn kebab(identifier: &str) -> String {
    let chars: Vec<char> = identifier.chars().collect();
    let mut out = String::with_capacity(identifier.len() + 4);
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            if !out.is_empty() && !out.ends_with('-') {
                out.push('-');
            }
            continue;
        }
        if c.is_ascii_uppercase() && at > 0 {
            let before = chars[at - 1];
            let starts_word = before.is_ascii_lowercase() || before.is_ascii_digit();
            let ends_acronym = before.is_ascii_uppercase() && chars.get(at + 1).is_some_and(char::is_ascii_lowercase);
            if (starts_word || ends_acronym) && !out.ends_with('-') {
                out.push('-');
            }
        }
        out.push(c.to_ascii_lowercase());
    }
    out.trim_matches('-').to_owned()
}

/// The known names closest to `given`, best first, at most three; empty when none is near.
pub fn near_matches<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&given.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// `a`, `b` and `c`, each in backticks.
pub fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A count with its noun: `1 actor`, `3 actors`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
