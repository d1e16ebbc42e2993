//! Credentials that end in the middle of an apply, of the kinds that can be had anew.

use std::path::{Path, PathBuf};

use super::faults::{Change, is_one_clear_error};
use super::platform::deployed;
use super::proxy::{Fault, Proxy};
use super::server::server;

/// A credential plugin that counts its runs and answers a new token each time.
pub struct Plugin {
    pub runs: PathBuf,
    pub user: String,
}

impl Plugin {
    pub fn new(directory: &Path) -> Self {
        let runs = directory.join("runs");
        let script = directory.join("login-helper");
        std::fs::write(
            &script,
            format!(
                "#!/bin/sh\necho run >> '{runs}'\ntest ! -e '{runs}.out' || {{ echo 'the session is over' >&2; exit 3; }}\n\
                 printf '{{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": \
                 {{\"token\": \"secret-%s\"}}}}' $(wc -l < '{runs}')\n",
                runs = runs.display()
            ),
        )
        .expect("a script");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&script, executable).expect("an executable");
        let user = format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: '{}'}}",
            script.display()
        );
        std::fs::write(&runs, "").expect("a file");
        Self { runs, user }
    }

    pub fn forget(&self) {
        std::fs::write(&self.runs, "").expect("a file");
    }

    pub fn runs(&self) -> usize {
        runs(&self.runs)
    }
}

/// How often a plugin was run.
pub fn runs(path: &Path) -> usize {
    std::fs::read_to_string(path).expect("a file").lines().count()
}

#[test]
fn a_plugin_is_run_again_when_its_token_ends_at_any_call() {
    let Some(server) = server() else { return };
    let change = Change::new(server, "login-again");
    let plugin = Plugin::new(change.project.sandbox.root());
    // From one call on the first token is over, for all that are under way.
    for at in 0..change.calls {
        change.go_back();
        plugin.forget();
        let file = plugin.runs.clone();
        let decide = move |number, _| if number >= at && runs(&file) < 2 { Fault::Answer(401) } else { Fault::None };
        change.proxy.reset(Box::new(decide), Box::new(|_| ()));
        let outcome = change.go_through_as(&plugin.user);
        assert_eq!(outcome.code, 0, "call {at}: {}", outcome.show());
        assert_eq!(plugin.runs(), 2, "call {at}");
        assert_eq!(change.proxy.tokens().last().map(String::as_str), Some("secret-2"), "call {at}");
        assert_eq!(change.state(), change.wanted, "call {at}");
    }
}

#[test]
fn a_plugin_is_run_once_where_all_is_well_and_once_more_where_nothing_helps() {
    let Some(server) = server() else { return };
    let change = Change::new(server, "login-count");
    let plugin = Plugin::new(change.project.sandbox.root());
    change.go_back();
    change.proxy.reset(Box::new(|_, _| Fault::None), Box::new(|_| ()));
    let outcome = change.go_through_as(&plugin.user);
    assert_eq!((outcome.code, plugin.runs()), (0, 1), "{}", outcome.show());

    change.go_back();
    plugin.forget();
    let half = change.calls / 2;
    let never_again = move |number, _| if number < half { Fault::None } else { Fault::Answer(401) };
    change.proxy.reset(Box::new(never_again), Box::new(|_| ()));
    let outcome = change.go_through_as(&plugin.user);
    assert!(is_one_clear_error(&outcome), "{}", outcome.show());
    assert_eq!(plugin.runs(), 2);
    assert!(!outcome.stderr.contains("secret-"), "{}", outcome.show());
    let because =
        "because they come from `[SANDBOX]/login-helper`, which was run again, and what it gave is not accepted either";
    assert!(outcome.stderr.contains(because), "{}", outcome.show());
    change.converges("a token that is never accepted again");
}

#[test]
fn what_is_said_of_credentials_that_are_over() {
    let Some(server) = server() else { return };
    let change = Change::new(server, "login-over");
    let plugin = Plugin::new(change.project.sandbox.root());
    let over = |user: &str| {
        change.proxy.reset(Box::new(|_, _| Fault::Answer(401)), Box::new(|_| ()));
        change.go_through_as(user).show().replace(&change.proxy.address, "[PROXY]")
    };
    insta::assert_snapshot!(over(&plugin.user), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/login-over (4 objects)
error: the cluster at [PROXY] does not accept the credentials of user `tester` (context `test`)
  because it answered 401 Unauthorized to: read the kinds of `asya.sh/v1alpha1`
  because they come from `[SANDBOX]/login-helper`, which was run again, and what it gave is not accepted either
hint: log in again with the tool of your cluster's provider, of which `[SANDBOX]/login-helper` is a part
"#);
    plugin.forget();
    let out = plugin.runs.with_extension("out");
    let log_out = move |_, _| {
        std::fs::write(&out, "").expect("a file");
        Fault::Answer(401)
    };
    change.proxy.reset(Box::new(log_out), Box::new(|_| ()));
    insta::assert_snapshot!(change.go_through_as(&plugin.user).show(), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/login-over (4 objects)
error: the credentials of user `tester` of the kubeconfig cannot be obtained
  because `[SANDBOX]/login-helper` failed: the session is over
  because the ones before were not accepted any more: the cluster answered 401 Unauthorized to: read the kinds of `asya.sh/v1alpha1`
hint: log in again with the tool of your cluster's provider
"#);
    assert_eq!(plugin.runs(), 2);
    let token = change.project.sandbox.root().join("token");
    std::fs::write(&token, "secret-of-a-file").expect("a file");
    insta::assert_snapshot!(over(&format!("tokenFile: '{}'", token.display())), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/login-over (4 objects)
error: the cluster at [PROXY] does not accept the credentials of user `tester` (context `test`)
  because it answered 401 Unauthorized to: read the kinds of `asya.sh/v1alpha1`
  because they are the token in `[SANDBOX]/token`, which was read again, and what it holds is not accepted either
hint: renew the token in that file
"#);
    insta::assert_snapshot!(over("token: secret-of-the-kubeconfig"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/login-over (4 objects)
error: the cluster at [PROXY] does not accept the credentials of user `tester` (context `test`)
  because it answered 401 Unauthorized to: read the kinds of `asya.sh/v1alpha1`
  because they are the token in the kubeconfig
hint: log in again, or renew that token
"#);
    insta::assert_snapshot!(over("{username: somebody, password: secret}"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/login-over (4 objects)
error: the cluster at [PROXY] does not accept the credentials of user `tester` (context `test`)
  because it answered 401 Unauthorized to: read the kinds of `asya.sh/v1alpha1`
  because they are the name and the password in the kubeconfig
hint: correct them; Kubernetes itself has no passwords any more
"#);
    std::fs::remove_file(&token).expect("removed");
    insta::assert_snapshot!(over(&format!("tokenFile: '{}'", token.display())), @r#"
exit: 4
--- stdout
--- stderr
error: the credentials of user `tester` of the kubeconfig cannot be obtained
  because the token file `[SANDBOX]/token` cannot be read: there is no such file or directory
hint: correct `tokenFile` of the user in the kubeconfig
"#);
}

#[test]
fn a_token_file_is_read_again() {
    let Some(server) = server() else { return };
    let change = Change::new(server, "token-file");
    let file = change.project.sandbox.root().join("token");
    for at in [0, 1, change.calls / 2, change.calls - 1] {
        change.go_back();
        std::fs::write(&file, "old\n").expect("a file");
        let decide = {
            let file = file.clone();
            move |number, _| {
                let is_over = number >= at && std::fs::read_to_string(&file).expect("a file") == "old\n";
                if !is_over {
                    return Fault::None;
                }
                // Whoever keeps the file renews it.
                std::fs::write(&file, "new\n").expect("a file");
                Fault::Answer(401)
            }
        };
        change.proxy.reset(Box::new(decide), Box::new(|_| ()));
        let outcome = change.go_through_as(&format!("tokenFile: '{}'", file.display()));
        assert_eq!(outcome.code, 0, "call {at}: {}", outcome.show());
        let tokens = change.proxy.tokens();
        assert_eq!((tokens[0].as_str(), tokens.last().map(String::as_str)), ("old", Some("new")), "call {at}");
        assert_eq!(change.state(), change.wanted, "call {at}");
    }
}

#[test]
fn a_wait_goes_on_with_the_new_token() {
    let Some(server) = server() else { return };
    let project = deployed(server, "login-wait");
    let plugin = Plugin::new(project.sandbox.root());
    let proxy = Proxy::start(server.plain_socket());
    project.kubeconfig(&server.admin_at(&proxy.address).replace("token: admin-of-the-tests", &plugin.user));
    // The schema, then what is watched.
    for at in 0..3 {
        plugin.forget();
        let file = plugin.runs.clone();
        let decide = move |number, _| if number >= at && runs(&file) < 2 { Fault::Answer(401) } else { Fault::None };
        proxy.reset(Box::new(decide), Box::new(|_| ()));
        let outcome = project.run(&["k", "wait", "text-flow", "--timeout", "20s"]);
        assert_eq!((outcome.code, plugin.runs()), (0, 2), "call {at}: {}", outcome.show());
        assert!(!outcome.stderr.contains("401"), "call {at}: {}", outcome.show());
    }
}
