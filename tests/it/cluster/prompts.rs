//! What `asya k` asks people on a terminal, and what it does with their answers.

use super::fixture::Project;
use super::mesh_platform::{platform, runtime};
use super::server::server;
use crate::terminal::on_terminal;

const ENTER: &str = "\r";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

#[test]
fn a_value_is_not_shown_while_it_is_typed() {
    let Some(server) = server() else { return };
    let mut project = Project::without_gateway(server, "prompt-secret");
    let asked = |answers: &[(&str, &str)]| {
        let shown = on_terminal(&project.sandbox, &["k", "secret", "set", "model", "token"], answers);
        assert!(!shown.contains("hunter2"), "{shown}");
        shown
    };
    let question = "token of Secret model";
    let mut shown = String::new();
    for (title, keys) in [("nothing", ENTER), ("Ctrl-C", CTRL_C), ("Ctrl-D", CTRL_D), ("half of it", "hunt\x03")] {
        shown.push_str(&format!("--- {title}\n{}", asked(&[(question, keys)])));
    }
    assert!(server.get("secret", "prompt-secret", "model").is_none(), "{shown}");
    shown.push_str(&format!("--- a value\n{}", asked(&[(question, "hunter2 \r")])));
    let data = || server.get("secret", "prompt-secret", "model").expect("the Secret")["data"].clone();
    assert_eq!(data(), serde_json::json!({"token": "aHVudGVyMiA="}));
    let before = server.versions("prompt-secret");
    shown.push_str(&format!("--- and another that is taken back\n{}", asked(&[(question, "other\x03")])));
    assert_eq!(server.versions("prompt-secret"), before);
    project.sandbox.set("CI", "1");
    let shown_in_ci = on_terminal(&project.sandbox, &["k", "secret", "set", "model", "token"], &[]);
    shown.push_str(&format!("--- where nobody is asked\n{shown_in_ci}"));
    insta::assert_snapshot!(shown, @r#"
--- nothing

token of Secret model: 

token of Secret model: [hidden]
error: the value is empty
hint: give it on stdin

exit: 2
--- Ctrl-C

token of Secret model: 
error: interrupted

exit: 130
--- Ctrl-D

token of Secret model: 

token of Secret model: [hidden]
error: the value is empty
hint: give it on stdin

exit: 2
--- half of it

token of Secret model: 
error: interrupted

exit: 130
--- a value

token of Secret model: 

token of Secret model: [hidden]
Secret prompt-secret/model: token created

exit: 0
--- and another that is taken back

token of Secret model: 
error: interrupted

exit: 130
--- where nobody is asked
error: there is no value
hint: give it on stdin

exit: 2
"#);
}

#[test]
fn line_breaks_at_the_end_of_a_value() {
    use base64::Engine;
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "prompt-breaks");
    let set = |key: &str, value: &str, more: &[&str]| {
        let mut command = project.sandbox.command(&[&["k", "secret", "set", "model", key], more].concat());
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), value.as_bytes()).expect("a value");
        let code = child.wait().expect("an end").code();
        let secret = server.get("secret", "prompt-breaks", "model").unwrap_or_default();
        let encoded = secret["data"][key].as_str().unwrap_or_default();
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).expect("base64");
        (code, String::from_utf8(bytes).expect("text"))
    };
    let well = |value: &str| (Some(0), value.to_owned());
    assert_eq!(set("none", "a b", &[]), well("a b"));
    assert_eq!(set("one", "a\n", &[]), well("a"));
    assert_eq!(set("windows", "a\r\n", &[]), well("a"));
    assert_eq!(set("two", "a\n\n", &[]), well("a\n"));
    assert_eq!(set("inner", "{\n}\n", &[]), well("{\n}"));
    assert_eq!(set("exact", "a\n", &["--exact"]), well("a\n"));
    assert_eq!(set("exact-windows", "a\r\n", &["--exact"]), well("a\r\n"));
    assert_eq!(set("empty", "", &[]), (Some(2), String::new()));
    assert_eq!(set("only", "\n", &[]), (Some(2), String::new()));
}

#[test]
fn a_namespace_is_prepared_when_somebody_says_so() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "prompt-from").transport("sqs");
    runtime(server, "prompt-from", "run()\n", false);
    let args = ["k", "namespace", "prepare", "prompt-to", "--from", "prompt-from"];
    let question = "Write 2 objects to namespace prompt-to?";
    let mut shown = String::new();
    for (title, keys) in [("no", "n"), ("Enter", ENTER), ("Ctrl-C", CTRL_C), ("something else, then no", "xn")] {
        let end: Vec<String> = on_terminal(&project.sandbox, &args, &[(question, keys)])
            .lines()
            .skip_while(|line| !line.contains(question))
            .map(|line| format!("{line}\n"))
            .collect();
        shown.push_str(&format!("--- {title}\n{}", end.concat()));
    }
    assert!(server.get("namespace", "", "prompt-to").is_none(), "{shown}");
    shown.push_str(&format!("--- yes\n{}", on_terminal(&project.sandbox, &args, &[(question, "y")])));
    assert!(server.get("configmap", "prompt-to", "asya-runtime").is_some(), "{shown}");
    shown.push_str(&format!("--- again\n{}", on_terminal(&project.sandbox, &args, &[])));
    insta::assert_snapshot!(shown, @r#"
--- no
Write 2 objects to namespace prompt-to? [y/N] 
Write 2 objects to namespace prompt-to? no

exit: 1
--- Enter
Write 2 objects to namespace prompt-to? [y/N] 
Write 2 objects to namespace prompt-to? no

exit: 1
--- Ctrl-C
Write 2 objects to namespace prompt-to? [y/N] 
error: interrupted

exit: 130
--- something else, then no
Write 2 objects to namespace prompt-to? [y/N] 
Write 2 objects to namespace prompt-to? no

exit: 1
--- yes
  create    Namespace prompt-to: it does not exist
  create    ConfigMap prompt-to/asya-runtime: copied from namespace `prompt-from`
  manual    trust of the actors' role for namespace prompt-to: AWS must let the namespace's account act as the role
              → add to the role's trust policy: <oidc>:sub = system:serviceaccount:prompt-to:asya-actors, <oidc>:aud = sts.amazonaws.com
  manual    crew of namespace prompt-to: x-sink and x-sump take finished messages, in every namespace
              → helm upgrade --install asya-crew asya/asya-crew -n prompt-to
  manual    gateway for namespace prompt-to: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
              → helm upgrade --install asya-gateway asya/asya-gateway -n prompt-to
  namespace prompt-to (after prompt-from): 2 objects to write; 3 steps by hand
Write 2 objects to namespace prompt-to? [y/N] 
Write 2 objects to namespace prompt-to? yes
  created   Namespace prompt-to
  created   ConfigMap prompt-to/asya-runtime
created   Namespace prompt-to: it does not exist
created   ConfigMap prompt-to/asya-runtime: copied from namespace `prompt-from`
manual    trust of the actors' role for namespace prompt-to: AWS must let the namespace's account act as the role
            → add to the role's trust policy: <oidc>:sub = system:serviceaccount:prompt-to:asya-actors, <oidc>:aud = sts.amazonaws.com
manual    crew of namespace prompt-to: x-sink and x-sump take finished messages, in every namespace
            → helm upgrade --install asya-crew asya/asya-crew -n prompt-to
manual    gateway for namespace prompt-to: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
            → helm upgrade --install asya-gateway asya/asya-gateway -n prompt-to
namespace prompt-to (after prompt-from): 2 objects written; 3 steps by hand
  look at the whole with: asya k doctor --namespace prompt-to

exit: 0
--- again
unchanged Namespace prompt-to: it exists
unchanged ConfigMap prompt-to/asya-runtime: as in namespace `prompt-from`
manual    trust of the actors' role for namespace prompt-to: AWS must let the namespace's account act as the role
            → add to the role's trust policy: <oidc>:sub = system:serviceaccount:prompt-to:asya-actors, <oidc>:aud = sts.amazonaws.com
manual    crew of namespace prompt-to: x-sink and x-sump take finished messages, in every namespace
            → helm upgrade --install asya-crew asya/asya-crew -n prompt-to
manual    gateway for namespace prompt-to: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
            → helm upgrade --install asya-gateway asya/asya-gateway -n prompt-to
namespace prompt-to (after prompt-from): nothing to write; 3 steps by hand

exit: 0
"#);
}
