//! Checks of the gateway.

use serde_json::{Value, json};

use super::super::fixture::Project;
use super::super::mesh_platform::{account, actor, platform, secret};
use super::super::platform::compose;
use super::super::server::{Server, server};
use super::{IDENTITY, ROLE, said};

const HALVES: [&str; 2] = ["asya-gateway-api", "asya-gateway-mesh"];

/// Replaces the variables of the gateway's container: `(name, value)`, or `(name, secret/key)`
/// where the value is `@SECRET/KEY`; and those of an init container, if any.
pub(super) fn environment(server: &Server, namespace: &str, own: &[(&str, &str)], init: &[(&str, &str)]) {
    let entry = |(name, value): &(&str, &str)| match value.strip_prefix('@').and_then(|it| it.split_once('/')) {
        Some((secret, key)) => json!({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}),
        None => json!({"name": name, "value": value}),
    };
    let own: Vec<Value> = own.iter().map(entry).collect();
    let init: Vec<Value> = init.iter().map(entry).collect();
    for half in HALVES {
        let live = server.get("deployment", namespace, half).expect("the gateway");
        let containers = live["spec"]["template"]["spec"]["containers"].as_array().expect("containers");
        let at = containers.iter().position(|it| it["name"] == "gateway").expect("the gateway's container");
        let mut patch =
            vec![json!({"op": "replace", "path": format!("/spec/template/spec/containers/{at}/env"), "value": own})];
        if !init.is_empty() {
            let wait = json!([{"name": "wait", "image": "x", "env": init}]);
            patch.push(json!({"op": "add", "path": "/spec/template/spec/initContainers", "value": wait}));
        }
        let patch = Value::Array(patch).to_string();
        server.kubectl(&["-n", namespace, "patch", "deployment", half, "--type=json", "-p", &patch], None);
    }
}

pub(super) fn service(server: &Server, namespace: &str, name: &str, port: u16, component: &str) {
    let selector = json!({"app.kubernetes.io/name": "asya-gateway", "app.kubernetes.io/component": component});
    server.apply(
        &json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": selector, "ports": [{"port": port}]},
        })
        .to_string(),
    );
}

/// A key that is long enough.
const KEY: &str = "open-sesame-open-sesame";

#[test]
fn databases() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-database";
    let project = Project::new(server, namespace).transport("rabbitmq");
    let ids = ["C50", "C51", "C52", "C53", "P3", "P6", "P12"];
    let mut shown = String::new();
    let mut look = |title: &str, text: String| shown.push_str(&format!("--- {title}\n{text}"));
    look("none", said(&project, &ids));
    let dsn = ("ASYA_DATABASE_URL", "@asya-gateway-db/database-url");
    let password = ("PGPASSWORD", "@asya-gateway-postgresql/password");
    secret(server, namespace, "asya-gateway-postgresql", &[("password", "hunter2")]);
    environment(server, namespace, &[dsn], &[password]);
    look("the password alone", said(&project, &ids));
    environment(server, namespace, &[dsn], &[("PGPASSWORD", "@asya-gateway-db/password")]);
    secret(server, namespace, "asya-gateway-db", &[("password", "hunter2")]);
    look("no address beside it", said(&project, &ids));
    environment(server, namespace, &[dsn], &[password]);
    secret(server, namespace, "asya-gateway-db", &[("database-url", "postgres://asya:hunter2@db:5432/asya")]);
    look("no database by that name", said(&project, &ids));
    service(server, namespace, "db", 5432, "database");
    look("all is well", said(&project, &ids));
    secret(server, namespace, "asya-gateway-db", &[("database-url", "postgres://asya:other@db:5432/asya")]);
    look("another password", said(&project, &ids));
    secret(server, namespace, "asya-gateway-db", &[("database-url", "postgres://asya:hunter2@x@db:5432/asya")]);
    look("a special character", said(&project, &ids));
    // Helm's, and then somebody's.
    let annotate = ["annotate", "secret", "asya-gateway-db", "helm.sh/hook=pre-install", "--field-manager=helm"];
    server.kubectl(&[&["-n", namespace], &annotate[..]].concat(), None);
    look("Helm's own", said(&project, &["P12"]));
    let patch = json!({"stringData": {"database-url": "postgres://asya:hunter2@db:5432/asya"}}).to_string();
    server.kubectl(&["-n", namespace, "patch", "secret", "asya-gateway-db", "-p", &patch], None);
    look("edited", said(&project, &["P12", "C51"]));
    insta::assert_snapshot!(shown, @r#"
--- none
fail    C53 gateway in doctor-database: it has no database, and its two halves share nothing else: results never reach agents
            → set `externalDatabase` in the values of the chart `asya-gateway`
--- the password alone
fail    C50 Secret doctor-database/asya-gateway-db: it is missing; asya-gateway-api, asya-gateway-mesh cannot start without it
            → asya k secret set asya-gateway-db database-url --namespace doctor-database
ok      C53 gateway in doctor-database: has a database
fail    P3  Secret doctor-database/asya-gateway-db: `database-url` is missing; the chart does not make it when `externalDatabase.existingSecret` is set
            → asya k secret set asya-gateway-db database-url --namespace doctor-database, with postgres://USER:PASSWORD@HOST:5432/DATABASE
--- no address beside it
fail    C50 Secret doctor-database/asya-gateway-db: it has no key `database-url`; asya-gateway-api, asya-gateway-mesh cannot start without it
            → asya k secret set asya-gateway-db database-url --namespace doctor-database
ok      C53 gateway in doctor-database: has a database
fail    C51 Secret doctor-database/asya-gateway-db: `database-url` is missing: the gateway finds no database
            → asya k secret set asya-gateway-db database-url --namespace doctor-database, with postgres://USER:PASSWORD@HOST:5432/DATABASE
--- no database by that name
ok      C50 what pods of namespace doctor-database refer to: all 2 are there
ok      C53 gateway in doctor-database: has a database
ok      C51 Secret doctor-database/asya-gateway-db: `database-url` names a database on db
fail    C52 Service doctor-database/db: the database's address names it, and it is missing
            → start the database, or correct the host in the address
ok      C52 Secrets doctor-database/asya-gateway-db and doctor-database/asya-gateway-postgresql: have the same password
--- all is well
ok      C50 what pods of namespace doctor-database refer to: all 2 are there
ok      C53 gateway in doctor-database: has a database
ok      C51 Secret doctor-database/asya-gateway-db: `database-url` names a database on db
ok      C52 Service doctor-database/db: is there
ok      C52 Secrets doctor-database/asya-gateway-db and doctor-database/asya-gateway-postgresql: have the same password
--- another password
ok      C50 what pods of namespace doctor-database refer to: all 2 are there
ok      C53 gateway in doctor-database: has a database
ok      C51 Secret doctor-database/asya-gateway-db: `database-url` names a database on db
ok      C52 Service doctor-database/db: is there
fail    C52 Secrets doctor-database/asya-gateway-db and doctor-database/asya-gateway-postgresql: their passwords differ: the gateway waits for the database with one and connects with the other
            → write the password of asya-gateway-postgresql into asya-gateway-db; the database keeps the one it was first started with
--- a special character
ok      C50 what pods of namespace doctor-database refer to: all 2 are there
ok      C53 gateway in doctor-database: has a database
fail    P6  Secret doctor-database/asya-gateway-db: `database-url` cannot be read: a special character of the user or password is not written as %XX
            → choose a password of letters and digits, or write special characters as %XX
--- Helm's own
--- edited
warn    P12 Secret doctor-database/asya-gateway-db: it was edited by hand, and the next Helm upgrade makes it anew
            → put the value into `externalDatabase` in the values of the chart `asya-gateway`
ok      C51 Secret doctor-database/asya-gateway-db: `database-url` names a database on db
"#);
}

#[test]
fn callers() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-callers";
    let project = Project::new(server, namespace).transport("rabbitmq");
    let ids = ["C54", "P11"];
    let mut shown = String::new();
    let mut look = |title: &str, own: &[(&str, &str)]| {
        environment(server, namespace, own, &[]);
        shown.push_str(&format!("--- {title}\n{}", said(&project, &ids)));
    };
    secret(server, namespace, "asya-gateway-auth", &[("a2a-api-key", KEY), ("mcp-api-key", "short-sesame")]);
    look("nothing", &[]);
    let (agents, tools) = (
        ("ASYA_A2A_API_KEY", "@asya-gateway-auth/a2a-api-key"),
        ("ASYA_MCP_API_KEY", "@asya-gateway-auth/mcp-api-key"),
    );
    look("a key that is short", &[agents, tools]);
    look("a key as text", &[agents, ("ASYA_MCP_API_KEY", KEY)]);
    let jwks = ("ASYA_A2A_JWT_JWKS_URL", "https://example.org/keys");
    look("a third of JWT", &[jwks]);
    look("all of JWT", &[jwks, ("ASYA_A2A_JWT_ISSUER", "https://example.org"), ("ASYA_A2A_JWT_AUDIENCE", "asya")]);
    let (on, issuer) = (("ASYA_MCP_OAUTH_ENABLED", "true"), ("ASYA_MCP_OAUTH_ISSUER", "https://example.org"));
    let (secret, database) = (("ASYA_MCP_OAUTH_SECRET", KEY), ("ASYA_DATABASE_URL", "postgres://db"));
    look("OAuth without a database", &[agents, on, issuer, secret]);
    look("OAuth with a slash", &[agents, on, ("ASYA_MCP_OAUTH_ISSUER", "https://example.org/"), secret, database]);
    look("OAuth that is `True`", &[agents, ("ASYA_MCP_OAUTH_ENABLED", "True"), issuer, secret, database]);
    look("OAuth that is not on", &[agents, issuer, secret, database]);
    look("OAuth that is on", &[agents, on, issuer, secret, database]);
    insta::assert_snapshot!(shown, @r#"
--- nothing
warn    C54 A2A of the gateway in doctor-callers: everybody who reaches it may call it: `ASYA_A2A_API_KEY` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth a2a-api-key --namespace doctor-callers; then refer to it as `ASYA_A2A_API_KEY` in `env` of the chart `asya-gateway`
warn    C54 MCP of the gateway in doctor-callers: everybody who reaches it may call it: `ASYA_MCP_API_KEY` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth mcp-api-key --namespace doctor-callers; then refer to it as `ASYA_MCP_API_KEY` in `env` of the chart `asya-gateway`
--- a key that is short
ok      C54 Secret doctor-callers/asya-gateway-auth: `a2a-api-key` is a key for A2A
fail    C54 Secret doctor-callers/asya-gateway-auth: `mcp-api-key` is shorter than 16 characters
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth mcp-api-key --namespace doctor-callers
--- a key as text
ok      C54 Secret doctor-callers/asya-gateway-auth: `a2a-api-key` is a key for A2A
warn    C54 MCP of the gateway in doctor-callers: its key stands in the Deployment as text (`ASYA_MCP_API_KEY`)
            → put it into a Secret and refer to it with valueFrom.secretKeyRef in `env` of the chart
--- a third of JWT
warn    C54 A2A of the gateway in doctor-callers: everybody who reaches it may call it: `ASYA_A2A_API_KEY` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth a2a-api-key --namespace doctor-callers; then refer to it as `ASYA_A2A_API_KEY` in `env` of the chart `asya-gateway`
warn    C54 MCP of the gateway in doctor-callers: everybody who reaches it may call it: `ASYA_MCP_API_KEY` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth mcp-api-key --namespace doctor-callers; then refer to it as `ASYA_MCP_API_KEY` in `env` of the chart `asya-gateway`
fail    P11 gateway in doctor-callers: tokens are not checked at all, for lack of ASYA_A2A_JWT_ISSUER and ASYA_A2A_JWT_AUDIENCE
            → set all of ASYA_A2A_JWT_JWKS_URL, _ISSUER and _AUDIENCE in `env` of the chart `asya-gateway`, or none
--- all of JWT
ok      C54 A2A of the gateway in doctor-callers: has no key, but JWT
warn    C54 MCP of the gateway in doctor-callers: everybody who reaches it may call it: `ASYA_MCP_API_KEY` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth mcp-api-key --namespace doctor-callers; then refer to it as `ASYA_MCP_API_KEY` in `env` of the chart `asya-gateway`
--- OAuth without a database
ok      C54 Secret doctor-callers/asya-gateway-auth: `a2a-api-key` is a key for A2A
ok      C54 MCP of the gateway in doctor-callers: has no key, but OAuth
fail    P11 gateway in doctor-callers: OAuth is on and the gateway does not start, for lack of ASYA_DATABASE_URL
            → set what is missing in the values of the chart `asya-gateway`, or ASYA_MCP_OAUTH_ENABLED to `false`
--- OAuth with a slash
ok      C54 Secret doctor-callers/asya-gateway-auth: `a2a-api-key` is a key for A2A
ok      C54 MCP of the gateway in doctor-callers: has no key, but OAuth
fail    P11 gateway in doctor-callers: `ASYA_MCP_OAUTH_ISSUER` ends with `/`, which makes addresses with `//`
            → take the `/` off in `env` of the chart `asya-gateway`
--- OAuth that is `True`
ok      C54 Secret doctor-callers/asya-gateway-auth: `a2a-api-key` is a key for A2A
warn    C54 MCP of the gateway in doctor-callers: everybody who reaches it may call it: `ASYA_MCP_API_KEY` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth mcp-api-key --namespace doctor-callers; then refer to it as `ASYA_MCP_API_KEY` in `env` of the chart `asya-gateway`
fail    P11 gateway in doctor-callers: OAuth is off: `ASYA_MCP_OAUTH_ENABLED` is `True`, and only `true` means yes
            → set ASYA_MCP_OAUTH_ENABLED to `true` in `env` of the chart `asya-gateway`
--- OAuth that is not on
ok      C54 Secret doctor-callers/asya-gateway-auth: `a2a-api-key` is a key for A2A
warn    C54 MCP of the gateway in doctor-callers: everybody who reaches it may call it: `ASYA_MCP_API_KEY` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth mcp-api-key --namespace doctor-callers; then refer to it as `ASYA_MCP_API_KEY` in `env` of the chart `asya-gateway`
fail    P11 gateway in doctor-callers: OAuth is off: `ASYA_MCP_OAUTH_ENABLED` is not set, while its other values are
            → set ASYA_MCP_OAUTH_ENABLED to `true` in `env` of the chart `asya-gateway`
--- OAuth that is on
ok      C54 Secret doctor-callers/asya-gateway-auth: `a2a-api-key` is a key for A2A
ok      C54 MCP of the gateway in doctor-callers: has no key, but OAuth
"#);
}

#[test]
fn variables_of_a_whole_secret_count() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-whole";
    let project = Project::new(server, namespace).transport("rabbitmq");
    environment(server, namespace, &[], &[]);
    secret(server, namespace, "keys", &[("A2A_API_KEY", KEY), ("MCP_API_KEY", &format!("{KEY}\n"))]);
    let from = json!([{"prefix": "ASYA_", "secretRef": {"name": "keys"}}]);
    let containers = json!([{"name": "gateway", "envFrom": from}]);
    let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}}).to_string();
    server.kubectl(&["-n", namespace, "patch", "deployment", "asya-gateway-api", "-p", &patch], None);
    insta::assert_snapshot!(said(&project, &["C54"]), @r#"
ok      C54 Secret doctor-whole/keys: `A2A_API_KEY` is a key for A2A
fail    C54 Secret doctor-whole/keys: `MCP_API_KEY` ends with a line break, which callers do not send
            → openssl rand -hex 32 | asya k secret set keys MCP_API_KEY --namespace doctor-whole
"#);
}

#[test]
fn queues_and_the_way_back() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-reach";
    let project = Project::new(server, namespace).transport("sqs");
    actor(server, namespace, "score", "sqs", None);
    compose(server, namespace, "score", 0);
    service(server, namespace, "asya-gateway-api", 80, "api");
    service(server, namespace, "asya-gateway-mesh", 80, "mesh");
    let mut shown = said(&project, &["C55", "C56", "C57"]);
    account(server, namespace, "default", ROLE, "arn:aws:iam::123456789012:role/gateway");
    shown.push_str(&said(&project, &["C55"]));
    for url in [
        "http://asya-gateway-mesh",
        "http://asya-gateway-mesh.doctor-reach.svc.cluster.local:80",
        "http://asya-gateway-mesh/mesh",
        "http://asya-gateway-mesh:8080",
        "http://asya-gateway-api",
        "http://asya-gateway.asya-system",
        "asya-gateway-mesh:80",
        "https://mesh.example.org",
    ] {
        let patch = json!({"spec": {"template": {"spec": {"containers": [
            {"name": "asya-sidecar", "env": [{"name": "ASYA_GATEWAY_URL", "value": url}]},
        ]}}}});
        server.kubectl(&["-n", namespace, "patch", "deployment", "score", "-p", &patch.to_string()], None);
        shown.push_str(&format!("--- {url}\n{}", said(&project, &["C57"])));
    }
    let google = Project::in_existing(server, namespace).transport("pubsub");
    server.kubectl(&["-n", namespace, "delete", "asyncactor", "--all"], None);
    account(server, namespace, "default", IDENTITY, "gateway@acme.iam.gserviceaccount.com");
    shown.push_str(&said(&google, &["C55"]));
    insta::assert_snapshot!(shown, @r#"
fail    C55 ServiceAccount doctor-reach/default: it acts as nobody: the gateway cannot send to queues
            → set `serviceAccount.annotations` with `eks.amazonaws.com/role-arn` in the values of the chart `asya-gateway`
ok      C56 gateway in doctor-reach: sends to queues of namespace `doctor-reach`
warn    C57 ASYA_GATEWAY_URL of actors in doctor-reach: it is not set: actors do not tell the gateway how far they are
            → set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path
ok      C55 ServiceAccount doctor-reach/default: acts as arn:aws:iam::123456789012:role/gateway
--- http://asya-gateway-mesh
ok      C57 ASYA_GATEWAY_URL of actors in doctor-reach: is Service doctor-reach/asya-gateway-mesh
--- http://asya-gateway-mesh.doctor-reach.svc.cluster.local:80
ok      C57 ASYA_GATEWAY_URL of actors in doctor-reach: is Service doctor-reach/asya-gateway-mesh
--- http://asya-gateway-mesh/mesh
fail    C57 ASYA_GATEWAY_URL of actors in doctor-reach: `http://asya-gateway-mesh/mesh` has a path
            → set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path
--- http://asya-gateway-mesh:8080
fail    C57 ASYA_GATEWAY_URL of actors in doctor-reach: Service doctor-reach/asya-gateway-mesh has no port 8080; it has 80
            → set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path
--- http://asya-gateway-api
fail    C57 ASYA_GATEWAY_URL of actors in doctor-reach: Service doctor-reach/asya-gateway-api leads to the half for agents (`api`), not to `mesh`
            → set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path
--- http://asya-gateway.asya-system
fail    C57 ASYA_GATEWAY_URL of actors in doctor-reach: it names Service asya-system/asya-gateway, which is missing
            → set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path
--- asya-gateway-mesh:80
fail    C57 ASYA_GATEWAY_URL of actors in doctor-reach: `asya-gateway-mesh:80` is no http:// address
            → set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path
--- https://mesh.example.org
unknown C57 ASYA_GATEWAY_URL of actors in doctor-reach: `https://mesh.example.org` is outside of the cluster
ok      C55 ServiceAccount doctor-reach/default: acts as gateway@acme.iam.gserviceaccount.com
"#);
}
