//! A project with a compiled flow, and the objects of a gateway's chart.

use serde_json::{Value, json};

use super::server::Server;
use crate::sandbox::{Outcome, Sandbox};

/// A project on disk whose context `dev` means a namespace of its own on the server.
pub struct Project<'a> {
    pub server: &'a Server,
    pub sandbox: Sandbox,
    pub namespace: String,
    pub gateway_namespace: String,
    settings: String,
    transport: &'static str,
    asks: bool,
    generation: &'static str,
}

impl<'a> Project<'a> {
    /// A project for the namespace `name`, which is made, gateway included.
    pub fn new(server: &'a Server, name: &str) -> Self {
        let project = Self::without_gateway(server, name);
        server.apply(&gateway(name, "asya-gateway"));
        project
    }

    /// As [`Project::new`], without a gateway.
    pub fn without_gateway(server: &'a Server, name: &str) -> Self {
        server.namespace(name);
        Self::in_existing(server, name)
    }

    /// A project for a namespace that is there already, or is not to be there.
    pub fn in_existing(server: &'a Server, name: &str) -> Self {
        let mut sandbox = Sandbox::new();
        std::fs::write(sandbox.root().join("kubeconfig"), server.admin()).expect("a kubeconfig");
        let path = sandbox.root().join("kubeconfig").display().to_string();
        sandbox.set("KUBECONFIG", path);
        let project = Self {
            server,
            sandbox,
            namespace: name.to_owned(),
            gateway_namespace: name.to_owned(),
            settings: String::new(),
            transport: "sqs",
            asks: false,
            generation: "C2",
        };
        project.write_config();
        project
    }

    /// Waits for the gateway and asks it, as users do. Others leave it: it takes time, and pods of
    /// the node answer on no port.
    pub fn asking(mut self) -> Self {
        self.asks = true;
        self
    }

    /// Sets the generation the project is written for.
    pub fn generation(mut self, generation: &'static str) -> Self {
        self.generation = generation;
        self.write_config();
        self
    }

    /// Sets the message queue.
    pub fn transport(mut self, transport: &'static str) -> Self {
        self.transport = transport;
        self.write_config();
        self
    }

    /// Adds a line to the context.
    pub fn context(mut self, line: &str) -> Self {
        self.settings.push_str(&format!("    {line}\n"));
        self.write_config();
        self
    }

    /// Puts the gateway into a namespace of its own.
    pub fn gateway_in(mut self, namespace: &str) -> Self {
        self.gateway_namespace = namespace.to_owned();
        self.context(&format!("gateway_namespace: {namespace}"))
    }

    fn write_config(&self) {
        let Self { namespace, settings, generation, transport, .. } = self;
        self.sandbox.write(
            ".asya/config.yaml",
            &format!(
                "default_context: dev\nplatform: {{generation: {generation}, transport: {transport}}}\ncontexts:\n  \
                 dev:\n    namespace: {namespace}\n{settings}"
            ),
        );
    }

    /// Uses another kubeconfig from now on.
    pub fn kubeconfig(&self, text: &str) {
        std::fs::write(self.sandbox.root().join("kubeconfig"), text).expect("a kubeconfig");
    }

    /// Writes what the flow is rendered to in context `dev`.
    pub fn render(&self, flow: &str, objects: &[Value]) {
        let function = flow.replace('-', "_");
        self.sandbox.write(&format!(".asya/flows/{flow}.yaml"), &format!("source: flow.py\nfunction: {function}\n"));
        let overlay = format!("compiled/{flow}/manifests/overlays/dev");
        let files: Vec<String> = (0..objects.len()).map(|at| format!("object-{at}.yaml")).collect();
        for (file, object) in files.iter().zip(objects) {
            self.sandbox.write(&format!("{overlay}/{file}"), &serde_json::to_string_pretty(object).expect("JSON"));
        }
        let kustomization = json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": files,
        });
        self.sandbox.write(&format!("{overlay}/kustomization.yaml"), &kustomization.to_string());
    }

    /// Runs the binary; what it shows has nothing in it that differs from run to run.
    pub fn run(&self, args: &[&str]) -> Outcome {
        let mut args = args.to_vec();
        if args.starts_with(&["k", "apply"]) && !self.asks {
            args.push("--no-verify");
        }
        let outcome = self.sandbox.run(&args);
        Outcome {
            code: outcome.code,
            stdout: self.server.normal(&outcome.stdout),
            stderr: self.server.normal(&outcome.stderr),
        }
    }

    /// Applies a flow, which must work.
    pub fn apply(&self, flow: &str) -> Outcome {
        let outcome = self.run(&["k", "apply", flow]);
        assert_eq!(outcome.code, 0, "{}", outcome.show());
        outcome
    }

    /// Applies a flow and shows all there is to see.
    pub fn show_apply(&self, flow: &str) -> String {
        self.run(&["k", "apply", flow]).show()
    }

    /// The sources of the gateway's flows volume: names of ConfigMaps.
    pub fn sources(&self) -> Vec<String> {
        let deployment = self.gateway_deployment();
        let volumes = deployment["spec"]["template"]["spec"]["volumes"].as_array().expect("volumes").clone();
        let volume = volumes.iter().find(|volume| volume["name"] == "gateway-flows").expect("the volume");
        let sources = volume["projected"]["sources"].as_array().expect("sources");
        sources.iter().map(|source| source["configMap"]["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// The data of a ConfigMap beside the gateway.
    pub fn data(&self, config_map: &str) -> Value {
        self.server.get("configmap", &self.gateway_namespace, config_map).expect("the ConfigMap")["data"].clone()
    }

    /// What a flow leaves behind: pod templates, metadata and data of everything in the gateway's
    /// namespace but what the server notes itself.
    pub fn gateway_state(&self) -> Value {
        let all = self.server.list(&["deployments", "configmaps"], &self.gateway_namespace);
        let is_gateways = |object: &&Value| {
            let name = object["metadata"]["name"].as_str().expect("a name");
            !name.contains("-router-") && !name.ends_with("-inventory")
        };
        let state = all.iter().filter(is_gateways).map(|object| {
            let metadata = &object["metadata"];
            let mut annotations = metadata["annotations"].as_object().cloned().unwrap_or_default();
            annotations.remove("deployment.kubernetes.io/revision");
            json!([metadata["name"], annotations, metadata["labels"], object["spec"]["template"], object["data"]])
        });
        state.collect()
    }

    /// The gateway's Deployment.
    pub fn gateway_deployment(&self) -> Value {
        self.server.get("deployment", &self.gateway_namespace, "asya-gateway-api").expect("the gateway")
    }
}

/// What a small flow is rendered to: a router, two actors, the router's code.
pub fn actors(flow: &str) -> Vec<Value> {
    let router = format!("start-{flow}");
    let code = format!("{flow}-router-0a1b2c");
    let mut start = actor(flow, &router, "router.start");
    start["metadata"]["labels"]["asya.sh/role"] = json!("start");
    start["metadata"]["labels"]["asya.sh/generated"] = json!("true");
    start["spec"]["volumes"] = json!([{"name": "router", "configMap": {"name": code}}]);
    start["spec"]["volumeMounts"] =
        json!([{"name": "router", "mountPath": "/opt/asya/router.py", "subPath": "router.py", "readOnly": true}]);
    vec![
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": code, "labels": {"asya.sh/flow": flow}},
            "data": {"router.py": "async def start(payload):\n    yield payload\n"},
        }),
        start,
        actor(flow, &format!("{flow}-clean"), "handlers.clean"),
        actor(flow, &format!("{flow}-score"), "handlers.score"),
    ]
}

fn actor(flow: &str, name: &str, handler: &str) -> Value {
    json!({
        "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor",
        "metadata": {"name": name, "labels": {"asya.sh/flow": flow}},
        "spec": {
            "actor": name, "image": "example.org/flows:1", "handler": handler,
            "scaling": {"minReplicaCount": 0, "maxReplicaCount": 2},
            "env": [{"name": "MODE", "value": "fast"}],
        },
    })
}

/// The gateway entry of a flow.
pub fn entry(flow: &str) -> Value {
    let entry = format!(
        "flows:\n- name: {flow}\n  entrypoint: start-{flow}\n  description: Looks at text\n  mcp:\n    inputSchema:\n      \
         type: object\n"
    );
    entry_with(flow, &format!("{flow}.yaml"), &entry)
}

/// A gateway entry with a text of one's own.
pub fn entry_with(flow: &str, key: &str, text: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": format!("asya-flow-{flow}-config"),
            "labels": {"asya.sh/flow": flow, "asya.sh/config-type": "flows"},
        },
        "data": {key: text},
    })
}

/// What an exposed flow is rendered to.
pub fn exposed(flow: &str) -> Vec<Value> {
    let mut objects = actors(flow);
    objects.push(entry(flow));
    objects
}

/// What the gateway's chart makes: two Deployments and the ConfigMap of its own flows.
pub fn gateway(namespace: &str, release: &str) -> String {
    let full = if release.contains("asya-gateway") { release.to_owned() } else { format!("{release}-asya-gateway") };
    let labels = |component: &str| {
        json!({
            "app.kubernetes.io/name": "asya-gateway", "app.kubernetes.io/instance": release,
            "app.kubernetes.io/component": component, "app.kubernetes.io/managed-by": "Helm",
        })
    };
    let deployment = |component: &str, pod: Value| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": format!("{full}-{component}"), "namespace": namespace, "labels": labels(component)},
            "spec": {
                "selector": {"matchLabels": labels(component)},
                "template": {"metadata": {"labels": labels(component)}, "spec": pod},
            },
        })
    };
    let container = |mode: &str, mounts: Value| {
        json!({
            "name": "gateway", "image": "ghcr.io/deliveryhero/asya-gateway:1.0.0",
            "env": [{"name": "ASYA_GATEWAY_MODE", "value": mode}, {"name": "ASYA_NAMESPACE", "value": namespace},
                    {"name": "ASYA_CONFIG_PATH", "value": "/etc/asya/flows"}],
            "volumeMounts": mounts,
        })
    };
    let sources = json!([{"configMap": {"name": format!("{full}-flows"), "optional": true}}]);
    let mounts = json!([{"name": "gateway-flows", "mountPath": "/etc/asya/flows", "readOnly": true}]);
    let api = json!({
        "containers": [{"name": "proxy", "image": "example.org/proxy:1"}, container("api", mounts)],
        "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "gateway-flows", "projected": {"sources": sources}}],
    });
    let flows = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": format!("{full}-flows"), "namespace": namespace, "labels": {
            "app.kubernetes.io/name": "asya-gateway", "asya.sh/config-type": "flows",
        }},
        "data": {"flows.yaml": "flows: []\n"},
    });
    let mesh = json!({"containers": [container("mesh", json!([]))]});
    let objects = [deployment("api", api), deployment("mesh", mesh), flows];
    json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}

/// The same of the generation before: the volume is one plain ConfigMap.
pub fn plain_gateway(namespace: &str, release: &str) -> String {
    let mut objects: Value = serde_json::from_str(&gateway(namespace, release)).expect("JSON");
    let volume = &mut objects["items"][0]["spec"]["template"]["spec"]["volumes"][1];
    let shared = volume["projected"]["sources"][0]["configMap"].clone();
    *volume = json!({"name": "gateway-flows", "configMap": shared});
    objects.to_string()
}

/// The same of the generation after: one Deployment with adapters, and two lists.
pub fn split_gateway(namespace: &str, release: &str) -> String {
    let labels = json!({
        "app.kubernetes.io/name": "asya-gateway", "app.kubernetes.io/instance": release,
        "app.kubernetes.io/managed-by": "Helm",
    });
    let list = |name: &str, key: &str, text: &str| {
        let mut labels = labels.clone();
        labels["asya.sh/config-type"] = json!(name);
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": format!("{release}-{name}"), "namespace": namespace, "labels": labels},
            "data": {key: text},
        })
    };
    let adapter = |name: &str, port: u16, volume: &str| {
        json!({
            "name": name, "image": "example.org/adapter:1", "ports": [{"name": name.split_once('-').unwrap().0, "containerPort": port}],
            "volumeMounts": [{"name": volume, "mountPath": "/etc/asya", "readOnly": true}],
        })
    };
    let volume =
        |name: &str| json!({"name": name, "configMap": {"name": format!("{release}-{name}"), "optional": true}});
    let pod = json!({
        "containers": [
            {"name": "mesh-api", "image": "example.org/mesh:1"},
            adapter("mcp-adapter", 8082, "mcp-tools"), adapter("a2a-adapter", 8083, "a2a-agents"),
        ],
        "volumes": [volume("mcp-tools"), volume("a2a-agents")],
    });
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": release, "namespace": namespace, "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}},
    });
    let objects =
        [deployment, list("mcp-tools", "tools.yaml", "tools: []\n"), list("a2a-agents", "agents.yaml", "agents: []\n")];
    json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}
