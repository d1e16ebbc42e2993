//! The command line as a whole: help, usage errors, closed pipes.

use crate::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("COLUMNS", "80");
    sandbox
}

/// `command` and everything below it, as words after `asya`.
fn commands(command: &clap::Command, path: &[String]) -> Vec<Vec<String>> {
    let mut all = vec![path.to_vec()];
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let path: Vec<String> = path.iter().cloned().chain([sub.get_name().to_owned()]).collect();
        all.extend(commands(sub, &path));
    }
    all
}

#[test]
fn the_help_of_every_command() {
    let sandbox = sandbox();
    let mut text = String::new();
    for path in commands(&asya::command_line(), &[]) {
        let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
        words.push("--help");
        let outcome = sandbox.ok(&words);
        assert_eq!(outcome.stderr, "");
        // Said once, with `asya --help`.
        let global = outcome.stdout.find("Global options:\n").unwrap();
        let after = outcome.stdout[global..].find("\n\nExamples:").map_or("", |at| &outcome.stdout[global + at + 1..]);
        let shown = if path.is_empty() { outcome.stdout.clone() } else { outcome.stdout[..global].to_owned() + after };
        text.push_str(&format!("$ asya {}\n{shown}\n", words.join(" ")));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn help_fits_80_columns_and_has_one_voice() {
    let sandbox = sandbox();
    let mut wrong = Vec::new();
    for path in commands(&asya::command_line(), &[]) {
        let mut command = asya::command_line();
        for name in &path {
            command = command.find_subcommand(name).unwrap().clone();
        }
        let name = format!("asya {}", path.join(" "));
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let helps = command.get_arguments().map(|it| it.get_help().map(ToString::to_string).unwrap_or_default());
        for text in helps.chain([about]) {
            if text.is_empty() || text.ends_with('.') || !text.starts_with(|c: char| c.is_uppercase()) {
                wrong.push(format!("{name}: `{text}`"));
            }
        }
        let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        for line in sandbox.ok(&words).stdout.lines().filter(|line| line.chars().count() > 80) {
            wrong.push(format!("{name}: too wide: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn wrong_usage_says_what_is_right() {
    let sandbox = sandbox();
    let runs: &[&[&str]] = &[
        &["complie", "x"],
        &["compile"],
        &["compile", "x", "--strcit"],
        &["compile", "../x"],
        &["run", "x", "--payload"],
        &["status", "x"],
        &["status", "-o", "yaml"],
        &["k"],
        &["k", "aply", "x"],
        &["completions", "tcsh"],
        &["expose", "x", "--context", "No Context"],
    ];
    let shown: Vec<String> =
        runs.iter().map(|args| format!("$ asya {}\n{}", args.join(" "), sandbox.show(args))).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn no_arguments_are_a_question_for_help() {
    let sandbox = sandbox();
    let outcome = sandbox.run(&[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert_eq!(outcome.stderr, sandbox.ok(&["-h"]).stdout);
}

#[test]
fn the_version_is_on_stdout() {
    let outcome = sandbox().ok(&["--version"]);
    assert_eq!(outcome.stdout, format!("asya {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_closed_stdout_is_quiet() {
    for args in
        [&["completions", "bash"][..], &["--help"], &["demo", "--dir", "d"], &["demo", "--dir", "e", "-o", "json"]]
    {
        let sandbox = sandbox();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = sandbox.command(args).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}

#[test]
fn wrong_usage_is_json_too() {
    let sandbox = sandbox();
    let document = |args: &[&str]| {
        let outcome = sandbox.run(args);
        assert_eq!(outcome.code, 2);
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!((&document["version"], &document["error"]["kind"]), (&1.into(), &"usage".into()));
        document["error"]["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(document(&["graph", "-o", "json"]), "the following required arguments were not provided: <FLOW>");
    assert_eq!(
        document(&["compile", "x", "--all", "--output=json"]),
        "the argument '[FLOW]' cannot be used with '--all'"
    );
    assert!(document(&["-ojson"]).starts_with("'asya' requires a subcommand"));
    assert_eq!(sandbox.run(&["validate", "--", "-o", "json"]).stdout.chars().next(), Some('i'));
    assert_eq!(sandbox.ok(&["--help", "-o", "json"]).stdout, sandbox.ok(&["--help"]).stdout);
}

#[test]
fn names_are_completed_from_files() {
    let sandbox = sandbox();
    let complete = |words: &[&str]| {
        let mut command = sandbox.command(&[&["--", "asya"], words].concat());
        command.env("COMPLETE", "bash").env("_CLAP_IFS", " ").env("_CLAP_COMPLETE_INDEX", words.len().to_string());
        let output = command.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        let names = String::from_utf8_lossy(&output.stdout).into_owned();
        names.split(' ').filter(|name| !name.starts_with('-')).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(complete(&["run", ""]), "");
    assert_eq!(complete(&["status", "--context", ""]), "local");
    sandbox.write(".asya/config.yaml", "contexts:\n  dev:\n    namespace: dev\n");
    sandbox.write(".asya/flows/orders.yaml", "source: orders.py\nfunction: orders\n");
    sandbox.write(".asya/flows/answers.yaml", "source: answers.py\nfunction: answers\n");
    assert_eq!(complete(&["run", ""]), "answers orders");
    assert_eq!(complete(&["k", "apply", "o"]), "orders");
    assert_eq!(complete(&["compile", ""]), "answers orders");
    assert_eq!(complete(&["graph", "a"]), "answers");
    assert_eq!(complete(&["status", "--context", ""]), "dev local");
    sandbox.write(".asya/config.yaml", "contexts: [\n");
    assert_eq!(complete(&["run", ""]), "");
}
