//! TAB in real shells, with the scripts that `asya completions` prints. Shells that are not installed
//! are passed over aloud.

use std::path::Path;
use std::process::Command;

use crate::artifacts as fixtures;
use crate::expose::compiled;
use crate::sandbox::Sandbox;
use crate::terminal::typed_at;

/// A project with the flows `orders` and `text-flow`, the contexts `dev` and `prod`.
fn project() -> Sandbox {
    let sandbox = compiled(&fixtures::program());
    let actors = r#"{"actors": [{"name": "clean", "handler": "a.clean"}, {"name": "detect", "handler": "a.detect"}]}"#;
    sandbox.write("compiled/text-flow/artifacts/graph.json", actors);
    sandbox.write(".asya/flows/orders.yaml", "source: orders.py\nfunction: orders\n");
    let actors = r#"{"actors": [{"name": "pack", "handler": "a.pack"}]}"#;
    sandbox.write("compiled/orders/artifacts/graph.json", actors);
    for shell in ["bash", "zsh", "fish"] {
        sandbox.write(&format!("{shell}/_asya"), &sandbox.ok(&["completions", shell]).stdout);
    }
    sandbox
}

/// A shell in the sandbox that finds `asya`; `None` where there is no such shell.
fn shell(sandbox: &Sandbox, name: &str) -> Option<Command> {
    let found =
        ["/usr/bin", "/bin", "/usr/local/bin"].iter().map(|at| Path::new(at).join(name)).find(|it| it.is_file());
    let Some(program) = found else {
        eprintln!("SKIPPED: there is no {name}; install it to see completion tested in it");
        return None;
    };
    let mut command = Command::new(program);
    let binary = Path::new(env!("CARGO_BIN_EXE_asya")).parent().unwrap();
    command.current_dir(sandbox.project()).env_clear();
    command.env("PATH", format!("{}:/usr/bin:/bin", binary.display())).env("HOME", sandbox.root().join("home"));
    // Nothing but files may be asked.
    command.env("KUBECONFIG", "/nonexistent").env("PS1", "ready> ").env("LC_ALL", "C.UTF-8");
    Some(command)
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(errors, "", "{names}");
    names.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is typed, and what is offered.
const LINES: [(&str, &str); 10] = [
    ("run ", "orders text-flow"),
    ("k apply te", "text-flow"),
    ("images o", "orders"),
    ("expose --context ", "dev local prod"),
    ("status --context pr", "prod"),
    ("render text-flow --actor ", "clean detect"),
    ("render --actor p", "pack"),
    (
        "render --path compiled/text-flow/manifests/o",
        "compiled/text-flow/manifests/overlays/dev compiled/text-flow/manifests/overlays/prod",
    ),
    ("-C compiled unex", "unexpose"),
    ("-C / run ", ""),
];

#[test]
fn in_bash() {
    let sandbox = project();
    for (line, offered) in LINES {
        let Some(mut bash) = shell(&sandbox, "bash") else { return };
        let words: Vec<&str> = std::iter::once("asya").chain(line.split(' ')).collect();
        let list: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let program = format!(
            "source bash/_asya\nCOMP_WORDS=({})\nCOMP_CWORD={}\nCOMP_TYPE=9\n_clap_complete_asya asya '{last}' '{before}' 2>/dev/null\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
            list.join(" "),
            words.len() - 1
        );
        let found = output(bash.args(["--norc", "-c", &program]));
        let mut found: Vec<&str> = found.split(' ').filter(|name| !name.starts_with('-')).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), offered, "{line}");
    }
}

#[test]
fn in_fish() {
    let sandbox = project();
    for (line, offered) in LINES {
        let Some(mut fish) = shell(&sandbox, "fish") else { return };
        let program = format!("source fish/_asya; complete --do-complete 'asya {line}' | string split -f1 \\t");
        let found = output(fish.args(["--no-config", "-c", &program]));
        let mut found: Vec<&str> = found.split(' ').filter(|name| !name.starts_with('-')).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), offered, "{line}");
    }
}

#[test]
fn in_zsh() {
    let sandbox = project();
    let setup = "fpath=(./zsh $fpath)\nautoload -Uz compinit\ncompinit -u -D\nzstyle ':completion:*' menu no\nunsetopt beep\nPS1='ready> '\necho set up\n";
    sandbox.write("setup.zsh", setup);
    let Some(mut zsh) = shell(&sandbox, "zsh") else { return };
    zsh.args(["-f", "-i"]).env("ZDOTDIR", sandbox.project());
    // The first TAB loads the script, so it must complete, too.
    let shown = typed_at(
        &zsh,
        &[
            ("ready> ", "source setup.zsh\r"),
            ("set up", "asya k apply te\t"),
            ("xt-flow", "\x15asya status --context pr\t"),
            ("od", "\x15asya render text-flow --actor cl\t"),
            ("ean", "\x15asya run \t"),
            ("orders", "\x15exit\r"),
        ],
    );
    // Each line was typed only after the one before was completed.
    assert!(shown.ends_with("exit: 0\n"), "{shown}");
}

#[test]
fn powershells_script_asks_the_program() {
    let script = Sandbox::new().ok(&["completions", "powershell"]).stdout;
    assert!(script.contains("Register-ArgumentCompleter -Native -CommandName asya"), "{script}");
    assert!(script.contains("& asya -- "), "{script}");
    let sandbox = project();
    let mut asya = sandbox.command(&["--", "asya", "k", "apply", ""]);
    let found = output(asya.env("COMPLETE", "powershell"));
    assert!(found.contains("orders") && found.contains("text-flow"), "{found}");
}

/// The fastest of several runs: the machine may be busy with other things.
#[test]
fn an_answer_in_a_project_of_a_hundred_flows_takes_less_than_50_ms() {
    let sandbox = Sandbox::new();
    sandbox.write(".asya/config.yaml", "contexts: {dev: {}, prod: {}}\n");
    for at in 0..100 {
        sandbox.write(&format!(".asya/flows/flow-{at}.yaml"), "source: f.py\nfunction: f\n");
        let graph = format!(r#"{{"actors": [{{"name": "clean-{at}", "handler": "a.clean"}}]}}"#);
        sandbox.write(&format!("compiled/flow-{at}/artifacts/graph.json"), &graph);
    }
    for line in [["run", ""].as_slice(), &["render", "--actor", ""], &["status", "--context", ""]] {
        let times = (0..10).map(|_| {
            let mut asya = sandbox.command(&[&["--", "asya"], line].concat());
            let start = std::time::Instant::now();
            assert!(asya.env("COMPLETE", "fish").output().unwrap().status.success());
            start.elapsed()
        });
        let fastest = times.min().unwrap();
        assert!(fastest.as_millis() < 50, "{line:?}: {fastest:?}");
    }
}
