//! Several `asya` processes that change one flow at once: no edit is lost, whoever comes first.

use std::process::{Child, Stdio};

use serde_json::Value;

use crate::sandbox::Sandbox;

/// A flow that is exposed as a tool and a skill, with two environments.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "# mine\ncontexts:\n  dev: {}\n  prod: {}\ncompiler: {image_registry: reg.example}\nbuild: []\n",
    );
    sandbox.ok(&["init", "--yes"]);
    sandbox.write("shop.py", "def clean(p): return p\ndef detect(p): return p\n");
    sandbox.write(
        "flow.py",
        "import shop\n\ndef text_flow(p: dict) -> dict:\n    p = shop.clean(p)\n    p = shop.detect(p)\n    return p\n",
    );
    sandbox.ok(&["compile", "text-flow", "-f", "flow.py"]);
    sandbox.ok(&["expose", "text-flow", "-d", "first", "--mcp", "--a2a"]);
    sandbox
}

fn start(sandbox: &Sandbox, command: &str) -> Child {
    let args: Vec<&str> = command.split(' ').collect();
    sandbox.command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn actor(sandbox: &Sandbox, context: &str, name: &str) -> Value {
    let shown = sandbox.ok(&["render", "text-flow", "--context", context, "--actor", name, "-o", "json"]).stdout;
    serde_json::from_str::<Value>(&shown).unwrap()["objects"][0]["spec"].clone()
}

fn entry(sandbox: &Sandbox, layer: &str) -> String {
    sandbox.read(&format!("compiled/text-flow/manifests/{layer}/flow-expose.yaml"))
}

#[test]
fn of_many_edits_of_one_flow_none_is_lost() {
    let sandbox = project();
    for round in 0..4 {
        let commands = [
            format!("patch text-flow -a clean env.A={round}"),
            format!("patch text-flow -a clean env.B={round}"),
            format!("patch text-flow -a clean scaling.max={} --context dev", round + 3),
            format!("patch text-flow -a clean env.D={round} --context dev"),
            format!("patch text-flow -a detect resources.limits.cpu={} --context dev", round + 1),
            format!("images text-flow --set reg.example/clean=mine:{round}"),
            format!("images text-flow --set reg.example/detect=theirs:{round} --context dev"),
            format!("patch text-flow --gateway timeout={}", round + 60),
            format!("patch text-flow --gateway tags=a,b{round}"),
            format!("patch text-flow --gateway description=now{round}"),
            format!("expose text-flow --context prod -d prod{round}"),
            format!("config set templates.x v{round}"),
            format!("config set contexts.dev.gateway_url http://{round}"),
            format!("config set --add build {{\"module\":\"m{round}\",\"image\":\"i{round}\"}}"),
        ];
        let started: Vec<(&String, Child)> = commands.iter().map(|it| (it, start(&sandbox, it))).collect();
        for (command, child) in started {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let clean = actor(&sandbox, "dev", "clean");
        let mut env: Vec<String> =
            clean["env"].as_array().unwrap().iter().map(|it| format!("{}={}", it["name"], it["value"])).collect();
        env.sort();
        assert_eq!(env, ["A", "B", "D"].map(|name| format!("\"{name}\"=\"{round}\"")));
        assert_eq!(clean["scaling"]["maxReplicaCount"], round + 3);
        assert_eq!(clean["image"], format!("mine:{round}"));
        let detect = actor(&sandbox, "dev", "detect");
        assert_eq!(detect["resources"]["limits"]["cpu"], (round + 1).to_string());
        assert_eq!(detect["image"], format!("theirs:{round}"));
        assert_eq!(actor(&sandbox, "prod", "clean")["env"].as_array().unwrap().len(), 2);
        let common = entry(&sandbox, "common");
        for part in [format!("timeout: {}", round + 60), format!("- b{round}"), format!("description: now{round}")] {
            assert!(common.contains(&part), "{part} is lost: {common}");
        }
        assert!(entry(&sandbox, "overlays/prod").contains(&format!("description: prod{round}")));
        let config = sandbox.read(".asya/config.yaml");
        for part in [format!("x: v{round}"), format!("gateway_url: http://{round}"), format!("module: m{round}")] {
            assert!(config.contains(&part), "{part} is lost: {config}");
        }
        assert!(config.starts_with("# mine\n"), "{config}");
    }
    // Entries stand once, whoever added them.
    let overlay = sandbox.read("compiled/text-flow/manifests/overlays/dev/kustomization.yaml");
    for part in ["patch-clean.yaml", "patch-clean.lists.yaml", "patch-detect.yaml", "newName: theirs"] {
        assert_eq!(overlay.matches(part).count(), 1, "{overlay}");
    }
    assert!(!sandbox.tree().iter().any(|(path, _)| path.contains(".asya-tmp")));
}

/// Taking back and giving anew at once ends in one of the two, whole.
#[test]
fn opposite_edits_leave_one_of_the_two() {
    let sandbox = project();
    for _ in 0..4 {
        let commands = [
            "unexpose text-flow",
            "expose text-flow -d again",
            "patch text-flow -a clean env.A=1",
            "patch text-flow -a clean --clear",
            "compile text-flow",
            "images text-flow --set reg.example/clean=mine:1",
        ];
        let started: Vec<Child> = commands.iter().map(|it| start(&sandbox, it)).collect();
        for (child, command) in started.into_iter().zip(commands) {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let kustomization = sandbox.read("compiled/text-flow/manifests/common/kustomization.yaml");
        let is_there = |file: &str| sandbox.exists(&format!("compiled/text-flow/manifests/common/{file}"));
        assert_eq!(kustomization.contains("flow-expose.yaml"), is_there("flow-expose.yaml"), "{kustomization}");
        assert_eq!(kustomization.contains("patch-clean.lists"), is_there("patch-clean.lists.yaml"), "{kustomization}");
        assert_eq!(kustomization.matches("flow-expose").count(), usize::from(is_there("flow-expose.yaml")));
        assert!(kustomization.contains("newName: mine"), "{kustomization}");
        sandbox.ok(&["render", "text-flow", "--context", "dev"]);
    }
}
