//! One real API server for the whole run, started by the first test that needs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};

use super::api::{Api, place};

/// A running API server.
pub struct Server {
    binaries: PathBuf,
    directory: PathBuf,
    port: u16,
    token: String,
    api: Api,
    /// Its stdin is the leash: closed when this process ends, however it ends.
    _supervisor: Child,
}

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();

/// The server; `None` when there can be none here, which is said loudly and is a failure under
/// `ASYA_REQUIRE_CLUSTER=1`.
pub fn server() -> Option<&'static Server> {
    match SERVER.get_or_init(|| {
        let started = binaries().and_then(start);
        if let Err(reason) = &started {
            // Past the capturing of the test harness: nobody shall miss this.
            let _ = writeln!(std::io::stderr(), "\nSKIPPED: all tests that need a Kubernetes API server: {reason}\n");
        }
        started
    }) {
        Ok(server) => Some(server),
        Err(reason) => {
            let required = std::env::var("ASYA_REQUIRE_CLUSTER").is_ok_and(|value| value == "1");
            assert!(!required, "ASYA_REQUIRE_CLUSTER=1, and there is no API server: {reason}");
            None
        }
    }
}

/// Where the executables are: `KUBEBUILDER_ASSETS`, else what `tests/cluster/build.sh` put into
/// the cache, now if it must.
fn binaries() -> Result<PathBuf, String> {
    if let Some(directory) = std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from) {
        return match complete(&directory) {
            true => Ok(directory),
            false => Err(format!("KUBEBUILDER_ASSETS={} lacks etcd, kube-apiserver or kubectl", directory.display())),
        };
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/build.sh");
    if !script.is_file() {
        return Err(format!("{} is missing and KUBEBUILDER_ASSETS is not set", script.display()));
    }
    let output = Command::new(&script).arg("--print-default-dir").output();
    let output = output.map_err(|error| format!("{}: {error}", script.display()))?;
    let directory = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if complete(&directory) {
        return Ok(directory);
    }
    let go = Command::new("sh").args(["-c", "command -v go || test -x /usr/local/go/bin/go"]).output();
    if !go.is_ok_and(|output| output.status.success()) {
        return Err(format!(
            "there are no executables in {}, and no Go to build them with; install Go or set KUBEBUILDER_ASSETS",
            directory.display()
        ));
    }
    let _ = writeln!(std::io::stderr(), "\nbuilding kube-apiserver and friends once, into {}", directory.display());
    let built = Command::new(&script).stdout(Stdio::null()).status();
    match built {
        Ok(status) if status.success() && complete(&directory) => Ok(directory),
        Ok(status) => Err(format!("{} failed: {status}", script.display())),
        Err(error) => Err(format!("{}: {error}", script.display())),
    }
}

fn complete(directory: &Path) -> bool {
    ["etcd", "kube-apiserver", "kubectl"].iter().all(|name| directory.join(name).is_file())
}

fn start(binaries: PathBuf) -> Result<Server, String> {
    let failed = |what: &str, error: std::io::Error| format!("{what}: {error}");
    // Short: a unix socket's path may have 107 bytes.
    let directory = tempfile::Builder::new().prefix("asya-k8s-").tempdir_in("/tmp").map_err(|e| failed("/tmp", e))?;
    let directory = directory.keep();
    let port = free_port().map_err(|error| failed("a port on loopback", error))?;
    let kubelet = free_port().map_err(|error| failed("a port on loopback", error))?;
    let token = "admin-of-the-tests".to_owned();
    let tokens = format!("{token},admin,admin,\"system:masters\"\n");
    std::fs::write(directory.join("tokens.csv"), tokens).map_err(|error| failed("tokens.csv", error))?;
    let kubeconfig = kubeconfig(&directory, port, &token, "default");
    std::fs::write(directory.join("kubeconfig"), kubeconfig).map_err(|error| failed("kubeconfig", error))?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cluster/serve.sh");
    let mut supervisor = Command::new("bash")
        .arg(script)
        .arg(&binaries)
        .arg(&directory)
        .arg(port.to_string())
        .arg(kubelet.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed("bash", error))?;
    let stdout = supervisor.stdout.take().ok_or("no stdout")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).map_err(|error| failed("serve.sh", error))?;
    if line.trim() != "ready" {
        return Err("the API server did not start; see above".to_owned());
    }
    let api = Api::new(directory.join("proxy.sock"));
    let server = Server { binaries, directory, port, token, api, _supervisor: supervisor };
    server.apply(include_str!("asyncactor-c2.yaml"));
    server.kubectl(&["wait", "--for=condition=Established", "crd/asyncactors.asya.sh", "--timeout=30s"], None);
    server.wait_until("the schema of AsyncActor is published", || {
        server.try_kubectl(&["get", "--raw", "/openapi/v3/apis/asya.sh/v1alpha1"]).is_some()
    });
    Ok(server)
}

fn pass_on<F: FnOnce()>(mut client: TcpStream, mut server: UnixStream, request: &str, meddle: &Mutex<Option<F>>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        if buffer[..length].starts_with(request.as_bytes())
            && let Some(meddle) = meddle.lock().expect("no panic before").take()
        {
            meddle();
        }
        if server.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(std::net::Shutdown::Both);
}

/// `after 1.2 s` as `after [TIME]`.
pub fn without_seconds(line: &str) -> String {
    let Some((before, rest)) = line.split_once("after ") else { return line.to_owned() };
    let Some((number, rest)) = rest.split_once(" s") else { return line.to_owned() };
    if number.contains('.') && number.chars().all(|c| c.is_ascii_digit() || c == '.') {
        format!("{before}after [TIME]{rest}")
    } else {
        line.to_owned()
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn kubeconfig(directory: &Path, port: u16, token: &str, namespace: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: test\n  cluster:\n    server: https://127.0.0.1:{port}\n    \
         certificate-authority: {}/certs/apiserver.crt\nusers:\n- name: tester\n  user:\n    token: {token}\ncontexts:\n\
         - name: test\n  context: {{cluster: test, user: tester, namespace: {namespace}}}\ncurrent-context: test\n",
        directory.display()
    )
}

impl Server {
    /// Whether Deployments really roll out here.
    pub fn rolls_out(&self) -> bool {
        self.directory.join("rolls-out").exists()
    }

    /// A kubeconfig for a token.
    pub fn kubeconfig(&self, token: &str) -> String {
        kubeconfig(&self.directory, self.port, token, "default")
    }

    /// The kubeconfig of somebody who may do everything.
    pub fn admin(&self) -> String {
        self.kubeconfig(&self.token)
    }

    /// A kubeconfig through a proxy that runs `meddle` before it passes the first request on that
    /// begins with `request`.
    pub fn meddling(&self, request: &'static str, meddle: impl FnOnce() + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let socket = self.directory.join("proxy.sock");
        let meddle = Arc::new(Mutex::new(Some(meddle)));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let Ok(server) = UnixStream::connect(&socket) else { return };
                let (mut from_server, mut to_client) =
                    (server.try_clone().expect("a clone"), client.try_clone().expect("a clone"));
                std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
                let meddle = Arc::clone(&meddle);
                std::thread::spawn(move || pass_on(client, server, request, &meddle));
            }
        });
        let direct = format!("https://127.0.0.1:{}", self.port);
        self.admin().replace(&direct, &format!("http://{address}"))
    }

    /// A kubeconfig through a proxy, and what cuts all of its connections.
    pub fn cuttable(&self) -> (String, impl Fn() + use<>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let socket = self.directory.join("proxy.sock");
        let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let accepted = Arc::clone(&open);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(mut client) = client else { return };
                let Ok(mut server) = UnixStream::connect(&socket) else { return };
                accepted.lock().expect("no panic before").push(client.try_clone().expect("a clone"));
                let (mut from_server, mut to_client) =
                    (server.try_clone().expect("a clone"), client.try_clone().expect("a clone"));
                std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
                std::thread::spawn(move || std::io::copy(&mut client, &mut server));
            }
        });
        let cut = move || {
            for stream in open.lock().expect("no panic before").drain(..) {
                let _ = stream.shutdown(std::net::Shutdown::Both);
            }
        };
        let direct = format!("https://127.0.0.1:{}", self.port);
        (self.admin().replace(&direct, &format!("http://{address}")), cut)
    }

    /// The socket where everything is allowed, in plain HTTP.
    pub fn plain_socket(&self) -> PathBuf {
        self.directory.join("proxy.sock")
    }

    /// The admin's kubeconfig for another address.
    pub fn admin_at(&self, address: &str) -> String {
        self.admin().replace(&format!("https://127.0.0.1:{}", self.port), address)
    }

    /// A file beside the server's own; gone when the run ends.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// `text` without what differs from run to run.
    pub fn normal(&self, text: &str) -> String {
        let text = text.replace(&format!("127.0.0.1:{}", self.port), "[SERVER]");
        let mut lines = String::new();
        for line in text.split_inclusive('\n') {
            // Pods of the node answer on no port, unless a test says so.
            let asked = line.split_once(" was not asked whether it serves the flow: ");
            let line = match asked {
                Some((gateway, why)) if !["it answers", "(401)", "certificate"].iter().any(|it| why.contains(it)) => {
                    format!("{gateway} was not asked whether it serves the flow: [REASON]\n")
                }
                _ => line.to_owned(),
            };
            lines.push_str(&without_seconds(&line));
        }
        lines
    }

    /// Runs kubectl as admin; it must succeed.
    pub fn kubectl(&self, args: &[&str], stdin: Option<&str>) -> String {
        let mut child = self
            .kubectl_command(args)
            .stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kubectl starts");
        if let Some(text) = stdin {
            child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("kubectl reads");
        }
        let output = child.wait_with_output().expect("kubectl ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {}: {stderr}", args.join(" "));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs kubectl as admin; `None` when it fails.
    pub fn try_kubectl(&self, args: &[&str]) -> Option<String> {
        let output = self.kubectl_command(args).output().expect("kubectl starts");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub fn kubectl_command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.binaries.join("kubectl"));
        command.arg("--kubeconfig").arg(self.directory.join("kubeconfig")).args(args);
        command.env("HOME", &self.directory);
        command
    }

    /// The API without kubectl.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Applies YAML with another field manager than ours.
    pub fn apply(&self, yaml: &str) {
        for document in yaml.split("\n---\n") {
            let object: Value = serde_json::from_str(document)
                .unwrap_or_else(|_| serde_saphyr::from_str(document).expect("JSON or YAML"));
            match object["items"].as_array() {
                Some(items) => items.iter().for_each(|item| self.api.apply(item, "helm", false)),
                None => self.api.apply(&object, "helm", false),
            }
        }
    }

    /// One object, or nothing.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        if let Some((path, _)) = place(kind, namespace) {
            return self.api.get(&format!("{path}/{name}"));
        }
        let path = ["get", kind, "-n", namespace, name, "--ignore-not-found", "--show-managed-fields", "-o", "json"];
        let text = self.kubectl(&path, None);
        (!text.trim().is_empty()).then(|| serde_json::from_str(&text).expect("JSON"))
    }

    /// Versions of every object of the kinds we write, in a namespace: `kind name version`. Of
    /// Deployments the generation, which controllers do not touch.
    pub fn versions(&self, namespace: &str) -> Vec<String> {
        let versions = |kind: &str, version: &str| -> Vec<String> {
            let line = |object: &Value| {
                let metadata = &object["metadata"];
                let name = metadata["name"].as_str().expect("a name");
                let version = metadata[version].to_string();
                format!("{} {name} {}", object["kind"].as_str().expect("a kind"), version.trim_matches('"'))
            };
            self.list(&[kind], namespace).iter().map(line).collect()
        };
        let own = ["asyncactors", "configmaps", "secrets"].map(|kind| versions(kind, "resourceVersion"));
        [own.concat(), versions("deployments", "generation")].concat()
    }

    /// The objects of some kinds in a namespace.
    pub fn list(&self, kinds: &[&str], namespace: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for kind in kinds {
            let (path, kind) = place(kind, namespace).expect("a kind that is known");
            all.extend(self.listed(&path, kind));
        }
        all
    }

    /// The names of the pods of a namespace for which `query` (a part of a URL) holds, sorted.
    pub fn pods(&self, namespace: &str, query: &str) -> Vec<String> {
        let (path, kind) = place("pods", namespace).expect("pods");
        let pods = self.listed(&format!("{path}?{query}"), kind);
        pods.iter().map(|pod| pod["metadata"]["name"].as_str().expect("a name").to_owned()).collect()
    }

    fn listed(&self, path: &str, kind: &str) -> Vec<Value> {
        let mut list = self.api.get(path).unwrap_or_else(|| panic!("nothing is at {path}"));
        let mut items = std::mem::take(list["items"].as_array_mut().expect("items"));
        // Lists of what is built in leave it out.
        items.iter_mut().for_each(|item| item["kind"] = json!(kind));
        items
    }

    /// Makes a namespace.
    pub fn namespace(&self, name: &str) {
        self.api.create("/api/v1/namespaces", &json!({"metadata": {"name": name}}));
    }

    /// Makes an account; answers a token of its own.
    pub fn account(&self, namespace: &str, name: &str) -> String {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
        self.api.create(&path, &json!({"metadata": {"name": name}}));
        self.token(namespace, name)
    }

    /// Whether `verb` is allowed to an account of a namespace, for a resource (`pods/log`) of a group in a
    /// namespace, for all objects or the one of a name.
    pub fn may(
        &self,
        account: &str,
        verb: &str,
        (group, resource): (&str, &str),
        (namespace, name): (&str, &str),
    ) -> bool {
        let (resource, part) = resource.split_once('/').unwrap_or((resource, ""));
        let review = json!({"spec": {
            "user": format!("system:serviceaccount:{account}"),
            "resourceAttributes": {
                "namespace": namespace, "name": name, "verb": verb, "group": group, "resource": resource,
                "subresource": part,
            },
        }});
        self.api.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", &review)["status"]["allowed"] == true
    }

    /// Waits until the server goes by a Role that was given to an account: it hears of both a bit later.
    pub fn goes_by(&self, role: &Value, account: &str) {
        let words = |list: &Value| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let namespace = role["metadata"]["namespace"].as_str().expect("a namespace");
        for rule in role["rules"].as_array().expect("rules") {
            let name = words(&rule["resourceNames"]).into_iter().next().unwrap_or_default();
            let (groups, resources) = (words(&rule["apiGroups"]), words(&rule["resources"]));
            for verb in words(&rule["verbs"]) {
                self.wait_until(&format!("{account} may {verb} {resources:?}"), || {
                    self.may(account, &verb, (&groups[0], &resources[0]), (namespace, &name))
                });
            }
        }
    }

    /// Another token of an account.
    pub fn token(&self, namespace: &str, account: &str) -> String {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let made = self.api.create(&path, &json!({"spec": {}}));
        made["status"]["token"].as_str().expect("a token").to_owned()
    }

    /// Waits for something of the cluster's own making, at most half a minute.
    pub fn wait_until(&self, what: &str, mut happened: impl FnMut() -> bool) {
        let started = std::time::Instant::now();
        while !happened() {
            assert!(started.elapsed().as_secs() < 30, "waited in vain: {what}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}
