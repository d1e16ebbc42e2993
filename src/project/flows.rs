//! The flow registry: which function of which file a flow is.

use std::path::{Component, Path, PathBuf};

use super::text::{absolute, read_source};
use super::yaml::{Located, Node, Value, parse};
use super::{MARKER, Project};
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result, io_reason};
use crate::names::{FlowName, listed, near_matches};
use crate::source::Source;

/// One registered flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRecord {
    /// Its name.
    pub name: FlowName,
    /// The source file, relative to the project root.
    pub source: PathBuf,
    /// The function in it.
    pub function: String,
}

#[derive(serde::Serialize)]
struct Entry<'a> {
    source: String,
    function: &'a str,
}

impl Project {
    /// The names of all registered flows, sorted. A file whose name is no flow name is an error.
    pub fn flow_names(&self) -> Result<Vec<FlowName>> {
        let (names, misnamed) = self.registry()?;
        match misnamed.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(names),
        }
    }

    /// The names of all registered flows, sorted, and an error for each file whose name is none.
    pub fn registry(&self) -> Result<(Vec<FlowName>, Vec<Error>)> {
        let directory = self.root().join(MARKER).join("flows");
        let unreadable = |error: std::io::Error| {
            Error::project(format!("`{MARKER}/flows` cannot be read")).because(io_reason(&error))
        };
        let entries = match std::fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
            Err(error) => return Err(unreadable(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            files.push(entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned());
        }
        files.sort();
        let (mut names, mut misnamed) = (Vec::new(), Vec::new());
        for file in files {
            // Editors and file managers leave hidden files anywhere.
            let Some(name) = file.strip_suffix(".yaml").filter(|name| !name.starts_with('.')) else { continue };
            match FlowName::new(name) {
                Ok(name) => names.push(name),
                Err(reason) => misnamed.push(
                    Error::project(format!("`{MARKER}/flows/{}` is not named after a flow", file.escape_debug()))
                        .because(reason)
                        .hint("rename or remove the file"),
                ),
            }
        }
        // As names: `a-b` comes behind `a`, though `a-b.yaml` comes before `a.yaml`.
        names.sort();
        Ok((names, misnamed))
    }

    /// All registered flows, sorted by name.
    pub fn flows(&self) -> Result<Vec<FlowRecord>> {
        self.flow_names()?.iter().map(|name| self.flow(name)).collect()
    }

    /// The record of `flow`; an unknown one is an error that lists near matches.
    pub fn flow(&self, flow: &FlowName) -> Result<FlowRecord> {
        let (path, shown) = self.record_path(flow);
        if !path.exists() {
            return Err(self.unknown_flow(flow));
        }
        let source = read_source(&path, &shown)?;
        let failed = |problem: Box<Diagnostic>| {
            Error::project(format!("the record of flow `{flow}` cannot be used"))
                .at(SourceDiagnostics::one(&source, *problem))
                .hint(format!("write it anew with `asya compile {flow} -f FILE`"))
        };
        let tree = parse(&source).map_err(failed)?;
        let record = FlowRecord {
            name: flow.clone(),
            source: PathBuf::from(field(&source, &tree, "source").map_err(failed)?),
            function: field(&source, &tree, "function").map_err(failed)?,
        };
        let inside = record.source.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        match (inside, tree.get("source")) {
            (false, Some(node)) => Err(failed(Box::new(Diagnostic::error(
                node.origin.span,
                "`source` must be a path inside the project, relative to its root",
            )))),
            _ => Ok(record),
        }
    }

    /// A source file relative to the project root; one outside is refused: its place would mean
    /// nothing on another machine.
    pub fn source_inside(&self, source: &Path) -> Result<PathBuf> {
        let path = absolute(self.root(), source);
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        match path.strip_prefix(self.root()).or_else(|_| real.strip_prefix(self.root())) {
            Ok(inside) => Ok(inside.to_owned()),
            Err(_) => Err(Error::project(format!("`{}` lies outside the project", source.display()))
                .because(format!(
                    "the project is `{}`, and its flows are recorded relative to it",
                    self.root().display()
                ))
                .hint("move the file into the project, or run `asya init` in a directory above both")),
        }
    }

    /// The registry file of `record` relative to the project root, and its text. A source outside
    /// the project root is refused: the record would mean nothing on another machine.
    pub fn register_text(&self, record: &FlowRecord) -> Result<(PathBuf, String)> {
        let inside = self.source_inside(&record.source)?;
        let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let entry = Entry { source: parts.join("/"), function: &record.function };
        let text = serde_saphyr::to_string(&entry).map_err(|error| {
            Error::project(format!("the record of flow `{}` is not YAML", record.name)).because(error)
        })?;
        let text = format!("# Written by `asya compile {} -f FILE`.\n{}\n", record.name, text.trim_end());
        Ok((Path::new(MARKER).join("flows").join(format!("{}.yaml", record.name)), text))
    }

    fn record_path(&self, flow: &FlowName) -> (PathBuf, String) {
        let shown = format!("{MARKER}/flows/{flow}.yaml");
        (self.root().join(&shown), shown)
    }

    fn unknown_flow(&self, flow: &FlowName) -> Error {
        let known = self.flow_names().unwrap_or_default();
        let near = near_matches(flow.as_str(), known.iter().map(FlowName::as_str));
        let reason = match known.len() {
            0 => "the project has no flows yet".to_owned(),
            _ => format!("known flows: {}", listed(&known)),
        };
        Error::project(format!("there is no flow `{flow}`"))
            .because(reason)
            .hint_opt((!near.is_empty()).then(|| format!("did you mean {}?", listed(&near))))
            .hint(format!("make it with `asya compile {flow} -f FILE`"))
    }
}

fn field(source: &Source, tree: &Node, key: &str) -> Located<String> {
    let (span, message) = match tree.get(key) {
        Some(Node { value: Value::Text(text), .. }) if !text.is_empty() => return Ok(text.clone()),
        Some(node) => (node.origin.span, format!("`{key}` must be text, not {}", node.value.kind())),
        None => (source.line_span(1), format!("there is no `{key}`")),
    };
    Err(Box::new(Diagnostic::error(span, message)))
}
