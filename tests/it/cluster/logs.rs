//! `asya k logs`: real pods, a real API server, and the kubelet's side played by kwok.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};

use super::fixture::Project;
use super::platform::{Log, compose, deployed, running_pods};
use super::server::{Server, server};

/// The runtime's and the sidecar's log of a pod, once the kubelet serves them.
pub fn logs(server: &Server, namespace: &str, pod: &str) -> (Log, Log) {
    let mut logs = Log::of(server, namespace, pod, &[("asya-runtime", false), ("asya-sidecar", false)]);
    server.wait_until("the kubelet has the logs", || {
        server.try_kubectl(&["-n", namespace, "logs", pod, "-c", "asya-runtime"]).is_some()
    });
    let sidecar = logs.pop().expect("two");
    (logs.pop().expect("one"), sidecar)
}

/// A following command whose stdout is read line by line.
pub struct Following {
    pub child: Child,
    lines: BufReader<ChildStdout>,
}

impl Following {
    pub fn start(project: &Project<'_>, args: &[&str]) -> Self {
        let mut child =
            project.sandbox.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, lines }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        let length = self.lines.read_line(&mut line).expect("stdout");
        if length == 0 {
            let mut stderr = String::new();
            self.child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("stderr");
            panic!("it ended: {stderr}");
        }
        line.trim_end().to_owned()
    }

    /// The next line of stderr, read to its end and no further.
    pub fn told(&mut self) -> String {
        let stderr = self.child.stderr.as_mut().expect("a pipe");
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\n") && stderr.read(&mut byte).expect("stderr") > 0 {
            line.push(byte[0]);
        }
        String::from_utf8(line).expect("text")
    }

    pub fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    }

    /// Exit code and stderr.
    pub fn end(mut self) -> (i32, String) {
        drop(self.lines);
        let mut stderr = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("stderr");
        (self.child.wait().expect("it ends").code().unwrap_or(-1), stderr)
    }
}

#[test]
fn lines_of_all_pods_in_the_order_they_were_written() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = deployed(server, "logs-all");
    let mut shown = Vec::new();
    for (actor, time) in [("text-flow-clean", 1), ("text-flow-score", 2)] {
        compose(server, "logs-all", actor, 1);
        let pod = running_pods(server, "logs-all", actor, 1).remove(0);
        let (runtime, sidecar) = logs(server, "logs-all", &pod);
        for line in 0..3 {
            // Odd and even seconds: the lines of the two alternate.
            runtime
                .line(&format!("2026-01-02T03:04:0{}.100000000Z", line * 2 + time), &format!("line {line} of {actor}"));
        }
        sidecar.line("2026-01-02T03:05:00.000000000Z", "connected");
        shown.push((pod, format!("[{actor}]")));
    }
    let run = |args: &[&str]| {
        let mut text = project.run(&[&["k", "logs", "text-flow"], args].concat()).show();
        for (pod, name) in &shown {
            text = text.replace(pod, name);
        }
        text
    };
    insta::assert_snapshot!(run(&[]), @r#"
exit: 0
--- stdout
[text-flow-clean] line 0 of text-flow-clean
[text-flow-score] line 0 of text-flow-score
[text-flow-clean] line 1 of text-flow-clean
[text-flow-score] line 1 of text-flow-score
[text-flow-clean] line 2 of text-flow-clean
[text-flow-score] line 2 of text-flow-score
--- stderr
"#);
    insta::assert_snapshot!(run(&["--actor", "text-flow-score", "-c", "all", "--tail", "1", "-t"]), @r#"
exit: 0
--- stdout
[text-flow-score]/asya-runtime 2026-01-02T03:04:06.100000000Z line 2 of text-flow-score
[text-flow-score]/asya-sidecar 2026-01-02T03:05:00.000000000Z connected
--- stderr
"#);
    insta::assert_snapshot!(run(&["--actor", "text-flow-clean", "--tail", "1", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flow": "text-flow",
  "lines": [
    {
      "actor": "text-flow-clean",
      "pod": "[text-flow-clean]",
      "container": "asya-runtime",
      "time": "2026-01-02T03:04:05.100000000Z",
      "text": "line 2 of text-flow-clean"
    }
  ]
}
--- stderr
"#);
    insta::assert_snapshot!(run(&["--actor", "text-flow-scor"]), @r#"
exit: 2
--- stdout
--- stderr
error: flow `text-flow` has no actor `text-flow-scor`
  because it has `start-text-flow`, `text-flow-clean` and `text-flow-score`
hint: did you mean `text-flow-score` and `text-flow-clean`?
"#);
    insta::assert_snapshot!(run(&["-f", "-o", "json"]), @r#"
exit: 2
--- stdout
{
  "version": 1,
  "error": {
    "kind": "usage",
    "message": "lines that are followed are no one JSON document",
    "causes": [],
    "hints": [
      "leave out `-o json`, or `--follow`"
    ],
    "diagnostics": []
  }
}
--- stderr
error: lines that are followed are no one JSON document
hint: leave out `-o json`, or `--follow`
"#);
    let coloured = run(&["--tail", "1", "--color", "always"]);
    assert!(coloured.contains("\x1b[36m[text-flow-clean]\x1b[0m line 2"), "{coloured}");
    assert!(coloured.contains("\x1b[33m[text-flow-score]\x1b[0m line 2"), "{coloured}");
    // Old lines are left out by --since, and an actor without pods has none.
    insta::assert_snapshot!(run(&["--since", "1h"]), @r#"
exit: 0
--- stdout
--- stderr
  nothing: 2 pods said nothing
"#);
}

#[test]
fn following_shows_new_lines_new_pods_and_goes_on_after_the_log_was_lost() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = deployed(server, "logs-follow");
    compose(server, "logs-follow", "text-flow-clean", 1);
    let first = running_pods(server, "logs-follow", "text-flow-clean", 1).remove(0);
    let (runtime, _sidecar) = logs(server, "logs-follow", &first);
    runtime.line("2026-01-02T03:04:01.000000000Z", "one");
    let (kubeconfig, cut) = server.cuttable();
    project.kubeconfig(&kubeconfig);
    let mut following = Following::start(&project, &["k", "logs", "text-flow", "-f"]);
    assert_eq!(following.line(), format!("{first} one"));
    runtime.line("2026-01-02T03:04:02.500000000Z", "two");
    assert_eq!(following.line(), format!("{first} two"));
    // A pod of another actor comes later.
    compose(server, "logs-follow", "text-flow-score", 1);
    let second = running_pods(server, "logs-follow", "text-flow-score", 1).remove(0);
    let (other, _sidecar) = logs(server, "logs-follow", &second);
    other.line("2026-01-02T03:04:03.000000000Z", "hello");
    assert_eq!(following.line(), format!("{second} hello"));
    // Every connection is lost, and a line of the last one's time is written meanwhile.
    cut();
    runtime.line("2026-01-02T03:04:02.500000000Z", "two again");
    runtime.line("2026-01-02T03:04:05.000000000Z", "three");
    assert_eq!(following.line(), format!("{first} two again"));
    assert_eq!(following.line(), format!("{first} three"));
    other.line("2026-01-02T03:04:06.000000000Z", "still here");
    assert_eq!(following.line(), format!("{second} still here"));
    following.interrupt();
    let (code, stderr) = following.end();
    // That the server did not answer for a moment may be told.
    assert_eq!(code, 130, "{stderr}");
    assert!(!stderr.contains("error"), "{stderr}");
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end_and_a_slow_one_does_not_stop_ctrl_c() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = deployed(server, "logs-pipe");
    compose(server, "logs-pipe", "text-flow-clean", 1);
    let pod = running_pods(server, "logs-pipe", "text-flow-clean", 1).remove(0);
    let (runtime, _sidecar) = logs(server, "logs-pipe", &pod);
    runtime.line("2026-01-02T03:04:00.000000000Z", "first");
    let mut following = Following::start(&project, &["k", "logs", "text-flow", "-f"]);
    assert_eq!(following.line(), format!("{pod} first"));
    let Following { mut child, lines } = following;
    drop(lines);
    let mut second = 1;
    // The first write to a closed pipe is noticed by the write after it at the latest.
    server.wait_until("it ends", || {
        runtime.line(&format!("2026-01-02T03:{:02}:{:02}.000000000Z", 5 + second / 60, second % 60), "more");
        second += 1;
        child.try_wait().expect("a child").is_some()
    });
    let status = child.wait().expect("it ended");
    let mut stderr = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("stderr");
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));

    // Far more than a pipe holds, and nobody reads: Ctrl-C ends it all the same.
    let long = "x".repeat(4000);
    for line in 0..600 {
        runtime.line(&format!("2026-01-02T04:{:02}:{:02}.000000000Z", line / 60, line % 60), &long);
    }
    let mut following = Following::start(&project, &["k", "logs", "text-flow", "-f", "--tail", "600"]);
    following.line();
    following.interrupt();
    let pid = following.child.id();
    server.wait_until("it ends", || following.child.try_wait().expect("a child").is_some());
    assert_eq!(following.end().0, 130, "process {pid}");
}
