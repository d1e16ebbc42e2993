//! The rooms and their arrows, read from the source.

use std::path::{Path, PathBuf};

/// Words that every room may use.
const SHARED: &[&str] = &["diagnostic", "error", "event", "interrupt", "names", "source", "yaml"];

/// A room and the rooms it may use, besides the shared words and itself.
const ARROWS: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("error", &[]),
    ("event", &[]),
    ("interrupt", &[]),
    ("names", &[]),
    ("source", &[]),
    ("yaml", &[]),
    // Reads directories for `kustomize` and modules for `flow`, which themselves touch no disk.
    ("project", &["kustomize", "flow"]),
    ("syntax", &[]),
    ("flow", &["syntax"]),
    ("program", &["syntax", "flow"]),
    ("artifacts", &["syntax", "flow", "program"]),
    ("kustomize", &[]),
    ("wire", &[]),
    ("store", &["artifacts"]),
    ("cluster", &["kustomize"]),
    ("gateway", &["kustomize", "wire", "cluster"]),
    ("local", &["kustomize", "wire"]),
    ("ui", &[]),
    ("settings", &["project", "ui"]),
    (
        "commands",
        &[
            "project",
            "syntax",
            "flow",
            "program",
            "artifacts",
            "kustomize",
            "wire",
            "store",
            "cluster",
            "gateway",
            "local",
            "ui",
            "settings",
        ],
    ),
];

/// Rooms that are values to values: no files, no environment, no clock, no runtime, no cluster.
const PURE: &[&str] =
    &["diagnostic", "names", "source", "yaml", "event", "syntax", "flow", "program", "artifacts", "kustomize", "wire"];

/// A thing that only certain rooms may touch.
const ALONE: &[(&str, &[&str])] = &[
    ("ruff_", &["syntax"]),
    ("kube::", &["cluster"]),
    ("println!", &["ui"]),
    ("print!", &["ui"]),
    ("eprintln!", &["ui"]),
    ("eprint!", &["ui"]),
    // `local` writes what workers read into temporary directories, nothing of a project's.
    ("fs::write", &["store", "local"]),
    ("fs::rename", &["store"]),
    ("fs::remove", &["store"]),
    ("File::create", &["store", "local"]),
    // `commands` hands directories to an external kustomize and pictures to a browser, nothing else.
    ("process::Command", &["commands", "local"]),
];

#[test]
fn every_arrow_goes_forward() {
    let mut wrong = Vec::new();
    for (file, room, text) in sources() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            if !matches!(room.as_str(), "lib" | "main") {
                wrong.push(format!("{file}: room `{room}` has no line in the table"));
            }
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for used in rooms_used(line) {
                let known = ARROWS.iter().any(|(name, _)| *name == used);
                if known && used != room && !SHARED.contains(&used.as_str()) && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{file}:{}: `{room}` uses `{used}`", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_outside_world_is_touched_only_where_it_belongs() {
    let mut wrong = Vec::new();
    for (file, room, text) in sources() {
        for (number, line) in code_lines(&text) {
            for (word, rooms) in ALONE {
                if mentions(line, word) && !rooms.contains(&room.as_str()) {
                    wrong.push(format!("{file}:{number}: `{word}` outside {rooms:?}"));
                }
            }
            if PURE.contains(&room.as_str()) {
                for word in ["std::fs", "std::env", "std::process", "std::net", "tokio", "SystemTime", "Instant::"] {
                    if mentions(line, word) {
                        wrong.push(format!("{file}:{number}: `{word}` in the pure room `{room}`"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rooms named after `crate::` in a line, also in `use crate::{a, b::c}`.
fn rooms_used(line: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut taken = false;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.push(std::mem::take(&mut word));
                        taken = false;
                    }
                    c if depth == 0 && !taken && (c.is_alphanumeric() || c == '_') => word.push(c),
                    ':' => taken = true,
                    _ => {}
                }
            }
            rooms.push(word);
        } else {
            rooms.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    rooms
}

/// Whether `word` stands in `line` as a word of its own (not the tail of a longer one).
fn mentions(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Every Rust file under `src`: its path, its room, its text.
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).expect("src is readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).expect("under src");
                let first = relative.components().next().expect("a component").as_os_str().to_string_lossy();
                let room = first.trim_end_matches(".rs").to_owned();
                files.push((relative.display().to_string(), room, std::fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    assert!(files.len() > 20, "the search for sources is broken");
    files.sort();
    files
}
