//! The whole way of a flow, as a person types it: compile, expose, apply, run, unexpose, apply.

use serde_json::Value;

use super::fixture::Project;
use super::server::server;

const FLOW: &str = r#"from handlers import clean, score


async def text_flow(p: dict) -> dict:
    """Cleans a text and scores it until it is good."""
    p["round"] = 0
    p = await clean(p)
    while p["round"] < 3:
        p["round"] += 1
        p = await score(p)
        if p["score"] >= 2:
            break
    return p
"#;

const HANDLERS: &str = r#"async def clean(p):
    return {**p, "text": p["text"].strip()}


async def score(p):
    return {**p, "score": p.get("score", 0) + 1}


def greet(p):
    return {**p, "greeting": "hello"}
"#;

/// A project that a person would have after `asya init`, with one flow compiled.
fn project<'a>(project: Project<'a>) -> Project<'a> {
    project.sandbox.write("handlers.py", HANDLERS);
    project.sandbox.write("src/flows/text_flow.py", FLOW);
    project.sandbox.ok(&["init", "--yes"]);
    let config = project.sandbox.read(".asya/config.yaml");
    project.sandbox.write(".asya/config.yaml", &format!("{config}compiler:\n  image_registry: reg.example/team\n"));
    project.sandbox.ok(&["compile", "text-flow", "-f", "src/flows/text_flow.py"]);
    project
}

/// Without the hash of what a router does, which changes with every improvement of the compiler.
fn without_hash(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("-router-") {
        let (before, after) = rest.split_at(at + "-router-".len());
        out.push_str(before);
        out.push_str("HASH");
        rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    out + rest
}

#[test]
fn from_python_to_a_registered_tool_and_back() {
    let Some(server) = server() else { return };
    let project = project(Project::new(server, "main-job"));
    let gateway = project.gateway_deployment()["spec"].clone();

    project.sandbox.ok(&["expose", "text-flow", "-d", "Analyze text", "--mcp", "--a2a", "--context", "dev"]);
    insta::assert_snapshot!(without_hash(&project.run(&["k", "apply", "text-flow", "--context", "dev"]).show()), @r#"
exit: 0
--- stdout
text-flow: 5 created; registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/main-job (5 objects)
  plan: create 5, register with gateway asya-gateway-api
  created   ConfigMap main-job/text-flow-router-HASH
  created   ConfigMap main-job/asya-flow-text-flow-config
  created   AsyncActor main-job/clean
  created   AsyncActor main-job/score
  created   AsyncActor main-job/start-text-flow
  changed   Deployment main-job/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n main-job rollout status deployment/asya-gateway-api
"#);
    let start = server.get("asyncactor", "main-job", "start-text-flow").expect("the router");
    let mounted = start["spec"]["volumes"][0]["configMap"]["name"].as_str().expect("a ConfigMap").to_owned();
    let code = server.get("configmap", "main-job", &mounted).expect("the router's code");
    assert_eq!(code["data"]["router.py"], Value::from(project.sandbox.read("compiled/text-flow/code/router.py")));
    assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-text-flow-config"]);

    let before = server.versions("main-job");
    insta::assert_snapshot!(without_hash(&project.run(&["k", "apply", "text-flow", "--context", "dev"]).show()), @r#"
exit: 0
--- stdout
text-flow: 5 unchanged; still registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/main-job (5 objects)
  unchanged ConfigMap main-job/text-flow-router-HASH
  unchanged ConfigMap main-job/asya-flow-text-flow-config
  unchanged AsyncActor main-job/clean
  unchanged AsyncActor main-job/score
  unchanged AsyncActor main-job/start-text-flow
  unchanged Deployment main-job/asya-gateway-api
"#);
    assert_eq!(server.versions("main-job"), before, "the second apply writes nothing");

    let ran = project.sandbox.ok(&["run", "text-flow", "--context", "dev", "--payload", r#"{"text": "  hi "}"#]);
    insta::assert_snapshot!(ran.stdout, @r#"
{
  "text": "hi",
  "round": 2,
  "score": 2
}
"#);

    project.sandbox.ok(&["unexpose", "text-flow", "--context", "dev"]);
    insta::assert_snapshot!(without_hash(&project.run(&["k", "apply", "text-flow", "--context", "dev"]).show()), @r#"
exit: 0
--- stdout
text-flow: 4 unchanged, 1 removed; taken out of gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/main-job (4 objects)
  plan: take out of gateway asya-gateway-api
  changed   Deployment main-job/asya-gateway-api
  removed   ConfigMap main-job/asya-flow-text-flow-config
  unchanged ConfigMap main-job/text-flow-router-HASH
  unchanged AsyncActor main-job/clean
  unchanged AsyncActor main-job/score
  unchanged AsyncActor main-job/start-text-flow
  the gateway replaces its pods; to wait for it: kubectl --context test -n main-job rollout status deployment/asya-gateway-api
"#);
    assert_eq!(project.gateway_deployment()["spec"], gateway, "the gateway's pods are described as before");
    assert!(server.get("configmap", "main-job", "asya-flow-text-flow-config").is_none());
}

#[test]
fn two_flows_may_call_the_same_actor() {
    let Some(server) = server() else { return };
    let project = project(Project::new(server, "shared-actor"));
    let flow = "from handlers import clean, greet\n\n\nasync def greeting(p: dict) -> dict:\n    p = await clean(p)\n    p[\"x\"] = 1\n    p = greet(p)\n    return p\n";
    project.sandbox.write("greeting.py", flow);
    project.sandbox.ok(&["compile", "greeting", "-f", "greeting.py"]);
    project.apply("text-flow");
    insta::assert_snapshot!(without_hash(&project.show_apply("greeting")), @r#"
exit: 0
--- stdout
greeting: 3 created, 1 changed; not exposed
--- stderr
apply greeting → dev: test/shared-actor (4 objects)
  AsyncActor shared-actor/clean is shared with flow `text-flow`
  plan: create 3, change 1
  created   ConfigMap shared-actor/greeting-router-HASH
  changed   AsyncActor shared-actor/clean
  created   AsyncActor shared-actor/greet
  created   AsyncActor shared-actor/start-greeting
"#);
    let shared = server.get("asyncactor", "shared-actor", "clean").expect("the actor");
    assert_eq!(shared["metadata"]["labels"]["asya.sh/flow"], "text-flow", "the first flow keeps its label");
    let before = server.versions("shared-actor");
    for flow in ["text-flow", "greeting"] {
        project.apply(flow);
    }
    assert_eq!(server.versions("shared-actor"), before, "applying either flow again writes nothing");
}
