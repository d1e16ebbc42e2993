//! Checks of how the gateway is deployed: modes, flows, callers, addresses, and ways to its half for
//! actors.

use serde_json::{Value, json};

use super::super::fixture::Project;
use super::super::mesh_platform::{actor, platform};
use super::super::platform::compose;
use super::super::server::{Server, server};
use super::gateway::{environment, service};
use super::said;

/// Sets the mode of one Deployment of the gateway; `None` takes it away.
fn mode(server: &Server, namespace: &str, half: &str, mode: Option<&str>) {
    let word = mode.map_or("ASYA_GATEWAY_MODE-".to_owned(), |mode| format!("ASYA_GATEWAY_MODE={mode}"));
    let deployment = format!("deployment/{half}");
    server.kubectl(&["-n", namespace, "set", "env", &deployment, "-c", "gateway", &word], None);
}

#[test]
fn modes_of_the_halves() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-modes";
    let project = Project::new(server, namespace).transport("rabbitmq");
    let mut shown = said(&project, &["G1"]);
    for (title, api, mesh) in [
        ("none", None, Some("mesh")),
        ("another word", Some("API"), Some("Mesh")),
        ("testing", Some("testing"), Some("mesh")),
    ] {
        mode(server, namespace, "asya-gateway-api", api);
        mode(server, namespace, "asya-gateway-mesh", mesh);
        shown.push_str(&format!("--- {title}\n{}", said(&project, &["G1"])));
    }
    insta::assert_snapshot!(shown, @r#"
ok      G1  Deployment doctor-modes/asya-gateway-api: serves `api`
ok      G1  Deployment doctor-modes/asya-gateway-mesh: serves `mesh`
--- none
fail    G1  Deployment doctor-modes/asya-gateway-api: `ASYA_GATEWAY_MODE` is not set: its pods end at once
            → kubectl -n doctor-modes set env deployment/asya-gateway-api ASYA_GATEWAY_MODE=api
ok      G1  Deployment doctor-modes/asya-gateway-mesh: serves `mesh`
--- another word
fail    G1  Deployment doctor-modes/asya-gateway-api: `ASYA_GATEWAY_MODE` is `API`, which is none of `api`, `mesh` and `testing`: its pods end at once
            → kubectl -n doctor-modes set env deployment/asya-gateway-api ASYA_GATEWAY_MODE=api
fail    G1  Deployment doctor-modes/asya-gateway-mesh: `ASYA_GATEWAY_MODE` is `Mesh`, which is none of `api`, `mesh` and `testing`: its pods end at once
            → kubectl -n doctor-modes set env deployment/asya-gateway-mesh ASYA_GATEWAY_MODE=mesh
--- testing
warn    G1  Deployment doctor-modes/asya-gateway-api: `ASYA_GATEWAY_MODE` is `testing`: whoever reaches it may also act as an actor, without a key
            → give agents a gateway with `api` and actors one with `mesh`; both share one database
ok      G1  Deployment doctor-modes/asya-gateway-mesh: serves `mesh`
"#);
}

#[test]
fn flows_of_the_halves() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-sources";
    let project = Project::new(server, namespace).transport("rabbitmq");
    assert_eq!(said(&project, &["G2"]), "", "one half alone mounts flows");
    let mount = |sources: &[&str]| {
        let sources: Vec<Value> =
            sources.iter().map(|name| json!({"configMap": {"name": name, "optional": true}})).collect();
        let patch = json!({"spec": {"template": {"spec": {"volumes": [
            {"name": "gateway-flows", "projected": {"sources": sources}},
        ]}}}});
        let args = ["-n", namespace, "patch", "deployment", "asya-gateway-mesh", "-p", &patch.to_string()];
        server.kubectl(&args, None);
    };
    mount(&["asya-gateway-flows"]);
    let mut shown = said(&project, &["G2"]);
    mount(&["asya-gateway-flows", "asya-flow-other-config"]);
    shown.push_str(&said(&project, &["G2"]));
    insta::assert_snapshot!(shown, @r#"
ok      G2  flows of asya-gateway-api and asya-gateway-mesh in doctor-sources: come from the same ConfigMaps
warn    G2  flows of asya-gateway-api and asya-gateway-mesh in doctor-sources: do not come from the same ConfigMaps: `asya-flow-other-config` (asya-gateway-mesh alone)
            → asya gateway values | helm upgrade RELEASE CHART --reuse-values -f -, so that the chart gives all of them to both
"#);
}

#[test]
fn two_ways_to_prove_who_one_is() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-two-ways";
    let project = Project::new(server, namespace).transport("rabbitmq");
    let oauth = [
        ("ASYA_MCP_OAUTH_ENABLED", "true"),
        ("ASYA_MCP_OAUTH_ISSUER", "https://example.org"),
        ("ASYA_MCP_OAUTH_SECRET", "open-sesame-open-sesame"),
        ("ASYA_DATABASE_URL", "postgres://db"),
    ];
    let (key, token) = (
        ("ASYA_MCP_API_KEY", "open-sesame-open-sesame"),
        ("ASYA_MCP_OAUTH_REGISTRATION_TOKEN", "open-sesame-open-sesame"),
    );
    let mut shown = String::new();
    for (title, more) in
        [("a key alone", &[key][..]), ("OAuth alone", &[token]), ("both", &[key, token]), ("open", &[])]
    {
        let variables = if title == "a key alone" { vec![key] } else { [&oauth[..], more].concat() };
        environment(server, namespace, &variables, &[]);
        shown.push_str(&format!("--- {title}\n{}", said(&project, &["G5"])));
    }
    insta::assert_snapshot!(shown, @r#"
--- a key alone
--- OAuth alone
ok      G5  MCP of the gateway in doctor-two-ways: callers have OAuth alone, and need a token to register
--- both
warn    G5  MCP of the gateway in doctor-two-ways: OAuth and `ASYA_MCP_API_KEY` are both set: the key alone is enough, and nobody can take it from one caller
            → take `ASYA_MCP_API_KEY` out of `env` of the chart `asya-gateway`, or set ASYA_MCP_OAUTH_ENABLED to `false`
--- open
warn    G5  MCP of the gateway in doctor-two-ways: anybody may register as a client: `ASYA_MCP_OAUTH_REGISTRATION_TOKEN` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth registration-token --namespace doctor-two-ways; then refer to it as `ASYA_MCP_OAUTH_REGISTRATION_TOKEN` in `env` of the chart `asya-gateway`
"#);
}

#[test]
fn the_address_on_the_card() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-address";
    let project = Project::new(server, namespace).transport("rabbitmq");
    let flows = |text: &str| {
        let patch = json!({"data": {"flows.yaml": text}}).to_string();
        let args = ["-n", namespace, "patch", "configmap", "asya-gateway-flows", "--type=merge", "-p", &patch];
        server.kubectl(&args, None);
    };
    flows("flows: [{name: a, entrypoint: x, mcp: {}}]\n");
    let mut shown = format!("--- no skill\n{}", said(&project, &["G6"]));
    flows("flows: [{name: a, entrypoint: x, a2a: {}}]\n");
    shown.push_str(&format!("--- none\n{}", said(&project, &["G6"])));
    for url in ["agents.example.org", "http://asya-gateway.asya-system.svc:8080", "https://agents.example.org"] {
        let word = format!("ASYA_A2A_PUBLIC_URL={url}");
        server.kubectl(&["-n", namespace, "set", "env", "deployment/asya-gateway-api", "-c", "gateway", &word], None);
        shown.push_str(&format!("--- {url}\n{}", said(&project, &["G6"])));
    }
    insta::assert_snapshot!(shown, @r#"
--- no skill
--- none
warn    G6  agent card of the gateway in doctor-address: it names no address, for `ASYA_A2A_PUBLIC_URL` is not set: agents that go by the card cannot call
            → set `ASYA_A2A_PUBLIC_URL` to https://HOST, as agents reach it, in `env` of the chart `asya-gateway`
--- agents.example.org
fail    G6  agent card of the gateway in doctor-address: `ASYA_A2A_PUBLIC_URL` is `agents.example.org`, which is no http:// or https:// address
            → set `ASYA_A2A_PUBLIC_URL` to https://HOST, as agents reach it, in `env` of the chart `asya-gateway`
--- http://asya-gateway.asya-system.svc:8080
warn    G6  agent card of the gateway in doctor-address: it names http://asya-gateway.asya-system.svc:8080, which only this cluster or machine reaches
            → set `ASYA_A2A_PUBLIC_URL` to https://HOST, as agents reach it, in `env` of the chart `asya-gateway`
--- https://agents.example.org
ok      G6  agent card of the gateway in doctor-address: names https://agents.example.org
"#);
}

fn ingress(name: &str, namespace: &str, service: &str) -> String {
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": name, "namespace": namespace},
        "spec": {"rules": [{"http": {"paths": [{
            "path": "/", "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"number": 80}}},
        }]}}]},
    })
    .to_string()
}

#[test]
fn ways_into_the_half_for_actors_from_outside() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-outside";
    let project = Project::new(server, namespace).transport("rabbitmq");
    service(server, namespace, "agents", 80, "api");
    service(server, namespace, "mesh", 80, "mesh");
    server.apply(&ingress("agents", namespace, "agents"));
    let mut shown = format!("--- agents alone\n{}", said(&project, &["G3"]));
    server.apply(&ingress("everything", namespace, "mesh"));
    shown.push_str(&format!("--- an Ingress\n{}", said(&project, &["G3"])));
    server.kubectl(&["-n", namespace, "delete", "ingress", "everything"], None);
    let patch = r#"{"spec":{"type":"NodePort"}}"#;
    server.kubectl(&["-n", namespace, "patch", "service", "mesh", "-p", patch], None);
    shown.push_str(&format!("--- a NodePort\n{}", said(&project, &["G3"])));
    // A Service of both halves is one of the half for actors.
    let both = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "agents", "namespace": namespace},
        "spec": {"selector": {"app.kubernetes.io/name": "asya-gateway", "app.kubernetes.io/component": null}},
    });
    server.kubectl(&["-n", namespace, "patch", "service", "mesh", "-p", r#"{"spec":{"type":"ClusterIP"}}"#], None);
    server.kubectl(&["-n", namespace, "patch", "service", "agents", "--type=merge", "-p", &both.to_string()], None);
    shown.push_str(&format!("--- a Service of both\n{}", said(&project, &["G3"])));
    insta::assert_snapshot!(shown, @r#"
--- agents alone
ok      G3  way into the mesh half in doctor-outside: is inside the cluster alone
--- an Ingress
fail    G3  Ingress doctor-outside/everything: it leads to Service mesh, the half for actors, which asks nobody for a key
            → let it lead to the Service of the half for agents, or: kubectl -n doctor-outside delete ingresses.networking.k8s.io everything
--- a NodePort
fail    G3  Service doctor-outside/mesh: it is of type NodePort, and leads to the half for actors, which asks nobody for a key
            → set the type of the mesh Service to ClusterIP in the values of the chart; now: kubectl -n doctor-outside patch service mesh -p '{"spec":{"type":"ClusterIP"}}'
--- a Service of both
fail    G3  Ingress doctor-outside/agents: it leads to Service agents, the half for actors, which asks nobody for a key
            → let it lead to the Service of the half for agents, or: kubectl -n doctor-outside delete ingresses.networking.k8s.io agents
"#);
}

#[test]
fn policies_before_the_half_for_actors() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-policies";
    let project = Project::new(server, namespace).transport("rabbitmq");
    actor(server, namespace, "score", "rabbitmq", None);
    compose(server, namespace, "score", 0);
    let policy = |labels: Value, ingress: Value| {
        let policy = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "mesh", "namespace": namespace},
            "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"], "ingress": ingress},
        });
        server.apply(&policy.to_string());
        said(&project, &["G4"])
    };
    let mesh = json!({"app.kubernetes.io/component": "mesh"});
    let from = |selector: Value| json!([{"from": [{"podSelector": selector}], "ports": [{"port": 8080}]}]);
    let any_actor = json!({"matchExpressions": [{"key": "asya.sh/actor", "operator": "Exists"}]});
    let elsewhere = json!([{"from": [{"namespaceSelector": {"matchLabels": {"team": "b"}}, "podSelector": {}}]}]);
    let mut shown = format!("--- none\n{}", said(&project, &["G4"]));
    for (title, labels, ingress) in [
        ("as examples have it", json!({"app": "asya-gateway-mesh"}), from(any_actor.clone())),
        ("nobody", mesh.clone(), json!([])),
        ("other labels", mesh.clone(), from(json!({"matchLabels": {"asya.sh/component": "actor"}}))),
        ("another namespace", mesh.clone(), elsewhere),
        ("another port", mesh.clone(), json!([{"ports": [{"port": 9090}]}])),
        ("ports and actors", mesh.clone(), from(any_actor)),
        ("everybody", mesh, json!([{}])),
    ] {
        shown.push_str(&format!("--- {title}\n{}", policy(labels, ingress)));
    }
    insta::assert_snapshot!(shown, @r#"
--- none
--- as examples have it
warn    G4  NetworkPolicy doctor-policies/mesh: it protects nothing: no pod of asya-gateway-mesh has the labels it is for
            → give it the labels of kubectl -n doctor-policies get deployment asya-gateway-mesh -o jsonpath='{.spec.selector.matchLabels}'
--- nobody
fail    G4  NetworkPolicy doctor-policies/mesh: it keeps 1 actor from asya-gateway-mesh, among them score: their tasks never get on
            → let in what has the label `asya.sh/actor`: kubectl -n doctor-policies edit networkpolicy mesh
--- other labels
fail    G4  NetworkPolicy doctor-policies/mesh: it keeps 1 actor from asya-gateway-mesh, among them score: their tasks never get on
            → let in what has the label `asya.sh/actor`: kubectl -n doctor-policies edit networkpolicy mesh
--- another namespace
fail    G4  NetworkPolicy doctor-policies/mesh: it keeps 1 actor from asya-gateway-mesh, among them score: their tasks never get on
            → let in what has the label `asya.sh/actor`: kubectl -n doctor-policies edit networkpolicy mesh
--- another port
fail    G4  NetworkPolicy doctor-policies/mesh: it keeps 1 actor from asya-gateway-mesh, among them score: their tasks never get on
            → let in what has the label `asya.sh/actor`: kubectl -n doctor-policies edit networkpolicy mesh
--- ports and actors
ok      G4  NetworkPolicy doctor-policies/mesh: lets actors reach asya-gateway-mesh
--- everybody
ok      G4  NetworkPolicy doctor-policies/mesh: lets actors reach asya-gateway-mesh
"#);
}
