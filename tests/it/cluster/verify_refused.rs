//! `asya k apply`: gateways that want a token, and certificates that do not hold.

use serde_json::{Value, json};

use super::certificates::Authority;
use super::fixture::{Project, gateway};
use super::gateway_server::{Behaviour, Gateway};
use super::server::{Server, server};
use super::verify::both;
use crate::sandbox::Outcome;

/// A project with a flow that is applied, in a namespace with a gateway that nobody waits for.
fn applied(namespace: &str) -> Option<(&'static Server, Project<'static>)> {
    let server = server().filter(|server| server.rolls_out())?;
    let project = Project::without_gateway(server, namespace).asking();
    server.apply(&gateway(namespace, "asya-gateway"));
    project.render("text-flow", &both("text-flow", "one"));
    assert_eq!(project.run(&["k", "apply", "text-flow", "--no-verify"]).code, 0);
    server.kubectl(&["-n", namespace, "rollout", "status", "deployment/asya-gateway-api", "--timeout=60s"], None);
    Some((server, project))
}

/// What an apply to the gateway at `url` says about asking it, strictly or not.
fn asked(project: &Project<'_>, context: &[&str], url: &str, strict: bool) -> String {
    let mut settings = format!("default_context: dev\ncontexts:\n  dev:\n    namespace: {}\n", project.namespace);
    settings.push_str(&format!("    gateway_url: {url}\n"));
    for line in context {
        settings.push_str(&format!("    {line}\n"));
    }
    project.sandbox.write(".asya/config.yaml", &settings);
    let strictly: &[&str] = if strict { &["--verify"] } else { &[] };
    let Outcome { code, stderr, .. } = project.run(&[&["k", "apply", "text-flow"], strictly].concat());
    let told: Vec<&str> =
        stderr.lines().filter(|line| !line.contains("unchanged") && !line.starts_with("apply")).collect();
    format!("exit: {code}\n{}\n", told.join("\n"))
}

#[test]
fn certificates() {
    let Some((server, project)) = applied("ask-tls") else { return };
    let authority = Authority::new();
    let (long_ago, lately, always) = ("20200101000000Z", "20210101000000Z", "20990101000000Z");
    let here = "IP:127.0.0.1";
    let start = |certificate| Gateway::secure(server, "ask-tls", Behaviour::default(), certificate);
    let well = start(authority.sign(here, long_ago, always));
    let known = format!("gateway_ca: {}", authority.file().display());
    let mut shown = String::new();
    let mut look = |title: &str, text: String| shown.push_str(&format!("--- {title}\n{text}"));
    look("an authority nobody knows", asked(&project, &[], &well.url(), true));
    look("the same, not insisting", asked(&project, &[], &well.url(), false));
    look("known from the context", asked(&project, &[&known], &well.url(), true));
    let another = start(authority.sign("DNS:gateway.example.org,DNS:gw", long_ago, always));
    look("another name", asked(&project, &[&known], &another.url(), true));
    let expired = start(authority.sign(here, long_ago, lately));
    look("expired", asked(&project, &[&known], &expired.url(), true));
    let early = start(authority.sign(here, always, "20991231000000Z"));
    look("not yet", asked(&project, &[&known], &early.url(), true));
    let itself = start(authority.itself());
    look("the authority's own", asked(&project, &[&known], &itself.url(), true));
    let plain = Gateway::start(server, "ask-tls", Behaviour::default());
    look("no TLS at all", asked(&project, &[&known], &plain.url().replace("http", "https"), true));
    look("TLS where none is spoken", asked(&project, &[&known], &well.url().replace("https", "http"), true));
    look("a password in the URL", asked(&project, &[&known], &well.url().replace("//", "//me:hunter2@"), true));
    project.sandbox.write("ca.pem", "no certificate\n");
    look("a file without certificates", asked(&project, &["gateway_ca: ca.pem"], &well.url(), true));
    look("no such file", asked(&project, &["gateway_ca: gone.pem"], &well.url(), true));
    let mut project = project;
    project.sandbox.set("SSL_CERT_FILE", authority.file().display().to_string());
    look("known from the environment", asked(&project, &[], &well.url(), true));
    for gateway in [&well, &another, &expired, &early, &itself, &plain] {
        shown = shown.replace(&gateway.url().replace("https://", ""), "[GATEWAY]");
    }
    insta::assert_snapshot!(shown.replace(&authority.file().display().to_string(), "[AUTHORITY]"), @r#"
--- an authority nobody knows
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because nobody this machine trusts vouches for its certificate
hint: name a file with the authority's certificate as `gateway_ca` of the context, or in SSL_CERT_FILE on Linux
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- the same, not insisting
exit: 0
warning: gateway `asya-gateway-api` was not asked whether it serves the flow: nobody this machine trusts vouches for its certificate
  hint: name a file with the authority's certificate as `gateway_ca` of the context, or in SSL_CERT_FILE on Linux
--- known from the context
exit: 0
  gateway `asya-gateway-api` shows the tool and the skill (asked at its URL, after [TIME])
--- another name
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because its certificate is for `gateway.example.org` and `gw`, not for `127.0.0.1`
hint: set `gateway_url` of the context to the name it has
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- expired
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because its certificate expired on 2021-01-01
hint: have it renewed by who runs the gateway
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- not yet
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because its certificate is valid from 2099-01-01 on
hint: see whether the clock of this machine is right
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- the authority's own
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because its certificate is that of an authority, not of a server
hint: have one made for the server (CA:FALSE) by who runs the gateway
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- no TLS at all
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it does not speak TLS
hint: if it is meant so, begin `gateway_url` with `http://`
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- TLS where none is spoken
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it does not speak HTTP
hint: if it speaks TLS, begin `gateway_url` with `https://`
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- a password in the URL
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because the URL has a user or a password in it, which is not sent
hint: take it out of `gateway_url` of the context; a token goes into ASYA_GATEWAY_TOKEN
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- a file without certificates
exit: 3
error: the certificates of `[SANDBOX]/project/ca.pem` cannot be read
  because there is none in it
hint: `gateway_ca` of the context names a file with the certificates of authorities, in PEM
--- no such file
exit: 3
error: the certificates of `[SANDBOX]/project/gone.pem` cannot be read
  because there is no such file or directory
hint: `gateway_ca` of the context names a file with the certificates of authorities, in PEM
--- known from the environment
exit: 0
  gateway `asya-gateway-api` shows the tool and the skill (asked at its URL, after [TIME])
"#);
}

/// The token of the tests.
const TOKEN: &str = "s3cret-of-the-tests";

#[test]
fn tokens() {
    let Some((server, mut project)) = applied("ask-token") else { return };
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "gateway", "env": [
        {"name": "ASYA_MCP_API_KEY", "valueFrom": {"secretKeyRef": {"name": "asya-gateway-auth", "key": "mcp-api-key"}}},
    ]}]}}}});
    let start = |behaviour| Gateway::start(server, "ask-token", behaviour);
    let wants = Behaviour { token: Some(TOKEN), ..Behaviour::default() };
    let of_issuer = Behaviour { issuer: Some("https://login.example.org"), ..wants };
    let (key, oauth) = (start(wants), start(of_issuer));
    let repeats = start(Behaviour { repeats: true, ..wants });
    let scope = start(Behaviour { scope: Some("mcp:invoke"), ..Behaviour::default() });
    let moved = start(Behaviour { moved: Some("https://agents.example.org"), ..wants });
    let mut shown = String::new();
    let mut look = |title: &str, text: String| {
        assert!(!text.contains("s3cret"), "{text}");
        shown.push_str(&format!("--- {title}\n{text}"));
    };
    look("a key, and none is given", asked(&project, &[], &key.url(), true));
    look("the same, not insisting", asked(&project, &[], &key.url(), false));
    server.kubectl(&["-n", "ask-token", "patch", "deployment", "asya-gateway-api", "-p", &patch.to_string()], None);
    server.kubectl(&["-n", "ask-token", "rollout", "status", "deployment/asya-gateway-api", "--timeout=60s"], None);
    look("a key that is in a Secret", asked(&project, &[], &key.url(), true));
    look("OAuth, and no token", asked(&project, &[], &oauth.url(), true));
    look("no reason", asked(&project, &[], &scope.url(), true));
    look("somewhere else", asked(&project, &[], &moved.url(), false));
    project.sandbox.set("ASYA_GATEWAY_TOKEN", "old-s3cret-of-the-tests");
    look("another key", asked(&project, &[], &key.url(), true));
    look("another key, which comes back", asked(&project, &[], &repeats.url(), true));
    look("an old token", asked(&project, &[], &oauth.url(), true));
    look("a token for other things", asked(&project, &[], &scope.url(), true));
    project.sandbox.set("ASYA_GATEWAY_TOKEN", format!("{TOKEN}\n"));
    look("a line break", asked(&project, &[], &key.url(), true));
    project.sandbox.set("ASYA_GATEWAY_TOKEN", TOKEN);
    look("the right one", asked(&project, &[], &oauth.url(), true));
    insta::assert_snapshot!(shown, @r#"
--- a key, and none is given
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it wants a token (401)
hint: set ASYA_GATEWAY_TOKEN to its key for MCP
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- the same, not insisting
exit: 0
warning: gateway `asya-gateway-api` was not asked whether it serves the flow: it wants a token (401)
  hint: set ASYA_GATEWAY_TOKEN to its key for MCP
--- a key that is in a Secret
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it wants a token (401)
hint: set ASYA_GATEWAY_TOKEN to its key for MCP
hint: the key is in Secret ask-token/asya-gateway-auth, `mcp-api-key`
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- OAuth, and no token
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it wants a token of `https://login.example.org` (401)
hint: get an access token from https://login.example.org (OAuth), and set ASYA_GATEWAY_TOKEN to it
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- no reason
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it lets nobody in without a reason (403); it asks for scope `mcp:invoke`
hint: if it wants a token, set ASYA_GATEWAY_TOKEN to it; else see what stands before the gateway
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- somewhere else
exit: 0
warning: gateway `asya-gateway-api` was not asked whether it serves the flow: [REASON]
  hint: set `gateway_url` of the context to where it is
--- another key
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it refuses the token in ASYA_GATEWAY_TOKEN (401): Bearer token required
hint: set ASYA_GATEWAY_TOKEN to its key for MCP, as it is now
hint: the key is in Secret ask-token/asya-gateway-auth, `mcp-api-key`
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- another key, which comes back
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it refuses the token in ASYA_GATEWAY_TOKEN (401): `Bearer …` has expired
hint: set ASYA_GATEWAY_TOKEN to its key for MCP, as it is now
hint: the key is in Secret ask-token/asya-gateway-auth, `mcp-api-key`
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- an old token
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because it refuses the token in ASYA_GATEWAY_TOKEN (401): Bearer token required
hint: get a new access token from https://login.example.org (OAuth; they run out), and set ASYA_GATEWAY_TOKEN to it
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- a token for other things
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because the token in ASYA_GATEWAY_TOKEN is not enough for it (403); it asks for scope `mcp:invoke`
hint: get a token that may list tools, and set ASYA_GATEWAY_TOKEN to it
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- a line break
exit: 4
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because the token in ASYA_GATEWAY_TOKEN cannot be sent: it has a line break or another control character in it
hint: set ASYA_GATEWAY_TOKEN to the token alone
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
--- the right one
exit: 0
  gateway `asya-gateway-api` shows the tool and the skill (asked at its URL, after [TIME])
"#);
    let outcome = project.run(&["k", "apply", "text-flow", "--verify", "-o", "json"]);
    assert!(!outcome.show().contains("s3cret"), "{}", outcome.show());
    let mut report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    report["gateway"]["verification"]["milliseconds"] = json!(0);
    insta::assert_snapshot!(serde_json::to_string_pretty(&report["gateway"]).expect("JSON"), @r#"
{
  "namespace": "ask-token",
  "deployment": "asya-gateway-api",
  "registration": "unchanged",
  "via": "source",
  "rollouts": [],
  "verification": {
    "through": "url",
    "tool": true,
    "skill": true,
    "milliseconds": 0
  }
}
"#);
    // Who asks was told who issues tokens by the gateway alone.
    let asked: Vec<String> = oauth.asked().into_iter().take(3).collect();
    insta::assert_snapshot!(asked.join(", "), @r#"POST /mcp initialize, GET /.well-known/oauth-protected-resource/mcp, GET /.well-known/oauth-protected-resource"#);
}

#[test]
fn a_flow_that_goes_from_a_gateway_with_a_token() {
    let Some((server, project)) = applied("ask-gone") else { return };
    let gateway = Gateway::start(server, "ask-gone", Behaviour { token: Some(TOKEN), ..Behaviour::default() });
    let project = project.context(&format!("gateway_url: {}", gateway.url()));
    let Outcome { code, stderr, .. } = project.run(&["k", "delete", "text-flow", "--yes", "--gateway-timeout", "60"]);
    let told: Vec<&str> = stderr.lines().skip_while(|line| !line.starts_with("warning")).collect();
    insta::assert_snapshot!(format!("exit: {code}\n{}\n", told.join("\n")), @r#"
exit: 0
warning: gateway `asya-gateway-api` was not asked whether it serves the flow: it wants a token (401)
  hint: set ASYA_GATEWAY_TOKEN to its key for MCP
"#);
}
