//! A hermetic place to run the binary in: an empty home, a fixed environment, nothing of the
//! machine's configuration.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A module of handlers in which every name may exist.
pub const ANY_NAME: &str = "def __getattr__(name): ...\n";

/// A temporary directory with a home and a project directory inside.
pub struct Sandbox {
    root: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// Everything a person or a script can observe of one run.
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    /// An empty sandbox; the project directory exists and is empty.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("asya-it-").tempdir().expect("a temporary directory");
        for directory in ["home", "project"] {
            std::fs::create_dir(root.path().join(directory)).expect("a directory in the sandbox");
        }
        Self { root, variables: Vec::new() }
    }

    /// A sandbox with a project as `asya init` makes it.
    pub fn initialised() -> Self {
        let sandbox = Self::new();
        sandbox.ok(&["init", "--yes", "--registry", "reg.example/team"]);
        sandbox
    }

    /// The project directory, where commands run.
    pub fn project(&self) -> PathBuf {
        self.root.path().join("project")
    }

    /// The whole sandbox.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Sets an environment variable for later runs.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.push((name.to_owned(), value.into()));
    }

    /// Writes a file of the project; directories are made as needed.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.project().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        std::fs::write(path, text).expect("a file of the project");
    }

    /// Writes a program at `path` below the sandbox; answers where it is.
    #[cfg(unix)]
    pub fn write_program(&self, path: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        std::fs::write(&path, text).expect("a program");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a program that may run");
        path
    }

    /// Reads a file of the project.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Whether a file of the project exists.
    pub fn exists(&self, path: &str) -> bool {
        self.project().join(path).exists()
    }

    /// All files of the project with their contents, sorted by path: for "the tree is as before".
    pub fn tree(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let mut open = vec![self.project()];
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(&directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(self.project()).expect("inside").display().to_string();
                    let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
                    files.push((name, text));
                }
            }
        }
        files.sort();
        files
    }

    /// The command `asya ARGS` in the project directory, not yet started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asya"));
        command.args(args).current_dir(self.project()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.root.path().join("home"));
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        for passed in ["PYENV_VERSION", "PYENV_ROOT", "ASYA_PYTHON", "TMPDIR"] {
            if let Ok(value) = std::env::var(passed) {
                command.env(passed, value);
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `asya ARGS` to its end.
    pub fn run(&self, args: &[&str]) -> Outcome {
        let output = self.command(args).output().expect("the binary starts");
        Outcome {
            code: output.status.code().unwrap_or(-1),
            stdout: self.normal(&output.stdout),
            stderr: self.normal(&output.stderr),
        }
    }

    /// Runs `asya ARGS` in a terminal of its own and answers its questions: each `(what is asked, the
    /// keys that are pressed)`. Shows what a person saw, and the exit code.
    pub fn in_terminal(&self, args: &[&str], answers: &[(&str, &str)]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/terminal.py");
        let asya = self.command(args);
        let mut command = Command::new("python3");
        command.arg(script).arg(asya.get_program()).args(asya.get_args());
        command
            .current_dir(self.project())
            .env_clear()
            .envs(asya.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))));
        command.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("python3 starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut stdin, serde_json::to_string(answers).expect("JSON").as_bytes())
            .expect("a script");
        drop(stdin);
        let output = child.wait_with_output().expect("an end");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        self.normal(&output.stdout)
    }

    /// Runs `asya ARGS`, which must succeed.
    pub fn ok(&self, args: &[&str]) -> Outcome {
        let outcome = self.run(args);
        assert_eq!(outcome.code, 0, "asya {}\n{}", args.join(" "), outcome.show());
        outcome
    }

    /// Runs `asya ARGS` and shows exit code, stdout and stderr, for a snapshot.
    pub fn show(&self, args: &[&str]) -> String {
        self.run(args).show()
    }

    fn normal(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let real = self.root.path().canonicalize().unwrap_or_else(|_| self.root.path().to_owned());
        text.replace(&*real.to_string_lossy(), "[SANDBOX]").replace(&*self.root.path().to_string_lossy(), "[SANDBOX]")
    }
}

impl Outcome {
    /// The whole observable result as text.
    pub fn show(&self) -> String {
        format!("exit: {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// Waits for another process, at most half a minute.
pub fn wait_until(what: &str, happened: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !happened() {
        assert!(start.elapsed().as_secs() < 30, "{what} did not happen");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
