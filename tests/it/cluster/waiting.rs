//! `asya k wait` and `asya k apply --wait`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Stdio};

use serde_json::json;

use super::fixture::{Project, actors, exposed};
use super::platform::{Log, NAMES, compose, deployed, running_pods, set_container, set_phase, set_status};
use super::server::server;

/// A command under way, of which stderr is read line by line.
pub struct Running {
    child: Child,
    lines: BufReader<ChildStderr>,
    said: String,
}

impl Running {
    pub fn start(project: &Project<'_>, args: &[&str]) -> Self {
        let mut child =
            project.sandbox.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let lines = BufReader::new(child.stderr.take().expect("a pipe"));
        Self { child, lines, said: String::new() }
    }

    /// Reads until a line has `text` in it.
    pub fn until(&mut self, text: &str) {
        loop {
            let mut line = String::new();
            let length = self.lines.read_line(&mut line).expect("stderr");
            self.said.push_str(&line);
            assert!(length > 0, "`{text}` was not said:\n{}", self.said);
            if line.contains(text) {
                return;
            }
        }
    }

    pub fn end(mut self) -> String {
        self.lines.read_to_string(&mut self.said).expect("stderr");
        let mut stdout = String::new();
        self.child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("stdout");
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        format!("exit: {code}\n--- stdout\n{stdout}--- stderr\n{}", self.said)
    }
}

#[test]
fn scaled_to_zero_is_ready() {
    let Some(server) = server() else { return };
    let project = deployed(server, "wait-zero");
    let said = project.run(&["k", "wait", "text-flow"]).show();
    // A busy server may still have to take a Deployment up: what is waited for first depends on it.
    let end: Vec<&str> = said.lines().filter(|line| !line.starts_with("  waiting ")).collect();
    insta::assert_snapshot!(end.join("\n"), @r#"
exit: 0
--- stdout
text-flow: 3 objects ready
--- stderr
wait for text-flow in dev: test/wait-zero (3 objects)
  ready     AsyncActor wait-zero/start-text-flow: scaled to zero
  ready     AsyncActor wait-zero/text-flow-clean: scaled to zero
  ready     AsyncActor wait-zero/text-flow-score: scaled to zero
"#);
}

#[test]
fn every_change_is_a_line_and_the_phase_before_a_change_does_not_count() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = deployed(server, "wait-lines");
    let mut objects = actors("text-flow");
    objects[2]["spec"]["image"] = json!("example.org/flows:2");
    project.render("text-flow", &objects);
    let mut running = Running::start(&project, &["k", "apply", "text-flow", "--wait", "--timeout", "60s"]);
    running.until("text-flow-clean: its Deployment is not renewed yet");
    set_status(server, "wait-lines", "text-flow-clean", &json!({"phase": "Creating"}));
    running.until("text-flow-clean: creating");
    compose(server, "wait-lines", "text-flow-clean", 2);
    running_pods(server, "wait-lines", "text-flow-clean", 2);
    server.wait_until("the rollout is complete", || {
        let deployment = server.get("deployment", "wait-lines", "text-flow-clean").expect("it is there");
        deployment["status"]["readyReplicas"] == 2
    });
    set_phase(server, "wait-lines", "text-flow-clean", "Ready");
    // Through which states the pods came is a matter of luck.
    let luck = |line: &&str| !line.contains("a pod is not ready") && !line.ends_with("clean: creating");
    let shown: String = running.end().lines().filter(luck).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(shown, @r#"
exit: 0
--- stdout
text-flow: 1 changed, 3 unchanged; not exposed; 3 objects ready
--- stderr
apply text-flow → dev: test/wait-lines (4 objects)
  plan: change 1
  unchanged ConfigMap wait-lines/text-flow-router-0a1b2c
  unchanged AsyncActor wait-lines/start-text-flow
  changed   AsyncActor wait-lines/text-flow-clean
  unchanged AsyncActor wait-lines/text-flow-score
  ready     AsyncActor wait-lines/start-text-flow: scaled to zero
  waiting   AsyncActor wait-lines/text-flow-clean: its Deployment is not renewed yet
  ready     AsyncActor wait-lines/text-flow-score: scaled to zero
  ready     AsyncActor wait-lines/text-flow-clean: 2 pods
"#);
}

#[test]
fn a_crash_loop_ends_it_with_the_last_lines() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = deployed(server, "wait-crash");
    compose(server, "wait-crash", "text-flow-score", 1);
    let pods = running_pods(server, "wait-crash", "text-flow-score", 1);
    set_phase(server, "wait-crash", "text-flow-score", "Creating");
    let mut running = Running::start(&project, &["k", "wait", "text-flow"]);
    running.until("text-flow-score: creating");
    let log = Log::of(server, "wait-crash", &pods[0], &[("asya-runtime", true)]);
    for (at, line) in
        ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'handlers'"].iter().enumerate()
    {
        log[0].line(&format!("2026-01-02T03:04:0{at}.000000000Z"), line);
    }
    server.wait_until("the kubelet has the log", || {
        server.try_kubectl(&["-n", "wait-crash", "logs", &pods[0], "-c", "asya-runtime", "--previous"]).is_some()
    });
    let waiting =
        json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}});
    let last = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
    set_container(server, "wait-crash", &pods[0], &waiting, &last);
    let shown = running.end().replace(&pods[0], "[POD]");
    insta::assert_snapshot!(shown, @r#"
exit: 1
--- stdout
--- stderr
wait for text-flow in dev: test/wait-crash (3 objects)
  ready     AsyncActor wait-crash/start-text-flow: scaled to zero
  ready     AsyncActor wait-crash/text-flow-clean: scaled to zero
  waiting   AsyncActor wait-crash/text-flow-score: creating
  failed    AsyncActor wait-crash/text-flow-score: CrashLoopBackOff in container asya-runtime of pod [POD]: it ends with exit code 1
  the last lines of container asya-runtime of AsyncActor wait-crash/text-flow-score:
  Traceback (most recent call last):
  ModuleNotFoundError: No module named 'handlers'
error: `AsyncActor wait-crash/text-flow-score` does not become ready
  because CrashLoopBackOff in container asya-runtime of pod [POD]: it ends with exit code 1
hint: correct it, then apply again; the pods that are there are replaced
"#);
}

#[test]
fn an_image_that_cannot_be_pulled_ends_it() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = deployed(server, "wait-image");
    compose(server, "wait-image", "text-flow-score", 1);
    let pods = running_pods(server, "wait-image", "text-flow-score", 1);
    set_phase(server, "wait-image", "text-flow-score", "Creating");
    let waiting =
        json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"example.org/flows:1\""}});
    set_container(server, "wait-image", &pods[0], &waiting, &json!({}));
    let shown = project.run(&["k", "wait", "text-flow", "--quiet"]).show().replace(&pods[0], "[POD]");
    insta::assert_snapshot!(shown, @r#"
exit: 1
--- stdout
--- stderr
error: `AsyncActor wait-image/text-flow-score` does not become ready
  because ImagePullBackOff in container asya-runtime of pod [POD]: Back-off pulling image "example.org/flows:1"
hint: check the image's name in the overlay, that it was pushed, and that the nodes may pull it
"#);
}

#[test]
fn out_of_time_is_exit_code_5_and_says_what_is_lacking() {
    let Some(server) = server() else { return };
    let project = deployed(server, "wait-late");
    let status = json!({
        "phase": "Creating",
        "infrastructure": {"queue": {"ready": false, "message": "cannot read credentials"}},
    });
    set_status(server, "wait-late", "text-flow-clean", &status);
    server.kubectl(&["-n", "wait-late", "delete", "asyncactor", "text-flow-score"], None);
    insta::assert_snapshot!(project.run(&["k", "wait", "text-flow", "--timeout", "3s"]).show(), @r#"
exit: 5
--- stdout
--- stderr
wait for text-flow in dev: test/wait-late (3 objects)
  ready     AsyncActor wait-late/start-text-flow: scaled to zero
  waiting   AsyncActor wait-late/text-flow-clean: queue: cannot read credentials
  waiting   AsyncActor wait-late/text-flow-score: it does not exist
error: 2 objects were not ready after 3s
  because `AsyncActor wait-late/text-flow-clean`: queue: cannot read credentials
  because `AsyncActor wait-late/text-flow-score`: it does not exist
hint: wait longer with `--timeout`, or look for the reason with `asya k doctor` and `asya k events`
"#);
}

#[test]
fn the_result_as_json() {
    let Some(server) = server() else { return };
    let project = deployed(server, "wait-json");
    let shown = project.run(&["k", "wait", "text-flow", "-o", "json"]).show();
    let seconds = shown.find("\"seconds\": ").expect("a time") + "\"seconds\": ".len();
    let end = shown[seconds..].find(',').expect("more") + seconds;
    insta::assert_snapshot!(shown.replacen(&shown[seconds..end], "0", 1), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flow": "text-flow",
  "seconds": 0,
  "objects": [
    {
      "kind": "AsyncActor",
      "namespace": "wait-json",
      "name": "start-text-flow",
      "state": "ready",
      "message": "scaled to zero"
    },
    {
      "kind": "AsyncActor",
      "namespace": "wait-json",
      "name": "text-flow-clean",
      "state": "ready",
      "message": "scaled to zero"
    },
    {
      "kind": "AsyncActor",
      "namespace": "wait-json",
      "name": "text-flow-score",
      "state": "ready",
      "message": "scaled to zero"
    }
  ]
}
--- stderr
"#);
}

#[test]
fn the_gateways_rollout_is_waited_for_too() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = Project::new(server, "wait-gateway");
    project.render("text-flow", &exposed("text-flow"));
    let mut running = Running::start(&project, &["k", "apply", "text-flow", "--wait"]);
    running.until("text-flow-score: nothing has taken it up yet");
    for name in NAMES {
        set_phase(server, "wait-gateway", name, "Napping");
    }
    let shown = running.end();
    assert!(shown.starts_with("exit: 0\n"), "{shown}");
    assert!(shown.contains("ready     Deployment wait-gateway/asya-gateway-api: 1 pod\n"), "{shown}");
    assert!(shown.contains("; 4 objects ready\n"), "{shown}");
}

#[test]
fn on_a_terminal_each_object_has_one_line() {
    let Some(server) = server() else { return };
    let project = deployed(server, "wait-terminal");
    let asya = env!("CARGO_BIN_EXE_asya");
    let mut command = project.sandbox.command(&[]);
    let environment: Vec<_> = command.get_envs().map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned))).collect();
    command = std::process::Command::new("script");
    command.args(["-qefc", &format!("{asya} k wait text-flow"), "/dev/null"]);
    command.current_dir(project.sandbox.project()).env_clear().stdin(Stdio::null());
    command.env("TERM", "xterm").env("SHELL", "/bin/sh");
    command.envs(environment.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => panic!("{error}"),
    };
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    // The lines that stay, after all that was drawn over.
    for name in NAMES {
        assert!(shown.contains(&format!("AsyncActor wait-terminal/{name}: scaled to zero")), "{shown}");
    }
    assert!(shown.contains("\x1b[32mready"), "{shown}");
    assert!(shown.trim_end().ends_with("text-flow: 3 objects ready"), "{shown}");
}
