//! A build command as words: split as a shell would, and run without one, so that it does what it
//! says and nothing else.

use crate::error::{Error, Result};

/// Programs that may build images.
const PROGRAMS: [&str; 11] =
    ["docker", "podman", "nerdctl", "buildah", "bazel", "make", "nix-build", "ko", "pack", "earthly", "kaniko"];

/// Those that can push as well.
const PUSHING: [&str; 4] = ["docker", "podman", "nerdctl", "buildah"];

/// The words of a command that builds `image`. Refused are programs that build no images, and what
/// only a shell could do.
pub(super) fn words(command: &str, image: &str) -> Result<Vec<String>> {
    let wrong = |why: String| Error::project(format!("the build command of `{image}` cannot be run")).because(why);
    if let Some(found) = shell_only(command) {
        return Err(wrong(format!("`{found}` would need a shell, and commands are run without one"))
            .hint("quote it if it is meant as text; else put the command into a Makefile and run it with `make`"));
    }
    let words = shell_words::split(command).map_err(|_| wrong("a quote is not closed".to_owned()))?;
    match words.first().map(String::as_str) {
        Some(program) if PROGRAMS.contains(&program) => Ok(words),
        Some(program) => {
            Err(wrong(format!("`{}` is not among the programs that build images", program.escape_debug()))
                .because(format!("these are: {}", PROGRAMS.join(", ")))
                .hint("run others by way of `make`"))
        }
        None => Err(wrong("it is empty".to_owned())),
    }
}

/// The program that pushes what `program` has built, and whether it is another one.
pub(super) fn pusher(program: &str) -> (&str, bool) {
    if PUSHING.contains(&program) { (program, false) } else { ("docker", true) }
}

/// The first character outside of quotes that means something to a shell only.
fn shell_only(command: &str) -> Option<char> {
    let mut quote = None;
    let mut chars = command.trim().chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => drop(chars.next()),
            (Some(_), '$' | '`') => return Some(c),
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, ';' | '|' | '&' | '<' | '>' | '(' | ')' | '$' | '`' | '*' | '?' | '~' | '#') => return Some(c),
            // A line break ends a command.
            (None, '\n') => return Some('⏎'),
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: &str) -> String {
        match words(command, "words") {
            Ok(words) => format!("{words:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_run() {
        let commands = [
            "docker build -t words .",
            r#"docker build --label "a b" --build-arg 'x=$y; z' -t words \
               ."#,
            r"make a\ b",
            "docker build . && rm -rf /",
            "docker build .; true",
            "docker build -t $(tag) .",
            r#"docker build -t "`tag`" ."#,
            "docker build . > log",
            "docker build *.txt",
            "docker build .\nrm x",
            "docker build 'x",
            "sh -c 'docker build .'",
            "/tmp/docker build .",
            "A=1 docker build .",
            "''",
        ];
        let shown: Vec<String> = commands.iter().map(|command| format!("{command:?}\n  {}", said(command))).collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
"docker build -t words ."
  ["docker", "build", "-t", "words", "."]
"docker build --label \"a b\" --build-arg 'x=$y; z' -t words \\\n               ."
  ["docker", "build", "--label", "a b", "--build-arg", "x=$y; z", "-t", "words", "."]
"make a\\ b"
  ["make", "a b"]
"docker build . && rm -rf /"
  the build command of `words` cannot be run: `&` would need a shell, and commands are run without one
"docker build .; true"
  the build command of `words` cannot be run: `;` would need a shell, and commands are run without one
"docker build -t $(tag) ."
  the build command of `words` cannot be run: `$` would need a shell, and commands are run without one
"docker build -t \"`tag`\" ."
  the build command of `words` cannot be run: ``` would need a shell, and commands are run without one
"docker build . > log"
  the build command of `words` cannot be run: `>` would need a shell, and commands are run without one
"docker build *.txt"
  the build command of `words` cannot be run: `*` would need a shell, and commands are run without one
"docker build .\nrm x"
  the build command of `words` cannot be run: `⏎` would need a shell, and commands are run without one
"docker build 'x"
  the build command of `words` cannot be run: a quote is not closed
"sh -c 'docker build .'"
  the build command of `words` cannot be run: `sh` is not among the programs that build images: these are: docker, podman, nerdctl, buildah, bazel, make, nix-build, ko, pack, earthly, kaniko
"/tmp/docker build ."
  the build command of `words` cannot be run: `/tmp/docker` is not among the programs that build images: these are: docker, podman, nerdctl, buildah, bazel, make, nix-build, ko, pack, earthly, kaniko
"A=1 docker build ."
  the build command of `words` cannot be run: `A=1` is not among the programs that build images: these are: docker, podman, nerdctl, buildah, bazel, make, nix-build, ko, pack, earthly, kaniko
"''"
  the build command of `words` cannot be run: `` is not among the programs that build images: these are: docker, podman, nerdctl, buildah, bazel, make, nix-build, ko, pack, earthly, kaniko
"#);
    }
}
