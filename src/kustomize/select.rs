//! Which objects a patch is for.

use std::collections::BTreeMap;

use regex_lite::Regex;

use super::kustomization::Target;
use super::resource::Resource;

/// A `target`, ready to match.
pub(super) struct Selector {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

impl Selector {
    /// Compiles a target; the error says which part is wrong.
    pub(super) fn new(target: &Target) -> Result<Self, String> {
        Ok(Self {
            group: whole(&target.group)?,
            version: whole(&target.version)?,
            kind: whole(&target.kind)?,
            name: whole(&target.name)?,
            namespace: whole(&target.namespace)?,
            labels: requirements(&target.labels)?,
            annotations: requirements(&target.annotations)?,
        })
    }

    /// Whether `resource` is meant, by its present or its original name.
    pub(super) fn matches(&self, resource: &Resource) -> bool {
        let (now, first) = (resource.id(), resource.original_id());
        let is = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|regex| regex.is_match(text));
        (is(&self.namespace, first.effective_namespace()) || is(&self.namespace, now.effective_namespace()))
            && (is(&self.name, &first.name) || is(&self.name, &now.name))
            && is(&self.group, &now.group)
            && is(&self.version, &now.version)
            && is(&self.kind, &now.kind)
            && all(&self.labels, &resource.labels())
            && all(&self.annotations, &resource.annotations())
    }
}

fn whole(pattern: &str) -> Result<Option<Regex>, String> {
    if pattern.is_empty() {
        return Ok(None);
    }
    Regex::new(&format!("^(?:{pattern})$"))
        .map(Some)
        .map_err(|error| format!("`{pattern}` is not a regular expression: {error}"))
}

fn all(requirements: &[Requirement], texts: &BTreeMap<String, String>) -> bool {
    requirements.iter().all(|requirement| requirement.holds(texts.get(&requirement.key).map(String::as_str)))
}

/// One part of a label selector.
struct Requirement {
    key: String,
    test: Test,
}

enum Test {
    Exists,
    Missing,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

impl Requirement {
    fn holds(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match &self.test {
            Test::Exists => value.is_some(),
            Test::Missing => value.is_none(),
            Test::In(values) => value.is_some_and(|value| values.iter().any(|one| one == value)),
            Test::NotIn(values) => value.is_none_or(|value| values.iter().all(|one| one != value)),
            Test::Above(limit) => number().is_some_and(|value| value > *limit),
            Test::Below(limit) => number().is_some_and(|value| value < *limit),
        }
    }
}

/// Parts of a label selector: `a=b, c!=d, e in (f, g), h, !i`.
fn requirements(selector: &str) -> Result<Vec<Requirement>, String> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut part = String::new();
    for c in selector.chars().chain([',']) {
        match c {
            ',' if depth == 0 => {
                let text = part.trim();
                if !text.is_empty() {
                    found.push(requirement(text).ok_or_else(|| format!("`{text}` is not a selector"))?);
                } else if !selector.trim().is_empty() {
                    return Err(format!("`{selector}` is not a selector"));
                }
                part.clear();
                continue;
            }
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        part.push(c);
    }
    if depth > 0 {
        return Err(format!("`{selector}` lacks a `)`"));
    }
    Ok(found)
}

fn requirement(text: &str) -> Option<Requirement> {
    let of = |key: &str, test: Test| {
        let key = key.trim();
        let ok = !key.is_empty() && !key.contains(|c: char| c.is_whitespace() || "()=!<>".contains(c));
        ok.then(|| Requirement { key: key.to_owned(), test })
    };
    let word = |text: &str| {
        let text = text.trim();
        let ok = !text.contains(|c: char| c.is_whitespace() || "()=!<>".contains(c));
        ok.then(|| text.to_owned())
    };
    if let Some(key) = text.strip_prefix('!') {
        return of(key, Test::Missing);
    }
    if let Some((key, value)) = text.split_once("!=") {
        return of(key, Test::NotIn(vec![word(value)?]));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return of(key, Test::In(vec![word(value)?]));
    }
    if let Some((key, limit)) = text.split_once('>') {
        return of(key, Test::Above(limit.trim().parse().ok()?));
    }
    if let Some((key, limit)) = text.split_once('<') {
        return of(key, Test::Below(limit.trim().parse().ok()?));
    }
    if let Some((head, values)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let values = values.split(',').map(word).collect::<Option<Vec<_>>>()?;
        let (key, operator) = head.trim().split_once(char::is_whitespace)?;
        return match operator.trim() {
            "in" => of(key, Test::In(values)),
            "notin" => of(key, Test::NotIn(values)),
            _ => None,
        };
    }
    of(text, Test::Exists)
}
