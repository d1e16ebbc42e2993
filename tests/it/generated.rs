//! Files that are made from the program: completion scripts and the command reference.
//! `ASYA_UPDATE=1 cargo test --test it generated` writes them.

use std::fmt::Write;
use std::path::Path;

use asya::error::ErrorKind;
use asya::settings::VARIABLES;
use clap::{Arg, Command};

use crate::sandbox::Sandbox;

/// Compares the file at `path` (from the root of the repository) with `text`, or writes it.
fn is_fresh(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("ASYA_UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "{path} is out of date; write it with\n  ASYA_UPDATE=1 cargo test --test it generated");
}

#[test]
fn completion_scripts_are_fresh() {
    let scripts = [("bash", "asya.bash"), ("zsh", "_asya"), ("fish", "asya.fish"), ("powershell", "asya.ps1")];
    for (shell, file) in scripts {
        let outcome = Sandbox::new().ok(&["completions", shell]);
        is_fresh(&format!("completions/{file}"), &outcome.stdout);
    }
}

#[test]
fn the_picture_of_the_readme_is_the_examples() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["demo", "--dir", "demo", "--quiet"]);
    is_fresh("docs/text-flow.svg", &sandbox.read("demo/compiled/text-flow/artifacts/flow.svg"));
}

#[test]
fn the_reference_is_fresh() {
    is_fresh("docs/reference.md", &reference());
}

#[test]
fn the_table_of_checks_is_fresh() {
    let document = Sandbox::new().ok(&["k", "doctor", "--list", "-o", "json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    let mut table = "| Id | For | What must be so | Otherwise |\n|---|---|---|---|\n".to_owned();
    for check in document["checks"].as_array().expect("checks") {
        let cell = |key: &str| check[key].as_str().expect("text");
        writeln!(table, "| {} | {} | {} | {} |", cell("id"), cell("for"), cell("wanted"), cell("otherwise")).unwrap();
    }
    let path = "docs/operating.md";
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let (begin, end) = ("<!-- made by tests/it/generated.rs -->\n", "<!-- end -->\n");
    let (before, rest) = page.split_once(begin).expect("the beginning of the table");
    let (_, after) = rest.split_once(end).expect("the end of the table");
    is_fresh(path, &format!("{before}{begin}{table}{end}{after}"));
}

/// `docs/reference.md`.
fn reference() -> String {
    let mut out = "# Command reference\n\nMade from the program (`tests/it/generated.rs`); do not edit.\n".to_owned();
    let mut root = asya::command_line();
    root.build();
    command(&mut out, &root, "asya");
    out.push_str("\n## Environment variables\n\n| Variable | Meaning |\n|---|---|\n");
    for variable in VARIABLES {
        writeln!(out, "| `{}` | {} |", variable.name, variable.about).unwrap();
    }
    out.push_str("\n## Exit codes\n\n| Code | Meaning |\n|---|---|\n| 0 | done |\n");
    let kinds = [
        (ErrorKind::Negative, "the answer is no: compile errors, differences, not ready, a check failed"),
        (ErrorKind::Usage, "wrong usage of the command line"),
        (ErrorKind::Project, "project or configuration"),
        (ErrorKind::Cluster, "cluster or gateway refused, or unreachable"),
        (ErrorKind::Timeout, "timed out"),
        (ErrorKind::Interrupted, "interrupted; nothing is half-written"),
    ];
    for (kind, meaning) in kinds {
        writeln!(out, "| {} | {meaning} |", kind.exit_code()).unwrap();
    }
    out.push_str(
        "\nWith `-o json`, stdout has one JSON document, also for an error: `{\"version\": 1, \"error\": {\"kind\": …}}`.\n",
    );
    out
}

fn command(out: &mut String, it: &Command, name: &str) {
    writeln!(out, "\n## {name}\n\n{}.", it.get_about().unwrap()).unwrap();
    if let Some(long) = it.get_long_about() {
        let long = long.to_string();
        writeln!(out, "\n{}", long.split_once("\n\n").map_or("", |(_, rest)| rest)).unwrap();
    }
    let usage = it.clone().render_usage().to_string();
    writeln!(out, "\n```text\n{}\n```", usage.trim_start_matches("Usage: ")).unwrap();
    let own = |arg: &&Arg| !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version");
    let shown: Vec<&Arg> =
        it.get_arguments().filter(own).filter(|arg| name == "asya" || !arg.is_global_set()).collect();
    if !shown.is_empty() {
        let heading = if name == "asya" { "Option of every command" } else { "Argument" };
        writeln!(out, "\n| {heading} | Meaning |\n|---|---|").unwrap();
    }
    for arg in shown {
        let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
        writeln!(out, "| `{short}{arg}` | {} |", meaning(arg)).unwrap();
    }
    if let Some(examples) = it.get_after_help().map(ToString::to_string) {
        match examples.strip_prefix("Examples:\n") {
            Some(lines) => {
                let line = |line: &str| match line.strip_prefix("  ") {
                    Some(command) => command.to_owned(),
                    None if line.is_empty() => String::new(),
                    None => format!("# {line}"),
                };
                let lines: Vec<String> = lines.lines().map(line).collect();
                writeln!(out, "\n```sh\n{}\n```", lines.join("\n")).unwrap();
            }
            None => writeln!(out, "\n{examples}").unwrap(),
        }
    }
    let visible = |sub: &&Command| !sub.is_hide_set();
    let subcommands: Vec<&Command> = it.get_subcommands().filter(visible).collect();
    if !subcommands.is_empty() {
        writeln!(out, "\n| Command | |\n|---|---|").unwrap();
    }
    for sub in &subcommands {
        let full = format!("{name} {}", sub.get_name());
        writeln!(out, "| [`{full}`](#{}) | {} |", full.replace(' ', "-"), sub.get_about().unwrap()).unwrap();
    }
    for sub in subcommands {
        command(out, sub, &format!("{name} {}", sub.get_name()));
    }
}

fn meaning(arg: &Arg) -> String {
    let mut text = arg.get_help().map(ToString::to_string).unwrap_or_default().replace('|', "\\|");
    let listed = |values: Vec<String>| values.join("`, `");
    if arg.get_action().takes_values() && !arg.is_hide_possible_values_set() {
        let values: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        if !values.is_empty() {
            text.push_str(&format!(": `{}`", listed(values)));
        }
    }
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if !defaults.is_empty() && arg.get_action().takes_values() && !arg.is_hide_default_value_set() {
        text.push_str(&format!(" [default: `{}`]", listed(defaults)));
    }
    text
}
