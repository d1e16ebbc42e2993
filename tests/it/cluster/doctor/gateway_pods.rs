//! Checks of the gateway's pods and halves, and of the files it mounts.

use serde_json::{Value, json};

use super::super::fixture::{Project, gateway, split_gateway};
use super::super::mesh_platform::{actor, platform};
use super::super::platform::{Log, compose};
use super::super::server::server;
use super::said;

/// As the platform's guide has it: the same chart installed twice, for agents and for actors.
#[test]
fn two_releases_are_two_halves() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-releases";
    let project = Project::without_gateway(server, namespace).transport("rabbitmq");
    let mut chart: Value = serde_json::from_str(&gateway(namespace, "asya-gateway")).expect("JSON");
    for (at, release) in ["asya-gateway", "asya-gateway-mesh"].iter().enumerate() {
        let deployment = &mut chart["items"][at];
        deployment["metadata"]["name"] = json!(release);
        let labels = json!({"app.kubernetes.io/name": "asya-gateway", "app.kubernetes.io/instance": release});
        deployment["metadata"]["labels"] = labels.clone();
        deployment["spec"]["selector"]["matchLabels"] = labels.clone();
        deployment["spec"]["template"]["metadata"]["labels"] = labels.clone();
        let ports = json!([{"port": 8080}]);
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": release, "namespace": namespace},
            "spec": {"selector": labels, "ports": ports},
        });
        server.apply(&service.to_string());
    }
    server.apply(&chart.to_string());
    actor(server, namespace, "score", "rabbitmq", None);
    compose(server, namespace, "score", 0);
    let mut shown = said(&project, &["C50", "C53"]);
    for host in ["asya-gateway", "asya-gateway-mesh"] {
        let url = format!("http://{host}.{namespace}.svc.cluster.local:8080");
        let patch = json!({"spec": {"template": {"spec": {"containers": [
            {"name": "asya-sidecar", "env": [{"name": "ASYA_GATEWAY_URL", "value": url}]},
        ]}}}});
        server.kubectl(&["-n", namespace, "patch", "deployment", "score", "-p", &patch.to_string()], None);
        shown.push_str(&said(&project, &["C57"]));
    }
    insta::assert_snapshot!(shown, @r#"
fail    C53 gateway in doctor-releases: it has no database, and its two halves share nothing else: results never reach agents
            → set `externalDatabase` in the values of the chart `asya-gateway`
fail    C57 ASYA_GATEWAY_URL of actors in doctor-releases: Service doctor-releases/asya-gateway leads to the half for agents (`api`), not to `mesh`
            → set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path
ok      C57 ASYA_GATEWAY_URL of actors in doctor-releases: is Service doctor-releases/asya-gateway-mesh
"#);
}

#[test]
fn pods_of_the_gateway_that_crash() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let _turn = platform(server);
    let namespace = "doctor-crash";
    let project = Project::new(server, namespace).transport("rabbitmq");
    let mut pods = Vec::new();
    server.wait_until("the gateway's pods run", || {
        let fields = "--field-selector=status.phase=Running";
        let names =
            server.kubectl(&["-n", namespace, "get", "pods", fields, "-o", "name", "--sort-by=.metadata.name"], None);
        pods = names.lines().map(|line| line.trim_start_matches("pod/").to_owned()).collect();
        pods.len() == 2
    });
    let mut shown = said(&project, &["C42"]);
    let crash = json!({"status": {"containerStatuses": [{
        "name": "gateway", "image": "x", "imageID": "", "ready": false, "restartCount": 3,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
    }]}})
    .to_string();
    for line in [
        "level=ERROR msg=\"Invalid ASYA_GATEWAY_MODE\"",
        "failed to connect: FATAL: password authentication failed for user \"asya\"",
        "level=ERROR msg=\"OAuth 2.1 requires PostgreSQL\"",
    ] {
        let args = ["-n", namespace, "patch", "pod", &pods[0], "--subresource=status", "--type=merge", "-p", &crash];
        server.kubectl(&args, None);
        let log = Log::of(server, namespace, &pods[0], &[("gateway", true)]).remove(0);
        log.line("2026-01-01T00:00:00Z", line);
        let said = said(&project, &["C42", "P4", "P11"]).replace(&pods[0], "[POD]");
        shown.push_str(&format!("--- {line}\n{said}"));
    }
    insta::assert_snapshot!(shown, @r#"
ok      C42 pods of namespace doctor-crash: none of 0 is stuck
ok      C42 pods of the gateway in doctor-crash: none of 2 is stuck
--- level=ERROR msg="Invalid ASYA_GATEWAY_MODE"
ok      C42 pods of namespace doctor-crash: none of 0 is stuck
fail    C42 Pod doctor-crash/[POD]: container gateway: CrashLoopBackOff: it ends with exit code 1
            → kubectl -n doctor-crash logs [POD] -c gateway --previous
--- failed to connect: FATAL: password authentication failed for user "asya"
ok      C42 pods of namespace doctor-crash: none of 0 is stuck
fail    P4  Pod doctor-crash/[POD]: the database refuses the password: it keeps the one it was first started with
            → in the database's pod: ALTER USER asya WITH PASSWORD '…'
--- level=ERROR msg="OAuth 2.1 requires PostgreSQL"
ok      C42 pods of namespace doctor-crash: none of 0 is stuck
fail    P11 Pod doctor-crash/[POD]: it ends because OAuth is on and it has no database
            → set `externalDatabase` in the values of the chart `asya-gateway`, or switch OAuth off
"#);
}

#[test]
fn one_deployment_with_adapters() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-split";
    let project = Project::without_gateway(server, namespace).transport("rabbitmq");
    server.apply(&split_gateway(namespace, "asya-gateway"));
    insta::assert_snapshot!(said(&project, &["C50", "C51", "C53", "C54", "P11"]), @r#"
skip    C53 gateway in doctor-split: this generation keeps tasks in a store of its own
warn    C54 A2A of the gateway in doctor-split: everybody who reaches it may call it: `ASYA_A2A_API_KEY` is not set
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth a2a-api-key --namespace doctor-split; then refer to it as `ASYA_A2A_API_KEY` in `env` of the chart `asya-gateway`
warn    C54 MCP of the gateway in doctor-split: everybody who reaches it may call it: this generation asks nobody for a key
            → keep its Service inside the cluster, or put a gateway that asks in front of it
"#);
}

#[test]
fn files_of_flows() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-files";
    let project = Project::new(server, namespace).transport("rabbitmq");
    let put = |text: &str| {
        let patch = json!({"data": {"flows.yaml": text}}).to_string();
        let args = ["-n", namespace, "patch", "configmap", "asya-gateway-flows", "--type=merge", "-p", &patch];
        server.kubectl(&args, None);
    };
    put("flows: [{name: a, entrypoint: x}]\n");
    let mut shown = said(&project, &["C58"]);
    put("flows: [{name: a}]\n");
    shown.push_str(&said(&project, &["C58"]));
    put("flows: [{name: a, entrypoint: x}]\n");
    let source = json!([{"op": "add", "path": "/spec/template/spec/volumes/1/projected/sources/-",
        "value": {"configMap": {"name": "gone", "optional": true}}}])
    .to_string();
    let args = ["-n", namespace, "patch", "deployment", "asya-gateway-api", "--type=json", "-p", &source];
    server.kubectl(&args, None);
    shown.push_str(&said(&project, &["C58"]));
    insta::assert_snapshot!(shown, @r#"
ok      C58 flows of the gateway in doctor-files: all 1 can be read
fail    C58 ConfigMap doctor-files/asya-gateway-flows: the gateway refuses `flows.yaml`, and with it every flow: flow `a`: entrypoint is required
            → kubectl -n doctor-files edit configmap asya-gateway-flows; or take it out of volume gateway-flows of the gateway
warn    C58 ConfigMap doctor-files/gone: the gateway is told to mount it, and it is missing: its flow is invisible
            → apply its flow again, or asya k delete FLOW to take it out of the gateway
"#);
}
