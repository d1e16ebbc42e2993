//! Writing fails in the middle: one clear error, and every file as it was.

use std::collections::BTreeSet;
use std::process::Command;

use crate::sandbox::{Outcome, Sandbox};

/// A compiled, exposed flow whose source has changed since.
fn project() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "# mine\ncontexts:\n  dev: {} # for us\n  prod: {}\ncompiler: {image_registry: reg.example}\n",
    );
    sandbox.ok(&["init", "--yes"]);
    sandbox.write("shop.py", "def clean(p): return p\ndef detect(p): return p\n");
    let flow = "import shop\n\ndef text_flow(p: dict) -> dict:\n    \"\"\"Clean a text.\"\"\"\n    p = shop.clean(p)\n    return p\n";
    sandbox.write("flow.py", flow);
    sandbox.ok(&["compile", "text-flow", "-f", "flow.py"]);
    sandbox.ok(&["expose", "text-flow"]);
    sandbox.ok(&["patch", "text-flow", "-a", "clean", "env.OLD=1", "scaling.max=3"]);
    sandbox.write("flow.py", &flow.replace("    return", "    p = shop.detect(p)\n    return"));
    sandbox.set("EDITOR", "printf 'namePrefix: x-\\n' >>");
    sandbox
}

/// Everything that writes into a project.
const COMMANDS: &[&str] = &[
    "compile text-flow",
    "compile --all",
    "compile other -f flow.py",
    "expose text-flow --context dev -d again",
    "unexpose text-flow",
    "unexpose text-flow --context prod",
    "patch text-flow -a clean env.NEW=1 scaling.max=7",
    "patch text-flow -a clean env.NEW=1 scaling.max=7 --context dev",
    "patch text-flow --all-actors --clear",
    "patch text-flow --gateway timeout=60 --context prod",
    "images text-flow --set reg.example/clean=mine:2",
    "images text-flow --set reg.example/clean=mine:2 --context dev",
    "config set templates.x 1",
    "config set --add build {\"module\":\"m\",\"image\":\"i\"}",
    "config unset contexts.dev",
    "k context use prod",
    "edit text-flow --context dev",
    "init --dir fresh --yes",
];

/// The names of all files and directories of a project, and what the files say.
fn everything(sandbox: &Sandbox) -> (Vec<(String, String)>, BTreeSet<String>) {
    let mut directories = BTreeSet::new();
    let mut open = vec![sandbox.project()];
    while let Some(directory) = open.pop() {
        directories.insert(directory.strip_prefix(sandbox.project()).unwrap().display().to_string());
        let entries = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
        open.extend(entries.filter(|path| path.is_dir()));
    }
    (sandbox.tree(), directories)
}

fn assert_one_error(outcome: &Outcome, reason: &str, what: &str) {
    let errors = outcome.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    // Of all flows, some may not compile: the answer is no.
    let code = if what.starts_with("compile --all") { 1 } else { 3 };
    assert_eq!((outcome.code, errors), (code, 1), "{what}: {}", outcome.show());
    assert!(outcome.stderr.contains("cannot be written\n"), "{what}: {}", outcome.show());
    assert!(outcome.stderr.contains(&format!("  because {reason}\n")), "{what}: {}", outcome.show());
    assert!(!outcome.stderr.contains(".asya-tmp"), "{what}: {}", outcome.show());
}

/// `asya COMMAND` with a limit on the size of the files it writes, as `ulimit -f` sets it, but to the
/// byte. Beyond it the system ends processes that do not mind the signal.
#[cfg(unix)]
fn with_limit(sandbox: &Sandbox, command: &str, bytes: usize) -> Outcome {
    const LIMITED: &str = "
import os, resource, signal, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
os.execv(sys.argv[2], sys.argv[2:])
";
    let asya = sandbox.command(&command.split(' ').collect::<Vec<_>>());
    let mut limited = Command::new("python3");
    limited.args(["-c", LIMITED, &bytes.to_string()]).arg(asya.get_program()).args(asya.get_args());
    limited.current_dir(sandbox.project()).env_clear();
    limited.envs(asya.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))));
    // What an editor leaves aside for its owner is no part of the project.
    limited.env("TMPDIR", sandbox.root());
    let output = limited.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Outcome { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Each command fails at its first file, at files in the middle, and at the last one, by a limit
/// one byte below the size of what it writes.
#[cfg(unix)]
#[test]
fn whichever_file_cannot_be_written_all_stay_as_they_were() {
    let base = project();
    for command in COMMANDS {
        let wanted = copy_of(&base);
        let before = everything(&wanted);
        wanted.ok(&command.split(' ').collect::<Vec<_>>());
        let after = everything(&wanted);
        let written = after.0.iter().filter(|file| !before.0.contains(file));
        let sizes: BTreeSet<usize> = written.map(|(_, text)| text.len()).filter(|size| *size > 0).collect();
        let sandbox = copy_of(&base);
        // The first, the last, and two between.
        let step = (sizes.len() / 3).max(1);
        let last = sizes.len().saturating_sub(1);
        for (_, size) in sizes.iter().enumerate().filter(|(at, _)| at % step == 0 || *at == last) {
            // The text that is edited is a file, too.
            if command.starts_with("edit") && *size != *sizes.last().unwrap() {
                continue;
            }
            let what = format!("{command}, files below {size} bytes");
            let outcome = with_limit(&sandbox, command, size - 1);
            if command.starts_with("edit") {
                assert_eq!(outcome.code, 3, "{what}: {}", outcome.show());
            } else {
                assert_one_error(&outcome, "files may not be as large as that (`ulimit -f`)", &what);
            }
            assert!(everything(&sandbox) == before, "{what} left traces: {}", outcome.show());
        }
        assert!(!sizes.is_empty() || command.contains("unexpose"), "{command} writes nothing");
        // With room for all of it, it does what it would have done.
        let outcome = with_limit(&sandbox, command, sizes.last().copied().unwrap_or_default());
        assert_eq!(outcome.code, 0, "{command}: {}", outcome.show());
        assert!(everything(&sandbox) == after, "{command} does something else the second time");
    }
}

/// A project of its own with the same files.
fn copy_of(base: &Sandbox) -> Sandbox {
    let mut copy = Sandbox::new();
    for (path, text) in base.tree() {
        copy.write(&path, &text);
    }
    copy.set("EDITOR", "printf 'namePrefix: x-\\n' >>");
    copy
}

/// Runs a script as a user who may mount: `None` where the system does not let us.
#[cfg(target_os = "linux")]
fn with_small_disk(sandbox: &Sandbox, script: &str) -> Option<Outcome> {
    let may = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("ASYA_REQUIRE_TMPFS").is_none(), "no tmpfs can be mounted here");
        eprintln!("SKIPPED: no tmpfs can be mounted here");
        return None;
    }
    let asya = sandbox.command(&[]);
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-ec", script]).env("ASYA", asya.get_program()).current_dir(sandbox.project());
    let output = command.env("HOME", sandbox.root().join("home")).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    })
}

/// The project on a disk of its own with room for a few more pages, from none to enough.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_files() {
    let base = project();
    for command in COMMANDS.iter().filter(|command| !command.starts_with("edit") && !command.contains("unexpose")) {
        let script = format!(
            r#"
            cp -r "$PWD" /dev/shm/asya-original.$$; trap 'rm -rf /dev/shm/asya-original.$$' EXIT
            mount -t tmpfs -o size=4m none "$PWD"; cd "$PWD"
            cp -r /dev/shm/asya-original.$$/. .; cat /dev/zero > filler 2>/dev/null || true
            failures=0
            while ! "$ASYA" {command} >/dev/null 2>/dev/shm/asya-original.$$.err; do
                [ "$(grep -c '^error: ' /dev/shm/asya-original.$$.err)" = 1 ]
                grep -q 'because the disk is full' /dev/shm/asya-original.$$.err
                diff -r --exclude filler . /dev/shm/asya-original.$$
                failures=$((failures + 1))
                truncate -s -8192 filler
            done
            rm /dev/shm/asya-original.$$.err
            echo "$failures"
            "#,
            command = command.replace('{', "'{").replace('}', "}'"),
        );
        let Some(outcome) = with_small_disk(&copy_of(&base), &script) else { return };
        assert_eq!(outcome.code, 0, "{command}: {}", outcome.show());
        let failures: usize = outcome.stdout.trim().parse().unwrap();
        assert!(failures > 0, "{command} did not fail on a full disk");
    }
}
