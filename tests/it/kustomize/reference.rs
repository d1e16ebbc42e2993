//! The program whose output is the measure: kustomize as kubectl has it.
#![allow(clippy::print_stderr)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// Renders one directory after the other.
pub enum Reference {
    /// `tests/cluster/kustomize`: kubectl's own packages in one process, thirty directories in the
    /// time kubectl needs for one.
    Batch(Box<Batch>),
    /// A process of `kubectl kustomize` for every directory.
    Kubectl(PathBuf),
}

pub struct Batch {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Drop for Batch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Reference {
    /// The batch program where Go can build it, else kubectl; `None` (said loudly) without either.
    pub fn start() -> Option<Self> {
        if let Some(program) = batch_program() {
            let mut command = Command::new(program);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
            return Some(Self::Batch(Box::new(Batch { child, stdin, stdout })));
        }
        let found = kubectl();
        if found.is_none() {
            assert!(
                std::env::var_os("ASYA_REQUIRE_KUBECTL").is_none(),
                "a reference is required: install Go or kubectl"
            );
            eprintln!("SKIPPED: there is neither Go nor kubectl, so rendering was not compared with the reference");
        }
        found.map(Self::Kubectl)
    }

    /// What the reference prints for a directory, or its error.
    pub fn render(&mut self, directory: &Path) -> Result<String, String> {
        match self {
            Self::Batch(batch) => batch.render(directory),
            Self::Kubectl(kubectl) => render_with(kubectl, directory),
        }
    }
}

impl Batch {
    fn render(&mut self, directory: &Path) -> Result<String, String> {
        writeln!(self.stdin, "{}", directory.display()).unwrap();
        let mut head = String::new();
        self.stdout.read_line(&mut head).unwrap();
        let (word, length) = head.trim_end().split_once(' ').expect("the reference answers");
        let mut text = vec![0; length.parse().unwrap()];
        self.stdout.read_exact(&mut text).unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        if word == "ok" { Ok(text) } else { Err(text) }
    }
}

/// What `kubectl kustomize DIRECTORY` prints, or its error.
pub fn render_with(kubectl: &Path, directory: &Path) -> Result<String, String> {
    let output = Command::new(kubectl).arg("kustomize").arg(directory).stdin(Stdio::null()).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The kubectl of the tests' cluster, else the one on `PATH`.
pub fn kubectl() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/build.sh");
    let default = Command::new(script).arg("--print-default-dir").output().ok();
    let default = default.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from).into_iter().chain(default);
    directories
        .chain(std::env::split_paths(&path))
        .map(|directory| directory.join("kubectl"))
        .find(|file| file.is_file())
}

/// `tests/cluster/kustomize`, built when it is not there yet.
fn batch_program() -> Option<&'static PathBuf> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(|| built("./kustomize", "kustomize-reference")).as_ref()
}

/// A program of the module `tests/cluster`; Go's own cache makes building it again cheap. `None`
/// without Go.
pub fn built(package: &str, name: &str) -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = go()?.args(["build", "-trimpath", "-o"]).arg(&program).arg(package).output().ok()?;
    if !output.status.success() {
        eprintln!("{package}: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(program)
}

/// Go, in the module `tests/cluster`.
pub fn go() -> Option<Command> {
    let go = ["go", "/usr/local/go/bin/go"].into_iter().find(|go| Command::new(go).arg("version").output().is_ok())?;
    let mut command = Command::new(go);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster"));
    command.envs([("CGO_ENABLED", "0"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")]);
    command.env("GOFLAGS", "-mod=readonly -buildvcs=false");
    Some(command)
}
