//! `docs/guide.md` and `docs/first-hour.md`, typed from beginning to end. Where there is no API server, up to the first
//! command that needs one. `ASYA_UPDATE=1 cargo test --test it cluster::guide` writes the outputs.

use std::path::Path;
use std::process::Command;

use super::fixture::gateway;
use super::gateway_server::{Behaviour, Gateway};
use super::server::{server, without_seconds};
use crate::sandbox::Sandbox;

/// A fenced block: the words behind the fence, and its lines.
struct Block {
    info: Vec<String>,
    lines: Vec<String>,
}

#[test]
fn the_guide_is_true() {
    let mut sandbox = Sandbox::new();
    let server = server();
    if let Some(server) = server {
        server.namespace("agents");
        server.apply(&gateway("agents", "asya-gateway"));
        Gateway::start(server, "agents", Behaviour::default()).behind_pods(&[8080]);
        std::fs::write(sandbox.root().join("kubeconfig"), server.admin()).unwrap();
        sandbox.set("KUBECONFIG", sandbox.root().join("kubeconfig").display().to_string());
    }
    is_true("docs/guide.md", &sandbox, server.is_some());
}

#[test]
fn the_first_hour_is_true() {
    is_true("docs/first-hour.md", &Sandbox::new(), false);
}

/// Types a page from beginning to end, and compares what is printed.
fn is_true(page: &str, sandbox: &Sandbox, has_server: bool) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let guide = std::fs::read_to_string(&path).unwrap();
    let update = std::env::var_os("ASYA_UPDATE").is_some();
    let mut typed = String::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        typed.push_str(&format!("{line}\n"));
        let Some(info) = line.strip_prefix("```") else { continue };
        let block = Block {
            info: info.split(' ').map(str::to_owned).collect(),
            lines: lines.by_ref().take_while(|line| *line != "```").map(str::to_owned).collect(),
        };
        match block.info[0].as_str() {
            "console" if !has_server && block.lines[0].starts_with("$ asya k ") => return,
            "console" => typed.push_str(&type_in(sandbox, &block)),
            _ => {
                if let Some(file) = block.info.get(1) {
                    write(sandbox, file, &block.lines);
                }
                typed.push_str(&block.lines.iter().map(|line| format!("{line}\n")).collect::<String>());
            }
        }
        typed.push_str("```\n");
    }
    if update && masked(&guide) != masked(&typed) {
        std::fs::write(&path, &typed).unwrap();
        return;
    }
    let update = "write it with ASYA_UPDATE=1 cargo test --test it cluster::guide";
    assert_eq!(guide.lines().count(), typed.lines().count(), "{page}; {update}");
    for (written, typed) in masked(&guide).lines().zip(masked(&typed).lines()) {
        assert_eq!(written, typed, "{page}; {update}");
    }
}

/// A new file, or the part of the configuration that begins as the block does.
fn write(sandbox: &Sandbox, file: &str, lines: &[String]) {
    let before = if sandbox.exists(file) { sandbox.read(file) } else { String::new() };
    let kept = before.find(&format!("\n{}\n", lines[0])).map_or("", |at| &before[..=at]);
    sandbox.write(file, &format!("{kept}{}\n", lines.join("\n")));
}

/// The block with what its commands print now.
fn type_in(sandbox: &Sandbox, block: &Block) -> String {
    let mut out = String::new();
    let mut lines = block.lines.iter().peekable();
    while let Some(line) = lines.next() {
        let mut command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("`{line}` is no command")).to_owned();
        // A quoted program may have several lines.
        while command.matches('"').count() % 2 == 1 {
            command.push_str(&format!("\n{}", lines.next().unwrap()));
        }
        while lines.next_if(|line| !line.starts_with("$ ")).is_some() {}
        out.push_str(&format!("$ {command}\n{}", printed(sandbox, &command)));
    }
    out
}

fn printed(sandbox: &Sandbox, command: &str) -> String {
    let like = sandbox.command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(sandbox.project()).env_clear();
    shell.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let asya = Path::new(env!("CARGO_BIN_EXE_asya")).parent().unwrap();
    shell.env("PATH", format!("{}:{}", asya.display(), std::env::var("PATH").unwrap()));
    let output = shell.output().unwrap();
    let said = [output.stderr, output.stdout].concat();
    let said = String::from_utf8(said).unwrap().replace(&sandbox.project().display().to_string(), "/home/me/answers");
    assert!(output.status.success(), "$ {command}\n{said}");
    said
}

/// Without what differs from run to run.
fn masked(text: &str) -> String {
    let mask = |line: &str| match line.split_once(" ms  ") {
        Some((before, after)) => {
            format!("{} ms {after}", before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end())
        }
        None => match line.split_once("-router-") {
            Some((before, _)) => format!("{before}-router-HASH"),
            None => without_seconds(line),
        },
    };
    text.lines().map(|line| mask(line) + "\n").collect()
}
