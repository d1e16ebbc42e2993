//! The binary on a terminal of its own, for what it asks people.

use std::process::{Command, Stdio};

use crate::sandbox::Sandbox;

/// Starts a program on a new terminal, types an answer whenever a text has appeared, and prints all
/// that was shown, then the exit code.
const SCRIPT: &str = r#"
import os, pty, sys, termios, time, select
answers = [a.split("\x1f") for a in sys.argv[1].split("\x1e") if a]
pid, master = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown, at, limit = b"", 0, time.time() + 60
while time.time() < limit:
    if not select.select([master], [], [], 1)[0]:
        continue
    try:
        data = os.read(master, 65536)
    except OSError:
        break
    if not data:
        break
    shown += data
    while answers and answers[0][0].encode() in shown[at:]:
        at = len(shown)
        # What is typed before somebody listens for keys would be a line of the terminal's own.
        while termios.tcgetattr(master)[3] & termios.ECHO and time.time() < limit:
            select.select([], [], [], 0.005)
        os.write(master, answers.pop(0)[1].encode())
else:
    os.kill(pid, 9)
status = os.waitpid(pid, 0)[1]
sys.stdout.buffer.write(shown)
print("\nexit:", os.waitstatus_to_exitcode(status))
"#;

/// What `asya ARGS` shows on a terminal, without colours and cursor movements, when `answers` (what
/// to wait for, what to type then) are typed.
pub fn on_terminal(sandbox: &Sandbox, args: &[&str], answers: &[(&str, &str)]) -> String {
    typed_at(&sandbox.command(args), answers)
}

/// The same for any program.
pub fn typed_at(program: &Command, answers: &[(&str, &str)]) -> String {
    let answers: Vec<String> = answers.iter().map(|(wait, text)| format!("{wait}\x1f{text}")).collect();
    let mut command = Command::new("python3");
    command.arg("-c").arg(SCRIPT).arg(answers.join("\x1e")).arg(program.get_program()).args(program.get_args());
    command.env_clear().stdin(Stdio::null());
    if let Some(directory) = program.get_current_dir() {
        command.current_dir(directory);
    }
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm");
    let output = command.output().expect("python3 starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    plain(&String::from_utf8_lossy(&output.stdout))
}

/// Lines as they stand in the end: without escape sequences, and of what was overwritten the last.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\x1b' if rest.peek() == Some(&'[') => while rest.next().is_some_and(|c| !c.is_ascii_alphabetic()) {},
            '\x1b' => drop(rest.next()),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            c => out.push(c),
        }
    }
    out
}
