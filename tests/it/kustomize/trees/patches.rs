//! The patches of a kustomization: by name or target, inline or from files.
#![allow(clippy::write_with_newline)]

use std::fmt::Write as _;

use super::layers::Maker;
use super::merges::{Effect, any_kind, merge_patch};
use super::{Dice, Made, json};

fn indented(text: &str, pad: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") }).collect()
}

/// A `target` that picks `made` and nothing else of the tree.
fn exact(dice: &mut Dice, made: &Made) -> String {
    let mut fields = vec![format!("kind: {}", made.kind), format!("name: {}", made.name)];
    let group = super::api_version(made.kind);
    match (group.split_once('/'), dice.roll(4)) {
        (Some((group, version)), 0) => fields.extend([format!("group: {group}"), format!("version: {version}")]),
        (None, 0) => fields.push(format!("version: {group}")),
        (_, 1) => {
            fields[0] = format!("kind: \"{}\"", made.kind.replacen('e', "[e]", 1));
            fields[1] = format!("name: '{}'", made.name.replacen('a', "[a-b]", 1));
        }
        _ => {}
    }
    if let Some(namespace) = made.namespace {
        fields.push(format!("namespace: {namespace}"));
    }
    dice.shuffle(&mut fields);
    match dice.roll(3) {
        0 => format!("  target: {{{}}}\n", fields.join(", ")),
        _ => format!("  target:\n{}", fields.iter().map(|field| format!("    {field}\n")).collect::<String>()),
    }
}

/// A `target` that picks some objects, or none.
fn broad(dice: &mut Dice) -> String {
    let choices = [
        "kind: .*",
        "kind: Deployment|AsyncActor",
        "name: a.*|b.*",
        "name: '[a-d].*'",
        "labelSelector: app=web",
        "labelSelector: \"app in (web, db), !nothing\"",
        "labelSelector: tier notin (web)",
        "labelSelector: app!=web",
        "labelSelector: app.kubernetes.io/name",
        "annotationSelector: note=text",
        "namespace: default",
        "namespace: one|two",
        "version: v1.*",
        "group: asya.*",
        "kind: Nothing",
    ];
    let mut out = "  target:\n".to_owned();
    let first = dice.roll(choices.len());
    let second = dice.roll(choices.len());
    let _ = writeln!(out, "    {}", choices[first]);
    let field = |at: usize| choices[at].split(':').next();
    if dice.chance(40) && field(first) != field(second) {
        let _ = writeln!(out, "    {}", choices[second]);
    }
    out
}

impl Maker<'_> {
    /// Objects that can be addressed by kind and name.
    fn addressable(&self) -> Vec<usize> {
        let usable = |made: &Made| self.careless || !made.lost;
        (0..self.objects.len()).filter(|at| usable(&self.objects[*at])).collect()
    }

    pub(super) fn patches(&mut self, directory: &str, blocks: &mut Vec<String>) {
        if !self.dice.chance(75) {
            return;
        }
        let mut entries = Vec::new();
        for number in 0..=self.dice.roll(3) {
            let candidates = self.addressable();
            let at = (!candidates.is_empty()).then(|| candidates[self.dice.roll(candidates.len())]);
            let Some(at) = at else { break };
            let made = self.objects[at].clone();
            let dice = &mut *self.dice;
            let (body, target, more) = match dice.roll(100) {
                0..40 => (self.by_name(at), String::new(), ""),
                40..48 => {
                    let first = self.by_name(at);
                    let others: Vec<usize> = self.addressable().into_iter().filter(|other| *other != at).collect();
                    let separator = self.dice.pick(&["---\n", "---\n# second\n"]);
                    match others.first() {
                        Some(other) => {
                            let second = self.by_name(*other);
                            (format!("{first}{separator}{second}"), String::new(), "")
                        }
                        None => (first, String::new(), ""),
                    }
                }
                48..58 => {
                    let (body, effect) = merge_patch(dice, &made);
                    let target = exact(dice, &made);
                    self.note(at, effect);
                    (body, target, "")
                }
                58..61 => {
                    let mut renamed = made.clone();
                    renamed.name = format!("renamed-{}", self.count);
                    self.count += 1;
                    let (body, _) = merge_patch(dice, &renamed);
                    let target = exact(dice, &made);
                    self.note(at, Effect::Delete);
                    (body, target, "  options:\n    allowNameChange: true\n")
                }
                61..69 => (any_kind(dice), broad(dice), ""),
                69..94 => {
                    let body = json::json_patch(dice, &made);
                    let target = exact(dice, &made);
                    self.note(at, Effect::Change);
                    (body, target, "")
                }
                _ => {
                    let body = json::any_kind(dice, None);
                    let target = broad(dice);
                    self.objects.iter_mut().for_each(|made| made.changed = true);
                    (body, target, "")
                }
            };
            entries.push(self.entry(directory, number, &body, &target, more));
        }
        let (old, new): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| entry.old);
        for (field, entries) in [("patches", new), ("patchesStrategicMerge", old)] {
            if !entries.is_empty() {
                blocks.push(format!("{field}:\n{}", entries.into_iter().map(|entry| entry.text).collect::<String>()));
            }
        }
    }

    /// A merge patch without a target.
    fn by_name(&mut self, at: usize) -> String {
        let (body, effect) = merge_patch(self.dice, &self.objects[at].clone());
        self.note(at, effect);
        body
    }

    fn note(&mut self, at: usize, effect: Effect) {
        self.objects[at].changed = true;
        self.objects[at].lost |= effect == Effect::Delete;
    }

    fn entry(&mut self, directory: &str, number: usize, body: &str, target: &str, more: &str) -> Entry {
        let dice = &mut *self.dice;
        let old = target.is_empty() && dice.chance(8);
        let mut text = if dice.chance(50) {
            let path = format!("{}patch-{number}.yaml", dice.pick(&["", "", "patches/", "./"]));
            let body = if dice.chance(10) { body.replace('\n', "\r\n") } else { body.to_owned() };
            let full = format!("{directory}/{}", path.trim_start_matches("./"));
            self.tree.push((full, body.into_bytes()));
            if old { format!("- {path}\n") } else { format!("- path: {path}\n") }
        } else {
            let style = dice.pick(&["|", "|-", "|+", "|"]);
            // An indicator says how deep a text starts that starts deeper.
            match old {
                true => format!("- {style}\n{}", indented(body, "  ")),
                false => format!("- patch: {style}\n{}", indented(body, "    ")),
            }
        };
        text.push_str(target);
        text.push_str(more);
        Entry { old, text }
    }
}

/// One entry of `patches`, or of the older `patchesStrategicMerge`.
struct Entry {
    old: bool,
    text: String,
}
