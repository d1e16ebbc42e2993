//! ConfigMaps and Secrets that are generated, merged or replaced.
#![allow(clippy::write_with_newline)]

use std::fmt::Write as _;

use serde_json::json;

use super::layers::Maker;
use super::{Made, NAMES};

const CONTENTS: &[&[u8]] = &[
    b"line one\nline two\n",
    b"key: on\n\ttab\n",
    b"no newline",
    b"trail \nspaces\n",
    b"a\r\nb\r\n",
    b"",
    "emoji 😀\n".as_bytes(),
    b"\xff\xfe\x00binary",
    b"\x00",
    b"a long file that is binary because of its last byte, so that its base64 form has several lines\n\x80",
];

impl Maker<'_> {
    pub(super) fn generators(&mut self, directory: &str, blocks: &mut Vec<String>) {
        for (field, kind, percent) in [("configMapGenerator", "ConfigMap", 40), ("secretGenerator", "Secret", 25)] {
            if !self.dice.chance(percent) {
                continue;
            }
            let mut out = format!("{field}:\n");
            for number in 0..=self.dice.roll(2) {
                if let Some(entry) = self.generator(directory, kind, number) {
                    out.push_str(&entry);
                }
            }
            if out.lines().count() > 1 {
                blocks.push(out);
            }
        }
        if self.dice.chance(10) {
            blocks.push(
                self.dice
                    .pick(&[
                        "generatorOptions:\n  labels:\n    all: gen\n",
                        "generatorOptions:\n  disableNameSuffixHash: true\n  annotations: {all: gen}\n",
                        "generatorOptions:\n  immutable: true\n",
                    ])
                    .to_owned(),
            );
        }
    }

    fn generator(&mut self, directory: &str, kind: &'static str, number: usize) -> Option<String> {
        let there = |made: &&Made| made.kind == kind && (self.careless || !made.lost);
        let existing: Vec<Made> = self.objects.iter().filter(there).cloned().collect();
        let reuse = (!existing.is_empty() && self.dice.chance(45)).then(|| {
            let at = self.dice.roll(existing.len());
            existing[at].clone()
        });
        let dice = &mut *self.dice;
        let (name, namespace) = match &reuse {
            Some(made) => (made.name.clone(), made.namespace),
            None => {
                let name = format!("{}{}", dice.pick(NAMES), dice.pick(&["", "", "-gen"]));
                let all = self.objects.iter().chain(&self.elsewhere);
                if all.filter(|made| made.kind == kind && made.name == name).count() > 0 && !self.careless {
                    return None;
                }
                (name, if dice.chance(10) && !self.twins { Some("one") } else { None })
            }
        };
        let mut out = format!("- name: {name}\n");
        if let Some(namespace) = namespace {
            let _ = writeln!(out, "  namespace: {namespace}");
        }
        if reuse.is_some() {
            let _ = writeln!(out, "  behavior: {}", dice.pick(&["merge", "replace", "merge"]));
        } else if dice.chance(10) {
            out.push_str("  behavior: create\n");
        }
        if dice.chance(70) {
            let value = dice.pick(&["x=y", "<&>", "\"\"", "true", "é", "two words", "0777"]);
            let _ = write!(out, "  literals:\n  - a=1\n  - \"b='quoted'\"\n  - c={value}\n");
            if dice.chance(20) {
                let _ = write!(out, "  - \"d=first\\nsecond\"\n  - 'long={}'\n", "words and more words ".repeat(6));
            }
        }
        if dice.chance(50) {
            let path = format!("data-{number}.txt");
            let content = CONTENTS[dice.roll(CONTENTS.len())];
            self.tree.push((format!("{directory}/{path}"), content.to_vec()));
            let _ = write!(out, "  files:\n  - {}{path}\n", dice.pick(&["", "named=", "./"]));
        }
        if dice.chance(30) {
            let path = format!("e-{number}.env");
            let text = dice.pick(&["# env\nX=1\nY=a b\n\n  Z=\nQ\n", "X=\"quoted\"\r\nY='single'\r\n", "\u{feff}X=1"]);
            self.tree.push((format!("{directory}/{path}"), text.as_bytes().to_vec()));
            let _ = if dice.chance(20) { writeln!(out, "  env: {path}") } else { write!(out, "  envs:\n  - {path}\n") };
        }
        match dice.roll(6) {
            0 => out.push_str("  options:\n    disableNameSuffixHash: true\n"),
            1 => out.push_str(
                "  options:\n    labels: {gen: \"yes\"}\n    annotations:\n      g: h\n    immutable: true\n",
            ),
            _ => {}
        }
        if kind == "Secret" && dice.chance(30) {
            out.push_str("  type: kubernetes.io/tls\n");
        }
        match reuse {
            Some(reused) => {
                let same = |made: &&mut Made| made.kind == kind && made.name == reused.name;
                self.objects.iter_mut().filter(same).for_each(|made| made.changed = true);
            }
            None => {
                let value = json!({"metadata": {}, "data": {"a": "1", "b": "x", "c": "y"}});
                self.objects.push(Made { kind, name, namespace, value, changed: true, lost: false });
            }
        }
        Some(out)
    }
}
