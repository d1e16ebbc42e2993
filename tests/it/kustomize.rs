//! Rendering against the reference: `kubectl kustomize`, byte for byte.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use asya::kustomize::render;
use asya::project::DiskTree;

use crate::kustomize_trees::{SCALARS, tree};
use crate::sandbox::Sandbox;

/// The reference program, or why the comparison is left out.
fn reference() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|directory| directory.join("kubectl")).find(|file| file.is_file());
    if found.is_none() {
        assert!(std::env::var_os("ASYA_REQUIRE_KUBECTL").is_none(), "kubectl is required and not on PATH");
        eprintln!("SKIPPED: kubectl is not on PATH, so rendering was not compared with the reference");
    }
    found
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn write(root: &Path, files: &[(String, String)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// What the reference prints, or its error.
fn expected(kubectl: &Path, directory: &Path) -> Result<String, String> {
    let output = Command::new(kubectl).arg("kustomize").arg(directory).stdin(Stdio::null()).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn rendered(directory: &Path) -> Result<String, String> {
    let tree = DiskTree::new(directory);
    render(&tree, Path::new(".")).map(|rendering| rendering.to_yaml()).map_err(|error| {
        let error = asya::error::Error::from(error);
        let located: Vec<&str> = error
            .located()
            .iter()
            .flat_map(|located| located.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()))
            .collect();
        format!("{error} {}", located.join(" / "))
    })
}

/// The first line where two texts differ, with the lines around it.
fn difference(mine: &str, theirs: &str) -> String {
    let (mine, theirs): (Vec<&str>, Vec<&str>) = (mine.lines().collect(), theirs.lines().collect());
    let at = mine.iter().zip(&theirs).position(|(a, b)| a != b).unwrap_or(mine.len().min(theirs.len()));
    let part = |lines: &[&str]| lines[at.saturating_sub(6).min(lines.len())..(at + 4).min(lines.len())].join("\n    ");
    format!("line {}\n  asya:\n    {}\n  reference:\n    {}", at + 1, part(&mine), part(&theirs))
}

fn compare(kubectl: &Path, directory: &Path) -> Result<bool, String> {
    match (rendered(directory), expected(kubectl, directory)) {
        (Ok(mine), Ok(theirs)) if mine == theirs => Ok(true),
        (Ok(mine), Ok(theirs)) => Err(difference(&mine, &theirs)),
        (Err(_), Err(_)) => Ok(false),
        (Err(mine), Ok(_)) => Err(format!("only asya refuses: {mine}")),
        (Ok(_), Err(theirs)) => Err(format!("only the reference refuses: {theirs}")),
    }
}

#[test]
fn random_trees_render_as_the_reference_does() {
    let Some(kubectl) = reference() else { return };
    let count = number("ASYA_KUSTOMIZE_TREES", 150);
    let seed = number("ASYA_KUSTOMIZE_SEED", 1);
    let (next, rendered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed) as u64;
            if index >= count {
                return;
            }
            let root = tempfile::Builder::new().prefix("asya-tree-").tempdir().unwrap();
            write(root.path(), &tree(seed + index));
            match compare(&kubectl, &root.path().join("overlays/dev")) {
                Ok(true) => {
                    rendered.fetch_add(1, Ordering::Relaxed);
                }
                Ok(false) => {}
                Err(difference) => {
                    if let Some(kept) = std::env::var_os("ASYA_KUSTOMIZE_KEEP") {
                        write(&Path::new(&kept).join((seed + index).to_string()), &tree(seed + index));
                    }
                    wrong.lock().unwrap().push((seed + index, difference));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(worker);
        }
    });
    let rendered = rendered.into_inner();
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    eprintln!(
        "{count} trees from seed {seed}: {rendered} rendered, {} refused by both",
        count as usize - rendered - wrong.len()
    );
    let shown: Vec<String> = wrong.iter().take(40).map(|(seed, text)| format!("seed {seed}: {text}")).collect();
    assert!(wrong.is_empty(), "{} of {count} trees differ\n{}", wrong.len(), shown.join("\n\n"));
    assert!(rendered * 2 > count as usize, "most trees must be ones that render, {rendered} of {count} did");
}
