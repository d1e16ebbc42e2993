//! What clusters and networks do to an apply: it ends done or with one clear error, and the next
//! one converges.

use std::sync::{Mutex, mpsc};

use serde_json::{Value, json};

use super::fixture::{Project, actors, entry};
use super::proxy::{Fault, Proxy};
use super::server::{Server, server};
use crate::sandbox::Outcome;

/// A flow that goes from one state to another: something new, something changed, something gone,
/// and a gateway that has to be told.
pub struct Change<'a> {
    pub server: &'a Server,
    pub project: Project<'a>,
    pub proxy: Proxy,
    /// The cluster after a change that nothing disturbed.
    pub wanted: Vec<Value>,
    /// How many calls it takes.
    pub calls: usize,
}

impl<'a> Change<'a> {
    pub fn new(server: &'a Server, namespace: &str) -> Self {
        let project = Project::new(server, namespace);
        let proxy = Proxy::start(server.plain_socket());
        let mut change = Self { server, project, proxy, wanted: Vec::new(), calls: 0 };
        change.go_back();
        let outcome = change.go_through();
        assert_eq!(outcome.code, 0, "{}", outcome.show());
        change.wanted = change.state();
        change.calls = change.proxy.calls().len();
        assert!(change.calls > 15, "{:?}", change.proxy.calls());
        change
    }

    fn old() -> Vec<Value> {
        let mut objects = actors("text-flow");
        objects.truncate(2);
        objects.push(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old-settings"}, "data": {"a": "b"},
        }));
        objects
    }

    fn new_state() -> Vec<Value> {
        let mut objects = actors("text-flow");
        objects.truncate(3);
        objects[1]["spec"]["image"] = json!("example.org/flows:2");
        objects.push(entry("text-flow"));
        objects
    }

    /// To the old state, undisturbed.
    pub fn go_back(&self) {
        self.project.kubeconfig(&self.server.admin());
        self.project.render("text-flow", &[Self::old(), vec![]].concat());
        let outcome = self.project.run(&["k", "delete", "text-flow", "--yes", "--no-verify"]);
        assert_eq!(outcome.code, 0, "{}", outcome.show());
        self.project.apply("text-flow");
        self.project.render("text-flow", &Self::new_state());
    }

    /// To the new state, through the proxy.
    pub fn go_through(&self) -> Outcome {
        self.go_through_as("token: admin-of-the-tests")
    }

    /// The same as a user of whom the kubeconfig says this.
    pub fn go_through_as(&self, user: &str) -> Outcome {
        let kubeconfig = self.server.admin_at(&self.proxy.address);
        self.project.kubeconfig(&kubeconfig.replace("token: admin-of-the-tests", user));
        self.project.run(&["k", "apply", "text-flow"])
    }

    /// To the new state, undisturbed: it must be the one it always is.
    pub fn converges(&self, after: &str) {
        self.project.kubeconfig(&self.server.admin());
        self.project.apply("text-flow");
        let state = self.state();
        assert_eq!(state.len(), self.wanted.len(), "{after}: {state:#?}");
        for (is, wanted) in state.iter().zip(&self.wanted) {
            assert_eq!(is, wanted, "{after}");
        }
    }

    /// Every object of the namespace without versions and times.
    pub fn state(&self) -> Vec<Value> {
        let mut objects = self.server.list(&["asyncactors", "configmaps", "deployments"], &self.project.namespace);
        for object in &mut objects {
            if object["kind"] == "Deployment" {
                *object = json!({"kind": "Deployment", "template": object["spec"]["template"]});
                continue;
            }
            let metadata = object["metadata"].as_object_mut().expect("metadata");
            for field in ["uid", "resourceVersion", "creationTimestamp", "generation"] {
                metadata.remove(field);
            }
            for entry in metadata["managedFields"].as_array_mut().expect("managers") {
                entry.as_object_mut().expect("an entry").remove("time");
            }
        }
        objects
    }
}

/// One error: what, why, what to do; exit 4.
pub fn is_one_clear_error(outcome: &Outcome) -> bool {
    outcome.code == 4
        && outcome.stderr.matches("error: ").count() == 1
        && outcome.stderr.contains("\n  because ")
        && outcome.stdout.is_empty()
}

#[test]
fn whatever_happens_to_a_call_once_is_survived() {
    let Some(server) = server() else { return };
    let change = Change::new(server, "faults-once");
    let faults = [
        Fault::Answer(409),
        Fault::Answer(429),
        Fault::Answer(500),
        Fault::Answer(503),
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::Slow,
        Fault::Truncated,
    ];
    for fault in faults {
        change.go_back();
        // Every call is disturbed when it comes first.
        change.proxy.reset(Box::new(move |_, before| if before == 0 { fault } else { Fault::None }), Box::new(|_| ()));
        let outcome = change.go_through();
        assert_eq!(outcome.code, 0, "{fault:?}: {}", outcome.show());
        let calls = change.proxy.calls().len();
        // What is read twice is disturbed once.
        assert!(fault == Fault::Slow || calls * 10 > change.calls * 17, "{fault:?}: {calls} calls");
        assert_eq!(change.state(), change.wanted, "{fault:?}");
        change.converges(&format!("{fault:?}"));
    }
}

#[test]
fn a_token_that_expires_at_any_call_is_one_error_and_the_next_run_converges() {
    let Some(server) = server() else { return };
    let change = Change::new(server, "faults-expired");
    for at in 0..change.calls {
        change.go_back();
        change.proxy.reset(
            Box::new(move |number, _| if number < at { Fault::None } else { Fault::Answer(401) }),
            Box::new(|_| ()),
        );
        let outcome = change.go_through();
        assert!(is_one_clear_error(&outcome), "call {at}: {}", outcome.show());
        assert!(outcome.stderr.contains("does not accept the credentials"), "call {at}: {}", outcome.show());
        change.converges(&format!("call {at}"));
    }
}

#[test]
fn killed_after_any_call_the_next_run_converges() {
    let Some(server) = server() else { return };
    let change = Change::new(server, "faults-killed");
    for at in 0..change.calls {
        change.go_back();
        let (tell, told) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        change.proxy.reset(
            Box::new(|_, _| Fault::None),
            Box::new(move |number| {
                if number == at {
                    let _ = tell.send(());
                    let _ = wait.recv();
                }
            }),
        );
        change.project.kubeconfig(&server.admin_at(&change.proxy.address));
        let mut command = change.project.sandbox.command(&["k", "apply", "text-flow", "--no-verify"]);
        let mut child =
            command.stderr(std::process::Stdio::null()).stdout(std::process::Stdio::null()).spawn().expect("asya");
        told.recv().expect("it gets that far");
        child.kill().expect("it runs");
        child.wait().expect("it is dead");
        drop(go_on);
        change.converges(&format!("call {at}"));
    }
}

/// How many changes are disturbed at a time: most of the time of each passes waiting for a server
/// that does not come back.
const LANES: usize = 16;

#[test]
fn a_server_that_stays_away_from_any_call_on_is_one_error_and_the_next_run_converges() {
    let Some(server) = server() else { return };
    let undisturbed = Change::new(server, "faults-away");
    let mut work = Vec::new();
    for at in 0..undisturbed.calls {
        // From every call on once without the server having acted, and once after it has.
        let pair =
            if at % 2 == 0 { [Fault::Answer(503), Fault::Truncated] } else { [Fault::ResetBefore, Fault::ResetAfter] };
        work.extend(pair.map(|fault| (at, fault)));
    }
    let work = Mutex::new(work);
    std::thread::scope(|scope| {
        for lane in 0..LANES {
            let work = &work;
            scope.spawn(move || {
                let change = Change::new(server, &format!("faults-away-{lane}"));
                change.go_back();
                let mut old = change.state();
                let next = || work.lock().expect("no panic before").pop();
                while let Some((at, fault)) = next() {
                    let decide = move |number, _| if number < at { Fault::None } else { fault };
                    change.proxy.reset(Box::new(decide), Box::new(|_| ()));
                    let outcome = change.go_through();
                    let what = format!("{fault:?} from call {at} on");
                    assert!(is_one_clear_error(&outcome), "{what}: {}", outcome.show());
                    // Where nothing was written there is nothing to go on with.
                    if change.state() != old {
                        change.converges(&what);
                        change.go_back();
                        old = change.state();
                    }
                }
            });
        }
    });
}

#[test]
fn the_second_apply_only_reads() {
    let Some(server) = server() else { return };
    let change = Change::new(server, "faults-twice");
    change.project.run(&["k", "apply", "text-flow"]);
    change.proxy.reset(Box::new(|_, _| Fault::None), Box::new(|_| ()));
    let outcome = change.go_through();
    assert_eq!(outcome.stdout, "text-flow: 4 unchanged; still registered with gateway asya-gateway-api\n");
    let calls = change.proxy.calls();
    assert!(!calls.is_empty() && calls.iter().all(|call| call.starts_with("GET ")), "{calls:#?}");
}
